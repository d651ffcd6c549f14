"""A declaration that cannot be right fails when it is read, and says with which value."""

import re

import duckdb
import pandas as pd
import pytest
from conftest import SANS_MARQUE

from pipeline import compute, transform
from pipeline.edition import lire_edition
from pipeline.indicators import CHAPITRES
from pipeline.model import (
    PUBLICS,
    STATUTS,
    AgeA,
    Chapter,
    Figure,
    Growth,
    Indicator,
    Mean,
    Pseudonyme,
    Published,
    Quantile,
    Rate,
    Ratio,
    Share,
    Source,
    Statut,
    Total,
    colonnes,
    genre,
)
from pipeline.sources import TYPES_SQL
from pipeline.sources.registre import SOURCES


def indicateur(**champs):
    """A right declaration, but for what is said."""
    return Indicator(
        **{
            "id": "part_60_plus",
            "label": "Part des 60 ans et plus",
            "definition": "Population de 60 ans et plus, rapportée à la population totale.",
            "why": "Prépare l'adaptation des logements.",
            "measure": Share("pop_60_plus", of="pop"),
            "table": "population",
        }
        | champs
    )


def chapitre(*indicateurs, figures=()):
    return Chapter("essai", "Essai", "Qui ?", indicateurs, figures)


# --- Sums of columns -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("somme", "noms"),
    [
        ("pop", ("pop",)),
        ("pop_60_69 + pop_70_plus", ("pop_60_69", "pop_70_plus")),
        ("logements-studios", ("logements", "studios")),
        (" a  +  b - c ", ("a", "b", "c")),
    ],
)
def test_a_sum_names_its_columns(somme, noms):
    assert colonnes(somme) == noms


@pytest.mark.parametrize(
    "faux", ["", "pop +", "+ pop", "pop * 2", "Pop", "2 + pop", "sum(pop)", "pop; drop table t", "a b", "é"]
)
def test_anything_else_than_a_sum_is_refused_with_its_text(faux):
    with pytest.raises(ValueError, match=re.escape(f"« {faux} »")):
        colonnes(faux)


@pytest.mark.parametrize("mesure", [Share, Rate, Ratio, lambda a, of: Mean(a, of, unit="jours")])
class TestRatios:
    def test_both_terms_are_sums(self, mesure):
        with pytest.raises(ValueError, match=r"« pop \* 2 »"):
            mesure("pop * 2", "pop")
        with pytest.raises(ValueError, match=r"« 1000 »"):
            mesure("pop", "1000")

    def test_nothing_is_divided_by_itself(self, mesure):
        for a, of in (("pop", "pop"), ("pop", " pop "), ("a + b", "b + a")):
            with pytest.raises(ValueError, match=re.escape(f"{a} / {of}")):
                mesure(a, of)

    def test_principale_and_complementaire_counts_are_two_estimates_of_one_population(self, mesure):
        with pytest.raises(ValueError, match="c_menages / p_menages"):
            mesure("c_menages", "p_menages")
        assert mesure("c_seuls", "c_menages")


@pytest.mark.parametrize(
    "nom",
    ["niveau_vie_median", "decile_9", "indice_gini", "taux_pauvrete", "part_impots", "apl_generalistes"],
)
@pytest.mark.parametrize(
    "mesure",
    [
        lambda a: Total(a, "€"),
        Growth,
        lambda a: Share(a, of="menages"),
        lambda a: Mean("menages", of=f"menages + {a}", unit="€"),
    ],
)
def test_what_is_published_as_a_median_a_rate_or_an_index_is_never_summed(nom, mesure):
    with pytest.raises(ValueError, match=f"« {nom} » ne s'additionne pas"):
        mesure(nom)
    assert Published(nom, "€").a == nom


@pytest.mark.parametrize("nom", ["participants", "appartements", "departements", "tauxi"])
def test_a_count_whose_name_only_looks_like_a_share_is_summed(nom):
    assert Total(nom, "habitants").a == nom


