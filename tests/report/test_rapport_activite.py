"""The tables of the activity report: published figures in, sheets ready to paste out, and nothing hidden."""

import zipfile
from dataclasses import replace

import openpyxl
import pytest

from pipeline.edition import Fichier
from pipeline.model import Chapter, Growth, Indicator, Rate, Share, Total
from pipeline.report import rapport_activite
from pipeline.report.rapport_activite import DOMAINES, Feuille, ecrire_tableaux, nom_de_feuille
from pipeline.sources.registre import SOURCES


def indicateur(nom, label, mesure, table, **autres):
    return Indicator(nom, label, "Une définition.", "Une raison.", mesure, table, **autres)


CHAPITRE = Chapter(
    "activite",
    "Activité",
    "Qui vient ?",
    (
        indicateur("demandes", "Nombre de demandes d'aide", Total("demandes", "demandes"), "aides"),
        indicateur(
            "part_motif",
            "Part des demandes selon le motif",
            Share("demandes", of="demandes_ensemble"),
            "aides_motif",
            by="motif",
            caveat="Une demande a un seul motif.",
        ),
        indicateur(
            "montant_motif",
            "Montant accordé selon le motif",
            Total("montant", "€"),
            "aides_motif",
            by="motif",
        ),
        indicateur("passages", "Nombre de passages", Total("accueils", "passages"), "accueils"),
        indicateur("evolution", "Évolution des passages", Growth("accueils"), "accueils"),
        indicateur(
            "taux_age", "Taux selon l'âge", Rate("demandeurs", of="habitants"), "aides_age", by="tranche"
        ),
        indicateur("habitants", "Population", Total("pop", "habitants"), "population"),
    ),
)

COLONNES = (
    "indicateur, territoire, millesime, depuis, groupe, numerateur, denominateur, valeur, borne_basse, "
    "borne_haute, efficace, statut, motif"
)


def fait(nom, annee, valeur, groupe="", statut="valide", lieu="98817", numerateur=None):
    """One published figure, as the row of a VALUES; None is no value."""
    nombres = [valeur if numerateur is None else numerateur, None, valeur, None, None, 1]
    ecrits = ", ".join("null::double" if n is None else f"{n}::double" for n in nombres)
    return f"('{nom}', '{lieu}', {annee}, null::integer, '{groupe}', {ecrits}, '{statut}', '')"


DEMANDES = (fait("demandes", 2024, 1234), fait("demandes", 2025, 1300))


@pytest.fixture
def classeur(base, dessiner, pays, tmp_path):
    """Write the workbook of drawn figures and read it back: `classeur(*facts)`."""
    base.execute("create schema publication; create schema qualite")
    dessiner(
        "publication.comparaisons",
        "indicateur, territoire, millesime, groupe, contre, contre_millesime, nature, effet, q, position",
        "('', '', 0, '', '', 0, '', 0, 0, '')",
    )
    dessiner(
        "qualite.fichiers",
        "source, depose_le, fictif",
        "('ccas_demandes', '2026-01-15', false), ('ccas_decisions', '2026-02-01', false), ('ccas_accueils', '', true)",
    )

    deposes = ("ccas_demandes", "ccas_decisions", "ccas_accueils", "isee_population_age")
    fichiers = tuple(Fichier(source=nom, chemin="x.csv") for nom in deposes)
    edition = pays.model_copy(update={"fichiers": fichiers})

    def ecrire(*faits, chapitre=CHAPITRE):
        dessiner("publication.indicateurs", COLONNES, ", ".join(faits))
        return openpyxl.load_workbook(ecrire_tableaux(base, edition, (chapitre,), tmp_path))

    return ecrire


def table(onglet):
    """Header and rows of the table of a sheet, as they are typed."""
    lignes = [[cellule.value for cellule in ligne] for ligne in onglet.iter_rows(min_row=6)]
    fin = next((rang for rang, ligne in enumerate(lignes) if ligne[0] is None), len(lignes))
    return lignes[:fin]


# --- What is in it ----------------------------------------------------------------------------------


def test_every_deposit_of_activity_has_its_field():
    declarees = {source.id for source in SOURCES if source.serie == "activite" or source.personnelle}
    rangees = [nom for noms in DOMAINES.values() for nom in noms]
    assert set(rangees) == declarees
    assert len(rangees) == len(declarees)


def test_years_stand_side_by_side_and_a_year_without_figure_says_so(classeur):
    lu = classeur(*DEMANDES, fait("passages", 2025, 90), fait("passages", 2023, 70))
    assert lu.sheetnames == ["Sommaire", "01 Accueil", "02 Aides"]
    assert table(lu["02 Aides"]) == [
        ["Indicateur", "Unité", 2024, 2025],
        ["Nombre de demandes d'aide", "demandes", 1234, 1300],
    ]
    assert table(lu["01 Accueil"]) == [
        ["Indicateur", "Unité", 2023, 2025],
        ["Nombre de passages", "passages", 70, 90],
    ]
    trou = classeur(
        *DEMANDES, fait("part_motif", 2025, 40, "logement"), fait("part_motif", 2024, 30, "sante")
    )
    assert table(trou["02 Aides, motif de la demande"])[-1][-1].replace("\u00a0", " ") == "n. d."


