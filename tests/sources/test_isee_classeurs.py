"""ISEE's workbooks, drawn small with each of their traps, then the real ones."""

import re
import unicodedata
import zipfile
from collections import Counter
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from pipeline.model import ErreurUtilisateur
from pipeline.sources import isee_classeurs
from pipeline.sources.isee_classeurs import (
    COMMUNES,
    COMMUNES_GRAND_NOUMEA,
    PROVINCES,
    TERRITOIRES,
    Nombre,
    age,
    annee,
    code_territoire,
    lire_majeurs,
    lire_population_age,
    lire_population_commune,
    lire_population_quartier,
    lire_superficie,
    mots,
    niveau,
    nombre,
    sexe,
)

AGE = ("millesime", "territoire", "nom", "niveau", "sexe", "age_min", "age_max", "population")
COMMUNE = ("millesime", "territoire", "nom", "niveau", "population", "renvoi")
SUPERFICIE = ("territoire", "nom", "niveau", "superficie")
MAJEURS = ("millesime", "tableau", "territoire", "nom", "niveau", "modalite", "effectif")

RACINE = Path(__file__).parents[2]
PARTAGE = RACINE.parent / "shared" / "data" / "isee"
RECENSEMENTS = PARTAGE / "population-recensements.xlsx"
ADULTES = PARTAGE / "pop-18ansetplus.xlsx"


def reel(test):
    absent = pytest.mark.skipif(not PARTAGE.is_dir(), reason="fichiers réels absents")
    return pytest.mark.reel(absent(test))


# --------------------------------------------------------------------------------------- drawing


def dessiner(dossier, **feuilles):
    """A workbook of the given sheets, `_` standing for a space in their names."""
    classeur = openpyxl.Workbook()
    classeur.remove(classeur.active)
    for nom, lignes in feuilles.items():
        onglet = classeur.create_sheet(nom.replace("_", " "))
        for ligne in lignes:
            onglet.append(ligne)
    chemin = dossier / "classeur.xlsx"
    classeur.save(chemin)
    return chemin


def ligne_quartier(nom, hommes, femmes):
    """Young and old men, young and old women, then both: each with its total."""
    jeunes, vieux = hommes[0] + femmes[0], hommes[1] + femmes[1]
    return [nom, *hommes, sum(hommes), *femmes, sum(femmes), jeunes, vieux, jeunes + vieux]


AGES = ["0 à 9 ans", "10 ans et +", "Total"]
QUARTIERS = {
    "DUMBEA": [("Koutio", (1, 2), (3, 4))],
    "MONT-DORE (LE)": [("Plum", (5, 6), (7, 8)), ("Saint Louis", (1, 0), (0, 1))],
    "NOUMEA": [("P.K. 6 ", (2, 2), (2, 2))],
    "PAITA": [("N'dé-Naniouni", (9, 1), (1, 9))],
}


def somme(lignes):
    return tuple(map(sum, zip(*lignes, strict=True)))


def bloc_quartiers(an, ages=AGES):
    """One census: quartiers, the commune they belong to after them, Grand Nouméa, a blank row, a footer."""
    lignes = [
        [f"En {an}", "Hommes", None, None, "Femmes", None, None, "Ensemble", None, None],
        [None, *ages, *ages, *ages],
    ]
    tous = []
    for commune, quartiers in QUARTIERS.items():
        lignes += [ligne_quartier(*quartier) for quartier in quartiers]
        tous += quartiers
        lignes.append(ligne_quartier(commune, somme(q[1] for q in quartiers), somme(q[2] for q in quartiers)))
    lignes.append(ligne_quartier("GRAND NOUMEA", somme(q[1] for q in tous), somme(q[2] for q in tous)))
    return [*lignes, [None], ["Unité : nombre"], [None]]


def feuille_quartiers(*annees, ages=AGES):
    titre = [[None], ["Population totale, par quartier"], [None]]
    return titre + [ligne for an in annees or (2019, 2014, 2009, 2004) for ligne in bloc_quartiers(an, ages)]


def lire(chemin):
    return lire_population_quartier(chemin, AGE).table


def valeurs(table, **filtres):
    for colonne, valeur in filtres.items():
        table = table[table[colonne] == valeur]
    return table["population"].astype(int).tolist()


# ------------------------------------------------------------------------------- labels and cells


@pytest.mark.parametrize(
    ("libelle", "attendu"),
    [
        ("0 à 9 ans", (0, 9)),
        ("0 - 9 ans", (0, 9)),
        ("20 à 29 ans ", (20, 29)),
        ("80 ans et +", (80, None)),
        ("95 ans ou +", (95, None)),
        ("90 ans et plus", (90, None)),
        ("Population des 15 ans et plus", None),
        ("Part des 60 ans et + ", None),
        ("Age non déclaré", None),
        ("Plum", None),
        ("", None),
    ],
)
def test_an_age_group_is_read_however_it_is_written(libelle, attendu):
    assert age(libelle) == attendu


