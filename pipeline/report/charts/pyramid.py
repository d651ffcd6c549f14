"""The age pyramid, and the outline of its reference. In: counts by sex and age. Out: a `Graphique`."""

from __future__ import annotations

import math

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
    Echelle,
    arrondir_bornes,
    axe_horizontal,
    feuille,
    largeur,
    legende,
    pastille,
    rectangle,
    repere_trait,
    texte,
    trait,
)
from pipeline.report.charts.subject import (
    MUETS,
    Graphique,
    Sujet,
    cellule,
    graphique,
    phrase,
    preparer,
    reserves,
)
from pipeline.report.nombres import avec_unite


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
    limite = arrondir_bornes([0, maximum], 1)[1]
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
    if bande.statut in MUETS:
        ha = "left" if sens > 0 else "right"
        texte(figure, echelle.debut + 4 * sens, (bas + haut) / 2, MUETS[bande.statut], taille=PETIT, ha=ha)
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
