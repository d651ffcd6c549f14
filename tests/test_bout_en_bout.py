"""The whole chain on the edition that is shipped: figures, bytes, secrecy, and what a user can break."""

import csv
import functools
import os
import re
import shutil
import subprocess
import sys
import unicodedata
import zipfile
from pathlib import Path

import duckdb
import pytest
from livree import EDITION, RACINE, batir, copier
from lxml import html

from pipeline import readers
from pipeline.build import construire
from pipeline.edition import lire_edition
from pipeline.model import ErreurUtilisateur

DEPOT = "depots/ccas_aides.csv"


@pytest.fixture(scope="session")
def publication(construit):
    return construit / "reports" / EDITION / "publication"


@pytest.fixture
def chiffres(publication):
    with (publication / "indicateurs.csv").open(encoding="utf-8-sig", newline="") as flux:
        return list(csv.DictReader(flux, delimiter=";"))


def valeur(chiffres, indicateur, territoire, millesime):
    [ligne] = [
        ligne
        for ligne in chiffres
        if (ligne["indicateur"], ligne["territoire"], ligne["millesime"])
        == (indicateur, territoire, str(millesime))
    ]
    return float(ligne["valeur"].replace(",", "."))


def test_publication_holds_every_file(publication):
    noms = {chemin.name for chemin in publication.iterdir()}
    assert noms >= {
        "rapport.html",
        "rapport.pdf",
        "rapport.docx",
        "rapport.odt",
        "indicateurs.csv",
        "indicateurs.parquet",
        "dictionnaire.csv",
        "projection.csv",
        "qualite.csv",
    }


@pytest.mark.parametrize(
    ("millesime", "habitants"),
    [(2004, 24195), (2009, 25683), (2014, 27155), (2019, 27620), (2025, 25303)],
)
def test_population_of_le_mont_dore_is_the_published_one(chiffres, millesime, habitants):
    # ISEE, populations des communes ; INSEE, populations de référence 2025 (décret 2025-966)
    assert valeur(chiffres, "population", "98817", millesime) == habitants


def test_mean_annual_change_2014_2019_is_the_one_isee_publishes(chiffres):
    assert valeur(chiffres, "evolution_population", "98817", 2019) == pytest.approx(
        100 * ((27620 / 27155) ** (1 / 5) - 1), abs=1e-6
    )
    assert round(valeur(chiffres, "evolution_population", "98817", 2019), 2) == 0.34


def test_people_of_60_and_over_in_2019(chiffres):
    assert valeur(chiffres, "population_60_plus", "98817", 2019) == 4345
    assert round(valeur(chiffres, "part_60_plus", "98817", 2019), 1) == 15.7


def test_an_indicator_known_for_the_province_is_never_given_to_the_commune(chiffres):
    [ligne] = [
        ligne
        for ligne in chiffres
        if ligne["indicateur"] == "taux_chomage" and ligne["territoire"] == "98817"
    ]
    assert (ligne["valeur"], ligne["statut"]) == ("", "absent")
    assert "province" in ligne["motif"]


@pytest.fixture(scope="session")
def apres_un_arret(construit, tmp_path_factory):
    """The same edition in another folder, where a run had been killed before this one: its base half written."""
    dossier = copier(tmp_path_factory.mktemp("tuee") / "L'été d'après")
    for reste in (dossier / "data/processed" / EDITION, dossier / "reports" / EDITION):
        (reste / ".en-cours").mkdir(parents=True)
        (reste / ".en-cours" / "base.duckdb").write_bytes(b"inachevee")
    batir(dossier)
    return dossier


def test_two_builds_in_two_folders_give_the_same_bytes(publication, apres_un_arret):
    seconde = apres_un_arret / "reports" / EDITION / "publication"
    noms = sorted(chemin.relative_to(publication) for chemin in publication.rglob("*") if chemin.is_file())
    assert len(noms) >= 8
    differents = [nom for nom in noms if (publication / nom).read_bytes() != (seconde / nom).read_bytes()]
    assert not differents


