"""Who asks, quartier by quartier, against what its ages let one expect; and the need beside the answer.

In: published counts of those who ask, and the inhabitants of the census. Out: a section, or why there is none. Each
quartier is set against the others together; where one of them is hidden nothing is said, for the others would tell it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.methods.comparaisons import (
    Comparaison,
    Position,
    comparer_proportions,
    comparer_taux,
    reste,
)
from pipeline.model import Indicator, Statut
from pipeline.report import phrases, quartiers, tables
from pipeline.report.charts import Graphique, Sujet
from pipeline.report.faits import Fait, Faits
from pipeline.report.figures import Trace
from pipeline.report.francais import enumerer
from pipeline.report.nombres import nombre
from pipeline.report.representation import lectures, rapports
from pipeline.report.section import Section

if TYPE_CHECKING:
    import duckdb

# Who asks, over who lives there: the first of these that every quartier has.
PERSONNES, MENAGES = "taux_recours", "taux_recours_menages"
AGES = "taux_recours_age"
# What says a need where every quartier has it: the first that is known is set beside the answer.
BESOINS = (
    "taux_chomage",
    "part_familles_monoparentales",
    "part_menages_monoparentaux",
    "part_sans_diplome",
    "part_surpeuplement",
    "part_sans_voiture",
)
_NIVEAUX = {
    Position.AU_DESSUS: "plus fort",
    Position.AU_DESSOUS: "plus faible",
    Position.NON_DIFFERENT: "pas d’écart établi",
    Position.NE_SE_COMPARE_PAS: "ne se compare pas",
}
_PLUS, _MOINS = _NIVEAUX[Position.AU_DESSUS], _NIVEAUX[Position.AU_DESSOUS]
_HABITANTS = """
select territoire, age_min, sum(population) as habitants
from socle.population_sexe_age
where territoire in (select unnest(?)) and age_min >= 20 and millesime <= ?
group by territoire, millesime, age_min
qualify millesime = max(millesime) over ()"""

_SECTION = partial(Section, "recours-quartiers", "activite", "Le recours au CCAS, quartier par quartier")


@dataclass(frozen=True)
class _Lecture:
    """A measure of the quartiers, each against the others: one row a quartier, in the edition's order."""

    comparaison: Comparaison
    niveaux: list[str]

    def noms(self, faits: Faits, niveau: str) -> list[str]:
        """The quartiers of that level."""
        return [lieu.nom for lieu, sien in zip(faits.quartiers, self.niveaux, strict=True) if sien == niveau]


@dataclass(frozen=True)
class _Besoin:
    """What says a need, in each quartier."""

    indicateur: Indicator
    faits: list[Fait]
    lecture: _Lecture


def section(
    con: duckdb.DuckDBPyConnection, faits: Faits, dessiner: Callable[[Trace], Graphique]
) -> Section | None:
    """Those who ask in each quartier, expected and seen; None for an edition without quartiers or without requests."""
    demandes = [fait for nom in (PERSONNES, MENAGES) for fait in faits.serie(nom, faits.etude.code)[-1:]]
    if len(faits.quartiers) < 2 or not any(fait.numerateur for fait in demandes):
        return None
    connus = quartiers.communs(faits, (PERSONNES, MENAGES))
    if not connus:
        return _SECTION((f"Recours comparé entre quartiers : non donné. {_refus(faits)}",))
    recours, vus = connus[0]
    demandeurs, habitants = (
        np.array([getattr(f, nom) for f in vus]) for nom in ("numerateur", "denominateur")
    )
    par_age = _attendus_par_age(con, faits, vus[0].millesime) if recours.id == PERSONNES else None
    attendus = habitants if par_age is None else par_age
    attendus = attendus * demandeurs.sum() / attendus.sum()
    lus = _lire(vus, comparer_taux(demandeurs, attendus, *_autres(demandeurs, attendus)))
    besoin = _besoin(faits)
    qui, base, regle = _mots(recours, par_age is not None)
    titre = f"{qui} par quartier, {base}, {vus[0].millesime}"
    table = _tableau(faits, recours, (demandeurs, attendus), lus, besoin)
    return _SECTION(
        (_methode(regle), _dire(faits, lus), _croiser(faits, lus, besoin)),
        (tables.markdown(table, titre, "recours-quartiers", textes=["Recours", "Besoin"]),),
        dessiner(_trace(faits, recours, vus, lus, base)),
    )


def _refus(faits: Faits) -> str:
    """Why the quartiers are not compared."""
    siens = [
        fait
        for nom in (PERSONNES, MENAGES)
        for lieu in faits.quartiers
        for fait in faits.faits.get((nom, lieu.code), ())
    ]
    if any(fait.statut is Statut.SECRET for fait in siens):
        return "Celui d’un quartier au moins est sous secret."
    return "Ni les habitants de 20 ans et plus ni les ménages de chacun ne sont connus du recensement déposé."


