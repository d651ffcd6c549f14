"""INSEE's census of France: what the files must look like, and what is refused at the door."""

import contextlib
import csv
import hashlib
import tomllib
import zipfile
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.edition import Fichier
from pipeline.ingest import charger_fichier, examiner, typer
from pipeline.model import ErreurUtilisateur
from pipeline.readers import lire_csv
from pipeline.sources import insee_bases
from pipeline.sources.insee_recensement import SOURCES
from pipeline.sources.melodi import combinaisons

DECLAREES = {source.id: source for source in SOURCES}
TABLES = Path(__file__).parents[2] / "data" / "raw" / "insee"
AGES = {"0014": 20, "1529": 20, "3044": 20, "4559": 15, "6074": 15, "7589": 8, "90P": 2}
ENTETE = "CODGEO;P22_POP;" + ";".join(f"P22_POP{age}" for age in AGES)
CENT = tuple(AGES.values())
RESIDENCES = ";".join(f"P22_POP01P_IRAN{rang}" for rang in range(1, 8))


def lot(source, chemin, **champs):
    return examiner(DECLAREES[source], Fichier(source=source, chemin=chemin.name, **champs), chemin, None)


def refus(source, chemin, **champs):
    """The sentence that the command line would print."""
    with pytest.raises(ErreurUtilisateur) as erreur:
        charger_fichier(DECLAREES[source], Fichier(source=source, chemin=chemin.name, **champs), chemin, None)
    assert "\n" not in str(erreur.value)
    return str(erreur.value)


def base(tmp_path, lignes, entete=ENTETE):
    chemin = tmp_path / "base.csv"
    chemin.write_text("\n".join([entete, *lignes]) + "\n", encoding="utf-8")
    return chemin


def commune(code="01053", ages=CENT, total=None, virgule="."):
    """A row of a wide base; its population is the sum of its ages, but for what is said."""
    nombres = [sum(ages) if total is None else total, *ages]
    return ";".join([code, *(f"{nombre:.4f}".replace(".", virgule) for nombre in nombres)])


# --- Wide bases ------------------------------------------------------------------------------------


def test_a_wide_base_gives_one_row_a_commune_under_our_names(tmp_path):
    lu = lot("insee_rp_population", base(tmp_path, [commune()]), millesime=2022)
    [ligne] = lu.table.to_dict("records")
    assert (ligne["territoire"], ligne["millesime"]) == ("01053", 2022)
    assert (ligne["pop"], ligne["pop_90_plus"]) == (20 + 20 + 20 + 15 + 15 + 8 + 2, 2)
    assert lu.table["hommes"].isna().all(), "what the file does not hold is unknown, and not zero"
    assert "53 variables absentes du fichier, sur 61" in lu.qualite["detecte"]


def test_columns_that_nobody_declared_never_leave_the_file(tmp_path):
    chemin = base(tmp_path, ["01053;10;Bourg"], "CODGEO;P22_POP;LIBGEO")
    assert "Bourg" not in lot("insee_rp_population", chemin, millesime=2022).table.to_csv()


def test_births_between_two_censuses_go_with_the_second_one(tmp_path):
    chemin = base(
        tmp_path, ["01053;42065;23.86;2869;2827;1"], "CODGEO;P22_POP;SUPERF;NAIS1621;DECE1621;NAIS1115"
    )
    [ligne] = lot("insee_rp_serie", chemin, millesime=2022).table.to_dict("records")
    assert (ligne["superficie"], ligne["naissances"], ligne["deces"]) == (23.86, 2869, 2827)


def test_decimal_commas_are_decimals(tmp_path):
    chemin = base(tmp_path, [commune(virgule=","), commune("01004", (0.5, 0, 0, 0, 0, 0, 0.25), virgule=",")])
    assert lot("insee_rp_population", chemin, millesime=2022).table["pop"].tolist() == [100, 0.75]


