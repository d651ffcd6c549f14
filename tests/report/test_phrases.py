"""Sentences say what the comparisons established, in French, and nothing more."""

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import comparison, compute
from pipeline.edition import Fichier
from pipeline.model import Chapter, Growth, Indicator, Mean, Published, Rate, Share, Statut, Total
from pipeline.report import faits as faits_
from pipeline.report import phrases
from pipeline.report.faits import Ecart
from pipeline.transform import sources_de


def indicateur(mesure, label="Part des 60 ans et plus", nom="part_60_plus"):
    return Indicator(nom, label, "Tel.", "Tel.", mesure, "population")


PART = indicateur(Share("a", of="b"))
TAUX = indicateur(Rate("a", of="b"), "Taux de recours", "taux")
TOTAL = indicateur(Total("a", "habitants"), "Population", "population")
CROISSANCE = indicateur(Growth("a"), "Évolution annuelle moyenne de la population", "evolution")
INDICE = indicateur(Published("a", ""), "Indice de jeunesse", "indice")

ICI, GRAND_NOUMEA, NOUMEA, PAYS = "98817", "988-grand-noumea", "98818", "988"
AU_DESSUS, AU_DESSOUS, NON_DIFFERENT, SANS = "au_dessus", "au_dessous", "non_different", "ne_se_compare_pas"


def ecart(position, contre=GRAND_NOUMEA, nature="comparateur", annee=2019):
    return Ecart(contre, annee, nature, 0.1, 0.001, position)


def texte(phrase):
    """A sentence as one reads it: without its links, with plain spaces."""
    return re.sub(r"\s", " ", re.sub(r"\[([^\]]*)\]\(#[^)]*\)", r"\1", phrase))


# --- A figure --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declare", "valeur", "attendu", "courte"),
    [
        (PART, 15.73, "15,7 %", "15,7 %"),
        (TOTAL, 27_620, "27 620 habitants", "27 620"),
        (TOTAL, 1, "1 habitant", "1"),
        (CROISSANCE, 0.3402, "+0,34 % par an", "+0,34 %"),
        (CROISSANCE, -1.548, "−1,55 % par an", "−1,55 %"),
        (TAUX, 31.05, "31,1 pour 1 000 habitants", "31,1"),
        (
            indicateur(Mean("a", of="b", unit="personnes", decimals=2), "Taille"),
            2.911,
            "2,91 personnes",
            "2,91",
        ),
        (INDICE, 190.9, "190,9", "190,9"),
    ],
)
def test_a_figure_is_written_with_its_unit_and_its_decimals(dessin, declare, valeur, attendu, courte):
    chiffre = dessin.fait(declare, ICI, valeur)
    assert texte(phrases.valeur(declare, chiffre)) == attendu
    assert texte(phrases.valeur_courte(declare, chiffre)) == courte


def test_every_number_leads_to_the_card_of_its_indicator(dessin):
    assert phrases.chiffre(PART, dessin.fait(PART, ICI, 15.7)) == "[15,7\u00a0%](#indicateur-part_60_plus)"


@pytest.mark.parametrize(
    ("label", "sujet", "pronom"),
    [
        ("Part des 60 ans et plus", "la part des 60 ans et plus", "elle"),
        ("Évolution annuelle moyenne", "l’évolution annuelle moyenne", "elle"),
        ("Taux de chômage", "le taux de chômage", "il"),
        ("Indice de jeunesse", "l’indice de jeunesse", "il"),
        ("Âge moyen", "l’âge moyen", "il"),
    ],
)
def test_an_indicator_is_the_subject_of_its_sentence(label, sujet, pronom):
    declare = indicateur(Share("a", of="b"), label)
    assert (phrases.sujet(declare), phrases.pronom(declare)) == (sujet, pronom)


@pytest.mark.parametrize(
    ("declare", "attendu"),
    [
        (PART, "Part des 60 ans et plus"),
        (TOTAL, "Population (habitants)"),
        (INDICE, "Indice de jeunesse"),
        (indicateur(Total("a", "enfants"), "Nombre d'enfants"), "Nombre d'enfants"),
    ],
)
def test_the_row_of_a_table_says_its_unit_once(declare, attendu):
    assert phrases.libelle(declare) == attendu


def test_a_floor_is_said_at_most_in_a_sentence_and_by_a_sign_in_a_table(dessin):
    taux = indicateur(Published("taux_pauvrete", "%", decimals=0), "Taux de pauvreté", "taux_pauvrete")
    plancher = dessin.fait(taux, ICI, 5.0, statut=Statut.PLANCHER)
    assert texte(phrases.valeur(taux, plancher)) == "5 % au plus"
    assert texte(phrases.valeur_courte(taux, plancher)) == "≤ 5 %"


