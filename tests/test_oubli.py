"""Forgetting: one person and nobody else, for good; what is too old; a key that is changed."""

import datetime
import os
import re
import shutil
from functools import partial

import duckdb
import pandas as pd
import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipeline import cli, effacement, identite, ingest, oubli, protect
from pipeline.edition import lire_edition
from pipeline.model import ErreurUtilisateur, Pseudonyme
from pipeline.sources.registre import SOURCES

LIENS = oubli.liens(SOURCES)

# Tessalin lives alone in F1, Ourphin and Maelor share F2, Ysolde has no household number; D6 is rejected.
ELLE = ("Fictanor-Vey", "Tessalin", "13/05/1980")
ELLE_AUTREMENT = ("TESSALIN", "fictanor vey", "1980-05-13")
NOMS = ("Fictanor", "Tessalin", "Zorvalbec", "Ourphin", "Maelor", "Quenthari", "Ysolde", "1980")

DEMANDES = """\
numero;foyer;nom;prenom;naissance;date_demande;motif
D1;F1;Fictanor-Vey;Tessalin;13/05/1980;01/02/2024;alimentaire
D2;F1;TESSALIN;fictanor vey;1980-05-13;05/03/2025;energie
D3;F2;Zorvalbec;Ourphin;02/01/1975;10/02/2024;alimentaire
D4;F2;Zorvalbec;Maelor;03/01/1976;11/02/2025;energie
D5;;Quenthari;Ysolde;04/01/1990;12/02/2025;sante
D6;F1;Fictanor-Vey;Tessalin;13/05/1980;06/03/2025;inconnu
D7;F4;Brevalin;Ostrane;05/01/1960;13/02/2025;autre
D8;F4;Brevalin;Ostrane;05/01/1960;14/02/2025;sante
D9;F4;Brevalin;Ostrane;05/01/1960;15/02/2025;mobilite
"""
DECISIONS = """\
numero;date_seance;decision
D1;10/02/2024;accord
D2;10/03/2025;refus
D3;20/02/2024;accord
D4;20/02/2025;accord
D5;20/02/2025;ajournement
"""
RESSOURCES = """\
foyer;date_situation;ressources;charges;unites_consommation
F1;01/02/2024;1000;500;1
F2;01/02/2024;2000;900;1,5
"""
DEPOTS = {
    "ccas_demandes": ("demandes.csv", DEMANDES, 'foyer = "foyer"'),
    "ccas_decisions": ("decisions.csv", DECISIONS, ""),
    "ccas_ressources": ("ressources.csv", RESSOURCES, ""),
}
ENTETE = """\
[edition]
titre = "Analyse"
redaction = "CCAS"
profil = "nouvelle_caledonie"
comparateurs = ["988"]
[territoire]
code = "98817"
nom = "Le Mont-Dore"
"""


def declarer(depots, suite=""):
    blocs = [
        f'[[fichiers]]\nsource = "{source}"\nchemin = "{nom}"\n{suite}\n[fichiers.colonnes]\n{colonnes}\n'
        for source, (nom, _, colonnes) in depots.items()
    ]
    return "\n".join([ENTETE, *blocs])


def deposer_dans(racine, nom="essai/2026", depots=DEPOTS, suite=""):
    dossier = racine / "data" / "raw" / nom
    dossier.mkdir(parents=True)
    for fichier, texte, _ in depots.values():
        (dossier / fichier).write_text(texte, encoding="utf-8")
    (dossier / "edition.toml").write_text(declarer(depots, suite), encoding="utf-8")
    return lire_edition(nom, racine)


