"""Persons who may be one under two spellings: which pairs are told, why, and that nobody is named."""

import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import exports, identite
from pipeline.chargement import Chargement
from pipeline.identite import personnes
from pipeline.rapprochements import INTERVERTIS, JUMEAUX, UN_CHIFFRE, UN_MOT, trouver


def deposer(*lignes):
    """Rows (nom, prenom, naissance) as a reader gives them, the first on line 2."""
    index = range(2, len(lignes) + 2)
    return pd.DataFrame(lignes, columns=list(identite.PERSONNE), index=index, dtype="string")


def paires(*lignes):
    """(line, line, reason) of each pair told of these rows."""
    trouvees = trouver([("depot.csv", personnes(deposer(*lignes)))])
    return [tuple(paire) for paire in trouvees[["ligne", "autre_ligne", "motif"]].itertuples(index=False)]


ELLE = ("Zorvalbec", "Tessalin Ourphémi", "13/05/1980")


@pytest.mark.parametrize(
    ("autre", "motif"),
    [
        (("Zorvalbec", "Tessalin", "13/05/1980"), UN_MOT),  # a second first name left out
        (("Quaxanor", "TESSALIN", "1980-05-13"), UN_MOT),  # a name of use
        (("Zorvalbek", "Tessalin", "13/05/1980"), UN_MOT),  # a typing error
        (("Tessalin", "Zorvalbec", "13/05/1980"), UN_MOT),  # the two names swapped besides
        (("Zorvalbec", "Tessalin", "13/05/1981"), None),  # two slips are two persons
        (("ZORVALBEC", "ourphemi tessalin", "14/05/1980"), UN_CHIFFRE),
        (("Zorvalbec", "Tessalin Ourphémi", "13/05/1908"), UN_CHIFFRE),
        (("Zorvalbec", "Tessalin Ourphémi", "31/05/1980"), UN_CHIFFRE),
        (("Zorvalbec", "Tessalin Ourphémi", "24/05/1980"), None),
        (("Zorvalbec", "Maklouvio", "13/05/1980"), JUMEAUX),
        (("Quaxanor", "Maklouvio", "13/05/1980"), None),
        (("Zorvalbec", "Tessalin Ourphémi", ""), None),
    ],
)
def test_a_pair_is_told_with_what_brings_it_together(autre, motif):
    assert paires(ELLE, autre) == ([("2", "3", motif)] if motif else [])


def test_day_and_month_swapped_are_told_as_such():
    assert paires(("Zorvalbec", "Tessalin", "04/05/1980"), ("Zorvalbec", "Tessalin", "05/04/1980")) == [
        ("2", "3", INTERVERTIS)
    ]


def test_one_spelling_of_one_person_makes_no_pair_with_another():
    assert paires(ELLE, ("TESSALIN OURPHEMI", "zorvalbec", "1980-05-13")) == []


def test_two_persons_are_one_pair_however_many_rows_they_have_and_however_alike_they_are():
    autre = ("Zorvalbec", "Tessalin", "13/05/1980")  # two words in common
    assert paires(ELLE, autre, ELLE, autre) == [("2", "3", UN_MOT)]


def test_twins_come_last_whatever_their_lines():
    soeur, autre_nom = ("Zorvalbec", "Maklouvio", "13/05/1980"), ("Quax", "Tessalin", "13/05/1980")
    assert paires(ELLE, soeur, autre_nom) == [("2", "4", UN_MOT), ("2", "3", JUMEAUX)]


@pytest.mark.parametrize("nom", ["de la Zorval", "D"])
def test_a_particle_or_an_initial_brings_nobody_together(nom):
    assert paires((nom, "Tessalin", "13/05/1980"), ("de la Quax D", "Maklouvio", "13/05/1980")) == []


