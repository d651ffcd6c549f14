import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betainc
from scipy.stats import binom, norm

from pipeline.methods.intervalles import (
    byar,
    byar_foyers,
    dobson,
    ecart_normal,
    effectif_efficace,
    effectif_sondage,
    fraction_enquetee,
    inflation_foyers,
    inflation_grappes,
    moyenne,
    quantile,
    rapport,
    rapport_standardise,
    taux,
    taux_standardise,
    variance_rapport,
    wilson,
)
from pipeline.methods.refus import Refus

CONFIANCES = st.sampled_from([0.80, 0.95, 0.998])


@pytest.mark.parametrize(
    ("events", "population", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_four_intervals_printed_by_newcombe(events, population, low, high):
    # Newcombe, Stat. Med. 17 (1998) p. 857, table I, method 3, four decimals.
    assert np.round(wilson(events, population), 4) == pytest.approx((low, high))


def test_wilson_is_the_root_of_the_score_equation():
    # |x − np₀| = z√(np₀(1 − p₀)) at both limits: Wilson 1927, p. 210.
    for limit in wilson(37, 210, 0.998):
        deviation = abs(37 - 210 * limit)
        assert deviation == pytest.approx(3.0902323 * math.sqrt(210 * limit * (1 - limit)))


@pytest.mark.parametrize(
    ("events", "population"),
    [(5, 0), (-1, 3), (4, 3), (np.nan, 10), (3, np.nan), (0, 0), (1, -2)],
)
def test_a_proportion_that_does_not_exist_has_no_interval(events, population):
    assert np.isnan(wilson(events, population)).all()


def test_nobody_and_everybody_touch_the_edges_exactly():
    assert wilson(0, 12)[0] == 0
    assert wilson(12, 12)[1] == 1


@given(n=st.integers(1, 100_000), share=st.floats(0, 1), confidence=CONFIANCES)
def test_wilson_holds_the_proportion_and_stays_between_0_and_1(n, share, confidence):
    a = round(share * n)
    low, high = wilson(a, n, confidence)
    assert 0 <= low <= a / n <= high <= 1
    assert low < high


@given(n=st.integers(1, 10_000), share=st.floats(0, 1))
def test_wilson_of_the_complement_is_the_mirror(n, share):
    a = round(share * n)
    low, high = wilson(a, n)
    mirror_low, mirror_high = wilson(n - a, n)
    assert (1 - mirror_high, 1 - mirror_low) == pytest.approx((low, high), abs=1e-12)


@given(a=st.integers(0, 500), n=st.integers(500, 5_000), confidence=CONFIANCES)
def test_ten_times_more_people_narrow_the_interval(a, n, confidence):
    low, high = wilson(a, n, confidence)
    narrow_low, narrow_high = wilson(10 * a, 10 * n, confidence)
    assert narrow_high - narrow_low < high - low


def test_arrays_and_numbers_agree():
    low, high = wilson([81, 15], [263, 148])
    assert (low[1], high[1]) == wilson(15, 148)


@pytest.mark.parametrize(
    ("events", "confidence", "low", "high"),
    [
        # UKHSA, PHEindicatormethods, tests/testthat/testdata_funnel_ratio_outputs.csv (exact Poisson)
        (1, 0.95, 0.025317898, 5.571644585),
        (5, 0.95, 1.623486324, 11.6683331),
        (9, 0.95, 4.11537405, 17.08479966),
        (1, 0.998, 0.001000547, 9.233410143),
        (9, 0.998, 2.452425215, 22.65737951),
    ],
)
def test_under_ten_events_the_interval_is_the_exact_poisson_one(events, confidence, low, high):
    assert byar(events, confidence) == pytest.approx((low, high), rel=1e-4)


def test_byar_of_100_events():
    # Published for 100 observed, 90 expected with z = 1.96: 121.628347 events, SMR 0.90402 to 1.35143.
    assert byar(100)[1] == pytest.approx(121.628, abs=1e-3)
    assert rapport_standardise(100, 90) == pytest.approx((0.90402, 1.35143), abs=1e-5)


def test_byar_is_within_0_2_percent_of_the_exact_limits_from_ten_events():
    # Fingertips technical guide « Confidence Intervals » (2018) p. 1: 0.2 % at 95 %, from 10 events.
    exact = {10: (4.795387629, 18.39035799), 30: (20.24087434, 42.82687112), 100: (81.36400699, 121.6268111)}
    for events, limits in exact.items():
        assert byar(events) == pytest.approx(limits, rel=2e-3)


def test_no_event_still_has_an_upper_limit():
    # P(0 | μ) = 0.025 at μ = −ln 0.025.
    assert byar(0) == pytest.approx((0, -math.log(0.025)))


def test_a_negative_count_has_no_interval():
    assert np.isnan(byar([-1, np.nan])).all()


@given(events=st.integers(0, 5_000), confidence=CONFIANCES)
def test_more_events_move_both_limits_up(events, confidence):
    low, high = byar([events, events + 1], confidence)
    assert low[0] < low[1]
    assert high[0] < high[1]
    assert low[0] <= events < high[0]


@given(events=st.floats(0.01, 1e5), inner=st.floats(0.5, 0.94))
def test_more_confidence_is_a_wider_interval(events, inner):
    low, high = byar(events, 0.95)
    inner_low, inner_high = byar(events, inner)
    assert low <= inner_low
    assert inner_high <= high


def test_a_rate_is_the_count_over_the_population():
    low, high = taux(100, 4_000)
    assert (low, high) == pytest.approx((byar(100)[0] / 4_000, byar(100)[1] / 4_000))
    assert np.isnan(taux(100, [0, -5, np.nan])).all()


def test_the_ratio_of_150_to_100_is_symmetric_on_the_log():
    # 1.5 · exp(±1.959964·√(1/150 + 1/100)) = 1.5 · exp(±0.253035)
    assert rapport(150, 100) == pytest.approx((1.5 / 1.287929, 1.5 * 1.287929), rel=1e-5)


def test_a_ratio_with_an_empty_side_has_no_interval():
    assert np.isnan(rapport([0, 5, -1], [5, 0, 4])).all()


def test_the_mean_of_student_s_sleep_data():
    # Student, Biometrika 6 (1908): differences of 10 patients, mean 1.58, s 1.229995;
    # R, t.test(extra ~ group, data = sleep, paired = TRUE): 0.7001142 to 2.4598858.
    assert moyenne(1.58, 1.2299955, 10) == pytest.approx((0.7001142, 2.4598858), abs=1e-6)


def test_one_observation_has_no_interval_of_its_mean():
    assert np.isnan(moyenne([3, 3], [1, -1], [1, 10])).all()


def test_the_median_of_sixteen_values_lies_between_the_fourth_and_the_thirteenth():
    # P(Bin(16, ½) ≤ 3) = 697/65536 = 0.0106 and P(≤ 4) = 0.0384: Conover 1999, table A3.
    assert quantile(range(1, 17)) == (4, 13)


@pytest.mark.parametrize(("size", "exists"), [(0, False), (5, False), (6, True)])
def test_a_median_needs_six_values_at_95_percent(size, exists):
    assert np.isfinite(quantile(range(size))).all() == exists


def test_missing_delays_are_left_out_of_the_median():
    assert quantile([np.nan, 3, 1, 2, 6, 5, 4, np.nan]) == (1, 6)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.75, 0.9])
