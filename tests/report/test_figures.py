"""What is drawn, and what a table says as well."""

from dataclasses import replace

import pandas as pd
import pytest

from pipeline.model import Figure, Indicator, Rate, Share
from pipeline.report import figures
from pipeline.report.document import Dessins

CHOMAGE = Indicator("taux_chomage", "Taux de chômage", "Tel.", "Tel.", Rate("a", of="b"), "emploi")
MOTIFS = Indicator("part_motif", "Part des motifs", "Tel.", "Tel.", Share("a", of="b"), "emploi", by="motif")
LIEUX = ("98817", "988-grand-noumea", "98818", "988")


def tracer(dessin, kind, indicateur, faits):
    figure = Figure(kind, (indicateur.id,), "Titre")
    return figures.tracer(dessin.faits([indicateur], faits), figure, pd.DataFrame())


@pytest.mark.parametrize(("connus", "dessine"), [(1, False), (2, False), (3, True), (4, True)])
def test_territories_are_compared_on_a_drawing_from_three(dessin, connus, dessine):
    chiffres = [dessin.fait(CHOMAGE, lieu, 10.0 + rang) for rang, lieu in enumerate(LIEUX[-connus:])]
    trace = tracer(dessin, "comparaison", CHOMAGE, chiffres)
    assert (trace is not None) == dessine
    assert trace is None or len(trace.lignes) == connus


@pytest.mark.parametrize(("motifs", "dessine"), [(["loyer"], False), (["loyer", "energie"], True)])
def test_one_category_alone_is_not_a_drawing(dessin, motifs, dessine):
    chiffres = [dessin.fait(MOTIFS, "98817", 40.0, 2025, groupe=motif) for motif in motifs]
    assert (tracer(dessin, "barres", MOTIFS, chiffres) is not None) == dessine


def trois_lieux(dessin, valeur):
    faits = [dessin.fait(CHOMAGE, lieu, valeur + rang) for rang, lieu in enumerate(LIEUX[1:])]
    return tracer(dessin, "comparaison", CHOMAGE, faits)


def test_the_same_figures_in_both_editions_are_drawn_once(dessin, tmp_path):
    dessins = Dessins(tmp_path)
    assert dessins.ajouter(trois_lieux(dessin, 10.0)) is dessins.ajouter(trois_lieux(dessin, 10.0))


def test_a_figure_that_says_otherwise_is_drawn_again(dessin, tmp_path):
    """Two drawings of one name are told apart by what they show, in whatever order they come."""
    dessins = Dessins(tmp_path)
    publie, interne = trois_lieux(dessin, 10.0), trois_lieux(dessin, 12.0)
    avant = dessins.ajouter(publie)
    octets = (tmp_path / f"{avant.nom}.svg").read_bytes()
    assert dessins.ajouter(interne) is not avant
    assert (tmp_path / f"{avant.nom}.svg").read_bytes() != octets
    assert dessins.ajouter(publie) is not avant
    assert (tmp_path / f"{avant.nom}.svg").read_bytes() == octets


@pytest.mark.parametrize(
    "autre",
    [
        {"genre": "classement"},
        {"options": {"repere": ("Nouméa", 11.0)}},
        {"options": {"fin": pd.DataFrame({"valeur": [1.0, 3.0]})}},
        {"options": {}},
        {"lignes": pd.DataFrame({"valeur": [1.0, None]})},
    ],
)
def test_two_drawings_are_alike_only_when_all_that_they_take_is(dessin, autre):
    trace = trois_lieux(dessin, 10.0)
    trace = replace(trace, options={"fin": pd.DataFrame({"valeur": [1.0, 2.0]})})
    assert figures.pareilles(trace, replace(trace))
    assert not figures.pareilles(trace, replace(trace, **autre))


def test_a_census_is_drawn_at_its_day_and_a_yearly_count_at_its_year(dessin):
    faits = dessin.faits([CHOMAGE], [])
    # the census of 2019 began on 10 September: the 253rd day of the year
    assert figures.annee_decimale(faits, CHOMAGE, 2019) == pytest.approx(2019 + 252 / 365.25)
    assert figures.annee_decimale(faits, replace(CHOMAGE, table="etat_civil"), 2019) == 2019
    assert figures.annee_decimale(faits, replace(CHOMAGE, table="aides"), 2019) == 2019
