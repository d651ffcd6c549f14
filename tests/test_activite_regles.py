"""Rules between two tables of a deposit: what each finds, what becomes of it, and what it leaves alone."""

import duckdb
import pytest

from pipeline import regles
from pipeline.model import ErreurUtilisateur
from pipeline.regles import REGLES, appliquer, regles_croisees
from pipeline.sources import TYPES_SQL
from pipeline.sources.registre import SOURCES

DECLAREES = {source.id: source for source in SOURCES}

PAR_DEFAUT = {
    "ccas_demandes": {"demande": "d", "personne": "p", "menage": "m", "date_demande": "2024-05-13"},
    "ccas_decisions": {
        "demande": "d", "date_seance": "2024-05-20", "decision": "accord", "montant_accorde": 100,
        "forme": "secours",
    },
    "ccas_paiements": {"demande": "d", "date_paiement": "2024-05-27", "montant": 100},
    "ccas_menages": {"menage": "m", "date_maj": "2024-05-20", "quartier": "98817-plum"},
    "ccas_personnes": {"personne": "p", "menage": "m", "date_maj": "2024-05-20"},
    "ccas_aide_alimentaire": {"menage": "m", "date_remise": "2024-06-01", "nature": "colis"},
    "ccas_domiciliations": {
        "election": "e", "personne": "p", "nature": "premiere", "decision": "accord",
        "date_debut": "2024-03-01", "date_fin": "2025-02-28", "ayants_droit": 0,
    },
    "centre_social_adherents": {"adherent": "a"},
    "centre_social_seances": {"seance": "s"},
    "centre_social_presences": {"seance": "s", "adherent": "a"},
}  # fmt: skip


@pytest.fixture(scope="module")
def base():
    """Every table as ingestion leaves it, without a row."""
    con = duckdb.connect()
    con.execute("set threads = 1; create schema brut; create schema qualite")
    for source in SOURCES:
        colonnes = [f"{nom} {TYPES_SQL[c.metadata['genre']]}" for nom, c in source.schema.columns.items()]
        con.execute(f"create table brut.{source.id} ({', '.join(colonnes)}, fichier text, ligne text)")
    con.execute(
        "create table qualite.fichiers (source text, fichier text, lignes_lues bigint, "
        "lignes_chargees bigint, lignes_rejetees bigint);"
        "create table qualite.rejets (source text, fichier text, ligne text, colonne text, regle text, valeur text);"
        "create table qualite.a_verifier as from qualite.rejets;"
        "create table qualite.comptages (fichier text, regle text, lignes bigint)"
    )
    return con


class Depot:
    """A deposit drawn row by row, one file a table, rows numbered from 1."""

    def __init__(self, con):
        self.con = con

    def ecrire(self, source, *changements):
        lignes = [PAR_DEFAUT[source] | autre for autre in changements]
        for rang, ligne in enumerate(lignes, 1):
            ligne |= {"fichier": f"{source}.csv", "ligne": str(rang)}
            marques = ", ".join("?" * len(ligne))
            self.con.execute(
                f"insert into brut.{source} ({', '.join(ligne)}) values ({marques})", list(ligne.values())
            )
        self.con.execute(
            "insert into qualite.fichiers values (?, ?, ?, ?, 0)",
            [source, f"{source}.csv", len(lignes), len(lignes)],
        )
        return self

    def trouvees(self, *regles_):
        """Rule → (file, line) of what it finds, rules that find nothing left out."""
        trouvees = {}
        for ligne in regles_croisees(self.con, regles_ or REGLES).itertuples():
            trouvees.setdefault(ligne.regle, []).append((ligne.fichier.removesuffix(".csv"), ligne.ligne))
        return trouvees

    def lire(self, requete):
        return self.con.execute(requete).fetchall()


@pytest.fixture
def depot(base):
    base.begin()
    yield Depot(base)
    base.rollback()


@pytest.fixture
def simple(depot):
    """One request, granted and paid."""
    return depot.ecrire("ccas_demandes", {}).ecrire("ccas_decisions", {}).ecrire("ccas_paiements", {})


