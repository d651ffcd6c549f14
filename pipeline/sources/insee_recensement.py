"""INSEE's census of France: what each theme holds, by territory and vintage, and what must hold in it.

In: nothing. Out: `SOURCES`, one `Source` a theme and exploitation. Principale (all the forms) and complémentaire (a
quarter of the households of communes under 10,000 inhabitants) estimate the same things and never mix: one table
each. A column says its INSEE stem (`P{yy}_POP0014`) and, where Melodi holds it, its combination of dimensions: the
schema is the crosswalk. Counts are weighted, and are not whole numbers.

Combinations were read in INSEE's files and in public programs that read them; a variable whose combination is not
known for sure has none, and is read from the wide bases only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd
import pandera.pandas as pa

from pipeline.model import Source
from pipeline.sources.france import (
    FICHIER_COUPE,
    LICENCE,
    Champ,
    commune_ou_iris,
    departements_au_complet,
    effectif,
    millesime,
)
from pipeline.sources.insee_bases import lire_base
from pipeline.sources.melodi import lecteur

PRODUCTEUR = "INSEE, recensement de la population"
PREMIER_RECENSEMENT = 1968
PAGE = "https://www.insee.fr/fr/information/2880845"
CATALOGUE = "https://catalogue-donnees.insee.fr/fr/catalogue/recherche"
ADRESSE = "https://api.insee.fr/melodi/file/{jeu}/{jeu}_{{millesime}}_CSV_FR"

# ------------------------------------------------------------------------------------------- columns

Ages = tuple[int, int | None]


def _effectif(nom: str, tige: str, label: str, melodi: Mapping[str, str] | None = None) -> Champ:
    """A count: our name, INSEE's stem (`P_POP`), its label, and the dimensions it is in Melodi."""
    brut = f"{tige[0]}{{yy}}{tige[1:]}" if tige[1] == "_" else tige
    return effectif(nom, brut, label, dict(melodi) if melodi else None)


def _bornes(ages: Ages) -> str:
    """Ages as INSEE's stems write them: `0014`, `80P`."""
    debut, fin = ages
    return f"{debut:02d}P" if fin is None else f"{debut:02d}{fin:02d}"


def _suffixe(ages: Ages) -> str:
    """Ages as our names write them: `0_14`, `80_plus`."""
    debut, fin = ages
    return f"{debut}_plus" if fin is None else f"{debut}_{fin}"


def _age(ages: Ages) -> str:
    """Ages as Melodi writes them: `Y_LT15`, `Y15T24`, `Y_GE80`."""
    debut, fin = ages
    if fin is None:
        return f"Y_GE{debut}"
    return f"Y{debut}T{fin}" if debut else f"Y_LT{fin + 1}"


def _ans(ages: Ages) -> str:
    """Ages as people say them."""
    debut, fin = ages
    return f"{debut} ans ou plus" if fin is None else f"{debut} à {fin} ans"


# Prefix of our names → letter of INSEE's stems, word of the label, value in Melodi.
_SEXES = {"": ("", "", "_T"), "hommes_": ("H", ", hommes", "M"), "femmes_": ("F", ", femmes", "F")}
_CATEGORIES = {
    "agriculteurs": ("CS1", "agriculteurs exploitants", "1"),
    "artisans": ("CS2", "artisans, commerçants, chefs d'entreprise", "2"),
    "cadres": ("CS3", "cadres et professions intellectuelles supérieures", "3"),
    "intermediaires": ("CS4", "professions intermédiaires", "4"),
    "employes": ("CS5", "employés", "5"),
    "ouvriers": ("CS6", "ouvriers", "6"),
}
_SANS_ACTIVITE = {
    "retraites": ("CS7", "retraités", "7"),
    "autres_inactifs": ("CS8", "autres personnes sans activité professionnelle", "9"),
}

# -------------------------------------------------------------------------------------------- checks

Controle = Callable[[pd.DataFrame], pd.DataFrame]


def _ecarts(total: str, parties: tuple[str, ...], table: pd.DataFrame) -> pd.DataFrame:
    """Rows whose parts, all known, do not add up to their total: but for the fifth decimal, or for whole rounding."""
    noms = [total, *parties]
    nombres = table[noms].to_numpy()
    ecarts = np.abs(nombres[:, 0] - nombres[:, 1:].sum(axis=1))
    decimales, arrondis = 0.001 + 1e-6 * nombres[:, 0], (len(parties) + 1) / 2
    # few rows are in doubt: the others are not looked at further
    lignes = np.flatnonzero(ecarts > np.minimum(decimales, arrondis))
    entieres = (nombres[lignes] % 1 == 0).all(axis=1)
    permis = np.where(entieres, arrondis, decimales[lignes])
    return table[noms].iloc[lignes[ecarts[lignes] > permis]]


def _font(total: str, *parties: str) -> Controle:
    return partial(_ecarts, total, parties)


def _excedents(partie: str, tout: str, table: pd.DataFrame) -> pd.DataFrame:
    """Rows where a part is more than its whole, but for rounding."""
    return table[table[partie] > table[tout] + 1]


def _dans(partie: str, tout: str) -> Controle:
    return partial(_excedents, partie, tout)


def _noms(prefixe: str, *ages: Ages) -> tuple[str, ...]:
    return tuple(prefixe + _suffixe(bornes) for bornes in ages)


# ------------------------------------------------------------------------------------------- sources


