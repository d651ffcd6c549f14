"""What became of last year's figures: `publication.changements` in, the section of the report out.

One table a cause, for the commune as a whole; what concerns its quartiers, its comparators or groups is counted
and left to `changements.csv`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.changements import Cause, entre, lire_changements, sans_precedente
from pipeline.indicators import chapitres_de
from pipeline.model import Indicator
from pipeline.report import francais, phrases, tables
from pipeline.report.faits import Faits
from pipeline.report.nombres import arrondir, avec_unite, nombre

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Edition

_ENTETES = {
    Cause.MILLESIME: ("Avant", "Dernier millésime"),
    Cause.VALEUR: ("Publiée alors", "Révisée"),
    Cause.DEFINITION: ("Publiée alors", "Nouvelle définition"),
    Cause.PERIMETRE: ("Ancien périmètre", "Nouveau périmètre"),
}
_LEGENDES = {
    Cause.MILLESIME: "valeurs plus récentes",
    Cause.VALEUR: "valeurs révisées",
    Cause.DEFINITION: "valeurs redéfinies",
    Cause.PERIMETRE: "valeurs d’un autre périmètre",
}
TITRES = {
    Cause.MILLESIME: ("Des données plus récentes", "aucun indicateur n’a de millésime plus récent"),
    Cause.VALEUR: ("Des données révisées", "aucun chiffre déjà publié n’a été révisé"),
    Cause.DEFINITION: ("Des définitions revues", "aucune définition n’a été revue"),
    Cause.PERIMETRE: ("Des périmètres changés", "aucun territoire n’a changé de périmètre"),
}


@dataclass(frozen=True)
class PartieEcrite:
    """What changed by one cause: an anchor, a title, and a table or a sentence."""

    id: str
    titre: str
    texte: str


@dataclass(frozen=True)
class ChangementsEcrits:
    """The section, ready for the template; without parts where the edition before is not at hand."""

    annee: str
    phrases: tuple[str, ...]
    parties: tuple[PartieEcrite, ...]


def ecrire_changements(con: duckdb.DuckDBPyConnection, faits: Faits) -> ChangementsEcrits | None:
    """The section of an edition that names the one before it, or None."""
    avant = faits.edition.edition.precedente
    if not avant:
        return None
    annee, changements = avant.rpartition("/")[2], lire_changements(con)
    if changements is None:
        return ChangementsEcrits(annee, (sans_precedente(avant),), ())
    declares = {indicateur.id: indicateur for indicateur in faits.indicateurs()}
    connus = changements[changements["indicateur"].isin(list(declares))]
    ici = _visibles(connus, faits.etude.code, declares)
    parties = {cause: ici[ici["cause"] == cause] for cause in TITRES}
    vides = [rien for cause, (_, rien) in TITRES.items() if parties[cause].empty]
    return ChangementsEcrits(
        annee,
        tuple(_resume(len(connus) - len(ici), vides)),
        tuple(
            PartieEcrite(
                cause.value,
                TITRES[cause][0],
                _tableau(cause, lignes, declares, f"{faits.etude.nom}, depuis l’édition {annee}"),
            )
            for cause, lignes in parties.items()
            if len(lignes)
        ),
    )


def _visibles(changements: pd.DataFrame, etude: str, declares: Mapping[str, Indicator]) -> pd.DataFrame:
    """The commune's own series in the report's order, without a revision too small to be read."""
    ici = changements[(changements["territoire"] == etude) & (changements["groupe"] == "")]
    lues = [
        ligne.cause != Cause.VALEUR
        or _nue(declares[ligne.indicateur], ligne.avant) != _nue(declares[ligne.indicateur], ligne.apres)
        for ligne in ici.itertuples()
    ]
    rangs = {nom: rang for rang, nom in enumerate(declares)}
    return ici[pd.Series(lues, index=ici.index, dtype=bool)].sort_values(
        "indicateur", key=lambda noms: noms.map(rangs), kind="stable"
    )


def _resume(ailleurs: int, vides: Sequence[str]) -> list[str]:
    """What did not happen, and how much is told elsewhere."""
    dites = [f"{francais.majuscule(francais.enumerer(vides))}."] if vides else []
    if ailleurs:
        dites.append(f"{_autres(ailleurs)} dans le fichier `changements.csv`.")
    return dites


def _autres(combien: int) -> str:
    """« 134 autres changements (quartiers, …) sont »."""
    detail = "quartiers, comparateurs, groupes, révisions moindres que l’arrondi"
    if combien == 1:
        return f"1 autre changement ({detail}) est"
    return f"{nombre(combien)} autres changements ({detail}) sont"


def _tableau(cause: Cause, lignes: pd.DataFrame, declares: Mapping[str, Indicator], ou: str) -> str:
    """One row a series: the value published then, the value now, the gap where one cause explains it."""
    alors, desormais = _ENTETES[cause]
    colonnes = [
        {
            "Indicateur": phrases.nom(declares[ligne.indicateur]),
            alors: _valeur(declares[ligne.indicateur], ligne.avant, ligne.millesime_avant),
            desormais: _valeur(declares[ligne.indicateur], ligne.apres, ligne.millesime_apres),
            "Écart": _ecart(declares[ligne.indicateur], ligne),
        }
        | ({"Remarque": francais.majuscule(ligne.note)} if lignes["note"].any() else {})
        for ligne in lignes.itertuples()
    ]
    return tables.markdown(pd.DataFrame(colonnes), f"{ou} : {_LEGENDES[cause]}", f"changements-{cause.value}")


def _valeur(indicateur: Indicator, valeur: float, millesime: int) -> str:
    if pd.isna(valeur):
        return "[ne se compare pas]{.statut}"
    return f"{phrases.lien(indicateur, _nue(indicateur, valeur))} ({millesime})"


def _nue(indicateur: Indicator, valeur: float) -> str:
    """A figure where its unit is already said."""
    unite = indicateur.measure.unit.split(" ")[0] if indicateur.measure.unit[:1] in "%‰" else ""
    return avec_unite(valeur, unite, indicateur.measure.decimals)


def _ecart(indicateur: Indicator, ligne: Any) -> str:
    """The gap of the two figures as they are written: « 31,9 % → 30,2 % : −1,7 point »."""
    if pd.isna(ligne.ecart):
        return "–"
    decimales = indicateur.measure.decimals
    ecart = arrondir(ligne.apres, decimales) - arrondir(ligne.avant, decimales)
    return avec_unite(ecart, "points" if indicateur.measure.unit[:1] == "%" else "", decimales, signe=True)


def revisions(con: duckdb.DuckDBPyConnection, faits: Faits) -> dict[str, str]:
    """Indicator → what its card says of a definition that is no longer last year's."""
    changements = lire_changements(con)
    if changements is None:
        return {}
    annee = faits.edition.edition.precedente.rpartition("/")[2]
    revues = changements[
        (changements["cause"] == Cause.DEFINITION)
        & (changements["territoire"] == faits.etude.code)
        & (changements["groupe"] == "")
    ]
    declares = {indicateur.id: indicateur for indicateur in faits.indicateurs()}
    dites = dict.fromkeys(
        changements.loc[changements["cause"] == Cause.DEFINITION, "indicateur"],
        f"Définition revue depuis l’édition {annee} : la série est celle de la nouvelle définition.",
    )
    for ligne in revues.itertuples():
        if ligne.indicateur in declares:
            valeurs = (
                _valeur(declares[ligne.indicateur], valeur, ligne.millesime_avant)
                for valeur in (ligne.avant, ligne.apres)
            )
            publiee, recalculee = valeurs
            dites[ligne.indicateur] += f" Valeur publiée alors : {publiee} ; avec la nouvelle : {recalculee}."
    return dites


