"""From what the indicators' queries give to the rows of `resultat.indicateurs`: completed, bounded, judged.

In: the query of each indicator. Out: one row a territory of the edition × (indicator, vintage, group) known or
marked somewhere, with its 95 % interval, its status and its reason. DuckDB reads and matches; what has a place of
its own in the grid of all rows is then put there, and judged by whole columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

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

_TEXTES = pa.dictionary(pa.int32(), pa.string())
RESULTAT = pa.schema(
    [
        *((nom, _TEXTES) for nom in ("indicateur", "niveau", "territoire")),
        *((nom, pa.int32()) for nom in ("millesime", "depuis")),
        ("groupe", _TEXTES),
        *((nom, pa.float64()) for nom in ("numerateur", "denominateur", "efficace", "valeur")),
        *((nom, pa.float64()) for nom in ("borne_basse", "borne_haute")),
        *((nom, _TEXTES) for nom in ("statut", "motif")),
    ]
)

# Of two marks on what makes one figure, the first one counts.
_GRAVITE = "'secret', 'absent', 'plancher', 'fragile'"
# A mark that says why there is no figure; one that says how to read the one there is.
_MUETTES = (Statut.SECRET, Statut.ABSENT, Statut.NON_COMPARABLE)
_RESERVEES = (Statut.PLANCHER, Statut.FRAGILE)
_NOMBRES = ("numerateur", "denominateur", "valeur", "annees", "efficace", *precision.SOMMES)

# What the queries give of the territories of the edition, with the mark that each row bears.
_CONNUES = """
create or replace temp table connues as
with lues as (
  select null::double as annees where false
  union all by name
  {lues}
),
marquees as (
  -- found again by its name: a column that bears the name of a column of one of its table's sources is that one
  select indicateur, territoire, millesime, statut as marque, motif
  from brut.marques
  join liens using (source, colonne)
  semi join lieux using (territoire)
  qualify row_number() over (
    partition by indicateur, territoire, millesime order by list_position([{gravite}], statut), motif
  ) = 1
)
select rang, lieu, role, millesime::integer as millesime, depuis, groupe, numerateur, denominateur, valeur, annees,
  case exploitation when 'principale' then principale when 'complementaire' then complementaire else 1 end
    as efficace,
  aa, ab, bb, grappes, marque, motif
from lues
join declares using (indicateur)
join lieux using (territoire)
left join marquees using (indicateur, territoire, millesime)
left join ({grappes}) using (indicateur, territoire, millesime, groupe)
union all by name
select rang, lieu, role, millesime, depuis, '' as groupe, 1 as efficace, 'non_comparable' as marque, motif
from incomparables
join declares using (indicateur)
cross join lieux"""

# One row an indicator, vintage and group known or marked somewhere: its rank among those of the indicator.
_CAS = """
create or replace temp table cas as
select rang, row_number() over (partition by rang order by millesime, groupe, depuis) - 1 as cas,
  millesime, depuis, groupe, bool_or(role = 'membre') as des_membres
from connues
where valeur is not null or marque is not null
group by rang, millesime, depuis, groupe"""

_RAISONS = """
create or replace temp table raisons as
select row_number() over (order by marque, motif) as raison, marque, motif
from (select distinct marque, motif from connues where marque is not null)"""

_LIGNES = f"""
select connues.rang, lieu, cas, coalesce(raison, 0) as raison, {", ".join(_NOMBRES)}
from connues
join cas on cas.rang = connues.rang and cas.millesime = connues.millesime and cas.groupe = connues.groupe
  and cas.depuis is not distinct from connues.depuis
left join raisons on raisons.marque = connues.marque and raisons.motif = connues.motif"""


def colonnes_de(mesure: Measure) -> tuple[str, ...]:
    """The columns of its table that a measure is made of."""
    return colonnes(mesure.a) + (colonnes(mesure.of) if hasattr(mesure, "of") else ())


def reunir(requetes: Mapping[str, str]) -> str:
    """The SELECT of several indicators' queries, under their names."""
    return "\nunion all by name\n".join(
        f"select '{nom}' as indicateur, * from ({requete})" for nom, requete in requetes.items()
    )


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


