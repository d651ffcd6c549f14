"""A run that is stopped on the way: what was there before is still there, whole."""

import shutil
from itertools import count
from pathlib import Path

import pytest

from pipeline import build, ingest, regles, transform
from pipeline.build import BASE, CONFIDENTIEL, base_neuve, construire, deja_construite, verrou
from pipeline.empreinte import empreinte_entrees

PLACES = ("publication/rapport.html", "interne/rapport.html"), (BASE, CONFIDENTIEL, "rejets/depot.csv")


class Tue(BaseException):
    """The run stops here, and does nothing more."""


@pytest.fixture
def batir(ouvrir, monkeypatch):
    """Build an edition whose every output says a word, which is in its inputs too: `batir("avant")`."""

    def batir(mot):
        edition = ouvrir(quartiers=[mot])

        def executer(edition, neuf, sorties, dire):
            for racine, noms in zip((sorties, neuf), PLACES, strict=True):
                for nom in noms:
                    (racine / nom).parent.mkdir(exist_ok=True)
                    (racine / nom).write_text(mot)

        monkeypatch.setattr(build, "_executer", executer)
        construire(edition, print)
        return edition

    return batir


def lus(edition):
    racines = zip((edition.rapports, edition.traitement), PLACES, strict=True)
    return [(racine / nom).read_text() for racine, noms in racines for nom in noms]


def couper(monkeypatch, rang, erreur):
    """The rename of that rank raises, as do those that follow."""
    rangs, renommer = count(), Path.rename

    def rename(chemin, cible):
        if next(rangs) >= rang:
            raise erreur
        return renommer(chemin, cible)

    monkeypatch.setattr(Path, "rename", rename)


# two folders, two bases, the sheets of rejects, the checksums: each is put away, then its new one in place
@pytest.mark.parametrize("rang", range(12))
def test_a_run_killed_while_its_outputs_are_put_in_place_leaves_the_former_ones(batir, monkeypatch, rang):
    edition = batir("avant")
    entrees = empreinte_entrees(edition)
    with monkeypatch.context() as coupure, pytest.raises(Tue):
        couper(coupure, rang, Tue)
        batir("apres")
    with verrou(edition):  # the next command, whatever it is
        assert lus(edition) == ["avant"] * 5
        assert deja_construite(edition, entrees)
    assert not [*edition.racine.rglob(".precedent")]


def test_once_the_checksums_are_in_place_a_killed_run_is_done(batir, monkeypatch):
    edition = batir("avant")
    effacer = shutil.rmtree

    def couper_ici(chemin, **options):
        if (chemin / "publication").exists() and chemin.name == ".precedent":
            raise Tue
        effacer(chemin, **options)

    with monkeypatch.context() as coupure, pytest.raises(Tue):
        coupure.setattr(shutil, "rmtree", couper_ici)
        batir("apres")
    assert (edition.rapports / ".precedent" / "publication").exists()  # killed before it was taken away
    with verrou(edition):
        assert lus(edition) == ["apres"] * 5
        assert deja_construite(edition, empreinte_entrees(edition))
    assert not [*edition.racine.rglob(".precedent")]


def test_a_rename_that_the_system_refuses_puts_the_former_outputs_back_at_once(batir, monkeypatch):
    batir("avant")
    renommer = Path.rename

    def refuser(chemin, cible):
        if chemin.name == CONFIDENTIEL and chemin.parent.name == ".en-cours":
            raise PermissionError
        return renommer(chemin, cible)

    with monkeypatch.context() as refus, pytest.raises(PermissionError):
        refus.setattr(Path, "rename", refuser)
        batir("apres")
    edition = batir("avant")
    assert lus(edition) == ["avant"] * 5
    assert not [*edition.racine.rglob(".precedent"), *edition.racine.rglob(".en-cours")]


def test_the_base_and_what_it_spills_are_in_one_folder_that_is_its_owner_s_alone(tmp_path):
    with base_neuve(tmp_path) as con:
        con.execute("create table t as select 1 as un")
        [(debord,)] = con.execute("select current_setting('temp_directory')").fetchall()
    assert Path(debord) == tmp_path / f"{CONFIDENTIEL}.tmp"
    assert [chemin.name for chemin in tmp_path.iterdir()] == [CONFIDENTIEL]
    assert [chemin.stat().st_mode & 0o077 for chemin in (tmp_path, tmp_path / CONFIDENTIEL)] == [0, 0]


def test_a_key_that_is_made_is_told_with_its_path_and_no_more_once_it_is_there(ouvrir, monkeypatch, tmp_path):
    cle, dites = tmp_path / "cle", []
    monkeypatch.setattr(ingest, "chemin_de_cle", lambda edition: cle)
    monkeypatch.setattr(ingest, "charger", lambda *_: cle.touch())
    for module, nom in ((regles, "appliquer"), (ingest, "resume"), (transform, "construire")):
        monkeypatch.setattr(module, nom, lambda *_: {})
    for _ in range(2):
        build._lire(None, ouvrir(), dites.append)
    assert [str(cle) in str(dite) for dite in dites] == [True, False, False, False, False]
