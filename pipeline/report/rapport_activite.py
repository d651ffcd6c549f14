"""The tables of the yearly activity report, in one workbook: published figures in, sheets to paste out.

In: `publication.*`, after protection, and the declared indicators of the activity. Out:
`tableaux-activite.xlsx`: a summary, then one table a sheet (a field of activity, or one of its breakdowns),
years side by side, title, source and date above, reading notes below. A hidden value is the word « secret ».
"""

from __future__ import annotations

import datetime
import io
import math
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.writer.excel import ExcelWriter

from pipeline import transform
from pipeline.model import Chapter, Growth, Indicator, Share, Statut
from pipeline.report import faits as faits_
from pipeline.report import francais, phrases
from pipeline.report.faits import Fait, Faits, Lieu
from pipeline.report.nombres import ABSENT, INSECABLE
from pipeline.report.render import COULEURS, archiver
from pipeline.sources.ccas import LIBELLES
from pipeline.sources.registre import SOURCES

if TYPE_CHECKING:
    import duckdb
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

    from pipeline.edition import Edition

NOM = "tableaux-activite.xlsx"

DOMAINES: Mapping[str, tuple[str, ...]] = {
    "Accueil": ("ccas_accueils",),
    "Aides": ("ccas_demandes", "ccas_decisions", "ccas_paiements", "ccas_seances"),
    "Ménages aidés": ("ccas_menages", "ccas_personnes", "ccas_ressources"),
    "Aides légales": ("ccas_instructions",),
    "Domiciliation": ("ccas_domiciliations",),
    "Accompagnement": ("ccas_accompagnements",),
    "Aide alimentaire": ("ccas_aide_alimentaire",),
    "Maraudes": ("ccas_maraudes", "ccas_rencontres", "ccas_sorties", "ccas_signalements"),
    "Comptages": ("ccas_comptages",),
    "Hébergement": ("ccas_hebergement_urgence",),
    "Accueil de jour": ("ccas_accueil_jour",),
    "Personnes âgées": ("ccas_services", "ccas_registre"),
    "Centre social": (
        "centre_social_adherents",
        "centre_social_seances",
        "centre_social_presences",
        "centre_social_benevoles",
    ),
    "Budget": ("ccas_budget",),
    "Événements": ("ccas_evenements",),
    "Questionnaire": ("ccas_questionnaire",),
}
"""Field of activity → the deposits it is made of, in the order of a report of activity."""

_LANGUE = "[$-40C]"
_DECIMALES = 6
_QUARTIER = "Quartier"
_AXES = {"tranche": "Tranche d’âge"}

_MOTS = {
    Statut.SECRET: "secret",
    Statut.ABSENT: ABSENT.replace(" ", INSECABLE),
    Statut.NON_COMPARABLE: "ne se compare pas",
}
_NOTES = {
    Statut.SECRET: "secret : le chiffre n’est pas publié, il permettrait de reconnaître une personne.",
    Statut.ABSENT: f"{_MOTS[Statut.ABSENT]} : la donnée n’existe pas à cette date.",
    Statut.FRAGILE: "* : petit effectif, à manier avec précaution, ni classement ni évolution.",
    Statut.PLANCHER: "≤ : le producteur ne descend pas sous cette valeur.",
}
_FICTIF = "Données fictives, inventées pour la démonstration : elles ne décrivent aucune personne réelle."

_POLICE = "Calibri"
_TITRE = Font(name=_POLICE, size=14, bold=True, color=COULEURS["accent"])
_ENTETE = Font(name=_POLICE, size=11, bold=True, color=COULEURS["accent"])
_DISCRET = Font(name=_POLICE, size=9, color=COULEURS["texte-discret"])
_ALERTE = Font(name=_POLICE, size=11, bold=True, color=COULEURS["alerte"])
_MOT = Font(name=_POLICE, size=11, italic=True, color=COULEURS["texte-discret"])
_LIEN = Font(name=_POLICE, size=11, underline="single", color=COULEURS["accent"])
_CORPS = Font(name=_POLICE, size=11)
_FOND = PatternFill("solid", fgColor=COULEURS["fond-doux"])
_FILET = Border(bottom=Side("thin", color=COULEURS["filet"]))
_TRAIT = Border(bottom=Side("medium", color=COULEURS["accent"]))
_PREMIERE = 7
_LARGEUR_MAXIMALE = 60
_LARGEUR_ANNEE = 13
_LONGUEUR_DU_NOM = 31


