"""The web edition: every page read as a screen reader does, every link followed, nothing asked of another site."""

import html
import json
import re
from collections import defaultdict
from dataclasses import replace

import matplotlib.figure
import navigateur
import pages
import pandas as pd
import pytest
from livree import EDITION

from pipeline.model import Indicator, Share, Statut
from pipeline.report import document, site, site_tableaux
from pipeline.report.charts import Graphique
from pipeline.report.document import ChapitreEcrit
from pipeline.report.faits import Ecart
from pipeline.report.section import Section

PART = Indicator(
    id="part_essai",
    label="Part des 60 ans et plus",
    definition="Habitants de 60 ans et plus, rapportés à la population.",
    why="Qui avancera en âge ?",
    measure=Share("pop_60_plus", of="pop"),
    table="population",
)
PAR_AGE = Indicator(
    id="part_par_age",
    label="Part des <actifs> par âge",
    definition="Actifs, rapportés aux habitants du même âge.",
    why="Qui travaille ?",
    measure=Share("actifs", of="pop"),
    table="population",
    by="tranche",
)


@pytest.fixture
def faits(dessin):
    commune = dessin.fait(PART, "98817", 15.7, basse=15.3, haute=16.2)
    plum = dessin.fait(PART, "98817-plum", 14.2, basse=12.8, haute=15.7)
    chiffres = [
        dessin.fait(PART, "98817", 13.4, 2014),
        commune,
        dessin.fait(PART, "988", 14.5),
        plum,
        dessin.fait(PART, "98817-robinson", 9.5, statut=Statut.FRAGILE, motif="moins de 100"),
        dessin.fait(PART, "98817-boulari", None, statut=Statut.SECRET, motif="secret"),
        dessin.fait(PAR_AGE, "98817", 40.0, groupe="15-24 ans"),
        dessin.fait(PAR_AGE, "98817", 80.0, groupe="25-54 ans"),
    ]
    ecarts = {plum: [Ecart("98817", 2019, "commune", -0.1, 0.01, "au_dessous")]}
    return dessin.faits([PART, PAR_AGE], chiffres, ecarts)


@pytest.fixture
def contexte(faits):
    """What the report says of these facts, in its own Markdown."""
    donnees = pd.DataFrame({"Territoire": ["Plum"], "Valeur": ["14,2 %"]})
    alt = 'Une carte, "Plum" < Robinson.'
    graphique = Graphique("carte-essai", "Carte", alt, "Source : ISEE.", donnees, matplotlib.figure.Figure())
    phrase = "En 2019, la part est de [15,7 %](#indicateur-part_essai) au **Mont-Dore**."
    ecrit = ChapitreEcrit("essai", "Essai", "Qui ?", False, (phrase,), (), (), (graphique,))
    textes = defaultdict(
        str, essentiel="Un texte, [ailleurs](https://exemple.fr) :\n\n- un <!-- ouvert\n- deux"
    )
    tableau = "| Contenu | Producteur |\n|:--|:--|\n| Population | ISEE |\n\n: Fichiers {#tbl-sources}\n"
    profil = faits.edition.profil
    return {
        "cles": [{"valeur": "[15,7 %](#indicateur-part_essai)", "libelle": "Part", "comparaison": "–"}],
        "ressort": [phrase],
        "ressort_autour": [],
        "change": [],
        "activite_breve": [],
        "textes": textes,
        "cadre": profil.cadre,
        **document.modes_de_lecture(faits.edition),
        "prudences": ["Une **prudence**."],
        "tableau_sources": tableau,
        "tableau_qualite": "",
        "chapitres": [ecrit],
        "sections": [
            Section("avenir", "vieillissement", "Population à venir", ()),
            Section("defavorisation", "essai", "Défavorisation", ("L’indice n’est pas donné.",)),
        ],
        "composantes": tableau.replace("tbl-sources", "tbl-composantes"),
        "changements": None,
        "revisees": {"part_essai": "Définition revue depuis l’édition 2025."},
        "orientations": None,
        "detail": "",
        "comparables": "",
        "secret": "",
        "glossaire": [("ABS", "Analyse des besoins sociaux.")],
    }


