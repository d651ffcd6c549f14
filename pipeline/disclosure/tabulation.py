"""From rows to the frames that `Tableau` takes, with all the totals that persons cannot be summed to.

In: tidy rows (one a request, a payment, a presence). Out: a tidy frame, one row a cell.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pandas as pd


def tabuler(
    lignes: pd.DataFrame,
    dimensions: Sequence[str],
    contributeur: str,
    quantite: str,
    total: str = "Ensemble",
) -> pd.DataFrame:
    """Tabulate a quantity with every total, and what dominance and distinct persons ask for.

    Columns: dimensions, `valeur` (sum of `quantite`: an amount, or 1 a row), `effectif` (distinct
    contributors), `plus_grand`, `deuxieme` (two largest contributions, 0 when there is none).
    """
    cadres = []
    for taille in range(len(dimensions), -1, -1):
        for gardees in itertools.combinations(dimensions, taille):
            cadre = _tabuler_croisement(lignes, list(gardees), contributeur, quantite)
            cadres.append(cadre.assign(**{d: total for d in dimensions if d not in gardees}))
    colonnes = [*dimensions, "valeur", "effectif", "plus_grand", "deuxieme"]
    return pd.concat(cadres, ignore_index=True)[colonnes]


def _tabuler_croisement(
    lignes: pd.DataFrame, dimensions: list[str], contributeur: str, quantite: str
) -> pd.DataFrame:
    """Tabulate one crossing: one row for each combination met (one row in all for no dimension)."""
    parts = lignes.groupby([*dimensions, contributeur], as_index=False)[quantite].sum()
    parts = parts.sort_values(quantite, ascending=False, kind="stable")
    cles = dimensions or (lambda _: 0)
    rang = parts.groupby(cles).cumcount()
    parts["plus_grand"] = parts[quantite].where(rang == 0, 0)
    parts["deuxieme"] = parts[quantite].where(rang == 1, 0)
    return (
        parts.groupby(cles)
        .agg(
            valeur=(quantite, "sum"),
            effectif=(contributeur, "size"),
            plus_grand=("plus_grand", "sum"),
            deuxieme=("deuxieme", "sum"),
        )
        .reset_index(drop=not dimensions)
    )
