"""Population ahead: cohorts of the last censuses in, `socle.projection` and `socle.contre_epreuve` out.

Four censuses five years apart, by ten-year groups, hold one of them back: what was known at the third is
projected to the fourth, by every method, and the errors of each choose the method of each kind of place
and the range of its figures. A census of totals that came since is a second trial: it widens the ranges,
and a total that it contradicts is not given.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.methods import projection as methode
from pipeline.methods.refus import Refus
from pipeline.methods.tendances import annees_ecoulees
from pipeline.report.francais import enumerer
from pipeline.report.nombres import nombre

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Edition, Profil

LARGEUR = 10  # ages in a group
PAS = 5  # years between two censuses
HORIZONS = (5, 10, 15)
FECONDES = slice(2, 5)  # women of 20 to 49
AGES = {"tous": 0, "60_plus": 60, "75_plus": 75, "80_plus": 80}
SEULS = "80_plus_seuls"
COMMUNES = "communes"
# Upper bounds of the size classes of quartiers, in inhabitants when the method was or is chosen.
CLASSES = {
    2_000: "quartiers de moins de 2 000 hab.",
    3_500: "quartiers de 2 000 à 3 499 hab.",
    math.inf: "quartiers de 3 500 hab. et plus",
}
CONSTANTE, LINEAIRE, COHORTES, CALEES = "constante", "linéaire", "cohortes", "cohortes calées"

PROJECTION = {
    **dict.fromkeys(("territoire", "groupe", "classe", "methode", "motif"), "str"),
    **dict.fromkeys(("depuis", "horizon", "retenus"), "int64"),
    **dict.fromkeys(("depart", "population", "borne_basse", "borne_haute", "mape", "malpe"), "float64"),
}
CONTRE_EPREUVE = {
    **dict.fromkeys(("classe", "groupe", "methode"), "str"),
    **dict.fromkeys(("millesime", "lieux"), "int64"),
    **dict.fromkeys(("mape", "malpe"), "float64"),
}


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
        rangs = np.searchsorted(list(CLASSES), self.total(annee), side="right")
        tailles, niveaux = np.array(list(CLASSES.values()))[rangs], np.array(self.niveaux)
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


@dataclass(frozen=True)
class Epreuve:
    """The trial of every method: what each said of the latest census, and says of what comes after.

    `alors` and `apres` (horizon → method) hold populations by (place, sex, ten-year group).
    """

    cohortes: Cohortes
    alors: dict[str, np.ndarray]
    apres: dict[int, dict[str, np.ndarray]]

    def erreurs(self, groupe: str) -> tuple[methode.Erreur, ...]:
        """Errors of each method over each class of places, for one group of ages."""
        age, classes = AGES[groupe], self.classes_d_alors
        gardes = classes != ""
        projetes = {nom: a_partir_de(valeurs, age)[gardes] for nom, valeurs in self.alors.items()}
        return methode.contre_epreuve(projetes, self.observes(age)[gardes], classes[gardes])

    def observes(self, age: int) -> np.ndarray:
        """What the latest census counted, a place."""
        return a_partir_de(self.cohortes.effectifs[self.cohortes.derniere], age)

    @property
    def classes_d_alors(self) -> np.ndarray:
        """Class of each place at the census before the latest."""
        return self.cohortes.classes(self.cohortes.derniere - PAS)


def eprouver(cohortes: Cohortes) -> Epreuve:
    """Project the latest census from those before it, then the future from all of them."""
    derniere = cohortes.derniere
    return Epreuve(
        cohortes,
        projeter(cohortes, derniere - PAS, PAS),
        {horizon: projeter(cohortes, derniere, horizon) for horizon in HORIZONS},
    )


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


def prevoir(epreuve: Epreuve, rang: int, groupe: str) -> Prevision:
    """Project one group of ages of the place of that rank by the method of least error in its class."""
    age, cohortes = AGES[groupe], epreuve.cohortes
    classe = str(cohortes.classes(cohortes.derniere)[rang])
    choisie = methode.methode_preferee(epreuve.erreurs(groupe), classe)
    alors, observes = a_partir_de(epreuve.alors[choisie.methode], age), epreuve.observes(age)
    memes = epreuve.classes_d_alors == classe
    borner = methode.fourchette_symetrique if classe == COMMUNES else methode.fourchette
    valeurs = np.array([a_partir_de(epreuve.apres[h][choisie.methode], age)[rang] for h in HORIZONS])
    bornes = [
        borner(valeur, alors[memes], observes[memes], horizon / PAS)
        for valeur, horizon in zip(valeurs, HORIZONS, strict=True)
    ]
    basses, hautes = np.array(bornes).T
    return Prevision(choisie, float(observes[rang]), valeurs, basses, hautes)


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
    epreuve: Epreuve, communes: dict[str, str], controles: dict[str, Controle], seuls: float = math.nan
) -> pd.DataFrame:
    """One row a territory, a horizon and a group of ages; key (territoire, horizon, groupe).

    `communes`: territory → its commune (itself for a commune); those that the trial does not class have no
    row. `controles`: by commune. `seuls`: share of those of 80 and over who live alone, taken as constant.
    A figure that is refused is a row with its reason.
    """
    classes = epreuve.cohortes.classes(epreuve.cohortes.derniere)
    lieux = {lieu for lieu, classe in zip(epreuve.cohortes.lieux, classes, strict=True) if classe}
    lignes = [
        ligne
        for territoire, commune in communes.items()
        if {territoire, commune} <= lieux
        for ligne in _lignes(epreuve, territoire, commune, controles.get(commune), seuls)
    ]
    return _typer(lignes, PROJECTION)


def _lignes(
    epreuve: Epreuve, territoire: str, commune: str, controle: Controle | None, seuls: float
) -> Iterator[dict[str, object]]:
    rang, total = (epreuve.cohortes.lieux.index(lieu) for lieu in (territoire, commune))
    facteur, dementi = _confronter(epreuve, total, controle)
    habitants = epreuve.cohortes.total(epreuve.cohortes.derniere)[rang]
    for groupe in AGES:
        try:
            prevision = prevoir(epreuve, rang, groupe).contenant(facteur)
        except Refus as refus:
            yield from _refus(epreuve, territoire, groupe, str(refus))
            continue
        if groupe == "tous" and territoire == commune and dementi:
            yield from _refus(epreuve, territoire, groupe, dementi, prevision.depart)
            continue
        yield from _chiffres(epreuve, territoire, groupe, prevision, habitants)
        if groupe == "80_plus" and not math.isnan(seuls):
            yield from _chiffres(epreuve, territoire, SEULS, prevision.fois(seuls), habitants)


def _confronter(epreuve: Epreuve, commune: int, controle: Controle | None) -> tuple[float, str]:
    """What a later census counted over what was expected of the commune, and the sentence of a denial."""
    try:
        ensemble = prevoir(epreuve, commune, "tous")
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


def _refus(
    epreuve: Epreuve, territoire: str, groupe: str, motif: str, depart: float = math.nan
) -> Iterator[dict[str, object]]:
    """Rows without a figure, with their reason; `depart`: what was counted, which is known all the same."""
    derniere = epreuve.cohortes.derniere
    for horizon in HORIZONS:
        yield {
            "territoire": territoire,
            "depuis": derniere,
            "horizon": derniere + horizon,
            "groupe": groupe,
            "classe": "",
            "methode": "",
            "motif": motif,
            "depart": depart,
            "retenus": 0,
        }


def _chiffres(
    epreuve: Epreuve, territoire: str, groupe: str, prevision: Prevision, habitants: float
) -> Iterator[dict[str, object]]:
    for rang, ligne in enumerate(_refus(epreuve, territoire, groupe, "")):
        yield ligne | {
            "classe": prevision.erreur.classe,
            "methode": prevision.erreur.methode,
            "depart": prevision.depart,
            "mape": prevision.erreur.mape,
            "malpe": prevision.erreur.malpe,
            "retenus": prevision.erreur.territoires,
            **_fourchette(
                float(prevision.basses[rang]),
                float(prevision.valeurs[rang]),
                float(prevision.hautes[rang]),
                habitants,
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
    for groupe in AGES:
        try:
            erreurs = epreuve.erreurs(groupe)
        except Refus:
            continue
        lignes += [
            {
                "classe": erreur.classe,
                "groupe": groupe,
                "methode": erreur.methode,
                "millesime": epreuve.cohortes.derniere,
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
    cohortes = con.execute("select * from socle.cohortes").df()
    try:
        epreuve = eprouver(lire_cohortes(cohortes))
    except Refus:
        return {"projection": _typer([], PROJECTION), "contre_epreuve": _typer([], CONTRE_EPREUVE)}
    communes = {
        territoire: edition.territoire.code if role == "quartier" else territoire
        for territoire, role in con.execute(
            "select territoire, role from socle.territoires where role <> '' order by ordre"
        ).fetchall()
    }
    controles = _controles(con, edition.profil, epreuve.cohortes.derniere)
    seuls = part_seuls(con, edition.territoire.code)
    return {
        "projection": projections(epreuve, communes, controles, seuls.part if seuls else math.nan),
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
class PartSeuls:
    """Share of the people of 80 and over who live alone, and the territory and vintage it was counted in."""

    territoire: str
    millesime: int
    part: float


def part_seuls(con: duckdb.DuckDBPyConnection, commune: str) -> PartSeuls | None:
    """Who lives alone at 80 and over, in the smallest territory around the commune where it is known."""
    lignes = con.execute(
        "select territoire, m.millesime, seules_80_plus / pop_80_plus "
        "from socle.modes_de_vie m join socle.territoires t using (territoire) "
        "where pop_80_plus > 0 and (territoire = $1 or territoire in "
        "(select contenant from socle.appartenances where contenu = $1)) "
        "order by rang, m.millesime desc limit 1",
        [commune],
    ).fetchall()
    return PartSeuls(*lignes[0]) if lignes else None