# --- Against the territories around ----------------------------------------------------------------


def comparer(dessin, declare, ici, la, position, contre=GRAND_NOUMEA):
    chiffre = dessin.fait(declare, ICI, ici)
    faits = dessin.faits(
        [declare], [chiffre, dessin.fait(declare, contre, la)], {chiffre: [ecart(position, contre)]}
    )
    return texte(phrases.contre_comparateurs(faits, declare, chiffre))


@pytest.mark.parametrize(
    ("ici", "la", "position", "attendu"),
    [
        (15.7, 12.9, AU_DESSUS, "plus que dans le Grand Nouméa (12,9 %)"),
        (12.9, 15.7, AU_DESSOUS, "moins que dans le Grand Nouméa (15,7 %)"),
        (15.7, 15.2, NON_DIFFERENT, "sans écart établi avec ce qui s’observe dans le Grand Nouméa (15,2 %)"),
        # the reader sees the same figure twice: neither more nor less, whatever the test says
        (15.72, 15.68, AU_DESSUS, "autant que dans le Grand Nouméa (15,7 %)"),
        (15.72, 15.68, NON_DIFFERENT, "autant que dans le Grand Nouméa (15,7 %)"),
        (20.0, 10.0, AU_DESSUS, "deux fois plus que dans le Grand Nouméa (10,0 %)"),
        (10.0, 20.5, AU_DESSOUS, "environ deux fois moins que dans le Grand Nouméa (20,5 %)"),
        (30.0, 10.2, AU_DESSUS, "environ trois fois plus que dans le Grand Nouméa (10,2 %)"),
        # 4.7/2.4 = 1.96
        (2.4, 4.7, AU_DESSOUS, "environ deux fois moins que dans le Grand Nouméa (4,7 %)"),
        (30.0, 10.05, AU_DESSUS, "trois fois plus que dans le Grand Nouméa (10,1 %)"),
        (50.0, 10.0, AU_DESSUS, "cinq fois plus que dans le Grand Nouméa (10,0 %)"),
        (25.0, 10.0, AU_DESSUS, "plus que dans le Grand Nouméa (10,0 %)"),
        (60.0, 10.0, AU_DESSUS, "plus que dans le Grand Nouméa (10,0 %)"),
        (11.0, 10.0, AU_DESSUS, "plus que dans le Grand Nouméa (10,0 %)"),
        (15.7, 0.0, AU_DESSUS, "plus que dans le Grand Nouméa (0,0 %)"),
        (15.7, 12.9, SANS, "à rapprocher de ce qui s’observe dans le Grand Nouméa (12,9 %)"),
    ],
)
def test_a_difference_is_said_as_it_was_established(dessin, ici, la, position, attendu):
    assert comparer(dessin, PART, ici, la, position) == attendu


@pytest.mark.parametrize(
    ("contre", "attendu"),
    [(NOUMEA, "plus qu’à Nouméa (12,9 %)"), (PAYS, "plus qu’en Nouvelle-Calédonie (12,9 %)")],
)
def test_que_is_elided_before_a_place(dessin, contre, attendu):
    assert comparer(dessin, PART, 15.7, 12.9, AU_DESSUS, contre) == attendu


def test_no_claim_is_made_where_nothing_was_compared(dessin):
    chiffre = dessin.fait(PART, ICI, 15.7)
    faits = dessin.faits([PART], [chiffre, dessin.fait(PART, GRAND_NOUMEA, 2.0)])
    assert phrases.contre_comparateurs(faits, PART, chiffre) == ""


def test_a_count_is_not_set_against_that_of_a_larger_territory(dessin):
    assert comparer(dessin, TOTAL, 27_620, 182_341, AU_DESSOUS) == ""


def test_territories_of_one_state_are_said_together(dessin):
    chiffre = dessin.fait(PART, ICI, 15.7)
    autres = [dessin.fait(PART, lieu, v) for lieu, v in ((GRAND_NOUMEA, 12.9), (NOUMEA, 13.4), (PAYS, 15.6))]
    positions = (AU_DESSUS, AU_DESSUS, NON_DIFFERENT)
    ecarts = [ecart(p, autre.territoire) for p, autre in zip(positions, autres, strict=True)]
    faits = dessin.faits([PART], [chiffre, *autres], {chiffre: ecarts})
    assert texte(phrases.contre_comparateurs(faits, PART, chiffre)) == (
        "plus que dans le Grand Nouméa (12,9 %) et à Nouméa (13,4 %), "
        "sans écart établi avec ce qui s’observe en Nouvelle-Calédonie (15,6 %)"
    )


