"""A local server that cuts, lies and changes its mind, a clock that never waits, archives of any kind."""

from __future__ import annotations

import hashlib
import io
import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pipeline.telechargement import Acces

TABLE = b"CODGEO;P22_POP\n" + b"".join(b"%05d;%d\n" % (code, code * 7) for code in range(10_000))
AUTRE = TABLE.replace(b"01053;", b"99999;")
PAGE_WEB = b"<!DOCTYPE html><html><body>Maintenance</body></html>"
JEUDI, VENDREDI = "Thu, 01 Jan 2026 10:00:00 GMT", "Fri, 02 Jan 2026 10:00:00 GMT"


def sha256(contenu: bytes) -> str:
    return hashlib.sha256(contenu).hexdigest()


# --- The server: a list of answers, one a request, the last one again and again ---------------------

Reponse = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Serveur:
    reponses: list[Reponse] = field(default_factory=list)
    demandes: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    @property
    def adresse(self) -> str:
        return f"http://127.0.0.1:{self.port}/fichier"

    def repond(self, *reponses: Reponse) -> str:
        self.reponses[:] = reponses
        return self.adresse

    def plages(self) -> list[str]:
        return [entetes.get("range", "") for _, entetes in self.demandes]


@contextmanager
def ouvert() -> Iterator[Serveur]:
    """A server on a free port of this machine."""
    etat = Serveur()

    class Guichet(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            etat.demandes.append((self.path, {nom.lower(): valeur for nom, valeur in self.headers.items()}))
            self.close_connection = True
            reponse = etat.reponses.pop(0) if len(etat.reponses) > 1 else etat.reponses[0]
            reponse(self)

        def do_CONNECT(self):
            self.close_connection = True
            envoyer(self, 407, {"Content-Length": 0})

        def log_message(self, *_):
            pass

    local = ThreadingHTTPServer(("127.0.0.1", 0), Guichet)
    local.daemon_threads = True
    etat.port = local.server_port
    fil = threading.Thread(target=local.serve_forever, args=(0.005,), daemon=True)
    fil.start()
    try:
        yield etat
    finally:
        local.shutdown()
        local.server_close()


def envoyer(guichet, statut: int, entetes: dict[str, object], corps: bytes = b"") -> None:
    guichet.send_response_only(statut)
    for nom, valeur in entetes.items():
        guichet.send_header(nom, str(valeur))
    guichet.end_headers()
    guichet.wfile.write(corps)


def fichier(contenu: bytes, coupe: int | None = None, **entetes: str) -> Reponse:
    """A good server (Range, If-Range, ETag), that hangs up after `coupe` bytes if told to."""

    def reponse(guichet):
        dits = {nom.replace("_", "-"): valeur for nom, valeur in entetes.items()} or {
            "ETag": f'"{sha256(contenu)}"'
        }
        depart = 0
        plage = re.fullmatch(r"bytes=(\d+)-", guichet.headers.get("Range", ""))
        if plage and guichet.headers.get("If-Range") in dits.values():
            depart = int(plage[1])
            if depart >= len(contenu):
                return envoyer(
                    guichet, 416, {"Content-Range": f"bytes */{len(contenu)}", "Content-Length": 0}
                )
            dits["Content-Range"] = f"bytes {depart}-{len(contenu) - 1}/{len(contenu)}"
        suite = contenu[depart:]
        return envoyer(guichet, 206 if depart else 200, {"Content-Length": len(suite)} | dits, suite[:coupe])

    return reponse


def brut(statut: int, corps: bytes = b"", **entetes: object) -> Reponse:
    """Exactly these headers, exactly this body."""
    dits = {"Content-Length": len(corps)} | {nom.replace("_", "-"): valeur for nom, valeur in entetes.items()}
    return lambda guichet: envoyer(guichet, statut, {n: v for n, v in dits.items() if v is not None}, corps)


def page(*observations: object, **paging: object) -> Reponse:
    """One page of an answer of the API."""
    return brut(200, json.dumps({"observations": observations, "paging": paging}).encode())


@dataclass
class Attentes:
    """A clock that only moves when someone waits."""

    heure: float = 0.0
    durees: list[float] = field(default_factory=list)

    def attendre(self, duree: float) -> None:
        self.durees.append(duree)
        self.heure += duree

    def horloge(self) -> float:
        return self.heure

    def acces(self) -> Acces:
        """The network reached with this clock, a disk without end, and little patience."""
        return Acces(attendre=self.attendre, horloge=self.horloge, place_libre=lambda _: 10**12, delai=2.0)


def une_archive(
    membres: dict[str, bytes] | None = None, compression: int = zipfile.ZIP_DEFLATED, **attributs: int
) -> bytes:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as archive:
        for nom, contenu in (
            membres or {"DS_RP_2023_data.csv": TABLE, "DS_RP_2023_metadata.csv": b"a;b\n"}
        ).items():
            info = zipfile.ZipInfo(nom)
            info.compress_type = compression
            for attribut, valeur in attributs.items():
                setattr(info, attribut, valeur)
            archive.writestr(info, contenu)
    return tampon.getvalue()
