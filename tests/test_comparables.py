"""Communes that resemble the one under study: who is chosen, on what, and what the group then sums."""

import duckdb
import pandas as pd
import pytest

from pipeline import comparables, compute, geographie
from pipeline.edition import lire_edition
from pipeline.geographie import COMPARABLES
from pipeline.model import Chapter, ErreurUtilisateur, Growth, Indicator, Share, Total

BOURG, OYONNAX, AMBERIEU, VIRIAT, GEX = "01053", "01283", "01004", "01451", "01173"


def indicateur(nom, mesure):
    return Indicator(
        id=nom, label="Part d'essai", definition="Une part.", why="Un essai.", measure=mesure, table="essai"
    )


CHAPITRES = (
    Chapter(
        "essai",
        "Essai",
        "Qui ?",
        (
            indicateur("population", Total("pop", "habitants")),
            indicateur("part_ages", Share("ages", of="pop")),
            indicateur("evolution", Growth("pop")),
        ),
    ),
)

# (territoire, pop, ages): Viriat and Ambérieu are alike but small; Oyonnax and Gex are the nearest in size.
COMMUNES = [
    (BOURG, 42_000, 12_600),
    (OYONNAX, 22_000, 6_600),
    (AMBERIEU, 15_000, 4_500),
    (GEX, 30_000, 3_000),
    (VIRIAT, 6_500, 1_950),
]
SUR = 'indicateurs = ["population", "part_ages"]\n'


@pytest.fixture(scope="module")
def cadres():
    """Territories of an edition of Bourg-en-Bresse, in the communes of France, made once."""
    return {}


@pytest.fixture
def base(tmp_path, cadres):
    def ouvrir(suite):
        dossier = tmp_path / "data/raw/bourg/2026"
        dossier.mkdir(parents=True, exist_ok=True)
        (dossier / "edition.toml").write_text(
            '[edition]\ntitre = "A"\nredaction = "C"\nprofil = "france"\n'
            'comparateurs = ["EPCI-200071751", "COMPARABLES"]\ndetail = "EPCI-200071751"\n'
            f'[territoire]\ncode = "{BOURG}"\nnom = "Bourg-en-Bresse"\n'
            f"[comparables]\n{suite if 'indicateurs' in suite else SUR + suite}\n"
            '[[fichiers]]\nsource = "essai"\nchemin = "essai.csv"\n',
            encoding="utf-8",
        )
        edition = lire_edition("bourg/2026", tmp_path)
        if not cadres:
            cadres["territoires"] = geographie.territoires(edition)
            cadres["appartenances"] = geographie.appartenances(edition)
        con = duckdb.connect()
        con.execute("create schema socle")
        for nom, cadre in cadres.items():
            con.register("lot", cadre)
            con.execute(f"create table socle.{nom} as select * from lot")
        table = pd.DataFrame(COMMUNES, columns=["territoire", "pop", "ages"]).assign(millesime=2022)
        con.register("lot", table)
        con.execute("create table socle.essai as select * from lot")
        return con, edition

    return ouvrir


def choisis(ouvert):
    return comparables.choisir(*ouvert, CHAPITRES)


def test_the_nearest_in_size_and_structure_come_first_and_the_commune_is_not_its_own_neighbour(base):
    # log 42,000/22,000 = 0.65 and the same part of 30 %; Gex is nearer in size (0.34) but has 10 % only;
    # Viriat is six times smaller, out of the narrowest class of population that holds three communes
    assert choisis(base("nombre = 3")) == [OYONNAX, AMBERIEU, GEX]


def test_the_distances_and_what_each_variable_weighs_are_kept(base):
    con, edition = base("nombre = 3")
    choisis((con, edition))
    distances = con.execute("select distance, relative from socle.comparables order by rang").fetchall()
    assert distances == sorted(distances)
    assert all(0 < relative <= 1 for _, relative in distances)
    variables = con.execute("select indicateur, part_conservee from socle.comparables_variables").fetchall()
    # all three candidates of the class are taken, whatever the variable
    assert variables == [("population", 1.0), ("part_ages", 1.0)]


def test_the_communes_that_people_name_are_taken_as_they_are(base):
    assert sorted(choisis(base(f'communes = ["{GEX}", "{VIRIAT}"]'))) == [GEX, VIRIAT]


def test_the_communes_shown_in_detail_may_be_left_out(base):
    assert VIRIAT not in choisis(base("nombre = 3\nhors_detail = true"))


def test_the_group_is_a_territory_whose_ratios_come_from_its_sums(base, monkeypatch):
    con, edition = base("nombre = 3")
    choisis((con, edition))
    monkeypatch.setattr("pipeline.transform.cle", lambda table: ("territoire", "millesime"))
    lignes = con.execute(
        f"select pop, ages from ({compute.sql_niveaux('essai', ['pop', 'ages'])}) where territoire = ?",
        [COMPARABLES],
    ).fetchall()
    assert lignes == [(22_000 + 15_000 + 30_000, 6_600 + 4_500 + 3_000)]


@pytest.mark.parametrize(
    ("suite", "phrase"),
    [
        ('indicateurs = ["evolution"]', "« evolution » n'est pas un indicateur sur lequel comparer"),
        ('indicateurs = ["inconnu"]', "« inconnu » n'est pas un indicateur"),
        ('communes = ["75056"]', "« 75056 » n'est pas dans les fichiers"),
        ("nombre = 5", "Seuls 4 territoires se comparent"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(base, suite, phrase):
    with pytest.raises(ErreurUtilisateur, match=phrase):
        choisis(base(suite))


def test_an_edition_without_any_of_the_indicators_of_the_comparison_is_told(base):
    con, edition = base('indicateurs = ["population"]')
    con.execute("update socle.essai set pop = null")
    with pytest.raises(ErreurUtilisateur, match="aucun des indicateurs de la comparaison n'est connu"):
        choisis((con, edition))
    par_defaut = edition.comparables.model_copy(update={"indicateurs": []})
    with pytest.raises(ErreurUtilisateur, match="aucun des indicateurs de la comparaison n'est connu"):
        comparables.choisir(con, edition.model_copy(update={"comparables": par_defaut}), ())


def test_a_profile_without_the_level_refuses_comparable_communes(ouvrir):
    with pytest.raises(ErreurUtilisateur, match="n'a pas de communes comparables"):
        ouvrir(
            texte='[edition]\ntitre = "A"\nredaction = "C"\nprofil = "nouvelle_caledonie"\ncomparateurs = []\n'
            '[territoire]\ncode = "98817"\nnom = "Le Mont-Dore"\n[comparables]\n'
            '[[fichiers]]\nsource = "isee_superficie"\nchemin = "s.csv"\n'
        )
