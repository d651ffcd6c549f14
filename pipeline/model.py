"""The vocabulary: sources, indicators, chapters, measures and statuses. Declarations only, no I/O.

In: the arguments of a declaration. Out: frozen values that the engine, the dictionary and the report
read. A declaration that cannot be right raises `ValueError`, at import, with the value in its message.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

if TYPE_CHECKING:
    import pandas as pd
    from pandera.pandas import DataFrameSchema


class ErreurUtilisateur(Exception):
    """What a user can put right: one French sentence (file, column, rule, first bad value, remedy)."""


class Statut(StrEnum):
    """What a published figure can bear."""

    VALIDE = "valide"
    FRAGILE = "fragile"
    PLANCHER = "plancher"
    SECRET = "secret"
    ABSENT = "absent"
    NON_COMPARABLE = "non_comparable"


STATUTS: Mapping[Statut, str] = {
    Statut.VALIDE: "Chiffre publiable tel quel.",
    Statut.FRAGILE: "Petit effectif : à manier avec précaution, ni classement ni évolution.",
    Statut.PLANCHER: "Le producteur ne descend pas sous cette valeur : lire « au plus ».",
    Statut.SECRET: "Non publié : le secret statistique protège un petit nombre de personnes.",
    Statut.ABSENT: "Donnée non disponible à ce niveau ou à cette date.",
    Statut.NON_COMPARABLE: "Les deux chiffres ne mesurent pas la même chose.",
}

PUBLICS = (
    "ensemble",
    "familles",
    "jeunes",
    "personnes âgées",
    "personnes handicapées",
    "personnes en difficulté",
)

Sens = Literal["favorable", "defavorable", "neutre"]

# From what must be read with most care to what must be read with least: of a table made of several, the first.
Serie = Literal["activite", "recensement", "annuelle"]

_IDENTIFIANT = re.compile(r"[a-z][a-z0-9_]*")
# What a column's name says is no count: its sum, or its mean weighted or not, is nothing.
_NON_SOMMABLE = re.compile(
    r"(^|_)(apl|deciles?|gini|indices?|medianes?|medians?|moyennes?|parts?|quartiles?|rapports?|taux)(_|$)"
)
_SOMME = re.compile(r"\s*[a-z][a-z0-9_]*(\s*[+-]\s*[a-z][a-z0-9_]*)*\s*")


def colonnes(expression: str) -> tuple[str, ...]:
    """Columns named in a sum such as `pop_60_69 + pop_70_79`; `ValueError` if it is anything else."""
    if not _SOMME.fullmatch(expression):
        raise ValueError(f"« {expression} » n'est pas une somme de colonnes")
    return tuple(_IDENTIFIANT.findall(expression))


def _verifier_sommable(*expressions: str) -> None:
    """Refuse to add up what its name says is a median, a share, a rate, an index: only counts are summed."""
    for nom in (nom for expression in expressions for nom in colonnes(expression)):
        if _NON_SOMMABLE.search(nom):
            raise ValueError(
                f"« {nom} » ne s'additionne pas (médiane, part, taux ou indice) : le déclarer Published, ou "
                "additionner les effectifs dont il est fait"
            )


def termes(expression: str) -> list[tuple[str, str]]:
    """Signed columns of a sum, in an order of their own: « b + a » is « a + b », « a - b » is not."""
    return sorted(re.findall(r"([+-]?)\s*([a-z][a-z0-9_]*)", "+" + expression.strip()))


def _verifier_rapport(a: str, of: str) -> None:
    """Refuse a ratio to itself, and one of complémentaire to principale counts (two estimates)."""
    _verifier_sommable(a, of)
    exploitations = {nom[:2] for nom in colonnes(a) + colonnes(of) if nom[:2] in ("p_", "c_")}
    if len(exploitations) > 1:
        raise ValueError(f"{a} / {of} mélange exploitation principale et complémentaire")
    if termes(a) == termes(of):
        raise ValueError(f"{a} / {of} se divise par lui-même")


@dataclass(frozen=True)
class Grappes:
    """What one household brings goes together: the columns of its sums, over the households of a figure.

    `nombre`: how many households; `aa`, `ab`, `bb`: Σa², Σab and Σb², a and b being what one household
    brings to the numerator and to the denominator. `ab` and `bb` are the numerator and the denominator
    themselves where each household counts once in the latter.
    """

    nombre: str
    aa: str
    ab: str = ""
    bb: str = ""

    @property
    def colonnes(self) -> tuple[str, ...]:
        """The columns that these sums are read in."""
        return tuple(nom for nom in (self.nombre, self.aa, self.ab, self.bb) if nom)


@dataclass(frozen=True)
class Share:
    """Part of a whole, in %: 100·Σa/Σb, Wilson interval; `grappes` where what is counted goes by households."""

    a: str
    of: str
    grappes: Grappes | None = None
    unit: ClassVar[str] = "%"
    decimals: ClassVar[int] = 1
    bounds: ClassVar[tuple[float, float]] = (0, 100)
    per: ClassVar[float] = 100

    def __post_init__(self) -> None:
        """Refuse what is not a ratio of two sums of columns."""
        _verifier_rapport(self.a, self.of)


@dataclass(frozen=True)
class Rate:
    """Events per population: per·Σa/Σb, Byar interval; `grappes` where a household has several events."""

    a: str
    of: str
    per: float = 1000
    noun: str = "habitants"
    grappes: Grappes | None = None
    decimals: ClassVar[int] = 1
    bounds: ClassVar[tuple[float, float]] = (0, math.inf)

    def __post_init__(self) -> None:
        """Refuse what is not a ratio of two sums of columns."""
        _verifier_rapport(self.a, self.of)

    @property
    def unit(self) -> str:
        """« pour 1 000 habitants »."""
        return f"pour {self.per:_.0f} {self.noun}".replace("_", "\u202f")


@dataclass(frozen=True)
class Ratio:
    """Two different populations set side by side: per·Σa/Σb, interval on the logarithm."""

    a: str
    of: str
    per: float = 100
    noun: str = ""
    decimals: ClassVar[int] = 1
    bounds: ClassVar[tuple[float, float]] = (0, math.inf)

    def __post_init__(self) -> None:
        """Refuse what is not a ratio of two sums of columns."""
        _verifier_rapport(self.a, self.of)

    @property
    def unit(self) -> str:
        """« pour 100 jeunes », or nothing for a bare ratio."""
        return f"pour {self.per:_.0f} {self.noun}".replace("_", " ") if self.noun else ""


@dataclass(frozen=True)
class Mean:
    """Quantity per unit: per·Σa/Σb, Student interval where `grappes` has the squares of what each brings.

    `compte` says which of the two is a count of units, whose smallness makes the figure fragile: `a` for a
    density, whose other term is an area.
    """

    a: str
    of: str
    unit: str
    decimals: int = 1
    per: float = 1
    grappes: Grappes | None = None
    compte: Literal["a", "of"] = "of"
    bounds: ClassVar[tuple[float, float]] = (-math.inf, math.inf)

    def __post_init__(self) -> None:
        """Refuse what is not a ratio of two sums of columns, and a term that is not one of the two."""
        if self.compte not in ("a", "of"):
            raise ValueError(f"Mean({self.a!r}) : compte={self.compte!r} n'est ni « a » ni « of »")
        _verifier_rapport(self.a, self.of)


@dataclass(frozen=True)
class Total:
    """How many: Σa; `grappes` where one household has several of them, which its trend takes into account."""

    a: str
    unit: str
    grappes: Grappes | None = None
    decimals: ClassVar[int] = 0
    bounds: ClassVar[tuple[float, float]] = (0, math.inf)

    def __post_init__(self) -> None:
        """Refuse what is not a sum of columns, or of what does not add up."""
        _verifier_sommable(self.a)


@dataclass(frozen=True)
class Growth:
    """Mean annual change between two comparable vintages, in %: (Σa₂/Σa₁)^(1/years) − 1."""

    a: str
    unit: ClassVar[str] = "% par an"
    decimals: ClassVar[int] = 2
    bounds: ClassVar[tuple[float, float]] = (-100, math.inf)

    def __post_init__(self) -> None:
        """Refuse what is not a sum of columns, or of what does not add up."""
        _verifier_sommable(self.a)


@dataclass(frozen=True)
class Quantile:
    """What a median, or another quantile, is computed on: `valeur`, in a `socle` table of one row an observation.

    `par`: the column that says whose each observation is, those of one household being no independent ones; `part`:
    how many of them lie below, 0.5 for a median.
    """

    table: str
    valeur: str
    par: str
    part: float = 0.5

    def __post_init__(self) -> None:
        """Refuse what is no column, and a part that leaves nothing below, or nothing above."""
        for nom in (self.table, self.valeur, self.par):
            if not _IDENTIFIANT.fullmatch(nom):
                raise ValueError(f"Quantile : {nom!r} n'est pas un identifiant")
        if not 0 < self.part < 1:
            raise ValueError(f"Quantile({self.valeur!r}) : part={self.part} n'est pas entre 0 et 1")


@dataclass(frozen=True)
class Concentration:
    """What a Gini index is computed on: `valeur`, in a `socle` table of one row a `par`, each by itself.

    `part`: of what the first receive, how many they are (0.1: a tenth); none for a Gini index.
    """

    table: str
    valeur: str
    par: str
    part: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no column, and a part that is nobody, or everybody."""
        for nom in (self.table, self.valeur, self.par):
            if not _IDENTIFIANT.fullmatch(nom):
                raise ValueError(f"Concentration : {nom!r} n'est pas un identifiant")
        if self.part is not None and not 0 < self.part < 1:
            raise ValueError(f"Concentration({self.valeur!r}) : part={self.part} n'est pas entre 0 et 1")


