"""What a CCAS deposits: what a row of each table must be, and the rules that hold between its columns."""

from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pytest

from pipeline import ingest
from pipeline.edition import Fichier
from pipeline.identite import colonnes_interdites, consommees
from pipeline.model import Source
from pipeline.sources import TYPES, ccas, centre_social
from pipeline.sources.ccas import LIBELLES

SOURCES = {source.id: source for source in (*ccas.SOURCES, *centre_social.SOURCES)}

LIGNES = {
    "ccas_demandes": {
        "demande": "d1", "personne": "p1", "menage": "m1", "date_demande": "2024-05-13", "motif": "alimentaire",
        "montant_demande": 20_000, "prescripteur": "ccas", "urgence": "non", "quartier": "98817-plum",
        "type_menage": "personne_seule", "sexe": "femmes", "age": 43,
    },
    "ccas_decisions": {
        "demande": "d1", "date_seance": "2024-05-20", "decision": "accord", "instance": "commission_permanente",
        "motif_refus": None, "montant_accorde": 15_000, "forme": "secours", "fournisseur": "alimentation",
    },
    "ccas_paiements": {"demande": "d1", "date_paiement": "2024-05-27", "montant": 15_000, "annule": "non"},
    "ccas_seances": {"date_seance": "2024-05-20", "instance": "urgence", "dossiers_inscrits": 12},
    "ccas_menages": {
        "menage": "m1", "date_maj": "2024-05-20", "quartier": "98817-plum", "type_menage": "couple_avec_enfants",
        "adultes": 2, "enfants": 3, "statut_occupation": "locataire_social", "date_premier_contact": "2023-01-01",
    },
    "ccas_personnes": {
        "personne": "p1", "menage": "m1", "date_maj": "2024-05-20", "role": "demandeur", "sexe": "femmes",
        "age": 43, "situation_emploi": "chomage",
    },
    "ccas_ressources": {
        "menage": "m1", "date_situation": "2024-05-20", "ressources": 120_000, "charges": 80_000,
        "unites_consommation": 1.5, "quotient_familial": 40_000,
    },
    "ccas_accueils": {
        "accueil": "a1", "date_accueil": "2024-05-20", "canal": "physique", "public": "partenaire",
        "reponse": "orientation", "orientation": "association", "quartier": "98817-plum",
    },
    "ccas_accompagnements": {
        "accompagnement": "a1", "menage": "m1", "type_accompagnement": "budget", "date_debut": "2024-05-20",
        "date_fin": "2024-09-01", "motif_sortie": "relais", "quartier": "98817-plum", "age": 43,
    },
    "ccas_instructions": {
        "instruction": "i1", "personne": "p1", "dispositif": "amg", "date_depot": "2024-05-20",
        "date_transmission": "2024-05-21", "date_reponse": "2024-07-01", "issue": "accord", "age": 43,
        "quartier": "98817-plum",
    },
    "ccas_domiciliations": {
        "election": "e1", "personne": "p1", "date_demande": "2024-02-20", "nature": "premiere",
        "decision": "accord", "motif_refus": None, "date_debut": "2024-03-01", "date_fin": "2025-03-01",
        "ayants_droit": 2, "ayants_droit_mineurs": 1, "date_radiation": "2024-12-01",
        "motif_radiation": "depart", "situation": "famille", "sexe": "hommes", "age": 43,
    },
    "ccas_maraudes": {
        "maraude": "m1", "date_maraude": "2024-05-20", "quartier": "98817-plum", "personnes_rencontrees": 9,
        "dont_femmes": 2, "dont_moins_25": 1, "besoin": "ecoute",
    },
    "ccas_rencontres": {
        "personne": "p1", "date_rencontre": "2024-05-20", "quartier": "98817-plum", "sexe": "hommes", "age": 43,
    },
    "ccas_hebergement_urgence": {
        "appel": "h1", "date_demande": "2024-05-01", "demandes": 10, "non_pourvues": 4,
        "motif_non_pourvue": "absence_de_place", "personnes": 14, "type_menage": "personne_seule", "nuitees": 12,
    },
    "ccas_accueil_jour": {
        "date_service": "2024-05-20", "service_rendu": "douche", "passages": 9, "jours": 1, "places": 12,
        "quartier": "98817-plum",
    },
    "ccas_comptages": {
        "date_comptage": "2024-05-20", "perimetre": "habituel", "equipes": 8, "personnes_rencontrees": 50,
        "dont_femmes": 12, "dont_mineurs": 6, "dont_isolees": 40, "familles": 4,
    },
    "ccas_sorties": {"personne": "p1", "date_sortie": "2024-05-20", "sortie": "logement"},
    "ccas_signalements": {
        "signalement": "s1", "date_signalement": "2024-05-20", "origine": "elu",
        "date_prise_en_charge": "2024-05-22", "suite": "orientation", "quartier": "98817-plum",
    },
    "ccas_aide_alimentaire": {
        "menage": "m1", "date_remise": "2024-05-20", "nature": "colis", "kilos": 12.5, "quartier": "98817-plum",
    },
    "ccas_services": {
        "service": "s1", "personne": "p1", "type_service": "portage", "date_debut": "2024-05-20",
        "date_fin": "2024-09-01", "age": 83, "quartier": "98817-plum",
    },
    "ccas_registre": {
        "personne": "p1", "date_inscription": "2024-05-20", "date_radiation": "2025-05-20", "motif": "isolement",
        "age": 83, "quartier": "98817-plum",
    },
    "ccas_evenements": {
        "evenement": "emeutes_2024", "nature": "emeutes", "date_evenement": "2024-05-13", "mises_a_l_abri": 40,
        "appels_passes": 200, "appels_aboutis": 150, "menages_aides": 60,
    },
    "ccas_budget": {"exercice": 2024, "chapitre": "aides", "vote": 1_000_000, "execute": 900_000},
    "ccas_questionnaire": {
        "repondant": "r1", "date_reponse": "2025-10-06", "type_repondant": "habitant", "theme": "mobilite",
        "priorite": 2, "reponse": "oui",
        "poids": 1.25, "quartier": "98817-plum", "tranche_age": "20_59",
    },
    "centre_social_adherents": {
        "adherent": "a1", "menage": "m1", "date_adhesion": "2024-05-20", "exercice": 2024,
        "quartier": "98817-plum", "sexe": "femmes", "age": 43, "nouveau": "oui",
    },
    "centre_social_seances": {
        "seance": "s1", "activite": "couture", "date_seance": "2024-05-20", "heures": 1.5, "cout": 3_000,
    },
    "centre_social_presences": {"seance": "s1", "adherent": "a1"},
    "centre_social_benevoles": {"benevole": "b1", "exercice": 2024, "heures": 40},
}  # fmt: skip
"""One row of each table as it should be."""

