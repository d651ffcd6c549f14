import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pipeline.methods.comparaisons import (
    MOTIF_REFERENCE,
    MOTIF_TERRITOIRE,
    apres_correction,
    benjamini_hochberg,
    comparer_proportions,
    comparer_taux,
    confiance_simultanee,
    depasse,
    difference_proportions,
    entonnoir_proportion,
    entonnoir_taux,
    p_proportions,
    p_taux,
    position,
    rangs,
    rapport_taux,
    reste,
)
from pipeline.methods.intervalles import byar, wilson

COUNTS = st.integers(0, 400)


@pytest.mark.parametrize(
    ("a", "n", "b", "m", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (0, 10, 0, 10, -0.2775, 0.2775),
        (10, 10, 0, 20, 0.6791, 1),
        (10, 10, 0, 10, 0.6075, 1),
    ],
)
def test_newcombe_gives_the_eight_intervals_of_his_table(a, n, b, m, low, high):
    # Newcombe, Stat. Med. 17 (1998) p. 873-890, table II, method 10, four decimals.
    assert difference_proportions(a, n, b, m) == pytest.approx((low, high), abs=5.1e-5)


@given(a=COUNTS, b=COUNTS)
def test_swapping_the_territories_changes_the_sign_of_the_difference(a, b):
    low, high = difference_proportions(a, 400, b, 500)
    back_low, back_high = difference_proportions(b, 500, a, 400)
    assert (-back_high, -back_low) == pytest.approx((low, high), abs=1e-12)


@given(a=COUNTS, b=COUNTS)
def test_a_difference_of_proportions_stays_between_minus_one_and_one(a, b):
    low, high = difference_proportions(a, 400, b, 400, 0.998)
    assert -1 - 1e-12 <= low <= (a - b) / 400 <= high <= 1 + 1e-12


@pytest.mark.parametrize(
    ("a", "n", "b", "m"), [(4, 33, 30, 400), (0, 40, 9, 60), (8, 20, 3, 25), (90, 300, 1400, 6000)]
)
def test_p_is_that_of_fisher_with_half_the_observed_table(a, n, b, m):
    # Independent: the exact hypergeometric law of scipy.stats.
    law = stats.hypergeom(n + m, a + b, n)
    exact = 2 * min(law.sf(a) + law.pmf(a) / 2, law.cdf(a) - law.pmf(a) / 2)
    assert p_proportions(a, n, b, m) == pytest.approx(min(1, exact), rel=0.05 if a == 0 else 0.01)


def test_p_is_accurate_in_the_tails_over_many_tables():
    draws = np.random.default_rng(3)
    n = draws.integers(20, 2_000, 500)
    m = n * draws.integers(1, 30, 500)
    share = draws.uniform(0.005, 0.9, 500)
    a = draws.binomial(n, np.clip(share * draws.choice([0.6, 1, 1.5], 500), 0, 1))
    b = draws.binomial(m, share)
    law = stats.hypergeom(n + m, a + b, n)
    exact = 2 * np.minimum(law.sf(a) + law.pmf(a) / 2, law.cdf(a) - law.pmf(a) / 2)
    seen = (exact > 1e-6) & (exact < 1)
    error = np.abs(np.log(p_proportions(a, n, b, m)[seen] / exact[seen]))
    assert np.quantile(error, 0.99) < 0.02
    assert error.max() < 0.1


@given(a=st.integers(0, 60), b=st.integers(0, 200))
def test_p_is_the_same_for_events_and_for_their_absence(a, b):
    assert p_proportions(a, 60, b, 200) == pytest.approx(p_proportions(60 - a, 60, 200 - b, 200))
    assert 0 <= p_proportions(a, 60, b, 200) <= 1


def test_nobody_or_everybody_on_both_sides_is_no_difference():
    assert (p_proportions([0, 10], 10, [0, 20], 20) == 1).all()


