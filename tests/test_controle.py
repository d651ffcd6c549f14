"""A deposit checked before it is deposited: what is wrong comes back as a sheet that nobody else reads."""

import pandas as pd
import pytest

from pipeline.controle import controler
from pipeline.model import ErreurUtilisateur

EDITION = """\
[edition]
titre = "Analyse"
redaction = "CCAS"
profil = "nouvelle_caledonie"
comparateurs = ["988"]
[territoire]
code = "98817"
nom = "Le Mont-Dore"
[[fichiers]]
source = "ccas_decisions"
chemin = "depots/decisions.csv"
"""
DECISIONS = "numero;date_seance;decision\n" + "".join(f"D{rang};10/02/2024;accord\n" for rang in range(1, 50))


@pytest.fixture
def edition(ouvrir, tmp_path, monkeypatch):
    monkeypatch.setenv("ABS_CLE", str(tmp_path / "essai.cle"))
    return ouvrir(EDITION)


def test_rows_to_correct_come_back_in_a_sheet_that_is_its_owner_s_alone(edition, tmp_path):
    depose = tmp_path / "decisions.csv"
    depose.write_text(DECISIONS + "D50;10/02/2024;troc\n", encoding="utf-8")
    dit = list(controler(edition, depose))
    feuille = tmp_path / "decisions_erreurs.csv"
    assert dit[1].startswith("50 lignes lues, 49 bonnes, 1 à corriger")
    assert str(feuille) in dit[-1]
    [erreur] = pd.read_csv(feuille, sep=";", dtype=str, encoding="utf-8-sig").to_dict("records")
    assert (erreur["ligne"], erreur["colonne"], erreur["valeur"]) == ("51", "decision", "troc")
    assert feuille.stat().st_mode & 0o777 == 0o600


def test_a_deposit_without_a_mistake_has_no_sheet(edition, tmp_path):
    depose = tmp_path / "decisions.csv"
    depose.write_text(DECISIONS, encoding="utf-8")
    assert "49 bonnes, 0 à corriger" in list(controler(edition, depose))[1]
    assert not (tmp_path / "decisions_erreurs.csv").exists()


def test_a_file_that_the_edition_does_not_declare_is_refused_with_those_it_does(edition, tmp_path):
    depose = tmp_path / "inconnu.csv"
    depose.write_text(DECISIONS, encoding="utf-8")
    with pytest.raises(ErreurUtilisateur, match=r"« inconnu.csv » ne correspond .*decisions.csv"):
        list(controler(edition, depose))
