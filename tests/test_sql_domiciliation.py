"""Domiciliation: drawn elections in, what the State asks to count out, year by year and on 31 December."""

import datetime
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.transform import cle, sql

COLONNES = {
    "election": "text",
    "personne": "text",
    "date_demande": "timestamp",
    "nature": "text",
    "decision": "text",
    "motif_refus": "text",
    "date_debut": "timestamp",
    "date_fin": "timestamp",
    "ayants_droit": "bigint",
    "ayants_droit_mineurs": "bigint",
    "date_radiation": "timestamp",
    "motif_radiation": "text",
    "situation": "text",
    "sexe": "text",
    "age": "bigint",
}
TABLES = ("domiciliation_elections", "domiciliation", "domiciliation_refus", "domiciliation_radiations")


def jour(texte):
    """« 31/12/2025 » as a date."""
    return datetime.datetime.strptime(texte, "%d/%m/%Y").date()


def election(debut=None, fin=None, *, demande=None, radiation=None, **autres):
    """A first election granted to a lone person, but for what is said; asked for on the day it begins."""
    dates = {
        "date_demande": demande or debut,
        "date_debut": debut,
        "date_fin": fin,
        "date_radiation": radiation,
    }
    lues = {nom: jour(date) if isinstance(date, str) else date for nom, date in dates.items()}
    return {"nature": "premiere", "decision": "accord", "ayants_droit": 0} | lues | autres


def refus(demande, **autres):
    return election(demande=demande, decision="refus", **autres)


@pytest.fixture
def deposer(base):
    """Write elections as a deposit and build the tables of domiciliation, as the build does."""

    def construire(*elections):
        declarees = ", ".join(f"{nom} {genre}" for nom, genre in COLONNES.items())
        base.execute(f"create or replace table brut.ccas_domiciliations ({declarees})")
        lignes = [
            [({"election": f"e{rang:03}", "personne": f"p{rang:03}"} | e).get(nom) for nom in COLONNES]
            for rang, e in enumerate(elections)
        ]
        if lignes:
            marques = ", ".join("?" * len(COLONNES))
            base.executemany(f"insert into brut.ccas_domiciliations values ({marques})", lignes)
        for table in TABLES:
            base.execute(f"create or replace table socle.{table} as {sql(table)}")
        return base

    return construire


@pytest.fixture
def compter(deposer):
    """Columns of `socle.domiciliation` for one year: `compter(2025, "en_cours", …)`; one value alone is bare."""

    def lire(millesime, noms, *elections, table="domiciliation"):
        base = deposer(*elections)
        lu = base.execute(f"select {noms} from socle.{table} where millesime = {millesime}").fetchone()
        return lu[0] if lu is not None and len(lu) == 1 else lu

    return lire


# --- In force on 31 December ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("debut", "fin", "en_cours"),
    [
        ("01/06/2025", "31/05/2026", 1),
        ("31/12/2025", "30/12/2026", 1),  # begins on 31 December
        ("01/01/2025", "31/12/2025", 1),  # its last day is 31 December
        ("31/12/2024", "30/12/2025", 0),  # its last day was the eve
        ("01/01/2026", "31/12/2026", 0),  # begins the day after
    ],
)
def test_an_election_is_in_force_from_its_first_day_to_its_last(compter, debut, fin, en_cours):
    temoin = election("01/02/2025", "01/03/2025")
    assert compter(2025, "en_cours", election(debut, fin), temoin) == en_cours


def test_struck_off_during_the_year_though_its_dates_run_past_31_december(compter):
    lus = compter(
        2025,
        "en_cours, personnes, radiations, delivrees",
        election("01/06/2025", "31/05/2026", radiation="15/09/2025", motif_radiation="non_presentation"),
        election("01/06/2025", "31/05/2026"),
    )
    assert lus == (2 - 1, 2 - 1, 1, 2)


@pytest.mark.parametrize(
    ("radiation", "en_cours", "radiations"),
    [("30/12/2025", 0, 1), ("31/12/2025", 0, 1), ("01/01/2026", 1, 0)],
)
def test_struck_off_on_31_december_is_no_longer_in_force_that_day(compter, radiation, en_cours, radiations):
    radiee = election("01/06/2025", "31/05/2026", radiation=radiation, motif_radiation="demande")
    assert compter(2025, "en_cours, radiations", radiee) == (en_cours, radiations)


def test_expired_and_not_renewed_is_neither_in_force_nor_struck_off(compter):
    expiree = election("01/03/2024", "28/02/2025")
    lus = compter(2025, "en_cours, expirations, radiations", expiree, refus("01/02/2025"))
    assert lus == (0, 1, 0)


