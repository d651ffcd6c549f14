"""The one engine: declared indicators in, `resultat.indicateurs` out, for every level and vintage.

Counts are brought to every level by sums over complete partitions (never over part of a territory);
ratios are then recomputed from those sums. A figure as published is read where it is published and
nowhere else. What is missing is a row, with its reason.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline import precision, transform
from pipeline.methods import intervalles, tendances
from pipeline.methods.refus import Refus
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
    Statut,
    Total,
    colonnes,
)
from pipeline.report.nombres import nombre

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Edition, Profil

RESULTAT = [
    "indicateur",
    "niveau",
    "territoire",
    "millesime",
    "depuis",
    "groupe",
    "numerateur",
    "denominateur",
    "efficace",
    "valeur",
    "borne_basse",
    "borne_haute",
    "statut",
    "motif",
]


def _colonnes_de(mesure: Measure) -> tuple[str, ...]:
    """The columns of its table that a measure is made of."""
    return colonnes(mesure.a) + (colonnes(mesure.of) if hasattr(mesure, "of") else ())


def additives(indicateurs: Iterable[Indicator]) -> dict[str, list[str]]:
    """Table → the columns that indicators sum; a column that is only `Published` is not among them."""
    besoins: dict[str, dict[str, None]] = {}
    for indicateur in indicateurs:
        mesure = indicateur.measure
        if isinstance(mesure, Published):
            continue
        grappes = getattr(mesure, "grappes", None)
        noms = _colonnes_de(mesure) + (grappes.colonnes if grappes else ())
        besoins.setdefault(indicateur.table, {}).update(dict.fromkeys(noms))
    return {table: list(noms) for table, noms in besoins.items()}


# A sum of decimals depends on its order in the last digits, and its order on the threads: these are written off.
DECIMALES = 6


def sql_niveaux(table: str, noms: Sequence[str]) -> str:
    """The SELECT that brings a table's counts to the territories that the edition shows.

    A territory's own row is kept as it is; else its parts of one level are summed, if all of them are
    there and none is missing; of two complete partitions the coarser is taken.
    """
    cles = [nom for nom in transform.cle(table) if nom != "territoire"]
    liste_cles = ", ".join(cles)
    sommes = ",\n    ".join(
        f"case when count({nom}) = count(*) then round(sum({nom} * a.poids), {DECIMALES}) end as {nom}"
        for nom in noms
    )
    return f"""
with montres as (
  select territoire
  from socle.territoires
  where role <> ''
),
liens as (
  select a.contenu, a.contenant, a.poids, t.rang
  from socle.appartenances a
  join socle.territoires t on t.territoire = a.contenu
  semi join montres on montres.territoire = a.contenant
  where a.couvre
),
parts as (
  select contenant, rang, count(*) as nombre
  from liens
  group by contenant, rang
),
sommes as (
  select a.contenant as territoire, {liste_cles}, p.rang,
    {sommes}
  from socle.{table} s
  join liens a on a.contenu = s.territoire
  join parts p on p.contenant = a.contenant and p.rang = a.rang
  group by a.contenant, {liste_cles}, p.rang, p.nombre
  having count(*) = p.nombre
),
retenues as (
  select territoire, {liste_cles}, {", ".join(noms)}
  from sommes anti join socle.{table} using (territoire, {liste_cles})
  qualify row_number() over (partition by territoire, {liste_cles} order by rang desc) = 1
)
select territoire, {liste_cles}, {", ".join(f"round({nom}::double, {DECIMALES}) as {nom}" for nom in noms)}
from socle.{table} semi join montres using (territoire)
union all
select * from retenues"""


def requete(indicateur: Indicator, niveaux: str = "") -> str:
    """The SELECT behind one indicator, the one that the dictionary and `explique` print.

    It reads `niveaux.<table>`, or what is given in its place (a subquery, for an indicator being tried).

    Columns: territoire, millesime, depuis, groupe, numerateur, denominateur, valeur; annees for a growth.
    """
    mesure = indicateur.measure
    groupe = f"{indicateur.by}::varchar" if indicateur.by else "''"
    source = niveaux or f"niveaux.{indicateur.table}"
    if isinstance(mesure, Published):
        source = f"socle.{indicateur.table}"
    match mesure:
        case Share(a, of) | Rate(a, of) | Ratio(a, of) | Mean(a, of):
            termes = f"({a})::double as numerateur, ({of})::double as denominateur"
            valeur = f"{mesure.per:g} * ({a}) / nullif(({of})::double, 0)"
        case Total(a):
            termes = f"({a})::double as numerateur, null::double as denominateur"
            valeur = f"({a})::double"
        case Published(a):
            termes = "null::double as numerateur, null::double as denominateur"
            valeur = f"{a}::double"
        case Growth(a):
            return _requete_evolution(indicateur, a, groupe, source)
    return (
        f"select territoire, millesime, null::integer as depuis, {groupe} as groupe, {termes}, "
        f"{valeur} as valeur\nfrom {source}"
    )


def _requete_evolution(indicateur: Indicator, a: str, groupe: str, source: str) -> str:
    """Growth between the two vintages of each comparable pair, over its real number of years."""
    lignes = f"select territoire, millesime, {groupe} as groupe, ({a})::double as total " + (f"from {source}")
    return f"""with lignes as ({lignes})
