"""Who is helped, against who lives there: the representation index.

In: persons (or households) helped, of one kind and in all; inhabitants (or households) of the same kind
and in all, same ages and same definition. Out: the ratio of the two shares, its interval and its state.

How many of a kind are helped per 1,000 of the same kind, the coverage, is a `Rate` (Byar's limits,
`intervalles.taux`); the index is that coverage over the coverage of everybody.
"""

import numpy as np
from numpy.typing import ArrayLike

from pipeline.methods.comparaisons import (
    MOTIF_REFERENCE,
    MOTIF_TERRITOIRE,
    Comparaison,
    Position,
    p_proportions,
    position,
)
from pipeline.methods.intervalles import Bornes, wilson


def representation(
    helped: ArrayLike,
    all_helped: ArrayLike,
    people: ArrayLike,
    all_people: ArrayLike,
    confidence: float = 0.95,
) -> Comparaison:
    """Share among those helped over share in the population: 1 is the same weight in both.

    `effet` is the index, its bounds come from `bornes_representation`, p from `p_proportions`; the state
    is `non_different` where the interval holds 1. Each person or household counts once: requests
    repeated by one household are not independent and have no index. Weighted census counts enter as
    effective counts (`intervalles.effectif_efficace`). Undefined where nobody is helped, or where
    nobody of this kind lives there.
    """
    a, n, b, m = np.broadcast_arrays(
        *(np.asarray(array, dtype=float) for array in (helped, all_helped, people, all_people))
    )
    usable, reference_usable = (n > 0) & (a >= 0) & (a <= n), (m > 0) & (b > 0) & (b <= m)
    with np.errstate(invalid="ignore", divide="ignore"):
        index = np.where(usable & reference_usable, (a / n) / (b / m), np.nan)
    low, high = bornes_representation(a, n, b, m, confidence)
    reason = np.select([~usable, ~reference_usable], [MOTIF_TERRITOIRE, MOTIF_REFERENCE], "")
    states = np.where(reason == "", position(low, high, 1.0), Position.NE_SE_COMPARE_PAS)
    return Comparaison(index[()], low, high, p_proportions(a, n, b, m), states, reason)


def bornes_representation(
    helped: ArrayLike,
    all_helped: ArrayLike,
    people: ArrayLike,
    all_people: ArrayLike,
    confidence: float = 0.95,
) -> Bornes:
    """Interval of the ratio of two independent proportions, on the log.

    ln r − √((ln p₁ − ln l₁)² + (ln u₂ − ln p₂)²) and ln r + √((ln u₁ − ln p₁)² + (ln p₂ − ln l₂)²), l and
    u being Wilson's limits: Zou & Donner, Stat. Med. 27 (2008) p. 1693-1702. On large counts these are
    the limits of Katz et al., Biometrics 34 (1978) p. 469-474, r·exp(± z√(1/a − 1/n + 1/b − 1/m)); unlike
    them, they hold where all those helped are of one kind. Where none is, [0, u₁/l₂].

    Those helped live there too: their share of the population makes the two proportions alike, and the
    interval a little too wide, never too narrow. NaN where the index is undefined.
    """
    a, n, b, m = np.broadcast_arrays(
        *(np.asarray(array, dtype=float) for array in (helped, all_helped, people, all_people))
    )
    low, high = wilson(a, n, confidence)
    reference_low, reference_high = wilson(np.where(b > 0, b, np.nan), m, confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        share, reference = np.where(a > 0, a / n, np.nan), b / m
        below = np.hypot(np.log(share / low), np.log(reference_high / reference))
        above = np.hypot(np.log(high / share), np.log(reference / reference_low))
        index = share / reference
        bottom = np.where(a == 0, 0 * reference_low, index * np.exp(-below))
        top = np.where(a == 0, high / reference_low, index * np.exp(above))
    undefined = np.isnan(low) | np.isnan(reference_low)
    return np.where(undefined, np.nan, bottom)[()], np.where(undefined, np.nan, top)[()]
