"""Statistical secrecy before anything leaves: `resultat.*` in, `publication.*` out.

Public statistics go through as they are. Whatever comes from what the CCAS knows of persons is linked into
one system of cells (territories that add up to the commune, parts and their complements, the same count in
two tables), protected, audited by an attack, and only then published: a figure is hidden as soon as one of
the counts it is made of is. The build stops if the audit fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline import comptes, transform
from pipeline.disclosure import Cellule, Egalite, Inclusion, Regle, Tableau, Tables, lier, secret_du_premier
from pipeline.disclosure import proteger as proteger_cellules
from pipeline.model import Chapter, Indicator, Measure, Published, Share, Statut, colonnes, termes
from pipeline.quantites import MONTANTS, PERSONNES_DERRIERE, PUBLIQUES
from pipeline.report.nombres import nombre
from pipeline.sources.ccas import LIBELLES

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Edition

_ENSEMBLE = "Ensemble"
_SUFFIXE_TOTAL = "_ensemble"
_PART = "part "  # the dimension that cuts a whole in two
_REDRESSES = "_redresses"  # a weighted count; the persons behind it are in the column without this suffix
_ATTRIBUTS_EXCLUS = ("territoire",)
# Breakdowns whose categories change with the year: what did not happen, or was not asked, is no empty category.
_PROPRES_A_L_ANNEE = ("evenement", "theme")
_SANS_CHIFFRE = dict.fromkeys(
    ("numerateur", "denominateur", "efficace", "valeur", "borne_basse", "borne_haute"), np.nan
)

_Incluses = Sequence[tuple[Cellule, Cellule]]  # a count, and one that it holds
_Cadre = Mapping[str, NDArray[Any]]  # one year of a table, by columns
_NOMBRES = "iuf"  # kinds of numpy that count or measure


@dataclass(frozen=True)
class _Compte:
    """A count behind an indicator: its measure, and the category that makes it a part of it, if any."""

    mesure: str
    part: str = ""

    def cellule(self, ligne: Mapping[str, object], dimensions: Sequence[str]) -> Cellule:
        """The cell of this count on one row of the indicator's table."""
        croisement = [(nom, str(ligne[nom])) for nom in dimensions if ligne[nom] != _ENSEMBLE]
        if self.part:
            croisement.append((_PART + self.part, self.part))
        return Cellule(self.mesure.removesuffix(_SUFFIXE_TOTAL), tuple(sorted(croisement)))


def proteger(con: duckdb.DuckDBPyConnection, edition: Edition, chapitres: Sequence[Chapter]) -> pd.DataFrame:
    """Write `publication.indicateurs` and `publication.comparaisons`; returns the former."""
    con.execute("create schema publication")
    table = con.execute("select * from resultat.indicateurs").df()
    personnels = [_sans_poids(i) for c in chapitres for i in c.indicators if transform.est_activite(i.table)]
    cadres = _cadres(con, edition, personnels)
    vides = _categories_vides(cadres, personnels)
    lues = len(table)
    table = pd.concat([table, _lignes_vides(table, personnels, vides)], ignore_index=True)
    secretes = _lignes_secretes(edition, table, personnels, _completer(cadres, personnels, vides))
    table.loc[secretes, list(_SANS_CHIFFRE)] = np.nan
    table.loc[secretes, "statut"] = Statut.SECRET.value
    table.loc[secretes, "motif"] = "secret statistique"
    table = table[secretes | (table.index < lues)]
    con.register("lot", table)
    con.execute("create table publication.indicateurs as select * from lot")
    con.unregister("lot")
    con.execute(_COMPARAISONS)
    return table


_COMPARAISONS = """
create table publication.comparaisons as
with secretes as (
  select indicateur, groupe, territoire, millesime
  from publication.indicateurs
  where statut = 'secret'
)
select c.*
from resultat.comparaisons c
anti join secretes s
  on s.indicateur = c.indicateur and s.groupe = c.groupe
  and s.territoire = c.territoire and s.millesime = c.millesime
anti join secretes a
  on a.indicateur = c.indicateur and a.groupe = c.groupe
  and a.territoire = c.contre and a.millesime = c.contre_millesime"""


