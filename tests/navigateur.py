"""A browser without a window, driven by a pipe: no port is opened, nothing is downloaded, nothing is kept."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
)
_DELAI = 60.0


@dataclass
class Navigateur:
    """One tab: commands in, answers and events out (the DevTools protocol, one JSON object a message)."""

    vers: int
    depuis: int
    seance: str = ""
    requetes: list[str] = field(default_factory=list)
    _numero: int = 0
    _reste: bytes = b""
    _charges: int = 0

    def commander(self, methode: str, **parametres: Any) -> dict[str, Any]:
        """Send a command, wait for its answer; a refusal is a RuntimeError with the browser's words."""
        self._numero += 1
        message: dict[str, Any] = {"id": self._numero, "method": methode, "params": parametres}
        if self.seance:
            message["sessionId"] = self.seance
        os.write(self.vers, json.dumps(message).encode() + b"\0")
        while True:
            recu = self._recevoir()
            if recu.get("id") == self._numero:
                if "error" in recu:
                    raise RuntimeError(f"{methode} : {recu['error']['message']}")
                return recu["result"]

    def _recevoir(self) -> dict[str, Any]:
        limite = time.monotonic() + _DELAI
        while b"\0" not in self._reste:
            if not select.select([self.depuis], [], [], max(0.0, limite - time.monotonic()))[0]:
                raise TimeoutError(f"le navigateur ne répond pas depuis {_DELAI:.0f} s")
            lu = os.read(self.depuis, 1 << 20)
            if not lu:
                raise RuntimeError("le navigateur s'est arrêté")
            self._reste += lu
        message, _, self._reste = self._reste.partition(b"\0")
        recu = json.loads(message)
        if recu.get("method") == "Network.requestWillBeSent":
            self.requetes.append(recu["params"]["request"]["url"])
        if recu.get("method") == "Page.loadEventFired":
            self._charges += 1
        return recu

    def ouvrir(self, adresse: str) -> None:
        """Go to a page and wait until it is loaded."""
        avant = self._charges
        self.commander("Page.navigate", url=adresse)
        self.attendre(avant)

    def attendre(self, avant: int) -> None:
        """Wait for a page to be loaded after as many others."""
        while self._charges == avant:
            self._recevoir()

    @property
    def charges(self) -> int:
        """How many pages have been loaded."""
        return self._charges

    def evaluer(self, expression: str) -> Any:
        """The value of an expression of JavaScript in the page; a promise is waited for."""
        rendu = self.commander(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in rendu:
            raise RuntimeError(rendu["exceptionDetails"].get("exception", {}).get("description", "erreur"))
        return rendu["result"].get("value")

    def frapper(self, touche: str) -> None:
        """Press and release a key: Tab, Enter."""
        code, texte = {"Tab": (9, ""), "Enter": (13, "\r")}[touche]
        commun = {"key": touche, "code": touche, "windowsVirtualKeyCode": code}
        genre = "keyDown" if texte else "rawKeyDown"
        self.commander("Input.dispatchKeyEvent", type=genre, text=texte, **commun)
        self.commander("Input.dispatchKeyEvent", type="keyUp", **commun)

    def photographier(self, chemin: Path, largeur: int, hauteur: int) -> None:
        """The top of the page as a PNG, as a screen of that size shows it."""
        self.commander(
            "Emulation.setDeviceMetricsOverride",
            width=largeur,
            height=hauteur,
            deviceScaleFactor=1,
            mobile=False,
        )
        image = self.commander("Page.captureScreenshot", format="png")["data"]
        chemin.write_bytes(base64.b64decode(image))


@contextlib.contextmanager
def ouvert() -> Iterator[Navigateur]:
    """A browser with an empty profile, closed and forgotten at the end."""
    lit, ecrit_nous = os.pipe()
    lit_nous, ecrit = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profil:
        execution = subprocess.Popen(
            [CHROMIUM, *_OPTIONS, f"--user-data-dir={profil}"],
            preexec_fn=lambda: _brancher(lit, ecrit),
            pass_fds=(3, 4),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(lit)
        os.close(ecrit)
        try:
            yield _onglet(Navigateur(ecrit_nous, lit_nous))
        finally:
            execution.terminate()
            execution.wait(_DELAI)
            os.close(ecrit_nous)
            os.close(lit_nous)


def _brancher(lit: int, ecrit: int) -> None:
    """The browser reads its orders on 3 and answers on 4; both go far first, or one would close the other."""
    lointains = [fcntl.fcntl(descripteur, fcntl.F_DUPFD, 10) for descripteur in (lit, ecrit)]
    for lointain, attendu in zip(lointains, (3, 4), strict=True):
        os.dup2(lointain, attendu)


def _onglet(navigateur: Navigateur) -> Navigateur:
    cible = navigateur.commander("Target.createTarget", url="about:blank")["targetId"]
    navigateur.seance = navigateur.commander("Target.attachToTarget", targetId=cible, flatten=True)[
        "sessionId"
    ]
    for domaine in ("Page", "Network", "Runtime"):
        navigateur.commander(f"{domaine}.enable")
    return navigateur