def test_public_figures_and_those_of_other_communes_stay_out(classeur):
    lu = classeur(*DEMANDES, fait("habitants", 2025, 27_000), fait("passages", 2025, 50, lieu="98805"))
    assert lu.sheetnames == ["Sommaire", "01 Aides"]


def test_a_part_comes_after_the_number_it_is_made_of_category_by_category(classeur):
    lu = classeur(
        fait("part_motif", 2025, 25, "sante", numerateur=50),
        fait("part_motif", 2025, 75, "alimentaire", numerateur=150),
        fait("montant_motif", 2025, 9000, "alimentaire"),
    )
    assert table(lu["01 Aides, motif de la demande"]) == [
        ["Indicateur", "Motif de la demande", "Unité", 2025],
        ["Demandes selon le motif", "Alimentation", "nombre", 150],
        ["Demandes selon le motif", "Santé", "nombre", 50],
        ["Part des demandes selon le motif", "Alimentation", "%", 75],
        ["Part des demandes selon le motif", "Santé", "%", 25],
        ["Montant accordé selon le motif", "Alimentation", "€", 9000],
    ]


def test_ages_come_in_their_order(classeur):
    lu = classeur(*(fait("taux_age", 2025, 1, f"{age} ans et plus") for age in (100, 20, 5)))
    assert [ligne[1] for ligne in table(lu["01 Aides, tranche d’âge"])[1:]] == [
        "5 ans et plus",
        "20 ans et plus",
        "100 ans et plus",
    ]


def test_quartiers_have_their_sheet_in_the_edition_s_order(classeur):
    lu = classeur(
        *DEMANDES,
        fait("demandes", 2025, 30, lieu="98817-robinson"),
        fait("demandes", 2025, None, lieu="98817-plum", statut="secret"),
    )
    assert lu.sheetnames[1:] == ["01 Aides", "02 Aides, quartiers"]
    assert table(lu["02 Aides, quartiers"]) == [
        ["Indicateur", "Quartier", "Unité", 2025],
        ["Nombre de demandes d'aide", "Plum", "demandes", "secret"],
        ["Nombre de demandes d'aide", "Robinson", "demandes", 30],
    ]


def test_no_activity_at_all_is_said_in_the_summary(classeur):
    lu = classeur(fait("demandes", 2025, None, statut="absent"))
    assert lu.sheetnames == ["Sommaire"]
    sommaire = lu["Sommaire"]
    assert sommaire["B7"].value == "Aucune donnée d’activité n’est publiée dans cette édition."
    # as wide as its words, with no link that leads nowhere and no legend of signs that nothing bears
    assert sommaire.column_dimensions["B"].width >= len(sommaire["B7"].value)
    assert sommaire["A7"].hyperlink is None
    assert sommaire.max_row == 7


# --- What is hidden ---------------------------------------------------------------------------------


def test_a_hidden_figure_is_a_word_in_its_number_and_in_its_part(classeur):
    lu = classeur(
        fait("part_motif", 2025, None, "sante", statut="secret"),
        fait("part_motif", 2025, 75, "alimentaire", numerateur=150),
    )
    lignes = {(ligne[0], ligne[1]): ligne[3] for ligne in table(lu["01 Aides, motif de la demande"])[1:]}
    assert lignes["Demandes selon le motif", "Santé"] == "secret"
    assert lignes["Part des demandes selon le motif", "Santé"] == "secret"


def test_nothing_but_what_is_published_is_read(classeur, base):
    base.execute("create schema resultat; create table resultat.indicateurs as select 1 as interdit")
    base.execute("create or replace table socle.aides as select 424242 as demandes")
    lu = classeur(fait("demandes", 2025, None, statut="secret"))
    textes = [
        str(c.value) for onglet in lu for ligne in onglet.iter_rows() for c in ligne if c.value is not None
    ]
    assert "secret" in textes
    assert not any("424" in texte for texte in textes)


# --- How it reads -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nom", "statut", "format_"),
    [
        ("demandes", "valide", "[$-40C]#,##0"),
        ("demandes", "fragile", '[$-40C]#,##0" *"'),
        ("demandes", "plancher", '[$-40C]"≤ "#,##0'),
        ("evolution", "valide", "[$-40C]+#,##0.00;[$-40C]−#,##0.00;[$-40C]#,##0.00"),
    ],
)
def test_a_number_is_a_number_in_its_measure_s_decimals_marked_by_its_format(classeur, nom, statut, format_):
    cellule = classeur(fait(nom, 2025, 3, statut=statut)).worksheets[1]["C7"]
    assert cellule.value == 3
    assert cellule.number_format == format_