def _source(
    theme: str,
    titre: str,
    jeu: str,
    champs: Champ,
    checks: Mapping[str, Controle],
    *,
    melodi: bool = True,
    completee: bool = False,
) -> Source:
    """A theme of the census: its exploitation is that of its stems."""
    cle = {**commune_ou_iris(), **millesime("TIME_PERIOD", "Recensement", PREMIER_RECENSEMENT)}
    schema = pa.DataFrameSchema({**cle, **champs}, unique=list(cle))
    complementaire = next(iter(champs.values())).metadata["brut"].startswith("C{yy}")
    exploitation = "complementaire" if complementaire else "principale"
    return Source(
        id=f"insee_rp_{theme}",
        title=titre,
        producer=f"{PRODUCTEUR}, exploitation {'complémentaire' if complementaire else 'principale'}",
        licence=LICENCE,
        page=f"{CATALOGUE}/{jeu}" if melodi else PAGE,
        address=ADRESSE.format(jeu=jeu) if melodi else "",
        address_suffix=".zip" if melodi else "",
        schema=schema,
        readers={".csv": lire_base} | ({".zip": lecteur(schema)} if melodi else {}),
        checks={**checks, FICHIER_COUPE: departements_au_complet},
        exploitation=exploitation,
        nationale=True,
        completee=completee,
    )


# The ages of the wide bases (communes), of IRIS bases, and of Melodi: none holds them all.
QUINZE_ANS: tuple[Ages, ...] = ((0, 14), (15, 29), (30, 44), (45, 59), (60, 74), (75, 89), (90, None))
QUINZE_ANS_75: tuple[Ages, ...] = (*QUINZE_ANS[:5], (75, None))
MELODI: tuple[Ages, ...] = ((0, 14), (15, 24), (25, 39), (40, 54), (55, 64), (65, 79), (80, None))
TROIS_AGES: tuple[Ages, ...] = ((0, 19), (20, 64), (65, None))
ENFANCES: tuple[Ages, ...] = ((0, 2), (3, 5), (6, 10), (11, 17), (18, 24))
IRIS: tuple[Ages, ...] = (*ENFANCES, (25, 39), (40, 54), (55, 64), (65, 79), (80, None))
_AVEC_SEXE = tuple(dict.fromkeys((*QUINZE_ANS, (75, None), *TROIS_AGES, *MELODI)))
_SANS_SEXE = tuple(dict.fromkeys((*ENFANCES, *_AVEC_SEXE)))


def _population(ages: Ages, prefixe: str) -> Champ:
    lettre, mot, sexe = _SEXES[prefixe]
    tige = f"P_{lettre or 'POP'}{_bornes(ages)}"
    melodi = {"AGE": _age(ages), "SEX": sexe} if ages in (*MELODI, *TROIS_AGES) else None
    nom = (prefixe or "pop_") + _suffixe(ages)
    return _effectif(nom, tige, f"Population de {_ans(ages)}{mot}", melodi)


def _fusion(*champs: Champ) -> Champ:
    return {nom: colonne_ for champ in champs for nom, colonne_ in champ.items()}


POPULATION = _source(
    "population",
    "Population par sexe et âge",
    "DS_RP_POPULATION_PRINC",
    _fusion(
        _effectif("pop", "P_POP", "Population", {"AGE": "_T", "SEX": "_T"}),
        _effectif("hommes", "P_POPH", "Hommes", {"AGE": "_T", "SEX": "M"}),
        _effectif("femmes", "P_POPF", "Femmes", {"AGE": "_T", "SEX": "F"}),
        *(_population(ages, "") for ages in _SANS_SEXE),
        *(_population(ages, sexe) for sexe in ("hommes_", "femmes_") for ages in _AVEC_SEXE),
        _effectif("pop_menages", "P_PMEN", "Population des ménages"),
        _effectif("pop_hors_menages", "P_PHORMEN", "Population vivant hors d'un ménage"),
    ),
    {
        "les âges font la population (tranches de quinze ans)": _font("pop", *_noms("pop_", *QUINZE_ANS)),
        "les âges font la population (75 ans et plus ensemble)": _font("pop", *_noms("pop_", *QUINZE_ANS_75)),
        "les âges font la population (tranches de Melodi)": _font("pop", *_noms("pop_", *MELODI)),
        "les âges font la population (tranches des IRIS)": _font("pop", *_noms("pop_", *IRIS)),
        "les trois grands âges font la population": _font("pop", *_noms("pop_", *TROIS_AGES)),
        "les hommes et les femmes font la population": _font("pop", "hommes", "femmes"),
        "les âges des hommes font les hommes": _font("hommes", *_noms("hommes_", *TROIS_AGES)),
        "les âges des femmes font les femmes": _font("femmes", *_noms("femmes_", *TROIS_AGES)),
        "la population des ménages et le reste font la population": _font(
            "pop", "pop_menages", "pop_hors_menages"
        ),
    },
    completee=True,
)

_ADULTES: tuple[Ages, ...] = ((15, 24), (25, 54), (55, None))


def _categories(noms: Mapping[str, tuple[str, str, str]], ages: Ages, prefixe: str) -> Champ:
    lettre, mot, sexe = _SEXES[prefixe]
    ensemble = f"C_{lettre or 'POP'}{_bornes(ages)}"
    reste = _suffixe(ages)
    return _fusion(
        _effectif(
            f"{prefixe or 'pop_'}{reste}",
            ensemble,
            f"Population de {_ans(ages)}{mot}",
            {"AGE": _age(ages), "SEX": sexe, "PCS": "_T"},
        ),
        *(
            _effectif(
                f"{prefixe}{nom}_{reste}",
                f"{ensemble}_{code}",
                f"Population de {_ans(ages)}{mot}, {libelle}",
                {"AGE": _age(ages), "SEX": sexe, "PCS": pcs},
            )
            for nom, (code, libelle, pcs) in noms.items()
        ),
    )


_TOUTES = {**_CATEGORIES, **_SANS_ACTIVITE}
_QUINZE_PLUS: Ages = (15, None)

