"""Deprivation of communes: an axis from four variables where they are known, and a reason where they are not."""

import numpy as np
import pytest

from pipeline import defavorisation
from pipeline.methods.defavorisation import fdep


@pytest.fixture
def poser(base, dessiner):
    """Draw the five tables for communes « c00 »…: `poser([(pop, revenu, bac, ouvriers, chomeurs), …])`, % of 100."""

    def poser_(lignes):
        base.execute("delete from socle.territoires where niveau = 'commune'")
        base.execute(
            "delete from socle.appartenances where contenu not like '988%-%' or contenu like '98817%'"
        )
        for rang, _ in enumerate(lignes):
            base.execute(
                "insert into socle.territoires (territoire, article, nom, niveau, rang, role, ordre) "
                "values (?, '', 'C', 'commune', 2, '', 9)",
                [f"c{rang:02d}"],
            )
            base.execute("insert into socle.appartenances values (?, '988-sud', 1.0, true)", [f"c{rang:02d}"])

        def table(nom, colonnes, valeurs):
            dessiner(f"socle.{nom}", f"territoire, millesime, {colonnes}", valeurs)

        def dire(*rangs):
            return ", ".join(
                "("
                + ", ".join(
                    [f"'c{i:02d}'", "2021", *("null::double" if v is None else str(v) for v in ligne)]
                )
                + ")"
                for i, ligne in enumerate(rangs)
            )

        table("population", "pop", dire(*[(p,) for p, *_ in lignes]))
        table("revenus", "niveau_vie_median", dire(*[(r,) for _, r, *_ in lignes]))
        table("formation", "bac_ou_plus, diplome_connu", dire(*[(b, 100) for _, _, b, *_ in lignes]))
        table("professions", "actifs_ouvriers_15_64, actifs_15_64", dire(*[(o, 100) for *_, o, _ in lignes]))
        table("emploi", "chomeurs_15_64, actifs_15_64", dire(*[(c, 100) for *_, c in lignes]))
        return defavorisation.tables(base)

    return poser_


def communes(nombre=12):
    """Communes from rich to poor, of 1,000 inhabitants, with a little noise of their own."""
    return [
        (1_000, 30_000 - 800 * i, 60 - 2 * i + i % 3, 10 + i + i % 2, 5 + i - i % 3) for i in range(nombre)
    ]


def test_the_axis_and_the_scores_are_those_of_the_method(poser):
    lignes = communes()
    lues = poser(lignes)
    pop, revenu, bac, ouvriers, chomeurs = np.array(lignes, dtype=float).T
    axe = fdep(
        {
            "revenu_median": revenu,
            "part_bacheliers": bac / 100,
            "part_ouvriers": ouvriers / 100,
            "part_chomeurs": chomeurs / 100,
        },
        pop,
    )
    notees = lues["defavorisation"].set_index("territoire")
    assert notees.loc["c11", "score"] == pytest.approx(axe.scores[11])
    assert (notees.loc["c00", "quintile"], notees.loc["c11", "quintile"]) == (1, 5)
    coefficients = lues["defavorisation_axe"].set_index("variable")["coefficient"]
    assert coefficients.to_dict() == pytest.approx(axe.coefficients)


def test_a_wider_territory_has_the_mean_of_its_communes_weighted_by_inhabitants_and_no_quintile(poser):
    lignes = communes()
    lignes[0] = (5_000, *lignes[0][1:])
    notees = poser(lignes)["defavorisation"].set_index("territoire")
    poids = np.array([ligne[0] for ligne in lignes], dtype=float)
    scores = notees.loc[[f"c{i:02d}" for i in range(12)], "score"].to_numpy()
    assert notees.loc["988-sud", "score"] == pytest.approx(np.sum(poids * scores) / poids.sum())
    assert np.isnan(notees.loc["988-sud", "quintile"])


def test_a_commune_of_which_one_variable_is_unknown_has_no_score(poser):
    lignes = communes(13)
    lignes[4] = (1_000, None, *lignes[4][2:])
    lues = poser(lignes)
    assert "c04" not in set(lues["defavorisation"]["territoire"])
    assert lues["defavorisation_axe"].set_index("variable")["lieux"]["revenu_median"] == 12


def test_without_incomes_nothing_is_computed_and_the_missing_variable_is_named(poser):
    lues = poser([(p, None, b, o, c) for p, _, b, o, c in communes()])
    assert lues["defavorisation"].empty
    assert lues["defavorisation_axe"]["motif"].unique().tolist() == [
        "Aucune commune n’a de donnée pour : niveau de vie médian. L'indice FDep demande au moins 10 lieux "
        "complets : il y en a 0."
    ]


def test_an_axis_that_is_not_one_of_deprivation_is_refused(poser):
    # Unemployment where incomes are high.
    lues = poser([(p, r, b, o, 30 - c) for p, r, b, o, c in communes()])
    assert lues["defavorisation"].empty
    assert "n'est pas un axe de défavorisation" in lues["defavorisation_axe"]["motif"].iloc[0]


def test_le_mont_dore_has_no_index_for_want_of_incomes(base_publique):
    motifs = base_publique.execute("select distinct motif from socle.defavorisation_axe").fetchall()
    assert len(motifs) == 1
    assert "niveau de vie médian" in motifs[0][0]
