"""What a person types: every command has its make target, and the pages for people name nothing else."""

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from pipeline import cli
from pipeline.cli import app
from pipeline.model import ErreurUtilisateur
from pipeline.trousseau import OUBLIES, chemin_de_cle

COMMANDES = sorted(commande.name or commande.callback.__name__ for commande in app.registered_commands)
PAGES = ("README.md", "docs/guide.md")


def a_blanc(racine, *mots):
    """The commands that make would run, its environment taken as ready."""
    return subprocess.run(
        ["make", "--dry-run", "--old-file=.venv/.pret", *mots],
        cwd=racine,
        env={nom: valeur for nom, valeur in os.environ.items() if nom != "EDITION"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("commande", COMMANDES)
def test_every_command_is_run_by_make(racine, commande):
    assert f".venv/bin/python -m pipeline {commande}" in a_blanc(racine, commande)


def test_the_figure_to_explain_is_given_to_make(racine):
    dit = a_blanc(racine, "explique", "INDICATEUR=part_60_plus", "TERRITOIRE=98817", "EDITION=a/2027")
    assert 'explique "part_60_plus" "98817" --edition a/2027' in dit


@pytest.mark.parametrize("commande", ["oublie", "cle"])
def test_what_destroys_asks_for_the_edition_by_name(racine, commande):
    assert f'{commande} ""' in a_blanc(racine, commande), "never the edition of the demonstration by default"
    assert f'{commande} "a/2027"' in a_blanc(racine, commande, "EDITION=a/2027")


def test_what_is_said_of_persons_asks_for_the_edition_by_name(racine):
    assert 'rapproche "" "a.csv"' in a_blanc(racine, "rapproche", "FICHIER=a.csv")
    assert 'rapproche "a/2027" "a.csv"' in a_blanc(racine, "rapproche", "EDITION=a/2027", "FICHIER=a.csv")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_for_people_gives_commands_that_run_as_written(racine, page):
    texte = (racine / page).read_text(encoding="utf-8")
    cibles = set(
        re.findall(r"^([a-z0-9-]+):", (racine / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    nommees = set(re.findall(r"(?:`|^)make ([a-z0-9-]+)", texte, re.MULTILINE))
    assert len(nommees) > 5
    assert nommees <= cibles
    assert "python -m" not in texte, "the Python of the system has none of the packages"


def test_the_guide_speaks_of_every_command(racine):
    guide = (racine / "docs" / "guide.md").read_text(encoding="utf-8")
    pour_les_analystes_du_code = {"methode"}
    assert {c for c in COMMANDES if f"make {c}" not in guide} == pour_les_analystes_du_code


def test_the_guide_says_where_the_key_is_kept_and_what_is_beside_it(racine, monkeypatch):
    monkeypatch.delenv("ABS_CLE", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    guide = (racine / "docs" / "guide.md").read_text(encoding="utf-8")
    cle = chemin_de_cle("<commune>")
    assert f"`~/{cle.relative_to(Path.home())}`" in guide
    assert OUBLIES.chemin(cle, bytes(32)).parent == cle.parent, "the backup of the folder holds both"


def test_a_python_without_the_packages_is_told_what_to_run(racine):
    refus = subprocess.run(
        [sys.executable, "-S", "-m", "pipeline", "explique", "part_60_plus"],
        cwd=racine,
        capture_output=True,
        text=True,
    )
    assert refus.returncode == 2
    assert refus.stderr == (
        "Erreur : le module « typer » manque à ce Python : lancer les commandes par make (« make help » les liste), "
        "qui prépare l'environnement, ou par « .venv/bin/python -m pipeline … ».\n"
    )


@pytest.mark.parametrize(
    ("raison", "dit"),
    [
        (errno.EACCES, "« aides.csv », accès refusé : le fermer s'il est ouvert dans un autre logiciel"),
        (errno.EISDIR, "« aides.csv », c'est un dossier"),
        (errno.ENOSPC, "« aides.csv », le disque est plein"),
    ],
)
def test_a_file_that_the_system_refuses_is_one_sentence(capsys, raison, dit):
    with pytest.raises(typer.Exit) as sortie, cli._une_phrase():
        raise OSError(raison, "Permission denied", "aides.csv")
    assert sortie.value.exit_code == 2
    assert dit in capsys.readouterr().err


def test_any_other_failure_of_the_system_is_one_of_the_software():
    with pytest.raises(FileNotFoundError), cli._une_phrase():
        raise FileNotFoundError(errno.ENOENT, "No such file", "perdu")


@pytest.mark.parametrize(
    ("theme", "fiches", "dit"),
    [("culture", False, "n'existe pas"), ("", True, "aucune commune n'est montrée en détail")],
)
def test_what_cannot_be_made_beside_the_report_is_told_before_it_is_built(monkeypatch, theme, fiches, dit):
    monkeypatch.setattr("pipeline.build.construire", lambda *_: pytest.fail("construit"))
    with pytest.raises(ErreurUtilisateur, match=dit):
        cli._batir("mont-dore/2026", theme, fiches, lambda _: None)