def _sans_poids(indicateur: Indicator) -> Indicator:
    """The indicator over the persons who answered: what a weighted share of them would let a reader count."""
    mesure = indicateur.measure
    if not isinstance(mesure, Share):
        return indicateur
    a, of = (somme.replace(_REDRESSES, "") for somme in (mesure.a, mesure.of))
    return replace(indicateur, measure=replace(mesure, a=a, of=of))


def _cadres(
    con: duckdb.DuckDBPyConnection, edition: Edition, personnels: Sequence[Indicator]
) -> dict[tuple[str, int], _Cadre]:
    """(table, year) → its columns; the commune is the total of its quartiers."""
    cadres = {}
    for table in dict.fromkeys(i.table for i in personnels):
        lues = con.execute(f"select * from socle.{table}").fetchnumpy()
        entiere = {nom: _sans_masque(colonne) for nom, colonne in lues.items()}
        entiere["territoire"][entiere["territoire"] == edition.territoire.code] = _ENSEMBLE
        for annee in np.unique(entiere["millesime"]).tolist():
            lignes = entiere["millesime"] == annee
            cadres[table, annee] = {nom: colonne[lignes] for nom, colonne in entiere.items()}
    return cadres


def _sans_masque(colonne: NDArray[Any]) -> NDArray[Any]:
    """A column as DuckDB gives it: NaN for a number that is missing."""
    if not isinstance(colonne, np.ma.MaskedArray):
        return colonne
    return colonne.astype(float).filled(np.nan) if colonne.dtype.kind in _NOMBRES else colonne.filled(None)


def _categories_vides(
    cadres: Mapping[tuple[str, int], _Cadre], personnels: Sequence[Indicator]
) -> dict[tuple[str, int], tuple[str, ...]]:
    """(table, year) → the categories of its breakdown in which nobody is, that year.

    A category is one met in any year; the whole code list where only one is. Without them a reader would know
    that a hidden category holds somebody, and that a category alone of its year holds everybody.
    """
    axes = {i.table: i.by for i in personnels if i.by not in ("", *_PROPRES_A_L_ANNEE)}
    lues = {cle: set(map(str, cadre[axes[cle[0]]])) for cle, cadre in cadres.items() if cle[0] in axes}
    connues: dict[str, set[str]] = {}
    for (table, _), categories in lues.items():
        connues.setdefault(table, set()).update(categories)
    for table, categories in connues.items():
        categories |= set() if len(categories) > 1 else set(LIBELLES.get(axes[table], ()))
    vides = {cle: tuple(sorted(connues[cle[0]] - categories)) for cle, categories in sorted(lues.items())}
    return {cle: absentes for cle, absentes in vides.items() if absentes}


def _lignes_vides(
    resultats: pd.DataFrame,
    personnels: Sequence[Indicator],
    vides: Mapping[tuple[str, int], tuple[str, ...]],
) -> pd.DataFrame:
    """A row for each category in which nobody is, like those of its year: published only if it must be hidden."""
    if not vides:
        return resultats[:0]
    cles = ["indicateur", "millesime"]
    cas = [
        (i.id, annee, absentes) for i in personnels for (t, annee), absentes in vides.items() if t == i.table
    ]
    modeles = resultats.drop_duplicates([*cles, "territoire"]).drop(columns="groupe")
    copies = pd.DataFrame(cas, columns=[*cles, "groupe"]).merge(modeles, on=cles).explode("groupe")
    copies = copies.assign(statut=Statut.ABSENT.value, motif="", **_SANS_CHIFFRE)
    return copies[resultats.columns].astype(resultats.dtypes)


