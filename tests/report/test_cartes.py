"""Maps: classes that can be read, tiles whose names fit, boundaries that are refused with a sentence."""

import json
import math
from itertools import pairwise
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.lines import Line2D
from matplotlib.patches import Circle
from test_charts import LONG, QUARTIERS, dire, lisible, octets, textes

from pipeline.model import ErreurUtilisateur
from pipeline.report import cartes
from pipeline.report.cartes import carte_tuiles, choropleth, classe, classes, contours, situer, symboles
from pipeline.report.charts import Sujet
from pipeline.report.charts.drawing import LARGEUR, contraste, luminance

PARTAGE = Path(__file__).parents[2].parent / "shared" / "data" / "insee" / "rouen"

PLACES = [(0, 0), (0, 1), (1, 1), (1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2), (2, 2), (4, 2), (4, 3)]
TUILES = pd.DataFrame(
    {
        "territoire": QUARTIERS,
        "valeur": [15.7, 14.1, 16.4, 17.3, 15.5, 16.8, 11.3, 13.0, 15.0, 19.6, 14.2, 19.5],
        "statut": [*["valide"] * 10, "secret", "fragile"],
        "colonne": [colonne for colonne, _ in PLACES],
        "rangee": [rangee for _, rangee in PLACES],
    }
)
SUJET = Sujet("carte", "Carte", "Source : ISEE.", unite="%", decimales=1, objets="quartiers")


def damier(cote: int, crs: str = "EPSG:3163", pas: float = 1000) -> geopandas.GeoDataFrame:
    """A board of `cote` × `cote` squares; values grow from the south-west to the north-east."""
    cases = [(i, j) for j in range(cote) for i in range(cote)]
    return geopandas.GeoDataFrame(
        {
            "territoire": [f"Case {i}-{j}" for i, j in cases],
            "valeur": [float(i + cote * j) for i, j in cases],
            "statut": "valide",
        },
        geometry=[shapely.box(pas * i, pas * j, pas * (i + 1), pas * (j + 1)) for i, j in cases],
        crs=crs,
    )


# --- classes ---------------------------------------------------------------------------------------


def test_classes_follow_the_clusters_of_values():
    # means 1.05, 5.05 and 9: bounds half way between neighbours, (1.1 + 5) / 2 and (5.1 + 9) / 2, rounded up
    assert classes([1, 1.1, 5, 5.1, 9], 3) == (3.1, 7.1)


@pytest.mark.parametrize(
    ("valeurs", "attendu"),
    [
        ([], ()),
        ([math.nan], ()),
        ([4, 4, 4.04], ()),
        ([4, 6], (5.0,)),
        ([4, 6, math.nan], (5.0,)),
        ([0, 0.1], (0.1,)),
    ],
)
def test_few_values_make_few_classes(valeurs, attendu):
    assert classes(valeurs) == attendu


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=60), st.integers(1, 5), st.integers(0, 2))
def test_each_class_has_a_value_and_each_written_value_its_class(valeurs, nombre, decimales):
    bornes = classes(valeurs, nombre, decimales)
    rangs = {classe(valeur, bornes, decimales) for valeur in valeurs}
    assert rangs == set(range(len(bornes) + 1))
    assert len(bornes) + 1 == min(nombre, len({round(valeur, decimales) for valeur in valeurs}))
    for bas, haut in pairwise(bornes):
        assert bas < haut
    for borne in bornes:
        assert borne == pytest.approx(round(borne, decimales)), "a bound is read as it is written"


def test_classes_minimise_the_gaps_to_their_means():
    valeurs = [2.0, 2.4, 3.1, 7.7, 8.0, 8.2, 12.9, 13.5]

    def inertie(coupes):
        bouts = [0, *coupes, len(valeurs)]
        return sum(np.var(valeurs[a:b]) * (b - a) for a, b in pairwise(bouts))

    bornes = classes(valeurs, 3)
    obtenue = inertie([sum(v < borne for v in valeurs) for borne in bornes])
    assert obtenue == pytest.approx(min(inertie([a, b]) for a in range(1, 7) for b in range(a + 1, 8)))


