"""Coarser tables: merge the rarest categories when a table is too large, and say so.

In: declared tables. Out: the same tables with fewer categories and the French sentences that announce
it. Recoding comes before suppression: « autres » hides less than a page of blanks does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from pipeline.disclosure.rules import Regle
from pipeline.disclosure.suppression import Protection, proteger
from pipeline.disclosure.tables import Liens, Tableau, lier
from pipeline.model import ErreurUtilisateur

CELLULES_MAX = 2500  # cells that two cores protect within a minute, links between tables included
AUTRES = "Autres"


@dataclass(frozen=True)
class Publication:
    """Tables as they were protected, the protection, and the sentences to print under them."""

    tableaux: tuple[Tableau, ...]
    protection: Protection
    messages: tuple[str, ...]


def regrouper(tableau: Tableau, dimension: str, groupes: Mapping[str, str]) -> Tableau:
    """Merge categories: `groupes` gives the new name of each category that changes.

    Raises ErreurUtilisateur for a table whose persons cannot be added up (distinct persons, several
    categories each): tabulate it again from its rows with the coarser categories.
    """
    if tableau.effectif or dimension in tableau.multiples:
        raise ErreurUtilisateur(
            f"Tableau « {tableau.nom} » : les catégories de « {dimension} » comptent des personnes "
            "distinctes, qui ne s’additionnent pas. Regroupez-les avant de faire le tableau."
        )
    donnees = tableau.donnees.copy()
    donnees[dimension] = donnees[dimension].astype(str).replace(dict(groupes))
    sommes = dict.fromkeys([tableau.valeur, *([tableau.plafond] if tableau.plafond else [])], "sum")
    publies = {tableau.deja_publie: "min"} if tableau.deja_publie else {}
    cles = list(tableau.dimensions)
    cadre = donnees.groupby(cles, sort=True, as_index=False).agg({**sommes, **publies})
    return replace(tableau, donnees=cadre)


def regrouper_rares(
    tableaux: Sequence[Tableau], dimension: str, garder: int
) -> tuple[tuple[Tableau, ...], str]:
    """Merge into « Autres » all but the `garder` most frequent categories, in every table alike."""
    concernes = [t for t in tableaux if dimension in t.dimensions]
    poids = _poids_categories(concernes[0], dimension)
    rares = sorted(poids.index[garder:])
    groupes = dict.fromkeys(rares, AUTRES)
    fusion = tuple(regrouper(t, dimension, groupes) if dimension in t.dimensions else t for t in tableaux)
    message = (
        f"Pour que le secret statistique puisse être tenu, {len(rares)} catégories peu fréquentes de "
        f"« {dimension} » sont regroupées dans « {AUTRES} » : {', '.join(rares)}."
    )
    return fusion, message


def publier(
    tableaux: Sequence[Tableau],
    regle: Regle,
    liens: Liens | None = None,
    cellules_max: int = CELLULES_MAX,
) -> Publication:
    """Protect tables, coarser first where they hold more cells than can be protected in time.

    The size decides, not a clock: the same tables are always coarsened alike. Dimensions of a
    hierarchy are left as they are. Raises ErreurUtilisateur when nothing is left to merge.
    """
    liens = liens or Liens()
    publies, messages = tuple(tableaux), []
    tables = lier(publies, liens)
    while len(tables.cellules) > cellules_max:
        dimension, nombre = _plus_longue(publies, liens)
        publies, message = regrouper_rares(publies, dimension, nombre // 2)
        messages.append(message)
        tables = lier(publies, liens)
    return Publication(publies, proteger(tables, regle), tuple(messages))


def _poids_categories(tableau: Tableau, dimension: str) -> pd.Series:
    """Value of each category, largest first, then by name; totals of the other dimensions apart."""
    detail = tableau.donnees
    for autre in tableau.dimensions:
        detail = detail[detail[autre].astype(str) != tableau.total]
    poids = detail.groupby(detail[dimension].astype(str))[tableau.valeur].sum().sort_index()
    return poids.drop(AUTRES, errors="ignore").sort_values(ascending=False, kind="stable")


def _plus_longue(tableaux: Sequence[Tableau], liens: Liens) -> tuple[str, int]:
    """Dimension with the most categories among those that can be merged, and their number."""
    figees = set(liens.hierarchies)
    for tableau in tableaux:
        figees |= set(tableau.dimensions if tableau.effectif else tableau.multiples)
    longueurs = {
        dimension: len(_poids_categories(tableau, dimension))
        for tableau in reversed(tableaux)
        for dimension in tableau.dimensions
        if dimension not in figees
    }
    dimension = max(sorted(longueurs), key=longueurs.__getitem__, default=None)
    if dimension is None or longueurs[dimension] < 4:
        raise ErreurUtilisateur(
            "Les tableaux liés sont trop grands pour être protégés ensemble, et aucune catégorie ne "
            "peut être regroupée d’office. Regroupez les quartiers ou les motifs, ou publiez moins "
            "de croisements."
        )
    return dimension, longueurs[dimension]
