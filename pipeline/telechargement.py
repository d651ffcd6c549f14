"""Files from their producers: resumed after a cut, checked, never silently replaced; zip members let out safely.

In: an address, the member wanted if it is an archive, and where the file goes; the address of a paged
JSON answer. Out: the file, in its place only once whole and as recorded; the pages. Standard library
only, proxies from the environment, nothing printed (`suivi` is told of the progress). Two processes must
not fetch the same destination at once: the caller holds the lock.
"""

from __future__ import annotations

import datetime
import hashlib
import http.client
import itertools
import json
import os
import re
import select
import shutil
import socket
import ssl
import stat
import string
import time
import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urljoin, urlsplit, urlunsplit
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

from pipeline.empreinte import ZIP_ABIME, somme
from pipeline.model import ErreurUtilisateur
from pipeline.report.nombres import avec_unite

# Sizes in bytes, durations in seconds.
TAILLE_MAXIMALE = 2 * 1024**3
TAILLE_EXTRAITE = 8 * 1024**3
PAGE_MAXIMALE = 64 * 1024**2
PAGES_MAXIMALES = 1_000
OBSERVATIONS_MAXIMALES = 100_000
RESERVE = 100 * 1024**2  # left free on the disk
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)  # between the attempts: one more attempt than pauses
ATTENTE_MAXIMALE = 120.0  # a server that asks for a longer one is left in peace until the next run
DUREE_MAXIMALE = 2 * 3600.0  # one file, whatever trickles in
REDIRECTIONS = 8
_SILENCE = 1.0  # after the last byte announced, before a server that does not hang up is believed
# DEFLATE cannot exceed 1032:1; a census table of repeated labels stays far under 200:1.
TAUX_MAXIMAL = 200
_SEUIL_DU_TAUX = 1024**2

_BLOC = 64 * 1024
_DEBUT = 1024
_AGENT = "abs-ccas (analyse des besoins sociaux)"
_MAKE = "relancer « make donnees »"
_COMPLET = "corriger la demande, ou récupérer le fichier complet du jeu de données"
ACCEPTER = "relancer « make donnees » avec ACCEPTER={}"
NOUVEAU = ".nouveau"
ARCHIVE = ".archive.zip"

Suivi = Callable[[int, int | None], None]
T = TypeVar("T")


@dataclass(frozen=True)
class Enregistrement:
    """What was recorded of a file the first time: SHA-256, size in bytes, day; as far as they are known."""

    sha256: str = ""
    octets: int | None = None
    date: datetime.date | None = None


@dataclass(frozen=True)
class Telechargement:
    """A file received; `repris`: its end was added to a part that a cut had left.

    `publie_le`: its last change, as the server tells it. `origine`: SHA-256 of the archive it came out of.
    """

    chemin: Path
    sha256: str
    octets: int
    repris: bool
    publie_le: datetime.date | None = None
    origine: str = ""


INCONNU = Enregistrement()


class FichierChange(ErreurUtilisateur):
    """A file that is not the one recorded: `recu` stands beside, until somebody accepts or deletes it."""

    def __init__(self, phrase: str, recu: Telechargement) -> None:
        """Say `phrase`, and keep what came at hand."""
        super().__init__(phrase)
        self.recu = recu


def cadence(
    appels: int,
    periode: float,
    horloge: Callable[[], float] = time.monotonic,
    attendre: Callable[[float], None] = time.sleep,
) -> Callable[[], None]:
    """A bucket of `appels` tokens, each given back `periode` seconds after it was taken.

    The function returned takes a token, waiting for it if need be: there are never more than `appels`
    calls in any window of `periode` seconds, which a bucket refilled at a steady rate does not promise.
    """
    pris: deque[float] = deque(maxlen=appels)

    def prendre() -> None:
        if len(pris) == appels and (reste := pris[0] + periode - horloge()) > 0:
            attendre(reste)
        pris.append(horloge())

    return prendre


def _sans_attendre() -> None:
    """No rate to keep."""


def _sans_suivi(recus: int, total: int | None) -> None:
    """No progress to show."""


def _place_libre(dossier: Path) -> int:
    return shutil.disk_usage(dossier).free


@dataclass(frozen=True)
class Acces:
    """How the network, the clock and the disk are reached; `delai`: seconds of silence before giving up."""

    prendre_jeton: Callable[[], None] = _sans_attendre
    attendre: Callable[[float], None] = time.sleep
    horloge: Callable[[], float] = time.monotonic
    place_libre: Callable[[Path], int] = _place_libre
    delai: float = 30.0


# What INSEE's Melodi API admits, data and files alike: 30 calls a minute. Nobody needs more of anybody.
POLI = Acces(prendre_jeton=cadence(30, 60.0))


