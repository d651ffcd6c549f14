"""From what the indicators' queries give to the rows of `resultat.indicateurs`: completed, bounded, judged.

In: the query of each indicator. Out: one row a territory of the edition × (indicator, vintage, group) known or
marked somewhere, with its 95 % interval, its status and its reason. DuckDB reads and matches; what has a place of
its own in the grid of all rows is then put there, and judged by whole columns. What is said of many rows (where, of
what, why) is said once, and each row has its rank: `INDICATEURS` gives them back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import compress, pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from pipeline import precision, transform
from pipeline.methods import intervalles, tendances
from pipeline.methods.refus import Refus
from pipeline.model import (
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

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Profil

Colonnes = dict[str, np.ndarray]

_RANGS = ("lieu", "cas", "dit")
_LIMITES = ("borne_basse", "borne_haute")
_BORNES = ("efficace", *_LIMITES)
CHIFFRES = pa.schema(
    {
        **dict.fromkeys(_RANGS, pa.int32()),
        **dict.fromkeys(("numerateur", "denominateur", "valeur", *_BORNES), pa.float64()),
    }
)
CAS = pa.schema(
    {"indicateur": pa.string(), "millesime": pa.int32(), "depuis": pa.int32(), "groupe": pa.string()}
)
DITS = pa.schema({"statut": pa.string(), "motif": pa.string()})

# The rows of `resultat.indicateurs`, in their order, from what was measured and the lists that its ranks are in.
INDICATEURS = """
select indicateur, niveau, territoire, millesime, depuis, groupe, numerateur, denominateur, efficace, valeur,
  borne_basse, borne_haute, statut, motif
from {schema}.chiffres
join {schema}.cas using (cas)
join {schema}.lieux using (lieu)
join {schema}.dits using (dit)
order by chiffres.rowid"""

# Of two marks on what makes one figure, the first one counts.
_GRAVITE = "'secret', 'absent', 'plancher', 'fragile'"
# A mark that says why there is no figure; one that says how to read the one there is.
_MUETTES = (Statut.SECRET, Statut.ABSENT, Statut.NON_COMPARABLE)
_RESERVEES = (Statut.PLANCHER, Statut.FRAGILE)
_COMMUNS = ("annees", "efficace")
_NOMBRES = ("numerateur", "denominateur", "valeur", *_LIMITES, *_COMMUNS, *precision.SOMMES)

# Figures written at once: what bounds the memory that a whole country takes.
_LOT = 500_000

# A year that none is: what has no earlier vintage comes after all that have one.
_JAMAIS = 9999

# Of the rows that a reading gives, those of the territories of the edition; `raison`: none so far.
_LIGNES = """
select lieu, {efficace}::double as efficace, 0 as raison, lues.* exclude (territoire)
from ({lecture}) lues
join {schema}.lieux using (territoire)"""

# Two vintages that do not compare: a row each territory, which says why.
_INCOMPARABLES = """
union all by name
select lieu, 1 as efficace, {raison} as raison, {fin} as millesime, {debut} as depuis, '' as groupe
from {schema}.lieux"""

# Found again by its name: a column that bears the name of a column of one of its table's sources is that one.
_MARQUES = f"""
with marquees as (
  select indicateur, lieu, millesime, statut, motif
  from brut.marques
  join liens using (source, colonne)
  join {{schema}}.lieux using (territoire)
  qualify row_number() over (
    partition by indicateur, lieu, millesime order by list_position([{_GRAVITE}], statut), motif
  ) = 1
)
select indicateur, lieu * {_JAMAIS + 1} + millesime as place, dense_rank() over (order by statut, motif) as raison,
  statut, motif
