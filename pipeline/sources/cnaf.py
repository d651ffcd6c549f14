"""CNAF: households that receive a benefit in December, by commune, and their quotient familial.

In: nothing. Out: `SOURCES`. A *foyer allocataire* is not a household: one household may hold several. CAF only,
without the agricultural scheme (MSA). Counts are rounded to 5, amounts are those of one month. A blank hides a
small count and is never zero. Households that could not be located have a row without commune: they enter the
total of the country and no commune. Paris, Lyon and Marseille are given by arrondissement. One file holds several
years, each in the communes of its own time: beneficiaries of December are counted where they were known to live early
the next year (33409, merged on 1 January 2025, is there in December 2023 and no longer in December 2024).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from pipeline.model import ErreurUtilisateur, Lecture, Source, Statut
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
from pipeline.sources.insee_bases import lire_base

PRODUCTEUR = "CNAF, données des caisses d'allocations familiales"
ADRESSE = "https://data.caf.fr/api/explore/v2.1/catalog/datasets/{jeu}/exports/csv?delimiter=%3B"

COMMUNE, PERIODE = "numcomdo", "dtreffre"
# A territory of no level: its counts are in the country's total and nowhere else.
NON_LOCALISES = "NON-LOCALISES"
MOIS = "-12"
AUTRE_MOIS = "autre mois que décembre"

# Our name: column of the file, label.
_FOYERS: Mapping[str, tuple[str, str]] = {
    "foyers_allocataires": ("indfoy_ndur", "Foyers allocataires (au moins une prestation légale)"),
    "personnes_couvertes": ("indnbp_ndur", "Personnes couvertes par une prestation légale"),
    "foyers_rsa": ("indfoy_rsa", "Foyers bénéficiaires du RSA"),
    "montant_rsa": ("indmtt_rsa", "RSA versé dans le mois (€)"),
    "foyers_prime_activite": ("indfoy_ppa", "Foyers bénéficiaires de la prime d'activité"),
    "montant_prime_activite": ("indmtt_ppa", "Prime d'activité versée dans le mois (€)"),
    "foyers_aah": ("indfoy_aah", "Foyers bénéficiaires de l'AAH"),
    "foyers_logement": ("indfoy_ndural", "Foyers bénéficiaires d'une aide au logement"),
    "foyers_apl": ("indfoy_apl", "Foyers bénéficiaires de l'APL"),
    "foyers_als": ("indfoy_als", "Foyers bénéficiaires de l'ALS"),
    "foyers_alf": ("indfoy_alf", "Foyers bénéficiaires de l'ALF"),
    "foyers_allocations_familiales": ("indfoy_af", "Foyers bénéficiaires des allocations familiales"),
    "foyers_complement_familial": ("indfoy_cf", "Foyers bénéficiaires du complément familial"),
    "foyers_soutien_familial": ("indfoy_asf", "Foyers bénéficiaires de l'allocation de soutien familial"),
    "foyers_allocation_base": ("indfoy_ab", "Foyers bénéficiaires de l'allocation de base de la PAJE"),
    "foyers_paje": ("indfoy_ndurpaje", "Foyers bénéficiaires de la PAJE"),
    "foyers_mode_de_garde": ("indfoy_cmg", "Foyers bénéficiaires du complément de mode de garde"),
}
QUOTIENTS: Mapping[str, tuple[str, str]] = {
    "foyers_qf_moins_400": ("Moins de 400 euros", "moins de 400 €"),
    "foyers_qf_400_799": ("Entre 400 et 799 euros", "de 400 à 799 €"),
    "foyers_qf_800_1199": ("Entre 800 et 1199 euros", "de 800 à 1 199 €"),
    "foyers_qf_1200_1599": ("Entre 1200 et 1599 euros", "de 1 200 à 1 599 €"),
    "foyers_qf_1600_1999": ("Entre 1600 et 1999 euros", "de 1 600 à 1 999 €"),
    "foyers_qf_2000_3999": ("Entre 2000 et 3999 euros", "de 2 000 à 3 999 €"),
    "foyers_qf_4000_plus": ("4000 euros ou plus", "de 4 000 € ou plus"),
    "foyers_qf_inconnu": ("Inconnu", "inconnu"),
}

# ------------------------------------------------------------------------------------------ reading


def lire_prestations(path: Path, attendues: tuple[str, ...]) -> Lecture:
    """Read CNAF's file, one row a commune and a December: the year in place of the month, blanks kept blank.

    Columns of benefits that the file lacks stay empty throughout; other months are set aside.
    """
    return _decembre(lire_base(path, attendues))


def lire_quotients(path: Path, attendues: tuple[str, ...]) -> Lecture:
    """Read CNAF's file by quotient familial, one row a commune, a month and a bracket: a bracket a column.

    A bracket that has no row in a commune is blank, never zero. `ErreurUtilisateur` on a bracket twice.
    """
    lecture = _decembre(lire_csv(path, (COMMUNE, PERIODE, "qf_400", "indfoy_ndur")))
    faits = lecture.table.reset_index()
    cle = [COMMUNE, PERIODE]
    doubles = faits[faits.duplicated([*cle, "qf_400"])]
    if len(doubles):
        double = doubles.iloc[0]
        raise ErreurUtilisateur(
            f"{path.name}, ligne {double['ligne']} : la tranche « {double['qf_400']} » est donnée deux fois pour "
            f"« {double[COMMUNE]} » : télécharger de nouveau le fichier."
        )
    lignes = faits.groupby(cle, sort=False)["ligne"].min()
    table = faits.set_index([*cle, "qf_400"])["indfoy_ndur"].unstack("qf_400").reindex(lignes.index)
    table = table.reset_index().set_axis(pd.Index(lignes.to_numpy(), name="ligne"))
    table = table.reindex(columns=list(attendues)).astype("string")
    return Lecture(table, lecture.ecartees, f"{lecture.detecte}, {nombre(len(table))} communes et années")


def _decembre(lecture: Lecture) -> Lecture:
    table = lecture.table
    garde = table[PERIODE].str.endswith(MOIS) | ~table[PERIODE].str.fullmatch(r"\d{4}-\d{2}").fillna(False)
    autres = pd.DataFrame(
        {"ligne": table.index[~garde], "motif": AUTRE_MOIS, "contenu": table.loc[~garde, PERIODE]}
    ).astype({"motif": "string", "contenu": "string"})
    table = table[garde].assign(
        **{
            PERIODE: table[PERIODE].str.removesuffix(MOIS),
            COMMUNE: table[COMMUNE].fillna(NON_LOCALISES),
        }
    )
    return Lecture(table, pd.concat([lecture.ecartees, autres], ignore_index=True), lecture.detecte)


# ------------------------------------------------------------------------------------------ sources


def _cle() -> Champ:
    champs = territoire(COMMUNE)
    champs["territoire"].checks = [
        pa.Check(
            lambda codes: codes.str.fullmatch(r"(?:\d\d|2[AB])\d{3}") | codes.eq(NON_LOCALISES),
            error="code de commune à 5 caractères attendu (un code plus court a perdu son zéro dans un tableur)",
        )
    ]
    return champs | millesime(PERIODE, "Année (décembre)", 2009)


def _prestations() -> Champ:
    champs = _cle()
    for nom, (brut, label) in _FOYERS.items():
        champs |= effectif(nom, brut, label)
    return champs


def _quotients() -> Champ:
    champs = _cle()
    for nom, (tranche, label) in QUOTIENTS.items():
        champs |= effectif(nom, tranche, f"Foyers allocataires, quotient familial {label}")
    return champs


def arrondis_a_cinq(table: pd.DataFrame) -> pd.DataFrame:
    """Rows with a count of households that is no multiple of 5: not CNAF's published figures."""
    foyers = [nom for nom in table.columns if nom.startswith(("foyers_", "personnes_"))]
    return table[(table[foyers].fillna(0) % 5 != 0).any(axis=1)]


