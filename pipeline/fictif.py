"""A fictional deposit: what a CCAS's software could export, about nobody, with known mistakes in it.

In: a `Fiction` (quartiers and their weights, years, number of households, seed). Out: the files, as real
products write them, and the truth: what is in them, and which mistakes were planted. Same fiction, same
bytes: every draw is a uniform number looked up in a table of weights, with no logarithm to round.
"""

from __future__ import annotations

import csv
import datetime
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.sources.ccas import ACCORDS

if TYPE_CHECKING:
    from pipeline.edition import Edition

ANOMALIES: Mapping[str, float] = {
    "date_illisible": 0.004,
    "quartier_inconnu": 0.004,
    "seance_avant_demande": 0.004,
    "doublon": 0.004,
    "variante_du_nom": 0.03,
}
"""Planted mistakes, each on rows of its own, as shares of the rows."""

TITRES = ("EXPORT FICTIF – LOGICIEL DE DÉMONSTRATION", "Personnes, adresses et montants inventés")
QUARTIER_INCONNU = "Quartier Zibulard"
DATE_ILLISIBLE = "31/02/{annee}"

CODES: Mapping[str, Mapping[str, str]] = {
    "decision": {
        "Accordé": "accord",
        "Accord partiel": "accord_partiel",
        "Ajourné": "ajournement",
        "Refusé": "refus",
        "Sans objet": "sans_objet",
        "Annulé": "annulation",
        "En attente": "en_attente",
    },
    "motif": {
        "Alimentation": "alimentaire",
        "Énergie (électricité, gaz)": "energie",
        "Loyer et logement": "logement",
        "Santé": "sante",
        "Transport": "mobilite",
        "Frais scolaires": "scolarite",
        "Frais d'obsèques": "obseques",
        "Divers": "autre",
    },
    "forme": {
        "Secours": "secours",
        "Bon d'achat": "bon",
        "Règlement au fournisseur": "tiers_paye",
        "Prêt": "pret",
    },
    "type_menage": {
        "Personne seule": "personne_seule",
        "Parent seul avec enfant(s)": "famille_monoparentale",
        "Couple avec enfant(s)": "couple_avec_enfants",
        "Couple sans enfant": "couple_sans_enfant",
        "Autre situation": "autre",
    },
    "sexe": {"F": "femmes", "M": "hommes"},
}
"""The software's codes → ours, by column of ours: the `[valeurs]` of an edition."""

COLONNES: Mapping[str, str] = {
    "numero": "N° dossier",
    "foyer": "N° foyer",
    "nom": "Nom usager",
    "prenom": "Prénom",
    "naissance": "Né(e) le",
    "quartier": "Quartier",
    "type_menage": "Situation familiale",
    "sexe": "Sexe",
    "date_demande": "Date demande",
    "date_seance": "Date commission",
    "forme": "Type d'aide",
    "motif": "Nature",
    "decision": "Décision",
    "montant_demande": "Montant demandé",
    "montant_accorde": "Montant accordé",
    "date_paiement": "Date mandat",
}
"""Our columns → the software's: the `[colonnes]` of an edition."""


_DE_POPULATION = {"millesime", "territoire", "population"}


@dataclass(frozen=True)
class Fiction:
    """What is invented: quartier labels with their weights, years covered, size and seed.

    `rupture`: the day from which requests are `hausse` times as many, and take a third longer.
    `pas`: the step of amounts, in `monnaie` (a food voucher is some tens of steps).
    """

    quartiers: Mapping[str, float]
    annees: tuple[int, ...]
    menages: int = 900
    graine: int = 2026
    rupture: datetime.date | None = None
    hausse: float = 1.5
    monnaie: str = "F CFP"
    pas: int = 500
    anomalies: Mapping[str, float] = field(default_factory=lambda: ANOMALIES)

    def somme(self, montant: int) -> str:
        """« 12 500 F CFP »."""
        return f"{_milliers(montant)} {self.monnaie}"

    def tirage(self, table: int) -> np.random.Generator:
        """The draws of one table, which adding another table does not change."""
        return np.random.Generator(np.random.PCG64([self.graine, table]))


