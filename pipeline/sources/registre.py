"""Every declared source, in the order in which the report lists them."""

from pipeline.sources import ccas, isee

SOURCES = (*isee.SOURCES, *ccas.SOURCES)
