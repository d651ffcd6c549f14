"""What stands out in the edition: published facts in, indicators ranked by the transparent score out.

Each indicator is set against the next wider territory: the commune's first comparator, or, where the
commune's figure is not known, the comparator after the one that has it. What no wider territory has, as the
activity of the CCAS, is set against its own figure before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from pipeline.indicators.demographie import PARTS_PAR_AGE, PARTS_PAR_AGE_INSEE
from pipeline.indicators.emploi import CHOMAGES
from pipeline.indicators.vieillissement import PARTS, SEULS
from pipeline.methods.comparaisons import Position
from pipeline.methods.remarquable import Classe, Constat, Remarque
from pipeline.methods.remarquable import remarques as ranger
from pipeline.methods.tendances import Evolution
from pipeline.model import Indicator, Share
from pipeline.report import phrases
from pipeline.report.faits import Fait, Faits
from pipeline.report.nombres import nombre

_FAVORABLE = {"favorable": True, "defavorable": False, "neutre": None}
_EVOLUTIONS = {
    Position.AU_DESSUS: Evolution.EN_HAUSSE,
    Position.AU_DESSOUS: Evolution.EN_BAISSE,
    Position.NON_DIFFERENT: Evolution.STABLE,
}

# What several indicators say in nearly the same words: a summary says the most pressing of them, and no other.
SUJETS: dict[str, tuple[str, ...]] = {
    "structure par âge": (
        "indice_jeunesse",
        "indice_vieillissement",
        "dependance_20_64",
        "dependance_demographique",
        *(indicateur.id for indicateur in (*PARTS_PAR_AGE, *PARTS_PAR_AGE_INSEE)),
        "part_0_9",
        "part_10_19",
        "part_15_24",
    ),
    "grand âge": (
        *(indicateur.id for indicateur in PARTS),
        "indice_grand_age",
        "indice_grand_age_65_79",
        "aidants_potentiels",
        "aidants_55_64",
    ),
    "vivre seul": (
        *(indicateur.id for indicateur in SEULS.values()),
        "part_population_seule",
        "part_menages_une_personne",
    ),
    "monoparentalité": (
        "part_menages_monoparentaux",
        "part_familles_monoparentales",
        "part_monoparentales_avec_enfant",
        "part_meres_seules",
        "part_enfants_monoparentale",
    ),
    "emploi": (
        "part_adultes_en_emploi",
        "part_inactifs",
        "taux_activite",
        "taux_emploi",
        "taux_emploi_femmes",
        "taux_emploi_hommes",
        "taux_chomage",
        "taux_chomage_femmes",
        *(indicateur.id for indicateur in CHOMAGES),
    ),
    "diplôme": (
        "part_sans_diplome",
        "part_sans_diplome_25_44",
        "part_bac_ou_plus",
        "part_diplome_superieur",
    ),
    "occupation du logement": ("part_proprietaires", "part_locataires"),
}
_SUJET_DE = {nom: sujet for sujet, noms in SUJETS.items() for nom in noms}


def sujet(indicateur: Indicator) -> str:
    """What the indicator is about, among those of `SUJETS`; else it is alone of its kind: its own name."""
    return _SUJET_DE.get(indicateur.id, indicateur.id)


def remarques(faits: Faits, indicateurs: Sequence[Indicator]) -> tuple[Remarque, ...]:
    """The indicators that have a value, most pressing first, each with its components."""
    constats = (_constat(faits, indicateur) for indicateur in indicateurs)
    return ranger(constat for constat in constats if constat is not None)


def _constat(faits: Faits, indicateur: Indicator) -> Constat | None:
    lieu = faits.plus_proche(indicateur)
    if lieu is None:
        return None
    fait = faits.dernier(indicateur.id, lieu.code)
    ecarts, precedents = faits.compares(fait, "comparateur"), faits.compares(fait, "precedent")
    if ecarts:
        reference = faits.a(indicateur.id, ecarts[0].contre, fait.millesime)
    else:
        reference = phrases.precedent(faits, indicateur, fait)
    mesures = (*ecarts, *precedents)
    population = faits.dernier("population", lieu.code)
    return Constat(
        indicateur=indicateur.id,
        position=ecarts[0].position if ecarts else Position.NE_SE_COMPARE_PAS,
        evolution=_EVOLUTIONS.get(precedents[0].position if precedents else "", Evolution.INDETERMINE),
        favorable=_FAVORABLE[indicateur.higher_is],
        valeur=fait.valeur,
        reference=math.nan if reference is None else reference.valeur,
        q=mesures[0].q if mesures else math.nan,
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
                "Indicateur": phrases.lien(
                    declares[remarque.indicateur], declares[remarque.indicateur].label
                ),
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
