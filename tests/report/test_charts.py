"""What a reader sees, hears read aloud, and can never find out from a chart."""

import math
import re
from io import StringIO
from itertools import combinations, pairwise

import matplotlib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.text import Text

from pipeline.report.charts import (
    Sujet,
    barres,
    classement,
    comparaison,
    drawing,
    ecrire,
    entonnoir,
    evolution,
    evolution_indice,
    lines,
    lorenz,
    parts,
    pente,
    pyramid,
    pyramide,
    repartition,
)
from pipeline.report.charts.drawing import LARGEUR, ecarter, encombrement, largeur, luminance, replier
from pipeline.report.charts.subject import libelles_dates

QUARTIERS = (
    "Yahoué",
    "Pont des Français",
    "Conception",
    "Robinson",
    "Boulari",
    "Saint Michel",
    "Saint Louis",
    "La Coulée",
    "Vallon Dore",
    "Mont-Dore sud",
    "Plum",
    "La Lembi-Grand sud-Ile Ouen",
)
PART = Sujet("part", "Part", "Source : ISEE.", unite="%", decimales=1, nous="Le Mont-Dore")
LONG = "Communauté d'agglomération du Bassin de Bourg-en-Bresse et de ses environs"


def table(texte: str) -> pd.DataFrame:
    """A frame drawn as text: columns apart by two spaces or more, « - » for nothing."""
    return pd.read_csv(
        StringIO(texte.strip()), sep=r" {2,}", engine="python", na_values="-", skipinitialspace=True
    )


def dire(texte: str) -> str:
    """Ordinary spaces, so that a test reads as a sentence."""
    return texte.replace("\u00a0", " ").replace("\u202f", " ")


def textes(figure) -> list[tuple[str, object]]:
    """Each text of a drawing and the box it covers, in points, at the resolution that is written."""
    figure.dpi = 200
    rendu = FigureCanvasAgg(figure).get_renderer()
    echelle = 72 / figure.dpi
    ecrits = [artiste for artiste in figure.artists if isinstance(artiste, Text)]
    boites = [artiste.get_window_extent(rendu) for artiste in ecrits]
    return [
        (artiste.get_text(), (b.x0 * echelle, b.y0 * echelle, b.x1 * echelle, b.y1 * echelle))
        for artiste, b in zip(ecrits, boites, strict=True)
    ]


def chevauchements(figure) -> list[tuple[str, str]]:
    """Pairs of texts that lie on each other by more than a hair."""
    return [
        (nom, autre)
        for (nom, a), (autre, b) in combinations(textes(figure), 2)
        if min(a[2], b[2]) - max(a[0], b[0]) > 0.3 and min(a[3], b[3]) - max(a[1], b[1]) > 0.3
    ]


def debords(figure) -> list[str]:
    """Texts that leave the drawing."""
    haut = figure.get_figheight() * 72
    return [
        nom
        for nom, (x0, y0, x1, y1) in textes(figure)
        if x0 < -0.5 or y0 < -0.5 or x1 > LARGEUR + 0.5 or y1 > haut + 0.5
    ]


def lisible(graphique) -> None:
    """No label on another, none out of the drawing."""
    assert chevauchements(graphique.figure) == []
    assert debords(graphique.figure) == []


def octets(graphique, dossier) -> dict[str, bytes]:
    ecrire(graphique, dossier)
    return {chemin.name: chemin.read_bytes() for chemin in sorted(dossier.iterdir())}


CENSEMENTS = table("""
territoire    date     valeur
Le Mont-Dore  2004.66  9.4
Le Mont-Dore  2009.57  11.5
Le Mont-Dore  2014.65  13.4
Le Mont-Dore  2019.74  15.7
Nouméa        2004.66  10.4
Nouméa        2009.57  12.7
Nouméa        2014.65  14.3
Nouméa        2019.74  17.0
Païta         2004.66  7.9
Païta         2009.57  8.7
Païta         2014.65  9.2
Païta         2019.74  10.1
""")
CLASSES = table("""
territoire  valeur  borne_basse  borne_haute  statut
Plum        14.2    12.8         15.7         valide
Robinson    17.3    16.3         18.3         valide
Boulari     15.5    14.2         17.0         valide
La Lembi    19.5    15.9         23.6         fragile
Yahoué      98.7    97.6         98.9         secret
""")
AGES = table("""
sexe    age_min  age_max  population
Hommes  0        19       150
Hommes  20       59       200
Hommes  60       -        50
Femmes  0        19       150
Femmes  20       59       350
Femmes  60       -        100
""")
AGES_AVANT = AGES.assign(population=[200, 200, 25, 200, 350, 25])
PARTS = table("""
territoire    categorie      valeur
Le Mont-Dore  Propriétaires  62
Le Mont-Dore  Locataires     26
Le Mont-Dore  Logés          12
Nouméa        Propriétaires  45
Nouméa        Locataires     47
Nouméa        Logés          8
""")
AIDES = table("""
categorie        valeur  precedent
Énergie          258     270
Autres aides     300     250
Alimentaire      412     350
Santé            31      31
""")


