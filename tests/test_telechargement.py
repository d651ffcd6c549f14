"""Downloads against a local server that cuts, lies and changes its mind; archives that mean harm."""

from __future__ import annotations

import datetime
import socket
import ssl
import stat
import struct
import threading
import urllib.error
import urllib.request
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from serveur import (
    AUTRE,
    JEUDI,
    PAGE_WEB,
    TABLE,
    VENDREDI,
    Attentes,
    brut,
    envoyer,
    fichier,
    page,
    sha256,
    une_archive,
)

from pipeline import telechargement
from pipeline.model import ErreurUtilisateur
from pipeline.telechargement import RESERVE, Enregistrement, cadence, extraire, pages, telecharger


@pytest.fixture
def prendre(serveur, acces, tmp_path):
    """Fetch into `base.csv`, with nothing real but the local socket."""

    def prendre(nom: str = "base.csv", **options):
        adresse = options.pop("adresse", serveur.adresse)
        return telecharger(adresse, tmp_path / nom, **{"acces": acces} | options)

    return prendre


def restes(dossier: Path) -> set[str]:
    return {chemin.name for chemin in dossier.iterdir()}


@contextmanager
def refus(*mots: str):
    """One French sentence that says each of these words."""
    with pytest.raises(ErreurUtilisateur) as erreur:
        yield
    phrase = str(erreur.value).replace("\u00a0", " ")
    assert phrase.endswith(".") and "\n" not in phrase, phrase
    for mot in mots:
        assert mot in phrase


# --- What comes whole ------------------------------------------------------------------------------


def test_a_file_that_comes_whole_is_in_its_place_alone_with_its_checksum(serveur, prendre, tmp_path):
    serveur.repond(fichier(TABLE))
    recu = prendre("neuf/base.csv")
    assert recu.chemin.read_bytes() == TABLE
    assert (recu.sha256, recu.octets, recu.repris) == (sha256(TABLE), len(TABLE), False)
    assert restes(tmp_path / "neuf") == {"base.csv"}


def test_progress_is_told_up_to_the_last_byte(serveur, prendre):
    serveur.repond(fichier(TABLE))
    suivis = []
    prendre(suivi=lambda recus, total: suivis.append((recus, total)))
    assert suivis[-1] == (len(TABLE), len(TABLE))
    assert [recus for recus, _ in suivis] == sorted({recus for recus, _ in suivis})


def test_a_chunked_answer_has_no_total_and_comes_whole(serveur, prendre):
    morceaux = b"%x\r\n%s\r\n0\r\n\r\n" % (len(TABLE), TABLE)
    serveur.repond(brut(200, morceaux, Content_Length=None, Transfer_Encoding="chunked"))
    suivis = []
    assert prendre(suivi=lambda *suivi: suivis.append(suivi)).sha256 == sha256(TABLE)
    assert suivis[-1] == (len(TABLE), None)


def test_a_chunked_answer_cut_in_the_middle_is_not_taken_for_whole(serveur, prendre):
    coupee = b"%x\r\n%s" % (len(TABLE), TABLE[:50_000])
    serveur.repond(brut(200, coupee, Content_Length=None, Transfer_Encoding="chunked"), fichier(TABLE))
    assert prendre().sha256 == sha256(TABLE)


def test_a_server_that_does_not_hang_up_is_not_waited_for(serveur, prendre, acces, monkeypatch):
    monkeypatch.setattr(telechargement, "_SILENCE", 0.05)
    relache, patiente = threading.Event(), []

    def sans_raccrocher(guichet):
        fichier(TABLE)(guichet)
        guichet.wfile.flush()
        patiente.append(relache.wait(5))

    serveur.repond(sans_raccrocher)
    recu = prendre(acces=replace(acces, delai=30.0))
    assert patiente == []
    relache.set()
    assert recu.sha256 == sha256(TABLE)
    assert len(serveur.demandes) == 1


def test_a_connection_broken_after_the_last_byte_is_no_cut(serveur, prendre, attentes):
    recu_en_entier = threading.Event()

    def casser(guichet):
        fichier(TABLE)(guichet)
        recu_en_entier.wait(5)
        prise = socket.socket(fileno=guichet.connection.detach())
        prise.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        prise.close()

    serveur.repond(casser)
    prendre(suivi=lambda recus, total: recus == total and recu_en_entier.set())
    assert (len(serveur.demandes), attentes.durees) == (1, [])


def test_accents_and_spaces_in_an_address_are_encoded(serveur, prendre):
    serveur.repond(fichier(TABLE))
    prendre(adresse=f"http://127.0.0.1:{serveur.port}/données 2022/base%20a.csv?année=2022#ici")
    assert serveur.demandes[0][0] == "/donn%C3%A9es%202022/base%20a.csv?ann%C3%A9e=2022"


# --- Cuts ------------------------------------------------------------------------------------------


