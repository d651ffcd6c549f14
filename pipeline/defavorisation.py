"""Deprivation: four variables of the `socle` tables in, `socle.defavorisation` and its axes out.

Two scales, an axis each: the communes, and the IRIS of the commune studied among themselves. FDep needs the
four variables for at least ten places: where a table lacks one, nothing is computed and the reason is kept. A
zone's score is the mean of its communes', weighted by their inhabitants.
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
COMMUNE, IRIS = "commune", "iris"
# Scale → what its places are, and how one says that none has a datum. A quartier that is one IRIS has its code.
_LIEUX = {
    COMMUNE: "niveau = 'commune'",
    IRIS: "niveau = 'iris' or (niveau = 'quartier' and regexp_full_match(territoire, '\\d{9}'))",
}
_AUCUN = {COMMUNE: "Aucune commune", IRIS: "Aucun IRIS"}
SCORES = {"territoire": "str", "niveau": "str", "score": "float64", "quintile": "float64"}
AXE = {
    "echelle": "str",
    "variable": "str",
    "lieux": "int64",
    **dict.fromkeys(("coefficient", "saturation", "part_variance"), "float64"),
    "motif": "str",
}


def tables(con: duckdb.DuckDBPyConnection) -> dict[str, pd.DataFrame]:
    """`defavorisation` (one row a territory with a score), `defavorisation_axe` (one row a scale and a variable).

    The scale of the IRIS has rows only where the edition has some.
    """
    notes, axes = [], []
    for echelle in _LIEUX:
        lieux = _lire_lieux(con, echelle)
        if echelle == IRIS and lieux.empty:
            continue
        notees, axe = _indice(lieux[lieux["pop"] > 0], echelle)
        notes.append(notees.loc[notees["score"].notna(), list(SCORES)])
        axes.append(axe)
        if echelle == COMMUNE and len(notees):
            notes.append(_ensembles(con, notees))
    return {
        "defavorisation": pd.concat(notes, ignore_index=True).astype(SCORES),
        "defavorisation_axe": pd.concat(axes, ignore_index=True).astype(AXE),
    }


def _indice(lieux: pd.DataFrame, echelle: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The places of a scale with their scores and quintiles (none when refused), and the rows of its axis."""
    connus = lieux[list(VARIABLES)].notna().sum()
    try:
        axe = methode.fdep({nom: lieux[nom].to_numpy(float) for nom in VARIABLES}, lieux["pop"])
    except Refus as refus:
        motif = _motif(len(lieux), connus, echelle, refus)
        lignes = [(echelle, nom, int(connus[nom]), None, None, None, motif) for nom in VARIABLES]
        aucun = lieux.iloc[:0].assign(niveau=echelle, score=0.0, quintile=0.0)
        return aucun, pd.DataFrame(lignes, columns=list(AXE))
    lignes = [
        (echelle, nom, int(connus[nom]), axe.coefficients[nom], axe.saturations[nom], axe.part_variance, "")
        for nom in VARIABLES
    ]
    quintiles = methode.quintiles_population(axe.scores, lieux["pop"])
    notees = lieux.assign(niveau=echelle, score=axe.scores, quintile=quintiles)
    return notees, pd.DataFrame(lignes, columns=list(AXE))


def _lire_lieux(con: duckdb.DuckDBPyConnection, echelle: str) -> pd.DataFrame:
    """One row a place: its inhabitants (0 if unknown) and its four variables, of their latest vintage, or NaN."""
    derniers = [
        f"left join (select territoire, arg_max(valeur, millesime)::double as {nom} from "
        f"(select territoire, millesime, ({valeur})::double as valeur from socle.{table}) "
        "where valeur is not null group by territoire) using (territoire)"
        for nom, (table, valeur) in VARIABLES.items()
    ]
    return con.execute(
        "with lieux as ("
        "select territoire, coalesce(arg_max(pop, millesime) filter (where pop > 0), 0) as pop "
        f"from socle.territoires left join socle.population using (territoire) where {_LIEUX[echelle]} "
        f"group by territoire) select territoire, pop, {', '.join(VARIABLES)} "
        f"from lieux {' '.join(derniers)} order by territoire"
    ).df()


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


def _motif(lieux: int, connus: pd.Series, echelle: str, refus: Refus) -> str:
    """The reason of a refusal, with what is missing everywhere."""
    manquent = [LIBELLES[nom] for nom in VARIABLES if not connus[nom]]
    if not lieux:
        return f"{_AUCUN[echelle]} n’a de population connue, par laquelle l’indice pèse chaque lieu. {refus}"
    if not manquent:
        return str(refus)
    return f"{_AUCUN[echelle]} n’a de donnée pour : {', '.join(manquent)}. {refus}"
