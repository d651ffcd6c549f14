"""The deck for the board: twelve to fifteen slides, one idea each, charts that PowerPoint can edit.

In: an `Atelier`. Out: `diaporama.pptx`, and its PDF where LibreOffice is installed. A slide's title is the
sentence that it shows; under each chart its source, beside it « Données fictives » where its figures are
invented; in its notes, definition, calculation, limits. The layouts are the CCAS's own where the edition
names a template, else plain ones.
"""

from __future__ import annotations

import copy
import datetime
import io
import math
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pikepdf
from matplotlib.colors import to_hex
from pptx import Presentation
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.chart.datalabel import DataLabels
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.enum.shapes import MSO_SHAPE, PP_PLACEHOLDER
from pptx.enum.text import MSO_ANCHOR
from pptx.exc import PackageNotFoundError
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from pipeline.avancement import suivre
from pipeline.exports import formule
from pipeline.indicators import chapitres_de
from pipeline.model import ErreurUtilisateur, Figure, Indicator, Statut
from pipeline.orientations import lire_orientations
from pipeline.report import actions, essentiel, figures, francais, phrases
from pipeline.report.charts.drawing import ACCENT, ALERTE, ENCRE, FILET, GRIS, OKABE_ITO, TRAIT, encre_sur
from pipeline.report.charts.lines import morceaux, rompre
from pipeline.report.charts.subject import preparer
from pipeline.report.figures import Trace
from pipeline.report.nombres import INSECABLE
from pipeline.report.papiers import Atelier
from pipeline.report.render import archiver, pixeliser

if TYPE_CHECKING:
    from pptx.chart.chart import Chart
    from pptx.presentation import Presentation as Presentation_
    from pptx.slide import Slide, SlideLayout

    from pipeline.edition import Edition

NOM = "diaporama"
VUES = (12, 15)

_LANGUE = "fr-FR"
_PARTS = {3: (0.55, 0.15, 0.3), 4: (0.46, 0.24, 0.17, 0.13)}
# Of the letters of a table: their sizes, in points, and what one takes of its size, a line's height and its width.
_CORPS_DE_TABLEAU, _LIGNE, _LETTRE = (16, 13, 11), 1.25, 0.6
# Of the sentences of a list: their sizes, what is between two of them and beside them.
_CORPS_DE_LISTE, _ENTRE_PHRASES, _RETRAIT = (20, 18, 17, 16, 15, 14, 13, 12), Pt(10), Inches(0.5)
# How much of its space a table takes, when its words need no more.
_REMPLI = 0.95
_ACTIONS = 8
_PART_ETROITE = 12
# Over how many years each one is written under a line.
_ANNEES_DITES = 12
_ANNEES = "Années"
"""A series that is not seen: its points stand on the axis, under the years of the others, and say them."""
# How many bars have room for their numbers, and of how many the numbers are small.
_BARRES_SERREES, _BARRES_CHIFFREES = 16, 20
_CLAIR = "#8FA3AD"
_TITRES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
_CORPS = (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT)
_PAR_QUARTIER = ("classement", "carte", "pente")
_SANS_NOMBRE = (Statut.SECRET, Statut.ABSENT, Statut.NON_COMPARABLE)
# Size of a title by its length: the longest sentences still hold in three lines.
_CORPS_DE_TITRE = ((90, 28), (170, 24), (260, 20), (10_000, 17))
_MOTS = {Statut.SECRET: "secret", Statut.ABSENT: "n. d.", Statut.FRAGILE: "petit effectif"}


@dataclass(frozen=True)
class Vue:
    """One slide: its title is a sentence; then lines, rows of a table, or a chart; notes for the speaker."""

    titre: str
    notes: str
    lignes: tuple[str, ...] = ()
    rangees: tuple[tuple[str, ...], ...] = ()
    trace: Trace | None = None
    alt: str = ""
    image: Path | None = None
    source: str = ""
    fictif: bool = False


@dataclass(frozen=True)
class Cadre:
    """Where the content of a slide goes, in English Metric Units."""

    gauche: int
    haut: int
    largeur: int
    hauteur: int = field(default=0)


# ------------------------------------------------------------------------------------- what is said


def vues(atelier: Atelier) -> list[Vue]:
    """The slides after the title's, in order."""
    ouverture, fin = _ouverture(atelier), _fin(atelier)
    places = VUES[1] - 1 - len(ouverture) - len(fin)
    return [_imprimee(vue) for vue in (*ouverture, *_graphiques(atelier, places), *fin)]


def brut(texte: str) -> str:
    """Markdown of a sentence or a cell → its words."""
    texte = re.sub(r"\[([^\]]*)\](\([^)]*\)|\{[^}]*\})", r"\1", texte)
    return texte.replace("\\*", "*").replace("**", "")


def _imprimee(vue: Vue) -> Vue:
    """The slide with the spaces and apostrophes of French."""
    ecrire_ = francais.typographier
    return replace(
        vue,
        titre=ecrire_(vue.titre),
        notes=ecrire_(vue.notes),
        lignes=tuple(map(ecrire_, vue.lignes)),
        rangees=tuple(tuple(map(ecrire_, rangee)) for rangee in vue.rangees),
        alt=ecrire_(vue.alt),
        source=ecrire_(vue.source),
    )


