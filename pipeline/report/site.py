"""The web edition: published facts in, a folder of static pages out, which opens from disk.

In: `Faits` of the publication, what the report says (`document.composer`), the folder of its figures. Out: `site/`:
the essentials and the search, one page a chapter, an indicator, a territory, the orientations, the method. No
page asks anything of another site; all is read without JavaScript, which only sorts, searches and compares.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from pipeline.model import Indicator, Statut
from pipeline.report import document, francais, site_tableaux, tables
from pipeline.report.charts import Graphique
from pipeline.report.faits import Faits, Lieu
from pipeline.report.render import COULEURS, fragments_html
from pipeline.report.site_tableaux import en_html

NOM = "site"
_GABARITS = document.GABARITS / "site"
_FIXES = ("site.js",)
_ANNEXES = ("tableau_sources", "tableau_qualite", "detail", "comparables", "composantes", "secret")
_ROLES = {
    "etude": "La commune",
    "comparateur": "Territoires de comparaison",
    "quartier": "Quartiers",
    "membre": "Communes voisines",
}


@dataclass(frozen=True)
class Page:
    """One page: its file, its title, its template, what the template names beside what every page names."""

    fichier: str
    titre: str
    gabarit: str
    contenu: Mapping[str, Any] = field(default_factory=dict)


def ecrire(faits: Faits, contexte: Mapping[str, Any], dessins: Path, dossier: Path) -> list[str]:
    """Write the web edition into `dossier/site`; returns the names of its pages.

    `contexte`: what `document.composer` made of the same facts; `dessins`: the folder of the figures that it names.
    """
    racine = dossier / NOM
    (racine / "figures").mkdir(parents=True)
    pages = tuple(_pages(faits, contexte))
    environnement = _environnement()
    commun = _commun(faits, contexte)
    for page in pages:
        html = environnement.get_template(page.gabarit).render(commun | {"page": page} | dict(page.contenu))
        (racine / page.fichier).write_text(francais.insecables_html(html), encoding="utf-8", newline="\n")
    for dessin in _dessins(contexte):
        shutil.copyfile(dessins / f"{dessin.nom}.svg", racine / "figures" / f"{dessin.nom}.svg")
    (racine / "site.css").write_text(
        environnement.get_template("site.css").render(couleurs=COULEURS), encoding="utf-8"
    )
    for nom in _FIXES:
        shutil.copyfile(_GABARITS / nom, racine / nom)
    _ecrire_donnees(racine / "recherche.js", "RECHERCHE", _index(faits, pages))
    _ecrire_donnees(racine / "donnees.js", "DONNEES", _donnees(faits))
    return [page.fichier for page in pages]


def _environnement() -> jinja2.Environment:
    """HTML templates: what is not said to be HTML is escaped, a missing value is an error."""
    environnement = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_GABARITS),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environnement.filters["phrase"] = en_html
    environnement.filters["page"] = site_tableaux.page_de
    return environnement


def _commun(faits: Faits, contexte: Mapping[str, Any]) -> dict[str, Any]:
    """What every page names: the edition, the menu, the mark of what is fictional."""
    edition = faits.edition
    return {
        "titre_edition": edition.edition.titre,
        "etude": faits.etude,
        "annee": edition.annee,
        "redaction": edition.edition.redaction,
        "fictif": bool(faits.fictives),
        "orientations": contexte["orientations"],
        "changements": contexte["changements"],
        "note_fragile": en_html(tables.NOTE_FRAGILE),
    }


# --- pages -----------------------------------------------------------------------------------------


def _pages(faits: Faits, contexte: Mapping[str, Any]) -> Iterator[Page]:
    """Every page, in the order in which they are read."""
    rendus = _rendre(_markdowns(contexte))
    yield Page("index.html", "L’essentiel", "index.html", _index_de_lecture(faits, contexte, rendus))
    yield from _chapitres(faits, contexte, rendus)
    if contexte["orientations"]:
        yield Page("orientations.html", "Orientations et actions", "orientations.html", {"rendus": rendus})
    if changements := contexte["changements"]:
        titre = f"Depuis l’édition {changements.annee}"
        yield Page("changements.html", titre, "changements.html", {"rendus": rendus})
    yield Page("indicateurs.html", "Tous les indicateurs", "indicateurs.html", {"chapitres": faits.chapitres})
    yield from _indicateurs(faits, contexte["revisees"])
    yield Page("territoires.html", "Tous les territoires", "territoires.html", {"groupes": _groupes(faits)})
    yield from (_territoire(faits, lieu) for lieu in site_tableaux.lieux(faits))
    yield Page("methode.html", "Méthode et sources", "methode.html", dict(contexte) | {"rendus": rendus})


def _index_de_lecture(
    faits: Faits, contexte: Mapping[str, Any], rendus: Mapping[str, Markup]
) -> dict[str, Any]:
    noms = ("cles", "ressort", "ressort_autour", "change", "activite_breve")
    return {nom: contexte[nom] for nom in noms} | {
        "rendus": rendus,
        "chapitres": contexte["chapitres"],
        "groupes": _groupes(faits),
    }


def _chapitres(faits: Faits, contexte: Mapping[str, Any], rendus: Mapping[str, Markup]) -> Iterator[Page]:
    ecrits = contexte["chapitres"]
    for rang, (declare, ecrit) in enumerate(zip(faits.chapitres, ecrits, strict=True)):
        contenu = {
            "chapitre": ecrit,
            "indicateurs": declare.indicators,
            "tableaux": tuple(site_tableaux.du_chapitre(faits, declare.title, declare.indicators)),
            "sections": [
                s for s in contexte["sections"] if s.chapitre == declare.id and (s.phrases or s.tables)
            ],
            "rendus": rendus,
            "precedent": ecrits[rang - 1] if rang else None,
            "suivant": ecrits[rang + 1] if rang + 1 < len(ecrits) else None,
        }
        yield Page(f"chapitre-{declare.id}.html", declare.title, "chapitre.html", contenu)


def _indicateurs(faits: Faits, revisees: Mapping[str, str]) -> Iterator[Page]:
    for chapitre in faits.chapitres:
        for indicateur in chapitre.indicators:
            contenu = {
                "indicateur": indicateur,
                "chapitre": chapitre,
                "rubriques": _rubriques(faits, indicateur, revisees.get(indicateur.id, "")),
                "donnees_fictives": faits.est_fictif(indicateur),
                "tableaux": tuple(site_tableaux.de_l_indicateur(faits, indicateur)),
                "dessin": site_tableaux.dessiner(faits, indicateur),
            }
            yield Page(f"indicateur-{indicateur.id}.html", indicateur.label, "indicateur.html", contenu)


def _rubriques(faits: Faits, indicateur: Indicator, revision: str) -> dict[str, str]:
    """What the card says of the indicator itself, rubric → text; its vintages are those of its figures.

    `revision`: what to say of a definition that is no longer the earlier edition's.
    """
    annees = sorted(
        {
            tables.periode(fait)
            for lieu in site_tableaux.lieux(faits)
            for fait in faits.faits.get((indicateur.id, lieu.code), ())
            if fait.statut is not Statut.ABSENT
        }
    )
    lignes = document.rubriques(indicateur) | {
        "Source": faits.source(indicateur),
        "Millésimes": ", ".join(annees) or "aucune valeur publiée dans cette édition",
        "Révision": revision,
    }
    return {nom: texte for nom, texte in lignes.items() if texte}


def _groupes(faits: Faits) -> list[tuple[str, list[Lieu]]]:
    """Territories by what they are to the commune."""
    groupes = (("etude", (faits.etude,)), ("comparateur", faits.comparateurs))
    groupes += (("quartier", faits.quartiers), ("membre", faits.membres))
    return [(_ROLES[role], list(lieux)) for role, lieux in groupes if lieux]


def _territoire(faits: Faits, lieu: Lieu) -> Page:
    tableaux = [
        (chapitre, tableau)
        for chapitre in faits.chapitres
        if (tableau := site_tableaux.du_territoire(faits, lieu, chapitre.title, chapitre.indicators))
    ]
    niveaux = {niveau.id: niveau.nom for niveau in faits.edition.profil.niveaux}
    contenu = {"lieu": lieu, "niveau": niveaux.get(lieu.niveau, ""), "tableaux": tableaux}
    return Page(site_tableaux.page_de(lieu), lieu.nom, "territoire.html", contenu)


def _dessins(contexte: Mapping[str, Any]) -> Iterator[Graphique]:
    """Every figure that a chapter shows."""
    for ecrit in contexte["chapitres"]:
        yield from ecrit.figures
    for section in contexte["sections"]:
        if section.figure:
            yield section.figure


# --- Markdown --------------------------------------------------------------------------------------


def _markdowns(contexte: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is written in Markdown, by people or by the report's annexes: name → text."""
    for nom, texte in sorted(contexte["textes"].items()):
        yield f"texte-{nom}", texte
    for nom in ("lire", "choix", *_ANNEXES):
        yield nom, contexte[nom]
    yield "cadre", contexte["cadre"].texte
    yield "prudences", "\n".join(f"- {prudence}" for prudence in contexte["prudences"])
    yield from ((section.id, "\n\n".join(section.tables)) for section in contexte["sections"])
    if changements := contexte["changements"]:
        yield "changements", "\n\n".join(changements.phrases)
        yield from ((f"depuis-{partie.id}", partie.texte) for partie in changements.parties)
    if orientations := contexte["orientations"]:
        for nom in ("introduction", "bilan", "tableau"):
            yield f"orientations-{nom}", getattr(orientations, nom)
        for axe in orientations.axes:
            yield f"axe-{axe.id}", "\n".join(f"- {objectif}" for objectif in axe.objectifs)
            yield from ((f"action-{id_}", table) for id_, _, table in axe.fiches)