NUMEROS = (
    "demande",
    "appel",
    "accueil",
    "accompagnement",
    "instruction",
    "election",
    "maraude",
    "signalement",
    "service",
)


def table(nom: str, *changements: dict[str, object]) -> pd.DataFrame:
    """Rows as above, each with a number of its own, but for what is said."""
    lignes = [LIGNES[nom] | autre for autre in changements]
    for rang, (ligne, autre) in enumerate(zip(lignes, changements, strict=True), 1):
        ligne.update({cle: f"n{rang}" for cle in NUMEROS if cle in ligne and cle not in autre})
    colonnes = SOURCES[nom].schema.columns
    types = {colonne: TYPES[declaree.metadata["genre"]] for colonne, declaree in colonnes.items()}
    return pd.DataFrame(lignes)[list(colonnes)].astype(types)


def fautes(nom: str, *changements: dict[str, object]) -> list[tuple[str, str]]:
    """Column and sentence of each breach of the schema."""
    try:
        SOURCES[nom].schema.validate(table(nom, *changements), lazy=True)
    except pa.errors.SchemaErrors as erreurs:
        return list(erreurs.failure_cases[["column", "check"]].itertuples(index=False, name=None))
    return []


def regles(source: Source) -> dict[str, object]:
    return {**source.checks, **source.signalements}


def trouvees(nom: str, *changements: dict[str, object]) -> dict[str, list[int]]:
    """Rule → ranks of the rows it finds, rules that find nothing left out."""
    lignes = table(nom, *changements)
    rangs = {regle: list(controle(lignes).index) for regle, controle in regles(SOURCES[nom]).items()}
    return {regle: lesquels for regle, lesquels in rangs.items() if lesquels}


