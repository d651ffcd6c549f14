"""What a figure is about, what it shows, and what is said of it. In: frames of `resultat.indicateurs`. Out: words.

A value under secrecy is blanked before anything else: it can then be neither drawn, nor written, nor compared.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from pipeline.model import Statut
from pipeline.report.francais import enumerer, majuscule
from pipeline.report.nombres import ABSENT, INSECABLE, SANS_OBJET, avec_unite, deux_bornes

# What matplotlib reads when it writes; all else is said where it is drawn.
STYLE: Mapping[str, object] = {"svg.fonttype": "path", "svg.hashsalt": "abs-ccas"}

_MOIS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
MUETS = {
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


def preparer(lignes: pd.DataFrame) -> pd.DataFrame:
    """Complete the optional columns and blank every value that may not be shown; refuse an empty frame."""
    if lignes.empty:
        raise ValueError("rien à dessiner : aucune ligne")
    rangs = lignes.reset_index(drop=True).copy()
    statuts = rangs["statut"].fillna(Statut.VALIDE) if "statut" in rangs else [Statut.VALIDE] * len(rangs)
    valeurs = pd.to_numeric(rangs["valeur"]).astype(float)
    rangs["statut"] = [
        Statut.ABSENT if math.isnan(v) and Statut(s) not in MUETS else Statut(s)
        for v, s in zip(valeurs, statuts, strict=True)
    ]
    montre = ~rangs["statut"].isin(list(MUETS))
    for colonne in ("valeur", "borne_basse", "borne_haute"):
        brut = rangs.get(colonne, math.nan)
        rangs[colonne] = pd.Series(brut, index=rangs.index, dtype=float).where(montre)
    return rangs


def verifier_unicite(rangs: pd.DataFrame, *cles: str) -> None:
    """Refuse two values for one place: the table would lose one in silence."""
    doubles = rangs[rangs.duplicated(list(cles))]
    if len(doubles):
        raise ValueError(f"deux valeurs pour {' '.join(map(str, doubles.iloc[0][list(cles)]))}")


def cellule(valeur: float, statut: str, sujet: Sujet) -> str:
    """A value and its statut as a cell: « 15,7 % », « 15,7 % (fragile) », « ≤ 5,0 % », « secret »."""
    if statut in MUETS:
        return MUETS[Statut(statut)]
    suffixe = " (fragile)" if statut == Statut.FRAGILE else ""
    return etiquette(valeur, statut, sujet) + suffixe


def etiquette(valeur: float, statut: str, sujet: Sujet) -> str:
    """A value and its statut on the drawing, where a hollow marker already says « fragile »."""
    if statut in MUETS:
        return MUETS[Statut(statut)]
    return (f"≤{INSECABLE}" if statut == Statut.PLANCHER else "") + sujet.chiffre(valeur)


def cellules(rangs: pd.DataFrame, sujet: Sujet) -> list[str]:
    """Cells of the column `valeur`."""
    return [cellule(v, s, sujet) for v, s in zip(rangs["valeur"], rangs["statut"], strict=True)]


def _intervalles(rangs: pd.DataFrame, sujet: Sujet) -> dict[str, list[str]]:
    """The column of the intervals, or nothing when no row has one."""
    if rangs["borne_basse"].isna().all():
        return {}
    paires = zip(rangs["borne_basse"], rangs["borne_haute"], strict=True)
    textes = [
        SANS_OBJET if math.isnan(b) else deux_bornes(sujet.chiffre(b), sujet.chiffre(h)) for b, h in paires
    ]
    return {majuscule(sujet.intervalle): textes}


def tableau_simple(rangs: pd.DataFrame, sujet: Sujet, colonne: str = "territoire") -> pd.DataFrame:
    """One row a territory: name, value, interval."""
    noms = {colonne.capitalize(): list(rangs[colonne])}
    valeurs = {sujet.entete: cellules(rangs, sujet)}
    return pd.DataFrame(noms | valeurs | _intervalles(rangs, sujet), dtype=object)


def croiser(rangs: pd.DataFrame, sujet: Sujet, rangee: str, colonne: str) -> pd.DataFrame:
    """A crossed table of cells, ours first, then in order of appearance; a crossing without a row is « n. d. »."""
    cases = dict(zip(zip(rangs[rangee], rangs[colonne], strict=True), cellules(rangs, sujet), strict=True))
    noms = sorted(dict.fromkeys(rangs[rangee]), key=lambda nom: nom != sujet.nous)
    tetes = list(dict.fromkeys(rangs[colonne]))
    corps = {str(tete): [cases.get((nom, tete), ABSENT) for nom in noms] for tete in tetes}
    return pd.DataFrame({rangee.capitalize(): noms} | corps, dtype=object)


def libelles_dates(dates: Iterable[float]) -> dict[float, str]:
    """Decimal years → « 2019 », or « mai 2024 » as soon as two dates share a year."""
    uniques = sorted(set(map(float, dates)))
    if len({int(date) for date in uniques}) == len(uniques):
        return {date: str(int(date)) for date in uniques}
    return {date: f"{_MOIS[int(date % 1 * 12)]} {int(date)}" for date in uniques}


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


def dater(serie: pd.DataFrame) -> pd.DataFrame:
    """Rows in time order, `quand` being the date as a person writes it."""
    rangs = preparer(serie)
    rangs["date"] = rangs["date"].astype(float)
    rangs["quand"] = rangs["date"].map(libelles_dates(rangs["date"]))
    verifier_unicite(rangs, "territoire", "quand")
    return rangs.sort_values("date", kind="stable", ignore_index=True)


def toutes_bornes(rangs: pd.DataFrame) -> list[float]:
    """Every value and bound of the frame."""
    return [*rangs["valeur"], *rangs["borne_basse"], *rangs["borne_haute"]]


def dire_parcours(nom: str, points: pd.DataFrame, sujet: Sujet) -> str:
    """« Le Mont-Dore passe de 8,1 % (2004) à 15,7 % (2019), soit +7,6 points »."""
    premier, dernier = points.iloc[0], points.iloc[-1]
    debut, fin = sujet.chiffre(premier["valeur"]), sujet.complet(dernier["valeur"])
    if len(points) == 1:
        return f"{nom} : {fin} ({dernier['quand']})"
    if debut == sujet.chiffre(dernier["valeur"]):
        return f"{nom} reste à {fin} ({premier['quand']} et {dernier['quand']})"
    ecart = sujet.ecart(dernier["valeur"] - premier["valeur"])
    return f"{nom} passe de {debut} ({premier['quand']}) à {fin} ({dernier['quand']}), soit {ecart}"


def dire_mouvements(ecarts: pd.Series, noms: pd.Series, sujet: Sujet) -> str:
    """« plus forte hausse : A (+35) ; plus forte baisse : B (−12) », what there is of it."""
    choix = {"plus forte hausse": ecarts.idxmax(), "plus forte baisse": ecarts.idxmin()}
    gardes = {
        mot: i for mot, i in choix.items() if ecarts[i] != 0 and (ecarts[i] > 0) == mot.endswith("hausse")
    }
    return " ; ".join(f"{mot} : {noms[i]} ({sujet.ecart(ecarts[i])})" for mot, i in gardes.items())
