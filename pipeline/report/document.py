"""The report: published facts in, one Markdown source and its figures out, then every format.

In: the base after protection, the edition, the texts written by people. Out: `rapport.html`, `.pdf`,
`.docx`, `.odt` in the publication. The template says what comes where; this module says with what.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import pandas as pd

from pipeline import transform
from pipeline.exports import formule
from pipeline.methods.remarquable import Classe
from pipeline.model import Chapter, Figure, Indicator, Share, Statut, Total
from pipeline.readers import comparable
from pipeline.report import (
    actions,
    avenir,
    changements,
    charts,
    concentration,
    defavorisation,
    entonnoir,
    essentiel,
    evenements,
    figures,
    francais,
    non_recours,
    phrases,
    quartiers,
    recours_quartiers,
    representation,
    tables,
    tendances,
    verification,
    voisinage,
)
from pipeline.report.faits import Fait, Faits, Lieu
from pipeline.report.nombres import nombre
from pipeline.report.render import Document, rendre
from pipeline.report.section import Section
from pipeline.report.textes import TOUJOURS, lire_textes
from pipeline.sources.registre import ACTIVITE, SOURCES

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Edition, Rupture

GABARITS = Path(__file__).parent / "templates"

_A_RETENIR = 6
_DETAILS = 2
_CLES = 8
_CLES_ACTIVITE = 3
_COLONNES_QUARTIERS = 5
_CLES_PAR_CHAPITRE = 2
_RESSORT_PAR_CHAPITRE = 2
_RESSORT = 5
_ECART_MINIMAL = 0.05  # |log2| of the two values' ratio: about 3.5 %
_CHANGEMENTS = 6
_FAITS_DU_CCAS = 6
_MILLESIMES_CITES = 4
_RANGS = 6  # of the tables of a chapter that opens no page
_SANS_DATE = "–"
_TITRES = {source.id: source.title for source in SOURCES}
_RIEN_NE_RESSORT = (
    "Aucun écart n’est établi entre la commune et ses comparateurs : leurs valeurs sont proches, ou les effectifs "
    "trop petits pour en juger."
)
_TROP_PETITS = (
    "Les chiffres de ce chapitre reposent sur de petits effectifs, ou sont couverts par le secret : ils se lisent dans "
    "le tableau, sans conclusion à en tirer."
)
_INCONNUS = "Aucun chiffre de ce chapitre n’est connu pour la commune ni pour un territoire qui la contient."
_MOUVEMENT = ("population", "evolution_population")

_SENS = {
    "favorable": "une valeur élevée est plutôt favorable",
    "defavorable": "une valeur élevée est plutôt défavorable",
    "neutre": "ni favorable ni défavorable en soi",
}

_GLOSSAIRE = {
    "ABS": "Analyse des besoins sociaux.",
    "Âge révolu": "Âge atteint au dernier anniversaire.",
    "CCAS": "Centre communal d’action sociale.",
    "Intervalle à 95 %": "Valeurs que l’aléa rend plausibles : l’intervalle contient la vraie valeur 95 fois sur 100.",
    "Ménage": "Ensemble des occupants d’un même logement, quels que soient leurs liens.",
    "Millésime": "Année à laquelle une donnée se rapporte.",
    "Population municipale": "Habitants dont la résidence habituelle est dans la commune.",
    "Secret statistique": "Règle qui interdit de publier un chiffre permettant de reconnaître une personne.",
}


@dataclass(frozen=True)
class ChapitreEcrit:
    """One chapter, ready for the template; each sentence of `retenir` may be read alone."""

    id: str
    titre: str
    question: str
    fictif: bool
    retenir: tuple[str, ...]
    tables: tuple[str, ...]
    notes: tuple[str, ...]
    figures: tuple[charts.Graphique, ...]

    @property
    def ici(self) -> list[str]:
        """What is to be remembered of the commune."""
        return [phrase for phrase in self.retenir if phrases.RESERVE not in phrase]

    @property
    def silence(self) -> str:
        """Why nothing is to be remembered, where nothing is."""
        if self.retenir:
            return ""
        return _TROP_PETITS if self.tables else _INCONNUS

    @property
    def autour(self) -> list[str]:
        """What is known only of larger territories, for a list that says so above it."""
        return [_sans_reserve(phrase) for phrase in self.retenir if phrases.RESERVE in phrase]


@dataclass(frozen=True)
class Dessins:
    """The folder of the figures; one that shows the same in both editions of a run is drawn once."""

    dossier: Path
    faits: dict[str, tuple[figures.Trace, charts.Graphique]] = field(default_factory=dict)

    def dessiner(self, faits: Faits, figure: Figure, pyramide: pd.DataFrame) -> charts.Graphique | None:
        """The figure, drawn and written, or None when the facts do not carry it."""
        trace = figures.tracer(faits, figure, pyramide)
        return None if trace is None else self.ajouter(trace)

    def ajouter(self, trace: figures.Trace) -> charts.Graphique:
        """A figure drawn and written; the one that is there already is kept when it shows the same."""
        nom = trace.sujet.nom
        if nom in self.faits and figures.pareilles(self.faits[nom][0], trace):
            return self.faits[nom][1]
        dessin = figures.dessiner(trace)
        charts.ecrire(dessin, self.dossier)
        self.faits[nom] = trace, dessin
        return dessin


@dataclass(frozen=True)
class Diffusion:
    """Whom an edition of the report is for: where its figures are read, and what every page says."""

    schema: str
    bandeau: str
    filigrane: str
    formats: tuple[str, ...]
    nom: str


DIFFUSABLE = Diffusion("publication", "", "", ("html", "pdf", "docx", "odt"), "rapport")
INTERNE = Diffusion(
    "resultat", "Édition interne, confidentielle", "CONFIDENTIEL", ("html", "pdf"), "rapport-interne"
)


def ecrire(
    faits: Faits, contexte: Mapping[str, Any], diffusion: Diffusion, dessins: Path, dossier: Path
) -> Path:
    """Write one edition of the report into `dossier`, in its formats; returns its PDF."""
    rapport = mettre_en_page(faits, contexte, diffusion, dessins)
    return rendre(rapport, dossier, diffusion.formats, diffusion.nom)["pdf"]


def mettre_en_page(
    faits: Faits, contexte: Mapping[str, Any], diffusion: Diffusion, dessins: Path
) -> Document:
    """The report to be rendered: the template filled, and the folder of its figures."""
    edition, markdown = faits.edition, gabarit("rapport.md.j2").render(contexte)
    return habiller(
        faits,
        diffusion,
        dessins,
        edition.edition.titre,
        f"{faits.etude.nom}, édition {edition.annee}",
        markdown,
    )


def habiller(
    faits: Faits,
    diffusion: Diffusion,
    dessins: Path,
    titre: str,
    sous_titre: str,
    markdown: str,
    **forme: Any,
) -> Document:
    """A document of the edition: who writes it, and what each of its pages says."""
    edition = faits.edition
    bandeaux = [diffusion.bandeau, "Activité du CCAS : données fictives" if faits.fictives else ""]
    return Document(
        titre=titre,
        sous_titre=sous_titre,
        auteur=edition.edition.redaction,
        date=f"Édition {edition.annee}",
        mots_cles=("analyse des besoins sociaux", "CCAS", faits.etude.nom),
        bandeau=francais.insecables(" – ".join(filter(None, bandeaux))),
        filigrane=diffusion.filigrane,
        markdown=markdown,
        figures=dessins,
        **forme,
    )


def gabarit(nom: str) -> jinja2.Template:
    """A Markdown template; its marks are not Markdown's, and a missing value is an error."""
    environnement = jinja2.Environment(
        loader=jinja2.FileSystemLoader(GABARITS),
        undefined=jinja2.StrictUndefined,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        autoescape=False,
    )
    environnement.filters["guillemets"] = lambda texte: texte.replace("\\", "\\\\").replace('"', '\\"')
    environnement.filters["donnees"] = lambda dessin: tables.markdown(dessin.donnees)
    return environnement.get_template(nom)


