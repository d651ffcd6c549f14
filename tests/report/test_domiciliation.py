"""The account sent to the State: drawn counts in; its numbers, its words and its refusals out."""

import datetime
from types import SimpleNamespace

import docx
import pandas as pd
import pytest

from pipeline.build import BASE, CONFIDENTIEL, deja_construite, ecrire_bilan, noter_empreinte
from pipeline.edition import Fichier
from pipeline.empreinte import EMPREINTE, empreinte_entrees
from pipeline.model import ErreurUtilisateur
from pipeline.report import domiciliation

COLONNES = (
    "territoire, millesime, demandes, refus, delivrees, premieres, renouvellements, transferts, delais_connus, "
    "jours_attente, delais_plus_2_mois, radiations, remplacements, expirations, en_cours, personnes, "
    "ayants_droit, ayants_droit_connus, ayants_droit_mineurs, situations_connues, isoles, couples, familles, "
    "sexes_connus, femmes, ages_connus, moins_25"
)
ANNEES = """
('98817', 2024, 50, 4, 46, 30, 15, 1, 20, 500, 2, 7, 12, 5, 40, 57, 17, 17, 9, 38, 25, 5, 8, 40, 12, 40, 6),
('98817', 2025, 61, 6, 55, 32, 20, 3, 32, 720, 3, 11, 14, 8, 62, 90, 28, 26, 15, 60, 41, 7, 12, 0, null, 62, 9)
"""
REFUS = """
('98817', 2024, 'pieces', 4, 4), ('98817', 2025, 'absence_de_lien', 1, 6),
('98817', 2025, 'pieces', 3, 6), ('98817', 2025, 'non_precise', 2, 6)
"""
RADIATIONS = (
    "('98817', 2024, 'deces', 7, 7), ('98817', 2025, 'depart', 2, 11), ('98817', 2025, 'transfert', 9, 11)"
)

CADRE = SimpleNamespace(
    titre="Une obligation annuelle",
    texte="L'article D.264-8 le demande.",
    reference="CASF, art. D.264-8",
    destinataire="Préfecture du département",
    agrement="Sans objet pour un centre communal.",
)
RIEN = {"destinataire": "", "signataire": "", "date": None, "moyens": "", "horaires": "", "agrement": ""}


@pytest.fixture
def editer(pays):
    """The drawn edition, with the profile's words on domiciliation and what is written in the edition."""

    def avec(exercices=(), **ecrits):
        fichier = Fichier(source=domiciliation.SOURCE, chemin="elections.csv", exercices=exercices)
        profil = pays.profil.model_copy(update={"domiciliation": CADRE})
        ecrit = SimpleNamespace(**RIEN | ecrits)
        return pays.model_copy(update={"profil": profil, "domiciliation": ecrit, "fichiers": (fichier,)})

    return avec


@pytest.fixture
def registre(base, dessiner):
    """Two years of domiciliation, drawn where the build would have counted them."""
    base.execute("create schema qualite")
    dessiner("socle.domiciliation", COLONNES, ANNEES)
    dessiner("socle.domiciliation_refus", "territoire, millesime, motif_refus, refus, refus_ensemble", REFUS)
    dessiner(
        "socle.domiciliation_radiations",
        "territoire, millesime, motif_radiation, radiations, radiations_ensemble",
        RADIATIONS,
    )
    dessiner(
        "qualite.fichiers",
        "source, lignes_lues, lignes_rejetees, fictif",
        "('ccas_domiciliations', 1000, 1, true), ('ccas_domiciliations', 234, 1, false), ('autre', 9, 9, true)",
    )
    return base


@pytest.fixture
def tableau(registre, editer):
    """Rows of one table of the account: `tableau("refus", 2025)` → label → values, oldest year first."""

    def lire(nom, exercice, **edition):
        comptes = domiciliation.lire(registre, editer(**edition), exercice)
        trouves = {t.id: t for t in domiciliation.composer(registre, comptes, exercice).tableaux}
        return {ligne.intitule: list(ligne.valeurs.values()) for ligne in trouves[nom].lignes}

    return lire


# --- Numbers ----------------------------------------------------------------------------------------


def test_elections_and_persons_are_set_beside_those_of_the_year_before(tableau):
    lus = tableau("etat", 2025)
    assert lus["Élections en cours de validité"] == [40, 62]
    assert lus["Personnes domiciliées"] == [40 + 17, 62 + 28]
    assert lus["dont mineurs"] == [9, 15]


def test_the_rest_of_those_in_force_is_told_and_what_nobody_recorded_is_unknown(tableau):
    lus = tableau("titulaires", 2025)
    assert lus["Situation non renseignée"] == [40 - 38, 62 - 60]
    assert lus["25 ans et plus"] == [40 - 6, 62 - 9]
    assert lus["Femmes"] == pytest.approx([12, float("nan")], nan_ok=True)
    assert lus["Hommes"] == pytest.approx([40 - 12, float("nan")], nan_ok=True)


