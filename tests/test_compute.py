"""The one engine, on a country of four communes: sums, ratios, growth, what is missing and what is fragile."""

import datetime
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import compute
from pipeline.compute import additives, calculer, requete
from pipeline.methods import intervalles
from pipeline.model import (
    Chapter,
    Growth,
    Indicator,
    Mean,
    Published,
    Rate,
    Ratio,
    Share,
    Statut,
    Total,
)

SERIES = {"population": "recensement"}


def indicateur(mesure, nom="essai", **champs):
    return Indicator(
        id=nom,
        label="Nombre",
        definition="Tel.",
        why="Tel.",
        measure=mesure,
        **{"table": "population"} | champs,
    )


def sans_seuil(edition):
    """The edition with no figure too small to be read."""
    precision = edition.profil.precision.model_copy(update={"recensement": 0, "activite": 0})
    return edition.model_copy(update={"profil": edition.profil.model_copy(update={"precision": precision})})


def oublier(base):
    """Forget what the engine wrote, so that it may run again."""
    base.execute("drop schema if exists niveaux cascade; drop schema if exists resultat cascade")
    base.execute("drop table if exists socle.paires")


@pytest.fixture
def mesurer(base, dessiner, pays):
    """Values of one measure over drawn rows: territoire → row, or (territoire, millesime, groupe) → row."""

    def mesurer_(mesure, colonnes, valeurs, *, edition=None, table="population", par=("territoire",), by=""):
        dessiner(f"socle.{table}", colonnes, valeurs)
        oublier(base)
        chapitre = Chapter("essai", "Essai", "Qui ?", (indicateur(mesure, table=table, by=by),))
        lignes = calculer(base, edition or sans_seuil(pays), (chapitre,), {table: "recensement"})
        lignes = lignes.astype(object).where(lignes.notna(), None).to_dict("records")
        return {
            ligne[par[0]] if len(par) == 1 else tuple(ligne[nom] for nom in par): ligne for ligne in lignes
        }

    return mesurer_


def valeurs(lignes):
    return {cle: ligne["valeur"] for cle, ligne in lignes.items() if ligne["valeur"] is not None}


# --- Sums over complete partitions -----------------------------------------------------------------

COMMUNES = """
  ('98817', 2019, 100),
  ('98805', 2019, 200),
  ('98811', 2019, 40),
  ('98827', 2019, 50)
"""


def test_counts_are_summed_over_all_the_communes_each_with_its_weight(mesurer):
    lues = valeurs(mesurer(Total("n", "habitants"), "territoire, millesime, n", COMMUNES))
    # a tenth of Poya (50) lives in province Sud, nine tenths in province Nord
    assert lues["988-sud"] == pytest.approx(100 + 200 + 0.1 * 50)
    assert lues["988-nord"] == pytest.approx(40 + 0.9 * 50)
    assert lues["988"] == 100 + 200 + 40 + 50


def test_a_territory_that_lacks_a_part_has_no_sum(mesurer):
    sans_dumbea = COMMUNES.replace("('98805', 2019, 200),", "")
    lues = mesurer(Total("n", "habitants"), "territoire, millesime, n", sans_dumbea)
    assert set(valeurs(lues)) == {"98817", "988-nord"}
    assert lues["988-sud"]["statut"] == Statut.ABSENT


def test_a_part_whose_count_is_missing_makes_the_sum_missing_not_smaller(mesurer):
    lues = mesurer(Total("n", "habitants"), "territoire, millesime, n", COMMUNES.replace("200", "null"))
    assert set(valeurs(lues)) == {"98817", "988-nord"}


def test_a_territory_s_own_row_is_preferred_to_the_sum_of_its_parts(mesurer):
    lues = valeurs(
        mesurer(Total("n", "habitants"), "territoire, millesime, n", f"{COMMUNES}, ('988', 2019, 391)")
    )
    assert lues["988"] == 391
    assert lues["988-sud"] == pytest.approx(305)


def test_of_two_complete_partitions_the_coarser_is_taken(mesurer):
    provinces = f"{COMMUNES}, ('988-sud', 2019, 306), ('988-nord', 2019, 86)"
    lues = valeurs(mesurer(Total("n", "habitants"), "territoire, millesime, n", provinces))
    assert lues["988"] == 306 + 86