def mesurer(
    con: duckdb.DuckDBPyConnection,
    requetes: Mapping[Indicator, str],
    lieux: pa.Table,
    profil: Profil,
    series: Mapping[str, str],
) -> pa.Table:
    """The rows of `resultat.indicateurs` that each indicator's query gives, in the report's order.

    `lieux`: what `lire_lieux` gives. `ValueError` on two rows of one key, or a value that its measure cannot have.
    """
    lignes, cas, raisons = _rapprocher(con, requetes, lieux, _incomparables(con, requetes, profil, series))
    tables = [RESULTAT.empty_table()]
    for rang, indicateur in enumerate(requetes):
        siens = cas.filter(pc.field("rang") == rang)
        if not siens.num_rows:
            continue
        grille = _disposer(indicateur, lignes.filter(pc.field("rang") == rang), siens, lieux)
        seuil = getattr(profil.precision, transform.taille(indicateur.table, series[indicateur.table]))
        jugees = _statuer(grille, seuil, raisons, _ailleurs(grille, siens, lieux, profil))
        tables.append(_table(indicateur, grille, siens, lieux, _borner(grille) | jugees))
    # in one piece: DuckDB then writes it once, in order
    return pa.concat_tables(tables).combine_chunks()


def _rapprocher(
    con: duckdb.DuckDBPyConnection,
    requetes: Mapping[Indicator, str],
    lieux: pa.Table,
    incomparables: pd.DataFrame,
) -> tuple[pa.Table, pa.Table, list[tuple[str, str]]]:
    """The rows of the queries under the ranks of their territory, case and reason; the cases; the reasons."""
    cadres = {
        "lieux": lieux,
        "declares": _declarer(requetes),
        "liens": _liens(requetes),
        "incomparables": incomparables,
    }
    for nom, cadre in cadres.items():
        con.register(nom, cadre)
    union = reunir({indicateur.id: requete for indicateur, requete in requetes.items()})
    con.execute(_CONNUES.format(lues=union, grappes=precision.requete(requetes), gravite=_GRAVITE))
    con.execute(f"{_CAS};{_RAISONS}")
    for nom in cadres:
        con.unregister(nom)
    lignes, cas = (con.sql(sql).to_arrow_table() for sql in (_LIGNES, "from cas order by rang, cas"))
    motifs = con.execute("select marque, motif from raisons order by raison").fetchall()
    con.execute("drop table temp.connues; drop table temp.cas; drop table temp.raisons")
    return lignes, cas, motifs


def lire_lieux(con: duckdb.DuckDBPyConnection, profil: Profil) -> pa.Table:
    """The territories of the edition, in its order, and the fraction of their dwellings that a census surveys.

    Columns: lieu (from 0), territoire, niveau, rang_niveau, role, principale, complementaire.
    """
    lieux = con.execute(
        "select row_number() over (order by ordre, territoire) - 1 as lieu, territoire, niveau, role "
        "from socle.territoires where role <> '' order by lieu"
    ).df()
    rangs = lieux["niveau"].map({niveau.id: rang for rang, niveau in enumerate(profil.niveaux)})
    lieux["rang_niveau"] = rangs.fillna(-1).astype(int)
    lieux = lieux.join(precision.lire_fractions(con, profil, lieux["territoire"]))
    return pa.Table.from_pandas(lieux, preserve_index=False)


def _declarer(indicateurs: Iterable[Indicator]) -> pd.DataFrame:
    """One row an indicator: rang (from 0), indicateur, exploitation of the census it is made of."""
    lignes = [(rang, i.id, precision.exploitation(i.table)) for rang, i in enumerate(indicateurs)]
    return pd.DataFrame(lignes, columns=["rang", "indicateur", "exploitation"])


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
    con: duckdb.DuckDBPyConnection,
    indicateurs: Iterable[Indicator],
    profil: Profil,
    series: Mapping[str, str],
) -> pd.DataFrame:
    """Growths that would compare two vintages of a rolling census sharing answers: a reason, and no value.

    Columns: indicateur, millesime, depuis, motif.
    """
    lignes = [
        (indicateur.id, fin, debut, motif)
        for indicateur in indicateurs
        if profil.recensement.mode == "glissant"
        and isinstance(indicateur.measure, Growth)
        and series[indicateur.table] == "recensement"
        for fin, debut, motif in _trop_proches(con, indicateur.table)
    ]
    types = {"indicateur": "string", "millesime": "int32", "depuis": "int32", "motif": "string"}
    return pd.DataFrame(lignes, columns=list(types)).astype(types)


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