@pytest.fixture
def deposer(tmp_path, monkeypatch):
    """An edition with the deposits drawn above, whose key is outside of it: `deposer("essai/2025")`."""
    monkeypatch.delenv("ABS_CLE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    return partial(deposer_dans, tmp_path / "projet")


@pytest.fixture(scope="module")
def modele(tmp_path_factory):
    """A folder with an edition deposited and built, and its key: made once."""
    dossier = tmp_path_factory.mktemp("modele")
    with pytest.MonkeyPatch.context() as contexte:
        contexte.delenv("ABS_CLE", raising=False)
        contexte.setenv("XDG_CONFIG_HOME", str(dossier / "configuration"))
        construire(deposer_dans(dossier / "projet"))
    return dossier


def copier(modele, dossier, contexte):
    """The model in a folder of its own, with its key."""
    shutil.copytree(modele, dossier)
    contexte.delenv("ABS_CLE", raising=False)
    contexte.setenv("XDG_CONFIG_HOME", str(dossier / "configuration"))
    return lire_edition("essai/2026", dossier / "projet")


@pytest.fixture
def edition(modele, tmp_path, monkeypatch):
    """An edition deposited and built, with a key of its own."""
    return copier(modele, tmp_path / "copie", monkeypatch)


@pytest.fixture(scope="module")
def oubliee(modele, tmp_path_factory):
    """An edition that has forgotten Tessalin, only to be looked at; what was said; the base before."""
    with pytest.MonkeyPatch.context() as contexte:
        edition = copier(modele, tmp_path_factory.mktemp("oubliee") / "copie", contexte)
        avant = octets(edition)
        yield edition, effacement.oublier(edition, *ELLE), avant


def construire(edition):
    """The confidential base as a build leaves it, with a table of `socle` about requests; its quality rows."""
    edition.traitement.mkdir(parents=True, exist_ok=True)
    base = edition.traitement / "confidentiel.duckdb"
    base.unlink(missing_ok=True)
    with duckdb.connect(str(base)) as con:
        base.chmod(0o600)
        declarees = [source for source in SOURCES if source.id in DEPOTS or edition.fichiers_de(source.id)]
        qualite = ingest.charger(con, edition, declarees)
        con.execute("create schema socle")
        con.execute(
            "create table socle.aides_demandes as select demande, personne, menage, year(date_demande) as millesime "
            "from brut.ccas_demandes"
        )
        con.execute("create table socle.population as select 1 as habitants")
    (edition.traitement / "empreinte.json").write_text("{}", encoding="utf-8")
    return {ligne["source"]: ligne for ligne in qualite}


def compter(edition, *tables):
    with duckdb.connect(str(edition.traitement / "confidentiel.duckdb"), read_only=True) as con:
        return [con.execute(f"select count(*) from {table}").fetchone()[0] for table in tables]


def lire(edition, requete):
    with duckdb.connect(str(edition.traitement / "confidentiel.duckdb"), read_only=True) as con:
        return con.execute(requete).fetchall()


def pseudonyme(edition, qui=ELLE, colonne="personne"):
    cadre = pd.DataFrame([qui], columns=list(identite.PERSONNE), dtype="string")
    declare = Pseudonyme(colonne, identite.PERSONNE)
    return identite.pseudonymes(cadre, declare, ingest.cle_de(edition))[0]


def octets(edition):
    return (edition.traitement / "confidentiel.duckdb").read_bytes()


TABLES = ("brut.ccas_demandes", "brut.ccas_decisions", "brut.ccas_ressources", "socle.aides_demandes")


# --- Whose a row is --------------------------------------------------------------------------------


def test_what_leads_to_a_person_comes_from_the_declarations():
    assert LIENS.individus == ("personne", "adherent", "benevole")
    assert set(LIENS.dossiers) == {"demande", "accompagnement", "instruction", "election", "service"}
    # a session or a round is everybody's, a sitting nobody's
    assert not {"seance", "maraude", "accueil", "repondant", "signalement"} & set(LIENS.colonnes)


def cadre(**colonnes):
    return pd.DataFrame({nom: pd.Series(valeurs, dtype="string") for nom, valeurs in colonnes.items()})


def vers(**listes):
    return {nom: frozenset(valeurs) for nom, valeurs in listes.items()}


def test_a_person_takes_her_requests_and_her_card_with_her():
    demandes = cadre(personne=["a", "a", "b"], menage=["1", "1", "2"], demande=["d1", "d2", "d3"])
    adhesions = cadre(personne=["a", "b"], adherent=["c1", "c2"])
    presences = cadre(adherent=["c1", "c2", "c1"])
    trouves = oubli.etendre(vers(personne="a"), [demandes, presences, adhesions], LIENS)
    assert trouves["demande"] == {"d1", "d2"}
    assert trouves["adherent"] == {"c1"}
    assert oubli.concernees(presences, trouves, LIENS).tolist() == [True, False, True]


def test_a_household_is_forgotten_with_its_last_known_member_only():
    demandes = cadre(personne=["a", "b"], menage=["1", "1"])
    assert oubli.etendre(vers(personne=["a"]), [demandes], LIENS)["menage"] == set()
    assert oubli.etendre(vers(personne=["a", "b"]), [demandes], LIENS)["menage"] == {"1"}


def test_a_household_joined_by_somebody_since_is_no_longer_forgotten():
    oublies = vers(personne=["a"], menage=["1"])
    assert oubli.etendre(oublies, [cadre(menage=["1"])], LIENS)["menage"] == {"1"}
    assert oubli.etendre(oublies, [cadre(personne=["b"], menage=["1"])], LIENS)["menage"] == set()


def test_a_file_of_the_household_without_a_name_goes_with_the_household():
    demandes = cadre(personne=["a"], menage=["1"])
    suivis = cadre(menage=["1", "2"], accompagnement=["s1", "s2"])
    trouves = oubli.etendre(vers(personne=["a"]), [demandes, suivis], LIENS)
    assert trouves["accompagnement"] == {"s1"}
    assert oubli.concernees(suivis, trouves, LIENS).tolist() == [True, False]


VALEURS = st.sampled_from(["a", "b", "c", None])
CADRES = st.lists(st.lists(st.tuples(VALEURS, VALEURS, VALEURS), max_size=6), max_size=3)


@settings(deadline=None, max_examples=50)
@given(CADRES, st.sets(st.sampled_from("abc")))
def test_all_that_names_a_forgotten_person_goes_and_nothing_that_names_another(lots, oubliees):
    cadres = [pd.DataFrame(lot, columns=["personne", "menage", "demande"], dtype="string") for lot in lots]
    trouves = oubli.etendre(vers(personne=oubliees), cadres, LIENS)
    for lot in cadres:
        parties = oubli.concernees(lot, trouves, LIENS)
        nommees = lot["personne"].notna()
        assert parties[nommees].tolist() == lot.loc[nommees, "personne"].isin(oubliees).tolist()
    assert oubli.etendre(trouves, cadres, LIENS) == trouves, "nothing more comes of asking twice"


# --- At the door -----------------------------------------------------------------------------------


def test_the_next_build_does_not_load_a_forgotten_person(edition):
    effacement.oublier(edition, *ELLE)
    qualite = construire(edition)
    # 9 requests of which 3 are hers, 5 decisions of which 2, 2 households of which 1
    assert compter(edition, *TABLES) == [6, 3, 1, 6]
    for source, siennes in (("ccas_demandes", 3), ("ccas_decisions", 2), ("ccas_ressources", 1)):
        ligne = qualite[source]
        assert ligne["lignes_oubliees"] == siennes
        assert ligne["lignes_lues"] == ligne["lignes_chargees"] + ligne["lignes_rejetees"]
    assert pseudonyme(edition).encode() not in octets(edition)


def test_how_many_rows_were_forgotten_is_known_to_the_ccas_alone(edition, tmp_path):
    effacement.oublier(edition, *ELLE)
    for ligne in construire(edition).values():
        assert "oubli" not in ligne["detecte"]
        assert ligne["lignes_ecartees"] == 0
    with duckdb.connect(str(edition.traitement / "confidentiel.duckdb")) as con:
        comptes = con.execute("select source, lignes from qualite.oubliees order by source").fetchall()
        assert comptes == [("ccas_decisions", 2), ("ccas_demandes", 3), ("ccas_ressources", 1)]
        protect.diffuser(con, tmp_path / "base.duckdb")
    with duckdb.connect(str(tmp_path / "base.duckdb")) as con:
        assert con.execute(
            "select table_name from duckdb_tables() where schema_name = 'qualite'"
        ).fetchall() == [("fichiers",)]
        assert "lignes_oubliees" not in con.table("qualite.fichiers").columns


def test_a_request_she_made_since_is_not_loaded_either(edition):
    effacement.oublier(edition, *ELLE)
    for nom, ligne in (
        ("demandes.csv", "D10;F9;Fictanor Vey;TESSALIN;13/05/1980;01/09/2025;autre\n"),
        ("decisions.csv", "D10;05/09/2025;accord\n"),
        ("ressources.csv", "F9;01/09/2025;800;100;1\n"),
    ):
        with (edition.dossier / nom).open("a", encoding="utf-8") as flux:
            flux.write(ligne)
    construire(edition)
    assert compter(edition, *TABLES) == [6, 3, 1, 6]


@pytest.mark.parametrize("perdu", [False, True])
def test_files_of_the_country_neither_follow_nor_prevent_forgetting_somebody(edition, tmp_path, perdu):
    base, pays = edition.traitement / "confidentiel.duckdb", tmp_path / "pays.parquet"
    with duckdb.connect(str(base)) as con:
        con.execute("copy (select 12 as pop) to ?", [str(pays)])
        entre_guillemets = str(pays).replace("'", "''")
        con.execute(f"create view brut.pays as from read_parquet('{entre_guillemets}')")
    if perdu:
        pays.unlink()
    effacement.oublier(edition, *ELLE)
    with duckdb.connect(str(base), read_only=True) as con:
        vues = con.execute("select view_name from duckdb_views() where not internal").fetchall()
    assert vues == ([] if perdu else [("pays",)])
    assert compter(edition, *TABLES) == [6, 3, 1, 6]


def test_a_deposit_that_holds_nobody_else_is_loaded_empty(deposer):
    seule = {
        "ccas_demandes": ("demandes.csv", "".join(DEMANDES.splitlines(keepends=True)[:3]), 'foyer = "foyer"')
    }
    edition = deposer(depots=seule)
    construire(edition)
    effacement.oublier(edition, *ELLE)
    assert construire(edition)["ccas_demandes"]["lignes_chargees"] == 0
    assert compter(edition, "brut.ccas_demandes") == [0]


@pytest.mark.parametrize(
    ("source", "colonnes", "gardee"),
    [
        ("ccas_demandes", {"date_demande": "2020-01-01"}, True),
        ("ccas_demandes", {"date_demande": "2019-12-31"}, False),
        ("ccas_demandes", {"date_demande": None}, True),  # without a date: for the schema to refuse
        (
            "ccas_menages",
            {"date_premier_contact": "2010-01-01", "date_maj": "2020-01-01"},
            True,
        ),  # last contact
        ("ccas_menages", {"date_premier_contact": "2010-01-01", "date_maj": "2019-01-01"}, False),
        ("ccas_services", {"date_debut": "2010-01-01", "date_fin": None}, True),  # still served
        ("ccas_services", {"date_debut": "2010-01-01", "date_fin": "2019-06-30"}, False),
        ("ccas_registre", {"date_inscription": "2010-01-01", "date_radiation": None}, True),
        ("ccas_domiciliations", {"date_demande": "2010-01-01", "date_fin": None}, False),  # refused, long ago
    ],
)
def test_six_exercises_before_the_edition_are_kept(deposer, source, colonnes, gardee):
    premier = oubli.premier_exercice(deposer().profil.conservation, 2026)
    assert premier == 2026 - 6
    table = pd.DataFrame({nom: pd.to_datetime(pd.Series([jour])) for nom, jour in colonnes.items()})
    assert (len(oubli.trop_vieilles(table, source, premier)) == 0) == gardee


@pytest.mark.parametrize(("exercice", "gardee"), [(2020, True), (2019, False)])
def test_a_row_that_has_a_year_and_no_date_ages_with_its_year(exercice, gardee):
    table = pd.DataFrame({"exercice": pd.Series([exercice], dtype="Int64")})
    assert (len(oubli.trop_vieilles(table, "centre_social_benevoles", 2020)) == 0) == gardee


def test_rows_past_the_period_are_counted_and_not_loaded(deposer):
    vieilles = DEMANDES.replace("01/02/2024", "31/12/2019").replace(
        "11/02/2025;energie", "31/12/2018;energie"
    )
    edition = deposer(depots=DEPOTS | {"ccas_demandes": ("demandes.csv", vieilles, 'foyer = "foyer"')})
    ligne = construire(edition)["ccas_demandes"]
    assert compter(edition, "brut.ccas_demandes", "brut.ccas_decisions") == [6, 5], (
        "a decision has its own age"
    )
    assert "au-delà de la durée de conservation : 2" in ligne["detecte"]
    assert (ligne["lignes_ecartees"], ligne["lignes_lues"]) == (2, 9 - 2)
    assert ligne["lignes_lues"] == ligne["lignes_chargees"] + ligne["lignes_rejetees"]


@pytest.mark.parametrize(
    ("colonnes", "lignes"),
    [
        ({"date_demande": ["2025-12-31", "2026-01-05", None]}, 1),
        # decided in January, asked for in December: of the year before
        ({"date_demande": ["2025-12-20"], "date_seance": ["2026-01-08"]}, 0),
    ],
)
def test_rows_of_the_year_that_has_begun_are_counted_by_what_they_tell_first(colonnes, lignes):
    table = pd.DataFrame({nom: pd.to_datetime(pd.Series(jours)) for nom, jours in colonnes.items()})
    assert oubli.trop_recentes(table, 2025) == lignes


def test_rows_of_the_year_that_has_begun_are_loaded_and_said_in_the_quality_of_their_file(deposer):
    tardives = DEMANDES.replace("01/02/2024", "05/01/2026")
    edition = deposer(depots=DEPOTS | {"ccas_demandes": ("demandes.csv", tardives, 'foyer = "foyer"')})
    ligne = construire(edition)["ccas_demandes"]
    dites = tardives.count("05/01/2026")
    assert dites and f"après le dernier exercice du rapport, sans en faire un : {dites}" in ligne["detecte"]
    assert ligne["lignes_ecartees"] == 0


def test_a_row_past_the_period_is_not_sent_back_for_what_is_wrong_in_it(deposer):
    texte = DEMANDES.replace("\n", ";\n").replace("motif;", "motif;montant", 1)
    texte = texte.replace("01/02/2024;alimentaire;", "01/02/2019;troc;dix")
    colonnes = 'foyer = "foyer"\nmontant_demande = "montant"'
    edition = deposer(depots={"ccas_demandes": ("demandes.csv", texte, colonnes)})
    construire(edition)
    with duckdb.connect(str(edition.traitement / "confidentiel.duckdb"), read_only=True) as con:
        assert con.execute("select ligne, valeur from qualite.rejets").fetchall() == [("7", "inconnu")]


SUIVIS = """\
numero;foyer;nom;prenom;naissance;type_accompagnement;date_debut
S1;F2;Zorvalbec;Ourphin;02/01/1975;logement;01/02/2024
S2;F2;Zorvalbec;Maelor;03/01/1976;logement;01/02/2024
"""


def test_in_a_household_that_stays_what_names_her_goes_where_only_the_household_is_kept(deposer):
    depots = DEPOTS | {"ccas_accompagnements": ("suivis.csv", SUIVIS, 'foyer = "foyer"')}
    edition = deposer(depots=depots)
    construire(edition)
    assert compter(edition, "brut.ccas_accompagnements") == [2]
    effacement.oublier(edition, "Zorvalbec", "Ourphin", "02/01/1975")
    assert compter(edition, "brut.ccas_accompagnements") == [1], "its number was hers"
    construire(edition)
    assert compter(edition, "brut.ccas_accompagnements") == [1]


COUPLES = """\
foyer;nom;prenom;naissance;nom du conjoint;prenom du conjoint;naissance du conjoint;date_maj
F2;Zorvalbec;Ourphin;02/01/1975;Zorvalbec;Maelor;03/01/1976;01/02/2025
"""


def test_on_a_line_that_names_a_couple_one_is_forgotten_and_the_other_is_not(deposer):
    edition = deposer(depots=DEPOTS | {"ccas_personnes": ("couples.csv", COUPLES, 'foyer = "foyer"')})
    declaration = edition.dossier / "edition.toml"
    conjoint = "\n".join(f'{nom} = "{nom} du conjoint"' for nom in identite.PERSONNE)
    declaration.write_text(
        declaration.read_text(encoding="utf-8")
        + '[[fichiers]]\nsource = "ccas_personnes"\nchemin = "couples.csv"\n'
        + f'[fichiers.colonnes]\nfoyer = "foyer"\n{conjoint}\n',
        encoding="utf-8",
    )
    edition = lire_edition(edition.nom, edition.racine)
    effacement.oublier(edition, "Zorvalbec", "Maelor", "03/01/1976")
    construire(edition)
    with duckdb.connect(str(edition.traitement / "confidentiel.duckdb"), read_only=True) as con:
        restent = con.execute("select personne from brut.ccas_personnes").fetchall()
    assert restent == [(pseudonyme(edition, ("Zorvalbec", "Ourphin", "02/01/1975")),)]


# --- One person ------------------------------------------------------------------------------------


@pytest.mark.parametrize("ecriture", [ELLE, ELLE_AUTREMENT])
def test_forgetting_takes_every_row_of_hers_out_of_the_base_and_no_other(edition, ecriture):
    assert compter(edition, *TABLES, "socle.population") == [8, 5, 2, 8, 1]
    dit = effacement.oublier(edition, *ecriture)
    assert compter(edition, *TABLES, "socle.population") == [6, 3, 1, 6, 1]
    assert (
        "Édition essai/2026 : 9 lignes retirées (brut.ccas_decisions : 2, brut.ccas_demandes : 2, "
        "brut.ccas_ressources : 1, qualite.a_verifier : 1, qualite.rejets : 1, socle.aides_demandes : 2)."
    ) in dit


def siens(edition):
    """Her pseudonyms, as bytes: herself, her household, the two requests of hers that were loaded."""
    numeros = pd.DataFrame({"numero": ["D1", "D2"], "foyer": ["F1", "F1"]}, dtype="string")
    declares = Pseudonyme("demande", ("numero",)), Pseudonyme("menage", ("foyer",))
    cle = ingest.cle_de(edition)
    trouves = {texte for declare in declares for texte in identite.pseudonymes(numeros, declare, cle)}
    return [texte.encode() for texte in {*trouves, pseudonyme(edition)}]


def test_her_pseudonyms_are_in_no_byte_of_the_base_any_more(oubliee):
    edition, _, avant = oubliee
    assert [sien in avant for sien in siens(edition)] == [True] * 4
    assert [sien in octets(edition) for sien in siens(edition)] == [False] * 4
    autre = pseudonyme(edition, ("Zorvalbec", "Ourphin", "02/01/1975")).encode()
    assert autre in avant and autre in octets(edition)


def test_the_base_written_anew_is_its_owner_s_and_leaves_nothing_beside_it(oubliee):
    edition, _, _ = oubliee
    assert (edition.traitement / "confidentiel.duckdb").stat().st_mode & 0o777 == 0o600
    assert {chemin.name for chemin in edition.traitement.iterdir()} <= {
        ".verrou",
        "confidentiel.duckdb",
        "rejets",
    }


def test_her_rejected_values_leave_the_error_sheet(deposer):
    fautive = DEMANDES + "D10;F2;Zorvalbec;Maelor;03/01/1976;11/02/2025;troc\n"
    edition = deposer(depots=DEPOTS | {"ccas_demandes": ("demandes.csv", fautive, 'foyer = "foyer"')})
    construire(edition)
    effacement.oublier(edition, *ELLE)
    feuille = (edition.traitement / "rejets" / "demandes.csv.csv").read_text(encoding="utf-8-sig")
    assert ";troc" in feuille and ";inconnu" not in feuille


def test_her_odd_rows_leave_their_sheet_and_no_other_does(edition):
    # D1, hers, D3 and D4: granted without an amount
    lignes = lire(edition, "select ligne from qualite.a_verifier")
    assert lignes == [("2",), ("4",), ("5",)]
    effacement.oublier(edition, *ELLE)
    assert lire(edition, "select ligne from qualite.a_verifier") == [("4",), ("5",)]
    feuille = (edition.traitement / "rejets" / "decisions.csv_a_verifier.csv").read_text(encoding="utf-8-sig")
    assert [ligne.split(";")[1] for ligne in feuille.splitlines()[1:]] == ["4", "5"]


def test_what_somebody_typed_in_her_file_goes_until_it_is_counted_again(deposer):
    texte = DEMANDES.replace("inconnu", "Fictanor a faim").replace("D9;F4;", "D9;F5;")
    valeurs = 'foyer = "foyer"\n[fichiers.valeurs.motif]\n' + "\n".join(
        f'"{motif}" = "{motif}"' for motif in ("alimentaire", "energie", "sante", "autre")
    )
    edition = deposer(depots={"ccas_demandes": ("demandes.csv", texte, valeurs)})
    construire(edition)
    dites = "select valeur, lignes from qualite.non_mappees order by valeur"
    assert lire(edition, dites) == [("Fictanor a faim", 1), ("mobilite", 1)]
    effacement.oublier(edition, *ELLE)
    assert lire(edition, dites) == [] and b"a faim" not in octets(edition)
    construire(edition)
    assert lire(edition, dites) == [("mobilite", 1)]


def test_no_pair_of_persons_names_a_line_of_hers_any_more(deposer):
    autres = """\
D10;F9;Fictanor;Tessalin;13/05/1980;01/09/2025;autre
D11;F8;Zorvalbec;Ourphin;02/01/1957;01/09/2025;autre
"""
    edition = deposer(
        depots=DEPOTS | {"ccas_demandes": ("demandes.csv", DEMANDES + autres, 'foyer = "foyer"')}
    )
    construire(edition)
    dites = "select ligne, autre_ligne from qualite.rapprochements order by all"
    # her name cut short; a year of birth mistyped, which is another's
    assert lire(edition, dites) == [("2", "11"), ("4", "12")]
    effacement.oublier(edition, *ELLE)
    assert lire(edition, dites) == [("4", "12")]
    feuille = (edition.traitement / "rejets" / "rapprochements.csv").read_text(encoding="utf-8-sig")
    assert [ligne.split(";")[:4] for ligne in feuille.splitlines()[1:]] == [
        ["demandes.csv", "4", "demandes.csv", "12"]
    ]
    construire(edition)
    assert lire(edition, dites) == [("4", "12")]


def test_an_oddity_of_a_row_that_is_purged_goes_with_it(deposer):
    edition = deposer(suite="fictif = true")  # nothing to destroy: rows are judged one by one
    construire(edition)
    assert lire(edition, "select ligne from qualite.a_verifier") == [("2",), ("4",), ("5",)]
    effacement.purger(edition, datetime.date(2031, 1, 1))
    # D1 and D3 were granted in 2024, D4 in 2025
    assert lire(edition, "select ligne from qualite.a_verifier") == [("5",)]


def test_a_base_of_before_oddities_were_kept_forgets_all_the_same(edition):
    with duckdb.connect(str(edition.traitement / "confidentiel.duckdb")) as con:
        con.execute("drop table qualite.a_verifier")
    effacement.oublier(edition, *ELLE)
    assert compter(edition, *TABLES) == [6, 3, 1, 6]


def test_no_pseudonym_is_among_the_rejected_values_so_that_none_is_left_to_forget(deposer):
    double = (
        DEMANDES.replace("inconnu", "autre") + "D1;F1;Fictanor-Vey;Tessalin;13/05/1980;01/02/2024;sante\n"
    )
    edition = deposer(depots={"ccas_demandes": ("demandes.csv", double, 'foyer = "foyer"')})
    construire(edition)
    with duckdb.connect(str(edition.traitement / "confidentiel.duckdb"), read_only=True) as con:
        rejets = con.execute("select ligne, valeur from qualite.rejets").fetchall()
    # one number for two requests, and twice the key
    assert rejets == [("2", ""), ("11", ""), ("11", "")]


def test_the_base_is_put_in_place_by_a_rename(edition):
    base = edition.traitement / "confidentiel.duckdb"
    avant = octets(edition)
    (edition.traitement / "lien").hardlink_to(base)
    effacement.oublier(edition, *ELLE)
    assert (edition.traitement / "lien").read_bytes() == avant, "a reader of the old one is not disturbed"


def test_what_a_killed_run_spilled_while_writing_the_base_anew_goes_too(edition):
    debordement = edition.traitement / ".confidentiel.duckdb.tmp"
    debordement.mkdir()
    (debordement / "duckdb_temp_storage-0.tmp").write_bytes(b"inachevee")
    effacement.oublier(edition, *ELLE)
    assert not debordement.exists()


def test_a_base_that_cannot_be_written_anew_stays_and_leaves_nothing_beside_it(edition, monkeypatch):
    def sans_place(*_):
        raise duckdb.IOException("No space left on device")

    monkeypatch.setattr("pipeline.exports.ecrire_rejets", sans_place)
    avant = octets(edition)
    with pytest.raises(ErreurUtilisateur, match="libérer de la place"):
        effacement.oublier(edition, *ELLE)
    assert octets(edition) == avant
    assert not list(edition.traitement.glob(".confidentiel*"))


def test_the_lines_where_she_still_stands_are_named_and_she_is_not(oubliee):
    _, dit, _ = oubliee
    restes = {
        re.search(r"(\w+)\.csv, .* : (lignes? .*)", phrase).groups() for phrase in dit if "Encore" in phrase
    }
    assert restes == {
        ("demandes", "lignes 2, 3 et 7"),
        ("decisions", "lignes 2 et 3"),
        ("ressources", "ligne 2"),
    }
    assert not [nom for nom in NOMS if nom.casefold() in "\n".join(dit).casefold()]


def test_once_the_deposits_are_cleaned_nothing_is_left_to_say(edition):
    effacement.oublier(edition, *ELLE)
    for nom, siennes in (("demandes.csv", {1, 2, 6}), ("decisions.csv", {1, 2}), ("ressources.csv", {1})):
        chemin = edition.dossier / nom
        lignes = chemin.read_text(encoding="utf-8").splitlines(keepends=True)
        chemin.write_text(
            "".join(ligne for rang, ligne in enumerate(lignes) if rang not in siennes), encoding="utf-8"
        )
    dit = effacement.oublier(edition, *ELLE)
    assert not [phrase for phrase in dit if "Encore" in phrase]
    assert "Édition essai/2026 : aucune ligne à retirer." in dit


def test_a_couple_who_both_ask_takes_its_household_along(edition):
    effacement.oublier(edition, "Zorvalbec", "Ourphin", "02/01/1975")
    assert compter(edition, *TABLES) == [7, 4, 2, 7]
    dit = effacement.oublier(edition, "Zorvalbec", "Maelor", "03/01/1976")
    assert compter(edition, *TABLES) == [6, 3, 1, 6]
    assert any("ressources.csv" in phrase and phrase.endswith(" : ligne 3") for phrase in dit)


def test_without_a_household_number_the_person_is_her_own_household(edition):
    menage = pseudonyme(edition, ("Quenthari", "Ysolde", "04/01/1990"), "menage").encode()
    assert menage in octets(edition)
    effacement.oublier(edition, "Quenthari", "Ysolde", "04/01/1990")
    assert menage not in octets(edition)


def test_every_edition_of_the_territory_forgets_and_no_other_territory(deposer):
    editions = [deposer(nom) for nom in ("essai/2025", "essai/2026", "voisin/2026")]
    for edition in editions:
        construire(edition)
    effacement.oublier(editions[1], *ELLE)
    assert [compter(edition, "brut.ccas_demandes")[0] for edition in editions] == [6, 6, 8]
    assert [(edition.traitement / "empreinte.json").exists() for edition in editions] == [False, False, True]


def test_territories_that_share_a_key_forget_together(deposer, monkeypatch, tmp_path_factory):
    monkeypatch.setenv("ABS_CLE", str(tmp_path_factory.mktemp("cle") / "une.cle"))
    editions = [deposer(nom) for nom in ("essai/2026", "voisin/2026")]
    for edition in editions:
        construire(edition)
    effacement.oublier(editions[0], *ELLE)
    assert [compter(edition, "brut.ccas_demandes")[0] for edition in editions] == [6, 6]


def test_somebody_nobody_knows_is_listed_and_nothing_is_deleted(edition):
    dit = effacement.oublier(edition, "Zorvalbec", "Ourphin", "02/01/1985")
    assert compter(edition, *TABLES) == [8, 5, 2, 8]
    assert any("Aucune ligne n'est à son nom" in phrase for phrase in dit)
    assert len(oubli.lire(ingest.chemin_de_cle(edition), ingest.cle_de(edition))["personne"]) == 1


@pytest.mark.parametrize("qui", [("Zorvalbec", "", "02/01/1975"), ("Zorvalbec", "Ourphin", "02/13/1975")])
def test_an_incomplete_identity_is_refused_without_being_repeated(deposer, qui):
    edition = deposer()
    with pytest.raises(ErreurUtilisateur, match="incomplète ou la date de naissance illisible") as erreur:
        effacement.oublier(edition, *qui)
    assert "Zorvalbec" not in str(erreur.value) and "1975" not in str(erreur.value)


def test_a_half_built_base_left_by_a_killed_run_is_erased(deposer):
    edition = deposer()
    reste = edition.traitement / ".en-cours" / "confidentiel.duckdb"
    reste.parent.mkdir(parents=True)
    reste.write_bytes(b"inachevee")
    debordement = reste.with_name("confidentiel.duckdb.tmp")  # what DuckDB spills is a folder
    debordement.mkdir()
    (debordement / "duckdb_temp_storage-0.tmp").write_bytes(b"inachevee")
    effacement.oublier(edition, *ELLE)
    assert not reste.exists() and not debordement.exists()


def test_a_base_without_a_declaration_is_not_left_behind_in_silence(deposer):
    edition = deposer()
    perdue = edition.racine / "data/processed/essai/2021/confidentiel.duckdb"
    perdue.parent.mkdir(parents=True)
    perdue.write_bytes(b"")
    with pytest.raises(ErreurUtilisateur, match="essai/2021 n'a plus de déclaration"):
        effacement.oublier(edition, *ELLE)


@pytest.mark.parametrize(
    "faire",
    [
        lambda edition: effacement.oublier(edition, *ELLE),
        lambda edition: effacement.purger(edition, datetime.date(2026, 6, 1)),
        effacement.renouveler,
    ],
)
def test_nothing_is_erased_while_a_build_runs(edition, faire):
    avant, cle = octets(edition), ingest.cle_de(edition)
    with (
        FileLock(edition.traitement / ".verrou"),
        pytest.raises(ErreurUtilisateur, match="déjà en construction"),
    ):
        faire(edition)
    assert octets(edition) == avant
    assert ingest.cle_de(edition) == cle
    assert not list(ingest.chemin_de_cle(edition).parent.glob("*.oublies"))


# --- The list --------------------------------------------------------------------------------------


def test_the_list_is_beside_the_key_for_its_owner_only_and_names_nobody(oubliee):
    edition, _, _ = oubliee
    [liste] = ingest.chemin_de_cle(edition).parent.glob("*.oublies")
    assert liste.stat().st_mode & 0o777 == 0o600
    texte = liste.read_text(encoding="ascii")
    assert pseudonyme(edition) in texte
    assert not [nom for nom in NOMS if nom.casefold() in texte.casefold()]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_list_that_others_can_read_is_refused(deposer):
    edition = deposer()
    cle, chemin = ingest.cle_de(edition), ingest.chemin_de_cle(edition)
    oubli.ecrire(chemin, cle, vers(personne=["0" * 32])).chmod(0o644)
    with pytest.raises(ErreurUtilisateur, match="accessible à d'autres"):
        construire(edition)


def test_a_damaged_list_is_refused(deposer):
    edition = deposer()
    cle, chemin = ingest.cle_de(edition), ingest.chemin_de_cle(edition)
    oubli.ecrire(chemin, cle, vers(personne=["0" * 32], demande=["12"]))
    with pytest.raises(ErreurUtilisateur, match="abîmée, ligne 1"):
        construire(edition)


def test_a_key_whose_list_is_another_s_brings_nobody_back_in_silence(deposer):
    edition = deposer()
    chemin = ingest.chemin_de_cle(edition)
    oubli.ecrire(chemin, ingest.cle_de(edition), vers(personne=["0" * 32]))
    chemin.unlink()
    with pytest.raises(ErreurUtilisateur, match="avec une autre clé"):
        construire(edition)


# --- What has been kept long enough ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("jour", "restent"),
    [
        # kept: years from the day's year − 6; two requests, two decisions and both incomes are of 2024
        (datetime.date(2030, 12, 31), [8, 5, 2, 8]),
        (datetime.date(2031, 1, 1), [6, 3, 0, 6]),
        (datetime.date(2032, 1, 1), [0, 0, 0, 0]),
    ],
)
def test_purging_takes_out_what_the_day_puts_past_the_period(edition, jour, restent):
    [phrase] = [phrase for phrase in effacement.purger(edition, jour) if phrase.startswith("Édition")]
    assert compter(edition, *TABLES) == restent
    # and what quotes a deposit of 2026, which is to be destroyed: the rejected value, three rows to be verified
    total = sum([8, 5, 2, 8]) - sum(restent) + 1 + 3
    assert f"{total} ligne{'s retirées' if total > 1 else ' retirée'} (" in phrase
    assert compter(edition, "qualite.rejets") == [0]


