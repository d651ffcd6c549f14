"""From raw tables drawn as rows to the tables that indicators count on: the SQL that runs, and its door."""

import datetime
import re

import duckdb
import pandas as pd
import pytest
from conftest import SANS_MARQUE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import transform
from pipeline.sources.registre import SOURCES
from pipeline.transform import DOSSIER_SQL, ORDRE, cle, construire, description, series, sources_de, sql

DECLAREES = {source.id: source for source in SOURCES}

TYPES_SQL = {"texte": "text", "entier": "bigint", "nombre": "double", "date": "timestamp"}
INCONNU = None


def lues_par(table):
    """Tables of `socle` that a SELECT reads."""
    return set(re.findall(r"\bsocle\.([a-z0-9_]+)", sql(table))) - {"territoires", "appartenances"}


def ascendance(table):
    """A table and all those it is made of."""
    return {table}.union(*(ascendance(autre) for autre in lues_par(table)))


class Base:
    """A base with every raw table empty, in which rows are drawn before the tables are built."""

    def __init__(self, edition, cadres):
        self.edition = edition
        self.cadres = cadres
        self.dessinees = set()
        self.con = duckdb.connect()
        self.con.execute("set threads = 1; create schema brut")
        self.con.execute(SANS_MARQUE)
        for source in SOURCES:
            colonnes = [f"{nom} {TYPES_SQL[c.metadata['genre']]}" for nom, c in source.schema.columns.items()]
            self.con.execute(
                f"create table brut.{source.id} ({', '.join(colonnes)}, fichier text, ligne text)"
            )

    def ecrire(self, source, lignes):
        """Rows of a raw table, in the order of its declared columns."""
        noms = ", ".join(DECLAREES[source].schema.columns)
        marques = ", ".join("?" * len(lignes[0]))
        self.con.executemany(f"insert into brut.{source} ({noms}) values ({marques})", lignes)

    def ages(self, territoire, *tranches, millesime=2019, source="isee_population_age"):
        """Bands (sex, from, to, persons) of one territory, added to those already drawn."""
        for sexe, debut, fin, population in tranches:
            self.con.execute(
                f"insert into brut.{source} (millesime, territoire, nom, niveau, sexe, age_min, age_max, "
                "population) values (?, ?, '', 'commune', ?, ?, ?, ?)",
                [millesime, territoire, sexe, debut, fin, population],
            )

    def deposer(self, source, *lignes):
        """Rows of a deposit; what a row does not say is empty."""
        for ligne in lignes:
            marques = ", ".join("?" * len(ligne))
            requete = f"insert into brut.{source} ({', '.join(ligne)}) values ({marques})"
            self.con.execute(requete, list(ligne.values()))

    def demandes(self, *changements):
        """Requests of Le Mont-Dore in 2025, one a day, one a household, granted 100, but for what is said."""
        lignes = [
            {
                "demande": f"d{rang}",
                "commune": "98817",
                "millesime": 2025,
                "menage": f"m{rang}",
                "personne": f"p{rang}",
                "date_demande": datetime.date(2025, 1, 1) + datetime.timedelta(rang),
                "motif": "alimentaire",
                "decision": "accord",
                "type_menage": None,
                "age": None,
                "montant": 100.0,
                "jours": None,
                "quartier_menage": None,
                "quartier_personne": None,
            }
            | changement
            for rang, changement in enumerate(changements)
        ]
        cadre = pd.DataFrame(lignes).astype({"age": "Int64", "jours": "Int64", "type_menage": "string"})
        self.con.execute("create schema if not exists socle")
        self.con.register(
            "dessin", cadre.astype({"quartier_menage": "string", "quartier_personne": "string"})
        )
        self.con.execute(
            "create or replace table socle.aides_demandes as "
            "select *, decision in ('accord', 'accord_partiel') as accordee from dessin"
        )
        self.dessinees.add("aides_demandes")

    def construire(self, table):
        """Build one table and those it is made of, but for the drawn ones, by the SELECTs of the repository."""
        self.con.execute("create schema if not exists socle")
        for nom, cadre in self.cadres.items():
            self.con.register("dessin", cadre)
            self.con.execute(f"create or replace table socle.{nom} as select * from dessin")
        for nom in ORDRE:
            if nom in ascendance(table) - self.dessinees:
                self.con.execute(f"create or replace table socle.{nom} as {sql(nom)}")

    def lire(self, table, colonnes, **filtres):
        """Rows of a table, built from what is drawn, as tuples, in the order of its key."""
        self.construire(table)
        conditions = " and ".join(f"{nom} = '{valeur}'" for nom, valeur in filtres.items()) or "true"
        requete = f"select {colonnes} from socle.{table} where {conditions} order by {', '.join(cle(table))}"
        return self.con.execute(requete).fetchall()


@pytest.fixture
def base(pays, cadres):
    base = Base(pays, cadres)
    yield base
    base.con.close()


# --- The files themselves --------------------------------------------------------------------------


@pytest.mark.parametrize("table", ORDRE)
def test_the_first_line_of_a_select_says_what_a_row_is_and_its_key(table):
    premiere = sql(table).splitlines()[0]
    assert premiere == f"-- une ligne : {description(table)} ; clé : {', '.join(cle(table))}"
    assert len(description(table)) > 10


def test_every_select_has_its_place_in_the_order_and_every_place_its_select():
    assert sorted(chemin.stem for chemin in DOSSIER_SQL.glob("*.sql")) == sorted(ORDRE)


@pytest.mark.parametrize("table", ORDRE)
def test_a_select_reads_only_declared_sources_and_tables_built_before_it(table):
    assert lues_par(table) <= set(ORDRE[: ORDRE.index(table)])
    assert set(re.findall(r"\bbrut\.([a-z0-9_]+)", sql(table))) <= set(DECLAREES)


