"""From a file as it was deposited to the base: nothing lost, nothing undeclared, every reject explained."""

import datetime
import hashlib
import re
from dataclasses import replace

import pandas as pd
import pandera.pandas as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.edition import Fichier
from pipeline.ingest import charger, examiner, refuser_si_trop, resume, traduire, valider
from pipeline.model import AgeA, ErreurUtilisateur, Pseudonyme, Reserve, Source, Statut
from pipeline.oubli import AUCUN
from pipeline.readers import lire_csv
from pipeline.sources import colonne

ENTETE = "Lieu;Année;Effectif;Taux;Jour"


def facultative(declaree):
    declaree.metadata["facultative"] = True
    return declaree


def source(tolerance=1.0, **champs):
    """A source of four declared columns, and one that a file may lack."""
    schema = pa.DataFrameSchema(
        {
            "lieu": colonne(
                "Lieu", "texte", "Lieu", pa.Check.str_length(max_value=4, error="quatre lettres")
            ),
            "annee": colonne("Année", "entier", "Année"),
            "effectif": colonne("Effectif", "entier", "Effectif", pa.Check.ge(0, error="effectif négatif")),
            "taux": colonne("Taux", "nombre", "Taux", nullable=True),
            "jour": facultative(colonne("Jour", "date", "Jour", nullable=True)),
        },
        unique=["lieu", "annee"],
    )
    return Source(
        **{
            "id": "essai",
            "title": "Essai",
            "producer": "",
            "licence": "",
            "page": "",
            "schema": schema,
            "readers": {".csv": lire_csv},
            "rejets_toleres": tolerance,
        }
        | champs
    )


COLONNES = '[fichiers.colonnes]\njour = "Jour"\n'


@pytest.fixture
def deposer(ouvrir):
    """An edition whose only file holds the lines given: `deposer("Lieu;Année", "A;2019")`."""

    def deposer_(*lignes, suite=COLONNES, nom="essai.csv", source="essai"):
        edition = ouvrir(fichiers=[f"{source} {nom}"])
        chemin = edition.dossier / "edition.toml"
        edition = ouvrir(chemin.read_text(encoding="utf-8") + suite)
        (edition.dossier / nom).write_text("\n".join(lignes) + "\n", encoding="utf-8")
        return edition

    return deposer_


def lot(edition, declaree, cle=None):
    [fichier] = edition.fichiers
    return examiner(declaree, fichier, edition.chemin(fichier), cle)


def refus(vierge, edition, *sources):
    with pytest.raises(ErreurUtilisateur) as erreur:
        charger(vierge, edition, sources or (source(),))
    return str(erreur.value)


def tables_de(con, schema):
    requete = "select table_name from information_schema.tables where table_schema = ? order by all"
    return [f"{schema}.{table}" for (table,) in con.execute(requete, [schema]).fetchall()]


def rejets(lu):
    return [
        tuple(ligne) for ligne in lu.rejets[["ligne", "colonne", "regle", "valeur"]].itertuples(index=False)
    ]


# --- Nothing is lost -------------------------------------------------------------------------------


def test_a_good_file_is_loaded_whole_with_its_types(vierge, deposer):
    edition = deposer(ENTETE, "A;2019;10;1,5;31/12/2024", "B;2019;1 200;;")
    [qualite] = charger(vierge, edition, (source(),))
    assert vierge.execute("select * exclude (fichier) from brut.essai").fetchall() == [
        ("A", 2019, 10, 1.5, datetime.datetime(2024, 12, 31), "2"),
        ("B", 2019, 1_200, None, None, "3"),
    ]
    assert (qualite["lignes_lues"], qualite["lignes_chargees"], qualite["lignes_rejetees"]) == (2, 2, 0)
    assert vierge.execute("select distinct fichier from brut.essai").fetchall() == [("essai.csv",)]


# Cells of each column: the first ones can be loaded.
LIEUX, ANNEES = ("A", "B", "C", "Nouméa"), ("2019", "2014", "deux mille")
EFFECTIFS, TAUX, JOURS = (
    ("5", "1 200", "-1", "cinq", "1,5"),
    ("1,5", "", "haut"),
    ("31/12/2024", "", "31/02/2024"),
)
LIGNES = st.lists(
    st.tuples(*(st.sampled_from(cellules) for cellules in (LIEUX, ANNEES, EFFECTIFS, TAUX, JOURS))),
    min_size=1,
    max_size=25,
)