@dataclass(frozen=True)
class Published:
    """A figure as its producer publishes it: never summed, averaged or recomputed.

    `sur` where its SELECT computes it on observations that are there: its interval is then made from them. A
    producer's own median has none.
    """

    a: str
    unit: str
    decimals: int = 1
    bounds: tuple[float, float] = (-math.inf, math.inf)
    sur: Quantile | Concentration | None = None
    per: ClassVar[float] = 1

    def __post_init__(self) -> None:
        """Refuse what is not one column."""
        if len(colonnes(self.a)) != 1:
            raise ValueError(f"Published({self.a!r}) : une seule colonne, jamais une somme")


Measure = Share | Rate | Ratio | Mean | Total | Growth | Published

_GENRES: Mapping[str, str] = {
    "âge": "m",
    "ancienneté": "f",
    "concentration": "f",
    "densité": "f",
    "délai": "m",
    "effectif": "m",
    "évolution": "f",
    "indice": "m",
    "montant": "m",
    "nombre": "m",
    "niveau": "m",
    "part": "f",
    "population": "f",
    "rapport": "m",
    "taille": "f",
    "taux": "m",
}


def genre(label: str) -> str:
    """Grammatical gender (`m` or `f`) of a label's first word; `ValueError` on an unknown word."""
    premier = re.split(r"[ '’]", label.strip().lower())[0]
    if premier not in _GENRES:
        raise ValueError(f"« {label} » : commencer par l'un de {', '.join(sorted(_GENRES))}")
    return _GENRES[premier]


