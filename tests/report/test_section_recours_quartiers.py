"""Who asks in each quartier, against what its ages let one expect, and the need beside the answer."""

import pytest

from pipeline.indicators import CHAPITRES
from pipeline.model import Indicator, Rate, Share, Statut
from pipeline.report.papiers import sans_renvois
from pipeline.report.recours_quartiers import BESOINS, section
from pipeline.transform import est_activite

ICI = "98817"
RECOURS = Indicator(
    "taux_recours", "Taux de recours", "T.", "T.", Rate("personnes", of="habitants_20_plus"), "recours"
)
MENAGES = Indicator(
    "taux_recours_menages",
    "Taux de recours des ménages",
    "T.",
    "T.",
    Rate("menages", of="menages_recenses", noun="ménages"),
    "recours_menages",
)
AGES = Indicator(
    "taux_recours_age", "Taux", "T.", "T.", Rate("demandeurs", of="habitants"), "aides_age", by="tranche"
)
CHOMAGE = Indicator(
    "taux_chomage", "Taux de chômage", "T.", "T.", Share("chomeurs_15_64", of="actifs_15_64"), "emploi"
)
JEUNES, AINES = "20 à 59 ans", "60 ans et plus"


class Quartiers:
    """Hand-made quartiers: what each one's requests, needs and inhabitants are."""

    def __init__(self, dessin, base, dessiner):
        self.dessin, self.base, self.dessiner = dessin, base, dessiner
        self.codes = [quartier.code for quartier in dessin.edition.quartiers]
        self.noms = [quartier.nom for quartier in dessin.edition.quartiers]
        self.habiter()

    def habiter(self, *jeunes_et_aines):
        lignes = [
            f"('{code}', 2019, '{sexe}', {age}, {n / 2})"
            for code, ages in zip(self.codes, jeunes_et_aines, strict=False)
            for age, n in zip((20, 60), ages, strict=True)
            for sexe in ("femmes", "hommes")
        ]
        self.dessiner(
            "socle.population_sexe_age",
            "territoire, millesime, sexe, age_min, population",
            ", ".join(lignes) or "('ailleurs', 2019, 'femmes', 20, 1.0)",
        )

    def demander(self, *comptes, habitants=1_000.0, recours=RECOURS, **autres):
        """One figure of requests a quartier, and the commune's."""
        siens = [
            self.dessin.fait(recours, code, n, 2025, numerateur=n, denominateur=habitants, **autres)
            for code, n in zip(self.codes, comptes, strict=False)
        ]
        return [*siens, self.dessin.fait(recours, ICI, 1.0, 2025, numerateur=1.0, denominateur=1.0)]

    def vieillir(self, **groupes):
        """The commune's requests by age: name of the group → those who ask, of so many."""
        return [
            self.dessin.fait(
                AGES, ICI, None if n is None else n / sur, 2025, groupe=groupe, numerateur=n, denominateur=sur
            )
            for groupe, (n, sur) in groupes.items()
        ]

    def chomer(self, *comptes, **autres):
        return [
            self.dessin.fait(CHOMAGE, code, n / 10, 2022, numerateur=n, denominateur=1_000.0, **autres)
            for code, n in zip(self.codes, comptes, strict=True)
        ]

    def ecrire(self, *faits):
        self.traces = []
        tous = [fait for lot in faits for fait in lot]
        return section(
            self.base, self.dessin.faits([RECOURS, MENAGES, AGES, CHOMAGE], tous), self.traces.append
        )


@pytest.fixture
def quartiers(dessin, base, dessiner):
    return Quartiers(dessin, base, dessiner)


def rangees(ecrite):
    """The rows of the table: the quartier → its cells."""
    [table] = ecrite.tables
    lignes = [ligne.strip("| ").split(" | ") for ligne in sans_renvois(table).splitlines() if "|" in ligne]
    return {nom: cellules for nom, *cellules in lignes[2:]}


def test_those_expected_are_what_the_commune_s_rates_give_the_ages_of_the_quartier(quartiers):
    # 10 % of the young ask, 20 % of the old: 900 and 100 give 110, the contrary 190, as the counts seen
    quartiers.habiter((900, 100), (100, 900), (900, 100), (100, 900))
    ages = quartiers.vieillir(**{JEUNES: (200.0, 2_000.0), AINES: (400.0, 2_000.0)})
    ecrite = quartiers.ecrire(quartiers.demander(110.0, 190.0, 110.0, 190.0), ages)
    assert [cellules[:2] for cellules in rangees(ecrite).values()] == [["110", "110"], ["190", "190"]] * 2
    assert all(cellules[2].startswith("1,00 (") for cellules in rangees(ecrite).values())
    assert "si chaque âge y demandait autant" in ecrite.phrases[0]
    assert ecrite.phrases[1].startswith("Aucun écart de recours n’est établi")


def test_a_quartier_is_set_against_the_others_together(quartiers):
    # 100 asks where 100 would be expected of 1,000 in each; 200 elsewhere: 200/(300/3) = 2
    ecrite = quartiers.ecrire(quartiers.demander(200.0, 100.0, 100.0, 100.0))
    premier, *autres = rangees(ecrite).values()
    assert premier[:2] == ["200", "125"] and premier[2].startswith("2,00 (")
    assert premier[3] == "plus fort"
    # 100 against 400 in three times as many inhabitants: 0.75
    assert all(cellules[2].startswith("0,75 (") for cellules in autres)
    assert f"plus fort : {quartiers.noms[0]}" in ecrite.phrases[1]
    assert "à nombre d’habitants égal" in ecrite.tables[0]


