"""The analysts' notebooks run from top to bottom on the built edition, and keep no output."""

import json
import os
import re
import sys
from pathlib import Path

import pytest

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


def test_the_indicator_of_the_third_notebook_is_ready_to_be_pasted(construit, monkeypatch):
    from pipeline import analyse

    monkeypatch.setattr(analyse, "RACINE", construit)
    source = json.loads(
        (RACINE / "notebooks/mettre_au_point_un_indicateur.ipynb").read_text(encoding="utf-8")
    )
    [cellule] = ["".join(c["source"]) for c in source["cells"] if "Indicator(" in "".join(c["source"])]
    espace: dict = {}
    exec(cellule, espace)
    valeurs = analyse.ouvrir("mont-dore/2026").evaluer(espace["part_50_59"])
    [ligne] = valeurs[(valeurs["territoire"] == "98817") & (valeurs["millesime"] == 2019)].itertuples()
    # ISEE, « GN gpe age » : 3 582 habitants de 50 à 59 ans sur 27 620
    assert ligne.valeur == pytest.approx(100 * 3582 / 27620)
    assert re.fullmatch(r"[a-z0-9_]+", espace["part_50_59"].id)


def test_an_unknown_table_or_one_about_persons_is_refused_in_one_sentence(construit, monkeypatch):
    from pipeline import analyse
    from pipeline.indicators import CHAPITRES
    from pipeline.model import ErreurUtilisateur

    monkeypatch.setattr(analyse, "RACINE", construit)
    base = analyse.ouvrir("mont-dore/2026")
    [recours] = [i for c in CHAPITRES for i in c.indicators if i.id == "taux_recours"]
    with pytest.raises(ErreurUtilisateur, match="recours"):
        base.evaluer(recours)


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