@pytest.mark.parametrize(
    "libelle",
    [
        "Mont-Dore",
        "MONT-DORE",
        "MONT-DORE (LE)",
        "MONT DORE",
        "Mont-Dore (Le)",
        "Le Mont-Dore",
        " Le  Mont-Dore ",
    ],
)
def test_the_six_spellings_of_le_mont_dore_are_one_commune(libelle):
    assert code_territoire(libelle) == "98817"


@pytest.mark.parametrize(
    ("libelle", "code"),
    [
        ("Ile des Pins", "98809"),
        ("Île-des-Pins (L’)", "98809"),
        ("La Foa", "98813"),
        ("Bélep", "98801"),
        ("Houailou", "98808"),
        ("Kouaoua", "98833"),
        ("Province des îles Loyauté", "988-iles"),
        ("Nouvelle-Calédonie ", "988"),
        ("GRAND NOUMEA", "988-grand-noumea"),
        ("Mont-Dore sud", None),
        ("Païta Centre", None),
        ("Total", None),
    ],
)
def test_a_territory_is_known_by_its_name(libelle, code):
    assert code_territoire(libelle) == code


def test_codes_follow_the_alphabet_and_the_three_provinces_share_the_33_communes():
    assert len(COMMUNES) == 33
    alphabet = [mots(TERRITOIRES[code].nom) for code in COMMUNES[:-1]]
    assert alphabet == sorted(alphabet)
    assert set(COMMUNES_GRAND_NOUMEA) == {"98805", "98817", "98818", "98821"}
    assert len(PROVINCES) == 3
    assert niveau("98817-plum") == "quartier"


@pytest.mark.parametrize(
    ("contenu", "attendu"),
    [
        (2816.0, Nombre(2816, None)),
        ("2 816 (1)", Nombre(2816, "1")),
        ("2 816 (1)", Nombre(2816, "1")),
        ("1207,1", Nombre(1207.1, None)),
        ("NS (2)", Nombre(None, "2")),
        ("nd", Nombre(None, None)),
        ("", Nombre(None, None)),
        ("12 rue", None),
        ("-3", None),
    ],
)
def test_a_figure_keeps_its_value_and_its_footnote_apart(contenu, attendu):
    assert nombre(contenu) == attendu


@pytest.mark.parametrize(
    ("libelle", "attendu"),
    [("En 2019", 2019), (2004.0, 2004), ("2014", 2014), ("En mai", None), (20190, None)],
)
def test_a_census_is_a_year(libelle, attendu):
    assert annee(libelle) == attendu


def test_sexes_are_read_in_the_singular_and_the_plural():
    assert [sexe(libelle) for libelle in ("Homme", "Hommes ", "Femme", "FEMMES", "Total", "Âge")] == [
        "hommes",
        "hommes",
        "femmes",
        "femmes",
        "ensemble",
        None,
    ]


# --------------------------------------------------------------------------------------- quartiers


def test_a_quartier_belongs_to_the_commune_whose_total_follows_it(tmp_path):
    table = lire(dessiner(tmp_path, GN_quartier=feuille_quartiers()))
    assert valeurs(table, territoire="98817-plum", millesime="2019", sexe="hommes") == [5, 6]
    assert valeurs(table, territoire="98817-saint-louis", millesime="2004", sexe="femmes") == [0, 1]
    assert valeurs(table, territoire="98817", millesime="2019", sexe="hommes") == [5 + 1, 6 + 0]
    assert valeurs(table, territoire="98818-p-k-6", millesime="2009", sexe="femmes") == [2, 2]
    assert set(table["niveau"]) == {"quartier", "commune", "agglomeration"}


def test_totals_titles_and_footers_are_no_data_and_nothing_is_lost(tmp_path):
    lecture = lire_population_quartier(dessiner(tmp_path, GN_quartier=feuille_quartiers()), AGE)
    # 4 censuses × (5 quartiers + 4 communes + Grand Nouméa) × 2 sexes × 2 ages
    assert len(lecture.table) == 4 * 10 * 2 * 2
    assert set(lecture.table["sexe"]) == {"hommes", "femmes"}
    # title, and for each census two header rows and a footer
    assert len(lecture.ecartees) == 1 + 4 * 3
    assert lecture.table.index.name == "ligne"
    assert lecture.table.index[0] == 6
    assert not set(lecture.table.index) & set(lecture.ecartees["ligne"])


def test_labels_that_drift_from_census_to_census_give_the_same_rows(tmp_path):
    droite = lire(dessiner(tmp_path, GN_quartier=feuille_quartiers()))
    derive = feuille_quartiers(ages=["0 - 9 ans ", "10 ans et plus", "Total "])
    pd.testing.assert_frame_equal(lire(dessiner(tmp_path, GN_quartier=derive)), droite)