@pytest.mark.parametrize("table", ORDRE)
def test_the_sources_of_a_table_are_those_of_the_tables_it_is_made_of(table):
    directes = set(re.findall(r"\bbrut\.([a-z0-9_]+)", sql(table)))
    autres = {source for autre in lues_par(table) for source in sources_de(autre)}
    assert set(sources_de(table)) == directes | autres
    assert sources_de(table)


def test_of_the_series_a_table_is_made_of_the_most_demanding_is_its_own():
    declarees = {source.id: source.serie for source in SOURCES}
    for table, serie in series().items():
        siennes = {declarees[source] for source in sources_de(table)}
        attendue = (
            "activite" if "activite" in siennes else "recensement" if "recensement" in siennes else "annuelle"
        )
        assert serie == attendue, table
    assert set(series().values()) == {"activite", "recensement", "annuelle"}


def test_a_select_without_its_header_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(transform, "sql", lambda table: "select 1")
    with pytest.raises(ValueError, match=r"sql/population\.sql"):
        cle("population")


def test_a_select_whose_sources_have_no_row_gives_none_which_is_why_it_need_not_run(base, monkeypatch):
    monkeypatch.setattr(transform, "_sans_ligne", lambda con: set())
    lignes = construire(base.con, base.edition)
    assert {table: lignes[table] for table in ORDRE} == dict.fromkeys(ORDRE, 0)


# --- Population by age -----------------------------------------------------------------------------

DECENNALES = [("hommes", age, age + 9, 10) for age in range(0, 80, 10)] + [("hommes", 80, None, 10)]


def groupes(base, *noms, territoire="98817"):
    [ligne] = base.lire("population", ", ".join(noms), territoire=territoire)
    return ligne


def test_a_group_made_of_whole_bands_is_their_sum(base):
    base.ages("98817", *DECENNALES, ("femmes", 0, 19, 7), ("femmes", 20, 59, 9), ("femmes", 60, None, 4))
    # men of 0-19: 10 + 10; women: 7; and so on
    assert groupes(base, "pop_0_19", "pop_20_59", "pop_60_plus", "pop") == (27, 49, 34, 110)
    assert base.lire("population", "hommes, femmes") == [(90, 20)]


@pytest.mark.parametrize(
    ("tranche", "groupe"),
    [
        ((10, 19), "pop_0_14"),  # straddles 15
        ((10, 19), "pop_15_24"),  # straddles its beginning
        ((20, 29), "pop_15_24"),  # straddles its end
        ((70, 79), "pop_75_plus"),
        ((60, None), "pop_60_79"),  # open, and nobody knows who is over 80
        ((60, None), "pop_80_plus"),
        ((0, None), "pop_60_plus"),
    ],
)
def test_a_group_is_unknown_when_a_band_straddles_one_of_its_bounds(base, tranche, groupe):
    base.ages("98817", ("hommes", *tranche, 100))
    assert groupes(base, groupe) == (INCONNU,)


def test_a_band_that_straddles_for_one_sex_only_makes_the_group_unknown(base):
    base.ages("98817", ("hommes", 0, 19, 30), ("hommes", 20, None, 70), ("femmes", 0, None, 100))
    assert groupes(base, "pop_0_19", "pop") == (INCONNU, 200)


def test_a_band_that_ends_at_a_bound_does_not_straddle_it(base):
    base.ages("98817", ("hommes", 0, 9, 30), ("hommes", 10, 19, 20), ("hommes", 20, None, 50))
    assert groupes(base, "pop_0_9", "pop_10_19") == (30, 20)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(coupures=st.sets(st.integers(1, 95), min_size=1, max_size=12), effectif=st.integers(0, 50))
def test_a_group_is_known_exactly_when_its_bounds_are_bounds_of_bands(pays, cadres, coupures, effectif):
    bornes = [0, *sorted(coupures)]
    fins = [suivante - 1 for suivante in bornes[1:]] + [None]
    base = Base(pays, cadres)
    base.ages("98817", *[("hommes", d, f, effectif) for d, f in zip(bornes, fins, strict=True)])
    lues = dict(zip(("pop_20_59", "pop_60_plus"), groupes(base, "pop_20_59", "pop_60_plus"), strict=True))
    dedans = sum(20 <= debut < 60 for debut in bornes)
    assert lues["pop_20_59"] == (effectif * dedans if {20, 60} <= coupures else INCONNU)
    assert lues["pop_60_plus"] == (effectif * sum(d >= 60 for d in bornes) if 60 in coupures else INCONNU)
    base.con.close()


def test_bands_of_five_years_are_preferred_to_bands_of_ten(base):
    base.ages("98817", ("hommes", 0, 9, 999), ("hommes", 10, None, 999), source="isee_population_quartier")
    base.ages("98817", ("hommes", 0, 4, 10), ("hommes", 5, 9, 20), ("hommes", 10, None, 70))
    base.ages("98817-plum", ("hommes", 0, 9, 40), ("hommes", 10, None, 60), source="isee_population_quartier")
    assert base.lire("population_sexe_age", "age_min, age_max, population", territoire="98817") == [
        (0, 4, 10),
        (5, 9, 20),
        (10, None, 70),
    ]
    # the quartier has bands of ten years only: they are kept
    assert base.lire("population", "territoire, pop, pop_0_9") == [
        ("98817", 100, 30),
        ("98817-plum", 100, 40),
    ]


def test_the_choice_of_bands_is_made_census_by_census(base):
    base.ages("98817", ("hommes", 0, None, 50), millesime=2014, source="isee_population_quartier")
    base.ages("98817", ("hommes", 0, None, 60), millesime=2019)
    assert base.lire("population", "millesime, pop") == [(2014, 50), (2019, 60)]


def commune(millesime, territoire, population):
    return (millesime, territoire, "", "commune", population, None)


