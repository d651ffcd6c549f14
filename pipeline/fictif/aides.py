"""The requests for aid that are invented: who asks, what is decided and paid, and the mistakes planted.

In: a `Fiction`, its households and adults. Out: `Aides`: one row a request, one row a line of the export
(a request adjourned, then decided, has two), and the rows of each kind of mistake.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.fictif.population import A_DEUX
from pipeline.fictif.tirage import Fiction, au_hasard, choisir, choisir_selon, jours_ouvres, plus_tard
from pipeline.sources.ccas import ACCORDS

_DEMANDES_PAR_MENAGE = {1: 38, 2: 24, 3: 15, 4: 11, 5: 7, 6: 5}
_MOTIFS = {"alimentaire": 64, "energie": 10, "logement": 7, "mobilite": 3, "sante": 5, "scolarite": 6,
           "obseques": 2, "autre": 3}  # fmt: skip
_MOIS = (8, 9, 10, 8, 8, 8, 9, 9, 7, 7, 8, 9)
_MOIS_SCOLARITE = (22, 36, 14, 4, 2, 2, 4, 6, 2, 2, 2, 4)
_PRESCRIPTEURS = {"ccas": 46, "assistante_sociale": 31, "association": 12, "partenaire": 7, "autre": 4}
_DECISIONS = {
    "accord": 61,
    "accord_partiel": 14,
    "refus": 13,
    "ajournement": 6,
    "sans_objet": 3,
    "annulation": 3,
}
_DECISIONS_APRES_AJOURNEMENT = {"accord": 62, "accord_partiel": 14, "refus": 17, "sans_objet": 7}
_REEXAMENS = 0.6
_JOURS_REEXAMEN = {14: 50, 28: 35, 42: 15}
_MOTIFS_REFUS = {
    "ressources": 44,
    "dossier_incomplet": 21,
    "deja_aide": 17,
    "hors_competence": 13,
    "autre": 5,
}
_FORMES = {
    "alimentaire": {"bon": 82, "secours": 18},
    "energie": {"tiers_paye": 90, "secours": 10},
    "logement": {"tiers_paye": 58, "pret": 27, "secours": 15},
    "mobilite": {"bon": 40, "secours": 45, "pret": 15},
    "sante": {"tiers_paye": 75, "secours": 25},
    "scolarite": {"tiers_paye": 55, "bon": 45},
    "obseques": {"tiers_paye": 70, "pret": 30},
    "autre": {"secours": 100},
}
_FOURNISSEURS = {"alimentaire": "alimentation", "energie": "energie", "logement": "bailleur",
                 "mobilite": "transport", "sante": "sante"}  # fmt: skip
# Lowest amount and spread, in steps; squaring a uniform draw makes small amounts the most common.
_MONTANTS = {
    "alimentaire": (20, 60), "energie": (30, 150), "logement": (60, 260), "mobilite": (10, 60),
    "sante": (10, 120), "scolarite": (20, 90), "obseques": (160, 260), "autre": (10, 80),
}  # fmt: skip
_URGENCES = 0.12
_JOURS_URGENCE = {0: 30, 1: 40, 2: 20, 3: 10}
_JOURS_INSTRUCTION = {2: 4, 5: 8, 7: 12, 9: 14, 12: 16, 14: 14, 18: 10, 21: 8, 26: 5, 33: 4, 41: 3, 55: 1.5,
                      78: 0.5}  # fmt: skip
_JEUDI = 3
_JAMAIS_PAYES = 0.04
_ANNULES = 0.01
_JOURS_PAIEMENT = {3: 10, 6: 20, 9: 25, 13: 20, 20: 12, 32: 8, 50: 5}


@dataclass(frozen=True)
class Aides:
    """Requests, lines of the export (`demande` is the rank of the request), moves, and what was planted.

    `anomalies`: kind → ranks of lines, but ranks of requests for `couple_deux_fois`, and of households
    for `deux_quartiers` and `deux_menages`. `demenagements`: rank of the household → day, quartier.
    """

    demandes: pd.DataFrame
    lignes: pd.DataFrame
    demenagements: pd.DataFrame
    anomalies: Mapping[str, np.ndarray]


# ---------------------------------------------------------------------------------------- the requests


def inventer_demandes(fiction: Fiction, menages: pd.DataFrame, personnes: pd.DataFrame) -> pd.DataFrame:
    """One row a request, by date: who asks (rank of the person), what for, how much."""
    tirage = fiction.tirage(3)
    combien = choisir(tirage, _DEMANDES_PAR_MENAGE, len(menages)).astype(int)
    rangs = np.repeat(np.arange(len(menages)), combien)
    qui = _demandeurs(tirage, rangs, personnes)
    motifs = choisir(tirage, _MOTIFS, len(rangs))
    bas, etendue = np.array([_MONTANTS[motif] for motif in motifs]).T
    demandes = pd.DataFrame(
        {
            "menage": rangs,
            "personne": qui,
            "motif": motifs,
            "date_demande": _dates_de_demande(tirage, fiction, motifs).astype("datetime64[us]"),
            "montant_demande": (bas + (etendue * tirage.random(len(rangs)) ** 2).astype(int)) * fiction.pas,
            "prescripteur": choisir(tirage, _PRESCRIPTEURS, len(rangs)),
            "urgence": np.where(tirage.random(len(rangs)) < _URGENCES, "oui", "non"),
        }
    )
    demandes = demandes.join(menages[["foyer", "quartier", "type_menage", "adresse"]], on="menage")
    demandes = demandes.join(personnes[["nom", "prenom", "sexe", "naissance"]], on="personne")
    return demandes.sort_values("date_demande", kind="stable", ignore_index=True)


def _demandeurs(tirage: np.random.Generator, menages: np.ndarray, personnes: pd.DataFrame) -> np.ndarray:
    """Rank of the person who comes: the second adult, where there is one, three times in ten."""
    seconds = _seconds_adultes(personnes)[menages]
    return np.where((tirage.random(len(menages)) < 0.3) & (seconds >= 0), seconds, menages)


def _seconds_adultes(personnes: pd.DataFrame) -> np.ndarray:
    """Rank of each household's second adult, -1 where there is none."""
    references = int((~personnes["menage"].duplicated()).sum())
    seconds = np.full(references, -1)
    seconds[personnes["menage"].to_numpy()[references:]] = np.arange(references, len(personnes))
    return seconds


