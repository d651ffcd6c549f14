"""A deposit checked before it is deposited: nothing is built, its errors come back as a sheet.

In: an edition, whose declarations say what its files should be, and a file. Out: French lines for the
terminal and, beside the file, `<file>_erreurs.csv` when rows are to be corrected, `<file>_a_verifier.csv` when some
are odd, `<file>_rapprochements.csv` when two persons may be one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipeline import constats, depot, ingest, oubli, rapprochements, regles, reponses
from pipeline.chargement import Chargement
from pipeline.empreinte import somme
from pipeline.exports import ecrire_feuille, ecrire_pour_soi
from pipeline.model import ErreurUtilisateur, Source
from pipeline.readers import comparable
from pipeline.report.nombres import avec_unite, nombre
from pipeline.sources.registre import ACTIVITE, SOURCES

if TYPE_CHECKING:
    from pipeline.edition import Edition, Fichier

Declaration = tuple["Fichier", Source]

# Table of `qualite` → what its sheet is called, and how it is told.
_FEUILLES = {
    "rejets": ("erreurs", "Feuille des erreurs à corriger"),
    "a_verifier": ("a_verifier", "Feuille des lignes à vérifier"),
}


def controler(edition: Edition, chemin: Path) -> Iterator[str]:
    """Check `chemin` as the edition declares a file of that name, or of those columns; one line a finding.

    A flat export is declared once for each table it holds: each declaration is checked, then the rules between
    these tables, as the build does; the errors come back in one sheet, the oddities in another.
    """
    if not chemin.is_file():
        raise ErreurUtilisateur(f"Le fichier « {chemin} » est introuvable : vérifier son chemin.")
    declarations = _du_meme_nom(edition, chemin)
    if not declarations:
        declarations = _des_memes_colonnes(edition, chemin)
        yield f"Reconnu à ses colonnes : contrôlé comme « {declarations[0][0].chemin} »."
    personnelle = any(source.personnelle for _, source in declarations)
    cle = ingest.cle_de(edition) if personnelle else None
    dites = ingest.reponses_de(edition, cle)
    ecarts = _ecarts(edition, declarations, chemin, cle, dites)
    lots = [
        (declare, source, ingest.examiner(source, declare, chemin, cle, ecarts))
        for declare, source in declarations
    ]
    with duckdb.connect() as con:
        refus = _entre_tables(con, [(source, lot) for _, source, lot in lots], ingest.repondre(dites, cle))
        for _, source, lot in lots:
            yield from _constats(con, source, lot)
        yield from _a_verifier(con)
        yield from _feuilles(con, chemin, [declare for declare, _ in declarations])
    for declare, source, lot in lots:
        ingest.refuser_si_trop(source, declare, lot)
    if refus:
        raise refus


def _ecarts(
    edition: Edition,
    declarations: list[Declaration],
    chemin: Path,
    cle: bytes | None,
    dites: reponses.Reponses,
) -> oubli.Ecarts:
    """Nobody is set aside; who was brought together is one person, as in the build."""
    memes = {}
    if reponses.en_reunissent(dites):
        deposees = [ingest.rangees_de(source, declare, chemin, cle) for declare, source in declarations]
        memes = reponses.memes(dites, deposees, oubli.liens(SOURCES).identites)
    return replace(oubli.AUCUN, dernier_exercice=edition.dernier_exercice, memes=memes)


# --- Which declarations ----------------------------------------------------------------------------


def _du_meme_nom(edition: Edition, chemin: Path) -> list[Declaration]:
    """The declarations of the edition for a file of that name."""
    sources = {source.id: source for source in SOURCES}
    memes = [fichier for fichier in edition.fichiers if Path(fichier.chemin).name == chemin.name]
    return [(fichier, sources[fichier.source]) for fichier in memes]


def _des_memes_colonnes(edition: Edition, chemin: Path) -> list[Declaration]:
    """The declarations of the deposit whose columns the file has: the one that has most tables in it."""
    tables = [{comparable(titre) for titre in titres} for titres in depot.titres(chemin)]
    depots: dict[str, list[Declaration]] = {}
    for source in ACTIVITE:
        for fichier in edition.fichiers_de(source.id):
            attendues = {comparable(titre) for titre in ingest.noms_bruts(source, fichier).values()}
            trouvees = depots.setdefault(fichier.chemin, [])
            if any(attendues <= presentes for presentes in tables):
                trouvees.append((fichier, source))
    reconnues = max(depots.values(), key=len, default=[])
    if not reconnues:
        noms = ", ".join(Path(declare).name for declare in depots)
        raise ErreurUtilisateur(
            f"« {chemin.name} » n'a ni le nom ni les colonnes d'un dépôt de l'édition {edition.nom}"
            f"{f' ({noms})' if noms else ''} : « make depot FICHIER={chemin} EDITION={edition.nom} » propose la "
            "déclaration à mettre dans edition.toml."
        )
    return reconnues


# --- What is found ---------------------------------------------------------------------------------


def _entre_tables(
    con: duckdb.DuckDBPyConnection, lots: list[tuple[Source, Chargement]], repondre: rapprochements.Repondre
) -> ErreurUtilisateur | None:
    """What the file holds in a base of its own, without the rows that contradict another of its tables.

    Out: what the build would refuse the file for, to be told once its errors are.
    """
    con.execute("create schema brut; create schema qualite")
    for source in ACTIVITE:
        ingest.ecrire_brut(con, source, [lot for autre, lot in lots if autre is source])
    ingest.ecrire_qualite(con, [lot for _, lot in lots], repondre)
    try:
        regles.appliquer(con)
    except ErreurUtilisateur as refus:
        return refus
    return None


def _constats(con: duckdb.DuckDBPyConnection, source: Source, lot: Chargement) -> Iterator[str]:
    """What one declaration finds in the file."""
    lues, bonnes, fautives, ecartees = con.execute(
        "select lignes_lues, lignes_chargees, lignes_rejetees, lignes_ecartees from qualite.fichiers where source = ?",
        [source.id],
    ).fetchone()
    yield f"{source.title} : {lot.qualite['detecte']}"
    yield (
        f"{nombre(lues)} lignes lues, {nombre(bonnes)} bonnes, {nombre(fautives)} à corriger, "
        f"{nombre(ecartees)} mises de côté."
    )
    for reste in lot.non_mappees.itertuples():
        combien = avec_unite(reste.lignes, "lignes")
        yield f"Colonne « {reste.colonne} » : « {reste.valeur} » n'a pas de code ({combien})."


def _a_verifier(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Oddities, of one table and between two."""
    comptes = constats.comptes(con)
    for _, regle, _, lignes in comptes[comptes["nature"].eq(constats.A_VERIFIER)].itertuples(index=False):
        yield f"À vérifier : {regle} ({avec_unite(lignes, 'lignes')})."


def _feuilles(con: duckdb.DuckDBPyConnection, chemin: Path, declares: list[Fichier]) -> Iterator[str]:
    """The sheets that have a row, written beside the file."""
    for table, (suite, titre) in _FEUILLES.items():
        if len(lignes := constats.lire(con, table)):
            feuille = chemin.with_name(f"{chemin.stem}_{suite}.csv")
            ecrire_feuille(lignes, declares, feuille)
            yield f"{titre} : {feuille}"
    if len(paires := constats.lire(con, "rapprochements")):
        feuille = chemin.with_name(f"{chemin.stem}_rapprochements.csv")
        sommes = {declare.chemin: somme(chemin) for declare in declares}
        ecrire_pour_soi(rapprochements.feuille(paires, sommes), feuille)
        yield f"Personnes à rapprocher peut-être : {avec_unite(len(paires), 'paires')}, dans {feuille}"
