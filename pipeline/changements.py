"""From one edition to the next: published results in, every change with its one cause out.

A series (indicator, territory, group) has a value in the earlier edition, of its last vintage m. What becomes of
it is cut into steps, and each step has one cause:

- **definition**: another measure, another SELECT or another text. The old value is recomputed from the earlier
  edition's own public tables, with the new definition and the old perimeter, where they allow it;
- **perimetre**: the territory is no longer made of the same communes (or IRIS, or a change was declared);
- **valeur**: same definition, same perimeter, same vintage m, another figure: the data were revised;
- **millesime**: from the value of m, as it stands now, to that of a later vintage.

A step in which two causes may be at work keeps its values and has no gap: what cannot be shared is not shared.
Nothing but what was published is read, in the earlier edition's base or, if it is no longer there, its archive.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pandas as pd

from pipeline import cog, compute, transform
from pipeline.archive import base_de
from pipeline.geographie import COG, IRIS, QUARTIER
from pipeline.model import Chapter, ErreurUtilisateur, Indicator, Published
from pipeline.report.nombres import nombre

if TYPE_CHECKING:
    from pipeline.edition import Edition, Exercice

Cle = tuple[str, str, str]

COLONNES = (
    "indicateur",
    "territoire",
    "groupe",
    "cause",
    "millesime_avant",
    "millesime_apres",
    "avant",
    "apres",
    "ecart",
    "note",
)


_COMPTES = {
    "millesime": ("millésime nouveau", "millésimes nouveaux"),
    "valeur": ("valeur révisée", "valeurs révisées"),
    "definition": ("valeur redéfinie", "valeurs redéfinies"),
    "perimetre": ("valeur d'un autre périmètre", "valeurs d'un autre périmètre"),
}


class Cause(StrEnum):
    """Why a figure is not what it was."""

    DEFINITION = "definition"
    PERIMETRE = "perimetre"
    VALEUR = "valeur"
    MILLESIME = "millesime"


@dataclass(frozen=True)
class Resultats:
    """What one edition published: values by series and vintage, and what they were made with.

    `definitions`: indicator → (declared text and measure, SELECTs), as checksums; `perimetres`: territory →
    checksum; `fichiers`: indicator → checksums of its files; `secretes`: what statistical secrecy hides.
    """

    valeurs: Mapping[Cle, Mapping[int, float]]
    definitions: Mapping[str, tuple[str, str]]
    perimetres: Mapping[str, str]
    fichiers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    secretes: frozenset[tuple[Cle, int]] = frozenset()


# ------------------------------------------------------------------------------------ what is recorded


def consigner(con: duckdb.DuckDBPyConnection, edition: Edition, chapitres: Sequence[Chapter]) -> None:
    """Write `publication.definitions` and `publication.perimetres`, which next year's edition will read."""
    indicateurs = [indicateur for chapitre in chapitres for indicateur in chapitre.indicators]
    _ecrire(con, "definitions", pd.DataFrame([_definition(i, edition.edition.exercice) for i in indicateurs]))
    _ecrire(con, "perimetres", perimetres(con, edition))


def _ecrire(con: duckdb.DuckDBPyConnection, nom: str, table: pd.DataFrame) -> None:
    con.register("lot", table)
    con.execute(f"create table publication.{nom} as select * from lot")
    con.unregister("lot")


def _definition(indicateur: Indicator, exercice: Exercice = "demande") -> dict[str, str]:
    """What an indicator is, and checksums of what it says and of how it is made.

    Of a measure, what makes the value: a word added to the vocabulary does not redefine every indicator. A request
    counted in the year of its decision redefines all that is made of requests.
    """
    mesure = indicateur.measure
    termes = (
        mesure.a,
        getattr(mesure, "of", ""),
        f"{getattr(mesure, 'per', 1):g}",
        mesure.unit,
        indicateur.by,
    )
    autre = exercice != "demande" and "aides_demandes" in transform.tables_de(indicateur.table)
    dite = " | ".join((type(mesure).__name__, *(" ".join(str(terme).split()) for terme in termes)))
    return {
        "indicateur": indicateur.id,
        "definition": indicateur.definition,
        "mesure": dite,
        "sources": " ".join(transform.sources_de(indicateur.table)),
        "declaration": _somme(f"{indicateur.definition} | {dite}"),
        "calcul": _somme("|".join([*_selects(indicateur.table), *([exercice] if autre else [])])),
    }


