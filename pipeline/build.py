"""One edition, from its files to its publication: the table of contents of the pipeline.

In: an edition. Out: in `data/processed/<edition>/`, `base.duckdb` (what anybody may read) and
`confidentiel.duckdb` (everything, its owner's alone); in `reports/<edition>/`, `publication/` and `interne/`;
all put in place by renames at the very end. A killed or refused run leaves the last good ones untouched; two
runs of one edition wait for no one: the second is refused. Unchanged inputs do no work twice.
"""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from pipeline.empreinte import EMPREINTE, Empreinte, empreinte_entrees, somme
from pipeline.model import ErreurUtilisateur

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Edition
    from pipeline.model import Chapter
    from pipeline.report.papiers import Annexe, Papier

Suivi = Callable[[str], None]

BASE = "base.duckdb"
CONFIDENTIEL = "confidentiel.duckdb"
DOSSIERS = ("publication", "interne")
BILANS = "bilans"
# Rows that one thread reads at a time: a table of all the communes is for several.
_LIGNES_PAR_GROUPE = 32_768
# Beside what they will replace, or were, so that putting in place is a rename.
_NEUF = ".en-cours"
_PRECEDENT = ".precedent"


def construire(edition: Edition, dire: Suivi) -> Path:
    """Build the edition, or find it already built from the same inputs; returns the publication folder.

    `dire` receives one French line a step. Raises `ErreurUtilisateur` on anything the user can put right.
    """
    publication = edition.rapports / "publication"
    with verrou(edition), _place_sur_le_disque(edition):
        entrees = empreinte_entrees(edition)
        if deja_construite(edition, entrees):
            dire("Rien n'a changé depuis la dernière construction : la publication est à jour.")
            return publication
        neuf = _dossier_neuf(edition.traitement / _NEUF)
        sorties = _dossier_neuf(edition.rapports / _NEUF)
        try:
            _executer(edition, neuf, sorties, dire)
            noter_empreinte(neuf / EMPREINTE, entrees, sorties)
            _mettre_en_place(edition)
        finally:
            _reprendre(edition)
            shutil.rmtree(neuf, ignore_errors=True)
            shutil.rmtree(sorties, ignore_errors=True)
    return publication


def ecrire_dossier(edition: Edition, theme: str, dire: Suivi) -> None:
    """The thematic file of an edition that is built, in both editions' papers; told when it is there already.

    Raises `ErreurUtilisateur` on a theme that does not exist.
    """
    from pipeline.report import dossier, themes

    papier = dossier.papier(themes.lire_theme(theme))
    fichiers = [edition.rapports / nom / "papiers" / f"{papier.nom}.docx" for nom in DOSSIERS]
    with _ajouter(edition, fichiers) as sorties:
        if sorties is None:
            dire(f"Dossier thématique : {papier.nom} est à jour.")
            return
        _composer_dossier(edition, papier, sorties)
    dire(f"Dossier thématique : {papier.nom} écrit dans chaque édition.")


def ecrire_fiches(edition: Edition, dire: Suivi) -> None:
    """A fiche for each commune shown in detail of an edition that is built; told when they are there already.

    Raises `ErreurUtilisateur` where the edition shows none.
    """
    cible = edition.rapports / "publication" / "papiers" / "communes"
    with _ajouter(edition, [cible]) as sorties:
        if sorties is None:
            dire("Fiches des communes : à jour.")
            return
        annexes = _composer_fiches(edition, sorties)
    dire(f"Fiches des communes : {len(annexes)} dans {cible}.")


def ecrire_bilan(edition: Edition, exercice: int = 0) -> list[Path]:
    """The account of domiciliation of one civil year (the last by default) of an edition that is built; its files.

    In `bilans/`, its owner's alone: beside what a build writes and checks, which the next build replaces.
    """
    import duckdb

    from pipeline.report import domiciliation

    dossier = edition.rapports / BILANS
    with verrou(edition), _place_sur_le_disque(edition):
        base = base_construite(edition, CONFIDENTIEL)
        dossier.mkdir(mode=0o700, parents=True, exist_ok=True)
        with duckdb.connect(str(base), read_only=True) as con:
            annee = exercice or max(domiciliation.exercices(con, edition), default=0)
            return list(domiciliation.ecrire(con, edition, annee, dossier).values())


