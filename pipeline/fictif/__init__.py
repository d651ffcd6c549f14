"""A fictional deposit: what a CCAS's software could export, about nobody, with known mistakes in it.

In: a `Fiction` (quartiers and their weights, years, number of households, seed). Out: six files in three
formats, as real products write them, and the truth: what is in them, and which mistakes were planted. Same
fiction, same bytes.
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.fictif.fichiers import ecrire, ecrire_aides, inventer
from pipeline.fictif.logiciel import AIDES, FICHIERS
from pipeline.fictif.tirage import ANOMALIES, Fiction
from pipeline.fictif.verite import etablir

if TYPE_CHECKING:
    from pipeline.edition import Edition

__all__ = ["ANOMALIES", "VERITE", "Fiction", "ecrire_depot", "ecrire_extrait", "generer"]

VERITE = "verite.json"
_DE_POPULATION = {"millesime", "territoire", "population"}


def generer(dossier: Path, fiction: Fiction) -> dict[str, Any]:
    """Write the files of the deposit and `verite.json`, what they hold; return the truth."""
    invention = inventer(fiction)
    ecrire(dossier, fiction, invention)
    verite = etablir(fiction, invention)
    texte = json.dumps(verite, ensure_ascii=False, indent=2) + "\n"
    (dossier / VERITE).write_bytes(texte.encode())
    return verite


def ecrire_depot(edition: Edition, dossier: Path, menages: int, graine: int) -> tuple[Path, ...]:
    """The fictional deposit of an edition: its quartiers, the three years before it, its currency."""
    generer(dossier, _fiction(edition, menages, graine))
    return tuple(dossier / nom for nom in (*FICHIERS, VERITE))


def ecrire_extrait(
    edition: Edition, de: Edition, dossier: Path, menages: int, graine: int
) -> tuple[Path, ...]:
    """The requests of a later edition's fictional deposit, as their export was before this one.

    Two editions that follow each other then tell of the same requests, the earlier one knowing less.
    """
    fiction = _fiction(de, menages, graine)
    dossier.mkdir(parents=True, exist_ok=True)
    ecrire_aides(dossier / AIDES, fiction, inventer(fiction).aides, edition.annee - 1)
    return (dossier / AIDES,)


def _fiction(edition: Edition, menages: int, graine: int) -> Fiction:
    annees = tuple(range(edition.annee - 3, edition.annee))
    ruptures = (r.annee for r in edition.ruptures_declarees if "activite" in r.series)
    rupture = next((annee for annee in ruptures if annee >= annees[0]), None)
    monnaie = edition.profil.monnaie
    return Fiction(
        quartiers=_poids_des_quartiers(edition),
        annees=annees,
        menages=menages,
        graine=graine,
        rupture=None if rupture is None else _jour(rupture),
        monnaie=monnaie.symbole,
        pas=500 if monnaie.code == "XPF" else 5,
        dispositifs={droit.nom: droit.id for droit in edition.profil.droits},
    )


def _jour(annee: float) -> datetime.date:
    """2024.37 → 15 May 2024."""
    return datetime.date(int(annee), 1, 1) + datetime.timedelta(days=int((annee % 1) * 366))


def _poids_des_quartiers(edition: Edition) -> dict[str, float]:
    """Population of each quartier, by name, at the last census the edition has; alike where it has none."""
    from pipeline import ingest
    from pipeline.sources.registre import SOURCES

    noms = {quartier.code: quartier.nom for quartier in edition.quartiers}
    recensements = [source for source in SOURCES if set(source.schema.columns) >= _DE_POPULATION]
    for source in recensements:
        for fichier in edition.fichiers_de(source.id):
            population = ingest.examiner(source, fichier, edition.chemin(fichier), None).table
            population = population[population["territoire"].isin(list(noms))]
            if set(noms) == set(population["territoire"]):
                derniere = population[population["millesime"] == population["millesime"].max()]
                sommes = derniere.groupby("territoire")["population"].sum()
                return {nom: float(sommes[code]) for code, nom in noms.items()}
    return dict.fromkeys(noms.values(), 1.0)
