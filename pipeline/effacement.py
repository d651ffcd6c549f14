"""Erasing: one person, what has been kept long enough, or a key. The commands `oublie` and `cle`.

In: an edition, which stands for all those that share its key. Out: French lines, which name nobody. Bases
are written anew without what goes, and put in place by a rename: what was deleted is not in the free blocks
of the new file. Deposits are never touched: they are the CCAS's, which is told what to take out of them.
What a disk, a backup or a former publication keeps is beyond reach, and so are counts already published.
"""

from __future__ import annotations

import datetime
import os
import secrets
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pandas as pd

from pipeline import exports, identite, ingest, oubli, reponses, trousseau
from pipeline.build import CONFIDENTIEL, EMPREINTE, effacer, verrou
from pipeline.edition import lire_edition
from pipeline.model import ErreurUtilisateur, Pseudonyme
from pipeline.report.nombres import nombre
from pipeline.sources.registre import SOURCES

if TYPE_CHECKING:
    from pipeline.edition import Edition, Fichier

# Table (`schema.nom`) and its rows → mask of those that go.
Condamnees = Callable[[str, pd.DataFrame], pd.Series]

Ligne = tuple[str, str]
"""A file and a line of it."""

_CITATIONS = ("qualite.rejets", "qualite.a_verifier", "qualite.rapprochements")
"""Tables that name lines of the deposits, and quote them."""
_CITEES = (("fichier", "ligne"), ("autre_fichier", "autre_ligne"))
"""Their columns that do: a pair of persons names two."""
_NON_MAPPEES = "qualite.non_mappees"
_LIENS = oubli.liens(SOURCES)
_PERSONNELLES = {
    *_CITATIONS,
    _NON_MAPPEES,
    *(f"brut.{source.id}" for source in SOURCES if source.personnelle),
}
"""Tables about persons even where none of their columns leads to one."""


# --- One person ------------------------------------------------------------------------------------


def oublier(edition: Edition, nom: str, prenom: str, naissance: str) -> list[str]:
    """Forget a person, under every spelling that was said to be hers, in every edition that shares the key.

    Out: what was done. Her pseudonyms join the list beside the key before anything is deleted: a run killed on the
    way is finished by running it again. `ErreurUtilisateur` when a build runs, or when a base is of another key.
    """
    cle, chemin = ingest.cle_de(edition), ingest.chemin_de_cle(edition)
    depart = oubli.pseudonymes_de(nom, prenom, naissance, _LIENS.identites, cle)
    with _seul(edition) as editions:
        for chacune in _avec_base(editions):
            _verifier_la_cle(chacune, cle)
        avant, dites = oubli.lire(chemin, cle), reponses.lire(chemin, cle)
        depart = reponses.toutes_les_ecritures(depart, dites)
        deposees = {chacune.nom: ingest.rangees(chacune, SOURCES, cle) for chacune in editions}
        cadres = [cadre for rangees in deposees.values() for cadre in rangees.values()]
        cadres += [cadre for chacune in _avec_base(editions) for cadre in _pseudonymes_de_la_base(chacune)]
        elle = oubli.etendre(depart, cadres, _LIENS)
        tous = reponses.toutes_les_ecritures(oubli.reunir(avant, depart), dites)
        oublies = oubli.etendre(tous, cadres, _LIENS)
        dit = [f"Inscrite dans la liste des personnes oubliées : {oubli.ecrire(chemin, cle, oublies)}"]
        if not any(oubli.concernees(cadre, elle, _LIENS).any() for cadre in cadres):
            dit.append(
                "Aucune ligne n'est à son nom : vérifier l'orthographe, essayer un autre nom ou prénom."
            )
        for chacune in editions:
            dit += _oublier_dans(chacune, deposees[chacune.nom], oublies)
        for chacune in editions:
            dit += _encore_deposees(chacune, deposees[chacune.nom], avant, oublies, elle)
    return [*dit, *_a_reconstruire(editions)]