@pytest.mark.parametrize("cache", [None, 0.0])
def test_an_age_that_is_hidden_leaves_the_number_of_inhabitants_alone(quartiers, cache):
    quartiers.habiter(*[(900, 100)] * 4)
    groupes = {JEUNES: (200.0, 2_000.0), AINES: (cache, 2_000.0)}
    ecrite = quartiers.ecrire(quartiers.demander(*[50.0] * 4), quartiers.vieillir(**groupes))
    assert ("à âges égaux" in ecrite.tables[0]) is (cache is not None)


def test_a_quartier_without_ages_leaves_the_number_of_inhabitants_alone(quartiers):
    quartiers.habiter(*[(900, 100)] * 3)
    ages = quartiers.vieillir(**{JEUNES: (200.0, 2_000.0), AINES: (400.0, 2_000.0)})
    assert "à nombre d’habitants égal" in quartiers.ecrire(quartiers.demander(*[50.0] * 4), ages).tables[0]


def test_ages_of_other_bounds_are_not_taken_for_the_same(quartiers):
    quartiers.habiter(*[(900, 100)] * 4)
    ages = quartiers.vieillir(**{"20 à 64 ans": (200.0, 2_000.0), "65 ans et plus": (400.0, 2_000.0)})
    assert "à nombre d’habitants égal" in quartiers.ecrire(quartiers.demander(*[50.0] * 4), ages).tables[0]


def test_where_a_census_gives_no_adults_households_are_set_beside_those_who_live_there(quartiers):
    ecrite = quartiers.ecrire(quartiers.demander(200.0, 100.0, 100.0, 100.0, recours=MENAGES))
    assert "Ménages demandeurs d’une aide par quartier, à nombre de ménages égal" in ecrite.tables[0]
    assert rangees(ecrite)[quartiers.noms[0]][3] == "plus fort"


def test_one_hidden_quartier_hides_them_all(quartiers):
    cache = quartiers.dessin.fait(RECOURS, quartiers.codes[3], None, 2025, statut=Statut.SECRET)
    ecrite = quartiers.ecrire(quartiers.demander(50.0, 50.0, 50.0), [cache])
    assert ecrite.tables == () and quartiers.traces == []
    assert ecrite.phrases == (
        "Recours comparé entre quartiers : non donné. Celui d’un quartier au moins est sous secret.",
    )


def test_quartiers_whose_inhabitants_nobody_counted_are_not_compared(quartiers):
    ecrite = quartiers.ecrire(quartiers.demander(50.0, 50.0, 50.0))
    assert ecrite.tables == ()
    assert ecrite.phrases[0].endswith("ne sont connus du recensement déposé.")


def test_a_fragile_quartier_has_no_reading(quartiers):
    petits = quartiers.demander(40.0, 5.0, 5.0, 5.0, statut=Statut.FRAGILE)
    ecrite = quartiers.ecrire(petits)
    assert [cellules[3] for cellules in rangees(ecrite).values()] == ["petit effectif"] * 4


def test_a_greater_need_with_a_smaller_answer_is_named(quartiers):
    # unemployment of 30 % against 10 %, and half as many requests as elsewhere
    ecrite = quartiers.ecrire(
        quartiers.demander(50.0, 100.0, 100.0, 100.0), quartiers.chomer(300.0, 100.0, 100.0, 100.0)
    )
    assert rangees(ecrite)[quartiers.noms[0]][3:] == ["plus faible", "30,0", "plus fort"]
    assert ecrite.phrases[2].startswith(
        f"Besoin plus fort (taux de chômage) et recours plus faible : {quartiers.noms[0]}."
    )


def test_a_need_is_compared_by_what_was_surveyed_of_it(quartiers):
    # 12 % against 10 %, of 1,000: established by a census of all, not by one of a hundredth
    comptes = (150.0, 100.0, 100.0, 100.0)
    entier = quartiers.ecrire(quartiers.demander(*[50.0] * 4), quartiers.chomer(*comptes))
    sonde = quartiers.ecrire(quartiers.demander(*[50.0] * 4), quartiers.chomer(*comptes, efficace=0.01))
    assert [rangees(lue)[quartiers.noms[0]][5] for lue in (entier, sonde)] == [
        "plus fort",
        "pas d’écart établi",
    ]
    assert entier.phrases[2].startswith("Aucun quartier ne joint un besoin plus fort")


def test_what_says_a_need_is_a_share_of_the_public_statistics():
    declares = {indicateur.id: indicateur for chapitre in CHAPITRES for indicateur in chapitre.indicators}
    assert all(isinstance(declares[nom].measure, Share) for nom in BESOINS)
    assert not any(est_activite(declares[nom].table) for nom in BESOINS)


def test_no_known_need_is_said(quartiers):
    assert (
        quartiers.ecrire(quartiers.demander(*[50.0] * 4))
        .phrases[2]
        .startswith("Aucune part qui dise un besoin")
    )


def test_the_figure_shows_each_quartier_beside_the_line_of_the_others(quartiers):
    quartiers.ecrire(quartiers.demander(200.0, 100.0, 100.0, 100.0))
    [trace] = quartiers.traces
    assert list(trace.lignes["territoire"]) == quartiers.noms
    assert list(trace.lignes["valeur"].round(2)) == [2.0, 0.75, 0.75, 0.75]
    assert trace.options["repere"][1] == 1.0


def test_an_edition_without_requests_has_no_section(quartiers):
    assert quartiers.ecrire(quartiers.chomer(*[100.0] * 4)) is None
