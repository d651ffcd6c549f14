"""What may be said: figures and comparisons, indexed for sentences, tables and charts.

In: the base, after protection. Out: `Faits`, which answers « which value, where, when » and knows nothing
but what its edition may say: what is published, or everything for the CCAS alone.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline import transform
from pipeline.model import Chapter, Indicator, Share, Source, Statut, Total
from pipeline.readers import comparable
from pipeline.report import francais
from pipeline.report.nombres import INSECABLE
from pipeline.sources.ccas import LIBELLES
from pipeline.sources.registre import ACTIVITE, SOURCES

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Edition

_ARTICLE = re.compile(r"^(?:Le |La |Les |L['’])")


@dataclass(frozen=True)
class Lieu:
    """A territory, with the forms of its name."""

    code: str
    nom: str
    de: str
    dans: str
    niveau: str
    role: str


@dataclass(frozen=True)
class Fait:
    """One published figure."""

    indicateur: str
    territoire: str
    millesime: int
    depuis: int | None
    groupe: str
    numerateur: float | None
    denominateur: float | None
    valeur: float | None
    basse: float | None
    haute: float | None
    statut: Statut
    motif: str
    efficace: float | None = 1.0

    @property
    def lisible(self) -> bool:
        """Whether there is a value to write."""
        return self.valeur is not None


@dataclass(frozen=True)
class Ecart:
    """One published comparison and its state."""

    contre: str
    contre_millesime: int
    nature: str
    effet: float
    q: float
    position: str


@dataclass(frozen=True)
class Classes:
    """Inner bounds of the classes of a map; `reprises`: those that the map of the edition before had."""

    bornes: tuple[float, ...]
    reprises: bool


@dataclass(frozen=True)
class Faits:
    """The published figures of one edition; `classes`: indicator → those of its map.

    `millesimes`: source → the vintages of its rows, in order, for those that have some.
    """

    edition: Edition
    chapitres: tuple[Chapter, ...]
    lieux: dict[str, Lieu]
    faits: dict[tuple[str, str], tuple[Fait, ...]]
    ecarts: dict[tuple[str, str, int, str], tuple[Ecart, ...]]
    fictives: frozenset[str]
    classes: Mapping[str, Classes] = field(default_factory=dict)
    millesimes: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @property
    def etude(self) -> Lieu:
        """The commune under study."""
        return self.lieux[self.edition.territoire.code]

    @property
    def comparateurs(self) -> tuple[Lieu, ...]:
        """The comparators, in the edition's order."""
        return tuple(self.lieux[code] for code in self.edition.edition.comparateurs)

    @property
    def englobants(self) -> tuple[Lieu, ...]:
        """The comparators that are larger territories: neither another commune nor those that resemble it."""
        return tuple(lieu for lieu in self.comparateurs if lieu.niveau not in ("commune", "comparables"))

    @property
    def quartiers(self) -> tuple[Lieu, ...]:
        """The quartiers, in the edition's order."""
        return tuple(self.lieux[quartier.code] for quartier in self.edition.quartiers)

    @property
    def membres(self) -> tuple[Lieu, ...]:
        """The communes shown in detail beside the one under study, by name, its article aside."""
        autres = (lieu for lieu in self.lieux.values() if lieu.role == "membre")
        return tuple(sorted(autres, key=lambda lieu: (comparable(_ARTICLE.sub("", lieu.nom)), lieu.code)))

    def indicateurs(self) -> Iterator[Indicator]:
        """Every declared indicator, in the report's order."""
        return (indicateur for chapitre in self.chapitres for indicateur in chapitre.indicators)

    def serie(self, indicateur: str, lieu: str, groupe: str = "") -> tuple[Fait, ...]:
        """Values of an indicator in a territory, oldest first, what has no value left out."""
        tous = self.faits.get((indicateur, lieu), ())
        return tuple(fait for fait in tous if fait.groupe == groupe and fait.lisible)

    def dernier(self, indicateur: str, lieu: str, groupe: str = "") -> Fait | None:
        """Latest value of an indicator in a territory, if there is one."""
        serie = self.serie(indicateur, lieu, groupe)
        return serie[-1] if serie else None

    def a(self, indicateur: str, lieu: str, millesime: int, groupe: str = "") -> Fait | None:
        """The row of that vintage, value or not; None when there is no such row."""
        tous = self.faits.get((indicateur, lieu), ())
        return next((f for f in tous if f.millesime == millesime and f.groupe == groupe), None)

    def compares(self, fait: Fait, nature: str) -> tuple[Ecart, ...]:
        """The comparisons made of a figure: with `comparateur`, `commune` or `precedent`."""
        cle = (fait.indicateur, fait.territoire, fait.millesime, fait.groupe)
        return tuple(ecart for ecart in self.ecarts.get(cle, ()) if ecart.nature == nature)

    def plus_proche(self, indicateur: Indicator) -> Lieu | None:
        """The commune if the indicator is known there, else the first larger territory that has it."""
        lieux = (self.etude, *self.englobants)
        return next((lieu for lieu in lieux if self.dernier(indicateur.id, lieu.code)), None)

    def est_activite(self, indicateur: Indicator) -> bool:
        """Whether the figure tells what the CCAS does, and not the population."""
        return transform.est_activite(indicateur.table)

    def libelle_groupe(self, indicateur: Indicator, groupe: str) -> str:
        """A group's code as people read it: its label, else the word for it in the deposit, else itself."""
        return libelle_groupe(self._mots, indicateur, groupe)

    @cached_property
    def _mots(self) -> dict[tuple[str, str], str]:
        return mots_des_groupes(self.edition)

    def est_fictif(self, indicateur: Indicator) -> bool:
        """Whether the figure comes, in part, from a fictional deposit."""
        return bool(self.fictives.intersection(transform.sources_de(indicateur.table)))

    @cached_property
    def numeros(self) -> dict[str, int]:
        """Source id → its number in the report, in the order of the edition's files."""
        noms = dict.fromkeys(fichier.source for fichier in self.edition.fichiers)
        return {nom: rang for rang, nom in enumerate(noms, 1)}

    def source(self, indicateur: Indicator) -> str:
        """What an indicator's figures come from: producers, each with its publications."""
        return self.provenance([indicateur])

    def provenance(self, indicateurs: Iterable[Indicator]) -> str:
        """What several indicators' figures come from: producers, each with its publications, each said once."""
        titres: dict[str, list[str]] = {}
        distinctes = {s.id: s for indicateur in indicateurs for s in self.sources_de(indicateur)}
        for source in distinctes.values():
            titres.setdefault(source.producer, []).append(source.title)
        return " ; ".join(
            f"{producteur}{INSECABLE}: {', '.join(noms)}" for producteur, noms in titres.items()
        )

    def producteurs(self, indicateur: Indicator, fin: float = math.inf) -> str:
        """Who produces an indicator's figures, those of `fin` at the latest: the line under a chart."""
        return " ; ".join(dict.fromkeys(source.producer for source in self.sources_de(indicateur, fin)))

    def sources_de(self, indicateur: Indicator, fin: float = math.inf) -> list[Source]:
        """The sources of its table of which the edition has a file, but for those that begin after its last figure.

        A census is no source of what was counted before it, though the table that holds both is made of it; nor of a
        count of the CCAS's own, or of a part of one, which no inhabitant divides.
        """
        noms = set(transform.sources_de(indicateur.table)).intersection(
            fichier.source for fichier in self.edition.fichiers
        )
        if self.est_activite(indicateur) and isinstance(indicateur.measure, Total | Share):
            noms &= {source.id for source in ACTIVITE}
        fin = min(fin, self._derniers_millesimes.get(indicateur.id, math.inf))
        return [s for s in SOURCES if s.id in noms and self.millesimes.get(s.id, [-math.inf])[0] <= fin]

    @cached_property
    def _derniers_millesimes(self) -> dict[str, int]:
        """Indicator → the vintage of its latest value, wherever it is known."""
        derniers: dict[str, int] = {}
        for (indicateur, _), faits in self.faits.items():
            annees = [fait.millesime for fait in faits if fait.lisible or fait.statut is Statut.SECRET]
            if annees:
                derniers[indicateur] = max(derniers.get(indicateur, 0), *annees)
        return derniers


