"""Hidden cells, split into what can be attacked apart.

In: linked tables, the hidden cells, the doubt asked for. Out: one `Composante` for each set of hidden
cells that relations tie together, with its requirements and the insiders that concern it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.disclosure.primary import Exigences, Inities
from pipeline.disclosure.programs import Systeme
from pipeline.disclosure.tables import Tables, grouper

PUBLIC = -1  # the attacker who knows what is published and nothing more


@dataclass(frozen=True)
class Composante:
    """Hidden cells that relations tie together: H cells, R relations, P requirements, K insiders.

    cellules, lignes: (H,), (R,) ranks in the tables. plafonds: (H,) what anybody knows to hold.
    primaires: (P,) places among the H cells. bas, haut: (P, 1 + K) doubt asked against the public
    (column 0) and each insider. inities: (K,) their numbers; savoirs: (K, H) true where one knows a cell.
    """

    cellules: NDArray[np.int64]
    lignes: NDArray[np.int64]
    relations: sparse.csr_array
    valeurs: NDArray[np.int64]
    plafonds: NDArray[np.float64]
    entiere: bool
    primaires: NDArray[np.int64]
    bas: NDArray[np.float64]
    haut: NDArray[np.float64]
    inities: NDArray[np.int64]
    savoirs: NDArray[np.bool_]

    @cached_property
    def systeme(self) -> Systeme:
        """What every world keeps: M y = M a."""
        second = (self.relations @ self.valeurs).astype(float)
        return Systeme(self.relations, second, second)


def decouper_secretes(
    tables: Tables, cachees: NDArray[np.bool_], exigences: Exigences
) -> Iterator[NDArray[np.int64]]:
    """Components of hidden cells that hold something to protect: nothing is asked of the others."""
    secretes = np.zeros(len(cachees), dtype=bool)
    secretes[exigences.rangs] = True
    return (cellules for cellules in decouper(tables, cachees) if secretes[cellules].any())


def decouper(tables: Tables, cachees: NDArray[np.bool_]) -> Iterator[NDArray[np.int64]]:
    """Ranks of the cells of a mask that relations tie together, component by component, in order."""
    relations = tables.relations
    lignes = np.repeat(np.arange(relations.shape[0]), np.diff(relations.indptr))
    dedans = cachees[relations.indices]
    lignes, membres = lignes[dedans], relations.indices[dedans]
    suivis = lignes[1:] == lignes[:-1]
    rangs = np.flatnonzero(cachees)
    groupes = grouper(membres[:-1][suivis], membres[1:][suivis], len(cachees))[rangs]
    ordre = np.argsort(groupes, kind="stable")
    for places in np.split(ordre, np.flatnonzero(np.diff(groupes[ordre])) + 1):
        if len(places):
            yield rangs[places]


def isoler(
    tables: Tables,
    cellules: NDArray[np.int64],
    exigences: Exigences,
    inities: Inities,
) -> Composante:
    """Restrict relations, requirements and insiders to one component."""
    relations = tables.relations[:, cellules].tocsr()
    lignes = np.flatnonzero(np.diff(relations.indptr))
    concernees = np.flatnonzero(np.isin(exigences.rangs, cellules))
    savoirs = inities.savoirs[:, cellules]
    presents = np.flatnonzero(savoirs.any(axis=1))
    bas, haut = _exigences_par_attaquant(tables, exigences, concernees, inities, presents)
    return Composante(
        cellules=cellules,
        lignes=lignes,
        relations=relations[lignes],
        valeurs=tables.valeurs[cellules],
        plafonds=tables.plafonds[cellules],
        entiere=not tables.montants[cellules].any(),
        primaires=np.searchsorted(cellules, exigences.rangs[concernees]),
        bas=bas,
        haut=haut,
        inities=presents,
        savoirs=savoirs[presents],
    )


def _exigences_par_attaquant(
    tables: Tables,
    exigences: Exigences,
    concernees: NDArray[np.int64],
    inities: Inities,
    presents: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Doubt asked of each attacker: an insider counted in a cell knows its floor, doubt starts there."""
    rangs = exigences.rangs[concernees]
    connu = np.vstack([np.zeros((1, len(rangs))), inities.planchers[np.ix_(presents, rangs)]]).T
    comptages = ~tables.montants[rangs][:, None]
    bas = np.maximum(exigences.bas[concernees, None], connu)
    haut = exigences.haut[concernees, None] + np.where(comptages, connu, 0.0)
    lignes = {int(rang): ligne for ligne, rang in enumerate(rangs)}
    colonnes = {PUBLIC: 0} | {int(k): colonne for colonne, k in enumerate(presents, start=1)}
    for (rang, attaquant), limites in sorted(exigences.limites.items()):
        if rang in lignes and attaquant in colonnes:
            ligne, colonne = lignes[rang], colonnes[attaquant]
            visees = slice(None) if attaquant == PUBLIC else slice(colonne, colonne + 1)
            bas[ligne, visees] = np.maximum(bas[ligne, visees], limites[0])
            haut[ligne, visees] = np.minimum(haut[ligne, visees], limites[1])
    return bas, haut