@dataclass(frozen=True)
class Mesure:
    """What a row says: an indicator's value, or the number of persons or cases that a part is made of."""

    indicateur: Indicator
    intitule: str
    unite: str
    decimales: int
    champ: str = "valeur"


@dataclass(frozen=True)
class Rangee:
    """One row: what it says, of which category or quartier, and its figure of each year."""

    mesure: Mesure
    categorie: str
    chiffres: Mapping[int, Fait]


@dataclass(frozen=True)
class Feuille:
    """One table: its field of activity, what it is broken down by (or nothing), its rows."""

    domaine: str
    axe: str
    rangees: tuple[Rangee, ...]

    @property
    def annees(self) -> tuple[int, ...]:
        """The years that its columns show."""
        return tuple(sorted({annee for rangee in self.rangees for annee in rangee.chiffres}))

    @property
    def titre(self) -> str:
        """« Aides – motif de la demande, 2023 à 2025 »."""
        selon = f" – {self.axe[:1].lower()}{self.axe[1:]}" if self.axe else ""
        bornes = dict.fromkeys((self.annees[0], self.annees[-1]))
        return f"{self.domaine}{selon}, {' à '.join(map(str, bornes))}"

    @property
    def entetes(self) -> tuple[str, ...]:
        """What heads each column of words."""
        return ("Indicateur", self.axe, "Unité") if self.axe else ("Indicateur", "Unité")

    def mots(self, rangee: Rangee) -> tuple[str, ...]:
        """The words of a row, under `entetes`."""
        mesure = rangee.mesure
        categorie = (rangee.categorie,) if self.axe else ()
        return (mesure.intitule, *categorie, mesure.unite)

    @property
    def indicateurs(self) -> tuple[Indicator, ...]:
        """Its indicators, each once, in reading order."""
        return tuple(
            {rangee.mesure.indicateur.id: rangee.mesure.indicateur for rangee in self.rangees}.values()
        )


# ------------------------------------------------------------------------------------- what is in it


def feuilles(faits: Faits) -> tuple[Feuille, ...]:
    """Every table that has something to show, field by field: the whole, its breakdowns, its quartiers."""
    return tuple(
        feuille for domaine in DOMAINES for feuille in _feuilles_de(faits, domaine) if feuille.rangees
    )


def _feuilles_de(faits: Faits, domaine: str) -> Iterator[Feuille]:
    siens = [indicateur for indicateur in faits.indicateurs() if _domaine(indicateur) == domaine]
    simples = [indicateur for indicateur in siens if not indicateur.by]
    yield Feuille(domaine, "", tuple(_rangees(faits, simples, (faits.etude,))))
    par_axe: dict[str, list[Indicator]] = {}
    for indicateur in siens:
        if indicateur.by:
            par_axe.setdefault(axe_de(indicateur), []).append(indicateur)
    for axe, indicateurs in par_axe.items():
        yield Feuille(domaine, axe, tuple(_rangees(faits, indicateurs, (faits.etude,))))
    yield Feuille(domaine, _QUARTIER, tuple(_rangees(faits, simples, faits.quartiers)))


def _domaine(indicateur: Indicator) -> str:
    """Field of the first deposit behind an indicator; empty for public figures."""
    domaines = {source: domaine for domaine, noms in DOMAINES.items() for source in noms}
    return next((domaines[nom] for nom in transform.sources_de(indicateur.table) if nom in domaines), "")


def axe_de(indicateur: Indicator) -> str:
    """What an indicator is broken down by, as the column of its deposit says: « Motif de la demande »."""
    noms = transform.sources_de(indicateur.table)
    colonnes = (source.schema.columns.get(indicateur.by) for source in SOURCES if source.id in noms)
    titre = next((colonne.title for colonne in colonnes if colonne is not None), "")
    return titre or _AXES.get(indicateur.by, indicateur.by.replace("_", " ").capitalize())


def _mesures(indicateur: Indicator) -> Iterator[Mesure]:
    """A part of persons or cases is told after their number: an activity report gives both."""
    mesure = indicateur.measure
    if isinstance(mesure, Share) and indicateur.label.startswith("Part des "):
        yield Mesure(indicateur, phrases.court(indicateur), "nombre", 0, "numerateur")
    yield Mesure(indicateur, indicateur.label, mesure.unit, mesure.decimals)


def _rangees(faits: Faits, indicateurs: Iterable[Indicator], lieux: Sequence[Lieu]) -> Iterator[Rangee]:
    """Rows of the indicators known in these territories, one a category or one a quartier."""
    for indicateur in indicateurs:
        series = [
            (_categorie(faits, indicateur, lieu, groupe), chiffres)
            for lieu in lieux
            for groupe, chiffres in _series(faits, indicateur, lieu)
        ]
        for mesure in _mesures(indicateur):
            yield from (Rangee(mesure, categorie, chiffres) for categorie, chiffres in series)


