"""How many observations stand behind a figure: fractions of a rolling census, households that repeat themselves."""

import math

import numpy as np
import pandas as pd
import pytest

from pipeline import comparison, compute, precision
from pipeline.methods import concentration, intervalles
from pipeline.model import Chapter, Concentration, Grappes, Indicator, Mean, Published, Quantile, Rate, Share

POPULATIONS = "('98817', 2015, 12000), ('98817', 2021, 9999), ('98805', 2021, 10000), ('98811', 2021, 3000)"


@pytest.fixture
def glissant(pays):
    """The drawn edition, its census taken as a rolling one and no figure too small."""
    profil = pays.profil
    recensement = profil.recensement.model_copy(update={"mode": "glissant", "ecart_minimal": 5})
    tailles = profil.precision.model_copy(update={"recensement": 0, "activite": 0})
    return pays.model_copy(
        update={"profil": profil.model_copy(update={"recensement": recensement, "precision": tailles})}
    )


@pytest.fixture
def exploitee(monkeypatch):
    """Say that the drawn table comes from that exploitation of the census."""
    return lambda nom: monkeypatch.setattr(precision, "exploitation", lambda table: nom)


def fractions(base, dessiner, exploitation, valeurs=POPULATIONS):
    dessiner("socle.population", "territoire, millesime, pop", valeurs)
    return precision.fractions_enquetees(base)[exploitation]


# --- Fractions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("exploitation", "petite"), [("principale", 1.0), ("complementaire", 0.25)])
def test_a_commune_s_fraction_is_that_of_its_latest_size(base, dessiner, exploitation, petite):
    # INSEE: under 10,000 inhabitants all dwellings, a quarter of the households in detail; 40 % from there.
    lues = fractions(base, dessiner, exploitation)
    assert (lues["98817"], lues["98805"]) == (petite, 0.4)


def test_a_territory_s_fraction_is_the_mean_of_its_communes_weighted_by_inhabitants(base, dessiner):
    # province Sud: 9,999 at 1/4 and 10,000 at 0.4; Koné is in the North.
    lues = fractions(base, dessiner, "complementaire")
    assert lues["988-sud"] == pytest.approx((9_999 * 0.25 + 10_000 * 0.4) / 19_999)
    assert lues["988-nord"] == pytest.approx(0.25)


def test_a_commune_in_two_provinces_counts_in_each_for_its_part(base, dessiner):
    # Poya, 10,000: 0.9 in the North (with Koné, 3,000 at 1), 0.1 in the South.
    lues = fractions(base, dessiner, "principale", "('98811', 2021, 3000), ('98827', 2021, 10000)")
    assert lues["988-nord"] == pytest.approx((3_000 + 9_000 * 0.4) / 12_000)
    assert lues["988-sud"] == pytest.approx(0.4)


def test_a_quartier_is_surveyed_as_its_commune(base, dessiner):
    assert fractions(base, dessiner, "complementaire")["98817-plum"] == 0.25


@pytest.mark.parametrize(("exploitation", "plancher"), [("principale", 0.4), ("complementaire", 0.25)])
def test_where_no_commune_is_known_the_smallest_fraction_is_taken(base, dessiner, exploitation, plancher):
    lues = fractions(base, dessiner, exploitation, "('98817', 2021, 0)")
    assert set(lues) == {plancher}


# --- In the engine ---------------------------------------------------------------------------------

NOMS = "territoire, millesime, pop, a, b"
DEUX = "('98817', 2021, 9000, 300, 1000), ('98805', 2021, 9000, 260, 1000)"


def calculer(base, dessiner, edition, mesure=None, valeurs=DEUX):
    dessiner("socle.population", NOMS, valeurs)
    essai = Indicator("essai", "Nombre", "Tel.", "Tel.", mesure or Share("a", of="b"), "population")
    chapitres, series = (Chapter("e", "E", "?", (essai,)),), {"population": "recensement"}
    lues = compute.calculer(base, edition, chapitres, series).set_index("territoire")
    comparison.comparer(base, edition, chapitres, series)
    return lues, base.execute("select * from resultat.comparaisons").df()


def test_an_exhaustive_census_has_the_interval_of_its_counts(base, dessiner, pays, exploitee):
    exploitee("complementaire")
    lues, _ = calculer(base, dessiner, pays)
    assert lues.loc["98817", "efficace"] == 1
    assert lues.loc["98817", "borne_basse"] == pytest.approx(100 * intervalles.wilson(300, 1_000)[0])


