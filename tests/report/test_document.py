"""What a chapter says first, and the tables of what the report is made from."""

import datetime
import math
import re
from dataclasses import replace

import pandas as pd
import pytest

from pipeline.edition import Fichier
from pipeline.indicators import CHAPITRES
from pipeline.model import Growth, Indicator, Published, Share, Statut, Total
from pipeline.report import document, essentiel, tables
from pipeline.report.document import ChapitreEcrit
from pipeline.report.faits import Ecart, lire_millesimes
from pipeline.report.section import Section

PART = Indicator("part", "Part des aînés", "Tel.", "Tel.", Share("a", of="b"), "population")
POPULATION = Indicator("population", "Population", "Tel.", "Tel.", Total("b", "habitants"), "population")
REVENU = Indicator(
    "revenu", "Niveau médian du revenu", "Tel.", "Tel.", Published("m", "€"), "revenus_declares"
)


def lignes(markdown):
    """The rows of a Markdown table as one reads them: cell texts, with plain spaces."""
    cellules = [[re.sub(r"\s", " ", c).strip() for c in li.split("|")[1:-1]] for li in markdown.splitlines()]
    return [ligne for ligne in cellules if ligne and not ligne[0].startswith(":")]


def test_what_is_known_only_around_the_commune_is_a_list_that_says_it_once():
    ici = "En 2019, la part des 60 ans et plus est de 15,7 % au Mont-Dore."
    autour = "En 2019, la part des locataires est de 40,7 % dans la province Sud (inconnu pour la commune)."
    ecrit = ChapitreEcrit("essai", "Essai", "Qui ?", False, (autour, ici), (), (), ())
    assert ecrit.ici == [ici]
    assert ecrit.autour == ["En 2019, la part des locataires est de 40,7 % dans la province Sud."]


@pytest.fixture
def emploi(dessin):
    """Facts of unemployment, of employment and of women, apart from Grand Nouméa and from 2014."""
    declares = [
        Indicator(nom, label, "Tel.", "Tel.", Share("a", of="b"), "population", higher_is=sens)
        for nom, label, sens in (
            ("taux_chomage", "Taux de chômage", "defavorable"),
            ("taux_emploi", "Taux d'emploi", "favorable"),
            ("part_femmes", "Part des femmes", "neutre"),
        )
    ]
    chiffres, ecarts = [], {}
    for declare, ici, la in zip(declares, (30.0, 40.0, 60.0), (20.0, 50.0, 50.0), strict=True):
        fait = dessin.fait(declare, "98817", ici, numerateur=300.0, denominateur=1_000.0)
        chiffres += [fait, dessin.fait(declare, "988-grand-noumea", la)]
        chiffres.append(dessin.fait(declare, "98817", 35.0, millesime=2014))
        cote = "au_dessus" if ici > la else "au_dessous"
        ecarts[fait] = [
            Ecart("988-grand-noumea", 2019, "comparateur", ici - la, 0.001, cote),
            Ecart("98817", 2014, "precedent", ici - 35, 0.001, "au_dessus" if ici > 35 else "au_dessous"),
        ]
    return dessin.faits(declares, chiffres, ecarts)


def test_of_indicators_of_one_subject_the_summary_says_the_most_pressing(emploi):
    # employment and unemployment say one thing: of the two, the one whose gap weighs more
    ici, autour = document.ce_qui_ressort(emploi)
    assert [re.sub(r"[\[\]]|\(#.*?\)", "", phrase).split(" est ")[0] for phrase in ici] == [
        "En 2019, le taux de chômage",
        "En 2019, la part des femmes",
    ]
    assert autour == []
    change = document.ce_qui_a_change(emploi)
    assert [phrase.split("(#")[0].split("[")[0] for phrase in change] == [
        "Le taux de chômage est passé de ",
        "La part des femmes est passée de ",
    ]


def test_every_subject_holds_indicators_that_exist_and_each_is_in_one():
    connus = {indicateur.id for chapitre in CHAPITRES for indicateur in chapitre.indicators}
    noms = [nom for ceux in essentiel.SUJETS.values() for nom in ceux]
    assert set(noms) <= connus
    assert len(noms) == len(set(noms))
    assert essentiel.sujet(PART) == PART.id