DIXIEMES = pd.DataFrame({"menages": 10, "montant": [2, 4, 6, 8, 10, 10, 10, 10, 15, 25]})


AUTOUR = table("""
territoire    valeur  effectif  situation
Le Mont-Dore  15.7    9000      au-dessus
Nouméa        12.1    40000     dans l’entonnoir
Thio          30.0    12        dans l’entonnoir
""")
LIMITES = pd.DataFrame(
    [
        (effectif, confiance, 12 - ecart / effectif**0.5, 12 + ecart / effectif**0.5)
        for confiance, ecart in (("95", 63), ("99,8", 100))
        for effectif in (12, 100, 1_000, 40_000)
    ],
    columns=["effectif", "confiance", "basse", "haute"],
)


def quatre() -> list:
    """One chart of each kind."""
    fictif = Sujet("aides", "Aides", "Source : CCAS.", unite="aides", objets="formes", fictif=True)
    avant = CLASSES.assign(valeur=CLASSES.valeur - 2, borne_basse=math.nan, borne_haute=math.nan)
    return [
        pyramide(AGES, PART, periode="2019", reference=AGES_AVANT, nom_reference="2004"),
        evolution(CENSEMENTS, PART, ruptures=[(2017.5, "changement de méthode")]),
        evolution_indice(CENSEMENTS, PART),
        classement(CLASSES, PART, repere=("Le Mont-Dore", 15.7)),
        comparaison(CENSEMENTS[CENSEMENTS.date > 2014], PART),
        pente(avant, CLASSES, PART, nom_debut="2014", nom_fin="2019"),
        repartition(PARTS, PART),
        barres(AIDES, fictif, periode="2025", precedente="2024"),
        lorenz(DIXIEMES, fictif),
        entonnoir(AUTOUR, PART, reference=12.0, limites=LIMITES, quoi="effectif"),
    ]


# --- sentences: the words are the deliverable ------------------------------------------------------


def test_a_pyramid_says_its_largest_group_and_both_ends_of_life():
    alt = dire(pyramide(AGES, PART, periode="2019", reference=AGES_AVANT, nom_reference="2004").alt)
    # 1 000 people: 550 aged 20 to 59, 300 under 20, 150 of 60 and over; before, 400 and 50
    assert alt == (
        "Pyramide des âges (Le Mont-Dore, 2019) : les plus nombreux ont 20 à 59 ans (55,0 % de la population). "
        "Moins de 20 ans : 30,0 %, contre 40,0 % (2004) ; 60 ans et plus : 15,0 %, contre 5,0 % (2004)."
    )


def test_a_band_across_the_age_of_20_says_nothing_of_those_under_20():
    ages = AGES.replace({"age_max": {19: 24, 59: 59}, "age_min": {20: 25}})
    assert "Moins de 20 ans" not in pyramide(ages, PART, periode="2019").alt


def test_a_line_says_from_where_to_where_then_its_extremes_then_its_breaks():
    alt = dire(evolution(CENSEMENTS, PART, ruptures=[(2017.5, "changement de méthode")]).alt)
    assert alt == (
        "Le Mont-Dore passe de 9,4 % (2004) à 15,7 % (2019), soit +6,3 points. "
        "En 2019, valeur la plus élevée : Nouméa (17,0 %) ; la plus basse : Païta (10,1 %). "
        "Ruptures : changement de méthode."
    )


def test_no_change_is_said_to_be_stable_and_not_a_rise():
    serie = table("territoire  date  valeur\nLe Mont-Dore  2014  15.71\nLe Mont-Dore  2019  15.69")
    assert dire(evolution(serie, PART).alt) == "Le Mont-Dore reste à 15,7 % (2014 et 2019)."


def test_a_break_interrupts_the_line():
    serie = table(
        "territoire  date  valeur\nLe Mont-Dore  2023  38\nLe Mont-Dore  2024  70\nLe Mont-Dore  2025  85"
    )
    mai = [(2024.4, "mai 2024")]
    # nothing after 2023, nor after 2024, which the break cuts in two
    for marques, coupures in (({}, 0), ({"ruptures": mai}, 2), ({"reperes": mai}, 0)):
        figure = evolution(serie, PART, **marques).figure
        traces = [ligne for ligne in figure.findobj(Line2D) if ligne.get_linewidth() == 2.2]
        assert sum(math.isnan(y) for ligne in traces for y in ligne.get_ydata()) == coupures


@pytest.mark.parametrize(
    ("rupture", "attendus"),
    [
        # a year that the break cuts stands alone
        (2024.37, [[2023], [2024], [2025]]),
        # one that begins a year is after the year before, and before it
        (2024.0, [[2023], [2024, 2025]]),
        # the year it cuts has no point
        (2022.5, [[2023, 2024, 2025]]),
    ],
)
def test_a_year_that_a_break_crosses_is_on_neither_side(rupture, attendus):
    serie = pd.DataFrame({"date": [2023.0, 2024.0, 2025.0], "valeur": [38.0, 70.0, 85.0]})
    lus = [list(m["date"]) for m in lines.morceaux(lines.rompre(serie, [(rupture, "mai 2024")]))]
    assert lus == attendus


