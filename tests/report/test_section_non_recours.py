"""Who does not claim a right: an order of magnitude at the national rate, said as a scenario, or the reason of none."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from pipeline.edition import PROFILS, NonRecours, lire_profil
from pipeline.indicators import CHAPITRES
from pipeline.model import Chapter, Indicator, Statut, Total
from pipeline.report.non_recours import section
from pipeline.report.papiers import sans_renvois

ICI = "98817"
RSA, PRIME = (
    Indicator(nom, f"Nombre de foyers {nom}", "F.", "F.", Total(nom, "foyers"), "allocataires")
    for nom in ("foyers_rsa", "foyers_prime_activite")
)


@pytest.fixture
def ecrire(dessin):
    """The section of a French commune of so many households with each right, the last of the years given."""
    dessin.edition = dessin.edition.model_copy(update={"profil": lire_profil("france")})

    def ecrire_(*chiffres, indicateurs=(RSA, PRIME)):
        return section(dessin.faits(indicateurs, [dessin.fait(i, ICI, n, an) for i, n, an in chiffres]))

    return ecrire_


def rangees(ecrite):
    """Name of the right → the other cells of its row."""
    [table] = ecrite.tables
    lignes = [ligne.strip("| ").split(" | ") for ligne in sans_renvois(table).splitlines() if "|" in ligne]
    return {nom: cellules for nom, *cellules in lignes[2:]}


def test_those_who_do_not_claim_are_those_who_do_times_the_odds_of_the_national_rate(ecrire):
    ecrite = ecrire((RSA, 900.0, 2024), (PRIME, 2_000.0, 2024))
    # 900 × 0.34/0.66 = 463.6, down to 400; 900 × 0.36/0.64 = 506.25, up to 600
    assert ecrite.phrases[1].startswith(
        "Revenu de solidarité active\u00a0: [900](#indicateur-foyers_rsa) foyers bénéficiaires en 2024. Au taux "
        "national de non-recours (34 à\u00a036\u00a0%), de l’ordre de 400 à\u00a0600 foyers y auraient droit sans le "
        "demander."
    )
    # 2,000 × 0.27/0.73 = 739.7: between 700 and 800
    assert rangees(ecrite)["Prime d'activité"] == [
        "2\u202f000",
        "27\u00a0%",
        "de l’ordre de 700 à\u00a0800",
    ]


def test_the_section_says_first_that_it_is_a_scenario_and_no_count(ecrire):
    assert "un scénario au taux national" in ecrire((RSA, 900.0, 2024)).phrases[0]
    assert "non un compte local" in ecrire((RSA, 900.0, 2024)).phrases[0]


def test_each_rate_is_said_with_its_source_and_of_whom_it_is(ecrire):
    _, rsa, prime, minimum = ecrire((RSA, 900.0, 2024)).phrases
    assert "Source du taux\u00a0: DREES, Les Dossiers de la DREES n° 92" in rsa
    assert "27\u00a0%. Source du taux\u00a0: DREES, Les Dossiers de la DREES n° 57" in prime
    assert (
        "50\u00a0% des personnes seules. Source du taux\u00a0: DREES, Les Dossiers de la DREES n° 97"
        in minimum
    )


def test_the_last_year_known_is_read(ecrire):
    ecrite = ecrire((RSA, 500.0, 2023), (RSA, 900.0, 2024))
    assert rangees(ecrite)["Revenu de solidarité active"][0] == "900"


def test_a_right_without_beneficiaries_says_so_and_keeps_its_national_rate(ecrire):
    ecrite = ecrire((RSA, 900.0, 2024))
    assert ecrite.phrases[2].startswith(
        "Prime d'activité\u00a0: non donné. Sans le nombre de bénéficiaires, le non-recours n'a pas d'ordre de "
        "grandeur. Taux national de non-recours\u00a0: 27\u00a0%."
    )
    assert rangees(ecrite)["Prime d'activité"] == ["n. d.", "27\u00a0%", "–"]


def test_a_handful_of_beneficiaries_is_refused_with_the_reason(ecrire):
    # 15 × 0.34/0.66 = 7.7, under ten
    ecrite = ecrire((RSA, 15.0, 2024), (PRIME, 2_000.0, 2024))
    [phrase] = [dite for dite in ecrite.phrases if dite.startswith("Revenu")]
    assert "non donné. Trop peu de bénéficiaires pour un ordre de grandeur du non-recours." in phrase
    assert rangees(ecrite)["Revenu de solidarité active"][2] == "–"


def test_a_hidden_count_of_beneficiaries_is_not_used(dessin):
    dessin.edition = dessin.edition.model_copy(update={"profil": lire_profil("france")})
    cache = dessin.fait(RSA, ICI, None, 2024, statut=Statut.SECRET)
    ecrite = section(dessin.faits([RSA], [cache]))
    assert "non donné. Sans le nombre de bénéficiaires" in ecrite.phrases[1]
    # nothing is known of any right: the sentences say it, without a table of blanks
    assert ecrite.tables == ()


def test_a_territory_whose_rights_have_no_national_rate_says_nothing(dessin):
    # New Caledonia: its rights are others, and its profile has no rate for them
    assert section(dessin.faits([RSA], [dessin.fait(RSA, ICI, 900.0, 2024)])) is None


@pytest.mark.parametrize(
    ("chapitre", "attendu"), [("acces_aux_droits", "acces_aux_droits"), ("x", "revenus")]
)
def test_the_section_is_with_the_rights_that_the_ccas_opens_else_with_those_who_have_them(
    dessin, chapitre, attendu
):
    dessin.edition = dessin.edition.model_copy(update={"profil": lire_profil("france")})
    faits = replace(dessin.faits([RSA], []), chapitres=(Chapter(chapitre, "Essai", "Qui ?", (RSA,)),))
    assert section(faits).chapitre == attendu


@pytest.mark.parametrize("profil", sorted(chemin.stem for chemin in PROFILS.glob("*.toml")))
def test_the_rates_of_a_profile_are_ordered_and_their_beneficiaries_are_an_indicator(profil):
    declares = {indicateur.id for chapitre in CHAPITRES for indicateur in chapitre.indicators}
    for droit in lire_profil(profil).droits:
        if taux := droit.non_recours:
            assert 0 < taux.taux_bas <= taux.taux_haut < 1
            assert taux.source and taux.beneficiaires in declares | {""}


def test_a_rate_without_its_source_is_refused():
    with pytest.raises(ValidationError, match="source"):
        NonRecours(taux_bas=0.3, taux_haut=0.4)
