"""What a page of the web edition is made of, read without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

_VIDES = frozenset({"meta", "link", "img", "input", "br", "path", "rect", "hr"})


@dataclass
class Element:
    """An element: its name, its attributes, what it holds."""

    nom: str
    attributs: dict[str, str]
    enfants: list[Element] = field(default_factory=list)
    mots: list[str] = field(default_factory=list)

    def tous(self, *noms: str) -> Iterator[Element]:
        """Every element of these names inside this one, in the order of the page."""
        for enfant in self.enfants:
            if enfant.nom in noms:
                yield enfant
            yield from enfant.tous(*noms)

    def texte(self) -> str:
        """The words inside."""
        return " ".join([*self.mots, *(enfant.texte() for enfant in self.enfants)]).strip()


class _Lecteur(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pile = [Element("", {})]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, {nom: valeur or "" for nom, valeur in attrs})
        self.pile[-1].enfants.append(element)
        if tag not in _VIDES:
            self.pile.append(element)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in _VIDES:
            self.pile.pop()

    def handle_endtag(self, tag):
        if tag in _VIDES:
            return
        ouvert = self.pile.pop().nom
        assert ouvert == tag, f"</{tag}> ferme <{ouvert}>, ligne {self.getpos()[0]}"

    def handle_data(self, data):
        if data.strip():
            self.pile[-1].mots.append(data.strip())


def lire(html: str) -> Element:
    """The page as a tree; a tag that closes another one is refused."""
    lecteur = _Lecteur()
    lecteur.feed(html)
    lecteur.close()
    assert len(lecteur.pile) == 1, f"<{lecteur.pile[-1].nom}> n'est pas fermé"
    return lecteur.pile[0]


def identifiants(page: Element) -> list[str]:
    """Every anchor of a page."""
    return [e.attributs["id"] for e in _tout(page) if "id" in e.attributs]


def _tout(element: Element) -> Iterator[Element]:
    for enfant in element.enfants:
        yield enfant
        yield from _tout(enfant)


def defauts(nom: str, page: Element) -> list[str]:
    """What a reader with a keyboard or a screen reader would stumble on, one sentence each."""
    return [
        f"{nom} : {defaut}" for lire_ in (_plan, _tableaux, _images, _ressources) for defaut in lire_(page)
    ]


def _plan(page: Element) -> Iterator[str]:
    [html] = page.tous("html")
    if html.attributs.get("lang") != "fr":
        yield "la langue n'est pas dite"
    if len(list(page.tous("main"))) != 1:
        yield "il faut un contenu principal, et un seul"
    premier = next(page.tous("a")).attributs
    if premier.get("href") != "#contenu" or "contenu" not in identifiants(page):
        yield "le premier lien ne mène pas au contenu"
    niveaux = [int(titre.nom[1]) for titre in page.tous("h1", "h2", "h3", "h4", "h5", "h6")]
    if niveaux.count(1) != 1 or niveaux[0] != 1:
        yield f"un titre de premier niveau, en tête : {niveaux}"
    if any(suivant > niveau + 1 for niveau, suivant in pairwise(niveaux)):
        yield f"un niveau de titre est sauté : {niveaux}"
    doubles = {nom for nom in identifiants(page) if identifiants(page).count(nom) > 1}
    if doubles:
        yield f"ancres en double : {sorted(doubles)}"
    titres = [titre.texte() for titre in page.tous("title")]
    if len(titres) != 1 or not titres[0]:
        yield "la page n'a pas de titre"


def _tableaux(page: Element) -> Iterator[str]:
    for table in page.tous("table"):
        legendes = [legende.texte() for legende in table.tous("caption")]
        if len(legendes) != 1 or not legendes[0]:
            yield "un tableau n'a pas de légende"
        for tete in table.tous("th"):
            if tete.attributs.get("scope") not in ("col", "row"):
                yield f"{legendes} : l'en-tête « {tete.texte()} » ne dit pas ce qu'il nomme"
        for corps in table.tous("tbody"):
            largeurs = {len(ligne.enfants) for ligne in corps.tous("tr")}
            if any(ligne.enfants[0].nom != "th" for ligne in corps.tous("tr")):
                yield f"{legendes} : une ligne n'a pas d'en-tête"
            if largeurs != {len(list(next(table.tous("thead")).tous("th")))}:
                yield f"{legendes} : les lignes n'ont pas toutes la même longueur"


def _images(page: Element) -> Iterator[str]:
    for image in page.tous("img"):
        if not image.attributs.get("alt", "").strip():
            yield f"l'image {image.attributs.get('src')} n'est pas décrite"
    for dessin in page.tous("svg"):
        if dessin.attributs.get("role") != "img" or not dessin.attributs.get("aria-label", "").strip():
            yield "un dessin n'est pas décrit"


def _ressources(page: Element) -> Iterator[str]:
    politiques = [m.attributs.get("content", "") for m in page.tous("meta") if "http-equiv" in m.attributs]
    if not any(politique.startswith("default-src 'self'") for politique in politiques):
        yield "rien n'interdit d'appeler un autre site"
    for element in page.tous("script", "link", "img", "iframe", "source", "object", "form"):
        adresse = (
            element.attributs.get("src") or element.attributs.get("href") or element.attributs.get("action")
        )
        if adresse is None or ":" in adresse or adresse.startswith("/"):
            yield f"<{element.nom}> appelle {adresse}"
    for element in _tout(page):
        if "style" in element.attributs or any(nom.startswith("on") for nom in element.attributs):
            yield f"<{element.nom}> porte un style ou un script que la politique de la page refuse"


def liens_morts(pages: dict[str, Element], dossier: Path) -> list[str]:
    """Links and resources that lead nowhere in the folder; those to other sites are left to their authors."""
    ancres = {nom: set(identifiants(page)) for nom, page in pages.items()}
    morts = []
    for nom, page in pages.items():
        for element in page.tous("a", "img", "script", "link"):
            adresse = element.attributs.get("href") or element.attributs.get("src") or ""
            if adresse.startswith(("https://", "http://", "mailto:")):
                continue
            fichier, _, ancre = adresse.partition("#")
            cible = fichier or nom
            if not (dossier / cible).is_file() or (ancre and ancre not in ancres[cible]):
                morts.append(f"{nom} → {adresse}")
    return morts
