"""What is drawn, and what a table says as well."""

import pandas as pd
import pytest

from pipeline.model import Figure, Indicator, Rate, Share
from pipeline.report import figures

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
