"""The folder of the project: what git follows in it, what the Makefile sets up and clears away."""

import ast
import importlib.metadata
import os
import re
import shutil
import subprocess
import tomllib

import pytest


@pytest.fixture
def suivi(racine, tmp_path):
    """Whether git would follow a new file of that path, by the project's rules alone."""
    if shutil.which("git") is None:
        pytest.skip("git absent")
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    shutil.copy(racine / ".gitignore", tmp_path)

    def suivi(chemin):
        commande = ["git", "-C", tmp_path, "check-ignore", "--quiet", "--no-index", chemin]
        return subprocess.run(commande, check=False).returncode == 1

    return suivi


@pytest.mark.parametrize(
    "chemin",
    [
        "data/raw/mont-dore/2027/depots/export_aides.csv",
        "data/raw/mont-dore/2027/depots/janvier/aides.xlsx",
        "data/raw/mont-dore/2027/depots/export_aides_erreurs.csv",
        "data/raw/mont-dore/2027/aides_erreurs.csv",  # a deposit may be declared elsewhere in its edition
    ],
)
def test_what_a_ccas_deposits_is_never_committed(suivi, chemin):
    assert not suivi(chemin)


@pytest.mark.parametrize("chemin", ["edition.toml", "contours.geojson"])
def test_what_an_edition_declares_is(suivi, chemin):
    assert suivi(f"data/raw/mont-dore/2027/{chemin}")


@pytest.mark.parametrize(
    "dossier", ["publication", "interne", "bilans", "archive", ".en-cours", ".precedent"]
)
def test_what_is_computed_is_never_committed(suivi, dossier):
    assert not suivi(f"reports/mont-dore/2027/{dossier}/interne/rapport.html")


CALCULES = (
    "data/processed/mont-dore/2027/base.duckdb",
    "reports/mont-dore/2027/publication/rapport.html",
    "reports/mont-dore/2027/interne/rapport.html",
    "reports/mont-dore/2027/bilans/domiciliation-2026.pdf",
    "reports/mont-dore/2027/.en-cours/interne/rapport.html",
    "reports/mont-dore/2027/.precedent/interne/rapport.html",
)
GARDES = (
    "data/raw/mont-dore/2027/depots/aides.csv",
    "reports/mont-dore/2027/archive/abs-mont-dore-2027.zip",
    "reports/mont-dore/2027/textes/essentiel.md",
)


def test_cleaning_takes_all_that_is_computed_and_nothing_else(racine, tmp_path):
    if shutil.which("make") is None:
        pytest.skip("make absent")
    shutil.copy(racine / "Makefile", tmp_path)
    for nom in (*CALCULES, *GARDES):
        (tmp_path / nom).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / nom).touch()
    subprocess.run(["make", "--silent", "-C", tmp_path, "clean"], check=True, stdout=subprocess.DEVNULL)
    assert [nom for nom in CALCULES if (tmp_path / nom).exists()] == []
    assert [nom for nom in GARDES if not (tmp_path / nom).exists()] == []


# --- The dependencies ------------------------------------------------------------------------------


def imports(racine, dossier):
    """The packages that a folder imports, as they are named on an index; the project's own modules left out."""
    arbres = [ast.parse(chemin.read_text(encoding="utf-8")) for chemin in (racine / dossier).rglob("*.py")]
    noeuds = [noeud for arbre in arbres for noeud in ast.walk(arbre)]
    noms = {alias.name for noeud in noeuds if isinstance(noeud, ast.Import) for alias in noeud.names}
    noms |= {n.module for n in noeuds if isinstance(n, ast.ImportFrom) and n.module and not n.level}
    paquets = importlib.metadata.packages_distributions()
    trouves = {nom.partition(".")[0] for nom in noms} - {"pipeline"}
    return {re.sub(r"[-_.]+", "-", paquet).lower() for nom in trouves for paquet in set(paquets.get(nom, ()))}


