"""INSEE's Melodi data sets (one zip, long, SDMX): one row a territory and vintage, whatever the vintages.

In: a zip and, from a source's schema, the combination of dimensions that each variable is. Out: a `Lecture` under
INSEE's stems (`P_POP`), with `CODGEO` (a commune's own code, else `EPCI-…`, `DEP-…`, `REG-…`, `FRANCE-…`) and
`TIME_PERIOD`. The key is (GEO_OBJECT, GEO): region 75 is not département 75. Observations of other levels, of
combinations that nobody declared, or without a value, are counted by reason.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import duckdb
import pandas as pd
import pandera.pandas as pa

from pipeline.model import ErreurUtilisateur, Lecture, Reader
from pipeline.report.nombres import nombre
from pipeline.sources.insee_bases import PERIODE, TERRITOIRE, en_sql, tableau, texte_sql
from pipeline.telechargement import extraire

NIVEAUX = ("COM", "EPCI", "DEP", "REG", "FRANCE")
MEMBRE = "*_data.csv"
FIXES = ("GEO", "GEO_OBJECT", PERIODE, "OBS_VALUE")
TOTAL = "_T"
# Not dimensions: they never tell two observations of one territory and vintage apart.
_ATTRIBUTS = {*FIXES, "OBS_STATUS", "FREQ", "UNIT_MULT", "UNIT_MEASURE", "CONF_STATUS", "DECIMALS"}

Combinaison = Mapping[str, str]


def combinaisons(schema: pa.DataFrameSchema) -> dict[str, Combinaison]:
    """Stem → dimension → value, for the variables of a schema that Melodi holds.

    In a value, `{achevement}` is the vintage less two: dwellings are told by the year they were finished before.
    """
    return {
        colonne.metadata["brut"].replace("{yy}", ""): colonne.metadata["melodi"]
        for colonne in schema.columns.values()
        if colonne.metadata.get("melodi")
    }


def lecteur(schema: pa.DataFrameSchema) -> Reader:
    """The reader of a source's Melodi zip."""
    return partial(_lire, combinaisons(schema))


def _lire(tiges: Mapping[str, Combinaison], path: Path, attendues: tuple[str, ...]) -> Lecture:
    if PERIODE not in attendues:
        raise ErreurUtilisateur(
            f"{path.name} contient plusieurs millésimes : retirer « millesime » de sa déclaration dans edition.toml."
        )
    with tempfile.TemporaryDirectory() as dossier, duckdb.connect() as con:
        donnees = extraire(path, MEMBRE, Path(dossier) / "data.csv")
        noms = _entete(path.name, donnees, tiges)
        try:
            _rapprocher(con, donnees, noms, tiges)
        except duckdb.InvalidInputException as erreur:
            raise _coupe(path.name) from erreur
        _verifier(con, path.name)
        return _lecture(con, tiges, attendues)


# --- The file --------------------------------------------------------------------------------------


def _coupe(fichier: str) -> ErreurUtilisateur:
    return ErreurUtilisateur(
        f"Le fichier de données de {fichier} est coupé, ou l'une de ses lignes n'a pas autant de champs que "
        "l'en-tête : le télécharger de nouveau."
    )


def _entete(fichier: str, donnees: Path, tiges: Mapping[str, Combinaison]) -> list[str]:
    """The file's columns; refuse one whose last line is cut, or that lacks a declared dimension."""
    with donnees.open("rb") as flux:
        entete = flux.readline()
        flux.seek(-1, 2)
        if flux.read(1) != b"\n":
            raise _coupe(fichier)
    noms = next(csv.reader([entete.decode("utf-8-sig").strip()], delimiter=";"))
    attendus = dict.fromkeys([*FIXES, *(nom for combinaison in tiges.values() for nom in combinaison)])
    if absents := [nom for nom in attendus if nom not in noms]:
        raise ErreurUtilisateur(
            f"{fichier} n'est pas le jeu Melodi attendu : la colonne « {absents[0]} » manque (trouvées : "
            f"{', '.join(noms[:6])}…) ; vérifier « source » et « chemin » dans edition.toml."
        )
    return noms