def test_columns_are_found_by_their_headers_in_any_order(tmp_path):
    droite = lire(dessiner(tmp_path, GN_quartier=feuille_quartiers()))
    # women first, and a blank column between the label and the figures
    retournees = [
        [ligne[0], None, *ligne[4:7], *ligne[1:4], *ligne[7:]] if len(ligne) > 1 else ligne
        for ligne in feuille_quartiers()
    ]
    cle = ["millesime", "territoire", "sexe", "age_min"]
    retournee = lire(dessiner(tmp_path, GN_quartier=retournees)).sort_values(cle)
    pd.testing.assert_frame_equal(retournee, droite.sort_values(cle))


def test_blocks_are_found_by_their_title_in_any_order(tmp_path):
    droite = lire(dessiner(tmp_path, GN_quartier=feuille_quartiers(2019, 2014, 2009, 2004)))
    autre = lire(dessiner(tmp_path, GN_quartier=feuille_quartiers(2004, 2009, 2014, 2019, 2025)))
    assert set(autre["millesime"]) == {*droite["millesime"], "2025"}
    assert valeurs(autre, territoire="98821", millesime="2014") == valeurs(
        droite, territoire="98821", millesime="2014"
    )


def test_a_quartier_spelt_in_two_ways_has_one_code_and_its_latest_name(tmp_path):
    lignes = feuille_quartiers()
    for ligne in lignes[17:]:
        ligne[0] = "Saint-Louis" if ligne[0] == "Saint Louis" else ligne[0]
    table = lire(dessiner(tmp_path, GN_quartier=lignes))
    assert set(table[table["territoire"] == "98817-saint-louis"]["nom"]) == {"Saint Louis"}


def rompre(lignes, nom, colonne, valeur):
    """The same sheet with one cell of the first row of that name changed."""
    copie = [list(ligne) for ligne in lignes]
    next(ligne for ligne in copie if ligne[0] == nom)[colonne] = valeur
    return copie


@pytest.mark.parametrize(
    ("lignes", "phrase"),
    [
        (feuille_quartiers(2019, 2009, 2004), "il manque 2014"),
        ([ligne for ligne in feuille_quartiers() if ligne[0] != "NOUMEA"], "2004, il manque Nouméa"),
        ([ligne for ligne in feuille_quartiers() if ligne[0] != "GRAND NOUMEA"], "il manque Grand Nouméa"),
        (
            rompre(feuille_quartiers(), "Plum", 7, 99),
            "Plum, 2019, 0 à 9 ans : hommes et femmes ne font pas l'ensemble (écart de -87)",
        ),
        (rompre(feuille_quartiers(), "Plum", 1, None), "Plum, 2019, 0 à 9 ans : hommes et femmes"),
        (rompre(feuille_quartiers(), "Plum", 1, "cinq"), "Plum, 2019, 0 à 9 ans : hommes et femmes"),
        (rompre(feuille_quartiers(), "Koutio", 3, 4), "Koutio, 2019 : hommes et femmes"),
    ],
)
def test_a_truncated_or_altered_sheet_is_refused_with_the_place(tmp_path, lignes, phrase):
    with pytest.raises(ErreurUtilisateur) as refus:
        lire(dessiner(tmp_path, GN_quartier=lignes))
    assert phrase in str(refus.value)
    assert str(refus.value).startswith("« classeur.xlsx », feuille « GN quartier » : ")


def test_ages_that_do_not_make_the_total_are_refused(tmp_path):
    lignes = feuille_quartiers()
    plum = next(ligne for ligne in lignes if ligne[0] == "Plum")
    plum[3], plum[9] = plum[3] + 1, plum[9] + 1
    with pytest.raises(ErreurUtilisateur, match="Plum, 2019, hommes : les âges ne font pas le total"):
        lire(dessiner(tmp_path, GN_quartier=lignes))


def test_a_sheet_without_any_block_is_refused(tmp_path):
    with pytest.raises(ErreurUtilisateur, match="il manque 2004, 2009, 2014, 2019"):
        lire(dessiner(tmp_path, GN_quartier=[["Population totale"], ["Unité : nombre"]]))


def test_a_workbook_without_the_sheet_names_those_it_has(tmp_path):
    with pytest.raises(ErreurUtilisateur, match=r"pas de feuille « GN quartier ».*« Feuille 1 »"):
        lire(dessiner(tmp_path, Feuille_1=[["rien"]]))


def test_a_sheet_is_found_whatever_its_accents_and_case(tmp_path):
    droite = lire(dessiner(tmp_path, GN_quartier=feuille_quartiers()))
    pd.testing.assert_frame_equal(lire(dessiner(tmp_path, gn_Quartier=feuille_quartiers())), droite)