def reference(territoire, municipale):
    return (2025, territoire, "", "commune", municipale, 5, municipale + 5)


def test_a_population_without_ages_is_a_population_whose_ages_are_unknown(base):
    base.ecrire("isee_population_commune", [commune(1956, "98817", 1_000), commune(2019, "98817", 90)])
    base.ecrire("isee_population_reference", [reference("98817", 25_303)])
    base.ages("98817", ("hommes", 0, 59, 50), ("hommes", 60, None, 40))
    assert base.lire("population", "millesime, pop, pop_60_plus, pop_tous_ages") == [
        (1956, 1_000, None, None),
        (2019, 90, 40, 90),
        (2025, 25_303, None, None),
    ]


def test_an_area_is_that_of_the_territory_at_every_census(base):
    base.ecrire("isee_population_commune", [commune(2014, "98817", 10), commune(2019, "98817", 20)])
    base.ecrire("isee_superficie", [("98817", "", "commune", 643.0)])
    assert base.lire("population", "superficie") == [(643.0,), (643.0,)]


def test_a_territory_that_the_edition_does_not_know_is_left_out(base):
    base.ages("98817-inconnu", ("hommes", 0, None, 10), source="isee_population_quartier")
    base.ecrire("isee_population_commune", [commune(2019, "98801", 10), commune(2019, "98817", 20)])
    assert base.lire("population", "territoire, pop") == [("98817", 20)]


# --- The 2019 census -------------------------------------------------------------------------------


def detail(tableau, modalite, effectif, *, sexe=None, ages=(None, None), territoire="988-sud"):
    return (2019, tableau, territoire, "", "province", sexe, *ages, modalite, effectif)


def test_the_unemployed_are_active_and_not_in_employment(base):
    jeunes, autres, vieux = (15, 24), (25, 64), (65, None)
    base.ecrire(
        "isee_rp2019_individus",
        [
            detail("activite", "emploi", 60, ages=autres),
            detail("activite", "apprentissage ou stage rémunéré", 5, ages=jeunes),
            detail("activite", "chômage", 20, ages=jeunes),
            detail("activite", "études", 15, ages=jeunes),
            detail("activite", "emploi", 7, ages=vieux),
        ],
    )
    assert base.lire(
        "emploi", "pop_15_64, actifs_15_64, occupes_15_64, chomeurs_15_64, actifs_15_24, chomeurs_15_24"
    ) == [(60 + 5 + 20 + 15, 60 + 5 + 20, 60 + 5, 20, 5 + 20, 20)]


@pytest.mark.parametrize(("sans_reponse", "connus"), [(20, 80), (21, None)])
def test_under_four_answers_in_five_a_question_has_no_figure(base, sans_reponse, connus):
    total = 100
    base.ecrire(
        "isee_rp2019_individus",
        [
            detail("diplome", "aucun diplôme", 30, ages=(25, 34)),
            detail("diplome", "bac + 3 ou plus", total - 30 - sans_reponse, ages=(25, 34)),
            detail("diplome", "non renseigné", sans_reponse, ages=(25, 34)),
        ],
    )
    lignes = base.lire("formation", "diplome_connu, sans_diplome")
    assert lignes == ([(connus, 30)] if connus else [])


def test_those_who_live_in_an_institution_are_in_no_household(base):
    base.ecrire(
        "isee_rp2019_individus",
        [
            detail("cohabitation", "personne seule", 30, ages=(80, None)),
            detail("cohabitation", "couple sans enfant", 50, ages=(80, None)),
            detail("cohabitation", "communauté", 20, ages=(80, None)),
        ],
    )
    assert base.lire(
        "modes_de_vie", "pop_menages_80_plus, seules_80_plus, pop_75_plus, communaute_75_plus"
    ) == [(80, 30, 100, 20)]


def test_households_of_one_table_each_meet_on_one_row(base):
    base.ecrire(
        "isee_rp2019_logements",
        [
            detail("quantites", "résidences principales", 10),
            detail("menage", "personne seule", 2, ages=(25, 64)),
            detail("menage", "personne seule", 1, ages=(65, None)),
            detail("menage", "famille monoparentale", 3, ages=(25, 64)),
            detail("taille", "6 ou plus", 4),
            detail("emploi_menage", "aucun", 5, ages=(25, 64)),
            detail("emploi_menage", "un", 4, ages=(25, 64)),
            detail("emploi_menage", "aucun", 1, ages=(65, None)),
        ],
    )
    assert base.lire(
        "menages",
        "menages, personnes_seules, personnes_seules_65_plus, familles_monoparentales, menages_6_plus, "
        "menages_moins_65, menages_moins_65_sans_emploi",
    ) == [(10, 3, 1, 3, 4, 9, 5)]


# --- The census of France --------------------------------------------------------------------------


def recensement(territoire="98817", millesime=2022, **colonnes):
    return {"territoire": territoire, "millesime": millesime} | colonnes


GRANDS_AGES = "pop_0_19, pop_20_64, pop_65_plus, pop_75_plus, pop_60_plus"


@pytest.mark.parametrize(
    ("colonnes", "attendu"),
    [
        (
            {
                "hommes_0_19": 5,
                "femmes_0_19": 6,
                "hommes_20_64": 10,
                "femmes_20_64": 11,
                "hommes_65_plus": 3,
                "femmes_65_plus": 4,
            },
            (5 + 6, 10 + 11, 3 + 4, None, None),
        ),
        ({"pop_65_79": 7, "pop_80_plus": 2}, (None, None, 7 + 2, None, None)),
        ({"pop_60_74": 8, "pop_75_89": 4, "pop_90_plus": 1}, (None, None, None, 4 + 1, 8 + 4 + 1)),
        ({"pop_60_74": 8, "pop_75_plus": 5}, (None, None, None, 5, 8 + 5)),
    ],
)
def test_great_ages_come_from_whichever_bands_the_file_holds(base, colonnes, attendu):
    base.deposer("insee_rp_population", recensement(pop=100, **colonnes))
    assert base.lire("population", GRANDS_AGES) == [attendu]


