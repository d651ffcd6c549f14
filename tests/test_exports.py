"""What other tools read: files that open in a French spreadsheet, and say all that the declarations say."""

import csv
import re
import shutil
from dataclasses import replace

import pandas as pd
import pyarrow.parquet as pq
import pytest
from conftest import COMPARATEURS, QUARTIERS, texte_edition
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import compute, exports, rapprochements
from pipeline.indicators import CHAPITRES, chapitres_de
from pipeline.model import Chapter, Growth, Indicator, Mean, Published, Quantile, Rate, Ratio, Share, Total
from pipeline.sources.registre import SOURCES
from pipeline.transform import sources_de

CHAPITRE = Chapter(
    "essai",
    "Essai",
    "Qui ?",
    (
        Indicator("part", "Part des aînés", "Les aînés.", "Prévoir.", Share("a", of="b"), "population"),
        Indicator(
            "compte",
            "Nombre d'habitants",
            "Les habitants.",
            "Compter.",
            Total("b", "habitants"),
            "population",
        ),
    ),
)
DECLAREES = {source.id: source for source in SOURCES}
QUALITE = "source, fichier, sha256, lignes_lues, lignes_chargees, lignes_rejetees, lignes_ecartees, fictif, titre, date"


@pytest.fixture
def publier(base, dessiner, pays, tmp_path):
    """Exports of the drawn country's figures: folder."""
    dessiner(
        "socle.population", "territoire, millesime, a, b", "('98817', 2019, 700, 1500), ('98805', 2019, 1, 3)"
    )
    compute.calculer(base, pays, (CHAPITRE,), {"population": "recensement"})
    base.execute(
        "create schema publication; create table publication.indicateurs as from resultat.indicateurs"
    )
    base.execute("create schema qualite")
    dessiner(
        "qualite.fichiers", QUALITE, "('isee_majeurs', 'é.csv', 'f0', 1200, 1100, 100, 3, true, 'T', '2021')"
    )
    dossier = tmp_path / "publication"
    dossier.mkdir()
    exports.ecrire(base, pays, (CHAPITRE,), dossier)
    return dossier


def lire_csv(chemin):
    return pd.read_csv(
        chemin, sep=";", decimal=",", encoding="utf-8-sig", keep_default_na=False, na_values=[""]
    )


def test_each_comparison_says_where_it_stands_or_why_it_does_not_compare(base, dessiner, tmp_path):
    dessiner(
        "socle.territoires",
        "territoire, article, nom",
        "('98817', 'Le', 'Mont-Dore'), ('988', 'la', 'N.-C.')",
    )
    base.execute(
        "create schema publication; create table publication.comparaisons as from (values "
        "('part', '', '98817', 2024, '98817', 2023, 'precedent', null, null, null, null, "
        "'ne_se_compare_pas', 'rupture déclarée : mai 2024', null), "
        "('part', '', '98817', 2019, '988', 2019, 'comparateur', 0.0123456789, 0.01, 0.02, 0.001, "
        "'au_dessus', '', 0.004)) as t (indicateur, groupe, territoire, millesime, contre, contre_millesime, nature, "
        "effet, borne_basse, borne_haute, p, position, motif, q)"
    )
    exports.ecrire_comparaisons(base, (CHAPITRE,), tmp_path)
    lues = lire_csv(tmp_path / "comparaisons.csv")
    assert list(lues.columns) == list(exports._COLONNES["comparaisons.csv"])
    assert lues["effet"].tolist()[0] == 0.012346
    assert lues[["nom_territoire", "nom_contre", "position"]].to_numpy().tolist() == [
        ["Le Mont-Dore", "N.-C.", "au_dessus"],
        ["Le Mont-Dore", "Le Mont-Dore", "ne_se_compare_pas"],
    ]
    assert lues["motif"].tolist()[1] == "rupture déclarée : mai 2024"


# --- French conventions ----------------------------------------------------------------------------


@pytest.mark.parametrize("nom", ["indicateurs", "dictionnaire", "qualite"])
def test_a_csv_opens_in_a_french_spreadsheet(publier, nom):
    octets = (publier / f"{nom}.csv").read_bytes()
    assert octets.startswith(b"\xef\xbb\xbf"), "its mark: accents are read right"
    lignes = octets.decode("utf-8-sig").split("\r\n")
    assert lignes[-1] == ""
    assert not [ligne for ligne in lignes if "\n" in ligne], "no stray line end"
    assert len(next(csv.reader(lignes, delimiter=";"))) > 5


