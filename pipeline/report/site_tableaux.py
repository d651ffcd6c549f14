"""Tables and charts of the web edition, from published facts only.

In: `Faits` and declarations. Out: `Tableau`s, whose cells carry what they are sorted by, and `Dessin`s, bars with
their places already computed; the templates only write them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from pipeline.methods.comparaisons import Position
from pipeline.model import Indicator, Statut, Total
from pipeline.report import francais, phrases, rapport_activite, tables
from pipeline.report.faits import Fait, Faits, Lieu

_HORS_NOM = re.compile(r"[^A-Za-z0-9-]")
_LIEN = re.compile(r"\[([^\]]*)\]\(#indicateur-([a-z0-9_]+)\)")
_MENTION = re.compile(r"\[([^\]]*)\]\{\.([a-z]+)\}")
_BALISE = re.compile(r"<[^>]+>")
_GRAS = re.compile(r"\*\*(.+?)\*\*")
_POSITIONS = {
    Position.AU_DESSUS: "au-dessus",
    Position.AU_DESSOUS: "au-dessous",
    Position.NON_DIFFERENT: "pas d’écart établi",
}


@dataclass(frozen=True)
class Cellule:
    """What a cell says, and what a sort reads in it: a number, nothing when there is none."""

    texte: Markup
    tri: str = ""
    nombre: bool = False


@dataclass(frozen=True)
class Tableau:
    """A table: caption, headers, rows whose first cell is their header; `triable` where a sort has a meaning."""

    titre: str
    entetes: tuple[str, ...]
    lignes: tuple[tuple[Cellule, ...], ...]
    triable: bool = False
    codes: tuple[str, ...] = ()

    @property
    def fragile(self) -> bool:
        """Whether one of its figures bears the star of the small numbers."""
        return any(cellule.texte.endswith("*") for ligne in self.lignes for cellule in ligne)


def en_html(texte: str) -> Markup:
    """A sentence of `phrases` or a cell of `tables`: links to cards, marks and bold, everything else as text."""
    sortie = str(escape(texte.replace("\\*", "\u2217")))
    sortie = _LIEN.sub(r'<a class="renvoi" href="indicateur-\2.html">\1</a>', sortie)
    sortie = _MENTION.sub(r'<span class="\2">\1</span>', sortie)
    return Markup(_GRAS.sub(r"<strong>\1</strong>", sortie).replace("\u2217", "*"))


def chiffre(indicateur: Indicator, fait: Fait | None) -> Cellule:
    """A figure in a cell, without a link: the row's name already leads to the card."""
    texte = en_html(_LIEN.sub(r"\1", tables.cellule(indicateur, fait)))
    return Cellule(texte, repr(fait.valeur) if fait is not None and fait.lisible else "", nombre=True)


def sans_marque(indicateur: Indicator, fait: Fait) -> str:
    """A figure as plain text: « 15,7 % », « 8,3 % * », « secret »."""
    return Markup(_BALISE.sub("", chiffre(indicateur, fait).texte)).unescape()


def vers_la_fiche(faits: Faits, indicateur: Indicator) -> Cellule:
    """An indicator's name, which leads to its card, and the mark of what is fictional."""
    marque = Markup(' <span class="fictif">données fictives</span>') if faits.est_fictif(indicateur) else ""
    lien = Markup('<a href="indicateur-{}.html">{}</a>').format(indicateur.id, phrases.libelle(indicateur))
    return Cellule(lien + marque, indicateur.label)


def vers_le_territoire(lieu: Lieu) -> Cellule:
    """A territory's name, which leads to its page."""
    return Cellule(Markup('<a href="{}">{}</a>').format(page_de(lieu), lieu.nom), lieu.nom)


def page_de(lieu: Lieu) -> str:
    """The file of a territory's page: its code, what no file name should hold written as a number."""
    return f"territoire-{_HORS_NOM.sub(lambda signe: f'_{ord(signe[0]):x}_', lieu.code)}.html"