@dataclass(frozen=True)
class Indicator:
    """One indicator, declared once: what it says, why it matters, how it is measured.

    `table` is a `socle` table; `by` names a column of it whose values are the groups. `higher_is`
    tells whether a high value is good news. Sources come from the table's SQL, unit and interval
    from the measure, the chapter from where the declaration is written.
    """

    id: str
    label: str
    definition: str
    why: str
    measure: Measure
    table: str
    higher_is: Sens = "neutre"
    publics: tuple[str, ...] = ("ensemble",)
    caveat: str = ""
    by: str = ""

    def __post_init__(self) -> None:
        """Refuse an incomplete or mistyped declaration, naming the indicator and the value."""
        for nom in (self.id, self.table):
            if not _IDENTIFIANT.fullmatch(nom):
                raise ValueError(f"{self.id!r} : {nom!r} n'est pas un identifiant")
        genre(self.label)
        for champ in ("definition", "why"):
            if not getattr(self, champ).strip().endswith((".", "?")):
                raise ValueError(f"{self.id!r} : {champ} doit être une phrase")
        if self.higher_is not in get_args(Sens):
            raise ValueError(f"{self.id!r} : higher_is={self.higher_is!r} n'est pas {get_args(Sens)}")
        if inconnus := set(self.publics) - set(PUBLICS):
            raise ValueError(f"{self.id!r} : publics inconnus {sorted(inconnus)}")


