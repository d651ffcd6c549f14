"""Quartiers beside one another: what groups them and what is not given, from what may be said only."""

from dataclasses import replace

import pytest

from pipeline.model import Indicator, Rate, Share, Statut
from pipeline.report import quartiers
from pipeline.report.quartiers import section

JEUNES = Indicator("part_0_19", "Part des moins de 20 ans", "D.", "P.", Share("a", of="pop"), "population")
AINES = Indicator("part_60_plus", "Part des 60 ans et plus", "D.", "P.", Share("b", of="pop"), "population")
RECOURS = Indicator("taux_recours", "Taux de recours", "D.", "P.", Rate("c", of="adultes"), "recours")


@pytest.fixture
def six(ouvrir):
    """Facts of six quartiers of 1,000 inhabitants: `six({"Plum": (jeunes, aines)…}, recours={…})`."""
    from conftest import Dessin

    noms = ["Plum", "Robinson", "Boulari", "Yahoue", "Conception", "Coulee"]
    dessin = Dessin(ouvrir(quartiers=noms, comparateurs=["988"]))

    def faits(parts, recours=None, **autres):
        chiffres = []
        for quartier in dessin.edition.quartiers:
            for indicateur, n in zip((JEUNES, AINES), parts[quartier.nom], strict=True):
                chiffres.append(
                    dessin.fait(indicateur, quartier.code, n / 10, numerateur=n, denominateur=1_000)
                )
            if recours:
                chiffres.append(
                    dessin.fait(
                        RECOURS,
                        quartier.code,
                        recours[quartier.nom],
                        2025,
                        numerateur=recours[quartier.nom],
                        denominateur=800,
                    )
                )
        return dessin.faits((JEUNES, AINES, RECOURS), chiffres, **autres)

    return faits


# Three young quartiers, three old ones.
DEUX_FAMILLES = {
    "Plum": (350, 80),
    "Robinson": (360, 90),
    "Boulari": (355, 85),
    "Yahoue": (200, 240),
    "Conception": (205, 250),
    "Coulee": (195, 245),
}
PAREILS = dict.fromkeys(DEUX_FAMILLES, (300, 150))


def test_quartiers_that_resemble_each_other_make_classes_named_from_their_profile(six):
    trouvee = section(six(DEUX_FAMILLES))
    jeune = next(ligne for ligne in trouvee.tables[0].splitlines() if "Plum" in ligne)
    vieille = next(ligne for ligne in trouvee.tables[0].splitlines() if "Yahoue" in ligne)
    assert "| Plutôt « moins de 20 ans » | Plum, Robinson et Boulari |" in jeune
    assert "| Plutôt « 60 ans et plus » | Yahoue, Conception et Coulee |" in vieille


def test_the_silhouette_and_the_stability_are_printed(six):
    [phrase] = [phrase for phrase in section(six(DEUX_FAMILLES)).phrases if phrase.startswith("Typologie")]
    assert "2 classes, silhouette moyenne 0,9" in phrase
    assert "stabilité 1,00" in phrase
    assert "prudence" not in phrase


def test_quartiers_that_are_all_alike_have_no_classes_and_the_reason_is_said(six):
    phrases = section(six(PAREILS)).phrases
    assert any(p.startswith("Typologie des quartiers : non donnée. La variable") for p in phrases)


def test_segregation_stands_beside_what_chance_would_give(six):
    # Young: 1,065 in three quartiers and 600 in three; others 1,935 and 2,400.
    trouvee = section(six(DEUX_FAMILLES))
    attendu = 50 * (sum(abs(a / 1_665 - (1_000 - a) / 4_335) for a, _ in DEUX_FAMILLES.values()))
    ligne = next(
        ligne
        for ligne in trouvee.tables[-1].splitlines()
        if "| [Moins de 20 ans](#indicateur-part_0_19) |" in ligne
    )
    assert f"| {quartiers.nombre(attendu, 1)} |" in ligne


def test_a_group_too_small_has_no_index_and_the_reason_is_said(six):
    petits = {nom: (300 + rang, 5) for rang, nom in enumerate(DEUX_FAMILLES)}
    phrases = section(six(petits)).phrases
    assert any("60 ans et plus : non donnée. L'indice de dissimilarité demande" in p for p in phrases)


def test_a_figure_that_one_quartier_hides_is_used_for_none(six):
    recours = dict.fromkeys(DEUX_FAMILLES, 60) | {"Coulee": 90}
    montree = section(six(DEUX_FAMILLES, recours))
    assert "Demandeurs d’aide" in montree.tables[-1]
    faits = six(DEUX_FAMILLES, recours)
    code = faits.quartiers[0].code
    [fait] = faits.faits["taux_recours", code]
    cache = replace(fait, valeur=None, numerateur=None, denominateur=None, statut=Statut.SECRET)
    secrets = replace(faits, faits=faits.faits | {("taux_recours", code): (cache,)})
    assert "Demandeurs d’aide" not in section(secrets).tables[-1]


def test_fictional_requests_are_said_to_be(six):
    recours = dict.fromkeys(DEUX_FAMILLES, 60) | {"Coulee": 90}
    trouvee = section(six(DEUX_FAMILLES, recours, fictives=frozenset({"ccas_demandes"})))
    assert "[fictif]{.fictif}" in trouvee.tables[-1]


def test_a_commune_without_quartiers_has_no_such_section(ouvrir):
    from conftest import Dessin

    assert section(Dessin(ouvrir()).faits((JEUNES,), [])) is None
