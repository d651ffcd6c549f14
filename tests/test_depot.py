"""A deposit that nobody declared: its tables are recognised, its codes guessed, and nobody is named."""

import datetime
import os
import tomllib
from pathlib import Path

import pytest
from openpyxl import Workbook

from pipeline import ingest
from pipeline.depot import _cle, _codes, proposer
from pipeline.edition import Fichier, lire_edition
from pipeline.fictif import Fiction
from pipeline.fictif.logiciel import FICHIERS
from pipeline.fictif.population import inventer_menages, inventer_personnes
from pipeline.identite import consommees
from pipeline.model import ErreurUtilisateur
from pipeline.sources.ccas import LIBELLES
from pipeline.sources.registre import SOURCES
from pipeline.sources.synonymes import TITRES, TITRES_PROPRES, VALEURS

DECLAREES = {source.id: source for source in SOURCES if source.serie == "activite"}
CLE = bytes(range(32))

PAIEMENTS = ("Réf dossier;Payé le;Montant versé", "A1;13/05/2024;1 000", "A2;14/05/2024;500")


def ecrire(dossier: Path, *lignes: str, nom: str = "export.csv", encodage: str = "utf-8") -> Path:
    chemin = dossier / nom
    chemin.write_text("\n".join(lignes) + "\n", encoding=encodage)
    return chemin


def blocs(texte: str) -> dict[str, dict]:
    """The declarations proposed, by source."""
    return {bloc["source"]: bloc for bloc in tomllib.loads(texte).get("fichiers", [])}


def remarques(texte: str) -> list[str]:
    return [ligne.removeprefix("# ") for ligne in texte.splitlines() if ligne.startswith("#")]


# --- The demonstration -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def edition():
    return lire_edition("mont-dore/2026")


@pytest.fixture(scope="module")
def proposees(edition):
    quartiers = {quartier.nom: quartier.code for quartier in edition.quartiers}
    return {nom: proposer(edition.dossier / "depots" / nom, quartiers) for nom in FICHIERS}


@pytest.mark.parametrize("nom", FICHIERS)
def test_each_table_of_the_demonstration_is_recognised_with_its_columns(edition, proposees, nom):
    declares = {f.source: f for f in edition.fichiers if f.chemin == f"depots/{nom}"}
    proposes = blocs(proposees[nom])
    assert set(proposes) == set(declares)
    for source, bloc in proposes.items():
        assert bloc["chemin"] == declares[source].chemin
        assert bloc["colonnes"] == declares[source].colonnes


@pytest.mark.parametrize("nom", FICHIERS)
def test_the_codes_of_the_demonstration_are_guessed_right_or_not_at_all(edition, proposees, nom):
    declares = {f.source: f for f in edition.fichiers if f.chemin == f"depots/{nom}"}
    libres = {"dispositif", "activite", "evenement", "tranche_age"}
    devines = 0
    for source, bloc in blocs(proposees[nom]).items():
        for colonne, valeurs in bloc.get("valeurs", {}).items():
            for leur, notre in valeurs.items():
                if colonne not in libres:
                    attendu = declares[source].valeurs[colonne].get(leur, "")
                    assert notre in (attendu, ""), (source, colonne, leur)
                    devines += bool(notre)
    assert devines > 10


def test_a_quartier_that_the_edition_does_not_know_is_left_to_fill_in(proposees):
    quartiers = blocs(proposees["ccas_aides.csv"])["ccas_demandes"]["valeurs"]["quartier"]
    assert quartiers["Quartier Zibulard"] == ""
    assert quartiers["Plum"] == "98817-plum"


def test_without_an_edition_every_quartier_is_left_to_fill_in(edition):
    quartiers = blocs(proposer(edition.dossier / "depots" / "ccas_aides.csv"))["ccas_demandes"]["valeurs"]
    assert set(quartiers["quartier"].values()) == {""}


def test_free_text_is_refused_and_an_address_is_not_recognised(proposees):
    dites = remarques(proposees["ccas_aides.csv"])
    assert "Refusée : « Observations » contient un texte libre ; elle ne sera jamais lue." in dites
    assert "Non reconnue : « Adresse » (2 230 lignes remplies)." in [d.replace("\u202f", " ") for d in dites]


