"""What an analyst needs in a notebook: a built edition, its cards, and a place to try an indicator.

In: the name of an edition that has been built. Out: a `Base`, read-only, on what anybody may read: it holds
no row about a person, and nothing that statistical secrecy hides, unless the confidential one is asked for.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import duckdb
import pandas as pd

from pipeline import compute, exports, mesures, transform
from pipeline.build import BASE, CONFIDENTIEL, base_construite
from pipeline.edition import RACINE, Edition, lire_edition
from pipeline.indicators import chapitres_de
from pipeline.model import ErreurUtilisateur, Indicator, Published
from pipeline.report import charts
from pipeline.report.charts import Graphique, Sujet

CONFIDENTIELLE = (
    "Base confidentielle : elle contient les lignes pseudonymisées des personnes et des chiffres sous secret ; rien de "
    "ce qui en est tiré ne sort du CCAS."
)
_COLONNES = ["indicateur", "territoire", "nom", "millesime", "depuis", "groupe"]
_VALEURS = ["numerateur", "denominateur", "valeur", "borne_basse", "borne_haute", "statut", "motif"]


@dataclass(frozen=True)
class Base:
    """A built edition: its declaration and a read-only connection, for any SQL on its public tables."""

    edition: Edition
    con: duckdb.DuckDBPyConnection

    def dictionnaire(self) -> pd.DataFrame:
        """One row an indicator: definition, formula, sources, SQL."""
        return exports.dictionnaire(chapitres_de(self.edition.profil), exports.sources_lisibles(self.con))

    def fiche(self, indicateur: str, territoire: str = "") -> pd.DataFrame:
        """Published values of an indicator: every territory of the edition, or one."""
        lignes = self.con.execute(
            "select i.*, t.nom from publication.indicateurs i join socle.territoires t using (territoire) "
            "where indicateur = ? and (? = '' or territoire = ?) order by ordre, groupe, millesime",
            [indicateur, territoire, territoire],
        ).df()
        if not len(lignes):
            raise ErreurUtilisateur(f"Aucun chiffre publié pour « {indicateur} » et « {territoire} ».")
        return lignes[_COLONNES + _VALEURS]

    def evaluer(self, indicateur: Indicator) -> pd.DataFrame:
        """Values of an indicator being written, as the engine would give them; nothing is kept.

        Only over public tables: an indicator of the activity is tried by building the edition.
        """
        if f"socle.{indicateur.table}" not in self._tables():
            raise ErreurUtilisateur(
                f"La table « {indicateur.table} » n'est pas dans la base : elle n'existe pas, ou elle vient de "
                "dossiers de personnes ; déclarer l'indicateur dans un chapitre et construire l'édition."
            )
        sommes = compute.additives([indicateur]).get(indicateur.table, [])
        source = (
            ""
            if isinstance(indicateur.measure, Published)
            else (f"({compute.sql_niveaux(indicateur.table, sommes)})")
        )
        lectures = [([indicateur], compute.lecture([indicateur], source))]
        series = {indicateur.table: transform.series()[indicateur.table]}
        self.con.execute("attach if not exists ':memory:' as essai (read_write)")
        mesures.ecrire(self.con, lectures, self.edition.profil, series, "essai")
        resultat = self.con.execute("select * from essai.indicateurs").df()
        noms = self.con.execute("select territoire, nom from socle.territoires").df()
        return resultat.merge(noms, on="territoire", how="left")[_COLONNES + _VALEURS]

    def territoires(self) -> pd.DataFrame:
        """One row a territory of the edition: code, name, level, what it is to the commune."""
        return self.con.execute(
            "select territoire, nom, niveau, role from socle.territoires where role <> '' order by ordre"
        ).df()

    def indicateur(self, nom: str) -> Indicator:
        """The declaration of an indicator; `ErreurUtilisateur` when none has that name."""
        declares = {i.id: i for c in chapitres_de(self.edition.profil) for i in c.indicators}
        if nom not in declares:
            raise ErreurUtilisateur(
                f'Aucun indicateur ne s\'appelle « {nom} » : lire base.dictionnaire()["indicateur"].'
            )
        return declares[nom]

    def dessiner(self, indicateur: Indicator, valeurs: pd.DataFrame) -> Graphique:
        """The chart of what `fiche` or `evaluer` gave, as the report draws it; its `figure` shows in a notebook.

        One territory: its years; several: the quartiers of the latest year, else all that are known then.
        """
        lisibles = valeurs[valeurs["valeur"].notna() & (valeurs["groupe"] == "")]
        if lisibles.empty:
            raise ErreurUtilisateur(
                f"« {indicateur.id} » n'a aucun chiffre à dessiner ici : en choisir d'autres lignes, sans groupe."
            )
        lignes = lisibles.assign(code=lisibles["territoire"], territoire=lisibles["nom"])
        seul, annees = lignes["code"].nunique() == 1, sorted(lignes["millesime"].unique())
        if seul and len(annees) > 1:
            sujet = self._sujet(indicateur, f"{annees[0]}-{annees[-1]}")
            return charts.evolution(lignes.assign(date=lignes["millesime"].astype(float)), sujet)
        derniers = lignes[lignes["millesime"] == annees[-1]]
        quartiers = derniers[derniers["code"].isin([q.code for q in self.edition.quartiers])]
        return charts.classement(
            derniers if quartiers.empty else quartiers, self._sujet(indicateur, str(annees[-1]))
        )

    def _sujet(self, indicateur: Indicator, periode: str) -> Sujet:
        """What a chart is about: the sources that the edition has, and whether one is fictional."""
        noms = transform.sources_de(indicateur.table)
        sources = exports.sources_lisibles(self.con)
        fictives = self.con.execute("select distinct source from qualite.fichiers where fictif").fetchall()
        return Sujet(
            nom=indicateur.id,
            titre=f"{indicateur.label}, {periode}",
            source=f"Source : {' ; '.join(sources[nom] for nom in noms if nom in sources)}.",
            unite=indicateur.measure.unit,
            decimales=indicateur.measure.decimals,
            nous=self.edition.territoire.nom,
            fictif=any(source in noms for (source,) in fictives),
        )

    def _tables(self) -> set[str]:
        lignes = self.con.execute("select table_schema, table_name from information_schema.tables").fetchall()
        return {f"{schema}.{nom}" for schema, nom in lignes}


def ouvrir(nom: str, *, confidentiel: bool = False) -> Base:
    """The edition of that name, built; `ErreurUtilisateur` when it is not.

    `confidentiel`: the base that holds the pseudonymised rows of persons and the figures before secrecy. It is asked
    for by name, and says what it is: nothing drawn from it leaves the CCAS.
    """
    edition = lire_edition(nom, RACINE)
    if confidentiel:
        warnings.warn(CONFIDENTIELLE, stacklevel=2)
    base = base_construite(edition, CONFIDENTIEL if confidentiel else BASE)
    return Base(edition, duckdb.connect(str(base), read_only=True))