def test_a_file_that_is_no_workbook_is_refused(tmp_path):
    chemin = tmp_path / "classeur.xlsx"
    chemin.write_text("millesime;territoire")
    with pytest.raises(ErreurUtilisateur, match="ne s'ouvre pas comme un classeur"):
        lire(chemin)


def test_a_column_that_is_not_in_the_sheet_is_refused(tmp_path):
    chemin = dessiner(tmp_path, GN_quartier=feuille_quartiers())
    with pytest.raises(ErreurUtilisateur, match="on n'y trouve pas la colonne communaute"):
        lire_population_quartier(chemin, (*AGE, "communaute"))


STRICT = {
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships"
    ),
}


def test_a_strict_workbook_that_openpyxl_finds_empty_is_read(tmp_path):
    souple = dessiner(tmp_path, GN_quartier=feuille_quartiers())
    strict = tmp_path / "strict.xlsx"
    with zipfile.ZipFile(souple) as source, zipfile.ZipFile(strict, "w") as cible:
        for nom in source.namelist():
            contenu = source.read(nom)
            for transitional, iso in STRICT.items():
                contenu = contenu.replace(transitional, iso)
            cible.writestr(nom, contenu)
    with pytest.warns(UserWarning, match="invalid specification"):
        assert not openpyxl.load_workbook(strict).sheetnames
    pd.testing.assert_frame_equal(lire(strict), lire(souple))


# ------------------------------------------------------------------------------- ages of the country


def colonnes_age(hommes, femmes):
    """Rows of (men, women, both) of one census, without and with the total row."""
    return [[h, f, None if h is None else h + f] for h, f in zip(hommes, femmes, strict=True)]


def bloc_pays(nom, libelles, recensements):
    """One territory: census → (men by age, women by age); the total row is made, undeclared ages apart."""
    lignes = [[nom, "DATE DU RECENSEMENT"], [None], [None]]
    corps = [[libelle] for libelle in libelles] + [["ensemble"]]
    for an, (hommes, femmes) in recensements.items():
        lignes[1] += [an, None, None]
        lignes[2] += ["Hommes", "Femmes", "Ensemble"]
        for ligne, cellules in zip(corps, colonnes_age(hommes, femmes), strict=False):
            ligne += cellules
        totaux = [sum(h or 0 for h in hommes), sum(f or 0 for f in femmes)]
        corps[-1] += [*totaux, sum(totaux)]
    return [*lignes, *corps, ["Population des 15 ans et plus", *[999] * (len(corps[0]) - 1)], [None]]


def bloc_grand_noumea(an, libelles=("0 à 4 ans", "5 à 9 ans", "10 ans et +", "Total")):
    communes = ["DUMBEA", "MONT-DORE", "NOUMEA", "PAITA", "GRAND NOUMEA"]
    lignes = [
        [f"En {an}", *[cellule for nom in communes for cellule in (nom, None, None)]],
        [None, *["Hommes", "Femmes", "Total"] * 5],
        [None],
    ]
    for libelle in libelles:
        poids = 3 if libelle == "Total" else 1
        lignes.append([libelle, *[poids, poids, 2 * poids] * 4, *[4 * poids, 4 * poids, 8 * poids]])
    return [*lignes, [None]]


LIBELLES = ["0 à 4 ans", "5 à 9 ans", "10 à 15 ans", "15 ans et +"]
RECENTS = dict.fromkeys((2004, 2009, 2014, 2019), ((1, 2, 3, 4), (5, 6, 7, 8)))


def classeur_ages(dossier, libelles=LIBELLES, recensements=RECENTS):
    pays = ["Nouvelle-Calédonie ", "Province des îles Loyauté", "Province Nord", "Province Sud"]
    ages = [ligne for nom in pays for ligne in bloc_pays(nom, libelles, recensements)]
    return dessiner(
        dossier,
        **{"genre_et_tranche_âge": ages},
        GN_gpe_age=[ligne for an in (2019, 2014, 2009, 2004) for ligne in bloc_grand_noumea(an)],
    )


def ages_du_pays(lecture, millesime="2019"):
    """(age_min, age_max, men) of the country."""
    table = lecture.table
    lignes = table[
        (table["territoire"] == "988") & (table["millesime"] == millesime) & (table["sexe"] == "hommes")
    ]
    return [tuple(ligne) for ligne in lignes[["age_min", "age_max", "population"]].to_numpy()]


def test_an_age_group_that_runs_into_the_next_one_stops_before_it(tmp_path):
    lecture = lire_population_age(classeur_ages(tmp_path), AGE)
    assert ages_du_pays(lecture) == [("0", "4", "1"), ("5", "9", "2"), ("10", "14", "3"), ("15", None, "4")]