def test_numbers_have_a_decimal_comma_and_no_thousands_mark(publier):
    texte = (publier / "indicateurs.csv").read_text(encoding="utf-8-sig")
    assert "46,666667" in texte, "100 * 700 / 1500, to six decimals"
    assert not re.search(r"\d\.\d", texte)


def test_what_is_missing_is_an_empty_cell_with_its_reason_not_a_zero(publier):
    table = lire_csv(publier / "indicateurs.csv")
    absents = table[table["statut"] == "absent"]
    assert len(absents)
    assert absents["valeur"].isna().all()
    assert (absents["motif"] != "").all()


CELLULES = st.tuples(st.text(st.characters(blacklist_categories=("Cs", "Cc"))), st.floats(-1e6, 1e6))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lignes=st.lists(CELLULES, min_size=1))
def test_whatever_is_written_reads_back_as_it_was(tmp_path, lignes):
    exports.ecrire_csv(pd.DataFrame(lignes, columns=["texte", "nombre"]), tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as fichier:
        entete, *relues = csv.reader(fichier, delimiter=";")
    assert entete == ["texte", "nombre"]
    assert [(texte, float(nombre.replace(",", "."))) for texte, nombre in relues] == lignes


# --- Indicators ------------------------------------------------------------------------------------


def test_the_parquet_file_holds_the_same_table_as_the_csv_file(publier):
    parquet = pq.read_table(publier / "indicateurs.parquet").to_pandas()
    texte = lire_csv(publier / "indicateurs.csv")
    assert list(parquet.columns) == list(texte.columns)
    assert len(parquet) == len(texte) == 2 * 7, "two indicators, seven territories"
    for nom in texte:
        if pd.api.types.is_numeric_dtype(parquet[nom]):
            assert texte[nom].tolist() == pytest.approx(parquet[nom].astype(float).tolist(), nan_ok=True)
        else:
            assert texte[nom].astype("string").fillna("").tolist() == parquet[nom].astype("string").tolist()


def test_every_row_of_the_publication_is_exported_once_in_a_declared_order(publier, base):
    table = lire_csv(publier / "indicateurs.csv")
    assert len(table) == base.execute("select count(*) from publication.indicateurs").fetchone()[0]
    assert not table.duplicated(["indicateur", "territoire", "millesime", "groupe"]).any()
    ordre = dict(base.execute("select territoire, ordre from socle.territoires").fetchall())
    cles = list(zip(table["indicateur"], table["territoire"].astype(str).map(ordre), strict=True))
    assert cles == sorted(cles)


def test_codes_of_territories_are_texts_in_parquet(publier):
    parquet = pq.read_table(publier / "indicateurs.parquet")
    assert "98817" in parquet["territoire"].to_pylist()
    assert parquet.schema.field("valeur").type == "double"


def test_a_territory_has_its_name_beside_its_code(publier):
    table = lire_csv(publier / "indicateurs.csv")
    noms = dict(zip(table["territoire"].astype(str), table["nom_territoire"], strict=True))
    assert (noms["98817"], noms["98805"], noms["98817-plum"]) == ("Le Mont-Dore", "Dumbéa", "Plum")
    assert noms["988-sud"] == "Province Sud", "as the report names it"


def test_a_figure_has_its_label_its_unit_and_its_chapter_at_the_end_of_its_row(publier):
    table = lire_csv(publier / "indicateurs.csv")
    assert list(table.columns[-5:]) == ["nom_territoire", "libelle", "unite", "libelle_groupe", "chapitre"]
    dits = table[["indicateur", "libelle", "unite", "chapitre"]].drop_duplicates().values.tolist()
    assert sorted(dits) == [
        ["compte", "Nombre d'habitants", "habitants", "Essai"],
        ["part", "Part des aînés", "%", "Essai"],
    ]
    assert table["libelle_groupe"].isna().all(), "no group, no label"


def test_a_group_is_labelled_as_the_report_writes_it(base, dessiner, ouvrir, pays, tmp_path):
    par_motif = Indicator(
        "motifs", "Nombre de demandes", "Tel.", "Tel.", Total("n", "demandes"), "aides", by="motif"
    )
    par_activite = replace(par_motif, id="activites", by="activite")
    chapitre = Chapter("essai", "Essai", "Qui ?", (par_motif, par_activite))
    dessiner(
        "publication_indicateurs",
        "indicateur, niveau, territoire, millesime, groupe, efficace, valeur, borne_basse, borne_haute",
        "('motifs', 'commune', '98817', 2025, 'sante', 1, 3, null, null), "
        "('activites', 'commune', '98817', 2025, 'cafe', 1, 3, null, null), "
        "('activites', 'commune', '98817', 2025, 'jeu_de_cartes', 1, 3, null, null)",
    )
    base.execute(
        "create schema publication; create table publication.indicateurs as from publication_indicateurs"
    )
    base.execute("drop table publication_indicateurs; create schema qualite")
    dessiner("qualite.fichiers", QUALITE, "('isee_majeurs', 'é.csv', 'f0', 1, 1, 0, 0, true, 'T', '2021')")
    depose = '[fichiers.valeurs.activite]\n"Café des parents" = "cafe"\n'
    edition = ouvrir(texte=texte_edition(QUARTIERS, COMPARATEURS) + depose)
    exports.ecrire(base, edition, (chapitre,), tmp_path)
    table = lire_csv(tmp_path / "indicateurs.csv")
    assert dict(zip(table["groupe"], table["libelle_groupe"], strict=True)) == {
        "sante": "Santé",  # our label
        "cafe": "Café des parents",  # the deposit's word
        "jeu_de_cartes": "Jeu de cartes",  # else itself
    }


def test_every_column_of_the_figures_is_explained_and_no_other(publier):
    dites = lire_csv(publier / "colonnes.csv")
    assert dites["contenu"].str.endswith((".", ")")).all()
    for nom in ("indicateurs", "dictionnaire"):
        entete = list(lire_csv(publier / f"{nom}.csv").columns)
        assert dites.loc[dites["fichier"] == f"{nom}.csv", "colonne"].tolist() == entete


def test_every_column_of_a_whole_publication_is_explained(construit):
    publication = construit / "reports" / "mont-dore/2026" / "publication"
    dites = lire_csv(publication / "colonnes.csv")
    fichiers = {chemin.name for chemin in publication.glob("*.csv")} - {"colonnes.csv"}
    assert fichiers | {"changements.csv"} == set(dites["fichier"])
    for nom in fichiers:
        assert dites.loc[dites["fichier"] == nom, "colonne"].tolist() == list(
            lire_csv(publication / nom).columns
        )


def test_two_exports_are_the_same_bytes(publier, base, pays, tmp_path):
    autre = tmp_path / "autre"
    autre.mkdir()
    exports.ecrire(base, pays, (CHAPITRE,), autre)
    for chemin in publier.iterdir():
        assert (autre / chemin.name).read_bytes() == chemin.read_bytes(), chemin.name


# --- Dictionary ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mesure", "formule"),
    [
        (Share("a", of="b"), "100 × Σ(a) ÷ Σ(b)"),
        (Share("a + c", of="b - c"), "100 × Σ(a + c) ÷ Σ(b - c)"),
        (Rate("a", of="b"), "1 000 × Σ(a) ÷ Σ(b)"),
        (Ratio("a", of="b", per=1), "Σ(a) ÷ Σ(b)"),
        (Mean("a", of="b", unit="pièces"), "Σ(a) ÷ Σ(b)"),
        (Total("a", "habitants"), "Σ(a)"),
        (Growth("a"), "(Σ(a) à la fin ÷ Σ(a) au début)^(1 ÷ nombre d'années) − 1"),
        (Published("a", "€"), "a, tel que publié"),
    ],
)
def test_the_formula_is_the_arithmetic_of_the_measure(mesure, formule):
    declare = Indicator("x", "Nombre", "Tel.", "Tel.", mesure, "population")
    assert re.sub(r"\s", " ", exports.formule(declare)) == formule


