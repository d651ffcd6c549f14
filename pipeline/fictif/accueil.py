"""The front desk that is invented: visits, elections of domicile, street rounds, alerts.

In: a `Fiction` and its adults. Out: frames of true facts, in our columns and codes, with the mistakes that
values can hold, and the rows of each.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.fictif.population import inventer_inconnus
from pipeline.fictif.tirage import (
    MENAGES_SUIVIS,
    Fiction,
    au_hasard,
    choisir,
    dates,
    entiers,
    jours_ouvres,
    plus_tard,
)

Rangs = Mapping[str, np.ndarray]

_CANAUX = {"physique": 62, "telephone": 27, "courriel": 8, "domicile": 3}
_PUBLICS = {"menage_en_difficulte": 48, "personne_agee": 17, "domicilie": 13, "partenaire": 9,
            "personne_handicapee": 8, "autre": 5}  # fmt: skip
_REPONSES = {"information": 31, "rendez_vous": 19, "dossier_aide": 18, "orientation": 12, "courrier": 11,
             "domiciliation": 5, "autre": 4}  # fmt: skip
_ORIENTATIONS = {"service_social": 34, "protection_sociale": 22, "logement": 14, "emploi": 11,
                 "association": 10, "sante": 6, "autre": 3}  # fmt: skip
_SITUATIONS = {"isole": 78, "couple": 9, "famille": 13}
_REFUS = 0.09
_MOTIFS_REFUS = {"absence_de_lien": 46, "pieces": 29, "autre_domicile": 20, "autre": 5}
_SUITES_ELECTION = {"renouvelee": 52, "expiree": 27, "radiee": 21}
_MOTIFS_RADIATION = {"non_presentation": 41, "domicile_stable": 24, "depart": 14, "demande": 11,
                     "transfert": 5, "deces": 2, "trouble": 1, "autre": 2}  # fmt: skip
_BESOINS = {"ecoute": 31, "alimentation": 27, "hygiene": 16, "demarches": 12, "sante": 9, "hebergement": 5}
_ORIGINES = {"habitant": 33, "partenaire": 41, "elu": 11, "police": 9, "autre": 6}
_SUITES = {"accompagnement": 36, "orientation": 34, "sans_suite": 17, "en_cours": 13}
_SURNOMS = tuple(
    debut + fin
    for debut in ("Kro", "Zib", "Tchou", "Vla", "Glob", "Prix", "Wam", "Drub")
    for fin in ("buz", "oxo", "arak", "impf", "uzelle", "ignok", "opato", "anzu")
)


def inventer_accueils(fiction: Fiction, menages: int) -> tuple[pd.DataFrame, Rangs]:
    """One row a visit or a call, about nobody."""
    tirage = fiction.tirage(20)
    combien = int(2.6 * menages)
    reponses = choisir(tirage, _REPONSES, combien)
    orientations = pd.Series(choisir(tirage, _ORIENTATIONS, combien))
    accueils = pd.DataFrame(
        {
            "numero": [f"A{rang:06d}" for rang in range(1, combien + 1)],
            "date_accueil": dates(tirage, fiction, combien).astype("datetime64[us]"),
            "canal": choisir(tirage, _CANAUX, combien),
            "public": choisir(tirage, _PUBLICS, combien),
            "reponse": reponses,
            "orientation": orientations.where(reponses == "orientation"),
            "quartier": choisir(tirage, fiction.quartiers, combien),
        }
    )
    rangs = au_hasard(tirage, np.arange(combien), fiction.combien("public_inconnu", combien))
    return accueils, {"public_inconnu": rangs}


# ------------------------------------------------------------------------------ elections of domicile


def inventer_domiciliations(fiction: Fiction, personnes: pd.DataFrame) -> tuple[pd.DataFrame, Rangs]:
    """One row an election of domicile: refused, or valid for a year, then renewed, expired or struck off.

    Three domiciled persons in ten also ask for aid: they are among the adults of the households.
    """
    tirage = fiction.tirage(21)
    domicilies = _domicilies(fiction, tirage, personnes)
    vagues = [_premieres(fiction, tirage, domicilies)]
    while len(vagues[-1]):
        vagues.append(_renouveler(fiction, tirage, vagues[-1]))
    elections = pd.concat(vagues).sort_values(["date_demande", "rang"], kind="stable", ignore_index=True)
    elections.insert(0, "numero", [f"DOM-{rang:05d}" for rang in range(1, len(elections) + 1)])
    elections, rangs = _deregler(fiction, elections.join(domicilies, on="rang"))
    return elections.drop(columns=["rang", "suite"]), rangs


def _domicilies(fiction: Fiction, tirage: np.random.Generator, personnes: pd.DataFrame) -> pd.DataFrame:
    """One row a person: identity, situation, dependants."""
    combien = max(20, min(len(personnes), MENAGES_SUIVIS) // 9)
    connus = au_hasard(tirage, np.arange(min(len(personnes), MENAGES_SUIVIS)), combien * 3 // 10)
    identite = ["nom", "prenom", "sexe", "naissance"]
    inconnus = inventer_inconnus(fiction, 22, (19, 66), combien - len(connus))
    tous = pd.concat([personnes.loc[connus, identite], inconnus[identite]], ignore_index=True)
    situations = choisir(tirage, _SITUATIONS, combien)
    mineurs = np.where(situations == "famille", entiers(tirage, 1, 3, combien), 0)
    conjoint = (situations == "couple") | (situations == "famille") & (tirage.random(combien) < 0.4)
    return tous.assign(situation=situations, ayants_droit=mineurs + conjoint, ayants_droit_mineurs=mineurs)


def _premieres(fiction: Fiction, tirage: np.random.Generator, domicilies: pd.DataFrame) -> pd.DataFrame:
    """One row a first request: `rang` is the person's."""
    combien = len(domicilies)
    demandes = pd.Series(dates(tirage, fiction, combien).astype("datetime64[us]"))
    natures = np.where(tirage.random(combien) < 0.04, "transfert", "premiere")
    refus = tirage.random(combien) < _REFUS
    return _delivrer(fiction, tirage, np.arange(combien), demandes, natures, refus)


