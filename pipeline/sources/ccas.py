"""What a CCAS knows of its own activity: the canonical tables its extracts are brought to.

In: nothing. Out: `SOURCES`, and the code lists with their labels, which the report reads. The edition's
`[colonnes]` and `[valeurs]` say where each column and each code is in a given export; a flat export is
declared once a table it holds. To name a column that identifies (`numero`, `foyer`, `nom`, `prenom`,
`naissance`) is to have it replaced while it is read. Rules between two tables are in `pipeline.regles`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from pipeline.identite import PERSONNE
from pipeline.model import AgeA, Lecture, Pseudonyme, Reader, Source
from pipeline.oubli import compte
from pipeline.readers import comparable, lire_classeur, lire_csv
from pipeline.sources import colonne

# ------------------------------------------------------------------------------------------ code lists

OUI_NON: Mapping[str, str] = {"oui": "Oui", "non": "Non"}
SEXES: Mapping[str, str] = {"hommes": "Hommes", "femmes": "Femmes"}
TYPES_MENAGE: Mapping[str, str] = {
    "personne_seule": "Personne seule",
    "famille_monoparentale": "Famille monoparentale",
    "couple_avec_enfants": "Couple avec enfants",
    "couple_sans_enfant": "Couple sans enfant",
    "autre": "Autre ménage",
}
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
PRESCRIPTEURS: Mapping[str, str] = {
    "ccas": "CCAS",
    "assistante_sociale": "Service social",
    "association": "Association",
    "partenaire": "Autre partenaire",
    "autre": "Autre prescripteur",
}
INSTANCES: Mapping[str, str] = {
    "commission_permanente": "Commission permanente",
    "conseil": "Conseil d'administration",
    "urgence": "Décision d'urgence",
}
DECISIONS: Mapping[str, str] = {
    "accord": "Accord",
    "accord_partiel": "Accord partiel",
    "ajournement": "Ajournement",
    "refus": "Refus",
    "sans_objet": "Sans objet",
    "annulation": "Annulation",
}
EN_ATTENTE: Mapping[str, str] = {"en_attente": "En attente"}
"""What a request is before any decision: the state of a request, and no decision."""
ACCORDS = ("accord", "accord_partiel")
MOTIFS_REFUS: Mapping[str, str] = {
    "ressources": "Ressources au-dessus du barème",
    "hors_competence": "Hors de la compétence du CCAS",
    "dossier_incomplet": "Dossier incomplet",
    "deja_aide": "Déjà aidé",
    "autre": "Autre motif",
}
FORMES: Mapping[str, str] = {
    "secours": "Secours en espèces ou par virement",
    "bon": "Bon ou carte d'achat",
    "tiers_paye": "Paiement au fournisseur",
    "pret": "Prêt",
}
FOURNISSEURS: Mapping[str, str] = {
    "alimentation": "Commerce alimentaire",
    "energie": "Fournisseur d'énergie ou d'eau",
    "bailleur": "Bailleur",
    "sante": "Professionnel de santé",
    "transport": "Transporteur",
    "autre": "Autre fournisseur",
}
STATUTS_OCCUPATION: Mapping[str, str] = {
    "proprietaire": "Propriétaire",
    "locataire_prive": "Locataire du parc privé",
    "locataire_social": "Locataire du parc social",
    "heberge": "Hébergé par un tiers",
    "sans_logement": "Sans logement",
    "autre": "Autre statut",
}
ROLES: Mapping[str, str] = {
    "demandeur": "Demandeur",
    "conjoint": "Conjoint",
    "enfant": "Enfant",
    "autre": "Autre membre du ménage",
}
SITUATIONS_EMPLOI: Mapping[str, str] = {
    "emploi": "En emploi",
    "chomage": "Au chômage",
    "inactif": "Autre inactif",
    "retraite": "Retraité",
    "etudes": "En études",
    "invalidite": "En invalidité",
}
CANAUX: Mapping[str, str] = {
    "physique": "À l'accueil",
    "telephone": "Par téléphone",
    "courriel": "Par courriel",
    "domicile": "À domicile",
}
PUBLICS_ACCUEIL: Mapping[str, str] = {
    "personne_agee": "Personne âgée",
    "personne_handicapee": "Personne handicapée",
    "menage_en_difficulte": "Ménage en difficulté",
    "domicilie": "Personne domiciliée ou sans domicile",
    "partenaire": "Partenaire",
    "autre": "Autre public",
}
REPONSES_ACCUEIL: Mapping[str, str] = {
    "information": "Information",
    "orientation": "Orientation",
    "rendez_vous": "Rendez-vous",
    "dossier_aide": "Dossier d'aide",
    "courrier": "Courrier",
    "domiciliation": "Domiciliation",
    "autre": "Autre réponse",
}
ORIENTATIONS: Mapping[str, str] = {
    "service_social": "Service social",
    "protection_sociale": "Caisse de protection sociale",
    "emploi": "Service de l'emploi",
    "logement": "Bailleur ou service du logement",
    "sante": "Service de santé",
    "association": "Association",
    "autre": "Autre partenaire",
}
TYPES_ACCOMPAGNEMENT: Mapping[str, str] = {
    "logement": "Logement",
    "budget": "Budget",
    "insertion": "Insertion",
    "global": "Accompagnement global",
    "autre": "Autre accompagnement",
}
MOTIFS_SORTIE: Mapping[str, str] = {
    "objectif_atteint": "Objectif atteint",
    "abandon": "Abandon",
    "demenagement": "Déménagement",
    "relais": "Relais par un autre service",
    "autre": "Autre motif",
}
ISSUES: Mapping[str, str] = {
    "accord": "Droit ouvert",
    "refus": "Refus",
    "en_cours": "En cours",
    "sans_suite": "Sans suite",
}
NATURES_DOMICILIATION: Mapping[str, str] = {
    "premiere": "Première domiciliation",
    "renouvellement": "Renouvellement",
    "transfert": "Transfert",
}
MOTIFS_REFUS_DOMICILIATION: Mapping[str, str] = {
    "absence_de_lien": "Absence de lien avec la commune",
    "pieces": "Pièces manquantes",
    "autre_domicile": "Autre domicile ou autre élection",
    "autre": "Autre motif",
}
MOTIFS_RADIATION: Mapping[str, str] = {
    "demande": "À la demande de la personne",
    "non_presentation": "Absence de présentation pendant plus de trois mois",
    "domicile_stable": "Domicile stable retrouvé",
    "depart": "Départ de la commune",
    "trouble": "Trouble à l'ordre public",
    "deces": "Décès",
    "transfert": "Transfert vers un autre organisme",
    "autre": "Autre motif",
}
SITUATIONS_DOMICILIATION: Mapping[str, str] = {
    "isole": "Personne isolée",
    "couple": "Couple",
    "famille": "Famille avec enfants",
}
BESOINS: Mapping[str, str] = {
    "ecoute": "Écoute",
    "alimentation": "Alimentation",
    "hygiene": "Hygiène",
    "sante": "Santé",
    "hebergement": "Hébergement",
    "demarches": "Démarches",
}
ORIGINES_SIGNALEMENT: Mapping[str, str] = {
    "habitant": "Habitant",
    "partenaire": "Partenaire",
    "elu": "Élu",
    "police": "Police ou gendarmerie",
    "autre": "Autre origine",
}
SUITES: Mapping[str, str] = {
    "accompagnement": "Accompagnement",
    "orientation": "Orientation",
    "sans_suite": "Sans suite",
    "en_cours": "En cours",
}
MOTIFS_NON_POURVUE: Mapping[str, str] = {
    "absence_de_place": "Absence de place disponible",
    "place_inadaptee": "Pas de place pour ce ménage",
    "refus": "Refus de la proposition",
    "sans_suite": "Demande sans suite",
    "autre": "Autre motif",
}
SERVICES_RENDUS: Mapping[str, str] = {
    "repas": "Repas ou collation",
    "douche": "Douche",
    "laverie": "Laverie",
    "bagagerie": "Bagagerie",
    "courrier": "Courrier",
    "vestiaire": "Vestiaire",
    "soins": "Soins",
    "numerique": "Téléphone et Internet",
    "nuit": "Nuit à l'abri",
    "autre": "Autre service",
}
PERIMETRES: Mapping[str, str] = {
    "habituel": "Périmètre habituel",
    "autre": "Autre périmètre",
}
SORTIES: Mapping[str, str] = {
    "hebergement": "Entrée en hébergement",
    "logement": "Accès à un logement",
    "emploi": "Emploi ou formation",
    "droits": "Droits ouverts",
    "autre": "Autre sortie",
}
NATURES_AIDE_ALIMENTAIRE: Mapping[str, str] = {
    "colis": "Colis",
    "bon": "Bon alimentaire",
    "repas": "Repas",
    "epicerie": "Épicerie sociale",
}
TYPES_SERVICE: Mapping[str, str] = {
    "portage": "Portage de repas",
    "teleassistance": "Téléassistance",
    "transport": "Transport accompagné",
    "aide_domicile": "Aide à domicile",
}
MOTIFS_REGISTRE: Mapping[str, str] = {
    "age": "Âge",
    "handicap": "Handicap",
    "isolement": "Isolement",
}
NATURES_EVENEMENT: Mapping[str, str] = {
    "cyclone": "Cyclone",
    "canicule": "Canicule",
    "emeutes": "Émeutes",
    "inondation": "Inondation",
    "autre": "Autre événement",
}
CHAPITRES_BUDGET: Mapping[str, str] = {
    "aides": "Aides",
    "personnel": "Personnel",
    "fonctionnement": "Fonctionnement",
    "services": "Services à la population",
    "subventions": "Subventions",
    "autre": "Autre dépense",
}
TYPES_REPONDANT: Mapping[str, str] = {"habitant": "Habitant", "partenaire": "Partenaire"}
THEMES: Mapping[str, str] = {
    "logement": "Logement",
    "emploi": "Emploi",
    "sante": "Santé",
    "mobilite": "Mobilité",
    "isolement": "Isolement",
    "enfance": "Enfance et jeunesse",
    "vieillissement": "Vieillissement",
    "acces_aux_droits": "Accès aux droits",
    "numerique": "Numérique",
    "autre": "Autre thème",
}
REPONSES_QUESTIONNAIRE: Mapping[str, str] = {"oui": "Oui", "non": "Non", "sans_avis": "Sans avis"}

LIBELLES: Mapping[str, Mapping[str, str]] = {
    "annule": OUI_NON,
    "besoin": BESOINS,
    "canal": CANAUX,
    "chapitre": CHAPITRES_BUDGET,
    "decision": {**DECISIONS, **EN_ATTENTE},
    "forme": FORMES,
    "fournisseur": FOURNISSEURS,
    "instance": INSTANCES,
    "issue": ISSUES,
    "motif": {**MOTIFS, **MOTIFS_REGISTRE},
    "motif_non_pourvue": MOTIFS_NON_POURVUE,
    "motif_radiation": MOTIFS_RADIATION,
    "motif_refus": {**MOTIFS_REFUS, **MOTIFS_REFUS_DOMICILIATION},
    "motif_sortie": MOTIFS_SORTIE,
    "nature": {**NATURES_DOMICILIATION, **NATURES_AIDE_ALIMENTAIRE, **NATURES_EVENEMENT},
    "nouveau": OUI_NON,
    "orientation": ORIENTATIONS,
    "origine": ORIGINES_SIGNALEMENT,
    "perimetre": PERIMETRES,
    "prescripteur": PRESCRIPTEURS,
    "public": PUBLICS_ACCUEIL,
    "reponse": {**REPONSES_ACCUEIL, **REPONSES_QUESTIONNAIRE},
    "role": ROLES,
    "service_rendu": SERVICES_RENDUS,
    "sexe": SEXES,
    "situation": SITUATIONS_DOMICILIATION,
    "situation_emploi": SITUATIONS_EMPLOI,
    "sortie": SORTIES,
    "statut_occupation": STATUTS_OCCUPATION,
    "suite": SUITES,
    "theme": THEMES,
    "type_accompagnement": TYPES_ACCOMPAGNEMENT,
    "type_menage": TYPES_MENAGE,
    "type_repondant": TYPES_REPONDANT,
    "type_service": TYPES_SERVICE,
    "urgence": OUI_NON,
}
"""Column → its codes and their labels; two tables' lists of one column name never disagree on a code."""