def test_what_was_purged_is_in_no_byte_of_the_base_any_more(edition):
    elle = pseudonyme(edition).encode()
    assert elle in octets(edition)
    effacement.purger(edition, datetime.date(2032, 1, 1))
    assert elle not in octets(edition)


ACCUEILS = """\
numero;date_accueil;canal;public;reponse
1;01/02/2024;physique;autre;information
2;01/02/2025;physique;autre;information
"""


def test_what_names_nobody_is_purged_all_the_same(deposer):
    edition = deposer(depots=DEPOTS | {"ccas_accueils": ("accueils.csv", ACCUEILS, "")})
    construire(edition)
    effacement.purger(edition, datetime.date(2031, 1, 1))
    assert compter(edition, "brut.ccas_accueils") == [1]


@pytest.mark.parametrize(
    ("suite", "jour", "a_detruire"),
    [
        ("depose_le = 2026-01-15", datetime.date(2028, 1, 15), 0),
        ("depose_le = 2026-01-15", datetime.date(2028, 1, 16), 3),
        ("exercices = [2023, 2024]", datetime.date(2026, 12, 31), 0),  # two years after 31 December 2024
        ("exercices = [2023, 2024]", datetime.date(2027, 1, 1), 3),
        ("", datetime.date(2028, 12, 31), 0),  # the year of the edition, 2026
        ("", datetime.date(2029, 1, 1), 3),
        ("depose_le = 2020-01-15\nfictif = true", datetime.date(2028, 1, 16), 0),  # nobody real
    ],
)
def test_deposits_older_than_two_years_are_to_be_destroyed(deposer, suite, jour, a_detruire):
    edition = deposer(suite=suite)
    dit = effacement.purger(edition, jour)
    assert len([phrase for phrase in dit if phrase.endswith("à détruire par le CCAS")]) == a_detruire
    assert all((edition.dossier / nom).exists() for nom, _, _ in DEPOTS.values()), "never by us"