def test_what_the_ccas_did_is_the_first_sentence_of_each_chapter_on_it_before_any_second(dessin):
    ecrits = [
        ChapitreEcrit(nom, nom, "Qui ?", False, (f"{nom} 1", f"{nom} 2"), (), (), ())
        for nom in ("demographie", "activite", "commissions")
    ]
    faits = dessin.faits([], [])
    declares = [chapitre for chapitre in CHAPITRES if chapitre.id in {ecrit.id for ecrit in ecrits}]
    dites = document.ce_que_fait_le_ccas(replace(faits, chapitres=tuple(declares)), ecrits)
    assert dites == ["activite 1", "commissions 1", "activite 2", "commissions 2"]


def test_what_is_known_of_the_quartiers_alone_is_said_by_its_extremes(dessin):
    # the commune has no declared income: its IRIS have
    chiffres = [dessin.fait(PART, "98817", 15.0)]
    chiffres += [
        dessin.fait(REVENU, quartier.code, 10_000.0 + 1_000 * rang)
        for rang, quartier in enumerate(dessin.edition.quartiers)
    ]
    dites = document.a_retenir(dessin.faits([PART, REVENU], chiffres), [PART, REVENU])
    assert len(dites) == 2 and dites[1].startswith("Selon le quartier, le niveau médian du revenu va de ")


def test_a_figure_made_of_a_few_cases_is_left_to_the_tables(dessin):
    # one unemployed person of four, in a commune of 79 inhabitants
    fragile = {"statut": Statut.FRAGILE}
    chiffres = [dessin.fait(POPULATION, "98817", 79.0), dessin.fait(PART, "98817", 25.0, **fragile)]
    faits = dessin.faits([POPULATION, PART], chiffres)
    assert [phrase.split(" est ")[0] for phrase in document.a_retenir(faits, [POPULATION, PART])] == [
        "En 2019, la population"
    ]
    assert document.a_retenir(faits, [PART]) == []
    assert document.ce_qui_ressort(faits) == ([], [])


def test_a_pace_made_of_a_few_cases_is_no_change(dessin):
    rythme = Indicator("evolution_population", "Évolution", "Tel.", "Tel.", Growth("a"), "population")
    neuf = dessin.fait(rythme, "98817", -2.15, depuis=2014, statut=Statut.FRAGILE)
    vieux = dessin.fait(rythme, "98817", 0.0, millesime=2014, depuis=2009)
    ecart = Ecart("98817", 2014, "precedent", -2.15, math.nan, "ne_se_compare_pas")
    assert document.ce_qui_a_change(dessin.faits([rythme], [neuf, vieux], {neuf: [ecart]})) == []


@pytest.mark.parametrize(
    ("retenir", "ecrites", "dit"),
    [
        (("Une phrase.",), ("| t |",), ""),
        ((), ("| t |",), "Les chiffres de ce chapitre reposent sur de petits effectifs"),
        ((), (), "Aucun chiffre de ce chapitre n’est connu pour la commune"),
    ],
)
def test_a_chapter_that_has_nothing_to_say_says_why(retenir, ecrites, dit):
    ecrit = ChapitreEcrit("essai", "Essai", "Qui ?", False, retenir, ecrites, (), ())
    assert ecrit.silence.startswith(dit) and bool(ecrit.silence) == bool(dit)


def test_a_key_figure_is_read_beside_the_territory_that_holds_it_and_says_that_it_is_fragile(dessin):
    quartier = dessin.edition.quartiers[0].code
    faits = dessin.faits(
        [PART, POPULATION],
        [
            dessin.fait(PART, "98817", 15.0),
            dessin.fait(PART, "988", 13.0),
            dessin.fait(PART, quartier, 20.0, statut=Statut.FRAGILE),
            dessin.fait(POPULATION, "98817", 27_620.0),
        ],
    )
    commune = document.carte(faits, PART)
    assert (commune["libelle"], commune["comparaison"]) == (
        "Part des aînés, 2019",
        "Nouvelle-Calédonie : 13,0\u00a0%",
    )
    carte = document.carte(faits, PART, faits.lieux[quartier])
    assert (carte["libelle"], carte["comparaison"]) == (
        "Part des aînés, 2019, chiffre fragile",
        "Le Mont-Dore : 15,0\u00a0%",
    )
    # a count is not read beside that of a larger territory
    assert document.carte(faits, POPULATION)["comparaison"] == "\u00a0"