# --- The rules themselves --------------------------------------------------------------------------


def test_an_empty_base_breaks_no_rule(depot):
    assert depot.trouvees() == {}


def test_a_request_granted_and_paid_breaks_no_rule(simple):
    assert simple.trouvees() == {}


@pytest.mark.parametrize("regle", REGLES, ids=lambda regle: regle.phrase)
def test_a_rule_looks_at_a_declared_column_of_a_declared_table(regle):
    assert regle.colonne in DECLAREES[regle.source].schema.columns
    assert regle.phrase[0].islower() and not regle.phrase.endswith(".")


def test_rules_have_a_sentence_each():
    assert len({regle.phrase for regle in REGLES}) == len(REGLES)


# --- What is sent back -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seance", "fautive"), [("2024-05-12", True), ("2024-05-13", False), ("2024-05-14", False)]
)
def test_a_decision_comes_on_the_day_of_the_request_or_later(depot, seance, fautive):
    depot.ecrire("ccas_demandes", {}).ecrire("ccas_decisions", {"date_seance": seance})
    attendu = {"séance avant la demande": [("ccas_decisions", "1")]}
    assert depot.trouvees() == (attendu if fautive else {})


@pytest.mark.parametrize(("paiement", "fautif"), [("2024-05-12", True), ("2024-05-13", False)])
def test_a_payment_comes_on_the_day_of_the_request_or_later(depot, paiement, fautif):
    depot.ecrire("ccas_demandes", {}).ecrire("ccas_paiements", {"date_paiement": paiement})
    attendu = {"paiement avant la demande": [("ccas_paiements", "1")]}
    assert depot.trouvees() == (attendu if fautif else {})


@pytest.mark.parametrize(
    ("decisions", "montants", "fautives"),
    [
        ([{}], [100.01], ["1"]),
        ([{}], [100, 1], ["2"]),  # the payment that goes beyond is at fault
        ([{}], [60, 40], []),
        ([{}, {"date_seance": "2024-06-20", "montant_accorde": 50}], [150], []),
        ([{"decision": "accord_partiel", "montant_accorde": 60}], [100], ["1"]),
        ([{"decision": "refus", "montant_accorde": None}], [100], ["1"]),
        ([{"decision": "ajournement", "montant_accorde": 100}], [100], ["1"]),
        ([{"montant_accorde": None}], [100], []),  # granted, nobody knows how much
        ([{"montant_accorde": None}, {"date_seance": "2024-06-20", "montant_accorde": 50}], [150], []),
        ([], [100], []),  # nothing decided yet: an urgent aid
    ],
)
def test_no_more_is_paid_than_was_granted(depot, decisions, montants, fautives):
    depot.ecrire("ccas_demandes", {})
    depot.ecrire("ccas_decisions", *decisions)
    jours = [
        {"montant": montant, "date_paiement": f"2024-07-{rang:02d}"}
        for rang, montant in enumerate(montants, 1)
    ]
    depot.ecrire("ccas_paiements", *jours)
    lues = [ligne for _, ligne in depot.trouvees().get("paiement supérieur au montant accordé", [])]
    assert lues == fautives


def test_a_payment_cancelled_is_not_paid(depot):
    depot.ecrire("ccas_demandes", {}).ecrire("ccas_decisions", {})
    depot.ecrire("ccas_paiements", {"annule": "oui"}, {"date_paiement": "2024-06-27", "annule": "non"})
    assert depot.trouvees() == {}


def test_an_error_leaves_its_table_and_goes_back_to_the_depositor(depot):
    depot.ecrire("ccas_demandes", *({"demande": f"d{rang}"} for rang in range(10)))
    fautive = {"demande": "d3", "date_seance": "2024-05-04"}
    depot.ecrire("ccas_decisions", fautive, *({"demande": f"d{rang}"} for rang in range(4, 10)))
    appliquer(depot.con)
    assert depot.lire("select count(*), min(demande) from brut.ccas_decisions") == [(6, "d4")]
    assert depot.lire("select * from qualite.rejets") == [
        ("ccas_decisions", "ccas_decisions.csv", "1", "date_seance", "séance avant la demande", "04/05/2024")
    ]
    assert depot.lire("select * from qualite.fichiers order by source") == [
        ("ccas_decisions", "ccas_decisions.csv", 7, 7 - 1, 1),
        ("ccas_demandes", "ccas_demandes.csv", 10, 10, 0),
    ]


