"""One million requests for aid: read, pseudonymised, validated, tabulated; beside a bare scan of the file.

The steps of a real run, in a base on the disk as it has; what is promised is 60 s and 2 GB on two cores.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from pipeline.edition import lire_edition
from pipeline.fictif import Fiction
from pipeline.fictif.aides import inventer_aides
from pipeline.fictif.fichiers import ecrire_aides
from pipeline.fictif.population import inventer_menages, inventer_personnes

EDITION = "mont-dore/2026"
DEPOT = f"data/raw/{EDITION}/depots/ccas_aides.csv"
DEMANDES = 1_000_000
_PAR_MENAGE = 2.35  # requests a household, in the shipped fiction

_DEPOSER = """
import sys
from pathlib import Path
from benchmarks.bench_depot import deposer
deposer(Path(sys.argv[1]))
"""

_LIRE = """
import json, resource, sys
from pathlib import Path
from time import perf_counter
from pipeline import ingest, regles, transform
from pipeline.build import base_neuve
from pipeline.edition import lire_edition
from pipeline.sources.registre import SOURCES
edition = lire_edition(sys.argv[1])
con = base_neuve(Path(sys.argv[2]))
con.execute("set threads = 2")
debut = perf_counter()
qualite = ingest.charger(con, edition, SOURCES)
regles.appliquer(con)
lecture = perf_counter() - debut
transform.construire(con, edition)
total = perf_counter() - debut
usage = resource.getrusage(resource.RUSAGE_SELF)
aides = [ligne for ligne in qualite if ligne["source"] == "ccas_demandes"][0]
print(json.dumps({"lecture": lecture, "total": total, "lues": aides["lignes_lues"],
                  "rejetees": aides["lignes_rejetees"],
                  "processeur": usage.ru_utime + usage.ru_stime, "memoire": usage.ru_maxrss / 1024**2}))
"""

_BALAYER = """
import sys
import pandas as pd
pd.read_csv(sys.argv[1], sep=";", encoding="cp1252", dtype=str, skiprows=4, on_bad_lines="skip")
"""


def mesurer() -> str:
    """Markdown: time and peak memory of a deposit of a million requests, against pandas reading it."""
    with tempfile.TemporaryDirectory() as provisoire:
        racine = Path(provisoire)
        # in a process of its own: what it takes would count in the peak of those that this one starts
        _executer([sys.executable, "-c", _DEPOSER, provisoire], dict(os.environ))
        chemin = racine / DEPOT
        taille = chemin.stat().st_size / 1024**2
        env = {**os.environ, "ABS_RACINE": str(racine), "ABS_CLE": str(racine / "cle" / "bench.cle")}
        lu = json.loads(_executer([sys.executable, "-c", _LIRE, EDITION, provisoire], env).splitlines()[-1])
        debut = perf_counter()
        _executer([sys.executable, "-c", _BALAYER, str(chemin)], env)
        pandas = perf_counter() - debut
    return f"""## A deposit of {lu["lues"]:,} requests ({taille:.0f} MB, {lu["rejetees"]:,} rejected)

One file, declared three times: requests, decisions and payments. Promised: 60 s and 2 GB on two cores.

| step | seconds | × pandas reading the file once |
|---|---|---|
| read, pseudonymised, validated | {lu["lecture"]:.1f} | {lu["lecture"] / pandas:.1f} |
| and tabulated | {lu["total"]:.1f} | {lu["total"] / pandas:.1f} |
| pandas, one bare reading with its start-up | {pandas:.1f} | 1 |

Processor: {lu["processeur"]:.1f} s, start-up included. Peak memory: {lu["memoire"]:.1f} GB.
"""


def deposer(racine: Path) -> None:
    """An edition whose only deposit is a large fictional export of aids."""
    livree = lire_edition(EDITION)
    dossier = racine / "data" / "raw"
    (dossier / EDITION / "depots").mkdir(parents=True)
    (dossier / "isee").symlink_to(livree.dossier.parents[1] / "isee")
    toml = (livree.dossier / "edition.toml").read_text(encoding="utf-8")
    blocs = toml.split("\n[[fichiers]]")
    gardes = [blocs[0], *(bloc for bloc in blocs[1:] if "isee" in bloc or "ccas_aides.csv" in bloc)]
    (dossier / EDITION / "edition.toml").write_text("\n[[fichiers]]".join(gardes), encoding="utf-8")
    noms = {quartier.nom: 1.0 for quartier in livree.quartiers}
    fiction = Fiction(quartiers=noms, annees=(2023, 2024, 2025), menages=round(DEMANDES / _PAR_MENAGE))
    fiction = dataclasses.replace(fiction, anomalies=dict(fiction.anomalies))
    menages = inventer_menages(fiction)
    aides = inventer_aides(fiction, menages, inventer_personnes(fiction, menages))
    ecrire_aides(racine / DEPOT, fiction, aides)


def _executer(commande: list[str], env: dict[str, str]) -> str:
    return subprocess.run(commande, env=env, check=True, capture_output=True, text=True).stdout
