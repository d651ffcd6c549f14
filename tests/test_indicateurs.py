"""What holds for the declared indicators together, checked as soon as they are imported."""

from dataclasses import replace

import pytest

from pipeline import indicators
from pipeline.sources.registre import SOURCES


def test_a_table_made_of_two_exploitations_of_the_census_is_refused_at_import(monkeypatch):
    une = replace(SOURCES[0], id="une", exploitation="principale")
    autre = replace(SOURCES[0], id="autre", exploitation="complementaire")
    monkeypatch.setattr(indicators, "SOURCES", (une, autre))
    monkeypatch.setattr(indicators, "sources_de", lambda table: ("une", "autre"))
    with pytest.raises(ValueError, match=r"'population'.*mélange exploitation principale et complémentaire"):
        indicators.verifier_exploitations(indicators.CHAPITRES[:1])


def test_a_table_of_one_exploitation_is_accepted(monkeypatch):
    une = replace(SOURCES[0], id="une", exploitation="complementaire")
    monkeypatch.setattr(indicators, "SOURCES", (une, SOURCES[1]))
    monkeypatch.setattr(indicators, "sources_de", lambda table: ("une", SOURCES[1].id))
    indicators.verifier_exploitations(indicators.CHAPITRES[:1])