def test_an_election_whose_end_is_not_written_runs_for_a_year(compter, deposer):
    sans_fin = election("15/03/2024")
    assert compter(2024, "en_cours", sans_fin, refus("01/02/2025")) == 1
    assert compter(2025, "en_cours, expirations", sans_fin, refus("01/02/2025")) == (0, 1)
    lu = (
        deposer(sans_fin)
        .execute("select date_fin, date_sortie from socle.domiciliation_elections")
        .fetchone()
    )
    assert lu == (jour("14/03/2025"), jour("15/03/2025"))


# --- Renewed, transferred, twice over ---------------------------------------------------------------


def test_renewed_before_its_term_is_one_election_and_one_person(compter):
    lus = compter(
        2025,
        "en_cours, personnes, delivrees, premieres, renouvellements, remplacements, expirations",
        election("01/02/2025", "31/01/2026", personne="a"),
        election("15/12/2025", "14/12/2026", personne="a", nature="renouvellement"),
    )
    assert lus == (1, 1, 2, 1, 1, 1, 0)


def test_renewed_on_the_day_after_its_term_is_replaced_and_a_day_later_has_expired(compter):
    premiere = election("01/03/2024", "28/02/2025", personne="a")

    def renouvelee(debut):
        suite = election(debut, "28/02/2026", personne="a", nature="renouvellement")
        return compter(2025, "remplacements, expirations, en_cours", premiere, suite)

    assert renouvelee("01/03/2025") == (1, 0, 1)
    assert renouvelee("02/03/2025") == (0, 1, 1)


def test_a_renewal_is_no_first_election(compter):
    lus = compter(
        2025,
        "delivrees, premieres, renouvellements, transferts",
        election("01/02/2025", personne="a", nature="renouvellement"),
        election("01/02/2025", personne="b"),
        election("01/02/2025", personne="c", nature="transfert"),
    )
    assert lus == (3, 1, 1, 1)


def test_transferred_is_struck_off_with_its_purpose_and_counted_once(deposer):
    base = deposer(
        election("01/02/2025", personne="a", radiation="10/06/2025", motif_radiation="transfert"),
        election("10/06/2025", personne="a", nature="transfert"),
    )
    lu = base.execute(
        "select en_cours, personnes, delivrees, premieres, transferts, radiations, remplacements "
        "from socle.domiciliation"
    ).fetchone()
    assert lu == (1, 1, 2, 1, 1, 1, 0)
    motifs = base.execute("select motif_radiation, radiations from socle.domiciliation_radiations").fetchall()
    assert motifs == [("transfert", 1)]


def test_a_person_with_two_overlapping_elections_is_one_person_with_those_of_the_latest(compter):
    lus = compter(
        2025,
        "en_cours, personnes, ayants_droit, delivrees",
        election("01/02/2025", "31/01/2026", personne="a", ayants_droit=3),
        election("01/05/2025", "30/04/2026", personne="a", ayants_droit=1),
    )
    assert lus == (1, 1 + 1, 1, 2)


def test_struck_off_from_her_latest_election_she_does_not_fall_back_on_the_one_before(compter):
    lus = compter(
        2025,
        "en_cours, radiations, remplacements",
        election("01/02/2025", "31/01/2026", personne="a"),
        election("01/05/2025", "30/04/2026", personne="a", radiation="01/09/2025"),
    )
    assert lus == (0, 1, 1)


def test_an_old_number_closed_after_its_renewal_is_replaced_and_not_struck_off(compter):
    lus = compter(
        2025,
        "en_cours, radiations, remplacements",
        election("01/02/2025", "31/01/2026", personne="a", radiation="05/05/2025", motif_radiation="autre"),
        election("01/05/2025", "30/04/2026", personne="a", nature="renouvellement"),
    )
    assert lus == (1, 0, 1)


def test_a_refusal_after_an_election_leaves_it_in_force(compter):
    lus = compter(
        2025,
        "en_cours, refus, demandes",
        election("01/02/2025", "31/01/2026", personne="a"),
        refus("01/11/2025", personne="a", nature="renouvellement"),
    )
    assert lus == (1, 1, 2)


# --- Those who come with them -----------------------------------------------------------------------


def test_persons_domiciled_are_those_who_elected_and_those_in_their_charge(compter):
    lus = compter(
        2025,
        "en_cours, personnes, ayants_droit, ayants_droit_mineurs, ayants_droit_connus",
        election("01/02/2025", ayants_droit=3, ayants_droit_mineurs=2),
        election("01/02/2025", ayants_droit=0),
        election("01/02/2025", ayants_droit=2),  # their ages are unknown
        election("01/02/2025", ayants_droit=4, radiation="03/03/2025"),
    )
    assert lus == (3, 3 + 3 + 0 + 2, 5, 2, 3)