# --- The key ---------------------------------------------------------------------------------------


def test_the_key_is_described_and_never_shown(oubliee):
    edition, _, _ = oubliee
    dit = effacement.etat_de_la_cle(edition)
    assert dit[:2] == [f"Clé : {ingest.chemin_de_cle(edition)}", "Droits : 600 (son propriétaire seul)"]
    # herself, as a member, a volunteer, her own household; her household's number, three requests
    assert dit[2] == "Personnes oubliées : 1 (8 pseudonymes)"
    assert ingest.cle_de(edition).hex() not in "".join(dit)


def test_asking_for_the_key_makes_none(deposer):
    edition = deposer()
    assert effacement.etat_de_la_cle(edition)[0].startswith("Aucune clé")
    assert not ingest.chemin_de_cle(edition).exists()


def test_changing_the_key_changes_every_pseudonym_and_keeps_the_forgotten(edition):
    effacement.oublier(edition, *ELLE)
    ancienne, autre = ingest.cle_de(edition), ("Zorvalbec", "Ourphin", "02/01/1975")
    avant = pseudonyme(edition, autre)
    dit = effacement.renouveler(edition)
    assert ingest.cle_de(edition) != ancienne
    assert pseudonyme(edition, autre) != avant
    assert "Personnes oubliées reprises dans la nouvelle liste : 1 sur 1." in dit
    construire(edition)
    assert compter(edition, *TABLES) == [6, 3, 1, 6]


