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