POPULATION_COMP = _source(
    "population_comp",
    "Population de 15 ans ou plus par catégorie socioprofessionnelle",
    "DS_RP_POPULATION_COMP",
    _fusion(
        *(_categories(_TOUTES, _QUINZE_PLUS, sexe) for sexe in _SEXES),
        *(_categories(_TOUTES, ages, "") for ages in _ADULTES),
    ),
    {
        "les catégories font les 15 ans ou plus": _font(
            "pop_15_plus", *(f"{nom}_15_plus" for nom in _TOUTES)
        ),
        "les catégories des hommes font les hommes": _font(
            "hommes_15_plus", *(f"hommes_{nom}_15_plus" for nom in _TOUTES)
        ),
        "les catégories des femmes font les femmes": _font(
            "femmes_15_plus", *(f"femmes_{nom}_15_plus" for nom in _TOUTES)
        ),
        "les hommes et les femmes font les 15 ans ou plus": _font(
            "pop_15_plus", "hommes_15_plus", "femmes_15_plus"
        ),
        "les âges font les 15 ans ou plus": _font("pop_15_plus", *_noms("pop_", *_ADULTES)),
        "les âges font les retraités": _font("retraites_15_plus", *_noms("retraites_", *_ADULTES)),
    },
)


def _menage(nom: str, tige: str, label: str, tph: str, mesure: str = "DWELLINGS") -> Champ:
    return _effectif(nom, tige, label, {"RP_MEASURE": mesure, "TPH": tph, "PCS": "_T"})


MENAGES_COMP = _source(
    "menages_comp",
    "Ménages selon leur composition",
    "DS_RP_MENAGES_COMP",
    _fusion(
        _menage("menages", "C_MEN", "Ménages", "_T"),
        _menage("pop_menages", "C_PMEN", "Population des ménages", "_T", "DWELLINGS_POPSIZE"),
        _menage("personnes_seules", "C_MENPSEUL", "Ménages d'une personne", "11"),
        _menage("hommes_seuls", "C_MENHSEUL", "Hommes seuls", "110"),
        _menage("femmes_seules", "C_MENFSEUL", "Femmes seules", "111"),
        _menage("sans_famille", "C_MENSFAM", "Autres ménages sans famille", "12"),
        _menage("avec_famille", "C_MENFAM", "Ménages avec famille", "2"),
        _menage(
            "couples_sans_enfant",
            "C_MENCOUPSENF",
            "Ménages dont la famille principale est un couple sans enfant",
            "MF221",
        ),
        _menage(
            "couples_avec_enfant",
            "C_MENCOUPAENF",
            "Ménages dont la famille principale est un couple avec enfant",
            "MF222",
        ),
        _menage(
            "monoparentaux", "C_MENFAMMONO", "Ménages dont la famille principale est monoparentale", "MF21"
        ),
    ),
    {
        "les compositions font les ménages": _font(
            "menages", "personnes_seules", "sans_famille", "avec_famille"
        ),
        "les familles principales font les ménages avec famille": _font(
            "avec_famille", "couples_sans_enfant", "couples_avec_enfant", "monoparentaux"
        ),
        "les hommes et les femmes seuls font les ménages d'une personne": _font(
            "personnes_seules", "hommes_seuls", "femmes_seules"
        ),
    },
)

_ENFANTS = {
    "0": ("0", "CH0_Y_LT25", "sans enfant"),
    "1": ("1", "CH1_Y_LT25", "avec un enfant"),
    "2": ("2", "CH2_Y_LT25", "avec deux enfants"),
    "3": ("3", "CH3_Y_LT25", "avec trois enfants"),
    "4_plus": ("4P", "CH_GE4_Y_LT25", "avec quatre enfants ou plus"),
}


def _famille(nom: str, tige: str, label: str, tfn: str, nch: str = "_T") -> Champ:
    return _effectif(nom, tige, label, {"RP_MEASURE": "NBFAM", "TFN": tfn, "NCH": nch})


FAMILLES = _source(
    "familles",
    "Familles selon leur composition et le nombre d'enfants",
    "DS_RP_FAMILLE_COMP",
    _fusion(
        _famille("familles", "C_FAM", "Familles", "_T"),
        _famille("couples_avec_enfant", "C_COUPAENF", "Couples avec enfant", "22"),
        _famille("couples_sans_enfant", "C_COUPSENF", "Couples sans enfant", "21"),
        _famille("monoparentales", "C_FAMMONO", "Familles monoparentales", "1"),
        _famille("peres_seuls", "C_HMONO", "Pères seuls", "11"),
        _famille("meres_seules", "C_FMONO", "Mères seules", "12"),
        _famille(
            "traditionnelles", "C_FAMTRAD", "Couples avec uniquement des enfants des deux parents", "223"
        ),
        _famille(
            "recomposees", "C_FAMRECOMP", "Couples avec au moins un enfant d'un seul des deux parents", "220"
        ),
        *(
            _famille(
                f"enfants_{nom}", f"C_NE24F{code}", f"Familles {libelle} de moins de 25 ans", "_T", melodi
            )
            for nom, (code, melodi, libelle) in _ENFANTS.items()
        ),
    ),
    {
        "les types de famille font les familles": _font(
            "familles", "couples_avec_enfant", "couples_sans_enfant", "monoparentales"
        ),
        "les pères et les mères seuls font les familles monoparentales": _font(
            "monoparentales", "peres_seuls", "meres_seules"
        ),
        "les nombres d'enfants font les familles": _font("familles", *(f"enfants_{nom}" for nom in _ENFANTS)),
        "les familles traditionnelles et recomposées font les couples avec enfant": _font(
            "couples_avec_enfant", "traditionnelles", "recomposees"
        ),
    },
)