def test_a_row_that_breaks_two_rules_is_sent_back_once_with_both(depot):
    depot.ecrire("ccas_demandes", {}, *({"demande": f"d{rang}"} for rang in range(9)))
    depot.ecrire("ccas_decisions", {})
    depot.ecrire(
        "ccas_paiements",
        {"date_paiement": "2024-05-01", "montant": 500},
        *({"demande": f"d{rang}"} for rang in range(9)),
    )
    appliquer(depot.con)
    assert depot.lire("select regle from qualite.rejets order by regle") == [
        ("paiement avant la demande",),
        ("paiement supérieur au montant accordé",),
    ]
    assert depot.lire(
        "select lignes_chargees, lignes_rejetees from qualite.fichiers where source = 'ccas_paiements'"
    ) == [(9, 1)]


def test_one_export_declared_for_two_tables_loses_its_row_in_the_faulty_one_only(depot):
    depot.ecrire("ccas_demandes", *({"demande": f"d{rang}"} for rang in range(6)))
    depot.ecrire("ccas_decisions", *({"demande": f"d{rang}"} for rang in range(6)))
    depot.con.execute("update brut.ccas_decisions set date_seance = '2024-05-01' where ligne = '2'")
    for table in ("brut.ccas_demandes", "brut.ccas_decisions", "qualite.fichiers"):
        depot.con.execute(f"update {table} set fichier = 'aides.csv'")
    appliquer(depot.con)
    assert depot.lire("select source, lignes_chargees from qualite.fichiers order by source") == [
        ("ccas_decisions", 5),
        ("ccas_demandes", 6),
    ]


def test_a_file_that_contradicts_another_everywhere_is_refused_in_one_sentence(depot):
    depot.ecrire("ccas_demandes", {}, {"demande": "d2"})
    depot.ecrire("ccas_decisions", {"date_seance": "2024-05-03"}, {"demande": "d2"})
    with pytest.raises(ErreurUtilisateur) as erreur:
        appliquer(depot.con)
    assert str(erreur.value) == (
        "ccas_decisions.csv, ligne 1, colonne « date_seance » : séance avant la demande, trouvé « 03/05/2024 » "
        "(1 lignes rejetées sur 2) : corriger le fichier ou sa déclaration dans edition.toml."
    )


# --- What is flagged -------------------------------------------------------------------------------


def test_an_urgent_aid_paid_then_brought_before_the_commission_is_flagged_not_refused(depot):
    depot.ecrire("ccas_demandes", {}).ecrire("ccas_decisions", {})
    depot.ecrire("ccas_paiements", {"date_paiement": "2024-05-19"})
    assert depot.trouvees() == {
        "paiement avant la séance (urgence régularisée ensuite)": [("ccas_paiements", "1")]
    }


@pytest.mark.parametrize(
    ("accorde", "decision", "signale"),
    [
        (100.5, "accord", True),
        (100, "accord", False),
        (100.5, "accord_partiel", True),
        (100.5, "refus", False),
    ],
)
def test_more_granted_than_was_asked_is_flagged(depot, accorde, decision, signale):
    depot.ecrire("ccas_demandes", {"montant_demande": 100})
    depot.ecrire("ccas_decisions", {"montant_accorde": accorde, "decision": decision})
    attendu = {"montant accordé supérieur au montant demandé": [("ccas_decisions", "1")]}
    assert depot.trouvees() == (attendu if signale else {})


def test_an_answer_to_a_request_that_is_not_there_is_flagged(depot):
    depot.ecrire("ccas_demandes", {}).ecrire("ccas_decisions", {}, {"demande": "x"})
    depot.ecrire("ccas_paiements", {"demande": "y"})
    assert depot.trouvees() == {
        "décision sur une demande absente du dépôt": [("ccas_decisions", "2")],
        "paiement d'une demande absente du dépôt": [("ccas_paiements", "1")],
    }


