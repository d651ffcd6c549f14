"""Population ahead, by sex and age: Hamilton-Perry beside linear and constant, with their errors.

In: populations as arrays (…, sex, age group), sex 0 being women and the last group open, at dates a
whole number of age groups apart. Out: populations projected, the error of each method measured on
a vintage held back, and ranges. A projection is never given without that error, and never as a
single number for a small population.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.methods.refus import Refus
from pipeline.report.nombres import nombre

Nombres = NDArray[np.float64]

FEMMES = 0
ECART_MAXIMUM = 1.2  # a local ratio is kept within this factor of that of the whole (chosen by back-test)
SEUIL_NOMBRE = 2_000  # inhabitants; below, a range and no single number
TERRITOIRES_MINIMUM = 10  # behind the range of a size class
CONFIANCE_FOURCHETTE = 0.8
FOURCHETTE_MAXIMALE = 3.0  # a range whose top is more than this many times its bottom says nothing


@dataclass(frozen=True)
class Rapports:
    """What Hamilton-Perry carries forward, for one step of `decalage` age groups.

    `cohortes` (…, sex, age): ratio of a group to the one it comes from (NaN for the children born
    during the step); `enfants` (…, sex, decalage): children per woman of the groups `fecondes`.
    """

    cohortes: Nombres
    enfants: Nombres
    decalage: int
    fecondes: slice


@dataclass(frozen=True)
class Erreur:
    """Error of a method over the territories of a size class, in % of the population observed.

    `mape` is the mean absolute error, `malpe` the mean algebraic one (bias: positive = too high).
    """

    methode: str
    classe: str
    territoires: int
    mape: float
    malpe: float


def rapports_cohorte(
    before: ArrayLike, after: ArrayLike, years: float, width: int, fertile: slice
) -> Rapports:
    """Cohort change ratios and child-woman ratios between two vintages.

    CCR(x) = P(x, t)/P(x − n, t − n), the open group over all the groups it comes from; CWR = children
    under n / women of the `fertile` groups, at t. Hamilton & Perry, Soc. Forces 41 (1962) p.
    163-170; Baker, Swanson, Tayman & Tedrow, Cohort Change Ratios (2017) ch. 4. `years` separate
    the vintages, `width` is the number of ages in a group. Raises `Refus` unless the years are a
    whole number of groups: cohorts would straddle them.
    """
    past, present = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    shift = _decalage(years, width, past, present)
    if not shift <= fertile.start < fertile.stop < past.shape[-1]:
        raise Refus("Les âges féconds doivent suivre ceux des enfants nés dans l'intervalle.")
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = np.full(past.shape, np.nan)
        ratios[..., shift:-1] = present[..., shift:-1] / past[..., : -1 - shift]
        ratios[..., -1] = present[..., -1] / past[..., -1 - shift :].sum(axis=-1)
        women = present[..., FEMMES, fertile].sum(axis=-1)
        children = present[..., :shift] / women[..., None, None]
    return Rapports(ratios, children, shift, fertile)


def _decalage(years: float, width: int, past: Nombres, present: Nombres) -> int:
    shift = round(years / width)
    if shift < 1 or abs(years - shift * width) > 1e-9:
        raise Refus(
            f"La méthode d'Hamilton-Perry demande deux recensements séparés d'un nombre entier de "
            f"tranches d'âge : {years:g} ans ne sont pas un multiple de {width} ans."
        )
    if past.shape != present.shape or past.ndim < 2 or past.shape[-2] != 2:
        raise Refus("Les deux recensements doivent avoir les mêmes territoires, sexes et âges.")
    return shift


def borner(local: Rapports, whole: Rapports, factor: float = ECART_MAXIMUM) -> Rapports:
    """Ratios of territories kept within a factor of those of the whole that contains them.

    A handful of small places make most of the large errors (Baker, Swanson & Tayman, Popul. Res.
    Policy Rev. (2021)): a ratio outside [whole/factor, whole·factor] takes the bound, an undefined one
    takes the whole's.
    """

    def within(values: Nombres, reference: Nombres) -> Nombres:
        bounded = np.clip(values, reference / factor, reference * factor)
        return np.where(np.isfinite(values), bounded, reference)

    return Rapports(
        within(local.cohortes, whole.cohortes),
        within(local.enfants, whole.enfants),
        local.decalage,
        local.fecondes,
    )


def projeter(launch: ArrayLike, ratios: Rapports, steps: int) -> Nombres:
    """Populations after 1 … `steps` steps of Hamilton-Perry, stacked on a new first axis.

    A step is as long as the interval the ratios were measured on. The launch population may be of
    another date than theirs.
    """
    people, shift = np.asarray(launch, dtype=float), ratios.decalage
    stages = []
    for _ in range(steps):
        ahead = np.empty(np.broadcast_shapes(people.shape, ratios.cohortes.shape))
        ahead[..., shift:-1] = people[..., : -1 - shift] * ratios.cohortes[..., shift:-1]
        ahead[..., -1] = people[..., -1 - shift :].sum(axis=-1) * ratios.cohortes[..., -1]
        women = ahead[..., FEMMES, ratios.fecondes].sum(axis=-1)
        ahead[..., :shift] = ratios.enfants * women[..., None, None]
        stages.append(ahead)
        people = ahead
    return np.stack(stages)


def controler(projection: ArrayLike, totals: ArrayLike) -> Nombres:
    """Projection scaled, sex and age alike, to independent totals (one a territory).

    Controlling Hamilton-Perry to a linear total lowers its error and its bias: Baker, Swanson &
    Tayman (2021). NaN where nobody is projected.
    """
    people = np.asarray(projection, dtype=float)
    current = people.sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.where(current > 0, np.asarray(totals, dtype=float) / current, np.nan)
    return people * scale[..., None, None]


def lineaire(before: ArrayLike, after: ArrayLike, years: float, horizon: float) -> Nombres:
    """Straight line through two dates, `horizon` years after the second; never under 0."""
    if years <= 0:
        raise Refus("La droite demande deux dates distinctes, la plus ancienne d'abord.")
    past, present = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    return np.maximum(0.0, present + (present - past) * horizon / years)


def a_partir_de(people: ArrayLike, starts: Sequence[int], age: int) -> Nombres:
    """Inhabitants aged `age` and over, both sexes; `starts` are the first ages of the groups.

    Raises `Refus` when no group begins at that age: a group is not split.
    """
    if age not in starts:
        raise Refus(
            f"Les recensements par tranches d'âge ne coupent pas à {age} ans : les habitants de {age} ans et plus "
            "n'y sont pas comptés à part."
        )
    return np.asarray(people, dtype=float)[..., starts.index(age) :].sum(axis=(-2, -1))


def contre_epreuve(
    projections: Mapping[str, ArrayLike], observed: ArrayLike, classes: ArrayLike
) -> tuple[Erreur, ...]:
    """Errors of each method on a vintage held back, by size class: the back-test table.

    MAPE = mean of |P − O|/O, MALPE = mean of (P − O)/O, in %: Smith, Tayman & Swanson, A
    Practitioner's Guide to State and Local Population Projections (2013) ch. 13. Territories
    without an inhabitant observed are left out.
    """
    truth, labels = np.asarray(observed, dtype=float), np.asarray(classes)
    rows = []
    for label in dict.fromkeys(labels.tolist()):
        counted = (labels == label) & (truth > 0)
        for method, values in projections.items():
            errors = 100 * (np.asarray(values, dtype=float)[counted] / truth[counted] - 1)
            errors = errors[np.isfinite(errors)]
            if errors.size:
                mean_absolute, mean = float(np.abs(errors).mean()), float(errors.mean())
                rows.append(Erreur(method, str(label), errors.size, mean_absolute, mean))
    return tuple(rows)


def methode_preferee(errors: Sequence[Erreur], size_class: str) -> Erreur:
    """Method of least MAPE in a size class; at equal MAPE, of least bias, then by name."""
    rows = [row for row in errors if row.classe == size_class]
    if not rows:
        raise Refus(f"Aucune contre-épreuve n'a été faite pour la classe « {size_class} ».")
    return min(rows, key=lambda row: (row.mape, abs(row.malpe), row.methode))


def fourchette(
    projection: ArrayLike,
    projected_then: ArrayLike,
    observed: ArrayLike,
    horizon_ratio: float = 1.0,
    confidence: float = CONFIANCE_FOURCHETTE,
) -> tuple[Nombres, Nombres]:
    """Range of a projection from the errors of the same method in the back-test of its size class.

    Quantiles of ln(observed/projected) over territories held back (Weibull plotting positions),
    stretched in proportion of the horizon (`horizon_ratio` = horizon / back-test horizon), as errors
    grow about linearly with it (Smith, Tayman & Swanson 2013, ch. 13). The range always holds the
    projection. Raises `Refus` under `TERRITOIRES_MINIMUM` territories.
    """
    then, truth = np.asarray(projected_then, dtype=float), np.asarray(observed, dtype=float)
    usable = (then > 0) & (truth > 0)
    if usable.sum() < TERRITOIRES_MINIMUM:
        raise Refus(
            f"La fourchette d'une projection demande la contre-épreuve d'au moins {TERRITOIRES_MINIMUM} "
            f"territoires de même taille : il y en a {usable.sum()}."
        )
    errors = np.log(truth[usable] / then[usable]) * horizon_ratio
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.exp(np.quantile(errors, tails, method="weibull"))
    values = np.asarray(projection, dtype=float)
    return (values * min(1.0, low))[()], (values * max(1.0, high))[()]


def fourchette_symetrique(
    projection: ArrayLike,
    projected_then: ArrayLike,
    observed: ArrayLike,
    horizon_ratio: float = 1.0,
    confidence: float = CONFIANCE_FOURCHETTE,
) -> tuple[Nombres, Nombres]:
    """Range of a projection where few territories were held back: ± their k-th smallest error.

    k = ⌈(n + 1)·confidence⌉ of the |ln(observed/projected)|: were the errors exchangeable, the next one
    would be among them with that confidence, however few they are (split conformal prediction, Lei,
    G'Sell, Rinaldo, Tibshirani & Wasserman, J. Am. Stat. Assoc. 113 (2018) p. 1094-1111). Stretched in
    proportion of the horizon, as in `fourchette`. Raises `Refus` where n is too small: under 4 at 80 %.
    """
    then, truth = np.asarray(projected_then, dtype=float), np.asarray(observed, dtype=float)
    usable = (then > 0) & (truth > 0)
    errors = np.sort(np.abs(np.log(truth[usable] / then[usable])))
    rank = math.ceil((errors.size + 1) * confidence - 1e-9)
    if rank > errors.size:
        raise Refus(
            f"{errors.size} territoires de contre-épreuve ne font pas une fourchette à "
            f"{100 * confidence:.0f} %."
        )
    values, factor = np.asarray(projection, dtype=float), math.exp(errors[rank - 1] * horizon_ratio)
    return (values / factor)[()], (values * factor)[()]


def verifier_fourchette(low: float, high: float) -> None:
    """Raise `Refus` when a range runs from one to more than `FOURCHETTE_MAXIMALE`: it decides nothing."""
    if not high <= FOURCHETTE_MAXIMALE * low:
        raise Refus(
            f"La fourchette irait de {nombre(low)} à {nombre(high)}, plus que du simple au triple : elle ne "
            "dirait rien."
        )


def valeur_centrale(projection: float, population: float) -> float:
    """The projection as a single number; refused under `SEUIL_NOMBRE` inhabitants today."""
    if not population >= SEUIL_NOMBRE:
        raise Refus(
            f"Sous {nombre(SEUIL_NOMBRE)} habitants, une projection se donne en fourchette, jamais en un nombre."
        )
    return projection
