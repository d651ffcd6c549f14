import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.methods.refus import Refus
from pipeline.methods.segregation import (
    dissimilarite,
    dissimilarite_hasard,
)


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