def test_whole_counts_may_be_rounded_one_by_one(tmp_path):
    # 3 + 3 + 3 + 3 + 3 + 3 + 3 = 21: rounded from seven times 3.4, which is 23.8
    chemin = base(tmp_path, ["01053;24;3;3;3;3;3;3;3"])
    assert lot("insee_rp_population", chemin, millesime=2022).qualite["lignes_chargees"] == 1


@pytest.mark.parametrize("fin", ["\n", "\r\n"])
@pytest.mark.parametrize("marque", ["", "\ufeff"])
def test_a_large_regular_base_is_read_the_same_the_fast_way(tmp_path, monkeypatch, fin, marque):
    lignes = [commune(), commune("2A004", (1.5, 0, 0, 0, 0, 0, 0.25)), '"01004"' + ";" * (1 + len(AGES))]
    chemin = tmp_path / "base.csv"
    chemin.write_bytes((marque + fin.join([ENTETE, *lignes]) + fin).encode())
    lentement = lot("insee_rp_population", chemin, millesime=2022).table
    monkeypatch.setattr(insee_bases, "_GRAND", 0)
    monkeypatch.setattr(insee_bases, "lire_csv", None)
    pd.testing.assert_frame_equal(lot("insee_rp_population", chemin, millesime=2022).table, lentement)


ECRITS = ("", "0", "12", "-3", "1.234", "1.2345", "12.5", "0.125", ".5", "5.", "+5", "1e5", "1e400", "nan", "1 234",
          "1,5", " 7", "s")  # fmt: skip


DEUX = pa.DataFrameSchema(
    {nom: DECLAREES["insee_rp_population"].schema.columns[nom] for nom in ("pop", "hommes")}
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ecrits=st.lists(st.sampled_from(ECRITS), min_size=2, max_size=8))
def test_whatever_is_written_a_large_base_gives_the_numbers_and_rejects_of_a_small_one(tmp_path, ecrits):
    lignes = [f"{1001 + rang:05d};{ecrit};0.123456" for rang, ecrit in enumerate(ecrits)]
    chemin = base(tmp_path, lignes, "CODGEO;P22_POP;P22_POPH")

    def types():
        lue = insee_bases.lire_base(chemin, ("CODGEO", "P22_POP", "P22_POPH")).table
        return typer(lue.set_axis(["territoire", "pop", "hommes"], axis="columns"), DEUX)

    petite = types()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(insee_bases, "_GRAND", 0)
        grande = types()
    for une, autre in zip(petite, grande, strict=True):
        pd.testing.assert_frame_equal(une, autre)


def test_three_decimals_alone_may_be_thousands_in_a_large_base_too(tmp_path, monkeypatch):
    # 1.234 is one or a thousand: no other value of the column says which
    monkeypatch.setattr(insee_bases, "_GRAND", 0)
    chemin = base(tmp_path, ["01053;1.234;0.12345", "01004;2.000;1.5"], "CODGEO;P22_POP;P22_POPH")
    assert lot("insee_rp_population", chemin, millesime=2022).rejets["valeur"].tolist() == ["1.234", "2.000"]


@pytest.mark.parametrize(
    ("entete", "ligne"),
    [
        ("CODGEO;P22_POP;P22_POP", "01053;1;1"),
        ("CODGEO;P22_POP;Libellé", "01053;1"),
        ("titre\nCODGEO;P22_POP", "01053;1;2"),
        ("CODGEO;P22_POP;LIBGEO", '01053;1;"Bourg\n01004;2;Ambérieu'),
        ("CODGEO;P22_POP;LIBGEO", '01053;1;"Bourg\nen Bresse"'),
        ("CODGEO;P22_POP", "01053;1\n\n01004;2"),
    ],
)
def test_a_large_base_that_is_not_regular_goes_the_careful_way(tmp_path, monkeypatch, entete, ligne):
    chemin = base(tmp_path, [ligne], entete)
    monkeypatch.setattr(insee_bases, "_GRAND", 0)
    passages = []
    monkeypatch.setattr(insee_bases, "lire_csv", lambda *appel: passages.append(appel) or lire_csv(*appel))
    with contextlib.suppress(ErreurUtilisateur):
        lot("insee_rp_population", chemin, millesime=2022)
    assert len(passages) == 1


