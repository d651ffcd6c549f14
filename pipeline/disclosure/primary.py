"""What must be protected, how far, and against whom.

In: linked tables and a policy. Out: the cells that disclose by themselves (primary), how wide an
attacker's doubt must be on each of them, and the insiders: persons alone in a cell, who know it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.disclosure.rules import (
    Regle,
    secret_dominance,
    secret_effectif,
    secret_p_pourcent,
)
from pipeline.disclosure.tables import CENTIMES, Tables, grouper


@dataclass(frozen=True)
class Exigences:
    """The doubt that is asked for, cell by cell.

    rangs: (P,) ranks of the cells to protect. bas, haut: (P,) the attacker must be able to believe
    in a value ≤ bas and in a value ≥ haut. motifs: (P,) the rule that makes the cell primary, in French.
    limites: (cell, attacker) → (bas, haut) where earlier publications allow no more doubt than that.
    """

    rangs: NDArray[np.int64]
    bas: NDArray[np.float64]
    haut: NDArray[np.float64]
    motifs: tuple[str, ...]
    limites: Mapping[tuple[int, int], tuple[float, float]] = field(default_factory=dict)


def motifs_primaires(tables: Tables, regle: Regle) -> list[str]:
    """Return the rule that each cell breaks, in French, or "" for a cell that breaks none."""
    contributions = (tables.valeurs, tables.premiers, tables.deuxiemes, regle)
    regles = (
        (tables.unanimes, "toutes les personnes du total sont dans une seule catégorie"),
        (secret_effectif(tables.effectifs, regle.seuil), f"moins de {regle.seuil} personnes"),
        (
            tables.montants & secret_dominance(*contributions),
            "un ou deux contributeurs font presque tout le montant",
        ),
        (
            tables.montants & secret_p_pourcent(*contributions),
            f"le deuxième contributeur estimerait le premier à {100 * regle.marge_montant:g} % près",
        ),
    )
    motifs = [""] * len(tables.cellules)
    for masque, motif in reversed(regles):
        for rang in np.flatnonzero(masque & ~tables.connues):
            motifs[rang] = motif
    return motifs


def exiger(tables: Tables, regle: Regle) -> Exigences:
    """List the cells to protect and the doubt asked: [0, seuil] for persons, a · (1 ± p) for amounts.

    Doubt over a count starts at 0 and reaches at least the threshold, so that hi ≥ n, hi − lo ≥ n and
    « a cell that may be 0 can be 0 » hold together.
    """
    motifs = motifs_primaires(tables, regle)
    rangs = np.array([rang for rang, motif in enumerate(motifs) if motif], dtype=np.int64)
    valeurs = tables.valeurs[rangs].astype(float)
    marge = np.where(tables.valeurs[rangs] > 0, regle.marge_montant * valeurs, CENTIMES)
    montants = tables.montants[rangs]
    return Exigences(
        rangs,
        np.where(montants, np.maximum(valeurs - marge, 0), 0.0),
        np.where(montants, valeurs + marge, float(regle.seuil)),
        tuple(motif for motif in motifs if motif),
    )


@dataclass(frozen=True)
class Inities:
    """The insiders: each is one person alone in a cell, with all that this person knows.

    savoirs: (K, N) true where the insider knows the cell exactly. planchers: (K, N) what each insider
    counted in a cell knows it to hold at least.
    """

    savoirs: NDArray[np.bool_]
    planchers: NDArray[np.float64]

    def connues(self, initie: int) -> NDArray[np.int64]:
        """Ranks of the cells that an insider knows exactly."""
        return np.flatnonzero(self.savoirs[initie])


def trouver_inities(tables: Tables) -> Inities:
    """List the persons alone in a cell (singletons; Hundepool et al. 2012, chapter 4).

    A person alone in a cell and alone in one of its totals is one person. Alone in a total, they know
    that its other parts are empty; counted in a wider cell, they know it is not empty.
    """
    parts, totaux = _parente(tables)
    seuls = tables.effectifs == 1
    aretes = [(t, p) for t in np.flatnonzero(seuls) for p in parts.get(t, ()) if seuls[p]]
    depart, arrivee = np.array(aretes, dtype=np.int64).reshape(-1, 2).T
    groupes = grouper(depart, arrivee, len(seuls))
    personnes = [np.flatnonzero(seuls & (groupes == groupe)) for groupe in np.unique(groupes[seuls])]
    savoirs = np.zeros((len(personnes), len(seuls)), dtype=bool)
    planchers = np.zeros(savoirs.shape)
    for k, personne in enumerate(personnes):
        savoirs[k, list(_atteindre(personne, parts))] = True
        dessus = list(_atteindre(personne, totaux))
        planchers[k, dessus] = np.minimum(tables.valeurs[personne].max(), tables.valeurs[dessus])
    return Inities(savoirs, planchers)


def _parente(tables: Tables) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Parts of each total, and totals of each part, from the relations that have a total."""
    parts: dict[int, list[int]] = {}
    totaux: dict[int, list[int]] = {}
    relations = tables.relations
    for ligne in np.flatnonzero(tables.totaux >= 0):
        total = int(tables.totaux[ligne])
        debut, fin = relations.indptr[ligne], relations.indptr[ligne + 1]
        for membre in relations.indices[debut:fin].tolist():
            if membre != total:
                parts.setdefault(total, []).append(membre)
                totaux.setdefault(membre, []).append(total)
    return parts, totaux


def _atteindre(depart: NDArray[np.int64], voisins: dict[int, list[int]]) -> set[int]:
    """Cells reached from these ones, these ones included."""
    vus = set(depart.tolist())
    file = deque(vus)
    while file:
        nouveaux = set(voisins.get(file.popleft(), ())) - vus
        vus |= nouveaux
        file.extend(nouveaux)
    return vus