@dataclass(frozen=True)
class _Demande:
    """What is asked, and what to do: `relance` if it may work later, `remede` if it will not."""

    adresse: str
    relance: str
    remede: str
    acces: Acces

    def refus(self, motif: str, remede: str = "") -> ErreurUtilisateur:
        return ErreurUtilisateur(f"{self.adresse} : {motif} ; {remede or self.remede}.")


class _Coupure(Exception):
    """What may work at the next attempt, not before `pause` seconds."""

    def __init__(self, motif: str, pause: float = 0.0) -> None:
        super().__init__(motif)
        self.pause = pause


# --- A file ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Depot:
    """Where a file goes, and what stands beside it meanwhile."""

    destination: Path
    plafond: int
    suivi: Suivi

    @property
    def partiel(self) -> Path:
        return a_cote(self.destination, ".partiel")

    @property
    def fiche(self) -> Path:
        return a_cote(self.destination, ".partiel.json")

    def oublier(self) -> None:
        """Give up the partial file, before what proves where it comes from."""
        self.partiel.unlink(missing_ok=True)
        self.fiche.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Fiche:
    """What proves that a partial file is the beginning of what the server still holds."""

    adresse: str
    validateur: str
    total: int | None


def telecharger(
    adresse: str,
    destination: Path,
    *,
    attendu: Enregistrement = INCONNU,
    taille_maximale: int = TAILLE_MAXIMALE,
    suivi: Suivi = _sans_suivi,
    acces: Acces = POLI,
) -> Telechargement:
    """Fetch `adresse` into `destination`, whose suffix says what must come (zip, csv, xlsx, json, parquet).

    `attendu` was recorded at the first download; without it, the file already in place is the one
    expected. A file that differs is put beside, as `<destination>.nouveau`, and refused (`FichierChange`);
    a file in place with the recorded checksum is kept without a call. After a cut,
    `<destination>.partiel` waits for the next run. `suivi(received, total or None)` is called at each
    block; `taille_maximale` is in bytes. Raises `ErreurUtilisateur` for whatever happens.
    """
    demande = _Demande(
        adresse,
        relance=f"{_MAKE} : le téléchargement reprendra",
        remede=f"déposer le fichier à la main dans {destination.parent} sous le nom {destination.name}",
        acces=acces,
    )
    depot = _Depot(destination, taille_maximale, suivi)
    with _disque(demande, destination):
        presente = en_place(destination)
        if presente.sha256 and presente.sha256 == attendu.sha256:
            return Telechargement(destination, presente.sha256, destination.stat().st_size, repris=False)
        if presente.sha256 and attendu.sha256:
            raise _intrus(demande, destination, presente.sha256, attendu.sha256)
        destination.parent.mkdir(parents=True, exist_ok=True)
        recu = _insister(demande, partial(_recevoir, demande, depot))
        _verifier_fin(demande, depot)
        depot.fiche.unlink(missing_ok=True)
        return _adopter(demande, depot.partiel, recu, attendu if attendu.sha256 else presente)


def en_place(chemin: Path) -> Enregistrement:
    """The file that is there, with the day of its last change on this disk; `INCONNU` when there is none."""
    if not chemin.is_file():
        return INCONNU
    etat = chemin.stat()
    return Enregistrement(somme(chemin), etat.st_size, datetime.date.fromtimestamp(etat.st_mtime))


def _adopter(demande: _Demande, ici: Path, recu: Telechargement, attendu: Enregistrement) -> Telechargement:
    """Put a whole file in its place, or beside it when it is not the one expected."""
    if attendu.sha256 in ("", recu.sha256):
        ici.replace(recu.chemin)
        return recu
    nouveau = a_cote(recu.chemin, NOUVEAU)
    ici.replace(nouveau)
    raise FichierChange(phrase_de_changement(demande.adresse, recu, attendu), replace(recu, chemin=nouveau))


def phrase_de_changement(adresse: str, recu: Telechargement, attendu: Enregistrement) -> str:
    """What changed at the producer's, old and new, and what to do."""
    change = ecart(Enregistrement(recu.sha256, recu.octets, recu.publie_le), "publié", attendu)
    return (
        f"{adresse} : le fichier a changé chez son producteur : {change} ; il est gardé dans "
        f"{a_cote(recu.chemin, NOUVEAU)} : pour l'adopter, {ACCEPTER.format(recu.chemin.name)} ; sinon, l'effacer "
        f"et remettre l'ancien fichier dans {recu.chemin.parent}."
    )


def ecart(trouve: Enregistrement, verbe: str, attendu: Enregistrement) -> str:
    """Checksums, sizes and days of two versions of a file; `verbe` says what the first one's day is."""
    return f"{_dit(trouve, verbe)} au lieu de {_dit(attendu, 'enregistré')}".rstrip(",")