@pytest.mark.parametrize(("exploitation", "fraction"), [("", 1), ("principale", 1), ("complementaire", 0.25)])
def test_a_count_by_a_quarter_of_the_households_has_the_interval_of_a_quarter(
    base, dessiner, glissant, exploitee, exploitation, fraction
):
    exploitee(exploitation)
    lues, _ = calculer(base, dessiner, glissant)
    attendue = intervalles.wilson(300 * fraction, 1_000 * fraction)
    assert lues.loc["98817", "valeur"] == 30
    assert lues.loc["98817", ["borne_basse", "borne_haute"]].tolist() == pytest.approx(
        [100 * attendue[0], 100 * attendue[1]]
    )


@pytest.mark.parametrize(
    ("exploitation", "position"), [("principale", "au_dessus"), ("complementaire", "non_different")]
)
def test_the_same_gap_is_established_on_all_the_forms_and_not_on_a_quarter(
    base, dessiner, glissant, exploitee, exploitation, position
):
    # 30 % and 26 % of 1,000: z = 2 on all, z = 1 on a quarter of them.
    exploitee(exploitation)
    _, ecarts = calculer(base, dessiner, glissant)
    [ecart] = ecarts[(ecarts["territoire"] == "98817") & (ecarts["contre"] == "98805")].itertuples()
    assert ecart.position == position
    assert ecart.effet == pytest.approx(0.04)


def test_the_rest_of_a_province_has_the_observations_that_the_part_leaves():
    # Part: 1,000 all surveyed. Whole: 5,000 at 0.52, that is 2,600 observations: 1,600 for the other 4,000.
    un = np.ones(1)
    c, d, f = comparison._autres(
        300 * un, 1_000 * un, un, 1_300 * un, 5_000 * un, 0.52 * un, np.array([True])
    )
    assert (c[0], d[0], f[0]) == pytest.approx((1_000, 4_000, 0.4))


def test_a_comparator_that_does_not_hold_the_territory_keeps_its_own():
    un = np.ones(1)
    autres = comparison._autres(3 * un, 9 * un, un, 4 * un, 8 * un, 0.4 * un, np.array([False]))
    assert [float(serie[0]) for serie in autres] == [4, 8, 0.4]


# --- Households ------------------------------------------------------------------------------------

FOYERS = "territoire, millesime, foyers, n, aa, ab, bb, a, b"
# Three households: 1 granted of 1, 0 of 2, 3 of 3.
TROIS = "('98817', 2021, 3, 6, 1 + 0 + 9, 1 + 0 + 9, 1 + 4 + 9, 4, 6)"


def grouper(base, dessiner, edition, mesure, valeurs=TROIS):
    dessiner("socle.population", FOYERS, valeurs)
    essai = Indicator("essai", "Nombre", "Tel.", "Tel.", mesure, "population")
    lues = compute.calculer(base, edition, (Chapter("e", "E", "?", (essai,)),), {"population": "activite"})
    return lues.set_index("territoire").loc["98817"]


def test_requests_of_one_household_are_worth_fewer_than_their_number(base, dessiner, pays):
    ligne = grouper(base, dessiner, pays, Share("a", of="b", grappes=Grappes("foyers", "aa", "ab", "bb")))
    effet = float(intervalles.inflation_grappes(4, 6, 10, 10, 14, 3))
    assert effet > 1
    assert ligne["efficace"] == pytest.approx(1 / effet)
    assert ligne["borne_basse"] == pytest.approx(100 * intervalles.wilson(4 / effet, 6 / effet)[0])


def test_a_rate_of_repeated_events_has_the_variance_of_their_frequencies(base, dessiner, pays):
    # Σk²/Σk = 10/4 for a known population of 6.
    ligne = grouper(base, dessiner, pays, Rate("a", of="b", grappes=Grappes("foyers", "aa")))
    assert ligne["efficace"] == pytest.approx(4 / 10)
    low, high = intervalles.byar_foyers(4, 2.5)
    assert (ligne["borne_basse"], ligne["borne_haute"]) == pytest.approx((1000 * low / 6, 1000 * high / 6))