# --- Where it is known -----------------------------------------------------------------------------


def test_a_figure_is_said_with_its_year_and_its_place(dessin):
    faits = dessin.faits([PART], [dessin.fait(PART, ICI, 15.73)])
    assert (
        texte(phrases.situer(faits, PART))
        == "En 2019, la part des 60 ans et plus est de 15,7 % au Mont-Dore."
    )


def test_a_growth_is_said_between_its_two_years(dessin):
    faits = dessin.faits([CROISSANCE], [dessin.fait(CROISSANCE, ICI, -1.548, 2025, depuis=2019)])
    assert texte(phrases.situer(faits, CROISSANCE)) == (
        "Entre 2019 et 2025, l’évolution annuelle moyenne de la population est de −1,55 % par an au Mont-Dore."
    )


def test_what_is_counted_and_is_not_there_is_nil_and_a_rate_of_zero_is_zero(dessin):
    colleges = indicateur(Total("a", "équipements"), "Nombre de collèges", "colleges")
    faits = dessin.faits([colleges, PART], [dessin.fait(colleges, ICI, 0), dessin.fait(PART, ICI, 0)])
    assert texte(phrases.situer(faits, colleges)) == "En 2019, le nombre de collèges est nul au Mont-Dore."
    assert texte(phrases.situer(faits, PART)).endswith(
        "la part des 60 ans et plus est de 0,0 % au Mont-Dore."
    )


def test_an_indicator_unknown_in_the_commune_is_told_for_the_smallest_territory_that_has_it_and_says_so(
    dessin,
):
    # Nouméa is another commune: it says nothing of Le Mont-Dore
    chiffres = [dessin.fait(PART, ICI, None), dessin.fait(PART, NOUMEA, 13.4), dessin.fait(PART, PAYS, 15.6)]
    assert texte(phrases.situer(dessin.faits([PART], chiffres), PART)) == (
        "En 2019, la part des 60 ans et plus est de 15,6 % en Nouvelle-Calédonie (inconnu pour la commune)."
    )


def test_an_indicator_known_nowhere_is_not_told(dessin):
    assert phrases.situer(dessin.faits([PART], []), PART) == ""
    assert phrases.situer(dessin.faits([PART], [dessin.fait(PART, ICI, None)]), PART) == ""


def test_the_latest_figure_is_the_one_told(dessin):
    chiffres = [
        dessin.fait(PART, ICI, 12.1, 2014),
        dessin.fait(PART, ICI, 15.7),
        dessin.fait(PART, ICI, None, 2025),
    ]
    assert texte(phrases.situer(dessin.faits([PART], chiffres), PART)).startswith("En 2019,")


# --- What has changed ------------------------------------------------------------------------------


def evoluer(dessin, declare, avant, apres, position, **autres):
    ancien = dessin.fait(declare, ICI, avant, 2014, **autres)
    chiffre = dessin.fait(declare, ICI, apres)
    confrontes = {chiffre: [ecart(position, ICI, "precedent", 2014)]} if position else {}
    return dessin.faits([declare], [ancien, chiffre], confrontes), chiffre


@pytest.mark.parametrize(
    ("avant", "apres", "position", "attendu"),
    [
        (12.1, 15.7, AU_DESSUS, "elle est en hausse de 3,6 points depuis 2014 (12,1 %)"),
        (15.7, 12.1, AU_DESSOUS, "elle est en baisse de 3,6 points depuis 2014 (15,7 %)"),
        (14.4, 16.4, AU_DESSUS, "elle est en hausse de 2,0 points depuis 2014 (14,4 %)"),
        (14.6, 15.6, AU_DESSUS, "elle est en hausse de 1,0 point depuis 2014 (14,6 %)"),
        # 0.3 and 0.7 as the reader sees them, not 0.2 and 0.7
        (0.25, 0.65, AU_DESSUS, "elle est en hausse de 0,4 point depuis 2014 (0,3 %)"),
        (15.5, 15.7, NON_DIFFERENT, "aucune évolution n’est établie depuis 2014 (15,5 %)"),
        (15.68, 15.72, AU_DESSUS, "elle n’a pas bougé depuis 2014"),
        (12.1, 15.7, SANS, ""),
        (12.1, 15.7, None, ""),
    ],
)
def test_a_change_is_said_only_when_it_is_established(dessin, avant, apres, position, attendu):
    assert texte(phrases.depuis(*arguments(evoluer(dessin, PART, avant, apres, position), PART))) == attendu


