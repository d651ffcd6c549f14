"""ISEE's own workbooks: in, `population-recensements.xlsx` and `pop-18ansetplus.xlsx`; out, our rows.

A sheet is read by meaning, never by position: a block is found by its title (« En 2019 »), its columns
by two stacked headers, its rows by what their label says (an age, a commune, a province). What adds up
in the publication must add up here: a block, a total or a figure that is missing stops the reading with
one sentence. Sheets are opened with calamine, which reads strict OOXML too.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from pipeline.model import ErreurUtilisateur, Lecture

_REFERENCE = Path(__file__).parents[1] / "reference" / "nouvelle_caledonie.csv"

PAYS = "988"
GRAND_NOUMEA = "988-grand-noumea"
MILLESIMES_AGE = (2004, 2009, 2014, 2019)
MAJORITE = 18
TOTAL = "total"


# ------------------------------------------------------------------------------------- territories


@dataclass(frozen=True)
class Territoire:
    """One territory of New Caledonia: its code, its name with the article that belongs to it, its level."""

    code: str
    nom: str
    niveau: str
    dans: tuple[str, ...]


def _territoire(ligne: Mapping[str, str]) -> Territoire:
    # « Le Mont-Dore » and « L'Île-des-Pins » hold their article; « la province Nord » does not.
    article = ligne["article"] if ligne["article"][:1].isupper() else ""
    nom = article + ("" if article.endswith("'") or not article else " ") + ligne["nom"]
    parents = tuple(parent.partition(":")[0] for parent in ligne["dans"].split())
    return Territoire(ligne["code"], nom[0].upper() + nom[1:], ligne["niveau"], parents)


with _REFERENCE.open(encoding="utf-8", newline="") as _fichier:
    TERRITOIRES: Mapping[str, Territoire] = {
        territoire.code: territoire for territoire in map(_territoire, csv.DictReader(_fichier))
    }

COMMUNES = tuple(code for code, territoire in TERRITOIRES.items() if territoire.niveau == "commune")
PROVINCES = tuple(code for code, territoire in TERRITOIRES.items() if territoire.niveau == "province")
COMMUNES_GRAND_NOUMEA = tuple(code for code in COMMUNES if GRAND_NOUMEA in TERRITOIRES[code].dans)


def niveau(code: str) -> str:
    """Level of a territory; a code that the reference does not hold is a quartier."""
    return TERRITOIRES[code].niveau if code in TERRITOIRES else "quartier"


# ------------------------------------------------------------------------- what a label or a cell says


def mots(libelle: object) -> str:
    """A label without accents, case, punctuation, nor « le », « l' »: `MONT-DORE (LE)` → `mont dore`."""
    texte = str(libelle).lower().replace("œ", "oe").replace("’", " ")
    sans_accents = unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()
    return " ".join(mot for mot in re.findall(r"[a-z0-9]+", sans_accents) if mot not in ("le", "l"))


_CODES = {mots(territoire.nom): code for code, territoire in TERRITOIRES.items()}


def code_territoire(libelle: object) -> str | None:
    """Code of a commune, province, Grand Nouméa or the country, however it is spelt; None for the rest."""
    return _CODES.get(mots(libelle))


def age(libelle: object) -> tuple[int, int | None] | None:
    """Bounds of an age group, both included, None for an open end; None when the label is no age.

    `0 - 9 ans `, `0 à 9 ans` → (0, 9); `80 ans et +`, `90 ans et plus` → (80, None).
    """
    texte = mots(libelle)
    if bornes := re.fullmatch(r"(\d+) (?:a )?(\d+) ans", texte):
        return int(bornes[1]), int(bornes[2])
    if bornes := re.fullmatch(r"(\d+) ans (?:et|ou)(?: plus)?", texte):
        return int(bornes[1]), None
    return None


def age_ou_total(libelle: object) -> tuple[int, int | None] | str | None:
    """An age group, `total` for all ages, or None."""
    return TOTAL if mots(libelle) in ("total", "ensemble") else age(libelle)


