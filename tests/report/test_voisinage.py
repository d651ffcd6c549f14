"""The annexes on the communes around."""

from dataclasses import replace

import pytest

from pipeline.edition import Comparables
from pipeline.model import Indicator, Share, Statut, Total
from pipeline.report import voisinage

PART = Indicator("part", "Part des aînés", "Tel.", "Tel.", Share("a", of="b"), "population")
POPULATION = Indicator("population", "Population", "Tel.", "Tel.", Total("b", "habitants"), "population")


def test_a_commune_that_resembles_has_its_article_and_its_code(dessin, vierge):
    vierge.execute("create schema socle")
    vierge.execute("create table socle.territoires as select '94058' territoire, 'Le' article, 'Perreux' nom")
    vierge.execute(
        "create table socle.comparables as select 1 rang, '94058' territoire, 1.014 distance, 0.29 relative"
    )
    vierge.execute(
        "create table socle.comparables_variables as select 'population' indicateur, 0.7 part_conservee"
    )
    dessin.edition = dessin.edition.model_copy(update={"comparables": Comparables()})
    dit = voisinage.comparables(vierge, dessin.faits([POPULATION], []))
    assert "| Le Perreux (94058) | 1,01 | 0,29 |" in dit
    # seven of the ten are still there without it
    assert "| [Population](#indicateur-population) | 70 % |" in dit


@pytest.mark.parametrize("statut", [Statut.VALIDE, Statut.FRAGILE])
def test_a_star_in_the_table_of_the_communes_is_explained_under_it(dessin, statut):
    lus = dessin.faits(
        [PART], [dessin.fait(PART, "98817", 20.0), dessin.fait(PART, "98818", 10.0, statut=statut)]
    )
    entete = lus.edition.edition.model_copy(update={"detail": "988-grand-noumea"})
    edition = lus.edition.model_copy(update={"edition": entete})
    lieux = lus.lieux | {"98818": replace(lus.lieux["98818"], role="membre")}
    dit = voisinage.detail(replace(lus, lieux=lieux, edition=edition))
    assert "| Nouméa | " in dit
    assert ("chiffre fragile" in dit) == (statut is Statut.FRAGILE)
