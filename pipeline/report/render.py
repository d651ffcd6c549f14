"""One Markdown source → HTML, PDF (PDF/UA-1 and PDF/A-2a), DOCX and ODT.

In: a `Document`, whose Markdown follows the conventions listed in `templates/structure.lua`, and the folder
of its figures, as SVG. Out: one file a format. The Markdown is parsed once; the formats are then
written side by side from its syntax tree.

Rendering is a pure function: no clock (the dates inside the files are the first of January of the edition),
no font of the system (PDF: Libertinus Serif, which the Typst wheel embeds, for the text; DejaVu Sans, which
ships with matplotlib and draws the charts too, for tables and labels), zip members without dates.
"""

import io
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from string import Template
from typing import Literal
from xml.sax.saxutils import escape

import matplotlib
import pikepdf
import pypandoc
import typst

from pipeline.report.charts.drawing import ACCENT, ALERTE, ENCRE

FORMATS = ("html", "pdf", "docx", "odt")
_BUREAUTIQUES = frozenset({"docx", "odt"})
_FIGURE = re.compile(r"\]\(([\w-]+)\.svg\)")
_RESOLUTION = 200.0  # dots an inch
REGION = "FR"

# Ink, accent and warning of the charts; every text is at 4.5:1 or more on every ground it meets.
COULEURS: Mapping[str, str] = {
    "texte": ENCRE.removeprefix("#"),
    "texte-discret": "4d5a63",
    "accent": ACCENT.removeprefix("#"),
    "alerte": ALERTE.removeprefix("#"),
    "filet": "b8c4ca",
    "fond": "ffffff",
    "fond-doux": "eff4f6",
    "fond-alerte": "fdf3e7",
}

_MODELES = Path(__file__).with_name("templates")
# The pandoc of the wheel, never one that the machine may have: another version, another document.
_PANDOC = shutil.which("pandoc", path=Path(pypandoc.__file__).with_name("files"))
_MARKDOWN = "markdown-yaml_metadata_block-citations-raw_tex-tex_math_dollars-raw_attribute"
_TYPOGRAPHIE = f"--lua-filter={_MODELES / 'typographie.lua'}"
_STRUCTURE = (f"--from={_MARKDOWN}", "--to=json", f"--lua-filter={_MODELES / 'structure.lua'}", _TYPOGRAPHIE)
# A line that no text holds (a private character of Unicode), between pieces rendered at one call.
_COUPURE = "\ue000"
_POLICES = str(Path(matplotlib.get_data_path()) / "fonts" / "ttf")

_REFERENCE_DOCX = {
    "word/document.xml": "docx-document.xml",
    "word/_rels/document.xml.rels": "docx-relations.xml",
    "word/styles.xml": "docx-styles.xml",
    "word/settings.xml": "docx-settings.xml",
    "word/header1.xml": "docx-couverture.xml",
    "word/header2.xml": "docx-entete.xml",
    "word/footer1.xml": "docx-pied.xml",
}
# What a note changes in the word processor's styles: twentieths of a point, and half-points for bodies; `droite`:
# what the margins leave of the 11906 of an A4.
_RAPPORT_DOCX: Mapping[str, str] = {
    "premier_pied": "",
    "corps_texte": "21",
    "marge": "1417",
    "droite": "9072",
    "marge_haute": "1474",
    "marge_basse": "1304",
    "avant_titre": "4200",
    "corps_titre": "68",
    "apres_sous_titre": "600",
    "corps_sous_titre": "36",
    "saut_chapitre": "<w:pageBreakBefore/>",
    "avant_chapitre": "0",
    "apres_chapitre": "320",
    "corps_chapitre": "48",
    "avant_section": "360",
    "apres_section": "160",
    "corps_section": "30",
}
_NOTE_DOCX: Mapping[str, str] = {
    "premier_pied": '<w:footerReference w:type="first" r:id="rIdPied"/>',
    "corps_texte": "18",
    "marge": "1134",
    "droite": "9638",
    "marge_haute": "1134",
    "marge_basse": "1020",
    "avant_titre": "0",
    "corps_titre": "40",
    "apres_sous_titre": "120",
    "corps_sous_titre": "24",
    "saut_chapitre": "",
    "avant_chapitre": "280",
    "apres_chapitre": "140",
    "corps_chapitre": "28",
    "avant_section": "220",
    "apres_section": "100",
    "corps_section": "24",
}
_REFERENCE_ODT = {"styles.xml": "odt-styles.xml", "meta.xml": "odt-meta.xml"}


