"""CNAF, DARES, civil registration, BPE and DREES: what their files are, and what is refused at the door."""

import tomllib
import zipfile

import openpyxl
import pandas as pd
import pytest

from pipeline.communs import amener
from pipeline.edition import Fichier
from pipeline.ingest import charger_fichier, examiner
from pipeline.model import ErreurUtilisateur
from pipeline.ouverture import MODELES
from pipeline.sources.cnaf import NON_LOCALISES
from pipeline.sources.france import departements_au_complet
from pipeline.sources.registre import SOURCES

DECLAREES = {source.id: source for source in SOURCES}


def declaration(source, chemin, **champs):
    return DECLAREES[source], Fichier(source=source, chemin=chemin.name, **champs), chemin


def lot(source, chemin, **champs):
    return examiner(*declaration(source, chemin, **champs), None)


def refus(source, chemin, **champs):
    """The sentence that the command line would print."""
    with pytest.raises(ErreurUtilisateur) as erreur:
        charger_fichier(*declaration(source, chemin, **champs), None)
    assert "\n" not in str(erreur.value)
    return str(erreur.value)


@pytest.fixture
def ecrire(tmp_path):
    """A text file of these lines, as its producer writes it: byte order mark, CRLF or not."""

    def ecrire_(*lignes, nom="fichier.csv", bom=True, fin="\r\n"):
        chemin = tmp_path / nom
        texte = fin.join(lignes) + fin
        chemin.write_bytes(texte.encode("utf-8-sig" if bom else "utf-8"))
        return chemin

    return ecrire_


@pytest.fixture
def melodi(tmp_path):
    """A Melodi zip of these lines."""

    def ecrire_(*lignes, nom="jeu.zip"):
        chemin = tmp_path / nom
        with zipfile.ZipFile(chemin, "w") as archive:
            archive.writestr("DS_JEU_2025_data.csv", "\n".join(lignes) + "\n")
        return chemin

    return ecrire_


# --- CNAF -----------------------------------------------------------------------------------------

CNAF = "dtreffre;numcomdo;nomcom;indfoy_rsa;indmtt_rsa;indfoy_ppa;indmtt_ppa"


def test_december_is_a_year_and_other_months_are_set_aside(ecrire):
    lu = lot(
        "cnaf_prestations",
        ecrire(CNAF, "2024-12;01053;BOURG;900;450000;2000;400000", "2024-06;01053;BOURG;5;1;5;1"),
    )
    [ligne] = lu.table.to_dict("records")
    assert (ligne["territoire"], ligne["millesime"], ligne["foyers_rsa"]) == ("01053", 2024, 900)
    assert (lu.qualite["lignes_lues"], lu.qualite["lignes_ecartees"]) == (1, 1)


def test_households_that_could_not_be_located_are_kept_and_belong_to_no_commune(ecrire):
    lu = lot(
        "cnaf_prestations", ecrire(CNAF, "2024-12;;;6675;2694600;3335;642400", "2024-12;01053;BOURG;5;9;5;9")
    )
    assert dict(zip(lu.table["territoire"], lu.table["foyers_rsa"], strict=True)) == {
        NON_LOCALISES: 6675,
        "01053": 5,
    }


def test_a_blank_is_a_small_count_kept_secret_and_never_zero(ecrire):
    lu = lot("cnaf_prestations", ecrire(CNAF, "2024-12;01053;BOURG;;;5;9", "2024-12;01004;AMBERIEU;0;0;5;9"))
    assert lu.table["foyers_rsa"].isna().tolist() == [True, False]
    assert set(lu.marques["colonne"]) == {"foyers_rsa", "montant_rsa"}
    assert set(lu.marques["statut"]) == {"secret"}


def test_counts_that_are_no_multiple_of_five_are_not_those_of_the_cnaf(ecrire):
    assert "foyers arrondis à 5" in refus("cnaf_prestations", ecrire(CNAF, "2024-12;01053;BOURG;903;1;5;9"))


def foyers_rsa(chemin, **champs):
    """What `cnaf_prestations` says once its communes are those of today: (commune, year) → households."""
    source, fichier, _ = declaration("cnaf_prestations", chemin, **champs)
    table = amener(examiner(source, fichier, chemin, None), source, fichier).table
    return table.set_index(["territoire", "millesime"])["foyers_rsa"].to_dict()


