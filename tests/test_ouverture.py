"""Opening an edition: a commune by code or by name, the year after, what is declared and what comes next."""

import re
import shutil
import tomllib

import pytest

from pipeline import geographie
from pipeline.edition import lire_edition
from pipeline.model import ErreurUtilisateur
from pipeline.ouverture import MODELES, ouvrir_annee, ouvrir_commune
from pipeline.sources.registre import SOURCES


@pytest.fixture
def projet(tmp_path, racine):
    """A project with New Caledonia's public tables and no edition."""
    shutil.copytree(racine / "data" / "raw" / "isee", tmp_path / "data" / "raw" / "isee")
    return tmp_path


def test_a_commune_by_its_code_has_its_levels_and_its_communes_of_the_same_epci(projet):
    dit = ouvrir_commune("01053", "2026", projet)
    edition = lire_edition("bourg-en-bresse/2026", projet)
    assert edition.territoire.code == "01053"
    assert edition.edition.comparateurs == (
        "EPCI-200071751",
        geographie.COMPARABLES,
        "DEP-01",
        "REG-84",
        "FRANCE-F",
    )
    roles = geographie.territoires(edition)["role"].value_counts()
    # the agglomeration has 74 communes: 73 beside Bourg-en-Bresse
    assert roles["membre"] == 73
    assert [ligne[:2] for ligne in dit[-3:]] == ["1.", "2.", "3."]
    assert "make abs EDITION=bourg-en-bresse/2026" in dit[-1]


def test_a_commune_by_its_name_however_it_is_typed(projet):
    ouvrir_commune("bourg en bresse", "2026", projet)
    assert lire_edition("bourg-en-bresse/2026", projet).territoire.nom == "Bourg-en-Bresse"


def test_an_ambiguous_name_asks_which_and_writes_nothing(projet):
    with pytest.raises(ErreurUtilisateur, match=r"« Saint-Denis » désigne \d+ communes : .*93066"):
        ouvrir_commune("Saint-Denis", "2026", projet)
    assert not list((projet / "data" / "raw").glob("saint*"))


def test_two_communes_of_one_name_have_each_their_folder(projet):
    ouvrir_commune("93066", "2026", projet)
    ouvrir_commune("97411", "2026", projet)
    assert lire_edition("saint-denis/2026", projet).territoire.code == "93066"
    assert lire_edition("saint-denis-974/2026", projet).territoire.code == "97411"


def test_a_commune_of_new_caledonia_has_its_own_profile_and_its_quartiers(projet):
    ouvrir_commune("Dumbéa", "2026", projet)
    edition = lire_edition("dumbea/2026", projet)
    assert edition.edition.profil == "nouvelle_caledonie"
    assert edition.edition.comparateurs == ("988-grand-noumea", "988-sud", "988")
    assert edition.quartiers
    assert {quartier.code[:6] for quartier in edition.quartiers} == {"98805-"}


def test_the_name_keeps_its_article(projet):
    ouvrir_commune("98817", "2027", projet)
    assert lire_edition("mont-dore/2027", projet).territoire.nom == "Le Mont-Dore"


def test_an_edition_that_exists_is_never_overwritten(projet):
    ouvrir_commune("01053", "2026", projet)
    chemin = projet / "data/raw/bourg-en-bresse/2026/edition.toml"
    chemin.write_text(chemin.read_text(encoding="utf-8") + "# à moi\n", encoding="utf-8")
    with pytest.raises(ErreurUtilisateur, match="existe déjà"):
        ouvrir_commune("01053", "2026", projet)
    assert chemin.read_text(encoding="utf-8").endswith("# à moi\n")


@pytest.mark.parametrize("annee", ["", "26", "deux mille"])
def test_a_year_that_is_none_is_one_sentence(projet, annee):
    with pytest.raises(ErreurUtilisateur, match="n'est pas une année"):
        ouvrir_commune("01053", annee, projet)


def test_the_year_after_keeps_the_declaration_and_forgets_checksums_and_deposits(projet):
    ouvrir_commune("01053", "2026", projet)
    chemin = projet / "data/raw/bourg-en-bresse/2026/edition.toml"
    ajout = f'\n[[fichiers]]\nsource = "ccas_demandes"\nchemin = "depots/a.csv"\nsha256 = "{"a" * 64}"\n'
    chemin.write_text(
        chemin.read_text(encoding="utf-8") + ajout + "depose_le = 2026-01-15\n", encoding="utf-8"
    )
    dit = ouvrir_annee("", "bourg-en-bresse/2026", projet)
    suivante = lire_edition("bourg-en-bresse/2027", projet)
    assert (suivante.fichiers[-1].sha256, suivante.fichiers[-1].depose_le) == ("", None)
    assert suivante.territoire == lire_edition("bourg-en-bresse/2026", projet).territoire
    assert "EDITION=bourg-en-bresse/2027" in dit[-1]


@pytest.mark.parametrize("modele", sorted(MODELES.glob("*.toml")), ids=lambda chemin: chemin.stem)
def test_every_source_that_a_new_edition_declares_exists(modele):
    texte = re.sub(r"\$comparateurs", "[]", modele.read_text(encoding="utf-8"))
    declares = {fichier["source"] for fichier in tomllib.loads(texte)["fichiers"]}
    assert declares <= {source.id for source in SOURCES}
