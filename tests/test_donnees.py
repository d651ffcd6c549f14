"""`make donnees` through the command line: what it fetches, records, refuses, and leaves as it was."""

from __future__ import annotations

import csv
import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from serveur import AUTRE, JEUDI, PAGE_WEB, TABLE, VENDREDI, brut, fichier, page, sha256, une_archive
from typer.testing import CliRunner

from pipeline import edition as module_edition
from pipeline import ingest, provenance, telechargement
from pipeline.cli import app
from pipeline.model import ErreurUtilisateur
from pipeline.sources import registre
from pipeline.sources.isee import SOURCES as ISEE

RACINE = Path(__file__).parents[1]
AUJOURD_HUI = datetime.date.today()


@dataclass(frozen=True)
class Sortie:
    """What the command answered: exit code, lines on the terminal, errors, on one long line each."""

    code: int
    lignes: str
    erreur: str


class Projet:
    """A project folder with one edition, `essai/2026`, and its command line."""

    def __init__(self, racine: Path) -> None:
        self.racine = racine
        self.dossier = racine / "data" / "raw" / "essai" / "2026"
        self.communs = racine / "data" / "raw" / "communs"
        self.dossier.mkdir(parents=True)

    def declarer(self, *fichiers: dict[str, object]) -> None:
        blocs = [
            '[edition]\ntitre = "Analyse"\nredaction = "CCAS"\nprofil = "nouvelle_caledonie"\ncomparateurs = ["988"]\n',
            '[territoire]\ncode = "98817"\nnom = "Le Mont-Dore"\n',
        ]
        for champs in fichiers:
            champs = {"source": "isee_superficie", "chemin": "../../communs/base.csv"} | champs
            lignes = [
                f"{nom} = {valeur}" if isinstance(valeur, int) else f'{nom} = "{valeur}"'
                for nom, valeur in champs.items()
            ]
            blocs.append("[[fichiers]]\n" + "\n".join(lignes) + "\n")
        (self.dossier / "edition.toml").write_text("\n".join(blocs), encoding="utf-8")

    def poser(self, contenu: bytes, nom: str = "base.csv") -> Path:
        self.communs.mkdir(exist_ok=True)
        (self.communs / nom).write_bytes(contenu)
        return self.communs / nom

    def donnees(self, *options: str) -> Sortie:
        resultat = CliRunner().invoke(app, ["donnees", "essai/2026", *options])
        assert resultat.exception is None or isinstance(resultat.exception, SystemExit), resultat.exception
        return Sortie(resultat.exit_code, resultat.stdout, resultat.stderr)

    def restes(self) -> set[str]:
        return {chemin.name for chemin in self.communs.iterdir()} if self.communs.exists() else set()

    def fiche(self, nom: str = "base.toml") -> dict[str, object]:
        return tomllib.loads((self.communs / nom).read_text(encoding="utf-8"))


@pytest.fixture
def projet(tmp_path, monkeypatch, acces) -> Projet:
    """Reached without a real wait: the waits of the network are those of a clock that nobody watches."""
    monkeypatch.setattr(module_edition, "lire_edition", partial(module_edition.lire_edition, racine=tmp_path))
    monkeypatch.setattr(telechargement, "POLI", acces)
    return Projet(tmp_path)


def une_phrase(sortie: Sortie, *mots: str) -> None:
    """Exit code 2, and one French sentence that says each of these words."""
    assert sortie.code == 2
    phrase = sortie.erreur.replace("\u00a0", " ").removesuffix("\n")
    assert phrase.startswith("Erreur : ") and phrase.endswith(".") and "\n" not in phrase, phrase
    for mot in mots:
        assert mot in phrase


# --- What comes ------------------------------------------------------------------------------------


def test_a_missing_file_is_fetched_and_its_provenance_is_written_beside_it(projet, serveur):
    projet.declarer({"adresse": serveur.repond(fichier(TABLE, Last_Modified=JEUDI))})
    sortie = projet.donnees()
    assert (sortie.code, sortie.erreur) == (0, "")
    assert f"téléchargé, 118\u202f426\u00a0octets, sha256 {sha256(TABLE)} enregistré" in sortie.lignes
    assert "Données : 1 fichier, 1 téléchargé (118\u202f426\u00a0octets)." in sortie.lignes
    assert (projet.communs / "base.csv").read_bytes() == TABLE
    assert projet.restes() == {"base.csv", "base.toml"}
    superficie = next(source for source in ISEE if source.id == "isee_superficie")
    assert projet.fiche() == {
        "titre": superficie.title,
        "producteur": superficie.producer,
        "licence": superficie.licence,
        "adresse": serveur.adresse,
        "date": datetime.date(2026, 1, 1),
        "enregistre_le": AUJOURD_HUI,
        "octets": len(TABLE),
        "sha256": sha256(TABLE),
    }