def test_two_files_may_each_hold_a_part_of_the_ages_of_a_census(base):
    base.deposer(
        "insee_rp_population", recensement(pop=100, pop_0_14=20), recensement(pop=100, pop_80_plus=6)
    )
    assert base.lire("population", "pop, pop_0_14, pop_80_plus") == [(100, 20, 6)]


def test_old_censuses_come_from_the_series_and_the_area_holds_for_all(base):
    base.deposer("insee_rp_population", recensement(pop=100))
    base.deposer("insee_rp_serie", recensement(pop=99, superficie=2.5), recensement(millesime=1968, pop=40))
    assert base.lire("population", "millesime, pop, superficie") == [(1968, 40, 2.5), (2022, 100, 2.5)]


def test_balances_are_taken_over_the_mean_population_of_the_period(base):
    base.deposer("insee_rp_population", recensement(pop=110), recensement(millesime=2016, pop=100))
    base.deposer("insee_rp_serie", recensement(naissances=12, deces=9))
    assert base.lire("soldes", "habitants, habitants_avant, annees_vecues") == [
        (110, 100, 6 * (100 + 110) / 2)
    ]


@pytest.mark.parametrize(
    ("fin", "debut"), [(2023, 2017), (2022, 2016), (2019, 2013), (2018, 2013), (2012, 2007)]
)
def test_a_balance_starts_at_the_census_that_insee_compares_with(base, fin, debut):
    annees = sorted({fin, debut, 2016, 2017, 2022})
    base.deposer("insee_rp_population", *(recensement(millesime=annee, pop=annee) for annee in annees))
    base.deposer("insee_rp_serie", recensement(millesime=fin, naissances=12, deces=9))
    assert base.lire("soldes", "millesime, habitants, habitants_avant") == [(fin, fin, debut)]


def test_births_without_the_census_they_start_from_make_no_balance(base):
    base.deposer("insee_rp_population", recensement(pop=110), recensement(millesime=2017, pop=100))
    base.deposer("insee_rp_serie", recensement(naissances=12, deces=9))
    assert base.lire("soldes", "habitants") == []


def pyramide(base):
    return base.lire("population_sexe_age", "sexe, age_min, age_max, population")


def test_the_pyramid_takes_the_bands_of_fifteen_years_where_they_go_all_the_way(base):
    quinze = {"0_14": 1, "15_29": 2, "30_44": 3, "45_59": 4, "60_74": 5, "75_89": 6, "90_plus": 7}
    melodi = {"15_24": 9, "25_39": 9, "40_54": 9, "55_64": 9, "65_79": 9, "80_plus": 9}
    base.deposer(
        "insee_rp_population", recensement(**{f"hommes_{ages}": n for ages, n in (quinze | melodi).items()})
    )
    assert [(debut, fin, n) for _, debut, fin, n in pyramide(base)] == [
        (0, 14, 1), (15, 29, 2), (30, 44, 3), (45, 59, 4), (60, 74, 5), (75, 89, 6), (90, None, 7)
    ]  # fmt: skip


def test_the_pyramid_of_iris_ends_at_75_and_that_of_melodi_at_80(base):
    iris = {"0_14": 1, "15_29": 2, "30_44": 3, "45_59": 4, "60_74": 5, "75_plus": 6}
    melodi = {"0_14": 1, "15_24": 2, "25_39": 3, "40_54": 4, "55_64": 5, "65_79": 6, "80_plus": 7}
    base.deposer("insee_rp_population", recensement(**{f"femmes_{ages}": n for ages, n in iris.items()}))
    base.deposer(
        "insee_rp_population",
        recensement(millesime=2023, **{f"femmes_{ages}": n for ages, n in melodi.items()}),
    )
    assert base.lire("population_sexe_age", "millesime, age_min, population") == [
        *((2022, debut, n) for debut, n in zip((0, 15, 30, 45, 60, 75), iris.values(), strict=True)),
        *((2023, debut, n) for debut, n in zip((0, 15, 25, 40, 55, 65, 80), melodi.values(), strict=True)),
    ]


@pytest.mark.parametrize("jeunes", [{"seules_15_19": 1, "seules_20_24": 2}, {"seules_15_24": 3}])
def test_those_who_live_alone_are_counted_among_the_population_of_households(base, jeunes):
    autres = {"seules_25_39": 4, "seules_40_54": 5, "seules_55_64": 6, "seules_65_79": 7, "seules_80_plus": 8}
    base.deposer(
        "insee_rp_menages",
        recensement(pop_menages_25_39=40, pop_menages_40_54=50, pop_menages_80_plus=20, **jeunes, **autres),
    )
    base.deposer("insee_rp_logement", recensement(personnes=300))
    base.deposer("insee_rp_population", recensement(pop=320, pop_80_plus=25))
    assert base.lire(
        "modes_de_vie",
        "seules, pop_menages, seules_25_54, pop_menages_25_54, pop_80_plus, pop_menages_80_plus",
    ) == [(3 + 4 + 5 + 6 + 7 + 8, 300, 4 + 5, 40 + 50, 25, 20)]


def test_families_are_counted_as_families_and_add_up(base):
    base.deposer(
        "insee_rp_familles",
        recensement(
            couples_avec_enfant=50,
            couples_sans_enfant=30,
            monoparentales=20,
            meres_seules=16,
            **{"enfants_1": 40, "enfants_2": 20, "enfants_3": 6, "enfants_4_plus": 4},
        ),
    )
    assert base.lire("familles", "familles, meres_seules, familles_nombreuses, familles_avec_jeune") == [
        (50 + 30 + 20, 16, 6 + 4, 40 + 20 + 6 + 4)
    ]