# --- What is refused -------------------------------------------------------------------------------


def test_a_code_that_lost_its_leading_zero_is_refused(tmp_path):
    message = refus("insee_rp_population", base(tmp_path, [commune("1053")]), millesime=2022)
    assert "« 1053 »" in message
    assert "a perdu son zéro" in message


@pytest.mark.parametrize("code", ["00001", "20004", "1", "Bourg", "010530101X", "COM-01053", "75", "DEP-1"])
def test_a_text_that_is_no_code_of_territory_is_refused(tmp_path, code):
    assert f"« {code} »" in refus("insee_rp_population", base(tmp_path, [commune(code)]), millesime=2022)


@pytest.mark.parametrize(
    "code",
    [
        "01053",
        "2A004",
        "97105",
        "98818",
        "010530101",
        "EPCI-200071751",
        "DEP-01",
        "DEP-2A",
        "DEP-971",
        "REG-84",
        "FRANCE-F_X_D976",
    ],
)
def test_a_commune_an_iris_and_every_level_above_are_territories(tmp_path, code):
    assert (
        lot("insee_rp_population", base(tmp_path, [commune(code)]), millesime=2022).qualite["lignes_chargees"]
        == 1
    )


def test_a_shifted_column_breaks_the_accounts(tmp_path):
    entete = "CODGEO;P22_POP0014;P22_POP;" + ";".join(f"P22_POP{age}" for age in list(AGES)[1:])
    message = refus("insee_rp_population", base(tmp_path, [commune()], entete), millesime=2022)
    assert "les âges font la population" in message


def test_a_label_in_place_of_a_count_is_refused(tmp_path):
    message = refus(
        "insee_rp_population", base(tmp_path, ["01053;Bourg-en-Bresse"], "CODGEO;P22_POP"), millesime=2022
    )
    assert "ligne 2, colonne « P22_POP » : nombre attendu, trouvé « Bourg-en-Bresse »" in message


def test_a_separator_that_is_not_one_is_refused(tmp_path):
    chemin = base(tmp_path, ["01053|42065"], "CODGEO|P22_POP")
    assert "mal séparées" in refus("insee_rp_population", chemin, millesime=2022)


def test_a_web_page_in_place_of_a_base_is_refused(tmp_path):
    chemin = base(tmp_path, ["<title>Service indisponible</title>"], "<!doctype html>")
    assert "une page web" in refus("insee_rp_population", chemin, millesime=2022)


def test_a_base_cut_in_the_middle_of_a_line_is_refused(tmp_path):
    chemin = base(tmp_path, [commune(), "01004;15554;2992.3"])
    assert "la ligne 3 compte 3 champs au lieu de 9" in refus("insee_rp_population", chemin, millesime=2022)


@pytest.mark.parametrize("octets", [1, 3, 7])
def test_a_base_cut_in_the_middle_of_a_number_is_refused(tmp_path, octets):
    chemin = base(tmp_path, [commune()])
    chemin.write_text(chemin.read_text(encoding="utf-8")[:-octets], encoding="utf-8")
    assert "s'arrête au milieu d'une ligne" in refus("insee_rp_population", chemin, millesime=2022)


def test_a_national_file_cut_between_two_lines_is_refused(tmp_path):
    # 60 départements of 90 communes: the south of the country is missing
    communes = [
        f"{departement:02d}{rang:03d};10"
        for departement in range(1, 61)
        for rang in range(90)
        if departement != 20
    ]
    message = refus("insee_rp_population", base(tmp_path, communes, "CODGEO;P22_POP"), millesime=2022)
    assert "des départements n'ont aucune ligne" in message


def test_decimals_taken_for_thousands_are_refused(tmp_path):
    # a spreadsheet that read 2992.348 as thousands writes 2992348
    chemin = base(tmp_path, [commune(total=100_000)])
    assert "les âges font la population" in refus("insee_rp_population", chemin, millesime=2022)