def test_quartiers_make_their_commune_and_nothing_else(mesurer):
    quartiers = "('98817-plum', 2019, 30), ('98817-robinson', 2019, 70)"
    lues = valeurs(mesurer(Total("n", "habitants"), "territoire, millesime, n", quartiers))
    assert lues == {"98817-plum": 30, "98817-robinson": 70, "98817": 30 + 70}


def test_a_commune_known_by_its_quartiers_only_does_not_make_its_province(mesurer):
    quartiers = (
        "('98817-plum', 2019, 30), ('98817-robinson', 2019, 70), ('98805', 2019, 200), ('98827', 2019, 50)"
    )
    lues = valeurs(mesurer(Total("n", "habitants"), "territoire, millesime, n", quartiers))
    assert "988-sud" not in lues


def test_each_census_has_its_own_partition(mesurer):
    deux = f"{COMMUNES}, ('98817', 2014, 90), ('98805', 2014, 180)"
    lues = valeurs(
        mesurer(Total("n", "habitants"), "territoire, millesime, n", deux, par=("territoire", "millesime"))
    )
    assert ("988", 2019) in lues
    assert ("988", 2014) not in lues


def test_a_published_figure_is_read_where_it_is_published_and_never_summed(mesurer):
    lues = mesurer(Published("n", "€"), "territoire, millesime, n", COMMUNES)
    assert valeurs(lues) == {"98817": 100, "98805": 200}
    assert lues["988-sud"]["statut"] == lues["988"]["statut"] == Statut.ABSENT


def test_the_engine_sums_no_column_that_is_only_published():
    declares = [indicateur(Published("mediane", "€"), "a"), indicateur(Share("x", of="y + z"), "b")]
    assert additives(declares) == {"population": ["x", "y", "z"]}


# --- Ratios from sums ------------------------------------------------------------------------------

RAPPORTS = """
  ('98817', 2019, 70, 150, 1000),
  ('98805', 2019, 10, 850, 2000),
  ('98811', 2019, 5, 10, 100),
  ('98827', 2019, 0, 20, 100)
"""
NOMS = "territoire, millesime, a, b, surface"


def test_a_share_is_recomputed_from_sums_and_is_not_the_mean_of_shares(mesurer):
    lues = valeurs(mesurer(Share("a", of="b"), NOMS, RAPPORTS))
    assert lues["98817"] == pytest.approx(100 * 70 / 150)
    assert lues["988"] == pytest.approx(100 * (70 + 10 + 5 + 0) / (150 + 850 + 10 + 20))
    moyenne = np.mean([100 * 70 / 150, 100 * 10 / 850, 100 * 5 / 10, 0])
    assert abs(lues["988"] - moyenne) > 15, "8.3 %, when the mean of the four shares is 24.5 %"


@pytest.mark.parametrize(
    ("mesure", "attendu"),
    [
        (Share("a", of="b"), 100 * 80.0 / 1_002),
        (Rate("a", of="b", per=1000), 1000 * 80 / 1_002),
        (Ratio("a", of="b - a", per=100), 100 * 80 / (1_002 - 80)),
        (Mean("b", of="surface", unit="hab."), 1_002 / 3_010),
        (Total("a + b", "habitants"), 80 + 1_002),
    ],
)
def test_every_measure_is_the_one_it_says_at_the_level_of_the_province(mesurer, mesure, attendu):
    # province Sud: 70 + 10 + 0.1 * 0, and 150 + 850 + 0.1 * 20
    assert valeurs(mesurer(mesure, NOMS, RAPPORTS))["988-sud"] == pytest.approx(attendu)


def test_a_ratio_to_nobody_is_absent_not_zero_nor_infinite(mesurer):
    lues = mesurer(Share("a", of="b"), NOMS, RAPPORTS.replace("70, 150", "0, 0"))
    assert lues["98817"]["valeur"] is None
    assert lues["98817"]["statut"] == Statut.ABSENT


