"""The report, format by format: what a reader with a screen reader, a keyboard or a grey printer gets."""

import io
import json
import re
import zipfile
from dataclasses import replace
from itertools import pairwise

import docx
import pikepdf
import pytest
from lxml import etree, html

from pipeline.report.render import _NOTE_DOCX, _RAPPORT_DOCX, COULEURS, FORMATS, Document, analyser, rendre

MARKDOWN = """
# L’essentiel {#chapitre-essentiel}

::: {.fictif}
Données inventées.
:::

::: {.chiffres}
:::: {.chiffre}
[27 620](#indicateur-population)

habitants

+0,34 % par an
::::

:::: {.chiffre}
[15,7 %](#indicateur-part_60_plus)

des habitants ont 60 ans et plus

Grand Nouméa : 13,9 %
::::
:::

::: {.retenir}
- La population augmente de [0,34 %](#indicateur-population) par an.
- Elle vieillit.
:::

# Démographie {#chapitre-demographie}

::: {.question}
Combien sommes-nous ?
:::

## Évolution

![Population de 2004 à 2019](evolution.svg){#fig-evolution alt="24 195 habitants en 2004, 27 620 en 2019."}

::: {.source}
Source : ISEE.
:::

::: {.donnees}
| Année | Population |
|:--|--:|
| 2004 | 24 195 |
| 2019 | 27 620 |
:::

| Quartier | Population | [Part](#indicateur-part_60_plus) | Part 2 | Part 3 |
|:--|--:|--:|--:|--:|
| Boulari | 1 234 | [15,7 %](#indicateur-part_60_plus) | 1 % | 2 % |
| Plum [FICTIF]{.fictif} | 1 000 | [secret]{.statut} | 1 % | 2 % |

: Population des quartiers {#tbl-quartiers}

::: {.source}
Source : ISEE.
:::

::: {.prudence}
La non-réponse est importante.
:::

::: {.texte}
**Ce que disent les partenaires**

Un paragraphe.<!-- une note pour soi -->
:::

::: {.saut}
:::

# Fiches {#annexe-fiches}

::: {.fiche #indicateur-population}
## Population

|   |   |
|---|---|
| Définition | Nombre d’habitants. |
| Formule | somme(`population`) |
:::

::: {.fiche #indicateur-part_60_plus}
## Part des 60 ans et plus

|   |   |
|---|---|
| Définition | Habitants de 60 ans et plus. |
:::

::: {#donnees-graphiques}
# Données des graphiques

Les valeurs représentées dans les figures.
:::
"""

SVG = """<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" width="100pt" height="50pt" viewBox="0 0 100 50">
<text x="5" y="20" style="font: 10px 'DejaVu Sans'">27 620 à 100 %</text></svg>
"""


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    figures = tmp_path_factory.mktemp("figures")
    (figures / "evolution.svg").write_text(SVG, encoding="utf-8")
    return Document(
        titre="Analyse des besoins <sociaux> & Cie",
        sous_titre="Le Mont-Dore",
        auteur="CCAS",
        date="Édition 2026",
        mots_cles=("besoins", "action sociale"),
        bandeau="Activité fictive",
        markdown=MARKDOWN,
        figures=figures,
    )


@pytest.fixture(scope="module")
def rapport(document, tmp_path_factory):
    return rendre(document, tmp_path_factory.mktemp("rapport"))


