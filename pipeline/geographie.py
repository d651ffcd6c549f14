"""Territories and who holds whom: two frames that every indicator is brought to its levels with.

In: an edition and its profile's territories: a file of `reference/`, or the code officiel géographique.
Out: `territoires` (one row a territory) and `appartenances` (one row a territory and one that holds it,
with the weight of the part held).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from pipeline import cog
from pipeline.model import ErreurUtilisateur

if TYPE_CHECKING:
    from pipeline.edition import Edition, Profil

REFERENCE = Path(__file__).parent / "reference"


COG = "cog"
IRIS, QUARTIER = "iris", "quartier"
COMPARABLES = "COMPARABLES"


def lire_reference(profil: Profil) -> pd.DataFrame:
    """Territories of the profile: code, article, nom, niveau, dans (codes, « code:poids » in part)."""
    if profil.territoires == COG:
        return cog.territoires()
    return pd.read_csv(REFERENCE / profil.territoires, dtype=str, keep_default_na=False)


def _propres(edition: Edition) -> pd.DataFrame:
    """What the edition adds: its quartiers, the IRIS they are made of, the group of comparable communes."""
    lignes = [(quartier.code, "", quartier.nom, QUARTIER) for quartier in edition.quartiers]
    lignes += [(iris, "", f"IRIS {iris}", IRIS) for quartier in edition.quartiers for iris in quartier.iris]
    if edition.comparables:
        lignes.append((COMPARABLES, "les", "communes comparables", "comparables"))
    return pd.DataFrame(lignes, columns=["code", "article", "nom", "niveau"])


def _membres(edition: Edition, reference: pd.DataFrame) -> list[str]:
    """The communes whose detail the edition shows: those of the territory it names, but the one studied."""
    if not edition.edition.detail:
        return []
    # communes of one intercommunalité and département are within the same territories: read once
    dans = [dans for dans in reference["dans"].unique() if edition.edition.detail in dans.split()]
    codes = reference.loc[reference["dans"].isin(dans), "code"]
    return [code for code in codes if code != edition.territoire.code]


def territoires(edition: Edition) -> pd.DataFrame:
    """One row a territory: territoire, article, nom, niveau, rang (of the level), role in the edition.

    `role` is `etude`, `quartier`, `comparateur`, `membre` (a commune shown in detail) or empty; `ordre` is
    the reading order.
    """
    reference = lire_reference(edition.profil)
    table = pd.concat([reference.drop(columns="dans"), _propres(edition)], ignore_index=True)
    table = table.rename(columns={"code": "territoire"})
    etude, comparateurs = edition.territoire.code, edition.edition.comparateurs
    _verifier_connus(edition, table["territoire"])
    membres = _membres(edition, reference)
    quartiers = [quartier.code for quartier in edition.quartiers]
    roles = dict.fromkeys(membres, "membre") | dict.fromkeys(quartiers, "quartier")
    roles |= dict.fromkeys(comparateurs, "comparateur") | {etude: "etude"}
    ordre = {code: rang for rang, code in enumerate([etude, *comparateurs, *quartiers, *membres])}
    rangs = {niveau.id: rang for rang, niveau in enumerate(edition.profil.niveaux)}
    # a few codes of 36,000
    montres = table.loc[table["territoire"].isin(list(ordre)), "territoire"]
    return table.assign(
        rang=table["niveau"].map(rangs).astype("int64"),
        role=montres.map(roles).reindex(table.index, fill_value=""),
        ordre=montres.map(ordre).reindex(table.index, fill_value=len(ordre)),
    )


def _verifier_connus(edition: Edition, codes: pd.Series) -> None:
    detail = [edition.edition.detail] if edition.edition.detail else []
    demandes = [edition.territoire.code, *edition.edition.comparateurs, *detail]
    connus = set(codes[codes.isin(demandes)])
    for code in demandes:
        if code not in connus:
            raise ErreurUtilisateur(
                f"edition.toml : le territoire « {code} » est inconnu du profil "
                f"« {edition.edition.profil} » : corriger son code."
            )


def appartenances(edition: Edition) -> pd.DataFrame:
    """One row a territory and a territory that holds it: contenu, contenant, poids, couvre.

    `poids`, in ]0, 1], is the part held. `couvre` says that the territories of the same level as
    `contenu` fill `contenant`: only then may their counts be summed into it.
    """
    liens = _liens(edition)
    return liens.drop(columns="niveau").assign(couvre=_couvrent(liens))


def _liens(edition: Edition) -> pd.DataFrame:
    """contenu, its niveau, contenant, poids: the territories of the profile, then the edition's quartiers and IRIS."""
    reference = lire_reference(edition.profil)
    # communes of one intercommunalité and département have the same containers: read once
    lus = [(dans, *lien) for dans in reference["dans"].unique() for lien in _lire_parents(dans).items()]
    tenus = pd.DataFrame(lus, columns=["dans", "contenant", "poids"])
    liens = reference[["code", "niveau", "dans"]].merge(tenus, on="dans").drop(columns="dans")
    liens = liens.rename(columns={"code": "contenu"})
    dessus = liens[liens["contenu"] == edition.territoire.code]
    propres = _liens_propres(edition, dict(zip(dessus["contenant"], dessus["poids"], strict=True)))
    return pd.concat([liens, propres.astype(liens.dtypes)], ignore_index=True)


def _liens_propres(edition: Edition, dessus: dict[str, float]) -> pd.DataFrame:
    """The links of the edition's quartiers and of their IRIS; `dessus`: what holds the commune, and its parts."""
    parents: dict[tuple[str, str], dict[str, float]] = {}
    for quartier in edition.quartiers:
        siens = {edition.territoire.code: 1.0, **dessus}
        parents[quartier.code, QUARTIER] = siens
        parents |= {(iris, IRIS): {quartier.code: 1.0, **siens} for iris in quartier.iris}
    lignes = [(*contenu, *lien) for contenu, ceux in parents.items() for lien in ceux.items()]
    return pd.DataFrame(lignes, columns=["contenu", "niveau", "contenant", "poids"])


def _lire_parents(dans: str) -> dict[str, float]:
    """« DEP-01 REG-84:0.5 » → the part held by each."""
    morceaux = (morceau.partition(":") for morceau in dans.split())
    return {parent: float(poids or 1) for parent, _, poids in morceaux}


def _couvrent(liens: pd.DataFrame) -> np.ndarray:
    """Whether the territories of each link's level, in its container, hold the same leaves as the container.

    Leaves: the smallest territories, those that hold none.
    """
    rangs, codes = pd.factorize(pd.concat([liens["contenu"], liens["contenant"]]))
    contenu, contenant = rangs.reshape(2, -1)
    de_feuille = ~np.isin(contenu, contenant)
    feuilles = np.unique(contenu[de_feuille])
    # territory × leaf, then (container, level) × leaf: who holds which, itself included
    tient = _matrice(
        np.append(contenant[de_feuille], feuilles),
        np.append(contenu[de_feuille], feuilles),
        (len(codes), len(codes)),
    )
    genres, noms = pd.factorize(liens["niveau"])
    groupe, groupes = pd.factorize(contenant * len(noms) + genres)
    ensemble = _matrice(groupe, contenu, (len(groupes), len(codes))) @ tient
    ecarts = (ensemble != tient[groupes // len(noms)]).sum(axis=1)
    return (ecarts == 0)[groupe]


def _matrice(lignes: np.ndarray, colonnes: np.ndarray, forme: tuple[int, int]) -> sparse.csr_array:
    return sparse.csr_array((np.ones(len(lignes), dtype=bool), (lignes, colonnes)), shape=forme)