@pytest.mark.parametrize("nom", FICHIERS)
def test_a_proposal_names_nobody(edition, proposees, nom):
    invention = Fiction(quartiers={q.nom: 1 for q in edition.quartiers}, annees=(2023, 2024, 2025))
    personnes = inventer_personnes(invention, inventer_menages(invention))
    texte = proposees[nom].casefold()
    for morceau in {*personnes["nom"], *personnes["prenom"]}:
        assert morceau.casefold() not in texte


def test_what_is_proposed_goes_through_the_door_as_it_is(edition, proposees):
    bloc = blocs(proposees["ccas_usagers.tsv"])["ccas_menages"]
    source = DECLAREES["ccas_menages"]
    lot = ingest.examiner(source, Fichier(**bloc), edition.dossier / bloc["chemin"], CLE)
    assert lot.rejets.empty
    assert lot.non_mappees.empty


# --- Titles ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("titre", ["Né(e) le", "NE LE", "Date de naissance", "ddn", "  Date  Naiss. "])
@pytest.mark.parametrize(
    "accorde", ["Montant accordé", "Mt accordé", "MONTANT ACCORDE", "Montant accordé (F CFP)"]
)
def test_a_title_is_known_whatever_its_case_accents_and_unit(tmp_path, titre, accorde):
    chemin = ecrire(
        tmp_path,
        f"N° dossier;Nom;Prénom;{titre};Date demande;Motif;Montant demandé;Date commission;Décision;{accorde}",
        "A1;Zorvalbec;Tessalin;01/02/1980;13/05/2024;Loyer;100;20/05/2024;Accordé;100",
    )
    proposes = blocs(proposer(chemin))
    assert proposes["ccas_demandes"]["colonnes"]["naissance"] == titre.strip()
    assert proposes["ccas_decisions"]["colonnes"]["montant_accorde"] == accorde


def test_titles_are_found_under_title_lines_in_any_encoding_and_separator(tmp_path):
    lignes = ("EXPORT DES PAIEMENTS", "Exercice clôturé", "", *PAIEMENTS)
    for separateur in (";", ",", "\t"):
        for encodage in ("utf-8", "utf-8-sig", "cp1252"):
            chemin = ecrire(
                tmp_path, *(ligne.replace(";", separateur) for ligne in lignes), encodage=encodage
            )
            assert blocs(proposer(chemin))["ccas_paiements"]["colonnes"] == {
                "numero": "Réf dossier",
                "date_paiement": "Payé le",
                "montant": "Montant versé",
            }


def test_the_likeliest_title_is_taken_when_two_would_do(tmp_path):
    chemin = ecrire(tmp_path, "N° dossier;Date mandat;Montant accordé;Montant mandaté", "A1;13/05/2024;1;2")
    assert blocs(proposer(chemin))["ccas_paiements"]["colonnes"]["montant"] == "Montant mandaté"


def test_the_amount_granted_stands_for_the_amount_paid_when_there_is_no_other(tmp_path):
    chemin = ecrire(tmp_path, "N° dossier;Date mandat;Montant accordé", "A1;13/05/2024;1")
    assert blocs(proposer(chemin))["ccas_paiements"]["colonnes"]["montant"] == "Montant accordé"


def test_a_file_that_lacks_a_column_says_which_table_it_is_close_to_and_what_it_lacks(tmp_path):
    chemin = ecrire(
        tmp_path, "N° passage;Date du passage;Mode d'accueil;Réponse apportée", "1;13/05/2024;Mail;RDV"
    )
    texte = proposer(chemin)
    assert blocs(texte) == {}
    assert remarques(texte)[1] == (
        "Aucune table reconnue ; la plus proche est ccas_accueils (Passages et appels à l'accueil) : "
        "il manque public."
    )


def test_a_file_of_something_else_is_said_to_be_no_table_and_its_columns_are_counted(tmp_path):
    texte = proposer(ecrire(tmp_path, "Zwib;Blorp", "1;2", "3;"))
    assert remarques(texte) == [
        "export.csv : 2 lignes examinées.",
        "Aucune table reconnue.",
        "Non reconnue : « Zwib » (2 lignes remplies).",
        "Non reconnue : « Blorp » (1 lignes remplies).",
    ]