COMPTE = st.tuples(st.integers(0, 500), st.integers(1, 500))


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    annees=st.lists(
        st.lists(st.tuples(st.integers(0, 500), st.integers(1, 500)), min_size=4, max_size=4), min_size=1
    )
)
def test_a_share_of_the_whole_lies_between_the_shares_of_its_parts(mesurer, annees):
    codes = ("98817", "98805", "98811", "98827")
    lignes = [
        f"('{code}', {1900 + rang}, {a}, {a + reste})"
        for rang, comptes in enumerate(annees)
        for code, (a, reste) in zip(codes, comptes, strict=True)
    ]
    lues = mesurer(
        Share("a", of="b"), "territoire, millesime, a, b", ", ".join(lignes), par=("territoire", "millesime")
    )
    for rang, comptes in enumerate(annees):
        parts = [100 * a / (a + reste) for a, reste in comptes]
        assert min(parts) - 1e-9 <= lues["988", 1900 + rang]["valeur"] <= max(parts) + 1e-9


# --- Groups ----------------------------------------------------------------------------------------


def test_groups_are_measured_one_by_one(mesurer):
    lues = mesurer(
        Share("demandes", of="demandes_ensemble"),
        "territoire, millesime, motif, demandes, demandes_ensemble",
        "('98817', 2025, 'logement', 30, 50), ('98817', 2025, 'sante', 20, 50)",
        table="aides_motif",
        par=("territoire", "groupe"),
        by="motif",
    )
    assert valeurs(lues) == {("98817", "logement"): 100 * 30 / 50, ("98817", "sante"): 100 * 20 / 50}
    assert lues["988", "sante"]["statut"] == Statut.ABSENT


# --- Growth ----------------------------------------------------------------------------------------


def test_mean_annual_growth_of_le_mont_dore_from_2014_to_2019_is_the_published_one(mesurer):
    lues = mesurer(
        Growth("n"),
        "territoire, millesime, n",
        "('98817', 2014, 27155), ('98817', 2019, 27620)",
        par=("territoire", "depuis", "millesime"),
    )
    # 26 August 2014 to 10 September 2019 is read as five years, as ISEE does
    assert round(lues["98817", 2014, 2019]["valeur"], 2) == 0.34
    assert lues["98817", 2014, 2019]["valeur"] == pytest.approx(100 * ((27_620 / 27_155) ** (1 / 5) - 1))


def test_growth_from_2019_to_2025_counts_the_time_between_the_two_collections(mesurer):
    lues = mesurer(Growth("n"), "territoire, millesime, n", "('98817', 2019, 27620), ('98817', 2025, 25303)")
    annees = (datetime.date(2025, 4, 22) - datetime.date(2019, 9, 10)).days / 365.25
    assert annees == pytest.approx(5.61, abs=0.01)
    assert lues["98817"]["valeur"] == pytest.approx(100 * ((25_303 / 27_620) ** (1 / annees) - 1))


def test_growth_is_of_the_sum_at_each_level_and_holds_both_counts(mesurer):
    lues = mesurer(
        Growth("n"),
        "territoire, millesime, n",
        COMMUNES + "," + COMMUNES.replace("2019", "2014").replace("100", "50"),
    )
    assert (lues["988"]["denominateur"], lues["988"]["numerateur"]) == (340, 390)
    assert lues["988"]["valeur"] == pytest.approx(100 * ((390 / 340) ** (1 / 5) - 1))


def test_nothing_grows_from_nobody(mesurer):
    assert (
        valeurs(mesurer(Growth("n"), "territoire, millesime, n", "('98817', 2014, 0), ('98817', 2019, 9)"))
        == {}
    )


def test_a_territory_that_empties_loses_everything(mesurer):
    lues = mesurer(Growth("n"), "territoire, millesime, n", "('98817', 2014, 9), ('98817', 2019, 0)")
    assert lues["98817"]["valeur"] == -100


# --- What is missing is a row ----------------------------------------------------------------------


def test_every_territory_of_the_edition_has_a_row_for_every_census_known_somewhere(mesurer, pays):
    lues = mesurer(
        Total("n", "habitants"),
        "territoire, millesime, n",
        "('988-sud', 2014, 10), ('98817', 2019, 20)",
        par=("territoire", "millesime"),
    )
    edition = [pays.territoire.code, *pays.edition.comparateurs, *(q.code for q in pays.quartiers)]
    assert set(lues) == {(code, annee) for code in edition for annee in (2014, 2019)}


