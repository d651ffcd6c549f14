"""The chapter « Orientations et actions »: orientations and facts in, Markdown tables out.

One dashboard (every action with its amount and its state), then one card an action, a table of two columns:
what people wrote, and under it the figures of the base.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.avancement import ActionSuivie, Avancement, Etat, suivre
from pipeline.indicators import chapitres_de
from pipeline.orientations import lire_orientations
from pipeline.report import francais, tables
from pipeline.report.faits import Faits
from pipeline.report.nombres import INSECABLE, avec_unite

_NATURES = {"moyens": "Suivi des moyens", "resultat": "Suivi des résultats", "impact": "Suivi de l’impact"}
_SANS_MONTANT = "non chiffré"


@dataclass(frozen=True)
class AxeEcrit:
    """One axis, ready for the template: its objectives, and the card of each of its actions."""

    id: str
    titre: str
    objectifs: tuple[str, ...]
    fiches: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class OrientationsEcrites:
    """The chapter, ready for the template."""

    fictif: bool
    introduction: str
    bilan: str
    tableau: str
    axes: tuple[AxeEcrit, ...]


def ecrire_orientations(faits: Faits) -> OrientationsEcrites | None:
    """The chapter of an edition, or None when it has no orientations."""
    lues = lire_orientations(faits.edition, chapitres_de(faits.edition.profil))
    if lues is None:
        return None
    suivies = suivre(lues, faits)
    return OrientationsEcrites(
        fictif=lues.fictif,
        introduction=lues.introduction.strip(),
        bilan=bilan(suivies),
        tableau=tableau_de_bord(faits, suivies),
        axes=tuple(
            AxeEcrit(
                axe.id,
                axe.titre,
                axe.objectifs,
                tuple(
                    (suivie.action.id, suivie.titre, fiche(faits, suivie))
                    for suivie in suivies
                    if suivie.axe.id == axe.id
                ),
            )
            for axe in lues.axes
        ),
    )


def bilan(suivies: Sequence[ActionSuivie]) -> str:
    """« Sur 6 actions, 1 a atteint sa cible, 2 sont en voie, 2 sont en retard et 1 est sans mesure. »."""
    nombres = {etat: sum(suivie.etat is etat for suivie in suivies) for etat in Etat}
    verbes = {
        Etat.ATTEINT: ("a atteint sa cible", "ont atteint leur cible"),
        Etat.EN_VOIE: ("est en voie de l’atteindre", "sont en voie de l’atteindre"),
        Etat.EN_RETARD: ("est en retard", "sont en retard"),
        Etat.SANS_MESURE: ("est sans mesure", "sont sans mesure"),
    }
    dits = [f"{nombre} {verbes[etat][nombre > 1]}" for etat, nombre in nombres.items() if nombre]
    total = f"{len(suivies)} action{'s' if len(suivies) > 1 else ''}"
    return f"Sur {total}, {francais.enumerer(dits)}."


def tableau_de_bord(faits: Faits, suivies: Sequence[ActionSuivie]) -> str:
    """One row an action: axis, who leads it, amount, the day it ends, state."""
    table = pd.DataFrame(
        [
            {
                "Action": f"[{suivie.titre}](#action-{suivie.action.id})",
                "Axe": suivie.axe.titre,
                "Pilote": suivie.action.pilote,
                "Montant": montant(faits, suivie),
                "Échéance": f"{suivie.action.fin:%d/%m/%Y}",
                "État": f"**{suivie.etat.value.replace(' ', INSECABLE)}**",
            }
            for suivie in suivies
        ]
    )
    return tables.markdown(table, "Les actions et leur état", "actions", textes=list(table))


def montant(faits: Faits, suivie: ActionSuivie) -> str:
    """« 2 400 000 F CFP », or that no amount was given."""
    if suivie.montant is None:
        return _SANS_MONTANT
    return avec_unite(suivie.montant, faits.edition.profil.monnaie.symbole).replace(" ", INSECABLE)


def fiche(faits: Faits, suivie: ActionSuivie) -> str:
    """The card of an action: what people wrote, the figures behind it, each target and its state."""
    action = suivie.action
    budget = action.budget
    lignes = {
        "État": f"**{suivie.etat.value}**",
        "Constat": action.constat,
        "Chiffres": " ".join(suivie.constats),
        "Objectif": action.objectif,
        "Publics": ", ".join(action.publics),
        "Pilote": action.pilote,
        "Partenaires": ", ".join(action.partenaires),
        "Calendrier": f"du {action.debut:%d/%m/%Y} au {action.fin:%d/%m/%Y}",
        "Moyens": action.moyens,
        "Budget": montant(faits, suivie) + (f" ({budget.detail})" if budget and budget.detail else ""),
    }
    for nature, rubrique in _NATURES.items():
        suivis = [avancement for avancement in suivie.avancements if avancement.suivi.nature == nature]
        lignes[rubrique] = " ".join(_suivi(avancement) for avancement in suivis)
    return tables.sans_entete({nom: texte for nom, texte in lignes.items() if texte})


def _suivi(avancement: Avancement) -> str:
    """A target's sentence, then its series and what may be said of it."""
    tendance = f" {francais.majuscule(avancement.tendance)}." if avancement.tendance else ""
    return avancement.phrase + tendance