def test_a_column_whose_commas_may_be_thousands_or_decimals_is_refused(tmp_path):
    chemin = base(tmp_path, ["01053;42,065", "01004;15,554"], "CODGEO;P22_POP")
    assert "nombre attendu, trouvé « 42,065 »" in refus("insee_rp_population", chemin, millesime=2022)


def test_the_vintage_2021_in_the_place_of_2022_is_refused(tmp_path):
    chemin = base(tmp_path, ["01053;41681"], "CODGEO;P21_POP")
    message = refus("insee_rp_population", chemin, millesime=2022)
    assert "est du millésime 2021 (colonne « P21_POP »), alors que le millésime 2022 est annoncé" in message


@pytest.mark.parametrize("touchee", ["P22 POP 1529", "p22_pop1529", "P22_POP1529 (habitants)", "P22-POP1529"])
def test_a_variable_whose_name_was_touched_is_refused_and_not_counted_as_missing(tmp_path, touchee):
    chemin = base(tmp_path, [commune()], ENTETE.replace("P22_POP1529", touchee))
    assert (
        f"n'a pas la colonne « P22_POP1529 » mais « {touchee} », sans doute renommée : lui rendre son nom"
        in refus("insee_rp_population", chemin, millesime=2022)
    )


def test_a_variable_that_the_base_does_not_have_is_missing_and_named(tmp_path):
    # the base of IRIS has no 15 to 24 years, that of communes no 0 to 2: none holds every age
    lu = lot("insee_rp_population", base(tmp_path, ["01053;42065"], "CODGEO;P22_POP"), millesime=2022)
    assert (
        "60 variables absentes du fichier, sur 61 : P22_POPH, P22_POPF, P22_POP0002…" in lu.qualite["detecte"]
    )


def test_one_variable_that_is_missing_is_told_in_the_singular():
    assert insee_bases._manquantes(["GI21"], 28) == " ; 1 variable absente du fichier, sur 28 : GI21"


def test_a_vintage_left_out_is_asked_for(tmp_path):
    chemin = base(tmp_path, ["01053;41681"], "CODGEO;P21_POP")
    assert "aucun millésime n'est annoncé" in refus("insee_rp_population", chemin)


@pytest.mark.parametrize(
    ("source", "entete", "ligne", "regle"),
    [
        ("logement", "P22_LOG;P22_RP;P22_RSECOCC;P22_LOGVAC", "100.5;80;10;9", "les catégories font les logements"),
        ("logement", "P22_RP;P22_RP_PROP;P22_RP_LOC;P22_RP_GRAT", "80.5;40;30;5", "les statuts d'occupation"),
        ("logement", "P22_MEN;P22_RP", "81.5;80.2", "autant de ménages que de résidences principales"),
        ("activite", "P22_ACT1564;P22_ACT1524;P22_ACT2554;P22_ACT5564", "100.5;10;70;10", "les âges font les actifs"),
        ("activite", "P22_ACT1564;P22_CHOM1564", "100;110", "les chômeurs de 15 à 64 ans sont parmi les actifs"),
        ("familles", "C22_FAM;C22_COUPAENF;C22_COUPSENF;C22_FAMMONO", "100.5;40;40;10", "les types de famille"),
        ("familles", "C22_FAMMONO;C22_HMONO;C22_FMONO", "10.5;2;7", "les pères et les mères seuls"),
        ("menages_comp", "C22_MEN;C22_MENPSEUL;C22_MENSFAM;C22_MENFAM", "100.5;40;2;50", "les compositions"),
        ("menages", "P22_POPMEN80P;P22_POP80P_PSEUL", "100;120", "les 80 ans ou plus vivant seuls"),
        ("migrations", f"P22_POP01P;{RESIDENCES}", "100.5;90;1;1;1;1;1;1", "les résidences un an plus tôt"),
    ],
)  # fmt: skip
def test_accounts_that_do_not_add_up_are_refused(tmp_path, source, entete, ligne, regle):
    chemin = base(tmp_path, [f"01053;{ligne}"], f"CODGEO;{entete}")
    assert regle in refus(f"insee_rp_{source}", chemin, millesime=2022)