def test_p_of_two_rates_by_hand():
    # 5 events against 0 for equal populations: 2·(½)·P(Bin(5, ½) = 5) = (1/2)⁵
    assert p_taux(5, 100, 0, 100) == pytest.approx(0.5**5)
    # 7 against 3: P(X ≥ 8) + P(X = 7)/2 = 56/1024 + 60/1024, doubled
    assert p_taux(7, 100, 3, 100) == pytest.approx(2 * 116 / 1024)
    assert p_taux(0, 100, 0, 100) == 1


def test_the_ratio_of_two_rates_by_wilson_on_the_share_of_events():
    # 20 of the 30 events on equal populations: odds of Wilson's limits of 20/30.
    low, high = wilson(20, 30)
    assert rapport_taux(20, 500, 10, 500) == pytest.approx((low / (1 - low), high / (1 - high)))


def test_breast_cancer_after_fluoroscopy():
    # Boice & Monson 1977, in Rothman & Greenland, Modern Epidemiology (1998): 41 cases in 28,010
    # woman-years, 15 in 19,017, ratio 1.86. On the log: 1.86·exp(±1.96√(1/41 + 1/15)), 1.03 to 3.35.
    comparison = comparer_taux(41, 28_010, 15, 19_017)
    assert comparison.effet == pytest.approx(1.86, abs=5e-3)
    assert comparison.borne_basse == pytest.approx(1.03, abs=0.02)
    assert comparison.borne_haute == pytest.approx(3.35, abs=0.05)
    law = stats.binom(41 + 15, 28_010 / (28_010 + 19_017))
    assert comparison.p == pytest.approx(2 * (law.sf(41) + law.pmf(41) / 2))
    assert comparison.position == "au_dessus"


@given(a=COUNTS, b=COUNTS)
def test_swapping_the_territories_inverts_the_ratio_of_rates(a, b):
    low, high = rapport_taux(a, 1_000, b, 3_000)
    back_low, back_high = rapport_taux(b, 3_000, a, 1_000)
    with np.errstate(divide="ignore"):
        assert (1 / np.float64(back_high), 1 / np.float64(back_low)) == pytest.approx((low, high))


def test_a_rate_of_zero_on_one_side_or_both_still_compares():
    comparison = comparer_taux([0, 5, 0], 100, [30, 0, 0], 100)
    assert comparison.position.tolist() == ["au_dessous", "au_dessus", "non_different"]
    assert comparison.effet[1] == np.inf


def test_the_four_states():
    comparison = comparer_proportions([50, 5, 22, np.nan], 100, 200, 1_000)
    assert comparison.position.tolist() == [
        "au_dessus",
        "au_dessous",
        "non_different",
        "ne_se_compare_pas",
    ]
    assert comparison.motif.tolist() == ["", "", "", MOTIF_TERRITOIRE]
    assert comparison.effet[0] == pytest.approx(50 / 100 - 200 / 1_000)


@pytest.mark.parametrize(
    ("a", "n", "b", "m", "motif"),
    [
        (5, 0, 20, 100, MOTIF_TERRITOIRE),
        (5, 4, 20, 100, MOTIF_TERRITOIRE),
        (-1, 4, 20, 100, MOTIF_TERRITOIRE),
        (5, 10, 20, 0, MOTIF_REFERENCE),
        (5, 10, 120, 100, MOTIF_REFERENCE),
        (5, 10, np.nan, 100, MOTIF_REFERENCE),
    ],
)
def test_what_does_not_compare_says_which_side_is_at_fault(a, n, b, m, motif):
    comparison = comparer_proportions(a, n, b, m)
    assert comparison.position == "ne_se_compare_pas"
    assert comparison.motif == motif
    assert np.isnan([comparison.effet, comparison.borne_basse, comparison.p]).all()


def test_a_rate_may_exceed_one_event_a_head():
    assert comparer_taux(30, 10, 300, 1_000).position == "au_dessus"


def test_a_part_is_compared_with_the_rest_of_the_whole():
    assert reste(30, 100, 150, 1_000) == (150 - 30, 1_000 - 100)


