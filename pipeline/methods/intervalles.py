"""Intervals of proportions, counts, rates, ratios, means and medians.

In: counts and populations, as floats or arrays that broadcast together. Out: (low, high), in the
unit of the estimate, NaN where the interval is undefined. Every interval is two-sided; the
confidence is 0.95 unless said otherwise, 0.998 for the outer limits of a funnel.

What an interval means. On a sample it covers the sampling error. On an exhaustive count there is
none: it covers natural variation, that is what the same underlying risk could have produced
another year (APHO, Technical Briefing 3, 2008).
"""

from bisect import bisect_right
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, gammaincinv, ndtri, stdtrit

from pipeline.methods.refus import Refus

Bornes = tuple[NDArray[np.float64], NDArray[np.float64]]
Exploitation = Literal["principale", "complementaire"]

SEUIL_EXACT = 10  # events; below, Byar is replaced by the exact Poisson interval
SEUIL_STANDARDISATION = 10  # events; below, no directly standardised rate (APHO 2008)
SEUIL_COMMUNE_EXHAUSTIVE = 10_000  # inhabitants; below, the census is exhaustive every five years
FRACTION_GRANDE_COMMUNE = 0.40  # of dwellings, over the five yearly waves
FRACTION_COMPLEMENTAIRE = 0.25  # of households coded in full, communes under the threshold


def ecart_normal(confidence: float = 0.95) -> float:
    """Return z such that a standard normal lies in [-z, z] with probability `confidence`."""
    if not 0 < confidence < 1:
        raise Refus(
            f"Le niveau de confiance doit être compris entre 0 et 1, et non {confidence} : "
            "écrivez 0.95 pour 95 %."
        )
    return float(ndtri((1 + confidence) / 2))


def wilson(events: ArrayLike, population: ArrayLike, confidence: float = 0.95) -> Bornes:
    """Score interval of the proportion events/population, in [0, 1].

    (2np + z² ± z√(z² + 4npq)) / 2(n + z²), Wilson, J. Am. Stat. Assoc. 22 (1927) p. 209-212;
    method 3 of Newcombe, Stat. Med. 17 (1998) p. 857-872. Counts may be fractional (weights,
    effective sizes). NaN where population <= 0 or events lie outside [0, population].
    """
    z = ecart_normal(confidence)
    a, n = _paire(events, population)
    defined = (n > 0) & (a >= 0) & (a <= n)
    a, n = np.where(defined, a, np.nan), np.where(defined, n, np.nan)
    centre = 2 * a + z**2
    spread = z * np.sqrt(z**2 + 4 * a * (1 - a / n))
    low = np.where(a == 0, 0.0, (centre - spread) / (2 * (n + z**2)))
    high = np.where(a == n, 1.0, (centre + spread) / (2 * (n + z**2)))
    return low[()], high[()]


def byar(events: ArrayLike, confidence: float = 0.95) -> Bornes:
    """Interval of the mean of a Poisson count; exact under `SEUIL_EXACT` events.

    Byar: O(1 − 1/9O − z/3√O)³ and (O+1)(1 − 1/9(O+1) + z/3√(O+1))³, Breslow & Day, Statistical
    Methods in Cancer Research II (1987) p. 69, eq. 2.13. Exact: quantiles of the gamma law, Garwood,
    Biometrika 28 (1936) p. 437-442. NaN where events < 0.
    """
    z = ecart_normal(confidence)
    observed = np.asarray(events, dtype=float)
    counts = np.where(observed >= 0, observed, np.nan)
    few = counts < SEUIL_EXACT
    many = np.where(few, np.nan, counts)
    low = many * (1 - 1 / (9 * many) - z / (3 * np.sqrt(many))) ** 3
    high = (many + 1) * (1 - 1 / (9 * (many + 1)) + z / (3 * np.sqrt(many + 1))) ** 3
    exact_low, exact_high = _poisson_exact(np.where(few, counts, np.nan), confidence)
    return np.where(few, exact_low, low)[()], np.where(few, exact_high, high)[()]


def _poisson_exact(counts: NDArray[np.float64], confidence: float) -> Bornes:
    tail = (1 - confidence) / 2
    # a few counts, each met many times: worked out once
    distinct, ranks = np.unique(counts, return_inverse=True)
    low = np.where(distinct == 0, 0.0, gammaincinv(np.where(distinct > 0, distinct, np.nan), tail))
    high = gammaincinv(distinct + 1, 1 - tail)
    return low[ranks].reshape(counts.shape), high[ranks].reshape(counts.shape)


def taux(events: ArrayLike, population: ArrayLike, confidence: float = 0.95) -> Bornes:
    """Interval of the rate events/population (per head): Byar's limits over the population.

    The population is taken as known (APHO 2008). NaN where population <= 0 or events < 0.
    """
    low, high = byar(events, confidence)
    n = np.asarray(population, dtype=float)
    n = np.where(n > 0, n, np.nan)
    return (low / n)[()], (high / n)[()]