def test_dwellings_give_what_is_missing_by_what_is_there(base):
    base.deposer(
        "insee_rp_logement",
        recensement(
            **{"residences_principales": 100, "avec_salle_de_bain": 97, "avec_voiture": 80, "personnes": 210},
            **{"emmenages_10_19": 20, "emmenages_20_29": 10, "emmenages_30_plus": 5},
            **{"rp_avant_1919": 8, "rp_1919_1945": 2, "rp_1946_1970": 30},
        ),
    )
    colonnes = "menages, personnes, sans_bain, sans_voiture, emmenages_10_ans, rp_avant_1946, rp_avant_1971, type_connu"
    assert base.lire("logements", colonnes) == [(100, 210, 3, 20, 20 + 10 + 5, 8 + 2, 8 + 2 + 30, None)]


def test_work_gathers_those_who_live_there_and_the_jobs_that_are_there(base):
    base.deposer("insee_rp_activite", recensement(actifs_15_64=100, chomeurs_15_64=12, occupes_15_plus=90))
    hommes = {"hommes_cdd": 1, "hommes_interim": 2, "hommes_aides": 3, "hommes_apprentis": 4}
    femmes = {"femmes_cdd": 5, "femmes_interim": 0, "femmes_aides": 0, "femmes_apprentis": 0}
    base.deposer("insee_rp_formes_emploi", recensement(salaries=80, **hommes, **femmes))
    base.deposer("insee_rp_emploi", recensement(emplois=120), recensement("98805", emplois=7))
    assert base.lire("emploi", "territoire, occupes_15_64, actifs_occupes, salaries_precaires, emplois") == [
        ("98805", None, None, None, 7),
        ("98817", 100 - 12, 90, 1 + 2 + 3 + 4 + 5, 120),
    ]


def test_schooling_and_diplomas_meet_on_one_row(base):
    base.deposer(
        "insee_rp_diplomes",
        recensement(non_scolarises=100, sans_diplome=20, bac=30, bac_2=10, bac_3_4=8, bac_5_plus=7),
    )
    base.deposer("insee_rp_scolarisation", recensement(pop_15_17=40, scolarises_15_17=38))
    assert base.lire(
        "formation", "diplome_connu, bac_ou_plus, diplome_superieur, ecole_connue_15_17, scolarises_15_17"
    ) == [(100, 30 + 10 + 8 + 7, 10 + 8 + 7, 40, 38)]


def test_who_came_from_another_commune_came_from_near_or_far(base):
    pres = {"meme_logement": 85, "meme_commune": 5, "meme_departement": 4}
    loin = {"meme_region": 3, "autre_region": 2, "outre_mer": 0, "ailleurs": 1}
    base.deposer("insee_rp_migrations", recensement(pop_1_plus=100, **pres, **loin))
    assert base.lire("mobilite", "pop_1_plus, autre_commune") == [(100, 4 + 3 + 2 + 0 + 1)]


def test_children_are_counted_by_the_ages_of_school(base):
    base.deposer("insee_rp_scolarisation", recensement(pop_2_5=10, pop_6_10=20, pop_11_14=15, pop_15_17=12))
    base.deposer(
        "insee_rp_population",
        recensement("98817-plum", pop=90, pop_0_2=3, pop_3_5=4, pop_6_10=5, pop_11_17=6),
    )
    assert base.lire("enfants", "territoire, pop_0_2, pop_2_5, pop_6_10, pop_11_17") == [
        ("98817", None, 10, 20, 15 + 12),
        ("98817-plum", 3, None, 5, 6),
    ]


# --- Requests for aid, as they were deposited ------------------------------------------------------


def le(jour, mois=1):
    return datetime.date(2025, mois, jour)


def demande(numero="d", **champs):
    return {
        "demande": numero,
        "personne": "p",
        "menage": "m",
        "date_demande": le(1),
        "motif": "sante",
    } | champs


def seance(jour, decision, montant=None, numero="d", **champs):
    champs |= {"demande": numero, "date_seance": le(jour), "decision": decision, "montant_accorde": montant}
    return champs


@pytest.mark.parametrize(
    ("seances", "decision", "montant", "jours"),
    [
        ([], "en_attente", 0, None),
        ([seance(11, "accord", 100)], "accord", 100, 10),
        ([seance(11, "refus")], "refus", 0, 10),
        ([seance(11, "ajournement"), seance(21, "accord", 80)], "accord", 80, 20),
        ([seance(21, "accord", 80), seance(11, "ajournement")], "accord", 80, 20),
        ([seance(11, "accord_partiel", 50), seance(21, "accord", 30)], "accord", 50 + 30, 20),
        ([seance(11, "accord", 100), seance(21, "annulation")], "annulation", 0, 20),
        ([seance(11, "accord", None)], "accord", 0, 10),
        ([seance(11, "accord", 500, forme="pret")], "accord", 0, 10),
    ],
)
def test_a_request_is_one_row_whose_last_sitting_says_the_answer(base, seances, decision, montant, jours):
    base.deposer("ccas_demandes", demande())
    # a sitting of the year after, on another request: this one has had time to be answered
    plus_tard = seance(1, "refus", numero="autre") | {"date_seance": datetime.date(2026, 1, 1)}
    base.deposer("ccas_decisions", *seances, plus_tard)
    assert base.lire("aides_demandes", "decision, montant, jours") == [(decision, montant, jours)]


def test_a_sitting_held_before_the_request_answers_nothing(base):
    base.deposer("ccas_demandes", demande(date_demande=le(15)))
    base.deposer("ccas_decisions", seance(11, "accord", 100))
    assert base.lire("aides_demandes", "decision, accordee, montant") == [("en_attente", False, 0)]


