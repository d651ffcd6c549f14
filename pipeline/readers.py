"""Files as they come → the declared columns, as text, with the line a person sees.

In: a path and the raw column names expected in it. Out: a `Lecture`: data rows, rows set aside with
the reason, and what was recognised, in French. Columns that are not expected never leave the file.
`conversions` then turns text into values.
"""

from __future__ import annotations

import csv
import datetime
import difflib
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, islice
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from pipeline import cellules_en_erreur
from pipeline.model import ErreurUtilisateur, Lecture
from pipeline.report.nombres import nombre

LIGNES_AVANT_ENTETE = 30
SEPARATEURS = {";": "point-virgule", ",": "virgule", "\t": "tabulation"}
ENCODAGES = {"utf-8-sig": "UTF-8 avec BOM", "utf-8": "UTF-8", "cp1252": "Windows (cp1252)"}

AVANT_ENTETE = "avant l'en-tête"
LIGNE_VIDE = "ligne vide"
TOTAL = "total ou sous-total"
ENTETE_REPETE = "en-tête répété"
NOTE = "note ou intertitre"
EN_ERREUR = "formules en erreur, sans autre donnée"
AUTRE_FEUILLE = "feuille sans les colonnes attendues"

_TEXTE = "un fichier texte (CSV)"
_CLASSEUR = "un classeur (ou une archive zip)"
_ANCIEN_CLASSEUR = "un ancien classeur .xls ou un fichier protégé par mot de passe"
_PARQUET = "un fichier Parquet"
_NATURES = {
    b"PK\x03\x04": _CLASSEUR,
    b"\xd0\xcf\x11\xe0": _ANCIEN_CLASSEUR,
    b"PAR1": _PARQUET,
    b"%PDF": "un document PDF",
    b"<": "une page web (ou un fichier XML)",
}

# A file with NUL bytes is refused first, so nothing in it can be taken for this mark of its end.
_FIN = "\0fin"
_LIGNES_PAR_BLOC = 5_000
_BLOC = 1 << 23  # bytes of a CSV file read at once
_DEBUT_TOTAL = re.compile(r"(?:sous[ -]?)?tota(?:l|ux)\b|cumul\b|ensemble\b", re.IGNORECASE)
_TOTAL_SEUL = re.compile(
    r"(?:(?:sous[ -]?)?total(?: g[ée]n[ée]ral| (?:de la )?page)?|totaux)\s*:?", re.IGNORECASE
)
_DEUX_MOTS = re.compile(r"\w+\W+\w+")
_QUANTITE = re.compile(r"-?\d[\d\s.,]*")
# What UTF-8 looks like once it was read as cp1252: « Ã© » for é, « Â° » for °, « â€™ » for ’.
_ACCENTS_ABIMES = "Ã[\u0080-\u00bfŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]|Â[\u00a0-\u00bf]|â€|\ufffd"
# A number cell that would read as thousands once in text: one more zero keeps it a decimal.
_MILLIERS_POSSIBLES = re.compile(r"^(-?[1-9]\d{0,2}\.\d{3})$")


@lru_cache(maxsize=10_000)  # the same titles are compared with every expected name, sheet after sheet
def comparable(texte: str) -> str:
    """What two spellings of a name have in common: no case, accents, spaces or shape of apostrophe."""
    if texte.isascii():
        return "".join(texte.casefold().split())
    decompose = unicodedata.normalize("NFKD", texte.replace("’", "'")).casefold()
    return "".join(c for c in decompose if not unicodedata.combining(c) and not c.isspace())


@dataclass(frozen=True)
class _Entete:
    """A header: its rank among the rows (from 0), its cells, the expected columns and where they are."""

    rang: int
    cellules: list[str]
    attendues: tuple[str, ...]
    positions: tuple[int, ...]


@dataclass(frozen=True)
class _Etat:
    """A file as it is on the disk: read again when its size or its hour changes."""

    path: Path
    heure: int
    taille: int


@dataclass(frozen=True)
class _Lignes:
    """All the rows of a file or sheet, in order, header and titles included.

    `cellules`: trimmed text, nothing where empty, as wide as the header; each column keeps a text once,
    and says where it is. `numeros`: the line each row starts on. `longueurs`: how many fields were found in
    the rows of another width, by rank.
    """

    cellules: pa.Table
    numeros: np.ndarray
    longueurs: dict[int, int]


