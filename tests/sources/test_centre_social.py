"""The centre social: a member is the same person from her card to the attendance sheet, and not at the CCAS."""

import pandas as pd

from pipeline.identite import appliquer
from pipeline.sources.ccas import DEMANDES
from pipeline.sources.centre_social import ADHERENTS, BENEVOLES, PRESENCES, SEANCES, SOURCES

CLE = bytes(range(32))
QUI = {"nom": "Zorvalbec", "prenom": "Tessalin", "naissance": "01/02/1980"}


def pseudonymes(source, **colonnes):
    return appliquer(pd.DataFrame([colonnes], dtype="string"), source.identites, CLE).iloc[0]


def test_the_four_tables_are_declared():
    assert SOURCES == (ADHERENTS, SEANCES, PRESENCES, BENEVOLES)
    assert {source.producer for source in SOURCES} == {"Centre social"}


def test_a_member_is_the_same_on_her_card_and_on_the_attendance_sheet():
    adherente = pseudonymes(ADHERENTS, carte="A 12", date_adhesion="05/09/2024", **QUI)
    presente = pseudonymes(PRESENCES, numero="S1", carte="a12")
    assert adherente["adherent"] == presente["adherent"]
    assert adherente["age"] == 44


def test_a_session_is_the_same_on_the_calendar_and_on_the_attendance_sheet():
    assert (
        pseudonymes(SEANCES, numero="S1")["seance"]
        == pseudonymes(PRESENCES, numero="s 1", carte="A1")["seance"]
    )


def test_without_a_card_a_member_is_known_by_who_she_is():
    sans = pseudonymes(ADHERENTS, date_adhesion="05/09/2024", **QUI)
    autre = pseudonymes(
        ADHERENTS, date_adhesion="07/09/2025", **QUI | {"nom": "TESSALIN", "prenom": "zorvalbec"}
    )
    assert sans["adherent"] == autre["adherent"]


def test_a_member_cannot_be_found_again_among_those_the_ccas_helps():
    adherente = pseudonymes(ADHERENTS, date_adhesion="05/09/2024", **QUI)
    aidee = pseudonymes(DEMANDES, numero="1", date_demande="05/09/2024", **QUI)
    assert adherente["adherent"] != aidee["personne"]
