"""What a file gone through the door leaves: the vocabulary that reading and keeping share. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Chargement:
    """One file gone through the door: valid rows, rejected values, and what is said of it.

    `table`, `marques`: the rows, or the Parquet files where they are kept for every edition.
    """

    table: pd.DataFrame | Path
    marques: pd.DataFrame | Path
    rejets: pd.DataFrame
    non_mappees: pd.DataFrame
    signalements: pd.DataFrame
    qualite: dict[str, Any]