# ------------------------------------------------------------------------------------ kinds of columns

# A commune, then a quartier of the edition or an IRIS.
_QUARTIER = r"^\d[\dAB]\d{3}(?:\d{4}|-[a-z0-9-]+)$"
_CODE = r"^[a-z0-9][a-z0-9_]*$"
A_TRADUIRE = " : compléter [valeurs."
"""What tells a rule that a word of the edition can mend, to whoever writes the edition."""


def codee(nom: str, label: str, codes: Mapping[str, str], brut: str = "") -> pa.Column:
    """A required column that holds one of `codes`."""
    erreur = f"code inconnu (codes possibles : {', '.join(codes)}){A_TRADUIRE}{nom}]"
    return colonne(brut or nom, "texte", label, pa.Check.isin(list(codes), error=erreur))


def code_libre(nom: str, label: str) -> pa.Column:
    """A required column of codes that the CCAS chooses, short enough to be no free text."""
    forme = f"code attendu (minuscules sans accents, 40 signes au plus){A_TRADUIRE}{nom}]"
    return colonne(
        nom, "texte", label, pa.Check(lambda s: s.str.fullmatch(_CODE) & (s.str.len() <= 40), error=forme)
    )


def pseudonyme(nom: str, label: str) -> pa.Column:
    """A column made while reading, in place of what identifies."""
    return colonne(nom, "texte", f"{label} (pseudonyme)")


