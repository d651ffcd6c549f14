"""The files as real products write them: flat exports, tab-separated extractions, workbooks.

In: frames of true facts in our columns and codes, and how the software shows them (`Export`). Out: text or
dated cells under the software's titles, and files whose bytes depend on nothing but what they hold.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter

TITRES = ("EXPORT FICTIF – LOGICIEL DE DÉMONSTRATION", "Personnes, adresses et montants inventés")
_DATE_FIXE = datetime.datetime(2026, 1, 1)  # workbooks and zip archives carry the day they were made


@dataclass(frozen=True)
class Export:
    """How the software shows one of our tables: the file, our column → its title, its codes → ours."""

    source: str
    fichier: str
    colonnes: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Feuille:
    """One sheet: its name, the title lines above its header, its cells, its last row."""

    nom: str
    titres: Sequence[str]
    table: pd.DataFrame
    total: Sequence[Any] = ()


# ------------------------------------------------------------------------------------ facts to cells


def montrer(export: Export, table: pd.DataFrame) -> pd.DataFrame:
    """The declared columns that `table` has, under the software's titles and codes; dates stay dates."""
    montrees = {}
    for notre, leur in export.colonnes.items():
        if notre in table:
            libelles = {code: libelle for libelle, code in export.codes.get(notre, {}).items()}
            montrees[leur] = table[notre].map(libelles) if libelles else table[notre]
    return pd.DataFrame(montrees, index=table.index)


def dates_en_texte(table: pd.DataFrame) -> pd.DataFrame:
    """The same, dates written « 31/12/2025 »."""
    jours = [nom for nom in table if pd.api.types.is_datetime64_dtype(table[nom])]
    return table.assign(**{nom: une_fois(table[nom], "{:%d/%m/%Y}".format) for nom in jours})


def une_fois(valeurs: pd.Series, ecrire: Callable[[Any], str]) -> pd.Series:
    """Write each distinct value once; what is missing stays so."""
    codes, distinctes = pd.factorize(valeurs)
    textes = pd.Series([ecrire(valeur) for valeur in distinctes], dtype="str")
    return textes.reindex(codes).set_axis(valeurs.index)


def milliers(montant: int) -> str:
    """« 12 500 », with no-break spaces."""
    return f"{montant:,}".replace(",", "\u00a0")


def centimes(montant: float) -> str:
    """« 1 234,50 »."""
    entier, _, decimales = f"{montant:.2f}".partition(".")
    return f"{milliers(int(entier))},{decimales}"


# --------------------------------------------------------------------------------------------- files


def ecrire_csv(chemin: Path, titres: Sequence[str], table: pd.DataFrame, total: Mapping[str, str]) -> None:
    """Title lines, header, rows and a totals row, in cp1252 with semicolons."""
    with chemin.open("w", encoding="cp1252", newline="") as fichier:
        fichier.writelines(f"{ligne}\r\n" for ligne in (*titres, ""))
        table.to_csv(fichier, sep=";", index=False, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
        fichier.write(";".join(total.get(nom, "") for nom in table) + "\r\n")


def ecrire_tabule(chemin: Path, table: pd.DataFrame) -> None:
    """A header and rows, in UTF-8 with tabulations."""
    table.to_csv(chemin, sep="\t", index=False, lineterminator="\n", encoding="utf-8")


def ecrire_classeur(chemin: Path, feuilles: Sequence[Feuille]) -> None:
    """A workbook of several sheets, each under a merged title; the same bytes for the same cells."""
    classeur = Workbook()
    classeur.remove(classeur.active)
    for feuille in feuilles:
        _ecrire_feuille(classeur, feuille)
    classeur.properties.created = classeur.properties.modified = _DATE_FIXE
    tampon = io.BytesIO()
    ExcelWriter(classeur, ZipFile(tampon, "w")).save()
    with ZipFile(tampon) as lu, ZipFile(chemin, "w") as ecrit:
        for nom in lu.namelist():
            membre = ZipInfo(nom, _DATE_FIXE.timetuple()[:6])
            membre.compress_type = ZIP_DEFLATED
            ecrit.writestr(membre, lu.read(nom))


def _ecrire_feuille(classeur: Workbook, feuille: Feuille) -> None:
    page = classeur.create_sheet(feuille.nom)
    derniere = get_column_letter(len(feuille.table.columns))
    for titre in feuille.titres:
        page.append([titre])
        page.cell(page.max_row, 1).font = Font(bold=True)
    # one range a sheet: openpyxl writes several in no order
    page.merge_cells(f"A1:{derniere}1")
    page.append(list(feuille.table.columns))
    premiere = page.max_row + 1
    for ligne in _cellules(feuille.table):
        page.append(ligne)
    for rang, nom in enumerate(feuille.table.columns, 1):
        if pd.api.types.is_datetime64_dtype(feuille.table[nom]):
            for (cellule,) in page.iter_rows(premiere, page.max_row, rang, rang):
                cellule.number_format = "DD/MM/YYYY"
    if feuille.total:
        page.append(list(feuille.total))


def _cellules(table: pd.DataFrame) -> list[list[Any]]:
    """Rows of plain values: dates, numbers, text, nothing where it is unknown."""
    colonnes = []
    for nom in table:
        valeurs = table[nom]
        if pd.api.types.is_datetime64_dtype(valeurs):
            jours = valeurs.dt.date.astype(object)
            colonnes.append(jours.where(valeurs.notna(), None).tolist())
        else:
            colonnes.append([None if pd.isna(valeur) else valeur for valeur in valeurs.tolist()])
    return [list(ligne) for ligne in zip(*colonnes, strict=True)]
