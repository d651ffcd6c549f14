"""Files as they come → the declared columns, as text, with the line a person sees.

In: a path and the raw column names expected in it. Out: a `Lecture`: data rows, rows set aside with
the reason, and what was recognised, in French. Columns that are not expected never leave the file.
`en_nombre`, `en_entier`, `en_date` and `en_booleen` then turn text into values, and tell what they could
not read.
"""

from __future__ import annotations

import csv
import datetime
import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from pipeline.model import ErreurUtilisateur, Lecture

LIGNES_AVANT_ENTETE = 30
SEPARATEURS = {";": "point-virgule", ",": "virgule", "\t": "tabulation"}
ENCODAGES = {"utf-8-sig": "UTF-8 avec BOM", "utf-8": "UTF-8", "cp1252": "Windows (cp1252)"}

AVANT_ENTETE = "avant l'en-tête"
LIGNE_VIDE = "ligne vide"
TOTAL = "total ou sous-total"
ENTETE_REPETE = "en-tête répété"
NOTE = "note ou intertitre"
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
_LIGNES_PAR_BLOC = 500
_DEBUT_TOTAL = re.compile(r"(?:sous[ -]?)?tota(?:l|ux)\b|cumul\b|ensemble\b", re.IGNORECASE)
_TOTAL_SEUL = re.compile(
    r"(?:(?:sous[ -]?)?total(?: g[ée]n[ée]ral| (?:de la )?page)?|totaux)\s*:?", re.IGNORECASE
)
_DEUX_MOTS = re.compile(r"\w+\W+\w+")
_QUANTITE = re.compile(r"-?\d[\d\s.,]*")
# What UTF-8 looks like once it was read as cp1252: « Ã© » for é, « Â° » for °, « â€™ » for ’.
_ACCENTS_ABIMES = "Ã[\u0080-\u00bfŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]|Â[\u00a0-\u00bf]|â€|\ufffd"
_MILLIERS_POSSIBLES = re.compile(r"(-?[1-9]\d{0,2}\.\d{3})")


def comparable(texte: str) -> str:
    """What two spellings of a name have in common: no case, accents, spaces or shape of apostrophe."""
    decompose = unicodedata.normalize("NFKD", texte.replace("’", "'")).casefold()
    return "".join(c for c in decompose if not unicodedata.combining(c) and not c.isspace())


@dataclass(frozen=True)
class _Entete:
    """A header: its rank among the rows (from 0), its cells, the expected columns and where they are."""

    rang: int
    cellules: list[str]
    attendues: tuple[str, ...]
    positions: tuple[int, ...]


Ligne = tuple[int, list[str]]
"""A row: its number in the file, as a person sees it, and its trimmed cells."""


def lire_csv(path: Path, attendues: tuple[str, ...]) -> Lecture:
    """Read a CSV file: encoding, separator and header line are found, rows that are no data set aside.

    Encoding: byte order mark, else strict UTF-8, else cp1252 (which holds all of latin-1's letters).
    Separator and header: the line, among the first 30, that names most of the expected columns.
    `ErreurUtilisateur` on anything that could only be read by guessing.
    """
    _refuser_sauf(path, _TEXTE)
    encodage = _encodage(path)
    with path.open(encoding=encodage, newline="") as fichier:
        separateur = _separateur(list(islice(fichier, LIGNES_AVANT_ENTETE)), attendues)
    with path.open(encoding=encodage, newline="") as fichier:
        lignes = _enregistrements(path.name, fichier, separateur)
        debut = list(islice(lignes, LIGNES_AVANT_ENTETE))
        entete = _entete(path.name, [cellules for _, cellules in debut], attendues)
        table, ecartees = _trier(path.name, chain(debut, lignes), entete)
    _refuser_accents_abimes(path.name, table)
    detecte = f"{ENCODAGES[encodage]}, séparateur {SEPARATEURS[separateur]}, {_resume(table, ecartees)}"
    return Lecture(table, ecartees, detecte)


