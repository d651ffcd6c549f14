"""The section on the population ahead: ranges first, refusals with their reasons, errors of every method."""

import pandas as pd
import pytest

from pipeline.indicators import CHAPITRES
from pipeline.report import avenir
from pipeline.report.faits import lire
from pipeline.report.figures import dessiner
from pipeline.report.section import Section


@pytest.fixture(scope="module")
def section(base_publique, edition_publique):
    return avenir.section(
        base_publique, lire(base_publique, edition_publique, CHAPITRES, "resultat"), dessiner
    )


@pytest.fixture(scope="module")
def commune(base_publique):
    return base_publique.execute(
        "select * from socle.projection where territoire = '98817' order by groupe, horizon"
    ).df()


def test_each_sentence_gives_a_range_and_the_error_of_its_method(section):
    donnees = [phrase for phrase in section.phrases if "non donné" not in phrase]
    assert len(donnees) == 3
    assert all("entre **" in phrase for phrase in donnees)
    assert sum("erreur moyenne de" in phrase for phrase in donnees) == 2


def test_a_share_of_the_province_is_said_as_a_scenario_and_never_as_a_count_of_the_commune(section, commune):
    [phrase] = [phrase for phrase in section.phrases if "seuls" in phrase and "non donné" not in phrase]
    # 203 = 657 people of 80 and over times the province's 31 %
    depart = commune.groupby("groupe")["depart"].first()
    assert depart["80_plus_seuls"] / depart["80_plus"] == pytest.approx(0.31, abs=0.005)
    assert phrase.startswith("Un scénario, et non un compte : si la part")
    assert (
        "observée dans la province Sud en 2019 (31 %) s’appliquait au Mont-Dore, où elle n’est pas connue"
        in phrase
    )
    assert "80 ans et plus vivant seuls, scénario : part de la province Sud" in section.tables[0]


def test_the_apa_is_a_scenario_at_the_ratio_of_the_territory_that_counts_it(dessin):
    ligne = pd.Series(
        {"groupe": "75_plus_apa", "borne_basse": 400.0, "borne_haute": 520.0, "depart": 424.0}
        | {"depuis": 2022, "horizon": 2037}
    )
    dite = avenir._scenario(dessin.faits([], []), ligne, avenir.Part("988", 2023, 0.2))
    assert dite == (
        "Un scénario, et non un compte : si le rapport entre bénéficiaires de l’APA et habitants de 75 ans et plus "
        "observé en Nouvelle-Calédonie en 2023 (20 pour 100) s’appliquait au Mont-Dore, où il n’est pas connu, ils y "
        "seraient entre **400 et 520** en 2037 (et 424 en 2022)."
    )


def test_what_was_counted_is_written_where_the_projection_is_refused(section):
    ensemble = next(ligne for ligne in section.tables[0].splitlines() if "Ensemble des habitants" in ligne)
    assert "27\u202f620" in ensemble and "n. d." not in ensemble


def test_the_errors_of_a_method_are_said_in_plain_words(section):
    assert not [texte for texte in (*section.phrases, *section.tables) if "MAPE" in texte or "MALPE" in texte]
    assert avenir._biais(4.0) == "plutôt trop haut (+4,0 %)"
    assert avenir._biais(-0.3) == "plutôt trop bas (−0,3 %)"
    assert avenir._biais(0.01) == "sans pencher d’un côté"


def test_what_is_not_given_is_said_once_with_its_reason(section):
    refus = [phrase for phrase in section.phrases if "non donné" in phrase]
    assert any(
        "75 ans et plus, 2024, 2029 et 2034 : non donné. Les recensements par" in phrase for phrase in refus
    )
    assert any(phrase.startswith("Ensemble des habitants") and "démentie" in phrase for phrase in refus)


def test_the_table_writes_the_figure_and_its_range(section, commune):
    ligne = commune[(commune["groupe"] == "60_plus") & (commune["horizon"] == 2029)].iloc[0]
    bornes = f"({avenir.nombre(ligne['borne_basse'])} à {avenir.nombre(ligne['borne_haute'])})"
    assert f"{avenir.nombre(ligne['population'])} {bornes}" in section.tables[0]
    assert "[refusé]" in section.tables[0]


def test_quartiers_have_ranges_and_no_central_number(section):
    plum = next(ligne for ligne in section.tables[1].splitlines() if "Plum" in ligne)
    assert " à " in plum
    assert "(" not in plum


def test_the_trial_is_printed_with_the_best_method_in_bold(section):
    aines = next(ligne for ligne in section.tables[2].splitlines() if "60 ans et plus, 4 communes" in ligne)
    assert "**2,1** / +0,5" in aines
    assert aines.count("**") == 2


def test_the_figure_says_where_counts_end_and_of_what_its_ribbon_is_made(section):
    assert "recensement de 2019" in section.figure.alt
    assert "mai 2024" in section.figure.alt
    assert list(section.figure.donnees.columns)[-1] == "2034"
    textes = [texte.get_text() for texte in section.figure.figure.findobj() if hasattr(texte, "get_text")]
    assert "fourchette à 80 %" in textes


def test_a_place_that_the_censuses_do_not_follow_is_said_to_have_no_projection(
    base_publique, edition_publique
):
    ailleurs = edition_publique.model_copy(
        update={"territoire": edition_publique.territoire.model_copy(update={"code": "988"})}
    )
    ecrite = avenir.section(base_publique, lire(base_publique, ailleurs, CHAPITRES, "resultat"), dessiner)
    assert ecrite == Section(
        "avenir",
        "vieillissement",
        "Population à venir",
        (
            "Population à venir en Nouvelle-Calédonie : non donnée. Les recensements ne suivent pas ce territoire "
            "d’un bout à l’autre.",
        ),
        (),
        None,
    )


@pytest.mark.parametrize(
    ("annees", "dit"),
    [
        ([], "aucun fichier de l’édition ne les donne ; par commune, l’INSEE n’a ni ce pas ni ces tranches"),
        ([2011, 2016, 2022], "cette édition a 2011, 2016 et 2022"),
    ],
)
def test_without_four_censuses_by_age_the_reason_is_said(base, dessiner, dessin, annees, dit):
    # a French commune: its censuses have other ages, and its edition one of them
    lignes = ", ".join(f"('98817', 'commune', {annee}, 'femmes', 0, 9, 100)" for annee in annees)
    vide = "('', '', 0, '', 0, 0, 0)"
    dessiner("socle.cohortes", "lieu, niveau, millesime, sexe, age_min, age_max, population", lignes or vide)
    base.execute("delete from socle.cohortes where lieu = ''")
    dessiner("socle.projection", "territoire, horizon", "('', 0)")
    colonnes = "territoire, millesime, pop, pop_60_plus, age_75_plus, pop_80_plus"
    dessiner("socle.population", colonnes, "('98817', 2022, 100, 20, 10, 5)")
    assert avenir.section(base, dessin.faits([], []), dessiner).phrases == (
        "Population à venir au Mont-Dore : non donnée. Une projection contrôlée demande quatre recensements par "
        f"tranches de 10 ans d’âge, de 5 en 5 ans : {dit}. Une droite contrôlée demande 3 recensements comparables : "
        "cette édition a 2022.",
    )
