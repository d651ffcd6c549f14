"""Identity: one person, one pseudonym; nothing that identifies goes through; a NIR never enters."""

import datetime
import hashlib
import hmac

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import identite
from pipeline.identite import (
    age_a,
    appliquer,
    colonnes_interdites,
    consommees,
    indispensables,
    mots,
    normaliser,
    pseudonymes,
    ressemble_a_un_nir,
)
from pipeline.model import AgeA, Pseudonyme

CLE = bytes(range(32))
PERSONNE = Pseudonyme("personne", ("nom", "prenom", "naissance"))


def personnes(*identites: tuple[str | None, str | None, str | None]) -> pd.DataFrame:
    return pd.DataFrame(identites, columns=["nom", "prenom", "naissance"], dtype="string")


def textes(*valeurs: str | None) -> pd.Series:
    return pd.Series(valeurs, dtype="string")


# --- One person ------------------------------------------------------------------------------------

HUIT_ECRITURES = personnes(
    ("Zorvalbec-D’Orphée", "Cœline Émé", "13/05/1980"),
    ("ZORVALBEC-D'ORPHEE", "COELINE EME", "1980-05-13"),
    ("zorvalbec d'orphée", "cœline-émé", "13-05-1980"),
    ("  Zorvalbec   D ' Orphée ", "Cœline  Émé", "13.05.1980"),
    ("Cœline Émé", "Zorvalbec D'Orphée", "13/5/1980"),
    ("Zorvalbec-d’Orphee", "Émé Cœline", "1980-05-13 00:00:00"),
    ("Mme ZORVALBEC DORPHEE", "Coeline Eme", "13/05/1980"),
    ("Zorvalbec née D Orphée", "Cœline, Émé", "13/05/1980"),
)


def test_eight_spellings_of_one_person_are_one_pseudonym():
    assert len(HUIT_ECRITURES.drop_duplicates()) == 8
    assert pseudonymes(HUIT_ECRITURES, PERSONNE, CLE).nunique() == 1
    assert len({normaliser(*ligne) for ligne in HUIT_ECRITURES.itertuples(index=False)}) == 1


def test_two_persons_of_the_same_name_and_different_birth_dates_are_two():
    homonymes = personnes(("Fictanor", "Tessalin", "01/02/1980"), ("Fictanor", "Tessalin", "02/01/1980"))
    assert pseudonymes(homonymes, PERSONNE, CLE).nunique() == 2


def test_brothers_born_the_same_day_are_two():
    jumeaux = personnes(("Fictanor", "Tessalin", "01/02/1980"), ("Fictanor", "Ourphin", "01/02/1980"))
    assert pseudonymes(jumeaux, PERSONNE, CLE).nunique() == 2


@pytest.mark.parametrize(
    "identite",
    [
        (None, "Tessalin", "01/02/1980"),
        ("Fictanor", None, "01/02/1980"),
        ("Fictanor", "Tessalin", None),
        ("Fictanor", "Tessalin", "31/02/1980"),
        ("Fictanor", "Tessalin", "01/02/80"),
        ("---", "Tessalin", "01/02/1980"),
        ("Mme", "Tessalin", "01/02/1980"),
    ],
)
def test_an_incomplete_identity_has_no_pseudonym(identite):
    assert pseudonymes(personnes(identite), PERSONNE, CLE).isna().all()


NOMS = st.text("abcdefghijklmnopqrstuvwxyzàâäéèêëîïôöùûüçñœæ -'’", min_size=1, max_size=25)


@settings(deadline=None, max_examples=60)
@given(NOMS, NOMS)
def test_normalising_is_idempotent(nom, prenom):
    assert mots(mots(nom)) == mots(nom)
    reference = normaliser(nom, prenom, "13/05/1980")
    assert normaliser(mots(nom), mots(prenom), "1980-05-13") == reference


@settings(deadline=None, max_examples=60)
@given(NOMS, NOMS)
def test_case_apostrophe_hyphens_and_order_do_not_matter(nom, prenom):
    reference = normaliser(nom, prenom, "13/05/1980")
    assert normaliser(nom.upper(), prenom.title(), "13/05/1980") == reference
    assert normaliser(nom.replace("'", "’"), prenom, "13/05/1980") == reference
    assert normaliser(nom.replace("-", " "), prenom, "13/05/1980") == reference
    assert normaliser(f" {prenom} ", nom, "1980-05-13") == reference


