"""From text to values: numbers, whole numbers and days as people and programs write them.

In: a column of texts. Out: its values, and where a text could not be read; an empty cell is missing, not unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_ESPACES = "[ \t\u00a0\u2009\u202f]+"
_MONNAIE = r"(?i) ?(?:€|euros?|eur|f\.? ?cfp|xpf|francs?|f)$"
_SIMPLE = r"-?(?:\d+|\d{1,3}(?: \d{3})+)?[.,]\d+|-?(?:\d+|\d{1,3}(?: \d{3})+)|-?\d+(?:\.\d+)?[eE][+-]?\d+"
_MARQUES = ((",", "."), (".", ","))  # thousands, decimal
_AMBIGU = r"-?[1-9]\d{{0,2}}{0}\d{{3}}"
_DEBUT = 1_000
_GROUPE = r"-?\d{{1,3}}(?:{0}\d{{3}})+{1}\d+|-?\d{{1,3}}(?:{0}\d{{3}}){{2,}}"


def en_nombre(serie: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Numbers as people write them → `float64`, and where the text could not be read.

    Read: « 1 234,50 € », « 1234.5 », « 12 500 F CFP », « 1.234,50 », « ,5 », « 1e+05 ». Not read: « (12) »,
    « 12 50 », « 12- ». « 1,234 » and « 1.234 » may be thousands or decimals: the column decides. When
    values of the column prove one decimal mark (« 12,5 », « 0,125 », « 1.234,5 ») and none the other,
    that mark is decimal and the other one separates thousands; when nothing or both are proved, such
    values are unreadable: better a rejected row than an amount a thousand times too large.
    """
    nets = _nombres_nets(serie)
    if nets is not None:
        return nets, pd.Series(False, index=serie.index)
    return _convertir(serie, _nombres)


