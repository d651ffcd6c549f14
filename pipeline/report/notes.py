"""The two notes and the draft deliberation: what the board reads before it sits.

In: an `Atelier`. Out: what fills `note-synthese`, `note-orientation-budgetaire` and `deliberation`.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import pandas as pd

from pipeline.indicators import chapitres_de
from pipeline.model import Indicator, Mean
from pipeline.orientations import lire_orientations
from pipeline.report import tables
from pipeline.report.charts import Graphique
from pipeline.report.faits import Faits
from pipeline.report.nombres import avec_unite
from pipeline.report.papiers import Annexe, Atelier, Papier

_LIGNES_BESOINS = 12
_RESSOURCES = "ccas_ressources"
_NATURES = {"part_budget": "Part du budget voté", "taux_execution_chapitre": "Part exécutée"}


def synthese(atelier: Atelier, places: int) -> dict[str, Any]:
    """What stands out, what has changed, what the CCAS did."""
    contexte = atelier.contexte
    return {
        "cles": contexte["cles"],
        "ressort": contexte["ressort"][:places],
        "autour": contexte["ressort_autour"][:places],
        "change": contexte["change"][:places],
        "activite": contexte["activite"][:places],
        "reference": contexte["cadre"].reference,
    }


def orientation(atelier: Atelier, places: int) -> dict[str, Any]:
    """Needs, activity, cost: sentences, then one table and one chart each."""
    contexte = atelier.contexte
    ressort, autour = contexte["ressort"][:places], contexte["ressort_autour"][:places]
    couts = [indicateur for indicateur in _couts(atelier) if not indicateur.by]
    agir = contexte["activite"][: places + 2]
    return {
        "debat": atelier.faits.edition.profil.deliberation.debat,
        "ressort": ressort,
        "autour": autour,
        "besoins": _table(atelier, atelier.cites(*ressort)[:_LIGNES_BESOINS], "Les besoins", "besoins"),
        "activite": agir,
        "faire": _table(atelier, atelier.cites(*agir), "L’activité", "activite"),
        "orientations": contexte["orientations"],
        "propositions": propositions(atelier.faits),
        "cout": _table(atelier, couts, "Le coût", "cout"),
        "moyennes": [i for i in couts if isinstance(i.measure, Mean) and _connu(atelier.faits, i)],
        "natures": par_nature(atelier.faits),
        "figure_cout": _figure_en_monnaie(atelier),
    }


def _table(atelier: Atelier, indicateurs: Sequence[Indicator], titre: str, identifiant: str) -> str:
    situation = tables.situation(atelier.faits, indicateurs)
    return tables.markdown(situation, titre, identifiant) if len(situation) else ""


def _couts(atelier: Atelier) -> list[Indicator]:
    """What the CCAS spends and grants, in money: what its households live on is no cost."""
    faits, symbole = atelier.faits, atelier.faits.edition.profil.monnaie.symbole
    montants = [i for i in faits.indicateurs() if i.measure.unit == symbole and faits.est_activite(i)]
    return [i for i in montants if not any(s.id == _RESSOURCES for s in faits.sources_de(i))]


def _connu(faits: Faits, indicateur: Indicator) -> bool:
    return faits.dernier(indicateur.id, faits.etude.code) is not None


def par_nature(faits: Faits) -> str:
    """One row a kind of expense: its share of the budget voted, how much of it was spent; nothing without a budget."""
    declares = {indicateur.id: indicateur for indicateur in faits.indicateurs()}
    lus = {nom: faits.faits.get((nom, faits.etude.code), ()) for nom in _NATURES if nom in declares}
    annee = max((fait.millesime for serie in lus.values() for fait in serie), default=0)
    natures = dict.fromkeys(f.groupe for serie in lus.values() for f in serie if f.millesime == annee)
    lignes = [
        {"Nature de la dépense": faits.libelle_groupe(declares[next(iter(lus))], nature)}
        | {
            f"{_NATURES[nom]}, {annee}": tables.cellule(
                declares[nom], faits.a(nom, faits.etude.code, annee, nature)
            )
            for nom in lus
        }
        for nature in natures
    ]
    if not lignes:
        return ""
    return tables.markdown(pd.DataFrame(lignes), "Le budget selon la nature de la dépense", "natures")


def propositions(faits: Faits) -> str:
    """What the actions ask for, year by year and in all: each amount is spread over the days of its action."""
    lues = lire_orientations(faits.edition, chapitres_de(faits.edition.profil))
    chiffrees = [action for action in lues.actions if action.budget] if lues else []
    if not chiffrees:
        return ""
    annees: Counter[int] = Counter()
    for action in chiffrees:
        for annee, part in par_annee(action.debut, action.fin).items():
            annees[annee] += action.budget.montant * part
    cumuls = [round(cumul) for cumul in accumulate(montant for _, montant in sorted(annees.items()))]
    entiers = [apres - avant for avant, apres in pairwise((0, *cumuls))]  # they add up to what is asked for
    symbole = faits.edition.profil.monnaie.symbole
    table = pd.DataFrame(
        [
            {"Année": f"**{annee}**", "Montant": avec_unite(montant, symbole)}
            for annee, montant in zip((*sorted(annees), "Total"), (*entiers, cumuls[-1]), strict=True)
        ]
    )
    return tables.markdown(table, "Les propositions chiffrées, année par année", "propositions")


def par_annee(debut: datetime.date, fin: datetime.date) -> dict[int, float]:
    """The share of the days from `debut` to `fin`, both included, that falls in each year: they add up to 1."""
    jours = (fin - debut).days + 1
    return {
        annee: ((min(fin, datetime.date(annee, 12, 31)) - max(debut, datetime.date(annee, 1, 1))).days + 1)
        / jours
        for annee in range(debut.year, fin.year + 1)
    }


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