def lieux(faits: Faits) -> tuple[Lieu, ...]:
    """Every territory that has a page: the commune, its comparators, its quartiers, the communes around."""
    return (faits.etude, *faits.comparateurs, *faits.quartiers, *faits.membres)


def simples(indicateurs: Sequence[Indicator]) -> list[Indicator]:
    """The indicators that have one value a territory and a date."""
    return [indicateur for indicateur in indicateurs if not indicateur.by]


# --- a chapter -------------------------------------------------------------------------------------


def du_chapitre(faits: Faits, titre: str, indicateurs: Sequence[Indicator]) -> Iterator[Tableau]:
    """The commune beside its comparators, what is known only around, the quartiers, the communes around."""
    ici = [i for i in simples(indicateurs) if faits.dernier(i.id, faits.etude.code)]
    ailleurs = [i for i in simples(indicateurs) if i not in ici and faits.plus_proche(i)]
    suite = " et ses comparateurs" if _compares(faits, ici) else ""
    yield from _situation(faits, f"{titre} : {faits.etude.nom}{suite}", ici)
    yield from _situation(
        faits,
        f"{titre} : indicateurs inconnus pour la commune, donnés pour des territoires plus vastes",
        ailleurs,
    )
    for groupe, nom in ((faits.quartiers, "les quartiers"), (faits.membres, "les communes voisines")):
        yield from _par_lieu(faits, f"{titre} : {nom}", simples(indicateurs), groupe)


def _situation(faits: Faits, titre: str, indicateurs: Sequence[Indicator]) -> Iterator[Tableau]:
    """One row an indicator, at the date of the smallest territory that has it."""
    reperes = [(i, faits.dernier(i.id, faits.plus_proche(i).code)) for i in indicateurs]
    colonnes = [
        lieu
        for lieu in (faits.etude, *faits.comparateurs)
        if any(_lisible(faits.a(i.id, lieu.code, fait.millesime)) for i, fait in reperes)
    ]
    avants = [phrases.precedent(faits, indicateur, fait) for indicateur, fait in reperes]
    passe = (tables.AVANT,) if any(avants) else ()
    lignes = tuple(
        (
            vers_la_fiche(faits, indicateur),
            Cellule(tables.periode(fait), str(fait.millesime)),
            *(chiffre(indicateur, faits.a(indicateur.id, lieu.code, fait.millesime)) for lieu in colonnes),
            *(_auparavant(indicateur, avant) for _ in passe),
        )
        for (indicateur, fait), avant in zip(reperes, avants, strict=True)
    )
    if lignes:
        yield Tableau(titre, ("Indicateur", "Année", *(lieu.nom for lieu in colonnes), *passe), lignes)


def _compares(faits: Faits, indicateurs: Sequence[Indicator]) -> bool:
    """Whether a comparator has one of these figures at the commune's own date."""
    dates = [(i, faits.dernier(i.id, faits.etude.code).millesime) for i in indicateurs]
    return any(_lisible(faits.a(i.id, lieu.code, annee)) for i, annee in dates for lieu in faits.comparateurs)


def _auparavant(indicateur: Indicator, avant: Fait | None) -> Cellule:
    if avant is None:
        return Cellule("–", nombre=True)
    return Cellule(f"{chiffre(indicateur, avant).texte} ({tables.periode(avant)})", nombre=True)


def _lisible(fait: Fait | None) -> bool:
    return fait is not None and fait.lisible


def _par_lieu(
    faits: Faits, titre: str, indicateurs: Sequence[Indicator], groupe: Sequence[Lieu]
) -> Iterator[Tableau]:
    """One row a territory, then the commune; one column an indicator known there, at their latest date."""
    derniers = {i: [f for lieu in groupe if (f := faits.dernier(i.id, lieu.code))] for i in indicateurs}
    connus = {i: max(siens, key=lambda fait: fait.millesime) for i, siens in derniers.items() if siens}
    lignes = tuple(
        (
            vers_le_territoire(lieu),
            *(chiffre(i, faits.a(i.id, lieu.code, fait.millesime)) for i, fait in connus.items()),
        )
        for lieu in ((*groupe, faits.etude) if connus else ())
    )
    if lignes:
        entetes = [f"{phrases.libelle(i)}, {tables.periode(fait)}" for i, fait in connus.items()]
        yield Tableau(titre, ("Territoire", *entetes), lignes, True)


