"""Maps of the report: tiles, choropleths, proportional circles, and the reading of boundary files.

In: small frames (`territoire`, `valeur`, optional `statut`) with a place: `colonne` and `rangee` of a tile,
or a geometry. Out: `Graphique`, as the charts. Shares and rates go on tiles and choropleths, counts on
circles. Classes are few, exact one-dimensional k-means (Jenks's criterion), and can be given again next
year so that two editions compare. What is hidden is hatched, never coloured.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Circle, PathPatch
from matplotlib.path import Path as Trace

from pipeline.model import ErreurUtilisateur, Statut
from pipeline.report.charts import Graphique, Sujet
from pipeline.report.charts.drawing import (
    ACCENT,
    ENCRE,
    FILET,
    GRIS,
    LARGEUR,
    PETIT,
    TAILLE,
    TRAIT,
    Symbole,
    encombrement,
    encre_sur,
    feuille,
    largeur,
    legende,
    pastille,
    poser,
    rectangle,
    repere_point,
    replier,
    texte,
    trait,
)
from pipeline.report.charts.subject import (
    abreger,
    compter,
    etiquette,
    extremes,
    graphique,
    phrase,
    preparer,
    reserves,
    tableau_simple,
)

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

# Cividis (Nuñez, Anderton and Renslow, 2018), from light (low) to dark (high): lightness alone tells the
# class, in grey print as for a colour-blind reader. Five steps, each readable under black or white text.
CIVIDIS = tuple(to_hex(colormaps["cividis"](place)) for place in (0.98, 0.79, 0.59, 0.33, 0.0))
FOND_MUET = "#F1F3F5"
HACHURE_FRAGILE = "\\\\\\"


def classes(valeurs: Sequence[float], nombre: int = 5, decimales: int = 1) -> tuple[float, ...]:
    """Inner bounds of at most `nombre` classes of values, as they are written (rounded to `decimales`).

    Exact one-dimensional k-means (Wang and Song, 2011; Grønlund et al., 2017). A bound belongs to the class
    above: « moins de 12,5 », « 12,5 ou plus ». Missing values are left out; few distinct values, few classes.
    """
    import kmeans1d

    ecrites = sorted(round(float(v), decimales) for v in valeurs if not math.isnan(v))
    combien = min(nombre, len(set(ecrites)))
    if combien < 2:
        return ()
    groupes, _ = kmeans1d.cluster(ecrites, combien)
    sauts = [(ecrites[i], ecrites[i + 1]) for i in range(len(groupes) - 1) if groupes[i] != groupes[i + 1]]
    pas = 10**decimales
    return tuple(math.ceil(round((bas + haut) / 2 * pas, 6)) / pas for bas, haut in sauts)


def bornes_par_defaut(rangs: pd.DataFrame, sujet: Sujet) -> tuple[float, ...]:
    """Classes of the valid values: a fragile one draws no line between territories."""
    return classes(rangs.loc[rangs["statut"] == Statut.VALIDE, "valeur"], 5, sujet.decimales)


def classe(valeur: float, bornes: Sequence[float], decimales: int) -> int:
    """Rank of the class of a value, 0 the lowest, by the value as it is written."""
    return int(np.searchsorted(bornes, round(valeur, decimales), side="right"))


def _couleurs(bornes: Sequence[float]) -> list[str]:
    """One colour a class, the extremes of cividis whatever their number."""
    indices = np.linspace(0, len(CIVIDIS) - 1, len(bornes) + 1).round().astype(int)
    return [CIVIDIS[i] for i in indices]


def _intitules(bornes: Sequence[float], sujet: Sujet) -> list[str]:
    """« moins de 10,5 % », « de 10,5 % à moins de 12,9 % », « 12,9 % ou plus »."""
    if not bornes:
        return ["toutes les valeurs"]
    dits = [sujet.chiffre(borne) for borne in bornes]
    milieux = [f"de {bas} à moins de {haut}" for bas, haut in pairwise(dits)]
    return [f"moins de {dits[0]}", *milieux, f"{dits[-1]} ou plus"]


@dataclass(frozen=True)
class Teinte:
    """How a territory is painted, and the ink that is read on it."""

    fond: str
    hachure: str = ""
    trame: str = "white"

    @property
    def encre(self) -> str:
        """Black or white."""
        return encre_sur(self.fond)


def _teinte(valeur: float, statut: str, bornes: Sequence[float], decimales: int) -> Teinte:
    """Colour of the class; hatched when fragile; grey hatched when secret, dotted when there is nothing."""
    if math.isnan(valeur):
        return Teinte(FOND_MUET, "////" if statut == Statut.SECRET else "..", TRAIT)
    fond = _couleurs(bornes)[classe(valeur, bornes, decimales)]
    trame = _trame(fond)
    return Teinte(fond, HACHURE_FRAGILE if statut == Statut.FRAGILE else "", trame)


def _trame(fond: str) -> str:
    """Ink of a hatch that is seen on a colour without shouting."""
    return to_hex((np.array(to_rgb(fond)) + np.array(to_rgb(encre_sur(fond)))) / 2)


def _cles(rangs: pd.DataFrame, bornes: Sequence[float], sujet: Sujet) -> list[tuple[Symbole, str]]:
    """Keys of the classes in order, then of the hatches that are on the map."""
    cles = [
        (pastille(couleur, bord=TRAIT), nom)
        for couleur, nom in zip(_couleurs(bornes), _intitules(bornes, sujet), strict=True)
    ]
    if (rangs["statut"] == Statut.FRAGILE).any():
        cles.append((pastille("white", HACHURE_FRAGILE, GRIS, TRAIT), "fragile"))
    for statut in (Statut.SECRET, Statut.ABSENT, Statut.NON_COMPARABLE):
        if (rangs["statut"] == statut).any():
            teinte = _teinte(math.nan, statut, bornes, 0)
            cles.append((pastille(teinte.fond, teinte.hachure, teinte.trame, TRAIT), _MOTS[statut]))
    return cles


_MOTS = {
    Statut.SECRET: "secret statistique",
    Statut.ABSENT: "non disponible",
    Statut.NON_COMPARABLE: "non comparable",
}


def situer(x: float, y: float, cadre: tuple[float, float, float, float]) -> str:
    """Where a place is in `cadre` (west, south, east, north): « au nord-ouest », « à l'est »."""
    ouest, sud, est, nord = cadre
    tiers_x = min(2, int(3 * (x - ouest) / ((est - ouest) or 1)))
    tiers_y = min(2, int(3 * (y - sud) / ((nord - sud) or 1)))
    return (
        ("au sud-ouest", "au sud", "au sud-est"),
        ("à l'ouest", "au centre", "à l'est"),
        ("au nord-ouest", "au nord", "au nord-est"),
    )[tiers_y][tiers_x]


