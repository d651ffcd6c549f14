"""From one edition to the next: what changed, each gap with its one cause, and nothing mixed."""

import dataclasses
import shutil
import zipfile

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import changements, cog
from pipeline.archive import base_de, deposer_base
from pipeline.changements import Cause, Resultats, comparer, recalculer
from pipeline.edition import lire_edition
from pipeline.model import ErreurUtilisateur, Indicator, Mean, Share
from pipeline.report.changements import entre_editions

SERIE = ("part_60_plus", "98817", "")


def resultats(
    valeurs, declaration="Part des 60 ans et plus", calcul="select", perimetre="commune", fichier="abc"
):
    """One series, and what it was made with."""
    return Resultats(
        {SERIE: valeurs},
        {"part_60_plus": (declaration, calcul)},
        {"98817": perimetre},
        {"part_60_plus": frozenset({fichier})},
    )


def etapes(avant, apres, recalculees=None):
    table = comparer(avant, apres, {SERIE: recalculees or {}})
    colonnes = ["cause", "millesime_avant", "millesime_apres", "avant", "apres", "ecart"]
    return [
        tuple(None if isinstance(v, float) and pd.isna(v) else v for v in ligne)
        for ligne in table[colonnes].itertuples(index=False)
    ]


def test_nothing_changed_is_nothing_said():
    assert etapes(resultats({2019: 15.0}), resultats({2019: 15.0})) == []


def test_a_later_vintage_alone_is_a_change_of_vintage():
    assert etapes(resultats({2019: 15.0}), resultats({2019: 15.0, 2025: 18.0})) == [
        (Cause.MILLESIME, 2019, 2025, 15.0, 18.0, 3.0)
    ]


def test_another_figure_of_the_same_vintage_definition_and_perimeter_is_revised_data():
    assert etapes(resultats({2024: 40.0}), resultats({2024: 42.0}, fichier="def")) == [
        (Cause.VALEUR, 2024, 2024, 40.0, 42.0, 2.0)
    ]


def test_a_revised_definition_is_told_from_the_old_data_recomputed():
    # published 15.0; the new definition gives 16.0 of the same data; then the data were revised to 16.5
    assert etapes(
        resultats({2019: 15.0}),
        resultats({2019: 16.5}, declaration="Part des 65 ans et plus", fichier="def"),
        {2019: 16.0},
    ) == [
        (Cause.DEFINITION, 2019, 2019, 15.0, 16.0, 1.0),
        (Cause.VALEUR, 2019, 2019, 16.0, 16.5, 0.5),
    ]


def test_another_perimeter_with_the_same_definition_and_files_is_a_change_of_perimeter():
    assert etapes(resultats({2019: 15.0}), resultats({2019: 17.0}, perimetre="commune nouvelle")) == [
        (Cause.PERIMETRE, 2019, 2019, 15.0, 17.0, 2.0)
    ]


def test_the_four_causes_of_one_series_are_four_steps_that_add_up_to_the_whole_change():
    avant = resultats({2019: 15.0})
    apres = resultats({2019: 17.0, 2025: 20.0}, declaration="autre", perimetre="autre")
    lignes = etapes(avant, apres, {2019: 16.0})
    assert [ligne[0] for ligne in lignes] == [Cause.DEFINITION, Cause.PERIMETRE, Cause.MILLESIME]
    assert sum(ligne[5] for ligne in lignes) == 20.0 - 15.0


def test_two_causes_that_cannot_be_told_apart_have_no_gap():
    # nothing to recompute from: the definition and the files changed together
    avant, apres = resultats({2024: 40.0}), resultats({2024: 44.0}, declaration="autre", fichier="def")
    assert etapes(avant, apres) == [(Cause.DEFINITION, 2024, 2024, 40.0, 44.0, None)]
    [note] = comparer(avant, apres)["note"]
    assert note == "les données ont aussi changé : l’écart ne se partage pas"
    apres = resultats({2024: 44.0}, declaration="autre", perimetre="autre")
    [note] = comparer(avant, apres)["note"]
    assert note == "le périmètre a aussi changé : l’écart ne se partage pas"


def test_a_definition_revised_without_its_old_vintage_is_not_compared_with_the_new_one():
    # the old data are gone: 40 of the old definition and 50 of the new one have nothing in common
    assert etapes(resultats({2023: 40.0}), resultats({2025: 50.0}, declaration="autre")) == [
        (Cause.DEFINITION, 2023, 2023, 40.0, None, None)
    ]


def test_changes_are_counted_in_words():
    table = pd.DataFrame({"cause": ["valeur", "millesime", "millesime"]})
    assert changements.compte(table) == "2 millésimes nouveaux, 1 valeur révisée"
    assert changements.compte(table.iloc[:0]) == "aucun chiffre publié n’a changé"