def sexe(libelle: object) -> str | None:
    """`hommes`, `femmes`, `ensemble`, or None."""
    mot = mots(libelle)
    if mot in ("total", "ensemble"):
        return "ensemble"
    return {"homme": "hommes", "hommes": "hommes", "femme": "femmes", "femmes": "femmes"}.get(mot)


def annee(libelle: object) -> int | None:
    """Census year of a header: `2019.0`, `En 2019`; None for the rest."""
    lue = re.fullmatch(r"(?:en )?((?:19|20)\d\d)(?: 0)?", mots(libelle))
    return int(lue[1]) if lue else None


@dataclass(frozen=True)
class Nombre:
    """What a cell of figures holds: a value, None where there is none, and the footnote's number."""

    valeur: float | None
    renvoi: str | None


def nombre(contenu: object) -> Nombre | None:
    """`2816.0`, `2 816 (1)` → 2816; `NS (2)`, `nd` and an empty cell → no value; None for other text."""
    lu = re.fullmatch(r"(\d[\d\s]*(?:[.,]\d+)?|ns|nd|)\s*(?:\((\d)\))?", str(contenu).strip().lower())
    if lu is None:
        return None
    chiffres = re.sub(r"\s", "", lu[1]).replace(",", ".")
    return Nombre(float(chiffres) if chiffres[:1].isdigit() else None, lu[2])


def _est_chiffre(contenu: object) -> bool:
    lu = nombre(contenu)
    return lu is not None and lu.valeur is not None


# ------------------------------------------------------------------------------- sheets and blocks

Ligne = tuple[int, tuple[object, ...]]
Reconnaitre = Callable[[object], Any]


@dataclass(frozen=True)
class Feuille:
    """A sheet: its file, its name, and its rows, each with the number a person sees."""

    fichier: str
    nom: str
    lignes: tuple[Ligne, ...]

    def refus(self, probleme: str) -> ErreurUtilisateur:
        """The sentence that stops the reading."""
        return ErreurUtilisateur(
            f"« {self.fichier} », feuille « {self.nom} » : {probleme} ; "
            "reprendre le classeur tel que l'ISEE le publie."
        )


def feuille(chemin: Path, nom: str) -> Feuille:
    """One sheet, its name matched without accents or case; `ErreurUtilisateur` if it is not there."""
    try:
        classeur = CalamineWorkbook.from_path(chemin)
    except (CalamineError, OSError) as erreur:
        raise ErreurUtilisateur(
            f"« {chemin.name} » ne s'ouvre pas comme un classeur : "
            "reprendre le classeur tel que l'ISEE le publie, au format .xlsx."
        ) from erreur
    trouvee = next((presente for presente in classeur.sheet_names if mots(presente) == mots(nom)), None)
    if trouvee is None:
        presentes = ", ".join(f"« {presente} »" for presente in classeur.sheet_names) or "aucune"
        raise ErreurUtilisateur(
            f"« {chemin.name} » n'a pas de feuille « {nom} » (feuilles présentes : {presentes}) : "
            "reprendre le classeur tel que l'ISEE le publie."
        )
    lignes = classeur.get_sheet_by_name(trouvee).to_python(skip_empty_area=False)
    return Feuille(chemin.name, trouvee, tuple((n, tuple(ligne)) for n, ligne in enumerate(lignes, start=1)))


@dataclass(frozen=True)
class Cellule:
    """One figure of a block: where it is, and the four labels that say what it counts."""

    ligne: int
    titre: Any
    haut: Any
    bas: Any
    libelle: object
    valeur: float


def _entete(lignes: Sequence[Ligne], reconnaitre: Reconnaitre, au_moins: int) -> int | None:
    """Position of the first row where `au_moins` cells are recognised."""
    for position, (_, cellules) in enumerate(lignes):
        if sum(reconnaitre(cellule) is not None for cellule in cellules[1:]) >= au_moins:
            return position
    return None


