"""What a reader can deduce of the hidden cells from everything that is published.

In: linked tables, the hidden cells, the doubt asked for. Out: for each component of hidden cells, the
worlds found, what they prove, the breaches that remain and the interval of each cell.

A *world* is one vector y that a reader cannot rule out: M y = b, y equal to what is published, within
its bounds, whole for persons. A world where a cell reaches its upper requirement and another where it
reaches its lower one prove the protection of that cell; the proof is a multiplication, not the word of
a solver. One world usually proves many cells at once, against the public and against every insider
whose cells it leaves at their true values; linear programs are spent on what remains.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from pipeline.disclosure.primary import Exigences, Inities
from pipeline.disclosure.tables import Tables

PUBLIC = -1  # the attacker who knows what is published and nothing more
VERS_LE_BAS, VERS_LE_HAUT = -1, 1
UTILE = 0.7  # a sweep goes on while each world leaves no more than this share of the work
BRECHES_PAR_CELLULE = 2
NOEUDS = 1000  # branch and bound nodes for one whole world: a budget that no clock decides
TOLERANCE = 1e-6
DISCRET = 1e-3  # cost of moving a cell that no insider in question knows


@dataclass(frozen=True)
class Composante:
    """Hidden cells that relations tie together: H cells, R relations, P requirements, K insiders.

    cellules, lignes: (H,), (R,) ranks in the tables. planchers, plafonds: (H,) what anybody knows.
    primaires: (P,) places among the H cells. bas, haut: (P, 1 + K) doubt asked against the public
    (column 0) and each insider. inities: (K,) their numbers; savoirs: (K, H) the cells each knows.
    """

    cellules: NDArray[np.int64]
    lignes: NDArray[np.int64]
    relations: sparse.csr_array
    valeurs: NDArray[np.int64]
    planchers: NDArray[np.float64]
    plafonds: NDArray[np.float64]
    entiere: bool
    primaires: NDArray[np.int64]
    bas: NDArray[np.float64]
    haut: NDArray[np.float64]
    inities: NDArray[np.int64]
    savoirs: sparse.csr_array


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

    lignes, multiplicateurs: the relations in play and the dual values that prove the breach; none
    when a world in fractions of persons would have done.
    """

    cellule: int
    attaquant: int
    sens: int
    atteint: float
    voulu: float
    lignes: NDArray[np.int64]
    multiplicateurs: NDArray[np.float64] | None