# ---------------------------------------------------------------------------------------- distributions

_FAMILLES = tuple(
    debut + milieu + fin
    for debut in (
        "Zor",
        "Fict",
        "Quax",
        "Xand",
        "Vroz",
        "Bluz",
        "Krym",
        "Drox",
        "Gwiz",
        "Tzul",
        "Wolz",
        "Jixt",
    )
    for milieu in ("val", "an", "umb", "ixil", "ador", "ebr", "aki", "oruz")
    for fin in ("bec", "or", "azig", "ivax", "oquin", "utuk", "iplon", "adwar", "ixel", "omlok")
)
_PRENOMS = tuple(
    debut + fin
    for debut in ("Tess", "Ourph", "Quimb", "Zébul", "Wixt", "Ilzor", "Maklo", "Yzab", "Brozk", "Gork")
    for fin in ("alin", "émi", "ibaz", "oquie", "uvio", "axou", "irgane", "élux")
)
_VOIES = (
    "allée Zorglube", "rue Quixplorne", "impasse Vrombistac", "chemin Xylopharne", "route Blitzurge",
    "lotissement Gloubiard", "place Tchouktak", "résidence Wazimba",
)  # fmt: skip
_OBSERVATIONS = (
    "Blorptague quendilis, rien de réel",
    "Zwibulon ; à revoir (texte inventé)",
    'Usager dit "Frouchtac" au guichet',
    "Blorptague sur deux lignes\net Zwibulon ensuite",
)

_TRANCHES = {(18, 25): 6, (25, 35): 19, (35, 45): 25, (45, 55): 21, (55, 65): 15, (65, 75): 9, (75, 90): 5}
_TYPES = {
    "jeunes": {"personne_seule": 46, "famille_monoparentale": 27, "couple_avec_enfants": 15,
               "couple_sans_enfant": 5, "autre": 7},
    "adultes": {"personne_seule": 27, "famille_monoparentale": 33, "couple_avec_enfants": 29,
                "couple_sans_enfant": 4, "autre": 7},
    "aines": {"personne_seule": 56, "famille_monoparentale": 5, "couple_avec_enfants": 5,
              "couple_sans_enfant": 22, "autre": 12},
}  # fmt: skip
_PART_FEMMES = {"famille_monoparentale": 0.86}
_DEMANDES_PAR_MENAGE = {1: 38, 2: 24, 3: 15, 4: 11, 5: 7, 6: 5}

_MOTIFS = {"alimentaire": 64, "energie": 10, "logement": 7, "mobilite": 3, "sante": 5, "scolarite": 6,
           "obseques": 2, "autre": 3}  # fmt: skip