def attendues(lignes):
    """Ranks of the rows to load: every cell readable, every rule kept, and the first of their key."""
    lisibles = [
        annee != "deux mille" and effectif not in ("cinq", "1,5") and taux != "haut" and jour != "31/02/2024"
        for _, annee, effectif, taux, jour in lignes
    ]
    vues, bonnes = set(), []
    for rang, (ligne, lisible) in enumerate(zip(lignes, lisibles, strict=True)):
        if lisible and ligne[0] != "Nouméa" and ligne[2] != "-1" and ligne[:2] not in vues:
            bonnes.append(rang)
        if lisible:
            vues.add(ligne[:2])
    return bonnes


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lignes=LIGNES)
def test_rows_read_are_rows_loaded_and_rows_rejected(deposer, lignes):
    lu = lot(deposer(ENTETE, *(";".join(ligne) for ligne in lignes)), source())
    assert lu.qualite["lignes_lues"] == len(lignes)
    assert lu.qualite["lignes_lues"] == lu.qualite["lignes_chargees"] + lu.qualite["lignes_rejetees"]
    assert list(lu.table.index) == [rang + 2 for rang in attendues(lignes)], "the header is line 1"
    assert set(lu.rejets["ligne"]) == set(range(2, len(lignes) + 2)) - set(lu.table.index)


def test_titles_and_totals_are_set_aside_and_counted_apart(deposer):
    edition = deposer("Aides de l'année", "", ENTETE, "A;2019;10;1,5;", "B;2019;20;2,5;", "Total;;30;;")
    lu = lot(edition, source())
    assert (lu.qualite["lignes_lues"], lu.qualite["lignes_chargees"]) == (2, 2)
    assert lu.qualite["lignes_ecartees"] == 3


# --- Every reject says why -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ligne", "attendu"),
    [
        ("A;deux mille;10;;", ("annee", "nombre entier attendu", "deux mille")),
        ("A;2019;dix;;", ("effectif", "nombre entier attendu", "dix")),
        ("A;2019;10,5;;", ("effectif", "nombre entier attendu", "10,5")),
        ("A;2019;10;haut;", ("taux", "nombre attendu", "haut")),
        ("A;2019;10;;31/02/2024", ("jour", "date attendue (jj/mm/aaaa ou aaaa-mm-jj)", "31/02/2024")),
        ("A;2019;-1;;", ("effectif", "effectif négatif", "-1")),
        ("A;2019;;1,5;", ("effectif", "valeur obligatoire", "(vide)")),
        (";2019;10;1,5;", ("lieu", "valeur obligatoire", "(vide)")),
        ("Nouméa;2019;10;;", ("lieu", "quatre lettres", "Nouméa")),
    ],
)
def test_a_reject_keeps_its_line_its_column_its_rule_and_its_value(deposer, ligne, attendu):
    assert rejets(lot(deposer(ENTETE, "Z;2019;1;1;", ligne), source())) == [(3, *attendu)]


def test_a_day_after_that_of_the_deposit_is_a_mistake_but_for_what_begins_or_ends_later(deposer):
    # a year mistyped would be the latest of the report: 2052 for 2025
    edition = deposer(
        "Lieu;Année;Effectif;Taux;Fin;Jour;Qui",
        "A;2025;10;;31/12/2030;02/01/2052;x",
        "B;2025;10;;31/12/2030;15/01/2026;x",
        suite='depose_le = 2026-01-15\n[fichiers.colonnes]\njour = "Jour"\n',
    )
    declaree = source(identites=(Pseudonyme("qui", ("Qui",)),))
    declaree.schema.columns |= {
        "date_fin": colonne("Fin", "date", "Fin"),
        "qui": colonne("qui", "texte", "Qui"),
    }
    lu = lot(edition, declaree, bytes(32))
    assert rejets(lu) == [(2, "jour", "date postérieure au dépôt du 15/01/2026", "2052-01-02")]


def test_without_the_day_of_the_deposit_no_date_is_after_the_year_that_has_begun(deposer):
    """The last year told is 2025: an answer of 2026 is read, and one of 2099 is not the last one known."""
    edition = deposer(
        "Lieu;Année;Effectif;Taux;Fin;Jour;Qui",
        "A;2025;10;;31/12/2030;31/12/2026;x",
        "B;2025;10;;31/12/2030;01/01/2027;x",
        "C;2025;10;;31/12/2030;15/01/2099;x",
    )
    declaree = source(identites=(Pseudonyme("qui", ("Qui",)),))
    declaree.schema.columns |= {
        "date_fin": colonne("Fin", "date", "Fin"),
        "qui": colonne("qui", "texte", "Qui"),
    }
    [fichier] = edition.fichiers
    ecarts = replace(AUCUN, dernier_exercice=edition.dernier_exercice)
    lu = examiner(declaree, fichier, edition.chemin(fichier), bytes(32), ecarts)
    regle = "date postérieure à 2026 (« depose_le » n'est pas dit)"
    assert rejets(lu) == [(3, "jour", regle, "2027-01-01"), (4, "jour", regle, "2099-01-15")]