def lire_classeur(path: Path, attendues: tuple[str, ...]) -> Lecture:
    """Read a workbook (.xlsx, .xlsb, .ods, .xls): all the sheets that hold the columns, as one table.

    A cell merged over several rows counts for each of them. A sheet that holds more than half of the
    columns, not all, is an error; other sheets are set aside. When several sheets hold something, the
    index `ligne` is « feuille!ligne ». `ErreurUtilisateur` when no sheet fits, or if the workbook is
    truncated or encrypted.
    """
    _refuser_sauf(path, _CLASSEUR, _ANCIEN_CLASSEUR)
    feuilles = _feuilles(path)
    entetes = {nom: _entete_de_feuille(path.name, nom, feuilles[nom], attendues) for nom in feuilles}
    retenues = {nom: entete for nom, entete in entetes.items() if entete}
    if not retenues:
        debuts = [ligne for feuille in feuilles.values() for ligne in _debut(feuille)]
        _refuser_colonnes_absentes(path.name, _meilleure_ligne(debuts, attendues)[1], attendues)
    tables, ecartees = [], []
    for nom, feuille in feuilles.items():
        gardees, autres = _trier_feuille(path.name, nom, feuille, entetes[nom], attendues)
        tables.append(_situer(gardees, nom, feuilles))
        ecartees.append(_situer(autres.set_index("ligne"), nom, feuilles).reset_index())
    table, autres = pd.concat(tables), pd.concat(ecartees, ignore_index=True)
    noms = ", ".join(f"« {nom} »" for nom in retenues)
    detecte = f"classeur, {'feuilles' if len(retenues) > 1 else 'feuille'} {noms}, "
    return Lecture(table, autres, detecte + _resume(table, autres))


def lire_parquet(path: Path, attendues: tuple[str, ...]) -> Lecture:
    """Read the expected columns of a Parquet file, as text; `ligne` counts the rows from 1."""
    _refuser_sauf(path, _PARQUET)
    try:
        noms = pq.read_schema(path).names
        positions = _positions(path.name, noms, attendues)
        lue = pq.read_table(path, columns=[noms[position] for position in positions])
        textes = [_texte_de_colonne(colonne) for colonne in lue.columns]
    except (pa.ArrowException, OSError) as erreur:
        raise ErreurUtilisateur(
            f"Le fichier {path.name} est tronqué ou abîmé : le demander de nouveau à son producteur."
        ) from erreur
    table = _en_table(textes, attendues, pd.RangeIndex(1, lue.num_rows + 1))
    ecartees = _en_ecartees([])
    return Lecture(table, ecartees, f"Parquet, {_resume(table, ecartees)}")


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
        raise ErreurUtilisateur(f"Le fichier {path} ne peut pas être ouvert : {erreur.strerror}.") from erreur
    if not debut:
        raise ErreurUtilisateur(f"Le fichier {path.name} est vide : refaire l'export.")
    nature = next((nature for signe, nature in _NATURES.items() if debut.startswith(signe)), _TEXTE)
    if nature not in admises:
        raise ErreurUtilisateur(
            f"Le fichier {path.name} est {nature}, alors que {admises[0]} est attendu : "
            f"l'ouvrir dans un tableur et l'enregistrer au format que son nom annonce."
        )


def _encodage(path: Path) -> str:
    """The first of byte order mark, UTF-8, cp1252 in which the whole file can be read."""
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
        with path.open(encoding=encodage, newline="") as fichier:
            while bloc := fichier.read(1 << 20):
                if "\0" in bloc:
                    raise ErreurUtilisateur(
                        f"Le fichier {path.name} contient des octets nuls (fichier abîmé, ou texte UTF-16) : "
                        f"l'enregistrer de nouveau au format « CSV UTF-8 »."
                    )
    except UnicodeDecodeError:
        return False
    return True


def _refuser_accents_abimes(fichier: str, table: pd.DataFrame) -> None:
    """Refuse text that had been through the wrong encoding before it reached us."""
    for colonne in table:
        abimes = table[colonne].str.contains(_ACCENTS_ABIMES, na=False)
        if abimes.any():
            raise ErreurUtilisateur(
                f"Le fichier {fichier} contient des accents abîmés (colonne « {colonne} », "
                f"ligne {abimes.idxmax()}) : deux encodages ont été mélangés, refaire l'export en UTF-8."
            )


