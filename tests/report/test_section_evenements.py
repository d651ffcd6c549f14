"""Exceptional events: every one of them in the report, with what the CCAS did, and what is hidden said so."""

from pipeline.model import Indicator, Share, Statut, Total
from pipeline.report.evenements import section

ICI = "98817"
ABRI = Indicator(
    "mises_a_l_abri",
    "Nombre de mises à l'abri",
    "T.",
    "T.",
    Total("n", "personnes"),
    "evenements",
    by="evenement",
)
APPELS = Indicator(
    "part_appels", "Part des appels aboutis", "T.", "T.", Share("a", of="b"), "evenements", by="evenement"
)


def rangees(ecrite):
    """The name of each event → its cells."""
    lignes = [ligne.strip("| ").split(" | ") for ligne in ecrite.tables[0].splitlines() if "|" in ligne]
    return {nom: cellules for nom, *cellules in lignes[2:]}


def test_each_event_of_each_year_is_a_row_the_latest_first(dessin):
    chiffres = [
        dessin.fait(ABRI, ICI, 79.0, 2024, groupe="cyclone"),
        dessin.fait(ABRI, ICI, 13.0, 2025, groupe="canicule"),
        dessin.fait(APPELS, ICI, 62.0, 2025, groupe="canicule"),
    ]
    lues = rangees(section(dessin.faits([ABRI, APPELS], chiffres)))
    assert [nom.casefold() for nom in lues] == ["canicule, 2025", "cyclone, 2024"]
    canicule, cyclone = lues.values()
    assert "[13]" in canicule[0] and "[62,0" in canicule[1]
    # nobody was called for the cyclone: not known, not nil
    assert "[79]" in cyclone[0] and cyclone[1] == "[n. d.]{.statut}"


def test_what_is_under_secrecy_has_its_row_and_no_figure(dessin):
    cache = dessin.fait(ABRI, ICI, None, 2025, groupe="canicule", statut=Statut.SECRET)
    [cellules] = rangees(section(dessin.faits([ABRI], [cache]))).values()
    assert "secret" in cellules[0]


def test_without_an_event_there_is_no_section(dessin):
    assert section(dessin.faits([ABRI], [])) is None
    absent = dessin.fait(ABRI, ICI, None, 2025, groupe="canicule")
    assert section(dessin.faits([ABRI], [absent])) is None