def test_a_figure_keeps_the_decimals_of_the_exports_and_no_more(classeur):
    lu = classeur(fait("part_motif", 2025, 100 / 3, "sante", numerateur=1))
    assert table(lu["01 Aides, motif de la demande"])[2][3] == 33.333333


def test_title_source_date_and_notes_are_around_the_table(classeur):
    onglet = classeur(fait("part_motif", 2025, 40, "sante", statut="fragile", numerateur=4))[
        "01 Aides, motif de la demande"
    ]
    assert onglet["A1"].value == "Aides – motif de la demande, 2025, Le Mont-Dore"
    assert onglet["A2"].value.startswith("Source\u00a0: CCAS\u00a0: Demandes d'aides facultatives")
    assert onglet["A3"].value == "Dépôts du 15/01/2026 et 01/02/2026, édition 2026"
    assert onglet["A4"].value is None
    notes = [onglet.cell(rang, 1).value for rang in range(10, onglet.max_row + 1)]
    assert notes == [
        "* : petit effectif, à manier avec précaution, ni classement ni évolution.",
        "Une demande a un seul motif.",
    ]


def test_a_sheet_cites_the_files_of_its_edition_and_no_other_that_could_make_its_table(classeur):
    source = classeur(fait("taux_age", 2025, 12, "20 à 29 ans")).worksheets[1]["A2"].value
    assert "CCAS\u00a0: Demandes d'aides facultatives" in source
    assert "Population par sexe et âge" in source
    # the same table is made of the census of mainland France elsewhere
    assert "exploitation principale" not in source


def test_a_caution_of_some_rows_only_names_them(classeur):
    onglet = classeur(
        fait("part_motif", 2025, 40, "sante", numerateur=40), fait("montant_motif", 2025, 9000, "sante")
    )["01 Aides, motif de la demande"]
    assert onglet.cell(onglet.max_row, 1).value == (
        "Part des demandes selon le motif\u00a0: Une demande a un seul motif."
    )


def test_fictional_figures_say_so_on_their_sheet_and_in_the_summary(classeur):
    lu = classeur(*DEMANDES, fait("passages", 2025, 90))
    assert "fictives" in lu["Sommaire"]["A4"].value
    assert "fictives" in lu["01 Accueil"]["A4"].value
    assert lu["02 Aides"]["A4"].value is None


def test_the_header_stays_in_sight_on_screen_and_on_paper(classeur):
    onglet = classeur(fait("part_motif", 2025, 40, "sante", numerateur=4))["01 Aides, motif de la demande"]
    assert onglet.freeze_panes == "D7"
    assert onglet.print_title_rows == "$6:$6"
    assert onglet.sheet_properties.pageSetUpPr.fitToPage


def test_the_summary_leads_to_each_sheet(classeur):
    sommaire = classeur(*DEMANDES, fait("passages", 2025, 90))["Sommaire"]
    lus = [(ligne[0].value, ligne[1].value, ligne[0].hyperlink.location) for ligne in sommaire["A7:B8"]]
    assert lus == [
        ("01 Accueil", "Accueil, 2025", "'01 Accueil'!A1"),
        ("02 Aides", "Aides, 2024 à 2025", "'02 Aides'!A1"),
    ]


def test_a_label_that_looks_like_a_formula_stays_a_label(classeur):
    piege = replace(CHAPITRE.indicators[0], label="Nombre =1+1", caveat="=HYPERLINK(0)")
    onglet = classeur(*DEMANDES, chapitre=replace(CHAPITRE, indicators=(piege,)))["01 Aides"]
    genres = {
        cellule.data_type for ligne in onglet.iter_rows() for cellule in ligne if cellule.value is not None
    }
    assert genres == {"s", "n"}


@pytest.mark.parametrize(
    ("axe", "nom"),
    [
        ("", "03 Aide alimentaire"),
        ("Quartier", "03 Aide alimentaire, quartiers"),
        ("Nature", "03 Aide alimentaire, nature"),
        ("Forme de l'aide", "03 Forme de l’aide"),
        ("Oui/non [1] : *?", "03 Oui-non -1- - --"),
        ("Composition détaillée du ménage demandeur", "03 Composition détaillée"),
        ("Statut d'occupation du logement", "03 Statut d’occupation"),
    ],
)
def test_the_name_of_a_sheet_is_one_that_a_spreadsheet_takes(axe, nom):
    assert nom_de_feuille(3, Feuille("Aide alimentaire", axe, ())) == nom
    assert len(nom) <= 31


def test_the_same_figures_are_the_same_bytes(classeur, tmp_path, monkeypatch):
    classeur(*DEMANDES)
    chemin = tmp_path / rapport_activite.NOM
    premier = chemin.read_bytes()
    monkeypatch.setenv("TZ", "Pacific/Noumea")
    classeur(*DEMANDES)
    assert chemin.read_bytes() == premier
    with zipfile.ZipFile(chemin) as archive:
        assert {membre.date_time for membre in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        proprietes = archive.read("docProps/core.xml").decode()
    assert proprietes.count("2026-01-01T00:00:00Z") == 2