@pytest.fixture
def lus(dessin, vierge):
    """One public file of two censuses, and a deposit that has no vintage; the facts that number them."""
    vierge.execute("create schema brut; create schema qualite")
    vierge.execute("create table brut.isee_superficie as select 1 as superficie")
    vierge.execute(
        "create table brut.isee_population_age as select unnest([2019, 2009, 2014, 2019]) as millesime"
    )
    vierge.execute(
        "create table qualite.fichiers as select * from (values "
        "('isee_superficie', 'depots/superficie.csv', '', 'abcdef0123', false, 1204, 1200, 4, 0, 'classeur, 1 ligne'), "
        "('isee_population_age', 'age.csv', '2020-10-29', '0123456789', false, 3, 3, 0, 2, 'UTF-8')) "
        "as t (source, fichier, date, sha256, fictif, lignes_lues, lignes_chargees, lignes_rejetees, "
        "lignes_ecartees, detecte)"
    )
    ages = Fichier(source="isee_population_age", chemin="age.csv")
    depot = Fichier(source="isee_superficie", chemin="depots/superficie.csv")
    dessin.edition = dessin.edition.model_copy(update={"fichiers": (ages, depot)})
    return vierge, replace(dessin.faits([PART], []), millesimes=lire_millesimes(vierge))


def test_each_source_is_told_with_the_vintages_of_its_rows(lus):
    _, ages, superficie = lignes(document.tableau_sources(*lus))
    assert ages[0].startswith("1. ") and superficie[0].startswith("2. ")
    # rows of 2019, 2009, 2014 and 2019 again: three censuses, in their order
    assert ages[2:] == ["2009, 2014 et 2019", "29/10/2020", "age.csv (01234567…)"]
    assert superficie[2:] == ["–", "–", "superficie.csv (abcdef01…)"]


def test_a_deposit_is_told_with_its_years_and_the_day_it_was_made(lus):
    con, faits = lus
    ages, depot = faits.edition.fichiers
    date = {"exercices": (2023, 2024), "depose_le": datetime.date(2026, 1, 15)}
    fichiers = (ages, depot.model_copy(update=date))
    faits = replace(faits, edition=faits.edition.model_copy(update={"fichiers": fichiers}))
    assert lignes(document.tableau_sources(con, faits))[2][2:4] == ["2023 et 2024", "15/01/2026"]


def test_a_date_that_the_producer_does_not_give_is_left_in_its_words():
    assert document._jour("non indiquée") == "non indiquée"
    assert document._jour("") == "–"


def test_many_vintages_are_told_by_the_first_the_last_and_their_number():
    assert document._dire_millesimes([2011, 2016, 2021, 2022]) == "2011, 2016, 2021 et 2022"
    assert document._dire_millesimes([1956, 1963, 1969, 1976, 2025]) == "1956 à 2025 (5)"


def test_a_section_is_in_its_chapter_or_in_the_first_one_where_that_one_has_no_figure(dessin):
    faits = dessin.faits([PART], [])
    section = Section("defavorisation", "emploi", "Défavorisation", ("L’indice n’est pas donné.",))
    hote = replace(faits.chapitres[0], id=section.chapitre)
    assert document.loger(section, replace(faits, chapitres=(*faits.chapitres, hote))) == section
    assert document.loger(section, faits).chapitre == "essai"


def test_rows_of_forgotten_persons_are_told_to_the_ccas_and_not_in_what_is_published(lus):
    con, faits = lus
    con.execute(
        "create schema publication; create table publication.indicateurs as "
        "select 'part' as indicateur, 'valide' as statut"
    )
    con.execute(
        "create table qualite.oubliees as select 'isee_superficie' as source, unnest([2, 1]) as lignes"
    )
    faits = replace(
        faits, chapitres=(replace(faits.chapitres[0], indicators=(replace(PART, table="aides"),)),)
    )
    assert "(3)." in document.secret(con, faits, document.INTERNE)
    assert "oubliées" in document.secret(con, faits, document.INTERNE)
    dit = document.secret(con, faits, document.DIFFUSABLE)
    assert "oubli" not in dit
    # what is hidden beside is hidden too, and not « published too »
    assert "ne sont pas publiés ; d’autres ne le sont pas non plus" in dit
    assert "oubli" not in document.tableau_qualite(con, faits)


@pytest.fixture
def activite(lus):
    """Two indicators of the activity, one of the census; of the first, 2 figures of 5 are hidden and 1 is absent."""
    con, faits = lus
    con.execute("create schema publication")
    con.execute(
        "create table publication.indicateurs as from (values ('part', 'valide'), ('part', 'fragile'), "
        "('part', 'secret'), ('part', 'secret'), ('part', 'valide'), ('part', 'absent'), "
        "('montant', 'valide'), ('population', 'valide'), ('population', 'absent')) as t (indicateur, statut)"
    )
    declares = (replace(PART, table="aides"), replace(REVENU, id="montant", table="aides"), POPULATION)
    return con, replace(faits, chapitres=(replace(faits.chapitres[0], indicators=declares),))


