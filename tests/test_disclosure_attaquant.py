"""An attacker written without the module: nothing that is hidden can be computed back.

The attacker reasons on the smallest groups of persons (the innermost cells): an unknown number in each, never
negative, and one equation for each figure that is printed. A figure, hidden or not, is the sum of the groups
that it counts. Neither the relations nor the programs of the module are used.
"""

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from pipeline.disclosure import Cellule, Regle, Tableau, auditer, lier, proteger, suppression

REGLE = Regle()
SEUIL = REGLE.seuil
TOTAL = "Ensemble"


# --- What is printed, and what each figure counts --------------------------------------------------


@dataclass(frozen=True)
class Page:
    """Figures of a publication: name → which groups it counts; the groups' true numbers; what is printed."""

    groupes: np.ndarray
    figures: dict[Cellule, np.ndarray]
    imprimees: set[Cellule]

    def valeur(self, figure):
        return int(self.groupes[self.figures[figure]].sum())

    @property
    def cachees(self):
        return [figure for figure in self.figures if figure not in self.imprimees]


def figures_de(forme, dimensions, croisees, regroupements=None, mesure="demandes"):
    """Every figure of a table that crosses `croisees`, margins included, over an array of groups of shape `forme`."""
    regroupements = regroupements or {}
    choix = []
    for nom, taille in zip(dimensions, forme, strict=True):
        seules = {f"{nom}{i}": {i} for i in range(taille)} if nom in croisees else {}
        choix.append({TOTAL: set(range(taille)), **seules, **(regroupements.get(nom, {}) if seules else {})})
    rangs = np.indices(forme).reshape(len(forme), -1)
    figures = {}
    for noms in product(*choix):
        membres = [np.isin(rangs[k], list(choix[k][nom])) for k, nom in enumerate(noms)]
        paires = [(d, nom) for d, nom in zip(dimensions, noms, strict=True) if nom != TOTAL]
        figures[Cellule(mesure, tuple(sorted(paires)))] = np.logical_and.reduce(membres)
    return figures


def tableau_de(figures, groupes, croisees, nom="Tableau", **options):
    """The printed table of these figures, totals as rows."""
    lignes = [
        {
            **{d: dict(cellule.croisement).get(d, TOTAL) for d in croisees},
            "valeur": int(groupes[membres].sum()),
        }
        for cellule, membres in figures.items()
    ]
    return Tableau(nom, "demandes", pd.DataFrame(lignes), tuple(croisees), **options)


# --- The attacker ----------------------------------------------------------------------------------


def intervalle(page, figure, connus=()):
    """Lowest and highest value of a figure, given what is printed and the figures known for certain."""
    valeurs = page.groupes.astype(float)
    sues = [*page.imprimees, *connus]
    equations = np.array([page.figures[f] for f in sues], dtype=float).reshape(-1, len(valeurs))
    extremes = []
    for signe in (1, -1):
        reponse = linprog(
            signe * page.figures[figure].astype(float),
            A_eq=equations,
            b_eq=equations @ valeurs,
            bounds=(0, None),
        )
        extremes.append(signe * reponse.fun if reponse.status == 0 else -signe * np.inf)
    return extremes[0], extremes[1]


def personnes_seules(page):
    """For each person alone in a hidden figure: the figures where this person is alone.

    What is known of all the figures within these follows: the person, and nobody else. What a person knows of
    themself in another table (the motive of a request, for the only woman of a quartier) is not used: tables hold
    no persons. See « Ce contre quoi elle ne protège pas » in docs/methode.md.
    """
    seules = [f for f in page.cachees if page.valeur(f) == 1]
    for groupe in sorted({int(np.flatnonzero(page.figures[f] & (page.groupes == 1))[0]) for f in seules}):
        yield groupe, [f for f in seules if page.figures[f][groupe]]


def contenue(page, petite, grande):
    return not (page.figures[petite] & ~page.figures[grande]).any()