# The wide bases cut 15-24 in two, Melodi does not.
SEULS: tuple[Ages, ...] = ((15, 19), (20, 24), (25, 39), (40, 54), (55, 64), (65, 79), (80, None))
_SEULS_MELODI: tuple[Ages, ...] = ((15, 24), *SEULS[2:])


def _cohabitation(ages: Ages) -> Champ:
    autres = {"AGE": _age(ages), "COUPLE": "_T", "CIVIL_STATUS": "_T"}
    mesures = {"seules": "ONEPERS", "menages": "DWELLINGS_POPSIZE"}
    seules, menages = (
        {"RP_MEASURE": mesure, **autres} if ages in _SEULS_MELODI else None for mesure in mesures.values()
    )
    return _fusion(
        _effectif(
            f"pop_menages_{_suffixe(ages)}",
            f"P_POPMEN{_bornes(ages)}",
            f"Population des ménages de {_ans(ages)}",
            menages,
        ),
        _effectif(
            f"seules_{_suffixe(ages)}",
            f"P_POP{_bornes(ages)}_PSEUL",
            f"Personnes de {_ans(ages)} vivant seules",
            seules,
        ),
    )


MENAGES = _source(
    "menages",
    "Personnes vivant seules et population des ménages par âge",
    "DS_RP_MENAGES_PRINC",
    _fusion(*(_cohabitation(ages) for ages in dict.fromkeys((*SEULS, *_SEULS_MELODI)))),
    {
        f"les {_ans(ages)} vivant seuls sont de la population des ménages": _dans(
            f"seules_{_suffixe(ages)}", f"pop_menages_{_suffixe(ages)}"
        )
        for ages in dict.fromkeys((*SEULS, *_SEULS_MELODI))
    },
)


def _logement(
    nom: str, tige: str, label: str, ocs: str = "DW_MAIN", mesure: str = "DWELLINGS", **autres: str
) -> Champ:
    dimensions = dict.fromkeys(
        ("TSH", "NOR", "TDW", "L_STAY", "BUILD_END", "CARS", "CARPARK", "NRG_SRC"), "_T"
    )
    return _effectif(nom, tige, label, {"RP_MEASURE": mesure, "OCS": ocs, **dimensions, **autres})


_PIECES = {
    "1_piece": ("1P", "R1", "d'une pièce"),
    "2_pieces": ("2P", "R2", "de deux pièces"),
    "3_pieces": ("3P", "R3", "de trois pièces"),
    "4_pieces": ("4P", "R4", "de quatre pièces"),
    "5_pieces_plus": ("5PP", "R_GE5", "de cinq pièces ou plus"),
}
_EPOQUES = {
    "avant_1919": ("ACH19", "Y_LT1919", "achevées avant 1919"),
    "1919_1945": ("ACH45", "Y1919T1945", "achevées de 1919 à 1945"),
    "1946_1970": ("ACH70", "Y1946T1970", "achevées de 1946 à 1970"),
    "1971_1990": ("ACH90", "Y1971T1990", "achevées de 1971 à 1990"),
    "1991_2005": ("ACH05", "Y1991T2005", "achevées de 1991 à 2005"),
}
_ANCIENNETES = {
    "0_1": ("0002", "Y_LT2", "depuis moins de 2 ans"),
    "2_4": ("0204", "Y2T4", "depuis 2 à 4 ans"),
    "5_9": ("0509", "Y5T9", "depuis 5 à 9 ans"),
    "10_19": ("1019", "Y10T19", "depuis 10 à 19 ans"),
    "20_29": ("2029", "Y20T29", "depuis 20 à 29 ans"),
    "30_plus": ("30P", "Y_GE30", "depuis 30 ans ou plus"),
}