def _source(identifiant: str, titre: str, jeu: str, champs: Champ, **autres: object) -> Source:
    return Source(
        **{
            "id": identifiant,
            "title": titre,
            "producer": PRODUCTEUR,
            "licence": LICENCE,
            "page": f"https://data.caf.fr/explore/dataset/{jeu}/",
            "address": ADRESSE.format(jeu=jeu),
            "schema": pa.DataFrameSchema(champs, unique=["territoire", "millesime"]),
            "marks": {"": Statut.SECRET},
            "checks": {"foyers arrondis à 5": arrondis_a_cinq, FICHIER_COUPE: departements_au_complet},
            "serie": "annuelle",
            "nationale": True,
        }
        | autres
    )


# Variables of the project's own compact table: the published workbook changes form every year.
_PLACES: Mapping[str, tuple[str, str]] = {
    "places_eaje": ("PLACES_EAJE", "Places en établissement d'accueil du jeune enfant"),
    "places_assistantes": ("PLACES_ASSMAT", "Places auprès d'une assistante maternelle"),
    "places_domicile": ("PLACES_DOMICILE", "Places en garde à domicile"),
    "places_prescolarisation": ("PLACES_ECOLE", "Enfants de 2 ans scolarisés"),
    "enfants_moins_3": ("ENFANTS", "Enfants de moins de 3 ans"),
}


def _places() -> Champ:
    champs = territoire() | millesime("TIME_PERIOD", "Année (31 décembre)", 2010)
    for nom, (variable, label) in _PLACES.items():
        champs |= effectif(nom, f"{variable}{{yy}}", label)
    return champs


SOURCES = (
    _source(
        "cnaf_petite_enfance",
        "Places d'accueil du jeune enfant et enfants de moins de 3 ans",
        "txcouv_pe_com",
        _places(),
        readers={".csv": lire_base},
        address="",
        checks={},
        marks={},
    ),
    _source(
        "cnaf_prestations",
        "Foyers allocataires par prestation, en décembre",
        "s_ben_com_f",
        _prestations(),
        readers={".csv": lire_prestations},
        geographie_suivante=True,
    ),
    _source(
        "cnaf_quotients",
        "Foyers allocataires selon le quotient familial, en décembre",
        "ndur_s_qf_400_com_f",
        _quotients(),
        readers={".csv": lire_quotients},
        geographie_suivante=True,
    ),
)
