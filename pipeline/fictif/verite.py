"""What the fictional deposit holds once its faulty rows are sent back: the truth that quality must find.

In: an `Invention`. Out: counts: mistakes planted, rows of each table as written and as good, what each way
of counting applies to, and the requests by year, purpose, quartier. Nothing here reads the files.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.fictif.aides import Aides
from pipeline.fictif.fichiers import COPIEES, Invention
from pipeline.fictif.tirage import Fiction
from pipeline.sources.ccas import ACCORDS

_DEMANDES_FAUTIVES = ("date_illisible", "quartier_inconnu", "numero_repris")
_DECISIONS_FAUTIVES = ("seance_avant_demande", "refus_avec_montant")
_PAIEMENTS_FAUTIFS = ("paiement_avant_demande", "paiement_superieur")


def etablir(fiction: Fiction, invention: Invention) -> dict[str, Any]:
    """The truth, ready to be written as JSON."""
    return {
        "fictif": True,
        "graine": fiction.graine,
        "annees": list(fiction.annees),
        "anomalies": {nom: len(rangs) for nom, rangs in sorted(invention.anomalies.items())},
        "tables": _tables(invention),
        "comptages": _comptages(invention),
        "aides": _aides(invention.aides),
    }


def _rangs(aides: Aides, noms: tuple[str, ...]) -> np.ndarray:
    return np.concatenate([aides.anomalies[nom] for nom in noms])


def bonnes_demandes(aides: Aides) -> pd.DataFrame:
    """The requests that are loaded."""
    fautives = aides.lignes.loc[_rangs(aides, _DEMANDES_FAUTIVES), "demande"]
    return aides.demandes.drop(index=fautives)


def bonnes_decisions(aides: Aides) -> pd.DataFrame:
    """The decisions that are loaded and stay: pending requests have none."""
    return aides.lignes.drop(index=_rangs(aides, _DECISIONS_FAUTIVES)).dropna(subset="date_seance")


def bons_paiements(aides: Aides) -> pd.DataFrame:
    """The payments that are loaded and stay."""
    return aides.lignes.drop(index=_rangs(aides, _PAIEMENTS_FAUTIFS)).dropna(subset="date_paiement")


def _tables(invention: Invention) -> dict[str, dict[str, int]]:
    """Rows of each table that are good, and that are sent back."""
    aides, anomalies = invention.aides, invention.anomalies
    combien = {nom: len(rangs) for nom, rangs in anomalies.items()}
    copies = aides.lignes.loc[anomalies["doublon"]]
    fautives = {
        "ccas_demandes": sum(combien[nom] for nom in _DEMANDES_FAUTIVES),
        "ccas_decisions": sum(combien[nom] for nom in (*_DECISIONS_FAUTIVES, "doublon")),
        "ccas_paiements": sum(combien[nom] for nom in _PAIEMENTS_FAUTIFS)
        + int(copies["date_paiement"].notna().sum()),
        "ccas_accueils": combien["public_inconnu"],
        "ccas_domiciliations": combien["validite_trop_longue"] + combien["refus_avec_dates"],
        "ccas_aide_alimentaire": combien["remise_en_double"],
        "ccas_hebergement_urgence": combien["appel_en_double"] + combien["nuits_sans_place"],
        "ccas_accueil_jour": combien["service_en_double"],
    }
    bonnes = {
        "ccas_demandes": len(bonnes_demandes(aides)),
        "ccas_decisions": len(bonnes_decisions(aides)),
        "ccas_paiements": len(bons_paiements(aides)),
        **_bonnes_autres(invention, fautives),
    }
    return {
        source: {"bonnes": combien, "fautives": fautives.get(source, 0)}
        for source, combien in sorted(bonnes.items())
    }


def _bonnes_autres(invention: Invention, fautives: dict[str, int]) -> dict[str, int]:
    usagers = invention.tables["usagers"]
    menages = int(usagers["menage"].nunique())
    lignes = {source: len(table) for source, table in invention.tables.items() if source != "usagers"}
    # a row written twice is one good row and a copy
    doubles = {source: len(invention.anomalies[nom]) for source, nom in COPIEES.items()}
    return {
        "ccas_personnes": len(usagers),
        "ccas_menages": menages,
        "ccas_ressources": menages,
        **{
            source: combien - fautives.get(source, 0) + doubles.get(source, 0)
            for source, combien in lignes.items()
        },
    }


def _comptages(invention: Invention) -> dict[str, int]:
    """How many rows each way of counting applies to, and answers left without their request."""
    aides = invention.aides
    decisions, demandes = bonnes_decisions(aides), bonnes_demandes(aides)
    finales = decisions.drop_duplicates("demande", keep="last")
    ajournees = decisions.loc[decisions["decision"] == "ajournement", "demande"]
    connues = decisions[decisions["demande"].isin(demandes.index)]
    annees = demandes["date_demande"].dt.year.reindex(connues["demande"]).to_numpy()
    elections = invention.tables["ccas_domiciliations"]
    fautives = ("validite_trop_longue", "refus_avec_dates")
    elections = elections.drop(index=np.concatenate([invention.anomalies[nom] for nom in fautives]))
    accordees = elections[elections["decision"] == "accord"]
    fin_d_annee = pd.to_datetime({"year": elections["date_radiation"].dt.year, "month": 12, "day": 31})
    return {
        "ajournee_puis_accordee": int(
            (finales["decision"].isin(ACCORDS) & finales["demande"].isin(ajournees)).sum()
        ),
        "pret": int(((decisions["forme"] == "pret") & decisions["decision"].isin(ACCORDS)).sum()),
        "autre_annee": int((connues["date_seance"].dt.year > annees).sum()),
        "renouvellement": int((accordees["nature"] == "renouvellement").sum()),
        "ayants_droit": int((accordees["ayants_droit"] > 0).sum()),
        "radiee_en_cours": int((elections["date_fin"] >= fin_d_annee).sum()),
        "autre_perimetre": int((invention.tables["ccas_comptages"]["perimetre"] == "autre").sum()),
        "decision_orpheline": int((~decisions["demande"].isin(demandes.index)).sum()),
        "paiement_orphelin": int((~bons_paiements(aides)["demande"].isin(demandes.index)).sum()),
    }


def _aides(aides: Aides) -> dict[str, Any]:
    """The requests that are loaded, and what was granted to them, loans apart."""
    demandes = bonnes_demandes(aides)
    annee = demandes["date_demande"].dt.year.rename("annee")
    decisions = bonnes_decisions(aides)
    finales = decisions.drop_duplicates("demande", keep="last").set_index("demande")
    finales = finales.reindex(demandes.index)
    aide = finales["montant_accorde"].where(finales["decision"].isin(ACCORDS), 0).fillna(0)
    prets = finales["forme"] == "pret"
    return {
        "lignes": len(aides.lignes) + len(aides.anomalies["doublon"]),
        "personnes": len(demandes[["nom", "prenom", "naissance"]].drop_duplicates()),
        "homonymes": int((demandes.groupby(["nom", "prenom"])["naissance"].nunique() > 1).sum()),
        "menages": int(demandes["foyer"].nunique()),
        "montant": _en_dict(aide.mask(prets, 0).groupby(annee).sum()),
        "montant_prets": _en_dict(aide.where(prets, 0).groupby(annee).sum()),
        "par_annee": _en_dict(demandes.groupby(annee).size()),
        "par_decision": _en_dict(finales["decision"].fillna("en_attente").value_counts().sort_index()),
        **{
            f"par_{colonne}": _en_dict(demandes.groupby(colonne).size())
            for colonne in ("motif", "quartier", "type_menage", "sexe")
        },
    }


def _en_dict(comptes: pd.Series) -> dict[str, int]:
    return {str(nom): int(combien) for nom, combien in comptes.items()}