def test_a_value_on_a_bound_is_in_the_class_above_as_it_is_read():
    assert classe(12.5, (12.5,), 1) == 1
    assert classe(12.46, (12.5,), 1) == 1, "written 12,5"
    assert classe(12.44, (12.5,), 1) == 0, "written 12,4"


def test_a_fragile_figure_does_not_move_the_classes():
    def legende(fragile: float) -> list[str]:
        tuiles = TUILES.assign(valeur=[*TUILES.valeur[:11], fragile])
        return [mot for mot, _ in textes(carte_tuiles(tuiles, SUJET).figure) if "moins de" in mot]

    assert legende(19.5) == legende(95.0)


def test_the_same_bounds_keep_the_same_classes_from_one_edition_to_the_next():
    legende = [dire(mot) for mot, _ in textes(carte_tuiles(TUILES, SUJET, bornes=(10, 20)).figure)]
    assert {"moins de 10,0 %", "de 10,0 % à moins de 20,0 %", "20,0 % ou plus"} <= set(legende)


# --- tiles -----------------------------------------------------------------------------------------


def test_a_tile_map_says_where_the_highest_and_the_lowest_are():
    graphique = carte_tuiles(TUILES, SUJET, bornes=(14, 17), nord="nord en haut")
    assert dire(graphique.alt) == (
        "Carte de 12 quartiers en 3 classes ; valeur la plus élevée : Mont-Dore sud (19,6 %) ; "
        "la plus basse : Saint Louis (11,3 %). Sur la carte, Mont-Dore sud est au centre, Saint Louis est au "
        "nord-est ; classe la plus haute (17,0 % ou plus) : Robinson et Mont-Dore sud. "
        "Chiffres fragiles : 1 ; sous secret statistique : 1."
    )
    assert "↑ nord en haut" in [mot for mot, _ in textes(graphique.figure)]


def test_a_map_without_a_north_names_no_direction():
    assert "Sur la carte" not in carte_tuiles(TUILES, SUJET).alt


def test_the_twelve_quartiers_can_be_read():
    lisible(carte_tuiles(TUILES, SUJET, nord="nord en haut"))


