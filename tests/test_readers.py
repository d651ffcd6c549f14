"""Readers: what comes back is what was declared, and every row of the file is somewhere."""

import datetime
import struct
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import readers
from pipeline.conversions import en_nombre
from pipeline.model import ErreurUtilisateur
from pipeline.readers import (
    AUTRE_FEUILLE,
    AVANT_ENTETE,
    ENTETE_REPETE,
    LIGNE_VIDE,
    NOTE,
    TOTAL,
    comparable,
    lire_classeur,
    lire_csv,
)

ATTENDUES = ("N° dossier", "Décision", "Montant accordé")

EXPORT = """\
EXPORT FICTIF – LOGICIEL DE DÉMONSTRATION;;;
;;;
N° dossier;Nom usager;Décision;Montant accordé
D-001;Zorvalbec;Accord;12 500,00
D-002;Fictanor;Refus;

N° dossier;Nom usager;Décision;Montant accordé
D-003;Zorvalbec;Accord;8 000,00
Sous-total Zorvalbec;;;20 500,00
TOTAL;;;20 500,00
Édité le 12/03/2025 par Fictanor
"""


def ecrire(dossier: Path, texte: str, encodage: str = "utf-8", nom: str = "aides.csv") -> Path:
    chemin = dossier / nom
    chemin.write_bytes(texte.encode(encodage))
    return chemin


def erreur(lire, chemin: Path, attendues: tuple[str, ...] = ATTENDUES) -> str:
    with pytest.raises(ErreurUtilisateur) as refus:
        lire(chemin, attendues)
    phrase = str(refus.value)
    assert phrase.endswith("."), "an error is a sentence"
    assert "\n" not in phrase
    return phrase


# --- CSV: the same table whatever the form ---------------------------------------------------------