from marquees
order by indicateur, place"""


def colonnes_de(mesure: Measure) -> tuple[str, ...]:
    """The columns of its table that a measure is made of."""
    return colonnes(mesure.a) + (colonnes(mesure.of) if hasattr(mesure, "of") else ())


@dataclass(frozen=True)
class _Lignes:
    """The rows of one reading, and the place of each in the grid of territories × vintages, groups, earlier vintages.

    `cles`: what a column of the grid is, in their order. `place`: the grid said in one line. `raison`: of each row,
    the mark that holds for all the indicators of the reading.
    """

    cles: pa.Table
    forme: tuple[int, int]
    place: np.ndarray
    raison: np.ndarray
    table: pa.Table

    def nombres(self, rang: int) -> Colonnes:
        """The numbers of the indicator of that rank in the reading, those that it has, in their places."""
        noms = {nom: nom if nom in _COMMUNS else f"{nom}_{rang}" for nom in _NOMBRES}
        lus = {nom: self.table[de] for nom, de in noms.items() if de in self.table.column_names}
        return {nom: self.disposer(colonne.to_numpy(), np.nan) for nom, colonne in lus.items()}

    def limites(self, rang: int, mesure: Measure) -> Colonnes:
        """The interval made from the observations, in its places; nothing for a measure that has none."""
        if (observations := f"observations_{rang}") not in self.table.column_names:
            return {}
        bornes = precision.encadrer(mesure, self.table[observations])
        return {nom: self.disposer(borne, np.nan) for nom, borne in zip(_LIMITES, bornes, strict=True)}

    def disposer(self, valeurs: np.ndarray, vide: float) -> np.ndarray:
        """The grid of these values of the rows."""
        grille = np.full(self.forme, vide, dtype=valeurs.dtype)
        grille.ravel()[self.place] = valeurs
        return grille

    def marquer(self, places: np.ndarray, raisons: np.ndarray) -> np.ndarray:
        """The reason of each row: its own, else that of the mark of its territory and vintage (in order)."""
        siennes = self.place // self.forme[1] * (_JAMAIS + 1) + self.table["millesime"].to_numpy()
        rangs = np.searchsorted(places, siennes).clip(max=len(places) - 1)
        return np.where((self.raison == 0) & (places[rangs] == siennes), raisons[rangs], self.raison)


@dataclass(frozen=True)
class _Grille:
    """The rows of one indicator, a territory × a case each: ranks, and numbers where something is known.

    `lieu`, `cas`, `raison`: in the tables of territories, of its cases, and of the reasons of marks (0: none).
    """

    mesure: Measure
    lieu: np.ndarray
    cas: np.ndarray
    raison: np.ndarray
    nombres: Colonnes


@dataclass(frozen=True)
class _Releve:
    """What is written of one indicator, and the lists that its ranks are in: `CHIFFRES`, `CAS` and `DITS`."""

    chiffres: pa.Table
    cas: pa.Table
    dits: pa.Table


def ecrire(
    con: duckdb.DuckDBPyConnection,
    lectures: Sequence[tuple[Sequence[Indicator], str]],
    profil: Profil,
    series: Mapping[str, str],
    schema: str = "resultat",
) -> None:
    """The rows of each indicator into `<schema>.indicateurs`, in the order of the readings, then of the territories.

    `lectures`: indicators and the SELECT that reads them, what `compute.lecture` gives. `ValueError` on two rows
    of one key, or a value that its measure cannot have.
    """
    lieux = _lire_lieux(con, profil)
    _deposer(con, f"{schema}.lieux", lieux)
    _deposer(con, f"{schema}.chiffres", CHIFFRES.empty_table())
    cas, dits, ecritures = [CAS.empty_table()], [DITS.empty_table()], []
    # the base reads and writes, one statement at a time, while figures are made of what it read
    with ThreadPoolExecutor(max_workers=1) as base:
        for lot in _par_lots(_mesurer(con, base, lectures, lieux, profil, series, schema)):
            ecritures.append(base.submit(_ajouter, con, schema, [releve.chiffres for releve in lot]))
            cas += [releve.cas for releve in lot]
            dits += [releve.dits for releve in lot]
    for ecriture in ecritures:
        ecriture.result()
    _deposer(con, f"{schema}.cas", _numeroter("cas", pa.concat_tables(cas)))
    _deposer(con, f"{schema}.dits", _numeroter("dit", pa.concat_tables(dits)))
    con.execute(f"create or replace view {schema}.indicateurs as {INDICATEURS.format(schema=schema)}")


def _deposer(con: duckdb.DuckDBPyConnection, nom: str, table: pa.Table) -> None:
    con.register("lot", table)
    con.execute(f"create or replace table {nom} as from lot")
    con.unregister("lot")


def _ajouter(con: duckdb.DuckDBPyConnection, schema: str, chiffres: Sequence[pa.Table]) -> None:
    con.register("lot", pa.concat_tables(chiffres).combine_chunks())
    con.execute(f"insert into {schema}.chiffres from lot")


def _numeroter(nom: str, table: pa.Table) -> pa.Table:
    """The table with the rank of each row."""
    return table.add_column(0, nom, pa.array(np.arange(len(table)), pa.int32()))


def _par_lots(releves: Iterable[_Releve]) -> Iterator[list[_Releve]]:
    """The same in the same order, small ones together: each statement that writes has its cost."""
    lot: list[_Releve] = []
    for releve in releves:
        lot.append(releve)
        if sum(len(morceau.chiffres) for morceau in lot) >= _LOT:
            yield lot
            lot = []
    if lot:
        yield lot


def _mesurer(
    con: duckdb.DuckDBPyConnection,
    base: Executor,
    lectures: Sequence[tuple[Sequence[Indicator], str]],
    lieux: pa.Table,
    profil: Profil,
    series: Mapping[str, str],
    schema: str,
) -> Iterator[_Releve]:
    marques, raisons = _lire_marques(con, [i for indicateurs, _ in lectures for i in indicateurs], schema)
    requetes = []
    for (indicateur, *_), lecture in lectures:
        efficace = precision.exploitation(indicateur.table) or 1
        requetes.append(_LIGNES.format(efficace=efficace, lecture=lecture, schema=schema))
        for fin, debut, motif in _incomparables(con, indicateur, profil, series):
            raisons.append((Statut.NON_COMPARABLE, motif))
            requetes[-1] += _INCOMPARABLES.format(raison=len(raisons), fin=fin, debut=debut, schema=schema)
    cas = dits = 0
    for (indicateurs, _), lues in zip(lectures, _lire(con, base, requetes), strict=True):
        lignes = _placer(indicateurs[0], lues, lieux)
        for rang, indicateur in enumerate(indicateurs):
            raison = lignes.marquer(*marques[indicateur.id]) if indicateur.id in marques else lignes.raison
            grille, cles = _disposer(indicateur, lignes, rang, raison, lieux)
            if not len(cles):
                continue
            seuil = getattr(profil.precision, transform.taille(indicateur.table, series[indicateur.table]))
            dit, siens = _statuer(grille, seuil, raisons, _ailleurs(grille, cles, lieux, profil))
            yield _Releve(
                _chiffrer(grille, cas, dits, dit),
                cles.add_column(0, "indicateur", pa.repeat(indicateur.id, len(cles))),
                pa.table([pa.array(textes, pa.string()) for textes in zip(*siens, strict=True)], schema=DITS),
            )
            cas, dits = cas + len(cles), dits + len(siens)


def _lire(con: duckdb.DuckDBPyConnection, base: Executor, requetes: Iterable[str]) -> Iterator[pa.Table]:
    """What each query gives, read while what the one before gave is used."""
    lues: list[Future[pa.Table]] = []
    for requete in requetes:
        lues.append(base.submit(lambda sql: con.sql(sql).to_arrow_table().combine_chunks(), requete))
        if len(lues) > 1:
            yield lues.pop(0).result()
    yield from (lue.result() for lue in lues)


def _placer(indicateur: Indicator, lues: pa.Table, lieux: pa.Table) -> _Lignes:
    """The rows of a reading, of which this indicator is the first, in their places; two rows have not one."""
    cle, cles = _ranger(lues)
    place = lues["lieu"].to_numpy() * len(cles) + cle
    if len(place) and (comptes := np.bincount(place)).max() > 1:
        territoire = lieux["territoire"][comptes.argmax() // len(cles)]
        raise ValueError(f"resultat.indicateurs : clé en double {indicateur.id}, {territoire}")
    return _Lignes(cles, (len(lieux), len(cles)), place, lues["raison"].to_numpy(), lues)


def _ranger(lues: pa.Table) -> tuple[np.ndarray, pa.Table]:
    """The rank of each row's vintage, group and earlier vintage, in this order, and what each rank is."""
    groupes = lues["groupe"].combine_chunks().dictionary_encode()
    noms = np.array(groupes.dictionary.to_pylist() or [""])
    ordre = np.argsort(noms)
    groupe = np.argsort(ordre)[groupes.indices.to_numpy()]
    millesime = lues["millesime"].to_numpy().astype("int64")
    depuis = lues["depuis"].fill_null(_JAMAIS).to_numpy()
    # one number for the three
    forme = (_JAMAIS + 1, len(noms), _JAMAIS + 1)
    numeros, cle = np.unique(np.ravel_multi_index((millesime, groupe, depuis), forme), return_inverse=True)
    millesime, groupe, depuis = np.unravel_index(numeros, forme)
    cles = {
        "millesime": pa.array(millesime, pa.int32()),
        "depuis": pa.array(depuis, pa.int32(), mask=depuis == _JAMAIS),
        "groupe": pa.array(noms[ordre[groupe]], pa.string()),
    }
    return cle, pa.table(cles)