def test_a_second_run_asks_nothing_and_changes_nothing(projet, serveur):
    projet.declarer({"adresse": serveur.repond(fichier(TABLE))})
    projet.donnees()
    avant = (projet.communs / "base.toml").read_bytes()
    sortie = projet.donnees()
    assert (sortie.code, len(serveur.demandes)) == (0, 1)
    assert "présent, inchangé" in sortie.lignes
    assert "Données : 1 fichier, 1 présent." in sortie.lignes
    assert (projet.communs / "base.toml").read_bytes() == avant


def test_a_cut_is_resumed_in_the_same_run(projet, serveur):
    projet.declarer({"adresse": serveur.repond(fichier(TABLE, coupe=30_000), fichier(TABLE))})
    assert projet.donnees().code == 0
    assert serveur.plages() == ["", "bytes=30000-"]
    assert projet.restes() == {"base.csv", "base.toml"}


def test_a_run_that_gave_up_is_resumed_by_the_next_one(projet, serveur):
    projet.declarer({"adresse": serveur.repond(fichier(TABLE, coupe=30_000), brut(503))})
    une_phrase(projet.donnees(), "503", "au bout de 7 essais", "relancer « make donnees »")
    assert projet.restes() == {"base.csv.partiel", "base.csv.partiel.json"}
    serveur.repond(fichier(TABLE))
    assert projet.donnees().code == 0
    assert serveur.plages()[-1] == "bytes=30000-"
    assert (projet.communs / "base.csv").read_bytes() == TABLE


def test_a_server_that_asks_to_wait_is_waited_for(projet, serveur, attentes):
    projet.declarer({"adresse": serveur.repond(brut(429, Retry_After="20"), fichier(TABLE))})
    sortie = projet.donnees()
    assert (sortie.code, attentes.durees) == (0, [20.0])
    assert "le serveur fait attendre, nouvel essai dans 20\u00a0secondes" in sortie.lignes


def test_a_redirection_leads_to_the_file(projet, serveur):
    projet.declarer({"adresse": serveur.repond(brut(302, Location="/ailleurs"), fichier(TABLE))})
    assert projet.donnees().code == 0
    assert projet.fiche()["adresse"] == serveur.adresse


def test_the_address_of_the_source_takes_the_vintage_of_the_edition(projet, serveur, monkeypatch):
    adresse = f"http://127.0.0.1:{serveur.port}/DS_RP_{{millesime}}_CSV_FR?cc={{yy}}"
    sources = [replace(source, address=adresse) for source in ISEE]
    monkeypatch.setattr(registre, "SOURCES", sources)
    projet.declarer({"millesime": 2009})
    serveur.repond(fichier(TABLE))
    assert projet.donnees().code == 0
    assert serveur.demandes[0][0] == "/DS_RP_2009_CSV_FR?cc=09"


def test_an_address_that_waits_for_a_vintage_is_no_address(projet, serveur, monkeypatch):
    sources = [replace(source, address=serveur.adresse + "/{millesime}") for source in ISEE]
    monkeypatch.setattr(registre, "SOURCES", sources)
    projet.declarer({})
    une_phrase(
        projet.donnees(),
        "base.csv : manque",
        f"donner son « adresse » dans edition.toml (modèle : {serveur.adresse}/{{millesime}})",
    )
    assert f"modèle d'adresse : {serveur.adresse}/{{millesime}}" in projet.donnees("--hors-ligne").lignes
    assert serveur.demandes == []


def test_the_address_of_another_form_of_the_file_is_not_asked_for(projet, serveur, monkeypatch):
    sources = [replace(source, address=serveur.adresse, address_suffix=".zip") for source in ISEE]
    monkeypatch.setattr(registre, "SOURCES", sources)
    projet.declarer({})
    une_phrase(projet.donnees(), "base.csv : manque")
    assert serveur.demandes == []
    projet.declarer({"membre": "*_data.csv"})
    serveur.repond(fichier(une_archive()))
    assert projet.donnees().code == 0


def test_a_file_that_holds_several_tables_is_fetched_once(projet, serveur):
    adresse = serveur.repond(fichier(TABLE))
    projet.declarer({"adresse": adresse}, {"source": "isee_majeurs", "adresse": adresse})
    sortie = projet.donnees()
    assert (sortie.code, len(serveur.demandes)) == (0, 1)
    assert "Données : 1 fichier," in sortie.lignes


def test_silent_says_nothing_but_errors(projet, serveur):
    projet.declarer({"adresse": serveur.repond(fichier(TABLE))})
    assert projet.donnees("--silencieux") == Sortie(0, "", "")
    (projet.communs / "base.csv").write_bytes(AUTRE)
    sortie = projet.donnees("--silencieux")
    assert sortie.lignes == ""
    une_phrase(sortie, "a changé")


