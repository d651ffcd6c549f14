"""Quartiers beside one another: published facts in, a typology, segregation and their refusals out.

Nothing here reads what may not be said: where one quartier's figure is hidden or missing, what needs them all
is refused, with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from pipeline.methods import concentration, typologie, voisins
from pipeline.methods.refus import Refus
from pipeline.model import Indicator, Statut
from pipeline.report import phrases, tables
from pipeline.report.faits import Fait, Faits
from pipeline.report.francais import enumerer
from pipeline.report.nombres import nombre
from pipeline.report.section import Section

# What a typology is made of, in each profile as far as every quartier has it: who lives there, and how.
PROFIL = (
    "part_0_19",
    "part_20_39",
    "part_40_59",
    "part_60_plus",
    "part_personnes_seules",
    "part_proprietaires",
    "taux_chomage",
)
# Groups set against the rest of the inhabitants.
GROUPES = {
    "part_0_19": "Moins de 20 ans",
    "part_20_39": "20 à 39 ans",
    "part_60_plus": "60 ans et plus",
    "part_80_plus": "80 ans et plus",
    "taux_recours": "Demandeurs d’aide, parmi les 20 ans et plus",
}
_PETIT = 1_000  # inhabitants; a smaller quartier's profile is truncated
_TRAITS = 2
_STABLE = 0.6  # adjusted Rand index under which classes are said to be unsettled


_SECTION = partial(Section, "entre-quartiers", "demographie", "Les quartiers entre eux")


def section(faits: Faits) -> Section | None:
    """Typology and segregation of the edition's quartiers; None for a commune without quartiers."""
    if len(faits.quartiers) < 2:
        return None
    classes, typologie_ = _typologie(faits)
    groupes, segregation = _segregation(faits)
    return _SECTION((*classes, *groupes), (*typologie_, *segregation))


def communs(faits: Faits, noms: Sequence[str]) -> list[tuple[Indicator, list[Fait]]]:
    """The indicators of which every quartier has a readable figure of one vintage, and these figures."""
    declares = {indicateur.id: indicateur for indicateur in faits.indicateurs()}
    trouves = []
    for nom in (nom for nom in noms if nom in declares):
        derniers = [faits.dernier(nom, lieu.code) for lieu in faits.quartiers]
        if all(derniers) and len({fait.millesime for fait in derniers}) == 1:
            trouves.append((declares[nom], derniers))
    return trouves


def _typologie(faits: Faits) -> tuple[list[str], list[str]]:
    retenus = communs(faits, PROFIL)
    noms = [indicateur.id for indicateur, _ in retenus]
    profils = np.array([[fait.valeur for fait in derniers] for _, derniers in retenus], dtype=float).T
    try:
        if not retenus:
            raise Refus("Aucune part n’est connue dans tous les quartiers.")
        reduits = voisins.standardiser(profils, noms, _petits(faits))
        trouvee = typologie.typologie(reduits)
    except Refus as refus:
        return [f"Typologie des quartiers : non donnée. {refus}"], []
    traits = typologie.traits(trouvee, noms, _TRAITS)
    lignes = [
        _classe(faits, rang, trouvee, traits[rang], {i.id: i for i, _ in retenus})
        for rang in range(len(traits))
    ]
    titre, table = f"Classes de quartiers, {retenus[0][1][0].millesime}", pd.DataFrame(lignes)
    return [_qualite(trouvee, retenus)], [tables.markdown(table, titre, "typologie", textes=list(table))]


def _petits(faits: Faits) -> np.ndarray:
    tailles = [faits.dernier("population", lieu.code) for lieu in faits.quartiers]
    return np.array([taille is not None and taille.valeur < _PETIT for taille in tailles])


def _classe(
    faits: Faits,
    rang: int,
    trouvee: typologie.Typologie,
    traits: Sequence[typologie.Trait],
    declares: dict[str, Indicator],
) -> dict[str, str]:
    membres = [
        lieu.nom for lieu, classe in zip(faits.quartiers, trouvee.classes, strict=True) if classe == rang
    ]
    return {
        "Classe": _nommer(traits, declares),
        "Quartiers": enumerer(membres),
        "Écart à la moyenne des quartiers, en écarts-types": " ; ".join(
            f"{_trait(declares[trait.variable])} {nombre(trait.ecart, 1, signe=True)}" for trait in traits
        ),
    }


def _trait(indicateur: Indicator) -> str:
    return phrases.lien(indicateur, phrases.court(indicateur).lower())


def _nommer(traits: Sequence[typologie.Trait], declares: dict[str, Indicator]) -> str:
    """« Plutôt 60 ans et plus », or « Peu de … » where nothing is above the mean: the traits name the class."""
    hauts = [trait for trait in traits if trait.ecart > 0]
    noms = enumerer([phrases.court(declares[trait.variable]).lower() for trait in hauts or traits])
    return f"Plutôt « {noms} »" if hauts else f"Peu de « {noms} »"


def _qualite(trouvee: typologie.Typologie, retenus: Sequence[tuple[Indicator, list[Fait]]]) -> str:
    prudence = (
        " : des quartiers changent de classe quand une variable est retirée, la lire avec prudence"
        if not trouvee.stabilite >= _STABLE
        else ""
    )
    variables = enumerer([phrases.court(indicateur).lower() for indicateur, _ in retenus])
    return (
        f"Typologie des quartiers sur {variables} : {len(trouvee.centres)} classes, silhouette moyenne "
        f"{nombre(trouvee.silhouette, 2)} (1 : classes parfaitement séparées), stabilité "
        f"{nombre(trouvee.stabilite, 2)} (1 : mêmes classes sans l’une des variables){prudence}."
    )


def _segregation(faits: Faits) -> tuple[list[str], list[str]]:
    lignes, refus = [], []
    for indicateur, derniers in communs(faits, tuple(GROUPES)):
        groupe = np.array([fait.numerateur for fait in derniers], dtype=float)
        autres = np.array([fait.denominateur for fait in derniers], dtype=float) - groupe
        try:
            indice = concentration.dissimilarite(groupe, autres)
        except Refus as sans:
            refus.append(
                f"Répartition entre quartiers, {phrases.court(indicateur).lower()} : non donnée. {sans}"
            )
            continue
        hasard = concentration.dissimilarite_hasard(groupe, autres)
        lignes.append(
            {
                "Groupe": phrases.lien(indicateur, GROUPES[indicateur.id])
                + (" [fictif]{.fictif}" if faits.est_fictif(indicateur) else ""),
                "Année": tables.periode(derniers[0]),
                "Indice de dissimilarité (%)": nombre(100 * indice, 1),
                "Ce que le hasard donnerait (%)": nombre(100 * hasard, 1),
                "Petits effectifs": "oui" if any(f.statut is Statut.FRAGILE for f in derniers) else "non",
            }
        )
    if not lignes:
        return refus, []
    dite = (
        "L’indice de dissimilarité est la part d’un groupe qui devrait changer de quartier pour être répartie "
        "comme les autres habitants ; il ne se compare qu’à découpage égal."
    )
    titre = "Répartition de quelques groupes entre les quartiers"
    return [dite, *refus], [tables.markdown(pd.DataFrame(lignes), titre, "segregation")]
