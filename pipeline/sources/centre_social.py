"""What a centre social knows: its members, its sessions, who came, and who gave their time.

In: nothing. Out: `SOURCES`. The words, code lists and identities are those of the CCAS; a member has a
pseudonym of her own, which is not the one she has at the CCAS.
"""

from __future__ import annotations

from pipeline.identite import PERSONNE
from pipeline.model import AgeA, Pseudonyme
from pipeline.sources.ccas import (
    MENAGE,
    OUI_NON,
    age,
    code_libre,
    codee,
    exercice,
    facultative,
    jour,
    montant,
    pseudonyme,
    quantite,
    quartier,
    sexe,
    source,
)

_PRODUCTEUR = "Centre social"
_SEANCE = Pseudonyme("seance", ("numero",))

ADHERENTS = source(
    "centre_social_adherents",
    "Adhérents du centre social",
    {
        "adherent": pseudonyme("adherent", "Adhérent"),
        "menage": pseudonyme("menage", "Ménage"),
        "date_adhesion": jour("date_adhesion", "Date d'adhésion"),
        "exercice": exercice(),
        "quartier": quartier(),
        "sexe": sexe(),
        "age": age("à l'adhésion"),
        "nouveau": facultative(codee("nouveau", "Première adhésion", OUI_NON)),
    },
    ("adherent", "exercice"),
    _PRODUCTEUR,
    # The card number where there is one: it is what attendance sheets hold.
    identites=(
        Pseudonyme("adherent", ("carte",)),
        Pseudonyme("adherent", PERSONNE),
        *MENAGE,
        AgeA("age", "naissance", "date_adhesion"),
    ),
)

SEANCES = source(
    "centre_social_seances",
    "Séances d'activité du centre social",
    {
        "seance": pseudonyme("seance", "Séance"),
        "activite": code_libre("activite", "Activité"),
        "date_seance": jour("date_seance", "Date de la séance"),
        "heures": facultative(quantite("heures", "Durée en heures")),
        "cout": facultative(montant("cout", "Coût de la séance")),
    },
    ("seance",),
    _PRODUCTEUR,
    identites=(_SEANCE,),
)

PRESENCES = source(
    "centre_social_presences",
    "Présences aux séances du centre social",
    {
        "seance": pseudonyme("seance", "Séance"),
        "adherent": pseudonyme("adherent", "Adhérent"),
    },
    ("seance", "adherent"),
    _PRODUCTEUR,
    identites=(_SEANCE, Pseudonyme("adherent", ("carte",))),
)

BENEVOLES = source(
    "centre_social_benevoles",
    "Bénévoles du centre social",
    {
        "benevole": pseudonyme("benevole", "Bénévole"),
        "exercice": exercice(),
        "heures": quantite("heures", "Heures données"),
    },
    ("benevole", "exercice"),
    _PRODUCTEUR,
    identites=(Pseudonyme("benevole", PERSONNE),),
)

SOURCES = (ADHERENTS, SEANCES, PRESENCES, BENEVOLES)
"""Every declared source, in the order in which the report lists them."""
