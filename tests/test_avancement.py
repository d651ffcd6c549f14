"""What becomes of a target: reached, on its way, late or without a measure, and never by the value alone."""

import datetime
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import transform
from pipeline.avancement import Etat, Mesure, etat, etat_de_l_action, suivre
from pipeline.model import ErreurUtilisateur, Indicator, Ratio, Share, Statut, Total
from pipeline.orientations import Orientations
from pipeline.report import actions

DEBUT, FIN = datetime.date(2024, 12, 31), datetime.date(2026, 12, 31)
A_MI_CHEMIN = datetime.date(2025, 12, 31)  # 365 days of 730

# Two tables of the activity: one where a low share is good news, one where a high count is.
RETARDS = Indicator(
    id="part_retards",
    label="Part des retards",
    definition="Demandes en retard, rapportées aux demandes.",
    why="Une aide tardive ne règle plus l'urgence.",
    measure=Share("delais_plus_30", of="delais_connus"),
    table="delais",
    higher_is="defavorable",
)
VISITES = Indicator(
    id="inscrits",
    label="Nombre d'inscrits au registre",
    definition="Personnes inscrites au 31 décembre.",
    why="On les appelle lors des cyclones.",
    measure=Total("inscrits", "inscrits"),
    table="registre",
    higher_is="favorable",
)


def mesure(valeur, jour=A_MI_CHEMIN, basse=None, haute=None):
    return Mesure(
        valeur, jour, valeur if basse is None else basse, valeur if haute is None else haute, "", ""
    )


@pytest.mark.parametrize(
    ("valeur", "basse", "haute", "attendu"),
    [
        # from 20 % to 10 % in two years: at half-way, 20 - 10 * 365 / 730 = 15
        (8.0, 7.0, 9.5, Etat.ATTEINT),
        (8.0, 7.0, 10.0, Etat.ATTEINT),
        (8.0, 6.0, 10.5, Etat.EN_VOIE),  # below the target, but the target is within the interval
        (12.0, 11.0, 13.0, Etat.EN_VOIE),
        (16.0, 15.0, 17.0, Etat.EN_VOIE),  # 15 is on the line: being late is not established
        (16.0, 15.1, 17.0, Etat.EN_RETARD),
        (25.0, 22.0, 28.0, Etat.EN_RETARD),
    ],
)
def test_a_share_to_bring_down_from_20_to_10_in_two_years_seen_after_one(valeur, basse, haute, attendu):
    assert etat(mesure(20, DEBUT), mesure(valeur, A_MI_CHEMIN, basse, haute), 10, FIN) == (attendu, 15)


@pytest.mark.parametrize(
    ("valeur", "attendu"),
    [(60, Etat.ATTEINT), (61, Etat.ATTEINT), (59, Etat.EN_VOIE), (50, Etat.EN_VOIE), (49, Etat.EN_RETARD)],
)
def test_a_count_has_no_interval_and_is_read_as_it_is(valeur, attendu):
    # from 40 to 60: at half-way, 40 + 20 * 365 / 730 = 50
    assert etat(mesure(40, DEBUT), mesure(valeur), 60, FIN) == (attendu, 50)


def test_at_the_deadline_what_is_not_reached_is_late_even_when_the_interval_holds_the_target():
    assert etat(mesure(20, DEBUT), mesure(9, FIN, 7, 11), 10, FIN)[0] is Etat.EN_RETARD
    assert etat(mesure(20, DEBUT), mesure(9, FIN, 7, 10), 10, FIN)[0] is Etat.ATTEINT