def test_after_a_cut_only_the_end_is_asked_again(serveur, prendre, attentes, tmp_path):
    serveur.repond(fichier(TABLE, coupe=30_000), fichier(TABLE))
    recu = prendre()
    assert recu.chemin.read_bytes() == TABLE
    assert (recu.sha256, recu.repris) == (sha256(TABLE), True)
    assert serveur.plages() == ["", "bytes=30000-"]
    assert serveur.demandes[1][1]["if-range"] == f'"{sha256(TABLE)}"'
    assert attentes.durees == [1.0]
    assert restes(tmp_path) == {"base.csv"}


def test_a_second_run_goes_on_where_the_first_one_gave_up(serveur, prendre, attentes, tmp_path):
    serveur.repond(fichier(TABLE, coupe=10_000), brut(503))
    with refus(
        serveur.adresse,
        "503",
        "au bout de 7 essais",
        "relancer « make donnees » : le téléchargement reprendra",
    ):
        prendre()
    assert attentes.durees == [1, 2, 4, 8, 16, 32]
    assert restes(tmp_path) == {"base.csv.partiel", "base.csv.partiel.json"}
    serveur.repond(fichier(TABLE))
    recu = prendre()
    assert (recu.sha256, recu.repris) == (sha256(TABLE), True)
    assert serveur.plages()[-1] == "bytes=10000-"


def test_the_date_of_the_last_change_proves_the_part_when_there_is_no_strong_etag(serveur, prendre):
    datee = {"ETag": 'W/"faible"', "Last_Modified": JEUDI}
    serveur.repond(fichier(TABLE, coupe=30_000, **datee), fichier(TABLE, **datee))
    assert prendre().repris
    assert serveur.demandes[1][1]["if-range"] == JEUDI


def test_without_anything_that_proves_the_part_the_file_is_asked_from_its_start(serveur, prendre):
    serveur.repond(fichier(TABLE, coupe=30_000, X_Sans="preuve"), fichier(TABLE, X_Sans="preuve"))
    recu = prendre()
    assert (recu.sha256, recu.repris) == (sha256(TABLE), False)
    assert serveur.plages() == ["", ""]


def test_a_server_that_ignores_range_sends_the_whole_file_which_replaces_the_part(serveur, prendre):
    serveur.repond(fichier(TABLE, coupe=30_000), brut(200, TABLE))
    recu = prendre()
    assert recu.chemin.read_bytes() == TABLE
    assert (recu.octets, recu.repris) == (len(TABLE), False)


def test_a_file_changed_between_two_requests_is_never_half_of_each(serveur, prendre):
    serveur.repond(fichier(TABLE, coupe=30_000), fichier(AUTRE))
    assert prendre().chemin.read_bytes() == AUTRE


@pytest.mark.parametrize(
    "tromperie",
    [
        {"ETag": '"autre"', "Content_Range": f"bytes 30000-{len(AUTRE) - 1}/{len(AUTRE)}"},
        {"Content_Range": f"bytes 30000-{len(AUTRE) - 1}/{len(AUTRE) + 5}"},
        {"Content_Range": f"bytes 29000-{len(AUTRE) - 1}/{len(AUTRE)}"},
        {"Content_Range": "octets 30000 et suivants"},
        {},
    ],
    ids=["other etag", "other size", "other start", "unreadable range", "no range"],
)
def test_a_range_that_does_not_continue_the_part_starts_it_over(serveur, prendre, tromperie):
    serveur.repond(fichier(TABLE, coupe=30_000), brut(206, AUTRE[30_000:], **tromperie), fichier(AUTRE))
    recu = prendre()
    assert recu.chemin.read_bytes() == AUTRE
    assert serveur.plages() == ["", "bytes=30000-", ""]


def test_a_range_shorter_than_asked_is_continued_not_taken_for_the_end(serveur, prendre):
    etag = f'"{sha256(TABLE)}"'
    milieu = brut(206, TABLE[30_000:40_000], ETag=etag, Content_Range=f"bytes 30000-39999/{len(TABLE)}")
    serveur.repond(fichier(TABLE, coupe=30_000), milieu, fichier(TABLE))
    assert prendre().sha256 == sha256(TABLE)
    assert serveur.plages() == ["", "bytes=30000-", "bytes=40000-"]


def test_a_part_as_long_as_the_file_or_longer_is_fetched_again(serveur, prendre, tmp_path):
    serveur.repond(fichier(TABLE, coupe=10_000), brut(503))
    with refus("503"):
        prendre()
    (tmp_path / "base.csv.partiel").write_bytes(TABLE + b"x")
    serveur.repond(fichier(TABLE))
    assert prendre().sha256 == sha256(TABLE)


def test_a_part_of_another_address_or_with_an_unreadable_proof_is_not_continued(serveur, prendre, tmp_path):
    for fiche in ('{"adresse": "http://127.0.0.1/x", "validateur": "\\"e\\"", "total": 9}', "{", "[]", "{}"):
        (tmp_path / "base.csv.partiel").write_bytes(b"autre chose")
        (tmp_path / "base.csv.partiel.json").write_text(fiche, encoding="utf-8")
        serveur.repond(fichier(TABLE))
        assert prendre().sha256 == sha256(TABLE)
        (tmp_path / "base.csv").unlink()
    assert serveur.plages() == [""] * 4


