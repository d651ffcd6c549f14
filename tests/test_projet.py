"""The folder of the project: what git follows in it, what the Makefile sets up and clears away."""

import shutil
import subprocess

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
