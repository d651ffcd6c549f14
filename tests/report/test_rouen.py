"""The map of Rouen's IRIS, from INSEE's own files and boundaries, through the code of the report."""

from itertools import pairwise

import duckdb
import matplotlib.image
import numpy as np
import pandas as pd
import pytest

from pipeline import comparison, compute, ingest, transform
from pipeline.indicators import chapitres_de, connus
from pipeline.report import faits as faits_
from pipeline.report import figures
from pipeline.sources.registre import SOURCES

pytestmark = [pytest.mark.reel, pytest.mark.lent]


@pytest.fixture(scope="module")
def faits(tmp_path_factory, partage):
    """What an edition of Rouen knows of its 42 IRIS: their ages in 2013, their declared income in 2021."""
    import geopandas

    from pipeline.edition import lire_edition

    insee = partage / "data/insee"
    iris = geopandas.read_file(insee / "rouen/Rouen_iris.shp").sort_values("CODE_IRIS")
    quartiers = "".join(
        f'[[quartiers]]\ncode = "{un.CODE_IRIS}"\nnom = "{un.NOM_IRIS}"\n' for un in iris.itertuples()
    )
    racine = tmp_path_factory.mktemp("rouen")
    dossier = racine / "data/raw/rouen/2026"
    dossier.mkdir(parents=True)
    (dossier / "edition.toml").write_text(
        '[edition]\ntitre = "Analyse"\nredaction = "CCAS"\nprofil = "france"\ncomparateurs = []\n'
        f'[territoire]\ncode = "76540"\nnom = "Rouen"\n{quartiers}'
        f'[[contours]]\nniveau = "quartier"\nchemin = "{insee}/rouen/Rouen_iris.shp"\ncle = "CODE_IRIS"\n'
        'source = "IGN et INSEE, contours des IRIS"\n'
        f'[[fichiers]]\nsource = "insee_rp_population"\nchemin = "{insee}/rouen/Rouen_iris.csv"\n'
        'millesime = 2013\ncolonnes = { territoire = "iris" }\n'
        '[[fichiers]]\nsource = "insee_filosofi_iris_declare"\n'
        f'chemin = "{insee}/BASE_TD_FILO_IRIS_2021_DEC.csv"\nmillesime = 2021\n',
        encoding="utf-8",
    )
    edition = lire_edition("rouen/2026", racine)
    chapitres = chapitres_de(edition.profil)
    with duckdb.connect() as con:
        ingest.charger(con, edition, SOURCES)
        transform.construire(con, edition)
        noms = set(compute.calculer(con, edition, chapitres, transform.series())["indicateur"])
        comparison.comparer(con, edition, chapitres, transform.series())
        return faits_.lire(con, edition, connus(chapitres, noms), "resultat")


def carte(faits, indicateur):
    """The map that the report draws of an indicator: what it shows, and its drawing."""
    [figure] = [
        figure
        for chapitre in faits.chapitres
        for figure in chapitre.figures
        if (figure.kind, figure.indicators) == ("carte", (indicateur,))
    ]
    trace = figures.tracer(faits, figure, pd.DataFrame())
    return trace, figures.dessiner(trace)


def test_each_iris_is_coloured_by_its_published_rate_or_left_without_colour(faits):
    trace, dessin = carte(faits, "taux_bas_revenus_declares")
    assert trace.genre == "choroplethe"
    assert trace.sujet.titre == "Taux de bas revenus déclarés par quartier, 2021"
    assert trace.sujet.source.endswith("contours : IGN et INSEE, contours des IRIS.")
    lignes = trace.lignes.set_index("code")
    assert len(lignes) == 42
    # INSEE, BASE_TD_FILO_IRIS_2021_DEC : DEC_TP6021 = 71,0, 7,0 et « so » ; DEC_NOTE21 = 2, à prendre avec prudence
    assert (lignes.at["765400901", "valeur"], lignes.at["765400504", "valeur"]) == (71, 7)
    assert lignes.at["765400205", "statut"] == "absent" and np.isnan(lignes.at["765400205", "valeur"])
    assert lignes.at["765400801", "statut"] == "fragile"
    assert "Grand Mare Centre" in dessin.alt and "Jouvenet Est Boulingrin" in dessin.alt


def test_the_classes_are_told_apart_in_grey(faits, tmp_path):
    _, dessin = carte(faits, "taux_bas_revenus_declares")
    dessin.figure.savefig(tmp_path / "carte.png", dpi=200)
    rouge, vert, bleu = np.moveaxis(matplotlib.image.imread(tmp_path / "carte.png")[..., :3], -1, 0)
    gris = np.round(0.299 * rouge + 0.587 * vert + 0.114 * bleu, 2)
    niveaux, combien = np.unique(gris, return_counts=True)
    larges = niveaux[combien > gris.size / 100]
    # white, the dotted ground of what is missing, and the five classes
    distincts = [larges[0], *(b for a, b in pairwise(larges) if b - a > 0.03)]
    assert len(distincts) >= 7


def test_a_share_of_the_census_is_mapped_too_and_few_inhabitants_are_hatched(faits):
    trace, dessin = carte(faits, "part_60_plus")
    lignes = trace.lignes.set_index("code")
    assert lignes["statut"].value_counts()["valide"] >= 35
    assert "fragile" in set(lignes["statut"]) and "fragile" in dessin.alt
