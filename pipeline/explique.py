"""One figure, from its value back to its files: what an elected official may ask, and an auditor.

In: a built edition, an indicator, a territory. Out: French lines: the figure, its definition and formula,
the SQL that ran and that of the table it reads, the rows it read, the files with their checksums and dates.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

import duckdb

from pipeline import transform
from pipeline.build import BASE, base_construite
from pipeline.compute import requete
from pipeline.exports import formule
from pipeline.indicators import chapitres_de
from pipeline.model import ErreurUtilisateur, Indicator, colonnes
from pipeline.report import faits as faits_
from pipeline.report import phrases, tables
from pipeline.report.faits import Fait, Faits, Lieu
from pipeline.report.nombres import intervalle, nombre
from pipeline.sources.registre import SOURCES

if TYPE_CHECKING:
    from pipeline.edition import Edition

_LIGNES = 12


def expliquer(edition: Edition, nom: str, territoire: str = "") -> Iterator[str]:
    """Lines explaining an indicator in a territory (the commune by default)."""
    with duckdb.connect(str(base_construite(edition, BASE)), read_only=True) as con:
        faits = faits_.lire(con, edition, chapitres_de(edition.profil))
        indicateur = _indicateur(faits, nom)
        lieu = _lieu(faits, territoire or edition.territoire.code)
        yield from _figure(faits, indicateur, lieu)
        yield from _calcul(con, indicateur, lieu, montrer=not faits.est_activite(indicateur))
        yield from _fichiers(con, indicateur)


def _indicateur(faits: Faits, nom: str) -> Indicator:
    declares = {indicateur.id: indicateur for indicateur in faits.indicateurs()}
    if nom not in declares:
        proches = get_close_matches(nom, declares, n=3) or sorted(declares)[:3]
        raise ErreurUtilisateur(f"L'indicateur « {nom} » n'existe pas ; proches : {', '.join(proches)}.")
    return declares[nom]


def _lieu(faits: Faits, code: str) -> Lieu:
    connus = {
        lieu.code: lieu for lieu in (faits.etude, *faits.comparateurs, *faits.quartiers, *faits.membres)
    }
    if code not in connus:
        noms = ", ".join(f"{lieu.code} ({lieu.nom})" for lieu in connus.values())
        raise ErreurUtilisateur(f"Le territoire « {code} » n'est pas dans l'édition ; connus : {noms}.")
    return connus[code]


def _figure(faits: Faits, indicateur: Indicator, lieu: Lieu) -> Iterator[str]:
    yield f"{indicateur.label} — {lieu.nom}"
    yield f"  Définition : {indicateur.definition}"
    yield f"  Pourquoi : {indicateur.why}"
    yield f"  Calcul : {formule(indicateur)}"
    if indicateur.caveat:
        yield f"  Limites : {indicateur.caveat}"
    for fait in faits.faits.get((indicateur.id, lieu.code), ()):
        yield f"  {tables.periode(fait)}{_groupe(faits, indicateur, fait)} : {_valeur(indicateur, fait)}"


def _groupe(faits: Faits, indicateur: Indicator, fait: Fait) -> str:
    return f", {faits.libelle_groupe(indicateur, fait.groupe)}" if fait.groupe else ""


def _valeur(indicateur: Indicator, fait: Fait) -> str:
    if not fait.lisible:
        return f"{fait.statut.value} ({fait.motif})"
    morceaux = [phrases.valeur(indicateur, fait)]
    if fait.numerateur is not None and fait.denominateur is not None:
        morceaux.append(f"soit {_compte(fait.numerateur)} rapporté à {_compte(fait.denominateur)}")
    if fait.basse is not None:
        mesure = indicateur.measure
        morceaux.append(f"à 95 %, {intervalle(fait.basse, fait.haute, mesure.unit, mesure.decimals)}")
    morceaux.append(f"statut : {fait.statut.value}{f' ({fait.motif})' if fait.motif else ''}")
    return " ; ".join(morceaux)


def _compte(valeur: float) -> str:
    """A count as it is, with two decimals where it is weighted."""
    return nombre(valeur, 0 if float(valeur).is_integer() else 2)


def _calcul(
    con: duckdb.DuckDBPyConnection, indicateur: Indicator, lieu: Lieu, *, montrer: bool
) -> Iterator[str]:
    """The query, and the rows it read, unless they tell the CCAS's activity: the public base has none of these."""
    yield "Requête exécutée :"
    yield from (f"  {ligne}" for ligne in requete(indicateur).splitlines())
    yield f"Table socle.{indicateur.table}, faite par :"
    yield from (f"  {ligne}" for ligne in transform.sql(indicateur.table).splitlines())
    if not montrer:
        yield "Lignes lues : non montrées, elles viennent de l'activité du CCAS (secret statistique)."
        return
    noms = colonnes(indicateur.measure.a)
    noms += colonnes(indicateur.measure.of) if hasattr(indicateur.measure, "of") else ()
    cles = transform.cle(indicateur.table)
    choisies = ", ".join(dict.fromkeys((*cles, *noms)))
    lignes = con.execute(
        f"select {choisies} from socle.{indicateur.table} where territoire = ? or territoire in "
        f"(select contenu from socle.appartenances where contenant = ?) order by all limit {_LIGNES}",
        [lieu.code, lieu.code],
    ).fetchall()
    yield f"Lignes lues dans socle.{indicateur.table} ({transform.description(indicateur.table)}) :"
    yield f"  {choisies}"
    yield from ("  " + ", ".join("" if v is None else str(v) for v in ligne) for ligne in lignes)


def _fichiers(con: duckdb.DuckDBPyConnection, indicateur: Indicator) -> Iterator[str]:
    yield "Fichiers :"
    contenus = {source.id: source.title for source in SOURCES}
    for source in transform.sources_de(indicateur.table):
        fichiers = con.execute(
            "select fichier, titre, date, adresse, depose_par, depose_le, sha256, fictif "
            "from qualite.fichiers where source = ?",
            [source],
        ).fetchall()
        for fichier, titre, date, adresse, par, le, sha256, fictif in fichiers:
            depot = f"déposé par {par} le {le}" if par else ""
            # one file may hold several tables
            details = [
                titre or contenus[source],
                date and f"mise à jour : {date}",
                adresse,
                depot,
                fictif and "DONNÉES FICTIVES",
            ]
            yield f"  {fichier} — {' ; '.join(str(d) for d in details if d)}"
            yield f"    sha256 {sha256}"