def test_flow_over_stock_and_mean_wait_are_made_of_the_year_s_counts(tableau):
    lus = tableau("delivrees", 2025)
    assert lus["Délivrées pour 100 en cours au 31 décembre"] == pytest.approx([100 * 46 / 40, 100 * 55 / 62])
    assert lus["Délai moyen d’une première élection, en jours"] == pytest.approx([500 / 20, 720 / 32])


def test_nothing_in_force_gives_no_ratio(registre, tableau):
    registre.execute("update socle.domiciliation set en_cours = 0, delais_connus = 0, jours_attente = 0")
    lus = tableau("delivrees", 2025)
    assert pd.isna(lus["Délivrées pour 100 en cours au 31 décembre"]).all()
    assert pd.isna(lus["Délai moyen d’une première élection, en jours"]).all()


def test_purposes_come_the_most_frequent_of_the_year_first_and_add_up(tableau):
    assert tableau("refus", 2025) == {
        "Pièces manquantes": [4, 3],
        "Motif non précisé": [0, 2],
        "Absence de lien avec la commune": [0, 1],
        "Ensemble": [4, 3 + 2 + 1],
    }


def test_a_purpose_of_neither_year_is_left_out(tableau):
    assert list(tableau("radiations", 2024)) == ["Décès", "Ensemble"]


def test_a_year_without_refusal_has_only_its_total(registre, tableau):
    registre.execute("delete from socle.domiciliation_refus")
    registre.execute("update socle.domiciliation set refus = 0")
    assert tableau("refus", 2025) == {"Ensemble": [0, 0]}


def test_from_one_31_december_to_the_next_the_account_balances(tableau):
    (avant, *mouvements, apres) = [valeur for [valeur] in tableau("mouvements", 2025).values()]
    assert (avant, mouvements, apres) == (40, [55, -11, -8, -14], 62)
    assert avant + sum(mouvements) == apres


def test_without_the_year_before_there_is_no_column_and_no_movement_of_it(tableau):
    assert tableau("etat", 2025, exercices=(2025,))["Élections en cours de validité"] == [62]
    with pytest.raises(KeyError):
        tableau("mouvements", 2024)


# --- What the edition covers ------------------------------------------------------------------------


def test_a_commune_whose_code_is_no_number_has_its_account(registre, tableau):
    registre.execute("update socle.domiciliation set territoire = '2A004'")
    assert tableau("etat", 2025)["Élections en cours de validité"] == [40, 62]


def test_a_year_that_the_deposit_does_not_hold_is_refused_with_those_it_holds(registre, editer):
    with pytest.raises(ErreurUtilisateur, match=r"L'exercice 2031 n'est pas .* 2024 ou 2025"):
        domiciliation.lire(registre, editer(), 2031)


def test_a_year_that_the_depositor_does_not_vouch_for_is_refused_though_rows_fall_in_it(registre, editer):
    with pytest.raises(ErreurUtilisateur, match=r"L'exercice 2024 n'est pas .* choisir 2025,"):
        domiciliation.lire(registre, editer(exercices=(2025,)), 2024)


def test_the_years_to_account_for_are_those_with_rows_that_the_depositor_vouches_for(registre, editer):
    assert domiciliation.exercices(registre, editer()) == [2024, 2025]
    assert domiciliation.exercices(registre, editer(exercices=(2023, 2025))) == [2025]


def test_no_deposit_at_all_says_which_source_to_declare(registre, editer):
    registre.execute("delete from socle.domiciliation")
    assert domiciliation.exercices(registre, editer()) == []
    with pytest.raises(ErreurUtilisateur, match="ccas_domiciliations"):
        domiciliation.lire(registre, editer(), 2025)


# --- Words ------------------------------------------------------------------------------------------


@pytest.fixture
def markdown(registre, editer, tmp_path):
    """The account as Markdown, before pandoc."""

    def composer(exercice=2025, exercices=(), **ecrits):
        edition = editer(exercices, **ecrits)
        comptes = domiciliation.lire(registre, edition, exercice)
        bilan = domiciliation.composer(registre, comptes, exercice)
        document = domiciliation.mettre_en_page(registre, edition, bilan, tmp_path)
        return document.markdown.replace("\u00a0", " "), document

    return composer


def test_the_law_the_addressee_and_the_accreditation_are_the_profile_s_unless_the_edition_says(markdown):
    texte, _ = markdown()
    assert "## Une obligation annuelle" in texte
    assert "| Destinataire | Préfecture du département |" in texte
    assert "Sans objet pour un centre communal." in texte
    texte, _ = markdown(destinataire="Madame la préfète de l’Ain", agrement="Agrément du 3 mars.")
    assert "| Destinataire | Madame la préfète de l’Ain |" in texte
    assert "Agrément du 3 mars." in texte
    assert "Préfecture du département" not in texte