def _dit(version: Enregistrement, verbe: str) -> str:
    octets = "" if version.octets is None else f" ({taille(version.octets)})"
    jour = f", {verbe} le {version.date:%d/%m/%Y}," if version.date else ""
    return f"sha256 {version.sha256}{octets}{jour}"


def _recevoir(demande: _Demande, depot: _Depot, fin: float) -> Telechargement:
    """One attempt, for what the partial file lacks or for the whole file."""
    depart, ancienne = _reprise(demande, depot)
    plage = {"Range": f"bytes={depart}-", "If-Range": ancienne.validateur} if ancienne else {}
    with _ouvrir(demande, plage) as reponse:
        if ancienne and reponse.status in (206, 416) and not _est_la_suite(reponse, depart, ancienne):
            depot.oublier()
            raise _Coupure("le fichier a changé pendant le téléchargement")
        _verifier_statut(demande, reponse, (200, 206) if ancienne else (200,))
        if reponse.status == 200:
            depart, ancienne = 0, None
        total = _total(reponse, ancienne)
        _verifier_taille(demande, depot, depart, total)
        blocs = _blocs(demande, reponse, fin)
        if not ancienne:
            blocs = _commencer(demande, depot, _Fiche(demande.adresse, _validateur(reponse), total), blocs)
        sha256, octets = _ecrire(demande, depot, total, blocs)
    if total is not None and octets != total:
        raise _Coupure(f"{taille(octets)} reçus au lieu de {taille(total)}")
    publie = _instant(reponse.headers.get("Last-Modified", ""))
    return Telechargement(depot.destination, sha256, octets, depart > 0, publie and publie.date())


def _reprise(demande: _Demande, depot: _Depot) -> tuple[int, _Fiche | None]:
    """Bytes already there and their proof; nothing when the part cannot be trusted."""
    try:
        fiche = _Fiche(**json.loads(depot.fiche.read_text(encoding="utf-8")))
        depart = depot.partiel.stat().st_size
    except (FileNotFoundError, ValueError, TypeError):
        return 0, None
    if not depart or fiche.adresse != demande.adresse:
        return 0, None
    return depart, fiche


def _validateur(reponse: http.client.HTTPResponse) -> str:
    """What If-Range accepts: a strong ETag, else the date of the last change (RFC 9110, 13.1.5)."""
    etag = reponse.headers.get("ETag", "")
    return etag if etag.startswith('"') else reponse.headers.get("Last-Modified", "")


def _plage(reponse: http.client.HTTPResponse) -> tuple[int, int | None] | None:
    """First byte and total size that a partial answer announces."""
    lue = re.fullmatch(
        r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)", reponse.headers.get("Content-Range", "")
    )
    if not lue:
        return None
    return int(lue[1]), None if lue[2] == "*" else int(lue[2])


def _est_la_suite(reponse: http.client.HTTPResponse, depart: int, ancienne: _Fiche) -> bool:
    """Whether these bytes continue that part: some servers send a range of another file, If-Range or not."""
    plage = _plage(reponse) if reponse.status == 206 else None
    return (
        plage is not None
        and plage[0] == depart
        and (None in (plage[1], ancienne.total) or plage[1] == ancienne.total)
        and _validateur(reponse) in ("", ancienne.validateur)
    )


def _total(reponse: http.client.HTTPResponse, ancienne: _Fiche | None) -> int | None:
    """Size of the whole file, if the server tells it."""
    if ancienne is None:
        return reponse.length
    plage = _plage(reponse)
    return ancienne.total if plage is None or plage[1] is None else plage[1]


def _verifier_taille(demande: _Demande, depot: _Depot, depart: int, total: int | None) -> None:
    if total is not None and total > depot.plafond:
        depot.oublier()
        raise _trop_gros(demande, depot, total)
    _verifier_place(demande, depot.destination, (total or depart) - depart)


def _verifier_place(demande: _Demande, destination: Path, besoin: int) -> None:
    libre = demande.acces.place_libre(destination.parent)
    if libre < besoin + RESERVE:
        raise demande.refus(
            f"il reste {taille(libre)} sur le disque de {destination.parent}, et il en faut "
            f"{taille(besoin + RESERVE)}",
            f"faire de la place puis {demande.relance}",
        )


def _trop_gros(demande: _Demande, depot: _Depot, octets: int) -> ErreurUtilisateur:
    return demande.refus(
        f"le fichier dépasse la taille prévue ({taille(octets)}, {taille(depot.plafond)} au plus)",
        f"vérifier l'adresse ; si ce fichier est le bon, {demande.remede}",
    )