FIGURES = ("pyramide", "evolution", "pente", "classement", "carte", "comparaison", "repartition", "barres")


@dataclass(frozen=True)
class Figure:
    """One figure of a chapter: its kind, and the indicators it draws (none for the pyramid)."""

    kind: str
    indicators: tuple[str, ...] = ()
    title: str = ""

    def __post_init__(self) -> None:
        """Refuse an unknown kind."""
        if self.kind not in FIGURES:
            raise ValueError(f"figure {self.kind!r} : l'un de {', '.join(FIGURES)}")


@dataclass(frozen=True)
class Chapter:
    """One chapter of the report: its question, and its indicators in reading order."""

    id: str
    title: str
    question: str
    indicators: tuple[Indicator, ...]
    figures: tuple[Figure, ...] = ()

    def __post_init__(self) -> None:
        """Refuse duplicate indicators and figures of indicators that the chapter does not hold."""
        noms = [indicateur.id for indicateur in self.indicators]
        if doublons := sorted({nom for nom in noms if noms.count(nom) > 1}):
            raise ValueError(f"chapitre {self.id!r} : indicateurs en double {doublons}")
        dessines = {nom for figure in self.figures for nom in figure.indicators}
        if inconnus := sorted(dessines - set(noms)):
            raise ValueError(f"chapitre {self.id!r} : figures d'indicateurs inconnus {inconnus}")


@dataclass(frozen=True)
class Lecture:
    """What a reader brings back from a file: declared columns only, as text, nothing lost.

    `table`: one row a data row, columns under their raw names, text or None (numbers, where a reader knows
    that they cannot be read otherwise), index `ligne` = the line (or sheet row) a person sees in the file.
    `ecartees`: rows that are no data (titles, totals, subtotals, notes), columns `ligne, motif, contenu`, and
    `lignes` where a row tells of several lines.
    `detecte`: what was recognised, in French.
    """

    table: pd.DataFrame
    ecartees: pd.DataFrame
    detecte: str


Reader = Callable[[Path, tuple[str, ...]], Lecture]


@dataclass(frozen=True)
class Pseudonyme:
    """A keyed pseudonym put in place of identifying columns while a file is read."""

    colonne: str
    de: tuple[str, ...]


@dataclass(frozen=True)
class AgeA:
    """Age in whole years at an event, put in place of a birth date while a file is read."""

    colonne: str
    naissance: str
    evenement: str


@dataclass(frozen=True)
class Reserve:
    """Figures that a producer gives and that must be read with care: which ones, where, and why.

    `ou(table, colonne)` tells the rows; `statut` is what their figure can bear (`fragile`, `plancher`), and
    `motif` what the reader is told, in French.
    """

    statut: Statut
    motif: str
    colonnes: tuple[str, ...]
    ou: Callable[[pd.DataFrame, str], pd.Series]


