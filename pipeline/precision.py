"""How many independent observations stand behind a figure: fractions surveyed, and households' sums.

A count of a rolling census rests on a fraction of the dwellings; the requests of one household go together.
`efficace` says how many independent observations each unit counted is worth: 1 for an exhaustive count of
distinct persons, the sampling fraction for a weighted one, less where households repeat themselves. Intervals
and comparisons read counts times `efficace`; values never do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline import transform
from pipeline.methods import intervalles
from pipeline.model import Indicator, Mean, Measure, Rate, Total

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Profil
EXPLOITATIONS = ("principale", "complementaire")
# Over the households of a figure: Σa², Σab, Σb², and how many households.
SOMMES = ("aa", "ab", "bb", "grappes")


@cache
def exploitation(table: str) -> str:
    """`principale` or `complementaire` for a table made of a French census, else nothing."""
    from pipeline.sources.registre import SOURCES

    declarees = {source.id: source.exploitation for source in SOURCES}
    return next((e for nom in transform.sources_de(table) if (e := declarees[nom])), "")


# --- Fractions of a rolling census -----------------------------------------------------------------


def lire_fractions(
    con: duckdb.DuckDBPyConnection, profil: Profil, territoires: pd.Series
) -> dict[str, pd.Series | float]:
    """Exploitation → the fraction surveyed of each of `territoires`: all of it, but for a rolling census."""
    if profil.recensement.mode != "glissant":
        return dict.fromkeys(EXPLOITATIONS, 1.0)
    return {
        nom: territoires.map(fractions_enquetees(con, nom).set_index("territoire")["efficace"]).astype(float)
        for nom in EXPLOITATIONS
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
    connues = set(communes["territoire"].to_numpy(object))
    bas = bas[[territoire not in connues for territoire in bas["territoire"]]]
    tous = pd.concat([soi, haut, bas], ignore_index=True)
    tous["habitants"] = tous["pop"] * tous["poids"]
    tous["enquetes"] = tous["habitants"] * tous["efficace"]
    sommes = tous.groupby("territoire", as_index=False)[["habitants", "enquetes"]].sum()
    fractions = sommes.assign(efficace=sommes["enquetes"] / sommes["habitants"])[["territoire", "efficace"]]
    territoires = con.execute("select territoire from socle.territoires").df()
    plancher = float(np.min(intervalles.fraction_enquetee([1, np.inf], exploitation)))
    return territoires.merge(fractions, on="territoire", how="left").fillna({"efficace": plancher})


# --- Households that repeat themselves -------------------------------------------------------------


def requete(indicateurs: Iterable[Indicator]) -> str:
    """The households' sums of the indicators that have some, at every level: none where none has."""
    vide = (
        "select '' as indicateur, '' as territoire, 0 as millesime, '' as groupe, "
        + ", ".join(f"null::double as {nom}" for nom in SOMMES)
        + " where false"
    )
    siennes = (_requete(i) for i in indicateurs if getattr(i.measure, "grappes", None))
    return "\nunion all by name\n".join([vide, *siennes])


def _requete(indicateur: Indicator) -> str:
    mesure, groupe = indicateur.measure, f"{indicateur.by}::varchar" if indicateur.by else "''"
    grappes, de = mesure.grappes, getattr(mesure, "of", "null")
    return (
        f"select '{indicateur.id}' as indicateur, territoire, millesime, {groupe} as groupe, "
        f"({grappes.nombre})::double as grappes, ({grappes.aa})::double as aa, "
        f"({grappes.ab or mesure.a})::double as ab, ({grappes.bb or de})::double as bb "
        f"from niveaux.{indicateur.table}"
    )


def regrouper(mesure: Measure, lignes: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """`efficace`, and the standard error of a mean, of the rows of an indicator, from its households' sums.

    `lignes`: numerateur, denominateur, efficace and `SOMMES`. NaN where there is no error.
    """
    efficace, vide = lignes["efficace"], np.full(len(lignes["efficace"]), np.nan)
    if getattr(mesure, "grappes", None) is None:
        return efficace, vide
    a, b, *sommes = (lignes[nom] for nom in ("numerateur", "denominateur", *SOMMES))
    if isinstance(mesure, Mean):
        return efficace, np.sqrt(intervalles.variance_rapport(a, b, *sommes))
    if isinstance(mesure, Rate | Total):
        inflation = np.maximum(1.0, sommes[0] / np.where(a > 0, a, np.nan))
    else:
        inflation = intervalles.inflation_grappes(a, b, *sommes)
    return efficace / np.where(np.isfinite(inflation), inflation, 1.0), vide
