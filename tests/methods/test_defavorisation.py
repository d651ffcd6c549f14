import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.methods.defavorisation import (
    POIDS_EDI,
    SENS_FDEP,
    edi,
    fdep,
    quintiles_population,
    score_ensemble,
)
from pipeline.methods.refus import Refus


def communes(count=200, noise=0.5, seed=1):
    """Variables of FDep driven by one hidden deprivation, and the populations."""
    draws = np.random.default_rng(seed)
    hidden = draws.normal(size=count)
    variables = {
        name: 20 + 3 * (sign * hidden + noise * draws.normal(size=count)) for name, sign in SENS_FDEP.items()
    }
    return variables, draws.integers(200, 50_000, count), hidden


def test_fdep_finds_the_hidden_deprivation():
    variables, population, hidden = communes()
    axis = fdep(variables, population)
    assert np.corrcoef(axis.scores, hidden)[0, 1] > 0.95
    # Four variables of variance 1 + 0.25 with common covariance 1: (1.25 + 3) / 5 = 85 %.
    assert axis.part_variance == pytest.approx(0.85, abs=0.04)


def test_a_high_score_is_poor_and_the_loadings_say_so():
    variables, population, _ = communes()
    axis = fdep(variables, population)
    assert {name: np.sign(value) for name, value in axis.saturations.items()} == SENS_FDEP
    assert sum(value**2 for value in axis.coefficients.values()) == pytest.approx(1)


def test_the_scores_are_the_first_component_of_replicated_inhabitants():
    # Independent: unweighted singular values of a table with one row per inhabitant.
    variables, _, _ = communes(count=12, seed=3)
    population = np.array([1, 2, 3, 1, 4, 2, 1, 1, 5, 2, 3, 1])
    table = np.repeat(np.column_stack(list(variables.values())), population, axis=0)
    z = (table - table.mean(axis=0)) / table.std(axis=0)
    _, singular, right = np.linalg.svd(z, full_matrices=False)
    axis = fdep(variables, population)
    assert np.abs(np.repeat(axis.scores, population)) == pytest.approx(np.abs(z @ right[0]))
    assert axis.part_variance == pytest.approx(singular[0] ** 2 / np.sum(singular**2))
    mean = np.average(axis.scores, weights=population)
    assert mean == pytest.approx(0, abs=1e-12)


def test_loadings_are_the_correlations_with_the_score():
    variables, _, _ = communes()
    axis = fdep(variables, np.ones(200))
    for name, values in variables.items():
        assert np.corrcoef(values, axis.scores)[0, 1] == pytest.approx(axis.saturations[name])


def test_a_commune_with_a_missing_variable_or_nobody_has_no_score_and_no_influence():
    variables, population, _ = communes()
    kept = fdep({name: values[2:] for name, values in variables.items()}, population[2:])
    variables["revenu_median"][0] = np.nan
    population[1] = 0
    axis = fdep(variables, population)
    assert np.isnan(axis.scores[0])
    assert axis.scores[2:] == pytest.approx(kept.scores)


def test_an_axis_that_opposes_income_to_diplomas_is_refused():
    variables, population, _ = communes()
    variables["part_bacheliers"] = -variables["part_bacheliers"]
    with pytest.raises(Refus, match=r"n'est pas un axe de défavorisation.*en cause : part_bacheliers"):
        fdep(variables, population)


def test_four_variables_that_say_four_things_are_refused():
    variables, population, _ = communes(noise=1.8, count=3_000)
    # (1 + 3.24 + 3) / (4 · 4.24) = 43 %
    with pytest.raises(Refus, match=r"ne porte que 4\d % de la variance"):
        fdep(variables, population)


def test_fdep_of_nine_places_is_refused():
    variables, population, _ = communes(count=9)
    with pytest.raises(Refus, match="au moins 10 lieux complets : il y en a 9"):
        fdep(variables, population)


def test_fdep_with_another_variable_is_refused():
    variables, population, _ = communes()
    variables["gini"] = variables.pop("revenu_median")
    with pytest.raises(Refus, match="exactement ces variables : revenu_median"):
        fdep(variables, population)


