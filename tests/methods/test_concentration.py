import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student

from pipeline.methods.concentration import (
    bornes_gini,
    bornes_premiers,
    dissimilarite,
    dissimilarite_hasard,
    gini,
    lorenz,
    part_des_premiers,
)
from pipeline.methods.refus import Refus

AMOUNTS = st.lists(st.integers(0, 5_000), min_size=20, max_size=80).filter(any)


def test_dissimilarity_by_hand():
    # Shares 200/650, 150/650, 300/650 against 300/750, 250/750, 200/750: ½·Σ|…| = 0.1949.
    gaps = abs(200 / 650 - 300 / 750), abs(150 / 650 - 250 / 750), abs(300 / 650 - 200 / 750)
    assert dissimilarite([200, 150, 300], [300, 250, 200]) == pytest.approx(sum(gaps) / 2)
    assert sum(gaps) / 2 == pytest.approx(0.1949, abs=1e-4)


def test_groups_spread_alike_are_at_zero_and_apart_at_one():
    assert dissimilarite([20, 40, 60], [50, 100, 150]) == pytest.approx(0)
    assert dissimilarite([100, 0], [0, 100]) == 1


@given(st.lists(st.tuples(st.integers(10, 500), st.integers(10, 500)), min_size=2, max_size=30))
def test_dissimilarity_is_symmetric_and_lower_on_merged_places(places):
    a, b = np.array(places, dtype=float).T
    index = dissimilarite(a, b)
    assert 0 <= index <= 1
    assert dissimilarite(b, a) == pytest.approx(index)
    if len(places) > 2:
        merged = [np.append(x[2:], x[:2].sum()) for x in (a, b)]
        assert dissimilarite(*merged) <= index + 1e-12


def test_a_place_without_figures_is_left_out():
    assert dissimilarite([100, np.nan, 0], [0, 50, 100]) == 1


def test_a_small_group_is_refused():
    with pytest.raises(Refus, match="au moins 10 personnes de chaque groupe"):
        dissimilarite([10, 9], [100, 100])


@pytest.mark.parametrize(
    ("group", "others"), [([5], [5]), ([0, 0], [5, 5]), ([5, -1], [5, 5]), ([5, 5], [0, 0])]
)
def test_two_groups_in_two_places_at_least(group, others):
    with pytest.raises(Refus, match="deux lieux et deux groupes"):
        dissimilarite(group, others)


def test_chance_alone_gives_the_index_expected():
    draws = np.random.default_rng(47)
    people = draws.integers(100, 900, 40)
    found = []
    for _ in range(400):
        group = draws.binomial(people, 0.2)
        found.append(dissimilarite(group, people - group))
    group = 0.2 * people
    assert np.mean(found) == pytest.approx(dissimilarite_hasard(group, people - group), rel=0.03)


def test_gini_of_twenty_amounts_by_hand():
    # 1 to n: G = (n − 1)/3n for n individuals.
    assert gini(range(1, 21)) == pytest.approx(19 / 60)


def test_equal_amounts_are_at_zero_and_one_holder_near_one():
    assert gini([50] * 30) == pytest.approx(0)
    assert gini([0] * 29 + [50]) == pytest.approx(29 / 30)


@given(AMOUNTS)
def test_gini_is_half_the_mean_difference_over_the_mean(amounts):
    # Independent form: Gini 1912, Σ|x − y| / 2n²μ.
    x = np.array(amounts, dtype=float)
    difference = np.abs(x[:, None] - x[None, :]).sum() / (2 * x.size**2 * x.mean())
    assert gini(x) == pytest.approx(difference, abs=1e-9)


@given(AMOUNTS, st.integers(2, 9))
def test_the_currency_does_not_change_concentration(amounts, factor):
    assert gini([factor * x for x in amounts]) == pytest.approx(gini(amounts), abs=1e-12)


def test_lorenz_curve_by_hand():
    people, held = lorenz([1] * 10 + [3] * 10)
    assert people[[0, 10, 20]] == pytest.approx([0, 0.5, 1])
    assert held[[0, 10, 20]] == pytest.approx([0, 10 / 40, 1])