def test_a_median_that_the_ccas_alone_knows_is_not_said_to_be_published():
    declare = Indicator("x", "Délai médian", "Tel.", "Tel.", Published("mediane", "jours"), "delais")
    assert exports.formule(declare) == "mediane, calculé sur les lignes déposées (table delais)"


def test_a_median_says_what_its_interval_is_made_from():
    mesure = Published("mediane", "jours", sur=Quantile("delais_demandes", "jours", par="menage"))
    declare = Indicator("x", "Délai médian", "Tel.", "Tel.", mesure, "delais")
    assert exports.formule(declare) == (
        "mediane, calculé sur les lignes déposées (table delais) ; intervalle par statistiques d'ordre sur jours "
        "(table delais_demandes, par menage)"
    )


@pytest.fixture(scope="session")
def dictionnaire(edition_publique):
    sources = {source.id: source.title for source in SOURCES}
    return exports.dictionnaire(chapitres_de(edition_publique.profil), sources)


def test_the_dictionary_has_one_row_an_indicator_in_the_report_s_order(dictionnaire):
    declares = [i.id for chapitre in CHAPITRES for i in chapitre.indicators]
    assert dictionnaire["indicateur"].tolist() == declares


def test_the_dictionary_says_all_that_a_declaration_says(dictionnaire):
    obligatoires = dictionnaire.drop(columns=["precautions", "unite"])
    vides = {nom: dictionnaire.loc[obligatoires[nom] == "", "indicateur"].tolist() for nom in obligatoires}
    assert {nom: fautifs for nom, fautifs in vides.items() if fautifs} == {}


