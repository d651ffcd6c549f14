"""What several test modules share: the repository, a miniature edition, a drawn country, the public base."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings
from livree import batir, copier
from serveur import Attentes, Serveur, ouvert

from pipeline import comparison, compute, geographie, ingest, transform
from pipeline.edition import Edition, lire_edition
from pipeline.indicators import CHAPITRES
from pipeline.model import Chapter, Indicator, Statut
from pipeline.report import francais
from pipeline.report.faits import Ecart, Fait, Faits, Lieu
from pipeline.sources.registre import SOURCES
from pipeline.telechargement import Acces

RACINE = Path(__file__).parents[1]
PARTAGE = RACINE.parent / "shared"

Ouvrir = Callable[..., Edition]

# A test says the same on a slow machine as on a fast one, today as tomorrow: no deadline, no luck.
settings.register_profile(
    "abs-ccas", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("abs-ccas")


# What takes long to make is made once: the tests that read it go to one and the same process.
PARTAGES = ("construit", "base_publique")


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Tests of the real public files are skipped where these are not beside the repository."""
    for item in items:
        for fixture in PARTAGES:
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group(fixture))
        if item.get_closest_marker("reel") and not PARTAGE.is_dir():
            item.add_marker(pytest.mark.skip(reason="fichiers réels absents"))


@pytest.fixture(scope="session")
def racine() -> Path:
    """Root of the repository."""
    return RACINE


@pytest.fixture(scope="session")
def partage() -> Path:
    """Folder of the real public files, for tests marked `reel`."""
    return PARTAGE


@pytest.fixture(scope="session")
def construit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped edition, built once for the tests that only read it."""
    os.environ["ABS_CLE"] = str(tmp_path_factory.mktemp("cle") / "essai.cle")
    dossier = copier(tmp_path_factory.mktemp("livree"))
    batir(dossier)
    return dossier


# --- A local server --------------------------------------------------------------------------------


@pytest.fixture
def serveur(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serveur]:
    """A server on this machine, reached without any proxy."""
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ouvert() as etat:
        yield etat


@pytest.fixture
def attentes() -> Attentes:
    """A clock that only moves when someone waits."""
    return Attentes()


@pytest.fixture
def acces(attentes: Attentes) -> Acces:
    """The network without a real wait, a disk without end."""
    return attentes.acces()


# --- A miniature edition ---------------------------------------------------------------------------


def texte_edition(
    quartiers: Sequence[str] = (),
    comparateurs: Sequence[str] = ("988",),
    fichiers: Sequence[str] = ("isee_superficie superficie.csv",),
) -> str:
    """An `edition.toml` of Le Mont-Dore; `fichiers` are « source chemin » pairs."""
    blocs = [
        '[edition]\ntitre = "Analyse"\nredaction = "CCAS"\nprofil = "nouvelle_caledonie"\n'
        f"comparateurs = {list(comparateurs)}\n",
        '[territoire]\ncode = "98817"\nnom = "Le Mont-Dore"\n',
    ]
    for rang, nom in enumerate(quartiers, 1):
        code = f"98817-{nom.lower()}"
        blocs.append(f'[[quartiers]]\ncode = "{code}"\nnom = "{nom}"\ntuile = [{rang}, 1]\n')
    for fichier in fichiers:
        source, chemin = fichier.split()
        blocs.append(f'[[fichiers]]\nsource = "{source}"\nchemin = "{chemin}"\n')
    return "\n".join(blocs)


@pytest.fixture
def tmp_path(tmp_path: Path) -> Path:
    """A folder as people name theirs: a space, an accent, an apostrophe."""
    dossier = tmp_path / "L'été d'après"
    dossier.mkdir()
    return dossier


@pytest.fixture
def ouvrir(tmp_path: Path) -> Ouvrir:
    """Write a miniature edition `essai/2026` and read it: `ouvrir(quartiers=["Plum"])`, `ouvrir(texte=…)`."""

    def ecrire_et_lire(texte: str | bytes = "", **parties: Sequence[str]) -> Edition:
        contenu = texte or texte_edition(**parties)
        dossier = tmp_path / "data" / "raw" / "essai" / "2026"
        dossier.mkdir(parents=True, exist_ok=True)
        octets = contenu if isinstance(contenu, bytes) else contenu.encode()
        (dossier / "edition.toml").write_bytes(octets)
        return lire_edition("essai/2026", tmp_path)

    return ecrire_et_lire


# --- A drawn country -------------------------------------------------------------------------------

PAYS = """\
code,article,nom,niveau,dans
98817,Le,Mont-Dore,commune,988-sud 988
98805,,Dumbéa,commune,988-sud 988
98811,,Koné,commune,988-nord 988
98827,,Poya,commune,988-nord:0.9 988-sud:0.1 988
988-sud,la,province Sud,province,988
988-nord,la,province Nord,province,988
988,la,Nouvelle-Calédonie,pays,
"""
QUARTIERS = ("Plum", "Robinson")
COMPARATEURS = ("98805", "988-sud", "988-nord", "988")


@pytest.fixture(scope="session")
def reference_dessinee(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the drawn country's reference file."""
    dossier = tmp_path_factory.mktemp("reference")
    (dossier / "nouvelle_caledonie.csv").write_text(PAYS, encoding="utf-8")
    return dossier


