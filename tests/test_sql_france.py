"""What INSEE, CNAF, DARES and DREES publish of France: drawn files in, the counts that indicators are made of out."""

import re
from pathlib import Path

import duckdb
import pytest

from pipeline import compute, ingest, transform
from pipeline.edition import lire_edition
from pipeline.indicators import CHAPITRES, demographie, equipements, revenus, sante
from pipeline.model import Published
from pipeline.sources.registre import SOURCES
from pipeline.transform import ORDRE, cle, sources_de, sql

DECLAREES = {source.id: source for source in SOURCES}
TYPES_SQL = {"texte": "text", "entier": "bigint", "nombre": "double", "date": "timestamp"}
TABLES = (
    "revenus",
    "revenus_declares",
    "revenus_2",
    "etat_civil",
    "populations_reference",
    "allocataires",
    "allocataires_quotient",
    "petite_enfance",
    "inscrits_emploi",
    "equipements",
    "etablissements",
    "acces_soins",
    "aide_sociale",
    "logement_social",
    "quartiers_prioritaires",
)
LIEUX = ("01053", "01004", "DEP-01", "FRANCE-F")


@pytest.fixture
def lire(vierge):
    """Rows of a table from drawn sources: `lire("etat_civil", "naissances", insee_naissances=[{…}])`."""
    vierge.execute("create schema brut; create schema socle")
    vierge.execute(
        "create table socle.territoires as select unnest(?) as territoire, 'comparateur' as role",
        [list(LIEUX)],
    )

    def deposer(source, lignes):
        declarees = DECLAREES[source].schema.columns
        colonnes = ", ".join(f"{nom} {TYPES_SQL[c.metadata['genre']]}" for nom, c in declarees.items())
        vierge.execute(f"create or replace table brut.{source} ({colonnes}, fichier text, ligne text)")
        for ligne in lignes:
            noms, places = ", ".join(ligne), ", ".join("?" * len(ligne))
            vierge.execute(f"insert into brut.{source} ({noms}) values ({places})", list(ligne.values()))

    def lire_(table, colonnes="*", **depots):
        for source in sources_de(table):
            deposer(source, depots.get(source, ()))
        if "socle.recensements" in sql(table):
            vierge.execute(f"create or replace table socle.recensements as {sql('recensements')}")
        return vierge.execute(
            f"select {colonnes} from ({sql(table)}) order by {', '.join(cle(table))}"
        ).fetchall()

    return lire_


def ligne(millesime, territoire="01053", **valeurs):
    return {"territoire": territoire, "millesime": millesime, **valeurs}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_without_files_has_no_row(lire, table):
    assert lire(table) == []


def test_taxes_are_said_as_what_is_taken_off_and_other_communes_stay_out(lire):
    publies = [
        ligne(2021, part_impots=-14.8, taux_pauvrete=24),
        ligne(2021, territoire="99999", part_impots=-14.8),
    ]
    assert lire("revenus", "territoire, part_impots, taux_pauvrete", insee_filosofi=publies) == [
        ("01053", 14.8, 24)
    ]


def test_a_territory_given_by_two_files_is_read_in_the_one_that_says_the_most(lire):
    par_niveau = ligne(2021, niveau_vie_median=20_210, taux_pauvrete=24)
    par_commune = par_niveau | {"taux_pauvrete_locataires": 35}
    lus = lire(
        "revenus",
        "territoire, niveau_vie_median, taux_pauvrete_locataires",
        insee_filosofi=[par_niveau, par_commune, ligne(2021, territoire="DEP-01", niveau_vie_median=24_960)],
    )
    assert lus == [("01053", 20_210, 35), ("DEP-01", 24_960, None)]


def test_births_are_divided_by_the_population_of_the_last_census_known_then(lire):
    lus = lire(
        "etat_civil",
        "millesime, naissances, deces, pop",
        insee_naissances=[
            ligne(2015, naissances=600),
            ligne(2019, naissances=500),
            ligne(2024, naissances=415),
        ],
        insee_deces=[ligne(2024, deces=456)],
        insee_rp_population=[ligne(2016, pop=41_365), ligne(2022, pop=42_065)],
    )
    assert lus == [(2015, 600, None, None), (2019, 500, None, 41_365), (2024, 415, 456, 42_065)]


