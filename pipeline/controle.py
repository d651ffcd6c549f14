"""A deposit checked before it is deposited: nothing is built, its errors come back as a sheet.

In: an edition, whose declaration says what the file should be, and a file. Out: French lines for the
terminal and, when rows are to be corrected, `<file>_erreurs.csv` beside the file, its owner's alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from pipeline import ingest
from pipeline.exports import ecrire_feuille
from pipeline.model import ErreurUtilisateur, Source
from pipeline.report.nombres import nombre
from pipeline.sources.registre import SOURCES

if TYPE_CHECKING:
    from pipeline.edition import Edition, Fichier


def controler(edition: Edition, chemin: Path) -> Iterator[str]:
    """Check `chemin` as the edition declares a file of that name; yields one line a finding.

    A flat export is declared once for each table it holds: each declaration is checked, and their errors
    come back in one sheet.
    """
    if not chemin.is_file():
        raise ErreurUtilisateur(f"Le fichier « {chemin} » est introuvable : vérifier son chemin.")
    lots = []
    for declare, source in _declarations(edition, chemin):
        cle = ingest.cle_de(edition) if source.personnelle else None
        lot = ingest.examiner(source, declare, chemin, cle)
        lots.append((source, declare, lot))
        yield from _constats(source, lot)
    erreurs = pd.concat([lot.rejets.assign(source=source.id) for source, _, lot in lots], ignore_index=True)
    if len(erreurs):
        feuille = chemin.with_name(f"{chemin.stem}_erreurs.csv")
        ecrire_feuille(erreurs, [declare for _, declare, _ in lots], feuille)
        yield f"Feuille des erreurs à corriger : {feuille}"
    for source, declare, lot in lots:
        ingest.refuser_si_trop(source, declare, lot)


def _constats(source: Source, lot: ingest.Chargement) -> Iterator[str]:
    """What one declaration finds in the file."""
    yield f"{source.title} : {lot.qualite['detecte']}"
    yield (
        f"{nombre(lot.qualite['lignes_lues'])} lignes lues, {nombre(lot.qualite['lignes_chargees'])} bonnes, "
        f"{nombre(lot.qualite['lignes_rejetees'])} à corriger, "
        f"{nombre(lot.qualite['lignes_ecartees'])} mises de côté (titres, totaux)."
    )
    for reste in lot.non_mappees.itertuples():
        yield f"Colonne « {reste.colonne} » : « {reste.valeur} » n'a pas de code ({reste.lignes} lignes)."
    for signale in lot.signalements.itertuples():
        yield f"À vérifier : {signale.regle} ({signale.lignes} lignes)."


def _declarations(edition: Edition, chemin: Path) -> list[tuple[Fichier, Source]]:
    """The declarations of the edition for a file of that name."""
    sources = {source.id: source for source in SOURCES}
    memes = [fichier for fichier in edition.fichiers if Path(fichier.chemin).name == chemin.name]
    if not memes:
        noms = ", ".join(dict.fromkeys(Path(fichier.chemin).name for fichier in edition.fichiers))
        raise ErreurUtilisateur(
            f"« {chemin.name} » ne correspond à aucun fichier de l'édition {edition.nom} : "
            f"lui donner le nom d'un fichier déclaré ({noms})."
        )
    return [(fichier, sources[fichier.source]) for fichier in memes]
