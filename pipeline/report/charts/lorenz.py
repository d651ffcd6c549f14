"""How aid is shared out among those who receive it. In: what each group of them has. Out: a `Graphique`."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from pipeline.report.charts.drawing import (
    ACCENT,
    ENCRE,
    FILET,
    GRIS,
    LARGEUR,
    PETIT,
    TRAIT,
    Echelle,
    feuille,
    melange,
    point,
    poser,
    replier,
    texte,
    trait,
)
from pipeline.report.charts.subject import Graphique, Sujet, graphique, phrase
from pipeline.report.francais import majuscule
from pipeline.report.nombres import avec_unite

_HAUT, _LARGE = 190.0, 270.0
_PIED, _TETE, _GAUCHE = 34.0, 18.0, 34.0
_EGALITE = "si tous recevaient autant"
_MENAGES = "part des ménages aidés, du moins au plus aidé"
_MONTANT = "part du montant"


def lorenz(lignes: pd.DataFrame, sujet: Sujet) -> Graphique:
    """The Lorenz curve of aid over groups of households, from those who receive least, and the line of equality.

    Frame: `menages` and `montant` of each group, in ascending order of what one household has, all of them known;
    `ValueError` otherwise. Lorenz, Publ. Am. Stat. Assoc. 9 (1905).
    """
    moyennes = (lignes["montant"] / lignes["menages"]).to_numpy(dtype=float)
    if len(moyennes) < 2 or not (np.diff(moyennes) >= -1e-9).all() or moyennes[-1] <= 0:
        raise ValueError("une courbe de Lorenz demande des groupes tous connus, du moins au plus aidé")
    gens, parts = cumuler(lignes["menages"], lignes["montant"])
    colonnes = {_MENAGES: gens, _MONTANT: parts}
    table = pd.DataFrame({majuscule(nom): [_part(v, 1) for v in lues[1:]] for nom, lues in colonnes.items()})
    return graphique(sujet, _dessiner(sujet, gens, parts), table.astype(object), _dire(gens, parts))


def cumuler(menages: Iterable[float], montants: Iterable[float]) -> tuple[np.ndarray, np.ndarray]:
    """Shares, in %, of the households and of the amount that the first groups make: from 0 to 100."""
    gens, parts = (np.concatenate([[0.0], np.cumsum(list(lus))]) for lus in (menages, montants))
    return 100 * gens / gens[-1], 100 * parts / parts[-1]


def _part(valeur: float, decimales: int = 0) -> str:
    return avec_unite(valeur, "%", decimales)


def _dire(gens: np.ndarray, parts: np.ndarray) -> str:
    """What the lower half has, then the last group."""
    moitie = _part(float(np.interp(50, gens, parts)))
    dernier = f"les {_part(100 - gens[-2])} les plus aidés, {_part(100 - parts[-2])}"
    return phrase(f"courbe de Lorenz : les 50 % de ménages les moins aidés ont {moitie} du montant", dernier)


def _reperes(gens: np.ndarray, parts: np.ndarray) -> list[tuple[float, float, str]]:
    """The two points that are named: where, and « les 50 % les moins aidés : 22 % du montant »."""
    moitie = float(np.interp(50, gens, parts))
    premiers, reste = 100 - gens[-2], 100 - parts[-2]
    return [
        (50.0, moitie, f"les {_part(50)} les moins aidés\u00a0: {_part(moitie)} du montant"),
        (gens[-2], parts[-2], f"les {_part(premiers)} les plus aidés\u00a0: {_part(reste)} du montant"),
    ]


def _dessiner(sujet: Sujet, gens: np.ndarray, parts: np.ndarray) -> Figure:
    """A square from 0 to 100 %, the area between the two lines in a tint, two points named."""
    figure = feuille(sujet, _PIED + _HAUT + _TETE)
    x, y = Echelle(0, 100, _GAUCHE, _GAUCHE + _LARGE), Echelle(0, 100, _PIED, _PIED + _HAUT)
    _axes(figure, x, y)
    contour = [(x(a), y(b)) for a, b in zip(gens, parts, strict=True)]
    poser(figure, Polygon(contour, facecolor=melange(ACCENT, 0.15), linewidth=0, zorder=0.5))
    trait(figure, [x(0), x(100)], [y(0), y(100)], color=ENCRE, linestyle=(0, (4, 2)), zorder=2)
    texte(figure, x(60) - 6, y(60) + 8, _EGALITE, taille=PETIT, ha="right")
    trait(figure, *zip(*contour, strict=True), color=ACCENT, linewidth=2.2, zorder=3)
    bas, haut = _reperes(gens, parts)
    for a, b, _ in (bas, haut):
        point(figure, x(a), y(b), couleur=ACCENT, taille=5)
    sous = max(y(bas[1]) - 9, y(0) + 7)
    texte(figure, x(bas[0]) + 7, sous, bas[2], taille=PETIT, couleur=ACCENT, gras=True)
    _accolade(figure, x(100) + 6, y(haut[1]), y(100), haut[2])
    return figure


def _axes(figure: Figure, x: Echelle, y: Echelle) -> None:
    """Thin lines every quarter, their shares, and what each axis is."""
    for valeur in (0, 25, 50, 75, 100):
        trait(figure, [x(0), x(100)], [y(valeur)] * 2, color=FILET if valeur else TRAIT, zorder=0)
        texte(figure, x(0) - 4, y(valeur), _part(valeur), taille=PETIT, couleur=GRIS, ha="right")
        trait(figure, [x(valeur)] * 2, [y(0), y(0) - 3], zorder=1)
        texte(figure, x(valeur), y(0) - 9, _part(valeur), taille=PETIT, couleur=GRIS, ha="center")
    texte(figure, 0, y(100) + 12, majuscule(_MONTANT), taille=PETIT, couleur=GRIS)
    texte(figure, x(100), y(0) - 22, majuscule(_MENAGES), taille=PETIT, couleur=GRIS, ha="right")


def _accolade(figure: Figure, x: float, bas: float, haut: float, mot: str) -> None:
    """A bracket from a height to another, and what is between them, folded to the room there is."""
    trait(figure, [x, x + 4, x + 4, x], [bas, bas, haut, haut], color=ACCENT, linewidth=1)
    milieu = min((bas + haut) / 2, haut - 12)
    plie = replier(mot, LARGEUR - x - 10, PETIT, True)
    texte(figure, x + 9, milieu, plie, taille=PETIT, couleur=ACCENT, gras=True)
