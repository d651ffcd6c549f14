"""Who is invented: households, their adults and children, what they live on. About nobody.

In: a `Fiction`. Out: frames of true facts, households by their rank. Names are assembled from syllables
that make no word of French nor of any language of the territory.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.fictif.tirage import Fiction, choisir, choisir_selon, entiers

_FAMILLES = tuple(
    debut + milieu + fin
    for debut in (
        "Zor",
        "Fict",
        "Quax",
        "Xand",
        "Vroz",
        "Bluz",
        "Krym",
        "Drox",
        "Gwiz",
        "Tzul",
        "Wolz",
        "Jixt",
    )
    for milieu in ("val", "an", "umb", "ixil", "ador", "ebr", "aki", "oruz")
    for fin in ("bec", "or", "azig", "ivax", "oquin", "utuk", "iplon", "adwar", "ixel", "omlok")
)
_PRENOMS = tuple(
    debut + fin
    for debut in ("Tess", "Ourph", "Quimb", "Zébul", "Wixt", "Ilzor", "Maklo", "Yzab", "Brozk", "Gork")
    for fin in ("alin", "émi", "ibaz", "oquie", "uvio", "axou", "irgane", "élux")
)
_VOIES = (
    "allée Zorglube", "rue Quixplorne", "impasse Vrombistac", "chemin Xylopharne", "route Blitzurge",
    "lotissement Gloubiard", "place Tchouktak", "résidence Wazimba",
)  # fmt: skip

_TRANCHES = {(18, 25): 6, (25, 35): 19, (35, 45): 25, (45, 55): 21, (55, 65): 15, (65, 75): 9, (75, 90): 5}
_TYPES = {
    "jeunes": {"personne_seule": 46, "famille_monoparentale": 27, "couple_avec_enfants": 15,
               "couple_sans_enfant": 5, "autre": 7},
    "adultes": {"personne_seule": 27, "famille_monoparentale": 33, "couple_avec_enfants": 29,
                "couple_sans_enfant": 4, "autre": 7},
    "aines": {"personne_seule": 56, "famille_monoparentale": 5, "couple_avec_enfants": 5,
              "couple_sans_enfant": 22, "autre": 12},
}  # fmt: skip
A_DEUX = ("couple_avec_enfants", "couple_sans_enfant", "autre")
"""Kinds of households of two adults."""
_AVEC_ENFANTS = ("famille_monoparentale", "couple_avec_enfants")
_PART_FEMMES = {"famille_monoparentale": 0.86}
_ENFANTS = {1: 38, 2: 33, 3: 19, 4: 10}
_OCCUPATIONS = {"locataire_social": 34, "locataire_prive": 26, "heberge": 18, "proprietaire": 15,
                "sans_logement": 4, "autre": 3}  # fmt: skip
_EMPLOIS = {
    "actifs": {"chomage": 41, "emploi": 27, "inactif": 22, "invalidite": 7, "etudes": 3},
    "aines": {"retraite": 88, "inactif": 12},
    "enfants": {"etudes": 100},
}


def inventer_menages(fiction: Fiction) -> pd.DataFrame:
    """One row a household: foyer, age of its reference person, type_menage, quartier, adresse."""
    tirage, combien = fiction.tirage(1), fiction.menages
    tranches = choisir(tirage, _TRANCHES, combien)
    bas, haut = np.array(tranches.tolist()).T
    ages = bas + (tirage.random(combien) * (haut - bas)).astype(int)
    generations = np.where(ages < 30, "jeunes", np.where(ages < 60, "adultes", "aines"))
    numeros = (tirage.random(combien) * 98).astype(int) + 1
    voies = choisir(tirage, dict.fromkeys(_VOIES, 1), combien)
    return pd.DataFrame(
        {
            "foyer": [f"F{rang:06d}" for rang in range(1, combien + 1)],
            "age": ages,
            "type_menage": choisir_selon(tirage, generations, _TYPES),
            "quartier": choisir(tirage, fiction.quartiers, combien),
            "adresse": [f"{numero} {voie}" for numero, voie in zip(numeros, voies, strict=True)],
        }
    )


def inventer_personnes(fiction: Fiction, menages: pd.DataFrame) -> pd.DataFrame:
    """One row an adult: menage (rank of the household), nom, prenom, sexe, naissance.

    The reference persons first, in the households' order, then the second adults.
    """
    tirage = fiction.tirage(2)
    combien = len(menages)
    part_femmes = menages["type_menage"].map(_PART_FEMMES).fillna(0.54).to_numpy()
    femme = tirage.random(combien) < part_femmes
    noms = _noms(tirage, combien)
    a_deux = np.flatnonzero(menages["type_menage"].isin(A_DEUX))
    meme_nom = tirage.random(len(a_deux)) < 0.6
    ages = menages["age"].to_numpy()
    menage = np.append(np.arange(combien), a_deux)
    return _distinguer(
        pd.DataFrame(
            {
                "menage": menage,
                "nom": np.append(noms, np.where(meme_nom, noms[a_deux], _noms(tirage, len(a_deux)))),
                "prenom": choisir(tirage, dict.fromkeys(_PRENOMS, 1), len(menage)),
                "sexe": np.where(np.append(femme, ~femme[a_deux]), "femmes", "hommes"),
                "naissance": _naissances(tirage, fiction.annees[0], ages[menage]),
            }
        )
    )


def inventer_enfants(fiction: Fiction, menages: pd.DataFrame, personnes: pd.DataFrame) -> pd.DataFrame:
    """One row a child: the same columns as `inventer_personnes`; the name is the reference person's."""
    tirage = fiction.tirage(10)
    avec = np.flatnonzero(menages["type_menage"].isin(_AVEC_ENFANTS))
    menage = np.repeat(avec, choisir(tirage, _ENFANTS, len(avec)).astype(int))
    ages = np.minimum(entiers(tirage, 0, 17, len(menage)), menages["age"].to_numpy()[menage] - 17)
    return _distinguer(
        pd.DataFrame(
            {
                "menage": menage,
                "nom": personnes["nom"].to_numpy()[menage],
                "prenom": choisir(tirage, dict.fromkeys(_PRENOMS, 1), len(menage)),
                "sexe": choisir(tirage, {"femmes": 49, "hommes": 51}, len(menage)),
                "naissance": _naissances(tirage, fiction.annees[0], ages),
            }
        )
    )


