"""Tables of the report: each cell is a number, a floor, a fragile number, or a word; never a blank."""

import re

import pandas as pd
import pytest

from pipeline.model import Growth, Indicator, Share, Statut, Total
from pipeline.report import tables
from pipeline.report.faits import Ecart

PART = Indicator("part", "Part des aînés", "Tel.", "Tel.", Share("a", of="b"), "population")
TOTAL = Indicator("population", "Population", "Tel.", "Tel.", Total("b", "habitants"), "population")
CROISSANCE = Indicator("evolution", "Évolution de la population", "Tel.", "Tel.", Growth("b"), "population")
MOTIF = Indicator(
    "motifs", "Part des demandes", "Tel.", "Tel.", Share("a", of="b"), "aides_motif", by="motif"
)

ICI, GRAND_NOUMEA, NOUMEA, PAYS = "98817", "988-grand-noumea", "98818", "988"
PLUM, ROBINSON = "98817-plum", "98817-robinson"


def texte(cellule):
    """A cell as one reads it: without links nor marks, with plain spaces."""
    sans_liens = re.sub(r"\[([^\]]*)\](?:\(#[^)]*\)|\{[^}]*\})", r"\1", cellule)
    return re.sub(r"\s", " ", sans_liens.replace("**", "").replace("\\*", "*"))


def lire(table):
    """A table as one reads it: row name → column → text."""
    cle = table.columns[0]
    return {
        texte(ligne.pop(cle)): {texte(n): texte(v) for n, v in ligne.items()}
        for ligne in table.to_dict("records")
    }


# --- One cell --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("valeur", "statut", "attendu"),
    [
        (15.73, Statut.VALIDE, "15,7 %"),
        (15.73, Statut.FRAGILE, "15,7 %*"),
        (5.0, Statut.PLANCHER, "≤ 5,0 %"),
        (None, Statut.SECRET, "secret"),
        (None, Statut.ABSENT, "n. d."),
        (None, Statut.NON_COMPARABLE, "ne se compare pas"),
        (0.0, Statut.VALIDE, "0,0 %"),
    ],
)
def test_a_cell_says_what_its_figure_can_bear(dessin, valeur, statut, attendu):
    cellule = tables.cellule(PART, dessin.fait(PART, ICI, valeur, statut=statut))
    assert texte(cellule) == attendu
    assert ("](#indicateur-part)" in cellule) == (valeur is not None)


def test_no_figure_at_all_is_a_word_too():
    assert texte(tables.cellule(PART, None)) == "n. d."


@pytest.mark.parametrize(("depuis", "attendu"), [(None, "2019"), (2014, "2014-2019")])
def test_the_period_of_a_change_has_two_years(dessin, depuis, attendu):
    assert tables.periode(dessin.fait(CROISSANCE, ICI, 0.3, depuis=depuis)) == attendu


# --- Markdown --------------------------------------------------------------------------------------


def test_a_table_is_a_pipe_table_with_its_caption_numbers_to_the_right():
    table = pd.DataFrame({"Quartier": ["Plum"], "Part": ["15,7 %"]})
    assert tables.markdown(table, "Parts", "parts").splitlines() == [
        "| Quartier | Part |",
        "| :-- | --: |",
        "| Plum | 15,7 % |",
        "",
        ": Parts {#tbl-parts}",
    ]
    assert "| :-- | :-- |" in tables.markdown(table, textes=["Part"])


def test_a_bar_inside_a_cell_does_not_cut_it():
    assert "| a\\|b | c |" in tables.markdown(pd.DataFrame({"x": ["a|b"], "y": ["c"]}))


def test_a_card_has_no_header_and_no_bar_inside_its_text():
    assert tables.sans_entete({"Définition": "a|b"}).splitlines() == [
        "|   |   |",
        "|:--|:--|",
        "| Définition | a b |",
    ]


# --- The commune beside its comparators ------------------------------------------------------------


