"""What the deposits have that somebody should look at, for the internal report alone.

In: the confidential base. Out: Markdown tables: what is to be verified or is counted apart, by rule and file;
values without a code, which are typed texts and may name somebody.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from pipeline import constats
from pipeline.report import francais, tables
from pipeline.report.nombres import nombre

if TYPE_CHECKING:
    import duckdb

# A column of free text declared as codes has as many values as rows: the sheets hold them all.
_VALEURS = 40
# All but the bar, which tables escape themselves.
_SIGNES = re.compile(r"([!-/:-@\[-`{}~])")


def tableaux(con: duckdb.DuckDBPyConnection) -> str:
    """The tables that have a row, and how many persons may be one; empty where nothing was noticed."""
    return "\n\n".join(filter(None, (_comptes(con), _sans_code(con), _rapprochements(con))))


def _rapprochements(con: duckdb.DuckDBPyConnection) -> str:
    paires, reponses = len(constats.lire(con, "rapprochements")), constats.reponses(con)
    phrases = []
    if paires:
        phrases.append(
            f"Paires de personnes qui n’en font peut-être qu’une, sous deux écritures : {nombre(paires)}, dans "
            "`rejets/rapprochements.csv` avec le motif de chacune. "
            + ("Rien n’est fusionné sans réponse." if reponses else "Rien n’est fusionné.")
        )
    if reponses:
        dites = francais.enumerer([f"{nombre(combien)} {suite}" for suite, combien in reponses.items()])
        phrases.append(f"Paires auxquelles il a été répondu : {dites}.")
    return " ".join(phrases)


def _comptes(con: duckdb.DuckDBPyConnection) -> str:
    comptes = constats.comptes(con)
    if comptes.empty:
        return ""
    table = pd.DataFrame(
        {
            "Constat": comptes["regle"].map(francais.majuscule),
            "Suite": comptes["nature"].map(francais.majuscule),
            "Fichier": comptes["fichier"].map(_litteral),
            "Lignes": comptes["lignes"].map(nombre),
        }
    )
    titre = "À vérifier dans les fichiers déposés, et ce qui s’y compte à part"
    return tables.markdown(table, titre, "a-verifier", textes=["Suite", "Fichier"])


def _sans_code(con: duckdb.DuckDBPyConnection) -> str:
    restes = constats.sans_code(con)
    if restes.empty:
        return ""
    dites = restes.head(_VALEURS)
    table = pd.DataFrame(
        {
            "Valeur": dites["valeur"].map(_litteral),
            "Colonne": dites["colonne"].map(_litteral),
            "Fichier": dites["fichier"].map(_litteral),
            "Lignes": dites["lignes"].map(nombre),
        }
    )
    titre = "Valeurs des fichiers déposés qui n’ont pas de code"
    if len(restes) > _VALEURS:
        titre += f" : les {_VALEURS} plus fréquentes, sur {nombre(len(restes))}"
    return tables.markdown(table, titre, "sans-code", textes=["Colonne", "Fichier"])


def _litteral(texte: str) -> str:
    """A text that somebody typed, on one line and with no sign that Markdown would read."""
    return _SIGNES.sub(r"\\\1", " ".join(texte.split()))
