"""A deposit checked before it is deposited: what is wrong comes back as a sheet that nobody else reads."""

import pandas as pd
import pytest

from pipeline import rapprochements
from pipeline.controle import controler
from pipeline.model import ErreurUtilisateur
from pipeline.rapproche import rapprocher

EDITION = """\
[edition]
titre = "Analyse"
redaction = "CCAS"
profil = "nouvelle_caledonie"
comparateurs = ["988"]
[territoire]
code = "98817"
nom = "Le Mont-Dore"
[[fichiers]]
source = "isee_superficie"
chemin = "superficie.csv"
[[fichiers]]
source = "ccas_decisions"
chemin = "depots/decisions.csv"
"""
DECISIONS = "numero;date_seance;decision\n" + "".join(f"D{rang};10/02/2024;accord\n" for rang in range(1, 50))


@pytest.fixture
def edition(ouvrir, tmp_path, monkeypatch):
    monkeypatch.setenv("ABS_CLE", str(tmp_path / "essai.cle"))
    return ouvrir(EDITION)


def test_rows_to_correct_come_back_in_a_sheet_that_is_its_owner_s_alone(edition, tmp_path):
    depose = tmp_path / "decisions.csv"
    depose.write_text(DECISIONS + "D50;10/02/2024;troc\n", encoding="utf-8")
    dit = list(controler(edition, depose))
    feuille = tmp_path / "decisions_erreurs.csv"
    assert dit[1].startswith("50 lignes lues, 49 bonnes, 1 à corriger")
    assert str(feuille) in dit[-2]
    [erreur] = pd.read_csv(feuille, sep=";", dtype=str, encoding="utf-8-sig").to_dict("records")
    assert (erreur["ligne"], erreur["colonne"], erreur["valeur"]) == ("51", "decision", "troc")
    assert feuille.stat().st_mode & 0o777 == 0o600


