"""The follow-up that is invented: casework, legal rights, food, services, sittings, budget, questionnaire.

In: a `Fiction`, its households and adults, and its requests for aid. Out: frames of true facts, in our
columns and codes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.fictif.accueil import Rangs
from pipeline.fictif.aides import Aides, quartier_le
from pipeline.fictif.population import inventer_inconnus
from pipeline.fictif.tirage import (
    MENAGES_SUIVIS,
    Fiction,
    au_hasard,
    choisir,
    dates,
    entiers,
    plus_tard,
)
from pipeline.sources.ccas import THEMES

_MESURES = {"logement": 27, "budget": 24, "insertion": 21, "global": 23, "autre": 5}
_SORTIES = {"objectif_atteint": 43, "relais": 19, "abandon": 18, "demenagement": 14, "autre": 6}
_ISSUES = {"accord": 61, "refus": 16, "en_cours": 15, "sans_suite": 8}
_REMISES = {"colis": 58, "bon": 22, "epicerie": 15, "repas": 5}
_SERVICES = {"portage": 47, "teleassistance": 31, "transport": 12, "aide_domicile": 10}
_REGISTRE = {"age": 63, "isolement": 23, "handicap": 14}
_POSTES = {"personnel": 21.0, "fonctionnement": 4.5, "services": 9.0, "subventions": 3.5, "autre": 1.2}
_IDENTITE = ["nom", "prenom", "naissance"]


def inventer_accompagnements(fiction: Fiction, aides: Aides) -> pd.DataFrame:
    """One row a casework measure: three households in ten have one."""
    tirage = fiction.tirage(30)
    demandes = aides.demandes.drop_duplicates("menage").head(MENAGES_SUIVIS)
    suivies = demandes.iloc[au_hasard(tirage, np.arange(len(demandes)), len(demandes) * 3 // 10)]
    combien = len(suivies)
    debuts = plus_tard(suivies["date_demande"], entiers(tirage, 5, 60, combien), fiction)
    fins = plus_tard(debuts, entiers(tirage, 60, 500, combien), fiction)
    motifs = pd.Series(choisir(tirage, _SORTIES, combien), index=suivies.index).where(fins.notna())
    mesures = suivies[["menage", "foyer", *_IDENTITE]].assign(
        numero=[f"AC{rang:05d}" for rang in range(1, combien + 1)],
        type_accompagnement=choisir(tirage, _MESURES, combien),
        date_debut=debuts,
        date_fin=fins,
        motif_sortie=motifs,
    )
    return _situer(mesures.dropna(subset="date_debut"), "date_debut", aides, suivies)


def _situer(table: pd.DataFrame, jour: str, aides: Aides, demandes: pd.DataFrame) -> pd.DataFrame:
    """Rows of households where these live on the day; `demandes` says where they were at first."""
    d_abord = demandes.drop_duplicates("menage").set_index("menage")["quartier"]
    table = table.reset_index(drop=True)
    table = table.assign(quartier=table["menage"].map(d_abord))
    return table.assign(quartier=quartier_le(table, jour, aides.demenagements))


def inventer_instructions(fiction: Fiction, personnes: pd.DataFrame, menages: pd.DataFrame) -> pd.DataFrame:
    """One row a file of legal aid that the CCAS prepares and sends."""
    tirage = fiction.tirage(31)
    suivis = min(len(menages), MENAGES_SUIVIS)
    combien = suivis // 2
    qui = entiers(tirage, 0, suivis - 1, combien)
    depots = pd.Series(dates(tirage, fiction, combien).astype("datetime64[us]"))
    transmissions = plus_tard(depots, entiers(tirage, 0, 25, combien), fiction)
    reponses = plus_tard(transmissions, entiers(tirage, 10, 150, combien), fiction)
    issues = pd.Series(choisir(tirage, _ISSUES, combien))
    reponses = reponses.where(issues.isin(["accord", "refus"]))
    return pd.DataFrame(
        {
            "numero": [f"AL{rang:05d}" for rang in range(1, combien + 1)],
            **{nom: personnes[nom].to_numpy()[qui] for nom in _IDENTITE},
            "dispositif": choisir(tirage, dict.fromkeys(fiction.dispositifs.values(), 1), combien),
            "date_depot": depots,
            "date_transmission": transmissions,
            "date_reponse": reponses,
            "issue": issues.where(reponses.notna() | (issues == "sans_suite"), "en_cours"),
            "quartier": menages["quartier"].to_numpy()[qui],
        }
    )


def inventer_aide_alimentaire(fiction: Fiction, aides: Aides) -> tuple[pd.DataFrame, Rangs]:
    """One row a delivery of food, to households that asked for it; a few are written twice."""
    tirage = fiction.tirage(32)
    demandes = aides.demandes[aides.demandes["menage"] < MENAGES_SUIVIS]
    demandes = demandes[demandes["motif"] == "alimentaire"]
    servies = demandes.loc[np.repeat(demandes.index.to_numpy(), entiers(tirage, 0, 2, len(demandes)))]
    ecart = entiers(tirage, 1, 60, len(servies))
    natures = choisir(tirage, _REMISES, len(servies))
    kilos = np.where(
        np.isin(natures, ("colis", "epicerie")), entiers(tirage, 40, 240, len(servies)) / 10, np.nan
    )
    remises = servies[["menage", "foyer"]].assign(
        date_remise=plus_tard(servies["date_demande"], ecart, fiction), nature=natures, kilos=kilos
    )
    remises = remises.dropna(subset="date_remise").drop_duplicates(["foyer", "date_remise", "nature"])
    remises = remises.sort_values(["date_remise", "foyer", "nature"], kind="stable")
    remises = _situer(remises, "date_remise", aides, aides.demandes)
    rangs = au_hasard(tirage, np.arange(len(remises)), fiction.combien("remise_en_double", len(remises)))
    return remises, {"remise_en_double": rangs}


def inventer_services(fiction: Fiction, menages: int) -> pd.DataFrame:
    """One row a service to an old or disabled person."""
    tirage, combien = fiction.tirage(33), max(15, menages // 8)
    qui = inventer_inconnus(fiction, 34, (58, 97), combien)
    debuts = pd.Series(dates(tirage, fiction, combien).astype("datetime64[us]"))
    fins = plus_tard(debuts, entiers(tirage, 40, 1500, combien), fiction)
    return qui[_IDENTITE].assign(
        numero=[f"SV{rang:05d}" for rang in range(1, combien + 1)],
        type_service=choisir(tirage, _SERVICES, combien),
        date_debut=debuts,
        date_fin=fins,
        quartier=choisir(tirage, fiction.quartiers, combien),
    )


def inventer_registre(fiction: Fiction, menages: int) -> pd.DataFrame:
    """One row a person of the register of the vulnerable."""
    tirage, combien = fiction.tirage(35), max(15, menages // 10)
    qui = inventer_inconnus(fiction, 36, (60, 98), combien)
    inscriptions = pd.Series(dates(tirage, fiction, combien).astype("datetime64[us]"))
    radiations = plus_tard(inscriptions, entiers(tirage, 60, 3000, combien), fiction)
    return qui[_IDENTITE].assign(
        date_inscription=inscriptions,
        date_radiation=radiations,
        motif=choisir(tirage, _REGISTRE, combien),
        quartier=choisir(tirage, fiction.quartiers, combien),
    )


def inventer_seances(aides: Aides) -> pd.DataFrame:
    """One row a sitting, with the number of requests on its agenda."""
    rendues = aides.lignes.dropna(subset="date_seance").drop(index=aides.anomalies["seance_avant_demande"])
    cle = ["date_seance", "instance"]
    return rendues.groupby(cle).size().rename("dossiers_inscrits").reset_index()


def inventer_evenements(fiction: Fiction) -> pd.DataFrame:
    """One row an exceptional event."""
    tirage = fiction.tirage(37)
    jours = {
        "cyclone_zibul": ("cyclone", np.datetime64(f"{fiction.annees[0]}-02-07")),
        "canicule": ("canicule", np.datetime64(f"{fiction.annees[-1]}-12-09")),
    }
    if fiction.rupture:
        jours["emeutes"] = ("emeutes", np.datetime64(fiction.rupture))
    appels = entiers(tirage, 60, 420, len(jours))
    return pd.DataFrame(
        {
            "evenement": list(jours),
            "nature": [nature for nature, _ in jours.values()],
            "date_evenement": np.array([jour for _, jour in jours.values()]).astype("datetime64[us]"),
            "mises_a_l_abri": entiers(tirage, 8, 90, len(jours)),
            "appels_passes": appels,
            "appels_aboutis": appels * entiers(tirage, 55, 90, len(jours)) // 100,
            "menages_aides": entiers(tirage, 15, 160, len(jours)),
        }
    )


def inventer_budget(fiction: Fiction, aides: Aides) -> pd.DataFrame:
    """One row a year and kind of expense; the aids spent are those that the export says paid."""
    tirage = fiction.tirage(38)
    payees = aides.lignes[aides.lignes["annule"] == "non"]
    montants = payees.groupby(payees["date_paiement"].dt.year)["montant_paye"].sum().astype(float)
    lignes = []
    for annee in fiction.annees:
        aide = float(montants.get(annee, 0))
        lignes.append((annee, "aides", round(aide * 1.08, -3) + 1_000, aide))
        for poste, poids in _POSTES.items():
            vote = poids * 5_000 * fiction.pas * (1 + 0.03 * (annee - fiction.annees[0]))
            lignes.append((annee, poste, round(vote), round(vote * (0.86 + 0.13 * tirage.random()))))
    return pd.DataFrame(lignes, columns=["exercice", "chapitre", "vote", "execute"])


def inventer_questionnaire(fiction: Fiction, menages: int) -> pd.DataFrame:
    """One row a respondent and theme: how pressing, and whether the need is badly met."""
    tirage, combien = fiction.tirage(39), max(30, min(menages, MENAGES_SUIVIS) // 6)
    partenaires = tirage.random(combien) < 0.15
    habitants = ~partenaires
    ages = choisir(tirage, {"18_39": 35, "40_59": 38, "60_plus": 27}, combien)
    repondants = pd.DataFrame(
        {
            "numero": [f"Q{rang:04d}" for rang in range(1, combien + 1)],
            "type_repondant": np.where(partenaires, "partenaire", "habitant"),
            "poids": np.where(habitants, entiers(tirage, 60, 180, combien) / 100, np.nan),
            "quartier": pd.Series(choisir(tirage, fiction.quartiers, combien)).where(habitants),
            "tranche_age": pd.Series(ages).where(habitants),
        }
    )
    octobre = np.datetime64(f"{fiction.annees[-1]}-10-01")
    repondants["date_reponse"] = octobre + entiers(fiction.tirage(45), 0, 45, combien)
    reponses = repondants.merge(pd.DataFrame({"theme": list(THEMES)}), how="cross")
    return reponses.assign(
        priorite=entiers(tirage, 1, 5, len(reponses)),
        reponse=choisir(tirage, {"oui": 42, "non": 37, "sans_avis": 21}, len(reponses)),
    )
