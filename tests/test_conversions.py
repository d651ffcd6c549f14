"""A text becomes the value that whoever wrote it meant, or is told unreadable."""

import datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import conversions
from pipeline.conversions import en_date, en_entier, en_nombre


def textes(*valeurs: str | None) -> pd.Series:
    return pd.Series(valeurs, dtype="string")


# --- Numbers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texte", "valeur"),
    [
        ("1 234,50 €", 1234.5),
        ("1 234.5", 1234.5),
        ("12 500 F CFP", 12500),
        ("12\u202f500\u00a0XPF", 12500),
        ("12 500 francs", 12500),
        ("1.234,50", 1234.5),
        ("1,234.50", 1234.5),
        ("1.234.567", 1234567),
        ("-5", -5),
        ("−5,5", -5.5),
        (",5", 0.5),
        ("0,125", 0.125),
        ("1234,567", 1234.567),
        ("1e+05", 100000),
        ("0", 0),
    ],
)
def test_numbers_as_people_write_them(texte, valeur):
    valeurs, illisibles = en_nombre(textes(texte))
    assert valeurs.tolist() == [valeur]
    assert not illisibles.any()


@pytest.mark.parametrize(
    "texte",
    ["(12)", "12-", "12 50", "1.23.4", "douze", "12 h", "1,2,3", "s", "--1", ".", "12.", "+1", "inf", "nan"],
)
def test_what_is_no_number_is_unreadable(texte):
    valeurs, illisibles = en_nombre(textes(texte))
    assert valeurs.isna().all()
    assert illisibles.all()
    # nor is it among numbers that a machine wrote
    assert en_nombre(textes("12.5", texte))[1].tolist() == [False, True]


def test_part_of_a_column_is_read_as_the_column_is():
    colonne = textes("douze", None, "0.125", "1.234", "7")
    assert en_nombre(colonne.iloc[2:])[0].tolist() == [0.125, 1.234, 7]
    assert en_nombre(pd.concat([colonne.iloc[2:3], colonne.iloc[3:]]))[0].tolist() == [0.125, 1.234, 7]


@pytest.mark.parametrize(
    ("colonne", "valeurs"),
    [
        (["1,234", "12,5"], [1.234, 12.5]),  # 12,5 proves the comma decimal
        (["1.234", "12,5"], [1234, 12.5]),  # … then a dot separates thousands
        (["1,234", "12.5"], [1234, 12.5]),
        (["1.234", "12.5"], [1.234, 12.5]),
        (["1.234", "1.234,5"], [1234, 1234.5]),
        (["1,234", "1 234,567"], [1.234, 1234.567]),
    ],
)
def test_the_column_decides_what_a_comma_followed_by_three_digits_means(colonne, valeurs):
    assert en_nombre(textes(*colonne))[0].tolist() == valeurs


@pytest.mark.parametrize("colonne", [["1,234"], ["1.234", "500"], ["1,234", "12,5", "12.5"]])
def test_without_proof_or_with_two_proofs_an_ambiguous_number_is_unreadable(colonne):
    assert en_nombre(textes(*colonne))[1].tolist() == [True] + [False] * (len(colonne) - 1)


def test_an_empty_cell_is_missing_not_unreadable():
    for convertir in (en_nombre, en_entier, en_date):
        valeurs, illisibles = convertir(textes(None, None))
        assert valeurs.isna().all()
        assert not illisibles.any()


def test_conversions_keep_name_and_index():
    serie = pd.Series(["1", "x", "1"], index=pd.Index([4, 7, 9], name="ligne"), name="n", dtype="string")
    valeurs, illisibles = en_entier(serie)
    assert valeurs.index.equals(serie.index)
    assert valeurs.name == "n"
    assert illisibles.to_dict() == {4: False, 7: True, 9: False}


@settings(deadline=None, max_examples=60)
@given(
    st.decimals(-(10**9), 10**9, places=2, allow_nan=False), st.sampled_from([" ", "\u00a0", "\u202f", ""])
)
def test_a_number_written_in_french_reads_back(nombre, espace):
    texte = f"{nombre:,.2f}".replace(",", espace).replace(".", ",")
    assert en_nombre(textes(texte))[0].tolist() == [float(nombre)]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(-1e12, 1e12, allow_subnormal=False), min_size=1, max_size=5))
def test_a_number_written_by_a_program_reads_back_or_is_refused(nombres):
    valeurs, illisibles = en_nombre(textes(*map(repr, nombres)))
    assert all(
        refusee or valeur == nombre
        for valeur, refusee, nombre in zip(valeurs, illisibles, nombres, strict=True)
    )


@pytest.mark.parametrize(("texte", "valeur"), [("12", 12), ("1 200", 1200), ("12,0", 12), ("-3", -3)])
def test_whole_numbers(texte, valeur):
    assert en_entier(textes(texte))[0].tolist() == [valeur]


@pytest.mark.parametrize("texte", ["12,5", "99999999999999999", "x"])
def test_what_is_not_whole_is_unreadable(texte):
    assert en_entier(textes(texte))[1].all()


# --- Dates -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "texte",
    [
        "13/05/2024", "13-05-2024", "13.05.2024", "2024-05-13", "2024/05/13", " 13/5/2024 ",
        "13/05/2024 10:30", "2024-05-13 00:00:00", "2024-05-13T10:30:00.123",
        "2024-05-13T10:30:00+11:00", "2024-05-13T10:30:00Z",
    ],
)  # fmt: skip
def test_days_as_people_and_programs_write_them(texte):
    valeurs, illisibles = en_date(textes(texte))
    assert valeurs.tolist() == [pd.Timestamp(2024, 5, 13)]
    assert valeurs.dtype == "datetime64[us]"
    assert not illisibles.any()


@pytest.mark.parametrize(
    "texte",
    ["31/02/2024", "29/02/2023", "05/13/2024", "13/05/24", "13/05/1899", "2101-01-01", "45425", "13 mai 2024",
     "00/01/2024", "2024-13-01", "13052024", "2024"],
)  # fmt: skip
def test_what_is_no_day_or_could_be_two_is_unreadable(texte):
    valeurs, illisibles = en_date(textes(texte))
    assert valeurs.isna().all()
    assert illisibles.all()


@settings(deadline=None, max_examples=60)
@given(
    st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)),
    st.sampled_from(["%d/%m/%Y", "%Y-%m-%d"]),
)
def test_a_day_written_either_way_reads_back(jour, forme):
    assert en_date(textes(jour.strftime(forme)))[0].dt.date.tolist() == [jour]


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=20))
def test_no_text_makes_a_conversion_fail(texte):
    for convertir in (en_nombre, en_entier, en_date):
        valeurs, illisibles = convertir(textes(texte, "1"))
        assert (illisibles == valeurs.isna()).all()


NETS = st.lists(
    st.one_of(
        st.none(),
        st.from_regex(r"-?[0-9]{1,7}", fullmatch=True),
        st.from_regex(r"-?[0-9]{1,4}\.[0-9]{1,6}", fullmatch=True),
        st.sampled_from(["1.234", "12,5", "0.125", "1.234.567", "-0.5", "", " 12"]),
    ),
    max_size=8,
)


@given(NETS)
def test_a_column_read_at_once_is_what_it_is_read_value_by_value(cellules):
    serie = pd.Series(cellules, dtype="string")
    vite, illisibles = conversions.en_nombre(serie)
    lentement, manques = conversions._convertir(serie, conversions._nombres)
    pd.testing.assert_series_equal(vite, lentement)
    pd.testing.assert_series_equal(illisibles, manques, check_dtype=False, check_names=False)
