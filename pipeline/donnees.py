"""The files that an edition asks for: which are there, which are missing, which have changed.

In: an edition. Out: one line a declared file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.empreinte import somme
from pipeline.ingest import empreinte_attendue

if TYPE_CHECKING:
    from pipeline.edition import Edition, Fichier


@dataclass(frozen=True)
class Presence:
    """One declared file, and whether the edition can be built with it."""

    phrase: str
    bloquant: bool


def inventaire(edition: Edition) -> list[Presence]:
    """One line a declared file, in the edition's order."""
    return [_presence(edition, fichier) for fichier in edition.fichiers]


def _presence(edition: Edition, fichier: Fichier) -> Presence:
    chemin = edition.chemin(fichier)
    if not chemin.is_file():
        return Presence(f"{fichier.chemin} : manque ; le déposer dans {chemin.parent}", True)
    trouvee, attendue = somme(chemin), empreinte_attendue(chemin, fichier)
    if not attendue:
        return Presence(
            f"{fichier.chemin} : présent (sha256 {trouvee}, non enregistré dans edition.toml)", False
        )
    if attendue != trouvee:
        return Presence(f"{fichier.chemin} : a changé (sha256 {trouvee}, enregistré {attendue})", True)
    return Presence(f"{fichier.chemin} : présent, inchangé", False)