def lire_csv(path: Path, attendues: tuple[str, ...]) -> Lecture:
    """Read a CSV file: encoding, separator and header line are found, rows that are no data set aside.

    Encoding: byte order mark, else strict UTF-8, else cp1252 (which holds all of latin-1's letters).
    Separator and header: the line, among the first 30, that names most of the expected columns.
    `ErreurUtilisateur` on anything that could only be read by guessing.
    """
    _refuser_sauf(path, _TEXTE)
    encodage = _encodage(_etat(path))
    separateur, entete = _reconnaitre(path, encodage, attendues)
    lignes = _enregistrements(_etat(path), encodage, separateur, len(entete.cellules))
    table, ecartees = _trier(path.name, lignes, entete)
    detecte = f"{ENCODAGES[encodage]}, séparateur {SEPARATEURS[separateur]}, {_resume(table, ecartees)}"
    return Lecture(table, ecartees, detecte)


def oublier_les_fichiers() -> None:
    """Forget the cells of the last files read, and give their memory back.

    Several declarations of one file read it once, a run apart.
    """
    for gardes in (_encodage, _enregistrements, _pages):
        gardes.cache_clear()
    pa.default_memory_pool().release_unused()


def lire_classeur(path: Path, attendues: tuple[str, ...]) -> Lecture:
    """Read a workbook (.xlsx, .xlsb, .ods, .xls): all the sheets that hold the columns, as one table.

    A cell merged over several rows counts for each of them; one that could not be computed holds its error
    (« #N/A »). A sheet that holds more than half of the columns, not all, is an error; other
    sheets are set aside. When several sheets hold something, the index `ligne` is « feuille!ligne ».
    `ErreurUtilisateur` when no sheet fits, or if the workbook is truncated or encrypted.
    """
    _refuser_sauf(path, _CLASSEUR, _ANCIEN_CLASSEUR)
    feuilles = _feuilles(path)
    entetes = {nom: _entete_de_feuille(path.name, nom, feuilles[nom], attendues) for nom in feuilles}
    retenues = {nom: entete for nom, entete in entetes.items() if entete}
    if not retenues:
        debuts = [ligne for feuille in feuilles.values() for ligne in feuille.debut]
        _refuser_colonnes_absentes(path.name, _meilleure_ligne(debuts, attendues)[1], attendues)
    tries = {nom: _trier_feuille(path.name, nom, feuilles, entete) for nom, entete in retenues.items()}
    table = pd.concat([gardees for gardees, _ in tries.values()])
    autres = pd.concat(
        [tries[nom][1] if nom in tries else feuilles[nom].ecartee for nom in feuilles],
        ignore_index=True,
    )
    return Lecture(table, autres, f"classeur, {_nommer(list(retenues))}, {_resume(table, autres)}")


def _nommer(feuilles: Sequence[str]) -> str:
    """« feuilles « Janvier », « Février » »; of many, as one sheet a month, the first, the last and how many."""
    noms = [f"« {nom} »" for nom in feuilles]
    if len(noms) > 4:
        return f"{len(noms)} feuilles, de {noms[0]} à {noms[-1]}"
    return f"{'feuilles' if len(noms) > 1 else 'feuille'} {', '.join(noms)}"


# --- The file itself -------------------------------------------------------------------------------


def _refuser_sauf(path: Path, *admises: str) -> None:
    """Refuse a file that is missing, empty, unreadable, or not what its name announces."""
    if not path.exists():
        raise ErreurUtilisateur(f"Le fichier {path} n'existe pas : vérifier son nom dans edition.toml.")
    if path.is_dir():
        raise ErreurUtilisateur(f"{path} est un dossier : nommer dans edition.toml le fichier à lire.")
    try:
        with path.open("rb") as fichier:
            debut = fichier.read(1024).removeprefix(b"\xef\xbb\xbf").lstrip()
    except OSError as erreur:
        raise ErreurUtilisateur(
            f"Le fichier {path} ne peut pas être ouvert : le fermer s'il l'est dans un autre logiciel, "
            "sinon vérifier ses droits."
        ) from erreur
    if not debut:
        raise ErreurUtilisateur(f"Le fichier {path.name} est vide : refaire l'export.")
    nature = next((nature for signe, nature in _NATURES.items() if debut.startswith(signe)), _TEXTE)
    if nature not in admises:
        raise ErreurUtilisateur(
            f"Le fichier {path.name} est {nature}, alors qu'{admises[0]} est attendu : "
            f"l'ouvrir dans un tableur et l'enregistrer au format que son nom annonce."
        )


def _etat(path: Path) -> _Etat:
    etat = path.stat()
    return _Etat(path, etat.st_mtime_ns, etat.st_size)


