"""The policy of disclosure control, and the primary rules that need one figure at a time.

In: counts, denominators, largest contributions. Out: boolean masks, true where the figure discloses.
Sources: Hundepool et al., *Statistical Disclosure Control* (Wiley, 2012), chapters 4 and 5 (frequency,
dominance, p % rules; attribute disclosure).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.model import ErreurUtilisateur


@dataclass(frozen=True)
class Regle:
    """What a territory's profile asks of any published table.

    seuil: smallest number of persons that a published cell may count.
    part_dominante: n-k rule with n = 1; above this share one contributor dominates an amount.
    part_deux_premiers: n-k rule with n = 2.
    marge_montant: p of the p % rule, and half-width of the doubt that must surround an amount.
    """

    seuil: int = 5
    part_dominante: float = 0.85
    part_deux_premiers: float = 0.95
    marge_montant: float = 0.10

    def __post_init__(self) -> None:
        """Refuse a policy that would protect nobody."""
        if self.seuil < 2:
            raise ErreurUtilisateur(
                f"Le seuil du secret statistique vaut {self.seuil} : il doit être d’au moins 2."
            )
        for nom in ("part_dominante", "part_deux_premiers", "marge_montant"):
            if not 0 < getattr(self, nom) <= 1:
                raise ErreurUtilisateur(
                    f"« {nom} » vaut {getattr(self, nom)} : "
                    "une part s’écrit entre 0 (exclu) et 1, par exemple 0.85."
                )


class SecretNonTenu(ErreurUtilisateur):
    """The publication stops: a reader could get too close to what is hidden."""


def secret_effectif(effectif: ArrayLike, seuil: int) -> NDArray[np.bool_]:
    """Mask of the counts of 1 to `seuil` − 1 persons. Missing counts are not secret, they are absent.

    A weighted count between 0 and 1 is a small count too: the test is 0 < effectif < seuil.
    """
    valeurs = np.asarray(effectif, dtype=float)
    with np.errstate(invalid="ignore"):
        return (valeurs > 0) & (valeurs < seuil)


def secret_dominance(
    montant: ArrayLike, plus_grand: ArrayLike, deuxieme: ArrayLike, regle: Regle
) -> NDArray[np.bool_]:
    """Mask of the amounts that one or two contributors nearly make on their own (n-k rule)."""
    total, premier, second = (np.asarray(v, dtype=float) for v in (montant, plus_grand, deuxieme))
    seul = premier > regle.part_dominante * total
    paire = premier + second > regle.part_deux_premiers * total
    return (total > 0) & (seul | paire)


def secret_p_pourcent(
    montant: ArrayLike, plus_grand: ArrayLike, deuxieme: ArrayLike, regle: Regle
) -> NDArray[np.bool_]:
    """Mask of the amounts from which the second contributor estimates the first within p % of it.

    Knowing its own x₂, the second contributor bounds x₁ by X − x₂; the error is X − x₁ − x₂, which
    must reach p · x₁ (p % rule, Hundepool et al. 2012, chapter 4).
    """
    total, premier, second = (np.asarray(v, dtype=float) for v in (montant, plus_grand, deuxieme))
    return (total > 0) & (total - premier - second < regle.marge_montant * premier)


def premier_au_plus(montants: ArrayLike, effectifs: ArrayLike, carres: ArrayLike, second: float) -> float:
    """The most that the first contributor may have for the second one, from groups in ascending order of size.

    `montants`, `effectifs`, `carres`: Σx, m and Σx² of each group, the last one theirs. Knowing its own x₂, the second
    leaves to x₁ what its group has beyond x₂ and, for each of the others, the mean of the group below; and, by
    Samuelson's inequality (J. Am. Stat. Assoc. 63 (1968) p. 1522), mean + √((N − 1)/N · SS) of the N others, SS being
    at most what the groups leave of the whole dispersion, which the exact interval of the mean gives away.
    """
    sommes, m, sq = (np.asarray(v, dtype=float) for v in (montants, effectifs, carres))
    moyenne, autres = sommes[-1] / m[-1], m[-1] - 1
    dispersion = np.sum(sq - sommes**2 / m) - m[-1] / autres * (second - moyenne) ** 2
    ordre = sommes[-1] - second - (autres - 1) * sommes[-2] / m[-2]
    samuelson = (sommes[-1] - second) / autres + np.sqrt(max(0.0, (autres - 1) / autres * dispersion))
    return float(min(ordre, samuelson))


def secret_du_premier(
    montants: ArrayLike, effectifs: ArrayLike, carres: ArrayLike, plus_grands: Sequence[float], regle: Regle
) -> bool:
    """Whether the second contributor estimates the first within p %, from what `premier_au_plus` reads.

    `plus_grands`: x₁ and x₂. A first that the mean of its group already tells within p % stands out of nothing.
    """
    premier, second = plus_grands
    dernier, nombre = (np.asarray(v, dtype=float)[-1] for v in (montants, effectifs))
    if premier <= (1 + regle.marge_montant) * dernier / nombre:
        return False
    return premier_au_plus(montants, effectifs, carres, second) < (1 + regle.marge_montant) * premier
