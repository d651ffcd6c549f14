"""The audit of a publication: every attack on everything that is published, and the final gate.

In: linked tables, which cells are hidden, the policy. Out: the interval that a
reader reaches for each hidden cell and the list of failures; `exiger_secret` stops the publication.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.disclosure.attack import (
    VERS_LE_HAUT,
    Breche,
    Mouvement,
    achever,
    encadrer,
    explorer,
)
from pipeline.disclosure.components import PUBLIC, decouper, decouper_secretes, isoler
from pipeline.disclosure.primary import Exigences, Inities, exiger, trouver_inities
from pipeline.disclosure.rules import Regle, SecretNonTenu
from pipeline.disclosure.tables import CENTIMES, Cellule, Tables


@dataclass(frozen=True)
class Echec:
    """One failure of the audit: who gets how close to which cell."""

    cellule: Cellule
    attaquant: str
    atteint: str

    def __str__(self) -> str:
        """Say it in French."""
        return f"« {self.cellule} » : {self.attaquant} sait que {self.atteint}"


@dataclass(frozen=True)
class Audit:
    """What a publication lets a reader know.

    bas, haut: (N,) interval of each cell; a single value for a published one. echecs: failures.
    bornees: cells that earlier publications or known bounds leave in less doubt than the policy asks,
    whatever is hidden now.
    """

    bas: NDArray[np.float64]
    haut: NDArray[np.float64]
    echecs: tuple[Echec, ...]
    bornees: tuple[Cellule, ...] = ()


def auditer(
    tables: Tables, cachees: NDArray[np.bool_], regle: Regle, mouvements: Iterable[Mouvement] = ()
) -> Audit:
    """Attack a publication where the cells of the mask `cachees` (N,) are hidden, all others printed.

    Public and insiders attack; a hidden cell that anybody computes exactly is a failure too, even when
    it needed no protection: hiding it deceives the reader for nothing. mouvements: moves that whoever
    chose the cells has found; each is tried again here, and saves a search where it proves something.
    """
    connus = list(mouvements)
    exigences, inities = preparer(tables, regle, connus)
    cachees = (cachees | tables.inedites) & ~tables.connues
    echecs = [_a_decouvert(tables, rang) for rang in exigences.rangs[~cachees[exigences.rangs]]]
    bas, haut = tables.valeurs.astype(float), tables.valeurs.astype(float)
    for cellules in decouper(tables, cachees):
        composante = isoler(tables, cellules, exigences, inities)
        couverture = explorer(composante, connus)
        echecs += [_nommer(tables, inities, breche) for breche in achever(composante, couverture)]
        intervalle = encadrer(composante, couverture)
        bas[cellules], haut[cellules] = intervalle
    a_proteger = np.isin(np.arange(len(bas)), exigences.rangs)
    inutiles = cachees & ~tables.inedites & ~a_proteger & (bas == haut)
    echecs += [_recalculee(tables, rang) for rang in np.flatnonzero(inutiles)]
    return Audit(bas, haut, tuple(echecs), _bornees(tables, exigences))


def preparer(
    tables: Tables, regle: Regle, mouvements: list[Mouvement] | None = None
) -> tuple[Exigences, Inities]:
    """Find what to protect and from whom; ask for no doubt that nothing can give.

    With everything hidden that still can be, what an attacker deduces comes from earlier publications,
    from known bounds or from their own case: no choice made now widens it, it becomes the requirement.
    mouvements: moves found so far, to which those found here are added.
    """
    exigences, inities = exiger(tables, regle), trouver_inities(tables)
    mouvements = [] if mouvements is None else mouvements
    composantes = list(decouper_secretes(tables, ~tables.connues, exigences))
    while breches := [
        breche for c in composantes for breche in attaquer(tables, c, exigences, inities, mouvements)
    ]:
        limites = dict(exigences.limites)
        for breche in breches:
            cle = (breche.cellule, breche.attaquant)
            bas, haut = limites.get(cle, (0.0, np.inf))
            vers_le_haut = breche.sens == VERS_LE_HAUT
            limites[cle] = (bas, breche.atteint) if vers_le_haut else (breche.atteint, haut)
        exigences = replace(exigences, limites=limites)
    return exigences, inities


def attaquer(
    tables: Tables,
    cellules: NDArray[np.int64],
    exigences: Exigences,
    inities: Inities,
    mouvements: list[Mouvement],
) -> list[Breche]:
    """Return the requirements that fall in one component of hidden cells; add the moves that hold the others."""
    composante = isoler(tables, cellules, exigences, inities)
    couverture = explorer(composante, mouvements)
    breches = achever(composante, couverture)
    mouvements += couverture.mouvements
    return breches


def _bornees(tables: Tables, exigences: Exigences) -> tuple[Cellule, ...]:
    rangs = {rang for rang, attaquant in exigences.limites if attaquant == PUBLIC}
    return tuple(tables.cellules[rang] for rang in sorted(rangs))


def exiger_secret(audit: Audit) -> None:
    """Raise SecretNonTenu, and so stop the publication, when the audit found a failure."""
    if audit.echecs:
        nombre = len(audit.echecs)
        reste = f" (et {nombre - 1} autre{'s' * (nombre > 2)})" if nombre > 1 else ""
        raise SecretNonTenu(
            f"La publication s’arrête : le secret statistique n’est pas tenu. {audit.echecs[0]}"
            f"{reste}. Regroupez des catégories ou des quartiers, ou retirez un tableau."
        )


def _nommer(tables: Tables, inities: Inities, breche: Breche) -> Echec:
    """Turn a breach into a sentence."""
    attaquant = "le public"
    if breche.attaquant != PUBLIC:
        connues = inities.connues(breche.attaquant)
        seule = connues[np.argmax(tables.effectifs[connues] == 1)]
        attaquant = f"la personne seule dans « {tables.cellules[seule]} »"
    unite = CENTIMES if tables.montants[breche.cellule] else 1
    borne = "au plus" if breche.sens == VERS_LE_HAUT else "au moins"
    atteint = f"la valeur est d’{borne} {breche.atteint / unite:.10g}"
    return Echec(tables.cellules[breche.cellule], attaquant, atteint)


def _a_decouvert(tables: Tables, rang: int) -> Echec:
    unite = CENTIMES if tables.montants[rang] else 1
    valeur = f"la valeur est {tables.valeurs[rang] / unite:.10g}, publiée telle quelle"
    return Echec(tables.cellules[rang], "le public", valeur)


def _recalculee(tables: Tables, rang: int) -> Echec:
    return Echec(tables.cellules[rang], "le public", "la valeur cachée se recalcule exactement")
