"""A deposit that nobody has declared yet: which tables it holds, and the declaration to paste and correct.

In: a file. Out: `[[fichiers]]` blocks for `edition.toml`, as text: columns recognised by their titles, codes
recognised by their words, and, in comments, what was not recognised and what is refused. Values are listed
of coded columns only, never of a column that identifies or that could hold free text.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from pipeline import identite
from pipeline.model import ErreurUtilisateur, Source
from pipeline.readers import LIGNES_AVANT_ENTETE, comparable
from pipeline.report.nombres import nombre
from pipeline.sources.ccas import LIBELLES
from pipeline.sources.registre import ACTIVITE
from pipeline.sources.synonymes import TITRES, TITRES_PROPRES, VALEURS

LIGNES_LUES = 50_000
"""Enough rows to see the codes; the others hold the same."""
CODES_AU_PLUS = 40
"""Beyond so many distinct values, a column holds no codes."""

_CODES_LIBRES = ("dispositif", "activite", "evenement", "tranche_age")
_PARTAGES = ("mois",)
"""Titles that number a row of totals, and date it."""
_SEPARATEURS = ";,\t"
_CLASSEURS = (".xlsx", ".xlsb", ".xls", ".ods")
_TEXTES = (".csv", ".txt", ".tsv")
_UNITE = re.compile(r"\((?:f\.? ?cfp|xpf|€|eur|euros?|kg|h|heures?)\)", re.IGNORECASE)


@dataclass(frozen=True)
class _Tableau:
    """A table of the file: the sheets that hold it, its titles, its rows as text (the first ones)."""

    feuilles: tuple[str, ...]
    lignes: pd.DataFrame

    @property
    def nom(self) -> str:
        """« feuilles « Accueil 2023-01 » à « Accueil 2025-12 » », nothing for a text file."""
        if not any(self.feuilles):
            return ""
        if len(self.feuilles) == 1:
            return f"feuille « {self.feuilles[0]} »"
        return f"{len(self.feuilles)} feuilles, de « {self.feuilles[0]} » à « {self.feuilles[-1]} »"


def proposer(chemin: Path, quartiers: Mapping[str, str] | None = None) -> str:
    """The declaration of a file, ready to paste in `edition.toml` once « "" » are filled in.

    `quartiers`: name → code of the edition, to recognise them. `ErreurUtilisateur` when the file is not
    there, is not a table, or holds none of the columns of an activity table.
    """
    tableaux = _tableaux(chemin)
    morceaux = []
    for tableau in tableaux:
        refusees = dict(identite.colonnes_interdites(tableau.lignes))
        titres = [titre for titre in tableau.lignes if titre not in refusees]
        trouvees = {s.id: trouvee for s in ACTIVITE if (trouvee := _reconnaitre(s, titres))}
        blocs = [
            _bloc(chemin, source, trouvees[source.id], tableau, quartiers or {})
            for source in ACTIVITE
            if source.id in trouvees
        ]
        morceaux.append("\n".join([*_remarques(chemin, tableau, trouvees, refusees), *blocs]))
    return "\n".join(morceaux).rstrip("\n") + "\n"


def titres(chemin: Path) -> list[tuple[str, ...]]:
    """The titles of each different table of a file; the same refusals as `proposer`."""
    return [tuple(tableau.lignes) for tableau in _tableaux(chemin)]


# ------------------------------------------------------------------------------------- what is in a file


def _tableaux(chemin: Path) -> list[_Tableau]:
    """Each different table of the file, sheets of the same titles together."""
    if not chemin.is_file():
        raise ErreurUtilisateur(f"Le fichier « {chemin} » est introuvable : vérifier son chemin.")
    suffixe = chemin.suffix.lower()
    if suffixe not in (*_CLASSEURS, *_TEXTES):
        formats = ", ".join((*_TEXTES, *_CLASSEURS))
        raise ErreurUtilisateur(f"« {chemin.name} » ne se lit pas : enregistrer le dépôt en {formats}.")
    feuilles = _feuilles(chemin) if suffixe in _CLASSEURS else {"": _texte(chemin)}
    tables: dict[tuple[str, ...], list[tuple[str, pd.DataFrame]]] = {}
    for nom, lignes in feuilles.items():
        if lignes:
            table = _table(lignes)
            tables.setdefault(tuple(table), []).append((nom, table))
    if not tables:
        raise ErreurUtilisateur(f"Le fichier « {chemin.name} » est vide : refaire l'export.")
    return [
        _Tableau(tuple(nom for nom, _ in memes), pd.concat([table for _, table in memes], ignore_index=True))
        for memes in tables.values()
    ]


def _feuilles(chemin: Path) -> dict[str, list[list[str]]]:
    try:
        classeur = CalamineWorkbook.from_path(chemin)
        return {
            nom: [
                [_texte_de_cellule(cellule) for cellule in ligne]
                for ligne in islice(classeur.get_sheet_by_name(nom).iter_rows(), LIGNES_LUES)
            ]
            for nom in classeur.sheet_names
        }
    except (CalamineError, OSError) as erreur:
        raise ErreurUtilisateur(
            f"Le classeur « {chemin.name} » ne s'ouvre pas (tronqué, abîmé ou protégé par un mot de passe) : "
            "l'ouvrir dans un tableur et l'enregistrer au format .xlsx, sans mot de passe."
        ) from erreur


def _texte_de_cellule(valeur: object) -> str:
    if isinstance(valeur, datetime.datetime):
        return valeur.date().isoformat()
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, float) and valeur.is_integer():
        return str(int(valeur))
    return str(valeur).strip()


def _texte(chemin: Path) -> list[list[str]]:
    """Rows of a text file, by the separator under which one of the first lines has most known titles."""
    octets = chemin.read_bytes()
    try:
        texte = octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        texte = octets.decode("cp1252", errors="replace")
    debut = "".join(islice(io.StringIO(texte, newline=""), LIGNES_AVANT_ENTETE))

    def score(separateur: str) -> tuple[int, int]:
        lignes = _decouper(debut, separateur)
        return max(((_connus(ligne), len(ligne)) for ligne in lignes), default=(0, 0))

    return _decouper(texte, max(_SEPARATEURS, key=score))


def _decouper(texte: str, separateur: str) -> list[list[str]]:
    lecteur = csv.reader(io.StringIO(texte, newline=""), delimiter=separateur)
    try:
        return [[cellule.strip() for cellule in ligne] for ligne in islice(lecteur, LIGNES_LUES)]
    except csv.Error:
        return []


def _table(lignes: Sequence[Sequence[str]]) -> pd.DataFrame:
    """The rows under the titles: the line, among the first, that has most known titles, else the fullest."""

    def score(rang: int) -> tuple[int, int, int]:
        return _connus(lignes[rang]), sum(map(bool, lignes[rang])), -rang

    entete = max(range(min(len(lignes), LIGNES_AVANT_ENTETE)), key=score)
    titres = {titre: rang for rang, titre in reversed(list(enumerate(lignes[entete]))) if titre}
    titres = dict(sorted(titres.items(), key=lambda paire: paire[1]))
    colonnes = {
        titre: pd.Series(
            [ligne[rang] if rang < len(ligne) else "" for ligne in lignes[entete + 1 :]], dtype="string"
        )
        for titre, rang in titres.items()
    }
    table = pd.DataFrame(colonnes)
    return table.mask(table == "")


# ----------------------------------------------------------------------------------- what is recognised


def _cle(texte: str) -> str:
    """What two spellings of a title or code have in common: no case, accents, spaces nor punctuation."""
    return re.sub(r"[^a-z0-9]", "", comparable(_UNITE.sub("", texte)))


_TITRES_CONNUS = {
    _cle(titre) for mots in (TITRES, *TITRES_PROPRES.values()) for titres in mots.values() for titre in titres
}


def _connus(cellules: Sequence[str]) -> int:
    return sum(_cle(cellule) in _TITRES_CONNUS for cellule in cellules if cellule)


def _attendues(source: Source) -> list[str]:
    """The columns a file of this source may have: those declared, those that identities consume."""
    produites = {identite_.colonne for identite_ in source.identites}
    declarees = [nom for nom in source.schema.columns if nom not in produites]
    return [*identite.consommees(source.identites), *declarees]


def _requises(source: Source) -> list[str]:
    facultatives = {nom for nom, c in source.schema.columns.items() if c.metadata.get("facultative")}
    indispensables = identite.indispensables(source.identites)
    declarees = [nom for nom in _attendues(source) if nom in source.schema.columns]
    return [*indispensables, *(nom for nom in declarees if nom not in facultatives)]


def _titres_de(source: Source, colonne: str) -> list[str]:
    propres = TITRES_PROPRES.get(source.id, {}).get(colonne, ())
    declaree = source.schema.columns.get(colonne)
    titres = [*propres, *TITRES.get(colonne, ()), colonne, *([declaree.title] if declaree else [])]
    return [_cle(titre) for titre in titres]


def _trouver(source: Source, titres: Sequence[str]) -> dict[str, str]:
    """Our column → its title in the file, each title once but for those of `_PARTAGES`."""
    presents = {_cle(titre): titre for titre in reversed(titres)}
    trouvees: dict[str, str] = {}
    for colonne in _attendues(source):
        for cle in _titres_de(source, colonne):
            if cle in presents and (cle in _PARTAGES or presents[cle] not in trouvees.values()):
                trouvees[colonne] = presents[cle]
                break
    return trouvees


def _reconnaitre(source: Source, titres: Sequence[str]) -> dict[str, str]:
    """`_trouver` when the file can be this source: all it requires, and something that is its own."""
    trouvees = _trouver(source, titres)
    if set(_requises(source)) - set(trouvees):
        return {}
    propres = _propres(source)
    return trouvees if not propres or propres & set(trouvees) else {}


def _propres(source: Source) -> set[str]:
    """Columns that no other source has."""
    autres = {nom for autre in ACTIVITE if autre.id != source.id for nom in _attendues(autre)}
    return set(_attendues(source)) - autres


# ------------------------------------------------------------------------------------------ what is said


def _remarques(
    chemin: Path, tableau: _Tableau, trouvees: Mapping[str, Mapping[str, str]], refusees: Mapping[str, str]
) -> Iterator[str]:
    """Comments: what was seen, what is refused, what was not recognised, with counts of filled cells."""
    suite = f", {tableau.nom}" if tableau.nom else ""
    yield f"# {chemin.name}{suite} : {nombre(len(tableau.lignes))} lignes examinées."
    if not trouvees:
        yield from (f"# {ligne}" for ligne in _plus_proche(tableau, refusees))
    for titre, contenu in refusees.items():
        yield f"# Refusée : « {_une_ligne(titre)} » contient {contenu} ; elle ne sera jamais lue."
    prises = {titre for colonnes in trouvees.values() for titre in colonnes.values()}
    for titre in tableau.lignes:
        if titre not in prises and titre not in refusees:
            remplies = int(tableau.lignes[titre].notna().sum())
            yield f"# Non reconnue : « {_une_ligne(titre)} » ({nombre(remplies)} lignes remplies)."


def _plus_proche(tableau: _Tableau, refusees: Mapping[str, str]) -> Iterator[str]:
    """When no table is recognised: the one that lacks least, and what it lacks."""
    titres = [titre for titre in tableau.lignes if titre not in refusees]

    def score(source: Source) -> tuple[float, int]:
        trouvees = _trouver(source, titres)
        return len(set(_requises(source)) & set(trouvees)) / len(_requises(source)), len(trouvees)

    proche = max(ACTIVITE, key=score)
    if score(proche)[0] <= 0.5:
        yield "Aucune table reconnue."
        return
    manquent = [nom for nom in _requises(proche) if nom not in _trouver(proche, titres)]
    suite = f" : il manque {', '.join(manquent)}" if manquent else ""
    yield f"Aucune table reconnue ; la plus proche est {proche.id} ({proche.title}){suite}."


def _bloc(
    chemin: Path,
    source: Source,
    trouvees: Mapping[str, str],
    tableau: _Tableau,
    quartiers: Mapping[str, str],
) -> str:
    """One `[[fichiers]]` block: columns recognised, and the codes of those that hold codes."""
    lignes = [
        f"# {source.title}",
        "[[fichiers]]",
        f'source = "{source.id}"',
        f"chemin = {_chaine(f'depots/{chemin.name}')}",
        'depose_par = ""',
        f"depose_le = {_jour(chemin):%Y-%m-%d}  # jour de l'export, à vérifier : une date plus tardive est rejetée",
        "",
        "[fichiers.colonnes]",
        *(f"{nom} = {_chaine(titre)}" for nom, titre in trouvees.items()),
    ]
    for nom in (nom for nom in trouvees if nom in source.schema.columns):
        colonne = tableau.lignes[trouvees[nom]]
        if (codes := _codes(source, nom, quartiers)) is not None and not _deja_un_compte(
            source, nom, colonne
        ):
            lignes += ["", *_valeurs(nom, colonne, codes)]
    return "\n".join([*lignes, ""])


def _jour(chemin: Path) -> datetime.date:
    """The day the file was written: that of the export, unless it was copied since."""
    return datetime.date.fromtimestamp(chemin.stat().st_mtime)


def _codes(source: Source, nom: str, quartiers: Mapping[str, str]) -> dict[str, str] | None:
    """Word (compared) → code (or count) of a column that holds words; None when it holds none."""
    if nom == "quartier":
        return {_cle(leur): code for leur, code in quartiers.items()}
    for controle in source.schema.columns[nom].checks:
        if controle.name == "isin":
            codes = list(controle.statistics["allowed_values"])
            mots = {code: VALEURS.get(nom, {}).get(code, ()) for code in codes}
            return {_cle(mot): code for code in codes for mot in (*mots[code], LIBELLES[nom][code], code)}
    if nom in VALEURS:  # a count, 0 or 1, of what an export of one row a case says in words
        return {_cle(mot): compte for compte, mots in VALEURS[nom].items() for mot in mots}
    return {} if nom in _CODES_LIBRES else None


def _deja_un_compte(source: Source, nom: str, colonne: pd.Series) -> bool:
    """Whether the column is a count, and in figures: there is no word to translate."""
    entiers = source.schema.columns[nom].metadata["genre"] == "entier"
    return entiers and bool(colonne.dropna().str.fullmatch(r"\d+").all())


def _valeurs(nom: str, colonne: pd.Series, codes: Mapping[str, str]) -> Iterator[str]:
    """The values found and our guess; those that nobody knows only if they come back, as codes do."""
    comptes = colonne.value_counts().sort_index()
    if len(comptes) > CODES_AU_PLUS:
        yield f"# {nom} : {len(comptes)} valeurs différentes, trop pour une liste de codes ; vérifier la colonne."
        return
    devinees = {valeur: _deviner(valeur, codes) for valeur in comptes.index}
    # an event comes once; anything else that nobody knows and that comes once may be about somebody
    montrees = [v for v in comptes.index if devinees[v] or comptes[v] > 1 or nom == "evenement"]
    yield f"[fichiers.valeurs.{nom}]"
    for valeur in montrees:
        code = _en_code(valeur) if nom in _CODES_LIBRES else devinees[valeur]
        yield f'{_chaine(valeur)} = "{code}"'
    if autres := len(comptes) - len(montrees):
        yield f"# Valeurs vues une seule fois, qui ne sont pas recopiées ici : {autres}."


def _en_code(valeur: str) -> str:
    """« Café des parents » → « cafe_des_parents »."""
    return re.sub(r"[^a-z0-9]+", "_", identite.mots(valeur)).strip("_")[:40]


def _deviner(valeur: str, codes: Mapping[str, str]) -> str:
    """The code of a word we know, else of the longest word that it starts with, else nothing."""
    cle = _cle(valeur)
    if cle in codes:
        return codes[cle]
    debuts = [mot for mot in codes if len(mot) >= 5 and cle.startswith(mot)]
    return codes[max(debuts, key=len)] if debuts else ""


def _chaine(texte: str) -> str:
    """A TOML string: quotes, escapes, accents as they are."""
    return json.dumps(texte, ensure_ascii=False)


def _une_ligne(texte: str) -> str:
    return " ".join(texte.split())
