"""All the declared sources of all producers, in the order in which the report lists them."""

from pipeline.sources import ccas, centre_social, isee

SOURCES = (*isee.SOURCES, *ccas.SOURCES, *centre_social.SOURCES)
