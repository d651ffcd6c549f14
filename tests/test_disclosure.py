"""Statistical secrecy: what is secret by itself, what is hidden with it, and what a reader can still deduce."""

import io
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from pipeline.disclosure import (
    Cellule,
    Egalite,
    Inclusion,
    Regle,
    SecretNonTenu,
    Tableau,
    appliquer,
    auditer,
    exiger_secret,
    lier,
    proteger,
    publier,
    regrouper,
    regrouper_rares,
    secret_dominance,
    secret_du_premier,
    secret_effectif,
    secret_p_pourcent,
    tabuler,
)
from pipeline.disclosure.attack import Mouvement
from pipeline.disclosure.programs import Programme, Systeme, minimiser
from pipeline.disclosure.rules import premier_au_plus
from pipeline.disclosure.tables import grouper
from pipeline.model import ErreurUtilisateur

REGLE = Regle()

DEMANDES = """
quartier  énergie  loyer  transport
Nord      3        18     9
Centre    12       25     4
Sud       40       2      33
"""


SANS_PETITS = """
quartier  énergie  loyer  transport
Nord      13       18     9
Centre    12       25     14
Sud       40       12     33
"""


def dessin(texte, mesure="demandes", nom="Demandes", **options):
    """A table drawn with its rows and columns, totals left out, as a declared table."""
    carre = pd.read_csv(io.StringIO(texte.strip()), sep=r"\s+")
    lignes = carre.melt(id_vars=carre.columns[0], var_name="motif", value_name="valeur")
    return Tableau(nom, mesure, lignes, (carre.columns[0], "motif"), **options)


def liste(lignes, dimensions, nom="Liste", mesure="demandes", **options):
    """A table from its rows: categories, then values named by the keywords of the columns."""
    colonnes = [
        *dimensions,
        "valeur",
        *(v for v in options.values() if isinstance(v, str) and v != "montant"),
    ]
    return Tableau(nom, mesure, pd.DataFrame(lignes, columns=colonnes), tuple(dimensions), **options)


def cellule(mesure="demandes", **categories):
    return Cellule(mesure, tuple(sorted(categories.items())))


def cachees_de(protection):
    """Names of the printed cells that are hidden, without the measure."""
    return {
        ", ".join(categorie for _, categorie in protection.tables.cellules[rang].croisement)
        for rang, motif in enumerate(protection.motifs)
        if motif
    }


# --- What is secret by itself ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effectif", "secret"),
    [(0, False), (1, True), (4, True), (5, False), (0.4, True), (np.nan, False)],
)
def test_a_count_of_one_to_four_persons_is_secret(effectif, secret):
    assert secret_effectif([effectif], 5).tolist() == [secret]


@pytest.mark.parametrize(
    ("total", "premier", "deuxieme", "secret"),
    [
        (1000, 850, 50, False),  # 850 is not above 85 % of 1000
        (1000, 851, 50, True),
        (1000, 500, 450, False),  # 500 + 450 is not above 95 % of 1000
        (1000, 500, 451, True),
        (0, 0, 0, False),
    ],
)
def test_one_or_two_contributors_may_not_make_nearly_all_of_an_amount(total, premier, deuxieme, secret):
    assert secret_dominance([total], [premier], [deuxieme], REGLE).tolist() == [secret]


@pytest.mark.parametrize(
    ("total", "premier", "deuxieme", "secret"),
    [
        (1000, 600, 340, False),  # the others make 1000 − 600 − 340 = 60 = 10 % of 600
        (1000, 600, 341, True),
        (0, 0, 0, False),
    ],
)
def test_the_second_contributor_may_not_estimate_the_first_within_ten_per_cent(
    total, premier, deuxieme, secret
):
    assert secret_p_pourcent([total], [premier], [deuxieme], REGLE).tolist() == [secret]


