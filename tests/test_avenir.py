"""Population ahead: what the held-back census chooses, what a later one contradicts, what is not given."""

import math
from itertools import product

import numpy as np
import pandas as pd
import pytest

from pipeline import avenir
from pipeline.avenir import (
    CALEES,
    COHORTES,
    CONSTANTE,
    LINEAIRE,
    Controle,
    eprouver,
    lire_cohortes,
    prevoir,
    projections,
    projeter,
    tableau_contre_epreuve,
)
from pipeline.methods.refus import Refus

ANNEES = (2004, 2009, 2014, 2019)
TOUT = "tout"


def lieu(nom, niveau, effectif, *, rythme=1.0, annees=ANNEES):
    """A place: `effectif` women and men in each ten-year group in 2004, times `rythme` every five years."""
    return [
        (nom, niveau, annee, sexe, age, effectif * rythme**pas)
        for pas, annee in enumerate(annees)
        for sexe, age in product(("femmes", "hommes"), range(0, 90, 10))
    ]


def table(*lieux):
    return pd.DataFrame(
        [ligne for lignes in lieux for ligne in lignes],
        columns=["lieu", "niveau", "millesime", "sexe", "age_min", "population"],
    )


def communes(*rythmes, effectif=500):
    """Communes « a », « b »… of 18 × 500 inhabitants, each with its pace, and the whole that holds them."""
    noms = "abcdefghijklmnop"
    lieux = [
        lieu(nom, "commune", effectif, rythme=rythme) for nom, rythme in zip(noms, rythmes, strict=False)
    ]
    return eprouver(lire_cohortes(table(*lieux, lieu(TOUT, "agglomeration", 1e6))))


def chiffres(lignes, groupe, horizon, territoire="a"):
    [ligne] = lignes[
        (lignes["territoire"] == territoire) & (lignes["groupe"] == groupe) & (lignes["horizon"] == horizon)
    ].itertuples()
    return ligne


# --- What is read ----------------------------------------------------------------------------------


def test_a_place_that_one_census_does_not_know_is_left_out():
    cohortes = lire_cohortes(table(lieu("a", "commune", 10), lieu("b", "commune", 10, annees=ANNEES[1:])))
    assert cohortes.lieux == ("a",)


def test_only_the_four_latest_censuses_are_read():
    cohortes = lire_cohortes(table(lieu("a", "commune", 10, annees=(1999, *ANNEES))))
    assert sorted(cohortes.effectifs) == list(ANNEES)


@pytest.mark.parametrize("annees", [ANNEES[:3], (2003, 2009, 2014, 2019), ()])
def test_censuses_that_are_not_four_every_five_years_project_nothing(annees):
    with pytest.raises(Refus, match="quatre recensements par tranches de 10 ans d’âge, de 5 en 5 ans"):
        lire_cohortes(table(lieu("a", "commune", 10, annees=annees)))


