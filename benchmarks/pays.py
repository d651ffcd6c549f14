"""National files at their real size, invented: what INSEE publishes for 34,900 communes, in its own columns.

In: a folder. Out: wide census bases of five themes and three vintages, and the equipment of the communes in Melodi's
form. Every accounting identity of the sources holds, since each commune is the same proportions times its size.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline import cog
from pipeline.model import Source
from pipeline.sources.registre import SOURCES

THEMES = (
    "insee_rp_population",
    "insee_rp_menages",
    "insee_rp_familles",
    "insee_rp_menages_comp",
    "insee_rp_logement",
)
MILLESIMES = (2022, 2016, 2011)
_TOURS = 400


def communes() -> list[str]:
    """Codes of the communes of départements and régions, 1 January 2026: no collectivité d'outre-mer."""
    lignes = cog.territoires()
    dedans = lignes["niveau"].eq("commune") & lignes["dans"].str.contains("FRANCE-F")
    return lignes.loc[dedans, "code"].tolist()


def ecrire_bases(dossier: Path) -> dict[str, list[tuple[Path, int]]]:
    """Source → its wide bases, one a vintage."""
    codes = communes()
    tailles = np.random.default_rng(2026).lognormal(6.1, 1.3, len(codes)).round() + 20
    declarees = {source.id: source for source in SOURCES}
    bases: dict[str, list[tuple[Path, int]]] = {}
    for theme in THEMES:
        parts = _proportions(declarees[theme])
        # people of households are part of the population, which another file gives
        echelle = 0.0001 if theme == "insee_rp_menages" else 1.0
        for annee in MILLESIMES:
            chemin = dossier / f"{theme}_{annee}.csv"
            yy = f"{annee % 100:02d}"
            table = pd.DataFrame(
                {nom.replace("{yy}", yy): (tailles * part * echelle).round(9) for nom, part in parts.items()}
            )
            table.insert(0, "CODGEO", codes)
            table.to_csv(chemin, sep=";", index=False)
            bases.setdefault(theme, []).append((chemin, annee))
    return bases


def _proportions(source: Source) -> Mapping[str, float]:
    """Raw column → its share of a commune's size, such that every identity of the source holds.

    Alternate projections on the identities and on what is positive (von Neumann, Halperin).
    """
    noms = [nom for nom in source.schema.columns if nom not in ("territoire", "millesime")]
    rangs = {nom: rang for rang, nom in enumerate(noms)}
    egalites, bornes = [], []
    for controle in source.checks.values():
        tout, parties = getattr(controle, "args", ("", ()))
        if isinstance(parties, tuple) and parties:
            ligne = np.zeros(len(noms))
            ligne[rangs[tout]] = -1
            ligne[[rangs[nom] for nom in parties]] = 1
            egalites.append(ligne)
        elif isinstance(parties, str):
            bornes.append((rangs[tout], rangs[parties]))
    parts = np.random.default_rng(7).uniform(0.1, 1, len(noms))
    matrice = np.array(egalites) if egalites else np.zeros((0, len(noms)))
    inverse = np.linalg.pinv(matrice)
    for _ in range(_TOURS):
        parts -= inverse @ (matrice @ parts)
        for partie, tout in bornes:
            parts[partie] = min(parts[partie], 0.9 * parts[tout])
        parts = np.maximum(parts, 0.001)
    parts -= inverse @ (matrice @ parts)
    bruts = [source.schema.columns[nom].metadata["brut"] for nom in noms]
    return dict(zip(bruts, np.abs(parts), strict=True))


def ecrire_equipements(dossier: Path, lignes: int = 1_000_000) -> Path:
    """Equipment of the communes in Melodi's form: one row a commune and a kind of equipment, zipped."""
    source = next(source for source in SOURCES if source.id == "insee_bpe")
    genres = [c.metadata["melodi"] for c in source.schema.columns.values() if c.metadata.get("melodi")]
    autres = [
        {"FACILITY_DOM": "G", "FACILITY_SDOM": "G1", "FACILITY_TYPE": f"G9{rang:02d}"} for rang in range(60)
    ]
    genres = [genre for genre in (*genres, *autres) if genre.get("FACILITY_TYPE")]
    codes = communes()
    genres = genres[: max(1, lignes // len(codes))]
    nombres = np.random.default_rng(3).poisson(1.5, len(codes) * len(genres))
    entete = "GEO;GEO_OBJECT;FACILITY_DOM;FACILITY_SDOM;FACILITY_TYPE;BPE_MEASURE;UNIT_MULT;UNIT_MEASURE;OBS_STATUS;"
    chemin = dossier / "DS_BPE_2025_CSV_FR.zip"
    debuts = [
        f"{genre['FACILITY_DOM']};{genre['FACILITY_SDOM']};{genre['FACILITY_TYPE']};FACILITIES;0;NR;A;2025;"
        for genre in genres
    ]
    with (
        zipfile.ZipFile(chemin, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("DS_BPE_2025_data.csv", "w") as flux,
    ):
        flux.write(f"{entete}TIME_PERIOD;OBS_VALUE\n".encode())
        for rang, code in enumerate(codes):
            siens = nombres[rang * len(genres) : (rang + 1) * len(genres)]
            flux.write("".join(f"{code};COM;{d}{n}\n" for d, n in zip(debuts, siens, strict=True)).encode())
    return chemin