@settings(deadline=None, max_examples=60)
@given(NOMS, NOMS, st.sampled_from([("é", "e"), ("ç", "c"), ("œ", "oe"), ("æ", "ae"), ("ü", "u")]))
def test_accents_and_ligatures_do_not_matter(nom, prenom, accent):
    assert normaliser(nom.replace(*accent), prenom, "13/05/1980") == normaliser(nom, prenom, "13/05/1980")


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(NOMS, NOMS, st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1))), max_size=8
    ),
    st.binary(min_size=32, max_size=32),
)
def test_the_pseudonym_of_a_frame_is_the_keyed_hash_of_each_normalised_identity(identites, cle):
    frame = personnes(*((nom, prenom, jour.isoformat()) for nom, prenom, jour in identites))
    attendus = []
    for ligne in frame.itertuples(index=False):
        message = b"personne\x1f" + normaliser(*ligne).encode()
        empreinte = hmac.new(cle, message, hashlib.sha256).hexdigest()[:32]
        attendus.append(empreinte if normaliser(*ligne) else None)
    trouves = pseudonymes(frame, PERSONNE, cle)
    assert [None if pd.isna(trouve) else trouve for trouve in trouves] == attendus


def test_another_key_gives_other_pseudonyms():
    assert (
        pseudonymes(HUIT_ECRITURES, PERSONNE, CLE) != pseudonymes(HUIT_ECRITURES, PERSONNE, CLE[::-1])
    ).all()


# --- Numbers and codes -----------------------------------------------------------------------------


def test_an_identifier_keeps_its_order_and_zeros_but_not_its_case_and_spaces():
    frame = pd.DataFrame({"numero": textes("D-001", " d-0 01", "001-D", "D-1", None)})
    trouves = pseudonymes(frame, Pseudonyme("demande", ("numero",)), CLE)
    assert trouves[0] == trouves[1]
    assert trouves[:4].nunique() == 3
    assert pd.isna(trouves[4])


def test_household_12_and_request_12_have_nothing_in_common():
    frame = pd.DataFrame({"numero": textes("12")})
    demande, menage = (
        pseudonymes(frame, Pseudonyme(nom, ("numero",)), CLE)[0] for nom in ("demande", "menage")
    )
    assert demande != menage


def test_identifiers_of_two_columns_do_not_run_into_each_other():
    frame = pd.DataFrame({"a": textes("1", "11"), "b": textes("11", "1")})
    assert pseudonymes(frame, Pseudonyme("x", ("a", "b")), CLE).nunique() == 2


def test_a_number_has_one_pseudonym_in_every_table_and_is_forgotten_once_they_are_read():
    numero = Pseudonyme("demande", ("numero",))
    demandes_, decisions = (
        pd.DataFrame({"numero": textes(*lus)}) for lus in (("12", "13"), ("14", None, "12"))
    )
    une, autre = (pseudonymes(frame, numero, CLE) for frame in (demandes_, decisions))
    assert (une[0], autre.isna().tolist()) == (autre[2], [False, True, False])
    assert autre[0] == hmac.digest(CLE, b"demande\x1f14", "sha256").hex()[:32]
    identite.oublier_les_numeros()
    assert identite._connus.cache_info().currsize == 0


# --- A whole frame ---------------------------------------------------------------------------------

IDENTITES = (
    Pseudonyme("demande", ("numero",)),
    PERSONNE,
    Pseudonyme("menage", ("foyer",)),
    Pseudonyme("menage", ("nom", "prenom", "naissance")),
    AgeA("age", "naissance", "date_demande"),
)


def demandes() -> pd.DataFrame:
    frame = personnes(
        ("Fictanor", "Tessalin", "13/05/1980"),
        ("Fictanor", "Ourphin", "14/05/1980"),
        ("Zorvalbec", "Tessalin", "29/02/2000"),
    )
    return frame.assign(
        numero=textes("1", "2", "3"),
        foyer=textes("F1", "F1", None),
        date_demande=textes("13/05/2024", "13/05/2024", "28/02/2023"),
        motif=textes("alimentaire", "energie", "autre"),
    )