def base_construite(edition: Edition, nom: str) -> Path:
    """The base of that name of an edition that is built; `ErreurUtilisateur` when it is not."""
    base = edition.traitement / nom
    if not base.exists():
        raise ErreurUtilisateur(
            f"L'édition {edition.nom} n'est pas construite : lancer « make abs EDITION={edition.nom} »."
        )
    return base


@contextmanager
def _ajouter(edition: Edition, attendus: Sequence[Path]) -> Iterator[Path | None]:
    """A folder whose papers join those of a built edition at the end, and its checksums; None when all are there."""
    with verrou(edition), _place_sur_le_disque(edition):
        if all(chemin.exists() for chemin in attendus):
            yield None
            return
        sorties = _dossier_neuf(edition.traitement / _NEUF)
        try:
            yield sorties
            for nom in DOSSIERS:
                for chemin in sorted((sorties / nom).glob("*")):
                    chemin.replace(edition.rapports / nom / "papiers" / chemin.name)
        finally:
            shutil.rmtree(sorties, ignore_errors=True)
        entrees = json.loads((edition.traitement / EMPREINTE).read_text(encoding="utf-8"))["entrees"]
        noter_empreinte(edition.traitement / EMPREINTE, entrees, edition.rapports)


@contextmanager
def _relire(edition: Edition) -> Iterator[tuple[duckdb.DuckDBPyConnection, tuple[Chapter, ...]]]:
    """The base of a built edition, and the chapters with what was computed of them."""
    import duckdb

    from pipeline.indicators import chapitres_de, connus

    with duckdb.connect(str(edition.traitement / CONFIDENTIEL), read_only=True) as con:
        calcules = con.execute("select distinct indicateur from resultat.indicateurs").fetchall()
        yield con, connus(chapitres_de(edition.profil), {nom for (nom,) in calcules})


def _composer_fiches(edition: Edition, sorties: Path) -> list[Annexe]:
    from pipeline.report import faits as faits_
    from pipeline.report import fiches

    with _relire(edition) as (con, chapitres):
        faits = faits_.lire(con, edition, chapitres)
        return fiches.des_communes(con, faits, sorties / "dessins", sorties / "publication" / "communes")


def _composer_dossier(edition: Edition, papier: Papier, sorties: Path) -> None:
    from pipeline.report import conseil, document, papiers
    from pipeline.report import faits as faits_

    dessins = document.Dessins(_dossier_neuf(sorties / "dessins"))
    with _relire(edition) as (con, chapitres):
        for nom, diffusion in zip(DOSSIERS, (document.DIFFUSABLE, document.INTERNE), strict=True):
            faits = faits_.lire(con, edition, chapitres, diffusion.schema)
            contexte = document.composer(con, faits, diffusion, dessins)
            atelier = conseil.atelier_de(con, faits, contexte, diffusion, dessins)
            papiers.ecrire(atelier, [papier], sorties / nom)


def base_neuve(dossier: Path) -> duckdb.DuckDBPyConnection:
    """The confidential base to be filled, in a folder that is its owner's alone, as what DuckDB sets down there.

    Rows are written as they come: compressing those of a large deposit is a fifth of the time of reading it.
    Beyond a gigabyte they wait on the disk, at no cost that was measured.
    """
    import duckdb

    dossier.chmod(0o700)
    base = dossier / CONFIDENTIEL
    con = duckdb.connect()
    con.execute("set temp_directory = ?", [f"{base}.tmp"])
    # attached, for only then is the size of its groups of rows to be chosen
    con.execute(f"attach ? as confidentiel (row_group_size {_LIGNES_PAR_GROUPE})", [str(base)])
    base.chmod(0o600)
    con.execute("use confidentiel; set force_compression = 'uncompressed'; set memory_limit = '1GB'")
    return con