def _selects(table: str) -> list[str]:
    """The SELECTs behind a table, itself first, without their comments and their spaces."""
    if table in transform.SANS_SOURCE:
        return []
    if table in transform.CALCULEES:
        return [select for autre in transform.CALCULEES[table] for select in _selects(autre)]
    texte = re.sub(r"--[^\n]*", "", transform.sql(table))
    autres = dict.fromkeys(re.findall(r"\bsocle\.([a-z0-9_]+)", texte))
    return [" ".join(texte.split()), *(select for autre in autres for select in _selects(autre))]


def _somme(texte: str) -> str:
    return hashlib.sha256(texte.encode()).hexdigest()


def perimetres(con: duckdb.DuckDBPyConnection, edition: Edition) -> pd.DataFrame:
    """One row a territory of the edition: territoire, empreinte of what it is made of.

    Communes (each as the communes of 2000 that it holds, so that a merger inside a territory changes
    nothing), or the IRIS of a quartier; and the changes that the edition declares.
    """
    lignes = con.execute(
        "select t.territoire, t.niveau, a.contenu, c.niveau, a.poids from socle.territoires t "
        "left join socle.appartenances a on a.contenant = t.territoire "
        "left join socle.territoires c on c.territoire = a.contenu where t.role <> '' order by all"
    ).fetchall()
    anciennes = _anciennes_communes() if edition.profil.territoires == COG else {}
    contenus: dict[str, set[str]] = {}
    for territoire, niveau, contenu, niveau_contenu, poids in lignes:
        ceux = contenus.setdefault(territoire, set())
        attendu = {QUARTIER: IRIS, "commune": ""}.get(niveau, "commune")
        if contenu is not None and niveau_contenu == attendu:
            ceux.update(f"{ancien}:{poids:g}" for ancien in anciennes.get(contenu, (contenu,)))
    for territoire, ceux in contenus.items():
        ceux.update(() if ceux else anciennes.get(territoire, (territoire,)))
    for declare in edition.perimetres:
        contenus.get(declare.territoire, set()).add(f"{declare.depuis}:{declare.explication}")
    sommes = [(territoire, _somme(" ".join(sorted(ceux)))) for territoire, ceux in contenus.items()]
    return pd.DataFrame(sommes, columns=["territoire", "empreinte"])


def _anciennes_communes() -> dict[str, tuple[str, ...]]:
    """Commune that moved → the communes of the oldest geography that it holds, with the part of each."""
    passage = cog.passage(cog.MILLESIMES[0], cog.MILLESIMES[-1])
    mues = set(passage.loc[passage["avant"] != passage["apres"], "apres"])
    anciennes: dict[str, tuple[str, ...]] = {}
    for avant, apres, part in passage[passage["apres"].isin(mues)].itertuples(index=False):
        anciennes[apres] = (*anciennes.get(apres, ()), f"{avant}*{part:g}")
    return anciennes


# ------------------------------------------------------------------------------------ what is read again