def petites(page):
    return [f for f in page.figures if 1 <= page.valeur(f) < SEUIL]


def fuites(page):
    """Small figures that the public, or a person alone in a figure, brings under the protection asked."""
    trouvees = []
    for figure in petites(page):
        bas, haut = intervalle(page, figure)
        if bas > 1e-6 or haut < SEUIL - 1e-6:
            trouvees.append((figure, "public", bas, haut))
    for groupe, siennes in personnes_seules(page):
        connues = [f for f in page.cachees if any(contenue(page, f, sienne) for sienne in siennes)]
        for figure in petites(page):
            if figure in connues:
                continue  # the person's own case
            bas, haut = intervalle(page, figure, connues)
            # counted in the figure, the person knows it is not 0
            compte = int(any(contenue(page, sienne, figure) for sienne in siennes))
            if bas > compte + 1e-6 or haut < SEUIL + compte - 1e-6:
                trouvees.append((figure, f"personne du groupe {groupe}", bas, haut))
    return trouvees


def page_de(tables, cachees, groupes, figures):
    imprimees = {f for f in figures if not cachees[tables.rangs[f]]}
    return Page(groupes, figures, imprimees)


def unanimes_devinees(page):
    """Figures of which everybody is known to be in one group of categories that the page prints apart."""
    certaines = []
    for figure in page.figures:
        for part in page.figures:
            dedans = page.figures[part] & page.figures[figure]
            meme_ligne = len(set(figure.croisement) - set(part.croisement)) == 0
            if not meme_ligne or len(part.croisement) != len(figure.croisement) + 1:
                continue
            reste = page.figures[figure] & ~dedans
            if not reste.any() or page.groupes[reste].sum() or not page.groupes[dedans].sum():
                continue
            autres = replace(page, figures={**page.figures, Cellule("reste"): reste})
            if intervalle(autres, Cellule("reste"))[1] < 1 - 1e-6:
                certaines.append((figure, part))
    return certaines


# --- Random tables ---------------------------------------------------------------------------------

NOMBRES = st.one_of(st.integers(0, 6), st.integers(0, 40))
SECTEURS = {"quartier": {"secteur nord": {0, 1}, "secteur sud": {2, 3}}}


@st.composite
def pages_croisees(draw, max_taille=4):
    """A two-way table with its margins."""
    forme = (draw(st.integers(2, max_taille)), draw(st.integers(2, max_taille)))
    return _tirer(draw, forme, ("quartier", "motif"), [("quartier", "motif")])


@st.composite
def pages_emboitees(draw):
    """Quartiers within two sectors, crossed with motives."""
    forme = (4, draw(st.integers(2, 3)))
    return _tirer(draw, forme, ("quartier", "motif"), [("quartier", "motif")], SECTEURS)


@st.composite
def pages_cubiques(draw):
    """A three-way table with all its margins."""
    forme = (draw(st.integers(2, 3)), 2, 2)
    dimensions = ("quartier", "motif", "sexe")
    return _tirer(draw, forme, dimensions, [dimensions])


@st.composite
def pages_liees(draw):
    """Two tables that share the margin by quartier, the second without the motives."""
    forme = (draw(st.integers(2, 3)), draw(st.integers(2, 3)), 2)
    croisements = [("quartier", "motif"), ("quartier", "sexe")]
    return _tirer(draw, forme, ("quartier", "motif", "sexe"), croisements)


@st.composite
def deux_annees(draw):
    """Quartiers × motives of two years: the first was published, the second comes with the total of both."""
    forme = (draw(st.integers(2, 3)), draw(st.integers(2, 3)), 2)
    return _tirer_groupes(draw, forme), forme


def _tirer_groupes(draw, forme):
    taille = int(np.prod(forme))
    return np.array(draw(st.lists(NOMBRES, min_size=taille, max_size=taille)))


