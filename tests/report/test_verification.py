"""What the internal report says of odd rows: who reads it finds the rule, the file, and how many rows."""

import duckdb
import pytest

from pipeline import constats
from pipeline.report import verification


@pytest.fixture
def con():
    """Two odd rows of one file, seven counted apart, a typed word, and a zone of a public file."""
    con = duckdb.connect()
    con.execute(
        "create schema qualite;"
        "create table qualite.a_verifier as select 'ccas_demandes' as source, 'depots/aides.csv' as fichier, "
        "unnest(['4', '12']) as ligne, 'demande' as colonne, 'couple compté deux fois ?' as regle, '' as valeur;"
        "create table qualite.comptages as select 'depots/aides.csv' as fichier, 'prêt accordé' as regle, 7 as lignes;"
        "create table qualite.non_mappees as select * from (values "
        "('ccas_demandes', 'depots/aides.csv', 'motif', '<b>a|b*', 3), ('insee', 'zones.csv', 'territoire', 'Z1', 9)) "
        "as t (source, fichier, colonne, valeur, lignes)"
    )
    return con


def cellules(markdown):
    return [
        [cellule.strip() for cellule in ligne.strip("|").split(" | ")]
        for ligne in markdown.splitlines()
        if ligne.startswith("| ") and not ligne.startswith("| :")
    ]


def test_odd_rows_and_what_is_counted_apart_are_told_by_rule_and_file(con):
    _, odd, loans, *_ = cellules(verification.tableaux(con))
    assert odd == ["Couple compté deux fois ?", "À vérifier", "depots\\/aides\\.csv", "2"]
    assert loans == ["Prêt accordé", "Compté à part", "depots\\/aides\\.csv", "7"]


def test_a_typed_value_is_told_as_it_was_typed_and_zones_of_public_files_are_not(con):
    *_, valeur = cellules(verification.tableaux(con))
    assert valeur == ["\\<b\\>a\\|b\\*", "motif", "depots\\/aides\\.csv", "3"]
    assert "Z1" not in verification.tableaux(con)


def test_of_very_many_typed_values_the_most_frequent_are_told(con):
    con.execute(
        "insert into qualite.non_mappees "
        "select 'ccas_demandes', 'depots/aides.csv', 'motif', 'm' || i, 2 from range(50) r (i)"
    )
    dit = verification.tableaux(con)
    # the one of three rows, then 39 of the 50 of two
    assert dit.count("motif") == 40 and "les 40 plus fréquentes, sur 51" in dit


def test_nothing_is_said_where_nothing_was_noticed(con):
    assert constats.resume(con) == " ; 2 à vérifier, 7 comptées à part, 3 dont une valeur n'a pas de code"
    for table in ("a_verifier", "comptages", "non_mappees"):
        con.execute(f"delete from qualite.{table}")
    assert verification.tableaux(con) == "" and constats.resume(con) == ""
