"""Two dates, one segment a territory. In: the values of each. Out: a `Graphique`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from pipeline.model import Statut
from pipeline.report.charts.drawing import (
    ACCENT,
    ENCRE,
    FILET,
    GRIS,
    LARGEUR,
    PETIT,
    TAILLE,
    TRAIT,
    Echelle,
    Symbole,
    cles_absents,
    ecarter,
    encombrement,
    feuille,
    haut_de,
    legende,
    point,
    repere_point,
    repere_trait,
    replier,
    texte,
    trait,
)
from pipeline.report.charts.lines import Aspect
from pipeline.report.charts.subject import (
    Graphique,
    Sujet,
    cellules,
    compter,
    dire_mouvements,
    etiquette,
    graphique,
    phrase,
    preparer,
    reserves,
    verifier_unicite,
)
from pipeline.report.nombres import SANS_OBJET


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
    trace = max(170.0, *(sum(map(haut_de, cote.values())) for cote in (gauche, droite)))
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
    verifier_unicite(paires, "territoire")
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
    return cles + cles_absents(zip(vides["territoire"], vides["statut_fin"], strict=True))


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
        hauteurs = [haut_de(mot) for mot in noms.values()]
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
    textes = [sujet.ecart(e) if s else SANS_OBJET for e, s in zip(ecarts, solides, strict=True)]
    colonnes = {nom_debut: cellules(paires, sujet), nom_fin: cellules(fin, sujet), "Évolution": textes}
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
    moteurs = dire_mouvements(ecarts, solides["territoire"], sujet) if len(ecarts) else ""
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
