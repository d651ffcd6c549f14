"""The annexes on the communes around."""

from pipeline.edition import Comparables
from pipeline.model import Indicator, Total
from pipeline.report import voisinage

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
    assert "| Population | 70 % |" in dit