@pytest.mark.parametrize("encodage", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separateur", [";", ",", "\t"])
@pytest.mark.parametrize("fin_de_ligne", ["\n", "\r\n", "\r"])
def test_encoding_separator_and_line_ends_do_not_change_the_table(
    tmp_path, encodage, separateur, fin_de_ligne
):
    lignes = ["N° dossier|Décision|Montant accordé", 'D-001|Accord|"12 500,00"', 'D-002|Refus|"0,50"']
    texte = fin_de_ligne.join(lignes).replace("|", separateur)
    lecture = lire_csv(ecrire(tmp_path, texte, encodage), ATTENDUES)
    assert lecture.table.to_dict("list") == {
        "N° dossier": ["D-001", "D-002"],
        "Décision": ["Accord", "Refus"],
        "Montant accordé": ["12 500,00", "0,50"],
    }
    assert lecture.table.index.tolist() == [2, 3]


def test_a_separator_that_is_none_of_ours_is_told_as_such(tmp_path):
    lignes = ["|".join(ATTENDUES), *("|".join("x" for _ in ATTENDUES) for _ in range(3))]
    phrase = erreur(lire_csv, ecrire(tmp_path, "\n".join(lignes)))
    assert "ni point-virgule, ni virgule, ni tabulation ne sépare les colonnes" in phrase


def test_a_title_that_names_every_column_is_no_header(tmp_path):
    lignes = [" ".join(ATTENDUES), ";".join(ATTENDUES), ";".join("x" for _ in ATTENDUES)]
    assert len(lire_csv(ecrire(tmp_path, "\n".join(lignes)), ATTENDUES).table) == 1


def test_latin_1_accents_are_those_of_cp1252(tmp_path):
    lecture = lire_csv(ecrire(tmp_path, "Décision\nAccordé à l'été\n", "latin-1"), ("Décision",))
    assert lecture.table["Décision"].tolist() == ["Accordé à l'été"]


def test_cp1252_oe_and_typographic_apostrophe_are_read(tmp_path):
    lecture = lire_csv(ecrire(tmp_path, "Motif\nObsèques – l’œuvre\n", "cp1252"), ("Motif",))
    assert lecture.table["Motif"].tolist() == ["Obsèques – l’œuvre"]


def test_what_was_recognised_is_said_in_french(tmp_path):
    assert lire_csv(ecrire(tmp_path, EXPORT, "cp1252"), ATTENDUES).detecte == (
        "Windows (cp1252), séparateur point-virgule, 3 lignes lues, 7 mises de côté (avant l'en-tête : 2, "
        "ligne vide : 1, en-tête répété : 1, total ou sous-total : 2, note ou intertitre : 1)"
    )


@pytest.mark.parametrize("nom", ["DECISION", "décision", " Dé ci sion ", "Décision"])
def test_columns_are_found_whatever_case_accents_and_spaces_and_carry_the_expected_name(tmp_path, nom):
    chemin = ecrire(tmp_path, f"{nom};Autre\nAccord;x\n")
    assert lire_csv(chemin, ("Décision",)).table.to_dict("list") == {"Décision": ["Accord"]}


def test_columns_come_in_the_expected_order(tmp_path):
    lecture = lire_csv(ecrire(tmp_path, EXPORT), ("Montant accordé", "N° dossier"))
    assert list(lecture.table) == ["Montant accordé", "N° dossier"]
    assert lecture.table.iloc[0].tolist() == ["12 500,00", "D-001"]


def test_empty_cells_are_missing_and_cells_are_trimmed(tmp_path):
    lecture = lire_csv(ecrire(tmp_path, "a;b;c\n  x ;;\u00a0\n1;2;3\n"), ("a", "b", "c"))
    assert lecture.table.iloc[0, 0] == "x"
    assert lecture.table.iloc[0, 1:].isna().all()


def test_codes_keep_their_leading_zeros(tmp_path):
    lecture = lire_csv(ecrire(tmp_path, "code;n\n01001;1\n2A004;2\n"), ("code",))
    assert lecture.table["code"].tolist() == ["01001", "2A004"]


def test_a_quoted_text_may_hold_the_separator_quotes_and_line_breaks(tmp_path):
    texte = 'N° dossier;Observations;Décision\nD-1;"il a dit ""oui"";\r\npuis non";Accord\nD-2;;Refus\n'
    lecture = lire_csv(ecrire(tmp_path, texte), ("N° dossier", "Décision"))
    assert lecture.table["Décision"].tolist() == ["Accord", "Refus"]
    assert lecture.table.index.tolist() == [2, 4]


def test_an_inch_mark_inside_a_text_is_only_a_character(tmp_path):
    lecture = lire_csv(ecrire(tmp_path, 'a;b\n1;tube 12" et "neuf"\n2;x\n'), ("a", "b"))
    assert lecture.table["b"].tolist() == ['tube 12" et "neuf"', "x"]


# --- Nothing is lost -------------------------------------------------------------------------------


def test_header_data_and_rows_set_aside_are_all_the_rows_of_the_file(tmp_path):
    lecture = lire_csv(ecrire(tmp_path, EXPORT), ATTENDUES)
    assert lecture.table["N° dossier"].tolist() == ["D-001", "D-002", "D-003"]
    assert lecture.table.index.tolist() == [4, 5, 8]
    assert dict(zip(lecture.ecartees["ligne"], lecture.ecartees["motif"], strict=True)) == {
        1: AVANT_ENTETE,
        2: AVANT_ENTETE,
        6: LIGNE_VIDE,
        7: ENTETE_REPETE,
        9: TOTAL,
        10: TOTAL,
        11: NOTE,
    }
    entete = {3}
    assert {*lecture.table.index, *lecture.ecartees["ligne"]} | entete == set(range(1, 12))


def test_a_row_set_aside_tells_figures_never_words(tmp_path):
    lecture = lire_csv(ecrire(tmp_path, EXPORT), ATTENDUES)
    assert lecture.ecartees["contenu"].tolist() == ["", "", "", "", *["Montant accordé : 20 500,00"] * 2, ""]


def test_an_undeclared_column_is_nowhere(tmp_path):
    lecture = lire_csv(ecrire(tmp_path, EXPORT), ATTENDUES)
    tout = lecture.table.to_csv() + lecture.ecartees.to_csv() + lecture.detecte
    assert "Zorvalbec" not in tout
    assert "Fictanor" not in tout


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.sampled_from(["D-1;x;Accord;5", "", ";;;", "TOTAL;;;5", "Édité le jour", "D-2;y;Refus;"]),
        max_size=30,
    )
)
def test_whatever_the_rows_none_is_lost_and_none_is_read_twice(tmp_path_factory, lignes):
    texte = "\n".join(["N° dossier;Nom;Décision;Montant accordé", *lignes, ""])
    lecture = lire_csv(ecrire(tmp_path_factory.mktemp("lignes"), texte), ATTENDUES)
    assert sorted([*lecture.table.index, *lecture.ecartees["ligne"]]) == list(range(2, len(lignes) + 2))
    attendu = [ligne.split(";")[0] for ligne in lignes if ligne.startswith("D-")]
    assert lecture.table["N° dossier"].tolist() == attendu