# --- The header ------------------------------------------------------------------------------------


def _separateur(debut: list[str], attendues: tuple[str, ...]) -> str:
    """The separator under which one of the first lines names most of the expected columns."""

    def score(separateur: str) -> tuple[int, int]:
        lignes = [ligne.split(separateur) for ligne in debut]
        cellules = [cellule.strip().strip('"') for cellule in _meilleure_ligne(lignes, attendues)[1]]
        return _reconnues(cellules, attendues), len(cellules)

    return max(SEPARATEURS, key=score)


def _entete(fichier: str, debut: list[list[str]], attendues: tuple[str, ...]) -> _Entete:
    """The header among the first rows; `ErreurUtilisateur` if it does not hold every expected column."""
    rang, cellules = _meilleure_ligne(debut, attendues)
    return _Entete(rang, cellules, attendues, _positions(fichier, cellules, attendues))


def _meilleure_ligne(lignes: list[list[str]], attendues: tuple[str, ...]) -> tuple[int, list[str]]:
    """Rank and cells of the row that names most of the expected columns, else of the fullest one."""

    def score(rang: int) -> tuple[int, int, int]:
        return _reconnues(lignes[rang], attendues), sum(map(bool, lignes[rang])), -rang

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


def _enregistrements(nom: str, fichier: Iterable[str], separateur: str) -> Iterator[Ligne]:
    """Records of a CSV file with the line each starts on; refuse a quote that is never closed."""
    lecteur = csv.reader(chain(fichier, [_FIN]), delimiter=separateur)
    debut = 1
    largeur = 1
    try:
        for cellules in lecteur:
            if lecteur.line_num > debut and _avale_des_lignes(cellules, separateur, largeur):
                break
            if cellules == [_FIN]:
                return
            yield debut, [cellule.strip() for cellule in cellules]
            debut = lecteur.line_num + 1
            largeur = len(cellules)
    except csv.Error:
        pass  # a field beyond 128 KB: the same quote left open, in a large file
    raise ErreurUtilisateur(
        f"Dans le fichier {nom}, un guillemet ouvert à la ligne {debut} n'est pas refermé : "
        f"le fichier est coupé, ou un texte contient un guillemet isolé ; refaire l'export."
    )


def _avale_des_lignes(cellules: list[str], separateur: str, largeur: int) -> bool:
    """Whether a text over several lines holds the end of the file or a whole record."""
    parties = chain.from_iterable(cellule.splitlines() for cellule in cellules if "\n" in cellule)
    return any(_FIN in partie or partie.count(separateur) >= largeur - 1 > 0 for partie in parties)