@pytest.fixture(scope="module")
def declares(racine):
    """What `pyproject.toml` declares, by the package's name: for the pipeline, and for those who work on it."""
    projet = tomllib.loads((racine / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listes = (projet["dependencies"], projet["optional-dependencies"]["dev"])
    return [{re.match(r"[\w.-]+", ligne)[0].lower().replace("_", "-") for ligne in liste} for liste in listes]


def test_the_pipeline_declares_what_it_imports_and_imports_what_it_declares(racine, declares):
    assert imports(racine, "pipeline") == declares[0]


def test_the_tests_import_nothing_that_is_not_declared(racine, declares):
    assert imports(racine, "tests") <= declares[0] | declares[1]


def test_the_page_of_decisions_says_what_each_dependency_is_for(racine, declares):
    page = (racine / "docs" / "decisions.md").read_text(encoding="utf-8")
    table = page[page.index("| package |") : page.index("Not used:")]
    dits = [nom for ligne in table.splitlines()[2:] if ligne for nom in ligne.split("|")[1].split(",")]
    assert sorted(nom.strip().lower().replace("_", "-") for nom in dits) == sorted(declares[0])


# --- The environment -------------------------------------------------------------------------------

PYTHON = """#!/bin/sh
case "$1 $2" in
  "-c "*ensurepip*) [ ! -e sans_venv ] ;;
  "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  "-m pip") echo "$*" >> installations
    case "$*" in *--requirement*) [ ! -e hors_ligne ] ;; esac ;;
esac
"""


@pytest.fixture
def preparer(racine, tmp_path):
    """Have make set the environment up, with a Python that only says what it is asked; returns what make said."""
    if shutil.which("make") is None:
        pytest.skip("make absent")
    shutil.copy(racine / "Makefile", tmp_path)
    for nom in ("requirements.lock", "pyproject.toml"):
        (tmp_path / nom).write_text("1")
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)

    def preparer(reussit=True):
        (tmp_path / "installations").write_text("")
        commande = ["make", "-C", tmp_path, "PYTHON=./python", ".venv/.pret"]
        fait = subprocess.run(commande, check=False, capture_output=True, text=True)
        assert fait.returncode == (0 if reussit else 2), fait.stderr
        return fait.stderr, (tmp_path / "installations").read_text().splitlines()

    return preparer


def changer(chemin, texte="2"):
    """Write a file, later than all that was set up."""
    chemin.write_text(texte)
    plus_tard = chemin.parent.joinpath(".venv/.pret").stat().st_mtime + 10
    os.utime(chemin, (plus_tard, plus_tard))


def test_from_nothing_the_locked_packages_are_installed_then_the_project(preparer, tmp_path):
    _, installations = preparer()
    assert ["--requirement" in ligne for ligne in installations] == [True, False]
    assert preparer()[1] == []
    assert not (tmp_path / ".venv.ancien").exists()


def test_a_change_that_the_lock_does_not_know_installs_nothing_from_the_network(preparer, tmp_path):
    preparer()
    (tmp_path / "hors_ligne").touch()
    changer(tmp_path / "pyproject.toml")
    [projet] = preparer()[1]
    assert "--no-deps" in projet and "--editable ." in projet


def test_what_was_installed_is_still_there_when_the_new_lock_cannot_be(preparer, tmp_path):
    preparer()
    (tmp_path / ".venv" / "temoin").touch()
    (tmp_path / "hors_ligne").touch()
    changer(tmp_path / "requirements.lock")
    dit, _ = preparer(reussit=False)
    assert "vérifier la connexion et recommencer ; ce qui était installé l'est encore." in dit
    assert (tmp_path / ".venv" / "temoin").exists()
    (tmp_path / "hors_ligne").unlink()
    preparer()
    assert not (tmp_path / ".venv" / "temoin").exists()


def test_an_installation_that_was_killed_gives_the_former_back(preparer, tmp_path):
    preparer()
    (tmp_path / ".venv").rename(tmp_path / ".venv.ancien")  # where a killed run leaves it
    (tmp_path / ".venv").mkdir()
    (tmp_path / "hors_ligne").touch()
    assert len(preparer()[1]) == 1  # the project alone: the packages are those of the lock
    assert not (tmp_path / ".venv.ancien").exists()


def test_a_first_installation_that_fails_leaves_nothing_and_a_python_without_venv_is_said(preparer, tmp_path):
    (tmp_path / "hors_ligne").touch()
    assert "vérifier la connexion" in preparer(reussit=False)[0]
    assert not (tmp_path / ".venv").exists()
    (tmp_path / "sans_venv").touch()
    assert "sudo apt install python3-venv" in preparer(reussit=False)[0]
