"""The edition that is shipped, copied and built in a folder of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline.build import construire
from pipeline.edition import lire_edition

RACINE = Path(__file__).parents[1]
EDITION = "mont-dore/2026"


def copier(dossier: Path) -> Path:
    """A project folder with the inputs of the edition, and nothing that was built."""
    shutil.copytree(RACINE / "data" / "raw", dossier / "data" / "raw")
    ecrits = RACINE / "reports" / EDITION
    shutil.copytree(ecrits / "textes", dossier / "reports" / EDITION / "textes")
    shutil.copy(ecrits / "orientations.toml", dossier / "reports" / EDITION)
    return dossier


def batir(dossier: Path) -> list[str]:
    """Build the edition; returns the lines it said."""
    lignes: list[str] = []
    construire(lire_edition(EDITION, dossier), lignes.append)
    return lignes