def test_a_series_established_is_written_for_the_report(base, pays, tmp_path):
    # the whole step of the build, between two drawn bases: population of 2019, then of 2019 and 2025
    suivie = pays.model_copy(
        update={"edition": pays.edition.model_copy(update={"precedente": "essai/2025"}), "racine": tmp_path}
    )
    avant = changements.nommee(suivie, "essai/2025")
    avant.traitement.mkdir(parents=True)
    remplir = (
        "create schema publication; create schema qualite; "
        "create table qualite.fichiers as select 'isee' as source, 'abc' as sha256; "
        "create table publication.indicateurs as select * from (values {}) "
        "t(indicateur, territoire, groupe, millesime, valeur, statut); "
    )
    ligne = "('population', '98817', '', {}, {}.0, 'valide')"
    with duckdb.connect(str(avant.traitement / "base.duckdb")) as con:
        con.execute(remplir.format(ligne.format(2019, 27620)))
        con.execute(
            "create table publication.definitions (indicateur text, declaration text, calcul text, sources text);"
            "create table publication.perimetres (territoire text, empreinte text)"
        )
    base.execute(remplir.format(f"{ligne.format(2019, 27620)}, {ligne.format(2025, 25303)}"))
    base.execute(
        "create table publication.definitions (indicateur text, declaration text, calcul text, sources text);"
        "create table publication.perimetres (territoire text, empreinte text)"
    )
    assert (
        changements.depuis_la_precedente(base, suivie, ())
        == "Depuis l'édition essai/2025 : 1 millésime nouveau."
    )
    [ligne] = changements.lire_changements(base).itertuples(index=False)
    assert (ligne.cause, ligne.avant, ligne.apres, ligne.ecart) == (
        Cause.MILLESIME,
        27620,
        25303,
        25303 - 27620,
    )


def test_what_is_secret_now_is_not_printed_again_because_it_was_published_once():
    apres = dataclasses.replace(resultats({2025: 18.0}), secretes=frozenset({(SERIE, 2024)}))
    assert etapes(resultats({2024: 15.0}), apres) == []


def test_a_select_rewritten_to_the_same_figures_is_no_revised_definition():
    assert etapes(resultats({2019: 15.0}), resultats({2019: 15.0}, calcul="with"), {2019: 15.0}) == []
    assert etapes(resultats({2019: 15.0}), resultats({2019: 15.0}, calcul="with")) == []


def test_a_definition_reworded_is_marked_even_when_no_figure_moves():
    assert etapes(resultats({2019: 15.0}), resultats({2019: 15.0}, declaration="autre"), {2019: 15.0}) == [
        (Cause.DEFINITION, 2019, 2019, 15.0, 15.0, 0.0)
    ]


@given(
    publiee=st.integers(0, 50),
    revisee=st.integers(0, 50),
    nouvelle=st.integers(0, 50),
    redefinie=st.booleans(),
    redecoupee=st.booleans(),
)
def test_gaps_always_add_up_and_no_step_has_two_causes(publiee, revisee, nouvelle, redefinie, redecoupee):
    avant = resultats({2019: float(publiee)})
    apres = resultats(
        {2019: float(revisee), 2025: float(nouvelle)},
        declaration="autre" if redefinie else "Part des 60 ans et plus",
        perimetre="autre" if redecoupee else "commune",
    )
    lignes = etapes(avant, apres, {2019: float(revisee + publiee) / 2} if redefinie else None)
    assert len({ligne[0] for ligne in lignes}) == len(lignes)
    assert sum(ligne[5] for ligne in lignes) == pytest.approx(nouvelle - publiee)


# ------------------------------------------------------------------------------------ what is recorded

INDICATEUR = Indicator(
    id="part_60_plus",
    label="Part des 60 ans et plus",
    definition="Population âgée de 60 ans et plus, rapportée à la population totale.",
    why="Âge de la retraite.",
    measure=Share("pop_60_plus", of="pop"),
    table="population",
)


def test_the_text_the_measure_and_the_select_of_an_indicator_are_its_definition(monkeypatch):
    autrement = [
        INDICATEUR,
        dataclasses.replace(INDICATEUR, definition="Autre texte."),
        dataclasses.replace(INDICATEUR, measure=Share("pop_70_plus", of="pop")),
        dataclasses.replace(INDICATEUR, by="sexe"),
    ]
    assert len({changements._definition(i)["declaration"] for i in autrement}) == 4
    assert len({changements._definition(i)["calcul"] for i in autrement}) == 1
    etiquette = dataclasses.replace(INDICATEUR, label="Part des aînés", why="Autre raison.")
    assert changements._definition(etiquette) == changements._definition(INDICATEUR)
    avant = changements._definition(INDICATEUR)["calcul"]
    lire = changements.transform.sql
    monkeypatch.setattr(changements.transform, "sql", lambda table: f"-- remarque\n  {lire(table)}  ")
    assert changements._definition(INDICATEUR)["calcul"] == avant
    monkeypatch.setattr(changements.transform, "sql", lambda table: lire(table) + " where millesime > 2000")
    assert changements._definition(INDICATEUR)["calcul"] != avant