def _lire_marques(
    con: duckdb.DuckDBPyConnection, indicateurs: Iterable[Indicator], schema: str
) -> tuple[dict[str, tuple[np.ndarray, np.ndarray]], list[tuple[str, str]]]:
    """Indicator → places (territory and vintage, in order) whose figure is marked, and their reasons; the reasons."""
    con.register("liens", _liens(indicateurs))
    lues = con.execute(_MARQUES.format(schema=schema)).df()
    con.unregister("liens")
    raisons = lues.drop_duplicates("raison").sort_values("raison")
    return (
        {
            str(indicateur): (siennes["place"].to_numpy(), siennes["raison"].to_numpy())
            for indicateur, siennes in lues.groupby("indicateur")
        },
        list(zip(raisons["statut"], raisons["motif"], strict=True)),
    )


def _lire_lieux(con: duckdb.DuckDBPyConnection, profil: Profil) -> pa.Table:
    """The territories of the edition, in its order, and the fraction of their dwellings that a census surveys.

    Columns: lieu (from 0), territoire, niveau, rang_niveau, membre (shown in detail only), principale, complementaire.
    """
    lieux = con.execute(
        "select row_number() over (order by ordre, territoire) - 1 as lieu, territoire, niveau, role "
        "from socle.territoires where role <> '' order by lieu"
    ).df()
    rangs = lieux["niveau"].map({niveau.id: rang for rang, niveau in enumerate(profil.niveaux)})
    lieux["rang_niveau"] = rangs.fillna(len(profil.niveaux)).astype(int)
    lieux["membre"] = lieux.pop("role").eq("membre").astype(bool)
    lieux = lieux.join(precision.lire_fractions(con, profil, lieux["territoire"]))
    return pa.Table.from_pandas(lieux, preserve_index=False)