# --- Every table -----------------------------------------------------------------------------------


def test_every_table_is_drawn_here():
    assert set(LIGNES) == set(SOURCES)
    for nom, source in SOURCES.items():
        assert set(LIGNES[nom]) == set(source.schema.columns)
        assert source.serie == "activite"


@pytest.mark.parametrize("nom", SOURCES)
def test_a_row_as_it_should_be_breaks_no_rule(nom):
    assert fautes(nom, {}) == []
    assert trouvees(nom, {}) == {}


@pytest.mark.parametrize("nom", SOURCES)
def test_a_deposit_may_lack_what_is_optional_and_nothing_else(nom):
    colonnes = SOURCES[nom].schema.columns
    facultatives = [cle for cle, declaree in colonnes.items() if declaree.metadata.get("facultative")]
    assert fautes(nom, dict.fromkeys(facultatives)) == []
    for cle, declaree in colonnes.items():
        if not declaree.nullable:
            assert fautes(nom, {cle: None}) == [(cle, "not_nullable")]


def test_what_may_be_empty_without_being_optional():
    vides = {
        (nom, cle)
        for nom, source in SOURCES.items()
        for cle, declaree in source.schema.columns.items()
        if declaree.nullable and not declaree.metadata.get("facultative")
    }
    ages = ("ccas_demandes", "ccas_personnes", "ccas_domiciliations", "ccas_services", "ccas_registre",
            "centre_social_adherents")  # fmt: skip
    assert vides == {(nom, "age") for nom in ages} | {
        ("ccas_budget", "execute"),
        ("ccas_hebergement_urgence", "non_pourvues"),
    }


@pytest.mark.parametrize("nom", SOURCES)
def test_a_table_holds_no_identity_and_its_column_names_are_not_refused(nom):
    source = SOURCES[nom]
    assert not {"numero", "foyer", "nom", "prenom", "naissance", "alias", "carte"} & set(
        source.schema.columns
    )
    bruts = [declaree.metadata["brut"] for declaree in source.schema.columns.values()]
    assert colonnes_interdites(pd.DataFrame(columns=bruts, dtype="string")) == []


@pytest.mark.parametrize("nom", SOURCES)
def test_what_identities_make_are_columns_of_the_table(nom):
    source = SOURCES[nom]
    assert {identite.colonne for identite in source.identites} <= set(source.schema.columns)
    assert not set(consommees(source.identites)) & set(source.schema.columns)


@pytest.mark.parametrize("nom", SOURCES)
def test_every_code_has_a_label_and_any_other_is_refused_with_the_codes(nom):
    for cle, declaree in SOURCES[nom].schema.columns.items():
        for controle in declaree.checks:
            if controle.name != "isin":
                continue
            codes = controle.statistics["allowed_values"]
            assert set(codes) <= set(LIBELLES[cle])
            for code in codes:
                assert not [faute for faute in fautes(nom, {cle: code}) if faute[0] == cle]
            [(fautive, phrase)] = fautes(nom, {cle: "Autre chose"})
            assert fautive == cle
            assert (
                phrase == f"code inconnu (codes possibles : {', '.join(codes)}) : compléter [valeurs.{cle}]"
            )


def test_labels_are_french_and_start_with_a_capital():
    for codes in LIBELLES.values():
        assert all(label[0].isupper() for label in codes.values())


def test_two_tables_never_label_one_code_of_one_column_differently():
    listes = [
        (ccas.MOTIFS, ccas.MOTIFS_REGISTRE),
        (ccas.MOTIFS_REFUS, ccas.MOTIFS_REFUS_DOMICILIATION),
        (ccas.NATURES_DOMICILIATION, ccas.NATURES_AIDE_ALIMENTAIRE),
        (ccas.NATURES_AIDE_ALIMENTAIRE, ccas.NATURES_EVENEMENT),
        (ccas.REPONSES_ACCUEIL, ccas.REPONSES_QUESTIONNAIRE),
    ]
    for premiere, seconde in listes:
        assert all(premiere[code] == seconde[code] for code in premiere.keys() & seconde.keys())


@pytest.mark.parametrize(
    "quartier", ["98817-plum", "98817-la-lembi-grand-sud-ile-ouen", "010040101", "2A0040101"]
)
def test_a_quartier_is_one_of_the_edition_or_an_iris(quartier):
    assert fautes("ccas_demandes", {"quartier": quartier}) == []


