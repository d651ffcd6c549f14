"""What stands out in the edition: published facts in, indicators ranked by the transparent score out.

Each indicator is set against the next wider territory: the commune's first comparator, or, where the
commune's figure is not known, the comparator after the one that has it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from pipeline.methods.comparaisons import Position
from pipeline.methods.remarquable import Classe, Constat, Remarque
from pipeline.methods.remarquable import remarques as ranger
from pipeline.methods.tendances import Evolution
from pipeline.model import Indicator, Share
from pipeline.report.faits import Fait, Faits
from pipeline.report.nombres import nombre

_FAVORABLE = {"favorable": True, "defavorable": False, "neutre": None}
_EVOLUTIONS = {
    Position.AU_DESSUS: Evolution.EN_HAUSSE,
    Position.AU_DESSOUS: Evolution.EN_BAISSE,
    Position.NON_DIFFERENT: Evolution.STABLE,
}


def remarques(faits: Faits, indicateurs: Sequence[Indicator]) -> tuple[Remarque, ...]:
    """The indicators that have a value, most pressing first, each with its components."""
    constats = (_constat(faits, indicateur) for indicateur in indicateurs)
    return ranger(constat for constat in constats if constat is not None)


def _constat(faits: Faits, indicateur: Indicator) -> Constat | None:
    lieu = faits.plus_proche(indicateur)
    if lieu is None:
        return None
    fait = faits.dernier(indicateur.id, lieu.code)
    ecarts = faits.compares(fait, "comparateur")
    reference = faits.a(indicateur.id, ecarts[0].contre, fait.millesime) if ecarts else None
    precedents = faits.compares(fait, "precedent")
    population = faits.dernier("population", lieu.code)
    return Constat(
        indicateur=indicateur.id,
        position=ecarts[0].position if ecarts else Position.NE_SE_COMPARE_PAS,
        evolution=_EVOLUTIONS.get(precedents[0].position if precedents else "", Evolution.INDETERMINE),
        favorable=_FAVORABLE[indicateur.higher_is],
        valeur=fait.valeur,
        reference=math.nan if reference is None else reference.valeur,
        q=ecarts[0].q if ecarts else math.nan,
        personnes=_personnes(indicateur, fait, reference),
        population=math.nan if population is None else population.valeur,
    )


def _personnes(indicateur: Indicator, fait: Fait, reference: Fait | None) -> float:
    """How many people the gap represents: the share's gap times its whole."""
    if reference is None or not isinstance(indicateur.measure, Share):
        return math.nan
    return abs(fait.valeur - reference.valeur) / 100 * fait.denominateur


CLASSES = {
    Classe.DEFAVORABLE_ET_S_AGGRAVE: "défavorable et s’aggrave",
    Classe.DEFAVORABLE: "défavorable",
    Classe.S_AGGRAVE: "s’aggrave",
    Classe.DIFFERENT: "différent",
    Classe.FAVORABLE: "favorable",
    Classe.RIEN_D_ETABLI: "rien d’établi",
}


def composantes(faits: Faits) -> pd.DataFrame:
    """How the order of « ce qui ressort » is made: one row an indicator, its class, its components, its score.

    Indicators of which nothing is established are left out: their order says nothing.
    """
    declares = {indicateur.id: indicateur for indicateur in faits.indicateurs() if not indicateur.by}
    return pd.DataFrame(
        [
            {
                "Indicateur": declares[remarque.indicateur].label,
                "Territoire": faits.plus_proche(declares[remarque.indicateur]).nom,
                "Classe": CLASSES[remarque.classe],
                "Écart": nombre(remarque.ecart, 2),
                "Certitude": nombre(remarque.certitude, 2),
                "Personnes": nombre(remarque.personnes, 2),
                "Score": nombre(remarque.score, 2),
            }
            for remarque in remarques(faits, list(declares.values()))
            if remarque.classe is not Classe.RIEN_D_ETABLI
        ]
    )