def _dates_de_demande(tirage: np.random.Generator, fiction: Fiction, motifs: np.ndarray) -> np.ndarray:
    """Working days, by the season of the motive, more often after the break."""
    jours = jours_ouvres(fiction)
    mois = jours.astype("datetime64[M]").astype(int) % 12
    rupture = np.datetime64(fiction.rupture) if fiction.rupture else fiction.lendemain
    hausse = np.where(jours >= rupture, fiction.hausse, 1.0)
    tirees = np.empty(len(motifs), dtype="datetime64[D]")
    for saison, ou in ((_MOIS, motifs != "scolarite"), (_MOIS_SCOLARITE, motifs == "scolarite")):
        bornes = np.cumsum(np.array(saison)[mois] * hausse)
        tirees[ou] = jours[np.searchsorted(bornes, tirage.random(int(ou.sum())) * bornes[-1], side="right")]
    return tirees


# ----------------------------------------------------------------------- what is decided, what is paid


def instruire(fiction: Fiction, demandes: pd.DataFrame) -> pd.DataFrame:
    """One row a line: a request and its decision; two when it is adjourned, then examined again.

    What would fall after the last year is pending.
    """
    tirage = fiction.tirage(4)
    seances = _dates_de_seance(tirage, fiction, demandes)
    premieres = pd.DataFrame(
        {
            "demande": np.arange(len(demandes)),
            "date_seance": seances.where(seances <= fiction.fin),
            "decision": choisir(tirage, _DECISIONS, len(demandes)),
        }
    )
    secondes = premieres[(premieres["decision"] == "ajournement") & premieres["date_seance"].notna()]
    secondes = secondes[tirage.random(len(secondes)) < _REEXAMENS]
    ecart = choisir(tirage, _JOURS_REEXAMEN, len(secondes)).astype(int)
    secondes = secondes.assign(
        date_seance=plus_tard(secondes["date_seance"], ecart, fiction),
        decision=choisir(tirage, _DECISIONS_APRES_AJOURNEMENT, len(secondes)),
    ).dropna(subset="date_seance")
    lignes = pd.concat([premieres, secondes]).sort_values("demande", kind="stable", ignore_index=True)
    lignes.loc[lignes["date_seance"].isna(), "decision"] = None
    return _payer(fiction, _accorder(fiction, demandes, lignes))


