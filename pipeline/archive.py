"""What is kept of an edition once it is closed: one dated zip, checked line by line, and what differs from it.

In: a built edition. Out: `reports/<edition>/archive/abs-<territoire>-<annee>.zip`: the manifest of every input
(path, checksum, who deposited it), the public inputs themselves, the code's version, the lock of its
dependencies, the base that may be read by all, the publication. With the deposits, which are about persons, and the
analyst's answers on these, neither of which is ever in it, the edition is built again to the last byte. Same inputs,
same bytes: the date is that of the last deposit, members are sorted, and the base is kept as one Parquet file a table
(two DuckDB files of the same tables are never the same bytes).
"""

from __future__ import annotations

import datetime
import hashlib
import importlib.metadata
import json
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from pipeline.build import BASE, deja_construite, verrou
from pipeline.edition import RACINE, lire_edition
from pipeline.empreinte import (
    CODE,
    EMPREINTE,
    MANIFESTE,
    ZIP_ABIME,
    empreinte_de,
    empreinte_des_reponses,
    empreinte_entrees,
    empreinte_precedente,
    entrees,
    ouvrir_archive,
    somme,
    somme_du_code,
)
from pipeline.model import ErreurUtilisateur
from pipeline.provenance import provenance

if TYPE_CHECKING:
    from pipeline.edition import Edition

SOMMES = "SHA256SUMS"
_DE_PROVENANCE = ("titre", "producteur", "date", "adresse")
_LISEZMOI = """\
Archive de l'édition {nom} de l'analyse des besoins sociaux.

manifeste.json     chaque fichier d'entrée, son empreinte (sha256) et sa provenance ; la version du logiciel
entrees/           les entrées publiques, les déclarations et les textes, à leur place dans le projet
base/              la base diffusable, un fichier Parquet par table
publication/       le rapport, ses annexes et ses exports
requirements.lock  les bibliothèques, à la version près
SHA256SUMS         l'empreinte de chaque fichier de l'archive (« sha256sum -c SHA256SUMS »)

Les dépôts qui portent sur des personnes n'y sont jamais, ni les réponses aux rapprochements : le manifeste n'en garde
que l'empreinte.
Savoir ce qui a changé depuis : make verifie ARCHIVE=<cette archive>
Refaire l'édition : remettre entrees/ et les dépôts à leur place, avec l'archive de l'édition précédente et la liste des
réponses quand le manifeste en nomme une, reprendre le logiciel à la version qu'il dit, puis make abs EDITION={nom}.
"""


def archiver(edition: Edition) -> Path:
    """Write the archive of an edition; `ErreurUtilisateur` when it is not built from its present inputs."""
    with verrou(edition):
        if not deja_construite(edition, empreinte_entrees(edition)):
            raise ErreurUtilisateur(
                f"L'édition {edition.nom} n'est pas construite, ou a changé depuis : lancer « make abs "
                f"EDITION={edition.nom} » avant de l'archiver."
            )
        edition.archive.parent.mkdir(parents=True, exist_ok=True)
        neuve = edition.archive.with_suffix(".en-cours")
        with tempfile.TemporaryDirectory(dir=edition.traitement) as dossier:
            _ecrire(neuve, _membres(edition, Path(dossier)), _date(edition))
        neuve.replace(edition.archive)
    return edition.archive


