"""The files of the fictional deposit: what is invented, as the software exports it.

In: a `Fiction` and what was invented. Out: the files. Mistakes of writing (an impossible date, a code that
nobody knows, a copied line, a name spelt another way) are planted here; those of fact were before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.fictif import accueil, centre, logiciel, suivi, veille
from pipeline.fictif.aides import Aides, inventer_aides
from pipeline.fictif.ecriture import (
    TITRES,
    Feuille,
    centimes,
    dates_en_texte,
    ecrire_classeur,
    ecrire_csv,
    ecrire_tabule,
    milliers,
    montrer,
    une_fois,
)
from pipeline.fictif.logiciel import EN_ATTENTE, EXPORTS
from pipeline.fictif.population import autre_ecriture, inventer_menages, inventer_personnes
from pipeline.fictif.tirage import MENAGES_SUIVIS, Fiction, choisir
from pipeline.fictif.usagers import inventer_usagers

QUARTIER_INCONNU = "Quartier Zibulard"
PUBLIC_INCONNU = "Public zwibulon"
DATE_ILLISIBLE = "31/02/{annee}"
_OBSERVATIONS = (
    "Blorptague quendilis, rien de réel",
    "Zwibulon ; à revoir (texte inventé)",
    'Usager dit "Frouchtac" au guichet',
    "Blorptague sur deux lignes\net Zwibulon ensuite",
)
_FEUILLES = {
    "ccas_domiciliations": "Domiciliations",
    "ccas_maraudes": "Maraudes",
    "ccas_rencontres": "Rencontres",
    "ccas_signalements": "Signalements",
    "ccas_accompagnements": "Accompagnements",
    "ccas_instructions": "Aide légale",
    "ccas_aide_alimentaire": "Colis et épicerie",
    "ccas_services": "Portage et téléassistance",
    "ccas_registre": "Registre",
    "ccas_seances": "Commissions",
    "ccas_evenements": "Événements",
    "ccas_budget": "Budget",
    "ccas_questionnaire": "Questionnaire",
    "centre_social_adherents": "Adhérents",
    "centre_social_seances": "Séances",
    "centre_social_presences": "Présences",
    "centre_social_benevoles": "Bénévoles",
    "ccas_hebergement_urgence": "Hébergement d'urgence",
    "ccas_accueil_jour": "Accueil de jour",
    "ccas_comptages": "Comptages",
    "ccas_sorties": "Sorties de rue",
}
# Sheets whose dates were typed as text; in the others they are dates of the spreadsheet.
_DATES_EN_TEXTE = ("ccas_domiciliations", "ccas_accompagnements", "ccas_registre", "centre_social_adherents")
# Tables some rows of which are written twice: one of the two is sent back.
COPIEES = {
    "ccas_aide_alimentaire": "remise_en_double",
    "ccas_hebergement_urgence": "appel_en_double",
    "ccas_accueil_jour": "service_en_double",
}
_MONTANTS = {"ccas_budget": ("Voté", "Exécuté"), "centre_social_seances": ("Coût",)}


@dataclass(frozen=True)
class Invention:
    """Everything invented: the requests, the other tables by source, and the rows of each mistake.

    Frames hold our columns and codes; `usagers` is three sources at once.
    """

    aides: Aides
    tables: Mapping[str, pd.DataFrame]
    anomalies: Mapping[str, np.ndarray]


def inventer(fiction: Fiction) -> Invention:
    """Households first, then their requests, then all that hangs on them."""
    menages = inventer_menages(fiction)
    personnes = inventer_personnes(fiction, menages)
    aides = inventer_aides(fiction, menages, personnes)
    suivis = menages[:MENAGES_SUIVIS]
    fautives = {
        "usagers": inventer_usagers(fiction, suivis, personnes, aides),
        "ccas_accueils": accueil.inventer_accueils(fiction, len(suivis)),
        "ccas_domiciliations": accueil.inventer_domiciliations(fiction, personnes),
        "ccas_aide_alimentaire": suivi.inventer_aide_alimentaire(fiction, aides),
        "ccas_hebergement_urgence": veille.inventer_hebergement(fiction, len(suivis)),
        "ccas_accueil_jour": veille.inventer_accueil_jour(fiction),
    }
    tables = {
        **{nom: table for nom, (table, _) in fautives.items()},
        **_rue_et_signalements(fiction, suivis),
        **_suivis(fiction, suivis, personnes, aides),
    }
    centre_social, orphelines = _centre_social(fiction, suivis, personnes)
    anomalies = dict(aides.anomalies) | orphelines
    for _, rangs in fautives.values():
        anomalies |= rangs
    return Invention(aides, tables | centre_social, anomalies)


def _rue_et_signalements(fiction: Fiction, menages: pd.DataFrame) -> dict[str, pd.DataFrame]:
    maraudes = accueil.inventer_maraudes(fiction)
    rencontres = accueil.inventer_rencontres(fiction, maraudes)
    return {
        "ccas_maraudes": maraudes,
        "ccas_rencontres": rencontres,
        "ccas_sorties": veille.inventer_sorties(fiction, rencontres),
        "ccas_signalements": accueil.inventer_signalements(fiction, len(menages)),
        "ccas_comptages": veille.inventer_comptages(fiction),
    }


def _suivis(
    fiction: Fiction, menages: pd.DataFrame, personnes: pd.DataFrame, aides: Aides
) -> dict[str, pd.DataFrame]:
    return {
        "ccas_accompagnements": suivi.inventer_accompagnements(fiction, aides),
        "ccas_instructions": suivi.inventer_instructions(fiction, personnes, menages),
        "ccas_services": suivi.inventer_services(fiction, len(menages)),
        "ccas_registre": suivi.inventer_registre(fiction, len(menages)),
        "ccas_seances": suivi.inventer_seances(aides),
        "ccas_evenements": suivi.inventer_evenements(fiction),
        "ccas_budget": suivi.inventer_budget(fiction, aides),
        "ccas_questionnaire": suivi.inventer_questionnaire(fiction, len(menages)),
    }


def _centre_social(
    fiction: Fiction, menages: pd.DataFrame, personnes: pd.DataFrame
) -> tuple[dict[str, pd.DataFrame], accueil.Rangs]:
    adherents = centre.inventer_adherents(fiction, menages, personnes)
    seances = centre.inventer_seances(fiction)
    presences, orphelines = centre.inventer_presences(fiction, adherents, seances)
    tables = {
        "centre_social_adherents": adherents,
        "centre_social_seances": seances,
        "centre_social_presences": presences,
        "centre_social_benevoles": centre.inventer_benevoles(fiction),
    }
    return tables, orphelines


def ecrire(dossier: Path, fiction: Fiction, invention: Invention) -> None:
    """Write the files into `dossier`."""
    dossier.mkdir(parents=True, exist_ok=True)
    ecrire_aides(dossier / logiciel.AIDES, fiction, invention.aides)
    _ecrire_usagers(dossier / logiciel.USAGERS, invention)
    _ecrire_accueil(dossier / logiciel.ACCUEIL, fiction, invention)
    for fichier in (logiciel.SUIVI, logiciel.CENTRE, logiciel.VEILLE):
        feuilles = [_feuille(fiction, invention, source) for source in _sources_de(fichier)]
        ecrire_classeur(dossier / fichier, feuilles)


def _sources_de(fichier: str) -> list[str]:
    return [source for source, export in EXPORTS.items() if export.fichier == fichier]


# ------------------------------------------------------------------------------------ the flat export


def ecrire_aides(chemin: Path, fiction: Fiction, aides: Aides, annee: int | None = None) -> None:
    """The export of the requests: titles, one line a decision, totals; cp1252, semicolons.

    `annee`: as the export was at the end of that year, if it is not the last one.
    """
    export = exporter_aides(fiction, aides)
    _mal_ecrire(aides, export)
    if annee is not None:
        export = _tel_que_fin(export, annee)
    copies = export.loc[export.index.intersection(aides.anomalies["doublon"])]
    decidees = export.index[export["Décision"] != EN_ATTENTE]
    demandees = aides.lignes.loc[export.index, "demande"].unique()
    export = pd.concat([export, copies]).sort_index(kind="stable")
    total = {
        "N° dossier": "TOTAL",
        "Montant demandé": _somme(int(aides.demandes.loc[demandees, "montant_demande"].sum()), fiction),
        "Montant accordé": centimes(float(aides.lignes.loc[decidees, "montant_accorde"].sum())),
    }
    extraction = f"Extraction du 31/12/{annee or fiction.annees[-1]}"
    ecrire_csv(chemin, (*TITRES, extraction), export, total)


def _tel_que_fin(export: pd.DataFrame, annee: int) -> pd.DataFrame:
    """The lines that existed at the end of a year, without what was decided or paid after it."""
    demandee, decidee, payee = (
        pd.to_numeric(export[nom].str[-4:], errors="coerce")
        for nom in ("Date demande", "Date commission", "Date mandat")
    )
    export = export.copy()
    decisions = ["Date commission", "Instance", "Motif du refus", "Montant accordé"]
    paiements = ["Date mandat", "Montant mandaté", "Mandat annulé"]
    export.loc[payee > annee, paiements] = np.nan
    export.loc[decidee > annee, [*decisions, *paiements]] = np.nan
    export.loc[decidee > annee, "Décision"] = EN_ATTENTE
    connues = export[demandee <= annee]
    # a request put off has a second line, which was not there before its second decision
    secondes = (decidee > annee) & export["N° dossier"].duplicated()
    return connues[~secondes.loc[connues.index]]


def exporter_aides(fiction: Fiction, aides: Aides) -> pd.DataFrame:
    """One row a line, as text: requests, decisions and payments under the software's titles."""
    demandes = aides.demandes.loc[aides.lignes["demande"]].reset_index(drop=True)
    lignes = aides.lignes.assign(montant=aides.lignes["montant_paye"])
    exports = [EXPORTS[source] for source in ("ccas_demandes", "ccas_decisions", "ccas_paiements")]
    tables = (demandes, lignes, lignes)
    morceaux = [montrer(export, table) for export, table in zip(exports, tables, strict=True)]
    export = dates_en_texte(pd.concat(morceaux, axis=1))
    export["Décision"] = export["Décision"].fillna(EN_ATTENTE)
    export["Montant demandé"] = une_fois(demandes["montant_demande"], lambda somme: _somme(somme, fiction))
    export["Montant accordé"] = une_fois(lignes["montant_accorde"], centimes)
    export["Montant mandaté"] = une_fois(lignes["montant"], centimes)
    notes = choisir(fiction.tirage(14), dict.fromkeys(_OBSERVATIONS, 1), len(export))
    export["Observations"] = pd.Series(notes).where(fiction.tirage(15).random(len(export)) < 0.35)
    export.insert(5, "Adresse", demandes["adresse"])
    return export.astype("str")


