"""Analyse des besoins sociaux: from public statistics and CCAS extracts to the board's report.

An edition (`data/raw/<territoire>/<annee>/edition.toml`) names a territory, its files and vintages.
Ingestion checks every file at the door and loads what is declared into one DuckDB base.
Transforms, one SELECT a table, bring every source to the same columns.
One engine turns the declared indicators into values with intervals and a status, for every level.
After statistical disclosure control, the report stage writes what may be published, and only that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.analyse import Base


def ouvrir(nom: str) -> Base:
    """Open a built edition for reading, in a notebook: `base = pipeline.ouvrir("mont-dore/2026")`."""
    from pipeline.analyse import ouvrir as ouvrir_

    return ouvrir_(nom)