LOGEMENT = _source(
    "logement",
    "Logements et résidences principales",
    "DS_RP_LOGEMENT_PRINC",
    _fusion(
        _logement("logements", "P_LOG", "Logements", "_T"),
        _logement("residences_principales", "P_RP", "Résidences principales"),
        _logement(
            "residences_secondaires",
            "P_RSECOCC",
            "Résidences secondaires et logements occasionnels",
            "DW_SEC_DW_OCC",
        ),
        _logement("logements_vacants", "P_LOGVAC", "Logements vacants", "DW_VAC"),
        _logement("maisons", "P_MAISON", "Maisons", "_T", TDW="1"),
        _logement("appartements", "P_APPART", "Appartements", "_T", TDW="2"),
        _logement("rp_maisons", "P_RPMAISON", "Résidences principales, maisons", TDW="1"),
        _logement("rp_appartements", "P_RPAPPART", "Résidences principales, appartements", TDW="2"),
        _logement("proprietaires", "P_RP_PROP", "Résidences principales de propriétaires", TSH="100"),
        _logement("locataires", "P_RP_LOC", "Résidences principales de locataires", TSH="200"),
        _logement("hlm", "P_RP_LOCHLMV", "Résidences principales HLM louées vides", TSH="221"),
        _logement(
            "loges_gratuitement", "P_RP_GRAT", "Résidences principales de logés gratuitement", TSH="300"
        ),
        _logement("pieces", "P_NBPI_RP", "Pièces des résidences principales", mesure="DWELLINGS_ROOMS"),
        _logement(
            "personnes", "P_NPER_RP", "Personnes des résidences principales", mesure="DWELLINGS_POPSIZE"
        ),
        *(
            _logement(f"rp_{nom}", f"P_RP_{code}", f"Résidences principales {libelle}", NOR=melodi)
            for nom, (code, melodi, libelle) in _PIECES.items()
        ),
        _logement(
            "rp_epoque_connue",
            "P_RP_ACHTOT",
            "Résidences principales achevées deux ans au moins avant le recensement",
            BUILD_END="Y_LT{achevement}",
        ),
        *(
            _logement(f"rp_{nom}", f"P_RP_{code}", f"Résidences principales {libelle}", BUILD_END=melodi)
            for nom, (code, melodi, libelle) in _EPOQUES.items()
        ),
        # The wide bases tell households and dwellings apart, and they are the same.
        _effectif("menages", "P_MEN", "Ménages"),
        _effectif("pop_menages", "P_PMEN", "Population des ménages"),
        *(
            _logement(f"emmenages_{nom}", f"P_MEN_ANEM{code}", f"Ménages installés {libelle}", L_STAY=melodi)
            for nom, (code, melodi, libelle) in _ANCIENNETES.items()
        ),
        _effectif("emmenages_10_plus", "P_MEN_ANEM10P", "Ménages installés depuis 10 ans ou plus"),
        _effectif("avec_salle_de_bain", "P_RP_SDB", "Résidences principales avec baignoire ou douche"),
        _effectif("habitations_de_fortune", "P_RP_HABFOR", "Résidences principales, habitations de fortune"),
        _effectif("cases", "P_RP_CASE", "Résidences principales, cases traditionnelles"),
        _logement("avec_voiture", "P_RP_VOIT1P", "Ménages ayant au moins une voiture", CARS="C_GE1"),
    ),
    {
        "les catégories font les logements": _font(
            "logements", "residences_principales", "residences_secondaires", "logements_vacants"
        ),
        "les statuts d'occupation font les résidences principales": _font(
            "residences_principales", "proprietaires", "locataires", "loges_gratuitement"
        ),
        "les nombres de pièces font les résidences principales": _font(
            "residences_principales", *(f"rp_{nom}" for nom in _PIECES)
        ),
        "les anciennetés font les ménages": _font(
            "menages", "emmenages_0_1", "emmenages_2_4", "emmenages_5_9", "emmenages_10_plus"
        ),
        "les anciennetés font les résidences principales": _font(
            "residences_principales", *(f"emmenages_{nom}" for nom in _ANCIENNETES)
        ),
        "il y a autant de ménages que de résidences principales": _font("menages", "residences_principales"),
        "les HLM sont parmi les logements loués": _dans("hlm", "locataires"),
        "les propriétaires sont parmi les résidences principales": _dans(
            "proprietaires", "residences_principales"
        ),
        "les ménages ayant une voiture sont parmi les ménages": _dans(
            "avec_voiture", "residences_principales"
        ),
    },
)

# Whether Melodi's total is without one-person studios, as INSEE's rate wants it, was not found written.
LOGEMENT_COMP = _source(
    "logement_comp",
    "Suroccupation des résidences principales",
    "DS_RP_LOGEMENT_COMPL",
    _fusion(
        _effectif(
            "hors_studio_seul", "C_RP_HSTU1P", "Résidences principales hors studio d'une personne seule"
        ),
        _effectif(
            "suroccupees", "C_RP_HSTU1P_SUROCC", "Résidences principales suroccupées, hors studio seul"
        ),
    ),
    {"les logements suroccupés sont parmi les résidences": _dans("suroccupees", "hors_studio_seul")},
    melodi=False,
)

_DIPLOMES = {
    "sans_diplome": ("DIPLMIN", "001T100_RP", "sans diplôme ou avec un CEP"),
    "brevet": ("BEPC", "200_RP", "ayant le brevet"),
    "cap_bep": ("CAPBEP", "300_RP", "ayant un CAP ou un BEP"),
    "bac": ("BAC", "350T351_RP", "ayant le baccalauréat"),
    "bac_2": ("SUP2", "500_RP", "ayant un diplôme de niveau bac + 2"),
    "bac_3_4": ("SUP34", "600_RP", "ayant un diplôme de niveau bac + 3 ou bac + 4"),
    "bac_5_plus": ("SUP5", "700_RP", "ayant un diplôme de niveau bac + 5 ou plus"),
}


def _diplomes(prefixe: str) -> Champ:
    lettre, mot, sexe = _SEXES[prefixe]
    ensemble, champ = f"P_{lettre}NSCOL15P", f"Non scolarisés de 15 ans ou plus{mot}"
    return _fusion(
        _effectif(f"{prefixe}non_scolarises", ensemble, champ, {"SEX": sexe, "EDUC": "_T"}),
        *(
            _effectif(
                f"{prefixe}{nom}", f"{ensemble}_{code}", f"{champ} {libelle}", {"SEX": sexe, "EDUC": melodi}
            )
            for nom, (code, melodi, libelle) in _DIPLOMES.items()
        ),
    )


DIPLOMES = _source(
    "diplomes",
    "Diplôme le plus élevé des personnes non scolarisées de 15 ans ou plus",
    "DS_RP_DIPLOMES_PRINC",
    _fusion(*(_diplomes(prefixe) for prefixe in _SEXES)),
    {
        f"les diplômes font les non-scolarisés{mot}": _font(
            f"{prefixe}non_scolarises", *(f"{prefixe}{nom}" for nom in _DIPLOMES)
        )
        for prefixe, (_, mot, _) in _SEXES.items()
    }
    | {
        "les hommes et les femmes font les non-scolarisés": _font(
            "non_scolarises", "hommes_non_scolarises", "femmes_non_scolarises"
        )
    },
)

ECOLE: tuple[Ages, ...] = ((2, 5), (6, 10), (11, 14), (15, 17), (18, 24), (25, 29), (30, None))


def _scolarite(ages: Ages, prefixe: str) -> Champ:
    lettre, mot, sexe = _SEXES[prefixe]
    dimensions, bornes = {"AGE": _age(ages), "SEX": sexe}, _bornes(ages)
    return _fusion(
        _effectif(
            f"{prefixe or 'pop_'}{_suffixe(ages)}",
            f"P_{lettre or 'POP'}{bornes}",
            f"Population de {_ans(ages)}{mot}",
            {**dimensions, "STUD": "_T"},
        ),
        _effectif(
            f"{prefixe}scolarises_{_suffixe(ages)}",
            f"P_{lettre}SCOL{bornes}",
            f"Scolarisés de {_ans(ages)}{mot}",
            {**dimensions, "STUD": "1"},
        ),
    )