# --- What does not ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reponse", "mots"),
    [
        (brut(404), "404 (adresse introuvable)"),
        (brut(429, Retry_After="3600"), "patienter 60 minutes"),
        (brut(503), "503 (service momentanément indisponible)"),
        (brut(200, PAGE_WEB), "une page web au lieu du fichier base.csv"),
        (brut(200, b""), "un fichier vide"),
        (brut(200, TABLE, Content_Length=len(TABLE) - 1), "plus que les"),
        (brut(200, TABLE, Content_Length=len(TABLE) + 1), "connexion coupée"),
        (brut(302, Location="file:///etc/hostname"), "n'est pas une adresse http ou https"),
        (brut(302, Location="/fichier"), "redirections"),
    ],
    ids=["404", "429", "503", "page", "empty", "short", "long", "file", "loop"],
)
def test_what_a_server_does_wrong_is_one_sentence_and_no_file(projet, serveur, reponse, mots):
    projet.declarer({"adresse": serveur.repond(reponse)})
    une_phrase(projet.donnees(), serveur.adresse, mots)
    assert projet.restes() <= {"base.csv.partiel", "base.csv.partiel.json"}
    assert not (projet.communs / "base.toml").exists()


def test_a_disk_without_room_is_one_sentence(projet, serveur, monkeypatch, acces):
    monkeypatch.setattr(telechargement, "POLI", replace(acces, place_libre=lambda _: 1_000))
    projet.declarer({"adresse": serveur.repond(fichier(TABLE))})
    une_phrase(projet.donnees(), "faire de la place")
    assert projet.restes() == set()


def test_a_file_that_fails_does_not_stop_the_others(projet, serveur):
    adresse = serveur.repond(brut(404), fichier(TABLE))
    projet.declarer({"adresse": adresse}, {"chemin": "../../communs/autre.csv", "adresse": adresse})
    sortie = projet.donnees()
    une_phrase(sortie, "404")
    assert "Données : 2 fichiers, 1 téléchargé (118\u202f426\u00a0octets), 1 manquant." in sortie.lignes
    assert (projet.communs / "autre.csv").read_bytes() == TABLE


def test_several_missing_files_are_counted_and_the_first_is_named(projet, serveur):
    adresse = serveur.repond(brut(404))
    projet.declarer({"adresse": adresse}, {"chemin": "depots/export.csv"})
    une_phrase(projet.donnees(), "2 fichiers manquent", "le premier : ../../communs/base.csv", "404")


def test_a_deposit_is_asked_of_people_and_of_nobody_else(projet):
    projet.declarer({"chemin": "depots/export.csv"})
    une_phrase(projet.donnees(), "export.csv : manque", f"le déposer dans {projet.dossier / 'depots'}")


def test_a_deposit_in_its_place_is_shown_and_not_recorded(projet):
    projet.declarer({"chemin": "export.csv"})
    (projet.dossier / "export.csv").write_bytes(TABLE)
    sortie = projet.donnees()
    assert sortie.code == 0
    assert f"export.csv : présent (sha256 {sha256(TABLE)})" in sortie.lignes
    assert not (projet.dossier / "export.toml").exists()


def test_a_file_kept_elsewhere_is_never_fetched_from_its_source(projet, serveur, monkeypatch):
    sources = [replace(source, address=serveur.adresse) for source in ISEE]
    monkeypatch.setattr(registre, "SOURCES", sources)
    ailleurs = projet.racine / "ailleurs"
    ailleurs.mkdir()
    projet.declarer({"chemin": str(ailleurs / "base.csv")})
    une_phrase(projet.donnees(), f"le déposer dans {ailleurs}")
    (ailleurs / "base.csv").write_bytes(TABLE)
    assert projet.donnees().code == 0
    assert [chemin.name for chemin in ailleurs.iterdir()] == ["base.csv"]
    assert serveur.demandes == []


def test_a_folder_that_people_linked_elsewhere_is_among_the_data(projet, serveur):
    (projet.racine / "disque").mkdir()
    projet.communs.symlink_to(projet.racine / "disque")
    projet.declarer({"adresse": serveur.repond(fichier(TABLE))})
    assert projet.donnees().code == 0
    assert (projet.racine / "disque" / "base.csv").read_bytes() == TABLE


def test_a_folder_that_cannot_be_written_is_one_sentence(projet, serveur):
    projet.declarer({"adresse": serveur.repond(fichier(TABLE))})
    projet.communs.write_text("un fichier", encoding="utf-8")
    une_phrase(projet.donnees(), "écriture impossible", str(projet.communs))


def test_a_provenance_that_cannot_be_written_is_one_sentence(projet, serveur):
    projet.declarer({"adresse": serveur.repond(fichier(TABLE))})
    projet.poser(TABLE)
    (projet.communs / "base.toml.neuve").mkdir()
    une_phrase(projet.donnees(), "écriture impossible", str(projet.communs))


def test_a_provenance_that_is_no_longer_toml_is_one_sentence(projet, serveur):
    projet.declarer({"adresse": serveur.repond(fichier(TABLE))})
    projet.poser(b'sha256 = "', "base.toml")
    une_phrase(projet.donnees(), "base.toml n'est pas un fichier TOML valide")
    assert serveur.demandes == []


# --- What has changed ------------------------------------------------------------------------------