def test_a_captive_portal_on_the_second_run_does_not_cost_the_part(serveur, prendre, tmp_path):
    serveur.repond(fichier(TABLE, coupe=10_000), brut(200, PAGE_WEB))
    with refus("une page web"):
        prendre()
    assert (tmp_path / "base.csv.partiel").read_bytes() == TABLE[:10_000]
    serveur.repond(fichier(TABLE))
    assert prendre().repris


# --- Lengths that lie ------------------------------------------------------------------------------


def test_a_length_announced_too_long_is_a_cut_and_is_refused_in_the_end(serveur, prendre, tmp_path):
    serveur.repond(brut(200, TABLE, Content_Length=len(TABLE) + 100, ETag='"e"'))
    with refus(serveur.adresse, "connexion coupée", "au bout de 7 essais"):
        prendre()
    assert "base.csv" not in restes(tmp_path)


@pytest.mark.parametrize("surplus", [1, 50_000])
def test_a_length_announced_too_short_is_refused_the_file_would_be_cut(serveur, prendre, tmp_path, surplus):
    serveur.repond(brut(200, TABLE, Content_Length=len(TABLE) - surplus))
    with refus(serveur.adresse, "plus que les"):
        prendre()
    assert "base.csv" not in restes(tmp_path)


def test_a_surplus_that_comes_after_the_length_was_reached_is_seen_too(serveur, prendre):
    longueur_atteinte = threading.Event()

    def en_deux_fois(guichet):
        envoyer(guichet, 200, {"Content-Length": len(TABLE)}, TABLE)
        longueur_atteinte.wait(5)
        guichet.wfile.write(b"suite")

    serveur.repond(en_deux_fois)
    with refus("plus que les"):
        prendre(suivi=lambda recus, total: recus == total and longueur_atteinte.set())


def test_an_answer_without_any_length_whose_zip_has_lost_its_end_is_refused(serveur, prendre, tmp_path):
    serveur.repond(brut(200, une_archive()[:-30], Content_Length=None))
    with refus("tronqué ou abîmé"):
        prendre("base.zip")
    assert restes(tmp_path) == set()


# --- What is not the file --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nom", "corps", "nature"),
    [
        ("base.csv", PAGE_WEB, "une page web"),
        ("base.zip", b"\xef\xbb\xbf\r\n <HTML lang=fr>", "une page web"),
        ("contours.gpkg", PAGE_WEB, "une page web"),
        ("base.csv", b"<?xml version='1.0'?><Error/>", "un fichier XML"),
        ("base.csv", b'{"error": "not found"}', "du JSON"),
        ("base.csv", b"PK\x03\x04" + b"\0" * 50, "une archive zip ou un classeur"),
        ("base.csv", b"\x1f\x8b\x08\x00" + b"\0" * 50, "un fichier binaire"),
        ("base.zip", TABLE, "du texte (CSV)"),
        ("base.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 50, "un fichier binaire"),
        ("base.parquet", b"%PDF-1.7", "un document PDF"),
        ("base.json", TABLE, "du texte (CSV)"),
        ("base.csv", b"", "un fichier vide"),
    ],
)
def test_what_the_suffix_does_not_announce_is_refused_though_the_code_is_200(
    serveur, prendre, tmp_path, nom, corps, nature
):
    serveur.repond(brut(200, corps))
    with refus(serveur.adresse, nature, f"sous le nom {nom}", str(tmp_path)):
        prendre(nom)
    assert len(serveur.demandes) == 1
    assert restes(tmp_path) == set()


@pytest.mark.parametrize(
    ("nom", "corps"),
    [
        ("base.csv", b"\xef\xbb\xbfdtreffre;numcomdo\r\n"),
        ("base.json", b'\n {"observations": []}\n'),
        ("base.json", b"[]"),
        ("base.parquet", b"PAR1" + b"\0" * 20 + b"PAR1"),
        ("contours.gpkg", b"SQLite format 3\0"),
    ],
)
def test_what_the_suffix_announces_is_taken(serveur, prendre, nom, corps):
    serveur.repond(brut(200, corps))
    assert prendre(nom).chemin.read_bytes() == corps


def test_a_whole_archive_is_taken(serveur, prendre):
    serveur.repond(brut(200, une_archive()))
    assert zipfile.is_zipfile(prendre("base.zip").chemin)


@pytest.mark.parametrize(
    ("nom", "corps"), [("base.json", b'{"observations": [1, 2'), ("base.parquet", b"PAR1" + b"\0" * 20)]
)
def test_a_file_that_has_lost_its_end_is_refused_though_its_length_is_as_announced(
    serveur, prendre, nom, corps
):
    serveur.repond(brut(200, corps))
    with refus("tronqué ou abîmé"):
        prendre(nom)


def test_a_compressed_answer_that_was_not_asked_for_is_refused(serveur, prendre):
    serveur.repond(brut(200, TABLE, Content_Encoding="gzip"))
    with refus("compressé (gzip)"):
        prendre()