def arguments(couple, declare):
    faits, chiffre = couple
    return faits, declare, chiffre


def test_a_rate_that_rises_is_not_told_in_points(dessin):
    assert texte(phrases.depuis(*arguments(evoluer(dessin, TAUX, 20, 31, AU_DESSUS), TAUX))) == (
        "il est en hausse depuis 2014 (20,0)"
    )


@pytest.mark.parametrize(
    ("declare", "attendu"),
    [(TOTAL, "elle était de 100 en 2014"), (INDICE, "il était de 100,0 en 2014")],
)
def test_a_measure_without_a_test_sets_its_two_figures_side_by_side(dessin, declare, attendu):
    assert texte(phrases.depuis(*arguments(evoluer(dessin, declare, 100, 180, SANS), declare))) == attendu


@pytest.mark.parametrize(
    ("declare", "attendu"), [(TOTAL, "elle était la même en 2014"), (INDICE, "il était le même en 2014")]
)
def test_two_figures_that_read_the_same_are_not_said_twice(dessin, declare, attendu):
    assert texte(phrases.depuis(*arguments(evoluer(dessin, declare, 100, 100, SANS), declare))) == attendu


def test_a_growth_is_set_beside_that_of_the_period_before(dessin):
    couple = evoluer(dessin, CROISSANCE, 1.12, 0.34, SANS, depuis=2009)
    assert texte(phrases.depuis(*arguments(couple, CROISSANCE))) == "elle était de +1,12 % entre 2009 et 2014"


def test_the_change_follows_the_figure_as_a_sentence_of_its_own(dessin):
    faits, _ = evoluer(dessin, PART, 12.1, 15.7, AU_DESSUS)
    assert texte(phrases.situer(faits, PART)) == (
        "En 2019, la part des 60 ans et plus est de 15,7 % au Mont-Dore. "
        "Elle est en hausse de 3,6 points depuis 2014 (12,1 %)."
    )
    assert "hausse" not in phrases.situer(faits, PART, evolution=False)


def test_the_figure_set_against_is_the_one_that_was_compared_not_the_one_before(dessin):
    chiffre = dessin.fait(PART, ICI, 15.7, 2021)
    anciens = [dessin.fait(PART, ICI, 12.1, 2016), dessin.fait(PART, ICI, 15.5, 2020)]
    faits = dessin.faits([PART], [chiffre, *anciens], {chiffre: [ecart(AU_DESSUS, ICI, "precedent", 2016)]})
    assert "depuis 2016" in phrases.depuis(faits, PART, chiffre)


@pytest.mark.parametrize("fragile", [2014, 2019])
@pytest.mark.parametrize(("declare", "position"), [(TOTAL, SANS), (INDICE, SANS), (PART, AU_DESSUS)])
def test_a_fragile_figure_enters_no_sentence_of_evolution(dessin, declare, position, fragile):
    ancien, chiffre = (
        dessin.fait(declare, ICI, valeur, annee, statut=Statut.FRAGILE if annee == fragile else Statut.VALIDE)
        for valeur, annee in ((87, 2014), (92, 2019))
    )
    faits = dessin.faits([declare], [ancien, chiffre], {chiffre: [ecart(position, ICI, "precedent", 2014)]})
    assert phrases.depuis(faits, declare, chiffre) == ""
    assert phrases.situer(faits, declare).count("2014") == 0


def test_a_change_is_told_from_one_year_to_the_other(dessin):
    couple = arguments(evoluer(dessin, PART, 13.4, 15.7, AU_DESSUS), PART)
    assert texte(phrases.changement(*couple)) == (
        "La part des 60 ans et plus est passée de 13,4 % en 2014 à 15,7 % en 2019 (+2,3 points)."
    )
    couple = arguments(evoluer(dessin, TAUX, 20, 31, AU_DESSUS), TAUX)
    assert texte(phrases.changement(*couple)) == (
        "Le taux de recours est passé de 20,0 en 2014 à 31,0 pour 1 000 habitants en 2019."
    )


@pytest.mark.parametrize(
    ("position", "attendu"),
    [(AU_DESSUS, True), (AU_DESSOUS, True), (NON_DIFFERENT, False), (SANS, False), (None, False)],
)
def test_something_has_changed_only_when_it_is_established(dessin, position, attendu):
    faits, _, fait = arguments(evoluer(dessin, PART, 12.1, 15.7, position), PART)
    assert phrases.a_change(faits, fait) is attendu


