"""Files of the whole country: read once, in one geography, for every edition."""

import shutil

import duckdb
import pandera.pandas as pa
import pytest

from pipeline import communs, ingest, protect
from pipeline.edition import lire_edition
from pipeline.model import ErreurUtilisateur, Source
from pipeline.provenance import compagnon
from pipeline.readers import lire_csv
from pipeline.sources import colonne

SCHEMA = pa.DataFrameSchema(
    {
        "territoire": colonne("CODGEO", "texte", "Commune"),
        "millesime": colonne("TIME_PERIOD", "entier", "Millésime"),
        "pop": colonne("P{yy}_POP", "nombre", "Population", nullable=True),
        "mediane": colonne("MED{yy}", "nombre", "Médiane", nullable=True, publie=True),
    },
    unique=["territoire", "millesime"],
)
SOURCE = Source(
    id="essai",
    title="Essai",
    producer="INSEE",
    licence="",
    page="",
    schema=SCHEMA,
    readers={".csv": lire_csv},
    nationale=True,
)


@pytest.fixture
def editions(tmp_path):
    """`editions(lignes, geographie)` → two editions of one file, and a function that loads one of them."""

    def ouvrir(*lignes, suite="geographie = 2023\n"):
        (tmp_path / "data/raw/insee").mkdir(parents=True, exist_ok=True)
        fichier = tmp_path / "data/raw/insee/essai.csv"
        fichier.write_text("\n".join(["CODGEO;P22_POP;MED22", *lignes]) + "\n", encoding="utf-8")
        for nom, code in (("bourg", "01053"), ("senlis", "60612")):
            dossier = tmp_path / f"data/raw/{nom}/2026"
            dossier.mkdir(parents=True, exist_ok=True)
            (dossier / "edition.toml").write_text(
                '[edition]\ntitre = "A"\nredaction = "C"\nprofil = "france"\ncomparateurs = []\n'
                f'[territoire]\ncode = "{code}"\nnom = "{nom}"\n'
                '[[fichiers]]\nsource = "essai"\nchemin = "../../insee/essai.csv"\nmillesime = 2022\n'
                + suite,
                encoding="utf-8",
            )
        return [lire_edition(f"{nom}/2026", tmp_path) for nom in ("bourg", "senlis")]

    return ouvrir


def lues(edition):
    with duckdb.connect() as con:
        qualites = ingest.charger(con, edition, (SOURCE,))
        lignes = con.execute(
            "select territoire, pop, mediane from brut.essai order by territoire, millesime desc"
        ).fetchall()
    return lignes, qualites[0]


def test_counts_of_communes_that_merged_are_summed_and_a_median_is_left_blank(editions):
    # Rânes: 16355 joined 16097 on 1 January 2024; Bourg-en-Bresse did not move
    bourg, _ = editions("01053;42065;20980", "16097;900;21000", "16355;100;19000")
    lignes, qualite = lues(bourg)
    assert lignes == [("01053", 42_065, 20_980), ("16097", 900 + 100, None)]
    assert "géographie 2023 amenée à 2026" in qualite["detecte"]
    assert (qualite["lignes_lues"], qualite["lignes_chargees"]) == (3, 3)


def test_a_file_is_read_by_the_first_edition_and_not_by_the_second(editions, monkeypatch):
    bourg, senlis = editions("01053;42065;20980")
    attendu = lues(bourg)[0]

    def relire(*_):
        raise AssertionError("le fichier est lu deux fois")

    monkeypatch.setattr(ingest, "examiner", relire)
    assert lues(senlis)[0] == attendu


def test_the_base_that_all_may_read_holds_the_rows_of_the_country_the_other_sees_them(editions, tmp_path):
    bourg, _ = editions("01053;42065;20980")
    with duckdb.connect(str(tmp_path / "confidentiel.duckdb")) as con:
        ingest.charger(con, bourg, (SOURCE,))
        assert con.execute("select view_name from duckdb_views() where not internal").fetchall() == [
            ("essai",)
        ]
        protect.diffuser(con, tmp_path / "base.duckdb")
    shutil.rmtree(bourg.communs)
    with duckdb.connect(str(tmp_path / "base.duckdb")) as con:
        assert con.execute("select territoire, pop from brut.essai").fetchall() == [("01053", 42_065)]


def test_another_content_or_another_geography_is_read_again(editions):
    def cle(edition):
        [fichier] = edition.fichiers
        chemin = edition.chemin(fichier)
        return communs.cle(
            SOURCE, fichier, compagnon(chemin), ingest.verifier_fichier(SOURCE, fichier, chemin)
        )

    cles = {
        cle(editions("01053;42065;20980")[0]),
        cle(editions("01053;42066;20980")[0]),
        cle(editions("01053;42065;20980", suite="geographie = 2024\n")[0]),
    }
    assert len(cles) == 3