@pytest.mark.parametrize("size", [40, 97, 300, 1_001])
@pytest.mark.parametrize("confidence", [0.95, 0.998])
def test_the_ranks_of_a_quantile_are_those_that_the_binomial_counts_one_by_one(size, part, confidence):
    # Conover 1999, § 3.2: the largest r with P(Y ≤ r − 1) ≤ α/2, the smallest s with P(Y ≥ s) ≤ α/2.
    tail = (1 - confidence) / 2
    under = [r for r in range(1, size + 1) if binom.cdf(r - 1, size, part) <= tail]
    over = [s for s in range(1, size + 1) if binom.sf(s - 1, size, part) <= tail]
    expected = (max(under), min(over)) if under and over else (np.nan, np.nan)
    assert quantile(range(1, size + 1), part, confidence=confidence) == pytest.approx(expected, nan_ok=True)


def test_a_ninth_decile_needs_thirty_six_values_at_95_percent():
    # P(Bin(n, 0.9) = n) = 0.9^n is under 2.5 % from n = 36 (0.9^35 = 0.0250, 0.9^36 = 0.0225).
    assert np.isnan(quantile(range(35), 0.9)).all()
    assert quantile(range(1, 37), 0.9)[1] == 36


def test_delays_that_are_equal_bound_the_median_by_what_they_share():
    # 16 delays, ranks 4 and 13: 1, 2, 2, 2, …, 2, 3, 9, 9.
    assert quantile([9, 9, 3, *[2] * 12, 1]) == (2, 2)
    # Ranks 4 and 13 of 1 ×3, 5 ×9, 7 ×4.
    assert quantile([7] * 4 + [5] * 9 + [1] * 3) == (5, 7)