@lru_cache(maxsize=1)
def _encodage(etat: _Etat) -> str:
    """The first of byte order mark, UTF-8, cp1252 in which the whole file can be read."""
    path = etat.path
    with path.open("rb") as fichier:
        avec_bom = fichier.read(3) == b"\xef\xbb\xbf"
    for encodage in ("utf-8-sig",) if avec_bom else ("utf-8", "cp1252"):
        if _se_lit(path, encodage):
            return encodage
    raise ErreurUtilisateur(
        f"L'encodage du fichier {path.name} n'est ni UTF-8 ni Windows (cp1252) : "
        f"l'enregistrer de nouveau au format « CSV UTF-8 »."
    )


def _se_lit(path: Path, encodage: str) -> bool:
    """Whether the whole file is text in this encoding; refuse NUL, which no text holds."""
    try:
        with path.open("rb") as fichier:
            # whole lines: no letter is cut in two
            while bloc := fichier.read(1 << 18) + fichier.readline():
                if b"\0" in bloc:
                    raise ErreurUtilisateur(
                        f"Le fichier {path.name} contient des octets nuls (fichier abîmé, ou texte UTF-16) : "
                        f"l'enregistrer de nouveau au format « CSV UTF-8 »."
                    )
                bloc.decode(encodage)
    except UnicodeDecodeError:
        return False
    return True


def _refuser_accents_abimes(
    fichier: str, noms: tuple[str, ...], colonnes: list[pa.ChunkedArray], numeros: np.ndarray
) -> None:
    """Refuse text that had been through the wrong encoding before it reached us."""
    textes = pa.chunked_array([colonne.combine_chunks().dictionary for colonne in colonnes], pa.string())
    if not pc.any(pc.match_substring_regex(textes, _ACCENTS_ABIMES)).as_py():
        return
    for nom, colonne in zip(noms, colonnes, strict=True):
        abimes = _vrais(colonne, lambda textes: pc.match_substring_regex(textes, _ACCENTS_ABIMES))
        if abimes.any():
            raise ErreurUtilisateur(
                f"Le fichier {fichier} contient des accents abîmés (colonne « {nom} », "
                f"ligne {numeros[abimes.argmax()]}) : deux encodages ont été mélangés, refaire l'export en UTF-8."
            )


# --- The header ------------------------------------------------------------------------------------


def entete_csv(path: Path, attendues: tuple[str, ...]) -> list[str]:
    """The cells of the header of a CSV file: the line that names most of the expected columns."""
    _refuser_sauf(path, _TEXTE)
    _, debut = _separer(path, _encodage(_etat(path)), attendues)
    return _meilleure_ligne(debut, attendues)[1]


def _reconnaitre(path: Path, encodage: str, attendues: tuple[str, ...]) -> tuple[str, _Entete]:
    """The separator under which one of the first lines names most of the expected columns, and that line."""
    separateur, debut = _separer(path, encodage, attendues)
    _refuser_separateur(path.name, debut, attendues)
    return separateur, _entete(path.name, debut, attendues)


def _refuser_separateur(fichier: str, debut: list[list[str]], attendues: tuple[str, ...]) -> None:
    """Refuse a header that stands whole in one cell: what separates its names is no separator of ours."""
    _, entete = _meilleure_ligne(debut, attendues)
    if len(attendues) < 2 or _reconnues(entete, attendues):
        return
    noms = [comparable(nom) for nom in attendues]
    for cellule in chain.from_iterable(debut):
        if all(nom in comparable(cellule) for nom in noms):
            raise ErreurUtilisateur(
                f"Dans le fichier {fichier}, ni point-virgule, ni virgule, ni tabulation ne sépare les colonnes "
                f"(« {cellule[:40]}… ») : refaire l'export avec le point-virgule, ou déposer le classeur."
            )


def _separer(path: Path, encodage: str, attendues: tuple[str, ...]) -> tuple[str, list[list[str]]]:
    """The separator that makes most of the expected columns, and the first rows cut by it."""
    with path.open(encoding=encodage, newline="") as fichier:
        texte = list(islice(fichier, LIGNES_AVANT_ENTETE))
    debuts = {separateur: _decouper(texte, separateur) for separateur in SEPARATEURS}

    def score(separateur: str) -> tuple[int, int]:
        _, cellules = _meilleure_ligne(debuts[separateur], attendues)
        return _reconnues(cellules, attendues), len(cellules)

    separateur = max(SEPARATEURS, key=score)
    return separateur, debuts[separateur]


