import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.methods.projection import (
    a_partir_de,
    borner,
    contre_epreuve,
    controler,
    fourchette,
    fourchette_symetrique,
    lineaire,
    methode_preferee,
    projeter,
    rapports_cohorte,
    valeur_centrale,
    verifier_fourchette,
)
from pipeline.methods.refus import Refus

# Ten-year groups 0-9, 10-19, 20-29, 30-39, 40+; women first. Mothers are 20-39.
AVANT = np.array([[100.0, 90, 80, 70, 60], [105, 95, 85, 75, 40]])
APRES = np.array([[96.0, 99, 81, 76, 104], [102, 104, 76, 85, 92]])
MERES = slice(2, 4)


def rapports(before=AVANT, after=APRES, years=10, width=10, fertile=MERES):
    return rapports_cohorte(before, after, years, width, fertile)


def test_a_cohort_ratio_follows_the_same_people_ten_years_later():
    ratios = rapports()
    assert ratios.cohortes[0, 1:4] == pytest.approx([99 / 100, 81 / 90, 76 / 80])
    assert np.isnan(ratios.cohortes[:, 0]).all()


def test_the_open_group_comes_from_itself_and_from_the_group_before():
    assert rapports().cohortes[:, -1] == pytest.approx([104 / (70 + 60), 92 / (75 + 40)])


def test_children_are_counted_per_woman_of_20_to_39():
    assert rapports().enfants[:, 0] == pytest.approx([96 / (81 + 76), 102 / (81 + 76)])


def test_one_step_by_hand():
    ahead = projeter(APRES, rapports(), 1)[0]
    women = [96 * 0.99, 99 * 0.9, 81 * 0.95]
    assert ahead[0, 1:4] == pytest.approx(women)
    assert ahead[0, 4] == pytest.approx((76 + 104) * 104 / 130)
    assert ahead[1, 0] == pytest.approx((women[1] + women[2]) * 102 / 157)


def test_two_steps_are_one_step_twice():
    both = projeter(APRES, rapports(), 2)
    assert both[1] == pytest.approx(projeter(both[0], rapports(), 1)[0])
    assert both.shape == (2, 2, 5)


def test_projecting_the_first_vintage_gives_the_second():
    # The ratios link the two vintages; only the children also depend on the women of the second.
    assert projeter(AVANT, rapports(), 1)[0] == pytest.approx(APRES)


def test_single_years_of_age_six_years_apart_shift_by_six_groups():
    # INSEE's 2016 and 2022 vintages: 6 years do not fit five-year groups but fit single years.
    draws = np.random.default_rng(41)
    before, after = draws.integers(50, 150, (2, 2, 101)).astype(float)
    ratios = rapports_cohorte(before, after, 6, 1, slice(15, 50))
    assert ratios.decalage == 6
    assert ratios.cohortes[1, 40] == pytest.approx(after[1, 40] / before[1, 34])
    assert ratios.cohortes[0, 100] == pytest.approx(after[0, 100] / before[0, 94:].sum())
    assert ratios.enfants[1, 5] == pytest.approx(after[1, 5] / after[0, 15:50].sum())
    assert projeter(before, ratios, 1)[0] == pytest.approx(after)


@pytest.mark.parametrize(("years", "width"), [(6, 5), (5, 10), (4.9, 5), (0, 5), (-10, 10)])
def test_vintages_that_are_not_a_whole_number_of_groups_apart_are_refused(years, width):
    # 2014-2019 by ten-year groups, 2016-2022 by five-year groups: cohorts straddle the groups.
    with pytest.raises(Refus, match=f"ne sont pas un multiple de {width} ans"):
        rapports(years=years, width=width)


@pytest.mark.parametrize("after", [APRES[:, :4], APRES[:1], APRES[0]])
def test_vintages_of_different_shapes_are_refused(after):
    with pytest.raises(Refus, match="mêmes territoires, sexes et âges"):
        rapports(after=after)


@pytest.mark.parametrize("fertile", [slice(0, 4), slice(3, 3), slice(2, 5)])
def test_mothers_cannot_be_the_children_nor_the_open_group(fertile):
    with pytest.raises(Refus, match="âges féconds"):
        rapports(fertile=fertile)


