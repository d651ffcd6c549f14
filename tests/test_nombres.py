"""Numbers as a French reader writes them, never a digit more than what was measured."""

import math

import pytest
from babel.numbers import parse_decimal
from hypothesis import given
from hypothesis import strategies as st

from pipeline.report.nombres import accorder, avec_unite, deux_bornes, intervalle, nombre

FINE = "\u202f"
INSECABLE = "\u00a0"
MOINS = "\u2212"


@pytest.mark.parametrize(
    ("valeur", "decimales", "texte"),
    [
        (0, 0, "0"),
        (999, 0, "999"),
        (27_620, 0, f"27{FINE}620"),
        (1_234_567, 0, f"1{FINE}234{FINE}567"),
        (100 * 4_345 / 27_620, 1, "15,7"),
        (100 * 4_345 / 27_620, 0, "16"),
        (3, 2, "3,00"),
        (1_234.5, 1, f"1{FINE}234,5"),
        (-0.34, 2, f"{MOINS}0,34"),
        (-1_500, 0, f"{MOINS}1{FINE}500"),
        (0.999, 1, "1,0"),
        (99.96, 1, "100,0"),
        # a half goes away from zero, as on a calculator: 100 * 1 / 16 = 6.25
        (100 * 1 / 16, 1, "6,3"),
        (2.5, 0, "3"),
        (1.005, 2, "1,01"),
        (-2.5, 0, f"{MOINS}3"),
    ],
)
def test_a_number_has_narrow_thousands_a_comma_and_a_true_minus(valeur, decimales, texte):
    assert nombre(valeur, decimales) == texte


@pytest.mark.parametrize("valeur", [-0.04, 0.04, -0.0, 0])
def test_what_rounds_to_zero_has_no_sign(valeur):
    assert nombre(valeur, 1) == "0,0"
    assert nombre(valeur, 1, signe=True) == "0,0"


@pytest.mark.parametrize(
    ("valeur", "texte"), [(0.3402, "+0,34"), (-1.5482, f"{MOINS}1,55"), (1_200, f"+1{FINE}200,00")]
)
def test_a_change_always_bears_its_sign(valeur, texte):
    assert nombre(valeur, 2, signe=True) == texte


@pytest.mark.parametrize("vide", [None, math.nan])
def test_no_value_is_said_and_is_not_a_zero(vide):
    assert nombre(vide) == "n. d."
    assert avec_unite(vide, "%", 1) == "n. d."


@given(st.floats(-1e9, 1e9), st.integers(0, 3))
def test_a_number_written_and_read_back_is_the_same_up_to_its_rounding(valeur, decimales):
    texte = nombre(valeur, decimales)
    relu = float(parse_decimal(texte.replace(MOINS, "-").replace(FINE, INSECABLE), locale="fr_FR"))
    assert abs(relu - valeur) <= 0.5 * 10**-decimales + 1e-6
    assert len(texte.partition(",")[2]) == decimales


@pytest.mark.parametrize(
    ("valeur", "unite", "decimales", "texte"),
    [
        (15.73, "%", 1, f"15,7{INSECABLE}%"),
        (27_620, "habitants", 0, f"27{FINE}620{INSECABLE}habitants"),
        (12_500, "F CFP", 0, f"12{FINE}500{INSECABLE}F CFP"),
        (1, "€", 0, f"1{INSECABLE}€"),
        (190.9, "", 1, "190,9"),
    ],
)
def test_a_unit_never_leaves_its_number_at_the_end_of_a_line(valeur, unite, decimales, texte):
    assert avec_unite(valeur, unite, decimales) == texte


def test_a_growth_bears_its_sign_and_its_unit():
    assert avec_unite(0.34016, "% par an", 2, signe=True) == f"+0,34{INSECABLE}% par an"


@pytest.mark.parametrize(
    ("valeur", "unite", "attendu"),
    [
        (0, "habitants", "habitant"),
        (1, "habitants", "habitant"),
        (1.9, "personnes", "personne"),
        (2, "personnes", "personnes"),
        (-1.5, "points", "point"),
        (-2, "points", "points"),
        (1, "points de pourcentage", "point de pourcentage"),
        (1, "% par an", "% par an"),
        (1, "F CFP", "F CFP"),
        (1, "€", "€"),
        (1, "pour 1 000 habitants", "pour 1 000 habitants"),
        (1, "hab./km²", "hab./km²"),
        (1, "mois", "mois"),
        (1, "repas", "repas"),
    ],
)
def test_the_french_plural_begins_at_two(valeur, unite, attendu):
    assert accorder(unite, valeur) == attendu


def test_the_plural_follows_what_is_written_not_what_was_measured():
    assert avec_unite(1.96, "personnes", 1) == f"2,0{INSECABLE}personnes"
    assert avec_unite(16.4 - 14.4, "points", 1) == f"2,0{INSECABLE}points", "1.9999999999999982 in a machine"
    assert avec_unite(1.94, "personnes", 1) == f"1,9{INSECABLE}personne"


def test_an_interval_says_its_two_ends():
    assert intervalle(14.94, 16.51, "%", 1) == f"entre 14,9{INSECABLE}% et 16,5{INSECABLE}%"
    assert deux_bornes("14,9", "16,5") == "14,9 à 16,5"


def test_two_ends_written_the_same_are_not_said_to_be_a_range():
    assert deux_bornes("9,0", "9,0") == "9,0 aux deux bornes"
    assert intervalle(9.01, 9.04, "jours", 1) == f"9,0{INSECABLE}jours aux deux bornes"