def _alt(rangs: pd.DataFrame, bornes: Sequence[float], sujet: Sujet) -> list[str]:
    """How many rows and classes, the extremes and where they are, who is in the highest class."""
    debut = f"carte de {compter(len(rangs), sujet.objets)} en {compter(len(bornes) + 1, 'classes')}"
    solides = rangs[rangs["statut"] == Statut.VALIDE]
    premiers = ""
    if bornes:
        hauts = solides[solides["valeur"].map(lambda v: classe(v, bornes, sujet.decimales)) == len(bornes)]
        noms = abreger(list(hauts["territoire"])) or "aucun"
        premiers = f"classe la plus haute ({_intitules(bornes, sujet)[-1]}) : {noms}"
    return [
        phrase(debut, extremes(rangs, sujet)),
        phrase(_lieux(rangs), premiers),
        phrase(reserves(rangs)),
    ]


def _lieux(rangs: pd.DataFrame) -> str:
    """Where the highest and the lowest are, when the map has directions."""
    solides = rangs[rangs["statut"] == Statut.VALIDE]
    if solides["valeur"].nunique() < 2 or "lieu" not in rangs:
        return ""
    haut, bas = solides.loc[solides["valeur"].idxmax()], solides.loc[solides["valeur"].idxmin()]
    if haut["lieu"] == bas["lieu"]:
        return f"sur la carte, {haut['territoire']} et {bas['territoire']} sont {haut['lieu']}"
    return f"sur la carte, {haut['territoire']} est {haut['lieu']}, {bas['territoire']} est {bas['lieu']}"