_MOIS = (8, 9, 10, 8, 8, 8, 9, 9, 7, 7, 8, 9)
_MOIS_SCOLARITE = (22, 36, 14, 4, 2, 2, 4, 6, 2, 2, 2, 4)
_DECISIONS = {
    "accord": 61,
    "accord_partiel": 14,
    "refus": 13,
    "ajournement": 6,
    "sans_objet": 3,
    "annulation": 3,
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
# Lowest amount and spread, in steps; squaring a uniform draw makes small amounts the most common.
_MONTANTS = {
    "alimentaire": (20, 60), "energie": (30, 150), "logement": (60, 260), "mobilite": (10, 60),
    "sante": (10, 120), "scolarite": (20, 90), "obseques": (160, 260), "autre": (10, 80),
}  # fmt: skip
_URGENCES = 0.12
_JOURS_URGENCE = {0: 30, 1: 40, 2: 20, 3: 10}
_JOURS_INSTRUCTION = {
    2: 4,
    5: 8,
    7: 12,
    9: 14,
    12: 16,
    14: 14,
    18: 10,
    21: 8,
    26: 5,
    33: 4,
    41: 3,
    55: 1.5,
    78: 0.5,
}
_JEUDI = 3
_JAMAIS_PAYES = 0.04
_JOURS_PAIEMENT = {3: 10, 6: 20, 9: 25, 13: 20, 20: 12, 32: 8, 50: 5}


def _choisir(tirage: np.random.Generator, poids: Mapping[Any, float], combien: int) -> np.ndarray:
    """Independent draws of the keys, in proportion to their weights."""
    bornes = np.cumsum(list(poids.values()))
    valeurs = np.empty(len(poids), dtype=object)
    valeurs[:] = list(poids)
    return valeurs[np.searchsorted(bornes, tirage.random(combien) * bornes[-1], side="right")]


def _selon(
    tirage: np.random.Generator, groupes: np.ndarray, poids: Mapping[str, Mapping[Any, float]]
) -> np.ndarray:
    """Draws with the weights of each row's group."""
    tires = np.empty(len(groupes), dtype=object)
    for groupe, table in poids.items():
        ou = groupes == groupe
        tires[ou] = _choisir(tirage, table, int(ou.sum()))
    return tires


# ------------------------------------------------------------------------------ households and persons


def inventer_menages(fiction: Fiction) -> pd.DataFrame:
    """One row a household: foyer, age of its reference person, type_menage, quartier, adresse."""
    tirage, combien = fiction.tirage(1), fiction.menages
    tranches = _choisir(tirage, _TRANCHES, combien)
    bas, haut = np.array(tranches.tolist()).T
    ages = bas + (tirage.random(combien) * (haut - bas)).astype(int)
    generations = np.where(ages < 30, "jeunes", np.where(ages < 60, "adultes", "aines"))
    numeros = (tirage.random(combien) * 98).astype(int) + 1
    voies = _choisir(tirage, dict.fromkeys(_VOIES, 1), combien)
    return pd.DataFrame(
        {
            "foyer": [f"F{rang:06d}" for rang in range(1, combien + 1)],
            "age": ages,
            "type_menage": _selon(tirage, generations, _TYPES),
            "quartier": _choisir(tirage, fiction.quartiers, combien),
            "adresse": [f"{numero} {voie}" for numero, voie in zip(numeros, voies, strict=True)],
        }
    )


def inventer_personnes(fiction: Fiction, menages: pd.DataFrame) -> pd.DataFrame:
    """One row an adult: menage (rank of the household), nom, prenom, sexe, naissance.

    The reference persons first, in the households' order, then the second adults.
    """
    tirage = fiction.tirage(2)
    combien = len(menages)
    part_femmes = menages["type_menage"].map(_PART_FEMMES).fillna(0.54).to_numpy()
    femme = tirage.random(combien) < part_femmes
    noms = _noms(tirage, combien)
    a_deux = np.flatnonzero(
        menages["type_menage"].isin(["couple_avec_enfants", "couple_sans_enfant", "autre"])
    )
    meme_nom = tirage.random(len(a_deux)) < 0.6
    ages = menages["age"].to_numpy()
    menage = np.append(np.arange(combien), a_deux)
    return pd.DataFrame(
        {
            "menage": menage,
            "nom": np.append(noms, np.where(meme_nom, noms[a_deux], _noms(tirage, len(a_deux)))),
            "prenom": _choisir(tirage, dict.fromkeys(_PRENOMS, 1), len(menage)),
            "sexe": np.where(np.append(femme, ~femme[a_deux]), "femmes", "hommes"),
            "naissance": _naissances(tirage, fiction.annees[0], ages[menage]),
        }
    )


def _noms(tirage: np.random.Generator, combien: int) -> np.ndarray:
    """Family names; some double, some with a particle."""
    noms, seconds = (_choisir(tirage, dict.fromkeys(_FAMILLES, 1), combien) for _ in range(2))
    forme = tirage.random(combien)
    noms = np.where(forme < 0.08, noms + "-" + seconds, noms)
    return np.where(forme > 0.95, "D'" + noms, noms)


def _naissances(tirage: np.random.Generator, annee: int, ages: np.ndarray) -> np.ndarray:
    """Birth dates of persons who reach these ages in the year before `annee`."""
    premiers = (annee - 1 - ages - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    return premiers + (tirage.random(len(ages)) * 365).astype("timedelta64[D]")


# ---------------------------------------------------------------------------------------- the requests


def inventer_aides(fiction: Fiction, menages: pd.DataFrame, personnes: pd.DataFrame) -> pd.DataFrame:
    """One row a request, in our columns and codes, by date: the truth before any mistake."""
    tirage = fiction.tirage(3)
    demandes = _choisir(tirage, _DEMANDES_PAR_MENAGE, len(menages)).astype(int)
    aides = menages.drop(columns="age").loc[np.repeat(np.arange(len(menages)), demandes)]
    demandeurs = _demandeurs(tirage, aides.index.to_numpy(), personnes)
    qui = personnes.drop(columns="menage").iloc[demandeurs].reset_index(names="personne")
    aides = aides.reset_index(drop=True).join(qui)
    aides["motif"] = _choisir(tirage, _MOTIFS, len(aides))
    aides["date_demande"] = _dates_de_demande(tirage, fiction, aides["motif"].to_numpy())
    aides = aides.sort_values("date_demande", kind="stable", ignore_index=True)
    annee = aides["date_demande"].dt.year
    rangs = annee.groupby(annee).cumcount() + 1
    aides.insert(0, "numero", [f"{a}-{rang:06d}" for a, rang in zip(annee, rangs, strict=True)])
    return _instruire(tirage, fiction, aides)


def _demandeurs(tirage: np.random.Generator, menages: np.ndarray, personnes: pd.DataFrame) -> np.ndarray:
    """Rank of the person who comes: the second adult, where there is one, three times in ten."""
    seconds = np.full(menages.max() + 1, -1)
    references = int((~personnes["menage"].duplicated()).sum())
    seconds[personnes["menage"].to_numpy()[references:]] = np.arange(references, len(personnes))
    vient_second = (tirage.random(len(menages)) < 0.3) & (seconds[menages] >= 0)
    return np.where(vient_second, seconds[menages], menages)


def _dates_de_demande(tirage: np.random.Generator, fiction: Fiction, motifs: np.ndarray) -> np.ndarray:
    """Working days, by the season of the motive, more often after the break."""
    debut, fin = f"{fiction.annees[0]}-01-01", f"{fiction.annees[-1] + 1}-01-01"
    jours = np.arange(debut, fin, dtype="datetime64[D]")
    mois = jours.astype("datetime64[M]").astype(int) % 12
    ouvres = np.is_busday(jours)
    hausse = np.where(jours >= np.datetime64(fiction.rupture or fin), fiction.hausse, 1.0)
    dates = np.empty(len(motifs), dtype="datetime64[D]")
    for saison, ou in ((_MOIS, motifs != "scolarite"), (_MOIS_SCOLARITE, motifs == "scolarite")):
        bornes = np.cumsum(np.array(saison)[mois] * ouvres * hausse)
        dates[ou] = jours[np.searchsorted(bornes, tirage.random(int(ou.sum())) * bornes[-1], side="right")]
    return dates


def _instruire(tirage: np.random.Generator, fiction: Fiction, aides: pd.DataFrame) -> pd.DataFrame:
    """Sitting, decision, form, amounts and payment; what would fall after the last year is pending."""
    fin = pd.Timestamp(fiction.annees[-1], 12, 31)
    seances = _dates_de_seance(tirage, fiction, aides["date_demande"])
    decisions = _choisir(tirage, _DECISIONS, len(aides))
    attente = (seances > fin).to_numpy()
    aides["date_seance"] = seances.mask(attente)
    aides["decision"] = np.where(attente, "en_attente", decisions)
    aides["forme"] = _selon(tirage, aides["motif"].to_numpy(), _FORMES)
    bas, etendue = np.array(aides["motif"].map(_MONTANTS).tolist()).T
    pas = bas + (etendue * tirage.random(len(aides)) ** 2).astype(int)
    aides["montant_demande"] = pas * fiction.pas
    accordes = np.where(aides["decision"] == "accord_partiel", pas * 6 // 10, pas) * fiction.pas
    aides["montant_accorde"] = pd.Series(accordes, dtype="Int64").where(aides["decision"].isin(ACCORDS))
    paiements = aides["date_seance"] + pd.to_timedelta(
        _choisir(tirage, _JOURS_PAIEMENT, len(aides)).astype(int), unit="D"
    )
    payes = (
        aides["decision"].isin(ACCORDS) & (tirage.random(len(aides)) >= _JAMAIS_PAYES) & (paiements <= fin)
    )
    aides["date_paiement"] = paiements.where(payes)
    return aides


def _dates_de_seance(tirage: np.random.Generator, fiction: Fiction, demandes: pd.Series) -> pd.Series:
    """Urgent requests within days; the others at the first Thursday sitting after they are ready."""
    urgentes = tirage.random(len(demandes)) < _URGENCES
    jours = _choisir(tirage, _JOURS_INSTRUCTION, len(demandes)).astype(int)
    if fiction.rupture:
        jours = np.where(demandes >= pd.Timestamp(fiction.rupture), jours * 4 // 3, jours)
    pretes = demandes + pd.to_timedelta(jours, unit="D")
    seances = pretes + pd.to_timedelta((_JEUDI - pretes.dt.day_of_week) % 7, unit="D")
    immediates = _choisir(tirage, _JOURS_URGENCE, len(demandes)).astype(int)
    return seances.mask(urgentes, demandes + pd.to_timedelta(immediates, unit="D"))


# ------------------------------------------------------------------------------------- what is exported


def exporter_aides(fiction: Fiction, aides: pd.DataFrame) -> pd.DataFrame:
    """The requests as the software shows them: its columns and codes, dates and amounts as text."""
    tirage = fiction.tirage(4)
    libelles = {nom: {code: libelle for libelle, code in codes.items()} for nom, codes in CODES.items()}
    textes = {}
    for notre, leur in COLONNES.items():
        valeurs = aides[notre]
        if pd.api.types.is_datetime64_dtype(valeurs):
            valeurs = _une_fois(valeurs, "{:%d/%m/%Y}".format)
        elif notre in libelles:
            valeurs = valeurs.map(libelles[notre])
        textes[leur] = valeurs
    textes["Montant demandé"] = _une_fois(aides["montant_demande"], fiction.somme)
    textes["Montant accordé"] = _une_fois(
        aides["montant_accorde"], lambda montant: f"{_milliers(montant)},00"
    )
    observations = _choisir(tirage, dict.fromkeys(_OBSERVATIONS, 1), len(aides))
    textes["Observations"] = pd.Series(observations).where(tirage.random(len(aides)) < 0.35)
    export = pd.DataFrame(textes).astype("str")
    export.insert(5, "Adresse", aides["adresse"])
    return export


def _une_fois(valeurs: pd.Series, ecrire: Callable[[Any], str]) -> pd.Series:
    """Write each distinct value once; what is missing stays so."""
    codes, distinctes = pd.factorize(valeurs)
    textes = pd.Series([ecrire(valeur) for valeur in distinctes], dtype="str")
    return textes.reindex(codes).set_axis(valeurs.index)


def _milliers(montant: int) -> str:
    return f"{montant:,}".replace(",", "\u00a0")


def planter(fiction: Fiction, aides: pd.DataFrame, export: pd.DataFrame) -> dict[str, np.ndarray]:
    """Put the mistakes into `export`, but for the copies, to be added; returns the ranks of each kind."""
    rangs = _rangs_des_anomalies(fiction, aides)
    annees = aides["date_demande"].dt.year
    illisibles, inconnus, avant = (
        rangs[nom] for nom in ("date_illisible", "quartier_inconnu", "seance_avant_demande")
    )
    export.loc[illisibles, "Date demande"] = [
        DATE_ILLISIBLE.format(annee=annee) for annee in annees[illisibles]
    ]
    export.loc[inconnus, "Quartier"] = QUARTIER_INCONNU
    veilles = aides.loc[avant, "date_demande"] - pd.Timedelta(days=9)
    export.loc[avant, "Date commission"] = veilles.dt.strftime("%d/%m/%Y")
    identites = export.loc[rangs["variante_du_nom"], ["Nom usager", "Prénom"]]
    variantes = [
        _autre_ecriture(numero, *qui) for numero, qui in enumerate(identites.itertuples(index=False))
    ]
    export.loc[identites.index, list(identites)] = np.array(variantes, dtype=object).reshape(-1, 2)
    return rangs


def _rangs_des_anomalies(fiction: Fiction, aides: pd.DataFrame) -> dict[str, np.ndarray]:
    """Ranks of each kind of mistake, drawn among the rows where it can be; no row has two."""
    libres = np.argsort(fiction.tirage(5).random(len(aides)), kind="stable")
    possibles = {
        "seance_avant_demande": aides["date_seance"].notna().to_numpy(),
        "variante_du_nom": aides["personne"].duplicated(keep=False).to_numpy(),
    }
    rangs = {}
    for nom in ANOMALIES:
        combien = int(fiction.anomalies.get(nom, 0) * len(aides) + 0.5)
        candidats = libres[possibles[nom][libres]] if nom in possibles else libres
        rangs[nom] = np.sort(candidats[:combien])
        libres = libres[~np.isin(libres, rangs[nom])]
    return rangs


def _autre_ecriture(numero: int, nom: str, prenom: str) -> tuple[str, str]:
    """The same person, written another way: capitals, words swapped, no hyphen, spaces."""
    sans_accents = str.maketrans("éû", "eu")
    ecritures = (
        (nom.upper(), prenom.translate(sans_accents).upper()),
        (prenom, nom),
        (nom.replace("-", " ").replace("'", "’").lower(), prenom.lower()),
        (f" {nom.replace('-', ' - ')}  ", f"{prenom.translate(sans_accents)} "),
    )
    return ecritures[numero % len(ecritures)]


# ------------------------------------------------------------------------------------- files and truth


def generer(dossier: Path, fiction: Fiction) -> dict[str, Any]:
    """Write `ccas_aides.csv` (cp1252, `;`) and what it holds, `ccas_aides_verite.json`; return the truth."""
    menages = inventer_menages(fiction)
    aides = inventer_aides(fiction, menages, inventer_personnes(fiction, menages))
    export = exporter_aides(fiction, aides)
    rangs = planter(fiction, aides, export)
    copies = pd.concat([export, export.loc[rangs["doublon"]]]).sort_index(kind="stable")
    dossier.mkdir(parents=True, exist_ok=True)
    _ecrire_export(dossier / "ccas_aides.csv", fiction, copies, aides)
    verite = etablir_verite(fiction, aides, rangs)
    texte = json.dumps(verite, ensure_ascii=False, indent=2) + "\n"
    (dossier / "ccas_aides_verite.json").write_bytes(texte.encode())
    return verite


def _ecrire_export(chemin: Path, fiction: Fiction, export: pd.DataFrame, aides: pd.DataFrame) -> None:
    """Title lines, header, rows and a totals row, as business software exports them."""
    total = dict.fromkeys(export, "") | {
        "N° dossier": "TOTAL",
        "Montant demandé": fiction.somme(int(aides["montant_demande"].sum())),
        "Montant accordé": f"{_milliers(int(aides['montant_accorde'].sum()))},00",
    }
    extraction = f"Extraction du 31/12/{fiction.annees[-1]}"
    with chemin.open("w", encoding="cp1252", newline="") as fichier:
        fichier.writelines(f"{ligne}\r\n" for ligne in (*TITRES, extraction, ""))
        export.to_csv(fichier, sep=";", index=False, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
        fichier.write(";".join(total.values()) + "\r\n")


def etablir_verite(fiction: Fiction, aides: pd.DataFrame, rangs: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """What the deposit holds once its faulty rows are sent back, and how many faults there are."""
    rejets = ("date_illisible", "quartier_inconnu", "seance_avant_demande")
    bonnes = aides.drop(index=np.concatenate([rangs[nom] for nom in rejets]))
    annee = bonnes["date_demande"].dt.year.rename("annee")
    comptes = {
        colonne: bonnes.groupby(colonne).size()
        for colonne in ("decision", "motif", "forme", "quartier", "type_menage", "sexe")
    }
    return {
        "fictif": True,
        "graine": fiction.graine,
        "annees": list(fiction.annees),
        "lignes": len(aides) + len(rangs["doublon"]),
        "anomalies": {nom: len(lignes) for nom, lignes in rangs.items()},
        "lignes_bonnes": len(bonnes),
        "personnes": len(bonnes[["nom", "prenom", "naissance"]].drop_duplicates()),
        "homonymes": int((bonnes.groupby(["nom", "prenom"])["naissance"].nunique() > 1).sum()),
        "menages": int(bonnes["foyer"].nunique()),
        "montant_accorde": {
            str(an): int(somme) for an, somme in bonnes.groupby(annee)["montant_accorde"].sum().items()
        },
        "par_annee": _en_dict(bonnes.groupby(annee).size()),
        **{f"par_{colonne}": _en_dict(compte) for colonne, compte in comptes.items()},
    }


def _en_dict(comptes: pd.Series) -> dict[str, int]:
    return {str(nom): int(combien) for nom, combien in comptes.items()}


def ecrire_depot(edition: Edition, dossier: Path, menages: int, graine: int) -> tuple[Path, ...]:
    """The fictional deposit of an edition: its quartiers, the three years before it, its currency."""
    rupture = next((r.annee for r in edition.profil.ruptures if "activite" in r.series), None)
    monnaie = edition.profil.monnaie
    fiction = Fiction(
        quartiers=_poids_des_quartiers(edition),
        annees=tuple(range(edition.annee - 3, edition.annee)),
        menages=menages,
        graine=graine,
        rupture=None if rupture is None else _jour(rupture),
        monnaie=monnaie.symbole,
        pas=500 if monnaie.code == "XPF" else 5,
    )
    generer(dossier, fiction)
    return dossier / "ccas_aides.csv", dossier / "ccas_aides_verite.json"


def _jour(annee: float) -> datetime.date:
    """2024.37 → 15 May 2024."""
    return datetime.date(int(annee), 1, 1) + datetime.timedelta(days=int((annee % 1) * 366))


def _poids_des_quartiers(edition: Edition) -> dict[str, float]:
    """Population of each quartier, by name, at the last census the edition has; alike where it has none."""
    from pipeline import ingest
    from pipeline.sources.registre import SOURCES

    noms = {quartier.code: quartier.nom for quartier in edition.quartiers}
    recensements = [source for source in SOURCES if set(source.schema.columns) >= _DE_POPULATION]
    for source in recensements:
        for fichier in edition.fichiers_de(source.id):
            population = ingest.examiner(source, fichier, edition.chemin(fichier), None).table
            population = population[population["territoire"].isin(list(noms))]
            if set(noms) == set(population["territoire"]):
                derniere = population[population["millesime"] == population["millesime"].max()]
                sommes = derniere.groupby("territoire")["population"].sum()
                return {nom: float(sommes[code]) for code, nom in noms.items()}
    return dict.fromkeys(noms.values(), 1.0)
