"""One edition, from its files to its publication: the table of contents of the pipeline.

In: an edition. Out: `data/processed/<edition>/base.duckdb` and `reports/<edition>/publication/`, both put
in place by a rename at the very end. A killed or refused run leaves the last good ones untouched; two
runs of one edition wait for no one: the second is refused. Unchanged inputs do no work twice.
"""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from pipeline.empreinte import Empreinte, empreinte_entrees
from pipeline.model import ErreurUtilisateur

if TYPE_CHECKING:
    from pipeline.edition import Edition

Suivi = Callable[[str], None]

EMPREINTE = "empreinte.json"


def construire(edition: Edition, dire: Suivi) -> Path:
    """Build the edition, or find it already built from the same inputs; returns the publication folder.

    `dire` receives one French line a step. Raises `ErreurUtilisateur` on anything the user can put right.
    """
    publication = edition.rapports / "publication"
    with _verrou(edition), _place_sur_le_disque(edition):
        entrees = empreinte_entrees(edition)
        if _deja_construite(edition, entrees):
            dire("Rien n'a changé depuis la dernière construction : la publication est à jour.")
            return publication
        neuf = _dossier_neuf(edition.traitement / ".en-cours")
        try:
            _executer(edition, neuf, dire)
            sorties = dict(_sommes(neuf / "publication"))
            (neuf / EMPREINTE).write_text(
                json.dumps({"entrees": entrees, "sorties": sorties}, indent=1, ensure_ascii=False) + "\n",
                encoding="utf-8",
            )
            _mettre_en_place(edition, neuf)
        finally:
            shutil.rmtree(neuf, ignore_errors=True)
    return publication


def _executer(edition: Edition, neuf: Path, dire: Suivi) -> None:
    """Every step, in order, in a folder of its own. Heavy modules are imported here, not before."""
    import duckdb

    from pipeline import comparison, compute, exports, ingest, protect, transform
    from pipeline.indicators import CHAPITRES
    from pipeline.report import document
    from pipeline.sources.registre import SOURCES

    base = neuf / "base.duckdb"
    con = duckdb.connect(str(base))
    base.chmod(0o600)
    try:
        con.execute("set threads = 2")
        fichiers = ingest.charger(con, edition, SOURCES)
        dire(ingest.resume(fichiers))
        tables = transform.construire(con, edition)
        dire(f"Tables : {len(tables)} construites et vérifiées.")
        resultats = compute.calculer(con, edition, CHAPITRES, transform.series())
        dire(compute.resume(resultats))
        comparison.comparer(con, edition, CHAPITRES, transform.series())
        publiables = protect.proteger(con, edition, CHAPITRES)
        dire(protect.resume(publiables))
        sorties = _dossier_neuf(neuf / "publication")
        exports.ecrire(con, edition, CHAPITRES, sorties)
        document.ecrire(con, edition, CHAPITRES, sorties)
        dire("Rapport : HTML, PDF, DOCX et ODT écrits.")
    finally:
        con.close()


def _deja_construite(edition: Edition, entrees: Empreinte) -> bool:
    """Whether the last publication came from these very inputs and is still as it was written."""
    try:
        precedente = json.loads((edition.traitement / EMPREINTE).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    publication = edition.rapports / "publication"
    return (
        precedente["entrees"] == entrees
        and (edition.traitement / "base.duckdb").exists()
        and publication.is_dir()
        and precedente["sorties"] == dict(_sommes(publication))
    )


def _sommes(dossier: Path) -> Iterator[tuple[str, str]]:
    from pipeline.empreinte import somme

    for chemin in sorted(dossier.rglob("*")):
        if chemin.is_file():
            yield chemin.relative_to(dossier).as_posix(), somme(chemin)


def _mettre_en_place(edition: Edition, neuf: Path) -> None:
    """The only step that a reader can see: two renames, the old publication kept until the new is there."""
    publication, ancienne = edition.rapports / "publication", edition.rapports / ".publication-precedente"
    edition.rapports.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(ancienne, ignore_errors=True)
    if publication.exists():
        publication.rename(ancienne)
    try:
        (neuf / "publication").rename(publication)
    except OSError:
        if ancienne.exists():
            ancienne.rename(publication)
        raise
    (neuf / "base.duckdb").replace(edition.traitement / "base.duckdb")
    shutil.rmtree(edition.traitement / "rejets", ignore_errors=True)
    if (neuf / "rejets").exists():
        (neuf / "rejets").rename(edition.traitement / "rejets")
    (neuf / EMPREINTE).replace(edition.traitement / EMPREINTE)
    shutil.rmtree(ancienne, ignore_errors=True)


def _dossier_neuf(dossier: Path) -> Path:
    shutil.rmtree(dossier, ignore_errors=True)
    dossier.mkdir(parents=True)
    return dossier


@contextmanager
def _verrou(edition: Edition) -> Iterator[None]:
    edition.traitement.mkdir(parents=True, exist_ok=True)
    verrou = FileLock(edition.traitement / ".verrou")
    try:
        verrou.acquire(timeout=0)
    except Timeout:
        raise ErreurUtilisateur(
            f"L'édition {edition.nom} est déjà en construction dans une autre fenêtre : attendre sa fin."
        ) from None
    try:
        yield
    finally:
        verrou.release()


@contextmanager
def _place_sur_le_disque(edition: Edition) -> Iterator[None]:
    try:
        yield
    except OSError as erreur:
        if erreur.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise ErreurUtilisateur(
            f"Plus de place sur le disque de {edition.traitement} : libérer de l'espace et recommencer ; "
            "la publication précédente est intacte."
        ) from None