# --- tiles -----------------------------------------------------------------------------------------


def carte_tuiles(
    tuiles: pd.DataFrame, sujet: Sujet, *, bornes: Sequence[float] | None = None, nord: str = ""
) -> Graphique:
    """One tile a territory, at its `colonne` and `rangee` (0, 0 at the top left), with name and value.

    `bornes`: inner bounds of the classes, those of `classes` by default. `nord` is the mention drawn on
    top (« nord en haut »); the alt text then says where the extremes are.
    """
    rangs = preparer(tuiles)
    _verifier_places(rangs)
    bornes = bornes_par_defaut(rangs, sujet) if bornes is None else tuple(bornes)
    colonnes, rangees = int(rangs["colonne"].max()) + 1, int(rangs["rangee"].max()) + 1
    large = min(92.0, LARGEUR / colonnes)
    taille, noms = _noms_de_tuiles(list(rangs["territoire"]), large - 9)
    haut = 22 + taille * 1.22 * (1 + max(nom.count("\n") for nom in noms))
    cles = legende(_cles(rangs, bornes, sujet))
    mention = "   ".join(m for m in (f"↑ {nord}" if nord else "", sujet.unite_longue) if m)
    tete = 14 if mention else 0
    sommet = tete + rangees * haut + 6 + cles.hauteur
    figure = feuille(sujet, sommet)
    texte(figure, 0, sommet - 6, mention, taille=PETIT, couleur=GRIS)
    gauche = (LARGEUR - colonnes * large) / 2
    for nom, rang in zip(noms, rangs.itertuples(), strict=True):
        coin = (gauche + rang.colonne * large, sommet - tete - (rang.rangee + 1) * haut)
        _tuile(figure, (*coin, large - 3, haut - 3), rang, (nom, taille), bornes, sujet)
    cles.dessiner(figure, 1, cles.hauteur)
    if nord:
        cadre = (0, 1 - rangees, colonnes - 1, 0)
        rangs["lieu"] = [situer(c, -r, cadre) for c, r in zip(rangs["colonne"], rangs["rangee"], strict=True)]
    return graphique(sujet, figure, tableau_simple(rangs, sujet), *_alt(rangs, bornes, sujet))


def _verifier_places(rangs: pd.DataFrame) -> None:
    """Refuse two tiles in one place."""
    doubles = rangs[rangs.duplicated(["colonne", "rangee"], keep=False)]
    if len(doubles):
        noms = abreger(list(doubles["territoire"]))
        raise ErreurUtilisateur(
            f"Carte en tuiles : {noms} ont la même place ; "
            "donner à chaque territoire sa colonne et sa rangée."
        )


def _noms_de_tuiles(noms: Sequence[str], large: float) -> tuple[float, list[str]]:
    """The largest size at which every name holds in three lines, and the names on their lines."""
    for taille in (TAILLE, 7.5, PETIT, 6.5, 6.0):
        plies = [replier(nom, large, taille) for nom in noms]
        if all(nom.count("\n") < 3 and encombrement(nom, taille) <= large for nom in plies):
            return taille, plies
    return taille, [
        "\n".join(_tronquer(ligne, large, taille) for ligne in nom.split("\n")[:3]) for nom in plies
    ]


def _tronquer(ligne: str, large: float, taille: float) -> str:
    """Cut a word that no size makes fit."""
    while largeur(ligne, taille) > large:
        ligne = ligne.rstrip("…")[:-1] + "…"
    return ligne


