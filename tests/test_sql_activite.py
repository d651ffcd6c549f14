"""What a CCAS does, year by year: drawn deposits in, the counts that indicators are made of out."""

import datetime
import re

import pytest

from pipeline.sources import TYPES_SQL
from pipeline.sources.registre import SOURCES
from pipeline.transform import ORDRE, cle, sources_de, sql

DECLAREES = {source.id: source for source in SOURCES}
COMMUNE = "98817"


def lues_par(table):
    """Tables of `socle` that a SELECT reads, without those of the territories."""
    return set(re.findall(r"\bsocle\.([a-z0-9_]+)", sql(table))) - {"territoires", "appartenances"}


def ascendance(table):
    """A table and all those it is made of, as the build orders them."""
    connues = {table}.union(*(ascendance(autre) for autre in lues_par(table)))
    return [nom for nom in ORDRE if nom in connues]


def jour(texte):
    """« 2025-03-01 » as a date."""
    return datetime.date.fromisoformat(texte)


@pytest.fixture
def lire(base):
    """Rows of a table built from a deposit: `lire("prets", "prets", ccas_decisions=[{…}])`.

    A row is a dictionary; what it does not say is empty. A source that is not drawn is an empty table.
    """

    def deposer(source, lignes):
        declarees = DECLAREES[source].schema.columns
        colonnes = ", ".join(f"{nom} {TYPES_SQL[c.metadata['genre']]}" for nom, c in declarees.items())
        base.execute(f"create or replace table brut.{source} ({colonnes}, fichier text, ligne text)")
        for ligne in lignes:
            assert set(ligne) <= set(declarees), f"{source} : {set(ligne) - set(declarees)}"
            noms, marques = ", ".join(ligne), ", ".join("?" * len(ligne))
            base.execute(f"insert into brut.{source} ({noms}) values ({marques})", list(ligne.values()))

    def lire_(table, colonnes, *, ou="true", **depots):
        for source in sources_de(table):
            deposer(source, depots.get(source, ()))
        for nom in ascendance(table):
            base.execute(f"create or replace table socle.{nom} as {sql(nom)}")
        lignes = base.execute(
            f"select {colonnes} from socle.{table} where {ou} order by {', '.join(cle(table))}"
        )
        return lignes.fetchall()

    return lire_


ACTIVITE = [table for table in ORDRE if any(DECLAREES[nom].serie == "activite" for nom in sources_de(table))]


@pytest.mark.parametrize("table", ACTIVITE)
def test_what_was_not_deposited_is_an_empty_table(table, lire):
    assert lire(table, "*") == []


# --- Requests, and what was given ------------------------------------------------------------------


def demande(numero, date="2025-03-01", **autres):
    """A request for food by the household and person of its number, but for what is said."""
    lue = {"demande": numero, "menage": f"m-{numero}", "personne": f"p-{numero}", "motif": "alimentaire"}
    return lue | {"date_demande": jour(date)} | autres


def accord(numero, montant=100, date="2025-03-11", **autres):
    """That request granted in cash ten days later, but for what is said."""
    lu = {"demande": numero, "date_seance": jour(date), "decision": "accord", "forme": "secours"}
    return lu | {"montant_accorde": montant} | autres


def test_what_a_request_was_given_is_told_sitting_by_sitting(lire):
    lus = lire(
        "attributions",
        "demande, forme, fournisseur, est_pret, montant",
        ccas_demandes=[demande("a"), demande("b"), demande("c")],
        ccas_decisions=[
            accord("a", 100, fournisseur="alimentation"),
            accord("a", 40, "2025-04-01", forme="pret"),
            accord("b", None, forme=None),
            accord("c", decision="refus"),
        ],
    )
    assert lus == [
        ("a", "secours", "alimentation", False, 100),
        ("a", "pret", "Sans fournisseur précisé", True, 40),
        ("b", "Forme non précisée", "Sans fournisseur précisé", False, 0),
    ]


def test_what_is_annulled_later_or_granted_before_it_was_asked_gives_nothing(lire):
    lus = lire(
        "attributions",
        "demande",
        ccas_demandes=[demande("annulee"), demande("avant")],
        ccas_decisions=[
            accord("annulee"),
            accord("annulee", None, "2025-04-01", decision="annulation"),
            accord("avant", date="2025-02-28"),
        ],
    )
    assert lus == []


# Asked in December and granted in January; granted at once; adjourned; waiting still.
A_CHEVAL = {
    "ccas_demandes": [
        demande("cheval", "2024-12-20", menage="m", personne="p"),
        demande("aussitot", "2025-03-01", menage="m", personne="p"),
        demande("ajournee", "2025-04-01"),
        demande("attend", "2025-05-01"),
    ],
    "ccas_decisions": [
        accord("cheval", 100, "2025-01-10"),
        accord("aussitot", 40, "2025-03-11"),
        accord("ajournee", None, "2025-04-11", decision="ajournement"),
    ],
}


@pytest.fixture
def par_seance(base):
    """An edition that counts a request in the year of the sitting that decided it."""
    base.execute("set variable exercice = 'seance'")


def test_a_request_is_of_the_year_it_was_made(lire):
    lus = lire("aides", "millesime, demandes, menages, accords, montant", **A_CHEVAL)
    assert lus == [(2024, 1, 1, 1, 100), (2025, 3, 3, 1, 40)]


def test_a_request_is_of_the_year_of_its_decision_where_the_edition_says_so(lire, par_seance):
    # 2024 decided nothing; of 2025, the adjourned and the waiting requests are of no year: 2 requests, 100 + 40
    lus = lire("aides", "millesime, demandes, menages, accords, montant", **A_CHEVAL)
    assert lus == [(2025, 2, 1, 2, 100 + 40)]
    assert lire("recours", "millesime, menages, personnes", ou=f"territoire = '{COMMUNE}'", **A_CHEVAL) == [
        (2025, 1, 1)
    ]
    assert lire("aides_motif", "millesime, demandes, demandes_ensemble", **A_CHEVAL) == [(2025, 2, 2)]
    assert lire("attributions", "demande, millesime", **A_CHEVAL) == [("aussitot", 2025), ("cheval", 2025)]


def test_a_loan_follows_its_request_to_the_year_of_the_sitting(lire, par_seance):
    depot = {"ccas_demandes": [demande("a", "2024-12-20")]}
    depot["ccas_decisions"] = [accord("a", 300, "2025-01-10", forme="pret")]
    assert lire("prets", "millesime, prets, montant_prete", **depot) == [(2025, 1, 300)]


def test_a_request_adjourned_then_decided_is_of_the_year_of_its_last_sitting(lire, par_seance):
    depot = {"ccas_demandes": [demande("a", "2024-11-01")]}
    depot["ccas_decisions"] = [
        accord("a", None, "2024-12-10", decision="ajournement"),
        accord("a", None, "2025-01-10", decision="refus"),
    ]
    assert lire("aides", "millesime, demandes, refus_aide", **depot) == [(2025, 1, 1)]


def test_a_decision_before_its_request_gives_it_no_year(lire, par_seance):
    depot = {"ccas_demandes": [demande("a")], "ccas_decisions": [accord("a", date="2025-02-01")]}
    assert lire("aides", "demandes", **depot) == []


def test_every_delay_of_a_year_of_decisions_is_known_for_nothing_in_it_waits(lire, par_seance):
    # 21 days from 20 December to 10 January, 10 from 1 to 11 March; by request, ninety days before the last sitting
    # (11 April 2025, hence 11 January) only the first would be old enough
    assert lire("aides", "delais_connus, jours_attente", **A_CHEVAL) == [(2, 21 + 10)]


def test_by_request_a_delay_is_known_ninety_days_before_the_last_sitting_only(lire):
    assert lire("aides", "millesime, delais_connus, jours_attente", **A_CHEVAL) == [
        (2024, 1, 21),
        (2025, 0, 0),
    ]


@pytest.mark.parametrize("table", ["commissions", "commissions_decisions", "commissions_refus"])
def test_what_is_counted_by_sitting_stays_so_whatever_the_year_of_a_request(table, lire, base):
    par_demande = lire(table, "*", **A_CHEVAL)
    base.execute("set variable exercice = 'seance'")
    assert lire(table, "*", **A_CHEVAL) == par_demande
    assert table == "commissions_refus" or par_demande


def test_the_amounts_by_form_add_up_to_what_was_granted_without_the_loans(lire):
    depot = {
        "ccas_demandes": [demande("a"), demande("b"), demande("c", menage="m-a"), demande("d")],
        "ccas_decisions": [
            accord("a", 100, forme="bon"),
            accord("b", 30, forme="bon"),
            accord("c", 50, forme=None),
            accord("d", 900, forme="pret"),
        ],
    }
    lus = lire(
        "aides_forme", "forme, aides_accordees, aides_accordees_ensemble, montant, menages_payes", **depot
    )
    assert lus == [("Forme non précisée", 1, 3, 50, 1), ("bon", 2, 3, 100 + 30, 2)]
    assert lire("aides", "montant", **depot) == [(100 + 30 + 50,)]


def test_the_two_largest_households_of_a_form_are_known(lire):
    lus = lire(
        "aides_forme",
        "montant, montant_premier, montant_deuxieme, menages_payes",
        ccas_demandes=[demande("a"), demande("b"), demande("c", menage="m-a"), demande("d")],
        ccas_decisions=[accord("a", 100), accord("b", 120), accord("c", 50), accord("d", 0)],
    )
    # household m-a received 100 + 50, m-b 120, and m-d nothing
    assert lus == [(100 + 50 + 120, 150, 120, 2)]