select fin.territoire, fin.millesime, paires.debut as depuis, fin.groupe,
  fin.total as numerateur, debut.total as denominateur,
  100 * (pow(fin.total / nullif(debut.total, 0), 1 / paires.annees) - 1) as valeur,
  paires.annees
from lignes fin
join socle.paires paires on paires.fin = fin.millesime and paires.tableau = '{indicateur.table}'
join lignes debut on debut.territoire = fin.territoire and debut.groupe = fin.groupe
  and debut.millesime = paires.debut"""


def paires(profil: Profil, millesimes: Sequence[int], serie: str) -> list[tuple[int, int, float]]:
    """(debut, fin, years) for each vintage and the nearest earlier one it may be compared with.

    `millesimes` in ascending order. An exhaustive census whose date the profile does not know has no
    pair. A rolling census needs the profile's `ecart_minimal` between two vintages (INSEE: five years, no
    shared collection wave); an exhaustive one, or a yearly activity, none.
    """
    ecart = profil.recensement.ecart_minimal if serie == "recensement" else 0
    suites = []
    for fin in sorted(millesimes):
        debuts = [debut for debut in millesimes if debut < fin and fin - debut >= ecart]
        dates = [_date(profil, annee, serie) for annee in (*debuts[-1:], fin)]
        if len(dates) == 2 and all(dates):
            suites.append((debuts[-1], fin, tendances.annees_ecoulees(*dates)))
    return suites


def _date(profil: Profil, millesime: int, serie: str) -> datetime.date | None:
    """Reference date of a vintage: 1 January of a rolling census or of a year of activity."""
    if serie == "recensement" and profil.recensement.mode == "exhaustif":
        connues = {date.millesime: date.date for date in profil.recensement.dates}
        return connues.get(millesime)
    return datetime.date(millesime, 1, 1)


# Territories × indicators measured at once: what bounds the memory that a whole country takes.
_ENSEMBLE = 300_000


def calculer(
    con: duckdb.DuckDBPyConnection, edition: Edition, chapitres: Sequence[Chapter], series: dict[str, str]
) -> pd.DataFrame:
    """Every indicator × territory of the edition × vintage, into `resultat.indicateurs`, and as a frame."""
    ecrire(con, edition, chapitres, series)
    return con.execute("select * from resultat.indicateurs").df()


def ecrire(
    con: duckdb.DuckDBPyConnection, edition: Edition, chapitres: Sequence[Chapter], series: dict[str, str]
) -> None:
    """Every indicator × territory of the edition × vintage, into `resultat.indicateurs`.

    `series` says, for each table, whether it comes from the census or from the activity.
    """
    indicateurs = [indicateur for chapitre in chapitres for indicateur in chapitre.indicators]
    con.execute("create schema niveaux; create schema resultat")
    for table, noms in additives(indicateurs).items():
        con.execute(f"create table niveaux.{table} as {sql_niveaux(table, noms)}")
    _ecrire_paires(con, edition.profil, series)
    lieux, fractions = territoires(con), precision.lire_fractions(con, edition.profil)
    pas = max(1, _ENSEMBLE // max(1, len(lieux)))
    for debut in range(0, len(indicateurs), pas):
        lot = indicateurs[debut : debut + pas]
        lignes = precision.completer(con, fractions, lot, _lignes(con, lot))
        lignes = annoter(lignes, marques(con, lot))
        if edition.profil.recensement.mode == "glissant":
            lignes = pd.concat([lignes, incomparables(con, lot, series)], ignore_index=True)
        resultats = mesurer(lignes, lot, lieux, edition.profil, series)
        _verifier(resultats, lot)
        _ajouter(con, resultats)


def _ajouter(con: duckdb.DuckDBPyConnection, resultats: pd.DataFrame) -> None:
    """The rows of some indicators after those of the ones before, in the report's order."""
    con.register("lot", resultats)
    con.execute("create table if not exists resultat.indicateurs as select * from lot limit 0")
    con.execute("insert into resultat.indicateurs select * from lot")
    con.unregister("lot")


