"""Population ahead: what the held-back census chooses, what a later one contradicts, what is not given."""

import math

import numpy as np
import pandas as pd
import pytest
from cohortes_dessinees import lieu, table

from pipeline import avenir
from pipeline.avenir import Controle, Part, choisir, parts, prevoir, projections, tableau_contre_epreuve
from pipeline.epreuves import (
    CALEES,
    COHORTES,
    CONSTANTE,
    LINEAIRE,
    Effectifs,
    eprouver_cohortes,
    eprouver_droites,
    lire_cohortes,
)

TOUT = "tout"


def communes(*rythmes, effectif=500):
    """Communes « a », « b »… of 18 × 500 inhabitants, each with its pace, and the whole that holds them."""
    noms = "abcdefghijklmnop"
    lieux = [
        lieu(nom, "commune", effectif, rythme=rythme) for nom, rythme in zip(noms, rythmes, strict=False)
    ]
    return eprouver_cohortes(lire_cohortes(table(*lieux, lieu(TOUT, "agglomeration", 1e6))))


def chiffres(lignes, groupe, horizon, territoire="a"):
    [ligne] = lignes[
        (lignes["territoire"] == territoire) & (lignes["groupe"] == groupe) & (lignes["horizon"] == horizon)
    ].itertuples()
    return ligne


# --- What is chosen, and its range -----------------------------------------------------------------


def test_the_method_of_least_error_on_the_held_back_census_is_kept_and_its_largest_error_is_the_range():
    # Paces 1.00, 1.02, 1.04, 1.06: the bounded cohorts are exact, whatever the pace.
    epreuve = communes(1.0, 1.02, 1.04, 1.06)
    previsions = [prevoir(epreuve, choisir(epreuve), rang, "tous") for rang in range(1, 5)]
    assert {prevision.erreur.methode for prevision in previsions} == {COHORTES}
    assert previsions[3].basses == pytest.approx(previsions[3].hautes)


def test_with_four_communes_the_range_is_plus_or_minus_the_largest_error_and_grows_with_the_horizon():
    # Steady until 2014, then times 1.02, 1.03, 1.04 and 1.05: every method says « no change ».
    lieux = [lieu(nom, "commune", 500) for nom in "abcd"]
    donnees = table(*lieux, lieu(TOUT, "agglomeration", 1e6))
    sauts = donnees["lieu"].map({"a": 1.02, "b": 1.03, "c": 1.04, "d": 1.05}).fillna(1)
    donnees["population"] *= sauts.where(donnees["millesime"] == 2019, 1)
    epreuve = eprouver_cohortes(lire_cohortes(donnees))
    prevision = prevoir(epreuve, choisir(epreuve), 1, "60_plus")
    assert prevision.hautes / prevision.valeurs == pytest.approx([1.05, 1.05**2, 1.05**3])
    assert prevision.valeurs / prevision.basses == pytest.approx([1.05, 1.05**2, 1.05**3])


def test_three_communes_have_no_range_and_the_row_says_so():
    lignes = projections(communes(1, 1, 1), {"a": "a"}, {}, {})
    ligne = chiffres(lignes, "60_plus", 2029)
    assert math.isnan(ligne.borne_basse)
    assert ligne.motif == "3 territoires de contre-épreuve ne font pas une fourchette à 80 %."


def test_the_largest_territory_is_a_whole_and_is_not_projected():
    assert projections(communes(1, 1, 1, 1), {TOUT: TOUT}, {}, {}).empty


def test_ten_year_groups_do_not_give_the_75_and_over():
    ligne = chiffres(projections(communes(1, 1, 1, 1), {"a": "a"}, {}, {}), "75_plus", 2024)
    assert math.isnan(ligne.population)
    assert "ne coupent pas à 75 ans" in ligne.motif


def test_under_2000_inhabitants_the_range_alone_is_given():
    lignes = projections(communes(1, 1, 1, 1, effectif=1_999 / 18), {"a": "a"}, {}, {})
    ligne = chiffres(lignes, "60_plus", 2024)
    assert math.isnan(ligne.population)
    assert ligne.borne_basse > 0
    assert "jamais en un nombre" in ligne.motif