# --- Largest parts ---------------------------------------------------------------------------------

BESOINS = Indicator(
    "part_besoins", "Part des besoins", "Tel.", "Tel.", Share("a", of="b"), "population", by="theme"
)


def par_groupe(dessin, declare=BESOINS, **groupes):
    """A value and its interval a group: `logement=(53.9, 45, 62.5)`."""
    chiffres = [
        dessin.fait(declare, ICI, valeur, 2025, groupe=groupe, basse=basse, haute=haute)
        for groupe, (valeur, basse, haute) in groupes.items()
    ]
    return texte(phrases.en_tete(dessin.faits([declare], chiffres), declare))


def test_a_part_is_the_largest_when_its_interval_is_above_all_the_others(dessin):
    assert par_groupe(dessin, logement=(60, 55, 65), mobilite=(50, 45, 54.9), sante=(30, 25, 35)) == (
        "La part des besoins est la plus élevée pour « Logement » : 60,0 % en 2025."
    )


def test_parts_that_are_not_told_apart_are_first_together(dessin):
    assert par_groupe(dessin, logement=(53.9, 45, 62.5), mobilite=(50.1, 42, 58), sante=(30, 25, 35)) == (
        "La part des besoins : « Logement » (53,9 %) et « Mobilité » (50,1 %) arrivent en tête en 2025, "
        "sans écart établi."
    )
    # 45 to 62,5 and 36 to 52 overlap
    assert "« Santé » (44,0 %)" in par_groupe(
        dessin, logement=(53.9, 45, 62.5), mobilite=(50.1, 42, 58), sante=(44, 36, 52)
    )


def test_where_more_than_three_are_first_there_is_no_first(dessin):
    groupes = {
        nom: (30 + rang, 20, 40) for rang, nom in enumerate(("sante", "logement", "mobilite", "emploi"))
    }
    assert par_groupe(dessin, **groupes) == (
        "La part des besoins ne désigne aucun premier en 2025 : 4 se suivent sans écart établi avec le plus haut, "
        "de « Emploi » (33,0 %) à « Santé » (30,0 %)."
    )


def test_what_gathers_the_rest_is_never_first_and_is_said_to_be_left_out(dessin):
    assert par_groupe(dessin, autre=(70, 65, 75), logement=(60, 55, 64), sante=(30, 25, 35)) == (
        "La part des besoins est la plus élevée pour « Logement » : 60,0 % en 2025, hors « Autre thème »."
    )
    assert "hors" not in par_groupe(dessin, autre=(20, 15, 25), logement=(60, 55, 64), sante=(30, 25, 35))
    assert par_groupe(dessin, autre=(70, 65, 75), logement=(60, 55, 64)) == ""


def test_of_exact_amounts_the_largest_is_the_largest(dessin):
    montants = Indicator("montant", "Montant", "Tel.", "Tel.", Total("a", "F CFP"), "population", by="theme")
    assert par_groupe(dessin, montants, sante=(101, None, None), logement=(100, None, None)) == (
        "Le montant est le plus élevé pour « Santé » : 101 F CFP en 2025."
    )


# --- Quartiers -------------------------------------------------------------------------------------

QUARTIERS = {
    "98817-plum": "Plum",
    "98817-robinson": "Robinson",
    "98817-boulari": "Boulari",
    "98817-yahoué": "Yahoué",
}


def par_quartier(dessin, valeurs, positions=(), declare=PART, **autres):
    chiffres = [dessin.fait(declare, lieu, v, **autres) for lieu, v in zip(QUARTIERS, valeurs, strict=True)]
    couples = zip(chiffres, positions or [SANS] * 4, strict=True)
    return dessin.faits([declare], chiffres, {c: [ecart(p, ICI, "commune")] for c, p in couples})


def test_the_quartiers_told_are_those_that_differ_from_the_commune(dessin):
    faits = par_quartier(dessin, (10, 12, 15, 20), (AU_DESSOUS, NON_DIFFERENT, AU_DESSUS, AU_DESSUS))
    assert texte(phrases.quartiers(faits, PART)) == (
        "Selon le quartier, la part des 60 ans et plus s’écarte de celle de la commune en 2019 : plus élevée à Yahoué "
        "(20,0 %) et Boulari (15,0 %), moins élevée à Plum (10,0 %)."
    )
    assert texte(phrases.quartiers(faits, PART, detail=False)) == (
        "Selon le quartier, la part des 60 ans et plus s’écarte de celle de la commune en 2019 : plus élevée notamment "
        "à Yahoué (20,0 %), moins élevée à Plum (10,0 %)."
    )