def test_what_is_missing_says_where_it_is_known(mesurer):
    lues = mesurer(
        Total("n", "habitants"), "territoire, millesime, n", "('988-sud', 2019, 10), ('988-nord', 2019, 5)"
    )
    for code in ("98817", "98817-plum"):
        assert (lues[code]["valeur"], lues[code]["statut"]) == (None, Statut.ABSENT)
        assert lues[code]["motif"] == "connu seulement au niveau : province, pays"
    assert lues["988"]["motif"] == ""


def test_what_has_a_value_has_no_reason(mesurer):
    lues = mesurer(Total("n", "habitants"), "territoire, millesime, n", COMMUNES)
    assert {ligne["motif"] for ligne in lues.values() if ligne["statut"] == Statut.VALIDE} == {""}


# --- What is fragile -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mesure", "a", "b", "statut"),
    [
        (Share("a", of="b"), 100, 100, "valide"),
        (Share("a", of="b"), 99, 1000, "fragile"),
        (Rate("a", of="b"), 99, 1000, "fragile"),
        (Ratio("a", of="b"), 1000, 99, "fragile"),
        (Ratio("a", of="b"), 1000, 100, "valide"),
        (Mean("a", of="b", unit="pièces"), 5, 100, "valide"),
        (Mean("a", of="b", unit="pièces"), 5000, 99, "fragile"),
        (Mean("a", of="b", unit="hab./km²", compte="a"), 5000, 24, "valide"),
        (Mean("a", of="b", unit="hab./km²", compte="a"), 99, 24, "fragile"),
        (Total("a", "habitants"), 3, 3, "valide"),
        (Published("a", "€"), 3, 3, "valide"),
    ],
)
def test_a_ratio_of_fewer_than_a_hundred_is_fragile_at_the_census(mesurer, pays, mesure, a, b, statut):
    assert pays.profil.precision.recensement == 100
    lues = mesurer(mesure, "territoire, millesime, a, b", f"('98817', 2019, {a}, {b})", edition=pays)
    assert lues["98817"]["statut"] == statut
    assert lues["98817"]["motif"] == (
        "moins de 100 au numérateur ou au dénominateur" if statut == "fragile" else ""
    )


def test_a_fragile_figure_keeps_its_value_and_its_interval(mesurer, pays):
    lues = mesurer(Share("a", of="b"), "territoire, millesime, a, b", "('98817', 2019, 5, 40)", edition=pays)
    ligne = lues["98817"]
    assert ligne["valeur"] == 100 * 5 / 40
    assert ligne["borne_basse"] < ligne["valeur"] < ligne["borne_haute"]


@pytest.mark.parametrize(("fin", "statut"), [(99, "fragile"), (100, "valide")])
def test_a_growth_is_fragile_when_one_of_its_two_counts_is(mesurer, pays, fin, statut):
    lues = mesurer(
        Growth("a"),
        "territoire, millesime, a",
        f"('98817', 2014, 5000), ('98817', 2019, {fin})",
        edition=pays,
    )
    assert lues["98817"]["statut"] == statut


@pytest.mark.parametrize(("personnes", "statut"), [(19, "fragile"), (20, "valide")])
def test_the_activity_has_its_own_size(base, dessiner, pays, personnes, statut):
    dessiner(
        "socle.recours", "territoire, millesime, personnes, adultes", f"('98817', 2025, {personnes}, 900)"
    )
    chapitre = Chapter("e", "E", "?", (indicateur(Rate("personnes", of="adultes"), table="recours"),))
    lues = calculer(base, pays, (chapitre,), {"recours": "activite"})
    assert pays.profil.precision.activite == 20
    assert lues.loc[lues["territoire"] == "98817", "statut"].tolist() == [statut]


# --- Vintages that share answers ---------------------------------------------------------------------


