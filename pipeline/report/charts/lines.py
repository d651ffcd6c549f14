"""What moves over the years: lines, their intervals, cut at declared breaks. In: dated values. Out: a `Graphique`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from pipeline.model import Statut
from pipeline.report.charts.drawing import (
    ACCENT,
    ENCRE,
    FILET,
    FORMES,
    GRIS,
    LARGEUR,
    PETIT,
    TAILLE,
    TIRETS,
    TRAIT,
    Echelle,
    Symbole,
    arrondir_bornes,
    cles_absents,
    ecarter,
    encombrement,
    feuille,
    graduer,
    haut_de,
    largeur,
    legende,
    melange,
    pastille,
    point,
    poser,
    repere_point,
    replier,
    sans_symbole,
    texte,
    trait,
)
from pipeline.report.charts.subject import (
    MUETS,
    Graphique,
    Sujet,
    croiser,
    dater,
    dire_parcours,
    etiquette,
    extremes,
    graphique,
    libelles_dates,
    phrase,
    reserves,
    toutes_bornes,
)
from pipeline.report.francais import enumerer, majuscule

_COUPE = 2 / 3  # where an axis that is cut begins, as a share of its highest value
_DEMI_BARRE = 5  # half the width of the interval of a point alone, in points


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
    rangs = dater(serie)
    marques = [*ruptures, *reperes]
    figure = _dessiner_evolution(rangs, sujet, marques, sujet.unite_longue, _bornes(rangs), ruptures)
    donnees = croiser(rangs.assign(date=rangs["quand"]), sujet, "territoire", "date")
    return graphique(sujet, figure, donnees, *_alt_evolution(rangs, sujet, marques))


def evolution_indice(
    serie: pd.DataFrame, sujet: Sujet, *, ruptures: Sequence[tuple[float, str]] = ()
) -> Graphique:
    """Lines of the same frame as `evolution`, each as an index, 100 at the first date of the frame.

    A territory whose first value is hidden or zero has no index. Intervals are not drawn: those of a ratio
    of two estimates are not theirs.
    """
    rangs = dater(serie)
    depart = rangs[(rangs["date"] == rangs["date"].min()) & (rangs["valeur"] != 0)]
    base = rangs["territoire"].map(depart.set_index("territoire")["valeur"])
    indices = dater(
        rangs.drop(columns=["borne_basse", "borne_haute"]).assign(valeur=100 * rangs["valeur"] / base)
    )
    mention = f"indice 100 en {rangs['quand'].iloc[0]}"
    sujet = replace(sujet, unite="", decimales=1)
    bornes = arrondir_bornes(toutes_bornes(indices), 0)
    figure = _dessiner_evolution(indices, sujet, ruptures, mention, bornes, ruptures)
    donnees = croiser(indices.assign(date=indices["quand"]), sujet, "territoire", "date")
    alt = _alt_evolution(indices, sujet, ruptures)
    return graphique(sujet, figure, donnees, majuscule(mention) + ".", *alt)


def _bornes(rangs: pd.DataFrame) -> tuple[float, float]:
    """Ends of the axis: from zero, or from two thirds of its highest value where nothing drawn goes lower.

    So cut, it makes a move look three times what it would from zero, and never more: what hardly moves, and
    its interval, do not fill the drawing. What goes under zero keeps its own ends.
    """
    valeurs = [v for v in toutes_bornes(rangs) if not math.isnan(v)]
    if len(set(valeurs)) > 1 and min(valeurs) >= 0:
        valeurs.append(_COUPE * max(valeurs))
    return arrondir_bornes(valeurs, _COUPE)


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
    bornes: tuple[float, float],
    ruptures: Sequence[tuple[float, str]],
) -> Figure:
    """Lay out the drawing (names on the right, marks on top, keys below), then draw it."""
    series = _series(rangs)
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
    valeurs = Echelle(*bornes, bas, bas + max(sujet.hauteur, sum(map(haut_de, fins.values()))))
    gauche = max(largeur(libelle, PETIT) for _, libelle in graduer(valeurs, sujet)) + 6
    instants = [*rangs["date"], *(quand for quand, _ in ruptures)]
    marge = 0.03 * (max(instants) - min(instants)) or 0.5
    droite = LARGEUR - max(larges, default=0) - 26
    dates = Echelle(min(instants) - marge, max(instants) + marge, gauche, droite)
    return Repere(dates, valeurs, aspects, fins)


def _nom_de_fin(nom: str, points: pd.DataFrame, sujet: Sujet) -> str:
    """Name and last value, on as many lines as a third of the width asks."""
    dernier = points.iloc[-1]
    valeur = etiquette(dernier["valeur"], dernier["statut"], sujet)
    return replier(nom.replace(" ", " ") + " " + valeur, LARGEUR / 3, TAILLE, nom == sujet.nous)


def _cles_evolution(rangs: pd.DataFrame, sujet: Sujet, *, tronquee: bool) -> list[tuple[Symbole, str]]:
    """Keys of what is not named on the drawing: a cut axis, interval, fragile, hidden values and territories."""
    cles = [(sans_symbole, "l’axe ne part pas de zéro")] if tronquee else []
    if rangs["borne_basse"].notna().any():
        cles.append((pastille(melange(ACCENT if sujet.nous else GRIS, 0.2)), sujet.intervalle))
    if (rangs["statut"] == Statut.FRAGILE).any():
        cles.append((repere_point(ENCRE, creux=True), "fragile"))
    vus = rangs.groupby("territoire", sort=False)["valeur"].transform("count") > 0
    manques = [mot for statut, mot in MUETS.items() if (rangs.loc[vus, "statut"] == statut).any()]
    if manques:
        cles.append((sans_symbole, "ligne interrompue : " + enumerer(manques)))
    vides = rangs[~vus].drop_duplicates("territoire")
    return cles + cles_absents(zip(vides["territoire"], vides["statut"], strict=True))


def _axes_evolution(figure: Figure, repere: Repere, rangs: pd.DataFrame, sujet: Sujet) -> None:
    """Horizontal lines with their values, then the dates that have data, as many as can be read."""
    dates, bas = repere.dates, repere.valeurs.debut
    for valeur, libelle in graduer(repere.valeurs, sujet):
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
    """The interval as a ribbon: of ours, or of two lines at most; more would only blur each other.

    Of a point that no line joins to another, as long as its mark is wide.
    """
    bornes = points[points["borne_basse"].notna()]
    if bornes.empty:
        return
    xs = list(bornes["date"].map(repere.dates))
    hauts, bas = (list(bornes[nom].map(repere.valeurs)) for nom in ("borne_haute", "borne_basse"))
    if len(xs) == 1:
        xs, hauts, bas = [xs[0] - _DEMI_BARRE, xs[0] + _DEMI_BARRE], hauts * 2, bas * 2
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
    hauteurs = [haut_de(fin) for fin in repere.fins.values()]
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
    parcours = [dire_parcours(nom, solides[nom], sujet) for nom in nommees]
    dernier = rangs[rangs["date"] == rangs["date"].max()]
    extreme = extremes(dernier, sujet)
    fin = f"en {dernier['quand'].iloc[0]}, {extreme}" if extreme else ""
    noms = enumerer([nom for _, nom in sorted(ruptures)])
    return [phrase(*parcours), phrase(fin), phrase(f"ruptures : {noms}" if noms else "", reserves(rangs))]
