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


def test_les_classes_suivent_les_paquets_de_valeurs():
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
def test_peu_de_valeurs_font_peu_de_classes(valeurs, attendu):
    assert classes(valeurs) == attendu


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=60), st.integers(1, 5), st.integers(0, 2))
def test_chaque_classe_a_une_valeur_et_chaque_valeur_ecrite_sa_classe(valeurs, nombre, decimales):
    bornes = classes(valeurs, nombre, decimales)
    rangs = {classe(valeur, bornes, decimales) for valeur in valeurs}
    assert rangs == set(range(len(bornes) + 1))
    assert len(bornes) + 1 == min(nombre, len({round(valeur, decimales) for valeur in valeurs}))
    for bas, haut in pairwise(bornes):
        assert bas < haut
    for borne in bornes:
        assert borne == pytest.approx(round(borne, decimales)), "a bound is read as it is written"


def test_les_classes_minimisent_les_ecarts_a_la_moyenne():
    valeurs = [2.0, 2.4, 3.1, 7.7, 8.0, 8.2, 12.9, 13.5]

    def inertie(coupes):
        bouts = [0, *coupes, len(valeurs)]
        return sum(np.var(valeurs[a:b]) * (b - a) for a, b in pairwise(bouts))

    bornes = classes(valeurs, 3)
    obtenue = inertie([sum(v < borne for v in valeurs) for borne in bornes])
    assert obtenue == pytest.approx(min(inertie([a, b]) for a in range(1, 7) for b in range(a + 1, 8)))


def test_une_valeur_a_la_borne_est_dans_la_classe_du_dessus_comme_on_la_lit():
    assert classe(12.5, (12.5,), 1) == 1
    assert classe(12.46, (12.5,), 1) == 1, "written 12,5"
    assert classe(12.44, (12.5,), 1) == 0, "written 12,4"


def test_un_chiffre_fragile_ne_deplace_pas_les_classes():
    def legende(fragile: float) -> list[str]:
        tuiles = TUILES.assign(valeur=[*TUILES.valeur[:11], fragile])
        return [mot for mot, _ in textes(carte_tuiles(tuiles, SUJET).figure) if "moins de" in mot]

    assert legende(19.5) == legende(95.0)


def test_les_memes_bornes_gardent_les_memes_classes_d_une_edition_a_l_autre():
    legende = [dire(mot) for mot, _ in textes(carte_tuiles(TUILES, SUJET, bornes=(10, 20)).figure)]
    assert {"moins de 10,0 %", "de 10,0 % à moins de 20,0 %", "20,0 % ou plus"} <= set(legende)


# --- tiles -----------------------------------------------------------------------------------------


def test_la_carte_en_tuiles_dit_ou_sont_le_haut_et_le_bas():
    graphique = carte_tuiles(TUILES, SUJET, bornes=(14, 17), nord="nord en haut")
    assert dire(graphique.alt) == (
        "Carte de 12 quartiers en 3 classes ; valeur la plus élevée : Mont-Dore sud (19,6 %) ; "
        "la plus basse : Saint Louis (11,3 %). Sur la carte, Mont-Dore sud est au centre, Saint Louis est au "
        "nord-est ; classe la plus haute (17,0 % ou plus) : Robinson et Mont-Dore sud. "
        "Chiffres fragiles : 1 ; sous secret statistique : 1."
    )
    assert "↑ nord en haut" in [mot for mot, _ in textes(graphique.figure)]


def test_sans_nord_la_carte_ne_dit_pas_de_direction():
    assert "Sur la carte" not in carte_tuiles(TUILES, SUJET).alt


def test_les_douze_quartiers_sont_lisibles():
    lisible(carte_tuiles(TUILES, SUJET, nord="nord en haut"))


