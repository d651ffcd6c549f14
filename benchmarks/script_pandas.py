"""The country by a plain pandas script: what an analyst would write to do, once, what the pipeline does.

`python -m benchmarks.script_pandas <folder of the files> <results.parquet>`: read and check each file, bring it to
the geography of 2026, sum each level where no part is missing, then, indicator by indicator, value, interval, status
and reason. Formulas, rules of the files and intervals are those declared; all the rest is merge, groupby and concat.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.pays import GEOGRAPHIE, MILLESIMES
from pipeline import cog
from pipeline.indicators import CHAPITRES
from pipeline.methods import intervalles, tendances
from pipeline.model import Growth, Indicator, Mean, Rate, Ratio, Share, Total, colonnes
from pipeline.sources.registre import SOURCES

NIVEAUX = ("commune", "epci", "departement", "region")
SEUILS = {"equipements": 20}
EXPLOITATIONS = dict.fromkeys(("menages", "familles", "peuplement"), "complementaire")
CLE = ["territoire", "millesime"]


def lire(chemin: Path, theme: str, annee: int) -> pd.DataFrame:
    """A wide file under our names, every rule of its source checked."""
    source = next(source for source in SOURCES if source.id == theme)
    noms = {
        c.metadata["brut"].replace("{yy}", f"{annee % 100:02d}"): n for n, c in source.schema.columns.items()
    }
    table = pd.read_csv(chemin, sep=";", dtype={"CODGEO": str, "IRIS": str})
    table = table.rename(columns=noms | {"IRIS": "territoire"})
    nombres = table.columns.drop("territoire")
    for nom in nombres:
        assert not (pd.to_numeric(table[nom]) < 0).any(), nom
    assert table["territoire"].str.fullmatch(r"\d[\dAB]\d{3}(\d{4})?").all()
    assert not table["territoire"].duplicated().any()
    table = table.assign(millesime=annee)
    for regle, controle in source.checks.items():
        if set(getattr(controle, "args", ("territoire",))[:1]) <= set(table.columns):
            assert controle(table).empty, regle
    return table


def lire_equipements(chemin: Path) -> pd.DataFrame:
    """Melodi's file, one column a kind of equipment; what is not written is nil."""
    source = next(source for source in SOURCES if source.id == "insee_bpe")
    axes = ["FACILITY_DOM", "FACILITY_SDOM", "FACILITY_TYPE"]
    noms = {
        tuple(c.metadata["melodi"][axe] for axe in axes): nom
        for nom, c in source.schema.columns.items()
        if c.metadata.get("melodi")
    }
    longue = pd.read_csv(chemin, sep=";", dtype={"GEO": str})
    longue = longue[longue["GEO_OBJECT"] == "COM"]
    assert not longue.duplicated(["GEO", "TIME_PERIOD", *axes]).any()
    longue["nom"] = pd.MultiIndex.from_frame(longue[axes]).map(noms)
    large = longue.pivot_table("OBS_VALUE", ["GEO", "TIME_PERIOD"], "nom", aggfunc="sum", fill_value=0)
    return large.reset_index().rename(columns={"GEO": "territoire", "TIME_PERIOD": "millesime"})


def amener(table: pd.DataFrame) -> pd.DataFrame:
    """The communes of 2024 in those of 2026: shared, then summed."""
    passage = cog.passage(GEOGRAPHIE, 2026)
    liens = table.merge(passage, left_on="territoire", right_on="avant")
    nombres = list(table.columns.drop(CLE))
    assert not liens[nombres].isna().any(axis=None)
    liens[nombres] = liens[nombres].mul(liens["part"], axis=0)
    return liens.assign(territoire=liens["apres"]).groupby(CLE)[nombres].sum().reset_index()


def additionner(table: pd.DataFrame, liens: pd.DataFrame) -> pd.DataFrame:
    """The table and, below, every level above the communes, where none of them is missing."""
    dessus = (
        table.merge(liens, on="territoire").drop(columns="territoire").rename(columns={"dans": "territoire"})
    )
    groupes = dessus.groupby(CLE)
    sommes, comptes = groupes.sum(), groupes.count()
    attendues = liens["dans"].value_counts()
    complets = comptes.eq(comptes.index.get_level_values("territoire").map(attendues), axis=0)
    return pd.concat([table, sommes.where(complets).reset_index()], ignore_index=True)


