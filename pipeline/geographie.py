"""Territories and who holds whom: two frames that every indicator is brought to its levels with.

In: an edition and its profile's reference file. Out: `territoires` (one row a territory) and
`appartenances` (one row a territory and one that holds it, with the weight of the part held).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from pipeline.model import ErreurUtilisateur

if TYPE_CHECKING:
    from pipeline.edition import Edition

REFERENCE = Path(__file__).parent / "reference"


def _lire_reference(edition: Edition) -> pd.DataFrame:
    """Territories of the profile: code, article, nom, niveau, dans (codes, « code:poids » in part)."""
    nom = edition.profil.territoires
    if not nom:
        raise ErreurUtilisateur(f"Le profil « {edition.edition.profil} » n'a pas de fichier de territoires.")
    return pd.read_csv(REFERENCE / nom, dtype=str, keep_default_na=False)


def _quartiers(edition: Edition) -> pd.DataFrame:
    """The edition's quartiers, in the same shape as the reference file."""
    lignes = [
        {"code": quartier.code, "article": "", "nom": quartier.nom, "niveau": "quartier"}
        for quartier in edition.quartiers
    ]
    return pd.DataFrame(lignes, columns=["code", "article", "nom", "niveau"])


def territoires(edition: Edition) -> pd.DataFrame:
    """One row a territory: territoire, article, nom, niveau, rang (of the level), role in the edition.

    `role` is `etude`, `quartier`, `comparateur` or empty; `ordre` is the reading order.
    """
    reference = _lire_reference(edition).drop(columns="dans")
    table = pd.concat([reference, _quartiers(edition)], ignore_index=True)
    table = table.rename(columns={"code": "territoire"})
    connus = set(table["territoire"])
    for code in (edition.territoire.code, *edition.edition.comparateurs):
        if code not in connus:
            raise ErreurUtilisateur(
                f"edition.toml : le territoire « {code} » est inconnu du profil "
                f"« {edition.edition.profil} » : corriger son code."
            )
    rangs = {niveau.id: rang for rang, niveau in enumerate(edition.profil.niveaux)}
    ordre = [
        edition.territoire.code,
        *edition.edition.comparateurs,
        *(quartier.code for quartier in edition.quartiers),
    ]
    roles = dict.fromkeys((quartier.code for quartier in edition.quartiers), "quartier")
    roles |= dict.fromkeys(edition.edition.comparateurs, "comparateur") | {edition.territoire.code: "etude"}
    return table.assign(
        rang=table["niveau"].map(rangs),
        role=table["territoire"].map(roles).fillna(""),
        ordre=table["territoire"].map({code: rang for rang, code in enumerate(ordre)}).fillna(len(ordre)),
    ).astype({"rang": "int64", "ordre": "int64"})


def appartenances(edition: Edition) -> pd.DataFrame:
    """One row a territory and a territory that holds it: contenu, contenant, poids, couvre.

    `poids`, in ]0, 1], is the part held. `couvre` says that the territories of the same level as
    `contenu` fill `contenant`: only then may their counts be summed into it.
    """
    parents = _parents(edition)
    niveaux = territoires(edition).set_index("territoire")["niveau"]
    feuilles = _feuilles(parents)
    par_niveau: dict[tuple[str, str], set[str]] = {}
    for contenu, contenants in parents.items():
        for contenant in contenants:
            par_niveau.setdefault((contenant, niveaux[contenu]), set()).update(feuilles[contenu])
    return pd.DataFrame(
        [
            (contenu, contenant, poids, par_niveau[contenant, niveaux[contenu]] == feuilles[contenant])
            for contenu, contenants in parents.items()
            for contenant, poids in contenants.items()
        ],
        columns=["contenu", "contenant", "poids", "couvre"],
    )


def _parents(edition: Edition) -> dict[str, dict[str, float]]:
    """Territory → the territories that hold it, with the weight of the part held."""
    reference = _lire_reference(edition)
    parents: dict[str, dict[str, float]] = {}
    for code, dans in zip(reference["code"], reference["dans"], strict=True):
        morceaux = (morceau.partition(":") for morceau in dans.split())
        parents[code] = {parent: float(poids or 1) for parent, _, poids in morceaux}
    etude = edition.territoire.code
    for quartier in edition.quartiers:
        parents[quartier.code] = {etude: 1.0, **parents[etude]}
    return parents


def _feuilles(parents: dict[str, dict[str, float]]) -> dict[str, set[str]]:
    """Territory → the smallest territories it is made of (itself when it holds none)."""
    contenants = {contenant for ceux in parents.values() for contenant in ceux}
    feuilles: dict[str, set[str]] = {code: set() for code in parents}
    for code, ceux in parents.items():
        if code not in contenants:
            for territoire in (code, *ceux):
                feuilles[territoire].add(code)
    return feuilles