def test_those_who_live_alone_are_a_constant_share_of_the_80_and_over():
    lignes = projections(communes(1, 1, 1, 1), {"a": "a"}, {}, {"80_plus_seuls": 0.3})
    # 500 women and 500 men of 80 and over
    assert chiffres(lignes, "80_plus_seuls", 2029).population == pytest.approx(0.3 * 1_000)
    assert not (projections(communes(1, 1, 1, 1), {"a": "a"}, {}, {})["groupe"] == "80_plus_seuls").any()


def test_a_later_census_outside_the_range_takes_the_total_away_and_widens_the_rest():
    # 9,000 expected in 2025, 8,100 counted: a tenth less.
    epreuve = communes(1, 1, 1, 1)
    lignes = projections(epreuve, {"a": "a"}, {"a": Controle(2025, 5.6, 8_100)}, {})
    total, aines = chiffres(lignes, "tous", 2029), chiffres(lignes, "60_plus", 2029)
    assert math.isnan(total.borne_basse)
    assert total.motif == (
        "Le recensement de 2025 a compté 8\u202f100 habitants, quand 9\u202f000 étaient attendus : la projection de la "
        "population totale est démentie et n’est pas donnée."
    )
    assert (aines.borne_basse, aines.population, aines.borne_haute) == pytest.approx((2_700, 3_000, 3_000))


def test_a_later_census_that_agrees_leaves_everything():
    epreuve = communes(1, 1, 1, 1)
    lignes = projections(epreuve, {"a": "a"}, {"a": Controle(2025, 5.6, 9_000)}, {})
    assert chiffres(lignes, "tous", 2034).population == pytest.approx(9_000)


def test_a_range_of_one_to_more_than_three_is_not_given():
    # « d » was multiplied by 1.5 in five years: 1.5⁶ between the ends at fifteen years, 1.5² at five.
    lieux = [lieu(nom, "commune", 500) for nom in "abcd"]
    donnees = table(*lieux, lieu(TOUT, "agglomeration", 1e6))
    donnees.loc[(donnees["lieu"] == "d") & (donnees["millesime"] == 2019), "population"] *= 1.5
    lignes = projections(eprouver_cohortes(lire_cohortes(donnees)), {"a": "a"}, {}, {})
    assert chiffres(lignes, "60_plus", 2024).borne_haute == pytest.approx(3_000 * 1.5)
    refusee = chiffres(lignes, "60_plus", 2034)
    assert math.isnan(refusee.borne_haute)
    assert "plus que du simple au triple" in refusee.motif


# --- By lines --------------------------------------------------------------------------------------


def droites(avant, milieu, dernier, aines=None):
    """The trial by lines of communes « a », « b »… counted in 2011, 2016 and 2022."""
    groupes = {"tous": np.array([avant, milieu, dernier], dtype=float)}
    if aines is not None:
        groupes["75_plus"] = np.array(aines, dtype=float)
    lieux = tuple("abcdefghijklmnop"[: len(avant)])
    return eprouver_droites(Effectifs(lieux, (2011, 2016, 2022), (5.0, 6.0), groupes))


def test_a_french_commune_is_projected_by_the_line_where_the_line_was_right():
    # Four communes on a straight line, +100 a year, but « d », which took 2 % more than its line in 2022.
    epreuve = droites([19_500] * 4, [20_000] * 4, [20_600, 20_600, 20_600, 20_600 * 1.02])
    lignes = projections(epreuve, {"a": "a"}, {}, {})
    ligne = chiffres(lignes, "tous", 2032)
    assert (ligne.methode, ligne.classe, ligne.retenus) == (LINEAIRE, "communes de 10 000 hab. et plus", 4)
    # the line of 2016-2022 goes on for ten years; the error of six years, stretched to ten
    assert ligne.population == pytest.approx(20_600 + 10 * 100)
    assert ligne.borne_haute / ligne.population == pytest.approx(1.02 ** (10 / 6))
    assert ligne.recul == 6