@pytest.mark.parametrize("vide", [None, 0])
def test_the_oldest_groups_left_empty_or_at_zero_are_counted_with_the_one_before(tmp_path, vide):
    recensements = RECENTS | {2019: ((1, 2, 7, vide), (5, 6, 9, vide))}
    lecture = lire_population_age(classeur_ages(tmp_path, recensements=recensements), AGE)
    assert ages_du_pays(lecture) == [("0", "4", "1"), ("5", "9", "2"), ("10", None, "7")]
    assert ages_du_pays(lecture, "2014")[-1] == ("15", None, "4")


def test_a_census_where_ages_are_not_declared_is_set_aside_and_said(tmp_path):
    libelles = [*LIBELLES, "Age non déclaré"]
    recensements = dict.fromkeys(RECENTS, ((1, 2, 3, 4, 0), (5, 6, 7, 8, 0)))
    recensements = {1956: ((40, None, None, None, 3), (50, None, None, None, 0)), **recensements}
    lecture = lire_population_age(classeur_ages(tmp_path, libelles, recensements), AGE)
    assert set(lecture.table["millesime"]) == {"2004", "2009", "2014", "2019"}
    omis = lecture.ecartees[lecture.ecartees["motif"] == "recensement où des âges ne sont pas déclarés"]
    assert "Nouvelle-Calédonie, 1956, hommes : 40" in set(omis["contenu"])


def test_the_line_of_the_15_and_over_is_never_taken_for_an_age_group(tmp_path):
    lecture = lire_population_age(classeur_ages(tmp_path), AGE)
    assert "999" not in set(lecture.table["population"])
    assert lecture.ecartees["contenu"].str.startswith("Population des 15 ans et plus").sum() == 4


def test_communes_are_read_from_columns_and_rows_are_ages(tmp_path):
    table = lire_population_age(classeur_ages(tmp_path), AGE).table
    assert valeurs(table, territoire="98817", millesime="2009", sexe="femmes") == [1, 1, 1]
    assert valeurs(table, territoire="988-grand-noumea", millesime="2009", sexe="femmes") == [4, 4, 4]


def test_a_missing_age_group_is_refused(tmp_path):
    libelles = ["0 à 4 ans", "10 à 14 ans", "15 à 19 ans", "20 ans et +"]
    with pytest.raises(ErreurUtilisateur, match=r"0 à 4 ans.* : il manque le groupe d'âge suivant"):
        lire_population_age(classeur_ages(tmp_path, libelles), AGE)


def test_a_missing_province_is_refused(tmp_path):
    lignes = [
        ligne
        for nom in ("Nouvelle-Calédonie", "Province Nord", "Province Sud")
        for ligne in bloc_pays(nom, LIBELLES, RECENTS)
    ]
    with pytest.raises(ErreurUtilisateur, match="il manque Province des îles Loyauté"):
        lire_population_age(dessiner(tmp_path, **{"genre_et_tranche_âge": lignes}), AGE)


def test_a_missing_census_of_one_territory_is_refused(tmp_path):
    sans_2014 = {an: ages for an, ages in RECENTS.items() if an != 2014}
    with pytest.raises(ErreurUtilisateur, match="Nouvelle-Calédonie, il manque 2014"):
        lire_population_age(classeur_ages(tmp_path, recensements=sans_2014), AGE)


# --------------------------------------------------------------------------------- communes, areas


def feuille_communes(**cellules):
    """33 communes of 10 inhabitants in 1976 and 2019, provinces at 110, country at 330."""
    noms = {TERRITOIRES[code].nom: [10, 10] for code in COMMUNES}
    noms |= {TERRITOIRES[code].nom: [110, 110] for code in PROVINCES} | {"Nouvelle-Calédonie": [330, 330]}
    noms |= {nom.replace("_", " "): list(valeurs) for nom, valeurs in cellules.items()}
    return [
        [None],
        ["Evolution de la population des communes*"],
        ["Communes", "ANNEE DU RECENSEMENT", None, "Taux d'évolution annuel \n1996-2009 "],
        [None, 1976, 2019, None],
        *[[nom, *valeurs, -0.24] for nom, valeurs in noms.items()],
        ["* sans doubles comptes"],
        ["(1) Canala + Kouaoua étaient réunies jusqu’en 1995"],
    ]


def test_a_footnote_inside_a_number_is_kept_apart_and_ns_is_no_row(tmp_path):
    lignes = feuille_communes(Canala=("1 020 (1)", 10), Kouaoua=("NS (1)", 10))
    lecture = lire_population_commune(dessiner(tmp_path, commune_et_province=lignes), COMMUNE)
    canala = lecture.table[lecture.table["territoire"] == "98804"]
    assert canala[["millesime", "population", "renvoi"]].to_numpy().tolist() == [
        ["1976", "1020", "1"],
        ["2019", "10", None],
    ]
    kouaoua = lecture.table[lecture.table["territoire"] == "98833"]
    assert kouaoua["millesime"].tolist() == ["2019"]
    assert "Kouaoua, 1976 (renvoi 1)" in set(lecture.ecartees["contenu"])
    # 37 territories × 2 censuses − 1 « NS »
    assert len(lecture.table) == 37 * 2 - 1