@pytest.mark.parametrize("quartier", ["Plum", "98817", "98809 Plum", ""])
def test_a_label_is_no_quartier(quartier):
    assert fautes("ccas_demandes", {"quartier": quartier}) == [
        ("quartier", "quartier inconnu : compléter [valeurs.quartier]")
    ]


@pytest.mark.parametrize(
    ("nom", "changement", "phrase"),
    [
        ("ccas_demandes", {"montant_demande": -0.5}, "montant négatif"),
        ("ccas_decisions", {"montant_accorde": -1}, "montant négatif"),
        ("ccas_demandes", {"age": -1}, "âge impossible : date de naissance ou de l'événement à corriger"),
        ("ccas_demandes", {"age": 121}, "âge impossible : date de naissance ou de l'événement à corriger"),
        ("ccas_ressources", {"unites_consommation": 0.9}, "unités de consommation inférieures à 1"),
        ("ccas_maraudes", {"personnes_rencontrees": -1}, "effectif négatif"),
        ("ccas_hebergement_urgence", {"demandes": -1}, "effectif négatif"),
        ("ccas_hebergement_urgence", {"nuitees": -1}, "effectif négatif"),
        ("ccas_accueil_jour", {"passages": -1}, "effectif négatif"),
        ("ccas_comptages", {"equipes": -1}, "effectif négatif"),
        ("ccas_aide_alimentaire", {"kilos": -1}, "quantité négative"),
        ("ccas_questionnaire", {"priorite": 0}, "priorité attendue : de 1 à 5"),
        ("ccas_questionnaire", {"priorite": 6}, "priorité attendue : de 1 à 5"),
        ("ccas_budget", {"exercice": 24}, "exercice attendu : une année, de 1990 à 2100"),
    ],
)
def test_impossible_quantities_are_refused(nom, changement, phrase):
    assert [regle for _, regle in fautes(nom, changement)] == [phrase]


@pytest.mark.parametrize(
    ("nom", "changement"),
    [
        ("ccas_decisions", {"montant_accorde": 0}),
        ("ccas_demandes", {"age": 0}),
        ("ccas_demandes", {"age": 120}),
        ("ccas_demandes", {"age": None}),
        ("ccas_ressources", {"unites_consommation": 1}),
        ("ccas_questionnaire", {"priorite": 1}),
        ("ccas_questionnaire", {"priorite": 5}),
    ],
)
def test_the_edges_are_let_in(nom, changement):
    assert fautes(nom, changement) == []


@pytest.mark.parametrize("code", ["a" * 40, "couture", "20_59", "emeutes_2024"])
def test_a_code_of_the_ccas_is_short_and_plain(code):
    assert fautes("centre_social_seances", {"activite": code}) == []


@pytest.mark.parametrize("texte", ["a" * 41, "Mme Zorvalbec est passée", "couture du lundi", "Couture", "é"])
def test_a_free_text_is_no_code(texte):
    [(colonne, phrase)] = fautes("centre_social_seances", {"activite": texte})
    assert colonne == "activite"
    assert phrase.startswith("code attendu (minuscules sans accents, 40 signes au plus)")


# --- Rules on one table ----------------------------------------------------------------------------

COUPLE = "même demande faite le même jour par deux personnes du ménage (couple compté deux fois ?)"
PREMIERE = "première domiciliation d'une personne déjà domiciliée (renouvellement ?)"