def test_where_nothing_moved_any_more_the_constant_is_kept():
    # +1,000 from 2011 to 2016, then nothing: the line said 1,200 too many.
    epreuve = droites([19_000] * 4, [20_000] * 4, [20_000] * 4)
    ligne = chiffres(projections(epreuve, {"a": "a"}, {}, {}), "tous", 2037)
    assert (ligne.methode, ligne.population, ligne.mape) == (CONSTANTE, 20_000, 0)


def test_communes_are_tried_with_those_of_their_size():
    # Four large ones that stood still, four small ones that lost a tenth after they had stood still.
    epreuve = droites([20_000] * 4 + [400] * 4, [20_000] * 4 + [400] * 4, [20_000] * 4 + [360] * 4)
    lignes = projections(epreuve, {"a": "a", "e": "e"}, {}, {})
    assert chiffres(lignes, "tous", 2027, "a").mape == 0
    assert chiffres(lignes, "tous", 2027, "e").mape == pytest.approx(100 * (400 / 360 - 1))


def test_ten_communes_of_one_size_make_a_range_of_their_own_errors():
    # Stood still, then from −1 to +8 %: 80 % of the errors, the largest left out.
    sauts = np.arange(-1, 9) / 100
    epreuve = droites([20_000] * 10, [20_000] * 10, 20_000 * (1 + sauts))
    choix = choisir(epreuve)["tous", "communes de 10 000 hab. et plus"]
    basses, hautes = choix.facteurs
    bas, haut = np.quantile(np.log(1 + sauts), [0.1, 0.9], method="weibull")
    assert basses[0] == pytest.approx(min(1, math.exp(bas * 5 / 6)))
    assert hautes[0] == pytest.approx(math.exp(haut * 5 / 6))


def test_ages_that_one_census_only_counts_are_refused_and_what_it_counted_is_said():
    vide = [math.nan] * 4
    epreuve = droites([20_000] * 4, [20_000] * 4, [20_000] * 4, aines=[vide, vide, [2_000] * 4])
    ligne = chiffres(projections(epreuve, {"a": "a"}, {}, {}), "75_plus", 2027)
    assert (ligne.depart, math.isnan(ligne.borne_basse)) == (2_000, True)
    assert ligne.motif == (
        "Les fichiers de l’édition ne comptent pas les 75 ans et plus aux recensements de 2011 et 2016, et une droite "
        "contrôlée en demande trois."
    )


def test_ages_that_three_censuses_count_are_projected_and_a_commune_that_lacks_them_is_not():
    aines = [[1_900] * 4 + [math.nan], [2_000] * 4 + [math.nan], [2_120] * 4 + [math.nan]]
    epreuve = droites([20_000] * 5, [20_000] * 5, [20_000] * 5, aines=aines)
    lignes = projections(epreuve, {"a": "a", "e": "e"}, {}, {})
    # +20 a year
    assert chiffres(lignes, "75_plus", 2032).population == pytest.approx(2_120 + 200)
    assert "n’est pas compté à cet âge" in chiffres(lignes, "75_plus", 2032, "e").motif


def test_those_who_receive_the_apa_are_a_constant_ratio_of_the_75_and_over():
    aines = [[1_900] * 4, [2_000] * 4, [2_120] * 4]
    epreuve = droites([20_000] * 4, [20_000] * 4, [20_000] * 4, aines=aines)
    lignes = projections(epreuve, {"a": "a"}, {}, {"75_plus_apa": 0.2})
    # 2,120, +20 a year for ten years; 20 for 100 of them
    assert chiffres(lignes, "75_plus_apa", 2032).population == pytest.approx(0.2 * 2_320)
    assert chiffres(lignes, "75_plus_apa", 2032).depart == pytest.approx(0.2 * 2_120)


