"""The commune among those around it, of every size: published shares in, a funnel and what it says out.

A small commune is often at one end of a ranking by chance alone: the funnel says which ones chance does not explain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from pipeline.methods.comparaisons import entonnoir_proportion
from pipeline.model import Indicator, Share
from pipeline.report import essentiel, phrases
from pipeline.report.charts import Graphique, Sujet
from pipeline.report.charts.funnel import SITUATIONS
from pipeline.report.charts.subject import abreger
from pipeline.report.faits import Fait, Faits, Lieu
from pipeline.report.figures import Trace, cadre, ligne
from pipeline.report.nombres import avec_unite
from pipeline.report.section import Section

# Under so many communes, a table says as much.
COMMUNES = 10
_CONFIANCES = {"95": 0.95, "99,8": 0.998}
_POINTS = 60  # of each line of the funnel
_SECTION = partial(Section, "entonnoir", titre="Parmi les communes voisines")


def section(faits: Faits, dessiner: Callable[[Trace], Graphique]) -> Section | None:
    """The funnel of the most pressing share that the communes around have; None where they are few, or have none."""
    for remarque in essentiel.remarques(faits, [i for i in faits.indicateurs() if not i.by]):
        [(chapitre, indicateur)] = [
            (c.id, i) for c in faits.chapitres for i in c.indicators if i.id == remarque.indicateur
        ]
        lus = _communes(faits, indicateur) if isinstance(indicateur.measure, Share) else []
        if len(lus) >= COMMUNES and lus[0][0] == faits.etude:
            trace = _trace(faits, indicateur, lus)
            return _SECTION(
                chapitre=chapitre, phrases=(_dire(faits, indicateur, trace),), figure=dessiner(trace)
            )
    return None


def _communes(faits: Faits, indicateur: Indicator) -> list[tuple[Lieu, Fait]]:
    """The commune studied and those around it that have the share, of its last year, with what it rests on."""
    notre = faits.dernier(indicateur.id, faits.etude.code)
    if notre is None or not faits.membres:
        return []
    lus = [
        (lieu, faits.a(indicateur.id, lieu.code, notre.millesime)) for lieu in (faits.etude, *faits.membres)
    ]
    return [(lieu, fait) for lieu, fait in lus if fait is not None and fait.lisible and fait.denominateur]


def _trace(faits: Faits, indicateur: Indicator, lus: Sequence[tuple[Lieu, Fait]]) -> Trace:
    siens = [fait for _, fait in lus]
    a, n = (np.array([getattr(fait, nom) for fait in siens]) for nom in ("numerateur", "denominateur"))
    ensemble, effectifs = a.sum() / n.sum(), n * np.array([fait.efficace or 1.0 for fait in siens])
    lignes = cadre([ligne(lieu, fait) for lieu, fait in lus]).assign(
        effectif=effectifs, situation=_situer(a / n, ensemble, effectifs)
    )
    annee = siens[0].millesime
    sujet = Sujet(
        nom=f"entonnoir-{indicateur.id}",
        titre=f"{indicateur.label}, {faits.etude.nom} parmi {len(lus)} communes, {annee}",
        source=f"Source : {faits.producteurs(indicateur, annee)}.",
        unite=indicateur.measure.unit,
        decimales=indicateur.measure.decimals,
        nous=faits.etude.nom,
        objets="communes",
        fictif=faits.est_fictif(indicateur),
    )
    quoi = "effectif observé, à l’échelle logarithmique"
    options = {"reference": 100 * ensemble, "limites": _limites(ensemble, effectifs), "quoi": quoi}
    return Trace("entonnoir", lignes, sujet, options)


def _situer(parts: np.ndarray, ensemble: float, effectifs: np.ndarray) -> list[str]:
    """Above or below the limits at 99.8 %, or within them."""
    basse, haute = entonnoir_proportion(ensemble, effectifs, _CONFIANCES["99,8"])
    dessus, dessous, dedans = SITUATIONS
    return list(np.where(parts > haute, dessus, np.where(parts < basse, dessous, dedans)))


def _limites(ensemble: float, effectifs: np.ndarray) -> pd.DataFrame:
    """The lines of the funnel, from the smallest commune to the largest."""
    grille = np.geomspace(effectifs.min(), effectifs.max(), _POINTS)
    return pd.concat(
        [
            pd.DataFrame({"effectif": grille, "confiance": nom, "basse": 100 * basse, "haute": 100 * haute})
            for nom, confiance in _CONFIANCES.items()
            for basse, haute in [entonnoir_proportion(ensemble, grille, confiance)]
        ],
        ignore_index=True,
    )


def _dire(faits: Faits, indicateur: Indicator, trace: Trace) -> str:
    """How many communes chance does not explain, ours and the largest of the others."""
    lignes = trace.lignes
    ensemble = avec_unite(trace.options["reference"], "%", indicateur.measure.decimals)
    dites = []
    for situation in SITUATIONS[:2]:
        noms = lignes[lignes["situation"] == situation].sort_values(
            "effectif", ascending=False, kind="stable"
        )
        if len(noms):
            dites.append(f"{situation} : {abreger(list(noms['territoire']))}")
    dehors = " ; ".join(dites) or "aucune commune n’en sort"
    return (
        f"{indicateur.label} : autour de la valeur d’ensemble des {len(lignes)} communes "
        f"({phrases.lien(indicateur, ensemble)}), une petite commune s’écarte souvent par le seul hasard. Hors des "
        f"limites à 99,8 %, de la plus grande à la plus petite, {dehors}."
    )