@pytest.fixture
def dossier(faits, contexte, tmp_path):
    (tmp_path / "dessins").mkdir()
    (tmp_path / "dessins" / "carte-essai.svg").write_text("<svg/>")
    site.ecrire(faits, contexte, tmp_path / "dessins", tmp_path)
    return tmp_path / "site"


def lues(dossier):
    return {c.name: pages.lire(c.read_text(encoding="utf-8")) for c in sorted(dossier.glob("*.html"))}


def cellules(page, rang):
    """The texts of a page's table, row by row."""
    table = list(page.tous("table"))[rang]
    return [[cellule.texte() for cellule in ligne.enfants] for ligne in table.tous("tr")]


def test_a_page_for_the_essentials_each_chapter_indicator_and_territory(dossier):
    assert set(lues(dossier)) == {
        "index.html",
        "chapitre-essai.html",
        "indicateurs.html",
        "indicateur-part_essai.html",
        "indicateur-part_par_age.html",
        "territoires.html",
        "methode.html",
        *(f"territoire-98817-{nom}.html" for nom in ("plum", "robinson", "boulari", "yahou_e9_")),
        *(f"territoire-{code}.html" for code in ("98817", "988-grand-noumea", "98818", "988")),
    }


def test_a_section_is_on_the_page_of_the_chapter_that_it_names(dossier):
    page = (dossier / "chapitre-essai.html").read_text(encoding="utf-8")
    assert '<h2 id="defavorisation">Défavorisation</h2>' in page
    assert "L’indice n’est pas donné." in page
    assert "Population à venir" not in page


def test_how_to_read_the_figures_and_how_they_are_chosen_is_what_the_report_says(dossier, faits):
    dites = texte_de(dossier / "methode.html")
    for ecrit in document.modes_de_lecture(faits.edition).values():
        assert sans_espaces(ecrit.replace("*", "")) in dites