def _tirer(draw, forme, dimensions, croisements, regroupements=None):
    """Groups drawn, and the linked tables of each crossing."""
    return tirage_de(_tirer_groupes(draw, forme), forme, dimensions, croisements, regroupements)


def tirage_de(groupes, forme, dimensions, croisements, regroupements=None):
    """Groups, what each figure counts of them, and the linked tables of each crossing."""
    figures, tableaux = {}, []
    for croisees in croisements:
        siennes = figures_de(forme, dimensions, croisees, regroupements)
        tableaux.append(tableau_de(siennes, groupes, croisees, " × ".join(croisees)))
        figures |= siennes
    hierarchies = {
        nom: {parent: tuple(f"{nom}{i}" for i in sorted(enfants)) for parent, enfants in groupe.items()}
        for nom, groupe in (regroupements or {}).items()
    }
    return groupes, figures, lier(tableaux, hierarchies)


def reglages(exemples):
    return settings(
        max_examples=exemples, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )


# --- The property: protect, then attack ------------------------------------------------------------


def aucune_fuite(tirage):
    groupes, figures, tables = tirage
    protection = proteger(tables, REGLE)
    page = page_de(tables, protection.cachees, groupes, figures)
    assert fuites(page) == []
    assert unanimes_devinees(page) == []


def aucune_fuite_en_deux_ans(tirage):
    """Publish the first year, then the second and their total: last year's figures cannot be taken back."""
    groupes, forme = tirage
    annees = {"annee": {"les deux": {0, 1}}}
    figures = figures_de(forme, ("quartier", "motif", "annee"), ("quartier", "motif", "annee"), annees)
    figures = {f: membres for f, membres in figures.items() if dict(f.croisement).get("annee")}
    premieres = {f: membres for f, membres in figures.items() if dict(f.croisement)["annee"] == "annee0"}
    dimensions = ("quartier", "motif", "annee")
    premiere = lier([tableau_de(premieres, groupes, dimensions)], attributs=dimensions[:2])
    connues = set(page_de(premiere, proteger(premiere, REGLE).cachees, groupes, premieres).imprimees)

    tableau = tableau_de(figures, groupes, dimensions, deja_publie="connue")
    tableau.donnees["connue"] = [cellule in connues for cellule in tableau.cellules()]
    par_annee = [
        replace(tableau, nom=nom, donnees=donnees) for nom, donnees in tableau.donnees.groupby("annee")
    ]
    hierarchies = {"annee": {"les deux": ("annee0", "annee1")}}
    tables = lier(par_annee, hierarchies, attributs=dimensions[:2])
    protection = proteger(tables, REGLE)
    page = page_de(tables, protection.cachees, groupes, figures)
    assert connues <= page.imprimees
    assert fuites(page) == []


@reglages(25)
@given(pages_croisees())
def test_no_small_count_of_a_two_way_table_can_be_computed_back(tirage):
    aucune_fuite(tirage)


@reglages(6)
@given(pages_emboitees())
def test_no_small_count_of_nested_territories_can_be_computed_back(tirage):
    aucune_fuite(tirage)


@pytest.mark.parametrize(
    "quartiers",
    [
        pytest.param([(0, 0), (0, 0), (0, 0), (0, 1)], id="one person in all"),
        pytest.param([(0, 0), (0, 0), (9, 7), (12, 8)], id="one sector empty, nothing small"),
        pytest.param([(0, 0), (0, 0), (0, 0), (14, 23)], id="one quartier holds everybody"),
        pytest.param([(11, 0), (6, 0), (0, 9), (0, 8)], id="each sector has its own motive"),
    ],
)
def test_an_empty_sector_does_not_tell_where_everybody_lives(quartiers):
    """With « secteur nord : 0 » on the page, whoever is known to have come is known to live in the other."""
    groupes = np.array(quartiers).ravel()
    dimensions = ("quartier", "motif")
    aucune_fuite(tirage_de(groupes, (4, 2), dimensions, [dimensions], SECTEURS))