def test_a_share_is_taken_in_the_smallest_territory_around_that_knows_it_at_its_latest_date(base, dessiner):
    colonnes = "territoire, millesime, seules_80_plus, pop_80_plus"
    dessiner(
        "socle.modes_de_vie",
        colonnes,
        "('988', 2019, 10, 100), ('988-sud', 2019, null, 50), ('98817', 2019, 1, 0)",
    )
    colonnes = "territoire, millesime, apa_domicile, apa_etablissement, pop_75_plus"
    dessiner("socle.aide_sociale", colonnes, "('988-sud', 2022, 9, 1, 100), ('988-sud', 2023, 15, 5, 100)")
    assert parts(base, "98817") == {
        "80_plus_seuls": Part("988", 2019, 0.1),
        "75_plus_apa": Part("988-sud", 2023, 0.2),
    }


# --- Grand Nouméa ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def grand_noumea(racine):
    lu = pd.read_csv(racine / "data/raw/isee/isee_population_quartier.csv", dtype={"territoire": str})
    return eprouver_cohortes(lire_cohortes(lu.rename(columns={"territoire": "lieu"})))


def test_the_trial_of_grand_noumea_gives_the_errors_that_the_workbook_gives(grand_noumea):
    # Same figures as those computed from ISEE's workbook in tests/methods/test_projection.py.
    trouvees = {
        (ligne.classe, ligne.groupe, ligne.methode): (
            ligne.lieux,
            round(ligne.mape, 1),
            round(ligne.malpe, 1),
        )
        for ligne in tableau_contre_epreuve(grand_noumea).itertuples()
    }
    assert trouvees["communes", "tous", COHORTES] == (4, 4.0, 4.0)
    assert trouvees["communes", "60_plus", COHORTES] == (4, 2.1, 0.5)
    assert trouvees["communes", "60_plus", LINEAIRE] == (4, 3.8, -1.7)
    assert trouvees["communes", "80_plus", CONSTANTE] == (4, 28.7, -28.7)
    assert trouvees["quartiers de 2 000 à 3 499 hab.", "60_plus", LINEAIRE] == (25, 8.8, 2.6)
    assert trouvees["quartiers de 3 500 hab. et plus", "tous", COHORTES] == (13, 22.8, 13.7)
    assert trouvees["quartiers de moins de 2 000 hab.", "60_plus", CALEES] == (20, 11.8, -2.7)


def test_cohorts_are_the_best_for_the_old_of_communes_and_the_worst_for_small_quartiers(grand_noumea):
    lignes = (
        tableau_contre_epreuve(grand_noumea).set_index(["classe", "groupe", "methode"])["mape"].sort_index()
    )
    assert lignes["communes", "60_plus"].idxmin() == COHORTES
    assert lignes["quartiers de moins de 2 000 hab.", "tous"].idxmax() == COHORTES


# --- In the base -----------------------------------------------------------------------------------


def test_the_edition_of_le_mont_dore_has_its_projections_and_refuses_its_total(base_publique):
    lignes = base_publique.execute("select * from socle.projection").df()
    assert not lignes.duplicated(["territoire", "horizon", "groupe"]).any()
    assert set(lignes["horizon"]) == {2024, 2029, 2034}
    total = lignes[(lignes["territoire"] == "98817") & (lignes["groupe"] == "tous")]
    assert total["motif"].str.contains("25\u202f303 habitants").all()
    donnees = lignes[lignes["borne_basse"].notna()]
    assert (donnees["borne_basse"] <= donnees["borne_haute"]).all()
    assert donnees["methode"].ne("").all()
    assert lignes[lignes["borne_basse"].isna()]["motif"].ne("").all()


def test_an_edition_without_three_censuses_has_two_empty_tables(base, pays, dessiner):
    dessiner(
        "socle.cohortes", "lieu, niveau, millesime, sexe, age_min, population", "('a', 'c', 1, 'f', 0, 1)"
    )
    dessiner(
        "socle.population",
        "territoire, millesime, pop, pop_60_plus, age_75_plus, pop_80_plus",
        "('98817', 2014, 100, null, null, null), ('98817', 2019, 100, null, null, null)",
    )
    for cadre in avenir.tables(base, pays).values():
        assert cadre.empty


def test_a_projection_is_never_below_zero(grand_noumea):
    for essai in grand_noumea.essais.values():
        for methodes in essai.apres.values():
            for valeurs in methodes.values():
                assert (valeurs[np.isfinite(valeurs)] >= 0).all()
