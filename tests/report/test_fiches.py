"""The fiches of the communes shown in detail: each read from its own commune, with what all of them have."""

from dataclasses import replace

import docx
import pytest

from pipeline.model import ErreurUtilisateur, Indicator, Share, Total
from pipeline.report import fiches, papiers
from pipeline.report.faits import Ecart

POPULATION = Indicator(
    "population", "Population", "Habitants.", "Base.", Total("pop", "habitants"), "population"
)
PART = Indicator("part_60", "Part des 60 ans et plus", "Part.", "Âge.", Share("a", of="pop"), "population")
RECOURS = Indicator("recours", "Taux de recours", "Part.", "Aide.", Share("a", of="b"), "recours")


@pytest.fixture
def faits(dessin):
    """Le Mont-Dore and Nouméa, shown in detail; only Le Mont-Dore knows its CCAS's activity, which is fictional."""
    f = dessin.fait
    noumea = f(PART, "98818", 25.0, numerateur=250.0, denominateur=1000.0)
    lus = dessin.faits(
        [POPULATION, PART, RECOURS],
        [
            *(f(POPULATION, code, valeur) for code, valeur in (("98817", 2000.0), ("98818", 1000.0))),
            *(f(PART, code, 10.0) for code in ("98817", "988-grand-noumea", "988")),
            noumea,
            f(RECOURS, "98817", 50.0),
        ],
        {noumea: [Ecart("988-grand-noumea", 2019, "comparateur", 0.15, 0.001, "au_dessus")]},
        fictives=frozenset({"ccas_demandes"}),
    )
    lieux = lus.lieux | {"98818": replace(lus.lieux["98818"], role="membre")}
    entete = lus.edition.edition.model_copy(
        update={"comparateurs": ("988-grand-noumea", "988"), "detail": "988-sud"}
    )
    return replace(lus, lieux=lieux, edition=lus.edition.model_copy(update={"edition": entete}))


@pytest.fixture
def con(vierge):
    """Who holds Nouméa: Grand Nouméa only; no pyramid."""
    vierge.execute("create schema socle")
    vierge.execute(
        "create table socle.appartenances as select '98818' as contenu, '988-grand-noumea' as contenant"
    )
    vierge.execute(
        "create table socle.population_sexe_age as select 2019 as millesime, 'hommes' as sexe, 0 as age_min, "
        "4 as age_max, 1 as population, '' as territoire"
    )
    return vierge


def lignes(chemin):
    """Every text of a DOCX, those of its tables too."""
    document = docx.Document(chemin)
    cellules = [cellule.text for table in document.tables for rang in table.rows for cellule in rang.cells]
    return [paragraphe.text for paragraphe in document.paragraphs] + cellules


def test_each_commune_shown_in_detail_has_its_fiche_of_two_pages_at_most(con, faits, tmp_path):
    annexes = fiches.des_communes(con, faits, tmp_path / "dessins", tmp_path / "fiches")
    assert [annexe.fichier for annexe in annexes] == ["fiche-98817.pdf", "fiche-98818.pdf"]
    assert all(papiers.pages(tmp_path / "fiches" / annexe.fichier) <= 2 for annexe in annexes)
    textes = "\n".join(lignes(tmp_path / "fiches" / "fiche-98818.docx"))
    assert "Nouméa, édition 2026" in textes and "25,0\xa0%" in textes.replace("\u202f", "\xa0")
    assert "plus que dans le Grand Nouméa" in textes


def test_a_fiche_says_nothing_of_an_activity_that_the_other_communes_do_not_have(con, faits, tmp_path):
    fiches.des_communes(con, faits, tmp_path / "dessins", tmp_path / "fiches")
    for code in ("98817", "98818"):
        textes = "\n".join(lignes(tmp_path / "fiches" / f"fiche-{code}.docx"))
        assert "recours" not in textes and "fictive" not in textes


def test_a_commune_is_read_beside_the_comparators_that_hold_it_the_one_studied_beside_its_own(
    con, faits, tmp_path
):
    fiches.des_communes(con, faits, tmp_path / "dessins", tmp_path / "fiches")
    assert "Nouvelle-Calédonie" in lignes(tmp_path / "fiches" / "fiche-98817.docx")
    assert "Nouvelle-Calédonie" not in lignes(tmp_path / "fiches" / "fiche-98818.docx")


def test_a_commune_that_nothing_sets_apart_says_so(con, faits, tmp_path):
    fiches.des_communes(con, faits, tmp_path / "dessins", tmp_path / "fiches")
    phrase = "Aucun écart n’est établi entre la commune et les territoires auxquels elle se compare."
    assert phrase in lignes(tmp_path / "fiches" / "fiche-98817.docx")
    assert phrase not in lignes(tmp_path / "fiches" / "fiche-98818.docx")


def test_an_edition_that_shows_no_commune_in_detail_is_told_what_to_write(con, dessin, tmp_path):
    with pytest.raises(
        ErreurUtilisateur, match=r"edition\.toml : aucune commune .* nommer dans \[edition\] detail"
    ):
        fiches.des_communes(con, dessin.faits([POPULATION], []), tmp_path / "dessins", tmp_path / "fiches")