def test_what_is_under_secrecy_is_counted_among_the_known_figures_of_the_activity(activite):
    dit = document.secret(*activite, document.DIFFUSABLE)
    # 5 known of « part » and 1 of « montant »; neither the census nor what is absent
    assert "2 des 6 chiffres connus de l’activité" in dit
    _, *touches = lignes(dit)
    assert touches == [["[Part des aînés](#indicateur-part)", "5", "2"]]


def test_an_edition_that_hides_nothing_has_no_table_of_what_is_hidden(activite):
    con, faits = activite
    con.execute("delete from publication.indicateurs where statut = 'secret'")
    dit = document.secret(con, faits, document.DIFFUSABLE)
    assert "0 des 4 chiffres" in dit and lignes(dit) == []


def test_extracts_that_were_not_deposited_are_told_under_the_table_of_files(lus):
    con, faits = lus
    assert document.tableau_sources(con, faits).count("« Maraudes »") == 1
    con.execute("update qualite.fichiers set source = 'ccas_maraudes' where source = 'isee_superficie'")
    faits.edition.fichiers[-1].__dict__["source"] = "ccas_maraudes"
    dit = document.tableau_sources(con, replace(faits))
    assert "« Maraudes »" not in dit and "« Personnes rencontrées en maraude »" in dit


def test_a_break_is_a_caution_only_where_a_figure_is_from_before_it(dessin):
    [mai] = dessin.edition.profil.ruptures
    accueils = replace(POPULATION, id="accueils", table="accueils")
    for annee, dite in ((2024, True), (2025, False)):
        faits = dessin.faits([accueils], [dessin.fait(accueils, "98817", 5.0, millesime=annee)])
        assert (mai.explication in document.prudences(faits)) is dite


@pytest.mark.parametrize(
    ("exercice", "dit"),
    [
        ("demande", "Les demandes d’aide sont comptées à l’année de la demande."),
        ("seance", "Les demandes d’aide sont comptées à l’année de la séance qui les a décidées"),
    ],
)
def test_how_to_read_says_of_what_year_a_request_is_where_there_are_requests(dessin, exercice, dit):
    entete = dessin.edition.edition.model_copy(update={"exercice": exercice})
    sans = dessin.edition.model_copy(update={"edition": entete})
    deposees = (*sans.fichiers, sans.fichiers[0].model_copy(update={"source": "ccas_demandes"}))
    assert dit in document.modes_de_lecture(sans.model_copy(update={"fichiers": deposees}))["lire"]
    assert "demandes d’aide" not in document.modes_de_lecture(sans)["lire"]


def test_each_source_is_told_by_its_rows_and_by_what_was_recognised(lus):
    dites = lignes(document.tableau_qualite(*lus))
    # 1204 read = 1200 loaded + 4 rejected
    assert dites[2][1:] == ["1 204", "1 200", "4", "0"]
    assert dites[1][0] == dites[4][0] and dites[4][1] == "UTF-8"
    assert dites[5][1] == "Classeur, 1 ligne"


def test_a_chapter_of_a_few_rows_follows_the_one_before_on_its_page(dessin):
    def ecrit(nom, rangs, figures=()):
        table = tables.markdown(pd.DataFrame({"Indicateur": range(rangs), "Année": 2022}), nom, nom)
        return ChapitreEcrit(nom, nom, "Qui ?", False, (), (table,), (), figures)

    chapitres = [
        ecrit("premier", 2),
        ecrit("court", 6),
        ecrit("long", 7),
        ecrit("illustre", 2, ("figure",)),
        ecrit("commente", 2),
        ecrit("projete", 2),
        ecrit("annonce", 2),
    ]
    sections = [
        Section("avenir", "projete", "À venir", ("Dit.",), ("| a |",)),
        Section("avenir", "annonce", "À venir", ("Non donné.",)),
    ]
    textes = {chapitre.id: "" for chapitre in chapitres} | {"commente": "Notre analyse."}
    assert document.a_la_suite(chapitres, sections, textes) == {"court", "annonce"}


def test_every_threshold_of_a_star_is_said(dessin):
    profil = dessin.edition.profil
    dit = document.modes_de_lecture(dessin.edition)["lire"]
    seuils = (profil.precision.recensement, profil.precision.annuelle, profil.precision.activite)
    dits = re.search(
        r"moins de (\d+) au recensement, de (\d+) dans une .* annuelle, de (\d+) dans l’activité", dit
    )
    assert tuple(map(int, dits.groups())) == seuils
