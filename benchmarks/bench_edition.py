"""The default edition: a whole run, an unchanged run, and where the time goes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

RACINE = Path(__file__).parents[1]
EDITION = "mont-dore/2026"

# One process, cold, each step timed: what `build._executer` does, in its order.
_ETAPES = """
import json, sys, tempfile
from pathlib import Path
from time import perf_counter
temps, debut = {}, perf_counter()
def tour(nom):
    global debut
    temps[nom] = temps.get(nom, 0) + perf_counter() - debut
    debut = perf_counter()
import duckdb
from pipeline import comparison, compute, exports, ingest, protect, regles, transform
from pipeline.edition import lire_edition
from pipeline.indicators import chapitres_de
from pipeline.sources.registre import SOURCES
tour("imports")
edition = lire_edition(sys.argv[1])
chapitres = chapitres_de(edition.profil)
dossier = Path(tempfile.mkdtemp())
con = duckdb.connect()
ingest.charger(con, edition, SOURCES)
regles.appliquer(con)
tour("reading")
transform.construire(con, edition)
compute.calculer(con, edition, chapitres, transform.series())
comparison.comparer(con, edition, chapitres, transform.series())
tour("computing")
protect.proteger(con, edition, chapitres)
tour("secrecy")
exports.ecrire(con, edition, chapitres, dossier)
tour("exports")
from pipeline.report import document, faits as faits_
from pipeline.report.render import rendre
tour("imports for the report")
faits = faits_.lire(con, edition, chapitres)
contexte = document.composer(con, faits, document.DIFFUSABLE, document.Dessins(dossier))
tour("drawing")
rendre(document.mettre_en_page(faits, contexte, document.DIFFUSABLE, dossier), dossier)
tour("rendering")
print(json.dumps(temps))
"""

_ESSAIS = 3
_SANS_RAPPORT = ("imports", "reading", "computing", "secrecy", "exports")

_BALAYAGE = """
import sys
import duckdb
for chemin in sys.argv[1:]:
    duckdb.read_csv(chemin, sep=",", header=True, all_varchar=True).aggregate("count(*)").fetchall()
"""


def mesurer() -> str:
    """Markdown: the whole run, the unchanged run, the share of each step."""
    with tempfile.TemporaryDirectory() as provisoire:
        racine = Path(provisoire)
        shutil.copytree(RACINE / "data" / "raw", racine / "data" / "raw")
        env = {**os.environ, "ABS_RACINE": str(racine), "ABS_CLE": str(racine / "cle" / "bench.cle")}
        commande = [sys.executable, "-m", "pipeline", "abs", EDITION, "--silencieux"]
        entier, inchange = _chrono(commande, env), _chrono(commande, env)
        essais = [
            json.loads(_executer([sys.executable, "-c", _ETAPES, EDITION], env)) for _ in range(_ESSAIS)
        ]
        tables = [str(chemin) for chemin in sorted((racine / "data/raw/isee").glob("*.csv"))]
        balayage = _chrono([sys.executable, "-c", _BALAYAGE, *tables], env)
    etapes, seuls = min(essais, key=_seul), sorted(_seul(essai) for essai in essais)
    total, seul = sum(etapes.values()), seuls[0]
    lignes = "\n".join(f"| {nom} | {s:.2f} | {100 * s / total:.0f} % |" for nom, s in etapes.items())
    return f"""## The default edition ({EDITION})

Aimed at: the pipeline alone within 10 s, an unchanged run within 2 s.

| run | seconds | × a bare DuckDB scan of the same public tables |
|---|---|---|
| whole, from nothing | {entier:.2f} | {entier / balayage:.1f} |
| unchanged | {inchange:.2f} | {inchange / balayage:.1f} |
| bare DuckDB scan, with its start-up | {balayage:.2f} | 1 |

The steps of a whole run, each run in a process of its own, for one edition of the report and without papers nor
site. The quickest of {_ESSAIS} runs; the pipeline alone took {seuls[0]:.1f} to {seuls[-1]:.1f} s.

| step | seconds | share |
|---|---|---|
{lignes}
| the pipeline alone, before the report | {seul:.2f} | {100 * seul / total:.0f} % |
"""


def _seul(etapes: dict[str, float]) -> float:
    """Seconds of the pipeline alone, before the report."""
    return sum(etapes[nom] for nom in _SANS_RAPPORT)


def _executer(commande: list[str], env: dict[str, str]) -> str:
    return subprocess.run(commande, env=env, cwd=RACINE, check=True, capture_output=True, text=True).stdout


def _chrono(commande: list[str], env: dict[str, str]) -> float:
    debut = perf_counter()
    _executer(commande, env)
    return perf_counter() - debut