@given(st.lists(st.floats(-1e6, 1e6), min_size=6, max_size=200))
def test_the_interval_of_the_median_holds_the_median(values):
    low, high = quantile(values)
    assert low <= np.median(values) <= high


@pytest.mark.parametrize("part", [0, 1, 50, -0.1])
def test_a_quantile_that_leaves_nothing_on_one_side_is_refused(part):
    with pytest.raises(Refus, match=rf"comprise entre 0 et 1, et non {part}"):
        quantile(range(20), part)


def test_households_of_one_request_each_are_independent_values():
    assert quantile(range(30), foyers=range(30)) == quantile(range(30))


def test_requests_of_one_household_widen_the_interval_of_their_median():
    # 40 households of two requests that wait the same: 80 values that are worth 39.
    values, foyers = np.repeat(np.arange(40), 2), np.repeat(np.arange(40), 2)
    effect = float(inflation_grappes(40, 80, 80, 80, 160, 40))
    assert effect == pytest.approx(2 * 40 / 39)
    low, high = quantile(values, foyers=foyers)
    # P(Bin(39, ½) ≤ k): the ranks of 39 independent values, two by two
    rank = max(r for r in range(1, 81) if betainc((81 - r) / effect, (r - 1) / effect + 1, 0.5) <= 0.025)
    assert (low, high) == (values[rank - 1], values[80 - rank])
    assert low < quantile(values)[0] <= quantile(values)[1] < high
    alone = quantile(np.arange(40))
    assert (low, high) == pytest.approx(alone, abs=1)


def test_delays_of_one_household_alone_have_no_interval_of_their_median():
    assert np.isnan(quantile(range(30), foyers=["m"] * 30)).all()


def test_a_bound_is_given_only_with_so_many_households_beyond_it():
    # 19 values: ranks 5 and 15, four beyond each; 20: ranks 6 and 15, five beyond.
    assert quantile(range(1, 20)) == (5, 15)
    assert np.isnan(quantile(range(1, 20), au_dela=5)).all()
    assert quantile(range(1, 21), au_dela=5) == (6, 15)


def test_five_requests_of_one_household_are_not_five_households_beyond_a_bound():
    # 100 values, ranks 40 and 61 if independent; the 45 highest are of two households in turn.
    foyers = [f"m{rang}" for rang in range(55)] + ["a", "b"] * 22 + ["a"]
    assert np.isfinite(quantile(range(100), foyers=foyers)).all()
    assert np.isnan(quantile(range(100), foyers=foyers, au_dela=5)).all()


def test_the_household_whose_the_bound_is_is_none_of_those_beyond_it():
    # 60 values: the lowest 25 are five households' in turn, the others each has its own: four others than the bound's.
    foyers = [rang % 5 for rang in range(25)] + list(range(5, 40))
    assert quantile(range(60), foyers=foyers, au_dela=4) == quantile(range(60), foyers=foyers)
    assert np.isnan(quantile(range(60), foyers=foyers, au_dela=5)).all()


@given(st.permutations([(jours, qui) for jours in (3, 3, 3, 5, 5, 9) for qui in range(5)]))
def test_the_order_in_which_equal_delays_come_changes_nothing(lignes):
    jours, foyers = zip(*lignes, strict=True)
    assert quantile(jours, foyers=foyers, au_dela=4) == (3, 5)


EVENTS, PEOPLE, STANDARD = [4, 8, 30], [1000, 2000, 1500], [5, 6, 3]


