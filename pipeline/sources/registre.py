"""All the declared sources of all producers, in the order in which the report lists them."""

from pipeline.sources import ccas, centre_social, insee_recensement, isee

SOURCES = (*isee.SOURCES, *insee_recensement.SOURCES, *ccas.SOURCES, *centre_social.SOURCES)
