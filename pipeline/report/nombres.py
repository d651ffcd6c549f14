"""Numbers as a French reader writes them: narrow no-break thousands, decimal comma, true minus, unit.

In: a number, its unit and its decimals. Out: text. Units with a sign of their own (`%`, `€`, `F CFP`)
are kept on the line by a no-break space.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_decimal

INSECABLE = "\u00a0"
MOINS = "\u2212"
ABSENT = "n. d."
SANS_OBJET = "–"

_INVARIABLES = ("fois", "mois", "repas", "colis")


def nombre(valeur: float | None, decimales: int = 0, *, signe: bool = False) -> str:
    """`27620` → « 27 620 », `-0.1` → « −0,1 »; « n. d. » when there is no value; `signe` writes the plus."""
    if valeur is None or math.isnan(valeur):
        return ABSENT
    arrondi = arrondir(valeur, decimales)
    motif = "#,##0" + ("." + "0" * decimales if decimales else "")
    texte = format_decimal(abs(arrondi), format=motif, locale="fr_FR")
    if arrondi < 0:
        return MOINS + texte
    return "+" + texte if signe and arrondi > 0 else texte


def avec_unite(valeur: float | None, unite: str, decimales: int = 0, *, signe: bool = False) -> str:
    """A number and its unit, kept on one line: « 15,7 % », « +0,34 % par an », « 12 500 F CFP »."""
    texte = nombre(valeur, decimales, signe=signe)
    if texte == ABSENT or not unite:
        return texte
    return texte + INSECABLE + accorder(unite, arrondir(valeur, decimales))


def arrondir(valeur: float, decimales: int) -> Decimal:
    """Half away from zero on the decimal writing of the number, as a reader with a calculator does."""
    return Decimal(repr(float(valeur))).quantize(Decimal(1).scaleb(-decimales), ROUND_HALF_UP)


def accorder(unite: str, valeur: float | Decimal) -> str:
    """French plural begins at two: « 1,9 personne », « 2 personnes » (unit given in the plural)."""
    invariable = not unite[0].islower() or unite.startswith(("pour ", "hab./"))
    if invariable or abs(valeur) >= 2:
        return unite
    return " ".join(mot if mot in _INVARIABLES else mot.removesuffix("s") for mot in unite.split(" "))


def deux_bornes(basse: str, haute: str) -> str:
    """« 15,3 à 16,2 », or « 9,0 aux deux bornes » where both are written the same: no range of nothing."""
    return f"{basse} aux deux bornes" if basse == haute else f"{basse} à {haute}"


def intervalle(basse: float, haute: float, unite: str, decimales: int = 0) -> str:
    """« entre 14,9 % et 16,5 % », « 9,0 jours aux deux bornes »."""
    bas, haut = (avec_unite(borne, unite, decimales) for borne in (basse, haute))
    return deux_bornes(bas, haut) if bas == haut else f"entre {bas} et {haut}"