def test_a_standardised_rate_weighs_each_stratum_as_the_standard_does():
    # (5·4/1000 + 6·8/2000 + 3·30/1500) / 14
    assert taux_standardise(EVENTS, PEOPLE, STANDARD) == pytest.approx((0.02 + 0.024 + 0.06) / 14)


def test_dobson_by_hand():
    # Dobson et al. 1991, eq. 6, in exact arithmetic; Byar's limits of 4 + 8 + 30 = 42 events.
    variance = sum(
        Fraction(w, n) ** 2 * o for o, n, w in zip(EVENTS, PEOPLE, STANDARD, strict=True)
    ) / Fraction(14**2)
    low, high = byar(42)
    rate, scale = 0.104 / 14, math.sqrt(variance / 42)
    assert dobson(EVENTS, PEOPLE, STANDARD) == pytest.approx(
        (rate + scale * (low - 42), rate + scale * (high - 42))
    )


def test_with_one_stratum_dobson_is_byar():
    assert dobson([40], [8_000], [1]) == pytest.approx(taux(40, 8_000))


def test_dobson_is_close_to_the_gamma_interval_of_fay_and_feuer():
    # Fay & Feuer, Stat. Med. 16 (1997) p. 791: another method, wider at the top by construction.
    from scipy.special import gammaincinv

    rate = 0.104 / 14
    v = sum((w / n / 14) ** 2 * o for o, n, w in zip(EVENTS, PEOPLE, STANDARD, strict=True))
    lower = gammaincinv(rate**2 / v, 0.025) * v / rate
    low, high = dobson(EVENTS, PEOPLE, STANDARD)
    assert low == pytest.approx(lower, rel=0.02)
    assert high > rate + 1.96 * math.sqrt(v)


@pytest.mark.parametrize(("events", "exists"), [([3, 6], False), ([4, 6], True)])
def test_under_ten_events_no_rate_is_standardised(events, exists):
    assert np.isfinite(taux_standardise(events, [100, 100], [1, 1])) == exists
    assert np.isfinite(dobson(events, [100, 100], [1, 1])).all() == exists


def test_a_stratum_without_people_forbids_the_rate_unless_the_standard_ignores_it():
    assert np.isnan(taux_standardise([20, 0], [100, 0], [1, 1]))
    assert taux_standardise([20, 0], [100, 0], [1, 0]) == pytest.approx(0.2)


def test_several_territories_are_standardised_at_once():
    rates = taux_standardise([EVENTS, [1, 1, 1]], PEOPLE, STANDARD)
    assert rates[0] == pytest.approx(0.104 / 14)
    assert np.isnan(rates[1])


def test_ten_households_with_one_request_and_five_with_two():
    # (10·1² + 5·2²) / (10·1 + 5·2)
    assert inflation_foyers([0, 10, 5]) == pytest.approx(30 / 20)


def test_requests_of_distinct_households_are_independent():
    assert inflation_foyers([100, 37]) == 1
    assert byar_foyers(37, 1) == byar(37)


@pytest.mark.parametrize("frequencies", [[0, 0], [5], [0, -1, 3]])
def test_without_a_request_the_inflation_is_refused(frequencies):
    with pytest.raises(Refus, match="au moins une demande"):
        inflation_foyers(frequencies)


@given(events=st.floats(1, 1e4), phi=st.floats(1, 5))
def test_repeated_requests_widen_the_interval(events, phi):
    low, high = byar_foyers(events, phi)
    plain_low, plain_high = byar(events)
    assert low <= plain_low * 1.002  # Byar and the exact limits meet at 10 effective events
    assert plain_high <= high * 1.002


def test_an_inflation_under_one_is_no_inflation():
    assert np.isnan(byar_foyers(10, 0.9)).all()


def sommes(survivants, portees):
    """Σa, Σb, Σa², Σab, Σb² and how many, of pairs (a, b)."""
    a, b = np.array(survivants, dtype=float), np.array(portees, dtype=float)
    return a.sum(), b.sum(), (a**2).sum(), (a * b).sum(), (b**2).sum(), len(a)