def test_of_two_rows_of_one_key_the_first_is_kept(deposer):
    lu = lot(deposer(ENTETE, "A;2019;10;;", "B;2019;20;;", "A;2019;30;;", "A;2014;40;;"), source())
    assert lu.table["effectif"].tolist() == [10, 20, 40]
    assert rejets(lu) == [(4, "lieu", "doublon de la clé (lieu, annee)", "A")]


def test_a_key_that_is_a_pseudonym_is_never_quoted(vierge, deposer):
    edition = deposer(ENTETE, "Ourphin;2019;10;;", "Ourphin;2019;20;;", ";2019;30;;")
    [fichier] = edition.fichiers
    declaree = source(tolerance=0.0, identites=(Pseudonyme("lieu", ("Lieu",)),))
    lu = examiner(declaree, fichier, edition.chemin(fichier), bytes(32))
    double = (3, "lieu", "doublon de la clé (lieu, annee)", "")
    longs = [(ligne, "lieu", "quatre lettres", "") for ligne in (2, 3)]
    assert rejets(lu) == [longs[0], double, longs[1], (4, "lieu", "valeur obligatoire", "(vide)")]
    with pytest.raises(ErreurUtilisateur) as erreur:
        refuser_si_trop(declaree, fichier, lu)
    assert "ligne 2, colonne « Lieu » : quatre lettres (3 lignes rejetées sur 3)" in str(erreur.value)


def test_a_row_that_cannot_be_read_does_not_hide_the_next_of_its_key(deposer):
    lu = lot(deposer(ENTETE, "A;2019;dix;;", "A;2019;30;;"), source())
    assert lu.table["effectif"].tolist() == [30]


def test_every_fault_of_every_row_is_told_at_once(deposer):
    lu = lot(deposer(ENTETE, "A;2019;dix;haut;", "B;2019;-1;;", "C;2019;-2;;hier"), source())
    # nothing more is asked of a row that cannot be read
    assert sorted(faute[:2] for faute in rejets(lu)) == [
        (2, "effectif"),
        (2, "taux"),
        (3, "effectif"),
        (4, "jour"),
    ]
    assert lu.qualite["lignes_rejetees"] == 3


def test_a_rule_of_the_whole_table_rejects_the_rows_it_returns(deposer):
    regles = {"le plus petit effectif n'est pas admis": lambda t: t[t["effectif"] == t["effectif"].min()]}
    lu = lot(deposer(ENTETE, "A;2019;10;;", "B;2019;5;;"), source(checks=regles))
    assert rejets(lu) == [(3, "lieu", "le plus petit effectif n'est pas admis", "B")]


def test_two_declarations_of_one_file_are_two_lots_of_rows(vierge, deposer):
    deux = '[[fichiers]]\nsource = "essai"\nchemin = "essai.csv"\n[fichiers.colonnes]\nlieu = "Autre"\n'
    edition = deposer(ENTETE + ";Autre", "A;2019;10;;;B", suite=COLONNES + deux)
    charger(vierge, edition, (source(),))
    assert vierge.execute("select lieu, fichier, ligne from brut.essai").fetchall() == [
        ("A", "essai.csv", "2"),
        ("B", "essai.csv", "2"),
    ]


def test_a_plausible_oddity_is_loaded_and_its_line_is_kept(vierge, deposer):
    regles = {"effectif nul": lambda t: t[t["effectif"] == 0], "taux nul": lambda t: t[t["taux"] == 0]}
    edition = deposer(ENTETE, "A;2019;0;;", "B;2019;0;;", "C;2019;5;;", "D;2019;dix;0;")
    [qualite] = charger(vierge, edition, (source(signalements=regles),))
    assert qualite["lignes_chargees"] == 3
    assert vierge.execute("select * from qualite.a_verifier").fetchall() == [
        ("essai", "essai.csv", "2", "lieu", "effectif nul", "A"),
        ("essai", "essai.csv", "3", "lieu", "effectif nul", "B"),
    ]
    assert resume(vierge) == "Lecture : 1 fichiers, 4 lignes lues, 3 chargées, 1 rejetées ; 2 à vérifier."


@pytest.mark.parametrize(("repetable", "ecartees", "rejetees"), [(True, 1, 1), (False, 0, 2)])
def test_exact_copies_are_set_aside_only_where_a_source_says_that_rows_repeat(
    deposer, repetable, ecartees, rejetees
):
    edition = deposer(ENTETE, "A;2019;10;;", "A;2019;10;;", "A;2019;11;;")
    lu = lot(edition, source(repetable=repetable))
    assert lu.table["effectif"].tolist() == [10]
    assert (lu.qualite["lignes_ecartees"], lu.qualite["lignes_rejetees"]) == (ecartees, rejetees)
    assert lu.qualite["lignes_lues"] == 1 + rejetees
    assert rejets(lu)[-1] == (4, "lieu", "doublon de la clé (lieu, annee)", "A")