def _colonnes(
    dessus: Sequence[object], dessous: Sequence[object], haut: Reconnaitre, bas: Reconnaitre
) -> dict[int, tuple[Any, Any]]:
    """Column number → what its two headers say; columns that say nothing are left out."""
    colonnes, courant = {}, None
    for numero, (libelle_haut, libelle_bas) in enumerate(zip(dessus, dessous, strict=True)):
        # A merged cell holds its label in its first column only: it is carried to the right.
        courant = haut(libelle_haut) if numero and str(libelle_haut).strip() else courant
        if courant is not None and bas(libelle_bas) is not None:
            colonnes[numero] = (courant, bas(libelle_bas))
    return colonnes


def _cellules_bloc(
    lignes: Sequence[Ligne], titre: object, haut: Reconnaitre, bas: Reconnaitre
) -> Iterator[Cellule]:
    """Figures of one block: the lower header is the first row of `bas`, the upper one is just above."""
    position = _entete(lignes, bas, au_moins=2)
    if not position:
        return
    colonnes = _colonnes(lignes[position - 1][1], lignes[position][1], haut, bas)
    for ligne, cellules in lignes[position + 1 :]:
        for numero, (dessus, dessous) in colonnes.items():
            lu = nombre(cellules[numero])
            if lu is not None and lu.valeur is not None:
                yield Cellule(ligne, titre, dessus, dessous, cellules[0], lu.valeur)


def cellules(feuille: Feuille, titre: Reconnaitre, haut: Reconnaitre, bas: Reconnaitre) -> Iterator[Cellule]:
    """Figures of every stacked block of a sheet, from its title to the next one's.

    A block starts on a row without figures whose first cell is recognised by `titre`.
    """
    departs = [
        position
        for position, (_, (premiere, *autres)) in enumerate(feuille.lignes)
        if titre(premiere) is not None and not any(_est_chiffre(cellule) for cellule in autres)
    ]
    fins = [*departs, len(feuille.lignes)][1:]
    for depart, fin in zip(departs, fins, strict=True):
        yield from _cellules_bloc(feuille.lignes[depart:fin], titre(feuille.lignes[depart][1][0]), haut, bas)


def _figures_territoire(
    feuille: Feuille, entete: Reconnaitre, codes: Mapping[str, str]
) -> Iterator[tuple[int, str, Any, Nombre]]:
    """Figures of a sheet with one header and one row a territory: row, territory, header, figure."""
    position = _entete(feuille.lignes, entete, au_moins=1)
    if position is None:
        raise feuille.refus("la ligne d'en-tête ne se reconnaît pas")
    intitules = enumerate(map(entete, feuille.lignes[position][1]))
    colonnes = {numero: intitule for numero, intitule in intitules if numero and intitule is not None}
    for ligne, cellules in feuille.lignes[position + 1 :]:
        code = codes.get(mots(cellules[0]))
        for numero, intitule in colonnes.items():
            if code is not None and (lu := nombre(cellules[numero])) is not None:
                yield ligne, code, intitule, lu


# ------------------------------------------------------------------------------ what must add up


def _nom(valeur: object) -> str:
    return TERRITOIRES[valeur].nom if valeur in TERRITOIRES else str(valeur)


def _exiger(
    feuille: Feuille, presents: Iterable[object], attendus: Sequence[object], ou: object = ""
) -> None:
    """Refuse a sheet where an expected census or territory is missing."""
    trouves = set(presents)
    if absents := [_nom(attendu) for attendu in attendus if attendu not in trouves]:
        precision = f"{_nom(ou)}, " if ou else ""
        raise feuille.refus(f"{precision}il manque {', '.join(absents)}")


def _ou(figure: pd.Series) -> str:
    """« Plum, 2014, 20 à 29 ans, hommes »: the place of a figure, for a message."""
    morceaux = [str(figure[nom]) for nom in ("nom", "millesime", "modalite") if nom in figure]
    if pd.notna(figure.get("age_min")):
        fin = f"à {figure['age_max']} ans" if pd.notna(figure["age_max"]) else "ans et plus"
        morceaux.append(f"{figure['age_min']} {fin}")
    return ", ".join([*morceaux, *([figure["sexe"]] if "sexe" in figure else [])])


