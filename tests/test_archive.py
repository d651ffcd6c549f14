"""What is kept of an edition: complete, the same twice, naming nobody, and told apart from what changed since."""

import hashlib
import json
import shutil
import zipfile
import zlib
from pathlib import Path

import duckdb
import pytest
from livree import EDITION, batir, copier
from typer.testing import CliRunner

from pipeline import archive, cli
from pipeline.archive import archiver, base_de, verifier
from pipeline.build import BASE, CONFIDENTIEL, noter_empreinte
from pipeline.edition import lire_edition
from pipeline.empreinte import EMPREINTE, empreinte_entrees, empreinte_precedente
from pipeline.model import ErreurUtilisateur


def batie(dossier: Path) -> Path:
    """The inputs of the shipped edition, with a base and a publication as small as can be, noted as built."""
    copier(dossier)
    edition = lire_edition(EDITION, dossier)
    publication = edition.rapports / "publication"
    publication.mkdir()
    (edition.rapports / "interne").mkdir()
    (edition.rapports / "interne" / "rapport-interne.pdf").write_bytes(b"complet")
    for nom in ("rapport.pdf", "indicateurs.csv"):
        (publication / nom).write_bytes(nom.encode())
    edition.traitement.mkdir(parents=True)
    (edition.traitement / CONFIDENTIEL).write_bytes(b"complet")
    with duckdb.connect(str(edition.traitement / BASE)) as con:
        con.execute("create schema publication; create schema socle")
        con.execute(
            "create table publication.indicateurs as select 'population' as indicateur, 27620.0 as valeur"
        )
        con.execute("create table socle.territoires as select unnest(['98818', '98817']) as territoire")
    noter_empreinte(edition.traitement / EMPREINTE, empreinte_entrees(edition), edition.rapports)
    return dossier


@pytest.fixture(scope="module")
def archivee(tmp_path_factory) -> Path:
    """An edition built and archived."""
    dossier = batie(tmp_path_factory.mktemp("archivee") / "projet")
    archiver(lire_edition(EDITION, dossier))
    return dossier


@pytest.fixture
def zip_de(archivee) -> Path:
    return lire_edition(EDITION, archivee).archive


