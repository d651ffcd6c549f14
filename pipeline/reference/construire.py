"""Writes the files of this folder from the producers' files: same inputs, same bytes.

In: the packages `@etalab/decoupage-administratif` of several years (folder `data` of each: `npm pack`
then `tar xzf`) and INSEE's `v_mvtcommune` (« Événements survenus aux communes depuis 1943 »). Out: eight
tables, each with its companion `.toml`.

    python -m pipeline.reference.construire --mouvements v_mvtcommune_2024.csv \
        --paquet 2019=v0.7.0/data --paquet 2021=v1.1.1/data --paquet 2022=v2.3.1/data \
        --paquet 2023=v3.1.1/data --paquet 2024=v4.1.0/data --paquet 2025=v5.3.0/data \
        --paquet 2026=v6.0.0/data

After the last year of `v_mvtcommune`, movements are read in the difference between one package and the
next: their date is the 1st of January of the year where they are first seen (the day is not known), and
every merge is a « commune nouvelle » (32). Départements and régions of before 2016 are not rebuilt: only
communes move. Saint-Barthélemy and Saint-Martin, missing from INSEE's file, are added; Mayotte keeps its
codes 976xx before 2011.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.cog import remonter
from pipeline.reference import DOSSIER

Paquet = list[dict[str, Any]]

DEPUIS = "2000-01-01"
# What changes who holds whose inhabitants. Left out: change of name (10), end or change of nature of a
# commune associée or déléguée (34, 35, 70, 71).
TYPES = ("21", "31", "32", "33", "41", "50")
FUSIONS = ("31", "32", "33")

# Census year of the populations municipales in the package of each COG year (page named in its README).
RECENSEMENTS = {2019: 2016, 2021: 2019, 2022: 2020, 2023: 2020, 2024: 2022, 2025: 2023, 2026: 2023}

# Loi organique n° 2007-223 of 21 February 2007, in force on 15 July: two communes leave Guadeloupe.
HORS_FICHIER = [("2007-07-15", "41", "97123", "97701"), ("2007-07-15", "41", "97127", "97801")]

# Split in 2012, merged in 2016, before the first package: INSEE, populations légales 2013 (HIST_POP_COM_RP13).
POPULATIONS_HORS_PAQUETS = {"52427": (286, 2013)}

ARTICLES_TNCC = {2: "le", 3: "la", 4: "les", 5: "l'"}
# INSEE's type de nom en clair gives no article where common usage has one.
ARTICLES_DEPARTEMENTS = {
    **{"28": "l'", "35": "l'", "37": "l'", "49": "le", "54": "la", "71": "la", "77": "la"},
    **{"984": "les", "987": "la", "988": "la", "989": "l'"},
}
ARTICLES_REGIONS = {
    "11": "l'",
    "27": "la",
    "28": "la",
    "53": "la",
    "76": "l'",
    "84": "l'",
    "93": "la",
    "94": "la",
}

NATURES = {"CC": "communauté de communes", "CA": "communauté d'agglomération", "CU": "communauté urbaine"}

_NOM_A_ARTICLE = re.compile(r"(Le|La|Les) (.+)|(L')(.+)")

COG = "https://www.insee.fr/fr/information/2560452"
DECOUPAGE = "https://github.com/datagouv/decoupage-administratif"
LICENCE = "Licence Ouverte 2.0 (données) ; MIT (paquet @etalab/decoupage-administratif)"
INSEE = "INSEE, code officiel géographique"
EN_2026 = "1er janvier 2026"

# Title, producer, vintage, address, files read.
NOTICES = {
    "communes.parquet": (
        "Communes, leur intercommunalité et leur population municipale",
        "INSEE, code officiel géographique et populations de référence ; DGCL",
        "COG et EPCI au 1er janvier 2026 ; populations de 2023 (Mayotte : 2017)",
        DECOUPAGE,
        ("communes", "epci"),
    ),
    "arrondissements.csv": ("Arrondissements municipaux", INSEE, EN_2026, DECOUPAGE, ("communes",)),
    "epci.csv": ("EPCI à fiscalité propre", "DGCL", EN_2026, DECOUPAGE, ("epci",)),
    "departements.csv": (
        *("Départements et collectivités d'outre-mer", INSEE, EN_2026, DECOUPAGE),
        ("departements",),
    ),
    "regions.csv": ("Régions", INSEE, EN_2026, DECOUPAGE, ("regions",)),
    "mouvements.csv": (
        "Mouvements de communes depuis 2000",
        INSEE,
        "événements jusqu'au 1er janvier 2024 ; ensuite déduits de deux COG successifs, sans le jour",
        COG,
        ("mouvements", "paquets"),
    ),
    "populations_mouvements.csv": (
        "Populations municipales autour des mouvements de communes",
        "INSEE, populations de référence",
        "recensements de 2013 à 2023, colonne annee",
        DECOUPAGE,
        ("mouvements", "paquets"),
    ),
    "anciennes.csv": (
        "Communes déléguées, associées, disparues ou renommées depuis 2000",
        INSEE,
        EN_2026,
        COG,
        ("mouvements", "communes"),
    ),
}


def separer_article(nom: str) -> tuple[str, str]:
    """« Le Mont-Dore » → (« Le », « Mont-Dore »): the capital article belongs to the name."""
    trouve = _NOM_A_ARTICLE.fullmatch(nom)
    return (trouve[1] or trouve[3], trouve[2] or trouve[4]) if trouve else ("", nom)


def _nommes(lignes: Paquet, articles: Mapping[str, str]) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Code, article, name of départements or régions: a name's own article, else that of common usage."""
    for ligne in lignes:
        article, nom = separer_article(ligne["nom"])
        usage = articles.get(ligne["code"], ARTICLES_TNCC.get(ligne["typeLiaison"], ""))
        yield ligne["code"], article or usage, nom, ligne