def entre_editions(avant: Edition, apres: Edition) -> tuple[list[str], pd.DataFrame]:
    """Two editions compared: lines for the terminal (the commune's own series, a cause after the other), all rows.

    `ErreurUtilisateur` when one of the two is neither built nor archived.
    """
    chapitres = chapitres_de(apres.profil)
    table = entre(avant, apres, chapitres)
    declares = {i.id: i for chapitre in chapitres for i in chapitre.indicators}
    ici = _visibles(table, apres.territoire.code, declares)
    lignes = [f"{apres.territoire.nom}, de l'édition {avant.nom} à l'édition {apres.nom}"]
    for cause, (titre, rien) in TITRES.items():
        lot = ici[ici["cause"] == cause]
        lignes.append(f"{titre} ({len(lot)})" if len(lot) else f"{francais.majuscule(rien)}.")
        lignes += [f"  {_ligne(declares[ligne.indicateur], ligne)}" for ligne in lot.itertuples()]
    if autres := len(table) - len(ici):
        lignes.append(f"{_autres(autres)} dans le fichier.")
    return lignes, table


def _ligne(indicateur: Indicator, ligne: Any) -> str:
    """« Nombre de demandes : 754 (2024) → 835 (2025), +81 »."""
    avant, apres = (
        "ne se compare pas" if pd.isna(valeur) else f"{_nue(indicateur, valeur)} ({millesime})"
        for valeur, millesime in ((ligne.avant, ligne.millesime_avant), (ligne.apres, ligne.millesime_apres))
    )
    suite = f", {_ecart(indicateur, ligne)}" if not pd.isna(ligne.ecart) else ""
    return f"{indicateur.label} : {avant} → {apres}{suite}" + (f" ({ligne.note})" if ligne.note else "")