def _categorie(faits: Faits, indicateur: Indicator, lieu: Lieu, groupe: str) -> str:
    if indicateur.by:
        return faits.libelle_groupe(indicateur, groupe)
    return "" if lieu == faits.etude else lieu.nom


def _series(faits: Faits, indicateur: Indicator, lieu: Lieu) -> Iterator[tuple[str, dict[int, Fait]]]:
    """Group → year → figure, for the groups of which something is known, in reading order."""
    codes = {code: rang for rang, code in enumerate(LIBELLES.get(indicateur.by, {}))}
    connus: dict[str, dict[int, Fait]] = {}
    for fait in faits.faits.get((indicateur.id, lieu.code), ()):
        if fait.statut is not Statut.ABSENT:
            connus.setdefault(fait.groupe, {})[fait.millesime] = fait
    yield from sorted(connus.items(), key=lambda serie: (codes.get(serie[0], len(codes)), _naturel(serie[0])))


def _naturel(groupe: str) -> tuple[int, str]:
    """« 5 à 9 ans » before « 10 à 14 ans »."""
    debut = re.match(r"\d+", groupe)
    return (int(debut[0]) if debut else 0, groupe)


# -------------------------------------------------------------------------------------- the workbook


def ecrire_tableaux(
    con: duckdb.DuckDBPyConnection, edition: Edition, chapitres: Sequence[Chapter], dossier: Path
) -> Path:
    """Write `tableaux-activite.xlsx` into `dossier`, from what is published; returns its path."""
    faits = faits_.lire(con, edition, chapitres)
    depots = dict(
        con.execute(
            "select source, max(depose_le) from qualite.fichiers where depose_le <> '' group by source"
        ).fetchall()
    )
    classeur = Workbook()
    classeur.properties.creator = edition.edition.redaction
    classeur.properties.title = f"Tableaux du rapport d’activité, {faits.etude.nom}"
    classeur.properties.language = "fr-FR"
    classeur.properties.created = classeur.properties.modified = datetime.datetime(edition.annee, 1, 1)
    toutes = feuilles(faits)
    noms = [nom_de_feuille(rang, feuille) for rang, feuille in enumerate(toutes, 1)]
    _ecrire_sommaire(classeur.active, faits, dict(zip(noms, toutes, strict=True)))
    for nom, feuille in zip(noms, toutes, strict=True):
        _ecrire_feuille(classeur.create_sheet(nom), faits, feuille, depots)
    chemin = dossier / NOM
    chemin.write_bytes(_octets(classeur))
    return chemin


def nom_de_feuille(rang: int, feuille: Feuille) -> str:
    """« 07 Aides, motif de la demande », or « 21 Motif du refus » where the field of activity does not fit.

    At most 31 characters, none that a spreadsheet refuses; a longer one is cut after a word that counts.
    """
    axe = "quartiers" if feuille.axe == _QUARTIER else feuille.axe
    entier = f"{feuille.domaine}, {axe[:1].lower()}{axe[1:]}" if axe else feuille.domaine
    court = entier if len(entier) + 3 <= _LONGUEUR_DU_NOM else axe or entier
    nom = re.sub(r"[\[\]:*?/\\]", "-", f"{rang:02d} {court}".replace("'", "’"))
    if len(nom) <= _LONGUEUR_DU_NOM:
        return nom
    return re.sub(r"(?:\W+\w{0,3})*\W+\w*$", "", nom[:_LONGUEUR_DU_NOM])


def _octets(classeur: Workbook) -> bytes:
    """The file, without the hour at which it was written."""
    sortie = io.BytesIO()
    ExcelWriter(classeur, zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED)).save()
    return archiver(sortie.getvalue(), {})


