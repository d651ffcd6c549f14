"""What becomes of each action: orientations and facts in, the state of every target out.

For one target: `v` the last value known after the baseline, `t` its day, and its 95 % interval (the value
itself for a count, a mean or a figure as published, which have none). The way from the baseline to the target
is a straight line over time, flat after the deadline.

- **atteint**: the whole interval is at the target or beyond it; a target within the interval is not reached.
- **en retard**: not reached, and the deadline is at `t` or before, or no part of the interval is at the line
  on day `t` or beyond it.
- **en voie**: neither.
- **sans mesure**: no baseline, or no value after it that can bear a claim (absent, secret, or a small count).

A year of activity is dated by its last day, a census by the day of its collection. An action is `en retard` as
soon as one of its targets of result is, `atteint` when all of them are, `sans mesure` when none is measured,
`en voie` otherwise: means say what was done, an impact does not depend on the action alone.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pipeline import transform
from pipeline.indicators import chapitres_de
from pipeline.model import ErreurUtilisateur, Indicator, Statut
from pipeline.orientations import (
    Action,
    Appui,
    Axe,
    Orientations,
    Releve,
    Suivi,
    chemin_de,
    contresens,
    decision,
)
from pipeline.report import francais, phrases, tables
from pipeline.report.faits import Fait, Faits
from pipeline.report.nombres import avec_unite, nombre


class Etat(StrEnum):
    """Where a target, or an action, stands."""

    ATTEINT = "atteint"
    EN_VOIE = "en voie"
    EN_RETARD = "en retard"
    SANS_MESURE = "sans mesure"


@dataclass(frozen=True)
class Mesure:
    """A value, its day and its interval (the value itself where there is none), and how it is written."""

    valeur: float
    jour: datetime.date
    basse: float
    haute: float
    texte: str
    quand: str

    @property
    def a_intervalle(self) -> bool:
        """Whether the value has an interval of its own."""
        return self.basse < self.haute


@dataclass(frozen=True)
class Avancement:
    """One target: what it is of, its baseline, its last measure, its state, and the sentences that say it."""

    suivi: Suivi
    libelle: str
    cible: str
    depart: Mesure | None
    mesure: Mesure | None
    etat: Etat
    raison: str
    tendance: str

    @property
    def phrase(self) -> str:
        """« Part de … : 15,7 % en 2025, pour une cible de 10 % au 31/12/2026 (15,5 % en 2024) : en retard. … »."""
        partie = f" (au départ {self.depart.texte} {self.depart.quand})" if self.depart else ""
        mesure = f"{self.mesure.texte} {self.mesure.quand}, pour " if self.mesure else ""
        debut = (
            f"{self.libelle} : {mesure}une cible de {self.cible} au {self.suivi.echeance:%d/%m/%Y}{partie}"
        )
        return f"{debut} : {self.etat.value}, {self.raison}."


@dataclass(frozen=True)
class ActionSuivie:
    """One action with its axis, its figures in sentences, and where it stands."""

    action: Action
    axe: Axe
    constats: tuple[str, ...]
    avancements: tuple[Avancement, ...]

    @property
    def titre(self) -> str:
        """Title of the action."""
        return self.action.titre

    @property
    def montant(self) -> float | None:
        """Amount asked for, in the profile's currency; None when nothing is."""
        return self.action.budget.montant if self.action.budget else None

    @property
    def etat(self) -> Etat:
        """Where the action stands, from its targets of result."""
        return etat_de_l_action([a.etat for a in self.avancements if a.suivi.nature == "resultat"])

    @property
    def phrases(self) -> tuple[str, ...]:
        """One sentence a target."""
        return tuple(avancement.phrase for avancement in self.avancements)


def etat_de_l_action(etats: Sequence[Etat]) -> Etat:
    """The state of an action whose targets of result have these states."""
    if Etat.EN_RETARD in etats:
        return Etat.EN_RETARD
    if all(etat is Etat.SANS_MESURE for etat in etats):
        return Etat.SANS_MESURE
    return Etat.ATTEINT if all(etat is Etat.ATTEINT for etat in etats) else Etat.EN_VOIE


def suivre(orientations: Orientations, faits: Faits) -> tuple[ActionSuivie, ...]:
    """Every action with the state of its targets, in the file's order.

    `ErreurUtilisateur` when a target, held against its baseline, asks for nothing or for worse.
    """
    declares = (i for chapitre in chapitres_de(faits.edition.profil) for i in chapitre.indicators)
    indicateurs = {i.id: i for i in (*declares, *faits.indicateurs())}
    return tuple(
        ActionSuivie(
            action,
            orientations.axe_de(action),
            tuple(_constat(faits, indicateurs[appui.indicateur], appui) for appui in action.appuis),
            tuple(_avancer(faits, indicateurs, action, suivi) for suivi in action.suivi),
        )
        for action in orientations.actions
    )