# --- Codes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 204, 206, 304, 416])
def test_a_final_answer_is_not_asked_twice_and_says_where_to_put_the_file(
    serveur, prendre, attentes, tmp_path, code
):
    serveur.repond(brut(code))
    with refus(
        serveur.adresse, str(code), f"déposer le fichier à la main dans {tmp_path} sous le nom base.csv"
    ):
        prendre()
    assert (len(serveur.demandes), attentes.durees) == (1, [])


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
def test_a_passing_trouble_is_tried_again_a_little_later(serveur, prendre, attentes, code):
    serveur.repond(brut(code), brut(code), fichier(TABLE))
    assert prendre().sha256 == sha256(TABLE)
    assert attentes.durees == [1.0, 2.0]


@pytest.mark.parametrize(
    ("entetes", "attente"),
    [
        ({"Retry_After": "7"}, 7.0),
        ({"Retry_After": "0"}, 1.0),
        ({"Retry_After": "Thu, 01 Jan 2026 10:00:30 GMT", "Date": JEUDI}, 30.0),
        ({"Retry_After": JEUDI, "Date": VENDREDI}, 1.0),
        ({"Retry_After": VENDREDI}, 1.0),
        ({"Retry_After": "bientôt".encode().decode("latin-1")}, 1.0),
        ({"Retry_After": "-5"}, 1.0),
        ({"Retry_After": "120"}, 120.0),
    ],
)
def test_the_server_is_given_the_time_it_asks_for(serveur, prendre, attentes, entetes, attente):
    serveur.repond(brut(429, **entetes), fichier(TABLE))
    prendre()
    assert attentes.durees == [attente]


def test_a_server_that_asks_for_an_hour_is_left_in_peace(serveur, prendre, attentes):
    serveur.repond(brut(429, Retry_After="3600"))
    with refus("429 (trop de demandes)", "patienter 60 minutes"):
        prendre()
    assert (len(serveur.demandes), attentes.durees) == (1, [])


def test_all_waits_of_a_file_add_up_to_a_bounded_time(serveur, prendre, attentes):
    serveur.repond(brut(503, Retry_After="120"))
    with refus("503"):
        prendre()
    assert attentes.durees == [120.0] * 6


# --- The network itself ----------------------------------------------------------------------------


def test_a_server_that_refuses_the_connection_is_tried_again_then_said(prendre, attentes, serveur):
    with socket.socket() as libre:
        libre.bind(("127.0.0.1", 0))
        port = libre.getsockname()[1]
    with refus("connexion est refusée", "relancer « make donnees »"):
        prendre(adresse=f"http://127.0.0.1:{port}/x.csv")
    assert attentes.durees == [1, 2, 4, 8, 16, 32]


@pytest.mark.parametrize("avant", [0, 20_000], ids=["before the answer", "in the middle"])
def test_a_server_that_falls_silent_is_not_waited_for_longer_than_the_delay(serveur, prendre, acces, avant):
    relache = threading.Event()

    def muet(guichet):
        if avant:
            envoyer(guichet, 200, {"Content-Length": len(TABLE), "ETag": f'"{sha256(TABLE)}"'}, TABLE[:avant])
            guichet.wfile.flush()
        relache.wait(5)

    serveur.repond(muet, fichier(TABLE))
    recu = prendre(acces=replace(acces, delai=0.2))
    relache.set()
    assert (recu.sha256, recu.repris) == (sha256(TABLE), avant > 0)


def test_a_server_that_never_answers_is_said(serveur, prendre, acces, monkeypatch):
    monkeypatch.setattr(telechargement, "PAUSES", ())
    relache = threading.Event()
    serveur.repond(lambda _: relache.wait(5))
    with refus("le serveur ne répond pas, au bout de 1 essai ;"):
        prendre(acces=replace(acces, delai=0.1))
    relache.set()


def test_a_trickle_stops_at_the_time_limit_and_what_came_is_kept(serveur, prendre, acces, tmp_path):
    heures = iter([0.0, 10.0, telechargement.DUREE_MAXIMALE + 1])
    serveur.repond(fichier(TABLE))
    with refus("pas fini après 2 heures", "reprendra"):
        prendre(acces=replace(acces, horloge=lambda: next(heures)))
    partiel = tmp_path / "base.csv.partiel"
    assert TABLE.startswith(partiel.read_bytes()) and partiel.stat().st_size > 0


def test_an_answer_that_is_not_http_is_a_cut(serveur, prendre, attentes):
    serveur.repond(lambda guichet: guichet.wfile.write(b"bonjour\r\n\r\n"), fichier(TABLE))
    assert prendre().sha256 == sha256(TABLE)
    assert attentes.durees == [1.0]


