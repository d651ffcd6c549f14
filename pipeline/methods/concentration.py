"""Segregation and concentration: is a group spread like the others, is aid held by a few?

In: counts of two groups a place, or amounts a beneficiary. Out: indices between 0 (even) and 1, and
the Lorenz curve. Small counts alone make an index positive: it is printed beside the value that
chance would give, and refused when the group is too small.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit, stdtrit

from pipeline.methods.intervalles import ecart_normal
from pipeline.methods.refus import Refus

Nombres = NDArray[np.float64]

EFFECTIF_MOYEN = 10  # persons of each group a place, under which chance makes most of the index
BENEFICIAIRES_MINIMUM = 20
PREMIERS_MINIMUM = 30  # beneficiaries in the first share, under which its interval is none


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


def lorenz(amounts: ArrayLike) -> tuple[Nombres, Nombres]:
    """Lorenz curve: cumulative shares of beneficiaries and of amounts, from (0, 0) to (1, 1).

    Beneficiaries are ordered from the smallest amount. Lorenz, Publ. Am. Stat. Assoc. 9 (1905).
    Raises `Refus` on a negative amount, without any amount, or under `BENEFICIAIRES_MINIMUM`.
    """
    values = np.asarray(amounts, dtype=float)
    values = np.sort(values[~np.isnan(values)])
    if values.size < BENEFICIAIRES_MINIMUM:
        raise Refus(
            f"La concentration demande au moins {BENEFICIAIRES_MINIMUM} bénéficiaires : "
            f"il y en a {values.size}."
        )
    if values[0] < 0 or values.sum() == 0:
        raise Refus("La concentration demande des montants positifs, et au moins un qui ne soit pas nul.")
    people = np.arange(values.size + 1) / values.size
    return people, np.concatenate([[0.0], np.cumsum(values) / values.sum()])


def gini(amounts: ArrayLike) -> float:
    """Gini index of amounts: twice the area between the Lorenz curve and equality, in [0, 1).

    1 − Σ (Lᵢ + Lᵢ₋₁)/n, exact on the individual amounts. Never computed on deciles, which only bound
    it from below. Same refusals as `lorenz`.
    """
    people, held = lorenz(amounts)
    return float(1 - np.sum((held[1:] + held[:-1]) * np.diff(people)))


def part_des_premiers(amounts: ArrayLike, share: float = 0.1) -> float:
    """Share of the amounts that goes to the `share` of beneficiaries who receive most, in whole beneficiaries."""
    _, held = lorenz(amounts)
    return float(1 - held[-1 - _premiers(held.size - 1, share)])


def bornes_gini(amounts: ArrayLike, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of the Gini index: delete-one jackknife, Student, on the log odds.

    Var = (n − 1)/n · Σ(Gᵢ − Ḡ)², Gᵢ the index without the i-th beneficiary: Yitzhaki, J. Bus. Econ. Stat. 9 (1991)
    p. 235-239; all Gᵢ from the sums Σx and Σr·x (r the rank) of the whole: Karagiannis & Kovačević, Oxford Bull. Econ.
    Stat. 62 (2000) p. 119-122. Beneficiaries are independent. Same refusals as `lorenz`; NaN of equal amounts.
    """
    _, held = lorenz(amounts)
    shares, n = np.diff(held), held.size - 1
    ranks = np.arange(1, n + 1)
    # without the i-th, what is above it goes down by one rank
    ranked = np.sum(ranks * shares) - ranks * shares - (1 - held[1:])
    return _bornes(gini(amounts), 2 * ranked / ((n - 1) * (1 - shares)) - n / (n - 1), confidence)


def bornes_premiers(amounts: ArrayLike, share: float = 0.1, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of `part_des_premiers`, by the same jackknife; NaN where the first are under `PREMIERS_MINIMUM`.

    An ordinate of the Lorenz curve is a smooth function of the amounts, of which the jackknife gives the variance, as
    Beach & Davidson do in closed form (Rev. Econ. Stud. 50 (1983) p. 723-735).
    """
    _, held = lorenz(amounts)
    shares, n = np.diff(held)[::-1], held.size - 1
    if _premiers(n, share) < PREMIERS_MINIMUM:
        return math.nan, math.nan
    first, top = _premiers(n - 1, share), np.cumsum(shares)
    without = np.where(np.arange(n) < first, top[first] - shares, top[first - 1]) / (1 - shares)
    return _bornes(part_des_premiers(amounts, share), without, confidence)


def _bornes(estimate: float, without: Nombres, confidence: float) -> tuple[float, float]:
    """Interval of an index in ]0, 1[ from its values without each beneficiary."""
    ecart_normal(confidence)
    n, variance = without.size, np.var(without) * (without.size - 1)
    if not 0 < estimate < 1 or variance == 0:
        return math.nan, math.nan
    half = stdtrit(n - 1, (1 + confidence) / 2) * math.sqrt(variance) / (estimate * (1 - estimate))
    return float(expit(logit(estimate) - half)), float(expit(logit(estimate) + half))


def _premiers(beneficiaries: int, share: float) -> int:
    """How many beneficiaries a share of them is, rounded up."""
    if not 0 < share < 1:
        raise Refus(f"La part des bénéficiaires doit être comprise entre 0 et 1, et non {share}.")
    return math.ceil(share * beneficiaries - 1e-9)


def _effectifs(group: ArrayLike, others: ArrayLike) -> tuple[Nombres, Nombres]:
    a, b = np.asarray(group, dtype=float), np.asarray(others, dtype=float)
    known = ~(np.isnan(a) | np.isnan(b))
    a, b = a[known], b[known]
    if a.size < 2 or np.any(a < 0) or np.any(b < 0) or a.sum() == 0 or b.sum() == 0:
        raise Refus("La dissimilarité demande deux lieux et deux groupes présents, sans nombre négatif.")
    return a, b