def test_a_mean_per_household_has_student_s_interval(base, dessiner, pays):
    # 1, 0 and 3 granted in three households: mean 4/3, s² = 7/3.
    mesure = Mean("a", of="foyers", unit="aides", grappes=Grappes("foyers", "aa"))
    ligne = grouper(base, dessiner, pays, mesure)
    low, high = intervalles.moyenne(4 / 3, np.std([1, 0, 3], ddof=1), 3)
    assert (ligne["borne_basse"], ligne["borne_haute"]) == pytest.approx((low, high))


def test_one_household_alone_has_no_interval_of_its_mean(base, dessiner, pays):
    mesure = Mean("a", of="foyers", unit="aides", grappes=Grappes("foyers", "aa"))
    ligne = grouper(base, dessiner, pays, mesure, "('98817', 2021, 1, 6, 9, 9, 9, 3, 3)")
    assert pd.isna(ligne["borne_basse"])


def test_what_the_ccas_counts_is_counted_whole_whatever_census_it_is_divided_by():
    # the requests of a town of 40,000 are not two out of five of its requests
    assert precision.exploitation("habitants_quartiers") == "principale"
    assert precision.exploitation("recours") == precision.exploitation("representation_type_menage") == ""


# --- Medians ---------------------------------------------------------------------------------------

DELAI = Published("mediane", "jours", sur=Quantile("attentes", "jours", par="menage"))
COMMUNES = ("territoire, millesime, mediane", "('98817', 2025, 15.5), ('98817', 2024, 3), ('98805', 2025, 8)")


def encadrer(base, dessiner, edition, attentes, *, mesure=DELAI, publiees=COMMUNES):
    """The rows of a median of Le Mont-Dore in 2025; `attentes` are (delay, household) pairs."""
    lignes = ", ".join(f"('98817', 2025, {jours}, 'm{qui}')" for jours, qui in attentes)
    dessiner("socle.attentes", "territoire, millesime, jours, menage", lignes)
    dessiner("socle.population", *publiees)
    essai = Indicator("essai", "Délai", "Tel.", "Tel.", mesure, "population")
    lues = compute.calculer(base, edition, (Chapter("e", "E", "?", (essai,)),), {"population": "activite"})
    return lues.set_index(["territoire", "millesime"])[["valeur", "borne_basse", "borne_haute"]]


def test_a_median_lies_between_the_order_statistics_of_what_it_is_computed_on(base, dessiner, pays):
    # 30 delays of 30 households: P(Bin(30, ½) ≤ 9) = 0.0214, P(≤ 10) = 0.0494: from the 10th to the 21st.
    lues = encadrer(base, dessiner, pays, [(jours, jours) for jours in range(1, 31)])
    assert lues.loc["98817", 2025].tolist() == [15.5, 10, 21]


def test_delays_in_any_order_and_unknown_ones_leave_the_interval_as_it_is(base, dessiner, pays):
    melangees = [(1 + 7 * rang % 30, rang) for rang in range(30)]
    lues = encadrer(base, dessiner, pays, [*melangees, ("null", "x"), ("null", "y")])
    assert lues.loc["98817", 2025].tolist() == [15.5, 10, 21]


def test_the_median_of_another_place_or_year_has_nothing_of_this_one_s(base, dessiner, pays):
    lues = encadrer(base, dessiner, pays, [(jours, jours) for jours in range(1, 31)])
    for lieu, annee in (("98805", 2025), ("98817", 2024)):
        assert lues.loc[(lieu, annee), ["borne_basse", "borne_haute"]].isna().all()


def test_a_producer_s_median_has_no_interval(base, dessiner, pays):
    lues = encadrer(
        base, dessiner, pays, [(jours, jours) for jours in range(1, 31)], mesure=Published("mediane", "€")
    )
    assert lues.loc[("98817", 2025), ["borne_basse", "borne_haute"]].isna().all()


def test_a_ninth_decile_has_the_ranks_of_its_own_law(base, dessiner, pays):
    # 200 delays: P(Bin(200, 0.9) ≤ 170) = 0.0163, P(≤ 171) = 0.0271; P(≥ 189) = 0.0168, P(≥ 188) = 0.0320.
    mesure = Published("mediane", "jours", sur=Quantile("attentes", "jours", par="menage", part=0.9))
    lues = encadrer(base, dessiner, pays, [(jours, jours) for jours in range(1, 201)], mesure=mesure)
    assert lues.loc[("98817", 2025), ["borne_basse", "borne_haute"]].tolist() == [171, 189]


