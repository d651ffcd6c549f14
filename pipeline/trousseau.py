"""The key of the pseudonyms, and the lists of pseudonyms that are kept beside it.

In: where the key is. Out: its bytes; the lines of a list of that very key, which a new key does not read. All of
it is its owner's alone and never in a repository. Only the standard library: an unchanged run looks here.
"""

from __future__ import annotations

import glob
import hmac
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.model import ErreurUtilisateur

OCTETS_DE_CLE = 32

_LONGUEUR_DE_MARQUE = 16


# --- The key ---------------------------------------------------------------------------------------


def chemin_de_cle(nom: str) -> Path:
    """Where the key called `nom` is kept: `$ABS_CLE`, else the user's configuration folder."""
    if impose := os.environ.get("ABS_CLE"):
        return Path(impose).expanduser()
    configuration = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(configuration).expanduser() / "abs-ccas" / f"{nom}.cle"


def chemin_de_l_edition(nom: str) -> Path:
    """Where the key of the edition `<territoire>/<annee>` is: that of its territory."""
    return chemin_de_cle(nom.partition("/")[0])


def cle(chemin: Path) -> bytes:
    """The 32 secret bytes kept at `chemin`, made on the first run (file 0600, folder 0700).

    `ErreurUtilisateur` if the file is inside a repository, readable by others, or not a key.
    """
    chemin = chemin.expanduser().resolve()
    _refuser_dans_un_depot(chemin)
    if not chemin.exists():
        _creer(chemin)
    if os.name == "posix" and chemin.stat().st_mode & 0o077:
        raise ErreurUtilisateur(
            f"La clé {chemin} est accessible à d'autres que son propriétaire : "
            f"exécuter « chmod 600 {chemin} », et la remplacer si elle a pu être lue."
        )
    octets = chemin.read_bytes()
    if len(octets) != OCTETS_DE_CLE:
        raise ErreurUtilisateur(
            f"Le fichier {chemin} n'est pas une clé ({len(octets)} octets au lieu de {OCTETS_DE_CLE}) : "
            f"restaurer la clé depuis sa sauvegarde."
        )
    return octets


def _refuser_dans_un_depot(chemin: Path) -> None:
    """A key beside the data it protects would be copied and published with them."""
    projet = Path(__file__).resolve().parents[1]
    if any(dossier == projet or (dossier / ".git").exists() for dossier in chemin.parents):
        raise ErreurUtilisateur(
            f"La clé {chemin} est placée dans un dépôt : la garder ailleurs, "
            f"en indiquant son emplacement par la variable ABS_CLE."
        )


def _creer(chemin: Path) -> None:
    """Write a new key that nobody else can read, at any moment."""
    try:
        chemin.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descripteur = os.open(chemin, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descripteur, "wb") as fichier:
            fichier.write(secrets.token_bytes(OCTETS_DE_CLE))
    except OSError as erreur:
        raise ErreurUtilisateur(
            f"La clé {chemin} ne peut pas être créée ({erreur.strerror}) : "
            f"indiquer un emplacement accessible par la variable ABS_CLE."
        ) from erreur


def marque(cle: bytes) -> str:
    """Which key a list or a base was made with; it says nothing of the key."""
    return hmac.digest(cle, b"marque", "sha256").hex()[:_LONGUEUR_DE_MARQUE]


# --- The lists, beside the key ---------------------------------------------------------------------


@dataclass(frozen=True)
class Liste:
    """One kind of list, a file a key: pseudonyms and words of ours, no name, no line of a deposit.

    `suffixe`: of its files; `titre`: what it is, in a sentence; `forme`: of each line; `perdue`: what to do again
    when the key that made it is lost.
    """

    suffixe: str
    titre: str
    forme: re.Pattern[str]
    perdue: str

    def chemin(self, chemin_de_cle: Path, cle: bytes) -> Path:
        """Where the list of this very key is: a new key has a list of its own."""
        chemin = chemin_de_cle.expanduser().resolve()
        return chemin.with_name(f"{chemin.stem}.{marque(cle)}.{self.suffixe}")

    def lire(self, chemin_de_cle: Path, cle: bytes) -> list[tuple[str, ...]]:
        """The parts of each line; none where there is no list.

        `ErreurUtilisateur` when the only list is another key's: nobody on it would be recognised, without a word.
        """
        chemin = self.chemin(chemin_de_cle, cle)
        if not chemin.exists():
            self._refuser_une_autre(chemin, chemin_de_cle, cle)
            return []
        if os.name == "posix" and chemin.stat().st_mode & 0o077:
            raise ErreurUtilisateur(
                f"{self.titre} {chemin} est accessible à d'autres que son propriétaire : "
                f"exécuter « chmod 600 {chemin} »."
            )
        return [self._lue(chemin, rang, ligne) for rang, ligne in enumerate(_lignes(chemin), 1)]

    def _refuser_une_autre(self, chemin: Path, chemin_de_cle: Path, cle: bytes) -> None:
        racine = chemin.name.removesuffix(f".{marque(cle)}.{self.suffixe}")
        motif = f"{glob.escape(racine)}.{'?' * _LONGUEUR_DE_MARQUE}.{self.suffixe}"
        if autres := sorted(chemin.parent.glob(motif)):
            raise ErreurUtilisateur(
                f"{self.titre} {autres[0]} a été faite avec une autre clé que {chemin_de_cle} : "
                f"remettre cette clé-là, ou supprimer la liste et {self.perdue}."
            )

    def _lue(self, chemin: Path, rang: int, ligne: str) -> tuple[str, ...]:
        trouvee = self.forme.fullmatch(ligne)
        if not trouvee:
            raise ErreurUtilisateur(
                f"{self.titre} {chemin} est abîmée, ligne {rang} : la restaurer depuis sa sauvegarde."
            )
        return trouvee.groups()

    def ecrire(self, chemin_de_cle: Path, cle: bytes, lignes: Iterable[tuple[str, ...]]) -> Path:
        """Put the list in place at once, its lines in order, readable by its owner only; returns where it is."""
        chemin = self.chemin(chemin_de_cle, cle)
        neuve = chemin.with_name(f".{chemin.name}.{secrets.token_hex(4)}")
        try:
            descripteur = os.open(neuve, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descripteur, "w", encoding="ascii") as flux:
                flux.writelines(sorted(f"{' '.join(parties)}\n" for parties in lignes))
                flux.flush()
                os.fsync(flux.fileno())
            neuve.replace(chemin)
        except OSError as erreur:
            neuve.unlink(missing_ok=True)
            raise ErreurUtilisateur(
                f"{self.titre} {chemin} ne peut pas être écrite ({erreur.strerror}) : "
                "vérifier que ce dossier est accessible."
            ) from erreur
        return chemin


def _lignes(chemin: Path) -> list[str]:
    return chemin.read_text(encoding="ascii", errors="replace").splitlines()


OUBLIES = Liste(
    "oublies",
    "La liste des personnes oubliées",
    re.compile(r"([a-z_]+) ([0-9a-f]{32})"),
    "oublier de nouveau chacun",
)
REPONSES = Liste(
    "reponses",
    "La liste des réponses aux rapprochements",
    re.compile(r"([a-z_]+) (oui|non) ([0-9a-f]{32}) ([0-9a-f]{32})"),
    "répondre de nouveau",
)
