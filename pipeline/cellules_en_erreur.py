"""Cells that a spreadsheet could not compute (« #N/A », « #REF! »), which calamine gives as empty ones.

In: a workbook. Out: one whose cells in error are texts that say which; or a refusal, of the old formats
that only a spreadsheet can save again. Then: where a column of texts has such an error.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.model import ErreurUtilisateur

ABIMEE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)

# As Excel and LibreOffice write them, in English or in French: « #N/D », « #DIV/0! », « #VALEUR ! », « Err:502 ».
_DEBUTS = ("#", "Err")
ERREUR = r"#N/[AD]|#[A-ZÀ-Ý_]+(?:/0)?\s?[!?]|#GETTING_DATA|Err\s?:\s?\d{3}"

# ECMA-376, part 1, § 18.18.11: the type « e » of a cell, and « str », a text computed.
_FEUILLE_OOXML = re.compile(r"xl/worksheets/[^/]+\.xml")
_OOXML = re.compile(rb"""(<(?:\w+:)?c\b[^>]*?\bt=)["']e["']""")
_SIGNE_OOXML = re.compile(rb"""\bt=["']e["']""")
# OpenDocument has no type for an error: LibreOffice says it beside the value, which is then empty or nil.
_OPENDOCUMENT = re.compile(rb"""<table:table-cell\b[^>]*?calcext:value-type="error"[^>]*>""")
_SIGNE_OPENDOCUMENT = re.compile(rb'calcext:value-type="error"')
_VALEUR_OPENDOCUMENT = re.compile(rb"""\s(?:office|calcext):(?:value-type|value|string-value)="[^"]*\"""")

# [MS-XLS] 2.4.24 BoolErr and 2.5.133 FormulaValue: a cell in error, and a formula whose last result is one.
_CODES = rb"[\x00\x07\x0f\x17\x1d\x24\x2a]"
_XLS = re.compile(
    rb"\x05\x02\x08\x00.{6}%b\x01|\x06\x00.{8}\x02.%b.{3}\xff\xff" % (_CODES, _CODES), re.DOTALL
)
# [MS-XLSB] 2.3.2: BrtCellError and BrtFmlaError.
_FEUILLE_XLSB = re.compile(r"xl/worksheets/[^/]+\.bin")
_XLSB = (3, 11)

_BLOC, _RECOUVREMENT = 1 << 20, 64  # bytes read at once, and those that two blocks share


def en_erreur(textes: pd.Series) -> pd.Series:
    """Where a text is the error of a spreadsheet, and nothing else; not where there is no text."""
    tous = pa.array(textes, type=pa.string(), from_pandas=True)
    debuts = [pc.starts_with(tous, debut) for debut in _DEBUTS]
    if not any(pc.any(debut).as_py() for debut in debuts):
        return pd.Series(False, index=textes.index)
    return textes.str.fullmatch(ERREUR).fillna(False).astype(bool)


def dites(path: Path) -> bytes:
    """The workbook itself, or a copy whose cells in error are texts; `ErreurUtilisateur` where it cannot be told.

    One of `ABIMEE` is raised by an archive that cannot be read.
    """
    octets = path.read_bytes()
    if not zipfile.is_zipfile(io.BytesIO(octets)):
        if _XLS.search(octets):
            raise _refus(path.name)
        return octets
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        if any(_en_binaire(archive.read(m)) for m in archive.namelist() if _FEUILLE_XLSB.fullmatch(m)):
            raise _refus(path.name)
        recrits = {m: texte for m in archive.namelist() if (texte := _recrit(archive, m)) is not None}
        return _refaite(archive, recrits) if recrits else octets


def _refus(nom: str) -> ErreurUtilisateur:
    return ErreurUtilisateur(
        f"Le classeur {nom} a des cellules en erreur (« #N/A », « #REF! »…), que son format ne permet pas de situer : "
        "l'ouvrir dans un tableur, les corriger ou l'enregistrer au format .xlsx."
    )


def _recrit(archive: zipfile.ZipFile, membre: str) -> bytes | None:
    """The sheet with its errors as texts; nothing where it has none, or is no sheet."""
    if _FEUILLE_OOXML.fullmatch(membre) and _contient(archive, membre, _SIGNE_OOXML):
        return _OOXML.sub(rb'\1"str"', archive.read(membre))
    if membre == "content.xml" and _contient(archive, membre, _SIGNE_OPENDOCUMENT):
        return _OPENDOCUMENT.sub(_texte_opendocument, archive.read(membre))
    return None


def _contient(archive: zipfile.ZipFile, membre: str, signe: re.Pattern[bytes]) -> bool:
    """Whether a member has a short text somewhere: block after block, a large sheet is not held for nothing."""
    fin = b""
    with archive.open(membre) as fichier:
        while bloc := fichier.read(_BLOC):
            if signe.search(fin + bloc):
                return True
            fin = bloc[-_RECOUVREMENT:]
    return False


def _texte_opendocument(cellule: re.Match[bytes]) -> bytes:
    nue = _VALEUR_OPENDOCUMENT.sub(b"", cellule[0])
    return nue.replace(b"<table:table-cell", b'<table:table-cell office:value-type="string"', 1)


def _refaite(archive: zipfile.ZipFile, recrits: dict[str, bytes]) -> bytes:
    copie = io.BytesIO()
    with zipfile.ZipFile(copie, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as refaite:
        for membre in archive.infolist():
            refaite.writestr(membre.filename, recrits.get(membre.filename) or archive.read(membre))
    return copie.getvalue()


def _en_binaire(octets: bytes) -> bool:
    """Whether a sheet of .xlsb has a cell in error."""
    return any(genre in _XLSB for genre in _enregistrements(octets))


def _enregistrements(octets: bytes) -> Iterator[int]:
    """The type of each record: one or two bytes, then a length by groups of seven bits ([MS-XLSB] 2.1.4)."""
    place, fin = 0, len(octets) - 1
    while place < fin:
        genre, place = octets[place], place + 1
        if genre & 0x80:
            genre, place = genre | octets[place] << 8, place + 1
        taille, rang = 0, 0
        while place <= fin:
            groupe, place = octets[place], place + 1
            taille, rang = taille | (groupe & 0x7F) << rang, rang + 7
            if not groupe & 0x80:
                break
        yield genre
        place += taille