def test_two_files_of_one_census_are_one_population_to_every_table(lire):
    # the wide base gives the total and the sexes, Melodi the ages: one census of 42,065, read once
    moities = [
        ligne(2022, pop=42_065, hommes_0_14=3_600),
        ligne(2022, pop=42_065, pop_0_2=1_300, pop_20_64=24_000, pop_75_89=3_900, pop_90_plus=700),
    ]
    for ordre in (moities, moities[::-1]):
        assert lire(
            "etat_civil",
            "naissances, pop",
            insee_naissances=[ligne(2024, naissances=415)],
            insee_rp_population=ordre,
        ) == [(415, 42_065)]
        assert lire(
            "equipements",
            "creches, pop, pop_0_2, pop_75_plus",
            insee_bpe=[ligne(2024, creches=9)],
            insee_rp_population=ordre,
        ) == [(9, 42_065, 1_300, 3_900 + 700)]
        assert lire(
            "allocataires",
            "foyers_rsa, pop, pop_20_64",
            cnaf_prestations=[ligne(2024, foyers_rsa=900)],
            insee_rp_population=ordre,
        ) == [(900, 42_065, 24_000)]
        assert lire("population_sexe_age", "sexe, age_min, population", insee_rp_population=ordre) == [
            ("hommes", 0, 3_600)
        ]


def test_what_two_files_may_complete_is_read_where_its_rows_are_brought_together_and_nowhere_else():
    lues = {
        (source.id, table)
        for source in SOURCES
        if source.completee
        for table in ORDRE
        if re.search(rf"\bbrut\.{source.id}\b", sql(table))
    }
    assert lues == {
        ("insee_rp_population", "recensements"),
        ("insee_rp_population", "population_sexe_age"),
        ("insee_filosofi", "revenus"),
    }


def test_bands_of_age_told_by_two_files_are_counted_once(lire):
    # the same boys under 15 in both files
    deux = [
        ligne(2022, pop=42_065, hommes_0_14=3_600),
        ligne(2022, pop=42_065, hommes_0_14=3_600, femmes_0_14=3_400),
    ]
    lus = lire("population_sexe_age", "sexe, age_min, population", insee_rp_population=deux)
    assert lus == [("femmes", 0, 3_400), ("hommes", 0, 3_600)]


def test_households_that_are_not_located_enter_the_total_of_the_country_and_no_commune(lire):
    departements = [f"{n:02d}" for n in range(1, 96) if n != 20] + ["2A", "2B"]
    communes = [ligne(2024, territoire=f"{code}053", foyers_rsa=10) for code in departements]
    foyers = [*communes, ligne(2024, territoire="NON-LOCALISES", foyers_rsa=6675)]
    lus = dict(lire("allocataires", "territoire, foyers_rsa", cnaf_prestations=foyers))
    # 96 communes of 10 households, and those that are nowhere
    assert lus == {"01053": 10, "FRANCE-F": 96 * 10 + 6675}


def test_a_sample_makes_no_total_of_the_country(lire):
    foyers = [ligne(2024, foyers_rsa=900), ligne(2024, territoire="NON-LOCALISES", foyers_rsa=6675)]
    logements = [ligne(2022, menages=21_000)]
    lus = lire(
        "allocataires",
        "territoire, foyers_rsa, menages",
        cnaf_prestations=foyers,
        insee_rp_logement=logements,
    )
    assert lus == [("01053", 900, 21_000)]


def test_the_index_of_the_commune_is_preferred_to_that_of_its_zone(lire):
    lus = lire(
        "acces_soins",
        "territoire, apl_generalistes",
        drees_apl=[ligne(2023, apl_generalistes=3.4)],
        drees_apl_zones=[
            ligne(2023, apl_generalistes=3.2),
            ligne(2023, territoire="01004", apl_generalistes=3.0),
            ligne(2023, territoire="ZONE-0102", apl_generalistes=2.5),
        ],
    )
    assert lus == [("01004", 3.0), ("01053", 3.4)]


def test_the_older_population_of_a_departement_is_the_sum_of_its_bands(lire):
    lus = lire(
        "aide_sociale",
        "apa_domicile, pop_75_plus",
        drees_aide_sociale=[ligne(2023, territoire="DEP-01", apa_domicile=6_000)],
        insee_rp_population=[ligne(2022, territoire="DEP-01", pop_75_89=50_000, pop_90_plus=8_000)],
    )
    assert lus == [(6_000, 58_000)]


def test_job_seekers_are_set_beside_the_active_and_never_mixed_with_the_unemployed(lire):
    lus = lire(
        "inscrits_emploi",
        "demandeurs_abc, actifs_15_64",
        dares_demandeurs=[ligne(2024, demandeurs_abc=4_000)],
        insee_rp_activite=[ligne(2022, actifs_15_64=19_000, chomeurs_15_64=2_700)],
    )
    assert lus == [(4_000, 19_000)]
    assert not any("chomeurs" in nom for nom in sql("inscrits_emploi").split())