@pytest.mark.parametrize("mesure", [Growth, lambda a: Total(a, "habitants"), lambda a: Published(a, "€")])
def test_a_count_is_a_sum_of_columns(mesure):
    assert mesure("pop")
    with pytest.raises(ValueError, match=r"« pop / 2 »"):
        mesure("pop / 2")


def test_a_published_figure_is_one_column_since_it_is_never_summed():
    with pytest.raises(ValueError, match=r"'mediane_a \+ mediane_b'"):
        Published("mediane_a + mediane_b", "€")


def test_a_quantile_names_the_column_of_its_observations_and_whose_each_is():
    assert Quantile("delais_demandes", "jours", par="menage").part == 0.5, "a median"


@pytest.mark.parametrize(
    ("noms", "faux"),
    [
        (("delais demandes", "jours", "menage"), "delais demandes"),
        (("delais_demandes", "jours / 2", "menage"), "jours / 2"),
        (("delais_demandes", "jours", ""), ""),
    ],
)
def test_a_quantile_of_what_is_no_column_is_refused(noms, faux):
    with pytest.raises(ValueError, match=f"Quantile : {faux!r} n'est pas un identifiant"):
        Quantile(*noms)


@pytest.mark.parametrize("part", [0, 1, 50, -0.1])
def test_a_quantile_leaves_something_below_it_and_something_above(part):
    with pytest.raises(ValueError, match=rf"Quantile\('jours'\) : part={part} n'est pas entre 0 et 1"):
        Quantile("delais_demandes", "jours", par="menage", part=part)


# --- What a measure says of itself -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("mesure", "unite"),
    [
        (Share("a", of="b"), "%"),
        (Rate("a", of="b"), "pour 1 000 habitants"),
        (Rate("a", of="b", per=100_000, noun="femmes"), "pour 100 000 femmes"),
        (Ratio("a", of="b", noun="jeunes"), "pour 100 jeunes"),
        (Ratio("a", of="b", per=1), ""),
        (Mean("a", of="b", unit="pièces"), "pièces"),
        (Total("a", "ménages"), "ménages"),
        (Growth("a"), "% par an"),
        (Published("a", "€"), "€"),
    ],
)
def test_the_unit_comes_from_the_measure(mesure, unite):
    assert re.sub(r"\s", " ", mesure.unit) == unite


@pytest.mark.parametrize(
    ("label", "attendu"),
    [
        ("Part des femmes", "f"),
        ("Évolution annuelle moyenne", "f"),
        ("Taux de chômage", "m"),
        ("Indice de jeunesse", "m"),
        ("Âge moyen", "m"),
        ("Nombre d'enfants", "m"),
    ],
)
def test_the_gender_of_a_label_is_that_of_its_first_word(label, attendu):
    assert genre(label) == attendu


def test_every_status_is_explained():
    assert set(STATUTS) == set(Statut)


# --- Indicators, chapters, sources -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("champ", "valeur"),
    [
        ("id", "Part 60+"),
        ("id", "60_plus"),
        ("id", ""),
        ("table", "socle.population"),
        ("table", "population; drop table t"),
        ("definition", "Population de 60 ans et plus"),
        ("definition", ""),
        ("why", "Pour savoir"),
        ("higher_is", "bon"),
        ("publics", ("martiens",)),
    ],
)
def test_a_bad_field_is_refused_with_the_name_of_the_indicator(champ, valeur):
    with pytest.raises(ValueError) as refus:
        indicateur(**{champ: valeur})
    montre = champ if champ in ("definition", "why") else (valeur[0] if champ == "publics" else repr(valeur))
    assert montre in str(refus.value)
    assert repr(valeur if champ == "id" else "part_60_plus") in str(refus.value)


@pytest.mark.parametrize("label", ["Pourcentage de femmes", "60 ans et plus", "", "Les femmes"])
def test_a_label_whose_first_word_has_no_gender_cannot_be_put_in_a_sentence(label):
    with pytest.raises(ValueError, match=re.escape(f"« {label} »")):
        indicateur(label=label)


