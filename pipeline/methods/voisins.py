"""Nearest neighbours: the territories that resemble one, and how sure the list is.

In: one profile a territory (rows) on chosen variables (columns), NaN where a value is missing. Out:
the nearest territories with their distances, and the share of the list that survives when a
variable is left out. The caller takes the logarithm of skewed variables (population) and restricts
the candidates (class of population, urban type).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.methods.refus import Refus

Nombres = NDArray[np.float64]

BORNE_PETITS = 3.0  # standard deviations kept of a small place's profile
PART_CONNUE = 0.5  # of the weight of the variables; two profiles that share less do not compare


@dataclass(frozen=True)
class Voisinage:
    """Neighbours of one territory, nearest first: row numbers, distances, and distances in [0, 1].

    `relatives` divides by the largest distance to a candidate (0 = identical, 1 = least alike).
    """

    rangs: NDArray[np.int64]
    distances: Nombres
    relatives: Nombres


@dataclass(frozen=True)
class Sensibilite:
    """Share of the neighbours kept when `variable` is left out (1 = the same list)."""

    variable: str
    part_conservee: float


def standardiser(profiles: ArrayLike, variables: Sequence[str], small: ArrayLike = ()) -> Nombres:
    """Centre and scale each variable to mean 0 and standard deviation 1 (divisor n).

    Rows where `small` is true are then truncated to ±`BORNE_PETITS`: small numbers make extreme
    rates. Raises `Refus` on a variable that is the same everywhere or known nowhere.
    """
    table = np.asarray(profiles, dtype=float)
    if table.ndim != 2 or table.shape[1] != len(variables):
        raise Refus("Chaque territoire doit avoir une valeur, même manquante, par variable.")
    known = ~np.isnan(table)
    for column, name in enumerate(variables):
        if np.unique(table[known[:, column], column]).size < 2:
            raise Refus(f"La variable « {name} » ne distingue aucun territoire : retirez-la.")
    z = (table - np.nanmean(table, axis=0)) / np.nanstd(table, axis=0)
    if np.size(small):
        rows = np.asarray(small, dtype=bool)
        z[rows] = np.clip(z[rows], -BORNE_PETITS, BORNE_PETITS)
    return z


def voisins(
    z: Nombres, target: int, candidates: ArrayLike, count: int, weights: ArrayLike | None = None
) -> Voisinage:
    """The `count` candidates nearest to row `target`, by weighted Euclidean distance.

    √(Σ w·(zᵢ − zⱼ)² / Σ w), both sums over the variables known on both sides, so that a missing
    value neither attracts nor repels (Gower, Biometrics 27 (1971) p. 857-871); profiles that share
    less than `PART_CONNUE` of the weight are no neighbours. Nearest Neighbours model of CIPFA (2015).
    Equal distances keep the order of the rows. Raises `Refus` when there are not enough candidates.
    """
    w = np.ones(z.shape[1]) if weights is None else np.asarray(weights, dtype=float)
    shared = ~np.isnan(z) & ~np.isnan(z[target])
    common = shared @ w
    squares = np.where(shared, (z - z[target]) ** 2, 0.0) @ w
    eligible = np.array(candidates, dtype=bool) & (common >= PART_CONNUE * w.sum())
    eligible[target] = False
    if eligible.sum() < count:
        raise Refus(
            f"Seuls {eligible.sum()} territoires se comparent à celui-ci, pour {count} voisins demandés : "
            "élargissez la classe de population ou demandez moins de voisins."
        )
    distances = np.where(eligible, np.sqrt(squares / np.where(common > 0, common, np.nan)), np.inf)
    nearest = np.argsort(distances, kind="stable")[:count]
    farthest = distances[eligible].max()
    relative = distances[nearest] / farthest if farthest > 0 else np.zeros(count)
    return Voisinage(nearest, distances[nearest], relative)


def sensibilite(
    z: Nombres,
    variables: Sequence[str],
    target: int,
    candidates: ArrayLike,
    count: int,
    weights: ArrayLike | None = None,
) -> tuple[Sensibilite, ...]:
    """How much the list depends on each variable: the share of neighbours kept without it."""
    if len(variables) < 2:
        raise Refus("La sensibilité d'une liste de voisins demande au moins deux variables.")
    w = np.ones(z.shape[1]) if weights is None else np.asarray(weights, dtype=float)
    full = voisins(z, target, candidates, count, w).rangs
    rows = []
    for column, name in enumerate(variables):
        others = np.delete(z, column, axis=1)
        kept = voisins(others, target, candidates, count, np.delete(w, column)).rangs
        rows.append(Sensibilite(name, float(np.isin(full, kept).mean())))
    return tuple(rows)