def test_a_growth_between_2021_and_2022_of_a_rolling_census_is_a_row_that_says_why_it_is_not_given(
    mesurer, pays
):
    profil = pays.profil
    recensement = profil.recensement.model_copy(update={"mode": "glissant", "ecart_minimal": 5})
    glissant = pays.model_copy(update={"profil": profil.model_copy(update={"recensement": recensement})})
    lues = mesurer(
        Growth("pop"),
        "territoire, millesime, pop",
        "('98817', 2021, 26000), ('98817', 2022, 26500)",
        edition=glissant,
    )
    assert (lues["98817"]["valeur"], lues["98817"]["statut"]) == (None, "non_comparable")
    assert lues["98817"]["motif"] == (
        "Les millésimes 2021 et 2022 du recensement ne se comparent pas : ils partagent des enquêtes de "
        "collecte. Comparez des millésimes distants d'au moins 5 ans."
    )
    six_ans = "('98817', 2016, 26000), ('98817', 2022, 26500)"
    lues = mesurer(Growth("pop"), "territoire, millesime, pop", six_ans, edition=glissant)
    assert lues["98817"]["valeur"] == pytest.approx(100 * ((26_500 / 26_000) ** (1 / 6) - 1))


# --- Intervals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mesure", "methode", "facteur"),
    [
        (Share("a", of="b"), intervalles.wilson, 100),
        (Rate("a", of="b", per=1000), intervalles.taux, 1000),
        (Ratio("a", of="b", per=100), intervalles.rapport, 100),
    ],
)
@pytest.mark.parametrize(("a", "b"), [(70, 150), (3, 900), (150, 150)])
def test_the_interval_is_that_of_the_measure_s_method_in_the_unit_of_the_value(
    mesurer, mesure, methode, facteur, a, b
):
    lues = mesurer(mesure, "territoire, millesime, a, b", f"('98817', 2019, {a}, {b})")
    basse, haute = methode(a, b)
    assert lues["98817"]["borne_basse"] == pytest.approx(float(basse) * facteur)
    assert lues["98817"]["borne_haute"] == pytest.approx(float(haute) * facteur)
    assert lues["98817"]["borne_basse"] <= lues["98817"]["valeur"] <= lues["98817"]["borne_haute"]


def test_the_interval_of_a_growth_holds_it_and_narrows_with_the_counts(mesurer):
    petit, grand = (
        mesurer(Growth("n"), "territoire, millesime, n", f"('98817', 2014, {n}), ('98817', 2019, {2 * n})")[
            "98817"
        ]
        for n in (50, 5_000)
    )
    for ligne in (petit, grand):
        assert ligne["borne_basse"] < ligne["valeur"] < ligne["borne_haute"]
    assert petit["borne_haute"] - petit["borne_basse"] > 5 * (grand["borne_haute"] - grand["borne_basse"])


@pytest.mark.parametrize(
    "mesure", [Mean("a", of="b", unit="pièces"), Total("a", "habitants"), Published("a", "€")]
)
def test_no_interval_is_invented_where_there_is_no_method(mesurer, mesure):
    lues = mesurer(mesure, "territoire, millesime, a, b", "('98817', 2019, 70, 150)")
    assert (lues["98817"]["borne_basse"], lues["98817"]["borne_haute"]) == (None, None)


# --- The last door ---------------------------------------------------------------------------------


def test_a_share_beyond_100_stops_the_build_with_its_name(mesurer):
    with pytest.raises(ValueError, match=r"essai : 150\.0 sort de \[0, 100\]"):
        mesurer(Share("a", of="b"), "territoire, millesime, a, b", "('98817', 2019, 150, 100)")


def test_a_negative_total_stops_the_build(mesurer):
    with pytest.raises(ValueError, match=r"essai : -5\.0"):
        mesurer(Total("a - b", "habitants"), "territoire, millesime, a, b", "('98817', 2019, 5, 10)")


def test_two_rows_of_one_key_stop_the_build(mesurer):
    with pytest.raises(ValueError, match="clé en double"):
        mesurer(Total("n", "habitants"), "territoire, millesime, n", "('98817', 2019, 5), ('98817', 2019, 6)")


# --- The query that is shown -----------------------------------------------------------------------


def test_the_query_that_the_dictionary_prints_is_the_one_that_ran(mesurer, base):
    essai = indicateur(Share("a", of="b"))
    lues = valeurs(mesurer(essai.measure, NOMS, RAPPORTS))
    relues = dict(base.execute(f"select territoire, valeur from ({requete(essai)})").fetchall())
    assert {code: relues[code] for code in lues} == pytest.approx(lues)