@pytest.mark.parametrize(
    "ligne",
    [
        "TOTAL;;;5",
        "Total général :;;;5",
        "Sous-total;a;b;5",
        "sous total;;;",
        "Totaux;;;5",
        ";;Total;5",
        "Ensemble des dossiers;;;5",
        "Cumul 2024;;;5",
        "TOTAL",
    ],
)
def test_totals_are_set_aside(tmp_path, ligne):
    lecture = lire_csv(ecrire(tmp_path, f"a;b;c;d\n1;2;3;4\n{ligne}\n"), ("a", "b", "d"))
    assert lecture.ecartees["motif"].tolist() == [TOTAL]
    assert len(lecture.table) == 1


@pytest.mark.parametrize("ligne", ["Total Pacifique;x;y;5", "Totalement;x;;5", "Ensemble;x;y;5"])
def test_a_complete_row_that_starts_like_a_total_is_data(tmp_path, ligne):
    assert len(lire_csv(ecrire(tmp_path, f"a;b;c;d\n{ligne}\n"), ("a", "d")).table) == 1


def test_a_code_with_no_figure_is_data_not_a_note(tmp_path):
    assert len(lire_csv(ecrire(tmp_path, "code;n;p\n98817;;\n"), ("code", "n")).table) == 1


def test_fields_missing_at_the_end_matter_only_if_declared(tmp_path):
    chemin = ecrire(tmp_path, "a;b;observations\n1;2;x\n3;4\n")
    assert lire_csv(chemin, ("a", "b")).table["b"].tolist() == ["2", "4"]
    assert "la ligne 3 compte 2 champs au lieu de 3" in erreur(lire_csv, chemin, ("observations",))


def test_empty_fields_beyond_the_header_are_nothing(tmp_path):
    lecture = lire_csv(ecrire(tmp_path, "a;b\n1;2;;\n3;4\n"), ("a", "b"))
    assert lecture.table["b"].tolist() == ["2", "4"]


def test_a_header_alone_is_a_table_of_no_row(tmp_path):
    lecture = lire_csv(ecrire(tmp_path, "a;b"), ("a", "b"))
    assert lecture.table.empty
    assert list(lecture.table) == ["a", "b"]


# --- CSV: refusals ---------------------------------------------------------------------------------


def test_a_missing_file_is_named(tmp_path):
    assert "aides.csv n'existe pas" in erreur(lire_csv, tmp_path / "aides.csv")


def test_a_folder_is_not_a_file(tmp_path):
    assert "est un dossier" in erreur(lire_csv, tmp_path)


