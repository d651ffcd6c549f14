"""INSEE's births, deaths and legal populations, by territory and year.

In: nothing. Out: `SOURCES`. Births are counted where the mother lives, deaths where the deceased lived. A year is a
civil year; Melodi gives them all in one file, the wide bases (`NAISD24`) and our tables one a column.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd
import pandera.pandas as pa

from pipeline.model import Source
from pipeline.sources.france import LICENCE, Champ, effectif, millesime, territoire
from pipeline.sources.insee_bases import lire_base
from pipeline.sources.melodi import lecteur

ETAT_CIVIL = "INSEE, statistiques de l'état civil"
PAGE_ETAT_CIVIL = "https://catalogue-donnees.insee.fr/fr/catalogue/recherche/{jeu}"
ADRESSE = "https://api.insee.fr/melodi/file/{jeu}/{jeu}_CSV_FR"
ADRESSE_DATEE = "https://api.insee.fr/melodi/file/{jeu}/{jeu}_{{millesime}}_CSV_FR"
# Sets of which INSEE keeps one file a year.
_DATES = ("DS_POPULATIONS_REFERENCE",)


Controles = Mapping[str, Callable[[pd.DataFrame], pd.DataFrame]]
AUCUN: Controles = MappingProxyType({})


def _source(
    identifiant: str,
    titre: str,
    producteur: str,
    jeu: str,
    debut: int,
    champs: Champ,
    checks: Controles = AUCUN,
) -> Source:
    schema = pa.DataFrameSchema(
        territoire() | millesime("TIME_PERIOD", "Année", debut) | champs, unique=["territoire", "millesime"]
    )
    return Source(
        id=identifiant,
        title=titre,
        producer=producteur,
        licence=LICENCE,
        page=PAGE_ETAT_CIVIL.format(jeu=jeu),
        address=(ADRESSE_DATEE if jeu in _DATES else ADRESSE).format(jeu=jeu),
        address_suffix=".zip",
        schema=schema,
        readers={".csv": lire_base, ".zip": lecteur(schema)},
        checks=checks,
        serie="annuelle",
        debut_d_annee=jeu.startswith("DS_POPULATIONS"),
        nationale=True,
    )


def totale_est_la_somme(table: pd.DataFrame) -> pd.DataFrame:
    """Rows whose total population is not the municipale and the one counted apart."""
    somme = table["population_municipale"] + table["population_comptee_a_part"]
    return table[(somme - table["population_totale"]).abs() > 0.5]


def _population(mesure: str) -> dict[str, str]:
    return {"POPREF_MEASURE": mesure}


SOURCES = (
    _source(
        "insee_naissances",
        "Naissances domiciliées",
        ETAT_CIVIL,
        "DS_ETAT_CIVIL_NAIS_COMMUNES",
        1975,
        effectif("naissances", "NAISD{yy}", "Naissances domiciliées", {"EC_MEASURE": "LVB"}),
    ),
    _source(
        "insee_deces",
        "Décès domiciliés",
        ETAT_CIVIL,
        "DS_ETAT_CIVIL_DECES_COMMUNES",
        1975,
        effectif("deces", "DECESD{yy}", "Décès domiciliés", {"EC_MEASURE": "DTH"}),
    ),
    _source(
        "insee_populations_reference",
        "Populations de référence (municipale, comptée à part, totale)",
        "INSEE, populations de référence",
        "DS_POPULATIONS_REFERENCE",
        2006,
        effectif("population_municipale", "PMUN{yy}", "Population municipale", _population("PMUN"))
        | effectif("population_comptee_a_part", "PCAP{yy}", "Population comptée à part", _population("PCAP"))
        | effectif("population_totale", "PTOT{yy}", "Population totale", _population("PTOT")),
        {"municipale + comptée à part = totale": totale_est_la_somme},
    ),
    _source(
        "insee_populations_historiques",
        "Populations municipales depuis 1968",
        "INSEE, populations légales et de référence",
        "DS_POPULATIONS_HISTORIQUES",
        1876,
        effectif("population_historique", "PMUN{yy}", "Population municipale", _population("PMUN"))
        | effectif(
            "population_sans_doubles_comptes",
            "PSDC{yy}",
            "Population sans doubles comptes",
            _population("PSDC"),
        ),
    ),
)