def test_the_first_tenth_holds():
    # 2 of 20 hold 2·30 of 2·30 + 18·10 = 240.
    assert part_des_premiers([10] * 18 + [30] * 2) == pytest.approx(60 / 240)
    # a tenth of 21 is three, whole beneficiaries: 2·30 + 10 of 250
    assert part_des_premiers([10] * 19 + [30] * 2) == pytest.approx(70 / 250)
    with pytest.raises(Refus, match="comprise entre 0 et 1"):
        part_des_premiers([10] * 20, share=10)


def test_nineteen_beneficiaries_are_too_few():
    with pytest.raises(Refus, match="au moins 20 bénéficiaires : il y en a 19"):
        gini([10] * 19 + [np.nan])


@pytest.mark.parametrize("amounts", [[-1] + [5] * 20, [0] * 20])
def test_negative_or_absent_amounts_are_refused(amounts):
    with pytest.raises(Refus, match="montants positifs"):
        gini(amounts)


def one_by_one(amounts, index):
    """The interval of the log odds, the index being computed again without each beneficiary."""
    n, full = len(amounts), index(amounts)
    without = [index(np.delete(amounts, rank)) for rank in range(n)]
    error = math.sqrt((n - 1) / n * sum((one - np.mean(without)) ** 2 for one in without))
    half = student.ppf(0.975, n - 1) * error / (full * (1 - full))
    return tuple(1 / (1 + (1 - full) / full * math.exp(sign * half)) for sign in (1, -1))


AMOUNTS_300 = [50 + 17 * rank % 211 + rank**2 // 100 for rank in range(300)]


@given(st.permutations(range(1, 26)), st.integers(0, 3))
def test_the_interval_of_a_gini_is_that_of_leaving_out_each_beneficiary(amounts, doubled):
    amounts = [*amounts, *amounts[:doubled]]
    assert bornes_gini(amounts) == pytest.approx(one_by_one(amounts, gini))


@pytest.mark.parametrize("size", [291, 299, 300])
def test_the_interval_of_the_first_tenth_is_that_of_leaving_out_each_beneficiary(size):
    amounts = AMOUNTS_300[:size]
    assert bornes_premiers(amounts) == pytest.approx(one_by_one(amounts, part_des_premiers))


def test_under_thirty_in_the_tenth_there_is_no_interval_of_what_it_holds():
    # a tenth of 290 is twenty-nine
    assert np.isnan(bornes_premiers(AMOUNTS_300[:290])).all()
    assert np.isfinite(bornes_premiers(AMOUNTS_300[:291])).all()


def test_equal_amounts_show_no_variance():
    assert np.isnan(bornes_gini([50] * 40)).all()


@pytest.mark.lent
@pytest.mark.parametrize(
    ("law", "index", "bounds", "size", "expected"),
    [
        (lambda draws, size: draws.gamma(3, 1, size), gini, bornes_gini, 100, 0.94),
        (lambda draws, size: draws.exponential(1, size), gini, bornes_gini, 100, 0.94),
        # amounts as spread as these are the hardest: the page on methods says so
        (lambda draws, size: draws.lognormal(0, 0.8, size), gini, bornes_gini, 100, 0.91),
        (lambda draws, size: draws.lognormal(0, 0.8, size), part_des_premiers, bornes_premiers, 300, 0.91),
        (lambda draws, size: draws.gamma(3, 1, size), part_des_premiers, bornes_premiers, 300, 0.94),
    ],
)
def test_an_interval_of_concentration_holds_the_truth_nearly_as_often_as_it_says(
    law, index, bounds, size, expected
):
    draws = np.random.default_rng(41)
    truth = index(law(draws, 2_000_000))
    found = [low <= truth <= high for low, high in (bounds(law(draws, size)) for _ in range(4_000))]
    assert np.mean(found) == pytest.approx(expected, abs=0.015)