@pytest.mark.parametrize(
    ("panne", "mots"),
    [
        (socket.gaierror(-2, "Name or service not known"), "serveur introuvable"),
        (ssl.SSLCertVerificationError(1, "self-signed certificate"), "SSL_CERT_FILE"),
    ],
)
def test_a_name_or_a_certificate_that_is_unknown_is_said_at_once(prendre, monkeypatch, attentes, panne, mots):
    def tombe(*_):
        raise urllib.error.URLError(panne)

    monkeypatch.setattr(urllib.request.HTTPSHandler, "https_open", tombe)
    with refus(mots, "sous le nom base.csv"):
        prendre(adresse="https://127.0.0.1/base.csv")
    assert attentes.durees == []


@pytest.mark.parametrize(
    "adresse",
    [
        "file:///etc/hostname",
        "ftp://127.0.0.1/base.csv",
        "data:text/csv,a;b",
        "/base.csv",
        "",
        "http:///base.csv",
        "http://127.0.0.1:port/base.csv",
        "http://[127.0.0.1/base.csv",
    ],
)
def test_only_web_addresses_are_fetched(prendre, serveur, adresse):
    with refus(f"« {adresse} » n'est pas une adresse http ou https"):
        prendre(adresse=adresse)
    assert serveur.demandes == []


def test_the_proxy_of_the_environment_is_used(serveur, prendre, monkeypatch):
    monkeypatch.delenv("no_proxy")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{serveur.port}")
    serveur.repond(fichier(TABLE))
    assert prendre(adresse="http://127.0.0.1:9/base.csv").sha256 == sha256(TABLE)
    assert serveur.demandes[0][0] == "http://127.0.0.1:9/base.csv"


def test_a_proxy_that_wants_a_password_or_is_misspelt_is_said(serveur, prendre, monkeypatch):
    monkeypatch.delenv("no_proxy")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{serveur.port}")
    serveur.repond(brut(407))
    with refus("le proxy demande un identifiant", "HTTPS_PROXY"):
        prendre()
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:port")
    with refus("mal écrite", "HTTPS_PROXY"):
        prendre()


def test_an_https_proxy_that_wants_a_password_is_said_at_once(serveur, prendre, monkeypatch, attentes):
    monkeypatch.delenv("no_proxy")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{serveur.port}")
    with refus("le proxy demande un identifiant", "HTTPS_PROXY"):
        prendre(adresse="https://127.0.0.1:9/base.csv")
    assert attentes.durees == []


# --- Redirections ----------------------------------------------------------------------------------


def test_a_redirection_is_followed_relative_or_not(serveur, prendre):
    ailleurs = f"http://127.0.0.1:{serveur.port}/b"
    serveur.repond(brut(302, Location="../a"), brut(308, Location=ailleurs), fichier(TABLE))
    assert prendre().sha256 == sha256(TABLE)
    assert [chemin for chemin, _ in serveur.demandes] == ["/fichier", "/a", "/b"]


def test_a_loop_of_redirections_ends(serveur, prendre, attentes):
    serveur.repond(brut(301, Location="/fichier"))
    with refus("8 redirections"):
        prendre()
    assert (len(serveur.demandes), attentes.durees) == (9, [])


def test_a_redirection_to_an_address_with_raw_accents_arrives(serveur, prendre):
    serveur.repond(brut(302, Location="/données".encode().decode("latin-1")), fichier(TABLE))
    prendre()
    assert serveur.demandes[1][0] == "/donn%C3%A9es"


@pytest.mark.parametrize("cible", ["file:///etc/hostname", "ftp://127.0.0.1/x", "data:,x", "http://["])
def test_a_redirection_out_of_the_web_is_refused(serveur, prendre, cible):
    serveur.repond(brut(302, Location=cible))
    with refus(f"« {cible} »"):
        prendre()
    assert len(serveur.demandes) == 1


def test_a_redirection_to_nowhere_is_a_final_answer(serveur, prendre):
    serveur.repond(brut(302))
    with refus("302"):
        prendre()


def test_a_redirection_from_https_down_to_http_is_refused(prendre, serveur, monkeypatch):
    vers_http = brut_sans_reseau(302, {"Location": f"{serveur.adresse}"})
    monkeypatch.setattr(urllib.request.HTTPSHandler, "https_open", lambda *_: vers_http)
    with refus("non protégée", serveur.adresse):
        prendre(adresse="https://127.0.0.1/base.csv")
    assert serveur.demandes == []


def brut_sans_reseau(statut: int, entetes: dict[str, str]):
    """An answer as `http.client` gives it, without a TLS server behind."""

    @dataclass
    class Reponse:
        status: int
        headers: dict[str, str]

        def close(self):
            pass

    return Reponse(statut, entetes)


# --- A file that is there, or has changed ----------------------------------------------------------


def test_a_file_with_its_recorded_checksum_is_kept_without_a_call(serveur, prendre, tmp_path):
    (tmp_path / "base.csv").write_bytes(TABLE)
    recu = prendre(attendu=Enregistrement(sha256(TABLE)))
    assert (recu.sha256, recu.octets) == (sha256(TABLE), len(TABLE))
    assert serveur.demandes == []


def test_a_file_as_recorded_takes_its_place(serveur, prendre):
    serveur.repond(fichier(TABLE))
    assert prendre(attendu=Enregistrement(sha256(TABLE))).chemin.read_bytes() == TABLE