def test_growth_rates_are_not_read_as_a_census(tmp_path):
    lecture = lire_population_commune(dessiner(tmp_path, commune_et_province=feuille_communes()), COMMUNE)
    assert set(lecture.table["millesime"]) == {"1976", "2019"}


@pytest.mark.parametrize(
    ("lignes", "phrase"),
    [
        ([ligne for ligne in feuille_communes() if ligne[0] != "Le Mont-Dore"], "il manque Le Mont-Dore"),
        (
            feuille_communes(Province_Nord=(110, 111)),
            "2019 : la somme des territoires ne fait pas la Nouvelle-Calédonie (écart de +1)",
        ),
        ([["Belep", 10]], "la ligne d'en-tête ne se reconnaît pas"),
    ],
)
def test_communes_missing_or_that_do_not_add_up_are_refused(tmp_path, lignes, phrase):
    with pytest.raises(ErreurUtilisateur) as refus:
        lire_population_commune(dessiner(tmp_path, commune_et_province=lignes), COMMUNE)
    assert phrase in str(refus.value)


def test_the_two_parts_of_poya_are_set_aside_and_its_whole_is_read(tmp_path):
    lignes = [
        ["Commune/Province", "Superficie", "DATE DU RECENSEMENT"],
        [None, None, 2019],
        *[[TERRITOIRES[code].nom, 1.5, 7] for code in COMMUNES if code != "98827"],
        ["Poya (nord)", 1.0, 7],
        ["Poya (sud)", 0.5, 7],
        ["Poya (sud+nord)", 1.5, 7],
        *[[TERRITOIRES[code].nom, 16.5, 7] for code in PROVINCES],
        ["Total", 49.5, 7],
    ]
    lecture = lire_superficie(dessiner(tmp_path, **{"densité": lignes}), SUPERFICIE)
    aires = dict(zip(lecture.table["territoire"], lecture.table["superficie"], strict=True))
    assert aires["98827"] == "1.5"
    assert aires["988"] == "49.5"
    assert len(aires) == 37
    assert lecture.ecartees["contenu"].str.startswith("Poya (").sum() == 2


# ----------------------------------------------------------------------------------------- adults


def feuille_majeurs(entete, ligne, an=2019, **communes):
    """33 communes with the same row, then the country; a `total` column closes each row."""
    lignes = {TERRITOIRES[code].nom.upper(): list(ligne) for code in COMMUNES}
    lignes |= {nom.replace("_", " "): list(valeurs) for nom, valeurs in communes.items()}
    pays = [sum(valeurs[rang] or 0 for valeurs in lignes.values()) for rang in range(len(ligne))]
    lignes["NOUVELLE-CALEDONIE"] = pays
    corps = [[nom, *valeurs, sum(valeur or 0 for valeur in valeurs)] for nom, valeurs in lignes.items()]
    return [["Population de 18 ans et plus"], [an, *entete, "Total"], [None], *corps, ["Unité : habitant"]]


CSP = ["Agriculteur", "Artisan-commerçant", "Cadre", "Profession intermédiaire"]
CSP += ["Employé", "Ouvrier", "Retraité", "Inactif"]
SEXES = feuille_majeurs(["Femme", "Homme"], (2, 3))
TRANCHES = feuille_majeurs(["10 à 19 ans", "20 à 29 ans", "90 ans et plus"], (1, 4, None))
CATEGORIES = feuille_majeurs(CSP, (1, 1, 1, 1, 1, 0, 0, 0))


def majeurs(table, tableau, territoire="98817"):
    lignes = table[(table["tableau"] == tableau) & (table["territoire"] == territoire)]
    return dict(zip(lignes["modalite"], lignes["effectif"], strict=True))


def test_adults_are_read_from_three_sheets_an_empty_cell_being_nobody(tmp_path):
    chemin = dessiner(tmp_path, Genre=SEXES, Tranche_age=TRANCHES, CSP=CATEGORIES)
    table = lire_majeurs(chemin, MAJEURS).table
    assert majeurs(table, "sexe") == {"femmes": "2", "hommes": "3"}
    assert majeurs(table, "age") == {"18 à 19 ans": "1", "20 à 29 ans": "4", "90 ans et plus": "0"}
    assert majeurs(table, "sexe", "988") == {"femmes": str(33 * 2), "hommes": str(33 * 3)}
    assert set(table["millesime"]) == {"2019"}