@pytest.mark.parametrize(("combien", "attendues"), [(10, 10 * 9 // 2), (11, 0)])
def test_a_date_and_a_word_that_more_than_ten_persons_share_say_nothing(combien, attendues):
    lettres = [f"Zor{chr(97 + rang)}" for rang in range(combien)]
    assert len(paires(*((nom, "Tessalin", "01/01/1970") for nom in lettres))) == attendues


def test_persons_are_compared_from_one_file_to_another_and_named_by_their_first_line():
    un, autre = deposer(ELLE, ELLE), deposer(ELLE, ("Quaxanor", "Tessalin", "13/05/1980"))
    trouvees = trouver([("a.csv", personnes(un)), ("b.xlsx", personnes(autre))])
    assert trouvees.values.tolist() == [["a.csv", "2", "b.xlsx", "3", UN_MOT, ""]]


def test_a_file_that_names_nobody_has_no_pair():
    sans_noms = pd.DataFrame({"numero": ["1", "2"]}, dtype="string")
    assert trouver([("a.csv", personnes(sans_noms))]).empty
    assert trouver([]).empty


# --- Whatever the deposit --------------------------------------------------------------------------

NOMS = st.sampled_from(["Zorvalbec", "ZORVALBEC-Quaxanor", "Quaxanor", "D’Ixilador", "Élux"])
PRENOMS = st.sampled_from(["Tessalin", "Wixtoquie", "Tessalin Wixtoquie", "Ourphémi"])
JOURS = st.sampled_from(
    ["13/05/1980", "1980-05-13", "05/04/1980", "04/05/1980", "14/05/1980", "", "01/01/1980"]
)
LIGNES = st.lists(st.tuples(NOMS, PRENOMS, JOURS), max_size=14)
INTERDITS = ("zorval", "quaxa", "ixilad", "elux", "élux", "tessal", "wixt", "ourph", "1980", "13/05")


@settings(deadline=None, max_examples=25)
@given(LIGNES)
def test_the_sheet_holds_no_byte_of_a_name_nor_a_date(lignes):
    feuille = io.StringIO()
    exports.ecrire_csv(trouver([("depot.csv", personnes(deposer(*lignes)))]), feuille)
    assert not [texte for texte in INTERDITS if texte in feuille.getvalue().casefold()]


@settings(deadline=None, max_examples=25)
@given(LIGNES)
def test_a_pair_is_two_pseudonyms_and_two_pseudonyms_are_one_pair_at_most(lignes):
    frame = deposer(*lignes)
    pseudos = identite.pseudonymes(frame, identite.Pseudonyme("personne", identite.PERSONNE), b"k" * 32)
    dites = [frozenset((pseudos[int(une)], pseudos[int(autre)])) for une, autre, _ in paires(*lignes)]
    assert all(len(paire) == 2 for paire in dites)
    assert len(dites) == len(set(dites))


@settings(deadline=None, max_examples=25)
@given(LIGNES)
def test_pairs_by_groups_are_those_that_comparing_everyone_would_give(lignes):
    """Twelve words and a few days: no group is larger than ten persons."""
    jours = [identite.normaliser(*ligne)[-10:] for ligne in lignes]
    lues = {
        (*sorted(identite.mots(f"{nom} {prenom}").split()), jour)
        for (nom, prenom, _), jour in zip(lignes, jours, strict=True)
        if jour
    }

    def proches(une, autre):
        (*noms, jour), (*autres, autre_jour) = une, autre
        differents = [(a, b) for a, b in zip(jour, autre_jour, strict=True) if a != b]
        intervertis = jour[:5] + jour[8:] + "-" + jour[5:7] == autre_jour
        return bool(set(noms) & set(autres)) if not differents else (
            noms == autres and (len(differents) == 1 or intervertis)
        )  # fmt: skip

    attendues = sum(proches(une, autre) for une in lues for autre in lues if une < autre)
    groupes = [sum(mot in une and une[-1] == jour for une in lues) for *mots, jour in lues for mot in mots]
    if max(groupes, default=0) <= 10:
        assert len(paires(*lignes)) == attendues


def test_a_file_that_a_notebook_shows_names_nobody():
    lues = personnes(deposer(ELLE))
    assert "zorvalbec" in " ".join(lues.astype("str"))
    lot = Chargement(*[pd.DataFrame()] * 5, qualite={}, personnes=lues)
    assert "zorvalbec" not in repr(lot).casefold()
