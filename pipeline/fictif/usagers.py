"""The list of users that is invented: every person of the households followed, with their household's facts.

In: a `Fiction`, its households and adults, and who moved. Out: one row a person: a child of two homes comes
twice; what is known of a household is repeated on each of its rows, as an extraction does.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.fictif.accueil import Rangs
from pipeline.fictif.aides import Aides, quartier_le
from pipeline.fictif.population import inventer_enfants, inventer_situations, situations_emploi
from pipeline.fictif.tirage import Fiction, au_hasard


def inventer_usagers(
    fiction: Fiction, menages: pd.DataFrame, adultes: pd.DataFrame, aides: Aides
) -> tuple[pd.DataFrame, Rangs]:
    """One row a person and household; rows of second homes, ranks of households with planted charges."""
    adultes = adultes[adultes["menage"] < len(menages)]
    enfants = inventer_enfants(fiction, menages, adultes)
    situations, endettes = _situations(fiction, menages, enfants, aides)
    membres, secondes = _membres(fiction, menages, adultes, enfants)
    ages = fiction.annees[-1] - membres["naissance"].dt.year.to_numpy()
    membres["situation_emploi"] = situations_emploi(fiction, ages)
    usagers = membres.merge(situations, on="menage", how="left", validate="m:1")
    return usagers, {"enfant_deux_foyers": secondes, "charges_doubles": endettes}


def _situations(
    fiction: Fiction, menages: pd.DataFrame, enfants: pd.DataFrame, aides: Aides
) -> tuple[pd.DataFrame, np.ndarray]:
    """One row a household, where it lives at the update; a few whose charges are beyond belief."""
    situations = inventer_situations(fiction, menages, enfants).assign(menage=np.arange(len(menages)))
    situations["quartier"] = quartier_le(situations, "date_maj", aides.demenagements)
    combien = fiction.combien("charges_doubles", len(situations))
    endettes = au_hasard(fiction.tirage(13), np.arange(len(situations)), combien)
    situations.loc[endettes, "charges"] = situations.loc[endettes, "ressources"] * 2 + 10 * fiction.pas
    return situations.assign(date_situation=situations["date_maj"]), endettes


def _membres(
    fiction: Fiction, menages: pd.DataFrame, adultes: pd.DataFrame, enfants: pd.DataFrame
) -> tuple[pd.DataFrame, np.ndarray]:
    """One row a person and household, by household; second homes of children last."""
    types = menages["type_menage"].to_numpy()[adultes["menage"]]
    second = np.where(types == "autre", "autre", "conjoint")
    roles = np.where(adultes["menage"].duplicated(), second, "demandeur")
    membres = pd.concat([adultes.assign(role=roles), enfants.assign(role="enfant")])
    membres = membres.sort_values("menage", kind="stable", ignore_index=True)
    petits = np.flatnonzero(membres["role"] == "enfant")
    choisis = au_hasard(fiction.tirage(16), petits, fiction.combien("enfant_deux_foyers", len(petits)))
    ailleurs = membres.loc[choisis]
    ailleurs = ailleurs.assign(menage=(ailleurs["menage"] + 1) % len(menages))
    secondes = np.arange(len(membres), len(membres) + len(ailleurs))
    return pd.concat([membres, ailleurs], ignore_index=True), secondes
