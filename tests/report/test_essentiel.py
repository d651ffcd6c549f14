"""What stands out: the most pressing first, from what was established and from nothing else."""

import math

import pytest

from pipeline.methods.remarquable import Classe
from pipeline.model import Indicator, Share, Statut, Total
from pipeline.report.essentiel import composantes, remarques
from pipeline.report.faits import Ecart

ICI, GRAND_NOUMEA, PAYS = "98817", "988-grand-noumea", "988"
POPULATION = Indicator("population", "Population", "Tel.", "Tel.", Total("b", "habitants"), "population")


def part(nom, sens="neutre"):
    return Indicator(nom, "Part", "Tel.", "Tel.", Share("a", of="b"), "population", higher_is=sens)


def ecart(position, contre=GRAND_NOUMEA, nature="comparateur", q=0.001, annee=2019):
    return Ecart(contre, annee, nature, 0.1, q, position)


def situer(dessin, declare, *, ici=30.0, la=20.0, position="au_dessus", changement="", q=0.001):
    """The commune against Grand Nouméa, and since 2014."""
    chiffre = dessin.fait(declare, ICI, ici, numerateur=300.0, denominateur=1_000.0)
    ecarts = [ecart(position, q=q)] + (
        [ecart(changement, ICI, "precedent", annee=2014)] if changement else []
    )
    return [chiffre, dessin.fait(declare, GRAND_NOUMEA, la)], {chiffre: ecarts}


def classer(dessin, *situations, population=10_000):
    """Remarks of indicators placed as said: (declaration, arguments of `situer`)."""
    chiffres, ecarts = [dessin.fait(POPULATION, ICI, population)], {}
    for declare, champs in situations:
        nouveaux, confrontes = situer(dessin, declare, **champs)
        chiffres += nouveaux
        ecarts |= confrontes
    return remarques(dessin.faits([], chiffres, ecarts), [declare for declare, _ in situations])


@pytest.mark.parametrize(
    ("sens", "position", "changement", "classe"),
    [
        ("defavorable", "au_dessus", "au_dessus", Classe.DEFAVORABLE_ET_S_AGGRAVE),
        ("defavorable", "au_dessus", "au_dessous", Classe.DEFAVORABLE),
        ("defavorable", "au_dessus", "", Classe.DEFAVORABLE),
        ("favorable", "au_dessous", "au_dessous", Classe.DEFAVORABLE_ET_S_AGGRAVE),
        ("defavorable", "non_different", "au_dessus", Classe.S_AGGRAVE),
        ("favorable", "au_dessus", "", Classe.FAVORABLE),
        ("neutre", "au_dessus", "au_dessus", Classe.DIFFERENT),
        ("defavorable", "non_different", "non_different", Classe.RIEN_D_ETABLI),
        ("defavorable", "ne_se_compare_pas", "ne_se_compare_pas", Classe.RIEN_D_ETABLI),
    ],
)
def test_the_class_comes_from_the_states_and_from_what_is_good_news(
    dessin, sens, position, changement, classe
):
    [remarque] = classer(dessin, (part("x", sens), {"position": position, "changement": changement}))
    assert remarque.classe == classe


def test_the_most_pressing_come_first_and_then_the_largest_gaps(dessin):
    situations = [
        (part("favorable", "favorable"), {"ici": 60.0}),
        (part("petit", "defavorable"), {"ici": 21.0}),
        (part("grand", "defavorable"), {"ici": 40.0}),
        (part("rien"), {"position": "non_different"}),
        (part("pire", "defavorable"), {"ici": 21.0, "changement": "au_dessus"}),
    ]
    ordre = [remarque.indicateur for remarque in classer(dessin, *situations)]
    assert ordre == ["pire", "grand", "petit", "favorable", "rien"]
    assert [remarque.indicateur for remarque in classer(dessin, *reversed(situations))] == ordre


def test_the_gap_is_the_number_of_people_it_represents_over_the_inhabitants(dessin):
    [remarque] = classer(dessin, (part("x"), {"ici": 30.0, "la": 20.0}))
    # (30 % − 20 %) of 1,000 persons = 100 persons, of 10,000 inhabitants: 1 %, a fifth of the full weight (5 %)
    assert remarque.personnes == pytest.approx(100 / 10_000 / 0.05)
    assert remarque.ecart == pytest.approx(math.log2(30 / 20))