def _verifier_somme(
    feuille: Feuille, table: pd.DataFrame, mesure: str, cle: list[str], total: pd.Series, probleme: str
) -> None:
    """Refuse a sheet where the parts of a group of `cle` do not add up to its total, or one is missing."""
    signe = table[mesure].where(~total, -table[mesure])
    ecarts = signe.groupby([table[colonne] for colonne in cle], dropna=False, sort=False).sum().round(6)
    for _, figure in ecarts[ecarts != 0].reset_index().iterrows():
        raise feuille.refus(f"{_ou(figure)} : {probleme} (écart de {figure[mesure]:+g})")


def _verifier_ages(feuille: Feuille, table: pd.DataFrame) -> None:
    """Refuse figures by sex and age that do not add up to « Ensemble » and to « Total »."""
    cle = ["nom", "millesime"]
    ensemble, tous_ages = table["sexe"] == "ensemble", table["age_min"].isna()
    sexes, ages = "hommes et femmes ne font pas l'ensemble", "les âges ne font pas le total"
    _verifier_somme(feuille, table, "population", [*cle, "age_min", "age_max"], ensemble, sexes)
    _verifier_somme(feuille, table, "population", [*cle, "sexe"], tous_ages, ages)


def _verifier_pays(
    feuille: Feuille, table: pd.DataFrame, mesure: str, cle: list[str], parties: Sequence[str]
) -> None:
    """Refuse a sheet without its 33 communes, or where `parties` do not add up to the country."""
    _exiger(feuille, table["territoire"], list(dict.fromkeys((*COMMUNES, *parties, PAYS))))
    retenues = table[table["territoire"].isin([*parties, PAYS])]
    probleme = "la somme des territoires ne fait pas la Nouvelle-Calédonie"
    _verifier_somme(feuille, retenues, mesure, cle, retenues["territoire"] == PAYS, probleme)


# ------------------------------------------------------------------------------------- what comes out


def _lecture(
    feuille: Feuille,
    table: pd.DataFrame,
    attendues: tuple[str, ...],
    omis: Sequence[tuple[int, str, str]] = (),
) -> Lecture:
    """Data as text under our raw names; every other written row of the sheet is set aside, with `omis`."""
    if absentes := [nom for nom in attendues if nom not in table.columns]:
        raise feuille.refus(f"on n'y trouve pas la colonne {', '.join(absentes)}")
    lues = set(table["ligne"])
    contenus = (
        (ligne, " | ".join(str(cellule).strip() for cellule in cellules if str(cellule).strip()))
        for ligne, cellules in feuille.lignes
    )
    autres = [
        (ligne, "titre, en-tête, total ou note", contenu)
        for ligne, contenu in contenus
        if contenu and ligne not in lues
    ]
    en_texte = table.set_index("ligne")[list(attendues)].astype("string").astype(object)
    return Lecture(
        en_texte.where(en_texte.notna(), None),
        pd.DataFrame([*autres, *omis], columns=["ligne", "motif", "contenu"]),
        f"classeur de l'ISEE, feuille « {feuille.nom} », {table['territoire'].nunique()} territoires",
    )


def _reunir(lectures: Sequence[Lecture]) -> Lecture:
    return Lecture(
        pd.concat([lecture.table for lecture in lectures]),
        pd.concat([lecture.ecartees for lecture in lectures], ignore_index=True),
        " ; ".join(lecture.detecte for lecture in lectures),
    )


def situer(table: pd.DataFrame) -> pd.DataFrame:
    """The same rows with `nom` and `niveau` of the code in `territoire`."""
    codes = table["territoire"]
    return table.assign(nom=codes.map(_nom), niveau=codes.map(niveau))


# ------------------------------------------------------------------------------------ sex and age

_COLONNES_AGE = ("ligne", "millesime", "territoire", "nom", "sexe", "age_min", "age_max", "population")