@pytest.fixture
def recupere(projet, serveur) -> Projet:
    """The file was fetched and recorded once."""
    projet.declarer({"adresse": serveur.repond(fichier(TABLE, Last_Modified=JEUDI))})
    assert projet.donnees().code == 0
    return projet


def test_a_file_lost_comes_again_as_it_was_recorded_the_first_time(recupere, serveur):
    provenance.consigner(recupere.communs / "base.toml", {"enregistre_le": datetime.date(2020, 1, 1)})
    avant = recupere.fiche()
    (recupere.communs / "base.csv").unlink()
    sortie = recupere.donnees()
    assert sortie.code == 0
    assert "comme enregistré" in sortie.lignes
    assert recupere.fiche() == avant


@pytest.fixture
def change(recupere, serveur) -> Projet:
    """The producer has changed the file since, and ours was lost."""
    (recupere.communs / "base.csv").unlink()
    serveur.repond(fichier(AUTRE + b"99998;1\n", Last_Modified=VENDREDI))
    return recupere


NEUVE = AUTRE + b"99998;1\n"


def test_a_file_that_changed_at_its_producer_is_shown_and_not_taken(change):
    avant = change.fiche()
    une_phrase(
        change.donnees(),
        f"sha256 {sha256(NEUVE)} (118\u202f434 octets), publié le 02/01/2026,",
        f"au lieu de sha256 {sha256(TABLE)} (118\u202f426 octets), enregistré le {AUJOURD_HUI:%d/%m/%Y}",
        "ACCEPTER=base.csv",
    )
    assert change.restes() == {"base.toml", "base.csv.nouveau", "base.csv.nouveau.toml"}
    assert change.fiche() == avant


def test_a_file_that_waits_is_said_again_without_being_asked_again(change, serveur):
    premiere = change.donnees()
    demandes = len(serveur.demandes)
    assert change.donnees() == premiere
    assert len(serveur.demandes) == demandes


def test_a_file_that_waits_is_taken_when_it_is_accepted_by_its_name(change, serveur):
    change.donnees()
    sortie = change.donnees("--accepter", "base.csv")
    assert (sortie.code, sortie.erreur) == (0, "")
    assert f"accepté, sha256 {sha256(NEUVE)} enregistré" in sortie.lignes
    assert (change.communs / "base.csv").read_bytes() == NEUVE
    assert change.restes() == {"base.csv", "base.toml"}
    fiche = change.fiche()
    assert (fiche["sha256"], fiche["octets"], fiche["date"]) == (
        sha256(NEUVE),
        len(NEUVE),
        datetime.date(2026, 1, 2),
    )


def test_a_date_that_is_no_longer_known_does_not_stay(change, serveur):
    serveur.repond(fichier(NEUVE))
    change.donnees()
    assert change.donnees("--accepter", "base.csv").code == 0
    assert "date" not in change.fiche()


def test_a_file_that_waits_and_was_replaced_by_hand_has_not_the_date_of_the_other(change):
    change.donnees()
    change.poser(AUTRE, "base.csv.nouveau")
    une_phrase(change.donnees(), f"sha256 {sha256(AUTRE)} (118\u202f426 octets) au lieu de")
    assert change.donnees("--accepter", "base.csv").code == 0
    assert (change.fiche()["sha256"], "date" in change.fiche()) == (sha256(AUTRE), False)


def test_the_old_file_put_back_is_as_recorded(change):
    change.donnees()
    change.poser(TABLE)
    assert change.donnees().code == 0


def test_a_file_changed_on_our_disk_is_shown_and_left_as_it_is(recupere, serveur):
    recupere.poser(AUTRE)
    une_phrase(
        recupere.donnees(),
        "base.csv : a changé",
        f"sha256 {sha256(AUTRE)} (118\u202f426 octets), modifié le {AUJOURD_HUI:%d/%m/%Y}, au lieu de sha256 "
        f"{sha256(TABLE)}",
        "ACCEPTER=base.csv",
    )
    assert (recupere.communs / "base.csv").read_bytes() == AUTRE
    assert recupere.fiche()["sha256"] == sha256(TABLE)
    assert len(serveur.demandes) == 1


def test_a_file_changed_on_our_disk_may_be_accepted(recupere):
    recupere.poser(AUTRE)
    assert recupere.donnees("--accepter", "../../communs/base.csv").code == 0
    assert recupere.fiche()["sha256"] == sha256(AUTRE)


def test_only_a_declared_file_may_be_accepted(recupere):
    une_phrase(recupere.donnees("--accepter", "bas.csv"), "« bas.csv »", "base.csv")


def test_nothing_is_accepted_when_nothing_is_there(projet, serveur):
    projet.declarer({"adresse": serveur.repond(fichier(TABLE))})
    une_phrase(projet.donnees("--accepter", "base.csv"), "rien à accepter")
    assert projet.restes() == set()