def jour(nom: str, label: str) -> pa.Column:
    """A required date."""
    return colonne(nom, "date", label)


def montant(nom: str, label: str) -> pa.Column:
    """A required amount, in the edition's currency."""
    return colonne(nom, "nombre", label, pa.Check.ge(0, error="montant négatif"))


def quantite(nom: str, label: str) -> pa.Column:
    """A required quantity that may have decimals."""
    return colonne(nom, "nombre", label, pa.Check.ge(0, error="quantité négative"))


def effectif(nom: str, label: str) -> pa.Column:
    """A required count."""
    return colonne(nom, "entier", label, pa.Check.ge(0, error="effectif négatif"))


def exercice() -> pa.Column:
    """The year a row is about."""
    borne = pa.Check.in_range(1990, 2100, error="exercice attendu : une année, de 1990 à 2100")
    return colonne("exercice", "entier", "Exercice", borne)


def facultative(declaree: pa.Column) -> pa.Column:
    """A column that a deposit may lack, and whose cells may be empty: its absence is said, and is no error."""
    declaree.metadata["facultative"] = True
    declaree.nullable = True
    return declaree


def a_completer(declaree: pa.Column) -> pa.Column:
    """A column that a deposit must have, and whose cells may be empty."""
    declaree.nullable = True
    return declaree


def age(evenement: str) -> pa.Column:
    """Age in whole years at the event, made from the birth date; unknown where that one is."""
    possible = pa.Check.in_range(
        0, 120, error="âge impossible : date de naissance ou de l'événement à corriger"
    )
    return a_completer(colonne("age", "entier", f"Âge {evenement}", possible))


def quartier() -> pa.Column:
    """The quartier, as a code of the edition or an IRIS."""
    connu = pa.Check.str_matches(_QUARTIER, error=f"quartier inconnu{A_TRADUIRE}quartier]")
    return facultative(colonne("quartier", "texte", "Quartier", connu))


def type_menage() -> pa.Column:
    """The kind of household."""
    return facultative(codee("type_menage", "Type de ménage", TYPES_MENAGE))


def sexe() -> pa.Column:
    """The sex of the person."""
    return facultative(codee("sexe", "Sexe", SEXES))


# ---------------------------------------------------------------------------------------------- readers


def lecteurs(autour: Callable[[Reader], Reader] = lambda lecteur: lecteur) -> dict[str, Reader]:
    """Suffix → reader of the formats a CCAS deposits, each wrapped by `autour`."""
    classeurs = (".xlsx", ".xlsb", ".xls", ".ods")
    textes = (".csv", ".txt", ".tsv")
    return dict.fromkeys(textes, autour(lire_csv)) | dict.fromkeys(classeurs, autour(lire_classeur))


_EN_ATTENTE = r"enattente|encours|ainstruire|astatuer|nonexamine"


def _sans_les_demandes_en_attente(lecteur: Reader) -> Reader:
    """A request on which nobody has decided yet is no decision: its row is set aside.

    The first two declared columns are the date of the sitting and the decision.
    """

    def lire(path: Path, attendues: tuple[str, ...]) -> Lecture:
        lecture = lecteur(path, attendues)
        seance, decision = (lecture.table.iloc[:, rang] for rang in (0, 1))
        plies = {texte: comparable(texte) for texte in decision.dropna().unique()}
        dite = decision.map(plies).str.contains(_EN_ATTENTE, na=False)
        return _ecarter(lecture, dite | (decision.isna() & seance.isna()), "demande en attente")

    return lire


def _sans_les_aides_non_payees(lecteur: Reader) -> Reader:
    """In an export of requests, a row without a payment date (the first declared column) is no payment."""

    def lire(path: Path, attendues: tuple[str, ...]) -> Lecture:
        lecture = lecteur(path, attendues)
        return _ecarter(lecture, lecture.table.iloc[:, 0].isna(), "sans date de paiement")

    return lire