# --- an indicator ----------------------------------------------------------------------------------


def de_l_indicateur(faits: Faits, indicateur: Indicator) -> Iterator[Tableau]:
    """Its latest values by territory, then its series where it has one; by group where it has groups."""
    if indicateur.by:
        yield from (t for lieu in lieux(faits) for t in _par_groupe(faits, indicateur, lieu))
        return
    yield from _valeurs(faits, indicateur)
    yield from _series(faits, indicateur)


def _valeurs(faits: Faits, indicateur: Indicator) -> Iterator[Tableau]:
    """One row a territory of every level where one is known, absent and secret ones said."""
    dits = [
        couple
        for groupe in ((faits.etude,), faits.comparateurs, faits.quartiers, faits.membres)
        for couple in _derniers(faits, indicateur, groupe)
    ]
    remarques = ("Remarque",) if any(fait.motif for _, fait in dits) else ()
    lignes = tuple(
        (
            vers_le_territoire(lieu),
            Cellule(tables.periode(fait), str(fait.millesime)),
            chiffre(indicateur, fait),
            Cellule(_intervalle(indicateur, fait), nombre=True),
            *(Cellule(francais.majuscule(fait.motif)) for _ in remarques),
        )
        for lieu, fait in dits
    )
    if lignes:
        titre = f"{phrases.libelle(indicateur)} : dernière valeur connue, par territoire"
        entetes = ("Territoire", "Année", "Valeur", "Intervalle à 95 %", *remarques)
        yield Tableau(titre, entetes, lignes, True)


def _derniers(faits: Faits, indicateur: Indicator, groupe: Sequence[Lieu]) -> list[tuple[Lieu, Fait]]:
    """The latest row of each territory, none where the whole level has nothing to say."""
    trouves = [(lieu, fait) for lieu in groupe if (fait := dernier_dit(faits, indicateur, lieu))]
    return trouves if any(fait.statut is not Statut.ABSENT for _, fait in trouves) else []


def dernier_dit(faits: Faits, indicateur: Indicator, lieu: Lieu) -> Fait | None:
    """The latest row that is a figure or a secret, else the latest absent one."""
    tous = [fait for fait in faits.faits.get((indicateur.id, lieu.code), ()) if not fait.groupe]
    dits = [fait for fait in tous if fait.statut is not Statut.ABSENT]
    return (dits or tous or [None])[-1]


def _intervalle(indicateur: Indicator, fait: Fait) -> str:
    dites = tables.bornes(indicateur, fait) if fait.lisible else ""
    return dites or "–"


def _series(faits: Faits, indicateur: Indicator) -> Iterator[Tableau]:
    """One row a date, one column a territory: the commune and its comparators."""
    connus = [lieu for lieu in (faits.etude, *faits.comparateurs) if faits.dernier(indicateur.id, lieu.code)]
    faits_de = {lieu.code: faits.faits[indicateur.id, lieu.code] for lieu in connus}
    annees = sorted(
        {f.millesime for tous in faits_de.values() for f in tous if f.statut is not Statut.ABSENT}
    )
    if len(annees) < 2:
        return
    lignes = tuple(
        (
            Cellule(str(annee), str(annee)),
            *(chiffre(indicateur, faits.a(indicateur.id, lieu.code, annee)) for lieu in connus),
        )
        for annee in annees
    )
    titre = f"{phrases.libelle(indicateur)} : les années connues"
    yield Tableau(titre, ("Année", *(lieu.nom for lieu in connus)), lignes, True)