def test_what_is_said_of_the_file_is_each_edition_s(editions):
    bourg, senlis = editions("01053;42065;20980", suite='geographie = 2023\ndepose_par = "INSEE"\n')
    lues(bourg)
    assert lues(senlis)[1]["depose_par"] == "INSEE"
    assert lues(senlis)[1]["fichier"] == "../../insee/essai.csv"


def test_rejects_and_quality_survive_the_shared_copy(editions, monkeypatch):
    monkeypatch.setattr(ingest, "refuser_si_trop", lambda *_: None)
    bourg, senlis = editions("01053;42065;20980", "01004;beaucoup;21000")
    premier, second = lues(bourg)[1], lues(senlis)[1]
    assert premier == second
    assert premier["lignes_rejetees"] == 1
    with duckdb.connect() as con:
        ingest.charger(con, senlis, (SOURCE,))
        assert con.execute("select ligne, colonne, regle, valeur from qualite.rejets").fetchall() == [
            ("3", "pop", "nombre attendu", "beaucoup")
        ]


# --- Files read side by side -----------------------------------------------------------------------


def autre_fichier(nom, millesime):
    return f'[[fichiers]]\nsource = "essai"\nchemin = "../../insee/{nom}.csv"\nmillesime = {millesime}\n'


def test_a_file_of_the_country_declared_twice_is_refused(editions):
    bourg, _ = editions("01053;42065;20980", suite=autre_fichier("essai", 2022))
    with pytest.raises(ErreurUtilisateur, match=r"essai\.csv » est déclaré deux fois"):
        lues(bourg)


def test_two_vintages_of_a_file_are_one_table(editions, tmp_path):
    bourg, _ = editions("01053;42065;20980", suite=autre_fichier("avant", 2016))
    (tmp_path / "data/raw/insee/avant.csv").write_text("CODGEO;P16_POP;MED16\n01053;41365;19000\n")
    assert lues(bourg)[0] == [("01053", 42_065, 20_980), ("01053", 41_365, 19_000)]


def test_of_two_files_at_fault_the_first_is_told(editions, tmp_path):
    (tmp_path / "data/raw/insee").mkdir(parents=True)
    (tmp_path / "data/raw/insee/avant.csv").write_text("CODGEO;P16_POP;MED16\n01053;peu;19000\n")
    for _ in range(5):
        bourg, _ = editions(*["01053;42065;20980"] * 9000, suite=autre_fichier("avant", 2016))
        with pytest.raises(ErreurUtilisateur, match=r"essai\.csv, ligne 3.*doublon"):
            lues(bourg)


def test_the_first_file_at_fault_is_told_even_when_a_larger_one_is_read_before_it(editions, tmp_path):
    (tmp_path / "data/raw/insee").mkdir(parents=True)
    lignes = "01053;41365;19000\n" * 9000
    (tmp_path / "data/raw/insee/avant.csv").write_text(f"CODGEO;P16_POP;MED16\n{lignes}")
    bourg, _ = editions("01053;peu;20980", suite=autre_fichier("avant", 2016))
    with pytest.raises(ErreurUtilisateur, match=r"essai\.csv, ligne 2.*nombre attendu"):
        lues(bourg)


@pytest.mark.parametrize("ensemble", [True, False])
def test_lyon_counts_once_whole_or_by_arrondissement(editions, ensemble):
    arrondissements = [f"6938{rang};100;" for rang in range(1, 10)]
    lyon = ["69123;900;25000"] if ensemble else []
    bourg, _ = editions(*arrondissements, *lyon, suite="geographie = 2026\n")
    assert lues(bourg)[0] == [("69123", 900, 25_000 if ensemble else None)]


def test_codes_of_another_geography_ask_for_its_year(editions):
    bourg, _ = editions("16355;100;19000", suite="")
    with pytest.raises(ErreurUtilisateur, match=r"« 16355 » n'est pas une commune.*geographie = 2024"):
        lues(bourg)


def test_codes_that_are_not_of_the_declared_geography_name_the_file(editions):
    # Saint-Genis-du-Bois is no commune any more at 1 January 2025
    bourg, _ = editions("33409;100;19000", suite="geographie = 2025\n")
    with pytest.raises(ErreurUtilisateur, match=r"essai\.csv \(geographie = 2025\) : .*« 33409 »"):
        lues(bourg)


def test_a_refused_file_leaves_nothing_in_the_shared_folder(editions):
    bourg, _ = editions("01053;beaucoup;20980")
    with pytest.raises(ErreurUtilisateur, match="nombre attendu"):
        lues(bourg)
    assert not list(bourg.communs.glob("*")) if bourg.communs.exists() else True