def _renouveler(fiction: Fiction, tirage: np.random.Generator, elections: pd.DataFrame) -> pd.DataFrame:
    """The elections that follow those renewed, from the day after; asked for within the month before."""
    suivies = elections[elections["suite"] == "renouvelee"]
    avance = pd.to_timedelta(entiers(tirage, 1, 28, len(suivies)), unit="D")
    demandes = (suivies["date_fin"] - avance).reset_index(drop=True)
    rangs = suivies["rang"].to_numpy()
    debuts = (suivies["date_fin"] + pd.Timedelta(days=1)).reset_index(drop=True)
    natures, refus = np.full(len(suivies), "renouvellement"), np.zeros(len(suivies), dtype=bool)
    return _delivrer(fiction, tirage, rangs, demandes, natures, refus, debuts)


def _delivrer(
    fiction: Fiction,
    tirage: np.random.Generator,
    rangs: np.ndarray,
    demandes: pd.Series,
    natures: np.ndarray,
    refus: np.ndarray,
    debuts: pd.Series | None = None,
) -> pd.DataFrame:
    """Elections asked for on these days, with their answer, validity (a year) and end.

    Those that would start after the extraction are not there yet.
    """
    combien = len(rangs)
    reponses = demandes + pd.to_timedelta(entiers(tirage, 2, 40, combien), unit="D")
    debut = (reponses if debuts is None else debuts).mask(refus)
    fin = debut + pd.DateOffset(years=1) - pd.Timedelta(days=1)
    suites = np.where(refus, "refusee", choisir(tirage, _SUITES_ELECTION, combien))
    radiation = plus_tard(debut, entiers(tirage, 20, 350, combien), fiction).where(suites == "radiee")
    motifs = pd.Series(choisir(tirage, _MOTIFS_RADIATION, combien)).where(radiation.notna())
    elections = pd.DataFrame(
        {
            "rang": rangs,
            "date_demande": demandes,
            "nature": natures,
            "decision": np.where(refus, "refus", "accord"),
            "motif_refus": pd.Series(choisir(tirage, _MOTIFS_REFUS, combien)).where(refus),
            "date_debut": debut,
            "date_fin": fin,
            "date_radiation": radiation,
            "motif_radiation": motifs,
            "suite": suites,
        }
    )
    return elections[~(elections["date_debut"] > fiction.fin)].reset_index(drop=True)