@pytest.mark.parametrize("colonnes", [1, 3, 12])
def test_des_noms_sans_fin_restent_dans_leur_tuile(colonnes):
    tuiles = TUILES.assign(
        territoire=[f"{LONG} {i}" for i in range(12)],
        colonne=[i % colonnes for i in range(12)],
        rangee=[i // colonnes for i in range(12)],
    )
    lisible(carte_tuiles(tuiles, SUJET))


def test_deux_tuiles_a_la_meme_place_sont_refusees():
    with pytest.raises(ErreurUtilisateur, match="Yahoué et Boulari ont la même place"):
        carte_tuiles(TUILES.assign(colonne=[0, 1, 2, 3, 0, *range(4, 11)], rangee=0), SUJET)


def test_un_chiffre_secret_ne_change_ni_les_classes_ni_le_dessin(tmp_path):
    cartes_ = [
        carte_tuiles(TUILES.assign(valeur=TUILES.valeur.mask(TUILES.statut.eq("secret"), faux)), SUJET)
        for faux in (98765.4, math.nan)
    ]
    assert cartes_[0].alt == cartes_[1].alt
    assert cartes_[0].donnees.equals(cartes_[1].donnees)
    assert octets(cartes_[0], tmp_path / "a") == octets(cartes_[1], tmp_path / "b")


def test_les_classes_se_lisent_en_gris_et_sous_leur_texte():
    clartes = [luminance(couleur) for couleur in cartes.CIVIDIS]
    for clair, sombre in pairwise(clartes):
        assert contraste_de(clair, sombre) >= 1.5, "one class from the next, lightness alone"
    for couleur in (*cartes.CIVIDIS, cartes.FOND_MUET):
        assert contraste(cartes.encre_sur(couleur), couleur) >= 4.5


def contraste_de(clair: float, sombre: float) -> float:
    return (clair + 0.05) / (sombre + 0.05)


def test_le_secret_et_le_fragile_sont_hachures():
    assert cartes._teinte(math.nan, "secret", (), 1).hachure
    assert (
        cartes._teinte(math.nan, "absent", (), 1).hachure != cartes._teinte(math.nan, "secret", (), 1).hachure
    )
    assert cartes._teinte(5.0, "fragile", (), 1).hachure
    assert not cartes._teinte(5.0, "valide", (), 1).hachure


# --- maps ------------------------------------------------------------------------------------------


def test_la_choroplethe_dit_ou_sont_le_haut_et_le_bas():
    assert dire(choropleth(damier(3), SUJET, bornes=(4,)).alt) == (
        "Carte de 9 quartiers en 2 classes ; valeur la plus élevée : Case 2-2 (8,0 %) ; la plus basse : "
        "Case 0-0 (0,0 %). Sur la carte, Case 2-2 est au nord-est, Case 0-0 est au sud-ouest ; "
        "classe la plus haute (4,0 % ou plus) : Case 1-1, Case 2-1, Case 0-2 et 2 autres."
    )


@pytest.mark.parametrize("dessiner", [choropleth, symboles])
@pytest.mark.parametrize("cote", [2, 7])
def test_les_cartes_sont_lisibles_meme_pleines(dessiner, cote):
    lisible(dessiner(damier(cote), SUJET))


def test_des_extremes_voisins_aux_longs_noms_ne_se_recouvrent_pas():
    carte = damier(6)
    carte.loc[14, ["territoire", "valeur"]] = [LONG, 99.0]
    carte.loc[15, ["territoire", "valeur"]] = [f"{LONG} bis", -9.0]
    lisible(choropleth(carte, SUJET))


def test_deux_extremes_voisins_au_bord_ne_prennent_pas_la_meme_place():
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


def test_la_barre_d_echelle_est_vraie():
    # ten squares of 1 km, 300 points high at most: 10 000 / 300 metres a point
    assert metres_par_point(choropleth(damier(10), SUJET).figure) == pytest.approx(10_000 / 300)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857"])
def test_toute_projection_donne_la_meme_carte(crs):
    sur_place = damier(10, "EPSG:32758").translate(600_000, 7_500_000)
    carte = damier(10, "EPSG:32758").set_geometry(sur_place)
    autre = choropleth(carte.to_crs(crs), SUJET)
    assert metres_par_point(autre.figure) == pytest.approx(
        metres_par_point(choropleth(carte, SUJET).figure), rel=1e-3
    )
    assert autre.alt == choropleth(carte, SUJET).alt


def test_des_contours_sans_projection_sont_refuses():
    with pytest.raises(ErreurUtilisateur, match="système de coordonnées"):
        choropleth(damier(2).set_crs(None, allow_override=True), SUJET)


def test_la_surface_d_un_cercle_est_proportionnelle_a_l_effectif():
    carte = damier(2).assign(valeur=[100.0, 400.0, 25.0, 100.0])
    cercles = [a for a in symboles(carte, SUJET).figure.artists if isinstance(a, Circle)]
    # drawn from the largest: 400, 100, 100, 25, whose radii go as 20, 10, 10, 5; then the three of the scale
    rayons = [cercle.radius for cercle in cercles[:4]]
    assert [rayon / rayons[-1] for rayon in rayons] == pytest.approx([4, 2, 2, 1])


def test_un_effectif_negatif_n_a_pas_de_cercle():
    with pytest.raises(ValueError, match="négative"):
        symboles(damier(2).assign(valeur=-1.0), SUJET)


def test_rien_que_des_secrets_se_dessine_quand_meme(tmp_path):
    cache = damier(2).assign(statut="secret")
    assert dire(symboles(cache, SUJET).alt) == (
        "Carte de 4 quartiers en cercles proportionnels. Sous secret statistique : 4."
    )
    assert (
        dire(choropleth(cache, SUJET).alt) == "Carte de 4 quartiers en 1 classe. Sous secret statistique : 4."
    )


def test_un_effectif_secret_n_a_pas_de_taille(tmp_path):
    cartes_ = [
        symboles(damier(2).assign(valeur=[1.0, 2, 3, v], statut=["valide"] * 3 + ["secret"]), SUJET)
        for v in (98765.4, math.nan)
    ]
    assert octets(cartes_[0], tmp_path / "a") == octets(cartes_[1], tmp_path / "b")


def test_une_carte_donne_deux_fois_les_memes_octets(tmp_path):
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
def test_situer(x, y, lieu):
    assert situer(x, y, (0, 0, 3, 3)) == lieu


def test_situer_dans_un_cadre_sans_epaisseur():
    assert situer(0, 0, (0, 0, 0, 0)) == "au sud-ouest"


# --- boundary files --------------------------------------------------------------------------------


def geojson(chemin: Path, *entites: tuple[object, dict | None]) -> Path:
    corps = [{"type": "Feature", "properties": {"code": code}, "geometry": forme} for code, forme in entites]
    chemin.write_text(json.dumps({"type": "FeatureCollection", "features": corps}), encoding="utf-8")
    return chemin


def carre(x: float) -> dict:
    return {"type": "Polygon", "coordinates": [[[x, 0], [x + 1, 0], [x + 1, 1], [x, 1], [x, 0]]]}


@pytest.mark.parametrize("nom", ["c.gpkg", "c.geojson", "c.shp"])
def test_les_trois_formats_se_lisent(tmp_path, nom):
    damier(3, "EPSG:2154").rename(columns={"territoire": "code"}).to_file(tmp_path / nom)
    lus = contours(tmp_path / nom, "code")
    assert list(lus.columns) == ["territoire", "geometry"]
    assert sorted(lus["territoire"]) == sorted(damier(3)["territoire"])
    assert lus.to_crs("EPSG:2154").area.sum() == pytest.approx(9e6, rel=1e-3)


def test_les_morceaux_d_un_meme_code_font_un_territoire(tmp_path):
    fichier = geojson(tmp_path / "iles.geojson", ("01", carre(0)), ("01", carre(5)), ("02", carre(1)))
    lus = contours(fichier, "code").set_index("territoire")
    assert lus.geometry["01"].area == pytest.approx(2)


def test_un_code_numerique_devient_du_texte(tmp_path):
    fichier = geojson(tmp_path / "c.geojson", (76540, carre(0)), (76541, carre(1)))
    assert list(contours(fichier, "code")["territoire"]) == ["76540", "76541"]


def test_un_contour_croise_est_repare(tmp_path):
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
def test_un_contour_inutilisable_est_nomme(tmp_path, entites, message):
    with pytest.raises(ErreurUtilisateur) as erreur:
        contours(geojson(tmp_path / "c.geojson", *entites, ("99", carre(3))), "code")
    assert message in str(erreur.value)
    assert str(erreur.value).startswith("c.geojson")


def test_une_colonne_absente_est_dite_avec_celles_qui_sont_la(tmp_path):
    with pytest.raises(ErreurUtilisateur, match=r"pas de colonne « iris » \(colonnes lues : code\)"):
        contours(geojson(tmp_path / "c.geojson", ("01", carre(0))), "iris")


@pytest.mark.parametrize("manquant", [".shx", ".prj"])
def test_un_shapefile_ampute_est_refuse(tmp_path, manquant):
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
def test_un_fichier_qui_n_est_pas_un_contour_est_refuse(tmp_path, nom, contenu):
    (tmp_path / nom).write_text(contenu, encoding="utf-8")
    with pytest.raises(ErreurUtilisateur, match="ne se lit pas comme un fichier de contours"):
        contours(tmp_path / nom, "code")


def test_une_table_sans_geometrie_n_est_pas_un_contour(tmp_path):
    (tmp_path / "c.csv").write_text("code,nom\n01,A\n", encoding="utf-8")
    with pytest.raises(ErreurUtilisateur, match="aucun contour"):
        contours(tmp_path / "c.csv", "code")


def test_un_fichier_absent_est_dit(tmp_path):
    with pytest.raises(ErreurUtilisateur, match="introuvable"):
        contours(tmp_path / "rien.gpkg", "code")


# --- Rouen -----------------------------------------------------------------------------------------


@pytest.mark.reel
@pytest.mark.skipif(not PARTAGE.exists(), reason="real public files not beside the repository")
def test_les_iris_de_rouen():
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