def test_several_territories_are_projected_at_once():
    pair = rapports(np.stack([AVANT, 2 * AVANT]), np.stack([APRES, 2 * APRES]))
    ahead = projeter(np.stack([APRES, 2 * APRES]), pair, 1)[0]
    assert ahead[1] == pytest.approx(2 * ahead[0])


@given(factor=st.floats(0.5, 2))
def test_a_population_that_multiplies_goes_on_multiplying(factor):
    # Age structure constant, everything times the factor each step: so is the projection.
    start = np.array([[100.0, 100, 100, 100, 50], [100, 100, 100, 100, 50]])
    ahead = projeter(start * factor, rapports(start, start * factor), 3)
    assert ahead[2] == pytest.approx(start * factor**4)


def test_extreme_and_undefined_ratios_are_brought_back_to_the_whole():
    local = rapports(np.array([[0.0, 90, 80, 70, 60], [105, 10, 85, 75, 40]]))
    whole = rapports()
    bounded = borner(local, whole, factor=1.2)
    assert bounded.cohortes[0, 1] == pytest.approx(0.99)  # 99/0: the whole's
    assert bounded.cohortes[1, 2] == pytest.approx(1.2 * 76 / 95)  # 76/10: the upper bound
    assert bounded.cohortes[1, 3] == pytest.approx(85 / 85)  # inside: untouched


def test_a_projection_controlled_to_a_total_keeps_its_ages():
    controlled = controler(np.stack([APRES, APRES]), [500, 1_000])
    assert controlled.sum(axis=(1, 2)) == pytest.approx([500, 1_000])
    assert controlled[0] / 500 == pytest.approx(APRES / APRES.sum())
    assert np.isnan(controler(np.zeros((2, 5)), 10)).all()


def test_the_straight_line_adds_what_was_added_and_stops_at_zero():
    assert lineaire([100, 100], [110, 40], years=5, horizon=10) == pytest.approx([130, 0])
    with pytest.raises(Refus, match="deux dates distinctes"):
        lineaire([1], [2], 0, 5)


def test_older_groups_add_up_both_sexes():
    starts = [0, 10, 20, 30, 40]
    assert a_partir_de(APRES, starts, 30) == 76 + 104 + 85 + 92
    with pytest.raises(Refus, match="ne coupent pas à 35 ans"):
        a_partir_de(APRES, starts, 35)


def test_the_back_test_table_by_hand():
    table = contre_epreuve(
        {"haut": [110, 120, 55], "constante": [90, 110, 50]}, [100, 100, 50], ["grand", "grand", "petit"]
    )
    found = {(row.methode, row.classe): (row.territoires, row.mape, row.malpe) for row in table}
    assert found["haut", "grand"] == pytest.approx((2, 15, 15))
    assert found["constante", "grand"] == pytest.approx((2, 10, 0))
    assert found["haut", "petit"] == pytest.approx((1, 10, 10))
    assert methode_preferee(table, "grand").methode == "constante"
    assert methode_preferee(table, "petit").methode == "constante"


def test_an_empty_or_missing_territory_is_left_out_of_the_back_test():
    table = contre_epreuve({"m": [5, np.nan, 11]}, [0, 10, 10], ["a", "a", "a"])
    assert [(row.territoires, row.mape) for row in table] == [(1, pytest.approx(10))]


def test_equal_errors_prefer_the_least_biased_method():
    table = contre_epreuve({"a": [110, 110], "b": [90, 110]}, [100, 100], ["x", "x"])
    assert methode_preferee(table, "x").methode == "b"
    with pytest.raises(Refus, match="Aucune contre-épreuve"):
        methode_preferee(table, "y")


THEN = np.full(19, 100.0)
SEEN = 100 * np.exp(np.arange(-9, 10) / 100)


def test_the_range_holds_eight_back_test_errors_out_of_ten():
    # 19 errors −0.09 … 0.09: the 10 % quantile is the second, −0.08 (rank 0.1 × 20).
    low, high = fourchette(1_000, THEN, SEEN)
    assert (low, high) == pytest.approx((1_000 * np.exp(-0.08), 1_000 * np.exp(0.08)))


