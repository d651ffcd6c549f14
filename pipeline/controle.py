"""A deposit checked before it is deposited: nothing is built, its errors come back as a sheet.

In: an edition, whose declaration says what the file should be, and a file. Out: French lines for the
terminal and `<file>_erreurs.csv` beside the file when rows are to be corrected.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import ingest
from pipeline.exports import ecrire_csv, feuille_d_erreurs
from pipeline.model import ErreurUtilisateur, Source
from pipeline.report.nombres import nombre
from pipeline.sources.registre import SOURCES

if TYPE_CHECKING:
    from pipeline.edition import Edition, Fichier


def controler(edition: Edition, chemin: Path) -> Iterator[str]:
    """Check `chemin` as the edition declares a file of that name; yields one line a finding."""
    declare, source = _declaration(edition, chemin)
    if not chemin.is_file():
        raise ErreurUtilisateur(f"Le fichier « {chemin} » est introuvable : vérifier son chemin.")
    cle = ingest.cle_de(edition) if source.personnelle else None
    lot = ingest.examiner(source, declare, chemin, cle)
    yield f"{chemin.name} : {lot.qualite['detecte']}"
    yield (
        f"{nombre(lot.qualite['lignes_lues'])} lignes lues, {nombre(lot.qualite['lignes_chargees'])} bonnes, "
        f"{nombre(lot.qualite['lignes_rejetees'])} à corriger, "
        f"{nombre(lot.qualite['lignes_ecartees'])} mises de côté (titres, totaux)."
    )
    for reste in lot.non_mappees.itertuples():
        yield f"Colonne « {reste.colonne} » : « {reste.valeur} » n'a pas de code ({reste.lignes} lignes)."
    for signale in lot.signalements.itertuples():
        yield f"À vérifier : {signale.regle} ({signale.lignes} lignes)."
    feuille = chemin.with_name(f"{chemin.stem}_erreurs.csv")
    if len(lot.rejets):
        ecrire_csv(feuille_d_erreurs(lot.rejets), feuille)
        yield f"Feuille des erreurs à corriger : {feuille}"
    ingest.refuser_si_trop(source, declare, lot)


def _declaration(edition: Edition, chemin: Path) -> tuple[Fichier, Source]:
    """The declaration of the edition that fits the file: by its name, else the only deposit of its kind."""
    sources = {source.id: source for source in SOURCES}
    declares = [fichier for fichier in edition.fichiers if fichier.source in sources]
    memes = [fichier for fichier in declares if Path(fichier.chemin).name == chemin.name]
    depots = [fichier for fichier in declares if sources[fichier.source].personnelle]
    retenus = memes or depots
    if len(retenus) != 1:
        noms = ", ".join(fichier.chemin for fichier in declares)
        raise ErreurUtilisateur(
            f"« {chemin.name} » ne correspond à aucun fichier de l'édition {edition.nom} : "
            f"lui donner le nom d'un fichier déclaré ({noms})."
        )
    return retenus[0], sources[retenus[0].source]