def test_each_december_is_in_the_communes_of_the_january_that_follows(ecrire):
    """33409 joined 33008 on 1 January 2025: two rows in December 2023, one in December 2024."""
    chemin = ecrire(
        CNAF,
        "2023-12;33008;PORTE DE BENAUGE;20;1;5;1",
        "2023-12;33409;SAINT GENIS DU BOIS;15;1;5;1",
        "2024-12;33008;PORTE DE BENAUGE;40;1;5;1",
    )
    assert foyers_rsa(chemin) == {("33008", 2023): 20 + 15, ("33008", 2024): 40}


def test_a_geography_that_the_edition_gives_is_that_of_all_the_years(ecrire):
    """In the communes of 2024, the 40 households of December 2024 would be 33008 without 33409: not known."""
    chemin = ecrire(CNAF, "2023-12;33008;A;20;1;5;1", "2023-12;33409;B;15;1;5;1", "2024-12;33008;A;40;1;5;1")
    foyers = foyers_rsa(chemin, geographie=2024)
    assert foyers["33008", 2023] == 20 + 15
    assert pd.isna(foyers["33008", 2024])
    with pytest.raises(ErreurUtilisateur, match=r"\(geographie = 2025\) : .*« 33409 »"):
        foyers_rsa(chemin, geographie=2025)


def test_a_vintage_given_to_a_file_that_says_its_own_is_refused(ecrire):
    chemin = ecrire(CNAF, "2021-12;01053;BOURG;900;450000;2000;400000")
    assert "porte elle-même son millésime" in refus("cnaf_prestations", chemin, millesime=2022)


QUOTIENT = "dtreffre;numcomdo;nomcom;qf_400;indfoy_ndur;indnbp_ndur"


def test_a_bracket_of_quotient_familial_is_a_column_and_a_missing_one_is_unknown(ecrire):
    lignes = (
        "2024-12;01053;BOURG;Moins de 400 euros;100;300",
        "2024-12;01053;BOURG;Entre 400 et 799 euros;250;600",
        "2024-12;01004;AMBERIEU;Moins de 400 euros;40;90",
    )
    lu = lot("cnaf_quotients", ecrire(QUOTIENT, *lignes)).table.set_index("territoire")
    assert lu.loc["01053", ["foyers_qf_moins_400", "foyers_qf_400_799"]].tolist() == [100, 250]
    assert pd.isna(lu.loc["01004", "foyers_qf_400_799"])


def test_a_bracket_given_twice_is_refused(ecrire):
    deux = "2024-12;01053;BOURG;Moins de 400 euros;100;300"
    assert "donnée deux fois" in refus("cnaf_quotients", ecrire(QUOTIENT, deux, deux.replace("100", "105")))


# --- DARES ----------------------------------------------------------------------------------------

DARES = (
    "Date;Code région;Région;Code département;Département;Code commune;Commune;Type de données;Catégorie;Sexe;"
    "Tranche d'âge;Nombre de demandeurs d'emploi"
)


def inscrits(nombre, *, sexe="Total", age="Total", date="2024-T4", code="01053", categorie="ABC"):
    return f"{date};84;ARA;01;Ain;{code};Bourg;Brutes;{categorie};{sexe};{age};{nombre}"


def test_a_combination_is_a_column_and_the_fourth_quarter_a_year(ecrire):
    chemin = ecrire(
        DARES,
        inscrits(4000),
        inscrits(2100, sexe="Femmes"),
        inscrits(3900, date="2024-T3"),
        inscrits(7, categorie="D"),
    )
    lu = lot("dares_demandeurs", chemin)
    [ligne] = lu.table.to_dict("records")
    assert (ligne["millesime"], ligne["demandeurs_abc"], ligne["demandeurs_abc_femmes"]) == (2024, 4000, 2100)
    assert pd.isna(ligne["demandeurs_a"])
    assert lu.qualite["lignes_ecartees"] == 2


@pytest.mark.parametrize(
    ("lignes", "phrase"),
    [
        ([inscrits(4000), inscrits(4000)], "est donné deux fois"),
        ([inscrits(4003)], "arrondis à 5"),
        ([inscrits(100), inscrits(110, sexe="Femmes")], "une partie ne dépasse pas l'ensemble"),
        ([inscrits(100, code="1053")], "a perdu son zéro"),
    ],
)
def test_what_dares_cannot_have_published_is_refused(ecrire, lignes, phrase):
    assert phrase in refus("dares_demandeurs", ecrire(DARES, *lignes))


# --- Civil registration and facilities ------------------------------------------------------------

NAISSANCES = "FREQ;GEO;GEO_OBJECT;EC_MEASURE;OBS_STATUS;TIME_PERIOD;OBS_VALUE"


