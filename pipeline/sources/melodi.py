"""INSEE's Melodi data sets (one zip, long, SDMX): one row a territory and vintage, whatever the vintages.

In: a zip and, from a source's schema, the combination of dimensions that each variable is. Out: a `Lecture` under
INSEE's stems (`P_POP`), with `CODGEO` (a commune's own code, else `EPCI-…`, `DEP-…`, `REG-…`, `FRANCE-…`) and
`TIME_PERIOD`. The key is (GEO_OBJECT, GEO): region 75 is not département 75. Observations of other levels, of
combinations that nobody declared, or without a value, are counted by reason.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pyarrow
import pyarrow.compute as pc

from pipeline.model import ErreurUtilisateur, Lecture, Reader
from pipeline.report.nombres import nombre
from pipeline.sources.insee_bases import PERIODE, TERRITOIRE, decimales, lire_regulier, tableau

NIVEAUX = ("COM", "EPCI", "DEP", "REG", "FRANCE")
MEMBRE = "*_data.csv"
VALEUR = "OBS_VALUE"
FIXES = ("GEO", "GEO_OBJECT", PERIODE, VALEUR)
TOTAL = "_T"
# Not dimensions: they never tell two observations of one territory and vintage apart.
_ATTRIBUTS = {*FIXES, "OBS_STATUS", "FREQ", "UNIT_MULT", "UNIT_MEASURE", "CONF_STATUS", "DECIMALS"}

# A file of codes: each distinct text once, and where it is.
_TEXTES = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
_LUE, _NON_DECLAREE, _SANS_VALEUR = range(3)
_MOTIFS = ("", "variable non déclarée", "sans valeur")

Combinaison = Mapping[str, str]


@dataclass(frozen=True)
class _Observations:
    """The lines of a file, in its order; one array each, as long as the file.

    `textes`: each column as its distinct texts and where they are; `valeurs`: OBS_VALUE. `tiges`: the rank of the
    variable that a line is, -1 where nobody declared it. `motifs`: the rank, in `noms`, of why it is set aside.
    """

    textes: Mapping[str, pyarrow.DictionaryArray]
    valeurs: pyarrow.Array
    tiges: np.ndarray
    motifs: np.ndarray
    noms: tuple[str, ...]


def combinaisons(schema: pa.DataFrameSchema) -> dict[str, Combinaison]:
    """Stem → dimension → value, for the variables of a schema that Melodi holds.

    In a value, `{achevement}` is the vintage less two: dwellings are told by the year they were finished before.
    """
    return {
        colonne.metadata["brut"].replace("{yy}", ""): colonne.metadata["melodi"]
        for colonne in schema.columns.values()
        if colonne.metadata.get("melodi")
    }


def lecteur(schema: pa.DataFrameSchema) -> Reader:
    """The reader of a source's Melodi zip."""
    return partial(_lire, combinaisons(schema))


def _lire(tiges: Mapping[str, Combinaison], path: Path, attendues: tuple[str, ...]) -> Lecture:
    # it knows servers too, which declaring a file asks nothing of
    from pipeline.telechargement import extraire

    if PERIODE not in attendues:
        raise ErreurUtilisateur(
            f"{path.name} contient plusieurs millésimes : retirer « millesime » de sa déclaration dans edition.toml."
        )
    with tempfile.TemporaryDirectory() as dossier:
        donnees = extraire(path, MEMBRE, Path(dossier) / "data.csv")
        noms = _entete(path.name, donnees, tiges)
        types = {nom: _TEXTES for nom in noms if nom not in _ATTRIBUTS} | dict.fromkeys(FIXES, _TEXTES)
        lue = lire_regulier(donnees, ";", types | {VALEUR: pyarrow.string()})
    if lue is None:
        raise _coupe(path.name)
    observations = _rapprocher(lue, tiges)
    retenues = np.flatnonzero(observations.motifs == _LUE)
    if not len(retenues):
        raise ErreurUtilisateur(
            f"{path.name} ne contient aucune des variables attendues : vérifier « source » et « chemin » dans "
            "edition.toml."
        )
    return _lecture(path.name, observations, retenues, list(tiges), attendues)


# --- The file --------------------------------------------------------------------------------------


def _coupe(fichier: str) -> ErreurUtilisateur:
    return ErreurUtilisateur(
        f"Le fichier de données de {fichier} est coupé, ou l'une de ses lignes n'a pas autant de champs que "
        "l'en-tête : le télécharger de nouveau."
    )