@pytest.mark.parametrize(
    ("nom", "regle", "changement"),
    [
        ("ccas_demandes", COUPLE, {"personne": "p2"}),
        ("ccas_decisions", "refus avec un montant accordé", {"decision": "refus"}),
        ("ccas_decisions", "accord sans montant accordé", {"montant_accorde": None}),
        (
            "ccas_decisions",
            "accord sans montant accordé",
            {"montant_accorde": 0, "decision": "accord_partiel"},
        ),
        ("ccas_menages", "premier contact après la mise à jour", {"date_premier_contact": "2024-05-21"}),
        ("ccas_ressources", "charges supérieures au double des ressources", {"charges": 240_001}),
        ("ccas_accompagnements", "fin avant le début", {"date_fin": "2024-05-19"}),
        ("ccas_instructions", "transmission avant le dépôt", {"date_transmission": "2024-05-19"}),
        ("ccas_instructions", "réponse avant le dépôt", {"date_reponse": "2024-05-19"}),
        ("ccas_domiciliations", "validité de plus d'un an", {"date_fin": "2025-03-02"}),
        ("ccas_domiciliations", "accord sans dates de validité", {"date_fin": None}),
        ("ccas_domiciliations", "radiation en dehors de la validité", {"date_radiation": "2024-02-29"}),
        ("ccas_domiciliations", "radiation en dehors de la validité", {"date_radiation": "2025-03-02"}),
        (
            "ccas_domiciliations",
            "dates de validité sur un refus",
            {"decision": "refus", "date_radiation": None, "date_debut": None},
        ),
        (
            "ccas_domiciliations",
            "plus d'ayants droit mineurs que d'ayants droit",
            {"ayants_droit_mineurs": 3},
        ),
        ("ccas_maraudes", "plus de femmes que de personnes rencontrées", {"dont_femmes": 10}),
        ("ccas_maraudes", "plus de moins de 25 ans que de personnes rencontrées", {"dont_moins_25": 10}),
        (
            "ccas_hebergement_urgence",
            "nombre de demandes vide, alors que d'autres lignes le donnent",
            {"demandes": None, "non_pourvues": 1, "nuitees": 0},
        ),
        (
            "ccas_hebergement_urgence",
            "plus de demandes non pourvues que de demandes",
            {"non_pourvues": 11, "nuitees": 0},
        ),
        (
            "ccas_hebergement_urgence",
            "moins de personnes que de demandes (les compter à chaque demande)",
            {"personnes": 9},
        ),
        (
            "ccas_hebergement_urgence",
            "nuitées attribuées à des demandes non pourvues",
            {"non_pourvues": 10},
        ),
        (
            "ccas_hebergement_urgence",
            "motif de non-réponse à des demandes pourvues",
            {"non_pourvues": 0},
        ),
        (
            "ccas_accueil_jour",
            "nombre de jours vide, alors que d'autres lignes le donnent",
            {"jours": None},
        ),
        ("ccas_accueil_jour", "passages sans jour d'ouverture", {"jours": 0}),
        ("ccas_accueil_jour", "plus de passages que de places", {"passages": 13}),
        ("ccas_comptages", "plus de femmes que de personnes rencontrées", {"dont_femmes": 51}),
        ("ccas_comptages", "plus de mineurs que de personnes rencontrées", {"dont_mineurs": 51}),
        (
            "ccas_comptages",
            "plus de personnes seules et de familles que de personnes rencontrées",
            {"familles": 6},  # 40 + 2 × 6 > 50
        ),
        (
            "ccas_signalements",
            "prise en charge avant le signalement",
            {"date_prise_en_charge": "2024-05-19"},
        ),
        ("ccas_services", "fin avant le début", {"date_fin": "2024-05-19"}),
        ("ccas_registre", "radiation avant l'inscription", {"date_radiation": "2024-05-19"}),
        ("ccas_evenements", "plus d'appels aboutis que d'appels passés", {"appels_aboutis": 201}),
        ("ccas_budget", "dépense exécutée supérieure au budget voté", {"execute": 1_000_001}),
        ("ccas_questionnaire", "ni priorité ni réponse", {"priorite": None, "reponse": None}),
    ],
)
def test_each_rule_finds_its_row_and_no_other_rule_does(nom, regle, changement):
    autres = {"personne": "p0"} if nom == "ccas_domiciliations" else {}
    assert trouvees(nom, autres, changement) == {regle: [1]}