def test_two_rows_that_differ_by_what_cannot_be_read_are_no_copies(deposer):
    lu = lot(deposer(ENTETE, "A;2019;dix;;", "A;2019;onze;;"), source(repetable=True))
    assert [faute[3] for faute in rejets(lu)] == ["dix", "onze"]


def test_rejects_are_written_beside_the_quality_of_each_file(vierge, deposer):
    charger(vierge, deposer(ENTETE, "A;2019;dix;;", "B;2019;20;;"), (source(),))
    assert vierge.execute("select * from qualite.rejets").fetchall() == [
        ("essai", "essai.csv", "2", "effectif", "nombre entier attendu", "dix")
    ]
    assert vierge.execute("select source, lignes_lues, lignes_rejetees from qualite.fichiers").fetchall() == [
        ("essai", 2, 1)
    ]


# --- Too many rejects ------------------------------------------------------------------------------


@pytest.mark.parametrize(("tolerance", "refuse"), [(0.0, True), (0.24, True), (0.25, False), (1.0, False)])
def test_a_file_is_refused_whole_when_it_holds_more_rejects_than_its_source_tolerates(
    vierge, deposer, tolerance, refuse
):
    edition = deposer(ENTETE, "A;2019;dix;;", "B;2019;1;;", "C;2019;1;;", "D;2019;1;;")
    if not refuse:
        assert charger(vierge, edition, (source(tolerance),))[0]["lignes_chargees"] == 3
        return
    message = refus(vierge, edition, source(tolerance))
    for morceau in ("essai.csv", "ligne 2", "« Effectif »", "nombre entier attendu", "« dix »", "corriger"):
        assert morceau in message
    assert tables_de(vierge, "brut") == []


def test_the_refusal_counts_the_rows(vierge, deposer):
    edition = deposer(ENTETE, "A;2019;dix;;", "B;2019;-1;;", "C;2019;1;;")
    assert "(2 lignes rejetées sur 3)" in refus(vierge, edition, source(0.0))


# --- Codes -----------------------------------------------------------------------------------------

VALEURS = COLONNES + '[fichiers.valeurs.lieu]\n"Nouméa" = "A"\n"Plum" = "B"\n'


def test_their_codes_become_ours_whatever_the_case_accents_and_spaces(deposer):
    edition = deposer(ENTETE, "NOUMEA;2019;1;;", "  nouméa ;2014;2;;", "plum;2019;3;;", suite=VALEURS)
    lu = lot(edition, source())
    assert lu.table["lieu"].tolist() == ["A", "A", "B"]
    assert lu.non_mappees.empty


def test_a_value_without_a_code_is_counted_and_judged_as_it_is(vierge, deposer):
    edition = deposer(
        ENTETE, "Nouméa;2019;1;;", "Païta;2019;2;;", "Païta;2014;3;;", "Thio;2019;4;;", suite=VALEURS
    )
    lu = lot(edition, source())
    assert [tuple(ligne) for ligne in lu.non_mappees.itertuples(index=False)] == [
        ("lieu", "Païta", 2),
        ("lieu", "Thio", 1),
    ]
    assert lu.table["lieu"].tolist() == ["A", "Thio"]
    assert [faute[2:] for faute in rejets(lu)] == [("quatre lettres", "Païta")] * 2
    charger(vierge, edition, (source(),))
    assert vierge.execute("select * from qualite.non_mappees order by valeur").fetchall() == [
        ("essai", "essai.csv", "lieu", "Païta", 2),
        ("essai", "essai.csv", "lieu", "Thio", 1),
    ]


# --- Columns ---------------------------------------------------------------------------------------


def test_an_optional_column_that_the_edition_does_not_name_is_not_looked_for(deposer):
    lu = lot(deposer("Lieu;Année;Effectif;Taux", "A;2019;10;1", suite=""), source())
    assert lu.table["jour"].isna().all()
    assert lu.qualite["lignes_chargees"] == 1


def test_an_optional_column_that_the_edition_names_must_be_there(vierge, deposer):
    assert "Jour" in refus(vierge, deposer("Lieu;Année;Effectif;Taux", "A;2019;10;1"))


def test_a_required_column_that_is_absent_is_named(vierge, deposer):
    assert "Effectif" in refus(vierge, deposer("Lieu;Année;Taux;Jour", "A;2019;1;"))


def test_a_column_may_have_another_name_in_the_file(deposer):
    suite = COLONNES + 'effectif = "Nb de pers."\n'
    assert lot(deposer("Lieu;Année;Nb de pers.;Taux;Jour", "A;2019;7;;", suite=suite), source()).table[
        "effectif"
    ].tolist() == [7]


def test_naming_a_column_that_the_source_does_not_have_is_refused_with_those_it_has(vierge, deposer):
    message = refus(vierge, deposer(ENTETE, "A;2019;1;;", suite='[fichiers.colonnes]\npopulation = "N"\n'))
    assert "« population »" in message
    assert "annee, effectif, jour, lieu, taux" in message, "the optional column « jour » among them"