@pytest.mark.parametrize("table", ["aides_forme", "aides_fournisseur"])
def test_a_form_or_a_supplier_that_is_never_said_makes_no_table(table, lire):
    lus = lire(
        table, "*", ccas_demandes=[demande("a")], ccas_decisions=[accord("a", forme=None, fournisseur=None)]
    )
    assert lus == []


def test_the_amounts_by_supplier_add_up_with_what_names_none(lire):
    lus = lire(
        "aides_fournisseur",
        "fournisseur, montant",
        ccas_demandes=[demande("a"), demande("b"), demande("c")],
        ccas_decisions=[
            accord("a", 60, fournisseur="energie"),
            accord("b", 25),
            accord("c", 500, forme="pret", fournisseur="energie"),
        ],
    )
    assert lus == [("Sans fournisseur précisé", 25), ("energie", 60)]


def test_aid_in_kind_is_counted_among_the_aids_of_known_form(lire):
    lus = lire(
        "aides_en_nature",
        "motif, aides_en_nature, aides_de_forme_connue",
        ccas_demandes=[demande(nom) for nom in "abcd"] + [demande("e", motif="energie")],
        ccas_decisions=[
            accord("a", forme="bon"),
            accord("b", forme="tiers_paye"),
            accord("c", forme="secours"),
            accord("d", forme=None),
            accord("e", forme="pret"),
        ],
    )
    assert lus == [("alimentaire", 2, 3)]


def test_loans_are_counted_apart_and_a_year_without_any_has_none(lire):
    lus = lire(
        "prets",
        "millesime, prets, emprunteurs, montant_prete, montant_prete_premier, montant_prete_deuxieme",
        ccas_demandes=[demande("a", "2024-03-01"), demande("b"), demande("c", menage="m-b"), demande("d")],
        ccas_decisions=[
            accord("a", 100, "2024-03-11"),
            accord("b", 300, forme="pret"),
            accord("c", 200, forme="pret"),
            accord("d", 50, forme="pret"),
        ],
    )
    assert lus == [(2024, 0, 0, 0, 0, 0), (2025, 3, 2, 550, 500, 50)]


def menages_aides(*montants):
    """A deposit in which each household is granted one of these amounts."""
    numeros = [f"{rang:03}" for rang in range(len(montants))]
    accords = [accord(numero, montant) for numero, montant in zip(numeros, montants, strict=True)]
    return {"ccas_demandes": [demande(numero) for numero in numeros], "ccas_decisions": accords}


@pytest.mark.parametrize(("montants", "mediane"), [(range(1, 10), None), (range(1, 11), 5.5)])
def test_the_median_amount_asks_for_ten_households(montants, mediane, lire):
    assert lire("aides_repartition", "montant_median", **menages_aides(*montants)) == [(mediane,)]


def test_the_tenth_of_households_most_helped_is_weighed_from_a_hundred_households(lire):
    # 99 households at 10: a tenth would be a handful
    assert lire("aides_repartition", "part_montant_10", **menages_aides(*[10] * 99)) == [(None,)]
    # 10 households at 100 and 90 at 10: the tenth receives 1 000 of 1 900
    [(part,)] = lire("aides_repartition", "part_montant_10", **menages_aides(*[100] * 10, *[10] * 90))
    assert part == pytest.approx(100 * 1_000 / 1_900)
    # a tenth of 101 households is eleven of them; nothing granted is no aid
    [(part, menages)] = lire(
        "aides_repartition", "part_montant_10, menages_payes", **menages_aides(*[1] * 101, 0, None)
    )
    assert (part, menages) == (pytest.approx(100 * 11 / 101), 101)


def test_the_gini_index_of_amounts_is_given_from_a_hundred_households(lire):
    assert lire("aides_repartition", "gini_montant", **menages_aides(*range(1, 100))) == [(None,)]
    # of 1 to n it is (n − 1)/3n: 99/300 = 0.33, two digits and no more
    assert lire("aides_repartition", "gini_montant", **menages_aides(*range(1, 101))) == [(0.33,)]
    # 90 at 10 and 10 at 100, of 1 900: 1 − (0.9·(900/1 900) + 0.1·(900/1 900 + 1)) = 0.4263
    depot = menages_aides(*[100] * 10, *[10] * 90)
    assert lire("aides_repartition", "gini_montant", **depot) == [(0.43,)]


def test_tenths_of_the_households_helped_go_from_the_least_to_the_most(lire):
    colonnes = "dixieme, menages_payes, montant, montant_premier, montant_deuxieme"
    assert lire("aides_dixiemes", colonnes, **menages_aides(*range(1, 100))) == []
    tires = sorted(lire("aides_dixiemes", f"{colonnes}, montant_carres", **menages_aides(*range(105, 0, -1))))
    noms = [ligne[0] for ligne in tires]
    assert noms == ["1er dixième", *(f"{rang}e dixième" for rang in range(2, 10)), "dernier dixième"]
    assert sum(ligne[1] for ligne in tires) == 105 and {ligne[1] for ligne in tires} == {10, 11}
    # the last one is rounded up: 95 to 105, of which 105 and 104 are the largest
    assert tires[-1][1:] == (11, sum(range(95, 106)), 105, 104, sum(n**2 for n in range(95, 106)))


# --- Who asks --------------------------------------------------------------------------------------


def tranches(*effectifs, millesime=2019, territoire=COMMUNE):
    """Census bands (sex, from, to, persons) of one territory."""
    return [
        {
            "millesime": millesime,
            "territoire": territoire,
            "sexe": sexe,
            "age_min": debut,
            "age_max": fin,
            "population": population,
        }
        for sexe, debut, fin, population in effectifs
    ]


ADULTES = tranches(
    ("femmes", 0, 19, 50),
    ("femmes", 20, 39, 300),
    ("femmes", 40, None, 100),
    ("hommes", 0, 19, 60),
    ("hommes", 20, 39, 350),
    ("hommes", 40, None, 250),
)


def test_those_who_ask_stand_beside_the_inhabitants_of_the_same_sex(lire):
    lus = lire(
        "aides_sexe",
        "sexe, demandeurs_sexe, demandeurs_sexe_ensemble, habitants, habitants_ensemble",
        isee_population_age=ADULTES,
        ccas_demandes=[
            demande("a", sexe="femmes", age=25),
            demande("b", sexe="femmes", age=25, personne="p-a"),
            demande("c", sexe="hommes", age=40),
            demande("mineure", sexe="femmes", age=19),
            demande("sexe inconnu", age=30),
            demande("âge inconnu", sexe="hommes"),
        ],
    )
    assert lus == [("femmes", 1, 2, 300 + 100, 1_000), ("hommes", 1, 2, 350 + 250, 1_000)]


def test_a_year_is_set_against_the_last_census_known_by_then(lire):
    lus = lire(
        "aides_sexe",
        "millesime, sexe, habitants",
        isee_population_age=[
            *tranches(("femmes", 20, None, 500), ("hommes", 20, None, 700), millesime=2014),
            *tranches(("femmes", 20, None, 400), ("hommes", 20, None, 600), millesime=2024),
        ],
        ccas_demandes=[
            demande("avant", sexe="femmes", age=25, date="2023-03-01"),
            demande("après", sexe="femmes", age=25, date="2025-03-01"),
        ],
    )
    assert lus == [(2023, "femmes", 500), (2023, "hommes", 700), (2025, "femmes", 400), (2025, "hommes", 600)]


def test_an_age_that_nobody_of_has_asked_is_a_zero_beside_its_inhabitants(lire):
    lus = lire(
        "aides_age",
        "tranche, demandeurs, demandeurs_ensemble, habitants, habitants_ensemble",
        isee_population_age=ADULTES,
        ccas_demandes=[demande("a", age=25), demande("b", age=39)],
    )
    assert lus == [("20 à 39 ans", 2, 2, 650, 1_000), ("40 ans et plus", 0, 2, 350, 1_000)]


def test_quartiers_carry_the_weight_of_the_commune_beside_their_own(lire):
    lus = lire(
        "recours",
        "territoire, personnes, personnes_ensemble, habitants_20_plus, habitants_20_plus_ensemble",
        isee_population_age=ADULTES,
        isee_population_quartier=tranches(
            ("femmes", 0, 19, 10), ("femmes", 20, None, 70), territoire="98817-plum"
        ),
        ccas_demandes=[demande("a", quartier="98817-plum"), demande("b")],
    )
    assert lus == [
        (COMMUNE, 2, None, 1_000, None),
        ("98817-plum", 1, 2, 70, 1_000),
        ("98817-robinson", 0, 2, None, 1_000),
    ]


def test_households_that_ask_are_set_beside_the_main_residences_of_the_last_census_known_by_then(lire):
    colonnes = {"territoire": COMMUNE, "residences_principales": 900.0}
    lus = lire(
        "recours_menages",
        "territoire, millesime, menages, menages_recenses",
        ou=f"territoire = '{COMMUNE}'",
        insee_rp_logement=[colonnes | {"millesime": 2019}, colonnes | {"millesime": 2999}],
        ccas_demandes=[demande("a"), demande("b")],
    )
    [(territoire, _, menages, recenses)] = lus
    assert (territoire, menages, recenses) == (COMMUNE, 2, 900)


def logement(tableau, modalite, effectif, territoire):
    autres = {"tableau": tableau, "modalite": modalite, "effectif": effectif, "sexe": "", "age_min": 0}
    return {"millesime": 2019, "territoire": territoire} | autres


