"""Who is above whom and what has changed: states that the counts support, and none that they do not."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.comparison import comparer
from pipeline.compute import calculer
from pipeline.methods import comparaisons
from pipeline.model import Chapter, Growth, Indicator, Mean, Rate, Ratio, Share, Total

NOMS = "territoire, millesime, a, b"
PART = Share("a", of="b")


def edition_precise(edition, **recensement):
    """The edition with no figure too small to be read, and a census taken as said."""
    precision = edition.profil.precision.model_copy(update={"recensement": 0, "activite": 0})
    pris = edition.profil.recensement.model_copy(update=recensement)
    return edition.model_copy(
        update={"profil": edition.profil.model_copy(update={"precision": precision, "recensement": pris})}
    )


@pytest.fixture
def confronter(base, dessiner, pays):
    """Comparisons of measures over drawn rows, as a frame: `confronter(Share(…), "('98817', 2019, 7, 15)")`."""

    def confronter_(mesures, valeurs, *, edition=None, table="population", serie="recensement"):
        dessiner(f"socle.{table}", NOMS, valeurs)
        base.execute(f"alter table socle.{table} add column if not exists pop double")
        base.execute("drop schema if exists niveaux cascade; drop schema if exists resultat cascade")
        base.execute("drop table if exists socle.paires")
        declares = tuple(
            Indicator(f"essai_{rang}", "Nombre", "Tel.", "Tel.", mesure, table)
            for rang, mesure in enumerate(mesures if isinstance(mesures, list) else [mesures])
        )
        chapitres, series = (Chapter("e", "E", "?", declares),), {table: serie}
        retenue = edition or edition_precise(pays)
        calculer(base, retenue, chapitres, series)
        comparer(base, retenue, chapitres, series)
        return base.execute("select * from resultat.comparaisons").df()

    return confronter_


def ligne(table, territoire, contre, nature, millesime=2019):
    """The one comparison of a territory with another, or with itself earlier."""
    [trouvee] = table[
        (table["territoire"] == territoire)
        & (table["contre"] == contre)
        & (table["nature"] == nature)
        & (table["millesime"] == millesime)
    ].itertuples()
    return trouvee


# --- Who is compared with whom ---------------------------------------------------------------------


def test_the_commune_is_set_against_each_comparator_and_quartiers_against_the_commune(confronter):
    table = confronter(
        PART,
        "('98817', 2019, 30, 100), ('98805', 2019, 20, 100), ('98811', 2019, 9, 50), ('98827', 2019, 9, 50), "
        "('98817-plum', 2019, 10, 40), ('98817-robinson', 2019, 20, 60)",
    )
    couples = set(zip(table["territoire"], table["contre"], table["nature"], strict=True))
    autour = combinations(["98817", "98805", "988-sud", "988-nord", "988"], 2)
    assert couples == {
        *((un, autre, "comparateur") for un, autre in autour),
        ("98817-plum", "98817", "commune"),
        ("98817-robinson", "98817", "commune"),
    }


TROIS = "('98817', 2019, 300, 1000), ('98805', 2019, 260, 1000), ('988', 2019, 2300, 9000)"


def test_a_commune_shown_in_detail_is_set_against_the_comparators_that_hold_it(confronter, base):
    base.execute("update socle.territoires set role = 'membre' where territoire in ('98805', '98811')")
    provinces = "('988-sud', 2019, 90, 300), ('988-nord', 2019, 90, 500)"
    table = confronter(PART, f"('98805', 2019, 20, 100), ('98811', 2019, 9, 50), {provinces}")
    entre = table[table["territoire"].isin(["98805", "98811"])]
    assert set(zip(entre["territoire"], entre["contre"], entre["nature"], strict=True)) == {
        ("98805", "988-sud", "comparateur"),
        ("98805", "988", "comparateur"),
        ("98811", "988-nord", "comparateur"),
        ("98811", "988", "comparateur"),
    }
    table = confronter(PART, TROIS)
    assert ligne(table, "98805", "988", "comparateur").effet == pytest.approx(260 / 1000 - 2040 / 8000)


def test_what_is_said_of_the_commune_does_not_depend_on_how_many_communes_are_shown_in_detail(
    confronter, base
):
    base.execute("update socle.territoires set role = '' where territoire = '98805'")
    seule = ligne(confronter(PART, TROIS), "98817", "988", "comparateur")
    base.execute("update socle.territoires set role = 'membre' where territoire = '98805'")
    table = confronter(PART, TROIS)
    assert ligne(table, "98817", "988", "comparateur").q == seule.q
    assert ligne(table, "98805", "988", "comparateur").q == ligne(table, "98805", "988", "comparateur").p


def test_only_figures_of_one_census_are_compared(confronter):
    table = confronter(PART, "('98817', 2019, 30, 100), ('98805', 2014, 20, 100), ('988', 2014, 20, 900)")
    assert [(c.territoire, c.contre, c.millesime) for c in table.itertuples()] == [("98805", "988", 2014)]


def test_a_territory_alone_at_one_census_has_nothing_to_be_compared_with(confronter):
    table = confronter(PART, "('98817', 2019, 30, 100)")
    assert table.empty
    assert {"territoire", "contre", "position", "q"} <= set(table.columns)


def test_a_territory_without_a_value_is_compared_with_nobody(confronter):
    table = confronter(PART, "('98817', 2019, 30, 100), ('98805', 2019, null, 100), ('988', 2019, 90, 900)")
    assert [(c.territoire, c.contre) for c in table.itertuples()] == [("98817", "988")]


# --- A part against the rest of the whole ----------------------------------------------------------


def test_a_part_is_compared_with_the_rest_of_the_whole_that_holds_it(confronter):
    table = confronter(
        PART, "('98817', 2019, 300, 1000), ('988-sud', 2019, 500, 2500), ('98805', 2019, 1, 10)"
    )
    dedans = ligne(table, "98817", "988-sud", "comparateur")
    reste = comparaisons.comparer_proportions(300, 1000, 500 - 300, 2500 - 1000)
    assert dedans.effet == pytest.approx(300 / 1000 - 200 / 1500)
    assert (dedans.borne_basse, dedans.borne_haute) == pytest.approx((reste.borne_basse, reste.borne_haute))
    assert dedans.p == pytest.approx(float(reste.p))


def test_two_communes_are_compared_as_they_are(confronter):
    table = confronter(PART, "('98817', 2019, 300, 1000), ('98805', 2019, 200, 1500)")
    assert ligne(table, "98817", "98805", "comparateur").effet == pytest.approx(300 / 1000 - 200 / 1500)


def test_a_quartier_is_compared_with_the_rest_of_its_commune(confronter):
    table = confronter(PART, "('98817-plum', 2019, 40, 100), ('98817-robinson', 2019, 60, 300)")
    assert ligne(table, "98817-plum", "98817", "commune").effet == pytest.approx(40 / 100 - 60 / 300)


def test_a_whole_that_is_the_part_cannot_be_compared_with_it(confronter):
    table = confronter(PART, "('98817', 2019, 300, 1000), ('988-sud', 2019, 300, 1000)")
    seule = ligne(table, "98817", "988-sud", "comparateur")
    assert (seule.position, seule.motif) == ("ne_se_compare_pas", comparaisons.MOTIF_REFERENCE)


@pytest.mark.parametrize(
    ("mesure", "attendu"),
    [
        (PART, 40 / 100 - 30 / 200),
        # a for 100 b: the share of a in a + b, 40 / 140 against 30 / 230
        (Ratio("a", of="b"), 40 / 140 - 30 / 230),
        (Rate("a", of="b"), (40 / 100) / (30 / 200)),
    ],
)
def test_the_effect_is_a_difference_of_shares_or_a_ratio_of_rates(confronter, mesure, attendu):
    table = confronter(mesure, "('98817', 2019, 40, 100), ('98805', 2019, 30, 200)")
    assert ligne(table, "98817", "98805", "comparateur").effet == pytest.approx(attendu)


# --- The three states ------------------------------------------------------------------------------


@pytest.mark.parametrize("mesure", [PART, Rate("a", of="b"), Ratio("a", of="b")])
@pytest.mark.parametrize(
    ("ici", "etat"),
    [
        ((300, 1000), "au_dessus"),  # 30 % against 20 %
        ((100, 1000), "au_dessous"),  # 10 %
        ((203, 1000), "non_different"),  # 20.3 %
        ((3, 10), "non_different"),  # 30 % again, but of ten persons
    ],
)
def test_a_territory_is_above_below_or_not_different(confronter, mesure, ici, etat):
    table = confronter(mesure, f"('98817', 2019, {ici[0]}, {ici[1]}), ('98805', 2019, 200, 1000)")
    assert ligne(table, "98817", "98805", "comparateur").position == etat


@pytest.mark.parametrize("mesure", [Mean("a", of="b", unit="pièces"), Total("a", "habitants")])
def test_a_measure_without_a_test_claims_nothing(confronter, mesure):
    table = confronter(mesure, "('98817', 2019, 900, 1000), ('98805', 2019, 1, 1000)")
    seule = ligne(table, "98817", "98805", "comparateur")
    assert (seule.position, seule.motif) == ("ne_se_compare_pas", "cette mesure ne se teste pas")
    assert np.isnan(seule.p)


def test_a_growth_is_not_tested_either(confronter):
    table = confronter(
        Growth("a"),
        "('98817', 2014, 10, 1), ('98817', 2019, 90, 1), ('98805', 2014, 10, 1), ('98805', 2019, 5, 1)",
    )
    assert set(table["position"]) == {"ne_se_compare_pas"}


COMPTES = st.tuples(st.integers(0, 400), st.integers(1, 400))


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(comptes=st.lists(COMPTES, min_size=1, max_size=15))
def test_identical_territories_are_never_told_apart(confronter, comptes):
    lignes = [
        f"('{code}', {1900 + rang}, {a}, {a + reste})"
        for rang, (a, reste) in enumerate(comptes)
        for code in ("98817", "98805")
    ]
    table = confronter([PART, Rate("a", of="b"), Ratio("a", of="b")], ", ".join(lignes))
    entre = table[(table["territoire"] == "98817") & (table["contre"] == "98805")]
    assert len(entre) == 3 * len(comptes)
    assert not set(entre["position"]) & {"au_dessus", "au_dessous"}


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(couples=st.lists(st.tuples(COMPTES, COMPTES), min_size=1, max_size=15))
def test_two_territories_exchanged_exchange_their_states(confronter, couples):
    """Each pair is drawn in an even year, and the other way round in the odd year after."""
    lignes = [
        f"('{code}', {1900 + 2 * rang + tour}, {a}, {a + reste})"
        for rang, couple in enumerate(couples)
        for tour in (0, 1)
        for code, (a, reste) in zip(("98817", "98805"), couple[:: 1 - 2 * tour], strict=True)
    ]
    table = confronter(PART, ", ".join(lignes))
    renverse = {"au_dessus": "au_dessous", "au_dessous": "au_dessus"}
    for annee in range(1900, 1900 + 2 * len(couples), 2):
        etats = [ligne(table, "98817", "98805", "comparateur", annee + tour).position for tour in (0, 1)]
        assert etats[1] == renverse.get(etats[0], etats[0])


# --- What is too small -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lignes",
    [
        "('98817', 2019, 99, 200), ('98805', 2019, 100, 2000)",
        "('98817', 2019, 1000, 2000), ('98805', 2019, 99, 2000)",
    ],
)
def test_a_fragile_figure_is_compared_with_nothing_on_either_side(confronter, pays, lignes):
    seule = ligne(confronter(PART, lignes, edition=pays), "98817", "98805", "comparateur")
    assert (seule.position, seule.motif) == ("ne_se_compare_pas", "effectifs trop petits")
    assert np.isnan(seule.p)
    assert np.isnan(seule.q)


def test_the_same_gap_is_established_as_soon_as_the_counts_are_large_enough(confronter, pays):
    lignes = "('98817', 2019, 1000, 2000), ('98805', 2019, 100, 2000)"
    assert (
        ligne(confronter(PART, lignes, edition=pays), "98817", "98805", "comparateur").position == "au_dessus"
    )


# --- Many comparisons at once ----------------------------------------------------------------------


def test_the_correction_is_that_of_benjamini_and_hochberg_over_all_the_comparisons(confronter):
    lignes = [
        f"('98817', {annee}, {a}, 1000), ('98805', {annee}, 200, 1000)"
        for annee, a in zip(range(1990, 2000), range(200, 250, 5), strict=True)
    ]
    table = confronter([PART, Rate("a", of="b")], ", ".join(lignes))
    testees = np.sort(table["p"].dropna().to_numpy())
    q = testees * len(testees) / np.arange(1, len(testees) + 1)
    q = np.minimum.accumulate(q[::-1])[::-1]
    assert np.sort(table["q"].dropna().to_numpy()) == pytest.approx(q)
    assert len(testees) > 10


def test_a_difference_that_many_tests_would_find_by_chance_is_not_claimed(confronter):
    limite = "('98817', 1990, 238, 1000), ('98805', 1990, 200, 1000)"
    seule = ligne(confronter(PART, limite), "98817", "98805", "comparateur", 1990)
    assert (seule.position, seule.p < 0.05) == ("au_dessus", True)
    autres = [f"('98817', {annee}, 200, 1000), ('98805', {annee}, 200, 1000)" for annee in range(1991, 2011)]
    parmi = ligne(confronter(PART, ", ".join([limite, *autres])), "98817", "98805", "comparateur", 1990)
    assert parmi.p == seule.p
    assert (parmi.position, parmi.q > 0.05) == ("non_different", True)


# --- What has changed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("avant", "etat"),
    [(100, "au_dessus"), (300, "au_dessous"), (197, "non_different"), (200, "non_different")],
)
def test_a_change_is_established_by_its_counts(confronter, avant, etat):
    table = confronter(PART, f"('98817', 2014, {avant}, 1000), ('98817', 2019, 200, 1000)")
    changement = ligne(table, "98817", "98817", "precedent")
    assert (changement.position, changement.contre_millesime) == (etat, 2014)
    assert changement.effet == pytest.approx(200 / 1000 - avant / 1000), "never the rest of itself"


def test_each_territory_is_set_against_its_own_past(confronter):
    table = confronter(
        PART,
        "('98817', 2014, 100, 1000), ('98817', 2019, 200, 1000), "
        "('98805', 2014, 300, 1000), ('98805', 2019, 200, 1000)",
    )
    assert ligne(table, "98805", "98805", "precedent").position == "au_dessous"


def test_two_vintages_of_a_rolling_census_that_share_a_wave_are_not_compared(confronter, pays):
    lignes = ", ".join(
        f"('98817', {annee}, {a}, 1000)" for annee, a in ((2016, 100), (2020, 900), (2021, 200), (2022, 300))
    )
    glissant = edition_precise(pays, mode="glissant", ecart_minimal=5, dates=())
    table = confronter(PART, lignes, edition=glissant)
    suites = table[table["nature"] == "precedent"]
    assert list(zip(suites["contre_millesime"], suites["millesime"], strict=True)) == [
        (2016, 2021),
        (2016, 2022),
    ]
    assert set(suites["position"]) == {"au_dessus"}


def test_a_census_whose_date_is_unknown_is_not_compared_with_the_next(confronter):
    table = confronter(
        PART, "('98817', 1996, 100, 1000), ('98817', 2004, 200, 1000), ('98817', 2009, 300, 1000)"
    )
    assert [(c.contre_millesime, c.millesime) for c in table.itertuples()] == [(2004, 2009)]


# --- Declared breaks -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("avant", "apres", "lu"),
    [
        (2022, 2023, True),
        (2023, 2024, False),  # May 2024 lies within 2024
        (2024, 2025, False),  # the first months of 2024 are before the break
        (2025, 2026, True),
    ],
)
def test_no_change_of_activity_is_read_through_may_2024(confronter, avant, apres, lu):
    table = confronter(
        Rate("a", of="b"),
        f"('98817', {avant}, 100, 1000), ('98817', {apres}, 900, 1000)",
        table="recours",
        serie="activite",
    )
    changement = ligne(table, "98817", "98817", "precedent", apres)
    assert changement.position == ("au_dessus" if lu else "ne_se_compare_pas")
    assert changement.motif == ("" if lu else "rupture déclarée : mai 2024")
    assert np.isnan(changement.p) != lu


def test_territories_are_compared_within_one_year_whatever_the_breaks(confronter):
    table = confronter(
        Rate("a", of="b"),
        "('98817', 2024, 300, 1000), ('98805', 2024, 100, 1000)",
        table="recours",
        serie="activite",
    )
    assert ligne(table, "98817", "98805", "comparateur", 2024).position == "au_dessus"


def test_a_census_is_not_touched_by_a_break_of_the_activity(confronter):
    table = confronter(PART, "('98817', 2019, 100, 1000), ('98817', 2025, 200, 1000)")
    assert ligne(table, "98817", "98817", "precedent", 2025).position == "au_dessus"


# --- Real figures ----------------------------------------------------------------------------------


def test_ageing_from_2014_to_2019_is_established_in_le_mont_dore(base_publique):
    lu = base_publique.execute(
        "select position, contre_millesime from resultat.comparaisons where indicateur = 'part_60_plus' "
        "and territoire = '98817' and nature = 'precedent' and millesime = 2019"
    ).fetchone()
    assert lu == ("au_dessus", 2014)


def test_no_difference_is_claimed_beyond_its_q_value(base_publique):
    fautives = base_publique.execute(
        "select count(*) from resultat.comparaisons where position in ('au_dessus', 'au_dessous') "
        "and (q is null or q > 0.05 or motif <> '')"
    ).fetchone()
    assert fautives == (0,)