def test_indicators_read_together_have_the_figures_that_each_has_alone(base, dessiner, pays):
    mesures = (Share("a", of="b"), Total("a", "habitants"), Ratio("b", of="a"), Growth("a"), Growth("b"))
    declares = [indicateur(mesure, nom=f"essai_{rang}") for rang, mesure in enumerate(mesures)]
    dessiner(
        "socle.population",
        NOMS,
        f"{RAPPORTS}, ('98817', 2014, 55, 140, 1000), ('98805', 2014, null, 90, 2000)",
    )

    def calculer_(*ceux):
        oublier(base)
        return calculer(base, sans_seuil(pays), (Chapter("e", "E", "?", ceux),), SERIES)

    ensemble = calculer_(*declares)
    assert ensemble["indicateur"].unique().tolist() == [declare.id for declare in declares]
    seuls = pd.concat([calculer_(declare) for declare in declares], ignore_index=True)
    pd.testing.assert_frame_equal(ensemble, seuls)


def test_a_table_without_a_row_has_the_columns_of_its_sums(base, dessiner, pays):
    dessiner("socle.population", "territoire, millesime, a, b", "('98817', 2019, 1.5, 2)")
    base.execute("delete from socle.population")
    attendues = base.execute(f"describe {compute.sql_niveaux('population', ['a', 'b'])}").fetchall()
    oublier(base)
    calculer(base, pays, (Chapter("e", "E", "?", (indicateur(Share("a", of="b")),)),), SERIES)
    assert base.execute("describe niveaux.population").fetchall() == attendues


def test_the_same_rows_in_another_order_give_the_same_table(base, dessiner, pays):
    chapitre = (Chapter("e", "E", "?", (indicateur(Share("a", of="b")),)),)
    tables = []
    for valeurs_ in (RAPPORTS, ",".join(reversed(RAPPORTS.strip().split(",\n")))):
        oublier(base)
        dessiner("socle.population", NOMS, valeurs_)
        tables.append(calculer(base, sans_seuil(pays), chapitre, SERIES))
    assert tables[0].equals(tables[1])


def test_a_sum_of_decimals_is_exact_whatever_the_order_of_its_parts(mesurer):
    # 2 277 995 159.48638716; floats, in whatever order they are added, make …388 of it
    parts = """
      ('98817', 2019, 796052990.963265::double),
      ('98805', 2019, 934654633.9064405),
      ('98811', 2019, 174371969.29175153),
      ('98827', 2019, 372915565.32493013)
    """
    lues = valeurs(mesurer(Total("n", "habitants"), "territoire, millesime, n", parts))
    assert lues["988"] == 2_277_995_159.486387


def test_the_summary_counts_rows_fragile_and_absent(base, dessiner, pays):
    dessiner("socle.population", NOMS, RAPPORTS)
    lues = calculer(base, pays, (Chapter("e", "E", "?", (indicateur(Share("a", of="b")),)),), SERIES)
    fragiles, absentes = ((lues["statut"] == statut).sum() for statut in ("fragile", "absent"))
    assert (
        compute.resume(lues) == f"Indicateurs : 1, 7 lignes, dont {fragiles} fragiles et {absentes} absentes."
    )
    assert (fragiles, absentes) == (5, 2)


# --- Real figures ----------------------------------------------------------------------------------


def lue(base_publique, nom, territoire, millesime):
    return base_publique.execute(
        "select valeur, numerateur, statut from resultat.indicateurs "
        "where indicateur = ? and territoire = ? and millesime = ?",
        [nom, territoire, millesime],
    ).fetchone()


def test_le_mont_dore_gained_0_34_percent_a_year_from_2014_to_2019(base_publique):
    assert round(lue(base_publique, "evolution_population", "98817", 2019)[0], 2) == 0.34


def test_le_mont_dore_had_4_345_inhabitants_of_60_and_over_in_2019(base_publique):
    valeur, compte, statut = lue(base_publique, "part_60_plus", "98817", 2019)
    assert (compte, round(valeur, 1), statut) == (4_345, 15.7, "valide")


def test_what_is_known_for_provinces_only_is_absent_of_the_commune(base_publique):
    assert lue(base_publique, "taux_chomage", "98817", 2019)[2] == "absent"
    assert lue(base_publique, "taux_chomage", "988-sud", 2019)[2] == "valide"