# --- The file --------------------------------------------------------------------------------------


def test_a_missing_file_is_named_with_the_folder_where_to_put_it(vierge, ouvrir):
    edition = ouvrir(fichiers=["essai depots/absent.csv"])
    message = refus(vierge, edition)
    assert "« depots/absent.csv »" in message
    assert str(edition.dossier / "depots") in message


def somme(edition):
    return hashlib.sha256((edition.dossier / "essai.csv").read_bytes()).hexdigest()


def test_a_file_that_has_changed_since_it_was_recorded_is_refused(vierge, deposer):
    attendue = somme(deposer(ENTETE, "A;2019;10;;"))
    suite = f'sha256 = "{attendue}"\n{COLONNES}'
    assert charger(vierge, deposer(ENTETE, "A;2019;10;;", suite=suite), (source(),))[0]["sha256"] == attendue
    vierge.execute("drop schema brut cascade; drop schema qualite cascade")
    edition = deposer(ENTETE, "A;2019;11;;", suite=suite)
    message = refus(vierge, edition)
    assert "a changé" in message
    assert attendue[:12] in message
    assert somme(edition)[:12] in message


def test_the_companion_of_a_public_table_records_its_checksum_and_its_title(vierge, deposer):
    edition = deposer(ENTETE, "A;2019;10;;")
    compagnon = edition.dossier / "essai.toml"
    compagnon.write_text(
        f'titre = "Population"\ndate = "2021"\nsha256 = "{somme(edition)}"\n', encoding="utf-8"
    )
    [qualite] = charger(vierge, edition, (source(),))
    assert (qualite["titre"], qualite["date"]) == ("Population", "2021")
    vierge.execute("drop schema brut cascade; drop schema qualite cascade")
    compagnon.write_text(f'sha256 = "{"0" * 64}"\n', encoding="utf-8")
    assert "a changé" in refus(vierge, edition)


@pytest.mark.parametrize("nom", ["essai.pdf", "essai.xlsx", "essai.docx", "essai"])
def test_a_format_that_the_source_does_not_read_is_refused_with_those_it_reads(vierge, deposer, nom):
    message = refus(vierge, deposer(ENTETE, "A;2019;10;;", nom=nom))
    assert f"« {nom} »" in message
    assert ".csv" in message


def test_a_suffix_in_capitals_is_the_same(deposer):
    assert lot(deposer(ENTETE, "A;2019;10;;", nom="ESSAI.CSV"), source()).qualite["lignes_chargees"] == 1


def test_a_file_without_any_row_is_refused(vierge, deposer):
    assert "aucune ligne de données" in refus(vierge, deposer(ENTETE))


def test_an_unknown_source_is_named_with_those_that_exist(vierge, ouvrir):
    message = refus(vierge, ouvrir(fichiers=["esai essai.csv"]), source(), source(id="autre"))
    assert "« esai »" in message
    assert "autre, essai" in message


def test_a_source_without_file_is_a_table_without_row_of_the_same_columns(vierge, deposer):
    charger(vierge, deposer(ENTETE, "A;2019;10;;"), (source(), source(id="autre")))
    noms, autres = (
        vierge.execute(f"select * from brut.{table} limit 0").df().columns.tolist()
        for table in ("essai", "autre")
    )
    assert noms == autres == ["lieu", "annee", "effectif", "taux", "jour", "fichier", "ligne"]
    assert vierge.execute("select count(*) from brut.autre").fetchone() == (0,)


def test_two_files_of_one_source_make_one_table(vierge, deposer):
    edition = deposer(ENTETE, "A;2019;10;;", suite=COLONNES)
    (edition.dossier / "autre.csv").write_text(f"{ENTETE}\nA;2014;9;;\n", encoding="utf-8")
    autre = Fichier(source="essai", chemin="autre.csv", colonnes={"jour": "Jour"})
    edition = edition.model_copy(update={"fichiers": (*edition.fichiers, autre)})
    charger(vierge, edition, (source(),))
    assert vierge.execute("select fichier, effectif from brut.essai order by all").fetchall() == [
        ("autre.csv", 9),
        ("essai.csv", 10),
    ]
    assert resume(vierge) == "Lecture : 2 fichiers, 2 lignes lues, 2 chargées, 0 rejetées."


# --- Persons ---------------------------------------------------------------------------------------

