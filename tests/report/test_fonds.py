"""Maps on boundary files: which level is drawn, by what kind of map, and what is refused."""

import json

import pandas as pd
import pytest
from conftest import Dessin

from pipeline.model import ErreurUtilisateur, Figure, Indicator, Share, Statut, Total
from pipeline.report import charts, figures
from pipeline.report.faits import Lieu

PART = Indicator(
    id="part_60_plus",
    label="Part des 60 ans et plus",
    definition="60 ans et plus.",
    why="Un essai.",
    measure=Share("pop_60_plus", of="pop"),
    table="population",
)
POPULATION = Indicator(
    id="population",
    label="Population",
    definition="Habitants.",
    why="Un essai.",
    measure=Total("pop", "habitants"),
    table="population",
)
CARTE = Figure("carte", ("part_60_plus",), "Part des 60 ans et plus")


def carres(chemin, codes, cle="code"):
    """A GeoJSON file of squares of a hundredth of a degree, side by side, one a code."""

    def carre(rang):
        x = 166.5 + rang / 100
        return [[x, -22.3], [x + 0.01, -22.3], [x + 0.01, -22.29], [x, -22.29], [x, -22.3]]

    formes = [
        {
            "type": "Feature",
            "properties": {cle: code},
            "geometry": {"type": "Polygon", "coordinates": [carre(rang)]},
        }
        for rang, code in enumerate(codes)
    ]
    chemin.parent.mkdir(parents=True, exist_ok=True)
    chemin.write_text(json.dumps({"type": "FeatureCollection", "features": formes}), encoding="utf-8")


def edition_a_contours(ouvrir, niveau="quartier", iris=()):
    listes = [f'iris = ["{a}", "{b}"]\n' for a, b in iris] or ["", ""]
    return ouvrir(
        texte='[edition]\ntitre = "A"\nredaction = "C"\nprofil = "nouvelle_caledonie"\n'
        'comparateurs = ["988-grand-noumea"]\ndetail = "988-grand-noumea"\n'
        '[territoire]\ncode = "98817"\nnom = "Le Mont-Dore"\n'
        + "".join(
            f'[[quartiers]]\ncode = "98817-{nom}"\nnom = "{nom}"\n{liste}'
            for nom, liste in zip(("plum", "robinson"), listes, strict=True)
        )
        + f'[[contours]]\nniveau = "{niveau}"\nchemin = "fond.geojson"\ncle = "code"\nsource = "dessin"\n'
        '[[fichiers]]\nsource = "isee_superficie"\nchemin = "s.csv"\n'
    )


def valeurs(dessin, indicateur, codes, **autres):
    return [dessin.fait(indicateur, code, 10.0 + 5 * rang, **autres) for rang, code in enumerate(codes)]


def tracer(dessin, figure, indicateur, codes, **lieux):
    dessin.lieux |= lieux
    return figures.tracer(
        dessin.faits([indicateur], valeurs(dessin, indicateur, codes)), figure, pd.DataFrame()
    )


QUARTIERS = ("98817-plum", "98817-robinson")


def test_a_share_by_quartier_is_a_choropleth_with_the_source_of_the_outlines(ouvrir):
    edition = edition_a_contours(ouvrir)
    carres(edition.dossier / "fond.geojson", QUARTIERS)
    trace = tracer(Dessin(edition), CARTE, PART, QUARTIERS)
    assert trace.genre == "choroplethe"
    assert trace.sujet.titre == "Part des 60 ans et plus par quartier, 2019"
    assert trace.sujet.source.endswith("; contours : dessin.")
    assert trace.lignes["valeur"].tolist() == [10, 15]
    assert isinstance(figures.dessiner(trace), charts.Graphique)


def test_a_count_is_circles_never_colours(ouvrir):
    edition = edition_a_contours(ouvrir)
    carres(edition.dossier / "fond.geojson", QUARTIERS)
    trace = tracer(Dessin(edition), Figure("carte", ("population",), "Population"), POPULATION, QUARTIERS)
    assert trace.genre == "symboles"


def test_iris_are_put_together_into_the_quartiers_they_make(ouvrir):
    iris = (("988170101", "988170102"), ("988170103", "988170104"))
    edition = edition_a_contours(ouvrir, iris=iris)
    carres(edition.dossier / "fond.geojson", [code for couple in iris for code in couple])
    lignes = tracer(Dessin(edition), CARTE, PART, QUARTIERS).lignes
    assert sorted(lignes["code"]) == list(QUARTIERS)
    # two squares each: the same area
    aires = lignes.geometry.to_crs(3163).area
    assert aires.iloc[0] == pytest.approx(aires.iloc[1], rel=1e-3)


def test_communes_shown_in_detail_are_drawn_where_quartiers_know_nothing(ouvrir):
    edition = edition_a_contours(ouvrir, niveau="commune")
    carres(edition.dossier / "fond.geojson", ["98817", "98805"])
    dumbea = Lieu("98805", "Dumbéa", "de Dumbéa", "à Dumbéa", "commune", "membre")
    trace = tracer(Dessin(edition), CARTE, PART, ("98817", "98805"), **{"98805": dumbea})
    assert trace.sujet.titre == "Part des 60 ans et plus par commune, 2019"
    assert sorted(trace.lignes["code"]) == ["98805", "98817"]


def test_a_hidden_quartier_has_its_outline_and_no_colour(ouvrir):
    edition = edition_a_contours(ouvrir)
    carres(edition.dossier / "fond.geojson", QUARTIERS)
    dessin = Dessin(edition)
    faits = dessin.faits(
        [PART],
        [
            dessin.fait(PART, QUARTIERS[0], 12.0),
            dessin.fait(PART, QUARTIERS[1], None, statut=Statut.SECRET),
        ],
    )
    trace = figures.tracer(faits, CARTE, pd.DataFrame())
    assert trace.lignes["statut"].tolist() == ["valide", "secret"]
    assert "secret" in figures.dessiner(trace).alt


def test_a_place_without_an_outline_is_named_under_the_map(ouvrir):
    edition = edition_a_contours(ouvrir)
    carres(edition.dossier / "fond.geojson", QUARTIERS[:1])
    trace = tracer(Dessin(edition), CARTE, PART, QUARTIERS)
    assert trace.lignes["code"].tolist() == [QUARTIERS[0]]
    assert trace.sujet.source.endswith("Sans contour, hors de la carte : Robinson.")


def test_outlines_of_other_places_are_one_sentence(ouvrir):
    edition = edition_a_contours(ouvrir)
    carres(edition.dossier / "fond.geojson", ["ailleurs"])
    with pytest.raises(ErreurUtilisateur, match=r"Aucun contour de fond.geojson n'a le code"):
        tracer(Dessin(edition), CARTE, PART, QUARTIERS)


def test_an_unknown_level_of_outlines_is_one_sentence(ouvrir):
    with pytest.raises(ErreurUtilisateur, match="niveau « canton », qui est inconnu"):
        edition_a_contours(ouvrir, niveau="canton")