def test_a_checksum_that_people_wrote_in_the_edition_is_theirs_to_change(projet, serveur):
    projet.declarer({"adresse": serveur.repond(fichier(AUTRE)), "sha256": sha256(TABLE)})
    une_phrase(projet.donnees(), sha256(AUTRE), f"au lieu de sha256 {sha256(TABLE)}")
    une_phrase(
        projet.donnees("--accepter", "base.csv"), "edition.toml", f'y mettre sha256 = "{sha256(AUTRE)}"'
    )
    assert projet.restes() == {"base.csv.nouveau", "base.csv.nouveau.toml"}
    projet.declarer({"adresse": serveur.adresse, "sha256": sha256(AUTRE)})
    assert projet.donnees("--accepter", "base.csv").code == 0


def test_a_file_that_is_as_the_edition_pins_it_has_its_provenance_too(projet, serveur):
    projet.declarer({"adresse": serveur.repond(fichier(TABLE)), "sha256": sha256(TABLE)})
    sortie = projet.donnees()
    assert sortie.code == 0
    assert "comme enregistré" in sortie.lignes
    assert (projet.fiche()["sha256"], projet.fiche()["adresse"]) == (sha256(TABLE), serveur.adresse)


def test_a_file_put_there_by_hand_is_recorded_as_if_it_had_come(projet, serveur):
    projet.declarer({"adresse": serveur.adresse})
    projet.poser(TABLE)
    sortie = projet.donnees()
    assert (sortie.code, serveur.demandes) == (0, [])
    assert f"présent, sha256 {sha256(TABLE)} enregistré" in sortie.lignes
    assert projet.fiche()["sha256"] == sha256(TABLE)


def test_what_people_wrote_in_the_provenance_is_kept(projet, serveur):
    projet.declarer({"adresse": serveur.repond(fichier(TABLE))})
    projet.poser('# note\ntitre = "Mon titre"\nnotes = """\nà relire\n"""'.encode(), "base.toml")
    assert projet.donnees().code == 0
    texte = (projet.communs / "base.toml").read_text(encoding="utf-8")
    assert texte.startswith('# note\ntitre = "Mon titre"\nnotes = """\nà relire\n"""\nproducteur = ')
    assert projet.fiche()["sha256"] == sha256(TABLE)


def test_a_provenance_that_cannot_be_completed_safely_is_left_alone(projet, serveur):
    projet.declarer({"adresse": serveur.repond(fichier(TABLE))})
    texte = 'notes = """\nsha256 = inconnu\n"""\n'
    projet.poser(texte.encode(), "base.toml")
    une_phrase(projet.donnees(), "base.toml", "y écrire à la main", f'sha256 = "{sha256(TABLE)}"')
    assert (projet.communs / "base.toml").read_text(encoding="utf-8") == texte


def test_the_build_refuses_a_file_that_is_not_the_one_recorded(recupere):
    [fichier_declare] = module_edition.lire_edition("essai/2026").fichiers
    chemin = recupere.communs / "base.csv"
    assert provenance.empreinte_attendue(chemin, fichier_declare) == sha256(TABLE)
    recupere.poser(AUTRE)
    resultat = CliRunner().invoke(app, ["abs", "essai/2026"])
    assert resultat.exit_code == 2
    assert "ACCEPTER=base.csv" in resultat.stderr


HUMEURS = (
    fichier(TABLE),
    fichier(TABLE, coupe=30_000),
    fichier(NEUVE),
    fichier(NEUVE, coupe=60_000),
    brut(200, TABLE[:50_000]),
    brut(200, TABLE, Content_Length=len(TABLE) - 7),
    brut(200, TABLE, Content_Length=len(TABLE) + 7),
    brut(200, PAGE_WEB),
    brut(404),
    brut(503),
    brut(429, Retry_After="600"),
)
GESTES = ("donnees", "accepter", "perdre", "hors ligne")


HISTOIRES = {
    "humeurs": st.lists(st.sampled_from(HUMEURS), min_size=1, max_size=6),
    "gestes": st.lists(st.sampled_from(GESTES), max_size=6),
}
SANS_DELAI = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


@settings(max_examples=8, **SANS_DELAI)
@given(**HISTOIRES)
def test_whatever_happens_the_file_in_place_is_the_one_recorded(projet, serveur, humeurs, gestes):
    vivre(projet, serveur, humeurs, gestes)


@pytest.mark.lent
@settings(max_examples=300, **SANS_DELAI)
@given(**HISTOIRES)
def test_whatever_happens_hundreds_of_times_the_file_in_place_is_the_one_recorded(
    projet, serveur, humeurs, gestes
):
    vivre(projet, serveur, humeurs, gestes)