def _oublier_dans(edition: Edition, rangees: oubli.Rangees, oublies: oubli.Oublies) -> Iterator[str]:
    """Take forgotten persons out of one edition's base and error sheets."""
    if not _base(edition).exists():
        return
    lignes = {
        (ou[1], str(ligne))
        for ou, celles in oubli.lignes(rangees, oublies, _LIENS).items()
        for ligne in celles
    }

    siens = _dans_la_base(edition, oublies)

    def condamnees(table: str, cadre: pd.DataFrame) -> pd.Series:
        if table in _CITATIONS:
            return _citees(cadre, lignes)
        if table == _NON_MAPPEES:
            # which of these texts she typed is not known: the next build counts again those of the others
            return cadre["fichier"].isin({fichier for fichier, _ in lignes})
        return oubli.concernees(cadre, siens, _LIENS)

    yield _bilan(edition, _recrire(edition, condamnees))
    (edition.traitement / EMPREINTE).unlink(missing_ok=True)


def _dans_la_base(edition: Edition, oublies: oubli.Oublies) -> oubli.Oublies:
    """The forgotten as a base writes them, which may have been built before an answer was taken back.

    What it wrote as one of them cannot be told from her, and goes with her; the next build brings it back.
    """
    cadres = _pseudonymes_de_la_base(edition)
    ecrits: dict[str, frozenset[str]] = {}
    for cadre in (cadre for cadre in cadres if "ecrit" in cadre):
        for nom in (nom for nom in _LIENS.identites if nom in cadre):
            deux = cadre[[nom, "ecrit"]].dropna()
            siens = deux[deux.isin(oublies.get(nom, ())).any(axis=1)]
            ecrits[nom] = frozenset(siens[nom]) | frozenset(siens["ecrit"])
    if not any(ecrits.values()):
        return oublies
    return oubli.etendre(oubli.reunir(oublies, ecrits), cadres, _LIENS)


def _encore_deposees(
    edition: Edition,
    rangees: oubli.Rangees,
    avant: oubli.Oublies,
    oublies: oubli.Oublies,
    elle: oubli.Oublies,
) -> Iterator[str]:
    """Where the person still stands: her rows, and those that only became hers to forget with her own."""
    siennes, toutes, anciennes = (oubli.lignes(rangees, o, _LIENS) for o in (elle, oublies, avant))
    par_fichier: dict[str, set[int | str]] = {}
    for ou in toutes:
        lignes = siennes.get(ou, frozenset()) | (toutes[ou] - anciennes.get(ou, frozenset()))
        par_fichier.setdefault(ou[1], set()).update(lignes)
    for chemin, lignes in sorted(par_fichier.items()):
        if lignes:
            ou = (edition.dossier / chemin).resolve()
            yield f"Encore dans le dépôt {ou}, à en retirer par le CCAS : {_enumerer(lignes)}"


def _enumerer(lignes: Iterable[int | str]) -> str:
    """« ligne 4 », « lignes 4, 7 et 12 », « lignes janvier!4 et mars!2 »."""
    textes = sorted(map(str, lignes), key=lambda texte: (texte.rpartition("!")[0], len(texte), texte))
    if len(textes) == 1:
        return f"ligne {textes[0]}"
    return f"lignes {', '.join(textes[:-1])} et {textes[-1]}"


# --- What has been kept long enough ----------------------------------------------------------------


def purger(edition: Edition, jour: datetime.date) -> list[str]:
    """Take out of the bases the rows that `jour` puts past the profile's period; name the deposits to destroy.

    The publication of an old edition stays what it was. Building that edition again would load its rows
    again, as far as its own year allows: its deposits are what is to be destroyed.
    """
    with _seul(edition) as editions:
        dit = []
        for chacune in editions:
            depasses = _depots_depasses(chacune, jour)
            if _base(chacune).exists():
                dit.append(_bilan(chacune, _recrire(chacune, _trop_vieilles(chacune, jour, depasses))))
            annees = chacune.profil.conservation.annees
            dit += [
                f"{chacune.chemin(fichier)} : déposé depuis plus de {annees} ans, à détruire par le CCAS"
                for fichier in depasses
            ]
    return list(dict.fromkeys(dit))