def composition(territoire, *effectifs):
    """A census of households: alone, lone parents, couples with and without children, others."""
    noms = (
        "personne seule",
        "famille monoparentale",
        "couple avec enfant",
        "couple sans enfant",
        "ménage complexe",
    )
    lignes = [logement("menage", nom, n, territoire) for nom, n in zip(noms, effectifs, strict=True)]
    autres = {
        "quantites": "résidences principales",
        "menage_sexe": "famille monoparentale",
        "taille": "6 ou plus",
    }
    lignes += [logement(tableau, modalite, 1, territoire) for tableau, modalite in autres.items()]
    return [*lignes, logement("emploi_menage", "aucun", 1, territoire)]


def test_kinds_of_households_stand_beside_those_of_the_smallest_territory_that_knows_them(lire):
    lus = lire(
        "representation_type_menage",
        "type_menage, menages_type, menages_type_ensemble, menages_recenses, menages_recenses_ensemble",
        isee_rp2019_logements=[
            *composition("988-sud", 20, 10, 40, 25, 5),
            *composition("988", 1, 1, 1, 1, 1),
        ],
        ccas_demandes=[
            demande("a", type_menage="personne_seule"),
            demande("b", type_menage="famille_monoparentale"),
            demande("c", type_menage="famille_monoparentale"),
        ],
    )
    assert lus == [
        ("autre", 0, 3, 5, 100),
        ("couple_avec_enfants", 0, 3, 40, 100),
        ("couple_sans_enfant", 0, 3, 25, 100),
        ("famille_monoparentale", 2, 3, 10, 100),
        ("personne_seule", 1, 3, 20, 100),
    ]


def test_the_commune_s_own_households_come_first(lire):
    [(lieu, recenses)] = lire(
        "representation_type_menage",
        "lieu, menages_recenses",
        ou="type_menage = 'personne_seule'",
        isee_rp2019_logements=[*composition("988-sud", 20, 1, 1, 1, 1), *composition(COMMUNE, 7, 1, 1, 1, 1)],
        ccas_demandes=[demande("a", type_menage="personne_seule")],
    )
    assert (lieu, recenses) == (COMMUNE, 7)


def test_a_census_that_knows_no_household_leaves_the_applicants_alone(lire):
    lus = lire(
        "representation_type_menage",
        "type_menage, menages_type, menages_recenses",
        ccas_demandes=[demande("a", type_menage="autre")],
    )
    assert lus == [("autre", 1, None)]


def test_a_household_is_housed_as_it_was_known_by_the_end_of_the_year(lire):
    lus = lire(
        "menages_occupation",
        "millesime, statut_occupation, menages_statut, menages_statut_ensemble",
        ccas_demandes=[demande("a", "2024-05-01", menage="m"), demande("b", menage="m"), demande("c")],
        ccas_menages=[
            {"menage": "m", "date_maj": jour("2024-01-01"), "statut_occupation": "heberge"},
            {"menage": "m", "date_maj": jour("2025-12-31"), "statut_occupation": "locataire_social"},
            {"menage": "m-c", "date_maj": jour("2026-01-01"), "statut_occupation": "proprietaire"},
            {"menage": "jamais venu", "date_maj": jour("2024-01-01"), "statut_occupation": "heberge"},
        ],
    )
    assert lus == [(2024, "heberge", 1, 1), (2025, "locataire_social", 1, 1)]


def test_the_situation_of_those_who_asked_is_that_of_persons_and_not_of_requests(lire):
    lus = lire(
        "demandeurs_emploi",
        "situation_emploi, demandeurs_situation, demandeurs_situation_ensemble",
        ccas_demandes=[demande("a", personne="p"), demande("b", personne="p"), demande("c", personne="q")],
        ccas_personnes=[
            {"personne": "p", "menage": "m", "date_maj": jour("2025-01-01"), "situation_emploi": "chomage"},
            {"personne": "q", "menage": "m", "date_maj": jour("2025-01-01"), "situation_emploi": "emploi"},
            {
                "personne": "enfant",
                "menage": "m",
                "date_maj": jour("2025-01-01"),
                "situation_emploi": "etudes",
            },
        ],
    )
    assert lus == [("chomage", 1, 2), ("emploi", 1, 2)]


def situation(menage, ressources, charges, unites=1.0, date="2025-02-01"):
    return {
        "menage": menage,
        "date_situation": jour(date),
        "ressources": ressources,
        "charges": charges,
        "unites_consommation": unites,
    }


def test_what_is_left_to_live_on_is_by_day_and_consumption_unit(lire):
    [(menages, reste, premier, deuxieme)] = lire(
        "ressources",
        "menages_ressources, reste_a_vivre, reste_a_vivre_premier, reste_a_vivre_deuxieme",
        ccas_ressources=[situation("a", 1_212, 604, 2.0), situation("b", 1_000, 696)],
    )
    # (1 212 − 604) / 30,4 / 2 = 10 and (1 000 − 696) / 30,4 = 10
    assert (menages, reste, premier, deuxieme) == (2, pytest.approx(20), pytest.approx(10), pytest.approx(10))


def test_a_household_whose_charges_take_all_is_counted_and_owes_nothing_to_the_mean(lire):
    lus = lire(
        "ressources",
        "menages_ressources, menages_sans_reste, reste_a_vivre, reste_a_vivre_deuxieme",
        ccas_ressources=[situation("a", 800, 1_408), situation("b", 500, 500)],
    )
    assert lus == [(2, 2, 0, 0)]


def test_only_the_last_situation_of_the_year_counts(lire):
    lus = lire(
        "ressources",
        "millesime, menages_ressources, menages_sans_reste",
        ccas_ressources=[
            situation("a", 800, 900),
            situation("a", 800, 100, date="2025-09-01"),
            situation("a", 800, 900, date="2024-01-01"),
        ],
    )
    assert lus == [(2024, 1, 1), (2025, 1, 0)]


def test_the_median_left_to_live_on_asks_for_ten_households(lire):
    neuf = [situation(f"m{rang}", 304 * rang, 0) for rang in range(9)]
    assert lire("ressources", "reste_a_vivre_median", ccas_ressources=neuf) == [(None,)]
    dix = [*neuf, situation("m9", 304 * 9, 0)]
    # 0, 10, …, 90 a day
    assert lire("ressources", "reste_a_vivre_median", ccas_ressources=dix) == [(pytest.approx(45),)]


# --- Deciding, paying ------------------------------------------------------------------------------


def paiement(numero, date, montant=100, **autres):
    return {"demande": numero, "date_paiement": jour(date), "montant": montant} | autres


# a sitting and a payment after all the others: everything before them has had time to be decided, and paid
PLUS_TARD = {"ccas_decisions": accord("z", date="2026-06-30"), "ccas_paiements": paiement("z", "2026-06-30")}


def test_a_delay_of_payment_runs_from_the_last_sitting_to_the_first_payment(lire):
    lus = lire(
        "delais",
        "accords_a_payer, accords_impayes, delais_paiement_connus, jours_paiement, delais_paiement_plus_30",
        ccas_demandes=[demande(nom) for nom in "abcd"],
        ccas_decisions=[
            accord("a", date="2025-03-11"),
            accord("b", date="2025-03-11"),
            accord("c", date="2025-03-11"),
            accord("d", decision="refus", montant=None),
        ],
        ccas_paiements=[
            paiement("a", "2025-03-21"),
            paiement("a", "2025-06-01"),
            paiement("b", "2025-04-11", annule="non"),
            paiement("c", "2025-03-12", annule="oui"),
            PLUS_TARD["ccas_paiements"],
        ],
    )
    # a waited 10 days, b 31; c was paid, then the payment was annulled
    assert lus == [(3, 1, 2, 10 + 31, 1)]


@pytest.mark.parametrize(
    ("dernier", "attendu"),
    [
        # ninety days after 1 October 2025 is 30 December: one day less, and the grant is not looked at
        ("2025-12-29", (2, 1, 1)),
        ("2025-12-30", (3, 2, 1)),
        # a payment that came after ninety days changes nothing to what was unpaid then
        ("2026-03-01", (3, 2, 1)),
    ],
)
def test_every_grant_is_looked_at_ninety_days_after_its_sitting(dernier, attendu, lire):
    lus = lire(
        "delais",
        "accords_a_payer, accords_impayes, delais_paiement_connus",
        ccas_demandes=[demande(nom) for nom in "abc"],
        ccas_decisions=[accord("a"), accord("b"), accord("c", date="2025-10-01")],
        ccas_paiements=[
            paiement("a", "2025-06-09"),  # 90 days after 11 March
            paiement("b", "2025-06-10"),  # 91
            paiement("z", dernier),
        ],
    )
    assert lus == [attendu]


def test_a_year_whose_last_grants_wait_for_their_payment_is_no_worse_than_the_year_before(lire):
    # each month of two years, a grant paid after 30 days; the file stops on 31 December 2025
    mois = [f"{annee}-{rang:02}" for annee in (2024, 2025) for rang in range(1, 13)]
    payes = {nom: jour(f"{nom}-10") + datetime.timedelta(30) for nom in mois}
    lus = lire(
        "delais",
        "millesime, accords_a_payer, accords_impayes",
        ccas_demandes=[demande(nom, f"{nom}-01") for nom in mois],
        ccas_decisions=[accord(nom, date=f"{nom}-10") for nom in mois],
        ccas_paiements=[
            *(paiement(nom, date.isoformat()) for nom, date in payes.items() if date.year < 2026),
            paiement("z", "2025-12-31"),
        ],
    )
    # from January to September: October's grant was made 82 days before
    assert lus == [(2024, 12, 0), (2025, 9, 0)]