@given(
    depart=st.floats(0, 100),
    ecart=st.floats(1, 50),
    valeur=st.floats(0, 100),
    marge=st.floats(0, 30),
    jours=st.integers(1, 1500),
)
def test_a_target_mirrored_has_the_same_state(depart, ecart, valeur, marge, jours):
    jour = DEBUT + datetime.timedelta(days=jours)
    monter = etat(
        mesure(depart, DEBUT), mesure(valeur, jour, valeur - marge, valeur + marge), depart + ecart, FIN
    )
    baisser = etat(
        mesure(-depart, DEBUT), mesure(-valeur, jour, -valeur - marge, -valeur + marge), -depart - ecart, FIN
    )
    assert monter[0] is baisser[0]
    assert math.isclose(monter[1], -baisser[1], abs_tol=1e-9)


@given(valeur=st.floats(0, 100), marge=st.floats(0.01, 30))
def test_a_wider_interval_never_establishes_more(valeur, marge):
    # doubt moves a state towards « en voie », from both sides
    seule, douteuse = (
        etat(mesure(40, DEBUT), mesure(valeur, A_MI_CHEMIN, valeur - m, valeur + m), 60, FIN)[0]
        for m in (0, marge)
    )
    assert douteuse in (seule, Etat.EN_VOIE)


@pytest.mark.parametrize(
    ("etats", "attendu"),
    [
        ([Etat.ATTEINT, Etat.ATTEINT], Etat.ATTEINT),
        ([Etat.ATTEINT, Etat.EN_VOIE], Etat.EN_VOIE),
        ([Etat.ATTEINT, Etat.SANS_MESURE], Etat.EN_VOIE),
        ([Etat.ATTEINT, Etat.EN_RETARD], Etat.EN_RETARD),
        ([Etat.SANS_MESURE, Etat.EN_RETARD], Etat.EN_RETARD),
        ([Etat.SANS_MESURE, Etat.SANS_MESURE], Etat.SANS_MESURE),
    ],
)
def test_an_action_is_late_as_soon_as_one_result_is_and_reached_when_all_are(etats, attendu):
    assert etat_de_l_action(etats) is attendu


# ------------------------------------------------------------------------------------ on drawn facts


INSCRITS = Indicator(
    id="taux_inscrits",
    label="Rapport entre inscrits et actifs",
    definition="Inscrits, pour 100 actifs du dernier recensement connu.",
    why="Dit la part de ceux qui cherchent.",
    measure=Ratio("demandeurs_abc", of="actifs_15_64", per=100),
    table="inscrits_emploi",
    higher_is="defavorable",
)


def test_a_yearly_statistic_over_a_census_is_dated_of_the_end_of_its_year(dessin):
    # 100 on 1 January 2024, 90 to be reached on 31 December 2026: at the end of 2026, 93 is late
    faits = dessin.faits([INSCRITS], [dessin.fait(INSCRITS, "98817", 93.0, 2026)])
    reference = {"valeur": 100, "date": datetime.date(2024, 1, 1), "source": "relevé"}
    avancement = premier(
        faits, suivi("taux_inscrits", 90.0, reference=reference), appuis=[{"indicateur": "taux_inscrits"}]
    )
    assert avancement.mesure.jour == datetime.date(2026, 12, 31)
    assert avancement.etat is Etat.EN_RETARD


@pytest.mark.parametrize(
    ("table", "millesime", "jour"),
    [
        ("delais", 2025, (2025, 12, 31)),
        ("allocataires", 2024, (2024, 12, 31)),
        ("etat_civil", 2019, (2019, 12, 31)),
        # INSEE counts facilities and legal populations on 1 January
        ("equipements", 2024, (2024, 1, 1)),
        ("populations_reference", 2022, (2022, 1, 1)),
        ("population", 2019, (2019, 9, 10)),
        ("population", 2022, (2022, 1, 1)),
    ],
)
def test_a_vintage_is_of_the_day_that_its_sources_say(edition_publique, table, millesime, jour):
    recensements = edition_publique.profil.recensement.dates
    assert transform.jour(table, millesime, recensements) == datetime.date(*jour)