def test_amounts_are_in_the_currency_of_the_territory(dictionnaire):
    unites = dictionnaire.set_index("indicateur")["unite"]
    assert unites["montant_accorde"] == "F CFP"
    assert "monnaie" not in set(unites)


def test_the_dictionary_names_every_source_of_an_indicator(dictionnaire):
    declares = [i for chapitre in CHAPITRES for i in chapitre.indicators]
    for ligne, declare in zip(dictionnaire.itertuples(), declares, strict=True):
        assert len(ligne.sources.split(" ; ")) == len(sources_de(declare.table)), ligne.indicateur


def test_the_sql_of_the_dictionary_runs_and_gives_the_figures_of_the_base(dictionnaire, base_publique):
    lignes = dictionnaire.set_index("indicateur")
    for nom in ("part_60_plus", "population", "evolution_population", "densite", "taux_chomage"):
        sql = lignes.loc[nom, "sql"]
        assert "\n" not in sql
        ecarts = base_publique.execute(
            f"select count(*), count(*) filter (where abs(r.valeur - q.valeur) < 1e-9) from ({sql}) q "
            "join resultat.indicateurs r using (territoire, millesime) where r.indicateur = ? and r.valeur is not null",
            [nom],
        ).fetchone()
        assert ecarts[0] == ecarts[1] > 0, nom


# --- Quality and rejects ---------------------------------------------------------------------------


def test_the_quality_of_each_file_is_published_with_its_counts(publier):
    [ligne] = lire_csv(publier / "qualite.csv").to_dict("records")
    assert (ligne["fichier"], ligne["lignes_lues"], ligne["lignes_rejetees"]) == ("é.csv", 1_200, 100)


def rejeter(base, dessiner, valeurs):
    base.execute("create schema if not exists qualite")
    dessiner("qualite.rejets", "source, fichier, ligne, colonne, regle, valeur", valeurs)


def test_each_deposited_file_with_rejects_has_its_sheet(base, pays, dessiner, tmp_path):
    rejeter(
        base,
        dessiner,
        "('a', 'depots/aides.csv', '12', 'motif', 'code inconnu', 'Loyé'), "
        "('a', 'depots/aides.csv', '3', 'age', 'âge impossible', '130'), "
        "('b', '../../isee/autre.csv', '7', 'n', 'nombre attendu', 'x')",
    )
    exports.ecrire_rejets(base, pays, tmp_path / "rejets")
    feuilles = {
        chemin.name: pd.read_csv(chemin, sep=";", dtype=str) for chemin in (tmp_path / "rejets").iterdir()
    }
    assert len(feuilles) == 2
    [aides] = [feuille for nom, feuille in feuilles.items() if "aides" in nom]
    assert aides.to_dict("split")["data"] == [
        ["a", "12", "motif", "code inconnu", "Loyé"],
        ["a", "3", "age", "âge impossible", "130"],
    ], "a file that the edition no longer declares is told by our names"


FLUX = """\
[fichiers.colonnes]
numero = "N° dossier"
nom = "Nom usager"
prenom = "Prénom"
naissance = "Né(e) le"
date_demande = "Date demande"
motif = "Nature"
quartier = "Quartier"
[fichiers.valeurs.motif]
"Nourriture" = "alimentaire"
"Loyer" = "logement"
[[fichiers]]
source = "ccas_decisions"
chemin = "depots/aides.csv"
[fichiers.colonnes]
numero = "N° dossier"
date_seance = "Date commission"
"""


