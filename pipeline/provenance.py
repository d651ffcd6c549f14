"""What is recorded of a public file, in the TOML beside it: title, producer, dates, checksum, size.

In: the path of a table. Out: its companion `<table>.toml`, written by people for a transcribed table, by
`make donnees` for a downloaded one; committed in both cases, it is the one home of the file's checksum.
"""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.model import ErreurUtilisateur

if TYPE_CHECKING:
    from pipeline.edition import Fichier

Valeur = str | int | datetime.date

_EN_TETE = "# Écrit par « make donnees » au premier téléchargement ; à garder avec l'édition.\n"


def compagnon(chemin: Path) -> Path:
    """Where the provenance of a table is."""
    return chemin.with_suffix(".toml")


def provenance(chemin: Path) -> dict[str, Any]:
    """What the companion of a public table says; empty when there is none."""
    return lire(compagnon(chemin))


def lire(fiche: Path) -> dict[str, Any]:
    """The fields of a provenance file; empty when there is none."""
    if not fiche.exists():
        return {}
    try:
        return tomllib.loads(fiche.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise ErreurUtilisateur(
            f"{fiche} n'est pas un fichier TOML valide : y chercher un guillemet oublié, ou le reprendre "
            "dans l'historique."
        ) from None


def empreinte_attendue(chemin: Path, fichier: Fichier) -> str:
    """The checksum recorded for a file, by the edition or by its companion; empty when there is none."""
    return fichier.sha256 or str(provenance(chemin).get("sha256", ""))


def consigner(fiche: Path, champs: Mapping[str, Valeur | None]) -> None:
    """Set these fields in a provenance file (`None`: take it out), and leave alone all else that it says."""
    texte = fiche.read_text(encoding="utf-8") if fiche.exists() else _EN_TETE
    attendu = {nom: valeur for nom, valeur in (lire(fiche) | champs).items() if valeur is not None}
    for nom, valeur in champs.items():
        texte = _poser(texte, nom, valeur)
    if not _se_lit(texte, attendu):
        raise ErreurUtilisateur(
            f"{fiche} ne peut pas être complété sans risque : y écrire à la main "
            + ", ".join(_ligne(nom, valeur) for nom, valeur in champs.items() if valeur is not None)
            + "."
        )
    neuve = fiche.with_name(fiche.name + ".neuve")
    neuve.write_text(texte, encoding="utf-8", newline="\n")
    neuve.replace(fiche)


def _se_lit(texte: str, attendu: Mapping[str, Any]) -> bool:
    """Whether a text says what is expected: a line changed inside a quoted note says something else."""
    try:
        return tomllib.loads(texte) == attendu
    except tomllib.TOMLDecodeError:
        return False


def _poser(texte: str, nom: str, valeur: Valeur | None) -> str:
    """The line of that name, in its place or after the last one; without it when there is no value."""
    ligne = "" if valeur is None else _ligne(nom, valeur) + "\n"
    trouvee = re.search(rf"(?m)^{nom} = .*\n?", texte)
    if trouvee:
        return texte[: trouvee.start()] + ligne + texte[trouvee.end() :]
    return texte + ("" if texte.endswith("\n") or not ligne else "\n") + ligne


def _ligne(nom: str, valeur: Valeur) -> str:
    """A field as TOML writes it; a JSON string is a TOML one."""
    dite = valeur.isoformat() if isinstance(valeur, datetime.date) else json.dumps(valeur, ensure_ascii=False)
    return f"{nom} = {dite}"