def test_who_moves_within_the_year_is_counted_once_where_the_last_request_says(base):
    lieux = ("98817-plum", "98817-robinson", None)
    base.deposer(
        "ccas_demandes",
        *(demande(f"d{rang}", date_demande=le(1, rang), quartier=lieu) for rang, lieu in enumerate(lieux, 1)),
    )
    assert base.lire("recours", "territoire, menages, personnes") == [
        ("98817", 1, 1),
        ("98817-plum", 0, 0),
        ("98817-robinson", 1, 1),
    ]


def test_who_moves_from_one_year_to_the_next_is_counted_in_each(base):
    base.deposer(
        "ccas_demandes",
        demande("d1", date_demande=datetime.date(2024, 5, 1), quartier="98817-plum"),
        demande("d2", quartier="98817-robinson"),
    )
    menages = base.lire("recours", "territoire, millesime, menages")
    assert [ligne for ligne in menages if ligne[2] and ligne[0] != "98817"] == [
        ("98817-plum", 2024, 1),
        ("98817-robinson", 2025, 1),
    ]


# --- The activity of a year ------------------------------------------------------------------------


def aides(base, table, colonnes, *changements):
    """Rows of the commune in a table made from requests: one a household, granted 100, but for what is said."""
    base.demandes(*changements)
    return base.lire(table, colonnes, territoire="98817")


def test_a_household_of_several_requests_is_counted_once(base):
    memes = [
        {"menage": "m", "personne": "a"},
        {"menage": "m", "personne": "b"},
        {"menage": "m", "personne": "a"},
    ]
    assert aides(base, "aides", "menages, demandes, menages_3_plus", *memes, {}) == [(2, 4, 1)]
    assert base.lire("recours", "menages, personnes", territoire="98817") == [(2, 3)]


def test_households_of_no_known_quartier_are_in_the_commune_and_in_no_quartier(base):
    base.demandes({"quartier_menage": "98817-plum"}, {})
    assert base.lire("recours", "territoire, menages") == [
        ("98817", 2),
        ("98817-plum", 1),
        ("98817-robinson", 0),
    ]


def test_a_person_is_counted_where_she_lives_and_her_household_where_it_does(base):
    base.demandes({"quartier_menage": "98817-plum", "quartier_personne": "98817-robinson"})
    assert base.lire("recours", "territoire, menages, personnes") == [
        ("98817", 1, 1),
        ("98817-plum", 1, 0),
        ("98817-robinson", 0, 1),
    ]


def test_answers_are_grants_and_refusals_and_the_rest_is_neither(base):
    lus = aides(
        base,
        "aides",
        "accords, refus_aide, demandes, montant, menages_payes",
        {},
        {"decision": "accord_partiel", "montant": 50},
        {"decision": "refus", "montant": 0},
        {"decision": "ajournement", "montant": 0},
        {"decision": "accord", "montant": 0},
    )
    assert lus == [(3, 1, 5, 100 + 50, 2)]


def venue(menage, annee, mois=6, jour=1):
    return {"menage": menage, "millesime": annee, "date_demande": datetime.date(annee, mois, jour)}


def test_a_household_is_new_after_a_year_without_a_request_and_unknown_in_the_first_year(base):
    lus = aides(
        base,
        "aides",
        "millesime, menages, menages_nouveaux",
        venue("ancien", 2023),
        venue("ancien", 2024, 5),
        venue("ancien", 2024, 12),
        # its last request, and not its first, is the one looked back on
        venue("ancien", 2025, 12),
        venue("nouveau", 2024),
        venue("un an jour pour jour", 2023),
        venue("un an jour pour jour", 2024),
        venue("revenu", 2023),
        venue("revenu", 2024, 6, 2),
        venue("revenu deux ans après", 2023),
        venue("revenu deux ans après", 2025),
    )
    assert lus == [(2023, 4, None), (2024, 4, 2), (2025, 2, 1)]


def test_the_share_of_new_households_does_not_fall_because_the_deposits_grow_longer(base):
    # every household comes once every eighteen months: each is new each time, whatever was deposited before
    venues = [venue("a", 2023, 1), venue("a", 2024, 7), venue("b", 2023, 7), venue("b", 2025, 1)]
    venues += [venue("c", 2024, 1), venue("c", 2025, 7)]
    lus = aides(base, "aides", "millesime, menages, menages_nouveaux", *venues)
    assert lus == [(2023, 2, None), (2024, 2, 2), (2025, 2, 2)]


def test_a_delay_is_known_when_the_sitting_is_and_long_beyond_thirty_days(base):
    lus = aides(
        base,
        "aides",
        "delais_connus, jours_attente, delais_plus_30",
        *({"jours": jours} for jours in (10, 30, 31, None)),
    )
    assert lus == [(3, 10 + 30 + 31, 1)]


def test_the_two_largest_households_are_known_so_that_a_dominated_amount_can_be_hidden(base):
    lus = aides(
        base,
        "aides",
        "montant, montant_premier, montant_deuxieme",
        {"menage": "a", "montant": 300},
        {"menage": "a", "montant": 400},
        {"menage": "b", "montant": 500},
        {"menage": "c", "montant": 50},
    )
    assert lus == [(1_250, 300 + 400, 500)]


def test_a_single_household_has_no_second(base):
    assert aides(base, "aides", "montant_premier, montant_deuxieme", {}) == [(100, 0)]


def test_the_purposes_of_a_year_add_up_to_its_requests(base):
    lus = aides(
        base,
        "aides_motif",
        "motif, demandes, demandes_ensemble, montant",
        {"motif": "logement", "montant": 500},
        {},
        {},
    )
    assert lus == [("alimentaire", 2, 3, 200), ("logement", 1, 3, 500)]