def test_the_ribbon_stops_at_the_break_too():
    lignes = [
        f"Le Mont-Dore  {annee}  {v}  {v - 2}  {v + 2}" for annee, v in ((2022, 38), (2023, 40), (2025, 85))
    ]
    serie = table("territoire  date  valeur  borne_basse  borne_haute\n" + "\n".join(lignes))
    figure = evolution(serie, PART, ruptures=[(2024.4, "mai 2024")]).figure
    ruban, seul = [forme.get_xy() for forme in figure.findobj(Polygon) if forme.get_zorder() == 0.5]
    # 2022 and 2023, and back
    assert len(ruban) == 4 + 1
    # 2025 alone: a bar about its point, as high as its interval of four where 2022 has as much
    assert np.ptp(seul[:, 0]) == pytest.approx(10)
    assert np.ptp(seul[:, 1]) == pytest.approx(ruban[0, 1] - ruban[3, 1])


def test_what_does_not_move_is_read_from_zero():
    serie = table("territoire  date  valeur\nLe Mont-Dore  2023  64\nLe Mont-Dore  2025  64")
    lus = [dire(mot) for mot, _ in textes(evolution(serie, PART).figure)]
    assert "0 %" in lus and "60 %" in lus


def axe(valeurs: list[float], marge: float) -> tuple[str, str]:
    """The lowest and the highest graduation of a line of yearly values, their interval `marge` about them."""
    colonnes = {"territoire": "A", "date": range(2023, 2023 + len(valeurs)), "valeur": valeurs}
    serie = pd.DataFrame(colonnes).astype({"valeur": float})
    serie = serie.assign(borne_basse=serie.valeur - marge, borne_haute=serie.valeur + marge)
    ecrits = [dire(mot) for mot, _ in textes(evolution(serie, Sujet("j", "J", "S", unite="jours")).figure)]
    lues = [mot for mot in ecrits if re.fullmatch(r"[−\d, ]+ jours?", mot)]
    return lues[0], lues[-1]


@pytest.mark.parametrize(
    ("valeurs", "marge", "attendus"),
    [
        # 16 * 2 / 3 = 10.7: an interval of two days takes a third of an axis of six, not all of it
        ([15, 15.1, 15], 1, ("10 jours", "16 jours")),
        # 42 065 * 2 / 3 = 28 043
        ([39_882, 41_365, 42_065], 0, ("27 500 jours", "42 500 jours")),
        # 60 is under 99 * 2 / 3 = 66, and 66 is not
        ([60, 99], 0, ("0 jour", "100 jours")),
        ([66, 99], 0, ("60 jours", "100 jours")),
        # what is already spread keeps its ends, and so does what goes under zero
        ([-0.1, 0.1], 0, ("−0,10 jour", "0,10 jour")),
    ],
)
def test_an_axis_that_is_cut_begins_at_two_thirds_of_what_it_shows(valeurs, marge, attendus):
    assert axe(valeurs, marge) == attendus


def test_an_index_starts_at_100():
    graphique = evolution_indice(CENSEMENTS, PART)
    # Le Mont-Dore: 100 * 15.7 / 9.4 = 167.02; Nouméa: 100 * 17 / 10.4 = 163.46
    assert dire(graphique.alt).startswith(
        "Indice 100 en 2004. Le Mont-Dore passe de 100,0 (2004) à 167,0 (2019), soit +67,0."
    )
    assert list(graphique.donnees["2004"]) == ["100,0"] * 3


def test_the_commune_heads_the_data_of_a_line_though_its_first_census_is_later():
    serie = CENSEMENTS[~(CENSEMENTS.territoire.eq("Le Mont-Dore") & CENSEMENTS.date.lt(2005))]
    donnees = evolution(serie, PART).donnees
    assert donnees["Territoire"].iloc[0] == "Le Mont-Dore"
    assert dire(donnees["2004"].iloc[0]) == "n. d."


def test_without_a_first_value_there_is_no_index():
    serie = CENSEMENTS.assign(statut="valide")
    serie.loc[serie.territoire.eq("Nouméa") & serie.date.lt(2005), "statut"] = "secret"
    donnees = evolution_indice(serie, PART).donnees.set_index("Territoire")
    assert list(donnees.loc["Nouméa"]) == ["secret", "n. d.", "n. d.", "n. d."]


def test_a_ranking_counts_what_intervals_allow_to_say():
    alt = dire(classement(CLASSES, PART, repere=("Le Mont-Dore", 15.7)).alt)
    # Robinson [16.3 ; 18.3] is above 15.7; Plum [12.8 ; 15.7] touches it; Boulari straddles it
    assert alt == (
        "5 territoires ; valeur la plus élevée : Robinson (17,3 %) ; la plus basse : Plum (14,2 %). "
        "Repère, Le Mont-Dore : 15,7 % ; nettement au-dessus : 1, nettement au-dessous : 0 "
        "(intervalles à 95 %). Chiffres fragiles : 1 ; sous secret statistique : 1."
    )