def test_a_killed_run_leaves_nothing_that_the_next_one_minds(apres_un_arret):
    assert not [*apres_un_arret.rglob(".en-cours")]
    assert not [chemin for chemin in apres_un_arret.rglob("*.duckdb") if chemin.read_bytes() == b"inachevee"]


def test_an_unchanged_edition_is_not_built_again(construit):
    avant = (construit / "data/processed" / EDITION / "base.duckdb").stat().st_mtime_ns
    assert batir(construit) == [
        "Rien n'a changé depuis la dernière construction : la publication est à jour."
    ]
    assert (construit / "data/processed" / EDITION / "base.duckdb").stat().st_mtime_ns == avant


QUI = ("nom", "prenom", "naissance")
LIBRES = {"ccas_aides.csv": ("Adresse", "Observations")}  # in the file, and never declared


@functools.cache
def identites(dossier: Path) -> frozenset[str]:
    """Names, birth dates, addresses and observations of every deposited file, as it writes them."""
    edition = lire_edition(EDITION, dossier)
    trouvees: set[str] = set()
    for fichier in edition.fichiers:
        noms = [fichier.colonnes[nom] for nom in QUI if nom in fichier.colonnes]
        if not noms:
            continue
        chemin = edition.chemin(fichier)
        lecteur = readers.lire_classeur if chemin.suffix == ".xlsx" else readers.lire_csv
        table = lecteur(chemin, (*noms, *LIBRES.get(chemin.name, ()))).table
        trouvees |= {texte for nom in table for texte in table[nom].dropna()}
    return frozenset(texte for texte in trouvees if len(texte) > 4)


def contenus(racine: Path):
    """Every byte string a reader could search: files, members of archives, and what compression hides."""
    for chemin in sorted(racine.rglob("*")):
        if not chemin.is_file():
            continue
        yield chemin.name, chemin.read_bytes()
        if zipfile.is_zipfile(chemin):
            with zipfile.ZipFile(chemin) as archive:
                yield from ((f"{chemin.name}!{nom}", archive.read(nom)) for nom in archive.namelist())
        if chemin.suffix in (".duckdb", ".parquet"):
            yield from ((f"{chemin.name}!{nom}", texte) for nom, texte in tables(chemin))


def tables(chemin: Path):
    """Each table of a base or of a Parquet file, as text, its days written 1962-04-19."""
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        noms = ["lu"]
        if chemin.suffix == ".parquet":
            con.read_parquet(str(chemin)).create_view("lu")
        else:
            con.execute("attach ? as lue (read_only)", [str(chemin)])
            lignes = con.execute(
                "select schema_name, table_name from duckdb_tables() where database_name = 'lue'"
            )
            noms = [f'lue.{schema}."{nom}"' for schema, nom in sorted(lignes.fetchall())]
        for nom in noms:
            colonnes = con.execute(f"select columns(*)::varchar from {nom}").fetchnumpy().values()
            textes = {str(valeur) for colonne in colonnes for valeur in colonne}
            yield nom, "\n".join(sorted(textes)).encode()


# Words of addresses and observations that also are words of the report, or of a planted unknown code.
_ORDINAIRES = {
    *("impasse", "lotissement", "residence", "résidence"),
    *("lignes", "ensuite", "guichet", "inventé", "invente", "zwibulon"),
}
_JOUR = re.compile(rb"(?<!\d)(?:(\d\d)/(\d\d)/(19\d\d|20[01]\d)|(19\d\d|20[01]\d)-(\d\d)-(\d\d))(?!\d)")


_MOT = re.compile(rb"(?:[a-z]|\xc3[\x80-\xbf]){6,}")  # letters with their accents, in UTF-8


def traces(texte: bytes) -> set[bytes]:
    """What is looked for in bytes: words of six letters or more, in lower case, and days in either writing.

    Days since 2020 are left out: the deposits begin then, and something else happened the day a child was born.
    """
    jours = {
        b"-".join((annee, mois, jour) if annee else (an, mm, jj))
        for jj, mm, an, annee, mois, jour in _JOUR.findall(texte)
    }
    return {*_MOT.findall(texte.lower()), *jours}


