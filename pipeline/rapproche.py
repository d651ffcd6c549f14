"""The analyst's word on pairs of persons: the command `rapproche` reads it from the sheet that she filled.

In: an edition and a sheet of `rapprochements.feuille`, « oui » or « non » on the pairs that she looked at. Out:
French lines, which name nobody; her answers, as pseudonyms, in the list beside the key. Lines are looked for in the
very deposits that the sheet was made from, and are somebody only as long as it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from pipeline import depot, identite, ingest, oubli, rapprochements, readers, reponses
from pipeline.build import verrou
from pipeline.model import ErreurUtilisateur
from pipeline.readers import comparable
from pipeline.reponses import Paire
from pipeline.report.francais import enumerer
from pipeline.report.nombres import avec_unite, nombre
from pipeline.sources.ccas import lecteurs
from pipeline.sources.registre import SOURCES

if TYPE_CHECKING:
    from pipeline.edition import Edition, Fichier
    from pipeline.model import Source

_LIENS = oubli.liens(SOURCES)
_COTES = (("fichier", "ligne"), ("autre_fichier", "autre_ligne"))


def rapprocher(edition: Edition, feuille: Path) -> list[str]:
    """Keep the answers of the sheet; `ErreurUtilisateur` on the first thing that should be put right in it."""
    lues = _lire(feuille)
    dites = _dites(feuille, lues)
    sans_reponse = f"{nombre(len(lues) - len(dites))} sans réponse"
    if dites.empty:
        return [f"Rien n'est dit dans la colonne « {rapprochements.REPONSE} » : {sans_reponse}."]
    with verrou(edition):
        liste = _garder(edition, feuille, dites)
    uns = int(dites["dite"].sum())
    return [
        f"{avec_unite(uns, 'paires rapprochées')}, {avec_unite(len(dites) - uns, 'paires distinctes')}, "
        f"{sans_reponse}.",
        f"Réponses gardées à côté de la clé, sans nom ni ligne : {liste}",
        f"À reconstruire, pour que les chiffres suivent : make abs EDITION={edition.nom}, et les autres éditions de "
        "la commune.",
    ]


def _garder(edition: Edition, feuille: Path, dites: pd.DataFrame) -> Path:
    """Add the answers to those given before, as pseudonyms; returns where they are."""
    cle, chemin = ingest.cle_de(edition), ingest.chemin_de_cle(edition)
    _verifier_les_depots(edition, feuille, dites)
    une, autre = _personnes(edition, feuille, dites)
    paires = {nom: reponses.paires(une, autre, nom, cle) for nom in _LIENS.identites}
    nouvelles = {nom: dict(zip(siennes, dites["dite"], strict=True)) for nom, siennes in paires.items()}
    toutes = reponses.completer(reponses.lire(chemin, cle), nouvelles)
    _refuser_contredites(feuille, dites.assign(paire=paires["personne"]), toutes["personne"])
    return reponses.ecrire(chemin, cle, toutes)


# --- The sheet -------------------------------------------------------------------------------------


def _lire(feuille: Path) -> pd.DataFrame:
    """The columns of `rapprochements.COLONNES`, as text, by line of the sheet."""
    attendues = rapprochements.COLONNES
    presentes = [set(map(comparable, titres)) for titres in depot.titres(feuille)]
    absentes = [[nom for nom in attendues if comparable(nom) not in titres] for titres in presentes]
    if manquent := min(absentes, key=len):
        raise ErreurUtilisateur(
            f"« {feuille.name} » n'a pas la colonne « {manquent[0]} » : reprendre la feuille rapprochements.csv que "
            "« make abs » ou « make controle » écrit, sans en retirer de colonne."
        )
    table = lecteurs()[feuille.suffix.lower()](feuille, attendues).table
    textes = {nom: readers.en_textes(pa.array(table[nom], from_pandas=True)) for nom in attendues}
    return pd.DataFrame(textes, index=table.index).fillna("")


def _dites(feuille: Path, lues: pd.DataFrame) -> pd.DataFrame:
    """The rows that are answered, and in `dite` whether they say yes."""
    repondues = lues[lues[rapprochements.REPONSE].ne("")]
    mots = repondues[rapprochements.REPONSE].map(comparable)
    autres = repondues.index[~mots.isin([reponses.OUI, reponses.NON])]
    if len(autres):
        raise _erreur(
            feuille,
            autres[:1],
            f"la colonne « {rapprochements.REPONSE} » dit autre chose que « oui » ou « non » : y écrire l'un des "
            "deux, ou la laisser vide",
        )
    return repondues.assign(dite=mots.eq(reponses.OUI).astype(bool))


def _erreur(feuille: Path, lignes: Iterable[int | str], quoi: str) -> ErreurUtilisateur:
    """« rapprochements.csv, lignes 2 et 4 : … »; no word that was typed in the sheet is repeated."""
    textes = [str(ligne) for ligne in lignes]
    return ErreurUtilisateur(
        f"{feuille.name}, {'lignes' if len(textes) > 1 else 'ligne'} {enumerer(textes)} : {quoi}."
    )


# --- The deposits ----------------------------------------------------------------------------------


def _verifier_les_depots(edition: Edition, feuille: Path, dites: pd.DataFrame) -> None:
    """The deposits are those that the sheet was made from: a line of another export is somebody else."""
    sommes: dict[str, str] = {}
    for rang, ligne in dites.iterrows():
        noms = [ligne[fichier] for fichier, _ in _COTES]
        for nom in noms:
            if nom not in sommes:
                sommes[nom] = _somme(edition, feuille, rang, nom)
        if ligne[rapprochements.EMPREINTE] != rapprochements.empreinte(*(sommes[nom] for nom in noms)):
            change = " ou ".join(f"« {nom} »" for nom in dict.fromkeys(noms))
            raise _erreur(
                feuille,
                [rang],
                f"le dépôt {change} n'est plus celui dont vient cette feuille, et ses lignes peuvent être d'autres "
                "personnes : refaire la feuille (make abs, ou make controle), puis y répondre",
            )


def _somme(edition: Edition, feuille: Path, rang: int | str, nom: str) -> str:
    for source, fichier in _declarations(edition, nom):
        return ingest.verifier_fichier(source, fichier, edition.chemin(fichier))
    raise _erreur(
        feuille,
        [rang],
        f"« {nom} » n'est pas, ou n'est plus, un dépôt de personnes de l'édition {edition.nom}",
    )


def _declarations(edition: Edition, nom: str) -> list[tuple[Source, Fichier]]:
    """Each declaration of that deposit."""
    return [couple for couple in ingest.deposes(edition, SOURCES) if couple[1].chemin == nom]


def _personnes(edition: Edition, feuille: Path, dites: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Who the two lines of each row are about (`identite.personnes`)."""
    cherchees: dict[str, set[str]] = {}
    for fichier, ligne in _COTES:
        for nom, lignes in dites.groupby(fichier)[ligne]:
            cherchees.setdefault(nom, set()).update(lignes)
    nommees = {nom: _nommees(edition, nom, lignes) for nom, lignes in sorted(cherchees.items())}
    paires = [_paire(feuille, rang, ligne, nommees) for rang, ligne in dites.iterrows()]
    une, autre = (pd.Series(cote, index=dites.index, dtype="string") for cote in zip(*paires, strict=True))
    return une, autre


