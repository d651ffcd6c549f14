"""The communes that resemble the one under study: a territory of its own, made once the tables are built.

In: a base with its `socle` tables, the edition, the declared indicators. Out: `socle.comparables` (one row a
commune of the group: rang, territoire, distance, relative), `socle.comparables_variables` (one row an
indicator the likeness is measured on: indicateur, millesime, part_conservee), and in `socle.appartenances`
the rows that make the group hold its communes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline import compute
from pipeline.geographie import COMPARABLES
from pipeline.methods import voisins
from pipeline.methods.refus import Refus
from pipeline.model import Chapter, ErreurUtilisateur, Growth, Indicator, Total

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Edition

# On what communes are alike, unless the edition says otherwise: size, ages, households, housing, work, income.
INDICATEURS = (
    "population",
    "part_0_14",
    "part_75_plus",
    "part_personnes_seules",
    "part_proprietaires",
    "part_logements_vacants",
    "taux_chomage_15_64",
    "niveau_vie_median",
)

# Classes of population around the commune's, tried in this order until enough communes are in one.
FACTEURS = (2.0, 3.0, 5.0, 10.0, np.inf)


def choisir(con: duckdb.DuckDBPyConnection, edition: Edition, chapitres: Sequence[Chapter]) -> list[str]:
    """Write the group of comparable communes; returns their codes, nearest first, none if not asked.

    `ErreurUtilisateur` on an indicator or a commune that does not exist, or when nothing can be compared.
    """
    if edition.comparables is None:
        return []
    declares = {i.id: i for chapitre in chapitres for i in chapitre.indicators}
    noms = [
        nom for nom in edition.comparables.indicateurs or INDICATEURS if _accepter(declares, nom, edition)
    ]
    valeurs = _valeurs(con, [declares[nom] for nom in noms], edition.territoire.code)
    valeurs = valeurs.dropna(axis="columns", how="all")
    codes, variables = _retenir(con, edition, valeurs)
    _ecrire(con, "comparables", codes)
    _ecrire(con, "comparables_variables", variables)
    con.execute(
        "insert into socle.appartenances select territoire, ?, 1.0, true from socle.comparables",
        [COMPARABLES],
    )
    return codes["territoire"].tolist()


def _accepter(declares: dict[str, Indicator], nom: str, edition: Edition) -> bool:
    indicateur = declares.get(nom)
    if indicateur is not None and not indicateur.by and not isinstance(indicateur.measure, Growth):
        return True
    if edition.comparables.indicateurs:
        raise ErreurUtilisateur(
            f"edition.toml, [comparables] : « {nom} » n'est pas un indicateur sur lequel comparer des communes ; "
            "prendre un identifiant du dictionnaire, sans groupes ni évolution."
        )
    return False


# The values of an indicator at the latest vintage known for the territory studied.
_VALEURS = """
select '{nom}' as indicateur, territoire, valeur
from ({requete})
where valeur is not null and millesime = (
  select max(millesime) from ({requete}) where territoire = $etude and valeur is not null
)"""

_COMMUNES = """
select territoire{colonnes}
from ({valeurs})
where territoire in (
  select territoire
  from socle.territoires
  where niveau = (select niveau from socle.territoires where role = 'etude')
)
group by territoire
order by territoire"""


def _valeurs(con: duckdb.DuckDBPyConnection, indicateurs: Sequence[Indicator], etude: str) -> pd.DataFrame:
    """Values of every commune, in order, a column an indicator; counts on the logarithm."""
    requetes = {i.id: compute.requete(i, f"socle.{i.table}") for i in indicateurs}
    lues = [_VALEURS.format(nom=nom, requete=requete) for nom, requete in requetes.items()]
    rien = "select '' as indicateur, '' as territoire, 0 as valeur where $etude is null"
    colonnes = "".join(f", any_value(valeur) filter (indicateur = '{nom}') as {nom}" for nom in requetes)
    sql = _COMMUNES.format(valeurs="\nunion all\n".join([rien, *lues]), colonnes=colonnes)
    valeurs = con.execute(sql, {"etude": etude}).df()
    totaux = [i.id for i in indicateurs if isinstance(i.measure, Total)]
    valeurs[totaux] = np.log(valeurs[totaux].where(valeurs[totaux] > 0))
    return valeurs.set_index("territoire")


def _retenir(
    con: duckdb.DuckDBPyConnection, edition: Edition, valeurs: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The communes of the group with their distances, and what the list owes to each variable."""
    noms, etude = list(valeurs.columns), edition.territoire.code
    if etude not in valeurs.index or not noms:
        raise ErreurUtilisateur(
            "edition.toml, [comparables] : aucun des indicateurs de la comparaison n'est connu pour la commune ; "
            "déclarer les fichiers du recensement, ou retirer [comparables]."
        )
    try:
        z = voisins.standardiser(valeurs, noms)
        return _groupe(edition, valeurs, z, _exclues(con, edition))
    except Refus as refus:
        raise ErreurUtilisateur(f"edition.toml, [comparables] : {refus}") from None


def _exclues(con: duckdb.DuckDBPyConnection, edition: Edition) -> set[str]:
    if not edition.comparables.hors_detail:
        return set()
    lignes = con.execute("select territoire from socle.territoires where role = 'membre'").fetchall()
    return {territoire for (territoire,) in lignes}


def _groupe(
    edition: Edition, valeurs: pd.DataFrame, z: np.ndarray, exclues: set[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    noms, cible = list(valeurs.columns), int(valeurs.index.get_loc(edition.territoire.code))
    admises = ~valeurs.index.isin(exclues)
    if edition.comparables.communes:
        candidates, nombre = _designees(edition, valeurs), len(edition.comparables.communes)
    else:
        candidates, nombre = _de_meme_taille(valeurs, cible, admises, edition.comparables.nombre)
    groupe = voisins.voisins(z, cible, candidates, nombre)
    sensibilites = voisins.sensibilite(z, noms, cible, candidates, nombre) if len(noms) > 1 else ()
    communes = pd.DataFrame(
        {
            "rang": np.arange(1, nombre + 1),
            "territoire": valeurs.index[groupe.rangs],
            "distance": groupe.distances,
            "relative": groupe.relatives,
        }
    )
    return communes, pd.DataFrame(
        [(s.variable, s.part_conservee) for s in sensibilites], columns=["indicateur", "part_conservee"]
    )


def _designees(edition: Edition, valeurs: pd.DataFrame) -> np.ndarray:
    """The communes that people named; each must be known."""
    if inconnues := sorted(set(edition.comparables.communes) - set(valeurs.index)):
        raise ErreurUtilisateur(
            f"edition.toml, [comparables] : la commune « {inconnues[0]} » n'est pas dans les fichiers de "
            "l'édition ; corriger son code, ou la retirer."
        )
    return valeurs.index.isin(edition.comparables.communes)


def _de_meme_taille(
    valeurs: pd.DataFrame, cible: int, admises: np.ndarray, nombre: int
) -> tuple[np.ndarray, int]:
    """Communes of the narrowest class of population that holds enough of them."""
    if "population" not in valeurs:
        return admises, nombre
    ecarts = np.abs(valeurs["population"].to_numpy(float) - valeurs["population"].iloc[cible])
    for facteur in FACTEURS:
        candidates = admises & (ecarts <= np.log(facteur))
        if candidates.sum() > nombre:
            return candidates, nombre
    return admises, nombre


def _ecrire(con: duckdb.DuckDBPyConnection, nom: str, table: pd.DataFrame) -> None:
    con.register("lot", table)
    con.execute(f"create table socle.{nom} as select * from lot")
    con.unregister("lot")