def vivre(projet, serveur, humeurs, gestes) -> None:
    """A file taken is whole as it was served, and only a person's word replaces what was recorded."""
    shutil.rmtree(projet.communs, ignore_errors=True)
    projet.declarer({"adresse": serveur.repond(*humeurs)})
    chemin, enregistre = projet.communs / "base.csv", None
    for geste in ("donnees", *gestes):
        if geste == "perdre":
            chemin.unlink(missing_ok=True)
            continue
        options = {"accepter": ["--accepter", "base.csv"], "hors ligne": ["--hors-ligne"]}.get(geste, [])
        sortie = projet.donnees(*options)
        fiche = projet.fiche() if (projet.communs / "base.toml").exists() else {}
        assert sortie.code == (0 if chemin.exists() else 2), sortie
        assert not chemin.exists() or sha256(chemin.read_bytes()) == fiche["sha256"]
        assert enregistre in (None, fiche.get("sha256")) or geste == "accepter"
        assert fiche.get("sha256") in (None, sha256(TABLE), sha256(NEUVE), sha256(TABLE[:50_000]))
        enregistre = fiche.get("sha256")


# --- Archives --------------------------------------------------------------------------------------


@pytest.fixture
def archive(projet, serveur):
    """The edition wants one member of an archive; gives what the command answers."""

    def recuperer(contenu: bytes, membre: str = "*_data.csv") -> Sortie:
        projet.declarer({"adresse": serveur.adresse, "membre": membre})
        serveur.repond(fichier(contenu))
        return projet.donnees()

    return recuperer


def test_the_member_is_let_out_and_the_archive_goes(projet, archive):
    contenu = une_archive()
    assert archive(contenu).code == 0
    assert (projet.communs / "base.csv").read_bytes() == TABLE
    assert projet.restes() == {"base.csv", "base.toml"}
    fiche = projet.fiche()
    assert (fiche["membre"], fiche["sha256"]) == ("*_data.csv", sha256(TABLE))
    assert fiche["sha256_origine"] == sha256(contenu)


@pytest.mark.parametrize(
    ("contenu", "mots"),
    [
        (une_archive({"../base_data.csv": b"mal"}), "vise un autre dossier"),
        (une_archive({"/etc/base_data.csv": b"mal"}), "vise un autre dossier"),
        (une_archive({"base_data.csv": b"0" * 3_000_000}), "une fois décompressé"),
        (une_archive({"a_data.csv": b"a", "b_data.csv": b"b"}), "2 fichiers répondent"),
        (une_archive({"lisez-moi.txt": b"a"}), "aucun fichier ne répond"),
    ],
    ids=["outside", "absolute", "bomb", "two", "none"],
)
def test_a_hostile_archive_lets_nothing_out(projet, archive, contenu, mots):
    une_phrase(archive(contenu), mots)
    assert projet.restes() == {"base.csv.archive.zip"}
    assert {chemin.name for chemin in projet.racine.iterdir()} == {"data"}


def test_a_member_misnamed_is_put_right_without_fetching_the_archive_again(projet, archive, serveur):
    une_phrase(archive(une_archive(), "*.parquet"), "« *.parquet »", "DS_RP_2023_data.csv")
    assert archive(une_archive()).code == 0
    assert len(serveur.demandes) == 1


def test_a_changed_member_waits_to_be_accepted(projet, archive):
    archive(une_archive())
    (projet.communs / "base.csv").unlink()
    une_phrase(archive(une_archive({"a_data.csv": AUTRE})), sha256(AUTRE), sha256(TABLE))
    assert projet.restes() == {"base.toml", "base.csv.nouveau", "base.csv.nouveau.toml"}
    assert projet.donnees("--accepter", "base.csv").code == 0
    assert projet.fiche()["sha256"] == sha256(AUTRE)


def test_an_archive_packed_anew_around_the_same_member_is_the_same(projet, archive):
    archive(une_archive())
    (projet.communs / "base.csv").unlink()
    assert archive(une_archive({"autre_data.csv": TABLE, "ajout.txt": b"a"})).code == 0


def test_an_archive_put_there_by_hand_is_opened_off_line(projet, serveur):
    projet.declarer({"adresse": serveur.adresse, "membre": "*_data.csv"})
    projet.poser(une_archive(), "base.csv.archive.zip")
    assert projet.donnees("--hors-ligne").code == 0
    assert (projet.communs / "base.csv").read_bytes() == TABLE
    assert serveur.demandes == []


# --- A small request to an API ---------------------------------------------------------------------


@pytest.fixture
def api(projet, serveur):
    """The edition wants the answer of an API in `reponse.json`; gives what the command answers."""

    def demander(*reponses) -> Sortie:
        projet.declarer({"adresse": serveur.repond(*reponses), "chemin": "../../communs/reponse.json"})
        return projet.donnees()

    return demander


UNE, DEUX = {"TIME_PERIOD": "2023", "value": 1}, {"TIME_PERIOD": "2017", "value": 2}


def test_the_pages_of_an_answer_make_one_file(projet, api):
    assert api(page(UNE, next="?page=2"), page(DEUX, isLast=True)).code == 0
    lue = json.loads((projet.communs / "reponse.json").read_text(encoding="utf-8"))
    assert lue == {"observations": [DEUX, UNE]}
    assert projet.restes() == {"reponse.json", "reponse.toml"}