def _entete(fichier: str, donnees: Path, tiges: Mapping[str, Combinaison]) -> list[str]:
    """The file's columns; refuse one whose last line is cut, or that lacks a declared dimension."""
    with donnees.open("rb") as flux:
        entete = flux.readline()
        flux.seek(-1, 2)
        if flux.read(1) != b"\n":
            raise _coupe(fichier)
    noms = next(csv.reader([entete.decode("utf-8-sig").strip()], delimiter=";"))
    attendus = dict.fromkeys([*FIXES, *(nom for combinaison in tiges.values() for nom in combinaison)])
    if absents := [nom for nom in attendus if nom not in noms]:
        raise ErreurUtilisateur(
            f"{fichier} n'est pas le jeu Melodi attendu : la colonne « {absents[0]} » manque (trouvées : "
            f"{', '.join(noms[:6])}…) ; vérifier « source » et « chemin » dans edition.toml."
        )
    return noms


def _rapprocher(lue: pyarrow.Table, tiges: Mapping[str, Combinaison]) -> _Observations:
    """Every line of the file with its variable, or why it is set aside."""
    lue = lue.unify_dictionaries()
    colonnes = {nom: lue.column(nom).combine_chunks() for nom in lue.column_names}
    valeurs, textes = colonnes.pop(VALEUR), colonnes
    rangs = _variables(textes, tiges)
    niveaux = textes["GEO_OBJECT"].dictionary.to_pylist()
    noms = (*_MOTIFS, *(f"niveau {niveau}" for niveau in niveaux))
    motifs = np.where(valeurs.is_null().to_numpy(zero_copy_only=False), _SANS_VALEUR, _LUE).astype("int16")
    motifs[rangs < 0] = _NON_DECLAREE
    autres = [rang for rang, niveau in enumerate(niveaux) if niveau not in NIVEAUX]
    niveau = _rangs(textes["GEO_OBJECT"])
    ailleurs = np.isin(niveau, autres)
    motifs[ailleurs] = niveau[ailleurs] + len(_MOTIFS)
    return _Observations(textes, valeurs, rangs, motifs, noms)


def _rangs(textes: pyarrow.DictionaryArray) -> np.ndarray:
    """Where each text is among the distinct ones; -1 where there is none."""
    return textes.indices.fill_null(-1).to_numpy()


def _variables(textes: Mapping[str, pyarrow.DictionaryArray], tiges: Mapping[str, Combinaison]) -> np.ndarray:
    """Rank of the variable that each line is, -1 where it is none: its vintage and dimensions say which.

    The dimensions that no variable declares count at their total only; one that never varies says nothing.
    """
    dimensions = list(dict.fromkeys(nom for combinaison in tiges.values() for nom in combinaison))
    autres = [
        nom for nom in textes if nom not in {*dimensions, *_ATTRIBUTS} and len(textes[nom].dictionary) > 1
    ]
    cles = (PERIODE, *dimensions, *autres)
    codes = {
        nom: {texte: rang for rang, texte in enumerate(textes[nom].dictionary.to_pylist())} for nom in cles
    }
    declarees = {
        tuple(codes[nom].get(texte, -1) for nom, texte in zip(cles, membres, strict=True)): rang
        for annee in codes[PERIODE]
        for rang, combinaison in enumerate(tiges.values())
        for membres in [_membres(annee, combinaison, (*dimensions, *autres))]
    }
    connues = {membres: rang for membres, rang in declarees.items() if -1 not in membres}
    if not connues:
        return np.full(len(textes[PERIODE]), -1)
    tailles = [len(textes[nom].dictionary) + 1 for nom in cles]
    lues = _un_nombre([_rangs(textes[nom]) for nom in cles], tailles)
    places = pd.Index(_un_nombre(list(np.array(list(connues)).T), tailles)).get_indexer(lues)
    return np.append(list(connues.values()), -1)[places]


def _membres(annee: str, combinaison: Combinaison, dimensions: Iterable[str]) -> tuple[str, ...]:
    """The vintage and the value of each dimension, at its total where the variable does not say it."""
    achevement = str(int(annee) - 2) if annee.isdecimal() else ""
    return (annee, *(combinaison.get(nom, TOTAL).format(achevement=achevement) for nom in dimensions))


def _un_nombre(rangs: Sequence[np.ndarray], tailles: Sequence[int]) -> np.ndarray:
    """Several ranks, from -1, as one number."""
    return np.ravel_multi_index([rang + 1 for rang in rangs], tailles)