@pytest.fixture
def pays(reference_dessinee: Path, monkeypatch: pytest.MonkeyPatch, ouvrir: Ouvrir) -> Edition:
    """An edition in a country of four communes; one of them, Poya, lies in two provinces (0.9 and 0.1)."""
    monkeypatch.setattr(geographie, "REFERENCE", reference_dessinee)
    return ouvrir(quartiers=QUARTIERS, comparateurs=COMPARATEURS)


@pytest.fixture(scope="session")
def cadres(reference_dessinee: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """`territoires` and `appartenances` of the drawn country, made once."""
    racine = tmp_path_factory.mktemp("pays")
    dossier = racine / "data" / "raw" / "essai" / "2026"
    dossier.mkdir(parents=True)
    (dossier / "edition.toml").write_text(texte_edition(QUARTIERS, COMPARATEURS), encoding="utf-8")
    edition = lire_edition("essai/2026", racine)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(geographie, "REFERENCE", reference_dessinee)
        return {
            "territoires": geographie.territoires(edition),
            "appartenances": geographie.appartenances(edition),
        }


# No figure of the drawn country is marked by its producer.
SANS_MARQUE = (
    "create table brut.marques (source varchar, fichier varchar, territoire varchar, millesime bigint, "
    "colonne varchar, marque varchar, statut varchar, motif varchar)"
)
SCHEMAS = ("brut", "qualite", "socle", "niveaux", "resultat", "publication")


@pytest.fixture(scope="session")
def connexion() -> Iterator[duckdb.DuckDBPyConnection]:
    """One base in memory for all the drawn tables: opening one takes longer than most tests."""
    with duckdb.connect() as con:
        con.execute("set threads = 1")
        yield con


@pytest.fixture
def vierge(connexion: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A base without any table nor setting."""
    for schema in SCHEMAS:
        connexion.execute(f"drop schema if exists {schema} cascade")
    connexion.execute("reset variable exercice")
    return connexion


@pytest.fixture
def base(
    vierge: duckdb.DuckDBPyConnection, pays: Edition, cadres: dict[str, pd.DataFrame]
) -> duckdb.DuckDBPyConnection:
    """A base that knows the drawn country's territories, and nothing else yet."""
    vierge.execute("create schema brut; create schema socle")
    for nom, cadre in cadres.items():
        vierge.register("dessin", cadre)
        vierge.execute(f"create table socle.{nom} as select * from dessin")
        vierge.unregister("dessin")
    vierge.execute(SANS_MARQUE)
    return vierge


@pytest.fixture
def dessiner(base: duckdb.DuckDBPyConnection) -> Callable[[str, str, str], None]:
    """A table of the base drawn as VALUES rows: `dessiner("socle.population", "pop", "(1), (2)")`."""

    def creer(nom: str, colonnes: str, valeurs: str) -> None:
        base.execute(f"create or replace table {nom} as select * from (values {valeurs}) as t ({colonnes})")

    return creer


# --- Drawn facts -----------------------------------------------------------------------------------


class Dessin:
    """Hand-made facts: what a report on Le Mont-Dore, its comparators and four quartiers may say."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        noms = [("98817", "Le", "Mont-Dore", "commune"), ("98818", "", "Nouméa", "commune")]
        noms += [
            ("988-grand-noumea", "le", "Grand Nouméa", "agglomeration"),
            ("988", "la", "Nouvelle-Calédonie", "pays"),
        ]
        noms += [(quartier.code, "", quartier.nom, "quartier") for quartier in edition.quartiers]
        self.lieux = {code: self._lieu(*nom) for nom in noms for code in nom[:1]}

    @staticmethod
    def _lieu(code: str, article: str, nom: str, niveau: str) -> Lieu:
        dans = francais.en(nom) if niveau == "pays" else francais.dans(article, nom)
        return Lieu(code, francais.nom_complet(article, nom), francais.de(article, nom), dans, niveau, "")

    @staticmethod
    def fait(
        indicateur: Indicator, territoire: str, valeur: float | None, millesime: int = 2019, **autres: Any
    ) -> Fait:
        """One figure: valid, or absent without a value, but for what is said."""
        champs = {"depuis": None, "groupe": "", "numerateur": None, "denominateur": None, "basse": None}
        champs |= {"haute": None, "statut": Statut.ABSENT if valeur is None else Statut.VALIDE, "motif": ""}
        return Fait(indicateur.id, territoire, millesime, valeur=valeur, **(champs | autres))

    def faits(
        self,
        indicateurs: Sequence[Indicator],
        chiffres: Sequence[Fait],
        ecarts: Mapping[Fait, Sequence[Ecart]] | None = None,
        **autres: Any,
    ) -> Faits:
        """The facts of one edition; `ecarts`: a figure → the comparisons made of it."""
        index: dict[tuple[str, str], tuple[Fait, ...]] = {}
        for chiffre in sorted(chiffres, key=lambda chiffre: chiffre.millesime):
            cle = (chiffre.indicateur, chiffre.territoire)
            index[cle] = (*index.get(cle, ()), chiffre)
        confrontes = {
            (f.indicateur, f.territoire, f.millesime, f.groupe): tuple(e) for f, e in (ecarts or {}).items()
        }
        chapitre = Chapter("essai", "Essai", "Qui ?", tuple(indicateurs))
        sources = {"fictives": frozenset()} | autres
        return Faits(self.edition, (chapitre,), self.lieux, index, confrontes, **sources)


@pytest.fixture
def dessin(ouvrir: Ouvrir) -> Dessin:
    """What hand-made facts are drawn with."""
    return Dessin(
        ouvrir(
            quartiers=["Plum", "Robinson", "Boulari", "Yahoué"],
            comparateurs=["988-grand-noumea", "98818", "988"],
        )
    )


# --- The public figures of the repository ----------------------------------------------------------


@pytest.fixture(scope="session")
def edition_publique() -> Edition:
    """The edition of Le Mont-Dore with its public files only: no deposit, no key."""
    edition = lire_edition("mont-dore/2026")
    publiques = {source.id for source in SOURCES if source.serie != "activite"}
    fichiers = tuple(fichier for fichier in edition.fichiers if fichier.source in publiques)
    return edition.model_copy(update={"fichiers": fichiers})


@pytest.fixture(scope="session")
def base_publique(edition_publique: Edition) -> Iterator[duckdb.DuckDBPyConnection]:
    """The base of Le Mont-Dore, from the shipped tables to the comparisons, as the build makes it."""
    con = duckdb.connect()
    con.execute("set threads = 1")
    ingest.charger(con, edition_publique, SOURCES)
    transform.construire(con, edition_publique)
    compute.calculer(con, edition_publique, CHAPITRES, transform.series())
    comparison.comparer(con, edition_publique, CHAPITRES, transform.series())
    yield con
    con.close()
