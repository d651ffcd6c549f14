"""Drawn cohorts: places whose ten-year groups follow a pace, for the trials of the methods of projection."""

from itertools import product

import pandas as pd

ANNEES = (2004, 2009, 2014, 2019)


def lieu(nom, niveau, effectif, *, rythme=1.0, annees=ANNEES):
    """A place: `effectif` women and men in each ten-year group in 2004, times `rythme` every five years."""
    return [
        (nom, niveau, annee, sexe, age, effectif * rythme**pas)
        for pas, annee in enumerate(annees)
        for sexe, age in product(("femmes", "hommes"), range(0, 90, 10))
    ]


def table(*lieux):
    return pd.DataFrame(
        [ligne for lignes in lieux for ligne in lignes],
        columns=["lieu", "niveau", "millesime", "sexe", "age_min", "population"],
    )