def test_an_age_is_set_against_the_inhabitants_of_the_same_age_at_the_last_census(base):
    base.ages(
        "98817", ("hommes", 0, 19, 50), ("hommes", 20, 39, 99), ("hommes", 40, None, 99), millesime=2014
    )
    base.ages("98817", ("hommes", 0, 19, 50), ("hommes", 20, 39, 200), ("hommes", 40, None, 300))
    lus = aides(
        base,
        "aides_age",
        "tranche, demandeurs, habitants",
        {"personne": "a", "age": 39},
        {"personne": "a", "age": 40},
        {"age": 40},
        {"age": 19},
        {"age": None},
    )
    # « a » turned 40 within the year: counted once, at the age of the first request
    assert lus == [("20 à 39 ans", 1, 200), ("40 ans et plus", 1, 300)]


def test_an_age_at_which_nobody_asks_is_a_zero_set_against_its_inhabitants(base):
    base.ages("98817", ("hommes", 20, 39, 200), ("hommes", 40, None, 300))
    assert aides(base, "aides_age", "tranche, demandeurs", {"age": 25}) == [
        ("20 à 39 ans", 1),
        ("40 ans et plus", 0),
    ]


def test_a_rate_of_recourse_is_set_against_the_adults_of_the_last_census_that_knows_ages(base):
    base.ages("98817", ("hommes", 0, 19, 30), ("hommes", 20, None, 70))
    base.ecrire("isee_population_reference", [reference("98817", 25_303)])
    assert aides(base, "recours", "personnes, habitants_20_plus", {}) == [(1, 70)]


def test_households_of_unknown_kind_are_in_no_kind(base):
    lus = aides(
        base,
        "aides_type_menage",
        "type_menage, menages_type, menages_type_ensemble",
        {"type_menage": "personne_seule"},
        {"type_menage": "couple_sans_enfant"},
        {"type_menage": "personne_seule"},
        {},
    )
    assert lus == [("couple_sans_enfant", 1, 3), ("personne_seule", 2, 3)]


def test_a_household_that_changes_is_of_the_kind_of_its_last_request(base):
    couple = {"menage": "m", "type_menage": "couple_sans_enfant"}
    seule = {"menage": "m", "type_menage": "personne_seule"}
    assert aides(base, "aides_type_menage", "type_menage, menages_type", couple, seule) == [
        ("personne_seule", 1)
    ]


def test_a_year_without_deposit_has_no_activity_at_all(base):
    assert base.lire("aides", "*") == base.lire("recours", "*") == []


# --- The door --------------------------------------------------------------------------------------


def refus(base):
    with pytest.raises(ValueError) as erreur:
        construire(base.con, base.edition)
    return str(erreur.value)


def test_two_rows_of_one_key_are_refused_with_their_table_and_key(base):
    base.ecrire("isee_population_commune", [commune(2025, "98817", 25_000)])
    base.ecrire("isee_population_reference", [reference("98817", 25_303)])
    message = refus(base)
    assert message.startswith("socle.population : clé")
    assert "double" in message
    assert "98817" in message


def majeurs(territoire, effectif, millesime=2019):
    return [(millesime, "sexe", territoire, "", "commune", "Hommes", effectif)]


def test_a_negative_count_is_refused(base):
    base.ecrire("isee_majeurs", majeurs("98817", -1))
    assert refus(base).startswith("socle.majeurs : effectif négatif, ('98817', 2019)")


def test_an_incomplete_key_is_refused(base):
    base.ecrire("isee_majeurs", majeurs("98817", 10, millesime=None))
    assert "socle.majeurs : clé" in (message := refus(base))
    assert "incomplète" in message


def test_a_territory_that_nobody_knows_is_refused(base):
    base.ecrire("isee_majeurs", majeurs("98899", 10))
    assert refus(base).startswith("socle.majeurs : territoire inconnu, ('98899', 2019)")


# One row as it should be, of each table that Python makes.
FAITES = {
    "territoires": {
        "territoire": "98817", "article": "Le", "nom": "Mont-Dore", "niveau": "commune", "rang": 0, "role": "etude",
        "ordre": 0,
    },
    "appartenances": {"contenu": "98817", "contenant": "988", "poids": 0.9, "couvre": True},
    "projection": {
        "territoire": "98817", "horizon": 2029, "groupe": "tous", "population": 100.0, "borne_basse": 90.0,
        "borne_haute": 110.0, "motif": "",
    },
    "contre_epreuve": {"classe": "communes", "groupe": "tous", "methode": "constante", "lieux": 3, "mape": 0.1},
    "defavorisation": {"territoire": "98817", "score": -1.5, "quintile": 5.0},
    "defavorisation_axe": {
        "echelle": "commune", "variable": "part_ouvriers", "lieux": 0, "coefficient": -0.5, "motif": "",
    },
}  # fmt: skip


def refus_des_faites(base, monkeypatch, table, *lignes):
    """What the door says where Python makes of `table` the row above, changed as said; none when it passes."""
    faites = {
        nom: pd.DataFrame([ligne | autre for autre in (lignes if nom == table else [{}])])
        for nom, ligne in FAITES.items()
    }
    for nom in ("territoires", "appartenances"):
        monkeypatch.setattr(transform, nom, lambda edition, nom=nom: faites[nom])
    monkeypatch.setattr(
        transform.avenir, "tables", lambda *_: {nom: faites[nom] for nom in ("projection", "contre_epreuve")}
    )
    monkeypatch.setattr(
        transform.defavorisation,
        "tables",
        lambda *_: {nom: faites[nom] for nom in ("defavorisation", "defavorisation_axe")},
    )
    try:
        construire(base.con, base.edition)
    except ValueError as erreur:
        return str(erreur)
    return ""


