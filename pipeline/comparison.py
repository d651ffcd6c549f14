"""Who stands above whom, and what has changed: computed values in, `resultat.comparaisons` out.

One row a comparison of an indicator's value with the comparators' (same vintage), with the commune's (for
a quartier) and with the previous vintage's. Its state comes from the interval of the difference, corrected
for the number of comparisons of the report; sentences are made from these states and from nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.methods import comparaisons
from pipeline.methods.comparaisons import Position
from pipeline.model import Chapter, Indicator, Measure, Rate, Ratio, Share, Statut

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Edition, Profil

_CLE = ["indicateur", "groupe"]
_COMPARABLES = (Statut.VALIDE.value,)
_COLONNES = {
    **dict.fromkeys(("indicateur", "groupe", "territoire", "contre", "nature", "position", "motif"), "str"),
    **dict.fromkeys(("millesime", "contre_millesime"), "int64"),
    **dict.fromkeys(("effet", "borne_basse", "borne_haute", "p", "q"), "float64"),
}

# Which territories of the edition hold which.
_DANS = """
select contenu, contenant
from socle.appartenances
where contenu in (select territoire from socle.territoires where role <> '')
  and contenant in (select territoire from socle.territoires where role <> '')"""


def comparer(
    con: duckdb.DuckDBPyConnection, edition: Edition, chapitres: Sequence[Chapter], series: dict[str, str]
) -> pd.DataFrame:
    """Write and return `resultat.comparaisons`.

    Columns: indicateur, groupe, territoire, millesime, contre (a territory), contre_millesime, nature
    (`comparateur`, `commune` or `precedent`), effet, borne_basse, borne_haute, p, q, position, motif.
    """
    resultats = con.execute("select * from resultat.indicateurs").df()
    territoires = con.execute("select territoire, role, ordre from socle.territoires where role <> ''").df()
    dans = pd.MultiIndex.from_frame(con.execute(_DANS).df())
    indicateurs = {indicateur.id: indicateur for chapitre in chapitres for indicateur in chapitre.indicators}
    resultats["tableau"] = resultats["indicateur"].map({nom: i.table for nom, i in indicateurs.items()})
    couples = _couples(resultats, territoires, con.execute("select * from socle.paires").df(), dans)
    if not len(couples):
        return _ecrire(con, pd.DataFrame({nom: pd.Series(dtype=genre) for nom, genre in _COLONNES.items()}))
    mesures = {nom: type(indicateur.measure) for nom, indicateur in indicateurs.items()}
    table = _confronter(couples, couples["indicateur"].map(mesures), dans)
    table = _respecter_ruptures(table, edition.profil, indicateurs, series)
    membres = table["territoire"].isin(territoires.loc[territoires["role"] == "membre", "territoire"])
    for ensemble in (membres, ~membres):
        table.loc[ensemble, "q"] = comparaisons.benjamini_hochberg(table.loc[ensemble, "p"].to_numpy(float))
    table["position"] = comparaisons.apres_correction(table["position"].to_numpy(str), table["q"])
    return _ecrire(con, table)


def _ecrire(con: duckdb.DuckDBPyConnection, table: pd.DataFrame) -> pd.DataFrame:
    con.register("lot", table)
    con.execute("create table resultat.comparaisons as select * from lot")
    con.unregister("lot")
    return table


def _respecter_ruptures(
    table: pd.DataFrame, profil: Profil, indicateurs: dict[str, Indicator], series: dict[str, str]
) -> pd.DataFrame:
    """No change is read through a declared break: both years, whole, must lie on one side of it."""
    serie = table["indicateur"].map({nom: series[i.table] for nom, i in indicateurs.items()})
    for rupture in profil.ruptures:
        traverse = (
            serie.isin(rupture.series)
            & (table["nature"] == "precedent")
            & (table["contre_millesime"] < rupture.annee)
            & (rupture.annee < table["millesime"] + 1)
        )
        table.loc[traverse, "position"] = Position.NE_SE_COMPARE_PAS.value
        table.loc[traverse, "p"] = np.nan
        table.loc[traverse, "motif"] = f"rupture déclarée : {rupture.libelle}"
    return table


def _couples(
    resultats: pd.DataFrame, territoires: pd.DataFrame, paires: pd.DataFrame, dans: pd.MultiIndex
) -> pd.DataFrame:
    """Every pair of rows to be compared: columns of the left row, and of the right one under `contre_`.

    The commune is set against every comparator, each comparator against those that come after it, a commune
    shown in detail against the comparators that hold it.
    """
    lignes = resultats[resultats["valeur"].notna()].merge(territoires, on="territoire")
    etude = lignes[lignes["role"] == "etude"]
    autour = lignes[lignes["role"].isin(["etude", "comparateur"])]
    memes = [*_CLE, "millesime", "depuis"]
    larges = lignes[lignes["role"] == "comparateur"]
    suivants = _apparier(autour, larges, memes, "comparateur")
    membres = _apparier(lignes[lignes["role"] == "membre"], larges, memes, "comparateur")
    tenus = pd.MultiIndex.from_frame(membres[["territoire", "contre_territoire"]]).isin(dans)
    couples = [
        suivants[suivants["ordre"] < suivants["contre_ordre"]],
        membres[tenus],
        _apparier(lignes[lignes["role"] == "quartier"], etude, memes, "commune"),
        _apparier(lignes, _precedents(lignes, paires), [*_CLE, "territoire", "millesime"], "precedent"),
    ]
    tous = pd.concat(couples, ignore_index=True)
    return tous.iloc[np.argsort(pd.factorize(tous["indicateur"])[0], kind="stable")].reset_index(drop=True)


def _apparier(gauche: pd.DataFrame, droite: pd.DataFrame, sur: list[str], nature: str) -> pd.DataFrame:
    autres = {nom: f"contre_{nom}" for nom in droite.columns if nom not in sur}
    return gauche.merge(droite.rename(columns=autres), on=sur).assign(nature=nature)


def _precedents(lignes: pd.DataFrame, paires: pd.DataFrame) -> pd.DataFrame:
    """Each row under the vintage that may be compared with it; `ancien` keeps its own."""
    suivants = lignes.merge(paires, left_on=["tableau", "millesime"], right_on=["tableau", "debut"])
    return suivants.assign(ancien=suivants["millesime"], millesime=suivants["fin"])


def _confronter(couples: pd.DataFrame, mesures: pd.Series, dans: pd.MultiIndex) -> pd.DataFrame:
    """Test every pair by its measure's own test; a part is compared with the rest of the whole that contains it."""
    contre = couples["contre_territoire"].fillna(couples["territoire"])
    table = pd.DataFrame(
        {
            "indicateur": couples["indicateur"],
            "groupe": couples["groupe"],
            "territoire": couples["territoire"],
            "millesime": couples["millesime"].astype("int64"),
            "contre": contre,
            "contre_millesime": couples["contre_ancien"].fillna(couples["millesime"]).astype("int64"),
            "nature": couples["nature"],
        }
    )
    inclus = pd.MultiIndex.from_arrays([couples["territoire"], contre]).isin(dans)
    morceaux = [
        pd.DataFrame(_tester(couples[siens], mesure, inclus[siens]), index=couples.index[siens])
        for mesure in mesures.unique()
        if (siens := (mesures == mesure).to_numpy()).any()
    ]
    return table.join(pd.concat(morceaux)).assign(q=np.nan)