def _trop_vieilles(edition: Edition, jour: datetime.date, depasses: Sequence[Fichier]) -> Condamnees:
    """Rows past the period, and rejected values of deposits that should no longer be there."""
    premier = oubli.premier_exercice(edition.profil.conservation, jour.year)
    chemins = [fichier.chemin for fichier in depasses]

    def condamnees(table: str, cadre: pd.DataFrame) -> pd.Series:
        if table in (*_CITATIONS, _NON_MAPPEES):
            ou = [fichier for fichier, _ in _CITEES if fichier in cadre]
            return cadre[ou].isin(chemins).any(axis=1)
        vieilles = oubli.trop_vieilles(cadre, table.removeprefix("brut."), premier)
        return pd.Series(cadre.index.isin(vieilles), index=cadre.index)

    return condamnees


def _depots_depasses(edition: Edition, jour: datetime.date) -> list[Fichier]:
    """Deposits that name real persons and are older than the profile allows, by the day of their deposit.

    Without that day: the end of the last year they cover, else of the edition's.
    """
    personnelles = {source.id for source in SOURCES if source.personnelle}
    annees = edition.profil.conservation.annees

    def depasse(fichier: Fichier) -> bool:
        fin = fichier.depose_le or datetime.date(max(fichier.exercices or (edition.annee,)), 12, 31)
        return pd.Timestamp(fin) + pd.DateOffset(years=annees) < pd.Timestamp(jour)

    return [
        fichier
        for fichier in edition.fichiers
        if fichier.source in personnelles and not fichier.fictif and depasse(fichier)
    ]


# --- The key ---------------------------------------------------------------------------------------


def etat_de_la_cle(edition: Edition) -> list[str]:
    """Where the key is, who can read it, how many are forgotten under it; never the key."""
    chemin = ingest.chemin_de_cle(edition).resolve()
    if not chemin.exists():
        return [f"Aucune clé pour l'instant : la première construction la fera, dans {chemin}"]
    cle = trousseau.cle(chemin)
    oublies, dites = oubli.lire(chemin, cle), reponses.lire(chemin, cle)
    uns = reponses.canoniques(dites.get("personne", {}))
    personnes = len({uns.get(pseudo, pseudo) for pseudo in oublies.get("personne", ())})
    total = sum(map(len, oublies.values()))
    return [
        f"Clé : {chemin}",
        f"Droits : {chemin.stat().st_mode & 0o777:o} (son propriétaire seul)",
        f"Personnes oubliées : {nombre(personnes)} ({nombre(total)} pseudonymes)",
        *([f"Réponses aux rapprochements : {nombre(len(dites['personne']))}"] if dites else []),
    ]


def renouveler(edition: Edition) -> list[str]:
    """Replace the key: new pseudonyms everywhere, and no way back to the old ones.

    The forgotten, and who was brought together or set apart, are recognised in the deposits under the old key and
    written under the new one, before the new key is written over the old, in its place: killed at any moment, key
    and lists still agree.
    Overwriting is all that a program can do: journals, snapshots and worn blocks of a disk are not its own.
    """
    chemin = ingest.chemin_de_cle(edition).resolve()
    if not chemin.exists():
        raise ErreurUtilisateur(
            f"Il n'y a pas de clé à renouveler dans {chemin} : la première construction la fera."
        )
    with _seul(edition) as editions:
        ancienne, nouvelle = trousseau.cle(chemin), secrets.token_bytes(trousseau.OCTETS_DE_CLE)
        dit = [*_reprendre_les_listes(chemin, editions, ancienne, nouvelle)]
        _ecraser(chemin, nouvelle)
        for liste in (trousseau.OUBLIES, trousseau.REPONSES):
            liste.chemin(chemin, ancienne).unlink(missing_ok=True)
        for chacune in editions:
            (chacune.traitement / EMPREINTE).unlink(missing_ok=True)
    return [
        f"Nouvelle clé : {chemin} ; l'ancienne est détruite, détruire aussi ses sauvegardes.",
        *dit,
        *_a_reconstruire(editions),
    ]


