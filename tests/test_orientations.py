"""What a person writes in `orientations.toml`: read as it is, or refused with one French sentence."""

import re

import pytest

from pipeline.edition import lire_edition
from pipeline.indicators import chapitres_de
from pipeline.model import ErreurUtilisateur
from pipeline.orientations import chemin_de, decision, lire_orientations

TEXTE = """\
[[axes]]
id = "vieillir"
titre = "Bien vieillir"
objectifs = ["Repérer les personnes isolées"]

[[actions]]
id = "registre"
axe = "vieillir"
titre = "Inscrire au registre"
constat = "Peu de personnes âgées sont inscrites."
appuis = [{ indicateur = "part_60_plus" }]
objectif = "Inscrire davantage."
publics = ["personnes âgées"]
pilote = "CCAS"
debut = 2026-03-01
fin = 2027-12-31
moyens = "Un agent."
budget = { montant = 1000, detail = "un agent" }

[[actions.suivi]]
nature = "resultat"
indicateur = "taux_registre_70"
cible = 40
echeance = 2027-12-31
"""


@pytest.fixture
def lire(ouvrir):
    edition = ouvrir(quartiers=["Plum"])
    chapitres = chapitres_de(edition.profil)

    def ecrire_et_lire(texte):
        edition.rapports.mkdir(parents=True, exist_ok=True)
        chemin_de(edition).write_text(texte, encoding="utf-8")
        return lire_orientations(edition, chapitres)

    return ecrire_et_lire


@pytest.fixture
def refus(lire):
    def refuser(avant, apres):
        assert avant in TEXTE
        with pytest.raises(ErreurUtilisateur) as erreur:
            lire(TEXTE.replace(avant, apres))
        message = str(erreur.value)
        assert message.endswith(".")
        assert "\n" not in message
        assert "orientations.toml" in message
        assert not re.search(r"\b(should|input|valid|must|field|type)\b", message, re.IGNORECASE), message
        return message

    return refuser


def test_an_edition_without_orientations_has_none(ouvrir):
    edition = ouvrir()
    assert lire_orientations(edition, chapitres_de(edition.profil)) is None


def test_an_action_is_decided_by_the_edition_that_says_it_unless_told_otherwise(lire, ouvrir):
    edition = ouvrir(quartiers=["Plum"])
    [action] = lire(TEXTE).actions
    assert decision(edition, action) == 2026
    [ancienne] = lire(TEXTE.replace('pilote = "CCAS"', 'pilote = "CCAS"\ndecidee = 2025')).actions
    assert decision(edition, ancienne) == 2025


@pytest.mark.parametrize(
    ("avant", "apres", "dit"),
    [
        (
            'indicateur = "taux_registre_70"',
            'indicateur = "taux_registre"',
            "« taux_registre », qui n'existe pas",
        ),
        (
            'indicateur = "part_60_plus"',
            'indicateur = "part_soixante"',
            "« part_soixante », qui n'existe pas",
        ),
        ("echeance = 2027-12-31", "echeance = 2025-12-31", "31/12/2025) précède l'édition de 2026"),
        ("debut = 2026-03-01", "debut = 2025-03-01", "01/03/2025, avant l'édition qui la décide (2026)"),
        ("fin = 2027-12-31", "fin = 2026-01-31", "31/01/2026, avant d'avoir débuté"),
        ('publics = ["personnes âgées"]', 'publics = ["aînés"]', "le public « aînés »"),
        ("montant = 1000", "montant = -5", "budget › montant » est trop petit : « -5 »"),
        ("montant = 1000", 'montant = "mille"', "budget › montant » doit être un nombre : « mille »"),
        ('axe = "vieillir"', 'axe = "habiter"', "l'axe « habiter », qui n'est pas déclaré"),
        ('nature = "resultat"', 'nature = "moyens"', "pas d'indicateur de résultat"),
        (
            'nature = "resultat"',
            'nature = "espoir"',
            "nature » doit être « moyens », « resultat » ou « impact » : « espoir »",
        ),
        ("cible = 40", 'cible = 40\nterritoire = "98817-ailleurs"', "« 98817-ailleurs », qui n'est pas dans"),
        ("cible = 40", 'cible = 40\ngroupe = "femmes"', "ne va pas par groupe : retirer « groupe »"),
        ("cible = 40", "cible = -2", "(-2) n'est pas une valeur que l'indicateur peut prendre"),
        (
            '"taux_registre_70"',
            '"taux_registre_70"\nlibelle = "Visites"',
            "soit « indicateur », soit « libelle »",
        ),
        ('indicateur = "taux_registre_70"', 'libelle = "Visites"', "donner sa « reference »"),
        ("cible = 40", "cible = 40\ncibel = 4", "cibel » n'est pas un champ connu"),
        ('pilote = "CCAS"', 'pilote = "CCAS"\ndecidee = 2027', "décidée en 2027, après l'édition de 2026"),
        ('objectifs = ["Repérer les personnes isolées"]', "objectifs = []", "n'a pas assez d'éléments"),
        ('"Inscrire au registre"', '"Inscrire [tous](#x)"', "titre » contient « [ », signe réservé"),
        ('"Repérer les', '"# Repérer les', "objectifs › 1 » contient « # », signe réservé"),
        ('"un agent"', '"agent <b>"', "budget › detail » contient « < », signe réservé"),
        ('"Un agent."', '"Un agent.\\nDeux agents."', "moyens » doit tenir sur une ligne"),
    ],
)
def test_what_cannot_be_right_is_one_sentence(refus, avant, apres, dit):
    assert dit in refus(avant, apres)


