"""DREES: accessibility to general practitioners, and social aid paid by départements.

In: nothing. Out: `SOURCES`. Localised potential accessibility (APL) is an index: consultations a year and
standardised inhabitant that can be reached around one's home. It never sums; a mean over communes would have to be
weighted by the standardised population. CartoSanté publishes it by bassin de vie and canton, which are no territory
of ours: an edition says which zone is its commune (`[fichiers.valeurs]`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from pipeline.model import ErreurUtilisateur, Lecture, Source, Statut
from pipeline.readers import lire_classeur, lire_csv
from pipeline.sources import colonne
from pipeline.sources.france import LICENCE, Champ, effectif, millesime, publiee, territoire
from pipeline.sources.insee_bases import lire_base

NON_DISPONIBLE = "N/A - résultat non disponible"
ZONE = "ZONE-"
_APL = (0, 60)


def lire_zones(path: Path, attendues: tuple[str, ...]) -> Lecture:
    """Read CartoSanté's export, two lines of title before the header; a code is that of a zone, not of a commune."""
    lecture = lire_csv(path, attendues)
    code = attendues[0]
    zones = lecture.table.assign(**{code: ZONE + lecture.table[code]})
    return Lecture(zones, lecture.ecartees, f"{lecture.detecte}, codes de zones")


def lire_communes(path: Path, attendues: tuple[str, ...]) -> Lecture:
    """Read DREES's workbook, one sheet a year (« APL 2023 »): the year of the sheet is that of its rows.

    Rows without the code of a commune (units, notes) are set aside. `ErreurUtilisateur` when no sheet says a year.
    """
    code, periode = attendues[0], "TIME_PERIOD"
    lecture = lire_classeur(path, tuple(nom for nom in attendues if nom != periode))
    lignes = lecture.table.index.astype("string")
    annees = lignes.str.extract(r"(20\d\d)[^!]*!", expand=False).to_numpy()
    table = lecture.table.assign(**{periode: pd.array(annees, dtype="string")})
    if table[periode].isna().any():
        raise ErreurUtilisateur(
            f"{path.name} : les feuilles de la DREES disent leur année (« APL 2023 ») ; déposer le classeur d'origine."
        )
    communales = table[code].str.fullmatch(r"[0-9AB]{4,5}").fillna(False).astype(bool)
    autres = pd.DataFrame(
        {
            "ligne": lignes[~communales],
            "motif": "sans code de commune",
            "contenu": table.loc[~communales, code],
        }
    ).astype("string")
    ecartees = pd.concat([lecture.ecartees.astype({"ligne": "string"}), autres], ignore_index=True)
    return Lecture(table.loc[communales, list(attendues)], ecartees, lecture.detecte)


def _zones() -> Champ:
    code = pa.Check.str_matches(
        rf"^(?:{ZONE}[0-9AB]{{4}}[0-9A-Z]?|ZONE-97\dZZ|[0-9AB]{{5}})$",
        error="code de bassin de vie ou de canton à 4 ou 5 caractères attendu (un code plus court a perdu son zéro)",
    )
    return {"territoire": colonne("Code", "texte", "Zone (bassin de vie ou canton)", code)}


# Social aid of départements: our name, variable of the project's own table, label.
_AIDES: Mapping[str, tuple[str, str]] = {
    "apa_domicile": ("APA_DOMICILE", "Bénéficiaires de l'APA à domicile"),
    "apa_etablissement": ("APA_ETABLISSEMENT", "Bénéficiaires de l'APA en établissement"),
    "ash_ages": ("ASH_AGES", "Personnes âgées bénéficiaires de l'aide sociale à l'hébergement"),
    "pch": ("PCH", "Bénéficiaires de la prestation de compensation du handicap"),
    "ase_mineurs_majeurs": ("ASE", "Mineurs et jeunes majeurs suivis par l'aide sociale à l'enfance"),
    "rsa_departement": ("RSA", "Bénéficiaires du RSA"),
}


def _aides() -> Champ:
    champs = territoire() | millesime("TIME_PERIOD", "Année (31 décembre)", 2000)
    for nom, (variable, label) in _AIDES.items():
        champs |= effectif(nom, f"{variable}{{yy}}", label)
    return champs


SOURCES = (
    Source(
        id="drees_apl",
        title="Accessibilité potentielle localisée aux médecins généralistes, par commune",
        producer="DREES",
        licence=LICENCE,
        page="https://data.drees.solidarites-sante.gouv.fr/explore/dataset/530_l-accessibilite-potentielle-localisee-apl/",
        schema=pa.DataFrameSchema(
            territoire("Code commune INSEE")
            | millesime("TIME_PERIOD", "Année", 2015)
            | publiee(
                "apl_generalistes", "APL aux médecins généralistes", "APL aux médecins généralistes", *_APL
            ),
            unique=["territoire", "millesime"],
        ),
        readers={".xlsx": lire_communes},
        serie="annuelle",
        nationale=True,
    ),
    Source(
        id="drees_apl_zones",
        title="Accessibilité potentielle localisée aux médecins généralistes, par bassin de vie ou canton",
        producer="DREES, CartoSanté",
        licence=LICENCE,
        page="https://cartosante.atlasante.fr/",
        schema=pa.DataFrameSchema(
            _zones()
            | millesime("TIME_PERIOD", "Année", 2015)
            | publiee(
                "apl_generalistes", "APL Médecins généralistes 20{yy}", "APL aux médecins généralistes", *_APL
            ),
            unique=["territoire", "millesime"],
        ),
        readers={".csv": lire_zones},
        marks={NON_DISPONIBLE: Statut.ABSENT},
        serie="annuelle",
    ),
    Source(
        id="drees_aide_sociale",
        title="Aide sociale des départements (APA, ASH, PCH, ASE)",
        producer="DREES, enquête Aide sociale",
        licence=LICENCE,
        page="https://data.drees.solidarites-sante.gouv.fr/",
        schema=pa.DataFrameSchema(_aides(), unique=["territoire", "millesime"]),
        readers={".csv": lire_base},
        serie="annuelle",
        nationale=True,
    ),
)