def _nombres_nets(serie: pd.Series) -> pd.Series | None:
    """A column written by a machine, read at once: digits and a dot, whose meaning one value at least proves.

    None when the column needs more thought: same values, the long way. National files are read here.
    """
    textes = pa.array(serie, type=pa.string(), from_pandas=True)
    textes = textes.combine_chunks() if isinstance(textes, pa.ChunkedArray) else textes
    if not _chiffres(textes):
        return None
    # the first values are enough to prove that the dot is decimal, where it is
    if not _point_decimal(textes[:_DEBUT]) and _point_decimal(textes) is False:
        return None
    try:
        valeurs = pc.cast(textes, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    return pd.Series(valeurs, index=serie.index, name=serie.name)


def _chiffres(textes: pa.Array) -> bool:
    """Whether nothing but digits, dots and minus signs makes these texts, of which none ends with a dot."""
    _, bornes, octets = textes.buffers()
    if octets is None:
        return True
    debut, fin = np.frombuffer(bornes, np.int32)[[textes.offset, textes.offset + len(textes)]].tolist()
    if octets[debut:fin].to_pybytes().translate(None, b"-.0123456789"):
        return False
    return not pc.any(pc.ends_with(textes, "."), min_count=0).as_py()


def _point_decimal(textes: pa.Array) -> bool | None:
    """Whether a value shows that the dot is decimal: « 0.125 », « 12.5 », not « 1.234 »; None without a dot."""
    pointes = textes.filter(pc.match_substring(textes, "."))
    ambigus = pc.match_substring_regex(pointes, f"^(?:{_AMBIGU.format(re.escape('.'))})$")
    return not pc.all(ambigus, min_count=0).as_py() if len(pointes) else None


def en_entier(serie: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Whole numbers (« 12 », « 1 200 », « 12,0 ») → `Int64`, and where the text could not be read."""

    def entiers(textes: pd.Series) -> pd.Series:
        nets = pa.array(textes, type=pa.string(), from_pandas=True)
        if pc.all(pc.match_substring_regex(nets, r"^-?\d{1,15}$"), min_count=0).as_py():
            return pd.Series(pc.cast(nets, pa.int64()).to_numpy(), index=textes.index, dtype="Int64")
        nombres = _nombres(textes)
        return nombres.where((nombres % 1 == 0) & (nombres.abs() < 2**53)).astype("Int64")

    return _convertir(serie, entiers)


def en_date(serie: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Days (dd/mm/yyyy with / - or ., ISO, with or without a time) → `datetime64[us]`, and the unreadable.

    Not read: impossible days, years outside 1900-2100, and two-digit years, whose century would be a
    guess (a birth in « 24 » may be 1924 or 2024).
    """
    return _convertir(serie, _dates)


def _convertir(serie: pd.Series, lire: Callable[[pd.Series], pd.Series]) -> tuple[pd.Series, pd.Series]:
    """Read each distinct text once; unreadable = there was a text and there is no value."""
    codes, distinctes = pd.factorize(serie)
    lues = lire(pd.Series(distinctes, dtype="string")).array
    valeurs = pd.Series(lues.take(codes, allow_fill=True), index=serie.index, name=serie.name)
    return valeurs, pd.Series((codes >= 0) & valeurs.isna().to_numpy(), index=serie.index)


def _nombres(textes: pd.Series) -> pd.Series:
    """Distinct texts of one column → numbers, by the rule told in `en_nombre`."""
    textes = textes.str.replace(_ESPACES, " ", regex=True).str.strip().str.replace("−", "-")
    textes = textes.str.replace(_MONNAIE, "", regex=True)
    simples = textes.str.fullmatch(_SIMPLE)
    ambigus = {marque: textes.str.fullmatch(_AMBIGU.format(re.escape(marque))) for marque in ",."}
    groupes = {milliers: textes.str.fullmatch(_GROUPE.format(*map(re.escape, (milliers, decimale))))
               for milliers, decimale in _MARQUES}  # fmt: skip
    prouvees = [
        milliers
        for milliers, decimale in _MARQUES
        if (
            groupes[milliers] | simples & textes.str.contains(decimale, regex=False) & ~ambigus[decimale]
        ).any()
    ]
    if len(prouvees) == 1:
        groupes[prouvees[0]] |= ambigus[prouvees[0]]
    else:
        simples &= ~(ambigus[","] | ambigus["."])
    for milliers, ou in groupes.items():
        textes = textes.mask(ou, textes.str.replace(milliers, "", regex=False))
    textes = textes.where(simples | groupes[","] | groupes["."])
    chiffres = textes.str.replace(" ", "", regex=False).str.replace(",", ".", regex=False)
    return pd.to_numeric(chiffres).astype("float64")


_HEURE = r"(?:[ T]\d{1,2}[:h]\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_JOUR = (
    rf"^(?P<day>\d{{1,2}})[/.-](?P<month>\d{{1,2}})[/.-](?P<year>\d{{4}}){_HEURE}$",
    rf"^(?P<year>\d{{4}})[/-](?P<month>\d{{1,2}})[/-](?P<day>\d{{1,2}}){_HEURE}$",
)


def _dates(textes: pd.Series) -> pd.Series:
    """Distinct texts → days, by the rule told in `en_date`."""
    nets = pc.utf8_trim_whitespace(pa.array(textes, type=pa.string(), from_pandas=True))
    francais, iso = (pc.extract_regex(nets, forme) for forme in _JOUR)
    annee, mois, jour = (
        pc.coalesce(pc.struct_field(francais, partie), pc.struct_field(iso, partie))
        .cast(pa.int64())
        .fill_null(0)
        .to_numpy(zero_copy_only=False)
        for partie in ("year", "month", "day")
    )
    possibles = (annee >= 1900) & (annee <= 2100) & (mois >= 1) & (mois <= 12)
    debuts = ((annee - 1970) * 12 + mois - 1).astype("datetime64[M]")
    jours = debuts.astype("datetime64[D]") + (jour - 1)
    possibles &= jours.astype("datetime64[M]") == debuts  # 31 June would be in July
    return pd.Series(jours.astype("datetime64[us]"), index=textes.index).where(possibles)