def test_the_quick_answers_of_the_last_months_are_not_the_delay_of_the_year(lire):
    # the last sitting is on 10 December: what was asked after 11 September may wait still
    lus = lire(
        "aides",
        "demandes, delais_connus, jours_attente",
        ccas_demandes=[demande("a", "2025-09-11"), demande("b", "2025-09-12"), demande("c", "2025-12-01")],
        ccas_decisions=[
            accord("a", date="2025-11-10"),
            accord("b", date="2025-09-20"),
            accord("c", date="2025-12-10"),
        ],
    )
    assert lus == [(3, 1, 60)]


def test_an_aid_paid_before_the_sitting_that_puts_it_right_did_not_wait(lire):
    lus = lire(
        "delais",
        "delais_paiement_connus, jours_paiement",
        ccas_demandes=[demande("a")],
        ccas_decisions=[accord("a", date="2025-03-11")],
        ccas_paiements=[paiement("a", "2025-03-02"), PLUS_TARD["ccas_paiements"]],
    )
    assert lus == [(1, 0)]


def test_nothing_is_unpaid_where_no_payment_was_deposited(lire):
    depot = {"ccas_demandes": [demande("a", "2024-05-01"), demande("b")]}
    depot["ccas_decisions"] = [accord("a", date="2024-05-02"), accord("b")]
    lus = lire(
        "delais",
        "millesime, accords_a_payer, accords_impayes",
        **depot,
        ccas_paiements=[paiement("a", "2024-06-01"), PLUS_TARD["ccas_paiements"]],
    )
    assert lus == [(2024, 1, 0), (2025, 0, 0)]


def test_a_grant_without_an_amount_has_nothing_to_be_paid(lire):
    lus = lire(
        "delais",
        "accords_a_payer, accords_impayes",
        ccas_demandes=[demande("a"), demande("b")],
        ccas_decisions=[accord("a", None), accord("b")],
        ccas_paiements=[paiement("b", "2025-04-01"), PLUS_TARD["ccas_paiements"]],
    )
    assert lus == [(1, 0)]


def attentes(nombre):
    """Requests examined after 1, 2, … days."""
    debut = jour("2025-01-01")
    numeros = [f"{rang:03}" for rang in range(1, nombre + 1)]
    decisions = [accord(n, date=(debut + datetime.timedelta(int(n))).isoformat()) for n in numeros]
    decisions.append(PLUS_TARD["ccas_decisions"])
    return {"ccas_demandes": [demande(n, "2025-01-01") for n in numeros], "ccas_decisions": decisions}


@pytest.mark.parametrize(
    ("nombre", "mediane", "decile"),
    [(9, None, None), (10, 5.5, None), (49, 25, None), (50, 25.5, 1 + 0.9 * 49)],
)
def test_a_median_asks_for_ten_delays_and_a_ninth_decile_for_fifty(nombre, mediane, decile, lire):
    [(lue, lu)] = lire("delais", "delai_decision_median, delai_decision_decile_9", **attentes(nombre))
    assert lue == mediane
    assert lu == (decile if decile is None else pytest.approx(decile))


def test_files_are_counted_by_sitting_and_urgent_decisions_apart(lire):
    lus = lire(
        "commissions",
        "seances, decisions, decisions_en_seance, ajournements, instances_connues, decisions_urgentes",
        ccas_demandes=[demande(nom) for nom in "abcd"],
        ccas_decisions=[
            accord("a", instance="commission_permanente"),
            accord("b", decision="ajournement", instance="commission_permanente"),
            accord("b", date="2025-04-01", instance="conseil"),
            accord("c", date="2025-03-02", instance="urgence"),
            accord("d", date="2025-05-01"),
        ],
    )
    # sittings of 11 March, 1 April and 1 May
    assert lus == [(3, 5, 4, 1, 4, 1)]


def test_a_sitting_that_decided_nothing_counts_where_the_sittings_are_known(lire):
    lus = lire(
        "commissions",
        "seances, decisions_en_seance",
        ccas_demandes=[demande("a")],
        ccas_decisions=[accord("a", instance="conseil")],
        ccas_seances=[
            {"date_seance": jour("2025-03-11"), "instance": "conseil"},
            {"date_seance": jour("2025-10-11"), "instance": "conseil"},
            {"date_seance": jour("2025-10-12"), "instance": "urgence"},
        ],
    )
    assert lus == [(2, 1)]


def test_a_file_examined_the_year_after_is_counted_then_unless_the_deposit_stops_before(lire):
    depot = {"ccas_decisions": [accord("a", date="2025-01-10"), accord("b", date="2026-01-10")]}
    depot["ccas_demandes"] = [demande("a", "2024-12-20"), demande("b", "2025-12-20")]
    assert lire("commissions", "millesime, decisions", **depot) == [(2025, 1)]


def test_each_decision_is_counted_where_a_request_is_counted_once(lire):
    lus = lire(
        "commissions_decisions",
        "decision, decisions, decisions_ensemble",
        ccas_demandes=[demande("a")],
        ccas_decisions=[accord("a", decision="ajournement"), accord("a", date="2025-04-01")],
    )
    assert lus == [("accord", 1, 2), ("ajournement", 1, 2)]


def test_refusals_are_told_by_motive_where_there_is_one(lire):
    lus = lire(
        "commissions_refus",
        "motif_refus, refus_motives, refus_motives_ensemble",
        ccas_demandes=[demande(nom) for nom in "abc"],
        ccas_decisions=[
            accord("a", None, decision="refus", motif_refus="ressources"),
            accord("b", None, decision="refus"),
            accord("c", motif_refus="ressources"),
        ],
    )
    assert lus == [("ressources", 1, 1)]


def depense(chapitre, vote, execute, exercice=2025):
    return {"exercice": exercice, "chapitre": chapitre, "vote": vote, "execute": execute}


def test_a_budget_executed_in_part_has_no_rate_of_execution(lire):
    lus = lire(
        "budget",
        "millesime, budget_vote, budget_execute, taux_execution",
        ccas_budget=[
            depense("aides", 200, 150),
            depense("personnel", 300, 310),
            depense("aides", 100, 90, 2024),
            depense("personnel", 100, None, 2024),
        ],
    )
    assert lus == [(2024, 200, None, None), (2025, 500, 460, pytest.approx(100 * 460 / 500))]


def test_each_kind_of_spending_has_its_part_of_the_budget_and_its_rate(lire):
    lus = lire(
        "budget_chapitre",
        "chapitre, part_budget, taux_execution",
        ccas_budget=[depense("aides", 200, 150), depense("personnel", 300, 310), depense("autre", 0, 10)],
    )
    assert lus == [
        ("aides", 40, 75),
        ("autre", 0, None),
        ("personnel", 60, pytest.approx(100 * 310 / 300)),
    ]


def test_the_spending_on_aids_stands_beside_the_households_helped(lire):
    lus = lire(
        "budget_aides",
        "millesime, budget_aides, menages_payes",
        ccas_demandes=[demande("a"), demande("b"), demande("c")],
        ccas_decisions=[accord("a"), accord("b"), accord("c", decision="refus", montant=None)],
        ccas_budget=[depense("aides", 200, 150), depense("aides", 9, 9, 2019), depense("personnel", 7, 7)],
    )
    assert lus == [(2025, 150, 2)]


# --- Receiving, accompanying, feeding --------------------------------------------------------------


def accueil(numero, **autres):
    lu = {"accueil": numero, "date_accueil": jour("2025-03-01"), "canal": "physique", "public": "autre"}
    return lu | {"reponse": "information"} | autres


def test_a_person_sent_to_a_partner_is_oriented_however_it_was_written(lire):
    depot = [
        accueil("a"),
        accueil("b", reponse="orientation"),
        accueil("c", reponse="rendez_vous", orientation="sante"),
        accueil("d", date_accueil=jour("2024-12-31")),
    ]
    assert lire("accueils", "millesime, accueils, accueils_orientes", ccas_accueils=depot) == [
        (2024, 1, 0),
        (2025, 3, 2),
    ]
    assert lire(
        "accueils_orientation", "orientation, orientations, orientations_ensemble", ccas_accueils=depot
    ) == [("sante", 1, 1)]


@pytest.mark.parametrize(
    ("table", "colonne", "code"),
    [
        ("accueils_canal", "canal", "telephone"),
        ("accueils_public", "public", "personne_agee"),
        ("accueils_reponse", "reponse", "courrier"),
    ],
)
def test_receptions_are_cut_by_channel_public_and_answer(table, colonne, code, lire):
    depot = [accueil("a"), accueil("b"), accueil("c", **{colonne: code})]
    lus = lire(table, f"{colonne}, accueils, accueils_ensemble", ccas_accueils=depot)
    assert sorted(lus) == sorted([(code, 1, 3), (depot[0][colonne], 2, 3)])


def accompagnement(numero, debut, fin=None, **autres):
    lu = {"accompagnement": numero, "menage": f"m-{numero}", "type_accompagnement": "budget"}
    return lu | {"date_debut": jour(debut), "date_fin": fin and jour(fin)} | autres