def test_a_title_on_two_lines_stays_in_its_comment(tmp_path):
    texte = proposer(ecrire(tmp_path, '"Zwib\nle retour";Blorp', "1;2"))
    assert "Non reconnue : « Zwib le retour » (1 lignes remplies)." in remarques(texte)
    assert tomllib.loads(texte) == {}


def test_a_title_with_a_quote_makes_a_declaration_that_can_be_read(tmp_path):
    chemin = ecrire(tmp_path, *(ligne.replace("Réf dossier", '"N° ""dossier"""') for ligne in PAIEMENTS))
    assert blocs(proposer(chemin))["ccas_paiements"]["colonnes"]["numero"] == 'N° "dossier"'


# --- What is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("titre", "contenu"),
    [
        ("N° de sécurité sociale", "un numéro de sécurité sociale"),
        ("Origine", "une origine"),
        ("Tribu", "une appartenance ethnique ou coutumière"),
        ("Religion", "une religion"),
        ("Pathologie", "une donnée de santé"),
        ("Commentaires", "un texte libre"),
    ],
)
def test_a_column_that_may_not_enter_is_refused_with_the_reason_and_without_its_values(
    tmp_path, titre, contenu
):
    entete, *lignes = PAIEMENTS
    chemin = ecrire(tmp_path, f"{entete};{titre}", *(f"{ligne};Zwibulon" for ligne in lignes))
    texte = proposer(chemin)
    assert f"Refusée : « {titre} » contient {contenu} ; elle ne sera jamais lue." in remarques(texte)
    assert "Zwibulon" not in texte
    assert set(blocs(texte)) == {"ccas_paiements"}


def test_a_social_security_number_that_hides_in_another_column_is_found(tmp_path):
    entete, *lignes = PAIEMENTS
    chemin = ecrire(tmp_path, f"{entete};Statut", *(f"{ligne};2 69 05 49 588 157 80" for ligne in lignes))
    texte = proposer(chemin)
    assert any(
        r.startswith("Refusée : « Statut » contient un numéro de sécurité sociale") for r in remarques(texte)
    )
    assert "588" not in texte


# --- Codes -----------------------------------------------------------------------------------------


def decisions(tmp_path: Path, *avis: str) -> str:
    lignes = [f"A{rang};13/05/2024;{mot};10" for rang, mot in enumerate(avis)]
    return proposer(ecrire(tmp_path, "N° dossier;Commission du;Avis;Mt accordé", *lignes))


@pytest.mark.parametrize(
    ("mot", "code"),
    [
        ("accord", "accord"),
        ("ACCORDÉ", "accord"),
        ("Avis favorable", "accord"),
        ("Accordé partiellement", "accord_partiel"),
        ("Refusé (barème)", "refus"),
        ("Ajournée", "ajournement"),
        ("sans objet", "sans_objet"),
        ("Désaccord", ""),
        ("Zwib", ""),
    ],
)
def test_a_word_is_turned_into_the_code_it_says_or_left_to_fill_in(tmp_path, mot, code):
    valeurs = blocs(decisions(tmp_path, mot, mot))["ccas_decisions"]["valeurs"]
    assert valeurs["decision"] == {mot: code}


def test_a_word_that_nobody_knows_and_that_comes_once_is_not_copied(tmp_path):
    texte = decisions(tmp_path, "Accordé", "Mme Zorvalbec est venue", "Zwib", "Zwib")
    assert blocs(texte)["ccas_decisions"]["valeurs"]["decision"] == {"Accordé": "accord", "Zwib": ""}
    assert "Zorvalbec" not in texte
    assert "Valeurs vues une seule fois, qui ne sont pas recopiées ici : 1." in remarques(texte)


def test_a_column_of_many_different_texts_holds_no_codes(tmp_path):
    texte = decisions(
        tmp_path, *(f"Texte {rang}" for rang in range(41)), *(f"Texte {rang}" for rang in range(41))
    )
    assert "valeurs" not in blocs(texte)["ccas_decisions"]
    assert any("41 valeurs différentes, trop pour une liste de codes" in r for r in remarques(texte))


