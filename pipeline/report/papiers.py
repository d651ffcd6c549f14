"""The board's papers, made from the same facts, sentences, tables and charts as the report.

In: `Faits`, what the report says (`document.composer`), whom the edition is for. Out, in its folder
`papiers/`: the deck, notes, fiches, annex and draft deliberation, each in DOCX and PDF. A number of a paper
leads nowhere, there is no indicator's card in it: the line under it names where it comes from instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import pandas as pd
import pikepdf

from pipeline.model import Indicator
from pipeline.report import tables
from pipeline.report.charts import Graphique
from pipeline.report.document import Dessins, Diffusion, gabarit, habiller
from pipeline.report.faits import Faits
from pipeline.report.render import Document, analyser, rendre

FORMATS = ("pdf", "docx")
FICTIF = "[données\u00a0fictives]{.fictif}"

_LIEN = re.compile(r"\[([^\]]*)\]\(#indicateur-([a-z0-9_]+)\)")
_RENVOI = re.compile(r"\[([^\]]*)\]\(#[^)]*\)")
_COMPOSITION = Lock()
# How many sentences a list holds, from what a paper would say to what fits in its pages.
_PLACES = (6, 5, 4, 3, 2, 1)


@dataclass(frozen=True)
class Atelier:
    """What every paper of one edition is made from."""

    faits: Faits
    contexte: Mapping[str, Any]
    diffusion: Diffusion
    dessins: Dessins
    pyramide: pd.DataFrame

    @cached_property
    def declares(self) -> dict[str, Indicator]:
        """Indicators by id."""
        return {indicateur.id: indicateur for indicateur in self.faits.indicateurs()}

    @cached_property
    def figures(self) -> dict[str, Graphique]:
        """The figures that the report shows, by name."""
        return {figure.nom: figure for chapitre in self.contexte["chapitres"] for figure in chapitre.figures}

    def cites(self, *textes: str) -> list[Indicator]:
        """The indicators whose figures the texts give, each once."""
        noms = dict.fromkeys(nom for texte in textes for _, nom in _LIEN.findall(texte))
        return [self.declares[nom] for nom in noms]

    def sources(self, *textes: str) -> str:
        """« Source : ISEE ; CCAS » of every figure in the texts, each of which says its own vintage."""
        cites = self.cites(*textes)
        producteurs = dict.fromkeys(p for i in cites for p in self.faits.producteurs(i).split(" ; "))
        return f"Source{'s' if len(producteurs) > 1 else ''} : {' ; '.join(producteurs)}." if cites else ""

    def provenance(self, *textes: str) -> str:
        """Every publication and deposit that the figures in the texts come from."""
        cites = self.cites(*textes)
        return f"Tous les chiffres de ce document : {self.faits.provenance(cites)}." if cites else ""

    def marquer(self, phrase: str) -> str:
        """A sentence, marked when a figure of it is invented."""
        fictif = any(self.faits.est_fictif(indicateur) for indicateur in self.cites(phrase))
        return f"{phrase} {FICTIF}" if fictif else phrase


@dataclass(frozen=True)
class Papier:
    """One paper: its file, its title, its template, what fills it, and how many pages it may take (0: any).

    `composer` receives the number of sentences that a list may hold. `provenance`: the sources in full close it.
    `renvois`: its numbers keep their links, since it holds the cards of its indicators.
    """

    nom: str
    titre: str
    gabarit: str
    composer: Callable[[Atelier, int], dict[str, Any]]
    pages: int = 0
    provenance: bool = True
    renvois: bool = False
    forme: Mapping[str, Any] = field(default_factory=lambda: {"forme": "note"})


@dataclass(frozen=True)
class Annexe:
    """What was written: its title, its file, its pages."""

    titre: str
    fichier: str
    pages: int


def ecrire(atelier: Atelier, papiers: Sequence[Papier], dossier: Path) -> list[Annexe]:
    """Write each paper in DOCX and PDF; returns what was written, in order."""
    dossier.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=2) as taches:
        return list(taches.map(lambda papier: _ecrire(atelier, papier, dossier), papiers))


def _ecrire(atelier: Atelier, papier: Papier, dossier: Path) -> Annexe:
    """The paper that says most within its pages; a try that says what the one before said is not made."""
    document = None
    for places in _PLACES:
        # the figures are drawn one at a time; pages are set by other programs, side by side
        with _COMPOSITION:
            essai = mettre_en_page(atelier, papier, places)
        if essai == document:
            continue
        document, arbre = essai, analyser(essai)
        chemin = rendre(document, dossier, ("pdf",), papier.nom, arbre)["pdf"]
        if not papier.pages or pages(chemin) <= papier.pages:
            break
    rendre(document, dossier, ("docx",), papier.nom, arbre)
    return Annexe(papier.titre, chemin.name, pages(chemin))


def mettre_en_page(atelier: Atelier, papier: Papier, places: int) -> Document:
    """The paper to be rendered, its numbers without their links."""
    faits = atelier.faits
    commun = {
        "lieu": faits.etude,
        "annee": faits.edition.annee,
        "profil": faits.edition.profil,
        "fictif": bool(faits.fictives),
        "sources": atelier.sources,
        "provenance": atelier.provenance,
        "marquer": atelier.marquer,
        "textes": atelier.contexte["textes"],
        "prudences": atelier.contexte["prudences"],
        "note_fragile": tables.NOTE_FRAGILE,
    }
    markdown = gabarit(papier.gabarit).render(commun | papier.composer(atelier, places))
    if papier.provenance and (detail := atelier.provenance(markdown)):
        markdown += f"\n\n::: {{.source}}\n{detail}\n:::\n"
    document = habiller(
        faits,
        atelier.diffusion,
        atelier.dessins.dossier,
        papier.titre,
        f"{faits.etude.nom}, édition {faits.edition.annee}",
        markdown if papier.renvois else sans_renvois(markdown),
        **papier.forme,
    )
    return replace(document, modele=faits.edition.modele(faits.edition.papiers.modele_document))


def sans_renvois(markdown: str) -> str:
    """The same text without its links to cards, in a document that has none."""
    return _RENVOI.sub(r"\1", markdown)


def pages(pdf: Path) -> int:
    """How many pages a PDF has."""
    with pikepdf.open(pdf) as fichier:
        return len(fichier.pages)