def _decouper(texte: Iterable[str], separateur: str) -> list[list[str]]:
    """Trimmed cells of each record; none if a field is longer than any text could be (128 KB)."""
    try:
        return [[cellule.strip() for cellule in ligne] for ligne in csv.reader(texte, delimiter=separateur)]
    except csv.Error:
        return []


def _entete(fichier: str, debut: list[list[str]], attendues: tuple[str, ...]) -> _Entete:
    """The header among the first rows; `ErreurUtilisateur` if it does not hold every expected column."""
    rang, cellules = _meilleure_ligne(debut, attendues)
    return _Entete(rang, cellules, attendues, _positions(fichier, cellules, attendues))


def _meilleure_ligne(lignes: list[list[str]], attendues: tuple[str, ...]) -> tuple[int, list[str]]:
    """Rank and cells of the row that names most of the expected columns, else of the fullest one."""
    noms = [comparable(nom) for nom in attendues]

    def score(rang: int) -> tuple[int, int, int]:
        presentes = set(map(comparable, lignes[rang]))
        return sum(nom in presentes for nom in noms), sum(map(bool, lignes[rang])), -rang

    rang = max(range(len(lignes)), key=score, default=None)
    return (0, []) if rang is None else (rang, lignes[rang])


def _reconnues(cellules: Iterable[str], attendues: tuple[str, ...]) -> int:
    """How many of the expected columns these cells name."""
    presentes = set(map(comparable, cellules))
    return sum(comparable(nom) in presentes for nom in attendues)


def _positions(fichier: str, cellules: list[str], attendues: tuple[str, ...]) -> tuple[int, ...]:
    """Where each expected column is; refuse damaged, absent and doubled names."""
    if abimee := next((cellule for cellule in cellules if re.search(_ACCENTS_ABIMES, cellule)), None):
        raise ErreurUtilisateur(
            f"L'en-tête du fichier {fichier} contient des accents abîmés (« {abimee} ») : "
            f"deux encodages ont été mélangés, refaire l'export en UTF-8."
        )
    rangs = defaultdict(list)
    for rang, cellule in enumerate(cellules):
        rangs[comparable(cellule)].append(rang)
    if any(comparable(nom) not in rangs for nom in attendues):
        _refuser_colonnes_absentes(fichier, cellules, attendues)
    for nom in attendues:
        if len(doubles := rangs[comparable(nom)]) > 1:
            raise ErreurUtilisateur(
                f"Dans le fichier {fichier}, {len(doubles)} colonnes se nomment « {nom} » "
                f"(à la casse et aux accents près) : renommer ou supprimer celle qui est en trop."
            )
    return tuple(rangs[comparable(nom)][0] for nom in attendues)


def _refuser_colonnes_absentes(fichier: str, cellules: list[str], attendues: tuple[str, ...]) -> None:
    """Name every absent column, each with the closest name of the file that is not taken."""
    presentes = {comparable(cellule): cellule for cellule in cellules if cellule}
    libres = presentes.keys() - set(map(comparable, attendues))
    phrases = []
    for absente in (nom for nom in attendues if comparable(nom) not in presentes):
        proches = difflib.get_close_matches(comparable(absente), sorted(libres), n=1)
        suite = f"la plus proche est « {presentes[proches[0]]} »" if proches else "aucune ne lui ressemble"
        phrases.append(f"« {absente} » ({suite})")
    sujet = "La colonne" if len(phrases) == 1 else "Les colonnes"
    verbe = "est absente" if len(phrases) == 1 else "sont absentes"
    raise ErreurUtilisateur(
        f"{sujet} {', '.join(phrases)} {verbe} du fichier {fichier} : corriger [colonnes] dans edition.toml."
    )


# --- The rows --------------------------------------------------------------------------------------


@lru_cache(maxsize=1)  # an export declared for several sources is read once
def _enregistrements(etat: _Etat, encodage: str, separateur: str, largeur: int) -> _Lignes:
    """Every record of a CSV file, with the line it starts on; refuse a quote that is never closed."""
    path = etat.path
    regulieres, textes = _lire_arrow(path, encodage, separateur, largeur)
    autres = [_decouper(texte.splitlines(keepends=True), separateur)[0] for texte in textes.values()]
    toutes = _intercaler(regulieres, autres, list(textes)) if autres else _codees(regulieres)
    hauteurs = np.ones(toutes.num_rows, dtype="int64")
    for colonne in toutes.columns:
        if pc.any(pc.match_substring(colonne.combine_chunks().dictionary, "\n")).as_py():
            sauts = _par_texte(colonne, lambda textes: pc.count_substring(textes, "\n"))
            hauteurs += sauts.fill_null(0).to_numpy()
    numeros = np.cumsum(hauteurs) - hauteurs + 1
    if hauteurs.max() > 1:
        _refuser_lignes_avalees(path.name, toutes, numeros, separateur)
    _refuser_fin_ouverte(path, encodage, separateur, int(numeros[-1]))
    longueurs = {rang: _longueur(ligne, largeur) for rang, ligne in zip(textes, autres, strict=True)}
    return _Lignes(_propre(toutes), numeros, longueurs)