def test_the_same_figures_in_another_order_are_the_same_answer(projet, api):
    api(page(UNE, DEUX))
    (projet.communs / "reponse.json").unlink()
    assert api(page(DEUX, next="?page=2"), page(UNE)).code == 0
    (projet.communs / "reponse.json").unlink()
    une_phrase(api(page(DEUX)), "a changé chez son producteur")


@pytest.mark.parametrize(
    ("reponses", "mots"),
    [
        ([page(UNE, next="?page=2"), brut(404)], "404"),
        ([page(UNE, next="?page=2"), brut(200, b'{"erreur": "trop"}')], "« observations »"),
        ([brut(200, b'{"observations": {}}')], "« observations »"),
        ([page(UNE, isLast=False)], "page suivante"),
        ([page(*[UNE] * 4)], "dépasse 3 observations"),
        ([brut(200, PAGE_WEB)], "une page web"),
    ],
    ids=["404", "no list", "no list either", "no next", "too many", "page"],
)
def test_a_part_of_an_answer_is_never_kept(projet, api, monkeypatch, reponses, mots):
    monkeypatch.setattr(telechargement, "OBSERVATIONS_MAXIMALES", 3)
    une_phrase(api(*reponses), mots)
    assert projet.restes() == set()


# --- Off line --------------------------------------------------------------------------------------


def test_off_line_what_to_fetch_by_hand_is_listed(projet, serveur):
    adresse = serveur.repond(fichier(TABLE))
    projet.declarer(
        {"adresse": adresse, "membre": "*_data.csv"}, {"source": "isee_majeurs", "chemin": "export.csv"}
    )
    sortie = projet.donnees("--hors-ligne")
    une_phrase(sortie, "2 fichiers manquent")
    assert serveur.demandes == []
    for source in ISEE:
        if source.id in ("isee_superficie", "isee_majeurs"):
            assert f"{source.title} ({source.producer})" in sortie.lignes
            assert f"page : {source.page}" in sortie.lignes
    for dit in (
        f"adresse exacte : {adresse}",
        "nom du fichier : base.csv",
        f"dossier : {projet.communs}",
        "en extraire « *_data.csv »",
        "sous le nom base.csv.archive.zip",
        f"dossier : {projet.dossier}",
    ):
        assert dit in sortie.lignes


def test_off_line_the_checksum_expected_is_said(recupere):
    (recupere.communs / "base.csv").unlink()
    assert f"sha256 attendu : {sha256(TABLE)}" in recupere.donnees("--hors-ligne").lignes


def test_off_line_nothing_is_missing_when_all_is_there(recupere):
    sortie = recupere.donnees("--hors-ligne")
    assert sortie.code == 0
    assert "À récupérer" not in sortie.lignes


# --- Declarations that contradict themselves -------------------------------------------------------


@pytest.mark.parametrize(
    ("fichiers", "mots"),
    [
        (
            [{"adresse": "http://127.0.0.1/a"}, {"source": "isee_majeurs", "adresse": "http://127.0.0.1/b"}],
            "déclaré plusieurs fois",
        ),
        ([{"chemin": "../../../../dehors.csv", "adresse": "http://127.0.0.1/a"}], "hors de data/raw"),
        (
            [{"chemin": "base.zip", "membre": "a.csv", "adresse": "http://127.0.0.1/a"}],
            "est une archive et déclare un « membre »",
        ),
        (
            [{"adresse": "http://127.0.0.1/a"}, {"chemin": "../../communs/base.xlsx"}],
            "la provenance de « ../../communs/base.csv » s'écrirait dans base.toml",
        ),
        ([{"chemin": "edition.csv", "adresse": "http://127.0.0.1/a"}], "s'écrirait dans edition.toml"),
        ([{"source": "inconnue"}], "la source « inconnue » n'existe pas"),
    ],
    ids=["addresses", "outside", "archive", "provenance", "edition", "source"],
)
def test_a_contradiction_is_one_sentence(projet, fichiers, mots):
    projet.declarer(*fichiers)
    une_phrase(projet.donnees(), "edition.toml", mots)


@pytest.mark.parametrize("adresse", ["ftp://127.0.0.1/base.csv", "file:///etc/hostname", "base.csv"])
def test_only_web_addresses_are_fetched(projet, adresse):
    projet.declarer({"adresse": adresse})
    une_phrase(projet.donnees(), f"« {adresse} » n'est pas une adresse http ou https")


def test_two_runs_do_not_fetch_at_the_same_time(projet, serveur):
    from filelock import FileLock

    projet.declarer({"adresse": serveur.repond(fichier(TABLE))})
    (projet.racine / "data" / "processed").mkdir()
    with FileLock(projet.racine / "data" / "processed" / ".donnees.verrou"):
        une_phrase(projet.donnees(), "dans une autre fenêtre")
    assert serveur.demandes == []


# --- The real command ------------------------------------------------------------------------------


