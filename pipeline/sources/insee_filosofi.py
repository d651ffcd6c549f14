"""INSEE's Filosofi: income, standard of living and poverty of tax households, by territory.

In: nothing. Out: `SOURCES`. Disposable income (after transfers and taxes) by commune and by IRIS, declared income
(before them) by IRIS, and Filosofi 2, a new series from 2023 on. None is ever in one table with another: two
definitions, or a break of method. What is published is never summed nor averaged.

Rules were found by INSEE's documentation and verified on every row of the whole files of 2021.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from pipeline.model import ErreurUtilisateur, Lecture, Reserve, Source, Statut
from pipeline.sources.france import (
    FICHIER_COUPE,
    LICENCE,
    Champ,
    departements_au_complet,
    effectif,
    millesime,
    publiee,
    territoire,
)
from pipeline.sources.insee_bases import lire_base
from pipeline.sources.melodi import lecteur

PRODUCTEUR = "INSEE, DGFiP, CNAF, CNAV et CCMSA, Fichier localisé social et fiscal (Filosofi)"
PAGE_COMMUNES = "https://www.insee.fr/fr/statistiques/7756729"
PAGE_IRIS = "https://www.insee.fr/fr/statistiques/8229323"
PAGE_FILOSOFI_2 = "https://catalogue-donnees.insee.fr/fr/catalogue/recherche/DS_FILOSOFI_CC"
ADRESSE_FILOSOFI_2 = "https://api.insee.fr/melodi/file/DS_FILOSOFI_CC/DS_FILOSOFI_CC_{millesime}_CSV_FR"

DERNIERE_ANNEE = 2021
PREMIERE_ANNEE_2 = 2023
PLANCHER_PAUVRETE = 5
# What the API writes in place of a figure that is not disseminated.
NON_DIFFUSE = "{}"
MARQUES = {
    "s": Statut.SECRET,
    "nd": Statut.ABSENT,
    "ns": Statut.ABSENT,
    "so": Statut.ABSENT,
}

# ------------------------------------------------------------------------------------------- columns

_EUROS = (0, 500_000)
_PART = (0, 100)
# A share of income may pass 100 % (before taxes) or fall under 0 (losses).
_PART_REVENU = (-100, 200)

# Our name: INSEE's stem, Melodi's measure, label, bounds.
_DISTRIBUTION = {
    "niveau_vie_median": (
        "MED",
        "MED_SL",
        "Niveau de vie médian (€ par an et par unité de consommation)",
        _EUROS,
    ),
    "part_menages_imposes": ("PIMP", "S_HH_TAX", "Part des ménages fiscaux imposés (%)", _PART),
    "taux_pauvrete": ("TP60", "PR_MD60", "Taux de pauvreté au seuil de 60 % (%)", _PART),
    "decile_1": ("D1", "D1_SL", "Premier décile du niveau de vie (€)", _EUROS),
    "decile_9": ("D9", "D9_SL", "Neuvième décile du niveau de vie (€)", _EUROS),
    "rapport_interdecile": ("RD", "IR_D9_D1_SL", "Rapport interdécile D9/D1", (1, 10_000)),
    "gini": ("GI", "GI_SL", "Indice de Gini", (0, 1)),
}
_AGES = {
    "moins_30": ("TP60AGE1", "de moins de 30 ans"),
    "30_39": ("TP60AGE2", "de 30 à 39 ans"),
    "40_49": ("TP60AGE3", "de 40 à 49 ans"),
    "50_59": ("TP60AGE4", "de 50 à 59 ans"),
    "60_74": ("TP60AGE5", "de 60 à 74 ans"),
    "75_plus": ("TP60AGE6", "de 75 ans ou plus"),
}
_OCCUPATIONS = {"proprietaires": ("TP60TOL1", "propriétaire"), "locataires": ("TP60TOL2", "locataire")}
_STRUCTURE = {
    "part_revenus_activite": ("PACT", "S_EI_DI", "Part des revenus d'activité (%)"),
    "part_salaires": ("PTSA", "S_EI_DI_SAL", "Part des salaires et traitements (%)"),
    "part_chomage": ("PCHO", "S_EI_DI_UNE", "Part des indemnités de chômage (%)"),
    "part_independants": ("PBEN", "S_EI_DI_N_SAL", "Part des revenus des activités non salariées (%)"),
    "part_pensions": ("PPEN", "S_RET_PEN_DI", "Part des pensions, retraites et rentes (%)"),
    "part_patrimoine": ("PPAT", "S_INC_ASS_DI", "Part des revenus du patrimoine et autres revenus (%)"),
    "part_prestations": ("PPSOC", "S_SOC_BEN_DI", "Part des prestations sociales (%)"),
    "part_prestations_familiales": ("PPFAM", "S_SOC_BEN_DI_FAM_BEN", "Part des prestations familiales (%)"),
    "part_minima_sociaux": ("PPMINI", "S_SOC_BEN_DI_MIN_SOC", "Part des minima sociaux (%)"),
    "part_prestations_logement": ("PPLOGT", "S_SOC_BEN_DI_HOU_BEN", "Part des prestations logement (%)"),
    "part_impots": ("PIMPOT", "S_DIR_TAX_DI", "Part des impôts, déduits (%)"),
}


def _mesure(code: str) -> dict[str, str]:
    return {"FILOSOFI_MEASURE": code}


def _champs(prefixe: str = "") -> Champ:
    """Standard of living, poverty and structure of the disposable income, as published."""
    champs: Champ = {}
    for nom, (tige, code, label, bornes) in _DISTRIBUTION.items():
        champs |= publiee(nom, f"{prefixe}{tige}{{yy}}", label, *bornes, melodi=_mesure(code))
    for nom, (tige, code, label) in _STRUCTURE.items():
        champs |= publiee(nom, f"{prefixe}{tige}{{yy}}", label, *_PART_REVENU, melodi=_mesure(code))
    return champs


def _menages() -> Champ:
    return effectif("menages_fiscaux", "NBMENFISC{yy}", "Ménages fiscaux", _mesure("NUM_HH")) | effectif(
        "personnes_menages_fiscaux", "NBPERSMENFISC{yy}", "Personnes des ménages fiscaux", _mesure("NUM_PER")
    )


def _pauvretes() -> Champ:
    champs: Champ = {}
    for nom, (tige, label) in _AGES.items():
        texte = f"Taux de pauvreté, référent fiscal {label} (%)"
        champs |= publiee(f"taux_pauvrete_{nom}", f"{tige}{{yy}}", texte, *_PART)
    for nom, (tige, label) in _OCCUPATIONS.items():
        texte = f"Taux de pauvreté, ménage {label} (%)"
        champs |= publiee(f"taux_pauvrete_{nom}", f"{tige}{{yy}}", texte, *_PART)
    return champs


_AVANT_2022 = (
    f"la série s'arrête en {DERNIERE_ANNEE} : un fichier de {PREMIERE_ANNEE_2} ou après est de Filosofi 2, "
    "source insee_filosofi_2"
)
_APRES_2022 = (
    f"Filosofi 2 commence en {PREMIERE_ANNEE_2} : un fichier d'avant est de la source insee_filosofi"
)

# -------------------------------------------------------------------------------------------- checks


def _egales(somme: pd.Series, total: pd.Series, table: pd.DataFrame) -> pd.DataFrame:
    """Rows where a sum is known and is not the total it should be, to a tenth of a point."""
    return table[(somme - total).abs() > 0.051]


def revenus_font_le_revenu_disponible(table: pd.DataFrame) -> pd.DataFrame:
    """Rows where activity, pensions, assets and benefits, less taxes, do not make 100 % of the income."""
    parts = ["part_revenus_activite", "part_pensions", "part_patrimoine", "part_prestations"]
    somme = table[parts].sum(axis=1, skipna=False) - table["part_impots"].abs()
    return _egales(somme, pd.Series(100.0, table.index), table)


def activites_font_les_revenus_activite(table: pd.DataFrame) -> pd.DataFrame:
    """Rows where wages, unemployment benefits and self-employment do not make the income of activity."""
    somme = table[["part_salaires", "part_chomage", "part_independants"]].sum(axis=1, skipna=False)
    return _egales(somme, table["part_revenus_activite"], table)


def prestations_font_leur_total(table: pd.DataFrame) -> pd.DataFrame:
    """Rows where family, minimum and housing benefits do not make the benefits."""
    parts = ["part_prestations_familiales", "part_minima_sociaux", "part_prestations_logement"]
    return _egales(table[parts].sum(axis=1, skipna=False), table["part_prestations"], table)


def distribution_selon_la_taille(table: pd.DataFrame) -> pd.DataFrame:
    """Rows that break INSEE's rule: deciles are given from 1,000 households or 2,000 persons on, and no less.

    Only where the file has deciles at all. Verified on the 34,909 communes of 2021: no exception.
    """
    if table["decile_1"].isna().all():
        return table.iloc[:0]
    connus = table.dropna(subset=["menages_fiscaux", "personnes_menages_fiscaux"])
    grande = (connus["menages_fiscaux"] >= 1_000) | (connus["personnes_menages_fiscaux"] >= 2_000)
    return connus[grande != connus["decile_1"].notna()]


def rapport_des_deciles(table: pd.DataFrame) -> pd.DataFrame:
    """Rows where D9/D1 is not the ratio of the two deciles, within what rounding to 10 € allows."""
    arrondi = (
        5 * (table["decile_9"] + table["decile_1"]) / (table["decile_1"] * (table["decile_1"] - 5)) + 0.051
    )
    ecart = (table["decile_9"] / table["decile_1"] - table["rapport_interdecile"]).abs()
    return table[(table["decile_1"] > 500) & (ecart > arrondi)]


def revenus_font_le_revenu_declare(table: pd.DataFrame) -> pd.DataFrame:
    """Rows where activity, pensions and other income do not make 100 % of the declared income."""
    parts = ["part_revenus_activite", "part_pensions", "part_autres"]
    return _egales(table[parts].sum(axis=1, skipna=False), pd.Series(100.0, table.index), table)


_ACTIVITES = {"salaires + chômage + indépendants = revenus d'activité": activites_font_les_revenus_activite}
_IDENTITES = {
    "activité + pensions + patrimoine + prestations − impôts = 100 %": revenus_font_le_revenu_disponible,
    **_ACTIVITES,
    "famille + minima + logement = prestations": prestations_font_leur_total,
    "D9/D1 = rapport interdécile": rapport_des_deciles,
}
_COMPLET = {FICHIER_COUPE: departements_au_complet}

# ----------------------------------------------------------------------------------------- reserves


def _au_plancher(table: pd.DataFrame, colonne: str) -> pd.Series:
    return table[colonne] == PLANCHER_PAUVRETE


def _incertaine(table: pd.DataFrame, colonne: str) -> pd.Series:
    return table["incertitude"] >= 2


def _annotee(table: pd.DataFrame, colonne: str) -> pd.Series:
    return table["note"] > 0


PLANCHER = Reserve(
    Statut.PLANCHER,
    f"l'INSEE écrit {PLANCHER_PAUVRETE} % pour tout taux inférieur",
    ("taux_pauvrete", *(f"taux_pauvrete_{nom}" for nom in (*_AGES, *_OCCUPATIONS))),
    _au_plancher,
)


def _reserves_iris(champs: Champ) -> tuple[Reserve, ...]:
    """What an IRIS file says of its own figures: a rate known within two points, a note on the whole row.

    Verified on the file of 2021: where the index is 2, every rate is odd, that is, published by steps of two.
    """
    signaux = _signaux("")
    publiees = tuple(nom for nom, champ in champs.items() if champ.metadata["publie"] and nom not in signaux)
    taux = tuple(nom for nom in ("taux_pauvrete", "part_menages_imposes") if nom in champs)
    return (
        Reserve(
            Statut.FRAGILE, "l'INSEE ne connaît ce taux qu'à un point près (incertitude 2)", taux, _incertaine
        ),
        Reserve(Statut.FRAGILE, "l'INSEE appelle à la prudence pour cet IRIS (note)", publiees, _annotee),
    )


def _signaux(prefixe: str) -> Champ:
    return publiee(
        "incertitude", f"{prefixe}INCERT{{yy}}", "Indice d'incertitude de l'INSEE", 1, 3
    ) | publiee("note", f"{prefixe}NOTE{{yy}}", "Note de précaution de l'INSEE", 0, 9)


# ------------------------------------------------------------------------------------ Melodi's API


def lire_api(path: Path, attendues: tuple[str, ...]) -> Lecture:
    """Read an answer of Melodi's API (JSON): one row a territory and vintage, empty where nothing is published.

    An observation of a measure that is not wanted is set aside; one page of several is refused.
    """
    try:
        reponse = json.loads(path.read_text(encoding="utf-8"))
        observations, suite = reponse["observations"], reponse.get("paging", {}).get("next")
        lignes = [_observation(rang, observation) for rang, observation in enumerate(observations, 1)]
    except (AttributeError, KeyError, TypeError, ValueError) as erreur:
        raise ErreurUtilisateur(
            f"{path.name} n'est pas une réponse de l'API Melodi (coupée, ou page d'erreur) : la demander de nouveau."
        ) from erreur
    if suite:
        raise ErreurUtilisateur(
            f"{path.name} n'est qu'une page de la réponse de l'API Melodi : donner son « adresse » dans edition.toml "
            "et lancer « make donnees », qui les réunit."
        )
    table = pd.DataFrame(lignes, columns=["ligne", "CODGEO", "TIME_PERIOD", "mesure", "valeur"])
    tiges = {code: tige for _, tige, code in _codes() if tige in attendues}
    voulues = table["mesure"].isin(tiges)
    large = _elargir(table[voulues], tiges, attendues)
    autres = table[~voulues].assign(motif="mesure non déclarée")
    ecartees = autres.rename(columns={"mesure": "contenu"})[["ligne", "motif", "contenu"]]
    return Lecture(
        large,
        ecartees.astype({"motif": "string", "contenu": "string"}),
        f"API Melodi, {len(table)} observations",
    )


def _observation(rang: int, observation: dict) -> tuple[int, str, str, str, str]:
    dimensions = observation["dimensions"]
    _, niveau, code = dimensions["GEO"].split("-", 2)
    valeur = observation["measures"]["OBS_VALUE_NIVEAU"].get("value")
    lieu = code if niveau == "COM" else f"{niveau}-{code}"
    texte = NON_DIFFUSE if valeur is None else f"{valeur:.10g}"
    return rang, lieu, dimensions["TIME_PERIOD"], dimensions["FILOSOFI_MEASURE"], texte


def _codes() -> list[tuple[str, str, str]]:
    """Our name, INSEE's stem, Melodi's measure, for what Filosofi 2 holds."""
    return [
        (nom, declaree.metadata["brut"].replace("{yy}", ""), declaree.metadata["melodi"]["FILOSOFI_MEASURE"])
        for nom, declaree in (_menages() | _champs()).items()
    ]


def _elargir(table: pd.DataFrame, tiges: dict[str, str], attendues: tuple[str, ...]) -> pd.DataFrame:
    cle = ["CODGEO", "TIME_PERIOD"]
    premieres = table.groupby(cle, sort=False)["ligne"].min()
    nommee = table.assign(tige=table["mesure"].map(tiges))
    large = nommee.set_index([*cle, "tige"])["valeur"].unstack("tige").reindex(premieres.index).reset_index()
    large = large.set_axis(pd.Index(premieres.to_numpy(), name="ligne"))
    return large.reindex(columns=list(attendues)).astype("string")


# ------------------------------------------------------------------------------------------ sources


def _source(
    identifiant: str,
    titre: str,
    champs: Champ,
    checks: dict[str, Callable[[pd.DataFrame], pd.DataFrame]],
    **autres: object,
) -> Source:
    return Source(
        **{
            "id": identifiant,
            "title": titre,
            "producer": PRODUCTEUR,
            "licence": LICENCE,
            "page": PAGE_COMMUNES,
            "schema": pa.DataFrameSchema(champs, unique=["territoire", "millesime"]),
            "readers": {".csv": lire_base},
            "marks": MARQUES,
            "checks": checks | _COMPLET,
            "serie": "annuelle",
            "nationale": True,
        }
        | autres
    )


def _annee(fin: int = DERNIERE_ANNEE) -> Champ:
    return millesime("TIME_PERIOD", "Année des revenus", 2012, fin, _AVANT_2022)


_DISPONIBLES = territoire() | _annee() | _menages() | _champs() | _pauvretes()
_IRIS_DISPONIBLES = {
    nom: champ
    for nom, champ in (
        territoire("IRIS", iris=True) | _annee() | _champs("DISP_") | _signaux("DISP_")
    ).items()
    if nom != "part_menages_imposes"
}
_IRIS_DECLARES = (
    territoire("IRIS", iris=True)
    | _annee()
    | publiee("revenu_declare_median", "DEC_MED{yy}", "Revenu déclaré médian (€ par UC)", *_EUROS)
    | publiee("part_menages_imposes", "DEC_PIMP{yy}", "Part des ménages fiscaux imposés (%)", *_PART)
    | publiee("taux_pauvrete", "DEC_TP60{yy}", "Taux de bas revenus déclarés au seuil de 60 % (%)", *_PART)
    | publiee("decile_1", "DEC_D1{yy}", "Premier décile du revenu déclaré (€)", *_EUROS)
    | publiee("decile_9", "DEC_D9{yy}", "Neuvième décile du revenu déclaré (€)", *_EUROS)
    | publiee("rapport_interdecile", "DEC_RD{yy}", "Rapport interdécile D9/D1", 1, 10_000)
    | publiee("gini", "DEC_GI{yy}", "Indice de Gini", 0, 1)
    | publiee("part_revenus_activite", "DEC_PACT{yy}", "Part des revenus d'activité (%)", *_PART_REVENU)
    | publiee("part_salaires", "DEC_PTSA{yy}", "Part des salaires et traitements (%)", *_PART_REVENU)
    | publiee("part_chomage", "DEC_PCHO{yy}", "Part des indemnités de chômage (%)", *_PART_REVENU)
    | publiee("part_independants", "DEC_PBEN{yy}", "Part des activités non salariées (%)", *_PART_REVENU)
    | publiee("part_pensions", "DEC_PPEN{yy}", "Part des pensions, retraites et rentes (%)", *_PART_REVENU)
    | publiee("part_autres", "DEC_PAUT{yy}", "Part des autres revenus (%)", *_PART_REVENU)
    | _signaux("DEC_")
)
_FILOSOFI_2 = (
    territoire()
    | millesime("TIME_PERIOD", "Année des revenus", PREMIERE_ANNEE_2, avertir=_APRES_2022)
    | _menages()
    | _champs()
)

SOURCES = (
    _source(
        "insee_filosofi",
        "Revenus, pauvreté et niveau de vie (revenu disponible, jusqu'en 2021)",
        _DISPONIBLES,
        {
            **_IDENTITES,
            "distribution publiée à partir de 1 000 ménages ou 2 000 personnes": distribution_selon_la_taille,
        },
        readers={".csv": lire_base, ".zip": lecteur(pa.DataFrameSchema(_DISPONIBLES))},
        reserves=(PLANCHER,),
        completee=True,
    ),
    _source(
        "insee_filosofi_iris",
        "Revenus, pauvreté et niveau de vie par IRIS (revenu disponible, jusqu'en 2021)",
        _IRIS_DISPONIBLES,
        _IDENTITES,
        page=PAGE_IRIS,
        reserves=_reserves_iris(_IRIS_DISPONIBLES),
    ),
    _source(
        "insee_filosofi_iris_declare",
        "Revenus déclarés par IRIS (avant redistribution, jusqu'en 2021)",
        _IRIS_DECLARES,
        {
            "activité + pensions + autres revenus = 100 %": revenus_font_le_revenu_declare,
            **_ACTIVITES,
            "D9/D1 = rapport interdécile": rapport_des_deciles,
        },
        page=PAGE_IRIS,
        reserves=_reserves_iris(_IRIS_DECLARES),
    ),
    _source(
        "insee_filosofi_2",
        "Revenus, pauvreté et niveau de vie (Filosofi 2, à partir de 2023)",
        _FILOSOFI_2,
        _IDENTITES,
        page=PAGE_FILOSOFI_2,
        address=ADRESSE_FILOSOFI_2,
        address_suffix=".zip",
        readers={".csv": lire_base, ".zip": lecteur(pa.DataFrameSchema(_FILOSOFI_2)), ".json": lire_api},
        marks={NON_DIFFUSE: Statut.ABSENT, "": Statut.ABSENT},
    ),
)
