"""How aid is shared out among the households helped: published facts in, sentences, a table and a curve out.

What is drawn and said comes from the published tenths alone: a curve of single households would give their amounts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from pipeline.model import Indicator
from pipeline.report import figures, phrases, tables
from pipeline.report.charts import Graphique, Sujet
from pipeline.report.charts.lorenz import cumuler
from pipeline.report.faits import Fait, Faits
from pipeline.report.figures import Trace
from pipeline.report.nombres import INSECABLE, nombre
from pipeline.report.section import Section

DEMANDEURS = "menages_demandeurs"
GINI, DIXIEMES, PREMIERS = "gini_montant", "montant_dixieme", "part_montant_10"
_SECTION = partial(Section, "concentration", "activite", "Comment l’aide se partage entre les ménages aidés")
_SANS_COURBE = "Ce que reçoit chaque dixième des ménages aidés est sous secret : un ménage s’y reconnaîtrait."


def section(faits: Faits, dessiner: Callable[[Trace], Graphique]) -> Section | None:
    """The last year's Gini index, what it means in households, the years before; None where nobody asked for aid."""
    demandes, annees = (faits.serie(nom, faits.etude.code) for nom in (DEMANDEURS, GINI))
    if not demandes:
        return None
    derniere = demandes[-1].millesime
    if not annees or annees[-1].millesime != derniere:
        return _SECTION((_refus(derniere),))
    declares = {indicateur.id: indicateur for indicateur in faits.indicateurs()}
    dixiemes, montant = _dixiemes(faits, derniere), declares[DIXIEMES]
    titre = f"Partage du montant accordé entre les ménages aidés, {faits.etude.nom}"
    table = tables.markdown(_tableau(faits, declares, annees), titre, "concentration")
    return _SECTION(
        (
            _dire_gini(faits, declares[GINI], annees),
            _dire_moitie(montant, dixiemes) if dixiemes else _SANS_COURBE,
        ),
        (table,) if len(annees) > 1 else (),
        dessiner(_trace(faits, montant, dixiemes)) if dixiemes else None,
    )


def _refus(annee: int) -> str:
    """Why there is no index that year."""
    return (
        f"Partage de l’aide entre les ménages aidés, {annee} : non donné. Il demande au moins cent ménages aidés "
        "dans l’année."
    )


def _dixiemes(faits: Faits, annee: int) -> list[Fait]:
    """Each tenth of that year, from the least helped; nothing where one is hidden or unknown."""
    siens = [fait for fait in faits.faits.get((DIXIEMES, faits.etude.code), ()) if fait.millesime == annee]
    siens = sorted(siens, key=lambda fait: fait.groupe)
    return siens if all(fait.lisible for fait in siens) else []


def _dire_gini(faits: Faits, gini: Indicator, annees: Sequence[Fait]) -> str:
    """The index with its interval, what its ends mean, and whether it moved since the year before."""
    dernier = annees[-1]
    return (
        f"En {dernier.millesime}, l’indice de Gini des montants accordés par ménage aidé est de "
        f"{_avec_bornes(gini, dernier, 'intervalle à 95 %, ')} : à 0, tous auraient reçu autant ; à 1, un seul aurait "
        f"tout reçu. "
        f"{_depuis(faits, gini, annees)}"
    ).strip()


def _depuis(faits: Faits, gini: Indicator, annees: Sequence[Fait]) -> str:
    """« Aucune évolution nette depuis 2024 (0,41) »; clear where the intervals are apart, and no break between."""
    if len(annees) < 2:
        return ""
    avant, dernier = annees[-2:]
    alors = f"{avant.millesime} ({phrases.lien(gini, nombre(avant.valeur, gini.measure.decimals))})"
    if ruptures := figures.ruptures(faits, gini, (avant.millesime, dernier.millesime)):
        return f"Il ne se compare pas à celui de {alors} : rupture de {ruptures[0][1]}."
    if not (dernier.basse > avant.haute or dernier.haute < avant.basse):
        return f"Aucune évolution nette depuis {alors}."
    sens = "hausse" if dernier.valeur > avant.valeur else "baisse"
    return f"Il est en {sens} depuis {alors}, les deux intervalles étant disjoints."


def _dire_moitie(indicateur: Indicator, dixiemes: Sequence[Fait]) -> str:
    """« La moitié du montant est allée à 28 % au plus des ménages aidés ; la moitié des ménages… »."""
    gens, parts = cumuler((f.denominateur for f in dixiemes), (f.numerateur for f in dixiemes))
    # straight lines between the tenths lie above the curve: whoever has the upper half is at most so many
    premiers = math.ceil(100 - np.interp(50, parts, gens) - 1e-9)
    moins = phrases.lien(indicateur, f"{nombre(np.interp(50, gens, parts))}{INSECABLE}%")
    return (
        f"La moitié du montant est allée à {phrases.lien(indicateur, f'{premiers}{INSECABLE}%')} au plus des ménages "
        f"aidés ; la moitié des ménages, les moins aidés, en a reçu {moins}."
    )


def _tableau(faits: Faits, declares: dict[str, Indicator], annees: Sequence[Fait]) -> pd.DataFrame:
    """One row a year, the last one first: the index, and what the tenth of the most helped received."""
    gini, premiers = declares[GINI], declares[PREMIERS]
    lignes = []
    for fait in reversed(annees):
        part = faits.a(PREMIERS, faits.etude.code, fait.millesime)
        lignes.append(
            {
                "Année": str(fait.millesime),
                f"{phrases.lien(gini, 'Indice de Gini')} (95 %)": _avec_bornes(gini, fait),
                f"{phrases.lien(premiers, 'Part du dixième le plus aidé')} (95 %)": (
                    _avec_bornes(premiers, part)
                    if part is not None and part.lisible
                    else tables.cellule(premiers, part)
                ),
            }
        )
    return pd.DataFrame(lignes)


def _avec_bornes(indicateur: Indicator, fait: Fait, quoi: str = "") -> str:
    """« 0,42 (0,40 à 0,45) »; a word where the figure is not given."""
    return tables.avec_bornes(tables.cellule(indicateur, fait), indicateur, fait, quoi)


def _trace(faits: Faits, indicateur: Indicator, dixiemes: Sequence[Fait]) -> Trace:
    annee = dixiemes[0].millesime
    sujet = Sujet(
        nom="concentration",
        titre=f"Comment le montant des aides se partage entre les ménages aidés, {annee}",
        source=f"Source : {faits.producteurs(indicateur, annee)}.",
        nous=faits.etude.nom,
        fictif=faits.est_fictif(indicateur),
    )
    lignes = [{"menages": fait.denominateur, "montant": fait.numerateur} for fait in dixiemes]
    return Trace("lorenz", pd.DataFrame(lignes), sujet)