def test_accompaniments_open_close_and_last(lire):
    lus = lire(
        "accompagnements",
        "millesime, menages_accompagnes, accompagnements_ouverts, accompagnements_clos, "
        "accompagnements_en_cours, sorties_motivees, objectifs_atteints, mois_accompagnement",
        ccas_accompagnements=[
            accompagnement("a", "2024-01-01", "2025-01-01", motif_sortie="objectif_atteint"),
            accompagnement("b", "2025-02-01", "2025-12-31", motif_sortie="abandon"),
            accompagnement("c", "2025-02-01"),
            accompagnement("d", "2025-03-01", "2025-03-31", menage="m-c"),
            accompagnement("e", "2025-03-01", "2026-03-31", motif_sortie="abandon"),
        ],
    )
    # 366 + 333 + 30 days closed in 2025, in months of 30,4 days
    assert lus == [(2024, 1, 1, 0, 1, 0, 0, 0), (2025, 4, 4, 3, 2, 2, 1, round((366 + 333 + 30) / 30.4))]


def test_files_closed_long_ago_are_purged_so_that_only_three_years_are_told(lire):
    depot = [accompagnement("a", "2020-01-01"), accompagnement("b", "2025-01-01")]
    lus = lire("accompagnements", "millesime, accompagnements_en_cours", ccas_accompagnements=depot)
    assert lus == [(2023, 1), (2024, 1), (2025, 2)]


def test_accompaniments_are_cut_by_type_and_by_reason_of_leaving(lire):
    depot = [
        accompagnement("a", "2025-01-01", "2025-06-01", motif_sortie="relais"),
        accompagnement("b", "2025-01-01", "2025-06-01"),
        accompagnement("c", "2025-01-01", type_accompagnement="logement"),
    ]
    lus = lire(
        "accompagnements_type",
        "type_accompagnement, accompagnements, accompagnements_ensemble",
        ccas_accompagnements=depot,
    )
    assert lus == [("budget", 2, 3), ("logement", 1, 3)]
    lus = lire(
        "accompagnements_sortie",
        "motif_sortie, sorties_motivees, sorties_motivees_ensemble",
        ccas_accompagnements=depot,
    )
    assert lus == [("relais", 1, 1)]


def test_food_aid_counts_households_parcels_and_the_kilos_that_were_weighed(lire):
    def remise(menage, date, **autres):
        return {"menage": menage, "date_remise": jour(date), "nature": "colis"} | autres

    depot = [
        remise("a", "2025-01-05", kilos=12.4),
        remise("a", "2025-02-05", kilos=10),
        remise("b", "2025-02-05", nature="bon"),
    ]
    lus = lire(
        "aide_alimentaire",
        "menages_aide_alimentaire, remises, remises_pesees, kilos",
        ccas_aide_alimentaire=depot,
    )
    assert lus == [(2, 3, 2, 22)]
    lus = lire("aide_alimentaire_nature", "nature, remises, remises_ensemble", ccas_aide_alimentaire=depot)
    assert lus == [("bon", 1, 3), ("colis", 2, 3)]


# --- Age: services and register --------------------------------------------------------------------

QUINQUENNAL = tranches(("femmes", 0, 69, 500), ("femmes", 70, 74, 60), ("femmes", 75, None, 40))
DECENNAL = tranches(("femmes", 0, 69, 500), ("femmes", 70, None, 100))


@pytest.mark.parametrize(
    ("recensement", "habitants_75_plus", "habitants_70_plus"),
    [(QUINQUENNAL, 40, None), (DECENNAL, None, 100)],
)
def test_the_aged_are_those_of_75_where_the_census_knows_them_else_of_70(
    recensement, habitants_75_plus, habitants_70_plus, lire
):
    lus = lire("habitants_ages", "habitants_75_plus, habitants_70_plus", isee_population_age=recensement)
    assert lus == [(habitants_75_plus, habitants_70_plus)]


def total(millesime, population):
    return {"territoire": COMMUNE, "millesime": millesime, "municipale": population}


def test_a_rate_by_age_is_over_the_last_census_with_ages_known_by_the_year(lire):
    lus = lire(
        "registre",
        "millesime, inscrits_70_plus, habitants_70_plus",
        isee_population_age=[
            *tranches(("femmes", 70, None, 80), millesime=2018),
            *tranches(("femmes", 70, None, 100), millesime=2024),
        ],
        isee_population_reference=[total(2025, 999)],
        ccas_registre=[inscription("a", "2023-02-01", age=74), inscription("b", "2025-02-01")],
    )
    # 2023 is not divided by the census of 2024, nor 2025 by a census that gives no ages
    assert lus == [(2023, 1, 80), (2024, 1, 100), (2025, 2, 100)]


def test_spending_is_over_the_last_total_known_by_the_year(lire):
    def depense(exercice):
        return {"exercice": exercice, "chapitre": "aides", "vote": 9000, "execute": 9000}

    lus = lire(
        "budget_habitants",
        "millesime, budget_execute, habitants",
        isee_population_age=DECENNAL,
        isee_population_reference=[total(2025, 500), total(2019, 600)],
        ccas_budget=[depense(2018), depense(2024), depense(2025)],
    )
    # 9,000 / 600 = 15 in 2024, 9,000 / 500 = 18 in 2025; no census was known in 2018
    assert lus == [(2018, 9000, None), (2024, 9000, 600), (2025, 9000, 500)]


def test_a_quartier_and_its_commune_are_read_in_one_census(lire):
    def adhesion(exercice, quartier):
        return {"adherent": f"{exercice}-{quartier}", "exercice": exercice, "quartier": quartier}

    quartier = "98817-plum"
    lus = lire(
        "centre_social_quartiers",
        "territoire, millesime, adherents, habitants, habitants_ensemble",
        isee_population_age=DECENNAL,
        isee_population_quartier=[{**DECENNAL[0], "territoire": quartier, "population": 300}],
        isee_population_reference=[total(2016, 700), total(2025, 500)],
        centre_social_adherents=[adhesion(2018, None), adhesion(2025, quartier)],
        ou=f"territoire in ('{COMMUNE}', '{quartier}')",
    )
    # 2025 gives the commune alone: the quartier's 300 are a part of the 600 of 2019, and of no other total
    assert lus == [
        (COMMUNE, 2018, 1, 700, None),
        (COMMUNE, 2025, 1, 600, None),
        (quartier, 2018, 0, None, 700),
        (quartier, 2025, 1, 300, 600),
    ]


def service(numero, debut, fin=None, **autres):
    lu = {"service": numero, "personne": f"p-{numero}", "type_service": "portage", "age": 80}
    return lu | {"date_debut": jour(debut), "date_fin": fin and jour(fin)} | autres


def test_a_person_is_served_once_a_year_and_grows_older(lire):
    lus = lire(
        "services_type",
        "millesime, type_service, usagers, usagers_75_plus, usagers_70_plus, habitants_75_plus",
        isee_population_age=QUINQUENNAL,
        ccas_services=[
            service("a", "2024-01-01", age=73),
            service("b", "2025-01-01", personne="p-a", age=74),
            service("c", "2025-03-01", "2025-04-01", age=60),
            service("d", "2024-03-01", "2024-04-01", type_service="transport"),
            service("e", "2025-03-01", age=None),
        ],
    )
    # p-a is 73 in 2024, and 74 in 2025 by either of her files
    assert lus == [
        (2024, "portage", 1, 0, 1, 40),
        (2024, "transport", 1, 1, 1, 40),
        (2025, "portage", 3, 0, 1, 40),
    ]


def inscription(personne, date, radiation=None, **autres):
    lue = {
        "personne": personne,
        "date_inscription": jour(date),
        "date_radiation": radiation and jour(radiation),
    }
    return lue | {"motif": "age", "age": 80} | autres


def test_the_register_is_read_on_31_december(lire):
    lus = lire(
        "registre",
        "millesime, inscrits, inscriptions, radiations_registre, inscrits_isoles, inscrits_75_plus, "
        "inscrits_70_plus, habitants_70_plus",
        isee_population_age=DECENNAL,
        ccas_registre=[
            inscription("a", "2024-02-01", age=74),
            inscription("b", "2024-02-01", "2025-12-31"),
            inscription("c", "2025-02-01", motif="isolement", age=50),
            inscription("d", "2025-02-01", "2026-01-01", age=70),
        ],
    )
    # a is 75 in 2025
    assert lus == [(2024, 2, 2, 0, 0, 1, 2, 100), (2025, 3, 2, 1, 1, 1, 2, 100)]


# --- Rights ----------------------------------------------------------------------------------------


def dossier(numero, depot="2025-03-01", **autres):
    lu = {"instruction": numero, "personne": f"p-{numero}", "dispositif": "amg", "date_depot": jour(depot)}
    return lu | autres


# a file transmitted and answered after all the others: everything before it has had time to be
DOSSIER_TARDIF = dossier(
    "z", "2026-06-30", date_transmission=jour("2026-06-30"), date_reponse=jour("2026-06-30"), issue="accord"
)


def test_files_of_legal_aid_are_counted_with_their_delays_and_their_issue(lire):
    lus = lire(
        "instructions",
        "dossiers_legaux, personnes_instruites, reponses_connues, droits_ouverts, transmissions_connues, "
        "jours_transmission, reponses_datees, reponses_plus_60, delai_reponse_median",
        ccas_instructions=[
            dossier(
                "a", date_transmission=jour("2025-03-06"), date_reponse=jour("2025-04-30"), issue="accord"
            ),
            dossier(
                "b", date_transmission=jour("2025-03-11"), date_reponse=jour("2025-05-01"), issue="refus"
            ),
            dossier("c", personne="p-a", issue="en_cours"),
            dossier("d", issue="sans_suite"),
            DOSSIER_TARDIF,
        ],
        ou="millesime = 2025",
    )
    # transmitted after 5 and 10 days; answered after 60 and 61
    assert lus == [(4, 3, 2, 1, 2, 5 + 10, 2, 1, None)]