def _completer(
    cadres: Mapping[tuple[str, int], _Cadre],
    personnels: Sequence[Indicator],
    vides: Mapping[tuple[str, int], tuple[str, ...]],
) -> dict[tuple[str, int], _Cadre]:
    """The same tables, with their empty categories."""
    axes = {i.table: i.by for i in personnels}
    completes = {cle: _avec_vides(cadres[cle], axes[cle[0]], absentes) for cle, absentes in vides.items()}
    return {**cadres, **completes}


def _avec_vides(cadre: _Cadre, axe: str, vides: Sequence[str]) -> _Cadre:
    """A table with its empty categories: nothing in any of their columns, but in what sums the whole."""
    ajouts = {nom: np.repeat(colonne[:1], len(vides)) for nom, colonne in cadre.items()}
    for nom, colonne in cadre.items():
        if colonne.dtype.kind in _NOMBRES and nom != "millesime" and not nom.endswith(_SUFFIXE_TOTAL):
            ajouts[nom] = np.full(len(vides), np.nan if np.isnan(colonne).all() else 0)
    ajouts[axe] = np.array(vides, dtype=object)
    return {nom: np.concatenate([colonne, ajouts[nom]]) for nom, colonne in cadre.items()}


def _lignes_secretes(
    edition: Edition,
    resultats: pd.DataFrame,
    personnels: Sequence[Indicator],
    cadres: Mapping[tuple[str, int], _Cadre],
) -> pd.Series:
    """Mask of the rows of `resultat.indicateurs` that may not be published."""
    secretes = np.zeros(len(resultats), dtype=bool)
    rangs = resultats.groupby(["indicateur", "millesime"], sort=False).indices
    territoires, groupes = (resultats[nom].to_numpy(object) for nom in ("territoire", "groupe"))
    for exercice in sorted({annee for _, annee in cadres}):
        lus = [(i, cadres[i.table, exercice]) for i in personnels if (i.table, exercice) in cadres]
        for indicateur, secrets in _secrets(lus, edition):
            lignes = rangs.get((indicateur.id, exercice), [])
            couples = zip(territoires[lignes], groupes[lignes], strict=True)
            secretes[lignes] = [couple in secrets for couple in couples]
    return pd.Series(secretes, index=resultats.index)


def _secrets(
    lus: Sequence[tuple[Indicator, _Cadre]], edition: Edition
) -> Iterator[tuple[Indicator, set[tuple[str, str]]]]:
    """Protect one year's tables together; (territoire, groupe) of each indicator of which a count is hidden."""
    seance = edition.edition.exercice == "seance"
    systeme = _systeme(lus, (*comptes.INCLUSES, *(comptes.INCLUSES_SEANCE if seance else ())))
    if systeme is None:
        return
    regle = Regle(**edition.profil.secret.model_dump())
    protection = proteger_cellules(systeme, regle)
    cachees = {cellule for cellule, rang in systeme.rangs.items() if protection.cachees[rang]}
    secrets = [_categories_secretes(indicateur, cadre, cachees, edition) for indicateur, cadre in lus]
    tus = {
        nom
        for (indicateur, cadre), siens in zip(lus, secrets, strict=True)
        if indicateur.table in comptes.ORDONNES and (siens or _premier_devine(cadre, indicateur.by, regle))
        for nom in (indicateur.id, *comptes.ORDONNES[indicateur.table])
    }
    for (indicateur, cadre), siens in zip(lus, secrets, strict=True):
        yield indicateur, _categories(indicateur, cadre, edition) if indicateur.id in tus else siens


def _premier_devine(cadre: _Cadre, axe: str, regle: Regle) -> bool:
    """Whether groups in the order of their names (« 1er dixième »…) let the second contributor estimate the first."""
    ordre = np.argsort(cadre[axe])
    montants, effectifs, carres = (
        cadre[nom][ordre] for nom in ("montant", "menages_payes", "montant_carres")
    )
    plus_grands = cadre["montant_premier"][ordre][-1], cadre["montant_deuxieme"][ordre][-1]
    return secret_du_premier(montants, effectifs, carres, plus_grands, regle)