def composer(
    con: duckdb.DuckDBPyConnection, faits: Faits, diffusion: Diffusion, dessins: Dessins
) -> dict[str, Any]:
    """Everything that the template names."""
    profil = faits.edition.profil
    pyramide = population_par_age(con, faits.etude.code)
    revisees = changements.revisions(con, faits)
    ressort, autour = ce_qui_ressort(faits)
    ressort = ressort or [_RIEN_NE_RESSORT]
    chapitres = [chapitre(faits, declare, pyramide, dessins) for declare in faits.chapitres]
    sections = [loger(section, faits) for section in _sections(con, faits, dessins) if section]
    textes = lire_textes(faits.edition, [*TOUJOURS, *(c.id for c in faits.chapitres)])
    activite = ce_que_fait_le_ccas(faits, chapitres)
    return {
        "fictif": bool(faits.fictives),
        "cles": chiffres_cles(faits),
        "ressort": ressort,
        "ressort_autour": autour,
        "change": ce_qui_a_change(faits),
        "activite": activite,
        "activite_breve": activite[:_FAITS_DU_CCAS],
        "textes": textes,
        "cadre": profil.cadre,
        **modes_de_lecture(faits.edition),
        "prudences": prudences(faits),
        "tableau_sources": tableau_sources(con, faits),
        "chapitres": chapitres,
        "sections": sections,
        "suites": a_la_suite(chapitres, sections, textes),
        "composantes": tableau_composantes(faits),
        "changements": changements.ecrire_changements(con, faits),
        "orientations": actions.ecrire_orientations(faits),
        "revisees": revisees,
        "fiches": [fiche(faits, i, _renvois(faits, i), revisees.get(i.id, "")) for i in faits.indicateurs()],
        "detail": voisinage.detail(faits),
        "comparables": voisinage.comparables(con, faits),
        "tableau_qualite": tableau_qualite(con, faits),
        "a_verifier": verification.tableaux(con) if diffusion is INTERNE else "",
        "secret": secret(con, faits, diffusion),
        "glossaire": sorted((_GLOSSAIRE | profil.glossaire).items(), key=lambda mot: comparable(mot[0])),
    }