@pytest.mark.parametrize(
    ("a", "n", "total", "people"),
    [(30, 100, 30, 100), (30, 100, 20, 1_000), (30, 1_200, 150, 1_000), (30, 0, 150, 1_000)],
)
def test_a_part_that_is_the_whole_or_does_not_fit_has_no_rest(a, n, total, people):
    assert np.isnan(reste(a, n, total, people)).all()
    assert comparer_proportions(a, n, *reste(a, n, total, people)).position == "ne_se_compare_pas"


@given(a=st.integers(0, 100), b=st.integers(0, 900))
def test_the_gap_to_the_whole_is_the_gap_to_the_rest_shrunk(a, b):
    other, others = reste(a, 100, a + b, 1_000)
    to_the_rest = a / 100 - other / others
    assert a / 100 - (a + b) / 1_000 == pytest.approx(to_the_rest * (1 - 100 / 1_000))


BENJAMINI_HOCHBERG_1995 = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459),
    *(0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
]


def test_the_fifteen_cardiac_comparisons_of_benjamini_and_hochberg():
    # J. R. Stat. Soc. B 57 (1995) p. 295: at 0.05 the first four are rejected (Bonferroni: three).
    q = benjamini_hochberg(BENJAMINI_HOCHBERG_1995)
    assert (q <= 0.05).sum() == 4
    assert q[3] == pytest.approx(15 * 0.0095 / 4)
    assert q[14] == 1


def test_comparisons_that_were_not_made_do_not_count():
    q = benjamini_hochberg([[0.01, np.nan, 0.04], [np.nan, np.nan, np.nan]])
    assert q[0] == pytest.approx([2 * 0.01, np.nan, 2 * 0.04 / 2], nan_ok=True)
    assert np.isnan(q[1]).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_correction_never_lowers_p_nor_changes_the_order(p):
    q = benjamini_hochberg(p)
    assert (q >= np.array(p) - 1e-15).all()
    assert (q <= 1).all()
    assert (np.diff(q[np.argsort(p)]) >= 0).all()
    independent = stats.false_discovery_control(p)
    assert q == pytest.approx(independent)


def test_a_difference_that_does_not_survive_the_correction_is_not_established():
    states = ["au_dessus", "au_dessous", "au_dessus", "non_different", "ne_se_compare_pas"]
    corrected = apres_correction(states, [0.01, 0.2, np.nan, 0.01, np.nan])
    assert corrected.tolist() == [
        "au_dessus",
        "non_different",
        "non_different",
        "non_different",
        "ne_se_compare_pas",
    ]


@pytest.mark.parametrize(
    ("low", "high", "neutral", "state"),
    [
        (0.01, 0.2, 0, "au_dessus"),
        (0, 0.2, 0, "non_different"),
        (-0.2, 0, 0, "non_different"),
        (-0.2, -0.01, 0, "au_dessous"),
        (1.1, 1.9, 1, "au_dessus"),
        (np.nan, 0.2, 0, "ne_se_compare_pas"),
    ],
)
def test_the_state_says_on_which_side_of_the_interval_the_reference_lies(low, high, neutral, state):
    assert position(low, high, neutral) == state


@pytest.mark.parametrize("whole", [10, 50, 100])
def test_of_two_parts_of_a_whole_one_is_above_only_where_a_test_of_their_difference_says_so(whole):
    """Var(p − q) = (p + q − (p − q)²)/n, of two classes of one multinomial; every pair of counts is tried."""
    a, b = np.meshgrid(np.arange(whole + 1), np.arange(whole + 1))
    a, b = (counts[a + b <= whole] for counts in (a, b))
    above = depasse(a, wilson(a, whole)[0], b, wilson(b, whole)[1])
    p, q = a[above] / whole, b[above] / whole
    error = np.sqrt((p + q - (p - q) ** 2) / whole)
    assert len(p) and np.all(p - q > 1.96 * error)


def test_intervals_that_touch_or_overlap_tell_no_figure_above_another():
    assert depasse(60, 55, 50, 54.9)
    assert not depasse(60, 55, 50, 55)
    assert not depasse(60, 55, 70, 75)


def test_of_exact_amounts_the_larger_is_above():
    assert depasse(101, None, 100, None)
    assert not depasse(100, None, 100, None)
    assert depasse(101, np.nan, 100, 120)


