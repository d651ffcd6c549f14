"""The two notes and the draft deliberation: what the board reads before it sits.

In: an `Atelier`. Out: what fills `note-synthese`, `note-orientation-budgetaire` and `deliberation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.model import Indicator
from pipeline.report import tables
from pipeline.report.charts import Graphique
from pipeline.report.papiers import Annexe, Atelier, Papier

_LIGNES_BESOINS = 12


def synthese(atelier: Atelier, places: int) -> dict[str, Any]:
    """What stands out, what has changed, what the CCAS did."""
    contexte = atelier.contexte
    return {
        "cles": contexte["cles"],
        "ressort": contexte["ressort"][:places],
        "autour": contexte["ressort_autour"][:places],
        "change": contexte["change"][:places],
        "activite": activite(atelier, places),
        "reference": contexte["cadre"].reference,
    }


def activite(atelier: Atelier, places: int) -> list[str]:
    """First sentences of the chapters on the CCAS's own activity, those of each chapter in turn."""
    retenir = [c.retenir for c in atelier.contexte["chapitres"] if atelier.de_l_activite(c.id)]
    rangs = range(max(map(len, retenir), default=0))
    return [phrases[rang] for rang in rangs for phrases in retenir if rang < len(phrases)][:places]


def orientation(atelier: Atelier, places: int) -> dict[str, Any]:
    """Needs, activity, cost: sentences, then one table and one chart each."""
    contexte = atelier.contexte
    ressort = [*contexte["ressort"][:places], *contexte["ressort_autour"][:places]]
    agir = activite(atelier, places + 2)
    return {
        "debat": atelier.faits.edition.profil.deliberation.debat,
        "ressort": ressort,
        "besoins": _table(atelier, atelier.cites(*ressort)[:_LIGNES_BESOINS], "Les besoins", "besoins"),
        "activite": agir,
        "faire": _table(atelier, atelier.cites(*agir), "L’activité", "activite"),
        "orientations": contexte["orientations"],
        "cout": _table(atelier, [i for i in _couts(atelier) if not i.by], "Le coût", "cout"),
        "figure_cout": _figure_en_monnaie(atelier),
    }


def _table(atelier: Atelier, indicateurs: Sequence[Indicator], titre: str, identifiant: str) -> str:
    situation = tables.situation(atelier.faits, indicateurs)
    return tables.markdown(situation, titre, identifiant) if len(situation) else ""


def _couts(atelier: Atelier) -> list[Indicator]:
    """What the CCAS spends and grants, in money."""
    faits, symbole = atelier.faits, atelier.faits.edition.profil.monnaie.symbole
    return [i for i in faits.indicateurs() if i.measure.unit == symbole and faits.est_activite(i)]


def _figure_en_monnaie(atelier: Atelier) -> Graphique | None:
    """The first figure of amounts that the report shows."""
    montants = {indicateur.id for indicateur in _couts(atelier)}
    return next((f for nom, f in atelier.figures.items() if nom.partition("-")[2] in montants), None)


def deliberation(annexes: Sequence[Annexe]) -> Papier:
    """The draft deliberation, with the list of what was written."""

    def composer(atelier: Atelier, places: int) -> dict[str, Any]:
        edition = atelier.faits.edition
        mots = {"de": atelier.faits.etude.de, "annee": edition.annee}
        texte = edition.profil.deliberation
        return {
            "visas": [visa.format_map(mots) for visa in texte.visas],
            "considerants": [motif.format_map(mots) for motif in texte.considerants],
            "articles": [article.format_map(mots) for article in texte.articles],
            "instance": edition.profil.cadre.instance,
            "annexes": annexes,
            "interne": bool(atelier.diffusion.bandeau),
        }

    return Papier("deliberation", "Projet de délibération", "deliberation.md.j2", composer)


SYNTHESE = Papier("note-synthese", "Note de synthèse", "note-synthese.md.j2", synthese, pages=2)
ORIENTATION = Papier(
    "note-orientation-budgetaire",
    "Note pour le débat d’orientation budgétaire",
    "note-orientation.md.j2",
    orientation,
    pages=4,
)
