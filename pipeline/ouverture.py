"""Opening a year: a new edition from an earlier one, files declared but not yet deposited.

In: the name of the new edition and of the one it comes from. Out: `edition.toml` of the new one.
"""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.edition import RACINE, lire_edition
from pipeline.model import ErreurUtilisateur


def ouvrir(nom: str, depuis: str, racine: Path = RACINE) -> list[str]:
    """Copy a declaration; checksums and deposit dates are emptied. Returns the next things to do."""
    source = lire_edition(depuis, racine)
    territoire, _, annee = nom.partition("/")
    if not re.fullmatch(r"[a-z0-9-]+", territoire) or not re.fullmatch(r"\d{4}", annee):
        raise ErreurUtilisateur(
            f"« {nom} » n'est pas une édition : écrire <territoire>/<année>, en minuscules."
        )
    dossier = racine / "data" / "raw" / nom
    chemin = dossier / "edition.toml"
    if chemin.exists():
        raise ErreurUtilisateur(f"{chemin} existe déjà : le modifier, ou choisir une autre année.")
    texte = (source.dossier / "edition.toml").read_text(encoding="utf-8")
    texte = texte.replace(f"Édition {source.annee}", f"Édition {annee}")
    texte = re.sub(r'(?m)^(sha256 = ").*?"', r'\1"', texte)
    texte = re.sub(r"(?m)^depose_le = .*\n", "", texte)
    (dossier / "depots").mkdir(parents=True, exist_ok=True)
    chemin.write_text(texte, encoding="utf-8")
    return [
        f"Édition ouverte : {chemin}",
        f"1. Déposer les nouveaux exports du CCAS dans {dossier / 'depots'}.",
        "2. Corriger dans edition.toml les millésimes, les fichiers et les dates de dépôt.",
        f"3. Construire : make abs EDITION={nom}",
    ]