def _ecarter(lecture: Lecture, masque: pd.Series, motif: str) -> Lecture:
    """Set rows aside with the reason, and say how many."""
    lignes = lecture.table.index[masque]
    autres = pd.DataFrame({"ligne": lignes, "motif": motif, "contenu": ""})
    autres = autres.astype(lecture.ecartees.dtypes.to_dict())
    ecartees = pd.concat([lecture.ecartees, autres], ignore_index=True)
    return Lecture(lecture.table[~masque], ecartees, lecture.detecte + compte(motif, len(lignes)))


# ------------------------------------------------------------------------------------------ identities

_NUMERO = ("numero",)
QUI = Pseudonyme("personne", PERSONNE)
# The household's number where there is one, else the person is her own household.
MENAGE = (Pseudonyme("menage", ("foyer",)), Pseudonyme("menage", PERSONNE))
MENAGE_NUMEROTE = Pseudonyme("menage", ("foyer",))

# ----------------------------------------------------------------------------------- rules on one table


def numero_repris(cle: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Rows that share their number with a different one: nobody can say which is right.

    Exact copies are not among them: they are set aside, or the key lets the first in.
    """

    def reprises(table: pd.DataFrame) -> pd.DataFrame:
        memes = table[table[cle].duplicated(keep=False)]
        differentes = memes.drop_duplicates()
        return memes[memes[cle].isin(differentes.loc[differentes[cle].duplicated(), cle])]

    return reprises


def dates_inversees(premiere: str, seconde: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Rows whose second date comes before the first."""
    return lambda table: table[table[seconde] < table[premiere]]


def plus_que(partie: str, tout: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Rows where a part is larger than its whole."""
    return lambda table: table[(table[partie] > table[tout]).fillna(False)]


def couple_compte_deux_fois(demandes: pd.DataFrame) -> pd.DataFrame:
    """Requests that another adult of the household made the same day, for the same motive and amount."""
    meme = ["menage", "date_demande", "motif", "montant_demande"]
    repetees = demandes[demandes["montant_demande"].notna() & demandes.duplicated(meme, keep=False)]
    personnes = repetees.groupby(meme)["personne"].transform("nunique")
    return repetees[(personnes > 1) & repetees.duplicated(meme)]


def refus_avec_montant(decisions: pd.DataFrame) -> pd.DataFrame:
    """Requests refused, yet with an amount granted."""
    return decisions[(decisions["decision"] == "refus") & (decisions["montant_accorde"] > 0)]


def accord_sans_montant(decisions: pd.DataFrame) -> pd.DataFrame:
    """Requests granted without an amount: an aid in kind, or an oversight."""
    return decisions[decisions["decision"].isin(ACCORDS) & ~(decisions["montant_accorde"] > 0)]


def charges_superieures(ressources: pd.DataFrame) -> pd.DataFrame:
    """Households whose charges are more than twice their income: debt, or a figure of another period."""
    return ressources[ressources["charges"] > 2 * ressources["ressources"]]


def plus_d_un_an(elections: pd.DataFrame) -> pd.DataFrame:
    """Elections valid for more than a year (CASF, art. D.264-1 : one year, renewable)."""
    limite = elections["date_debut"] + pd.DateOffset(years=1)
    return elections[elections["date_fin"] > limite]


def refus_en_cours(elections: pd.DataFrame) -> pd.DataFrame:
    """Elections refused, yet with dates of validity."""
    datees = elections["date_debut"].notna() | elections["date_fin"].notna()
    return elections[(elections["decision"] == "refus") & datees]


def accord_sans_validite(elections: pd.DataFrame) -> pd.DataFrame:
    """Elections granted without a start or an end: nobody can say whether they are valid."""
    sans = elections["date_debut"].isna() | elections["date_fin"].isna()
    return elections[(elections["decision"] == "accord") & sans]


def radiation_hors_validite(elections: pd.DataFrame) -> pd.DataFrame:
    """Elections struck off on a day when they were not valid."""
    radiation = elections["date_radiation"]
    hors = (radiation < elections["date_debut"]) | (radiation > elections["date_fin"])
    return elections[hors | (radiation.notna() & (elections["decision"] == "refus"))]


def premiere_deja_domiciliee(elections: pd.DataFrame) -> pd.DataFrame:
    """First elections of a person whose previous one ended less than two months before: renewals, likely."""
    suivies = elections[elections["decision"] == "accord"].sort_values(["personne", "date_debut"])
    meme = suivies["personne"] == suivies["personne"].shift()
    fin = suivies["date_fin"].shift()
    radiee = suivies["date_radiation"].shift().notna()
    recente = suivies["date_debut"] <= fin + pd.DateOffset(months=2)
    return suivies[(suivies["nature"] == "premiere") & meme & recente & ~radiee]


def ni_priorite_ni_reponse(reponses: pd.DataFrame) -> pd.DataFrame:
    """Answers that say nothing."""
    return reponses[reponses["priorite"].isna() & reponses["reponse"].isna()]


def plus_de_non_pourvues(lots: pd.DataFrame) -> pd.DataFrame:
    """Lots of requests more of which are left without an answer than were made."""
    return lots[(lots["non_pourvues"] > _demandes_du_lot(lots)).fillna(False)]


def moins_de_personnes(lots: pd.DataFrame) -> pd.DataFrame:
    """Lots of requests made by fewer persons than they are: each was counted once, however often it asked."""
    return lots[(lots["personnes"] < _demandes_du_lot(lots)).fillna(False)]


def nuitees_sans_place(lots: pd.DataFrame) -> pd.DataFrame:
    """Lots of requests of which none was granted, yet with nights given."""
    refusees = lots["non_pourvues"] >= _demandes_du_lot(lots)
    return lots[((lots["nuitees"] > 0) & refusees).fillna(False)]


def motif_sur_pourvues(lots: pd.DataFrame) -> pd.DataFrame:
    """Lots of requests all granted, yet with a reason why they were not."""
    return lots[(lots["motif_non_pourvue"].notna() & (lots["non_pourvues"] == 0)).fillna(False)]


def seules_et_familles(nuits: pd.DataFrame) -> pd.DataFrame:
    """Nights of more persons alone, and of two at least a family, than persons met."""
    moins = nuits["dont_isolees"].fillna(0) + 2 * nuits["familles"].fillna(0)
    return nuits[moins > nuits["personnes_rencontrees"]]


def dit_ailleurs(combien: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Rows that do not say how many they are, in a file that does elsewhere: nobody can say that they are one."""
    return lambda table: table[table[combien].isna() & table[combien].notna().any()]


def passages_sans_ouverture(services: pd.DataFrame) -> pd.DataFrame:
    """Services rendered on no day."""
    return services[((services["passages"] > 0) & (services["jours"] == 0)).fillna(False)]


def _demandes_du_lot(lots: pd.DataFrame) -> pd.Series:
    """How many requests each row is: one, where the export has one row a request."""
    return lots["demandes"].fillna(1)


# -------------------------------------------------------------------------------------------- sources


def source(
    id: str,
    title: str,
    colonnes: Mapping[str, pa.Column],
    cle: tuple[str, ...],
    producer: str = "CCAS",
    readers: Mapping[str, Reader] | None = None,
    **reste: Any,
) -> Source:
    """A deposit: columns by name, key, and what a `Source` holds besides."""
    return Source(
        id=id,
        title=title,
        producer=producer,
        licence=f"Données du {producer}, non diffusables",
        page="",
        schema=pa.DataFrameSchema(dict(colonnes), unique=list(cle)),
        readers=lecteurs() if readers is None else readers,
        rejets_toleres=0.2,
        serie="activite",
        **reste,
    )


DEMANDES = source(
    "ccas_demandes",
    "Demandes d'aides facultatives",
    {
        "demande": pseudonyme("demande", "Demande"),
        "personne": pseudonyme("personne", "Personne"),
        "menage": pseudonyme("menage", "Ménage"),
        "date_demande": jour("date_demande", "Date de la demande"),
        "motif": codee("motif", "Motif de la demande", MOTIFS),
        "montant_demande": facultative(montant("montant_demande", "Montant demandé")),
        "prescripteur": facultative(codee("prescripteur", "Prescripteur", PRESCRIPTEURS)),
        "urgence": facultative(codee("urgence", "Demande urgente", OUI_NON)),
        "quartier": quartier(),
        "type_menage": type_menage(),
        "sexe": sexe(),
        "age": age("à la demande"),
    },
    ("demande",),
    identites=(Pseudonyme("demande", _NUMERO), QUI, *MENAGE, AgeA("age", "naissance", "date_demande")),
    checks={"numéro de demande repris avec un autre contenu": numero_repris("demande")},
    signalements={
        "même demande faite le même jour par deux personnes du ménage (couple compté deux fois ?)": (
            couple_compte_deux_fois
        ),
    },
    repetable=True,
)

DECISIONS_RENDUES = source(
    "ccas_decisions",
    "Décisions sur les demandes d'aides",
    {
        "demande": pseudonyme("demande", "Demande"),
        "date_seance": jour("date_seance", "Date de la séance"),
        "decision": codee("decision", "Décision", DECISIONS),
        "instance": facultative(codee("instance", "Instance", INSTANCES)),
        "motif_refus": facultative(codee("motif_refus", "Motif du refus", MOTIFS_REFUS)),
        "montant_accorde": facultative(montant("montant_accorde", "Montant accordé")),
        "forme": facultative(codee("forme", "Forme de l'aide", FORMES)),
        "fournisseur": facultative(codee("fournisseur", "Type de fournisseur", FOURNISSEURS)),
    },
    ("demande", "date_seance"),
    readers=lecteurs(_sans_les_demandes_en_attente),
    identites=(Pseudonyme("demande", _NUMERO),),
    checks={"refus avec un montant accordé": refus_avec_montant},
    signalements={"accord sans montant accordé": accord_sans_montant},
)

PAIEMENTS = source(
    "ccas_paiements",
    "Paiements des aides accordées",
    {
        "demande": pseudonyme("demande", "Demande"),
        "date_paiement": jour("date_paiement", "Date du paiement"),
        "montant": montant("montant", "Montant payé"),
        "annule": facultative(codee("annule", "Paiement annulé", OUI_NON)),
    },
    ("demande", "date_paiement", "montant"),
    readers=lecteurs(_sans_les_aides_non_payees),
    identites=(Pseudonyme("demande", _NUMERO),),
)

SEANCES = source(
    "ccas_seances",
    "Séances des commissions",
    {
        "date_seance": jour("date_seance", "Date de la séance"),
        "instance": facultative(codee("instance", "Instance", INSTANCES)),
        "dossiers_inscrits": facultative(effectif("dossiers_inscrits", "Dossiers inscrits")),
    },
    ("date_seance", "instance"),
)

MENAGES = source(
    "ccas_menages",
    "Ménages connus",
    {
        "menage": pseudonyme("menage", "Ménage"),
        "date_maj": jour("date_maj", "Date de mise à jour"),
        "quartier": quartier(),
        "type_menage": type_menage(),
        "adultes": facultative(effectif("adultes", "Adultes du ménage")),
        "enfants": facultative(effectif("enfants", "Enfants du ménage")),
        "statut_occupation": facultative(
            codee("statut_occupation", "Statut d'occupation du logement", STATUTS_OCCUPATION)
        ),
        "date_premier_contact": facultative(jour("date_premier_contact", "Date du premier contact")),
    },
    ("menage", "date_maj"),
    identites=(MENAGE_NUMEROTE,),
    checks={"premier contact après la mise à jour": dates_inversees("date_premier_contact", "date_maj")},
    # an extraction by person repeats its household on each of its rows
    repetable=True,
)

PERSONNES = source(
    "ccas_personnes",
    "Personnes des ménages connus",
    {
        "personne": pseudonyme("personne", "Personne"),
        "menage": pseudonyme("menage", "Ménage"),
        "date_maj": jour("date_maj", "Date de mise à jour"),
        "role": facultative(codee("role", "Place dans le ménage", ROLES)),
        "sexe": sexe(),
        "age": age("à la mise à jour"),
        "situation_emploi": facultative(codee("situation_emploi", "Situation d'emploi", SITUATIONS_EMPLOI)),
    },
    ("personne", "menage"),
    identites=(QUI, *MENAGE, AgeA("age", "naissance", "date_maj")),
)

RESSOURCES = source(
    "ccas_ressources",
    "Ressources et charges des ménages",
    {
        "menage": pseudonyme("menage", "Ménage"),
        "date_situation": jour("date_situation", "Date de la situation"),
        "ressources": montant("ressources", "Ressources mensuelles"),
        "charges": montant("charges", "Charges mensuelles"),
        "unites_consommation": colonne(
            "unites_consommation",
            "nombre",
            "Unités de consommation",
            pa.Check.ge(1, error="unités de consommation inférieures à 1"),
        ),
        "quotient_familial": facultative(montant("quotient_familial", "Quotient familial")),
    },
    ("menage", "date_situation"),
    identites=(MENAGE_NUMEROTE,),
    signalements={"charges supérieures au double des ressources": charges_superieures},
    repetable=True,
)

ACCUEILS = source(
    "ccas_accueils",
    "Passages et appels à l'accueil",
    {
        "accueil": pseudonyme("accueil", "Passage"),
        "date_accueil": jour("date_accueil", "Date du passage"),
        "canal": codee("canal", "Canal", CANAUX),
        "public": codee("public", "Public reçu", PUBLICS_ACCUEIL),
        "reponse": codee("reponse", "Réponse donnée", REPONSES_ACCUEIL),
        "orientation": facultative(codee("orientation", "Orientation", ORIENTATIONS)),
        "quartier": quartier(),
    },
    ("accueil",),
    identites=(Pseudonyme("accueil", _NUMERO),),
)

ACCOMPAGNEMENTS = source(
    "ccas_accompagnements",
    "Accompagnements sociaux",
    {
        "accompagnement": pseudonyme("accompagnement", "Accompagnement"),
        "menage": pseudonyme("menage", "Ménage"),
        "type_accompagnement": codee("type_accompagnement", "Type d'accompagnement", TYPES_ACCOMPAGNEMENT),
        "date_debut": jour("date_debut", "Début de l'accompagnement"),
        "date_fin": facultative(jour("date_fin", "Fin de l'accompagnement")),
        "motif_sortie": facultative(codee("motif_sortie", "Motif de sortie", MOTIFS_SORTIE)),
        "quartier": quartier(),
        "age": facultative(age("au début")),
    },
    ("accompagnement",),
    identites=(Pseudonyme("accompagnement", _NUMERO), *MENAGE, AgeA("age", "naissance", "date_debut")),
    checks={"fin avant le début": dates_inversees("date_debut", "date_fin")},
)

INSTRUCTIONS = source(
    "ccas_instructions",
    "Dossiers d'aide légale instruits",
    {
        "instruction": pseudonyme("instruction", "Dossier"),
        "personne": pseudonyme("personne", "Personne"),
        "dispositif": code_libre("dispositif", "Dispositif"),
        "date_depot": jour("date_depot", "Date du dépôt"),
        "date_transmission": facultative(jour("date_transmission", "Date de transmission")),
        "date_reponse": facultative(jour("date_reponse", "Date de la réponse")),
        "issue": facultative(codee("issue", "Issue", ISSUES)),
        "age": facultative(age("au dépôt")),
        "quartier": quartier(),
    },
    ("instruction",),
    identites=(Pseudonyme("instruction", _NUMERO), QUI, AgeA("age", "naissance", "date_depot")),
    checks={
        "transmission avant le dépôt": dates_inversees("date_depot", "date_transmission"),
        "réponse avant le dépôt": dates_inversees("date_depot", "date_reponse"),
    },
)

DOMICILIATIONS = source(
    "ccas_domiciliations",
    "Élections de domicile",
    {
        "election": pseudonyme("election", "Élection de domicile"),
        "personne": pseudonyme("personne", "Personne"),
        "date_demande": jour("date_demande", "Date de la demande"),
        "nature": codee("nature", "Nature", NATURES_DOMICILIATION),
        "decision": codee("decision", "Décision", {code: DECISIONS[code] for code in ("accord", "refus")}),
        "motif_refus": facultative(codee("motif_refus", "Motif du refus", MOTIFS_REFUS_DOMICILIATION)),
        "date_debut": facultative(jour("date_debut", "Début de validité")),
        "date_fin": facultative(jour("date_fin", "Fin de validité")),
        "ayants_droit": effectif("ayants_droit", "Ayants droit"),
        "ayants_droit_mineurs": facultative(effectif("ayants_droit_mineurs", "Ayants droit mineurs")),
        "date_radiation": facultative(jour("date_radiation", "Date de radiation")),
        "motif_radiation": facultative(codee("motif_radiation", "Motif de radiation", MOTIFS_RADIATION)),
        "situation": facultative(codee("situation", "Situation", SITUATIONS_DOMICILIATION)),
        "sexe": sexe(),
        "age": age("à la demande"),
    },
    ("election",),
    identites=(Pseudonyme("election", _NUMERO), QUI, AgeA("age", "naissance", "date_demande")),
    checks={
        "fin de validité avant le début": dates_inversees("date_debut", "date_fin"),
        "validité de plus d'un an": plus_d_un_an,
        "dates de validité sur un refus": refus_en_cours,
        "accord sans dates de validité": accord_sans_validite,
        "radiation en dehors de la validité": radiation_hors_validite,
        "plus d'ayants droit mineurs que d'ayants droit": plus_que("ayants_droit_mineurs", "ayants_droit"),
    },
    signalements={
        "première domiciliation d'une personne déjà domiciliée (renouvellement ?)": premiere_deja_domiciliee,
    },
)

MARAUDES = source(
    "ccas_maraudes",
    "Maraudes",
    {
        "maraude": pseudonyme("maraude", "Maraude"),
        "date_maraude": jour("date_maraude", "Date de la maraude"),
        "quartier": quartier(),
        "personnes_rencontrees": effectif("personnes_rencontrees", "Personnes rencontrées"),
        "dont_femmes": facultative(effectif("dont_femmes", "Dont femmes")),
        "dont_moins_25": facultative(effectif("dont_moins_25", "Dont moins de 25 ans")),
        "besoin": facultative(codee("besoin", "Besoin principal", BESOINS)),
    },
    ("maraude",),
    identites=(Pseudonyme("maraude", _NUMERO),),
    checks={
        "plus de femmes que de personnes rencontrées": plus_que("dont_femmes", "personnes_rencontrees"),
        "plus de moins de 25 ans que de personnes rencontrées": plus_que(
            "dont_moins_25", "personnes_rencontrees"
        ),
    },
)

RENCONTRES = source(
    "ccas_rencontres",
    "Personnes rencontrées en maraude",
    {
        "personne": pseudonyme("personne", "Personne"),
        "date_rencontre": jour("date_rencontre", "Date de la rencontre"),
        "quartier": quartier(),
        "sexe": sexe(),
        "age": facultative(age("à la rencontre")),
    },
    ("personne", "date_rencontre"),
    # Her identity where she gave it, else the name under which the team knows her; an age is a guess.
    identites=(QUI, Pseudonyme("personne", ("alias",))),
)

SORTIES_DE_RUE = source(
    "ccas_sorties",
    "Sorties de la rue",
    {
        "personne": pseudonyme("personne", "Personne"),
        "date_sortie": jour("date_sortie", "Date de la sortie"),
        "sortie": codee("sortie", "Sortie obtenue", SORTIES),
    },
    ("personne", "date_sortie", "sortie"),
    # the same persons as those met, under the same names
    identites=(QUI, Pseudonyme("personne", ("alias",))),
)

# A row is a lot of requests that had the same answer: one, in an export of requests; a month, in a table of totals.
HEBERGEMENT_URGENCE = source(
    "ccas_hebergement_urgence",
    "Demandes d'hébergement d'urgence",
    {
        "appel": pseudonyme("appel", "Demande ou lot de demandes"),
        "date_demande": jour("date_demande", "Date de la demande"),
        "demandes": facultative(effectif("demandes", "Nombre de demandes")),
        # words of an export of requests (« Non attribuée ») are 0 or 1 by the edition's [valeurs]
        "non_pourvues": a_completer(effectif("non_pourvues", "Dont demandes non pourvues")),
        "motif_non_pourvue": facultative(
            codee("motif_non_pourvue", "Motif de non-attribution", MOTIFS_NON_POURVUE)
        ),
        "personnes": facultative(effectif("personnes", "Personnes concernées")),
        "type_menage": type_menage(),
        "nuitees": facultative(effectif("nuitees", "Nuitées attribuées")),
    },
    ("appel", "type_menage", "motif_non_pourvue"),
    identites=(Pseudonyme("appel", _NUMERO),),
    checks={
        "nombre de demandes vide, alors que d'autres lignes le donnent": dit_ailleurs("demandes"),
        "plus de demandes non pourvues que de demandes": plus_de_non_pourvues,
        "moins de personnes que de demandes (les compter à chaque demande)": moins_de_personnes,
        "nuitées attribuées à des demandes non pourvues": nuitees_sans_place,
        "motif de non-réponse à des demandes pourvues": motif_sur_pourvues,
    },
)

# A row is a day that a service was open, or so many of them.
ACCUEIL_JOUR = source(
    "ccas_accueil_jour",
    "Services de l'accueil de jour",
    {
        "date_service": jour("date_service", "Jour du service"),
        "service_rendu": codee("service_rendu", "Service", SERVICES_RENDUS),
        "passages": effectif("passages", "Passages"),
        "jours": facultative(effectif("jours", "Jours d'ouverture")),
        "places": facultative(effectif("places", "Places offertes")),
        "quartier": quartier(),
    },
    ("date_service", "service_rendu", "quartier"),
    checks={
        "nombre de jours vide, alors que d'autres lignes le donnent": dit_ailleurs("jours"),
        "passages sans jour d'ouverture": passages_sans_ouverture,
    },
    signalements={"plus de passages que de places": plus_que("passages", "places")},
    constatee=True,
)

# Which perimeter is the usual one, from year to year, is the CCAS's to say.
COMPTAGES = source(
    "ccas_comptages",
    "Comptages des personnes à la rue",
    {
        "date_comptage": jour("date_comptage", "Nuit du comptage"),
        "perimetre": facultative(codee("perimetre", "Périmètre parcouru", PERIMETRES)),
        "equipes": facultative(effectif("equipes", "Équipes")),
        "personnes_rencontrees": effectif("personnes_rencontrees", "Personnes rencontrées"),
        "dont_femmes": facultative(effectif("dont_femmes", "Dont femmes")),
        "dont_mineurs": facultative(effectif("dont_mineurs", "Dont mineurs")),
        "dont_isolees": facultative(effectif("dont_isolees", "Dont personnes seules")),
        "familles": facultative(effectif("familles", "Familles rencontrées")),
    },
    ("date_comptage", "perimetre"),
    checks={
        "plus de femmes que de personnes rencontrées": plus_que("dont_femmes", "personnes_rencontrees"),
        "plus de mineurs que de personnes rencontrées": plus_que("dont_mineurs", "personnes_rencontrees"),
        "plus de personnes seules et de familles que de personnes rencontrées": seules_et_familles,
    },
    constatee=True,
)

SIGNALEMENTS_RECUS = source(
    "ccas_signalements",
    "Signalements de situations préoccupantes",
    {
        "signalement": pseudonyme("signalement", "Signalement"),
        "date_signalement": jour("date_signalement", "Date du signalement"),
        # « origine » as the name of a column is refused at the door: it announces a person's origin.
        "origine": codee("origine", "Auteur du signalement", ORIGINES_SIGNALEMENT, brut="auteur"),
        "date_prise_en_charge": facultative(jour("date_prise_en_charge", "Date de prise en charge")),
        "suite": facultative(codee("suite", "Suite donnée", SUITES)),
        "quartier": quartier(),
    },
    ("signalement",),
    identites=(Pseudonyme("signalement", _NUMERO),),
    checks={
        "prise en charge avant le signalement": dates_inversees("date_signalement", "date_prise_en_charge"),
    },
)

AIDE_ALIMENTAIRE = source(
    "ccas_aide_alimentaire",
    "Remises d'aide alimentaire",
    {
        "menage": pseudonyme("menage", "Ménage"),
        "date_remise": jour("date_remise", "Date de la remise"),
        "nature": codee("nature", "Nature", NATURES_AIDE_ALIMENTAIRE),
        "kilos": facultative(quantite("kilos", "Kilogrammes")),
        "quartier": quartier(),
    },
    ("menage", "date_remise", "nature"),
    identites=(MENAGE_NUMEROTE,),
)

SERVICES = source(
    "ccas_services",
    "Services aux personnes âgées ou handicapées",
    {
        "service": pseudonyme("service", "Service"),
        "personne": pseudonyme("personne", "Personne"),
        "type_service": codee("type_service", "Service rendu", TYPES_SERVICE),
        "date_debut": jour("date_debut", "Début du service"),
        "date_fin": facultative(jour("date_fin", "Fin du service")),
        "age": age("au début"),
        "quartier": quartier(),
    },
    ("service",),
    identites=(Pseudonyme("service", _NUMERO), QUI, AgeA("age", "naissance", "date_debut")),
    checks={"fin avant le début": dates_inversees("date_debut", "date_fin")},
)

REGISTRE = source(
    "ccas_registre",
    "Registre des personnes vulnérables",
    {
        "personne": pseudonyme("personne", "Personne"),
        "date_inscription": jour("date_inscription", "Date d'inscription"),
        "date_radiation": facultative(jour("date_radiation", "Date de radiation")),
        "motif": codee("motif", "Motif d'inscription", MOTIFS_REGISTRE),
        "age": age("à l'inscription"),
        "quartier": quartier(),
    },
    ("personne",),
    identites=(QUI, AgeA("age", "naissance", "date_inscription")),
    checks={"radiation avant l'inscription": dates_inversees("date_inscription", "date_radiation")},
)

EVENEMENTS = source(
    "ccas_evenements",
    "Événements exceptionnels",
    {
        "evenement": code_libre("evenement", "Événement"),
        "nature": codee("nature", "Nature", NATURES_EVENEMENT),
        "date_evenement": jour("date_evenement", "Date de l'événement"),
        "mises_a_l_abri": facultative(effectif("mises_a_l_abri", "Personnes mises à l'abri")),
        "appels_passes": facultative(effectif("appels_passes", "Appels passés")),
        "appels_aboutis": facultative(effectif("appels_aboutis", "Appels aboutis")),
        "menages_aides": facultative(effectif("menages_aides", "Ménages aidés")),
    },
    ("evenement",),
    checks={"plus d'appels aboutis que d'appels passés": plus_que("appels_aboutis", "appels_passes")},
)

BUDGET = source(
    "ccas_budget",
    "Budget du CCAS",
    {
        "exercice": exercice(),
        "chapitre": codee("chapitre", "Nature de la dépense", CHAPITRES_BUDGET),
        "vote": montant("vote", "Budget voté"),
        "execute": a_completer(montant("execute", "Budget exécuté")),
    },
    ("exercice", "chapitre"),
    signalements={"dépense exécutée supérieure au budget voté": plus_que("execute", "vote")},
)

QUESTIONNAIRE = source(
    "ccas_questionnaire",
    "Questionnaire aux habitants et aux partenaires",
    {
        "repondant": pseudonyme("repondant", "Répondant"),
        "date_reponse": jour("date_reponse", "Date de la réponse"),
        "type_repondant": codee("type_repondant", "Type de répondant", TYPES_REPONDANT),
        "theme": codee("theme", "Thème", THEMES),
        "priorite": facultative(
            colonne(
                "priorite",
                "entier",
                "Priorité",
                pa.Check.in_range(1, 5, error="priorité attendue : de 1 à 5"),
            )
        ),
        "reponse": facultative(codee("reponse", "Réponse", REPONSES_QUESTIONNAIRE)),
        "poids": facultative(quantite("poids", "Poids de redressement")),
        "quartier": quartier(),
        "tranche_age": facultative(code_libre("tranche_age", "Tranche d'âge")),
    },
    ("repondant", "theme"),
    identites=(Pseudonyme("repondant", _NUMERO),),
    checks={"ni priorité ni réponse": ni_priorite_ni_reponse},
)

SOURCES = (
    DEMANDES,
    DECISIONS_RENDUES,
    PAIEMENTS,
    SEANCES,
    MENAGES,
    PERSONNES,
    RESSOURCES,
    ACCUEILS,
    ACCOMPAGNEMENTS,
    INSTRUCTIONS,
    DOMICILIATIONS,
    MARAUDES,
    RENCONTRES,
    SORTIES_DE_RUE,
    HEBERGEMENT_URGENCE,
    ACCUEIL_JOUR,
    COMPTAGES,
    SIGNALEMENTS_RECUS,
    AIDE_ALIMENTAIRE,
    SERVICES,
    REGISTRE,
    EVENEMENTS,
    BUDGET,
    QUESTIONNAIRE,
)
"""Every declared source, in the order in which the report lists them."""
