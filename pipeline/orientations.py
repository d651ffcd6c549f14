"""The orientations of an edition: axes and actions that people write, each held to indicators of the base.

In: `reports/<edition>/orientations.toml`. Out: `Orientations`, checked: identifiers, publics, dates, amounts,
indicators and territories exist, and a target asks for what is good news. The text is people's; a figure
comes from the base, or is given with its date and its source. What becomes of each action is told by
`avancement.suivre`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, Field, ValidationError

from pipeline.edition import STRICT, Paragraphes, Phrase, en_une_phrase, fautes, lire_toml
from pipeline.empreinte import ORIENTATIONS
from pipeline.model import PUBLICS, Chapter, ErreurUtilisateur, Indicator

if TYPE_CHECKING:
    from pipeline.edition import Edition

Identifiant = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
Texte = Annotated[Phrase, Field(min_length=1)]
Valeur = Annotated[float, Field(allow_inf_nan=False)]
Nature = Literal["moyens", "resultat", "impact"]


class Appui(BaseModel):
    """An indicator that a finding rests on; the commune's, unless a territory or a group is named."""

    model_config = STRICT
    indicateur: str
    territoire: str = ""
    groupe: str = ""


class Releve(BaseModel):
    """A figure that is not in the base: its value, the day it is of, and who holds it."""

    model_config = STRICT
    valeur: Valeur
    date: datetime.date
    source: Texte


class Suivi(BaseModel):
    """What an action is held to: an indicator of the base, or a count of its own, a target and its date.

    `depart`: the vintage of the baseline, else the last one before the year of the decision; `reference`
    gives the baseline in its place. A count of its own (`libelle`, `unite`) has its `releves`.
    """

    model_config = STRICT
    nature: Nature
    indicateur: str = ""
    territoire: str = ""
    groupe: str = ""
    libelle: Phrase = ""
    unite: Phrase = ""
    depart: int | None = None
    reference: Releve | None = None
    releves: tuple[Releve, ...] = ()
    cible: Valeur
    echeance: datetime.date


class Budget(BaseModel):
    """What an action costs over its length, in the profile's currency, and what that is made of."""

    model_config = STRICT
    montant: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    detail: Phrase = ""


class Axe(BaseModel):
    """One orientation, and the objectives under it."""

    model_config = STRICT
    id: Identifiant
    titre: Texte
    objectifs: Annotated[tuple[Texte, ...], Field(min_length=1)]


class Action(BaseModel):
    """One fiche action. `decidee`: the year of the edition that decided it, this one's by default."""

    model_config = STRICT
    id: Identifiant
    axe: str
    titre: Texte
    decidee: int | None = None
    constat: Texte
    appuis: Annotated[tuple[Appui, ...], Field(min_length=1)]
    objectif: Texte
    publics: Annotated[tuple[str, ...], Field(min_length=1)]
    pilote: Texte
    partenaires: tuple[Texte, ...] = ()
    debut: datetime.date
    fin: datetime.date
    moyens: Texte
    budget: Budget | None = None
    suivi: Annotated[tuple[Suivi, ...], Field(min_length=1)]


class Orientations(BaseModel):
    """Axes and actions in reading order; `fictif` says that they are an example."""

    model_config = STRICT
    fictif: bool = False
    introduction: Paragraphes = ""
    axes: Annotated[tuple[Axe, ...], Field(min_length=1)]
    actions: Annotated[tuple[Action, ...], Field(min_length=1)]

    def axe_de(self, action: Action) -> Axe:
        """The axis of an action."""
        return next(axe for axe in self.axes if axe.id == action.axe)


def chemin_de(edition: Edition) -> Path:
    """Where the orientations of an edition are written, whether or not they are."""
    return edition.rapports / ORIENTATIONS


def lire_orientations(edition: Edition, chapitres: Sequence[Chapter]) -> Orientations | None:
    """The orientations of an edition, or None when it has none; one French sentence on any mistake."""
    chemin = chemin_de(edition)
    if not chemin.exists():
        return None
    try:
        lues = Orientations(**lire_toml(chemin))
    except ValidationError as erreur:
        raise ErreurUtilisateur(en_une_phrase(chemin, fautes(erreur))) from None
    indicateurs = {i.id: i for chapitre in chapitres for i in chapitre.indicators}
    if problemes := list(_problemes(lues, edition, indicateurs)):
        raise ErreurUtilisateur(en_une_phrase(chemin, problemes))
    return lues


def decision(edition: Edition, action: Action) -> int:
    """Year of the edition that decided an action."""
    return action.decidee or edition.annee


