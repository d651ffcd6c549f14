"""What a file gone through the door leaves, and its rows as DuckDB and Parquet take them. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow

from pipeline.readers import en_textes


@dataclass(frozen=True)
class Chargement:
    """One file gone through the door: valid rows, rejected values, and what is said of it.

    `table`, `marques`: the rows, or the Parquet files where they are kept for every edition. `personnes`: the first
    line of each person, with her names: in memory, never printed, until those of all the files are set side by side.
    """

    table: pd.DataFrame | Path
    marques: pd.DataFrame | Path
    rejets: pd.DataFrame
    non_mappees: pd.DataFrame
    a_verifier: pd.DataFrame
    qualite: dict[str, Any]
    personnes: pd.Series = field(default_factory=pd.Series, repr=False)


def en_arrow(table: pd.DataFrame) -> pyarrow.Table:
    """The rows, without a copy, and in `ligne` where each was in its file; a number that is missing is null."""
    # to look for what is missing costs more than to take a column that lacks nothing as it is
    colonnes = {nom: pyarrow.array(valeurs, from_pandas=valeurs.hasnans) for nom, valeurs in table.items()}
    return pyarrow.table(colonnes | {"ligne": en_textes(pyarrow.array(table.index))})
