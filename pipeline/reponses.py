"""What the analyst answered of pairs of persons: one, or two. Kept beside the key, and what follows from it.

In: pairs of pseudonyms with her answer, and who each row of the deposits is about. Out: which pseudonyms are one,
in each column. Persons that she brings together are one pseudonym everywhere, from one pair to the next; so are
their cards and their households that have the same known members, as if the deposits had written her in one way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from pipeline.identite import PERSONNE, pseudonymes
from pipeline.model import Pseudonyme
from pipeline.oubli import Oublies
from pipeline.trousseau import REPONSES

Paire = tuple[str, str]
"""Two pseudonyms of one column, in their order."""

Reponses = Mapping[str, Mapping[Paire, bool]]
"""Column → pairs, and whether they are one person."""

Memes = Mapping[str, Mapping[str, str]]
"""Column → pseudonym → the one that stands for it; those that stand for themselves are left out."""

_QUI = "personne"
OUI, NON = "oui", "non"
_DITES = {OUI: True, NON: False}


# --- The list --------------------------------------------------------------------------------------


def lire(chemin_de_cle: Path, cle: bytes) -> Reponses:
    """Every answer; none if nobody answered. `ErreurUtilisateur` as `Liste.lire`."""
    lues: dict[str, dict[Paire, bool]] = {}
    for colonne, dite, une, autre in REPONSES.lire(chemin_de_cle, cle):
        lues.setdefault(colonne, {})[une, autre] = _DITES[dite]
    return lues


def ecrire(chemin_de_cle: Path, cle: bytes, reponses: Reponses) -> Path:
    """Write the list; returns where it is."""
    lignes = (
        (colonne, OUI if une_seule else NON, *paire)
        for colonne, dites in reponses.items()
        for paire, une_seule in dites.items()
    )
    return REPONSES.ecrire(chemin_de_cle, cle, lignes)


def completer(avant: Reponses, apres: Reponses) -> Reponses:
    """All the answers: of one pair, the later one."""
    return {nom: {**avant.get(nom, {}), **apres.get(nom, {})} for nom in avant.keys() | apres.keys()}


def paires(une: pd.Series, autre: pd.Series, colonne: str, cle: bytes) -> list[Paire]:
    """Pairs of persons (`identite.personnes`) as their pseudonyms in a column; no text for one who is not named."""
    declare = Pseudonyme(colonne, PERSONNE)
    deux = (pseudonymes(pd.DataFrame(), declare, cle, cote).fillna("") for cote in (une, autre))
    return [(min(paire), max(paire)) for paire in zip(*deux, strict=True)]


# --- Who is who ------------------------------------------------------------------------------------


def canoniques(dites: Mapping[Paire, bool]) -> dict[str, str]:
    """Pseudonym → the first of all those that are one with it, whatever the order of the answers."""
    groupes: dict[str, set[str]] = {}
    for une, autre in (paire for paire, une_seule in dites.items() if une_seule):
        groupe = groupes.get(une, {une}) | groupes.get(autre, {autre})
        groupes |= dict.fromkeys(groupe, groupe)
    return {membre: min(groupe) for membre, groupe in groupes.items() if membre != min(groupe)}


def en_reunissent(reponses: Reponses) -> bool:
    """Whether anybody was brought together."""
    return any(reponses.get(_QUI, {}).values())


def contredites(dites: Mapping[Paire, bool]) -> frozenset[str]:
    """Everyone in a group of which two are said to be two persons; the first such group, or nobody."""
    uns = canoniques(dites)
    for une, autre in sorted(paire for paire, une_seule in dites.items() if not une_seule):
        if (tete := uns.get(une, une)) == uns.get(autre, autre):
            return frozenset((tete, *(membre for membre, premier in uns.items() if premier == tete)))
    return frozenset()


def de_paires(reponses: Reponses, cle: bytes, une: pd.Series, autre: pd.Series) -> list[str]:
    """What is known of each pair of persons (`identite.personnes`): oui, non, or nothing.

    What follows from two answers needs no third: one with one who is somebody else is somebody else.
    """
    connues = reponses.get(_QUI, {})
    uns = canoniques(connues)

    def tetes(paire: Paire) -> frozenset[str]:
        return frozenset(uns.get(pseudo, pseudo) for pseudo in paire)

    dites = {tetes(paire): NON for paire, une_seule in connues.items() if not une_seule}
    dites |= {frozenset((tete,)): OUI for tete in uns.values()}
    return [dites.get(tetes(paire), "") for paire in paires(une, autre, _QUI, cle)]


def toutes_les_ecritures(oublies: Oublies, reponses: Reponses) -> Oublies:
    """The forgotten, under every spelling that the analyst brought together with one of theirs."""
    etendus = dict(oublies)
    for nom, dites in reponses.items():
        uns = canoniques(dites)
        tetes = {uns.get(pseudo, pseudo) for pseudo in oublies.get(nom, ())}
        etendus[nom] = frozenset(oublies.get(nom, ())) | tetes.intersection(uns.values())
        etendus[nom] |= {membre for membre, premier in uns.items() if premier in tetes}
    return etendus


# --- At the door -----------------------------------------------------------------------------------


def memes(reponses: Reponses, cadres: Iterable[pd.DataFrame], colonnes: Iterable[str]) -> Memes:
    """What stands for what in each column; nothing where nobody was brought together.

    `cadres`: who each row of the deposits is about (`ingest.rangees`); `colonnes`: those that an identity may make,
    of which one may be younger than an answer.
    """
    uns = {nom: trouves for nom, dites in reponses.items() if (trouves := canoniques(dites))}
    if not uns:
        return {}
    reunis = [reunir(cadre, uns) for cadre in cadres]
    autres = {
        nom: _des_memes_membres(nom, uns.get(nom, {}), uns[_QUI], reunis) for nom in colonnes if nom != _QUI
    }
    return uns | {nom: siens for nom, siens in autres.items() if siens}


def _des_memes_membres(
    nom: str, deja: Mapping[str, str], uns: Mapping[str, str], cadres: Iterable[pd.DataFrame]
) -> dict[str, str]:
    """Households (or cards) that have the same known members, one of them brought together, are one besides."""
    lots = [cadre[[_QUI, nom]].dropna() for cadre in cadres if {_QUI, nom} <= set(cadre)]
    vide = pd.DataFrame(columns=[_QUI, nom], dtype="string")
    connus = pd.concat([vide, *lots]).drop_duplicates()
    leurs = connus[connus[nom].isin(connus.loc[connus[_QUI].isin(set(uns.values())), nom])]
    membres = leurs.groupby(nom)[_QUI].agg(lambda siens: " ".join(sorted(siens)))
    tetes = {
        un: premier
        for memes_ in membres.groupby(membres).groups.values()
        for un in memes_
        if un != (premier := min(memes_))
    }
    return {un: tetes.get(premier, premier) for un, premier in deja.items()} | tetes


def en_table(memes: Memes) -> pd.DataFrame:
    """One row a pseudonym that is written as another: it in its own column, and `ecrit`, the one that is written."""
    lots = [pd.DataFrame({nom: list(siens), "ecrit": list(siens.values())}) for nom, siens in memes.items()]
    vide = pd.DataFrame(columns=[_QUI, "ecrit"], dtype="string")
    return pd.concat([vide, *lots], ignore_index=True).astype("string")


def reunir(table: pd.DataFrame, memes: Memes) -> pd.DataFrame:
    """The table with, in each column, one pseudonym for those that are one; the same one where there is none."""
    remplacees = {}
    for nom in (nom for nom in table if nom in memes):
        masque = table[nom].isin(list(memes[nom]))
        if masque.any():
            tetes = table.loc[masque, nom].map(memes[nom]).astype(table[nom].dtype)
            remplacees[nom] = table[nom].mask(masque, tetes)
    return table.assign(**remplacees) if remplacees else table
