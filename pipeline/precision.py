"""How many independent observations stand behind a figure: fractions surveyed, households' sums, values in order.

A count of a rolling census rests on a fraction of the dwellings; the requests of one household go together.
`efficace` says how many independent observations each unit counted is worth: 1 for an exhaustive count of
distinct persons, the sampling fraction for a weighted one, less where households repeat themselves. Intervals
and comparisons read counts times `efficace`; values never do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from pipeline import transform
from pipeline.methods import concentration, intervalles
from pipeline.model import Mean, Measure, Published, Quantile, Rate, Total

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Profil
EXPLOITATIONS = ("principale", "complementaire")
# Over the households of a figure: Σa², Σab, Σb², and how many households.
SOMMES = ("aa", "ab", "bb", "grappes")
# A bound of a quantile is one household's amount or delay: so many others at least are there, or beyond.
AU_DELA = 5


@cache
def exploitation(table: str) -> str:
    """`principale` or `complementaire` for a table made of a French census, else nothing.

    Nothing for the activity, all of which is counted: who is surveyed is who it is divided by.
    """
    if transform.est_activite(table):
        return ""
    from pipeline.sources.registre import SOURCES

    declarees = {source.id: source.exploitation for source in SOURCES}
    return next((e for nom in transform.sources_de(table) if (e := declarees[nom])), "")


# --- Fractions of a rolling census -----------------------------------------------------------------


_EXACT = "decimal(38, 12)"

# Each commune stands for itself, for what holds it and, where no commune does, for what it holds.
_FRACTIONS = """
with liens as (
  select commune as territoire, commune, 1 as poids
  from enquetees
  union all
  select contenant, contenu, poids
  from socle.appartenances
  where contenu in (select commune from enquetees)
  union all
  select contenu, contenant, poids
  from socle.appartenances
  where contenant in (select commune from enquetees) and contenu not in (select commune from enquetees)
)
select territoire, {fractions}
from socle.territoires
left join liens using (territoire)
left join enquetees using (commune)
where role <> ''
group by territoire"""


def lire_fractions(con: duckdb.DuckDBPyConnection, profil: Profil, territoires: pd.Series) -> pd.DataFrame:
    """Exploitation → the fraction surveyed of each of `territoires`: all of it, but for a rolling census."""
    if profil.recensement.mode != "glissant":
        return pd.DataFrame(1.0, index=territoires.index, columns=list(EXPLOITATIONS))
    return fractions_enquetees(con).loc[territoires].set_index(territoires.index)


def fractions_enquetees(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Territory of the edition → the fraction of dwellings behind a weighted count, a column an exploitation.

    A commune's from its size; a territory's is the mean of its communes', weighted by their inhabitants; a
    quartier's or an IRIS's is its commune's. Where no commune is known, the smallest there is: an interval
    then errs by being wide.
    """
    enquetees = con.sql(
        "select territoire as commune, arg_max(pop, millesime)::double as pop from socle.population "
        "join socle.territoires using (territoire) where niveau = 'commune' and pop > 0 group by territoire"
    ).to_arrow_table()
    for nom in EXPLOITATIONS:
        tailles = intervalles.fraction_enquetee(enquetees["pop"].to_numpy(), nom)
        enquetees = enquetees.append_column(nom, pa.array(tailles))
    planchers = {nom: np.min(intervalles.fraction_enquetee([1, np.inf], nom)) for nom in EXPLOITATIONS}
    # sums of decimals, exact: those of floats depend on their order, and their order on the threads
    fractions = ", ".join(
        f"coalesce(sum((pop * poids * {nom})::{_EXACT})::double / sum((pop * poids)::{_EXACT})::double, {plancher}) "
        f"as {nom}"
        for nom, plancher in planchers.items()
    )
    con.register("enquetees", enquetees)
    lues = con.execute(_FRACTIONS.format(fractions=fractions)).df()
    con.unregister("enquetees")
    return lues.set_index("territoire")


# --- Households that repeat themselves -------------------------------------------------------------


def sommes(mesure: Measure) -> dict[str, str]:
    """The households' sums behind a measure, each by its name: none where it has none."""
    grappes = getattr(mesure, "grappes", None)
    if grappes is None:
        return {}
    lues = {
        "aa": grappes.aa,
        "ab": grappes.ab or mesure.a,
        "bb": grappes.bb or getattr(mesure, "of", "null"),
        "grappes": grappes.nombre,
    }
    return {nom: f"({somme})::double" for nom, somme in lues.items()}


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


# --- Medians, concentration, and what they are computed on ------------------------------------------


def observations(mesure: Measure, table: str) -> dict[str, str]:
    """The observations behind a figure read in `socle.<table>`, a list a row: none behind one that is read whole."""
    sur = getattr(mesure, "sur", None)
    if sur is None:
        return {}
    valeur, par = f"o.{sur.valeur}", f"o.{sur.par}"
    une = f"{{'valeur': {valeur}::double, 'par': {par}}}"
    return {
        "observations": f"(select list({une}) from socle.{sur.table} o "
        f"where o.territoire = {table}.territoire and o.millesime = {table}.millesime and {valeur} is not null)"
    }


def encadrer(mesure: Published, observees: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of the figure made from each list of `observations`; NaN where it has none."""
    bornes = np.full((2, len(observees)), np.nan)
    for rang, liste in enumerate(observees):
        if liste.is_valid:
            valeurs, a_qui = liste.values.flatten()
            foyers = a_qui.dictionary_encode().indices.to_numpy()
            bornes[:, rang] = _encadrer(mesure, valeurs.to_numpy(zero_copy_only=False), foyers)
    return bornes[0], bornes[1]


def _encadrer(mesure: Published, valeurs: np.ndarray, foyers: np.ndarray) -> tuple[float, float]:
    """Interval of a quantile, NaN under `AU_DELA` others at a bound; or of a concentration, as it is written."""
    if isinstance(mesure.sur, Quantile):
        return intervalles.quantile(valeurs, mesure.sur.part, foyers, au_dela=AU_DELA)
    if len(valeurs) < concentration.BENEFICIAIRES_MINIMUM:
        return math.nan, math.nan
    part = mesure.sur.part
    basse, haute = (
        concentration.bornes_gini(valeurs) if part is None else concentration.bornes_premiers(valeurs, part)
    )
    # as many digits as the figure, outwards: exact bounds would give back the exact spread of the amounts
    echelle, pas = 100 if mesure.unit == "%" else 1, 10.0**mesure.decimals
    return np.floor(basse * echelle * pas) / pas, np.ceil(haute * echelle * pas) / pas
