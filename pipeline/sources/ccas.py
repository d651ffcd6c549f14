"""What a CCAS knows of its own activity: the canonical tables its extracts are brought to.

In: nothing. Out: `SOURCES`, and the code lists with their labels, which the report reads. The edition's
`[colonnes]` and `[valeurs]` say where each column and each code is in a given export. To name a column
that identifies (`numero`, `foyer`, `nom`, `prenom`, `naissance`) is to have it replaced while it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
import pandera.pandas as pa

from pipeline.identite import PERSONNE
from pipeline.model import AgeA, Pseudonyme, Source
from pipeline.readers import lire_classeur, lire_csv
from pipeline.sources import colonne

# ------------------------------------------------------------------------------------------ code lists

MOTIFS: Mapping[str, str] = {
    "alimentaire": "Alimentation",
    "energie": "Énergie et eau",
    "logement": "Logement",
    "sante": "Santé",
    "mobilite": "Mobilité",
    "scolarite": "Scolarité",
    "obseques": "Obsèques",
    "autre": "Autre motif",
}
DECISIONS: Mapping[str, str] = {
    "accord": "Accord",
    "accord_partiel": "Accord partiel",
    "ajournement": "Ajournement",
    "refus": "Refus",
    "sans_objet": "Sans objet",
    "annulation": "Annulation",
    "en_attente": "En attente",
}
ACCORDS = ("accord", "accord_partiel")
FORMES: Mapping[str, str] = {
    "secours": "Secours en espèces ou par virement",
    "bon": "Bon ou carte d'achat",
    "tiers_paye": "Paiement au fournisseur",
    "pret": "Prêt",
}
TYPES_MENAGE: Mapping[str, str] = {
    "personne_seule": "Personne seule",
    "famille_monoparentale": "Famille monoparentale",
    "couple_avec_enfants": "Couple avec enfants",
    "couple_sans_enfant": "Couple sans enfant",
    "autre": "Autre ménage",
}
SEXES: Mapping[str, str] = {"hommes": "Hommes", "femmes": "Femmes"}

LIBELLES: Mapping[str, Mapping[str, str]] = {
    "motif": MOTIFS,
    "decision": DECISIONS,
    "forme": FORMES,
    "type_menage": TYPES_MENAGE,
    "sexe": SEXES,
}
"""Column → its codes and their labels."""

# A commune, then a quartier of the edition or an IRIS.
_QUARTIER = r"^\d[\dAB]\d{3}(?:\d{4}|-[a-z0-9-]+)$"


def _codee(nom: str, label: str, *, nullable: bool = False) -> pa.Column:
    codes = LIBELLES[nom]
    erreur = f"code inconnu (codes possibles : {', '.join(codes)}) : compléter [valeurs.{nom}]"
    return colonne(nom, "texte", label, pa.Check.isin(list(codes), error=erreur), nullable=nullable)


def _montant(nom: str, label: str) -> pa.Column:
    return colonne(nom, "nombre", label, pa.Check.ge(0, error="montant négatif"), nullable=True)


def _facultative(declaree: pa.Column) -> pa.Column:
    """A column that a deposit may lack: its absence is said, and is no error."""
    declaree.metadata["facultative"] = True
    return declaree


# ---------------------------------------------------------------------------------------------- rules


def seance_avant_demande(aides: pd.DataFrame) -> pd.DataFrame:
    """Requests examined before they were made."""
    return aides[aides["date_seance"] < aides["date_demande"]]


def paiement_avant_demande(aides: pd.DataFrame) -> pd.DataFrame:
    """Requests paid before they were made; paid before the sitting, an urgent aid is plausible."""
    return aides[aides["date_paiement"] < aides["date_demande"]]


def refus_avec_montant(aides: pd.DataFrame) -> pd.DataFrame:
    """Requests refused, yet with an amount granted."""
    return aides[(aides["decision"] == "refus") & (aides["montant_accorde"] > 0)]


def numero_reutilise(aides: pd.DataFrame) -> pd.DataFrame:
    """Requests that share their number with a different one: nobody can say which is right.

    Exact copies are not among them: the key lets the first in and sends the others back.
    """
    differentes = aides.drop_duplicates()
    return aides[aides["demande"].isin(differentes.loc[differentes["demande"].duplicated(), "demande"])]


def accord_sans_montant(aides: pd.DataFrame) -> pd.DataFrame:
    """Requests granted without an amount: an aid in kind, or an oversight."""
    return aides[aides["decision"].isin(ACCORDS) & ~(aides["montant_accorde"] > 0)]


def accorde_plus_que_demande(aides: pd.DataFrame) -> pd.DataFrame:
    """Requests granted more than was asked."""
    return aides[aides["montant_accorde"] > aides["montant_demande"]]


SIGNALEMENTS: Mapping[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "accord sans montant accordé": accord_sans_montant,
    "montant accordé supérieur au montant demandé": accorde_plus_que_demande,
}
"""Plausible oddities of `ccas_aides`: the rows are loaded, and counted for the analyst."""


# -------------------------------------------------------------------------------------------- sources

AIDES = Source(
    id="ccas_aides",
    title="Demandes d'aides facultatives",
    producer="CCAS",
    licence="Données du CCAS, non diffusables",
    page="",
    schema=pa.DataFrameSchema(
        {
            "demande": colonne("demande", "texte", "Demande (pseudonyme)"),
            "personne": colonne("personne", "texte", "Personne (pseudonyme)"),
            "menage": colonne("menage", "texte", "Ménage (pseudonyme)"),
            "date_demande": colonne("date_demande", "date", "Date de la demande"),
            "date_seance": _facultative(
                colonne("date_seance", "date", "Date de la séance", nullable=True),
            ),
            "decision": _codee("decision", "Décision"),
            "motif": _codee("motif", "Motif de la demande"),
            "montant_demande": _facultative(_montant("montant_demande", "Montant demandé")),
            "montant_accorde": _facultative(_montant("montant_accorde", "Montant accordé")),
            "date_paiement": _facultative(
                colonne("date_paiement", "date", "Date du paiement", nullable=True),
            ),
            "forme": _facultative(_codee("forme", "Forme de l'aide", nullable=True)),
            "quartier": _facultative(
                colonne(
                    "quartier",
                    "texte",
                    "Quartier",
                    pa.Check.str_matches(_QUARTIER, error="quartier inconnu : compléter [valeurs.quartier]"),
                    nullable=True,
                )
            ),
            "type_menage": _facultative(_codee("type_menage", "Type de ménage", nullable=True)),
            "sexe": _facultative(_codee("sexe", "Sexe", nullable=True)),
            "age": colonne(
                "age",
                "entier",
                "Âge à la demande",
                pa.Check.in_range(0, 120, error="âge impossible : naissance ou date de demande à corriger"),
                nullable=True,
            ),
        },
        unique=["demande"],
    ),
    readers={
        ".csv": lire_csv,
        ".txt": lire_csv,
        ".xlsx": lire_classeur,
        ".xlsb": lire_classeur,
        ".xls": lire_classeur,
        ".ods": lire_classeur,
    },
    identites=(
        Pseudonyme("demande", ("numero",)),
        Pseudonyme("personne", PERSONNE),
        # The household's number where there is one, else the person is her own household.
        Pseudonyme("menage", ("foyer",)),
        Pseudonyme("menage", PERSONNE),
        AgeA("age", "naissance", "date_demande"),
    ),
    checks={
        "séance avant la demande": seance_avant_demande,
        "paiement avant la demande": paiement_avant_demande,
        "refus avec un montant accordé": refus_avec_montant,
        "numéro de demande repris avec un autre contenu": numero_reutilise,
    },
    signalements=SIGNALEMENTS,
    rejets_toleres=0.2,
    serie="activite",
)

SOURCES = (AIDES,)