@pytest.mark.parametrize(
    ("nom", "changement"),
    [
        ("ccas_decisions", {"decision": "refus", "montant_accorde": 0}),
        ("ccas_decisions", {"decision": "refus", "montant_accorde": None}),
        ("ccas_decisions", {"decision": "ajournement", "montant_accorde": None}),
        ("ccas_domiciliations", {"date_radiation": "2024-03-01"}),
        ("ccas_domiciliations", {"date_radiation": "2025-03-01"}),
        ("ccas_domiciliations", {"date_debut": "2024-02-29", "date_fin": "2025-02-28"}),
        ("ccas_domiciliations", {"ayants_droit": 1}),
        ("ccas_ressources", {"charges": 240_000}),
        ("ccas_hebergement_urgence", {"demandes": 14, "non_pourvues": 14, "nuitees": 0}),
        ("ccas_hebergement_urgence", {"non_pourvues": None}),
        ("ccas_hebergement_urgence", {"demandes": None, "non_pourvues": 1, "nuitees": None}),
        ("ccas_accueil_jour", {"passages": 0, "jours": 0}),
        ("ccas_accueil_jour", {"passages": 12}),
        ("ccas_accueil_jour", {"passages": 40, "places": None}),
        ("ccas_comptages", {"familles": 5}),  # 40 + 2 × 5 = 50
        ("ccas_comptages", {"familles": None, "dont_isolees": 50}),
        ("ccas_comptages", {"dont_femmes": 50, "dont_mineurs": 50}),
        ("ccas_evenements", {"appels_aboutis": 200}),
        ("ccas_evenements", {"appels_aboutis": None}),
        ("ccas_budget", {"execute": None}),
        ("ccas_questionnaire", {"priorite": None}),
        ("ccas_accompagnements", {"date_fin": "2024-05-20"}),
    ],
)
def test_what_is_plausible_is_neither_refused_nor_flagged(nom, changement):
    assert trouvees(nom, changement) == {}


@pytest.mark.parametrize(
    "changement",
    [
        {"menage": "m2", "personne": "p2"},
        {"personne": "p2", "motif": "energie"},
        {"personne": "p2", "montant_demande": 19_999},
        {"personne": "p2", "montant_demande": None},
        {"personne": "p2", "date_demande": "2024-05-14"},
        {},
    ],
)
def test_two_requests_of_one_household_are_not_a_couple_counted_twice(changement):
    assert trouvees("ccas_demandes", {}, changement) == {}


def test_a_number_used_for_two_requests_sends_both_back():
    reprise = {"demande": "n1", "motif": "energie"}
    assert trouvees("ccas_demandes", {}, reprise, {}) == {
        "numéro de demande repris avec un autre contenu": [0, 1]
    }


def test_an_exact_copy_of_a_request_is_no_other_content():
    assert SOURCES["ccas_demandes"].repetable
    assert trouvees("ccas_demandes", {}, {"demande": "n1"}, {}) == {}


ELECTION = {"date_radiation": None, "date_debut": "2024-01-01", "date_fin": "2024-12-31"}


@pytest.mark.parametrize(
    ("suivante", "signalee"),
    [
        ({"nature": "premiere", "date_debut": "2025-01-01"}, True),
        ({"nature": "premiere", "date_debut": "2025-02-28"}, True),
        ({"nature": "premiere", "date_debut": "2025-03-01"}, False),
        ({"nature": "renouvellement", "date_debut": "2025-01-01"}, False),
        ({"nature": "transfert", "date_debut": "2025-01-01"}, False),
        ({"nature": "premiere", "date_debut": "2025-01-01", "personne": "p2"}, False),
        ({"nature": "premiere", "date_debut": None, "date_fin": None, "decision": "refus"}, False),
    ],
)
def test_a_renewal_declared_as_a_first_domiciliation_is_flagged(suivante, signalee):
    lu = trouvees("ccas_domiciliations", ELECTION, ELECTION | {"date_fin": "2025-12-31"} | suivante)
    assert lu == ({PREMIERE: [1]} if signalee else {})


def test_who_was_struck_off_may_be_domiciled_for_the_first_time_again():
    radiee = ELECTION | {"date_radiation": "2024-12-01"}
    assert trouvees("ccas_domiciliations", radiee, ELECTION | {"date_debut": "2024-12-15"}) == {}


# --- Rows of an export that are no row of the table ------------------------------------------------


def ecrire(dossier: Path, *lignes: str) -> Path:
    chemin = dossier / "export.csv"
    chemin.write_text("\n".join(lignes), encoding="utf-8")
    return chemin