def _par_groupe(faits: Faits, indicateur: Indicator, lieu: Lieu) -> Iterator[Tableau]:
    """One row a group, one column a date, in a territory."""
    tous = [f for f in faits.faits.get((indicateur.id, lieu.code), ()) if f.statut is not Statut.ABSENT]
    annees = sorted({fait.millesime for fait in tous})
    lignes = tuple(
        (
            Cellule(faits.libelle_groupe(indicateur, groupe), faits.libelle_groupe(indicateur, groupe)),
            *(chiffre(indicateur, faits.a(indicateur.id, lieu.code, annee, groupe)) for annee in annees),
        )
        for groupe in dict.fromkeys(fait.groupe for fait in tous)
    )
    if lignes:
        entetes = (rapport_activite.axe_de(indicateur), *map(str, annees))
        yield Tableau(f"{phrases.libelle(indicateur)} : {lieu.nom}", entetes, lignes, True)


# --- a territory -----------------------------------------------------------------------------------


def du_territoire(faits: Faits, lieu: Lieu, titre: str, indicateurs: Sequence[Indicator]) -> Tableau | None:
    """One row an indicator known there, beside the commune and its comparators at the same date."""
    autres = [autre for autre in (faits.etude, *faits.comparateurs) if autre != lieu]
    dits = [
        (i, fait)
        for i in simples(indicateurs)
        if (fait := dernier_dit(faits, i, lieu)) and fait.statut is not Statut.ABSENT
    ]
    if not dits:
        return None
    situe = [_position(faits, lieu, fait) for _, fait in dits]
    lignes = tuple(
        (
            vers_la_fiche(faits, i),
            Cellule(tables.periode(fait), str(fait.millesime)),
            chiffre(i, fait),
            *(chiffre(i, faits.a(i.id, autre.code, fait.millesime)) for autre in autres),
            *([Cellule(mot)] if any(situe) else []),
        )
        for (i, fait), mot in zip(dits, situe, strict=True)
    )
    contre = faits.comparateurs[0].nom if lieu == faits.etude and faits.comparateurs else "la commune"
    ecart = (f"Écart avec {contre}",) if any(situe) else ()
    entetes = ("Indicateur", "Année", lieu.nom, *(autre.nom for autre in autres), *ecart)
    return Tableau(f"{titre} : {lieu.nom}", entetes, lignes, codes=tuple(i.id for i, _ in dits))


def _position(faits: Faits, lieu: Lieu, fait: Fait) -> str:
    """Where the figure stands, only where chance has been ruled out or in; nothing where no test was made."""
    if lieu == faits.etude:
        ecarts = [e for e in faits.compares(fait, "comparateur") if e.contre == faits.comparateurs[0].code]
    else:
        ecarts = list(faits.compares(fait, "commune"))
    return _POSITIONS.get(ecarts[0].position, "") if ecarts else ""


# --- a chart ---------------------------------------------------------------------------------------

_LARGEUR, _MARGE, _RANG = 360.0, 4.0, 32.0
_VALEUR = 74.0  # kept on the right of the longest bar for its figure


@dataclass(frozen=True)
class Barre:
    """One bar: its name, what is written beside it, its places in the drawing; no bar without a value."""

    nom: str
    texte: str
    classe: str
    haut: float
    debut: float = 0
    longueur: float = 0
    intervalle: tuple[float, float] | None = None
    x_texte: float = _MARGE


@dataclass(frozen=True)
class Dessin:
    """A bar chart: its caption, its words for who does not see it, its source, its size and its bars."""

    titre: str
    alt: str
    source: str
    hauteur: float
    zero: float
    barres: tuple[Barre, ...]
    fictif: bool
    largeur: float = _LARGEUR

    @property
    def fragile(self) -> bool:
        """Whether a bar is drawn hollow."""
        return any(barre.classe == "fragile" for barre in self.barres)

    @property
    def intervalles(self) -> bool:
        """Whether a bar bears its interval."""
        return any(barre.intervalle for barre in self.barres)


def dessiner(faits: Faits, indicateur: Indicator) -> Dessin | None:
    """The indicator by group, by territory at one date, or by date; None where there is one value only."""
    for lire in (_par_groupes, _par_territoires, _par_annees):
        quand, rangs = lire(faits, indicateur)
        if sum(_lisible(fait) for _, fait in rangs) > 1:
            return _mettre_en_barres(faits, indicateur, quand, rangs)
    return None