def _reprendre_les_listes(
    chemin: Path, editions: Sequence[Edition], ancienne: bytes, nouvelle: bytes
) -> Iterator[str]:
    """Write under the new key the lists that there are under the old one; says what is kept of them, and lost."""
    oublies, dites = oubli.lire(chemin, ancienne), reponses.lire(chemin, ancienne)
    if oublies:
        toutes = reponses.toutes_les_ecritures(oublies, dites)
        repris = _rechiffrer(toutes, editions, ancienne, nouvelle)
        oubli.ecrire(chemin, nouvelle, repris)
        yield from _bilan_de_la_liste(oublies, repris)
    if dites:
        reprises = _rechiffrer_les_reponses(dites, editions, ancienne, nouvelle)
        reponses.ecrire(chemin, nouvelle, reprises)
        yield from _bilan_des_reponses(dites, reprises)


def _rechiffrer_les_reponses(
    dites: reponses.Reponses, editions: Sequence[Edition], ancienne: bytes, nouvelle: bytes
) -> reponses.Reponses:
    """The answers under the new key, where both persons are still named in a deposit."""
    nommees = [
        ingest.nommees(source, fichier, chacune.chemin(fichier)).dropna().drop_duplicates().astype("string")
        for chacune in editions
        for source, fichier in ingest.deposes(chacune, SOURCES)
    ]
    qui = pd.concat([pd.Series(dtype="string"), *nommees]).drop_duplicates()
    reprises = {}
    for nom in dites:
        declare = Pseudonyme(nom, identite.PERSONNE)
        avant, apres = (
            identite.pseudonymes(pd.DataFrame(), declare, cle, qui) for cle in (ancienne, nouvelle)
        )
        vers = dict(zip(avant.dropna(), apres.dropna(), strict=True))
        reprises[nom] = {
            (min(vers[une], vers[autre]), max(vers[une], vers[autre])): une_seule
            for (une, autre), une_seule in dites[nom].items()
            if une in vers and autre in vers
        }
    return reprises


def _bilan_des_reponses(avant: reponses.Reponses, apres: reponses.Reponses) -> Iterator[str]:
    connues, reprises = (len(dites["personne"]) for dites in (avant, apres))
    yield f"Réponses aux rapprochements reprises : {nombre(reprises)} sur {nombre(connues)}."
    if reprises < connues:
        yield (
            f"Réponses perdues, l'une des deux personnes n'étant plus dans aucun dépôt : {nombre(connues - reprises)}"
            " ; si un futur export les ramène, la paire sera proposée de nouveau."
        )


def _rechiffrer(
    oublies: oubli.Oublies, editions: Sequence[Edition], ancienne: bytes, nouvelle: bytes
) -> oubli.Oublies:
    """The list under the new key, for those who still stand in a deposit: elsewhere, nobody knows who they are."""
    deposees = [
        couple
        for chacune in editions
        for couple in zip(
            ingest.rangees(chacune, SOURCES, ancienne).values(),
            ingest.rangees(chacune, SOURCES, nouvelle).values(),
            strict=True,
        )
    ]
    etendus = oubli.etendre(oublies, [avant for avant, _ in deposees], _LIENS)
    repris = {nom: frozenset() for nom in _LIENS.colonnes}
    for avant, apres in deposees:
        for nom in repris.keys() & set(avant):
            repris[nom] |= frozenset(apres.loc[avant[nom].isin(etendus[nom]), nom])
    return repris


def _bilan_de_la_liste(avant: oubli.Oublies, apres: oubli.Oublies) -> Iterator[str]:
    connues, reprises = (len(liste.get("personne", ())) for liste in (avant, apres))
    yield f"Personnes oubliées reprises dans la nouvelle liste : {nombre(reprises)} sur {nombre(connues)}."
    if reprises < connues:
        yield (
            f"Personnes oubliées qui ne figurent plus dans aucun dépôt : {nombre(connues - reprises)} ; un futur "
            "export qui les ramènerait ne serait pas reconnu : les oublier de nouveau ce jour-là."
        )


def _ecraser(chemin: Path, cle: bytes) -> None:
    """Write a key over the other, in the very bytes of the file."""
    with chemin.open("r+b") as flux:
        flux.write(cle)
        flux.flush()
        os.fsync(flux.fileno())