def test_a_request_without_a_decision_yet_is_set_aside_and_said(tmp_path):
    chemin = ecrire(
        tmp_path, "Commission;Avis;N°", "20/05/2024;Accordé;1", ";;2", ";En attente;3", ";Accordé;4",
        "20/05/2024;;5", "27/05/2024;Dossier en cours;6",
    )  # fmt: skip
    lecture = SOURCES["ccas_decisions"].readers[".csv"](chemin, ("Commission", "Avis", "N°"))
    assert lecture.table["N°"].tolist() == ["1", "4", "5"]
    assert lecture.ecartees[["ligne", "motif"]].values.tolist() == [
        [3, "demande en attente"], [4, "demande en attente"], [7, "demande en attente"],
    ]  # fmt: skip
    assert lecture.detecte.endswith(", demande en attente : 3")


def test_a_request_that_was_not_paid_is_no_payment(tmp_path):
    chemin = ecrire(tmp_path, "Mandat;Montant;N°", "20/05/2024;100;1", ";100;2", ";;3")
    lecture = SOURCES["ccas_paiements"].readers[".csv"](chemin, ("Mandat", "Montant", "N°"))
    assert lecture.table["N°"].tolist() == ["1"]
    assert lecture.detecte.endswith(", sans date de paiement : 2")


def test_nothing_is_said_of_an_export_where_everything_is_decided_and_paid(tmp_path):
    chemin = ecrire(tmp_path, "Mandat;Montant;N°", "20/05/2024;100;1")
    assert (
        SOURCES["ccas_paiements"]
        .readers[".csv"](chemin, ("Mandat", "Montant", "N°"))
        .detecte.endswith("1 ligne lue")
    )


# --- Who is who, from one file to another ----------------------------------------------------------

ECRITURES = (
    ("D'Orvalbec-Zumbor", "Tessémi", "07/03/1981"),
    ("D'ORVALBEC ZUMBOR", "TESSEMI", "1981-03-07"),
    ("Tessémi", "d'Orvalbec-Zumbor", "07/03/1981"),
    ("d’orvalbec zumbor", "tessémi", "7/3/1981"),
    ("D ORVALBEC-ZUMBOR", "Tessemi ", "07-03-1981"),
    ("  Zumbor  d'Orvalbec", "Tessémi", "07.03.1981"),
    ("Mme D'Orvalbec-Zumbor", "Tessémi", "07/03/1981"),
    ("Dorvalbec Zumbor", "Tessémi", "07/03/1981 00:00"),
)


def lire(dossier: Path, nom: str, colonnes: dict[str, str], lignes: list[str]) -> pd.DataFrame:
    chemin = dossier / f"{nom}.csv"
    chemin.write_text("\n".join((";".join(colonnes.values()), *lignes)), encoding="utf-8")
    declare = Fichier(source=nom, chemin=chemin.name, colonnes=colonnes)
    lot = ingest.examiner(SOURCES[nom], declare, chemin, bytes(range(32)))
    assert lot.rejets.empty
    return lot.table


def demandes_de(dossier: Path, *personnes: tuple[str, str, str]) -> pd.DataFrame:
    colonnes = {"numero": "N°", "foyer": "Foyer", "nom": "Nom", "prenom": "Prénom", "naissance": "DDN",
                "date_demande": "Date", "motif": "Motif"}  # fmt: skip
    lignes = [f"{rang};F1;{';'.join(qui)};13/05/2024;alimentaire" for rang, qui in enumerate(personnes, 1)]
    return lire(dossier, "ccas_demandes", colonnes, lignes)


def elections_de(dossier: Path, *personnes: tuple[str, str, str]) -> pd.DataFrame:
    colonnes = {"numero": "Élection", "nom": "NOM", "prenom": "PRENOM", "naissance": "Né(e) le",
                "date_demande": "Demandée le", "nature": "Nature", "decision": "Avis", "date_debut": "Du",
                "date_fin": "Au", "ayants_droit": "Ayants droit"}  # fmt: skip
    lignes = [
        f"{rang};{';'.join(qui)};01/03/2024;premiere;accord;05/03/2024;04/03/2025;0"
        for rang, qui in enumerate(personnes, 1)
    ]
    return lire(dossier, "ccas_domiciliations", colonnes, lignes)


def test_one_person_under_eight_spellings_is_one_across_two_files(tmp_path):
    assert len(set(ECRITURES)) == 8
    demandes = demandes_de(tmp_path, *ECRITURES[:4])
    elections = elections_de(tmp_path, *ECRITURES[4:])
    assert len({*demandes["personne"], *elections["personne"]}) == 1
    assert set(demandes["age"]) == {43}