def test_a_fragile_figure_is_neither_ranked_nor_extreme():
    graphique = classement(CLASSES, PART)
    assert list(graphique.donnees["Territoire"]) == ["Robinson", "Boulari", "Plum", "La Lembi", "Yahoué"]
    assert dire(graphique.donnees.iloc[3, 1]) == "19,5 % (fragile)"


def test_our_territory_has_its_rank():
    lignes = table("territoire  valeur\nNouméa  17\nLe Mont-Dore  15.7\nPaïta  10.1")
    assert "Le Mont-Dore : 2e rang sur 3." in dire(classement(lignes, PART).alt)


def test_those_that_tie_are_named_together():
    lignes = table("territoire  valeur\nA  5.04\nB  4.96\nC  3\nD  2")
    assert dire(classement(lignes, PART).alt) == (
        "4 territoires ; valeur la plus élevée : A et B (5,0 %) ; la plus basse : D (2,0 %)."
    )


def test_values_that_are_all_equal_have_no_extreme():
    lignes = table("territoire  valeur\nA  5\nB  5")
    assert dire(classement(lignes, PART).alt) == "2 territoires ; valeur identique partout : 5,0 %."


def test_a_comparison_begins_with_us():
    alt = dire(comparaison(CENSEMENTS[CENSEMENTS.date > 2014], PART).alt)
    assert alt == (
        "En 2019, Le Mont-Dore : 15,7 % ; Nouméa : 17,0 % ; Païta : 10,1 %. "
        "Le Mont-Dore passe de 13,4 % (2014) à 15,7 % (2019), soit +2,3 points."
    )


def test_a_figure_said_at_most_is_not_ranked():
    lignes = table(
        "territoire  valeur  statut\nLe Mont-Dore  5  plancher\nNouméa  4  valide\nPaïta  10  valide"
    )
    graphique = classement(lignes, PART)
    assert list(graphique.donnees["Territoire"]) == ["Païta", "Nouméa", "Le Mont-Dore"]
    assert "rang sur" not in dire(graphique.alt)


def test_a_bound_is_said_to_be_at_most():
    lignes = table("territoire  valeur  statut\nLe Mont-Dore  5  plancher\nNouméa  17  valide")
    graphique = comparaison(lignes, PART)
    assert dire(graphique.alt) == "Le Mont-Dore : 5,0 % au plus ; Nouméa : 17,0 %."
    assert dire(graphique.donnees.iloc[0, 1]) == "≤ 5,0 %"


def test_a_slope_says_clear_only_a_rise_whose_intervals_are_apart():
    avant = table("""
territoire  valeur  borne_basse  borne_haute
Plum        10.0    8.8          11.4
Robinson    16.4    15.4         17.4
""")
    apres = CLASSES[CLASSES.territoire.isin(["Plum", "Robinson"])]
    alt = dire(pente(avant, apres, PART, nom_debut="2014", nom_fin="2019").alt)
    # Plum: 12.8 > 11.4; Robinson: 16.3 < 17.4
    assert alt == (
        "De 2014 à 2019, sur 2 territoires, hausse nette : 1, baisse nette : 0, sans écart net : 1. "
        "Plus forte hausse : Plum (+4,2 points)."
    )


def test_a_gap_of_one_point_is_in_the_singular():
    avant, apres = table("territoire  valeur\nPlum  10"), table("territoire  valeur\nPlum  11.9")
    assert (
        dire(pente(avant, apres, PART, nom_debut="2014", nom_fin="2019").donnees.iloc[0, 3]) == "+1,9 point"
    )


@pytest.mark.parametrize(("plus_bas", "dit"), [(15.0, True), (5.0, False)])
def test_a_line_says_when_its_axis_does_not_start_at_zero(plus_bas, dit):
    serie = pd.DataFrame({"territoire": "Le Mont-Dore", "date": [2014, 2019], "valeur": [plus_bas, 17.0]})
    lus = [dire(mot) for mot, _ in textes(evolution(serie, PART).figure)]
    assert ("l’axe ne part pas de zéro" in lus) is dit


def test_a_fragile_figure_has_no_change():
    avant = CLASSES.assign(statut="valide")
    donnees = pente(avant, CLASSES, PART, nom_debut="2014", nom_fin="2019").donnees.set_index("Territoire")
    assert donnees.loc["La Lembi", "Évolution"] == "–"


def test_a_breakdown_says_our_shares_and_the_largest_gap():
    assert dire(repartition(PARTS, PART).alt) == (
        "Le Mont-Dore : Propriétaires 62,0 %, Locataires 26,0 %, Logés 12,0 %. "
        "Plus grand écart, Locataires : 26,0 % contre 47,0 % (Nouméa)."
    )


