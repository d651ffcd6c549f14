"""Marks, words, scales and keys, placed in points from the bottom left corner of a sheet.

In: a matplotlib `Figure`, places, texts. Out: artists added to it; each label is measured once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from matplotlib.artist import Artist
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Affine2D, Transform

from pipeline.report.charts.subject import MUETS, Sujet
from pipeline.report.nombres import avec_unite

LARGEUR = 16 / 2.54 * 72
TAILLE = 8.0
PETIT = 7.0
INTERLIGNE = 1.22

ACCENT = "#0B5563"
ENCRE = "#1F2933"
GRIS = "#5F6B76"
TRAIT = "#8A949E"
FILET = "#DDE2E6"
ALERTE = "#A33B00"
# Okabe and Ito (2008), ordered so that neighbours differ in lightness; the hatch tells them apart in grey.
OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#F0E442", "#D55E00", "#56B4E9", "#CC79A7")
HACHURES = ("", "////", "", "", "\\\\\\\\", "", "xxxx")
FORMES = ("o", "s", "^", "D", "v", "P", "X", "h")
TIRETS = ("-", (0, (5, 1.5)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)))


def feuille(sujet: Sujet, hauteur: float) -> Figure:
    """A blank drawing `LARGEUR` × `hauteur` points; fictional data add a strip on top that says so."""
    bandeau = 17 if sujet.fictif else 0
    figure = Figure(figsize=(LARGEUR / 72, (hauteur + bandeau) / 72), facecolor="white")
    if sujet.fictif:
        mention = "Données fictives"
        large = largeur(mention, TAILLE, True) + 12
        rectangle(figure, LARGEUR - large - 1, hauteur + 2, large, 14, fond="white", bord=ALERTE)
        texte(figure, LARGEUR - 1 - large / 2, hauteur + 9, mention, couleur=ALERTE, gras=True, ha="center")
    return figure


def _points(figure: Figure) -> Transform:
    """From points to pixels, at whatever resolution the drawing is written."""
    return Affine2D().scale(1 / 72) + figure.dpi_scale_trans


def poser(figure: Figure, artiste: Artist) -> None:
    """Add an artist given in points."""
    artiste.set_transform(_points(figure))
    figure.add_artist(artiste)


@lru_cache(maxsize=64)
def police(taille: float, gras: bool = False) -> FontProperties:
    """The font that matplotlib ships, so that every machine draws the same."""
    return FontProperties(family="DejaVu Sans", size=taille, weight="bold" if gras else "normal")


@lru_cache(maxsize=8192)
def largeur(contenu: str, taille: float = TAILLE, gras: bool = False) -> float:
    """Width of a line of text, in points; hinting widens a bitmap by up to 2 %."""
    return 1.02 * text_to_path.get_text_width_height_descent(contenu, police(taille, gras), ismath=False)[0]


def texte(
    figure: Figure,
    x: float,
    y: float,
    contenu: str,
    *,
    taille: float = TAILLE,
    couleur: str = ENCRE,
    gras: bool = False,
    ha: str = "left",
    fond: str = "",
) -> None:
    """Write lines centred on `y` by their capitals, so that neighbours sit on the same line."""
    lignes = contenu.split("\n") if contenu else []
    pas = taille * INTERLIGNE
    base = y + pas * (len(lignes) - 1) / 2 - 0.365 * taille
    aspect = {"color": couleur, "fontproperties": police(taille, gras), "parse_math": False, "zorder": 5}
    if fond:
        aspect["bbox"] = {"facecolor": fond, "edgecolor": "none", "pad": 1.0}
    for rang, ligne in enumerate(lignes):
        poser(figure, Text(x, base - pas * rang, ligne, ha=ha, va="baseline", **aspect))


def trait(figure: Figure, xs: Sequence[float], ys: Sequence[float], **options: object) -> None:
    """A line, with or without markers."""
    poser(figure, Line2D(xs, ys, **({"color": TRAIT, "linewidth": 0.8, "zorder": 2} | options)))


def point(
    figure: Figure,
    x: float,
    y: float,
    *,
    couleur: str,
    forme: str = "o",
    creux: bool = False,
    taille: float = 6,
) -> None:
    """A marker; hollow for what is fragile or earlier."""
    trait(
        figure,
        [x],
        [y],
        linestyle="none",
        marker=forme,
        markersize=taille,
        markerfacecolor="white" if creux else couleur,
        markeredgecolor=couleur,
        markeredgewidth=1.1,
        zorder=4,
    )


def rectangle(
    figure: Figure,
    x: float,
    y: float,
    large: float,
    haut: float,
    *,
    fond: str,
    hachure: str = "",
    encre: str = "white",
    bord: str = "",
) -> None:
    """A filled rectangle, hatched in `encre`, outlined in `bord`."""
    trame = {"edgecolor": encre, "hatch": hachure, "hatch_linewidth": 0.8} if hachure else {}
    poser(figure, Rectangle((x, y), large, haut, facecolor=fond, linewidth=0, zorder=2, **trame))
    if bord:
        poser(figure, Rectangle((x, y), large, haut, fill=False, edgecolor=bord, linewidth=0.8, zorder=3))


def luminance(couleur: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.1)."""
    lineaire = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(couleur)]
    return float(np.dot([0.2126, 0.7152, 0.0722], lineaire))