def _categories(indicateur: Indicator, cadre: _Cadre, edition: Edition) -> set[tuple[str, str]]:
    """(territoire, groupe) of every row of an indicator."""
    return {_place(indicateur, ligne, edition) for ligne in _lignes(cadre, _axes(indicateur))}


def _axes(indicateur: Indicator) -> tuple[str, ...]:
    return ("territoire", *([indicateur.by] if indicateur.by else []))


def _place(indicateur: Indicator, ligne: Mapping[str, Any], edition: Edition) -> tuple[str, str]:
    territoire = ligne["territoire"].replace(_ENSEMBLE, edition.territoire.code)
    return territoire, str(ligne[indicateur.by]) if indicateur.by else ""


def _systeme(
    lus: Sequence[tuple[Indicator, _Cadre]], incluses: _Incluses = comptes.INCLUSES
) -> Tables | None:
    """One year's tables, linked by all that a reader knows of their counts; None where nothing is counted."""
    tableaux = {t.nom: t for indicateur, cadre in lus for t in _tableaux(indicateur, cadre)}
    if not tableaux:
        return None
    attributs = {d for t in tableaux.values() for d in t.dimensions} - set(_ATTRIBUTS_EXCLUS)
    valeurs = {c: v for t in tableaux.values() for c, v in _valeurs(t).items()}
    noms = _nommees(valeurs)
    return lier(
        list(tableaux.values()),
        egalites=[*_egalites(noms), *_sommes(noms, valeurs)],
        inclusions=list(_inclusions(noms, valeurs, incluses)),
        attributs=attributs,
    )


def _valeurs(tableau: Tableau) -> dict[Cellule, float]:
    """Each cell of a table and its value, and the totals that its rows add up to."""
    valeurs = dict(zip(tableau.cellules(), map(float, tableau.donnees["valeur"]), strict=True))
    for dimension in tableau.dimensions:
        parts: dict[Cellule, list[float]] = {}
        for cellule, valeur in valeurs.items():
            if dimension in dict(cellule.croisement):
                parts.setdefault(cellule.sans(dimension), []).append(valeur)
        valeurs = {total: sum(siennes) for total, siennes in parts.items() if len(siennes) > 1} | valeurs
    return valeurs


def _nommees(cellules: Iterable[Cellule]) -> dict[Cellule, list[Cellule]]:
    """What is counted, and the categories that it crosses → its cells: its own, then the part that it is of wholes."""
    noms: dict[Cellule, list[Cellule]] = {}
    for cellule in sorted(cellules, key=lambda c: (any(nom.startswith(_PART) for nom, _ in c.croisement), c)):
        nom = cellule
        for dimension, categorie in cellule.croisement:
            if dimension == _PART + categorie:
                nom = Cellule(categorie, cellule.sans(dimension).croisement)
        noms.setdefault(nom, []).append(cellule)
    return noms


def _egalites(noms: Mapping[Cellule, Sequence[Cellule]]) -> Iterator[Egalite]:
    """The same count in several cells; and a sum of counts, of those that are counted by themselves."""
    for nom, (premiere, *autres) in noms.items():
        yield from (Egalite(premiere, (autre,)) for autre in autres)
        termes_ = [Cellule(colonne, nom.croisement) for colonne in colonnes(nom.mesure)]
        if len(termes_) > 1 and "-" not in nom.mesure and all(noms.get(t, ())[:1] == [t] for t in termes_):
            yield Egalite(premiere, tuple(termes_))


def _sommes(noms: Mapping[Cellule, Sequence[Cellule]], valeurs: Mapping[Cellule, float]) -> Iterator[Egalite]:
    """The declared sums of which every cell is there, and that hold."""
    for total, parts in comptes.SOMMES:
        if {total, *parts} <= noms.keys():
            tout, *siennes = (noms[nom][0] for nom in (total, *parts))
            if valeurs[tout] == sum(valeurs[part] for part in siennes):
                yield Egalite(tout, tuple(siennes))