def test_the_old_key_and_its_list_are_nowhere_any_more(edition):
    effacement.oublier(edition, *ELLE)
    chemin, ancienne, elle = (
        ingest.chemin_de_cle(edition),
        ingest.cle_de(edition),
        pseudonyme(edition).encode(),
    )
    (edition.racine / "lien").hardlink_to(chemin)
    effacement.renouveler(edition)
    fichiers = [voisin for voisin in chemin.parent.iterdir() if voisin.is_file()]
    assert len(fichiers) == 2, "a key and its list"
    for fichier in fichiers:
        assert fichier.stat().st_mode & 0o777 == 0o600
        assert ancienne not in fichier.read_bytes() and elle not in fichier.read_bytes()
    assert (edition.racine / "lien").read_bytes() == chemin.read_bytes(), "written over, not beside"


def test_the_forgotten_who_left_the_deposits_are_counted_as_lost(edition):
    effacement.oublier(edition, *ELLE)
    chemin = edition.dossier / "demandes.csv"
    lignes = chemin.read_text(encoding="utf-8").splitlines(keepends=True)
    chemin.write_text("".join(lignes[:1] + lignes[3:6] + lignes[7:]), encoding="utf-8")
    dit = effacement.renouveler(edition)
    assert any("nouvelle liste : 0 sur 1" in phrase for phrase in dit)
    assert any("ne figurent plus dans aucun dépôt : 1 ;" in phrase for phrase in dit)
    construire(edition)
    assert compter(edition, "brut.ccas_decisions") == [3], "her decisions, still deposited, are still hers"