@pytest.fixture
def renvoyee(base, ouvrir, dessiner, tmp_path):
    """The sheet of one export declared for two tables, as whoever deposited it reads it: its rows."""

    def feuille(*rejets):
        edition = ouvrir(texte=texte_edition(fichiers=["ccas_demandes depots/aides.csv"]) + FLUX)
        rejeter(base, dessiner, ", ".join(str(rejet) for rejet in rejets))
        exports.ecrire_rejets(base, edition, tmp_path / "rejets")
        [chemin] = (tmp_path / "rejets").iterdir()
        return pd.read_csv(chemin, sep=";", dtype=str, keep_default_na=False).values.tolist()

    return feuille


def rejet(source, colonne, regle, valeur):
    return (source, "depots/aides.csv", "12", colonne, regle, valeur)


def test_a_sheet_names_the_columns_of_the_file_that_it_is_about(renvoyee):
    illisible = rejet("ccas_demandes", "date_demande", "date attendue", "31/02/2024")
    repris = rejet("ccas_demandes", "demande", "numéro repris", "")
    double = rejet("ccas_decisions", "demande", "doublon de la clé (demande, date_seance)", "")
    qui = rejet("ccas_demandes", "personne", "valeur obligatoire", "(vide)")
    demandes, decisions = DECLAREES["ccas_demandes"].title, DECLAREES["ccas_decisions"].title
    assert renvoyee(illisible, repris, double, qui) == [
        [demandes, "12", "Date demande", "date attendue", "31/02/2024"],
        [demandes, "12", "N° dossier", "numéro repris", ""],
        [demandes, "12", "Nom usager, Prénom, Né(e) le", "valeur obligatoire", "(vide)"],
        [decisions, "12", "N° dossier", "doublon de la clé (N° dossier, Date commission)", ""],
    ]


def test_a_value_without_a_code_is_told_with_the_words_that_have_one(renvoyee):
    def regle_de(source, colonne):
        [verification] = DECLAREES[source].schema.columns[colonne].checks
        return verification.error

    trouvees = renvoyee(
        rejet("ccas_demandes", "motif", regle_de("ccas_demandes", "motif"), "Loyé"),
        rejet("ccas_demandes", "quartier", regle_de("ccas_demandes", "quartier"), "Plume"),
        rejet("ccas_decisions", "instance", regle_de("ccas_decisions", "instance"), "Bureau"),
    )
    connues = "Commission permanente, Conseil d'administration, Décision d'urgence"
    assert [(colonne, regle) for _, _, colonne, regle, _ in trouvees] == [
        ("Nature", "valeur inconnue (connues : Nourriture, Loyer) : la corriger, ou demander son ajout"),
        ("Quartier", "valeur inconnue : la corriger, ou demander son ajout"),
        ("instance", f"valeur inconnue (connues : {connues}) : la corriger, ou demander son ajout"),
    ]


@pytest.mark.parametrize(("un", "autre"), [("2023/a.csv", "2024/a.csv"), ("a.csv", "a.xlsx")])
def test_two_files_of_one_name_have_two_sheets(base, pays, dessiner, tmp_path, un, autre):
    rejeter(base, dessiner, f"('s', '{un}', '1', 'a', 'r', 'x'), ('s', '{autre}', '1', 'a', 'r', 'y')")
    exports.ecrire_rejets(base, pays, tmp_path / "rejets")
    assert len(list((tmp_path / "rejets").iterdir())) == 2


@pytest.mark.parametrize(
    ("valeur", "ecrite"),
    [
        ("=1+1", "'=1+1"),
        ("@SOMME(A1)", "'@SOMME(A1)"),
        ("-2+3", "'-2+3"),
        ("-1,5", "-1,5"),  # a number is what it is
        ("Loyé", "Loyé"),
    ],
)
def test_a_value_sent_back_is_never_a_formula(base, pays, dessiner, tmp_path, valeur, ecrite):
    rejeter(base, dessiner, f"('s', 'a.csv', '1', 'montant', 'nombre attendu', '{valeur}')")
    exports.ecrire_rejets(base, pays, tmp_path / "rejets")
    [feuille] = (tmp_path / "rejets").iterdir()
    with feuille.open(encoding="utf-8-sig", newline="") as fichier:
        [_, ligne] = csv.reader(fichier, delimiter=";")
    assert ligne[-1] == ecrite