def _tuile(
    figure: Figure,
    place: tuple[float, float, float, float],
    rang: object,
    nom: tuple[str, float],
    bornes: Sequence[float],
    sujet: Sujet,
) -> None:
    """A tile (west, south, width, height), its name above at the given size, its value below."""
    x, y, large, haut = place
    libelle, taille = nom
    teinte = _teinte(rang.valeur, rang.statut, bornes, sujet.decimales)
    bord = TRAIT if teinte.fond == FOND_MUET else ""
    rectangle(figure, *place, fond=teinte.fond, hachure=teinte.hachure, encre=teinte.trame, bord=bord)
    options = {"couleur": teinte.encre, "fond": teinte.fond if teinte.hachure else "", "ha": "center"}
    texte(figure, x + large / 2, y + (haut + 13) / 2, libelle, taille=taille, **options)
    valeur = etiquette(rang.valeur, rang.statut, sujet)
    texte(figure, x + large / 2, y + 8.5, valeur, gras=True, **options)


# --- boundaries ------------------------------------------------------------------------------------


def contours(chemin: Path, cle: str) -> GeoDataFrame:
    """Read a boundary file (GeoPackage, GeoJSON, shapefile): columns `territoire` (text) and `geometry`.

    `cle` names the column of the territory's code; the parts of a code are put together, broken rings are
    mended. `ErreurUtilisateur` when the file, its coordinate system, the column or the polygons lack.
    """
    lus = _lire_contours(chemin)
    if lus.crs is None:
        raise ErreurUtilisateur(
            f"{chemin.name} ne dit pas son système de coordonnées : joindre le fichier .prj, "
            "ou exporter les contours en GeoPackage."
        )
    if cle not in lus:
        connues = ", ".join(lus.columns.drop("geometry")) or "aucune"
        raise ErreurUtilisateur(
            f"{chemin.name} n'a pas de colonne « {cle} » (colonnes lues : {connues}) : corriger l'édition."
        )
    return _assembler(lus, chemin, cle)


def _lire_contours(chemin: Path) -> GeoDataFrame:
    """The file as its driver reads it."""
    import geopandas

    if not chemin.exists():
        raise ErreurUtilisateur(
            f"Fichier de contours introuvable : {chemin} ; le déposer ou corriger l'édition."
        )
    try:
        lus = geopandas.read_file(chemin)
    except Exception as erreur:
        raise ErreurUtilisateur(
            f"{chemin.name} ne se lit pas comme un fichier de contours (GeoPackage, GeoJSON ou shapefile "
            "avec ses fichiers .shx, .dbf et .prj) : demander une nouvelle copie à qui l'a fourni."
        ) from erreur
    if "geometry" not in lus:
        raise ErreurUtilisateur(f"{chemin.name} ne contient aucun contour : il faut des polygones.")
    return lus


def _assembler(lus: GeoDataFrame, chemin: Path, cle: str) -> GeoDataFrame:
    """One row a code, its polygons mended and put together."""
    codes = lus[cle]
    for code, forme in zip(codes, lus.geometry, strict=True):
        if pd.isna(code) or str(code).strip() == "":
            raise ErreurUtilisateur(f"{chemin.name} : un contour n'a pas de code dans la colonne « {cle} ».")
        if forme is None or forme.is_empty or not forme.geom_type.endswith("Polygon"):
            nature = "vide" if forme is None or forme.is_empty else forme.geom_type
            raise ErreurUtilisateur(
                f"{chemin.name} : le contour de « {code} » n'est pas un polygone ({nature}) ; le corriger."
            )
    propres = lus.assign(territoire=codes.astype(str).str.strip(), geometry=lus.geometry.make_valid())
    return propres[["territoire", "geometry"]].dissolve(by="territoire", as_index=False)


# --- maps ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fond:
    """Outlines ready to draw, in points, and the metres that a point stands for."""

    traces: tuple[Trace, ...]
    ancres: tuple[tuple[float, float], ...]
    cadre: tuple[float, float, float, float]
    metres: float


HAUTEUR_CARTE = 300.0


def _projeter(geometries: GeoDataFrame) -> GeoDataFrame:
    """The same in metres: kept if it is, in the local UTM zone if not (degrees, web Mercator, feet)."""
    crs = geometries.crs
    if crs is None:
        raise ErreurUtilisateur("Contours sans système de coordonnées : joindre le fichier .prj.")
    metrique = crs.is_projected and crs.axis_info[0].unit_name == "metre" and crs.to_epsg() != 3857
    return geometries if metrique else geometries.to_crs(geometries.estimate_utm_crs())