def test_births_are_read_at_the_levels_wanted_and_a_missing_one_is_counted(melodi):
    lu = lot(
        "insee_naissances",
        melodi(
            NAISSANCES,
            "A;01053;COM;LVB;A;2024;415.0",
            "A;01;DEP;LVB;A;2024;6800.0",
            "A;001;AAV2020;LVB;A;2024;9.0",
            "A;55039;COM;LVB;M;2024;",
        ),
    )
    assert dict(zip(lu.table["territoire"], lu.table["naissances"], strict=True)) == {
        "01053": 415,
        "DEP-01": 6800,
    }
    # four lines of the file: two read, one of another level, one without a value
    assert lu.qualite["lignes_ecartees"] == 2


def test_the_three_legal_populations_are_three_columns(melodi):
    chemin = melodi(
        "GEO;GEO_OBJECT;FREQ;POPREF_MEASURE;TIME_PERIOD;OBS_VALUE",
        "01053;COM;A;PMUN;2023;1000",
        "01053;COM;A;PCAP;2023;50",
        "01053;COM;A;PTOT;2023;1050",
    )
    [ligne] = lot("insee_populations_reference", chemin).table.to_dict("records")
    assert (ligne["population_municipale"], ligne["population_totale"]) == (1_000, 1_000 + 50)


def test_a_total_population_that_is_not_its_two_parts_is_refused(melodi):
    chemin = melodi(
        "GEO;GEO_OBJECT;FREQ;POPREF_MEASURE;TIME_PERIOD;OBS_VALUE",
        "01053;COM;A;PMUN;2023;1000",
        "01053;COM;A;PCAP;2023;50",
        "01053;COM;A;PTOT;2023;1051",
    )
    assert "municipale + comptée à part = totale" in refus("insee_populations_reference", chemin)


def test_a_type_that_some_territory_has_is_nil_where_melodi_writes_no_line(melodi):
    entete = (
        "GEO;GEO_OBJECT;FACILITY_DOM;FACILITY_SDOM;FACILITY_TYPE;BPE_MEASURE;UNIT_MULT;UNIT_MEASURE;OBS_STATUS;"
        "TIME_PERIOD;OBS_VALUE"
    )
    chemin = melodi(
        entete,
        "01053;COM;_T;_T;_T;FACILITIES;0;NR;A;2025;1600",
        "01053;COM;D;D3;D307;FACILITIES;0;NR;A;2025;14",
        "01001;COM;_T;_T;_T;FACILITIES;0;NR;A;2025;22",
    )
    table = lot("insee_bpe", chemin).table.set_index("territoire")
    assert table["pharmacies"].to_dict() == {"01053": 14, "01001": 0}
    assert table["generalistes"].isna().all(), "no territory has one in the file: unknown, and not nil"


def test_facilities_of_before_the_codes_of_2024_are_refused(melodi):
    entete = "GEO;GEO_OBJECT;FACILITY_DOM;FACILITY_SDOM;FACILITY_TYPE;BPE_MEASURE;TIME_PERIOD;OBS_VALUE"
    chemin = melodi(entete, "01053;COM;_T;_T;_T;FACILITIES;2023;1600")
    assert "les codes d'équipements datent de 2024" in refus("insee_bpe", chemin)


def test_sectors_that_do_not_make_all_the_establishments_are_refused(ecrire):
    entete = "CODGEO;ETTOT24;ETAZ24;ETBE24;ETFZ24;ETGU24;ETOQ24"
    # 5 + 96 + 104 + 1517 + 304 = 2026
    juste = ecrire(entete, "01053;2026;5;96;104;1517;304")
    assert not len(lot("insee_etablissements", juste, millesime=2024).rejets)
    faux = ecrire(entete, "01053;2026;5;96;104;1517;305")
    assert "les cinq secteurs font l'ensemble" in refus("insee_etablissements", faux, millesime=2024)


# --- DREES ----------------------------------------------------------------------------------------

APL = ("CartoSanté; ; ", "Référentiel géographique : France par bassin de vie / canton-ville; ; ")
APL_ENTETE = "Code;Libellé;APL Médecins généralistes 2023"


