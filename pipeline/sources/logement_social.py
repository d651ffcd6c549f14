"""Social housing (RPLS), the SRU law, and residents of priority neighbourhoods (QPV), by commune.

In: nothing. Out: `SOURCES`. The producers' workbooks change form every year: these figures are read from a compact
table of the project's own (`CODGEO;variable;valeur`), filled from the publication named in its companion.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pandera.pandas as pa

from pipeline.model import Source
from pipeline.sources.france import LICENCE, Champ, effectif, millesime, publiee, territoire
from pipeline.sources.insee_bases import lire_base

# Our name: variable of the table, label.
_SOCIAL: Mapping[str, tuple[str, str]] = {
    "logements_sociaux": ("RPLS_LOGEMENTS", "Logements du parc locatif social"),
    "logements_sociaux_loues": ("RPLS_LOUES", "Logements sociaux loués"),
    "logements_sociaux_vacants": ("RPLS_VACANTS", "Logements sociaux vacants, proposés à la location"),
    "logements_sociaux_emmenages": ("RPLS_EMMENAGES", "Logements sociaux emménagés dans l'année"),
    "logements_sru": ("SRU_LOGEMENTS", "Logements sociaux au sens de la loi SRU"),
    "residences_sru": ("SRU_RESIDENCES", "Résidences principales de l'inventaire SRU"),
}


def _champs(variables: Mapping[str, tuple[str, str]]) -> Champ:
    champs = territoire() | millesime("TIME_PERIOD", "Année (1er janvier)", 2010)
    for nom, (variable, label) in variables.items():
        champs |= effectif(nom, f"{variable}{{yy}}", label)
    return champs


def loues_dans_le_parc(table: pd.DataFrame) -> pd.DataFrame:
    """Rows with more dwellings let, or vacant, than there are."""
    parc = table["logements_sociaux"]
    return table[
        (table[["logements_sociaux_loues", "logements_sociaux_vacants"]].gt(parc, axis=0)).any(axis=1)
    ]


SOURCES = (
    Source(
        id="sdes_logement_social",
        title="Parc locatif social (RPLS) et inventaire SRU",
        producer="SDES, répertoire du parc locatif social ; DHUP, inventaire SRU",
        licence=LICENCE,
        page="https://www.statistiques.developpement-durable.gouv.fr/",
        schema=pa.DataFrameSchema(
            _champs(_SOCIAL)
            | publiee(
                "taux_sru_requis", "SRU_TAUX{yy}", "Taux de logements sociaux exigé par la loi (%)", 0, 100
            ),
            unique=["territoire", "millesime"],
        ),
        readers={".csv": lire_base},
        checks={"les logements loués ou vacants sont dans le parc": loues_dans_le_parc},
        serie="annuelle",
        debut_d_annee=True,
        nationale=True,
    ),
    Source(
        id="insee_qpv",
        title="Population des quartiers prioritaires de la politique de la ville, par commune",
        producer="INSEE et ANCT",
        licence=LICENCE,
        page="https://sig.ville.gouv.fr/",
        schema=pa.DataFrameSchema(
            _champs(
                {
                    "population_qpv": ("QPV_POP", "Habitants des quartiers prioritaires"),
                    "population_qpv_commune": ("QPV_PMUN", "Population municipale de la commune, même année"),
                }
            ),
            unique=["territoire", "millesime"],
        ),
        readers={".csv": lire_base},
        serie="annuelle",
        debut_d_annee=True,
        nationale=True,
    ),
)
