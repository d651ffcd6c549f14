"""National files at their real size, invented: what INSEE publishes of 34,900 communes and 50,000 IRIS, in its columns.

In: a folder. Out: wide bases of six themes of the census and of three vintages, the ages of IRIS, the equipment of
communes in Melodi's form. Wholes are drawn first and shared out among their parts, in proportions that differ from
one commune to the next: what the sources and the indicators say of parts and wholes holds.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline import cog
from pipeline.model import Source
from pipeline.sources.registre import SOURCES

GEOGRAPHIE = 2024
MILLESIMES = (2022, 2016, 2011)
# Communes of a département that are divided, each in twenty: 49,940 IRIS.
_VILLES = 26

_AGES = np.arange(100)
_TRANCHE = re.compile(r"(pop_menages|pop|hommes|femmes|seules)_(\d+)_(\d+|plus)")
Colonnes = dict[str, np.ndarray]
Partage = tuple[str, dict[str, float]]

# A whole and what each of its parts weighs in it; « autre » is what no column says.
_MENAGES: tuple[Partage, ...] = (
    ("menages", {"personnes_seules": 38, "sans_famille": 3, "avec_famille": 59}),
    ("personnes_seules", {"hommes_seuls": 45, "femmes_seules": 55}),
    ("avec_famille", {"couples_sans_enfant": 43, "couples_avec_enfant": 41, "monoparentaux": 16}),
)
_FAMILLES: tuple[Partage, ...] = (
    ("familles", {"couples_avec_enfant": 41, "couples_sans_enfant": 43, "monoparentales": 16}),
    ("monoparentales", {"peres_seuls": 18, "meres_seules": 82}),
    ("couples_avec_enfant", {"traditionnelles": 88, "recomposees": 12}),
    ("familles", {"enfants_0": 52, "enfants_1": 21, "enfants_2": 18, "enfants_3": 7, "enfants_4_plus": 2}),
)
_RP = "residences_principales"
_LOGEMENTS: tuple[Partage, ...] = (
    ("logements", {_RP: 82, "residences_secondaires": 10, "logements_vacants": 8}),
    ("logements", {"maisons": 60, "appartements": 38, "autre": 2}),
    (_RP, {"proprietaires": 58, "locataires": 40, "loges_gratuitement": 2}),
    ("locataires", {"hlm": 40, "autre": 60}),
    (_RP, {"rp_maisons": 60, "rp_appartements": 38, "autre": 2}),
    (_RP, {"rp_1_piece": 6, "rp_2_pieces": 13, "rp_3_pieces": 21, "rp_4_pieces": 25, "rp_5_pieces_plus": 35}),
    (_RP, {"rp_epoque_connue": 98, "autre": 2}),
    ("rp_epoque_connue", {"rp_avant_1919": 14, "rp_1919_1945": 9, "rp_1946_1970": 20, "rp_1971_1990": 28,
                          "rp_1991_2005": 15, "autre": 14}),
    (_RP, {"emmenages_0_1": 13, "emmenages_2_4": 19, "emmenages_5_9": 18, "emmenages_10_plus": 50}),
    ("emmenages_10_plus", {"emmenages_10_19": 20, "emmenages_20_29": 12, "emmenages_30_plus": 18}),
    (_RP, {"avec_salle_de_bain": 98, "autre": 2}),
    (_RP, {"avec_voiture": 81, "autre": 19}),
    (_RP, {"habitations_de_fortune": 1, "cases": 1, "autre": 98}),
    (_RP, {"hors_studio_seul": 95, "autre": 5}),
    ("hors_studio_seul", {"suroccupees": 5, "autre": 95}),
)  # fmt: skip


def communes() -> list[str]:
    """Codes of the communes at 1 January 2024, without the collectivités d'outre-mer."""
    return sorted(code for code in cog.communes_du(GEOGRAPHIE) if not code.startswith("98"))


def ecrire_bases(dossier: Path) -> dict[str, list[tuple[Path, int]]]:
    """Source → its wide bases, one a vintage."""
    codes, alea = communes(), np.random.default_rng(2026)
    habitants = alea.lognormal(6.1, 1.3, len(codes)) + 20
    bases: dict[str, list[tuple[Path, int]]] = {}
    for annee in MILLESIMES:
        habitants = habitants * alea.normal(0.97, 0.05, len(codes)).clip(0.7, 1.2)
        for theme, colonnes in _themes(habitants, alea).items():
            chemin = dossier / f"{theme}_{annee}.csv"
            _ecrire(chemin, _source(theme), annee, codes, colonnes)
            bases.setdefault(theme, []).append((chemin, annee))
    return bases


def ecrire_iris(dossier: Path) -> tuple[Path, int]:
    """The population by age of 50,000 IRIS: the base and its vintage."""
    villes, alea = pd.Series(communes()), np.random.default_rng(4)
    villes = villes.groupby(villes.str.slice(0, 2)).head(_VILLES)
    codes = [f"{ville}{rang:04d}" for ville in villes for rang in range(101, 121)]
    chemin, theme = dossier / f"base_ic_{MILLESIMES[0]}.csv", _source("insee_rp_population")
    ages = _ages(alea.lognormal(7, 0.5, len(codes)), alea)
    _ecrire(chemin, theme, MILLESIMES[0], codes, ages, territoire="IRIS")
    return chemin, MILLESIMES[0]