def _ouverture(atelier: Atelier) -> list[Vue]:
    """Why the analysis is made, the commune in figures, what stands out."""
    contexte, lieu = atelier.contexte, atelier.faits.etude
    cles, ressort = contexte["cles"], [*contexte["ressort"], *contexte["ressort_autour"]][:5]
    valeurs = " ".join(cle["valeur"] for cle in cles)
    rangees = [tuple(brut(cle[nom]) for nom in ("libelle", "valeur", "comparaison")) for cle in cles]
    premiere = contexte["change"][0] if contexte["change"] else f"{lieu.nom} en quelques chiffres."
    return [
        Vue(
            contexte["cadre"].titre,
            f"Référence : {contexte['cadre'].reference}.",
            tuple(_en_phrases(contexte["cadre"].texte)),
        ),
        Vue(
            brut(premiere),
            _notes_des_sources(atelier, valeurs),
            rangees=(("Indicateur", lieu.nom, "Repère"), *rangees),
            source=atelier.sources(valeurs),
            fictif=_fictif(atelier, valeurs),
        ),
        Vue(
            f"Ce qui ressort {lieu.dans}{_compte(len(ressort))}.",
            _notes_des_sources(atelier, *ressort),
            tuple(map(brut, ressort)),
            source=atelier.sources(*ressort),
            fictif=_fictif(atelier, *ressort),
        ),
    ]


def _compte(combien: int) -> str:
    return f" : {combien} constats" if combien > 1 else ""


def _fin(atelier: Atelier) -> list[Vue]:
    """How to read the figures, and what the board is asked."""
    profil, faits = atelier.faits.edition.profil, atelier.faits
    mots = {"de": faits.etude.de, "annee": faits.edition.annee}
    articles = [article.format_map(mots) for article in profil.deliberation.articles]
    return [
        *_actions(atelier),
        Vue(
            "Ces chiffres se lisent avec précaution.",
            f"{profil.recensement.note.strip()}\nSeuils de prudence : moins de {profil.precision.recensement} au "
            f"recensement, de {profil.precision.annuelle} dans une statistique annuelle, de "
            f"{profil.precision.activite} dans l’activité.",
            tuple(map(brut, atelier.contexte["prudences"][:5])),
        ),
        Vue(
            f"Il est proposé au {profil.cadre.instance} de prendre acte du rapport.",
            f"{profil.deliberation.debat.strip()}\nLe projet de délibération et ses annexes sont joints.",
            tuple(articles),
        ),
    ]


def _actions(atelier: Atelier) -> list[Vue]:
    """The orientations, an action a row; nothing when the edition has none."""
    faits = atelier.faits
    lues = lire_orientations(faits.edition, chapitres_de(faits.edition.profil))
    if lues is None:
        return []
    suivies = suivre(lues, faits)[:_ACTIONS]
    rangees = [(s.titre, s.action.pilote, actions.montant(faits, s), s.etat.value) for s in suivies]
    return [
        Vue(
            actions.bilan(suivre(lues, faits)),
            "\n".join(f"{s.titre}{INSECABLE}: {s.action.objectif}" for s in suivies),
            rangees=(("Action", "Pilote", "Montant", "État"), *rangees),
            source=f"Source : orientations de l’édition {faits.edition.annee}"
            + (", données d’exemple." if lues.fictif else "."),
            fictif=lues.fictif,
        )
    ]


def _en_phrases(texte: str) -> Iterator[str]:
    """A paragraph as its sentences; « art. R.123-1 » and « (art. L.123-5) » do not end one."""
    yield from re.split(r"(?<=\.)(?<!\bart\.) (?=[A-ZÀÉ])", " ".join(texte.split()))


def _graphiques(atelier: Atelier, places: int) -> list[Vue]:
    """One chart a chapter, the chapters that stand out most first served; more of them where there is room."""
    rangs = _rangs(atelier)
    candidats: list[tuple[int, int, int, Vue]] = []
    for ordre, chapitre in enumerate(atelier.faits.chapitres):
        pretes = [vue for figure in chapitre.figures if (vue := _graphique(atelier, figure, rangs))]
        rang = min((rangs.get(i.id, len(rangs)) for i in chapitre.indicators), default=len(rangs))
        candidats += [(tour, rang, ordre, vue) for tour, vue in enumerate(pretes)]
    gardes = sorted(candidats, key=lambda candidat: candidat[:3])[:places]
    return [vue for *_, vue in sorted(gardes, key=lambda candidat: (candidat[2], candidat[0]))]


def _rangs(atelier: Atelier) -> dict[str, int]:
    simples = [i for i in atelier.faits.indicateurs() if not i.by]
    return {r.indicateur: rang for rang, r in enumerate(essentiel.remarques(atelier.faits, simples))}


def _graphique(atelier: Atelier, figure: Figure, rangs: Mapping[str, int]) -> Vue | None:
    """The slide of a chart that has a sentence to show: of its indicators, the one that stands out most."""
    if not figure.indicators:
        return None
    indicateur = atelier.declares[min(figure.indicators, key=lambda nom: rangs.get(nom, len(rangs)))]
    trace = figures.tracer(atelier.faits, figure, atelier.pyramide)
    titre = brut(_phrase(atelier, figure, indicateur))
    if trace is None or not titre or not _montre(trace):
        return None
    dessin = atelier.figures[trace.sujet.nom]
    if figure.kind not in _NATIFS:
        pixeliser(atelier.dessins.dossier, [dessin.nom])
    return Vue(
        titre,
        _notes(atelier, indicateur, dessin.alt),
        trace=trace,
        alt=dessin.alt,
        image=atelier.dessins.dossier / f"{dessin.nom}.png" if figure.kind not in _NATIFS else None,
        source=dessin.source,
        fictif=trace.sujet.fictif,
    )


def _montre(trace: Trace) -> bool:
    """Whether two values at least may be shown."""
    return int(preparer(trace.lignes)["valeur"].notna().sum()) > 1