def test_counting_requests_in_the_year_of_their_decision_redefines_what_is_made_of_them_and_nothing_else():
    tables = (
        "aides",
        "recours",
        "prets",
        "delais",
        "representation_type_menage",
        "commissions",
        "population",
    )
    redefinies = [
        table
        for table in tables
        for i in [dataclasses.replace(INDICATEUR, table=table)]
        if changements._definition(i, "seance") != changements._definition(i, "demande")
    ]
    assert redefinies == ["aides", "recours", "prets", "delais", "representation_type_menage"]


def test_what_a_measure_is_written_with_is_no_part_of_its_definition():
    # decimals, and any word added to the vocabulary one day, change no value
    une, autre = (
        dataclasses.replace(INDICATEUR, measure=Mean("pop", of="superficie", unit="hab.", decimals=n))
        for n in (0, 1)
    )
    assert changements._definition(une) == changements._definition(autre)


@pytest.fixture
def empreintes(base, pays):
    """Territory → checksum of what it is made of, in the drawn country."""

    def lire(edition=pays):
        return changements.perimetres(base, edition).set_index("territoire")["empreinte"].to_dict()

    return lire


def test_a_commune_that_leaves_a_territory_changes_it_and_what_it_joins_and_nothing_else(base, empreintes):
    avant = empreintes()
    base.execute(
        "update socle.appartenances set contenant = '988-nord' where contenu = '98805' and contenant = '988-sud'"
    )
    apres = empreintes()
    assert {code for code in avant if avant[code] != apres[code]} == {"988-sud", "988-nord"}


def test_another_list_of_quartiers_does_not_change_the_commune(base, empreintes):
    avant = empreintes()
    base.execute("delete from socle.appartenances where contenu = '98817-plum'")
    assert empreintes() == avant


def test_a_declared_change_of_perimeter_marks_its_territory(pays, empreintes):
    declare = {"territoire": "98817-plum", "depuis": 2026, "explication": "limite sud déplacée"}
    edition = pays.model_validate(pays.model_dump() | {"perimetres": [declare]})
    avant, apres = empreintes(), empreintes(edition)
    assert {code for code in avant if avant[code] != apres[code]} == {"98817-plum"}


def test_a_commune_nouvelle_is_the_communes_it_holds():
    # Val-Revermont (01426, 1 January 2016): Treffort-Cuisiat and Pressiat
    contenu = changements._anciennes_communes()["01426"]
    assert {ancienne.partition("*")[0] for ancienne in contenu} == {"01426", "01312"}
    assert {"01426", "01312"} <= cog.communes_du(2015)


# ------------------------------------------------------------------------------------ the shipped edition


def test_the_old_value_is_recomputed_from_the_public_tables_of_the_old_base(construit):
    redefini = dataclasses.replace(INDICATEUR, measure=Share("pop_70_plus", of="pop"))
    base = construit / "data/processed/mont-dore/2026/base.duckdb"
    valeurs = recalculer(base, [redefini])
    # 2 141 of 27 620 inhabitants are 70 or over in 2019 (ISEE)
    assert valeurs["part_60_plus", "98817", ""][2019] == pytest.approx(100 * 2141 / 27620)


def test_what_comes_from_persons_is_not_recomputed(construit):
    demandes = dataclasses.replace(INDICATEUR, measure=Share("decidees", of="demandes"), table="aides")
    assert recalculer(construit / "data/processed/mont-dore/2026/base.duckdb", [demandes]) == {}


def test_an_edition_whose_predecessor_was_never_built_says_so_in_one_sentence(construit):
    html = (construit / "reports/mont-dore/2026/publication/rapport.html").read_text(encoding="utf-8")
    assert html.count("L’édition mont-dore/2025 n’est ni construite ni archivée ici") == 1
    assert not (construit / "reports/mont-dore/2026/publication/changements.csv").exists()


def test_two_editions_of_which_one_is_nowhere_are_not_compared(construit):
    avant, apres = (lire_edition(f"mont-dore/{annee}", construit) for annee in (2025, 2026))
    with pytest.raises(ErreurUtilisateur, match="mont-dore/2025 n'est ni construite ni archivée"):
        entre_editions(avant, apres)


def test_an_edition_compared_with_itself_has_not_changed(construit):
    edition = lire_edition("mont-dore/2026", construit)
    lignes, table = entre_editions(edition, edition)
    assert table.empty
    assert "Aucune définition n’a été revue." in lignes


