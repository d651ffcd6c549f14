"""What an edition is made of, as checksums: its own files, its texts and orientations, and the code that builds it.

In: an edition. Out: path → SHA-256. Only the standard library: an unchanged run answers at once.
"""

from __future__ import annotations

import errno
import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import trousseau
from pipeline.model import ErreurUtilisateur
from pipeline.provenance import compagnon

if TYPE_CHECKING:
    from pipeline.edition import Edition

Empreinte = dict[str, str]

ORIENTATIONS = "orientations.toml"
EMPREINTE = "empreinte.json"  # of a built edition: checksums of its inputs and of its outputs
MANIFESTE = "manifeste.json"  # of an archived one

CODE = Path(__file__).parent

# What reading a zip raises when it is damaged, wherever the damage is.
ZIP_ABIME = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError)


def somme(chemin: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with chemin.open("rb") as flux:
        return hashlib.file_digest(flux, "sha256").hexdigest()


def empreinte_entrees(edition: Edition) -> Empreinte:
    """Checksum of every input of the edition; a missing file has an empty one (ingestion will say it)."""
    sommes = {nom: somme(chemin) if chemin.is_file() else "" for nom, chemin in sorted(entrees(edition))}
    if edition.edition.precedente:
        sommes["precedente"] = empreinte_precedente(edition)
    if reponses := empreinte_des_reponses(edition):
        sommes["reponses"] = reponses
    return sommes


def empreinte_de(sommes: Empreinte) -> str:
    """One checksum of all the inputs of an edition: its published results follow from them."""
    return hashlib.sha256(json.dumps(sommes, sort_keys=True).encode()).hexdigest()


def empreinte_precedente(edition: Edition) -> str:
    """Checksum of the inputs of the edition before, where it is built or archived; empty elsewhere."""
    avant = edition.model_copy(update={"nom": edition.edition.precedente})
    if (avant.traitement / EMPREINTE).exists():
        construite = json.loads((avant.traitement / EMPREINTE).read_text(encoding="utf-8"))
        return empreinte_de(construite["entrees"])
    if not avant.archive.exists():
        return ""
    with ouvrir_archive(avant.archive) as archive:
        return json.loads(archive.read(MANIFESTE))["empreinte"]


def empreinte_des_reponses(edition: Edition) -> str:
    """Checksum of what the analyst answered of pairs of persons, kept beside the key; empty where she never did."""
    cle = trousseau.chemin_de_l_edition(edition.nom)
    liste = trousseau.REPONSES.chemin(cle, cle.read_bytes()) if cle.is_file() else None
    return somme(liste) if liste and liste.is_file() else ""


@contextmanager
def ouvrir_archive(chemin: Path) -> Iterator[zipfile.ZipFile]:
    """The archive of an edition, to be read; one sentence when it is none, or lacks something, or is damaged."""
    try:
        with zipfile.ZipFile(chemin) as archive:
            yield archive
    except (*ZIP_ABIME, KeyError) as erreur:
        if getattr(erreur, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise ErreurUtilisateur(
            f"{chemin} n'est pas une archive d'édition, ou elle est abîmée : en reprendre une copie, ou la retirer."
        ) from None


@cache
def somme_du_code() -> str:
    """One checksum of all the code: what a table read by it depends on, beside its file."""
    sommes = sorted((nom, somme(chemin)) for nom, chemin in _code())
    return hashlib.sha256(repr(sommes).encode()).hexdigest()


def _code() -> Iterator[tuple[str, Path]]:
    for chemin in CODE.rglob("*"):
        if chemin.is_file() and "__pycache__" not in chemin.parts:
            yield f"pipeline/{chemin.relative_to(CODE).as_posix()}", chemin


def entrees(edition: Edition) -> Iterator[tuple[str, Path]]:
    """Every file that the edition is made of, under a name of its own."""
    yield "edition.toml", edition.dossier / "edition.toml"
    for fichier in edition.fichiers:
        chemin = edition.chemin(fichier)
        yield fichier.chemin, chemin
        if compagnon(chemin).exists():
            yield f"{fichier.chemin} (provenance)", compagnon(chemin)
    for contours in edition.contours:
        # a shapefile is several files
        for chemin in edition.chemin(contours).parent.glob(f"{Path(contours.chemin).stem}.*"):
            yield f"contours/{chemin.name}", chemin
    for nom in filter(None, (edition.papiers.modele_diaporama, edition.papiers.modele_document)):
        yield nom, edition.dossier / nom
    for chemin in edition.rapports.glob("textes/*.md"):
        yield f"textes/{chemin.name}", chemin
    if (orientations := edition.rapports / ORIENTATIONS).exists():
        yield ORIENTATIONS, orientations
    yield from _code()
    yield "requirements.lock", CODE.parent / "requirements.lock"