def test_a_number_sign_a_star_or_a_dollar_inside_a_sentence_are_written_as_they_are(lire):
    dit = "Salle n° 3 #2 : 5 * 4 = 20 $, ccas_mairie@exemple.fr"
    [action] = lire(TEXTE.replace("Un agent.", dit)).actions
    assert action.moyens == dit


def test_an_introduction_may_have_several_paragraphs(lire):
    assert lire('introduction = """Un.\n\nDeux."""\n' + TEXTE).introduction == "Un.\n\nDeux."


def test_all_that_cannot_be_right_is_told_at_once(refus):
    action = TEXTE[TEXTE.index("[[actions]]") :]
    faux = action.replace('publics = ["personnes âgées"]', 'publics = ["aînés"]').replace(
        "cible = 40", "cible = -2"
    )
    message = refus(action, faux)
    assert "orientations.toml, 2 erreurs : 1) l'action « registre » nomme le public « aînés »" in message
    assert "2) l'action « registre » : la cible de « taux_registre_70 » (-2)" in message


def test_an_action_or_an_axis_declared_twice_is_named(refus):
    axe = TEXTE[: TEXTE.index("[[actions]]")]
    assert "l'axe « vieillir » est déclaré deux fois" in refus(axe, axe + axe)
    action = TEXTE[TEXTE.index("[[actions]]") :]
    assert "l'action « registre » est déclarée deux fois" in refus(action, action + action)


@pytest.mark.parametrize(
    ("valeur", "cible", "dit"),
    [
        (30, 20, "va dans le mauvais sens : partie de 30, cette valeur doit monter"),
        (40, 40, "est sa valeur de départ (40)"),
    ],
)
def test_a_target_in_the_wrong_direction_is_refused_where_the_baseline_is_given(refus, valeur, cible, dit):
    # taux_registre_70: a high value is good news
    reference = f'reference = {{ valeur = {valeur}, date = 2025-12-31, source = "registre" }}'
    assert dit in refus("cible = 40", f"cible = {cible}\n{reference}")


def test_a_figure_of_the_base_is_never_typed(refus):
    releve = 'releves = [{ valeur = 3, date = 2026-06-30, source = "registre" }]'
    assert "viennent de la base : retirer « releves »" in refus("cible = 40", f"cible = 40\n{releve}")


def test_a_reference_comes_before_the_deadline(refus):
    reference = 'reference = { valeur = 10, date = 2028-01-01, source = "registre" }'
    assert "ne précède pas son échéance (31/12/2027)" in refus("cible = 40", f"cible = 40\n{reference}")


def test_a_broken_toml_says_its_line(refus):
    assert "n'est pas un fichier TOML valide, ligne 1" in refus("[[axes]]", "[[axes]")


def test_the_shipped_example_says_that_it_is_one():
    edition = lire_edition("mont-dore/2026")
    lues = lire_orientations(edition, chapitres_de(edition.profil))
    assert lues.fictif
    assert (len(lues.axes), len(lues.actions)) == (3, 6)
