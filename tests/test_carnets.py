"""The analysts' notebooks run from top to bottom on the built edition, and keep no output."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from conftest import texte_edition

RACINE = Path(__file__).parents[1]
CARNETS = sorted((RACINE / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("carnet", CARNETS, ids=lambda chemin: chemin.stem)
def test_a_notebook_keeps_no_output(carnet):
    cellules = json.loads(carnet.read_text(encoding="utf-8"))["cells"]
    assert [c for c in cellules if c["cell_type"] == "code" and (c["outputs"] or c["execution_count"])] == []


@pytest.mark.parametrize("carnet", CARNETS, ids=lambda chemin: chemin.stem)
def test_a_notebook_runs(carnet, construit, monkeypatch):
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv("ABS_RACINE", str(construit))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(RACINE), *filter(None, sys.path)]))
    contenu = nbformat.read(carnet, as_version=4)
    NotebookClient(contenu, timeout=120, kernel_name="python3").execute()


# ISEE, « GN gpe age » : 3 582 habitants de 50 à 59 ans sur 27 620
PART_50_59 = 100 * 3582 / 27620


@pytest.fixture
def cellule():
    """The cell of the third notebook that declares an indicator."""
    source = json.loads(
        (RACINE / "notebooks/mettre_au_point_un_indicateur.ipynb").read_text(encoding="utf-8")
    )
    [declaration] = ["".join(c["source"]) for c in source["cells"] if "Indicator(" in "".join(c["source"])]
    return declaration


def test_the_third_notebook_shows_the_published_figure(construit, monkeypatch, cellule):
    from pipeline import analyse

    monkeypatch.setattr(analyse, "RACINE", construit)
    espace: dict = {}
    exec(cellule, espace)
    valeurs = analyse.ouvrir("mont-dore/2026").evaluer(espace["part_50_59"])
    [ligne] = valeurs[(valeurs["territoire"] == "98817") & (valeurs["millesime"] == 2019)].itertuples()
    assert ligne.valeur == pytest.approx(PART_50_59)


def test_the_cell_of_the_third_notebook_pasted_at_the_end_of_a_chapter_has_its_figure_and_its_card(
    base_publique, edition_publique, cellule
):
    from pipeline import comparison, compute, indicators, transform
    from pipeline.indicators import demographie
    from pipeline.report import document
    from pipeline.report import faits as faits_

    module = ModuleType("colle")
    exec(Path(demographie.__file__).read_text(encoding="utf-8") + "\n\n" + cellule, vars(module))
    chapitre = indicators.chapitre_de(module)
    assert [i.id for i in chapitre.indicators][-2:] == ["population_municipale", "part_50_59"]
    base_publique.begin()
    try:
        base_publique.execute(
            "drop schema niveaux cascade; drop schema resultat cascade; drop table socle.paires"
        )
        for etape in (compute.ecrire, comparison.comparer):
            etape(base_publique, edition_publique, [chapitre], transform.series())
        faits = faits_.lire(base_publique, edition_publique, [chapitre], "resultat")
    finally:
        base_publique.rollback()
    [part] = [i for i in faits.indicateurs() if i.id == "part_50_59"]
    assert faits.a("part_50_59", "98817", 2019).valeur == pytest.approx(PART_50_59)
    carte = document.fiche(faits, part, faits.source(part))
    assert carte["id"] == "part_50_59"
    assert "100 × Σ(pop_50_59) ÷ Σ(pop)" in carte["table"] and "13,0" in carte["table"]


def test_an_indicator_named_in_its_module_and_listed_in_its_chapter_is_there_once():
    from pipeline import indicators
    from pipeline.indicators import demographie

    module = ModuleType("nomme")
    module.CHAPITRE, module.population = demographie.CHAPITRE, demographie.CHAPITRE.indicators[0]
    assert indicators.chapitre_de(module) == demographie.CHAPITRE


@pytest.mark.lent
def test_the_cell_of_the_third_notebook_pasted_into_a_chapter_builds_unchanged(tmp_path, cellule):
    code, isee = tmp_path / "code", RACINE / "data/raw/isee"
    shutil.copytree(RACINE / "pipeline", code / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    with (code / "pipeline/indicators/demographie.py").open("a", encoding="utf-8") as chapitre:
        chapitre.write(f"\n\n{cellule}\n")
    dossier = tmp_path / "data/raw/essai/2026"
    dossier.mkdir(parents=True)
    fichiers = [
        f"{nom} {(isee / nom).as_posix()}.csv" for nom in ("isee_population_quartier", "isee_superficie")
    ]
    (dossier / "edition.toml").write_text(texte_edition(fichiers=fichiers), encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "pipeline", "abs", "essai/2026", "--silencieux"],
        cwd=code,
        env={**os.environ, "PYTHONPATH": str(code), "ABS_RACINE": str(tmp_path)},
        check=True,
    )
    publication = tmp_path / "reports/essai/2026/publication"
    with (publication / "indicateurs.csv").open(encoding="utf-8-sig", newline="") as flux:
        [valeur] = [
            ligne["valeur"]
            for ligne in csv.DictReader(flux, delimiter=";")
            if (ligne["indicateur"], ligne["territoire"], ligne["millesime"])
            == ("part_50_59", "98817", "2019")
        ]
    assert float(valeur.replace(",", ".")) == pytest.approx(PART_50_59, abs=1e-6)
    assert "\npart_50_59;" in (publication / "dictionnaire.csv").read_text(encoding="utf-8-sig")
    assert 'id="indicateur-part_50_59"' in (publication / "rapport.html").read_text(encoding="utf-8")


def test_an_unknown_table_or_one_about_persons_is_refused_in_one_sentence(construit, monkeypatch):
    from pipeline import analyse
    from pipeline.indicators import CHAPITRES
    from pipeline.model import ErreurUtilisateur

    monkeypatch.setattr(analyse, "RACINE", construit)
    base = analyse.ouvrir("mont-dore/2026")
    [recours] = [i for c in CHAPITRES for i in c.indicators if i.id == "taux_recours"]
    with pytest.raises(ErreurUtilisateur, match="recours"):
        base.evaluer(recours)


def test_the_confidential_base_is_asked_for_by_name_and_says_what_it_is(construit, monkeypatch):
    from pipeline import analyse
    from pipeline.indicators import CHAPITRES

    monkeypatch.setattr(analyse, "RACINE", construit)
    with pytest.warns(UserWarning, match="ne sort du CCAS"):
        base = analyse.ouvrir("mont-dore/2026", confidentiel=True)
    assert base.con.execute("select count(*) > 0 from brut.ccas_demandes").fetchone() == (True,)
    [recours] = [i for c in CHAPITRES for i in c.indicators if i.id == "taux_recours"]
    assert base.evaluer(recours)["valeur"].notna().any()


def test_an_analyst_chooses_a_territory_reads_its_card_and_sees_its_chart(construit, monkeypatch):
    from pipeline import analyse
    from pipeline.model import ErreurUtilisateur

    monkeypatch.setattr(analyse, "RACINE", construit)
    base = analyse.ouvrir("mont-dore/2026")
    lieux = base.territoires()
    assert dict(zip(lieux["territoire"], lieux["role"], strict=True))["98817-plum"] == "quartier"
    part = base.indicateur("part_60_plus")
    ensemble = base.dessiner(part, base.fiche("part_60_plus"))
    assert ensemble.titre == "Part des 60 ans et plus, 2019"
    assert set(ensemble.donnees["Territoire"]) == set(lieux.loc[lieux["role"] == "quartier", "nom"])
    commune = base.dessiner(part, base.fiche("part_60_plus", "98817"))
    assert commune.titre.endswith("-2019")
    with pytest.raises(ErreurUtilisateur, match="part_6O_plus"):
        base.indicateur("part_6O_plus")
    with pytest.raises(ErreurUtilisateur, match="aucun chiffre à dessiner"):
        base.dessiner(part, base.fiche("part_60_plus").iloc[:0])