def _figure_age(
    ligne: int, millesime: int, territoire: str, nom: str, sexe: str, groupe: Any, valeur: float
) -> tuple:
    """One row of `_COLONNES_AGE`; the total of all ages has no lower bound."""
    bas, haut = (None, None) if groupe == TOTAL else groupe
    return ligne, millesime, territoire, nom, sexe, bas, haut, int(valeur)


def _table_age(figures: Iterable[tuple]) -> pd.DataFrame:
    table = pd.DataFrame(figures, columns=list(_COLONNES_AGE))
    return table.astype({"age_min": "Int64", "age_max": "Int64"})


def _sans_totaux(table: pd.DataFrame) -> pd.DataFrame:
    """Data only: neither both sexes together nor all ages together; with the level."""
    donnees = table[table["age_min"].notna() & (table["sexe"] != "ensemble")]
    return donnees.assign(niveau=donnees["territoire"].map(niveau))


def _figures_quartier(lues: Iterable[Cellule]) -> Iterator[tuple]:
    """Figures of « GN quartier »: a quartier takes its code from the commune whose total follows it."""
    for millesime, bloc in groupby(lues, key=lambda cellule: cellule.titre):
        attente: list[Cellule] = []
        for cellule in bloc:
            code = code_territoire(cellule.libelle)
            if code is None:
                attente.append(cellule)
                continue
            for q in attente:
                nom = str(q.libelle).strip()
                quartier = f"{code}-{mots(nom).replace(' ', '-')}"
                yield _figure_age(q.ligne, millesime, quartier, nom, q.haut, q.bas, q.valeur)
            attente = []
            yield _figure_age(
                cellule.ligne, millesime, code, _nom(code), cellule.haut, cellule.bas, cellule.valeur
            )


def lire_population_quartier(chemin: Path, attendues: tuple[str, ...]) -> Lecture:
    """Sheet « GN quartier »: quartiers, communes and Grand Nouméa × sex × ten-year age group × census.

    Raises `ErreurUtilisateur` for a missing census, commune or total, or figures that do not add up.
    """
    onglet = feuille(chemin, "GN quartier")
    table = _table_age(_figures_quartier(cellules(onglet, annee, sexe, age_ou_total)))
    _exiger(onglet, table["millesime"], MILLESIMES_AGE)
    for millesime, recensement in table.groupby("millesime"):
        _exiger(onglet, recensement["territoire"], (*COMMUNES_GRAND_NOUMEA, GRAND_NOUMEA), millesime)
    _verifier_ages(onglet, table)
    # A quartier is not spelt in the same way at every census: the latest spelling names it.
    noms = table.sort_values("millesime", kind="stable").groupby("territoire")["nom"].last()
    return _lecture(onglet, _sans_totaux(table.assign(nom=table["territoire"].map(noms))), attendues)


def _ages_inconnus(lues: Iterable[Cellule]) -> set[tuple[str, int]]:
    """(territory, census) where some ages are not known: the groups are no partition of the population."""
    return {
        (cellule.titre, cellule.haut)
        for cellule in lues
        if mots(cellule.libelle) == "age non declare" and cellule.valeur
    }


def _partition(feuille: Feuille, ages: pd.DataFrame) -> pd.DataFrame:
    """Age groups of one census of one territory, as a partition from their first age to an open end.

    ISEE leaves the oldest groups empty (or at zero) when they are counted with the one before, and
    writes « 90 à 95 ans » for 90 to 94. Raises `ErreurUtilisateur` when a group is missing.
    """
    occupes = ages.groupby("age_min")["population"].sum()
    debuts = sorted(occupes.index[occupes.index <= occupes[occupes > 0].index.max()])
    gardes = ages[ages["age_min"] <= debuts[-1]]
    suivants = dict(zip(debuts, [*debuts[1:], None], strict=True))
    for _, groupe in gardes.iterrows():
        suivant = suivants[groupe["age_min"]]
        if suivant is not None and groupe["age_max"] not in (suivant - 1, suivant):
            raise feuille.refus(f"{_ou(groupe)} : il manque le groupe d'âge suivant")
    fins = {debut: None if suivant is None else suivant - 1 for debut, suivant in suivants.items()}
    return gardes.assign(age_max=gardes["age_min"].map(fins).astype("Int64"))