def cherchees(dossier: Path) -> set[bytes]:
    """Words, with and without their accents, and birthdays of the persons deposited."""
    return set().union(*map(recherche_de, identites(dossier))) - {mot.encode() for mot in _ORDINAIRES}


def recherche_de(identite: str) -> set[bytes]:
    """What tells an identity: its words as written, and as a pseudonym folds them."""
    plie = unicodedata.normalize("NFKD", identite).encode("ascii", "ignore")
    return traces(identite.casefold().encode()) | traces(plie)


def test_no_name_birth_date_or_address_in_any_byte_of_what_is_built(construit):
    recherche = cherchees(construit)
    for dossier in (construit / "data/processed", construit / "reports"):
        for nom, contenu in contenus(dossier):
            assert not (recherche & traces(contenu)), nom


def test_every_identity_is_searched_by_a_word_or_a_day_of_its_own(construit):
    """Leaving ordinary words out hides nobody: each name, address, observation keeps a word that is searched."""
    recherche = cherchees(construit)
    sans_trace = {texte for texte in identites(construit) if not recherche & recherche_de(texte)}
    assert {texte[-4:] for texte in sans_trace} <= {"2020", "2021", "2022"}  # birthdays of small children
    assert len(sans_trace) < len(identites(construit)) / 10


def test_the_search_finds_what_is_hidden_in_a_compressed_base(tmp_path):
    with duckdb.connect(str(tmp_path / "fuite.duckdb")) as con:
        con.execute("create table t as select 'Zorglubine' as nom, date '1962-04-19' as n from range(50000)")
    trouvees = set().union(*(traces(contenu) for _, contenu in contenus(tmp_path)))
    assert trouvees >= {b"zorglubine", b"1962-04-19"}


def test_the_text_of_no_pdf_names_anybody(construit):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext n'est pas installé")
    recherche = cherchees(construit)
    pdfs = sorted((construit / "reports").rglob("*.pdf"))
    assert {"domiciliation-2025.pdf", "rapport-interne.pdf", "rapport.pdf", "note-synthese.pdf"} <= {
        pdf.name for pdf in pdfs
    }
    for pdf in pdfs:
        texte = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, check=True).stdout
        assert len(texte) > 300
        assert not recherche & traces(texte), pdf.name


def test_rows_read_are_loaded_or_rejected(construit):
    with duckdb.connect(str(construit / "data/processed" / EDITION / "base.duckdb"), read_only=True) as con:
        lignes = con.execute(
            "select fichier, lignes_lues, lignes_chargees, lignes_rejetees from qualite.fichiers"
        ).fetchall()
    assert lignes
    for fichier, lues, chargees, rejetees in lignes:
        assert lues == chargees + rejetees, fichier


def test_the_confidential_base_is_readable_by_its_owner_only(construit):
    assert (construit / "data/processed" / EDITION / "confidentiel.duckdb").stat().st_mode & 0o077 == 0


def test_the_base_that_is_shared_holds_no_row_about_a_person(construit):
    with duckdb.connect(str(construit / "data/processed" / EDITION / "base.duckdb"), read_only=True) as con:
        tables = {
            f"{schema}.{nom}"
            for schema, nom in con.execute(
                "select table_schema, table_name from information_schema.tables"
            ).fetchall()
        }
    assert "socle.population" in tables and "publication.indicateurs" in tables
    assert not [nom for nom in tables if "ccas" in nom or "aides" in nom or nom.startswith("resultat.")]
    assert "qualite.rejets" not in tables


def test_the_internal_edition_says_on_every_page_that_it_is_confidential(construit):
    interne = construit / "reports" / EDITION / "interne"
    assert interne.stat().st_mode & 0o077 == 0
    assert "confidentielle" in (interne / "rapport-interne.html").read_text(encoding="utf-8")


