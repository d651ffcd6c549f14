"""The yearly account of domiciliation, as the State asks for it (CASF, art. D.264-8).

In: `socle.domiciliation*`, unprotected, and what the edition says of means, hours and addressee. Out:
`domiciliation-<exercice>.docx`, `.pdf` and `.csv`, ready to send. It goes to the administration with its
small counts: it is no publication, says so on every page, and is never written among what is published.
"""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from babel.dates import format_date

from pipeline.exports import ecrire_csv
from pipeline.model import ErreurUtilisateur
from pipeline.report import francais, tables
from pipeline.report.document import gabarit
from pipeline.report.nombres import arrondir, avec_unite, nombre
from pipeline.report.render import Document, rendre
from pipeline.sources.ccas import LIBELLES

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Edition

SOURCE = "ccas_domiciliations"
TITRE = "Bilan de l’activité de domiciliation"
NON_PRECISE = "Motif non précisé"

_AU_31 = "Au 31 décembre"


@dataclass(frozen=True)
class Compte:
    """One count: what it says, and the sum of columns of `socle.domiciliation` that it is."""

    intitule: str
    formule: str
    decimales: int = 0


@dataclass(frozen=True)
class Ligne:
    """One row of a table: what it says, and its value in each year shown (NaN where unknown)."""

    intitule: str
    valeurs: Mapping[int, float]
    decimales: int = 0


@dataclass(frozen=True)
class Tableau:
    """One table: the point of the article that it answers, its title, what heads its rows, its rows."""

    id: str
    point: str
    titre: str
    entete: str
    lignes: tuple[Ligne, ...]


@dataclass(frozen=True)
class Bilan:
    """The account of one year: its counts, with those of the year before where it is known, and its tables."""

    exercice: int
    comptes: pd.DataFrame
    tableaux: tuple[Tableau, ...]


_ETAT = (
    Compte("Élections en cours de validité", "en_cours"),
    Compte("Personnes domiciliées", "personnes"),
    Compte("dont titulaires d’une élection", "en_cours"),
    Compte("dont ayants droit", "ayants_droit"),
    Compte("Ayants droit dont l’âge est connu", "ayants_droit_connus"),
    Compte("dont mineurs", "ayants_droit_mineurs"),
)
_TITULAIRES = (
    Compte("Personnes isolées", "isoles"),
    Compte("Couples", "couples"),
    Compte("Familles", "familles"),
    Compte("Situation non renseignée", "en_cours - situations_connues"),
    Compte("Femmes", "femmes"),
    Compte("Hommes", "sexes_connus - femmes"),
    Compte("Sexe non renseigné", "en_cours - sexes_connus"),
    Compte("Moins de 25 ans", "moins_25"),
    Compte("25 ans et plus", "ages_connus - moins_25"),
    Compte("Âge non renseigné", "en_cours - ages_connus"),
)
_DELIVREES = (
    Compte("Demandes déposées", "demandes"),
    Compte("Demandes refusées", "refus"),
    Compte("Élections délivrées", "delivrees"),
    Compte("dont premières élections", "premieres"),
    Compte("dont renouvellements", "renouvellements"),
    Compte("dont transferts", "transferts"),
    Compte("Délivrées pour 100 en cours au 31 décembre", "100 * delivrees / en_cours", 1),
    Compte("Délai moyen d’une première élection, en jours", "jours_attente / delais_connus", 1),
    Compte("Premières élections délivrées après plus de deux mois", "delais_plus_2_mois"),
)
_MOUVEMENTS = (
    Compte("Élections délivrées", "delivrees"),
    Compte("Élections radiées", "-radiations"),
    Compte("Élections expirées sans être renouvelées", "-expirations"),
    Compte("Élections remplacées par une nouvelle de la même personne", "-remplacements"),
)
_CLES = (
    Compte("élections en cours de validité au 31 décembre", "en_cours"),
    Compte("personnes domiciliées au 31 décembre", "personnes"),
    Compte("élections délivrées dans l’année", "delivrees"),
    Compte("élections radiées dans l’année", "radiations"),
)


def ecrire(con: duckdb.DuckDBPyConnection, edition: Edition, exercice: int, dossier: Path) -> dict[str, Path]:
    """Write the account of one civil year into `dossier`; returns the paths by format.

    Raises `ErreurUtilisateur` when the deposit does not cover that year.
    """
    bilan = composer(con, lire(con, edition, exercice), exercice)
    nom = f"domiciliation-{exercice}"
    dossier.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as figures:
        document = mettre_en_page(con, edition, bilan, Path(figures))
        chemins = rendre(document, dossier, ("docx", "pdf"), nom)
    chemins["csv"] = dossier / f"{nom}.csv"
    ecrire_csv(a_plat(bilan.tableaux), chemins["csv"])
    return chemins