def _commencer(demande: _Demande, depot: _Depot, fiche: _Fiche, blocs: Iterator[bytes]) -> Iterator[bytes]:
    """Judge what comes by its first bytes; only then is an older part given up."""
    debut = b""
    for bloc in blocs:
        debut += bloc
        if len(debut) >= _DEBUT:
            break
    _verifier_nature(demande, depot.destination, debut)
    depot.oublier()
    if fiche.validateur:
        depot.fiche.write_text(json.dumps(asdict(fiche)), encoding="utf-8")
    return itertools.chain([debut], blocs)


def _ecrire(demande: _Demande, depot: _Depot, total: int | None, blocs: Iterable[bytes]) -> tuple[str, int]:
    """Add the blocks to the partial file: SHA-256 and size of the whole."""
    with depot.partiel.open("a+b") as flux:
        flux.seek(0)
        hachage = hashlib.file_digest(flux, "sha256")
        octets = flux.tell()
        for bloc in blocs:
            octets += len(bloc)
            if octets > depot.plafond:
                depot.oublier()
                raise _trop_gros(demande, depot, octets)
            _verifier_place(demande, depot.destination, len(bloc))
            flux.write(bloc)
            hachage.update(bloc)
            depot.suivi(octets, total)
        flux.flush()
        os.fsync(flux.fileno())
    return hachage.hexdigest(), octets


def _intrus(demande: _Demande, destination: Path, presente: str, attendue: str) -> ErreurUtilisateur:
    return demande.refus(
        f"{destination} est déjà là, mais n'est pas le fichier enregistré (sha256 {presente} au lieu de {attendue})",
        f"le déplacer puis {_MAKE}, ou, si le changement est voulu, {ACCEPTER.format(destination.name)}",
    )


def taille(octets: int) -> str:
    """« 512 octets », « 13,4 Mo », « 2,1 Go »."""
    if octets < 1e6:
        return avec_unite(octets, "octets")
    return avec_unite(octets / 1e6, "Mo", 1) if octets < 1e9 else avec_unite(octets / 1e9, "Go", 1)


def a_cote(chemin: Path, suffixe: str) -> Path:
    """The file of that name with something more at its end."""
    return chemin.with_name(chemin.name + suffixe)


@contextmanager
def _disque(demande: _Demande, destination: Path) -> Iterator[None]:
    """Say in French what the disk refuses; the network's own errors never come this far."""
    try:
        yield
    except OSError as erreur:
        raise demande.refus(
            f"écriture impossible dans {destination.parent} ({erreur.strerror or erreur})",
            f"vérifier la place et les droits sur ce dossier, puis {demande.relance}",
        ) from erreur


# --- What a file is --------------------------------------------------------------------------------

_PAGE_WEB = "une page web"
_ARCHIVE = "une archive zip ou un classeur"
_PARQUET = "un fichier Parquet"
_JSON = "du JSON"
_TEXTE = "du texte (CSV)"
_BINAIRE = "un fichier binaire"
_ATTENDUES = {
    ".zip": _ARCHIVE,
    ".xlsx": _ARCHIVE,
    ".ods": _ARCHIVE,
    ".parquet": _PARQUET,
    ".json": _JSON,
    ".geojson": _JSON,
    ".csv": _TEXTE,
    ".txt": _TEXTE,
}
_SIGNES = {
    b"PK\x03\x04": _ARCHIVE,
    b"PAR1": _PARQUET,
    b"%PDF": "un document PDF",
    b"{": _JSON,
    b"[": _JSON,
    b"<": "un fichier XML",
}
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|title)\b", re.IGNORECASE)


def _nature(debut: bytes) -> str:
    """What a file is, by its first bytes."""
    debut = debut.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _HTML.match(debut):
        return _PAGE_WEB
    defaut = _BINAIRE if b"\0" in debut else _TEXTE
    return next((nature for signe, nature in _SIGNES.items() if debut.startswith(signe)), defaut)


def _verifier_nature(demande: _Demande, destination: Path, debut: bytes) -> None:
    """Refuse an empty file, a web page, or what the suffix does not announce (any other suffix: free)."""
    if not debut:
        raise demande.refus("le serveur a envoyé un fichier vide", f"{_MAKE} plus tard, ou {demande.remede}")
    nature = _nature(debut)
    attendue = _ATTENDUES.get(destination.suffix.lower())
    if nature == _PAGE_WEB or attendue not in (None, nature):
        raise demande.refus(
            f"le serveur a envoyé {nature} au lieu du fichier {destination.name}",
            f"ouvrir l'adresse dans un navigateur pour lire ce qu'elle dit, puis {demande.remede}",
        )