SECRETS = ("FICTANOR", "Tessalin", "14/07/1980", "1980-07-14", "12 rue des Pins", "0612345678")
PERSONNES = "Nom;Prénom;Né le;Lieu;Année;Effectif;Taux;Jour;Adresse;Téléphone"
PERSONNE = "FICTANOR;Tessalin;14/07/1980;A;2019;10;1,5;15/07/2020;12 rue des Pins;0612345678"
IDENTITES = (Pseudonyme("qui", ("nom", "prenom", "naissance")), AgeA("age", "naissance", "jour"))
QUI = COLONNES + 'nom = "Nom"\nprenom = "Prénom"\nnaissance = "Né le"\n'


def personnelle():
    modele = source()
    colonnes = modele.schema.columns | {
        "qui": colonne("qui", "texte", "Personne"),
        "age": colonne("age", "entier", "Âge", nullable=True),
    }
    schema = pa.DataFrameSchema(colonnes, unique=["lieu", "annee"])
    return source(schema=schema, identites=IDENTITES, serie="activite")


@pytest.fixture
def cle(monkeypatch, tmp_path_factory):
    """A key kept outside of any repository."""
    monkeypatch.setenv("ABS_CLE", str(tmp_path_factory.mktemp("cle") / "essai.cle"))


def test_what_identifies_becomes_a_pseudonym_and_an_age(vierge, deposer, cle):
    charger(vierge, deposer(PERSONNES, PERSONNE, suite=QUI), (personnelle(),))
    [(qui, age)] = vierge.execute("select qui, age from brut.essai").fetchall()
    assert re.fullmatch("[0-9a-f]{32}", qui)
    assert age == 40, "15 July 2020, a day after her birthday"


def test_no_undeclared_column_is_in_any_table_of_the_base(vierge, deposer, cle):
    rejetee = PERSONNE.replace(";2019;10;", ";2014;dix;")
    charger(vierge, deposer(PERSONNES, PERSONNE, rejetee, suite=QUI), (personnelle(),))
    tables = [*tables_de(vierge, "brut"), *tables_de(vierge, "qualite")]
    assert {"brut.essai", "qualite.fichiers", "qualite.rejets", "qualite.non_mappees"} <= set(tables)
    for table in tables:
        contenu = vierge.execute(f"select * from {table}").df()
        assert not {"Adresse", "Téléphone", "telephone", "nom", "prenom", "naissance"} & set(contenu.columns)
        assert [secret for secret in SECRETS if secret in contenu.to_csv()] == [], table


def test_a_public_file_needs_no_key(vierge, deposer, monkeypatch):
    monkeypatch.setenv("ABS_CLE", "/nowhere/at/all.cle")
    assert charger(vierge, deposer(ENTETE, "A;2019;10;;"), (source(),))


def test_a_column_that_hides_a_social_security_number_is_refused_without_showing_it(vierge, deposer, cle):
    nir = "1 84 12 76 451 089 46"
    lignes = PERSONNE.replace(";A;", f";{nir};")
    message = refus(vierge, deposer(PERSONNES, lignes, suite=QUI), personnelle())
    assert "« Lieu »" in message
    assert "sécurité sociale" in message
    assert "451" not in message


def test_a_birth_date_that_cannot_be_read_is_no_person_and_is_never_shown(vierge, deposer, cle):
    lignes = PERSONNE.replace("14/07/1980", "14/07/80")
    charger(
        vierge, deposer(PERSONNES, PERSONNE.replace(";2019;", ";2014;"), lignes, suite=QUI), (personnelle(),)
    )
    [rejet] = vierge.execute("select ligne, colonne, regle, valeur from qualite.rejets").fetchall()
    assert rejet == ("3", "qui", "valeur obligatoire", "(vide)")


# --- The shipped tables ----------------------------------------------------------------------------


def test_the_shipped_tables_lose_no_row(base_publique, edition_publique):
    lignes = base_publique.execute(
        "select fichier, lignes_lues, lignes_chargees, lignes_rejetees from qualite.fichiers"
    ).fetchall()
    assert len(lignes) == len(edition_publique.fichiers)
    assert [ligne for ligne in lignes if ligne[1] != ligne[2] or ligne[3]] == []


# --- A vintage written in the names of columns -----------------------------------------------------


def source_millesimee():
    schema = pa.DataFrameSchema(
        {
            "lieu": colonne("CODGEO", "texte", "Lieu"),
            "millesime": colonne("TIME_PERIOD", "entier", "Millésime"),
            "pop": colonne("P{yy}_POP", "nombre", "Population"),
        },
        unique=["lieu", "millesime"],
    )
    return source(schema=schema)


def test_the_vintage_of_a_wide_file_comes_from_the_edition_and_names_its_columns(deposer):
    edition = deposer("CODGEO;P16_POP;P22_POP", "01053;41248;42065", suite="millesime = 2022\n")
    [ligne] = lot(edition, source_millesimee()).table.to_dict("records")
    assert ligne == {"lieu": "01053", "millesime": 2022, "pop": 42_065}