def _membres(edition: Edition, dossier: Path) -> dict[str, Path]:
    """Name in the archive → file, sorted; what is made for the archive is written into `dossier`."""
    membres = {"requirements.lock": CODE.parent / "requirements.lock"}
    for nom, chemin in _entrees_gardees(edition):
        membres[f"entrees/{nom}"] = chemin
    for chemin in sorted((edition.rapports / "publication").rglob("*")):
        if chemin.is_file():
            membres[chemin.relative_to(edition.rapports).as_posix()] = chemin
    for chemin in deposer_base(edition.traitement / BASE, dossier / "base"):
        membres[f"base/{chemin.name}"] = chemin
    faits = {
        MANIFESTE: json.dumps(manifeste(edition), indent=1, ensure_ascii=False) + "\n",
        "LISEZ-MOI.txt": _LISEZMOI.format(nom=edition.nom),
    }
    for nom, texte in faits.items():
        membres[nom] = dossier / nom
        membres[nom].write_text(texte, encoding="utf-8", newline="\n")
    sommes = "".join(f"{somme(chemin)}  {nom}\n" for nom, chemin in sorted(membres.items()))
    membres[SOMMES] = dossier / SOMMES
    membres[SOMMES].write_text(sommes, encoding="utf-8", newline="\n")
    return dict(sorted(membres.items()))