@pytest.mark.parametrize(
    ("population", "confidence", "low", "high"),
    [
        # UKHSA, PHEindicatormethods, tests/testthat/testdata_funnel_prop_outputs.csv (%).
        (1, 0.95, 3.204264, 100),
        (20, 0.95, 63.326743, 97.958152),
        (1008, 0.95, 78.203374, 83.081521),
        (110_000, 0.95, 80.408963, 80.875933),
        (1, 0.998, 0, 100),
        (1008, 0.998, 76.796814, 84.488082),
    ],
)
def test_funnel_of_a_proportion_as_published_by_fingertips(population, confidence, low, high):
    limits = entonnoir_proportion(0.80642448, population, confidence)
    assert 100 * np.array(limits) == pytest.approx((low, high), abs=2e-6)


@given(a=st.integers(0, 300), reference=st.floats(0.01, 0.99))
def test_a_point_leaves_the_funnel_exactly_when_its_wilson_interval_leaves_the_reference(a, reference):
    low, high = entonnoir_proportion(reference, 300)
    bottom, top = wilson(a, 300)
    if min(abs(bottom - reference), abs(top - reference)) > 1e-9:
        assert (low <= a / 300 <= high) == (bottom <= reference <= top)


@pytest.mark.parametrize(
    ("expected", "confidence", "low", "high"),
    [
        # Same source, testdata_funnel_ratio_outputs.csv: 100 observed events leave the funnel from
        # 81.36400699 expected (too many) and from 121.6268111 (too few).
        (81.36400699, 0.95, None, 100),
        (121.6268111, 0.95, 100, None),
        (1.623486324, 0.95, None, 5),
        (71.92139974, 0.998, None, 100),
        (134.9243187, 0.998, 100, None),
    ],
)
def test_funnel_of_a_rate_as_published_by_fingertips(expected, confidence, low, high):
    found_low, found_high = entonnoir_taux(expected / 1_000, 1_000, confidence)
    if low is not None:
        assert 1_000 * found_low == pytest.approx(low, rel=1e-5)
    if high is not None:
        assert 1_000 * found_high == pytest.approx(high, rel=1e-5)


def test_no_event_is_no_surprise_where_few_are_expected():
    # P(0 | 3.6) = 0.0273 > 0.025, P(0 | 3.8) = 0.0224.
    assert entonnoir_taux(0.036, 100)[0] == 0
    assert 0 < entonnoir_taux(0.038, 100)[0] < 0.01


@pytest.mark.parametrize("population", [0, -3, np.nan])
def test_no_funnel_without_population(population):
    assert np.isnan(entonnoir_taux(0.1, population)).all()
    assert np.isnan(entonnoir_proportion(0.1, population)).all()


def test_ranks_come_with_the_ranks_they_could_be():
    # 5-6 is wholly above 1-3 and 2-4, which overlap.
    best, worst = rangs([1, 2, 5, np.nan], [3, 4, 6, 2])
    assert best[:3].tolist() == [2, 2, 1]
    assert worst[:3].tolist() == [3, 3, 1]
    assert np.isnan([best[3], worst[3]]).all()


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.3)), min_size=1, max_size=30))
def test_the_rank_of_the_estimate_is_among_the_ranks_possible(pairs):
    centre, half = np.array(pairs).T
    best, worst = rangs(centre - half, centre + half)
    strictly_above = (centre[None, :] > centre[:, None]).sum(axis=1)
    assert (best <= 1 + strictly_above).all()
    assert (worst >= 1 + strictly_above).all()
    assert ((best >= 1) & (worst <= len(pairs))).all()


def test_ten_intervals_hold_together_at_95_percent():
    assert confiance_simultanee(0.95, 10) ** 10 == pytest.approx(0.95)
    assert confiance_simultanee(0.95, 0) == 0.95