SCOLARISATION = _source(
    "scolarisation",
    "Scolarisation par sexe et âge",
    "DS_RP_EDUCATION",
    _fusion(*(_scolarite(ages, prefixe) for prefixe in _SEXES for ages in ECOLE)),
    {
        f"les scolarisés de {_ans(ages)} sont de la population de cet âge": _dans(
            f"scolarises_{_suffixe(ages)}", f"pop_{_suffixe(ages)}"
        )
        for ages in ECOLE
    }
    | {
        f"les hommes et les femmes scolarisés font les scolarisés de {_ans(ages)}": _font(
            *(f"{prefixe}scolarises_{_suffixe(ages)}" for prefixe in _SEXES)
        )
        for ages in ECOLE
    },
)

ACTIFS: tuple[Ages, ...] = ((15, 64), (15, 24), (25, 54), (55, 64))
_PARTS_D_ACTIFS = ACTIFS[1:]
_SITUATIONS = {
    "actifs": ("ACT", "1T2", "Actifs"),
    "occupes": ("ACTOCC", "1", "Actifs occupés"),
    "chomeurs": ("CHOM", "2", "Chômeurs"),
}


def _situation(ages: Ages, prefixe: str) -> Champ:
    lettre, mot, sexe = _SEXES[prefixe]
    dimensions, bornes = {"AGE": _age(ages), "SEX": sexe, "EDUC": "_T"}, _bornes(ages)
    return _fusion(
        _effectif(
            f"{prefixe or 'pop_'}{_suffixe(ages)}",
            f"P_{lettre or 'POP'}{bornes}",
            f"Population de {_ans(ages)}{mot}",
            {**dimensions, "EMPSTA_ENQ": "_T"},
        ),
        *(
            _effectif(
                f"{prefixe}{nom}_{_suffixe(ages)}",
                f"P_{lettre}{code}{bornes}",
                f"{libelle} de {_ans(ages)}{mot}",
                {**dimensions, "EMPSTA_ENQ": melodi},
            )
            for nom, (code, melodi, libelle) in _SITUATIONS.items()
        ),
    )


def _niveau(nom: str, code: str, melodi: str, libelle: str) -> Champ:
    dimensions = {"AGE": "Y15T64", "SEX": "_T", "EDUC": melodi}
    return _fusion(
        _effectif(
            f"actifs_{nom}",
            f"P_ACT_{code}",
            f"Actifs de 15 à 64 ans {libelle}",
            {**dimensions, "EMPSTA_ENQ": "1T2"},
        ),
        _effectif(
            f"chomeurs_{nom}",
            f"P_CHOM_{code}",
            f"Chômeurs de 15 à 64 ans {libelle}",
            {**dimensions, "EMPSTA_ENQ": "2"},
        ),
    )


def _inactifs(nom: str, tige: str, label: str, situation: str) -> Champ:
    return _effectif(nom, tige, label, {"AGE": "Y15T64", "SEX": "_T", "EDUC": "_T", "EMPSTA_ENQ": situation})


ACTIVITE = _source(
    "activite",
    "Activité, emploi et chômage des habitants",
    "DS_RP_EMPLOI_LR_PRINC",
    _fusion(
        *(_situation(ages, prefixe) for prefixe in _SEXES for ages in ACTIFS),
        _inactifs("inactifs_15_64", "P_INACT1564", "Inactifs de 15 à 64 ans", "3"),
        _inactifs("retraites_15_64", "P_RETR1564", "Retraités de 15 à 64 ans", "31"),
        _inactifs("etudiants_15_64", "P_ETUD1564", "Élèves, étudiants et stagiaires de 15 à 64 ans", "33"),
        _inactifs("autres_inactifs_15_64", "P_AINACT1564", "Autres inactifs de 15 à 64 ans", "35T36"),
        *(_niveau(nom, *champ) for nom, champ in _DIPLOMES.items()),
        _effectif(
            "occupes_15_plus",
            "P_ACTOCC",
            "Actifs occupés de 15 ans ou plus",
            {"AGE": "Y_GE15", "SEX": "_T", "EDUC": "_T", "EMPSTA_ENQ": "1"},
        ),
    ),
    {
        f"les âges font les {mot} de 15 à 64 ans": _font(f"{nom}_15_64", *_noms(f"{nom}_", *_PARTS_D_ACTIFS))
        for nom, mot in {
            "pop": "habitants",
            **{nom: libelle.lower() for nom, (_, _, libelle) in _SITUATIONS.items()},
        }.items()
    }
    | {
        f"les occupés et les chômeurs font les actifs de {_ans(ages)}": _font(
            *(f"{nom}_{_suffixe(ages)}" for nom in _SITUATIONS)
        )
        for ages in ACTIFS
    }
    | {
        f"les chômeurs de {_ans(ages)} sont parmi les actifs": _dans(
            f"chomeurs_{_suffixe(ages)}", f"actifs_{_suffixe(ages)}"
        )
        for ages in ACTIFS
    }
    | {
        "les actifs sont de la population de 15 à 64 ans": _dans("actifs_15_64", "pop_15_64"),
        "les actifs et les inactifs font les 15 à 64 ans": _font(
            "pop_15_64", "actifs_15_64", "inactifs_15_64"
        ),
        "les retraités, les étudiants et les autres font les inactifs": _font(
            "inactifs_15_64", "retraites_15_64", "etudiants_15_64", "autres_inactifs_15_64"
        ),
        "les hommes et les femmes font les actifs": _font(
            "actifs_15_64", "hommes_actifs_15_64", "femmes_actifs_15_64"
        ),
        "les hommes et les femmes font les chômeurs": _font(
            "chomeurs_15_64", "hommes_chomeurs_15_64", "femmes_chomeurs_15_64"
        ),
        "les diplômes font les actifs": _font("actifs_15_64", *(f"actifs_{nom}" for nom in _DIPLOMES)),
        "les diplômes font les chômeurs": _font("chomeurs_15_64", *(f"chomeurs_{nom}" for nom in _DIPLOMES)),
    },
)