def _inclusions(
    noms: Mapping[Cellule, Sequence[Cellule]],
    valeurs: Mapping[Cellule, float],
    incluses: _Incluses = comptes.INCLUSES,
) -> Iterator[Inclusion]:
    """The declared counts that others hold, in each crossing where they are all there."""
    relations = (
        *((tout, parts, True) for tout, parts in comptes.PARTS),
        *((tout, (part,), False) for tout, part in incluses),
    )
    croisements = sorted({nom.croisement for nom in noms})
    for (tout, parts, personnes), croisement in product(relations, croisements):
        croisees = [cellule.croisee(croisement) for cellule in (tout, *parts)]
        if noms.keys() >= set(croisees):
            total, *siennes = (noms[nom][0] for nom in croisees)
            if sum(valeurs[part] for part in siennes) <= valeurs[total]:
                yield Inclusion(total, tuple(siennes), personnes)


def _categories_secretes(
    indicateur: Indicator, cadre: _Cadre, cachees: set[Cellule], edition: Edition
) -> set[tuple[str, str]]:
    """(territoire, groupe) of the rows of an indicator one of whose counts is hidden."""
    dimensions = _dimensions(indicateur, cadre)
    secrets = set()
    for ligne in _lignes(cadre, (*dimensions, *_axes(indicateur))):
        if any(c.cellule(ligne, _sans_total(c, dimensions)) in cachees for c in _comptes(indicateur)):
            secrets.add(_place(indicateur, ligne, edition))
    return secrets


def _lignes(cadre: _Cadre, noms: Sequence[str]) -> list[dict[str, object]]:
    """The rows of a table, of these columns only."""
    lues = {nom: cadre[nom].tolist() for nom in noms}
    return [{nom: lue[rang] for nom, lue in lues.items()} for rang in range(len(cadre["territoire"]))]


def _sans_total(compte: _Compte, dimensions: Sequence[str]) -> Sequence[str]:
    return () if compte.mesure.endswith(_SUFFIXE_TOTAL) else dimensions


def _dimensions(indicateur: Indicator, cadre: _Cadre) -> tuple[str, ...]:
    """What a table crosses within one year: its groups, else its territories if it has several."""
    if indicateur.by:
        return (indicateur.by,)
    return () if (cadre["territoire"] == _ENSEMBLE).all() else ("territoire",)


def _comptes(indicateur: Indicator) -> Iterator[_Compte]:
    """The counts of persons that an indicator gives away."""
    mesure = indicateur.measure
    if _est_partage(mesure):
        yield _Compte(mesure.of, mesure.a)
        yield _Compte(mesure.of)
        return
    yield from (_Compte(nom) for nom in _noms(indicateur) if nom not in PUBLIQUES)


def _est_partage(mesure: Measure) -> bool:
    """Whether a share has a whole of its own, which the part and all the others cut in two."""
    if not isinstance(mesure, Share) or mesure.of in PUBLIQUES:
        return False
    return not mesure.of.endswith(_SUFFIXE_TOTAL)


def _noms(indicateur: Indicator) -> tuple[str, ...]:
    """Columns an indicator sums; none for a median or a quantile, which its SELECT gives only over enough."""
    mesure = indicateur.measure
    if isinstance(mesure, Published):
        return ()
    return colonnes(mesure.a) + (colonnes(mesure.of) if hasattr(mesure, "of") else ())


