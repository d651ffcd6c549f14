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
    insecables,
    insecables_html,
    joindre,
    majuscule,
    nom_complet,
    typographier,
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


# --- Spaces and apostrophes ------------------------------------------------------------------------

N, F = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("ecrit", "imprime"),
    [
        ("Source : ISEE.", f"Source{N}: ISEE."),
        ("15,7 % en 2019 ; 14 %", f"15,7{N}% en 2019{F}; 14{N}%"),
        ("Qui ? Où ! « Ici »", f"Qui{F}? Où{F}! «{N}Ici{N}»"),
        ("(n. d. : absent)", f"(n. d.{N}: absent)"),
        ("à 12:30, part:chiffre", "à 12:30, part:chiffre"),
        (f"déjà{N}: fait", f"déjà{N}: fait"),
    ],
)
def test_a_sign_stays_on_the_line_of_its_word(ecrit, imprime):
    assert insecables(ecrit) == imprime
    assert insecables(imprime) == imprime, "printing twice changes nothing"


def test_an_apostrophe_has_one_form():
    assert typographier("l'aide d’urgence, 'cité'") == "l’aide d’urgence, 'cité'"


@given(texte=st.text())
def test_spaces_alone_change(texte):
    assert insecables(texte).replace(N, " ").replace(F, " ") == texte.replace(N, " ").replace(F, " ")


def test_words_of_a_page_have_their_spaces_and_its_code_has_none():
    page = '<a title="a : b"><b>Part</b> : 5 %</a><code>a : b</code><script>x ? 1 : 2</script><p>« <i>oui</i> »</p>'
    assert insecables_html(page) == (
        f'<a title="a : b"><b>Part</b>{N}: 5{N}%</a><code>a : b</code><script>x ? 1 : 2</script>'
        f"<p>«{N}<i>oui</i>{N}»</p>"
    )