# --- Compact tables --------------------------------------------------------------------------------


def test_a_compact_table_holds_one_fact_a_row_and_several_vintages(tmp_path):
    faits = ["01053;P22_POP;42065", "01053;P16_POP;41365", "01004;P22_POP;15554", "01053;P22_POP0014;6825.7"]
    lu = lot("insee_rp_population", base(tmp_path, faits, "CODGEO;variable;valeur"))
    assert lu.table[["territoire", "millesime", "pop", "pop_0_14"]].astype(object).where(
        lambda t: t.notna(), None
    ).values.tolist() == [
        ["01053", 2022, 42065, 6825.7],
        ["01053", 2016, 41365, None],
        ["01004", 2022, 15554, None],
    ]
    assert list(lu.table.index) == [2, 3, 4]
    # two communes, one of them in two years
    assert lu.qualite["detecte"].endswith("4 lignes lues, un chiffre par ligne : 3 territoires et millésimes")


def test_an_area_goes_with_the_latest_vintage_of_its_commune(tmp_path):
    faits = ["01053;SUPERF;23.86", "01053;P16_POP;41365", "01053;P22_POP;42065", "01053;NAIS1621;2869"]
    lu = lot("insee_rp_serie", base(tmp_path, faits, "CODGEO;variable;valeur"))
    assert lu.table.set_index("millesime")["superficie"].dropna().to_dict() == {2022: 23.86}
    assert lu.table.set_index("millesime")["naissances"].dropna().to_dict() == {2022: 2869}


@pytest.mark.parametrize(
    ("faits", "attendu"),
    [
        (
            ["01053;P22_POP;1", "01053;P22_LOG;2"],
            "ligne 3 : la variable « P22_LOG » n'est pas de cette source",
        ),
        (
            ["01053;P22_POP;1", "01053;P22_POP;2"],
            "ligne 3 : la variable « P22_POP » est donnée deux fois pour « 01053 »",
        ),
        (["1053;P22_POP;1"], "a perdu son zéro"),
        (["01053;P22_POP;beaucoup"], "nombre attendu, trouvé « beaucoup »"),
    ],
)
def test_a_compact_table_that_cannot_be_right_is_refused(tmp_path, faits, attendu):
    chemin = base(tmp_path, faits, "CODGEO;variable;valeur")
    assert attendu in refus("insee_rp_population", chemin)


TRANSCRITES = sorted(chemin.stem for chemin in TABLES.glob("insee_rp_*.csv"))


@pytest.mark.parametrize("source", TRANSCRITES)
def test_the_tables_of_the_ain_hold_95_communes_without_a_reject(source):
    chemin = TABLES / f"{source}.csv"
    compagnon = tomllib.loads(chemin.with_suffix(".toml").read_text(encoding="utf-8"))
    assert compagnon["sha256"] == hashlib.sha256(chemin.read_bytes()).hexdigest()
    lu = lot(source, chemin, geographie=2025)
    assert lu.table["territoire"].nunique() == 95
    assert (lu.qualite["lignes_rejetees"], lu.qualite["lignes_ecartees"]) == (0, 0)


def transcrit():
    """(commune, variable) → figure, in the tables of the repository."""
    faits = {}
    for source in TRANSCRITES:
        with (TABLES / f"{source}.csv").open(encoding="utf-8", newline="") as fichier:
            for ligne in csv.DictReader(fichier, delimiter=";"):
                cle = (ligne["CODGEO"], ligne["variable"])
                assert cle not in faits, f"{cle} : un fait, un endroit"
                faits[cle] = ligne["valeur"]
    return faits


