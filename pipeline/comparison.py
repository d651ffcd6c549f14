"""Who stands above whom, and what has changed: computed values in, `resultat.comparaisons` out.

One row a comparison of an indicator's value with the comparators' (same vintage), with the commune's (for
a quartier) and with the previous vintage's. Its state comes from the interval of the difference, corrected
for the number of comparisons of the report; sentences are made from these states and from nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from pipeline.methods import comparaisons
from pipeline.methods.comparaisons import Position
from pipeline.model import Chapter, Rate, Ratio, Share, Statut

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Edition, Rupture

Colonnes = dict[str, np.ndarray]

_TESTS = {
    Share: comparaisons.comparer_proportions,
    # a for 100 b is above another exactly when a's share of a + b is: a test of proportions
    Ratio: comparaisons.comparer_proportions,
    Rate: comparaisons.comparer_taux,
}
_TEXTES = ("indicateur", "groupe", "territoire", "contre")  # written as they were read
_COUPLE = ("indicateur", "groupe", "territoire", "millesime", "contre", "contre_millesime", "nature")

# Every pair of figures to be compared. The commune is set against every comparator, each comparator against those
# that come after it, a commune shown in detail against the comparators that hold it, a quartier against the commune;
# each figure against that of the vintage before that compares with it.
_COUPLES = f"""
with lignes as (
  select chiffres.rowid as ligne, cas, indicateur, groupe, millesime, lieu, territoire, role, ordre,
    numerateur, denominateur, efficace, statut = '{Statut.VALIDE}' as solide
  from resultat.chiffres
  join resultat.cas using (cas)
  join resultat.lieux using (lieu)
  join resultat.dits using (dit)
  join socle.territoires using (territoire)
  where valeur is not null
),
suites as (
  select ici.cas, avant.cas as avant
  from resultat.cas ici
  join declares using (indicateur)
  join socle.paires on paires.tableau = declares.tableau and fin = ici.millesime
  join resultat.cas avant
    on avant.indicateur = ici.indicateur and avant.groupe = ici.groupe and avant.millesime = debut
),
couples as (
  select ici.ligne, contre.ligne as contre_ligne, 'comparateur' as nature, 0 as tour
  from lignes ici
  join lignes contre using (cas)
  where ici.role in ('etude', 'comparateur') and contre.role = 'comparateur' and ici.ordre < contre.ordre
  union all
  select ici.ligne, contre.ligne, 'comparateur', 1
  from lignes ici
  join lignes contre using (cas)
  semi join socle.appartenances on contenu = ici.territoire and contenant = contre.territoire
  where ici.role = 'membre' and contre.role = 'comparateur'
  union all
  select ici.ligne, contre.ligne, 'commune', 2
  from lignes ici
  join lignes contre using (cas)
  where ici.role = 'quartier' and contre.role = 'etude'
  union all
  select ici.ligne, contre.ligne, 'precedent', 3
  from lignes ici
  join suites using (cas)
  join lignes contre on contre.cas = suites.avant and contre.lieu = ici.lieu
)
select ici.indicateur, ici.groupe, ici.territoire, ici.millesime::bigint as millesime, contre.territoire as contre,
  contre.millesime::bigint as contre_millesime, nature, mesure, serie, ici.role = 'membre' as membre,
  contenu is not null as inclus, ici.solide and contre.solide as solides,
  ici.numerateur as a, ici.denominateur as b, ici.efficace as e,
  contre.numerateur as c, contre.denominateur as d, contre.efficace as f