def orientations(*suivis, **autres):
    action = {
        "id": "essai",
        "axe": "axe",
        "titre": "Essai",
        "decidee": 2025,
        "constat": "Constat.",
        "appuis": [{"indicateur": "inscrits"}],
        "objectif": "Objectif.",
        "publics": ["personnes âgées"],
        "pilote": "CCAS",
        "debut": datetime.date(2025, 1, 1),
        "fin": FIN,
        "moyens": "Moyens.",
        "suivi": list(suivis),
    }
    axe = {"id": "axe", "titre": "Axe", "objectifs": ["Objectif"]}
    return Orientations(axes=[axe], actions=[action | autres])


def suivi(indicateur="part_retards", cible=10.0, **autres):
    return {"nature": "resultat", "indicateur": indicateur, "cible": cible, "echeance": FIN} | autres


@pytest.fixture
def retards(dessin):
    """20 % late in 2024; the year 2025 as the test draws it."""

    def dessiner(valeur, basse=None, haute=None, **autres):
        chiffres = [
            dessin.fait(RETARDS, "98817", 20.0, 2024, basse=17.0, haute=23.0),
            dessin.fait(RETARDS, "98817", valeur, 2025, basse=basse, haute=haute, **autres),
            dessin.fait(VISITES, "98817", 40, 2024),
        ]
        return dessin.faits([RETARDS, VISITES], chiffres)

    return dessiner


def premier(faits, *suivis, **autres):
    [action] = suivre(orientations(*suivis, **autres), faits)
    return action.avancements[0]


def test_the_baseline_is_the_last_value_before_the_year_of_the_decision(retards):
    avancement = premier(retards(8.0, 7.0, 9.5), suivi())
    assert (avancement.depart.valeur, avancement.depart.jour) == (20, DEBUT)
    assert (avancement.mesure.valeur, avancement.mesure.jour) == (8, A_MI_CHEMIN)


@pytest.mark.parametrize(
    ("annee_2025", "attendu", "dit"),
    [
        (
            (8.0, 7.0, 9.5),
            Etat.ATTEINT,
            "l’intervalle à 95 % (7,0 à 9,5) est tout entier au niveau de la cible",
        ),
        (
            (8.0, 6.0, 10.5),
            Etat.EN_VOIE,
            "a passé la cible, mais son intervalle à 95 % (6,0 à 10,5) ne l’établit pas",
        ),
        (
            (12.0, 11.0, 13.0),
            Etat.EN_VOIE,
            "il fallait 15,0\u00a0% à cette date, et l’intervalle va de 11,0 à 13,0",
        ),
        ((16.0, 15.1, 17.0), Etat.EN_RETARD, "il fallait 15,0\u00a0% à cette date"),
        ((None,), Etat.SANS_MESURE, "aucune valeur n’est connue depuis le départ (en 2024)"),
    ],
)
def test_each_state_is_said_with_its_reason(retards, annee_2025, attendu, dit):
    [action] = suivre(orientations(suivi()), retards(*annee_2025))
    assert action.etat is attendu
    assert dit in action.phrases[0]
    assert f": {attendu.value}, " in action.phrases[0]


@pytest.mark.parametrize(
    ("statut", "motif"),
    [(Statut.SECRET, "secret statistique"), (Statut.FRAGILE, "moins de 20 au numérateur")],
)
def test_a_secret_or_fragile_figure_judges_nothing(retards, statut, motif):
    valeur = None if statut is Statut.SECRET else 8.0
    avancement = premier(retards(valeur, 7.0, 9.5, statut=statut, motif=motif), suivi())
    assert avancement.etat is Etat.SANS_MESURE
    assert f"la valeur de 2025 ne permet pas d’en juger ({motif})" in avancement.phrase


def test_a_target_without_any_baseline_is_without_measure(retards):
    avancement = premier(retards(8.0), suivi("part_retards", depart=2019))
    assert (avancement.etat, avancement.raison) == (Etat.SANS_MESURE, "aucune valeur de départ n’est connue")


