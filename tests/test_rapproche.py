"""The analyst's word on two spellings: what is kept of it, who is one with whom, and what is refused of a sheet."""

import os
from functools import partial
from itertools import permutations

import duckdb
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_oubli import compter, construire, copier, deposer_dans, lire
from typer.testing import CliRunner

from pipeline import (
    cli,
    effacement,
    empreinte,
    exports,
    identite,
    ingest,
    oubli,
    rapprochements,
    regles,
    reponses,
)
from pipeline.edition import lire_edition
from pipeline.model import ErreurUtilisateur, Pseudonyme
from pipeline.rapproche import rapprocher
from pipeline.report import verification
from pipeline.sources.registre import SOURCES
from pipeline.trousseau import REPONSES

# Tessalin under three spellings, the last without a household number; Ourphin and Maelor share F4; Ourphine is
# Ourphin's twin, or himself.
DEMANDES = """\
numero;foyer;nom;prenom;naissance;date_demande;motif
D1;F1;Fictanor;Tessalin Wixtoquie;13/05/1980;01/02/2024;alimentaire
D2;F2;FICTANOR;Tessalin;13/05/1980;05/03/2025;energie
D3;;Fictanor;Tessalin Wixtoquie;13/05/1908;06/03/2025;sante
D4;F4;Zorvalbec;Ourphin;02/01/1975;10/02/2024;alimentaire
D5;F4;Zorvalbec;Maelor;03/01/1976;11/02/2025;energie
D6;F6;Zorvalbec;Ourphine;02/01/1975;12/02/2025;sante
D7;F1;Fictanor;Tessalin Wixtoquie;13/05/1980;07/03/2025;autre
"""
RESSOURCES = """\
foyer;date_situation;ressources;charges;unites_consommation
F1;01/02/2024;1000;500;1
F2;01/02/2025;900;400;1
F4;01/02/2024;2000;900;1,5
"""
DEPOTS = {
    "ccas_demandes": ("demandes.csv", DEMANDES, 'foyer = "foyer"'),
    "ccas_ressources": ("ressources.csv", RESSOURCES, ""),
}
NOMS = ("fictanor", "tessalin", "wixtoquie", "zorvalbec", "ourphin", "maelor", "1980", "1908", "1975")
LIENS = oubli.liens(SOURCES)