@dataclass(frozen=True, kw_only=True)
class Document:
    """What is to be rendered.

    `date` is text that holds the year of the edition (« Édition 2026 »). `bandeau` runs on every page
    (« Activité fictive »), `filigrane` behind every page of the PDF (« Confidentiel »); empty, there is none.
    `figures` is the folder of the figures that the Markdown names; their PNG are made beside the SVG.
    `forme`: a « rapport » has a cover, a table of contents and chapters that open a page; a « note » has none.
    `modele`: the word processor's document whose styles the DOCX takes, in place of the report's own.
    """

    titre: str
    sous_titre: str
    auteur: str
    date: str
    markdown: str
    figures: Path
    langue: str = "fr"
    mots_cles: tuple[str, ...] = ()
    bandeau: str = ""
    filigrane: str = ""
    forme: Literal["rapport", "note"] = "rapport"
    modele: Path | None = None

    @property
    def annee(self) -> int:
        """Year of the edition, read in `date`; ValueError when it holds none."""
        annees = re.findall(r"\b(?:19|20)\d\d\b", self.date)
        if not annees:
            raise ValueError(f"la date « {self.date} » ne contient pas l'année de l'édition")
        return int(annees[-1])


def rendre(
    document: Document,
    dossier: Path,
    formats: Sequence[str] = FORMATS,
    nom: str = "rapport",
    arbre: bytes = b"",
) -> dict[str, Path]:
    """Write `nom.<format>` in `dossier` for each format; returns the paths by format.

    `arbre`: what `analyser` made of this document, when it is already known.
    Raises RuntimeError with the words of pandoc or Typst: missing figure, figure without alternative text,
    link that leads nowhere, heading level skipped.
    """
    arbre = arbre or analyser(document)
    if _BUREAUTIQUES.intersection(formats):
        pixeliser(document.figures, _FIGURE.findall(document.markdown))
    with ThreadPoolExecutor(max_workers=len(formats)) as taches:
        rendus = {format_: taches.submit(_RENDUS[format_], document, arbre) for format_ in formats}
        contenus = {format_: rendu.result() for format_, rendu in rendus.items()}
    chemins = {format_: dossier / f"{nom}.{format_}" for format_ in formats}
    for format_, chemin in chemins.items():
        chemin.write_bytes(contenus[format_])
    return chemins


def pixeliser(dossier: Path, noms: Iterable[str]) -> None:
    """The PNG of each figure of a folder that has none yet, from its SVG: what word processors and slides read."""
    manquants = [nom for nom in dict.fromkeys(noms) if not (dossier / f"{nom}.png").exists()]
    if not manquants:
        return
    pages = "#pagebreak()\n".join(f'#image("/{nom}.svg")\n' for nom in manquants)
    source = f"#set page(width: auto, height: auto, margin: 0pt)\n{pages}".encode()
    images = typst.compile(source, root=str(dossier), font_paths=_polices(), format="png", ppi=_RESOLUTION)
    for nom, image in zip(manquants, images if len(manquants) > 1 else [images], strict=True):
        with tempfile.NamedTemporaryFile(dir=dossier, delete=False) as fichier:
            fichier.write(image)
        Path(fichier.name).replace(dossier / f"{nom}.png")


def fragments_html(markdowns: Sequence[str]) -> list[str]:
    """Pieces of Markdown → as many pieces of HTML, at one call: texts, tables captioned and scoped."""
    entree = f"\n\n{_COUPURE}\n\n".join(markdowns).encode()
    filtres = [f"--lua-filter={_MODELES / nom}" for nom in ("site/fragments.lua", "html.lua")]
    format_ = f"--from={_MARKDOWN}-raw_html"
    html = _executer_pandoc(entree, _MODELES, 0, format_, "--to=html5", "--wrap=none", *filtres).decode()
    fragments = html.split(f"<p>{_COUPURE}</p>")
    if len(fragments) != len(markdowns):
        raise RuntimeError(f"pandoc : {len(markdowns)} textes donnés, {len(fragments)} rendus")
    return [fragment.strip() for fragment in fragments]


def _pandoc(document: Document, entree: bytes, *options: str) -> bytes:
    """Run pandoc in the folder of the figures, on the date of the edition."""
    epoque = int(datetime(document.annee, 1, 1, tzinfo=UTC).timestamp())
    return _executer_pandoc(entree, document.figures, epoque, *options)


def _executer_pandoc(entree: bytes, dossier: Path, epoque: int, *options: str) -> bytes:
    """Run pandoc in a folder, on a date, blind to the user's settings."""
    execution = subprocess.run(
        [_PANDOC, f"--data-dir={_MODELES}", "--fail-if-warnings", *options],
        input=entree,
        capture_output=True,
        cwd=dossier,
        env=os.environ | {"SOURCE_DATE_EPOCH": str(epoque), "LC_ALL": "C.UTF-8"},
        check=False,
    )
    if execution.returncode:
        raise RuntimeError(f"pandoc : {execution.stderr.decode().strip()}")
    return execution.stdout


