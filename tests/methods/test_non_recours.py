import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.methods.non_recours import OrdreDeGrandeur, non_recourants
from pipeline.methods.refus import Refus


def test_the_national_count_of_the_drees_is_found_again():
    # 325 700 single persons have the minimum vieillesse, 321 200 do without: Dossier 97, May 2022
    taux = 321_200 / 646_800
    lu = non_recourants(325_700, taux, taux)
    assert (lu.bas, lu.haut) == (300_000, 400_000)


def test_the_range_goes_from_the_low_rate_to_the_high_one():
    # 1 000 × 0,20 / 0,80 = 250 and 1 000 × 0,36 / 0,64 = 562,5
    assert non_recourants(1_000, 0.20, 0.36) == OrdreDeGrandeur(200, 600)


@pytest.mark.parametrize(
    ("beneficiaires", "bas", "haut"),
    [(100, 100, 150), (149, 100, 150), (150, 150, 200), (199, 150, 200), (200, 200, 300), (999, 900, 1_000)],
)
def test_a_first_digit_of_one_is_cut_in_two(beneficiaires, bas, haut):
    # as many without as with: half of those entitled
    assert non_recourants(beneficiaires, 0.5, 0.5) == OrdreDeGrandeur(bas, haut)


def test_one_national_rate_still_makes_a_range():
    # 1 000 × 0,5 / 0,5 = 1 000, exactly
    assert non_recourants(1_000, 0.5, 0.5) == OrdreDeGrandeur(1_000, 1_500)


def test_the_range_is_written_in_words_that_are_no_count():
    assert str(non_recourants(1_000, 0.20, 0.36)) == "de l’ordre de 200 à\u00a0600"
    assert str(OrdreDeGrandeur(9_000, 20_000)) == "de l’ordre de 9\u202f000 à\u00a020\u202f000"


@pytest.mark.parametrize("taux", [(None, None), (None, 0.3), (0.3, None)])
def test_a_right_without_a_national_rate_has_no_estimate(taux):
    with pytest.raises(Refus, match="pas de taux de non-recours national"):
        non_recourants(1_000, *taux)


@pytest.mark.parametrize("taux", [(-0.1, 0.3), (0.3, 0.2), (0.3, 1.0), (34, 36), (float("nan"), 0.3)])
def test_what_is_no_rate_is_refused(taux):
    with pytest.raises(Refus, match="entre 0 et 1"):
        non_recourants(1_000, *taux)


@pytest.mark.parametrize("beneficiaires", [-1, float("nan"), float("inf")])
def test_what_is_no_count_of_beneficiaries_is_refused(beneficiaires):
    with pytest.raises(Refus, match="nombre de bénéficiaires"):
        non_recourants(beneficiaires, 0.2, 0.4)


@pytest.mark.parametrize("beneficiaires", [0, 12, 39])
def test_a_handful_of_persons_has_no_order_of_magnitude(beneficiaires):
    # 39 × 0,2 / 0,8 = 9,75
    with pytest.raises(Refus, match="Trop peu"):
        non_recourants(beneficiaires, 0.2, 0.4)


def test_ten_persons_have_one():
    # 40 × 0,2 / 0,8 = 10; 40 × 0,4 / 0,6 = 26,7
    assert non_recourants(40, 0.2, 0.4) == OrdreDeGrandeur(10, 30)


@given(
    beneficiaires=st.integers(50, 10**7),
    taux=st.lists(st.floats(0.2, 0.9), min_size=2, max_size=2).map(sorted),
)
def test_the_range_holds_both_estimates_and_is_never_a_point(beneficiaires, taux):
    lu = non_recourants(beneficiaires, *taux)
    bas, haut = (beneficiaires * t / (1 - t) for t in taux)
    assert lu.bas <= bas <= haut <= lu.haut
    assert lu.bas < lu.haut
    # one significant digit each, or a 1 and a half
    chiffres = {str(borne).rstrip("0") for borne in (lu.bas, lu.haut)}
    assert chiffres <= {"15", *"123456789"}
