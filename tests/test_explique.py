"""One figure, back to its files: what is told of it, and what of it stays behind."""

from dataclasses import replace

import pytest

from pipeline import explique as explique_
from pipeline import transform
from pipeline.edition import lire_edition
from pipeline.model import ErreurUtilisateur

EDITION = "mont-dore/2026"
# Of the activity, and of nobody: what the CCAS spends, its sittings, its rounds, its calls.
SANS_PERSONNE = (
    "budget_vote",
    "budget_execute",
    "taux_execution",
    "taux_execution_chapitre",
    "part_budget",
    "depense_par_habitant",
    "mises_a_l_abri",
    "appels_passes",
    "part_appels_aboutis",
    "menages_aides_evenement",
)


@pytest.fixture
def explique(construit):
    """Lines that explain an indicator of the shipped edition: `explique("budget_vote")`."""
    return lambda *demande: list(explique_.expliquer(lire_edition(EDITION, construit), *demande))


@pytest.mark.parametrize("nom", SANS_PERSONNE)
def test_what_is_of_the_activity_is_explained_without_the_rows_that_the_public_base_has_not(explique, nom):
    lignes = explique(nom)
    assert "Lignes lues : non montrées, elles viennent de l'activité du CCAS (secret statistique)." in lignes
    assert any("sha256" in ligne for ligne in lignes)


def test_a_figure_of_the_activity_is_explained_by_the_sql_of_its_table_and_what_each_file_holds(explique):
    lignes = explique("delai_decision_median")
    rang = lignes.index("Table socle.delais, faite par :")
    assert lignes[rang + 1] == "  " + transform.sql("delais").splitlines()[0]
    fichiers = [ligne for ligne in lignes[lignes.index("Fichiers :") :] if " — " in ligne]
    contenus = [ligne.split(" — ")[1].split(" ; ")[0] for ligne in fichiers]
    assert len(set(contenus)) == len(contenus) and "Décisions sur les demandes d'aides" in contenus


def test_a_public_figure_is_explained_down_to_its_rows(explique):
    lignes = explique("part_60_plus")
    assert any(ligne.startswith("Lignes lues dans socle.population") for ligne in lignes)
    assert any(ligne.startswith("  98817, 2019, ") for ligne in lignes)


def test_numbers_are_written_as_a_french_reader_does_with_all_their_digits(explique):
    [lu] = [ligne for ligne in explique("depense_par_habitant") if ligne.startswith("  2025 : ")]
    # over the inhabitants counted in 2025, and not the 27,620 of the census that gives their ages
    assert "soit 109\u202f360\u202f673 rapporté à 25\u202f303" in lu
    [lu] = [ligne for ligne in explique("part_60_plus") if ligne.startswith("  2019 : ")]
    assert "à 95 %, entre 15,3\u00a0% et 16,2\u00a0%" in lu


@pytest.mark.parametrize(
    ("demande", "dite"), [(("part_60_plu",), "part_60_plus"), (("part_60_plus", "75056"), "75056")]
)
def test_what_is_not_there_is_told_with_what_is(explique, demande, dite):
    with pytest.raises(ErreurUtilisateur, match=dite):
        explique(*demande)


def test_a_commune_shown_in_detail_is_a_territory_as_the_others_are(dessin):
    membre = replace(dessin.lieux["98818"], code="98805", nom="Dumbéa", role="membre")
    dessin.lieux["98805"] = membre
    assert explique_._lieu(dessin.faits([], []), "98805") == membre
