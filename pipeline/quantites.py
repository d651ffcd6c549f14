"""What the columns of the activity count when they do not count heads: what secrecy must know before it hides.

A column is taken for a count of persons or of their files. Whatever is counted otherwise is in one of these lists,
or `verifier_quantites` refuses its indicator: an amount protected as if its francs were persons is not protected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.model import Chapter, Indicator, Mean, Total, colonnes
from pipeline.transform import est_activite

# What is no count of persons known to the CCAS: inhabitants, sittings, rounds, what the CCAS spends.
PUBLIQUES = (
    "appels_aboutis",
    "appels_passes",
    "budget_aides",
    "budget_execute",
    "budget_vote",
    "cout",
    "equipes",
    "habitants",
    "habitants_20_plus",
    "habitants_70_plus",
    "habitants_75_plus",
    "jours_service",
    "maraudes",
    "maraudes_ensemble",
    "menages_recenses",
    "places_service",
    "seances",
    "seances_activite",
)

# Quantities that are not heads: whose heads stand behind them, and for amounts who contributes most.
PERSONNES_DERRIERE = {
    "heures_benevoles": "benevoles",
    "jours_attente": "delais_connus",
    "jours_paiement": "delais_paiement_connus",
    "jours_prise_en_charge": "signalements_pris_en_charge",
    "jours_transmission": "transmissions_connues",
    "kilos": "remises_pesees",
    "nuitees": "demandes_logees",
    "mois_accompagnement": "accompagnements_clos",
    "mois_domiciliation": "anciennetes_connues",
    "montant": "menages_payes",
    "montant_prete": "emprunteurs",
    "rencontres": "personnes_rue",
    "reste_a_vivre": "menages_ressources",
}
MONTANTS = ("montant", "montant_prete", "reste_a_vivre")

# Units of persons, and of what one person or one household does: a new word is refused until somebody has judged it.
_DENOMBREES = (
    "accompagnements",
    "adhérents",
    "bénévoles",
    "demandes",
    "dossiers",
    "élections",
    "habitants",
    "ménages",
    "partenaires",
    "passages",
    "personnes",
    "présences",
    "prêts",
    "radiations",
    "remises",
    "rencontres",
    "signalements",
)
_ARGENT = ("monnaie", "€", "F CFP")


def verifier_quantites(chapitres: Iterable[Chapter]) -> None:
    """Refuse an indicator of the activity that sums what is neither heads, nor public, nor said of whom it comes.

    `ValueError` names the indicator, its column and its unit.
    """
    for indicateur in (i for chapitre in chapitres for i in chapitre.indicators if est_activite(i.table)):
        for nom in _quantites(indicateur):
            ou = "PERSONNES_DERRIERE" if nom not in PERSONNES_DERRIERE else "MONTANTS"
            raise ValueError(
                f"{indicateur.id!r} : {nom!r} est en « {indicateur.measure.unit} », et non en personnes ni en "
                f"dossiers : dire dans quantites.{ou} de qui il vient, ou dans quantites.PUBLIQUES qu'il ne dit "
                "rien de personne"
            )


def _quantites(indicateur: Indicator) -> Iterator[str]:
    """Columns that a total or a mean sums and of which secrecy does not know what it must."""
    mesure = indicateur.measure
    if not isinstance(mesure, Total | Mean) or mesure.unit in _DENOMBREES:
        return
    connues = MONTANTS if mesure.unit in _ARGENT else PERSONNES_DERRIERE
    yield from (nom for nom in colonnes(mesure.a) if nom not in connues and nom not in PUBLIQUES)
