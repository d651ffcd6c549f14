"""The parts of wholes, one bar a territory. In: shares by category. Out: a `Graphique`."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from pipeline.model import Statut
from pipeline.report.charts.drawing import (
    FILET,
    GRIS,
    HACHURES,
    OKABE_ITO,
    PETIT,
    Echelle,
    encre_sur,
    largeur,
    legende,
    melange,
    pastille,
    rectangle,
    texte,
    trait,
)
from pipeline.report.charts.rows import disposer
from pipeline.report.charts.subject import (
    MUETS,
    Graphique,
    Sujet,
    abreger,
    croiser,
    graphique,
    phrase,
    preparer,
    reserves,
    verifier_unicite,
)
from pipeline.report.nombres import nombre


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
    verifier_unicite(rangs, "territoire", "categorie")
    _verifier_sommes(rangs)
    cles = legende([(pastille(**_TEINTES[i]), nom) for i, nom in enumerate(categories)])
    fragiles = set(rangs.loc[rangs["statut"] == Statut.FRAGILE, "territoire"])
    mentions = ["fragile" if nom in fragiles else "" for nom in noms]
    colonnes = [mentions] if fragiles else []
    figure, rangees = disposer(sujet, noms, colonnes, tete=cles.hauteur + 2, pied=2, pas=27)
    cles.dessiner(figure, 0, rangees.haut + cles.hauteur + 2)
    echelle = Echelle(0, 100, rangees.gauche, rangees.droite)
    for y, nom in zip(rangees.centres, noms, strict=True):
        siens = rangs[rangs["territoire"] == nom].set_index("categorie").reindex(categories)
        _barre_empilee(figure, y, siens, echelle, sujet)
    donnees = croiser(rangs, sujet, "territoire", "categorie")
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
    muets = siens["statut"].dropna().isin(list(MUETS))
    if muets.any():
        rectangle(figure, echelle.debut, y - 9, echelle.fin - echelle.debut, 18, fond="white", bord=FILET)
        mot = MUETS[siens["statut"].dropna()[muets].iloc[0]]
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