Rangs = tuple[str, list[tuple[str, Fait]]]


def _par_groupes(faits: Faits, indicateur: Indicator) -> Rangs:
    lieu = faits.etude
    tous = faits.faits.get((indicateur.id, lieu.code), ()) if indicateur.by else ()
    annee = max((fait.millesime for fait in tous if fait.lisible), default=0)
    rangs = [
        (faits.libelle_groupe(indicateur, f.groupe), f) for f in tous if f.millesime == annee and _dit(f)
    ]
    return f"{lieu.nom}, {annee}", rangs


def _par_territoires(faits: Faits, indicateur: Indicator) -> Rangs:
    """The commune, its comparators and its quartiers; a count of the quartiers only, or they would be crushed."""
    ensemble = () if isinstance(indicateur.measure, Total) else (faits.etude, *faits.comparateurs)
    candidats = (*ensemble, *faits.quartiers)
    reperes = [fait for lieu in candidats if (fait := faits.dernier(indicateur.id, lieu.code))]
    par_annee = [fait.millesime for fait in reperes]
    annee = max(par_annee, key=lambda a: (par_annee.count(a), a), default=0)
    rangs = [(lieu.nom, f) for lieu in candidats if _dit(f := faits.a(indicateur.id, lieu.code, annee))]
    return (tables.periode(rangs[0][1]) if rangs else ""), rangs


def _par_annees(faits: Faits, indicateur: Indicator) -> Rangs:
    lieu = faits.plus_proche(indicateur)
    if lieu is None or indicateur.by:
        return "", []
    return lieu.nom, [(tables.periode(fait), fait) for fait in faits.serie(indicateur.id, lieu.code)]


def _dit(fait: Fait | None) -> bool:
    return fait is not None and fait.statut is not Statut.ABSENT


def _mettre_en_barres(
    faits: Faits, indicateur: Indicator, quand: str, rangs: list[tuple[str, Fait]]
) -> Dessin:
    bornes = [v for _, f in rangs if f.lisible for v in (f.valeur, *_bornes(f))]
    bas, haut = min(0.0, *bornes), max(0.0, *bornes)
    etendue = (haut - bas) or 1.0

    def x(valeur: float) -> float:
        return round(_MARGE + (valeur - bas) / etendue * (_LARGEUR - 2 * _MARGE - _VALEUR), 1)

    tete = 22 if (fictif := faits.est_fictif(indicateur)) else 0
    barres = tuple(
        _barre(indicateur, nom, fait, tete + rang * _RANG, x, nom == faits.etude.nom)
        for rang, (nom, fait) in enumerate(rangs)
    )
    dites = " ; ".join(f"{barre.nom} : {barre.texte}" for barre in barres)
    return Dessin(
        titre=f"{phrases.libelle(indicateur)}, {quand}",
        alt=f"Diagramme en barres. {dites}.{' Données fictives.' if fictif else ''}",
        source=f"Source : {faits.producteurs(indicateur)}.",
        hauteur=tete + len(barres) * _RANG + _MARGE,
        zero=x(0.0),
        barres=barres,
        fictif=fictif,
    )


def _bornes(fait: Fait) -> tuple[float, ...]:
    bornes = (fait.basse, fait.haute)
    return () if any(b is None or not math.isfinite(b) for b in bornes) else bornes


def _barre(
    indicateur: Indicator, nom: str, fait: Fait, haut: float, x: Callable[[float], float], nous: bool
) -> Barre:
    texte = sans_marque(indicateur, fait)
    if not fait.lisible:
        return Barre(nom, texte, "muette", haut)
    debut, fin = sorted((x(0.0), x(fait.valeur)))
    bornes = tuple(map(x, _bornes(fait)))
    classe = "fragile" if fait.statut is Statut.FRAGILE else "nous" if nous else "autre"
    bout = max(fin, *bornes) if bornes else fin
    return Barre(nom, texte, classe, haut, debut, round(fin - debut, 1), bornes or None, round(bout + 5, 1))
