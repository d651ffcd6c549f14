"""Where places of every size stand around one value, and how far chance alone would send them. Out: a `Graphique`."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from pipeline.report.charts.drawing import (
    ACCENT,
    ENCRE,
    FILET,
    GRIS,
    LARGEUR,
    PETIT,
    TRAIT,
    Echelle,
    arrondir_bornes,
    feuille,
    graduer,
    largeur,
    legende,
    point,
    repere_point,
    repere_trait,
    texte,
    trait,
)
from pipeline.report.charts.subject import Graphique, Sujet, cellules, graphique, phrase, preparer
from pipeline.report.nombres import nombre

_HAUT, _DROITE = 190.0, 12.0
# Of each confidence, in %: how its limits are drawn.
_TIRETS = {"95": (0, (4, 2)), "99,8": "-"}
SITUATIONS = ("au-dessus", "au-dessous", "dans l’entonnoir")


def entonnoir(
    lignes: pd.DataFrame, sujet: Sujet, *, reference: float, limites: pd.DataFrame, quoi: str
) -> Graphique:
    """A point a place, its value over its size (log scale); the reference and the limits of chance around it.

    Frame: `territoire`, `valeur`, `effectif` (observations, more than 0), `situation` (one of `SITUATIONS`, at 99.8 %).
    `limites`: `effectif`, `confiance` (« 95 » or « 99,8 »), `basse`, `haute`. `quoi`: what `effectif` counts.
    Spiegelhalter, Stat. Med. 24 (2005) p. 1185-1202.
    """
    rangs = preparer(lignes)
    figure = _dessiner(rangs, sujet, reference, limites, quoi)
    dehors = {nom: int((rangs["situation"] == nom).sum()) for nom in SITUATIONS}
    donnees = pd.DataFrame(
        {
            "Territoire": list(rangs["territoire"]),
            sujet.entete: cellules(rangs, sujet),
            quoi.capitalize(): [nombre(effectif) for effectif in rangs["effectif"]],
            "Situation (99,8 %)": list(rangs["situation"]),
        },
        dtype=object,
    )
    comptes = ", ".join(f"{nom} : {combien}" for nom, combien in dehors.items())
    notre = rangs[rangs["territoire"] == sujet.nous]
    dite = "".join(f"{r.territoire} : {sujet.complet(r.valeur)}, {r.situation}" for r in notre.itertuples())
    tete = f"{len(rangs)} {sujet.objets} autour de {sujet.complet(reference)}, limites à 99,8 % ; {comptes}"
    return graphique(sujet, figure, donnees, phrase(tete), phrase(dite))


def _dessiner(
    rangs: pd.DataFrame, sujet: Sujet, reference: float, limites: pd.DataFrame, quoi: str
) -> Figure:
    """Limits as lines that close in with size, points over them, ours named."""
    cles = legende(_cles(sujet))
    bas = cles.hauteur + 34
    figure = feuille(sujet, bas + _HAUT + (18 if sujet.unite_longue else 8))
    x, y = _echelles(rangs, sujet, limites, bas)
    _axes(figure, x, y, sujet, quoi)
    trait(figure, [x.debut, x.fin], [y(reference)] * 2, color=ENCRE, linewidth=1.0, zorder=2)
    for (confiance, borne), courbe in _courbes(limites):
        xs = [x(math.log10(effectif)) for effectif in courbe["effectif"]]
        # a limit that leaves the drawing, or that nobody can be under, is not drawn along its edge
        ys = [y(v) if y.de < v <= y.a else math.nan for v in courbe[borne]]
        trait(figure, xs, ys, color=GRIS, linestyle=_TIRETS[confiance], linewidth=1.0, zorder=2)
    for rang in rangs.itertuples():
        notre, dehors = rang.territoire == sujet.nous, rang.situation != SITUATIONS[2]
        options = {"couleur": ACCENT if notre else ENCRE if dehors else TRAIT, "creux": not (notre or dehors)}
        point(figure, x(math.log10(rang.effectif)), y(rang.valeur), **options, taille=8 if notre else 4)
        if notre:
            mot = f"{rang.territoire} {sujet.chiffre(rang.valeur)}"
            milieu = min(x(math.log10(rang.effectif)), x.fin - largeur(mot, PETIT, True) / 2)
            haut = y(rang.valeur) + 12
            texte(
                figure, milieu, haut, mot, taille=PETIT, couleur=ACCENT, gras=True, ha="center", fond="white"
            )
    cles.dessiner(figure, 0, cles.hauteur)
    return figure


def _cles(sujet: Sujet) -> list[tuple[object, str]]:
    return [
        (repere_trait(ENCRE), "valeur d’ensemble"),
        (repere_trait(GRIS, linestyle=_TIRETS["95"]), "limites à 95 %"),
        (repere_trait(GRIS), "à 99,8 %"),
        (repere_point(ENCRE), "hors des limites à 99,8 %"),
        (repere_point(TRAIT, creux=True), "dans l’entonnoir"),
    ]


def _courbes(limites: pd.DataFrame) -> Sequence[tuple[tuple[str, str], pd.DataFrame]]:
    """(confidence, bound) → the points of its line, by size."""
    return [
        ((confiance, borne), courbe.sort_values("effectif"))
        for confiance, courbe in limites.groupby("confiance", sort=True)
        for borne in ("basse", "haute")
    ]


def _echelles(
    rangs: pd.DataFrame, sujet: Sujet, limites: pd.DataFrame, bas: float
) -> tuple[Echelle, Echelle]:
    """Sizes on a log scale; values from zero to the highest, whatever the limits of the smallest are."""
    y = Echelle(*arrondir_bornes([0, *rangs["valeur"]], 1), bas, bas + _HAUT)
    gauche = max(largeur(libelle, PETIT) for _, libelle in graduer(y, sujet)) + 6
    logs = [math.log10(effectif) for effectif in (*rangs["effectif"], *limites["effectif"])]
    return Echelle(min(logs) - 0.05, max(logs) + 0.05, gauche, LARGEUR - _DROITE), y


def _axes(figure: Figure, x: Echelle, y: Echelle, sujet: Sujet, quoi: str) -> None:
    """Horizontal lines with their values; round sizes, as many as can be read."""
    for valeur, libelle in graduer(y, sujet):
        trait(figure, [x.debut, x.fin], [y(valeur)] * 2, color=FILET if valeur else TRAIT, zorder=0)
        texte(figure, x.debut - 4, y(valeur), libelle, taille=PETIT, couleur=GRIS, ha="right")
    for exposant in range(math.floor(x.de), math.ceil(x.a) + 1):
        for pas in (1, 2, 5):
            place = math.log10(pas) + exposant
            if x.de <= place <= x.a:
                trait(figure, [x(place)] * 2, [y.debut, y.debut - 3], zorder=1)
                mot = nombre(pas * 10**exposant)
                texte(figure, x(place), y.debut - 9, mot, taille=PETIT, couleur=GRIS, ha="center")
    texte(figure, x.fin, y.debut - 22, quoi, taille=PETIT, couleur=GRIS, ha="right")
    texte(figure, 0, y.fin + 12, sujet.unite_longue, taille=PETIT, couleur=GRIS)
