"""Which vintages compare: five years apart in a rolling census, at known dates in an exhaustive one."""

import pytest

from pipeline.edition import lire_profil
from pipeline.millesimes import paires


def profil(mode="exhaustif", ecart=0, dates=()):
    modele = lire_profil("nouvelle_caledonie")
    datees = tuple(d for d in modele.recensement.dates if d.millesime in dates)
    recensement = modele.recensement.model_copy(
        update={"mode": mode, "ecart_minimal": ecart, "dates": datees}
    )
    return modele.model_copy(update={"recensement": recensement})


def test_each_census_is_paired_with_the_one_before():
    assert [p[:2] for p in paires(profil(dates=(2009, 2014, 2019)), [2009, 2014, 2019], "recensement")] == [
        (2009, 2014),
        (2014, 2019),
    ]


def test_a_census_whose_date_nobody_declared_has_no_growth():
    assert paires(profil(dates=(2004, 2009)), [1996, 2004, 2009], "recensement") == [(2004, 2009, 5.0)]


@pytest.mark.parametrize(
    ("millesimes", "attendu"),
    [
        ([2016, 2017, 2018, 2019, 2020], []),
        ([2016, 2020, 2021], [(2016, 2021, 5.0)]),
        ([2011, 2016, 2021, 2022], [(2011, 2016, 5.0), (2016, 2021, 5.0), (2016, 2022, 6.0)]),
        ([2021], []),
        ([], []),
    ],
)
def test_two_vintages_of_a_rolling_census_share_no_wave_of_collection(millesimes, attendu):
    assert paires(profil("glissant", 5), millesimes, "recensement") == attendu


def test_years_of_activity_follow_one_another_whatever_the_census():
    assert paires(profil("glissant", 5), [2023, 2024, 2025], "activite") == [
        (2023, 2024, 1.0),
        (2024, 2025, 1.0),
    ]