def test_an_indicator_unknown_in_the_commune_is_weighed_in_the_territory_that_has_it(dessin):
    declare = part("chomage", "defavorable")
    chiffre = dessin.fait(declare, GRAND_NOUMEA, 30.0, numerateur=30_000.0, denominateur=100_000.0)
    chiffres = [
        dessin.fait(declare, ICI, None),
        chiffre,
        dessin.fait(declare, PAYS, 20.0),
        dessin.fait(POPULATION, ICI, 10_000),
        dessin.fait(POPULATION, GRAND_NOUMEA, 400_000),
    ]
    [remarque] = remarques(dessin.faits([], chiffres, {chiffre: [ecart("au_dessus", PAYS)]}), [declare])
    # 10 % of 100,000 persons, of the 400,000 of the agglomeration and not of the 10,000 of the commune
    assert remarque.personnes == pytest.approx(10_000 / 400_000 / 0.05)
    assert remarque.classe == Classe.DEFAVORABLE


def test_what_has_no_value_is_not_remarked(dessin):
    declare = part("x", "defavorable")
    for statut in (Statut.ABSENT, Statut.SECRET):
        faits = dessin.faits([], [dessin.fait(declare, ICI, None, statut=statut)])
        assert remarques(faits, [declare]) == ()


def test_a_value_compared_with_nothing_claims_nothing(dessin):
    declare = part("x", "defavorable")
    [remarque] = remarques(dessin.faits([], [dessin.fait(declare, ICI, 90.0)]), [declare])
    assert remarque.classe == Classe.RIEN_D_ETABLI
    assert math.isnan(remarque.ecart)
    assert math.isnan(remarque.certitude)
    assert remarque.score == 0


def test_what_nobody_else_has_is_weighed_against_its_own_figure_before(dessin):
    declare = part("accord", "favorable")
    ancien = dessin.fait(declare, ICI, 40.0, millesime=2014)
    chiffre = dessin.fait(declare, ICI, 30.0, numerateur=300.0, denominateur=1_000.0)
    chiffres = [ancien, chiffre, dessin.fait(POPULATION, ICI, 10_000)]
    ecarts = {chiffre: [ecart("au_dessous", ICI, "precedent", q=0.01, annee=2014)]}
    [remarque] = remarques(dessin.faits([], chiffres, ecarts), [declare])
    assert remarque.classe == Classe.S_AGGRAVE
    # |log2(30/40)|; log 0.01 / log 0.001 = 2/3; (40 % - 30 %) of 1,000 = 100 of 10,000 inhabitants: 1 % of 5 %
    assert remarque.ecart == pytest.approx(math.log2(40 / 30))
    assert remarque.certitude == pytest.approx(2 / 3)
    assert remarque.personnes == pytest.approx(0.2)


def test_a_count_weighs_no_persons(dessin):
    chiffre = dessin.fait(POPULATION, ICI, 27_620)
    [remarque] = remarques(
        dessin.faits(
            [], [chiffre, dessin.fait(POPULATION, GRAND_NOUMEA, 180_000)], {chiffre: [ecart("au_dessous")]}
        ),
        [POPULATION],
    )
    assert math.isnan(remarque.personnes)


def test_the_more_certain_of_two_equal_gaps_comes_first(dessin):
    sur, moins_sur = part("z_sur", "defavorable"), part("a_moins_sur", "defavorable")
    ordre = classer(dessin, (moins_sur, {"q": 0.04}), (sur, {"q": 0.0005}))
    assert [remarque.indicateur for remarque in ordre] == ["z_sur", "a_moins_sur"]


def test_the_annex_shows_each_component_and_the_mean_that_they_make(dessin):
    declare = part("chomage", "defavorable")
    chiffres, ecarts = situer(dessin, declare, ici=30.0, la=20.0, q=0.001)
    chiffres.append(dessin.fait(POPULATION, ICI, 10_000))
    [ligne] = composantes(dessin.faits([declare, POPULATION], chiffres, ecarts)).to_dict("records")
    # log₂(30/20) = 0.585; q = 1/1000: 1; 100 of 10,000 inhabitants: 0.2; (0.585 + 1 + 0.2)/3 = 0.595
    assert ligne == {
        "Indicateur": "[Part](#indicateur-chomage)",
        "Territoire": "Le Mont-Dore",
        "Classe": "défavorable",
        "Écart": "0,58",
        "Certitude": "1,00",
        "Personnes": "0,20",
        "Score": "0,59",
    }


def test_nothing_established_is_not_in_the_annex(dessin):
    chiffres, ecarts = situer(dessin, part("x"), position="non_different")
    assert composantes(dessin.faits([part("x")], chiffres, ecarts)).empty
