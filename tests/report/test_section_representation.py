"""Who asks, among those who live there: an index a group, its interval, and its refusals."""

import math

import pytest

from pipeline.model import Indicator, Rate, Share, Statut
from pipeline.report.papiers import sans_renvois
from pipeline.report.representation import section

ICI = "98817"
AGES = Indicator(
    "taux_recours_age", "Taux", "T.", "T.", Rate("demandeurs", of="habitants"), "aides_age", by="tranche"
)
TYPES = Indicator(
    "part_demandeurs_type",
    "Part",
    "T.",
    "T.",
    Share("menages_type", of="menages_type_ensemble"),
    "aides_type_menage",
    by="type_menage",
)


def age(dessin, groupe, demandeurs, habitants, annee=2025, **autres):
    valeur = None if demandeurs is None else 1_000 * demandeurs / habitants
    return dessin.fait(
        AGES, ICI, valeur, annee, groupe=groupe, numerateur=demandeurs, denominateur=habitants, **autres
    )


def des_ages(dessin, base, *groupes):
    return section(base, dessin.faits([AGES], [age(dessin, *groupe) for groupe in groupes]))


def rangees(ecrite, rang=0):
    """The rows of a table: the name of the group → its cells."""
    lignes = [
        ligne.strip("| ").split(" | ")
        for ligne in sans_renvois(ecrite.tables[rang]).splitlines()
        if "|" in ligne
    ]
    return {nom: cellules for nom, *cellules in lignes[2:]}


def test_the_index_is_a_share_of_those_who_ask_over_a_share_of_those_who_live_there(dessin, base):
    ecrite = des_ages(dessin, base, ("20 à 59 ans", 300.0, 6_000.0), ("60 ans et plus", 100.0, 4_000.0))
    # 300/400 = 75 % of those who ask, 6,000/10,000 = 60 % of the inhabitants: 1.25; and 25/40 = 0.625
    jeunes, ages = rangees(ecrite).values()
    assert jeunes[:4] == ["300", "50,0", "75,0", "60,0"]
    assert jeunes[4].startswith("1,25 (1,") and jeunes[5] == "surreprésenté"
    assert ages[4].startswith("0,63 (0,") and ages[5] == "sous-représenté"
    assert "Surreprésenté : 20 à 59 ans (indice 1,25) ; sous-représenté : 60 ans et plus" in ecrite.phrases[1]


def test_few_who_ask_establish_nothing(dessin, base):
    # 12 of 20 against 50 %: one year in two would say the contrary
    ecrite = des_ages(dessin, base, ("20 à 59 ans", 12.0, 5_000.0), ("60 ans et plus", 8.0, 5_000.0))
    assert [cellules[5] for cellules in rangees(ecrite).values()] == ["pas d’écart établi"] * 2
    assert ecrite.phrases[1].endswith("Aucun écart établi.")


def test_a_fragile_group_has_its_index_and_no_reading(dessin, base):
    petit = age(dessin, "80 ans et plus", 4.0, 4_000.0, statut=Statut.FRAGILE)
    autres = age(dessin, "20 à 79 ans", 396.0, 6_000.0)
    ecrite = section(base, dessin.faits([AGES], [petit, autres]))
    assert rangees(ecrite)["80 ans et plus"][5] == "petit effectif"
    assert "80 ans" not in ecrite.phrases[1]


def test_the_last_year_is_read_and_no_other(dessin, base):
    ecrite = des_ages(
        dessin,
        base,
        ("20 à 59 ans", 1.0, 6_000.0, 2024),
        ("60 ans et plus", 99.0, 4_000.0, 2024),
        ("20 à 59 ans", 300.0, 6_000.0),
        ("60 ans et plus", 100.0, 4_000.0),
    )
    assert ", 2025. " in ecrite.phrases[1]
    assert rangees(ecrite)["20 à 59 ans"][0] == "300"


