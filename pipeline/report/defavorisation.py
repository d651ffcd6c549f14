"""Deprivation, in the report: scores and their axis in, sentences and a table out, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from pipeline.defavorisation import LIBELLES
from pipeline.report import tables
from pipeline.report.faits import Faits, Lieu
from pipeline.report.francais import majuscule
from pipeline.report.nombres import nombre

if TYPE_CHECKING:
    import duckdb

CHAPITRE = "emploi"


@dataclass(frozen=True)
class Section:
    """What is said of deprivation: sentences, then tables (none where the index is refused)."""

    phrases: tuple[str, ...]
    tables: tuple[str, ...] = ()


def section(con: duckdb.DuckDBPyConnection, faits: Faits) -> Section:
    """The commune's quintile, the scores around it and what the axis is made of."""
    axe = con.execute("select * from socle.defavorisation_axe order by variable").df()
    if (axe["motif"] != "").any():
        return Section((f"Indice de défavorisation (FDep) : non donné. {axe['motif'].iloc[0]}",))
    scores = con.execute("select territoire, score, quintile from socle.defavorisation").df()
    scores = scores.set_index("territoire")
    lieux = [lieu for lieu in (faits.etude, *faits.comparateurs) if lieu.code in scores.index]
    return Section(
        (_phrase(faits.etude, scores), _axe(axe)),
        (
            tables.markdown(_tableau(lieux, scores), "Indice de défavorisation (FDep)", "defavorisation"),
            tables.markdown(_tableau_axe(axe), "Ce dont l’indice est fait", "defavorisation-axe"),
        ),
    )


def _phrase(etude: Lieu, scores: pd.DataFrame) -> str:
    if etude.code not in scores.index:
        return f"{etude.nom} n’a pas d’indice : une de ses quatre variables manque."
    return (
        f"{etude.nom} est dans le quintile **{nombre(scores.loc[etude.code, 'quintile'])}** de défavorisation "
        "(1 : le cinquième des habitants qui vit dans les communes les plus favorisées ; 5 : dans les plus "
        "défavorisées)."
    )


def _axe(axe: pd.DataFrame) -> str:
    return (
        f"L’axe porte {nombre(100 * axe['part_variance'].iloc[0])} % de la variance des quatre variables, sur "
        f"{nombre(axe['lieux'].min())} communes ; un score élevé est défavorable. Le niveau de vie est celui "
        "d’après redistribution."
    )


def _tableau(lieux: list[Lieu], scores: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Territoire": lieu.nom,
                "Score": nombre(scores.loc[lieu.code, "score"], 2, signe=True),
                "Quintile": "–"
                if pd.isna(scores.loc[lieu.code, "quintile"])
                else nombre(scores.loc[lieu.code, "quintile"]),
            }
            for lieu in lieux
        ]
    )


def _tableau_axe(axe: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Variable": majuscule(LIBELLES[ligne.variable]),
                "Coefficient": nombre(ligne.coefficient, 2, signe=True),
                "Saturation": nombre(ligne.saturation, 2, signe=True),
            }
            for ligne in axe.itertuples()
        ]
    )