def test_a_code_of_the_ccas_is_made_of_its_words(tmp_path):
    ligne = "Zorvalbec;Tessalin;01/02/1980;13/05/2024;Aide ménagère à l'ancienne"
    chemin = ecrire(tmp_path, "N° dossier;Nom;Prénom;DDN;Déposé le;Dispositif", f"A1;{ligne}", f"A2;{ligne}")
    valeurs = blocs(proposer(chemin))["ccas_instructions"]["valeurs"]
    assert valeurs == {"dispositif": {"Aide ménagère à l'ancienne": "aide_menagere_a_lancienne"}}


# --- Workbooks and bad files -----------------------------------------------------------------------


def classeur(dossier: Path, **feuilles: list[list[object]]) -> Path:
    livre = Workbook()
    livre.remove(livre.active)
    for nom, lignes in feuilles.items():
        page = livre.create_sheet(nom)
        for ligne in lignes:
            page.append(ligne)
    livre.save(dossier / "classeur.xlsx")
    return dossier / "classeur.xlsx"


def test_sheets_of_the_same_titles_are_one_table_and_others_their_own(tmp_path):
    mois = [["Accueil"], ["N° passage", "Date", "Mode", "Public", "Réponse"]]
    jour = datetime.date(2024, 5, 13)
    chemin = classeur(
        tmp_path,
        Janvier=[*mois, [1, jour, "Mail", "PA", "RDV"]],
        **{"Février": [*mois, [2, jour, "Téléphone", "PH", "RDV"], [3, jour, "Mail", "PH", "RDV"]]},
        Budget=[["Exercice", "Poste", "Voté", "Réalisé"], [2024, "Personnel", 10.5, 9]],
        Vide=[],
    )
    texte = proposer(chemin)
    assert set(blocs(texte)) == {"ccas_accueils", "ccas_budget"}
    assert "classeur.xlsx, 2 feuilles, de « Janvier » à « Février » : 3 lignes examinées." in remarques(texte)
    assert blocs(texte)["ccas_accueils"]["valeurs"]["canal"] == {"Mail": "courriel", "Téléphone": "telephone"}


def test_a_file_that_is_not_there_or_is_no_table_is_one_sentence(tmp_path):
    abime = tmp_path / "abime.xlsx"
    abime.write_bytes(b"PK\x03\x04 rien")
    vide = ecrire(tmp_path, "", nom="vide.csv")
    vide.write_bytes(b"")
    document = ecrire(tmp_path, "x", nom="lettre.pdf")
    for chemin, mot in (
        (tmp_path / "absent.csv", "introuvable"),
        (abime, "ne s'ouvre pas"),
        (vide, "vide"),
        (document, "ne se lit pas"),
    ):
        with pytest.raises(ErreurUtilisateur, match=mot) as erreur:
            proposer(chemin)
        assert str(erreur.value).endswith(".")
        assert "\n" not in str(erreur.value)


def test_requests_for_a_bed_are_recognised_one_by_one_and_month_by_month(tmp_path):
    une = ecrire(tmp_path, "N° appel;Date de l'appel;Réponse", "1;05/01/2025;Attribuée", "2;06/01/2025;Refus")
    propose = blocs(proposer(une))["ccas_hebergement_urgence"]
    assert propose["valeurs"]["non_pourvues"] == {"Attribuée": "0", "Refus": "1"}
    mois = ecrire(tmp_path, "Mois;Demandes;Demandes non pourvues;Nuitées", "01/01/2025;40;12;90")
    propose = blocs(proposer(mois))["ccas_hebergement_urgence"]
    assert propose["colonnes"] == {
        "numero": "Mois",
        "date_demande": "Mois",
        "demandes": "Demandes",
        "non_pourvues": "Demandes non pourvues",
        "nuitees": "Nuitées",
    }
    assert "valeurs" not in propose


