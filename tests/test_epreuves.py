"""Trials of the methods of projection: the censuses that are read, what each method says."""

import pytest
from cohortes_dessinees import ANNEES, lieu, table

from pipeline.edition import lire_profil
from pipeline.epreuves import (
    CALEES,
    COHORTES,
    CONSTANTE,
    LINEAIRE,
    eprouver,
    eprouver_droites,
    lire_cohortes,
    lire_effectifs,
    projeter,
)
from pipeline.methods.refus import Refus

TOUT = "tout"


# --- Cohorts ---------------------------------------------------------------------------------------


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


# --- Lines -----------------------------------------------------------------------------------------

FRANCE = lire_profil("france")


@pytest.fixture
def recenser(base, dessiner):
    """`recenser({2016: (100, 20), …})`: inhabitants and those of 75 and over of Le Mont-Dore at each census."""

    def ecrire(comptes, ailleurs=""):
        lignes = [
            f"('98817', {annee}, {pop}, null, {aines}, null)" for annee, (pop, aines) in comptes.items()
        ]
        dessiner(
            "socle.population",
            "territoire, millesime, pop, pop_60_plus, age_75_plus, pop_80_plus",
            ", ".join(lignes) + ailleurs,
        )
        return base

    return ecrire


def test_the_three_latest_censuses_that_compare_are_read(recenser):
    con = recenser({annee: (annee, "null") for annee in (2006, 2010, 2011, 2015, 2016, 2021, 2022)})
    effectifs = lire_effectifs(con, FRANCE)
    assert effectifs.annees == (2011, 2016, 2022)
    assert effectifs.ecarts == (5, 6)
    assert effectifs.groupes["tous"].ravel().tolist() == [2011, 2016, 2022]


def test_a_commune_that_one_census_does_not_know_is_left_out(recenser):
    con = recenser(dict.fromkeys((2011, 2016, 2022), (100, 10)), ", ('98818', 2022, 5, null, null, null)")
    assert lire_effectifs(con, FRANCE).lieux == ("98817",)


def test_ages_counted_nowhere_are_not_spoken_of(recenser):
    effectifs = lire_effectifs(recenser(dict.fromkeys((2011, 2016, 2022), (100, 10))), FRANCE)
    assert eprouver_droites(effectifs).groupes == ["tous", "75_plus"]


@pytest.mark.parametrize(
    ("annees", "dit"),
    [
        ((2016, 2022), "cette édition a 2016 et 2022"),
        ((2019, 2020, 2021, 2022), "cette édition a 2019, 2020"),
    ],
)
def test_without_three_comparable_censuses_neither_cohorts_nor_lines_are_tried(
    recenser, dessiner, annees, dit
):
    con = recenser(dict.fromkeys(annees, (100, 10)))
    dessiner("socle.cohortes", "lieu, niveau, millesime, sexe, age_min, population", "('', '', 0, '', 0, 0)")
    con.execute("delete from socle.cohortes")
    with pytest.raises(Refus, match=f"quatre recensements .* 3 recensements comparables : {dit}"):
        eprouver(con, FRANCE)
