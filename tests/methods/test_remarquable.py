import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.methods.remarquable import (
    Classe,
    Constat,
    certitude,
    ecart,
    part_des_personnes,
    remarque,
    remarques,
)

PAUVRETE = Constat(
    indicateur="pauvrete",
    position="au_dessus",
    evolution="en_hausse",
    favorable=False,
    valeur=0.20,
    reference=0.15,
    q=0.01,
    personnes=500,
    population=20_000,
)


def constat(**changes):
    return dataclasses.replace(PAUVRETE, **changes)


@pytest.mark.parametrize(
    ("position", "evolution", "favorable", "classe"),
    [
        ("au_dessus", "en_hausse", False, Classe.DEFAVORABLE_ET_S_AGGRAVE),
        ("au_dessous", "en_baisse", True, Classe.DEFAVORABLE_ET_S_AGGRAVE),
        ("au_dessus", "en_baisse", False, Classe.DEFAVORABLE),
        ("au_dessus", "indetermine", False, Classe.DEFAVORABLE),
        ("non_different", "en_hausse", False, Classe.S_AGGRAVE),
        ("au_dessous", "en_hausse", False, Classe.S_AGGRAVE),
        ("ne_se_compare_pas", "en_hausse", False, Classe.S_AGGRAVE),
        ("au_dessus", "en_hausse", None, Classe.DIFFERENT),
        ("non_different", "en_hausse", None, Classe.RIEN_D_ETABLI),
        ("au_dessous", "stable", False, Classe.FAVORABLE),
        ("au_dessus", "en_hausse", True, Classe.FAVORABLE),
        ("non_different", "stable", False, Classe.RIEN_D_ETABLI),
        ("ne_se_compare_pas", "indetermine", True, Classe.RIEN_D_ETABLI),
    ],
)
def test_the_class_says_what_is_bad_and_whether_it_worsens(position, evolution, favorable, classe):
    assert remarque(constat(position=position, evolution=evolution, favorable=favorable)).classe == classe


def test_the_score_is_the_mean_of_the_three_components_shown():
    row = remarque(PAUVRETE)
    assert row.ecart == pytest.approx(math.log2(0.20 / 0.15))
    assert row.certitude == pytest.approx(math.log(0.01) / math.log(0.001))
    assert row.personnes == pytest.approx(500 / 20_000 / 0.05)
    assert row.score == pytest.approx((row.ecart + row.certitude + row.personnes) / 3)


def test_a_component_that_is_not_measured_does_not_count():
    row = remarque(constat(personnes=math.nan))
    assert math.isnan(row.personnes)
    assert row.score == pytest.approx((row.ecart + row.certitude) / 2)
    assert remarque(constat(personnes=math.nan, q=math.nan, valeur=-1)).score == 0


@pytest.mark.parametrize(
    ("value", "reference", "size"),
    [(2, 1, 1), (1, 2, 1), (5, 1, 1), (1, 1, 0), (0, 3, 1), (3, 0, 1), (0, 0, 0), (math.sqrt(2), 1, 0.5)],
)
def test_a_gap_of_one_is_twice_or_half_the_reference(value, reference, size):
    assert ecart(value, reference) == pytest.approx(size)


@pytest.mark.parametrize(("value", "reference"), [(-1, 2), (2, -1), (math.nan, 1), (1, math.nan)])
def test_a_negative_or_missing_value_has_no_relative_gap(value, reference):
    assert math.isnan(ecart(value, reference))


@pytest.mark.parametrize(("q", "size"), [(1, 0), (0.001, 1), (0, 1), (0.0316227766, 0.5)])
def test_certainty_grows_with_each_digit_of_q(q, size):
    assert certitude(q) == pytest.approx(size)


@pytest.mark.parametrize(
    ("people", "population", "size"), [(0, 100, 0), (5, 100, 1), (50, 100, 1), (1, 100, 0.2)]
)
def test_five_inhabitants_in_a_hundred_weigh_fully(people, population, size):
    assert part_des_personnes(people, population) == pytest.approx(size)


@pytest.mark.parametrize(("people", "population"), [(math.nan, 100), (5, 0), (-5, 100)])
def test_people_that_cannot_be_counted_are_not_weighed(people, population):
    assert math.isnan(part_des_personnes(people, population))
    assert math.isnan(certitude(math.nan))


def test_what_is_bad_and_worsens_comes_before_what_is_only_large():
    small = constat(indicateur="petit", valeur=0.151, personnes=1, q=0.04)
    large = constat(indicateur="grand", evolution="stable", valeur=0.60, q=0)
    assert [row.indicateur for row in remarques([large, small])] == ["petit", "grand"]


def test_within_a_class_the_surest_and_largest_come_first_and_ties_are_alphabetical():
    rows = remarques([constat(indicateur="b"), constat(indicateur="c", valeur=0.3), constat(indicateur="a")])
    assert [row.indicateur for row in rows] == ["c", "a", "b"]


@given(value=st.floats(0, 1), q=st.floats(0, 1), people=st.floats(0, 1e6), reference=st.floats(0, 1))
def test_every_component_lies_between_0_and_1(value, q, people, reference):
    row = remarque(constat(valeur=value, q=q, personnes=people, reference=reference))
    for part in (row.ecart, row.certitude, row.personnes, row.score):
        assert 0 <= part <= 1


@given(st.permutations([constat(indicateur=name, valeur=0.15 + i / 50) for i, name in enumerate("abcde")]))
def test_the_order_of_arrival_does_not_matter(constats):
    assert [row.indicateur for row in remarques(constats)] == ["e", "d", "c", "b", "a"]