def _donnees_age(feuille: Feuille, table: pd.DataFrame, territoires: Sequence[str]) -> pd.DataFrame:
    """Checked figures by territory and age, without their totals, each census a partition."""
    _exiger(feuille, table["territoire"], territoires)
    for territoire, lignes in table.groupby("territoire"):
        _exiger(feuille, lignes["millesime"], MILLESIMES_AGE, territoire)
    _verifier_ages(feuille, table)
    groupes = _sans_totaux(table).groupby(["territoire", "millesime"], sort=False)
    return pd.concat([_partition(feuille, ages) for _, ages in groupes])


def _age_pays(chemin: Path, attendues: tuple[str, ...]) -> Lecture:
    """Sheet « genre et tranche âge »: country and provinces, without the censuses of unknown ages."""
    onglet = feuille(chemin, "genre et tranche âge")
    lues = [
        cellule
        for cellule in cellules(onglet, code_territoire, annee, sexe)
        if age_ou_total(cellule.libelle) is not None or mots(cellule.libelle) == "age non declare"
    ]
    inconnus = _ages_inconnus(lues)
    table = _table_age(
        _figure_age(c.ligne, c.haut, c.titre, _nom(c.titre), c.bas, age_ou_total(c.libelle), c.valeur)
        for c in lues
        if (c.titre, c.haut) not in inconnus and age_ou_total(c.libelle) is not None
    )
    motif = "recensement où des âges ne sont pas déclarés"
    omis = [
        (c.ligne, motif, f"{_nom(c.titre)}, {c.haut}, {c.bas} : {c.valeur:g}")
        for c in lues
        if (c.titre, c.haut) in inconnus
    ]
    return _lecture(onglet, _donnees_age(onglet, table, (PAYS, *PROVINCES)), attendues, omis)


def _age_grand_noumea(chemin: Path, attendues: tuple[str, ...]) -> Lecture:
    """Sheet « GN gpe age »: the four communes and Grand Nouméa."""
    onglet = feuille(chemin, "GN gpe age")
    table = _table_age(
        _figure_age(c.ligne, c.titre, c.haut, _nom(c.haut), c.bas, age_ou_total(c.libelle), c.valeur)
        for c in cellules(onglet, annee, code_territoire, sexe)
        if age_ou_total(c.libelle) is not None
    )
    return _lecture(onglet, _donnees_age(onglet, table, (*COMMUNES_GRAND_NOUMEA, GRAND_NOUMEA)), attendues)


def lire_population_age(chemin: Path, attendues: tuple[str, ...]) -> Lecture:
    """Sheets « genre et tranche âge » and « GN gpe age »: territories × sex × age group × census.

    Raises `ErreurUtilisateur` for a missing census, territory or total, or figures that do not add up.
    """
    return _reunir([_age_pays(chemin, attendues), _age_grand_noumea(chemin, attendues)])


# ------------------------------------------------------------------------------- one row a territory


def lire_population_commune(chemin: Path, attendues: tuple[str, ...]) -> Lecture:
    """Sheet « commune et province »: 33 communes, provinces and country × census since 1956.

    A figure marked `(1)` or `(2)` keeps its mark in `renvoi`; « NS » is no figure and makes no row.
    """
    onglet = feuille(chemin, "commune et province")
    lus = list(_figures_territoire(onglet, annee, _CODES))
    table = pd.DataFrame(
        [
            (ligne, an, code, lu.renvoi, int(lu.valeur))
            for ligne, code, an, lu in lus
            if lu.valeur is not None
        ],
        columns=["ligne", "millesime", "territoire", "renvoi", "population"],
    )
    omis = [
        (ligne, "chiffre non publié", f"{_nom(code)}, {an} (renvoi {lu.renvoi or 'absent'})")
        for ligne, code, an, lu in lus
        if lu.valeur is None
    ]
    _verifier_pays(onglet, table, "population", ["millesime"], PROVINCES)
    return _lecture(onglet, situer(table), attendues, omis)