@dataclass(frozen=True)
class Source:
    """One kind of file, declared once: what it is, what it must look like, how it is read.

    `schema`: a pandera schema whose columns carry our name, type, French label (`title`), checks and,
    in `metadata["brut"]`, the raw name (`{yy}` stands for the vintage); its `unique` is the key.
    `address`: where the file is downloaded from; `{millesime}` and `{yy}` stand for the vintage that the
    edition gives (it may give the whole address); `address_suffix`: what it serves, if the source has other forms.
    `readers`: file suffix → reader. `marks`: producer's marks (`s`, `nd`, or an empty text for a cell left
    blank) → what they mean, in place of a number; `reserves`: figures to be read with care. A source that has
    either holds one row a territory and a vintage.
    `identites`: what is replaced while being read; the columns consumed are never stored.
    `checks`: named rules on the whole table, each returning the offending rows, which are rejected.
    `signalements`: plausible oddities, counted and told; their rows are loaded.
    `repetable`: whether the same row may stand on several lines of a file (a request, one line a decision);
    exact copies are then set aside, and not rejected.
    `rejets_toleres`: the share of rejected rows beyond which the whole file is refused.
    `serie`: what the CCAS knows of its own, a census, or a statistic published every year: which vintages
    compare, which counts are small. `debut_d_annee`: a vintage of such a statistic is of its 1 January, and not of the
    year that ends. `exploitation`: of a French census, `principale` or `complementaire` (a
    sample of households): two estimates of the same thing, which one ratio never mixes. `nationale`: a file
    of the whole country, read once for all the editions and brought to their geography; `geographie_suivante`: each
    of its vintages is in the communes of the 1 January that follows, unless the edition gives one. `completee`: several
    of its files may tell of the same row (the wide base and the base of IRIS, two levels), which the SELECTs make one.
    `constatee`: its days are those of what was counted, never later than its deposit, though its rows are about nobody.
    """

    id: str
    title: str
    producer: str
    licence: str
    page: str
    schema: DataFrameSchema
    readers: Mapping[str, Reader]
    address: str = ""
    address_suffix: str = ""
    marks: Mapping[str, Statut] = field(default_factory=dict)
    reserves: tuple[Reserve, ...] = ()
    identites: tuple[Pseudonyme | AgeA, ...] = ()
    checks: Mapping[str, Callable[[pd.DataFrame], pd.DataFrame]] = field(default_factory=dict)
    signalements: Mapping[str, Callable[[pd.DataFrame], pd.DataFrame]] = field(default_factory=dict)
    repetable: bool = False
    rejets_toleres: float = 0.0
    serie: Serie = "recensement"
    debut_d_annee: bool = False
    exploitation: Literal["", "principale", "complementaire"] = ""
    nationale: bool = False
    geographie_suivante: bool = False
    completee: bool = False
    constatee: bool = False

    def __post_init__(self) -> None:
        """Refuse an identifier that could not be a table."""
        if not _IDENTIFIANT.fullmatch(self.id):
            raise ValueError(f"{self.id!r} n'est pas un identifiant de source")
        if self.serie not in get_args(Serie):
            raise ValueError(f"{self.id!r} : serie={self.serie!r} n'est pas {get_args(Serie)}")
        if self.exploitation not in ("", "principale", "complementaire"):
            raise ValueError(f"{self.id!r} : exploitation={self.exploitation!r} inconnue")
        if (self.marks or self.reserves) and self.schema.unique != ["territoire", "millesime"]:
            raise ValueError(f"{self.id!r} : des marques veulent la clé territoire, millesime")

    @property
    def personnelle(self) -> bool:
        """Whether rows say who they are about: pseudonyms while being read, and persons to be forgotten."""
        return bool(self.identites)
