"""Deprivation in the report: a quintile with its direction, what the index is made of, or why there is none."""

import pytest

from pipeline.report import figures
from pipeline.report.defavorisation import section

ICI, GRAND_NOUMEA = "98817", "988-grand-noumea"
VARIABLES = ("part_bacheliers", "part_chomeurs", "part_ouvriers", "revenu_median")


@pytest.fixture
def ecrire(dessiner, base, dessin):
    """The section from a drawn axis and drawn scores."""

    def ecrire_(scores, motif="", iris=None):
        """`iris`: the reason of their refusal, empty when they have an axis, None where there is none."""
        valeurs = "null, null, null" if motif else "0.5, 0.8, 0.66"
        lignes = [f"('commune', '{nom}', 391, {valeurs}, '{motif}')" for nom in VARIABLES]
        if iris is not None:
            lignes += [f"('iris', '{nom}', 12, 0.5, 0.7, 0.6, '{iris}')" for nom in VARIABLES]
        dessiner(
            "socle.defavorisation_axe",
            "echelle, variable, lieux, coefficient, saturation, part_variance, motif",
            ", ".join(lignes),
        )
        dessiner("socle.defavorisation", "territoire, niveau, score, quintile", scores)
        return section(base, dessin.faits([], []), figures.dessiner)

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


COMMUNE = f"('{ICI}', 'commune', 1.25, 4)"
# Two quintiles: the least score of the upper one, 0.6, is where the classes part.
SCORES = [("988170101", -1.2, 1), ("988170102", 0.6, 5), ("988170103", 1.9, 5)]


@pytest.fixture
def sur_contours(ecrire, base, dessin):
    """The section of an edition whose four IRIS have outlines, of which three have a score."""
    from test_fonds import carres, edition_a_contours

    def ouvrir(ouvreur):
        edition = edition_a_contours(ouvreur)
        carres(edition.dossier / "fond.geojson", [*(code for code, *_ in SCORES), "988170104", "988180101"])
        dessin.edition = edition
        for code, *_ in SCORES:
            base.execute(
                "insert into socle.territoires (territoire, article, nom, niveau, rang, role, ordre) "
                "values (?, '', ?, 'iris', 0, '', 9)",
                [code, f"IRIS {code}"],
            )
        lignes = ", ".join(f"('{code}', 'iris', {score}, {quintile})" for code, score, quintile in SCORES)
        return ecrire(f"{COMMUNE}, {lignes}", iris="")

    return ouvrir


def test_iris_are_ranked_among_themselves_and_drawn_by_quintile(sur_contours, ouvrir):
    ecrite = sur_contours(ouvrir)
    assert "ne se comparent pas à ceux d’une autre commune" in ecrite.phrases[-1]
    lignes = [ligne for ligne in ecrite.tables[-1].splitlines() if "IRIS 98817" in ligne]
    assert lignes == [
        "| IRIS 988170103 | +1,90 | 5 |",
        "| IRIS 988170102 | +0,60 | 5 |",
        "| IRIS 988170101 | −1,20 | 1 |",
    ]
    # four outlines of the commune, one without a score; that of another commune is left out
    assert ecrite.figure.alt.startswith("Carte de 4\u00a0IRIS en 2\u00a0classes")
    assert "+0,60 ou plus" in ecrite.figure.alt
    assert ecrite.figure.source.endswith("; contours : dessin.")


def test_iris_without_outlines_have_a_table_and_no_map(ecrire):
    assert ecrire(f"{COMMUNE}, ('988170101', 'iris', 1, 1)", iris="").figure is None


def test_iris_without_index_are_said_to_have_none_and_why(ecrire):
    ecrite = ecrire(COMMUNE, iris="Aucun IRIS n’a de donnée pour : niveau de vie médian.")
    assert ecrite.phrases[-1] == (
        "Indice de défavorisation des IRIS : non donné. Aucun IRIS n’a de donnée pour : niveau de vie médian."
    )
    assert len(ecrite.tables) == 2 and ecrite.figure is None
