"""How many independent observations stand behind a figure: the rows of the indicators in, the same rows out.

A count of a rolling census rests on a fraction of the dwellings; the requests of one household go together.
`efficace` says how many independent observations each unit counted is worth: 1 for an exhaustive count of
distinct persons, the sampling fraction for a weighted one, less where households repeat themselves. Intervals
and comparisons read counts times `efficace`; values never do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline import transform
from pipeline.methods import intervalles
from pipeline.model import Grappes, Indicator, Mean, Rate, Total

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Profil

_AXES = ["indicateur", "territoire", "millesime", "groupe"]


Fractions = Mapping[str, pd.Series]


def completer(
    con: duckdb.DuckDBPyConnection,
    fractions: Fractions,
    indicateurs: Sequence[Indicator],
    lignes: pd.DataFrame,
) -> pd.DataFrame:
    """Rows with `efficace` (observations a unit counted), and `erreur_type` and `grappes` for means.

    `fractions`: what `lire_fractions` gives.
    """
    efficace = pd.Series(1.0, index=lignes.index)
    exploitations = lignes["indicateur"].map({i.id: exploitation(i.table) for i in indicateurs})
    for nom, connues in fractions.items():
        siennes = exploitations == nom
        efficace[siennes] = lignes.loc[siennes, "territoire"].map(connues).astype(float)
    return _regrouper(con, [i for i in indicateurs if _grappes(i)], lignes.assign(efficace=efficace))


@cache
def exploitation(table: str) -> str:
    """`principale` or `complementaire` for a table made of a French census, else nothing."""
    from pipeline.sources.registre import SOURCES

    declarees = {source.id: source.exploitation for source in SOURCES}
    return next((e for nom in transform.sources_de(table) if (e := declarees[nom])), "")


# --- Fractions of a rolling census -----------------------------------------------------------------


def lire_fractions(con: duckdb.DuckDBPyConnection, profil: Profil) -> Fractions:
    """Exploitation → the fraction surveyed of each territory, for a rolling census; nothing for another."""
    if profil.recensement.mode != "glissant":
        return {}
    return {
        nom: fractions_enquetees(con, nom).set_index("territoire")["efficace"]
        for nom in ("principale", "complementaire")
    }


def fractions_enquetees(con: duckdb.DuckDBPyConnection, exploitation: str) -> pd.DataFrame:
    """territoire, efficace: the fraction of dwellings behind a weighted count, for every territory.

    A commune's from its size; a territory's is the mean of its communes', weighted by their inhabitants; a
    quartier's or an IRIS's is its commune's. Where no commune is known, the smallest there is: an interval
    then errs by being wide.
    """
    communes = con.execute(
        "select territoire, arg_max(pop, millesime) as pop from socle.population "
        "join socle.territoires using (territoire) where niveau = 'commune' and pop > 0 group by territoire"
    ).df()
    communes["efficace"] = intervalles.fraction_enquetee(communes["pop"], exploitation)
    liens = con.execute("select contenu, contenant, poids from socle.appartenances").df()
    vus = communes.rename(columns={"territoire": "commune"})
    soi = vus.assign(territoire=vus["commune"], poids=1.0)
    haut = vus.merge(liens.rename(columns={"contenu": "commune", "contenant": "territoire"}), on="commune")
    bas = vus.merge(liens.rename(columns={"contenant": "commune", "contenu": "territoire"}), on="commune")
    tous = pd.concat([soi, haut, bas[~bas["territoire"].isin(communes["territoire"])]], ignore_index=True)
    tous["habitants"] = tous["pop"] * tous["poids"]
    tous["enquetes"] = tous["habitants"] * tous["efficace"]
    sommes = tous.groupby("territoire", as_index=False)[["habitants", "enquetes"]].sum()
    connues = sommes.assign(efficace=sommes["enquetes"] / sommes["habitants"])[["territoire", "efficace"]]
    territoires = con.execute("select territoire from socle.territoires").df()
    plancher = float(np.min(intervalles.fraction_enquetee([1, np.inf], exploitation)))
    return territoires.merge(connues, on="territoire", how="left").fillna({"efficace": plancher})


# --- Households that repeat themselves -------------------------------------------------------------


def _grappes(indicateur: Indicator) -> Grappes | None:
    return getattr(indicateur.measure, "grappes", None)


def _regrouper(
    con: duckdb.DuckDBPyConnection, indicateurs: Sequence[Indicator], lignes: pd.DataFrame
) -> pd.DataFrame:
    """Rows with what their households' sums say: less `efficace` for a share or a rate, an error for a mean."""
    vides = lignes.assign(erreur_type=np.nan, grappes=np.nan)
    if not indicateurs:
        return vides
    requetes = "\nunion all\n".join(_requete(indicateur) for indicateur in indicateurs)
    lues = lignes.merge(con.execute(requetes).df(), on=_AXES, how="left")
    moyennes = lues["indicateur"].isin([i.id for i in indicateurs if isinstance(i.measure, Mean)])
    evenements = lues["indicateur"].isin([i.id for i in indicateurs if isinstance(i.measure, Rate | Total)])
    a, b = lues["numerateur"].to_numpy(float), lues["denominateur"].to_numpy(float)
    sommes = [lues[nom].to_numpy(float) for nom in ("aa", "ab", "bb", "grappes")]
    parts = intervalles.inflation_grappes(a, b, *sommes)
    inflation = np.where(evenements, np.maximum(1.0, sommes[0] / np.where(a > 0, a, np.nan)), parts)
    inflation = np.where(np.isfinite(inflation) & ~moyennes, inflation, 1.0)
    erreurs = np.sqrt(intervalles.variance_rapport(a, b, *sommes))
    return lues.assign(
        efficace=lues["efficace"] / inflation, erreur_type=np.where(moyennes, erreurs, np.nan)
    ).drop(columns=["aa", "ab", "bb"])


def _requete(indicateur: Indicator) -> str:
    """The households' sums of an indicator, at every level."""
    mesure, groupe = indicateur.measure, f"{indicateur.by}::varchar" if indicateur.by else "''"
    grappes, de = mesure.grappes, getattr(mesure, "of", "null")
    return (
        f"select '{indicateur.id}' as indicateur, territoire, millesime, {groupe} as groupe, "
        f"({grappes.nombre})::double as grappes, ({grappes.aa})::double as aa, "
        f"({grappes.ab or mesure.a})::double as ab, ({grappes.bb or de})::double as bb "
        f"from niveaux.{indicateur.table}"
    )