def rapport(numerator: ArrayLike, denominator: ArrayLike, confidence: float = 0.95) -> Bornes:
    """Interval of the ratio of two independent counts, symmetric on the log.

    exp(ln(a/b) ± z√(1/a + 1/b)), Katz et al., Biometrics 34 (1978) p. 469-474.
    NaN where a count is not positive.
    """
    z = ecart_normal(confidence)
    a, b = _paire(numerator, denominator)
    defined = (a > 0) & (b > 0)
    a, b = np.where(defined, a, np.nan), np.where(defined, b, np.nan)
    factor = np.exp(z * np.sqrt(1 / a + 1 / b))
    return (a / b / factor)[()], (a / b * factor)[()]


def moyenne(mean: ArrayLike, deviation: ArrayLike, size: ArrayLike, confidence: float = 0.95) -> Bornes:
    """Student interval of a mean: mean ± t(n − 1) s/√n, s with divisor n − 1 (Student 1908).

    NaN where size < 2 or deviation < 0.
    """
    ecart_normal(confidence)
    centre, sd = _paire(mean, deviation)
    n = np.asarray(size, dtype=float)
    n, sd = np.where(n >= 2, n, np.nan), np.where(sd >= 0, sd, np.nan)
    half = stdtrit(n - 1, (1 + confidence) / 2) * sd / np.sqrt(n)
    return (centre - half)[()], (centre + half)[()]


def quantile(
    values: ArrayLike,
    part: float = 0.5,
    foyers: ArrayLike | None = None,
    confidence: float = 0.95,
    au_dela: int = 0,
) -> tuple[float, float]:
    """Interval of a quantile of one sample (its median, unless `part` says so), by order statistics, free of any law.

    [x(r), x(s)]: r the largest rank with P(Bin(n, part) ≤ r − 1) ≤ (1 − confidence)/2, s the smallest with
    P(Bin(n, part) ≥ s) no higher; Conover, Practical Nonparametric Statistics (1999) § 3.2. Values are independent,
    unless `foyers` says whose each is: where one has several, the count below the quantile and n are divided by the
    design effect of that count (Woodruff, J. Am. Stat. Assoc. 47 (1952) p. 635-646; Korn & Graubard, Survey
    Methodology 24 (1998) p. 193-201). Missing values are left out.
    (NaN, NaN) when the sample is too small for the confidence (for a median, under 6 values at 95 %, 10 at 99.8 %),
    or when fewer than `au_dela` other households have a value at a bound or beyond. Raises `Refus` unless 0 < part < 1.
    """
    ecart_normal(confidence)
    if not 0 < part < 1:
        raise Refus(f"Un quantile laisse au-dessous de lui une part comprise entre 0 et 1, et non {part}.")
    sample, whose = _ranger(values, foyers)
    inflation, tail = _inflation_quantile(sample, whose, part), (1 - confidence) / 2
    low, high = (_rang(sample.size, p, inflation, tail) for p in (part, 1 - part))
    if not low or not high:
        return float("nan"), float("nan")
    bounds = float(sample[low - 1]), float(sample[sample.size - high])
    beyond = (whose[sample <= bounds[0]], whose[sample >= bounds[1]])
    # one of them is whose the bound is
    if min(np.count_nonzero(np.bincount(those)) for those in beyond) <= au_dela:
        return float("nan"), float("nan")
    return bounds