def _executer(edition: Edition, neuf: Path, sorties: Path, dire: Suivi) -> None:
    """Every step, in order, in folders of its own. Heavy modules are imported here and below, not before."""
    from pipeline import changements
    from pipeline.indicators import chapitres_de

    declares = chapitres_de(edition.profil)
    _verifier_ce_qui_est_ecrit(edition, declares)
    changements.precedente(edition)
    with base_neuve(neuf) as con:
        _lire(con, edition, dire)
        chapitres = _calculer(con, edition, declares, dire)
        publication, interne = (_dossier_neuf(sorties / nom) for nom in DOSSIERS)
        interne.chmod(0o700)
        _exporter(con, edition, chapitres, neuf, publication)
        _rediger(con, edition, chapitres, neuf, sorties, dire)


def _verifier_ce_qui_est_ecrit(edition: Edition, chapitres: Sequence[Chapter]) -> None:
    """What a person mistyped is told at once, not after the figures."""
    from pipeline.orientations import lire_orientations
    from pipeline.report.conseil import verifier_modeles
    from pipeline.report.textes import TOUJOURS, eprouver_textes

    lire_orientations(edition, chapitres)
    eprouver_textes(edition, [*TOUJOURS, *(chapitre.id for chapitre in chapitres)])
    verifier_modeles(edition)


def _lire(con: duckdb.DuckDBPyConnection, edition: Edition, dire: Suivi) -> None:
    """Files to tables: `brut`, then `socle`."""
    from pipeline import ingest, regles, transform
    from pipeline.sources.registre import SOURCES

    cle = ingest.chemin_de_cle(edition)
    premiere_fois = not cle.exists()
    ingest.charger(con, edition, SOURCES)
    if premiere_fois and cle.exists():
        dire(
            f"Clé des pseudonymes créée : {cle}. En garder une copie en lieu sûr, hors de cet ordinateur : sans elle, "
            "les personnes des prochains dépôts ne seront plus reconnues."
        )
    regles.appliquer(con)
    dire(ingest.resume(con))
    tables = transform.construire(con, edition)
    dire(f"Tables : {len(tables)} construites et vérifiées.")


def _calculer(
    con: duckdb.DuckDBPyConnection, edition: Edition, declares: Sequence[Chapter], dire: Suivi
) -> tuple[Chapter, ...]:
    """Tables to figures, compared, protected, set against the edition before; returns the chapters that have some."""
    from pipeline import changements, classes, comparables, comparison, compute, protect, transform
    from pipeline.indicators import connus

    comparables.choisir(con, edition, declares)
    resultats = compute.calculer(con, edition, declares, transform.series())
    chapitres = connus(declares, set(resultats["indicateur"]))
    dire(compute.resume(resultats))
    comparison.comparer(con, edition, chapitres, transform.series())
    dire(protect.resume(protect.proteger(con, edition, chapitres)))
    changements.consigner(con, edition, chapitres)
    if avant := changements.depuis_la_precedente(con, edition, chapitres):
        dire(avant)
    classes.etablir(con, edition, chapitres)
    return chapitres


def _exporter(
    con: duckdb.DuckDBPyConnection,
    edition: Edition,
    chapitres: Sequence[Chapter],
    neuf: Path,
    publication: Path,
) -> None:
    """The base that anybody may read, the error sheets, and what other tools read of the publication."""
    from pipeline import exports, protect
    from pipeline.report import rapport_activite

    protect.diffuser(con, neuf / BASE)
    exports.ecrire_rejets(con, edition, neuf / "rejets")
    exports.ecrire(con, edition, chapitres, publication)
    exports.ecrire_comparaisons(con, chapitres, publication)
    exports.ecrire_projection(con, publication)
    rapport_activite.ecrire_tableaux(con, edition, chapitres, publication)


def _rediger(
    con: duckdb.DuckDBPyConnection,
    edition: Edition,
    chapitres: Sequence[Chapter],
    neuf: Path,
    sorties: Path,
    dire: Suivi,
) -> None:
    """Both editions' reports and papers, the site of the one, the account of domiciliation of the other."""
    from pipeline.report import conseil, document, domiciliation, site
    from pipeline.report import faits as faits_

    publication, interne = (sorties / nom for nom in DOSSIERS)
    dessins = document.Dessins(_dossier_neuf(neuf / "dessins"))
    for diffusion, dossier in ((document.DIFFUSABLE, publication), (document.INTERNE, interne)):
        faits = faits_.lire(con, edition, chapitres, diffusion.schema)
        contexte = document.composer(con, faits, diffusion, dessins)
        annexes = conseil.ecrire(conseil.atelier_de(con, faits, contexte, diffusion, dessins), dossier)
        if diffusion is document.DIFFUSABLE:
            dire(f"Site : {len(site.ecrire(faits, contexte, dessins.dossier, dossier))} pages.")
    if exercices := domiciliation.exercices(con, edition):
        domiciliation.ecrire(con, edition, exercices[-1], interne)
    dire("Rapport : édition diffusable et édition interne écrites, avec leurs annexes.")
    dire(conseil.resume(annexes, publication))