def test_bars_say_what_moved_and_what_is_fictional():
    sujet = Sujet("aides", "Aides", "Source : CCAS.", unite="aides", objets="formes", fictif=True)
    graphique = barres(AIDES, sujet, periode="2025", precedente="2024")
    assert dire(graphique.alt) == (
        "4 formes (2025) ; valeur la plus élevée : Alimentaire (412 aides) ; la plus basse : Santé (31 aides). "
        "Depuis 2024, plus forte hausse : Alimentaire (+62 aides) ; plus forte baisse : Énergie (−12 aides). "
        "Données fictives."
    )
    assert list(graphique.donnees["Catégorie"]) == ["Alimentaire", "Énergie", "Santé", "Autres aides"]
    assert "Données fictives" in [mot for mot, _ in textes(graphique.figure)]


def test_a_curve_of_tenths_says_what_the_lower_half_and_the_last_one_have():
    graphique = lorenz(DIXIEMES, PART)
    # 2 + 4 + 6 + 8 + 10 = 30 of 100; the last has 25
    assert dire(graphique.alt) == (
        "Courbe de Lorenz : les 50 % de ménages les moins aidés ont 30 % du montant ; "
        "les 10 % les plus aidés, 25 %."
    )
    assert [dire(cellule) for cellule in graphique.donnees.iloc[8]] == ["90,0 %", "75,0 %"]


def test_groups_that_are_not_of_one_size_have_their_own_share_of_the_households():
    # 11 and 10 households at 2 each: 22 of 42 have 22 of 42, and the curve is the line of equality
    donnees = lorenz(pd.DataFrame({"menages": [11, 10], "montant": [22, 20]}), PART).donnees
    assert [dire(cellule) for cellule in donnees.iloc[0]] == ["52,4 %", "52,4 %"]


@pytest.mark.parametrize("valeurs", [[1, math.nan, 3], [3, 2, 1], [0, 0], [5]])
def test_a_curve_asks_for_groups_that_are_known_and_in_order(valeurs):
    with pytest.raises(ValueError, match="groupes tous connus"):
        lorenz(pd.DataFrame({"menages": 10, "montant": valeurs}), PART)


@pytest.mark.parametrize("valeurs", [[1] * 10, [0] * 9 + [10], [1, 1, 1, 1, 1, 1, 1, 1, 2, 90]])
def test_a_curve_can_be_read_even_or_not(valeurs):
    lisible(lorenz(pd.DataFrame({"menages": 10, "montant": valeurs}), PART))


def test_a_long_unit_is_written_once():
    sujet = Sujet("taux", "Taux", "Source.", unite="pour 1 000 habitants", decimales=1)
    graphique = classement(table("territoire  valeur\nA  12.5\nB  3"), sujet)
    assert [mot for mot, _ in textes(graphique.figure)].count("pour 1 000 habitants") == 1
    assert list(graphique.donnees.columns) == ["Territoire", "Valeur (pour 1 000 habitants)"]
    assert list(graphique.donnees.iloc[:, 1]) == ["12,5", "3,0"]


def test_a_growth_bears_its_sign():
    sujet = Sujet("croissance", "Croissance", "Source.", unite="% par an", decimales=2, signe=True)
    lignes = table("territoire  valeur\nA  0.34\nB  -1.2")
    assert list(classement(lignes, sujet).donnees.iloc[:, 1]) == ["+0,34", "−1,20"]


def test_the_table_of_a_chart_holds_nothing_but_text():
    for graphique in quatre():
        assert graphique.donnees.map(lambda case: isinstance(case, str)).all(axis=None), graphique.nom
        assert all(isinstance(nom, str) for nom in graphique.donnees.columns)


# --- secrecy ---------------------------------------------------------------------------------------

MASQUE = 98765.4


def cas_secrets(valeur: float) -> list:
    """Each kind of chart with one hidden value, whatever it is."""

    def cacher(cadre: pd.DataFrame, ligne: int) -> pd.DataFrame:
        masque = cadre.assign(statut="valide").astype({"valeur": float})
        masque.loc[ligne, ["valeur", "statut"]] = [valeur, "secret"]
        return masque.assign(borne_basse=masque.valeur - 1, borne_haute=masque.valeur + 1)

    lignes = CLASSES[["territoire", "valeur"]]
    aides = AIDES.rename(columns={"precedent": "avant"})
    parts = AGES.assign(valeur=AGES.population / 10)
    return [
        classement(cacher(lignes, 2), PART, repere=("Le Mont-Dore", 15.7)),
        evolution(cacher(CENSEMENTS, 3), PART),
        evolution_indice(cacher(CENSEMENTS, 4), PART),
        comparaison(cacher(CENSEMENTS[CENSEMENTS.date > 2014].reset_index(drop=True), 1), PART),
        pente(cacher(lignes, 2), cacher(lignes, 1), PART, nom_debut="2014", nom_fin="2019"),
        repartition(cacher(PARTS, 4), PART),
        barres(cacher(aides, 3).assign(precedent=aides.avant), PART, periode="2025", precedente="2024"),
        barres(
            AIDES.assign(precedent=[valeur, 1.0, 2.0, 3.0], statut_precedent=["secret"] + ["valide"] * 3),
            PART,
            periode="2025",
            precedente="2024",
        ),
        pyramide(
            cacher(parts, 2).rename(columns={"valeur": "part"}).drop(columns="population"),
            PART,
            periode="2019",
        ),
    ]