def test_the_command_itself_fetches_and_answers(tmp_path, serveur):
    projet = Projet(tmp_path)
    projet.declarer({"adresse": serveur.repond(fichier(TABLE, coupe=len(TABLE)))})
    commande = [sys.executable, "-m", "pipeline", "donnees", "essai/2026"]
    environnement = os.environ | {"ABS_RACINE": str(tmp_path)}
    passe = subprocess.run(
        commande, cwd=RACINE, env=environnement, capture_output=True, text=True, check=False
    )
    assert (passe.returncode, passe.stderr) == (0, "")
    assert "Données : 1 fichier, 1 téléchargé" in passe.stdout
    assert (projet.communs / "base.csv").read_bytes() == TABLE


def test_the_edition_that_is_shipped_lacks_nothing():
    resultat = CliRunner().invoke(app, ["donnees", "mont-dore/2026"])
    assert (resultat.exit_code, resultat.stderr) == (0, "")
    assert re.search(r"Données : (\d+) fichiers, \1 présents\.", resultat.stdout)


@pytest.mark.reel
def test_a_melodi_archive_goes_from_its_producer_to_its_rows(tmp_path, projet, serveur, partage):
    """The zip stays whole: its reader opens it; the year of its address is the edition's to give."""
    contenu = (partage / "data/insee/melodi/insee_population_comp_sample.zip").read_bytes()
    serveur.repond(fichier(contenu))
    declaration = {
        "source": "insee_rp_population_comp",
        "chemin": "../../communs/insee/population_comp_2023.zip",
    }
    projet.declarer(declaration)
    une_phrase(projet.donnees(), "modèle : https://", "DS_RP_POPULATION_COMP_{millesime}_CSV_FR")
    projet.declarer(declaration | {"adresse": serveur.adresse})
    assert projet.donnees().code == 0
    lue = module_edition.lire_edition("essai/2026")
    source = next(source for source in registre.SOURCES if source.id == "insee_rp_population_comp")
    lot = ingest.charger_fichier(source, lue.fichiers[0], lue.chemin(lue.fichiers[0]), None)
    assert lot.qualite["lignes_chargees"] == lot.qualite["lignes_lues"] > 0
    assert lot.qualite["sha256"] == sha256(contenu)
    assert lot.qualite["adresse"] == serveur.adresse


@pytest.mark.reel
def test_a_small_request_to_the_api_goes_from_its_pages_to_its_row(projet, serveur, partage):
    """The sample has two observations of one commune, both without a value: a page for each here."""
    reponse = json.loads((partage / "data/insee/melodi/api_filosofi.json").read_text(encoding="utf-8"))
    premiere, seconde = reponse["observations"]
    serveur.repond(page(premiere, next="?page=2"), page(seconde, isLast=True))
    declaration = {"source": "insee_filosofi_2", "chemin": "../../communs/insee/filosofi_33318.json"}
    projet.declarer(declaration | {"adresse": serveur.adresse})
    assert projet.donnees().code == 0
    lue = module_edition.lire_edition("essai/2026")
    source = next(source for source in registre.SOURCES if source.id == "insee_filosofi_2")
    lot = ingest.examiner(source, lue.fichiers[0], lue.chemin(lue.fichiers[0]), None)
    assert lot.table[["territoire", "millesime"]].to_numpy().tolist() == [["33318", 2023]]


def test_one_page_of_several_saved_by_hand_is_refused(tmp_path):
    source = next(source for source in registre.SOURCES if source.id == "insee_filosofi_2")
    chemin = tmp_path / "filosofi.json"
    chemin.write_text('{"observations": [], "paging": {"next": "?page=2"}}', encoding="utf-8")
    with pytest.raises(ErreurUtilisateur, match="n'est qu'une page"):
        source.readers[".json"](chemin, ("CODGEO", "TIME_PERIOD"))


# --- The addresses of the sources ------------------------------------------------------------------


@pytest.mark.parametrize("source", [s for s in registre.SOURCES if s.address], ids=lambda source: source.id)
def test_an_address_says_what_it_serves_and_asks_for_nothing_but_a_vintage(source):
    assert set(re.findall(r"\{(\w*)\}", source.address)) <= {"millesime", "yy"}
    assert source.address.startswith("https://")
    assert source.address_suffix in source.readers or len(source.readers) == 1


@pytest.mark.reel
def test_the_addresses_of_melodi_are_those_of_its_catalogue(partage):
    """INSEE's own catalogue, with the last year of each data set."""
    with (partage / "reference/melodi-catalogue.csv").open(encoding="utf-8", newline="") as flux:
        catalogue = {ligne["jeu"]: ligne for ligne in csv.DictReader(flux, delimiter=";")}
    declarees = [source.address for source in registre.SOURCES if "/melodi/" in source.address]
    lignes = [catalogue[re.search(r"/file/(\w+)/", adresse)[1]] for adresse in declarees]
    assert len(lignes) >= 20
    assert [
        adresse.replace("{millesime}", ligne["derniere_annee"])
        for adresse, ligne in zip(declarees, lignes, strict=True)
    ] == [ligne["adresse"] for ligne in lignes]