@pytest.mark.parametrize(
    ("table", "changement", "regle"),
    [
        ("territoires", {"territoire": None}, "clé territoire incomplète"),
        ("territoires", {"article": None}, "article absent"),
        ("territoires", {"nom": ""}, "nom vide"),
        ("territoires", {"nom": None}, "nom vide"),
        ("territoires", {"niveau": None}, "niveau absent"),
        ("territoires", {"rang": -1}, "rang négatif"),
        ("territoires", {"role": "voisin"}, "rôle inconnu"),
        ("territoires", {"ordre": None}, "ordre absent"),
        ("appartenances", {"poids": 0.0}, "poids hors de ]0, 1]"),
        ("appartenances", {"poids": 1.1}, "poids hors de ]0, 1]"),
        ("appartenances", {"poids": None}, "poids hors de ]0, 1]"),
        ("appartenances", {"couvre": None}, "couvre absent"),
        ("projection", {"territoire": "98899"}, "territoire inconnu"),
        ("projection", {"population": -1.0}, "effectif négatif"),
        ("projection", {"borne_basse": 111.0}, "bornes inversées"),
        ("projection", {"population": None}, "ni population ni motif"),
        ("contre_epreuve", {"lieux": 0}, "aucun lieu"),
        ("contre_epreuve", {"mape": None}, "erreur négative"),
        ("defavorisation", {"score": None}, "score absent"),
        ("defavorisation", {"quintile": 6.0}, "quintile inconnu"),
        ("defavorisation_axe", {"lieux": -1}, "lieux négatifs"),
        ("defavorisation_axe", {"coefficient": None}, "ni axe ni motif"),
    ],
)
def test_what_no_row_of_a_table_that_python_makes_may_be(base, monkeypatch, table, changement, regle):
    assert refus_des_faites(base, monkeypatch, table, changement).startswith(f"socle.{table} : {regle}, (")


@pytest.mark.parametrize("table", FAITES)
def test_two_rows_of_one_key_are_refused_in_what_python_makes_too(base, monkeypatch, table):
    message = refus_des_faites(base, monkeypatch, table, {}, {})
    assert message.startswith(f"socle.{table} : clé {', '.join(cle(table))} en double")


def test_a_score_or_a_coefficient_may_be_negative_and_what_has_its_reason_may_be_missing(base, monkeypatch):
    refusee = {"population": None, "borne_basse": None, "borne_haute": None, "motif": "Trop petit."}
    assert refus_des_faites(base, monkeypatch, "projection", refusee) == ""


def test_a_zero_is_a_count_and_a_missing_one_is_no_breach(base):
    base.ecrire("isee_majeurs", majeurs("98817", 0))
    assert construire(base.con, base.edition)["majeurs"] == 1
    assert base.lire("majeurs", "majeurs, retraites") == [(0, None)]


# --- The real tables -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("millesime", "habitants"),
    [(2004, 24_195), (2009, 25_683), (2014, 27_155), (2019, 27_620), (2025, 25_303)],
)
def test_le_mont_dore_has_its_published_population(base_publique, millesime, habitants):
    lu = base_publique.execute(
        "select pop from socle.population where territoire = '98817' and millesime = ?", [millesime]
    ).fetchone()
    assert lu == (habitants,)


def test_ages_sexes_and_total_agree_wherever_ages_are_known(base_publique):
    ecarts = base_publique.execute(
        "select territoire, millesime from socle.population "
        "where pop_tous_ages <> pop or hommes + femmes <> pop_tous_ages or pop_0_19 + pop_20_59 + pop_60_plus <> pop"
    ).fetchall()
    assert ecarts == []


def test_a_yearly_count_set_against_a_census_is_small_as_yearly_counts_are():
    # 25 doctors for 42,065 inhabitants: the 200 of a sample survey say nothing of a register of doctors
    assert transform.taille("equipements", "recensement") == "annuelle"
    assert transform.taille("population", "recensement") == "recensement"
    assert transform.taille("aides", "activite") == "activite"


# --- The year that has begun -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exercices", "dernier"),
    [
        ((), 2025),
        ((2023, 2024), 2025),
        ((2024, 2025, 2026), 2026),
    ],
)
def test_the_last_year_told_is_the_one_before_the_edition_or_a_later_one_declared(ouvrir, exercices, dernier):
    edition = ouvrir()  # of 2026
    fichiers = tuple(fichier.model_copy(update={"exercices": exercices}) for fichier in edition.fichiers)
    assert edition.model_copy(update={"fichiers": fichiers}).dernier_exercice == dernier


def test_the_requests_of_the_year_that_has_begun_make_no_year_of_their_own(base):
    qui = {"menage": "m", "personne": "p", "motif": "alimentaire"}
    base.deposer(
        "ccas_demandes",
        {"demande": "d1", "date_demande": datetime.date(2025, 12, 20), **qui},
        {"demande": "d2", "date_demande": datetime.date(2026, 1, 5), **qui},
    )
    # the request of 2025 keeps its decision of 2026
    base.deposer(
        "ccas_decisions", {"demande": "d1", "date_seance": datetime.date(2026, 1, 8), "decision": "accord"}
    )
    construire(base.con, base.edition)
    lues = base.con.execute("select demande, millesime, decision from socle.aides_demandes").fetchall()
    assert lues == [("d1", 2025, "accord")]
    assert base.con.execute("select millesime, demandes from socle.aides").fetchall() == [(2025, 1)]


@pytest.mark.parametrize(("exercice", "annee"), [("demande", 2024), ("seance", 2025)])
def test_the_edition_says_of_what_year_a_request_is(base, exercice, annee):
    base.deposer("ccas_demandes", demande(date_demande=datetime.date(2024, 12, 20)))
    base.deposer("ccas_decisions", seance(10, "accord", 100) | {"date_seance": datetime.date(2025, 1, 10)})
    entete = base.edition.edition.model_copy(update={"exercice": exercice})
    construire(base.con, base.edition.model_copy(update={"edition": entete}))
    assert base.con.execute("select millesime, demandes from socle.aides").fetchall() == [(annee, 1)]
