"""What may be said of figures: which files they come from, and no other."""

import re
from dataclasses import replace

import pytest
from conftest import Dessin, texte_edition

from pipeline.edition import lire_profil
from pipeline.indicators import chapitres_de
from pipeline.model import Chapter, Indicator, Rate, Share, Statut, Total
from pipeline.report import document
from pipeline.report import faits as faits_

AINES = Indicator("part_60_plus", "Part des aînés", "x.", "x.", Share("a", of="b"), "population")
AGES, REFERENCE = "isee_population_age", "isee_population_reference"


@pytest.fixture
def citees(ouvrir):
    """The sources cited for a share that is known in some years: ids."""
    dessin = Dessin(ouvrir(texte=texte_edition(fichiers=[f"{AGES} ages.csv", f"{REFERENCE} reference.csv"])))

    def citer(*chiffres, premiers):
        lus = [dessin.fait(AINES, "98817", valeur, annee, **autres) for annee, valeur, autres in chiffres]
        millesimes = {source: [premier] for source, premier in premiers.items()}
        return {source.id for source in dessin.faits([AINES], lus, millesimes=millesimes).sources_de(AINES)}

    return citer


def test_a_census_is_no_source_of_what_was_counted_before_it(citees):
    assert citees((2014, 13.4, {}), (2019, 15.7, {}), premiers={AGES: 2004, REFERENCE: 2025}) == {AGES}


def test_a_row_that_says_nothing_of_a_census_does_not_make_it_a_source(citees):
    absente = (2025, None, {})
    assert citees((2019, 15.7, {}), absente, premiers={AGES: 2004, REFERENCE: 2025}) == {AGES}


def test_a_figure_that_is_hidden_has_its_sources(citees):
    secrete = (2025, None, {"statut": Statut.SECRET})
    assert citees((2019, 15.7, {}), secrete, premiers={AGES: 2004, REFERENCE: 2025}) == {AGES, REFERENCE}


def test_an_earlier_census_is_a_source_of_a_later_figure(citees):
    # benefits of 2024 are divided by the inhabitants of 2019
    assert citees((2024, 3.1, {}), premiers={AGES: 2019, REFERENCE: 2019}) == {AGES, REFERENCE}


def test_a_source_without_vintages_is_always_cited(citees):
    assert citees((2019, 15.7, {}), premiers={AGES: 2004}) == {AGES, REFERENCE}


def test_the_ages_of_2019_do_not_cite_the_census_of_2025_that_has_none(base_publique, edition_publique):
    lus = faits_.lire(base_publique, edition_publique, chapitres_de(edition_publique.profil), "resultat")
    declares = {indicateur.id: indicateur for indicateur in lus.indicateurs()}
    assert REFERENCE not in {source.id for source in lus.sources_de(declares["part_60_plus"])}
    assert REFERENCE in {source.id for source in lus.sources_de(declares["population"])}, "25 303 in 2025"
    assert "2025" not in lus.source(declares["part_60_plus"])
    assert "2025" not in lus.producteurs(declares["population"], 2019), "the pyramid of 2019"


# --- The names of places --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mesure", "citees_"),
    [
        (Total("inscrits", "personnes"), {"ccas_registre"}),
        (Share("inscrits_isoles", of="inscrits"), {"ccas_registre"}),
        (Rate("inscrits_70_plus", of="habitants_70_plus", per=1000), {"ccas_registre", AGES}),
    ],
)
def test_inhabitants_are_a_source_of_a_rate_of_the_activity_and_not_of_its_counts(ouvrir, mesure, citees_):
    fichiers = ["ccas_registre suivi.xlsx", f"{AGES} ages.csv"]
    dessin = Dessin(ouvrir(texte=texte_edition(fichiers=fichiers)))
    inscrits = Indicator("inscrits", "Nombre d'inscrits", "x.", "x.", mesure, "registre")
    faits = dessin.faits([inscrits], [dessin.fait(inscrits, "98817", 69.0, 2025)])
    assert {source.id for source in faits.sources_de(inscrits)} == citees_


@pytest.fixture
def lieux(ouvrir, vierge):
    """The places of an edition of mainland France: rows (code, article, name, level, role) → code → place."""
    edition = ouvrir().model_copy(update={"profil": lire_profil("france")})
    con = vierge

    def lire(*lignes):
        con.execute("create schema if not exists socle")
        con.execute(
            "create table socle.territoires (territoire text, article text, nom text, niveau text, role text)"
        )
        con.executemany("insert into socle.territoires values (?, ?, ?, ?, ?)", lignes)
        return faits_._lieux(con, edition)

    return lire