def test_the_quick_answers_to_the_last_files_are_neither_the_delay_nor_the_rights_of_the_year(lire):
    # 180 days before 31 December is 4 July
    lus = lire(
        "instructions",
        "dossiers_legaux, reponses_datees, reponses_plus_60, reponses_connues, droits_ouverts",
        ccas_instructions=[
            dossier("a", "2025-03-01", date_reponse=jour("2025-12-31"), issue="refus"),
            dossier("b", "2025-07-04", date_reponse=jour("2025-09-04"), issue="accord"),
            dossier("c", "2025-07-05", date_reponse=jour("2025-08-01"), issue="accord"),
        ],
    )
    assert lus == [(3, 2, 2, 2, 1)]


def test_where_no_answer_is_dated_the_last_file_says_which_have_had_time_for_theirs(lire):
    depot = [
        dossier("a", "2025-07-04", issue="accord"),
        dossier("b", "2025-07-05", issue="accord"),
        dossier("c", "2025-12-31"),
    ]
    lus = lire("instructions", "reponses_connues, droits_ouverts, reponses_datees", ccas_instructions=depot)
    assert lus == [(1, 1, 0)]


@pytest.mark.parametrize(
    ("derniere", "attendu"),
    [
        # ninety days after 1 October 2025 is 30 December: one day less, and the file is not looked at
        ("2025-12-29", (1, 90)),
        ("2025-12-30", (2, 90 + 4)),
        # however late the deposit, b was transmitted after 91 days
        ("2026-06-30", (2, 90 + 4)),
    ],
)
def test_every_file_is_looked_at_ninety_days_after_its_deposit(derniere, attendu, lire):
    lus = lire(
        "instructions",
        "transmissions_connues, jours_transmission",
        ccas_instructions=[
            dossier("a", "2025-03-01", date_transmission=jour("2025-05-30")),  # 90 days
            dossier("b", "2025-03-01", date_transmission=jour("2025-05-31")),  # 91
            dossier("c", "2025-10-01", date_transmission=jour("2025-10-05")),  # 4
            dossier("z", "2024-12-31", date_transmission=jour(derniere)),
        ],
        ou="millesime = 2025",
    )
    assert lus == [attendu]


def test_a_year_whose_files_are_all_recent_or_never_transmitted_has_no_delay_and_no_share(lire):
    colonnes = "dossiers_legaux, transmissions_connues, reponses_connues, reponses_datees"
    recents = [dossier("a", "2025-12-01", date_transmission=jour("2025-12-02"), issue="accord")]
    recents.append(dossier("b", "2025-12-31", date_reponse=jour("2025-12-31"), issue="refus"))
    assert lire("instructions", colonnes, ccas_instructions=recents) == [(2, 0, 0, 0)]
    assert lire("instructions", colonnes, ccas_instructions=[dossier("a"), dossier("b")]) == [(2, 0, 0, 0)]


def test_those_who_ask_for_aid_and_for_a_right_the_same_year_are_known(lire):
    lus = lire(
        "instructions",
        "millesime, personnes, demandeurs_instruits",
        ccas_demandes=[demande("a"), demande("b"), demande("c", personne="p-b")],
        ccas_instructions=[
            dossier("b"),
            dossier("b2", personne="p-b"),
            dossier("a", "2024-03-01"),
            dossier("z"),
        ],
    )
    assert lus == [(2024, 0, 0), (2025, 2, 1)]


def test_files_of_legal_aid_are_cut_by_scheme(lire):
    lus = lire(
        "instructions_dispositif",
        "dispositif, dossiers_legaux, dossiers_legaux_ensemble, reponses_connues, droits_ouverts",
        ccas_instructions=[
            dossier("a", issue="accord"),
            dossier("b", issue="refus"),
            dossier("c", dispositif="minimum_vieillesse"),
            DOSSIER_TARDIF,
        ],
        ou="millesime = 2025",
    )
    assert lus == [("amg", 2, 3, 2, 1), ("minimum_vieillesse", 1, 3, 0, 0)]


# --- In the street ---------------------------------------------------------------------------------


def maraude(numero, personnes, **autres):
    return {
        "maraude": numero,
        "date_maraude": jour("2025-03-01"),
        "personnes_rencontrees": personnes,
    } | autres


def test_women_and_young_people_are_counted_among_the_meetings_that_told_them(lire):
    depot = [
        maraude("a", 10, dont_femmes=3, besoin="sante"),
        maraude("b", 8, dont_femmes=0, dont_moins_25=2, besoin="sante"),
        maraude("c", 5),
    ]
    lus = lire(
        "maraudes",
        "maraudes, passages, passages_sexe_connu, passages_femmes, passages_age_connu, passages_moins_25",
        ccas_maraudes=depot,
    )
    assert lus == [(3, 23, 18, 3, 8, 2)]
    lus = lire("maraudes_besoin", "besoin, maraudes, maraudes_ensemble", ccas_maraudes=depot)
    assert lus == [("sante", 2, 2)]


def rencontre(personne, date, **autres):
    return {"personne": personne, "date_rencontre": jour(date)} | autres


def test_a_person_met_again_after_more_than_a_year_is_a_new_face(lire):
    lus = lire(
        "rencontres",
        "millesime, personnes_rue, personnes_rue_nouvelles",
        ccas_rencontres=[
            rencontre("un an", "2024-01-01"),
            rencontre("un an", "2025-01-01"),
            rencontre("un an et un jour", "2024-01-01"),
            rencontre("un an et un jour", "2025-01-02"),
        ],
    )
    assert lus == [(2024, 2, None), (2025, 2, 1)]


def test_persons_met_are_counted_once_and_nobody_is_new_in_the_first_year(lire):
    lus = lire(
        "rencontres",
        "millesime, personnes_rue, rencontres, personnes_rue_3_plus, personnes_rue_nouvelles, "
        "personnes_rue_sexe_connu, personnes_rue_femmes, personnes_rue_age_connu, personnes_rue_moins_25",
        ccas_rencontres=[
            rencontre("a", "2024-01-01", sexe="femmes", age=24),
            rencontre("a", "2025-01-01", sexe="femmes", age=24),
            rencontre("a", "2025-02-01"),
            rencontre("a", "2025-03-01", age=25),
            rencontre("b", "2025-03-01", sexe="hommes"),
        ],
    )
    assert lus == [(2024, 1, 1, 0, None, 1, 1, 1, 1), (2025, 2, 4, 1, 1, 2, 1, 1, 0)]


def sortie(personne, date, vers):
    return {"personne": personne, "date_sortie": jour(date), "sortie": vers}


SORTIES = {
    "ccas_rencontres": [
        rencontre("a", "2025-01-01"),
        rencontre("a", "2025-02-01"),
        rencontre("b", "2025-03-01"),
        rencontre("c", "2025-03-01"),
        rencontre("d", "2024-03-01"),
    ],
    "ccas_sorties": [
        sortie("a", "2025-03-01", "hebergement"),
        sortie("a", "2025-06-01", "logement"),
        sortie("a", "2025-07-01", "logement"),
        sortie("b", "2025-06-01", "droits"),
        sortie("inconnue", "2025-06-01", "logement"),
    ],
}


def test_a_person_has_one_way_out_a_year_the_most_lasting(lire):
    assert lire("sorties", "millesime, sortie, personnes_sorties", **SORTIES) == [
        (2025, "droits", 1),
        (2025, "logement", 2),
    ]


def test_those_who_found_a_roof_are_among_those_met_or_helped_the_same_year(lire):
    # a and one whom nobody met, of a, b, c and her; of 2024, when no way out was written down, nobody can say
    lus = lire("sorties_toit", "millesime, personnes_suivies_rue, personnes_rue_toit", **SORTIES)
    assert lus == [(2025, 4, 2)]
    lus = lire(
        "rencontres", "personnes_rue", ccas_rencontres=SORTIES["ccas_rencontres"], ou="millesime = 2025"
    )
    assert lus == [(3,)]
    # nothing deposited of the ways out
    assert lire("sorties_toit", "*", ccas_rencontres=SORTIES["ccas_rencontres"]) == []


def appel(numero, demandes=None, non_pourvues=0, **autres):
    """A request for a bed, or so many of them, but for what is said."""
    lu = {"appel": numero, "date_demande": jour("2025-03-01"), "demandes": demandes}
    return lu | {"non_pourvues": non_pourvues} | autres


HEBERGEMENT = (
    "demandes_hebergement, demandes_personnes, personnes_hebergement, demandes_repondues, non_pourvues, "
    "demandes_logees, nuitees"
)


def test_requests_for_a_bed_count_the_same_one_by_one_and_in_totals(lire):
    une_a_une = [
        appel("a", personnes=3, nuitees=6),
        appel("b", personnes=1, nuitees=2),
        appel("c", non_pourvues=1, personnes=1, nuitees=0),
    ]
    du_mois = [appel("mars", 3, 1, personnes=3 + 1 + 1, nuitees=6 + 2)]
    attendu = [(3, 3, 5, 3, 1, 2, 8)]
    assert lire("hebergement", HEBERGEMENT, ccas_hebergement_urgence=une_a_une) == attendu
    assert lire("hebergement", HEBERGEMENT, ccas_hebergement_urgence=du_mois) == attendu


