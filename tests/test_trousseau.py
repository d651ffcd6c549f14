"""The key of the pseudonyms: made once, its owner's alone, never in a repository."""

import os

import pytest

from pipeline.model import ErreurUtilisateur
from pipeline.trousseau import chemin_de_cle, cle


def test_a_key_is_made_once_for_its_owner_only(tmp_path):
    chemin = tmp_path / "config" / "abs-ccas" / "mont-dore.cle"
    premiere = cle(chemin)
    assert len(premiere) == 32
    assert cle(chemin) == premiere
    assert chemin.stat().st_mode & 0o777 == 0o600
    assert chemin.parent.stat().st_mode & 0o777 == 0o700
    assert cle(tmp_path / "autre.cle") != premiere


def test_where_the_key_is(monkeypatch, tmp_path):
    monkeypatch.delenv("ABS_CLE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert chemin_de_cle("mont-dore") == tmp_path / "abs-ccas" / "mont-dore.cle"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert chemin_de_cle("mont-dore") == tmp_path / ".config" / "abs-ccas" / "mont-dore.cle"
    monkeypatch.setenv("ABS_CLE", str(tmp_path / "ma.cle"))
    assert chemin_de_cle("mont-dore") == tmp_path / "ma.cle"


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_that_others_can_reach_is_refused(tmp_path, mode):
    chemin = tmp_path / "a.cle"
    cle(chemin)
    chemin.chmod(mode)
    with pytest.raises(ErreurUtilisateur, match="accessible à d'autres"):
        cle(chemin)


def test_a_key_inside_a_repository_is_refused_and_not_made(tmp_path):
    (tmp_path / ".git").mkdir()
    chemin = tmp_path / "config" / "a.cle"
    with pytest.raises(ErreurUtilisateur, match="placée dans un dépôt"):
        cle(chemin)
    assert not chemin.exists()


def test_a_key_reached_by_a_link_into_a_repository_is_refused(tmp_path):
    (tmp_path / "depot" / ".git").mkdir(parents=True)
    (tmp_path / "lien").symlink_to(tmp_path / "depot")
    with pytest.raises(ErreurUtilisateur, match="placée dans un dépôt"):
        cle(tmp_path / "lien" / "a.cle")


def test_a_damaged_key_is_refused(tmp_path):
    chemin = tmp_path / "a.cle"
    chemin.write_bytes(b"courte")
    chemin.chmod(0o600)
    with pytest.raises(ErreurUtilisateur, match="6 octets au lieu de 32"):
        cle(chemin)


def test_a_key_that_cannot_be_made_says_so(tmp_path):
    (tmp_path / "fichier").write_text("x")
    with pytest.raises(ErreurUtilisateur, match="ne peut pas être créée"):
        cle(tmp_path / "fichier" / "a.cle")