def test_what_is_not_written_is_to_be_filled_in_and_what_is_written_is_told(markdown):
    texte, _ = markdown()
    assert texte.count("À compléter avant l’envoi") == 2
    texte, _ = markdown(moyens="Deux agents.", horaires="- Le lundi matin")
    assert "À compléter" not in texte
    assert "Deux agents." in texte
    assert "- Le lundi matin" in texte


@pytest.mark.parametrize(
    ("date", "ecrite"),
    [
        (datetime.date(2026, 1, 20), "20 janvier 2026"),
        (datetime.date(2026, 2, 1), "1er février 2026"),
        (datetime.date(2026, 1, 21), "21 janvier 2026"),
    ],
)
def test_the_date_is_the_edition_s(markdown, date, ecrite):
    texte, document = markdown(date=date)
    assert f"Fait au Mont-Dore, le {ecrite}." in texte
    assert document.date == ecrite


def test_without_a_date_the_place_of_one_is_left(markdown):
    texte, document = markdown()
    assert "Fait au Mont-Dore, le ……" in texte
    assert document.date == "Édition 2026"


def test_it_says_that_it_is_not_to_be_published_and_that_it_is_fictional_when_it_is(registre, markdown):
    texte, document = markdown()
    assert "**Document non diffusable.**" in texte
    assert document.bandeau == "Non diffusable – données fictives"
    assert "::: {.fictif}" in texte
    registre.execute("update qualite.fichiers set fictif = false where source = 'ccas_domiciliations'")
    texte, document = markdown()
    assert document.bandeau == "Non diffusable"
    assert "fictif" not in texte


def test_it_says_what_was_read_and_warns_of_the_first_year(markdown):
    texte, _ = markdown()
    assert "1\u202f234 lignes lues, dont 2 rejetées" in texte
    assert "premier exercice" not in texte
    assert "2024 est le premier exercice" in markdown(2024)[0]


# --- Files ------------------------------------------------------------------------------------------


def test_the_three_files_say_the_same_and_are_the_same_again(registre, editer, tmp_path):
    edition = editer(date=datetime.date(2026, 1, 20), moyens="Deux agents.", horaires="Le lundi.")
    chemins = domiciliation.ecrire(registre, edition, 2025, tmp_path / "envoi")
    assert sorted(chemin.name for chemin in (tmp_path / "envoi").iterdir()) == [
        "domiciliation-2025.csv",
        "domiciliation-2025.docx",
        "domiciliation-2025.pdf",
    ]
    brut = chemins["csv"].read_bytes().decode("utf-8-sig").splitlines()
    assert brut[:3] == [
        "point;tableau;intitule;exercice;valeur",
        "1°;Élections et personnes domiciliées;Élections en cours de validité;2024;40",
        "1°;Élections et personnes domiciliées;Élections en cours de validité;2025;62",
    ]
    assert (
        "2°;Demandes et élections délivrées;Délai moyen d’une première élection, en jours;2025;22,5" in brut
    )
    assert "1°;Titulaires des élections en cours;Femmes;2025;" in brut
    lu = docx.Document(chemins["docx"])
    cellules = [
        [cellule.text.replace("\u00a0", " ") for cellule in rangee.cells]
        for table in lu.tables
        for rangee in table.rows
    ]
    assert ["Personnes domiciliées", "57", "90"] in cellules
    assert ["Femmes", "12", "n. d."] in cellules
    assert ["Élections radiées", "−11"] in cellules
    avant = {nom: chemin.read_bytes() for nom, chemin in chemins.items()}
    domiciliation.ecrire(registre, edition, 2025, tmp_path / "envoi")
    assert avant == {nom: chemin.read_bytes() for nom, chemin in chemins.items()}


def test_the_account_of_another_year_is_its_owner_s_alone_and_leaves_the_edition_as_built(registre, editer):
    edition = editer()
    edition.traitement.mkdir(parents=True)
    (edition.rapports / "interne").mkdir(parents=True)
    registre.execute("attach ? as depose", [str(edition.traitement / CONFIDENTIEL)])
    registre.execute("copy from database memory to depose; detach depose")
    (edition.traitement / BASE).touch()
    noter_empreinte(edition.traitement / EMPREINTE, empreinte_entrees(edition), edition.rapports)
    chemins = ecrire_bilan(edition, 2024)
    assert {chemin.name for chemin in chemins} == {
        f"domiciliation-2024.{nom}" for nom in ("docx", "pdf", "csv")
    }
    assert {chemin.parent for chemin in chemins} == {edition.rapports / "bilans"}
    assert (edition.rapports / "bilans").stat().st_mode & 0o777 == 0o700
    assert deja_construite(edition, empreinte_entrees(edition))


def test_an_edition_that_is_not_built_has_no_account(editer):
    with pytest.raises(
        ErreurUtilisateur, match="n'est pas construite : lancer « make abs EDITION=essai/2026 »"
    ):
        ecrire_bilan(editer(), 2024)
