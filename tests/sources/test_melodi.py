"""Melodi's long files as rows of territories: nothing confounded, nothing counted twice, nothing lost."""

import zipfile

import pandera.pandas as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.model import ErreurUtilisateur
from pipeline.sources import colonne, insee_recensement, melodi

ATTENDUES = ("CODGEO", "TIME_PERIOD", "P_POP", "P_POP80P", "P_RP_ACHTOT")
ENTETE = "GEO;GEO_OBJECT;AGE;BUILD_END;OBS_STATUS;TIME_PERIOD;OBS_VALUE"


def declaree(brut, **combinaison):
    champ = colonne(brut, "nombre", brut, nullable=True)
    champ.metadata["melodi"] = combinaison or None
    return champ


SCHEMA = pa.DataFrameSchema(
    {
        "pop": declaree("P{yy}_POP", AGE="_T", BUILD_END="_T"),
        "pop_80_plus": declaree("P{yy}_POP80P", AGE="Y_GE80", BUILD_END="_T"),
        "rp": declaree("P{yy}_RP_ACHTOT", AGE="_T", BUILD_END="Y_LT{achevement}"),
        "pop_75_plus": declaree("P{yy}_POP75P"),
    }
)


@pytest.fixture
def lire(tmp_path):
    """`lire("33;DEP;_T;_T;A;2022;10")`: a zip of these lines, read."""

    def lire_(*lignes, entete=ENTETE, fin="\n", attendues=ATTENDUES, membre="DS_ESSAI_2022_data.csv"):
        archive = tmp_path / "essai.zip"
        with zipfile.ZipFile(archive, "w") as contenu:
            contenu.writestr(membre, "\n".join([entete, *lignes]) + fin)
            contenu.writestr("DS_ESSAI_2022_metadata.csv", "COD_VAR;LIB_VAR\n")
        return melodi.lecteur(SCHEMA)(archive, attendues)

    return lire_


def lignes(lecture):
    return [tuple(ligne) for ligne in lecture.table.itertuples(index=False)]


def mises_de_cote(lecture):
    return dict(zip(lecture.ecartees["motif"], lecture.ecartees["lignes"], strict=True))


def refus(lire, *lignes_, **autres):
    with pytest.raises(ErreurUtilisateur) as erreur:
        lire(*lignes_, **autres)
    return str(erreur.value)


def test_region_75_is_not_departement_75(lire):
    lues = lire(
        "75;REG;_T;_T;A;2022;6100000.5", "75;DEP;_T;_T;A;2022;2100000.5", "75056;COM;_T;_T;A;2022;9.5"
    )
    assert [ligne[:3] for ligne in lignes(lues)] == [
        ("REG-75", "2022", "6100000.5"),
        ("DEP-75", "2022", "2100000.5"),
        ("75056", "2022", "9.5"),
    ]


def test_three_vintages_of_one_file_are_three_rows(lire):
    lues = lire(
        *(
            f"01053;COM;{age};_T;A;{an};{an}.{rang}"
            for an in (2012, 2017, 2023)
            for rang, age in ((1, "_T"), (2, "Y_GE80"))
        )
    )
    assert [ligne[:4] for ligne in lignes(lues)] == [
        ("01053", f"{an}", f"{an}.1", f"{an}.2") for an in (2012, 2017, 2023)
    ]
    assert list(lues.table.index) == [2, 4, 6], "the first line of each in the file, the header being line 1"


def test_dwellings_finished_two_years_before_are_told_by_a_code_of_the_vintage(lire):
    lues = lire(
        "01053;COM;_T;Y_LT2015;A;2017;80",
        "01053;COM;_T;Y_LT2021;A;2023;90",
        "01053;COM;_T;Y_LT2015;A;2023;70",
    )
    assert [ligne[4] for ligne in lignes(lues)] == ["80", "90"], "2017 - 2 = 2015, 2023 - 2 = 2021"
    assert mises_de_cote(lues) == {"variable non déclarée": 1}


def test_other_levels_are_set_aside_and_counted_by_level(lire):
    lues = lire(
        "01053;COM;_T;_T;A;2022;1",
        "050;AAV2020;_T;_T;A;2022;2",
        "060;AAV2020;_T;_T;A;2022;2",
        "75101;ARM;_T;_T;A;2022;3",
    )
    assert len(lues.table) == 1
    assert mises_de_cote(lues) == {"niveau AAV2020": 2, "niveau ARM": 1}
    assert "4 observations : 1 lues" in lues.detecte


def test_a_dimension_that_nobody_declared_counts_at_its_total_only(lire):
    entete = ENTETE.replace("OBS_STATUS", "SEX;OBS_STATUS")
    lues = lire(
        "01053;COM;_T;_T;F;A;2022;6",
        "01053;COM;_T;_T;_T;A;2022;10",
        "01053;COM;_T;_T;M;A;2022;4",
        entete=entete,
    )
    assert [ligne[2] for ligne in lignes(lues)] == ["10"], "6 women and 4 men are not added to their total"
    assert mises_de_cote(lues) == {"variable non déclarée": 2}


def test_a_dimension_that_never_varies_says_nothing(lire):
    entete = ENTETE.replace("OBS_STATUS", "RP_MEASURE;OBS_STATUS")
    assert lignes(lire("01053;COM;_T;_T;POP;A;2022;10", entete=entete))[0][2] == "10"


