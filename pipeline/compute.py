"""The one engine: declared indicators in, `resultat.indicateurs` out, for every level and vintage.

Counts are brought to every level by sums over complete partitions (never over part of a territory);
ratios are then recomputed from those sums. A figure as published is read where it is published and
nowhere else. What is missing is a row, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import pandas as pd

from pipeline import mesures, precision, transform
from pipeline.millesimes import paires
from pipeline.model import (
    Chapter,
    Growth,
    Indicator,
    Mean,
    Measure,
    Published,
    Rate,
    Ratio,
    Share,
    Total,
)
from pipeline.report.nombres import nombre

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Edition, Profil


def additives(indicateurs: Iterable[Indicator]) -> dict[str, list[str]]:
    """Table → the columns that indicators sum; a column that is only `Published` is not among them."""
    besoins: dict[str, dict[str, None]] = {}
    for indicateur in indicateurs:
        mesure = indicateur.measure
        if isinstance(mesure, Published):
            continue
        grappes = getattr(mesure, "grappes", None)
        noms = mesures.colonnes_de(mesure) + (grappes.colonnes if grappes else ())
        besoins.setdefault(indicateur.table, {}).update(dict.fromkeys(noms))
    return {table: list(noms) for table, noms in besoins.items()}


RIEN = "null::double"

# Counts are written to the sixth decimal. Their sums are exact ones of billionths: those of floats depend on their
# order in the last digits, and their order on the threads.
_MILLIONIEME = "round({} * 1e6) / 1e6"


# One row a territory and one that the edition shows and that it covers with those of its level, so many in all.
PARTS = """select contenu, contenant, poids, rang, count(*) over (partition by contenant, rang) as nombre
from socle.appartenances
join socle.territoires on territoire = contenu
where couvre and contenant in (select territoire from socle.territoires where role <> '')"""


def sql_niveaux(table: str, noms: Sequence[str], parts: str = f"({PARTS})") -> str:
    """The SELECT that brings a table's counts to the territories that the edition shows.

    A territory's own row is kept as it is; else its parts of one level are summed, if all of them are
    there and none is missing; of two complete partitions the coarser is taken. `parts`: `PARTS`, or a table of it.
    """
    cles = [nom for nom in transform.cle(table) if nom != "territoire"]
    liste_cles = ", ".join(cles)
    sommes = ",\n    ".join(
        f"case when count({nom}) = count(*) then "
        f"{_MILLIONIEME.format(f'sum(({nom} * poids * 1e9)::hugeint) / 1e9')} end as {nom}"
        for nom in noms
    )
    lues = ", ".join(f"{_MILLIONIEME.format(f'{nom}::double')} as {nom}" for nom in noms)
    return f"""
with sommes as (
  select contenant as territoire, {liste_cles}, rang,
    {sommes}
  from socle.{table}
  join {parts} on contenu = territoire
  group by contenant, {liste_cles}, rang, nombre
  having count(*) = nombre
)
select territoire, {liste_cles}, {lues}
from socle.{table}
where territoire in (select territoire from socle.territoires where role <> '')
union all
select territoire, {liste_cles}, {", ".join(noms)}
from sommes
anti join socle.{table} using (territoire, {liste_cles})
qualify row_number() over (partition by territoire, {liste_cles} order by rang desc) = 1"""


def requete(indicateur: Indicator, niveaux: str = "") -> str:
    """The SELECT behind one indicator, the one that the dictionary and `explique` print.

    It reads `niveaux.<table>`, or what is given in its place (a subquery, for an indicator being tried).

    Columns: territoire, millesime, depuis, groupe, numerateur, denominateur, valeur; annees for a growth.
    """
    return _requete([indicateur], [("", _termes(indicateur.measure))], niveaux)


def lecture(indicateurs: Sequence[Indicator], niveaux: str = "") -> str:
    """The SELECTs of indicators that are read together, in one: their columns under their ranks (`valeur_0`).

    Of those that go by households, their sums too; of a quantile or a concentration, what it is computed on.
    """
    lus = [
        _termes(i.measure) | precision.sommes(i.measure) | precision.observations(i.measure, i.table)
        for i in indicateurs
    ]
    termes = [
        (f"_{rang}", {nom: sql for nom, sql in noms.items() if sql != RIEN}) for rang, noms in enumerate(lus)
    ]
    return _requete(indicateurs, termes, niveaux)


def _ensemble(indicateur: Indicator) -> tuple[str, str, bool, bool]:
    """What indicators that are read together have in common: the rows of one table."""
    mesure = indicateur.measure
    return indicateur.table, indicateur.by, isinstance(mesure, Growth), isinstance(mesure, Published)


def _termes(mesure: Measure) -> dict[str, str]:
    """Column of the engine → what it is made of, in the table, or in both vintages of a growth."""
    match mesure:
        case Share(a, of) | Rate(a, of) | Ratio(a, of) | Mean(a, of):
            valeur = f"{mesure.per:g} * ({a}) / nullif(({of})::double, 0)"
            return {"numerateur": f"({a})::double", "denominateur": f"({of})::double", "valeur": valeur}
        case Total(a):
            return {"numerateur": f"({a})::double", "denominateur": RIEN, "valeur": f"({a})::double"}
        case Published(a):
            return {"numerateur": RIEN, "denominateur": RIEN, "valeur": f"{a}::double"}
        case Growth(a):
            return {"total": f"({a})::double"}


def _requete(
    indicateurs: Sequence[Indicator], termes: Sequence[tuple[str, dict[str, str]]], niveaux: str
) -> str:
    table, by, evolution, publiee = _ensemble(indicateurs[0])
    source = f"socle.{table}" if publiee else niveaux or f"niveaux.{table}"
    groupe = f"{by}::varchar" if by else "''"
    colonnes = ", ".join(f"{sql} as {nom}{rang}" for rang, noms in termes for nom, sql in noms.items())
    if evolution:
        lignes = f"select territoire, millesime, {groupe} as groupe, {colonnes} from {source}"
        return _requete_evolution(table, lignes, [rang for rang, _ in termes])
    return f"select territoire, millesime, null::integer as depuis, {groupe} as groupe, {colonnes}\nfrom {source}"


def _requete_evolution(table: str, lignes: str, rangs: Sequence[str]) -> str:
    """Growths between the two vintages of each comparable pair, over its real number of years."""
    termes = "".join(
        f"""
  fin.total{rang} as numerateur{rang}, debut.total{rang} as denominateur{rang},
  100 * (pow(fin.total{rang} / nullif(debut.total{rang}, 0), 1 / paires.annees) - 1) as valeur{rang},"""
        for rang in rangs
    )
    return f"""with lignes as ({lignes})
