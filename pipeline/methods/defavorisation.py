"""Deprivation indices: FDep (an axis found in the data) and the French EDI (published weights).

In: one value a place (commune, IRIS, quartier) and a variable, NaN where missing, and its
population. Out: a score (higher = more deprived), what the axis is made of, and quintiles of
population (1 = most favoured, 5 = most deprived).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.methods.refus import Refus

Nombres = NDArray[np.float64]

# Direction in which each variable of FDep goes with deprivation.
SENS_FDEP = {
    "revenu_median": -1,
    "part_bacheliers": -1,
    "part_ouvriers": 1,
    "part_chomeurs": 1,
}
PART_MINIMALE = 0.5  # of the variance; under it, the first component is no common axis
LIEUX_MINIMUM = 10

# Pornet et al., J. Epidemiol. Community Health 66 (2012) p. 982-989, table 5: regression
# coefficients of individual deprivation, EU-SILC 2006, 19,253 persons.
POIDS_EDI = {
    "part_surpeuplement": 0.11,
    "part_sans_chauffage_central": 0.34,
    "part_non_proprietaires": 0.55,
    "part_chomeurs": 0.47,
    "part_etrangers": 0.23,
    "part_sans_voiture": 0.52,
    "part_ouvriers_non_qualifies": 0.37,
    "part_menages_6_personnes_plus": 0.45,
    "part_peu_diplomes": 0.19,
    "part_familles_monoparentales": 0.41,
}
QUINTILES = 5


@dataclass(frozen=True)
class Axe:
    """A deprivation axis: a score a place and what to print beside it.

    `coefficients` is the eigenvector (unit length) applied to standardised variables;
    `saturations`, the correlation of each variable with the score; `part_variance`, the share of the
    variance of the variables that the axis carries.
    """

    scores: Nombres
    coefficients: dict[str, float]
    saturations: dict[str, float]
    part_variance: float


def fdep(variables: dict[str, ArrayLike], population: ArrayLike) -> Axe:
    """FDep: first principal component, population-weighted, of the four variables of `SENS_FDEP`.

    Eigenvector of the weighted correlation matrix; the sign makes a high score deprived. Rey,
    Jougla, Fouillet & Hémon, BMC Public Health 9:33 (2009). A place with a missing variable or no
    inhabitant has no score (NaN) and no part in the axis. Raises `Refus` when the axis does not
    oppose income and diplomas to workers and unemployment, carries less than `PART_MINIMALE` of the
    variance, or rests on fewer than `LIEUX_MINIMUM` places.
    """
    if set(variables) != set(SENS_FDEP):
        raise Refus(f"L'indice FDep demande exactement ces variables : {', '.join(SENS_FDEP)}.")
    table = np.column_stack([np.asarray(variables[name], dtype=float) for name in SENS_FDEP])
    weights = np.asarray(population, dtype=float)
    used = (weights > 0) & ~np.isnan(table).any(axis=1)
    if used.sum() < LIEUX_MINIMUM:
        raise Refus(
            f"L'indice FDep demande au moins {LIEUX_MINIMUM} lieux complets : il y en a {used.sum()}."
        )
    z = np.full_like(table, np.nan)
    z[used] = _standardiser(table[used], weights[used])
    correlations = (z[used] * weights[used, None]).T @ z[used] / weights[used].sum()
    values, vectors = np.linalg.eigh(correlations)
    signs = np.array(list(SENS_FDEP.values()), dtype=float)
    first = vectors[:, -1] * np.sign(vectors[:, -1] @ signs)
    share = float(values[-1] / values.sum())
    _verifier_axe(first * signs, share)
    loadings = first * np.sqrt(values[-1])
    return Axe(
        z @ first,
        dict(zip(SENS_FDEP, first.tolist(), strict=True)),
        dict(zip(SENS_FDEP, loadings.tolist(), strict=True)),
        share,
    )


def _standardiser(table: Nombres, weights: Nombres) -> Nombres:
    mean = np.average(table, axis=0, weights=weights)
    deviation = np.sqrt(np.average((table - mean) ** 2, axis=0, weights=weights))
    for name, spread in zip(SENS_FDEP, deviation, strict=True):
        if spread <= 0:
            raise Refus(f"La variable « {name} » est la même partout : FDep ne se calcule pas.")
    return (table - mean) / deviation


def _verifier_axe(aligned: Nombres, share: float) -> None:
    wrong = [name for name, value in zip(SENS_FDEP, aligned, strict=True) if value <= 0]
    if wrong:
        raise Refus(
            "Le premier axe n'est pas un axe de défavorisation : il n'oppose pas le revenu et les "
            f"diplômes aux ouvriers et au chômage (en cause : {', '.join(wrong)})."
        )
    if share < PART_MINIMALE:
        raise Refus(
            f"Le premier axe ne porte que {100 * share:.0f} % de la variance, moins de "
            f"{100 * PART_MINIMALE:.0f} % : les quatre variables ne disent pas la même chose ici."
        )


def edi(variables: dict[str, ArrayLike]) -> Nombres:
    """French European Deprivation Index: Σ weight × standardised share, weights of `POIDS_EDI`.

    Each share is centred and scaled over the places given (unweighted, as in Pornet 2012); the score
    therefore ranks these places and no others. NaN where a share is missing. Raises `Refus` on
    another list of variables or on a share that is the same everywhere.
    """
    if set(variables) != set(POIDS_EDI):
        raise Refus(f"L'indice EDI demande exactement ces variables : {', '.join(POIDS_EDI)}.")
    table = np.column_stack([np.asarray(variables[name], dtype=float) for name in POIDS_EDI])
    complete = ~np.isnan(table).any(axis=1)
    deviation = table[complete].std(axis=0) if complete.any() else np.zeros(len(POIDS_EDI))
    for name, spread in zip(POIDS_EDI, deviation, strict=True):
        if not spread > 0:
            raise Refus(f"La variable « {name} » est la même partout : l'EDI ne se calcule pas.")
    z = (table - table[complete].mean(axis=0)) / deviation
    return z @ np.array(list(POIDS_EDI.values()))


def quintiles_population(scores: ArrayLike, population: ArrayLike) -> Nombres:
    """Quintile of population of each place: 1 = most favoured … 5 = most deprived, NaN without score.

    Places are ordered by score; a place belongs to the quintile of its median inhabitant, so that
    each quintile holds about a fifth of the people, not of the places. Equal scores share a
    quintile. Raises `Refus` when nobody lives in a scored place.
    """
    values, people = np.asarray(scores, dtype=float), np.asarray(population, dtype=float)
    known = ~np.isnan(values) & (people > 0)
    if not known.any():
        raise Refus("Les quintiles demandent au moins un lieu habité avec un score.")
    levels, place = np.unique(values[known], return_inverse=True)
    by_level = np.bincount(place, weights=people[known], minlength=levels.size)
    middle = (np.cumsum(by_level) - by_level / 2) / by_level.sum()
    result = np.full(values.shape, np.nan)
    result[known] = np.minimum(QUINTILES, np.floor(QUINTILES * middle) + 1)[place]
    return result


def score_ensemble(scores: ArrayLike, population: ArrayLike) -> float:
    """Score of a zone made of scored places: their population-weighted mean (Rey et al. 2009).

    Places without a score are left out; NaN when none has one.
    """
    values, people = np.asarray(scores, dtype=float), np.asarray(population, dtype=float)
    known = ~np.isnan(values) & (people > 0)
    return float(np.average(values[known], weights=people[known])) if known.any() else float("nan")
