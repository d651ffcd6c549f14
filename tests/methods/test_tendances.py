from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.methods.refus import Refus
from pipeline.methods.tendances import (
    Rupture,
    annees_ecoulees,
    annees_entre_millesimes,
    bornes_croissance,
    croissance_annuelle,
    evolution,
    tendance,
)

# AIDS deaths in Australia by quarter, 1983-1986: Dobson & Barnett, An Introduction to Generalized
# Linear Models (2008), exercise 4.1; data of Whyte et al. 1987.
SIDA = [0, 1, 2, 3, 1, 4, 9, 18, 23, 31, 20, 25, 37, 45]


@pytest.mark.parametrize(
    ("debut", "fin", "years"),
    [
        (date(2014, 8, 26), date(2019, 9, 29), 5),  # 5.09, New Caledonia's censuses
        (date(2009, 7, 27), date(2014, 8, 26), 5),  # 5.08
        (date(2004, 8, 31), date(2009, 7, 27), 5),  # 4.90
        (date(2019, 9, 29), date(2025, 4, 22), 2032 / 365.25),  # 5.56: real
        (date(2016, 1, 1), date(2022, 1, 1), 6),
        (date(2020, 1, 1), date(2020, 1, 31), 30 / 365.25),
    ],
)
def test_years_are_whole_within_a_tenth_and_real_otherwise(debut, fin, years):
    assert annees_ecoulees(debut, fin) == pytest.approx(years)


@pytest.mark.parametrize("fin", [date(2019, 1, 1), date(2018, 12, 31)])
def test_time_does_not_run_backwards(fin):
    with pytest.raises(Refus, match="doit suivre la date de début"):
        annees_ecoulees(date(2019, 1, 1), fin)


@pytest.mark.parametrize(("debut", "fin", "years"), [(2016, 2022, 6), (2012, 2017, 5)])
def test_insee_s_own_pairs_of_vintages_compare(debut, fin, years):
    assert annees_entre_millesimes(debut, fin) == years


@pytest.mark.parametrize(("debut", "fin"), [(2021, 2022), (2018, 2022), (2022, 2016), (2020, 2020)])
def test_vintages_that_share_a_wave_do_not_compare(debut, fin):
    with pytest.raises(Refus, match=f"Les millésimes {debut} et {fin} du recensement"):
        annees_entre_millesimes(debut, fin)


def test_the_bassin_de_bourg_grows_by_half_a_percent_a_year():
    # INSEE, dossier complet: 131,727 inhabitants in 2016 and 135,794 in 2022 (populations municipales).
    growth = croissance_annuelle(131_727, 135_794, 6)
    assert growth == pytest.approx((135_794 / 131_727) ** (1 / 6) - 1)
    assert round(100 * growth, 1) == 0.5


@pytest.mark.parametrize(("start", "end", "years"), [(0, 5, 5), (5, 5, 0), (5, -1, 5), (np.nan, 5, 5)])
def test_a_growth_from_nothing_does_not_exist(start, end, years):
    assert np.isnan(croissance_annuelle(start, end, years))


def test_all_gone_is_minus_100_percent():
    assert croissance_annuelle(5, 0, 5) == -1


@given(start=st.integers(1, 5_000), end=st.integers(0, 5_000), years=st.integers(1, 15))
def test_the_interval_of_a_growth_holds_it(start, end, years):
    low, high = bornes_croissance(start, end, years)
    assert low - 1e-9 <= croissance_annuelle(start, end, years) <= high + 1e-9
    assert low >= -1


def test_a_count_of_zero_still_bounds_the_fall():
    low, high = bornes_croissance(40, 0, 5)
    assert low == -1
    assert high < 0


@pytest.mark.parametrize(
    ("low", "high", "state"),
    [
        (0.02, 0.05, "en_hausse"),
        (0.001, 0.05, "en_hausse"),
        (-0.05, -0.02, "en_baisse"),
        (-0.009, 0.01, "stable"),
        (0.001, 0.009, "stable"),
        (-0.02, 0.05, "indetermine"),
        (0, 0.05, "indetermine"),
        (np.nan, 0.05, "indetermine"),
    ],
)
def test_the_direction_of_a_change_comes_from_its_interval(low, high, state):
    assert evolution(low, high, margin=0.01) == state