def test_odd_rows_come_back_with_their_lines_in_a_sheet_of_their_own(edition, tmp_path):
    depose = tmp_path / "decisions.csv"
    depose.write_text(DECISIONS, encoding="utf-8")
    dit = list(controler(edition, depose))
    feuille = tmp_path / "decisions_a_verifier.csv"
    assert dit[-2:] == [
        "À vérifier : accord sans montant accordé (49\u00a0lignes).",
        f"Feuille des lignes à vérifier : {feuille}",
    ]
    lignes = pd.read_csv(feuille, sep=";", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    assert lignes["ligne"].tolist() == [str(ligne) for ligne in range(2, 51)]
    assert set(lignes["colonne"]) == {"numero"} and set(lignes["valeur"]) == {""}, "no pseudonym is quoted"
    assert feuille.stat().st_mode & 0o777 == 0o600


def test_a_deposit_without_a_mistake_has_no_sheet(edition, tmp_path):
    depose = tmp_path / "decisions.csv"
    depose.write_text(DECISIONS.replace("accord", "refus"), encoding="utf-8")
    assert "49 bonnes, 0 à corriger" in list(controler(edition, depose))[1]
    assert [chemin.name for chemin in tmp_path.glob("*.csv")] == ["decisions.csv"]


def test_an_export_under_its_own_name_is_recognised_by_its_columns(edition, tmp_path):
    depose = tmp_path / "mon_export.csv"
    depose.write_text(
        "observations;" + DECISIONS.replace("\n", "\nrien;").removesuffix("rien;"), encoding="utf-8"
    )
    dit = list(controler(edition, depose))
    assert dit[0] == "Reconnu à ses colonnes : contrôlé comme « depots/decisions.csv »."
    assert dit[2].startswith("49 lignes lues, 49 bonnes, 0 à corriger")


@pytest.mark.parametrize("entete", ["numero;date_seance;avis", "CODGEO;POP"])
def test_a_file_that_the_edition_does_not_know_is_told_of_the_deposits_and_of_depot(
    edition, tmp_path, entete
):
    depose = tmp_path / "inconnu.csv"
    depose.write_text(DECISIONS.replace("numero;date_seance;decision", entete), encoding="utf-8")
    with pytest.raises(ErreurUtilisateur) as refus:
        list(controler(edition, depose))
    assert str(refus.value) == (
        "« inconnu.csv » n'a ni le nom ni les colonnes d'un dépôt de l'édition essai/2026 (decisions.csv) : "
        f"« make depot FICHIER={depose} EDITION=essai/2026 » propose la déclaration à mettre dans edition.toml."
    ), "public tables are no deposits: they are not listed"


# --- One export, two tables ------------------------------------------------------------------------

DEUX_TABLES = """\
[[fichiers]]
source = "ccas_demandes"
chemin = "depots/decisions.csv"
[fichiers.colonnes]
date_demande = "demandee"
"""
EXPORT = "numero;nom;prenom;naissance;demandee;motif;date_seance;decision\n" + "".join(
    f"D{rang};Zorvalbec;Ourphin;02/01/1975;05/02/2024;sante;10/02/2024;accord\n" for rang in range(1, 50)
)


@pytest.fixture
def edition_de_deux_tables(edition, ouvrir):
    return ouvrir(EDITION + DEUX_TABLES)


def test_a_row_that_contradicts_another_table_of_its_file_is_to_correct_as_in_the_build(
    edition_de_deux_tables, tmp_path
):
    depose = tmp_path / "decisions.csv"
    depose.write_text(EXPORT.replace("10/02/2024", "01/02/2024", 1), encoding="utf-8")
    dit = list(controler(edition_de_deux_tables, depose))
    comptes = [ligne.partition(" à corriger")[0] for ligne in dit if "à corriger," in ligne]
    assert comptes == ["49 lignes lues, 48 bonnes, 1", "49 lignes lues, 49 bonnes, 0"]
    [erreur] = pd.read_csv(
        tmp_path / "decisions_erreurs.csv", sep=";", dtype=str, encoding="utf-8-sig"
    ).to_dict("records")
    assert (erreur["table"], erreur["ligne"]) == ("Décisions sur les demandes d'aides", "2")
    assert (erreur["colonne"], erreur["regle"], erreur["valeur"]) == (
        "date_seance",
        "séance avant la demande",
        "01/02/2024",
    )


def test_persons_who_may_be_one_are_told_with_their_lines_and_without_their_names(
    edition_de_deux_tables, tmp_path
):
    depose = tmp_path / "decisions.csv"
    depose.write_text(EXPORT.replace("02/01/1975", "01/02/1975", 1), encoding="utf-8")
    dit = list(controler(edition_de_deux_tables, depose))
    feuille = tmp_path / "decisions_rapprochements.csv"
    assert dit[-1] == f"Personnes à rapprocher peut-être : 1\u00a0paire, dans {feuille}"
    [paire] = pd.read_csv(feuille, sep=";", dtype=str, encoding="utf-8-sig").to_dict("records")
    assert (paire["ligne"], paire["autre_ligne"], paire["motif"]) == ("2", "3", rapprochements.INTERVERTIS)
    assert "zorvalbec" not in feuille.read_text(encoding="utf-8-sig").casefold()
    assert feuille.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mot", ["oui", "non"])
def test_a_pair_that_was_answered_is_told_no_more(edition_de_deux_tables, tmp_path, mot):
    edition = edition_de_deux_tables
    depose = edition.dossier / "depots" / "decisions.csv"
    depose.parent.mkdir(parents=True, exist_ok=True)
    depose.write_text(EXPORT.replace("02/01/1975", "01/02/1975", 1), encoding="utf-8")
    list(controler(edition, depose))
    feuille = depose.with_name("decisions_rapprochements.csv")
    lues = pd.read_csv(feuille, sep=";", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    lues.assign(meme_personne=mot).to_csv(tmp_path / "a.csv", sep=";", index=False, encoding="cp1252")
    feuille.unlink()
    rapprocher(edition, tmp_path / "a.csv")
    assert not [ligne for ligne in controler(edition, depose) if "rapprocher" in ligne]
    assert not feuille.exists()


def test_the_second_line_of_one_person_is_a_double_here_as_in_the_build(ouvrir, tmp_path, monkeypatch):
    monkeypatch.setenv("ABS_CLE", str(tmp_path / "essai.cle"))
    edition = ouvrir(EDITION + '[[fichiers]]\nsource = "ccas_registre"\nchemin = "depots/registre.csv"\n')
    lignes = [f"Quaxanor;Ysolde;{rang:02d}/01/1935;01/02/2024;age" for rang in range(1, 29, 3)]
    lignes += [
        "Zorvalbec;Ourphin;02/05/1980;01/02/2024;handicap",
        "Zorvalbec;Ourphin;05/02/1980;01/02/2024;handicap",
    ]
    depose = edition.dossier / "depots" / "registre.csv"
    depose.parent.mkdir(parents=True, exist_ok=True)
    depose.write_text(
        "\n".join(["nom;prenom;naissance;date_inscription;motif", *lignes]) + "\n", encoding="utf-8"
    )
    assert "12 bonnes, 0 à corriger" in list(controler(edition, depose))[1]
    feuille = depose.with_name("registre_rapprochements.csv")
    lues = pd.read_csv(feuille, sep=";", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    lues.loc[lues["motif"].eq(rapprochements.INTERVERTIS), "meme_personne"] = "oui"
    lues.to_csv(feuille, sep=";", index=False)
    rapprocher(edition, feuille)
    assert "11 bonnes, 1 à corriger" in list(controler(edition, depose))[1]


def test_a_file_that_contradicts_itself_throughout_is_refused_once_its_sheet_is_written(
    edition_de_deux_tables, tmp_path
):
    depose = tmp_path / "decisions.csv"
    depose.write_text(EXPORT.replace("10/02/2024", "01/02/2024"), encoding="utf-8")
    with pytest.raises(ErreurUtilisateur, match=r"séance avant la demande.*49 lignes rejetées sur 49"):
        list(controler(edition_de_deux_tables, depose))
    assert len(pd.read_csv(tmp_path / "decisions_erreurs.csv", sep=";")) == 49
