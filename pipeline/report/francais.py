"""French grammar that sentences need: articles and contractions, lists, agreement.

In: names and words. Out: text. A territory's `article` is capital when it belongs to the name (« Le »
Mont-Dore) and small when it only goes before it (« la » province Sud).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from pipeline.report.nombres import INSECABLE

_VOYELLES = tuple("aeiouœ")
_FINE = "\u202f"
_AVANT = re.compile(r" (?=(?:([:%»])|[;!?])(?:\W|$))")
_BALISE = re.compile(r"(<[^>]*>)")
_TELS_QUELS = re.compile(r"<(/?)(?:code|pre|script|style)\b")


def nom_complet(article: str, nom: str) -> str:
    """Name as a title or a table writes it: « Le Mont-Dore », « Province Sud »."""
    if article[:1].isupper():
        return f"{article}{nom}" if article.endswith(("'", "’")) else f"{article} {nom}"
    return nom[:1].upper() + nom[1:]


def de(article: str, nom: str) -> str:
    """« du Mont-Dore », « de la province Sud », « de Nouméa », « d'Ambérieu », « des Abymes »."""
    petit = article.lower()
    if petit == "le":
        return f"du {nom}"
    if petit == "les":
        return f"des {nom}"
    if petit == "la":
        return f"de {article if article[:1].isupper() else 'la'} {nom}"
    if petit in ("l'", "l’"):
        return f"de {article}{nom}"
    return elider("de", nom)


def dans(article: str, nom: str) -> str:
    """« au Mont-Dore », « à La Foa », « dans la province Sud », « à Nouméa », « aux Abymes »."""
    if article.islower():
        return f"dans {article}{nom}" if article.endswith(("'", "’")) else f"dans {article} {nom}"
    contracte = {"le": f"au {nom}", "les": f"aux {nom}"}
    return contracte.get(article.lower(), f"à {nom_complet(article, nom)}" if article else f"à {nom}")


def en(nom: str) -> str:
    """« en Nouvelle-Calédonie », for a country or a region of feminine name."""
    return f"en {nom}"


def elider(mot: str, suivant: str) -> str:
    """« de » + « Ambérieu » → « d’Ambérieu », « la » + « évolution » → « l’évolution ».

    h is taken as aspirated, and so is y before a vowel (« de Yaté », « d’Yvetot »).
    """
    lettres = unicodedata.normalize("NFKD", suivant).lower()
    voyelle = lettres[:1] in _VOYELLES or (lettres[:1] == "y" and lettres[1:2] not in _VOYELLES)
    return f"{mot[:-1]}’{suivant}" if lettres and voyelle else f"{mot} {suivant}"


def joindre(debut: str, suite: str) -> str:
    """« plus que » + « en Bretagne » → « plus qu’en Bretagne »."""
    return elider(debut, suite) if debut.endswith("que") else f"{debut} {suite}"


def enumerer(mots: Sequence[str], dernier: str = "et") -> str:
    """« a », « a et b », « a, b et c »."""
    if len(mots) < 2:
        return "".join(mots)
    return f"{', '.join(mots[:-1])} {dernier} {mots[-1]}"


def insecables(texte: str) -> str:
    """The text with its signs on the line of the word before them, and what is quoted on that of its marks.

    The rule of the Imprimerie nationale: a no-break space before « : », « % » and « » », after « « »; a narrow one
    before « ; », « ! » and « ? ».
    """
    lies = _AVANT.sub(lambda signe: INSECABLE if signe[1] else _FINE, texte)
    return lies.replace("« ", f"«{INSECABLE}")


def typographier(texte: str) -> str:
    """The text as it is printed: its spaces, and one form of apostrophe."""
    return insecables(re.sub(r"(?<=\w)'(?=\w)", "’", texte))


def insecables_html(page: str) -> str:
    """A page whose words have their spaces; tags, code, styles and scripts are left as they are."""
    morceaux, tels_quels = [], 0
    for morceau in _BALISE.split(page):
        if balise := _TELS_QUELS.match(morceau):
            tels_quels += -1 if balise[1] else 1
        morceaux.append(morceau if tels_quels or morceau.startswith("<") else insecables(morceau))
    return "".join(morceaux)


def majuscule(phrase: str) -> str:
    """Sentence with its first letter capital."""
    return phrase[:1].upper() + phrase[1:]