def _phrase(atelier: Atelier, figure: Figure, indicateur: Indicator) -> str:
    if indicateur.by:
        return phrases.en_tete(atelier.faits, indicateur)
    if figure.kind in _PAR_QUARTIER:
        return phrases.quartiers(atelier.faits, indicateur, detail=False)
    return phrases.situer(atelier.faits, indicateur)


def _notes(atelier: Atelier, indicateur: Indicator, alt: str) -> str:
    """What the speaker needs to answer: definition, calculation, limits, source, and what the chart shows."""
    lignes = {
        "Pourquoi": indicateur.why,
        "Définition": indicateur.definition,
        "Calcul": f"{formule(indicateur)}.",
        "Limites": indicateur.caveat,
        "Sources": f"{atelier.faits.source(indicateur)}.",
        "Le graphique": alt,
    }
    return "\n".join(f"{nom}{INSECABLE}: {texte}" for nom, texte in lignes.items() if texte)


def _notes_des_sources(atelier: Atelier, *textes: str) -> str:
    cites = atelier.cites(*textes)
    calculs = [f"{i.label}{INSECABLE}: {i.definition}" for i in cites]
    return "\n".join([*calculs, f"Sources{INSECABLE}: {atelier.faits.provenance(cites)}."])


def _fictif(atelier: Atelier, *textes: str) -> bool:
    return any(atelier.faits.est_fictif(indicateur) for indicateur in atelier.cites(*textes))


# ------------------------------------------------------------------------------------- native charts


def _categories(lignes: Any, colonne: str) -> list[str]:
    """Names of the rows, each with the word that says why it has no bar, or that its figure is fragile."""
    return [
        f"{nom} ({_MOTS[statut]})" if statut in _MOTS else str(nom)
        for nom, statut in zip(lignes[colonne], lignes["statut"], strict=True)
    ]


def _valeurs(colonne: Any) -> list[float | None]:
    return [None if valeur != valeur else float(valeur) for valeur in colonne]


def _barres(trace: Trace) -> tuple[Any, CategoryChartData]:
    """One bar a row, longest first; the commune among its quartiers; the year before beside it."""
    lignes = preparer(trace.lignes)
    colonne = "categorie" if "categorie" in lignes else "territoire"
    if repere := trace.options.get("repere"):
        rangee = {"territoire": repere[0], "valeur": repere[1], "statut": Statut.VALIDE}
        lignes.loc[len(lignes)] = {**dict.fromkeys(lignes.columns), **rangee}
    ordre = "rang" if "rang" in lignes else "valeur"
    if trace.genre != "comparaison":
        lignes = lignes.sort_values(ordre, ascending=ordre == "rang", kind="stable", na_position="last")
    donnees = CategoryChartData(number_format=_format(trace))
    donnees.categories = _categories(lignes, colonne)
    if "precedent" in lignes:
        avant = lignes["precedent"].where(~lignes["statut_precedent"].isin(list(_SANS_NOMBRE)))
        donnees.add_series(trace.options["precedente"], _valeurs(avant))
    donnees.add_series(trace.options.get("periode", trace.sujet.titre), _valeurs(lignes["valeur"]))
    return XL_CHART_TYPE.BAR_CLUSTERED, donnees


def _pente(trace: Trace) -> tuple[Any, CategoryChartData]:
    """Two bars a quartier: the first and the last date."""
    avant, apres = preparer(trace.lignes), preparer(trace.options["fin"])
    donnees = CategoryChartData(number_format=_format(trace))
    apres = apres.sort_values("valeur", ascending=False, kind="stable")
    avant = avant.set_index("territoire").reindex(apres["territoire"])
    donnees.categories = _categories(apres, "territoire")
    for lignes, nom in ((avant, "nom_debut"), (apres, "nom_fin")):
        donnees.add_series(trace.options[nom], _valeurs(lignes["valeur"]))
    return XL_CHART_TYPE.BAR_CLUSTERED, donnees


def _repartition(trace: Trace) -> tuple[Any, CategoryChartData]:
    """One bar a territory, cut into the shares of its whole."""
    lignes = preparer(trace.lignes)
    tableau = lignes.pivot_table("valeur", "territoire", "categorie", sort=False)
    donnees = CategoryChartData(number_format=_format(trace))
    donnees.categories = list(tableau.index)
    for categorie in tableau:
        donnees.add_series(categorie, _valeurs(tableau[categorie]))
    return XL_CHART_TYPE.BAR_STACKED_100, donnees


def _evolution(trace: Trace) -> tuple[Any, XyChartData]:
    """One line a territory, over real dates; one more after each break or hidden value."""
    lignes = preparer(trace.lignes)
    donnees = XyChartData(number_format=_format(trace))
    for territoire, points in lignes.groupby("territoire", sort=False):
        for morceau in morceaux(rompre(points.sort_values("date"), trace.options["ruptures"])):
            serie = donnees.add_series(territoire)
            for point in morceau.itertuples():
                serie.add_data_point(point.date, point.valeur)
    if _annees_longues(trace):
        annees = donnees.add_series(_ANNEES)
        for date in _annees_dites(lignes):
            annees.add_data_point(date, min(0, lignes["valeur"].min()))
    return XL_CHART_TYPE.XY_SCATTER_LINES, donnees


def _annees_longues(trace: Trace) -> bool:
    """Whether the dates are too far apart for an axis that says every year."""
    dates = trace.lignes["date"]
    return int(dates.max()) - int(dates.min()) > _ANNEES_DITES