@pytest.fixture
def deposer(tmp_path, monkeypatch):
    """An edition with the deposits drawn above, whose key is outside of it."""
    monkeypatch.delenv("ABS_CLE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    return partial(deposer_dans, tmp_path / "projet", depots=DEPOTS)


@pytest.fixture(scope="module")
def modele(tmp_path_factory):
    """A folder with the edition built, base and sheets, and its key: made once."""
    dossier = tmp_path_factory.mktemp("modele")
    with pytest.MonkeyPatch.context() as contexte:
        contexte.delenv("ABS_CLE", raising=False)
        contexte.setenv("XDG_CONFIG_HOME", str(dossier / "configuration"))
        batie(deposer_dans(dossier / "projet", depots=DEPOTS))
    return dossier


@pytest.fixture
def edition(modele, tmp_path, monkeypatch):
    """The edition, built, with a key of its own."""
    return copier(modele, tmp_path / "copie", monkeypatch)


def batie(edition):
    construire(edition)
    with duckdb.connect(str(edition.traitement / "confidentiel.duckdb"), read_only=True) as con:
        exports.ecrire_rejets(con, edition, edition.traitement / "rejets")
    return edition


def feuille_de(edition):
    return edition.traitement / "rejets" / "rapprochements.csv"


def paires(edition):
    """(line, line) of each pair in the sheet."""
    chemin = feuille_de(edition)
    if not chemin.exists():
        return []
    lues = pd.read_csv(chemin, sep=";", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    return [*zip(lues["ligne"], lues["autre_ligne"], strict=True)]


def remplie(edition, dites, nom="remplie.csv", **ecriture):
    """The sheet, as she saves it: `dites` gives a word for some pairs of lines; pairs not told are added."""
    lues = pd.read_csv(
        feuille_de(edition), sep=";", dtype=str, encoding="utf-8-sig", keep_default_na=False
    ).set_index(["ligne", "autre_ligne"], drop=False)
    modele = lues.iloc[0]
    for paire, mot in dites.items():
        if paire not in lues.index:
            lues.loc[paire, :] = modele.mask(modele.index == "motif", "")
            lues.loc[paire, ["ligne", "autre_ligne"]] = paire
        lues.loc[paire, "meme_personne"] = mot
    chemin = edition.traitement / nom
    if nom.endswith(".csv"):
        lues.to_csv(chemin, sep=";", index=False, **({"encoding": "utf-8-sig"} | ecriture))
    else:
        classeur = openpyxl.Workbook()
        nombre = lambda texte: int(texte) if texte.isdecimal() else texte  # noqa: E731 — as a spreadsheet would
        for ligne in [list(lues), *lues.values.tolist()]:
            classeur.active.append([nombre(texte) for texte in ligne])
        classeur.save(chemin)
    return chemin


def repondre(edition, dites, **ecriture):
    """Answer, and build again."""
    dit = rapprocher(edition, remplie(edition, dites, **ecriture))
    batie(edition)
    return dit


def personnes(edition):
    """Line of the requests → her pseudonym; likewise of her household."""
    lignes = lire(edition, "select ligne, personne, menage from brut.ccas_demandes")
    return {ligne: personne for ligne, personne, _ in lignes}, {ligne: menage for ligne, _, menage in lignes}


# --- Who is one with whom --------------------------------------------------------------------------

PSEUDOS = [f"{rang:032x}" for rang in range(6)]
DITES = st.dictionaries(
    st.tuples(st.sampled_from(PSEUDOS), st.sampled_from(PSEUDOS))
    .filter(lambda deux: deux[0] != deux[1])
    .map(lambda deux: (min(deux), max(deux))),
    st.booleans(),
    max_size=8,
)


def joignables(dites, depart):
    """Who is reached from somebody by « oui » alone, one step after the other."""
    atteintes, avant = {depart}, set()
    while atteintes != avant:
        avant = set(atteintes)
        atteintes |= {p for paire, oui in dites.items() if oui and atteintes & {*paire} for p in paire}
    return atteintes


@settings(deadline=None, max_examples=100)
@given(DITES, st.randoms())
def test_brought_together_is_transitive_and_does_not_depend_on_the_order_of_the_answers(dites, hasard):
    uns = reponses.canoniques(dites)
    for pseudo in PSEUDOS:
        assert uns.get(pseudo, pseudo) == min(joignables(dites, pseudo))
    melees = list(dites.items())
    hasard.shuffle(melees)
    assert reponses.canoniques(dict(melees)) == uns
    assert set(uns).isdisjoint(uns.values()), "whoever stands for others stands for herself"


@settings(deadline=None, max_examples=100)
@given(DITES)
def test_answers_contradict_one_another_when_a_no_is_within_what_yes_joins(dites):
    contraires = [deux for deux, oui in dites.items() if not oui and deux[1] in joignables(dites, deux[0])]
    ensemble = reponses.contredites(dites)
    assert bool(ensemble) == bool(contraires)
    if ensemble:
        assert ensemble == joignables(dites, min(contraires)[0])


def cadre(**colonnes):
    return pd.DataFrame({nom: pd.Series(valeurs, dtype="string") for nom, valeurs in colonnes.items()})


UNES = {"personne": {("a", "b"): True}, "menage": {("ma", "mb"): True}}


@pytest.mark.parametrize(
    ("personnes", "menages", "attendus"),
    [
        (["a", "b"], ["1", "2"], ["1", "1"]),  # alone in both
        (["a", "b"], ["1", "mb"], ["1", "1"]),  # her number once only
        (["a", "c", "b"], ["1", "1", "2"], ["1", "1", "2"]),  # with somebody in one, alone in the other
        (["a", "c", "b", "c"], ["1", "1", "2", "2"], ["1", "1", "1", "1"]),  # a couple twice
        (["a", "c", "b", "d"], ["1", "1", "2", "2"], ["1", "1", "2", "2"]),  # two couples
        (["c", "c"], ["1", "2"], ["1", "2"]),  # of nobody's answer
        (["a", "b", None], ["1", "2", "2"], ["1", "1", "1"]),  # a row without a name is nobody else's
    ],
)
def test_households_of_the_same_known_members_are_one_when_one_of_them_was_two(personnes, menages, attendus):
    lignes = cadre(personne=personnes, menage=menages)
    trouves = reponses.memes(UNES, [lignes], UNES)
    assert reponses.reunir(lignes, trouves)["menage"].tolist() == attendus


def test_a_household_is_known_by_all_the_deposits_together():
    demandes, suivis = cadre(personne=["a", "b"], menage=["1", "2"]), cadre(personne=["c"], menage=["2"])
    assert "1" not in reponses.memes(UNES, [demandes, suivis], UNES)["menage"].values()
    assert reponses.memes(UNES, [demandes], UNES)["menage"]["2"] == "1"


def test_a_column_that_is_younger_than_the_answer_follows_it_too():
    adhesions = cadre(personne=["a", "b", "c"], adherent=["1", "2", "3"])
    trouves = reponses.memes(UNES, [adhesions], ("personne", "adherent", "menage"))
    assert reponses.reunir(adhesions, trouves)["adherent"].tolist() == ["1", "1", "3"]


def test_nobody_brought_together_costs_nothing():
    table = cadre(personne=["a"], menage=["1"])
    assert reponses.memes({"personne": {("a", "b"): False}}, [table], UNES) == {}
    assert reponses.reunir(table, {}) is table
    assert reponses.reunir(table, {"personne": {"z": "y"}}) is table


# --- From the sheet to the base --------------------------------------------------------------------


def test_the_sheet_has_a_column_for_her_word_and_names_nobody(edition):
    assert paires(edition) == [("2", "3"), ("2", "4"), ("5", "7")]
    texte = feuille_de(edition).read_text(encoding="utf-8-sig")
    assert texte.splitlines()[0] == "fichier;ligne;autre_fichier;autre_ligne;motif;meme_personne;empreinte"
    assert not [nom for nom in NOMS if nom in texte.casefold()]
    assert feuille_de(edition).stat().st_mode & 0o777 == 0o600


def test_without_an_answer_each_spelling_is_a_person(edition):
    elles, _ = personnes(edition)
    # Tessalin three times, Ourphin, Maelor, Ourphine
    assert len(set(elles.values())) == 6
    assert elles["2"] == elles["8"]


def test_yes_makes_one_person_of_two_everywhere_and_one_household(edition):
    dit = repondre(edition, {("2", "3"): "oui"})
    assert dit[0] == "1\u00a0paire rapprochée, 0\u00a0paire distincte, 2 sans réponse."
    elles, menages = personnes(edition)
    assert elles["2"] == elles["3"] == elles["8"] != elles["4"]
    assert len(set(elles.values())) == 5
    # F1 and F2, in which she is alone; her income of 2024 and that of 2025 are of one household
    assert menages["2"] == menages["3"] != menages["4"]
    assert len(set(lire(edition, "select menage from brut.ccas_ressources"))) == 2


def test_yes_goes_from_one_pair_to_the_next(edition):
    repondre(edition, {("2", "3"): "oui", ("2", "4"): "oui"})
    elles, menages = personnes(edition)
    assert len({elles[ligne] for ligne in "2348"}) == len({menages[ligne] for ligne in "2348"}) == 1


def test_a_pair_answered_is_no_longer_listed_nor_one_that_follows_from_answers(edition):
    repondre(edition, {("2", "3"): "oui", ("5", "7"): "non"})
    assert paires(edition) == [("2", "4")]
    assert lire(edition, "from qualite.reponses order by all") == [("non", 1), ("oui", 1)]
    elles, _ = personnes(edition)
    assert elles["5"] != elles["7"]


def test_one_with_somebody_who_is_not_the_third_is_not_the_third_either():
    cle, qui = b"k" * 32, [f"zor{identite.SEPARATION}{nom}{identite.SEPARATION}1980-05-13" for nom in "abc"]
    a, b, c = (pd.Series([texte], dtype="string") for texte in qui)
    [ab], [bc] = (reponses.paires(*deux, "personne", cle) for deux in ((a, b), (b, c)))
    dites = {"personne": {ab: True, bc: False}}
    assert [reponses.de_paires(dites, cle, *deux) for deux in ((a, b), (b, c), (a, c))] == [
        ["oui"],
        ["non"],
        ["non"],
    ]
    sans_nom = pd.Series([f"{identite.SEPARATION}a{identite.SEPARATION}1980-05-13"], dtype="string")
    assert reponses.de_paires(dites, cle, sans_nom, sans_nom) == [""]


def test_a_later_answer_replaces_an_earlier_one(edition):
    feuille = remplie(edition, {("2", "3"): "oui"}, nom="oui.csv"), remplie(edition, {("2", "3"): "non"})
    rapprocher(edition, feuille[0])
    rapprocher(edition, feuille[1])
    batie(edition)
    elles, menages = personnes(edition)
    assert elles["2"] != elles["3"] and menages["2"] != menages["3"]
    assert paires(edition) == [("2", "4"), ("5", "7")]


def test_the_base_does_not_depend_on_the_order_of_the_answers(deposer):
    lues = set()
    for rang, ordre in enumerate(permutations([("2", "3"), ("2", "4")])):
        edition = batie(deposer(f"essai/{2026 + rang}"))
        feuilles = [remplie(edition, {paire: "oui"}, nom=f"{rang}{n}.csv") for n, paire in enumerate(ordre)]
        ingest.chemin_de_cle(edition).with_name("essai.cle").chmod(0o600)
        REPONSES.chemin(ingest.chemin_de_cle(edition), ingest.cle_de(edition)).unlink(missing_ok=True)
        for feuille in feuilles:
            rapprocher(edition, feuille)
        batie(edition)
        lues.add(tuple(lire(edition, "select personne, menage from brut.ccas_demandes order by ligne")))
    assert len(lues) == 1


ECRITURES = st.lists(
    st.tuples(st.sampled_from(["Fictanor", "Zorvalbec"]), st.sampled_from(["Tessalin", "Ourphin", "Maelor"])),
    min_size=1,
    max_size=6,
)


@settings(deadline=None, max_examples=30)
@given(ECRITURES, st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=4))
def test_persons_brought_together_are_what_one_spelling_would_have_made(ecritures, dites):
    """Rows are partitioned as if whoever exported had written the same name for all those who were said to be one."""
    cle = b"k" * 32
    frame = pd.DataFrame(
        [(*nom, "13/05/1980") for nom in ecritures], columns=list(identite.PERSONNE), dtype="string"
    )
    qui = identite.personnes(frame).astype("string")
    deux = [(a, b) for a, b in dites if max(a, b) < len(qui) and qui[a] != qui[b]]
    une, autre = (
        qui[list(cote)].reset_index(drop=True) for cote in ([a for a, _ in deux], [b for _, b in deux])
    )
    donnees = {
        nom: dict.fromkeys(reponses.paires(une, autre, nom, cle), True) for nom in ("personne", "menage")
    }
    declares = tuple(Pseudonyme(nom, identite.PERSONNE) for nom in ("personne", "menage"))
    lue = identite.appliquer(frame, declares, cle)
    reunie = reponses.reunir(lue, reponses.memes(donnees, [lue], donnees))

    seule = dict(zip(qui, qui, strict=True))
    for a, b in deux:  # one name for both
        tete, autre_nom = seule[qui[a]], seule[qui[b]]
        seule = {nom: tete if ecrit == autre_nom else ecrit for nom, ecrit in seule.items()}
    attendue = qui.map(seule)
    for nom in ("personne", "menage"):
        assert (pd.factorize(reunie[nom])[0] == pd.factorize(attendue)[0]).all()


def test_one_who_lives_with_somebody_in_one_file_and_alone_in_the_other_is_told_and_left_in_two(deposer):
    demandes = DEMANDES + "D8;F1;Quaxanor;Ysolde;04/01/1990;08/03/2025;autre\n"
    edition = batie(deposer(depots={"ccas_demandes": ("demandes.csv", demandes, 'foyer = "foyer"')}))
    repondre(edition, {("2", "3"): "oui"})
    elles, menages = personnes(edition)
    assert elles["2"] == elles["3"] and menages["2"] != menages["3"]
    with duckdb.connect(str(edition.traitement / "confidentiel.duckdb")) as con:
        con.execute(
            "create table brut.ccas_personnes as select fichier, ligne, personne, menage, date_demande as date_maj "
            "from brut.ccas_demandes where false"
        )
        dites = con.execute(regles.DEUX_MENAGES.sql).fetchall()
    assert [ligne for _, _, ligne, _ in dites] == ["3"]


def test_answers_hold_for_the_other_editions_of_the_territory(deposer):
    edition, autre = batie(deposer()), deposer("essai/2027")
    rapprocher(edition, remplie(edition, {("2", "3"): "oui"}))
    batie(autre)
    assert paires(autre) == [("2", "4"), ("5", "7")]
    elles, _ = personnes(autre)
    assert elles["2"] == elles["3"]


def test_twice_in_a_list_of_persons_is_a_double_of_its_key_as_under_one_spelling(deposer):
    autres = "".join(
        f"Quax{lettre};Ysolde;0{rang}/01/1935;01/02/2024;age\n" for rang, lettre in enumerate("bcdf", 1)
    )
    registre = f"""\
nom;prenom;naissance;date_inscription;motif
Fictanor;Tessalin Wixtoquie;13/05/1980;01/02/2024;handicap
Fictanor;Tessalin;13/05/1980;01/03/2024;handicap
{autres}"""
    edition = batie(deposer(depots={"ccas_registre": ("registre.csv", registre, "")}))
    assert compter(edition, "brut.ccas_registre") == [6]
    repondre(edition, {("2", "3"): "oui"})
    assert lire(edition, "select ligne, valeur from qualite.rejets") == [("3", "")]
    assert compter(edition, "brut.ccas_registre") == [5]


# --- The list --------------------------------------------------------------------------------------


def test_the_list_is_beside_the_key_for_its_owner_only_and_names_nobody(edition):
    rapprocher(edition, remplie(edition, {("2", "3"): "oui", ("5", "7"): "non"}))
    [liste] = ingest.chemin_de_cle(edition).parent.glob("*.reponses")
    assert liste.stat().st_mode & 0o777 == 0o600
    texte = liste.read_text(encoding="ascii")
    # two pairs, as a person, a member, a volunteer and her own household
    assert len(texte.splitlines()) == 2 * 4
    assert not [nom for nom in (*NOMS, "demandes", "csv") if nom in texte.casefold()]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize(
    ("abimer", "phrase"),
    [
        (lambda liste: liste.chmod(0o644), "réponses aux rapprochements .* accessible à d'autres"),
        (lambda liste: liste.write_text("personne peut-être a b\n"), "abîmée, ligne 1"),
    ],
)
def test_a_list_that_others_can_read_or_that_is_damaged_is_refused(edition, abimer, phrase):
    rapprocher(edition, remplie(edition, {("2", "3"): "oui"}))
    [liste] = ingest.chemin_de_cle(edition).parent.glob("*.reponses")
    abimer(liste)
    with pytest.raises(ErreurUtilisateur, match=phrase):
        construire(edition)


def test_a_key_whose_answers_are_another_s_parts_nobody_in_silence(edition):
    rapprocher(edition, remplie(edition, {("2", "3"): "oui"}))
    ingest.chemin_de_cle(edition).unlink()
    with pytest.raises(ErreurUtilisateur, match=r"avec une autre clé .* répondre de nouveau"):
        construire(edition)


def test_no_pseudonym_is_in_a_sheet_nor_in_what_is_said(edition):
    dit = [*repondre(edition, {("2", "3"): "oui"}), *effacement.etat_de_la_cle(edition)]
    assert "Réponses aux rapprochements : 1" in dit
    lignes = REPONSES.lire(ingest.chemin_de_cle(edition), ingest.cle_de(edition))
    siens = {pseudo for _, _, *deux in lignes for pseudo in deux}
    feuilles = [*(edition.traitement / "rejets").iterdir()]
    textes = ["\n".join(dit), *(feuille.read_text("utf-8-sig") for feuille in feuilles)]
    assert siens and feuilles
    assert not [pseudo for pseudo in siens for texte in textes if pseudo in texte]


# --- An input of the edition -----------------------------------------------------------------------


def test_an_answer_is_an_input_of_the_edition_and_none_leaves_it_as_it_was(edition):
    avant = empreinte.empreinte_entrees(edition)
    assert "reponses" not in avant
    rapprocher(edition, remplie(edition, {}))
    assert empreinte.empreinte_entrees(edition) == avant
    rapprocher(edition, remplie(edition, {("2", "3"): "oui"}))
    une = empreinte.empreinte_entrees(edition)
    rapprocher(edition, remplie(edition, {("2", "3"): "non"}))
    autre = empreinte.empreinte_entrees(edition)
    assert len({une["reponses"], autre["reponses"]}) == 2
    assert {nom: s for nom, s in autre.items() if nom != "reponses"} == avant


def test_the_internal_report_says_how_many_pairs_were_answered(edition):
    def dite():
        with duckdb.connect(str(edition.traitement / "confidentiel.duckdb"), read_only=True) as con:
            return verification.tableaux(con), ingest.resume(con)

    assert dite()[0].endswith("Rien n’est fusionné.")
    repondre(edition, {("2", "3"): "oui", ("5", "7"): "non"})
    rapport, resume = dite()
    assert "sous deux écritures : 1, dans" in rapport
    assert rapport.endswith(
        "Paires auxquelles il a été répondu : 1 d'une seule personne et 1 de deux personnes."
    )
    assert "1 paires de personnes à rapprocher peut-être, 1 paires dites d'une seule personne" in resume


# --- Forgetting, and the key -----------------------------------------------------------------------

ELLE = ("Fictanor", "Tessalin Wixtoquie", "13/05/1980")
ELLE_AUTREMENT = ("Fictanor", "Tessalin", "13/05/1980")


@pytest.mark.parametrize("ecriture", [ELLE, ELLE_AUTREMENT])
@pytest.mark.parametrize("reconstruite", [True, False])
def test_forgetting_one_spelling_forgets_the_other(edition, ecriture, reconstruite):
    rapprocher(edition, remplie(edition, {("2", "3"): "oui"}))
    if reconstruite:
        batie(edition)
    dit = effacement.oublier(edition, *ecriture)
    # seven requests of which D1, D2 and D7 are hers; the incomes of F1 and F2
    assert compter(edition, "brut.ccas_demandes", "brut.ccas_ressources") == [4, 1]
    assert any("demandes.csv" in phrase and phrase.endswith("lignes 2, 3 et 8") for phrase in dit)
    assert effacement.etat_de_la_cle(edition)[2].startswith("Personnes oubliées : 1 ("), "under two spellings"
    batie(edition)
    assert compter(edition, "brut.ccas_demandes", "brut.ccas_ressources") == [4, 1]
    assert paires(edition) == [("5", "7")]


def test_a_base_that_still_writes_two_persons_as_one_forgets_what_it_cannot_tell_apart(edition):
    retour = remplie(edition, {("2", "3"): "non"})
    repondre(edition, {("2", "3"): "oui"}, nom="oui.csv")
    rapprocher(edition, retour)
    effacement.oublier(edition, *ELLE_AUTREMENT)
    # nothing of either is left, nor of the household they were
    assert compter(edition, "brut.ccas_demandes", "brut.ccas_ressources") == [4, 1]
    octets = (edition.traitement / "confidentiel.duckdb").read_bytes()
    siens = oubli.pseudonymes_de(*ELLE_AUTREMENT, LIENS.identites, ingest.cle_de(edition))
    assert not [pseudo for pseudos in siens.values() for pseudo in pseudos if pseudo.encode() in octets]
    batie(edition)
    elles, _ = personnes(edition)
    assert sorted(elles) == ["2", "4", "5", "6", "7", "8"], "she who is somebody else is back"


def test_without_an_answer_the_other_spelling_is_somebody_else(edition):
    effacement.oublier(edition, *ELLE_AUTREMENT)
    assert compter(edition, "brut.ccas_demandes", "brut.ccas_ressources") == [6, 2]


def test_whoever_is_said_to_be_one_with_a_forgotten_person_is_not_loaded_either(edition):
    feuille = remplie(edition, {("2", "3"): "oui"})
    effacement.oublier(edition, *ELLE_AUTREMENT)
    rapprocher(edition, feuille)
    batie(edition)
    assert compter(edition, "brut.ccas_demandes", "brut.ccas_ressources") == [4, 1]


def test_a_volunteer_is_forgotten_in_a_base_whose_deposit_is_gone(deposer):
    benevoles = """\
nom;prenom;naissance;exercice;heures
Fictanor;Tessalin Wixtoquie;13/05/1980;2024;12
Fictanor;Tessalin;13/05/1980;2025;12
Quaxanor;Ysolde;04/01/1990;2025;12
"""
    edition = batie(deposer(depots={"centre_social_benevoles": ("benevoles.csv", benevoles, "")}))
    repondre(edition, {("2", "3"): "oui"})
    assert lire(edition, "select count(distinct benevole) from brut.centre_social_benevoles") == [(2,)]
    (edition.dossier / "benevoles.csv").unlink()
    effacement.oublier(edition, *ELLE)
    assert compter(edition, "brut.centre_social_benevoles") == [1]


def test_a_new_key_keeps_the_answers(edition):
    rapprocher(edition, remplie(edition, {("2", "3"): "oui", ("5", "7"): "non"}))
    [ancienne] = ingest.chemin_de_cle(edition).parent.glob("*.reponses")
    dit = effacement.renouveler(edition)
    assert "Réponses aux rapprochements reprises : 2 sur 2." in dit
    [nouvelle] = ingest.chemin_de_cle(edition).parent.glob("*.reponses")
    assert nouvelle != ancienne and nouvelle.stat().st_mode & 0o777 == 0o600
    batie(edition)
    assert paires(edition) == [("2", "4")]
    elles, _ = personnes(edition)
    assert elles["2"] == elles["3"] and elles["5"] != elles["7"]


def test_answers_on_persons_who_left_the_deposits_are_said_lost_with_the_old_key(edition):
    rapprocher(edition, remplie(edition, {("2", "3"): "oui", ("5", "7"): "non"}))
    demandes = edition.dossier / "demandes.csv"
    demandes.write_text(demandes.read_text("utf-8").replace("Ourphine", "Ourphilde"), encoding="utf-8")
    dit = effacement.renouveler(edition)
    assert "Réponses aux rapprochements reprises : 1 sur 2." in dit
    assert any("n'étant plus dans aucun dépôt : 1 ;" in phrase for phrase in dit)


# --- The sheet as she saves it ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nom", "ecriture"),
    [("a.csv", {}), ("a.csv", {"encoding": "cp1252"}), ("a.csv", {"encoding": "utf-8"}), ("a.xlsx", {})],
)
@pytest.mark.parametrize("mot", ["oui", "OUI", " Oui "])
def test_a_sheet_is_read_as_a_french_spreadsheet_saves_it(edition, nom, ecriture, mot):
    feuille = remplie(edition, {("2", "3"): mot, ("5", "7"): "Non"}, nom=nom, **ecriture)
    assert rapprocher(edition, feuille)[0].startswith(
        "1\u00a0paire rapprochée, 1\u00a0paire distincte, 1 sans"
    )


