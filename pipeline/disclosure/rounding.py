"""Controlled rounding: every figure printed as a multiple of 5, totals still adding up.

In: linked tables of counts and a policy. Out: the rounded values and their audit. An alternative to
suppression for detail that nobody needs to the unit: nothing is blank, nothing is exact.
Source: Cox, « A Constructive Procedure for Unbiased Controlled Rounding », JASA 82(398), 1987.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.disclosure.attack import (
    Breche,
    Couverture,
    achever,
    etendue,
    explorer,
)
from pipeline.disclosure.audit import Audit, exiger_secret, nommer, preparer
from pipeline.disclosure.components import PUBLIC, Composante, composer
from pipeline.disclosure.programs import Programme, Systeme, minimiser
from pipeline.disclosure.rules import Regle
from pipeline.disclosure.tables import Tableau, Tables
from pipeline.model import ErreurUtilisateur


@dataclass(frozen=True)
class Arrondi:
    """valeurs: (N,) multiples of the base that replace the counts; audit: what a reader can deduce.

    The audit's bounds are values that a reader cannot rule out: their doubt is at least that wide.
    """

    tables: Tables
    valeurs: NDArray[np.int64]
    audit: Audit


def arrondir(tables: Tables, regle: Regle) -> Arrondi:
    """Round every count to the multiple of the base just below or above it, keeping all relations.

    Raises ErreurUtilisateur for amounts, or when no such rounding exists (it always does for a table
    of two dimensions); SecretNonTenu when the audit fails.
    """
    if tables.montants.any():
        raise ErreurUtilisateur(
            "L’arrondi contrôlé ne s’applique qu’à des comptes : protégez les montants en cachant."
        )
    base = regle.base_arrondi
    dessous, restes = np.divmod(tables.valeurs, base)
    libres = tables.inedites
    plafonds = np.where(libres, np.inf, (restes > 0).astype(float))
    depart = np.where(libres, 0, dessous)
    second = -(tables.relations @ depart).astype(float)
    couts = np.where(libres, 0.0, base - 2.0 * restes)
    programme = Programme(np.zeros(len(couts)), plafonds, plafonds, couts, couts, entier=True)
    solution = minimiser(Systeme(tables.relations, second, second), programme)
    if solution is None:
        raise ErreurUtilisateur(
            f"Aucun arrondi à {base} ne conserve tous les totaux de ces tableaux : cachez des "
            "cellules, ou publiez les tableaux séparément."
        )
    valeurs = base * (depart + np.rint(solution.valeurs).astype(np.int64))
    audit = auditer_arrondi(tables, valeurs, regle)
    exiger_secret(audit)
    return Arrondi(tables, valeurs, audit)


def auditer_arrondi(tables: Tables, valeurs: NDArray[np.int64], regle: Regle) -> Audit:
    """Attack rounded tables: each count lies within base − 1 of its rounded value, M y = 0, y ≥ 0.

    A secret cell must keep `base` possible values, as around a printed 0, which says [0, base − 1].
    That is the doubt of this method, narrower than the one asked of suppression; an insider takes
    their own case off and keeps one value less. What is already public stays known exactly; where it
    leaves less doubt, no more is asked.
    """
    exigences, inities = preparer(tables, regle)
    ecart = regle.base_arrondi - 1
    arrondies = valeurs[exigences.rangs].astype(float)
    exigences_arrondies = replace(exigences, bas=arrondies, haut=arrondies + ecart)
    sans_planchers = replace(inities, planchers=np.zeros_like(inities.planchers))
    bornes = (
        np.where(tables.inedites, 0.0, np.maximum(valeurs - ecart, 0)),
        np.minimum(np.where(tables.inedites, np.inf, valeurs + ecart), tables.plafonds),
    )
    echecs = []
    bas, haut = tables.valeurs.astype(float), tables.valeurs.astype(float)
    for composante in composer(tables, ~tables.connues, exigences_arrondies, sans_planchers, bornes):
        couverture = explorer(composante)
        for breche, largeur in _largeurs(composante, couverture):
            demandee = ecart if breche.attaquant == PUBLIC else ecart - 1
            deja_su = exigences.limites.keys() & {(breche.cellule, a) for a in (PUBLIC, breche.attaquant)}
            if largeur < demandee and not deja_su:
                echecs.append(nommer(tables, inities, breche))
        bas[composante.cellules] = couverture.minimum
        haut[composante.cellules] = couverture.maximum
    return Audit(bas, haut, tuple(echecs))


def _largeurs(composante: Composante, couverture: Couverture) -> Iterator[tuple[Breche, float]]:
    """Yield each attack that excludes part of the usual window, and the width of what it leaves."""
    while breches := achever(composante, couverture):
        for breche in breches:
            for tenus in couverture.tenus.values():
                tenus[breche.exigence, breche.colonne] = True
            yield breche, etendue(composante, breche)


def appliquer_arrondi(tableau: Tableau, arrondi: Arrondi) -> pd.DataFrame:
    """Return the table with its rounded values: dimensions and value only, rows in their order."""
    rangs = [arrondi.tables.rangs[cellule] for cellule in tableau.cellules()]
    sortie = tableau.donnees[[*tableau.dimensions, tableau.valeur]].copy()
    sortie[tableau.valeur] = arrondi.valeurs[rangs]
    return sortie
