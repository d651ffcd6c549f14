"""What the base may not hold, or no longer: persons who asked to be forgotten, and rows that are too old.

In: the pseudonyms of forgotten persons, kept beside the key, and who each row of the deposits is about. Out:
the rows to set aside. A person's rows are those that name her, those of her requests and files, and those of
her household when nobody else is known in it: members who are only counted do not keep it. Only names tell
whose a row is: where a deposit gives a number alone, the other deposits say whose number it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.identite import PERSONNE, normaliser, pseudonymes
from pipeline.model import ErreurUtilisateur, Lecture, Pseudonyme, Source
from pipeline.report.nombres import nombre
from pipeline.trousseau import OUBLIES

if TYPE_CHECKING:
    from pipeline.edition import Conservation, Fichier

OUBLIEE = "personne oubliée"
TROP_VIEILLE = "au-delà de la durée de conservation"
TROP_RECENTE = "après le dernier exercice du rapport, sans en faire un"

_QUI = "personne"
_MENAGE = "menage"

# What lasts until a day: no longer kept years after that day, and kept as long as it is not written.
_FINS = {
    "ccas_accompagnements": "date_fin",
    "ccas_services": "date_fin",
    "ccas_registre": "date_radiation",
}
_ANNEES = ("exercice", "millesime")

Oublies = Mapping[str, frozenset[str]]
"""Column → its pseudonyms that lead to a forgotten person."""

Declaration = tuple[str, str, tuple[tuple[str, str], ...]]
"""Source, path and columns: one line may be two rows, the person's and her spouse's."""

Rangees = Mapping[Declaration, pd.DataFrame]
"""Declared file → pseudonyms of its rows, by line; `personne` wherever there are names."""

Lignes = Mapping[Declaration, frozenset[int | str]]
"""Declared file → some of its lines."""


@dataclass(frozen=True)
class Liens:
    """Columns whose pseudonyms lead to a person.

    `individus`: made of an identity, `personne` first. `dossiers`: numbers of one person's request or file.
    """

    individus: tuple[str, ...]
    dossiers: tuple[str, ...]

    @property
    def identites(self) -> tuple[str, ...]:
        """Those that may be made of an identity: the household's too, where it has no number."""
        return (*self.individus, _MENAGE)

    @property
    def colonnes(self) -> tuple[str, ...]:
        """All of them, the household's among them, from what tells most to what tells least."""
        return (*self.identites, *self.dossiers)


@dataclass(frozen=True)
class Ecarts:
    """What is set aside at the door: the lines of forgotten persons, and years before the first one kept.

    What is after the last year told is loaded, and counted. `memes`: pseudonyms that are written as another
    (`reponses.memes`).
    """

    lignes: Lignes
    premier_exercice: int
    dernier_exercice: int
    memes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


AUCUN = Ecarts({}, 0, 9999)


# --- Whose a row is --------------------------------------------------------------------------------


def liens(sources: Iterable[Source]) -> Liens:
    """What leads to a person in the tables of these sources, from their own declarations."""
    faites = {source.id: _faites_d_une_identite(source) for source in sources}
    individus = dict.fromkeys((_QUI, *(nom for noms in faites.values() for nom in noms)))
    dossiers = dict.fromkeys(
        source.schema.unique[0] for source in sources if faites[source.id] and _est_un_dossier(source)
    )
    return Liens(tuple(nom for nom in individus if nom != _MENAGE), tuple(dossiers))


def _faites_d_une_identite(source: Source) -> list[str]:
    return [i.colonne for i in source.identites if isinstance(i, Pseudonyme) and i.de == PERSONNE]


def _est_un_dossier(source: Source) -> bool:
    """Whether the key of the source is one number, and no identity."""
    cle = source.schema.unique or []
    return len(cle) == 1 and cle[0] not in _faites_d_une_identite(source)


def pseudonymes_de(nom: str, prenom: str, naissance: str, colonnes: Iterable[str], cle: bytes) -> Oublies:
    """What one identity becomes in each of the columns; `ErreurUtilisateur`, naming nobody, if incomplete."""
    if not normaliser(nom, prenom, naissance):
        raise ErreurUtilisateur(
            "L'identité est incomplète ou la date de naissance illisible : donner le nom, le prénom et la "
            "date de naissance (jj/mm/aaaa)."
        )
    personne = pd.DataFrame([(nom, prenom, naissance)], columns=list(PERSONNE), dtype="string")
    return {
        colonne: frozenset(pseudonymes(personne, Pseudonyme(colonne, PERSONNE), cle)) for colonne in colonnes
    }


def reunir(*listes: Oublies) -> Oublies:
    """The pseudonyms that are in one list or another."""
    noms = dict.fromkeys(nom for liste in listes for nom in liste)
    return {nom: frozenset().union(*(liste.get(nom, ()) for liste in listes)) for nom in noms}