def test_a_sheet_without_an_answer_keeps_nothing(edition):
    assert rapprocher(edition, remplie(edition, {})) == [
        "Rien n'est dit dans la colonne « meme_personne » : 3 sans réponse."
    ]
    assert not list(ingest.chemin_de_cle(edition).parent.glob("*.reponses"))


def refus(edition, feuille):
    """The sentence that refuses the sheet; nothing is kept of it, nobody is named."""
    with pytest.raises(ErreurUtilisateur) as erreur:
        rapprocher(edition, feuille)
    assert not list(ingest.chemin_de_cle(edition).parent.glob("*.reponses"))
    assert not [nom for nom in NOMS if nom in str(erreur.value).casefold()]
    return str(erreur.value)


@pytest.mark.parametrize(
    ("dites", "phrase"),
    [
        (
            {("2", "3"): "c'est Tessalin"},
            "remplie.csv, ligne 2 : la colonne « meme_personne » dit autre chose que",
        ),
        (
            {("2", "99"): "oui"},
            "ligne 5 : la ligne 99 de « demandes.csv » n'existe pas, ou ne nomme personne",
        ),
        ({("2", "8"): "oui"}, "ligne 5 : les deux lignes sont déjà une seule personne"),
        (
            {("2", "3"): "oui", ("3", "8"): "non"},
            "lignes 2 et 5 : « oui » et « non » des deux mêmes personnes",
        ),
        (
            {("2", "3"): "oui", ("2", "4"): "oui", ("3", "4"): "non"},
            "lignes 2, 3 et 5 : de proche en proche, avec les réponses déjà données",
        ),
    ],
)
def test_an_answer_that_cannot_be_is_refused_in_one_sentence(edition, dites, phrase):
    assert phrase in refus(edition, remplie(edition, dites))


