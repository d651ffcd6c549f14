"""Every national file read and every indicator computed for every territory of France; a pandas script beside it.

Not part of `make bench` yet: the invented files hold each source's identities, not those between two columns that
no rule links (dwellings by year of completion), and the engine refuses a share above 100 %. `docs/performance.md`
has the figures taken by hand up to that point.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.pays import ecrire_bases, ecrire_equipements

_MESURE = """
import json, resource, sys, time
debut, horloge = time.perf_counter(), time.process_time()
{corps}
print(json.dumps({{"secondes": time.perf_counter() - debut, "cpu": time.process_time() - horloge,
                  "memoire": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, **dit}}))
"""

_PIPELINE = """
import duckdb
from pipeline import compute, ingest, transform
from pipeline.edition import lire_edition
from pipeline.indicators import chapitres_de
from pipeline.sources.registre import SOURCES
edition = lire_edition(sys.argv[1])
con = duckdb.connect(str(edition.traitement) + ".duckdb")
con.execute("set threads = 2; set enable_progress_bar = false")
ingest.charger(con, edition, SOURCES)
lecture = time.perf_counter() - debut
transform.construire(con, edition)
if sys.argv[2] == "tous":
    con.execute("update socle.territoires set role = 'membre' "
                "where role = '' and niveau in ('commune', 'epci', 'departement', 'region')")
tables = time.perf_counter() - debut - lecture
compute.ecrire(con, edition, chapitres_de(edition.profil), transform.series())
[(lignes, valeurs)] = con.execute("select count(*), count(valeur) from resultat.indicateurs").fetchall()
dit = {"lecture": lecture, "tables": tables, "lignes": lignes, "valeurs": valeurs}
"""

# The same work by hand: read, sum to each level, divide, an interval; no check, no status, no quality.
_PANDAS = """
import glob, zipfile
import numpy as np
import pandas as pd
from pipeline import cog
from pipeline.indicators import CHAPITRES
from pipeline.model import Share, Rate, Ratio, Mean, Total, colonnes
from pipeline.sources.registre import SOURCES
from pipeline.transform import sources_de
niveaux = cog.territoires()
liens = niveaux.assign(dans=niveaux["dans"].str.split()).explode("dans").dropna(subset="dans")
liens["dans"] = liens["dans"].str.partition(":")[0]
liens = liens.loc[liens["niveau"] == "commune", ["code", "dans"]]
declarees = {s.id: s for s in SOURCES}
tables = {}
for chemin in sorted(glob.glob(sys.argv[3] + "/insee_rp_*.csv")):
    nom = chemin.rsplit("/", 1)[1]
    theme, annee = nom[:-9], int(nom[-8:-4])
    schema = declarees[theme].schema.columns
    noms = {c.metadata["brut"].replace("{yy}", f"{annee % 100:02d}"): n for n, c in schema.items()}
    lue = pd.read_csv(chemin, sep=";", dtype={"CODGEO": str}).rename(columns=noms | {"CODGEO": "territoire"})
    tables.setdefault(theme, []).append(lue.assign(millesime=annee))
equipements = pd.read_csv(sys.argv[3] + "/DS_BPE_2025_CSV_FR.zip", sep=";", dtype={"GEO": str})
equipements = equipements.pivot_table("OBS_VALUE", "GEO", "FACILITY_TYPE", aggfunc="sum")
nombre = 0
for theme, morceaux in tables.items():
    table = pd.concat(morceaux, ignore_index=True)
    dessus = table.merge(liens, left_on="territoire", right_on="code").drop(columns=["code", "territoire"])
    sommes = dessus.groupby(["dans", "millesime"]).sum().reset_index().rename(columns={"dans": "territoire"})
    tout = pd.concat([table, sommes], ignore_index=True)
    for chapitre in CHAPITRES:
        for indicateur in chapitre.indicators:
            mesure = indicateur.measure
            if theme not in sources_de(indicateur.table) or not isinstance(mesure, Share | Rate | Ratio | Mean | Total):
                continue
            noms = colonnes(mesure.a) + (colonnes(mesure.of) if hasattr(mesure, "of") else ())
            if not set(noms) <= set(tout.columns):
                continue
            a = tout.eval(mesure.a)
            b = tout.eval(mesure.of) if hasattr(mesure, "of") else 1
            p = a / b
            z, n = 1.96, b
            centre, demi = p + z * z / (2 * n), z * np.sqrt((p * (1 - p)).clip(0) / n + z * z / (4 * n * n))
            basse, haute = ((centre + signe * demi) / (1 + z * z / n) for signe in (-1, 1))
            resultat = tout[["territoire", "millesime"]].assign(valeur=p, basse=basse, haute=haute)
            nombre += len(resultat)