def test_what_identifies_is_dropped_and_the_rest_is_kept():
    fait = appliquer(demandes(), IDENTITES, CLE)
    assert list(fait) == ["date_demande", "motif", "demande", "personne", "menage", "age"]
    assert "Fictanor" not in fait.to_csv()
    assert "1980" not in fait.to_csv()
    assert consommees(IDENTITES) == ["numero", "nom", "prenom", "naissance", "foyer"]


def test_the_household_number_may_be_absent_the_rest_may_not():
    assert indispensables(IDENTITES) == ["numero", "nom", "prenom", "naissance"]


def test_a_couple_is_one_household_and_a_person_without_number_is_her_own():
    menages = appliquer(demandes(), IDENTITES, CLE)["menage"]
    assert menages[0] == menages[1]
    assert menages[2] == pseudonymes(demandes(), Pseudonyme("menage", PERSONNE.de), CLE)[2]


def test_without_household_numbers_the_household_is_the_person():
    menages = appliquer(demandes().drop(columns="foyer"), IDENTITES, CLE)["menage"]
    assert menages.nunique() == 3


def test_an_identity_whose_columns_are_absent_gives_no_column():
    fait = appliquer(demandes().drop(columns=["naissance", "numero"]), IDENTITES, CLE)
    assert set(fait) == {"date_demande", "motif", "menage"}


def test_rows_and_their_lines_stay():
    frame = demandes().set_index(pd.Index([4, 7, 9], name="ligne"))
    assert appliquer(frame, IDENTITES, CLE).index.equals(frame.index)


# --- Age -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("naissance", "evenement", "age"),
    [
        ("1980-05-13", "2024-05-12", 43),  # the day before the birthday
        ("1980-05-13", "2024-05-13", 44),
        ("2000-02-29", "2023-02-28", 22),
        ("2000-02-29", "2023-03-01", 23),
        ("2000-02-29", "2024-02-29", 24),
        ("2024-05-13", "2024-05-13", 0),
        ("2024-05-13", "2024-05-12", -1),
    ],
)
def test_age_in_whole_years(naissance, evenement, age):
    jours = [pd.to_datetime(pd.Series([jour])) for jour in (naissance, evenement)]
    assert age_a(*jours).tolist() == [age]


def test_age_is_missing_when_a_day_is():
    jours = (
        pd.to_datetime(pd.Series(["2000-01-01", None, None])),
        pd.to_datetime(pd.Series([None, "2000-01-01", None])),
    )
    assert age_a(*jours).isna().all()
    assert age_a(*jours).dtype == "Int64"


@settings(deadline=None, max_examples=60)
@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2024, 1, 1)), st.integers(0, 110))
def test_a_birthday_adds_a_year_and_its_eve_does_not(naissance, annees):
    if (naissance.month, naissance.day) == (2, 29):
        naissance = naissance.replace(day=28)
    fete = naissance.replace(year=naissance.year + annees)
    veille = fete - datetime.timedelta(days=1)
    jours = pd.Series(pd.to_datetime([naissance] * 2)), pd.Series(pd.to_datetime([fete, veille]))
    assert age_a(*jours).tolist() == [annees, annees - 1]


# --- NIR -------------------------------------------------------------------------------------------


def nir(numero: str) -> str:
    """A number and its key, by the definition: 97 − n modulo 97, Corsica's letters as 19 and 18."""
    return f"{numero}{97 - int(numero.replace('2A', '19').replace('2B', '18')) % 97:02d}"


VALIDES = [
    nir("1850512345678"),
    nir("2991298817123"),
    nir("1850520123456"),
    nir("185052A123456"),
    nir("299012B001002"),
]


@pytest.mark.parametrize("numero", VALIDES)
@pytest.mark.parametrize(
    "ecriture",
    [
        "{0}",
        "{1} {2} {3} {4} {5} {6} {7}",
        "NIR : {1}.{2}.{3}.{4}.{5}.{6}-{7} (à vérifier)",
        "{1}{2}{3}{4}{5}{6}",  # thirteen characters, without its key
    ],
)
def test_a_nir_is_recognised_however_it_is_written(numero, ecriture):
    parties = numero[0], numero[1:3], numero[3:5], numero[5:7], numero[7:10], numero[10:13], numero[13:]
    assert ressemble_a_un_nir(textes(ecriture.format(numero, *parties))).all()