def _liens(indicateurs: Iterable[Indicator]) -> pd.DataFrame:
    """The columns of sources whose marks are an indicator's: indicateur, source, colonne."""
    liens = [
        (indicateur.id, source, nom)
        for indicateur in indicateurs
        for source in transform.sources_de(indicateur.table)
        for nom in colonnes_de(indicateur.measure)
    ]
    return pd.DataFrame(liens, columns=["indicateur", "source", "colonne"], dtype="string")


def _incomparables(
    con: duckdb.DuckDBPyConnection, indicateur: Indicator, profil: Profil, series: Mapping[str, str]
) -> list[tuple[int, int, str]]:
    """Vintages of a growth that share answers with the one before: what `_trop_proches` gives, no value."""
    if profil.recensement.mode != "glissant" or not isinstance(indicateur.measure, Growth):
        return []
    return _trop_proches(con, indicateur.table) if series[indicateur.table] == "recensement" else []


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


# --- One indicator ---------------------------------------------------------------------------------


def _disposer(
    indicateur: Indicator, lignes: _Lignes, rang: int, raison: np.ndarray, lieux: pa.Table
) -> tuple[_Grille, pa.Table]:
    """The rows known, each in its place, and those where nothing is known; and the cases known somewhere.

    Communes shown in detail only have what one of them has: the activity of one CCAS is not missing elsewhere.
    """
    nombres = lignes.nombres(rang) | lignes.limites(rang, indicateur.measure)
    raison = lignes.disposer(raison, 0)
    connues, membre = ~np.isnan(nombres["valeur"]) | (raison > 0), lieux["membre"].to_numpy()
    cas = _une_au_moins(connues)
    places = cas & (~membre[:, np.newaxis] | _une_au_moins(connues & membre[:, np.newaxis]))
    lieu, cle = np.nonzero(places)
    rien = np.full(len(lieu), np.nan)
    disposes = {nom: nombres[nom][places] if nom in nombres else rien for nom in _NOMBRES}
    basse, haute = indicateur.measure.bounds
    if len(hors := disposes["valeur"][(disposes["valeur"] < basse) | (disposes["valeur"] > haute)]):
        raise ValueError(f"{indicateur.id} : {hors[0]} sort de [{basse}, {haute}]")
    rangs = np.cumsum(cas) - 1
    grille = _Grille(indicateur.measure, lieu, rangs[cle], raison[places], disposes)
    return grille, lignes.cles.filter(cas)


def _une_au_moins(connues: np.ndarray) -> np.ndarray:
    """Of each case, whether one of its territories is known: a column at a time, which stops at the first."""
    return np.array([colonne.any() for colonne in connues.T], dtype=bool)