def test_a_secret_value_changes_neither_the_drawing_nor_the_words(tmp_path):
    for rang, (avec, sans) in enumerate(zip(cas_secrets(MASQUE), cas_secrets(math.nan), strict=True)):
        assert avec.alt == sans.alt
        assert avec.donnees.equals(sans.donnees)
        assert octets(avec, tmp_path / f"avec{rang}") == octets(sans, tmp_path / f"sans{rang}")
        assert avec.donnees.eq("secret").any(axis=None)


def test_a_secret_share_hides_the_whole_bar():
    parts = PARTS.assign(statut=["valide"] * 4 + ["secret", "valide"])
    donnees = repartition(parts, PART).donnees.set_index("Territoire")
    # 100 - 45 - 8 would give the hidden part back
    assert list(donnees.loc["Nouméa"]) == ["secret"] * 3
    assert "45" not in repartition(parts, PART).alt


def test_a_territory_hidden_throughout_is_still_named_on_the_drawing():
    serie = CENSEMENTS.assign(statut=["valide"] * 8 + ["secret"] * 4)
    ecrits = [dire(mot) for mot, _ in textes(evolution(serie, PART).figure)]
    assert "Païta : secret" in ecrits
    fin = CLASSES.assign(statut=CLASSES.statut)
    ecrits = [dire(mot) for mot, _ in textes(pente(fin, fin, PART, nom_debut="A", nom_fin="B").figure)]
    assert "Yahoué : secret" in ecrits


def test_a_pyramid_of_hidden_counts_is_refused():
    with pytest.raises(ValueError, match="donner `part`"):
        pyramide(AGES.assign(statut=["secret"] + ["valide"] * 5), PART, periode="2019")


# --- labels never overlap --------------------------------------------------------------------------


@pytest.mark.parametrize("graphique", quatre(), ids=lambda g: g.nom)
def test_ordinary_drawings_can_be_read(graphique):
    lisible(graphique)


@pytest.mark.parametrize("ecart", [0, 0.01, 0.3, 5])
def test_eight_neighbouring_ends_of_lines_keep_their_names(ecart):
    noms = [f"{nom} et environs" for nom in QUARTIERS[-8:]]
    serie = pd.DataFrame(
        [(nom, date, 15 + ecart * i) for i, nom in enumerate(noms) for date in (2014, 2019)],
        columns=["territoire", "date", "valeur"],
    )
    lisible(evolution(serie, PART))


def test_twelve_slopes_of_long_names_and_nearly_equal_values_can_be_read():
    avant = pd.DataFrame({"territoire": [f"{q} et environs" for q in QUARTIERS], "valeur": 10.0})
    apres = avant.assign(valeur=[10 + i / 50 for i in range(12)], statut=["secret", *["valide"] * 11])
    lisible(pente(avant.assign(statut=apres.statut), apres, PART, nom_debut="2014", nom_fin="2019"))


@pytest.mark.parametrize("repere", [0.0, 40.0])
def test_a_mark_at_the_edge_and_endless_names_can_be_read(repere):
    lignes = pd.DataFrame({"territoire": [f"{q}, {LONG}" for q in QUARTIERS], "valeur": range(12)})
    lisible(classement(lignes, PART, repere=(LONG, repere)))


def test_long_named_comparators_at_two_dates_can_be_read():
    lignes = pd.DataFrame(
        [(f"{LONG} {i}", date, 1e6 * i) for i in range(5) for date in (2014, 2019)],
        columns=["territoire", "date", "valeur"],
    )
    lisible(comparaison(lignes, Sujet("c", "C", "S", unite="F CFP", nous=f"{LONG} 2")))


def test_breaks_close_to_one_another_do_not_overlap():
    ruptures = [
        (2014.7, "cyclone"),
        (2015, "nouveau questionnaire"),
        (2015.3, "fusion"),
        (2019.7, "émeutes de mai"),
    ]
    lisible(evolution(CENSEMENTS, PART, ruptures=ruptures))


def test_thirty_six_months_do_not_overlap():
    serie = pd.DataFrame(
        {
            "territoire": "Le Mont-Dore",
            "date": [2022 + (m + 0.5) / 12 for m in range(36)],
            "valeur": range(36),
        }
    )
    lisible(evolution(serie, Sujet("m", "M", "S", unite="ménages", nous="Le Mont-Dore")))


def test_twenty_bands_of_five_years_have_each_their_age():
    ages = pd.DataFrame(
        [(s, a, a + 4 if a < 95 else math.nan, 5) for s in ("Hommes", "Femmes") for a in range(0, 100, 5)],
        columns=["sexe", "age_min", "age_max", "population"],
    )
    lisible(pyramide(ages, PART, periode="2019", reference=ages, nom_reference=LONG))