def test_the_agglomeration_is_the_sum_of_its_four_communes_in_2025(base_publique):
    compte = base_publique.execute(
        "select sum(pop) from socle.population where millesime = 2025 "
        "and territoire in ('98805', '98817', '98818', '98821')"
    ).fetchone()[0]
    assert lue(base_publique, "population", "988-grand-noumea", 2025)[0] == compte


def test_every_interval_holds_its_value(base_publique):
    hors = base_publique.execute(
        "select indicateur, territoire, millesime from resultat.indicateurs "
        "where valeur < borne_basse - 1e-9 or valeur > borne_haute + 1e-9"
    ).fetchall()
    assert hors == []


def test_every_value_is_explained_by_its_status(base_publique):
    compte = dict(
        base_publique.execute(
            "select statut, count(valeur) = count(*) from resultat.indicateurs group by statut"
        ).fetchall()
    )
    assert compte == {"valide": True, "fragile": True, "absent": False}
    assert not math.isnan(lue(base_publique, "population", "98817", 2019)[0])


# --- What the producer's marks make of a figure ----------------------------------------------------

MARQUES = "source, fichier, territoire, millesime, colonne, marque, statut, motif"


@pytest.fixture
def mesurer_marque(mesurer, dessiner, monkeypatch):
    """`mesurer` on a table made of one source, whose figures are marked: « territory, column, status »."""
    monkeypatch.setattr(compute.transform, "sources_de", lambda table: ("filosofi",))

    def mesurer_(mesure, colonnes, valeurs_, *marques):
        lignes = [
            f"('filosofi', 'f.csv', '{lieu}', 2021, '{nom}', 's', '{statut}', 'motif de {statut}')"
            for lieu, nom, statut in marques
        ]
        dessiner("brut.marques", MARQUES, ", ".join(lignes))
        return mesurer(mesure, colonnes, valeurs_)

    return mesurer_


def test_a_secret_of_the_producer_is_said_secret_and_not_absent(mesurer_marque):
    taux = "('98817', 2021, null), ('98805', 2021, 12)"
    lues = mesurer_marque(Published("tp", "%"), "territoire, millesime, tp", taux, ("98817", "tp", "secret"))
    assert (lues["98817"]["statut"], lues["98817"]["motif"]) == ("secret", "motif de secret")
    assert lues["98805"]["statut"] == "valide"
    assert lues["988"]["statut"] == "absent"


def test_a_floor_is_a_figure_that_says_at_most(mesurer_marque):
    taux = "('98817', 2021, 5), ('98805', 2021, 12)"
    lues = mesurer_marque(
        Published("tp", "%"), "territoire, millesime, tp", taux, ("98817", "tp", "plancher")
    )
    assert (lues["98817"]["valeur"], lues["98817"]["statut"]) == (5, "plancher")


def test_a_ratio_of_a_secret_count_is_secret_and_the_sum_it_enters_is_absent(mesurer_marque):
    foyers = "('98817', 2021, null, 1000), ('98805', 2021, 40, 1000)"
    mesure = Rate("rsa", of="menages")
    lues = mesurer_marque(mesure, "territoire, millesime, rsa, menages", foyers, ("98817", "rsa", "secret"))
    assert lues["98817"]["statut"] == "secret"
    assert lues["988-sud"]["statut"] == "absent"
    assert lues["98805"]["valeur"] == 40


def test_a_mark_on_another_column_says_nothing_of_this_one(mesurer_marque):
    taux = "('98817', 2021, 9), ('98805', 2021, 12)"
    lues = mesurer_marque(Published("tp", "%"), "territoire, millesime, tp", taux, ("98817", "d1", "secret"))
    assert lues["98817"]["statut"] == "valide"


def test_of_two_marks_the_graver_one_counts(mesurer_marque):
    taux = "('98817', 2021, 5), ('98805', 2021, 12)"
    lues = mesurer_marque(
        Published("tp", "%"), "territoire, millesime, tp", taux,
        ("98817", "tp", "fragile"), ("98817", "tp", "plancher"),
    )  # fmt: skip
    assert lues["98817"]["statut"] == "plancher"


def test_a_figure_that_is_secret_everywhere_is_still_a_row(mesurer_marque):
    lues = mesurer_marque(
        Published("tp", "%"),
        "territoire, millesime, tp",
        "('98817', 2021, null::double)",
        ("98817", "tp", "secret"),
    )
    assert lues["98817"]["statut"] == "secret"