@pytest.fixture(scope="module")
def page(rapport):
    return html.document_fromstring(rapport["html"].read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pdf(rapport):
    with pikepdf.open(rapport["pdf"]) as fichier:
        yield fichier


@pytest.fixture(scope="module")
def structure(pdf):
    return pdf.Root.StructTreeRoot


def elements(racine, *roles):
    """Structure elements of the given roles under `racine`, in reading order."""

    def parcourir(element):
        if element.get("/S") in [f"/{role}" for role in roles]:
            yield element
        contenu = element.get("/K", [])
        for enfant in contenu if isinstance(contenu, pikepdf.Array) else [contenu]:
            if isinstance(enfant, pikepdf.Dictionary):
                yield from parcourir(enfant)

    return list(parcourir(racine))


def portee(cellule):
    attributs = cellule.A if isinstance(cellule.A, pikepdf.Array) else [cellule.A]
    return [str(attribut.Scope) for attribut in attributs if "/Scope" in attribut]


def partie(chemin, nom):
    with zipfile.ZipFile(chemin) as archive:
        return etree.fromstring(archive.read(nom))


# The whole ---------------------------------------------------------------------------------------


def test_the_same_document_gives_the_same_bytes_twice(document, rapport, tmp_path):
    encore = rendre(document, tmp_path)
    assert {f: c.read_bytes() for f, c in rapport.items()} == {f: c.read_bytes() for f, c in encore.items()}


def test_another_folder_of_figures_gives_the_same_bytes(document, rapport, tmp_path):
    figures = tmp_path / "ailleurs"
    figures.mkdir()
    for fichier in document.figures.iterdir():
        (figures / fichier.name).write_bytes(fichier.read_bytes())
    encore = rendre(replace(document, figures=figures), tmp_path)
    assert all(encore[f].read_bytes() == rapport[f].read_bytes() for f in FORMATS)


def test_only_the_formats_asked_for_are_written(document, tmp_path):
    assert rendre(document, tmp_path, formats=["html"], nom="note") == {"html": tmp_path / "note.html"}
    assert [fichier.name for fichier in tmp_path.iterdir()] == ["note.html"]


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(
    ("avant", "apres", "mots"),
    [
        (' alt="24 195 habitants en 2004, 27 620 en 2019."', "", "texte de remplacement"),
        ('alt="24 195 habitants en 2004, 27 620 en 2019."', 'alt=""', "texte de remplacement"),
        ("evolution.svg", "absente.svg", "absente"),
        ("(#indicateur-population)", "(#indicateur-inconnu)", "#indicateur-inconnu"),
        ("## Évolution", "#### Évolution", "saute un niveau"),
        ("Combien sommes-nous ?", "Voir ![](evolution.svg) ici.", "figure titrée"),
        ("::: {#donnees-graphiques}", "::: {#ailleurs}", "#donnees-graphiques"),
        ("::: {.source}\nSource : ISEE.\n:::\n\n::: {.donnees}", "Un mot.\n\n::: {.donnees}", "Des données"),
    ],
)
def test_a_broken_document_is_refused_in_every_format(document, tmp_path, format_, avant, apres, mots):
    with pytest.raises(RuntimeError, match=re.escape(mots)):
        rendre(replace(document, markdown=MARKDOWN.replace(avant, apres)), tmp_path, formats=[format_])
    assert not list(tmp_path.iterdir())


def test_a_date_without_a_year_is_refused(document, tmp_path):
    with pytest.raises(ValueError, match="année"):
        rendre(replace(document, date="printemps"), tmp_path)


@pytest.mark.parametrize("format_", ["docx", "odt"])
def test_no_member_of_an_archive_carries_a_date(rapport, format_):
    with zipfile.ZipFile(rapport[format_]) as archive:
        assert {membre.date_time for membre in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_comments_of_the_analyst_reach_no_format(rapport):
    assert "note pour soi" not in rapport["html"].read_text(encoding="utf-8")
    for format_, nom in (("docx", "word/document.xml"), ("odt", "content.xml")):
        assert "note pour soi" not in etree.tostring(partie(rapport[format_], nom), encoding="unicode")


# HTML --------------------------------------------------------------------------------------------


def test_html_has_one_main_one_title_and_a_language(page):
    assert page.get("lang") == "fr-FR"
    assert len(page.findall(".//main")) == 1
    assert [titre.text for titre in page.findall(".//h1")] == ["Analyse des besoins <sociaux> & Cie"]
    assert page.findtext(".//title").startswith("Analyse des besoins <sociaux> & Cie")


def test_html_headings_go_down_one_level_at_a_time(page):
    niveaux = [int(titre.tag[1]) for titre in page.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    assert niveaux[0] == 1
    assert max(suivant - niveau for niveau, suivant in pairwise(niveaux)) == 1


def test_html_identifiers_are_unique_and_internal_links_resolve(page):
    identifiants = page.xpath("//@id")
    assert len(identifiants) == len(set(identifiants))
    liens = page.xpath("//a/@href")
    assert "#indicateur-part_60_plus" in liens
    assert {lien.removeprefix("#") for lien in liens} <= set(identifiants)


def test_html_asks_nothing_of_the_network_and_runs_no_script(rapport, page):
    assert not page.xpath("//script | //link | //iframe | //*[@onclick]")
    assert all(image.get("src").startswith("data:image/svg+xml,") for image in page.iter("img"))
    assert not re.search(r"url\(|@import", rapport["html"].read_text(encoding="utf-8"))


def test_html_figures_have_a_title_an_alternative_text_and_their_data(page):
    (figure,) = page.findall(".//figure")
    assert figure.get("id") == "fig-evolution"
    assert figure.find("figcaption").text_content().split() == (
        ["Figure", "1", "–", "Population", "de", "2004", "à", "2019"]
    )
    assert figure.find(".//img").get("alt") == "24 195 habitants en 2004, 27 620 en 2019."
    assert figure.findtext("details/summary") == "Données du graphique"
    legende = " ".join(figure.find("details/table/caption").text_content().split())
    assert legende == "Données de la figure 1 : Population de 2004 à 2019"


def test_html_leaves_out_the_annex_of_data_that_the_other_formats_have(page, mot, pdf):
    assert "Données des graphiques" not in page.text_content()
    assert "Données des graphiques" in [paragraphe.text for paragraphe in mot.paragraphs]
    with pdf.open_outline() as plan:
        assert [entree.title for entree in plan.root] == [
            "L’essentiel",
            "Démographie",
            "Fiches",
            "Données des graphiques",
        ]


def test_html_tables_have_captions_and_scoped_headers(page):
    tableaux = page.xpath("//table[not(ancestor::*[contains(@class, 'fiche')])]")
    assert len(tableaux) == 2
    for tableau in tableaux:
        assert tableau.find("caption").text_content().strip()
        assert {cellule.get("scope") for cellule in tableau.findall("thead/tr/th")} == {"col"}
    for rangee in page.xpath("//tbody/tr"):
        assert (rangee[0].tag, rangee[0].get("scope")) == ("th", "row")
        assert {cellule.tag for cellule in rangee[1:]} == {"td"}


def test_html_boxes_say_in_words_what_their_colour_says(page):
    etiquettes = [e.text_content().strip() for e in page.find_class("etiquette")]
    assert etiquettes == [
        "Données fictives",
        "À retenir",
        "Précaution de lecture",
        "L’analyse du CCAS",
    ]
    assert page.find_class("bandeau")[0].text == "Activité fictive"


def test_html_a_wide_table_scrolls_and_the_keyboard_reaches_it(page):
    (groupe,) = page.find_class("defilant")
    assert (groupe.get("tabindex"), groupe.get("role")) == ("0", "group")
    assert groupe.find("table") is not None


def luminance(couleur):
    canaux = [int(couleur[rang : rang + 2], 16) / 255 for rang in (0, 2, 4)]
    lineaires = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in canaux]
    return 0.2126 * lineaires[0] + 0.7152 * lineaires[1] + 0.0722 * lineaires[2]


def contraste(texte, fond):
    clair, sombre = sorted((luminance(texte), luminance(fond)), reverse=True)
    return (clair + 0.05) / (sombre + 0.05)


def test_contrast_is_measured_as_wcag_measures_it():
    assert contraste("000000", "ffffff") == pytest.approx(21)
    assert contraste("777777", "ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("texte", ["texte", "texte-discret", "accent", "alerte"])
@pytest.mark.parametrize("fond", ["fond", "fond-doux", "fond-alerte"])
def test_every_text_reads_on_every_ground(texte, fond):
    assert contraste(COULEURS[texte], COULEURS[fond]) >= 4.5


def test_css_takes_its_colours_from_the_palette_only(rapport):
    """So the contrasts above are those of the page; white on the accent is the reverse of one of them."""
    source = rapport["html"].read_text(encoding="utf-8")
    regles = re.findall(r"([^{}]+)\{([^{}]*)\}", re.search(r"<style>(.*?)</style>", source, re.S)[1])
    assert len(regles) > 50
    for selecteur, corps in regles:
        if selecteur.strip() == ":root":
            continue
        for propriete, valeur in re.findall(r"(?<![\w-])(color|background)\s*:\s*([^;]+);", corps):
            famille = "texte" if propriete == "color" else "fond"
            assert valeur in ("inherit", "none") or valeur.startswith(f"var(--{famille}"), selecteur
        sur_accent = "var(--fond-accent)" in corps
        assert sur_accent == ("color: var(--texte-inverse)" in corps), selecteur


# PDF ---------------------------------------------------------------------------------------------


def test_pdf_declares_its_language_its_title_and_its_standards(pdf):
    assert str(pdf.Root.Lang) == "fr-FR"
    assert bool(pdf.Root.MarkInfo.Marked)
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
    assert str(pdf.docinfo["/Title"]) == "Analyse des besoins <sociaux> & Cie"
    with pdf.open_metadata() as donnees:
        assert donnees["pdfuaid:part"] == "1"
        assert (donnees["pdfaid:part"], donnees["pdfaid:conformance"]) == ("2", "A")


def test_pdf_is_on_a4(pdf):
    largeur, hauteur = (float(cote) for cote in pdf.pages[0].MediaBox[2:])
    assert (largeur, hauteur) == pytest.approx((210 / 25.4 * 72, 297 / 25.4 * 72), abs=0.1)


def test_pdf_headings_go_down_one_level_at_a_time(structure):
    niveaux = [int(str(titre.S)[2:]) for titre in elements(structure, "H1", "H2", "H3", "H4")]
    assert niveaux[0] == 1
    assert max(suivant - niveau for niveau, suivant in pairwise(niveaux)) == 1


def test_pdf_figures_have_an_alternative_text(structure):
    assert [str(figure.Alt) for figure in elements(structure, "Figure")] == [
        "24 195 habitants en 2004, 27 620 en 2019."
    ]


def test_pdf_tables_have_headers_of_columns_and_of_rows(structure):
    # Table of the quartiers: 5 columns, 2 rows. Cards: 2 rows, then 1. Data of the figure: 2 columns, 2 rows.
    attendu = [(["/Column"] * 5, 2), ([], 2), ([], 1), (["/Column"] * 2, 2)]
    lu = []
    for tableau in elements(structure, "Table"):
        entetes = [portee(cellule)[0] for cellule in elements(tableau, "TH")]
        lu.append(([p for p in entetes if p == "/Column"], entetes.count("/Row")))
        for rangee in elements(tableau, "TR"):
            assert rangee.K[0].S == "/TH"
    assert lu == attendu


def test_a_header_that_leads_to_a_card_is_repeated_without_its_link(document, tmp_path):
    # A repeated header is an artifact of the page, where PDF/UA-1 admits no link: Typst would stop there.
    lignes = "".join(f"| Quartier {rang} | [{rang} %](#indicateur-part_60_plus) |\n" for rang in range(80))
    table = (
        f"| Quartier | [La part](#indicateur-part_60_plus) |\n|:--|--:|\n{lignes}\n: Longue {{#longue}}\n\n"
    )
    longue = replace(document, markdown=f"# Long {{#long}}\n\n{table}{MARKDOWN}")
    [pdf] = rendre(longue, tmp_path, ("pdf",)).values()
    with pikepdf.open(pdf) as fichier:
        liens = [a for page in fichier.pages for a in page.get("/Annots", []) if a.Subtype == "/Link"]
    assert len(liens) >= 80


def test_pdf_cells_leave_their_headers_to_the_scopes(structure):
    attributs = [a for cellule in elements(structure, "TD", "TH") for a in cellule.A]
    assert attributs
    assert not [attribut for attribut in attributs if "/Headers" in attribut]


def test_pdf_embeds_every_font_and_takes_none_of_the_system(pdf):
    noms = {
        str(objet.FontName).split("+")[-1]
        for objet in pdf.objects
        if isinstance(objet, pikepdf.Dictionary) and objet.get("/Type") == "/FontDescriptor"
    }
    assert noms
    assert all(nom.startswith(("LibertinusSerif", "DejaVuSans")) for nom in noms)
    for objet in pdf.objects:
        if isinstance(objet, pikepdf.Dictionary) and objet.get("/Type") == "/FontDescriptor":
            assert "/FontFile2" in objet or "/FontFile3" in objet


# DOCX and ODT ------------------------------------------------------------------------------------

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def mot(rapport):
    return docx.Document(str(rapport["docx"]))


def test_docx_has_its_title_its_language_and_its_headings(rapport, mot):
    assert mot.core_properties.title == "Analyse des besoins <sociaux> & Cie"
    langues = partie(rapport["docx"], "word/styles.xml").findall(f".//{W}lang")
    assert {langue.get(f"{W}val") for langue in langues} == {"fr-FR"}
    titres = [(p.style.name, p.text) for p in mot.paragraphs if p.style.name.startswith("Heading")]
    assert titres[:3] == [
        ("Heading 1", "L’essentiel"),
        ("Heading 1", "Démographie"),
        ("Heading 2", "Évolution"),
    ]


def test_docx_figures_have_an_alternative_text(mot):
    assert [figure._inline.docPr.get("descr") for figure in mot.inline_shapes] == [
        "24 195 habitants en 2004, 27 620 en 2019."
    ]


def test_docx_tables_repeat_their_header_and_head_their_first_column(mot):
    rapportes = [tableau for tableau in mot.tables if tableau.style.name == "Table"]
    assert len(rapportes) == 2
    for tableau in rapportes:
        assert tableau.rows[0]._tr.find(f"{W}trPr/{W}tblHeader") is not None
        aspect = tableau._tbl.tblPr.find(f"{W}tblLook")
        assert (aspect.get(f"{W}firstRow"), aspect.get(f"{W}firstColumn")) == ("1", "1")
        assert aspect.get(f"{W}val") == "00A0"


def test_docx_every_style_named_is_a_style_of_the_reference(rapport):
    connus = {
        style.get(f"{W}styleId") for style in partie(rapport["docx"], "word/styles.xml").findall(f"{W}style")
    }
    corps = partie(rapport["docx"], "word/document.xml")
    nommes = {
        style.get(f"{W}val") for nom in ("pStyle", "rStyle", "tblStyle") for style in corps.iter(f"{W}{nom}")
    }
    assert nommes <= connus


def test_docx_links_lead_to_bookmarks(rapport):
    corps = partie(rapport["docx"], "word/document.xml")
    signets = {signet.get(f"{W}name") for signet in corps.iter(f"{W}bookmarkStart")}
    ancres = {lien.get(f"{W}anchor") for lien in corps.iter(f"{W}hyperlink")}
    assert {"indicateur-population", "fig-evolution", "donnees-fig-evolution"} <= ancres <= signets


def test_docx_header_runs_the_banner_and_footer_the_page_number(mot):
    entete, pied = mot.sections[0].header, mot.sections[0].footer
    assert "Analyse des besoins <sociaux> & Cie – Le Mont-Dore" in entete.paragraphs[0].text
    assert "Activité fictive" in entete.paragraphs[0].text
    assert [champ.get(f"{W}instr") for champ in pied._element.iter(f"{W}fldSimple")] == [
        "PAGE",
        "NUMPAGES",
    ]


TEXTE = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
DESSIN = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
XLINK = "{http://www.w3.org/1999/xlink}"
SVG_ODF = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"


def test_odt_figures_have_an_alternative_text_inside_their_frame(rapport):
    contenu = partie(rapport["odt"], "content.xml")
    assert [cadre.findtext(f"{SVG_ODF}desc") for cadre in contenu.iter(f"{DESSIN}frame")] == [
        "24 195 habitants en 2004, 27 620 en 2019."
    ]


def test_odt_links_lead_to_bookmarks(rapport):
    contenu = partie(rapport["odt"], "content.xml")
    signets = {signet.get(f"{TEXTE}name") for signet in contenu.iter(f"{TEXTE}bookmark-start")}
    liens = {lien.get(f"{XLINK}href").removeprefix("#") for lien in contenu.iter(f"{TEXTE}a")}
    assert {"indicateur-population", "fig-evolution", "donnees-fig-evolution"} <= liens <= signets


def test_odt_starts_with_its_type_and_lists_its_parts(rapport):
    with zipfile.ZipFile(rapport["odt"]) as archive:
        premier = archive.infolist()[0]
        assert (premier.filename, premier.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        manifeste = etree.parse(io.BytesIO(archive.read("META-INF/manifest.xml")))
        noms = {nom.rsplit("}")[-1]: nom for nom in manifeste.getroot()[0].attrib}
        listes = {entree.get(noms["full-path"]) for entree in manifeste.getroot()}
        assert {"content.xml", "styles.xml", "meta.xml"} <= listes <= {"/", *archive.namelist()}


def test_odt_speaks_french(rapport):
    styles = etree.tostring(partie(rapport["odt"], "styles.xml"), encoding="unicode")
    assert set(re.findall(r'fo:language="(\w+)"', styles)) == {"fr"}
    assert set(re.findall(r'fo:country="(\w+)"', styles)) == {"FR"}


def test_long_names_of_territories_leave_room_for_the_names_of_the_rows(document):
    noms = "Bourg-en-Bresse | Communauté d’agglomération du Bassin de Bourg-en-Bresse | Communes comparables"
    lignes = "| Taux de chômage au sens du recensement des 15 à 64 ans | 2022 | 15,8 % | 9,4 % | 12,5 % | – |"
    entete = f"| Indicateur | Année | {noms} | Auparavant |\n|:--|--:|--:|--:|--:|--:|"
    markdown = f"# Emploi\n\n{entete}\n{lignes}\n\n: Emploi {{#tbl-e}}\n"
    arbre = json.loads(analyser(replace(document, markdown=markdown)))
    tableau = next(
        bloc for div in arbre["blocks"] if div["t"] == "Div" for bloc in div["c"][1] if bloc["t"] == "Table"
    )
    premiere, *autres = (colonne[1]["c"] for colonne in tableau["c"][2])
    assert premiere > 0.2
    assert premiere > max(autres)
    assert sum(autres, premiere) <= 1 + 1e-9


def test_a_word_of_the_glossary_and_its_definition_are_on_the_same_page(document, tmp_path):
    mots = "".join(f"Mot {rang}\n:   Définition du mot {rang}.\n\n" for rang in range(60))
    seul = replace(document, markdown=f"# Glossaire\n\n{mots}")
    with pikepdf.open(rendre(seul, tmp_path, formats=("pdf",))["pdf"]) as fichier:
        articles = elements(fichier.Root.StructTreeRoot, "LI")
        pages = [{objet.objgen for objet in _pages(article)} for article in articles]
    assert len(articles) == 60
    assert all(len(siennes) == 1 for siennes in pages)
    assert len(set.union(*pages)) > 1


@pytest.mark.parametrize("entier", [True, False])
def test_a_short_chapter_is_whole_on_one_page_and_still_a_heading(document, tmp_path, entier):
    # after twenty-eight paragraphs there is room for a title and some lines, and not for nine
    court = "# Court {.suite #court}\n\n" + "Deux.\n\n" * 9
    suite = f"::: {{.entier}}\n{court}:::\n" if entier else court
    seul = replace(document, markdown="# Long\n\n" + "Mot.\n\n" * 28 + suite)
    with pikepdf.open(rendre(seul, tmp_path, formats=("pdf",))["pdf"]) as fichier:
        racine = fichier.Root.StructTreeRoot
        _, long, titre = (next(_pages(element)).objgen for element in elements(racine, "H1"))
        dernieres = {next(_pages(element)).objgen for element in elements(racine, "P")[-9:]}
    assert (dernieres == {titre}) == entier
    assert (titre != long) == entier


def _pages(element):
    """The pages that a structure element is drawn on."""
    if "/Pg" in element:
        yield element.Pg
    contenu = element.get("/K", [])
    for enfant in contenu if isinstance(contenu, pikepdf.Array) else [contenu]:
        if isinstance(enfant, pikepdf.Dictionary):
            yield from _pages(enfant)


def test_signs_stay_on_the_line_of_their_word_in_every_format(document, tmp_path):
    texte = "Qui ? Une part : 5 %\n; une autre : « [oui](#indicateur-population) ». Du code : `a : b`.\n"
    dit = replace(document, markdown=MARKDOWN.replace("Un paragraphe.", texte))
    chemins = rendre(dit, tmp_path, formats=("html", "docx"))
    page = html.fromstring(chemins["html"].read_text(encoding="utf-8"))
    mots = [element.text_content() for element in page.iter("p")]
    mots += [p.text for p in docx.Document(str(chemins["docx"])).paragraphs]
    dites = [mot.strip() for mot in mots if mot.startswith("Qui")]
    n, f = "\u00a0", "\u202f"
    attendu = f"Qui{f}? Une part{n}: 5{n}%{f}; une autre{n}: «{n}oui{n}». Du code{n}: a : b."
    assert dites == [attendu, attendu]


@pytest.mark.parametrize("forme", [_RAPPORT_DOCX, _NOTE_DOCX])
def test_the_banner_ends_where_the_text_does_beside_the_title(forme):
    assert int(forme["droite"]) == 11_906 - 2 * int(forme["marge"]), "the width of an A4 less its margins"


def test_what_is_written_in_bold_has_the_room_that_bold_takes(document):
    def largeur(etat):
        lignes = f"| Action | Axe | État |\n|:--|:--|:--|\n| Doubler | Aller | {etat} |\n\n: Actions {{#tbl-actions}}\n"
        arbre = json.loads(analyser(replace(document, markdown=lignes)))
        [tableau] = [bloc for bloc in arbre["blocks"][0]["c"][1] if bloc["t"] == "Table"]
        return tableau["c"][2][2][1]["c"] / tableau["c"][2][1][1]["c"]

    assert largeur("**sans mesure**") > largeur("sans mesure")
