"""Trials of the methods of projection: the censuses of an edition in, what each method says out.

Four censuses five years apart, by ten-year groups, try cohorts beside lines and constants. Where ages do not
follow, three comparable censuses try the line and the constant on what they count: the third is projected from the
two before it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.methods import projection as methode
from pipeline.methods.refus import Refus
from pipeline.millesimes import paires
from pipeline.report.francais import enumerer

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Profil

LARGEUR = 10  # ages in a group
PAS = 5  # years between two censuses by age
HORIZONS = (5, 10, 15)
FECONDES = slice(2, 5)  # women of 20 to 49
AGES = {"tous": 0, "60_plus": 60, "75_plus": 75, "80_plus": 80}
COMMUNES = "communes"
# Upper bounds of the size classes, in inhabitants when the method was or is chosen.
CLASSES_DE_QUARTIERS = {
    2_000: "quartiers de moins de 2 000 hab.",
    3_500: "quartiers de 2 000 à 3 499 hab.",
    math.inf: "quartiers de 3 500 hab. et plus",
}
# From 10,000 on, a French census is a survey: its error is not that of a small commune.
CLASSES_DE_COMMUNES = {
    500: "communes de moins de 500 hab.",
    2_000: "communes de 500 à 1 999 hab.",
    10_000: "communes de 2 000 à 9 999 hab.",
    math.inf: "communes de 10 000 hab. et plus",
}
CONSTANTE, LINEAIRE, COHORTES, CALEES = "constante", "linéaire", "cohortes", "cohortes calées"

# Group of ages → its column of `socle.population`.
COLONNES = {"tous": "pop", "60_plus": "pop_60_plus", "75_plus": "age_75_plus", "80_plus": "pop_80_plus"}
_RECENSEMENTS = 3


@dataclass(frozen=True)
class Essai:
    """One group of ages, a place a rank: what each method said of the latest census, and says of what comes after.

    `apres`: horizon in years → method → inhabitants.
    """

    alors: Mapping[str, np.ndarray]
    apres: Mapping[int, Mapping[str, np.ndarray]]


@dataclass(frozen=True)
class Epreuve:
    """The trial of every method on the latest census, held back, and what they say of what comes after it.

    `recul`: years between the census that the trial leaves from and the latest. `habitants`, `classes`: of each
    place at the latest, `classes_d_alors` at the one before; the class of a place that is not tried is empty.
    By group of ages: `observes`, what the latest counted; `essais`; `refus`, why a group has none.
    """

    lieux: tuple[str, ...]
    derniere: int
    recul: float
    habitants: np.ndarray
    classes: np.ndarray
    classes_d_alors: np.ndarray
    observes: Mapping[str, np.ndarray]
    essais: Mapping[str, Essai]
    refus: Mapping[str, str] = field(default_factory=dict)

    @property
    def groupes(self) -> list[str]:
        """Groups of ages with a trial, or with a reason, in their order."""
        return [groupe for groupe in AGES if groupe in self.essais or groupe in self.refus]

    def compte(self, rang: int, groupe: str) -> float:
        """What the latest census counted of a group of ages in the place of that rank; NaN where it did not."""
        return float(self.observes[groupe][rang]) if groupe in self.observes else math.nan

    def essai(self, groupe: str) -> Essai:
        """The trial of one group of ages; `Refus` where there is none."""
        if groupe in self.refus:
            raise Refus(self.refus[groupe])
        return self.essais[groupe]

    def erreurs(self, groupe: str) -> tuple[methode.Erreur, ...]:
        """Errors of each method over each class of places, for one group of ages."""
        essai, gardes = self.essai(groupe), self.classes_d_alors != ""
        projetes = {nom: valeurs[gardes] for nom, valeurs in essai.alors.items()}
        return methode.contre_epreuve(projetes, self.observes[groupe][gardes], self.classes_d_alors[gardes])


def eprouver(con: duckdb.DuckDBPyConnection, profil: Profil) -> Epreuve:
    """The trial that the censuses of an edition allow: by cohorts, else by lines; `Refus` where neither is."""
    try:
        return eprouver_cohortes(lire_cohortes(con.execute("select * from socle.cohortes").df()))
    except Refus as sans_ages:
        try:
            return eprouver_droites(lire_effectifs(con, profil))
        except Refus as sans_totaux:
            raise Refus(f"{sans_ages} {sans_totaux}") from None


# --- Cohorts -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cohortes:
    """Places known at four censuses: year → population by (place, sex, ten-year group), women first."""

    lieux: tuple[str, ...]
    niveaux: tuple[str, ...]
    effectifs: dict[int, np.ndarray]

    @property
    def derniere(self) -> int:
        """The latest of the four censuses."""
        return max(self.effectifs)

    def total(self, annee: int) -> np.ndarray:
        """Inhabitants of each place."""
        return self.effectifs[annee].sum(axis=(1, 2))

    def classes(self, annee: int) -> np.ndarray:
        """Class of each place that is a commune or a quartier, from its inhabitants; empty for others."""
        tailles, niveaux = _tailles(self.total(annee), CLASSES_DE_QUARTIERS), np.array(self.niveaux)
        return np.select([niveaux == "commune", niveaux == "quartier"], [COMMUNES, tailles], "")


def lire_cohortes(table: pd.DataFrame) -> Cohortes:
    """Cohorts of the four latest censuses; `table`: lieu, niveau, millesime, sexe, age_min, population.

    Places that are not known, whole, at each of the four are left out. Raises `Refus` unless there are
    four censuses, one every `PAS` years, by groups of `LARGEUR` ages.
    """
    annees = sorted(int(annee) for annee in table["millesime"].unique())[-4:]
    if len(annees) < 4 or any(suivante - annee != PAS for annee, suivante in pairwise(annees)):
        connus = (
            f"cette édition a {enumerer([str(a) for a in annees])}"
            if annees
            else "aucun fichier de l’édition ne les donne ; par commune, l’INSEE n’a ni ce pas ni ces tranches"
        )
        raise Refus(
            f"Une projection contrôlée demande quatre recensements par tranches de {LARGEUR} ans d’âge, de {PAS} en "
            f"{PAS} ans : {connus}."
        )
    retenus = table[table["millesime"].isin(annees)]
    debuts = sorted(int(age) for age in retenus["age_min"].unique())
    if debuts != list(range(0, debuts[-1] + 1, LARGEUR)):
        raise Refus(f"Une projection demande des tranches de {LARGEUR} ans, à tous les recensements.")
    large = retenus.pivot_table(
        index=["niveau", "lieu"], columns=["millesime", "sexe", "age_min"], values="population"
    ).dropna()
    forme = (len(large), 2, len(debuts))
    return Cohortes(
        lieux=tuple(large.index.get_level_values("lieu")),
        niveaux=tuple(large.index.get_level_values("niveau")),
        effectifs={
            annee: large[annee][["femmes", "hommes"]].to_numpy(float).reshape(forme) for annee in annees
        },
    )


def projeter(cohortes: Cohortes, annee: int, horizon: int) -> dict[str, np.ndarray]:
    """What each method says of `annee` + `horizon` from the censuses up to `annee`: (place, sex, age).

    Cohorts advance by steps of ten years, so they leave from the census that lies a whole number of steps
    before the horizon. Ratios of a place are kept near those of the largest place, which holds the others.
    """
    effectifs = cohortes.effectifs
    avant, maintenant = effectifs[annee - LARGEUR], effectifs[annee]
    pas = math.ceil(horizon / LARGEUR)
    rapports = methode.rapports_cohorte(avant, maintenant, LARGEUR, LARGEUR, FECONDES)
    tout = int(np.argmax(cohortes.total(annee)))
    entier = methode.rapports_cohorte(avant[tout], maintenant[tout], LARGEUR, LARGEUR, FECONDES)
    depart = effectifs[annee + horizon - LARGEUR * pas]
    suivies = methode.projeter(depart, methode.borner(rapports, entier), pas)[-1]
    droite = methode.lineaire(avant, maintenant, LARGEUR, horizon)
    return {
        CONSTANTE: maintenant,
        LINEAIRE: droite,
        COHORTES: suivies,
        CALEES: methode.controler(suivies, droite.sum(axis=(1, 2))),
    }


def a_partir_de(effectifs: np.ndarray, age: int) -> np.ndarray:
    """Inhabitants of `age` and over; `Refus` where no ten-year group begins there."""
    return methode.a_partir_de(effectifs, range(0, LARGEUR * effectifs.shape[-1], LARGEUR), age)


def eprouver_cohortes(cohortes: Cohortes) -> Epreuve:
    """Project the latest census from those before it, then the future from all of them."""
    derniere = cohortes.derniere
    alors = projeter(cohortes, derniere - PAS, PAS)
    apres = {horizon: projeter(cohortes, derniere, horizon) for horizon in HORIZONS}
    observes, essais, refus = {}, {}, {}
    for groupe, age in AGES.items():
        try:
            observes[groupe] = a_partir_de(cohortes.effectifs[derniere], age)
            essais[groupe] = Essai(
                {nom: a_partir_de(valeurs, age) for nom, valeurs in alors.items()},
                {
                    horizon: {nom: a_partir_de(valeurs, age) for nom, valeurs in methodes.items()}
                    for horizon, methodes in apres.items()
                },
            )
        except Refus as motif:
            refus[groupe] = str(motif)
    return Epreuve(
        cohortes.lieux,
        derniere,
        PAS,
        cohortes.total(derniere),
        cohortes.classes(derniere),
        cohortes.classes(derniere - PAS),
        observes,
        essais,
        refus,
    )


def _tailles(habitants: np.ndarray, classes: Mapping[float, str]) -> np.ndarray:
    """The size class of each place."""
    return np.array(list(classes.values()))[np.searchsorted(list(classes), habitants, side="right")]


# --- Lines ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Effectifs:
    """Communes counted at three comparable censuses, a place a rank; NaN where a group of ages is not counted.

    `annees`: the censuses, in order; `ecarts`: years between each and the next. `groupes`: group of ages → a row
    a census.
    """

    lieux: tuple[str, ...]
    annees: tuple[int, ...]
    ecarts: tuple[float, ...]
    groupes: Mapping[str, np.ndarray]


def lire_effectifs(con: duckdb.DuckDBPyConnection, profil: Profil) -> Effectifs:
    """What the latest three comparable censuses count in each commune that they all know; `Refus` under three."""
    table = con.execute(
        f"select territoire, millesime, {', '.join(f'{nom}::double as {nom}' for nom in COLONNES.values())} "
        "from socle.population join socle.territoires using (territoire) where niveau = 'commune' and pop > 0"
    ).df()
    annees, ecarts = _comparables(profil, sorted(table["millesime"].unique().tolist()))
    large = table.pivot_table(index="territoire", columns="millesime", values=list(COLONNES.values()))
    large = large.reindex(columns=pd.MultiIndex.from_product([COLONNES.values(), annees]))
    large = large.dropna(subset=[("pop", annee) for annee in annees])
    return Effectifs(
        tuple(large.index),
        annees,
        ecarts,
        {groupe: large[colonne].to_numpy(float).T for groupe, colonne in COLONNES.items()},
    )


def _comparables(profil: Profil, annees: Sequence[int]) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The latest census, the nearest one that it compares with, and so on, in order; the years between them."""
    avant = {fin: (debut, ecart) for debut, fin, ecart in paires(profil, annees, "recensement")}
    suite, ecarts = list(annees[-1:]), []
    while len(suite) < _RECENSEMENTS and suite and suite[0] in avant:
        debut, ecart = avant[suite[0]]
        suite.insert(0, debut)
        ecarts.insert(0, ecart)
    if len(suite) < _RECENSEMENTS:
        connus = (
            f"cette édition a {enumerer([str(annee) for annee in annees])}" if annees else "il n’y en a pas"
        )
        raise Refus(f"Une droite contrôlée demande {_RECENSEMENTS} recensements comparables : {connus}.")
    return tuple(suite), tuple(ecarts)