@pytest.mark.parametrize("colonnes", [1, 3, 12])
def test_endless_names_stay_within_their_tile(colonnes):
    tuiles = TUILES.assign(
        territoire=[f"{LONG} {i}" for i in range(12)],
        colonne=[i % colonnes for i in range(12)],
        rangee=[i // colonnes for i in range(12)],
    )
    lisible(carte_tuiles(tuiles, SUJET))


def test_two_tiles_in_one_place_are_refused():
    with pytest.raises(ErreurUtilisateur, match="Yahoué et Boulari ont la même place"):
        carte_tuiles(TUILES.assign(colonne=[0, 1, 2, 3, 0, *range(4, 11)], rangee=0), SUJET)


def test_a_secret_figure_changes_neither_the_classes_nor_the_drawing(tmp_path):
    cartes_ = [
        carte_tuiles(TUILES.assign(valeur=TUILES.valeur.mask(TUILES.statut.eq("secret"), faux)), SUJET)
        for faux in (98765.4, math.nan)
    ]
    assert cartes_[0].alt == cartes_[1].alt
    assert cartes_[0].donnees.equals(cartes_[1].donnees)
    assert octets(cartes_[0], tmp_path / "a") == octets(cartes_[1], tmp_path / "b")


def test_classes_are_told_apart_in_grey_and_under_their_text():
    clartes = [luminance(couleur) for couleur in cartes.CIVIDIS]
    for clair, sombre in pairwise(clartes):
        assert contraste_de(clair, sombre) >= 1.5, "one class from the next, lightness alone"
    for couleur in (*cartes.CIVIDIS, cartes.FOND_MUET):
        assert contraste(cartes.encre_sur(couleur), couleur) >= 4.5


def contraste_de(clair: float, sombre: float) -> float:
    return (clair + 0.05) / (sombre + 0.05)


def test_what_is_secret_or_fragile_is_hatched():
    assert cartes._teinte(math.nan, "secret", (), 1).hachure
    assert (
        cartes._teinte(math.nan, "absent", (), 1).hachure != cartes._teinte(math.nan, "secret", (), 1).hachure
    )
    assert cartes._teinte(5.0, "fragile", (), 1).hachure
    assert not cartes._teinte(5.0, "valide", (), 1).hachure


# --- maps ------------------------------------------------------------------------------------------


def test_a_choropleth_says_where_the_highest_and_the_lowest_are():
    assert dire(choropleth(damier(3), SUJET, bornes=(4,)).alt) == (
        "Carte de 9 quartiers en 2 classes ; valeur la plus élevée : Case 2-2 (8,0 %) ; la plus basse : "
        "Case 0-0 (0,0 %). Sur la carte, Case 2-2 est au nord-est, Case 0-0 est au sud-ouest ; "
        "classe la plus haute (4,0 % ou plus) : Case 1-1, Case 2-1, Case 0-2 et 2 autres."
    )


@pytest.mark.parametrize("dessiner", [choropleth, symboles])
@pytest.mark.parametrize("cote", [2, 7])
def test_maps_can_be_read_even_when_they_are_full(dessiner, cote):
    lisible(dessiner(damier(cote), SUJET))


def test_neighbouring_extremes_of_long_names_do_not_overlap():
    carte = damier(6)
    carte.loc[14, ["territoire", "valeur"]] = [LONG, 99.0]
    carte.loc[15, ["territoire", "valeur"]] = [f"{LONG} bis", -9.0]
    lisible(choropleth(carte, SUJET))


def test_two_neighbouring_extremes_at_the_edge_do_not_take_one_place():
    carte = damier(30)
    carte.loc[450, ["territoire", "valeur"]] = ["Plum", 999.0]
    carte.loc[480, ["territoire", "valeur"]] = ["Yahoué", -9.0]
    lisible(choropleth(carte, SUJET))


def metres_par_point(figure) -> float:
    """What the scale bar says: metres written over points drawn."""
    barre = next(a for a in figure.artists if isinstance(a, Line2D) and len(a.get_xdata()) == 4)
    points = max(barre.get_xdata()) - min(barre.get_xdata())
    dit = next(dire(mot) for mot, _ in textes(figure) if "↑ nord" in mot).split()
    return float(dit[0]) * {"m": 1, "km": 1000}[dit[1]] / points


def test_the_scale_bar_is_true():
    # ten squares of 1 km, 300 points high at most: 10 000 / 300 metres a point
    assert metres_par_point(choropleth(damier(10), SUJET).figure) == pytest.approx(10_000 / 300)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857"])
def test_every_projection_gives_the_same_map(crs):
    sur_place = damier(10, "EPSG:32758").translate(600_000, 7_500_000)
    carte = damier(10, "EPSG:32758").set_geometry(sur_place)
    autre = choropleth(carte.to_crs(crs), SUJET)
    assert metres_par_point(autre.figure) == pytest.approx(
        metres_par_point(choropleth(carte, SUJET).figure), rel=1e-3
    )
    assert autre.alt == choropleth(carte, SUJET).alt


def test_boundaries_without_a_projection_are_refused():
    with pytest.raises(ErreurUtilisateur, match="système de coordonnées"):
        choropleth(damier(2).set_crs(None, allow_override=True), SUJET)


def test_the_area_of_a_circle_is_in_proportion_to_its_count():
    carte = damier(2).assign(valeur=[100.0, 400.0, 25.0, 100.0])
    cercles = [a for a in symboles(carte, SUJET).figure.artists if isinstance(a, Circle)]
    # drawn from the largest: 400, 100, 100, 25, whose radii go as 20, 10, 10, 5; then the three of the scale
    rayons = [cercle.radius for cercle in cercles[:4]]
    assert [rayon / rayons[-1] for rayon in rayons] == pytest.approx([4, 2, 2, 1])


def test_a_negative_count_has_no_circle():
    with pytest.raises(ValueError, match="négative"):
        symboles(damier(2).assign(valeur=-1.0), SUJET)


def test_nothing_but_secrets_is_drawn_all_the_same(tmp_path):
    cache = damier(2).assign(statut="secret")
    assert dire(symboles(cache, SUJET).alt) == (
        "Carte de 4 quartiers en cercles proportionnels. Sous secret statistique : 4."
    )
    assert (
        dire(choropleth(cache, SUJET).alt) == "Carte de 4 quartiers en 1 classe. Sous secret statistique : 4."
    )


def test_a_secret_count_has_no_size(tmp_path):
    cartes_ = [
        symboles(damier(2).assign(valeur=[1.0, 2, 3, v], statut=["valide"] * 3 + ["secret"]), SUJET)
        for v in (98765.4, math.nan)
    ]
    assert octets(cartes_[0], tmp_path / "a") == octets(cartes_[1], tmp_path / "b")


def test_a_map_gives_the_same_bytes_twice(tmp_path):
    for dessiner in (choropleth, symboles):
        assert octets(dessiner(damier(4), SUJET), tmp_path / "a") == octets(
            dessiner(damier(4), SUJET), tmp_path / "b"
        )


@pytest.mark.parametrize(
    ("x", "y", "lieu"),
    [
        (0, 0, "au sud-ouest"),
        (3, 3, "au nord-est"),
        (1.5, 1.5, "au centre"),
        (0.5, 1.5, "à l'ouest"),
        (1.5, 2.5, "au nord"),
    ],
)
def test_places_are_named_by_their_side_of_the_frame(x, y, lieu):
    assert situer(x, y, (0, 0, 3, 3)) == lieu


def test_a_place_in_a_frame_without_thickness_has_a_side():
    assert situer(0, 0, (0, 0, 0, 0)) == "au sud-ouest"


# --- boundary files --------------------------------------------------------------------------------


def geojson(chemin: Path, *entites: tuple[object, dict | None]) -> Path:
    corps = [{"type": "Feature", "properties": {"code": code}, "geometry": forme} for code, forme in entites]
    chemin.write_text(json.dumps({"type": "FeatureCollection", "features": corps}), encoding="utf-8")
    return chemin


def carre(x: float) -> dict:
    return {"type": "Polygon", "coordinates": [[[x, 0], [x + 1, 0], [x + 1, 1], [x, 1], [x, 0]]]}


@pytest.mark.parametrize("nom", ["c.gpkg", "c.geojson", "c.shp"])
def test_the_three_formats_are_read(tmp_path, nom):
    damier(3, "EPSG:2154").rename(columns={"territoire": "code"}).to_file(tmp_path / nom)
    lus = contours(tmp_path / nom, "code")
    assert list(lus.columns) == ["territoire", "geometry"]
    assert sorted(lus["territoire"]) == sorted(damier(3)["territoire"])
    assert lus.to_crs("EPSG:2154").area.sum() == pytest.approx(9e6, rel=1e-3)


def test_the_pieces_of_one_code_make_one_territory(tmp_path):
    fichier = geojson(tmp_path / "iles.geojson", ("01", carre(0)), ("01", carre(5)), ("02", carre(1)))
    lus = contours(fichier, "code").set_index("territoire")
    assert lus.geometry["01"].area == pytest.approx(2)


def test_a_code_written_as_a_number_becomes_text(tmp_path):
    fichier = geojson(tmp_path / "c.geojson", (76540, carre(0)), (76541, carre(1)))
    assert list(contours(fichier, "code")["territoire"]) == ["76540", "76541"]


def test_a_boundary_that_crosses_itself_is_repaired(tmp_path):
    noeud = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    lus = contours(geojson(tmp_path / "c.geojson", ("01", noeud)), "code")
    assert lus.geometry.is_valid.all()
    assert shapely.area(lus.geometry.to_numpy()).sum() == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("entites", "message"),
    [
        ([(None, carre(0))], "un contour n'a pas de code dans la colonne « code »"),
        (
            [("01", {"type": "Point", "coordinates": [0, 0]})],
            "le contour de « 01 » n'est pas un polygone (Point)",
        ),
        ([("01", None)], "« 01 » n'est pas un polygone (vide)"),
    ],
)
def test_a_boundary_of_no_use_is_named(tmp_path, entites, message):
    with pytest.raises(ErreurUtilisateur) as erreur:
        contours(geojson(tmp_path / "c.geojson", *entites, ("99", carre(3))), "code")
    assert message in str(erreur.value)
    assert str(erreur.value).startswith("c.geojson")