def _trier(fichier: str, lignes: Iterator[Ligne], entete: _Entete) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Data rows, with the declared columns only, and rows set aside with the reason.

    A plain loop over records, because it knows every line number and loses nothing; the million-row
    export takes about five seconds, and only declared cells are kept beyond a block.
    """
    ecartees = [(numero, AVANT_ENTETE, "") for numero, _ in islice(lignes, entete.rang)]
    next(lignes)
    numeros: list[int] = []
    morceaux: list[list[pa.Array]] = [[] for _ in entete.attendues]
    while bloc := list(islice(lignes, _LIGNES_PAR_BLOC)):
        gardees = []
        for numero, cellules in bloc:
            if motif := _motif(fichier, numero, cellules, entete):
                ecartees.append((numero, motif, _quantites(cellules, entete) if motif == TOTAL else ""))
            else:
                numeros.append(numero)
                gardees.append(cellules)
        for colonne, position in zip(morceaux, entete.positions, strict=True):
            colonne.append(pa.array([cellules[position] for cellules in gardees], pa.string()))
    textes = [pa.chunked_array(colonne, pa.string()) for colonne in morceaux]
    return _en_table(textes, entete.attendues, pd.Index(numeros, dtype="int64")), _en_ecartees(ecartees)


def _motif(fichier: str, numero: int, cellules: list[str], entete: _Entete) -> str:
    """Why a row is no data, else an empty text; `ErreurUtilisateur` if its length is not the header's.

    A total starts with the word, and is only a total (« TOTAL : ») or leaves a declared column empty (the
    supplier « Total Pacifique » is data). A note is one cell alone that holds at least two words.
    """
    remplies = len(cellules) - cellules.count("")
    if remplies == 0:
        return LIGNE_VIDE
    premiere = cellules[0] or next(filter(None, cellules))
    incomplete = len(cellules) <= max(entete.positions)
    if _DEBUT_TOTAL.match(premiere) and (
        incomplete or _TOTAL_SEUL.fullmatch(premiere) or not all(cellules[p] for p in entete.positions)
    ):
        return TOTAL
    if remplies == 1 and (incomplete or len(entete.cellules) > 2) and _DEUX_MOTS.search(premiere):
        return NOTE
    if cellules == entete.cellules:
        return ENTETE_REPETE
    if incomplete or any(cellules[len(entete.cellules) :]):
        _refuser_longueur(fichier, numero, len(cellules), len(entete.cellules))
    return ""


def _refuser_longueur(fichier: str, numero: int, trouves: int, attendus: int) -> None:
    """Say what a row too short or too long comes from."""
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
    paires = zip(entete.attendues, entete.positions, strict=True)
    return ", ".join(
        f"{nom} : {cellules[position]}"
        for nom, position in paires
        if position < len(cellules) and _QUANTITE.fullmatch(cellules[position])
    )


def _en_table(textes: list[pa.ChunkedArray], noms: tuple[str, ...], lignes: pd.Index) -> pd.DataFrame:
    """Text columns under their expected names, nothing where the cell was empty."""
    absent = pa.scalar(None, pa.string())
    vides = [pc.if_else(pc.equal(texte, ""), absent, texte) for texte in textes]
    colonnes = {nom: pd.array(vide, dtype="string") for nom, vide in zip(noms, vides, strict=True)}
    return pd.DataFrame(colonnes, index=lignes.rename("ligne"), columns=list(noms))


def _en_ecartees(lignes: list[tuple[int, str, str]]) -> pd.DataFrame:
    numeros, motifs, contenus = zip(*lignes, strict=True) if lignes else ((), (), ())
    return pd.DataFrame(
        {
            "ligne": pd.Series(numeros, dtype="int64"),
            "motif": pd.Series(motifs, dtype="string"),
            "contenu": pd.Series(contenus, dtype="string"),
        }
    )


def _resume(table: pd.DataFrame, ecartees: pd.DataFrame) -> str:
    """« 1204 lignes lues, 3 mises de côté (avant l'en-tête : 2, total ou sous-total : 1) »."""
    lues = f"{len(table)} {'lignes lues' if len(table) > 1 else 'ligne lue'}"
    if ecartees.empty:
        return lues
    comptes = ", ".join(
        f"{motif} : {nombre}" for motif, nombre in ecartees["motif"].value_counts(sort=False).items()
    )
    return f"{lues}, {len(ecartees)} {'mises' if len(ecartees) > 1 else 'mise'} de côté ({comptes})"


# --- Workbooks and Parquet -------------------------------------------------------------------------


def _feuilles(path: Path) -> dict[str, CalamineSheet]:
    """The sheets that hold something, by name, in the workbook's order."""
    try:
        # Opened by content, not by suffix: an old .xls renamed .xlsx is read all the same.
        with path.open("rb") as fichier:
            classeur = CalamineWorkbook.from_filelike(fichier)
            pages = [page.name for page in classeur.sheets_metadata if page.typ == SheetTypeEnum.WorkSheet]
            feuilles = {nom: classeur.get_sheet_by_name(nom) for nom in pages}
    except CalamineError as erreur:
        raise ErreurUtilisateur(
            f"Le classeur {path.name} ne s'ouvre pas (tronqué, abîmé ou protégé par un mot de passe) : "
            f"l'ouvrir dans un tableur et l'enregistrer au format .xlsx, sans mot de passe."
        ) from erreur
    pleines = {nom: feuille for nom, feuille in feuilles.items() if feuille.height}
    if not pleines:
        raise ErreurUtilisateur(f"Le classeur {path.name} est vide : refaire l'export.")
    return pleines


def _lignes_de_feuille(feuille: CalamineSheet) -> Iterator[Ligne]:
    """Rows of a sheet as text, numbered as the spreadsheet shows them; merged cells hold on every row."""
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
        yield rang + 1, textes
        precedente = textes


def _debut(feuille: CalamineSheet) -> list[list[str]]:
    return [cellules for _, cellules in islice(_lignes_de_feuille(feuille), LIGNES_AVANT_ENTETE)]


def _entete_de_feuille(
    fichier: str, nom: str, feuille: CalamineSheet, attendues: tuple[str, ...]
) -> _Entete | None:
    """The header of a sheet, nothing if it is another kind of sheet; an error if it is almost the one."""
    debut = _debut(feuille)
    _, cellules = _meilleure_ligne(debut, attendues)
    if 2 * _reconnues(cellules, attendues) <= len(attendues):
        return None
    return _entete(f"{fichier} (feuille « {nom} »)", debut, attendues)


def _trier_feuille(
    fichier: str, nom: str, feuille: CalamineSheet, entete: _Entete | None, attendues: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`_trier` for a sheet that has the header; for another one, every row set aside."""
    lignes = _lignes_de_feuille(feuille)
    if entete:
        return _trier(f"{fichier} (feuille « {nom} »)", lignes, entete)
    vide = _en_table(
        [pa.chunked_array([], pa.string())] * len(attendues), attendues, pd.Index([], dtype="int64")
    )
    return vide, _en_ecartees([(numero, AUTRE_FEUILLE, "") for numero, _ in lignes])


def _situer(lignes: pd.DataFrame, nom: str, feuilles: dict[str, CalamineSheet]) -> pd.DataFrame:
    """Say the sheet before the row number when there are several."""
    if len(feuilles) == 1:
        return lignes
    return lignes.set_index(
        pd.Index([f"{nom}!{ligne}" for ligne in lignes.index], name="ligne", dtype="string")
    )


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


def _texte_de_colonne(colonne: pa.ChunkedArray) -> pa.ChunkedArray:
    """A Parquet column as text: whole numbers without « .0 », dates in ISO."""
    if pa.types.is_dictionary(colonne.type):
        colonne = colonne.cast(colonne.type.value_type)
    texte = colonne.cast(pa.string())
    if pa.types.is_floating(colonne.type):
        texte = pc.replace_substring_regex(texte, r"\.0$", "")
        texte = pc.replace_substring_regex(texte, rf"^{_MILLIERS_POSSIBLES.pattern}$", r"\g<1>0")
    return pc.utf8_trim_whitespace(texte)


# --- From text to values ---------------------------------------------------------------------------

_ESPACES = "[ \t\u00a0\u2009\u202f]+"
_MONNAIE = r"(?i) ?(?:€|euros?|eur|f\.? ?cfp|xpf|francs?|f)$"
_SIMPLE = r"-?(?:\d+|\d{1,3}(?: \d{3})+)?[.,]\d+|-?(?:\d+|\d{1,3}(?: \d{3})+)|-?\d+(?:\.\d+)?[eE][+-]?\d+"
_AMBIGU = r"-?[1-9]\d{{0,2}}{0}\d{{3}}"
_GROUPE = r"-?\d{{1,3}}(?:{0}\d{{3}})+{1}\d+|-?\d{{1,3}}(?:{0}\d{{3}}){{2,}}"


def en_nombre(serie: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Numbers as people write them → `float64`, and where the text could not be read.

    Read: « 1 234,50 € », « 1234.5 », « 12 500 F CFP », « 1.234,50 », « ,5 », « 1e+05 ». Not read: « (12) »,
    « 12 50 », « 12- ». « 1,234 » and « 1.234 » may be thousands or decimals: the column decides. When
    values of the column prove one decimal mark (« 12,5 », « 0,125 », « 1.234,5 ») and none the other,
    that mark is decimal and the other one separates thousands; when nothing or both are proved, such
    values are unreadable: better a rejected row than an amount a thousand times too large.
    """
    return _convertir(serie, _nombres)


def en_entier(serie: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Whole numbers (« 12 », « 1 200 », « 12,0 ») → `Int64`, and where the text could not be read."""

    def entiers(textes: pd.Series) -> pd.Series:
        nombres = _nombres(textes)
        return nombres.where((nombres % 1 == 0) & (nombres.abs() < 2**53)).astype("Int64")

    return _convertir(serie, entiers)


def en_date(serie: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Days (dd/mm/yyyy with / - or ., ISO, with or without a time) → `datetime64[us]`, and the unreadable.

    Not read: impossible days, years outside 1900-2100, and two-digit years, whose century would be a
    guess (a birth in « 24 » may be 1924 or 2024).
    """
    return _convertir(serie, _dates)


def en_booleen(serie: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Oui/non, O/N, 1/0, vrai/faux (any case) → `boolean`, and where the text could not be read."""
    mots = dict.fromkeys(("oui", "o", "1", "vrai", "true"), True)
    mots |= dict.fromkeys(("non", "n", "0", "faux", "false"), False)
    return _convertir(serie, lambda textes: textes.str.strip().str.lower().map(mots).astype("boolean"))


def _convertir(serie: pd.Series, lire: Callable[[pd.Series], pd.Series]) -> tuple[pd.Series, pd.Series]:
    """Read each distinct text once; unreadable = there was a text and there is no value."""
    codes, distinctes = pd.factorize(serie)
    valeurs = lire(pd.Series(distinctes, dtype="string")).reindex(codes).set_axis(serie.index)
    return valeurs.rename(serie.name), valeurs.isna() & serie.notna()


def _nombres(textes: pd.Series) -> pd.Series:
    """Distinct texts of one column → numbers, by the rule told in `en_nombre`."""
    textes = textes.str.replace(_ESPACES, " ", regex=True).str.strip().str.replace("−", "-")
    textes = textes.str.replace(_MONNAIE, "", regex=True)
    simples = textes.str.fullmatch(_SIMPLE)
    ambigus = {marque: textes.str.fullmatch(_AMBIGU.format(re.escape(marque))) for marque in ",."}
    groupes = {
        milliers: textes.str.fullmatch(_GROUPE.format(re.escape(milliers), re.escape(decimale)))
        for milliers, decimale in (",.", ".,")
    }
    prouvees = set()
    for milliers, decimale in (",.", ".,"):
        decimales = simples & ~ambigus[decimale] & textes.str.contains(decimale, regex=False)
        if (decimales | groupes[milliers]).any():
            prouvees.add(decimale)
    if len(prouvees) == 1:
        milliers = "." if prouvees == {","} else ","
        groupes[milliers] |= ambigus[milliers]
    else:
        simples &= ~(ambigus[","] | ambigus["."])
    for milliers, mask in groupes.items():
        textes = textes.where(~mask, textes.str.replace(milliers, "", regex=False))
    lisibles = simples | groupes[","] | groupes["."]
    textes = textes.where(lisibles).str.replace(" ", "", regex=False).str.replace(",", ".", regex=False)
    return pd.to_numeric(textes).astype("float64")


_HEURE = r"(?:[ T]\d{1,2}[:h]\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_JOUR = (
    rf"^(?P<day>\d{{1,2}})[/.-](?P<month>\d{{1,2}})[/.-](?P<year>\d{{4}}){_HEURE}$",
    rf"^(?P<year>\d{{4}})[/-](?P<month>\d{{1,2}})[/-](?P<day>\d{{1,2}}){_HEURE}$",
)


def _dates(textes: pd.Series) -> pd.Series:
    """Distinct texts → days, by the rule told in `en_date`."""
    francais, iso = (textes.str.strip().str.extract(forme) for forme in _JOUR)
    parties = francais.fillna(iso).astype("float64")
    jours = pd.to_datetime(parties, errors="coerce")
    return jours.where(jours.dt.year.between(1900, 2100)).astype("datetime64[us]")