def noter_empreinte(chemin: Path, entrees: Empreinte, sorties: Path) -> None:
    """Note what an edition was built from, and the checksum of everything that came out."""
    empreinte = {"entrees": entrees, "sorties": dict(_sommes(sorties, DOSSIERS))}
    chemin.write_text(json.dumps(empreinte, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def deja_construite(edition: Edition, entrees: Empreinte) -> bool:
    """Whether the last outputs came from these very inputs and are still as they were written."""
    try:
        precedente = json.loads((edition.traitement / EMPREINTE).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    return (
        precedente["entrees"] == entrees
        and all((edition.traitement / nom).exists() for nom in (BASE, CONFIDENTIEL))
        and precedente["sorties"] == dict(_sommes(edition.rapports, DOSSIERS))
    )


def _sommes(racine: Path, dossiers: Sequence[str]) -> Iterator[tuple[str, str]]:
    for chemin in sorted(chemin for nom in dossiers for chemin in (racine / nom).rglob("*")):
        if chemin.is_file():
            yield chemin.relative_to(racine).as_posix(), somme(chemin)


def _places(edition: Edition) -> Iterator[tuple[Path, Path, Path]]:
    """What a run leaves: where it is made, where it is read, where the former one waits. The checksums come last."""
    for racine, noms in (
        (edition.rapports, DOSSIERS),
        (edition.traitement, (BASE, CONFIDENTIEL, "rejets", EMPREINTE)),
    ):
        for nom in noms:
            yield racine / _NEUF / nom, racine / nom, racine / _PRECEDENT / nom


def _mettre_en_place(edition: Edition) -> None:
    """The only step that a reader can see: renames. What was there waits beside, for `_reprendre`."""
    for racine in (edition.rapports, edition.traitement):
        _dossier_neuf(racine / _PRECEDENT)
    for neuf, place, ancien in _places(edition):
        if place.exists():
            place.rename(ancien)
        if neuf.exists():
            neuf.rename(place)


def _reprendre(edition: Edition) -> None:
    """End what putting in place began: all the new is there and the former goes, or the former comes back.

    Killed at any moment, it is done by the next command that holds the edition. The checksums, which come last,
    tell which: they are still where they were made as long as something is to be put in place.
    """
    if (edition.traitement / _NEUF / EMPREINTE).exists():
        for _, place, ancien in _places(edition):
            if ancien.exists():
                effacer(place)
                ancien.rename(place)
    for racine in (edition.rapports, edition.traitement):
        shutil.rmtree(racine / _PRECEDENT, ignore_errors=True)


def effacer(chemin: Path) -> None:
    """Take away a file or a folder, if it is there."""
    if chemin.is_dir():
        shutil.rmtree(chemin)
    else:
        chemin.unlink(missing_ok=True)


def _dossier_neuf(dossier: Path) -> Path:
    shutil.rmtree(dossier, ignore_errors=True)
    dossier.mkdir(parents=True)
    return dossier


@contextmanager
def verrou(edition: Edition) -> Iterator[None]:
    """Hold an edition, its last good results in place: a second run is refused at once, a killed one holds nothing."""
    edition.traitement.mkdir(parents=True, exist_ok=True)
    fichier = FileLock(edition.traitement / ".verrou")
    try:
        fichier.acquire(timeout=0)
    except Timeout:
        raise ErreurUtilisateur(
            f"L'édition {edition.nom} est déjà en construction dans une autre fenêtre : attendre sa fin."
        ) from None
    try:
        _reprendre(edition)
        yield
    finally:
        fichier.release()


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