def test_an_absent_column_is_told_with_those_that_are_there(tmp_path):
    with pytest.raises(ErreurUtilisateur, match=r"pas de colonne « iris » \(colonnes lues : code\)"):
        contours(geojson(tmp_path / "c.geojson", ("01", carre(0))), "iris")


@pytest.mark.parametrize("manquant", [".shx", ".prj"])
def test_a_shapefile_that_lacks_a_file_is_refused(tmp_path, manquant):
    damier(2, "EPSG:2154").to_file(tmp_path / "c.shp")
    (tmp_path / f"c{manquant}").unlink()
    with pytest.raises(ErreurUtilisateur, match=r"c\.shp .*\.prj"):
        contours(tmp_path / "c.shp", "territoire")


@pytest.mark.parametrize(
    ("nom", "contenu"),
    [
        ("c.geojson", "<html>404</html>"),
        ("c.shp", "pas un shapefile"),
        ("c.gpkg", ""),
        ("c.geojson", '{"type": '),
    ],
)
def test_a_file_that_is_no_boundary_is_refused(tmp_path, nom, contenu):
    (tmp_path / nom).write_text(contenu, encoding="utf-8")
    with pytest.raises(ErreurUtilisateur, match="ne se lit pas comme un fichier de contours"):
        contours(tmp_path / nom, "code")


