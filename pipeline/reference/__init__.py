"""Geography of France as shipped: communes, EPCI, départements, régions of 2026, movements since 2000.

In: the files of this folder, each with a companion `.toml` (title, producer, vintage, licence, address,
sha256 of the file it comes from); `construire.py` writes them all. Out: one frame a file, every code as
text. `nouvelle_caledonie.csv` is written by hand and belongs to its profile.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

DOSSIER = Path(__file__).parent


def _lire(nom: str) -> pd.DataFrame:
    return pd.read_csv(DOSSIER / nom, dtype=str, keep_default_na=False)


@cache
def communes() -> pd.DataFrame:
    """One row a commune of 2026: code, article, nom, departement, region, epci, population.

    `region` is empty in the collectivités d'outre-mer, `epci` where there is none; `population` is the
    municipale of 2023 (2017 in Mayotte), missing where nobody lives. Municipal arrondissements are apart.
    """
    table = pd.read_parquet(DOSSIER / "communes.parquet").astype({"population": "Int64"})
    regions_ = departements().set_index("code")["region"]
    table.insert(4, "region", table["departement"].map(regions_))
    return table


@cache
def arrondissements() -> pd.DataFrame:
    """One row a municipal arrondissement of Paris, Lyon or Marseille: code, nom, commune."""
    return _lire("arrondissements.csv")


@cache
def epci() -> pd.DataFrame:
    """One row an EPCI à fiscalité propre: code (SIREN), article, nom, type."""
    return _lire("epci.csv")


@cache
def departements() -> pd.DataFrame:
    """One row a département or collectivité d'outre-mer: code, article, nom, region (empty there), zone."""
    return _lire("departements.csv")


@cache
def regions() -> pd.DataFrame:
    """One row a région: code, article, nom."""
    return _lire("regions.csv")


@cache
def mouvements() -> pd.DataFrame:
    """One row a commune before and one after: date, type (INSEE's code), avant, apres.

    A commune that goes on under its code is a row too (`avant` = `apres`). Changes of name are not here.
    """
    return _lire("mouvements.csv")


@cache
def populations_mouvements() -> pd.DataFrame:
    """Populations that share counts: date, moment (`avant` a merge, `apres` a split), commune, population."""
    return _lire("populations_mouvements.csv").astype({"population": "int64", "annee": "int64"})


@cache
def anciennes() -> pd.DataFrame:
    """One row a name that is no commune's any more: code, nom, commune (the code of 2026 to look at)."""
    return _lire("anciennes.csv")
