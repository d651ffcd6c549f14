"""The grammar of names: what stands before a place, and what is elided."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.report.francais import (
    dans,
    de,
    elider,
    en,
    enumerer,
    joindre,
    majuscule,
    nom_complet,
)


@pytest.mark.parametrize(
    ("article", "nom", "complet", "avec_de", "avec_dans"),
    [
        ("Le", "Mont-Dore", "Le Mont-Dore", "du Mont-Dore", "au Mont-Dore"),
        ("Le", "Havre", "Le Havre", "du Havre", "au Havre"),
        ("La", "Foa", "La Foa", "de La Foa", "à La Foa"),
        ("Les", "Abymes", "Les Abymes", "des Abymes", "aux Abymes"),
        ("L’", "Île-des-Pins", "L’Île-des-Pins", "de L’Île-des-Pins", "à L’Île-des-Pins"),
        ("", "Nouméa", "Nouméa", "de Nouméa", "à Nouméa"),
        ("", "Ambérieu", "Ambérieu", "d’Ambérieu", "à Ambérieu"),
        ("", "Évry", "Évry", "d’Évry", "à Évry"),
        ("", "Houaïlou", "Houaïlou", "de Houaïlou", "à Houaïlou"),
        ("la", "province Sud", "Province Sud", "de la province Sud", "dans la province Sud"),
        ("le", "Grand Nouméa", "Grand Nouméa", "du Grand Nouméa", "dans le Grand Nouméa"),
        ("l’", "agglomération", "Agglomération", "de l’agglomération", "dans l’agglomération"),
        ("les", "Yvelines", "Yvelines", "des Yvelines", "dans les Yvelines"),
    ],
)
def test_a_place_is_named_located_and_made_an_owner(article, nom, complet, avec_de, avec_dans):
    assert nom_complet(article, nom) == complet
    assert de(article, nom) == avec_de
    assert dans(article, nom) == avec_dans


def test_a_country_of_feminine_name_takes_en():
    assert en("Nouvelle-Calédonie") == "en Nouvelle-Calédonie"


@pytest.mark.parametrize(
    ("mot", "suivant", "attendu"),
    [
        ("la", "part des femmes", "la part des femmes"),
        ("la", "évolution annuelle", "l’évolution annuelle"),
        ("le", "indice de jeunesse", "l’indice de jeunesse"),
        ("le", "âge moyen", "l’âge moyen"),
        ("de", "Yvetot", "d’Yvetot"),
        ("de", "Yaté", "de Yaté"),
        ("de", "Yahoué", "de Yahoué"),
        ("de", "Œuilly", "d’Œuilly"),
        ("de", "", "de "),
    ],
)
def test_a_vowel_elides_whatever_its_accent(mot, suivant, attendu):
    assert elider(mot, suivant) == attendu


@pytest.mark.parametrize(
    ("debut", "suite", "attendu"),
    [
        ("plus que", "dans le Grand Nouméa", "plus que dans le Grand Nouméa"),
        ("plus que", "en Nouvelle-Calédonie", "plus qu’en Nouvelle-Calédonie"),
        ("deux fois moins que", "en Bretagne", "deux fois moins qu’en Bretagne"),
        ("autant que", "à Nouméa et à La Foa", "autant qu’à Nouméa et à La Foa"),
        ("plus que", "au Mont-Dore", "plus qu’au Mont-Dore"),
        ("plus que", "aux Abymes", "plus qu’aux Abymes"),
        (
            "sans écart établi avec ce qui s’observe",
            "en Bretagne",
            "sans écart établi avec ce qui s’observe en Bretagne",
        ),
    ],
)
def test_que_elides_before_a_place_that_begins_with_a_vowel(debut, suite, attendu):
    assert joindre(debut, suite) == attendu


@pytest.mark.parametrize(
    ("mots", "attendu"),
    [
        ([], ""),
        (["Plum"], "Plum"),
        (["Plum", "Robinson"], "Plum et Robinson"),
        (["a", "b", "c"], "a, b et c"),
    ],
)
def test_a_list_ends_with_et(mots, attendu):
    assert enumerer(mots) == attendu


def test_a_choice_ends_with_ou():
    assert enumerer(["a", "b", "c"], "ou") == "a, b ou c"


@given(st.lists(st.text("abcdef", min_size=1), min_size=1))
def test_every_word_of_a_list_is_said_once_and_in_order(mots):
    assert enumerer(mots).replace(" et ", ", ").split(", ") == mots


@pytest.mark.parametrize(
    ("phrase", "attendu"), [("elle baisse", "Elle baisse"), ("évolution", "Évolution"), ("", "")]
)
def test_a_sentence_begins_with_a_capital_and_nothing_else_changes(phrase, attendu):
    assert majuscule(phrase) == attendu