def test_a_chapter_does_not_hold_an_indicator_twice():
    with pytest.raises(ValueError, match=r"'essai'.*\['part_60_plus'\]"):
        chapitre(indicateur(), indicateur(label="Part des aînés"))


def test_a_figure_draws_indicators_of_its_chapter():
    with pytest.raises(ValueError, match=r"'essai'.*\['densite'\]"):
        chapitre(indicateur(), figures=(Figure("carte", ("densite",)),))
    assert chapitre(indicateur(), figures=(Figure("carte", ("part_60_plus",)), Figure("pyramide")))


def test_a_figure_is_of_a_known_kind():
    with pytest.raises(ValueError, match="'camembert'"):
        Figure("camembert")


def source(**champs):
    return Source(
        **{
            "id": "essai",
            "title": "",
            "producer": "",
            "licence": "",
            "page": "",
            "schema": None,
            "readers": {},
        }
        | champs
    )


@pytest.mark.parametrize("nom", ["Essai", "essai-2019", "2019", ""])
def test_the_name_of_a_source_is_that_of_a_table(nom):
    with pytest.raises(ValueError, match=re.escape(repr(nom))):
        source(id=nom)


def test_a_source_is_about_persons_when_it_replaces_what_identifies_them():
    assert not source().personnelle
    assert source(identites=(Pseudonyme("personne", ("nom",)),)).personnelle
    assert source(identites=(AgeA("age", "naissance", "demande"),)).personnelle


# --- The registry: every declaration of the report -------------------------------------------------

TOUS = [(c, i) for c in CHAPITRES for i in c.indicators]


def fautifs(condition):
    """Ids of the declared indicators that break a rule, so that the failure names them."""
    return [i.id for _, i in TOUS if condition(i)]


def test_an_indicator_is_declared_once_over_all_chapters():
    noms = [i.id for _, i in TOUS]
    assert sorted({nom for nom in noms if noms.count(nom) > 1}) == []
    assert len({c.id for c in CHAPITRES}) == len(CHAPITRES)


def test_two_indicators_never_bear_the_same_label():
    labels = [i.label for _, i in TOUS]
    assert sorted({label for label in labels if labels.count(label) > 1}) == []


def test_every_indicator_is_computed_on_a_table_that_is_built():
    assert fautifs(lambda i: i.table not in transform.ORDRE) == []


def test_every_indicator_comes_from_a_declared_source():
    declarees = {s.id for s in SOURCES}
    assert (
        fautifs(lambda i: not transform.sources_de(i.table) or set(transform.sources_de(i.table)) - declarees)
        == []
    )


def test_every_column_that_an_indicator_names_is_in_its_table(base_publique):
    presentes = base_publique.execute(
        "select table_name, list(column_name) from information_schema.columns "
        "where table_schema = 'socle' group by table_name"
    ).fetchall()
    tables = {table: set(noms) for table, noms in presentes}

    def citees(i):
        of = colonnes(i.measure.of) if hasattr(i.measure, "of") else ()
        return {*colonnes(i.measure.a), *of, *([i.by] if i.by else [])}

    assert {i.id: citees(i) - tables[i.table] for _, i in TOUS if citees(i) - tables[i.table]} == {}


def test_an_indicator_is_grouped_by_a_column_of_the_key_of_its_table():
    assert fautifs(lambda i: i.by and i.by not in transform.cle(i.table)) == []
    assert (
        fautifs(
            lambda i: set(transform.cle(i.table)) - {"territoire", "millesime"} - ({i.by} if i.by else set())
        )
        == []
    )


def test_the_count_of_a_mean_is_one_of_its_two_terms():
    with pytest.raises(ValueError, match="compte='b' n'est ni « a » ni « of »"):
        Mean("pop", of="superficie", unit="hab./km²", compte="b")


UNITES = {"texte": "x", "entier": 1, "nombre": 1.0, "date": "2022-12-31"}


def champs(source):
    return source.schema.columns.items()


def noms_de(source):
    return [nom for nom, _ in champs(source)]


