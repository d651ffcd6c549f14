"""INSEE's census files in rows of territories: wide bases (`base-cc-*`, `base-ic-*`, dossier complet) and our tables.

In: a CSV file and INSEE's names of the variables wanted (`P22_POP`; without vintage, `P_POP`, and `TIME_PERIOD`,
for a file of several vintages). Out: a `Lecture`, one row a territory (and vintage), empty where the file has no
such variable. Our compact tables hold one fact a row: `CODGEO;variable;valeur`.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pipeline.model import ErreurUtilisateur, Lecture
from pipeline.readers import SEPARATEURS, comparable, en_textes, entete_csv, lire_csv
from pipeline.report.nombres import nombre

TERRITOIRE = "CODGEO"
PERIODE = "TIME_PERIOD"
# From this size on, in bytes, a file is worth the fast way.
_GRAND = 1_000_000
_BLOC = 1 << 21  # bytes of it read at once
_PASSE = 1 << 18  # bytes of it looked at once: what a processor keeps at hand
_DEBUT = 1_000  # values, among which one proves most often what the dot is
# What a thousandth of a number may lose in floating point.
_BRUIT = 1e-6
COMPACTE = (TERRITOIRE, "variable", "valeur")

# « P22_POP », « C21_FAM », « D99_POP » (censuses before 2006, without double counting).
_VARIABLE = re.compile(r"([PCD])(\d\d)_(.+)")
# « NAIS1621 »: births from 1 January 2016 to 31 December 2021, told with the census of 2022.
_FLUX = re.compile(r"(NAIS|DECE)\d\d(\d\d)")
_PREMIER_SIECLE = 60
# How many missing variables are named in what is said of a file.
_NOMMEES = 3
# « 146.380 » would read as thousands: one more zero keeps it a decimal (these files write no thousands).
_TROIS_DECIMALES = r"^(-?\d{1,3}\.\d{3})$"


def lire_base(path: Path, attendues: tuple[str, ...]) -> Lecture:
    """Read a wide base or one of our compact tables: the header tells which.

    `attendues`: the territory's column first. `ErreurUtilisateur` when the file is cut, holds none of the
    variables wanted, holds them of another vintage, or holds one under a name that somebody touched; what
    `lire_csv` refuses is refused here too. A variable that is not there is missing: no base holds every age.
    """
    entete = entete_csv(path, (*attendues, *COMPACTE))
    _refuser_fin_coupee(path)
    if set(map(comparable, COMPACTE)) <= set(map(comparable, entete)):
        return _lire_compacte(path, attendues)
    return _lire_large(path, attendues, entete)


def tableau(lue: pa.Table, lignes: pd.Index) -> pd.DataFrame:
    """An Arrow table of texts and numbers, under the line that each row starts on."""
    colonnes = {
        nom: colonne.to_numpy() if pa.types.is_floating(colonne.type) else en_textes(colonne.combine_chunks())
        for nom, colonne in zip(lue.column_names, lue.columns, strict=True)
    }
    return pd.DataFrame(colonnes, index=lignes.rename("ligne"), copy=False)


def _refuser_fin_coupee(path: Path) -> None:
    """A last line without its end is a file cut on its way: its last number may have lost digits."""
    with path.open("rb") as flux:
        flux.seek(-1, os.SEEK_END)
        if flux.read(1) != b"\n":
            raise ErreurUtilisateur(
                f"Le fichier {path.name} s'arrête au milieu d'une ligne : il est coupé, le télécharger de nouveau."
            )


def decimales(textes: pa.Array) -> pa.Array:
    """Numbers written with a decimal point, such that three decimals are not taken for thousands."""
    return pc.replace_substring_regex(textes, _TROIS_DECIMALES, r"\10")


# --- Wide bases ------------------------------------------------------------------------------------


def _lire_large(path: Path, attendues: tuple[str, ...], entete: Sequence[str]) -> Lecture:
    cellules = {_tige(cellule): cellule for cellule in reversed(entete)}
    annee = next((periode for _, periode in map(_tige, attendues) if periode), "")
    variables = attendues[1:]
    # A flow (« NAIS1621 ») is told without its years: those that end with the vintage's.
    trouvees = {nom: cellules.get(_tige(nom)) or cellules.get((nom, annee)) for nom in variables}
    presentes = {nom: cellule for nom, cellule in trouvees.items() if cellule}
    if not presentes:
        _refuser_autre_base(path.name, variables, entete)
    _refuser_retouchee(path.name, [nom for nom in variables if nom not in presentes], entete)
    voulues = (attendues[0], *presentes.values())
    lecture = _lire_reguliere(path, voulues, entete) or lire_csv(path, voulues)
    table = lecture.table.rename(columns={cellule: nom for nom, cellule in presentes.items()})
    dit = _manquantes([nom for nom in variables if nom not in presentes], len(variables))
    return Lecture(table.reindex(columns=list(attendues)), lecture.ecartees, lecture.detecte + dit)


def _manquantes(noms: Sequence[str], combien: int) -> str:
    """« ; 2 variables absentes du fichier, sur 61 : P22_POP7589, P22_POP90P »; the first three are named."""
    if not noms:
        return ""
    suite = "…" if len(noms) > _NOMMEES else ""
    absentes = "variables absentes" if len(noms) > 1 else "variable absente"
    return f" ; {len(noms)} {absentes} du fichier, sur {combien} : {', '.join(noms[:_NOMMEES])}{suite}"


def _refuser_retouchee(fichier: str, manquantes: Sequence[str], entete: Sequence[str]) -> None:
    """Refuse a variable whose name was written otherwise in the header: « p22 pop 1529 », « P22_POP1529 (hab.) »."""
    ecrites = {
        _nue(morceau): cellule for cellule in entete for morceau in (cellule, cellule.partition(" ")[0])
    }
    for nom in manquantes:
        if cellule := ecrites.get(_nue(nom)):
            raise ErreurUtilisateur(
                f"Le fichier {fichier} n'a pas la colonne « {nom} » mais « {cellule} », sans doute renommée : lui "
                "rendre son nom, ou télécharger la base de nouveau."
            )


def _nue(nom: str) -> str:
    """A name without its case, its spaces and its signs."""
    return re.sub(r"[^a-z0-9]", "", nom.casefold())


def _lire_reguliere(path: Path, voulues: tuple[str, ...], entete: Sequence[str]) -> Lecture | None:
    """The wanted columns of a large regular file, ten times faster; nothing when it is anything else.

    Regular: UTF-8, the header on the first line and its names once, as many fields on each line. What is not
    goes to `lire_csv`, which reads it or says what is wrong.
    """
    if path.stat().st_size < _GRAND or not set(voulues) <= set(entete) or len(set(entete)) < len(entete):
        return None
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as fichier:
        premiere = fichier.readline()
    separateur = next(
        (s for s in SEPARATEURS if next(csv.reader([premiere], delimiter=s)) == list(entete)), ""
    )
    if not separateur:
        return None
    lue = _lire_nombres(path, separateur, voulues)
    if lue is None:
        return None
    table = tableau(lue, pd.RangeIndex(2, lue.num_rows + 2))
    rien = pd.DataFrame({"ligne": pd.Series(dtype="int64"), "motif": "", "contenu": ""}).astype(
        {"motif": "string", "contenu": "string"}
    )
    return Lecture(
        table, rien, f"UTF-8, séparateur {SEPARATEURS[separateur]}, {nombre(len(table))} lignes lues"
    )


def _lire_nombres(path: Path, separateur: str, voulues: Sequence[str]) -> pa.Table | None:
    """The columns wanted, INSEE's variables as numbers where no two readings are possible; the others as texts.

    What `en_nombre` would refuse or read otherwise stays text: it is the judge.
    """
    textes = dict.fromkeys(voulues, pa.large_string())
    nombres = {nom: pa.float64() for nom in voulues if _tige(nom)[1]}
    lue = lire_regulier(path, separateur, textes | nombres) if _nombres_nus(path) else None
    if lue is None:
        return lire_regulier(path, separateur, textes)
    douteuses = [nom for nom in nombres if not _point_decimal(lue.column(nom))]
    relue = lire_regulier(path, separateur, {nom: textes[nom] for nom in douteuses}) if douteuses else lue
    for nom in douteuses:
        lue = lue.set_column(lue.column_names.index(nom), nom, relue.column(nom))
    return lue


def _nombres_nus(path: Path) -> bool:
    """Whether a file has no « + », nor a dot that no digit follows: Arrow reads these, and `en_nombre` does not."""
    with path.open("rb") as flux:
        while bloc := flux.read(_PASSE) + flux.readline():
            octets = np.frombuffer(bloc, np.uint8)
            if b"+" in bloc or ((octets[:-1] == ord(".")) & (octets[1:] - ord("0") > 9)).any():
                return False
    return True


def _point_decimal(colonne: pa.ChunkedArray) -> bool:
    """Whether all of a column is numbers, of which one has more decimals than thousands have digits."""
    valeurs = colonne.to_numpy()
    finies = np.count_nonzero(np.isfinite(valeurs)) == len(valeurs) - colonne.null_count
    # the first values are enough, most often
    return finies and (_longues_decimales(valeurs[:_DEBUT]) or _longues_decimales(valeurs))


def _longues_decimales(valeurs: np.ndarray) -> bool:
    milliemes = 1000 * valeurs[np.abs(valeurs) < 1000]
    return bool((np.abs(milliemes - np.rint(milliemes)) > _BRUIT).any())


def lire_regulier(path: Path, separateur: str, types: Mapping[str, pa.DataType]) -> pa.Table | None:
    """These columns of a CSV file in UTF-8, under its header, whose records are one line each; else nothing."""
    try:
        lue = pyarrow.csv.read_csv(
            path,
            pyarrow.csv.ReadOptions(block_size=_BLOC),
            pyarrow.csv.ParseOptions(delimiter=separateur),
            pyarrow.csv.ConvertOptions(
                column_types=types, include_columns=list(types), strings_can_be_null=True, null_values=[""]
            ),
        )
    except pa.ArrowInvalid:
        return None
    return lue if _une_ligne_par_rangee(path, lue.num_rows) else None


def _une_ligne_par_rangee(path: Path, rangees: int) -> bool:
    """Whether each row below the header is one line, and every quote closed: none has swallowed another."""
    lignes = guillemets = 0
    with path.open("rb") as flux:
        while bloc := flux.read(_PASSE):
            lignes += int(np.count_nonzero(np.frombuffer(bloc, np.uint8) == ord("\n")))
            guillemets += bloc.count(b'"') if b'"' in bloc else 0
    return lignes == rangees + 1 and guillemets % 2 == 0


def _refuser_autre_base(fichier: str, variables: Sequence[str], entete: Sequence[str]) -> None:
    """Say that the file is of another vintage, or another file."""
    tiges = {_tige(nom)[0] for nom in variables}
    if autre := next((nom for nom in entete if _tige(nom)[0] in tiges), None):
        annonce = _tige(variables[0])[1]
        voulu = f"le millésime {annonce} est annoncé" if annonce else "aucun millésime n'est annoncé"
        raise ErreurUtilisateur(
            f"Le fichier {fichier} est du millésime {_tige(autre)[1]} (colonne « {autre} »), alors que {voulu} "
            "dans edition.toml : corriger « millesime », ou prendre le bon fichier."
        )
    raise ErreurUtilisateur(
        f"Le fichier {fichier} ne contient aucune des variables attendues (« {variables[0]} »…) : ce n'est pas "
        "la base que dit edition.toml, ou ses colonnes sont mal séparées ; la télécharger de nouveau."
    )


def _tige(nom: str) -> tuple[str, str]:
    """« P22_POP » → its stem `P_POP`, its vintage « 2022 »; the name itself and nothing when it bears none."""
    if trouve := _VARIABLE.fullmatch(nom):
        exploitation = "C" if trouve[1] == "C" else "P"
        return f"{exploitation}_{trouve[3]}", _annee(int(trouve[2]))
    if trouve := _FLUX.fullmatch(nom):
        return trouve[1], _annee(int(trouve[2]) + 1)
    return nom, ""


def _annee(deux_chiffres: int) -> str:
    return str(deux_chiffres + (2000 if deux_chiffres < _PREMIER_SIECLE else 1900))


# --- Compact tables --------------------------------------------------------------------------------


def _lire_compacte(path: Path, attendues: tuple[str, ...]) -> Lecture:
    lecture = lire_csv(path, COMPACTE)
    faits = lecture.table.reset_index()
    _refuser_doublon(path.name, faits)
    tiges = {
        nom: _tige(nom) if PERIODE in attendues else (nom, "") for nom in faits["variable"].dropna().unique()
    }
    _refuser_inconnue(path.name, faits, {nom for nom, (tige, _) in tiges.items() if tige in attendues[1:]})
    if PERIODE in attendues:
        faits[PERIODE] = faits["variable"].map({nom: annee for nom, (_, annee) in tiges.items()})
        faits["variable"] = faits["variable"].map({nom: tige for nom, (tige, _) in tiges.items()})
        faits[PERIODE] = _periodes(faits)
    cle = [nom for nom in (TERRITOIRE, PERIODE) if nom in faits]
    lignes = faits.groupby(cle, sort=False, dropna=False)["ligne"].min()
    faits["valeur"] = en_textes(decimales(pa.array(faits["valeur"], from_pandas=True)))
    table = faits.set_index([*cle, "variable"])["valeur"].unstack("variable").reindex(lignes.index)
    table = table.reset_index().set_axis(pd.Index(lignes.to_numpy(), name="ligne"))
    table = table.reindex(columns=list(attendues)).astype("string")
    return Lecture(
        table,
        lecture.ecartees,
        f"{lecture.detecte}, un chiffre par ligne : {nombre(len(table))} territoires et millésimes",
    )


def _periodes(faits: pd.DataFrame) -> pd.Series:
    """The vintage of each fact; what has none (an area) goes with the latest one of its territory."""
    dernieres = faits.groupby(TERRITOIRE)[PERIODE].transform("max")
    return faits[PERIODE].mask(faits[PERIODE] == "", dernieres)


def _refuser_doublon(fichier: str, faits: pd.DataFrame) -> None:
    doubles = faits[faits.duplicated([TERRITOIRE, "variable"])]
    if len(doubles):
        double = doubles.iloc[0]
        raise ErreurUtilisateur(
            f"{fichier}, ligne {double['ligne']} : la variable « {double['variable']} » est donnée deux fois pour "
            f"« {double[TERRITOIRE]} » ; n'en garder qu'une."
        )


def _refuser_inconnue(fichier: str, faits: pd.DataFrame, connues: Collection[str]) -> None:
    inconnues = faits[~faits["variable"].isin(list(connues))]
    if len(inconnues):
        inconnue = inconnues.iloc[0]
        raise ErreurUtilisateur(
            f"{fichier}, ligne {inconnue['ligne']} : la variable « {inconnue['variable']} » n'est pas de cette "
            "source ; la retirer, ou la mettre dans la table de la sienne."
        )