def test_fdep_with_a_constant_variable_is_refused_by_name():
    variables, population, _ = communes()
    variables["part_ouvriers"] = np.full(200, 20.0)
    with pytest.raises(Refus, match="« part_ouvriers » est la même partout"):
        fdep(variables, population)


@given(st.floats(0.1, 1_000), st.floats(-1_000, 1_000))
def test_the_currency_of_the_income_does_not_matter(factor, shift):
    variables, population, _ = communes()
    base = fdep(variables, population)
    variables["revenu_median"] = variables["revenu_median"] * factor + shift
    assert fdep(variables, population).scores == pytest.approx(base.scores, abs=1e-6)


def test_the_weights_of_the_french_edi_are_the_published_ones():
    # Pornet et al. 2012, table 5.
    published = [0.11, 0.34, 0.55, 0.47, 0.23, 0.52, 0.37, 0.45, 0.19, 0.41]
    assert list(POIDS_EDI.values()) == published


def test_edi_by_hand_on_two_places():
    # Two places: every standardised share is −1 and +1; the score is the sum of the weights, 3.64.
    shares = {name: [0.1, 0.3] for name in POIDS_EDI}
    assert edi(shares) == pytest.approx([-3.64, 3.64])
    shares["part_non_proprietaires"] = [0.3, 0.1]
    assert edi(shares) == pytest.approx([-3.64 + 2 * 0.55, 3.64 - 2 * 0.55])


def test_a_place_with_a_missing_share_has_no_edi_and_no_influence():
    shares = {name: [0.1, 0.3, 0.9] for name in POIDS_EDI}
    shares["part_sans_voiture"] = [0.1, 0.3, np.nan]
    scores = edi(shares)
    assert scores[:2] == pytest.approx([-3.64, 3.64])
    assert np.isnan(scores[2])


def test_edi_without_its_ten_variables_or_their_spread_is_refused():
    shares = {name: [0.1, 0.3] for name in POIDS_EDI}
    with pytest.raises(Refus, match="« part_etrangers » est la même partout"):
        edi(shares | {"part_etrangers": [0.2, 0.2]})
    with pytest.raises(Refus, match="exactement ces variables"):
        edi({"part_etrangers": [0.1, 0.3]})
    with pytest.raises(Refus, match="est la même partout"):
        edi({name: [np.nan, np.nan] for name in POIDS_EDI})


def test_quintiles_hold_a_fifth_of_the_people_not_of_the_places():
    # Median inhabitants at 40 %, 85 %, 95 %: the large favoured place is quintile 3 by itself.
    assert quintiles_population([1, 2, 3], [80, 10, 10]).tolist() == [3, 5, 5]
    assert quintiles_population([1, 2, 3, 4, 5], [10] * 5).tolist() == [1, 2, 3, 4, 5]


def test_the_fifth_quintile_is_the_most_deprived_whatever_the_order_of_the_rows():
    assert quintiles_population([5, 1, 3, 2, 4], [10] * 5).tolist() == [5, 1, 3, 2, 4]


def test_equal_scores_share_a_quintile_and_missing_ones_have_none():
    result = quintiles_population([1, 1, np.nan, 2, 3], [10, 10, 10, 10, 0])
    assert result[0] == result[1]
    assert np.isnan(result[[2, 4]]).all()


def test_quintiles_of_nobody_are_refused():
    with pytest.raises(Refus, match="au moins un lieu habité"):
        quintiles_population([1, np.nan], [0, 50])


@given(st.lists(st.tuples(st.floats(-5, 5), st.integers(1, 100)), min_size=200, max_size=300))
def test_each_quintile_holds_about_a_fifth_of_the_inhabitants(places):
    scores, people = np.array(places).T
    scores = scores + np.arange(len(places)) * 1e-9  # no ties
    result = quintiles_population(scores, people)
    shares = np.array([people[result == k].sum() for k in range(1, 6)]) / people.sum()
    assert shares == pytest.approx(0.2, abs=2 * 100 / people.sum())
    assert (np.diff(result[np.argsort(scores)]) >= 0).all()


def test_the_score_of_a_zone_is_the_mean_of_its_inhabitants():
    assert score_ensemble([1, 4, np.nan], [300, 100, 50]) == pytest.approx((300 * 1 + 100 * 4) / 400)
    assert np.isnan(score_ensemble([np.nan, 2], [10, 0]))
