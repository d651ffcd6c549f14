"""Typology: a few classes of places that resemble one another, named from their profile.

In: standardised profiles (`voisins.standardiser`), complete. Out: the class of each place, how well
the classes hold (silhouette, stability), and the traits that name them. Nothing is drawn at random.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.methods.refus import Refus

Nombres = NDArray[np.float64]
Classes = NDArray[np.int64]

CLASSES_MAXIMUM = 6
LIEUX_PAR_CLASSE = 3  # places a class, on average, at least
SILHOUETTE_MINIMALE = 0.25  # Kaufman & Rousseeuw 1990, p. 88: below, no substantial structure
ITERATIONS = 100


@dataclass(frozen=True)
class Typologie:
    """Classes 0, 1… from the largest to the smallest, and what to print beside them.

    `centres` has one row a class and one column a variable, in standard deviations; `silhouette` is
    the mean over places; `stabilite`, the mean adjusted Rand index with the classes found when one
    variable is left out (1 = the same classes, 0 = as by chance).
    """

    classes: Classes
    centres: Nombres
    silhouette: float
    stabilite: float


@dataclass(frozen=True)
class Trait:
    """What sets a class apart: a variable and its mean there, in standard deviations."""

    variable: str
    ecart: float


def typologie(profiles: Nombres) -> Typologie:
    """Classes of least variance, their number being that of the best mean silhouette.

    Ward's tree (J. Am. Stat. Assoc. 58 (1963)) cut into 2 … `CLASSES_MAXIMUM` classes, each cut
    improved by k-means (Lloyd, IEEE Trans. Inf. Theory 28 (1982)); Rousseeuw's silhouette, J. Comput.
    Appl. Math. 20 (1987) p. 53-65. Raises `Refus` on a missing value, on too few places, or when the
    best mean silhouette is under `SILHOUETTE_MINIMALE`: the places do not fall into classes.
    """
    z = np.asarray(profiles, dtype=float)
    if np.isnan(z).any():
        raise Refus("Une typologie demande des profils complets : retirez la variable ou le lieu.")
    most = min(CLASSES_MAXIMUM, len(z) // LIEUX_PAR_CLASSE)
    if most < 2:
        raise Refus(f"Une typologie demande au moins {2 * LIEUX_PAR_CLASSE} lieux : il y en a {len(z)}.")
    candidates = [_partition(z, count) for count in range(2, most + 1)]
    quality = [float(silhouette(z, classes).mean()) for classes in candidates]
    best = int(np.argmax(quality))
    if quality[best] < SILHOUETTE_MINIMALE:
        raise Refus(
            "Les lieux ne se regroupent pas en classes nettes "
            f"(silhouette moyenne {quality[best]:.2f}, moins de {SILHOUETTE_MINIMALE}) : "
            "décrivez-les un à un."
        )
    classes = candidates[best]
    centres = np.stack([z[classes == k].mean(axis=0) for k in range(best + 2)])
    return Typologie(classes, centres, quality[best], _stabilite(z, classes, best + 2))


def _partition(z: Nombres, count: int) -> Classes:
    """Classes of k-means started from Ward's, numbered from the largest."""
    from scipy.cluster.hierarchy import cut_tree, ward

    labels = cut_tree(ward(z), n_clusters=count)[:, 0].astype(np.int64)
    for _ in range(ITERATIONS):
        centres = np.stack([z[labels == k].mean(axis=0) for k in range(count)])
        nearest = np.argmin(_distances(z, centres), axis=1)
        if np.array_equal(nearest, labels) or np.unique(nearest).size < count:
            break
        labels = nearest
    order = sorted(range(count), key=lambda k: (-int(np.sum(labels == k)), int(np.argmax(labels == k))))
    return np.argsort(order)[labels]


def silhouette(z: Nombres, classes: Classes) -> Nombres:
    """Silhouette of each place: (b − a)/max(a, b), in [−1, 1]; 0 in a class of one.

    a is the mean distance to the other places of its class, b to those of the nearest other class.
    """
    distances = _distances(z, z)
    members = np.stack([classes == k for k in range(int(classes.max()) + 1)])
    sizes = members.sum(axis=1)
    sums = distances @ members.T
    own = sizes[classes]
    rows = np.arange(len(z))
    inside = sums[rows, classes] / np.maximum(1, own - 1)
    means = sums / sizes
    means[rows, classes] = np.inf
    outside = means.min(axis=1)
    widest = np.maximum(inside, outside)
    alone = (own == 1) | (widest == 0)
    return np.where(alone, 0.0, (outside - inside) / np.where(alone, 1.0, widest))


def _stabilite(z: Nombres, classes: Classes, count: int) -> float:
    if z.shape[1] < 2:
        return float("nan")
    without = [_partition(np.delete(z, column, axis=1), count) for column in range(z.shape[1])]
    return float(np.mean([rand_ajuste(classes, other) for other in without]))


def rand_ajuste(first: Classes, second: Classes) -> float:
    """Agreement of two partitions corrected for chance: Hubert & Arabie, J. Classif. 2 (1985).

    1 for the same classes whatever their numbers, 0 on average by chance.
    """
    table = np.zeros((int(first.max()) + 1, int(second.max()) + 1))
    np.add.at(table, (first, second), 1)

    def pairs(counts: Nombres) -> float:
        return float(np.sum(counts * (counts - 1) / 2))

    together, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    chance = rows * columns / pairs(table.sum(keepdims=True))
    highest = (rows + columns) / 2
    return 1.0 if highest == chance else (together - chance) / (highest - chance)


def traits(found: Typologie, variables: Sequence[str], count: int = 2) -> tuple[tuple[Trait, ...], ...]:
    """The `count` variables farthest from the mean in each class: what its name is made of."""
    rows = []
    for centre in found.centres:
        order = np.argsort(-np.abs(centre), kind="stable")[:count]
        rows.append(tuple(Trait(variables[i], float(centre[i])) for i in order))
    return tuple(rows)


def _distances(left: Nombres, right: Nombres) -> Nombres:
    return np.sqrt(((left[:, None, :] - right[None, :, :]) ** 2).sum(axis=2))
