"""Change between two dates and trend over several: how much, how sure, and in which direction.

In: counts, populations, dates and declared breaks. Out: elapsed years, mean annual changes with
their intervals, and one of four states. Two points of a rolling census compare only when no
collection wave is in both; a trend needs three points on the same side of every declared break.

The change of a share is `comparaisons.difference_proportions` (end against start), read with
`evolution`. Persons present at both dates make the two counts positively correlated: the interval,
which takes them as independent, is then on the careful side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from pipeline.methods.comparaisons import rapport_taux
from pipeline.methods.intervalles import Bornes, ecart_normal
from pipeline.methods.refus import Refus

Nombres = NDArray[np.float64]

VAGUES = 5  # years of collection behind one vintage of the rolling census
ARRONDI_ANNEES = 0.1  # year; closer to a whole number than this, the whole number is used
JOURS_PAR_AN = 365.25
MARGE_STABLE = 0.01  # per year; a change surely smaller than this, either way, is no change
POINTS_MINIMUM = 3
ITERATIONS = 50


class Evolution(StrEnum):
    """Direction of a change; arrays hold the plain strings."""

    EN_HAUSSE = "en_hausse"
    EN_BAISSE = "en_baisse"
    STABLE = "stable"
    INDETERMINE = "indetermine"


@dataclass(frozen=True)
class Rupture:
    """A declared break of a series: the first year of the new regime, and what changed."""

    annee: float
    libelle: str


@dataclass(frozen=True)
class Tendance:
    """Trend of a yearly series since its last break.

    `variation` is the mean annual change (0.02 = +2 % a year) with its bounds; `dispersion` is the
    variance over that of a Poisson series (at least 1). Figures are NaN where `motif` says why the
    direction is undetermined for want of points.
    """

    etat: Evolution
    variation: float
    borne_basse: float
    borne_haute: float
    dispersion: float
    points: int
    depuis: float
    motif: str


def annees_ecoulees(debut: date, fin: date) -> float:
    """Years between two dates: whole when within a tenth of a year of it, real otherwise.

    Published mean annual rates count the years between two censuses held some weeks apart in the
    year as whole ones. Raises `Refus` when `fin` does not follow `debut`.
    """
    if fin <= debut:
        raise Refus(f"La date de fin ({fin}) doit suivre la date de début ({debut}).")
    years = (fin - debut).days / JOURS_PAR_AN
    whole = round(years)
    return float(whole) if whole >= 1 and abs(years - whole) <= ARRONDI_ANNEES else years


def annees_entre_millesimes(debut: int, fin: int) -> int:
    """Years between two vintages of the rolling census; refused under five.

    A vintage pools five yearly waves: two vintages less than five years apart hold the same answers.
    INSEE compares 2016 with 2022, never 2021 with 2022.
    """
    if fin - debut < VAGUES:
        raise Refus(
            f"Les millésimes {debut} et {fin} du recensement ne se comparent pas : ils partagent des "
            f"enquêtes de collecte. Comparez des millésimes distants d'au moins {VAGUES} ans."
        )
    return fin - debut


def croissance_annuelle(start: ArrayLike, end: ArrayLike, years: ArrayLike) -> Nombres:
    """Mean annual change (end/start)^(1/years) − 1; NaN unless start > 0, end >= 0, years > 0."""
    a, b, n = _tableaux(start, end, years)
    defined = (a > 0) & (b >= 0) & (n > 0)
    a, n = np.where(defined, a, np.nan), np.where(defined, n, np.nan)
    return ((np.where(defined, b, np.nan) / a) ** (1 / n) - 1)[()]


def bornes_croissance(start: ArrayLike, end: ArrayLike, years: ArrayLike, confidence: float = 0.95) -> Bornes:
    """Interval of the mean annual change of a count of events (natural variation).

    The limits of the ratio of the two counts (`comparaisons.rapport_taux`), to the power 1/years.
    """
    a, b, n = _tableaux(start, end, years)
    low, high = rapport_taux(b, 1.0, a, 1.0, confidence)
    n = np.where(n > 0, n, np.nan)
    return (low ** (1 / n) - 1)[()], (high ** (1 / n) - 1)[()]


def evolution(low: ArrayLike, high: ArrayLike, margin: float = MARGE_STABLE) -> NDArray[np.str_]:
    """State of a change from its interval.

    Stable when the whole interval lies within ±margin (equivalence: Schuirmann, J. Pharmacokinet.
    Biopharm. 15 (1987)), up or down when it excludes 0, undetermined otherwise. The margin is in
    the unit of the bounds.
    """
    bottom, top = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    return np.select(
        [(bottom >= -margin) & (top <= margin), bottom > 0, top < 0],
        [Evolution.STABLE, Evolution.EN_HAUSSE, Evolution.EN_BAISSE],
        Evolution.INDETERMINE,
    )


def tendance(
    years: Sequence[float],
    counts: Sequence[float],
    breaks: Sequence[Rupture] = (),
    exposure: Sequence[float] | None = None,
    confidence: float = 0.95,
    margin: float = MARGE_STABLE,
    inflation: float = 1.0,
) -> Tendance:
    """Trend of a yearly count since the last break, by quasi-Poisson log-linear regression.

    log E(count) = a + b·year + log(exposure), by iteratively reweighted least squares (McCullagh &
    Nelder, Generalized Linear Models (1989) p. 40 and 199-200); variation = exp(b) − 1. The variance
    is that of Poisson times max(`inflation`, Pearson X²/(n − 2)); `inflation` is 1 for independent
    events, `intervalles.inflation_foyers` where households repeat themselves. Where the series is more
    scattered than that, the quantile is Student's with n − 2 degrees of freedom. Missing counts (NaN)
    are left out. Raises `Refus` on a negative count, a repeated year or an exposure that is not positive.
    """
    exposure = [1.0] * len(years) if exposure is None else exposure
    t, y, people = (np.asarray(x, dtype=float) for x in (years, counts, exposure))
    _verifier_serie(t, y, people)
    known = np.argsort(t)
    known = known[~np.isnan(y[known])]
    last = _derniere_rupture(t[known], breaks)
    kept = known[t[known] >= (last.annee if last else -np.inf)]
    t, y, people = t[kept], y[kept], people[kept]
    since = float(t.min()) if t.size else float("nan")
    if t.size < POINTS_MINIMUM or y[[0, -1]].max() == y.sum():
        return _indetermine(t.size, since, _motif(last, t.size))
    slope, error, dispersion = _pente(t, y, people, inflation)
    quantile = ecart_normal(confidence)
    if dispersion > inflation:
        quantile = float(stdtrit(t.size - 2, (1 + confidence) / 2))
    low, high = np.expm1([slope - quantile * error, slope + quantile * error])
    state = Evolution(str(evolution(low, high, margin)))
    return Tendance(state, float(np.expm1(slope)), float(low), float(high), dispersion, t.size, since, "")


def _verifier_serie(years: Nombres, counts: Nombres, exposure: Nombres) -> None:
    if not years.size == counts.size == exposure.size:
        raise Refus("Une série a besoin d'une année et d'un effectif par point.")
    if np.unique(years).size < years.size:
        raise Refus("Une année figure deux fois dans la série.")
    if np.any(counts < 0):
        raise Refus("Une série d'effectifs ne contient pas de nombre négatif.")
    if np.any(~(exposure > 0)):
        raise Refus("La population d'une série doit être positive chaque année.")


def _derniere_rupture(years: Nombres, breaks: Sequence[Rupture]) -> Rupture | None:
    if years.size == 0:
        return None
    # a count is that of its whole year: a break within the last one cuts it too
    inside = [item for item in breaks if years.min() < item.annee < years.max() + 1]
    return max(inside, key=lambda item: item.annee, default=None)


def _motif(last: Rupture | None, points: int) -> str:
    if points >= POINTS_MINIMUM:
        return "aucun événement, ou tous la première ou la dernière année"
    where = f" depuis la rupture de {int(last.annee)} ({last.libelle})" if last else ""
    return f"moins de {POINTS_MINIMUM} points{where}"


def _indetermine(points: int, since: float, reason: str) -> Tendance:
    unknown = float("nan")
    return Tendance(Evolution.INDETERMINE, unknown, unknown, unknown, unknown, points, since, reason)


def _pente(
    years: Nombres, counts: Nombres, exposure: Nombres, inflation: float
) -> tuple[float, float, float]:
    """Slope on the log per year, its standard error, and the dispersion (at least `inflation`)."""
    design = np.column_stack([np.ones_like(years), years - years.mean()])
    offset = np.log(exposure)
    coefficients = np.array([np.log(counts.sum() / exposure.sum()), 0.0])
    for _ in range(ITERATIONS):
        fitted = np.exp(design @ coefficients + offset)
        information = design.T @ (fitted[:, None] * design)
        step = np.linalg.solve(information, design.T @ (counts - fitted))
        coefficients = coefficients + np.clip(step, -1, 1)
        if np.max(np.abs(step)) < 1e-10:
            break
    fitted = np.exp(design @ coefficients + offset)
    information = design.T @ (fitted[:, None] * design)
    pearson = float(np.sum((counts - fitted) ** 2 / fitted))
    dispersion = max(inflation, pearson / (years.size - 2))
    variance = float(np.linalg.inv(information)[1, 1]) * dispersion
    return float(coefficients[1]), float(np.sqrt(variance)), dispersion


def _tableaux(*arrays: ArrayLike) -> list[Nombres]:
    return list(np.broadcast_arrays(*(np.asarray(array, dtype=float) for array in arrays)))