@pytest.mark.parametrize(
    ("survivants", "portees", "effet"),
    [
        (
            (13, 12, 9, 9, 8, 8, 12, 11, 9, 9, 8, 11, 4, 5, 7, 7),
            (13, 12, 9, 9, 8, 8, 13, 12, 10, 10, 9, 13, 5, 7, 10, 10),
            1.232495,
        ),
        (
            (12, 11, 10, 9, 10, 9, 9, 8, 8, 4, 7, 4, 5, 3, 3, 0),
            (12, 11, 10, 9, 11, 10, 10, 9, 9, 5, 9, 7, 10, 6, 10, 7),
            3.952861,
        ),
    ],
)
def test_the_design_effects_of_weil_s_rats_are_those_of_rao_and_scott(survivants, portees, effet):
    # Litters of Weil (1970), table 1 of Rao & Scott, Biometrics 48 (1992): control and treated; six decimals
    # from the documentation of the R package PF, rsb(rat$y, rat$n).
    assert inflation_grappes(*sommes(survivants, portees)) == pytest.approx(effet, abs=5e-7)


def test_with_one_unit_a_household_the_variance_is_that_of_a_mean():
    # Requests of six households; s²/6, s² with divisor 5.
    demandes = [1, 1, 2, 3, 5, 1]
    assert variance_rapport(*sommes(demandes, [1] * 6)) == pytest.approx(np.var(demandes, ddof=1) / 6)


@given(copies=st.integers(1, 6), oui=st.integers(1, 50), non=st.integers(1, 50))
def test_households_that_answer_k_times_alike_are_worth_one_answer_each(copies, oui, non):
    foyers = oui + non
    effet = inflation_grappes(*sommes([copies] * oui + [0] * non, [copies] * foyers))
    assert effet == pytest.approx(copies * foyers / (foyers - 1))


def test_distinct_households_that_answer_once_are_independent():
    # m/(m − 1): the only correction left
    assert inflation_grappes(*sommes([1] * 30 + [0] * 70, [1] * 100)) == pytest.approx(100 / 99)


def test_where_every_answer_is_the_same_households_count_as_if_alike():
    # Σb²/Σb = (1 + 4 + 9)/6
    assert inflation_grappes(*sommes([1, 2, 3], [1, 2, 3])) == pytest.approx(14 / 6)


@pytest.mark.parametrize("couples", [([1], [2]), ([], []), ([0, 0], [0, 0])])
def test_under_two_households_or_without_a_unit_there_is_no_variance(couples):
    assert np.isnan(variance_rapport(*sommes(*couples)))
    assert np.isnan(inflation_grappes(*sommes(*couples)))


def couverture_par_foyer(tirages, foyers, graine):
    """How often Wilson's interval holds the share granted: on effective counts, and on plain ones."""
    draws = np.random.default_rng(graine)
    vrai, correlation = 0.6, 0.4
    honnete, naif = [], []
    for _ in range(tirages):
        portees = draws.choice([1, 2, 3, 6], foyers, p=[0.5, 0.25, 0.15, 0.1])
        propre = draws.beta(vrai * (1 / correlation - 1), (1 - vrai) * (1 / correlation - 1), foyers)
        totaux = sommes(draws.binomial(portees, propre), portees)
        for effet, tenus in ((inflation_grappes(*totaux), honnete), (1, naif)):
            low, high = wilson(totaux[0] / effet, totaux[1] / effet)
            tenus.append(low <= vrai <= high)
    return np.mean(honnete), np.mean(naif)


def test_shares_of_requests_by_household_hold_the_truth_in_three_hundred_trials():
    honnete, naif = couverture_par_foyer(300, 150, 3)
    assert honnete > 0.91
    assert naif < honnete


@pytest.mark.lent
def test_shares_of_requests_by_household_hold_the_truth_and_naive_ones_do_not():
    mesures = [couverture_par_foyer(4_000, foyers, foyers) for foyers in (80, 200, 600)]
    assert 0.94 <= np.mean([honnete for honnete, _ in mesures]) <= 0.965
    assert max(naif for _, naif in mesures) < 0.9