def etendre(oublies: Oublies, cadres: Iterable[pd.DataFrame], liens: Liens) -> Oublies:
    """From persons to what is theirs alone: their card, then their household, then their requests and files.

    `cadres`: frames that hold some of the columns of `liens`; a column follows from those that tell more
    than it does. A number that another known person bears is not theirs alone, whatever was written before.
    """
    cadres = list(cadres)
    etendus = {nom: frozenset(oublies.get(nom, ())) for nom in liens.colonnes}
    for rang, nom in enumerate(liens.colonnes[1:], 1):
        plus_sures = liens.colonnes[:rang]
        partages = [
            (cadre[nom], *_partage(cadre[[sure for sure in plus_sures if sure in cadre]], etendus, liens))
            for cadre in cadres
            if nom in cadre
        ]
        siens = etendus[nom].union(*(numeros[siennes].dropna() for numeros, siennes, _ in partages))
        partages_d_autrui = (numeros[d_autrui & numeros.isin(siens)] for numeros, _, d_autrui in partages)
        etendus[nom] = siens.difference(*partages_d_autrui)
    return etendus


def concernees(cadre: pd.DataFrame, oublies: Oublies, liens: Liens) -> pd.Series:
    """Mask of the rows that are about forgotten persons."""
    return _partage(cadre, oublies, liens)[0]


def _partage(cadre: pd.DataFrame, oublies: Oublies, liens: Liens) -> tuple[pd.Series, pd.Series]:
    """Masks: rows about forgotten persons, rows about others. Who is named decides, then numbers."""
    siennes = nommee = pd.Series(False, index=cadre.index)
    for nom in liens.individus:
        if nom in cadre:
            siennes = siennes | (~nommee & cadre[nom].isin(oublies.get(nom, ())))
            nommee = nommee | cadre[nom].notna()
    d_autrui = nommee & ~siennes
    for nom in (_MENAGE, *liens.dossiers):
        if nom in cadre:
            siennes = siennes | (~nommee & cadre[nom].isin(oublies.get(nom, ())))
    return siennes, d_autrui


def lignes(rangees: Rangees, oublies: Oublies, liens: Liens) -> Lignes:
    """The lines of forgotten persons, by declared file; files without any are left out."""
    trouvees = {
        ou: frozenset(cadre.index[concernees(cadre, oublies, liens)]) for ou, cadre in rangees.items()
    }
    return {ou: celles for ou, celles in trouvees.items() if celles}


def declaration(source: Source, fichier: Fichier) -> Declaration:
    """What tells a declared file from any other of the edition."""
    return source.id, fichier.chemin, tuple(sorted(fichier.colonnes.items()))


# --- At the door -----------------------------------------------------------------------------------


def sans_oublies(lecture: Lecture, declaration: Declaration, ecarts: Ecarts) -> Lecture:
    """What was read, without the lines of forgotten persons: set aside under a reason of their own, never shown."""
    if declaration not in ecarts.lignes:
        return lecture
    parties = lecture.table.index[lecture.table.index.isin(list(ecarts.lignes[declaration]))]
    ecartees = pd.DataFrame({"ligne": parties, "motif": OUBLIEE, "contenu": ""})
    ecartees = pd.concat([lecture.ecartees, ecartees.astype(lecture.ecartees.dtypes.to_dict())])
    return Lecture(lecture.table.drop(index=parties), ecartees.reset_index(drop=True), lecture.detecte)


def compte(motif: str, lignes: int) -> str:
    """« , au-delà de la durée de conservation : 3 », or nothing where there is no such row."""
    return f", {motif} : {nombre(lignes)}" if lignes else ""


def premier_exercice(conservation: Conservation, annee: int) -> int:
    """The first year whose pseudonymised rows are kept in `annee`."""
    return annee - conservation.annees_statistique


def trop_vieilles(table: pd.DataFrame, source: str, premier_exercice: int) -> pd.Index:
    """Rows whose last date (or exercise) is before the first one kept, unless what they tell goes on.

    A row without any date is not judged. A decision stays when the request it answers, a year older, is
    gone: each row has its own age.
    """
    if not (annees := _annees(table)):
        return table.index[:0]
    derniere = np.fmax.reduce(annees)
    en_cours = table[_FINS[source]].isna().to_numpy() if source in _FINS else np.array(False)
    return table.index[(derniere < premier_exercice) & ~en_cours]


def trop_recentes(table: pd.DataFrame, dernier_exercice: int) -> int:
    """How many rows tell of nothing before the end of the last year told: they make no year of their own."""
    annees = _annees(table)
    return int((np.fmin.reduce(annees) > dernier_exercice).sum()) if annees else 0


def _annees(table: pd.DataFrame) -> list[np.ndarray]:
    """The years that the rows tell of: those of each of their dates, and those that they give as such."""
    annees = [table[nom].dt.year for nom in table.select_dtypes("datetime")]
    annees += [table[nom] for nom in _ANNEES if nom in table]
    return [serie.to_numpy("float64", na_value=np.nan) for serie in annees]


# --- The list, beside the key ----------------------------------------------------------------------


def lire(chemin_de_cle: Path, cle: bytes) -> Oublies:
    """The forgotten pseudonyms; none if nobody ever asked. `ErreurUtilisateur` as `Liste.lire`."""
    lues: dict[str, set[str]] = {}
    for colonne, pseudo in OUBLIES.lire(chemin_de_cle, cle):
        lues.setdefault(colonne, set()).add(pseudo)
    return {colonne: frozenset(pseudos) for colonne, pseudos in lues.items()}


def ecrire(chemin_de_cle: Path, cle: bytes, oublies: Oublies) -> Path:
    """Write the list; returns where it is."""
    lignes = ((colonne, pseudo) for colonne, pseudos in oublies.items() for pseudo in pseudos)
    return OUBLIES.ecrire(chemin_de_cle, cle, lignes)
