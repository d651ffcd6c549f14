"""Population ahead: the trial of the methods of projection in, `socle.projection` and `socle.contre_epreuve` out.

What was known at the census before the latest is projected to the latest, by every method, and the errors of each
choose the method of each kind of place and the range of its figures. A census of totals that came since is a
second trial: it widens the ranges, and a total that it contradicts is not given.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.epreuves import HORIZONS, Epreuve, eprouver
from pipeline.methods import projection as methode
from pipeline.methods.projection import TERRITOIRES_MINIMUM
from pipeline.methods.refus import Refus
from pipeline.methods.tendances import annees_ecoulees
from pipeline.report.nombres import nombre

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Edition, Profil

SEULS, APA = "80_plus_seuls", "75_plus_apa"
# A group told as a constant share of another: that one, and the table and columns where its share is counted.
SCENARIOS = {
    SEULS: ("80_plus", "modes_de_vie", "seules_80_plus", "pop_80_plus"),
    APA: ("75_plus", "aide_sociale", "apa_domicile + apa_etablissement", "pop_75_plus"),
}

PROJECTION = {
    **dict.fromkeys(("territoire", "groupe", "classe", "methode", "motif"), "str"),
    **dict.fromkeys(("depuis", "horizon", "retenus"), "int64"),
    **dict.fromkeys(
        ("depart", "population", "borne_basse", "borne_haute", "recul", "mape", "malpe"), "float64"
    ),
}
CONTRE_EPREUVE = {
    **dict.fromkeys(("classe", "groupe", "methode"), "str"),
    **dict.fromkeys(("millesime", "lieux"), "int64"),
    **dict.fromkeys(("mape", "malpe"), "float64"),
}


@dataclass(frozen=True)
class Prevision:
    """One group of ages of one place: the method that the trial prefers, its figures and its ranges."""

    erreur: methode.Erreur
    depart: float
    valeurs: np.ndarray  # one a horizon, as the two others
    basses: np.ndarray
    hautes: np.ndarray

    def apres(self, annees: float) -> tuple[float, float, float]:
        """Value and range `annees` after the launch, on straight lines between horizons."""
        valeur, basse, haute = (
            float(np.interp(annees, (0, *HORIZONS), (self.depart, *serie)))
            for serie in (self.valeurs, self.basses, self.hautes)
        )
        return valeur, basse, haute

    def fois(self, facteur: float) -> Prevision:
        """The same figures for a constant share of these people."""
        return Prevision(
            self.erreur,
            self.depart * facteur,
            *(serie * facteur for serie in (self.valeurs, self.basses, self.hautes)),
        )

    def contenant(self, facteur: float) -> Prevision:
        """Ranges widened to hold the figures times `facteur`, what a later census makes of them."""
        autres = self.valeurs * facteur
        return Prevision(
            self.erreur,
            self.depart,
            self.valeurs,
            np.minimum(self.basses, autres),
            np.maximum(self.hautes, autres),
        )


@dataclass(frozen=True)
class Choix:
    """The method of least error for a group of ages in a class of places.

    `facteurs`: what its figures are multiplied by for their range, lower then upper, one a horizon.
    """

    erreur: methode.Erreur
    facteurs: np.ndarray


Choisis = Mapping[tuple[str, str], Choix | Refus]
"""Group of ages and class of places → what the trial says of them."""


def choisir(epreuve: Epreuve) -> Choisis:
    """What the trial says of each group of ages in each class of places."""
    classes = [str(classe) for classe in np.unique(epreuve.classes) if classe]
    return {
        (groupe, classe): _choisir(epreuve, groupe, classe)
        for groupe in epreuve.groupes
        for classe in classes
    }


def _choisir(epreuve: Epreuve, groupe: str, classe: str) -> Choix | Refus:
    memes = epreuve.classes_d_alors == classe
    try:
        erreur = methode.methode_preferee(epreuve.erreurs(groupe), classe)
        borner = (
            methode.fourchette if erreur.territoires >= TERRITOIRES_MINIMUM else methode.fourchette_symetrique
        )
        alors = epreuve.essai(groupe).alors[erreur.methode][memes]
        facteurs = [
            borner(1.0, alors, epreuve.observes[groupe][memes], horizon / epreuve.recul)
            for horizon in HORIZONS
        ]
    except Refus as refus:
        return refus
    return Choix(erreur, np.array(facteurs).T)


def prevoir(epreuve: Epreuve, choisis: Choisis, rang: int, groupe: str) -> Prevision:
    """Project one group of ages of the place of that rank by the method of least error in its class."""
    choix, depart = choisis[groupe, str(epreuve.classes[rang])], epreuve.compte(rang, groupe)
    if isinstance(choix, Refus):
        raise Refus(str(choix))
    if math.isnan(depart):
        raise Refus(f"Ce lieu n’est pas compté à cet âge au recensement de {epreuve.derniere}.")
    apres = epreuve.essai(groupe).apres
    valeurs = np.array([apres[horizon][choix.erreur.methode][rang] for horizon in HORIZONS])
    return Prevision(choix.erreur, depart, valeurs, *(valeurs * choix.facteurs))


@dataclass(frozen=True)
class Controle:
    """A census of totals held after the last one by age: how many years after, and what it counted."""

    millesime: int
    annees: float
    population: float

    def rapport(self, total: Prevision) -> float:
        """What it counted over what was expected at its date."""
        return self.population / total.apres(self.annees)[0]

    def dement(self, total: Prevision) -> bool:
        """Whether what it counted lies outside the range of the total at its date."""
        _, basse, haute = total.apres(self.annees)
        return not basse <= self.population <= haute


def projections(
    epreuve: Epreuve,
    communes: Mapping[str, str],
    controles: Mapping[str, Controle],
    constantes: Mapping[str, float],
) -> pd.DataFrame:
    """One row a territory, a horizon and a group of ages; key (territoire, horizon, groupe).

    `communes`: territory → its commune (itself for a commune); those that the trial does not class have no
    row. `controles`: by commune. `constantes`: share of each of `SCENARIOS` that is known.
    A figure that is refused is a row with its reason.
    """
    rangs = {lieu: rang for rang, lieu in enumerate(epreuve.lieux) if epreuve.classes[rang]}
    choisis = choisir(epreuve)
    lignes = [
        ligne
        for territoire, commune in communes.items()
        if {territoire, commune} <= rangs.keys()
        for ligne in _lignes(
            epreuve, choisis, rangs[territoire], rangs[commune], controles.get(commune), constantes
        )
    ]
    return _typer(lignes, PROJECTION)


def _lignes(
    epreuve: Epreuve,
    choisis: Choisis,
    rang: int,
    commune: int,
    controle: Controle | None,
    constantes: Mapping[str, float],
) -> Iterator[dict[str, object]]:
    facteur, dementi = _confronter(epreuve, choisis, commune, controle)
    for groupe in epreuve.groupes:
        try:
            prevision = prevoir(epreuve, choisis, rang, groupe).contenant(facteur)
        except Refus as refus:
            yield from _refus(epreuve, rang, groupe, str(refus))
            continue
        if groupe == "tous" and rang == commune and dementi:
            yield from _refus(epreuve, rang, groupe, dementi)
            continue
        yield from _chiffres(epreuve, rang, groupe, prevision)
        for scenario, (de, *_) in SCENARIOS.items():
            if groupe == de and scenario in constantes:
                yield from _chiffres(epreuve, rang, scenario, prevision.fois(constantes[scenario]))


def _confronter(
    epreuve: Epreuve, choisis: Choisis, commune: int, controle: Controle | None
) -> tuple[float, str]:
    """What a later census counted over what was expected of the commune, and the sentence of a denial."""
    try:
        ensemble = prevoir(epreuve, choisis, commune, "tous")
    except Refus:
        return 1.0, ""
    if controle is None:
        return 1.0, ""
    return controle.rapport(ensemble), _dementi(controle, ensemble) if controle.dement(ensemble) else ""


def _dementi(controle: Controle, ensemble: Prevision) -> str:
    attendu = ensemble.apres(controle.annees)[0]
    return (
        f"Le recensement de {controle.millesime} a compté {nombre(controle.population)} habitants, quand "
        f"{nombre(attendu)} étaient attendus : la projection de la population totale est démentie et n’est pas "
        "donnée."
    )


def _refus(epreuve: Epreuve, rang: int, groupe: str, motif: str) -> Iterator[dict[str, object]]:
    """Rows without a figure, with their reason; what was counted is known all the same."""
    for horizon in HORIZONS:
        yield {
            "territoire": epreuve.lieux[rang],
            "depuis": epreuve.derniere,
            "horizon": epreuve.derniere + horizon,
            "groupe": groupe,
            "classe": "",
            "methode": "",
            "motif": motif,
            "depart": epreuve.compte(rang, groupe),
            "recul": epreuve.recul,
            "retenus": 0,
        }


def _chiffres(epreuve: Epreuve, rang: int, groupe: str, prevision: Prevision) -> Iterator[dict[str, object]]:
    for place, ligne in enumerate(_refus(epreuve, rang, groupe, "")):
        yield ligne | {
            "classe": prevision.erreur.classe,
            "methode": prevision.erreur.methode,
            "depart": prevision.depart,
            "mape": prevision.erreur.mape,
            "malpe": prevision.erreur.malpe,
            "retenus": prevision.erreur.territoires,
            **_fourchette(
                float(prevision.basses[place]),
                float(prevision.valeurs[place]),
                float(prevision.hautes[place]),
                float(epreuve.habitants[rang]),
            ),
        }


def _fourchette(basse: float, valeur: float, haute: float, habitants: float) -> dict[str, object]:
    """The range, and the figure in it where the place is large enough; the reason of what is not given."""
    try:
        methode.verifier_fourchette(basse, haute)
    except Refus as refus:
        return {"motif": str(refus)}
    bornes = {"borne_basse": basse, "borne_haute": haute}
    try:
        return bornes | {"population": methode.valeur_centrale(valeur, habitants), "motif": ""}
    except Refus as refus:
        return bornes | {"motif": str(refus)}


def tableau_contre_epreuve(epreuve: Epreuve) -> pd.DataFrame:
    """One row a class of places, a group of ages and a method; key (classe, groupe, methode)."""
    lignes = []
    for groupe in epreuve.groupes:
        try:
            erreurs = epreuve.erreurs(groupe)
        except Refus:
            continue
        lignes += [
            {
                "classe": erreur.classe,
                "groupe": groupe,
                "methode": erreur.methode,
                "millesime": epreuve.derniere,
                "lieux": erreur.territoires,
                "mape": erreur.mape,
                "malpe": erreur.malpe,
            }
            for erreur in erreurs
        ]
    return _typer(lignes, CONTRE_EPREUVE)


def _typer(lignes: list[dict[str, object]], types: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(lignes, columns=list(types)).astype(types)


def tables(con: duckdb.DuckDBPyConnection, edition: Edition) -> dict[str, pd.DataFrame]:
    """`projection` and `contre_epreuve` of an edition; both empty where its censuses do not fit."""
    try:
        epreuve = eprouver(con, edition.profil)
    except Refus:
        return {"projection": _typer([], PROJECTION), "contre_epreuve": _typer([], CONTRE_EPREUVE)}
    communes = {
        territoire: edition.territoire.code if role == "quartier" else territoire
        for territoire, role in con.execute(
            "select territoire, role from socle.territoires where role <> '' order by ordre"
        ).fetchall()
    }
    controles = _controles(con, edition.profil, epreuve.derniere)
    constantes = {nom: part.part for nom, part in parts(con, edition.territoire.code).items()}
    return {
        "projection": projections(epreuve, communes, controles, constantes),
        "contre_epreuve": tableau_contre_epreuve(epreuve),
    }


def _controles(con: duckdb.DuckDBPyConnection, profil: Profil, derniere: int) -> dict[str, Controle]:
    """Territory → its latest total after the last census by age, where the profile knows both dates."""
    dates = {date.millesime: date.date for date in profil.recensement.dates}
    lignes = con.execute(
        "select territoire, millesime, pop from socle.population where millesime > ? and pop > 0 "
        "order by millesime",
        [derniere],
    ).fetchall()
    return {
        territoire: Controle(millesime, annees_ecoulees(dates[derniere], dates[millesime]), float(pop))
        for territoire, millesime, pop in lignes
        if {derniere, millesime} <= dates.keys()
    }


@dataclass(frozen=True)
class Part:
    """What one group is to another, as many for one of it, and the territory and vintage it was counted in."""

    territoire: str
    millesime: int
    part: float


def parts(con: duckdb.DuckDBPyConnection, commune: str) -> dict[str, Part]:
    """The constant shares of `SCENARIOS`, each in the smallest territory around the commune where it is known."""
    lues = {groupe: _part(con, commune, *de[1:]) for groupe, de in SCENARIOS.items()}
    return {groupe: part for groupe, part in lues.items() if part}


def _part(
    con: duckdb.DuckDBPyConnection, commune: str, table: str, effectif: str, habitants: str
) -> Part | None:
    lignes = con.execute(
        f"select territoire, lues.millesime, ({effectif}) / {habitants} as part "
        f"from socle.{table} lues join socle.territoires using (territoire) "
        f"where {habitants} > 0 and part is not null and (territoire = $1 or territoire in "
        "(select contenant from socle.appartenances where contenu = $1)) "
        "order by rang, lues.millesime desc limit 1",
        [commune],
    ).fetchall()
    return Part(*lignes[0]) if lignes else None