def test_nobody_in_charge_is_no_minor_in_charge(compter):
    assert compter(2025, "ayants_droit, ayants_droit_mineurs", election("01/02/2025")) == (0, 0)


def test_who_they_are_is_counted_among_those_in_force_of_whom_it_is_known(compter):
    lus = compter(
        2025,
        "en_cours, situations_connues, isoles, couples, familles, sexes_connus, femmes, ages_connus, moins_25",
        election("01/02/2025", situation="isole", sexe="femmes", age=24),
        election("01/02/2025", situation="famille", sexe="hommes", age=25),
        election("01/02/2025", situation="couple", sexe="femmes"),
        election("01/02/2025"),
        election("01/02/2025", situation="isole", sexe="femmes", age=20, radiation="03/03/2025"),
    )
    assert lus == (4, 3, 1, 1, 1, 3, 2, 2, 1)


def test_what_the_deposit_does_not_say_is_missing_and_not_zero(compter):
    noms = "isoles, couples, familles, femmes, moins_25, ayants_droit_mineurs"
    assert compter(2025, noms, election("01/02/2025", ayants_droit=1)) == (None,) * 6
    assert compter(2025, noms, refus("01/02/2025")) == (0,) * 6


# --- Asked for, refused, waited for -----------------------------------------------------------------


def test_a_refusal_is_a_request_and_never_an_election(deposer):
    base = deposer(
        refus("05/05/2025", motif_refus="absence_de_lien"),
        refus("06/05/2025", motif_refus="absence_de_lien"),
        refus("07/05/2025"),
        refus("08/05/2025", motif_refus="pieces"),
        election("09/05/2025"),
    )
    lu = base.execute("select demandes, refus, delivrees, en_cours from socle.domiciliation").fetchone()
    assert lu == (4 + 1, 4, 1, 1)
    motifs = base.execute(
        "select motif_refus, refus, refus_ensemble from socle.domiciliation_refus order by motif_refus"
    ).fetchall()
    assert motifs == [("absence_de_lien", 2, 4), ("non_precise", 1, 4), ("pieces", 1, 4)]


def test_purposes_of_striking_off_add_up_to_the_year_s(deposer):
    def radiee(motif, date):
        return election("01/02/2025", radiation=date, motif_radiation=motif)

    base = deposer(
        radiee("depart", "01/03/2025"),
        radiee("deces", "01/03/2025"),
        radiee(None, "01/03/2025"),
        election("01/02/2025", "30/06/2025"),
    )
    lus = base.execute(
        "select motif_radiation, radiations, radiations_ensemble from socle.domiciliation_radiations "
        "order by motif_radiation"
    ).fetchall()
    assert lus == [("deces", 1, 3), ("depart", 1, 3), ("non_precise", 1, 3)]


def test_a_wait_is_that_of_a_first_election_and_long_beyond_two_months(compter):
    lus = compter(
        2025,
        "delais_connus, jours_attente, delais_plus_2_mois",
        election("11/01/2025", demande="01/01/2025"),
        election("28/02/2025", demande="31/12/2024"),  # two months from 31 December: 28 February
        election("01/03/2025", demande="31/12/2024"),
        election("01/06/2025", demande="01/01/2025", nature="renouvellement"),
        election("01/01/2025", demande="09/01/2025"),  # put right afterwards
        refus("01/01/2025"),
    )
    assert lus == (3, 10 + 59 + 60, 1)


def test_an_election_belongs_to_the_year_it_begins_and_its_request_to_its_own(compter):
    a_cheval = election("05/01/2025", demande="20/12/2024")
    autres = (election("01/02/2024"), election("01/02/2025"))
    assert compter(2024, "demandes, delivrees", a_cheval, *autres) == (2, 1)
    assert compter(2025, "demandes, delivrees", a_cheval, *autres) == (1, 2)


# --- Which years ------------------------------------------------------------------------------------


def annees(base):
    return [
        annee for (annee,) in base.execute("select millesime from socle.domiciliation order by 1").fetchall()
    ]


def test_a_year_without_any_domiciliation_between_two_others_is_a_year_of_zeros(deposer):
    base = deposer(election("01/02/2023", "01/03/2023"), election("01/02/2025"))
    assert annees(base) == [2023, 2024, 2025]
    zeros = "demandes, delivrees, radiations, expirations, en_cours, personnes, femmes"
    lu = base.execute(f"select {zeros} from socle.domiciliation where millesime = 2024").fetchone()
    assert lu == (0,) * 7


def test_what_was_asked_the_year_before_or_begins_the_year_after_opens_no_year(deposer):
    assert annees(deposer(election("05/01/2026", demande="20/12/2025"), election("01/02/2025"))) == [2025]
    assert annees(deposer(election("05/01/2025", demande="20/12/2024"), election("01/02/2025"))) == [2025]
    assert annees(deposer(refus("20/12/2024"), election("01/02/2025"))) == [2025]
    assert annees(deposer(refus("20/12/2024"))) == [2024]


