"""The chapters of the activity: what they declare, and what they say of a drawn deposit."""

import datetime

import numpy as np
import pytest

from pipeline import comparison, compute, protect, transform
from pipeline.edition import lire_profil
from pipeline.indicators import (
    acces_aux_droits,
    activite,
    besoins_exprimes,
    chapitres_de,
    commissions,
    errance,
    lien_social,
)
from pipeline.methods import intervalles
from pipeline.model import Chapter, Quantile, Rate, Share, Statut, colonnes
from pipeline.quantites import PUBLIQUES
from pipeline.sources import TYPES_SQL
from pipeline.sources.ccas import LIBELLES
from pipeline.sources.registre import SOURCES

CHAPITRES = (
    activite.CHAPITRE,
    commissions.CHAPITRE,
    acces_aux_droits.CHAPITRE,
    errance.CHAPITRE,
    lien_social.CHAPITRE,
    besoins_exprimes.CHAPITRE,
)
INDICATEURS = {i.id: i for chapitre in CHAPITRES for i in chapitre.indicators}
# Codes that a territory or a CCAS chooses, or that are labels already.
SANS_LIBELLES = {"dixieme", "tranche", "dispositif", "evenement", "activite"}
COMMUNE = "98817"


def construire(base, **depots):
    """Every table, from the rows drawn; a source that is not drawn is an empty table."""
    for source in SOURCES:
        types = {nom: TYPES_SQL[colonne.metadata["genre"]] for nom, colonne in source.schema.columns.items()}
        declarees = ", ".join(f"{nom} {genre}" for nom, genre in types.items())
        base.execute(f"create or replace table brut.{source.id} ({declarees}, fichier text, ligne text)")
        for ligne in depots.get(source.id, ()):
            noms, marques = ", ".join(ligne), ", ".join("?" * len(ligne))
            base.execute(f"insert into brut.{source.id} ({noms}) values ({marques})", list(ligne.values()))
    for table in transform.ORDRE:
        base.execute(f"create or replace table socle.{table} as {transform.sql(table)}")
    base.execute("delete from brut.marques")
    transform.marquer(base)
    return base


@pytest.fixture
def mesurer(base, pays):
    """Rows of one indicator on a drawn deposit: (territoire, millesime, groupe) → row."""

    def mesurer_(nom, **depots):
        base.execute("drop schema if exists niveaux cascade; drop schema if exists resultat cascade")
        base.execute("drop table if exists socle.paires")
        chapitre = Chapter("essai", "Essai", "Qui ?", (INDICATEURS[nom],))
        lignes = compute.calculer(construire(base, **depots), pays, (chapitre,), transform.series())
        lignes = lignes.astype(object).where(lignes.notna(), None).to_dict("records")
        return {(ligne["territoire"], ligne["millesime"], ligne["groupe"]): ligne for ligne in lignes}

    return mesurer_


# --- What is declared ------------------------------------------------------------------------------


def test_no_indicator_is_declared_twice():
    assert len(INDICATEURS) == sum(len(chapitre.indicators) for chapitre in CHAPITRES)


@pytest.mark.parametrize("nom", INDICATEURS)
def test_every_card_says_that_it_tells_of_the_activity_and_how_far(nom):
    assert INDICATEURS[nom].caveat.startswith(("Activité du CCAS : ", "Activité du centre social : "))
    assert INDICATEURS[nom].caveat.endswith(".")


@pytest.mark.parametrize("nom", INDICATEURS)
def test_a_count_set_against_who_lives_there_says_of_which_ages_or_that_it_is_households(nom):
    mesure = INDICATEURS[nom].measure
    if isinstance(mesure, Rate):
        assert mesure.noun.startswith(("habitants", "ménages"))
        assert mesure.of in PUBLIQUES, "what is public is never hidden"