def modes_de_lecture(edition: Edition) -> dict[str, str]:
    """How figures are read (`lire`), how what stands out is chosen (`choix`): Markdown, for the report and the site."""
    profil = edition.profil
    return {
        "lire": gabarit("lire.md.j2").render(
            recensement=profil.recensement,
            seuils=profil.precision,
            exercice=edition.edition.exercice if edition.fichiers_de("ccas_demandes") else "",
        ),
        "choix": gabarit("choix.md.j2").render(),
    }


def _sections(con: duckdb.DuckDBPyConnection, faits: Faits, dessins: Dessins) -> Iterator[Section | None]:
    """What chapters say beyond their indicators, in reading order; None where there is nothing of the kind."""
    yield quartiers.section(faits)
    yield representation.section(con, faits)
    yield concentration.section(faits, dessins.ajouter)
    yield recours_quartiers.section(con, faits, dessins.ajouter)
    yield non_recours.section(faits)
    yield defavorisation.section(con, faits, dessins.ajouter)
    yield avenir.section(con, faits, dessins.ajouter)
    yield entonnoir.section(faits, dessins.ajouter)
    yield evenements.section(faits)


def loger(section: Section, faits: Faits) -> Section:
    """The section in its chapter, or in the first one where no indicator of that chapter is known."""
    ecrits = [chapitre.id for chapitre in faits.chapitres]
    return section if section.chapitre in ecrits else replace(section, chapitre=ecrits[0])