@pytest.mark.lent
def test_the_interval_of_the_difference_holds_the_truth():
    draws = np.random.default_rng(17)
    differences, ratios = [], []
    for n, m, share, other in [
        (60, 900, 0.1, 0.2),
        (200, 4_000, 0.05, 0.08),
        (500, 20_000, 0.3, 0.3),
        (2_000, 50_000, 0.15, 0.12),
        (8_000, 300_000, 0.02, 0.02),
    ]:
        a, b = draws.binomial(n, share, 20_000), draws.binomial(m, other, 20_000)
        low, high = difference_proportions(a, n, b, m)
        differences.append(np.mean((low <= share - other) & (share - other <= high)))
        a, b = draws.poisson(n * share, 20_000), draws.poisson(m * other, 20_000)
        low, high = rapport_taux(a, n, b, m)
        ratios.append(np.mean((low <= share / other) & (share / other <= high)))
    assert 0.94 <= np.mean(differences) <= 0.965
    assert 0.94 <= np.mean(ratios) <= 0.965
    assert min(differences + ratios) > 0.925


def fausses_alertes(reports, seed):
    """Share of reports with a false alarm, of communes drawn like their comparator: corrected, uncorrected.

    40 indicators a report, of the sizes of a commune, its quartiers and its CCAS activity.
    """
    draws = np.random.default_rng(seed)
    people = np.tile([40, 120, 400, 1_500, 6_000, 20_000, 70_000, 150_000], 5)
    share = np.repeat([0.01, 0.04, 0.12, 0.3, 0.6], 8)
    a = draws.binomial(people, share, size=(reports, 40))
    total = a + draws.binomial(30 * people, share, size=(reports, 40))
    comparison = comparer_proportions(a, people, *reste(a, people, total, 31 * people))
    corrected = apres_correction(comparison.position, benjamini_hochberg(comparison.p))
    return tuple(
        np.isin(states, ["au_dessus", "au_dessous"]).any(axis=1).mean()
        for states in (corrected, comparison.position)
    )


def test_of_100_communes_like_their_comparator_few_reports_raise_a_false_alarm():
    # Announced: 5 % of the reports; of 100, 11 or more would be one chance in a hundred.
    corrected, uncorrected = fausses_alertes(100, 10)
    assert corrected <= 0.10
    assert uncorrected > 0.5


@pytest.mark.lent
def test_of_1000_communes_like_their_comparator_few_reports_raise_a_false_alarm():
    # The announced rate: 5 % of the reports hold one difference or more that does not exist.
    corrected, uncorrected = fausses_alertes(1_000, 1_000)
    assert corrected <= 0.05
    assert uncorrected > 0.7


@pytest.mark.lent
def test_false_alarms_of_rates_stay_under_the_announced_rate():
    draws = np.random.default_rng(2_000)
    people = np.tile([200, 900, 4_000, 20_000], 5)
    rate = np.repeat([0.005, 0.02, 0.06, 0.2, 1.1], 4)
    a = draws.poisson(people * rate, size=(1_000, 20))
    b = draws.poisson(12 * people * rate, size=(1_000, 20))
    comparison = comparer_taux(a, people, b, 12 * people)
    corrected = apres_correction(comparison.position, benjamini_hochberg(comparison.p))
    assert np.isin(corrected, ["au_dessus", "au_dessous"]).any(axis=1).mean() <= 0.05


@pytest.mark.lent
def test_joint_ranks_hold_all_the_true_ranks():
    draws = np.random.default_rng(23)
    truth = np.linspace(0.1, 0.3, 15)
    confidence = confiance_simultanee(0.95, 15)
    held = []
    for _ in range(1_000):
        best, worst = rangs(*wilson(draws.binomial(800, truth), 800, confidence))
        rank = np.arange(15, 0, -1)
        held.append(((best <= rank) & (rank <= worst)).all())
    assert np.mean(held) >= 0.95


def test_byar_and_the_funnel_agree_on_who_is_out():
    low, high = byar(100)
    assert 1_000 * entonnoir_taux(low / 1_000, 1_000)[1] == pytest.approx(100, rel=1e-3)
    assert 1_000 * entonnoir_taux(high / 1_000, 1_000)[0] == pytest.approx(100, rel=1e-3)