dit = {"valeurs": nombre}
"""

EDITION = "pays/2026"


def mesurer() -> str:
    """Markdown: time and peak memory of the country, by the pipeline and by pandas; and of a second edition."""
    with tempfile.TemporaryDirectory() as provisoire:
        racine = Path(provisoire)
        fichiers = racine / "data" / "raw" / "insee"
        fichiers.mkdir(parents=True)
        _declarer(racine, ecrire_bases(fichiers), ecrire_equipements(fichiers))
        octets = sum(chemin.stat().st_size for chemin in fichiers.iterdir()) / 1024**2
        env = {**os.environ, "ABS_RACINE": str(racine)}
        pays = _executer(_PIPELINE, env, "pays/2026", "tous", str(fichiers))
        seconde = _executer(_PIPELINE, env, "bourg/2026", "une", str(fichiers))
        pandas = _executer(_PANDAS, env, "", "", str(fichiers))
    lignes = (
        ("every indicator, every commune, EPCI, département and région", pays),
        ("a second edition, on the files already read", seconde),
        ("a pandas script: read, sum, divide, one interval; no check, no status", pandas),
    )
    tableau = "\n".join(
        f"| {nom} | {m['secondes']:.1f} | {m['cpu']:.1f} | {m['memoire']:.1f} | {m['valeurs']:,} "
        f"| {m['cpu'] / pandas['cpu']:.2f} |"
        for nom, m in lignes
    )
    return f"""## The whole country

{octets:.0f} MB of files: 34,900 communes × 150 columns × 3 vintages, 1 M rows of equipment.

| what | seconds | CPU seconds | peak memory (GB) | values | CPU × pandas |
|---|---|---|---|---|---|
{tableau}

Of the first line, {pays["lecture"]:.1f} s are reading and checking, {pays["tables"]:.1f} s the tables.
"""


def _declarer(racine: Path, bases: dict[str, list[tuple[Path, int]]], equipements: Path) -> None:
    blocs = [
        f'[[fichiers]]\nsource = "{theme}"\nchemin = "../../insee/{chemin.name}"\nmillesime = {annee}\n'
        for theme, siennes in bases.items()
        for chemin, annee in siennes
    ]
    blocs.append(f'[[fichiers]]\nsource = "insee_bpe"\nchemin = "../../insee/{equipements.name}"\n')
    for nom, code, epci in (("pays", "01053", "EPCI-200071751"), ("bourg", "01053", "EPCI-200071751")):
        dossier = racine / "data" / "raw" / nom / "2026"
        dossier.mkdir(parents=True)
        (racine / "data" / "processed" / nom).mkdir(parents=True)
        (dossier / "edition.toml").write_text(
            '[edition]\ntitre = "A"\nredaction = "C"\nprofil = "france"\n'
            f'comparateurs = ["{epci}", "DEP-01", "REG-84", "FRANCE-F"]\ndetail = "{epci}"\n'
            f'[territoire]\ncode = "{code}"\nnom = "Bourg-en-Bresse"\n' + "\n".join(blocs),
            encoding="utf-8",
        )


def _executer(corps: str, env: dict[str, str], *arguments: str) -> dict[str, float]:
    commande = [sys.executable, "-c", _MESURE.format(corps=corps), *arguments]
    return json.loads(subprocess.run(commande, env=env, check=True, capture_output=True, text=True).stdout)
