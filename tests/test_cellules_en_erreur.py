"""A cell that a spreadsheet could not compute is a rejected row, never an empty cell."""

import datetime
import re
import zipfile

import openpyxl
import pandas as pd
import pytest

from pipeline.cellules_en_erreur import dites, en_erreur
from pipeline.edition import Fichier
from pipeline.ingest import examiner
from pipeline.model import ErreurUtilisateur
from pipeline.readers import EN_ERREUR, lire_classeur
from pipeline.sources.registre import SOURCES

TITRES = ("Montant", "Jour", "Nom")
ESPACES = " ".join(
    f'xmlns:{nom}="urn:oasis:names:tc:opendocument:xmlns:{nom}:1.0"' for nom in ("office", "table", "text")
)
CALC = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'


def classeur(dossier, *lignes):
    livre = openpyxl.Workbook()
    for ligne in lignes:
        livre.active.append(ligne)
    livre.save(dossier / "depot.xlsx")
    return dossier / "depot.xlsx"


def opendocument(dossier, *cellules):
    """A workbook of LibreOffice, of one row under its titles."""
    titres = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{titre}</text:p></table:table-cell>'
        for titre in TITRES
    )
    lignes = "".join(f"<table:table-row>{ligne}</table:table-row>" for ligne in (titres, "".join(cellules)))
    with zipfile.ZipFile(dossier / "depot.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content {ESPACES} {CALC} office:version="1.2"><office:body>'
            f'<office:spreadsheet><table:table table:name="F">{lignes}</table:table></office:spreadsheet>'
            "</office:body></office:document-content>",
        )
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return dossier / "depot.ods"


def cellule(valeur, texte):
    return f"<table:table-cell {valeur}><text:p>{texte}</text:p></table:table-cell>"


@pytest.mark.parametrize("texte", ["#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"])
def test_a_cell_of_excel_in_error_holds_its_error(tmp_path, texte):
    table = lire_classeur(classeur(tmp_path, TITRES, [texte, 12, "A"], [5, texte, texte]), TITRES).table
    assert table.to_numpy().tolist() == [[texte, "12", "A"], ["5", texte, texte]]


def test_a_formula_of_excel_whose_result_is_an_error_holds_it(tmp_path):
    chemin = classeur(tmp_path, TITRES, ["=1/0", "=A2", "A"], [1, 2, "B"])
    with zipfile.ZipFile(chemin) as archive:
        membres = {nom: archive.read(nom) for nom in archive.namelist()}
    feuille = "xl/worksheets/sheet1.xml"
    # what Excel writes once it has computed: the formula, and its last result
    calculee = b'<c r="A2" s="1" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
    membres[feuille], fois = re.subn(rb'<c r="A2".*?</c>', calculee, membres[feuille])
    assert fois == 1
    with zipfile.ZipFile(chemin, "w") as archive:
        for nom, octets in membres.items():
            archive.writestr(nom, octets)
    assert lire_classeur(chemin, TITRES).table["Montant"].tolist() == ["#DIV/0!", "1"]


def test_an_error_far_down_a_large_sheet_is_found(tmp_path):
    lignes = [
        [rang, "texte assez long pour que la feuille tienne en plusieurs blocs", "A"]
        for rang in range(12_000)
    ]
    table = lire_classeur(classeur(tmp_path, TITRES, *lignes, ["#N/A", 1, "B"]), TITRES).table
    assert table["Montant"].iloc[-1] == "#N/A"
    assert table["Montant"].eq("#N/A").sum() == 1


def test_cells_of_libreoffice_in_error_hold_their_error(tmp_path):
    """It writes an empty text, or a nil that one would read as an amount."""
    chemin = opendocument(
        tmp_path,
        cellule('office:value-type="float" office:value="0" calcext:value-type="error"', "#DIV/0!"),
        cellule('office:value-type="string" office:string-value="" calcext:value-type="error"', "#N/D"),
        cellule('office:value-type="string" calcext:value-type="string"', "A"),
    )
    assert lire_classeur(chemin, TITRES).table.to_numpy().tolist() == [["#DIV/0!", "#N/D", "A"]]


def test_a_workbook_without_errors_is_read_as_it_is(tmp_path):
    chemin = classeur(tmp_path, TITRES, [1, datetime.date(2025, 1, 2), "A"])
    assert dites(chemin) == chemin.read_bytes()


def test_a_text_that_looks_like_the_type_of_a_cell_is_a_text(tmp_path):
    chemin = classeur(tmp_path, TITRES, [1, '<c t="e">', "#N/A"])
    assert lire_classeur(chemin, TITRES).table.to_numpy().tolist() == [["1", '<c t="e">', "#N/A"]]


# BIFF8 records, by hand: BoolErr (row, column, format, code, it is an error), and a formula whose result is one.
BOOLERR = b"\x05\x02\x08\x00" + b"\x01\x00\x02\x00\x0f\x00" + b"\x2a\x01"
BOOLEEN = b"\x05\x02\x08\x00" + b"\x01\x00\x02\x00\x0f\x00" + b"\x01\x00"
FORMULE = (
    b"\x06\x00\x1b\x00" + b"\x01\x00\x02\x00\x0f\x00" + b"\x02\x00\x07\x00\x00\x00\xff\xff" + b"\x00" * 13
)