def test_a_zone_of_cartosante_is_no_commune_until_the_edition_says_so(ecrire):
    chemin = ecrire(
        *APL,
        APL_ENTETE,
        "0199;Bourg-en-Bresse;3.2",
        "01004;Ambérieu-en-Bugey;3",
        "976ZZ;Mayotte;N/A - résultat non disponible",
    )
    lu = lot("drees_apl_zones", chemin, millesime=2023, valeurs={"territoire": {"ZONE-0199": "01053"}})
    assert lu.table["territoire"].tolist() == ["01053", "ZONE-01004", "ZONE-976ZZ"]
    assert lu.marques["statut"].tolist() == ["absent"]
    assert lu.qualite["lignes_ecartees"] == 2


@pytest.fixture
def classeur(tmp_path):
    """DREES's workbook: a sheet that presents it, then one a year, its header on the ninth row and a row of units."""

    def ecrire_(**feuilles):
        chemin = tmp_path / "apl.xlsx"
        livre = openpyxl.Workbook()
        livre.active.title = "Présentation"
        livre.active["A1"] = "Indicateur d'accessibilité potentielle localisée"
        for nom, lignes in feuilles.items():
            feuille = livre.create_sheet(nom.replace("_", " "))
            feuille["A1"] = "APL aux médecins généralistes"
            entete = ["Code commune INSEE", "Commune", "APL aux médecins généralistes", "Population totale"]
            for rang, ligne in enumerate([entete, ["", "", "C/an/hab. standardisé", ""], *lignes], 9):
                for colonne, valeur in enumerate(ligne, 1):
                    feuille.cell(rang, colonne, valeur)
        livre.save(chemin)
        return chemin

    return ecrire_


def test_each_sheet_of_the_workbook_is_a_year_and_the_row_of_units_is_no_commune(classeur):
    lignes = [["01053", "Bourg-en-Bresse", 3.4, 42000], ["2A004", "Ajaccio", 2.9, 74000]]
    lu = lot("drees_apl", classeur(APL_2022=lignes, APL_2023=[["01053", "Bourg-en-Bresse", 3.2, 42000]]))
    assert lu.table[["territoire", "millesime", "apl_generalistes"]].values.tolist() == [
        ["01053", 2022, 3.4],
        ["2A004", 2022, 2.9],
        ["01053", 2023, 3.2],
    ]


def test_a_workbook_whose_codes_lost_their_zero_is_refused(classeur):
    assert "a perdu son zéro" in refus(
        "drees_apl", classeur(APL_2023=[[1053, "Bourg-en-Bresse", 3.2, 42000]])
    )


def test_a_workbook_whose_sheets_say_no_year_is_refused(classeur):
    chemin = classeur(Feuille=[["01053", "Bourg-en-Bresse", 3.2, 42000]])
    assert "disent leur année" in refus("drees_apl", chemin)


def test_an_index_of_another_year_is_refused(ecrire):
    chemin = ecrire(*APL, APL_ENTETE, "0199;Bourg-en-Bresse;3.2")
    assert "« APL Médecins généralistes 2022 »" in refus("drees_apl_zones", chemin, millesime=2022)


def test_a_file_of_the_country_that_lacks_a_departement_is_cut_and_a_region_is_not():
    departements = [f"{n:02d}" for n in range(1, 96) if n != 20] + ["2A", "2B"]
    entier = pd.DataFrame({"territoire": [f"{code}001" for code in departements]})
    assert departements_au_complet(entier).empty
    assert list(departements_au_complet(entier.iloc[:48]).index) == [47]
    assert departements_au_complet(entier.iloc[:12]).empty


# --- Tables that an analyst fills -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "lignes", "colonne", "valeur"),
    [
        ("drees_aide_sociale", ["DEP-01;APA_DOMICILE23;1234", "DEP-01;ASE23;900"], "apa_domicile", 1234),
        (
            "sdes_logement_social",
            ["01053;RPLS_LOGEMENTS23;7000", "01053;SRU_TAUX23;20"],
            "taux_sru_requis",
            20,
        ),
        ("insee_qpv", ["01053;QPV_POP23;6000", "01053;QPV_PMUN23;42000"], "population_qpv", 6000),
        ("cnaf_petite_enfance", ["01053;PLACES_EAJE23;300", "01053;ENFANTS23;1300"], "places_eaje", 300),
    ],
)
def test_a_table_filled_by_hand_is_read_one_figure_a_row(ecrire, source, lignes, colonne, valeur):
    chemin = ecrire("CODGEO;variable;valeur", *lignes, bom=False)
    [lue] = lot(source, chemin, millesime=2023).table.to_dict("records")
    assert (lue["millesime"], lue[colonne]) == (2023, valeur)
    assert refus(source, chemin, millesime=2022)