@pytest.fixture
def faits(dessin):
    chiffre = dessin.fait(PART, ICI, 15.7)
    chiffres = [
        chiffre,
        dessin.fait(PART, ICI, 12.1, 2014),
        dessin.fait(PART, GRAND_NOUMEA, 12.9),
        dessin.fait(PART, PAYS, 14.0, 2014),
        dessin.fait(PART, PAYS, None),
        dessin.fait(TOTAL, ICI, 25_303, 2025),
        dessin.fait(TOTAL, GRAND_NOUMEA, 173_814, 2025),
    ]
    return dessin.faits(
        [PART, TOTAL], chiffres, {chiffre: [Ecart(ICI, 2014, "precedent", 0.1, 0.001, "au_dessus")]}
    )


def test_a_row_is_an_indicator_with_the_same_year_everywhere(faits):
    lue = lire(tables.situation(faits, [PART, TOTAL]))
    assert lue["Part des aînés"] == {
        "Année": "2019",
        "Le Mont-Dore": "15,7 %",
        "Grand Nouméa": "12,9 %",
        "Auparavant": "12,1 % (2014)",
    }
    assert lue["Population (habitants)"]["Le Mont-Dore"] == "25 303"
    assert lue["Population (habitants)"]["Auparavant"] == "–"


def test_the_name_of_an_indicator_leads_to_its_card(faits, dessin):
    assert list(tables.situation(faits, [PART])["Indicateur"]) == ["[Part des aînés](#indicateur-part)"]
    loin = dessin.faits([PART], [dessin.fait(PART, PAYS, 13.4)])
    assert list(tables.ailleurs(loin, [PART])["Indicateur"]) == ["[Part des aînés](#indicateur-part)"]
    codes = [ICI, *(quartier.code for quartier in dessin.edition.quartiers)]
    la = dessin.faits([PART], [dessin.fait(PART, code, 13.4) for code in codes])
    assert list(tables.par_quartier(la, [PART])) == ["Quartier", "[Part des aînés](#indicateur-part), 2019"]


def test_a_comparator_of_which_nothing_is_known_that_year_has_no_column(faits):
    # New Caledonia is known in 2014 only: its 14.0 % is not put beside figures of 2019
    colonnes = list(tables.situation(faits, [PART, TOTAL]).columns)
    assert colonnes == ["Indicateur", "Année", "Le Mont-Dore", "Grand Nouméa", "Auparavant"]


def test_where_nothing_is_known_of_the_past_it_has_no_column(faits):
    assert list(tables.situation(faits, [TOTAL]).columns) == [
        "Indicateur",
        "Année",
        "Le Mont-Dore",
        "Grand Nouméa",
    ]


def test_an_indicator_unknown_in_the_commune_is_in_the_other_table(dessin):
    chiffres = [dessin.fait(PART, ICI, None), dessin.fait(PART, NOUMEA, 13.4), dessin.fait(PART, PAYS, 15.6)]
    faits = dessin.faits([PART], chiffres)
    assert tables.situation(faits, [PART]).empty
    assert lire(tables.ailleurs(faits, [PART])) == {
        "Part des aînés": {"Année": "2019", "Nouvelle-Calédonie": "15,6 %"}
    }, "Nouméa, another commune, is no larger territory"


def test_an_indicator_known_in_the_commune_is_not_in_the_other_table(faits):
    assert tables.ailleurs(faits, [PART, TOTAL]).empty


def test_an_indicator_known_nowhere_is_in_no_table(dessin):
    faits = dessin.faits([PART], [dessin.fait(PART, ICI, None)])
    for table in (tables.situation, tables.ailleurs, tables.par_quartier):
        assert table(faits, [PART]).empty


# --- Quartiers -------------------------------------------------------------------------------------


def test_quartiers_come_in_the_edition_s_order_and_the_commune_last(dessin):
    chiffres = [dessin.fait(PART, lieu, 10.0 + rang) for rang, lieu in enumerate((ROBINSON, PLUM, ICI))]
    chiffres += [
        dessin.fait(PART, f"98817-{nom}", None, statut=Statut.SECRET) for nom in ("boulari", "yahoué")
    ]
    lue = lire(tables.par_quartier(dessin.faits([PART], chiffres), [PART]))
    assert [(nom, ligne["Part des aînés, 2019"]) for nom, ligne in lue.items()] == [
        ("Plum", "11,0 %"),
        ("Robinson", "10,0 %"),
        ("Boulari", "secret"),
        ("Yahoué", "secret"),
        ("Le Mont-Dore", "12,0 %"),
    ]