def test_a_horizon_twice_as_long_doubles_the_error():
    low, high = fourchette(1_000, THEN, SEEN, horizon_ratio=2)
    assert (low, high) == pytest.approx((1_000 * np.exp(-0.16), 1_000 * np.exp(0.16)))


def test_a_method_always_too_high_gives_a_range_below_its_projection():
    low, high = fourchette(1_000, THEN, SEEN * 0.8)
    assert low == pytest.approx(800 * np.exp(-0.08))
    assert high == 1_000


def test_a_range_from_nine_territories_is_refused():
    with pytest.raises(Refus, match="au moins 10 territoires de même taille : il y en a 9"):
        fourchette(1_000, THEN[:10], np.append(SEEN[:9], 0))


def test_from_four_territories_the_range_is_plus_or_minus_the_largest_error():
    # k = ⌈(4 + 1)·0.8⌉ = 4: the largest of |ln| 0.01, 0.02, 0.05, 0.10, here an error downwards.
    seen = 100 * np.exp([0.01, -0.02, 0.05, -0.10])
    low, high = fourchette_symetrique(1_000, np.full(4, 100.0), seen)
    assert (low, high) == pytest.approx((1_000 * np.exp(-0.10), 1_000 * np.exp(0.10)))


def test_from_nine_territories_the_largest_of_nine_errors_is_left_out():
    # k = ⌈(9 + 1)·0.8⌉ = 8, at an horizon twice as long: ± 2 × 0.08
    seen = 100 * np.exp(np.arange(1, 10) / 100)
    assert fourchette_symetrique(1, np.full(9, 100.0), seen, 2)[1] == pytest.approx(np.exp(0.16))


def test_three_territories_make_no_range_at_80_percent():
    with pytest.raises(Refus, match="3 territoires de contre-épreuve ne font pas une fourchette à 80 %"):
        fourchette_symetrique(1, np.full(4, 100.0), [100, 101, 102, 0])


def test_four_exchangeable_errors_hold_the_fifth_four_times_in_five():
    # Exactly 4/5: each of five errors is the largest one time in five.
    draws = np.random.default_rng(47).normal(0.03, 0.1, (4_000, 5))
    held = [
        low <= math.exp(errors[4]) <= high
        for errors in draws
        for low, high in [fourchette_symetrique(1, np.ones(4), np.exp(errors[:4]))]
    ]
    assert np.mean(held) == pytest.approx(0.8, abs=0.02)


def test_a_range_of_one_to_three_is_given_and_not_beyond():
    verifier_fourchette(100, 300)
    with pytest.raises(Refus, match="du simple au triple"):
        verifier_fourchette(100, 301)
    with pytest.raises(Refus, match="du simple au triple"):
        verifier_fourchette(0, 1)


@pytest.mark.parametrize("people", [1_999, 0, float("nan")])
def test_no_single_number_under_2000_inhabitants(people):
    with pytest.raises(Refus, match="Sous 2\u202f000 habitants"):
        valeur_centrale(2_100, people)


def test_a_single_number_from_2000_inhabitants():
    assert valeur_centrale(2_100, 2_000) == 2_100


@pytest.mark.lent
def test_ranges_hold_the_future_as_often_as_announced():
    draws = np.random.default_rng(43)
    held = []
    for _ in range(2_000):
        then = draws.uniform(500, 5_000, 30)
        low, high = fourchette(1_000, then, then * np.exp(draws.normal(0.02, 0.08, 30)))
        held.append(low <= 1_000 * np.exp(draws.normal(0.02, 0.08)) <= high)
    assert np.mean(held) == pytest.approx(0.8, abs=0.03)


CLASSEUR = Path(__file__).parents[2].parent / "shared/data/isee/population-recensements.xlsx"
COMMUNES = ("NOUMEA", "DUMBEA", "MONT-DORE (LE)", "PAITA")


