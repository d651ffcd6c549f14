"""What counts no heads says whose it is, or its indicator is refused: amounts, days and kilos are not persons."""

import pytest

from pipeline.indicators import CHAPITRES
from pipeline.model import Chapter, Indicator, Mean, Share, Total
from pipeline.quantites import verifier_quantites


def chapitre(mesure, table="aides"):
    return Chapter(
        "essai", "Essai", "Qui ?", (Indicator("essai", "Nombre essayé", "Tel.", "Tel.", mesure, table),)
    )


@pytest.mark.parametrize(
    "mesure",
    [
        Total("frais", "F CFP"),
        Total("frais", "monnaie"),
        Mean("frais", of="menages_payes", unit="€"),
        Total("montant + frais", "monnaie"),
        Mean("nuits", of="personnes", unit="nuits"),
        Total("repas", "repas"),
        # whose hours these are is said, and not who gave the most of that money
        Total("heures_benevoles", "€"),
    ],
)
def test_a_quantity_of_the_activity_whose_persons_are_unknown_is_refused(mesure):
    with pytest.raises(ValueError, match=r"'essai' : '\w+' est en « .+ », et non en personnes"):
        verifier_quantites([chapitre(mesure)])


@pytest.mark.parametrize(
    "mesure",
    [
        Total("demandes", "demandes"),
        Mean("demandes", of="menages", unit="demandes"),
        Total("montant", "monnaie"),
        Mean("jours_attente", of="delais_connus", unit="jours"),
        Total("budget_vote", "F CFP"),
        Share("accords", of="demandes"),
    ],
)
def test_heads_files_and_quantities_whose_persons_are_known_pass(mesure):
    verifier_quantites([chapitre(mesure)])


def test_public_figures_may_be_of_anything():
    verifier_quantites([chapitre(Total("superficie", "km²"), table="population")])


def test_every_declared_indicator_passes():
    verifier_quantites(CHAPITRES)
