"""What was noticed in the deposits, beside what was rejected: oddities, what is counted apart, values without a code.

In: a base whose `qualite` tables are filled. Out: counts, for whoever may read the confidential base: a value
without a code is what somebody typed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipeline.report.nombres import nombre

if TYPE_CHECKING:
    import duckdb

_REPONSES = {"oui": "d'une seule personne", "non": "de deux personnes"}
A_VERIFIER, A_PART = "à vérifier", "compté à part"


def lire(con: duckdb.DuckDBPyConnection, nom: str) -> pd.DataFrame:
    """One table of `qualite`; no row and no column where the base, an older one, has none of that name."""
    connue = con.execute(
        "select count(*) from information_schema.tables "
        "where table_catalog = current_database() and table_schema = 'qualite' and table_name = ?",
        [nom],
    ).fetchone()
    return con.execute(f"select * from qualite.{nom}").df() if connue == (1,) else pd.DataFrame()


def comptes(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row a rule and file: nature (to be verified, or counted apart), regle, fichier, lignes."""
    return con.execute(
        f"select '{A_VERIFIER}' as nature, regle, fichier, count(*) as lignes from qualite.a_verifier group by all "
        f"union all select '{A_PART}', regle, fichier, lignes from qualite.comptages "
        "order by nature desc, fichier, regle"
    ).df()


def sans_code(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row a value of a deposit without a code, the most frequent first: source, fichier, colonne, valeur, lignes.

    Those of public files are zones that the edition does not ask for.
    """
    from pipeline.sources.registre import ACTIVITE

    return con.execute(
        "select * from qualite.non_mappees where list_contains(?, source) "
        "order by lignes desc, fichier, colonne, valeur",
        [[source.id for source in ACTIVITE]],
    ).df()


def reponses(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """« d'une seule personne », « de deux personnes » → how many pairs the analyst said so of; without what is nil."""
    table = lire(con, "reponses")
    paires = dict(zip(table["reponse"], table["paires"], strict=True)) if len(table) else {}
    return {suite: int(paires[dite]) for dite, suite in _REPONSES.items() if dite in paires}


def resume(con: duckdb.DuckDBPyConnection) -> str:
    """« ; 42 à vérifier, 310 comptées à part, 3 dont une valeur n'a pas de code », without what is nil."""
    lignes = comptes(con).groupby("nature")["lignes"].sum()
    totaux = {
        "à vérifier": lignes.get(A_VERIFIER, 0),
        "comptées à part": lignes.get(A_PART, 0),
        "dont une valeur n'a pas de code": sans_code(con)["lignes"].sum(),
        "paires de personnes à rapprocher peut-être": len(lire(con, "rapprochements")),
        **{f"paires dites {suite}": combien for suite, combien in reponses(con).items()},
    }
    dits = [f"{nombre(int(combien))} {quoi}" for quoi, combien in totaux.items() if combien]
    return f" ; {', '.join(dits)}" if dits else ""