def composer(
    tables: Tables,
    cachees: NDArray[np.bool_],
    exigences: Exigences,
    inities: Inities,
    bornes: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> Iterator[Composante]:
    """Split the hidden cells into components; bornes: (N,) lower and upper bounds known to anybody."""
    rangs = np.flatnonzero(cachees)
    incidence = abs(tables.relations[:, rangs])
    _, groupes = sparse.csgraph.connected_components(incidence.T @ incidence, directed=False)
    ordre = np.argsort(groupes, kind="stable")
    for places in np.split(ordre, np.flatnonzero(np.diff(groupes[ordre])) + 1):
        if len(places):
            yield _isoler(tables, rangs[places], exigences, inities, bornes)


def _isoler(
    tables: Tables,
    cellules: NDArray[np.int64],
    exigences: Exigences,
    inities: Inities,
    bornes: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> Composante:
    """Restrict relations, requirements and insiders to one component."""
    relations = tables.relations[:, cellules].tocsr()
    lignes = np.flatnonzero(np.diff(relations.indptr))
    concernees = np.flatnonzero(np.isin(exigences.rangs, cellules))
    place = np.full(len(tables.cellules), -1)
    place[cellules] = np.arange(len(cellules))
    primaires = place[exigences.rangs[concernees]]
    savoirs = [savoir[savoir >= 0] for savoir in (place[c] for c in inities.connues)]
    presents = np.array([k for k, savoir in enumerate(savoirs) if len(savoir)], dtype=np.int64)
    connus = [savoirs[k] for k in presents]
    bas, haut = _exigences_par_attaquant(tables, exigences, concernees, inities, presents)
    lignes_savoir = np.repeat(np.arange(len(presents)), [len(c) for c in connus])
    colonnes_savoir = np.concatenate([*connus, np.array([], dtype=np.int64)]).astype(np.int64)
    return Composante(
        cellules=cellules,
        lignes=lignes,
        relations=relations[lignes],
        valeurs=tables.valeurs[cellules],
        planchers=bornes[0][cellules],
        plafonds=bornes[1][cellules],
        entiere=not tables.montants[cellules].any(),
        primaires=primaires,
        bas=bas,
        haut=haut,
        inities=presents,
        savoirs=sparse.csr_array(
            (np.ones(len(colonnes_savoir)), (lignes_savoir, colonnes_savoir)),
            shape=(len(presents), len(cellules)),
        ),
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
    connu = inities.planchers[:, presents].tocsr()[rangs].toarray()
    connu = np.hstack([np.zeros((len(rangs), 1)), connu])
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
    _retenir(composante, couverture, composante.valeurs.astype(float))
    for ancien in anciens:
        if np.isin(ancien.cellules, composante.cellules, assume_unique=True).all():
            monde = composante.valeurs.astype(float)
            monde[np.searchsorted(composante.cellules, ancien.cellules)] += ancien.pas
            _retenir(composante, couverture, monde)
    for groupe in _groupes(len(composante.inities)):
        for sens in (VERS_LE_BAS, VERS_LE_HAUT):
            _balayer(composante, couverture, groupe, sens)
    return couverture


def _exempts(composante: Composante) -> NDArray[np.bool_]:
    """(P, 1 + K) true where the insider knows the cell: nothing is asked against its own members."""
    savent = composante.savoirs.tocsc()[:, composante.primaires].toarray().T > 0
    return np.hstack([np.zeros((len(composante.primaires), 1), dtype=bool), savent])


def _groupes(nombre: int) -> list[NDArray[np.int64]]:
    """Groups of insiders to stand against together: all, halves by each binary digit, none.

    Any two insiders fall on both sides of some half, so that worlds sought against one half cover
    the members of the other: 2 log₂ K groups do the work of K.
    """
    tous = np.arange(nombre)
    moities = [tous[(tous >> bit) & 1 == cote] for bit in range(nombre.bit_length()) for cote in (0, 1)]
    return [*([tous, *moities] if nombre else []), tous[:0]]


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
        monde, _ = _viser(composante, fixes, composante.primaires[exigences], voulus, sens)
        if monde is None:
            return
        _retenir(composante, couverture, monde)


def _connues_de(composante: Composante, groupe: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(H,) the cells that some insider of the group knows."""
    return np.asarray(composante.savoirs[groupe].sum(axis=0)).ravel() > 0


def _viser(
    composante: Composante,
    fixes: NDArray[np.bool_],
    cibles: NDArray[np.int64],
    voulus: NDArray[np.float64],
    sens: int,
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    """Bring the target cells as near as possible to the wanted values; return world and dual values.

    Maximises Σ min(y, voulu), or minimises Σ max(y − voulu, 0), each weighted by the way to go. A
    target is split into what counts and what does not: y = t + u, t up to the wanted value.
    """
    bas = np.where(fixes, composante.valeurs, composante.planchers)
    haut = np.where(fixes, composante.valeurs, composante.plafonds)
    seuils = np.clip(voulus, bas[cibles], haut[cibles])
    poids = 1 / np.maximum(abs(voulus - composante.valeurs[cibles]), 1)
    cout = np.zeros(len(bas) + len(cibles))
    cout[len(bas) + np.arange(len(cibles)) if sens == VERS_LE_HAUT else cibles] = -sens * poids
    bornes_t = np.column_stack([bas[cibles], seuils])
    bas, haut = bas.copy(), haut.copy()
    bas[cibles], haut[cibles] = 0, haut[cibles] - seuils
    bornes = np.vstack([np.column_stack([bas, haut]), bornes_t])
    matrice = sparse.hstack([composante.relations, composante.relations[:, cibles]], format="csr")
    second = (composante.relations @ composante.valeurs).astype(float)
    reponse = linprog(cout, A_eq=matrice, b_eq=second, bounds=bornes, method="highs")
    if reponse.x is None:
        return None, None
    duaux = reponse.eqlin.marginals / poids[0]
    monde = _recoller(reponse.x, len(bas), cibles)
    if composante.entiere and not _est_entier(composante, monde):
        monde = _arrondir(cout, matrice, second, bornes)
        monde = None if monde is None else _recoller(monde, len(bas), cibles)
    return monde, duaux


def _recoller(solution: NDArray[np.float64], taille: int, cibles: NDArray[np.int64]) -> NDArray[np.float64]:
    monde = solution[:taille].copy()
    monde[cibles] += solution[taille:]
    return monde


def _est_entier(composante: Composante, monde: NDArray[np.float64]) -> bool:
    entier = np.rint(monde)
    ecarts = composante.relations @ (entier.astype(np.int64) - composante.valeurs)
    return bool(np.abs(monde - entier).max(initial=0) < TOLERANCE and not ecarts.any())


def _arrondir(
    cout: NDArray[np.float64],
    matrice: sparse.csr_array,
    second: NDArray[np.float64],
    bornes: NDArray[np.float64],
) -> NDArray[np.float64] | None:
    """Seek the same world in whole numbers."""
    return milp(
        cout,
        integrality=np.ones(len(cout)),
        bounds=Bounds(np.ceil(bornes[:, 0]), np.floor(bornes[:, 1])),
        constraints=LinearConstraint(matrice, second, second),
        options={"node_limit": NOEUDS},
    ).x


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
    double = np.concatenate([couts, couts])
    matrice = sparse.hstack([relations, -relations], format="csr")
    bornes = np.column_stack([planchers, plafonds])
    second = np.zeros(relations.shape[0])
    reponse = linprog(double, A_eq=matrice, b_eq=second, bounds=bornes, method="highs")
    solution = reponse.x
    if entier and solution is not None and abs(solution - np.rint(solution)).max() > TOLERANCE:
        solution = _arrondir(double, matrice, second, bornes)
    return None if solution is None else solution[:taille] - solution[taille:]


def _retenir(composante: Composante, couverture: Couverture, monde: NDArray[np.float64]) -> bool:
    """Record what a world proves; false when it proves nothing new or is not a world after all."""
    if composante.entiere:
        monde = np.rint(monde)
    ecarts = composante.relations @ (monde - composante.valeurs)
    tolerance = 0 if composante.entiere else TOLERANCE * max(1.0, abs(monde).max())
    dehors = (monde < composante.planchers - tolerance) | (monde > composante.plafonds + tolerance)
    if abs(ecarts).max(initial=0) > tolerance or dehors.any():
        return False
    np.minimum(couverture.minimum, monde, out=couverture.minimum)
    np.maximum(couverture.maximum, monde, out=couverture.maximum)
    bouge = abs(monde - composante.valeurs) > tolerance
    intacts = np.concatenate([[True], composante.savoirs @ bouge.astype(float) == 0])
    valeurs = monde[composante.primaires][:, None]
    preuves = {
        VERS_LE_BAS: (valeurs <= composante.bas + tolerance) & intacts,
        VERS_LE_HAUT: (valeurs >= composante.haut - tolerance) & intacts,
    }
    nouveau = any((preuves[sens] & ~couverture.tenus[sens]).any() for sens in preuves)
    if nouveau:
        pas = (monde - composante.valeurs)[bouge]
        couverture.mouvements.append(Mouvement(composante.cellules[bouge], pas))
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
    """Attack one cell from one side, for the public and for each insider not yet answered.

    A cheapest move that disturbs few insiders answers nearly all of them; when it answers none, the
    first one left attacks on its own, and either a world is found or the requirement falls.
    """
    tenus = couverture.tenus[sens][exigence]
    tombees: dict[int, Breche] = {}
    while restantes := [int(c) for c in np.flatnonzero(~tenus) if c not in tombees]:
        _contourner(composante, couverture, exigence, restantes, sens)
        if tenus[restantes].any():
            continue
        colonne = restantes[0]
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
    mouvement = deplacer(
        composante.relations,
        composante.plafonds - composante.valeurs,
        composante.valeurs - composante.planchers,
        np.where(_connues_de(composante, inities), 1.0, DISCRET),
        int(composante.primaires[exigence]),
        voulu - composante.valeurs[composante.primaires[exigence]],
        composante.entiere,
    )
    if mouvement is not None:
        _retenir(composante, couverture, composante.valeurs + mouvement)


def _attaquer_seul(
    composante: Composante, couverture: Couverture, exigence: int, colonne: int, sens: int
) -> Breche | None:
    """Let one attacker attack one cell from one side."""
    cible = composante.primaires[exigence : exigence + 1]
    voulu = (composante.haut if sens == VERS_LE_HAUT else composante.bas)[exigence, [colonne]]
    fixes = _connues_de(composante, np.array([colonne - 1] if colonne else [], dtype=np.int64))
    monde, duaux = _viser(composante, fixes, cible, voulu, sens)
    if monde is not None:
        _retenir(composante, couverture, monde)
    if couverture.tenus[sens][exigence, colonne]:
        return None
    atteint = float(composante.valeurs[cible[0]] if monde is None else monde[cible[0]])
    attaquant = int(composante.inities[colonne - 1]) if colonne else PUBLIC
    cellule = int(composante.cellules[cible[0]])
    return Breche(cellule, attaquant, sens, atteint, float(voulu[0]), composante.lignes, duaux)


def encadrer(
    composante: Composante, couverture: Couverture
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(H,) lowest and highest value of each hidden cell for the public, rounded inwards for persons.

    lo_i = min y_i and hi_i = max y_i over the worlds, by linear programming (Fischetti & Salazar,
    Management Science 47(7), 2001, § 2), unless a world already reaches a bound that none can pass.
    """
    bas, haut = couverture.minimum.copy(), couverture.maximum.copy()
    planchers, plafonds = _bornes_evidentes(composante)
    for cellule in range(len(bas)):
        if bas[cellule] > planchers[cellule]:
            bas[cellule] = _extreme(composante, cellule, VERS_LE_BAS)
        if haut[cellule] < plafonds[cellule]:
            haut[cellule] = _extreme(composante, cellule, VERS_LE_HAUT)
    if composante.entiere:
        return np.ceil(bas - TOLERANCE), np.floor(haut + TOLERANCE)
    return bas, haut


def _bornes_evidentes(
    composante: Composante,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bounds that need no program: a part never exceeds what is left of a published total."""
    second = composante.relations @ composante.valeurs
    plafonds = composante.plafonds.copy()
    nulles = not composante.planchers.any()
    for ligne in range(len(second)):
        debut, fin = composante.relations.indptr[ligne : ligne + 2]
        signes = composante.relations.data[debut:fin]
        if nulles and (signes == signes[0]).all():
            membres = composante.relations.indices[debut:fin]
            plafonds[membres] = np.minimum(plafonds[membres], second[ligne] / signes[0])
    return composante.planchers, plafonds


def _extreme(composante: Composante, cellule: int, sens: int) -> float:
    """Lowest or highest value of one cell over all worlds, infinite when nothing bounds it."""
    cout = np.zeros(len(composante.valeurs))
    cout[cellule] = -sens
    reponse = linprog(
        cout,
        A_eq=composante.relations,
        b_eq=composante.relations @ composante.valeurs,
        bounds=np.column_stack([composante.planchers, composante.plafonds]),
        method="highs",
    )
    return float(reponse.x[cellule]) if reponse.x is not None else sens * np.inf