def test_what_a_request_for_a_bed_does_not_say_is_not_counted_as_nothing(lire):
    depot = [appel("a", non_pourvues=None), appel("b", 9, 4)]
    # nobody said how many persons, nor how many nights: no night is not 0
    assert lire("hebergement", HEBERGEMENT, ccas_hebergement_urgence=depot) == [(10, 0, 0, 9, 4, 0, None)]
    # nights given are an answer
    logee = [appel("a", non_pourvues=None, nuitees=5)]
    assert lire("hebergement", HEBERGEMENT, ccas_hebergement_urgence=logee) == [(1, 0, 0, 0, 0, 1, 5)]


def test_requests_without_a_bed_are_cut_by_reason_and_by_household(lire):
    depot = [
        appel("a", 8, 6, motif_non_pourvue="absence_de_place", type_menage="personne_seule"),
        appel("b", non_pourvues=1, motif_non_pourvue="refus"),
        appel("c", non_pourvues=None, type_menage="personne_seule"),
        appel("d", type_menage="couple_sans_enfant"),
    ]
    assert lire(
        "hebergement_motif",
        "motif_non_pourvue, non_pourvues_motif, non_pourvues_motif_ensemble",
        ccas_hebergement_urgence=depot,
    ) == [("absence_de_place", 6, 7), ("refus", 1, 7)]
    assert lire(
        "hebergement_menage",
        "type_menage, demandes_menage, demandes_menage_ensemble, demandes_menage_repondues, non_pourvues_menage",
        ccas_hebergement_urgence=depot,
    ) == [("couple_sans_enfant", 1, 10, 1, 0), ("personne_seule", 9, 10, 8, 6)]


def test_services_of_the_day_shelter_count_the_same_day_by_day_and_in_totals(lire):
    def service(date, passages, **autres):
        return {"date_service": jour(date), "service_rendu": "douche", "passages": passages} | autres

    depots = (
        [service("2025-03-03", 5, places=8), service("2025-03-05", 8, places=8), service("2025-03-07", 2)],
        [service("2025-03-01", 13, places=16, jours=2), service("2025-03-31", 2, jours=1)],
    )
    for depot in depots:
        assert lire(
            "accueil_jour",
            "service_rendu, passages_service, jours_service, passages_places, places_service",
            ccas_accueil_jour=depot,
        ) == [("douche", 15, 3, 13, 16)]


def test_of_the_nights_of_count_of_a_year_the_fullest_of_the_usual_perimeter_is_told(lire):
    def nuit(date, rencontrees, perimetre="habituel", **autres):
        return {
            "date_comptage": jour(date),
            "perimetre": perimetre,
            "personnes_rencontrees": rencontrees,
        } | autres

    depot = [
        nuit("2025-01-23", 40, dont_femmes=9, equipes=8),
        nuit("2025-07-10", 55, dont_femmes=11, dont_mineurs=0, equipes=10),
        nuit("2025-10-16", 70, "autre"),
        nuit("2024-01-25", 61, None, dont_isolees=24, familles=2),
    ]
    lus = lire(
        "comptages",
        "millesime, comptees, equipes, comptees_sexe_connu, comptees_femmes, comptees_age_connu, "
        "comptees_mineurs, comptees_isolement_connu, comptees_isolees, familles_comptees",
        ccas_comptages=depot,
    )
    assert lus == [
        (2024, 61, None, 0, 0, 0, 0, 61, 24, 2),
        (2025, 55, 10, 55, 11, 55, 0, 0, 0, None),
    ]


def signalement(numero, date="2025-03-01", reponse=None, **autres):
    """A report by an inhabitant, and the day it was taken up if it was."""
    dates = {"date_signalement": jour(date), "date_prise_en_charge": reponse and jour(reponse)}
    return {"signalement": numero, "origine": "habitant"} | dates | autres


# a report taken up after all the others: everything before it has had time to be
SIGNALEMENT_TARDIF = signalement("z", "2026-06-30", "2026-06-30")

SUIVI = "signalements, signalements_suivis, signalements_pris_en_charge, signalements_7_jours, jours_prise_en_charge"


def test_reports_are_counted_with_the_time_taken_to_answer_them(lire):
    depot = [
        signalement("a", reponse="2025-03-08", suite="accompagnement"),
        signalement("b", reponse="2025-03-09", suite="orientation", origine="elu"),
        signalement("c"),
        SIGNALEMENT_TARDIF,
    ]
    annee = {"ccas_signalements": depot, "ou": "millesime = 2025"}
    assert lire("signalements", SUIVI, **annee) == [(3, 3, 2, 1, 7 + 8)]
    lus = lire(
        "signalements_origine", "origine, signalements_origine, signalements_origine_ensemble", **annee
    )
    assert lus == [("elu", 1, 3), ("habitant", 2, 3)]
    lus = lire("signalements_suite", "suite, signalements_suite, signalements_suite_ensemble", **annee)
    assert lus == [("accompagnement", 1, 2), ("orientation", 1, 2)]


@pytest.mark.parametrize(
    ("derniere", "attendu"),
    [
        # ninety days after 1 October 2025 is 30 December: one day less, and the report is not looked at
        ("2025-12-29", (3, 2, 1, 0, 90)),
        ("2025-12-30", (3, 3, 2, 1, 90 + 3)),
        # b, taken up after 91 days, was not within ninety, however late the deposit
        ("2026-06-30", (3, 3, 2, 1, 90 + 3)),
    ],
)
def test_every_report_is_looked_at_ninety_days_after_it_came(derniere, attendu, lire):
    depot = [
        signalement("a", "2025-03-01", "2025-05-30"),  # 90 days
        signalement("b", "2025-03-01", "2025-05-31"),  # 91
        signalement("c", "2025-10-01", "2025-10-04"),  # 3
        signalement("z", "2024-12-31", derniere),
    ]
    assert lire("signalements", SUIVI, ccas_signalements=depot, ou="millesime = 2025") == [attendu]


def test_a_year_whose_last_reports_wait_is_no_worse_than_the_year_before(lire):
    # each month of two years, a report on the 1st taken up after 60 days; the file stops on 31 December 2025
    mois = [f"{annee}-{rang:02}-01" for annee in (2024, 2025) for rang in range(1, 13)]
    prises = {date: jour(date) + datetime.timedelta(60) for date in mois}
    depot = [
        signalement(date, date, prise.isoformat() if prise.year < 2026 else None)
        for date, prise in prises.items()
    ]
    depot.append(signalement("z", "2025-12-31", "2025-12-31"))
    lus = lire(
        "signalements",
        "millesime, signalements, signalements_suivis, signalements_pris_en_charge",
        ccas_signalements=depot,
    )
    # from January to October: those of November and December, and the last, came in the last ninety days
    assert lus == [(2024, 12, 12, 12), (2025, 12 + 1, 10, 10)]


def test_where_nothing_is_old_enough_or_nothing_is_known_to_be_taken_up_there_is_no_share(lire):
    recents = [signalement("a", "2025-12-01"), signalement("b", "2025-12-20", "2025-12-31")]
    assert lire("signalements", SUIVI, ccas_signalements=recents) == [(2, 0, 0, 0, 0)]
    # no day of taking up was deposited: nobody knows that nothing was done
    assert lire("signalements", SUIVI, ccas_signalements=[signalement("a")]) == [(1, 0, 0, 0, 0)]


def test_outcomes_are_those_of_reports_old_enough_for_the_slow_ones_to_be_known(lire):
    """The last one taken up is of 31 December: a report of 2 October has had 90 days, one of 3 October 89."""
    depot = [
        signalement("a", "2025-03-01", "2025-03-08", suite="accompagnement"),
        signalement("b", "2025-10-02", suite="orientation"),
        signalement("c", "2025-10-03", "2025-10-04", suite="sans_suite"),
        signalement("z", "2025-12-31", "2025-12-31", suite="orientation"),
    ]
    lus = lire(
        "signalements_suite",
        "suite, signalements_suite, signalements_suite_ensemble",
        ccas_signalements=depot,
    )
    assert lus == [("accompagnement", 1, 2), ("orientation", 1, 2)]


def test_where_no_day_of_taking_up_is_written_every_outcome_counts(lire):
    depot = [signalement("a", suite="orientation"), signalement("b", "2025-12-31", suite="orientation")]
    assert lire("signalements_suite", "suite, signalements_suite", ccas_signalements=depot) == [
        ("orientation", 2)
    ]


def test_a_year_of_which_nothing_is_old_enough_is_told_with_what_cannot_be_judged(lire):
    depot = [
        signalement("a", "2024-03-01", "2024-03-08", suite="accompagnement"),
        signalement("b", "2025-01-15", "2025-02-01", suite="orientation"),
    ]
    assert lire("sans_recul", "source, millesime, colonne, statut", ccas_signalements=depot) == [
        ("ccas_signalements", 2025, "signalements_pris_en_charge", "absent"),
        ("ccas_signalements", 2025, "signalements_suite_ensemble", "absent"),
        ("ccas_signalements", 2025, "signalements_suivis", "absent"),
    ]


def test_what_is_known_of_no_year_was_not_deposited_and_is_not_missing(lire):
    depot = [signalement("a", "2024-03-01"), signalement("b", "2025-01-15")]
    assert lire("sans_recul", "colonne", ccas_signalements=depot) == []