@pytest.mark.parametrize("numero", VALIDES)
def test_a_wrong_key_is_no_nir(numero):
    faux = f"{numero[:13]}{int(numero[13:]) % 97 + 1:02d}"
    assert not ressemble_a_un_nir(textes(faux)).any()


@pytest.mark.parametrize(
    "texte",
    ["D-2024-00012", "2024011234567", "1716000000000", "9850512345678", "1851312345678", "1850500345678", "12 500",
     "13/05/2024", "185051234567", "18505123456789", "01850512345678012", None, ""],
)  # fmt: skip
def test_other_numbers_are_no_nir(texte):
    assert not ressemble_a_un_nir(textes(texte)).any()


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 2),
    st.integers(0, 99),
    st.integers(1, 12),
    st.integers(1, 98),
    st.integers(1, 999),
    st.integers(1, 999),
)
def test_changing_one_digit_of_a_nir_is_seen_by_its_key(sexe, annee, mois, departement, commune, rang):
    valide = nir(f"{sexe}{annee:02d}{mois:02d}{departement:02d}{commune:03d}{rang:03d}")
    assert ressemble_a_un_nir(textes(valide)).all()
    change = valide[:12] + str((int(valide[12]) + 1) % 10) + valide[13:]
    assert not ressemble_a_un_nir(textes(change)).any()


def test_a_column_that_holds_a_nir_is_refused_with_its_line():
    frame = pd.DataFrame({"N° dossier": textes("D-1", "D-2"), "Référence": textes("x", VALIDES[0])})
    frame.index = pd.Index([2, 3], name="ligne")
    assert colonnes_interdites(frame) == [("Référence", "un numéro de sécurité sociale (ligne 3)")]


@pytest.mark.parametrize(
    ("colonne", "quoi"),
    [
        ("NIR", "un numéro de sécurité sociale"),
        ("N° Sécu", "un numéro de sécurité sociale"),
        ("Numéro de sécurité sociale", "un numéro de sécurité sociale"),
        ("Origine", "une origine"),
        ("Pays d’origine", "une origine"),
        ("Origine ethnique", "une origine"),
        ("Ethnie", "une appartenance ethnique ou coutumière"),
        ("Tribu de résidence", "une appartenance ethnique ou coutumière"),
        ("Communauté d'appartenance", "une communauté d'appartenance"),
        ("COMMUNAUTE", "une communauté d'appartenance"),
        ("Religion", "une religion"),
        ("État de santé", "une donnée de santé"),
        ("Diagnostic principal", "une donnée de santé"),
        ("Observations", "un texte libre"),
        ("Commentaire libre", "un texte libre"),
    ],
)
def test_columns_that_may_not_enter_are_known_by_their_name(colonne, quoi):
    assert colonnes_interdites(pd.DataFrame({colonne: textes("x")})) == [(colonne, quoi)]


@pytest.mark.parametrize(
    "colonne",
    ["Origine de la demande", "Communauté de communes", "Contribution", "Attribution", "Complémentaire santé",
     "Date de notification", "Montant accordé", "Nom usager", "Date de traitement", "Tribunal"],
)  # fmt: skip
def test_columns_that_only_look_alike_may_enter(colonne):
    assert colonnes_interdites(pd.DataFrame({colonne: textes("x")})) == []


@pytest.mark.lent
def test_a_million_persons_are_a_million_pseudonyms():
    tirage = np.random.default_rng(1)
    noms = np.array([f"Zorval-Béc{i}" for i in range(20_000)])
    jours = np.array(
        [f"{j:02d}/{m:02d}/{a}" for a in range(1940, 2005) for m in range(1, 13) for j in range(1, 29)]
    )
    tires = {
        colonne: tirage.choice(valeurs, 10**6)
        for colonne, valeurs in zip(PERSONNE.de, (noms, noms, jours), strict=True)
    }
    frame = pd.DataFrame(tires, dtype="string")
    assert pseudonymes(frame, PERSONNE, CLE).nunique() == len(frame.drop_duplicates())