def lire_resultats(con: duckdb.DuckDBPyConnection, schema: str = "publication") -> Resultats:
    """What an edition published, from its base (or from the one under construction)."""
    valeurs: dict[Cle, dict[int, float]] = {}
    for indicateur, territoire, groupe, millesime, valeur in con.execute(
        f"select indicateur, territoire, groupe, millesime, valeur from {schema}.indicateurs "
        "where valeur is not null and not isnan(valeur) order by all"
    ).fetchall():
        valeurs.setdefault((indicateur, territoire, groupe), {})[int(millesime)] = valeur
    sommes: dict[str, set[str]] = {}
    for source, somme in con.execute("select source, sha256 from qualite.fichiers").fetchall():
        sommes.setdefault(source, set()).add(somme)
    definitions = con.execute(
        f"select indicateur, declaration, calcul, sources from {schema}.definitions order by indicateur"
    ).fetchall()
    secretes = con.execute(
        f"select indicateur, territoire, groupe, millesime from {schema}.indicateurs where statut = 'secret'"
    ).fetchall()
    return Resultats(
        valeurs,
        {nom: (declaration, calcul) for nom, declaration, calcul, _ in definitions},
        dict(con.execute(f"select territoire, empreinte from {schema}.perimetres").fetchall()),
        {
            nom: frozenset(s for d in sources.split() for s in sommes.get(d, ()))
            for nom, *_, sources in definitions
        },
        frozenset((tuple(cle), int(millesime)) for *cle, millesime in secretes),
    )


def nommee(edition: Edition, nom: str) -> Edition:
    """Another edition by its name: where its results are, without asking for its declaration."""
    return edition.model_copy(update={"nom": nom})


def precedente(edition: Edition) -> Edition | None:
    """The edition that this one names before it, of which a base or an archive may be all there is.

    `ErreurUtilisateur` when it is not an earlier one.
    """
    nom = edition.edition.precedente
    if not nom:
        return None
    avant = nommee(edition, nom)
    if avant.annee >= edition.annee:
        raise ErreurUtilisateur(
            f"edition.toml : l'édition précédente « {nom} » n'est pas antérieure à {edition.annee} : corriger "
            "« precedente »."
        )
    return avant


def recalculer(ancienne: Path, indicateurs: Sequence[Indicator]) -> dict[Cle, dict[int, float]]:
    """Values of indicators as they are defined now, on the public tables of an earlier edition's base.

    Of what comes from persons nothing was kept, and nothing is recomputed; an indicator whose tables ask for
    columns that the earlier edition did not have is left out.
    """
    valeurs: dict[Cle, dict[int, float]] = {}
    with duckdb.connect() as con:
        con.execute("attach ? as ancienne (read_only)", [str(ancienne)])
        _reprendre(con)
        for indicateur in indicateurs:
            try:
                lignes = _evaluer(con, indicateur)
            except duckdb.Error:
                continue
            for cle, millesime, valeur in lignes:
                valeurs.setdefault(cle, {})[millesime] = valeur
    return valeurs


def _reprendre(con: duckdb.DuckDBPyConnection) -> None:
    """The raw tables and the territories of the attached base, under their own names."""
    con.execute("create schema brut; create schema socle")
    tables = con.execute(
        "select table_schema, table_name from information_schema.tables where table_catalog = 'ancienne' "
        "and (table_schema = 'brut' or (table_schema = 'socle' and list_contains(?, table_name)))",
        [list(transform.SANS_SOURCE)],
    ).fetchall()
    for schema, nom in tables:
        con.execute(f"create view {schema}.{nom} as select * from ancienne.{schema}.{nom}")


def _evaluer(con: duckdb.DuckDBPyConnection, indicateur: Indicator) -> list[tuple[Cle, int, float]]:
    _construire(con, indicateur.table)
    sommes = compute.additives([indicateur]).get(indicateur.table, [])
    niveaux = (
        "" if isinstance(indicateur.measure, Published) else compute.sql_niveaux(indicateur.table, sommes)
    )
    lignes = compute.lire(con, {indicateur.id: compute.requete(indicateur, niveaux and f"({niveaux})")})
    connues = lignes[lignes["valeur"].notna()]
    return [
        ((indicateur.id, str(territoire), str(groupe)), int(millesime), float(valeur))
        for territoire, groupe, millesime, valeur in zip(
            connues["territoire"], connues["groupe"], connues["millesime"], connues["valeur"], strict=True
        )
    ]


