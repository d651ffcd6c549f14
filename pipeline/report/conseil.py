"""What the board receives, in the order in which it reads it: one run writes it all, for both editions.

In: the facts and the report's context. Out: `papiers/` in the folder of an edition. The draft deliberation
comes last: its annexes are what was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.model import ErreurUtilisateur
from pipeline.report import diaporama, document, fiches, notes, papiers, partenaires, render
from pipeline.report.papiers import Annexe, Atelier, Papier

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Edition
    from pipeline.report.document import Dessins, Diffusion
    from pipeline.report.faits import Faits

DOSSIER = "papiers"


def verifier_modeles(edition: Edition) -> None:
    """The templates of the CCAS's own are there and can be opened; else one sentence."""
    diaporama.lire_modele(edition)
    chemin = edition.modele(edition.papiers.modele_document)
    if chemin and not render.est_une_reference(chemin):
        raise ErreurUtilisateur(
            f"{chemin} n'est pas un document Word lisible : l'enregistrer de nouveau au format .docx."
        )


def ecrire(atelier: Atelier, dossier: Path) -> list[Annexe]:
    """Write an edition's report into `dossier`, its papers into `dossier/papiers`; returns the annexes, in order."""
    sortie = dossier / DOSSIER
    sortie.mkdir(parents=True)
    with ThreadPoolExecutor(max_workers=2) as taches:
        # other programs set the pages of the report and turn the deck into PDF while the papers are composed
        rapport = taches.submit(_ecrire_rapport, atelier, dossier)
        vues = diaporama.ecrire(atelier, sortie)
        convertie = taches.submit(diaporama.en_pdf, sortie)
        ecrits = papiers.ecrire(atelier, les_papiers(atelier), sortie)
        convertie.result()
        annexes = [
            rapport.result(),
            Annexe("Diaporama de présentation", f"{diaporama.NOM}.pptx", vues),
            *ecrits,
        ]
    papiers.ecrire(atelier, [notes.deliberation(annexes)], sortie)
    return annexes


def _ecrire_rapport(atelier: Atelier, dossier: Path) -> Annexe:
    chemin = document.ecrire(
        atelier.faits, atelier.contexte, atelier.diffusion, atelier.dessins.dossier, dossier
    )
    return Annexe("Rapport", chemin.name, papiers.pages(chemin))


def les_papiers(atelier: Atelier) -> list[Papier]:
    """The papers of an edition, in reading order; those of quartiers and of partners where it has some."""
    quartiers, edition = len(atelier.faits.quartiers), atelier.faits.edition
    return [
        notes.SYNTHESE,
        notes.ORIENTATION,
        fiches.COMMUNE,
        *([fiches.des_quartiers(quartiers)] if quartiers else []),
        *([partenaires.papier(edition)] if partenaires.a_dire(edition) else []),
    ]


def atelier_de(
    con: duckdb.DuckDBPyConnection,
    faits: Faits,
    contexte: Mapping[str, Any],
    diffusion: Diffusion,
    dessins: Dessins,
) -> Atelier:
    """What the papers of an edition are made from."""
    pyramide = document.population_par_age(con, faits.etude.code)
    return Atelier(faits, contexte, diffusion, dessins, pyramide)


def resume(annexes: list[Annexe], dossier: Path) -> str:
    """One line on what was written, and on what could not be."""
    sans_pdf = not (dossier / DOSSIER / f"{diaporama.NOM}.pdf").exists()
    reserve = " ; LibreOffice absent ou en échec : pas de PDF du diaporama" if sans_pdf else ""
    return f"Papiers du conseil : {len(annexes)} et le projet de délibération, dans chaque édition{reserve}."
