"""Files of the whole country: read once, brought to one geography, kept for every edition.

In: a national file and how to take it through the door. Out: its valid rows as Parquet in
`data/processed/communs/<key>/`, with what was said of it. The key is made of all that the rows depend on:
the file, its declaration, the geography, the code. A folder is put in place by a rename: two editions built
at once never read half of one.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq

from pipeline import cog
from pipeline.chargement import Chargement, en_arrow
from pipeline.empreinte import somme, somme_du_code
from pipeline.model import ErreurUtilisateur, Source
from pipeline.provenance import compagnon
from pipeline.sources import TYPES

if TYPE_CHECKING:
    from pipeline.edition import Edition, Fichier

COMMUNE = r"\d[\dAB]\d{3}"
GEOGRAPHIE = cog.MILLESIMES[-1]

# Rows that one thread reads at a time: the communes are for several.
_LIGNES_PAR_GROUPE = 16_384

_TABLE, _MARQUES, _DIT = "table.parquet", "marques.parquet", "dit.json"
# What is said of a file in so many rows, most often in none.
_CADRES = {
    "rejets": ["ligne", "colonne", "regle", "valeur"],
    "non_mappees": ["colonne", "valeur", "lignes"],
    "a_verifier": ["ligne", "colonne", "regle", "valeur"],
}


def charger(
    edition: Edition, source: Source, fichier: Fichier, sha256: str, admettre: Callable[[], Chargement]
) -> Chargement:
    """The file as any edition reads it: `table` and `marques` are then the Parquet files of their rows.

    `sha256`: the file's; `admettre` takes it through the door, and is called only when no edition has read it before.
    """
    dossier = edition.communs / cle(source, fichier, compagnon(edition.chemin(fichier)), sha256)
    if not dossier.is_dir():
        _ranger(amener(admettre(), source, fichier), dossier)
    dit = json.loads((dossier / _DIT).read_text(encoding="utf-8"))
    cadres = {nom: pd.DataFrame(dit[nom], columns=colonnes) for nom, colonnes in _CADRES.items()}
    # said by each edition in its own words: where the file is, who deposited it
    qualite = dit["qualite"] | {"fichier": fichier.chemin, "depose_par": fichier.depose_par}
    return Chargement(dossier / _TABLE, dossier / _MARQUES, qualite=qualite, **cadres)


def cle(source: Source, fichier: Fichier, fiche: Path, sha256: str) -> str:
    """What the rows of a national file depend on, in 32 hexadecimal digits; `fiche`: its provenance."""
    entrees = {
        "fichier": sha256,
        "compagnon": somme(fiche) if fiche.exists() else "",
        "source": source.id,
        "declaration": fichier.model_dump(mode="json", exclude={"chemin", "depose_par"}),
        "geographie": GEOGRAPHIE,
        "code": somme_du_code(),
    }
    return hashlib.sha256(json.dumps(entrees, sort_keys=True).encode()).hexdigest()[:32]


def _ranger(lot: Chargement, dossier: Path) -> None:
    neuf = dossier.with_name(f".en-cours-{os.getpid()}-{threading.get_ident()}-{dossier.name}")
    shutil.rmtree(neuf, ignore_errors=True)
    neuf.mkdir(parents=True)
    dit = {nom: getattr(lot, nom)[colonnes].to_dict("records") for nom, colonnes in _CADRES.items()}
    try:
        # counts hardly repeat themselves: no dictionary of their values
        pq.write_table(
            en_arrow(lot.table), neuf / _TABLE, use_dictionary=False, row_group_size=_LIGNES_PAR_GROUPE
        )
        lot.marques.to_parquet(neuf / _MARQUES, index=False)
        (neuf / _DIT).write_text(
            json.dumps(dit | {"qualite": lot.qualite}, ensure_ascii=False), encoding="utf-8"
        )
        neuf.rename(dossier)
    except OSError:
        if not dossier.is_dir():
            raise
    finally:
        shutil.rmtree(neuf, ignore_errors=True)


# --- One geography -------------------------------------------------------------------------------


def amener(lot: Chargement, source: Source, fichier: Fichier) -> Chargement:
    """The rows of communes in the communes of `GEOGRAPHIE`; those of other levels as they are.

    Counts of communes that merged are summed, those of one that split are shared; what is published as it
    stands (a median, a rate) is blank where the territory changed. Paris, Lyon and Marseille are one commune
    each, never counted twice. `ErreurUtilisateur` on codes that no declared geography explains.
    """
    table = lot.table
    if "territoire" not in table:
        return lot
    communales = table["territoire"].str.fullmatch(COMMUNE)
    additives, publiees = _colonnes(source)
    autres_cles = [nom for nom in source.schema.unique or [] if nom != "territoire"]
    autres = table[~communales]
    communes = _villes_entieres(table[communales] if len(autres) else table, autres_cles, additives)
    lues = communes[["territoire", *autres_cles, *additives, *publiees]]
    par_geographie = _par_geographie(lues, source, fichier)
    projetees = pd.concat(
        [_projeter(lignes, de, fichier, additives, publiees) for de, lignes in par_geographie.items()],
        ignore_index=True,
    )
    bougees = projetees["motif"] != ""
    de = " à ".join(str(annee) for annee in sorted({min(par_geographie), max(par_geographie)}))
    dit = f", géographie {de} amenée à {GEOGRAPHIE} ({int(bougees.sum())} lignes de communes changées)"
    projetees = projetees.drop(columns="motif")
    lignes = pd.concat([autres, projetees], ignore_index=True) if len(autres) else projetees
    types = {nom: TYPES[colonne.metadata["genre"]] for nom, colonne in source.schema.columns.items()}
    types |= dict.fromkeys(additives, "float64") if bougees.any() else {}
    qualite = lot.qualite | {"detecte": lot.qualite["detecte"] + (dit if bougees.any() else "")}
    trouves = lignes.dtypes
    autrement = {nom: genre for nom, genre in types.items() if trouves[nom] != genre}
    return replace(lot, table=lignes.astype(autrement) if autrement else lignes, qualite=qualite)


def _par_geographie(lues: pd.DataFrame, source: Source, fichier: Fichier) -> dict[int, pd.DataFrame]:
    """Year of the communes → the rows that are in them."""
    if fichier.geographie or not source.geographie_suivante or lues.empty:
        return {fichier.geographie or _geographie(lues["territoire"], fichier): lues}
    suivantes = (lues["millesime"] + 1).clip(upper=GEOGRAPHIE)
    return {int(de): lignes for de, lignes in lues.groupby(suivantes)}


def _projeter(
    lignes: pd.DataFrame, de: int, fichier: Fichier, additives: list[str], publiees: list[str]
) -> pd.DataFrame:
    try:
        return cog.projeter(lignes, de, GEOGRAPHIE, additives, publiees)
    except ErreurUtilisateur as refus:
        raise ErreurUtilisateur(f"{fichier.chemin} (geographie = {de}) : {refus}") from None


def _colonnes(source: Source) -> tuple[list[str], list[str]]:
    """Counts, which add up, and what is published as it stands: medians, rates, labels."""
    cles = {"territoire", *(source.schema.unique or [])}
    valeurs = {nom: colonne for nom, colonne in source.schema.columns.items() if nom not in cles}
    additives = [
        nom
        for nom, colonne in valeurs.items()
        if colonne.metadata["genre"] in ("nombre", "entier") and not colonne.metadata.get("publie")
    ]
    return additives, [nom for nom in valeurs if nom not in additives]


def _villes_entieres(table: pd.DataFrame, cles: list[str], additives: list[str]) -> pd.DataFrame:
    """Arrondissements summed into their city where the file gives only them, dropped where it gives both."""
    unique = cog.sans_double_compte(table, dimensions=cles)
    if not cog.arrondissements(unique["territoire"]).any():
        return unique
    villes = cog.villes(unique["territoire"])
    sommes = unique[villes.notna()].assign(territoire=villes.dropna())
    groupes = sommes.groupby(["territoire", *cles], dropna=False)
    sommes = groupes[additives].sum().where(groupes[additives].count().eq(groupes.size(), axis=0))
    return pd.concat([unique[villes.isna()], sommes.reset_index()], ignore_index=True)


def _geographie(codes: pd.Series, fichier: Fichier) -> int:
    """The edition's geography when every code is in it; else the file must say its own."""
    if len(inconnus := cog.inconnues(codes, GEOGRAPHIE)):
        raise ErreurUtilisateur(
            f"{fichier.chemin} : « {inconnus.iloc[0]} » n'est pas une commune au 1er janvier "
            f"{GEOGRAPHIE} ({inconnus.nunique()} codes dans ce cas) ; donner dans edition.toml l'année du code "
            "officiel géographique de ce fichier, par exemple « geographie = 2024 »."
        )
    return GEOGRAPHIE