def test_an_observation_without_a_value_is_set_aside_and_is_not_a_zero(lire):
    lues = lire("01053;COM;_T;_T;A;2022;10", "01053;COM;Y_GE80;_T;M;2022;")
    assert lues.table["P_POP80P"].isna().all()
    assert mises_de_cote(lues) == {"sans valeur": 1}


def test_fields_between_quotes_and_carriage_returns_read_the_same(lire):
    guillemets = lire(
        '"01053";"COM";"_T";"_T";"A";"2022";10.5\r', entete='"' + ENTETE.replace(";", '";"') + '"\r'
    )
    assert lignes(guillemets) == lignes(lire("01053;COM;_T;_T;A;2022;10.5"))


def test_three_decimals_are_not_thousands(lire):
    assert lignes(lire("01053;COM;_T;_T;A;2022;12.345"))[0][2] == "12.3450"


NIVEAUX = st.sampled_from(["COM", "EPCI", "DEP", "REG", "FRANCE", "ARM", "ZE2020"])
OBSERVATIONS = st.lists(
    st.tuples(
        st.sampled_from(["01", "33"]),
        NIVEAUX,
        st.sampled_from(["_T", "Y_GE80", "Y15T24"]),
        st.sampled_from(["2017", "2023"]),
        st.sampled_from(["", "1.5"]),
    ),
    min_size=1,
    max_size=40,
    unique_by=lambda o: o[:4],
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(observations=OBSERVATIONS)
def test_observations_read_are_cells_loaded_and_observations_set_aside(lire, observations):
    texte = [f"{code};{niveau};{age};_T;A;{an};{valeur}" for code, niveau, age, an, valeur in observations]
    connues = [o for o in observations if o[1] in melodi.NIVEAUX and o[2] != "Y15T24" and o[4]]
    if not connues:
        assert "aucune des variables attendues" in refus(lire, *texte)
        return
    lues = lire(*texte)
    cellules = int(lues.table[list(ATTENDUES[2:])].notna().sum().sum())
    assert cellules == len(connues)
    assert cellules + sum(mises_de_cote(lues).values()) == len(observations)


# --- What is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cas", "attendu"),
    [
        ({"fin": ""}, "coupé"),
        ({"lignes": ["01053;COM;_T;_T;A;2022;10", "01053;COM;Y_GE80"]}, "coupé"),
        (
            {"lignes": ["01053;COM;_T;_T;A;2022;10", "01053;COM;_T;_T;A;2022;11"]},
            "deux fois la variable P_POP pour COM 01053 (lignes 2 et 3)",
        ),
        (
            {"entete": ENTETE.replace("AGE", "TFN")},
            "n'est pas le jeu Melodi attendu : la colonne « AGE » manque",
        ),
        ({"lignes": ["01053;COM;_T;_T;A;2022;10", "", "01053;COM;Y_GE80;_T;A;2022;9"]}, "coupé"),
        ({"lignes": ['01053;COM;_T;_T;A;2022;"10', '01053;COM;Y_GE80;_T;A;2022;9"']}, "coupé"),
        ({"lignes": [], "fin": "\n"}, "aucune des variables attendues"),
        ({"entete": ENTETE.replace(";", ",")}, "n'est pas le jeu Melodi attendu"),
        ({"lignes": ["01053;COM;Y15T24;_T;A;2022;10"]}, "aucune des variables attendues"),
        ({"attendues": ("CODGEO", "P22_POP")}, "retirer « millesime »"),
        ({"membre": "autre.csv"}, "aucun fichier ne répond"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_in_one_sentence(lire, cas, attendu):
    donnees = cas.pop("lignes", ["01053;COM;_T;_T;A;2022;10"])
    message = refus(lire, *donnees, **cas)
    assert attendu in message
    assert "\n" not in message


@pytest.mark.parametrize("octets", [b"<!doctype html><html>", b"PK\x03\x04 coup"])
def test_a_web_page_or_a_cut_archive_is_refused_in_one_sentence(tmp_path, octets):
    archive = tmp_path / "essai.zip"
    archive.write_bytes(octets)
    with pytest.raises(ErreurUtilisateur, match=r"essai\.zip.*archive zip abîmée"):
        melodi.lecteur(SCHEMA)(archive, ATTENDUES)


# --- The declared crosswalk ------------------------------------------------------------------------

LUES_EN_MELODI = [source for source in insee_recensement.SOURCES if ".zip" in source.readers]


@pytest.mark.parametrize("source", LUES_EN_MELODI, ids=lambda source: source.id)
def test_no_combination_is_two_variables_and_all_say_the_same_dimensions(source):
    tiges = melodi.combinaisons(source.schema)
    distinctes = {tuple(sorted(combinaison.items())) for combinaison in tiges.values()}
    assert len(distinctes) == len(tiges)
    assert len({frozenset(combinaison) for combinaison in tiges.values()}) == 1


@pytest.mark.parametrize("source", insee_recensement.SOURCES, ids=lambda source: source.id)
def test_every_variable_says_whether_melodi_holds_it_and_no_stem_is_two_columns(source):
    champs = [c for nom, c in source.schema.columns.items() if nom not in source.schema.unique]
    assert all("melodi" in champ.metadata for champ in champs)
    tiges = [champ.metadata["brut"] for champ in champs]
    assert len(set(tiges)) == len(tiges)
    assert {tige[:2] for tige in tiges if "{yy}" in tige} <= {
        "C{" if source.exploitation == "complementaire" else "P{"
    }
