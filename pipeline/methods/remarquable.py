"""What stands out: a transparent order of the indicators for « l'essentiel ».

In: one `Constat` an indicator, that is what `comparaisons` and `tendances` established. Out: one
`Remarque` an indicator, its class and its three components shown, in reading order. The class comes
first (`Classe`, « défavorable et s'aggrave » ahead of all); inside a class, the mean of the three
components. Nothing is learnt and nothing is hidden: whoever disagrees can redo the sum.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from pipeline.methods.comparaisons import Position
from pipeline.methods.tendances import Evolution

DOUBLEMENT = 2.0  # a value twice (or half) the reference is a gap of 1
CERTITUDE_PLEINE = 1e-3  # q-value from which the certainty is 1
PART_PLEINE = 0.05  # share of the inhabitants behind the gap from which the people component is 1


class Classe(IntEnum):
    """Reading order of « l'essentiel », most pressing first."""

    DEFAVORABLE_ET_S_AGGRAVE = 1
    DEFAVORABLE = 2
    S_AGGRAVE = 3
    DIFFERENT = 4
    FAVORABLE = 5
    RIEN_D_ETABLI = 6


@dataclass(frozen=True)
class Constat:
    """What is established about one indicator.

    `valeur` and `reference` share one unit. `favorable` is True when a higher value is good news,
    False when it is bad news, None when it is neither. `personnes` is how many inhabitants the gap
    represents (|value − reference| × the people counted), NaN where the measure counts none, out of
    the `population` of the territory.
    """

    indicateur: str
    position: str
    evolution: str
    favorable: bool | None
    valeur: float
    reference: float
    q: float
    personnes: float
    population: float


@dataclass(frozen=True)
class Remarque:
    """One indicator ranked: its class, its components between 0 and 1 (NaN: not measured), score."""

    indicateur: str
    classe: Classe
    ecart: float
    certitude: float
    personnes: float
    score: float


def remarques(constats: Iterable[Constat]) -> tuple[Remarque, ...]:
    """Rank the indicators: class, then score, then identifier."""
    rows = [remarque(constat) for constat in constats]
    return tuple(sorted(rows, key=lambda row: (row.classe, -row.score, row.indicateur)))


def remarque(constat: Constat) -> Remarque:
    """Class and components of one indicator; the score is the mean of the components measured."""
    gap = ecart(constat.valeur, constat.reference)
    certainty = certitude(constat.q)
    people = part_des_personnes(constat.personnes, constat.population)
    known = [part for part in (gap, certainty, people) if not math.isnan(part)]
    score = sum(known) / len(known) if known else 0.0
    return Remarque(constat.indicateur, classe(constat), gap, certainty, people, score)


def classe(constat: Constat) -> Classe:
    """Class of an indicator from its state, its change and the direction that is good news."""
    apart = constat.position in (Position.AU_DESSUS, Position.AU_DESSOUS)
    if constat.favorable is None:
        return Classe.DIFFERENT if apart else Classe.RIEN_D_ETABLI
    bad_side = Position.AU_DESSOUS if constat.favorable else Position.AU_DESSUS
    bad_turn = Evolution.EN_BAISSE if constat.favorable else Evolution.EN_HAUSSE
    worse, worsening = constat.position == bad_side, constat.evolution == bad_turn
    if worse:
        return Classe.DEFAVORABLE_ET_S_AGGRAVE if worsening else Classe.DEFAVORABLE
    if worsening:
        return Classe.S_AGGRAVE
    return Classe.FAVORABLE if apart else Classe.RIEN_D_ETABLI


def ecart(value: float, reference: float) -> float:
    """Size of a gap in [0, 1]: |log₂(value/reference)|, at most 1 (twice or half the reference).

    NaN where a side is missing or negative, as with a growth rate; 1 where only one side is 0.
    """
    if not (value >= 0 and reference >= 0):
        return math.nan
    if value == 0 or reference == 0:
        return 0.0 if value == reference else 1.0
    return min(1.0, abs(math.log(value / reference, DOUBLEMENT)))


def certitude(q: float) -> float:
    """Certainty in [0, 1]: log(q)/log(`CERTITUDE_PLEINE`), at most 1; NaN without a test."""
    if not 0 <= q <= 1:
        return math.nan
    return 1.0 if q <= CERTITUDE_PLEINE else math.log(q) / math.log(CERTITUDE_PLEINE)


def part_des_personnes(people: float, population: float) -> float:
    """Weight in [0, 1] of the inhabitants behind a gap: their share over `PART_PLEINE`, at most 1."""
    if not (people >= 0 and population > 0):
        return math.nan
    return min(1.0, people / population / PART_PLEINE)