def eprouver_droites(effectifs: Effectifs) -> Epreuve:
    """Project the latest census from the two before it, then the future from the last two."""
    habitants = effectifs.groupes["tous"]
    comptes = {nom: ~np.isnan(lus).all(axis=1) for nom, lus in effectifs.groupes.items()}
    return Epreuve(
        effectifs.lieux,
        effectifs.annees[-1],
        effectifs.ecarts[-1],
        habitants[-1],
        _tailles(habitants[-1], CLASSES_DE_COMMUNES),
        _tailles(habitants[-2], CLASSES_DE_COMMUNES),
        {nom: lus[-1] for nom, lus in effectifs.groupes.items()},
        {
            nom: _essayer(lus, effectifs.ecarts)
            for nom, lus in effectifs.groupes.items()
            if comptes[nom].all()
        },
        {
            nom: _non_comptes(nom, effectifs.annees, comptes[nom])
            for nom in effectifs.groupes
            if comptes[nom].any() and not comptes[nom].all()
        },
    )


def _essayer(lus: np.ndarray, ecarts: tuple[float, ...]) -> Essai:
    avant, milieu, derniers = lus
    return Essai(
        {CONSTANTE: milieu, LINEAIRE: methode.lineaire(avant, milieu, *ecarts)},
        {
            horizon: {
                CONSTANTE: derniers,
                LINEAIRE: methode.lineaire(milieu, derniers, ecarts[-1], horizon),
            }
            for horizon in HORIZONS
        },
    )


def _non_comptes(groupe: str, annees: Sequence[int], comptes: np.ndarray) -> str:
    manquent = [str(annee) for annee, compte in zip(annees, comptes, strict=True) if not compte]
    aux = "aux recensements" if len(manquent) > 1 else "au recensement"
    return (
        f"Les fichiers de l’édition ne comptent pas les {AGES[groupe]} ans et plus {aux} de {enumerer(manquent)}, et "
        "une droite contrôlée en demande trois."
    )