def _codees(table: pa.Table) -> pa.Table:
    """Every column as its distinct texts, each once, and where they are."""
    codees = [colonne.dictionary_encode() for colonne in table.columns]
    return pa.table(codees, table.column_names).combine_chunks()


def _par_texte(colonne: pa.ChunkedArray, lire: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """What a function says of each distinct text, where that text is; nothing where there is none."""
    codee = colonne.combine_chunks()
    return lire(codee.dictionary).take(codee.indices)


def _vrais(colonne: pa.ChunkedArray, juger: Callable[[pa.Array], pa.Array]) -> np.ndarray:
    """Where a judgement of texts holds."""
    return _par_texte(colonne, juger).fill_null(False).to_numpy(zero_copy_only=False)


def _longueur(cellules: list[str], largeur: int) -> int:
    """Fields of a row; empty ones beyond the header's do not count."""
    remplies = max((rang for rang, cellule in enumerate(cellules, 1) if cellule), default=0)
    return max(min(len(cellules), largeur), remplies)


def _lire_arrow(path: Path, encodage: str, separateur: str, largeur: int) -> tuple[pa.Table, dict[int, str]]:
    """Records of the given width, columns named by position, and the text of the other ones by rank.

    Arrow keeps each distinct text once a block: a file of codes and dates takes half of its size.
    """
    autres: dict[int, str] = {}

    def noter(ligne: pyarrow.csv.InvalidRow) -> str:
        autres[ligne.number - 1] = ligne.text
        return "skip"

    noms = [str(rang) for rang in range(largeur)]
    # One thread: only then does Arrow know the number of a row it skips.
    lecture = pyarrow.csv.ReadOptions(
        use_threads=False, block_size=_BLOC, encoding=encodage.removesuffix("-sig"), column_names=noms
    )
    forme = pyarrow.csv.ParseOptions(
        delimiter=separateur, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=noter
    )
    types = dict.fromkeys(noms, pa.dictionary(pa.int32(), pa.string()))
    texte = pyarrow.csv.ConvertOptions(column_types=types, strings_can_be_null=True, null_values=[""])
    try:
        return pyarrow.csv.read_csv(path, lecture, forme, texte), autres
    except pa.ArrowInvalid as erreur:  # a single record longer than a block
        raise _guillemet_ouvert(path.name) from erreur


def _intercaler(regulieres: pa.Table, autres: list[list[str]], rangs: list[int]) -> pa.Table:
    """Put the rows of another width back in their place, cut or filled up with nothing."""
    largeur = regulieres.num_columns
    ajustees = [(ligne + [""] * largeur)[:largeur] for ligne in autres]
    colonnes = [pa.array(colonne, pa.string()).dictionary_encode() for colonne in zip(*ajustees, strict=True)]
    total = regulieres.num_rows + len(autres)
    ordre = np.argsort(np.append(rangs, np.delete(np.arange(total), rangs)))
    toutes = _codees(pa.concat_tables([pa.table(colonnes, regulieres.column_names), regulieres]))
    # titles come first: most often, every row is in its place
    return toutes if rangs[-1] < len(rangs) else toutes.take(ordre)


def _propre(table: pa.Table) -> pa.Table:
    """Trimmed text, nothing where a cell is empty."""
    return pa.table([_colonne_propre(colonne) for colonne in table.columns], table.column_names)


def _colonne_propre(colonne: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """A column of trimmed texts; the same one where they were."""
    textes = colonne.combine_chunks().dictionary
    propres = _propres(textes)
    if propres.equals(textes):
        return colonne
    return _par_texte(colonne, lambda _: propres.dictionary_encode())


def _propres(textes: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Trimmed texts, nothing where one is empty."""
    coupes = pc.utf8_trim_whitespace(textes)
    return pc.if_else(pc.equal(coupes, ""), pa.scalar(None, pa.string()), coupes)


def _refuser_lignes_avalees(fichier: str, lignes: pa.Table, numeros: np.ndarray, separateur: str) -> None:
    """A text over several lines, one of them with as many separators as a record, has swallowed records."""
    separations = rf"\n(?:[^\n{separateur}]*{separateur}){{{lignes.num_columns - 1}}}"
    for colonne in lignes.columns if lignes.num_columns > 1 else ():
        avalees = _vrais(colonne, lambda textes: pc.match_substring_regex(textes, separations))
        if avalees.any():
            raise _guillemet_ouvert(fichier, f" à la ligne {numeros[avalees.argmax()]}")


def _refuser_fin_ouverte(path: Path, encodage: str, separateur: str, dernier: int) -> None:
    """The last record, which starts on line `dernier`, must end before the file does."""
    # quotes, separators and ends of lines are the same in latin-1, which is read twice as fast
    with path.open(encoding=encodage.replace("cp1252", "latin-1"), newline="") as fichier:
        temoin = [f"{_FIN}{separateur}{_FIN}"]
        fin = _decouper(chain(islice(fichier, dernier - 1, None), temoin), separateur)
    if not fin or fin[-1] != [_FIN, _FIN]:
        raise _guillemet_ouvert(path.name, f" à la ligne {dernier}")


def _guillemet_ouvert(fichier: str, endroit: str = "") -> ErreurUtilisateur:
    return ErreurUtilisateur(
        f"Dans le fichier {fichier}, un guillemet ouvert{endroit} n'est pas refermé : le fichier est coupé, "
        f"ou un texte contient un guillemet isolé ; refaire l'export, ou déposer le classeur."
    )


def _trier(fichier: str, lignes: _Lignes, entete: _Entete) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Data rows, with the declared columns only, and rows set aside with the reason: nothing lost.

    Rows that might be no data are found column-wise; only those are looked at one by one.
    """
    numeros = lignes.numeros
    gardee = np.arange(len(numeros)) > entete.rang
    ecartees = [(int(numero), AVANT_ENTETE, "") for numero in numeros[: entete.rang]]
    suspectes = _suspectes(lignes, entete)
    for rang, textes in zip(suspectes, _en_listes(lignes.cellules.take(suspectes)), strict=True):
        numero = int(numeros[rang])
        if motif := _motif(textes, entete, rang in lignes.longueurs):
            gardee[rang] = False
            ecartees.append((numero, motif, _quantites(textes, entete) if motif == TOTAL else ""))
        elif rang in lignes.longueurs:
            _refuser_longueur(fichier, numero, lignes.longueurs[rang], entete)
    declarees = lignes.cellules.select(entete.positions).filter(pa.array(gardee))
    _refuser_accents_abimes(fichier, entete.attendues, declarees.columns, numeros[gardee])
    table = _en_table(declarees.columns, entete.attendues, pd.Index(numeros[gardee]))
    return table, _en_ecartees(ecartees)


def _suspectes(lignes: _Lignes, entete: _Entete) -> np.ndarray:
    """Ranks, after the header, of the rows that may be no data or of a wrong length."""
    hauteur = lignes.cellules.num_rows
    remplies, suspecte = np.zeros(hauteur, dtype="int32"), np.zeros(hauteur, dtype=bool)
    for colonne in lignes.cellules.columns:
        remplie = colonne.is_valid().to_numpy()
        if (premiere := remplie & (remplies == 0)).any():
            suspecte |= premiere & _vrais(colonne, lambda textes: _total_ou_entete(textes, entete))
        remplies += remplie
    suspecte |= remplies <= 1
    suspecte[list(lignes.longueurs)] = True
    rangs = np.flatnonzero(suspecte)
    return rangs[rangs > entete.rang]


def _total_ou_entete(textes: pa.Array, entete: _Entete) -> pa.Array:
    """Texts that a total, a repeated header or a row of errors starts with."""
    totaux = pc.match_substring_regex(textes, rf"^(?:{_DEBUT_TOTAL.pattern})", ignore_case=True)
    erreurs = pc.match_substring_regex(textes, rf"^(?:{cellules_en_erreur.ERREUR})$")
    return pc.or_(pc.or_(totaux, erreurs), pc.equal(textes, next(filter(None, entete.cellules))))


def _en_listes(table: pa.Table) -> Iterator[list[str]]:
    return ([cellule or "" for cellule in ligne.values()] for ligne in table.to_pylist())


def _motif(cellules: list[str], entete: _Entete, irreguliere: bool) -> str:
    """Why a row is no data, else an empty text.

    A total starts with the word, and is only a total (« TOTAL : ») or leaves a declared column empty (the
    supplier « Total Pacifique » is data). Formulas copied below the data give errors and nothing else. A note is
    one cell alone that holds at least two words, in a table of more than two columns or in a row of another width.
    """
    remplies = len(cellules) - cellules.count("")
    if remplies == 0:
        return LIGNE_VIDE
    premiere = next(filter(None, cellules))
    if all(re.fullmatch(cellules_en_erreur.ERREUR, cellule) for cellule in cellules if cellule):
        return EN_ERREUR
    declarees = [cellules[position] for position in entete.positions]
    if _DEBUT_TOTAL.match(premiere) and (_TOTAL_SEUL.fullmatch(premiere) or not all(declarees)):
        return TOTAL
    if remplies == 1 and (irreguliere or len(cellules) > 2) and _DEUX_MOTS.search(premiere):
        return NOTE
    return ENTETE_REPETE if cellules == entete.cellules else ""


def _refuser_longueur(fichier: str, numero: int, trouves: int, entete: _Entete) -> None:
    """Refuse a row that lacks a declared field or holds too many, and say what it comes from."""
    attendus = len(entete.cellules)
    if max(entete.positions) < trouves <= attendus:
        return
    cause = (
        "le fichier est coupé à cet endroit, ou un texte contient un retour à la ligne"
        if trouves < attendus
        else "un texte contient le séparateur"
    )
    raise ErreurUtilisateur(
        f"Dans le fichier {fichier}, la ligne {numero} compte {trouves} champs au lieu de {attendus} : "
        f"{cause} sans guillemets ; refaire l'export, ou déposer le classeur."
    )


def _quantites(cellules: list[str], entete: _Entete) -> str:
    """The figures of a totals row, in declared columns only: nothing that could name anyone."""
    paires = [(nom, cellules[rang]) for nom, rang in zip(entete.attendues, entete.positions, strict=True)]
    return ", ".join(f"{nom} : {texte}" for nom, texte in paires if _QUANTITE.fullmatch(texte))


def _en_table(textes: list[pa.ChunkedArray], noms: tuple[str, ...], lignes: pd.Index) -> pd.DataFrame:
    """Text columns under their expected names, rows under their line."""
    paires = zip(noms, textes, strict=True)
    colonnes = {nom: en_textes(texte) for nom, texte in paires}
    return pd.DataFrame(colonnes, index=lignes.rename("ligne"), copy=False)


def en_textes(textes: pa.ChunkedArray | pa.Array) -> pd.arrays.ArrowStringArray:
    """A column of texts as pandas holds it, without a copy where it is plain."""
    return pd.arrays.ArrowStringArray(textes.cast(pa.large_string()))


def _en_ecartees(lignes: list[tuple[int, str, str]]) -> pd.DataFrame:
    numeros, motifs, contenus = zip(*lignes, strict=True) if lignes else ((), (), ())
    return pd.DataFrame(
        {
            "ligne": np.array(numeros, dtype="int64"),
            "motif": en_textes(pa.array(motifs, pa.string())),
            "contenu": en_textes(pa.array(contenus, pa.string())),
        }
    )


def _resume(table: pd.DataFrame, ecartees: pd.DataFrame) -> str:
    """« 1 204 lignes lues, 3 mises de côté (avant l'en-tête : 2, total ou sous-total : 1) »."""
    lues = f"{nombre(len(table))} {'lignes lues' if len(table) > 1 else 'ligne lue'}"
    if ecartees.empty:
        return lues
    comptes = ", ".join(
        f"{motif} : {nombre(lignes)}" for motif, lignes in ecartees["motif"].value_counts(sort=False).items()
    )
    return f"{lues}, {nombre(len(ecartees))} {'mises' if len(ecartees) > 1 else 'mise'} de côté ({comptes})"


# --- Workbooks -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Feuille:
    """A sheet of a workbook: its first rows and all its rows, as text, turned once."""

    nom: str
    page: CalamineSheet

    @cached_property
    def ecartee(self) -> pd.DataFrame:
        """Every row of a sheet that has not the header, set aside."""
        numeros = [f"{self.nom}!{numero}" for numero in range(1, self.page.end[0] + 2)]
        return pd.DataFrame({"ligne": numeros, "motif": AUTRE_FEUILLE, "contenu": ""}, dtype="string")

    @cached_property
    def debut(self) -> list[list[str]]:
        return list(islice(_lignes_de_feuille(self.page), LIGNES_AVANT_ENTETE))

    @cached_property
    def lignes(self) -> _Lignes:
        """A sheet by columns, block after block to keep the memory of a large one in bounds."""
        lignes = _lignes_de_feuille(self.page)
        blocs = []
        while bloc := list(islice(lignes, _LIGNES_PAR_BLOC)):
            colonnes = [
                pa.array([texte or None for texte in colonne], pa.string()).dictionary_encode()
                for colonne in zip(*bloc, strict=True)
            ]
            blocs.append(pa.table(colonnes, [str(rang) for rang in range(len(colonnes))]))
        table = pa.concat_tables(blocs).unify_dictionaries().combine_chunks()
        return _Lignes(table, np.arange(1, table.num_rows + 1), {})


def _feuilles(path: Path) -> dict[str, _Feuille]:
    """The sheets that hold something, by name, in the workbook's order."""
    return _pages(_etat(path))


@lru_cache(maxsize=4)  # a workbook of several tables is declared for each of them, now one, now another
def _pages(etat: _Etat) -> dict[str, _Feuille]:
    path = etat.path
    try:
        # Opened by content, not by suffix: an old .xls renamed .xlsx is read all the same.
        classeur = CalamineWorkbook.from_filelike(io.BytesIO(cellules_en_erreur.dites(path)))
        pages = [page.name for page in classeur.sheets_metadata if page.typ == SheetTypeEnum.WorkSheet]
        feuilles = {nom: classeur.get_sheet_by_name(nom) for nom in pages}
    except (CalamineError, *cellules_en_erreur.ABIMEE) as erreur:
        raise ErreurUtilisateur(
            f"Le classeur {path.name} ne s'ouvre pas (tronqué, abîmé ou protégé par un mot de passe) : "
            f"l'ouvrir dans un tableur et l'enregistrer au format .xlsx, sans mot de passe."
        ) from erreur
    pleines = {nom: _Feuille(nom, feuille) for nom, feuille in feuilles.items() if feuille.height}
    if not pleines:
        raise ErreurUtilisateur(f"Le classeur {path.name} est vide : refaire l'export.")
    return pleines


def _lignes_de_feuille(feuille: CalamineSheet) -> Iterator[list[str]]:
    """Rows of a sheet as text, from its very first; a merged cell holds on every row it covers."""
    recopies = defaultdict(list)
    for (haut, gauche), (bas, _) in feuille.merged_cell_ranges or ():
        for rang in range(haut + 1, bas + 1):
            recopies[rang].append(gauche)
    precedente: list[str] = []
    for rang, cellules in enumerate(feuille.iter_rows()):
        textes = [_texte_de_cellule(cellule) for cellule in cellules]
        for colonne in recopies.get(rang, ()):
            if colonne < len(textes):
                textes[colonne] = precedente[colonne]
        yield textes
        precedente = textes


def _entete_de_feuille(
    fichier: str, nom: str, feuille: _Feuille, attendues: tuple[str, ...]
) -> _Entete | None:
    """The header of a sheet, nothing if it is another kind of sheet; an error if it is almost the one."""
    debut = feuille.debut
    _, cellules = _meilleure_ligne(debut, attendues)
    if 2 * _reconnues(cellules, attendues) <= len(attendues):
        return None
    return _entete(f"{fichier} (feuille « {nom} »)", debut, attendues)


def _trier_feuille(
    fichier: str, nom: str, feuilles: dict[str, _Feuille], entete: _Entete
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`_trier` for a sheet that has the header."""
    table, ecartees = _trier(f"{fichier} (feuille « {nom} »)", feuilles[nom].lignes, entete)
    if len(feuilles) > 1:  # a row number alone would not tell which sheet
        table.index = pd.Index([f"{nom}!{numero}" for numero in table.index], dtype="string", name="ligne")
        ecartees["ligne"] = pd.array([f"{nom}!{numero}" for numero in ecartees["ligne"]], dtype="string")
    return table, ecartees


def _texte_de_cellule(valeur: object) -> str:
    """A cell as text: whole numbers without « .0 », dates in ISO, trimmed."""
    if isinstance(valeur, str):
        return valeur.strip()
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, float):
        # 15 significant digits, as spreadsheets show; a codes column keeps its digits.
        entier = valeur.is_integer() and abs(valeur) < 2**53
        return str(int(valeur)) if entier else _MILLIERS_POSSIBLES.sub(r"\g<1>0", f"{valeur:.15g}")
    if isinstance(valeur, datetime.datetime) and valeur.time() == datetime.time():
        return valeur.date().isoformat()
    return str(valeur)