def test_an_answer_may_not_contradict_those_given_before(edition):
    dites = [{("2", "3"): "oui"}, {("2", "4"): "oui"}, {("3", "4"): "non"}]
    feuilles = [remplie(edition, chacune, nom=f"{rang}.csv") for rang, chacune in enumerate(dites)]
    for feuille in feuilles[:2]:
        rapprocher(edition, feuille)
    avant = reponses.lire(ingest.chemin_de_cle(edition), ingest.cle_de(edition))
    with pytest.raises(ErreurUtilisateur, match=r"2\.csv, ligne 5 : de proche en proche"):
        rapprocher(edition, feuilles[2])
    assert reponses.lire(ingest.chemin_de_cle(edition), ingest.cle_de(edition)) == avant


def test_lines_of_another_export_are_somebody_else(edition):
    feuille, demandes = remplie(edition, {("2", "3"): "oui"}), edition.dossier / "demandes.csv"
    demandes.write_text(
        demandes.read_text("utf-8") + "D8;;Zor;Ysolde;01/01/1990;07/03/2025;autre\n", encoding="utf-8"
    )
    assert "ligne 2 : le dépôt « demandes.csv » n'est plus celui dont vient cette feuille" in refus(
        edition, feuille
    )


@pytest.mark.parametrize("fichier", ["ailleurs.csv", ""])
def test_a_deposit_that_the_edition_does_not_have_is_refused(edition, fichier):
    feuille = remplie(edition, {("2", "3"): "oui"})
    feuille.write_text(
        feuille.read_text("utf-8-sig").replace("demandes.csv;2;", f"{fichier};2;", 1), encoding="utf-8"
    )
    assert f"« {fichier} » n'est pas, ou n'est plus, un dépôt" in refus(edition, feuille)


