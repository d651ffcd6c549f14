"""A territory against its comparators: differences, tests, states, funnels and ranks.

In: counts and populations, as floats or arrays that broadcast together. Out: the difference or the
ratio with its interval, a p-value, and one of four states. The sentences of the report are made
from these states. Two groups compared must not overlap: a part is compared with the rest of the
whole that contains it (`reste`).

Weighted or clustered counts enter as effective counts (see `intervalles`).
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, ndtr, pdtrik

from pipeline.methods.intervalles import Bornes, ecart_normal, wilson

Nombres = NDArray[np.float64]
MOTIF_TERRITOIRE = "le territoire n'a pas de valeur utilisable"
MOTIF_REFERENCE = "le comparateur n'a pas de valeur utilisable"


class Position(StrEnum):
    """Where a territory stands against its comparator; arrays hold the plain strings."""

    AU_DESSUS = "au_dessus"
    AU_DESSOUS = "au_dessous"
    NON_DIFFERENT = "non_different"
    NE_SE_COMPARE_PAS = "ne_se_compare_pas"


@dataclass(frozen=True)
class Comparaison:
    """One comparison a row: effect, its interval, p-value, state, and the reason of a refusal.

    `effet` is a difference of proportions (neutral value 0) or a ratio of rates (neutral value 1).
    `motif` is empty unless the state is `ne_se_compare_pas`.
    """

    effet: Nombres
    borne_basse: Nombres
    borne_haute: Nombres
    p: Nombres
    position: NDArray[np.str_]
    motif: NDArray[np.str_]


def comparer_proportions(
    events: ArrayLike,
    population: ArrayLike,
    reference_events: ArrayLike,
    reference_population: ArrayLike,
    confidence: float = 0.95,
) -> Comparaison:
    """Compare two independent proportions: difference in [-1, 1] and its state.

    The state comes from `difference_proportions`; p from `p_proportions`.
    """
    a, n, b, m = _tableaux(events, population, reference_events, reference_population)
    usable, reference_usable = (n > 0) & (a >= 0) & (a <= n), (m > 0) & (b >= 0) & (b <= m)
    with np.errstate(invalid="ignore", divide="ignore"):
        effect = np.where(usable & reference_usable, a / n - b / m, np.nan)
    bounds = difference_proportions(a, n, b, m, confidence)
    return _comparaison(effect, bounds, p_proportions(a, n, b, m), 0.0, _motif(usable, reference_usable))


def comparer_taux(
    events: ArrayLike,
    population: ArrayLike,
    reference_events: ArrayLike,
    reference_population: ArrayLike,
    confidence: float = 0.95,
) -> Comparaison:
    """Compare two independent rates: ratio (territory over reference) and its state.

    The state comes from `rapport_taux`; p from `p_taux`. The ratio is infinite where the reference
    has no event and NaN where neither has any.
    """
    a, n, b, m = _tableaux(events, population, reference_events, reference_population)
    usable, reference_usable = (n > 0) & (a >= 0), (m > 0) & (b >= 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        effect = np.where(usable & reference_usable, (a / n) / (b / m), np.nan)
    bounds = rapport_taux(a, n, b, m, confidence)
    return _comparaison(effect, bounds, p_taux(a, n, b, m), 1.0, _motif(usable, reference_usable))


def reste(
    events: ArrayLike,
    population: ArrayLike,
    whole_events: ArrayLike,
    whole_population: ArrayLike,
) -> Bornes:
    """Counts of the whole without the part: (events, population), the reference of a part.

    A territory is not independent of the whole that contains it; its gap to the whole is its gap to
    the rest times 1 − n/N, of same sign and same test. NaN where the part is the whole or does not
    fit in it.
    """
    a, n, total, people = _tableaux(events, population, whole_events, whole_population)
    other, rest = total - a, people - n
    inside = (n > 0) & (rest > 0) & (other >= 0)
    return np.where(inside, other, np.nan)[()], np.where(inside, rest, np.nan)[()]


def difference_proportions(
    events: ArrayLike,
    population: ArrayLike,
    reference_events: ArrayLike,
    reference_population: ArrayLike,
    confidence: float = 0.95,
) -> Bornes:
    """Interval of the difference of two independent proportions, in [-1, 1].

    d − √((p₁ − l₁)² + (u₂ − p₂)²), d + √((u₁ − p₁)² + (p₂ − l₂)²) with Wilson's l and u: method 10
    of Newcombe, Stat. Med. 17 (1998) p. 873-890. NaN where a proportion is undefined.
    """
    a, n, b, m = _tableaux(events, population, reference_events, reference_population)
    low, high = wilson(a, n, confidence)
    reference_low, reference_high = wilson(b, m, confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        share, reference = a / n, b / m
    gap = share - reference
    below = np.hypot(share - low, reference_high - reference)
    above = np.hypot(high - share, reference - reference_low)
    return (gap - below)[()], (gap + above)[()]


def rapport_taux(
    events: ArrayLike,
    population: ArrayLike,
    reference_events: ArrayLike,
    reference_population: ArrayLike,
    confidence: float = 0.95,
) -> Bornes:
    """Interval of the ratio of two independent Poisson rates, in [0, ∞].

    Given the total a + b, a is binomial of probability π and the ratio is (m/n)·π/(1 − π)
    (Przyborowski & Wilenski, Biometrika 31 (1940) p. 313-323); Wilson's limits of π give those of
    the ratio. Unlike √(1/a + 1/b) on the log, it holds for a count of 0. (0, ∞) without any event.
    """
    a, n, b, m = _tableaux(events, population, reference_events, reference_population)
    defined = (n > 0) & (m > 0) & (a >= 0) & (b >= 0)
    low, high = wilson(a, a + b, confidence)
    low = np.where(defined & (a + b == 0), 0.0, low)
    high = np.where(defined & (a + b == 0), 1.0, high)
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.where(defined, m / n, np.nan)
        return (scale * low / (1 - low))[()], (scale * high / (1 - high))[()]


def p_proportions(
    events: ArrayLike,
    population: ArrayLike,
    reference_events: ArrayLike,
    reference_population: ArrayLike,
) -> Nombres:
    """Two-sided mid-p of the equality of two independent proportions (Fisher's conditional test).

    Given the events of both groups together, those of the territory are hypergeometric. Mid-p:
    Lancaster, J. Am. Stat. Assoc. 56 (1961). Accurate in the tails, where the z-test is not, so that
    many tests can be corrected together. 1 where nobody, or everybody, has an event.
    """
    a, n, b, m = _tableaux(events, population, reference_events, reference_population)
    defined = (n > 0) & (m > 0) & (a >= 0) & (b >= 0) & (a <= n) & (b <= m)
    total = np.where(defined, a + b, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        at_most = _z_hypergeometrique(a, n, m, total)
        less_than = _z_hypergeometrique(a - 1, n, m, total)
    lower = (ndtr(at_most) + ndtr(less_than)) / 2
    upper = (ndtr(-at_most) + ndtr(-less_than)) / 2
    p = np.minimum(1.0, 2 * np.minimum(lower, upper))
    return np.where((total == 0) | (total == n + m), 1.0, p)[()]


def _z_hypergeometrique(count: Nombres, n: Nombres, m: Nombres, total: Nombres) -> Nombres:
    """Normal deviate of P(X <= count), X events among n of the `total` events of n + m persons.

    Peizer's approximation, Ling & Pratt, J. Am. Stat. Assoc. 79 (1984) p. 49-60: the signed root of
    the deviance of the table with a half-unit shift. Its relative error is under 1 % in 99 tables of 100
    and under 10 % where a cell is empty. Infinite at the edges of the support.
    """
    people, others = n + m, n + m - total
    a, b = count + 0.5, n - count - 0.5
    c, d = total - count - 0.5, m - total + count + 0.5
    inside = (a > 0) & (b > 0) & (c > 0) & (d > 0)
    a, b, c, d = (np.where(inside, cell, np.nan) for cell in (a, b, c, d))
    deviance = 2 * (
        a * np.log(a * people / (n * total))
        + b * np.log(b * people / (n * others))
        + c * np.log(c * people / (m * total))
        + d * np.log(d * people / (m * others))
    )
    margins = 0.01 / (np.stack([n, m, total, others]) + 1)
    corrected = [
        cell + 1 / 6 + 0.02 / (cell + 0.5) + margins[row] + margins[column]
        for cell, row, column in ((a, 0, 2), (b, 0, 3), (c, 1, 2), (d, 1, 3))
    ]
    shift = corrected[0] * corrected[3] - corrected[1] * corrected[2]
    root = np.sqrt(people / (n * m * total * others))  # limit of √deviance/|ad − bc| at 0
    root = np.where(deviance > 1e-6, np.sqrt(np.abs(deviance)) / np.abs(a * d - b * c), root)
    scale = np.prod([x / (x + 1 / 6) for x in (n, m, total, others)], axis=0)
    z = shift * root * np.sqrt(scale * (1 - 1 / (6 * people)))
    beyond = np.where((count + 0.5 <= 0) | (m - total + count + 0.5 <= 0), -np.inf, np.inf)
    return np.where(np.isnan(total), np.nan, np.where(inside, z, beyond))


def p_taux(
    events: ArrayLike,
    population: ArrayLike,
    reference_events: ArrayLike,
    reference_population: ArrayLike,
) -> Nombres:
    """Two-sided mid-p of the equality of two independent Poisson rates.

    Given the total T, the events of the territory are binomial of size T and probability n/(n + m):
    Przyborowski & Wilenski 1940; mid-p of Lancaster 1961. 1 without any event.
    """
    a, n, b, m = _tableaux(events, population, reference_events, reference_population)
    defined = (n > 0) & (m > 0) & (a >= 0) & (b >= 0)
    total = np.where(defined, a + b, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = _p_binomiale(a, total, np.where(defined, n / (n + m), np.nan))
    return np.where(total == 0, 1.0, p)[()]


def _p_binomiale(count: Nombres, size: Nombres, probability: Nombres) -> Nombres:
    """Twice the smaller mid-p tail of a binomial count; sizes may be fractional."""
    at_least = _queue(count, size, probability)
    more_than = _queue(count + 1, size, probability)
    upper = (at_least + more_than) / 2
    return np.minimum(1.0, 2 * np.minimum(upper, 1 - upper))


def _queue(count: Nombres, size: Nombres, probability: Nombres) -> Nombres:
    """P(X >= count) for X binomial, by the incomplete beta function."""
    inside = (count > 0) & (size - count + 1 > 0)
    tail = betainc(np.where(inside, count, 1.0), np.where(inside, size - count + 1, 1.0), probability)
    outside = np.where(count > 0, 0.0, 1.0)
    return np.where(np.isnan(size), np.nan, np.where(inside, tail, outside))


def benjamini_hochberg(p: ArrayLike) -> Nombres:
    """Adjusted p-values (q-values) of the tests along the last axis; NaN stay NaN, uncounted.

    q(i) = min over j ≥ i of m·p(j)/j: reject where q ≤ α keeps the false discovery rate under α;
    Benjamini & Hochberg, J. R. Stat. Soc. B 57 (1995) p. 289-300.
    """
    values = np.atleast_1d(np.asarray(p, dtype=float))
    order = np.argsort(values, axis=-1, kind="stable")  # NaN come last
    ordered = np.take_along_axis(values, order, axis=-1)
    tests = np.sum(~np.isnan(values), axis=-1, keepdims=True)
    scaled = ordered * tests / np.arange(1, values.shape[-1] + 1)
    adjusted = np.fmin.accumulate(scaled[..., ::-1], axis=-1)[..., ::-1]
    result = np.empty_like(values)
    np.put_along_axis(result, order, adjusted, axis=-1)
    return result


def position(low: ArrayLike, high: ArrayLike, neutral: float = 0.0) -> NDArray[np.str_]:
    """State of an effect from its interval: `neutral` below, above or inside [low, high].

    Neutral is 0 for a difference, 1 for a ratio, the reference itself for a territory's own
    interval against a value taken as known. NaN bounds give `ne_se_compare_pas`.
    """
    bottom, top = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    unknown = np.isnan(bottom) | np.isnan(top)
    return np.select(
        [unknown, bottom > neutral, top < neutral],
        [Position.NE_SE_COMPARE_PAS, Position.AU_DESSUS, Position.AU_DESSOUS],
        Position.NON_DIFFERENT,
    )


def apres_correction(positions: ArrayLike, q: ArrayLike, alpha: float = 0.05) -> NDArray[np.str_]:
    """States after the correction for many tests: a difference with q > alpha is not established.

    `q` comes from `benjamini_hochberg` over all the comparisons of one report.
    """
    states = np.asarray(positions)
    established = (states == Position.AU_DESSUS) | (states == Position.AU_DESSOUS)
    lost = established & ~(np.asarray(q, dtype=float) <= alpha)
    return np.where(lost, Position.NON_DIFFERENT, states)


def depasse(value: ArrayLike, low: ArrayLike, other: ArrayLike, high: ArrayLike) -> NDArray[np.bool_]:
    """Whether a figure is above another: its interval, from `low`, is above the other's, to `high`.

    Two amounts of which one has no interval (None, NaN) are exact: their values tell. Intervals at 95 % that do not
    touch establish a difference at 5 %, and more surely than a test of it: Schenker & Gentleman, Am. Stat. 55 (2001)
    p. 182-186. It holds of two shares of one whole, whose covariance, -pq/n, is less than the product of their errors.
    """
    bottom, top = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    exact = np.isnan(bottom) | np.isnan(top)
    return np.where(exact, np.asarray(value) > np.asarray(other), bottom > top)[()]


def entonnoir_proportion(reference: ArrayLike, population: ArrayLike, confidence: float = 0.95) -> Bornes:
    """Funnel limits of a proportion around its reference, in [0, 1].

    p ± z√(p(1 − p)/n): a point is outside exactly when its Wilson interval excludes p.
    Spiegelhalter, Stat. Med. 24 (2005) p. 1185-1202; same limits as Fingertips. Usually drawn at
    0.95 and 0.998.
    """
    z = ecart_normal(confidence)
    p, n = np.asarray(reference, dtype=float), np.asarray(population, dtype=float)
    p = np.where((p >= 0) & (p <= 1), p, np.nan)
    half = z * np.sqrt(p * (1 - p) / np.where(n > 0, n, np.nan))
    return np.maximum(0, p - half)[()], np.minimum(1, p + half)[()]


def entonnoir_taux(reference: ArrayLike, population: ArrayLike, confidence: float = 0.95) -> Bornes:
    """Funnel limits of a rate (per head) around its reference.

    Counts whose exact Poisson interval just touches the expected count E = rate·n, over n: a point
    is outside exactly when its exact interval excludes the reference. Same limits as Fingertips;
    Spiegelhalter 2005. The lower limit is 0 where even no event would be no surprise.
    """
    ecart_normal(confidence)
    tail = (1 - confidence) / 2
    rate, n = np.asarray(reference, dtype=float), np.asarray(population, dtype=float)
    n = np.where((n > 0) & (rate > 0), n, np.nan)
    expected = rate * n
    low = np.where(np.exp(-expected) < tail, pdtrik(tail, expected), 0.0)
    high = pdtrik(1 - tail, expected) + 1
    return (low / n)[()], (high / n)[()]


def confiance_simultanee(confidence: float, territories: int) -> float:
    """Confidence of each of K independent intervals for all to hold together: confidence^(1/K).

    Šidák, J. Am. Stat. Assoc. 62 (1967) p. 626-633.
    """
    ecart_normal(confidence)
    return confidence ** (1 / max(1, territories))


def rangs(low: ArrayLike, high: ArrayLike) -> tuple[Nombres, Nombres]:
    """Interval of each territory's rank (1 = highest value): (best, worst) ranks possible.

    best = 1 + number of territories wholly above, worst = K − number wholly below. With intervals at
    `confiance_simultanee(c, K)` all the ranks hold together with confidence c: Klein, Wright &
    Wieczorek, J. R. Stat. Soc. A 183 (2020) p. 589-606. NaN where an interval is missing.
    """
    bottom, top = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    known = ~(np.isnan(bottom) | np.isnan(top))
    bottoms, tops = np.sort(bottom[known]), np.sort(top[known])
    above = bottoms.size - np.searchsorted(bottoms, top, side="right")
    below = np.searchsorted(tops, bottom, side="left")
    best, worst = 1.0 + above, float(bottoms.size) - below
    return np.where(known, best, np.nan), np.where(known, worst, np.nan)


def _comparaison(
    effect: Nombres, bounds: Bornes, p: Nombres, neutral: float, reason: NDArray[np.str_]
) -> Comparaison:
    low, high = bounds
    states = np.where(reason == "", position(low, high, neutral), Position.NE_SE_COMPARE_PAS)
    return Comparaison(effect[()], low, high, p, states, reason)


def _motif(usable: NDArray[np.bool_], reference_usable: NDArray[np.bool_]) -> NDArray[np.str_]:
    return np.select([~usable, ~reference_usable], [MOTIF_TERRITOIRE, MOTIF_REFERENCE], "")


def _tableaux(*arrays: ArrayLike) -> list[Nombres]:
    return list(np.broadcast_arrays(*(np.asarray(array, dtype=float) for array in arrays)))