def test_tiny_shares_and_wordy_categories_can_be_read():
    parts = pd.DataFrame(
        [
            (t, f"Catégorie {i} au libellé assez long", v)
            for t in ("Le Mont-Dore", LONG)
            for i, v in enumerate([93, 2, 1.5, 1.2, 1, 0.8, 0.5])
        ],
        columns=["territoire", "categorie", "valeur"],
    )
    lisible(repartition(parts, PART))


def test_bars_equal_to_their_past_can_be_read():
    aides = pd.DataFrame({"categorie": [f"{q}, {LONG}" for q in QUARTIERS], "valeur": 1e9, "precedent": 1e9})
    lisible(barres(aides, Sujet("b", "B", "S", unite="F CFP"), periode="2025", precedente="2024"))


@given(
    st.lists(st.tuples(st.floats(-50, 150), st.floats(1, 30)), min_size=1, max_size=20),
)
def test_labels_set_apart_do_not_overlap_and_keep_their_order(etiquettes):
    voulues, tailles = zip(*etiquettes, strict=True)
    bas, haut = 0.0, sum(tailles) + 40
    places = ecarter(voulues, tailles, bas, haut)
    ordre = sorted(range(len(places)), key=places.__getitem__)
    for dessous, dessus in pairwise(ordre):
        assert places[dessus] - places[dessous] >= (tailles[dessus] + tailles[dessous]) / 2 - 1e-6
        assert voulues[dessous] <= voulues[dessus]
    assert min(p - t / 2 for p, t in zip(places, tailles, strict=True)) >= bas - 1e-6
    assert max(p + t / 2 for p, t in zip(places, tailles, strict=True)) <= haut + 1e-6


def test_a_label_that_is_in_nobodys_way_is_not_moved():
    assert ecarter([10, 50, 90], [10, 10, 10], 0, 100) == [10, 50, 90]


def test_two_neighbours_move_apart_by_the_same_distance():
    assert ecarter([50, 50], [10, 10], 0, 100) == [55, 45]


def test_no_label_is_set_apart_from_none():
    assert ecarter([], [], 0, 100) == []


@given(st.text("abéÎ -'/", max_size=60), st.floats(20, 200))
def test_a_name_cut_over_lines_loses_no_letter(nom, large):
    plie = replier(nom, large)
    assert plie.replace("\n", "").replace(" ", "") == nom.replace(" ", "")
    for ligne in plie.split("\n"):
        morceaux = ligne.replace("-", "- ").replace("/", "/ ").split()
        assert len(morceaux) <= 1 or largeur(ligne) <= large


def test_a_name_is_cut_after_its_hyphen():
    assert replier("La Lembi-Grand sud-Ile Ouen", 60) == "La Lembi-\nGrand sud-\nIle Ouen"
    assert encombrement("La Lembi-\nGrand sud-\nIle Ouen") == largeur("Grand sud-")


# --- read in grey, by anyone -----------------------------------------------------------------------


def test_two_neighbouring_shares_are_told_apart_in_grey():
    for premiere, seconde in pairwise(parts._TEINTES):
        assert premiere["hachure"] != seconde["hachure"] or (
            abs(luminance(premiere["fond"]) - luminance(seconde["fond"])) >= 0.1
        )


def test_any_two_shares_are_told_apart_in_grey():
    for premiere, seconde in combinations(parts._TEINTES, 2):
        assert premiere["hachure"] != seconde["hachure"] or (
            abs(luminance(premiere["fond"]) - luminance(seconde["fond"])) >= 0.1
        )


def test_every_text_has_a_contrast_of_4_5():
    for couleur in (drawing.ENCRE, drawing.GRIS, drawing.ACCENT, drawing.ALERTE):
        assert drawing.contraste(couleur, "white") >= 4.5
    for teinte in parts._TEINTES:
        assert drawing.contraste(drawing.encre_sur(teinte["fond"]), teinte["fond"]) >= 4.5


def test_every_stroke_has_a_contrast_of_3():
    for couleur in (*lines._COULEURS_DE_TRAIT, *lines._GRIS_DE_TRAIT):
        assert drawing.contraste(couleur, "white") >= 3


def test_eight_lines_have_eight_markers():
    assert len({aspect.forme for aspect in lines._aspects(QUARTIERS[:8], "").values()}) == 8


def test_the_contrast_of_black_on_white_is_21():
    assert drawing.contraste("black", "white") == pytest.approx(21)


# --- true to the numbers ---------------------------------------------------------------------------


def test_unequal_bands_have_areas_in_proportion():
    ages = table("""
sexe    age_min  age_max  population
Hommes  0        9        100
Hommes  10       29       100
Hommes  30       -        100
Femmes  0        9        100
Femmes  10       29       300
Femmes  30       -        300
""")
    bandes = pyramid._allonger(pyramid._bandes(ages), 10)
    # 1 000 people: each length times its height is ten years times its share
    assert list(bandes["longueur"] * bandes["hauteur"] / 10) == pytest.approx(list(bandes["part"]))
    mots = [dire(mot) for mot, _ in textes(pyramide(ages, PART, periode="2019").figure)]
    assert "en % de la population totale, par tranche de 10 ans d'âge" in mots