def test_a_file_of_several_vintages_has_a_column_for_them(deposer):
    edition = deposer("CODGEO;TIME_PERIOD;P_POP", "01053;2016;41248", "01053;2022;42065", suite="")
    assert lot(edition, source_millesimee()).table["millesime"].tolist() == [2016, 2022]


def test_a_vintage_of_2021_in_a_slot_of_2022_is_one_sentence(vierge, deposer):
    edition = deposer("CODGEO;P21_POP", "01053;41661", suite="millesime = 2022\n")
    assert "P22_POP" in refus(vierge, edition, source_millesimee())


# --- Producer's marks ------------------------------------------------------------------------------

REVENUS = pa.DataFrameSchema(
    {
        "territoire": colonne("CODGEO", "texte", "Territoire"),
        "millesime": colonne("ANNEE", "entier", "Année"),
        "menages": colonne("MEN{yy}", "entier", "Ménages", nullable=True),
        "pauvrete": colonne("TP60{yy}", "nombre", "Taux de pauvreté", nullable=True, publie=True),
    },
    unique=["territoire", "millesime"],
)
PLANCHER = Reserve(
    Statut.PLANCHER, "l'INSEE ne descend pas sous 5 %", ("pauvrete",), lambda table, nom: table[nom] == 5
)


def source_marquee(**champs):
    marks = {"s": Statut.SECRET, "nd": Statut.ABSENT}
    return source(schema=REVENUS, **{"marks": marks, "reserves": (PLANCHER,)} | champs)


def marques(deposer, vierge, *lignes, **champs):
    edition = deposer("CODGEO;MEN21;TP6021", *lignes, suite="millesime = 2021\n")
    charger(vierge, edition, (source_marquee(**champs),))
    return vierge.execute(
        "select territoire, colonne, marque, statut, motif from brut.marques order by all"
    ).fetchall()


def test_a_mark_is_no_number_and_no_reject_it_is_a_row_that_says_why(deposer, vierge):
    lues = marques(deposer, vierge, "01001;346;s", "01002;nd;nd", "01004;6855;17,0")
    assert lues == [
        ("01001", "pauvrete", "s", "secret", "secret statistique du producteur (« s »)"),
        ("01002", "menages", "nd", "absent", "non disponible chez le producteur (« nd »)"),
        ("01002", "pauvrete", "nd", "absent", "non disponible chez le producteur (« nd »)"),
    ]
    chargees = vierge.execute("select territoire, menages, pauvrete from brut.essai order by all").fetchall()
    assert chargees == [("01001", 346, None), ("01002", None, None), ("01004", 6855, 17)]


def test_a_floor_keeps_its_figure_and_is_said_as_a_floor(deposer, vierge):
    lues = marques(deposer, vierge, "01004;900;5,0", "01005;900;5,5", "01006;900;6,0")
    assert lues == [("01004", "pauvrete", "", "plancher", "l'INSEE ne descend pas sous 5 %")]


def test_an_empty_cell_is_a_mark_only_where_the_producer_means_one_by_it(deposer, vierge):
    assert marques(deposer, vierge, "01001;346;") == []


def test_an_empty_cell_that_hides_a_small_count_is_secret_and_never_zero(deposer, vierge):
    lues = marques(deposer, vierge, "01001;346;", "01002;120;9", marks={"": Statut.SECRET})
    assert lues == [
        ("01001", "pauvrete", "", "secret", "secret statistique du producteur (case laissée vide)")
    ]


def test_a_column_empty_throughout_hides_nothing(deposer, vierge):
    assert marques(deposer, vierge, "01001;346;", "01002;120;", marks={"": Statut.SECRET}) == []


def test_a_mark_that_the_source_does_not_declare_is_rejected(deposer, vierge):
    edition = deposer("CODGEO;MEN21;TP6021", "01001;346;x", "01002;115;s", suite="millesime = 2021\n")
    lot_ = lot(edition, source_marquee())
    assert list(lot_.rejets["valeur"]) == ["x"]
    assert list(lot_.marques["territoire"]) == ["01002"]


def test_a_rejected_row_leaves_no_mark(deposer, vierge):
    lues = marques(deposer, vierge, "01001;346;s", "01001;347;s")
    assert [ligne[0] for ligne in lues] == ["01001"]


def test_marks_want_one_row_a_territory_and_a_vintage():
    with pytest.raises(ValueError, match="clé territoire, millesime"):
        source(marks={"s": Statut.SECRET})


def test_a_source_that_carries_its_vintage_refuses_another_one_from_the_edition(deposer, vierge):
    edition = deposer(ENTETE, "A;2019;1;2;", suite="millesime = 2022\n")
    assert "porte elle-même son millésime ; retirer « millesime = 2022 »" in refus(vierge, edition)


# --- Two files of one source -----------------------------------------------------------------------