def test_more_dwellings_let_than_there_are_is_refused(ecrire):
    chemin = ecrire("CODGEO;variable;valeur", "01053;RPLS_LOGEMENTS23;70", "01053;RPLS_LOUES23;71", bom=False)
    assert "dans le parc" in refus("sdes_logement_social", chemin, millesime=2023)


# --- The real files -------------------------------------------------------------------------------

# source, file, what the edition says of it, rows read, lines of the file accounted for
REELS = (
    ("cnaf_prestations", "caf/cnaf_s_ben_com_sample.csv", {}, 4548),
    ("dares_demandeurs", "dares/dares_defm_communales_sample.csv", {}, 603),
    ("drees_apl_zones", "drees/apl_medecins_generalistes_2023.csv", {"millesime": 2023}, 2931),
    ("insee_naissances", "insee/melodi/insee_naissances_sample.zip", {}, 285),
    ("insee_deces", "insee/melodi/insee_deces_sample.zip", {}, 23),
    ("insee_bpe", "insee/melodi/insee_bpe_sample.zip", {}, 6),
    ("insee_etablissements", "insee/ain/base_cc_comparateur_ain.csv", {"millesime": 2024}, 95),
    ("insee_naissances", "insee/ain/base_cc_comparateur_ain.csv", {"millesime": 2024}, 95),
    ("insee_deces", "insee/ain/base_cc_comparateur_ain.csv", {"millesime": 2024}, 95),
    ("insee_bpe", "insee/ain/dossier_complet_light_ain.csv", {"millesime": 2024}, 95),
)


@pytest.mark.reel
@pytest.mark.parametrize(("source", "fichier", "champs", "lignes"), REELS)
def test_each_real_file_loads_whole(partage, source, fichier, champs, lignes):
    lu = lot(source, partage / "data" / fichier, **champs)
    assert (lu.qualite["lignes_lues"], lu.qualite["lignes_chargees"]) == (lignes, lignes)
    assert lu.qualite["lignes_rejetees"] == 0


@pytest.mark.reel
@pytest.mark.parametrize(
    ("source", "fichier", "observations"),
    [
        ("insee_naissances", "insee_naissances_sample.zip", 1278),
        ("insee_deces", "insee_deces_sample.zip", 225),
        ("insee_bpe", "insee_bpe_sample.zip", 105),
    ],
)
def test_each_line_of_a_melodi_sample_is_read_or_set_aside(partage, source, fichier, observations):
    lu = lot(source, partage / "data" / "insee" / "melodi" / fichier)
    valeurs = lu.table.drop(columns=["territoire", "millesime"])
    lues = int(valeurs.notna().sum().sum()) - (
        int((valeurs == 0).sum().sum()) if source == "insee_bpe" else 0
    )
    assert lues + lu.qualite["lignes_ecartees"] == observations


@pytest.mark.reel
def test_the_households_of_the_cnaf_add_up_with_those_that_are_not_located(partage):
    table = lot("cnaf_prestations", partage / "data" / "caf" / "cnaf_s_ben_com_sample.csv").table
    assert set(table.loc[table["territoire"] == NON_LOCALISES, "millesime"]) == {2020, 2021, 2022, 2023, 2024}
    bordeaux = table[(table["territoire"] == "33063") & (table["millesime"] == 2024)].iloc[0]
    assert (bordeaux["foyers_rsa"], bordeaux["foyers_prime_activite"]) == (9260, 26_745)


@pytest.mark.reel
def test_the_communes_of_the_file_of_the_cnaf_are_those_that_an_opened_edition_expects(partage):
    """The declaration that `edition` writes reads the real file, a commune of before 2025 included."""
    modele = tomllib.loads((MODELES / "france.toml").read_text(encoding="utf-8").replace("= $", "= 0 # "))
    [declaree] = [fichier for fichier in modele["fichiers"] if fichier["source"] == "cnaf_prestations"]
    chemin = partage / "data" / "caf" / "cnaf_s_ben_com_sample.csv"
    foyers = foyers_rsa(
        chemin, **{nom: declaree[nom] for nom in ("adresse", "geographie") if nom in declaree}
    )
    assert [foyers["33008", annee] for annee in (2023, 2024)] == [5, 5]
    assert "33409" not in {commune for commune, _ in foyers}


# --- Corrupted copies of the real files -----------------------------------------------------------