def a_la_suite(
    chapitres: Sequence[ChapitreEcrit], sections: Sequence[Section], textes: Mapping[str, str]
) -> frozenset[str]:
    """The chapters that would leave their page nearly empty, and follow the one before, whole, where they fit.

    No figure, nothing that people wrote, no section of more than sentences, and a few rows.
    """
    charges = {section.chapitre for section in sections if section.tables or section.figure}
    charges |= {chapitre.id for chapitre in chapitres if chapitre.figures or textes[chapitre.id]}
    return frozenset(
        chapitre.id
        for chapitre in chapitres[1:]
        if chapitre.id not in charges and sum(table.count("\n|") - 1 for table in chapitre.tables) <= _RANGS
    )


def tableau_composantes(faits: Faits) -> str:
    """How « ce qui ressort » is ordered, component by component; empty when nothing is established."""
    composantes = essentiel.composantes(faits)
    if composantes.empty:
        return ""
    return tables.markdown(composantes, "Ce qui ressort, composante par composante", "composantes")


def population_par_age(con: duckdb.DuckDBPyConnection, territoire: str) -> pd.DataFrame:
    """Population by census, sex and age of one territory, for the pyramid."""
    return con.execute(
        "select millesime, case sexe when 'hommes' then 'Hommes' else 'Femmes' end as sexe, age_min, "
        "age_max::double as age_max, population from socle.population_sexe_age where territoire = ? "
        "order by millesime, sexe, age_min",
        [territoire],
    ).df()


def chapitre(faits: Faits, declare: Chapter, pyramide: pd.DataFrame, dessins: Dessins) -> ChapitreEcrit:
    """A chapter's sentences, tables and figures."""
    simples = [indicateur for indicateur in declare.indicators if not indicateur.by]
    dessines = (dessins.dessiner(faits, figure, pyramide) for figure in declare.figures)
    ecrites = tuple(_tables(faits, declare, simples))
    return ChapitreEcrit(
        id=declare.id,
        titre=declare.title,
        question=declare.question,
        fictif=any(faits.est_fictif(indicateur) for indicateur in declare.indicators),
        retenir=tuple(a_retenir(faits, declare.indicators)),
        tables=ecrites,
        notes=(
            *((tables.NOTE_FRAGILE,) if any("\\*" in table for table in ecrites) else ()),
            *tendances.refus(tendances.tendances(faits, simples)),
        ),
        figures=tuple(dessin for dessin in dessines if dessin is not None),
    )


def _tables(faits: Faits, declare: Chapter, simples: Sequence[Indicator]) -> Iterable[str]:
    situation = tables.situation(faits, simples)
    if len(situation):
        yield tables.markdown(situation, f"{declare.title} : {tables.qui(faits, situation)}", declare.id)
    ailleurs = tables.ailleurs(faits, simples)
    if len(ailleurs):
        titre = (
            f"{declare.title} : indicateurs inconnus pour la commune, donnés pour les territoires plus vastes"
        )
        yield tables.markdown(ailleurs, titre, f"{declare.id}-ailleurs")
    quartiers = tables.par_quartier(faits, simples)
    if len(quartiers):
        retenus = quartiers.iloc[:, : _COLONNES_QUARTIERS + 1]
        yield tables.markdown(retenus, f"{declare.title} : les quartiers", f"{declare.id}-quartiers")
    evolutions = tendances.tableau(tendances.tendances(faits, simples))
    if len(evolutions):
        titre = f"{declare.title} : tendances depuis la dernière rupture déclarée, intervalles à 95 %"
        yield tables.markdown(evolutions, titre, f"{declare.id}-tendances")


def a_retenir(faits: Faits, indicateurs: Sequence[Indicator]) -> list[str]:
    """Up to six sentences: the first indicator, what stands out most, two on the largest parts or the quartiers."""
    simples = [indicateur for indicateur in indicateurs if not indicateur.by]
    if not simples:
        return []
    ranges = [remarque.indicateur for remarque in essentiel.remarques(faits, simples)]
    premier = simples[0].id
    ordre = [premier, *(nom for nom in ranges if nom != premier)]
    declares = {indicateur.id: indicateur for indicateur in simples}
    tries = [declares[nom] for nom in ordre]
    repartis = [i for i in indicateurs if i.by and isinstance(i.measure, Share)]
    # what is known of the quartiers alone is not among what stands out
    seuls = [indicateur for indicateur in simples if indicateur.id not in ordre]
    contrastes = [phrase for phrase in (phrases.quartiers(faits, i) for i in (*tries, *seuls)) if phrase]
    tetes = [phrase for phrase in (phrases.en_tete(faits, i) for i in repartis) if phrase]
    details = [*tetes[:1], *contrastes, *tetes[1:]][:_DETAILS]
    situations = [phrases.situer(faits, i) for i in tries if phrases.se_commente(faits, i)]
    return situations[: _A_RETENIR - len(details)] + details


