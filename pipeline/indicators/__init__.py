"""The indicators: one module a chapter, declarations only, gathered in the report's order."""

from pipeline.indicators import activite, demographie, emploi, familles, logement, vieillissement

CHAPITRES = (
    demographie.CHAPITRE,
    familles.CHAPITRE,
    vieillissement.CHAPITRE,
    logement.CHAPITRE,
    emploi.CHAPITRE,
    activite.CHAPITRE,
)
