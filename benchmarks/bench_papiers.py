"""The board's papers of the default edition: what each costs once the report is composed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

RACINE = Path(__file__).parents[1]
EDITION = "mont-dore/2026"

# One process, from a built edition: the report is composed, then each paper is timed, then all of them.
_PAPIERS = """
import json, sys, tempfile
from pathlib import Path
from time import perf_counter
import duckdb
from pipeline.build import CONFIDENTIEL
from pipeline.edition import lire_edition
from pipeline.indicators import chapitres_de
from pipeline.report import conseil, diaporama, document, faits as faits_, papiers
edition = lire_edition(sys.argv[1])
con = duckdb.connect(str(edition.traitement / CONFIDENTIEL), read_only=True)
temps = {}
def chrono(nom, faire):
    debut = perf_counter()
    faire()
    temps[nom] = perf_counter() - debut
def atelier():
    dessins = document.Dessins(Path(tempfile.mkdtemp()))
    faits = faits_.lire(con, edition, chapitres_de(edition.profil), document.DIFFUSABLE.schema)
    contexte = document.composer(con, faits, document.DIFFUSABLE, dessins)
    return conseil.atelier_de(con, faits, contexte, document.DIFFUSABLE, dessins)
sortie, un = Path(tempfile.mkdtemp()), atelier()
chrono("deck", lambda: diaporama.ecrire(un, sortie))
chrono("deck, to PDF by LibreOffice where it is", lambda: diaporama.en_pdf(sortie))
for papier in conseil.les_papiers(un):
    chrono(papier.nom, lambda: papiers.ecrire(un, [papier], sortie))
deux, dossier = atelier(), Path(tempfile.mkdtemp())
chrono("the report and all the papers of one edition, as the run writes them", lambda: conseil.ecrire(deux, dossier))
print(json.dumps(temps))
"""


def mesurer() -> str:
    """Markdown: seconds of each paper, and of all of them together."""
    with tempfile.TemporaryDirectory() as provisoire:
        racine = Path(provisoire)
        shutil.copytree(RACINE / "data" / "raw", racine / "data" / "raw")
        shutil.copytree(
            RACINE / "reports", racine / "reports", ignore=shutil.ignore_patterns("publication", "interne")
        )
        env = {**os.environ, "ABS_RACINE": str(racine), "ABS_CLE": str(racine / "cle" / "bench.cle")}
        for commande in (["-m", "pipeline", "abs", EDITION, "--silencieux"], ["-c", _PAPIERS, EDITION]):
            lu = subprocess.run(
                [sys.executable, *commande], env=env, cwd=RACINE, check=True, capture_output=True, text=True
            ).stdout
        lignes = "\n".join(f"| {nom} | {s:.2f} |" for nom, s in json.loads(lu).items())
    return f"""## The board's papers ({EDITION}, the edition that is published)

Aimed at: all of them within 20 s.

| paper | seconds |
|---|---|
{lignes}
"""