def _problemes(lues: Orientations, edition: Edition, indicateurs: Mapping[str, Indicator]) -> Iterator[str]:
    """What is wrong, as sentences without their end, in the order of the file."""
    yield from _doublons("l'axe", [axe.id for axe in lues.axes])
    yield from _doublons("l'action", [action.id for action in lues.actions])
    axes = {axe.id for axe in lues.axes}
    territoires = {
        edition.territoire.code,
        *edition.edition.comparateurs,
        *(quartier.code for quartier in edition.quartiers),
    }
    for action in lues.actions:
        ou = f"l'action « {action.id} »"
        if action.axe not in axes:
            yield f"{ou} nomme l'axe « {action.axe} », qui n'est pas déclaré ; connus : {_liste(axes)}"
        if inconnus := [public for public in action.publics if public not in PUBLICS]:
            yield f"{ou} nomme le public « {inconnus[0]} » ; connus : {', '.join(PUBLICS)}"
        if all(suivi.nature != "resultat" for suivi in action.suivi):
            yield f"{ou} n'a pas d'indicateur de résultat : son état ne pourrait pas être dit"
        yield from _dates(ou, action, edition)
        for appui in (*action.appuis, *(suivi for suivi in action.suivi if suivi.indicateur)):
            yield from _indicateur(ou, appui, indicateurs, territoires)
        for suivi in action.suivi:
            yield from _suivi(ou, suivi, decision(edition, action), indicateurs)


def _doublons(quoi: str, noms: Sequence[str]) -> Iterator[str]:
    for nom in sorted({nom for nom in noms if noms.count(nom) > 1}):
        yield f"{quoi} « {nom} » est déclaré{'e' if quoi.endswith('action') else ''} deux fois"


def _liste(noms: Iterable[str]) -> str:
    return ", ".join(sorted(noms))


def _dates(ou: str, action: Action, edition: Edition) -> Iterator[str]:
    annee = decision(edition, action)
    if annee > edition.annee:
        yield f"{ou} serait décidée en {annee}, après l'édition de {edition.annee}"
    if action.debut.year < annee:
        yield f"{ou} débute le {action.debut:%d/%m/%Y}, avant l'édition qui la décide ({annee})"
    if action.fin < action.debut:
        yield f"{ou} finit le {action.fin:%d/%m/%Y}, avant d'avoir débuté ({action.debut:%d/%m/%Y})"


def _indicateur(
    ou: str, appui: Appui | Suivi, indicateurs: Mapping[str, Indicator], territoires: set[str]
) -> Iterator[str]:
    nom = appui.indicateur
    if nom not in indicateurs:
        proches = get_close_matches(nom, indicateurs, n=3) or sorted(indicateurs)[:3]
        yield f"{ou} nomme l'indicateur « {nom} », qui n'existe pas ; proches : {', '.join(proches)}"
        return
    if appui.territoire and appui.territoire not in territoires:
        yield f"{ou} nomme le territoire « {appui.territoire} », qui n'est pas dans l'édition"
    if bool(appui.groupe) != bool(indicateurs[nom].by):
        remede = "nommer le groupe" if indicateurs[nom].by else "retirer « groupe »"
        yield f"{ou} : l'indicateur « {nom} » {'va' if indicateurs[nom].by else 'ne va pas'} par groupe : {remede}"


def _suivi(ou: str, suivi: Suivi, annee: int, indicateurs: Mapping[str, Indicator]) -> Iterator[str]:
    nom = suivi.indicateur or suivi.libelle
    if bool(suivi.indicateur) == bool(suivi.libelle):
        yield f"{ou} : un suivi donne soit « indicateur », soit « libelle »"
    elif suivi.libelle and suivi.reference is None:
        yield f"{ou} : « {nom} » n'est pas dans la base : donner sa « reference » (valeur, date, source)"
    elif suivi.libelle and suivi.depart is not None:
        yield f"{ou} : « {nom} » n'est pas dans la base : « depart » n'y désigne aucun millésime, le retirer"
    elif suivi.indicateur and suivi.releves:
        yield f"{ou} : les mesures de « {nom} » viennent de la base : retirer « releves »"
    if suivi.echeance.year < annee:
        yield f"{ou} : l'échéance de « {nom} » ({suivi.echeance:%d/%m/%Y}) précède l'édition de {annee}"
    if suivi.reference is not None and suivi.reference.date >= suivi.echeance:
        yield f"{ou} : la référence de « {nom} » ne précède pas son échéance ({suivi.echeance:%d/%m/%Y})"
    indicateur = indicateurs.get(suivi.indicateur)
    if indicateur is not None and not _dans(suivi.cible, indicateur.measure.bounds):
        yield f"{ou} : la cible de « {nom} » ({suivi.cible:g}) n'est pas une valeur que l'indicateur peut prendre"
    if suivi.reference is not None:
        yield from contresens(ou, suivi, indicateur, suivi.reference.valeur)


def _dans(valeur: float, bornes: tuple[float, float]) -> bool:
    return bornes[0] <= valeur <= bornes[1]


def contresens(ou: str, suivi: Suivi, indicateur: Indicator | None, depart: float) -> Iterator[str]:
    """What is wrong with a target once its baseline is known: it asks for nothing, or for worse."""
    nom = suivi.indicateur or suivi.libelle
    if suivi.cible == depart:
        yield f"{ou} : la cible de « {nom} » est sa valeur de départ ({depart:g}) : écrire ce qui doit changer"
    if indicateur is None or indicateur.higher_is == "neutre":
        return
    if (suivi.cible > depart) != (indicateur.higher_is == "favorable"):
        bon = "monter" if indicateur.higher_is == "favorable" else "baisser"
        yield (
            f"{ou} : la cible de « {nom} » ({suivi.cible:g}) va dans le mauvais sens : partie de {depart:g}, "
            f"cette valeur doit {bon}"
        )
