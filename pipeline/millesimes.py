"""Which vintages compare: the years of a series in, each with the nearest earlier one it may be set against."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.methods import tendances

if TYPE_CHECKING:
    from pipeline.edition import Profil


def paires(profil: Profil, millesimes: Sequence[int], serie: str) -> list[tuple[int, int, float]]:
    """(debut, fin, years) for each vintage and the nearest earlier one it may be compared with.

    `millesimes` in ascending order. An exhaustive census whose date the profile does not know has no
    pair. A rolling census needs the profile's `ecart_minimal` between two vintages (INSEE: five years, no
    shared collection wave); an exhaustive one, or a yearly activity, none.
    """
    ecart = profil.recensement.ecart_minimal if serie == "recensement" else 0
    suites = []
    for fin in sorted(millesimes):
        debuts = [debut for debut in millesimes if debut < fin and fin - debut >= ecart]
        dates = [_date(profil, annee, serie) for annee in (*debuts[-1:], fin)]
        if len(dates) == 2 and all(dates):
            suites.append((debuts[-1], fin, tendances.annees_ecoulees(*dates)))
    return suites


def _date(profil: Profil, millesime: int, serie: str) -> datetime.date | None:
    """Reference date of a vintage: 1 January of a rolling census or of a year of activity."""
    if serie == "recensement" and profil.recensement.mode == "exhaustif":
        connues = {date.millesime: date.date for date in profil.recensement.dates}
        return connues.get(millesime)
    return datetime.date(millesime, 1, 1)
