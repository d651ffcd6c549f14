"""Two years' maps have the same classes: the earlier one is printed, the later one takes its bounds."""

import duckdb
import pandas as pd
import pytest

from pipeline import classes
from pipeline.model import Chapter, Figure, Indicator, Share
from pipeline.report import faits as faits_
from pipeline.report import figures

QUARTIERS = ("Plum", "Robinson", "Boulari", "Yahoué")
PART = Indicator("part_60_plus", "Part des 60 ans et plus", "Part.", "Âge.", Share("a", of="b"), "population")
CARTE = Figure("carte", ("part_60_plus",), "Part des 60 ans et plus")
CHAPITRES = (Chapter("essai", "Essai", "Qui ?", (PART,), (CARTE,)),)


def remplir(con, parts, millesime, declaration="abc"):
    """The published tables of an edition: one share a quartier."""
    con.execute(
        "create schema publication; create schema if not exists socle; create schema qualite;"
        "create table qualite.fichiers (source varchar, fictif boolean);"
        "create table publication.comparaisons (indicateur varchar, territoire varchar, millesime bigint, "
        "groupe varchar, contre varchar, contre_millesime bigint, nature varchar, effet double, q double, "
        "position varchar);"
        "create table publication.indicateurs (indicateur varchar, territoire varchar, millesime bigint, "
        "depuis bigint, groupe varchar, numerateur double, denominateur double, valeur double, "
        "borne_basse double, borne_haute double, efficace double, statut varchar, motif varchar);"
        "create or replace table socle.territoires (territoire varchar, article varchar, nom varchar, "
        "niveau varchar, role varchar, ordre bigint);"
        "insert into socle.territoires values ('98817', 'Le', 'Mont-Dore', 'commune', 'etude', 0);"
        "create table publication.definitions (indicateur varchar, declaration varchar)"
    )
    con.execute("insert into publication.definitions values ('part_60_plus', ?)", [declaration])
    for rang, (nom, part) in enumerate(zip(QUARTIERS, parts, strict=True), 1):
        con.execute(
            "insert into socle.territoires values (?, '', ?, 'quartier', 'quartier', ?)", [nom, nom, rang]
        )
        con.execute(
            "insert into publication.indicateurs values ('part_60_plus', ?, ?, null, '', null, null, ?, null, "
            "null, 1, 'valide', '')",
            [nom, millesime, part],
        )


@pytest.fixture
def edition(ouvrir):
    """An edition of four quartiers on tiles, after that of 2025."""
    tuiles = "".join(
        f'[[quartiers]]\ncode = "{nom}"\nnom = "{nom}"\ntuile = [{rang}, 1]\n'
        for rang, nom in enumerate(QUARTIERS, 1)
    )
    return ouvrir(
        texte='[edition]\ntitre = "A"\nredaction = "C"\nprofil = "nouvelle_caledonie"\ncomparateurs = []\n'
        f'precedente = "essai/2025"\n[territoire]\ncode = "98817"\nnom = "Le Mont-Dore"\n{tuiles}'
        '[[fichiers]]\nsource = "isee_superficie"\nchemin = "s.csv"\n'
    )


def de_2025(edition, parts, declaration="abc"):
    """The base of the edition before, its classes established; returns them."""
    avant = edition.model_copy(
        update={"nom": "essai/2025", "edition": edition.edition.model_copy(update={"precedente": ""})}
    )
    avant.traitement.mkdir(parents=True)
    with duckdb.connect(str(avant.traitement / "base.duckdb")) as con:
        remplir(con, parts, 2014, declaration)
        classes.etablir(con, avant, CHAPITRES)
        return faits_.lire_classes(con)["part_60_plus"]


def carte(con, edition):
    """What the map of this edition shows."""
    classes.etablir(con, edition, CHAPITRES)
    return figures.tracer(faits_.lire(con, edition, CHAPITRES), CARTE, pd.DataFrame())


AVANT, APRES = (10.0, 12.0, 20.0, 22.0), (12.0, 15.0, 23.0, 30.0)
# one value a class: the middles 11, 16 and 21
BORNES = (11.0, 16.0, 21.0)


def test_two_editions_of_a_map_have_the_same_bounds_and_the_later_one_says_so(vierge, edition):
    ancienne = de_2025(edition, AVANT)
    assert (ancienne.bornes, ancienne.reprises) == (BORNES, False)
    remplir(vierge, APRES, 2019)
    trace = carte(vierge, edition)
    assert trace.options["bornes"] == BORNES
    assert trace.sujet.source.endswith("population. Mêmes classes que sur la carte de l’édition 2025.")
    # 12 and 15 were two classes of 2019's own values; on the bounds of 2025 they are one
    dessin = figures.dessiner(trace)
    assert "classe la plus haute (21,0\u00a0% ou plus)\u00a0: Boulari et Yahoué" in dessin.alt


def test_the_bounds_go_from_year_to_year_as_long_as_there_is_an_edition_before(vierge, edition):
    de_2025(edition, AVANT)
    remplir(vierge, APRES, 2019)
    classes.etablir(vierge, edition, CHAPITRES)
    assert vierge.execute("select * from publication.classes_de_carte order by borne").fetchall() == [
        ("part_60_plus", borne, True) for borne in BORNES
    ]


def test_a_first_edition_has_its_own_classes_and_says_nothing(vierge, edition):
    remplir(vierge, APRES, 2019)  # the edition of 2025 is neither built nor archived
    trace = carte(vierge, edition)
    assert trace.options["bornes"] == (13.5, 19.0, 26.5)
    assert "classes" not in trace.sujet.source


def test_an_indicator_defined_otherwise_since_has_its_own_classes(vierge, edition):
    de_2025(edition, AVANT, declaration="autre")
    remplir(vierge, APRES, 2019)
    assert carte(vierge, edition).options["bornes"] == (13.5, 19.0, 26.5)


def test_a_map_without_two_values_establishes_no_class_for_the_next(vierge, edition):
    remplir(vierge, (None, None, None, 14.0), 2019)
    classes.etablir(vierge, edition, CHAPITRES)
    assert faits_.lire_classes(vierge) == {}


def test_a_base_from_before_the_classes_were_kept_has_none(vierge):
    assert faits_.lire_classes(vierge) == {}
