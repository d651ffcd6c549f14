"""Coarser tables: merge the rarest categories when a table is too large, and say so.

In: declared tables. Out: the same tables with fewer categories and the French sentences that announce
it. Recoding comes before suppression: « autres » hides less than a page of blanks does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from pipeline.disclosure.rules import Regle
from pipeline.disclosure.suppression import Protection, proteger
from pipeline.disclosure.tables import Tableau, Tables, lier
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
    fusionnables: Sequence[str],
    lieur: Callable[[Sequence[Tableau]], Tables] = lier,
    cellules_max: int = CELLULES_MAX,
) -> Publication:
    """Protect tables, coarser first where they hold more cells than can be protected in time.

    fusionnables: the dimensions whose rarest categories may become « Autres »; the longest goes first
    and loses half of its categories. lieur: `lier`, with its hierarchies if there are any. The size
    decides, not a clock: the same tables are always coarsened alike. Raises ErreurUtilisateur when
    nothing is left to merge.
    """
    publies, messages = tuple(tableaux), []
    tables = lieur(publies)
    while len(tables.cellules) > cellules_max:
        dimension, nombre = _plus_longue(publies, fusionnables)
        publies, message = regrouper_rares(publies, dimension, nombre // 2)
        messages.append(message)
        tables = lieur(publies)
    return Publication(publies, proteger(tables, regle), tuple(messages))


def _poids_categories(tableau: Tableau, dimension: str) -> pd.Series:
    """Value of each category, largest first, then by name; totals of the other dimensions apart."""
    detail = tableau.donnees
    for autre in tableau.dimensions:
        detail = detail[detail[autre].astype(str) != tableau.total]
    poids = detail.groupby(detail[dimension].astype(str))[tableau.valeur].sum().sort_index()
    return poids.drop(AUTRES, errors="ignore").sort_values(ascending=False, kind="stable")


def _plus_longue(tableaux: Sequence[Tableau], fusionnables: Sequence[str]) -> tuple[str, int]:
    """Dimension with the most categories among those that may be merged, and their number."""
    longueurs = {
        dimension: len(_poids_categories(tableau, dimension))
        for tableau in reversed(tableaux)
        for dimension in tableau.dimensions
        if dimension in fusionnables
    }
    dimension = max(sorted(longueurs), key=longueurs.__getitem__, default="")
    if longueurs.get(dimension, 0) < 4:
        raise ErreurUtilisateur(
            "Les tableaux liés sont trop grands pour être protégés ensemble, et il ne reste rien à "
            "regrouper d’office. Regroupez les quartiers ou les motifs, ou publiez moins de croisements."
        )
    return dimension, longueurs[dimension]
