"""What is invented, and how it is drawn: every draw is a uniform number looked up in a table of weights.

In: a `Fiction`. Out: draws that are the same bytes wherever they are made: no logarithm to round, no clock.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

ANOMALIES: Mapping[str, float] = {
    # requests: each on lines, or households, of its own
    "date_illisible": 0.004,
    "quartier_inconnu": 0.004,
    "numero_repris": 0.002,
    "doublon": 0.004,
    "seance_avant_demande": 0.004,
    "refus_avec_montant": 0.003,
    "accord_sans_montant": 0.004,
    "accorde_plus_que_demande": 0.004,
    "paiement_avant_demande": 0.003,
    "paiement_superieur": 0.004,
    "urgence_regularisee": 0.01,
    "couple_deux_fois": 0.005,
    "variante_du_nom": 0.03,
    "deux_quartiers": 0.01,
    "deux_menages": 0.008,
    # the other tables
    "enfant_deux_foyers": 0.01,
    "charges_doubles": 0.01,
    "public_inconnu": 0.004,
    "renouvellement_en_premiere": 0.03,
    "validite_trop_longue": 0.02,
    "refus_avec_dates": 0.02,
    "remise_en_double": 0.004,
    "presence_orpheline": 0.004,
    "appel_en_double": 0.015,
    "nuits_sans_place": 0.015,
    "service_en_double": 0.003,
    "plus_de_passages": 0.004,
}
"""Planted mistakes, as shares of the rows (or households) of the table they are in."""

MENAGES_SUIVIS = 5_000
"""Beyond so many households only the requests go on growing: a workbook does not hold millions of rows."""


@dataclass(frozen=True)
class Fiction:
    """What is invented: quartier labels with their weights, years covered, size and seed.

    `rupture`: the day from which requests are `hausse` times as many, and take a third longer.
    `pas`: the step of amounts, in `monnaie` (a food voucher is some tens of steps).
    `dispositifs`: the rights that the CCAS helps to ask for, as its software names them, with our codes.
    """

    quartiers: Mapping[str, float]
    annees: tuple[int, ...]
    menages: int = 900
    graine: int = 2026
    rupture: datetime.date | None = None
    hausse: float = 1.5
    monnaie: str = "F CFP"
    pas: int = 500
    dispositifs: Mapping[str, str] = field(
        default_factory=lambda: {
            "Aide médicale gratuite": "amg",
            "Allocations de la CAFAT": "cafat",
            "Complément retraite de solidarité": "complement_retraite",
            "Minimum vieillesse": "minimum_vieillesse",
            "Aide au logement": "aide_logement",
        }
    )
    anomalies: Mapping[str, float] = field(default_factory=lambda: ANOMALIES)

    @property
    def debut(self) -> np.datetime64:
        """First day covered."""
        return np.datetime64(f"{self.annees[0]}-01-01")

    @property
    def fin(self) -> np.datetime64:
        """Last day covered, which is the day of the extraction."""
        return np.datetime64(f"{self.annees[-1]}-12-31")

    @property
    def lendemain(self) -> np.datetime64:
        """The day after the last one covered."""
        return self.fin + np.timedelta64(1, "D")

    def tirage(self, table: int) -> np.random.Generator:
        """The draws of one table, which adding another table does not change."""
        return np.random.Generator(np.random.PCG64([self.graine, table]))

    def combien(self, anomalie: str, lignes: int) -> int:
        """How many mistakes of one kind to plant among so many rows."""
        return int(self.anomalies.get(anomalie, 0) * lignes + 0.5)


def choisir(tirage: np.random.Generator, poids: Mapping[Any, float], combien: int) -> np.ndarray:
    """Independent draws of the keys, in proportion to their weights."""
    bornes = np.cumsum(list(poids.values()))
    valeurs = np.empty(len(poids), dtype=object)
    valeurs[:] = list(poids)
    return valeurs[np.searchsorted(bornes, tirage.random(combien) * bornes[-1], side="right")]


def choisir_selon(
    tirage: np.random.Generator, groupes: np.ndarray, poids: Mapping[str, Mapping[Any, float]]
) -> np.ndarray:
    """Draws with the weights of each row's group."""
    tires = np.empty(len(groupes), dtype=object)
    for groupe, table in poids.items():
        ou = groupes == groupe
        tires[ou] = choisir(tirage, table, int(ou.sum()))
    return tires


def entiers(tirage: np.random.Generator, bas: Any, haut: Any, combien: int) -> np.ndarray:
    """Whole numbers from `bas` to `haut`, both included, all alike."""
    return bas + (tirage.random(combien) * (haut - bas + 1)).astype(int)


def jours_ouvres(fiction: Fiction) -> np.ndarray:
    """The working days of the years covered."""
    jours = np.arange(fiction.debut, fiction.lendemain)
    return jours[np.is_busday(jours)]


def dates(tirage: np.random.Generator, fiction: Fiction, combien: int) -> np.ndarray:
    """Working days of the years covered, more often after the break, in order."""
    jours = jours_ouvres(fiction)
    rupture = np.datetime64(fiction.rupture) if fiction.rupture else fiction.lendemain
    bornes = np.cumsum(np.where(jours >= rupture, fiction.hausse, 1.0))
    return np.sort(jours[np.searchsorted(bornes, tirage.random(combien) * bornes[-1], side="right")])


def plus_tard(jours: pd.Series, ecart: np.ndarray, fiction: Fiction) -> pd.Series:
    """So many days later, unknown when that is after the extraction."""
    apres = jours + pd.to_timedelta(ecart, unit="D")
    return apres.where(apres <= fiction.fin)


def au_hasard(tirage: np.random.Generator, candidats: np.ndarray, combien: int) -> np.ndarray:
    """So many of the candidates (all if there are fewer), in increasing order."""
    ordre = np.argsort(tirage.random(len(candidats)), kind="stable")
    return np.sort(candidats[ordre[:combien]])