@pytest.mark.parametrize("colonne", rapprochements.COLONNES)
def test_a_sheet_without_one_of_its_columns_is_refused(edition, colonne):
    feuille = remplie(edition, {("2", "3"): "oui"})
    lue = pd.read_csv(feuille, sep=";", dtype=str, encoding="utf-8-sig")
    lue.drop(columns=colonne).to_csv(feuille, sep=";", index=False)
    assert f"« remplie.csv » n'a pas la colonne « {colonne} »" in refus(edition, feuille)


@pytest.mark.parametrize(
    ("nom", "octets", "phrase"),
    [
        ("absente.csv", None, "introuvable"),
        ("vide.csv", b"", "vide"),
        ("photo.csv", b"\x89PNG\r\n\x1a\n\0\0", "n'a pas la colonne"),
        ("faux.xlsx", b"fichier;ligne\n", "ne s'ouvre pas"),
        ("feuille.pdf", b"%PDF", "ne se lit pas"),
    ],
)
def test_what_is_not_a_sheet_is_refused(edition, nom, octets, phrase):
    feuille = edition.traitement / nom
    if octets is not None:
        feuille.write_bytes(octets)
    assert phrase in refus(edition, feuille)


COUPLES = """\
foyer;nom;prenom;naissance;nom du conjoint;prenom du conjoint;naissance du conjoint;date_maj
F1;Fictanor;Tessalin Wixtoquie;13/05/1980;Quaxanor;Maelor;03/01/1976;01/02/2025
F2;Fictanor;Tessalin;13/05/1980;Brevalin;Ysolde;04/01/1990;01/02/2025
"""