from couples
join lignes ici using (ligne)
join lignes contre on contre.ligne = contre_ligne
join declares on declares.indicateur = ici.indicateur
left join socle.appartenances on contenu = ici.territoire and contenant = contre.territoire
order by rang, tour, ligne, contre_ligne"""


def comparer(
    con: duckdb.DuckDBPyConnection, edition: Edition, chapitres: Sequence[Chapter], series: dict[str, str]
) -> None:
    """Write `resultat.comparaisons`, in the report's order.

    Columns: indicateur, groupe, territoire, millesime, contre (a territory), contre_millesime, nature
    (`comparateur`, `commune` or `precedent`), effet, borne_basse, borne_haute, p, position, motif, q.
    """
    con.register("declares", _declares(chapitres, series))
    couples = con.sql(_COUPLES).to_arrow_table()
    con.unregister("declares")
    lus = {nom: couples[nom].to_numpy() for nom in couples.column_names if nom not in _TEXTES}
    resultat = _confronter(lus)
    _respecter_ruptures(resultat, lus, edition.ruptures_declarees)
    q = np.empty(len(couples))
    for ensemble in (lus["membre"], ~lus["membre"]):
        q[ensemble] = comparaisons.benjamini_hochberg(resultat["p"][ensemble])
    resultat |= {"position": comparaisons.apres_correction(resultat["position"], q), "q": q}
    ecrites = {nom: pa.array(valeurs, from_pandas=True) for nom, valeurs in resultat.items()}
    con.register("lot", pa.table({nom: couples[nom] for nom in _COUPLE} | ecrites))
    con.execute("create table resultat.comparaisons as from lot")
    con.unregister("lot")


def _declares(chapitres: Sequence[Chapter], series: dict[str, str]) -> pa.Table:
    """What is declared of each indicator, in the report's order: rang, indicateur, tableau, mesure, serie."""
    indicateurs = [indicateur for chapitre in chapitres for indicateur in chapitre.indicators]
    return pa.table(
        {
            "rang": pa.array(range(len(indicateurs)), pa.int32()),
            "indicateur": pa.array([i.id for i in indicateurs], pa.string()),
            "tableau": pa.array([i.table for i in indicateurs], pa.string()),
            "mesure": pa.array([type(i.measure).__name__ for i in indicateurs], pa.string()),
            "serie": pa.array([series[i.table] for i in indicateurs], pa.string()),
        }
    )


def _confronter(couples: Colonnes) -> Colonnes:
    """Test every pair by its measure's own test: effect, its interval, p, state and reason of each."""
    taille = len(couples["mesure"])
    resultat = {nom: np.full(taille, np.nan) for nom in ("effet", "borne_basse", "borne_haute", "p")}
    resultat["position"] = np.full(taille, Position.NE_SE_COMPARE_PAS.value, dtype=object)
    resultat["motif"] = np.full(taille, "cette mesure ne se teste pas", dtype=object)
    for mesure in _TESTS:
        siens = couples["mesure"] == mesure.__name__
        teste = _tester({nom: couples[nom][siens] for nom in (*"abecdf", "inclus", "solides")}, mesure)
        for nom, valeurs in teste.items():
            resultat[nom][siens] = valeurs
    return resultat


def _respecter_ruptures(resultat: Colonnes, couples: Colonnes, ruptures: Sequence[Rupture]) -> None:
    """No change is read through a declared break: both years, whole, must lie on one side of it."""
    for rupture in ruptures:
        traverse = (
            np.isin(couples["serie"], rupture.series)
            & (couples["nature"] == "precedent")
            & (couples["contre_millesime"] < rupture.annee)
            & (rupture.annee < couples["millesime"] + 1)
        )
        resultat["position"][traverse] = Position.NE_SE_COMPARE_PAS.value
        resultat["p"][traverse] = np.nan
        resultat["motif"][traverse] = f"rupture déclarée : {rupture.libelle}"


def _tester(couples: Colonnes, mesure: type[Share | Ratio | Rate]) -> Colonnes:
    """The test of pairs of one kind of measure, on effective counts; a part is set against the rest of its whole."""
    a, b, e, c, d, f, inclus, solides = couples.values()
    if mesure is Ratio:
        b, d = a + b, c + d
    c, d, f = _autres(a, b, e, c, d, f, inclus)
    teste = _TESTS[mesure](a * e, b * e, c * f, d * f)
    return {
        "effet": teste.effet,
        "borne_basse": teste.borne_basse,
        "borne_haute": teste.borne_haute,
        "p": np.where(solides, teste.p, np.nan),
        "position": np.where(solides, teste.position, Position.NE_SE_COMPARE_PAS.value),
        "motif": np.where(solides, teste.motif, "effectifs trop petits"),
    }


def _autres(
    a: np.ndarray,
    b: np.ndarray,
    e: np.ndarray,
    c: np.ndarray,
    d: np.ndarray,
    f: np.ndarray,
    inclus: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Counts a part is set against and their `efficace`: the whole's, or its rest's where it holds the part.

    The observations of the whole are those of the part and of the rest: e·b + g·(d − b) = f·d.
    """
    c_reste, d_reste = comparaisons.reste(a, b, c, d)
    with np.errstate(invalid="ignore", divide="ignore"):
        g = (f * d - e * b) / d_reste
    g = np.where(g > 0, np.minimum(1.0, g), np.minimum(e, f))
    return np.where(inclus, c_reste, c), np.where(inclus, d_reste, d), np.where(inclus, g, f)
