"""The centre social that is invented: members, sessions, who came, who gave time.

In: a `Fiction` and its adults. Out: frames of true facts, in our columns and codes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.fictif.accueil import Rangs
from pipeline.fictif.population import inventer_inconnus
from pipeline.fictif.tirage import MENAGES_SUIVIS, Fiction, au_hasard, choisir, entiers, jours_ouvres

_ACTIVITES = {
    "alphabetisation": 0,
    "couture": 1,
    "cuisine": 2,
    "gymnastique": 3,
    "accompagnement_scolaire": 4,
    "parentalite": 2,
}
"""Each activity and its day of the week."""
_VACANCES = (1, 7, 12)
_FIDELES = 0.68
_PRESENTS = (4, 12)


def inventer_adherents(fiction: Fiction, menages: pd.DataFrame, personnes: pd.DataFrame) -> pd.DataFrame:
    """One row a member and year: two members in three come back the year after."""
    tirage = fiction.tirage(40)
    combien = max(25, min(len(menages), MENAGES_SUIVIS) // 6)
    connus = au_hasard(tirage, np.arange(min(len(menages), MENAGES_SUIVIS)), combien // 3)
    qui = _futurs_adherents(fiction, tirage, combien, menages.iloc[connus], personnes.iloc[connus])
    annees, deja = [], np.zeros(combien, dtype=bool)
    for annee in fiction.annees:
        present = tirage.random(combien) < np.where(deja, _FIDELES, 0.45)
        jours = np.datetime64(f"{annee}-01-15") + entiers(tirage, 0, 300, combien).astype("timedelta64[D]")
        membres = qui.assign(
            exercice=annee,
            date_adhesion=jours.astype("datetime64[us]"),
            nouveau=np.where(deja, "non", "oui"),
        )
        annees.append(membres[present])
        deja |= present
    return pd.concat(annees, ignore_index=True)


def _futurs_adherents(
    fiction: Fiction,
    tirage: np.random.Generator,
    combien: int,
    menages: pd.DataFrame,
    connus: pd.DataFrame,
) -> pd.DataFrame:
    """One row a person who may join; a third of them also ask the CCAS for aid."""
    inconnus = inventer_inconnus(fiction, 41, (7, 78), combien - len(connus))
    quartiers = choisir(tirage, fiction.quartiers, len(inconnus))
    identite = ["nom", "prenom", "sexe", "naissance"]
    connus = connus[identite].assign(quartier=menages["quartier"].to_numpy())
    tous = pd.concat([connus, inconnus[identite].assign(quartier=quartiers)], ignore_index=True)
    cartes = [f"{rang:04d}" for rang in range(1, combien + 1)]
    return tous.assign(carte=cartes, foyer=[f"FAM{carte}" for carte in cartes])


def inventer_seances(fiction: Fiction) -> pd.DataFrame:
    """One row a session: each activity once a week, out of the holidays."""
    tirage = fiction.tirage(42)
    jours = jours_ouvres(fiction)
    mois = jours.astype("datetime64[M]").astype(int) % 12 + 1
    jours = jours[~np.isin(mois, _VACANCES)]
    semaine = (jours.astype(int) + 3) % 7
    lignes = [(jour, nom) for nom, quand in _ACTIVITES.items() for jour in jours[semaine == quand]]
    seances = pd.DataFrame(sorted(lignes), columns=["date_seance", "activite"])
    combien = len(seances)
    return seances.assign(
        date_seance=seances["date_seance"].astype("datetime64[us]"),
        numero=[f"SE{rang:05d}" for rang in range(1, combien + 1)],
        heures=choisir(tirage, {1.5: 40, 2.0: 45, 3.0: 15}, combien).astype(float),
        cout=entiers(tirage, 30, 240, combien) * fiction.pas / 20 + 0.5,
    )


def inventer_presences(
    fiction: Fiction, adherents: pd.DataFrame, seances: pd.DataFrame
) -> tuple[pd.DataFrame, Rangs]:
    """One row a member present at a session of a year of hers; a few card numbers are mistaken."""
    tirage = fiction.tirage(43)
    presentes = []
    for annee in fiction.annees:
        cartes = adherents.loc[adherents["exercice"] == annee, "carte"].to_numpy()
        numeros = seances.loc[seances["date_seance"].dt.year == annee, "numero"].to_numpy()
        combien = entiers(tirage, *_PRESENTS, len(numeros))
        tires = cartes[entiers(tirage, 0, len(cartes) - 1, int(combien.sum()))]
        presentes.append(pd.DataFrame({"numero": np.repeat(numeros, combien), "carte": tires}))
    presences = pd.concat(presentes).drop_duplicates(ignore_index=True)
    combien = fiction.combien("presence_orpheline", len(presences))
    rangs = au_hasard(tirage, np.arange(len(presences)), combien)
    presences.loc[rangs, "carte"] = "9" + presences.loc[rangs, "carte"]
    return presences, {"presence_orpheline": rangs}


def inventer_benevoles(fiction: Fiction) -> pd.DataFrame:
    """One row a volunteer and year."""
    tirage = fiction.tirage(44)
    qui = inventer_inconnus(fiction, 45, (24, 76), 14)[["nom", "prenom", "naissance"]]
    annees = [qui[tirage.random(len(qui)) < 0.85].assign(exercice=annee) for annee in fiction.annees]
    tous = pd.concat(annees, ignore_index=True)
    return tous.assign(heures=entiers(tirage, 8, 160, len(tous)))