# --- The rows --------------------------------------------------------------------------------------


def _lecture(
    fichier: str, lues: _Observations, retenues: np.ndarray, tiges: Sequence[str], attendues: tuple[str, ...]
) -> Lecture:
    """One row a territory and vintage, at the line that first tells of it."""
    cle = ("GEO_OBJECT", "GEO", PERIODE)
    tailles = [len(lues.textes[nom].dictionary) + 1 for nom in cle]
    rangs, _ = pd.factorize(_un_nombre([_rangs(lues.textes[nom])[retenues] for nom in cle], tailles))
    places = np.full((len(tiges), rangs.max() + 1), -1)
    places[lues.tiges[retenues], rangs] = retenues
    _refuser_doublon(fichier, lues, retenues, rangs, tiges, places)
    premieres = retenues[np.unique(rangs, return_index=True)[1]]
    textes = {nom: lues.textes[nom].take(pyarrow.array(premieres)).cast(pyarrow.string()) for nom in cle}
    colonnes = {TERRITOIRE: _territoires(textes["GEO_OBJECT"], textes["GEO"]), PERIODE: textes[PERIODE]}
    for tige, ou in zip(tiges, places, strict=True):
        if tige in attendues:
            colonnes[tige] = decimales(lues.valeurs.take(pyarrow.array(ou, mask=ou < 0)))
    table = tableau(pyarrow.table(colonnes), pd.Index(premieres + 2))
    table = table.reindex(columns=list(attendues)).astype("string")
    ecartees = _ecartees(lues)
    presentes = int((places >= 0).any(axis=1).sum())
    return Lecture(table, ecartees, _resume(len(retenues), ecartees, len(table), presentes, len(tiges)))


def _refuser_doublon(
    fichier: str,
    lues: _Observations,
    retenues: np.ndarray,
    rangs: np.ndarray,
    tiges: Sequence[str],
    places: np.ndarray,
) -> None:
    """Refuse a file that gives the same figure twice: two lines that want one place."""
    if len(retenues) == np.count_nonzero(places >= 0):
        return
    cle = lues.tiges[retenues] * places.shape[1] + rangs
    premiere = pd.Series(cle).duplicated(keep=False).argmax()
    derniere = np.flatnonzero(cle == cle[premiere])[-1]
    ligne = retenues[premiere]
    niveau, code = (lues.textes[nom][ligne].as_py() for nom in ("GEO_OBJECT", "GEO"))
    raise ErreurUtilisateur(
        f"{fichier} donne deux fois la variable {tiges[lues.tiges[ligne]]} pour {niveau} {code} (lignes "
        f"{ligne + 2} et {retenues[derniere] + 2}) : le télécharger de nouveau."
    )


def _territoires(niveaux: pyarrow.Array, codes: pyarrow.Array) -> pyarrow.Array:
    """A commune's own code, else « DEP-01 »: region 75 is not département 75."""
    return pc.if_else(pc.equal(niveaux, "COM"), codes, pc.binary_join_element_wise(niveaux, codes, "-"))


def _ecartees(lues: _Observations) -> pd.DataFrame:
    """One row a reason, in their order: how many lines it sets aside, and the first of them."""
    rangs, premieres, comptes = np.unique(lues.motifs, return_index=True, return_counts=True)
    table = pd.DataFrame(
        {
            "ligne": premieres + 2,
            "motif": [lues.noms[rang] for rang in rangs],
            "contenu": comptes.astype(str),
            "lignes": comptes,
        }
    )
    table = table[rangs != _LUE].sort_values("motif", ignore_index=True)
    return table.astype({"motif": "string", "contenu": "string"})


def _resume(lues: int, ecartees: pd.DataFrame, territoires: int, presentes: int, variables: int) -> str:
    """« Melodi, 387 observations : 258 lues (18 territoires et millésimes), mises de côté : niveau ARM 43… »."""
    total = nombre(lues + int(ecartees["lignes"].sum()))
    cotes = ", ".join(
        f"{motif} : {nombre(n)}" for motif, n in zip(ecartees["motif"], ecartees["lignes"], strict=True)
    )
    return (
        f"Melodi, {total} observations : {nombre(lues)} lues ({nombre(territoires)} territoires et millésimes, "
        f"{presentes} variables sur {variables})" + (f", mises de côté ({cotes})" if cotes else "")
    )
