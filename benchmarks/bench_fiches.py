"""The fiches of the communes of an intercommunalité: one paper of two pages each, once the edition is built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

RACINE = Path(__file__).parents[1]
EDITION = "bourg-en-bresse/2026"


def mesurer() -> str:
    """Markdown: how many communes, and the seconds of all their fiches."""
    with tempfile.TemporaryDirectory() as provisoire:
        racine = Path(provisoire)
        shutil.copytree(RACINE / "data" / "raw", racine / "data" / "raw")
        env = {**os.environ, "ABS_RACINE": str(racine), "ABS_CLE": str(racine / "cle" / "bench.cle")}
        commande = [sys.executable, "-m", "pipeline", "abs", EDITION, "--silencieux"]
        subprocess.run(commande, env=env, cwd=RACINE, check=True)
        debut = perf_counter()
        subprocess.run([*commande, "--fiches"], env=env, cwd=RACINE, check=True)
        secondes = perf_counter() - debut
        combien = len([*(racine / "reports" / EDITION / "publication/papiers/communes").glob("*.pdf")])
    return f"""## A fiche for each commune ({EDITION}, built already)

| fiches (PDF and DOCX, two pages) | seconds |
|---|---|
| {combien} | {secondes:.1f} |
"""