def _sans_reserve(phrase: str) -> str:
    """A sentence of a list that says above it what territories it is about."""
    return phrase.replace(phrases.RESERVE, "")


def chiffres_cles(faits: Faits) -> list[dict[str, str]]:
    """Cards of the first page, for the commune where known: the first indicator of each chapter before any second.

    Some places are kept for what the CCAS does, which the chapters on the population would leave out.
    """
    places = [
        (tour, rang, indicateur)
        for rang, chapitre in enumerate(faits.chapitres)
        for tour, indicateur in enumerate(_connus_ici(faits, chapitre)[:_CLES_PAR_CHAPITRE])
    ]
    agir = sorted(place for place in places if faits.est_activite(place[2]))[:_CLES_ACTIVITE]
    decrire = sorted(place for place in places if not faits.est_activite(place[2]))[: _CLES - len(agir)]
    gardees = sorted([*decrire, *agir], key=lambda place: (place[1], place[0]))
    return [carte(faits, indicateur) for *_, indicateur in gardees]


def _connus_ici(faits: Faits, chapitre: Chapter) -> list[Indicator]:
    """Its indicators whose figure for the commune can open a report: neither zero nor made of a few cases."""
    simples = [indicateur for indicateur in chapitre.indicators if not indicateur.by]
    derniers = ((indicateur, faits.dernier(indicateur.id, faits.etude.code)) for indicateur in simples)
    return [i for i, fait in derniers if fait and fait.valeur and fait.statut is not Statut.FRAGILE]


def carte(faits: Faits, indicateur: Indicator, lieu: Lieu | None = None) -> dict[str, str]:
    """A key figure of the commune beside a comparator's, or of a quartier beside its commune's; else its own before."""
    lieu = lieu or faits.etude
    fait = faits.dernier(indicateur.id, lieu.code)
    autres = [
        f"{repere.nom} : {phrases.valeur_courte(indicateur, autre)}"
        for repere in (faits.comparateurs if lieu == faits.etude else (faits.etude,))
        if (autre := faits.a(indicateur.id, repere.code, fait.millesime)) is not None and autre.lisible
    ]
    ancien = phrases.precedent(faits, indicateur, fait)
    avant = f"{phrases.valeur_courte(indicateur, ancien)} en {ancien.millesime}" if ancien else ""
    fragile = ", chiffre fragile" if fait.statut is Statut.FRAGILE else ""
    fictif = " [données fictives]{.fictif}" if faits.est_fictif(indicateur) else ""
    return {
        "valeur": phrases.lien(indicateur, phrases.valeur_courte(indicateur, fait)),
        "libelle": f"{phrases.libelle(indicateur)}, {tables.periode(fait)}{fragile}{fictif}",
        "comparaison": autres[0] if relatif(indicateur) and autres else avant or "\u00a0",
    }


def relatif(indicateur: Indicator) -> bool:
    """Whether a figure may be read beside that of a larger territory: any but a count."""
    return not isinstance(indicateur.measure, Total)


