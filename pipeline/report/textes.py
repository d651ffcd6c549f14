"""What people write beside the figures: `textes/<chapitre>.md` in, Markdown that no format chokes on out.

A text keeps its paragraphs, lists, emphasis and outside links. Its headings become bold lines, since the
report's own headings order the document. What would break a format, or reach beyond its chapter, is refused
with its file and line: by rules that say what to write instead, then by pandoc itself, before anything is built.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.model import ErreurUtilisateur
from pipeline.report.themes import THEMES

if TYPE_CHECKING:
    from pipeline.edition import Edition

TOUJOURS = ("essentiel", "cadre", *(theme.id for theme in THEMES))
"""Texts that every report, or the file of a theme, has a place for, beside those of its chapters."""

_AUTRES_FORMATS = (".txt", ".docx", ".doc", ".odt", ".rtf")
_TITRE = re.compile(r"^#+[ \t]+(.*?)[ \t]*#*[ \t]*$")
# Indents, quotes and marks of lists, under which a line is still the beginning of a block.
_RETRAIT = r"(?:\s|>|(?:[*+-]|\(?\w{1,4}[.)])(?=\s))"

_REFUSES = {
    r"!\[": "une image, que le rapport ne sait pas décrire : la retirer",
    rf"^{_RETRAIT}*:::": "un bloc « ::: », réservé au rapport : le retirer",
    r"\]\(\s*<?#": "un lien vers une autre partie du rapport : écrire le nom de la partie",
    r"\{#": "un repère « {#…} », réservé au rapport : le retirer",
    r"\[\^|\^\[": "une note de bas de page, que la page du chapitre ne saurait placer : l'écrire dans la phrase",
    rf"^{_RETRAIT}*\[[^\]]+\]:": "l'adresse d'un lien écrite à part : l'écrire dans la phrase, [texte](adresse)",
    rf"^{_RETRAIT}+#{{1,6}}\s": "un titre en retrait, dans une liste ou une citation : l'écrire en gras, **titre**",
    r"<[a-zA-Z/][^>]*>": "du HTML, qui ne paraîtrait pas : le retirer",
    rf"^{_RETRAIT}*(?:```|~~~)": "un bloc de code : le retirer",
}
_SOULIGNE = re.compile(r"^[\s>]*(?:=+|-+)\s*$")
_VIDE = re.compile(r"^[\s>]*$")


def lire_textes(edition: Edition, chapitres: Collection[str]) -> Mapping[str, str]:
    """Texts by chapter, empty where there is none; refuses a file that no chapter would show."""
    lus = {chemin.stem: _lire(chemin, chapitres) for chemin in _chemins(edition)}
    return defaultdict(str, {nom: "\n".join(lignes).strip() for nom, lignes in lus.items()})


def eprouver_textes(edition: Edition, chapitres: Collection[str]) -> None:
    """Have pandoc read all the texts together, as the report will; what it refuses is told with its line."""
    from pipeline.report.render import refus

    lignes = [
        (chemin, rang, ligne)
        for chemin in _chemins(edition)
        for rang, ligne in enumerate(_lire(chemin, chapitres), start=1)
    ]
    dit = refus(_ensemble(lignes))
    if dit:
        fin = bisect_left(range(len(lignes)), True, key=lambda fin: bool(refus(_ensemble(lignes[: fin + 1]))))
        chemin, rang, _ = lignes[fin]
        raise ErreurUtilisateur(
            f"{chemin}, ligne {rang} : le rapport ne peut pas reprendre ce texte ({dit})."
        )


def _ensemble(lignes: Sequence[tuple[Path, int, str]]) -> str:
    """The texts of several files as one document: each in the box that the report gives it."""
    return "\n\n".join(
        "\n".join(["::: {.texte}", *(ligne for _, _, ligne in siennes), "", ":::"])
        for _, siennes in groupby(lignes, key=lambda ligne: ligne[0])
    )


def _chemins(edition: Edition) -> list[Path]:
    """The texts of an edition; one written by a word processor would be read by nobody, and is told."""
    for chemin in sorted(edition.rapports.glob("textes/*")):
        if chemin.suffix.lower() in _AUTRES_FORMATS:
            raise ErreurUtilisateur(
                f"{chemin} : seuls les textes « .md » sont lus : l'enregistrer en texte brut sous « {chemin.stem}.md »."
            )
    return sorted(edition.rapports.glob("textes/*.md"))


def _lire(chemin: Path, chapitres: Collection[str]) -> list[str]:
    """The lines of a text that a chapter shows, none of which is refused; its headings are bold."""
    if chemin.stem not in chapitres:
        raise ErreurUtilisateur(
            f"{chemin} : aucun chapitre ne s'appelle « {chemin.stem} » ; noms connus : "
            f"{', '.join(sorted(chapitres))}."
        )
    try:
        lignes = chemin.read_text(encoding="utf-8-sig").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError:
        raise ErreurUtilisateur(f"{chemin} n'est pas en UTF-8 : l'enregistrer en UTF-8.") from None
    for rang, quoi in _refus(lignes):
        raise ErreurUtilisateur(f"{chemin}, ligne {rang} : {quoi}.")
    return [_TITRE.sub(r"**\1**", ligne) for ligne in lignes]


def _refus(lignes: Sequence[str]) -> Iterator[tuple[int, str]]:
    """What a text may not hold: its line, and what to do."""
    ouvert = 0
    for rang, (avant, ligne) in enumerate(pairwise(["", *lignes]), start=1):
        for motif, quoi in _REFUSES.items():
            if re.search(motif, ligne):
                yield rang, quoi
        if _SOULIGNE.match(ligne) and not _VIDE.match(avant):
            yield (
                rang,
                "un texte souligné, qui deviendrait un titre du rapport : écrire « # Titre », ou sauter une ligne",
            )
        if "<!--" in ligne or "-->" in ligne:
            ouvert = rang if ligne.rfind("<!--") > ligne.rfind("-->") else 0
    if ouvert:
        yield ouvert, "un commentaire « <!-- » qui n'est pas fermé : le finir par « --> »"