@pytest.mark.parametrize(
    ("people", "exploitation", "fraction"),
    [
        (9_999, "principale", 1),
        (10_000, "principale", 0.4),
        (9_999, "complementaire", 0.25),
        (10_000, "complementaire", 0.4),
    ],
)
def test_the_census_reaches_one_dwelling_out_of(people, exploitation, fraction):
    # INSEE: exhaustive under 10,000 inhabitants, 8 % a year for five years from there.
    assert fraction_enquetee(people, exploitation) == fraction


def test_another_exploitation_does_not_exist():
    with pytest.raises(Refus, match="« finale »"):
        fraction_enquetee(500, "finale")


def test_a_quarter_of_the_households_bears_a_quarter_of_the_information():
    assert effectif_efficace(800, 0.25) == 200
    assert effectif_efficace(800, 0.25, grappe=2) == 100


@given(n=st.floats(1, 1e6), fraction=st.floats(0.01, 0.999))
def test_natural_variation_and_sampling_error_add_up(n, fraction):
    # p(1 − p)/N + p(1 − p)(1 − f)/fN = p(1 − p)/fN
    both = 1 / n + 1 / effectif_sondage(n, fraction)
    assert 1 / effectif_efficace(n, fraction) == pytest.approx(both)


def test_an_exhaustive_count_has_no_sampling_error_but_varies_naturally():
    assert effectif_sondage(500, 1) == math.inf
    assert effectif_efficace(500, 1) == 500


@pytest.mark.parametrize("fraction", [0, -0.1, 1.01, np.nan])
def test_a_fraction_out_of_bounds_gives_no_size(fraction):
    assert np.isnan(effectif_efficace(500, fraction))
    assert np.isnan(effectif_sondage(500, fraction))


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.5])
def test_a_confidence_in_percent_is_refused_with_the_way_to_write_it(confidence):
    with pytest.raises(Refus, match=r"écrivez 0\.95 pour 95 %"):
        ecart_normal(confidence)


@pytest.mark.lent
def test_95_percent_intervals_hold_the_truth_94_to_96_5_percent_of_the_time():
    # Average over the sizes and rates an ABS meets, as discrete laws oscillate around their level.
    draws = np.random.default_rng(20_240_601)
    wilson_hits, byar_hits, enough = [], [], []
    for size in (50, 200, 1_000, 5_000, 50_000):
        for share in (0.02, 0.05, 0.1, 0.2, 0.35, 0.5):
            low, high = wilson(draws.binomial(size, share, 20_000), size)
            wilson_hits.append(np.mean((low <= share) & (share <= high)))
            enough.append(size * share >= 5)
    for mean in (12, 15, 20, 30, 50, 100, 300, 1_000):
        low, high = byar(draws.poisson(mean, 20_000))
        byar_hits.append(np.mean((low <= mean) & (mean <= high)))
    assert 0.94 <= np.mean(wilson_hits) <= 0.965
    assert 0.94 <= np.mean(byar_hits) <= 0.965
    assert min(np.array(wilson_hits)[enough]) > 0.93
    assert min(byar_hits) > 0.94


def test_95_percent_intervals_hold_the_truth_about_95_times_in_100_draws():
    # The short twin: 2,000 draws of four sizes; ± 0.5 % of noise around the mean level.
    draws = np.random.default_rng(29)
    hits = []
    for size, share in ((50, 0.2), (200, 0.1), (1_000, 0.05), (5_000, 0.35)):
        low, high = wilson(draws.binomial(size, share, 2_000), size)
        hits.append(np.mean((low <= share) & (share <= high)))
    for mean in (12, 30, 100, 300):
        low, high = byar(draws.poisson(mean, 2_000))
        hits.append(np.mean((low <= mean) & (mean <= high)))
    assert 0.935 <= np.mean(hits) <= 0.97


def test_intervals_of_repeated_requests_hold_the_truth_in_500_years():
    # The short twin of the non-independent case: 1 to 6 requests a household.
    draws = np.random.default_rng(31)
    sizes, law = np.arange(1, 7), np.array([0.5, 0.2, 0.12, 0.08, 0.06, 0.04])
    truth = 150 * np.sum(sizes * law)
    held = []
    for row in draws.poisson(150 * law, size=(500, 6)):
        low, high = byar_foyers(float(row @ sizes), inflation_foyers([0, *row]))
        held.append(low <= truth <= high)
    assert 0.92 <= np.mean(held) <= 0.98