def test_services_of_the_day_shelter_are_recognised_day_by_day_and_month_by_month(tmp_path):
    jours = ecrire(
        tmp_path, "Jour;Service;Nb passages", "03/03/2025;Douches;5", "03/03/2025;Petit déjeuner;9"
    )
    propose = blocs(proposer(jours))["ccas_accueil_jour"]
    assert propose["valeurs"]["service_rendu"] == {"Douches": "douche", "Petit déjeuner": "repas"}
    mois = ecrire(tmp_path, "Mois;Service;Passages;Nombre de jours;Capacité", "01/03/2025;Douche;90;12;144")
    assert set(blocs(proposer(mois))) == {"ccas_accueil_jour"}
    assert blocs(proposer(mois))["ccas_accueil_jour"]["colonnes"]["jours"] == "Nombre de jours"


def test_nights_of_count_are_recognised_and_rounds_are_not_taken_for_them(tmp_path):
    nuits = ecrire(
        tmp_path, "Nuit du;Zone;Équipes;Nb personnes;dont isolés", "23/01/2025;Ville entière;8;50;40"
    )
    propose = blocs(proposer(nuits))
    assert set(propose) == {"ccas_comptages"}
    assert propose["ccas_comptages"]["valeurs"]["perimetre"] == {"Ville entière": "habituel"}
    tournees = ecrire(tmp_path, "N° maraude;Maraude du;Nb personnes;dont femmes", "1;23/01/2025;9;2")
    assert set(blocs(proposer(tournees))) == {"ccas_maraudes"}


def test_ways_out_of_the_street_are_recognised_by_the_name_the_team_gives(tmp_path):
    chemin = ecrire(
        tmp_path, "Surnom;Date de sortie;Sortie", "Krobuz;03/03/2025;Relogement", "Zib;04/03/2025;CHRS"
    )
    propose = blocs(proposer(chemin))
    assert set(propose) == {"ccas_sorties"}
    assert propose["ccas_sorties"]["valeurs"]["sortie"] == {"CHRS": "hebergement", "Relogement": "logement"}


# --- The words -------------------------------------------------------------------------------------


def test_words_are_of_columns_and_codes_that_exist():
    colonnes = {nom for s in DECLAREES.values() for nom in (*s.schema.columns, *consommees(s.identites))}
    assert set(TITRES) | set(VALEURS) <= colonnes
    for source, mots in TITRES_PROPRES.items():
        connues = {*DECLAREES[source].schema.columns, *consommees(DECLAREES[source].identites)}
        assert set(mots) <= connues
    for colonne, codes in VALEURS.items():
        permis = set()
        for source in DECLAREES.values():
            if colonne in source.schema.columns:
                # a count is 0 or 1 where an export has one row a case, and says it in words
                permis |= (
                    {"0", "1"} if source.schema.columns[colonne].metadata["genre"] == "entier" else set()
                )
                for controle in source.schema.columns[colonne].checks:
                    permis |= set(controle.statistics.get("allowed_values", ()))
        assert set(codes) <= permis, colonne


def test_a_code_and_its_label_always_stand_for_that_code():
    for source in DECLAREES.values():
        for nom in source.schema.columns:
            if nom in LIBELLES and (codes := _codes(source, nom, {})):
                for code in set(codes.values()):
                    assert codes[_cle(code)] == codes[_cle(LIBELLES[nom][code])] == code


def test_the_day_of_the_deposit_is_that_of_the_file_and_later_days_are_then_rejected(tmp_path):
    """Nobody has to think of it: a payment of 2099 would otherwise be the last one known, and the rest unpaid."""
    chemin = ecrire(tmp_path, *PAIEMENTS, "A3;15/05/2099;100")
    jour = datetime.datetime(2024, 6, 30, 15).timestamp()
    os.utime(chemin, (jour, jour))
    bloc = blocs(proposer(chemin, {}))["ccas_paiements"]
    assert bloc["depose_le"] == datetime.date(2024, 6, 30)
    declare = Fichier(**bloc)
    lot = ingest.examiner(DECLAREES["ccas_paiements"], declare, chemin, CLE)
    assert lot.rejets[["ligne", "colonne", "regle"]].to_numpy().tolist() == [
        [4, "date_paiement", "date postérieure au dépôt du 30/06/2024"]
    ]