def _deregler(fiction: Fiction, elections: pd.DataFrame) -> tuple[pd.DataFrame, Rangs]:
    """Renewals called first elections, validities of more than a year, refusals with dates."""
    tirage, rangs = fiction.tirage(23), {}
    accord = elections["decision"] == "accord"
    possibles = {
        "renouvellement_en_premiere": elections["nature"] == "renouvellement",
        "validite_trop_longue": accord & (elections["suite"] == "expiree"),
        "refus_avec_dates": ~accord,
    }
    for nom, ou in possibles.items():
        combien = fiction.combien(nom, len(elections))
        rangs[nom] = au_hasard(tirage, np.flatnonzero(ou), combien)
    elections.loc[rangs["renouvellement_en_premiere"], "nature"] = "premiere"
    elections.loc[rangs["validite_trop_longue"], "date_fin"] += pd.Timedelta(days=400)
    for colonne, jours in (("date_debut", 10), ("date_fin", 300)):
        demandes = elections.loc[rangs["refus_avec_dates"], "date_demande"]
        elections.loc[rangs["refus_avec_dates"], colonne] = demandes + pd.Timedelta(days=jours)
    return elections, rangs


# ----------------------------------------------------------------------------------- street and alerts


def inventer_maraudes(fiction: Fiction) -> pd.DataFrame:
    """One row a round: every Tuesday and Friday evening, in one quartier."""
    tirage = fiction.tirage(24)
    jours = jours_ouvres(fiction)
    jours = jours[np.isin((jours.astype(int) + 3) % 7, (1, 4))]
    vues = entiers(tirage, 2, 14, len(jours))
    return pd.DataFrame(
        {
            "numero": [f"M{rang:04d}" for rang in range(1, len(jours) + 1)],
            "date_maraude": jours.astype("datetime64[us]"),
            "quartier": choisir(tirage, fiction.quartiers, len(jours)),
            "personnes_rencontrees": vues,
            "dont_femmes": (vues * tirage.random(len(jours)) * 0.4).astype(int),
            "dont_moins_25": (vues * tirage.random(len(jours)) * 0.5).astype(int),
            "besoin": choisir(tirage, _BESOINS, len(jours)),
        }
    )


def inventer_rencontres(fiction: Fiction, maraudes: pd.DataFrame) -> pd.DataFrame:
    """One row a meeting with somebody the team knows by a nickname."""
    tirage = fiction.tirage(25)
    sexes = choisir(tirage, {"hommes": 79, "femmes": 21}, len(_SURNOMS))
    ages = entiers(tirage, 18, 67, len(_SURNOMS))
    combien = 3 * len(maraudes)
    qui = entiers(tirage, 0, len(_SURNOMS) - 1, combien)
    sortie = np.sort(entiers(tirage, 0, len(maraudes) - 1, combien))
    rencontres = pd.DataFrame(
        {
            "alias": np.array(_SURNOMS, dtype=object)[qui],
            "date_rencontre": maraudes["date_maraude"].to_numpy()[sortie],
            "quartier": maraudes["quartier"].to_numpy()[sortie],
            "sexe": sexes[qui],
            "age": ages[qui],
        }
    )
    return rencontres.drop_duplicates(["alias", "date_rencontre"], ignore_index=True)


def inventer_signalements(fiction: Fiction, menages: int) -> pd.DataFrame:
    """One row an alert about somebody in difficulty."""
    tirage = fiction.tirage(26)
    combien = max(12, menages // 9)
    recus = pd.Series(dates(tirage, fiction, combien).astype("datetime64[us]"))
    prises = plus_tard(recus, entiers(tirage, 0, 20, combien), fiction)
    suites = pd.Series(choisir(tirage, _SUITES, combien))
    return pd.DataFrame(
        {
            "numero": [f"S{rang:04d}" for rang in range(1, combien + 1)],
            "date_signalement": recus,
            "origine": choisir(tirage, _ORIGINES, combien),
            "date_prise_en_charge": prises,
            "suite": suites.where(prises.notna(), "en_cours"),
            "quartier": choisir(tirage, fiction.quartiers, combien),
        }
    )
