"""What an analyst writes comes out as it was meant, or is refused with its file and line."""

from types import SimpleNamespace

import pytest

from pipeline.build import construire
from pipeline.model import ErreurUtilisateur
from pipeline.report.textes import TOUJOURS, eprouver_textes, lire_textes

CHAPITRES = ("essentiel", "demographie")


@pytest.fixture
def ecrire(tmp_path):
    (tmp_path / "textes").mkdir()

    def faire(contenu, nom="demographie"):
        octets = contenu if isinstance(contenu, bytes) else contenu.encode()
        (tmp_path / "textes" / f"{nom}.md").write_bytes(octets)
        return lire_textes(SimpleNamespace(rapports=tmp_path), CHAPITRES)

    return faire


def test_the_file_of_a_theme_has_a_place_for_a_text_too():
    assert {"precarite", "projet-social"} <= set(TOUJOURS)


def test_a_chapter_without_text_is_empty(ecrire):
    assert ecrire("Un texte.")["essentiel"] == ""


@pytest.mark.parametrize("nom", ["demographie.docx", "Demographie.TXT"])
def test_a_text_of_a_word_processor_is_told_and_not_left_out_in_silence(ecrire, tmp_path, nom):
    (tmp_path / "textes" / nom).write_bytes(b"x")
    with pytest.raises(ErreurUtilisateur, match=r"seuls les textes « \.md » sont lus"):
        ecrire("Un texte.")


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
        ("Bien.\n\n~~~\ncode", "ligne 3 : un bloc de code"),
        (
            "\n\nVoir [plus loin]( #logement).",
            "ligne 3 : un lien",
        ),  # empty lines are counted as the editor does
        ("Un [mot]{#logement}.", "ligne 1 : un repère"),
        ("Un mot[^1].\n\n[^1]: Une note.", "ligne 1 : une note de bas de page"),
        ("Un mot^[une note].", "ligne 1 : une note de bas de page"),
        ("Voir [là][s].\n\n[s]: #logement", "ligne 3 : l'adresse d'un lien"),
        ("- un\n\n  [a]: https://exemple.nc", "ligne 3 : l'adresse d'un lien"),
        ("- # Titre", "ligne 1 : un titre en retrait"),
        ("> # Titre", "ligne 1 : un titre en retrait"),
        ("1. ## Titre", "ligne 1 : un titre en retrait"),
        ("- un\n\n  # Titre", "ligne 3 : un titre en retrait"),
        ("> ::: {.retenir}\n> x", "ligne 1 : un bloc"),
        ("Contexte\n--------\n\nDu texte.", "ligne 2 : un texte souligné"),
        ("> Contexte\n> ===", "ligne 2 : un texte souligné"),
        ("Bien.\n\n<!-- à revoir\n\nSuite.", "ligne 3 : un commentaire"),
        ("Voilà".encode("cp1252"), "UTF-8"),
    ],
)
def test_what_a_format_would_choke_on_is_refused_with_its_place(ecrire, contenu, dit):
    with pytest.raises(ErreurUtilisateur, match=dit):
        ecrire(contenu)


@pytest.mark.parametrize(
    "contenu",
    [
        "Si l'âge < 18 ans et > 3 ans.",
        "Un texte.\n\n---\n\nUn autre.",  # a rule, between empty lines
        "Voir [le site](https://exemple.nc) : la note n° 1.",
        "- un\n- #1 des motifs\n- 12 % [secret]",
        "<!-- à revoir -->\n\nSuite.",
    ],
)
def test_what_every_format_can_say_is_kept_as_it_is_written(ecrire, contenu):
    assert ecrire(contenu)["demographie"] == contenu


def test_what_no_rule_foresees_is_tried_before_anything_is_built_and_told_with_its_line(ecrire, tmp_path):
    ecrire("# Un titre\n\nBien.", nom="essentiel")
    eprouver_textes(SimpleNamespace(rapports=tmp_path), CHAPITRES)
    # the definition of a term: no rule looks for a heading there
    ecrire("\nBien.\n\nTerme\n:   # Titre\n")
    with pytest.raises(ErreurUtilisateur, match=r"demographie.md, ligne 5 : .*« Titre » serait un titre"):
        eprouver_textes(SimpleNamespace(rapports=tmp_path), CHAPITRES)


def test_a_text_that_no_chapter_would_show_is_told(ecrire):
    with pytest.raises(ErreurUtilisateur, match="demografie"):
        ecrire("Un texte.", nom="demografie")


def test_a_mistake_in_a_text_stops_the_build_before_any_file_is_read(dessin):
    edition = dessin.edition
    (edition.rapports / "textes").mkdir(parents=True)
    (edition.rapports / "textes" / "essentiel.md").write_text("- # Titre\n", encoding="utf-8")
    with pytest.raises(ErreurUtilisateur, match=r"essentiel.md, ligne 1 : un titre en retrait"):
        construire(edition, print)
    assert not (edition.rapports / "publication").exists()