def analyser(document: Document) -> bytes:
    """Markdown → pandoc's syntax tree (JSON), numbered, checked, with the metadata of the document."""
    metadonnees = {
        "title": document.titre,
        "subtitle": document.sous_titre,
        "author": document.auteur,
        "date": document.date,
        "lang": f"{document.langue}-{REGION}",
        "forme": document.forme,
    }
    couples = [*metadonnees.items(), *(("keywords", mot) for mot in document.mots_cles)]
    options = [f"--metadata={cle}:{valeur}" for cle, valeur in couples]
    return _pandoc(document, document.markdown.encode(), *_STRUCTURE, *options)


def refus(markdown: str) -> str:
    """Why a piece of the report cannot be read, in the words of pandoc; empty when it can."""
    try:
        _executer_pandoc(markdown.encode(), _MODELES, 0, *_STRUCTURE)
    except RuntimeError as erreur:
        return " ".join(str(erreur).split())
    return ""


def est_une_reference(docx: Path) -> bool:
    """Whether the DOCX can take its styles from that document."""
    try:
        _executer_pandoc(b"", _MODELES, 0, "--to=docx", f"--reference-doc={docx}", "--output=-")
    except RuntimeError:
        return False
    return True


def _rendre_html(document: Document, arbre: bytes) -> bytes:
    variables = {**COULEURS, "bandeau": document.bandeau}
    return _pandoc(
        document,
        arbre,
        "--from=json",
        "--to=html5",
        "--wrap=none",
        "--toc",
        "--toc-depth=3",
        f"--template={_MODELES / 'rapport.html'}",
        f"--lua-filter={_MODELES / 'html.lua'}",
        *(f"--variable={cle}:{valeur}" for cle, valeur in variables.items()),
    )


def _rendre_pdf(document: Document, arbre: bytes) -> bytes:
    """Typst refuses to write PDF/UA-1 without alternative texts, title or ordered headings."""
    filtre = f"--lua-filter={_MODELES / 'typst.lua'}"
    corps = _pandoc(document, arbre, "--from=json", "--to=typst-smart", "--wrap=none", filtre)
    try:
        pdf = typst.compile(
            (_MODELES / "rapport.typ").read_bytes() + corps,
            root=str(document.figures),
            font_paths=_polices(),
            sys_inputs=_entrees_typst(document),
            pdf_standards=["ua-1", "a-2a"],
        )
    except typst.TypstError as erreur:
        raise RuntimeError(f"Typst : {erreur.diagnostic}") from erreur
    return _entetes_de_ligne(pdf)