def table_departements(lignes: Paquet) -> pd.DataFrame:
    """Code, article, nom, region, zone (metro, drom, com)."""
    rangs = [
        (code, article, nom, "" if ligne["zone"] == "com" else ligne["region"], ligne["zone"])
        for code, article, nom, ligne in _nommes(lignes, ARTICLES_DEPARTEMENTS)
    ]
    return pd.DataFrame(sorted(rangs), columns=["code", "article", "nom", "region", "zone"])


def table_regions(lignes: Paquet) -> pd.DataFrame:
    """Code, article, nom of the 18 régions."""
    rangs = [rang[:3] for rang in _nommes(lignes, ARTICLES_REGIONS) if rang[3]["zone"] != "com"]
    return pd.DataFrame(sorted(rangs), columns=["code", "article", "nom"])


def _nom_epci(nom: str) -> tuple[str, str]:
    """« CA du Bassin de… » → (« la », « communauté d'agglomération du Bassin de… »)."""
    sigle, _, reste = nom.replace("''", '"').replace('"', "").partition(" ")
    if sigle in NATURES:
        return "la", f"{NATURES[sigle]} {reste}"
    return {"Métropole": "la", "Eurométropole": "l'"}.get(sigle, ""), nom


def table_epci(lignes: Paquet) -> pd.DataFrame:
    """Code (SIREN), article, nom, type (CC, CA, CU, METRO, MET69)."""
    rangs = [(ligne["code"], *_nom_epci(ligne["nom"]), ligne["type"]) for ligne in lignes]
    return pd.DataFrame(sorted(rangs), columns=["code", "article", "nom", "type"])


def actuelles(paquet: Paquet) -> dict[str, dict[str, Any]]:
    """Communes of a package that are whole communes on the 1st of January, by code."""
    return {ligne["code"]: ligne for ligne in paquet if ligne["type"] == "commune-actuelle"}


def table_communes(paquet: Paquet, epci: Paquet) -> pd.DataFrame:
    """Code, article, nom, departement, epci, population."""
    membres = {membre["code"]: groupe["code"] for groupe in epci for membre in groupe["membres"]}
    rangs = [
        (code, *separer_article(ligne["nom"]), ligne["departement"], membres.get(code, ""))
        for code, ligne in sorted(actuelles(paquet).items())
    ]
    table = pd.DataFrame(rangs, columns=["code", "article", "nom", "departement", "epci"])
    populations = {code: ligne.get("population") for code, ligne in actuelles(paquet).items()}
    return table.assign(population=table["code"].map(populations).astype("Int32"))


def table_arrondissements(paquet: Paquet) -> pd.DataFrame:
    """Code, nom, commune of the municipal arrondissements."""
    rangs = [
        (ligne["code"], ligne["nom"], ligne["commune"])
        for ligne in paquet
        if ligne["type"] == "arrondissement-municipal"
    ]
    return pd.DataFrame(sorted(rangs), columns=["code", "nom", "commune"])


def rattachements(paquet: Paquet) -> dict[str, str]:
    """Commune that each code of the past belongs to: as déléguée or associée first, else as « ancien code »."""
    vivantes = actuelles(paquet)
    anciens = {ancien: code for code, ligne in vivantes.items() for ancien in ligne.get("anciensCodes", [])}
    delegues = {ligne["code"]: ligne["chefLieu"] for ligne in paquet if "chefLieu" in ligne}
    return {code: commune for code, commune in (anciens | delegues).items() if code not in vivantes}