def contenu(chemin: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(chemin) as ouverte:
        return {nom: ouverte.read(nom) for nom in ouverte.namelist()}


def test_an_archive_holds_what_the_edition_is_made_of_and_what_came_out(zip_de):
    membres = contenu(zip_de)
    assert set(membres) >= {
        "LISEZ-MOI.txt",
        "SHA256SUMS",
        "manifeste.json",
        "requirements.lock",
        "entrees/data/raw/mont-dore/2026/edition.toml",
        "entrees/data/raw/isee/isee_population_commune.csv",
        "entrees/data/raw/isee/isee_population_commune.toml",
        "entrees/reports/mont-dore/2026/orientations.toml",
        "base/publication.indicateurs.parquet",
        "publication/rapport.pdf",
        "publication/indicateurs.csv",
    }
    assert list(membres) == sorted(membres)


def test_every_member_is_what_its_list_of_checksums_says(zip_de):
    membres = contenu(zip_de)
    lignes = membres["SHA256SUMS"].decode().splitlines()
    assert {ligne.split("  ")[1] for ligne in lignes} == set(membres) - {"SHA256SUMS"}
    for somme, nom in (ligne.split("  ") for ligne in lignes):
        assert hashlib.sha256(membres[nom]).hexdigest() == somme, nom


def test_deposits_about_persons_are_named_by_their_checksum_and_never_kept(zip_de, archivee):
    membres = contenu(zip_de)
    entrees = {entree["chemin"]: entree for entree in json.loads(membres["manifeste.json"])["entrees"]}
    depot = archivee / "data/raw/mont-dore/2026/depots/ccas_aides.csv"
    [entree] = [entree for nom, entree in entrees.items() if nom.endswith("2026/depots/ccas_aides.csv")]
    assert entree == {
        "chemin": "data/raw/mont-dore/2026/depots/ccas_aides.csv",
        "sha256": hashlib.sha256(depot.read_bytes()).hexdigest(),
        "gardee": False,
        "depose_par": "Logiciel de démonstration",
        "depose_le": "2026-01-15",
    }
    assert not [nom for nom in membres if "depots/" in nom]
    assert not [nom for nom in membres if nom.startswith(("interne/", "base/brut.ccas", "base/resultat."))]
    gardees = {f"entrees/{nom}" for nom, entree in entrees.items() if entree["gardee"]}
    code = {nom for nom in gardees if nom.startswith("entrees/pipeline/")} | {"entrees/requirements.lock"}
    assert gardees - code <= set(membres)


def test_an_archive_is_dated_by_the_last_deposit_and_not_by_the_clock(zip_de):
    with zipfile.ZipFile(zip_de) as ouverte:
        assert {membre.date_time for membre in ouverte.infolist()} == {(2026, 1, 15, 0, 0, 0)}
        assert json.loads(ouverte.read("manifeste.json"))["date"] == "2026-01-15"


def test_the_same_inputs_make_the_same_bytes_even_from_another_base_file(zip_de, tmp_path):
    # two DuckDB files of the same tables differ; the archives that are made of them do not
    autre = batie(tmp_path / "autre")
    assert archiver(lire_edition(EDITION, autre)).read_bytes() == zip_de.read_bytes()


def test_the_shipped_edition_is_archived_without_a_row_about_a_person(construit, tmp_path):
    dossier = tmp_path / "projet"
    shutil.copytree(construit, dossier)
    membres = contenu(archiver(lire_edition(EDITION, dossier)))
    tables = {nom for nom in membres if nom.startswith("base/")}
    assert {"base/publication.definitions.parquet", "base/publication.perimetres.parquet"} <= tables
    assert not [
        nom for nom in tables if "ccas" in nom or "aides" in nom or ".resultat" in nom or "rejets" in nom
    ]
    assert "publication/rapport.pdf" in membres
    assert verifier(lire_edition(EDITION, dossier).archive, dossier) == []


def test_nothing_differs_from_the_archive_of_what_is_there(zip_de, archivee):
    assert verifier(zip_de, archivee) == []


@pytest.fixture
def copie(archivee, tmp_path) -> Path:
    dossier = tmp_path / "projet"
    shutil.copytree(archivee, dossier)
    return dossier


def test_each_file_that_differs_is_one_line(zip_de, copie):
    (copie / "data/raw/isee/isee_superficie.csv").write_text("autre", encoding="utf-8")
    (copie / "data/raw/mont-dore/2026/depots/ccas_aides.csv").unlink()
    (copie / "reports/mont-dore/2026/publication/rapport.pdf").write_bytes(b"autre")
    (copie / "reports/mont-dore/2026/publication/note.txt").write_text("ajout", encoding="utf-8")
    assert verifier(zip_de, copie) == [
        "data/raw/isee/isee_superficie.csv : a changé",
        "data/raw/mont-dore/2026/depots/ccas_aides.csv : manque",
        "publication/note.txt : ajouté depuis",
        "publication/rapport.pdf : a changé",
    ]


@pytest.mark.parametrize(
    ("archivee_alors", "trouvee", "dit"),
    [
        ("abc", "", ["mont-dore/2025 : l'édition précédente manque"]),
        ("abc", "def", ["mont-dore/2025 : l'édition précédente a changé"]),
        ("", "def", ["mont-dore/2025 : l'édition précédente ajoutée depuis"]),
        ("abc", "abc", []),
    ],
)
def test_the_edition_before_is_an_input_like_another(
    copie, tmp_path, monkeypatch, archivee_alors, trouvee, dit
):
    edition = lire_edition(EDITION, copie)
    monkeypatch.setattr(archive, "empreinte_precedente", lambda _: trouvee)
    ecrit = archive.manifeste(edition) | {
        "precedente": {"edition": "mont-dore/2025", "empreinte": archivee_alors}
    }
    assert list(archive._precedente_changee(ecrit, copie)) == dit


@pytest.mark.parametrize(
    ("archivees_alors", "trouvees", "dit"),
    [
        ("", "", []),
        ("abc", "abc", []),
        ("abc", "", ["réponses aux rapprochements, à côté de la clé : manquent"]),
        ("abc", "def", ["réponses aux rapprochements, à côté de la clé : ont changé"]),
        ("", "def", ["réponses aux rapprochements, à côté de la clé : ajoutées depuis"]),
    ],
)
def test_the_analyst_s_answers_are_an_input_that_the_manifest_tells_by_its_checksum(
    copie, monkeypatch, archivees_alors, trouvees, dit
):
    edition = lire_edition(EDITION, copie)
    monkeypatch.setattr("pipeline.empreinte.empreinte_des_reponses", lambda _: archivees_alors)
    ecrit = archive.manifeste(edition)
    assert ecrit.get("reponses", "") == archivees_alors
    monkeypatch.setattr(archive, "empreinte_des_reponses", lambda _: trouvees)
    assert list(archive._reponses_changees(ecrit, copie)) == dit


@pytest.mark.lent
def test_an_edition_is_built_again_to_the_last_byte_from_its_archive_and_its_deposits(
    construit, tmp_path, monkeypatch
):
    origine, ailleurs = tmp_path / "origine", tmp_path / "ailleurs"
    shutil.copytree(construit, origine)
    zip_ = archiver(lire_edition(EDITION, origine))
    for nom, octets in contenu(zip_).items():
        if nom.startswith("entrees/"):
            chemin = ailleurs / nom.removeprefix("entrees/")
            chemin.parent.mkdir(parents=True, exist_ok=True)
            chemin.write_bytes(octets)
    # the deposits are kept apart, the key is another
    shutil.copytree(origine / f"data/raw/{EDITION}/depots", ailleurs / f"data/raw/{EDITION}/depots")
    monkeypatch.setenv("ABS_CLE", str(tmp_path / "autre.cle"))
    batir(ailleurs)
    assert verifier(zip_, ailleurs) == []
    assert archiver(lire_edition(EDITION, ailleurs)).read_bytes() == zip_.read_bytes()
    superficies = ailleurs / "data/raw/isee/isee_superficie.csv"
    superficies.write_bytes(superficies.read_bytes().replace(b"69.5", b"69.6", 1))
    assert verifier(zip_, ailleurs) == ["data/raw/isee/isee_superficie.csv : a changé"]


def test_what_is_not_built_is_said_once(zip_de, copie):
    shutil.rmtree(copie / "reports/mont-dore/2026/publication")
    assert verifier(zip_de, copie) == [
        "publication/ : n'est pas construite (make abs EDITION=mont-dore/2026)"
    ]


def test_a_member_that_was_tampered_with_is_named(zip_de, archivee, tmp_path):
    fausse = tmp_path / "fausse.zip"
    with zipfile.ZipFile(fausse, "w") as ecrite:
        for nom, octets in contenu(zip_de).items():
            if nom != "LISEZ-MOI.txt":
                ecrite.writestr(nom, octets + b" " if nom == "requirements.lock" else octets)
        ecrite.writestr("intrus.txt", "ajout")
    assert verifier(fausse, archivee) == [
        "LISEZ-MOI.txt : manque dans l'archive",
        "intrus.txt : ajouté dans l'archive",
        "requirements.lock : abîmé dans l'archive",
    ]


def abimer(chemin: Path, nom: str) -> None:
    """Two wrong bytes where the content of a member begins: no kind of compressed block has that number."""
    octets = bytearray(chemin.read_bytes())
    with zipfile.ZipFile(chemin) as ouverte:
        entete = ouverte.getinfo(nom).header_offset
    noms = [int.from_bytes(octets[entete + place : entete + place + 2], "little") for place in (26, 28)]
    debut = entete + 30 + sum(noms)
    octets[debut : debut + 2] = b"\xff\xff"
    chemin.write_bytes(octets)


def test_a_member_that_was_damaged_is_named(zip_de, archivee, tmp_path):
    abimee = tmp_path / "abimee.zip"
    shutil.copy(zip_de, abimee)
    abimer(abimee, "requirements.lock")
    with zipfile.ZipFile(abimee) as ouverte, pytest.raises(zlib.error):  # which is no BadZipFile
        ouverte.read("requirements.lock")
    assert verifier(abimee, archivee) == ["requirements.lock : abîmé dans l'archive"]


@pytest.mark.parametrize("abime", ["tronquee", "manifeste", "base"])
def test_the_archive_of_the_edition_before_damaged_is_one_sentence(copie, abime):
    edition = lire_edition(EDITION, copie)
    shutil.rmtree(edition.traitement)
    if abime == "tronquee":
        edition.archive.write_bytes(edition.archive.read_bytes()[:-1_000])
    else:
        abimer(
            edition.archive, "manifeste.json" if abime == "manifeste" else "base/socle.territoires.parquet"
        )
    suivante = edition.model_copy(
        update={"edition": edition.edition.model_copy(update={"precedente": EDITION})}
    )
    lire = [lambda: empreinte_precedente(suivante)] if abime != "base" else []
    lire += [lambda: base_de(edition).__enter__()] if abime != "manifeste" else []
    for lecture in lire:
        with pytest.raises(
            ErreurUtilisateur, match=r"abs-mont-dore-2026\.zip .* abîmée : en reprendre une copie"
        ):
            lecture()


@pytest.mark.parametrize("octets", [b"", b"PK\x03\x04 coupe", None])
def test_what_is_no_archive_is_one_sentence(tmp_path, octets):
    chemin = tmp_path / "autre.zip"
    if octets is not None:
        chemin.write_bytes(octets)
    with pytest.raises(ErreurUtilisateur, match=r"n'est pas une archive d'édition|est introuvable"):
        verifier(chemin, tmp_path)


def test_an_edition_that_changed_since_it_was_built_is_not_archived(copie):
    texte = copie / "reports/mont-dore/2026/textes/essentiel.md"
    texte.write_text("Autre analyse.", encoding="utf-8")
    with pytest.raises(
        ErreurUtilisateur, match="n'est pas construite, ou a changé depuis : lancer « make abs"
    ):
        archiver(lire_edition(EDITION, copie))


def test_the_figures_of_an_archived_edition_are_read_where_its_base_is_gone(copie):
    edition = lire_edition(EDITION, copie)
    requete = "select indicateur, valeur from publication.indicateurs"
    with base_de(edition) as base:
        attendu = _lire(base, requete)
    shutil.rmtree(edition.traitement)
    with base_de(edition) as base:
        assert _lire(base, requete) == attendu == ("population", 27620)
    edition.archive.unlink()
    with base_de(edition) as base:
        assert base is None


def _lire(base: Path, requete: str) -> tuple[float, ...]:
    with duckdb.connect(str(base), read_only=True) as con:
        return con.execute(requete).fetchone()


def test_the_command_exits_with_2_when_something_differs_and_0_when_nothing_does(zip_de, copie, monkeypatch):
    lancer = CliRunner().invoke
    monkeypatch.setattr(archive, "verifier", lambda chemin: verifier(chemin, copie))
    assert lancer(cli.app, ["verifie", str(zip_de)]).exit_code == 0
    (copie / "data/raw/isee/isee_superficie.csv").unlink()
    resultat = lancer(cli.app, ["verifie", str(zip_de)])
    assert resultat.exit_code == 2
    assert "isee_superficie.csv : manque" in resultat.output
    assert "1 fichier diffère de l'archive" in resultat.output