@pytest.mark.parametrize(
    ("reglage", "mot"),
    [({"seuil": 1}, "seuil"), ({"part_dominante": 85}, "0.85")],
)
def test_a_policy_that_protects_nobody_is_refused(reglage, mot):
    with pytest.raises(ErreurUtilisateur, match=mot):
        Regle(**reglage)


# --- One system of cells ---------------------------------------------------------------------------


def test_totals_that_a_table_does_not_print_are_computed_and_every_relation_holds():
    tables = lier([dessin(DEMANDES)])
    assert len(tables.cellules) == 4 * 4
    assert tables.valeurs[tables.rangs[cellule(quartier="Nord")]] == 3 + 18 + 9
    assert tables.valeurs[tables.rangs[cellule()]] == 146
    assert not (tables.relations @ tables.valeurs).any()


def test_the_order_of_the_rows_does_not_change_the_system():
    tableau = dessin(DEMANDES)
    melange = replace(tableau, donnees=tableau.donnees.sample(frac=1, random_state=3))
    assert lier([tableau]).cellules == lier([melange]).cellules
    assert (lier([tableau]).relations != lier([melange]).relations).nnz == 0


def test_a_combination_that_a_table_leaves_out_is_a_zero():
    tables = lier([liste([("Nord", "loyer", 7), ("Sud", "énergie", 8)], ("quartier", "motif"))])
    assert tables.valeurs[tables.rangs[cellule(quartier="Nord", motif="énergie")]] == 0


def test_the_same_figure_in_two_tables_is_one_cell():
    par_motif = liste([("énergie", 55), ("loyer", 45), ("transport", 46)], ("motif",), nom="Motifs")
    par_sexe = liste([("femmes", 90), ("hommes", 56)], ("sexe",), nom="Sexes")
    tables = lier([dessin(DEMANDES), par_motif, par_sexe])
    assert len(tables.cellules) == 16 + 2


def test_two_tables_that_contradict_each_other_are_refused_with_both_values():
    par_motif = liste([("énergie", 54), ("loyer", 45)], ("motif",), nom="Motifs")
    detail = liste([("énergie", 55)], ("motif",), nom="Détail")
    with pytest.raises(ErreurUtilisateur, match="54 dans « Motifs » et 55 dans « Détail »"):
        lier([par_motif, detail])


def test_a_total_below_its_parts_is_refused():
    with pytest.raises(
        ErreurUtilisateur, match="« demandes, ensemble » vaut 10 mais ses parties imposent 11"
    ):
        lier([liste([("énergie", 5), ("loyer", 6), ("Ensemble", 10)], ("motif",))])


def test_what_a_total_holds_beyond_the_printed_parts_is_a_cell_like_another():
    """100 requests, 50 + 47 printed: the 3 others are a subtraction away, hence secret."""
    tables = lier([liste([("énergie", 50), ("loyer", 47), ("Ensemble", 100)], ("motif",))])
    assert tables.valeurs[tables.rangs[cellule(motif="(non détaillé)")]] == 100 - 50 - 47
    assert cachees_de(proteger(tables, REGLE)) != set()


@pytest.mark.parametrize(
    ("lignes", "options", "message"),
    [
        ([("Nord", -1)], {}, "négative"),
        ([("Nord", 1.5)], {}, "pas entier"),
        ([("Nord", np.nan)], {}, "case vide"),
        ([(None, 3)], {}, "catégorie est vide"),
        ([("Nord", 8, 0)], {"effectif": "menages"}, "sans personne"),
        ([("Nord", 8, 7)], {"plafond": "population"}, "plafond"),
        ([("Nord", 8.0, 2)], {"nature": "montant", "effectif": "menages"}, "tabuler"),
        ([("Nord", 8, 2), ("Sud", 9, 3)], {"effectif": "menages"}, "le total « demandes, ensemble » manque"),
    ],
)
def test_a_table_that_cannot_be_protected_says_why(lignes, options, message):
    with pytest.raises(ErreurUtilisateur, match=message):
        lier([liste(lignes, ("quartier",), **options)])