def contraste(premiere: str, seconde: str) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2.1, 1.4.3 asks 4.5 of text)."""
    sombre, clair = sorted((luminance(premiere), luminance(seconde)))
    return (clair + 0.05) / (sombre + 0.05)


def encre_sur(fond: str) -> str:
    """Black or white, whichever is read better on `fond`."""
    return max(("black", "white"), key=lambda encre: contraste(encre, fond))


def melange(couleur: str, part: float) -> str:
    """A tint: `part` of the colour in white, opaque so that it prints the same everywhere."""
    return to_hex([1 - part * (1 - canal) for canal in to_rgb(couleur)])


def replier(contenu: str, large: float, taille: float = TAILLE, gras: bool = False) -> str:
    """Break a name after spaces and hyphens: as few lines as `large` points allow, of even lengths."""
    morceaux = re.findall(r"[^ /-]*[ /-]?", contenu)
    lignes = _remplir(morceaux, large, taille, gras)
    for essai in range(int(large), int(large / 2), -3):
        serrees = _remplir(morceaux, essai, taille, gras)
        if len(lignes) == 1 or len(serrees) > len(lignes):
            break
        lignes = serrees
    return "\n".join(lignes)


def _remplir(morceaux: Sequence[str], large: float, taille: float, gras: bool) -> list[str]:
    """Lines filled one after the other."""
    lignes = [""]
    for morceau in morceaux:
        if lignes[-1] and largeur((lignes[-1] + morceau).rstrip(), taille, gras) > large:
            lignes.append("")
        lignes[-1] += morceau
    return [ligne.rstrip() for ligne in lignes]


def encombrement(contenu: str, taille: float = TAILLE, gras: bool = False) -> float:
    """Width of the longest line."""
    return max(largeur(ligne, taille, gras) for ligne in contenu.split("\n"))


def ecarter(voulues: Sequence[float], tailles: Sequence[float], bas: float, haut: float) -> list[float]:
    """Centres as near as possible to those wanted (least squares), labels of `tailles` never overlapping.

    Taking off the room used by the labels below turns the constraint into "in order", so the answer is
    an isotonic regression (pool adjacent violators; Barlow et al., 1972), clipped to `bas`..`haut`.
    Equal wishes keep the order given.
    """
    ordre = sorted(range(len(voulues)), key=lambda i: (voulues[i], -i))
    decalages = np.cumsum([0.0, *((tailles[a] + tailles[b]) / 2 for a, b in pairwise(ordre))])
    blocs: list[list[float]] = []
    for i, decalage in zip(ordre, decalages, strict=False):
        blocs.append([voulues[i] - decalage, 1])
        while len(blocs) > 1 and blocs[-2][0] >= blocs[-1][0]:
            moyenne, poids = blocs.pop()
            total = blocs[-1][1] + poids
            blocs[-1] = [(blocs[-1][0] * blocs[-1][1] + moyenne * poids) / total, total]
    if not ordre:
        return []
    plancher = bas + tailles[ordre[0]] / 2
    plafond = max(plancher, haut - tailles[ordre[-1]] / 2 - decalages[-1])
    ajustees = [min(max(m, plancher), plafond) for m, poids in blocs for _ in range(int(poids))]
    places = dict(zip(ordre, ajustees + decalages[: len(ordre)], strict=True))
    return [float(places[i]) for i in range(len(voulues))]


@dataclass(frozen=True)
class Echelle:
    """A linear scale: values `de`..`a` to points `debut`..`fin`, and its round graduations."""

    de: float
    a: float
    debut: float
    fin: float

    def __call__(self, valeur: float) -> float:
        """Where a value goes, in points."""
        return self.debut + (valeur - self.de) / (self.a - self.de) * (self.fin - self.debut)

    def graduations(self, nombre_voulu: int = 6) -> list[float]:
        """Round values (1, 2, 2.5 or 5 × 10ⁿ) within the scale."""
        valeurs = MaxNLocator(nombre_voulu, steps=[1, 2, 2.5, 5, 10]).tick_values(self.de, self.a)
        marge = 1e-9 * (self.a - self.de)
        return [float(v) for v in valeurs if self.de - marge <= v <= self.a + marge]


def arrondir_bornes(valeurs: Iterable[float], proche: float) -> tuple[float, float]:
    """Round bounds around the values, from zero when the lowest is under `proche` times the highest.

    From zero too when they are all the same: the drawing of what does not move is flat.
    """
    connues = [float(v) for v in valeurs if not math.isnan(v)] or [0.0, 1.0]
    bas, haut = min(connues), max(connues)
    if 0 <= bas < proche * haut:
        bas = 0.0
    if bas == haut:
        bas, haut = (0.0, 1.0) if bas == 0 else (min(bas, 0.0), max(haut, 0.0))
    rondes = MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]).tick_values(bas, haut)
    return float(rondes[0]), float(rondes[-1])


def graduer(echelle: Echelle, sujet: Sujet, combien: int = 6) -> list[tuple[float, str]]:
    """Graduations and their labels, with the decimals that they need."""
    valeurs = echelle.graduations(combien)
    decimales = next((d for d in range(4) if all(abs(round(v, d) - v) < 1e-9 for v in valeurs)), 4)
    return [(v, avec_unite(v, sujet.unite_courte, decimales)) for v in valeurs]


def axe_horizontal(figure: Figure, echelle: Echelle, sujet: Sujet, bas: float, haut: float) -> None:
    """Thin vertical lines and their labels under `bas`, as many as can be read."""
    for combien in (5, 4, 3, 2, 1):
        graduees = graduer(echelle, sujet, combien)
        pas = abs(echelle.fin - echelle.debut) / max(1, len(graduees) - 1)
        if max(largeur(libelle, PETIT) for _, libelle in graduees) + 4 < pas:
            break
    for valeur, libelle in graduees:
        x = echelle(valeur)
        trait(figure, [x, x], [bas, haut], color=FILET, zorder=0)
        texte(figure, x, bas - 8, libelle, taille=PETIT, couleur=GRIS, ha="center")


Symbole = Callable[[Figure, float, float], None]


def pastille(fond: str, hachure: str = "", encre: str = "white", bord: str = "") -> Symbole:
    """A swatch of legend."""

    def dessiner(figure: Figure, x: float, y: float) -> None:
        rectangle(figure, x, y - 4, 12, 8, fond=fond, hachure=hachure, encre=encre, bord=bord)

    return dessiner


def repere_point(couleur: str, forme: str = "o", *, creux: bool = False) -> Symbole:
    """A marker of legend."""

    def dessiner(figure: Figure, x: float, y: float) -> None:
        point(figure, x + 6, y, couleur=couleur, forme=forme, creux=creux)

    return dessiner


def repere_trait(couleur: str, **options: object) -> Symbole:
    """A line of legend."""

    def dessiner(figure: Figure, x: float, y: float) -> None:
        trait(figure, [x, x + 12], [y, y], color=couleur, **options)

    return dessiner


@dataclass(frozen=True)
class Legende:
    """Keys on one or more lines: place of each key, from the top left corner of the block."""

    cles: tuple[tuple[Symbole, str], ...]
    places: tuple[tuple[float, int], ...]

    @property
    def hauteur(self) -> float:
        """Height of the block, in points."""
        return 13.0 * (self.places[-1][1] + 1) + 3 if self.places else 0.0

    def dessiner(self, figure: Figure, x: float, haut: float) -> None:
        """Draw the block with its top left corner at `x`, `haut`."""
        for (symbole, libelle), (decalage, ligne) in zip(self.cles, self.places, strict=True):
            y = haut - 7 - 13 * ligne
            symbole(figure, x + decalage, y)
            texte(figure, x + decalage + 16, y, libelle, taille=PETIT, couleur=ENCRE)


def legende(cles: Sequence[tuple[Symbole, str]], large: float = LARGEUR) -> Legende:
    """Place keys one after the other, on a new line when `large` is full."""
    places, x, ligne = [], 0.0, 0
    for _, libelle in cles:
        pas = 16 + largeur(libelle, PETIT)
        if x and x + pas > large:
            x, ligne = 0.0, ligne + 1
        places.append((x, ligne))
        x += pas + 14
    return Legende(tuple(cles), tuple(places))


def haut_de(contenu: str) -> float:
    """Height of a label, in points."""
    return TAILLE * INTERLIGNE * (1 + contenu.count("\n")) + 1.5


def sans_symbole(figure: Figure, x: float, y: float) -> None:
    """The key of what is not drawn."""


def cles_absents(absents: Iterable[tuple[str, str]]) -> list[tuple[Symbole, str]]:
    """One key a territory that is not drawn at all: « Plum : secret »."""
    return [(sans_symbole, f"{nom} : {MUETS[statut]}") for nom, statut in absents]