def texte_de(page):
    """What a page says."""
    return sans_espaces(html.unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8"))))


def sans_espaces(texte):
    """The text without its spaces, narrow on pages and plain in Markdown, its apostrophes of one shape."""
    return re.sub(r"\s+", "", texte).replace("'", "’")


def test_no_page_has_a_fault_nor_a_dead_link(dossier):
    toutes = lues(dossier)
    assert [defaut for nom, page in toutes.items() for defaut in pages.defauts(nom, page)] == []
    assert pages.liens_morts(toutes, dossier) == []


def test_what_comes_from_a_label_or_a_text_is_never_html(dossier):
    page = (dossier / "indicateur-part_par_age.html").read_text(encoding="utf-8")
    assert "Part des &lt;actifs&gt; par âge" in page
    assert "<actifs>" not in page
    # an opening of a comment that a person typed swallows nothing of what follows
    index = lues(dossier)["index.html"]
    assert "ouvert" in index.texte()
    assert "Chapitres" in index.texte()


def test_the_values_of_an_indicator_say_what_is_fragile_and_what_is_secret(dossier):
    assert cellules(lues(dossier)["indicateur-part_essai.html"], 0) == [
        ["Territoire", "Année", "Valeur", "Intervalle à 95\u00a0%", "Remarque"],
        ["Le Mont-Dore", "2019", "15,7\u00a0%", "15,3 à 16,2", ""],
        ["Nouvelle-Calédonie", "2019", "14,5\u00a0%", "–", ""],
        ["Plum", "2019", "14,2\u00a0%", "12,8 à 15,7", ""],
        ["Robinson", "2019", "9,5\u00a0%*", "–", "Moins de 100"],
        ["Boulari", "2019", "secret", "–", "Secret"],
    ]


def test_a_definition_that_is_no_longer_last_year_s_is_told_on_the_page_of_its_indicator_alone(dossier):
    disent = [
        nom for nom, page in lues(dossier).items() if "Définition revue depuis l’édition 2025" in page.texte()
    ]
    assert disent == ["indicateur-part_essai.html"]


def test_a_series_is_a_table_of_its_own(dossier):
    assert cellules(lues(dossier)["indicateur-part_essai.html"], 1) == [
        ["Année", "Le Mont-Dore", "Nouvelle-Calédonie"],
        ["2014", "13,4\u00a0%", "n. d."],
        ["2019", "15,7\u00a0%", "14,5\u00a0%"],
    ]


def test_a_territory_stands_beside_the_commune_and_says_its_gap_only_where_it_is_established(dossier):
    assert cellules(lues(dossier)["territoire-98817-plum.html"], 0) == [
        [
            "Indicateur",
            "Année",
            "Plum",
            "Le Mont-Dore",
            "Grand Nouméa",
            "Nouméa",
            "Nouvelle-Calédonie",
            "Écart avec la commune",
        ],
        [
            "Part des 60 ans et plus",
            "2019",
            "14,2\u00a0%",
            "15,7\u00a0%",
            "n. d.",
            "n. d.",
            "14,5\u00a0%",
            "au-dessous",
        ],
    ]


def test_bars_are_as_long_as_their_values_and_a_secret_has_none(faits):
    dessin = site_tableaux.dessiner(faits, PART)
    longueurs = {barre.nom: barre.longueur for barre in dessin.barres}
    assert longueurs["Le Mont-Dore"] / longueurs["Plum"] == pytest.approx(15.7 / 14.2, abs=0.002)
    assert (longueurs["Boulari"], "Boulari : secret" in dessin.alt) == (0, True)
    assert {barre.nom: barre.classe for barre in dessin.barres}["Robinson"] == "fragile"


def test_an_indicator_with_groups_is_drawn_by_group(faits):
    dessin = site_tableaux.dessiner(faits, PAR_AGE)
    assert [barre.texte for barre in dessin.barres] == ["40,0\u00a0%", "80,0\u00a0%"]


def test_bars_of_negative_values_leave_zero_on_their_right(dessin):
    chiffres = [dessin.fait(PART, "98817", -2.0), dessin.fait(PART, "988", 1.0)]
    dessine = site_tableaux.dessiner(dessin.faits([PART], chiffres), PART)
    recul, hausse = dessine.barres
    assert recul.debut + recul.longueur == pytest.approx(dessine.zero, abs=0.11)
    assert hausse.debut == dessine.zero
    assert recul.longueur == pytest.approx(2 * hausse.longueur, abs=0.2)


def test_one_value_alone_is_not_drawn(dessin):
    assert site_tableaux.dessiner(dessin.faits([PART], [dessin.fait(PART, "98817", 15.7)]), PART) is None


def constante(dossier, fichier):
    """The constant that a script of data holds."""
    texte = (dossier / fichier).read_text(encoding="utf-8")
    return json.loads(re.fullmatch(r"const [A-Z]+=(.*);\n", texte, re.DOTALL)[1])


def test_the_search_knows_every_page(dossier):
    assert {page for _, page, *_ in constante(dossier, "recherche.js")} == set(lues(dossier))


def test_what_a_territory_is_compared_by_is_what_its_page_says(dossier):
    donnees = constante(dossier, "donnees.js")
    assert donnees["98817-plum"] == ["Plum", {"part_essai": ["14,2\u00a0%", "2019"]}]
    assert donnees["98817-boulari"][1] == {"part_essai": ["secret", "2019"]}


def test_the_page_of_a_territory_stays_in_its_folder_whatever_its_code(faits):
    # é is U+00E9, / is U+002F
    codes = {"98817-yahoué": "territoire-98817-yahou_e9_.html", "../x": "territoire-_2e__2e__2f_x.html"}
    for code, nom in codes.items():
        assert site_tableaux.page_de(replace(faits.etude, code=code)) == nom


def test_fictional_figures_are_marked_on_every_page_where_they_stand(dessin, contexte, tmp_path):
    faits = dessin.faits(
        [PART, PAR_AGE],
        [dessin.fait(PART, "98817", 15.7), dessin.fait(PART, "988", 14.5)],
        fictives=frozenset({"isee_population_age"}),
    )
    (tmp_path / "dessins").mkdir()
    (tmp_path / "dessins" / "carte-essai.svg").write_text("<svg/>")
    site.ecrire(faits, contexte, tmp_path / "dessins", tmp_path)
    toutes = lues(tmp_path / "site")
    assert all("données fictives" in page.texte() for page in toutes.values())
    [svg] = toutes["indicateur-part_essai.html"].tous("svg")
    assert "Données fictives" in svg.texte() and "Données fictives" in svg.attributs["aria-label"]


# --- The edition that is shipped -------------------------------------------------------------------


@pytest.fixture(scope="module")
def livre(construit):
    return construit / "reports" / EDITION / "publication" / "site"


@pytest.fixture(scope="module")
def pages_livrees(livre):
    return lues(livre)


def test_the_shipped_edition_has_no_fault_nor_dead_link_on_its_pages(livre, pages_livrees):
    assert len(pages_livrees) > 200
    assert [defaut for nom, page in pages_livrees.items() for defaut in pages.defauts(nom, page)] == []
    assert pages.liens_morts(pages_livrees, livre) == []


def test_the_first_page_and_all_that_it_loads_weigh_less_than_a_megabyte(livre, pages_livrees):
    charges = [
        e.attributs.get("src") or e.attributs["href"]
        for e in pages_livrees["index.html"].tous("script", "link", "img")
    ]
    assert sum((livre / nom).stat().st_size for nom in ["index.html", *charges]) < 1_000_000


def test_every_page_is_reached_by_links_from_the_first(pages_livrees):
    vues, suite = set(), ["index.html"]
    while suite:
        nom = suite.pop()
        if nom not in vues:
            vues.add(nom)
            liens = (a.attributs["href"].partition("#")[0] for a in pages_livrees[nom].tous("a"))
            suite += [lien for lien in liens if lien in pages_livrees]
    assert vues == set(pages_livrees)


def test_what_is_secret_in_the_base_is_the_word_secret_on_the_pages(livre, construit):
    import duckdb

    with duckdb.connect(str(construit / "data/processed" / EDITION / "base.duckdb"), read_only=True) as con:
        caches = con.execute(
            "select indicateur, territoire from (select i.* from publication.indicateurs i "
            "join socle.territoires t using (territoire) where t.role <> '' and groupe = '' and statut <> 'absent' "
            "qualify row_number() over (partition by indicateur, territoire order by millesime desc) = 1) "
            "where statut = 'secret'"
        ).fetchall()
    donnees = constante(livre, "donnees.js")
    assert caches
    assert {donnees[territoire][1][indicateur][0] for indicateur, territoire in caches} == {"secret"}


# --- In a browser ----------------------------------------------------------------------------------

en_navigateur = pytest.mark.skipif(navigateur.CHROMIUM is None, reason="chromium absent")
_FOCUS = "(document.activeElement.href || '').split('/').pop() + '|' + document.activeElement.tagName"


@pytest.fixture
def onglet():
    with navigateur.ouvert() as ouvert:
        yield ouvert


def parcourir(onglet, page):
    """What Tab stops on, from the top of a page until it comes back there."""
    onglet.ouvrir(page.as_uri())
    arrets = []
    while len(arrets) < 2000:
        onglet.frapper("Tab")
        arret = onglet.evaluer(_FOCUS)
        if arret.endswith("|BODY") or (arrets and arret == arrets[0]):
            break
        arrets.append(arret)
    return arrets


def entrer(onglet, page, lien):
    """Tab to a link of a page, press Enter; returns the file of the page that opens."""
    onglet.ouvrir(page.as_uri())
    for _ in range(2000):
        onglet.frapper("Tab")
        if onglet.evaluer(_FOCUS) == f"{lien}|A":
            avant = onglet.charges
            onglet.frapper("Enter")
            onglet.attendre(avant)
            return onglet.evaluer("location.pathname.split('/').pop()")
    raise AssertionError(f"{page.name} : Tab ne s'arrête jamais sur {lien}")


@pytest.mark.lent
@en_navigateur
def test_every_page_is_reached_by_tab_and_enter_and_asks_nothing_of_another_site(
    onglet, livre, pages_livrees
):
    foyers = ("index.html", "indicateurs.html", "territoires.html")
    arrets = {
        arret.partition("|")[0].partition("#")[0]
        for nom in foyers
        for arret in parcourir(onglet, livre / nom)
    }
    assert set(pages_livrees) - arrets == set()
    assert entrer(onglet, livre / "index.html", "indicateurs.html") == "indicateurs.html"
    assert (
        entrer(onglet, livre / "indicateurs.html", "indicateur-part_60_plus.html")
        == "indicateur-part_60_plus.html"
    )
    assert (
        entrer(onglet, livre / "territoires.html", "territoire-98817-plum.html")
        == "territoire-98817-plum.html"
    )
    for nom in pages_livrees:
        onglet.ouvrir((livre / nom).as_uri())
        onglet.frapper("Tab")
        assert onglet.evaluer(_FOCUS) == f"{nom}#contenu|A"  # the first stop leads to the content
    assert {adresse for adresse in onglet.requetes if not adresse.startswith(livre.as_uri())} == set()


@pytest.mark.lent
@en_navigateur
def test_a_table_is_sorted_by_the_keyboard_and_says_so(onglet, dossier):
    onglet.ouvrir((dossier / "indicateur-part_essai.html").as_uri())
    onglet.evaluer("document.querySelectorAll('th button')[2].focus()")
    onglet.frapper("Enter")
    noms = "[...document.querySelector('table').tBodies[0].rows].map((ligne) => ligne.cells[0].textContent)"
    # 9.5 < 14.2 < 14.5 < 15.7, what has no value last
    assert onglet.evaluer(noms) == ["Robinson", "Plum", "Nouvelle-Calédonie", "Le Mont-Dore", "Boulari"]
    assert onglet.evaluer("document.querySelectorAll('th')[2].getAttribute('aria-sort')") == "ascending"
    onglet.frapper("Enter")
    assert onglet.evaluer(noms) == ["Le Mont-Dore", "Nouvelle-Calédonie", "Plum", "Robinson", "Boulari"]


@pytest.mark.lent
@en_navigateur
def test_the_search_finds_without_accents_and_a_chosen_territory_adds_a_column(onglet, dossier):
    onglet.ouvrir((dossier / "index.html").as_uri())
    onglet.evaluer("mots.value = 'nouvelle caledonie'; mots.dispatchEvent(new Event('input'))")
    trouves = "[...document.querySelectorAll('#trouves a')].map((lien) => lien.getAttribute('href'))"
    assert onglet.evaluer(trouves) == ["territoire-988.html"]
    assert onglet.evaluer("compte.textContent") == "1 résultat"
    onglet.ouvrir((dossier / "territoire-98817-plum.html").as_uri())
    onglet.evaluer("autre.value = '98817-robinson'; autre.dispatchEvent(new Event('change'))")
    derniere = (
        "[...document.querySelector('table').rows]"
        ".map((ligne) => ligne.cells[ligne.cells.length - 1].textContent)"
    )
    assert onglet.evaluer(derniere) == ["Robinson", "9,5\u00a0%*"]


@pytest.mark.lent
@en_navigateur
def test_everything_is_read_without_javascript(onglet, dossier):
    onglet.commander("Emulation.setScriptExecutionDisabled", value=True)
    onglet.ouvrir((dossier / "index.html").as_uri())
    assert onglet.evaluer("document.getElementById('recherche').hidden") is True
    onglet.ouvrir((dossier / "indicateur-part_essai.html").as_uri())
    assert onglet.evaluer("document.querySelectorAll('th button').length") == 0
    assert onglet.evaluer("document.querySelectorAll('tbody tr').length") == 5 + 2