def mouvements_deduits(annee: int, avant: Paquet, apres: Paquet) -> list[tuple[str, str, str, str]]:
    """Movements between two packages: (date, type, code before, code after)."""
    anciennes, nouvelles = set(actuelles(avant)), set(actuelles(apres))
    mene = rattachements(apres)
    paires = {}
    for code in anciennes - nouvelles:
        paires[code, mene[code]] = "32" if mene[code] in anciennes else "50"
    for code in nouvelles - anciennes - {apres_ for _, apres_ in paires}:
        paires[rattachements(avant)[code], code] = "21"
    for (depart, arrivee), type_ in list(paires.items()):
        reste = depart if type_ == "21" else arrivee
        if type_ != "50":
            paires[reste, reste] = type_
    return [(f"{annee}-01-01", type_, *paire) for paire, type_ in paires.items()]


def table_mouvements(evenements: pd.DataFrame, paquets: Mapping[int, Paquet]) -> pd.DataFrame:
    """Date, type, avant, apres: INSEE's events since 2000, then those deduced from the packages."""
    lus = evenements[
        evenements["TYPECOM_AV"].eq("COM")
        & evenements["TYPECOM_AP"].eq("COM")
        & evenements["MOD"].isin(TYPES)
        & evenements["DATE_EFF"].gt(DEPUIS)
    ]
    rangs = list(lus[["DATE_EFF", "MOD", "COM_AV", "COM_AP"]].itertuples(index=False, name=None))
    derniere = int(evenements["DATE_EFF"].max()[:4])
    annees = [annee for annee in sorted(paquets) if annee >= derniere]
    for precedente, annee in itertools.pairwise(annees):
        rangs += mouvements_deduits(annee, paquets[precedente], paquets[annee])
    return pd.DataFrame(sorted({*rangs, *HORS_FICHIER}), columns=["date", "type", "avant", "apres"])


def verifier_communes(mouvements: pd.DataFrame, paquets: Mapping[int, Paquet]) -> None:
    """Named check: movements lead from the communes of each package to those of the last one."""
    dernieres = set(actuelles(paquets[max(paquets)]))
    for annee, paquet in paquets.items():
        if ecart := set(actuelles(paquet)) ^ remonter(dernieres, mouvements, annee):
            raise ValueError(f"communes de {annee} : paquet et mouvements diffèrent sur {sorted(ecart)[:5]}")


def _population(code: str, annees: list[int], paquets: Mapping[int, Paquet]) -> tuple[int, int] | None:
    """Population and its census year in the first package of `annees` that knows the commune."""
    for annee in annees:
        ligne = actuelles(paquets[annee]).get(code, {})
        if ligne.get("population") is not None:
            return ligne["population"], RECENSEMENTS[annee]
    return POPULATIONS_HORS_PAQUETS.get(code)


def table_populations(mouvements: pd.DataFrame, paquets: Mapping[int, Paquet]) -> pd.DataFrame:
    """Date, moment, commune, population, annee: the census nearest to each split or merge that is known.

    After a split, the first package of the year or later; before a merge, the last package of before:
    merges up to 2019 have none.
    """
    annees = sorted(paquets)
    rangs = []
    for date, type_, avant, apres in mouvements.itertuples(index=False, name=None):
        if type_ == "21":
            suivantes = [annee for annee in annees if f"{annee}-01-01" >= date]
            rangs.append((date, "apres", apres, _population(apres, suivantes, paquets)))
        if type_ in FUSIONS and date > f"{annees[0]}-01-01":
            precedentes = [annee for annee in reversed(annees) if f"{annee}-01-01" < date]
            rangs.append((date, "avant", avant, _population(avant, precedentes, paquets)))
    if manquantes := [rang for rang in rangs if rang[3] is None]:
        raise ValueError(f"populations inconnues : {manquantes}")
    connues = sorted({(*rang[:3], *rang[3]) for rang in rangs if rang[3]})
    return pd.DataFrame(connues, columns=["date", "moment", "commune", "population", "annee"])


