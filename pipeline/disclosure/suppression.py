"""Secondary suppression: hide as little as possible so that nothing secret can be computed back.

In: linked tables and a policy. Out: `Protection`, the cells to hide, the reason of each, the audit.

Method: Fischetti & Salazar-González, « Solving the Cell Suppression Problem on Tabular Data with Linear
Constraints », Management Science 47(7), 2001, p. 1008-1027. A master program chooses the cells to hide
at the least loss; the attack shows which requirement falls; the dual values of the attack give a
linear inequality that every sufficient choice satisfies and this one violates; repeat. When the
budget of rounds is spent, each requirement that still falls is repaired by the cheapest change of the
tables that meets it, then what turns out superfluous is published again. No clock takes part: the same
tables give the same cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from pipeline.disclosure.attack import Breche, Mouvement
from pipeline.disclosure.audit import Audit, attaquer, auditer, exiger_secret, preparer
from pipeline.disclosure.components import PUBLIC, decouper, decouper_secretes
from pipeline.disclosure.primary import Exigences, Inities, motifs_primaires
from pipeline.disclosure.programs import Programme, Solution, Systeme, deplacer, minimiser
from pipeline.disclosure.rules import Regle, SecretNonTenu
from pipeline.disclosure.tables import CENTIMES, Tableau, Tables

TOURS = 25  # rounds of cuts before the repair takes over
NOEUDS = 300  # branch and bound nodes of all the master programs of one block of tables
ECART = 0.02  # loss above the lower bound that is not worth another round
PEU = 6  # breaches few enough to try a repair before the last round
DEPARTAGE = 1e-4  # share of its loss taken off the last cell by name, so that no two choices are equal
NEGLIGEABLE = 1e-7

SECONDAIRE = "cachée pour que les cellules secrètes ne se retrouvent pas par soustraction"


@dataclass(frozen=True)
class Protection:
    """What to hide, and why.

    cachees: (N,) mask. motifs: (N,) reason in French, "" for a published cell. audit: what a reader
    can deduce. perte: persons and units of currency hidden beyond the primary cells, plus one a cell.
    borne: no protection loses less than this.
    """

    tables: Tables
    regle: Regle
    cachees: NDArray[np.bool_]
    motifs: tuple[str, ...]
    audit: Audit
    perte: float
    borne: float

    @property
    def secondaires(self) -> int:
        """Number of printed cells hidden for the sake of others."""
        return sum(motif.startswith("Secondaire") for motif in self.motifs)


@dataclass(frozen=True)
class _Memoire:
    """What earlier rounds taught: breaches by component of hidden cells, moves that prove something."""

    breches: dict[bytes, list[Breche]] = field(default_factory=dict)
    mouvements: list[Mouvement] = field(default_factory=list)


def proteger(tables: Tables, regle: Regle) -> Protection:
    """Hide the primary cells and as little else as it takes; audit the result.

    Raises SecretNonTenu when the audit fails: no half-protected table ever comes out.
    """
    motifs = motifs_primaires(tables, regle)
    primaires = np.array([motif != "" for motif in motifs], dtype=bool)
    cachees = tables.inedites & ~tables.connues
    borne = 0.0
    mouvements: list[Mouvement] = []
    for rangs in decouper(tables, np.ones(len(cachees), dtype=bool)):
        if not primaires[rangs].any():
            continue  # nothing to protect, nothing to hide for its sake
        memoire = _Memoire()
        cachees[rangs], minimum = _proteger_bloc(_extraire(tables, rangs), regle, memoire)
        borne += minimum
        mouvements += [Mouvement(rangs[m.cellules], m.pas) for m in memoire.mouvements]
    audit = auditer(tables, cachees, regle, mouvements)
    inutiles = cachees & ~primaires & ~tables.inedites & (audit.bas == audit.haut)
    if inutiles.any():
        cachees &= ~inutiles
        audit = auditer(tables, cachees, regle, mouvements)
    exiger_secret(audit)
    perte = float(_poids(tables)[cachees & ~primaires & ~tables.inedites].sum())
    motifs = _motiver(motifs, cachees & ~tables.inedites)
    return Protection(tables, regle, cachees, motifs, audit, perte, min(borne, perte))


def appliquer(tableau: Tableau, protection: Protection) -> pd.DataFrame:
    """Return the table as it may be printed: hidden values empty.

    Columns: dimensions, value, `secret` (bool). Rows keep their order; the columns that only served the
    protection (persons, contributions, bounds) do not come out, nor do the reasons: « fewer than 5 »
    would tell a small cell from one hidden beside it.
    """
    rangs = [protection.tables.rangs[cellule] for cellule in tableau.cellules()]
    secret = protection.cachees[rangs]
    sortie = tableau.donnees[[*tableau.dimensions, tableau.valeur]].copy()
    sortie[tableau.valeur] = sortie[tableau.valeur].mask(secret)
    sortie["secret"] = secret
    return sortie


def _extraire(tables: Tables, rangs: NDArray[np.int64]) -> Tables:
    """Restrict tables to one block of cells."""
    relations = tables.relations[:, rangs].tocsr()
    lignes = np.flatnonzero(np.diff(relations.indptr))
    place = np.full(len(tables.cellules), -1)
    place[rangs] = np.arange(len(rangs))
    totaux = tables.totaux[lignes]
    vecteurs = {
        champ.name: valeur[rangs]
        for champ in fields(tables)
        if isinstance(valeur := getattr(tables, champ.name), np.ndarray) and champ.name != "totaux"
    }
    return Tables(
        cellules=tuple(tables.cellules[rang] for rang in rangs),
        relations=relations[lignes],
        totaux=np.where(totaux < 0, -1, place[totaux]),
        **vecteurs,
    )


def _poids(tables: Tables) -> NDArray[np.float64]:
    """Loss of hiding each cell: one, plus the persons or the units of currency that it tells."""
    return 1 + tables.valeurs / np.where(tables.montants, CENTIMES, 1)


def _proteger_bloc(tables: Tables, regle: Regle, memoire: _Memoire) -> tuple[NDArray[np.bool_], float]:
    """Choose the cells to hide in one block; return them and a lower bound of the loss."""
    exigences, inities = preparer(tables, regle, memoire.mouvements)
    imposees = tables.inedites.copy()
    imposees[exigences.rangs] = True
    imposees &= ~tables.connues
    libres = ~imposees & ~tables.connues
    coupes: list[NDArray[np.float64]] = []
    cachees, borne, noeuds = imposees, 0.0, NOEUDS
    for tour in range(TOURS):
        breches = _breches(tables, cachees, exigences, inities, memoire)
        if not breches:
            return cachees, borne
        nouvelles = _couper(tables, breches, inities, libres, cachees)
        if not nouvelles or noeuds <= 0:
            break
        if tour >= TOURS // 2 and len(breches) <= PEU:
            essai = _reparer(tables, cachees, libres, exigences, inities, memoire)
            if _poids(tables)[essai & libres].sum() <= (1 + ECART) * borne:
                return essai, borne
        coupes += nouvelles
        maitre = _choisir(tables, coupes, libres, noeuds)
        if maitre is None:
            break
        cachees = imposees.copy()
        cachees[libres] = maitre.valeurs > 0.5
        borne = max(borne, maitre.borne)
        noeuds -= max(1, maitre.noeuds)
    return _reparer(tables, cachees, libres, exigences, inities, memoire), borne


def _breches(
    tables: Tables,
    cachees: NDArray[np.bool_],
    exigences: Exigences,
    inities: Inities,
    memoire: _Memoire,
) -> list[Breche]:
    """Attack the hidden cells, component by component; a component met before keeps its answer."""
    breches = []
    for cellules in decouper_secretes(tables, cachees, exigences):
        cle = cellules.tobytes()
        if cle not in memoire.breches:
            memoire.breches[cle] = attaquer(tables, cellules, exigences, inities, memoire.mouvements)
        breches += memoire.breches[cle]
    return breches


def _couper(
    tables: Tables,
    breches: list[Breche],
    inities: Inities,
    libres: NDArray[np.bool_],
    cachees: NDArray[np.bool_],
) -> list[NDArray[np.float64]]:
    """Turn breaches into cuts that the present choice violates, each once."""
    coupes = {}
    for breche in breches:
        coupe = _coupe(tables, breche, inities, libres)
        if coupe is not None and coupe[cachees & libres].sum() < 1 - NEGLIGEABLE:
            coupes.setdefault(coupe.tobytes(), coupe)
    return list(coupes.values())


def _coupe(
    tables: Tables, breche: Breche, inities: Inities, libres: NDArray[np.bool_]
) -> NDArray[np.float64] | None:
    """Inequality Σ coefficient · x ≥ 1 that any sufficient choice satisfies.

    With reduced costs r = c − Mᵀγ, moving cell i by u needs Σ capacity_j |r_j| x_j ≥ u, where the
    capacity is how far j can go in the useful direction. Coefficients above u are lowered to u; what
    the cells hidden anyway bring is taken off.
    """
    if breche.multiplicateurs is None:
        return None
    requis = abs(breche.voulu - tables.valeurs[breche.cellule])
    reduits = -(tables.relations[breche.lignes].T @ breche.multiplicateurs)
    reduits[breche.cellule] = 0
    capacites = np.where(reduits > 0, tables.valeurs, tables.plafonds - tables.valeurs)
    utiles = (abs(reduits) > NEGLIGEABLE) & (capacites > 0) & ~tables.connues
    if breche.attaquant != PUBLIC:
        utiles[inities.connues(breche.attaquant)] = False
    apports = np.zeros(len(utiles))
    apports[utiles] = np.minimum(abs(reduits[utiles]) * capacites[utiles], requis)
    reste = requis - apports[~libres].sum()
    if reste <= NEGLIGEABLE * requis:
        return None
    return np.where(libres, np.minimum(apports / reste, 1.0), 0.0)


def _choisir(
    tables: Tables,
    coupes: list[NDArray[np.float64]],
    libres: NDArray[np.bool_],
    noeuds: int,
) -> Solution | None:
    """Solve the master program: the least loss that satisfies every cut, and a lower bound of it.

    Between equal losses, the last cells by name: the choice is no accident of the solver.
    """
    matrice = sparse.csr_array(np.vstack(coupes)[:, libres])
    systeme = Systeme(matrice, np.ones(len(coupes)), np.full(len(coupes), np.inf))
    poids = _poids(tables)[libres]
    poids *= np.linspace(1, 1 - DEPARTAGE, len(poids))
    un = np.ones(len(poids))
    solution = minimiser(systeme, Programme(0 * un, un, un, poids, poids, entier=True), noeuds, ECART / 4)
    if solution is None:
        return None
    unite = 1 / CENTIMES if tables.montants.any() else 1  # any loss is a whole number of these
    return replace(solution, borne=np.ceil(solution.borne / unite - NEGLIGEABLE) * unite)


def _reparer(
    tables: Tables,
    cachees: NDArray[np.bool_],
    libres: NDArray[np.bool_],
    exigences: Exigences,
    inities: Inities,
    memoire: _Memoire,
) -> NDArray[np.bool_]:
    """Meet each requirement that falls by the cheapest change, then publish what was not needed."""
    reparees = cachees.copy()
    while breches := _breches(tables, reparees, exigences, inities, memoire):
        avant = reparees.sum()
        for breche in breches:
            reparees |= _detour(tables, breche, inities, reparees) & libres
        if reparees.sum() == avant:
            raise SecretNonTenu(
                f"« {tables.cellules[breches[0].cellule]} » ne peut pas être protégée, quelles que "
                "soient les cellules cachées. Regroupez des catégories ou retirez un tableau."
            )
    ajoutees = np.flatnonzero(reparees & ~cachees)
    for rang in ajoutees[np.argsort(-_poids(tables)[ajoutees], kind="stable")]:
        reparees[rang] = False
        if _breches(tables, reparees, exigences, inities, memoire):
            reparees[rang] = True
    return reparees


def _detour(
    tables: Tables, breche: Breche, inities: Inities, cachees: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Cells moved by the cheapest world that meets a requirement; a hidden cell moves for nothing."""
    fixes = tables.connues.copy()
    if breche.attaquant != PUBLIC:
        fixes[inities.connues(breche.attaquant)] = True
    nuls = np.zeros(tables.relations.shape[0])
    monde = deplacer(
        Systeme(tables.relations, nuls, nuls),
        tables.valeurs,
        (np.where(fixes, tables.valeurs, 0), np.where(fixes, tables.valeurs, tables.plafonds)),
        np.where(cachees, NEGLIGEABLE, _poids(tables)),
        breche.cellule,
        breche.voulu,
        not tables.montants.any(),
    )
    if monde is None:
        return np.zeros(len(fixes), dtype=bool)
    return abs(monde - tables.valeurs) > NEGLIGEABLE


def _motiver(primaires: Sequence[str], imprimees: NDArray[np.bool_]) -> tuple[str, ...]:
    """Say why each hidden cell that would be printed is hidden."""
    motifs = []
    for primaire, cachee in zip(primaires, imprimees, strict=True):
        if not cachee:
            motifs.append("")
        else:
            motifs.append(f"Primaire : {primaire}" if primaire else f"Secondaire : {SECONDAIRE}")
    return tuple(motifs)
