"""Trends of the yearly activity: published counts in, one row a series out, or why none can be told.

A series is read since the last declared break only, from the figures that may be said: one hidden year is a
missing point.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import pandas as pd

from pipeline import transform
from pipeline.methods.tendances import Evolution, Rupture, Tendance, tendance
from pipeline.model import Indicator, Total
from pipeline.report import phrases
from pipeline.report.faits import Fait, Faits
from pipeline.report.francais import majuscule
from pipeline.report.nombres import nombre

ETATS = {
    Evolution.EN_HAUSSE: "en hausse",
    Evolution.EN_BAISSE: "en baisse",
    Evolution.STABLE: "stable",
    Evolution.INDETERMINE: "indéterminé",
}
_SERIE = "activite"
_DOUBLEMENT = 1.0  # +100 % a year: an upper bound beyond it says that the series tells nothing


def tendances(faits: Faits, indicateurs: Sequence[Indicator]) -> dict[Indicator, Tendance]:
    """Indicator → trend, of the counts of heads and events of the activity known for two years or more."""
    trouvees = {}
    for indicateur in _comptes(faits, indicateurs):
        serie = faits.serie(indicateur.id, faits.etude.code)
        if len(serie) > 1:
            trouvees[indicateur] = _tendance(faits, serie)
    return trouvees


def _comptes(faits: Faits, indicateurs: Sequence[Indicator]) -> Iterable[Indicator]:
    """Totals of heads or events: an amount of money is not a count."""
    series, symbole = transform.series(), faits.edition.profil.monnaie.symbole
    for indicateur in indicateurs:
        total = isinstance(indicateur.measure, Total) and indicateur.measure.unit != symbole
        if total and not indicateur.by and series.get(indicateur.table) == _SERIE:
            yield indicateur


def _tendance(faits: Faits, serie: Sequence[Fait]) -> Tendance:
    ruptures = [Rupture(r.annee, r.libelle) for r in faits.edition.ruptures_declarees if _SERIE in r.series]
    return tendance(
        [fait.millesime for fait in serie],
        [fait.valeur for fait in serie],
        ruptures,
        inflation=max(1 / (fait.efficace or 1.0) for fait in serie),
    )


def tableau(trouvees: dict[Indicator, Tendance]) -> pd.DataFrame:
    """One row a series that has a trend; empty when none has."""
    return pd.DataFrame(
        [
            {
                "Série": phrases.nom(indicateur),
                "Depuis": f"{lue.depuis:.0f}",
                "Points": nombre(lue.points),
                "Par an": _par_an(lue),
                "Tendance": ETATS[lue.etat],
            }
            for indicateur, lue in trouvees.items()
            if not math.isnan(lue.variation)
        ]
    )


def _par_an(lue: Tendance) -> str:
    """« +20,0 % (+17,7 % à +22,4 %) »; no figure where a year could as well double the count."""
    if lue.borne_haute > _DOUBLEMENT:
        return "trop incertain"
    basse, haute = _pour_cent(lue.borne_basse), _pour_cent(lue.borne_haute)
    return f"{_pour_cent(lue.variation)} ({basse} à {haute})"


def _pour_cent(variation: float) -> str:
    return f"{nombre(100 * variation, 1, signe=True)} %"


def refus(trouvees: dict[Indicator, Tendance]) -> list[str]:
    """Why series have no trend: one sentence a reason, which names its series when they are not all of them."""
    muettes = {phrases.libelle(i): lue.motif for i, lue in trouvees.items() if math.isnan(lue.variation)}
    dites = []
    for motif in dict.fromkeys(muettes.values()):
        noms = [nom for nom, autre in muettes.items() if autre == motif]
        qui = "" if len(noms) == len(trouvees) else f" ({', '.join(noms)})"
        dites.append(f"Tendance indéterminée{qui} : {motif}.")
    return [majuscule(dite) for dite in dites]