def libelle_groupe(mots: Mapping[tuple[str, str], str], indicateur: Indicator, groupe: str) -> str:
    """A group's code as people read it: its word in `mots`, else itself."""
    return mots.get((indicateur.by, groupe)) or francais.majuscule(groupe.replace("_", " "))


def mots_des_groupes(edition: Edition) -> dict[tuple[str, str], str]:
    """(column, our code) → its label, else the first word that a file of the edition has for it."""
    valeurs = [(nom, codes) for fichier in edition.fichiers for nom, codes in fichier.valeurs.items()]
    deposes = {(nom, code): mot for nom, codes in reversed(valeurs) for mot, code in reversed(codes.items())}
    droits = {droit.id: droit.nom for droit in edition.profil.droits}
    connus = {**LIBELLES, "dispositif": droits}
    return deposes | {(nom, code): mot for nom, mots in connus.items() for code, mot in mots.items()}


def lire(
    con: duckdb.DuckDBPyConnection,
    edition: Edition,
    chapitres: Sequence[Chapter],
    schema: str = "publication",
) -> Faits:
    """Everything that may be said, from `publication.*`; from `resultat.*` for the CCAS alone."""
    fictives = con.execute("select distinct source from qualite.fichiers where fictif").fetchall()
    return Faits(
        edition=edition,
        chapitres=tuple(chapitres),
        lieux=_lieux(con, edition),
        faits=_faits(con, schema),
        ecarts=_ecarts(con, schema),
        fictives=frozenset(source for (source,) in fictives),
        classes=lire_classes(con),
        millesimes=lire_millesimes(con),
    )