def test_the_quartiers_that_differ_are_told_beside_the_commune(dessin):
    chiffres = [
        dessin.fait(TAUX, lieu, valeur) for lieu, valeur in zip(QUARTIERS, (10, 12, 15, 20), strict=True)
    ]
    ecarts = {chiffres[3]: [ecart(AU_DESSUS, ICI, "commune")]}
    faits = dessin.faits([TAUX], [*chiffres, dessin.fait(TAUX, ICI, 13.2)], ecarts)
    assert texte(phrases.quartiers(faits, TAUX)) == (
        "Selon le quartier, le taux de recours s’écarte de celui de la commune (13,2) en 2019 : "
        "plus élevé à Yahoué (20,0)."
    )


def test_an_extreme_that_is_not_established_is_not_named(dessin):
    # Yahoué is the highest, Plum the lowest: neither differs from the commune
    faits = par_quartier(dessin, (10, 12, 15, 20), (NON_DIFFERENT, NON_DIFFERENT, AU_DESSUS, NON_DIFFERENT))
    phrase = phrases.quartiers(faits, PART)
    assert "Boulari" in phrase and "Yahoué" not in phrase and "Plum" not in phrase
    assert texte(phrases.quartiers(par_quartier(dessin, (10, 12, 15, 20), [NON_DIFFERENT] * 4), PART)) == (
        "Selon le quartier, la part des 60 ans et plus va de 10,0 % à 20,0 % en 2019 ; aucun quartier ne s’écarte de "
        "façon établie de l’ensemble de la commune."
    )


def test_a_measure_without_a_test_is_told_by_its_extremes(dessin):
    assert texte(phrases.quartiers(par_quartier(dessin, (10, 12, 15, 20), declare=INDICE), INDICE)) == (
        "Selon le quartier, l’indice de jeunesse va de 10,0 (Plum) à 20,0 (Yahoué) en 2019."
    )


@pytest.mark.parametrize(
    ("declare", "position", "attendu"),
    [
        (PART, NON_DIFFERENT, "20,0 % en 2019, hors petits effectifs ;"),
        (INDICE, SANS, "2019, hors petits effectifs."),
    ],
)
def test_a_range_says_that_small_counts_are_left_out_of_it(dessin, declare, position, attendu):
    # a table that shows 44,4 %* beside it would belie the range
    chiffres = [dessin.fait(declare, lieu, v) for lieu, v in zip(QUARTIERS, (10, 12, 20), strict=False)]
    fragile = dessin.fait(declare, "98817-yahoué", 44.4, statut=Statut.FRAGILE)
    ecarts = {chiffre: [ecart(position, ICI, "commune")] for chiffre in chiffres}
    assert attendu in texte(phrases.quartiers(dessin.faits([declare], [*chiffres, fragile], ecarts), declare))


def test_two_quartiers_are_no_ranking_and_counts_are_not_ranked(dessin):
    assert phrases.quartiers(par_quartier(dessin, (10, 12, None, None)), PART) == ""
    assert phrases.quartiers(par_quartier(dessin, (10, 12, 15, 20), declare=TOTAL), TOTAL) == ""


def test_a_sentence_says_that_its_figure_is_fragile_or_the_one_beside_it(dessin):
    ici = dessin.fait(PART, ICI, 12.0, statut=Statut.FRAGILE)
    la = dessin.fait(PART, GRAND_NOUMEA, 14.7, statut=Statut.FRAGILE)
    faits = dessin.faits([PART], [ici, la], {ici: [ecart(SANS, GRAND_NOUMEA)]})
    assert texte(phrases.situer(faits, PART)) == (
        "En 2019, la part des 60 ans et plus est de 12,0 % (chiffre fragile) au Mont-Dore, à rapprocher de ce qui "
        "s’observe dans le Grand Nouméa (14,7 %, fragile)."
    )


