"""What a reader can deduce of the hidden cells from everything that is published.

In: a component of hidden cells, with the doubt asked for. Out: what the worlds found prove, the
breaches that remain, the interval of each cell.

A *world* is one vector y that a reader cannot rule out: M y = b, y equal to what is published, within
its bounds, whole for persons. A world where a cell reaches its upper requirement and another where it
reaches its lower one prove the protection of that cell; the proof is a multiplication, not the word of
a solver. One world usually proves many cells at once, against the public and against every insider
whose cells it leaves at their true values; linear programs are spent on what remains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.disclosure.components import PUBLIC, Composante
from pipeline.disclosure.programs import TOLERANCE, Programme, deplacer, minimiser

VERS_LE_BAS, VERS_LE_HAUT = -1, 1
UTILE = 0.7  # a sweep goes on while each world leaves no more than this share of the work
GAIN = 5  # highest values that one world must bring before each cell is looked at on its own
BRECHES_PAR_CELLULE = 2  # insiders named for one side of one cell; the public alone is enough
DISCRET = 1e-3  # cost of moving a cell that no insider in question knows


@dataclass(frozen=True)
class Mouvement:
    """How a world differs from the truth: the cells that move (ranks in the tables), by how much."""

    cellules: NDArray[np.int64]
    pas: NDArray[np.float64]


@dataclass(frozen=True)
class Couverture:
    """What the worlds found so far prove; its arrays are filled in place.

    tenus: for each direction, (P, 1 + K) true where a world meets the requirement.
    minimum, maximum: (H,) extreme values met. mouvements: what led to each world that proved something.
    """

    tenus: dict[int, NDArray[np.bool_]]
    minimum: NDArray[np.float64]
    maximum: NDArray[np.float64]
    mouvements: list[Mouvement]


@dataclass(frozen=True)
class Breche:
    """A requirement that an attacker beats: cell, attacker, direction, value reached and asked.

    exigence, colonne: its place in the component. lignes, multiplicateurs: the relations in play and
    the dual values that prove the breach; none when a world in fractions of persons would have done.
    """

    cellule: int
    attaquant: int
    sens: int
    atteint: float
    voulu: float
    exigence: int
    colonne: int
    lignes: NDArray[np.int64]
    multiplicateurs: NDArray[np.float64] | None


def explorer(composante: Composante, anciens: Sequence[Mouvement] = ()) -> Couverture:
    """Find worlds that prove as much as possible, for all cells and groups of insiders at once.

    anciens: moves found when other cells were hidden; those within the component still hold.
    """
    exempts = _exempts(composante)
    couverture = Couverture(
        {VERS_LE_BAS: exempts, VERS_LE_HAUT: exempts.copy()},
        composante.valeurs.astype(float),
        composante.valeurs.astype(float),
        [],
    )
    _prouver(composante, couverture, composante.valeurs.astype(float))
    cachees = set(composante.cellules.tolist())
    for ancien in anciens:
        if cachees.issuperset(ancien.cellules.tolist()):
            monde = composante.valeurs.astype(float)
            monde[np.searchsorted(composante.cellules, ancien.cellules)] += ancien.pas
            _prouver(composante, couverture, monde)
    for groupe in _groupes(len(composante.inities)):
        for sens in (VERS_LE_BAS, VERS_LE_HAUT):
            _balayer(composante, couverture, groupe, sens)
    return couverture


def _exempts(composante: Composante) -> NDArray[np.bool_]:
    """(P, 1 + K) true where the insider knows the cell: nothing is asked against its own members."""
    savent = composante.savoirs[:, composante.primaires].T
    return np.hstack([np.zeros((len(composante.primaires), 1), dtype=bool), savent])


def _groupes(nombre: int) -> list[NDArray[np.int64]]:
    """Groups of insiders to stand against together: all, halves by each binary digit, none.

    Any two insiders fall on both sides of some half, so that worlds sought against one half cover
    the members of the other: 2 log₂ K groups do the work of K.
    """
    tous = np.arange(nombre)
    moities = [tous[(tous >> bit) & 1 == cote] for bit in range(nombre.bit_length()) for cote in (0, 1)]
    return [*([tous] if nombre else []), *(moities if nombre > 8 else []), tous[:0]]


def _balayer(composante: Composante, couverture: Couverture, groupe: NDArray[np.int64], sens: int) -> None:
    """Look for worlds that prove many cells against this group of insiders."""
    colonnes = np.concatenate([[0], groupe + 1])
    fixes = _connues_de(composante, groupe)
    demandes = (composante.haut if sens == VERS_LE_HAUT else composante.bas)[:, colonnes]
    avant = np.inf
    while True:
        manques = ~couverture.tenus[sens][:, colonnes] & ~fixes[composante.primaires][:, None]
        exigences = np.flatnonzero(manques.any(axis=1))
        if len(exigences) > avant * UTILE or not len(exigences):
            return
        avant = len(exigences)
        voulus = np.where(manques, sens * demandes, -np.inf).max(axis=1)[exigences] * sens
        cibles = composante.primaires[exigences]
        programme = _viser(composante, fixes, cibles, voulus, sens)
        _retenir(composante, couverture, _monde(composante, programme))


def _monde(composante: Composante, programme: Programme) -> NDArray[np.float64] | None:
    solution = minimiser(composante.systeme, programme)
    return None if solution is None else solution.valeurs


def _connues_de(composante: Composante, groupe: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(H,) the cells that some insider of the group knows."""
    return composante.savoirs[groupe].any(axis=0)