def test_a_missing_column_is_named():
    with pytest.raises(ErreurUtilisateur, match="« effectif » manque"):
        lier([Tableau("T", "m", pd.DataFrame({"a": ["x"], "valeur": [1]}), ("a",), effectif="effectif")])


def test_tabulating_payments_keeps_distinct_households_and_the_two_largest():
    lignes = pd.DataFrame(
        {
            "motif": ["énergie", "énergie", "loyer", "énergie"],
            "menage": ["a", "b", "a", "a"],
            "euros": [100.0, 80.0, 50.0, 20.0],
        }
    )
    cadre = tabuler(lignes, ["motif"], "menage", "euros")
    assert cadre.to_numpy().tolist() == [
        ["loyer", 50.0, 1, 50.0, 0.0],
        ["énergie", 200.0, 2, 100.0 + 20.0, 80.0],
        ["Ensemble", 250.0, 2, 100.0 + 20.0 + 50.0, 80.0],
    ]


# --- What is hidden --------------------------------------------------------------------------------


def test_small_counts_are_hidden_with_just_enough_others():
    """3, 4 and 2 are secret; alone in their lines, each would be its total minus the rest."""
    protection = proteger(lier([dessin(DEMANDES)]), REGLE)
    cachees = cachees_de(protection)
    assert {"énergie, Nord", "transport, Centre", "loyer, Sud"} <= cachees
    assert protection.secondaires == len(cachees) - 3
    assert protection.perte == protection.borne


def test_each_hidden_cell_says_why_and_each_interval_holds_what_was_asked():
    protection = proteger(lier([dessin(DEMANDES)]), REGLE)
    for rang, motif in enumerate(protection.motifs):
        valeur = protection.tables.valeurs[rang]
        bas, haut = protection.audit.bas[rang], protection.audit.haut[rang]
        if not motif:
            assert bas == haut == valeur
        elif valeur < 5:
            assert motif == "Primaire : moins de 5 personnes"
            assert (bas, haut >= 5) == (0, True)
        else:
            assert motif.startswith("Secondaire : ")
            assert bas < haut


def test_a_table_without_small_counts_is_published_whole():
    assert cachees_de(proteger(lier([dessin(SANS_PETITS)]), REGLE)) == set()


def test_a_figure_alone_is_hidden_alone():
    """Nothing to subtract it from: anything above 0 is possible."""
    protection = proteger(lier([liste([("Nord", 3)], ("quartier",))]), REGLE)
    assert (protection.audit.bas.tolist(), protection.audit.haut.tolist()) == ([0], [np.inf])
    assert proteger(lier([liste([("Nord", 30)], ("quartier",))]), REGLE).motifs == ("",)


def test_no_table_at_all_is_no_secret_at_all():
    assert proteger(lier([]), REGLE).motifs == ()


def test_a_cell_told_by_two_tables_keeps_the_fewest_persons():
    """30 requests in one table; the other knows that 4 households made them."""
    simple = liste([("Nord", 30), ("Sud", 40)], ("quartier",))
    menages = liste(
        [("Nord", 30, 4), ("Sud", 40, 25), ("Ensemble", 70, 28)], ("quartier",), effectif="menages"
    )
    assert "Nord" in cachees_de(proteger(lier([simple, menages]), REGLE))


def test_the_threshold_is_the_profile_s():
    """Under a threshold of 10, the 9 of the first row is secret too."""
    assert "transport, Nord" in cachees_de(proteger(lier([dessin(DEMANDES)]), Regle(seuil=10)))