select fin.territoire, fin.millesime, paires.debut as depuis, fin.groupe,{termes}
  paires.annees
from lignes fin
join socle.paires paires on paires.fin = fin.millesime and paires.tableau = '{table}'
join lignes debut on debut.territoire = fin.territoire and debut.groupe = fin.groupe
  and debut.millesime = paires.debut"""


def calculer(
    con: duckdb.DuckDBPyConnection, edition: Edition, chapitres: Sequence[Chapter], series: dict[str, str]
) -> pd.DataFrame:
    """Every indicator × territory of the edition × vintage, into `resultat.indicateurs`, and as a frame."""
    ecrire(con, edition, chapitres, series)
    return con.execute("select * from resultat.indicateurs").df()


def ecrire(
    con: duckdb.DuckDBPyConnection, edition: Edition, chapitres: Sequence[Chapter], series: dict[str, str]
) -> None:
    """Every indicator × territory of the edition × vintage, into `resultat.indicateurs`, in the report's order.

    `series` says, for each table, whether it comes from the census or from the activity.
    """
    indicateurs = [indicateur for chapitre in chapitres for indicateur in chapitre.indicators]
    con.execute("create schema niveaux; create schema resultat")
    vides = _vides(con, indicateurs)
    con.execute(f"create temp table parts as {PARTS}")
    for table, noms in additives(indicateurs).items():
        select = _sql_vide(table, noms) if table in vides else sql_niveaux(table, noms, "parts")
        con.execute(f"create table niveaux.{table} as {select}")
    con.execute("drop table temp.parts")
    _ecrire_paires(con, edition.profil, series)
    remplis = [indicateur for indicateur in indicateurs if indicateur.table not in vides]
    ensembles = [list(ceux) for _, ceux in groupby(remplis, _ensemble)]
    mesures.ecrire(con, [(ceux, lecture(ceux)) for ceux in ensembles], edition.profil, series)


def _vides(con: duckdb.DuckDBPyConnection, indicateurs: Iterable[Indicator]) -> set[str]:
    """The tables of these indicators that hold no row: the edition has none of their files."""
    tables = {indicateur.table for indicateur in indicateurs}
    premieres = [f"(select '{table}' from socle.{table} limit 1)" for table in sorted(tables)]
    lues = con.execute("\nunion all\n".join(["select '' where false", *premieres])).fetchall()
    return tables - {table for (table,) in lues}


def _sql_vide(table: str, noms: Sequence[str]) -> str:
    """What `sql_niveaux` gives of a table without a row: the same columns."""
    colonnes = [*transform.cle(table), *(f"{nom}::double as {nom}" for nom in noms)]
    return f"select {', '.join(colonnes)} from socle.{table}"


def lire(con: duckdb.DuckDBPyConnection, requetes: Mapping[str, str]) -> pd.DataFrame:
    """The rows of several indicators' queries, for the territories of the edition."""
    lues = "\nunion all by name\n".join(
        f"select '{nom}' as indicateur, * from ({requete})" for nom, requete in requetes.items()
    )
    return con.execute(
        f"select * from ({lues}) "
        "semi join (select territoire from socle.territoires where role <> '') using (territoire)"
    ).df()


def _ecrire_paires(con: duckdb.DuckDBPyConnection, profil: Profil, series: dict[str, str]) -> None:
    distincts = [f"select distinct '{table}', millesime from socle.{table}" for table in series]
    lus = con.execute("\nunion all\n".join(["select '', 0 where false", *distincts])).fetchall()
    millesimes: dict[str, list[int]] = {table: [] for table in series}
    for table, millesime in lus:
        millesimes[table].append(millesime)
    lignes = [
        (table, *paire)
        for table, serie in series.items()
        for paire in paires(profil, sorted(millesimes[table]), serie)
    ]
    cadre = pd.DataFrame(lignes, columns=["tableau", "debut", "fin", "annees"])
    con.register("lot", cadre.astype({"debut": "int32", "fin": "int32", "annees": "float64"}))
    con.execute("create table socle.paires as select * from lot")
    con.unregister("lot")


def resume(resultats: pd.DataFrame) -> str:
    """« Indicateurs : 90, 4 210 valeurs, 312 fragiles, 1 020 absentes. »."""
    statuts_ = resultats["statut"].value_counts()
    return (
        f"Indicateurs : {resultats['indicateur'].nunique()}, {nombre(len(resultats))} lignes, dont "
        f"{nombre(statuts_.get('fragile', 0))} fragiles et {nombre(statuts_.get('absent', 0))} absentes."
    )