def test_without_a_table_of_requests_no_decision_is_an_orphan(depot):
    assert depot.ecrire("ccas_decisions", {}).ecrire("ccas_paiements", {}).trouvees() == {}


QUARTIERS = regles.DEUX_QUARTIERS.phrase
PLUM, ROBINSON = {"quartier": "98817-plum"}, {"quartier": "98817-robinson"}


def demandes(*changements):
    """Requests of one household, one a day."""
    return [
        {"demande": f"d{rang}", "date_demande": f"2024-05-{rang + 12:02d}"} | autre
        for rang, autre in enumerate(changements, 1)
    ]


@pytest.mark.parametrize(
    ("lues", "signalees"),
    [
        ([PLUM, ROBINSON], ["2"]),
        ([PLUM, ROBINSON, PLUM], ["2"]),
        ([PLUM, PLUM], []),
        ([PLUM, {"quartier": None}], []),
        ([PLUM, ROBINSON | {"menage": "autre", "personne": "autre"}], []),
        ([PLUM, ROBINSON | {"date_demande": "2025-01-01"}], []),
    ],
)
def test_a_household_in_two_quartiers_within_a_year_is_flagged_where_it_moves(depot, lues, signalees):
    depot.ecrire("ccas_demandes", *demandes(*lues))
    assert depot.trouvees() == (
        {QUARTIERS: [("ccas_demandes", ligne) for ligne in signalees]} if signalees else {}
    )


def test_a_household_in_two_quartiers_is_seen_between_two_files(depot):
    depot.ecrire("ccas_demandes", PLUM).ecrire("ccas_aide_alimentaire", ROBINSON).ecrire("ccas_menages", PLUM)
    assert depot.trouvees() == {QUARTIERS: [("ccas_aide_alimentaire", "1")]}


MENAGES = regles.DEUX_MENAGES.phrase


def test_a_person_in_two_households_is_flagged_once_a_household_too_many(depot):
    depot.ecrire("ccas_demandes", *demandes({}, {"menage": "m2"}, {"menage": "m2"}, {}, {"menage": "m3"}))
    assert depot.trouvees() == {MENAGES: [("ccas_demandes", "2"), ("ccas_demandes", "5")]}


def test_a_child_of_two_homes_is_seen_between_two_files(depot):
    depot.ecrire("ccas_demandes", {}).ecrire("ccas_personnes", {}, {"menage": "m2"})
    assert depot.trouvees() == {MENAGES: [("ccas_personnes", "2")]}


def test_two_persons_of_one_household_are_not_in_two_households(depot):
    depot.ecrire("ccas_demandes", *demandes({}, {"personne": "p2"}))
    assert depot.trouvees() == {}


def test_who_came_is_a_member_and_came_to_a_session(depot):
    depot.ecrire("centre_social_adherents", {}).ecrire("centre_social_seances", {})
    depot.ecrire("centre_social_presences", {}, {"adherent": "x"}, {"seance": "x"})
    assert depot.trouvees() == {
        regles.PRESENCE_ORPHELINE.phrase: [("centre_social_presences", "2"), ("centre_social_presences", "3")]
    }


def test_attendance_alone_is_no_oddity(depot):
    assert depot.ecrire("centre_social_presences", {}).trouvees() == {}


def test_the_line_of_an_oddity_is_kept_and_its_row_stays(depot):
    depot.ecrire(
        "ccas_demandes", *demandes(PLUM, ROBINSON, PLUM | {"menage": "n"}, ROBINSON | {"menage": "n"})
    )
    deja = ("s", "f", "12", "c", "r", "v")
    depot.con.execute("insert into qualite.a_verifier values (?, ?, ?, ?, ?, ?)", deja)
    appliquer(depot.con)
    # « p » is in both households, of which nothing is quoted
    d_ou = ("ccas_demandes", "ccas_demandes.csv")
    assert depot.lire("select * from qualite.a_verifier order by regle, ligne") == [
        (*d_ou, "2", "quartier", QUARTIERS, ROBINSON["quartier"]),
        (*d_ou, "4", "quartier", QUARTIERS, ROBINSON["quartier"]),
        (*d_ou, "3", "menage", MENAGES, ""),
        deja,
    ]
    assert depot.lire("select count(*) from brut.ccas_demandes") == [(4,)]