def test_a_row_of_one_category_leaves_that_in_doubt():
    """Twelve households of Nord, all for rent: each one's motive would be known from the zeros."""
    unanime = dessin("quartier énergie loyer transport\nNord 0 12 0\nCentre 15 20 9\nSud 40 8 33")
    protection = proteger(lier([unanime]), REGLE)
    assert cachees_de(protection) & {"énergie, Nord", "transport, Nord"}
    rang = protection.tables.rangs[cellule(quartier="Nord", motif="(toute autre que loyer)")]
    assert protection.audit.haut[rang] >= 5
    assert cachees_de(proteger(lier([unanime], attributs=()), REGLE)) == set()


def test_a_category_that_nobody_can_be_in_leaves_no_doubt_to_keep():
    lignes = [("Nord", "oui", 12, 30), ("Nord", "non", 0, 0), ("Sud", "oui", 20, 30), ("Sud", "non", 9, 30)]
    tables = lier([liste(lignes, ("quartier", "réponse"), plafond="possibles")])
    assert cachees_de(proteger(tables, REGLE)) == set()


def test_the_motive_of_the_only_household_of_a_row_is_not_read_from_the_zeros_around_it():
    protection = proteger(lier([dessin("quartier énergie loyer\nNord 0 1\nCentre 15 20\nSud 40 18")]), REGLE)
    assert {"loyer, Nord", "Nord", "énergie, Nord"} <= cachees_de(protection)


def test_requests_of_one_household_are_one_person_whatever_their_number():
    lignes = [("Nord", 8, 1), ("Centre", 30, 22), ("Sud", 25, 20), ("Ensemble", 63, 43)]
    protection = proteger(lier([liste(lignes, ("quartier",), effectif="menages")]), REGLE)
    assert (
        protection.motifs[protection.tables.rangs[cellule(quartier="Nord")]]
        == "Primaire : moins de 5 personnes"
    )
    assert len(cachees_de(protection)) == 2


def test_nested_territories_do_not_give_a_quartier_by_subtraction():
    """Commune 60 = Nord 57 + Sud 3: hiding Sud alone, or Sud and Nord's own total, would not do."""
    lignes = [("q1", 27), ("q2", 30), ("q3", 3), ("q4", 21)]
    hierarchies = {"quartier": {"Nord": ("q1", "q2"), "Sud": ("q3", "q4")}}
    secteurs = liste([("Nord", 57), ("Sud", 24)], ("quartier",), nom="Secteurs")
    protection = proteger(lier([liste(lignes, ("quartier",)), secteurs], hierarchies), REGLE)
    assert cachees_de(protection) == {"q3", "q4"}


def test_a_commune_less_its_priority_quartier_is_protected_when_two_tables_print_them():
    """Commune 40, printed with its parts q1..q3; QPV = q1 + q2 = 37 elsewhere: 40 − 37 = 3 would be q3."""
    communes = liste([("q1", 20), ("q2", 17), ("q3", 3)], ("quartier",), nom="Quartiers")
    qpv = liste([("QPV", 37), ("hors QPV", 3)], ("quartier",), nom="QPV")
    hierarchies = {"quartier": {"QPV": ("q1", "q2"), "hors QPV": ("q3",)}}
    protection = proteger(lier([communes, qpv], hierarchies), REGLE)
    assert {"q3", "hors QPV"} <= cachees_de(protection)
    assert cachees_de(protection) & {"", "QPV"}  # never the commune and the QPV together


def test_a_household_may_have_several_motives():
    """20 households, 19 with energy: the one without, 20 − 19 = 1, is as secret as a printed 1."""
    lignes = [("énergie", 19), ("loyer", 12), ("transport", 9), ("Ensemble", 20)]
    tables = lier([liste(lignes, ("motif",), multiples=("motif",))])
    assert tables.valeurs[tables.rangs[cellule(motif="(hors énergie)")]] == 20 - 19
    assert tables.valeurs[tables.rangs[cellule(motif="(comptes multiples)")]] == 19 + 12 + 9 - 20
    protection = proteger(tables, REGLE)
    assert cachees_de(protection) & {"énergie", ""}