def test_the_sheet_on_communaute_is_never_opened(tmp_path, monkeypatch):
    ouvertes = []
    feuille = isee_classeurs.feuille
    monkeypatch.setattr(
        isee_classeurs, "feuille", lambda chemin, nom: ouvertes.append(nom) or feuille(chemin, nom)
    )
    communaute = feuille_majeurs(["Groupe A", "Groupe B"], (4, 1))
    chemin = dessiner(tmp_path, Genre=SEXES, Tranche_age=TRANCHES, CSP=CATEGORIES, Communaute=communaute)
    lecture = lire_majeurs(chemin, MAJEURS)
    assert ouvertes == ["Genre", "Tranche_age", "CSP"]
    assert not lecture.table["modalite"].str.contains("Groupe").any()
    assert not lecture.ecartees["contenu"].str.contains("Groupe").any()


@pytest.mark.parametrize(
    ("genre", "phrase"),
    [
        (feuille_majeurs(["Femme", "Homme"], (2, 3))[:-4], "il manque"),
        (rompre(SEXES, "LE MONT-DORE", 3, 6), "Le Mont-Dore"),
        (rompre(SEXES, "NOUVELLE-CALEDONIE", 1, 67), "Nouvelle-Calédonie"),
        (feuille_majeurs(["Femme", "Homme"], (2, 3), an="RP"), "l'année du recensement ne se lit pas"),
    ],
)
def test_a_truncated_sheet_of_adults_is_refused(tmp_path, genre, phrase):
    with pytest.raises(ErreurUtilisateur) as refus:
        lire_majeurs(dessiner(tmp_path, Genre=genre, Tranche_age=TRANCHES, CSP=CATEGORIES), MAJEURS)
    assert phrase in str(refus.value)
    assert "feuille « Genre »" in str(refus.value)


# ------------------------------------------------------------------------- the real workbooks, cell by cell
# Read again here by row and column numbers, as a person would with the sheet open: nothing is shared
# with the readers under test.


def cellules_reelles(chemin, feuille):
    lignes = CalamineWorkbook.from_path(chemin).get_sheet_by_name(feuille).to_python(skip_empty_area=False)
    return dict(enumerate(lignes, start=1))


def notre_table(nom):
    return pd.read_csv(RACINE / "data" / "raw" / "isee" / f"{nom}.csv", dtype=str, keep_default_na=False)


def par_groupe(table, cle, mesure="population"):
    """Key → figures in the order of ages."""
    triee = table.assign(rang=table["age_min"].astype(int)).sort_values("rang")
    return {code: lignes[mesure].astype(int).tolist() for code, lignes in triee.groupby(cle)}


CODES_EN_MAJUSCULES = {
    "DUMBEA": "98805",
    "MONT-DORE (LE)": "98817",
    "MONT-DORE": "98817",
    "NOUMEA": "98818",
    "PAITA": "98821",
    "GRAND NOUMEA": "988-grand-noumea",
}


def sans_accent(texte):
    plat = unicodedata.normalize("NFKD", texte.lower().replace("œ", "oe")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plat).strip("-")


@reel
def test_our_quartiers_equal_the_workbook_cell_for_cell():
    feuille = cellules_reelles(RECENSEMENTS, "GN quartier")
    attendu = {}
    for an, debut, fin in ((2019, 8, 73), (2014, 79, 144), (2009, 150, 214), (2004, 221, 284)):
        attente = []
        for ligne in range(debut, fin + 1):
            nom, *figures = feuille[ligne]
            attente.append((sans_accent(nom.strip()), figures[:9], figures[10:19]))
            if commune := CODES_EN_MAJUSCULES.get(nom):
                attente[-1] = ("", *attente[-1][1:])
                for quartier, hommes, femmes in attente:
                    code = f"{commune}-{quartier}" if quartier else commune
                    attendu |= {(str(an), code, "hommes"): hommes, (str(an), code, "femmes"): femmes}
                attente = []
    trouve = par_groupe(notre_table("isee_population_quartier"), ["millesime", "territoire", "sexe"])
    assert trouve == attendu


@reel
def test_our_ages_equal_the_workbook_cell_for_cell():
    attendu = {}
    pays = cellules_reelles(RECENSEMENTS, "genre et tranche âge")
    blocs = [("988", 9, 27, 7), ("988-iles", 38, 57, 36), ("988-nord", 67, 86, 65), ("988-sud", 96, 115, 94)]
    for code, debut, fin, annees in blocs:
        for colonne in range(1, 34, 3):
            an = pays[annees][colonne]
            if an == "" or an < 1976:
                continue
            for ecart, nom in enumerate(("hommes", "femmes")):
                figures = [pays[ligne][colonne + ecart] for ligne in range(debut, fin + 1)]
                ensemble = [pays[ligne][colonne + 2] or 0 for ligne in range(debut, fin + 1)]
                dernier = max(rang for rang, valeur in enumerate(ensemble) if valeur)
                attendu[str(int(an)), code, nom] = figures[: dernier + 1]
    noumea = cellules_reelles(RECENSEMENTS, "GN gpe age")
    for an, debut, fin, entete in (
        (2019, 9, 17, 6),
        (2014, 24, 40, 21),
        (2009, 47, 63, 44),
        (2004, 69, 85, 67),
    ):
        for colonne in range(1, 16, 3):
            code = CODES_EN_MAJUSCULES[noumea[entete][colonne]]
            for ecart, nom in enumerate(("hommes", "femmes")):
                attendu[str(an), code, nom] = [
                    noumea[ligne][colonne + ecart] for ligne in range(debut, fin + 1)
                ]
    assert par_groupe(notre_table("isee_population_age"), ["millesime", "territoire", "sexe"]) == attendu