def deposer_des_couples(deposer, texte):
    edition = deposer(depots={"ccas_personnes": ("couples.csv", texte, 'foyer = "foyer"')})
    conjoint = "\n".join(f'{nom} = "{nom} du conjoint"' for nom in identite.PERSONNE)
    declaration = edition.dossier / "edition.toml"
    declaration.write_text(
        declaration.read_text(encoding="utf-8")
        + '[[fichiers]]\nsource = "ccas_personnes"\nchemin = "couples.csv"\n'
        + f'[fichiers.colonnes]\nfoyer = "foyer"\n{conjoint}\n',
        encoding="utf-8",
    )
    return batie(lire_edition(edition.nom, edition.racine))


def test_on_lines_that_name_couples_the_reason_tells_who_is_meant(deposer):
    edition = deposer_des_couples(deposer, COUPLES)
    repondre(edition, {("2", "3"): "oui"})
    dites = lire(
        edition, "select ligne, count(distinct personne) from brut.ccas_personnes group by all order by all"
    )
    assert dites == [("2", 2), ("3", 2)]
    assert lire(edition, "select count(distinct personne) from brut.ccas_personnes") == [(3,)]


def test_two_pairs_of_the_same_lines_for_the_same_reason_are_for_the_software_to_correct(deposer):
    jumeaux = COUPLES.replace("Brevalin;Ysolde;04/01/1990", "Quaxanor;Maelor Ivo;03/01/1976")
    edition = deposer_des_couples(deposer, jumeaux)
    assert paires(edition) == [("2", "3"), ("2", "3")]
    lues = feuille_de(edition).read_text("utf-8-sig").replace(";;d", ";oui;d", 1)
    feuille = edition.traitement / "a.csv"
    feuille.write_text(lues, encoding="utf-8")
    assert "ces lignes nomment plusieurs personnes" in refus(edition, feuille)


# --- The command -----------------------------------------------------------------------------------


def test_the_command_says_what_it_did_and_what_it_refuses(edition, monkeypatch):
    monkeypatch.setattr("pipeline.edition.lire_edition", lambda nom: edition)

    def taper(feuille):
        resultat = CliRunner().invoke(cli.app, ["rapproche", edition.nom, str(feuille)])
        return resultat.exit_code, resultat.output

    code, sortie = taper(remplie(edition, {("2", "3"): "peut-être"}))
    assert code == 2 and "autre chose que « oui » ou « non »" in sortie
    code, sortie = taper(remplie(edition, {("2", "3"): "oui"}))
    assert code == 0 and "1\u00a0paire rapprochée" in sortie and "make abs EDITION=essai/2026" in sortie