def test_five_year_groups_are_refused():
    fines = table(lieu("a", "commune", 10)).assign(age_min=lambda t: t["age_min"] // 2)
    with pytest.raises(Refus, match="tranches de 10 ans"):
        lire_cohortes(fines)


def test_quartiers_are_classed_by_size_and_communes_together():
    cohortes = lire_cohortes(
        table(
            lieu("petit", "quartier", 1_999 / 18),
            lieu("moyen", "quartier", 2_000 / 18),
            lieu("grand", "quartier", 3_500 / 18),
            lieu("commune", "commune", 10),
            lieu(TOUT, "agglomeration", 1e6),
        )
    )
    classes = dict(zip(cohortes.lieux, cohortes.classes(2019), strict=True))
    assert classes == {
        "petit": "quartiers de moins de 2 000 hab.",
        "moyen": "quartiers de 2 000 à 3 499 hab.",
        "grand": "quartiers de 3 500 hab. et plus",
        "commune": "communes",
        TOUT: "",
    }


# --- What each method says -------------------------------------------------------------------------


@pytest.mark.parametrize(("horizon", "pas"), [(5, 1), (10, 2), (15, 3)])
def test_cohorts_leave_from_the_census_a_whole_number_of_decades_before(horizon, pas):
    # Everything times 1.02 every five years: so do the cohorts, from 2014 (+5, +15) or 2019 (+10).
    cohortes = lire_cohortes(table(lieu("a", "commune", 500, rythme=1.02)))
    attendu = 18 * 500 * 1.02 ** (3 + pas)
    assert projeter(cohortes, 2019, horizon)[COHORTES].sum() == pytest.approx(attendu)


def test_the_line_the_constant_and_the_controlled_cohorts():
    # 500 → 500·1.02³ in 2019; the line adds (1.02³ − 1.02)·500 a decade to each group.
    cohortes = lire_cohortes(table(lieu("a", "commune", 500, rythme=1.02)))
    dites = {nom: valeurs.sum() / 18 for nom, valeurs in projeter(cohortes, 2019, 10).items()}
    assert dites[CONSTANTE] == pytest.approx(500 * 1.02**3)
    assert dites[LINEAIRE] == pytest.approx(500 * (2 * 1.02**3 - 1.02))
    assert dites[CALEES] == pytest.approx(dites[LINEAIRE])


# --- What is chosen, and its range -----------------------------------------------------------------


def test_the_method_of_least_error_on_the_held_back_census_is_kept_and_its_largest_error_is_the_range():
    # Paces 1.00, 1.02, 1.04, 1.06: the bounded cohorts are exact, whatever the pace.
    epreuve = communes(1.0, 1.02, 1.04, 1.06)
    previsions = [prevoir(epreuve, rang, "tous") for rang in range(1, 5)]
    assert {prevision.erreur.methode for prevision in previsions} == {COHORTES}
    assert previsions[3].basses == pytest.approx(previsions[3].hautes)


def test_with_four_communes_the_range_is_plus_or_minus_the_largest_error_and_grows_with_the_horizon():
    # Steady until 2014, then times 1.02, 1.03, 1.04 and 1.05: every method says « no change ».
    lieux = [lieu(nom, "commune", 500) for nom in "abcd"]
    donnees = table(*lieux, lieu(TOUT, "agglomeration", 1e6))
    sauts = donnees["lieu"].map({"a": 1.02, "b": 1.03, "c": 1.04, "d": 1.05}).fillna(1)
    donnees["population"] *= sauts.where(donnees["millesime"] == 2019, 1)
    prevision = prevoir(eprouver(lire_cohortes(donnees)), 1, "60_plus")
    assert prevision.hautes / prevision.valeurs == pytest.approx([1.05, 1.05**2, 1.05**3])
    assert prevision.valeurs / prevision.basses == pytest.approx([1.05, 1.05**2, 1.05**3])


def test_three_communes_have_no_range_and_the_row_says_so():
    lignes = projections(communes(1, 1, 1), {"a": "a"}, {})
    ligne = chiffres(lignes, "60_plus", 2029)
    assert math.isnan(ligne.borne_basse)
    assert ligne.motif == "3 territoires de contre-épreuve ne font pas une fourchette à 80 %."


def test_the_largest_territory_is_a_whole_and_is_not_projected():
    assert projections(communes(1, 1, 1, 1), {TOUT: TOUT}, {}).empty


def test_ten_year_groups_do_not_give_the_75_and_over():
    ligne = chiffres(projections(communes(1, 1, 1, 1), {"a": "a"}, {}), "75_plus", 2024)
    assert math.isnan(ligne.population)
    assert "ne coupent pas à 75 ans" in ligne.motif


def test_under_2000_inhabitants_the_range_alone_is_given():
    lignes = projections(communes(1, 1, 1, 1, effectif=1_999 / 18), {"a": "a"}, {})
    ligne = chiffres(lignes, "60_plus", 2024)
    assert math.isnan(ligne.population)
    assert ligne.borne_basse > 0
    assert "jamais en un nombre" in ligne.motif


def test_those_who_live_alone_are_a_constant_share_of_the_80_and_over():
    lignes = projections(communes(1, 1, 1, 1), {"a": "a"}, {}, seuls=0.3)
    # 500 women and 500 men of 80 and over
    assert chiffres(lignes, "80_plus_seuls", 2029).population == pytest.approx(0.3 * 1_000)
    assert not (projections(communes(1, 1, 1, 1), {"a": "a"}, {})["groupe"] == "80_plus_seuls").any()


def test_a_later_census_outside_the_range_takes_the_total_away_and_widens_the_rest():
    # 9,000 expected in 2025, 8,100 counted: a tenth less.
    epreuve = communes(1, 1, 1, 1)
    lignes = projections(epreuve, {"a": "a"}, {"a": Controle(2025, 5.6, 8_100)})
    total, aines = chiffres(lignes, "tous", 2029), chiffres(lignes, "60_plus", 2029)
    assert math.isnan(total.borne_basse)
    assert total.motif == (
        "Le recensement de 2025 a compté 8\u202f100 habitants, quand 9\u202f000 étaient attendus : la projection de la "
        "population totale est démentie et n’est pas donnée."
    )
    assert (aines.borne_basse, aines.population, aines.borne_haute) == pytest.approx((2_700, 3_000, 3_000))


def test_a_later_census_that_agrees_leaves_everything():
    epreuve = communes(1, 1, 1, 1)
    lignes = projections(epreuve, {"a": "a"}, {"a": Controle(2025, 5.6, 9_000)})
    assert chiffres(lignes, "tous", 2034).population == pytest.approx(9_000)


def test_a_range_of_one_to_more_than_three_is_not_given():
    # « d » was multiplied by 1.5 in five years: 1.5⁶ between the ends at fifteen years, 1.5² at five.
    lieux = [lieu(nom, "commune", 500) for nom in "abcd"]
    donnees = table(*lieux, lieu(TOUT, "agglomeration", 1e6))
    donnees.loc[(donnees["lieu"] == "d") & (donnees["millesime"] == 2019), "population"] *= 1.5
    lignes = projections(eprouver(lire_cohortes(donnees)), {"a": "a"}, {})
    assert chiffres(lignes, "60_plus", 2024).borne_haute == pytest.approx(3_000 * 1.5)
    refusee = chiffres(lignes, "60_plus", 2034)
    assert math.isnan(refusee.borne_haute)
    assert "plus que du simple au triple" in refusee.motif


# --- Grand Nouméa ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def grand_noumea(racine):
    lu = pd.read_csv(racine / "data/raw/isee/isee_population_quartier.csv", dtype={"territoire": str})
    return eprouver(lire_cohortes(lu.rename(columns={"territoire": "lieu"})))


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


def test_an_edition_without_census_by_age_has_two_empty_tables(base, pays, dessiner):
    dessiner(
        "socle.cohortes", "lieu, niveau, millesime, sexe, age_min, population", "('a', 'c', 1, 'f', 0, 1)"
    )
    for cadre in avenir.tables(base, pays).values():
        assert cadre.empty


def test_a_projection_is_never_below_zero(grand_noumea):
    for methodes in grand_noumea.apres.values():
        for valeurs in methodes.values():
            assert (valeurs[np.isfinite(valeurs)] >= 0).all()