def test_a_reference_by_five_years_is_read_in_the_bands_of_ten_that_are_drawn():
    dix, cinq = ([*range(0, 80, pas), 80] for pas in (10, 5))
    ages, avant = (
        pd.DataFrame(
            [
                {"sexe": sexe, "age_min": a, "age_max": math.nan if a == 80 else a + pas - 1, "population": n}
                for sexe in ("Hommes", "Femmes")
                for a, n in zip(debuts, effectifs, strict=True)
            ]
        )
        for debuts, pas, effectifs in ((dix, 10, [50] * 9), (cinq, 5, [25] * 16 + [50]))
    )
    dessin = pyramide(ages, PART, periode="2019", reference=avant, nom_reference="2014")
    # 900 people of each date, 50 in each ten years of each sex: the outline follows the bars, 5.6 % everywhere
    assert set(dessin.donnees["Hommes, 2014 (%)"]) == {"5,6\u00a0%"}
    assert [dire(mot) for mot, _ in textes(dessin.figure)].count("en % de la population totale") == 1
    fond = pyramid._regrouper(pyramid._bandes(avant), pyramid._bandes(ages))
    assert list(fond["part"]) == pytest.approx(list(pyramid._bandes(ages)["part"]))


def test_a_reference_whose_bands_overlap_keeps_its_own_at_the_same_scale():
    quinze = AGES.assign(age_min=[0, 15, 75] * 2, age_max=[14, 74, math.nan] * 2)
    assert (
        pyramid._regrouper(pyramid._bandes(quinze), pyramid._bandes(AGES))["bas"].tolist() == [0, 15, 75] * 2
    )
    mots = [
        dire(mot)
        for mot, _ in textes(
            pyramide(AGES, PART, periode="2019", reference=quinze, nom_reference="2014").figure
        )
    ]
    assert "en % de la population totale, par tranche de 15 ans d'âge" in mots


def test_the_open_group_is_as_high_as_the_last_closed_one():
    bandes = pyramid._bandes(AGES)
    assert bandes.loc[bandes["age"] == "60 ans et plus", "hauteur"].unique() == [40]


def test_the_shares_of_a_pyramid_make_100():
    assert pyramid._bandes(AGES)["part"].sum() == pytest.approx(100)


def test_dates_of_a_census_are_years_and_months_are_months():
    assert libelles_dates([2014.65, 2019.74]) == {2014.65: "2014", 2019.74: "2019"}
    assert libelles_dates([2024.37, 2024.46]) == {2024.37: "mai 2024", 2024.46: "juin 2024"}


@pytest.mark.parametrize(
    ("appel", "message"),
    [
        (lambda: classement(CLASSES.iloc[:0], PART), "rien à dessiner"),
        (lambda: comparaison(CENSEMENTS, PART), "4 dates"),
        (lambda: repartition(PARTS.assign(valeur=20), PART), "« Le Mont-Dore » font 60.0 %"),
        (
            lambda: repartition(pd.concat([PARTS, PARTS]), PART),
            "deux valeurs pour Le Mont-Dore Propriétaires",
        ),
        (lambda: evolution(pd.concat([CENSEMENTS, CENSEMENTS]), PART), "deux valeurs pour Le Mont-Dore 2004"),
        (lambda: barres(AIDES.assign(valeur=-1), PART), "négative"),
        (lambda: pyramide(AGES.assign(sexe="H"), PART, periode="2019"), "sexe"),
        (
            lambda: repartition(
                pd.DataFrame({"territoire": "A", "categorie": list("abcdefgh"), "valeur": 12.5}), PART
            ),
            "8 catégories, 7 au plus",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(appel, message):
    with pytest.raises(ValueError, match=message):
        appel()


def test_an_unknown_status_is_refused():
    with pytest.raises(ValueError, match="douteux"):
        classement(CLASSES.assign(statut="douteux"), PART)


# --- files -----------------------------------------------------------------------------------------


def test_the_same_numbers_give_the_same_bytes(tmp_path):
    for rang, (premier, second) in enumerate(zip(quatre(), quatre(), strict=True)):
        ecrits = octets(premier, tmp_path / f"{rang}a")
        assert ecrits == octets(second, tmp_path / f"{rang}b")
        assert ecrits == octets(premier, tmp_path / f"{rang}a"), "writing twice changes nothing"
        assert list(ecrits) == [f"{premier.nom}.svg"]


def test_an_svg_bears_its_title_and_neither_a_date_nor_a_program(tmp_path):
    svg = octets(classement(CLASSES, PART), tmp_path)["part.svg"].decode()
    assert "<title>Part</title>" in svg
    assert "dc:date" not in svg
    assert "matplotlib.org" not in svg
    assert "font-family" not in svg, "text is outlines: no font needed where it is read"


def test_drawing_leaves_the_settings_of_matplotlib_alone(tmp_path):
    avant = dict(matplotlib.rcParams)
    for graphique in quatre():
        ecrire(graphique, tmp_path)
    assert dict(matplotlib.rcParams) == avant