def test_a_sheet_and_its_folder_are_their_owner_s_alone_even_over_one_that_was_not(
    base, pays, dessiner, tmp_path
):
    ouverte = tmp_path / "rejets" / "a.csv.csv"
    ouverte.parent.mkdir()
    ouverte.write_text("la fois d'avant")
    ouverte.chmod(0o644)
    rejeter(base, dessiner, "('s', 'a.csv', '1', 'a', 'r', 'x'), ('s', 'b.csv', '1', 'a', 'r', 'y')")
    exports.ecrire_rejets(base, pays, tmp_path / "rejets")
    assert {chemin.name: droits(chemin) for chemin in ouverte.parent.iterdir()} == {
        "a.csv.csv": 0o600,
        "b.csv.csv": 0o600,
    }
    shutil.rmtree(ouverte.parent)
    exports.ecrire_rejets(base, pays, tmp_path / "rejets")
    assert droits(ouverte.parent) == 0o700


def droits(chemin):
    return chemin.stat().st_mode & 0o777


def test_odd_rows_have_a_sheet_of_their_own_in_the_words_of_their_file(base, ouvrir, dessiner, tmp_path):
    mots = '[fichiers.valeurs.quartier]\n"Plum" = "98817-plum"\n"PLUM" = "98817-plum"\n'
    texte = texte_edition(fichiers=["ccas_demandes depots/aides.csv"]) + FLUX.replace(
        "[[fichiers]]", mots + "[[fichiers]]"
    )
    rejeter(base, dessiner, str(rejet("ccas_demandes", "motif", "r", "Loyé")))
    odd = [
        rejet("ccas_demandes", "quartier", "ménage dans deux quartiers", "98817-plum"),
        rejet("ccas_decisions", "demande", "décision sur une demande absente du dépôt", ""),
    ]
    dessiner("qualite.a_verifier", "source, fichier, ligne, colonne, regle, valeur", ", ".join(map(str, odd)))
    exports.ecrire_rejets(base, ouvrir(texte=texte), tmp_path / "rejets")
    assert {chemin.name: droits(chemin) for chemin in (tmp_path / "rejets").iterdir()} == {
        "depots-aides.csv.csv": 0o600,
        "depots-aides.csv_a_verifier.csv": 0o600,
    }
    feuille = pd.read_csv(
        tmp_path / "rejets" / "depots-aides.csv_a_verifier.csv", sep=";", dtype=str, keep_default_na=False
    )
    assert feuille.values.tolist() == [
        [DECLAREES["ccas_demandes"].title, "12", "Quartier", "ménage dans deux quartiers", "Plum"],
        [
            DECLAREES["ccas_decisions"].title,
            "12",
            "N° dossier",
            "décision sur une demande absente du dépôt",
            "",
        ],
    ]


def test_persons_who_may_be_one_are_in_a_sheet_that_is_its_owner_s_alone(base, pays, dessiner, tmp_path):
    base.execute("create schema if not exists qualite")
    dessiner(
        "qualite.rapprochements",
        "fichier, ligne, autre_fichier, autre_ligne, motif",
        "('a.csv', '2', 'b.csv', '7', 'mêmes noms')",
    )
    dessiner("qualite.fichiers", "fichier, sha256", "('a.csv', 'f0'), ('b.csv', 'f1')")
    exports.ecrire_rejets(base, pays, tmp_path / "rejets")
    feuille = tmp_path / "rejets" / "rapprochements.csv"
    lue = pd.read_csv(feuille, sep=";", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    [ligne] = lue.to_dict("records")
    assert tuple(ligne) == rapprochements.COLONNES
    assert [*ligne.values()] == [
        "a.csv",
        "2",
        "b.csv",
        "7",
        "mêmes noms",
        "",
        rapprochements.empreinte("f0", "f1"),
    ]
    assert (droits(feuille), droits(feuille.parent)) == (0o600, 0o700)


def test_without_any_reject_there_is_no_sheet_nor_folder(base, pays, dessiner, tmp_path):
    rejeter(base, dessiner, "('s', 'a', '1', 'a', 'r', 'x')")
    base.execute("delete from qualite.rejets")
    exports.ecrire_rejets(base, pays, tmp_path / "rejets")
    assert not (tmp_path / "rejets").exists()