@cache
def _polices() -> typst.Fonts:
    """The only fonts of a PDF, found once."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[_POLICES])


def _entrees_typst(document: Document) -> dict[str, str]:
    return {
        **COULEURS,
        "titre": document.titre,
        "sous-titre": document.sous_titre,
        "auteur": document.auteur,
        "date": document.date,
        "annee": str(document.annee),
        "bandeau": document.bandeau,
        "filigrane": document.filigrane,
        "forme": document.forme,
        "mots-cles": ", ".join(document.mots_cles),
        "langue": document.langue,
        "region": REGION,
    }


def _entetes_de_ligne(pdf: bytes) -> bytes:
    """Make the first cell of each body row a row header (TH, Scope Row).

    Typst tags column headers only, and lists them in the /Headers of each cell. That list would hide
    the row headers, and in a regular table the scopes say as much (ISO 32000-1, table 349): it goes.
    """
    with pikepdf.open(io.BytesIO(pdf)) as fichier:
        for element in fichier.objects:
            if isinstance(element, pikepdf.Dictionary) and element.get("/S") == "/TR":
                for cellule in element.K:
                    _oublier_renvois(cellule)
                if element.P.S != "/THead":
                    _porter_sur_la_ligne(element.K[0])
        sortie = io.BytesIO()
        fichier.save(sortie, deterministic_id=True)
    return sortie.getvalue()


def _oublier_renvois(cellule: pikepdf.Dictionary) -> None:
    attributs = cellule.get("/A", pikepdf.Array())
    attributs = list(attributs) if isinstance(attributs, pikepdf.Array) else [attributs]
    for attribut in attributs:
        if "/Headers" in attribut:
            del attribut.Headers
    # What is left with its owner (/O) alone says nothing.
    cellule.A = pikepdf.Array([attribut for attribut in attributs if len(attribut) > 1])


def _porter_sur_la_ligne(cellule: pikepdf.Dictionary) -> None:
    cellule.S = pikepdf.Name.TH
    cellule.A.append(pikepdf.Dictionary(O=pikepdf.Name.Table, Scope=pikepdf.Name.Row))


def _rendre_docx(document: Document, arbre: bytes) -> bytes:
    archive = _rendre_bureautique(document, arbre, "docx", _REFERENCE_DOCX)
    retouches = {"word/document.xml": _premiere_colonne_en_tete}
    return archiver(archive, retouches)


def _rendre_odt(document: Document, arbre: bytes) -> bytes:
    archive = _rendre_bureautique(document, arbre, "odt", _REFERENCE_ODT)
    return archiver(archive, {"content.xml": _achever_odt})


def _rendre_bureautique(document: Document, arbre: bytes, format_: str, parties: Mapping[str, str]) -> bytes:
    with tempfile.TemporaryDirectory() as dossier:
        reference = Path(dossier) / f"reference.{format_}"
        reference.write_bytes(
            document.modele.read_bytes()
            if document.modele and format_ == "docx"
            else _reference(document, parties)
        )
        return _pandoc(
            document,
            arbre,
            "--from=json",
            f"--to={format_}",
            "--figure-caption-position=above",
            f"--reference-doc={reference}",
            f"--lua-filter={_MODELES / 'bureautique.lua'}",
            "--output=-",
        )


def _reference(document: Document, parties: Mapping[str, str]) -> bytes:
    """Reference document: the XML of the templates, with the colours and the running words of this report."""
    valeurs = {nom.replace("-", "_"): couleur for nom, couleur in COULEURS.items()}
    valeurs |= _RAPPORT_DOCX if document.forme == "rapport" else _NOTE_DOCX
    for champ in ("titre", "sous_titre", "auteur", "date", "bandeau", "langue"):
        valeurs[champ] = escape(getattr(document, champ))
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w") as archive:
        for nom, modele in parties.items():
            texte = (_MODELES / modele).read_text(encoding="utf-8")
            archive.writestr(nom, Template(texte).substitute(valeurs, region=REGION))
    return sortie.getvalue()


def _premiere_colonne_en_tete(contenu: str) -> str:
    """Say in each table of data that its first column is a header; pandoc says it of the first row only."""
    return re.sub(
        r'(<w:tblStyle w:val="(?:Table|Fiche)" />.*?w:firstColumn=)"0"(.*?)w:val="00([02])0"',
        lambda trouve: f'{trouve[1]}"1"{trouve[2]}w:val="00{int(trouve[3]) + 8:X}0"',
        contenu,
    )


def _achever_odt(contenu: str) -> str:
    """Put each alternative text inside its frame, keep each table on its page, and rule it."""
    filet = f"0.5pt solid #{COULEURS['filet']}"
    accent = f"1pt solid #{COULEURS['accent']}"
    espace = 'fo:padding="0.08cm" fo:padding-right="0.15cm"'
    cellule = f'style:table-cell-properties {espace} fo:border="none" fo:border-bottom'
    contenu = re.sub(r"(</draw:frame>)(<svg:desc>.*?</svg:desc>)", r"\2\1", contenu)
    insecable = 'table:align="left" style:may-break-between-rows="false"'
    contenu = contenu.replace('table:align="center"', insecable)
    contenu = re.sub(
        r'"TableRowCell"([^>]*>\s*<text:p text:style-name="(?:Chiffre|Comparaison)")', r'"Carte"\1', contenu
    )
    for style, trait in (("TableHeaderRowCell", accent), ("TableRowCell", filet)):
        contenu = re.sub(
            rf'("{style}" style:family="table-cell">\s*<)style:table-cell-properties fo:border="none"',
            rf'\g<1>{cellule}="{trait}"',
            contenu,
        )
    return contenu


def archiver(archive: bytes, retouches: Mapping[str, Callable[[str], str]]) -> bytes:
    """Same archive with its parts retouched, and no date on its members."""
    sortie = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as lue, zipfile.ZipFile(sortie, "w") as ecrite:
        for membre in lue.infolist():
            contenu = lue.read(membre)
            if membre.filename in retouches:
                contenu = retouches[membre.filename](contenu.decode()).encode()
            neuf = zipfile.ZipInfo(membre.filename)
            neuf.compress_type, neuf.create_system = membre.compress_type, 0
            ecrite.writestr(neuf, contenu)
    return sortie.getvalue()


_RENDUS: Mapping[str, Callable[[Document, bytes], bytes]] = {
    "html": _rendre_html,
    "pdf": _rendre_pdf,
    "docx": _rendre_docx,
    "odt": _rendre_odt,
}
