"""Deprivation in the report: a quintile with its direction, what the index is made of, or why there is none."""

import pytest

from pipeline.report.defavorisation import section

ICI, GRAND_NOUMEA = "98817", "988-grand-noumea"
VARIABLES = ("part_bacheliers", "part_chomeurs", "part_ouvriers", "revenu_median")


@pytest.fixture
def ecrire(dessiner, base, dessin):
    """The section from a drawn axis and drawn scores."""

    def ecrire_(scores, motif=""):
        valeurs = "null, null, null" if motif else "0.5, 0.8, 0.66"
        dessiner(
            "socle.defavorisation_axe",
            "variable, lieux, coefficient, saturation, part_variance, motif",
            ", ".join(f"('{nom}', 391, {valeurs}, '{motif}')" for nom in VARIABLES),
        )
        dessiner("socle.defavorisation", "territoire, niveau, score, quintile", scores)
        return section(base, dessin.faits([], []))

    return ecrire_


def test_the_quintile_says_its_direction_and_the_axis_its_share_of_variance(ecrire):
    ecrite = ecrire(f"('{ICI}', 'commune', 1.25, 4), ('{GRAND_NOUMEA}', 'agglomeration', -0.5, null)")
    assert "quintile **4** de défavorisation (1 : le cinquième" in ecrite.phrases[0]
    assert "66 % de la variance" in ecrite.phrases[1]
    assert "| Le Mont-Dore | +1,25 | 4 |" in ecrite.tables[0]
    assert "| Grand Nouméa | −0,50 | – |" in ecrite.tables[0]
    assert "| Niveau de vie médian | +0,50 | +0,80 |" in ecrite.tables[1]


def test_a_commune_without_score_is_said_to_have_none(ecrire):
    ecrite = ecrire(f"('{GRAND_NOUMEA}', 'agglomeration', -0.5, null)")
    assert "une de ses quatre variables manque" in ecrite.phrases[0]


def test_a_refusal_is_one_sentence_and_no_table(ecrire):
    ecrite = ecrire("('x', 'commune', 0, 1)", "Trop peu de communes.")
    assert ecrite.phrases == ("Indice de défavorisation (FDep) : non donné. Trop peu de communes.",)
    assert ecrite.tables == ()
