"""The page on methods says what the code does: its tables are made of the code and of the public figures."""

import ast

import pytest

from pipeline import methode
from pipeline.model import ErreurUtilisateur

# What is a name for an index, and decides nothing.
SANS_CHOIX = {"projection.FEMMES"}


def constantes(racine):
    """« module.CONSTANTE » of every number that a module of methods gives a name to."""
    trouvees = set()
    for chemin in sorted((racine / "pipeline" / "methods").glob("*.py")):
        for noeud in ast.parse(chemin.read_text(encoding="utf-8")).body:
            if isinstance(noeud, ast.Assign) and isinstance(getattr(noeud.value, "value", None), int | float):
                trouvees |= {f"{chemin.stem}.{cible.id}" for cible in noeud.targets}
    return trouvees


def test_every_number_that_a_method_decides_by_is_on_the_page(racine):
    assert constantes(racine) - SANS_CHOIX == set(methode.PARAMETRES)


def test_the_page_is_what_the_code_and_the_public_figures_make_of_it():
    page = methode.PAGE.read_text(encoding="utf-8")
    assert methode.completer(page) == page, "lancer « python -m pipeline methode »"


def test_a_parameter_is_written_with_its_unit():
    assert (
        "| Pas de nombre projeté seul au-dessous de | 2\u202f000 habitants | `projection.SEUIL_NOMBRE` |"
        in (methode.parametres())
    )
    assert "| Marge de « stable », en plus ou en moins | 1 % par an | `tendances.MARGE_STABLE` |" in (
        methode.parametres()
    )


def test_the_trial_gives_mape_and_malpe_by_size_and_age_of_every_method():
    table = methode.contre_epreuve()
    assert table.splitlines()[0] == "| Âge et lieux | Linéaire | Constante | Cohortes calées | Cohortes |"
    # as computed from ISEE's workbook in tests/methods/test_projection.py
    assert "| 60 ans et plus, 4 communes | 3,8 / −1,7 | 19,3 / −19,3 | 2,5 / +2,1 | **2,1** / +0,5 |" in table


def test_what_people_wrote_around_a_block_is_left_as_it_is(tmp_path):
    blocs = "".join(
        f"<!-- généré : {nom} -->\nvieux\n<!-- fin -->\ntexte de {nom}\n" for nom in methode.BLOCS
    )
    (tmp_path / "page.md").write_text(f"avant\n{blocs}", encoding="utf-8")
    assert methode.ecrire(tmp_path / "page.md")
    ecrite = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert "vieux" not in ecrite
    assert ecrite.startswith("avant\n<!-- généré :")
    assert all(f"texte de {nom}" in ecrite for nom in methode.BLOCS)
    assert not methode.ecrire(tmp_path / "page.md")


@pytest.mark.parametrize("page", ["sans bloc", "<!-- généré : autre -->\n<!-- fin -->"])
def test_a_lost_or_unknown_block_is_refused(page):
    with pytest.raises(ErreurUtilisateur, match="les blocs générés sont"):
        methode.completer(page)
