"""Columns and rules that the files of French producers share: territory, vintage, counts, rates, completeness.

In: the raw names of a file. Out: pandera columns, and rules on a whole table. Territories are told as in INSEE's
Melodi: a commune or an IRIS by its own code, `EPCI-…`, `DEP-…`, `REG-…`, `FRANCE-…` above.
"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from pipeline.sources import colonne

LICENCE = "Licence Ouverte 2.0"

Champ = dict[str, pa.Column]

_COMMUNE = r"(?:0[1-9]|1\d|2[1-9AB]|[3-9]\d)\d{3}"
_NIVEAU = r"EPCI-\d{9}|DEP-(?:\d{2,3}|2[AB])|REG-\d{2}|FRANCE-F\w*"

# No region has more: a file that goes beyond one is of the whole country.
_DEPARTEMENTS_D_UNE_REGION = 13
_DEPARTEMENTS = frozenset({f"{n:02d}" for n in range(1, 96) if n != 20} | {"2A", "2B"})


def territoire(brut: str = "CODGEO", *, iris: bool = False) -> Champ:
    """The code of a territory, as text; one that lost its leading zero is refused."""
    motif, exemple = (rf"{_COMMUNE}\d{{4}}", "d'IRIS à 9") if iris else (_COMMUNE, "de commune à 5")
    return {"territoire": colonne(brut, "texte", "Territoire", _code(motif, exemple))}


def commune_ou_iris(brut: str = "CODGEO") -> Champ:
    """The code of a territory, in a source whose files are by commune or by IRIS."""
    code = _code(rf"{_COMMUNE}(?:\d{{4}})?", "de commune à 5 ou d'IRIS à 9")
    return {"territoire": colonne(brut, "texte", "Territoire", code)}


def _code(motif: str, exemple: str) -> pa.Check:
    return pa.Check.str_matches(
        rf"^(?:{motif}|{_NIVEAU})$",
        error=f"code {exemple} caractères attendu (un code plus court a perdu son zéro dans un tableur)",
    )


def millesime(brut: str, label: str, debut: int, fin: int = 2100, avertir: str = "") -> Champ:
    """The year of a figure, within what the source is published for."""
    regle = pa.Check.in_range(debut, fin, error=avertir or f"année attendue, à partir de {debut}")
    return {"millesime": colonne(brut, "entier", label, regle)}


def effectif(nom: str, brut: str, label: str, melodi: dict[str, str] | None = None) -> Champ:
    """A count, which sums: never negative, missing where the producer gives none."""
    return _nombre(nom, brut, label, pa.Check.ge(0, error="nombre positif ou nul attendu"), melodi=melodi)


def publiee(
    nom: str, brut: str, label: str, bas: float, haut: float, melodi: dict[str, str] | None = None
) -> Champ:
    """A median, a rate or an index as published, which never sums, within plausible bounds."""
    regle = pa.Check.in_range(
        bas, haut, error=f"valeur de {bas:g} à {haut:g} attendue (virgule décimale perdue, colonne décalée ?)"
    )
    return _nombre(nom, brut, label, regle, publie=True, melodi=melodi)


def _nombre(
    nom: str, brut: str, label: str, regle: pa.Check, *, melodi: dict[str, str] | None, publie: bool = False
) -> Champ:
    declaree = colonne(brut, "nombre", label, regle, nullable=True, publie=publie)
    declaree.metadata["melodi"] = melodi
    return {nom: declaree}


def departements_au_complet(table: pd.DataFrame) -> pd.DataFrame:
    """The last row of a file of the country that has none in some département of the mainland: it is cut.

    A file of some départements only (one region has 13 at most) is a sample, and says nothing of the others.
    """
    presents = set(table["territoire"].str.slice(0, 2).unique()) & _DEPARTEMENTS
    entier = len(presents) <= _DEPARTEMENTS_D_UNE_REGION or presents == _DEPARTEMENTS
    return table.iloc[:0] if entier else table.iloc[-1:]


FICHIER_COUPE = "fichier coupé : des départements n'ont aucune ligne, le télécharger de nouveau"