@pytest.fixture
def deux(ouvrir):
    """An edition whose two files of one source hold the lines given, or one file declared twice."""

    def deux_(lignes, autres, noms=("un.csv", "deux.csv")):
        edition = ouvrir(fichiers=[f"essai {nom}" for nom in noms])
        for nom, siennes in zip(noms, (lignes, autres), strict=True):
            texte = "\n".join(["Lieu;Année;Effectif;Taux", *siennes])
            (edition.dossier / nom).write_text(f"{texte}\n", encoding="utf-8")
        return edition

    return deux_


def test_two_files_that_give_the_same_place_and_year_are_refused_with_both_names(vierge, deux):
    edition = deux(["A;2019;3;", "B;2019;4;"], ["B;2019;5;", "C;2019;6;"])
    assert refus(vierge, edition) == (
        "Les fichiers « deux.csv » et « un.csv » (source essai) donnent tous deux lieu B, annee 2019 : n'en garder "
        "qu'un dans edition.toml, ou corriger leur « millesime »."
    )


def test_a_file_declared_twice_is_refused(vierge, deux):
    edition = deux(["A;2019;3;"], ["A;2019;3;"], ("un.csv", "un.csv"))
    assert refus(vierge, edition) == (
        "edition.toml : le fichier « un.csv » est déclaré deux fois pour la source essai (lieu A, annee 2019) : "
        "retirer l'une des deux déclarations."
    )


def test_two_files_of_two_years_are_one_table(vierge, deux):
    charger(vierge, deux(["A;2019;3;"], ["A;2020;3;"]), [source()])
    assert vierge.execute("select count(*) from brut.essai").fetchone() == (2,)


def test_files_that_complete_one_another_are_left_to_the_select(vierge, deux):
    charger(vierge, deux(["A;2019;3;"], ["A;2019;;1,5"]), [source(completee=True)])
    assert vierge.execute("select count(*) from brut.essai").fetchone()[0] >= 1


# --- Numbers that a reader knew for some -----------------------------------------------------------


def test_numbers_of_a_reader_are_kept_and_their_codes_are_translated_as_people_write_them():
    lue = pd.DataFrame({"taux": [12.0, None, 999_999.0, 0.5]})
    table, restes = traduire(lue, {"taux": {"999999": "inconnu", "12": "13"}})
    assert table["taux"].fillna("").tolist() == ["13", "", "inconnu", "0.5"]
    assert restes.to_dict("records") == [{"colonne": "taux", "valeur": "0.5", "lignes": 1}]
    assert traduire(lue, {})[0]["taux"].dtype == "float64"


# --- The rules of a column -------------------------------------------------------------------------


def test_a_rule_of_a_column_that_may_be_blank_is_of_what_is_written_in_it():
    bornes = pa.Check.in_range(1, 5, error="de un à cinq")
    schema = pa.DataFrameSchema(
        {
            "note": colonne("N", "entier", "Note", bornes, nullable=True),
            "code": colonne(
                "C", "texte", "Code", pa.Check.str_matches("^x", error="commence par x"), nullable=True
            ),
            "pop": colonne("P", "nombre", "Population", pa.Check.ge(0, error="positif")),
        }
    )
    table = pd.DataFrame(
        {"note": [1, None, 9], "code": ["x", None, "y"], "pop": [None, -2.0, 3.0]},
        index=pd.Index([2, 3, 4], name="ligne"),
    ).astype({"note": "Int64", "code": "string"})
    assert valider(table, source(schema=schema)).to_numpy().tolist() == [
        [4, "note", "de un à cinq", "9"],
        [4, "code", "commence par x", "y"],
        [2, "pop", "valeur obligatoire", "(vide)"],
        [3, "pop", "positif", "-2.0"],
    ]


def test_columns_that_share_a_rule_are_judged_each_by_itself_where_one_breaks_it():
    def effectif(nom, genre):
        return colonne(nom, genre, nom, pa.Check.ge(0, error="positif"), nullable=True)

    genres = {"hommes": "nombre", "femmes": "nombre", "menages": "entier"}
    schema = pa.DataFrameSchema({nom: effectif(nom, genre) for nom, genre in genres.items()})
    bonne = pd.DataFrame({"hommes": [1.0, None], "femmes": [0.0, 2.5], "menages": [1, None]})
    bonne = bonne.astype({"menages": "Int64"}).rename_axis("ligne")
    fautive = bonne.assign(femmes=[-0.5, 2.5])
    assert valider(bonne, source(schema=schema)).empty
    assert valider(fautive, source(schema=schema)).to_numpy().tolist() == [[0, "femmes", "positif", "-0.5"]]
    # whole numbers are not numbers with decimals: that those keep the rule says nothing of them
    entiere = bonne.assign(menages=pd.array([-1, None], dtype="Int64"))
    assert valider(entiere, source(schema=schema)).to_numpy().tolist() == [[0, "menages", "positif", "-1"]]