def test_of_two_places_of_one_name_all_but_the_commune_say_which_they_are(lieux):
    lus = lieux(
        ("75056", "", "Paris", "commune", "etude"),
        ("DEP-75", "", "Paris", "departement", "comparateur"),
        ("01053", "", "Bourg", "commune", "membre"),
        ("01054", "", "Bourg", "commune", "membre"),
    )
    assert [lieu.nom for lieu in lus.values()] == [
        "Paris",
        "Paris (département)",
        "Bourg (01053)",
        "Bourg (01054)",
    ]
    assert lus["DEP-75"].dans == "à Paris (département)"


def test_communes_shown_in_detail_are_in_the_order_of_their_names_their_article_aside(lieux, dessin):
    # by code, Chassieu (69271), which joined the département in 1968, would come after Villeurbanne (69266)
    lus = lieux(
        ("69123", "", "Lyon", "commune", "etude"),
        ("69142", "La", "Mulatière", "commune", "membre"),
        ("69081", "", "Écully", "commune", "membre"),
        ("69266", "", "Villeurbanne", "commune", "membre"),
        ("69271", "", "Chassieu", "commune", "membre"),
    )
    membres = replace(dessin.faits([AINES], []), lieux=lus).membres
    assert [lieu.nom for lieu in membres] == ["Chassieu", "Écully", "La Mulatière", "Villeurbanne"]


def test_feminine_regions_go_with_en_and_so_does_a_departement_of_their_name(lieux):
    lus = lieux(
        ("REG-01", "la", "Guadeloupe", "region", ""),
        ("DEP-971", "la", "Guadeloupe", "departement", "comparateur"),
        ("REG-11", "l'", "Île-de-France", "region", "comparateur"),
        ("REG-44", "le", "Grand Est", "region", "comparateur"),
        ("REG-04", "La", "Réunion", "region", "comparateur"),
        ("DEP-26", "la", "Drôme", "departement", "comparateur"),
    )
    assert [lieu.dans for lieu in lus.values()] == [
        "en Guadeloupe", "en Île-de-France", "dans le Grand Est", "à La Réunion", "dans la Drôme",
    ]  # fmt: skip


# --- The first page --------------------------------------------------------------------------------


def chapitre(nom, table, combien):
    declares = [
        Indicator(f"{nom}_{rang}", f"Nombre de {nom} {rang}", "x.", "x.", Total("n", "personnes"), table)
        for rang in range(combien)
    ]
    return Chapter(nom, nom, "Qui ?", tuple(declares))


@pytest.fixture
def premieres(ouvrir):
    """The indicators of the key figures, of chapters whose figures are all known: ids."""
    dessin = Dessin(ouvrir(texte=texte_edition(fichiers=[f"{AGES} ages.csv", "ccas_demandes aides.csv"])))

    def lire(*chapitres):
        declares = [indicateur for chapitre_ in chapitres for indicateur in chapitre_.indicators]
        lus = dessin.faits(declares, [dessin.fait(i, "98817", 120.0) for i in declares])
        cartes = document.chiffres_cles(replace(lus, chapitres=tuple(chapitres)))
        return [re.search(r"#indicateur-(\w+)\)", carte["valeur"])[1] for carte in cartes]

    return lire


def test_the_first_page_has_places_for_what_the_centre_does(premieres):
    population = [chapitre(nom, "population", 4) for nom in ("habitants", "familles", "aines", "logements")]
    activite = [chapitre(nom, "aides", 3) for nom in ("demandes", "commissions", "accueil", "maraudes")]
    assert premieres(*population, *activite) == [
        "habitants_0", "habitants_1", "familles_0", "aines_0", "logements_0",
        "demandes_0", "commissions_0", "accueil_0",
    ]  # fmt: skip


def test_without_any_activity_the_population_takes_all_the_places(premieres):
    population = [chapitre(nom, "population", 4) for nom in ("habitants", "familles", "aines", "logements")]
    assert premieres(*population) == [
        "habitants_0", "habitants_1", "familles_0", "familles_1", "aines_0", "aines_1", "logements_0", "logements_1",
    ]  # fmt: skip


def test_a_figure_made_of_a_few_cases_or_of_none_does_not_open_the_report(ouvrir):
    declares = chapitre("habitants", "population", 4).indicators
    lus = Dessin(ouvrir())
    chiffres = [
        lus.fait(declares[0], "98817", 79.0),
        lus.fait(declares[1], "98817", 20.0, statut=Statut.FRAGILE),
        lus.fait(declares[2], "98817", 0.0),
        lus.fait(declares[3], "98817", 42.0),
    ]
    cartes = document.chiffres_cles(lus.faits(declares, chiffres))
    assert [re.search(r"\[(\d+)\]", carte["valeur"])[1] for carte in cartes] == ["79", "42"]