def test_the_report_says_where_each_action_stands_and_that_it_is_an_example(publication):
    html = (publication / "rapport.html").read_text(encoding="utf-8")
    chapitre = html[html.index('id="orientations"') :]
    assert "Exemple fictif" in chapitre[:1000]
    assert "Sur 6 actions, 1 a atteint sa cible, 2 sont en voie" in chapitre
    for action in (
        "registre",
        "activites-aines",
        "delai-un-mois",
        "dossiers-complets",
        "accompagnement",
        "maraudes",
    ):
        assert f'id="action-{action}"' in chapitre


def test_the_chapter_on_aid_says_what_is_asked_for_most_and_where(publication):
    page = html.fromstring((publication / "rapport.html").read_bytes())
    [boite] = page.xpath("//h2[@id='chapitre-activite']/following-sibling::div[@class='retenir'][1]")
    dites = [re.sub(r"\s+", " ", phrase.text_content()) for phrase in boite.iter("li")]
    assert len(dites) == 6
    assert (
        dites[4]
        == "La part des demandes selon le motif est la plus élevée pour « Alimentation » : 66,0 % en 2025."
    )
    assert dites[5] == (
        "Selon le quartier, le taux de recours aux aides du CCAS s’écarte de celui de la commune (30,9) en 2025 : "
        "moins élevé à Boulari (21,4)."
    )


def test_fictional_figures_say_so(publication):
    page = (publication / "rapport.html").read_text(encoding="utf-8")
    chapitre = page[page.index('id="chapitre-activite"') :]
    assert "fictives" in chapitre[:2000]


# --- what a user can break ---------------------------------------------------------------------------


def fichiers(dossier):
    """The bytes of every file of a folder, by path."""
    return {c.relative_to(dossier): c.read_bytes() for c in sorted(dossier.rglob("*")) if c.is_file()}


def _remplacer(chemin: Path, avant: str, apres: str, encodage: str = "utf-8") -> None:
    texte = chemin.read_bytes().decode(encodage)
    assert avant in texte
    chemin.write_bytes(texte.replace(avant, apres, 1).encode(encodage))


def depot_absent(raw: Path) -> None:
    (raw / EDITION / DEPOT).unlink()


def colonne_renommee(raw: Path) -> None:
    _remplacer(raw / EDITION / DEPOT, "Décision", "Avis", "cp1252")


def mauvais_encodage(raw: Path) -> None:
    chemin = raw / EDITION / DEPOT
    chemin.write_bytes(chemin.read_bytes().decode("cp1252").encode("utf-16"))


