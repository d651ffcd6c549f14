"""Tables of the report, as Markdown: the commune beside its comparators, and its quartiers.

In: `Faits` and declarations. Out: Markdown pipe tables, first column the row's name; an indicator's name
and each number of it lead to its card. What is missing is a word, never a blank.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from pipeline.model import Indicator, Statut
from pipeline.report import phrases
from pipeline.report.faits import Fait, Faits, Lieu
from pipeline.report.nombres import SANS_OBJET, deux_bornes, nombre

AVANT = "Auparavant"

_MOTS = {
    Statut.SECRET: "[secret]{.statut}",
    Statut.ABSENT: "[n. d.]{.statut}",
    Statut.NON_COMPARABLE: "[ne se compare pas]{.statut}",
}
NOTE_FRAGILE = "\\* chiffre fragile, à manier avec précaution."


def cellule(indicateur: Indicator, fait: Fait | None) -> str:
    """One figure in a table: linked number, « ≤ » for a floor, a star when fragile, a word otherwise."""
    if fait is None or not fait.lisible:
        return _MOTS[fait.statut if fait is not None and fait.statut in _MOTS else Statut.ABSENT]
    texte = phrases.valeur_courte(indicateur, fait)
    etoile = "\\*" if fait.statut is Statut.FRAGILE else ""
    return phrases.lien(indicateur, texte) + etoile


def markdown(
    table: pd.DataFrame, titre: str = "", identifiant: str = "", *, textes: Collection[str] = ()
) -> str:
    """A pipe table, with its caption when it has a title; numbers to the right, columns of `textes` to the left."""
    regles = [":--", *(":--" if nom in textes else "--:" for nom in table.columns[1:])]
    lignes = [list(table.columns), regles, *(_echapper(ligne) for ligne in table.itertuples(index=False))]
    corps = "\n".join(f"| {' | '.join(map(str, ligne))} |" for ligne in lignes)
    return f"{corps}\n\n: {titre} {{#tbl-{identifiant}}}\n" if titre else corps


def sans_entete(lignes: Mapping[str, str]) -> str:
    """A two-column table without header: rubric, text."""
    corps = "\n".join(f"| {nom} | {texte.replace('|', ' ')} |" for nom, texte in lignes.items())
    return f"|   |   |\n|:--|:--|\n{corps}"


def _echapper(ligne: Sequence[object]) -> list[str]:
    return [str(cellule_).replace("|", "\\|") for cellule_ in ligne]


def situation(faits: Faits, indicateurs: Sequence[Indicator]) -> pd.DataFrame:
    """One row an indicator known for the commune: its last value, the comparators', the previous one."""
    lignes = []
    for indicateur in indicateurs:
        fait = faits.dernier(indicateur.id, faits.etude.code)
        if fait is None:
            continue
        avant = phrases.precedent(faits, indicateur, fait)
        lignes.append(
            {
                "Indicateur": phrases.nom(indicateur),
                "Année": periode(fait),
                faits.etude.nom: f"**{cellule(indicateur, fait)}**",
                **{lieu.nom: _meme_date(faits, indicateur, lieu, fait) for lieu in faits.comparateurs},
                AVANT: f"{cellule(indicateur, avant)} ({periode(avant)})" if avant else SANS_OBJET,
            }
        )
    return _sans_colonne_vide(faits, pd.DataFrame(lignes))


def qui(faits: Faits, situation: pd.DataFrame) -> str:
    """Whom the table is about: « Le Mont-Dore et ses comparateurs », or the commune where none is known."""
    compare = any(lieu.nom in situation for lieu in faits.comparateurs)
    return f"{faits.etude.nom} et ses comparateurs" if compare else faits.etude.nom


def _sans_colonne_vide(faits: Faits, table: pd.DataFrame) -> pd.DataFrame:
    """The table without the comparators for which nothing is known, nor the past where nothing is."""
    noms = (*(lieu.nom for lieu in faits.comparateurs), AVANT)
    return table.drop(columns=[nom for nom in noms if nom in table and _vide(table[nom])])


def ailleurs(faits: Faits, indicateurs: Sequence[Indicator]) -> pd.DataFrame:
    """One row an indicator that is not known for the commune, but is for territories that hold it."""
    lignes = []
    for indicateur in indicateurs:
        derniers = [(lieu, faits.dernier(indicateur.id, lieu.code)) for lieu in faits.englobants]
        connus = [fait for _, fait in derniers if fait is not None]
        if faits.dernier(indicateur.id, faits.etude.code) is not None or not connus:
            continue
        lignes.append(
            {"Indicateur": phrases.nom(indicateur), "Année": periode(connus[0])}
            | {lieu.nom: cellule(indicateur, fait) for lieu, fait in derniers}
        )
    return _sans_colonne_vide(faits, pd.DataFrame(lignes))


def _vide(colonne: pd.Series) -> bool:
    return bool(colonne.isin([_MOTS[Statut.ABSENT], SANS_OBJET]).all())