def ce_qui_ressort(faits: Faits) -> tuple[list[str], list[str]]:
    """What stands out most, two a chapter and one a subject at most: for the commune, then for territories around."""
    declares = {i.id: (i, c.id) for c in faits.chapitres for i in c.indicators if not i.by}
    par_chapitre: dict[tuple[str, bool], int] = defaultdict(int)
    dits: set[tuple[str, bool]] = set()
    ici: list[str] = []
    autour: list[str] = []
    for remarque in essentiel.remarques(faits, [indicateur for indicateur, _ in declares.values()]):
        indicateur, chapitre_ = declares[remarque.indicateur]
        local = faits.plus_proche(indicateur) == faits.etude
        trop_petit = remarque.ecart < _ECART_MINIMAL or remarque.classe is Classe.RIEN_D_ETABLI
        de_trop = par_chapitre[chapitre_, local] == _RESSORT_PAR_CHAPITRE
        if trop_petit or de_trop or (essentiel.sujet(indicateur), local) in dits:
            continue
        par_chapitre[chapitre_, local] += 1
        dits.add((essentiel.sujet(indicateur), local))
        # what only the CCAS knows has no comparator: it is set against itself
        phrase = phrases.situer(faits, indicateur, evolution=faits.est_activite(indicateur))
        (ici if local else autour).append(_sans_reserve(phrase))
    return ici[:_RESSORT], autour[:_RESSORT]


def ce_qui_a_change(faits: Faits) -> list[str]:
    """Population and its pace first, then the established changes of the commune's shares and rates, one a subject."""
    dits: dict[str, tuple[Indicator, Fait]] = {}
    for indicateur in faits.indicateurs():
        fait = faits.dernier(indicateur.id, faits.etude.code)
        ancien = None if fait is None or indicateur.by else phrases.precedent(faits, indicateur, fait)
        if ancien is None or Statut.FRAGILE in (fait.statut, ancien.statut):
            continue
        if indicateur.id in _MOUVEMENT or phrases.a_change(faits, fait):
            dits.setdefault(essentiel.sujet(indicateur), (indicateur, fait))
    return [phrases.changement(faits, *dit) for dit in islice(dits.values(), _CHANGEMENTS)]


def ce_que_fait_le_ccas(faits: Faits, chapitres: Sequence[ChapitreEcrit]) -> list[str]:
    """What the chapters on the CCAS's own activity retain, the first sentence of each before any second."""
    actifs = {declare.id for declare in faits.chapitres if any(map(faits.est_activite, declare.indicators))}
    retenir = [ecrit.retenir for ecrit in chapitres if ecrit.id in actifs]
    rangs = range(max(map(len, retenir), default=0))
    return [phrases_[rang] for rang in rangs for phrases_ in retenir if rang < len(phrases_)]


def prudences(faits: Faits) -> list[str]:
    """What must be said before the figures: breaks, weak collections, dissemination rules."""
    recensement = faits.edition.profil.recensement
    dites = [recensement.diffusion]
    dites += [francais.majuscule(date.prudence) + "." for date in recensement.dates if date.prudence]
    dites += [
        rupture.explication for rupture in faits.edition.ruptures_declarees if _traversee(faits, rupture)
    ]
    return dites


def _traversee(faits: Faits, rupture: Rupture) -> bool:
    """Whether a figure of the series that it breaks is of its year or of one before."""
    series = transform.series()
    return any(
        fait.millesime <= rupture.annee
        for indicateur in faits.indicateurs()
        if series.get(indicateur.table) in rupture.series
        for fait in faits.serie(indicateur.id, faits.etude.code)
    )