def test_no_deposit_is_no_table(deposer):
    base = deposer()
    for table in TABLES:
        assert base.execute(f"select count(*) from socle.{table}").fetchone() == (0,), table


def test_the_commune_is_the_territory_and_keys_hold(deposer):
    base = deposer(
        election("01/02/2025"), refus("01/02/2025"), election("01/02/2024", radiation="01/03/2025")
    )
    assert base.execute("select distinct territoire from socle.domiciliation").fetchall() == [("98817",)]
    for table in TABLES:
        noms = ", ".join(cle(table))
        doubles = base.execute(
            f"select {noms} from socle.{table} group by {noms} having count(*) > 1"
        ).fetchall()
        assert doubles == [], table


# --- Whatever the register --------------------------------------------------------------------------

DATES = st.dates(datetime.date(2023, 1, 1), datetime.date(2025, 12, 31))


@st.composite
def registres(tirer):
    """A register of up to twelve elections of four persons, with every kind of overlap and end."""
    elections = []
    for _ in range(tirer(st.integers(1, 12))):
        debut = tirer(DATES)
        fin = debut + datetime.timedelta(tirer(st.integers(0, 365)))
        radiation = tirer(st.none() | st.dates(debut, fin))
        elections.append(
            election(
                debut,
                fin,
                demande=debut,
                radiation=radiation,
                personne=tirer(st.sampled_from("abcd")),
                decision=tirer(st.sampled_from(["accord", "accord", "refus"])),
                ayants_droit=tirer(st.integers(0, 3)),
            )
        )
    return elections


def en_force(elections, date):
    """The election that domiciles each person on a day: the last begun, unless it has ended by then."""
    trouvees = {}
    for rang, e in enumerate(elections):
        if e["decision"] == "accord" and e["date_debut"] <= date:
            ordre = (e["date_debut"], e["date_demande"], e["date_fin"], rang)
            trouvees[e["personne"]] = max(
                trouvees.get(e["personne"], (ordre, e)), (ordre, e), key=lambda t: t[0]
            )
    return [
        e
        for _, e in trouvees.values()
        if date <= e["date_fin"] and (e["date_radiation"] is None or e["date_radiation"] > date)
    ]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(elections=registres())
def test_what_is_in_force_is_what_a_reader_of_the_register_finds_and_every_year_balances(deposer, elections):
    lignes = deposer(*elections).execute(
        "select millesime, en_cours, personnes, delivrees, radiations + remplacements + expirations, demandes "
        "from socle.domiciliation order by millesime"
    )
    etats = {annee: reste for annee, *reste in lignes.fetchall()}
    for annee, (en_cours, personnes, *_) in etats.items():
        trouvees = en_force(elections, datetime.date(annee, 12, 31))
        assert en_cours == len(trouvees)
        assert personnes == sum(1 + e["ayants_droit"] for e in trouvees)
    for avant, apres in pairwise(etats):
        entrees, sorties = etats[apres][2:4]
        assert etats[avant][0] + entrees - sorties == etats[apres][0]
    assert sum(etat[4] for etat in etats.values()) == len(elections)


# --- Since when ------------------------------------------------------------------------------------

ANCIENNETE = "anciennetes_connues, un_an_et_plus, mois_domiciliation"


def test_renewals_without_a_break_are_counted_from_the_first_election(compter):
    # from 1 January 2024 to 31 December 2025: 730 days, 24 months; and one of the year, 91 days, 3 months
    assert compter(
        2025,
        ANCIENNETE,
        election("01/01/2024", "31/12/2024", personne="p"),
        election("01/01/2025", "31/12/2025", personne="p", nature="renouvellement"),
        election("01/10/2025", "30/09/2026"),
    ) == (2, 1, 27)


def test_a_break_of_a_day_begins_another_time(compter):
    # domiciled again on 2 January 2025, by a first election: 363 days, and not the two years
    assert compter(
        2025,
        ANCIENNETE,
        election("01/01/2024", "31/12/2024", personne="p"),
        election("02/01/2025", "01/01/2026", personne="p"),
    ) == (1, 0, 12)


def test_a_renewal_that_nothing_comes_before_says_no_time(compter):
    assert compter(2025, ANCIENNETE, election("01/03/2025", "28/02/2026", nature="renouvellement")) == (
        0,
        None,
        0,
    )


def test_domiciled_for_a_year_to_the_day_is_more_than_a_year(compter):
    assert compter(
        2025,
        ANCIENNETE,
        election("31/12/2024", "31/12/2025"),
        election("01/01/2025", "31/12/2025"),
    )[:2] == (2, 1)