def _disposer(indicateur: Indicator, lignes: pa.Table, cas: pa.Table, lieux: pa.Table) -> _Grille:
    """The rows known, each in its place, and those where nothing is known.

    Communes shown in detail only have what one of them has: the activity of one CCAS is not missing elsewhere.
    """
    membre = lieux["role"].to_numpy() == "membre"
    attendues = np.logical_or.outer(~membre, cas["des_membres"].to_numpy())
    place = (lignes["lieu"].to_numpy(), lignes["cas"].to_numpy())
    if len(lignes) and (comptes := np.bincount(np.ravel_multi_index(place, attendues.shape))).max() > 1:
        lieu, _ = np.unravel_index(comptes.argmax(), attendues.shape)
        raise ValueError(f"resultat.indicateurs : clé en double {indicateur.id}, {lieux['territoire'][lieu]}")

    def disposer(nom: str, vide: float) -> np.ndarray:
        grille = np.full(attendues.shape, vide)
        grille[place] = lignes[nom].to_numpy()
        return grille[attendues]

    nombres = {nom: disposer(nom, np.nan) for nom in _NOMBRES}
    basse, haute = indicateur.measure.bounds
    if len(hors := nombres["valeur"][(nombres["valeur"] < basse) | (nombres["valeur"] > haute)]):
        raise ValueError(f"{indicateur.id} : {hors[0]} sort de [{basse}, {haute}]")
    return _Grille(indicateur.measure, *np.nonzero(attendues), disposer("raison", 0), nombres)


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
) -> dict[str, pa.Array]:
    """Status and reason of each row: the producer's mark first, then what is missing, then what is small.

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
    dit = np.select([np.where(vide, muette, reservee), vide, petite], [1 + grille.raison, absent, 1], 0)
    return {
        nom: _textes(dit, valeurs)
        for nom, valeurs in zip(("statut", "motif"), zip(*dits, strict=True), strict=True)
    }


def _ailleurs(grille: _Grille, cas: pa.Table, lieux: pa.Table, profil: Profil) -> list[str | None]:
    """« connu seulement au niveau : province, pays »: where each case's vintage is known; nothing if nowhere."""
    connus = ~np.isnan(grille.nombres["valeur"])
    presents = np.zeros((cas.num_rows, len(profil.niveaux) + 1), dtype=bool)
    presents[grille.cas[connus], lieux["rang_niveau"].to_numpy()[grille.lieu[connus]]] = True
    millesimes = cas["millesime"].to_numpy()
    phrases: dict[int, str | None] = {}
    for millesime in np.unique(millesimes):
        la = presents[millesimes == millesime].any(axis=0)
        noms = [niveau.nom.lower() for niveau, present in zip(profil.niveaux, la, strict=False) if present]
        phrases[millesime] = f"connu seulement au niveau : {', '.join(noms)}" if la.any() else None
    return [phrases[millesime] for millesime in millesimes]


def _table(
    indicateur: Indicator,
    grille: _Grille,
    cas: pa.Table,
    lieux: pa.Table,
    jugees: Mapping[str, np.ndarray | pa.Array],
) -> pa.Table:
    """The columns of `RESULTAT`, texts as ranks in the list of their values."""
    colonnes_ = {
        "indicateur": _textes(np.zeros(len(grille.lieu), dtype="int32"), [indicateur.id]),
        **{nom: _textes(grille.lieu, lieux[nom]) for nom in ("niveau", "territoire")},
        **{nom: cas[nom].combine_chunks().take(grille.cas) for nom in ("millesime", "depuis")},
        "groupe": _textes(grille.cas, cas["groupe"]),
    }
    nombres = {nom: pa.array(v, from_pandas=True) for nom, v in (grille.nombres | jugees).items()}
    return pa.table({nom: (colonnes_ | nombres)[nom] for nom in RESULTAT.names})


def _textes(rangs: np.ndarray, valeurs: pa.ChunkedArray | Sequence[str | None]) -> pa.DictionaryArray:
    """Texts, each said once, by the rank of each row's; a text that is none is none on its rows."""
    dits = (
        valeurs.combine_chunks().cast(pa.string())
        if hasattr(valeurs, "chunks")
        else pa.array(valeurs, pa.string())
    )
    muets = dits.is_null().to_numpy(zero_copy_only=False)[rangs]
    return pa.DictionaryArray.from_arrays(pa.array(rangs, pa.int32(), mask=muets), dits.fill_null(""))