def test_the_total_of_households_with_several_motives_must_be_given():
    with pytest.raises(ErreurUtilisateur, match="ne se calcule pas"):
        lier([liste([("énergie", 19), ("loyer", 12)], ("motif",), multiples=("motif",))])


def test_households_are_never_more_than_their_requests():
    """6 requests printed for Nord bound its 3 households: 6 is enough doubt, 3 requests would not be."""
    menages = liste([("Nord", 3), ("Sud", 30), ("Est", 12)], ("quartier",), nom="Ménages", mesure="ménages")
    for demandes, publiee in ((6, True), (3, False)):
        lignes = [("Nord", demandes), ("Sud", 40), ("Est", 16)]
        dans = [
            Inclusion(cellule(quartier=q), (cellule("ménages", quartier=q),), personnes=False)
            for q, _ in lignes
        ]
        tables = lier([menages, liste(lignes, ("quartier",))], inclusions=dans)
        protection = proteger(tables, REGLE)
        assert bool(protection.motifs[tables.rangs[cellule(quartier="Nord")]]) is not publiee


def test_more_households_than_requests_is_a_contradiction():
    menages = liste([("Nord", 9)], ("quartier",), nom="Ménages", mesure="ménages")
    demandes = liste([("Nord", 8)], ("quartier",))
    dans = Inclusion(cellule(quartier="Nord"), (cellule("ménages", quartier="Nord"),), personnes=False)
    with pytest.raises(ErreurUtilisateur, match="demandes, quartier : Nord"):
        lier([menages, demandes], inclusions=[dans])
    with pytest.raises(ErreurUtilisateur, match="qu’aucun tableau ne donne"):
        lier([menages], inclusions=[dans])


def test_what_lies_beyond_a_part_is_protected_when_it_counts_persons_and_only_then():
    """65 on the register, 61 of them of 70 and over: the four others are few; four of unknown age are not."""
    inscrits, aines = (
        replace(liste([], (), nom=nom, mesure=nom), donnees=pd.DataFrame({"valeur": [valeur]}))
        for nom, valeur in (("inscrits", 65), ("aines", 61))
    )
    for personnes, cachees in ((True, 1), (False, 0)):
        dans = Inclusion(cellule("inscrits"), (cellule("aines"),), personnes)
        protection = proteger(lier([inscrits, aines], inclusions=[dans]), REGLE)
        imprimees = ~protection.tables.inedites
        assert protection.cachees[imprimees].sum() == cachees


def test_an_equality_that_no_category_tells_is_part_of_the_system():
    """Requests since 2020 = those published up to 2023 + those of 2024: two of them give the third."""
    cumul = liste([], (), nom="Cumul", mesure="cumul")
    cumul = replace(cumul, donnees=pd.DataFrame({"valeur": [103]}))
    publie = replace(
        cumul, nom="Publié", mesure="publié", donnees=pd.DataFrame({"valeur": [100], "p": [True]})
    )
    annee = replace(cumul, nom="Année", mesure="année", donnees=pd.DataFrame({"valeur": [3]}))
    egalite = Egalite(cellule("cumul"), (cellule("publié"), cellule("année")))
    tables = lier([cumul, replace(publie, deja_publie="p"), annee], egalites=[egalite])
    protection = proteger(tables, REGLE)
    assert protection.cachees[[tables.rangs[cellule(m)] for m in ("cumul", "publié", "année")]].tolist() == [
        True,
        False,
        True,
    ]
    with pytest.raises(ErreurUtilisateur, match="qu’aucun tableau ne donne"):
        lier([cumul], egalites=[egalite])