def _verifier_fin(demande: _Demande, depot: _Depot) -> None:
    """Refuse a file whose end is missing though its length was as announced."""
    nature = _ATTENDUES.get(depot.destination.suffix.lower())
    if nature == _ARCHIVE:
        entier = zipfile.is_zipfile(depot.partiel)
    else:
        fin = _derniers_octets(depot.partiel)
        entier = {_PARQUET: fin.endswith(b"PAR1"), _JSON: fin.rstrip().endswith((b"}", b"]"))}.get(
            nature, True
        )
    if not entier:
        depot.oublier()
        raise demande.refus("le fichier reçu est tronqué ou abîmé", f"{_MAKE} plus tard, ou {demande.remede}")


def _derniers_octets(chemin: Path) -> bytes:
    with chemin.open("rb") as flux:
        flux.seek(max(0, chemin.stat().st_size - _DEBUT))
        return flux.read()


# --- Pages of an API -------------------------------------------------------------------------------


def telecharger_pages(
    adresse: str,
    destination: Path,
    *,
    attendu: Enregistrement = INCONNU,
    suivi: Suivi = _sans_suivi,
    acces: Acces = POLI,
) -> Telechargement:
    """Fetch an answer of the API, all its pages, as one JSON file: the first page with all `observations`.

    Observations are put in an order of their own: the same figures make the same file. Compared and put in
    its place as in `telecharger`. Raises `ErreurUtilisateur` for whatever happens.
    """
    demande = _Demande(adresse, relance=_MAKE, remede=_MAKE, acces=acces)
    recues = list(_observations_comptees(demande, pages(adresse, acces=acces), suivi))
    reponse = {nom: valeur for nom, valeur in recues[0].items() if nom != "paging"}
    if "observations" in reponse:
        toutes = [observation for page in recues for observation in page["observations"]]
        reponse["observations"] = sorted(toutes, key=partial(json.dumps, sort_keys=True))
    texte = json.dumps(reponse, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    with _disque(demande, destination):
        destination.parent.mkdir(parents=True, exist_ok=True)
        _verifier_place(demande, destination, len(texte.encode()))
        ecrit = a_cote(destination, ".pages")
        ecrit.write_bytes(texte.encode())
        recu = Telechargement(destination, somme(ecrit), ecrit.stat().st_size, repris=False)
        return _adopter(demande, ecrit, recu, attendu)


def _observations_comptees(
    demande: _Demande, recues: Iterable[dict[str, Any]], suivi: Suivi
) -> Iterator[dict[str, Any]]:
    """The pages, as long as they are those of a small request."""
    observations = octets = 0
    for rang, page in enumerate(recues):
        morceau = page.get("observations")
        if not isinstance(morceau, list) and (rang or morceau is not None):
            raise demande.refus("une page de la réponse n'a pas d'« observations »", _COMPLET)
        observations += len(morceau or ())
        if observations > OBSERVATIONS_MAXIMALES:
            raise demande.refus(
                f"la réponse dépasse {avec_unite(OBSERVATIONS_MAXIMALES, 'observations')}", _COMPLET
            )
        octets += len(json.dumps(page))
        suivi(octets, None)
        yield page


def pages(adresse: str, *, acces: Acces = POLI) -> Iterator[dict[str, Any]]:
    """The JSON pages of an answer of INSEE's Melodi API, following `paging.next` until `paging.isLast`.

    Raises `ErreurUtilisateur` when a page cannot be had, or when the chain of pages is broken or endless:
    a part of an answer is never taken for the whole.
    """
    vues: set[str] = set()
    while adresse:
        demande = _Demande(
            adresse,
            relance=f"{_MAKE} plus tard",
            remede=_COMPLET,
            acces=acces,
        )
        if adresse in vues or len(vues) >= PAGES_MAXIMALES:
            raise demande.refus(f"la réponse ne finit pas ({len(vues)} pages)")
        vues.add(adresse)
        page = _insister(demande, partial(_page, demande))
        adresse = _suivante(demande, page)
        yield page


def _page(demande: _Demande, fin: float) -> dict[str, Any]:
    with _ouvrir(demande, {"Accept": "application/json"}) as reponse:
        _verifier_statut(demande, reponse, (200,))
        corps = bytearray()
        for bloc in _blocs(demande, reponse, fin):
            corps += bloc
            if len(corps) > PAGE_MAXIMALE:
                raise demande.refus(f"une page dépasse {taille(PAGE_MAXIMALE)}")
    try:
        page = json.loads(corps)
    except (ValueError, RecursionError):
        page = None
    if not isinstance(page, dict):
        raise demande.refus(f"du JSON est attendu, le serveur a envoyé {_nature(bytes(corps[:_DEBUT]))}")
    return page


def _suivante(demande: _Demande, page: dict[str, Any]) -> str:
    """Address of the next page, on the same server; empty after the last one."""
    suite = page.get("paging")
    suivante, derniere = (suite.get("next"), suite.get("isLast")) if isinstance(suite, dict) else (None, None)
    if derniere is True or (derniere is None and not suivante):
        return ""
    if not isinstance(suivante, str):
        raise demande.refus("la réponse continue, mais la page suivante n'est pas indiquée", demande.relance)
    adresse = _adresse_propre(demande, suivante, depuis=demande.adresse)
    if urlsplit(adresse)[:2] != urlsplit(demande.adresse)[:2]:
        raise demande.refus(f"la page suivante est sur un autre serveur ({adresse})")
    return adresse


# --- One exchange with a server --------------------------------------------------------------------

_REPONSES = {
    401: "accès réservé",
    403: "accès refusé",
    404: "adresse introuvable",
    407: "le proxy demande un identifiant",
    410: "fichier retiré",
    429: "trop de demandes",
    500: "erreur du serveur",
    502: "erreur du serveur",
    503: "service momentanément indisponible",
    504: "serveur trop lent",
}
_A_REESSAYER = (408, 425, 429)
_PROXY = "vérifier la variable HTTPS_PROXY (http://identifiant:mot-de-passe@serveur:port)"


def _insister(demande: _Demande, action: Callable[[float], T]) -> T:
    """Try again after each cut, a little later each time, and stop in the end."""
    fin = demande.acces.horloge() + DUREE_MAXIMALE
    for pause in (*PAUSES, None):
        try:
            return action(fin)
        except _Coupure as coupure:
            if coupure.pause > ATTENTE_MAXIMALE:
                minutes = avec_unite(-(-coupure.pause // 60), "minutes")
                raise demande.refus(
                    f"{coupure} : patienter {minutes}", f"ensuite, {demande.relance}"
                ) from coupure
            if pause is None:
                raise demande.refus(
                    f"{coupure}, au bout de {avec_unite(len(PAUSES) + 1, 'essais')}", demande.relance
                ) from coupure
            demande.acces.attendre(max(pause, coupure.pause))
    raise AssertionError("the last attempt returns or raises")


def _ouvrir(demande: _Demande, entetes: dict[str, str]) -> http.client.HTTPResponse:
    """Ask, and follow a few redirections, only to web addresses and never from https down to http."""
    adresse = _adresse_propre(demande, demande.adresse)
    for _ in range(REDIRECTIONS + 1):
        demande.acces.prendre_jeton()
        reponse = _demander(demande, Request(adresse, headers={"User-Agent": _AGENT} | entetes))
        # Header bytes are read as latin-1: percent-encoded as such, an address in UTF-8 is left whole.
        suivante = quote(reponse.headers.get("Location", ""), safe=string.punctuation, encoding="latin-1")
        if reponse.status not in (301, 302, 303, 307, 308) or not suivante:
            return reponse
        reponse.close()
        suivante = _adresse_propre(demande, suivante, depuis=adresse)
        if adresse.startswith("https:") and not suivante.startswith("https:"):
            raise demande.refus(f"le serveur renvoie vers une adresse non protégée ({suivante})")
        adresse = suivante
    raise demande.refus(f"plus de {REDIRECTIONS} redirections de suite")


def _adresse_propre(demande: _Demande, adresse: str, depuis: str = "") -> str:
    """The address in ASCII, whole even if it was relative to `depuis`; refuses all but http and https."""
    try:
        parties = urlsplit(urljoin(depuis, adresse))
        valable = parties.scheme in ("http", "https") and parties.hostname and parties.port != 0
    except ValueError:
        valable = False
    if not valable:
        raise demande.refus(
            f"« {adresse} » n'est pas une adresse http ou https",
            f"la corriger dans edition.toml, ou {demande.remede}",
        )
    chemin, requete = (quote(partie, safe="/%:;=&?~+!$,'@()*[]") for partie in (parties.path, parties.query))
    return urlunsplit((parties.scheme, parties.netloc, chemin, requete, ""))


def _demander(demande: _Demande, requete: Request) -> http.client.HTTPResponse:
    # No handler but these: no file:, no ftp:, and every status comes back as an answer, to be judged here.
    ouvreur = OpenerDirector()
    try:
        for gestionnaire in (ProxyHandler(), HTTPHandler(), HTTPSHandler()):
            ouvreur.add_handler(gestionnaire)
        return ouvreur.open(requete, timeout=demande.acces.delai)
    except (OSError, http.client.HTTPException, ValueError) as erreur:
        raise _panne(demande, getattr(erreur, "reason", erreur)) from erreur


def _panne(demande: _Demande, raison: object) -> Exception:
    """What failed before any answer: worth another attempt, or not."""
    if isinstance(raison, ssl.SSLCertVerificationError):
        return demande.refus(
            "le certificat du serveur n'est pas reconnu",
            "derrière le proxy d'une collectivité, donner son certificat par la variable SSL_CERT_FILE, ou "
            + demande.remede,
        )
    if isinstance(raison, socket.gaierror):
        return demande.refus(
            "serveur introuvable",
            f"vérifier l'accès à Internet (derrière un proxy, définir HTTPS_PROXY), ou {demande.remede}",
        )
    if isinstance(raison, ValueError | http.client.InvalidURL):
        return demande.refus("l'adresse ou celle du proxy est mal écrite", _PROXY)
    if " 407 " in f" {raison} ":
        return demande.refus(_REPONSES[407], _PROXY)
    if isinstance(raison, TimeoutError):
        return _Coupure("le serveur ne répond pas")
    return _Coupure("la connexion est refusée ou coupée")


def _verifier_statut(demande: _Demande, reponse: http.client.HTTPResponse, admis: tuple[int, ...]) -> None:
    statut = reponse.status
    dit = f"le serveur a répondu {statut} ({_REPONSES.get(statut, 'réponse inattendue')})"
    if statut in _A_REESSAYER or statut >= 500:
        raise _Coupure(dit, _pause_demandee(reponse))
    if statut == 407:
        raise demande.refus(dit, _PROXY)
    if statut not in admis:
        raise demande.refus(dit)
    if (codage := reponse.headers.get("Content-Encoding", "identity")) != "identity":
        raise demande.refus(f"le serveur a envoyé un contenu compressé ({codage}) sans qu'on le demande")


def _pause_demandee(reponse: http.client.HTTPResponse) -> float:
    """Seconds that Retry-After asks for, given in seconds or as a date (read on the server's own clock)."""
    dite = reponse.headers.get("Retry-After", "").strip()
    if re.fullmatch("[0-9]{1,9}", dite):
        return float(dite)
    quand, maintenant = _instant(dite), _instant(reponse.headers.get("Date", ""))
    return max(0.0, (quand - maintenant).total_seconds()) if quand and maintenant else 0.0


def _instant(date: str) -> datetime.datetime | None:
    """An HTTP date, which is always in GMT."""
    try:
        return parsedate_to_datetime(date).replace(tzinfo=datetime.UTC)
    except ValueError:
        return None


def _blocs(demande: _Demande, reponse: http.client.HTTPResponse, fin: float) -> Iterator[bytes]:
    """The body, block by block; a cut raises `_Coupure`, a body longer than announced is refused.

    `http.client` stops at the length announced, so that a file cut short by a wrong one would look whole:
    the length is taken away from it, and what comes is read until the server falls silent.
    """
    annonce, recus, reponse.length = reponse.length, 0, None
    while recus != annonce or _parle_encore(reponse):
        try:
            bloc = reponse.read1(_BLOC)
        except (OSError, http.client.HTTPException) as erreur:
            if recus == annonce:
                return
            raise _Coupure(f"connexion coupée après {taille(recus)}") from erreur
        if not bloc:
            break
        recus += len(bloc)
        if annonce is not None and recus > annonce:
            raise demande.refus(f"le serveur envoie plus que les {taille(annonce)} qu'il annonce")
        if demande.acces.horloge() > fin:
            raise demande.refus(
                f"pas fini après {avec_unite(DUREE_MAXIMALE / 3600, 'heures')}", demande.relance
            )
        yield bloc
    if annonce is not None and recus < annonce:
        raise _Coupure(f"connexion coupée après {taille(recus)} sur {taille(annonce)}")


def _parle_encore(reponse: http.client.HTTPResponse) -> bool:
    """Whether something comes after the length announced: the end of the connection, or too many bytes."""
    return bool(select.select([reponse], [], [], _SILENCE)[0])


# --- A member of a zip archive ---------------------------------------------------------------------


def telecharger_membre(
    adresse: str,
    motif: str,
    destination: Path,
    *,
    attendu: Enregistrement = INCONNU,
    suivi: Suivi = _sans_suivi,
    acces: Acces = POLI,
) -> Telechargement:
    """Fetch an archive and let its one member that answers to `motif` out as the file `destination`.

    The member is what is expected and compared, as in `telecharger`; the archive goes once it has served.
    One that is already whole in `<destination>.archive.zip` (an extraction that failed, a file put there by
    hand) is not asked again. Raises `ErreurUtilisateur` for whatever happens.
    """
    archive = a_cote(destination, ARCHIVE)
    demande = _Demande(adresse, relance=_MAKE, remede=_MAKE, acces=acces)
    with _disque(demande, destination):
        if archive.is_file():
            recue = Telechargement(archive, somme(archive), archive.stat().st_size, repris=False)
        else:
            recue = telecharger(adresse, archive, suivi=suivi, acces=acces)
        membre = extraire(archive, motif, a_cote(destination, ".membre"), acces=acces)
        archive.unlink()
        recu = replace(
            recue,
            chemin=destination,
            sha256=somme(membre),
            octets=membre.stat().st_size,
            origine=recue.sha256,
        )
        return _adopter(demande, membre, recu, attendu)


def extraire(
    archive: Path,
    motif: str,
    destination: Path,
    *,
    taille_maximale: int = TAILLE_EXTRAITE,
    acces: Acces = POLI,
) -> Path:
    """Write the one member that `motif` names (a name, or a pattern with `*`) as the file `destination`.

    The member's own name never makes a path. Sizes (`taille_maximale`, in bytes) and the compression
    ratio are counted while reading, not believed from the header. Raises `ErreurUtilisateur` for an
    archive that is corrupted, encrypted or hostile, and when no member or several answer to `motif`.
    """
    ecrit = a_cote(destination, ".extrait")
    demande = _Demande(
        archive.name,
        relance="recommencer",
        remede=f"effacer {archive} et {_MAKE}, ou le demander de nouveau à son producteur",
        acces=acces,
    )
    with _disque(demande, destination):
        destination.parent.mkdir(parents=True, exist_ok=True)
        try:
            with ecrit.open("wb") as flux:
                for bloc in _blocs_du_membre(demande, archive, motif, taille_maximale):
                    _verifier_place(demande, destination, len(bloc))
                    flux.write(bloc)
            ecrit.replace(destination)
        finally:
            ecrit.unlink(missing_ok=True)
    return destination


def _blocs_du_membre(demande: _Demande, archive: Path, motif: str, plafond: int) -> Iterator[bytes]:
    octets = 0
    try:
        with zipfile.ZipFile(archive) as contenu:
            membre = _membre(demande, contenu, motif)
            compresse = min(membre.compress_size, archive.stat().st_size)
            borne = min(plafond, max(_SEUIL_DU_TAUX, TAUX_MAXIMAL * compresse))
            with contenu.open(membre) as flux:
                while bloc := flux.read(_BLOC):
                    octets += len(bloc)
                    if octets > borne:
                        raise demande.refus(
                            f"« {membre.filename} » dépasse {taille(borne)} une fois décompressé"
                        )
                    yield bloc
            if octets != membre.file_size:
                raise zipfile.BadZipFile("shorter than its header says")
    except (FileNotFoundError, PermissionError, IsADirectoryError) as erreur:
        raise demande.refus(f"archive introuvable ou illisible dans {archive.parent}", _MAKE) from erreur
    except ZIP_ABIME as erreur:
        raise demande.refus("archive zip abîmée") from erreur


def _membre(demande: _Demande, contenu: zipfile.ZipFile, motif: str) -> zipfile.ZipInfo:
    """The one file that answers to the pattern, by its whole name or by its last part."""
    fichiers = [info for info in contenu.infolist() if not info.filename.endswith("/")]
    exacts = [info for info in fichiers if info.filename == motif]
    trouves = exacts or [info for info in fichiers if _repond(info.filename, motif)]
    if len(trouves) != 1:
        combien = "aucun fichier ne répond" if not trouves else f"{len(trouves)} fichiers répondent"
        noms = ", ".join(info.filename for info in (trouves or fichiers)[:5])
        raise demande.refus(
            f"{combien} à « {motif} » (trouvés : {noms or 'rien'})", "vérifier que c'est la bonne archive"
        )
    _refuser_hostile(demande, trouves[0])
    return trouves[0]


def _repond(nom: str, motif: str) -> bool:
    return any(
        candidat == motif or fnmatchcase(candidat, motif) for candidat in (nom, re.split(r"[/\\]", nom)[-1])
    )


def _refuser_hostile(demande: _Demande, membre: zipfile.ZipInfo) -> None:
    """Refuse a member that aims outside, is a link or a device, is encrypted, or packed in a rare way."""
    nom = membre.filename
    if nom.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", nom) or ".." in re.split(r"[/\\]", nom):
        raise demande.refus(f"« {nom} » vise un autre dossier, l'archive n'est pas sûre")
    if stat.S_IFMT(membre.external_attr >> 16) not in (0, stat.S_IFREG):
        raise demande.refus(f"« {nom} » est un lien et non un fichier, l'archive n'est pas sûre")
    if membre.flag_bits & 1:
        raise demande.refus(
            f"« {nom} » est protégé par un mot de passe",
            "ouvrir l'archive à la main et déposer le fichier qu'elle contient",
        )
    if membre.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise demande.refus(
            f"« {nom} » est compressé d'une façon qui n'est pas lue",
            "ouvrir l'archive à la main et déposer le fichier qu'elle contient",
        )
