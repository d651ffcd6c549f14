"""How aid is shared out: an index that says its interval, what it means in households, and what is not given."""

import re

import pytest

from pipeline.indicators import CHAPITRES
from pipeline.model import Statut
from pipeline.report.concentration import DEMANDEURS, DIXIEMES, GINI, PREMIERS, section
from pipeline.report.papiers import sans_renvois

ICI = "98817"
DECLARES = {
    i.id: i
    for chapitre in CHAPITRES
    for i in chapitre.indicators
    if i.id in (DEMANDEURS, GINI, DIXIEMES, PREMIERS)
}
TENUS = [2, 4, 6, 8, 10, 10, 10, 10, 15, 25]
NOMS = ["1er dixième", *(f"{rang}e dixième" for rang in range(2, 10)), "dernier dixième"]


@pytest.fixture
def ecrire(dessin):
    """The section of indices (year, value, bounds), of the last year's tenths, and what was drawn."""

    def ecrire_(*ginis, tenus=TENUS, statut=Statut.VALIDE):
        annee = ginis[-1][0]
        chiffres = [dessin.fait(DECLARES[DEMANDEURS], ICI, 400.0, quand) for quand, *_ in ginis]
        chiffres += [
            dessin.fait(DECLARES[GINI], ICI, valeur, quand, basse=basse, haute=haute)
            for quand, valeur, basse, haute in ginis
        ]
        chiffres += [
            dessin.fait(DECLARES[PREMIERS], ICI, 25.0, quand, basse=22.0, haute=28.1) for quand, *_ in ginis
        ]
        chiffres += [
            dessin.fait(
                DECLARES[DIXIEMES],
                ICI,
                tenu,
                annee,
                groupe=nom,
                statut=statut,
                numerateur=tenu,
                denominateur=10,
            )
            for nom, tenu in zip(NOMS, tenus, strict=True)
        ]
        dessines = []
        ecrite = section(dessin.faits(list(DECLARES.values()), chiffres), dessines.append)
        return ecrite, dessines

    return ecrire_


def dites(ecrite):
    """The sentences as one reads them."""
    return [re.sub(r"\s", " ", sans_renvois(phrase)) for phrase in ecrite.phrases]


def test_half_of_the_amount_goes_to_at_most_so_many_households(ecrire):
    ecrite, [trace] = ecrire((2023, 0.31, 0.28, 0.34))
    # 25 + 15 + 10 = 50 of 100: the last three tenths; the first five have 2 + 4 + 6 + 8 + 10 = 30
    assert dites(ecrite) == [
        "En 2023, l’indice de Gini des montants accordés par ménage aidé est de 0,31 (intervalle à 95 %, 0,28 à 0,34) "
        ": à 0, tous auraient reçu autant ; à 1, un seul aurait tout reçu.",
        "La moitié du montant est allée à 30 % au plus des ménages aidés ; la moitié des ménages, les moins aidés, en "
        "a reçu 30 %.",
    ]
    assert (trace.genre, list(trace.lignes["montant"])) == ("lorenz", TENUS)
    assert trace.sujet.titre.endswith("entre les ménages aidés, 2023") and ecrite.tables == ()


def test_within_a_tenth_the_share_of_households_is_rounded_up(ecrire):
    # 40 in the last tenth, 10 of the 20 of the one before: 15 % of the households, at most
    ecrite, _ = ecrire((2023, 0.31, 0.28, 0.34), tenus=[5] * 8 + [20, 40])
    assert "à 15 % au plus" in dites(ecrite)[1]
    # a third of the tenth before: 13.33 %, and at most 14
    ecrite, _ = ecrire((2023, 0.31, 0.28, 0.34), tenus=[4] * 7 + [12, 15, 45])
    assert "à 14 % au plus" in dites(ecrite)[1]


@pytest.mark.parametrize(
    ("dernier", "dit"),
    [
        ((0.31, 0.28, 0.34), "Aucune évolution nette depuis 2022 (0,28)."),
        # 0.28 to 0.31 is under 0.32 to 0.36
        ((0.34, 0.32, 0.36), "Il est en hausse depuis 2022 (0,28), les deux intervalles étant disjoints."),
        ((0.20, 0.18, 0.24), "Il est en baisse depuis 2022 (0,28), les deux intervalles étant disjoints."),
    ],
)
def test_a_move_is_said_where_the_two_intervals_are_apart(ecrire, dernier, dit):
    ecrite, _ = ecrire((2022, 0.28, 0.25, 0.31), (2023, *dernier))
    assert dites(ecrite)[0].endswith(dit)
    [table] = ecrite.tables
    lignes = [ligne for ligne in sans_renvois(table).splitlines() if ligne.startswith("| 20")]
    assert [ligne.split(" | ")[0] for ligne in lignes] == ["| 2023", "| 2022"]
    assert "0,28 (0,25 à 0,31)" in lignes[1] and "(22,0 à 28,1)" in lignes[1]


def test_a_move_is_not_read_across_a_declared_break(ecrire):
    # May 2024 cuts the activity of New Caledonia
    ecrite, _ = ecrire((2023, 0.28, 0.25, 0.29), (2024, 0.34, 0.32, 0.36))
    assert "Il ne se compare pas à celui de 2023 (0,28) : rupture de" in dites(ecrite)[0]


def test_tenths_under_secrecy_leave_the_index_and_draw_nothing(ecrire):
    ecrite, dessines = ecrire((2023, 0.31, 0.28, 0.34), tenus=[None] * 10, statut=Statut.SECRET)
    assert dites(ecrite)[1].endswith("est sous secret : un ménage s’y reconnaîtrait.")
    assert dessines == [] and ecrite.figure is None


def test_too_few_households_is_said_and_no_request_at_all_is_not(dessin):
    demandes = [dessin.fait(DECLARES[DEMANDEURS], ICI, 80.0, annee) for annee in (2022, 2023)]
    passe = dessin.fait(DECLARES[GINI], ICI, 0.3, 2022, basse=0.28, haute=0.32)
    for chiffres in (demandes, [*demandes, passe]):
        [dite] = section(dessin.faits(list(DECLARES.values()), chiffres), print).phrases
        assert dite.endswith("2023 : non donné. Il demande au moins cent ménages aidés dans l’année.")
    assert section(dessin.faits(list(DECLARES.values()), []), print) is None