def _rendre(markdowns: Iterator[tuple[str, str]]) -> dict[str, Markup]:
    """Each text as HTML, empty where there is none."""
    textes = dict(markdowns)
    rendus = fragments_html(list(textes.values()))
    return {nom: Markup(html) for nom, html in zip(textes, rendus, strict=True)}


# --- what JavaScript reads -------------------------------------------------------------------------


def _ecrire_donnees(chemin: Path, nom: str, valeur: object) -> None:
    """A script that holds one constant: a page opened from disk may not fetch a file."""
    texte = json.dumps(valeur, ensure_ascii=False, separators=(",", ":"))
    chemin.write_text(f"const {nom}={texte};\n", encoding="utf-8", newline="\n")


def _index(faits: Faits, pages: Sequence[Page]) -> list[list[str]]:
    """What the search looks in: title, page, kind, other words."""
    mots = {
        f"indicateur-{i.id}.html": ("Indicateur", f"{i.definition} {' '.join(i.publics)}")
        for i in faits.indicateurs()
    }
    mots |= {f"chapitre-{c.id}.html": ("Chapitre", c.question) for c in faits.chapitres}
    mots |= {site_tableaux.page_de(lieu): ("Territoire", lieu.code) for lieu in site_tableaux.lieux(faits)}
    return [[page.titre, page.fichier, *mots.get(page.fichier, ("Page", ""))] for page in pages]


def _donnees(faits: Faits) -> dict[str, Any]:
    """Territory → its name, and indicator → its latest value and date: what a chosen territory is compared by."""
    return {lieu.code: [lieu.nom, dict(_valeurs(faits, lieu))] for lieu in site_tableaux.lieux(faits)}


def _valeurs(faits: Faits, lieu: Lieu) -> Iterator[tuple[str, list[str]]]:
    for indicateur in site_tableaux.simples(tuple(faits.indicateurs())):
        fait = site_tableaux.dernier_dit(faits, indicateur, lieu)
        if fait is not None and fait.statut is not Statut.ABSENT:
            yield indicateur.id, [site_tableaux.sans_marque(indicateur, fait), tables.periode(fait)]
