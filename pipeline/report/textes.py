"""What people write beside the figures: `textes/<chapitre>.md` in, Markdown that no format chokes on out.

A text keeps its paragraphs, lists, emphasis and outside links. Its headings become bold lines, since the
report's own headings order the document. What would break a format is refused with its file and line.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.model import ErreurUtilisateur

if TYPE_CHECKING:
    from pipeline.edition import Edition

_TITRE = re.compile(r"^#+[ \t]+(.*?)[ \t]*#*[ \t]*$", re.MULTILINE)

_REFUSES = {
    r"!\[": "une image, que le rapport ne sait pas décrire : la retirer",
    r"^:::": "un bloc « ::: », réservé au rapport : le retirer",
    r"\]\(#": "un lien vers une autre partie du rapport : écrire le nom de la partie",
    r"<[a-zA-Z/][^>]*>": "du HTML, qui ne paraîtrait pas : le retirer",
    r"^\s*```": "un bloc de code : le retirer",
}


def lire_textes(edition: Edition, chapitres: Collection[str]) -> Mapping[str, str]:
    """Texts by chapter, empty where there is none; refuses a file that no chapter would show."""
    textes: dict[str, str] = defaultdict(str)
    for chemin in sorted(edition.rapports.glob("textes/*.md")):
        if chemin.stem not in chapitres:
            raise ErreurUtilisateur(
                f"{chemin} : aucun chapitre ne s'appelle « {chemin.stem} » ; noms connus : "
                f"{', '.join(sorted(chapitres))}."
            )
        textes[chemin.stem] = _lire(chemin)
    return textes


def _lire(chemin: Path) -> str:
    try:
        texte = chemin.read_text(encoding="utf-8-sig").replace("\r\n", "\n").strip()
    except UnicodeDecodeError:
        raise ErreurUtilisateur(f"{chemin} n'est pas en UTF-8 : l'enregistrer en UTF-8.") from None
    for rang, ligne in enumerate(texte.split("\n"), start=1):
        for motif, quoi in _REFUSES.items():
            if re.search(motif, ligne):
                raise ErreurUtilisateur(f"{chemin}, ligne {rang} : {quoi}.")
    return _TITRE.sub(r"**\1**", texte)
