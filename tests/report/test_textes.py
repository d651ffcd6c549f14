"""What an analyst writes comes out as it was meant, or is refused with its file and line."""

from types import SimpleNamespace

import pytest

from pipeline.model import ErreurUtilisateur
from pipeline.report.textes import lire_textes

CHAPITRES = ("essentiel", "demographie")


@pytest.fixture
def ecrire(tmp_path):
    (tmp_path / "textes").mkdir()

    def faire(contenu, nom="demographie"):
        octets = contenu if isinstance(contenu, bytes) else contenu.encode()
        (tmp_path / "textes" / f"{nom}.md").write_bytes(octets)
        return lire_textes(SimpleNamespace(rapports=tmp_path), CHAPITRES)

    return faire


def test_a_chapter_without_text_is_empty(ecrire):
    assert ecrire("Un texte.")["essentiel"] == ""


def test_headings_become_bold_lines_so_that_the_report_keeps_its_own(ecrire):
    assert ecrire("# Un titre\n\nDu texte.\n\n## Un autre #\n")["demographie"] == (
        "**Un titre**\n\nDu texte.\n\n**Un autre**"
    )


def test_a_file_written_by_a_windows_editor_reads_the_same(ecrire):
    assert ecrire("\ufeffUne ligne.\r\n\r\nUne autre.\r\n")["demographie"] == "Une ligne.\n\nUne autre."


@pytest.mark.parametrize(
    ("contenu", "dit"),
    [
        ("Bien.\n\n![une photo](photo.png)", "ligne 3 : une image"),
        ("::: {.retenir}\nx\n:::", "ligne 1 : un bloc"),
        ("Voir [plus loin](#logement).", "ligne 1 : un lien"),
        ("Un <b>mot</b>.", "ligne 1 : du HTML"),
        ("```\ncode\n```", "ligne 1 : un bloc de code"),
        ("Voilà".encode("cp1252"), "UTF-8"),
    ],
)
def test_what_a_format_would_choke_on_is_refused_with_its_place(ecrire, contenu, dit):
    with pytest.raises(ErreurUtilisateur, match=dit):
        ecrire(contenu)


def test_a_text_that_no_chapter_would_show_is_told(ecrire):
    with pytest.raises(ErreurUtilisateur, match="demografie"):
        ecrire("Un texte.", nom="demografie")


def test_a_sign_that_is_no_tag_is_kept(ecrire):
    assert ecrire("Si l'âge < 18 ans et > 3 ans.")["demographie"] == "Si l'âge < 18 ans et > 3 ans."