def _ecrire(chemin: Path, membres: dict[str, Path], jour: datetime.date) -> None:
    with zipfile.ZipFile(chemin, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for nom, fichier in membres.items():
            membre = zipfile.ZipInfo(nom, (jour.year, jour.month, jour.day, 0, 0, 0))
            membre.compress_type = zipfile.ZIP_DEFLATED
            membre.external_attr = 0o644 << 16
            membre.create_system = 3
            with fichier.open("rb") as source, archive.open(membre, "w", force_zip64=True) as cible:
                shutil.copyfileobj(source, cible)


def _date(edition: Edition) -> datetime.date:
    """The day of the last deposit, else of the last public file, else the first of the edition's year."""
    deposes = [fichier.depose_le for fichier in edition.fichiers if fichier.depose_le]
    publics = [provenance(edition.chemin(fichier)).get("date") for fichier in edition.fichiers]
    dates = deposes or [
        datetime.date.fromisoformat(str(date)) for date in publics if _est_une_date(str(date))
    ]
    return max(dates, default=datetime.date(edition.annee, 1, 1))


def _est_une_date(texte: str) -> bool:
    try:
        datetime.date.fromisoformat(texte)
    except ValueError:
        return False
    return True


# ------------------------------------------------------------------------------------ the manifest


def manifeste(edition: Edition) -> dict[str, Any]:
    """What the edition was made from and what came out: paths, checksums, provenance, version."""
    depots = _depots(edition)
    sommes = empreinte_entrees(edition)
    sorties = json.loads((edition.traitement / EMPREINTE).read_text(encoding="utf-8"))["sorties"]
    return {
        "edition": edition.nom,
        "titre": edition.edition.titre,
        "redaction": edition.edition.redaction,
        "date": _date(edition).isoformat(),
        "version": version(),
        "empreinte": empreinte_de(sommes),
        "precedente": {"edition": edition.edition.precedente, "empreinte": sommes.get("precedente", "")},
        **({"reponses": sommes["reponses"]} if "reponses" in sommes else {}),
        "entrees": [
            {"chemin": nom, "sha256": somme(chemin), "gardee": nom not in depots}
            | _provenance(edition, nom, chemin)
            for nom, chemin in sorted(_entrees(edition).items())
        ],
        "sorties": {nom: somme_ for nom, somme_ in sorties.items() if nom.startswith("publication/")},
    }


def version() -> dict[str, str]:
    """The code's version: the package's, a checksum of all its files, and what git says where it is used."""
    return {"paquet": importlib.metadata.version("abs-ccas"), "code": somme_du_code(), "git": _git()}


def _git() -> str:
    """« v0.1.0-12-gabcdef0 », with « -dirty » when files were changed; empty outside of a repository."""
    commande = ["git", "-C", str(CODE.parent), "describe", "--always", "--tags", "--dirty"]
    try:
        return subprocess.run(commande, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _entrees(edition: Edition) -> dict[str, Path]:
    """Every input, under its path in the project (the code under its own)."""
    noms = {}
    for _, chemin in entrees(edition):
        if chemin.is_file():
            racine = (
                CODE.parent
                if chemin.is_relative_to(CODE) or chemin.name == "requirements.lock"
                else edition.racine
            )
            noms[_relatif(chemin, racine)] = chemin
    return noms


def _relatif(chemin: Path, racine: Path) -> str:
    """Path in the project; a file declared outside of it keeps its name only."""
    entier, racine = chemin.resolve(), racine.resolve()
    return (
        entier.relative_to(racine).as_posix() if entier.is_relative_to(racine) else f"ailleurs/{chemin.name}"
    )


def _depots(edition: Edition) -> set[str]:
    """Inputs that may be about persons: every file declared for a source of the activity."""
    from pipeline.sources.registre import ACTIVITE

    activite = {source.id for source in ACTIVITE}
    return {
        _relatif(edition.chemin(fichier), edition.racine)
        for fichier in edition.fichiers
        if fichier.source in activite
    }


def _entrees_gardees(edition: Edition) -> Iterator[tuple[str, Path]]:
    depots = _depots(edition)
    for nom, chemin in _entrees(edition).items():
        if nom not in depots and not chemin.is_relative_to(CODE) and nom != "requirements.lock":
            yield nom, chemin


def _provenance(edition: Edition, nom: str, chemin: Path) -> dict[str, str]:
    """Who deposited a file and when, or where a public one comes from."""
    for fichier in edition.fichiers:
        if _relatif(edition.chemin(fichier), edition.racine) == nom:
            publique = {cle: str(v) for cle, v in provenance(chemin).items() if cle in _DE_PROVENANCE}
            depose = {"depose_par": fichier.depose_par, "depose_le": str(fichier.depose_le)}
            return publique | (depose if fichier.depose_le else {})
    return {}


# ------------------------------------------------------------------------------------ the base, as tables


def deposer_base(base: Path, dossier: Path) -> Iterator[Path]:
    """One Parquet file a table, its rows in an order of their own: `<schema>.<table>.parquet`."""
    dossier.mkdir()
    with duckdb.connect(str(base), read_only=True, config={"threads": 1}) as con:
        tables = con.execute(
            "select table_schema, table_name from information_schema.tables order by 1, 2"
        ).fetchall()
        for schema, nom in tables:
            chemin = dossier / f"{schema}.{nom}.parquet"
            con.execute(
                f"copy (select * from {schema}.{nom} order by all) to ? (format parquet, compression zstd)",
                [str(chemin)],
            )
            yield chemin


@contextmanager
def base_de(edition: Edition) -> Iterator[Path | None]:
    """The base of a built edition, or the one of its archive, made again; None when neither is there."""
    base = edition.traitement / BASE
    if base.exists():
        yield base
    elif edition.archive.exists():
        with tempfile.TemporaryDirectory() as dossier:
            yield _refaire_base(edition.archive, Path(dossier))
    else:
        yield None


def _refaire_base(archive: Path, dossier: Path) -> Path:
    with ouvrir_archive(archive) as ouverte:
        ouverte.extractall(dossier, [nom for nom in ouverte.namelist() if nom.startswith("base/")])
    with duckdb.connect(str(dossier / BASE)) as con:
        for chemin in sorted((dossier / "base").glob("*.parquet")):
            schema, nom = chemin.stem.split(".", 1)
            con.execute(f"create schema if not exists {schema}")
            con.execute(f"create table {schema}.{nom} as select * from read_parquet(?)", [str(chemin)])
    return dossier / BASE


# ------------------------------------------------------------------------------------ what differs


def verifier(archive: Path, racine: Path = RACINE) -> list[str]:
    """What differs between an archive and the project, one line a file; empty when nothing does."""
    if not archive.is_file():
        raise ErreurUtilisateur(f"{archive} est introuvable : donner ARCHIVE=<chemin d'une archive>.")
    with ouvrir_archive(archive) as ouverte:
        abimes = list(_abimes(ouverte))
        ecrit = json.loads(ouverte.read(MANIFESTE))
    return [
        *abimes,
        *_entrees_changees(ecrit, racine),
        *_precedente_changee(ecrit, racine),
        *_reponses_changees(ecrit, racine),
        *_sorties_changees(ecrit, racine),
    ]


def _abimes(archive: zipfile.ZipFile) -> Iterator[str]:
    """Members that are not what the archive's own list says."""
    attendues = dict(ligne.split("  ", 1)[::-1] for ligne in archive.read(SOMMES).decode().splitlines())
    presents = set(archive.namelist()) - {SOMMES}
    for nom in sorted(presents | set(attendues)):
        if nom not in presents:
            yield f"{nom} : manque dans l'archive"
        elif nom not in attendues:
            yield f"{nom} : ajouté dans l'archive"
        elif _somme_du_membre(archive, nom) != attendues[nom]:
            yield f"{nom} : abîmé dans l'archive"


def _somme_du_membre(archive: zipfile.ZipFile, nom: str) -> str:
    try:
        with archive.open(nom) as flux:
            return hashlib.file_digest(flux, "sha256").hexdigest()
    except ZIP_ABIME:
        return ""


def _entrees_changees(ecrit: dict[str, Any], racine: Path) -> Iterator[str]:
    attendues = {entree["chemin"]: entree["sha256"] for entree in ecrit["entrees"]}
    for nom, attendue in sorted(attendues.items()):
        du_code = nom.startswith("pipeline/") or nom == "requirements.lock"
        chemin = (CODE.parent if du_code else racine) / nom
        if not chemin.is_file():
            yield f"{nom} : manque"
        elif somme(chemin) != attendue:
            yield f"{nom} : a changé"
    for chemin in sorted(CODE.rglob("*")):
        nom = f"pipeline/{chemin.relative_to(CODE).as_posix()}"
        if chemin.is_file() and "__pycache__" not in chemin.parts and nom not in attendues:
            yield f"{nom} : ajouté depuis"


def _precedente_changee(ecrit: dict[str, Any], racine: Path) -> Iterator[str]:
    """The edition before, which this one read in its base or in its archive: one of the inputs."""
    nom, attendue = ecrit["precedente"]["edition"], ecrit["precedente"]["empreinte"]
    try:
        trouvee = empreinte_precedente(lire_edition(ecrit["edition"], racine)) if nom else ""
    except ErreurUtilisateur:  # its declaration is not there: said already
        return
    if trouvee != attendue:
        etat = "a changé" if trouvee and attendue else "ajoutée depuis" if trouvee else "manque"
        yield f"{nom} : l'édition précédente {etat}"


def _reponses_changees(ecrit: dict[str, Any], racine: Path) -> Iterator[str]:
    """What the analyst answered of pairs of persons: one of the inputs, which never leaves the place of the key."""
    attendue = ecrit.get("reponses", "")
    try:
        trouvee = empreinte_des_reponses(lire_edition(ecrit["edition"], racine))
    except ErreurUtilisateur:  # its declaration is not there: said already
        return
    if trouvee != attendue:
        etat = "ont changé" if trouvee and attendue else "ajoutées depuis" if trouvee else "manquent"
        yield f"réponses aux rapprochements, à côté de la clé : {etat}"


def _sorties_changees(ecrit: dict[str, Any], racine: Path) -> Iterator[str]:
    rapports = racine / "reports" / ecrit["edition"]
    if not (rapports / "publication").is_dir():
        yield f"publication/ : n'est pas construite (make abs EDITION={ecrit['edition']})"
        return
    presents = {
        c.relative_to(rapports).as_posix() for c in (rapports / "publication").rglob("*") if c.is_file()
    }
    for nom in sorted(presents | set(ecrit["sorties"])):
        if nom not in presents:
            yield f"{nom} : manque"
        elif nom not in ecrit["sorties"]:
            yield f"{nom} : ajouté depuis"
        elif somme(rapports / nom) != ecrit["sorties"][nom]:
            yield f"{nom} : a changé"
