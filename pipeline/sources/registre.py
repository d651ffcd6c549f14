"""All the declared sources of all producers, in the order in which the report lists them."""

from pipeline.sources import (
    ccas,
    centre_social,
    cnaf,
    dares,
    drees,
    insee_bpe,
    insee_etat_civil,
    insee_filosofi,
    insee_recensement,
    isee,
    logement_social,
)

SOURCES = (
    *isee.SOURCES,
    *insee_recensement.SOURCES,
    *insee_etat_civil.SOURCES,
    *insee_filosofi.SOURCES,
    *insee_bpe.SOURCES,
    *cnaf.SOURCES,
    *dares.SOURCES,
    *drees.SOURCES,
    *logement_social.SOURCES,
    *ccas.SOURCES,
    *centre_social.SOURCES,
)

# What the CCAS and the centre social do, persons or not: statistical secrecy holds for all of it.
ACTIVITE = tuple(source for source in SOURCES if source.serie == "activite")