@reel
def test_our_communes_equal_the_workbook_cell_for_cell():
    feuille = cellules_reelles(RECENSEMENTS, "commune et province")
    annees = [str(int(an)) for an in feuille[7][1:12]]
    # the sheet's order is alphabetical but for Kouaoua, 12th
    ordre = [*COMMUNES[:11], "98833", *COMMUNES[11:32], "988", "988-iles", "988-nord", "988-sud"]
    attendu = {}
    for ligne, code in zip(range(8, 45), ordre, strict=True):
        for an, cellule in zip(annees, feuille[ligne][1:12], strict=True):
            chiffres, _, renvoi = str(cellule).partition("(")
            if "NS" not in chiffres:
                attendu[an, code] = (
                    int(float(chiffres.replace(" ", "").replace("\xa0", ""))),
                    renvoi.rstrip(")"),
                )
    table = notre_table("isee_population_commune")
    trouve = {
        (ligne.millesime, ligne.territoire): (int(ligne.population), ligne.renvoi)
        for ligne in table.itertuples()
    }
    assert trouve == attendu


@reel
def test_our_areas_equal_the_workbook():
    feuille = cellules_reelles(RECENSEMENTS, "densité")
    table = notre_table("isee_superficie")
    attendu = Counter(
        float(feuille[ligne][1])
        for ligne in range(9, 48)
        if feuille[ligne][0] not in ("Poya (nord)", "Poya (sud)")
    )
    assert Counter(table["superficie"].astype(float)) == attendu
    aires = dict(zip(table["territoire"], table["superficie"], strict=True))
    assert (aires["98817"], aires["98827"], aires["988"]) == ("643", "845.8", "18575.5")


@reel
def test_our_adults_equal_the_workbook_cell_for_cell():
    table = notre_table("isee_majeurs")
    ordre = [*COMMUNES[:11], "98833", *COMMUNES[11:32], "988"]
    for tableau, feuille, largeur in (("sexe", "Genre", 2), ("age", "Tranche_age", 9), ("csp", "CSP", 8)):
        cellules = cellules_reelles(ADULTES, feuille)
        attendu = {
            code: [int(cellules[ligne][colonne] or 0) for colonne in range(1, largeur + 1)]
            for ligne, code in zip(range(9, 43), ordre, strict=True)
        }
        colonnes = {
            "sexe": ["femmes", "hommes"],
            "age": sorted(set(table[table["tableau"] == "age"]["modalite"])),
            "csp": CSP,
        }[tableau]
        large = table[table["tableau"] == tableau].pivot(
            index="territoire", columns="modalite", values="effectif"
        )
        assert large[colonnes].astype(int).T.to_dict("list") == attendu


@reel
@pytest.mark.parametrize(
    ("lecteur", "classeur", "nom"),
    [
        (lire_population_quartier, RECENSEMENTS, "isee_population_quartier"),
        (lire_population_age, RECENSEMENTS, "isee_population_age"),
        (lire_population_commune, RECENSEMENTS, "isee_population_commune"),
        (lire_superficie, RECENSEMENTS, "isee_superficie"),
        (lire_majeurs, ADULTES, "isee_majeurs"),
    ],
)
def test_the_reader_of_the_workbook_gives_the_rows_of_our_table(lecteur, classeur, nom):
    table = notre_table(nom)
    lue = lecteur(classeur, tuple(table.columns)).table.fillna("")
    assert Counter(lue.itertuples(index=False, name=None)) == Counter(
        table.itertuples(index=False, name=None)
    )


@reel
@pytest.mark.parametrize(("colonne", "debut", "fin"), [(13, "2009", "2014"), (14, "2014", "2019")])
def test_annual_rates_of_the_workbook_are_those_of_five_years(colonne, debut, fin):
    feuille = cellules_reelles(RECENSEMENTS, "commune et province")
    ordre = [*COMMUNES[:11], "98833", *COMMUNES[11:32], "988", "988-iles", "988-nord", "988-sud"]
    publies = [feuille[ligne][colonne] for ligne in range(8, 45)]
    large = notre_table("isee_population_commune").pivot(
        index="territoire", columns="millesime", values="population"
    )
    rapport = large[fin].astype(float) / large[debut].astype(float)
    assert (100 * (rapport ** (1 / 5) - 1))[ordre].tolist() == pytest.approx(publies, abs=1e-9)