def test_two_persons_of_one_name_are_two_across_two_files(tmp_path):
    nom, prenom, naissance = ECRITURES[0]
    demandes = demandes_de(tmp_path, (nom, prenom, naissance), (nom, prenom, "08/03/1981"))
    elections = elections_de(tmp_path, (nom, prenom, "08/03/1981"))
    assert demandes["personne"].nunique() == 2
    assert set(elections["personne"]) < set(demandes["personne"])


def test_a_couple_of_one_household_number_is_one_household(tmp_path):
    demandes = demandes_de(tmp_path, ECRITURES[0], ("Zumbor", "Gorkaxou", "01/01/1979"))
    assert demandes["personne"].nunique() == 2
    assert demandes["menage"].nunique() == 1


# --- Requests for a bed, one by one or month by month ------------------------------------------------


def heberger(dossier: Path, colonnes: dict[str, str], *lignes: str, **valeurs: dict[str, str]):
    """An export of requests for a bed through the door: what is loaded, and what is rejected."""
    chemin = ecrire(dossier, ";".join(dict.fromkeys(colonnes.values())), *lignes)
    declare = Fichier(
        source="ccas_hebergement_urgence",
        chemin=chemin.name,
        colonnes=colonnes,
        valeurs=valeurs,
        depose_le="2026-01-15",
    )
    return ingest.examiner(SOURCES["ccas_hebergement_urgence"], declare, chemin, bytes(range(32)))


def test_requests_one_by_one_say_in_words_what_totals_say_in_numbers(tmp_path):
    colonnes = {"numero": "N°", "date_demande": "Appel du", "non_pourvues": "Réponse", "personnes": "Pers."}
    mots = {"Attribuée": "0", "Non attribuée": "1"}
    une = heberger(tmp_path, colonnes, "1;05/01/2025;Attribuée;2", "2;06/01/2025;Non attribuée;1",
                   non_pourvues=mots)  # fmt: skip
    assert une.rejets.empty
    assert une.table[["non_pourvues", "personnes"]].values.tolist() == [[0, 2], [1, 1]]
    assert une.table["demandes"].isna().all()


def test_the_month_of_a_table_of_totals_is_its_number_and_its_day(tmp_path):
    colonnes = {"numero": "Mois", "date_demande": "Mois", "demandes": "Demandes", "non_pourvues": "DNP"}
    mois = {"janvier 2025": "2025-01-01", "février 2025": "2025-02-01"}
    lu = heberger(tmp_path, colonnes, "janvier 2025;40;12", "février 2025;35;36", "février 2025;35;2",
                  date_demande=mois)  # fmt: skip
    assert lu.table[["demandes", "non_pourvues"]].values.tolist() == [[40, 12]]
    assert lu.rejets[["ligne", "regle"]].values.tolist() == [
        [3, "plus de demandes non pourvues que de demandes"],
        [4, "doublon de la clé (appel, type_menage, motif_non_pourvue)"],
    ]


def test_a_request_for_a_bed_after_the_deposit_is_sent_back(tmp_path):
    colonnes = {"numero": "N°", "date_demande": "Appel du", "non_pourvues": "DNP"}
    lu = heberger(tmp_path, colonnes, "1;05/01/2025;0", "2;05/01/2052;1")
    assert lu.rejets[["ligne", "regle"]].values.tolist() == [[3, "date postérieure au dépôt du 15/01/2026"]]


# --- What is counted of nobody in particular --------------------------------------------------------


def test_what_was_counted_after_its_deposit_is_sent_back_though_it_is_about_nobody(tmp_path):
    assert SOURCES["ccas_accueil_jour"].constatee and not SOURCES["ccas_accueil_jour"].personnelle
    chemin = ecrire(tmp_path, "Jour;Service;Passages", "05/01/2026;douche;4", "05/01/2062;douche;4")
    colonnes = {"date_service": "Jour", "service_rendu": "Service", "passages": "Passages"}
    declare = Fichier(
        source="ccas_accueil_jour", chemin=chemin.name, colonnes=colonnes, depose_le="2026-01-15"
    )
    lot = ingest.examiner(SOURCES["ccas_accueil_jour"], declare, chemin, None)
    assert lot.rejets[["ligne", "regle"]].values.tolist() == [[3, "date postérieure au dépôt du 15/01/2026"]]