def _professions(nom: str, code: str, libelle: str, situation: str) -> Champ:
    dimensions = {"AGE": "Y15T64", "EMPSTA_ENQ": situation}
    return _fusion(
        _effectif(f"{nom}_15_64", f"C_{code}1564", f"{libelle} de 15 à 64 ans", {**dimensions, "PCS": "_T"}),
        *(
            _effectif(
                f"{nom}_{categorie}_15_64",
                f"C_{code}1564_{cs}",
                f"{libelle} de 15 à 64 ans, {mot}",
                {**dimensions, "PCS": pcs},
            )
            for categorie, (cs, mot, pcs) in _CATEGORIES.items()
        ),
    )


ACTIVITE_COMP = _source(
    "activite_comp",
    "Actifs de 15 à 64 ans par catégorie socioprofessionnelle",
    "DS_RP_EMPLOI_LR_COMP",
    _fusion(
        _professions("actifs", "ACT", "Actifs", "1T2"),
        _professions("occupes", "ACTOCC", "Actifs occupés", "1"),
    ),
    {
        # Unemployed persons who never worked have no category: the categories fall short of the active.
        "les actifs de chaque catégorie sont parmi les actifs": _dans(
            "actifs_ouvriers_15_64", "actifs_15_64"
        ),
        "les catégories font les actifs occupés": _font(
            "occupes_15_64", *(f"occupes_{nom}_15_64" for nom in _CATEGORIES)
        ),
        "les actifs occupés sont parmi les actifs": _dans("occupes_15_64", "actifs_15_64"),
    },
)


def _emplois(nom: str, tige: str, label: str, statut: str, sexe: str = "_T", temps: str = "_T") -> Champ:
    return _effectif(nom, tige, label, {"EMPFORM": statut, "SEX": sexe, "WKTIME": temps, "AGE": "_T"})


EMPLOI = _source(
    "emploi",
    "Emplois au lieu de travail",
    "DS_RP_EMPLOI_LT_PRINC",
    _fusion(
        _emplois("emplois", "P_EMPLT", "Emplois au lieu de travail", "_T"),
        _emplois("emplois_salaries", "P_EMPLT_SAL", "Emplois salariés", "2"),
        _emplois("emplois_salaries_femmes", "P_EMPLT_FSAL", "Emplois salariés, femmes", "2", "F"),
        _emplois(
            "emplois_salaries_partiels", "P_EMPLT_SALTP", "Emplois salariés à temps partiel", "2", temps="PT"
        ),
        _emplois("emplois_non_salaries", "P_EMPLT_NSAL", "Emplois non salariés", "1"),
    ),
    {
        "les emplois salariés et les autres font les emplois": _font(
            "emplois", "emplois_salaries", "emplois_non_salaries"
        ),
        "les emplois salariés sont parmi les emplois": _dans("emplois_salaries", "emplois"),
    },
)

_CONTRATS = {
    "cdi": ("CDI", "à durée indéterminée ou de la fonction publique", "211"),
    "cdd": ("CDD", "à durée déterminée", None),
    "interim": ("INTERIM", "intérimaires", None),
    "aides": ("EMPAID", "en emploi aidé", None),
    "apprentis": ("APPR", "en apprentissage ou en stage", None),
}


def _forme(nom: str, tige: str, label: str, statut: str | None, sexe: str, temps: str = "_T") -> Champ:
    dimensions = {"EMPSTA_ENQ": "1", "AGE": "Y_GE15", "SEX": sexe, "WKTIME": temps}
    return _effectif(nom, tige, label, {**dimensions, "EMPFORM": statut} if statut else None)


def _formes(prefixe: str) -> Champ:
    lettre, mot, sexe = _SEXES[prefixe]
    contrats = _fusion(
        *(
            _forme(f"{prefixe}{nom}", f"P_{lettre}SAL15P_{code}", f"Salariés{mot}, {libelle}", statut, sexe)
            for nom, (code, libelle, statut) in _CONTRATS.items()
        )
    )
    return _fusion(
        _forme(
            f"{prefixe}occupes", f"P_{lettre}ACTOCC15P", f"Actifs occupés de 15 ans ou plus{mot}", "_T", sexe
        ),
        _forme(f"{prefixe}salaries", f"P_{lettre}SAL15P", f"Salariés de 15 ans ou plus{mot}", "2", sexe),
        _forme(
            f"{prefixe}non_salaries", f"P_{lettre}NSAL15P", f"Non-salariés de 15 ans ou plus{mot}", "1", sexe
        ),
        _forme(
            f"{prefixe}salaries_partiels",
            f"P_{lettre}SAL15P_TP",
            f"Salariés à temps partiel{mot}",
            "2",
            sexe,
            "PT",
        ),
        # The wide bases give contracts by sex only; Melodi gives the limited ones together.
        contrats if prefixe else {},
        _forme(
            f"{prefixe}contrats_limites",
            f"P_{lettre}SAL15P_LIMITE",
            f"Salariés{mot} : CDD, intérim, emploi aidé, apprentissage ou stage",
            "22T27",
            sexe,
        ),
    )