def exercices(con: duckdb.DuckDBPyConnection, edition: Edition) -> list[int]:
    """The years that can be accounted for, oldest first: those with rows that the depositor vouches for."""
    lus = con.execute("select millesime from socle.domiciliation order by millesime").fetchall()
    declares = {annee for fichier in edition.fichiers_de(SOURCE) for annee in fichier.exercices}
    return [annee for (annee,) in lus if annee in declares or not declares]


def lire(con: duckdb.DuckDBPyConnection, edition: Edition, exercice: int) -> pd.DataFrame:
    """The commune's counts of the year and of the one before where it is known, by year."""
    connus = exercices(con, edition)
    if not connus:
        raise ErreurUtilisateur(
            f"Aucune élection de domicile n'a été déposée : déclarer un fichier de source « {SOURCE} » "
            "dans edition.toml."
        )
    if exercice not in connus:
        raise ErreurUtilisateur(
            f"L'exercice {exercice} n'est pas dans les élections de domicile déposées : choisir "
            f"{francais.enumerer([str(annee) for annee in connus], 'ou')}, ou compléter le dépôt."
        )
    comptes = con.execute("select * exclude (territoire) from socle.domiciliation").df().astype(float)
    comptes.index = comptes["millesime"].astype(int)
    return comptes.loc[[annee for annee in (exercice - 1, exercice) if annee in connus]]


def composer(con: duckdb.DuckDBPyConnection, comptes: pd.DataFrame, exercice: int) -> Bilan:
    """Every table of the account, in its order; that of movements needs the year before."""
    tableaux = [
        Tableau("etat", "1°", "Élections et personnes domiciliées", _AU_31, _lignes(comptes, _ETAT)),
        Tableau(
            "titulaires", "1°", "Titulaires des élections en cours", _AU_31, _lignes(comptes, _TITULAIRES)
        ),
        Tableau("delivrees", "2°", "Demandes et élections délivrées", "Année", _lignes(comptes, _DELIVREES)),
        _motifs(con, comptes, "refus", "motif_refus", "Refus selon leur motif"),
        _motifs(con, comptes, "radiations", "motif_radiation", "Radiations selon leur motif"),
    ]
    if exercice - 1 in comptes.index:
        tableaux.append(_mouvements(comptes, exercice))
    return Bilan(exercice, comptes, tuple(tableaux))


def _lignes(comptes: pd.DataFrame, declares: Sequence[Compte]) -> tuple[Ligne, ...]:
    return tuple(Ligne(c.intitule, _evaluer(comptes, c.formule), c.decimales) for c in declares)


def _evaluer(comptes: pd.DataFrame, formule: str) -> dict[int, float]:
    """Year → value of a sum or ratio of columns; nothing over nothing is unknown."""
    valeurs = comptes.eval(formule).replace([np.inf, -np.inf], np.nan)
    return {int(annee): float(valeur) for annee, valeur in valeurs.items()}


def _motifs(
    con: duckdb.DuckDBPyConnection, comptes: pd.DataFrame, nom: str, colonne: str, titre: str
) -> Tableau:
    """Refusals or strikings-off by purpose, the most frequent of the last year first, then their total."""
    annees = [int(annee) for annee in comptes.index]
    table = con.execute(f"select * from socle.domiciliation_{nom}").df()
    par_motif = table.pivot_table(nom, colonne, "millesime", "sum").reindex(columns=annees).fillna(0)
    rangs = {motif: rang for rang, motif in enumerate(LIBELLES[colonne])}
    ordre = sorted(
        par_motif.index, key=lambda motif: (-par_motif.at[motif, annees[-1]], rangs.get(motif, len(rangs)))
    )
    lignes = [
        Ligne(LIBELLES[colonne].get(motif, NON_PRECISE), par_motif.loc[motif].to_dict())
        for motif in ordre
        if par_motif.loc[motif].any()
    ]
    ensemble = Ligne("Ensemble", _evaluer(comptes, nom))
    return Tableau(nom, "2°", titre, "Motif", (*lignes, ensemble))


def _mouvements(comptes: pd.DataFrame, exercice: int) -> Tableau:
    """From one 31 December to the next: what came in, what went out, and why."""
    lignes = (
        Ligne(f"En cours au 31 décembre {exercice - 1}", {exercice: comptes.at[exercice - 1, "en_cours"]}),
        *_lignes(comptes.loc[[exercice]], _MOUVEMENTS),
        Ligne(f"En cours au 31 décembre {exercice}", {exercice: comptes.at[exercice, "en_cours"]}),
    )
    return Tableau("mouvements", "2°", "D’un 31 décembre à l’autre", "Élections", lignes)


