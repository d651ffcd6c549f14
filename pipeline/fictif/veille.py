"""The watch over those without a roof that is invented: beds, day shelter, counts, ways out.

In: a `Fiction`. Out: frames of true facts, in our columns and codes, with the mistakes that values can hold,
and the rows of each.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.fictif.accueil import Rangs
from pipeline.fictif.tirage import Fiction, au_hasard, choisir, dates, entiers, jours_ouvres, plus_tard

_MENAGES = {"personne_seule": 61, "famille_monoparentale": 18, "couple_avec_enfants": 11,
            "couple_sans_enfant": 7, "autre": 3}  # fmt: skip
_PERSONNES = {"personne_seule": (1, 1), "famille_monoparentale": (2, 4), "couple_avec_enfants": (3, 6),
              "couple_sans_enfant": (2, 2), "autre": (2, 3)}  # fmt: skip
_NON_POURVUES = {"personne_seule": 0.34, "famille_monoparentale": 0.45, "couple_avec_enfants": 0.52,
                 "couple_sans_enfant": 0.41, "autre": 0.47}  # fmt: skip
_MOTIFS = {"absence_de_place": 57, "place_inadaptee": 18, "refus": 9, "sans_suite": 12, "autre": 4}

# Service → places a day, and the fewest persons who come.
_SERVICES = {"repas": (30, 9), "douche": (12, 3), "laverie": (6, 1), "bagagerie": (20, 4)}
_SORTIES = {"droits": 38, "hebergement": 31, "logement": 17, "emploi": 10, "autre": 4}
_NUITS = (("01-23", "habituel"), ("04-17", "autre"), ("07-10", "habituel"), ("10-16", "autre"))


def inventer_hebergement(fiction: Fiction, menages: int) -> tuple[pd.DataFrame, Rangs]:
    """One row a call for a bed: who calls, whether a place is found, for how many nights."""
    tirage, combien = fiction.tirage(50), max(60, menages * 2 // 5)
    types = choisir(tirage, _MENAGES, combien)
    bornes = np.array([_PERSONNES[nom] for nom in types])
    personnes = entiers(tirage, bornes[:, 0], bornes[:, 1], combien)
    refusees = tirage.random(combien) < np.array([_NON_POURVUES[nom] for nom in types])
    appels = pd.DataFrame(
        {
            "numero": [f"H{rang:05d}" for rang in range(1, combien + 1)],
            "date_demande": dates(tirage, fiction, combien).astype("datetime64[us]"),
            "non_pourvues": np.where(refusees, "1", "0"),
            "motif_non_pourvue": pd.Series(choisir(tirage, _MOTIFS, combien)).where(refusees),
            "personnes": personnes,
            "type_menage": types,
            "nuitees": np.where(refusees, 0, personnes * entiers(tirage, 1, 9, combien)),
        }
    )
    return _deregler(fiction, appels)


def _deregler(fiction: Fiction, appels: pd.DataFrame) -> tuple[pd.DataFrame, Rangs]:
    """Calls written down twice, and nights given to calls that had no place."""
    tirage, refusees = fiction.tirage(51), appels["non_pourvues"] == "1"
    rangs = {
        "appel_en_double": au_hasard(
            tirage, np.flatnonzero(~refusees), fiction.combien("appel_en_double", len(appels))
        ),
        "nuits_sans_place": au_hasard(
            tirage, np.flatnonzero(refusees), fiction.combien("nuits_sans_place", len(appels))
        ),
    }
    appels.loc[rangs["nuits_sans_place"], "nuitees"] = 3
    return appels, rangs


def inventer_accueil_jour(fiction: Fiction) -> tuple[pd.DataFrame, Rangs]:
    """One row a service and day: the shelter opens on Mondays, Wednesdays and Fridays."""
    tirage = fiction.tirage(52)
    jours = jours_ouvres(fiction)
    jours = jours[np.isin((jours.astype(int) + 3) % 7, (0, 2, 4))]
    places, moins = (np.tile([bornes[rang] for bornes in _SERVICES.values()], len(jours)) for rang in (0, 1))
    services = pd.DataFrame(
        {
            "date_service": np.repeat(jours, len(_SERVICES)).astype("datetime64[us]"),
            "service_rendu": np.tile(np.array(list(_SERVICES), dtype=object), len(jours)),
            "passages": entiers(tirage, moins, places, len(places)),
            "places": places,
        }
    )
    rangs = {
        nom: au_hasard(tirage, np.arange(len(services)), fiction.combien(nom, len(services)))
        for nom in ("service_en_double", "plus_de_passages")
    }
    services.loc[rangs["plus_de_passages"], "passages"] += services["places"]
    return services, rangs


def inventer_comptages(fiction: Fiction) -> pd.DataFrame:
    """One row a night of count: the whole commune in January and in July, its centre in April and October."""
    tirage = fiction.tirage(53)
    nuits = [
        (np.datetime64(f"{annee}-{nuit}"), perimetre)
        for annee in fiction.annees
        for nuit, perimetre in _NUITS
    ]
    perimetres = np.array([perimetre for _, perimetre in nuits], dtype=object)
    moins = np.where(perimetres == "habituel", 52, 24)
    rencontrees = entiers(tirage, moins, moins + 30, len(nuits))
    familles = rencontrees * entiers(tirage, 6, 11, len(nuits)) // 100
    return pd.DataFrame(
        {
            "date_comptage": np.array([jour for jour, _ in nuits]).astype("datetime64[us]"),
            "perimetre": perimetres,
            "equipes": np.where(perimetres == "habituel", 9, 4),
            "personnes_rencontrees": rencontrees,
            "dont_femmes": rencontrees * entiers(tirage, 15, 30, len(nuits)) // 100,
            "dont_mineurs": familles * entiers(tirage, 1, 2, len(nuits)),
            "dont_isolees": rencontrees - 3 * familles,
            "familles": familles,
        }
    )


def inventer_sorties(fiction: Fiction, rencontres: pd.DataFrame) -> pd.DataFrame:
    """One row a way out of the street, for one meeting in seven, days after it."""
    tirage = fiction.tirage(54)
    rangs = au_hasard(tirage, np.arange(len(rencontres)), len(rencontres) // 7)
    suivies = rencontres.loc[rangs].reset_index(drop=True)
    sorties = pd.DataFrame(
        {
            "alias": suivies["alias"],
            "date_sortie": plus_tard(suivies["date_rencontre"], entiers(tirage, 5, 90, len(rangs)), fiction),
            "sortie": choisir(tirage, _SORTIES, len(rangs)),
        }
    )
    sorties = sorties.dropna(subset="date_sortie").drop_duplicates(["alias", "date_sortie", "sortie"])
    return sorties.sort_values(["date_sortie", "alias", "sortie"], ignore_index=True)