STATUTS = st.sampled_from([Statut.VALIDE, Statut.FRAGILE, Statut.SECRET, Statut.ABSENT])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    statuts=st.lists(STATUTS, min_size=4, max_size=4),
    valeurs=st.permutations([11.1, 22.2, 33.3, 44.4]),
    positions=st.lists(st.sampled_from([AU_DESSUS, AU_DESSOUS, NON_DIFFERENT]), min_size=4, max_size=4),
    annees=st.lists(st.sampled_from([2014, 2019]), min_size=4, max_size=4),
)
def test_a_secret_or_fragile_figure_is_never_ranked_nor_an_older_one(
    dessin, statuts, valeurs, positions, annees
):
    caches = (Statut.SECRET, Statut.ABSENT)
    chiffres = [
        dessin.fait(PART, lieu, None if statut in caches else valeur, annee, statut=statut)
        for lieu, statut, valeur, annee in zip(QUARTIERS, statuts, valeurs, annees, strict=True)
    ]
    couples_lus = [couple for couple in zip(chiffres, positions, strict=True) if couple[0].lisible]
    faits = dessin.faits([PART], chiffres, {c: [ecart(p, ICI, "commune")] for c, p in couples_lus})
    phrase = texte(phrases.quartiers(faits, PART))
    recente = max((chiffre.millesime for chiffre in chiffres if chiffre.lisible), default=0)
    bons = [c.territoire for c in chiffres if c.statut is Statut.VALIDE and c.millesime == recente]
    assert bool(phrase) == (len(bons) >= 3)
    dits = {lieu for lieu, nom in QUARTIERS.items() if nom in phrase}
    ecartes = {c.territoire for c, p in couples_lus if c.territoire in bons and p != NON_DIFFERENT}
    assert dits == (ecartes if phrase else set())


# --- The sentences of the real edition -------------------------------------------------------------


@pytest.fixture(scope="session")
def faits_publics(base_publique, edition_publique):
    from pipeline.indicators import chapitres_de

    return faits_.lire(base_publique, edition_publique, chapitres_de(edition_publique.profil), "resultat")


def toutes(faits):
    """Every sentence that the indicators of the edition can make, with its indicator."""
    for declare in faits.indicateurs():
        yield declare.id, phrases.situer(faits, declare)
        yield declare.id, phrases.quartiers(faits, declare)
        dernier = faits.dernier(declare.id, faits.etude.code)
        if dernier and phrases.precedent(faits, declare, dernier):
            yield declare.id, phrases.changement(faits, declare, dernier)


def test_every_sentence_of_the_edition_is_french(faits_publics):
    fautes = {
        "two spaces": r"  ",
        "space before a comma or a period": r"\s[.,]",
        "no final period": r"[^.]$",
        "no capital": r"^[^A-ZÀÂÉÈÊÎ]",
        "que not elided": r"\bque (?:à|au|aux|en) ",
        "de not elided": r"\b[dl]e [aeiouâéèêîô]",
        "de le": r"\b(?:de|à) les? ",
        "a missing value": r"n\. d\.|nan|None|secret",
        "a decimal point": r"\d\.\d",
        "a hyphen for a minus": r"(?<![\w])-\d",
    }
    phrases_ = [(nom, texte(phrase)) for nom, phrase in toutes(faits_publics) if phrase]
    assert len(phrases_) > 60
    trouvees = {
        (faute, nom): phrase
        for nom, phrase in phrases_
        for faute, motif in fautes.items()
        if re.search(motif, phrase)
    }
    assert trouvees == {}


def test_the_first_sentence_of_the_report_holds_the_published_figures(faits_publics):
    part = next(i for i in faits_publics.indicateurs() if i.id == "part_60_plus")
    phrase = texte(phrases.situer(faits_publics, part))
    assert phrase.startswith("En 2019, la part des 60 ans et plus est de 15,7 % au Mont-Dore, ")
    assert "dans le Grand Nouméa (" in phrase
    assert "Elle est en hausse de " in phrase


def test_what_is_known_for_the_province_only_is_told_of_the_province(faits_publics):
    chomage = next(i for i in faits_publics.indicateurs() if i.id == "taux_chomage")
    assert "dans la province Sud (inconnu pour la commune)" in texte(phrases.situer(faits_publics, chomage))


# --- Facts read back from a base -------------------------------------------------------------------


@pytest.fixture
def lus(base, dessiner, pays):
    """Facts of the drawn country, computed and compared, all published."""
    valeurs = "('98817', 2014, 300, 1000), ('98817', 2019, 500, 1000), ('98805', 2019, 200, 1000)"
    dessiner("socle.population", "territoire, millesime, a, b", valeurs)
    chapitres, series = (Chapter("essai", "Essai", "Qui ?", (PART,)),), {"population": "recensement"}
    compute.calculer(base, pays, chapitres, series)
    comparison.comparer(base, pays, chapitres, series)
    base.execute("create schema publication; create schema qualite")
    for table in ("indicateurs", "comparaisons"):
        base.execute(f"create table publication.{table} as from resultat.{table}")
    fichiers = ", ".join(f"('{source}', true)" for source in sources_de("aides"))
    dessiner("qualite.fichiers", "source, fictif", f"{fichiers}, ('isee_majeurs', false)")
    return faits_.lire(base, pays, chapitres)