@pytest.mark.parametrize("contenu", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(tmp_path, contenu):
    (tmp_path / "aides.csv").write_bytes(contenu)
    assert "est vide" in erreur(lire_csv, tmp_path / "aides.csv")


@pytest.mark.parametrize(
    ("debut", "nature"),
    [
        (b"PK\x03\x04rest", "un classeur"),
        (b"\xd0\xcf\x11\xe0rest", "un ancien classeur"),
        (b"%PDF-1.7", "un document PDF"),
        (b"<!DOCTYPE html><table>", "une page web"),
        (b"PAR1rest", "un fichier Parquet"),
    ],
)
def test_what_is_no_csv_is_named_for_what_it_is(tmp_path, debut, nature):
    (tmp_path / "aides.csv").write_bytes(debut)
    assert f"Le fichier aides.csv est {nature}" in erreur(lire_csv, tmp_path / "aides.csv")


@pytest.mark.parametrize("contenu", [b"a;b\n1;\x00\n", "a;b\n1;2\n".encode("utf-16")])
def test_nul_bytes_and_utf_16_are_refused(tmp_path, contenu):
    (tmp_path / "aides.csv").write_bytes(contenu)
    assert "octets nuls" in erreur(lire_csv, tmp_path / "aides.csv")


def test_bytes_that_no_windows_text_holds_are_refused(tmp_path):
    (tmp_path / "aides.csv").write_bytes(b"D\x82cision;n\n\x90;1\n")
    assert "ni UTF-8 ni Windows" in erreur(lire_csv, tmp_path / "aides.csv")


def test_damaged_accents_are_refused_in_the_header_and_in_the_text(tmp_path):
    abime = "Décision".encode().decode("cp1252")
    assert "« DÃ©cision »" in erreur(lire_csv, ecrire(tmp_path, f"{abime};n\nx;1\n"), ("Décision",))
    chemin = ecrire(tmp_path, f"Motif;n\nx;1\n{abime};2\n")
    assert "(colonne « Motif », ligne 3)" in erreur(lire_csv, chemin, ("Motif",))


@pytest.mark.parametrize("texte", ["Ã la carte", "Âge", "SÃO", "à 5 € près"])
def test_capital_letters_with_a_tilde_or_circumflex_are_not_damage(tmp_path, texte):
    assert lire_csv(ecrire(tmp_path, f"a;b\n{texte};1\n"), ("a",)).table["a"].tolist() == [texte]


def test_an_absent_column_is_named_with_the_closest_one(tmp_path):
    chemin = ecrire(tmp_path, "N° dossier;Decisions;Montant accordé\n1;x;2\n")
    assert erreur(lire_csv, chemin) == (
        "La colonne « Décision » (la plus proche est « Decisions ») est absente du fichier aides.csv : "
        "corriger [colonnes] dans edition.toml."
    )


def test_every_absent_column_is_named_at_once(tmp_path):
    phrase = erreur(lire_csv, ecrire(tmp_path, "N° dossier;zzz\n1;2\n"))
    assert phrase == (
        "Les colonnes « Décision » (aucune ne lui ressemble), « Montant accordé » (aucune ne lui ressemble) "
        "sont absentes du fichier aides.csv : corriger [colonnes] dans edition.toml."
    )


def test_two_columns_for_one_name_are_refused(tmp_path):
    phrase = erreur(lire_csv, ecrire(tmp_path, "Décision;DECISION\nx;y\n"), ("Décision",))
    assert "2 colonnes se nomment « Décision »" in phrase


def test_two_undeclared_columns_may_share_a_name(tmp_path):
    assert len(lire_csv(ecrire(tmp_path, "a;x;x\n1;2;3\n"), ("a",)).table) == 1


def test_a_truncated_last_line_is_refused(tmp_path):
    phrase = erreur(lire_csv, ecrire(tmp_path, EXPORT.split("D-003")[0] + "D-003;Zorv"))
    assert "la ligne 8 compte 2 champs au lieu de 4 : le fichier est coupé" in phrase


def test_a_row_with_more_fields_than_the_header_is_refused(tmp_path):
    phrase = erreur(lire_csv, ecrire(tmp_path, "a;b\n1;2\n3;4;5\n"), ("a", "b"))
    assert "la ligne 3 compte 3 champs au lieu de 2 : un texte contient le séparateur" in phrase


@pytest.mark.parametrize(
    "fin",
    ['D-2;"x;Accord;5\n', 'D-2;x;Accord;"5', 'D-2;x;Accord;"5\n', '"', 'D-2;x;Accord;"5\nD-3;x;Accord;"5\n'],
)
def test_a_quote_never_closed_is_refused(tmp_path, fin):
    texte = "N° dossier;Nom;Décision;Montant accordé\nD-1;x;Accord;5\n" + fin
    assert "un guillemet ouvert à la ligne 3 n'est pas refermé" in erreur(lire_csv, ecrire(tmp_path, texte))


def test_a_quote_closed_far_below_has_swallowed_rows(tmp_path):
    texte = 'a;b;c\n1;2;"il a dit\n3;4;5\n6;7;"non\n8;9;10\n'
    phrase = erreur(lire_csv, ecrire(tmp_path, texte), ("a", "b"))
    assert "un guillemet ouvert à la ligne 2" in phrase


def test_a_quote_never_closed_in_a_large_file_is_refused(tmp_path):
    texte = 'a;b\n1;"x\n' + "du texte sans fin\n" * 100_000
    assert "un guillemet ouvert" in erreur(lire_csv, ecrire(tmp_path, texte), ("a", "b"))


# --- Workbooks -------------------------------------------------------------------------------------


def classeur(dossier: Path, feuilles: dict[str, list[list[object]]], fusions: tuple[str, ...] = ()) -> Path:
    livre = openpyxl.Workbook()
    livre.remove(livre.active)
    for nom, lignes in feuilles.items():
        feuille = livre.create_sheet(nom)
        for ligne in lignes:
            feuille.append(ligne)
        for fusion in fusions:
            feuille.merge_cells(fusion)
    livre.save(dossier / "aides.xlsx")
    return dossier / "aides.xlsx"


def test_cells_become_text_without_losing_anything(tmp_path):
    lignes = [
        ["code", "nombre", "jour", "heure", "oui"],
        ["04829", 4829, datetime.date(2024, 5, 13), datetime.datetime(2024, 5, 13, 10, 30), True],
        ["2A004", 1234.5, datetime.datetime(2024, 2, 29), datetime.time(8, 5), False],
        [98817, 0.1 + 0.2, None, None, None],
    ]
    table = lire_classeur(
        classeur(tmp_path, {"Données": lignes}), ("code", "nombre", "jour", "heure", "oui")
    ).table
    assert table["code"].tolist() == ["04829", "2A004", "98817"]
    assert table["nombre"].tolist() == ["4829", "1234.5", "0.3"]
    assert table["jour"].dropna().tolist() == ["2024-05-13", "2024-02-29"]
    assert table["heure"].dropna().tolist() == ["2024-05-13 10:30:00", "08:05:00"]
    assert table["oui"].dropna().tolist() == ["oui", "non"]
    assert table.index.tolist() == [2, 3, 4]


def test_a_number_cell_of_three_decimals_never_becomes_thousands(tmp_path):
    chemin = classeur(tmp_path, {"F": [["n", "m"], [1.234, 1], [2.345, 2]]})
    valeurs, illisibles = en_nombre(lire_classeur(chemin, ("n",)).table["n"])
    assert valeurs.tolist() == [1.234, 2.345]
    assert not illisibles.any()


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(-1e9, 1e9).map(lambda x: float(f"{x:.15g}")), min_size=1, max_size=30))
def test_any_number_cell_reads_back(tmp_path_factory, nombres):
    chemin = classeur(tmp_path_factory.mktemp("nombres"), {"F": [["n", "m"], *([x, "x"] for x in nombres)]})
    valeurs, illisibles = en_nombre(lire_classeur(chemin, ("n", "m")).table["n"])
    assert valeurs.tolist() == nombres
    assert not illisibles.any()