def test_the_commune_is_shown_at_the_date_of_its_quartiers(dessin):
    chiffres = [dessin.fait(TOTAL, ICI, 25_303, 2025), dessin.fait(TOTAL, ICI, 27_620)]
    chiffres += [dessin.fait(TOTAL, quartier.code, 100) for quartier in dessin.edition.quartiers]
    lue = lire(tables.par_quartier(dessin.faits([TOTAL], chiffres), [TOTAL]))
    assert lue["Le Mont-Dore"] == {"Population (habitants), 2019": "27 620"}


def test_a_commune_of_which_nothing_is_known_has_no_row_among_its_quartiers(dessin):
    chiffres = [dessin.fait(PART, quartier.code, 10.0) for quartier in dessin.edition.quartiers]
    chiffres.append(dessin.fait(PART, ICI, None))
    assert "Le Mont-Dore" not in lire(tables.par_quartier(dessin.faits([PART], chiffres), [PART]))


def test_an_indicator_unknown_in_quartiers_has_no_column_there(faits):
    assert tables.par_quartier(faits, [PART, TOTAL]).empty


# --- The card of an indicator ----------------------------------------------------------------------


def test_the_card_says_the_latest_values_with_their_intervals(dessin):
    chiffres = [
        dessin.fait(PART, ICI, 15.73, basse=15.3, haute=16.17),
        dessin.fait(PART, ICI, 12.1, 2014),
        dessin.fait(PART, GRAND_NOUMEA, 9.0, 2014, statut=Statut.FRAGILE),
    ]
    assert texte(tables.valeurs(dessin.faits([PART], chiffres), PART)) == (
        "Le Mont-Dore, 2019 : 15,7 % (15,3 à 16,2) ; Grand Nouméa, 2014 : 9,0 %*"
    )


def test_the_card_says_once_two_bounds_that_are_one_number(dessin):
    chiffre = dessin.fait(PART, ICI, 9.0, basse=8.96, haute=9.04)
    assert texte(tables.valeurs(dessin.faits([PART], [chiffre]), PART)) == (
        "Le Mont-Dore, 2019 : 9,0 % (9,0 aux deux bornes)"
    )


def test_the_card_says_each_group_and_what_is_secret(dessin):
    chiffres = [
        dessin.fait(MOTIF, ICI, 60.0, 2025, groupe="logement"),
        dessin.fait(MOTIF, ICI, None, 2025, groupe="energie", statut=Statut.SECRET),
        dessin.fait(MOTIF, ICI, 40.0, 2024, groupe="energie"),
    ]
    lue = texte(tables.valeurs(dessin.faits([MOTIF], chiffres), MOTIF))
    assert lue == "Le Mont-Dore, 2025 : Logement : 60,0 % ; Énergie et eau : secret"


def test_the_card_of_what_only_the_quartiers_know_says_their_extremes(dessin):
    chiffres = [
        dessin.fait(PART, lieu.code, 10.0 + rang) for rang, lieu in enumerate(dessin.edition.quartiers)
    ]
    assert texte(tables.valeurs(dessin.faits([PART], chiffres), PART)) == (
        "Selon le quartier, la part des aînés va de 10,0 % (Plum) à 13,0 % (Yahoué) en 2019."
    )


def test_the_card_of_an_indicator_without_value_says_so(dessin):
    assert (
        tables.valeurs(dessin.faits([PART], []), PART)
        == "aucune valeur publiée pour la commune et ses comparateurs"
    )


def test_an_interval_that_does_not_exist_is_not_written(dessin):
    for basse in (None, float("nan")):
        faits = dessin.faits([TOTAL], [dessin.fait(TOTAL, ICI, 27_620, basse=basse, haute=basse)])
        assert texte(tables.valeurs(faits, TOTAL)) == "Le Mont-Dore, 2019 : 27 620"
