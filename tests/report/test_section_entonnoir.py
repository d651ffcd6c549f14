"""The commune among those around it: who is outside the limits of chance, and where there is nothing to draw."""

import re
from dataclasses import replace

import pytest

from pipeline.model import Indicator, Share
from pipeline.report import entonnoir
from pipeline.report.charts import entonnoir as dessiner
from pipeline.report.faits import Ecart, Lieu
from pipeline.report.papiers import sans_renvois

ICI, NOUMEA = "98817", "98818"
CHOMAGE = Indicator(
    "chomage", "Taux de chômage", "T.", "T.", Share("a", of="b"), "population", higher_is="defavorable"
)


@pytest.fixture
def ecrire(dessin):
    """The section of shares (a, n) of the communes around, ours first; and what was drawn."""

    def ecrire_(ici, *autres, indicateur=CHOMAGE, efficace=1.0):
        for rang in range(len(autres)):
            nom = f"Voisine {rang}"
            dessin.lieux[f"v{rang}"] = Lieu(f"v{rang}", nom, f"de {nom}", f"à {nom}", "commune", "membre")
        chiffres = [
            dessin.fait(indicateur, code, 100 * a / n, numerateur=a, denominateur=n, efficace=efficace)
            for code, (a, n) in zip(
                (ICI, *(f"v{rang}" for rang in range(len(autres)))), (ici, *autres), strict=True
            )
        ]
        chiffres.append(dessin.fait(indicateur, NOUMEA, 8.0))
        ecarts = {chiffres[0]: [Ecart(NOUMEA, 2019, "comparateur", 0.1, 0.001, "au_dessus")]}
        faits = dessin.faits([indicateur], chiffres, ecarts)
        traces = []
        return entonnoir.section(faits, traces.append), traces

    return ecrire_


AUTOUR = [(100, 1_000)] * 9


def test_the_communes_that_chance_does_not_explain_are_named(ecrire):
    # together 1 120 of 11 000 = 10.18 %; at 1 000, ± 3.09·√(0.1018·0.8982/1 000) = ± 2.95 points: 7.2 to 13.1 %
    ecrite, [trace] = ecrire((180, 1_000), *AUTOUR, (40, 1_000))
    [dite] = ecrite.phrases
    assert re.sub(r"\s", " ", sans_renvois(dite)).endswith(
        "Hors des limites à 99,8 %, de la plus grande à la plus petite, au-dessus : Le Mont-Dore ; au-dessous : "
        "Voisine 9."
    )
    assert list(trace.lignes["situation"]) == ["au-dessus", *["dans l’entonnoir"] * 9, "au-dessous"]
    assert trace.options["reference"] == pytest.approx(100 * 1_120 / 11_000)
    assert ecrite.chapitre == "essai"


def test_a_small_commune_may_be_far_by_chance_alone(ecrire):
    # 4 of 20 is twice the whole: at 20, 10 ± 20.7 points
    ecrite, [trace] = ecrire((100, 1_000), *AUTOUR, (4, 20))
    assert trace.lignes["situation"].iloc[-1] == "dans l’entonnoir"
    assert ecrite.phrases[0].endswith("aucune commune n’en sort.")


def test_what_is_seen_of_a_commune_is_its_sample(ecrire):
    # 145 of 1,000 and 100 in the nine others: 10.45 ± 2.99 points; where two dwellings in five answered, ± 4.7
    situations = [
        ecrire((145, 1_000), *AUTOUR, efficace=efficace)[1][0].lignes["situation"].iloc[0]
        for efficace in (1.0, 0.4)
    ]
    assert situations == ["au-dessus", "dans l’entonnoir"]


@pytest.mark.parametrize("autres", [AUTOUR[:8], []])
def test_under_ten_communes_there_is_no_funnel(autres, ecrire):
    assert ecrire((100, 1_000), *autres) == (None, [])


def test_only_a_share_has_a_funnel(ecrire):
    compte = replace(CHOMAGE, measure=Share("a", of="b"), by="tranche")
    assert ecrire((100, 1_000), *AUTOUR, indicateur=compte) == (None, [])


def test_the_drawing_says_how_many_are_outside_and_where_we_are(ecrire):
    _, [trace] = ecrire((180, 1_000), *AUTOUR, (40, 1_000))
    graphique = dessiner(trace.lignes, trace.sujet, **trace.options)
    assert re.sub(r"\s", " ", graphique.alt) == (
        "11 communes autour de 10,2 %, limites à 99,8 % ; au-dessus : 1, au-dessous : 1, dans l’entonnoir : 9. "
        "Le Mont-Dore : 18,0 %, au-dessus."
    )
    assert list(graphique.donnees.iloc[0])[2:] == ["1\u202f000", "au-dessus"]