def test_a_base_of_the_old_key_is_marked_and_nobody_is_searched_in_it(edition):
    dit = effacement.renouveler(edition)
    assert not (edition.traitement / "empreinte.json").exists()
    assert any("make abs EDITION=essai/2026" in phrase for phrase in dit)
    with pytest.raises(ErreurUtilisateur, match="n'a pas été construite avec la clé actuelle"):
        effacement.oublier(edition, *ELLE)
    construire(edition)
    effacement.oublier(edition, *ELLE)
    assert compter(edition, "brut.ccas_demandes") == [6]


def test_a_key_that_was_never_made_cannot_be_changed(deposer):
    with pytest.raises(ErreurUtilisateur, match="pas de clé à renouveler"):
        effacement.renouveler(deposer())


# --- The commands ----------------------------------------------------------------------------------


@pytest.fixture
def taper(monkeypatch):
    """Type a command for an edition: `taper(edition, ["oublie", …], "answers")`."""

    def taper_(edition, mots, reponses=""):
        monkeypatch.setattr("pipeline.edition.lire_edition", lambda nom: edition)
        resultat = CliRunner().invoke(cli.app, mots, input=reponses)
        return resultat.exit_code, resultat.output

    return taper_


def test_the_command_forgets_and_repeats_nothing(edition, taper):
    options = [f"--{nom}={valeur}" for nom, valeur in zip(identite.PERSONNE, ELLE, strict=True)]
    code, sortie = taper(edition, ["oublie", edition.nom, *options])
    assert code == 0 and "lignes retirées" in sortie
    assert not [nom for nom in NOMS if nom.casefold() in sortie.casefold()]


def test_without_options_the_identity_is_asked(edition, taper):
    code, sortie = taper(edition, ["oublie", edition.nom], "\n".join(ELLE) + "\n")
    assert code == 0 and "Date de naissance (jj/mm/aaaa)" in sortie
    assert compter(edition, "brut.ccas_demandes") == [6]


@pytest.mark.parametrize(
    "mots",
    [
        ["essai/2026", "--nom", "Le", "Zorvalbec"],
        ["--nom", "Le", "Zorvalbec"],
        ["--nom", "Le", "Zorvalbec", "essai/2026"],
    ],
)
def test_a_name_without_quotes_is_refused_without_being_repeated(deposer, taper, mots):
    code, sortie = taper(deposer(), ["oublie", *mots])
    assert code == 2
    assert "guillemets" in sortie and "Zorvalbec" not in sortie


def test_the_other_commands_say_what_they_did(edition, taper):
    assert taper(edition, ["oublie", edition.nom, "--purge"])[0] == 0
    code, sortie = taper(edition, ["cle", edition.nom])
    assert code == 0 and "Droits : 600" in sortie
    code, sortie = taper(edition, ["cle", edition.nom, "--renouveler"])
    assert code == 0 and "Nouvelle clé" in sortie