def _borner(grille: _Grille) -> Colonnes:
    """95 % interval of each row, from effective counts: what is counted times `efficace`; NaN where it has none."""
    mesure, nombres = grille.mesure, grille.nombres
    efficace, erreur = precision.regrouper(mesure, nombres)
    a, b = nombres["numerateur"] * efficace, nombres["denominateur"] * efficace
    match mesure:
        case Share():
            bornes = intervalles.wilson(a, b)
        case Rate():
            bornes = intervalles.taux(a, b)
        case Ratio():
            bornes = intervalles.rapport(a, b)
        case Growth():
            bornes = tendances.bornes_croissance(b, a, nombres["annees"])
        case Mean():
            taille = nombres["grappes"]
            bornes = intervalles.moyenne(nombres["valeur"], erreur * np.sqrt(taille), taille)
        case Published():
            # what has no value has no interval either
            bornes = np.where(np.isnan(nombres["valeur"]), np.nan, [nombres[nom] for nom in _LIMITES])
        case _:
            bornes = np.full((2, len(a)), np.nan)
    basse, haute = (borne * getattr(mesure, "per", 100) for borne in bornes)
    return {"efficace": efficace, "borne_basse": basse, "borne_haute": haute}


def _compte(grille: _Grille) -> np.ndarray:
    """The count of each row that makes it fragile by being small; none where it is a count by itself.

    Of a mean, the denominator, or the numerator of a density, over an area. Source: INSEE, dossier complet,
    « les effectifs inférieurs à 200 doivent être maniés avec précaution »; held against both terms of a ratio.
    """
    a, b = grille.nombres["numerateur"], grille.nombres["denominateur"]
    match grille.mesure:
        case Total() | Published():
            return np.full(len(a), np.nan)
        case Mean(compte=compte):
            return a if compte == "a" else b
        case _:
            return np.fmin(a, b)


def _statuer(
    grille: _Grille, seuil: int, raisons: Sequence[tuple[str, str]], ailleurs: Sequence[str | None]
) -> tuple[np.ndarray, list[tuple[str, str | None]]]:
    """Of each row, the rank of its status and reason; and these: the producer's mark, what is missing, what is small.

    A mark says why there is no figure, or how to read the one there is; it takes no figure away.
    """
    vide, petite = np.isnan(grille.nombres["valeur"]), _compte(grille) < seuil
    marques = ["", *(marque for marque, _ in raisons)]
    muette, reservee = (np.isin(marques, statuts)[grille.raison] for statuts in (_MUETTES, _RESERVEES))
    # all that can be said, and which of it each row says
    dits = [
        (Statut.VALIDE, ""),
        (Statut.FRAGILE, f"moins de {seuil} au numérateur ou au dénominateur"),
        *raisons,
    ]
    absent = len(dits) + grille.cas
    dits += [(Statut.ABSENT, motif) for motif in ailleurs]
    marquee = np.where(vide, muette, reservee)
    dit = np.where(marquee, 1 + grille.raison, np.where(vide, absent, petite))
    sont_dits = np.bincount(dit, minlength=len(dits)) > 0
    return (np.cumsum(sont_dits) - 1)[dit], list(compress(dits, sont_dits))


def _ailleurs(grille: _Grille, cas: pa.Table, lieux: pa.Table, profil: Profil) -> list[str | None]:
    """« connu seulement au niveau : province, pays »: where each case's vintage is known; nothing if nowhere."""
    rangs, sortes = lieux["rang_niveau"].to_numpy(), len(profil.niveaux) + 1
    connus = ~np.isnan(grille.nombres["valeur"])
    comptes = np.bincount((grille.cas * sortes + rangs[grille.lieu])[connus], minlength=len(cas) * sortes)
    presents = comptes.reshape(len(cas), sortes) > 0
    millesimes = cas["millesime"].to_numpy()
    phrases: dict[int, str | None] = {}
    for millesime in np.unique(millesimes):
        la = presents[millesimes == millesime].any(axis=0)
        noms = [niveau.nom.lower() for niveau, present in zip(profil.niveaux, la, strict=False) if present]
        phrases[millesime] = f"connu seulement au niveau : {', '.join(noms)}" if la.any() else None
    return [phrases[millesime] for millesime in millesimes]


def _chiffrer(grille: _Grille, cas: int, dits: int, dit: np.ndarray) -> pa.Table:
    """`CHIFFRES`: ranks from those of the lists before, and numbers, none where there is none."""
    rangs = (grille.lieu, cas + grille.cas, dits + dit)
    nombres = grille.nombres | _borner(grille)
    return pa.table(
        [
            *(pa.array(rang.astype("int32")) for rang in rangs),
            *(_sans_nan(nombres[c.name]) for c in CHIFFRES if c.name not in _RANGS),
        ],
        schema=CHIFFRES,
    )


def _sans_nan(nombres: np.ndarray) -> pa.Array:
    """The same numbers, where they are, and none for NaN: `pa.array` looks at them one by one, and copies."""
    presents = np.packbits(~np.isnan(nombres), bitorder="little")
    return pa.Array.from_buffers(pa.float64(), len(nombres), [pa.py_buffer(presents), pa.py_buffer(nombres)])