def _superficie(libelle: object) -> str | None:
    return "superficie" if mots(libelle) == "superficie" else None


def lire_superficie(chemin: Path, attendues: tuple[str, ...]) -> Lecture:
    """Sheet « densité »: area in km² of the communes (Poya whole), provinces and country."""
    onglet = feuille(chemin, "densité")
    codes = {**_CODES, "poya sud nord": _CODES["poya"], "total": PAYS}
    table = pd.DataFrame(
        [
            (ligne, code, intitule, lu.valeur)
            for ligne, code, intitule, lu in _figures_territoire(onglet, _superficie, codes)
            if lu.valeur is not None
        ],
        columns=["ligne", "territoire", "modalite", "superficie"],
    )
    _verifier_pays(onglet, table, "superficie", ["modalite"], PROVINCES)
    ecrite = table["superficie"].map("{:.10g}".format)
    return _lecture(onglet, situer(table.assign(superficie=ecrite)), attendues)


# ------------------------------------------------------------------------------------------ adults

_CSP = {
    mots(csp): csp
    for csp in (
        "Agriculteur",
        "Artisan-commerçant",
        "Cadre",
        "Profession intermédiaire",
        "Employé",
        "Ouvrier",
        "Retraité",
        "Inactif",
    )
}


def _modalite_sexe(libelle: object) -> str | None:
    lu = sexe(libelle)
    return TOTAL if lu == "ensemble" else lu


def _modalite_age(libelle: object) -> str | None:
    """« 10 à 19 ans » of adults is 18 to 19: our label says so."""
    groupe = age_ou_total(libelle)
    if groupe is None or groupe == TOTAL:
        return groupe
    debut, fin = max(groupe[0], MAJORITE), groupe[1]
    return f"{debut} ans et plus" if fin is None else f"{debut} à {fin} ans"


def _modalite_csp(libelle: object) -> str | None:
    return TOTAL if mots(libelle) == "total" else _CSP.get(mots(libelle))


_TABLEAUX_MAJEURS: Mapping[str, tuple[str, Reconnaitre]] = {
    "sexe": ("Genre", _modalite_sexe),
    "age": ("Tranche_age", _modalite_age),
    "csp": ("CSP", _modalite_csp),
}


def _majeurs(chemin: Path, tableau: str, attendues: tuple[str, ...]) -> Lecture:
    """One sheet of adults by commune; an empty cell is nobody, which the total of its row verifies."""
    nom, modalite = _TABLEAUX_MAJEURS[tableau]
    onglet = feuille(chemin, nom)
    figures = [
        (ligne, tableau, code, intitule, int(lu.valeur or 0))
        for ligne, code, intitule, lu in _figures_territoire(onglet, modalite, _CODES)
    ]
    table = pd.DataFrame(figures, columns=["ligne", "tableau", "territoire", "modalite", "effectif"])
    position = _entete(onglet.lignes, modalite, au_moins=1)
    millesime = annee(onglet.lignes[position][1][0])
    if millesime is None:
        raise onglet.refus("l'année du recensement ne se lit pas au-dessus des communes")
    table = situer(table.assign(millesime=millesime))
    total = table["modalite"] == TOTAL
    _verifier_somme(onglet, table, "effectif", ["nom"], total, "les colonnes ne font pas le total")
    _verifier_pays(onglet, table, "effectif", ["modalite"], COMMUNES)
    return _lecture(onglet, table[~total], attendues)


def lire_majeurs(chemin: Path, attendues: tuple[str, ...]) -> Lecture:
    """Sheets « Genre », « Tranche_age » and « CSP »: adults by commune, and for the country.

    The sheet on communauté d'appartenance is never opened. Raises `ErreurUtilisateur` when a commune or
    a column is missing, or figures do not add up.
    """
    return _reunir([_majeurs(chemin, tableau, attendues) for tableau in _TABLEAUX_MAJEURS])