def _tableaux(indicateur: Indicator, cadre: _Cadre) -> Iterator[Tableau]:
    """The tables that an indicator prints, or lets a reader rebuild, for one year."""
    mesure, dimensions = indicateur.measure, _dimensions(indicateur, cadre)
    if _est_partage(mesure):
        part, ensemble = _somme(cadre, mesure.a), _somme(cadre, mesure.of)
        connus = ~np.isnan(part + ensemble)
        if connus.any():
            crois = {nom: cadre[nom][connus] for nom in dimensions}
            yield _tableau_partage(mesure, crois, part[connus], ensemble[connus])
        return
    for nom in _noms(indicateur):
        connus = ~np.isnan(cadre[nom])
        if connus.any() and nom not in PUBLIQUES and not nom.endswith(_SUFFIXE_TOTAL):
            yield _tableau_simple(cadre, connus, nom, dimensions)


def _somme(cadre: _Cadre, somme: str) -> NDArray[np.float64]:
    """The column, or the sum of columns, that a measure names."""
    return sum(cadre[nom] * (-1.0 if signe == "-" else 1.0) for signe, nom in termes(somme))


def _tableau_partage(
    mesure: Share, croisement: _Cadre, part: NDArray[np.float64], ensemble: NDArray[np.float64]
) -> Tableau:
    """A whole cut in two: the part, and all the others."""
    axe, dimensions = _PART + mesure.a, tuple(croisement)
    donnees = {nom: np.tile(categories, 3) for nom, categories in croisement.items()}
    donnees[axe] = np.repeat((mesure.a, f"hors {mesure.a}", _ENSEMBLE), len(part))
    donnees["valeur"] = np.concatenate([part, ensemble - part, ensemble])
    titre = " par ".join((f"{mesure.a} parmi {mesure.of}", *dimensions))
    return Tableau(titre, mesure.of, donnees, (*dimensions, axe))


def _tableau_simple(
    cadre: _Cadre, connus: NDArray[np.bool_], nom: str, dimensions: tuple[str, ...]
) -> Tableau:
    """A count, or an amount with the households behind it and its two largest contributions."""
    derriere, montant = PERSONNES_DERRIERE.get(nom), nom in MONTANTS
    contributions = (f"{nom}_premier", f"{nom}_deuxieme") if montant else (None, None)
    lues = [*dimensions, *(lue for lue in (derriere, *contributions) if lue)]
    donnees = {lue: cadre[lue][connus] for lue in lues}
    donnees["valeur"] = cadre[nom][connus] if montant else np.rint(cadre[nom][connus])
    return Tableau(
        " par ".join((nom, *dimensions)),
        nom,
        donnees,
        dimensions,
        nature="montant" if montant else "comptage",
        effectif=derriere,
        plus_grand=contributions[0],
        deuxieme=contributions[1],
    )


def diffuser(con: duckdb.DuckDBPyConnection, base: Path) -> None:
    """Copy into `base` what may be read by all: public tables, published figures, quality of the files.

    What comes from persons known to the CCAS stays behind: its raw tables, the tables made of them, the
    figures before protection, the rejected values.
    """
    con.execute("attach ? as diffusable", [str(base)])
    for schema, table in _diffusables(con):
        con.execute(f"create schema if not exists diffusable.{schema}")
        con.execute(f"create table diffusable.{schema}.{table} as select * from {schema}.{table}")
    con.execute("detach diffusable")


def _diffusables(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    from pipeline.sources.registre import ACTIVITE

    deposees = {source.id for source in ACTIVITE}
    tables = con.execute(
        "select table_schema, table_name from information_schema.tables where table_catalog = current_database() "
        "order by 1, 2"
    ).fetchall()
    gardees = {
        "brut": lambda nom: nom not in deposees,
        "socle": lambda nom: not transform.est_activite(nom),
        "niveaux": lambda nom: not transform.est_activite(nom),
        "publication": lambda nom: True,
        "qualite": lambda nom: nom == "fichiers",
    }
    return [(schema, nom) for schema, nom in tables if schema in gardees and gardees[schema](nom)]


def resume(publiables: pd.DataFrame) -> str:
    """« Secret statistique : 42 chiffres cachés, audit passé. »."""
    caches = int((publiables["statut"] == Statut.SECRET.value).sum())
    return f"Secret statistique : {nombre(caches)} chiffres cachés, audit passé."
