"""Every national file read and every indicator computed for every territory of France; a pandas script beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

from benchmarks.pays import GEOGRAPHIE, ecrire_bases, ecrire_equipements, ecrire_iris
from pipeline.build import CONFIDENTIEL

RACINE = Path(__file__).parents[1]

_MESURE = """
import json, resource, sys, time
debut, horloge = time.perf_counter(), time.process_time()
{corps}
print(json.dumps({{"secondes": time.perf_counter() - debut, "cpu": time.process_time() - horloge,
                  "memoire": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, **dit}}))
"""

# What `build._executer` does before it protects and draws; « tous » shows every territory of the country.
_PIPELINE = """
from pipeline import build, comparables, comparison, compute, ingest, transform
from pipeline.edition import lire_edition
from pipeline.indicators import chapitres_de
from pipeline.sources.registre import SOURCES
edition = lire_edition(sys.argv[1])
chapitres, series = chapitres_de(edition.profil), transform.series()
con = build.base_neuve(edition.traitement)
con.execute("set threads = 2; set enable_progress_bar = false")
dit = {}
def tour(nom):
    dit[nom] = time.process_time() - horloge - sum(dit.values())
tour("imports")
ingest.charger(con, edition, SOURCES)
tour("lecture")
transform.construire(con, edition)
tour("tables")
if sys.argv[2] == "tous":
    con.execute("update socle.territoires set role = 'membre' "
                "where role = '' and niveau in ('commune', 'epci', 'departement', 'region')")
else:
    comparables.choisir(con, edition, chapitres)
compute.ecrire(con, edition, chapitres, series)
if sys.argv[2] != "tous":
    comparison.comparer(con, edition, chapitres, series)
tour("calcul")
"""

_PANDAS = """
from pathlib import Path
from benchmarks import script_pandas
script_pandas.main(Path(sys.argv[1]), Path(sys.argv[2]))
dit = {}
"""

# The engine rounds counts to the sixth decimal before it divides: small ones differ beyond.
_ECARTS = """
select count(*), count(moteur.valeur), count(*) filter (
  where moteur.statut is distinct from script.statut
  or (moteur.valeur is null) <> (script.valeur is null)
  or abs(moteur.valeur - script.valeur) > 0.001 * greatest(1, abs(moteur.valeur))
)
from resultat.indicateurs moteur
full join read_parquet(?) script using (indicateur, territoire, millesime)
"""


def mesurer() -> str:
    """Markdown: time and peak memory of the country, by the pipeline and by pandas; and of a second edition.

    `ValueError` when the two do not agree on every value and status.
    """
    with tempfile.TemporaryDirectory() as provisoire:
        racine = Path(provisoire)
        fichiers = racine / "data" / "raw" / "insee"
        fichiers.mkdir(parents=True)
        _declarer(racine, fichiers)
        octets = sum(chemin.stat().st_size for chemin in fichiers.iterdir()) / 1024**2
        env = {**os.environ, "ABS_RACINE": str(racine)}
        pays = _executer(_PIPELINE, env, "pays/2026", "tous")
        seconde = _executer(_PIPELINE, env, "bourg/2026", "une")
        pandas = _executer(_PANDAS, env, str(fichiers), str(racine / "pandas.parquet"))
        valeurs = _comparer(racine / "data/processed/pays/2026" / CONFIDENTIEL, racine / "pandas.parquet")
    lignes = (
        ("every indicator, every commune, EPCI, département and région", pays),
        ("the same by a plain pandas script (`benchmarks/script_pandas.py`)", pandas),
        ("a second edition, on the shared files: one commune and its comparables", seconde),
    )
    mesures = ("secondes", "cpu", "memoire")
    tableau = "\n".join(
        f"| {nom} | {' | '.join(f'{m[mesure]:.1f}' for mesure in mesures)} | "
        f"{m['secondes'] / pandas['secondes']:.2f} | {m['cpu'] / pandas['cpu']:.2f} |"
        for nom, m in lignes
    )
    etapes = ", ".join(f"{nom} {pays[cle]:.0f} ({seconde[cle]:.1f})" for nom, cle in _ETAPES.items())
    return f"""## The whole country

Invented at its real size: {octets:.0f} MB, 34,900 communes × 140 columns × 3 vintages, 50,000 IRIS, 1 M rows of
equipment, geography {GEOGRAPHIE} brought to 2026. {valeurs:,} values, the same in value and status by the pipeline
and by the script, which checks the same rules, and keeps neither rejects, nor quality, nor the files for another
edition. Aimed at: the country within 60 s and 2 GB, three times faster than the script; the second edition within 5 s.

| what | seconds | CPU seconds | peak memory (GB) | × script, seconds | × script, CPU |
|---|---|---|---|---|---|
{tableau}

CPU seconds of the country (of the second edition): {etapes}.
"""


_ETAPES = {"imports": "imports", "reading": "lecture", "tables": "tables", "computing": "calcul"}


def _comparer(base: Path, resultats: Path) -> int:
    """How many values both gave; `ValueError` when one differs."""
    with duckdb.connect(str(base), read_only=True) as con:
        con.execute("set enable_progress_bar = false")
        lignes, valeurs, ecarts = con.execute(_ECARTS, [str(resultats)]).fetchall()[0]
    if ecarts or not valeurs:
        raise ValueError(f"pipeline et script pandas : {ecarts} écarts sur {lignes} lignes")
    return valeurs


def _declarer(racine: Path, fichiers: Path) -> None:
    """Write the files and two editions that declare them: the country's, and one of a commune."""
    blocs = [
        _bloc(theme, chemin, f"millesime = {annee}\ngeographie = {GEOGRAPHIE}\n")
        for theme, bases in ecrire_bases(fichiers).items()
        for chemin, annee in bases
    ]
    blocs.append(_bloc("insee_bpe", ecrire_equipements(fichiers), f"geographie = {GEOGRAPHIE}\n"))
    iris, annee = ecrire_iris(fichiers)
    colonnes = '[fichiers.colonnes]\nterritoire = "IRIS"\n'
    blocs.append(_bloc("insee_rp_population", iris, f"millesime = {annee}\n{colonnes}"))
    for nom, comparables in (("pays", ""), ("bourg", "[comparables]\nnombre = 8\n")):
        dossier = racine / "data" / "raw" / nom / "2026"
        dossier.mkdir(parents=True)
        (racine / "data" / "processed" / nom / "2026").mkdir(parents=True)
        (dossier / "edition.toml").write_text(
            '[edition]\ntitre = "A"\nredaction = "C"\nprofil = "france"\ndetail = "EPCI-200071751"\n'
            'comparateurs = ["EPCI-200071751", "DEP-01", "REG-84", "FRANCE-F"]\n'
            f'[territoire]\ncode = "01053"\nnom = "Bourg-en-Bresse"\n{comparables}' + "".join(blocs),
            encoding="utf-8",
        )


def _bloc(source: str, chemin: Path, suite: str) -> str:
    return f'[[fichiers]]\nsource = "{source}"\nchemin = "../../insee/{chemin.name}"\n{suite}'


def _executer(corps: str, env: dict[str, str], *arguments: str) -> dict[str, float]:
    commande = [sys.executable, "-c", _MESURE.format(corps=corps), *arguments]
    fini = subprocess.run(commande, env=env, cwd=RACINE, check=True, capture_output=True, text=True)
    return json.loads(fini.stdout.splitlines()[-1])