# --- Editions and bases ----------------------------------------------------------------------------


@contextmanager
def _seul(edition: Edition) -> Iterator[tuple[Edition, ...]]:
    """Every edition that shares the key, while none of them can be built."""
    editions = _editions(edition)
    with ExitStack() as pile:
        for chacune in editions:
            pile.enter_context(verrou(chacune))
        for chacune in editions:
            _effacer_les_restes(chacune)
        yield editions


def _editions(edition: Edition) -> tuple[Edition, ...]:
    """Those whose key is the same file; a base that no edition declares any more is refused."""
    chemin = ingest.chemin_de_cle(edition).resolve()

    def noms(dossier: str, fichier: str) -> list[str]:
        trouves = sorted((edition.racine / "data" / dossier).glob(f"*/*/{fichier}"))
        noms = [trouve.parent.relative_to(edition.racine / "data" / dossier).as_posix() for trouve in trouves]
        return [nom for nom in noms if trousseau.chemin_de_l_edition(nom).resolve() == chemin]

    declarees = noms("raw", "edition.toml")
    if perdues := sorted(set(noms("processed", CONFIDENTIEL)) - set(declarees)):
        raise ErreurUtilisateur(
            f"La base de l'édition {perdues[0]} n'a plus de déclaration : remettre data/raw/{perdues[0]}/"
            f"edition.toml, ou supprimer le dossier data/processed/{perdues[0]}."
        )
    return tuple(lire_edition(nom, edition.racine) for nom in declarees)


def _base(edition: Edition) -> Path:
    return edition.traitement / CONFIDENTIEL


def _avec_base(editions: Iterable[Edition]) -> list[Edition]:
    return [edition for edition in editions if _base(edition).exists()]


def _effacer_les_restes(edition: Edition) -> None:
    """A killed run has left its half-built base, and the folder where DuckDB spilled, with the same persons in them."""
    for reste in edition.traitement.glob(f"*/{CONFIDENTIEL}*"):
        effacer(reste)


