"""The indicators: one module a chapter, declarations only, gathered in the report's order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.indicators import (
    acces_aux_droits,
    activite,
    commissions,
    demographie,
    emploi,
    errance,
    familles,
    lien_social,
    logement,
    vieillissement,
)
from pipeline.model import Chapter, Indicator

if TYPE_CHECKING:
    from pipeline.edition import Profil

CHAPITRES = (
    demographie.CHAPITRE,
    familles.CHAPITRE,
    vieillissement.CHAPITRE,
    logement.CHAPITRE,
    emploi.CHAPITRE,
    activite.CHAPITRE,
    commissions.CHAPITRE,
    acces_aux_droits.CHAPITRE,
    errance.CHAPITRE,
    lien_social.CHAPITRE,
)

MONNAIE = "monnaie"


def chapitres_de(profil: Profil) -> tuple[Chapter, ...]:
    """The chapters as a territory reads them: amounts in its currency."""
    return tuple(
        replace(
            chapitre, indicators=tuple(_en_monnaie(i, profil.monnaie.symbole) for i in chapitre.indicators)
        )
        for chapitre in CHAPITRES
    )


def _en_monnaie(indicateur: Indicator, symbole: str) -> Indicator:
    if indicateur.measure.unit != MONNAIE:
        return indicateur
    return replace(indicateur, measure=replace(indicateur.measure, unit=symbole))