def test_damaged_accents_are_refused_in_a_workbook_too(tmp_path):
    abime = "Décision".encode().decode("cp1252")
    chemin = classeur(tmp_path, {"Mai": [["a", "b"], [abime, 1]], "Juin": [["a", "b"], ["x", 1]]})
    phrase = erreur(lire_classeur, chemin, ("a", "b"))
    assert "(feuille « Mai ») contient des accents abîmés (colonne « a », ligne 2)" in phrase


def test_one_sheet_a_month_is_one_table_and_rows_say_their_sheet(tmp_path):
    entete = ["N° dossier", "Décision", "Montant accordé"]
    chemin = classeur(
        tmp_path,
        {
            "Janvier": [["Aides de janvier"], [], entete, ["D-1", "Accord", 5], ["TOTAL", None, 5]],
            "Février": [entete, ["D-2", "Refus", None]],
            "Notice": [["Comment remplir ce classeur"], ["Une ligne par demande"]],
            "Vide": [],
        },
    )
    lecture = lire_classeur(chemin, ATTENDUES)
    assert lecture.table["N° dossier"].to_dict() == {"Janvier!4": "D-1", "Février!2": "D-2"}
    assert dict(zip(lecture.ecartees["ligne"], lecture.ecartees["motif"], strict=True)) == {
        "Janvier!1": AVANT_ENTETE,
        "Janvier!2": AVANT_ENTETE,
        "Janvier!5": TOTAL,
        "Notice!1": AUTRE_FEUILLE,
        "Notice!2": AUTRE_FEUILLE,
    }
    assert lecture.detecte.startswith(
        "classeur, feuilles « Janvier », « Février », 2 lignes lues, 5 mises de côté"
    )


