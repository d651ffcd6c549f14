"""Territories and who holds whom: two frames that every indicator is brought to its levels with.

In: an edition and its profile's territories: a file of `reference/`, or the code officiel géographique.
Out: `territoires` (one row a territory) and `appartenances` (one row a territory and one that holds it,
with the weight of the part held).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

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
    dans = reference["dans"].str.split().map(lambda codes: edition.edition.detail in codes)
    return [code for code in reference.loc[dans, "code"] if code != edition.territoire.code]


def territoires(edition: Edition) -> pd.DataFrame:
    """One row a territory: territoire, article, nom, niveau, rang (of the level), role in the edition.

    `role` is `etude`, `quartier`, `comparateur`, `membre` (a commune shown in detail) or empty; `ordre` is
    the reading order.
    """
    reference = lire_reference(edition.profil)
    table = pd.concat([reference.drop(columns="dans"), _propres(edition)], ignore_index=True)
    table = table.rename(columns={"code": "territoire"})
    etude, comparateurs = edition.territoire.code, edition.edition.comparateurs
    _verifier_connus(edition, set(table["territoire"]))
    membres = _membres(edition, reference)
    quartiers = [quartier.code for quartier in edition.quartiers]
    roles = dict.fromkeys(membres, "membre") | dict.fromkeys(quartiers, "quartier")
    roles |= dict.fromkeys(comparateurs, "comparateur") | {etude: "etude"}
    ordre = {code: rang for rang, code in enumerate([etude, *comparateurs, *quartiers, *membres])}
    rangs = {niveau.id: rang for rang, niveau in enumerate(edition.profil.niveaux)}
    return table.assign(
        rang=table["niveau"].map(rangs),
        role=table["territoire"].map(roles).fillna(""),
        ordre=table["territoire"].map(ordre).fillna(len(ordre)),
    ).astype({"rang": "int64", "ordre": "int64"})


def _verifier_connus(edition: Edition, connus: set[str]) -> None:
    detail = [edition.edition.detail] if edition.edition.detail else []
    for code in (edition.territoire.code, *edition.edition.comparateurs, *detail):
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
    parents = _parents(edition)
    table = territoires(edition)
    niveaux = dict(zip(table["territoire"], table["niveau"], strict=True))
    feuilles = _feuilles(parents)
    par_niveau: dict[tuple[str, str], set[str]] = {}
    for contenu, contenants in parents.items():
        for contenant in contenants:
            par_niveau.setdefault((contenant, niveaux[contenu]), set()).update(feuilles[contenu])
    couvrent = {couple for couple, dedans in par_niveau.items() if dedans == feuilles[couple[0]]}
    return pd.DataFrame(
        [
            (contenu, contenant, poids, (contenant, niveaux[contenu]) in couvrent)
            for contenu, contenants in parents.items()
            for contenant, poids in contenants.items()
        ],
        columns=["contenu", "contenant", "poids", "couvre"],
    )


def _parents(edition: Edition) -> dict[str, dict[str, float]]:
    """Territory → the territories that hold it, with the weight of the part held."""
    reference = lire_reference(edition.profil)
    parents: dict[str, dict[str, float]] = {}
    # communes of one intercommunalité and département have the same ones: read once
    lus = {dans: _lire_parents(dans) for dans in reference["dans"].unique()}
    parents |= {code: lus[dans] for code, dans in zip(reference["code"], reference["dans"], strict=True)}
    etude = edition.territoire.code
    for quartier in edition.quartiers:
        parents[quartier.code] = {etude: 1.0, **parents[etude]}
        for iris in quartier.iris:
            parents[iris] = {quartier.code: 1.0, **parents[quartier.code]}
    return parents


def _lire_parents(dans: str) -> dict[str, float]:
    """« DEP-01 REG-84:0.5 » → the part held by each."""
    morceaux = (morceau.partition(":") for morceau in dans.split())
    return {parent: float(poids or 1) for parent, _, poids in morceaux}


def _feuilles(parents: dict[str, dict[str, float]]) -> dict[str, set[str]]:
    """Territory → the smallest territories it is made of (itself when it holds none)."""
    contenants = {contenant for ceux in parents.values() for contenant in ceux}
    feuilles: dict[str, set[str]] = {code: set() for code in parents}
    for code, ceux in parents.items():
        if code not in contenants:
            for territoire in (code, *ceux):
                feuilles[territoire].add(code)
    return feuilles
