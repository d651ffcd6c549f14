"""Disclosure control: how long protection and audit take, how much they hide, how far from the least."""

from __future__ import annotations

from collections.abc import Sequence
from time import process_time

import numpy as np
import pandas as pd

from pipeline.disclosure import Protection, Regle, Tableau, auditer, lier, proteger, publier

DIMENSIONS = ("quartier", "motif", "année")
TAILLES = ((60, 12), (150, 12), (20, 8, 3))
MOYENNES = (2, 8, 40)  # mean count of a cell: most of them small, a third of them, a few
ENTETE = (
    "| table | mean count | cells | secret by themselves | hidden with them | loss above the least "
    "| protection | audit alone |\n|---|---:|---:|---:|---:|---:|---:|---:|"
)


def mesurer() -> str:
    """Markdown of the measures: one line a table, seconds of processor, audit included in protection."""
    lignes = [_mesurer_table(taille, moyenne) for taille in TAILLES for moyenne in MOYENNES]
    return "\n".join(
        [
            "## Secret statistique",
            "",
            "Counts drawn from a Poisson law, rows and columns of very unequal sizes, all margins printed, "
            "threshold 5. The loss is what is hidden for the sake of others, against its lower bound. Seconds of one "
            "processor: nothing runs in parallel.",
            "",
            ENTETE,
            *lignes,
            "",
            _mesurer_grande_table(),
        ]
    )


def tirer(taille: Sequence[int], moyenne: float) -> Tableau:
    """A table of counts, the same at each run."""
    alea = np.random.default_rng(1)
    attendus = np.ones(taille)
    for axe, nombre in enumerate(taille):
        forme = [nombre if k == axe else 1 for k in range(len(taille))]
        attendus = attendus * alea.lognormal(0, 0.9, nombre).reshape(forme)
    comptes = alea.poisson(attendus * moyenne / attendus.mean())
    dimensions = DIMENSIONS[: len(taille)]
    rangs = np.indices(taille).reshape(len(taille), -1)
    colonnes = {nom: [f"{nom} {i:03}" for i in rangs[k]] for k, nom in enumerate(dimensions)}
    return Tableau("Demandes", "demandes", pd.DataFrame({**colonnes, "valeur": comptes.ravel()}), dimensions)


def _mesurer_table(taille: Sequence[int], moyenne: float) -> str:
    tables = lier([tirer(taille, moyenne)], attributs=DIMENSIONS[:2])
    debut = process_time()
    protection = proteger(tables, Regle())
    protege = process_time()
    auditer(tables, protection.cachees, Regle())
    audite = process_time()
    nom = " × ".join(map(str, taille))
    exces = _exces(protection)
    return (
        f"| {nom} | {moyenne} | {len(tables.cellules)} | {_primaires(protection)} | {protection.secondaires} "
        f"| {exces:.1f} % | {protege - debut:.1f} s | {audite - protege:.1f} s |"
    )


def _primaires(protection: Protection) -> int:
    return sum(motif.startswith("Primaire") for motif in protection.motifs)


def _exces(protection: Protection) -> float:
    return 100 * (protection.perte - protection.borne) / max(protection.perte, 1)


def _mesurer_grande_table() -> str:
    """A table that must first be made coarser."""
    debut = process_time()
    publication = publier([tirer((300, 12, 3), 4)], Regle(), fusionnables=("quartier",))
    duree = process_time() - debut
    return (
        f"300 × 12 × 3, too large as it is: coarsened {len(publication.messages)} times, down to "
        f"{len(publication.protection.tables.cellules)} cells, in {duree:.1f} s, and announced: "
        f"« {publication.messages[0][:90]}… »"
    )


if __name__ == "__main__":
    print(mesurer())
