"""Charts of the report. In: small frames and a `Sujet`. Out: `Graphique` (drawing, alt text, data table).

Frames carry the columns of `resultat.indicateurs`: `territoire`, `valeur` and, where they apply,
`borne_basse`, `borne_haute` (95 % interval), `statut` (default `valide`). `date` is a year or a decimal
year (a day of mid-September 2019 is 2019.7). A value under secrecy is blanked before anything else:
it can then be neither drawn, nor written, nor compared.

Everything is placed in points (1/72 inch) from the bottom left corner of a drawing as wide as the text
of the report, so that each label is measured once and nothing is laid out twice. Title and source are
printed by the document, not drawn. Text is drawn as outlines: the same picture in a browser, in the PDF
and in a word processor, where a missing font would move the labels; the words themselves are in the
alt text and in the table.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Affine2D, Transform

from pipeline.model import Statut
from pipeline.report.francais import enumerer, majuscule
from pipeline.report.nombres import ABSENT, INSECABLE, avec_unite, nombre

# What matplotlib reads when it writes; all else is said where it is drawn.
STYLE: Mapping[str, object] = {"svg.fonttype": "path", "svg.hashsalt": "abs-ccas"}
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

_MOIS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_MUETS = {
    Statut.SECRET: "secret",
    Statut.ABSENT: ABSENT,
    Statut.NON_COMPARABLE: "non comparable",
}


@dataclass(frozen=True)
class Sujet:
    """What a figure is about: its file stem, caption, source line, unit and decimals.

    `nous` is the territory of the report, drawn in colour; `objets` names the rows, in the plural
    (« quartiers »); `hauteur` is the least height of a plot over dates, in points; `signe` writes the plus of
    a growth; `fictif` draws « Données fictives » and says so in the alt text; `intervalle` names
    what the bounds of a value are.
    """

    nom: str
    titre: str
    source: str
    unite: str = ""
    decimales: int = 0
    nous: str = ""
    objets: str = "territoires"
    signe: bool = False
    fictif: bool = False
    intervalle: str = "intervalle à 95 %"
    hauteur: float = 150.0

    @property
    def unite_courte(self) -> str:
        """The unit when it is short enough to follow every number, nothing otherwise."""
        return self.unite if len(self.unite) <= 5 else ""

    @property
    def unite_longue(self) -> str:
        """The unit to be written once, when it is too long to follow every number."""
        return "" if self.unite_courte else self.unite

    @property
    def entete(self) -> str:
        """Header of a column of values: « Valeur (pour 1 000 habitants) »."""
        return f"Valeur ({self.unite})" if self.unite_longue else "Valeur"

    def chiffre(self, valeur: float) -> str:
        """A value on the drawing or in the table."""
        return avec_unite(valeur, self.unite_courte, self.decimales, signe=self.signe)

    def complet(self, valeur: float) -> str:
        """A value in a sentence, always with its unit."""
        return avec_unite(valeur, self.unite, self.decimales, signe=self.signe)

    def ecart(self, difference: float) -> str:
        """A signed difference: « +3,2 points » between percentages, « +12 ans », « −340 » of a long unit."""
        unite = "points" if self.unite.startswith("%") else self.unite_courte
        return avec_unite(difference, unite, self.decimales, signe=True)


@dataclass(frozen=True)
class Graphique:
    """A figure of the report: caption, alt text made from the numbers, data as a display table, drawing."""

    nom: str
    titre: str
    alt: str
    source: str
    donnees: pd.DataFrame
    figure: Figure


def ecrire(graphique: Graphique, dossier: Path) -> None:
    """Write `nom.svg` into `dossier`, put in place by a rename; the PNG made of an earlier one goes.

    The bytes depend on the drawing only: fixed salt for the identifiers, no date, no software name.
    """
    dossier.mkdir(parents=True, exist_ok=True)
    provisoire = dossier / f".{graphique.nom}.svg.{os.getpid()}"
    metadonnees = {"Date": None, "Creator": None, "Title": graphique.titre}
    with matplotlib.rc_context(STYLE):
        graphique.figure.savefig(provisoire, format="svg", metadata=metadonnees)
    provisoire.replace(dossier / f"{graphique.nom}.svg")
    (dossier / f"{graphique.nom}.png").unlink(missing_ok=True)


# --- what is shown ---------------------------------------------------------------------------------


def preparer(lignes: pd.DataFrame) -> pd.DataFrame:
    """Complete the optional columns and blank every value that may not be shown; refuse an empty frame."""
    if lignes.empty:
        raise ValueError("rien à dessiner : aucune ligne")
    rangs = lignes.reset_index(drop=True).copy()
    statuts = rangs["statut"].fillna(Statut.VALIDE) if "statut" in rangs else [Statut.VALIDE] * len(rangs)
    valeurs = pd.to_numeric(rangs["valeur"]).astype(float)
    rangs["statut"] = [
        Statut.ABSENT if math.isnan(v) and Statut(s) not in _MUETS else Statut(s)
        for v, s in zip(valeurs, statuts, strict=True)
    ]
    montre = ~rangs["statut"].isin(list(_MUETS))
    for colonne in ("valeur", "borne_basse", "borne_haute"):
        brut = rangs.get(colonne, math.nan)
        rangs[colonne] = pd.Series(brut, index=rangs.index, dtype=float).where(montre)
    return rangs


def _verifier_unicite(rangs: pd.DataFrame, *cles: str) -> None:
    """Refuse two values for one place: the table would lose one in silence."""
    doubles = rangs[rangs.duplicated(list(cles))]
    if len(doubles):
        raise ValueError(f"deux valeurs pour {' '.join(map(str, doubles.iloc[0][list(cles)]))}")


def cellule(valeur: float, statut: str, sujet: Sujet) -> str:
    """A value and its statut as a cell: « 15,7 % », « 15,7 % (fragile) », « ≤ 5,0 % », « secret »."""
    if statut in _MUETS:
        return _MUETS[Statut(statut)]
    suffixe = " (fragile)" if statut == Statut.FRAGILE else ""
    return etiquette(valeur, statut, sujet) + suffixe


def etiquette(valeur: float, statut: str, sujet: Sujet) -> str:
    """A value and its statut on the drawing, where a hollow marker already says « fragile »."""
    if statut in _MUETS:
        return _MUETS[Statut(statut)]
    return (f"≤{INSECABLE}" if statut == Statut.PLANCHER else "") + sujet.chiffre(valeur)


def _cellules(rangs: pd.DataFrame, sujet: Sujet) -> list[str]:
    """Cells of the column `valeur`."""
    return [cellule(v, s, sujet) for v, s in zip(rangs["valeur"], rangs["statut"], strict=True)]


def _intervalles(rangs: pd.DataFrame, sujet: Sujet) -> dict[str, list[str]]:
    """The column of the intervals, or nothing when no row has one."""
    if rangs["borne_basse"].isna().all():
        return {}
    paires = zip(rangs["borne_basse"], rangs["borne_haute"], strict=True)
    textes = ["" if math.isnan(b) else f"{sujet.chiffre(b)} à {sujet.chiffre(h)}" for b, h in paires]
    return {majuscule(sujet.intervalle): textes}


def tableau_simple(rangs: pd.DataFrame, sujet: Sujet, colonne: str = "territoire") -> pd.DataFrame:
    """One row a territory: name, value, interval."""
    noms = {colonne.capitalize(): list(rangs[colonne])}
    valeurs = {sujet.entete: _cellules(rangs, sujet)}
    return pd.DataFrame(noms | valeurs | _intervalles(rangs, sujet), dtype=object)


def _croise(rangs: pd.DataFrame, sujet: Sujet, rangee: str, colonne: str) -> pd.DataFrame:
    """A crossed table of cells, in order of appearance; a crossing without a row is « n. d. »."""
    cases = dict(zip(zip(rangs[rangee], rangs[colonne], strict=True), _cellules(rangs, sujet), strict=True))
    noms = list(dict.fromkeys(rangs[rangee]))
    tetes = list(dict.fromkeys(rangs[colonne]))
    corps = {str(tete): [cases.get((nom, tete), ABSENT) for nom in noms] for tete in tetes}
    return pd.DataFrame({rangee.capitalize(): noms} | corps, dtype=object)


def libelles_dates(dates: Iterable[float]) -> dict[float, str]:
    """Decimal years → « 2019 », or « mai 2024 » as soon as two dates share a year."""
    uniques = sorted(set(map(float, dates)))
    if len({int(date) for date in uniques}) == len(uniques):
        return {date: str(int(date)) for date in uniques}
    return {date: f"{_MOIS[int(date % 1 * 12)]} {int(date)}" for date in uniques}


# --- sentences -------------------------------------------------------------------------------------


def abreger(noms: Sequence[str]) -> str:
    """« A, B et C »; beyond four names, « A, B, C et 5 autres »."""
    return enumerer([*noms[:3], f"{len(noms) - 3} autres"] if len(noms) > 4 else noms)


def compter(effectif: int, objets: str) -> str:
    """« 1 quartier », « 12 quartiers »."""
    return avec_unite(effectif, objets)


def phrase(*propositions: str) -> str:
    """One sentence of the clauses that are not empty: « Carte de 12 quartiers ; valeur… »."""
    dites = [proposition for proposition in propositions if proposition]
    return majuscule(" ; ".join(dites)) + "." if dites else ""


def extremes(rangs: pd.DataFrame, sujet: Sujet, colonne: str = "territoire") -> str:
    """« valeur la plus élevée : A (18,2 %) ; la plus basse : B (7,1 %) », ties named together.

    Fragile figures and floors are left out: they bear no ranking.
    """
    solides = rangs[rangs["statut"] == Statut.VALIDE]
    if len(solides) < 2:
        return ""
    textes = solides["valeur"].map(sujet.complet)
    haut, bas = textes[solides["valeur"].idxmax()], textes[solides["valeur"].idxmin()]
    if haut == bas:
        return f"valeur identique partout : {haut}"
    noms = {t: abreger(list(solides.loc[textes == t, colonne])) for t in (haut, bas)}
    return f"valeur la plus élevée : {noms[haut]} ({haut}) ; la plus basse : {noms[bas]} ({bas})"


def reserves(rangs: pd.DataFrame) -> str:
    """« chiffres fragiles : 2 ; sous secret statistique : 1 », nothing when all are valid."""
    libelles = {
        Statut.FRAGILE: "chiffres fragiles",
        Statut.PLANCHER: "plafonds (« au plus »)",
        Statut.SECRET: "sous secret statistique",
        Statut.ABSENT: "non disponibles",
        Statut.NON_COMPARABLE: "non comparables",
    }
    comptes = {libelle: int((rangs["statut"] == statut).sum()) for statut, libelle in libelles.items()}
    return " ; ".join(f"{libelle} : {effectif}" for libelle, effectif in comptes.items() if effectif)


def graphique(sujet: Sujet, figure: Figure, donnees: pd.DataFrame, *phrases: str) -> Graphique:
    """Put together what the document prints around a drawing; spaces before « : ; » » do not break."""
    alt = " ".join(dite for dite in (*phrases, "Données fictives." if sujet.fictif else "") if dite)
    alt = re.sub(r" (?=[;:»])|(?<=«) ", INSECABLE, alt)
    return Graphique(sujet.nom, sujet.titre, alt, sujet.source, donnees, figure)


# --- drawing ---------------------------------------------------------------------------------------


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


def _bornes(valeurs: Iterable[float], proche: float) -> tuple[float, float]:
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


def _graduees(echelle: Echelle, sujet: Sujet, combien: int = 6) -> list[tuple[float, str]]:
    """Graduations and their labels, with the decimals that they need."""
    valeurs = echelle.graduations(combien)
    decimales = next((d for d in range(4) if all(abs(round(v, d) - v) < 1e-9 for v in valeurs)), 4)
    return [(v, avec_unite(v, sujet.unite_courte, decimales)) for v in valeurs]


def axe_horizontal(figure: Figure, echelle: Echelle, sujet: Sujet, bas: float, haut: float) -> None:
    """Thin vertical lines and their labels under `bas`, as many as can be read."""
    for combien in (5, 4, 3, 2, 1):
        graduees = _graduees(echelle, sujet, combien)
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


# --- pyramid ---------------------------------------------------------------------------------------


def pyramide(
    population: pd.DataFrame,
    sujet: Sujet,
    *,
    periode: str,
    reference: pd.DataFrame | None = None,
    nom_reference: str = "",
) -> Graphique:
    """Age pyramid of one territory, the outline of another date or territory drawn over it.

    Frames: `sexe` (« Hommes », « Femmes »), `age_min`, `age_max` (missing for the open group) and either
    `population` or `part` (% of both sexes together); `statut` optional. Bands have their true height;
    where groups differ in width, lengths are those of the narrowest, so that areas stay comparable. A reference
    of narrower groups is summed into those that are drawn.
    """
    bandes = _bandes(population)
    fond = None if reference is None else _regrouper(_bandes(reference), bandes)
    pas = min(float(cadre["hauteur"].min()) for cadre in (bandes, fond) if cadre is not None)
    bandes, fond = _allonger(bandes, pas), None if fond is None else _allonger(fond, pas)
    haut = 44 + _hauteur_bandes(bandes)
    figure = feuille(sujet, haut)
    cles = [(pastille(ACCENT), periode)]
    if fond is not None:
        cles.append((repere_trait(ENCRE, linewidth=1.3), nom_reference))
    legende(cles).dessiner(figure, 0, haut)
    ages = Echelle(0, bandes["bas"].iloc[-1] + bandes["hauteur"].iloc[-1], 16, haut - 28)
    maximum = max(float(b["longueur"].max()) for b in (bandes, fond) if b is not None)
    _dessiner_pyramide(figure, bandes, fond, ages, maximum)
    titre_axe = _titre_axe_pyramide(bandes, pas)
    texte(figure, LARGEUR, haut - 7, titre_axe, taille=PETIT, couleur=GRIS, ha="right")
    donnees = _table_pyramide(bandes, periode, fond, nom_reference)
    return graphique(sujet, figure, donnees, *_alt_pyramide(bandes, sujet, periode, fond, nom_reference))


def _bandes(population: pd.DataFrame) -> pd.DataFrame:
    """One row a sex and band: bottom, height, share of the total in %, label, count."""
    colonne = "part" if "part" in population else "population"
    bandes = preparer(population.rename(columns={colonne: "valeur"}))
    if colonne == "population" and bandes["valeur"].isna().any():
        raise ValueError("pyramide : un effectif n'est pas montré, donner `part`, le total étant inconnu")
    if inconnus := sorted(set(bandes["sexe"]) - {"Hommes", "Femmes"}):
        raise ValueError(f"pyramide : sexe {inconnus}, attendu « Hommes » ou « Femmes »")
    bandes = bandes.sort_values(["sexe", "age_min"], kind="stable", ignore_index=True)
    bandes["part"] = (
        bandes["valeur"] if colonne == "part" else 100 * bandes["valeur"] / bandes["valeur"].sum()
    )
    bandes["effectif"] = bandes["valeur"] if colonne == "population" else math.nan
    bandes["bas"] = bandes["age_min"].astype(float)
    hauteur = bandes["age_max"].astype(float) + 1 - bandes["bas"]
    bandes["hauteur"] = hauteur.fillna(hauteur.iloc[hauteur.last_valid_index()])
    bandes["age"] = [
        f"{bas:.0f} ans et plus" if math.isnan(a) else f"{bas:.0f} à {a:.0f} ans"
        for bas, a in zip(bandes["bas"], bandes["age_max"].astype(float), strict=True)
    ]
    return bandes


def _allonger(bandes: pd.DataFrame, pas: float) -> pd.DataFrame:
    """The length of each band: its share, per `pas` years of age."""
    return bandes.assign(longueur=bandes["part"] * pas / bandes["hauteur"])


def _regrouper(fond: pd.DataFrame, bandes: pd.DataFrame) -> pd.DataFrame:
    """The reference in the groups that are drawn, where each of them is a sum of its own; itself otherwise."""
    debuts = np.sort(bandes["bas"].unique())
    if not set(debuts) <= set(fond["bas"]):
        return fond
    rangs = np.searchsorted(debuts, fond["bas"], side="right") - 1
    sommes = fond.assign(bas=debuts[rangs]).groupby(["sexe", "bas"], sort=False)
    regroupees = sommes.agg(
        part=("part", lambda parts: parts.sum(skipna=False)),
        statut=("statut", lambda siens: next((s for s in siens if s != Statut.VALIDE), Statut.VALIDE)),
    ).reset_index()
    return regroupees.merge(bandes[["bas", "hauteur", "age"]].drop_duplicates(), on="bas")


def _hauteur_bandes(bandes: pd.DataFrame) -> float:
    """Height of the drawing: the narrowest band can hold its label, within a quarter of a page."""
    annees = bandes["bas"].max() + bandes["hauteur"].iloc[-1]
    return float(np.clip(10.5 * annees / bandes["hauteur"].min(), 150, 235))


def _titre_axe_pyramide(bandes: pd.DataFrame, pas: float) -> str:
    """What a length is."""
    if (bandes["hauteur"] == pas).all():
        return "en % de la population totale"
    return f"en % de la population totale, par tranche de {pas:.0f} ans d'âge"


def _dessiner_pyramide(
    figure: Figure, bandes: pd.DataFrame, fond: pd.DataFrame | None, ages: Echelle, maximum: float
) -> None:
    """Men on the left, women on the right, ages between them."""
    couloir = max(largeur(age, PETIT) for age in bandes["age"]) / 2 + 7
    limite = _bornes([0, maximum], 1)[1]
    sujet_axe = Sujet("", "", "", unite="%")
    for sexe, sens in (("Hommes", -1), ("Femmes", 1)):
        centre = LARGEUR / 2 + sens * couloir
        echelle = Echelle(0, limite, centre, LARGEUR / 2 + sens * (LARGEUR / 2 - 12))
        axe_horizontal(figure, echelle, sujet_axe, ages.debut, ages.fin)
        texte(figure, (centre + echelle.fin) / 2, ages.fin + 8, sexe, gras=True, ha="center")
        for bande in bandes[bandes["sexe"] == sexe].itertuples():
            _bande(figure, bande, echelle, ages)
        if fond is not None:
            _contour(figure, fond[fond["sexe"] == sexe], echelle, ages)
    for bande in bandes.drop_duplicates("age").itertuples():
        y = ages(bande.bas + bande.hauteur / 2)
        texte(figure, LARGEUR / 2, y, bande.age, taille=PETIT, ha="center")


def _bande(figure: Figure, bande: object, echelle: Echelle, ages: Echelle) -> None:
    """One band, or the word that says why it is not drawn."""
    bas, haut = ages(bande.bas) + 0.5, ages(bande.bas + bande.hauteur) - 0.5
    sens = 1 if echelle.fin > echelle.debut else -1
    if bande.statut in _MUETS:
        ha = "left" if sens > 0 else "right"
        texte(figure, echelle.debut + 4 * sens, (bas + haut) / 2, _MUETS[bande.statut], taille=PETIT, ha=ha)
        return
    gauche, droite = sorted((echelle.debut, echelle(bande.longueur)))
    rectangle(figure, gauche, bas, droite - gauche, haut - bas, fond=ACCENT)


def _contour(figure: Figure, bandes: pd.DataFrame, echelle: Echelle, ages: Echelle) -> None:
    """The outline of the reference, as steps; broken where a value is hidden."""
    xs, ys = [echelle.debut], [ages.debut]
    for bande in bandes.itertuples():
        xs += [echelle(bande.longueur)] * 2
        ys += [ages(bande.bas), ages(bande.bas + bande.hauteur)]
    xs, ys = [*xs, echelle.debut], [*ys, ys[-1]]
    trait(figure, xs, ys, color="white", linewidth=2.6, zorder=3)
    trait(figure, xs, ys, color=ENCRE, linewidth=1.3, zorder=4)


def _table_pyramide(
    bandes: pd.DataFrame, periode: str, fond: pd.DataFrame | None, nom_reference: str
) -> pd.DataFrame:
    """Ages from the oldest; for each sex the count if known, the share, the share of the reference."""
    table = {"Âge": list(bandes.drop_duplicates("age")["age"])[::-1]}
    for sexe in ("Hommes", "Femmes"):
        for cadre, quand in ((bandes, periode), (fond, nom_reference)):
            if cadre is None:
                continue
            choix = cadre[cadre["sexe"] == sexe].set_index("age").reindex(table["Âge"])
            statuts = choix["statut"].fillna(Statut.ABSENT)
            effectifs, parts = Sujet("", "", ""), Sujet("", "", "", unite="%", decimales=1)
            if cadre is bandes and choix["effectif"].notna().any():
                table[f"{sexe}, {quand}"] = [
                    cellule(v, s, effectifs) for v, s in zip(choix["effectif"], statuts, strict=True)
                ]
            table[f"{sexe}, {quand} (%)"] = [
                cellule(v, s, parts) for v, s in zip(choix["part"], statuts, strict=True)
            ]
    return pd.DataFrame(table, dtype=object)


def _alt_pyramide(
    bandes: pd.DataFrame, sujet: Sujet, periode: str, fond: pd.DataFrame | None, nom_reference: str
) -> list[str]:
    """Largest group, under 20 and 60 and over where the bands allow it, with the reference."""
    nom = f"{sujet.nous}, {periode}" if sujet.nous else periode
    par_age = bandes.groupby("age", sort=False)["part"].agg(lambda parts: parts.sum(skipna=False))
    debut = f"Pyramide des âges ({nom})"
    if par_age.notna().all():
        plus = par_age.idxmax()
        debut += f" : les plus nombreux ont {plus} ({avec_unite(par_age[plus], '%', 1)} de la population)"
    parts = []
    for libelle, seuil, au_dela in (("moins de 20 ans", 20, False), ("60 ans et plus", 60, True)):
        ici = _part_age(bandes, seuil, au_dela=au_dela)
        ailleurs = math.nan if fond is None else _part_age(fond, seuil, au_dela=au_dela)
        contre = "" if math.isnan(ailleurs) else f", contre {avec_unite(ailleurs, '%', 1)} ({nom_reference})"
        parts.append("" if math.isnan(ici) else f"{libelle} : {avec_unite(ici, '%', 1)}{contre}")
    return [phrase(debut), phrase(*parts), phrase(reserves(bandes))]


def _part_age(bandes: pd.DataFrame, seuil: int, *, au_dela: bool) -> float:
    """Share of both sexes under, or from, an age; NaN if a band straddles it or is hidden."""
    if not (bandes["bas"] == seuil).any():
        return math.nan
    choix = bandes["bas"] >= seuil if au_dela else bandes["bas"] < seuil
    return float(bandes.loc[choix, "part"].sum(skipna=False))


# --- evolution -------------------------------------------------------------------------------------


def evolution(
    serie: pd.DataFrame,
    sujet: Sujet,
    *,
    ruptures: Sequence[tuple[float, str]] = (),
    reperes: Sequence[tuple[float, str]] = (),
) -> Graphique:
    """Lines over real dates, each named at its end; ribbons of the intervals; breaks as vertical lines.

    Frame: `territoire`, `date`, `valeur`, optional bounds and `statut`. With `sujet.nous` that line is in
    colour and the others in greys; without it each has its colour. `ruptures` and `reperes`:
    (decimal year, label). A hidden value interrupts its line, and so does a break; a mark does not.
    """
    rangs = _dater(serie)
    marques = [*ruptures, *reperes]
    figure = _dessiner_evolution(rangs, sujet, marques, sujet.unite_longue, 0.6, ruptures)
    donnees = _croise(rangs.assign(date=rangs["quand"]), sujet, "territoire", "date")
    return graphique(sujet, figure, donnees, *_alt_evolution(rangs, sujet, marques))


def evolution_indice(
    serie: pd.DataFrame, sujet: Sujet, *, ruptures: Sequence[tuple[float, str]] = ()
) -> Graphique:
    """Lines of the same frame as `evolution`, each as an index, 100 at the first date of the frame.

    A territory whose first value is hidden or zero has no index. Intervals are not drawn: those of a ratio
    of two estimates are not theirs.
    """
    rangs = _dater(serie)
    depart = rangs[(rangs["date"] == rangs["date"].min()) & (rangs["valeur"] != 0)]
    base = rangs["territoire"].map(depart.set_index("territoire")["valeur"])
    indices = _dater(
        rangs.drop(columns=["borne_basse", "borne_haute"]).assign(valeur=100 * rangs["valeur"] / base)
    )
    mention = f"indice 100 en {rangs['quand'].iloc[0]}"
    sujet = replace(sujet, unite="", decimales=1)
    figure = _dessiner_evolution(indices, sujet, ruptures, mention, 0, ruptures)
    donnees = _croise(indices.assign(date=indices["quand"]), sujet, "territoire", "date")
    alt = _alt_evolution(indices, sujet, ruptures)
    return graphique(sujet, figure, donnees, majuscule(mention) + ".", *alt)


def _dater(serie: pd.DataFrame) -> pd.DataFrame:
    """Rows in time order, `quand` being the date as a person writes it."""
    rangs = preparer(serie)
    rangs["date"] = rangs["date"].astype(float)
    rangs["quand"] = rangs["date"].map(libelles_dates(rangs["date"]))
    _verifier_unicite(rangs, "territoire", "quand")
    return rangs.sort_values("date", kind="stable", ignore_index=True)


def _series(rangs: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Visible points of each territory that has any, in order of appearance."""
    vus = rangs[rangs["valeur"].notna()]
    return dict(iter(vus.groupby("territoire", sort=False)))