def test_a_changed_file_is_kept_beside_with_both_checksums_and_dates(serveur, prendre, tmp_path):
    serveur.repond(fichier(AUTRE, Last_Modified=VENDREDI))
    with refus(
        f"sha256 {sha256(AUTRE)} (118\u202f426 octets), publié le 02/01/2026,",
        f"au lieu de sha256 {sha256(TABLE)} (158\u202f000 octets), enregistré le 15/11/2025 ;",
        f"{tmp_path / 'base.csv.nouveau'}",
        "« make donnees » avec ACCEPTER=base.csv",
    ):
        prendre(attendu=Enregistrement(sha256(TABLE), 158_000, datetime.date(2025, 11, 15)))
    assert restes(tmp_path) == {"base.csv.nouveau"}
    assert (tmp_path / "base.csv.nouveau").read_bytes() == AUTRE


def test_a_file_in_place_without_a_recorded_checksum_is_not_replaced_by_another(serveur, prendre, tmp_path):
    (tmp_path / "base.csv").write_bytes(TABLE)
    serveur.repond(fichier(AUTRE))
    with refus(sha256(AUTRE), sha256(TABLE), "enregistré le"):
        prendre()
    assert (tmp_path / "base.csv").read_bytes() == TABLE
    assert (tmp_path / "base.csv.nouveau").read_bytes() == AUTRE


def test_a_file_in_place_without_a_recorded_checksum_may_come_again_unchanged(serveur, prendre, tmp_path):
    (tmp_path / "base.csv").write_bytes(TABLE)
    serveur.repond(fichier(TABLE))
    assert prendre().sha256 == sha256(TABLE)
    assert restes(tmp_path) == {"base.csv"}


def test_a_file_in_place_that_is_not_the_recorded_one_is_left_alone(serveur, prendre, tmp_path):
    (tmp_path / "base.csv").write_bytes(AUTRE)
    with refus(sha256(AUTRE), sha256(TABLE), "le déplacer"):
        prendre(attendu=Enregistrement(sha256(TABLE)))
    assert (tmp_path / "base.csv").read_bytes() == AUTRE
    assert serveur.demandes == []


# --- Size and space --------------------------------------------------------------------------------


def test_a_file_announced_over_the_limit_is_refused_before_it_comes(serveur, prendre, tmp_path):
    serveur.repond(fichier(TABLE))
    suivis = []
    with refus("dépasse la taille prévue"):
        prendre(taille_maximale=len(TABLE) - 1, suivi=lambda *suivi: suivis.append(suivi))
    assert (restes(tmp_path), suivis) == (set(), [])


def test_a_file_exactly_at_the_limit_is_taken(serveur, prendre):
    serveur.repond(fichier(TABLE))
    assert prendre(taille_maximale=len(TABLE)).octets == len(TABLE)


def test_a_file_of_unknown_size_is_stopped_at_the_limit_and_leaves_nothing(serveur, prendre, tmp_path):
    serveur.repond(brut(200, TABLE, Content_Length=None, ETag='"e"'))
    with refus("dépasse la taille prévue"):
        prendre(taille_maximale=50_000)
    assert restes(tmp_path) == set()


def test_a_disk_without_room_is_said_before_anything_is_written(serveur, prendre, acces, tmp_path):
    serveur.repond(fichier(TABLE))
    with refus(str(tmp_path), "faire de la place"):
        prendre(acces=replace(acces, place_libre=lambda _: RESERVE + len(TABLE) - 1))
    assert restes(tmp_path) == set()


def test_a_resumed_file_only_needs_room_for_its_end(serveur, prendre, acces):
    serveur.repond(fichier(TABLE, coupe=80_000), brut(503))
    with refus("503"):
        prendre()
    serveur.repond(fichier(TABLE))
    juste = len(TABLE) - 80_000 + RESERVE
    assert prendre(acces=replace(acces, place_libre=lambda _: juste)).repris


def test_a_disk_that_fills_up_meanwhile_stops_the_file_and_keeps_the_part(serveur, prendre, acces, tmp_path):
    places = iter([10**12, 10**12, RESERVE])
    serveur.repond(fichier(TABLE))
    with refus("faire de la place"):
        prendre(acces=replace(acces, place_libre=lambda _: next(places)))
    assert restes(tmp_path) == {"base.csv.partiel", "base.csv.partiel.json"}


def test_a_folder_that_cannot_be_written_is_said(serveur, prendre, tmp_path):
    (tmp_path / "dossier").write_text("un fichier", encoding="utf-8")
    with refus("écriture impossible", "vérifier la place et les droits"):
        prendre("dossier/base.csv")


# --- The rate of calls and the pages ---------------------------------------------------------------


def test_thirty_calls_go_at_once_and_the_next_one_waits_for_the_first_token_to_come_back(attentes):
    prendre = cadence(30, 60.0, attentes.horloge, attentes.attendre)
    for _ in range(30):
        prendre()
    assert attentes.durees == []
    attentes.heure = 45.0
    prendre()
    assert attentes.durees == [60.0 - 45.0]