def _annees_dites(lignes: pd.DataFrame) -> list[float]:
    """The dates of the points, fewer when they are many: the last one, and others as regularly as can be."""
    dates = sorted(set(lignes["date"]), reverse=True)
    pas = -(-len(dates) // _ANNEES_DITES)
    return sorted(dates[::pas])


_NATIFS: Mapping[str, Callable[[Trace], tuple[Any, Any]]] = {
    "classement": _barres,
    "comparaison": _barres,
    "barres": _barres,
    "pente": _pente,
    "repartition": _repartition,
    "evolution": _evolution,
}


def _format(trace: Trace) -> str:
    """French number format, with the unit when it is short."""
    decimales = trace.sujet.decimales
    unite = f'"{INSECABLE}{trace.sujet.unite_courte}"' if trace.sujet.unite_courte else ""
    nombre = "#,##0" + ("." + "0" * decimales if decimales else "") + unite
    return f"[$-40C]+{nombre};[$-40C]−{nombre};[$-40C]{nombre}" if trace.sujet.signe else f"[$-40C]{nombre}"


def _couleur(teinte: str) -> RGBColor:
    return RGBColor.from_string(teinte.removeprefix("#").upper())


def _poser_graphique(vue: Slide, cadre: Cadre, trace: Trace, alt: str) -> None:
    """The native chart, in the space that is left, with its alternative text."""
    genre, donnees = _NATIFS[trace.genre](trace)
    forme = vue.shapes.add_chart(genre, cadre.gauche, cadre.haut, cadre.largeur, cadre.hauteur, donnees)
    _decrire(forme._element.nvGraphicFramePr.cNvPr, trace.sujet.titre, alt)
    graphique = forme.chart
    classeur = graphique.part.chart_workbook.xlsx_part
    classeur._blob = archiver(classeur.blob, {"docProps/core.xml": _sans_heure})
    graphique.font.size, graphique.font.color.rgb = Pt(14), _couleur(ENCRE)
    graphique.has_title = True
    unite = f" ({trace.sujet.unite_longue})" if trace.sujet.unite_longue else ""
    ruptures = "".join(f" – ligne interrompue : {nom}" for _, nom in trace.options.get("ruptures", ()))
    graphique.chart_title.text_frame.text = trace.sujet.titre + unite + ruptures
    graphique.chart_title.text_frame.paragraphs[0].runs[0].font.size = Pt(14)
    noms = [serie.name for serie in graphique.plots[0].series]
    graphique.has_legend = len({*noms} - {_ANNEES}) > 1
    if graphique.has_legend:
        graphique.legend.position, graphique.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
        _nommer_une_fois(graphique, noms)
    (_regler_courbes if trace.genre == "evolution" else _regler_barres)(graphique, trace)


def _nommer_une_fois(graphique: Chart, noms: Sequence[str]) -> None:
    """Leave out of the legend the series whose name an earlier one has said, and that of the years."""
    legende = graphique.legend._element
    place = legende.find(qn("c:legendPos"))
    for rang in reversed(range(len(noms))):
        if noms[rang] in noms[:rang] or noms[rang] == _ANNEES:
            entree = legende.makeelement(qn("c:legendEntry"), {})
            entree.append(legende.makeelement(qn("c:idx"), {"val": str(rang)}))
            entree.append(legende.makeelement(qn("c:delete"), {"val": "1"}))
            place.addnext(entree)


def _regler_barres(graphique: Chart, trace: Trace) -> None:
    """Numbers at the end of the bars, ours in colour."""
    _regler_axes_des_barres(graphique, trace)
    trait, empile = graphique.plots[0], trace.genre == "repartition"
    trait.gap_width = 45
    trait.has_data_labels = True
    # too narrow a part of a bar has no room for its number, which the notes give
    mots = f'[$-40C][<{_PART_ETROITE}]"";{_format(trace)}' if empile else _format(trace)
    trait.data_labels.number_format, trait.data_labels.number_format_is_linked = mots, False
    barres = len(trait.categories) * (1 if empile else len(trait.series))
    trait.data_labels.font.size = graphique.category_axis.tick_labels.font.size = Pt(
        12 if barres > _BARRES_SERREES else 13
    )
    if not empile:
        trait.data_labels.position = XL_LABEL_POSITION.OUTSIDE_END
    teintes = OKABE_ITO if empile else (_CLAIR, ACCENT) if len(trait.series) > 1 else (ACCENT,)
    for serie, teinte in zip(trait.series, teintes, strict=False):
        serie.invert_if_negative = False
        serie.format.fill.solid()
        serie.format.fill.fore_color.rgb = _couleur(teinte)
        if empile:
            _chiffrer_dedans(serie, trait.data_labels, teinte)
    if len(trait.series) > 1 and not empile and barres > _BARRES_CHIFFREES:
        _taire(trait.series[0])
    if len(trait.series) == 1:
        _distinguer(trait.series[0], list(trait.categories), trace)


def _regler_axes_des_barres(graphique: Chart, trace: Trace) -> None:
    """Longest bar on top, every row named, from zero; the bars bear their numbers, and no axis."""
    noms, valeurs = graphique.category_axis, graphique.value_axis
    noms.reverse_order = True
    noms.format.line.color.rgb = _couleur(GRIS)
    saut = noms._element.makeelement(qn("c:tickLblSkip"), {"val": "1"})
    noms._element.find(qn("c:lblOffset")).addnext(saut)
    valeurs.visible = False
    if preparer(trace.lignes)["valeur"].min() >= 0:
        valeurs.minimum_scale = 0
    noms.has_major_gridlines = valeurs.has_major_gridlines = False


def _taire(serie: Any) -> None:
    """No number at the end of the bars of the earlier year, where there is no room: the notes give them."""
    etiquettes = DataLabels(serie._element.get_or_add_dLbls())
    etiquettes.show_value = False


def _chiffrer_dedans(serie: Any, etiquettes: DataLabels, teinte: str) -> None:
    """The numbers of a part of a bar, as the others', in the ink that is read on it."""
    siennes = DataLabels(serie._element.get_or_add_dLbls())
    siennes.number_format, siennes.number_format_is_linked = etiquettes.number_format, False
    siennes.show_value, siennes.font.size = True, etiquettes.font.size
    siennes.font.color.rgb = _couleur(to_hex(encre_sur(teinte)))


def _distinguer(serie: Any, categories: Sequence[str], trace: Trace) -> None:
    """Among other territories, ours is dark and theirs light."""
    nous = trace.sujet.nous
    if not any(categorie.startswith(nous) for categorie in categories) or not nous:
        return
    for rang, categorie in enumerate(categories):
        remplissage = serie.points[rang].format.fill
        remplissage.solid()
        remplissage.fore_color.rgb = _couleur(ACCENT if categorie.startswith(nous) else _CLAIR)


def _regler_courbes(graphique: Chart, trace: Trace) -> None:
    """Ours thick and dark, the others in greys told apart by their marker; years without separator."""
    graphique.value_axis.major_gridlines.format.line.color.rgb = _couleur(FILET)
    graphique.value_axis.tick_labels.number_format = _format(trace)
    graphique.value_axis.tick_labels.number_format_is_linked = False
    dates = sorted(trace.lignes["date"])
    axe = graphique.category_axis
    debut, fin = int(dates[0]), int(dates[-1])
    # room on each side for the numbers, over years with no name of their own
    marge = max(1, (fin - debut) // 20)
    axe.minimum_scale, axe.maximum_scale, axe.major_unit = debut - marge, fin + marge, 1
    axe.has_major_gridlines = False
    axe.tick_labels.number_format = f'[<{debut}]"";[>{fin}]"";0'
    axe.tick_labels.number_format_is_linked = False
    marques = (
        XL_MARKER_STYLE.CIRCLE,
        XL_MARKER_STYLE.SQUARE,
        XL_MARKER_STYLE.TRIANGLE,
        XL_MARKER_STYLE.DIAMOND,
    )
    series = [serie for serie in graphique.plots[0].series if serie.name != _ANNEES]
    noms = list(dict.fromkeys(serie.name for serie in series))
    for serie in series:
        notre, rang = serie.name == trace.sujet.nous, noms.index(serie.name)
        teinte = ACCENT if notre else (GRIS, ENCRE, TRAIT)[rang % 3]
        serie.smooth = False
        serie.format.line.color.rgb, serie.format.line.width = _couleur(teinte), Pt(3.5 if notre else 1.75)
        serie.marker.style, serie.marker.size = marques[rang % 4], 9
        serie.marker.format.fill.solid()
        serie.marker.format.fill.fore_color.rgb = _couleur(teinte)
        serie.marker.format.line.color.rgb = _couleur(teinte)
        if notre:
            _chiffrer(serie, trace)
    if _annees_longues(trace):
        _dire_les_annees(graphique, trace)


def _chiffrer(serie: Any, trace: Trace) -> None:
    """The values of a line above its points."""
    etiquettes = DataLabels(serie._element.get_or_add_dLbls())
    etiquettes.number_format, etiquettes.number_format_is_linked = _format(trace), False
    etiquettes.show_value, etiquettes.position = True, XL_LABEL_POSITION.ABOVE
    if _annees_longues(trace):
        etiquettes.font.size = Pt(12)


def _dire_les_annees(graphique: Chart, trace: Trace) -> None:
    """Each point's own year under the axis, which has no tick of its own: censuses are no round years."""
    graphique.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.NONE
    graphique.category_axis.major_tick_mark = XL_TICK_MARK.NONE
    annees = list(graphique.plots[0].series)[-1]
    annees.format.line.fill.background()
    annees.marker.style = XL_MARKER_STYLE.NONE
    for rang, date in enumerate(_annees_dites(preparer(trace.lignes))):
        etiquette = annees.points[rang].data_label
        etiquette.text_frame.text, etiquette.position = str(int(date)), XL_LABEL_POSITION.BELOW
        etiquette.text_frame.paragraphs[0].runs[0].font.size = Pt(12)


# --------------------------------------------------------------------------------------- the slides


def ecrire(atelier: Atelier, dossier: Path) -> int:
    """Write `diaporama.pptx` into `dossier`; returns the number of slides."""
    faits = atelier.faits
    presentation, propre = lire_modele(faits.edition)
    composees = vues(atelier)
    _titre(presentation, atelier)
    for vue in composees:
        _vue(presentation, vue, atelier.diffusion.bandeau)
    if propre:
        _epurer(presentation)
    _nommer(presentation, atelier)
    _dire_la_langue(presentation)
    sortie = io.BytesIO()
    presentation.save(sortie)
    (dossier / f"{NOM}.pptx").write_bytes(archiver(sortie.getvalue(), {}))
    return len(composees) + 1


def lire_modele(edition: Edition) -> tuple[Presentation_, bool]:
    """The CCAS's template without its slides, or plain layouts (and then True)."""
    chemin = edition.modele(edition.papiers.modele_diaporama)
    if chemin is None:
        return _mise_en_page(Presentation()), True
    try:
        presentation = Presentation(str(chemin))
    except (PackageNotFoundError, KeyError, ValueError):
        raise ErreurUtilisateur(
            f"{chemin} n'est pas une présentation PowerPoint lisible : l'enregistrer de nouveau au format .pptx."
        ) from None
    for vue in list(presentation.slides._sldIdLst):
        presentation.part.drop_rel(vue.rId)
        presentation.slides._sldIdLst.remove(vue)
    if not any(_a(disposition, _TITRES) for disposition in presentation.slide_layouts):
        raise ErreurUtilisateur(
            f"{chemin} n'a aucune disposition avec un titre : ajouter un titre à l'une d'elles dans le masque."
        )
    return presentation, False


def _a(disposition: SlideLayout, genres: Sequence[Any]) -> bool:
    return any(place.placeholder_format.type in genres for place in disposition.placeholders)


def _disposition(presentation: Presentation_, voulus: Sequence[Sequence[Any]]) -> SlideLayout:
    """The layout with a title and what is wanted, and the fewest other places."""
    courantes = (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)

    def ecart(disposition: SlideLayout) -> tuple[int, int]:
        places = [p.placeholder_format.type for p in disposition.placeholders]
        presents = sum(any(place in genres for place in places) for genres in voulus)
        return -presents, sum(place not in courantes for place in places)

    return min((d for d in presentation.slide_layouts if _a(d, _TITRES)), key=ecart)


def _titre(presentation: Presentation_, atelier: Atelier) -> None:
    """The first slide: what, where, by whom, for whom."""
    edition = atelier.faits.edition
    disposition = _disposition(presentation, ((PP_PLACEHOLDER.CENTER_TITLE,), (PP_PLACEHOLDER.SUBTITLE,)))
    vue = presentation.slides.add_slide(disposition)
    vue.shapes.title.text = edition.edition.titre
    lignes = [f"{atelier.faits.etude.nom}, édition {edition.annee}", edition.edition.redaction]
    lignes.append(f"Présentation au {edition.profil.cadre.instance}")
    lignes += [atelier.diffusion.bandeau] if atelier.diffusion.bandeau else []
    lignes += ["Activité du CCAS : données fictives"] if atelier.faits.fictives else []
    lignes = list(map(francais.typographier, lignes))
    place = next((p for p in vue.placeholders if p.placeholder_format.type == PP_PLACEHOLDER.SUBTITLE), None)
    zone = place or vue.shapes.add_textbox(*_reste(presentation, vue, 0))
    zone.text_frame.text = "\n".join(lignes)
    for paragraphe in zone.text_frame.paragraphs:
        paragraphe.runs[0].font.size, paragraphe.runs[0].font.color.rgb = Pt(22), _couleur(ENCRE)
    vue.notes_slide.notes_text_frame.text = (
        f"Présentation au {edition.profil.cadre.instance}. Chaque chiffre est dans le rapport de l’édition "
        f"{edition.annee}, avec sa définition, sa source et ses limites."
    )


def _vue(presentation: Presentation_, contenu: Vue, bandeau: str) -> None:
    """One slide, in reading order: title, content, mark, source, number."""
    corps = (_CORPS,) if contenu.lignes else ()
    vue = presentation.slides.add_slide(_disposition(presentation, corps))
    vue.shapes.title.text = contenu.titre
    police = vue.shapes.title.text_frame.paragraphs[0].runs[0].font
    police.size = Pt(next(taille for longueur, taille in _CORPS_DE_TITRE if len(contenu.titre) <= longueur))
    zone = _reste(presentation, vue, Inches(0.9))
    if contenu.lignes:
        _poser_lignes(vue, zone, contenu.lignes)
    elif contenu.rangees:
        _poser_tableau(vue, zone, contenu.rangees)
    elif contenu.image is not None:
        _poser_image(vue, zone, contenu)
    elif contenu.trace is not None:
        _poser_graphique(vue, zone, contenu.trace, contenu.alt)
    for place in list(vue.placeholders):
        if place.placeholder_format.type not in _TITRES and not place.text_frame.text:
            place._element.getparent().remove(place._element)
    bas = presentation.slide_height - Inches(0.85)
    if contenu.fictif:
        _cartouche(vue, zone.gauche + zone.largeur - Inches(1.9), bas, "Données fictives")
    if contenu.source or bandeau:
        mots = " – ".join(filter(None, (contenu.source, bandeau)))
        _poser_mots(vue, Cadre(zone.gauche, bas, zone.largeur - Inches(2), Inches(0.4)), mots)
    _numeroter(vue)
    vue.notes_slide.notes_text_frame.text = contenu.notes


def _reste(presentation: Presentation_, vue: Slide, bas: int) -> Cadre:
    """What is left under the title."""
    titre = vue.shapes.title
    haut = titre.top + titre.height + Inches(0.12)
    return Cadre(titre.left, haut, titre.width, presentation.slide_height - haut - bas)


def _poser_lignes(vue: Slide, zone: Cadre, lignes: Sequence[str]) -> None:
    """Sentences as a list, in the layout's own place when it has one."""
    place = next((p for p in vue.placeholders if p.placeholder_format.type in _CORPS), None)
    if place is None:
        place = vue.shapes.add_textbox(zone.gauche, zone.haut, zone.largeur, zone.hauteur)
        place.text_frame.word_wrap = True
    else:
        place.left, place.top, place.width, place.height = zone.gauche, zone.haut, zone.largeur, zone.hauteur
    place.text_frame.text = "\n".join(lignes)
    taille = _corps_de_liste(zone, lignes)
    for paragraphe in place.text_frame.paragraphs:
        paragraphe.space_after = _ENTRE_PHRASES
        for mots in paragraphe.runs:
            mots.font.size = Pt(taille)


def _corps_de_liste(zone: Cadre, lignes: Sequence[str]) -> int:
    """The largest letters with which the sentences are no higher than the space, their words going to the line."""

    def hauteur(corps: int) -> float:
        par_ligne = (zone.largeur - _RETRAIT) / (Pt(corps) * _LETTRE)
        return sum(math.ceil(len(mots) / par_ligne) * Pt(corps) * _LIGNE + _ENTRE_PHRASES for mots in lignes)

    return next((corps for corps in _CORPS_DE_LISTE if hauteur(corps) <= zone.hauteur), _CORPS_DE_LISTE[-1])


def _poser_tableau(vue: Slide, zone: Cadre, rangees: Sequence[Sequence[str]]) -> None:
    """A native table, its first row a header."""
    parts = _PARTS[len(rangees[0])]
    forme = vue.shapes.add_table(
        len(rangees), len(rangees[0]), zone.gauche, zone.haut, zone.largeur, int(zone.hauteur * _REMPLI)
    )
    _decrire(
        forme._element.nvGraphicFramePr.cNvPr,
        "Tableau",
        f"Tableau de {len(rangees) - 1} lignes{INSECABLE}: {', '.join(rangees[0])}.",
    )
    for colonne, part in zip(forme.table.columns, parts, strict=True):
        colonne.width = int(zone.largeur * part)
    corps = _corps_de_tableau(zone, rangees)
    for rang, rangee in enumerate(rangees):
        for colonne, mots in enumerate(rangee):
            cellule = forme.table.cell(rang, colonne)
            cellule.text, cellule.vertical_anchor = mots, MSO_ANCHOR.MIDDLE
            cellule.fill.solid()
            cellule.fill.fore_color.rgb = _couleur(
                ACCENT if rang == 0 else "#FFFFFF" if rang % 2 else "#EFF4F6"
            )
            police = cellule.text_frame.paragraphs[0].runs[0].font
            police.size = Pt(corps)
            police.bold = rang == 0 or colonne == 1
            police.color.rgb = _couleur("#FFFFFF" if rang == 0 else ENCRE)


def _corps_de_tableau(zone: Cadre, rangees: Sequence[Sequence[str]]) -> int:
    """The largest letters with which the rows are no higher than the space, their words going to the line."""
    parts = _PARTS[len(rangees[0])]
    marge, rangee_vide = Inches(0.2), zone.hauteur * _REMPLI / len(rangees)

    def hauteur(corps: int) -> float:
        par_ligne = [(zone.largeur * part - marge) / (Pt(corps) * _LETTRE) for part in parts]
        lignes = (
            max(math.ceil(len(mots) / place) for mots, place in zip(rangee, par_ligne, strict=True))
            for rangee in rangees
        )
        return sum(max(rangee_vide, nombre * Pt(corps) * _LIGNE + marge / 2) for nombre in lignes)

    return next(
        (corps for corps in _CORPS_DE_TABLEAU if hauteur(corps) <= zone.hauteur), _CORPS_DE_TABLEAU[-1]
    )


def _poser_image(vue: Slide, zone: Cadre, contenu: Vue) -> None:
    """A picture as large as the space allows, with its alternative text."""
    image = vue.shapes.add_picture(str(contenu.image), zone.gauche, zone.haut)
    rapport = min(zone.largeur / image.width, zone.hauteur / image.height)
    image.width, image.height = int(image.width * rapport), int(image.height * rapport)
    image.left = zone.gauche + (zone.largeur - image.width) // 2
    _decrire(image._element.nvPicPr.cNvPr, contenu.trace.sujet.titre, contenu.alt)


def _decrire(proprietes: Any, titre: str, alt: str) -> None:
    proprietes.set("name", titre)
    proprietes.set("descr", alt)


def _cartouche(vue: Slide, gauche: int, haut: int, mots: str) -> None:
    """The mark of invented figures: a framed word, of a shape and not only of a colour."""
    forme = vue.shapes.add_shape(MSO_SHAPE.RECTANGLE, gauche, haut, Inches(1.9), Inches(0.36))
    forme.name = mots
    forme.fill.solid()
    forme.fill.fore_color.rgb = _couleur("#FFFFFF")
    forme.line.color.rgb, forme.line.width = _couleur(ALERTE), Pt(1.5)
    forme.shadow.inherit = False
    forme.text_frame.text = mots
    police = forme.text_frame.paragraphs[0].runs[0].font
    police.size, police.bold, police.color.rgb = Pt(13), True, _couleur(ALERTE)


def _poser_mots(vue: Slide, cadre: Cadre, mots: str) -> None:
    """The source line, under the content."""
    forme = vue.shapes.add_textbox(cadre.gauche, cadre.haut, cadre.largeur, cadre.hauteur)
    forme.name = "Source"
    forme.text_frame.word_wrap = True
    forme.text_frame.text = mots
    police = forme.text_frame.paragraphs[0].runs[0].font
    police.size, police.color.rgb = Pt(11), _couleur("#4D5A63")


def _numeroter(vue: Slide) -> None:
    """The slide's number, where the layout has its place."""
    for place in vue.slide_layout.placeholders:
        if place.placeholder_format.type == PP_PLACEHOLDER.SLIDE_NUMBER:
            vue.shapes._spTree.append(copy.deepcopy(place._element))


# ------------------------------------------------------------------------------- plain layouts, polish


def _mise_en_page(presentation: Presentation_) -> Presentation_:
    """python-pptx's own template, made wide, plain and left-aligned."""
    presentation.slide_width, presentation.slide_height = Inches(13.333), Inches(7.5)
    masque = presentation.slide_master
    _styler_titres(masque)
    for support in (masque, *presentation.slide_layouts):
        for place in support.placeholders:
            genre = place.placeholder_format.type
            if genre in _TITRES:
                _placer(place, 0.6, 0.35, 12.1, 1.35)
            elif genre == PP_PLACEHOLDER.SLIDE_NUMBER:
                _placer(place, 11.7, 7.08, 1.0, 0.3)
            elif genre in (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER):
                _placer(place, 0.6, 6.95, 4.0, 0.35)
            else:
                _placer(place, 0.6, 1.85, 12.1, 4.7)
    accueil = presentation.slide_layouts[0]
    for place in accueil.placeholders:
        if place.placeholder_format.type == PP_PLACEHOLDER.CENTER_TITLE:
            _placer(place, 1.5, 1.7, 10.6, 1.5)
        elif place.placeholder_format.type == PP_PLACEHOLDER.SUBTITLE:
            _placer(place, 1.5, 3.5, 10.6, 2.6)
            _aligner(place)
    return presentation


def _styler_titres(masque: Any) -> None:
    """Titles in the accent colour, bold, to the left, against the text that they head."""
    styles = masque._element.find(qn("p:txStyles"))
    niveau = styles.find(f"{qn('p:titleStyle')}/{qn('a:lvl1pPr')}")
    niveau.set("algn", "l")
    police = niveau.find(qn("a:defRPr"))
    police.set("b", "1")
    remplissage = police.find(qn("a:solidFill"))
    for teinte in list(remplissage):
        remplissage.remove(teinte)
    remplissage.append(remplissage.makeelement(qn("a:srgbClr"), {"val": ACCENT.removeprefix("#")}))


def _placer(place: Any, gauche: float, haut: float, largeur: float, hauteur: float) -> None:
    place.left, place.top = Inches(gauche), Inches(haut)
    place.width, place.height = Inches(largeur), Inches(hauteur)


def _aligner(place: Any) -> None:
    """Lines of a subtitle to the left."""
    for niveau in place._element.iter(*(qn(f"a:lvl{rang}pPr") for rang in range(1, 10))):
        niveau.set("algn", "l")


def _epurer(presentation: Presentation_) -> None:
    """Leave out the layouts of python-pptx's template that no slide uses, and its English names."""
    servies = {vue.slide_layout.name for vue in presentation.slides}
    for disposition in list(presentation.slide_layouts):
        if disposition.name not in servies:
            presentation.slide_layouts.remove(disposition)
    noms = {"Title Slide": "Titre", "Title and Content": "Titre et texte", "Title Only": "Titre seul"}
    for disposition in presentation.slide_layouts:
        disposition._element.cSld.set("name", noms.get(disposition.name, disposition.name))


def _nommer(presentation: Presentation_, atelier: Atelier) -> None:
    """Title, author, language and the edition's own date."""
    edition, proprietes = atelier.faits.edition, presentation.core_properties
    proprietes.title = f"{edition.edition.titre}, {atelier.faits.etude.nom}, édition {edition.annee}"
    proprietes.author = proprietes.last_modified_by = edition.edition.redaction
    proprietes.subject = f"Présentation au {edition.profil.cadre.instance}"
    proprietes.keywords, proprietes.comments, proprietes.revision = "analyse des besoins sociaux, CCAS", "", 1
    proprietes.language = _LANGUE
    proprietes.created = proprietes.modified = datetime.datetime(edition.annee, 1, 1)


def _dire_la_langue(presentation: Presentation_) -> None:
    """Every word is French, for whoever reads the slides aloud."""
    for vue in presentation.slides:
        racines = [vue._element, vue.notes_slide._element]
        racines += [forme.chart._chartSpace for forme in vue.shapes if forme.has_chart]
        for racine in racines:
            for mots in racine.iter(qn("a:r"), qn("a:fld")):
                mots.get_or_add_rPr().set("lang", _LANGUE)
            for fin in racine.iter(qn("a:defRPr"), qn("a:endParaRPr")):
                fin.set("lang", _LANGUE)


def _sans_heure(contenu: str) -> str:
    """The properties of a chart's workbook, without the hour at which it was written."""
    return re.sub(r"(<dcterms:\w+ [^>]*>)[^<]*", r"\g<1>2000-01-01T00:00:00Z", contenu)


# ---------------------------------------------------------------------------------------------- PDF


def en_pdf(dossier: Path) -> bool:
    """Write `diaporama.pdf` beside the deck; False where LibreOffice is not, or fails.

    Its bytes depend on the machine's LibreOffice and fonts as well as on the inputs; not on the hour.
    """
    soffice = shutil.which("soffice") or shutil.which("libreoffice")
    if soffice is None:
        return False
    with tempfile.TemporaryDirectory() as profil:
        commande = [soffice, f"-env:UserInstallation={Path(profil).as_uri()}", "--headless", "--norestore"]
        commande += ["--convert-to", _EXPORT, "--outdir", profil, str((dossier / f"{NOM}.pptx").resolve())]
        try:
            subprocess.run(commande, check=True, capture_output=True, timeout=600)
            _dater(Path(profil) / f"{NOM}.pdf", dossier / f"{NOM}.pdf")
        except (OSError, subprocess.SubprocessError):
            return False
    return True


_EXPORT = (
    'pdf:impress_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"true"},'
    '"PDFUACompliance":{"type":"boolean","value":"true"}}'
)


def _dater(source: Path, cible: Path) -> None:
    """The PDF without the hour at which LibreOffice wrote it."""
    with pikepdf.open(source) as pdf:
        for dictionnaire, cle in (
            *((pdf.docinfo, nom) for nom in ("/CreationDate", "/ModDate")),
            *((pdf.trailer, nom) for nom in ("/DocChecksum", "/ID")),
        ):
            if cle in dictionnaire:
                del dictionnaire[cle]
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadonnees:
            for cle in ("xmp:CreateDate", "xmp:ModifyDate", "xmp:MetadataDate"):
                if cle in metadonnees:
                    del metadonnees[cle]
        pdf.save(cible, deterministic_id=True)
