"""Who does not claim a right: published beneficiaries and national rates in, orders of magnitude out.

Nobody counts them: what is written is what there would be if the commune were like the country, and never a local
count. A territory whose profile gives no national rate has no section.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from pipeline.edition import Droit
from pipeline.methods.non_recours import OrdreDeGrandeur, non_recourants
from pipeline.methods.refus import Refus
from pipeline.model import Indicator
from pipeline.report import phrases, tables
from pipeline.report.faits import Fait, Faits
from pipeline.report.nombres import ABSENT, INSECABLE, SANS_OBJET, nombre
from pipeline.report.section import Section

_REGLE = (
    "Personne ne compte ceux qui ont droit à une prestation sans la demander. Des études nationales estiment leur part "
    "parmi tous ceux qui y ont droit : ce qui suit l’applique aux bénéficiaires de la commune. C’est un scénario au "
    "taux national, qui suppose que la commune ressemble au pays, et non un compte local."
)

# Beside what the CCAS opens or, where it deposited nothing of it, beside those who have the right.
_CHAPITRE, _AUTREMENT = "acces_aux_droits", "revenus"

_SECTION = partial(Section, "non_recours", titre="Ceux qui ne demandent pas : un ordre de grandeur")


@dataclass(frozen=True)
class _Estime:
    """A right: those who have it in the commune, and those who do not claim it, or why nothing is said of them."""

    droit: Droit
    compte: tuple[Indicator, Fait] | None
    ordre: OrdreDeGrandeur | None
    refus: str


def section(faits: Faits) -> Section | None:
    """A sentence and a row for each right that has a national rate; None for a profile that gives none.

    Where no right has an order of magnitude, its sentence says why, with the national rate: there is no table.
    """
    estimes = [_estimer(faits, droit) for droit in faits.edition.profil.droits if droit.non_recours]
    if not estimes:
        return None
    ecrits = {chapitre.id for chapitre in faits.chapitres}
    return _SECTION(
        chapitre=_CHAPITRE if _CHAPITRE in ecrits else _AUTREMENT,
        phrases=(_REGLE, *map(_dire, estimes)),
        tables=(_tableau(estimes, faits.etude.nom),) if any(estime.ordre for estime in estimes) else (),
    )


def _estimer(faits: Faits, droit: Droit) -> _Estime:
    """The order of magnitude at the national rates, from the last beneficiaries known in the commune."""
    compte = _beneficiaires(faits, droit)
    combien = math.nan if compte is None else compte[1].valeur
    try:
        ordre = non_recourants(combien, droit.non_recours.taux_bas, droit.non_recours.taux_haut)
    except Refus as refus:
        return _Estime(droit, compte, None, str(refus))
    return _Estime(droit, compte, ordre, "")


def _beneficiaires(faits: Faits, droit: Droit) -> tuple[Indicator, Fait] | None:
    """The indicator that counts those who have the right, and its last figure in the commune."""
    declare = next((i for i in faits.indicateurs() if i.id == droit.non_recours.beneficiaires), None)
    fait = None if declare is None else faits.dernier(declare.id, faits.etude.code)
    return None if fait is None else (declare, fait)


def _dire(estime: _Estime) -> str:
    """« Prime d'activité : 1 000 foyers bénéficiaires en 2024. Au taux national de non-recours (27 %), … »."""
    taux, source = _taux(estime.droit), f"Source du taux{INSECABLE}: {estime.droit.non_recours.source}."
    if estime.ordre is None:
        dit = f"non donné. {estime.refus} Taux national de non-recours{INSECABLE}: {taux}."
    else:
        indicateur, fait = estime.compte
        unite = indicateur.measure.unit
        dit = (
            f"{phrases.chiffre(indicateur, fait)} {unite} bénéficiaires en {fait.millesime}. Au taux national de "
            f"non-recours ({taux}), {estime.ordre} {unite} y auraient droit sans le demander."
        )
    return f"{estime.droit.nom}{INSECABLE}: {dit} {source}"


def _tableau(estimes: Sequence[_Estime], ou: str) -> str:
    """One row a right: its beneficiaries, its national rate, those who do not claim."""
    lignes = pd.DataFrame(
        [
            {
                "Droit": estime.droit.nom,
                "Bénéficiaires": _compte(estime),
                "Non-recours national": _taux(estime.droit),
                "Sans le demander": str(estime.ordre or SANS_OBJET),
            }
            for estime in estimes
        ]
    )
    titre = f"Non-recours aux taux nationaux, scénario : {ou}"
    return tables.markdown(lignes, titre, "non-recours")


def _compte(estime: _Estime) -> str:
    if estime.compte is None:
        return ABSENT
    indicateur, fait = estime.compte
    return phrases.lien(indicateur, nombre(fait.valeur))


def _taux(droit: Droit) -> str:
    """« 34 à 36 % », « 50 % des personnes seules »."""
    bas, haut = (nombre(100 * taux) for taux in (droit.non_recours.taux_bas, droit.non_recours.taux_haut))
    bornes = bas if bas == haut else f"{bas} à{INSECABLE}{haut}"
    return f"{bornes}{INSECABLE}%" + (f" des {droit.non_recours.champ}" if droit.non_recours.champ else "")
