"""The requests for aid: what a row must be, and the rules that hold between its columns."""

import pandas as pd
import pandera.pandas as pa
import pytest

from pipeline.sources import TYPES
from pipeline.sources.ccas import AIDES, LIBELLES, SIGNALEMENTS, SOURCES

DEMANDE = {
    "demande": "d1",
    "personne": "p1",
    "menage": "m1",
    "date_demande": "2024-05-13",
    "date_seance": "2024-05-20",
    "decision": "accord",
    "motif": "alimentaire",
    "montant_demande": 20_000,
    "montant_accorde": 15_000,
    "date_paiement": "2024-05-27",
    "forme": "secours",
    "quartier": "98817-plum",
    "type_menage": "personne_seule",
    "sexe": "femmes",
    "age": 43,
}


def aides(*changements: dict[str, object]) -> pd.DataFrame:
    """Requests `d1`, `d2`… like the one above, but for what is said."""
    lignes = [DEMANDE | {"demande": f"d{rang}"} | autre for rang, autre in enumerate(changements, 1)]
    types = {nom: TYPES[declaree.metadata["genre"]] for nom, declaree in AIDES.schema.columns.items()}
    return pd.DataFrame(lignes).astype(types)


def fautes(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Column and sentence of each breach of the schema."""
    try:
        AIDES.schema.validate(table, lazy=True)
    except pa.errors.SchemaErrors as erreurs:
        return list(erreurs.failure_cases[["column", "check"]].itertuples(index=False, name=None))
    return []


def test_a_request_as_it_should_be_breaks_no_rule():
    table = aides({}, {})
    assert fautes(table) == []
    for regle in [*AIDES.checks.values(), *SIGNALEMENTS.values()]:
        assert regle(table).empty


@pytest.mark.parametrize("colonne", ["demande", "personne", "menage", "date_demande", "decision", "motif"])
def test_what_makes_a_request_is_required(colonne):
    assert fautes(aides({colonne: None})) == [(colonne, "not_nullable")]


def test_a_deposit_may_lack_what_is_optional():
    facultatives = [
        nom for nom, declaree in AIDES.schema.columns.items() if declaree.metadata.get("facultative")
    ]
    assert facultatives == [
        "date_seance", "montant_demande", "montant_accorde", "date_paiement", "forme", "quartier", "type_menage",
        "sexe",
    ]  # fmt: skip
    assert fautes(aides(dict.fromkeys(facultatives))) == []


@pytest.mark.parametrize("colonne", ["decision", "motif", "forme", "type_menage", "sexe"])
def test_every_code_has_a_label_and_any_other_is_refused_with_the_codes(colonne):
    for code, label in LIBELLES[colonne].items():
        assert fautes(aides({colonne: code})) == []
        assert label[0].isupper()
    [(fautive, phrase)] = fautes(aides({colonne: "Autre chose"}))
    assert fautive == colonne
    assert phrase.startswith("code inconnu (codes possibles : ")
    assert phrase.endswith(f"compléter [valeurs.{colonne}]")


@pytest.mark.parametrize(
    "quartier", ["98817-plum", "98817-la-lembi-grand-sud-ile-ouen", "010040101", "2A0040101"]
)
def test_a_quartier_is_one_of_the_edition_or_an_iris(quartier):
    assert fautes(aides({"quartier": quartier})) == []


@pytest.mark.parametrize("quartier", ["Plum", "98817", "98809 Plum", ""])
def test_a_label_is_no_quartier(quartier):
    assert fautes(aides({"quartier": quartier})) == [
        ("quartier", "quartier inconnu : compléter [valeurs.quartier]")
    ]


@pytest.mark.parametrize(
    ("changement", "phrase"),
    [
        ({"montant_accorde": -1}, "montant négatif"),
        ({"montant_demande": -0.5}, "montant négatif"),
        ({"age": -1}, "âge impossible : naissance ou date de demande à corriger"),
        ({"age": 121}, "âge impossible : naissance ou date de demande à corriger"),
    ],
)
def test_impossible_quantities_are_refused(changement, phrase):
    assert [regle for _, regle in fautes(aides(changement))] == [phrase]


@pytest.mark.parametrize("changement", [{"montant_accorde": 0}, {"age": 0}, {"age": 120}, {"age": None}])
def test_the_edges_are_let_in(changement):
    assert fautes(aides(changement)) == []


REGLES = dict(AIDES.checks) | dict(SIGNALEMENTS)


@pytest.mark.parametrize(
    ("regle", "changement"),
    [
        ("séance avant la demande", {"date_seance": "2024-05-12", "date_paiement": None}),
        ("paiement avant la demande", {"date_paiement": "2024-05-12"}),
        ("refus avec un montant accordé", {"decision": "refus"}),
        ("accord sans montant accordé", {"montant_accorde": None}),
        ("accord sans montant accordé", {"montant_accorde": 0, "decision": "accord_partiel"}),
        ("montant accordé supérieur au montant demandé", {"montant_accorde": 20_001}),
    ],
)
def test_each_rule_finds_its_row_and_no_other_rule_does(regle, changement):
    table = aides({}, changement)
    trouvees = {nom: controle(table)["demande"].tolist() for nom, controle in REGLES.items()}
    assert {nom: demandes for nom, demandes in trouvees.items() if demandes} == {regle: ["d2"]}


@pytest.mark.parametrize(
    "changement",
    [
        {"date_seance": "2024-05-13"},  # urgent: examined the same day
        {"date_paiement": "2024-05-14"},  # paid before the sitting, regularised later
        {"date_seance": None, "date_paiement": None},
        {"decision": "refus", "montant_accorde": 0},
        {"decision": "refus", "montant_accorde": None},
        {"montant_accorde": 20_000},
        {"montant_demande": None},
    ],
)
def test_what_is_plausible_is_neither_refused_nor_flagged(changement):
    table = aides(changement)
    assert all(controle(table).empty for controle in REGLES.values())


def test_a_number_used_for_two_requests_sends_both_back():
    table = aides({}, {"demande": "d1", "motif": "energie"}, {})
    fautives = AIDES.checks["numéro de demande repris avec un autre contenu"](table)
    assert fautives["demande"].tolist() == ["d1", "d1"]


def test_an_exact_copy_is_left_to_the_key():
    table = aides({}, {"demande": "d1"}, {})
    assert AIDES.checks["numéro de demande repris avec un autre contenu"](table).empty
    assert table.duplicated(AIDES.schema.unique).tolist() == [False, True, False]


def test_aids_are_about_persons_and_hold_no_identity():
    assert SOURCES == (AIDES,)
    assert AIDES.personnelle
    identifiantes = {"numero", "foyer", "nom", "prenom", "naissance", "adresse"}
    assert not identifiantes & set(AIDES.schema.columns)