def _ecrire_sommaire(onglet: Worksheet, faits: Faits, toutes: Mapping[str, Feuille]) -> None:
    """What the workbook holds, a link a sheet."""
    onglet.title = "Sommaire"
    lignes = [("Feuille", "Contenu"), *((nom, feuille.titre) for nom, feuille in toutes.items())]
    if not toutes:
        lignes.append(("–", "Aucune donnée d’activité n’est publiée dans cette édition."))
    _ecrire_entete(onglet, list(zip(*lignes, strict=True)), ())
    _ligne(onglet, 1, f"Tableaux du rapport d’activité, {faits.etude.nom}", _TITRE)
    _ligne(onglet, 2, f"{faits.edition.edition.redaction}, édition {faits.edition.annee}", _DISCRET)
    if any(_fictive(faits, feuille) for feuille in toutes.values()):
        _ligne(onglet, 4, _FICTIF, _ALERTE)
    for rang, mots in enumerate(lignes[1:], _PREMIERE):
        _ecrire_mots(onglet, rang, mots)
        if mots[0] in toutes:
            lien = onglet.cell(rang, 1)
            lien.hyperlink = Hyperlink(ref=lien.coordinate, location=f"'{mots[0]}'!A1")
            lien.font = _LIEN
    for rang, note in enumerate(_NOTES.values() if toutes else (), _PREMIERE + 1 + len(toutes)):
        _ligne(onglet, rang, note, _DISCRET)
    _regler_page(onglet, 1)


def _ecrire_feuille(onglet: Worksheet, faits: Faits, feuille: Feuille, depots: Mapping[str, str]) -> None:
    """Title, source and date, then the header, the rows, and the notes that they call for."""
    mots = list(zip(feuille.entetes, *(feuille.mots(rangee) for rangee in feuille.rangees), strict=True))
    _ecrire_entete(onglet, mots, feuille.annees)
    _ligne(onglet, 1, f"{feuille.titre}, {faits.etude.nom}", _TITRE)
    _ligne(onglet, 2, f"Source{INSECABLE}: {faits.provenance(feuille.indicateurs)}", _DISCRET)
    _ligne(onglet, 3, _date(faits, feuille, depots), _DISCRET)
    if _fictive(faits, feuille):
        _ligne(onglet, 4, _FICTIF, _ALERTE)
    for rang, rangee in enumerate(feuille.rangees, _PREMIERE):
        _ecrire_rangee(onglet, rang, feuille, rangee)
    for rang, note in enumerate(_notes(feuille), _PREMIERE + 1 + len(feuille.rangees)):
        _ligne(onglet, rang, note, _DISCRET)
    _regler_page(onglet, len(mots) + 1)


def _ecrire_entete(onglet: Worksheet, mots: Sequence[Sequence[str]], annees: Sequence[int]) -> None:
    """The header row and the column widths: `mots` are the columns of words, each under what heads it."""
    for rang, colonne in enumerate(mots, 1):
        largeur = min(_LARGEUR_MAXIMALE, 2 + max(map(len, colonne)))
        _ecrire_tete(_texte(onglet.cell(_PREMIERE - 1, rang), colonne[0], _ENTETE), "left", largeur)
    for rang, annee in enumerate(annees, len(mots) + 1):
        cellule = onglet.cell(_PREMIERE - 1, rang, annee)
        cellule.font = _ENTETE
        _ecrire_tete(cellule, "right", _LARGEUR_ANNEE)


def _ecrire_tete(cellule: Cell, cote: str, largeur: float) -> None:
    cellule.fill, cellule.border, cellule.alignment = _FOND, _TRAIT, Alignment(horizontal=cote)
    cellule.parent.column_dimensions[cellule.column_letter].width = largeur


def _ecrire_rangee(onglet: Worksheet, rang: int, feuille: Feuille, rangee: Rangee) -> None:
    """One row: its words, then its figure of each year."""
    mots = feuille.mots(rangee)
    _ecrire_mots(onglet, rang, mots)
    for colonne, annee in enumerate(feuille.annees, len(mots) + 1):
        cellule = onglet.cell(rang, colonne)
        _chiffrer(cellule, rangee.mesure, rangee.chiffres.get(annee))
        cellule.border = _FILET


def _ecrire_mots(onglet: Worksheet, rang: int, mots: Sequence[str]) -> None:
    """The cells of words of a row, which is made as high as the longest needs."""
    for colonne, mot in enumerate(mots, 1):
        _texte(onglet.cell(rang, colonne), mot, _CORPS).border = _FILET
    largeurs = [
        onglet.column_dimensions[get_column_letter(colonne)].width for colonne in range(1, len(mots) + 1)
    ]
    onglet.row_dimensions[rang].height = _hauteur(zip(mots, largeurs, strict=True), _CORPS)


def _ligne(onglet: Worksheet, rang: int, texte: str, police: Font) -> None:
    """Words that run over the whole width of the table."""
    colonnes = len(onglet[_PREMIERE - 1])
    largeur = sum(onglet.column_dimensions[get_column_letter(c)].width for c in range(1, colonnes + 1))
    _texte(onglet.cell(rang, 1), texte, police)
    onglet.merge_cells(start_row=rang, end_row=rang, start_column=1, end_column=colonnes)
    onglet.row_dimensions[rang].height = _hauteur([(texte, largeur)], police)