def par_quartier(faits: Faits, indicateurs: Sequence[Indicator]) -> pd.DataFrame:
    """One row a quartier, one column an indicator known there, and the commune, where known, as the last row."""
    connus = [i for i in indicateurs if any(faits.dernier(i.id, lieu.code) for lieu in faits.quartiers)]
    lignes = []
    for lieu in (*faits.quartiers, faits.etude) if connus else ():
        valeurs = {}
        for indicateur in connus:
            millesime = _millesime_quartiers(faits, indicateur)
            fait = faits.a(indicateur.id, lieu.code, millesime)
            valeurs[f"{phrases.nom(indicateur)}, {periode(fait)}"] = cellule(indicateur, fait)
        if lieu is not faits.etude:
            lignes.append({"Quartier": lieu.nom} | valeurs)
        elif not _vide(pd.Series(valeurs)):
            lignes.append({"Quartier": f"**{lieu.nom}**"} | valeurs)
    return pd.DataFrame(lignes)


def contre_commune(faits: Faits, indicateurs: Sequence[Indicator], lieu: Lieu) -> pd.DataFrame:
    """One row an indicator: the quartier's last figure, its commune's, the quartier's own before."""
    lignes = []
    for indicateur in indicateurs:
        millesime = _millesime_quartiers(faits, indicateur)
        fait = faits.a(indicateur.id, lieu.code, millesime)
        avant = phrases.precedent(faits, indicateur, fait) if fait is not None else None
        dit = fait or faits.a(indicateur.id, faits.etude.code, millesime)
        lignes.append(
            {
                "Indicateur": phrases.libelle(indicateur),
                "Année": periode(dit) if dit is not None else str(millesime),
                lieu.nom: f"**{cellule(indicateur, fait)}**",
                faits.etude.nom: cellule(indicateur, faits.a(indicateur.id, faits.etude.code, millesime)),
                AVANT: f"{cellule(indicateur, avant)} ({periode(avant)})" if avant else SANS_OBJET,
            }
        )
    return _sans_colonne_vide(faits, pd.DataFrame(lignes))


def _millesime_quartiers(faits: Faits, indicateur: Indicator) -> int:
    derniers = (faits.dernier(indicateur.id, lieu.code) for lieu in faits.quartiers)
    return max(fait.millesime for fait in derniers if fait is not None)


def _meme_date(faits: Faits, indicateur: Indicator, lieu: Lieu, fait: Fait) -> str:
    """A comparator's figure of the same year; a dash for what only the CCAS knows, which nobody else could have."""
    if faits.est_activite(indicateur):
        return SANS_OBJET
    return cellule(indicateur, faits.a(indicateur.id, lieu.code, fait.millesime))


def periode(fait: Fait) -> str:
    """« 2019 », or « 2014-2019 » for a change."""
    return f"{fait.depuis}-{fait.millesime}" if fait.depuis else str(fait.millesime)


def valeurs(faits: Faits, indicateur: Indicator) -> str:
    """The latest published values on one line: « Le Mont-Dore, 2019 : 15,7 % (15,3 à 16,2) ».

    What is known of the quartiers alone is told by its extremes.
    """
    derniers = {
        lieu: _derniers(faits, indicateur, lieu)
        for lieu in (faits.etude.code, *faits.edition.edition.comparateurs)
    }
    dites = [
        f"{faits.lieux[lieu].nom}, {periode(lus[0])} : {_enumerer(faits, indicateur, lus)}"
        for lieu, lus in derniers.items()
        if lus
    ]
    ailleurs = phrases.quartiers(faits, indicateur, detail=False)
    return " ; ".join(dites) or ailleurs or "aucune valeur publiée pour la commune et ses comparateurs"


def _enumerer(faits: Faits, indicateur: Indicator, lus: Sequence[Fait]) -> str:
    """« 15,7 % (15,3 à 16,2) », or each group's: « Alimentation : 66,4 % (62,8 à 69,8) ; Logement : 7,8 % »."""
    groupes = [
        f"{faits.libelle_groupe(indicateur, fait.groupe)} :\u00a0" if indicateur.by else "" for fait in lus
    ]
    chiffres = [avec_bornes(_valeur(indicateur, fait), indicateur, fait) for fait in lus]
    return " ; ".join(groupe + texte for groupe, texte in zip(groupes, chiffres, strict=True))


def _derniers(faits: Faits, indicateur: Indicator, lieu: str) -> list[Fait]:
    """Rows of the latest vintage with a value, one a group."""
    tous = [f for f in faits.faits.get((indicateur.id, lieu), ()) if f.lisible or f.statut is Statut.SECRET]
    dernier = max((fait.millesime for fait in tous), default=0)
    return [fait for fait in tous if fait.millesime == dernier]


def _valeur(indicateur: Indicator, fait: Fait) -> str:
    if not fait.lisible:
        return _MOTS[fait.statut]
    return phrases.valeur_courte(indicateur, fait) + ("\\*" if fait.statut is Statut.FRAGILE else "")


def bornes(indicateur: Indicator, fait: Fait) -> str:
    """« 15,3 à 16,2 »; nothing where the figure has no interval."""
    if fait.basse is None or math.isnan(fait.basse):
        return ""
    decimales = indicateur.measure.decimals
    return deux_bornes(nombre(fait.basse, decimales), nombre(fait.haute, decimales))


def avec_bornes(dit: str, indicateur: Indicator, fait: Fait, quoi: str = "") -> str:
    """« 15,7 % (15,3 à 16,2) », with what stands between the brackets said first where nothing else says it."""
    entre = bornes(indicateur, fait)
    return f"{dit} ({quoi}{entre})" if entre else dit
