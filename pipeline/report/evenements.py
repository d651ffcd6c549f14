"""Exceptional events, one a row: published figures in, what the CCAS did then, year after year, out.

An indicator by event has one value a year, which neither a chart nor a table of the last year would show.
"""

from __future__ import annotations

from functools import partial

import pandas as pd

from pipeline.model import Statut
from pipeline.report import phrases, tables
from pipeline.report.faits import Fait, Faits
from pipeline.report.section import Section

_TABLE = "evenements"
_SECTION = partial(Section, "evenements", "lien_social", "Événements exceptionnels")
_PHRASE = (
    "Une ligne par événement, le plus récent d’abord : ce que le CCAS a fait. Ces chiffres s’ajoutent à l’activité "
    "ordinaire et ne s’additionnent pas d’un événement à l’autre : une même personne peut être dans plusieurs."
)


def section(faits: Faits) -> Section | None:
    """A row an event and year, a column an indicator; None where no event was deposited."""
    declares = [indicateur for indicateur in faits.indicateurs() if indicateur.table == _TABLE]
    lus: dict[tuple[int, str], dict[str, Fait]] = {}
    for indicateur in declares:
        for fait in faits.faits.get((indicateur.id, faits.etude.code), ()):
            if fait.lisible or fait.statut is Statut.SECRET:
                nom = faits.libelle_groupe(indicateur, fait.groupe)
                lus.setdefault((-fait.millesime, nom), {})[indicateur.id] = fait
    if not lus:
        return None
    lignes = [
        {"Événement": f"{nom}, {-annee}"}
        | {
            phrases.lien(indicateur, indicateur.label): tables.cellule(indicateur, siens.get(indicateur.id))
            for indicateur in declares
        }
        for (annee, nom), siens in sorted(lus.items())
    ]
    titre = f"Événements exceptionnels, {faits.etude.nom}"
    return _SECTION((_PHRASE,), (tables.markdown(pd.DataFrame(lignes), titre, _TABLE),))
