"""The linear programs behind attack and suppression, and the one solver that answers them (HiGHS).

In: costs, relations, bounds. Out: a vector, whole when persons are counted, and dual values. No clock
limits a solve: the same program gives the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

NOEUDS = 1000  # branch and bound nodes for one whole solution: a budget that no clock decides
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Programme:
    """Minimise couts · x with relations @ x = second, planchers ≤ x ≤ plafonds, whole if `entier`."""

    couts: NDArray[np.float64]
    relations: sparse.csr_array
    second: NDArray[np.float64]
    planchers: NDArray[np.float64]
    plafonds: NDArray[np.float64]
    entier: bool


def minimiser(programme: Programme) -> NDArray[np.float64] | None:
    """Solve a program, in fractions first; None when it has no solution or no bound."""
    solution = _resoudre(programme, 0)
    if solution is None or not programme.entier:
        return solution
    entiere = abs(solution - np.rint(solution)).max() < TOLERANCE
    return solution if entiere else _resoudre(programme, 1)


def minimiser_avec_preuve(
    programme: Programme,
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    """Solve a program in fractions; also return the dual values of its relations, for a cost of one."""
    reponse = linprog(
        programme.couts,
        A_eq=programme.relations,
        b_eq=programme.second,
        bounds=np.column_stack([programme.planchers, programme.plafonds]),
        method="highs",
    )
    if reponse.x is None:
        return None, None
    return reponse.x, reponse.eqlin.marginals / abs(programme.couts).max()


def deplacer(
    relations: sparse.csr_array,
    montees: NDArray[np.float64],
    descentes: NDArray[np.float64],
    couts: NDArray[np.float64],
    cible: int,
    pas: float,
    entier: bool,
) -> NDArray[np.float64] | None:
    """Return the cheapest move d (relations @ d = 0) that takes the target by `pas`, or None.

    Each cell moves by d⁺ − d⁻, up to `montees` and `descentes`, at its cost a unit (least-cost circuits
    of Kelly, Golden & Assad, Networks 22, 1992).
    """
    taille = len(couts)
    aller, retour = (cible, taille + cible) if pas > 0 else (taille + cible, cible)
    planchers, plafonds = np.zeros(2 * taille), np.concatenate([montees, descentes]).astype(float)
    planchers[aller], plafonds[retour] = abs(pas), 0
    if (planchers > plafonds).any():
        return None
    programme = Programme(
        np.concatenate([couts, couts]),
        sparse.hstack([relations, -relations], format="csr"),
        np.zeros(relations.shape[0]),
        planchers,
        plafonds,
        entier,
    )
    solution = minimiser(programme)
    return None if solution is None else solution[:taille] - solution[taille:]


def _resoudre(programme: Programme, integrite: int) -> NDArray[np.float64] | None:
    return milp(
        programme.couts,
        integrality=np.full(len(programme.couts), integrite),
        bounds=Bounds(programme.planchers, programme.plafonds),
        constraints=LinearConstraint(programme.relations, programme.second, programme.second),
        options={"node_limit": NOEUDS},
    ).x