def unites(source):
    """Bourg-en-Bresse in 2016 and 2022, with one of everything that the source declares."""
    lieu = {"territoire": "010530101" if source.id.endswith("iris") else "01053"}
    ligne = {nom: UNITES[champ.metadata["genre"]] for nom, champ in champs(source)} | lieu
    return [ligne | {"millesime": annee} for annee in (2016, 2022)]


@pytest.fixture(scope="module")
def connus_en_france(tmp_path_factory):
    """Indicators that have a value where every variable of the files of France is given, twice."""
    dossier = tmp_path_factory.mktemp("france") / "data" / "raw" / "bourg" / "2026"
    dossier.mkdir(parents=True)
    (dossier / "edition.toml").write_text(
        '[edition]\ntitre = "A"\nredaction = "C"\nprofil = "france"\ncomparateurs = []\n[territoire]\n'
        'code = "01053"\nnom = "Bourg-en-Bresse"\n[[fichiers]]\nsource = "insee_rp_population"\nchemin = "a.csv"\n',
        encoding="utf-8",
    )
    edition = lire_edition("bourg/2026", dossier.parents[3])
    with duckdb.connect() as con:
        con.execute("create schema brut")
        con.execute(SANS_MARQUE)
        for source in SOURCES:
            con.register(
                "lot", pd.DataFrame(unites(source) if source.nationale else [], columns=noms_de(source))
            )
            types = ", ".join(
                f"{nom}::{TYPES_SQL[c.metadata['genre']]} as {nom}" for nom, c in champs(source)
            )
            con.execute(
                f"create table brut.{source.id} as select {types}, '' as fichier, '' as ligne from lot"
            )
        transform.construire(con, edition)
        paires = ", ".join(f"('{table}', 2016, 2022, 6.0)" for table in transform.series())
        con.execute(f"create table socle.paires as from (values {paires}) t (tableau, debut, fin, annees)")
        lignes = compute.lire(con, {i.id: compute.requete(i, f"socle.{i.table}") for _, i in TOUS})
    return set(lignes.loc[lignes["valeur"].notna(), "indicateur"])


def test_every_census_indicator_has_a_value_in_the_shipped_edition_or_in_france(
    base_publique, connus_en_france
):
    valeurs = base_publique.execute(
        "select distinct indicateur from resultat.indicateurs where valeur is not null"
    ).fetchall()
    connus = {nom for (nom,) in valeurs} | connus_en_france
    series = transform.series()
    assert fautifs(lambda i: series[i.table] == "recensement" and i.id not in connus) == []


def phrase(texte):
    """Whether a text is a French sentence: a capital first, a final period, no stray space, no English."""
    anglais = re.search(r"\b(the|of|and|with|number|share|rate)\b", texte, re.IGNORECASE)
    return bool(re.fullmatch(r"[A-ZÀÂÉÈÊÎÔÇ«](?:(?!\s\s|\s[.,]).)*[.?]", texte)) and not anglais


@pytest.mark.parametrize("champ", ["definition", "why"])
def test_definition_and_reason_are_french_sentences(champ):
    assert fautifs(lambda i: not phrase(getattr(i, champ))) == []
    if champ == "definition":
        assert fautifs(lambda i: not i.definition.endswith(".")) == []


def test_a_caveat_is_a_sentence_or_nothing():
    assert fautifs(lambda i: i.caveat and not phrase(i.caveat)) == []


def test_labels_fit_in_a_table():
    assert fautifs(lambda i: len(i.label) > 90 or i.label != i.label.strip() or i.label.endswith(".")) == []


def test_every_chapter_asks_a_question_and_has_something_to_draw():
    assert [c.id for c in CHAPITRES if not re.search(r"\s\?$", c.question)] == []
    assert [c.id for c in CHAPITRES if not c.figures] == []


def test_each_public_that_the_report_speaks_of_has_indicators_except_where_no_figure_exists():
    servis = {public for _, i in TOUS for public in i.publics}
    assert set(PUBLICS) - servis <= {"personnes handicapées"}