@reglages(2)
@given(pages_cubiques())
def test_no_small_count_of_a_three_way_table_can_be_computed_back(tirage):
    aucune_fuite(tirage)


@reglages(15)
@given(pages_liees())
def test_no_small_count_of_two_tables_that_share_a_margin_can_be_computed_back(tirage):
    aucune_fuite(tirage)


@reglages(3)
@given(deux_annees())
def test_no_small_count_can_be_computed_back_from_two_years(tirage):
    aucune_fuite_en_deux_ans(tirage)


@pytest.mark.lent
@reglages(3000)
@given(pages_croisees(max_taille=5))
def test_thousands_of_two_way_tables_hold(tirage):
    aucune_fuite(tirage)


@pytest.mark.lent
@pytest.mark.parametrize("strategie", [pages_emboitees(), pages_cubiques(), pages_liees()], ids=str)
def test_hundreds_of_linked_tables_hold(strategie):
    reglages(400)(given(strategie)(aucune_fuite))()


@pytest.mark.lent
@reglages(400)
@given(deux_annees())
def test_hundreds_of_pairs_of_years_hold(tirage):
    aucune_fuite_en_deux_ans(tirage)


# --- The attacker is able: spoiled protections are found out ---------------------------------------

# One suppressed cell in a line is its total minus the others: 30 − 18 − 9 = 3.
DESSIN = np.array([3, 18, 9, 12, 25, 4, 40, 2, 33])


def page_dessinee(cachees, groupes=DESSIN):
    """A 3 × 3 table where these figures are hidden."""
    figures = figures_de((3, 3), ("quartier", "motif"), ("quartier", "motif"))
    masque = {Cellule("demandes", tuple(sorted({"quartier": q, "motif": m}.items()))) for q, m in cachees}
    assert masque <= figures.keys()
    return Page(groupes, figures, set(figures) - masque)


def tables_dessinees(groupes=DESSIN):
    figures = figures_de((3, 3), ("quartier", "motif"), ("quartier", "motif"))
    return figures, lier([tableau_de(figures, groupes, ("quartier", "motif"))])


def test_without_secondary_suppression_the_attacker_reads_the_exact_count():
    figures, tables = tables_dessinees()
    primaires = np.array([1 <= tables.valeurs[tables.rangs[f]] < SEUIL for f in tables.cellules])
    page = page_de(tables, primaires, DESSIN, figures)
    trois = Cellule("demandes", (("motif", "motif0"), ("quartier", "quartier0")))
    assert intervalle(page, trois) == pytest.approx((30 - 18 - 9, 30 - 18 - 9))
    devinees = {figure for figure, *_ in fuites(page)}
    assert len(devinees) == 3
    assert {echec.cellule for echec in auditer(tables, primaires, REGLE).echecs} == devinees


def test_two_hidden_cells_in_every_line_are_not_an_audit():
    """Rows 0 and 1 hide columns 0 and 1: every line has two blanks, and the blanks tell at most 4."""
    groupes = np.array([3, 1, 9, 1, 2, 14, 40, 22, 33])
    figures, tables = tables_dessinees(groupes)
    page = page_dessinee([(q, m) for q in ("quartier0", "quartier1") for m in ("motif0", "motif1")], groupes)
    trois = Cellule("demandes", (("motif", "motif0"), ("quartier", "quartier0")))
    assert intervalle(page, trois) == pytest.approx((3 - 2, 3 + 1))
    assert fuites(page)
    protection = proteger(tables, REGLE)
    assert fuites(page_de(tables, protection.cachees, groupes, figures)) == []


def tirages(nombre, forme=(4, 3)):
    """Tables drawn once for all, with many small counts."""
    alea = np.random.default_rng(5)
    for _ in range(nombre):
        groupes = alea.poisson(alea.lognormal(1.5, 1, int(np.prod(forme))))
        figures = figures_de(forme, ("quartier", "motif"), ("quartier", "motif"))
        yield groupes, figures, lier([tableau_de(figures, groupes, ("quartier", "motif"))])