def _construire(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """The table and those it is made of, once."""
    for autre in dict.fromkeys(re.findall(r"\bsocle\.([a-z0-9_]+)", transform.sql(table))):
        if autre not in transform.SANS_SOURCE:
            _construire(con, autre)
    con.execute(f"create table if not exists socle.{table} as {transform.sql(table)}")


# ------------------------------------------------------------------------------------ the comparison


def comparer(
    avant: Resultats, apres: Resultats, recalculees: Mapping[Cle, Mapping[int, float]] | None = None
) -> pd.DataFrame:
    """One row a step (COLONNES), for the series that both editions hold, in the order of `apres`."""
    recalculees = recalculees or {}
    lignes = [
        (*cle, *etape)
        for cle in apres.valeurs
        if cle in avant.valeurs
        for etape in _etapes(cle, avant, apres, recalculees.get(cle, {}))
    ]
    return pd.DataFrame(lignes, columns=list(COLONNES)).astype(
        {"avant": "float64", "apres": "float64", "ecart": "float64", "millesime_avant": "int64"}
    )


Etape = tuple[str, int, int, float, float | None, float | None, str]


def _etapes(cle: Cle, avant: Resultats, apres: Resultats, recalculee: Mapping[int, float]) -> Iterator[Etape]:
    """The steps of one series, from the last value published before to the last one known now."""
    indicateur, territoire, _ = cle
    anciennes, nouvelles = avant.valeurs[cle], apres.valeurs[cle]
    m, dernier = max(anciennes), max(nouvelles)
    if (cle, m) in apres.secretes:
        return  # what is hidden now is not printed again because it was published once
    point, meme = anciennes[m], nouvelles.get(m)
    redefini = avant.definitions.get(indicateur) != apres.definitions.get(indicateur)
    redecoupe = avant.perimetres.get(territoire) != apres.perimetres.get(territoire)
    if redefini and m in recalculee:
        yield from _redefinition(avant, apres, indicateur, (m, point, recalculee[m]))
        point, redefini = recalculee[m], False
    causes = [c for c, vraie in ((Cause.DEFINITION, redefini), (Cause.PERIMETRE, redecoupe)) if vraie]
    if meme is None and causes:
        yield (
            causes[0],
            m,
            m,
            point,
            None,
            None,
            "l’ancienne valeur ne se recalcule pas : ne se compare plus",
        )
        return
    if meme is not None:
        yield from _revision(avant, apres, indicateur, causes, (m, point, meme))
        point = meme
    if dernier > m:
        yield (Cause.MILLESIME, m, dernier, point, nouvelles[dernier], nouvelles[dernier] - point, "")


def _redefinition(
    avant: Resultats, apres: Resultats, indicateur: str, valeurs: tuple[int, float, float]
) -> Iterator[Etape]:
    """The old value, and what the new definition makes of the same data; nothing for a SELECT only rewritten."""
    m, ancienne, recalculee = valeurs
    reecrite = _declaration(avant, indicateur) == _declaration(apres, indicateur)
    if reecrite and _memes(ancienne, recalculee):
        return
    note = "recalculée sur les données de l’ancienne édition"
    yield (Cause.DEFINITION, m, m, ancienne, recalculee, recalculee - ancienne, note)


def _revision(
    avant: Resultats,
    apres: Resultats,
    indicateur: str,
    causes: Sequence[Cause],
    valeurs: tuple[int, float, float],
) -> Iterator[Etape]:
    """The same vintage in both editions: by a declared cause, or because the data were revised."""
    m, point, meme = valeurs
    identiques = avant.fichiers.get(indicateur) == apres.fichiers.get(indicateur)
    egales = _memes(point, meme)
    if not causes:
        if not egales:
            yield (Cause.VALEUR, m, m, point, meme, meme - point, "")
        return
    reecrit = causes == [Cause.DEFINITION] and _declaration(avant, indicateur) == _declaration(
        apres, indicateur
    )
    if reecrit and egales:
        return
    note = _aussi(redecoupe=len(causes) > 1, revisees=not (identiques or egales))
    yield (causes[0], m, m, point, meme, None if note else meme - point, note)


def _aussi(*, redecoupe: bool, revisees: bool) -> str:
    """What else changed, because of which a gap has no single cause; empty when nothing did."""
    if redecoupe and revisees:
        return "le périmètre et les données ont aussi changé : l’écart ne se partage pas"
    if redecoupe:
        return "le périmètre a aussi changé : l’écart ne se partage pas"
    return "les données ont aussi changé : l’écart ne se partage pas" if revisees else ""


def _declaration(resultats: Resultats, indicateur: str) -> str | None:
    return resultats.definitions.get(indicateur, (None,))[0]


def _memes(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)


def depuis_la_precedente(
    con: duckdb.DuckDBPyConnection, edition: Edition, chapitres: Sequence[Chapter]
) -> str:
    """Write `publication.changements` since the edition that this one names; returns what to say of it.

    Nothing is written, and the sentence says so, when that edition is neither built nor archived here.
    """
    avant = precedente(edition)
    if avant is None:
        return ""
    with base_de(avant) as base:
        if base is None:
            return sans_precedente(avant.nom)
        table = _confronter(avant, base, lire_resultats(con), chapitres)
    _ecrire(con, "changements", table)
    return f"Depuis l'édition {avant.nom} : {compte(table)}."


def compte(table: pd.DataFrame) -> str:
    """« 112 millésimes nouveaux, 1 valeur révisée », or that nothing changed."""
    nombres = {str(cause): int(combien) for cause, combien in table["cause"].value_counts().items()}
    dits = [
        f"{nombre(nombres[cause])} {plusieurs if nombres[cause] > 1 else un}"
        for cause, (un, plusieurs) in _COMPTES.items()
        if cause in nombres
    ]
    return ", ".join(dits) or "aucun chiffre publié n’a changé"


def lire_changements(con: duckdb.DuckDBPyConnection) -> pd.DataFrame | None:
    """The changes of the edition, or None when they were not established."""
    existe = con.execute(
        "select count(*) from information_schema.tables "
        "where table_schema = 'publication' and table_name = 'changements'"
    ).fetchone()[0]
    return con.execute("select * from publication.changements").df() if existe else None


def sans_precedente(nom: str) -> str:
    """What is said where the edition before is not at hand."""
    return f"L’édition {nom} n’est ni construite ni archivée ici : ce qui a changé depuis elle ne peut pas être dit."


def entre(avant: Edition, apres: Edition, chapitres: Sequence[Chapter]) -> pd.DataFrame:
    """Every change between two editions that were built or archived, with the names of their territories."""
    with base_de(avant) as base, base_de(apres) as derniere:
        for edition, trouvee in ((avant, base), (apres, derniere)):
            if trouvee is None:
                raise ErreurUtilisateur(
                    f"L'édition {edition.nom} n'est ni construite ni archivée ici : lancer "
                    f"« make abs EDITION={edition.nom} », ou remettre son archive dans {edition.archive.parent}."
                )
        with duckdb.connect(str(derniere), read_only=True) as con:
            table = _confronter(avant, base, lire_resultats(con), chapitres)
            noms = dict(con.execute("select territoire, nom from socle.territoires").fetchall())
    return table.assign(nom=table["territoire"].map(noms))


def _confronter(edition: Edition, base: Path, apres: Resultats, chapitres: Sequence[Chapter]) -> pd.DataFrame:
    """The changes since an edition's base; `ErreurUtilisateur` when it is of a software that recorded less."""
    try:
        with duckdb.connect(str(base), read_only=True) as con:
            avant = lire_resultats(con)
    except duckdb.CatalogException:
        raise ErreurUtilisateur(
            f"L'édition {edition.nom} a été construite par une version du logiciel qui ne gardait pas ses "
            f"définitions : lancer « make abs EDITION={edition.nom} »."
        ) from None
    declares = [i for chapitre in chapitres for i in chapitre.indicators]
    revus = [
        i
        for i in declares
        if i.id in avant.definitions
        and avant.definitions[i.id] != apres.definitions.get(i.id)
        and tuple(_definition(i)[nom] for nom in ("declaration", "calcul")) == apres.definitions.get(i.id)
    ]
    return comparer(avant, apres, recalculer(base, revus) if revus else {})