def _nommees(edition: Edition, nom: str, lignes: set[str]) -> dict[str, list[str]]:
    """Line of a deposit → each different person that its declarations name there."""
    trouvees: dict[str, set[str]] = {}
    for source, fichier in _declarations(edition, nom):
        lues = ingest.nommees(source, fichier, edition.chemin(fichier))
        lues = lues.set_axis(lues.index.astype(str))
        for ligne, qui in lues[lues.index.isin(list(lignes))].dropna().items():
            if identite.est_nommee(qui):
                trouvees.setdefault(ligne, set()).add(qui)
    return {ligne: sorted(toutes) for ligne, toutes in trouvees.items()}


def _paire(
    feuille: Path, rang: int | str, ligne: pd.Series, nommees: dict[str, dict[str, list[str]]]
) -> tuple[str, str]:
    """The two persons of one row. Where a line names a couple, those of them whom the reason brings together."""
    deux = [nommees[ligne[fichier]].get(ligne[numero], []) for fichier, numero in _COTES]
    for (fichier, numero), siennes in zip(_COTES, deux, strict=True):
        if not siennes:
            raise _erreur(
                feuille,
                [rang],
                f"la ligne {ligne[numero]} de « {ligne[fichier]} » n'existe pas, ou ne nomme personne",
            )
    paires = list(product(*deux))
    if len(paires) > 1:
        paires = [paire for paire in paires if ligne["motif"] in _motifs(paire)]
    if len(paires) != 1:
        raise _erreur(
            feuille,
            [rang],
            "ces lignes nomment plusieurs personnes, et le motif ne dit pas lesquelles : effacer la réponse, et "
            "corriger plutôt le nom ou la date dans le logiciel",
        )
    return paires[0]


def _motifs(paire: tuple[str, str]) -> set[str]:
    """Why two persons would be told: one reason, or none."""
    return set(rapprochements.trouver([("", pd.Series(paire, dtype="category"))])["motif"])


# --- What cannot be --------------------------------------------------------------------------------


def _refuser_contredites(feuille: Path, dites: pd.DataFrame, toutes: Mapping[Paire, bool]) -> None:
    """Refuse answers of which one is not true if the others are."""
    memes = dites.index[[une == autre for une, autre in dites["paire"]]]
    if len(memes):
        raise _erreur(
            feuille,
            memes[:1],
            "les deux lignes sont déjà une seule personne, écrite de la même façon : effacer la réponse",
        )
    for _, deux_fois in dites.groupby("paire", sort=False):
        if deux_fois["dite"].nunique() > 1:
            raise _erreur(
                feuille, deux_fois.index, "« oui » et « non » des deux mêmes personnes : n'en garder qu'un"
            )
    if ensemble := reponses.contredites(toutes):
        raise _erreur(
            feuille,
            dites.index[[ensemble.issuperset(paire) for paire in dites["paire"]]],
            "de proche en proche, avec les réponses déjà données, deux personnes y sont à la fois une seule "
            "(« oui ») et distinctes (« non ») : corriger l'une de ces réponses",
        )
