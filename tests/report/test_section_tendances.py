"""Trends of the activity: told over three years or more on one side of every break, or said to be undetermined."""

from dataclasses import replace

import pytest

from pipeline.methods.tendances import tendance
from pipeline.model import Indicator, Share, Total
from pipeline.report.tendances import refus, tableau, tendances

ICI = "98817"
ACCUEILS = Indicator("accueils", "Nombre de passages", "T.", "T.", Total("n", "passages"), "accueils")
MONTANT = Indicator("montant", "Montant accordé", "T.", "T.", Total("n", "F CFP"), "aides")
PART = Indicator("part", "Part", "T.", "T.", Share("a", of="b"), "aides")
HABITANTS = Indicator("population", "Population", "T.", "T.", Total("n", "habitants"), "population")


def serie(dessin, valeurs, indicateur=ACCUEILS, ruptures=(), **autres):
    """Facts of one series of the commune: year → count."""
    profil = dessin.edition.profil.model_copy(update={"ruptures": tuple(ruptures)})
    dessin.edition = dessin.edition.model_copy(update={"profil": profil})
    chiffres = [dessin.fait(indicateur, ICI, n, annee, **autres) for annee, n in valeurs.items()]
    return dessin.faits([indicateur], chiffres)


def rupture(dessin, **champs):
    return dessin.edition.profil.ruptures[0].model_copy(update=champs)


QUATRE = {2021: 1_000.0, 2022: 1_200.0, 2023: 1_440.0, 2024: 1_728.0}


def test_four_years_of_growth_make_a_trend_with_its_interval(dessin):
    [ligne] = tableau(tendances(serie(dessin, QUATRE), [ACCUEILS])).to_dict("records")
    # times 1.2 a year exactly
    assert ligne["Par an"].startswith("+20,0 % (+1")
    assert (ligne["Depuis"], ligne["Points"], ligne["Tendance"]) == ("2021", "4", "en hausse")


def test_only_the_years_after_the_last_break_are_read(dessin):
    coupure = rupture(dessin, annee=2022, libelle="nouveau logiciel", series=("activite",))
    [ligne] = tableau(tendances(serie(dessin, QUATRE, ruptures=[coupure]), [ACCUEILS])).to_dict("records")
    assert (ligne["Depuis"], ligne["Points"]) == ("2022", "3")


def test_a_break_that_the_edition_declares_cuts_as_one_of_its_profile(dessin):
    logiciel = rupture(dessin, annee=2022, libelle="nouveau logiciel", series=("activite",))
    faits = serie(dessin, QUATRE)
    edition = faits.edition.model_copy(update={"ruptures": (logiciel,)})
    [ligne] = tableau(tendances(replace(faits, edition=edition), [ACCUEILS])).to_dict("records")
    assert (ligne["Depuis"], ligne["Points"]) == ("2022", "3")


def test_a_year_that_a_break_cuts_is_not_after_it_and_the_reason_is_said(dessin):
    coupure = rupture(dessin, annee=2023.4, libelle="émeutes", series=("activite",))
    trouvees = tendances(serie(dessin, QUATRE, ruptures=[coupure]), [ACCUEILS])
    assert tableau(trouvees).empty
    assert refus(trouvees) == [
        "Tendance indéterminée : moins de 3 points depuis la rupture de 2023 (émeutes)."
    ]


def test_a_break_of_the_census_does_not_cut_the_activity(dessin):
    coupure = rupture(dessin, annee=2023, libelle="questionnaire", series=("recensement",))
    [ligne] = tableau(tendances(serie(dessin, QUATRE, ruptures=[coupure]), [ACCUEILS])).to_dict("records")
    assert ligne["Points"] == "4"


@pytest.mark.parametrize("indicateur", [MONTANT, PART, HABITANTS])
def test_amounts_shares_and_the_census_have_no_trend_of_counts(dessin, indicateur):
    assert tendances(serie(dessin, QUATRE, indicateur), [indicateur]) == {}


def test_requests_that_come_by_households_have_a_wider_interval(dessin):
    [lue] = tendances(serie(dessin, QUATRE, efficace=0.25), [ACCUEILS]).values()
    attendue = tendance(list(QUATRE), list(QUATRE.values()), inflation=4)
    assert (lue.borne_basse, lue.borne_haute) == (attendue.borne_basse, attendue.borne_haute)


def test_a_hidden_year_is_a_missing_point(dessin):
    [lue] = tendances(serie(dessin, QUATRE | {2022: None}), [ACCUEILS]).values()
    assert lue.points == 3


def test_a_series_that_could_as_well_double_has_no_figure(dessin):
    erratique = {2022: 100.0, 2023: 10.0, 2024: 120.0}
    [ligne] = tableau(tendances(serie(dessin, erratique), [ACCUEILS])).to_dict("records")
    assert (ligne["Par an"], ligne["Tendance"]) == ("trop incertain", "indéterminé")