def tables(lues: dict[str, pd.DataFrame], equipements: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The columns that the indicators are made of."""
    population, logement = lues["insee_rp_population"], lues["insee_rp_logement"]
    menages, familles = lues["insee_rp_menages"], lues["insee_rp_familles"]
    population = population.assign(
        pop_tous_ages=population["hommes"] + population["femmes"],
        pop_60_plus=population["pop_60_74"] + population["pop_75_plus"],
    )
    modes = menages.merge(population[[*CLE, "pop_80_plus"]], on=CLE).merge(
        logement[[*CLE, "pop_menages"]], on=CLE
    )
    modes = modes.assign(
        pop_menages_25_54=modes["pop_menages_25_39"] + modes["pop_menages_40_54"],
        seules_25_54=modes["seules_25_39"] + modes["seules_40_54"],
    )
    tranches = ("15_24", "25_54", "55_64", "65_79", "80_plus")
    modes["seules"] = sum(modes[f"seules_{tranche}"] for tranche in tranches)
    rp = logement["residences_principales"]
    derniere = population.loc[population["millesime"] == MILLESIMES[0], ["territoire", "pop"]]
    return {
        "population": population,
        "enfants": population,
        "modes_de_vie": modes,
        "menages": lues["insee_rp_menages_comp"].rename(columns={"monoparentaux": "familles_monoparentales"}),
        "familles": familles.rename(columns={"monoparentales": "familles_monoparentales"}).assign(
            familles_nombreuses=familles["enfants_3"] + familles["enfants_4_plus"],
            familles_avec_jeune=familles[["enfants_1", "enfants_2", "enfants_3", "enfants_4_plus"]].sum(
                axis=1
            ),
        ),
        "logements": logement.assign(
            **dict.fromkeys(
                ("occupation_connue", "type_connu", "bain_connu", "emmenagement_connu", "voiture_connue"), rp
            ),
            cabanes=logement["habitations_de_fortune"],
            rp_avant_1946=logement["rp_avant_1919"] + logement["rp_1919_1945"],
            rp_avant_1971=logement["rp_avant_1919"] + logement["rp_1919_1945"] + logement["rp_1946_1970"],
            sans_bain=rp - logement["avec_salle_de_bain"],
            emmenages_recents=logement["emmenages_0_1"],
            emmenages_10_ans=logement["emmenages_10_plus"],
            sans_voiture=rp - logement["avec_voiture"],
        ),
        "peuplement": lues["insee_rp_logement_comp"].rename(
            columns={"hors_studio_seul": "peuplement_connu", "suroccupees": "surpeuples"}
        ),
        "equipements": equipements.merge(derniere, on="territoire", how="left"),
    }


def fractions(population: pd.DataFrame, liens: pd.DataFrame, exploitation: str) -> pd.Series:
    """The fraction of dwellings surveyed of each territory: the mean of its communes' weighted by inhabitants."""
    communes = population.loc[population["millesime"] == MILLESIMES[0], ["territoire", "pop"]]
    communes = communes.assign(part=intervalles.fraction_enquetee(communes["pop"], exploitation))
    dessus = communes.merge(liens, on="territoire").assign(enquetes=lambda t: t["pop"] * t["part"])
    sommes = dessus.groupby("dans")[["enquetes", "pop"]].sum()
    return pd.concat([communes.set_index("territoire")["part"], sommes["enquetes"] / sommes["pop"]])


def mesurer(
    indicateur: Indicator, table: pd.DataFrame, lieux: pd.DataFrame, parts: pd.Series
) -> pd.DataFrame:
    """One indicator: a row for each territory and vintage."""
    mesure = indicateur.measure
    lignes = table[CLE].assign(numerateur=table.eval(mesure.a).astype(float))
    if isinstance(mesure, Growth):
        paires = pd.DataFrame({"debut": MILLESIMES[1:], "millesime": MILLESIMES[:-1]})
        avant = lignes.rename(columns={"millesime": "debut", "numerateur": "denominateur"})
        lignes = lignes.merge(paires, on="millesime").merge(avant, on=["territoire", "debut"])
        annees = lignes["millesime"] - lignes["debut"]
        rapport = lignes["numerateur"] / lignes["denominateur"].where(lignes["denominateur"] != 0)
        lignes = lignes.assign(annees=annees, valeur=100 * (rapport ** (1 / annees) - 1))
    elif isinstance(mesure, Total):
        lignes = lignes.assign(denominateur=np.nan, valeur=lignes["numerateur"])
    else:
        b = table.eval(mesure.of).astype(float)
        lignes = lignes.assign(denominateur=b, valeur=mesure.per * lignes["numerateur"] / b.where(b != 0))
    millesimes = lignes[["millesime"]].drop_duplicates()
    complet = lieux.merge(millesimes, how="cross").merge(lignes, on=CLE, how="left")
    complet = complet.assign(indicateur=indicateur.id, efficace=complet["territoire"].map(parts))
    return statuer(borner(complet, mesure), mesure, SEUILS.get(indicateur.table, 200))


def borner(lignes: pd.DataFrame, mesure: object) -> pd.DataFrame:
    """The rows with their 95 % interval, from effective counts."""
    a, b = lignes["numerateur"] * lignes["efficace"], lignes["denominateur"] * lignes["efficace"]
    match mesure:
        case Share():
            basse, haute = intervalles.wilson(a, b)
        case Rate():
            basse, haute = intervalles.taux(a, b)
        case Ratio():
            basse, haute = intervalles.rapport(a, b)
        case Growth():
            basse, haute = tendances.bornes_croissance(b, a, lignes["annees"])
        case _:
            basse, haute = np.nan, np.nan
    facteur = getattr(mesure, "per", 100)
    return lignes.assign(borne_basse=basse * facteur, borne_haute=haute * facteur)


def statuer(lignes: pd.DataFrame, mesure: object, seuil: int) -> pd.DataFrame:
    """The rows with their status and its reason."""
    comptes = lignes[["numerateur", "denominateur"]].min(axis=1)
    if isinstance(mesure, Mean):
        comptes = lignes["denominateur"]
    petite = (comptes < seuil) & (not isinstance(mesure, Total))
    connus = lignes[lignes["valeur"].notna()].groupby("millesime")["niveau"].unique()
    ailleurs = connus.map(lambda noms: "connu seulement au niveau : " + ", ".join(noms))
    lignes["statut"] = np.select([lignes["valeur"].isna(), petite], ["absent", "fragile"], "valide")
    petit = f"moins de {seuil} au numérateur ou au dénominateur"
    lignes["motif"] = np.select(
        [lignes["valeur"].isna(), petite], [lignes["millesime"].map(ailleurs), petit], ""
    )
    return lignes


def main(dossier: Path, sortie: Path) -> None:
    """Every indicator of every territory of the country, into a Parquet file."""
    territoires = cog.territoires()
    lieux = territoires[territoires["niveau"].isin(NIVEAUX) | (territoires["code"] == "FRANCE-F")]
    lieux = lieux.rename(columns={"code": "territoire"})
    liens = lieux[lieux["niveau"] == "commune"].assign(dans=lieux["dans"].str.split()).explode("dans")
    liens = liens.loc[liens["dans"].isin(lieux["territoire"]), ["territoire", "dans"]]
    lues: dict[str, pd.DataFrame] = {}
    for chemin in sorted(dossier.glob("insee_rp_*.csv")):
        theme, annee = chemin.stem.rsplit("_", 1)
        table = amener(lire(chemin, theme, int(annee)))
        lues[theme] = pd.concat([lues.get(theme, table.iloc[:0]), table], ignore_index=True)
    lire(dossier / "base_ic_2022.csv", "insee_rp_population", 2022)
    [bpe] = dossier.glob("DS_BPE_*.zip")
    faites = tables(lues, amener(lire_equipements(bpe)))
    resultats = []
    for nom, table in faites.items():
        toute = additionner(table, liens)
        parts = fractions(faites["population"], liens, EXPLOITATIONS.get(nom, "principale"))
        for indicateur in (i for chapitre in CHAPITRES for i in chapitre.indicators if i.table == nom):
            mesure = indicateur.measure
            noms = colonnes(mesure.a) + (colonnes(mesure.of) if hasattr(mesure, "of") else ())
            if set(noms) <= set(toute.columns):
                resultats.append(mesurer(indicateur, toute, lieux[["territoire", "niveau"]], parts))
    pd.concat(resultats, ignore_index=True).to_parquet(sortie, index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