def test_a_base_of_a_software_that_recorded_less_is_to_be_built_again(construit, tmp_path):
    edition = lire_edition("mont-dore/2026", construit)
    ancienne = edition.model_copy(update={"racine": tmp_path})
    ancienne.traitement.mkdir(parents=True)
    with duckdb.connect(str(ancienne.traitement / "base.duckdb")) as con:
        con.execute(
            "create schema publication; create schema qualite; create table qualite.fichiers (source text, sha256 text)"
        )
        con.execute(
            "create table publication.indicateurs "
            "(indicateur text, territoire text, groupe text, millesime int, valeur double, statut text)"
        )
    with base_de(ancienne) as base:
        assert base is not None
    with pytest.raises(ErreurUtilisateur, match="ne gardait pas ses définitions : lancer « make abs"):
        entre_editions(ancienne, edition)


def test_the_edition_before_may_be_known_by_its_archive_alone(construit, tmp_path):
    # another computer: neither the declaration nor the base of 2025, only its archive
    dossier = tmp_path / "projet"
    shutil.copytree(construit / "data/raw/mont-dore/2026", dossier / "data/raw/mont-dore/2026")
    shutil.copytree(construit / "data/processed/mont-dore/2026", dossier / "data/processed/mont-dore/2026")
    apres = lire_edition("mont-dore/2026", dossier)
    avant = changements.nommee(apres, "mont-dore/2025")
    with pytest.raises(ErreurUtilisateur, match="mont-dore/2025 n'est ni construite ni archivée"):
        entre_editions(avant, apres)
    avant.archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(avant.archive, "w") as archive:
        for chemin in deposer_base(apres.traitement / "base.duckdb", tmp_path / "base"):
            archive.write(chemin, f"base/{chemin.name}")
    _, table = entre_editions(avant, apres)
    assert table.empty


def test_the_edition_before_is_an_earlier_one(ouvrir):
    texte = (
        '[edition]\ntitre = "Analyse"\nredaction = "CCAS"\nprofil = "nouvelle_caledonie"\n'
        'comparateurs = ["988"]\nprecedente = "essai/2026"\n[territoire]\ncode = "98817"\nnom = "Le Mont-Dore"\n'
        '[[fichiers]]\nsource = "isee_superficie"\nchemin = "superficie.csv"\n'
    )
    with pytest.raises(ErreurUtilisateur, match="« essai/2026 » n'est pas antérieure à 2026"):
        changements.precedente(ouvrir(texte))
    with pytest.raises(ErreurUtilisateur, match="precedente » n'a pas la forme attendue"):
        ouvrir(texte.replace("essai/2026", "essai"))


def test_the_four_causes_are_found_between_two_bases(construit, tmp_path):
    dossier = tmp_path / "projet"
    for nom in ("data/raw", "data/processed/mont-dore/2026"):
        shutil.copytree(construit / nom, dossier / nom)
    avant, apres = (lire_edition(f"mont-dore/{annee}", dossier) for annee in (2025, 2026))
    avant.traitement.mkdir(parents=True)
    shutil.copy(apres.traitement / "base.duckdb", avant.traitement)
    with duckdb.connect(str(avant.traitement / "base.duckdb")) as con:
        # what last year's edition said otherwise: a share of another definition, a quartier of other limits with
        # 100 inhabitants less, a number of requests of 2025 since corrected, and no population of 2025
        con.execute(
            "update publication.definitions set declaration = 'autre' where indicateur = 'part_60_plus';"
            "update publication.indicateurs set valeur = 15.0 where indicateur = 'part_60_plus' "
            "and territoire = '98817' and millesime = 2019;"
            "update publication.perimetres set empreinte = 'autre' where territoire = '98817-plum';"
            "update publication.indicateurs set valeur = valeur - 100 where indicateur = 'population' "
            "and territoire = '98817-plum' and millesime = 2019;"
            "update publication.indicateurs set valeur = valeur + 7 where indicateur = 'demandes' "
            "and territoire = '98817' and millesime = 2025;"
            "delete from publication.indicateurs where indicateur = 'population' and millesime = 2025"
        )
    _, table = entre_editions(avant, apres)
    trouves = {
        (ligne.indicateur, ligne.territoire): (ligne.cause, round(ligne.ecart, 2))
        for ligne in table[table["groupe"] == ""].itertuples()
    }
    # 4 345 of 27 620 inhabitants are 60 or over in 2019: 15.73 %, and not 15; 27 620 to 25 303 inhabitants
    assert trouves["part_60_plus", "98817"] == (Cause.DEFINITION, 0.73)
    assert trouves["population", "98817-plum"] == (Cause.PERIMETRE, 100)
    assert trouves["demandes", "98817"] == (Cause.VALEUR, -7)
    assert trouves["population", "98817"] == (Cause.MILLESIME, 25303 - 27620)