def test_one_hidden_group_hides_the_breakdown(dessin, base):
    # the parts of the others would tell its count
    cache = age(dessin, "60 ans et plus", None, 4_000.0, statut=Statut.SECRET)
    ecrite = section(base, dessin.faits([AGES], [age(dessin, "20 à 59 ans", 300.0, 6_000.0), cache]))
    assert ecrite.tables == ()
    assert ecrite.phrases == (
        "Représentation des demandeurs selon l’âge : non donnée. L’un de ses groupes est secret ou inconnu.",
    )


@pytest.fixture
def des_menages(dessin, base, dessiner):
    """The section of 30 lone parents and 70 others who ask, with the households of the census around."""

    def ecrire(*recenses, lieu="988-sud"):
        lignes = [
            f"('{ICI}', 2025, '{genre}', '{lieu}', {nombre})"
            for genre, nombre in zip(("famille_monoparentale", "autre"), recenses, strict=True)
        ]
        dessiner(
            "socle.representation_type_menage",
            "territoire, millesime, type_menage, lieu, menages_recenses",
            ", ".join(lignes),
        )
        chiffres = [
            dessin.fait(TYPES, ICI, n, 2025, groupe=genre, numerateur=n, denominateur=100.0)
            for genre, n in (("famille_monoparentale", 30.0), ("autre", 70.0))
        ]
        return section(base, dessin.faits([TYPES], chiffres))

    return ecrire


def test_households_are_set_beside_those_of_the_territory_that_knows_them_which_is_named(des_menages):
    ecrite = des_menages(1_000, 9_000)
    # 30 % against 10 %
    [monoparentale] = [c for nom, c in rangees(ecrite).items() if "monoparentale" in nom]
    assert monoparentale[3].startswith("3,00 (")
    assert "tous les ménages (province Sud)" in ecrite.tables[0]
    assert "(province Sud)" in ecrite.phrases[1]


def test_the_commune_s_own_households_need_no_name(des_menages):
    assert "Mont-Dore)" not in des_menages(1_000, 9_000, lieu=ICI).tables[0]


def test_how_many_of_a_thousand_households_ask_is_told_of_the_commune_s_own_alone(des_menages):
    ici, autour = (rangees(des_menages(1_000, 9_000, lieu=lieu)) for lieu in (ICI, "988-sud"))
    # 30 of 1,000 lone parents, 70 of 9,000 others
    assert [cellules[1] for cellules in ici.values()] == ["30,0", "7,8"]
    # not 30 of the province's
    assert [cellules[1] for cellules in autour.values()] == ["30,0", "70,0"] and len(
        next(iter(autour.values()))
    ) == 5


def test_a_census_without_these_households_gives_a_reason(des_menages):
    assert des_menages("null::double", 9_000).phrases == (
        "Représentation des demandeurs selon la composition du ménage : non donnée. "
        "Le recensement ne compte pas l’un de ses groupes.",
    )


def test_an_edition_without_these_deposits_has_no_section(dessin, base):
    assert section(base, dessin.faits([], [])) is None


def test_the_interval_of_the_index_holds_it(dessin, base):
    ecrite = des_ages(dessin, base, ("20 à 59 ans", 300.0, 6_000.0), ("60 ans et plus", 100.0, 4_000.0))
    # Katz on the logarithm: 1.25 × exp(± 1.96 √(1/300 − 1/400 + 1/6,000 − 1/10,000)) = 1.176 to 1.329, within 0.02
    bas, haut = (
        1.25 * math.exp(signe * 1.96 * math.sqrt(1 / 300 - 1 / 400 + 1 / 6_000 - 1 / 10_000))
        for signe in (-1, 1)
    )
    lus = rangees(ecrite)["20 à 59 ans"][4].replace(",", ".")
    basse, haute = (float(mot) for mot in lus[lus.index("(") + 1 : -1].split(" à "))
    assert (basse, haute) == (pytest.approx(bas, abs=0.02), pytest.approx(haut, abs=0.02))