def etat(depart: Mesure, mesure: Mesure, cible: float, echeance: datetime.date) -> tuple[Etat, float]:
    """State of a measured target, and the value that the straight line asks for on the day of the measure."""
    sens = 1 if cible > depart.valeur else -1
    proche, loin = sorted((sens * mesure.basse, sens * mesure.haute))
    duree = (echeance - depart.jour).days
    chemin = min(1.0, (mesure.jour - depart.jour).days / duree) if duree > 0 else 1.0
    attendu = depart.valeur + (cible - depart.valeur) * chemin
    if proche >= sens * cible:
        return Etat.ATTEINT, attendu
    if mesure.jour >= echeance or loin < sens * attendu:
        return Etat.EN_RETARD, attendu
    return Etat.EN_VOIE, attendu


def _constat(faits: Faits, indicateur: Indicator, appui: Appui) -> str:
    """The figure behind a finding: against the territories around for the commune, alone elsewhere."""
    if not appui.groupe and appui.territoire in ("", faits.etude.code):
        return phrases.situer(faits, indicateur) or f"{indicateur.label} : aucune valeur publiée."
    lieu = faits.lieux[appui.territoire or faits.etude.code]
    groupe = f" ({faits.libelle_groupe(indicateur, appui.groupe)})" if appui.groupe else ""
    fait = faits.dernier(indicateur.id, lieu.code, appui.groupe)
    if fait is None:
        return f"{indicateur.label}{groupe}, {lieu.nom} : aucune valeur publiée."
    return (
        f"{francais.majuscule(phrases.sujet(indicateur))}{groupe} est de {phrases.chiffre(indicateur, fait)} "
        f"{lieu.dans} ({tables.periode(fait)})."
    )


def _avancer(faits: Faits, indicateurs: dict[str, Indicator], action: Action, suivi: Suivi) -> Avancement:
    if suivi.indicateur:
        avancement = _selon_la_base(faits, indicateurs[suivi.indicateur], action, suivi)
    else:
        avancement = _selon_les_releves(suivi)
    depart = avancement.depart
    if depart is not None:
        ou = f"l'action « {action.id} »"
        for probleme in contresens(ou, suivi, indicateurs.get(suivi.indicateur), depart.valeur):
            raise ErreurUtilisateur(f"{chemin_de(faits.edition)} : {probleme}.")
    return avancement


# ------------------------------------------------------------------------------------ from the base


def _selon_la_base(faits: Faits, indicateur: Indicator, action: Action, suivi: Suivi) -> Avancement:
    lieu = faits.lieux[suivi.territoire or faits.etude.code]
    rangees = [
        fait
        for fait in faits.faits.get((indicateur.id, lieu.code), ())
        if fait.groupe == suivi.groupe and fait.statut is not Statut.ABSENT
    ]
    depart, suite = _partager(faits, indicateur, action, suivi, rangees)
    dernier = suite[-1] if suite else None
    utile = dernier is not None and dernier.lisible and dernier.statut is Statut.VALIDE
    mesure = _mesure(faits, indicateur, dernier) if utile else None
    ou = "" if lieu == faits.etude else f", {lieu.nom}"
    groupe = f" ({faits.libelle_groupe(indicateur, suivi.groupe)})" if suivi.groupe else ""
    unite, decimales = indicateur.measure.unit, indicateur.measure.decimals
    return _juger(
        suivi,
        f"{phrases.lien(indicateur, indicateur.label)}{groupe}{ou}",
        (unite, max(decimales, _decimales(suivi.cible))),
        depart,
        mesure,
        _empechement(depart, dernier),
        _tendance(faits, indicateur, rangees, dernier if utile else None),
    )


def _partager(
    faits: Faits, indicateur: Indicator, action: Action, suivi: Suivi, rangees: Sequence[Fait]
) -> tuple[Mesure | None, list[Fait]]:
    """The baseline, and the rows that come after it."""
    if suivi.reference is not None:
        unite = (indicateur.measure.unit, indicateur.measure.decimals)
        depart = _relevee(suivi.reference, unite)
        return depart, [f for f in rangees if _jour(faits, indicateur, f) > depart.jour]
    annee = decision(faits.edition, action)
    avant = [f for f in rangees if f.lisible and f.millesime < annee]
    if suivi.depart is not None:
        avant = [f for f in avant if f.millesime == suivi.depart]
    if not avant:
        return None, [f for f in rangees if f.millesime >= annee]
    fait = avant[-1]
    return _mesure(faits, indicateur, fait), [f for f in rangees if f.millesime > fait.millesime]


def _mesure(faits: Faits, indicateur: Indicator, fait: Fait) -> Mesure:
    sans = fait.basse is None or fait.haute is None or math.isnan(fait.basse) or math.isnan(fait.haute)
    return Mesure(
        fait.valeur,
        _jour(faits, indicateur, fait),
        fait.valeur if sans else fait.basse,
        fait.valeur if sans else fait.haute,
        phrases.lien(indicateur, phrases.valeur_courte(indicateur, fait)),
        f"entre {fait.depuis} et {fait.millesime}" if fait.depuis else f"en {fait.millesime}",
    )