def _source(theme: str) -> Source:
    return next(source for source in SOURCES if source.id == theme)


def _themes(habitants: np.ndarray, alea: np.random.Generator) -> dict[str, Colonnes]:
    """Source → its columns, of communes that have so many inhabitants."""
    ages, menages = _ages(habitants, alea), {"menages": 0.45 * habitants}
    logements = _partager({"logements": 0.55 * habitants}, _LOGEMENTS, alea)
    logees = {"menages": logements[_RP], "pieces": 4 * logements[_RP], "personnes": ages["pop_menages"]}
    return {
        "insee_rp_population": ages,
        "insee_rp_menages": ages,
        "insee_rp_menages_comp": _partager(menages, _MENAGES, alea) | {"pop_menages": ages["pop_menages"]},
        "insee_rp_familles": _partager({"familles": 0.27 * habitants}, _FAMILLES, alea),
        "insee_rp_logement": logements | logees | {"pop_menages": ages["pop_menages"]},
        "insee_rp_logement_comp": logements,
    }


def _ages(habitants: np.ndarray, alea: np.random.Generator) -> Colonnes:
    """Every column of ages: sums over the years of age of men and women, of those in households, of those alone."""
    pente = alea.normal(0, 0.15, (len(habitants), 1))
    poids = np.exp(pente * (_AGES - 45) / 45 - (_AGES / 85) ** 6) * alea.gamma(9, 1, (len(habitants), 100))
    pop = habitants[:, None] * poids / poids.sum(axis=1, keepdims=True)
    part_femmes = 0.5 + 0.002 * (_AGES - 40).clip(0) + alea.normal(0, 0.02, pop.shape)
    menages = pop * np.where(_AGES < 75, 0.99, 0.85)
    seules = menages * np.where(_AGES < 15, 0, 0.08 + 0.004 * _AGES)
    peuples = {"pop": pop, "hommes": pop * (1 - part_femmes), "femmes": pop * part_femmes}
    peuples |= {"pop_menages": menages, "seules": seules}
    colonnes = {nom: peuple.sum(axis=1) for nom, peuple in peuples.items()}
    noms = [*_source("insee_rp_population").schema.columns, *_source("insee_rp_menages").schema.columns]
    for qui, debut, fin in (trouve.groups() for nom in noms if (trouve := _TRANCHE.fullmatch(nom))):
        voulus = peuples[qui][:, int(debut) : None if fin == "plus" else int(fin) + 1]
        colonnes[f"{qui}_{debut}_{fin}"] = voulus.sum(axis=1)
    return colonnes | {"pop_hors_menages": colonnes["pop"] - colonnes["pop_menages"]}


def _partager(colonnes: Colonnes, partages: tuple[Partage, ...], alea: np.random.Generator) -> Colonnes:
    """A whole of each commune shared out, its parts in their turn, in proportions around those given."""
    for tout, poids in partages:
        parts = alea.gamma(np.array(list(poids.values())) + 1.0, 1, (len(colonnes[tout]), len(poids)))
        parts = colonnes[tout][:, None] * parts / parts.sum(axis=1, keepdims=True)
        colonnes = colonnes | dict(zip(poids, parts.T, strict=True))
    return colonnes


def _ecrire(
    chemin: Path, source: Source, annee: int, codes: list[str], colonnes: Colonnes, territoire: str = "CODGEO"
) -> None:
    """A wide base, as INSEE writes it: counts with many decimals."""
    declarees = {nom: colonne.metadata["brut"] for nom, colonne in source.schema.columns.items()}
    noms = {
        brut.replace("{yy}", f"{annee % 100:02d}"): nom for nom, brut in declarees.items() if nom in colonnes
    }
    table = pd.DataFrame({brut: colonnes[nom].round(9) for brut, nom in noms.items()})
    table.insert(0, territoire, codes)
    table.to_csv(chemin, sep=";", index=False)


def ecrire_equipements(dossier: Path, lignes: int = 1_000_000) -> Path:
    """Equipment of the communes in Melodi's form: one row a commune and a kind of equipment, zipped."""
    declarees = [
        c.metadata["melodi"] for c in _source("insee_bpe").schema.columns.values() if c.metadata.get("melodi")
    ]
    codes, alea = communes(), np.random.default_rng(3)
    genres = declarees[: lignes // len(codes)]
    table = pd.concat([pd.DataFrame({"GEO": codes, "GEO_OBJECT": "COM", **genre}) for genre in genres])
    table = table.assign(
        BPE_MEASURE="FACILITIES",
        UNIT_MULT="0",
        OBS_STATUS="A",
        TIME_PERIOD=2025,
        OBS_VALUE=alea.poisson(1.5, len(table)),
    )
    chemin = dossier / "DS_BPE_2025_CSV_FR.zip"
    with zipfile.ZipFile(chemin, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("DS_BPE_2025_data.csv", table.to_csv(sep=";", index=False))
    return chemin