@dataclass(frozen=True)
class Aspect:
    """How one line is told from the others: colour, marker, dashes, width, weight of its name."""

    couleur: str
    forme: str
    tiret: object = "-"
    epaisseur: float = 1.2
    gras: bool = False


# Okabe-Ito hues without the yellow, darkened to 3:1 on white, which WCAG 1.4.11 asks of a line.
_COULEURS_DE_TRAIT = (ACCENT, "#D55E00", "#0072B2", "#B06A95", "#00805D", "#A97400", "#3D8EC0", "#444444")
_GRIS_DE_TRAIT = (GRIS, ENCRE, TRAIT, "#49545E")


def _aspects(noms: Iterable[str], nous: str) -> dict[str, Aspect]:
    """Ours in colour, thick; the others in greys, by marker and dashes. Without ours, colours."""
    noms = sorted(noms, key=lambda nom: nom != nous)
    couleurs = _GRIS_DE_TRAIT if nous in noms else _COULEURS_DE_TRAIT
    aspects = {
        nom: Aspect(couleurs[i % len(couleurs)], FORMES[i % len(FORMES)], TIRETS[i // 5 % len(TIRETS)])
        for i, nom in enumerate(noms)
    }
    return aspects | ({nous: Aspect(ACCENT, FORMES[0], "-", 2.2, True)} if nous in noms else {})


@dataclass(frozen=True)
class Repere:
    """The two scales of a drawing over time, its lines' looks and the names at their ends."""

    dates: Echelle
    valeurs: Echelle
    aspects: Mapping[str, Aspect]
    fins: Mapping[str, str]


def _dessiner_evolution(
    rangs: pd.DataFrame,
    sujet: Sujet,
    marques: Sequence[tuple[float, str]],
    mention: str,
    proche: float,
    ruptures: Sequence[tuple[float, str]],
) -> Figure:
    """Lay out the drawing (names on the right, marks on top, keys below), then draw it."""
    series = _series(rangs)
    bornes = _bornes(_toutes_bornes(rangs), proche)
    cles = legende(_cles_evolution(rangs, sujet, tronquee=bornes[0] > 0))
    repere = _reperer(rangs, series, sujet, marques, 16 + cles.hauteur, bornes)
    bandeau = _placer_ruptures(marques, repere.dates)
    tete = 12 * (1 + max((ligne for *_, ligne in bandeau), default=-1)) + (16 if mention else 5)
    figure = feuille(sujet, repere.valeurs.fin + tete)
    texte(figure, 0, repere.valeurs.fin + tete - 6, mention, taille=PETIT, couleur=GRIS)
    _axes_evolution(figure, repere, rangs, sujet)
    _dessiner_ruptures(figure, bandeau, repere)
    for nom in series:
        rompus = rompre(rangs[rangs["territoire"] == nom], ruptures)
        for morceau in morceaux(rompus) if nom == sujet.nous or len(series) <= 2 else ():
            _ruban(figure, morceau, repere, repere.aspects[nom])
        _ligne(figure, rompus, repere, repere.aspects[nom])
    _nommer_les_series(figure, series, repere)
    cles.dessiner(figure, repere.dates.debut, cles.hauteur)
    return figure


def _reperer(
    rangs: pd.DataFrame,
    series: Mapping[str, pd.DataFrame],
    sujet: Sujet,
    ruptures: Sequence[tuple[float, str]],
    bas: float,
    bornes: tuple[float, float],
) -> Repere:
    """Scales that leave room for the graduations on the left and the names on the right."""
    aspects = _aspects(series, sujet.nous)
    fins = {nom: _nom_de_fin(nom, points, sujet) for nom, points in series.items()}
    larges = [encombrement(fin, TAILLE, aspects[nom].gras) for nom, fin in fins.items()]
    valeurs = Echelle(*bornes, bas, bas + max(sujet.hauteur, sum(map(_haut_de, fins.values()))))
    gauche = max(largeur(libelle, PETIT) for _, libelle in _graduees(valeurs, sujet)) + 6
    instants = [*rangs["date"], *(quand for quand, _ in ruptures)]
    marge = 0.03 * (max(instants) - min(instants)) or 0.5
    droite = LARGEUR - max(larges, default=0) - 26
    dates = Echelle(min(instants) - marge, max(instants) + marge, gauche, droite)
    return Repere(dates, valeurs, aspects, fins)


def _toutes_bornes(rangs: pd.DataFrame) -> list[float]:
    """Every value and bound of the frame."""
    return [*rangs["valeur"], *rangs["borne_basse"], *rangs["borne_haute"]]


def _haut_de(contenu: str) -> float:
    """Height of a label, in points."""
    return TAILLE * INTERLIGNE * (1 + contenu.count("\n")) + 1.5


def _nom_de_fin(nom: str, points: pd.DataFrame, sujet: Sujet) -> str:
    """Name and last value, on as many lines as a third of the width asks."""
    dernier = points.iloc[-1]
    valeur = etiquette(dernier["valeur"], dernier["statut"], sujet)
    return replier(nom.replace(" ", " ") + " " + valeur, LARGEUR / 3, TAILLE, nom == sujet.nous)


def _cles_evolution(rangs: pd.DataFrame, sujet: Sujet, *, tronquee: bool) -> list[tuple[Symbole, str]]:
    """Keys of what is not named on the drawing: a cut axis, interval, fragile, hidden values and territories."""
    cles = [(_sans_symbole, "l’axe ne part pas de zéro")] if tronquee else []
    if rangs["borne_basse"].notna().any():
        cles.append((pastille(melange(ACCENT if sujet.nous else GRIS, 0.2)), sujet.intervalle))
    if (rangs["statut"] == Statut.FRAGILE).any():
        cles.append((repere_point(ENCRE, creux=True), "fragile"))
    vus = rangs.groupby("territoire", sort=False)["valeur"].transform("count") > 0
    manques = [mot for statut, mot in _MUETS.items() if (rangs.loc[vus, "statut"] == statut).any()]
    if manques:
        cles.append((_sans_symbole, "ligne interrompue : " + enumerer(manques)))
    vides = rangs[~vus].drop_duplicates("territoire")
    return cles + _cles_absents(zip(vides["territoire"], vides["statut"], strict=True))


def _sans_symbole(figure: Figure, x: float, y: float) -> None:
    """The key of what is not drawn."""


def _cles_absents(absents: Iterable[tuple[str, str]]) -> list[tuple[Symbole, str]]:
    """One key a territory that is not drawn at all: « Plum : secret »."""
    return [(_sans_symbole, f"{nom} : {_MUETS[statut]}") for nom, statut in absents]


def _axes_evolution(figure: Figure, repere: Repere, rangs: pd.DataFrame, sujet: Sujet) -> None:
    """Horizontal lines with their values, then the dates that have data, as many as can be read."""
    dates, bas = repere.dates, repere.valeurs.debut
    for valeur, libelle in _graduees(repere.valeurs, sujet):
        y = repere.valeurs(valeur)
        trait(figure, [dates.debut, dates.fin], [y, y], color=TRAIT if y == bas else FILET, zorder=0)
        texte(figure, dates.debut - 4, y, libelle, taille=PETIT, couleur=GRIS, ha="right")
    limite = math.inf
    for date, libelle in sorted(libelles_dates(rangs["date"]).items(), reverse=True):
        x, large = dates(date), largeur(libelle, PETIT)
        trait(figure, [x, x], [bas, bas - 3], color=TRAIT, zorder=1)
        if x + large / 2 + 4 <= limite and x - large / 2 >= 0:
            texte(figure, x, bas - 9, libelle, taille=PETIT, couleur=GRIS, ha="center")
            limite = x - large / 2


def _placer_ruptures(
    ruptures: Sequence[tuple[float, str]], dates: Echelle
) -> list[tuple[float, str, float, int]]:
    """Date, label, centre and line of each break: a label takes the first line where it has room."""
    places: list[tuple[float, str, float, int]] = []
    fins: list[float] = []
    for quand, libelle in sorted(ruptures):
        demi = largeur(libelle, PETIT) / 2
        x = min(max(dates(quand), demi), LARGEUR - demi)
        ligne = next((i for i, fin in enumerate(fins) if x - demi > fin + 6), len(fins))
        fins[ligne : ligne + 1] = [x + demi]
        places.append((quand, libelle, x, ligne))
    return places


def _dessiner_ruptures(figure: Figure, bandeau: list[tuple[float, str, float, int]], repere: Repere) -> None:
    """A dashed line across the drawing, its label above."""
    for quand, libelle, x, ligne in bandeau:
        haut = repere.valeurs.fin + 4 + 12 * ligne
        xs, ys = [repere.dates(quand)] * 2, [repere.valeurs.debut, haut]
        trait(figure, xs, ys, color=ENCRE, linestyle=(0, (3, 2)), zorder=1)
        texte(figure, x, haut + 5, libelle, taille=PETIT, fond="white")


def _ruban(figure: Figure, points: pd.DataFrame, repere: Repere, aspect: Aspect) -> None:
    """The interval as a ribbon: of ours, or of two lines at most; more would only blur each other."""
    bornes = points[points["borne_basse"].notna()]
    if len(bornes) < 2:
        return
    xs = list(bornes["date"].map(repere.dates))
    hauts, bas = (list(bornes[nom].map(repere.valeurs)) for nom in ("borne_haute", "borne_basse"))
    contour = [*zip(xs, hauts, strict=True), *zip(xs[::-1], bas[::-1], strict=True)]
    poser(figure, Polygon(contour, facecolor=melange(aspect.couleur, 0.2), linewidth=0, zorder=0.5))


def rompre(rangs: pd.DataFrame, ruptures: Sequence[tuple[float, str]]) -> pd.DataFrame:
    """A territory's rows with nothing at each break: what is on both sides of it is not one movement.

    A whole year that a break cuts is on neither side of it: there is nothing before its point either.
    """
    cesures = [float(quand) for quand, _ in ruptures]
    coupees = {float(math.floor(quand)) for quand in cesures if quand % 1} & set(rangs["date"])
    vides = pd.DataFrame({"date": [*sorted(coupees), *cesures]}).reindex(columns=rangs.columns)
    return pd.concat([vides, rangs]).sort_values("date", kind="stable") if len(vides) else rangs


def morceaux(rompus: pd.DataFrame) -> list[pd.DataFrame]:
    """The rows that one line joins: those with a value, between two that have none."""
    rangs = rompus["valeur"].isna().cumsum().to_numpy()
    connus = rompus["valeur"].notna().to_numpy()
    return [morceau for _, morceau in rompus[connus].groupby(rangs[connus])]


def _ligne(figure: Figure, rangs: pd.DataFrame, repere: Repere, aspect: Aspect) -> None:
    """The line, interrupted where a value is hidden or a series breaks, and its points."""
    xs, ys = rangs["date"].map(repere.dates), rangs["valeur"].map(repere.valeurs)
    options = {"color": aspect.couleur, "linewidth": aspect.epaisseur, "linestyle": aspect.tiret}
    trait(figure, xs, ys, **options, zorder=3.5 if aspect.gras else 3)
    taille = 5 if len(rangs) <= 15 else 3
    for x, y, statut in zip(xs, ys, rangs["statut"], strict=True):
        if not math.isnan(y):
            creux = statut == Statut.FRAGILE
            point(figure, x, y, couleur=aspect.couleur, forme=aspect.forme, creux=creux, taille=taille)


def _nommer_les_series(figure: Figure, series: Mapping[str, pd.DataFrame], repere: Repere) -> None:
    """Each name near the end of its line, never on another; a thin line joins it to its end."""
    voulues = [repere.valeurs(float(series[nom]["valeur"].iloc[-1])) for nom in repere.fins]
    hauteurs = [_haut_de(fin) for fin in repere.fins.values()]
    places = ecarter(voulues, hauteurs, repere.valeurs.debut - 6, repere.valeurs.fin + 6)
    bord = repere.dates.fin
    for (nom, fin), voulue, y in zip(repere.fins.items(), voulues, places, strict=True):
        aspect = repere.aspects[nom]
        depart = repere.dates(float(series[nom]["date"].iloc[-1])) + 5
        trait(figure, [depart, bord + 2, bord + 13], [voulue, voulue, y], linewidth=0.5, zorder=1)
        point(figure, bord + 17, y, couleur=aspect.couleur, forme=aspect.forme, taille=4)
        couleur = ACCENT if aspect.gras else ENCRE
        texte(figure, bord + 24, y, fin, couleur=couleur, gras=aspect.gras)


def _alt_evolution(rangs: pd.DataFrame, sujet: Sujet, ruptures: Sequence[tuple[float, str]]) -> list[str]:
    """From where to where ours went (or each of three lines at most), who is high and low at the end."""
    solides = _series(rangs[rangs["statut"] == Statut.VALIDE])
    nommees = [sujet.nous] if sujet.nous in solides else list(solides)[:3]
    parcours = [_parcours(nom, solides[nom], sujet) for nom in nommees]
    dernier = rangs[rangs["date"] == rangs["date"].max()]
    extreme = extremes(dernier, sujet)
    fin = f"en {dernier['quand'].iloc[0]}, {extreme}" if extreme else ""
    noms = enumerer([nom for _, nom in sorted(ruptures)])
    return [phrase(*parcours), phrase(fin), phrase(f"ruptures : {noms}" if noms else "", reserves(rangs))]


def _parcours(nom: str, points: pd.DataFrame, sujet: Sujet) -> str:
    """« Le Mont-Dore passe de 8,1 % (2004) à 15,7 % (2019), soit +7,6 points »."""
    premier, dernier = points.iloc[0], points.iloc[-1]
    debut, fin = sujet.chiffre(premier["valeur"]), sujet.complet(dernier["valeur"])
    if len(points) == 1:
        return f"{nom} : {fin} ({dernier['quand']})"
    if debut == sujet.chiffre(dernier["valeur"]):
        return f"{nom} reste à {fin} ({premier['quand']} et {dernier['quand']})"
    ecart = sujet.ecart(dernier["valeur"] - premier["valeur"])
    return f"{nom} passe de {debut} ({premier['quand']}) à {fin} ({dernier['quand']}), soit {ecart}"


# --- rows: ranking, comparison, bars ---------------------------------------------------------------


@dataclass(frozen=True)
class Rangees:
    """Where the rows go: middle of each, and the rectangle left to the drawing."""

    centres: tuple[float, ...]
    gauche: float
    droite: float
    bas: float
    haut: float


def _rangees(
    sujet: Sujet,
    noms: Sequence[str],
    colonnes: Sequence[Sequence[str]],
    *,
    tete: float = 4,
    pied: float = 16,
    titres: Sequence[str] = (),
    coupure: int = 0,
    pas: float = 15,
) -> tuple[Figure, Rangees]:
    """A drawing with names on the left and columns of text on the right, a row each.

    `tete` and `pied`: points kept above and below the rows; `titres`: what stands over the columns; a gap
    is left before row `coupure`.
    """
    gras = [nom == sujet.nous for nom in noms]
    plies = [replier(nom, 0.38 * LARGEUR, TAILLE, g) for nom, g in zip(noms, gras, strict=True)]
    hauteurs = [max(pas, _haut_de(nom) + 4) for nom in plies]
    haut = pied + sum(hauteurs) + (7 if coupure else 0)
    figure = feuille(sujet, haut + tete)
    fins = np.cumsum(hauteurs) + np.where(np.arange(len(noms)) >= (coupure or len(noms)), 7, 0)
    centres = [float(haut - fin + h / 2) for fin, h in zip(fins, hauteurs, strict=True)]
    gauche = max(encombrement(nom, TAILLE, g) for nom, g in zip(plies, gras, strict=True)) + 12
    for y, nom, g in zip(centres, plies, gras, strict=True):
        texte(figure, 0, y, nom, couleur=ACCENT if g else ENCRE, gras=g)
    droite = LARGEUR
    for colonne, titre in zip(reversed(colonnes), reversed(titres or [""] * len(colonnes)), strict=True):
        texte(figure, droite, haut + 8, titre, taille=PETIT, couleur=GRIS, gras=True, ha="right")
        droite -= max(largeur(titre, PETIT, True), _colonne(figure, droite, centres, colonne, gras)) + 12
    return figure, Rangees(tuple(centres), gauche, droite, pied, haut)


def _colonne(
    figure: Figure, droite: float, centres: Sequence[float], cases: Sequence[str], gras: Sequence[bool]
) -> float:
    """Write a column of values against its right edge; its width."""
    for y, case, g in zip(centres, cases, gras, strict=True):
        couleur = GRIS if case in _MUETS.values() else ENCRE
        texte(figure, droite, y, case, couleur=couleur, gras=g, ha="right")
    return max(largeur(case, TAILLE, g) for case, g in zip(cases, gras, strict=True))


def _lignes_guides(figure: Figure, rangees: Rangees) -> None:
    """Dotted lines that lead the eye from a name to its point and its value."""
    for y in rangees.centres:
        xs = [rangees.gauche - 6, rangees.droite + 4]
        trait(figure, xs, [y, y], color=TRAIT, linewidth=0.5, linestyle=(0, (1, 3)), zorder=0)


def _pied(sujet: Sujet, cles: Legende) -> float:
    """Room below the rows: graduations, long unit, keys."""
    return 16 + (11 if sujet.unite_longue else 0) + cles.hauteur


def _axe_des_rangees(figure: Figure, rangees: Rangees, valeurs: Iterable[float], sujet: Sujet) -> Echelle:
    """The horizontal scale under the rows, and its long unit."""
    echelle = Echelle(*_bornes(valeurs, 1 / 3), rangees.gauche + 8, rangees.droite - 8)
    axe_horizontal(figure, echelle, sujet, rangees.bas, rangees.haut)
    milieu = (rangees.gauche + rangees.droite) / 2
    texte(figure, milieu, rangees.bas - 19, sujet.unite_longue, taille=PETIT, couleur=GRIS, ha="center")
    return echelle


def classement(lignes: pd.DataFrame, sujet: Sujet, *, repere: tuple[str, float] | None = None) -> Graphique:
    """Territories from the highest to the lowest, their 95 % intervals, a labelled reference line.

    What bears no ranking comes apart, below: fragile figures (hollow) and floors, then those not shown.
    """
    rangs, classes = _ranger(preparer(lignes))
    etiquettes = [etiquette(v, s, sujet) for v, s in zip(rangs["valeur"], rangs["statut"], strict=True)]
    cles = legende(_cles_classement(rangs))
    coupure = classes if classes < len(rangs) else 0
    options = {"tete": 15 if repere else 4, "pied": _pied(sujet, cles), "coupure": coupure}
    figure, rangees = _rangees(sujet, list(rangs["territoire"]), [etiquettes], **options)
    valeurs = [*_toutes_bornes(rangs), *([repere[1]] if repere else [])]
    echelle = _axe_des_rangees(figure, rangees, valeurs, sujet)
    if repere:
        _dessiner_repere(figure, rangees, echelle, repere, sujet)
    _lignes_guides(figure, rangees)
    for y, rang in zip(rangees.centres, rangs.itertuples(), strict=True):
        couleur = ACCENT if rang.territoire == sujet.nous or not sujet.nous else GRIS
        _point_et_intervalle(figure, y, rang, echelle, couleur)
    cles.dessiner(figure, rangees.gauche, cles.hauteur)
    donnees = tableau_simple(rangs, sujet)
    return graphique(sujet, figure, donnees, *_alt_classement(rangs, sujet, repere))


def _ranger(rangs: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Ranked rows from the highest; then the fragile ones and the floors, the hidden ones; how many are ranked."""
    groupe = rangs["statut"].map({Statut.VALIDE: 0, Statut.FRAGILE: 1, Statut.PLANCHER: 1}).fillna(2)
    cles = rangs.assign(groupe=groupe).sort_values(
        ["groupe", "valeur", "territoire"], ascending=[True, False, True], kind="stable", ignore_index=True
    )
    return cles.drop(columns="groupe"), int((groupe == 0).sum())


def _cles_classement(rangs: pd.DataFrame) -> list[tuple[Symbole, str]]:
    """Keys of the interval and of the hollow marker, when they are drawn."""
    cles = []
    if rangs["borne_basse"].notna().any():
        cles.append((_cle_intervalle, "valeur et intervalle à 95 %"))
    if (rangs["statut"] == Statut.FRAGILE).any():
        cles.append((repere_point(GRIS, creux=True), "fragile, non classé"))
    return cles + _cle_plancher(rangs)


def _cle_plancher(rangs: pd.DataFrame) -> list[tuple[Symbole, str]]:
    """Key of a value that the producer gives as a ceiling."""
    planchers = (rangs["statut"] == Statut.PLANCHER).any()
    return [(repere_point(GRIS, "<"), "au plus cette valeur")] if planchers else []


def _cle_intervalle(figure: Figure, x: float, y: float) -> None:
    """A point on its interval."""
    trait(figure, [x - 1, x + 13], [y, y], color=GRIS, linewidth=1.6)
    point(figure, x + 6, y, couleur=GRIS)


def _point_et_intervalle(figure: Figure, y: float, rang: object, echelle: Echelle, couleur: str) -> None:
    """A value on its interval; nothing when it is not shown."""
    if math.isnan(rang.valeur):
        return
    if not math.isnan(rang.borne_basse):
        bornes = [echelle(rang.borne_basse), echelle(rang.borne_haute)]
        trait(figure, bornes, [y, y], color=couleur, linewidth=1.6, alpha=0.55, solid_capstyle="butt")
    forme = "<" if rang.statut == Statut.PLANCHER else "o"
    point(figure, echelle(rang.valeur), y, couleur=couleur, forme=forme, creux=rang.statut == Statut.FRAGILE)


def _dessiner_repere(
    figure: Figure, rangees: Rangees, echelle: Echelle, repere: tuple[str, float], sujet: Sujet
) -> None:
    """The reference line, named above the rows."""
    nom, valeur = repere
    libelle = f"{nom} : {sujet.chiffre(valeur)}"
    demi = largeur(libelle, PETIT, True) / 2
    x = min(max(echelle(valeur), demi), LARGEUR - demi)
    trait(
        figure, [echelle(valeur)] * 2, [rangees.bas, rangees.haut + 2], color=ACCENT, linewidth=1.1, zorder=1
    )
    texte(figure, x, rangees.haut + 8, libelle, taille=PETIT, couleur=ACCENT, gras=True, ha="center")


def _alt_classement(rangs: pd.DataFrame, sujet: Sujet, repere: tuple[str, float] | None) -> list[str]:
    """The extremes, where ours stands, how many rows are surely above or below the reference."""
    classes = rangs[rangs["statut"] == Statut.VALIDE].reset_index(drop=True)
    rang, reference = "", ""
    if sujet.nous in set(classes["territoire"]):
        place = 1 + classes.index[classes["territoire"] == sujet.nous][0]
        rang = f"{sujet.nous} : {'1er' if place == 1 else f'{place}e'} rang sur {len(classes)}"
    if repere:
        reference = f"repère, {repere[0]} : {sujet.complet(repere[1])}{_ecarts_surs(classes, repere[1])}"
    debut = phrase(compter(len(rangs), sujet.objets), extremes(rangs, sujet))
    return [debut, phrase(rang, reference), phrase(reserves(rangs))]


def _ecarts_surs(classes: pd.DataFrame, repere: float) -> str:
    """How many intervals lie wholly above or below the reference."""
    if classes["borne_basse"].isna().all():
        return ""
    dessus, dessous = (
        int((classes["borne_basse"] > repere).sum()),
        int((classes["borne_haute"] < repere).sum()),
    )
    return f" ; nettement au-dessus : {dessus}, nettement au-dessous : {dessous} (intervalles à 95 %)"


def comparaison(lignes: pd.DataFrame, sujet: Sujet) -> Graphique:
    """One indicator for a few territories, in the order given, at one date or two (`date`).

    The last date is a full marker on its interval, the earlier one a hollow lozenge.
    """
    rangs = _dater(lignes if "date" in lignes else lignes.assign(date=0.0))
    quand = list(dict.fromkeys(rangs["quand"]))
    if len(quand) > 2:
        raise ValueError(f"comparaison à {len(quand)} dates : deux au plus, sinon `evolution`")
    noms = list(dict.fromkeys(lignes["territoire"]))
    par_date = [rangs[rangs["quand"] == q].set_index("territoire").reindex(noms) for q in quand]
    colonnes = [[_etiquette_ou_vide(r, sujet) for r in dates.itertuples()] for dates in par_date]
    cles = legende(_cles_comparaison(rangs, quand))
    titres = quand if len(quand) == 2 else ()
    options = {"tete": 15 if titres else 4, "pied": _pied(sujet, cles), "pas": 17, "titres": titres}
    figure, rangees = _rangees(sujet, noms, colonnes, **options)
    echelle = _axe_des_rangees(figure, rangees, _toutes_bornes(rangs), sujet)
    _lignes_guides(figure, rangees)
    _dessiner_comparaison(figure, rangees, par_date, echelle, sujet)
    cles.dessiner(figure, rangees.gauche, cles.hauteur)
    if "date" in lignes:
        donnees = _croise(rangs.assign(date=rangs["quand"]), sujet, "territoire", "date")
    else:
        donnees = tableau_simple(rangs, sujet)
    return graphique(sujet, figure, donnees, *_alt_comparaison(par_date, quand, sujet, "date" in lignes))


def _etiquette_ou_vide(rang: object, sujet: Sujet) -> str:
    """The label of a row that may be missing at this date."""
    return ABSENT if pd.isna(rang.statut) else etiquette(rang.valeur, rang.statut, sujet)


def _cles_comparaison(rangs: pd.DataFrame, quand: Sequence[str]) -> list[tuple[Symbole, str]]:
    """Keys: the two dates, the interval, fragile."""
    cles: list[tuple[Symbole, str]] = []
    if len(quand) == 2:
        cles = [(repere_point(GRIS, "D", creux=True), quand[0]), (repere_point(GRIS), quand[1])]
    if rangs["borne_basse"].notna().any():
        cles.append((_cle_intervalle, "intervalle à 95 %"))
    if (rangs["statut"] == Statut.FRAGILE).any():
        cles.append((repere_point(GRIS, creux=True), "fragile"))
    return cles + _cle_plancher(rangs)


def _dessiner_comparaison(
    figure: Figure, rangees: Rangees, par_date: Sequence[pd.DataFrame], echelle: Echelle, sujet: Sujet
) -> None:
    """For each row the earlier marker, the way from it, and the value on its interval."""
    dernier = par_date[-1].reset_index()
    for i, (y, rang) in enumerate(zip(rangees.centres, dernier.itertuples(), strict=True)):
        couleur = ACCENT if rang.territoire == sujet.nous else GRIS
        avant = par_date[0]["valeur"].iloc[i] if len(par_date) == 2 else math.nan
        if not math.isnan(avant):
            if not math.isnan(rang.valeur):
                trait(figure, [echelle(avant), echelle(rang.valeur)], [y, y], color=couleur, linewidth=0.8)
            point(figure, echelle(avant), y, couleur=couleur, forme="D", creux=True, taille=5)
        _point_et_intervalle(figure, y, rang, echelle, couleur)


def _dire(rang: object, sujet: Sujet) -> str:
    """A value in a sentence, or why there is none."""
    if pd.isna(rang.statut) or rang.statut in _MUETS:
        return _MUETS[Statut.ABSENT if pd.isna(rang.statut) else rang.statut]
    reserve = {Statut.FRAGILE: " (fragile)", Statut.PLANCHER: " au plus"}.get(rang.statut, "")
    return sujet.complet(rang.valeur) + reserve


def _alt_comparaison(
    par_date: Sequence[pd.DataFrame], quand: Sequence[str], sujet: Sujet, date: bool
) -> list[str]:
    """Ours then each other (up to four), then the change of ours."""
    dernier = par_date[-1].reset_index()
    valeurs = {rang.territoire: _dire(rang, sujet) for rang in dernier.itertuples()}
    ordre = sorted(valeurs, key=lambda nom: nom != sujet.nous)[:5]
    dits = " ; ".join(f"{nom} : {valeurs[nom]}" for nom in ordre)
    suite = extremes(dernier, sujet) if len(valeurs) > 5 else ""
    notre = [dates[dates.index == sujet.nous] for dates in par_date]
    points = pd.concat([rang[rang["statut"] == Statut.VALIDE] for rang in notre])
    parcours = _parcours(sujet.nous, points, sujet) if len(points) == 2 else ""
    return [phrase(f"en {quand[-1]}, {dits}" if date else dits), phrase(suite), phrase(parcours)]


def barres(lignes: pd.DataFrame, sujet: Sujet, *, periode: str = "", precedente: str = "") -> Graphique:
    """Counts or amounts by category, from the largest; « Autre » and « Non renseigné » stay last.

    Frame: `categorie`, `valeur`, optional `rang` (categories that have an order of their own, such as
    ages), optional `statut`, optional `precedent` (the same, a year before, drawn
    as a mark) with `statut_precedent`. `periode` and `precedente` name the two.
    """
    rangs = _ordonner_barres(preparer(lignes))
    if (rangs[["valeur", "precedent"]] < 0).any(axis=None):
        raise ValueError("barres : une valeur négative n'a pas de barre")
    etiquettes = [etiquette(v, s, sujet) for v, s in zip(rangs["valeur"], rangs["statut"], strict=True)]
    cles = legende(_cles_barres(rangs, periode, precedente))
    tete = 14 if sujet.unite_longue else 4
    figure, rangees = _rangees(sujet, list(rangs["categorie"]), [], tete=tete, pied=cles.hauteur + 3, pas=16)
    texte(figure, rangees.gauche, rangees.haut + 7, sujet.unite_longue, taille=PETIT, couleur=GRIS)
    reserve = max(largeur(e) for e in etiquettes) + 8
    maximum = float(np.nanmax([0, *rangs["valeur"], *rangs["precedent"]])) or 1.0
    echelle = Echelle(0, maximum, rangees.gauche, LARGEUR - reserve)
    trait(figure, [echelle.debut] * 2, [rangees.bas, rangees.haut], zorder=3)
    for y, rang, mot in zip(rangees.centres, rangs.itertuples(), etiquettes, strict=True):
        _barre(figure, y, rang, mot, echelle)
    cles.dessiner(figure, rangees.gauche, cles.hauteur)
    donnees = _table_barres(rangs, sujet, periode, precedente)
    return graphique(sujet, figure, donnees, *_alt_barres(rangs, sujet, periode, precedente))


def _ordonner_barres(rangs: pd.DataFrame) -> pd.DataFrame:
    """Largest first, hidden then residual categories last, the previous values blanked as the others are."""
    avant = pd.DataFrame({"valeur": math.nan, "statut": None}, index=rangs.index)
    if "precedent" in rangs:
        statuts = rangs.get("statut_precedent", pd.Series(Statut.VALIDE, index=rangs.index))
        avant = preparer(pd.DataFrame({"valeur": rangs["precedent"], "statut": statuts}))
    rangs = rangs.assign(precedent=avant["valeur"], statut_precedent=avant["statut"])
    if "rang" in rangs:
        return rangs.sort_values("rang", kind="stable", ignore_index=True)
    reste = rangs["categorie"].str.match(r"(?i)(autre|non (renseigné|précisé|déclaré))")
    ordre = rangs.assign(reste=reste).sort_values(
        ["reste", "valeur", "categorie"], ascending=[True, False, True], kind="stable", ignore_index=True
    )
    return ordre.drop(columns="reste")


def _cles_barres(rangs: pd.DataFrame, periode: str, precedente: str) -> list[tuple[Symbole, str]]:
    """Keys of the two periods, when there are two, and of the fragile bars."""
    cles: list[tuple[Symbole, str]] = []
    if rangs["statut_precedent"].notna().any():
        cles = [(pastille(ACCENT), periode), (_cle_precedent, precedente)]
    if (rangs["statut"] == Statut.FRAGILE).any():
        cles.append((pastille(**_BARRE_FRAGILE), "fragile"))
    return cles


_BARRE_FRAGILE = {"fond": melange(ACCENT, 0.25), "hachure": "////", "encre": ACCENT}
_BARRE = {"fond": ACCENT, "hachure": "", "encre": ACCENT}


def _cle_precedent(figure: Figure, x: float, y: float) -> None:
    """The mark of the previous value."""
    trait(figure, [x + 6] * 2, [y - 5, y + 5], color=ENCRE, linewidth=2)


def _barre(figure: Figure, y: float, rang: object, mot: str, echelle: Echelle) -> None:
    """A bar with its value at the end, clear of the mark of the previous value."""
    fin = echelle.debut
    if not math.isnan(rang.valeur):
        fin = echelle(rang.valeur)
        teinte = _BARRE_FRAGILE if rang.statut == Statut.FRAGILE else _BARRE
        rectangle(figure, echelle.debut, y - 5, fin - echelle.debut, 10, **teinte)
    if not math.isnan(rang.precedent):
        x = echelle(rang.precedent)
        trait(figure, [x, x], [y - 7, y + 7], color="white", linewidth=3.6, zorder=3)
        trait(figure, [x, x], [y - 7, y + 7], color=ENCRE, linewidth=2, zorder=4)
        if fin - 2 <= x <= fin + largeur(mot) + 6:
            fin = x
    texte(figure, fin + 4, y, mot, couleur=GRIS if mot in _MUETS.values() else ENCRE)


def _table_barres(rangs: pd.DataFrame, sujet: Sujet, periode: str, precedente: str) -> pd.DataFrame:
    """Category, value, previous value."""
    table = {"Catégorie": list(rangs["categorie"]), periode or sujet.entete: _cellules(rangs, sujet)}
    if rangs["statut_precedent"].notna().any():
        paires = zip(rangs["precedent"], rangs["statut_precedent"], strict=True)
        table[precedente] = [cellule(v, s, sujet) for v, s in paires]
    return pd.DataFrame(table, dtype=object)


def _alt_barres(rangs: pd.DataFrame, sujet: Sujet, periode: str, precedente: str) -> list[str]:
    """The extremes, then the largest rise and fall since the previous period."""
    debut = compter(len(rangs), sujet.objets) + (f" ({periode})" if periode else "")
    solides = (rangs["statut"] == Statut.VALIDE) & (rangs["statut_precedent"] == Statut.VALIDE)
    ecarts = (rangs["valeur"] - rangs["precedent"])[solides]
    depuis = ""
    if len(ecarts):
        mouvements = _mouvements(ecarts, rangs["categorie"], sujet)
        depuis = f"depuis {precedente}, {mouvements or 'rien ne change'}"
    return [phrase(debut, extremes(rangs, sujet, "categorie")), phrase(depuis), phrase(reserves(rangs))]


def _mouvements(ecarts: pd.Series, noms: pd.Series, sujet: Sujet) -> str:
    """« plus forte hausse : A (+35) ; plus forte baisse : B (−12) », what there is of it."""
    choix = {"plus forte hausse": ecarts.idxmax(), "plus forte baisse": ecarts.idxmin()}
    gardes = {
        mot: i for mot, i in choix.items() if ecarts[i] != 0 and (ecarts[i] > 0) == mot.endswith("hausse")
    }
    return " ; ".join(f"{mot} : {noms[i]} ({sujet.ecart(ecarts[i])})" for mot, i in gardes.items())


# --- slope -----------------------------------------------------------------------------------------


def pente(debut: pd.DataFrame, fin: pd.DataFrame, sujet: Sujet, *, nom_debut: str, nom_fin: str) -> Graphique:
    """Where each territory was and where it is: one line each, named at both ends.

    Two frames `territoire`, `valeur`, optional bounds and `statut`. Fragile ends are hollow and their line
    dotted; a territory that lacks an end keeps the other.
    """
    paires = _apparier(preparer(debut), preparer(fin))
    aspects = _aspects_de_pente(paires, sujet)
    gauche, droite = _etiquettes_de_pente(paires, sujet)
    marges = [
        max((encombrement(t, TAILLE, True) for t in cote.values()), default=0) + 20
        for cote in (gauche, droite)
    ]
    trace = max(170.0, *(sum(map(_haut_de, cote.values())) for cote in (gauche, droite)))
    cles = legende(_cles_pente(paires))
    figure = feuille(sujet, cles.hauteur + trace + 26)
    bas = cles.hauteur + 6
    valeurs = [*paires["valeur"], *paires["valeur_fin"]]
    echelle = Echelle(*_serrees(valeurs), bas + 6, bas + trace - 6)
    xs = (marges[0], LARGEUR - marges[1])
    for x, nom, ha in zip(xs, (nom_debut, nom_fin), ("right", "left"), strict=True):
        trait(figure, [x, x], [bas, bas + trace], color=FILET, linewidth=1, zorder=0)
        texte(figure, x, bas + trace + 11, nom, gras=True, ha=ha)
    texte(figure, sum(xs) / 2, bas + trace + 11, sujet.unite_longue, taille=PETIT, couleur=GRIS, ha="center")
    for rang in paires.itertuples():
        _segment(figure, rang, xs, echelle, aspects[rang.territoire])
    _nommer_les_bouts(figure, paires, (gauche, droite), xs, echelle, aspects)
    cles.dessiner(figure, 0, cles.hauteur)
    donnees = _table_pente(paires, sujet, nom_debut, nom_fin)
    return graphique(sujet, figure, donnees, *_alt_pente(paires, sujet, nom_debut, nom_fin))


def _apparier(avant: pd.DataFrame, apres: pd.DataFrame) -> pd.DataFrame:
    """One row a territory of either date; columns of the second end in `_fin`; a lacking end is absent."""
    colonnes = ["territoire", "valeur", "borne_basse", "borne_haute", "statut"]
    paires = avant[colonnes].merge(
        apres[colonnes], on="territoire", how="outer", suffixes=("", "_fin"), sort=False
    )
    _verifier_unicite(paires, "territoire")
    ordre = dict.fromkeys([*avant["territoire"], *apres["territoire"]])
    paires = paires.set_index("territoire").loc[list(ordre)].reset_index()
    return paires.fillna({"statut": Statut.ABSENT, "statut_fin": Statut.ABSENT})


def _serrees(valeurs: Sequence[float]) -> tuple[float, float]:
    """The extremes of what is shown, or any two numbers when there is nothing to tell apart."""
    connues = [v for v in valeurs if not math.isnan(v)] or [0.0]
    bas, haut = min(connues), max(connues)
    return (bas, haut) if bas < haut else (bas - 1, haut + 1)


def _etiquettes_de_pente(paires: pd.DataFrame, sujet: Sujet) -> tuple[dict[str, str], dict[str, str]]:
    """Name and value at each end, for the territories shown there."""
    large = 0.3 * LARGEUR
    cotes: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for rang in paires.itertuples():
        nom, gras = rang.territoire, rang.territoire == sujet.nous
        if not math.isnan(rang.valeur):
            mot = etiquette(rang.valeur, rang.statut, sujet)
            cotes[0][nom] = replier(f"{nom} {mot}", large, TAILLE, gras)
        if not math.isnan(rang.valeur_fin):
            mot = etiquette(rang.valeur_fin, rang.statut_fin, sujet)
            cotes[1][nom] = replier(f"{mot} {nom}", large, TAILLE, gras)
    return cotes


def _aspects_de_pente(paires: pd.DataFrame, sujet: Sujet) -> dict[str, Aspect]:
    """Ours in colour and thick; among the others, sure moves dark and the rest pale."""
    hausses, baisses = _mouvements_surs(paires)
    surs = (hausses | baisses) & (paires["borne_basse"].notna().any())
    aspects = {
        nom: Aspect(ENCRE, "o", "-", 1.6) if sur else Aspect(TRAIT, "o", "-", 1.0)
        for nom, sur in zip(paires["territoire"], surs, strict=True)
    }
    return aspects | {nom: Aspect(ACCENT, "o", "-", 2.2, True) for nom in aspects if nom == sujet.nous}


def _cles_pente(paires: pd.DataFrame) -> list[tuple[Symbole, str]]:
    """Keys: fragile, and the territories that appear at neither end."""
    cles: list[tuple[Symbole, str]] = []
    if paires["borne_basse"].notna().any():
        cles.append((repere_trait(ENCRE, linewidth=1.6), "écart net (intervalles à 95 % disjoints)"))
        cles.append((repere_trait(TRAIT, linewidth=1.0), "écart non significatif"))
    if (paires[["statut", "statut_fin"]] == Statut.FRAGILE).any(axis=None):
        cles.append((repere_point(GRIS, creux=True), "fragile : évolution à ne pas lire"))
    vides = paires[paires["valeur"].isna() & paires["valeur_fin"].isna()]
    return cles + _cles_absents(zip(vides["territoire"], vides["statut_fin"], strict=True))


def _segment(figure: Figure, rang: object, xs: tuple[float, float], echelle: Echelle, aspect: Aspect) -> None:
    """A line between two values, or the one end that is known."""
    ys = [echelle(v) for v in (rang.valeur, rang.valeur_fin)]
    fragile = Statut.FRAGILE in (rang.statut, rang.statut_fin)
    style = (0, (1, 2)) if fragile else "-"
    trait(figure, xs, ys, color=aspect.couleur, linewidth=aspect.epaisseur, linestyle=style, zorder=3)
    for x, y, statut in zip(xs, ys, (rang.statut, rang.statut_fin), strict=True):
        if not math.isnan(y):
            point(figure, x, y, couleur=aspect.couleur, creux=statut == Statut.FRAGILE, taille=5)


def _nommer_les_bouts(
    figure: Figure,
    paires: pd.DataFrame,
    cotes: tuple[dict[str, str], dict[str, str]],
    xs: tuple[float, float],
    echelle: Echelle,
    aspects: Mapping[str, Aspect],
) -> None:
    """Labels on both sides, moved apart, each joined to its end by a thin line."""
    bouts = paires.set_index("territoire")
    for x, sens, colonne, noms in zip(xs, (-1, 1), ("valeur", "valeur_fin"), cotes, strict=True):
        voulues = [echelle(bouts.loc[nom, colonne]) for nom in noms]
        hauteurs = [_haut_de(mot) for mot in noms.values()]
        places = ecarter(voulues, hauteurs, echelle.debut - 10, echelle.fin + 10)
        for (nom, mot), voulue, y in zip(noms.items(), voulues, places, strict=True):
            trait(figure, [x + 4 * sens, x + 15 * sens], [voulue, y], linewidth=0.5, zorder=1)
            aspect = aspects[nom]
            couleur = ACCENT if aspect.gras else ENCRE
            ha = "left" if sens > 0 else "right"
            texte(figure, x + 17 * sens, y, mot, couleur=couleur, gras=aspect.gras, ha=ha)


def _table_pente(paires: pd.DataFrame, sujet: Sujet, nom_debut: str, nom_fin: str) -> pd.DataFrame:
    """Territory, both values, and their difference where both can bear one."""
    fin = paires.assign(valeur=paires["valeur_fin"], statut=paires["statut_fin"])
    ecarts = paires["valeur_fin"] - paires["valeur"]
    solides = (paires["statut"] == Statut.VALIDE) & (paires["statut_fin"] == Statut.VALIDE)
    textes = [sujet.ecart(e) if s else "" for e, s in zip(ecarts, solides, strict=True)]
    colonnes = {nom_debut: _cellules(paires, sujet), nom_fin: _cellules(fin, sujet), "Évolution": textes}
    return pd.DataFrame({"Territoire": list(paires["territoire"])} | colonnes, dtype=object)


def _alt_pente(paires: pd.DataFrame, sujet: Sujet, nom_debut: str, nom_fin: str) -> list[str]:
    """How many rise and fall (surely, where there are intervals), the largest moves, and ours."""
    solides = paires[(paires["statut"] == Statut.VALIDE) & (paires["statut_fin"] == Statut.VALIDE)]
    hausses, baisses = _mouvements_surs(solides)
    sur, reste = (" nette", "sans écart net") if solides["borne_basse"].notna().any() else ("", "stables")
    autres = len(solides) - hausses.sum() - baisses.sum()
    comptes = (
        f"de {nom_debut} à {nom_fin}, sur {compter(len(solides), sujet.objets)}, "
        f"hausse{sur} : {hausses.sum()}, baisse{sur} : {baisses.sum()}, {reste} : {autres}"
    )
    ecarts = (solides["valeur_fin"] - solides["valeur"])[hausses | baisses]
    moteurs = _mouvements(ecarts, solides["territoire"], sujet) if len(ecarts) else ""
    notre = [
        f"{sujet.nous} : de {sujet.chiffre(rang.valeur)} à {sujet.complet(rang.valeur_fin)}"
        for rang in solides[solides["territoire"] == sujet.nous].itertuples()
    ]
    mentions = reserves(paires.assign(statut=paires["statut_fin"]))
    return [phrase(comptes), phrase(moteurs, *notre), phrase(mentions)]


def _mouvements_surs(solides: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Rises and falls; where both ends have an interval, only those whose intervals are disjoint.

    Disjoint intervals are a stricter rule than a test of the difference (Schenker and Gentleman, 2001):
    a difference named here is one.
    """
    avant = [solides[borne].fillna(solides["valeur"]) for borne in ("borne_basse", "borne_haute")]
    apres = [
        solides[f"{borne}_fin"].fillna(solides["valeur_fin"]) for borne in ("borne_basse", "borne_haute")
    ]
    return apres[0] > avant[1], apres[1] < avant[0]


# --- parts of a whole ------------------------------------------------------------------------------


def repartition(parts: pd.DataFrame, sujet: Sujet) -> Graphique:
    """Parts of a whole, in %, one bar a territory: colour and hatch, value where it fits, keys in order.

    Frame: `territoire`, `categorie` (at most seven, in reading order), `valeur` (%), optional `statut`.
    A territory with one hidden part is hidden whole: the part would be found by subtraction.
    """
    rangs = _cacher_les_incomplets(preparer(parts))
    categories = list(dict.fromkeys(rangs["categorie"]))
    noms = list(dict.fromkeys(rangs["territoire"]))
    if len(categories) > len(OKABE_ITO):
        raise ValueError(f"repartition : {len(categories)} catégories, {len(OKABE_ITO)} au plus")
    _verifier_unicite(rangs, "territoire", "categorie")
    _verifier_sommes(rangs)
    cles = legende([(pastille(**_TEINTES[i]), nom) for i, nom in enumerate(categories)])
    fragiles = set(rangs.loc[rangs["statut"] == Statut.FRAGILE, "territoire"])
    mentions = ["fragile" if nom in fragiles else "" for nom in noms]
    colonnes = [mentions] if fragiles else []
    figure, rangees = _rangees(sujet, noms, colonnes, tete=cles.hauteur + 2, pied=2, pas=27)
    cles.dessiner(figure, 0, rangees.haut + cles.hauteur + 2)
    echelle = Echelle(0, 100, rangees.gauche, rangees.droite)
    for y, nom in zip(rangees.centres, noms, strict=True):
        siens = rangs[rangs["territoire"] == nom].set_index("categorie").reindex(categories)
        _barre_empilee(figure, y, siens, echelle, sujet)
    donnees = _croise(rangs, sujet, "territoire", "categorie")
    return graphique(sujet, figure, donnees, *_alt_repartition(rangs, sujet))


_TEINTES = tuple(
    {"fond": melange(couleur, 0.92), "hachure": hachure, "encre": melange(couleur, 0.5)}
    for couleur, hachure in zip(OKABE_ITO, HACHURES, strict=True)
)


def _cacher_les_incomplets(rangs: pd.DataFrame) -> pd.DataFrame:
    """Blank every part of a territory that has one under secrecy."""
    touches = set(rangs.loc[rangs["statut"] == Statut.SECRET, "territoire"])
    statut = rangs["statut"].where(~rangs["territoire"].isin(touches), Statut.SECRET)
    return preparer(rangs.assign(statut=statut))


def _verifier_sommes(rangs: pd.DataFrame) -> None:
    """Refuse parts that do not make a whole."""
    sommes = rangs.groupby("territoire", sort=False)["valeur"].agg(lambda v: v.sum(skipna=False)).dropna()
    for nom, somme in sommes.items():
        if abs(somme - 100) > 0.5:
            raise ValueError(f"repartition : les parts de « {nom} » font {somme:.1f} %")


def _barre_empilee(figure: Figure, y: float, siens: pd.DataFrame, echelle: Echelle, sujet: Sujet) -> None:
    """One bar, its segments in order, white between them."""
    muets = siens["statut"].dropna().isin(list(_MUETS))
    if muets.any():
        rectangle(figure, echelle.debut, y - 9, echelle.fin - echelle.debut, 18, fond="white", bord=FILET)
        mot = _MUETS[siens["statut"].dropna()[muets].iloc[0]]
        texte(figure, (echelle.debut + echelle.fin) / 2, y, mot, couleur=GRIS, ha="center")
        return
    depart = 0.0
    for i, part in enumerate(siens["valeur"].fillna(0)):
        gauche, droite = echelle(depart), echelle(depart + part)
        rectangle(figure, gauche, y - 9, droite - gauche, 18, **_TEINTES[i])
        trait(figure, [droite, droite], [y - 9, y + 9], color="white", linewidth=1.2, zorder=3)
        fond = _TEINTES[i]["fond"]
        mots = [sujet.chiffre(part), nombre(part, sujet.decimales)]
        mot = next((m for m in mots if largeur(m, PETIT) + 6 < droite - gauche), "")
        milieu, encre = (gauche + droite) / 2, encre_sur(fond)
        texte(figure, milieu, y, mot, taille=PETIT, couleur=encre, fond=fond, ha="center")
        depart += part


def _alt_repartition(rangs: pd.DataFrame, sujet: Sujet) -> list[str]:
    """The parts of ours (or the first), largest first, then the widest gap with another territory."""
    visibles = rangs[rangs["valeur"].notna()]
    noms = list(dict.fromkeys(visibles["territoire"]))
    if not noms:
        return [phrase(reserves(rangs))]
    ici = sujet.nous if sujet.nous in noms else noms[0]
    par_nom = {n: visibles[visibles["territoire"] == n].set_index("categorie")["valeur"] for n in noms}
    siennes = par_nom[ici].sort_values(ascending=False, kind="stable")
    parts = f"{ici} : " + ", ".join(f"{nom} {sujet.complet(part)}" for nom, part in siennes.items())
    ecarts = [
        (abs(siennes[categorie] - part), nom, categorie)
        for nom in noms
        for categorie, part in par_nom[nom].items()
        if nom != ici and categorie in siennes
    ]
    ecart = ""
    if ecarts:
        _, ailleurs, quoi = max(ecarts, key=lambda candidat: candidat[0])
        contre = sujet.complet(par_nom[ailleurs][quoi])
        ecart = f"plus grand écart, {quoi} : {sujet.complet(siennes[quoi])} contre {contre} ({ailleurs})"
    caches = list(dict.fromkeys(rangs.loc[rangs["valeur"].isna(), "territoire"]))
    fragiles = list(dict.fromkeys(rangs.loc[rangs["statut"] == Statut.FRAGILE, "territoire"]))
    manques = f"non montrés : {abreger(caches)}" if caches else ""
    prudence = f"fragiles : {abreger(fragiles)}" if fragiles else ""
    return [phrase(parts), phrase(ecart), phrase(manques, prudence)]