def tableau_sources(con: duckdb.DuckDBPyConnection, faits: Faits) -> str:
    """One row a file: the number of its source, what it is, its vintages, its date, its fingerprint.

    A deposit, which no producer dates, has the years that it tells of and the day it was made. Then the extracts of
    the CCAS that the edition has not: what the report cannot tell of.
    """
    lignes = con.execute("select source, fichier, date, sha256, fictif from qualite.fichiers").fetchall()
    sources = {source.id: source for source in SOURCES}
    declares = {(fichier.source, fichier.chemin): fichier for fichier in faits.edition.fichiers}
    rangees = []
    for source, chemin, date, sha256, fictif in sorted(lignes, key=lambda x: faits.numeros[x[0]]):
        declare = declares[source, chemin]
        rangees.append(
            {
                "Contenu": _contenu(faits, source) + (" [fictif]{.fictif}" if fictif else ""),
                "Producteur": sources[source].producer,
                "Millésimes": _dire_millesimes(faits.millesimes.get(source, declare.exercices)),
                "Mise à jour": _jour(date or str(declare.depose_le or "")),
                "Fichier": f"{Path(chemin).name} ({sha256[:8]}…)",
            }
        )
    table = pd.DataFrame(rangees)
    titre = "Fichiers de l’édition, avec le début de leur empreinte"
    fichiers = tables.markdown(table, titre, "sources", textes=list(table))
    presentes = {source for source, *_ in lignes}
    absents = [f"« {source.title} »" for source in ACTIVITE if source.id not in presentes]
    if not absents:
        return fichiers
    return (
        f"{fichiers}\n\nExtraits de l’activité non déposés dans cette édition : {francais.enumerer(absents)}."
    )


def _jour(date: str) -> str:
    """« 29/10/2020 » for an ISO date, what a provenance says in words as it is, a dash for nothing."""
    annee_mois_jour = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", date)
    return "/".join(reversed(annee_mois_jour.groups())) if annee_mois_jour else date or _SANS_DATE


def _contenu(faits: Faits, source: str) -> str:
    """« 9. Demandes d'aides facultatives »: what a file holds, by the number that refers to it."""
    return f"{faits.numeros[source]}. {_TITRES[source]}"


def _dire_millesimes(annees: Sequence[int]) -> str:
    """« 2011, 2016 et 2022 », the first and the last of many, or a dash."""
    if len(annees) > _MILLESIMES_CITES:
        return f"{annees[0]} à {annees[-1]} ({len(annees)})"
    return francais.enumerer([str(annee) for annee in annees]) or _SANS_DATE


def tableau_qualite(con: duckdb.DuckDBPyConnection, faits: Faits) -> str:
    """One row a source: rows read, loaded, rejected, set aside; then how each was recognised."""
    lignes = con.execute(
        "select source, lignes_lues, lignes_chargees, lignes_rejetees, lignes_ecartees, detecte "
        "from qualite.fichiers"
    ).fetchall()
    lignes = sorted(lignes, key=lambda ligne: faits.numeros[ligne[0]])
    comptes = pd.DataFrame(
        [
            {
                "Contenu": _contenu(faits, source),
                "Lues": nombre(lues),
                "Chargées": nombre(chargees),
                "Rejetées": nombre(rejetees),
                "Mises de côté": nombre(ecartees),
            }
            for source, lues, chargees, rejetees, ecartees, _ in lignes
        ]
    )
    reconnus = pd.DataFrame(
        [
            {"Contenu": _contenu(faits, source), "Reconnu": francais.majuscule(detecte)}
            for source, *_, detecte in lignes
        ]
    )
    return "\n\n".join(
        (
            tables.markdown(comptes, "Lignes lues, chargées, rejetées", "qualite"),
            tables.markdown(reconnus, "Comment chaque fichier a été lu", "lecture", textes=["Reconnu"]),
        )
    )


def fiche(faits: Faits, indicateur: Indicator, sources: str, revision: str = "") -> dict[str, str]:
    """An indicator's card: what it says, how it is made, from what, within what limits, its values.

    `sources`: what it is made from, in full or by its numbers. `revision`: what to say of a definition that is no
    longer the earlier edition's.
    """
    lignes = rubriques(indicateur) | {
        "Calcul": f"`{formule(indicateur)}` ; unité : {indicateur.measure.unit or 'aucune'}",
        "Unité": "",
        "Révision": revision,
        "Valeurs": tables.valeurs(faits, indicateur),
        "Sources": sources,
    }
    return {
        "id": indicateur.id,
        "label": indicateur.label,
        "table": tables.sans_entete({nom: texte for nom, texte in lignes.items() if texte}),
    }