def test_a_target_in_the_wrong_direction_of_the_base_is_one_sentence(retards):
    with pytest.raises(
        ErreurUtilisateur, match=r"« part_retards » \(25\) va dans le mauvais sens : partie de 20"
    ):
        suivre(orientations(suivi(cible=25.0)), retards(8.0))
    with pytest.raises(ErreurUtilisateur, match=r"est sa valeur de départ \(20\)"):
        suivre(orientations(suivi(cible=20.0)), retards(8.0))


def test_a_given_reference_takes_the_place_of_the_base(retards):
    # from 30 to 10 in 548 days; after 183 of them, 30 - 20 * 183 / 548 = 23.3
    reference = {"valeur": 30.0, "date": datetime.date(2025, 7, 1), "source": "comptage"}
    avancement = premier(retards(12.0, 11.0, 13.0), suivi(reference=reference))
    assert avancement.depart.valeur == 30
    assert avancement.mesure.valeur == 12  # 2025 ends after the reference, 2024 does not
    assert avancement.etat is Etat.EN_VOIE


def test_a_count_of_the_service_is_followed_by_its_own_records(retards):
    releves = [
        {"valeur": 50.0, "date": A_MI_CHEMIN, "source": "tableau de bord"},
        {"valeur": 10.0, "date": datetime.date(2025, 6, 30), "source": "tableau de bord"},
    ]
    visites = suivi(
        indicateur="",
        libelle="Visites",
        unite="visites",
        cible=100.0,
        reference={"valeur": 0.0, "date": DEBUT, "source": "tableau de bord"},
        releves=releves,
    )
    avancement = premier(retards(8.0), visites)
    # the latest record, 50, is on the line: 100 * 365 / 730
    assert (avancement.mesure.valeur, avancement.etat) == (50, Etat.EN_VOIE)
    sans = premier(retards(8.0), visites | {"releves": []})
    assert (sans.etat, sans.raison) == (
        Etat.SANS_MESURE,
        "aucun relevé n’est donné depuis le départ (au 31/12/2024)",
    )


def test_means_and_impacts_do_not_make_the_state_of_an_action(retards):
    impact = suivi("inscrits", 60.0) | {"nature": "impact"}
    [action] = suivre(orientations(impact, suivi()), retards(8.0, 7.0, 9.5))
    assert [a.etat for a in action.avancements] == [Etat.SANS_MESURE, Etat.ATTEINT]
    assert action.etat is Etat.ATTEINT


def test_a_trend_is_not_read_through_a_declared_break(retards):
    # the territory's profile declares May 2024: the year 2024 lies on both sides of it
    assert "rupture de mai 2024" in premier(retards(8.0, 7.0, 9.5), suivi()).tendance


def test_the_balance_counts_each_state_in_words(retards):
    faits = retards(8.0, 7.0, 9.5)
    [action] = suivre(orientations(suivi(), budget={"montant": 1500000, "detail": "vacations"}), faits)
    assert actions.bilan([action]) == "Sur 1 action, 1 a atteint sa cible."
    assert actions.bilan([action, action]) == "Sur 2 actions, 2 ont atteint leur cible."
    assert actions.montant(faits, action) == "1\u202f500\u202f000\u00a0F\u00a0CFP"
    assert "| Budget | 1\u202f500\u202f000\u00a0F\u00a0CFP (vacations) |" in actions.fiche(faits, action)


def test_the_deadline_of_an_action_is_the_day_it_ends_and_not_that_of_its_impact(retards):
    # its impact is looked at a year after
    impact = suivi("inscrits", 60.0) | {"nature": "impact", "echeance": datetime.date(FIN.year + 1, 12, 31)}
    faits = retards(8.0, 7.0, 9.5)
    suivies = suivre(orientations(suivi(), impact), faits)
    [ligne] = [ligne for ligne in actions.tableau_de_bord(faits, suivies).splitlines() if "#action-" in ligne]
    assert f"{suivies[0].action.fin:%d/%m/%Y}" in ligne
    assert str(FIN.year + 1) not in ligne
