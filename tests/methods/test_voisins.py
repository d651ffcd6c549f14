import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.methods.refus import Refus
from pipeline.methods.voisins import sensibilite, standardiser, voisins

VARIABLES = ["log_population", "part_75_plus"]
#            target  near    far     nearest  missing
PROFILS = [[9.0, 10], [9.2, 12], [12, 30], [9.1, 10], [9.0, np.nan]]
TOUS = np.ones(5, dtype=bool)


def test_a_standardised_variable_has_mean_0_and_standard_deviation_1():
    z = standardiser([[1, 5], [2, 5], [3, 11]], ["a", "b"])
    assert z[:, 0] == pytest.approx(np.array([-1, 0, 1]) * np.sqrt(1.5))
    assert z[:, 1] == pytest.approx(np.array([-1, -1, 2]) / np.sqrt(2))


def test_only_small_places_are_truncated_at_three():
    profiles = np.array([[0.0]] * 30 + [[1.0], [1.0]])
    z = standardiser(profiles, ["taux"], small=[False] * 31 + [True])
    # mean 2/32, variance (2/32)(30/32): z = (30/32)/√0.05859 = 3.873
    assert z[30, 0] == pytest.approx(3.873, abs=1e-3)
    assert z[31, 0] == 3


@pytest.mark.parametrize("column", [[7, 7, 7], [np.nan, np.nan, np.nan], [7, np.nan, 7]])
def test_a_variable_that_distinguishes_nobody_is_refused_by_name(column):
    with pytest.raises(Refus, match="« part_hlm » ne distingue aucun territoire"):
        standardiser(np.column_stack([[1, 2, 3], column]), ["a", "part_hlm"])


def test_a_name_a_variable():
    with pytest.raises(Refus, match="une valeur, même manquante, par variable"):
        standardiser([[1, 2], [3, 4]], ["a"])


def test_neighbours_come_nearest_first_without_the_territory_itself():
    z = standardiser(PROFILS, VARIABLES)
    found = voisins(z, 0, TOUS, 3)
    assert found.rangs.tolist() == [4, 3, 1]
    assert found.distances[1] == pytest.approx(abs(z[3, 0] - z[0, 0]) / np.sqrt(2))
    assert (np.diff(found.distances) >= 0).all()
    assert (found.relatives <= 1).all()


def test_a_candidate_out_of_the_class_is_not_a_neighbour():
    z = standardiser(PROFILS, VARIABLES)
    assert voisins(z, 0, [True, True, True, True, False], 2).rangs.tolist() == [3, 1]


def test_profiles_that_share_less_than_half_the_variables_do_not_compare():
    z = np.array([[0, 0, 0.0], [0, np.nan, np.nan], [9, 9, 9]])
    assert voisins(z, 0, [True] * 3, 1).rangs.tolist() == [2]


def test_a_weight_of_zero_ignores_the_variable():
    z = np.array([[0, 0.0], [0, 5], [1, 0]])
    assert voisins(z, 0, [True] * 3, 1).rangs.tolist() == [2]
    assert voisins(z, 0, [True] * 3, 1, weights=[1, 0]).rangs.tolist() == [1]


def test_equal_distances_keep_the_order_of_the_rows():
    z = np.array([[0.0], [1], [-1], [1]])
    assert voisins(z, 0, [True] * 4, 3).rangs.tolist() == [1, 2, 3]


def test_identical_territories_are_at_distance_zero():
    found = voisins(np.zeros((3, 2)), 0, [True] * 3, 2)
    assert found.distances.tolist() == [0, 0]
    assert found.relatives.tolist() == [0, 0]


def test_too_few_candidates_say_how_many_there_are():
    with pytest.raises(Refus, match="Seuls 2 territoires se comparent à celui-ci, pour 3 voisins"):
        voisins(standardiser(PROFILS, VARIABLES), 0, [True, True, True, False, False], 3)


def test_sensitivity_is_the_share_of_neighbours_kept():
    # Without b, row 1 replaces row 2; without a, the same nearest one stays.
    z = np.array([[0, 0.0], [0, 5], [1, 0], [9, 9]])
    kept = sensibilite(z, ["a", "b"], 0, [True] * 4, 1)
    assert [(row.variable, row.part_conservee) for row in kept] == [("a", 1), ("b", 0)]
    with pytest.raises(Refus, match="au moins deux variables"):
        sensibilite(z[:, :1], ["a"], 0, [True] * 4, 1)


@given(
    st.lists(
        st.lists(st.integers(0, 1_000), min_size=3, max_size=3), min_size=6, max_size=20, unique_by=tuple
    ),
    st.integers(1, 1_000),
)
def test_changing_the_unit_of_a_variable_changes_no_neighbour(profiles, factor):
    table = np.array(profiles, dtype=float)
    assume(min(np.unique(column).size for column in table.T) >= 2)
    everyone = np.ones(len(table), dtype=bool)
    base = voisins(standardiser(table, "abc"), 0, everyone, 4)
    scaled = voisins(standardiser(table * [factor, 1, 1], "abc"), 0, everyone, 4)
    assert scaled.distances == pytest.approx(base.distances)