# {age and over: {method: (places, MAPE, MALPE)}}, in %. As in the literature, cohorts alone run high in
# small places, and beat the line for the old of the communes.
QUARTIERS_2019 = {
    0: {
        "constante": (58, 10.7, 2.6),
        "linéaire": (58, 13.2, 9.2),
        "Hamilton-Perry": (58, 25.2, 17.7),
        "Hamilton-Perry contrôlé": (58, 13.2, 9.2),
    },
    60: {
        "constante": (58, 16.7, -14.1),
        "linéaire": (58, 9.9, 1.6),
        "Hamilton-Perry": (58, 14.7, 7.4),
        "Hamilton-Perry contrôlé": (58, 12.0, 1.8),
    },
    80: {
        "constante": (58, 28.1, -22.7),
        "linéaire": (58, 23.1, -4.2),
        "Hamilton-Perry": (58, 28.6, 15.0),
        "Hamilton-Perry contrôlé": (58, 27.5, 9.8),
    },
}
COMMUNES_2019 = {
    0: {
        "constante": (4, 8.8, -5.8),
        "linéaire": (4, 5.7, 5.7),
        "Hamilton-Perry": (4, 4.0, 4.0),
        "Hamilton-Perry contrôlé": (4, 5.7, 5.7),
    },
    60: {
        "constante": (4, 19.3, -19.3),
        "linéaire": (4, 3.8, -1.7),
        "Hamilton-Perry": (4, 2.1, 0.5),
        "Hamilton-Perry contrôlé": (4, 2.5, 2.1),
    },
    80: {
        "constante": (4, 28.7, -28.7),
        "linéaire": (4, 12.9, -10.2),
        "Hamilton-Perry": (4, 9.5, -0.3),
        "Hamilton-Perry contrôlé": (4, 10.9, 1.4),
    },
}


def grand_noumea():
    """{year: {place: (women, men) × nine ten-year groups}} from ISEE's sheet of stacked blocks."""
    from python_calamine import CalamineWorkbook

    years: dict[int, dict[str, np.ndarray]] = {}
    for row in CalamineWorkbook.from_path(CLASSEUR).get_sheet_by_name("GN quartier").to_python():
        if str(row[0]).startswith("En 20"):
            block = years.setdefault(int(row[0][3:7]), {})
        elif years and isinstance(row[1], float):
            name = row[0].strip().replace("Centre-ville", "Centre ville")
            block[name] = np.array([row[11:20], row[1:10]], dtype=float)
    return years


@pytest.mark.reel
@pytest.mark.skipif(not CLASSEUR.exists(), reason="public files absent")
def test_back_test_of_grand_noumea_on_the_2019_census():
    # What was known in 2014 projects 2019: ratios 2004-2014 launched from 2009, lines 2004-2014.
    years = grand_noumea()
    places = [name for name in years[2019] if all(name in block for block in years.values())]
    whole = rapports_cohorte(years[2004]["GRAND NOUMEA"], years[2014]["GRAND NOUMEA"], 10, 10, slice(2, 5))
    for kept, expected in (
        ([p for p in places if p not in (*COMMUNES, "GRAND NOUMEA")], QUARTIERS_2019),
        (list(COMMUNES), COMMUNES_2019),
    ):
        then = {year: np.stack([block[name] for name in kept]) for year, block in years.items()}
        ratios = borner(rapports_cohorte(then[2004], then[2014], 10, 10, slice(2, 5)), whole)
        cohorts = projeter(then[2009], ratios, 1)[0]
        line = lineaire(then[2004], then[2014], 10, 5)
        methods = {
            "constante": then[2014],
            "linéaire": line,
            "Hamilton-Perry": cohorts,
            "Hamilton-Perry contrôlé": controler(cohorts, line.sum(axis=(1, 2))),
        }
        for age, errors in expected.items():
            starts = list(range(0, 90, 10))
            older = {name: a_partir_de(values, starts, age) for name, values in methods.items()}
            rows = contre_epreuve(older, a_partir_de(then[2019], starts, age), ["tous"] * len(kept))
            found = {row.methode: (row.territoires, round(row.mape, 1), round(row.malpe, 1)) for row in rows}
            assert found == errors, (len(kept), age)