def table_anciennes(evenements: pd.DataFrame, paquet: Paquet) -> pd.DataFrame:
    """Code, nom, commune: déléguées, associées, communes gone since 2000, names left since 2000."""
    vivantes, mene = actuelles(paquet), rattachements(paquet)
    rangs = {(ligne["code"], ligne["nom"], ligne["chefLieu"]) for ligne in paquet if "chefLieu" in ligne}
    passees = evenements[evenements["TYPECOM_AV"].eq("COM") & evenements["DATE_EFF"].gt(DEPUIS)]
    for code, nom in passees[["COM_AV", "LIBELLE_AV"]].itertuples(index=False, name=None):
        if commune := (code if code in vivantes else mene.get(code)):
            rangs.add((code, nom, commune))
    rangs |= {(avant, vivantes[apres]["nom"], apres) for _, _, avant, apres in HORS_FICHIER}
    restants = [rang for rang in rangs if rang[:2] != (rang[2], vivantes[rang[2]]["nom"])]
    return pd.DataFrame(sorted(restants), columns=["code", "nom", "commune"])


def _notice(nom: str, origines: Mapping[str, bytes]) -> str:
    """Companion of a table. `sha256_origine` is that of its files, one after the other."""
    titre, producteur, millesime, adresse, lues = NOTICES[nom]
    empreinte = hashlib.sha256(b"".join(origines[origine] for origine in lues)).hexdigest()
    champs = {"titre": titre, "producteur": producteur, "millesime": millesime, "licence": LICENCE}
    champs |= {"adresse": adresse, "sha256_origine": empreinte}
    return "".join(f'{champ} = "{valeur}"\n' for champ, valeur in champs.items())


def _origines(paquets: Mapping[int, Path], mouvements: Path) -> dict[str, bytes]:
    """Bytes of the producers' files, by the name that `NOTICES` gives them."""
    sources = paquets[max(paquets)]
    lus = {
        nom: (sources / f"{nom}.json").read_bytes() for nom in ("communes", "epci", "departements", "regions")
    }
    anciens = b"".join((paquets[annee] / "communes.json").read_bytes() for annee in sorted(paquets))
    return lus | {"paquets": anciens, "mouvements": mouvements.read_bytes()}


def construire_reference(paquets: Mapping[int, Path], mouvements: Path, dossier: Path = DOSSIER) -> None:
    """Write every table and its companion in `dossier`: same inputs, same bytes (same pyarrow).

    `paquets`: folder `data` of the package of each COG year, the last one being the reference's;
    `mouvements`: INSEE's `v_mvtcommune` csv. Raises `ValueError` when the communes of a package are not
    those that the movements lead to.
    """
    lus = {annee: _json(chemin / "communes.json") for annee, chemin in paquets.items()}
    derniere = max(paquets)
    epci, departements, regions = (
        _json(paquets[derniere] / f"{nom}.json") for nom in ("epci", "departements", "regions")
    )
    evenements = pd.read_csv(mouvements, dtype=str, keep_default_na=False)
    deplacements = table_mouvements(evenements, lus)
    verifier_communes(deplacements, lus)
    tables = {
        "communes.parquet": table_communes(lus[derniere], epci),
        "arrondissements.csv": table_arrondissements(lus[derniere]),
        "epci.csv": table_epci(epci),
        "departements.csv": table_departements(departements),
        "regions.csv": table_regions(regions),
        "mouvements.csv": deplacements,
        "populations_mouvements.csv": table_populations(deplacements, lus),
        "anciennes.csv": table_anciennes(evenements, lus[derniere]),
    }
    origines = _origines(paquets, mouvements)
    for nom, table in tables.items():
        _ecrire(table, dossier / nom)
        (dossier / nom).with_suffix(".toml").write_text(_notice(nom, origines), encoding="utf-8")


def _json(chemin: Path) -> Paquet:
    return json.loads(chemin.read_text(encoding="utf-8"))


def _ecrire(table: pd.DataFrame, chemin: Path) -> None:
    if chemin.suffix == ".csv":
        table.to_csv(chemin, index=False, lineterminator="\n")
        return
    # Sorted codes and names repeat their beginnings: half the size of the default encoding.
    repetes = ["article", "departement", "epci"]
    table.to_parquet(
        chemin,
        index=False,
        compression="brotli",
        use_dictionary=repetes,
        column_encoding={"code": "DELTA_BYTE_ARRAY", "nom": "DELTA_BYTE_ARRAY"},
        write_statistics=False,
    )


def _paquet(texte: str) -> tuple[int, Path]:
    annee, _, chemin = texte.partition("=")
    return int(annee), Path(chemin)


if __name__ == "__main__":
    lecteur = argparse.ArgumentParser(description="Reconstruit pipeline/reference")
    lecteur.add_argument("--mouvements", type=Path, required=True)
    lecteur.add_argument("--paquet", type=_paquet, action="append", required=True, metavar="ANNEE=DOSSIER")
    lecteur.add_argument("--dossier", type=Path, default=DOSSIER)
    arguments = lecteur.parse_args()
    construire_reference(dict(arguments.paquet), arguments.mouvements, arguments.dossier)
