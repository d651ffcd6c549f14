"""Bourg-en-Bresse and its agglomeration, from the census tables of the repository: each figure computed by hand."""

import csv
import tomllib
from pathlib import Path

import duckdb
import pytest

from pipeline import cog, compute, ingest, transform
from pipeline.edition import lire_edition
from pipeline.indicators import CHAPITRES
from pipeline.sources.registre import SOURCES

TABLES = Path(__file__).parents[1] / "data" / "raw" / "insee"
TRANSCRITES = sorted(TABLES.glob("insee_rp_*.csv"))
BOURG, AGGLOMERATION = "01053", "EPCI-200071751"


@pytest.fixture(scope="module")
def resultats(tmp_path_factory):
    """(indicateur, territoire, millesime) → (depuis, valeur), of an edition made of the census tables alone."""
    racine = tmp_path_factory.mktemp("bourg")
    dossier = racine / "data" / "raw" / "bourg" / "2026"
    dossier.mkdir(parents=True)
    (racine / "data" / "raw" / "insee").symlink_to(TABLES, target_is_directory=True)
    fichiers = [
        f'[[fichiers]]\nsource = "{table.stem}"\nchemin = "../../insee/{table.name}"\ngeographie = 2025\n'
        for table in TRANSCRITES
    ]
    (dossier / "edition.toml").write_text(
        '[edition]\ntitre = "Analyse"\nredaction = "CCAS"\nprofil = "france"\n'
        f'comparateurs = ["{AGGLOMERATION}"]\n[territoire]\ncode = "{BOURG}"\nnom = "Bourg-en-Bresse"\n'
        + "\n".join(fichiers),
        encoding="utf-8",
    )
    edition = lire_edition("bourg/2026", racine)
    with duckdb.connect() as con:
        con.execute("set threads = 1")
        ingest.charger(con, edition, SOURCES)
        transform.construire(con, edition)
        lignes = compute.calculer(con, edition, CHAPITRES, transform.series())
    cle = ["indicateur", "territoire", "millesime"]
    return lignes.set_index(cle)[["depuis", "valeur", "statut"]].sort_index()


@pytest.fixture(scope="module")
def faits():
    """(commune, variable) → published figure."""
    lus = {}
    for table in TRANSCRITES:
        with table.open(encoding="utf-8", newline="") as fichier:
            lus |= {
                (f["CODGEO"], f["variable"]): float(f["valeur"])
                for f in csv.DictReader(fichier, delimiter=";")
            }
    return lus


def valeur(resultats, indicateur, territoire=BOURG, millesime=2022):
    return resultats.loc[(indicateur, territoire, millesime), "valeur"]


# Indicator → the hand computation on INSEE's own variables.
A_LA_MAIN = {
    "population": lambda v: v("P22_POP"),
    "evolution_population": lambda v: 100 * ((v("P22_POP") / v("P16_POP")) ** (1 / 6) - 1),
    "densite": lambda v: v("P22_POP") / v("SUPERF"),
    "variation_solde_naturel": lambda v: (
        100 * (v("NAIS1621") - v("DECE1621")) / (6 * (v("P16_POP") + v("P22_POP")) / 2)
    ),
    "variation_solde_apparent": lambda v: (
        100
        * (v("P22_POP") - v("P16_POP") - v("NAIS1621") + v("DECE1621"))
        / (6 * (v("P16_POP") + v("P22_POP")) / 2)
    ),
    "part_0_14": lambda v: 100 * v("P22_POP0014") / v("P22_POP"),
    "part_60_plus": lambda v: 100 * (v("P22_POP6074") + v("P22_POP7589") + v("P22_POP90P")) / v("P22_POP"),
    "part_75_plus": lambda v: 100 * (v("P22_POP7589") + v("P22_POP90P")) / v("P22_POP"),
    "part_90_plus": lambda v: 100 * v("P22_POP90P") / v("P22_POP"),
    "part_logements_vacants": lambda v: 100 * v("P22_LOGVAC") / v("P22_LOG"),
    "part_residences_secondaires": lambda v: 100 * v("P22_RSECOCC") / v("P22_LOG"),
    "part_proprietaires": lambda v: 100 * v("P22_RP_PROP") / v("P22_RP"),
    "taux_activite": lambda v: 100 * v("P22_ACT1564") / v("P22_POP1564"),
    "taux_emploi": lambda v: 100 * (v("P22_ACT1564") - v("P22_CHOM1564")) / v("P22_POP1564"),
    "taux_chomage": lambda v: 100 * v("P22_CHOM1564") / v("P22_ACT1564"),
    "taux_chomage_15_24": lambda v: 100 * v("P22_CHOM1524") / v("P22_ACT1524"),
    "taux_chomage_55_64": lambda v: 100 * v("P22_CHOM5564") / v("P22_ACT5564"),
    "part_familles_monoparentales": lambda v: (
        100 * v("C22_FAMMONO") / (v("C22_COUPAENF") + v("C22_COUPSENF") + v("C22_FAMMONO"))
    ),
    "part_monoparentales_avec_enfant": lambda v: (
        100 * v("C22_FAMMONO") / (v("C22_FAMMONO") + v("C22_COUPAENF"))
    ),
}


