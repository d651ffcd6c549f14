"""Opening an edition: a commune by code or by name, the year after, what is declared and what comes next."""

import re
import shutil
import tomllib

import pytest
from livree import RACINE

from pipeline import geographie
from pipeline.edition import lire_edition
from pipeline.indicators import chapitres_de
from pipeline.model import ErreurUtilisateur
from pipeline.orientations import lire_orientations
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


def test_a_quartier_cut_in_several_since_is_no_quartier_of_today(projet):
    # Cœur de Ville-Dumbéa/mer was counted in 2004; Cœur de Ville and Dumbéa sur mer have been since
    ouvrir_commune("Dumbéa", "2026", projet)
    noms = {quartier.nom for quartier in lire_edition("dumbea/2026", projet).quartiers}
    assert {"Cœur de Ville", "Dumbéa sur mer"} <= noms
    assert "Cœur de Ville-Dumbéa/mer" not in noms


@pytest.mark.parametrize(
    ("code", "comparateurs"),
    [
        # the département of Paris is Paris
        ("75056", ("EPCI-200054781", geographie.COMPARABLES, "REG-11", "FRANCE-F")),
        # the region of La Réunion holds the communes of its département
        ("97411", ("EPCI-249740119", geographie.COMPARABLES, "DEP-974", "FRANCE-F")),
    ],
)
def test_a_commune_is_compared_once_with_the_same_communes(projet, code, comparateurs):
    ouvrir_commune(code, "2026", projet)
    [chemin] = (projet / "data" / "raw").glob("*/2026/edition.toml")
    edition = lire_edition(f"{chemin.parts[-3]}/2026", projet)
    assert edition.edition.comparateurs == comparateurs


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


# --- The year after, followed -----------------------------------------------------------------------


@pytest.fixture
def suivi(tmp_path):
    """The declarations and the orientations of the shipped edition, without their deposits."""
    for nom in ("data/raw/mont-dore/2026/edition.toml", "reports/mont-dore/2026/orientations.toml"):
        (tmp_path / nom).parent.mkdir(parents=True)
        shutil.copy(RACINE / nom, tmp_path / nom)
    return tmp_path


def test_a_year_that_follows_names_the_one_before_and_asks_for_new_deposits(suivi):
    ouvrir_annee("mont-dore/2027", "mont-dore/2026", suivi)
    edition = lire_edition("mont-dore/2027", suivi)
    assert edition.edition.precedente == "mont-dore/2026"
    assert {(fichier.sha256, fichier.depose_le) for fichier in edition.fichiers} == {("", None)}


def test_actions_carried_over_keep_the_year_that_decided_them(suivi):
    ouvrir_annee("mont-dore/2027", "mont-dore/2026", suivi)
    edition = lire_edition("mont-dore/2027", suivi)
    reprises = lire_orientations(edition, chapitres_de(edition.profil))
    decisions = {action.id: action.decidee for action in reprises.actions}
    assert decisions["registre"] == 2025  # said by the edition of 2026
    assert decisions["maraudes"] == 2026  # decided by it


def test_orientations_already_written_are_left_alone(suivi):
    ecrites = suivi / "reports/mont-dore/2027/orientations.toml"
    ecrites.parent.mkdir(parents=True)
    ecrites.write_text("# à moi\n", encoding="utf-8")
    ouvrir_annee("mont-dore/2027", "mont-dore/2026", suivi)
    assert ecrites.read_text(encoding="utf-8") == "# à moi\n"


def test_another_territory_or_an_earlier_year_follows_nothing(suivi):
    for nom in ("paita/2027", "mont-dore/2024"):
        ouvrir_annee(nom, "mont-dore/2026", suivi)
        assert lire_edition(nom, suivi).edition.precedente == ""
        assert not (suivi / "reports" / nom / "orientations.toml").exists()