def _rapprocher(
    con: duckdb.DuckDBPyConnection, donnees: Path, noms: Sequence[str], tiges: Mapping[str, Combinaison]
) -> None:
    """Table `observations`: every line of the file with its variable, or why it is set aside."""
    con.execute(f"create view fichier as from {en_sql(donnees, ';', noms)}")
    dimensions = list(dict.fromkeys(nom for combinaison in tiges.values() for nom in combinaison))
    annees, autres = _variations(con, [nom for nom in noms if nom not in {*dimensions, *_ATTRIBUTS}])
    lignes = [
        (
            annee,
            tige,
            *(combinaison.get(nom, TOTAL).format(achevement=_achevement(annee)) for nom in dimensions),
        )
        for annee in annees
        for tige, combinaison in tiges.items()
    ]
    con.register("lot", pd.DataFrame(lignes, columns=[PERIODE, "tige", *dimensions], dtype="string"))
    con.execute(f"""
create table observations as
with numerotees as (select *, row_number() over () + 1 as ligne from fichier)
select ligne, GEO_OBJECT, GEO, {PERIODE},
  -- « 12.345 » would read as thousands: one more zero keeps it a decimal
  case
    when regexp_full_match(OBS_VALUE, '-?\\d{{1,3}}\\.\\d{{3}}') then OBS_VALUE || '0'
    else nullif(OBS_VALUE, '')
  end as valeur,
  case when {autres} then tige end as tige,
  case
    when GEO_OBJECT not in ({", ".join(map(texte_sql, NIVEAUX))}) then 'niveau ' || GEO_OBJECT
    when tige is null or not ({autres}) then 'variable non déclarée'
    when nullif(OBS_VALUE, '') is null then 'sans valeur'
  end as motif
from numerotees left join lot using ({", ".join([PERIODE, *dimensions])})""")


def _achevement(annee: str) -> str:
    return str(int(annee) - 2) if annee.isdecimal() else ""


def _variations(con: duckdb.DuckDBPyConnection, autres: Sequence[str]) -> tuple[list[str], str]:
    """The vintages, and the condition that the other dimensions are at their total.

    A dimension that never varies says nothing.
    """
    distinctes = ", ".join([f"list(distinct {PERIODE})", *(f'count(distinct "{nom}")' for nom in autres)])
    [(annees, *comptes)] = con.execute(f"select {distinctes} from fichier").fetchall()
    varient = [nom for nom, compte in zip(autres, comptes, strict=True) if compte > 1]
    return sorted(annees or []), " and ".join(f"\"{nom}\" = '{TOTAL}'" for nom in varient) or "true"


def _verifier(con: duckdb.DuckDBPyConnection, fichier: str) -> None:
    """Refuse a file that gives twice the same figure, or none of the declared ones."""
    lues, distinctes = con.execute(
        f"select count(*), count(distinct hash(GEO_OBJECT, GEO, {PERIODE}, tige)) from observations "
        "where motif is null"
    ).fetchall()[0]
    double = (
        lues > distinctes
        and con.execute(
            f"select min(ligne), max(ligne), GEO_OBJECT, GEO, tige from observations where motif is null "
            f"group by GEO_OBJECT, GEO, {PERIODE}, tige having count(*) > 1 order by all limit 1"
        ).fetchone()
    )
    if double:
        premiere, derniere, niveau, code, tige = double
        raise ErreurUtilisateur(
            f"{fichier} donne deux fois la variable {tige} pour {niveau} {code} (lignes {premiere} et {derniere}) : "
            "le télécharger de nouveau."
        )
    if not lues:
        raise ErreurUtilisateur(
            f"{fichier} ne contient aucune des variables attendues : vérifier « source » et « chemin » dans "
            "edition.toml."
        )


# --- The rows --------------------------------------------------------------------------------------


def _lecture(
    con: duckdb.DuckDBPyConnection, tiges: Mapping[str, Combinaison], attendues: tuple[str, ...]
) -> Lecture:
    variables = ", ".join(
        f'max(valeur) filter (tige = {texte_sql(tige)}) as "{tige}"' for tige in tiges if tige in attendues
    )
    lue = con.sql(f"""
select
  min(ligne) as ligne,
  case when GEO_OBJECT = 'COM' then GEO else GEO_OBJECT || '-' || GEO end as {TERRITOIRE},
  {PERIODE},
  {variables}
from observations
where motif is null
group by GEO_OBJECT, GEO, {PERIODE}
order by ligne""").to_arrow_table()
    table = tableau(lue.drop_columns("ligne"), pd.Index(lue.column("ligne").to_numpy()))
    table = table.reindex(columns=list(attendues)).astype("string")
    ecartees = con.execute(
        "select min(ligne) as ligne, motif, count(*)::varchar as contenu, count(*) as lignes from observations "
        "where motif is not null group by motif order by motif"
    ).df()
    ecartees = ecartees.astype({"motif": "string", "contenu": "string"})
    return Lecture(table, ecartees, _resume(con, table, ecartees, len(tiges)))


def _resume(
    con: duckdb.DuckDBPyConnection, table: pd.DataFrame, ecartees: pd.DataFrame, variables: int
) -> str:
    """« Melodi, 387 observations : 258 lues (18 territoires et millésimes), mises de côté : niveau ARM 43… »."""
    lues, presentes = con.execute(
        "select count(*), count(distinct tige) from observations where motif is null"
    ).fetchone()
    total = nombre(lues + int(ecartees["lignes"].sum()))
    cotes = ", ".join(
        f"{motif} : {nombre(n)}" for motif, n in zip(ecartees["motif"], ecartees["lignes"], strict=True)
    )
    return (
        f"Melodi, {total} observations : {nombre(lues)} lues ({nombre(len(table))} territoires et millésimes, "
        f"{presentes} variables sur {variables})" + (f", mises de côté ({cotes})" if cotes else "")
    )
