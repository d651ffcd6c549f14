"""Non-take-up of a right: an order of magnitude, from those who have it and the national rates.

In: beneficiaries of a right in the territory, and the share of those entitled who do not take it up, as
national studies bound it. Out: a range that cannot be read as a count, or a `Refus`.

The rates are those of a profile, with their sources; a right without a national rate has no estimate.
"""

import math
from dataclasses import dataclass

from pipeline.methods.refus import Refus
from pipeline.report.nombres import INSECABLE, nombre

SEUIL = 10  # persons at the low end; below, an order of magnitude says nothing


@dataclass(frozen=True)
class OrdreDeGrandeur:
    """A range, each end rounded outwards to its order of magnitude; it is written, never computed with."""

    bas: int
    haut: int

    def __str__(self) -> str:
        """« de l'ordre de 200 à 400 »."""
        return f"de l’ordre de {nombre(self.bas)} à{INSECABLE}{nombre(self.haut)}"


def non_recourants(beneficiaires: float, taux_bas: float | None, taux_haut: float | None) -> OrdreDeGrandeur:
    """How many are entitled and do not take the right up, as an order of magnitude.

    B beneficiaries are 1 − t of those entitled, hence B·t/(1 − t) who are without: t is the share of
    those entitled who do not take it up (DREES, Dossier 57, June 2020), between its national bounds.
    The low end is rounded down and the high end up, to one significant digit (to a half where it is a
    1), so that the range holds both and is never a point. Nobody says that the commune is like the
    country: print the rate, its date and its source beside the range.

    Raises `Refus` without a national rate, with a rate outside [0, 1[, without a count of
    beneficiaries, or when the low end is under `SEUIL`.
    """
    if taux_bas is None or taux_haut is None:
        raise Refus(
            "Ce droit n'a pas de taux de non-recours national : aucun ordre de grandeur n'en est donné."
        )
    if not 0 <= taux_bas <= taux_haut < 1:
        raise Refus(
            f"Un taux de non-recours s'écrit entre 0 et 1, le plus bas d'abord : {taux_bas} et {taux_haut}."
        )
    if not 0 <= beneficiaires < math.inf:
        raise Refus("Sans le nombre de bénéficiaires, le non-recours n'a pas d'ordre de grandeur.")
    bas, haut = (beneficiaires * taux / (1 - taux) for taux in (taux_bas, taux_haut))
    if bas < SEUIL:
        raise Refus("Trop peu de bénéficiaires pour un ordre de grandeur du non-recours.")
    return OrdreDeGrandeur(
        math.floor(bas / _pas(bas)) * _pas(bas), math.floor(haut / _pas(haut) + 1) * _pas(haut)
    )


def _pas(valeur: float) -> int:
    """Step of the order of magnitude: 100 for 370, 50 for 137."""
    unite = 10 ** math.floor(math.log10(valeur))
    return unite // 2 if valeur < 2 * unite else unite
