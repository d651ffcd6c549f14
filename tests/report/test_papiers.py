"""The board's papers of the shipped edition: what a member of the board, or a screen reader, gets."""

from __future__ import annotations

import datetime
import io
import re
import shutil
import textwrap
import zipfile
from dataclasses import replace

import docx
import openpyxl
import pandas as pd
import pikepdf
import pytest
from conftest import Dessin
from hypothesis import given
from hypothesis import strategies as st
from livree import EDITION, RACINE
from pptx import Presentation
from pptx.enum.chart import XL_TICK_LABEL_POSITION
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt
from typer.testing import CliRunner

from pipeline.build import construire, ecrire_dossier
from pipeline.cli import app
from pipeline.edition import Fichier, Partenaire, lire_edition, lire_profil
from pipeline.indicators import chapitres_de
from pipeline.methods.comparaisons import Position
from pipeline.model import PUBLICS, ErreurUtilisateur, Indicator, Published, Share, Statut, Total
from pipeline.report import (
    conseil,
    diaporama,
    document,
    dossier,
    fiches,
    notes,
    papiers,
    partenaires,
    phrases,
    tables,
    themes,
)
from pipeline.report import faits as faits_
from pipeline.report.charts import Sujet
from pipeline.report.figures import Trace

NOTES = {
    "note-synthese": (2, 2),
    "note-orientation-budgetaire": (3, 4),
    "fiche-commune": (2, 2),
    "fiches-quartiers": (13, 13),  # one on all of them, then one each of the 12 quartiers
    "annexe-partenaires": (1, 4),
    "deliberation": (1, 2),
}
DOSSIERS = ("publication", "interne")


@pytest.fixture(scope="module", params=DOSSIERS)
def ecrits(construit, request):
    return construit / "reports" / EDITION / request.param / "papiers"


@pytest.fixture(scope="module")
def diffuses(construit):
    return construit / "reports" / EDITION / "publication" / "papiers"


@pytest.fixture(scope="module", params=DOSSIERS)
def vues(construit, request):
    return Presentation(construit / "reports" / EDITION / request.param / "papiers" / "diaporama.pptx")


def textes(document_docx):
    """Every paragraph, those of tables too."""
    return [
        "".join(mots.text or "" for mots in p.iter(qn("w:t"))) for p in document_docx.element.iter(qn("w:p"))
    ]


# --- Pages -----------------------------------------------------------------------------------------


def test_every_paper_is_written_in_docx_and_pdf_for_the_two_editions(ecrits):
    noms = {chemin.name for chemin in ecrits.iterdir()}
    assert noms >= {f"{nom}.{format_}" for nom in NOTES for format_ in ("docx", "pdf")} | {"diaporama.pptx"}


@pytest.mark.parametrize("nom", NOTES)
def test_a_paper_takes_the_pages_that_the_board_reads(ecrits, nom):
    au_moins, au_plus = NOTES[nom]
    assert au_moins <= papiers.pages(ecrits / f"{nom}.pdf") <= au_plus


def test_each_quartier_has_a_page_of_its_own(ecrits):
    with pikepdf.open(ecrits / "fiches-quartiers.pdf") as pdf:
        rangs = {page.objgen: rang for rang, page in enumerate(pdf.pages)}
        with pdf.open_outline() as plan:
            titres = [(str(titre.title), rangs[titre.destination[0].objgen]) for titre in plan.root]
    quartiers = [quartier.nom for quartier in lire_edition(EDITION, RACINE).quartiers]
    assert titres == [(nom, rang) for rang, nom in enumerate(quartiers, start=1)]


@pytest.mark.parametrize("nom", NOTES)
def test_a_paper_is_accessible(ecrits, nom):
    with pikepdf.open(ecrits / f"{nom}.pdf") as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "fr-FR"
        assert pdf.open_metadata()["pdfuaid:part"] == "1"
        figures = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/S") == "/Figure"]
        assert all(len(str(figure.Alt)) > 40 for figure in figures)


def test_every_figure_of_a_paper_is_followed_by_its_source(ecrits):
    for nom in ("note-orientation-budgetaire", "fiche-commune", "fiches-quartiers"):
        paragraphes = docx.Document(str(ecrits / f"{nom}.docx")).paragraphs
        images = [rang for rang, p in enumerate(paragraphes) if p._element.findall(f".//{qn('w:drawing')}")]
        assert images
        assert all(paragraphes[rang + 1].text.startswith("Source") for rang in images)


def test_a_number_of_a_paper_leads_nowhere_since_it_has_no_card(ecrits):
    for nom in NOTES:
        with zipfile.ZipFile(ecrits / f"{nom}.docx") as archive:
            assert b"w:anchor" not in archive.read("word/document.xml")


def test_invented_figures_are_marked_where_they_are(diffuses):
    lignes = textes(docx.Document(str(diffuses / "note-synthese.docx")))
    activite = [ligne for ligne in lignes if "élections de domicile" in ligne and ligne.startswith("En ")]
    assert activite
    assert all(ligne.endswith("données\u00a0fictives") for ligne in activite)
    assert not any("fictives" in ligne for ligne in lignes if "part des 60 ans et plus" in ligne)


def test_the_internal_papers_say_on_every_page_that_they_are_confidential(construit):
    chemin = construit / "reports" / EDITION / "interne" / "papiers" / "note-synthese.docx"
    entetes = docx.Document(str(chemin)).sections[0]
    assert "confidentielle" in entetes.header.paragraphs[0].text
    assert "confidentielle" in entetes.first_page_header.paragraphs[0].text


