"""The tables that will be published, linked into one system of cells.

In: tidy frames (one row a cell, dimension columns, a value column), hierarchies and equalities.
Out: `Tables`, the vector a ≥ 0 of all cells and the sparse relations M with M a = 0. A cell is named
by what it counts and by the categories it crosses; a dimension summed over is left out of the name.
So the row total of one table and the same figure in another table are one and the same cell.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from pipeline.model import ErreurUtilisateur

Hierarchies = Mapping[str, Mapping[str, Sequence[str]]]

PERSONNE = -1  # `effectif` of a cell that counts no person: a slack between two figures
RESTE = "(non détaillé)"
CENTIMES = 100


@dataclass(frozen=True, order=True)
class Cellule:
    """Stable name of a cell: the measure, and its categories sorted by dimension."""

    mesure: str
    croisement: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        """Name the cell in a message: « demandes, motif : énergie, quartier : Nord »."""
        detail = [f"{dimension} : {categorie}" for dimension, categorie in self.croisement]
        return ", ".join([self.mesure, *(detail or ["ensemble"])])

    def avec(self, dimension: str, categorie: str) -> Cellule:
        """Return the cell of the same measure with this category of this dimension."""
        autres = [paire for paire in self.croisement if paire[0] != dimension]
        return Cellule(self.mesure, tuple(sorted([*autres, (dimension, categorie)])))

    def croisee(self, croisement: Collection[tuple[str, str]]) -> Cellule:
        """Return the cell of the same measure in these categories as well."""
        return Cellule(self.mesure, tuple(sorted({*self.croisement, *croisement})))

    def sans(self, dimension: str) -> Cellule:
        """Return the cell summed over this dimension."""
        reste = tuple(paire for paire in self.croisement if paire[0] != dimension)
        return Cellule(self.mesure, reste)


@dataclass(frozen=True)
class Tableau:
    """One table as it will be printed: one row of `donnees` a cell, totals included or not.

    donnees: a frame, or no more than its columns by name, which is enough to link and protect.
    mesure: what is counted; two tables of one measure share the cells they have in common.
    dimensions: columns of categories; `total` is the label of a total in any of them.
    nature: "comptage" (whole numbers) or "montant" (currency, read to the hundredth).
    effectif: column of the distinct persons behind the value, when one person can count several
        times; asked of amounts. Totals are then given as rows: distinct persons do not add up.
    plus_grand, deuxieme: columns of the two largest contributions to an amount.
    plafond: column of what anybody knows the value cannot exceed (population of the cell).
    deja_publie: boolean column, true where the value is already public and cannot be taken back.
    multiples: dimensions in which one person may be in several categories (total ≤ sum of parts).
    """

    nom: str
    mesure: str
    donnees: pd.DataFrame | Mapping[str, NDArray[Any]]
    dimensions: tuple[str, ...]
    valeur: str = "valeur"
    nature: Literal["comptage", "montant"] = "comptage"
    effectif: str | None = None
    plus_grand: str | None = None
    deuxieme: str | None = None
    plafond: str | None = None
    deja_publie: str | None = None
    multiples: tuple[str, ...] = ()
    total: str = "Ensemble"

    @property
    def colonnes(self) -> tuple[str, ...]:
        """Every column that the declaration reads."""
        options = (self.effectif, self.plus_grand, self.deuxieme, self.plafond, self.deja_publie)
        return (*self.dimensions, self.valeur, *(nom for nom in options if nom))

    def cellules(self) -> Iterator[Cellule]:
        """Name the cell of each row, in the order of the rows."""
        return iter(self._cellules)

    @cached_property
    def _cellules(self) -> tuple[Cellule, ...]:
        colonnes = [map(str, self.donnees[nom]) for nom in self.dimensions]
        rangees = zip(*colonnes, strict=True) if colonnes else [()] * len(self.donnees[self.valeur])
        return tuple(
            Cellule(
                self.mesure,
                tuple(sorted(p for p in zip(self.dimensions, categories, strict=True) if p[1] != self.total)),
            )
            for categories in rangees
        )


@dataclass(frozen=True)
class Egalite:
    """A relation that no shared category tells: `total` is the sum of `parts`."""

    total: Cellule
    parts: tuple[Cellule, ...]


@dataclass(frozen=True)
class Inclusion:
    """`total` holds `parts`, which exclude one another; `personnes`: what it holds beyond them counts persons."""

    total: Cellule
    parts: tuple[Cellule, ...]
    personnes: bool


@dataclass(frozen=True)
class Tables:
    """All the cells (N) and their relations (R): `relations @ valeurs == 0`, one total a row at most.

    valeurs: whole numbers, persons or hundredths of currency. montants: true for an amount.
    effectifs: distinct persons behind each cell, PERSONNE where the cell counts none.
    premiers, deuxiemes: largest contributions. plafonds: known upper bounds, inf when there is none.
    connues: already public. inedites: never printed, but within an attacker's reach by subtraction.
    unanimes: never printed « all the others » of a category that holds everybody (value 0).
    totaux: (R,) rank of the cell that the others of the relation are parts of, −1 if there is none.
    """

    cellules: tuple[Cellule, ...]
    valeurs: NDArray[np.int64]
    montants: NDArray[np.bool_]
    effectifs: NDArray[np.int64]
    premiers: NDArray[np.int64]
    deuxiemes: NDArray[np.int64]
    plafonds: NDArray[np.float64]
    connues: NDArray[np.bool_]
    inedites: NDArray[np.bool_]
    unanimes: NDArray[np.bool_]
    relations: sparse.csr_array
    totaux: NDArray[np.int64]

    @cached_property
    def rangs(self) -> Mapping[Cellule, int]:
        """Rank of each cell in the vectors."""
        return {cellule: rang for rang, cellule in enumerate(self.cellules)}


def grouper(depart: NDArray[np.int64], arrivee: NDArray[np.int64], nombre: int) -> NDArray[np.int64]:
    """(nombre,) the lowest rank among those that each rank is tied to by edges, near or far."""
    aretes = sparse.coo_array((np.ones(len(depart)), (depart, arrivee)), shape=(nombre, nombre))
    _, groupes = csgraph.connected_components(aretes, directed=False)
    _, premiers = np.unique(groupes, return_index=True)
    return premiers[groupes]


@dataclass(frozen=True)
class _Compte:
    """What is known of one cell while the tables are being linked."""

    valeur: int
    effectif: int
    origine: str
    montant: bool = False
    premier: int = 0
    deuxieme: int = 0
    plafond: float = float("inf")
    connue: bool = False
    inedite: bool = False
    unanime: bool = False


@dataclass(frozen=True)
class _Relation:
    """Σ parts = total + surplus; a relation with a surplus makes no part of its total."""

    total: Cellule
    parts: tuple[Cellule, ...]
    surplus: tuple[Cellule, ...] = ()
    dimension: str = ""


@dataclass(frozen=True)
class _Systeme:
    """The system while it grows: cells by name, relations without duplicates, in order."""

    hierarchies: Hierarchies
    comptes: dict[Cellule, _Compte] = field(default_factory=dict)
    relations: dict[_Relation, None] = field(default_factory=dict)


def lier(
    tableaux: Sequence[Tableau],
    hierarchies: Hierarchies | None = None,
    egalites: Sequence[Egalite] = (),
    inclusions: Sequence[Inclusion] = (),
    attributs: Collection[str] | None = None,
) -> Tables:
    """Link tables into one system of cells.

    hierarchies: dimension → parent → children ({"quartier": {"Commune": ("Nord", "Sud")}}); a parent
        may overlap another. egalites: any other « total = sum of parts ». inclusions: any other « parts
        within a total », such as households and their requests.
    attributs: dimensions in which « everybody is in one category » betrays something of each one (all
        of them when None; a year does not).

    A combination absent from a table is a zero of that table; a total that it does not print is
    computed and counts as printed. Raises ErreurUtilisateur when the tables contradict one another.
    """
    systeme = _Systeme(hierarchies or {})
    for tableau in tableaux:
        _lire(tableau, systeme)
    for tableau in tableaux:
        _completer(tableau, systeme)
    for dimension, arbre in systeme.hierarchies.items():
        _emboiter(dimension, arbre, systeme)
    for egalite in egalites:
        _egaler(egalite, systeme)
    for inclusion in inclusions:
        _inclure(inclusion, systeme)
    _ajouter_unanimites(systeme, attributs)
    return _assembler(systeme)


def _lire(tableau: Tableau, systeme: _Systeme) -> None:
    """Check the rows of a table and name their cells."""
    _verifier_colonnes(tableau)
    facteur = CENTIMES if tableau.nature == "montant" else 1
    valeurs = _nombres(tableau, tableau.valeur, 0)
    effectifs = _nombres(tableau, tableau.effectif or tableau.valeur, 0)
    plafonds = _nombres(tableau, tableau.plafond, np.inf)
    plafonds[np.isnan(plafonds)] = np.inf
    _verifier_valeurs(tableau, valeurs, effectifs, plafonds)
    lues = zip(
        np.rint(valeurs * facteur).astype(np.int64).tolist(),
        effectifs.astype(np.int64).tolist(),
        np.rint(_nombres(tableau, tableau.plus_grand, 0) * facteur).astype(np.int64).tolist(),
        np.rint(_nombres(tableau, tableau.deuxieme, 0) * facteur).astype(np.int64).tolist(),
        (plafonds * facteur).tolist(),
        np.nan_to_num(_nombres(tableau, tableau.deja_publie, 0)).astype(bool).tolist(),
        strict=True,
    )
    montant = tableau.nature == "montant"
    for cellule, (valeur, effectif, *connu) in zip(tableau.cellules(), lues, strict=True):
        _poser(cellule, _Compte(valeur, effectif, tableau.nom, montant, *connu), systeme)


def _nombres(tableau: Tableau, colonne: str | None, defaut: float) -> NDArray[np.float64]:
    """A column of numbers, NaN where it is empty; `defaut` where the table has no such column."""
    if colonne is None:
        return np.full(len(tableau.donnees[tableau.valeur]), float(defaut))
    return np.array(tableau.donnees[colonne], dtype=float)


def _verifier_colonnes(tableau: Tableau) -> None:
    """Refuse a table that lacks a column or a category."""
    absentes = [nom for nom in tableau.colonnes if nom not in tableau.donnees]
    if absentes:
        raise ErreurUtilisateur(f"Tableau « {tableau.nom} » : la colonne « {absentes[0]} » manque.")
    if tableau.nature == "montant" and None in (
        tableau.effectif,
        tableau.plus_grand,
        tableau.deuxieme,
    ):
        raise ErreurUtilisateur(
            f"Tableau « {tableau.nom} » : un tableau de montants indique l’effectif, la plus grande "
            "et la deuxième contribution de chaque cellule (fonction « tabuler »)."
        )
    if any(pd.isna(tableau.donnees[nom]).any() for nom in tableau.dimensions):
        raise ErreurUtilisateur(
            f"Tableau « {tableau.nom} » : une catégorie est vide. Nommez-la (« non renseigné ») ou, "
            f"pour un total, écrivez « {tableau.total} »."
        )


def _verifier_valeurs(
    tableau: Tableau,
    valeurs: NDArray[np.float64],
    effectifs: NDArray[np.float64],
    plafonds: NDArray[np.float64],
) -> None:
    """Refuse the first value that is neither a count nor an amount, or that its bounds contradict."""
    comptes = [valeurs] if tableau.nature == "comptage" else []
    comptes += [effectifs] if tableau.effectif else []
    fautes = {
        "une case vide ou négative": ~(valeurs >= 0) | ~(effectifs >= 0),
        "un nombre de personnes qui n’est pas entier": np.any(
            [compte != np.rint(compte) for compte in comptes], axis=0
        ),
        "une valeur sans personne derrière elle": (valeurs > 0) & (effectifs == 0),
        "une valeur au-dessus de son plafond": valeurs > plafonds,
    }
    for faute, lignes in fautes.items():
        if np.any(lignes):
            rang = int(np.argmax(lignes))
            cellule = next(itertools.islice(tableau.cellules(), rang, None))
            raise ErreurUtilisateur(
                f"Tableau « {tableau.nom} » : {faute}, pour « {cellule} » ({valeurs[rang]:g}). "
                "Corrigez cette ligne avant de publier."
            )


def _poser(cellule: Cellule, compte: _Compte, systeme: _Systeme) -> None:
    """Add a cell, or check that it has the value of the table that already gave it; keep the strictest."""
    ancien = systeme.comptes.get(cellule)
    if ancien is None:
        systeme.comptes[cellule] = compte
        return
    if ancien.valeur != compte.valeur:
        raise ErreurUtilisateur(
            f"« {cellule} » vaut {_ecrire(ancien)} dans « {ancien.origine} » et {_ecrire(compte)} "
            f"dans « {compte.origine} » : corrigez l’un des deux tableaux, ou donnez-leur deux "
            "mesures différentes s’ils ne comptent pas la même chose."
        )
    systeme.comptes[cellule] = replace(
        ancien,
        effectif=min(ancien.effectif, compte.effectif),
        premier=max(ancien.premier, compte.premier),
        deuxieme=max(ancien.deuxieme, compte.deuxieme),
        plafond=min(ancien.plafond, compte.plafond),
        connue=ancien.connue or compte.connue,
        inedite=ancien.inedite and compte.inedite,
    )


def _ecrire(compte: _Compte) -> str:
    return f"{compte.valeur / CENTIMES:.2f}" if compte.montant else str(compte.valeur)


def _descendants(arbre: Mapping[str, Sequence[str]], categorie: str) -> set[str]:
    """Every category under this one."""
    enfants = set(arbre.get(categorie, ()))
    return enfants.union(*(_descendants(arbre, enfant) for enfant in enfants))


def _completer(tableau: Tableau, systeme: _Systeme) -> None:
    """Fill the grid of a table (zeros, totals) and write its relations, dimension by dimension."""
    categories: dict[str, list[str]] = {}
    feuilles: dict[str, list[str]] = {}
    for dimension in tableau.dimensions:
        lues = set(tableau.donnees[dimension].astype(str))
        presentes = sorted(lues - {tableau.total})
        arbre = systeme.hierarchies.get(dimension, {})
        feuilles[dimension] = [c for c in presentes if not _descendants(arbre, c) & set(presentes)]
        sommable = len(feuilles[dimension]) > 1 or tableau.total in lues
        categories[dimension] = [*presentes, tableau.total] if sommable else presentes
    for choix in itertools.product(*categories.values()):
        paires = [p for p in zip(categories, choix, strict=True) if p[1] != tableau.total]
        cellule = Cellule(tableau.mesure, tuple(sorted(paires)))
        _calculer(cellule, tableau, feuilles, systeme)
        for dimension, categorie in zip(categories, choix, strict=True):
            if categorie == tableau.total:
                parts = tuple(cellule.avec(dimension, c) for c in feuilles[dimension])
                _relier_dimension(cellule, parts, dimension, tableau, feuilles, systeme)


def _calculer(
    cellule: Cellule, tableau: Tableau, feuilles: Mapping[str, list[str]], systeme: _Systeme
) -> _Compte:
    """Find the count of a cell: given, or the sum of its parts, or zero."""
    if cellule in systeme.comptes:
        return systeme.comptes[cellule]
    parts = _parts(cellule, tableau, feuilles, systeme)
    somme = sum(_calculer(part, tableau, feuilles, systeme).valeur for part in parts)
    if somme and tableau.effectif:
        raise ErreurUtilisateur(
            f"Tableau « {tableau.nom} » : le total « {cellule} » manque. Les personnes distinctes ne "
            "s’additionnent pas : donnez tous les totaux (fonction « tabuler »)."
        )
    compte = _Compte(somme, somme, tableau.nom, tableau.nature == "montant")
    systeme.comptes[cellule] = compte
    return compte


def _parts(
    cellule: Cellule, tableau: Tableau, feuilles: Mapping[str, list[str]], systeme: _Systeme
) -> list[Cellule]:
    """Parts whose sum is a cell that a table does not print; none for a leaf, which is then zero."""
    croisees = dict(cellule.croisement)
    sommees = [d for d in tableau.dimensions if d not in croisees]
    for dimension in sommees:
        if dimension not in tableau.multiples:
            return [cellule.avec(dimension, c) for c in feuilles[dimension]]
    if sommees:
        raise ErreurUtilisateur(
            f"Tableau « {tableau.nom} » : le total « {cellule} » manque. Une même personne peut être "
            f"dans plusieurs catégories de « {sommees[0]} » : ce total ne se calcule pas, donnez-le."
        )
    for dimension, categorie in cellule.croisement:
        dessous = _descendants(systeme.hierarchies.get(dimension, {}), categorie)
        if dessous and categorie not in feuilles[dimension]:
            return [cellule.avec(dimension, c) for c in feuilles[dimension] if c in dessous]
    return []


def _relier_dimension(
    total: Cellule,
    parts: tuple[Cellule, ...],
    dimension: str,
    tableau: Tableau,
    feuilles: Mapping[str, list[str]],
    systeme: _Systeme,
) -> None:
    """Write total = Σ parts, or the inequalities that hold where a person may be in several parts."""
    for part in parts:
        _calculer(part, tableau, feuilles, systeme)
    if dimension not in tableau.multiples:
        _relier(total, parts, dimension, systeme)
        return
    valeur = systeme.comptes[total].valeur
    doubles = sum(systeme.comptes[part].valeur for part in parts) - valeur
    if doubles < 0:
        _contredire(total, valeur, valeur + doubles)
    surplus = total.avec(dimension, "(comptes multiples)")
    _poser(surplus, _Compte(doubles, PERSONNE, tableau.nom, inedite=True), systeme)
    systeme.relations[_Relation(total, parts, (surplus,))] = None
    for part in parts:
        hors = valeur - systeme.comptes[part].valeur
        complement = total.avec(dimension, f"(hors {dict(part.croisement)[dimension]})")
        if hors < 0:
            _contredire(total, valeur, valeur - hors)
        _poser(complement, _Compte(hors, hors, tableau.nom, inedite=True), systeme)
        systeme.relations[_Relation(total, (part, complement), (), dimension)] = None


def _contredire(total: Cellule, valeur: float, somme: float) -> None:
    raise ErreurUtilisateur(
        f"« {total} » vaut {valeur:g} mais ses parties imposent {somme:g} : corrigez le total ou les "
        "parties avant de publier."
    )


def _relier(total: Cellule, parts: tuple[Cellule, ...], dimension: str, systeme: _Systeme) -> None:
    """Write total = Σ parts; what the parts leave out is a cell of its own, never printed."""
    compte = systeme.comptes[total]
    somme = sum(systeme.comptes[part].valeur for part in parts)
    manque = compte.valeur - somme
    unite = CENTIMES if compte.montant else 1
    if manque < 0 or (manque and (compte.montant or compte.effectif != compte.valeur)):
        _contredire(total, compte.valeur / unite, somme / unite)
    if manque:
        reste = total.avec(dimension, RESTE)
        _poser(reste, _Compte(manque, manque, compte.origine, inedite=True), systeme)
        parts = (*parts, reste)
    systeme.relations[_Relation(total, parts, (), dimension)] = None


def _emboiter(dimension: str, arbre: Mapping[str, Sequence[str]], systeme: _Systeme) -> None:
    """Relate each parent to its children wherever both are cells, lower parents first."""
    for parent in sorted(arbre, key=lambda p: (len(_descendants(arbre, p)), p)):
        enfants = sorted(arbre[parent])
        bases = {
            cellule.sans(dimension)
            for cellule in systeme.comptes
            if dict(cellule.croisement).get(dimension) in enfants
        }
        for base in sorted(bases):
            _emboiter_parent(base.avec(dimension, parent), enfants, dimension, systeme)


def _emboiter_parent(parent: Cellule, enfants: Sequence[str], dimension: str, systeme: _Systeme) -> None:
    """Relate one parent cell; a parent printed nowhere still links the tables of its children."""
    parts = tuple(part for enfant in enfants if (part := parent.avec(dimension, enfant)) in systeme.comptes)
    if parent not in systeme.comptes:
        if len(parts) < len(enfants):
            return
        comptes = [systeme.comptes[part] for part in parts]
        somme = sum(compte.valeur for compte in comptes)
        additif = all(compte.effectif == compte.valeur for compte in comptes)
        effectif = somme if additif else PERSONNE
        implicite = _Compte(somme, effectif, comptes[0].origine, comptes[0].montant, inedite=True)
        _poser(parent, implicite, systeme)
    _relier(parent, parts, dimension, systeme)


def _egaler(egalite: Egalite, systeme: _Systeme) -> None:
    """Write an equality that the user declares."""
    _exiger((egalite.total, *egalite.parts), f"L’égalité de « {egalite.total} »", systeme)
    valeurs = [systeme.comptes[part].valeur for part in egalite.parts]
    if sum(valeurs) != systeme.comptes[egalite.total].valeur:
        _contredire(egalite.total, systeme.comptes[egalite.total].valeur, sum(valeurs))
    systeme.relations[_Relation(egalite.total, egalite.parts)] = None


def _inclure(inclusion: Inclusion, systeme: _Systeme) -> None:
    """Write Σ parts + what lies beyond = total: a cell that is never printed, of persons or of nobody."""
    total, parts = inclusion.total, inclusion.parts
    _exiger((total, *parts), f"L’inclusion dans « {total} »", systeme)
    somme = sum(systeme.comptes[part].valeur for part in parts)
    reste = systeme.comptes[total].valeur - somme
    if reste < 0:
        _contredire(total, systeme.comptes[total].valeur, somme)
    au_dela = Cellule(f"{total} au-delà de {' + '.join(map(str, parts))}")
    compte = _Compte(reste, reste if inclusion.personnes else PERSONNE, str(total), inedite=True)
    _poser(au_dela, compte, systeme)
    systeme.relations[_Relation(total, (*parts, au_dela))] = None


def _exiger(cellules: Sequence[Cellule], relation: str, systeme: _Systeme) -> None:
    """Refuse a declared relation between cells of which no table gives one."""
    for cellule in cellules:
        if cellule not in systeme.comptes:
            raise ErreurUtilisateur(f"{relation} cite « {cellule} », qu’aucun tableau ne donne.")


def _ajouter_unanimites(systeme: _Systeme, attributs: Collection[str] | None) -> None:
    """Where one category holds everybody, add « all the others »: a zero that must stay in doubt.

    Zeros printed around a category tell what each person of the row is, even when the count itself
    is hidden (attribute disclosure, Hundepool et al. 2012, chapter 5).
    """
    for relation in list(systeme.relations):
        if not relation.dimension or (attributs is not None and relation.dimension not in attributs):
            continue
        compte = systeme.comptes[relation.total]
        for categorie, membres in _categories(relation, systeme):
            cellule = relation.total.avec(relation.dimension, categorie)
            dehors = [part for part in relation.parts if part not in membres]
            if not 0 < systeme.comptes[cellule].valeur == compte.valeur:
                continue
            if not any(systeme.comptes[part].plafond > 0 for part in dehors):
                continue
            ensemble = dict(relation.total.croisement).get(relation.dimension)
            nom = f"toute autre que {categorie}" + (f" dans {ensemble}" if ensemble else "")
            autres = relation.total.avec(relation.dimension, f"({nom})")
            zero = _Compte(0, 0, compte.origine, compte.montant, inedite=True, unanime=True)
            systeme.comptes[autres] = zero
            systeme.relations[_Relation(autres, tuple(dehors))] = None
            systeme.relations[_Relation(relation.total, (cellule, autres))] = None


def _categories(relation: _Relation, systeme: _Systeme) -> Iterator[tuple[str, set[Cellule]]]:
    """Printed categories of a total, with the parts that make each: its parts, and what groups some of them.

    A commune is the sum of its quartiers; its sectors are no part of that sum, and yet a reader who sees
    an empty sector knows that everybody is in the other one.
    """
    dimension, arbre = relation.dimension, systeme.hierarchies.get(relation.dimension, {})
    feuilles = {part: _feuilles(arbre, dict(part.croisement)[dimension]) for part in relation.parts}
    groupes = {dict(part.croisement)[dimension]: siennes for part, siennes in feuilles.items()}
    groupes |= {nom: _feuilles(arbre, nom) for nom in sorted(arbre)}
    for categorie, dessous in groupes.items():
        membres = {part for part, siennes in feuilles.items() if siennes <= dessous}
        compte = systeme.comptes.get(relation.total.avec(dimension, categorie))
        entiere = dessous == set().union(*(feuilles[part] for part in membres))
        if compte is not None and not compte.inedite and entiere:
            yield categorie, membres


def _feuilles(arbre: Mapping[str, Sequence[str]], categorie: str) -> set[str]:
    """Lowest categories of this one; itself when nothing is under it."""
    return {nom for nom in (categorie, *_descendants(arbre, categorie)) if not arbre.get(nom)}


def _assembler(systeme: _Systeme) -> Tables:
    """Turn names into ranks: cells sorted by name, relations in the order they were written."""
    cellules = tuple(sorted(systeme.comptes))
    rangs = {cellule: rang for rang, cellule in enumerate(cellules)}
    comptes = [systeme.comptes[cellule] for cellule in cellules]
    lignes, colonnes, signes, totaux = [], [], [], []
    for ligne, relation in enumerate(systeme.relations):
        negatives = (relation.total, *relation.surplus)
        membres = [rangs[c] for c in (*relation.parts, *negatives)]
        colonnes += membres
        lignes += [ligne] * len(membres)
        signes += [1] * len(relation.parts) + [-1] * len(negatives)
        totaux.append(-1 if relation.surplus else rangs[relation.total])
    forme = (len(totaux), len(cellules))
    return Tables(
        cellules=cellules,
        valeurs=np.array([c.valeur for c in comptes], dtype=np.int64),
        montants=np.array([c.montant for c in comptes], dtype=bool),
        effectifs=np.array([c.effectif for c in comptes], dtype=np.int64),
        premiers=np.array([c.premier for c in comptes], dtype=np.int64),
        deuxiemes=np.array([c.deuxieme for c in comptes], dtype=np.int64),
        plafonds=np.array([c.plafond for c in comptes], dtype=float),
        connues=np.array([c.connue for c in comptes], dtype=bool),
        inedites=np.array([c.inedite for c in comptes], dtype=bool),
        unanimes=np.array([c.unanime for c in comptes], dtype=bool),
        relations=sparse.csr_array((signes, (lignes, colonnes)), shape=forme, dtype=np.int64),
        totaux=np.array(totaux, dtype=np.int64),
    )