def _viser(
    composante: Composante,
    fixes: NDArray[np.bool_],
    cibles: NDArray[np.int64],
    voulus: NDArray[np.float64],
    sens: int,
) -> Programme:
    """Bring the target cells as near as possible to the wanted values.

    Maximises Σ min(y, voulu), or minimises Σ max(y − voulu, 0), each weighted by the way to go.
    """
    bas, haut = _bornes(composante, fixes)
    seuils, avant, apres = haut.copy(), np.zeros(len(haut)), np.zeros(len(haut))
    seuils[cibles] = voulus
    payee = avant if sens == VERS_LE_HAUT else apres
    payee[cibles] = -sens / np.maximum(abs(voulus - composante.valeurs[cibles]), 1)
    return Programme(bas, haut, seuils, avant, apres, composante.entiere)


def _bornes(
    composante: Composante, fixes: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(H,) bounds of each cell for whoever knows the cells of the mask."""
    bas = np.where(fixes, composante.valeurs, 0.0)
    return bas, np.where(fixes, composante.valeurs, composante.plafonds)


def _retenir(composante: Composante, couverture: Couverture, monde: NDArray[np.float64] | None) -> None:
    """Record what a solution proves, and how it moves the cells if that is news."""
    if monde is None:
        return
    if composante.entiere:
        monde = np.rint(monde)
    if _prouver(composante, couverture, monde):
        bouge = abs(monde - composante.valeurs) > _tolerance(composante, monde)
        pas = (monde - composante.valeurs)[bouge]
        couverture.mouvements.append(Mouvement(composante.cellules[bouge], pas))


def _tolerance(composante: Composante, monde: NDArray[np.float64]) -> float:
    return 0 if composante.entiere else TOLERANCE * max(1.0, abs(monde).max())


def _prouver(composante: Composante, couverture: Couverture, monde: NDArray[np.float64]) -> bool:
    """Record what a world proves, and say if it is news; what turns out not to be a world proves nothing."""
    ecarts = composante.relations @ (monde - composante.valeurs)
    tolerance = _tolerance(composante, monde)
    dehors = (monde < -tolerance) | (monde > composante.plafonds + tolerance)
    if abs(ecarts).max(initial=0) > tolerance or dehors.any():
        return False
    np.minimum(couverture.minimum, monde, out=couverture.minimum)
    np.maximum(couverture.maximum, monde, out=couverture.maximum)
    bouge = abs(monde - composante.valeurs) > tolerance
    intacts = np.concatenate([[True], ~composante.savoirs[:, bouge].any(axis=1)])
    valeurs = monde[composante.primaires][:, None]
    preuves = {
        VERS_LE_BAS: (valeurs <= composante.bas + tolerance) & intacts,
        VERS_LE_HAUT: (valeurs >= composante.haut - tolerance) & intacts,
    }
    nouveau = any((preuves[sens] & ~couverture.tenus[sens]).any() for sens in preuves)
    for sens, preuve in preuves.items():
        couverture.tenus[sens][:] |= preuve
    return nouveau


def achever(composante: Composante, couverture: Couverture) -> list[Breche]:
    """Attack one by one the requirements that no world has proved yet; return those that fall."""
    breches = []
    for sens in (VERS_LE_BAS, VERS_LE_HAUT):
        for exigence in np.flatnonzero(~couverture.tenus[sens].all(axis=1)):
            breches += _attaquer(composante, couverture, int(exigence), sens)
    return breches


def _attaquer(composante: Composante, couverture: Couverture, exigence: int, sens: int) -> list[Breche]:
    """Attack one cell from one side, for the public first, then for each insider not yet answered.

    A cheapest move that disturbs few insiders answers nearly all of them; when it answers none, the
    first one left attacks on its own, and either a world is found or the requirement falls.
    """
    tenus = couverture.tenus[sens][exigence]
    tombees: dict[int, Breche] = {}
    while restantes := [int(c) for c in np.flatnonzero(~tenus) if c not in tombees]:
        colonne = restantes[0]
        if colonne:
            _contourner(composante, couverture, exigence, restantes, sens)
        if tenus[restantes].any():
            continue
        breche = _attaquer_seul(composante, couverture, exigence, colonne, sens)
        if breche:
            tombees[colonne] = breche
        if breche and (colonne == 0 or len(tombees) == BRECHES_PAR_CELLULE):
            break
    return list(tombees.values())


def _contourner(
    composante: Composante,
    couverture: Couverture,
    exigence: int,
    colonnes: list[int],
    sens: int,
) -> None:
    """Meet a requirement by the move that disturbs what these insiders know as little as it can."""
    voulu = (composante.haut if sens == VERS_LE_HAUT else composante.bas)[exigence, colonnes[0]]
    inities = np.array([colonne - 1 for colonne in colonnes if colonne], dtype=np.int64)
    monde = deplacer(
        composante.systeme,
        composante.valeurs,
        (np.zeros(len(composante.valeurs)), composante.plafonds),
        np.where(_connues_de(composante, inities), 1.0, DISCRET),
        int(composante.primaires[exigence]),
        voulu,
        composante.entiere,
    )
    _retenir(composante, couverture, monde)


def _attaquer_seul(
    composante: Composante, couverture: Couverture, exigence: int, colonne: int, sens: int
) -> Breche | None:
    """Let one attacker attack one cell from one side."""
    cible = composante.primaires[exigence : exigence + 1]
    voulu = (composante.haut if sens == VERS_LE_HAUT else composante.bas)[exigence, [colonne]]
    fixes = _connues_de(composante, np.array([colonne - 1] if colonne else [], dtype=np.int64))
    programme = _viser(composante, fixes, cible, voulu, sens)
    monde, duaux = _monde_et_preuve(composante, programme)
    if monde is not None and sens * (monde[cible[0]] - voulu[0]) > -TOLERANCE:
        duaux, monde = None, _monde(composante, programme)
    _retenir(composante, couverture, monde)
    if couverture.tenus[sens][exigence, colonne]:
        return None
    atteint = float(composante.valeurs[cible[0]] if monde is None else monde[cible[0]])
    if composante.entiere:
        atteint = sens * np.floor(sens * atteint + TOLERANCE)
    return Breche(
        cellule=int(composante.cellules[cible[0]]),
        attaquant=int(composante.inities[colonne - 1]) if colonne else PUBLIC,
        sens=sens,
        atteint=atteint,
        voulu=float(voulu[0]),
        exigence=exigence,
        colonne=colonne,
        lignes=composante.lignes,
        multiplicateurs=duaux,
    )


def _monde_et_preuve(
    composante: Composante, programme: Programme
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    """Solve in fractions; also the dual values of the relations, for a cost of one."""
    solution = minimiser(composante.systeme, replace(programme, entier=False))
    if solution is None:
        return None, None
    cout = max(abs(programme.avant).max(), abs(programme.apres).max())
    return solution.valeurs, solution.duaux / cout


def encadrer(
    composante: Composante, couverture: Couverture
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(H,) lowest and highest value of each hidden cell for the public, rounded inwards for persons.

    lo_i = min y_i and hi_i = max y_i over the worlds, by linear programming (Fischetti & Salazar,
    Management Science 47(7), 2001), unless a world already reaches a bound that none can pass.
    """
    plafonds = _plafonds_evidents(composante)
    _etirer(composante, couverture, plafonds)
    personne = np.zeros(len(plafonds), dtype=bool)
    bas, haut = couverture.minimum.copy(), couverture.maximum.copy()
    for cellule in range(len(bas)):
        if bas[cellule] > 0:
            bas[cellule] = _extreme(composante, cellule, VERS_LE_BAS, personne)
        if haut[cellule] < plafonds[cellule]:
            haut[cellule] = _extreme(composante, cellule, VERS_LE_HAUT, personne)
    if composante.entiere:
        return np.ceil(bas - TOLERANCE) + 0.0, np.floor(haut + TOLERANCE)  # + 0.0: never −0
    return bas, haut


def _etirer(composante: Composante, couverture: Couverture, plafonds: NDArray[np.float64]) -> None:
    """Look for worlds where many cells at once are as high as they can be."""
    personne = np.zeros(len(plafonds), dtype=bool)
    avant = np.inf
    while True:
        basses = np.flatnonzero((couverture.maximum < plafonds) & np.isfinite(plafonds))
        if len(basses) > avant - GAIN or not len(basses):
            return
        avant = len(basses)
        programme = _viser(composante, personne, basses, plafonds[basses], VERS_LE_HAUT)
        _retenir(composante, couverture, _monde(composante, programme))


def _plafonds_evidents(composante: Composante) -> NDArray[np.float64]:
    """Highest values that need no program: a part never exceeds what is left of a published total."""
    second = composante.relations @ composante.valeurs
    plafonds = composante.plafonds.copy()
    for ligne in range(len(second)):
        debut, fin = composante.relations.indptr[ligne : ligne + 2]
        signes = composante.relations.data[debut:fin]
        if (signes == signes[0]).all():
            membres = composante.relations.indices[debut:fin]
            plafonds[membres] = np.minimum(plafonds[membres], second[ligne] / signes[0])
    return plafonds


def _extreme(composante: Composante, cellule: int, sens: int, fixes: NDArray[np.bool_]) -> float:
    """Lowest or highest value of one cell over all worlds, infinite when nothing bounds it."""
    couts = np.zeros(len(composante.valeurs))
    couts[cellule] = -sens
    bas, haut = _bornes(composante, fixes)
    monde = _monde(composante, Programme(bas, haut, haut, couts, couts))
    return float(monde[cellule]) if monde is not None else sens * np.inf