def _jour(faits: Faits, indicateur: Indicator, fait: Fait) -> datetime.date:
    return transform.jour(indicateur.table, fait.millesime, faits.edition.profil.recensement.dates)


def _empechement(depart: Mesure | None, dernier: Fait | None) -> str:
    """Why nothing can be said, empty when something can."""
    if depart is None:
        return "aucune valeur de départ n’est connue"
    if dernier is None:
        return f"aucune valeur n’est connue depuis le départ ({depart.quand})"
    if dernier.lisible and dernier.statut is Statut.VALIDE:
        return ""
    return (
        f"la valeur de {dernier.millesime} ne permet pas d’en juger ({dernier.motif or dernier.statut.value})"
    )


def _tendance(faits: Faits, indicateur: Indicator, rangees: Sequence[Fait], dernier: Fait | None) -> str:
    """The series, and what may be said of it."""
    lisibles = [fait for fait in rangees if fait.lisible]
    serie = " ; ".join(
        f"{tables.periode(fait)} : {phrases.valeur_courte(indicateur, fait)}"
        + ("\\*" if fait.statut is Statut.FRAGILE else "")
        for fait in lisibles
    )
    dite = phrases.depuis(faits, indicateur, dernier) if dernier is not None else ""
    if not dite and len(lisibles) > 1:
        dite = _rupture(faits, indicateur, lisibles)
    return " ; ".join(morceau for morceau in (serie, dite) if morceau)


def _rupture(faits: Faits, indicateur: Indicator, lisibles: Sequence[Fait]) -> str:
    serie = transform.series().get(indicateur.table)
    avant, apres = lisibles[-2].millesime, lisibles[-1].millesime + 1
    for rupture in faits.edition.ruptures_declarees:
        if serie in rupture.series and avant < rupture.annee < apres:
            return f"aucune évolution n’est lue à travers la rupture de {rupture.libelle}"
    return ""


# ------------------------------------------------------------------------------------ from people


def _selon_les_releves(suivi: Suivi) -> Avancement:
    unite = (suivi.unite, max(_decimales(r.valeur) for r in (suivi.reference, *suivi.releves)))
    depart = _relevee(suivi.reference, unite)
    suite = sorted((r for r in suivi.releves if r.date > depart.jour), key=lambda releve: releve.date)
    mesure = _relevee(suite[-1], unite) if suite else None
    empechement = "" if mesure else f"aucun relevé n’est donné depuis le départ ({depart.quand})"
    source = "source : " + (suite[-1] if suite else suivi.reference).source
    return _juger(suivi, suivi.libelle, unite, depart, mesure, empechement, source)


def _relevee(releve: Releve, unite: tuple[str, int]) -> Mesure:
    texte = avec_unite(releve.valeur, *unite)
    quand = f"au {releve.date:%d/%m/%Y}"
    return Mesure(releve.valeur, releve.date, releve.valeur, releve.valeur, texte, quand)


def _decimales(valeur: float) -> int:
    """Decimals that a value was written with, two at most."""
    return next((n for n in (0, 1) if round(valeur, n) == valeur), 2)


# ------------------------------------------------------------------------------------ the judgement


def _juger(
    suivi: Suivi,
    libelle: str,
    unite: tuple[str, int],
    depart: Mesure | None,
    mesure: Mesure | None,
    empechement: str,
    tendance: str,
) -> Avancement:
    cible = avec_unite(suivi.cible, unite[0], _decimales(suivi.cible))
    if depart is None or mesure is None:
        return Avancement(suivi, libelle, cible, depart, None, Etat.SANS_MESURE, empechement, tendance)
    quel, attendu = etat(depart, mesure, suivi.cible, suivi.echeance)
    raison = _raison(quel, depart, mesure, suivi, (attendu, *unite))
    return Avancement(suivi, libelle, cible, depart, mesure, quel, raison, tendance)


def _raison(quel: Etat, depart: Mesure, mesure: Mesure, suivi: Suivi, attendu: tuple[float, str, int]) -> str:
    """Why this state: the interval against the target, the deadline, or the way still to go."""
    decimales = attendu[2]
    bornes = f"{nombre(mesure.basse, decimales)} à {nombre(mesure.haute, decimales)}"
    sens = 1 if suivi.cible > depart.valeur else -1
    if quel is Etat.ATTEINT:
        tout = f"l’intervalle à 95 % ({bornes}) est tout entier au niveau de la cible ou au-delà"
        return tout if mesure.a_intervalle else "la valeur est au niveau de la cible ou au-delà"
    if quel is Etat.EN_RETARD and mesure.jour >= suivi.echeance:
        return "l’échéance est passée et la cible n’est pas établie comme atteinte"
    if quel is Etat.EN_VOIE and sens * mesure.valeur >= sens * suivi.cible:
        return f"la valeur a passé la cible, mais son intervalle à 95 % ({bornes}) ne l’établit pas"
    valeur, unite, _ = attendu
    dit = f"il fallait {avec_unite(valeur, unite if unite[:1] == '%' else '', decimales)} à cette date"
    return f"{dit}, et l’intervalle va de {bornes}" if mesure.a_intervalle else dit