def test_a_cell_merged_over_rows_holds_on_each_and_a_merged_title_is_one_cell(tmp_path):
    lignes = [["Aides de l'année", None, None], ["foyer", "dossier", "n"], ["F1", "D-1", 1], [None, "D-2", 2]]
    lecture = lire_classeur(classeur(tmp_path, {"F": lignes}, ("A1:C1", "A3:A4")), ("foyer", "dossier"))
    assert lecture.table["foyer"].tolist() == ["F1", "F1"]
    assert lecture.ecartees["motif"].tolist() == [AVANT_ENTETE]


def test_rows_keep_the_number_the_spreadsheet_shows_when_the_first_ones_are_blank(tmp_path):
    lecture = lire_classeur(classeur(tmp_path, {"F": [[], [], ["a", "b"], [1, 2]]}), ("a", "b"))
    assert lecture.table.index.tolist() == [4]


def test_a_sheet_that_lacks_one_column_is_an_error_not_a_sheet_set_aside(tmp_path):
    entete = ["N° dossier", "Décision", "Montant accordé"]
    chemin = classeur(
        tmp_path,
        {"Janvier": [entete, ["D-1", "Accord", 5]], "Février": [[*entete[:2], "Montant"], ["D-2", "x", 5]]},
    )
    phrase = erreur(lire_classeur, chemin)
    assert "« Montant accordé » (la plus proche est « Montant »)" in phrase
    assert "aides.xlsx (feuille « Février »)" in phrase


def test_no_sheet_with_the_columns_is_an_error(tmp_path):
    phrase = erreur(lire_classeur, classeur(tmp_path, {"F": [["dossier", "n"], [1, 2]]}))
    assert phrase.startswith("Les colonnes « N° dossier »")


def test_a_libreoffice_workbook_is_read_with_its_repeated_rows(tmp_path):
    def ligne(*cellules: str, repetee: int = 1) -> str:
        return (
            f'<table:table-row table:number-rows-repeated="{repetee}">{"".join(cellules)}</table:table-row>'
        )

    def cellule(texte: str, valeur: str = 'office:value-type="string"') -> str:
        return f"<table:table-cell {valeur}><text:p>{texte}</text:p></table:table-cell>"

    vide = '<table:table-cell table:number-columns-repeated="3"/>'
    nombre = 'office:value-type="float" office:value="12500"'
    jour = 'office:value-type="date" office:date-value="2024-05-13"'
    lignes = [
        ligne(cellule("Titre de la page")),
        ligne(vide, repetee=2),
        ligne(cellule("Décision"), cellule("Montant"), cellule("Jour")),
        ligne(cellule("Accord"), cellule("12 500", nombre), cellule("13/05/24", jour)),
        ligne(vide, repetee=1_048_570),
    ]
    espaces = " ".join(
        f'xmlns:{nom}="urn:oasis:names:tc:opendocument:xmlns:{nom}:1.0"'
        for nom in ("office", "table", "text")
    )
    with zipfile.ZipFile(tmp_path / "aides.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content {espaces} office:version="1.2"><office:body>'
            f'<office:spreadsheet><table:table table:name="F">{"".join(lignes)}</table:table></office:spreadsheet>'
            f"</office:body></office:document-content>",
        )
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    lecture = lire_classeur(tmp_path / "aides.ods", ("Décision", "Montant", "Jour"))
    assert lecture.table.to_dict("index") == {
        5: {"Décision": "Accord", "Montant": "12500", "Jour": "2024-05-13"}
    }
    assert lecture.ecartees["ligne"].tolist() == [1, 2, 3]


def test_a_workbook_without_cells_is_empty(tmp_path):
    assert "est vide" in erreur(lire_classeur, classeur(tmp_path, {"F": []}))


def test_a_workbook_renamed_csv_and_a_csv_renamed_workbook_are_refused(tmp_path):
    chemin = classeur(tmp_path, {"F": [["a"], [1]]}).rename(tmp_path / "a.csv")
    assert "a.csv est un classeur" in erreur(lire_csv, chemin)
    chemin = ecrire(tmp_path, EXPORT, nom="b.xlsx")
    assert "b.xlsx est un fichier texte (CSV), alors qu'un classeur" in erreur(lire_classeur, chemin)