@contextmanager
def _ouvrir(edition: Edition, neuve: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A base in memory, or a new file, to which the edition's is attached as `ancienne`, to be read only."""
    base = _base(edition)
    try:
        with duckdb.connect(str(neuve or ":memory:")) as con:
            con.execute("attach ? as ancienne (read_only)", [str(base)])
            yield con
    except duckdb.IOException:
        raise ErreurUtilisateur(
            f"La base {base} ne peut pas être lue et recopiée : fermer les carnets et les programmes qui la "
            "lisent, libérer de la place sur le disque, ou reconstruire l'édition."
        ) from None


def _tables(con: duckdb.DuckDBPyConnection) -> list[tuple[str, set[str]]]:
    """Tables of the base attached (`schema.nom`), with their columns."""
    return con.execute(
        "select table_schema || '.' || table_name, list(column_name) from information_schema.columns "
        "semi join (from information_schema.tables where table_type = 'BASE TABLE') "
        "using (table_catalog, table_schema, table_name) "
        "where table_catalog = 'ancienne' group by all order by all"
    ).fetchall()


def _verifier_la_cle(edition: Edition, cle: bytes) -> None:
    """Under another key, a person is somebody else: nobody would be found."""
    with _ouvrir(edition) as con:
        tables = [table for table, _ in _tables(con)]
        trouvee = (
            con.execute("select marque from ancienne.qualite.cle").fetchone()
            if "qualite.cle" in tables
            else None
        )
    if trouvee not in {(trousseau.marque(cle),), ("",)}:
        raise ErreurUtilisateur(
            f"La base de l'édition {edition.nom} n'a pas été construite avec la clé actuelle : la reconstruire "
            f"(make abs EDITION={edition.nom}) ou supprimer {_base(edition)}, puis recommencer."
        )


def _pseudonymes_de_la_base(edition: Edition) -> list[pd.DataFrame]:
    """Who each row of the base is about: nothing but pseudonyms, by table."""
    with _ouvrir(edition) as con:
        connues = (*_LIENS.colonnes, "ecrit")
        tables = [(t, [nom for nom in connues if nom in noms]) for t, noms in _tables(con)]
        return [con.execute(f"select {', '.join(noms)} from ancienne.{t}").df() for t, noms in tables if noms]


def _recrire(edition: Edition, condamnees: Condamnees) -> dict[str, int]:
    """Write the base anew without some rows, and its error sheets; returns table → rows that are gone."""
    base = _base(edition)
    neuve = base.with_name(f".{CONFIDENTIEL}")
    try:
        neuve.unlink(missing_ok=True)
        with _ouvrir(edition, neuve) as con:
            neuve.chmod(0o600)
            lignes: set[Ligne] = set()
            # by name: what quotes the rows of `brut` comes after them
            parties = {table: _copier(con, table, noms, condamnees, lignes) for table, noms in _tables(con)}
            _reprendre_les_vues(con)
            shutil.rmtree(edition.traitement / "rejets", ignore_errors=True)
            exports.ecrire_rejets(con, edition, edition.traitement / "rejets")
        neuve.replace(base)
    finally:
        for reste in base.parent.glob(f".{CONFIDENTIEL}*"):
            effacer(reste)
    return {table: combien for table, combien in parties.items() if combien}


def _copier(
    con: duckdb.DuckDBPyConnection, table: str, noms: set[str], condamnees: Condamnees, lignes: set[Ligne]
) -> int:
    """Copy one table but for the rows that go; returns how many these are.

    `lignes`: those of the deposits whose rows are gone, which no sheet may quote; the table's own join them.
    """
    con.execute(f"create schema if not exists {table.partition('.')[0]}")
    if table not in _PERSONNELLES and not set(noms).intersection(_LIENS.colonnes):
        con.execute(f"create table {table} as select * from ancienne.{table}")
        return 0
    cadre = con.execute(f"select rowid as rang, * from ancienne.{table}").df()
    masque = condamnees(table, cadre)
    if table in _CITATIONS:
        masque = masque | _citees(cadre, lignes)
    elif {"fichier", "ligne"} <= set(noms):
        lignes.update(zip(cadre.loc[masque, "fichier"], cadre.loc[masque, "ligne"], strict=True))
    parties = cadre.loc[masque, ["rang"]]
    con.register("parties", parties)
    con.execute(
        f"create table {table} as select * from ancienne.{table} lue where lue.rowid not in (select rang from parties)"
    )
    con.unregister("parties")
    return len(parties)


def _citees(cadre: pd.DataFrame, lignes: Collection[Ligne]) -> pd.Series:
    """Mask of the rows that name one of these lines."""
    masque = pd.Series(False, index=cadre.index)
    for fichier, ligne in _CITEES:
        if fichier in cadre:
            couples = zip(cadre[fichier], cadre[ligne], strict=True)
            masque |= pd.Series((couple in lignes for couple in couples), index=cadre.index, dtype=bool)
    return masque


def _reprendre_les_vues(con: duckdb.DuckDBPyConnection) -> None:
    """The rows of the results; files of the whole country where they are, if they still are: nobody is in them."""
    vues = con.execute("select sql from duckdb_views() where database_name = 'ancienne' and not internal")
    for (vue,) in vues.fetchall():
        with suppress(duckdb.IOException):
            con.execute(vue)


def _bilan(edition: Edition, parties: dict[str, int]) -> str:
    """« Édition mont-dore/2026 : 5 lignes retirées (brut.ccas_demandes : 3, brut.ccas_decisions : 2). »."""
    if not parties:
        return f"Édition {edition.nom} : aucune ligne à retirer."
    total = sum(parties.values())
    detail = ", ".join(f"{table} : {nombre(combien)}" for table, combien in parties.items())
    retirees = "ligne retirée" if total == 1 else "lignes retirées"
    return f"Édition {edition.nom} : {nombre(total)} {retirees} ({detail})."


def _a_reconstruire(editions: Iterable[Edition]) -> Iterator[str]:
    for edition in _avec_base(editions):
        yield f"À reconstruire, pour que les chiffres suivent : make abs EDITION={edition.nom}"
