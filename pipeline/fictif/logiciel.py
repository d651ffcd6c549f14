"""How the software of the demonstration shows each table: which file, which titles, which codes.

In: nothing. Out: `EXPORTS`, one an activity source. The edition of the demonstration declares the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.fictif.ecriture import Export

AIDES = "ccas_aides.csv"
USAGERS = "ccas_usagers.tsv"
ACCUEIL = "ccas_accueil.xlsx"
SUIVI = "ccas_suivi.xlsx"
CENTRE = "centre_social.xlsx"
VEILLE = "veille_sociale.xlsx"
FICHIERS = (AIDES, USAGERS, ACCUEIL, SUIVI, CENTRE, VEILLE)

_SEXE = {"F": "femmes", "M": "hommes"}
_OUI_NON = {"O": "oui", "N": "non"}
_TYPE_MENAGE = {
    "Personne seule": "personne_seule",
    "Parent seul avec enfant(s)": "famille_monoparentale",
    "Couple avec enfant(s)": "couple_avec_enfants",
    "Couple sans enfant": "couple_sans_enfant",
    "Autre situation": "autre",
}
_INSTANCE = {"Commission permanente": "commission_permanente", "Urgence": "urgence", "Conseil": "conseil"}

EN_ATTENTE = "En attente"
"""What the software writes for a request on which nothing is decided: it is no code of ours."""

_DEMANDES = Export(
    "ccas_demandes",
    AIDES,
    {
        "numero": "N° dossier",
        "foyer": "N° foyer",
        "nom": "Nom usager",
        "prenom": "Prénom",
        "naissance": "Né(e) le",
        "date_demande": "Date demande",
        "motif": "Nature",
        "montant_demande": "Montant demandé",
        "prescripteur": "Prescripteur",
        "urgence": "Urgence",
        "quartier": "Quartier",
        "type_menage": "Situation familiale",
        "sexe": "Sexe",
    },
    {
        "motif": {
            "Alimentation": "alimentaire",
            "Énergie (électricité, gaz)": "energie",
            "Loyer et logement": "logement",
            "Santé": "sante",
            "Transport": "mobilite",
            "Frais scolaires": "scolarite",
            "Frais d'obsèques": "obseques",
            "Divers": "autre",
        },
        "prescripteur": {
            "CCAS": "ccas",
            "Assistante sociale": "assistante_sociale",
            "Association": "association",
            "Partenaire": "partenaire",
            "Autre": "autre",
        },
        "urgence": _OUI_NON,
        "type_menage": _TYPE_MENAGE,
        "sexe": _SEXE,
    },
)

_DECISIONS = Export(
    "ccas_decisions",
    AIDES,
    {
        "numero": "N° dossier",
        "date_seance": "Date commission",
        "decision": "Décision",
        "instance": "Instance",
        "motif_refus": "Motif du refus",
        "montant_accorde": "Montant accordé",
        "forme": "Type d'aide",
        "fournisseur": "Fournisseur",
    },
    {
        "decision": {
            "Accordé": "accord",
            "Accord partiel": "accord_partiel",
            "Ajourné": "ajournement",
            "Refusé": "refus",
            "Sans objet": "sans_objet",
            "Annulé": "annulation",
        },
        "instance": _INSTANCE,
        "motif_refus": {
            "Ressources supérieures au barème": "ressources",
            "Hors compétence du CCAS": "hors_competence",
            "Dossier incomplet": "dossier_incomplet",
            "Déjà aidé dans l'année": "deja_aide",
            "Autre": "autre",
        },
        "forme": {
            "Secours": "secours",
            "Bon d'achat": "bon",
            "Règlement au fournisseur": "tiers_paye",
            "Prêt": "pret",
        },
        "fournisseur": {
            "Alimentation": "alimentation",
            "Énergie": "energie",
            "Bailleur": "bailleur",
            "Santé": "sante",
            "Transport": "transport",
            "Autre": "autre",
        },
    },
)

_PAIEMENTS = Export(
    "ccas_paiements",
    AIDES,
    {
        "numero": "N° dossier",
        "date_paiement": "Date mandat",
        "montant": "Montant mandaté",
        "annule": "Mandat annulé",
    },
    {"annule": _OUI_NON},
)

_PERSONNES = Export(
    "ccas_personnes",
    USAGERS,
    {
        "foyer": "Foyer",
        "nom": "NOM",
        "prenom": "PRENOM",
        "naissance": "DDN",
        "date_maj": "Mis à jour le",
        "role": "Lien",
        "sexe": "Civilité",
        "situation_emploi": "Situation professionnelle",
    },
    {
        "role": {"Demandeur": "demandeur", "Conjoint": "conjoint", "Enfant": "enfant", "Autre": "autre"},
        "sexe": {"Madame": "femmes", "Monsieur": "hommes"},
        "situation_emploi": {
            "Salarié": "emploi",
            "Sans emploi": "chomage",
            "Au foyer": "inactif",
            "Retraité": "retraite",
            "Scolarisé ou étudiant": "etudes",
            "Invalide": "invalidite",
        },
    },
)

_MENAGES = Export(
    "ccas_menages",
    USAGERS,
    {
        "foyer": "Foyer",
        "date_maj": "Mis à jour le",
        "quartier": "Quartier",
        "type_menage": "Composition",
        "adultes": "Nb adultes",
        "enfants": "Nb enfants",
        "statut_occupation": "Logement",
        "date_premier_contact": "Connu depuis le",
    },
    {
        "type_menage": _TYPE_MENAGE,
        "statut_occupation": {
            "Propriétaire": "proprietaire",
            "Locataire privé": "locataire_prive",
            "Locataire social": "locataire_social",
            "Hébergé": "heberge",
            "Sans logement": "sans_logement",
            "Autre": "autre",
        },
    },
)

_RESSOURCES = Export(
    "ccas_ressources",
    USAGERS,
    {
        "foyer": "Foyer",
        "date_situation": "Mis à jour le",
        "ressources": "Ressources mensuelles",
        "charges": "Charges mensuelles",
        "unites_consommation": "UC",
        "quotient_familial": "QF",
    },
)

_ACCUEILS = Export(
    "ccas_accueils",
    ACCUEIL,
    {
        "numero": "N° passage",
        "date_accueil": "Date du passage",
        "canal": "Mode d'accueil",
        "public": "Type de public",
        "reponse": "Réponse apportée",
        "orientation": "Orienté vers",
        "quartier": "Quartier de résidence",
    },
    {
        "canal": {
            "Physique": "physique",
            "Téléphonique": "telephone",
            "Courriel": "courriel",
            "Visite à domicile": "domicile",
        },
        "public": {
            "Personne âgée": "personne_agee",
            "Personne handicapée": "personne_handicapee",
            "Ménage en difficulté": "menage_en_difficulte",
            "Domicilié / SDF": "domicilie",
            "Partenaire": "partenaire",
            "Autre": "autre",
        },
        "reponse": {
            "Information": "information",
            "Orientation": "orientation",
            "Prise de rendez-vous": "rendez_vous",
            "Dossier d'aide": "dossier_aide",
            "Retrait de courrier": "courrier",
            "Domiciliation": "domiciliation",
            "Autre": "autre",
        },
        "orientation": {
            "Service social": "service_social",
            "Caisse de protection sociale": "protection_sociale",
            "Service de l'emploi": "emploi",
            "Bailleur": "logement",
            "Dispensaire": "sante",
            "Association": "association",
            "Autre": "autre",
        },
    },
)

_DOMICILIATIONS = Export(
    "ccas_domiciliations",
    ACCUEIL,
    {
        "numero": "N° élection",
        "nom": "Nom",
        "prenom": "Prénom",
        "naissance": "Date de naissance",
        "date_demande": "Demandée le",
        "nature": "Nature de la demande",
        "decision": "Avis",
        "motif_refus": "Motif du refus",
        "date_debut": "Valable du",
        "date_fin": "Valable au",
        "ayants_droit": "Ayants droit",
        "ayants_droit_mineurs": "dont mineurs",
        "date_radiation": "Radiée le",
        "motif_radiation": "Motif de radiation",
        "situation": "Situation",
        "sexe": "H/F",
    },
    {
        "nature": {
            "1re demande": "premiere",
            "Renouvellement": "renouvellement",
            "Transfert": "transfert",
        },
        "decision": {"Favorable": "accord", "Défavorable": "refus"},
        "motif_refus": {
            "Pas de lien avec la commune": "absence_de_lien",
            "Pièces manquantes": "pieces",
            "A déjà un domicile": "autre_domicile",
            "Autre": "autre",
        },
        "motif_radiation": {
            "À sa demande": "demande",
            "Ne se présente plus": "non_presentation",
            "Logement stable": "domicile_stable",
            "A quitté la commune": "depart",
            "Trouble": "trouble",
            "Décès": "deces",
            "Transfert": "transfert",
            "Autre": "autre",
        },
        "situation": {"Isolé": "isole", "Couple": "couple", "Famille": "famille"},
        "sexe": {"F": "femmes", "H": "hommes"},
    },
)

_MARAUDES = Export(
    "ccas_maraudes",
    ACCUEIL,
    {
        "numero": "N° sortie",
        "date_maraude": "Sortie du",
        "quartier": "Quartier parcouru",
        "personnes_rencontrees": "Personnes vues",
        "dont_femmes": "dont femmes",
        "dont_moins_25": "dont moins de 25 ans",
        "besoin": "Besoin exprimé",
    },
    {
        "besoin": {
            "Parler": "ecoute",
            "Manger": "alimentation",
            "Se laver": "hygiene",
            "Se soigner": "sante",
            "Dormir": "hebergement",
            "Démarches": "demarches",
        }
    },
)

_RENCONTRES = Export(
    "ccas_rencontres",
    ACCUEIL,
    {
        "alias": "Surnom",
        "date_rencontre": "Rencontré le",
        "quartier": "Lieu",
        "sexe": "Genre",
        "age": "Âge estimé",
    },
    {"sexe": {"Femme": "femmes", "Homme": "hommes"}},
)

_SIGNALEMENTS = Export(
    "ccas_signalements",
    ACCUEIL,
    {
        "numero": "N° fiche",
        "date_signalement": "Reçue le",
        "origine": "Signalée par",
        "date_prise_en_charge": "Prise en charge le",
        "suite": "Suite donnée",
        "quartier": "Quartier concerné",
    },
    {
        "origine": {
            "Habitant": "habitant",
            "Partenaire": "partenaire",
            "Élu": "elu",
            "Police municipale": "police",
            "Autre": "autre",
        },
        "suite": {
            "Accompagnement": "accompagnement",
            "Orientation": "orientation",
            "Classé sans suite": "sans_suite",
            "En cours": "en_cours",
        },
    },
)

_ACCOMPAGNEMENTS = Export(
    "ccas_accompagnements",
    SUIVI,
    {
        "numero": "N° mesure",
        "foyer": "N° foyer",
        "nom": "Nom",
        "prenom": "Prénom",
        "naissance": "Né(e) le",
        "type_accompagnement": "Mesure",
        "date_debut": "Ouverte le",
        "date_fin": "Close le",
        "motif_sortie": "Raison de la clôture",
        "quartier": "Quartier",
    },
    {
        "type_accompagnement": {
            "Logement": "logement",
            "Budget (CESF)": "budget",
            "Insertion": "insertion",
            "Suivi global": "global",
            "Autre": "autre",
        },
        "motif_sortie": {
            "Objectif atteint": "objectif_atteint",
            "Abandon": "abandon",
            "Déménagement": "demenagement",
            "Relais": "relais",
            "Autre": "autre",
        },
    },
)

_INSTRUCTIONS = Export(
    "ccas_instructions",
    SUIVI,
    {
        "numero": "N° d'instruction",
        "nom": "Nom du demandeur",
        "prenom": "Prénom du demandeur",
        "naissance": "Date de naissance",
        "dispositif": "Dispositif",
        "date_depot": "Déposé le",
        "date_transmission": "Transmis le",
        "date_reponse": "Réponse du",
        "issue": "Issue",
        "quartier": "Quartier",
    },
    {
        "issue": {
            "Ouvert": "accord",
            "Rejeté": "refus",
            "En cours": "en_cours",
            "Sans suite": "sans_suite",
        }
    },
)

_AIDE_ALIMENTAIRE = Export(
    "ccas_aide_alimentaire",
    SUIVI,
    {
        "foyer": "Foyer servi",
        "date_remise": "Remis le",
        "nature": "Nature de la remise",
        "kilos": "Poids (kg)",
        "quartier": "Quartier",
    },
    {
        "nature": {
            "Colis": "colis",
            "Bon alimentaire": "bon",
            "Repas": "repas",
            "Épicerie sociale": "epicerie",
        }
    },
)

_SERVICES = Export(
    "ccas_services",
    SUIVI,
    {
        "numero": "N° contrat",
        "nom": "Nom du bénéficiaire",
        "prenom": "Prénom du bénéficiaire",
        "naissance": "Naissance",
        "type_service": "Prestation",
        "date_debut": "Début",
        "date_fin": "Fin",
        "quartier": "Quartier",
    },
    {
        "type_service": {
            "Portage de repas": "portage",
            "Téléassistance": "teleassistance",
            "Transport": "transport",
            "Aide à domicile": "aide_domicile",
        }
    },
)

_REGISTRE = Export(
    "ccas_registre",
    SUIVI,
    {
        "nom": "Nom de la personne",
        "prenom": "Prénom de la personne",
        "naissance": "Née le",
        "date_inscription": "Inscrite le",
        "date_radiation": "Radiée le",
        "motif": "Motif d'inscription",
        "quartier": "Quartier",
    },
    {"motif": {"Âge": "age", "Handicap": "handicap", "Isolement": "isolement"}},
)

_SEANCES = Export(
    "ccas_seances",
    SUIVI,
    {
        "date_seance": "Date de la commission",
        "instance": "Instance",
        "dossiers_inscrits": "Dossiers inscrits",
    },
    {"instance": _INSTANCE},
)

_EVENEMENTS = Export(
    "ccas_evenements",
    SUIVI,
    {
        "evenement": "Événement",
        "nature": "Nature",
        "date_evenement": "Survenu le",
        "mises_a_l_abri": "Mises à l'abri",
        "appels_passes": "Appels passés",
        "appels_aboutis": "Appels aboutis",
        "menages_aides": "Foyers aidés",
    },
    {
        "evenement": {
            "Cyclone Zibul": "cyclone_zibul",
            "Canicule de fin d'année": "canicule",
            "Émeutes": "emeutes",
        },
        "nature": {"Cyclone": "cyclone", "Canicule": "canicule", "Émeutes": "emeutes"},
    },
)

_BUDGET = Export(
    "ccas_budget",
    SUIVI,
    {"exercice": "Exercice", "chapitre": "Poste", "vote": "Voté", "execute": "Exécuté"},
    {
        "chapitre": {
            "Aides facultatives": "aides",
            "Personnel": "personnel",
            "Charges générales": "fonctionnement",
            "Services aux personnes": "services",
            "Subventions versées": "subventions",
            "Autres": "autre",
        }
    },
)

_QUESTIONNAIRE = Export(
    "ccas_questionnaire",
    SUIVI,
    {
        "numero": "N° questionnaire",
        "date_reponse": "Répondu le",
        "type_repondant": "Répondant",
        "theme": "Thème",
        "priorite": "Priorité",
        "reponse": "Besoin mal couvert",
        "poids": "Poids",
        "quartier": "Quartier",
        "tranche_age": "Tranche d'âge",
    },
    {
        "type_repondant": {"Habitant": "habitant", "Partenaire": "partenaire"},
        "theme": {
            "Logement": "logement",
            "Emploi": "emploi",
            "Santé": "sante",
            "Déplacements": "mobilite",
            "Isolement": "isolement",
            "Enfance et jeunesse": "enfance",
            "Vieillissement": "vieillissement",
            "Accès aux droits": "acces_aux_droits",
            "Numérique": "numerique",
            "Autre": "autre",
        },
        "reponse": {"Oui": "oui", "Non": "non", "Sans avis": "sans_avis"},
        "tranche_age": {"18-39 ans": "18_39", "40-59 ans": "40_59", "60 ans et plus": "60_plus"},
    },
)

_ADHERENTS = Export(
    "centre_social_adherents",
    CENTRE,
    {
        "carte": "N° adhérent",
        "foyer": "N° famille",
        "nom": "Nom",
        "prenom": "Prénom",
        "naissance": "Date de naissance",
        "date_adhesion": "Adhésion du",
        "exercice": "Année",
        "quartier": "Quartier",
        "sexe": "Sexe",
        "nouveau": "Nouveau",
    },
    {"sexe": _SEXE, "nouveau": _OUI_NON},
)

_ACTIVITES = {
    "Alphabétisation": "alphabetisation",
    "Couture": "couture",
    "Cuisine": "cuisine",
    "Gymnastique douce": "gymnastique",
    "Accompagnement scolaire": "accompagnement_scolaire",
    "Café des parents": "parentalite",
}

_CENTRE_SEANCES = Export(
    "centre_social_seances",
    CENTRE,
    {
        "numero": "N° séance",
        "activite": "Activité",
        "date_seance": "Séance du",
        "heures": "Durée (h)",
        "cout": "Coût",
    },
    {"activite": _ACTIVITES},
)

_PRESENCES = Export("centre_social_presences", CENTRE, {"numero": "Séance", "carte": "Adhérent présent"})

_BENEVOLES = Export(
    "centre_social_benevoles",
    CENTRE,
    {
        "nom": "Nom du bénévole",
        "prenom": "Prénom du bénévole",
        "naissance": "Né(e) le",
        "exercice": "Exercice",
        "heures": "Heures de l'année",
    },
)

_HEBERGEMENT_URGENCE = Export(
    "ccas_hebergement_urgence",
    VEILLE,
    {
        "numero": "N° appel",
        "date_demande": "Appel du",
        "non_pourvues": "Réponse",
        "motif_non_pourvue": "Motif de non-attribution",
        "personnes": "Personnes concernées",
        "type_menage": "Composition",
        "nuitees": "Nuits attribuées",
    },
    {
        "non_pourvues": {"Attribuée": "0", "Non attribuée": "1"},
        "motif_non_pourvue": {
            "Absence de place": "absence_de_place",
            "Place inadaptée à la composition": "place_inadaptee",
            "Refus de l'usager": "refus",
            "N'a pas rappelé": "sans_suite",
            "Autre": "autre",
        },
        "type_menage": _TYPE_MENAGE,
    },
)

_ACCUEIL_JOUR = Export(
    "ccas_accueil_jour",
    VEILLE,
    {"date_service": "Jour", "service_rendu": "Service", "passages": "Passages", "places": "Places"},
    {
        "service_rendu": {
            "Petit déjeuner": "repas",
            "Douche": "douche",
            "Lave-linge": "laverie",
            "Bagagerie": "bagagerie",
        }
    },
)

_COMPTAGES = Export(
    "ccas_comptages",
    VEILLE,
    {
        "date_comptage": "Nuit du",
        "perimetre": "Périmètre",
        "equipes": "Équipes",
        "personnes_rencontrees": "Personnes rencontrées",
        "dont_femmes": "dont femmes",
        "dont_mineurs": "dont mineurs",
        "dont_isolees": "dont personnes seules",
        "familles": "Familles",
    },
    {"perimetre": {"Ville entière": "habituel", "Centre-ville": "autre"}},
)

_SORTIES = Export(
    "ccas_sorties",
    VEILLE,
    {"alias": "Surnom", "date_sortie": "Obtenu le", "sortie": "Sortie"},
    {
        "sortie": {
            "Hébergement": "hebergement",
            "Logement": "logement",
            "Emploi ou formation": "emploi",
            "Droit ouvert": "droits",
            "Autre": "autre",
        }
    },
)

EXPORTS: Mapping[str, Export] = {
    export.source: export
    for export in (
        _DEMANDES,
        _DECISIONS,
        _PAIEMENTS,
        _PERSONNES,
        _MENAGES,
        _RESSOURCES,
        _ACCUEILS,
        _DOMICILIATIONS,
        _MARAUDES,
        _RENCONTRES,
        _SIGNALEMENTS,
        _ACCOMPAGNEMENTS,
        _INSTRUCTIONS,
        _AIDE_ALIMENTAIRE,
        _SERVICES,
        _REGISTRE,
        _SEANCES,
        _EVENEMENTS,
        _BUDGET,
        _QUESTIONNAIRE,
        _ADHERENTS,
        _CENTRE_SEANCES,
        _PRESENCES,
        _BENEVOLES,
        _HEBERGEMENT_URGENCE,
        _ACCUEIL_JOUR,
        _COMPTAGES,
        _SORTIES,
    )
}
"""Source → how the software shows it."""