FORMES_EMPLOI = _source(
    "formes_emploi",
    "Statut, contrat et temps de travail des actifs occupés",
    "DS_RP_ACTIVITE_PRINC",
    _fusion(*(_formes(prefixe) for prefixe in _SEXES)),
    {
        f"les salariés et les non-salariés font les actifs occupés{mot}": _font(
            f"{prefixe}occupes", f"{prefixe}salaries", f"{prefixe}non_salaries"
        )
        for prefixe, (_, mot, _) in _SEXES.items()
    }
    | {
        f"les contrats font les salariés{_SEXES[prefixe][1]}": _font(
            f"{prefixe}salaries", *(f"{prefixe}{nom}" for nom in _CONTRATS)
        )
        for prefixe in ("hommes_", "femmes_")
    }
    | {
        "les hommes et les femmes font les salariés": _font("salaries", "hommes_salaries", "femmes_salaries"),
        "les salariés à temps partiel sont parmi les salariés": _dans("salaries_partiels", "salaries"),
    },
)

_TRANSPORTS = {
    "sans_transport": ("PASTRANS", "1", "sans transport"),
    "a_pied": ("MARCHE", "2", "à pied"),
    "a_velo": ("VELO", "3", "à vélo"),
    "en_deux_roues": ("2ROUESMOT", "4", "en deux-roues à moteur"),
    "en_voiture": ("VOITURE", "5", "en voiture"),
    "en_commun": ("COMMUN", "6", "en transports en commun"),
}


def _trajet(nom: str, tige: str, label: str, transport: str, lieu: str) -> Champ:
    dimensions = {"EMPSTA_ENQ": "1", "AGE": "Y_GE15", "TRANS": transport, "WORK_AREA": lieu}
    return _effectif(nom, tige, label, dimensions)


NAVETTES = _source(
    "navettes",
    "Trajets entre le domicile et le travail",
    "DS_RP_NAVETTES_PRINC",
    _fusion(
        _trajet("occupes", "P_ACTOCC15P", "Actifs occupés de 15 ans ou plus", "_T", "_T"),
        _trajet(
            "travaillent_sur_place", "P_ACTOCC15P_ILT1", "Actifs travaillant dans leur commune", "_T", "10"
        ),
        *(
            _trajet(nom, f"P_ACTOCC15P_{code}", f"Actifs allant travailler {libelle}", melodi, "_T")
            for nom, (code, melodi, libelle) in _TRANSPORTS.items()
        ),
    ),
    {
        "les modes de transport font les actifs occupés": _font("occupes", *_TRANSPORTS),
        "ceux qui travaillent sur place sont parmi les actifs occupés": _dans(
            "travaillent_sur_place", "occupes"
        ),
    },
)

_RESIDENCES = {
    "meme_logement": ("IRAN1", "11", "dans le même logement"),
    "meme_commune": ("IRAN2", "12", "dans un autre logement de la commune"),
    "meme_departement": ("IRAN3", "21", "dans une autre commune du département"),
    "meme_region": ("IRAN4", "22", "dans un autre département de la région"),
    "autre_region": ("IRAN5", "23", "dans une autre région de métropole"),
    "outre_mer": ("IRAN6", "24", "dans un département d'outre-mer"),
    "ailleurs": ("IRAN7", "25T32", "à l'étranger ou dans une collectivité d'outre-mer"),
}

MIGRATIONS = _source(
    "migrations",
    "Résidence un an auparavant",
    "DS_RP_MIGRES_PRINC",
    _fusion(
        _effectif(
            "pop_1_plus", "P_POP01P", "Population d'un an ou plus", {"AGE": "Y_GE1", "PREV_RES_AREA": "_T"}
        ),
        *(
            _effectif(
                nom,
                f"P_POP01P_{code}",
                f"Population d'un an ou plus habitant un an plus tôt {libelle}",
                {"AGE": "Y_GE1", "PREV_RES_AREA": melodi},
            )
            for nom, (code, melodi, libelle) in _RESIDENCES.items()
        ),
    ),
    {"les résidences un an plus tôt font la population": _font("pop_1_plus", *_RESIDENCES)},
)


def _serie(nom: str, tige: str, label: str, mesure: str, ocs: str = "_T") -> Champ:
    return _effectif(nom, tige, label, {"RP_MEASURE": mesure, "OCS": ocs})


SERIE = _source(
    "serie",
    "Population, naissances, décès et logements aux recensements depuis 1968",
    "DS_RP_SERIE_HISTORIQUE",
    _fusion(
        _serie("pop", "P_POP", "Population", "POP"),
        _serie("superficie", "SUPERF", "Superficie (km²)", "SUP"),
        _serie("naissances", "NAIS", "Naissances depuis le recensement précédent de la série", "BRTH"),
        _serie("deces", "DECE", "Décès depuis le recensement précédent de la série", "DEATH"),
        _serie("logements", "P_LOG", "Logements", "DWELLINGS"),
        _serie("residences_principales", "P_RP", "Résidences principales", "DWELLINGS", "DW_MAIN"),
        _serie("residences_secondaires", "P_RSECOCC", "Résidences secondaires", "DWELLINGS", "DW_SEC_DW_OCC"),
        _serie("logements_vacants", "P_LOGVAC", "Logements vacants", "DWELLINGS", "DW_VAC"),
    ),
    {
        "les catégories font les logements": _font(
            "logements", "residences_principales", "residences_secondaires", "logements_vacants"
        ),
    },
)

SOURCES = (
    POPULATION,
    POPULATION_COMP,
    MENAGES,
    MENAGES_COMP,
    FAMILLES,
    LOGEMENT,
    LOGEMENT_COMP,
    DIPLOMES,
    SCOLARISATION,
    ACTIVITE,
    ACTIVITE_COMP,
    EMPLOI,
    FORMES_EMPLOI,
    NAVETTES,
    MIGRATIONS,
    SERIE,
)
