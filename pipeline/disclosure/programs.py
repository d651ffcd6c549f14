"""The linear programs behind attack and suppression, and the one solver that answers them (HiGHS).

In: relations, bounds, costs. Out: a vector, whole when persons are counted, its dual values, a bound. No
clock nor number of processors takes part, and a program is solved from nothing whatever was solved before:
the same program gives the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

NOEUDS = 1000  # branch and bound nodes for one whole solution: a budget that no clock decides
TOLERANCE = 1e-6
_REPONSES = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kSolutionLimit)


@dataclass(frozen=True)
class Systeme:
    """Relations of which many programs are asked: au_moins ≤ relations @ y ≤ au_plus."""

    relations: sparse.csr_array
    au_moins: NDArray[np.float64]
    au_plus: NDArray[np.float64]

    @cached_property
    def fractionnaire(self) -> highspy.Highs:
        """The solver, given these relations once."""
        return _ouvrir(self, entier=False)


@dataclass(frozen=True)
class Programme:
    """What is asked of a system: minimise Σ fᵢ(yᵢ), planchers ≤ y ≤ plafonds, y whole if `entier`.

    fᵢ costs `avant` a unit up to the threshold, `apres` a unit beyond it, no less than before.
    """

    planchers: NDArray[np.float64]
    plafonds: NDArray[np.float64]
    seuils: NDArray[np.float64]
    avant: NDArray[np.float64]
    apres: NDArray[np.float64]
    entier: bool = False


@dataclass(frozen=True)
class Solution:
    """valeurs: y. duaux: what a unit more of each relation costs (in fractions). borne: nothing costs less.

    noeuds: branch and bound nodes that it took.
    """

    valeurs: NDArray[np.float64]
    duaux: NDArray[np.float64]
    borne: float
    noeuds: int


def minimiser(
    systeme: Systeme, programme: Programme, noeuds: int = NOEUDS, ecart: float = 0.0
) -> Solution | None:
    """Solve a program, in fractions first; None when it has no solution or no bound.

    noeuds: budget of a whole solution. ecart: relative excess of cost that is good enough for it.
    """
    solution = _resoudre(systeme.fractionnaire, programme)
    if solution is None or not programme.entier:
        return solution
    if abs(solution.valeurs - np.rint(solution.valeurs)).max() < TOLERANCE:
        return solution
    solveur = _ouvrir(systeme, entier=True)
    solveur.setOptionValue("mip_max_nodes", noeuds)
    solveur.setOptionValue("mip_rel_gap", ecart)
    return _resoudre(solveur, programme)


def deplacer(
    systeme: Systeme,
    valeurs: NDArray[np.int64],
    bornes: tuple[NDArray[np.float64], NDArray[np.float64]],
    couts: NDArray[np.float64],
    cible: int,
    voulu: float,
    entier: bool,
) -> NDArray[np.float64] | None:
    """Return the world nearest to the true values where the target is as far as `voulu`, or None.

    Each cell moves within its bounds, at its cost a unit (least-cost circuits of Kelly, Golden & Assad,
    Networks 22, 1992).
    """
    planchers, plafonds = (np.array(borne, dtype=float) for borne in bornes)
    borne = planchers if voulu > valeurs[cible] else plafonds
    borne[cible] = voulu
    if planchers[cible] > plafonds[cible]:
        return None
    solution = minimiser(systeme, Programme(planchers, plafonds, valeurs, -couts, couts, entier))
    return None if solution is None else solution.valeurs


def _ouvrir(systeme: Systeme, entier: bool) -> highspy.Highs:
    """A solver that holds the relations; each cell is there twice, up to its threshold and beyond."""
    colonnes = systeme.relations.tocsc()
    taille = 2 * colonnes.shape[1]
    modele = highspy.HighsLp()
    modele.num_row_, modele.num_col_ = colonnes.shape[0], taille
    modele.col_cost_ = modele.col_lower_ = modele.col_upper_ = np.zeros(taille)
    modele.row_lower_, modele.row_upper_ = systeme.au_moins, systeme.au_plus
    modele.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    modele.a_matrix_.start_ = np.concatenate([colonnes.indptr, colonnes.indptr[1:] + colonnes.nnz])
    modele.a_matrix_.index_, modele.a_matrix_.value_ = np.tile(colonnes.indices, 2), np.tile(colonnes.data, 2)
    modele.integrality_ = [highspy.HighsVarType.kInteger] * taille if entier else []
    solveur = highspy.Highs()
    solveur.setOptionValue("output_flag", False)
    solveur.setOptionValue("parallel", "off")
    solveur.setOptionValue(
        "presolve", "on" if entier else "off"
    )  # longer than the small programs it shortens
    solveur.passModel(modele)
    return solveur


def _resoudre(solveur: highspy.Highs, programme: Programme) -> Solution | None:
    seuils = np.clip(programme.seuils, programme.planchers, programme.plafonds)
    taille, au_dela = 2 * len(seuils), np.zeros(len(seuils))
    np.subtract(programme.plafonds, seuils, out=au_dela, where=seuils < programme.plafonds)
    rangs = np.arange(taille, dtype=np.int32)
    solveur.clearSolver()
    solveur.changeColsCost(taille, rangs, np.concatenate([programme.avant, programme.apres]))
    solveur.changeColsBounds(
        taille,
        rangs,
        np.concatenate([programme.planchers, np.zeros(len(seuils))]),
        np.concatenate([seuils, au_dela]),
    )
    solveur.run()
    trouvee, bilan = solveur.getSolution(), solveur.getInfo()
    if solveur.getModelStatus() not in _REPONSES or not trouvee.value_valid:
        return None
    valeurs = np.array(trouvee.col_value)
    return Solution(
        valeurs[: len(seuils)] + valeurs[len(seuils) :],
        np.array(trouvee.row_dual),
        bilan.objective_function_value if bilan.mip_node_count < 0 else bilan.mip_dual_bound,
        max(bilan.mip_node_count, 0),
    )
