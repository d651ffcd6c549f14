import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.methods.refus import Refus
from pipeline.methods.typologie import rand_ajuste, silhouette, traits, typologie

VARIABLES = ["part_75_plus", "part_familles", "revenu"]


def quartiers(sizes=(12, 8, 5), spread=0.25, seed=53):
    """Three kinds of quartiers around known centres, and the kind of each."""
    draws = np.random.default_rng(seed)
    centres = np.array([[2.0, -1, 0], [-1, 2, 0.5], [0, -1, -2.5]])
    kinds = np.repeat(np.arange(len(sizes)), sizes)
    return centres[kinds] + spread * draws.normal(size=(kinds.size, 3)), kinds


def test_three_kinds_of_quartiers_are_found_from_the_largest():
    z, kinds = quartiers()
    found = typologie(z)
    assert found.classes.tolist() == kinds.tolist()
    assert found.silhouette > 0.7
    assert found.stabilite > 0.8


def test_the_centre_of_a_class_is_its_mean_profile():
    z, kinds = quartiers()
    assert typologie(z).centres[2] == pytest.approx(z[kinds == 2].mean(axis=0))


def test_a_class_is_named_by_what_sets_it_apart():
    z, _ = quartiers()
    named = traits(typologie(z), VARIABLES)
    assert [trait.variable for trait in named[0]] == ["part_75_plus", "part_familles"]
    assert named[0][0].ecart > 1.5
    assert named[2][0].variable == "revenu"
    assert named[2][0].ecart < -2


@given(st.permutations(range(25)))
def test_the_order_of_the_places_does_not_change_their_classes(order):
    z, kinds = quartiers()
    found = typologie(z[list(order)])
    assert found.classes.tolist() == kinds[list(order)].tolist()


def test_the_same_profiles_give_the_same_bytes():
    z, _ = quartiers()
    assert typologie(z).centres.tobytes() == typologie(z.copy()).centres.tobytes()


def test_a_cloud_without_classes_is_refused():
    z = np.random.default_rng(59).normal(size=(60, 6))
    with pytest.raises(Refus, match="ne se regroupent pas en classes nettes"):
        typologie(z)


def test_five_places_are_too_few():
    with pytest.raises(Refus, match="au moins 6 lieux : il y en a 5"):
        typologie(np.arange(10.0).reshape(5, 2))


def test_a_missing_value_is_refused():
    z, _ = quartiers()
    z[3, 1] = np.nan
    with pytest.raises(Refus, match="profils complets"):
        typologie(z)


def test_one_variable_has_no_stability_to_measure():
    z = np.array([[0.0], [0.1], [0.2], [5], [5.1], [5.2]])
    found = typologie(z)
    assert found.classes.tolist() == [0, 0, 0, 1, 1, 1]
    assert np.isnan(found.stabilite)


def test_silhouette_by_hand():
    # Points 0, 1 | 5, 6: for 0, a = 1 and b = (5 + 6)/2; for 1, a = 1 and b = (4 + 5)/2.
    z = np.array([[0.0], [1], [5], [6]])
    widths = silhouette(z, np.array([0, 0, 1, 1]))
    assert widths == pytest.approx([4.5 / 5.5, 3.5 / 4.5, 3.5 / 4.5, 4.5 / 5.5])


def test_a_place_alone_in_its_class_has_a_silhouette_of_zero():
    z = np.array([[0.0], [1], [9]])
    assert silhouette(z, np.array([0, 0, 1]))[2] == 0


def test_adjusted_rand_by_hand():
    # Contingency [[2, 1], [0, 3]]: pairs together 1 + 3 = 4, rows 3 + 3, columns 1 + 6, all 15;
    # (4 − 42/15) / (13/2 − 42/15).
    first, second = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 1, 1])
    assert rand_ajuste(first, second) == pytest.approx((4 - 42 / 15) / (6.5 - 42 / 15))


@given(st.lists(st.integers(0, 3), min_size=4, max_size=40))
def test_renumbered_classes_are_the_same_classes(labels):
    classes = np.array(labels)
    assert rand_ajuste(classes, 3 - classes) == pytest.approx(1)


def test_two_distant_groups_are_those_of_the_tree_cut_by_scipy():
    from scipy.cluster.hierarchy import fcluster, ward

    z = np.vstack([np.zeros((6, 2)), np.full((4, 2), 9.0)]) + np.linspace(0, 1, 20).reshape(10, 2)
    assert rand_ajuste(typologie(z).classes, fcluster(ward(z), 2, "maxclust") - 1) == 1