@pytest.mark.reel
def test_the_tables_of_the_ain_are_the_originals_cell_for_cell(partage):
    faits, vues = transcrit(), set()
    variables = {variable for _, variable in faits}
    for nom in ("base_cc_comparateur_ain.csv", "dossier_complet_light_ain.csv"):
        with (partage / "data/insee/ain" / nom).open(encoding="utf-8", newline="") as fichier:
            for ligne in csv.DictReader(fichier, delimiter=";"):
                for variable in variables & ligne.keys():
                    cle = (ligne["CODGEO"], variable)
                    assert float(faits[cle]) == pytest.approx(float(ligne[variable]), abs=1e-9)
                    vues.add(cle)
    assert vues == faits.keys()
    assert len(faits) == 95 * 36, "36 variables of 95 communes"


# --- Real files ------------------------------------------------------------------------------------


@pytest.mark.reel
def test_every_variable_is_named_as_insee_names_it_or_is_read_in_melodi(partage):
    with (partage / "data/insee/meta_dossier_complet.csv").open(encoding="utf-8-sig", newline="") as fichier:
        connues = {ligne["COD_VAR"] for ligne in csv.DictReader(fichier, delimiter=";")}
    entete = (partage / "data/insee/rouen/Rouen_iris.csv").read_text(encoding="utf-8").partition("\n")[0]
    connues |= {nom.replace("13_", "21_", 1) for nom in entete.strip().split(",")}
    connues |= {nom[:4] for nom in connues if nom.startswith(("NAIS", "DECE"))}
    for source in SOURCES:
        en_melodi = set(combinaisons(source.schema)) if ".zip" in source.readers else set()
        for nom, champ in source.schema.columns.items():
            if nom in source.schema.unique:
                continue
            brut = champ.metadata["brut"]
            assert brut.replace("{yy}", "21") in connues or brut.replace("{yy}", "") in en_melodi, (
                source.id,
                brut,
            )


@pytest.mark.reel
@pytest.mark.parametrize("source", ["insee_rp_population", "insee_rp_population_comp"])
def test_the_iris_of_rouen_load_whole(partage, source):
    chemin = partage / "data/insee/rouen/Rouen_iris.csv"
    lu = lot(source, chemin, millesime=2013, colonnes={"territoire": "iris"})
    with chemin.open(encoding="utf-8", newline="") as fichier:
        lignes = list(csv.DictReader(fichier))
    assert lu.qualite["lignes_lues"] == len(lignes) == lu.qualite["lignes_chargees"]
    if source == "insee_rp_population":
        assert lu.table["pop"].sum() == sum(int(ligne["P13_POP"]) for ligne in lignes)


@pytest.mark.reel
@pytest.mark.parametrize(
    ("source", "nom", "bordeaux"),
    [
        ("insee_rp_population_comp", "population_comp", ("cadres_15_plus", 2023)),
        ("insee_rp_familles", "famille", ("monoparentales", 2023)),
        ("insee_rp_logement", "logement", ("logements_vacants", 2023)),
        ("insee_rp_activite", "emploi", ("chomeurs_15_64", 2023)),
    ],
)
def test_every_observation_of_a_melodi_sample_is_loaded_or_set_aside(partage, source, nom, bordeaux):
    chemin = partage / f"data/insee/melodi/insee_{nom}_sample.zip"
    with zipfile.ZipFile(chemin) as archive:
        observations = archive.read(archive.namelist()[0]).decode().splitlines()[1:]
    lu = lot(source, chemin)
    cellules = int(lu.table.drop(columns=["territoire", "millesime"]).notna().sum().sum())
    assert cellules + lu.qualite["lignes_ecartees"] == len(observations)
    assert lu.qualite["lignes_rejetees"] == 0
    assert sorted(lu.table["millesime"].unique()) == [2012, 2017, 2023]
    colonne, annee = bordeaux
    figure = lu.table.set_index(["territoire", "millesime"]).loc[("33063", annee), colonne]
    # the figure is one of the file's own, on a line of Bordeaux
    assert any(
        ligne.startswith("33063;COM;") and ligne.endswith(f"{annee};{figure}") for ligne in observations
    )