def test_a_median_of_too_few_delays_is_told_beside_the_years_that_have_one(lire):
    """Ten requests of 2024 and nine of 2025, decided in ten days; a last sitting far later."""
    mars = [
        demande(f"{annee}-{rang}", f"{annee}-03-01")
        for annee, n in ((2024, 10), (2025, 9))
        for rang in range(n)
    ]
    depot = {
        "ccas_demandes": mars,
        "ccas_decisions": [
            *(accord(d["demande"], date=f"{d['demande'][:4]}-03-11") for d in mars),
            accord("nulle", date="2026-06-30"),
        ],
    }
    lus = lire("sans_recul", "millesime, colonne", ou="colonne like 'delai_decision%'", **depot)
    assert lus == [(2025, "delai_decision_median")]


def test_an_event_is_known_by_its_code(lire):
    lus = lire(
        "evenements",
        "millesime, evenement, appels_passes, appels_aboutis, mises_a_l_abri",
        ccas_evenements=[
            {
                "evenement": "cyclone_niran",
                "nature": "cyclone",
                "date_evenement": jour("2021-03-05"),
                "appels_passes": 120,
                "appels_aboutis": 90,
            }
        ],
    )
    assert lus == [(2021, "cyclone_niran", 120, 90, None)]


# --- Centre social ---------------------------------------------------------------------------------


def adherent(numero, **autres):
    lu = {"adherent": numero, "menage": f"m-{numero}", "date_adhesion": jour("2025-01-10"), "exercice": 2025}
    return lu | autres


def test_members_are_counted_with_what_is_known_of_them(lire):
    lus = lire(
        "centre_social",
        "adherents, adherents_anciennete_connue, adherents_nouveaux, adherents_sexe_connu, adherentes, "
        "adherents_age_connu, adherents_moins_25, adherents_60_plus",
        centre_social_adherents=[
            adherent("a", nouveau="oui", sexe="femmes", age=24),
            adherent("b", nouveau="non", sexe="hommes", age=60),
            adherent("c", age=25),
        ],
    )
    assert lus == [(3, 2, 1, 2, 1, 3, 1, 1)]


def test_members_of_a_quartier_stand_beside_its_inhabitants(lire):
    lus = lire(
        "centre_social_quartiers",
        "territoire, adherents, adherents_ensemble, habitants, habitants_ensemble",
        isee_population_age=DECENNAL,
        isee_population_quartier=tranches(
            ("femmes", 0, 69, 50), ("femmes", 70, None, 10), territoire="98817-plum"
        ),
        centre_social_adherents=[adherent("a", quartier="98817-plum"), adherent("b")],
    )
    assert lus == [
        (COMMUNE, 2, None, 600, None),
        ("98817-plum", 1, 2, 60, 600),
        ("98817-robinson", 0, 2, None, 600),
    ]


def test_an_activity_is_told_by_its_sessions_who_came_and_what_they_cost(lire):
    def seance(numero, activite="couture", **autres):
        return {"seance": numero, "activite": activite, "date_seance": jour("2025-03-01")} | autres

    depot = {
        "centre_social_seances": [
            seance("a", cout=50.0),
            seance("b"),
            seance("c", "aide_aux_devoirs", cout=10.0),
        ],
        "centre_social_presences": [
            {"seance": "a", "adherent": "x"},
            {"seance": "a", "adherent": "y"},
            {"seance": "b", "adherent": "x"},
            {"seance": "inconnue", "adherent": "x"},
        ],
    }
    lus = lire(
        "centre_social_activites", "activite, seances_activite, presences, presences_chiffrees, cout", **depot
    )
    assert lus == [("aide_aux_devoirs", 1, 0, 0, 10), ("couture", 2, 3, 2, 50)]
    lus = lire("centre_social_seances", "seances_activite, presences, presences_chiffrees, cout", **depot)
    assert lus == [(3, 3, 2, 60)]


def test_volunteers_are_counted_with_their_hours(lire):
    lus = lire(
        "centre_social_benevolat",
        "millesime, benevoles, heures_benevoles",
        centre_social_benevoles=[
            {"benevole": "a", "exercice": 2025, "heures": 10.4},
            {"benevole": "b", "exercice": 2025, "heures": 20.0},
        ],
    )
    assert lus == [(2025, 2, 30)]


def test_what_one_household_brings_is_squared_and_multiplied_within_it(lire):
    # m-1: three requests, two granted, one refused; m-2: one request, refused.
    depot = {
        "ccas_demandes": [demande(nom, menage="m-1") for nom in "abc"] + [demande("d", menage="m-2")],
        "ccas_decisions": [
            accord("a"),
            accord("b"),
            accord("c", decision="refus"),
            accord("d", decision="refus"),
        ],
    }
    noms = "menages, demandes_carres, menages_decision, accords_carres, accords_decisions, decisions_carres"
    assert lire("aides", noms, **depot) == [(2, 3**2 + 1, 2, 2**2 + 0, 2 * 3 + 0, 3**2 + 1)]


def test_the_requests_of_a_motive_go_with_all_those_of_their_household(lire):
    # m-1: two for food, one for rent; m-2: one for food.
    motifs = {"a": ("m-1", "alimentaire"), "b": ("m-1", "alimentaire"), "c": ("m-1", "logement")}
    motifs["d"] = ("m-2", "alimentaire")
    lus = lire(
        "aides_motif",
        "motif, demandes_carres, demandes_produits, menages_ensemble, demandes_ensemble_carres",
        ccas_demandes=[demande(nom, menage=menage, motif=motif) for nom, (menage, motif) in motifs.items()],
    )
    assert lus == [("alimentaire", 2**2 + 1, 2 * 3 + 1, 2, 3**2 + 1), ("logement", 1, 1 * 3, 2, 3**2 + 1)]


def test_requests_are_counted_for_the_commune_and_not_by_quartier(lire):
    lus = lire(
        "recours",
        "territoire, demandes, demandes_carres",
        ou="territoire in ('98817', '98817-plum')",
        ccas_demandes=[demande("a", menage="m"), demande("b", menage="m"), demande("c", menage="n")],
    )
    assert lus == [("98817", 3, 2**2 + 1), ("98817-plum", None, None)]


# --- Questionnaire ---------------------------------------------------------------------------------


def reponse(numero, **autres):
    lue = {"repondant": numero, "date_reponse": jour("2025-10-06"), "type_repondant": "habitant"}
    return lue | {"theme": "logement", "reponse": "oui"} | autres


QUESTIONNAIRES = [
    reponse("a", poids=2.0, priorite=5),
    reponse("b", poids=1.0, reponse="non", priorite=3),
    reponse("c", poids=1.0, reponse="sans_avis"),
    reponse("d", type_repondant="partenaire", priorite=4),
    reponse("d", type_repondant="partenaire", theme="emploi", reponse="non"),
]


def test_weights_add_up_to_the_same_digits_whatever_the_order_of_the_answers(lire):
    # 0.1 + 0.2 + 0.3 is 0.6000000000000001 in one order, 0.6 in the other
    reponses = [reponse(nom, poids=poids) for nom, poids in (("a", 0.1), ("b", 0.2), ("c", 0.3))]
    reponses += [reponse(f"n{rang}", reponse="non", poids=0.7) for rang in range(3)]
    mots = "habitants_avis_redresses, habitants_mal_couvert_redresses"
    lues = [lire("questionnaire_themes", mots, ccas_questionnaire=lot) for lot in (reponses, reponses[::-1])]
    assert lues[0] == lues[1]
    lues = [lire("questionnaire", "poids", ccas_questionnaire=lot) for lot in (reponses, reponses[::-1])]
    assert lues[0] == lues[1] == [(2.1,), (0.6,)]


def test_answers_are_counted_by_question_and_kind_of_respondent_with_their_weights(lire):
    lus = lire(
        "questionnaire",
        "type_repondant, theme, question, reponse, reponses, poids, poids_carres",
        ccas_questionnaire=[*QUESTIONNAIRES, reponse("e", poids=3.0)],
    )
    assert lus == [
        ("habitant", "logement", "besoin_mal_couvert", "non", 1, 1, 1),
        ("habitant", "logement", "besoin_mal_couvert", "oui", 2, 2 + 3, 4 + 9),
        ("habitant", "logement", "besoin_mal_couvert", "sans_avis", 1, 1, 1),
        ("habitant", "logement", "priorite", "3", 1, 1, 1),
        ("habitant", "logement", "priorite", "5", 1, 2, 4),
        ("partenaire", "emploi", "besoin_mal_couvert", "non", 1, 1, 1),
        ("partenaire", "logement", "besoin_mal_couvert", "oui", 1, 1, 1),
        ("partenaire", "logement", "priorite", "4", 1, 1, 1),
    ]


def test_a_respondent_who_answers_on_two_themes_is_one_respondent(lire):
    lus = lire(
        "questionnaire_repondants",
        "millesime, habitants_repondants, partenaires_repondants",
        ccas_questionnaire=QUESTIONNAIRES,
    )
    assert lus == [(2025, 3, 1)]


def test_a_weighted_sample_is_worth_fewer_answers_than_it_holds(lire):
    """Weights 2, 1, 1: (2 + 1 + 1)² / (4 + 1 + 1) answers; 2 of the 4 are « yes »."""
    lus = lire(
        "questionnaire_themes",
        "theme, habitants_avis, habitants_mal_couvert, habitants_avis_redresses, habitants_mal_couvert_redresses, "
        "partenaires_avis, partenaires_mal_couvert, partenaires_prioritaire",
        ccas_questionnaire=QUESTIONNAIRES,
    )
    assert lus[0] == ("emploi", None, None, None, None, 1, 0, None)
    assert lus[1] == ("logement", 3, 1, pytest.approx(16 / 6), pytest.approx(16 / 6 * 2 / 4), 1, 1, 1)