def lire_millesimes(con: duckdb.DuckDBPyConnection) -> dict[str, list[int]]:
    """Source → the vintages of its rows, in order, for the raw tables that have some."""
    sources = con.execute(
        "select table_name from duckdb_columns() where schema_name = 'brut' and column_name = 'millesime' "
        "and table_name <> 'marques' order by table_name"
    ).fetchall()
    lus = [
        f"select '{nom}' as source, list(distinct millesime order by millesime) "
        f"filter (millesime is not null) as annees from brut.{nom}"
        for (nom,) in sources
    ]
    lignes = con.execute(" union all ".join(lus)).fetchall() if lus else []
    return {nom: annees for nom, annees in lignes if annees}


def lire_classes(con: duckdb.DuckDBPyConnection) -> dict[str, Classes]:
    """The classes established for the maps of a base, by indicator; none in a base that has no such table."""
    if not con.execute("select 1 from duckdb_tables() where table_name = 'classes_de_carte'").fetchall():
        return {}
    lignes = con.execute(
        "select indicateur, list(borne order by borne), bool_or(reprise) from publication.classes_de_carte "
        "group by indicateur"
    ).fetchall()
    return {nom: Classes(tuple(bornes), reprises) for nom, bornes, reprises in lignes}


def _lieux(con: duckdb.DuckDBPyConnection, edition: Edition) -> dict[str, Lieu]:
    """The places of the edition; of several that have one name, all but the commune say which they are."""
    niveaux = {niveau.id: niveau for niveau in edition.profil.niveaux}
    lignes = con.execute(
        "select territoire, article, nom, niveau, role from socle.territoires where role <> ''"
    ).fetchall()
    noms = Counter(francais.nom_complet(article, nom) for _, article, nom, *_ in lignes)
    par_niveau = Counter((nom, niveau) for _, _, nom, niveau, _ in lignes)
    en = _noms_en(con, [niveau.id for niveau in niveaux.values() if niveau.en])
    lieux = {}
    for code, article, nom, niveau, role in lignes:
        lequel = niveaux[niveau].nom.lower() if par_niveau[nom, niveau] == 1 else code
        seul = role == "etude" or noms[francais.nom_complet(article, nom)] == 1
        dit = nom if seul else f"{nom} ({lequel})"
        dans = francais.en(dit) if (article, nom) in en else francais.dans(article, dit)
        lieux[code] = Lieu(
            code, francais.nom_complet(article, dit), francais.de(article, dit), dans, niveau, role
        )
    return lieux


def _noms_en(con: duckdb.DuckDBPyConnection, niveaux: Sequence[str]) -> set[tuple[str, str]]:
    """(article, name) of what goes with « en »: the feminine names of those levels, at whatever level they are met.

    « En Île-de-France »; and « en Guadeloupe » of the département as of the region.
    """
    lignes = con.execute(
        "select article, nom from socle.territoires where list_contains(?, niveau) and list_contains(?, article)",
        [niveaux, ["la", "l'", "l’"]],
    ).fetchall()
    return {(article, nom) for article, nom in lignes}


def _faits(con: duckdb.DuckDBPyConnection, schema: str) -> dict[tuple[str, str], tuple[Fait, ...]]:
    lignes = con.execute(
        "select indicateur, territoire, millesime, depuis, groupe, numerateur, denominateur, valeur, "
        f"borne_basse, borne_haute, efficace, statut, motif from {schema}.indicateurs "
        "order by indicateur, territoire, groupe, millesime"
    ).fetchall()
    index: dict[tuple[str, str], list[Fait]] = {}
    for *debut, efficace, statut, motif in lignes:
        fait = Fait(*debut, statut=Statut(statut), motif=motif, efficace=efficace)
        index.setdefault((fait.indicateur, fait.territoire), []).append(fait)
    return {cle: tuple(faits) for cle, faits in index.items()}


def _ecarts(
    con: duckdb.DuckDBPyConnection, schema: str
) -> dict[tuple[str, str, int, str], tuple[Ecart, ...]]:
    lignes = con.execute(
        "select indicateur, c.territoire, millesime, groupe, contre, contre_millesime, nature, "
        "coalesce(effet, 'nan'::double), coalesce(q, 'nan'::double), position "
        f"from {schema}.comparaisons c join socle.territoires t on t.territoire = contre "
        "order by indicateur, c.territoire, groupe, millesime, t.ordre"
    ).fetchall()
    index: dict[tuple[str, str, int, str], list[Ecart]] = {}
    for indicateur, territoire, millesime, groupe, *ecart in lignes:
        index.setdefault((indicateur, territoire, millesime, groupe), []).append(Ecart(*ecart))
    return {cle: tuple(ecarts) for cle, ecarts in index.items()}
