"""Pairs of persons who may be one: told to the analyst, never brought together without her word.

In: who each row of the deposits is about, while names are in memory. Out: for each pair, a line of each and
the reason; no name, no day, no pseudonym. Persons are compared through what they share, a date and a word or
all their names, never two by two: a million rows cost a few seconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import identite
from pipeline.readers import en_textes

UN_MOT = "même date de naissance, un nom ou un prénom en commun (nom d'usage, second prénom, faute de frappe)"
INTERVERTIS = "mêmes noms, jour et mois de naissance intervertis"
UN_CHIFFRE = "mêmes noms, dates de naissance à un chiffre près ou à deux chiffres voisins intervertis"
JUMEAUX = "même date de naissance, un nom en commun, prénoms différents (jumeaux, ou prénom d'usage)"
MOTIFS = (UN_MOT, INTERVERTIS, UN_CHIFFRE, JUMEAUX)
"""From what most often tells of one person to what most often tells of two."""

REPONSE, EMPREINTE = "meme_personne", "empreinte"
COLONNES = ("fichier", "ligne", "autre_fichier", "autre_ligne", "motif", REPONSE, EMPREINTE)
"""Of the sheet."""

_LONGUEUR_D_EMPREINTE = 16
# More persons than that for one date and one word: the date is one that is written when none is known.
_TROP = 10
_PARTICULES = {
    *("de", "du", "des", "la", "le", "les", "el", "al", "da", "di", "do", "dos", "von", "van", "ben", "bin"),
    *"abcdefghijklmnopqrstuvwxyz",
}
_CHIFFRES = 8
_VOISINS = ((0, 1), (2, 3), (4, 5), (5, 6), (6, 7))
"""Digits side by side in the day, the month or the year of aaaammjj, from the last one."""


Repondre = Callable[[pd.Series, pd.Series], Sequence[str]]
"""Two columns of persons (`identite.personnes`), a pair a row → what was answered of it: oui, non, or nothing."""


def sans_reponse(une: pd.Series, _: pd.Series) -> list[str]:
    """Nobody answered."""
    return [""] * len(une)


def trouver(fichiers: Iterable[tuple[str, pd.Series]], repondre: Repondre = sans_reponse) -> pd.DataFrame:
    """One row a pair of persons who may be one: fichier, ligne, autre_fichier, autre_ligne, motif, reponse.

    `fichiers`: path of each declared file and its `identite.personnes`. Lines are the first one of each person.
    """
    connues = _distinctes(fichiers)
    paires = pd.concat([_memes_noms(connues), _meme_jour(connues)], ignore_index=True)
    paires["rang"] = paires["motif"].map({motif: rang for rang, motif in enumerate(MOTIFS)})
    paires = paires.sort_values(["rang", "une", "autre"]).drop_duplicates(["une", "autre"])
    une, autre = (connues.loc[paires[cote]].reset_index(drop=True) for cote in ("une", "autre"))
    return pd.DataFrame(
        {
            "fichier": une["fichier"],
            "ligne": une["ligne"],
            "autre_fichier": autre["fichier"],
            "autre_ligne": autre["ligne"],
            "motif": paires["motif"].to_numpy(),
            "reponse": repondre(une["qui"], autre["qui"]),
        },
        dtype="string",
    )


def feuille(paires: pd.DataFrame, sommes: Mapping[str, str]) -> pd.DataFrame:
    """The sheet that the analyst answers: pairs, a column for her word, and what tells the deposits they are lines of.

    `sommes`: path of each file → its SHA-256.
    """
    couples = zip(paires["fichier"], paires["autre_fichier"], strict=True)
    empreintes = [empreinte(*(sommes[nom] for nom in couple)) for couple in couples]
    return paires.assign(**{REPONSE: "", EMPREINTE: empreintes})


def empreinte(*sommes: str) -> str:
    """What tells two deposits from any others; its first letter keeps a spreadsheet from reading a number."""
    return "d" + hashlib.sha256(" ".join(sommes).encode()).hexdigest()[:_LONGUEUR_D_EMPREINTE]


def _distinctes(fichiers: Iterable[tuple[str, pd.Series]]) -> pd.DataFrame:
    """One row a person: fichier, ligne, qui, nom and prenom (their words), noms (all, in order), jour (aaaammjj)."""
    lots = [
        pd.DataFrame(
            {"fichier": chemin, "ligne": premieres.index.astype(str), "qui": premieres.astype("string")}
        )
        for chemin, lues in fichiers
        if len(premieres := lues.dropna().drop_duplicates())
    ]
    vide = pd.DataFrame(columns=["fichier", "ligne", "qui"], dtype="string")
    toutes = pd.concat(lots or [vide], ignore_index=True).drop_duplicates("qui")
    parties = pc.split_pattern(pa.array(toutes["qui"].tolist(), pa.string()), identite.SEPARATION).flatten()
    nom, prenom, jour = (parties[place::3] for place in range(3))
    tous = pc.binary_join_element_wise(nom, prenom, " ").to_pylist()
    connues = toutes.assign(
        nom=en_textes(nom),
        prenom=en_textes(prenom),
        noms=en_textes(pa.array([" ".join(sorted(noms.split())) for noms in tous], pa.string())),
        jour=pc.replace_substring(jour, "-", "").cast(pa.int64()).to_numpy(zero_copy_only=False),
    )
    return connues.drop_duplicates(["noms", "jour"]).reset_index(drop=True)


# --- All their names -------------------------------------------------------------------------------


def _memes_noms(connues: pd.DataFrame) -> pd.DataFrame:
    """Persons of the same names whose birth dates differ by one slip: une, autre, motif."""
    homonymes = connues.loc[connues.duplicated("noms", keep=False), ["noms", "jour"]]
    noms, jours = pd.factorize(homonymes["noms"])[0], homonymes["jour"].to_numpy("int64")
    lues = pd.DataFrame({"noms": noms, "jour": jours, "rang": homonymes.index})
    ecrits = {INTERVERTIS: [jours // 10_000 * 10_000 + jours % 100 * 100 + jours // 100 % 100]}
    ecrits[UN_CHIFFRE] = [_permutes(jours, *places) for places in _VOISINS]
    autrement = [
        lues.assign(jour=ecrit, motif=motif)[
            (ecrit != jours) & pd.Index(_cles(noms, ecrit)).isin(_cles(noms, jours))
        ]
        for motif, tous in ecrits.items()
        for ecrit in tous
    ]
    sans_un = [lues.assign(jour=jours - jours // 10**n % 10 * 10**n, place=n) for n in range(_CHIFFRES)]
    proches = [frame[frame.duplicated(["noms", "jour"], keep=False)] for frame in sans_un]
    ecrites = _ordonnees(lues.merge(pd.concat(autrement), on=["noms", "jour"]))
    return pd.concat([ecrites, _couples(pd.concat(proches), ["noms", "jour", "place"], UN_CHIFFRE)])


def _cles(noms: np.ndarray, jours: np.ndarray) -> np.ndarray:
    """Names and a day as one number."""
    return noms * 10**_CHIFFRES + jours


def _permutes(jours: np.ndarray, basse: int, haute: int) -> np.ndarray:
    """Days with two of their digits swapped; places are counted from the last digit, which is 0."""
    ecart = jours // 10**haute % 10 - jours // 10**basse % 10
    return jours + ecart * (10**basse - 10**haute)


# --- One date --------------------------------------------------------------------------------------


def _meme_jour(connues: pd.DataFrame) -> pd.DataFrame:
    """Persons born on one day who share a word: une, autre, motif."""
    listes = pc.split_pattern(pa.array((connues["nom"] + " " + connues["prenom"]).tolist(), pa.string()), " ")
    rangs = pc.list_parent_indices(listes).to_numpy()
    mots = pd.DataFrame({"rang": rangs, "mot": listes.flatten().dictionary_encode().to_pandas()})
    mots = mots[~mots["mot"].isin(_PARTICULES)].drop_duplicates()
    mots["jour"] = connues["jour"].to_numpy()[mots["rang"].to_numpy("int64")]
    paires = _couples(mots, ["jour", "mot"], UN_MOT).drop_duplicates()
    noms, prenoms = connues["nom"].tolist(), connues["prenom"].tolist()

    def motif(une: int, autre: int) -> str:
        siens, autres = ({*noms[rang].split(), *prenoms[rang].split()} for rang in (une, autre))
        portes = {*prenoms[une].split(), *prenoms[autre].split()}
        return JUMEAUX if (siens & autres).isdisjoint(portes) else UN_MOT

    return paires.assign(motif=[motif(*paire) for paire in zip(paires["une"], paires["autre"], strict=True)])


# --- Pairs -----------------------------------------------------------------------------------------


def _couples(frame: pd.DataFrame, cle: list[str], motif: str) -> pd.DataFrame:
    """Pairs of rows that share a key, which more than `_TROP` rows do not: une, autre, motif."""
    groupes = frame.groupby(cle, sort=False)
    membres = pd.DataFrame({"groupe": groupes.ngroup(), "rang": frame["rang"]})
    membres = membres[groupes["rang"].transform("size").between(2, _TROP)]
    return _ordonnees(membres.merge(membres, on="groupe").assign(motif=motif))


def _ordonnees(paires: pd.DataFrame) -> pd.DataFrame:
    """Each pair once, the first person first."""
    dites = paires.rename(columns={"rang_x": "une", "rang_y": "autre"})[["une", "autre", "motif"]]
    return dites[dites["une"] < dites["autre"]]