@pytest.mark.parametrize("indicateur", A_LA_MAIN)
def test_bourg_en_bresse_equals_the_hand_computation(resultats, faits, indicateur):
    attendu = A_LA_MAIN[indicateur](lambda variable: faits[BOURG, variable])
    assert valeur(resultats, indicateur) == pytest.approx(attendu, rel=1e-9)


@pytest.mark.parametrize("indicateur", A_LA_MAIN)
def test_the_agglomeration_is_the_sum_of_its_74_communes(resultats, faits, indicateur):
    reference = cog.territoires()
    communes = reference.loc[reference["dans"].str.split().map(lambda dans: AGGLOMERATION in dans), "code"]
    assert len(communes) == 74
    attendu = A_LA_MAIN[indicateur](lambda variable: sum(faits[code, variable] for code in communes))
    assert valeur(resultats, indicateur, AGGLOMERATION) == pytest.approx(attendu, rel=1e-9)


def test_the_published_figures_of_bourg_en_bresse(resultats):
    assert valeur(resultats, "population") == 42_065
    assert valeur(resultats, "population", AGGLOMERATION) == 135_794
    assert valeur(resultats, "population", AGGLOMERATION, 2016) == pytest.approx(131_727)
    # (42 065 / 41 365)^(1/6) - 1 = 0.28 % a year
    assert round(valeur(resultats, "evolution_population"), 2) == 0.28
    assert resultats.loc[("evolution_population", BOURG, 2022), "depuis"] == 2016
    # 100 x (2 869 - 2 827) / (6 x 41 715) = 0.02 % a year
    assert round(valeur(resultats, "variation_solde_naturel"), 2) == 0.02


def test_the_two_balances_make_the_change(resultats, faits):
    moyenne = (faits[BOURG, "P16_POP"] + faits[BOURG, "P22_POP"]) / 2
    total = 100 * (faits[BOURG, "P22_POP"] - faits[BOURG, "P16_POP"]) / (6 * moyenne)
    somme = valeur(resultats, "variation_solde_naturel") + valeur(resultats, "variation_solde_apparent")
    assert somme == pytest.approx(total)


def test_what_the_tables_do_not_hold_has_no_figure(resultats):
    """No total of households of the complémentaire, no sex, no 20-year age: they are not made up."""
    connus = set(resultats.index.get_level_values("indicateur"))
    for absent in (
        "part_menages_une_personne",
        "part_femmes",
        "indice_vieillissement",
        "part_locataires",
        "concentration_emploi",
    ):
        assert absent not in connus


def test_the_prudence_of_a_profile_names_indicators_that_exist():
    connus = {indicateur.id for chapitre in CHAPITRES for indicateur in chapitre.indicators}
    for profil in (Path(__file__).parents[1] / "pipeline" / "profiles").glob("*.toml"):
        prudences = tomllib.loads(profil.read_text(encoding="utf-8"))["prudences"]
        assert prudences.keys() <= connus
        assert all(texte.endswith(".") for texte in prudences.values())
