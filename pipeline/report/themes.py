"""What a thematic file may be about: a public of the law, or all the inhabitants whom a centre social serves."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.model import Chapter, ErreurUtilisateur, Indicator
from pipeline.readers import comparable
from pipeline.transform import est_activite

QUI = ("demographie", "familles", "vieillissement")
"""The chapters that say who people are; the others say how they live."""

QUESTIONNAIRE = "questionnaire"
"""How the tables of what people say begin."""


@dataclass(frozen=True)
class Theme:
    """A public, and what its file is called; or all the inhabitants, read in some chapters.

    `chapitres`: those whose public statistics are theirs; `activite`: how the tables of what is done for them begin.
    """

    id: str
    titre: str
    public: str
    recu: str = "Que reçoivent-ils ?"
    chapitres: tuple[str, ...] = ()
    activite: tuple[str, ...] = ()

    def garde(self, chapitre: Chapter, indicateur: Indicator) -> bool:
        """Whether an indicator of that chapter is about them."""
        if not self.chapitres:
            return self.public in indicateur.publics
        if est_activite(indicateur.table):
            return indicateur.table.startswith(self.activite)
        return chapitre.id in self.chapitres


THEMES = (
    Theme("familles", "Les familles", "familles"),
    Theme("jeunesse", "La jeunesse", "jeunes"),
    Theme("vieillissement", "Le vieillissement", "personnes âgées"),
    Theme("handicap", "Le handicap", "personnes handicapées"),
    Theme("precarite", "La précarité", "personnes en difficulté"),
    Theme(
        "projet-social",
        "Le projet social du centre social",
        "habitants",
        recu="Que fait le centre social ?",
        chapitres=(*QUI, "logement", "revenus", "emploi", "lien_social"),
        activite=("centre_social", QUESTIONNAIRE),
    ),
)


def lire_theme(nom: str) -> Theme:
    """The theme of that name, or of that public, however it is written; one sentence when there is none."""
    voulu = comparable(nom.replace("-", " "))
    for theme in THEMES:
        if voulu in (comparable(theme.id.replace("-", " ")), comparable(theme.public)):
            return theme
    connus = ", ".join(theme.id for theme in THEMES)
    raise ErreurUtilisateur(f"Le thème « {nom} » n'existe pas ; thèmes connus : {connus}.")