def _somme(montant: int, fiction: Fiction) -> str:
    """« 12 500 F CFP »."""
    return f"{milliers(montant)} {fiction.monnaie}"


def _mal_ecrire(aides: Aides, export: pd.DataFrame) -> None:
    """Put the mistakes of writing into the export, but for the copied lines."""
    rangs = aides.anomalies
    annees = aides.demandes["date_demande"].dt.year.to_numpy()[aides.lignes["demande"]]
    export.loc[rangs["date_illisible"], "Date demande"] = [
        DATE_ILLISIBLE.format(annee=annee) for annee in annees[rangs["date_illisible"]]
    ]
    export.loc[rangs["quartier_inconnu"], "Quartier"] = QUARTIER_INCONNU
    premiers, seconds = np.split(rangs["numero_repris"], 2)
    export.loc[seconds, "N° dossier"] = export.loc[premiers, "N° dossier"].to_numpy()
    identites = export.loc[rangs["variante_du_nom"], ["Nom usager", "Prénom"]]
    variantes = [autre_ecriture(rang, *qui) for rang, qui in enumerate(identites.itertuples(index=False))]
    export.loc[identites.index, list(identites)] = np.array(variantes, dtype=object).reshape(-1, 2)


# ------------------------------------------------------------------------------------ the other files


