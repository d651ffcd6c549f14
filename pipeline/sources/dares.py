"""DARES and France Travail: people registered as looking for a job, by commune and quarter.

In: nothing. Out: `SOURCES`. Quarterly averages of the ends of months, rounded to 5, raw (not adjusted for seasons).
An administrative count: neither the unemployed of the census nor those of the ILO. The year of a figure is that of
its fourth quarter.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from pipeline.model import ErreurUtilisateur, Lecture, Source
from pipeline.readers import lire_csv
from pipeline.report.nombres import nombre
from pipeline.sources.france import (
    FICHIER_COUPE,
    LICENCE,
    Champ,
    departements_au_complet,
    effectif,
    millesime,
    territoire,
)

COMMUNE, PERIODE = "Code commune", "Date"
_DIMENSIONS = ("Type de données", "Catégorie", "Sexe", "Tranche d'âge")
_NOMBRE = "Nombre de demandeurs d'emploi"
TRIMESTRE = "-T4"

# Our name: category, sex, age, as the file writes them.
_DEMANDEURS: Mapping[str, tuple[str, str, str, str]] = {
    "demandeurs_abc": ("ABC", "Total", "Total", "Demandeurs d'emploi, catégories A, B et C"),
    "demandeurs_a": ("A", "Total", "Total", "Demandeurs d'emploi, catégorie A"),
    "demandeurs_abc_femmes": ("ABC", "Femmes", "Total", "Demandeuses d'emploi, catégories A, B et C"),
    "demandeurs_abc_hommes": ("ABC", "Hommes", "Total", "Demandeurs d'emploi hommes, catégories A, B et C"),
    "demandeurs_abc_moins_25": ("ABC", "Total", "Moins de 25 ans", "Demandeurs d'emploi de moins de 25 ans"),
    "demandeurs_abc_25_49": ("ABC", "Total", "De 25 à 49 ans", "Demandeurs d'emploi de 25 à 49 ans"),
    "demandeurs_abc_50_plus": ("ABC", "Total", "50 ans et plus", "Demandeurs d'emploi de 50 ans et plus"),
}


def lire_demandeurs(path: Path, attendues: tuple[str, ...]) -> Lecture:
    """Read DARES's file, one row a commune, quarter, category, sex and age: one column a combination.

    Fourth quarters only, the year in place of the quarter; other quarters and combinations are set aside.
    `ErreurUtilisateur` on a figure given twice.
    """
    lecture = lire_csv(path, (COMMUNE, PERIODE, *_DIMENSIONS, _NOMBRE))
    faits = lecture.table.assign(variable=_variables(lecture.table))
    voulus = faits[PERIODE].str.endswith(TRIMESTRE).fillna(False) & faits["variable"].notna()
    ecartees = pd.concat([lecture.ecartees, _autres(faits, voulus)], ignore_index=True)
    faits = faits[voulus].reset_index()
    faits[PERIODE] = faits[PERIODE].str.removesuffix(TRIMESTRE)
    _refuser_double(path.name, faits)
    cle = [COMMUNE, PERIODE]
    lignes = faits.groupby(cle, sort=False, dropna=False)["ligne"].min()
    table = (
        faits.set_index([*cle, "variable"])[_NOMBRE].unstack("variable").reindex(lignes.index).reset_index()
    )
    table = table.set_axis(pd.Index(lignes.to_numpy(), name="ligne")).reindex(columns=list(attendues))
    return Lecture(
        table.astype("string"),
        ecartees,
        f"{lecture.detecte}, {nombre(len(faits))} chiffres de {nombre(len(table))} communes et années",
    )


def _variables(table: pd.DataFrame) -> pd.Series:
    """The variable that each row is, nothing for a combination that is not declared."""
    brutes = table["Type de données"].eq("Brutes")
    combinaisons = {
        (categorie, sexe, age): _brut(categorie, sexe, age)
        for categorie, sexe, age, _ in _DEMANDEURS.values()
    }
    cles = pd.MultiIndex.from_frame(table[["Catégorie", "Sexe", "Tranche d'âge"]])
    return pd.Series(cles.map(combinaisons), index=table.index, dtype="object").where(brutes)


def _brut(categorie: str, sexe: str, age: str) -> str:
    return f"{categorie}, {sexe}, {age}"


def _autres(faits: pd.DataFrame, voulus: pd.Series) -> pd.DataFrame:
    autres = faits[~voulus]
    motifs = (
        autres["variable"]
        .isna()
        .map({True: "variable non déclarée", False: "autre trimestre que le quatrième"})
    )
    return pd.DataFrame({"ligne": autres.index, "motif": motifs, "contenu": autres[PERIODE]}).astype(
        {"motif": "string", "contenu": "string"}
    )


def _refuser_double(fichier: str, faits: pd.DataFrame) -> None:
    doubles = faits[faits.duplicated([COMMUNE, PERIODE, "variable"])]
    if len(doubles):
        double = doubles.iloc[0]
        raise ErreurUtilisateur(
            f"{fichier}, ligne {double['ligne']} : « {double['variable']} » est donné deux fois pour "
            f"« {double[COMMUNE]} » : télécharger de nouveau le fichier."
        )


def _champs() -> Champ:
    champs = territoire(COMMUNE) | millesime(PERIODE, "Année (quatrième trimestre)", 1996)
    for nom, (categorie, sexe, age, label) in _DEMANDEURS.items():
        champs |= effectif(nom, _brut(categorie, sexe, age), label)
    return champs


def arrondis_a_cinq(table: pd.DataFrame) -> pd.DataFrame:
    """Rows with a count that is no multiple of 5: not the published figures."""
    return table[(table[list(_DEMANDEURS)].fillna(0) % 5 != 0).any(axis=1)]


def parties_sous_l_ensemble(table: pd.DataFrame) -> pd.DataFrame:
    """Rows where women, men or an age are more than all, by more than rounding to 5 allows."""
    parties = [nom for nom in _DEMANDEURS if nom.startswith("demandeurs_abc_")]
    return table[(table[parties].sub(table["demandeurs_abc"], axis=0) > 5).any(axis=1)]


SOURCES = (
    Source(
        id="dares_demandeurs",
        title="Demandeurs d'emploi inscrits à France Travail, par commune",
        producer="DARES et France Travail, statistiques du marché du travail",
        licence=LICENCE,
        page="https://data.dares.travail-emploi.gouv.fr/explore/dataset/dares_defm_communales-brutes/",
        address="https://data.dares.travail-emploi.gouv.fr/api/explore/v2.1/catalog/datasets/"
        "dares_defm_communales-brutes/exports/csv?use_labels=true",
        schema=pa.DataFrameSchema(_champs(), unique=["territoire", "millesime"]),
        readers={".csv": lire_demandeurs},
        checks={
            "nombres arrondis à 5": arrondis_a_cinq,
            "une partie ne dépasse pas l'ensemble": parties_sous_l_ensemble,
            FICHIER_COUPE: departements_au_complet,
        },
        serie="annuelle",
        nationale=True,
    ),
)