def test_no_member_of_a_paper_carries_a_date(ecrits):
    for chemin in [*ecrits.glob("*.docx"), *ecrits.glob("*.pptx")]:
        with zipfile.ZipFile(chemin) as archive:
            assert {membre.date_time for membre in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


# --- The draft deliberation ------------------------------------------------------------------------


def test_the_deliberation_takes_note_and_lists_what_was_written(ecrits):
    lignes = textes(docx.Document(str(ecrits / "deliberation.docx")))
    texte = "\n".join(lignes)
    assert (
        "prend acte de la présentation du rapport d'analyse des besoins sociaux du Mont-Dore"
        in texte.replace("’", "'")
    )
    pages = papiers.pages(ecrits / "fiches-quartiers.pdf")
    assert any("fiches-quartiers.pdf" in ligne and f"{pages} pages" in ligne for ligne in lignes)
    listes = set(re.findall(r"[a-z-]+\.(?:pdf|pptx)", texte))
    attendus = {chemin.name for chemin in ecrits.glob("*.pdf")} - {"deliberation.pdf", "diaporama.pdf"}
    assert listes >= attendus | {"diaporama.pptx"}


def test_in_new_caledonia_the_deliberation_does_not_claim_a_duty_of_the_mainland(diffuses):
    texte = "\n".join(textes(docx.Document(str(diffuses / "deliberation.docx")))).replace("’", "'")
    assert "Vu le code des communes de la Nouvelle-Calédonie" in texte
    assert "Vu le code de l'action sociale" not in texte


@pytest.mark.parametrize("profil", ["france", "nouvelle_caledonie"])
def test_each_profile_words_its_deliberation(profil):
    texte = lire_profil(profil).deliberation
    mots = {"de": "de Plouzané", "annee": 2027}
    dits = [morceau.format_map(mots) for morceau in (*texte.visas, *texte.considerants, *texte.articles)]
    assert any("prend acte" in article and "de Plouzané, édition 2027" in article for article in dits)
    assert not any(re.search(r"[{}]", morceau) for morceau in dits)


# --- The deck --------------------------------------------------------------------------------------


def formes(vues, genre):
    return [(vue, forme) for vue in vues.slides for forme in vue.shapes if getattr(forme, genre)]


def test_the_deck_has_twelve_to_fifteen_slides_each_with_a_title_of_its_own(vues):
    titres = [vue.shapes.title.text for vue in vues.slides]
    assert 12 <= len(titres) <= 15
    assert len(set(titres)) == len(titres)
    assert all(len(titre) <= 300 for titre in titres)


def test_charts_are_native_with_their_numbers_and_their_alternative_text(vues):
    graphiques = formes(vues, "has_chart")
    assert len(graphiques) >= 5
    for _, forme in graphiques:
        assert len(forme._element.nvGraphicFramePr.cNvPr.get("descr")) > 40
        classeur = openpyxl.load_workbook(io.BytesIO(forme.chart.part.chart_workbook.xlsx_part.blob))
        cellules = {c for ligne in classeur.active.iter_rows(values_only=True) for c in ligne}
        nombres = {round(c, 9) for c in cellules if isinstance(c, int | float)}
        valeurs = {
            round(v, 9) for serie in forme.chart.plots[0].series for v in serie.values if v is not None
        }
        assert valeurs
        assert valeurs <= nombres


def test_pictures_and_tables_have_an_alternative_text(vues):
    for vue in vues.slides:
        for forme in vue.shapes:
            if forme.shape_type in (MSO_SHAPE_TYPE.PICTURE, MSO_SHAPE_TYPE.TABLE):
                assert forme._element.xpath(".//p:cNvPr")[0].get("descr")


def test_a_slide_of_figures_says_its_source_and_marks_what_is_invented(vues):
    for vue, _ in formes(vues, "has_chart"):
        sources = [f.text_frame.text for f in vue.shapes if f.name == "Source"]
        assert sources and sources[0].startswith("Source")
        marques = [f for f in vue.shapes if f.has_text_frame and f.text_frame.text == "Données fictives"]
        assert bool(marques) == ("CCAS" in sources[0])


def test_the_speaker_has_notes_on_every_slide_and_the_method_behind_each_chart(vues):
    assert all(vue.notes_slide.notes_text_frame.text.strip() for vue in vues.slides)
    for vue, _ in formes(vues, "has_chart"):
        dites = vue.notes_slide.notes_text_frame.text
        assert all(mot in dites for mot in ("Définition", "Calcul", "Sources"))


def test_slides_are_numbered_and_read_in_order(vues):
    for vue in list(vues.slides)[1:]:
        genres = [p.placeholder_format.type for p in vue.placeholders]
        assert PP_PLACEHOLDER.SLIDE_NUMBER in genres
        assert vue.shapes[0] == vue.shapes.title or vue.shapes[0].shape_id == vue.shapes.title.shape_id


def test_every_word_of_the_deck_is_french(vues):
    for vue in vues.slides:
        for mots in vue._element.iter(qn("a:rPr")):
            assert mots.get("lang") == "fr-FR"


def test_nothing_of_a_slide_leaves_it(vues):
    for vue in vues.slides:
        for forme in vue.shapes:
            assert forme.left >= 0 and forme.top >= 0
            assert forme.left + forme.width <= vues.slide_width
            assert forme.top + forme.height <= vues.slide_height


def trace(genre, lignes, **options):
    sujet = Sujet("essai", "Essai", "Source : ISEE.", unite="%", decimales=1, nous="Plum")
    return Trace(genre, pd.DataFrame(lignes), sujet, options)


def test_the_words_of_a_table_stay_above_the_source_even_where_they_take_two_lines(vues):
    tableaux = formes(vues, "has_table")
    assert tableaux
    for vue, forme in tableaux:
        bas = min(autre.top for autre in vue.shapes if autre.name == "Source")
        hauteur = 0
        for rangee in forme.table.rows:
            corps = rangee.cells[0].text_frame.paragraphs[0].runs[0].font.size
            # a letter of DejaVu Sans is some 0.6 of its size, with a tenth of an inch on either side of a cell
            lignes = [
                len(textwrap.wrap(cellule.text, int((colonne.width - Inches(0.2)) / (0.6 * corps)) + 1))
                for cellule, colonne in zip(rangee.cells, forme.table.columns, strict=True)
            ]
            hauteur += max(rangee.height, max(lignes) * 1.2 * corps + Inches(0.1))
        assert forme.top + hauteur <= bas


@pytest.mark.parametrize(("phrases_", "corps"), [(1, 20), (5, 15), (20, 12)])
def test_the_sentences_of_a_list_stay_above_the_source(phrases_, corps):
    """Five sentences of 180 letters, as of a commune whose intercommunalité has a long name."""
    zone = diaporama.Cadre(0, 0, Inches(12), Inches(4.4))
    lu = diaporama._corps_de_liste(zone, ["n" * 180] * phrases_)
    assert lu == corps
    # 11.5 inches at 0.6 × 15 points a letter: 92 letters a line, 2 lines a sentence of 1.25 × 15 points, 10 between
    if phrases_ == 5:
        assert 5 * (2 * 1.25 * 15 + 10) <= 4.4 * 72 < 5 * (3 * 1.25 * 16 + 10)


def test_a_hidden_value_is_neither_in_a_native_chart_nor_in_its_workbook():
    _, donnees = diaporama._barres(
        trace(
            "classement",
            [
                {"territoire": "Plum", "valeur": 12.0, "statut": Statut.VALIDE},
                {"territoire": "Robinson", "valeur": 3.0, "statut": Statut.SECRET},
            ],
        )
    )
    assert [categorie.label for categorie in donnees.categories] == ["Plum", "Robinson (secret)"]
    [serie] = donnees
    assert list(serie.values) == [12.0, None]


def test_the_year_before_that_is_hidden_stays_hidden():
    _, donnees = diaporama._barres(
        trace(
            "barres",
            [
                {
                    "categorie": "Santé",
                    "valeur": 40.0,
                    "statut": Statut.VALIDE,
                    "precedent": 7.0,
                    "statut_precedent": Statut.SECRET,
                }
            ],
            periode="2025",
            precedente="2024",
        )
    )
    assert [(serie.name, list(serie.values)) for serie in donnees] == [("2024", [None]), ("2025", [40.0])]


def test_quartiers_are_ranked_with_their_commune_among_them():
    lignes = [
        {"territoire": "Plum", "valeur": 12.0, "statut": Statut.VALIDE},
        {"territoire": "Robinson", "valeur": 18.0, "statut": Statut.VALIDE},
    ]
    _, donnees = diaporama._barres(trace("classement", lignes, repere=("Le Mont-Dore", 15.0)))
    assert [categorie.label for categorie in donnees.categories] == ["Robinson", "Le Mont-Dore", "Plum"]


def test_a_line_of_the_deck_stops_at_a_break_and_at_a_hidden_value_as_in_the_report():
    statuts = [Statut.VALIDE, Statut.SECRET, *[Statut.VALIDE] * 3]
    lignes = [
        {"territoire": "Plum", "date": 2020.0 + rang, "valeur": 10.0 + rang, "statut": statut}
        for rang, statut in enumerate(statuts)
    ]
    _, donnees = diaporama._evolution(trace("evolution", lignes, ruptures=[(2023.4, "mai 2023")]))
    assert [(serie.name, list(serie.y_values)) for serie in donnees] == [
        ("Plum", [10.0]),
        ("Plum", [12.0]),
        # 2023 holds the break: it is on neither side of it
        ("Plum", [13.0]),
        ("Plum", [14.0]),
    ]


def test_a_name_is_said_once_in_the_legend_of_a_broken_line():
    lignes = [
        {"territoire": nom, "date": annee, "valeur": 10.0, "statut": Statut.VALIDE}
        for nom in ("Plum", "Robinson")
        for annee in (2023.0, 2025.0)
    ]
    vue = Presentation().slides.add_slide(Presentation().slide_layouts[6])
    cadre = diaporama.Cadre(0, 0, 9144000, 5143500)
    diaporama._poser_graphique(
        vue, cadre, trace("evolution", lignes, ruptures=[(2024.4, "mai 2024")]), "Deux lignes."
    )
    graphique = vue.shapes[0].chart
    assert [serie.name for serie in graphique.plots[0].series] == ["Plum", "Plum", "Robinson", "Robinson"]
    tus = [entree.get("val") for entree in graphique.legend._element.iter(qn("c:idx"))]
    assert tus == ["1", "3"]
    assert graphique.chart_title.text_frame.text.endswith("ligne interrompue : mai 2024")


def dessine(genre, lignes, **options):
    """The chart that a slide shows."""
    vue = Presentation().slides.add_slide(Presentation().slide_layouts[6])
    diaporama._poser_graphique(
        vue, diaporama.Cadre(0, 0, 9144000, 5143500), trace(genre, lignes, **options), "Un graphique."
    )
    return vue.shapes[0].chart


def test_each_census_of_a_long_line_has_its_own_year_under_it():
    # ISEE: the censuses of Le Mont-Dore, at their first day
    comptes = {1956.4: 1_288, 1976.3: 10_659, 2004.7: 24_195, 2014.6: 27_155, 2019.3: 27_620, 2025.3: 25_303}
    lignes = [
        {"territoire": "Plum", "date": date, "valeur": valeur, "statut": Statut.VALIDE}
        for date, valeur in comptes.items()
    ]
    graphique = dessine("evolution", lignes, ruptures=[])
    assert not graphique.has_legend, "a series that says the years is none"
    *_, annees = graphique.plots[0].series
    dites = [annees.points[rang].data_label.text_frame.text for rang in range(len(comptes))]
    assert dites == ["1956", "1976", "2004", "2014", "2019", "2025"], "and no decade, where no census was"
    assert graphique.category_axis.tick_label_position == XL_TICK_LABEL_POSITION.NONE


def test_a_short_line_has_the_years_of_its_axis():
    lignes = [
        {"territoire": "Plum", "date": annee, "valeur": 10.0, "statut": Statut.VALIDE}
        for annee in (2023.0, 2025.0)
    ]
    graphique = dessine("evolution", lignes, ruptures=[])
    assert [serie.name for serie in graphique.plots[0].series] == ["Plum"]


@pytest.mark.parametrize(("annees", "dites"), [(12, 12), (13, 7), (30, 10)])
def test_years_that_would_be_too_many_are_said_at_regular_steps_up_to_the_last(annees, dites):
    lignes = pd.DataFrame({"date": [1990.0 + rang for rang in range(annees)]})
    choisies = diaporama._annees_dites(lignes)
    assert (len(choisies), choisies[-1]) == (dites, 1990.0 + annees - 1)


@pytest.mark.parametrize(("quartiers", "chiffres"), [(10, [True, True]), (12, [False, True])])
def test_two_dates_of_many_quartiers_have_the_numbers_of_the_last_one_only(quartiers, chiffres):
    def a(valeur):
        rangs = range(quartiers)
        return [{"territoire": f"Q{rang}", "valeur": valeur, "statut": Statut.VALIDE} for rang in rangs]

    graphique = dessine("pente", a(9.0), fin=pd.DataFrame(a(15.0)), nom_debut="2004", nom_fin="2019")
    etiquettes = [serie._element.find(qn("c:dLbls")) for serie in graphique.plots[0].series]
    assert [e is None or e.find(qn("c:showVal")).get("val") == "1" for e in etiquettes] == chiffres
    assert graphique.plots[0].data_labels.font.size >= Pt(12)


def test_one_bar_each_keeps_its_number_however_many_they_are():
    lignes = [{"territoire": f"Q{rang}", "valeur": 9.0, "statut": Statut.VALIDE} for rang in range(30)]
    [serie] = dessine("classement", lignes).plots[0].series
    assert serie._element.find(qn("c:dLbls")) is None


def test_no_slide_announces_a_list_that_does_not_follow(vues):
    for vue in vues.slides:
        for forme in vue.shapes:
            assert "la liste suit" not in (forme.text_frame.text if forme.has_text_frame else "")


def test_a_paragraph_is_cut_into_its_sentences_and_not_at_an_article():
    texte = "L'article R.123-1 du code impose une analyse (art. L.123-5). Elle est présentée. "
    assert list(diaporama._en_phrases(texte)) == [
        "L'article R.123-1 du code impose une analyse (art. L.123-5).",
        "Elle est présentée.",
    ]


def test_without_libreoffice_the_deck_has_no_pdf_and_one_line_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert diaporama.en_pdf(tmp_path) is False
    assert "pas de PDF du diaporama" in conseil.resume([], tmp_path)


# --- The CCAS's own templates ----------------------------------------------------------------------


def avec_modeles(edition, racine, **noms):
    """The edition, elsewhere, with the templates that it names."""
    return edition.model_copy(update={"racine": racine, "papiers": edition.papiers.model_copy(update=noms)})


@pytest.fixture
def copie(tmp_path):
    lue = lire_edition(EDITION, RACINE)
    (tmp_path / "data" / "raw" / EDITION).mkdir(parents=True)
    return lue, tmp_path


def test_a_template_that_is_not_there_is_one_sentence(copie):
    lue, racine = copie
    edition = avec_modeles(lue, racine, modele_diaporama="charte.pptx")
    with pytest.raises(ErreurUtilisateur, match=r"charte\.pptx ».*introuvable"):
        diaporama.lire_modele(edition)


def test_a_template_that_is_no_presentation_is_one_sentence(copie):
    lue, racine = copie
    edition = avec_modeles(lue, racine, modele_diaporama="charte.pptx")
    (edition.dossier / "charte.pptx").write_text("pas une présentation", encoding="utf-8")
    with pytest.raises(ErreurUtilisateur, match=r"n'est pas une présentation PowerPoint lisible"):
        diaporama.lire_modele(edition)


def test_a_template_that_is_no_word_document_is_one_sentence_before_anything_is_built(copie):
    lue, racine = copie
    edition = avec_modeles(lue, racine, modele_document="charte.docx")
    docx.Document().save(str(edition.dossier / "charte.docx"))
    conseil.verifier_modeles(edition)
    (edition.dossier / "charte.docx").write_text("pas un document", encoding="utf-8")
    with pytest.raises(ErreurUtilisateur, match=r"charte\.docx n'est pas un document Word lisible"):
        construire(edition, print)


def test_a_template_gives_its_layouts_and_leaves_its_own_slides(copie):
    lue, racine = copie
    edition = avec_modeles(lue, racine, modele_diaporama="charte.pptx")
    charte = Presentation()
    charte.slides.add_slide(charte.slide_layouts[0]).shapes.title.text = "Exemple de la charte"
    charte.slide_layouts[5].name_ = charte.slide_layouts[5]._element.cSld.set("name", "Charte de la commune")
    charte.save(str(edition.dossier / "charte.pptx"))
    presentation, propre = diaporama.lire_modele(edition)
    assert not propre
    assert len(presentation.slides) == 0
    diaporama._vue(presentation, diaporama.Vue("Un titre.", "Des notes."), "")
    assert presentation.slides[0].slide_layout.name == "Charte de la commune"
    assert presentation.slide_width == charte.slide_width


# --- What the papers are made of -------------------------------------------------------------------


@pytest.fixture(scope="module")
def atelier(base_publique, edition_publique, tmp_path_factory):
    """The public figures of the shipped edition, without any drawing."""
    faits = faits_.lire(base_publique, edition_publique, chapitres_de(edition_publique.profil), "resultat")
    contexte = {"chapitres": [], "textes": dict.fromkeys((t.id for t in themes.THEMES), ""), "prudences": []}
    dessins = document.Dessins(tmp_path_factory.mktemp("dessins"))
    return papiers.Atelier(faits, contexte, document.DIFFUSABLE, dessins, pd.DataFrame())


def test_the_source_of_a_text_is_that_of_the_indicators_it_cites(atelier):
    phrase = phrases.situer(atelier.faits, atelier.declares["part_60_plus"])
    assert [indicateur.id for indicateur in atelier.cites(phrase)] == ["part_60_plus"]
    assert "ISEE" in atelier.sources(phrase)
    assert atelier.sources("Aucun chiffre.") == ""


def test_every_public_of_the_law_has_its_theme():
    assert {theme.public for theme in themes.THEMES if not theme.chapitres} == set(PUBLICS) - {"ensemble"}


def test_a_theme_is_found_with_its_accents_or_by_its_public():
    assert themes.lire_theme("Précarité").id == "precarite"
    assert themes.lire_theme("jeunes").id == "jeunesse"
    assert themes.lire_theme("personnes âgées").id == "vieillissement"
    assert themes.lire_theme("Projet social").id == "projet-social"


def test_an_unknown_theme_is_one_sentence_that_lists_the_others():
    with pytest.raises(
        ErreurUtilisateur,
        match="connus : familles, jeunesse, vieillissement, handicap, precarite, projet-social",
    ):
        themes.lire_theme("culture")


def test_the_file_on_ageing_holds_every_indicator_that_concerns_the_old(atelier):
    contenu = dossier._composer(atelier, themes.lire_theme("vieillissement"))
    concernes = [i.id for i in atelier.faits.indicateurs() if "personnes âgées" in i.publics]
    assert [fiche["id"] for fiche in contenu["notes"]] == concernes
    assert [partie.titre for partie in contenu["parties"]] == [
        "Qui sont-ils ?",
        "Où vivent-ils ?",
        "Comment vivent-ils ?",
        "Que reçoivent-ils ?",
    ]
    assert any("part des 80 ans et plus vivant seuls" in phrase for phrase in contenu["inconnus"])
    # what is known of the commune is told before what is known only around it
    autour = [phrases.RESERVE in phrase for phrase in contenu["essentiel"]]
    assert autour == sorted(autour) and set(autour) == {False, True}


def test_the_file_of_a_social_project_holds_who_lives_there_what_is_done_for_them_and_what_they_say(atelier):
    theme = themes.lire_theme("projet-social")
    parties = dossier._composer(atelier, theme)["parties"]
    assert [partie.titre for partie in parties[3:]] == ["Que fait le centre social ?", "Que disent-ils ?"]
    gardes = {i.id for c in atelier.faits.chapitres for i in c.indicators if theme.garde(c, i)}
    # the figures that CAF follows: members, the new ones, attendance, volunteers, what an attendance costs
    assert gardes >= {"taux_adhesion", "part_nouveaux_adherents", "presences", "benevoles", "cout_presence"}
    assert gardes >= {"population", "part_60_plus", "besoin_mal_couvert_habitants"}
    # the register is not the centre's, nor are the CCAS's requests
    assert not gardes & {"inscrits_registre", "demandes", "elections_en_cours"}


def test_the_cards_of_a_file_say_who_they_are_then_what_is_done_for_them(atelier):
    """Of eight, four of each; all of them of one kind where the other has none."""
    declares, etude = atelier.declares, atelier.faits.etude.code
    demandes = [
        declares[nom] for nom in ("menages_demandeurs", "demandes", "adherents", "presences", "benevoles")
    ]
    faits = dict(atelier.faits.faits)
    for indicateur in demandes:
        faits[indicateur.id, etude] = (Dessin.fait(indicateur, etude, 12.0, 2025),)
    publics = [i for i in declares.values() if not i.by and not atelier.faits.est_activite(i)]
    depose = replace(atelier, faits=replace(atelier.faits, faits=faits))
    activite = [atelier.faits.est_activite(i) for i in dossier._cles(depose, [*demandes, *publics])]
    assert activite == [False] * 4 + [True] * 4
    assert not any(atelier.faits.est_activite(i) for i in dossier._cles(atelier, [*demandes, *publics]))
    assert len(dossier._cles(depose, [*demandes, publics[0]])) == 6


def test_a_table_that_has_no_comparator_promises_none(dessin):
    seul = dessin.faits([PART], [dessin.fait(PART, "98817", 62.5)])
    assert tables.qui(seul, tables.situation(seul, [PART])) == "Le Mont-Dore"
    compare = dessin.faits([PART], [dessin.fait(PART, lieu, 60.0) for lieu in ("98817", "988")])
    assert tables.qui(compare, tables.situation(compare, [PART])) == "Le Mont-Dore et ses comparateurs"


def test_the_file_on_handicap_says_that_no_public_figure_tells_it(atelier):
    contenu = dossier._composer(atelier, themes.lire_theme("handicap"))
    assert contenu["inconnus"][0].startswith("Aucune statistique publique de cette édition ne porte sur")


def test_a_file_is_rendered_with_its_cards_and_its_links(atelier, tmp_path):
    [annexe] = papiers.ecrire(atelier, [dossier.papier(themes.lire_theme("vieillissement"))], tmp_path)
    assert annexe.pages > 5
    with zipfile.ZipFile(tmp_path / "dossier-vieillissement.docx") as archive:
        assert b"w:anchor" in archive.read("word/document.xml")


def test_the_same_paper_twice_is_the_same_bytes(atelier, tmp_path):
    papier = dossier.papier(themes.lire_theme("handicap"))
    for nom in ("un", "deux"):
        papiers.ecrire(atelier, [papier], tmp_path / nom)
    for chemin in (tmp_path / "un").iterdir():
        assert chemin.read_bytes() == (tmp_path / "deux" / chemin.name).read_bytes()


@pytest.mark.parametrize(
    ("cellule", "dits"),
    [("12 %", []), ("12 %\\*", ["fragile"]), ("[secret]{.statut}", ["reconnaître"])],
)
def test_a_sign_of_the_quartiers_is_explained_where_a_table_bears_it(atelier, cellule, dits):
    texte = document.gabarit("fiches-quartiers.md.j2").render(
        ensemble=f"| Plum | {cellule} |",
        fiches=[],
        prudences=[],
        note_fragile="chiffre fragile",
        provenance=atelier.provenance,
        sources=atelier.sources,
        marquer=atelier.marquer,
    )
    assert [mot for mot in ("fragile", "reconnaître") if mot in texte] == dits


def test_there_is_an_annex_where_partners_are_named_or_a_questionnaire_is_declared(dessin):
    sans = dessin.edition
    nommes = sans.model_copy(update={"partenaires": (Partenaire(nom="Centre social"),)})
    questionnaire = Fichier(source="ccas_questionnaire", chemin="x.csv")
    depose = sans.model_copy(update={"fichiers": (questionnaire,)})
    assert [partenaires.a_dire(edition) for edition in (sans, nommes, depose)] == [False, True, True]


def test_partners_who_have_not_answered_are_said_to_be_silent(atelier):
    contenu = partenaires.composer(atelier, 6)
    assert contenu["reponses"] == ""
    texte = document.gabarit("annexe-partenaires.md.j2").render(
        contenu | {"sources": atelier.sources, "marquer": atelier.marquer, "note_fragile": "", "textes": {}}
    )
    assert "Aucune réponse à un questionnaire n’a été déposée" in texte


LOGEMENTS = Indicator("logements", "Nombre de logements", "x.", "x.", Total("b", "logements"), "logements")
PART = Indicator("part", "Part des ménages propriétaires", "x.", "x.", Share("a", of="b"), "logements")
QUESTION = Indicator(
    id="besoin_mal_couvert",
    label="Part de partenaires qui jugent le besoin mal couvert",
    definition="Réponses « oui », parmi toutes.",
    why="Dire ce qui manque.",
    measure=Share("oui", of="tous"),
    table="questionnaire",
    by="theme",
)


def test_answers_are_told_by_theme_and_a_hidden_one_is_a_word(dessin, monkeypatch, atelier):
    monkeypatch.setattr(
        partenaires.transform, "sources_de", lambda table: ("ccas_questionnaire",) if table else ()
    )
    commune = dessin.edition.territoire.code
    faits = dessin.faits(
        [QUESTION],
        [
            dessin.fait(QUESTION, commune, 62.5, 2025, groupe="logement"),
            dessin.fait(QUESTION, commune, None, 2025, groupe="emploi", statut=Statut.SECRET),
        ],
    )
    contenu = partenaires.composer(replace(atelier, faits=faits), 6)
    lignes = [re.sub(r"\(#[^)]*\)", "", ligne) for ligne in contenu["reponses"].splitlines()]
    assert "| Logement | [62,5\u00a0%] |" in lignes
    assert "| Emploi | [secret]{.statut} |" in lignes
    assert not any("Santé" in ligne for ligne in lignes)


def test_beside_a_theme_stands_a_share_of_its_chapter_and_not_a_count(dessin, atelier):
    faits = dessin.faits(
        [LOGEMENTS, PART], [dessin.fait(LOGEMENTS, "98817", 20927), dessin.fait(PART, "98817", 37.2)]
    )
    dites = tuple(phrases.situer(faits, indicateur) for indicateur in (LOGEMENTS, PART))
    chapitre = document.ChapitreEcrit("logement", "Logement", "Où ?", False, dites, (), (), ())
    contexte = atelier.contexte | {"chapitres": [chapitre]}
    ici = replace(atelier, faits=faits, contexte=contexte)
    assert partenaires._themes(ici, ["Logement"]) == [("Logement", dites[1])]
    # what is known of the commune comes before what is known only around it
    autour = dites[1].replace(" au Mont-Dore", f" dans la province Sud{phrases.RESERVE}")
    contexte = contexte | {"chapitres": [replace(chapitre, retenir=(autour, *dites))]}
    assert partenaires._themes(replace(ici, contexte=contexte), ["Logement"]) == [("Logement", dites[1])]
    # a chapter that has only counts is told by the first
    contexte = contexte | {"chapitres": [replace(chapitre, retenir=dites[:1])]}
    assert partenaires._themes(replace(ici, contexte=contexte), ["Logement"]) == [("Logement", dites[0])]


def test_the_annex_names_the_partners_that_the_edition_gives_and_promises_none_otherwise(dessin, atelier):
    edition = dessin.edition.model_copy(
        update={
            "partenaires": (
                Partenaire(nom="Association des aînés", domaine="isolement"),
                Partenaire(nom="Centre social"),
            )
        }
    )
    avec = replace(atelier, faits=replace(dessin.faits([], []), edition=edition))
    texte = document.gabarit("annexe-partenaires.md.j2").render(
        partenaires.composer(avec, 6)
        | {"sources": atelier.sources, "marquer": atelier.marquer, "note_fragile": ""}
    )
    assert "- Association des aînés : isolement\n- Centre social" in texte
    assert partenaires.papier(edition).titre == "Annexe : les partenaires consultés"
    assert partenaires.papier(dessin.edition).titre == "Annexe : les réponses au questionnaire"


# --- The note for the budget -----------------------------------------------------------------------


@given(debut=st.dates(datetime.date(2020, 1, 1), datetime.date(2030, 12, 31)), jours=st.integers(0, 2_000))
def test_the_shares_of_the_years_of_an_action_add_up_to_the_whole(debut, jours):
    parts = notes.par_annee(debut, debut + datetime.timedelta(days=jours))
    assert all(part > 0 for part in parts.values())
    assert sum(parts.values()) == pytest.approx(1)


def test_an_action_weighs_on_each_year_by_its_days():
    # from 1 July 2026 to 30 June 2028: 184 days, 365, 182 of a leap year's first half
    parts = notes.par_annee(datetime.date(2026, 7, 1), datetime.date(2028, 6, 30))
    assert parts == {2026: 184 / 731, 2027: 365 / 731, 2028: 182 / 731}


def test_the_propositions_of_the_note_add_up_to_the_amounts_of_the_actions(atelier):
    lignes = re.findall(r"\| \*\*(\w+)\*\* \| ([\d\s]+?)\sF CFP", notes.propositions(atelier.faits))
    montants = {annee: int(re.sub(r"\D", "", montant)) for annee, montant in lignes}
    total = montants.pop("Total")
    assert sorted(montants) == ["2025", "2026", "2027", "2028"]
    # orientations.toml of Le Mont-Dore 2026
    assert total == sum(montants.values()) == 2_400_000 + 1_800_000 + 0 + 350_000 + 600_000 + 5_200_000


def test_an_edition_without_orientations_has_no_propositions(dessin):
    assert notes.propositions(dessin.faits([], [])) == ""


NATURES = [
    Indicator("part_budget", "Part du budget voté", "x.", "x.", Published("p", "%"), "budget", by="chapitre"),
    Indicator(
        "taux_execution_chapitre",
        "Taux d'exécution",
        "x.",
        "x.",
        Published("t", "%"),
        "budget",
        by="chapitre",
    ),
]


def test_each_nature_of_expense_has_its_share_and_what_was_spent_of_it(dessin):
    [part, taux] = NATURES
    chiffres = [
        dessin.fait(part, "98817", 60.0, 2025, groupe="personnel"),
        dessin.fait(part, "98817", 40.0, 2025, groupe="aides"),
        dessin.fait(taux, "98817", 90.2, 2025, groupe="personnel"),
        dessin.fait(part, "98817", 99.0, 2024, groupe="services"),
    ]
    table = notes.par_nature(dessin.faits(NATURES, chiffres))
    lignes = [diaporama.brut(ligne) for ligne in table.splitlines() if ligne.startswith("| ")]
    assert [re.sub(r"\s", " ", ligne) for ligne in lignes] == [
        "| Nature de la dépense | Part du budget voté, 2025 | Part exécutée, 2025 |",
        "| :-- | --: | --: |",
        "| Personnel | 60,0 % | 90,2 % |",
        "| Aides | 40,0 % | n. d. |",
    ]
    assert notes.par_nature(dessin.faits(NATURES, [])) == "", "no budget, no table"


def test_what_a_household_lives_on_is_no_cost_of_the_centre(atelier):
    edition = lire_edition(EDITION)
    couts = {i.id for i in notes._couts(replace(atelier, faits=replace(atelier.faits, edition=edition)))}
    assert {"montant_accorde", "budget_execute", "depense_par_menage_aide"} <= couts
    assert not couts & {"reste_a_vivre_moyen", "reste_a_vivre_median"}


def test_what_is_known_around_the_commune_only_is_said_so_in_the_note_for_the_budget(diffuses):
    lignes = textes(docx.Document(str(diffuses / "note-orientation-budgetaire.docx")))
    titre = lignes.index("Connu seulement pour des territoires plus vastes que la commune\u00a0:")
    assert "au Mont-Dore" in "".join(lignes[:titre])
    assert "province Sud" in lignes[titre + 1] and "au Mont-Dore" not in lignes[titre + 1]


def test_a_note_says_less_when_more_would_not_fit(atelier, tmp_path):
    def composer(_, places):
        ligne = "La population est de 27 620 habitants."
        return {"visas": [ligne] * places * 12, "considerants": [], "articles": [], "annexes": []} | {
            "instance": "conseil",
            "interne": False,
        }

    papier = papiers.Papier("essai", "Essai", "deliberation.md.j2", composer, pages=2)
    [annexe] = papiers.ecrire(atelier, [papier], tmp_path)
    assert annexe.pages == 2


# --- The command -----------------------------------------------------------------------------------


def test_a_mistyped_theme_is_told_before_anything_is_built():
    resultat = CliRunner().invoke(app, ["abs", EDITION, "--theme", "culture", "--silencieux"])
    assert resultat.exit_code == 2
    assert "thèmes connus : familles" in " ".join(resultat.output.split())


@pytest.mark.lent
def test_a_thematic_file_joins_the_papers_and_stays_until_the_inputs_change(construit, tmp_path):
    shutil.copytree(construit, tmp_path / "copie")
    edition, dites = lire_edition(EDITION, tmp_path / "copie"), []
    ecrire_dossier(edition, "vieillissement", dites.append)
    for nom in DOSSIERS:
        assert papiers.pages(edition.rapports / nom / "papiers" / "dossier-vieillissement.pdf") > 5
    construire(edition, dites.append)
    ecrire_dossier(edition, "vieillissement", dites.append)
    assert [dite.split(" : ")[-1] for dite in dites] == [
        "dossier-vieillissement écrit dans chaque édition.",
        "la publication est à jour.",
        "dossier-vieillissement est à jour.",
    ]


def test_a_quartier_that_nothing_compares_does_not_say_that_no_gap_is_established(atelier, monkeypatch):
    # « 63 % », beside a commune whose share nobody published, is no absence of a gap
    assert all(fiche["compare"] for fiche in fiches.quartiers(atelier, 6)["fiches"])
    aucun = {
        cle: tuple(replace(ecart, position=Position.NE_SE_COMPARE_PAS) for ecart in ecarts)
        for cle, ecarts in atelier.faits.ecarts.items()
    }
    muets = replace(atelier, faits=replace(atelier.faits, ecarts=aucun))
    lus = fiches.quartiers(muets, 6)
    assert not any(fiche["compare"] or fiche["ecarts"] for fiche in lus["fiches"])
    texte = papiers.gabarit("fiches-quartiers.md.j2").render(
        lus
        | {"provenance": lambda *_: "", "sources": lambda *_: "", "prudences": [], "note_fragile": ""}
        | {"marquer": str, "fictif": False}
    )
    assert "n’est établi." not in texte and "Aucun de ses chiffres ne se compare" in texte


def test_quartiers_that_no_figure_shows_follow_one_another_each_on_one_page(atelier, tmp_path):
    """The page that a quartier does not fill goes on with the next one."""
    papier = fiches.des_quartiers(len(atelier.faits.quartiers))

    def sans_figure(atelier, places):
        contenu = fiches.quartiers(atelier, places)
        return contenu | {"fiches": [fiche | {"figures": []} for fiche in contenu["fiches"]]}

    entiere, breve = (
        papiers.ecrire(atelier, [replace(papier, composer=composer)], tmp_path / nom)[0]
        for nom, composer in (("entiere", papier.composer), ("breve", sans_figure))
    )
    assert entiere.pages == 1 + len(atelier.faits.quartiers)
    assert breve.pages < entiere.pages


def test_a_quartier_has_no_page_of_its_own_for_three_figures(atelier, monkeypatch):
    fiche = fiches.quartiers(atelier, 6)
    assert len(fiche["fiches"]) == len(atelier.faits.quartiers)
    connus = fiches._connus(atelier)[:3]
    monkeypatch.setattr(fiches, "_connus", lambda atelier: connus)
    maigre = fiches.quartiers(atelier, 6)
    assert maigre["fiches"] == [] and maigre["ensemble"]
    texte = papiers.gabarit("fiches-quartiers.md.j2").render(
        maigre | {"provenance": lambda *_: "", "prudences": [], "note_fragile": "", "fictif": False}
    )
    assert "Trop peu de chiffres" in texte
