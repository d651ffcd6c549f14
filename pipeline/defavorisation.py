"""Deprivation of communes: four variables of the `socle` tables in, `socle.defavorisation` and its axis out.

FDep needs the four for at least ten communes: where a table lacks one, nothing is computed and the reason is
kept. A zone's score is the mean of its communes', weighted by their inhabitants.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipeline.methods import defavorisation as methode
from pipeline.methods.refus import Refus

if TYPE_CHECKING:
    import duckdb

# Variable of FDep → its table and its value there. Each ratio is made within one exploitation of the census.
VARIABLES = {
    "revenu_median": ("revenus", "niveau_vie_median"),
    "part_bacheliers": ("formation", "bac_ou_plus / nullif(diplome_connu, 0)"),
    "part_ouvriers": ("professions", "actifs_ouvriers_15_64 / nullif(actifs_15_64, 0)"),
    "part_chomeurs": ("emploi", "chomeurs_15_64 / nullif(actifs_15_64, 0)"),
}
LIBELLES = {
    "revenu_median": "niveau de vie médian",
    "part_bacheliers": "part de bacheliers parmi les adultes sortis de l’école",
    "part_ouvriers": "part d’ouvriers parmi les actifs",
    "part_chomeurs": "part de chômeurs parmi les actifs",
}
SCORES = {"territoire": "str", "niveau": "str", "score": "float64", "quintile": "float64"}
AXE = {
    "variable": "str",
    "lieux": "int64",
    **dict.fromkeys(("coefficient", "saturation", "part_variance"), "float64"),
    "motif": "str",
}


def tables(con: duckdb.DuckDBPyConnection) -> dict[str, pd.DataFrame]:
    """`defavorisation` (one row a territory with a score) and `defavorisation_axe` (one row a variable)."""
    communes = _communes(con)
    valeurs = {nom: communes[nom].to_numpy(float) for nom in VARIABLES}
    lieux = communes[list(VARIABLES)].notna().sum()
    try:
        axe = methode.fdep(valeurs, communes["pop"])
    except Refus as refus:
        motif = _motif(lieux, refus)
        lignes = [(nom, int(lieux[nom]), None, None, None, motif) for nom in VARIABLES]
        return {
            "defavorisation": pd.DataFrame(columns=list(SCORES)).astype(SCORES),
            "defavorisation_axe": pd.DataFrame(lignes, columns=list(AXE)).astype(AXE),
        }
    lignes = [
        (nom, int(lieux[nom]), axe.coefficients[nom], axe.saturations[nom], axe.part_variance, "")
        for nom in VARIABLES
    ]
    quintiles = methode.quintiles_population(axe.scores, communes["pop"])
    notees = communes.assign(niveau="commune", score=axe.scores, quintile=quintiles)
    return {
        "defavorisation": pd.concat(
            [notees.loc[notees["score"].notna(), list(SCORES)], _ensembles(con, notees)], ignore_index=True
        ).astype(SCORES),
        "defavorisation_axe": pd.DataFrame(lignes, columns=list(AXE)).astype(AXE),
    }


def _communes(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row a commune: its inhabitants and its four variables, each of its latest vintage, NaN if unknown."""
    communes = con.execute(
        "select territoire, arg_max(pop, millesime) as pop from socle.population "
        "join socle.territoires using (territoire) where niveau = 'commune' and pop > 0 "
        "group by territoire order by territoire"
    ).df()
    for nom, (table, valeur) in VARIABLES.items():
        lues = con.execute(
            f"select territoire, arg_max(valeur, millesime)::double as {nom} from "
            f"(select territoire, millesime, ({valeur})::double as valeur from socle.{table}) "
            "where valeur is not null group by territoire"
        ).df()
        communes = communes.merge(lues, on="territoire", how="left")
    return communes


def _ensembles(con: duckdb.DuckDBPyConnection, notees: pd.DataFrame) -> pd.DataFrame:
    """Scores of the wider territories that the edition shows: means of their communes', no quintile."""
    liens = con.execute(
        "select contenu as territoire, contenant, poids, t.niveau as niveau_contenant from socle.appartenances "
        "join socle.territoires t on t.territoire = contenant where t.role <> '' order by contenant, contenu"
    ).df()
    dedans = notees.merge(liens, on="territoire")
    lignes = [
        (
            contenant,
            parts["niveau_contenant"].iloc[0],
            methode.score_ensemble(parts["score"], parts["habitants"]),
            None,
        )
        for contenant, parts in dedans.assign(habitants=dedans["pop"] * dedans["poids"]).groupby("contenant")
    ]
    return pd.DataFrame(lignes, columns=list(SCORES)).astype(SCORES).dropna(subset="score")


def _motif(lieux: pd.Series, refus: Refus) -> str:
    """The reason of a refusal, with what is missing everywhere."""
    manquent = [LIBELLES[nom] for nom in VARIABLES if not lieux[nom]]
    if not manquent:
        return str(refus)
    return f"Aucune commune n’a de donnée pour : {', '.join(manquent)}. {refus}"