TEXTES = {
    "cnaf_prestations": ("caf/cnaf_s_ben_com_sample.csv", {}),
    "dares_demandeurs": ("dares/dares_defm_communales_sample.csv", {}),
    "drees_apl_zones": ("drees/apl_medecins_generalistes_2023.csv", {"millesime": 2023}),
    "insee_etablissements": ("insee/ain/base_cc_comparateur_ain.csv", {"millesime": 2024}),
    "insee_bpe": ("insee/ain/dossier_complet_light_ain.csv", {"millesime": 2024}),
}


def sans_zero(texte):
    """What a spreadsheet makes of codes: « 01004 » is 1004."""
    for avant in ("\n", ";"):
        texte = texte.replace(f"{avant}0100", f"{avant}100").replace(f"{avant}0", avant)
    return texte


def decale(texte):
    lignes = texte.split("\n")
    milieu = len(lignes) // 2
    return "\n".join([*lignes[:milieu], *(f";{ligne}" if ligne else ligne for ligne in lignes[milieu:])])


def coupe(texte):
    """Cut within a line, past the middle: its last fields are missing."""
    return texte[: texte.index("\n", len(texte) // 2) + 3]


def page_web(texte):
    return "<!DOCTYPE html><html><body>Service indisponible</body></html>"


def autre_separateur(texte):
    return texte.replace(",", " ").replace(";", ",")


@pytest.fixture
def copie(partage, tmp_path):
    def copier(source, corrompre):
        fichier, champs = TEXTES[source]
        original = partage / "data" / fichier
        texte = corrompre(original.read_text(encoding="utf-8-sig").replace("\r\n", "\n"))
        chemin = tmp_path / original.name
        chemin.write_text(texte, encoding="utf-8")
        return chemin, champs

    return copier


@pytest.mark.reel
@pytest.mark.parametrize("source", TEXTES)
@pytest.mark.parametrize("corrompre", [decale, coupe, page_web])
def test_a_corrupted_copy_is_refused_in_one_sentence(copie, source, corrompre):
    chemin, champs = copie(source, corrompre)
    assert refus(source, chemin, **champs)


@pytest.mark.reel
@pytest.mark.parametrize("source", ["insee_etablissements", "insee_bpe", "drees_apl_zones"])
def test_codes_that_lost_their_zero_are_refused_and_never_joined(copie, source):
    chemin, champs = copie(source, sans_zero)
    assert "zéro" in refus(source, chemin, **champs)


@pytest.mark.reel
@pytest.mark.parametrize("source", TEXTES)
def test_another_separator_is_recognised_and_the_same_figures_are_read(copie, source):
    chemin, champs = copie(source, autre_separateur)
    droite, _ = copie(source, lambda texte: texte.replace(",", " "))
    attendue = lot(source, droite, **champs).table
    chemin, _ = copie(source, autre_separateur)
    pd.testing.assert_frame_equal(lot(source, chemin, **champs).table, attendue)


@pytest.mark.reel
@pytest.mark.parametrize("source", ["insee_etablissements", "insee_bpe", "drees_apl_zones"])
def test_a_wide_file_of_another_vintage_is_refused(copie, source):
    chemin, _ = copie(source, lambda texte: texte)
    assert refus(source, chemin, millesime=2022)


# --- The shipped tables ---------------------------------------------------------------------------

LIVREES = {
    "insee_naissances": ("base_cc_comparateur_ain.csv", 1),
    "insee_deces": ("base_cc_comparateur_ain.csv", 1),
    "insee_etablissements": ("base_cc_comparateur_ain.csv", 8),
    "insee_bpe": ("dossier_complet_light_ain.csv", 5),
}


@pytest.mark.reel
@pytest.mark.parametrize("source", LIVREES)
def test_the_shipped_figures_of_the_ain_are_the_published_ones_cell_for_cell(partage, racine, source):
    fichier, variables = LIVREES[source]
    table = pd.read_csv(racine / "data" / "raw" / "insee" / f"{source}.csv", sep=";", dtype=str)
    publies = pd.read_csv(partage / "data" / "insee" / "ain" / fichier, sep=";", dtype=str).set_index(
        "CODGEO"
    )
    large = table.pivot(index="CODGEO", columns="variable", values="valeur")
    assert large.equals(publies.loc[large.index, large.columns])
    assert len(table) == 95 * variables


@pytest.mark.parametrize("source", LIVREES)
def test_the_shipped_figures_of_the_ain_load(racine, source):
    lu = lot(source, racine / "data" / "raw" / "insee" / f"{source}.csv", millesime=2024)
    assert (lu.qualite["lignes_lues"], lu.qualite["lignes_chargees"]) == (95, 95)