@pytest.mark.parametrize("part", [0.3, 0.6, 0.99])
def test_a_truncated_workbook_is_refused(tmp_path, part):
    octets = classeur(tmp_path, {"F": [["a", "b"], *([[1, 2]] * 200)]}).read_bytes()
    (tmp_path / "coupe.xlsx").write_bytes(octets[: int(len(octets) * part)])
    assert "coupe.xlsx ne s'ouvre pas" in erreur(lire_classeur, tmp_path / "coupe.xlsx")


def test_an_encrypted_workbook_is_refused(tmp_path):
    (tmp_path / "secret.xlsx").write_bytes(_ole("EncryptionInfo", "EncryptedPackage"))
    assert "protégé par un mot de passe" in erreur(lire_classeur, tmp_path / "secret.xlsx")


def _ole(*flux: str) -> bytes:
    """A compound file with these streams of 4,096 zeros: the outside of an encrypted workbook."""
    libre, fin, fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    signe = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    entete = struct.pack("<8s16x5H6x9I", signe, 62, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, fin, 0, fin, 0)
    entete += struct.pack("<109I", 0, *[libre] * 108)
    chaine = [fat, fin]
    for rang in range(len(flux)):
        debut = 2 + 8 * rang
        chaine += [*range(debut + 1, debut + 8), fin]
    table = struct.pack("<128I", *chaine, *[libre] * (128 - len(chaine)))

    def entree(nom: str, genre: int, enfant: int, suivant: int, debut: int, taille: int) -> bytes:
        texte = nom.encode("utf-16-le")
        return struct.pack(
            "<64sHBBIII36xIQ", texte, len(texte) + 2, genre, 1, libre, suivant, enfant, debut, taille
        )

    annuaire = entree("Root Entry", 5, 1, libre, fin, 0)
    for rang, nom in enumerate(flux):
        suivant = rang + 2 if rang + 1 < len(flux) else libre
        annuaire += entree(nom, 2, libre, suivant, 2 + 8 * rang, 4096)
    return entete + table + annuaire.ljust(512, b"\0") + bytes(4096 * len(flux))


# --- Names -----------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=30))
def test_a_comparable_name_is_comparable_to_itself(nom):
    assert comparable(comparable(nom)) == comparable(nom)


def test_names_compare_without_case_accents_spaces_and_apostrophe_shape():
    assert comparable("Type  d’Aide") == comparable("TYPE D'AIDE")
    assert comparable("Né(e) le") == comparable("ne(e)le")
    assert comparable("Montant") != comparable("Montant accordé")


@pytest.mark.lent
def test_half_a_million_rows_are_read_in_seconds_and_counted(tmp_path):
    lignes = "".join(f"D-{i};Zorvalbec;Accord;12 500,00;allée Zorglube\n" for i in range(500_000))
    chemin = ecrire(tmp_path, "N° dossier;Nom;Décision;Montant accordé;Adresse\n" + lignes, "cp1252")
    lecture = lire_csv(chemin, ATTENDUES)
    assert len(lecture.table) == 500_000
    assert np.array_equal(lecture.table.index, np.arange(2, 500_002))


def test_a_file_changed_between_two_readings_is_read_again(tmp_path):
    chemin = tmp_path / "aides.csv"
    chemin.write_text("motif;montant\neau;10\n", encoding="utf-8")
    assert lire_csv(chemin, ("montant",)).table["montant"].tolist() == ["10"]
    chemin.write_text("motif;montant\neau;1234\n", encoding="utf-8")
    assert lire_csv(chemin, ("montant",)).table["montant"].tolist() == ["1234"]


def test_two_declarations_of_a_file_read_each_their_columns(tmp_path):
    chemin = tmp_path / "aides.csv"
    chemin.write_text("motif;montant\neau;10\n", encoding="utf-8")
    assert lire_csv(chemin, ("motif",)).table.to_dict("list") == {"motif": ["eau"]}
    assert lire_csv(chemin, ("montant", "motif")).table.to_dict("list") == {
        "montant": ["10"],
        "motif": ["eau"],
    }


def test_once_files_are_forgotten_no_cell_stays_in_memory(tmp_path):
    chemin = tmp_path / "aides.csv"
    chemin.write_text("motif;montant\neau;10\n", encoding="utf-8")
    lire_csv(chemin, ("motif",))
    assert readers._enregistrements.cache_info().currsize == 1
    readers.oublier_les_fichiers()
    assert [garde.cache_info().currsize for garde in (readers._enregistrements, readers._pages)] == [0, 0]
