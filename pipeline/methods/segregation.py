"""Segregation: is a group spread like the others?

In: counts of two groups a place. Out: an index between 0 (even) and 1. Small counts alone make it positive: it is
printed beside the value that chance would give, and refused when the group is too small.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.methods.refus import Refus

Nombres = NDArray[np.float64]

EFFECTIF_MOYEN = 10  # persons of each group a place, under which chance makes most of the index


def dissimilarite(group: ArrayLike, others: ArrayLike) -> float:
    """Index of dissimilarity of two groups over places: ½ Σ |a/A − b/B|, in [0, 1].

    The share of either group that would have to move for both to be spread alike: Duncan & Duncan,
    Am. Sociol. Rev. 20 (1955) p. 210-217. It depends on the grid: compare places of one kind only.
    Raises `Refus` under `EFFECTIF_MOYEN` persons of either group a place on average.
    """
    a, b = _effectifs(group, others)
    if min(a.sum(), b.sum()) < EFFECTIF_MOYEN * a.size:
        raise Refus(
            f"L'indice de dissimilarité demande en moyenne au moins {EFFECTIF_MOYEN} personnes de chaque "
            "groupe par lieu : au-dessous, le hasard suffit à l'expliquer."
        )
    return float(np.abs(a / a.sum() - b / b.sum()).sum() / 2)


def dissimilarite_hasard(group: ArrayLike, others: ArrayLike) -> float:
    """Dissimilarity expected if the persons of both groups were spread at random.

    Σ √t / (T√(2π p(1 − p))), t the persons of a place, T of all, p the share of the group: mean
    absolute deviation of a normal, Winship, Soc. Forces 55 (1977) p. 1058-1066.
    """
    a, b = _effectifs(group, others)
    people = a + b
    share = a.sum() / people.sum()
    return float(np.sqrt(people).sum() / people.sum() / np.sqrt(2 * np.pi * share * (1 - share)))


def _effectifs(group: ArrayLike, others: ArrayLike) -> tuple[Nombres, Nombres]:
    a, b = np.asarray(group, dtype=float), np.asarray(others, dtype=float)
    known = ~(np.isnan(a) | np.isnan(b))
    a, b = a[known], b[known]
    if a.size < 2 or np.any(a < 0) or np.any(b < 0) or a.sum() == 0 or b.sum() == 0:
        raise Refus("La dissimilarité demande deux lieux et deux groupes présents, sans nombre négatif.")
    return a, b