# --- What is told ----------------------------------------------------------------------------------


def test_a_request_adjourned_then_granted_is_told_once(depot):
    depot.ecrire("ccas_demandes", {})
    depot.ecrire(
        "ccas_decisions",
        {"decision": "ajournement", "montant_accorde": None},
        {"decision": "ajournement", "montant_accorde": None, "date_seance": "2024-05-27"},
        {"date_seance": "2024-06-03"},
    )
    assert depot.trouvees() == {regles.AJOURNEE_PUIS_ACCORDEE.phrase: [("ccas_decisions", "3")]}


@pytest.mark.parametrize("finale", ["refus", "ajournement", "annulation"])
def test_a_request_adjourned_and_not_granted_is_not_told(depot, finale):
    depot.ecrire("ccas_demandes", {})
    depot.ecrire(
        "ccas_decisions",
        {"decision": "ajournement", "montant_accorde": None},
        {"decision": finale, "montant_accorde": None, "date_seance": "2024-06-03"},
    )
    assert depot.trouvees() == {}


def test_loans_renewals_and_dependants_are_told_apart(depot):
    depot.ecrire("ccas_demandes", {}, {"demande": "d2"})
    depot.ecrire("ccas_decisions", {"forme": "pret"}, {"demande": "d2", "forme": "pret", "decision": "refus"})
    depot.ecrire(
        "ccas_domiciliations",
        {},
        {"nature": "renouvellement", "ayants_droit": 2},
        {"nature": "renouvellement", "decision": "refus", "date_debut": None, "date_fin": None},
        {"nature": "transfert"},
    )
    assert depot.trouvees() == {
        regles.PRET.phrase: [("ccas_decisions", "1")],
        regles.RENOUVELLEMENT.phrase: [("ccas_domiciliations", "2")],
        regles.AYANTS_DROIT.phrase: [("ccas_domiciliations", "2")],
    }


@pytest.mark.parametrize(
    ("radiation", "fin", "dite"),
    [
        ("2024-12-30", "2025-02-28", True),
        ("2024-12-31", "2024-12-31", True),
        ("2024-12-30", "2024-12-30", False),
        (None, "2025-02-28", False),
    ],
)
def test_an_election_struck_off_during_the_year_and_valid_at_its_end_is_told(depot, radiation, fin, dite):
    depot.ecrire("ccas_domiciliations", {"date_radiation": radiation, "date_fin": fin})
    assert bool(depot.trouvees()) == dite


def test_a_decision_of_the_following_year_is_told(depot):
    depot.ecrire("ccas_demandes", {"date_demande": "2024-12-20"}).ecrire(
        "ccas_decisions", {"date_seance": "2025-01-09"}
    )
    assert depot.trouvees() == {regles.AUTRE_ANNEE.phrase: [("ccas_decisions", "1")]}


def test_what_is_told_is_counted_apart_from_oddities(depot):
    depot.ecrire("ccas_demandes", {}).ecrire("ccas_decisions", {"forme": "pret"})
    comptes = appliquer(depot.con)
    assert comptes[["sort", "lignes"]].values.tolist() == [["comptage", 1]]
    assert depot.lire("select * from qualite.comptages") == [("ccas_decisions.csv", regles.PRET.phrase, 1)]
    assert depot.lire("select * from qualite.a_verifier") == []


def test_rules_are_pure_and_applying_them_twice_sends_nothing_back_again(depot):
    depot.ecrire("ccas_demandes", *({"demande": f"d{rang}"} for rang in range(9)))
    depot.ecrire(
        "ccas_decisions",
        {"date_seance": "2024-05-03", "demande": "d0"},
        *({"demande": f"d{r}"} for r in range(1, 9)),
    )
    assert depot.trouvees() == depot.trouvees()
    appliquer(depot.con)
    assert depot.trouvees() == {}