def _dates_de_seance(tirage: np.random.Generator, fiction: Fiction, demandes: pd.DataFrame) -> pd.Series:
    """Urgent requests within days; the others at the first Thursday sitting after they are ready."""
    jours = choisir(tirage, _JOURS_INSTRUCTION, len(demandes)).astype(int)
    if fiction.rupture:
        apres = demandes["date_demande"] >= pd.Timestamp(fiction.rupture)
        jours = np.where(apres, jours * 4 // 3, jours)
    pretes = demandes["date_demande"] + pd.to_timedelta(jours, unit="D")
    seances = pretes + pd.to_timedelta((_JEUDI - pretes.dt.day_of_week) % 7, unit="D")
    immediates = choisir(tirage, _JOURS_URGENCE, len(demandes)).astype(int)
    return seances.mask(
        demandes["urgence"] == "oui", demandes["date_demande"] + pd.to_timedelta(immediates, unit="D")
    )


def _accorder(fiction: Fiction, demandes: pd.DataFrame, lignes: pd.DataFrame) -> pd.DataFrame:
    """Instance, form, supplier, motive of a refusal, and what is granted of what was asked."""
    tirage = fiction.tirage(5)
    demande = demandes.loc[lignes["demande"], ["motif", "montant_demande", "urgence"]].reset_index(drop=True)
    accord = lignes["decision"].isin(ACCORDS)
    forme = choisir_selon(tirage, demande["motif"].to_numpy(), _FORMES)
    accorde = demande["montant_demande"].where(
        lignes["decision"] != "accord_partiel",
        demande["montant_demande"] // fiction.pas * 6 // 10 * fiction.pas,
    )
    instance = np.where(demande["urgence"] == "oui", "urgence", "commission_permanente")
    motif_refus = pd.Series(choisir(tirage, _MOTIFS_REFUS, len(lignes)))
    fournisseur = demande["motif"].map(_FOURNISSEURS).fillna("autre")
    return lignes.assign(
        instance=pd.Series(instance).where(lignes["date_seance"].notna()),
        motif_refus=motif_refus.where(lignes["decision"] == "refus"),
        montant_accorde=accorde.astype("Int64").where(accord),
        forme=forme,
        fournisseur=fournisseur.where(forme != "secours"),
    )


def _payer(fiction: Fiction, lignes: pd.DataFrame) -> pd.DataFrame:
    """What was granted is paid some days later; a few never are, a few payments are cancelled."""
    tirage = fiction.tirage(6)
    ecart = choisir(tirage, _JOURS_PAIEMENT, len(lignes)).astype(int)
    verse = lignes["decision"].isin(ACCORDS) & (tirage.random(len(lignes)) >= _JAMAIS_PAYES)
    jours = plus_tard(lignes["date_seance"], ecart, fiction).where(verse)
    annules = np.where(tirage.random(len(lignes)) < _ANNULES, "oui", "non")
    return lignes.assign(
        date_paiement=jours,
        montant_paye=lignes["montant_accorde"].where(jours.notna()),
        annule=pd.Series(annules).where(jours.notna()),
    )


# -------------------------------------------------------------------------------- the mistakes planted


def inventer_aides(fiction: Fiction, menages: pd.DataFrame, personnes: pd.DataFrame) -> Aides:
    """Requests and lines, the mistakes that values can hold already in them; those of spelling come later."""
    demandes = inventer_demandes(fiction, menages, personnes)
    demenagements = _demenager(fiction, demandes)
    doubles = _dedoubler(fiction, demandes, personnes, demenagements["menage"].to_numpy())
    demandes["quartier"] = quartier_le(demandes, "date_demande", demenagements)
    demandes.loc[doubles["demande"], "foyer"] = "G" + demandes.loc[doubles["demande"], "foyer"].str[1:]
    lignes = instruire(fiction, demandes)
    reserves = np.union1d(demenagements["menage"], doubles["menage"])
    anomalies = _tirer(fiction, demandes, lignes, reserves)
    _deregler(fiction, demandes, lignes, anomalies)
    couples = anomalies.pop("couple_deux_fois")
    demandes, lignes = _compter_deux_fois(demandes, lignes, personnes, couples)
    menages_touches = {
        "deux_quartiers": demenagements["menage"].to_numpy(),
        "deux_menages": doubles["menage"].unique(),
    }
    # requests counted twice are the last ones
    fausses = {"couple_deux_fois": np.arange(len(demandes) - len(couples), len(demandes))}
    return Aides(_numeroter(demandes), lignes, demenagements, {**anomalies, **fausses, **menages_touches})


def quartier_le(table: pd.DataFrame, jour: str, demenagements: pd.DataFrame) -> pd.Series:
    """Where each row's household (`menage`, `quartier`) lives on the row's day."""
    suite = table[["menage"]].merge(demenagements, on="menage", how="left").set_axis(table.index)
    return table["quartier"].mask((table[jour] >= suite["jour"]).to_numpy(), suite["vers"])


def _demenager(fiction: Fiction, demandes: pd.DataFrame) -> pd.DataFrame:
    """One row a household that moves between two requests of one year: menage, jour, vers (quartier)."""
    quartiers = list(fiction.quartiers)
    suivies = demandes.sort_values(["menage", "date_demande"], kind="stable")
    precedente = suivies.shift()
    possibles = suivies[
        (suivies["menage"] == precedente["menage"])
        & (suivies["date_demande"].dt.year == precedente["date_demande"].dt.year)
        & (suivies["date_demande"] > precedente["date_demande"])
    ].drop_duplicates("menage")
    combien = fiction.combien("deux_quartiers", int(demandes["menage"].max()) + 1)
    rangs = au_hasard(fiction.tirage(7), np.arange(len(possibles)), combien if len(quartiers) > 1 else 0)
    partis = possibles.iloc[rangs]
    suivants = dict(zip(quartiers, quartiers[1:] + quartiers[:1], strict=True))
    return pd.DataFrame(
        {
            "menage": partis["menage"].to_numpy(),
            "jour": partis["date_demande"].to_numpy(),
            "vers": partis["quartier"].map(suivants).to_numpy(),
        }
    )


def _dedoubler(
    fiction: Fiction, demandes: pd.DataFrame, personnes: pd.DataFrame, partis: np.ndarray
) -> pd.DataFrame:
    """Requests (`demande`, `menage`) made under a second number by one adult whom the software has twice."""
    seuls = np.flatnonzero(_seconds_adultes(personnes) < 0)
    suivantes = demandes[demandes["menage"].duplicated()]
    possibles = np.setdiff1d(np.intersect1d(seuls, suivantes["menage"]), partis)
    combien = fiction.combien("deux_menages", int(demandes["menage"].max()) + 1)
    choisis = au_hasard(fiction.tirage(8), possibles, combien)
    doubles = suivantes[suivantes["menage"].isin(choisis)]
    return pd.DataFrame({"demande": doubles.index, "menage": doubles["menage"].to_numpy()})


def _tirer(
    fiction: Fiction, demandes: pd.DataFrame, lignes: pd.DataFrame, reserves: np.ndarray
) -> dict[str, np.ndarray]:
    """Ranks of the lines of each kind of mistake, drawn where it can be; no line has two.

    Only requests of one line, of households that have no other mistake, but for the spelling of a name.
    """
    demande = demandes.loc[lignes["demande"]].reset_index(drop=True)
    seule = ~lignes["demande"].duplicated(keep=False) & ~demande["menage"].isin(reserves)
    rendue, accord = lignes["date_seance"].notna(), lignes["decision"].isin(ACCORDS)
    attente = (lignes["date_seance"] - demande["date_demande"]).dt.days
    payee = lignes["date_paiement"].notna() & (lignes["annule"] == "non")
    possibles = {
        "date_illisible": seule,
        "quartier_inconnu": seule,
        "numero_repris": seule & accord & (lignes["forme"] != "pret"),
        "doublon": seule & rendue,
        "seance_avant_demande": seule & rendue,
        "refus_avec_montant": seule & (lignes["decision"] == "refus"),
        "accord_sans_montant": seule & accord,
        "accorde_plus_que_demande": seule & payee,
        "paiement_avant_demande": seule & payee,
        "paiement_superieur": seule & payee,
        "urgence_regularisee": seule & payee & (attente >= 2),
        "couple_deux_fois": seule & demande["type_menage"].isin(A_DEUX) & rendue,
        "variante_du_nom": demande["personne"].duplicated(keep=False),
    }
    libres = np.argsort(fiction.tirage(9).random(len(lignes)), kind="stable")
    rangs = {}
    for nom, ou in possibles.items():
        candidats = libres[ou.to_numpy()[libres]]
        rangs[nom] = np.sort(candidats[: fiction.combien(nom, len(lignes))])
        libres = libres[~np.isin(libres, rangs[nom])]
    # a number is used twice by a pair
    rangs["numero_repris"] = rangs["numero_repris"][: len(rangs["numero_repris"]) // 2 * 2]
    return rangs


def _deregler(
    fiction: Fiction, demandes: pd.DataFrame, lignes: pd.DataFrame, rangs: Mapping[str, np.ndarray]
) -> None:
    """Put into the lines the mistakes that values can hold."""

    def demande(nom: str, colonne: str) -> np.ndarray:
        return demandes.loc[lignes.loc[rangs[nom], "demande"], colonne].to_numpy()

    def jours(nom: str, ecart: int) -> np.ndarray:
        return demande(nom, "date_demande") + np.timedelta64(ecart, "D")

    lignes.loc[rangs["seance_avant_demande"], "date_seance"] = jours("seance_avant_demande", -9)
    lignes.loc[rangs["refus_avec_montant"], "montant_accorde"] = demande(
        "refus_avec_montant", "montant_demande"
    )
    lignes.loc[rangs["accord_sans_montant"], "montant_accorde"] = pd.NA
    plus = demande("accorde_plus_que_demande", "montant_demande") + 5 * fiction.pas
    for colonne in ("montant_accorde", "montant_paye"):
        lignes.loc[rangs["accorde_plus_que_demande"], colonne] = plus
    lignes.loc[rangs["paiement_avant_demande"], "date_paiement"] = jours("paiement_avant_demande", -3)
    lignes.loc[rangs["paiement_superieur"], "montant_paye"] += 10 * fiction.pas
    lignes.loc[rangs["urgence_regularisee"], "date_paiement"] = jours("urgence_regularisee", 1)
    urgentes = lignes.loc[rangs["urgence_regularisee"], "demande"]
    demandes.loc[urgentes, "urgence"] = "oui"


def _compter_deux_fois(
    demandes: pd.DataFrame, lignes: pd.DataFrame, personnes: pd.DataFrame, rangs: np.ndarray
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same requests again at the end, in the name of the other adult of the couple."""
    modeles = lignes.loc[rangs, "demande"].to_numpy()
    copies = demandes.loc[modeles].copy()
    seconds = _seconds_adultes(personnes)[copies["menage"]]
    autres = np.where(copies["personne"] == seconds, copies["menage"], seconds)
    copies["personne"] = autres
    identite = ["nom", "prenom", "sexe", "naissance"]
    copies[identite] = personnes.loc[autres, identite].to_numpy()
    suites = lignes.loc[rangs].assign(demande=np.arange(len(demandes), len(demandes) + len(copies)))
    return (
        pd.concat([demandes, copies.astype(demandes.dtypes.to_dict())], ignore_index=True),
        pd.concat([lignes, suites], ignore_index=True),
    )


def _numeroter(demandes: pd.DataFrame) -> pd.DataFrame:
    """« 2024-000123 »: the year and the rank of the request in it."""
    annee = demandes["date_demande"].dt.year
    rangs = annee.groupby(annee).cumcount() + 1
    numeros = [f"{a}-{rang:06d}" for a, rang in zip(annee, rangs, strict=True)]
    return demandes.assign(numero=numeros)