def _tester(lot: pd.DataFrame, mesure: type[Measure], inclus: np.ndarray) -> dict[str, np.ndarray]:
    """Effect, interval, p and state of each pair of one kind of measure, on effective counts."""
    a, b = lot["numerateur"].to_numpy(float), lot["denominateur"].to_numpy(float)
    c, d = lot["contre_numerateur"].to_numpy(float), lot["contre_denominateur"].to_numpy(float)
    if mesure is Share:
        test = comparaisons.comparer_proportions
    elif mesure is Ratio:
        # a for 100 b is above another exactly when a's share of a + b is: a test of proportions
        test, b, d = comparaisons.comparer_proportions, a + b, c + d
    elif mesure is Rate:
        test = comparaisons.comparer_taux
    else:
        return _sans_test(len(lot), "cette mesure ne se teste pas")
    e, f = lot["efficace"].to_numpy(float), lot["contre_efficace"].to_numpy(float)
    c, d, f = _autres(a, b, e, c, d, f, inclus)
    resultat = test(a * e, b * e, c * f, d * f)
    fragile = ~(lot["statut"].isin(_COMPARABLES) & lot["contre_statut"].isin(_COMPARABLES)).to_numpy()
    return {
        "effet": resultat.effet,
        "borne_basse": resultat.borne_basse,
        "borne_haute": resultat.borne_haute,
        "p": np.where(fragile, np.nan, resultat.p),
        "position": np.where(fragile, Position.NE_SE_COMPARE_PAS.value, resultat.position),
        "motif": np.where(fragile, "effectifs trop petits", resultat.motif),
    }


def _autres(
    a: np.ndarray,
    b: np.ndarray,
    e: np.ndarray,
    c: np.ndarray,
    d: np.ndarray,
    f: np.ndarray,
    inclus: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Counts a part is set against and their `efficace`: the whole's, or its rest's where it holds the part.

    The observations of the whole are those of the part and of the rest: e·b + g·(d − b) = f·d.
    """
    c_reste, d_reste = comparaisons.reste(a, b, c, d)
    with np.errstate(invalid="ignore", divide="ignore"):
        g = (f * d - e * b) / d_reste
    g = np.where(g > 0, np.minimum(1.0, g), np.minimum(e, f))
    return np.where(inclus, c_reste, c), np.where(inclus, d_reste, d), np.where(inclus, g, f)


def _sans_test(taille: int, motif: str) -> dict[str, np.ndarray]:
    vide = np.full(taille, np.nan)
    return {
        **dict.fromkeys(("effet", "borne_basse", "borne_haute", "p"), vide),
        "position": np.full(taille, Position.NE_SE_COMPARE_PAS.value),
        "motif": np.full(taille, motif),
    }
