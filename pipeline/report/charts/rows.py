"""One row a territory or a category: ranking, comparison, bars. In: one value a row. Out: a `Graphique`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from pipeline.model import Statut
from pipeline.report.charts.drawing import (
    ACCENT,
    ENCRE,
    GRIS,
    LARGEUR,
    PETIT,
    TAILLE,
    TRAIT,
    Echelle,
    Legende,
    Symbole,
    arrondir_bornes,
    axe_horizontal,
    encombrement,
    feuille,
    haut_de,
    largeur,
    legende,
    melange,
    pastille,
    point,
    rectangle,
    repere_point,
    replier,
    texte,
    trait,
)
from pipeline.report.charts.subject import (
    MUETS,
    Graphique,
    Sujet,
    cellule,
    cellules,
    compter,
    croiser,
    dater,
    dire_mouvements,
    dire_parcours,
    etiquette,
    extremes,
    graphique,
    phrase,
    preparer,
    reserves,
    tableau_simple,
    toutes_bornes,
)
from pipeline.report.nombres import ABSENT


@dataclass(frozen=True)
class Rangees:
    """Where the rows go: middle of each, and the rectangle left to the drawing."""

    centres: tuple[float, ...]
    gauche: float
    droite: float
    bas: float
    haut: float


def disposer(
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
    hauteurs = [max(pas, haut_de(nom) + 4) for nom in plies]
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
        couleur = GRIS if case in MUETS.values() else ENCRE
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
    echelle = Echelle(*arrondir_bornes(valeurs, 1 / 3), rangees.gauche + 8, rangees.droite - 8)
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
    figure, rangees = disposer(sujet, list(rangs["territoire"]), [etiquettes], **options)
    valeurs = [*toutes_bornes(rangs), *([repere[1]] if repere else [])]
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
    rangs = dater(lignes if "date" in lignes else lignes.assign(date=0.0))
    quand = list(dict.fromkeys(rangs["quand"]))
    if len(quand) > 2:
        raise ValueError(f"comparaison à {len(quand)} dates : deux au plus, sinon `evolution`")
    noms = list(dict.fromkeys(lignes["territoire"]))
    par_date = [rangs[rangs["quand"] == q].set_index("territoire").reindex(noms) for q in quand]
    colonnes = [[_etiquette_ou_vide(r, sujet) for r in dates.itertuples()] for dates in par_date]
    cles = legende(_cles_comparaison(rangs, quand))
    titres = quand if len(quand) == 2 else ()
    options = {"tete": 15 if titres else 4, "pied": _pied(sujet, cles), "pas": 17, "titres": titres}
    figure, rangees = disposer(sujet, noms, colonnes, **options)
    echelle = _axe_des_rangees(figure, rangees, toutes_bornes(rangs), sujet)
    _lignes_guides(figure, rangees)
    _dessiner_comparaison(figure, rangees, par_date, echelle, sujet)
    cles.dessiner(figure, rangees.gauche, cles.hauteur)
    if "date" in lignes:
        donnees = croiser(rangs.assign(date=rangs["quand"]), sujet, "territoire", "date")
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
    if pd.isna(rang.statut) or rang.statut in MUETS:
        return MUETS[Statut.ABSENT if pd.isna(rang.statut) else rang.statut]
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
    parcours = dire_parcours(sujet.nous, points, sujet) if len(points) == 2 else ""
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
    figure, rangees = disposer(sujet, list(rangs["categorie"]), [], tete=tete, pied=cles.hauteur + 3, pas=16)
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
    texte(figure, fin + 4, y, mot, couleur=GRIS if mot in MUETS.values() else ENCRE)


def _table_barres(rangs: pd.DataFrame, sujet: Sujet, periode: str, precedente: str) -> pd.DataFrame:
    """Category, value, previous value."""
    table = {"Catégorie": list(rangs["categorie"]), periode or sujet.entete: cellules(rangs, sujet)}
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
        mouvements = dire_mouvements(ecarts, rangs["categorie"], sujet)
        depuis = f"depuis {precedente}, {mouvements or 'rien ne change'}"
    return [phrase(debut, extremes(rangs, sujet, "categorie")), phrase(depuis), phrase(reserves(rangs))]
