"""The indicators: one module a chapter, declarations only, gathered in the report's order."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING

from pipeline.indicators import (
    acces_aux_droits,
    activite,
    besoins_exprimes,
    commissions,
    demographie,
    emploi,
    equipements,
    errance,
    familles,
    lien_social,
    logement,
    revenus,
    sante,
    vieillissement,
)
from pipeline.model import Chapter, Indicator, Mean, Published
from pipeline.quantites import verifier_quantites
from pipeline.sources.registre import SOURCES
from pipeline.transform import sources_de, tables_de

if TYPE_CHECKING:
    from pipeline.edition import Monnaie, Profil

_MODULES = (
    demographie,
    familles,
    vieillissement,
    revenus,
    logement,
    emploi,
    sante,
    activite,
    commissions,
    acces_aux_droits,
    errance,
    lien_social,
    equipements,
    besoins_exprimes,
)


def chapitre_de(module: ModuleType) -> Chapter:
    """The chapter of a module, then what the module declares under a name of its own: a notebook's cell, pasted."""
    chapitre: Chapter = module.CHAPITRE
    nommes = [objet for objet in vars(module).values() if isinstance(objet, Indicator)]
    ajoutes = (indicateur for indicateur in nommes if indicateur not in chapitre.indicators)
    return replace(chapitre, indicators=(*chapitre.indicators, *ajoutes))


CHAPITRES = tuple(chapitre_de(module) for module in _MODULES)

MONNAIE = "monnaie"


def verifier_exploitations(chapitres: Iterable[Chapter]) -> None:
    """Refuse an indicator whose table mixes two exploitations of the census: two estimates of one thing.

    Source: INSEE, « Conseils d'utilisation des résultats statistiques » : principale and complémentaire
    give different counts of the same households. `ValueError` names the indicator and its table.
    """
    exploitations = {source.id: source.exploitation for source in SOURCES}
    for indicateur in (i for chapitre in chapitres for i in chapitre.indicators):
        melees = {exploitations[nom] for nom in sources_de(indicateur.table)} - {""}
        if len(melees) > 1:
            raise ValueError(
                f"{indicateur.id!r} : la table {indicateur.table!r} mélange exploitation principale et "
                "complémentaire, deux estimations d'une même population : la couper en deux"
            )


verifier_exploitations(CHAPITRES)
verifier_quantites(CHAPITRES)


def chapitres_de(profil: Profil) -> tuple[Chapter, ...]:
    """The chapters as a territory reads them: amounts in its currency, and what to beware of there."""
    return tuple(
        replace(
            chapitre,
            indicators=tuple(
                _avec_prudence(_en_monnaie(i, profil.monnaie), profil) for i in chapitre.indicators
            ),
        )
        for chapitre in CHAPITRES
    )


def connus(chapitres: Iterable[Chapter], noms: Collection[str]) -> tuple[Chapter, ...]:
    """The chapters with the indicators of `noms` only, and the figures that these can draw."""
    gardes = (
        replace(
            chapitre,
            indicators=tuple(i for i in chapitre.indicators if i.id in noms),
            figures=tuple(figure for figure in chapitre.figures if set(figure.indicators) <= set(noms)),
        )
        for chapitre in chapitres
    )
    return tuple(chapitre for chapitre in gardes if chapitre.indicators)


def _en_monnaie(indicateur: Indicator, monnaie: Monnaie) -> Indicator:
    """The indicator in a currency, with no more decimals than people count in."""
    mesure = indicateur.measure
    if mesure.unit != MONNAIE:
        return indicateur
    converti = {"unit": monnaie.symbole}
    if isinstance(mesure, Mean | Published):
        converti["decimals"] = min(mesure.decimals, monnaie.decimales)
    return replace(indicateur, measure=replace(mesure, **converti))


def _avec_prudence(indicateur: Indicator, profil: Profil) -> Indicator:
    """The caveat of an indicator, with what is true of it, or of a table that it is made of, in this profile only."""
    tables = (f"socle.{table}" for table in tables_de(indicateur.table))
    dites = (profil.prudences.get(nom, "") for nom in (indicateur.id, *tables))
    return replace(indicateur, caveat=" ".join(filter(None, (indicateur.caveat, *dites))))