def test_a_table_without_geometry_is_no_boundary(tmp_path):
    (tmp_path / "c.csv").write_text("code,nom\n01,A\n", encoding="utf-8")
    with pytest.raises(ErreurUtilisateur, match="aucun contour"):
        contours(tmp_path / "c.csv", "code")


def test_an_absent_file_is_told(tmp_path):
    with pytest.raises(ErreurUtilisateur, match="introuvable"):
        contours(tmp_path / "rien.gpkg", "code")


# --- Rouen -----------------------------------------------------------------------------------------


@pytest.mark.reel
@pytest.mark.skipif(not PARTAGE.exists(), reason="real public files not beside the repository")
def test_the_iris_of_rouen_are_read_and_drawn():
    formes = contours(PARTAGE / "Rouen_iris.shp", "CODE_IRIS")
    iris = pd.read_csv(PARTAGE / "Rouen_iris.csv", dtype={"iris": str})
    iris = iris.assign(territoire=iris["iris"], valeur=100 * iris["P13_POP75P"] / iris["P13_POP"])
    carte = formes.merge(iris[["territoire", "LIBIRIS", "valeur", "P13_POP75P"]], on="territoire", how="left")
    carte["territoire"] = carte["LIBIRIS"].fillna(carte["territoire"])
    graphique = choropleth(carte, Sujet("rouen", "75 ans et plus", "Source : INSEE.", "%", 1, objets="IRIS"))
    # 42 IRIS drawn, one of the boundary file unknown to the 2013 base
    assert len(graphique.donnees) == 42
    assert (graphique.donnees.iloc[:, 1] == "n. d.").sum() == 1
    lisible(graphique)
    # the municipality is about 8 km wide: the drawing, as wide as the text, says the same
    assert 6_500 < metres_par_point(graphique.figure) * LARGEUR < 9_500
    lisible(
        symboles(
            carte.assign(valeur=carte["P13_POP75P"]), Sujet("rouen2", "T", "S", "personnes", objets="IRIS")
        )
    )