@pytest.mark.lent
def test_the_exact_poisson_interval_is_never_under_its_level():
    draws = np.random.default_rng(5)
    for mean in (0.5, 1, 2, 4, 6):
        low, high = byar(draws.poisson(mean, 20_000))
        assert np.mean((low <= mean) & (mean <= high)) >= 0.947


@pytest.mark.lent
def test_intervals_of_repeated_requests_hold_the_truth_and_naive_ones_do_not():
    # Households make 1 to 6 requests; the inflation is estimated on each simulated year.
    draws = np.random.default_rng(7)
    sizes, law = np.arange(1, 7), np.array([0.5, 0.2, 0.12, 0.08, 0.06, 0.04])
    honest, naive = [], []
    for households in (60, 150, 600):
        counts = draws.poisson(households * law, size=(4_000, 6))
        truth = households * np.sum(sizes * law)
        for row in counts:
            total = float(row @ sizes)
            low, high = byar_foyers(total, inflation_foyers([0, *row]))
            honest.append(low <= truth <= high)
            low, high = byar(total)
            naive.append(low <= truth <= high)
    assert 0.94 <= np.mean(honest) <= 0.965
    assert np.mean(naive) < 0.85


@pytest.mark.lent
def test_standardised_rates_hold_the_truth():
    draws = np.random.default_rng(11)
    people = np.array([4_000, 6_000, 5_000, 2_000, 600])
    rates = np.array([0.002, 0.004, 0.008, 0.03, 0.09])
    standard = np.array([22, 26, 27, 16, 9])
    events = draws.poisson(people * rates, size=(20_000, 5))
    low, high = dobson(events, people, standard)
    truth = np.sum(standard * rates) / 100
    assert 0.94 <= np.mean((low <= truth) & (truth <= high)) <= 0.965


@pytest.mark.lent
def test_medians_and_means_of_delays_hold_the_truth():
    draws = np.random.default_rng(13)
    delays = draws.lognormal(3, 0.8, size=(4_000, 60))
    medians = np.array([quantile(sample) for sample in delays])
    hits = np.mean((medians[:, 0] <= math.exp(3)) & (math.exp(3) <= medians[:, 1]))
    assert 0.945 <= hits <= 0.975  # exact and discrete: never under its level
    normal = draws.normal(20, 5, size=(20_000, 12))
    low, high = moyenne(normal.mean(axis=1), normal.std(axis=1, ddof=1), 12)
    assert 0.94 <= np.mean((low <= 20) & (high >= 20)) <= 0.965


def delays_of_households(draws, households):
    """Delays of households of one to six requests, each with a pace of its own, and whose each is."""
    sizes = draws.choice(np.arange(1, 7), size=households, p=[0.5, 0.2, 0.12, 0.08, 0.06, 0.04])
    foyers = np.repeat(np.arange(households), sizes)
    pace = draws.normal(0, 0.7, households)[foyers]
    return np.exp(3 + pace + draws.normal(0, 0.4, foyers.size)), foyers


def coverage_of_a_quantile(draws, part, years, *, clustered=True):
    """How often the interval holds the truth: exp(3 + z(part) × √(0.7² + 0.4²))."""
    truth = math.exp(3 + norm.ppf(part) * math.hypot(0.7, 0.4))
    held = []
    for _ in range(years):
        values, foyers = delays_of_households(draws, 150)
        low, high = quantile(values, part, foyers if clustered else None)
        held.append(low <= truth <= high)
    return np.mean(held)


@pytest.mark.lent
@pytest.mark.parametrize("part", [0.5, 0.9])
def test_quantiles_of_delays_that_go_by_households_hold_the_truth_and_naive_ones_do_not(part):
    honest = coverage_of_a_quantile(np.random.default_rng(17), part, 4_000)
    naive = coverage_of_a_quantile(np.random.default_rng(17), part, 4_000, clustered=False)
    assert 0.94 <= honest <= 0.975
    assert naive < 0.88


def test_medians_of_delays_that_go_by_households_hold_the_truth_in_300_years():
    # The short twin; ± 1.3 % of noise.
    assert 0.92 <= coverage_of_a_quantile(np.random.default_rng(19), 0.5, 300) <= 0.99