def inventer_inconnus(fiction: Fiction, table: int, ages: tuple[int, int], combien: int) -> pd.DataFrame:
    """One row a person of no known household: nom, prenom, sexe, naissance."""
    tirage = fiction.tirage(table)
    return _distinguer(
        pd.DataFrame(
            {
                "nom": _noms(tirage, combien),
                "prenom": choisir(tirage, dict.fromkeys(_PRENOMS, 1), combien),
                "sexe": choisir(tirage, {"hommes": 62, "femmes": 38}, combien),
                "naissance": _naissances(tirage, fiction.annees[0], entiers(tirage, *ages, combien)),
            }
        )
    )


def inventer_situations(fiction: Fiction, menages: pd.DataFrame, enfants: pd.DataFrame) -> pd.DataFrame:
    """One row a household: what the CCAS knows of its members, housing, income and charges (a month)."""
    tirage, combien = fiction.tirage(11), len(menages)
    adultes = np.where(menages["type_menage"].isin(A_DEUX), 2, 1)
    petits = enfants["menage"].value_counts().reindex(range(combien), fill_value=0).to_numpy()
    parts = 1 + 0.5 * (adultes - 1) + 0.3 * petits
    ressources = (parts * entiers(tirage, 90, 330, combien)).round() * fiction.pas
    charges = (ressources * entiers(tirage, 30, 95, combien) / 100).round()
    contact = (
        fiction.debut
        - np.timedelta64(365 * 3, "D")
        + entiers(tirage, 0, 365 * 3, combien).astype("timedelta64[D]")
    )
    maj = fiction.fin - entiers(tirage, 0, 250, combien).astype("timedelta64[D]")
    return pd.DataFrame(
        {
            "foyer": menages["foyer"],
            "date_maj": maj.astype("datetime64[us]"),
            "quartier": menages["quartier"],
            "type_menage": menages["type_menage"],
            "adultes": adultes,
            "enfants": petits,
            "statut_occupation": choisir(tirage, _OCCUPATIONS, combien),
            "date_premier_contact": contact.astype("datetime64[us]"),
            "ressources": ressources,
            "charges": charges,
            "unites_consommation": parts.round(1),
            "quotient_familial": (ressources / (adultes + petits)).round(),
        }
    )


def situations_emploi(fiction: Fiction, ages: np.ndarray) -> np.ndarray:
    """What each person does, by age."""
    generations = np.where(ages < 16, "enfants", np.where(ages < 62, "actifs", "aines"))
    return choisir_selon(fiction.tirage(12), generations, _EMPLOIS)


def autre_ecriture(numero: int, nom: str, prenom: str) -> tuple[str, str]:
    """The same person, written another way: capitals, words swapped, no hyphen, spaces."""
    sans_accents = str.maketrans("éû", "eu")
    ecritures = (
        (nom.upper(), prenom.translate(sans_accents).upper()),
        (prenom, nom),
        (nom.replace("-", " ").replace("'", "’").lower(), prenom.lower()),
        (f" {nom.replace('-', ' - ')}  ", f"{prenom.translate(sans_accents)} "),
    )
    return ecritures[numero % len(ecritures)]


def _noms(tirage: np.random.Generator, combien: int) -> np.ndarray:
    """Family names; some double, some with a particle."""
    noms, seconds = (choisir(tirage, dict.fromkeys(_FAMILLES, 1), combien) for _ in range(2))
    forme = tirage.random(combien)
    noms = np.where(forme < 0.08, noms + "-" + seconds, noms)
    return np.where(forme > 0.95, "D'" + noms, noms)


def _naissances(tirage: np.random.Generator, annee: int, ages: np.ndarray) -> np.ndarray:
    """Birth dates of persons who reach these ages in the year before `annee`."""
    premiers = (annee - 1 - ages - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    return premiers + (tirage.random(len(ages)) * 365).astype("timedelta64[D]")


def _distinguer(personnes: pd.DataFrame) -> pd.DataFrame:
    """Nobody has the name and the birth date of another one."""
    rang = personnes.groupby(["nom", "prenom", "naissance"]).cumcount()
    return personnes.assign(naissance=personnes["naissance"] + pd.to_timedelta(rang, unit="D"))