def _ranger(values: ArrayLike, foyers: ArrayLike | None) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The values that are known, in ascending order, and whose each is (a number)."""
    sample = np.asarray(values, dtype=float).ravel()
    whose = np.arange(sample.size) if foyers is None else np.unique(foyers, return_inverse=True)[1].ravel()
    known = ~np.isnan(sample)
    order = np.argsort(sample[known])
    return sample[known][order], whose[known][order]


def _inflation_quantile(sample: NDArray[np.float64], whose: NDArray[np.intp], part: float) -> float:
    """Design effect of the count at or below a quantile; 1 where each has one value, NaN where one has them all."""
    owned = np.bincount(whose).astype(float)
    if owned.max(initial=0) <= 1:
        return 1.0
    below = np.bincount(whose, weights=sample <= sample[int(np.ceil(part * sample.size)) - 1])
    sums = (below, owned, below**2, below * owned, owned**2)
    return float(inflation_grappes(*(terme.sum() for terme in sums), np.count_nonzero(owned)))


def _rang(size: int, part: float, inflation: float, tail: float) -> int:
    """How many of the counts k = 0, 1, … a binomial of `size` and `part` falls at or under with `tail` at most.

    P(Bin(n/φ, p) ≤ k/φ) = I(1−p; (n − k)/φ, k/φ + 1), the incomplete beta: the binomial itself where φ = 1.
    """
    if not np.isfinite(inflation):
        return 0
    return bisect_right(
        range(size),
        tail,
        key=lambda k: float(betainc((size - k) / inflation, k / inflation + 1, 1 - part)),
    )


def taux_standardise(events: ArrayLike, population: ArrayLike, standard: ArrayLike) -> NDArray[np.float64]:
    """Directly standardised rate per head: Σ w·O/n over Σ w, strata on the last axis.

    NaN where a stratum of positive standard weight has no population, or under
    `SEUIL_STANDARDISATION` events in all.
    """
    counts, people, weights = np.broadcast_arrays(
        *(np.asarray(array, dtype=float) for array in (events, population, standard))
    )
    people = np.where(people > 0, people, np.nan)
    terms = np.where(weights > 0, weights * counts / people, 0.0)
    rate = terms.sum(axis=-1) / weights.sum(axis=-1)
    return np.where(counts.sum(axis=-1) >= SEUIL_STANDARDISATION, rate, np.nan)[()]


def dobson(
    events: ArrayLike,
    population: ArrayLike,
    standard: ArrayLike,
    confidence: float = 0.95,
    inflation: ArrayLike = 1.0,
) -> Bornes:
    """Interval of the directly standardised rate per head, strata on the last axis.

    DSR + √(Var(DSR)/O)·(Byar(O) − O), with Var(DSR) = Σ (w/n)² O / (Σ w)² times `inflation`;
    Dobson, Kuulasmaa, Eberle & Scherer, Stat. Med. 10 (1991) p. 457-462. `inflation` is
    `inflation_foyers` where one household makes several events, 1 otherwise. NaN under
    `SEUIL_STANDARDISATION` events.
    """
    counts, people, weights = np.broadcast_arrays(
        *(np.asarray(array, dtype=float) for array in (events, population, standard))
    )
    rate = taux_standardise(counts, people, weights)
    people = np.where(people > 0, people, np.nan)
    terms = np.where(weights > 0, (weights / people) ** 2 * counts, 0.0)
    variance = np.asarray(inflation) * terms.sum(axis=-1) / weights.sum(axis=-1) ** 2
    total = np.where(np.isnan(rate), np.nan, counts.sum(axis=-1))
    low, high = byar(total, confidence)
    scale = np.sqrt(variance / total)
    return np.maximum(0, rate + scale * (low - total))[()], (rate + scale * (high - total))[()]


def rapport_standardise(observed: ArrayLike, expected: ArrayLike, confidence: float = 0.95) -> Bornes:
    """Interval of the indirectly standardised ratio observed/expected (1 = as the reference).

    Byar's limits of the observed count over the expected one; Breslow & Day 1987, § 2.3.
    NaN where expected <= 0.
    """
    return taux(observed, expected, confidence)


def inflation_foyers(frequencies: ArrayLike) -> float:
    """Variance inflation of a count of events when one household makes several of them.

    `frequencies[k]` is the number of households with k events (index 0 is ignored). The count is a
    compound Poisson, of variance Σ k²·f(k) against Σ k·f(k) were the events independent; the ratio
    is at least 1. Stukel et al., Stat. Med. 13 (1994) p. 1781-1791; event-frequency variance of the
    Fingertips Public Health Technical Guide (chapter on standardised rates).
    Raises `Refus` without any event.
    """
    households = np.asarray(frequencies, dtype=float)
    k = np.arange(households.size)
    events = float(np.sum(k * households))
    if events <= 0 or np.any(households < 0):
        raise Refus(
            "La variance des demandes répétées ne se calcule pas sans au moins une demande, "
            "ni avec un nombre négatif de foyers."
        )
    return float(np.sum(k**2 * households)) / events


def byar_foyers(events: ArrayLike, inflation: ArrayLike, confidence: float = 0.95) -> Bornes:
    """Interval of a count of non-independent events: Byar on events/inflation, scaled back.

    A compound Poisson divided by its inflation φ has mean = variance, hence Byar's limits of the
    effective number of events O/φ, times φ. φ = 1 gives `byar`. NaN where inflation < 1.
    """
    observed, phi = _paire(events, inflation)
    phi = np.where(phi >= 1, phi, np.nan)
    low, high = byar(observed / phi, confidence)
    return (low * phi)[()], (high * phi)[()]


def variance_rapport(
    numerator: ArrayLike,
    denominator: ArrayLike,
    squares: ArrayLike,
    products: ArrayLike,
    denominator_squares: ArrayLike,
    clusters: ArrayLike,
) -> NDArray[np.float64]:
    """Variance of a ratio r = Σa/Σb over m households: m/(m − 1) · Σ(aᵢ − r·bᵢ)² / (Σb)².

    From the sums Σa, Σb, Σa², Σab, Σb² and m. With one b a household, this is s²/m, the variance of a
    mean. Cochran, Sampling Techniques (1977), ratio estimates; Rao & Scott, Biometrics 48 (1992)
    p. 577-585. NaN under two households or without a denominator.
    """
    a, b, aa, ab, bb, m = (
        np.asarray(array, dtype=float)
        for array in (numerator, denominator, squares, products, denominator_squares, clusters)
    )
    b, m = np.where(b > 0, b, np.nan), np.where(m >= 2, m, np.nan)
    ratio = a / b
    residuals = np.maximum(0.0, aa - 2 * ratio * ab + ratio**2 * bb)
    return (m / (m - 1) * residuals / b**2)[()]


def inflation_grappes(
    numerator: ArrayLike,
    denominator: ArrayLike,
    squares: ArrayLike,
    products: ArrayLike,
    denominator_squares: ArrayLike,
    clusters: ArrayLike,
) -> NDArray[np.float64]:
    """Design effect of a proportion whose units come by households: its variance over p(1 − p)/n, at least 1.

    Counts divided by it are effective counts: Rao & Scott 1992. Where every answer is the same, no
    variance shows; the effect is then that of households all of one answer, Σb²/Σb. NaN as in
    `variance_rapport`.
    """
    a, b = _paire(numerator, denominator)
    variance = variance_rapport(a, b, squares, products, denominator_squares, clusters)
    share = a / np.where(b > 0, b, np.nan)
    simple = share * (1 - share) / np.where(b > 0, b, np.nan)
    alike = np.asarray(denominator_squares, dtype=float) / np.where(b > 0, b, np.nan)
    effect = np.where(simple > 0, variance / np.where(simple > 0, simple, np.nan), alike)
    return np.where(np.isnan(variance), np.nan, np.maximum(1.0, effect))[()]


def fraction_enquetee(population_commune: ArrayLike, exploitation: Exploitation) -> NDArray[np.float64]:
    """Share of dwellings whose forms make a French census figure, by size of commune.

    Principale: 1 under 10,000 inhabitants (exhaustive once in five years), 0.40 from there.
    Complémentaire: about a quarter of the households under 10,000, all the surveyed dwellings
    (0.40) from there. INSEE, documentation of the rolling census (since 2004).
    """
    if exploitation not in ("principale", "complementaire"):
        raise Refus(
            f"L'exploitation « {exploitation} » n'existe pas au recensement : "
            "écrivez « principale » ou « complementaire »."
        )
    people = np.asarray(population_commune, dtype=float)
    small = 1.0 if exploitation == "principale" else FRACTION_COMPLEMENTAIRE
    fraction = np.where(people < SEUIL_COMMUNE_EXHAUSTIVE, small, FRACTION_GRANDE_COMMUNE)
    return np.where(people > 0, fraction, np.nan)[()]


def effectif_efficace(count: ArrayLike, fraction: ArrayLike, grappe: ArrayLike = 1.0) -> NDArray[np.float64]:
    """Number of independent observations behind a weighted census count.

    f·N/d: the interval then covers the sampling error and natural variation together, so an
    exhaustive count (f = 1) keeps natural variation alone, and the finite population correction
    cancels out (see `effectif_sondage`). Assumption: equal weights, simple random sampling of
    dwellings; d, the design effect of persons living together (`grappe`), is 1 for dwellings and
    households. Cochran, Sampling Techniques (1977) p. 24-25 and 39. NaN unless 0 < f <= 1, d >= 1.
    """
    n, f = _paire(count, fraction)
    d = np.asarray(grappe, dtype=float)
    defined = (n >= 0) & (f > 0) & (f <= 1) & (d >= 1)
    return np.where(defined, f * n / np.where(d >= 1, d, np.nan), np.nan)[()]


def effectif_sondage(count: ArrayLike, fraction: ArrayLike) -> NDArray[np.float64]:
    """Number of independent observations that gives the sampling error alone.

    f·N/(1 − f): the sample f·N with its finite population correction 1 − f (Cochran 1977, p. 24);
    infinite for an exhaustive count, which has no sampling error. It obeys
    1/`effectif_efficace` = 1/N + 1/`effectif_sondage`: natural variation plus sampling.
    """
    n, f = _paire(count, fraction)
    defined = (n >= 0) & (f > 0) & (f <= 1)
    sampled = np.where(f < 1, f * n / np.where(f < 1, 1 - f, np.nan), np.inf)
    return np.where(defined, sampled, np.nan)[()]


def _paire(first: ArrayLike, second: ArrayLike) -> Bornes:
    left, right = np.broadcast_arrays(np.asarray(first, dtype=float), np.asarray(second, dtype=float))
    return left, right