def _fond(geometries: GeoDataFrame, bas: float) -> Fond:
    """Fit the outlines in the width of the text, `HAUTEUR_CARTE` high at most, above `bas`.

    Outlines are simplified together (shared borders stay shared) to a fifth of a point.
    """
    import shapely

    projetees = _projeter(geometries)
    ouest, sud, est, nord = projetees.total_bounds
    metres = max((est - ouest) / (LARGEUR - 4), (nord - sud) / HAUTEUR_CARTE)
    gauche = (LARGEUR - (est - ouest) / metres) / 2
    decalage = np.array([ouest, sud]) - np.array([gauche, bas]) * metres
    formes = shapely.coverage_simplify(projetees.geometry.to_numpy(), 0.2 * metres)
    points = shapely.get_coordinates(shapely.point_on_surface(projetees.geometry.to_numpy()))
    haut = bas + (nord - sud) / metres
    return Fond(
        tuple(_trace(forme, decalage, metres) for forme in formes),
        tuple(map(tuple, (points - decalage) / metres)),
        (gauche, bas, LARGEUR - gauche, haut),
        metres,
    )


def _trace(forme: object, decalage: np.ndarray, metres: float) -> Trace:
    """The rings of a (multi)polygon as one path, in points."""
    import shapely

    anneaux = shapely.get_rings(forme)
    sommets = [(shapely.get_coordinates(anneau) - decalage) / metres for anneau in anneaux]
    codes = [[Trace.MOVETO, *[Trace.LINETO] * (len(s) - 2), Trace.CLOSEPOLY] for s in sommets]
    return Trace(np.concatenate(sommets), np.concatenate(codes))


def choropleth(geometries: GeoDataFrame, sujet: Sujet, *, bornes: Sequence[float] | None = None) -> Graphique:
    """Territories coloured by class of a share, a rate or a mean (never a count: see `symboles`).

    GeoDataFrame: `territoire`, `valeur`, optional `statut`, polygons in any coordinate system. `bornes`
    as for `carte_tuiles`. The highest and the lowest are named on the map.
    """
    rangs = preparer(pd.DataFrame(geometries.drop(columns=geometries.geometry.name)))
    bornes = bornes_par_defaut(rangs, sujet) if bornes is None else tuple(bornes)
    cles = legende(_cles(rangs, bornes, sujet))
    fond = _fond(geometries, cles.hauteur + 22)
    sommet = fond.cadre[3] + 2 + (14 if sujet.unite_longue else 0)
    figure = feuille(sujet, sommet)
    texte(figure, 0, sommet - 6, sujet.unite_longue, taille=PETIT, couleur=GRIS)
    for trace, rang in zip(fond.traces, rangs.itertuples(), strict=True):
        _peindre(figure, trace, _teinte(rang.valeur, rang.statut, bornes, sujet.decimales))
    rangs["lieu"] = [situer(x, y, fond.cadre) for x, y in fond.ancres]
    _nommer_extremes(figure, rangs, fond, sujet)
    _echelle_et_nord(figure, fond, cles.hauteur + 8)
    cles.dessiner(figure, 1, cles.hauteur)
    return graphique(sujet, figure, tableau_simple(rangs, sujet), *_alt(rangs, bornes, sujet))


def _peindre(figure: Figure, trace: Trace, teinte: Teinte) -> None:
    """One territory: its colour, its hatch, its border."""
    poser(figure, PathPatch(trace, facecolor=teinte.fond, edgecolor="white", linewidth=0.5, zorder=1))
    if teinte.hachure:
        options = {
            "facecolor": "none",
            "linewidth": 0,
            "hatch": teinte.hachure,
            "hatch_linewidth": 0.8,
            "zorder": 1.5,
        }
        poser(figure, PathPatch(trace, edgecolor=teinte.trame, **options))
        poser(figure, PathPatch(trace, facecolor="none", edgecolor=TRAIT, linewidth=0.5, zorder=1.6))


