"""Who asks, against who lives there: published counts in, the representation index out, or why there is none.

One household or person counts once a year, whatever it asked for; the ages, or the kinds of households, are the same
on both sides. Where one group's count is hidden nothing is said of the breakdown: the others would tell it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.methods.comparaisons import Comparaison, Position, apres_correction, benjamini_hochberg
from pipeline.methods.representation import representation
from pipeline.model import Indicator, Statut
from pipeline.report import tables
from pipeline.report.faits import Fait, Faits
from pipeline.report.francais import enumerer, majuscule
from pipeline.report.nombres import nombre
from pipeline.report.phrases import lien
from pipeline.report.section import Section

if TYPE_CHECKING:
    import duckdb

# Indicator of a breakdown of those who ask: who is counted on both sides, and by what.
DECOUPAGES = {
    "taux_recours_age": ("Demandeurs et habitants de 20 ans et plus", "selon l’âge"),
    "taux_recours_sexe": ("Demandeurs et habitants de 20 ans et plus", "selon le sexe"),
    "part_demandeurs_type": ("Ménages demandeurs et tous les ménages", "selon la composition du ménage"),
}
_MENAGES = "part_demandeurs_type"
_PETIT = "petit effectif"
_COUVERTURE = "Pour 1\u202f000"
_LECTURES = {
    Position.AU_DESSUS: "surreprésenté",
    Position.AU_DESSOUS: "sous-représenté",
    Position.NON_DIFFERENT: "pas d’écart établi",
    Position.NE_SE_COMPARE_PAS: "ne se compare pas",
}
_REGLE = (
    "L’indice de représentation est la part d’un groupe parmi les demandeurs, rapportée à sa part dans la population "
    "de même définition : 1, il demande autant que les autres. Il ne dit pas qui a besoin d’aide, mais qui en demande."
)


_SECTION = partial(Section, "representation", "activite", "Qui demande, parmi les habitants")


@dataclass(frozen=True)
class _Groupe:
    """A group on both sides; `habitants` is None where the census does not know it."""

    nom: str
    fait: Fait
    habitants: float | None


def section(con: duckdb.DuckDBPyConnection, faits: Faits) -> Section | None:
    """The index of each breakdown of the last year, or its refusal; None for an edition without these deposits."""
    declares = {indicateur.id: indicateur for indicateur in faits.indicateurs()}
    phrases, ecrites = [], []
    for nom, (qui, selon) in DECOUPAGES.items():
        derniers = _derniers(faits, nom) if nom in declares else []
        if not derniers:
            continue
        habitants, autour = _menages(con, derniers[0]) if nom == _MENAGES else (None, "")
        groupes = _grouper(faits, declares[nom], derniers, habitants)
        if motif := _refus(groupes):
            phrases.append(f"Représentation des demandeurs {selon} : non donnée. {motif}")
            continue
        lignes, dite = _comparer(declares[nom], groupes, ici=not autour)
        dans = f" ({autour})" if autour else ""
        phrases.append(f"{qui}{dans} {selon}, {derniers[0].millesime}. {majuscule(dite)}.")
        titre = f"{qui}{dans} {selon}, {derniers[0].millesime}"
        ecrites.append(tables.markdown(lignes, titre, f"representation-{nom}", textes=["Lecture"]))
    return _SECTION((_REGLE, *phrases) if ecrites else tuple(phrases), tuple(ecrites)) if phrases else None


def _derniers(faits: Faits, nom: str) -> list[Fait]:
    """The figures of the commune at the last year that has one, those of every group."""
    tous = faits.faits.get((nom, faits.etude.code), ())
    dernier = max((fait.millesime for fait in tous if fait.lisible), default=None)
    return [fait for fait in tous if fait.millesime == dernier]


def _menages(con: duckdb.DuckDBPyConnection, fait: Fait) -> tuple[dict[str, float | None], str]:
    """Kind of household → how many the census counts; and where, when it is around the commune for want of it."""
    lignes = con.execute(
        "select type_menage, menages_recenses, case when r.lieu <> r.territoire then nom end "
        "from socle.representation_type_menage r "
        "left join socle.territoires t on t.territoire = r.lieu where r.territoire = ? and millesime = ?",
        [fait.territoire, fait.millesime],
    ).fetchall()
    return {genre: menages for genre, menages, _ in lignes}, next((nom for *_, nom in lignes if nom), "")


def _grouper(
    faits: Faits, indicateur: Indicator, derniers: Sequence[Fait], habitants: dict[str, float | None] | None
) -> list[_Groupe]:
    """Each group, with its inhabitants: those that its rate divides by, or those counted apart."""
    return [
        _Groupe(
            faits.libelle_groupe(indicateur, fait.groupe),
            fait,
            fait.denominateur if habitants is None else habitants.get(fait.groupe),
        )
        for fait in derniers
    ]


def _refus(groupes: Sequence[_Groupe]) -> str:
    """Why a breakdown has no index; empty when it has one."""
    if any(not groupe.fait.lisible for groupe in groupes):
        return "L’un de ses groupes est secret ou inconnu."
    if any(groupe.habitants is None for groupe in groupes):
        return "Le recensement ne compte pas l’un de ses groupes."
    if len(groupes) < 2:
        return "Un seul groupe est connu."
    return ""


def _comparer(indicateur: Indicator, groupes: Sequence[_Groupe], *, ici: bool) -> tuple[pd.DataFrame, str]:
    """One row a group, and the sentence that names those that stand apart.

    How many of a thousand ask (the coverage) is told of those who live `ici`, not of a larger territory's.
    """
    demandeurs = np.array([groupe.fait.numerateur for groupe in groupes], dtype=float)
    habitants = np.array([groupe.habitants for groupe in groupes], dtype=float)
    lus = representation(demandeurs, demandeurs.sum(), habitants, habitants.sum())
    dites = lectures([groupe.fait for groupe in groupes], lus, _LECTURES)
    noms = [groupe.nom for groupe in groupes]
    table = pd.DataFrame(
        {
            "Groupe": noms,
            lien(indicateur, "Demandeurs"): [lien(indicateur, nombre(n)) for n in demandeurs],
            _COUVERTURE: [nombre(taux, 1) for taux in 1000 * demandeurs / habitants],
            "Part des demandeurs (%)": [nombre(100 * part, 1) for part in demandeurs / demandeurs.sum()],
            "Part dans la population (%)": [nombre(100 * part, 1) for part in habitants / habitants.sum()],
            "Indice (95 %)": rapports(lus),
            "Lecture": dites,
        }
    )
    return table if ici else table.drop(columns=_COUVERTURE), _dire(noms, lus.effet, dites)


def lectures(faits: Sequence[Fait], comparaison: Comparaison, mots: Mapping[Position, str]) -> list[str]:
    """The word of each comparison of a table, once their number is counted; a fragile figure has none of its own."""
    positions = apres_correction(comparaison.position, benjamini_hochberg(comparaison.p))
    return [
        _PETIT if fait.statut is Statut.FRAGILE else mots[position]
        for fait, position in zip(faits, positions, strict=True)
    ]


def rapports(comparaison: Comparaison) -> list[str]:
    """Each ratio with its interval: « 1,27 (1,19 à 1,35) »."""
    lus = zip(comparaison.effet, comparaison.borne_basse, comparaison.borne_haute, strict=True)
    return [
        f"{nombre(rapport, 2)} ({nombre(basse, 2)} à {nombre(haute, 2)})" for rapport, basse, haute in lus
    ]


def _dire(noms: Sequence[str], indices: Sequence[float], lectures: Sequence[str]) -> str:
    """« surreprésentés : femmes (indice 1,27) et 40 à 49 ans (indice 1,22) ; sous-représenté : … »."""
    dites = []
    for lecture in (_LECTURES[Position.AU_DESSUS], _LECTURES[Position.AU_DESSOUS]):
        nommes = [
            f"{nom[:1].lower()}{nom[1:]} (indice {nombre(indice, 2)})"
            for nom, indice, sienne in zip(noms, indices, lectures, strict=True)
            if sienne == lecture
        ]
        if nommes:
            dites.append(f"{lecture}{'s' if len(nommes) > 1 else ''} : {enumerer(nommes)}")
    return " ; ".join(dites) or "aucun écart établi"
