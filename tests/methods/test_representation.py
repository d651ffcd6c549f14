import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom

from pipeline.methods.comparaisons import MOTIF_REFERENCE, MOTIF_TERRITOIRE, Position
from pipeline.methods.intervalles import wilson
from pipeline.methods.representation import bornes_representation, representation

EFFECTIFS = st.integers(1, 500)


def test_the_index_is_one_share_over_the_other():
    # 30 of 120 helped are lone parents, 900 of 9 000 households are: (30/120) / (900/9 000)
    lu = representation(30, 120, 900, 9_000)
    assert lu.effet == pytest.approx(0.25 / 0.10)
    assert lu.position == Position.AU_DESSUS


def test_the_same_share_is_one_and_not_different():
    lu = representation(12, 120, 900, 9_000)
    assert lu.effet == pytest.approx(1)
    assert lu.position == Position.NON_DIFFERENT
    assert lu.borne_basse < 1 < lu.borne_haute


def test_few_persons_establish_nothing():
    # twice their weight, but 2 of 10: the interval holds 1
    assert representation(2, 10, 900, 9_000).position == Position.NON_DIFFERENT
    assert representation(200, 1_000, 900, 9_000).position == Position.AU_DESSUS


def test_a_kind_that_nobody_sees_at_the_counter_is_below():
    lu = representation(0, 120, 900, 9_000)
    assert lu.effet == lu.borne_basse == 0
    # upper limit of 0/120 over lower limit of 900/9 000
    assert lu.borne_haute == pytest.approx(wilson(0, 120)[1] / wilson(900, 9_000)[0])
    assert lu.position == Position.AU_DESSOUS


def test_three_persons_all_of_one_kind_do_not_prove_it_is_over_represented():
    # Katz's variance 1/3 − 1/3 would be null; six inhabitants in ten are of this kind
    assert representation(3, 3, 6_000, 10_000).position == Position.NON_DIFFERENT


def test_on_large_counts_the_limits_are_those_of_katz():
    a, n, b, m = 800, 2_000, 30_000, 100_000
    ecart = 1.959964 * math.sqrt(1 / a - 1 / n + 1 / b - 1 / m)
    bas, haut = bornes_representation(a, n, b, m)
    assert bas == pytest.approx((a / n) / (b / m) * math.exp(-ecart), rel=2e-3)
    assert haut == pytest.approx((a / n) / (b / m) * math.exp(ecart), rel=2e-3)


@pytest.mark.parametrize(
    ("comptes", "motif"),
    [
        ((0, 0, 900, 9_000), MOTIF_TERRITOIRE),
        ((5, 4, 900, 9_000), MOTIF_TERRITOIRE),
        ((-1, 4, 900, 9_000), MOTIF_TERRITOIRE),
        ((np.nan, 4, 900, 9_000), MOTIF_TERRITOIRE),
        ((3, 10, 0, 9_000), MOTIF_REFERENCE),
        ((3, 10, 900, 0), MOTIF_REFERENCE),
        ((3, 10, 900, 800), MOTIF_REFERENCE),
        ((3, 10, np.nan, 9_000), MOTIF_REFERENCE),
    ],
)
def test_an_index_that_does_not_exist_says_why(comptes, motif):
    lu = representation(*comptes)
    assert np.isnan([lu.effet, lu.borne_basse, lu.borne_haute]).all()
    assert (lu.position, lu.motif) == (Position.NE_SE_COMPARE_PAS, motif)


def test_kinds_are_measured_together_row_by_row():
    lu = representation([30, 90], 120, [900, 8_100], 9_000)
    assert lu.effet == pytest.approx([2.5, 0.75 / 0.9])
    assert list(lu.position) == [Position.AU_DESSUS, Position.AU_DESSOUS]


@given(a=EFFECTIFS, b=EFFECTIFS, c=EFFECTIFS, d=EFFECTIFS)
def test_exchanging_the_two_populations_inverts_the_index_and_its_limits(a, b, c, d):
    direct = representation(a, a + b, c, c + d)
    inverse = representation(c, c + d, a, a + b)
    assert direct.effet == pytest.approx(1 / inverse.effet)
    assert direct.borne_basse == pytest.approx(1 / inverse.borne_haute)
    assert direct.borne_basse <= direct.effet <= direct.borne_haute


@given(aides=st.lists(EFFECTIFS, min_size=2, max_size=6), data=st.data())
def test_the_indices_of_all_kinds_weighted_by_the_population_make_one(aides, data):
    habitants = data.draw(st.lists(EFFECTIFS, min_size=len(aides), max_size=len(aides)))
    indices = representation(aides, sum(aides), habitants, sum(habitants)).effet
    assert np.sum(indices * np.array(habitants) / sum(habitants)) == pytest.approx(1)


@given(a=EFFECTIFS, autres=EFFECTIFS, b=EFFECTIFS, reste=EFFECTIFS)
def test_the_index_is_the_coverage_of_a_kind_over_that_of_everybody(a, autres, b, reste):
    assume(a <= b and a + autres <= b + reste)
    couverture, ensemble = 1_000 * a / b, 1_000 * (a + autres) / (b + reste)
    assert representation(a, a + autres, b, b + reste).effet == pytest.approx(couverture / ensemble)


@pytest.mark.parametrize(("aides", "part"), [(20, 0.3), (60, 0.1), (60, 0.5), (300, 0.05)])
def test_a_kind_with_the_weight_of_the_population_is_declared_different_about_once_in_twenty(aides, part):
    # every possible count of those helped, with its probability; the population is a whole census
    comptes = np.arange(aides + 1)
    bas, haut = bornes_representation(comptes, aides, part * 1e6, 1e6)
    juste = binom.pmf(comptes, aides, part)[(bas <= 1) & (haut >= 1)].sum()
    assert 0.93 < juste < 0.985