def _ecrire_usagers(chemin: Path, invention: Invention) -> None:
    """One row a person, names in capitals; amounts with a decimal comma; UTF-8, tabulations."""
    usagers = invention.tables["usagers"]
    morceaux = [montrer(EXPORTS[source], usagers) for source in _sources_de(logiciel.USAGERS)]
    export = pd.concat(morceaux, axis=1)
    export = dates_en_texte(export.loc[:, ~export.columns.duplicated()])
    for nom in ("NOM", "PRENOM"):
        export[nom] = export[nom].str.upper()
    for nom in ("Ressources mensuelles", "Charges mensuelles", "QF", "UC"):
        export[nom] = une_fois(export[nom], centimes)
    ecrire_tabule(chemin, export)


def _ecrire_accueil(chemin: Path, fiction: Fiction, invention: Invention) -> None:
    """A sheet a month for the visits, then a sheet a table."""
    autres = [source for source in _sources_de(logiciel.ACCUEIL) if source != "ccas_accueils"]
    feuilles = [*_mois(invention), *(_feuille(fiction, invention, source) for source in autres)]
    ecrire_classeur(chemin, feuilles)


def _mois(invention: Invention) -> list[Feuille]:
    """The visits, month by month, dates as text one month in two; a total at the foot of each."""
    accueils = invention.tables["ccas_accueils"]
    export = montrer(EXPORTS["ccas_accueils"], accueils)
    export.loc[invention.anomalies["public_inconnu"], "Type de public"] = PUBLIC_INCONNU
    feuilles = []
    for mois, lignes in export.groupby(accueils["date_accueil"].dt.to_period("M")):
        table = dates_en_texte(lignes) if mois.month % 2 else lignes
        titres = (TITRES[0], f"Accueil, mois {mois.month} de {mois.year}")
        feuilles.append(Feuille(f"Accueil {mois}", titres, table, ("Total", len(table))))
    return feuilles


def _feuille(fiction: Fiction, invention: Invention, source: str) -> Feuille:
    """One table as a sheet."""
    export = EXPORTS[source]
    table = invention.tables[source]
    if source == "ccas_instructions":
        noms = {code: nom for nom, code in fiction.dispositifs.items()}
        table = table.assign(dispositif=table["dispositif"].map(noms))
    if source in COPIEES:
        copies = table.loc[invention.anomalies[COPIEES[source]]]
        table = pd.concat([table, copies]).sort_index(kind="stable")
    montree = montrer(export, table)
    if source in _DATES_EN_TEXTE:
        montree = dates_en_texte(montree)
    for nom in _MONTANTS.get(source, ()):
        montree[nom] = une_fois(montree[nom], centimes)
    return Feuille(_FEUILLES[source], (TITRES[0], _FEUILLES[source]), montree)
