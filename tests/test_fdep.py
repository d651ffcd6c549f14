"""Deprivation of communes: an axis from four variables where they are known, and a reason where they are not."""

import numpy as np
import pytest

from pipeline import defavorisation
from pipeline.methods.defavorisation import fdep


@pytest.fixture
def poser(base, dessiner):
    """Draw the five tables for communes « c00 »… and IRIS « 988170100 »…: a line is (pop, revenu, bac, ouvriers,
    chomeurs), the last three of 100."""

    def poser_(lignes, iris=()):
        base.execute("delete from socle.territoires where niveau = 'commune'")
        base.execute(
            "delete from socle.appartenances where contenu not like '988%-%' or contenu like '98817%'"
        )
        lieux = {f"c{rang:02d}": ligne for rang, ligne in enumerate(lignes)}
        lieux |= {f"9881701{rang:02d}": ligne for rang, ligne in enumerate(iris)}
        for code in lieux:
            niveau = "commune" if code.startswith("c") else "quartier"
            base.execute(
                "insert into socle.territoires (territoire, article, nom, niveau, rang, role, ordre) "
                "values (?, '', 'C', ?, 2, '', 9)",
                [code, niveau],
            )
            if niveau == "commune":
                base.execute("insert into socle.appartenances values (?, '988-sud', 1.0, true)", [code])

        def table(nom, colonnes, choisir):
            dites = [
                ", ".join(
                    [f"'{code}'", "2021", *("null::double" if v is None else str(v) for v in choisir(*ligne))]
                )
                for code, ligne in lieux.items()
            ]
            valeurs = ", ".join(f"({dite})" for dite in dites)
            dessiner(f"socle.{nom}", f"territoire, millesime, {colonnes}", valeurs)

        table("population", "pop", lambda pop, *_: (pop,))
        table("revenus", "niveau_vie_median", lambda _, revenu, *__: (revenu,))
        table("formation", "bac_ou_plus, diplome_connu", lambda _, __, bac, *___: (bac, 100))
        table("professions", "actifs_ouvriers_15_64, actifs_15_64", lambda *ligne: (ligne[3], 100))
        table("emploi", "chomeurs_15_64, actifs_15_64", lambda *ligne: (ligne[4], 100))
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


def test_iris_have_an_axis_and_quintiles_of_their_own(poser):
    iris = [(500, 20_000 + 900 * i, 30 + 3 * i - i % 2, 40 - 2 * i, 20 - i + i % 3) for i in range(11)]
    lues = poser(communes(), iris)
    axes = lues["defavorisation_axe"].set_index(["echelle", "variable"])
    assert axes.index.get_level_values("echelle").value_counts().to_dict() == {"commune": 4, "iris": 4}
    pop, revenu, bac, ouvriers, chomeurs = np.array(iris, dtype=float).T
    axe = fdep(
        {
            "revenu_median": revenu,
            "part_bacheliers": bac / 100,
            "part_ouvriers": ouvriers / 100,
            "part_chomeurs": chomeurs / 100,
        },
        pop,
    )
    notees = lues["defavorisation"]
    notees = notees[notees["niveau"] == "iris"].set_index("territoire")
    assert notees["score"].to_numpy() == pytest.approx(axe.scores)
    assert (notees["quintile"].iloc[0], notees["quintile"].iloc[-1]) == (5, 1)  # the poorest, the richest
    assert axes.loc[("iris", "revenu_median"), "coefficient"] == pytest.approx(
        axe.coefficients["revenu_median"]
    )


def test_iris_without_diplomas_are_refused_while_communes_have_their_index(poser):
    lues = poser(communes(), [(500, 20_000 + i, None, 20, 10) for i in range(12)])
    motifs = lues["defavorisation_axe"].groupby("echelle")["motif"].first()
    assert motifs["commune"] == ""
    assert motifs["iris"] == (
        "Aucun IRIS n’a de donnée pour : part de bacheliers parmi les adultes sortis de l’école. L'indice FDep "
        "demande au moins 10 lieux complets : il y en a 0."
    )
    assert set(lues["defavorisation"]["niveau"]) == {"commune", "province"}


def test_iris_of_which_nothing_is_known_are_refused_too(poser, base):
    poser(communes(), [(500, 20_000 + i, 40, 20, 10) for i in range(12)])
    for table in ("population", "revenus", "formation", "professions", "emploi"):
        base.execute(f"delete from socle.{table} where territoire like '98817%'")
    lues = defavorisation.tables(base)
    [motif] = lues["defavorisation_axe"].query("echelle == 'iris'")["motif"].unique()
    assert motif.startswith("Aucun IRIS n’a de population connue")


def test_incomes_without_a_census_are_not_said_to_be_unknown(poser):
    lues = poser([("null::double", r, None, None, None) for _, r, *_ in communes()])
    [motif] = lues["defavorisation_axe"]["motif"].unique()
    assert motif.startswith(
        "Aucune commune n’a de population connue, par laquelle l’indice pèse chaque lieu."
    )


def test_without_iris_nothing_is_said_of_them(poser):
    assert set(poser(communes())["defavorisation_axe"]["echelle"]) == {"commune"}


def test_le_mont_dore_has_no_index_for_want_of_incomes(base_publique):
    motifs = base_publique.execute("select distinct motif from socle.defavorisation_axe").fetchall()
    assert len(motifs) == 1
    assert "niveau de vie médian" in motifs[0][0]