def _nommer_extremes(figure: Figure, rangs: pd.DataFrame, fond: Fond, sujet: Sujet) -> None:
    """A mark on the highest (▲) and the lowest (▼) territory, joined to its name and value outside."""
    solides = rangs[rangs["statut"] == Statut.VALIDE]
    if solides["valeur"].nunique() < 2:
        return
    choix = (("^", solides["valeur"].idxmax()), ("v", solides["valeur"].idxmin()))
    mots = [
        f"{replier(rangs.at[i, 'territoire'], 110, PETIT, True)}\n{sujet.chiffre(rangs.at[i, 'valeur'])}"
        for _, i in choix
    ]
    ancres = [fond.ancres[i] for _, i in choix]
    tailles = [(encombrement(mot, PETIT, True) + 4, 9.0 * (1 + mot.count("\n")) + 3) for mot in mots]
    for (forme, _), mot, (x, y), boite in zip(
        choix, mots, ancres, _placer_etiquettes(ancres, tailles, fond), strict=True
    ):
        ouest, sud, est, nord = boite
        bout = (min(max(x, ouest), est), min(max(y, sud), nord))
        for couleur, epaisseur in (("white", 2.4), ("black", 0.8)):
            trait(figure, [x, bout[0]], [y, bout[1]], color=couleur, linewidth=epaisseur, zorder=3.5)
        options = {"linestyle": "none", "marker": forme, "markersize": 7, "markeredgecolor": "white"}
        trait(figure, [x], [y], **options, markerfacecolor="black", markeredgewidth=0.8, zorder=4)
        milieu = ((ouest + est) / 2, (sud + nord) / 2)
        texte(figure, *milieu, mot, taille=PETIT, couleur="black", gras=True, fond="white", ha="center")


def _placer_etiquettes(
    ancres: Sequence[tuple[float, float]], tailles: Sequence[tuple[float, float]], fond: Fond
) -> list[tuple[float, float, float, float]]:
    """A box for each label (west, south, east, north), near its mark, clear of marks and other labels.

    A place off the map is preferred; a map that leaves none has the label on it.
    """
    import shapely

    terre = shapely.union_all([shapely.polygons(p) for t in fond.traces for p in t.to_polygons()])
    shapely.prepare(terre)
    pris = shapely.MultiPoint(ancres).buffer(6)
    places: list[tuple[float, float, float, float]] = []
    for ancre, (large, haut) in zip(ancres, tailles, strict=True):
        xs, ys = np.meshgrid(
            np.arange(0, LARGEUR - large + 1, 6), np.arange(fond.cadre[1], fond.cadre[3] - haut + 1, 6)
        )
        boites = shapely.box(xs, ys, xs + large, ys + haut).ravel()
        cout = shapely.distance(shapely.Point(ancre), boites) + LARGEUR * shapely.intersects(terre, boites)
        meilleure = boites[np.where(shapely.intersects(pris, boites), np.inf, cout).argmin()]
        pris = pris.union(meilleure.buffer(4))
        places.append(tuple(map(float, meilleure.bounds)))
    return places


def _echelle_et_nord(figure: Figure, fond: Fond, y: float) -> None:
    """A round distance under the map, at most a quarter of the width; north is up."""
    limite = fond.metres * LARGEUR / 4
    puissance = 10 ** math.floor(math.log10(limite))
    distance = max(m * puissance for m in (1, 2, 5) if m * puissance <= limite)
    longueur = distance / fond.metres
    trait(figure, [1, 1, 1 + longueur, 1 + longueur], [y + 3, y, y, y + 3], color=ENCRE, linewidth=1)
    dit = f"{distance / 1000:.0f} km" if distance >= 1000 else f"{distance:.0f} m"
    texte(figure, longueur + 6, y + 1, f"{dit}   ↑ nord", taille=PETIT, couleur=GRIS)


# --- counts ----------------------------------------------------------------------------------------