def test_amounts_are_hidden_by_persons_dominance_and_their_doubt_is_ten_per_cent():
    lignes = [
        ("énergie", 4000.0, 30, 300.0, 250.0),
        ("loyer", 3000.0, 12, 2700.0, 100.0),  # 2700 is 90 % of 3000
        ("transport", 1500.0, 20, 200.0, 150.0),
        ("santé", 2000.0, 3, 800.0, 700.0),  # three households
        ("Ensemble", 10500.0, 60, 2700.0, 1000.0),
    ]
    tableau = liste(
        lignes, ("motif",), nature="montant", effectif="menages", plus_grand="premier", deuxieme="second"
    )
    protection = proteger(lier([tableau]), REGLE)
    rangs = protection.tables.rangs
    assert "contributeurs" in protection.motifs[rangs[cellule(motif="loyer")]]
    assert "5 personnes" in protection.motifs[rangs[cellule(motif="santé")]]
    for motif, euros in (("loyer", 3000), ("santé", 2000)):
        rang = rangs[cellule(motif=motif)]
        assert protection.audit.bas[rang] <= 100 * euros * 0.9
        assert protection.audit.haut[rang] >= 100 * euros * 1.1
    assert cachees_de(protection) == {"loyer", "santé"}


def test_what_was_printed_last_year_stays_printed_and_the_rest_adapts():
    lignes = [("Nord", 3, False), ("Centre", 8, True), ("Sud", 12, False), ("Est", 30, False)]
    protection = proteger(lier([liste(lignes, ("quartier",), deja_publie="connu")]), REGLE)
    assert cachees_de(protection) == {"Nord", "Sud"}


def test_a_known_bound_is_all_the_doubt_there_can_be():
    """Three inhabitants over 95 in Nord: at most 3 of them are helped, everybody knows it."""
    lignes = [("Nord", 2, 3), ("Centre", 14, 90), ("Sud", 12, 80)]
    protection = proteger(lier([liste(lignes, ("quartier",), plafond="habitants")]), REGLE)
    rang = protection.tables.rangs[cellule(quartier="Nord")]
    assert (protection.audit.bas[rang], protection.audit.haut[rang]) == (0, 3)
    assert protection.audit.bornees == (cellule(quartier="Nord"),)


@pytest.mark.parametrize("ordre", [(0, 1, 2, 3), (3, 1, 2, 0), (0, 2, 1, 3)])
def test_between_two_cells_that_protect_as_well_the_last_by_name_is_hidden(ordre):
    """3 is secret; 7 more persons hidden give it its doubt, those who work or those who study."""
    lignes = [("chômage", 3), ("emploi", 7), ("études", 7), ("retraite", 30)]
    protection = proteger(lier([liste([lignes[rang] for rang in ordre], ("situation",))]), REGLE)
    assert cachees_de(protection) == {"chômage", "études"}
    assert protection.perte == protection.borne == 1 + 7


@pytest.mark.parametrize("autre", [[-1, 0, 0], [0, -1, 0], [0, 0, -1]])
def test_a_program_has_the_same_answer_whatever_was_asked_before(autre):
    """y₁ + y₂ + y₃ = 6: the first is least in many ways, among which those where another is highest."""
    un, six = np.ones(3), np.array([6.0])

    def demander(systeme, couts):
        programme = Programme(0 * un, 6 * un, 6 * un, np.array(couts, float), np.array(couts, float))
        return minimiser(systeme, programme).valeurs.tolist()

    seul, apres = (Systeme(sparse.csr_array([[1, 1, 1]]), six, six) for _ in range(2))
    assert demander(apres, autre) == [-6 * cout for cout in autre]
    assert demander(apres, [1, 0, 0]) == demander(seul, [1, 0, 0])


def test_the_same_tables_give_the_same_cells():
    tables = lier([dessin(DEMANDES)])
    premiere, seconde = proteger(tables, REGLE), proteger(tables, REGLE)
    assert premiere.motifs == seconde.motifs
    assert np.array_equal(premiere.audit.haut, seconde.audit.haut)


# --- What is printed, and the gate -----------------------------------------------------------------


