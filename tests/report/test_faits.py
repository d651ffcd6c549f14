"""What may be said of figures: which files they come from, and no other."""

import pytest
from conftest import Dessin, texte_edition

from pipeline.indicators import chapitres_de
from pipeline.model import Indicator, Share, Statut
from pipeline.report import faits as faits_

AINES = Indicator("part_60_plus", "Part des aînés", "x.", "x.", Share("a", of="b"), "population")
AGES, REFERENCE = "isee_population_age", "isee_population_reference"


@pytest.fixture
def citees(ouvrir):
    """The sources cited for a share that is known in some years: ids."""
    dessin = Dessin(ouvrir(texte=texte_edition(fichiers=[f"{AGES} ages.csv", f"{REFERENCE} reference.csv"])))

    def citer(*chiffres, premiers):
        lus = [dessin.fait(AINES, "98817", valeur, annee, **autres) for annee, valeur, autres in chiffres]
        return {source.id for source in dessin.faits([AINES], lus, premiers=premiers).sources_de(AINES)}

    return citer


def test_a_census_is_no_source_of_what_was_counted_before_it(citees):
    assert citees((2014, 13.4, {}), (2019, 15.7, {}), premiers={AGES: 2004, REFERENCE: 2025}) == {AGES}


def test_a_row_that_says_nothing_of_a_census_does_not_make_it_a_source(citees):
    absente = (2025, None, {})
    assert citees((2019, 15.7, {}), absente, premiers={AGES: 2004, REFERENCE: 2025}) == {AGES}


def test_a_figure_that_is_hidden_has_its_sources(citees):
    secrete = (2025, None, {"statut": Statut.SECRET})
    assert citees((2019, 15.7, {}), secrete, premiers={AGES: 2004, REFERENCE: 2025}) == {AGES, REFERENCE}


def test_an_earlier_census_is_a_source_of_a_later_figure(citees):
    # benefits of 2024 are divided by the inhabitants of 2019
    assert citees((2024, 3.1, {}), premiers={AGES: 2019, REFERENCE: 2019}) == {AGES, REFERENCE}


def test_a_source_without_vintages_is_always_cited(citees):
    assert citees((2019, 15.7, {}), premiers={AGES: 2004}) == {AGES, REFERENCE}


def test_the_ages_of_2019_do_not_cite_the_census_of_2025_that_has_none(base_publique, edition_publique):
    lus = faits_.lire(base_publique, edition_publique, chapitres_de(edition_publique.profil), "resultat")
    declares = {indicateur.id: indicateur for indicateur in lus.indicateurs()}
    assert REFERENCE not in {source.id for source in lus.sources_de(declares["part_60_plus"])}
    assert REFERENCE in {source.id for source in lus.sources_de(declares["population"])}, "25 303 in 2025"
    assert "2025" not in lus.source(declares["part_60_plus"])