def test_a_bound_that_fewer_than_five_households_lie_beyond_is_not_given(base, dessiner, pays):
    # 19 delays: from the 5th to the 15th, four beyond each; 20: from the 6th, five beyond it.
    dix_neuf = [(jours, jours) for jours in range(1, 20)]
    lues = encadrer(base, dessiner, pays, dix_neuf)
    assert lues.loc["98817", 2025].isna().tolist() == [False, True, True]


def test_from_twenty_households_on_the_median_has_its_interval(base, dessiner, pays):
    lues = encadrer(base, dessiner, pays, [(jours, jours) for jours in range(1, 21)])
    assert lues.loc[("98817", 2025), ["borne_basse", "borne_haute"]].tolist() == [6, 15]


def test_the_longest_delays_of_one_household_are_not_those_of_five(base, dessiner, pays):
    # A hundred delays, of which the 45 longest are two households': enough requests beyond the bound, too few of whom.
    siens = [(jours, jours if jours <= 55 else f"x{jours % 2}") for jours in range(1, 101)]
    lues = encadrer(base, dessiner, pays, siens)
    assert lues.loc["98817", 2025].isna().tolist() == [False, True, True]


def test_requests_of_one_household_widen_the_interval_of_the_median_delay(base, dessiner, pays):
    deux = [(jours, jours) for jours in range(1, 41) for _ in range(2)]
    lues = encadrer(base, dessiner, pays, deux)
    attendu = intervalles.quantile([jours for jours, _ in deux], foyers=[qui for _, qui in deux])
    assert lues.loc[("98817", 2025), ["borne_basse", "borne_haute"]].tolist() == list(attendu)
    assert attendu[0] < intervalles.quantile([jours for jours, _ in deux])[0]


def test_a_median_that_is_not_given_keeps_no_bounds(base, dessiner, pays):
    publiees = ("territoire, millesime, mediane", "('98817', 2025, null::double), ('98805', 2025, 8)")
    lues = encadrer(base, dessiner, pays, [(jours, jours) for jours in range(1, 31)], publiees=publiees)
    assert lues.loc["98817", 2025].isna().all()


# --- Concentration ---------------------------------------------------------------------------------


MONTANTS = [50 + 17 * rang % 211 for rang in range(300)]


def concentrer(base, dessiner, edition, unite, part):
    """The bounds of a concentration of `MONTANTS`, of a figure of two decimals."""
    sur = Concentration("attentes", "jours", par="menage", part=part)
    mesure = Published("mediane", unite, decimals=2, sur=sur)
    publiees = "territoire, millesime, mediane", "('98817', 2025, 0.25)"
    attentes = [(montant, rang) for rang, montant in enumerate(MONTANTS)]
    lues = encadrer(base, dessiner, edition, attentes, mesure=mesure, publiees=publiees)
    return lues.loc[("98817", 2025), ["borne_basse", "borne_haute"]].tolist()


def test_the_bounds_of_a_gini_have_the_digits_of_its_figure_outwards(base, dessiner, pays):
    basse, haute = concentration.bornes_gini(MONTANTS)
    attendues = [math.floor(100 * basse) / 100, math.ceil(100 * haute) / 100]
    assert concentrer(base, dessiner, pays, "", None) == pytest.approx(attendues)


def test_what_the_first_tenth_has_is_a_percentage_and_so_are_its_bounds(base, dessiner, pays):
    basse, haute = concentration.bornes_premiers(MONTANTS, 0.1)
    attendues = [math.floor(1e4 * basse) / 100, math.ceil(1e4 * haute) / 100]
    assert concentrer(base, dessiner, pays, "%", 0.1) == pytest.approx(attendues)


def test_nineteen_households_have_a_figure_without_bounds(base, dessiner, pays):
    mesure = Published("mediane", "", sur=Concentration("attentes", "jours", par="menage"))
    lues = encadrer(base, dessiner, pays, [(rang, rang) for rang in range(1, 20)], mesure=mesure)
    assert lues.loc["98817", 2025].tolist()[0] == 15.5
    assert lues.loc[("98817", 2025), ["borne_basse", "borne_haute"]].isna().all()