def test_the_printed_table_keeps_its_rows_and_shows_nothing_of_what_is_hidden():
    tableau = dessin(DEMANDES)
    sortie = appliquer(tableau, proteger(lier([tableau]), REGLE))
    assert sortie[["quartier", "motif"]].equals(tableau.donnees[["quartier", "motif"]])
    assert list(sortie.columns) == ["quartier", "motif", "valeur", "secret"]
    assert sortie["valeur"].isna().equals(sortie["secret"])
    assert not {2, 3, 4} & set(sortie["valeur"].dropna())


def test_one_figure_too_many_stops_the_publication_and_names_the_cell():
    tables = lier([dessin(DEMANDES)])
    cachees = proteger(tables, REGLE).cachees.copy()
    cachees[tables.rangs[cellule(quartier="Nord", motif="énergie")]] = False
    with pytest.raises(SecretNonTenu, match=r"La publication s’arrête.*énergie.*Nord.*publiée telle quelle"):
        exiger_secret(auditer(tables, cachees, REGLE))


def test_moves_that_break_a_total_prove_nothing_to_the_audit():
    """3 alone in its row is 30 − 18 − 9, whoever says that it could as well be 0 or 8."""
    tables = lier([dessin(DEMANDES)])
    petites = (tables.valeurs > 0) & (tables.valeurs < 5)
    faux = [
        Mouvement(np.array([rang]), np.array([float(voulu - tables.valeurs[rang])]))
        for rang in np.flatnonzero(petites)
        for voulu in (0, 8)
    ]
    echecs = auditer(tables, petites, REGLE).echecs
    assert len(echecs) >= 3
    assert auditer(tables, petites, REGLE, faux).echecs == echecs


def test_cells_tied_through_others_go_together():
    """4 with 2, 2 with 7: the three are one group, named by its lowest rank; each of the others is alone."""
    groupes = grouper(np.array([4, 2]), np.array([2, 7]), 8)
    assert groupes.tolist() == [0, 1, 2, 3, 2, 5, 6, 2]


def test_a_cell_hidden_for_nothing_is_a_failure_of_the_audit():
    """Alone in its lines, the 40 is 85 − 12 − 33: hiding it hides nothing."""
    tables = lier([dessin(SANS_PETITS)])
    cachees = np.zeros(len(tables.cellules), dtype=bool)
    cachees[tables.rangs[cellule(quartier="Sud", motif="énergie")]] = True
    [echec] = auditer(tables, cachees, REGLE).echecs
    assert "se recalcule exactement" in str(echec)


def test_the_insider_is_named_by_the_cell_they_are_alone_in():
    tables = lier([dessin("quartier a b c\nNord 1 4 20\nCentre 4 1 25\nSud 16 22 11")])
    cachees = np.array([1 <= v < 5 for v in tables.valeurs])
    echecs = [str(echec) for echec in auditer(tables, cachees, REGLE).echecs]
    assert any("la personne seule dans « demandes, motif : a, quartier : Nord »" in echec for echec in echecs)
    assert all("le public" not in echec for echec in echecs)


# --- Coarser tables --------------------------------------------------------------------------------


def test_rare_categories_become_others_in_every_table_and_the_page_says_so():
    par_sexe = liste(
        [("énergie", "f", 30), ("énergie", "h", 25), ("loyer", "f", 45), ("transport", "f", 46)],
        ("motif", "sexe"),
        nom="Sexes",
    )
    (detail, sexes), message = regrouper_rares([dessin(DEMANDES), par_sexe], "motif", garder=1)
    assert set(detail.donnees["motif"]) == set(sexes.donnees["motif"]) == {"énergie", "Autres"}
    nord = detail.donnees.query("quartier == 'Nord' and motif == 'Autres'")["valeur"]
    assert nord.tolist() == [18 + 9]
    assert "2 catégories peu fréquentes de « motif »" in message
    assert message.endswith("loyer, transport.")