def _hauteur(textes: Iterable[tuple[str, float]], police: Font) -> float:
    """Height of a row, in points, for texts wrapped in cells so many characters wide (of 11 points)."""
    lignes = max(math.ceil(len(texte) * police.sz / 11 / largeur) for texte, largeur in textes)
    return 1.4 * police.sz * max(lignes, 1)


def _chiffrer(cellule: Cell, mesure: Mesure, fait: Fait | None) -> None:
    """A number in its format, or the word that says why there is none."""
    valeur = getattr(fait, mesure.champ, None)
    if valeur is None or math.isnan(valeur):
        statut = fait.statut if fait is not None and fait.statut in _MOTS else Statut.ABSENT
        _texte(cellule, _MOTS[statut], _MOT)
    else:
        cellule.value = (
            int(valeur) if mesure.decimales == 0 and valeur == int(valeur) else round(valeur, _DECIMALES)
        )
        cellule.number_format = _format(mesure, fait.statut)
        cellule.font = _CORPS
    cellule.alignment = Alignment(horizontal="right", vertical="top")


def _format(mesure: Mesure, statut: Statut) -> str:
    """French thousands and decimal comma, « ≤ » before a floor, a star after a fragile figure."""
    nombre = "#,##0" + ("." + "0" * mesure.decimales if mesure.decimales else "")
    avant = '"≤ "' if statut is Statut.PLANCHER else ""
    apres = '" *"' if statut is Statut.FRAGILE else ""
    if isinstance(mesure.indicateur.measure, Growth):
        return f"{_LANGUE}+{nombre}{apres};{_LANGUE}−{nombre}{apres};{_LANGUE}{nombre}{apres}"
    return f"{_LANGUE}{avant}{nombre}{apres}"


def _texte(cellule: Cell, texte: str, police: Font) -> Cell:
    """Words in a cell: never a formula, whatever they begin with."""
    cellule.value = texte
    cellule.data_type = "s"
    cellule.alignment = Alignment(vertical="top", wrap_text=True)
    cellule.font = police
    return cellule


def _regler_page(onglet: Worksheet, colonne: int) -> None:
    """Frozen above the rows and left of `colonne`; printed across, on a page's width, its header repeated."""
    onglet.sheet_view.showGridLines = False
    onglet.freeze_panes = onglet.cell(_PREMIERE, colonne)
    onglet.page_setup.orientation, onglet.page_setup.paperSize = "landscape", onglet.PAPERSIZE_A4
    onglet.sheet_properties.pageSetUpPr.fitToPage = True
    onglet.page_setup.fitToWidth, onglet.page_setup.fitToHeight = 1, 0
    onglet.print_title_rows = f"{_PREMIERE - 1}:{_PREMIERE - 1}"
    onglet.oddFooter.right.text = "&P / &N"
    onglet.oddFooter.left.text = "&A"


def _fictive(faits: Faits, feuille: Feuille) -> bool:
    return any(faits.est_fictif(indicateur) for indicateur in feuille.indicateurs)


def _date(faits: Faits, feuille: Feuille, depots: Mapping[str, str]) -> str:
    """« Dépôt du 15/01/2026, édition 2026 »."""
    noms = {nom for indicateur in feuille.indicateurs for nom in transform.sources_de(indicateur.table)}
    dates = sorted({depots[nom] for nom in noms if nom in depots})
    lues = [f"{datetime.date.fromisoformat(date):%d/%m/%Y}" for date in dates]
    depot = f"{'Dépôts' if len(lues) > 1 else 'Dépôt'} du {francais.enumerer(lues)}, " if lues else ""
    return f"{depot}édition {faits.edition.annee}"


def _notes(feuille: Feuille) -> Iterator[str]:
    """The words and signs that its cells use, then what its indicators warn of."""
    statuts = {
        rangee.chiffres[annee].statut if annee in rangee.chiffres else Statut.ABSENT
        for rangee in feuille.rangees
        for annee in feuille.annees
    }
    yield from (note for statut, note in _NOTES.items() if statut in statuts)
    par_precaution: dict[str, list[str]] = {}
    for indicateur in feuille.indicateurs:
        if indicateur.caveat:
            par_precaution.setdefault(indicateur.caveat, []).append(indicateur.label)
    for precaution, labels in par_precaution.items():
        tous = len(labels) == len(feuille.indicateurs)
        yield precaution if tous else f"{' ; '.join(labels)}{INSECABLE}: {precaution}"