@given(pauses=st.lists(st.floats(0, 30), max_size=60), appels=st.integers(1, 5))
def test_no_window_of_a_minute_ever_holds_more_calls_than_allowed(pauses, appels):
    temps = Attentes()
    prendre, passages = cadence(appels, 60.0, temps.horloge, temps.attendre), []
    for pause in pauses:
        temps.heure += pause
        prendre()
        passages.append(temps.heure)
    assert all(b - a >= 60.0 - 1e-6 for a, b in zip(passages, passages[appels:], strict=False))


def test_every_request_takes_a_token_redirections_and_new_attempts_too(serveur, prendre, acces):
    jetons = []
    serveur.repond(brut(302, Location="/a"), brut(503), fichier(TABLE))
    prendre(acces=replace(acces, prendre_jeton=lambda: jetons.append(1)))
    assert len(jetons) == len(serveur.demandes) == 3


def test_pages_are_followed_to_the_last_one(serveur, acces):
    serveur.repond(
        page(1, 2, isLast=False, next=f"http://127.0.0.1:{serveur.port}/d?page=2"),
        page(3, isLast=False, next="?page=3"),
        page(4, isLast=True, next="?page=4"),
    )
    lues = [lue["observations"] for lue in pages(serveur.adresse, acces=acces)]
    assert lues == [[1, 2], [3], [4]]
    assert [chemin for chemin, _ in serveur.demandes] == ["/fichier", "/d?page=2", "/d?page=3"]


def test_an_answer_in_one_page_may_name_only_its_first_page(serveur, acces):
    serveur.repond(page(1, first=serveur.adresse))
    assert len(list(pages(serveur.adresse, acces=acces))) == 1


def test_a_page_that_fails_is_asked_again(serveur, acces, attentes):
    demie = brut(200, b'{"observations": [', Content_Length=100)
    serveur.repond(brut(429, Retry_After="20"), demie, page(1, isLast=True))
    assert [lue["observations"] for lue in pages(serveur.adresse, acces=acces)] == [[1]]
    assert attentes.durees == [20.0, 2.0]


@pytest.mark.parametrize(
    ("reponse", "mots"),
    [
        (page(1, next="/fichier"), "ne finit pas"),
        (page(1, isLast=False), "page suivante n'est pas indiquée"),
        (page(1, next="http://127.0.0.2/d"), "autre serveur"),
        (page(1, next="file:///etc/hostname"), "n'est pas une adresse http ou https"),
        (page(1, next=["?page=2"]), "page suivante n'est pas indiquée"),
        (page(1, next="http://["), "n'est pas une adresse http ou https"),
        (brut(200, PAGE_WEB), "une page web"),
        (brut(200, b"[1, 2]"), "du JSON"),
        (brut(200, b"[" * 100_000), "du JSON"),
        (brut(200, b"\xff\xfe"), "du JSON"),
        (brut(200, b""), "du JSON"),
        (brut(404), "404"),
    ],
)
def test_a_part_of_an_answer_is_never_taken_for_the_whole(serveur, acces, reponse, mots):
    serveur.repond(reponse)
    with refus(mots):
        list(pages(serveur.adresse, acces=acces))


def test_a_page_that_never_ends_is_stopped(serveur, acces, monkeypatch):
    monkeypatch.setattr(telechargement, "PAGE_MAXIMALE", 1_000)
    serveur.repond(brut(200, b'{"a": "' + b"x" * 5_000 + b'"}'))
    with refus("une page dépasse"):
        list(pages(serveur.adresse, acces=acces))


def test_pages_without_end_are_stopped(serveur, acces, monkeypatch):
    monkeypatch.setattr(telechargement, "PAGES_MAXIMALES", 3)
    serveur.repond(*(page(n, next=f"?page={n}") for n in range(5)))
    with refus("ne finit pas (3 pages)"):
        list(pages(serveur.adresse, acces=acces))


# --- Archives --------------------------------------------------------------------------------------

ZEROS = b"0" * 3_000_000


@pytest.fixture
def ouvrir(tmp_path, acces):
    """Extract `motif` from these bytes into `sortie/table.csv`."""

    def ouvrir(archive: bytes, motif: str = "*.csv", **options):
        (tmp_path / "base.zip").write_bytes(archive)
        return extraire(
            tmp_path / "base.zip", motif, tmp_path / "sortie" / "table.csv", **{"acces": acces} | options
        )

    return ouvrir


@pytest.mark.parametrize("motif", ["DS_RP_2023_data.csv", "*_data.csv"])
def test_the_member_is_written_under_our_name_whole(ouvrir, tmp_path, motif):
    assert ouvrir(une_archive(), motif).read_bytes() == TABLE
    assert restes(tmp_path / "sortie") == {"table.csv"}


def test_a_member_in_a_folder_is_found_by_its_last_name(ouvrir):
    assert ouvrir(une_archive({"rp/2022/": b"", "rp/2022/base.csv": b"a"}), "base.csv").read_bytes() == b"a"