def a_plat(tableaux: Sequence[Tableau]) -> pd.DataFrame:
    """One row a count and a year: point, tableau, intitule, exercice, valeur."""
    return pd.DataFrame(
        [
            (tableau.point, tableau.titre, ligne.intitule, annee, _brut(valeur, ligne.decimales))
            for tableau in tableaux
            for ligne in tableau.lignes
            for annee, valeur in ligne.valeurs.items()
        ],
        columns=["point", "tableau", "intitule", "exercice", "valeur"],
    )


def _brut(valeur: float, decimales: int) -> str:
    """A number that a French spreadsheet reads: « 1234,5 »; empty where unknown."""
    return "" if np.isnan(valeur) else str(arrondir(valeur, decimales)).replace(".", ",")


def mettre_en_page(con: duckdb.DuckDBPyConnection, edition: Edition, bilan: Bilan, figures: Path) -> Document:
    """The document to be rendered; its only dates are the edition's."""
    article, nom = con.execute("select article, nom from socle.territoires where role = 'etude'").fetchone()
    fictif = con.execute(
        "select coalesce(bool_or(fictif), false) from qualite.fichiers where source = ?", [SOURCE]
    ).fetchone()[0]
    date = edition.domiciliation.date
    contexte = {
        "exercice": bilan.exercice,
        "fictif": fictif,
        "premier_exercice": len(bilan.comptes) == 1,
        "transmission": tables.sans_entete(dict(_transmission(edition, bilan.exercice))),
        "cles": [_carte(compte, bilan) for compte in _CLES],
        "tableaux": {"mouvements": ""} | {t.id: _markdown(t) for t in bilan.tableaux},
        "lignes_lues": _lignes_lues(con),
        "fait": f"Fait {francais.dans(article, nom)}, le {_en_lettres(date) if date else '……………………'}.",
        **_textes(edition),
    }
    return Document(
        titre=TITRE,
        sous_titre=f"{francais.nom_complet(article, nom)}, exercice {bilan.exercice}",
        auteur=edition.edition.redaction,
        date=_en_lettres(date) if date else f"Édition {edition.annee}",
        mots_cles=("domiciliation", "CCAS", nom),
        bandeau="Non diffusable" + (" – données fictives" if fictif else ""),
        markdown=gabarit("domiciliation.md.j2").render(contexte),
        figures=figures,
    )


def _transmission(edition: Edition, exercice: int) -> Iterator[tuple[str, str]]:
    yield "Destinataire", edition.domiciliation.destinataire or edition.profil.domiciliation.destinataire
    yield "Expéditeur", edition.edition.redaction
    yield "Objet", f"{TITRE}, exercice {exercice}"
    yield "Référence", edition.profil.domiciliation.reference


def _textes(edition: Edition) -> dict[str, Any]:
    """What people wrote in the edition, and what the profile says of the law."""
    ecrits, profil = edition.domiciliation, edition.profil.domiciliation
    return {
        "cadre": profil,
        "moyens": ecrits.moyens.strip(),
        "horaires": ecrits.horaires.strip(),
        "agrement": ecrits.agrement.strip() or profil.agrement,
        "signataire": ecrits.signataire or edition.edition.redaction,
    }


def _carte(compte: Compte, bilan: Bilan) -> dict[str, str]:
    valeurs, precedent = _evaluer(bilan.comptes, compte.formule), bilan.exercice - 1
    avant = f"{nombre(valeurs[precedent])} en {precedent}" if precedent in valeurs else "–"
    return {"valeur": nombre(valeurs[bilan.exercice]), "libelle": compte.intitule, "avant": avant}


def _markdown(tableau: Tableau) -> str:
    annees = list(tableau.lignes[0].valeurs)
    corps = pd.DataFrame(
        [
            {tableau.entete: ligne.intitule}
            | {str(a): nombre(ligne.valeurs[a], ligne.decimales) for a in annees}
            for ligne in tableau.lignes
        ]
    )
    return tables.markdown(corps, tableau.titre, tableau.id)


def _lignes_lues(con: duckdb.DuckDBPyConnection) -> str:
    """« 248 lignes lues, dont 2 rejetées », over the files of the deposit."""
    lues, rejetees = con.execute(
        "select sum(lignes_lues), sum(lignes_rejetees) from qualite.fichiers where source = ?", [SOURCE]
    ).fetchone()
    return f"{avec_unite(lues, 'lignes lues')}, dont {avec_unite(rejetees, 'rejetées')}"


def _en_lettres(date: datetime.date) -> str:
    """« 20 janvier 2026 », « 1er février 2026 »."""
    texte = format_date(date, "d MMMM y", locale="fr_FR")
    return texte.replace("1 ", "1er ", 1) if date.day == 1 else texte