def territoires(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The territories of the edition: territoire, niveau, role, ordre."""
    return con.execute(
        "select territoire, niveau, role, ordre from socle.territoires where role <> '' order by ordre"
    ).df()


def _lignes(con: duckdb.DuckDBPyConnection, indicateurs: Sequence[Indicator]) -> pd.DataFrame:
    """What every indicator's query gives for the territories of the edition, under its id."""
    return lire(con, {indicateur.id: requete(indicateur) for indicateur in indicateurs})


def lire(con: duckdb.DuckDBPyConnection, requetes: Mapping[str, str]) -> pd.DataFrame:
    """The rows of several indicators' queries, for the territories of the edition."""
    union = "\nunion all by name\n".join(
        f"select '{nom}' as indicateur, * from ({requete_})" for nom, requete_ in requetes.items()
    )
    return con.execute(
        f"select * from ({union}) "
        "semi join (select territoire from socle.territoires where role <> '') using (territoire)"
    ).df()


# Of two marks on what makes one figure, the first one counts.
_GRAVITE = (Statut.SECRET, Statut.ABSENT, Statut.PLANCHER, Statut.FRAGILE)


def marques(con: duckdb.DuckDBPyConnection, indicateurs: Sequence[Indicator]) -> pd.DataFrame:
    """What producers' marks make of each indicator: indicateur, territoire, millesime, marque, marque_motif.

    A mark is found again by its name: a column of a `socle` table that bears the name of a column of one of
    the table's sources is that column.
    """
    liens = [
        (indicateur.id, source, nom)
        for indicateur in indicateurs
        for source in transform.sources_de(indicateur.table)
        for nom in _colonnes_de(indicateur.measure)
    ]
    con.register("liens", pd.DataFrame(liens, columns=["indicateur", "source", "colonne"], dtype="string"))
    gravite = ", ".join(f"'{statut.value}'" for statut in _GRAVITE)
    table = con.execute(
        f"""select indicateur, territoire, millesime::integer as millesime, statut as marque, motif as marque_motif
from brut.marques
join liens using (source, colonne)
semi join (select territoire from socle.territoires where role <> '') using (territoire)
qualify row_number() over (
  partition by indicateur, territoire, millesime order by list_position([{gravite}], statut), motif
) = 1"""
    ).df()
    con.unregister("liens")
    return table


def annoter(lignes: pd.DataFrame, marquees: pd.DataFrame) -> pd.DataFrame:
    """The rows of the queries with the mark that each one bears, if any."""
    return lignes.merge(marquees, on=["indicateur", "territoire", "millesime"], how="left")


def incomparables(
    con: duckdb.DuckDBPyConnection, indicateurs: Sequence[Indicator], series: Mapping[str, str]
) -> pd.DataFrame:
    """Rows of growths that would compare two vintages of a rolling census sharing answers: no value, a reason."""
    lignes = [
        {
            "indicateur": indicateur.id,
            "territoire": territoire,
            "millesime": fin,
            "depuis": debut,
            "groupe": "",
            "efficace": 1.0,
            "marque": Statut.NON_COMPARABLE.value,
            "marque_motif": motif,
        }
        for indicateur in indicateurs
        if isinstance(indicateur.measure, Growth) and series[indicateur.table] == "recensement"
        for fin, debut, motif in _trop_proches(con, indicateur.table)
        for territoire in territoires(con)["territoire"]
    ]
    axes = ("indicateur", "territoire", "millesime", "depuis", "groupe")
    return pd.DataFrame(lignes, columns=[*axes, "efficace", "marque", "marque_motif"])


def _trop_proches(con: duckdb.DuckDBPyConnection, table: str) -> list[tuple[int, int, str]]:
    """Vintages that only closer ones precede: (vintage, the one before, why they do not compare)."""
    annees = [
        annee
        for (annee,) in con.execute(
            f"select distinct millesime from socle.{table} order by millesime"
        ).fetchall()
    ]
    compares = {
        fin for (fin,) in con.execute("select fin from socle.paires where tableau = ?", [table]).fetchall()
    }
    trouves = []
    for debut, fin in pairwise(annees):
        if fin in compares:
            continue
        try:
            tendances.annees_entre_millesimes(debut, fin)
        except Refus as refus:
            trouves.append((fin, debut, str(refus)))
    return trouves


def _ecrire_paires(con: duckdb.DuckDBPyConnection, profil: Profil, series: dict[str, str]) -> None:
    lignes = []
    for table, serie in series.items():
        millesimes = [
            annee
            for (annee,) in con.execute(
                f"select distinct millesime from socle.{table} order by millesime"
            ).fetchall()
        ]
        lignes += [(table, *paire) for paire in paires(profil, millesimes, serie)]
    cadre = pd.DataFrame(lignes, columns=["tableau", "debut", "fin", "annees"])
    con.register("lot", cadre.astype({"debut": "int32", "fin": "int32", "annees": "float64"}))
    con.execute("create table socle.paires as select * from lot")
    con.unregister("lot")


def mesurer(
    lignes: pd.DataFrame,
    indicateurs: Sequence[Indicator],
    territoires: pd.DataFrame,
    profil: Profil,
    series: dict[str, str],
) -> pd.DataFrame:
    """Every row with its interval, status and reason; absent combinations become rows."""
    complet = _completer(lignes, indicateurs, territoires)
    declares = {indicateur.id: indicateur for indicateur in indicateurs}
    par_indicateur = complet["indicateur"]
    genres = par_indicateur.map({nom: type(i.measure) for nom, i in declares.items()})
    facteurs = par_indicateur.map({nom: getattr(i.measure, "per", 100) for nom, i in declares.items()})
    seuils = par_indicateur.map(
        {
            nom: getattr(profil.precision, transform.taille(i.table, series[i.table]))
            for nom, i in declares.items()
        }
    )
    densites = {nom for nom, i in declares.items() if getattr(i.measure, "compte", "of") == "a"}
    basse, haute = np.full((2, len(complet)), np.nan)
    petit = np.zeros(len(complet), dtype=bool)
    for genre in genres.unique():
        rangs = np.flatnonzero(genres == genre)
        lot = complet.iloc[rangs]
        basse[rangs], haute[rangs] = bornes(genre, lot)
        petit[rangs] = petit_effectif(genre, lot, seuils.to_numpy(float)[rangs], densites)
    statuts = _statuts(complet, petit, seuils, profil)
    return complet.assign(
        borne_basse=basse * facteurs.to_numpy(float), borne_haute=haute * facteurs.to_numpy(float), **statuts
    )[RESULTAT]


# What says why there is no figure; what says how to read the one there is.
_MUETTES = [statut.value for statut in (Statut.SECRET, Statut.ABSENT, Statut.NON_COMPARABLE)]
_RESERVEES = [statut.value for statut in (Statut.PLANCHER, Statut.FRAGILE)]


def _statuts(
    lignes: pd.DataFrame, petit: np.ndarray, seuils: pd.Series, profil: Profil
) -> dict[str, np.ndarray]:
    """Status and reason of each row: the producer's mark first, then what is missing, then what is small.

    A mark says why there is no figure, or how to read the one there is; it takes no figure away.
    """
    vide = lignes["valeur"].isna().to_numpy()
    marque = lignes["marque"].to_numpy(object)
    muettes = vide & np.isin(marque.astype(str), _MUETTES)
    reservees = ~vide & np.isin(marque.astype(str), _RESERVEES)
    marquees, petit = muettes | reservees, petit & ~vide
    statut = np.full(len(lignes), Statut.VALIDE.value, dtype=object)
    motif = np.full(len(lignes), "", dtype=object)
    statut[petit], motif[petit] = Statut.FRAGILE.value, _petitesses(seuils[petit])
    statut[vide], motif[vide] = Statut.ABSENT.value, _absences(lignes, vide, profil)
    statut[marquees], motif[marquees] = marque[marquees], lignes["marque_motif"].to_numpy(object)[marquees]
    return {"statut": statut, "motif": motif}


def _petitesses(seuils: pd.Series) -> np.ndarray:
    """« moins de 200 au numérateur ou au dénominateur », the reason of what is small, row by row."""
    phrases = {seuil: f"moins de {seuil} au numérateur ou au dénominateur" for seuil in seuils.unique()}
    return seuils.map(phrases).to_numpy(object)


def _absences(lignes: pd.DataFrame, vide: np.ndarray, profil: Profil) -> np.ndarray:
    """« connu seulement au niveau : province, pays », the reason of what is missing, row by row."""
    cle = ["indicateur", "millesime"]
    connus = lignes.loc[~vide, [*cle, "niveau"]].drop_duplicates().groupby(cle)["niveau"].agg(frozenset)
    noms = {
        niveaux: "connu seulement au niveau : "
        + ", ".join(niveau.nom.lower() for niveau in profil.niveaux if niveau.id in niveaux)
        for niveaux in connus.unique()
    }
    motifs = connus.map(noms).rename("motif")
    return lignes.loc[vide, cle].merge(motifs, left_on=cle, right_index=True, how="left")["motif"].to_numpy()


def _completer(
    lignes: pd.DataFrame, indicateurs: Sequence[Indicator], territoires: pd.DataFrame
) -> pd.DataFrame:
    """A row for each territory of the edition × (indicator, vintage, group) known or marked among them.

    Communes shown in detail only have what one of them has: the activity of one CCAS is not missing elsewhere.
    """
    axes = ["indicateur", "millesime", "depuis", "groupe"]
    dits = lignes.loc[lignes["valeur"].notna() | lignes["marque"].notna(), ["territoire", *axes]]
    connus = dits[axes].drop_duplicates()
    membre = territoires["role"] == "membre"
    des_membres = dits.loc[dits["territoire"].isin(territoires.loc[membre, "territoire"]), axes]
    complet = pd.concat(
        [
            territoires[~membre].merge(connus, how="cross"),
            territoires[membre].merge(des_membres.drop_duplicates(), how="cross"),
        ]
    ).merge(lignes, on=["territoire", *axes], how="left")
    rangs = {indicateur.id: rang for rang, indicateur in enumerate(indicateurs)}
    complet["rang"] = complet["indicateur"].map(rangs)
    return complet.sort_values(["rang", "ordre", "millesime", "groupe"], kind="stable", ignore_index=True)


def bornes(genre: type[Measure], lignes: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of each row of one kind of measure, before its factor; NaN where it has none.

    From effective counts: what is counted times `efficace`, the observations that a unit is worth.
    """
    efficace = lignes["efficace"].to_numpy(float)
    a, b = (lignes[nom].to_numpy(float) * efficace for nom in ("numerateur", "denominateur"))
    if genre is Share:
        return intervalles.wilson(a, b)
    if genre is Rate:
        return intervalles.taux(a, b)
    if genre is Ratio:
        return intervalles.rapport(a, b)
    if genre is Growth:
        return tendances.bornes_croissance(b, a, lignes["annees"].to_numpy(float))
    if genre is Mean:
        moyenne, erreur, taille = (
            lignes[nom].to_numpy(float) for nom in ("valeur", "erreur_type", "grappes")
        )
        return intervalles.moyenne(moyenne, erreur * np.sqrt(taille), taille)
    return np.full(len(lignes), np.nan), np.full(len(lignes), np.nan)


def petit_effectif(
    genre: type[Measure], lignes: pd.DataFrame, seuils: np.ndarray, densites: Collection[str] = ()
) -> np.ndarray:
    """Whether a count of the ratio is under the profile's size; a count by itself is never small.

    Of a mean, the count is the denominator, but for `densites` (indicators), over an area.
    Source: INSEE, dossier complet, « les effectifs inférieurs à 200 doivent être maniés avec
    précaution »; held against the numerator and the denominator.
    """
    if genre in (Total, Published):
        return np.zeros(len(lignes), dtype=bool)
    comptes = lignes[["numerateur", "denominateur"]].min(axis=1)
    if genre is Mean:
        sur_une_aire = lignes["indicateur"].isin(list(densites))
        comptes = lignes["denominateur"].mask(sur_une_aire, lignes["numerateur"])
    return (comptes < seuils).to_numpy()


def _verifier(resultats: pd.DataFrame, indicateurs: Sequence[Indicator]) -> None:
    """The last door: one row a key, values within the measure's bounds."""
    cle = ["indicateur", "territoire", "millesime", "depuis", "groupe"]
    if (doubles := resultats.duplicated(cle)).any():
        raise ValueError(f"resultat.indicateurs : clé en double {resultats[doubles].iloc[0]}")
    etendues = resultats.groupby("indicateur", sort=False)["valeur"].agg(["min", "max"])
    for indicateur in (i for i in indicateurs if i.id in etendues.index):
        basse, haute = indicateur.measure.bounds
        for valeur in etendues.loc[indicateur.id]:
            if valeur < basse or valeur > haute:
                raise ValueError(f"{indicateur.id} : {valeur} sort de [{basse}, {haute}]")


def resume(resultats: pd.DataFrame) -> str:
    """« Indicateurs : 90, 4 210 valeurs, 312 fragiles, 1 020 absentes. »."""
    statuts_ = resultats["statut"].value_counts()
    return (
        f"Indicateurs : {resultats['indicateur'].nunique()}, {nombre(len(resultats))} lignes, dont "
        f"{nombre(statuts_.get('fragile', 0))} fragiles et {nombre(statuts_.get('absent', 0))} absentes."
    )