def sans_marge(tables, dimension):
    """Tables of which the audit forgets that the totals over one dimension are printed."""
    sommees = [dimension not in dict(tables.cellules[total].croisement) for total in tables.totaux]
    gardees = ~np.array(sommees)
    return replace(tables, relations=tables.relations[gardees], totaux=tables.totaux[gardees])


def test_one_margin_forgotten_by_the_audit_lets_the_attacker_in():
    trahies = 0
    for groupes, figures, tables in tirages(6):
        mutee = proteger(sans_marge(tables, "quartier"), REGLE)
        trahie = bool(fuites(page_de(tables, mutee.cachees, groupes, figures)))
        assert bool(auditer(tables, mutee.cachees, REGLE).echecs) == trahie
        trahies += trahie
    assert trahies >= 3


def test_secondary_suppression_dropped_lets_the_attacker_in_every_time():
    for groupes, figures, tables in tirages(6):
        protection = proteger(tables, REGLE)
        secondaires = np.array([motif.startswith("Secondaire") for motif in protection.motifs])
        assert secondaires.any()
        assert fuites(page_de(tables, protection.cachees & ~secondaires, groupes, figures))


def test_each_secondary_cell_is_needed():
    """Publishing again any one of the secondary cells lets somebody in: nothing is hidden for nothing."""
    [(groupes, figures, tables)] = tirages(1)
    protection = proteger(tables, REGLE)
    for rang, motif in enumerate(protection.motifs):
        if motif.startswith("Secondaire"):
            cachees = protection.cachees.copy()
            cachees[rang] = False
            page = page_de(tables, cachees, groupes, figures)
            assert fuites(page) or unanimes_devinees(page)


def test_a_person_alone_in_a_cell_does_not_protect_its_neighbour():
    """In a row 1 + 4 + 20 + 12, the person alone in the first cell would read the second: 37 − 1 − 20 − 12."""
    groupes = np.array([1, 4, 20, 12, 4, 1, 25, 18, 16, 22, 11, 19])
    figures = figures_de((3, 4), ("quartier", "motif"), ("quartier", "motif"))
    tables = lier([tableau_de(figures, groupes, ("quartier", "motif"))])
    assert fuites(page_de(tables, proteger(tables, REGLE).cachees, groupes, figures)) == []

    sans_inities = replace(tables, effectifs=np.where(tables.effectifs == 1, 2, tables.effectifs))
    page = page_de(tables, proteger(sans_inities, REGLE).cachees, groupes, figures)
    assert len(page.cachees) == 4
    assert {attaquant for _, attaquant, *_ in fuites(page)} == {
        "personne du groupe 0",
        "personne du groupe 5",
    }


def test_the_repair_that_ends_an_exhausted_budget_protects_as_well(monkeypatch):
    monkeypatch.setattr(suppression, "TOURS", 1)
    for groupes, figures, tables in tirages(4):
        page = page_de(tables, proteger(tables, REGLE).cachees, groupes, figures)
        assert fuites(page) == []


def test_what_nothing_can_protect_stops_the_publication():
    """Last year printed 3 + 18 + 9 = 30 but for the first cell: it cannot be hidden any more, the audit says so."""
    figures = figures_de((3, 3), ("quartier", "motif"), ("quartier", "motif"))
    tableau = tableau_de(figures, DESSIN, ("quartier", "motif"), deja_publie="connue")
    petites_figures = {f for f, membres in figures.items() if 1 <= DESSIN[membres].sum() < SEUIL}
    tableau.donnees["connue"] = [cellule not in petites_figures for cellule in tableau.cellules()]
    audit = proteger(lier([tableau]), REGLE).audit
    assert set(audit.bornees) == petites_figures
