"""What the report says of last year's figures: a table a cause, the card of a revised definition, one sentence."""

import dataclasses

import pytest

from pipeline.model import Indicator, Share, Total
from pipeline.report import changements

PART = Indicator(
    id="part_60_plus",
    label="Part des 60 ans et plus",
    definition="Population âgée de 60 ans et plus, rapportée à la population totale.",
    why="Âge de la retraite.",
    measure=Share("pop_60_plus", of="pop"),
    table="population",
)
DEMANDES = Indicator(
    id="demandes",
    label="Nombre de demandes d'aide",
    definition="Demandes déposées dans l'année.",
    why="Charge du service.",
    measure=Total("demandes", "demandes"),
    table="aides",
)


@pytest.fixture
def lus(dessin):
    """The facts of an edition that names the one before it."""
    entete = dessin.edition.edition.model_copy(update={"precedente": "essai/2025"})
    edition = dessin.edition.model_copy(update={"edition": entete})
    faits = dessin.faits([PART, DEMANDES], [dessin.fait(PART, "98817", 16.0)])
    return dataclasses.replace(faits, edition=edition)


@pytest.fixture
def changes(vierge):
    """`publication.changements`, drawn."""

    def dessiner(*lignes):
        vierge.execute("create schema publication")
        vierge.execute(
            "create table publication.changements (indicateur text, territoire text, groupe text, cause text, "
            "millesime_avant int, millesime_apres int, avant double, apres double, ecart double, note text)"
        )
        for ligne in lignes:
            vierge.execute(
                "insert into publication.changements values (?, ?, '', ?, ?, ?, ?, ?, ?, ?)", list(ligne)
            )
        return vierge

    return dessiner


def test_each_cause_has_its_table_and_what_did_not_happen_is_said(changes, lus):
    con = changes(
        ("part_60_plus", "98817", "definition", 2019, 2019, 15.0, 16.0, 1.0, "recalculée"),
        ("demandes", "98817", "valeur", 2024, 2024, 755.0, 754.0, -1.0, ""),
        ("demandes", "98817", "millesime", 2024, 2025, 754.0, 835.0, 81.0, ""),
        ("demandes", "98817-plum", "millesime", 2024, 2025, 54.0, 35.0, -19.0, ""),
    )
    ecrits = changements.ecrire_changements(con, lus)
    assert [partie.id for partie in ecrits.parties] == ["millesime", "valeur", "definition"]
    assert ecrits.phrases[0] == "Aucun territoire n’a changé de périmètre."
    assert ecrits.phrases[1].startswith("1 autre changement ")
    recentes, revisees, redefinies = (partie.texte for partie in ecrits.parties)
    assert "| [754](#indicateur-demandes) (2024) | [835](#indicateur-demandes) (2025) | +81 |" in recentes
    assert "| Publiée alors | Révisée |" in revisees and "\u22121 |" in revisees
    assert "+1,0\u00a0point | Recalculée |" in redefinies


@pytest.mark.parametrize(
    ("avant", "apres", "dit"),
    [
        # 31,9 → 30,2 as they are read: −1,7, and not the −1,6 of the figures behind
        (31.86, 30.24, "−1,7\u00a0point"),
        (31.84, 31.86, "+0,1\u00a0point"),
        (31.81, 31.84, "0,0\u00a0point"),
    ],
)
def test_a_gap_is_that_of_the_two_figures_as_they_are_written(changes, lus, avant, apres, dit):
    con = changes(("part_60_plus", "98817", "millesime", 2014, 2019, avant, apres, apres - avant, ""))
    [partie] = changements.ecrire_changements(con, lus).parties
    assert f"| {dit} |" in partie.texte


def test_a_gap_that_two_causes_share_is_a_dash_and_what_cannot_be_compared_is_said(changes, lus):
    con = changes(
        ("demandes", "98817", "definition", 2024, 2024, 40.0, 44.0, None, "les données ont aussi changé"),
        ("part_60_plus", "98817", "definition", 2019, 2019, 15.0, None, None, "ne se recalcule pas"),
    )
    [partie] = changements.ecrire_changements(con, lus).parties
    assert "| [40](#indicateur-demandes) (2024) | [44](#indicateur-demandes) (2024) | – |" in partie.texte
    assert "| [ne se compare pas]{.statut} | – |" in partie.texte


def test_a_revision_smaller_than_its_rounding_is_counted_and_not_shown(changes, lus):
    con = changes(("part_60_plus", "98817", "valeur", 2019, 2019, 15.01, 15.02, 0.01, ""))
    ecrits = changements.ecrire_changements(con, lus)
    assert ecrits.parties == ()
    assert ecrits.phrases[1].startswith("1 autre changement ")


def test_a_revised_definition_is_marked_on_its_card_with_both_values(changes, lus):
    con = changes(("part_60_plus", "98817", "definition", 2019, 2019, 15.0, 16.0, 1.0, "recalculée"))
    assert changements.revisions(con, lus) == {
        "part_60_plus": "Définition revue depuis l’édition 2025 : la série est celle de la nouvelle définition. "
        "Valeur publiée alors : [15,0\u00a0%](#indicateur-part_60_plus) (2019) ; "
        "avec la nouvelle : [16,0\u00a0%](#indicateur-part_60_plus) (2019)."
    }


def test_the_edition_before_that_is_not_at_hand_is_one_sentence(vierge, lus):
    ecrits = changements.ecrire_changements(vierge, lus)
    assert ecrits.parties == ()
    assert ecrits.phrases == (
        "L’édition essai/2025 n’est ni construite ni archivée ici : ce qui a changé depuis elle ne peut pas être dit.",
    )
    assert changements.revisions(vierge, lus) == {}


def test_an_edition_that_follows_nothing_has_no_section(vierge, dessin):
    assert changements.ecrire_changements(vierge, dessin.faits([PART], [])) is None