def test_facts_are_those_of_the_base_oldest_first(lus):
    assert [(f.millesime, f.valeur) for f in lus.serie("part_60_plus", ICI)] == [(2014, 30.0), (2019, 50.0)]
    assert lus.dernier("part_60_plus", ICI).numerateur == 500
    assert lus.dernier("part_60_plus", "988") is None
    assert lus.a("part_60_plus", "988", 2019).statut is Statut.ABSENT
    assert lus.a("part_60_plus", "988", 1999) is None


def test_what_is_missing_has_no_value_at_all_rather_than_a_number_that_is_none(lus):
    absent = lus.a("part_60_plus", "988", 2019)
    assert (absent.valeur, absent.basse, absent.numerateur, absent.lisible) == (None, None, None, False)


def test_comparisons_are_those_of_the_base_in_the_edition_s_order(lus):
    chiffre = lus.dernier("part_60_plus", ICI)
    [autre] = lus.compares(chiffre, "comparateur")
    assert (autre.contre, autre.position) == ("98805", AU_DESSUS)
    [ancien] = lus.compares(chiffre, "precedent")
    assert (ancien.contre_millesime, ancien.position) == (2014, AU_DESSUS)
    assert lus.compares(chiffre, "commune") == ()


@pytest.mark.parametrize(
    ("code", "nom", "de", "dans"),
    [
        ("98817", "Le Mont-Dore", "du Mont-Dore", "au Mont-Dore"),
        ("98805", "Dumbéa", "de Dumbéa", "à Dumbéa"),
        ("988-sud", "Province Sud", "de la province Sud", "dans la province Sud"),
        ("988", "Nouvelle-Calédonie", "de la Nouvelle-Calédonie", "en Nouvelle-Calédonie"),
        ("98817-plum", "Plum", "de Plum", "à Plum"),
    ],
)
def test_places_have_the_forms_of_their_name(lus, code, nom, de, dans):
    lieu = lus.lieux[code]
    assert (lieu.nom, lieu.de, lieu.dans) == (nom, de, dans)


def test_the_commune_its_comparators_and_its_quartiers_are_those_of_the_edition(lus, pays):
    assert lus.etude.code == ICI
    assert [lieu.code for lieu in lus.comparateurs] == list(pays.edition.comparateurs)
    assert [lieu.nom for lieu in lus.quartiers] == ["Plum", "Robinson"]


def test_figures_say_their_producers_and_whether_they_are_fictional_or_about_persons(lus):
    aides = indicateur(Total("demandes", "demandes"), "Nombre de demandes", "demandes")
    aides = Indicator(**(aides.__dict__ | {"table": "aides"}))
    assert (lus.est_fictif(aides), lus.est_fictif(PART)) == (True, False)
    assert (lus.est_activite(aides), lus.est_activite(PART)) == (True, False)
    fichiers = tuple(Fichier(source=nom, chemin="x.csv") for nom in ("ccas_demandes", "isee_population_age"))
    lus = replace(lus, edition=lus.edition.model_copy(update={"fichiers": fichiers}))
    assert "CCAS" in lus.source(aides)
    assert "ISEE" in lus.producteurs(PART)
    # the same table serves mainland France: what has no file in the edition is no source of its figures
    assert "exploitation" not in lus.producteurs(PART)


def test_a_group_is_read_by_its_label(lus):
    motif = Indicator(**(PART.__dict__ | {"table": "aides_motif", "by": "motif"}))
    assert lus.libelle_groupe(motif, "energie") == "Énergie et eau"
    assert lus.libelle_groupe(motif, "sans_motif") == "Sans motif"


def test_a_group_without_a_label_is_read_by_the_word_of_the_deposit(lus):
    mots = {"activite": {"Café des parents": "parentalite", "Goûter des parents": "parentalite"}}
    fichiers = (Fichier(source="centre_social_seances", chemin="x.csv", valeurs=mots),)
    lus = replace(lus, edition=lus.edition.model_copy(update={"fichiers": fichiers}))
    activite = Indicator(**(PART.__dict__ | {"table": "centre_social_activites", "by": "activite"}))
    assert lus.libelle_groupe(activite, "parentalite") == "Café des parents"
    assert lus.libelle_groupe(activite, "accompagnement_scolaire") == "Accompagnement scolaire"