@pytest.mark.parametrize("chapitre", [revenus.CHAPITRE, sante.CHAPITRE, equipements.CHAPITRE])
def test_each_indicator_says_why_and_for_whom(chapitre):
    assert all(i.definition and i.why and i.publics for i in chapitre.indicators)
    assert len({i.id for i in chapitre.indicators}) == len(chapitre.indicators)


def test_no_figure_of_filosofi_is_computed_from_others():
    tables = {"revenus", "revenus_declares", "revenus_2"}
    mesures = {i.id: type(i.measure) for c in CHAPITRES for i in c.indicators if i.table in tables}
    assert {nom for nom, mesure in mesures.items() if mesure is not Published} == {"menages_fiscaux"}


# --- From the shipped tables to the figures of Bourg-en-Bresse -------------------------------------

FICHIERS = (
    ("insee_rp_population", None),
    ("insee_rp_logement", 2022),
    ("insee_naissances", 2024),
    ("insee_deces", 2024),
    ("insee_filosofi", 2021),
    ("insee_bpe", 2024),
    ("insee_etablissements", 2024),
)


@pytest.fixture(scope="module")
def bourg(tmp_path_factory, racine):
    """Figures of Bourg-en-Bresse, its agglomeration and a commune under secrecy: (indicator, territory) → row."""
    dossier = tmp_path_factory.mktemp("bourg")
    textes = [
        '[edition]\ntitre = "Analyse"\nredaction = "CCAS"\nprofil = "france"\n'
        'comparateurs = ["EPCI-200071751", "01029"]\n[territoire]\ncode = "01053"\nnom = "Bourg-en-Bresse"\n'
    ]
    for source, millesime in FICHIERS:
        chemin = (Path(racine) / "data" / "raw" / "insee" / f"{source}.csv").as_posix()
        date = f"millesime = {millesime}\n" if millesime else ""
        textes.append(f'[[fichiers]]\nsource = "{source}"\nchemin = "{chemin}"\n{date}')
    edition = dossier / "data" / "raw" / "bourg-en-bresse" / "2026" / "edition.toml"
    edition.parent.mkdir(parents=True)
    edition.write_text("\n".join(textes), encoding="utf-8")
    lue = lire_edition("bourg-en-bresse/2026", dossier)
    with duckdb.connect() as con:
        con.execute("set threads = 1")
        ingest.charger(con, lue, SOURCES)
        transform.construire(con, lue)
        chapitres = (demographie.CHAPITRE, revenus.CHAPITRE, sante.CHAPITRE, equipements.CHAPITRE)
        resultats = compute.calculer(con, lue, chapitres, transform.series())
    lignes = resultats.to_dict("records")
    return {(r["indicateur"], r["territoire"]): r for r in lignes if r["millesime"] >= 2021}


@pytest.mark.lent
@pytest.mark.parametrize(
    ("indicateur", "territoire", "valeur"),
    [
        ("niveau_vie_median", "01053", 20_210),
        ("taux_pauvrete", "01053", 24),
        ("part_menages_imposes", "01053", 46),
        ("menages_fiscaux", "01053", 18_870),
        # 415 births of 2024 for 42,065 inhabitants in 2022; the agglomeration is the sum of its 74 communes
        ("taux_natalite", "01053", 1000 * 415 / 42_065),
        ("taux_natalite", "EPCI-200071751", 1000 * 1194 / 135_794),
        ("taux_mortalite", "01053", 1000 * 456 / 42_065),
        ("densite_pharmacies", "01053", 10_000 * 14 / 42_065),
        ("nombre_lycees", "01053", 4),
        # 304 establishments of administration, education, health and social work out of 2,026
        ("part_etablissements_services_publics", "01053", 100 * 304 / 2026),
    ],
)
def test_bourg_en_bresse_is_what_a_hand_computes_from_the_published_figures(
    bourg, indicateur, territoire, valeur
):
    assert bourg[indicateur, territoire]["valeur"] == pytest.approx(valeur, rel=1e-12)


@pytest.mark.lent
def test_a_secret_of_insee_is_a_row_that_says_so_from_the_file_to_the_figure(bourg):
    secrete = bourg["taux_pauvrete", "01029"]
    assert (secrete["statut"], secrete["motif"]) == ("secret", "secret statistique du producteur (« s »)")
    assert bourg["niveau_vie_median", "01029"]["statut"] == "valide"


@pytest.mark.lent
def test_a_median_has_no_value_where_it_is_not_published(bourg):
    agglomeration = bourg["niveau_vie_median", "EPCI-200071751"]
    assert (agglomeration["statut"], agglomeration["motif"]) == (
        "absent",
        "connu seulement au niveau : commune",
    )