def _autres(comptes: np.ndarray, sur: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each quartier, the same counts in all the others."""
    return reste(comptes, sur, comptes.sum(), sur.sum())


def _lire(faits: Sequence[Fait], comparaison: Comparaison) -> _Lecture:
    return _Lecture(comparaison, lectures(faits, comparaison, _NIVEAUX))


def _attendus_par_age(con: duckdb.DuckDBPyConnection, faits: Faits, annee: int) -> np.ndarray | None:
    """Those who would ask in each quartier, each age at the commune's rate; None where an age is hidden or unknown."""
    ages = [fait for fait in faits.faits.get((AGES, faits.etude.code), ()) if fait.millesime == annee]
    codes = [lieu.code for lieu in faits.quartiers]
    lus = con.execute(_HABITANTS, [codes, annee]).df()
    habitants = lus.pivot(index="territoire", columns="age_min", values="habitants")
    # « 20 à 29 ans », « 80 ans et plus »
    taux = {int(fait.groupe.split()[0]): fait.numerateur / fait.denominateur for fait in ages if fait.lisible}
    if not ages or len(taux) < len(ages) or {*taux} != {*habitants} or not {*codes} <= {*habitants.index}:
        return None
    attendus = habitants.loc[codes].mul(pd.Series(taux)).sum(axis="columns", skipna=False)
    return None if attendus.isna().any() else attendus.to_numpy()


def _besoin(faits: Faits) -> _Besoin | None:
    """The first share of `BESOINS` that every quartier has, from effective counts; None where there is none."""
    connus = quartiers.communs(faits, BESOINS)
    if not connus:
        return None
    indicateur, siens = connus[0]
    a, n = (
        np.array([getattr(fait, nom) * (fait.efficace or 1.0) for fait in siens])
        for nom in ("numerateur", "denominateur")
    )
    return _Besoin(indicateur, siens, _lire(siens, comparer_proportions(a, n, *_autres(a, n))))


def _tableau(
    faits: Faits,
    recours: Indicator,
    comptes: tuple[np.ndarray, np.ndarray],
    lus: _Lecture,
    besoin: _Besoin | None,
) -> pd.DataFrame:
    """One row a quartier, in the edition's order; `comptes`: who asked there, who was expected to."""
    demandeurs, attendus = comptes
    table = pd.DataFrame(
        {
            "Quartier": [lieu.nom for lieu in faits.quartiers],
            phrases.lien(recours, "Demandeurs"): [phrases.lien(recours, nombre(n)) for n in demandeurs],
            "Attendus": [nombre(n) for n in attendus],
            "Rapport aux autres quartiers (95 %)": rapports(lus.comparaison),
            "Recours": lus.niveaux,
        }
    )
    if besoin is None:
        return table
    dit = besoin.indicateur
    parts = [phrases.lien(dit, nombre(fait.valeur, 1)) for fait in besoin.faits]
    entete = f"{phrases.lien(dit, phrases.court(dit))} (%)"
    return table.assign(**{entete: parts, "Besoin": besoin.lecture.niveaux})


def _mots(recours: Indicator, par_age: bool) -> tuple[str, str, str]:
    """Who asks, what the quartiers are made equal in, and what is expected of them."""
    if recours.id == MENAGES:
        regle = "si ses ménages demandaient autant que ceux des autres"
        return "Ménages demandeurs d’une aide", "à nombre de ménages égal", regle
    if par_age:
        return "Demandeurs d’aide", "à âges égaux", "si chaque âge y demandait autant que dans la commune"
    regle = "si ses habitants de 20 ans et plus demandaient autant que ceux des autres"
    return "Demandeurs d’aide", "à nombre d’habitants égal", regle


def _methode(regle: str) -> str:
    return (
        f"Les demandeurs attendus d’un quartier sont ceux qu’il aurait {regle}. Le rapport des demandeurs vus aux "
        "attendus est comparé à celui des autres quartiers réunis : 1, on y demande autant. Il dit qui demande, non "
        "qui a besoin ; un demandeur dont le quartier n’est pas connu n’y compte pas."
    )


def _dire(faits: Faits, lus: _Lecture) -> str:
    """« Recours plus fort que dans les autres quartiers : Plum ; plus faible : Boulari. »."""
    dits = [(niveau, lus.noms(faits, niveau)) for niveau in (_PLUS, _MOINS)]
    dites = [f"{niveau} : {enumerer(noms)}" for niveau, noms in dits if noms]
    if not dites:
        return (
            "Aucun écart de recours n’est établi entre un quartier et les autres : sur autant de quartiers, un "
            "intervalle qui laisse 1 au dehors peut être dû au hasard."
        )
    return f"Recours, par rapport aux autres quartiers réunis, {' ; '.join(dites)}."


def _croiser(faits: Faits, lus: _Lecture, besoin: _Besoin | None) -> str:
    """Where the need is greater and the answer smaller: what the table was made for."""
    if besoin is None:
        return (
            "Aucune part qui dise un besoin (chômage, familles monoparentales…) n’est connue dans tous les quartiers : "
            "rien ne dit ici si un recours plus faible répond à un besoin plus faible."
        )
    forts = besoin.lecture.noms(faits, _PLUS)
    delaisses = [nom for nom in lus.noms(faits, _MOINS) if nom in forts]
    mot = phrases.court(besoin.indicateur).lower()
    if not delaisses:
        return f"Aucun quartier ne joint un besoin plus fort ({mot}) à un recours plus faible."
    return (
        f"Besoin plus fort ({mot}) et recours plus faible : {enumerer(delaisses)}. C’est là qu’aller vers les "
        "habitants mérite d’être étudié."
    )


def _trace(faits: Faits, recours: Indicator, vus: Sequence[Fait], lus: _Lecture, base: str) -> Trace:
    compares = lus.comparaison
    lignes = pd.DataFrame(
        {
            "territoire": [lieu.nom for lieu in faits.quartiers],
            "valeur": compares.effet,
            "borne_basse": compares.borne_basse,
            "borne_haute": compares.borne_haute,
            "statut": [fait.statut.value for fait in vus],
        }
    )
    sujet = Sujet(
        nom="recours-quartiers",
        titre=f"Recours au CCAS de chaque quartier, rapporté à celui des autres, {base}, {vus[0].millesime}",
        source=f"Source : {faits.producteurs(recours, vus[0].millesime)}.",
        unite="",
        decimales=2,
        nous=faits.etude.nom,
        objets="quartiers",
        fictif=faits.est_fictif(recours),
    )
    return Trace("classement", lignes, sujet, {"repere": ("autant qu’ailleurs", 1.0)})