@pytest.mark.parametrize("enregistrement", [BOOLERR, FORMULE])
def test_an_old_workbook_with_a_cell_in_error_is_sent_back(tmp_path, enregistrement):
    (tmp_path / "depot.xls").write_bytes(b"\xd0\xcf\x11\xe0" + b"\x00" * 600 + enregistrement + b"\x00" * 600)
    with pytest.raises(
        ErreurUtilisateur, match=r"Le classeur depot\.xls a des cellules en erreur .* format \.xlsx\."
    ):
        lire_classeur(tmp_path / "depot.xls", TITRES)


def test_an_old_workbook_with_a_boolean_has_no_error(tmp_path):
    (tmp_path / "depot.xls").write_bytes(b"\xd0\xcf\x11\xe0" + BOOLEEN)
    assert dites(tmp_path / "depot.xls").endswith(BOOLEEN)


def binaire(dossier, *enregistrements):
    """A sheet of .xlsb: the type of each record, the length of what it holds, and that."""
    octets = b"".join(genre + taille + b"\x00" * place for genre, taille, place in enregistrements)
    with zipfile.ZipFile(dossier / "depot.xlsb", "w") as archive:
        archive.writestr("xl/worksheets/sheet1.bin", octets)
    return dossier / "depot.xlsb"


# BrtWsDim (148, in two bytes), BrtCellReal, a long record whose length takes two bytes
ORDINAIRES = ((b"\x94\x01", b"\x10", 16), (b"\x05", b"\x10", 16), (b"\x07", b"\x80\x02", 256))


@pytest.mark.parametrize("erreur", [(b"\x03", b"\x09", 9), (b"\x0b", b"\x10", 16)])
def test_a_binary_workbook_with_a_cell_in_error_is_sent_back(tmp_path, erreur):
    assert dites(binaire(tmp_path, *ORDINAIRES))
    with pytest.raises(ErreurUtilisateur, match="cellules en erreur"):
        dites(binaire(tmp_path, *ORDINAIRES, erreur))


def test_formulas_copied_below_the_data_are_no_rows_and_are_counted(tmp_path):
    """Under the last row, a spreadsheet often goes on computing: errors and nothing else, in one column or in all."""
    vides = [["#N/A", None, None], ["#N/A", "#REF!", "#N/A"], [None, None, "#REF!"]]
    lecture = lire_classeur(classeur(tmp_path, TITRES, [1, 2, "A"], *vides, [3, "#N/A", "B"]), TITRES)
    assert lecture.table["Montant"].tolist() == ["1", "3"]
    assert lecture.ecartees[["ligne", "motif"]].to_numpy().tolist() == [
        [3, EN_ERREUR],
        [4, EN_ERREUR],
        [5, EN_ERREUR],
    ]


def test_what_is_an_error_and_what_looks_like_one():
    textes = [
        "#N/A",
        "#N/D",
        "#VALEUR !",
        "#DIV/0!",
        "#NOM?",
        "Err:502",
        "#3",
        "# urgent !",
        "N/A",
        "voir #REF! ici",
    ]
    assert en_erreur(pd.Series(textes, dtype="string")).tolist() == [True] * 6 + [False] * 4
    assert en_erreur(pd.Series(["a", None], dtype="string")).tolist() == [False, False]


def test_a_cell_in_error_of_a_deposit_is_a_reject_and_makes_nobody(tmp_path):
    """An amount, a day, a code and a name: each says its line, its column and its value; the rest is loaded."""
    titres = ("N°", "Foyer", "Nom", "Prénom", "Né le", "Le", "Motif", "Montant")
    colonnes = ("numero", "foyer", "nom", "prenom", "naissance", "date_demande", "motif", "montant_demande")
    bonne = [1, 1, "Blorp", "Ana", "01/02/1980", "05/01/2025", "energie", 100]
    fautives = {5: "#N/A", 7: "#DIV/0!", 6: "#REF!", 2: "#N/A"}
    lignes = [
        [rang, rang, *(fautives.get(place) if place == fautive else bonne[place] for place in range(2, 8))]
        for rang, fautive in enumerate(fautives, 2)
    ]
    chemin = classeur(tmp_path, titres, bonne, *lignes)
    [demandes] = [source for source in SOURCES if source.id == "ccas_demandes"]
    fichier = Fichier(
        source="ccas_demandes", chemin="depot.xlsx", colonnes=dict(zip(colonnes, titres, strict=True))
    )
    lot = examiner(demandes, fichier, chemin, b"cle" * 11)
    vus = lot.rejets[lot.rejets["regle"] == "erreur de formule du tableur"]
    assert vus[["ligne", "colonne", "valeur"]].to_numpy().tolist() == [
        [3, "date_demande", "#N/A"],
        [4, "montant_demande", "#DIV/0!"],
        [5, "motif", "#REF!"],
        [6, "nom", "#N/A"],
    ]
    assert (lot.qualite["lignes_lues"], lot.qualite["lignes_chargees"], lot.qualite["lignes_rejetees"]) == (
        5,
        1,
        4,
    )