def symboles(geometries: GeoDataFrame, sujet: Sujet) -> Graphique:
    """Circles whose area is proportional to a count, on the outlines of the territories.

    Same GeoDataFrame as `choropleth`. A hidden count is a cross, a fragile one an empty circle.
    """
    rangs = preparer(pd.DataFrame(geometries.drop(columns=geometries.geometry.name)))
    if (rangs["valeur"] < 0).any():
        raise ValueError("symboles : une valeur négative n'a pas de cercle")
    cles = legende(_cles_symboles(rangs))
    fond = _fond(geometries, cles.hauteur + 2 * RAYON + 10)
    sommet = fond.cadre[3] + 2 + (14 if sujet.unite_longue else 0)
    figure = feuille(sujet, sommet)
    texte(figure, 0, sommet - 6, sujet.unite_longue, taille=PETIT, couleur=GRIS)
    for trace in fond.traces:
        _peindre(figure, trace, Teinte(FILET))
    maximum = float(np.nanmax([0, *rangs["valeur"]])) or 1.0
    for i in rangs["valeur"].sort_values(ascending=False, na_position="last").index:
        _cercle(figure, fond.ancres[i], rangs.loc[i], maximum)
    rangs["lieu"] = [situer(x, y, fond.cadre) for x, y in fond.ancres]
    _nommer_extremes(figure, rangs, fond, sujet)
    _echelle_et_nord(figure, fond, cles.hauteur + RAYON)
    _echelle_des_cercles(figure, maximum, cles.hauteur + RAYON, sujet)
    cles.dessiner(figure, 1, cles.hauteur)
    return graphique(sujet, figure, tableau_simple(rangs, sujet), *_alt_symboles(rangs, sujet))


RAYON = 17.0


def _rayon(valeur: float, maximum: float) -> float:
    """Radius of a circle whose area is proportional to the value."""
    return RAYON * math.sqrt(valeur / maximum)


def _cercle(figure: Figure, centre: tuple[float, float], rang: pd.Series, maximum: float) -> None:
    """A circle, or a cross where the count is hidden."""
    if math.isnan(rang["valeur"]):
        trait(
            figure,
            [centre[0]],
            [centre[1]],
            linestyle="none",
            marker="x",
            markersize=4,
            color=ENCRE,
            zorder=3,
        )
        return
    fragile = rang["statut"] == Statut.FRAGILE
    fond, bord = ("white", ACCENT) if fragile else (ACCENT, "white")
    cercle = Circle(centre, _rayon(rang["valeur"], maximum), facecolor=fond, edgecolor=bord, linewidth=0.8)
    cercle.set(alpha=0.85, zorder=2.5)
    poser(figure, cercle)


def _echelle_des_cercles(figure: Figure, maximum: float, y: float, sujet: Sujet) -> None:
    """Three round counts and their circles, from the right."""
    puissance = 10 ** math.floor(math.log10(maximum))
    grand = max(m * puissance for m in (1, 2, 4, 5) if m * puissance <= maximum)
    x = LARGEUR
    for valeur in (grand, grand / 4, grand / 20):
        mot, rayon = sujet.chiffre(valeur), _rayon(valeur, maximum)
        x -= largeur(mot, PETIT)
        texte(figure, x, y, mot, taille=PETIT)
        poser(figure, Circle((x - 5 - rayon, y), rayon, facecolor=ACCENT, edgecolor="white", linewidth=0.8))
        x -= 2 * rayon + 17


def _cles_symboles(rangs: pd.DataFrame) -> list[tuple[Symbole, str]]:
    """Keys of the empty circle and of the crosses that are on the map."""
    cles = (
        [(repere_point(ACCENT, creux=True), "fragile")] if (rangs["statut"] == Statut.FRAGILE).any() else []
    )
    muets = [mot for statut, mot in _MOTS.items() if (rangs["statut"] == statut).any()]
    return [*cles, (repere_point(ENCRE, "x"), " ou ".join(muets))] if muets else cles


def _alt_symboles(rangs: pd.DataFrame, sujet: Sujet) -> list[str]:
    """How many rows, and the extremes with their places."""
    debut = f"carte de {compter(len(rangs), sujet.objets)} en cercles proportionnels"
    return [phrase(debut, extremes(rangs, sujet)), phrase(_lieux(rangs)), phrase(reserves(rangs))]