def test_the_trend_of_aids_deaths_as_fitted_by_r():
    # R, glm(deaths ~ quarter, poisson): slope 0.2565, standard error 0.0220; residual degrees 12.
    trend = tendance(range(1, 15), SIDA)
    assert np.log1p(trend.variation) == pytest.approx(0.2565, abs=5e-5)
    half = (np.log1p(trend.borne_haute) - np.log1p(trend.borne_basse)) / 2
    student = 2.1788128  # t, 12 degrees of freedom, 97.5 %
    assert half / student / np.sqrt(trend.dispersion) == pytest.approx(0.0220, abs=5e-5)
    assert trend.etat == "en_hausse"


def test_the_slope_maximises_the_poisson_likelihood():
    from scipy.optimize import minimize

    years, counts = np.arange(2015, 2024), np.array([31, 28, 40, 36, 45, 39, 52, 47, 60])
    people = np.linspace(9_000, 10_500, 9)

    def minus_likelihood(x):
        fitted = people * np.exp(x[0] + x[1] * (years - 2019))
        return np.sum(fitted - counts * np.log(fitted))

    best = minimize(minus_likelihood, [-5, 0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    trend = tendance(years, counts, exposure=people)
    assert np.log1p(trend.variation) == pytest.approx(best.x[1], abs=1e-6)


def test_an_exactly_geometric_series_is_found_exactly():
    trend = tendance([2018, 2019, 2021, 2024], [1_000 * 1.1**k for k in (0, 1, 3, 6)])
    assert trend.variation == pytest.approx(0.1)
    assert trend.dispersion == 1
    assert trend.points == 4


def test_a_growing_population_explains_growing_requests():
    people = [1_000, 1_100, 1_210, 1_331]
    trend = tendance(range(2020, 2024), [p / 10 for p in people], exposure=people)
    assert trend.variation == pytest.approx(0)


def test_a_large_constant_series_is_stable_and_a_small_one_undetermined():
    assert tendance(range(2018, 2026), [20_000] * 8).etat == "stable"
    assert tendance(range(2018, 2026), [20] * 8).etat == "indetermine"


def test_scatter_beyond_poisson_widens_the_interval():
    smooth = tendance(range(2016, 2024), [100, 105, 110, 116, 122, 128, 134, 141])
    rough = tendance(range(2016, 2024), [60, 150, 70, 170, 80, 180, 90, 185])
    assert rough.dispersion > 5 > smooth.dispersion
    assert rough.borne_haute - rough.borne_basse > 3 * (smooth.borne_haute - smooth.borne_basse)


COVID = Rupture(2020, "Covid")
FIN = Rupture(2022, "fin du Covid")
SERIE = [100, 112, 125, 60, 70, 140, 142, 150]  # 2017 to 2024


def test_no_trend_is_drawn_through_a_break():
    trend = tendance(range(2017, 2025), SERIE, [COVID, FIN])
    assert trend.depuis == 2022
    assert trend == tendance(range(2022, 2025), SERIE[5:])


def test_too_few_points_since_the_break_is_said():
    trend = tendance(range(2017, 2024), SERIE[:7], [COVID, FIN])
    assert trend.etat == "indetermine"
    assert trend.motif == "moins de 3 points depuis la rupture de 2022 (fin du Covid)"
    assert np.isnan(trend.variation)


@pytest.mark.parametrize("annee", [2017, 2016, 2025])
def test_a_break_outside_the_series_changes_nothing(annee):
    years = range(2017, 2025)
    assert tendance(years, SERIE, [Rupture(annee, "loi")]) == tendance(years, SERIE)


@pytest.mark.parametrize("annee", [2024.37, 2024.8])
def test_a_break_within_the_last_year_leaves_no_year_after_it(annee):
    # 2024 is a whole year, before and after the break: it is on neither side
    trend = tendance(range(2017, 2025), SERIE, [Rupture(annee, "émeutes")])
    assert (trend.points, trend.motif) == (0, "moins de 3 points depuis la rupture de 2024 (émeutes)")


def test_a_missing_year_is_left_out_and_the_order_does_not_matter():
    assert tendance([2021, 2019, 2020, 2022], [12, 10, np.nan, 14]) == tendance(
        [2019, 2021, 2022], [10, 12, 14]
    )


@pytest.mark.parametrize("counts", [[0, 0, 0, 0], [0, 0, 0, 9], [9, 0, 0, 0]])
def test_a_series_without_two_years_of_events_has_no_trend(counts):
    trend = tendance(range(4), counts)
    assert trend.etat == "indetermine"
    assert trend.motif == "aucun événement, ou tous la première ou la dernière année"


@pytest.mark.parametrize(
    ("years", "counts", "exposure", "message"),
    [
        ([2020, 2021, 2022], [1, 2, -3], None, "nombre négatif"),
        ([2020, 2020, 2022], [1, 2, 3], None, "figure deux fois"),
        ([2020, 2021, 2022], [1, 2, 3], [10, 0, 10], "population d'une série doit être positive"),
        ([2020, 2021], [1, 2, 3], None, "une année et d'un effectif par point"),
    ],
)
def test_a_series_that_cannot_be_is_refused(years, counts, exposure, message):
    with pytest.raises(Refus, match=message):
        tendance(years, counts, exposure=exposure)


def test_an_empty_series_is_undetermined():
    assert tendance([], []).motif == "moins de 3 points"


@given(counts=st.lists(st.integers(1, 2_000), min_size=3, max_size=12), factor=st.integers(2, 50))
def test_scaling_the_population_does_not_change_the_trend(counts, factor):
    years = range(len(counts))
    base = tendance(years, counts, exposure=[1_000.0] * len(counts))
    scaled = tendance(years, counts, exposure=[1_000.0 * factor] * len(counts))
    assert scaled.variation == pytest.approx(base.variation, abs=1e-9)
    assert base.borne_basse <= base.variation <= base.borne_haute


@pytest.mark.lent
def test_trends_hold_the_truth_with_and_without_extra_scatter():
    draws = np.random.default_rng(29)
    held: dict[bool, list[bool]] = {False: [], True: []}
    for points in (5, 6, 8, 10):
        mean = 80 * 1.03 ** np.arange(points)
        for _ in range(1_000):
            for scattered in held:
                level = mean * draws.gamma(40, 1 / 40, points) if scattered else mean
                trend = tendance(range(points), draws.poisson(level))
                held[scattered].append(trend.borne_basse <= 0.03 <= trend.borne_haute)
    assert 0.94 <= np.mean(held[True]) <= 0.965
    assert 0.95 <= np.mean(held[False]) <= 0.98  # careful: the dispersion is never taken under 1


@pytest.mark.lent
def test_a_flat_series_is_rarely_said_to_move():
    draws = np.random.default_rng(31)
    for points in (3, 5, 8):
        states = [tendance(range(points), draws.poisson(120, points)).etat for _ in range(1_500)]
        assert np.mean([state in ("en_hausse", "en_baisse") for state in states]) <= 0.05


@pytest.mark.lent
def test_the_growth_of_a_count_holds_the_truth():
    draws = np.random.default_rng(37)
    start, end = draws.poisson(150, 20_000), draws.poisson(190, 20_000)
    low, high = bornes_croissance(start, end, 5)
    truth = (190 / 150) ** (1 / 5) - 1
    assert 0.94 <= np.mean((low <= truth) & (truth <= high)) <= 0.965


def test_events_that_come_by_households_widen_the_interval_of_the_trend():
    # On the log, half-width times √2 for twice the variance; the series is less scattered than that.
    simple = tendance(range(2015, 2025), [100, 108, 119, 131, 142, 158, 172, 190, 208, 230])
    double = tendance(range(2015, 2025), [100, 108, 119, 131, 142, 158, 172, 190, 208, 230], inflation=2)
    assert double.variation == pytest.approx(simple.variation)
    demi = [np.log((1 + lue.borne_haute) / (1 + lue.variation)) for lue in (simple, double)]
    assert demi[1] == pytest.approx(demi[0] * np.sqrt(2))
    assert (simple.dispersion, double.dispersion) == (1, 2)