def _renvois(faits: Faits, indicateur: Indicator) -> str:
    """Producers, each with the numbers of its publications in the table of sources."""
    numeros: dict[str, list[str]] = {}
    for source in faits.sources_de(indicateur):
        numeros.setdefault(source.producer, []).append(str(faits.numeros[source.id]))
    return " ; ".join(
        f"{nom} ([n°\u00a0{francais.enumerer(siens)}](#sources))" for nom, siens in numeros.items()
    )


def rubriques(indicateur: Indicator) -> dict[str, str]:
    """What a card says of the indicator itself, rubric → text, empty where there is nothing to say."""
    return {
        "Définition": indicateur.definition,
        "Pourquoi": indicateur.why,
        "Calcul": formule(indicateur),
        "Unité": indicateur.measure.unit or "sans unité",
        "Lecture": f"{_SENS[indicateur.higher_is]} ; publics : {', '.join(indicateur.publics)}",
        "Limites": indicateur.caveat,
    }


def _oubliees(con: duckdb.DuckDBPyConnection, faits: Faits) -> str:
    """How many rows of forgotten persons each deposit still holds: told to the CCAS, and to nobody else."""
    lignes = con.execute("select source, sum(lignes) from qualite.oubliees group by source").fetchall()
    if not lignes:
        return ""
    lignes = sorted(lignes, key=lambda ligne: faits.numeros[ligne[0]])
    comptes = [f"{_TITRES[source]} ({nombre(total)})" for source, total in lignes]
    return f" Lignes de personnes oubliées, laissées de côté : {francais.enumerer(comptes)}."


def secret(con: duckdb.DuckDBPyConnection, faits: Faits, diffusion: Diffusion) -> str:
    """What is under secrecy and by what rule; empty when the edition has no personal data."""
    comptes = _caches(con, faits)
    if comptes.empty:
        return ""
    caches, seuil = int(comptes["caches"].sum()), faits.edition.profil.secret.seuil
    if diffusion.schema != "publication":
        return (
            f"Cette édition est **complète** : elle montre {nombre(caches)} chiffres que l’édition diffusable "
            "cache. Elle est couverte par le secret professionnel et ne sort pas du CCAS."
            f"{_oubliees(con, faits)}"
        )
    return (
        f"Les chiffres de l’activité du CCAS qui reposent sur moins de {seuil} personnes ou ménages, ou dont le "
        f"complément repose sur moins de {seuil}, ne sont pas publiés ; d’autres ne le sont pas non plus, pour "
        f"qu’aucun ne se retrouve par différence avec un total. Dans cette édition, {nombre(caches)} des "
        f"{nombre(comptes['connus'].sum())} chiffres connus de l’activité sont couverts par le secret."
        f"\n\n{_tableau_des_caches(faits, comptes)}"
    )


def _caches(con: duckdb.DuckDBPyConnection, faits: Faits) -> pd.DataFrame:
    """Of each indicator of the activity, by id: its figures that are known (`connus`), and those hidden (`caches`)."""
    comptes = con.execute(
        "select indicateur, count(*) as connus, count(*) filter (where statut = ?) as caches "
        "from publication.indicateurs where statut <> ? group by indicateur",
        [Statut.SECRET, Statut.ABSENT],
    ).df()
    activite = [indicateur.id for indicateur in faits.indicateurs() if faits.est_activite(indicateur)]
    return comptes.set_index("indicateur").reindex(activite).dropna()


def _tableau_des_caches(faits: Faits, comptes: pd.DataFrame) -> str:
    """Which indicators have figures under secrecy, and how many, in the report's order; nothing where none has."""
    touches = comptes[comptes["caches"] > 0]
    if touches.empty:
        return ""
    noms = {i.id: phrases.lien(i, i.label) for i in faits.indicateurs()}
    table = pd.DataFrame(
        {
            "Indicateur": [noms[nom] for nom in touches.index],
            "Chiffres connus": touches["connus"].map(nombre),
            "Sous secret": touches["caches"].map(nombre),
        }
    )
    return tables.markdown(table, "Chiffres de l’activité sous secret, tous lieux et toutes années", "secret")