def fichier_coupe(raw: Path) -> None:
    chemin = raw / EDITION / DEPOT
    lignes = chemin.read_bytes().splitlines(keepends=True)
    chemin.write_bytes(b"".join(lignes[: len(lignes) // 2]) + lignes[len(lignes) // 2][:20])


def page_html(raw: Path) -> None:
    (raw / EDITION / DEPOT).write_text("<!DOCTYPE html><html><body>Connexion</body></html>", encoding="utf-8")


def fichier_vide(raw: Path) -> None:
    (raw / EDITION / DEPOT).write_bytes(b"")


def table_publique_modifiee(raw: Path) -> None:
    chemin = raw / "isee" / "isee_population_commune.csv"
    chemin.write_text(chemin.read_text(encoding="utf-8").replace("27620", "27621"), encoding="utf-8")


def quartier_manquant(raw: Path) -> None:
    """A quartier row less, with its checksum put right: the sum of the quartiers no longer holds."""
    import hashlib

    chemin = raw / "isee" / "isee_population_quartier.csv"
    lignes = chemin.read_text(encoding="utf-8").splitlines(keepends=True)
    garde = [ligne for ligne in lignes if not ligne.startswith("2019,98817-plum,Plum,quartier,femmes,0,")]
    assert len(garde) == len(lignes) - 1
    chemin.write_text("".join(garde), encoding="utf-8")
    compagnon = chemin.with_suffix(".toml")
    somme = hashlib.sha256(chemin.read_bytes()).hexdigest()
    compagnon.write_text(
        re.sub(r'(?m)^sha256 = ".*"', f'sha256 = "{somme}"', compagnon.read_text(encoding="utf-8")),
        encoding="utf-8",
    )


def territoire_inconnu(raw: Path) -> None:
    _remplacer(raw / EDITION / "edition.toml", 'code = "98817"', 'code = "99999"')


def champ_inconnu(raw: Path) -> None:
    _remplacer(raw / EDITION / "edition.toml", "[territoire]", "[territoire]\npopulace = 3")


def toml_casse(raw: Path) -> None:
    _remplacer(raw / EDITION / "edition.toml", "[territoire]", "[territoire")


def source_inconnue(raw: Path) -> None:
    _remplacer(raw / EDITION / "edition.toml", 'source = "isee_majeurs"', 'source = "isee_majeur"')


def colonne_interdite(raw: Path) -> None:
    _remplacer(raw / EDITION / "edition.toml", 'motif = "Nature"', 'motif = "Observations"')


def orientation_inconnue(raw: Path) -> None:
    chemin = raw.parents[1] / "reports" / EDITION / "orientations.toml"
    _remplacer(chemin, 'indicateur = "taux_registre_70"', 'indicateur = "taux_registre_07"')


def dates_illisibles(raw: Path) -> None:
    chemin = raw / EDITION / DEPOT
    texte = chemin.read_bytes().decode("cp1252")
    chemin.write_bytes(re.sub(r"\b(\d\d)/(\d\d)/(20\d\d)\b", r"\3/\1", texte).encode("cp1252"))


CASSES = {
    depot_absent: "l'exporter du logiciel et le déposer dans",
    colonne_renommee: "Décision",
    mauvais_encodage: "ccas_aides.csv",
    fichier_coupe: "ccas_aides.csv",
    page_html: "page web",
    fichier_vide: "vide",
    table_publique_modifiee: "a changé",
    quartier_manquant: "quartier",
    territoire_inconnu: "99999",
    champ_inconnu: "populace",
    toml_casse: "TOML",
    source_inconnue: "isee_majeur",
    colonne_interdite: "Observations",
    orientation_inconnue: "taux_registre_07",
    dates_illisibles: "date",
}


@pytest.mark.parametrize("casser", CASSES, ids=lambda casser: casser.__name__)
def test_a_broken_input_is_one_sentence_and_leaves_the_last_publication(construit, tmp_path, casser):
    dossier = tmp_path / "casse"
    shutil.copytree(construit, dossier)
    publication = dossier / "reports" / EDITION / "publication"
    avant = fichiers(publication)
    base = (dossier / "data/processed" / EDITION / "base.duckdb").read_bytes()
    casser(dossier / "data" / "raw")
    with pytest.raises(ErreurUtilisateur, match=re.escape(CASSES[casser])) as erreur:
        batir(dossier)
    phrase = str(erreur.value)
    assert "\n" not in phrase and phrase.rstrip().endswith(".")
    assert fichiers(publication) == avant
    assert (dossier / "data/processed" / EDITION / "base.duckdb").read_bytes() == base
    restes = [
        c.name for c in (dossier / "data/processed" / EDITION).iterdir() if c.name.startswith(".en-cours")
    ]
    assert not restes


def test_the_command_line_says_one_sentence_and_exits_with_2(construit, tmp_path):
    dossier = tmp_path / "casse"
    shutil.copytree(construit, dossier)
    depot_absent(dossier / "data" / "raw")
    resultat = subprocess.run(
        [sys.executable, "-m", "pipeline", "abs", EDITION],
        env={**os.environ, "ABS_RACINE": str(dossier)},
        cwd=RACINE,
        capture_output=True,
        text=True,
    )
    assert resultat.returncode == 2
    assert resultat.stderr.count("\n") == 1 and "introuvable" in resultat.stderr
    assert "Traceback" not in resultat.stdout + resultat.stderr


def test_two_runs_of_one_edition_do_not_meet(ouvrir):
    from filelock import FileLock

    edition = ouvrir()
    edition.traitement.mkdir(parents=True)
    with (
        FileLock(edition.traitement / ".verrou"),
        pytest.raises(ErreurUtilisateur, match="déjà en construction"),
    ):
        construire(edition, lambda _: None)
