"""Deprivation, in the report: scores and their axis in, sentences and a table out, or why there is none."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline import transform
from pipeline.defavorisation import COMMUNE, IRIS, LIBELLES
from pipeline.model import Statut
from pipeline.report import cartes, tables
from pipeline.report.charts import Graphique, Sujet
from pipeline.report.faits import Faits, Lieu
from pipeline.report.figures import Trace
from pipeline.report.francais import majuscule
from pipeline.report.nombres import nombre
from pipeline.report.section import Section
from pipeline.sources.registre import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

_DECIMALES = 2


_SECTION = partial(Section, "defavorisation", "emploi", "Défavorisation")


def section(con: duckdb.DuckDBPyConnection, faits: Faits, dessiner: Callable[[Trace], Graphique]) -> Section:
    """The commune among communes, then its IRIS among themselves: each with its axis, or the reason of a refusal."""
    axes = con.execute("select * from socle.defavorisation_axe order by variable").df()
    scores = con.execute("select territoire, niveau, score, quintile from socle.defavorisation").df()
    phrases, ecrites = _des_communes(faits, axes[axes["echelle"] == COMMUNE], scores)
    iris = axes[axes["echelle"] == IRIS]
    if iris.empty:
        return _SECTION(tuple(phrases), tuple(ecrites))
    if motif := _refus(iris):
        return _SECTION((*phrases, f"Indice de défavorisation des IRIS : non donné. {motif}"), tuple(ecrites))
    places = con.execute("select territoire, nom from socle.territoires").df()
    notes = scores[scores["niveau"] == IRIS].merge(places, on="territoire")
    trace = _carte(faits, notes)
    titre = "Indice de défavorisation (FDep) des IRIS, du plus défavorisé au plus favorisé"
    return _SECTION(
        (*phrases, _entre_iris(iris)),
        (*ecrites, tables.markdown(_tableau_iris(notes), titre, "defavorisation-iris")),
        None if trace is None else dessiner(trace),
    )


def _refus(axe: pd.DataFrame) -> str:
    """Why a scale has no index; empty when it has one."""
    return next((motif for motif in axe["motif"] if motif), "")


def _des_communes(faits: Faits, axe: pd.DataFrame, scores: pd.DataFrame) -> tuple[list[str], list[str]]:
    """The commune's quintile, the scores around it and what the axis is made of: sentences, tables."""
    if motif := _refus(axe):
        return [f"Indice de défavorisation (FDep) : non donné. {motif}"], []
    scores = scores.set_index("territoire")
    lieux = [lieu for lieu in (faits.etude, *faits.comparateurs) if lieu.code in scores.index]
    return [_phrase(faits.etude, scores), _axe(axe)], [
        tables.markdown(_tableau(lieux, scores), "Indice de défavorisation (FDep)", "defavorisation"),
        tables.markdown(_tableau_axe(axe), "Ce dont l’indice est fait", "defavorisation-axe"),
    ]


def _entre_iris(axe: pd.DataFrame) -> str:
    return (
        f"Entre eux, les IRIS de la commune ont un autre axe, qui porte {nombre(100 * axe['part_variance'].iloc[0])}"
        f"\u00a0% de la variance des quatre variables, sur {nombre(axe['lieux'].min())} IRIS : leurs quintiles rangent "
        "les habitants de la commune, du cinquième qui vit dans les IRIS les plus favorisés (1) à celui des plus "
        "défavorisés (5), et ne se comparent pas à ceux d’une autre commune."
    )


def _tableau_iris(notes: pd.DataFrame) -> pd.DataFrame:
    ranges = notes.sort_values(["score", "territoire"], ascending=[False, True])
    return pd.DataFrame(
        {
            "IRIS": ranges["nom"],
            "Score": [nombre(score, _DECIMALES, signe=True) for score in ranges["score"]],
            "Quintile": [nombre(quintile) for quintile in ranges["quintile"]],
        }
    )


def _carte(faits: Faits, notes: pd.DataFrame) -> Trace | None:
    """The scores on the outlines of the IRIS, in quintiles of the commune's inhabitants; None without outlines."""
    for contours in faits.edition.contours:
        formes = cartes.contours(faits.edition.chemin(contours), contours.cle)
        if not formes["territoire"].isin(notes["territoire"]).any():
            continue
        formes = formes[formes["territoire"].str.startswith(faits.etude.code)]
        lignes = formes.rename(columns={"territoire": "code"}).merge(
            notes.rename(columns={"territoire": "code", "nom": "territoire", "score": "valeur"}),
            on="code",
            how="left",
        )
        absents = lignes["valeur"].isna()
        lignes["territoire"] = lignes["territoire"].fillna("IRIS " + lignes["code"])
        lignes["statut"] = np.where(absents, Statut.ABSENT.value, Statut.VALIDE.value)
        return Trace("choroplethe", lignes, _sujet(faits, contours.source), {"bornes": _bornes(notes)})
    return None


def _bornes(notes: pd.DataFrame) -> tuple[float, ...]:
    """The least score of each quintile but the first, as it is written: inner bounds of the classes."""
    debuts = notes.groupby("quintile")["score"].min().sort_index().iloc[1:]
    return tuple(sorted({round(float(debut), _DECIMALES) for debut in debuts}))


def _sujet(faits: Faits, contours: str) -> Sujet:
    deposees = {fichier.source for fichier in faits.edition.fichiers}
    lues = deposees.intersection(transform.sources_de("defavorisation"))
    producteurs = dict.fromkeys(source.producer for source in SOURCES if source.id in lues)
    return Sujet(
        nom="carte-defavorisation",
        titre="Indice de défavorisation (FDep) des IRIS, par quintile d’habitants de la commune",
        source=f"Source : {' ; '.join(producteurs)}{f' ; contours : {contours}' if contours else ''}.",
        decimales=_DECIMALES,
        nous=faits.etude.nom,
        objets="IRIS",
        signe=True,
        fictif=bool(faits.fictives & lues),
    )


def _phrase(etude: Lieu, scores: pd.DataFrame) -> str:
    if etude.code not in scores.index:
        return f"{etude.nom} n’a pas d’indice : une de ses quatre variables manque."
    return (
        f"{etude.nom} est dans le quintile **{nombre(scores.loc[etude.code, 'quintile'])}** de défavorisation "
        "(1 : le cinquième des habitants qui vit dans les communes les plus favorisées ; 5 : dans les plus "
        "défavorisées)."
    )


def _axe(axe: pd.DataFrame) -> str:
    return (
        f"L’axe porte {nombre(100 * axe['part_variance'].iloc[0])} % de la variance des quatre variables, sur "
        f"{nombre(axe['lieux'].min())} communes ; un score élevé est défavorable. Le niveau de vie est celui "
        "d’après redistribution."
    )


def _tableau(lieux: list[Lieu], scores: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Territoire": lieu.nom,
                "Score": nombre(scores.loc[lieu.code, "score"], 2, signe=True),
                "Quintile": "–"
                if pd.isna(scores.loc[lieu.code, "quintile"])
                else nombre(scores.loc[lieu.code, "quintile"]),
            }
            for lieu in lieux
        ]
    )


def _tableau_axe(axe: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Variable": majuscule(LIBELLES[ligne.variable]),
                "Coefficient": nombre(ligne.coefficient, 2, signe=True),
                "Saturation": nombre(ligne.saturation, 2, signe=True),
            }
            for ligne in axe.itertuples()
        ]
    )
