"""The tables of `docs/methode.md` that figures make: parameters and trials in, Markdown between marks out.

A block begins by `<!-- généré : <nom> -->` and ends by `<!-- fin -->`; what is between is written by
`python -m pipeline methode`, and nothing else of the page is touched.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from pipeline import avenir, epreuves
from pipeline.edition import RACINE
from pipeline.methods import defavorisation
from pipeline.model import ErreurUtilisateur
from pipeline.report import tables
from pipeline.report.avenir import tableau_epreuve
from pipeline.report.nombres import nombre

PAGE = RACINE / "docs" / "methode.md"
COHORTES = RACINE / "data" / "raw" / "isee" / "isee_population_quartier.csv"

_BLOC = re.compile(r"(<!-- généré : (?P<nom>[a-z-]+) -->\n).*?(<!-- fin -->)", re.DOTALL)

# Module and constant → what it decides, its unit, the factor and the decimals it is written with.
PARAMETRES: Mapping[str, tuple[str, str, float, int]] = {
    "intervalles.SEUIL_EXACT": ("Poisson exact au-dessous de", "événements", 1, 0),
    "intervalles.SEUIL_STANDARDISATION": ("Pas de taux standardisé au-dessous de", "événements", 1, 0),
    "intervalles.SEUIL_COMMUNE_EXHAUSTIVE": ("Recensement exhaustif au-dessous de", "habitants", 1, 0),
    "intervalles.FRACTION_GRANDE_COMMUNE": ("Logements enquêtés au-dessus", "%", 100, 0),
    "intervalles.FRACTION_COMPLEMENTAIRE": ("Ménages exploités en détail au-dessous", "%", 100, 0),
    "tendances.VAGUES": ("Écart minimal entre millésimes du recensement rotatif", "ans", 1, 0),
    "tendances.ARRONDI_ANNEES": ("Arrondi d'une durée à l'année entière, à moins de", "an", 1, 1),
    "tendances.JOURS_PAR_AN": ("Durée d'une année", "jours", 1, 2),
    "tendances.MARGE_STABLE": ("Marge de « stable », en plus ou en moins", "% par an", 100, 0),
    "tendances.POINTS_MINIMUM": ("Points d'une tendance, au moins", "", 1, 0),
    "tendances.ITERATIONS": ("Pas de la régression, au plus", "", 1, 0),
    "remarquable.DOUBLEMENT": ("Écart plein : la valeur est, de la référence,", "fois", 1, 0),
    "remarquable.CERTITUDE_PLEINE": ("Certitude pleine à partir de q =", "", 1, 3),
    "remarquable.PART_PLEINE": ("Poids plein des personnes à partir de", "% des habitants", 100, 0),
    "voisins.BORNE_PETITS": ("Troncature des petites communes, en plus ou en moins", "écarts-types", 1, 0),
    "voisins.PART_CONNUE": ("Poids des variables que deux profils partagent, au moins", "%", 100, 0),
    "defavorisation.PART_MINIMALE": ("Part de variance du premier axe de FDep, au moins", "%", 100, 0),
    "defavorisation.LIEUX_MINIMUM": ("Lieux d'un indice FDep, au moins", "", 1, 0),
    "defavorisation.QUINTILES": ("Classes de population des indices", "", 1, 0),
    "projection.ECART_MAXIMUM": ("Bornes des rapports de cohorte autour de l'ensemble : facteur", "", 1, 1),
    "projection.SEUIL_NOMBRE": ("Pas de nombre projeté seul au-dessous de", "habitants", 1, 0),
    "projection.TERRITOIRES_MINIMUM": ("Fourchette par quantiles : territoires, au moins", "", 1, 0),
    "projection.CONFIANCE_FOURCHETTE": ("Confiance d'une fourchette de projection", "%", 100, 0),
    "projection.FOURCHETTE_MAXIMALE": (
        "Fourchette refusée quand le haut dépasse le bas de plus de",
        "fois",
        1,
        0,
    ),
    "concentration.EFFECTIF_MOYEN": (
        "Dissimilarité : personnes de chaque groupe par lieu, en moyenne",
        "",
        1,
        0,
    ),
    "concentration.PREMIERS_MINIMUM": ("Intervalle de la part des premiers : premiers, au moins", "", 1, 0),
    "concentration.BENEFICIAIRES_MINIMUM": ("Concentration : bénéficiaires, au moins", "", 1, 0),
    "typologie.CLASSES_MAXIMUM": ("Classes d'une typologie, au plus", "", 1, 0),
    "typologie.LIEUX_PAR_CLASSE": ("Lieux par classe, en moyenne, au moins", "", 1, 0),
    "typologie.SILHOUETTE_MINIMALE": ("Silhouette moyenne, au moins", "", 1, 2),
    "typologie.ITERATIONS": ("Pas des k-moyennes, au plus", "", 1, 0),
    "non_recours.SEUIL": ("Ordre de grandeur du non-recours : bas, au moins", "personnes", 1, 0),
}


def valeur(nom: str) -> float:
    """The constant that a parameter names."""
    module, constante = nom.split(".")
    return getattr(importlib.import_module(f"pipeline.methods.{module}"), constante)


def parametres() -> str:
    """One row a parameter: what it decides, its value, where it is."""
    lignes = [
        {
            "Paramètre": libelle,
            "Valeur": " ".join(filter(None, (nombre(facteur * valeur(nom), decimales), unite))),
            "Où": f"`{nom}`",
        }
        for nom, (libelle, unite, facteur, decimales) in PARAMETRES.items()
    ]
    return tables.markdown(pd.DataFrame(lignes))


def poids_edi() -> str:
    """One row a variable of the French EDI: its published weight."""
    lignes = [
        {"Variable": nom.removeprefix("part_").replace("_", " "), "Poids": nombre(poids, 2)}
        for nom, poids in defavorisation.POIDS_EDI.items()
    ]
    return tables.markdown(pd.DataFrame(lignes))


def contre_epreuve() -> str:
    """The trial of every method of projection on the public cohorts of the repository."""
    lues = pd.read_csv(COHORTES, dtype={"territoire": str}).rename(columns={"territoire": "lieu"})
    epreuve = epreuves.eprouver_cohortes(epreuves.lire_cohortes(lues))
    return tables.markdown(tableau_epreuve(avenir.tableau_contre_epreuve(epreuve)))


BLOCS = {"parametres": parametres, "poids-edi": poids_edi, "contre-epreuve": contre_epreuve}


def completer(page: str) -> str:
    """The page with each of its blocks made anew; `ErreurUtilisateur` on a block that is missing or unknown."""
    trouves = [trouve["nom"] for trouve in _BLOC.finditer(page)]
    if sorted(trouves) != sorted(BLOCS):
        raise ErreurUtilisateur(
            f"docs/methode.md : les blocs générés sont {_enumerer(trouves)}, et non {_enumerer(BLOCS)} ; remettre "
            "leurs marques <!-- généré : nom --> et <!-- fin -->."
        )
    return _BLOC.sub(lambda trouve: f"{trouve[1]}{BLOCS[trouve['nom']]()}\n{trouve[3]}", page)


def _enumerer(noms: Iterable[str]) -> str:
    return ", ".join(sorted(noms)) or "aucun"


def ecrire(chemin: Path = PAGE) -> bool:
    """Write the blocks of the page; returns whether anything changed."""
    avant = chemin.read_text(encoding="utf-8")
    apres = completer(avant)
    chemin.write_text(apres, encoding="utf-8")
    return apres != avant