def test_every_column_that_an_indicator_names_is_in_its_table(base):
    construire(base)
    for nom, indicateur in INDICATEURS.items():
        mesure = indicateur.measure
        noms = colonnes(mesure.a) + (colonnes(mesure.of) if hasattr(mesure, "of") else ())
        connues = [ligne[0] for ligne in base.execute(f"describe socle.{indicateur.table}").fetchall()]
        assert {"territoire", "millesime", *noms} | ({indicateur.by} - {""}) <= set(connues), nom


QUANTILES = {
    nom: i for nom, i in INDICATEURS.items() if isinstance(getattr(i.measure, "sur", None), Quantile)
}


def beaucoup(nombre=60):
    """So many requests decided after 1, 3, 6, 10, … days modulo 47, and paid; so many households; files so answered."""
    attentes = [rang * (rang + 1) // 2 % 47 for rang in range(1, nombre + 1)]
    mars = jour("2025-03-01")
    depot = demandes(*attentes, montants=[100 + 7 * rang % 53 for rang in range(nombre)])
    for rang, paiement in enumerate(depot["ccas_paiements"][:nombre]):
        paiement["date_paiement"] += datetime.timedelta(rang % 9)
    depot["ccas_ressources"] = [
        {"menage": f"m{rang}", "date_situation": mars, "ressources": 900 + 13 * rang % 400, "charges": 700}
        | {"unites_consommation": 1 + rang % 3 / 2}
        for rang in range(nombre)
    ]
    depot["ccas_instructions"] = [
        {"instruction": f"i{rang}", "personne": f"p{rang}", "date_depot": mars}
        | {"date_reponse": mars + datetime.timedelta(attente), "issue": "accord"}
        for rang, attente in enumerate(attentes)
    ] + [{"instruction": "z", "personne": "z", "date_depot": mars, "date_reponse": jour("2026-03-01")}]
    return depot


def test_every_quantile_is_that_of_the_observations_that_its_interval_is_made_from(base):
    construire(base, **beaucoup())
    for nom, indicateur in QUANTILES.items():
        mesure, quantile = indicateur.measure, indicateur.measure.sur
        [(valeur,)] = base.execute(
            f"select {mesure.a} from socle.{indicateur.table} where millesime = 2025"
        ).fetchall()
        lues = base.execute(
            f"select {quantile.valeur} from socle.{quantile.table} where millesime = 2025 "
            f"and {quantile.valeur} is not null and {quantile.par} is not null"
        ).fetchnumpy()[quantile.valeur]
        assert len(lues) >= 60
        assert valeur == pytest.approx(np.quantile(lues, quantile.part)), nom


def test_all_the_medians_and_deciles_of_the_activity_have_their_interval():
    assert set(QUANTILES) == {nom for nom in INDICATEURS if nom.endswith(("_median", "_decile_9"))}


@pytest.mark.parametrize("nom", [nom for nom in QUANTILES if "decile" not in nom])
def test_a_median_of_sixty_lies_between_the_twenty_second_and_the_thirty_ninth(nom, mesurer, base):
    # P(Bin(60, ½) ≤ 21) = 0.0137 and P(≤ 22) = 0.0259: ranks 22 and 39 of what is independent.
    lue = mesurer(nom, **beaucoup())[COMMUNE, 2025, ""]
    quantile = INDICATEURS[nom].measure.sur
    rangees = base.execute(
        f"select {quantile.valeur} from socle.{quantile.table} where millesime = 2025 "
        f"and {quantile.valeur} is not null order by 1"
    ).fetchnumpy()[quantile.valeur]
    bornes = (rangees[21], rangees[len(rangees) - 22])
    assert (lue["borne_basse"], lue["borne_haute"]) == pytest.approx(bornes)
    assert lue["borne_basse"] < lue["valeur"] < lue["borne_haute"]


def test_what_is_hidden_keeps_no_bounds(base, pays, mesurer):
    # four requests are too few; the interval of their mean delay would give them back
    [lue] = [ligne for ligne in mesurer("delai_moyen", **demandes(3, 40, 12, 7)).values() if ligne["valeur"]]
    assert lue["borne_basse"] is not None
    chapitre = Chapter("essai", "Essai", "Qui ?", (INDICATEURS["delai_moyen"],))
    comparison.comparer(base, pays, (chapitre,), transform.series())
    publiees = protect.proteger(base, pays, (chapitre,)).set_index(["territoire", "millesime"])
    cachee = publiees.loc[COMMUNE, 2025]
    assert cachee["statut"] == Statut.SECRET
    assert cachee[["valeur", "borne_basse", "borne_haute"]].isna().all()


PARTAGE = ("montant_accorde", "part_montant_10", "gini_montant", "montant_dixieme")


@pytest.fixture
def partager(base, pays):
    """Statuses of the year's figures on how aid is shared out, once protected: indicator → those of its groups."""

    def partager_(montants):
        construire(base, **demandes(*[3] * len(montants), montants=montants))
        chapitre = Chapter("essai", "Essai", "Qui ?", tuple(INDICATEURS[nom] for nom in PARTAGE))
        compute.calculer(base, pays, (chapitre,), transform.series())
        comparison.comparer(base, pays, (chapitre,), transform.series())
        publiees = protect.proteger(base, pays, (chapitre,)).query(
            "territoire == @COMMUNE and millesime == 2025"
        )
        return {nom: siennes["statut"].tolist() for nom, siennes in publiees.groupby("indicateur")}

    return partager_


ETALES = [50 + 5 * rang for rang in range(120)]


def test_tenths_where_nobody_stands_out_are_published(partager):
    # twelve households each: few, and said so
    assert partager(ETALES) == {
        "montant_accorde": ["valide"],
        "part_montant_10": ["valide"],
        "gini_montant": ["valide"],
        "montant_dixieme": ["fragile"] * 10,
    }


def test_a_household_that_its_tenth_gives_away_hides_every_tenth_and_what_the_last_one_has(partager):
    # twelve households in the last tenth, eleven of them at 590 to 640: 5 000 stands out of their sum
    statuts = partager([*ETALES[:-1], 5_000])
    assert statuts["montant_dixieme"] == ["secret"] * 10
    assert statuts["part_montant_10"] == ["secret"]
    # two digits of an index over 120 households, and their sum, tell nobody's amount
    assert statuts["gini_montant"] == statuts["montant_accorde"] == ["valide"]


def test_under_a_hundred_households_there_is_nothing_to_hide(partager):
    assert partager(ETALES[:99]) == {"montant_accorde": ["valide"]}


@pytest.mark.parametrize("nom", [nom for nom, indicateur in INDICATEURS.items() if indicateur.by])
def test_groups_are_a_part_of_the_key_and_have_labels(nom):
    indicateur = INDICATEURS[nom]
    assert indicateur.by in transform.cle(indicateur.table)
    assert indicateur.by in LIBELLES or indicateur.by in SANS_LIBELLES


def test_a_table_cut_by_groups_is_read_by_group():
    for nom, indicateur in INDICATEURS.items():
        assert indicateur.by or transform.cle(indicateur.table) == ("territoire", "millesime"), nom


def test_a_share_of_a_composition_adds_up_to_the_whole_and_no_other_does():
    for nom, indicateur in INDICATEURS.items():
        mesure = indicateur.measure
        if isinstance(mesure, Share) and mesure.of.endswith("_ensemble"):
            assert mesure.of == f"{mesure.a}_ensemble", nom
            assert indicateur.by, nom


def test_what_was_not_deposited_has_no_indicator(base, pays):
    lignes = compute.calculer(construire(base), pays, CHAPITRES, transform.series())
    assert lignes.empty


# --- What is said of a deposit ---------------------------------------------------------------------


def jour(texte):
    return datetime.date.fromisoformat(texte)


def demandes(*attentes, montants=None, **autres):
    """One request of 2025 a delay, each granted 100 after so many days, and paid the day after.

    A sitting and a payment of the next year, of no request: all those have had time to be decided, and paid.
    """
    debut = jour("2025-03-01")
    dates = [debut + datetime.timedelta(attente) for attente in attentes]
    numeros = [f"d{rang:03}" for rang in range(len(attentes))]
    montants = montants or [100] * len(attentes)
    return {
        "ccas_demandes": [
            {"demande": n, "menage": f"m-{n}", "personne": f"p-{n}", "motif": "alimentaire"}
            | {"date_demande": debut}
            | autres
            for n in numeros
        ],
        "ccas_decisions": [
            {"demande": n, "date_seance": date, "decision": "accord", "montant_accorde": montant}
            for n, date, montant in zip(numeros, dates, montants, strict=True)
        ]
        + [{"demande": "z", "date_seance": jour("2026-03-01"), "decision": "refus"}],
        "ccas_paiements": [
            {"demande": n, "date_paiement": date + datetime.timedelta(1), "montant": montant}
            for n, date, montant in zip(numeros, dates, montants, strict=True)
        ]
        + [{"demande": "z", "date_paiement": jour("2026-03-01"), "montant": 100}],
    }


def test_a_median_is_known_for_the_commune_and_for_no_one_else(mesurer):
    lues = mesurer("delai_decision_median", **demandes(*range(1, 12)))
    connues = {cle: ligne["valeur"] for cle, ligne in lues.items() if ligne["valeur"] is not None}
    assert connues == {(COMMUNE, 2025, ""): 6}
    assert lues["988-sud", 2025, ""]["statut"] == Statut.ABSENT


def test_the_encounters_a_person_has_are_those_that_are_counted_beside_them(mesurer):
    # two persons known by name, met three times; the teams counted forty encounters
    depots = {
        "ccas_rencontres": [
            {"personne": personne, "date_rencontre": jour(f"2025-03-0{rang}")}
            for rang, personne in enumerate("aab", 1)
        ],
        "ccas_maraudes": [{"maraude": "m", "date_maraude": jour("2025-03-01"), "personnes_rencontrees": 40}],
    }
    lues = {
        nom: mesurer(nom, **depots)[COMMUNE, 2025, ""]["valeur"]
        for nom in ("rencontres_nominatives", "personnes_rue", "rencontres_par_personne")
    }
    assert lues == {"rencontres_nominatives": 3, "personnes_rue": 2, "rencontres_par_personne": 3 / 2}


def test_requests_for_a_bed_say_how_many_had_none_and_how_long_the_others_stayed(mesurer):
    """Twelve alone, of whom five had no place; a family of four, two nights."""
    appels = [
        {"appel": "mars", "date_demande": jour("2025-03-01"), "demandes": 12, "non_pourvues": 5}
        | {"personnes": 12, "type_menage": "personne_seule", "nuitees": 21},
        {"appel": "famille", "date_demande": jour("2025-03-02"), "demandes": 1, "non_pourvues": 0}
        | {"personnes": 4, "type_menage": "couple_avec_enfants", "nuitees": 4 * 2},
    ]
    lues = {
        nom: mesurer(nom, ccas_hebergement_urgence=appels)[COMMUNE, 2025, ""]["valeur"]
        for nom in (
            "demandes_hebergement",
            "part_demandes_non_pourvues",
            "personnes_par_demande_hebergement",
            "nuitees_hebergement",
            "nuitees_par_demande",
        )
    }
    assert lues == {
        "demandes_hebergement": 12 + 1,
        "part_demandes_non_pourvues": 100 * 5 / 13,
        "personnes_par_demande_hebergement": (12 + 4) / 13,
        "nuitees_hebergement": 21 + 8,
        "nuitees_par_demande": (21 + 8) / (7 + 1),
    }
    par_menage = mesurer("part_non_pourvues_menage", ccas_hebergement_urgence=appels)
    assert par_menage[COMMUNE, 2025, "personne_seule"]["valeur"] == pytest.approx(100 * 5 / 12)


def test_a_service_of_the_day_shelter_says_how_many_come_and_how_full_it_is(mesurer):
    jours = [
        {
            "date_service": jour(f"2025-03-0{rang}"),
            "service_rendu": "douche",
            "passages": passages,
            "places": 12,
        }
        for rang, passages in enumerate((9, 12, 6), 1)
    ]
    lues = {
        nom: mesurer(nom, ccas_accueil_jour=jours)[COMMUNE, 2025, "douche"]["valeur"]
        for nom in ("passages_service", "passages_par_jour_service", "occupation_service")
    }
    assert lues == {
        "passages_service": 9 + 12 + 6,
        "passages_par_jour_service": 27 / 3,
        "occupation_service": 100 * 27 / 36,
    }


def test_of_those_known_in_the_street_some_found_a_roof(mesurer):
    depots = {
        "ccas_rencontres": [
            {"personne": f"p{rang}", "date_rencontre": jour("2025-03-01")} for rang in range(12)
        ],
        "ccas_sorties": [
            {"personne": f"p{rang}", "date_sortie": jour("2025-05-01"), "sortie": vers}
            for rang, vers in enumerate(["logement"] * 3 + ["hebergement"] * 2 + ["emploi"])
        ],
    }
    assert mesurer("part_sorties_toit", **depots)[COMMUNE, 2025, ""]["valeur"] == pytest.approx(100 * 5 / 12)
    assert mesurer("personnes_sorties", **depots)[COMMUNE, 2025, "logement"]["valeur"] == 3


def test_a_night_of_count_is_told_and_two_are_never_summed(mesurer):
    nuits = [
        {
            "date_comptage": jour(f"2025-0{mois}-10"),
            "perimetre": "habituel",
            "personnes_rencontrees": rencontrees,
        }
        | {"equipes": 5, "dont_femmes": 10, "dont_isolees": 45, "familles": 6}
        for mois, rencontrees in ((1, 60), (7, 58))
    ]
    lues = {
        nom: mesurer(nom, ccas_comptages=nuits)[COMMUNE, 2025, ""]["valeur"]
        for nom in (
            "personnes_comptees",
            "personnes_comptees_par_equipe",
            "part_femmes_comptees",
            "part_isolees_comptees",
            "familles_comptees",
        )
    }
    assert lues == pytest.approx(
        {
            "personnes_comptees": 60,
            "personnes_comptees_par_equipe": 60 / 5,
            "part_femmes_comptees": 100 * 10 / 60,
            "part_isolees_comptees": 100 * 45 / 60,
            "familles_comptees": 6,
        }
    )
    # nobody counted the children
    assert mesurer("part_mineurs_comptes", ccas_comptages=nuits) == {}


def test_a_median_of_too_few_has_no_row_at_all(mesurer):
    assert mesurer("delai_decision_median", **demandes(*range(1, 10))) == {}


def test_the_decision_and_the_payment_have_each_their_delay(mesurer):
    [ligne] = [
        ligne for ligne in mesurer("delai_paiement_moyen", **demandes(3, 40)).values() if ligne["valeur"]
    ]
    assert ligne["valeur"] == (1 + 1) / 2


@pytest.mark.parametrize(
    ("nom", "depot"),
    [
        ("part_signalements_pris_en_charge", "ccas_signalements"),
        ("part_droits_ouverts", "ccas_instructions"),
        ("delai_transmission", "ccas_instructions"),
    ],
)
def test_a_year_of_which_nothing_is_old_enough_has_no_figure_and_no_zero(nom, depot, mesurer):
    jours = {"a": datetime.date(2024, 3, 1), "b": datetime.date(2025, 12, 20)}
    lignes = {
        "ccas_signalements": [
            {"signalement": numero, "date_signalement": jour, "date_prise_en_charge": jour}
            for numero, jour in jours.items()
        ],
        "ccas_instructions": [
            {"instruction": numero, "date_depot": jour, "date_transmission": jour, "date_reponse": jour}
            | {"issue": "accord", "dispositif": "amg"}
            for numero, jour in jours.items()
        ],
    }
    lues = mesurer(nom, **{depot: lignes[depot]})
    assert {
        annee: ligne["denominateur"] for (_, annee, _), ligne in lues.items() if ligne["valeur"] is not None
    } == {2024: 1}


def test_the_rate_of_coverage_says_its_ages_by_which_of_two_indicators_is_alive(mesurer):
    recensement = [
        {
            "millesime": 2019,
            "territoire": COMMUNE,
            "sexe": "femmes",
            "age_min": d,
            "age_max": f,
            "population": n,
        }
        for d, f, n in ((0, 69, 500), (70, None, 200))
    ]
    registre = [
        {"personne": f"p{rang}", "date_inscription": jour("2025-01-01"), "motif": "age", "age": age}
        for rang, age in enumerate((69, 70, 75, 80))
    ]
    depots = {"isee_population_age": recensement, "ccas_registre": registre}
    assert mesurer("taux_registre_75", **depots) == {}
    ligne = mesurer("taux_registre_70", **depots)[COMMUNE, 2025, ""]
    assert (ligne["numerateur"], ligne["denominateur"]) == (3, 200)
    assert ligne["valeur"] == 1_000 * 3 / 200
    assert [ligne["borne_basse"], ligne["borne_haute"]] == pytest.approx(
        [1_000 * borne for borne in intervalles.taux(3, 200)]
    )


def test_an_amount_by_supplier_has_one_row_a_supplier(mesurer):
    depot = demandes(5, 6, montants=[60, 25])
    depot["ccas_decisions"][0]["fournisseur"] = "energie"
    lues = mesurer("montant_fournisseur", **depot)
    valeurs = {groupe: ligne["valeur"] for (lieu, _, groupe), ligne in lues.items() if lieu == COMMUNE}
    assert valeurs == {"Sans fournisseur précisé": 25, "energie": 60}


def test_the_persons_domiciled_are_the_holders_and_those_with_them(mesurer):
    elections = [
        {"election": f"e{rang}", "personne": f"p{rang}", "nature": "premiere", "decision": "accord"}
        | {
            "date_demande": jour("2025-05-01"),
            "date_debut": jour("2025-05-01"),
            "date_fin": jour("2026-04-30"),
        }
        | {"ayants_droit": ayants_droit}
        for rang, ayants_droit in enumerate((0, 3))
    ]
    ligne = mesurer("personnes_domiciliees", ccas_domiciliations=elections)[COMMUNE, 2025, ""]
    assert ligne["valeur"] == 2 + 3


def test_an_event_says_how_many_calls_came_through(mesurer):
    evenement = {"evenement": "canicule", "nature": "canicule", "date_evenement": jour("2025-02-01")}
    lues = mesurer(
        "part_appels_aboutis", ccas_evenements=[evenement | {"appels_passes": 80, "appels_aboutis": 60}]
    )
    assert lues[COMMUNE, 2025, "canicule"]["valeur"] == 100 * 60 / 80


def test_a_weighted_share_has_the_interval_of_its_effective_size(mesurer):
    """60 answers of weight 1, 20 of weight 2, these « yes »: 40 of 100, worth 100² / (60 + 80) answers."""
    questionnaires = [
        {
            "repondant": f"r{rang}",
            "type_repondant": "habitant",
            "theme": "emploi",
            "date_reponse": jour("2025-10-06"),
            "reponse": "oui" if rang < 20 else "non",
            "poids": 2.0 if rang < 20 else 1.0,
        }
        for rang in range(80)
    ]
    ligne = mesurer("besoin_mal_couvert_habitants", ccas_questionnaire=questionnaires)[
        COMMUNE, 2025, "emploi"
    ]
    efficaces = 100**2 / (60 * 1 + 20 * 4)
    assert ligne["valeur"] == pytest.approx(100 * 40 / 100)
    basse, haute = intervalles.wilson(0.4 * efficaces, efficaces)
    assert (ligne["borne_basse"], ligne["borne_haute"]) == pytest.approx((100 * basse, 100 * haute))


@pytest.mark.parametrize(("profil", "attendu"), [("france", ("€", 2)), ("nouvelle_caledonie", ("F CFP", 0))])
def test_an_amount_bears_no_more_decimals_than_its_currency_is_counted_in(profil, attendu):
    chapitres = chapitres_de(lire_profil(profil))
    mesures = {i.id: i.measure for chapitre in chapitres for i in chapitre.indicators}
    reste = mesures["reste_a_vivre_moyen"]
    assert (reste.unit, reste.decimals) == attendu
    # a total is a whole number in every currency
    assert (mesures["montant_accorde"].unit, mesures["montant_accorde"].decimals) == (attendu[0], 0)


# --- What cannot be judged yet ---------------------------------------------------------------------

PEU_DE_RECUL = "trop peu de cas avec assez de recul au jour du dépôt"


def signalement(numero, date, prise=None, suite=None):
    dates = {"date_signalement": jour(date), "date_prise_en_charge": prise and jour(prise)}
    return {"signalement": numero, "origine": "habitant", "suite": suite} | dates


@pytest.mark.parametrize(
    ("nom", "groupe"),
    [
        ("part_signalements_pris_en_charge", ""),
        ("part_signalements_7_jours", ""),
        ("delai_signalement", ""),
        ("part_signalements_suite", "orientation"),
    ],
)
def test_a_year_too_recent_to_be_judged_is_an_absent_row_with_its_reason(nom, groupe, mesurer):
    """One report of March 2024, taken up in a week; one of January 2025, in two, the last known."""
    depot = [
        signalement("a", "2024-03-01", "2024-03-08", "orientation"),
        signalement("b", "2025-01-15", "2025-01-29", "orientation"),
    ]
    lignes = mesurer(nom, ccas_signalements=depot)
    assert lignes[COMMUNE, 2024, groupe]["valeur"] is not None
    recente = lignes[COMMUNE, 2025, groupe]
    assert (recente["valeur"], recente["statut"], recente["motif"]) == (None, "absent", PEU_DE_RECUL)


def test_a_year_that_can_be_judged_in_part_is_judged_on_that_part(mesurer):
    depot = [
        signalement("a", "2025-01-15", "2025-01-16"),
        signalement("b", "2025-12-01"),
        signalement("z", "2025-12-31", "2025-12-31"),
    ]
    lignes = mesurer("part_signalements_pris_en_charge", ccas_signalements=depot)
    assert lignes[COMMUNE, 2025, ""]["valeur"] == 100 * 1 / 1


def test_the_other_followed_figures_are_absent_too_in_a_year_too_recent(mesurer):
    """Requests of 2024 decided and paid; those of the end of 2025 are after all that is known."""
    anciennes = [{"demande": f"a{rang}", "date_demande": jour("2024-03-01")} for rang in range(12)]
    recentes = [{"demande": f"r{rang}", "date_demande": jour("2025-12-01")} for rang in range(12)]
    seances = {"a": jour("2024-03-11"), "r": jour("2025-12-11")}
    numeros = [ligne["demande"] for ligne in (*anciennes, *recentes)]
    depot = {
        "ccas_demandes": [
            ligne | {"menage": ligne["demande"], "personne": ligne["demande"], "motif": "energie"}
            for ligne in (*anciennes, *recentes)
        ],
        "ccas_decisions": [
            {"demande": n, "date_seance": seances[n[0]], "decision": "accord", "montant_accorde": 100}
            for n in numeros
        ],
        "ccas_paiements": [
            {"demande": n, "date_paiement": seances[n[0]] + datetime.timedelta(5)} for n in numeros
        ],
    }
    for nom in ("delai_moyen", "part_delais_plus_30", "part_impayes", "delai_decision_median"):
        lignes = mesurer(nom, **depot)
        assert lignes[COMMUNE, 2024, ""]["statut"] != "absent", nom
        assert (lignes[COMMUNE, 2025, ""]["statut"], lignes[COMMUNE, 2025, ""]["motif"]) == (
            "absent",
            PEU_DE_RECUL,
        )