def test_distinct_persons_are_not_merged_by_adding():
    lignes = [("Nord", 8, 6), ("Ensemble", 8, 6)]
    with pytest.raises(ErreurUtilisateur, match="Regroupez-les avant"):
        regrouper(liste(lignes, ("quartier",), effectif="menages"), "quartier", {"Nord": "Autres"})


def test_a_table_too_large_is_coarsened_before_it_is_protected():
    alea = np.random.default_rng(2)
    lignes = [(f"q{i:02}", f"m{j}", int(v)) for i in range(12) for j, v in enumerate(alea.poisson(9, 6))]
    tableau = liste(lignes, ("quartier", "motif"))
    publication = publier([tableau], REGLE, fusionnables=("quartier",), cellules_max=60)
    # 13 × 7 = 91 cells; six quartiers merged leave (6 + 1 + 1) × 7 = 56
    assert len(publication.protection.tables.cellules) == 56
    [message] = publication.messages
    assert "6 catégories peu fréquentes de « quartier »" in message
    exiger_secret(auditer(publication.protection.tables, publication.protection.cachees, REGLE))


def test_a_table_of_the_right_size_is_left_alone():
    publication = publier(
        [dessin(DEMANDES)], REGLE, fusionnables=("motif",), lieur=partial(lier, attributs=())
    )
    assert publication.messages == ()


def test_nothing_left_to_merge_is_said():
    with pytest.raises(ErreurUtilisateur, match="trop grands"):
        publier([dessin(DEMANDES)], REGLE, fusionnables=("motif",), cellules_max=3)


# --- Groups in order of size -----------------------------------------------------------------------


def resumer(*groupes):
    """Σx, m and Σx² of each group."""
    return [[f(groupe) for groupe in groupes] for f in (sum, len, lambda g: sum(x**2 for x in g))]


def du_premier(*groupes):
    """Whether the second of the last of these groups, in ascending order, estimates the first."""
    return secret_du_premier(*resumer(*groupes), sorted(groupes[-1])[:-3:-1], REGLE)


def test_the_order_of_the_groups_tells_more_of_the_first_than_its_sum():
    # each other has 99.5 at least: of 1 900 the second, at 100, leaves 1 900 − 100 − 8·99.5 = 1 004 to the first
    groupes = [99, 100], [100] * 9 + [1_000]
    assert premier_au_plus(*resumer(*groupes), 100) == pytest.approx(1_004, rel=0.01)
    assert du_premier(*groupes)
    # 100, 200, … 2 000: 21 000 − 1 900 − 18·99.5 = 17 309, and the others are spread as much as the first stands out
    assert not du_premier([99, 100], range(100, 2_100, 100))


def test_the_dispersion_tells_the_first_where_the_others_are_alike():
    # nine at 500 and one at 1 000: of the nine others SS = 222 222 and the mean 555.6: 555.6 + √(8/9·222 222) = 1 000
    groupes = [0, 0, 0, 1], [500] * 9 + [1_000]
    assert premier_au_plus(*resumer(*groupes), 500) == pytest.approx(1_000, rel=0.001)
    assert du_premier(*groupes)
    # the group below has as much dispersion again: 555.6 + √(8/9·(222 222 + 576 000)) = 1 398
    groupes = [0] * 5 + [480] * 5, groupes[1]
    assert premier_au_plus(*resumer(*groupes), 500) == pytest.approx(1_398, abs=1)
    assert not du_premier(*groupes)


def test_a_first_that_its_mean_tells_stands_out_of_nothing():
    assert not du_premier([10] * 10, [600] * 10)


@given(st.lists(st.integers(0, 10_000), min_size=20, max_size=60))
def test_what_the_second_may_believe_of_the_first_is_never_under_the_truth(montants):
    rangs = sorted(montants)
    moitie = len(rangs) // 2
    assert premier_au_plus(*resumer(rangs[:moitie], rangs[moitie:]), rangs[-2]) >= rangs[-1] * (1 - 1e-9)