def test_a_name_with_brackets_is_a_name(ouvrir):
    assert ouvrir(une_archive({"base[1].csv": b"a", "base1.csv": b"b"}), "base[1].csv").read_bytes() == b"a"


def test_a_missing_member_is_said_with_what_is_there(ouvrir):
    with refus("base.zip", "aucun fichier ne répond à « *.parquet »", "DS_RP_2023_data.csv"):
        ouvrir(une_archive(), "*.parquet")


def test_two_members_for_one_pattern_are_said(ouvrir):
    with refus("2 fichiers répondent à « *.csv »", "DS_RP_2023_metadata.csv"):
        ouvrir(une_archive(), "*.csv")


@pytest.mark.parametrize(
    "nom",
    [
        "../dehors.csv",
        "a/../../dehors.csv",
        "/dehors.csv",
        "C:\\dehors.csv",
        "c:dehors.csv",
        "..\\dehors.csv",
        "\\\\s\\d.csv",
    ],
)
def test_a_member_that_aims_outside_is_refused(ouvrir, tmp_path, nom):
    with refus("vise un autre dossier"):
        ouvrir(une_archive({nom: b"mal"}))
    assert restes(tmp_path) == {"base.zip", "sortie"} and restes(tmp_path / "sortie") == set()


def test_a_symbolic_link_is_refused(ouvrir):
    with refus("est un lien"):
        ouvrir(une_archive({"lien.csv": b"/etc/hostname"}, external_attr=(stat.S_IFLNK | 0o777) << 16))


def test_a_bomb_is_stopped_by_its_ratio(ouvrir, tmp_path):
    with refus("une fois décompressé"):
        ouvrir(une_archive({"bombe.csv": ZEROS}))
    assert restes(tmp_path / "sortie") == set()


def test_a_member_is_stopped_by_its_size_and_taken_exactly_at_the_limit(ouvrir):
    with refus("une fois décompressé"):
        ouvrir(une_archive({"base.csv": TABLE}), taille_maximale=len(TABLE) - 1)
    assert ouvrir(une_archive({"base.csv": TABLE}), taille_maximale=len(TABLE)).read_bytes() == TABLE


@pytest.mark.parametrize("annonce", [1, 3_000_000_000])
def test_the_size_in_the_header_is_not_believed(ouvrir, annonce):
    """The uncompressed size stands at byte 24 of the central directory's entry."""
    archive = bytearray(une_archive({"base.csv": TABLE}))
    entree = archive.rindex(b"PK\x01\x02")
    archive[entree + 24 : entree + 28] = annonce.to_bytes(4, "little")
    with refus("abîmée"):
        ouvrir(bytes(archive))


def test_a_protected_member_is_refused(ouvrir):
    archive = bytearray(une_archive({"base.csv": TABLE}))
    archive[archive.rindex(b"PK\x01\x02") + 8] |= 1
    with refus("protégé par un mot de passe"):
        ouvrir(bytes(archive))


def test_a_rare_compression_is_refused(ouvrir):
    with refus("compressé d'une façon qui n'est pas lue"):
        ouvrir(une_archive({"base.csv": TABLE}, zipfile.ZIP_LZMA))


def test_a_stored_member_is_taken(ouvrir):
    assert ouvrir(une_archive({"base.csv": TABLE}, zipfile.ZIP_STORED)).read_bytes() == TABLE


@pytest.mark.parametrize("archive", [b"", b"pas un zip", PAGE_WEB], ids=["empty", "text", "page"])
def test_what_is_not_an_archive_is_refused(ouvrir, archive):
    with refus("base.zip", "abîmée"):
        ouvrir(archive)


def test_a_member_whose_name_was_lost_answers_to_no_pattern(ouvrir):
    with refus("aucun fichier ne répond"):
        ouvrir(une_archive({"base.csv": TABLE}).replace(b"base.csv", b"\0ase.csv"))


def test_a_missing_archive_is_said(tmp_path, acces):
    with refus("rien.zip", "introuvable"):
        extraire(tmp_path / "rien.zip", "*", tmp_path / "table.csv", acces=acces)


def test_a_disk_without_room_stops_the_extraction_and_the_old_file_stays(ouvrir, acces, tmp_path):
    ouvrir(une_archive({"base.csv": TABLE}))
    with refus("faire de la place"):
        ouvrir(une_archive({"base.csv": AUTRE}), acces=replace(acces, place_libre=lambda _: RESERVE))
    assert (tmp_path / "sortie" / "table.csv").read_bytes() == TABLE
    assert restes(tmp_path / "sortie") == {"table.csv"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(min_value=0), octet=st.integers(0, 255), coupe=st.booleans())
def test_a_damaged_archive_gives_the_right_table_or_one_sentence(ouvrir, position, octet, coupe):
    archive = bytearray(une_archive({"base.csv": TABLE[:2_000]}))
    position %= len(archive)
    archive[position] = octet
    try:
        sortie = ouvrir(bytes(archive[:position] if coupe else archive))
    except ErreurUtilisateur:
        return
    assert sortie.read_bytes() == TABLE[:2_000]
