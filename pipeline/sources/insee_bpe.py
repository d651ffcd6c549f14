"""INSEE's inventory of facilities (BPE) and of establishments, by territory and year.

In: nothing. Out: `SOURCES`. One column a type of facility, under its code in the nomenclature of 2024 (renewed that
year: the codes of before mean something else). A count of premises or of professionals: neither seats nor time.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from pipeline.model import Lecture, Source
from pipeline.sources.france import LICENCE, Champ, effectif, millesime, territoire
from pipeline.sources.insee_bases import lire_base
from pipeline.sources.melodi import lecteur

PREMIERE_ANNEE = 2024
_ANCIENS_CODES = (
    f"les codes d'équipements datent de {PREMIERE_ANNEE} : une base d'avant ne se lit pas avec eux"
)

# Our name: code of 2024, label.
TYPES: Mapping[str, tuple[str, str]] = {
    "mairies": ("A129", "Mairies"),
    "france_services": ("A128", "Espaces France Services"),
    "bureaux_de_poste": ("A206", "Bureaux de poste"),
    "relais_poste": ("A207", "Relais poste"),
    "agences_postales": ("A208", "Agences postales"),
    "banques": ("A203", "Banques et caisses d'épargne"),
    "hypermarches": ("B104", "Hypermarchés et grands magasins"),
    "supermarches": ("B105", "Supermarchés et magasins multi-commerces"),
    "superettes": ("B201", "Supérettes"),
    "epiceries": ("B202", "Épiceries"),
    "boulangeries": ("B207", "Boulangeries et pâtisseries"),
    "ecoles_maternelles": ("C107", "Écoles maternelles"),
    "ecoles_primaires": ("C108", "Écoles primaires"),
    "ecoles_elementaires": ("C109", "Écoles élémentaires"),
    "colleges": ("C201", "Collèges"),
    "lycees": ("C301", "Lycées d'enseignement général ou technologique"),
    "urgences": ("D106", "Urgences"),
    "generalistes": ("D265", "Médecins généralistes"),
    "dentistes": ("D277", "Chirurgiens-dentistes"),
    "sages_femmes": ("D278", "Sages-femmes"),
    "kinesitherapeutes": ("D279", "Masseurs-kinésithérapeutes"),
    "infirmiers": ("D281", "Infirmiers"),
    "pharmacies": ("D307", "Pharmacies"),
    "hebergements_ages": ("D401", "Personnes âgées : hébergement"),
    "soins_a_domicile_ages": ("D402", "Personnes âgées : soins à domicile"),
    "aides_a_domicile_ages": ("D403", "Personnes âgées : services d'aide"),
    "creches": ("D502", "Établissements d'accueil du jeune enfant"),
    "relais_petite_enfance": ("D504", "Relais petite enfance"),
    "centres_sociaux": ("D506", "Centres sociaux"),
    "accueils_adultes_handicapes": ("D603", "Adultes handicapés : accueil ou hébergement"),
    "bibliotheques": ("F307", "Bibliothèques"),
}
DOMAINES: Mapping[str, tuple[str, str]] = {
    "equipements": ("_T", "Ensemble des équipements"),
    "equipements_services": ("A", "Services pour les particuliers"),
    "equipements_commerces": ("B", "Commerces"),
    "equipements_enseignement": ("C", "Enseignement"),
    "equipements_sante": ("D", "Santé et action sociale"),
    "equipements_transports": ("E", "Transports et déplacements"),
    "equipements_loisirs": ("F", "Sports, loisirs et culture"),
    "equipements_tourisme": ("G", "Tourisme"),
}


def _champs() -> Champ:
    champs: Champ = {}
    for nom, (domaine, label) in DOMAINES.items():
        melodi = {"FACILITY_DOM": domaine, "FACILITY_SDOM": "_T", "FACILITY_TYPE": "_T"}
        champs |= effectif(nom, f"BPE_{{yy}}_{'TOTAL' if domaine == '_T' else domaine}", label, melodi)
    for nom, (code, label) in TYPES.items():
        melodi = {"FACILITY_DOM": code[0], "FACILITY_SDOM": code[:2], "FACILITY_TYPE": code}
        champs |= effectif(nom, f"BPE_20{{yy}}_{code}", label, melodi)
    return champs


_EQUIPEMENTS = pa.DataFrameSchema(
    territoire() | millesime("TIME_PERIOD", "Année", PREMIERE_ANNEE, avertir=_ANCIENS_CODES) | _champs(),
    unique=["territoire", "millesime"],
)
_LIRE_MELODI = lecteur(_EQUIPEMENTS)


def lire_equipements(path: Path, attendues: tuple[str, ...]) -> Lecture:
    """Read Melodi's zip of the BPE, which writes no zero: a type that some territory has is nil where not written.

    A type that no territory of the file has stays unknown.
    """
    lecture = _LIRE_MELODI(path, attendues)
    table = lecture.table
    decomptes = [nom for nom in attendues if nom.startswith("BPE_") and table[nom].notna().any()]
    return Lecture(
        table.assign(**{nom: table[nom].fillna("0") for nom in decomptes}), lecture.ecartees, lecture.detecte
    )


_ETABLISSEMENTS = {
    "etablissements": ("ETTOT", "Établissements actifs"),
    "etablissements_agriculture": ("ETAZ", "Établissements de l'agriculture"),
    "etablissements_industrie": ("ETBE", "Établissements de l'industrie"),
    "etablissements_construction": ("ETFZ", "Établissements de la construction"),
    "etablissements_commerce": ("ETGU", "Établissements du commerce, des transports et des services"),
    "etablissements_services_publics": (
        "ETOQ",
        "Établissements de l'administration, enseignement, santé, social",
    ),
    "etablissements_1_9": ("ETTEF1", "Établissements de 1 à 9 salariés"),
    "etablissements_10_plus": ("ETTEFP10", "Établissements de 10 salariés ou plus"),
}


def _etablissements() -> Champ:
    champs = territoire() | millesime("TIME_PERIOD", "Fin d'année", 2010)
    for nom, (tige, label) in _ETABLISSEMENTS.items():
        champs |= effectif(nom, f"{tige}{{yy}}", label)
    return champs


def secteurs_font_l_ensemble(table: pd.DataFrame) -> pd.DataFrame:
    """Rows whose five sectors do not make all the establishments."""
    secteurs = ["agriculture", "industrie", "construction", "commerce", "services_publics"]
    somme = table[[f"etablissements_{nom}" for nom in secteurs]].sum(axis=1, skipna=False)
    return table[(somme - table["etablissements"]).abs() > 0.5]


SOURCES = (
    Source(
        id="insee_bpe",
        title="Équipements et services (base permanente des équipements)",
        producer="INSEE, base permanente des équipements",
        licence=LICENCE,
        page="https://www.insee.fr/fr/information/8221498",
        address="https://api.insee.fr/melodi/file/DS_BPE/DS_BPE_{millesime}_CSV_FR",
        address_suffix=".zip",
        schema=_EQUIPEMENTS,
        readers={".csv": lire_base, ".zip": lire_equipements},
        serie="annuelle",
        debut_d_annee=True,
        nationale=True,
    ),
    Source(
        id="insee_etablissements",
        title="Établissements actifs, par secteur et taille",
        producer="INSEE, Flores",
        licence=LICENCE,
        page="https://www.insee.fr/fr/statistiques/2521169",
        schema=pa.DataFrameSchema(_etablissements(), unique=["territoire", "millesime"]),
        readers={".csv": lire_base},
        checks={"les cinq secteurs font l'ensemble": secteurs_font_l_ensemble},
        serie="annuelle",
        nationale=True,
    ),
)
