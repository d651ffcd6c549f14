"""Raw tables in, `socle.<table>` out: one SELECT a table, run in an explicit order and checked.

The first line of each SQL file says what one row is and its key:
`-- une ligne : un territoire à un recensement ; clé : territoire, millesime`. What is checked of every
table comes from there: the key is complete and unique, territories exist, no count is negative.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from pipeline import avenir, defavorisation
from pipeline.geographie import appartenances, territoires
from pipeline.model import Serie, Source

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from pipeline.edition import DateRecensement, Edition

DOSSIER_SQL = Path(__file__).parent / "sql"

ORDRE = (
    "recensements",
    "population_sexe_age",
    "cohortes",
    "population",
    "soldes",
    "enfants",
    "modes_de_vie",
    "mobilite",
    "menages",
    "familles",
    "logements",
    "peuplement",
    "formation",
    "emploi",
    "professions",
    "categories",
    "majeurs",
    "revenus",
    "revenus_declares",
    "revenus_2",
    "etat_civil",
    "populations_reference",
    "allocataires",
    "allocataires_quotient",
    "petite_enfance",
    "inscrits_emploi",
    "equipements",
    "etablissements",
    "acces_soins",
    "aide_sociale",
    "logement_social",
    "quartiers_prioritaires",
    "habitants_quartiers",
    "habitants_ages",
    "aides_demandes",
    "recours",
    "recours_menages",
    "aides",
    "aides_motif",
    "aides_age",
    "aides_type_menage",
    "representation_type_menage",
    "aides_sexe",
    "aides_menages",
    "aides_repartition",
    "aides_dixiemes",
    "attributions",
    "aides_forme",
    "aides_fournisseur",
    "aides_en_nature",
    "prets",
    "menages_occupation",
    "demandeurs_emploi",
    "ressources_menages",
    "ressources",
    "delais_demandes",
    "delais",
    "commissions_dossiers",
    "commissions",
    "commissions_decisions",
    "commissions_refus",
    "budget",
    "budget_habitants",
    "budget_chapitre",
    "budget_aides",
    "accueils",
    "accueils_canal",
    "accueils_public",
    "accueils_reponse",
    "accueils_orientation",
    "accompagnements_suivis",
    "accompagnements",
    "accompagnements_type",
    "accompagnements_sortie",
    "aide_alimentaire",
    "aide_alimentaire_nature",
    "services_type",
    "instructions_dossiers",
    "instructions",
    "instructions_dispositif",
    "domiciliation_elections",
    "domiciliation",
    "domiciliation_refus",
    "domiciliation_radiations",
    "maraudes",
    "maraudes_besoin",
    "rencontres",
    "sorties_personnes",
    "sorties",
    "sorties_toit",
    "hebergement_demandes",
    "hebergement",
    "hebergement_motif",
    "hebergement_menage",
    "accueil_jour",
    "comptages",
    "signalements",
    "signalements_origine",
    "signalements_suite",
    "sans_recul",
    "registre",
    "evenements",
    "centre_social",
    "centre_social_quartiers",
    "centre_social_activites",
    "centre_social_seances",
    "centre_social_benevolat",
    "questionnaire",
    "questionnaire_repondants",
    "questionnaire_themes",
)

# Made by Python from the edition, not by a SELECT.
SANS_SOURCE = ("territoires", "appartenances", "comparables", "comparables_variables", "paires")
# Made by Python from other tables, after them: what no SELECT can say.
CALCULEES = {
    "projection": ("cohortes", "population", "modes_de_vie", "aide_sociale"),
    "contre_epreuve": ("cohortes", "population"),
    "defavorisation": ("population", "revenus", "formation", "professions", "emploi"),
    "defavorisation_axe": ("population", "revenus", "formation", "professions", "emploi"),
}

_ENTETE = re.compile(r"-- une ligne : (?P<ligne>.+?) ; clé : (?P<cle>[a-z0-9_, ]+)")

_NOMBRES = ("BIGINT", "DECIMAL", "DOUBLE", "HUGEINT", "INTEGER", "SMALLINT", "UBIGINT")

# Of each table that Python makes: its key, and what no row may lack, under the name of its breach.
_FAITES = {
    "territoires": (
        ("territoire",),
        {
            "article absent": "article is not null",
            "nom vide": "nom <> ''",
            "niveau absent": "niveau is not null",
            "rang négatif": "rang >= 0",
            "rôle inconnu": "role in ('etude', 'quartier', 'comparateur', 'membre', '')",
            "ordre absent": "ordre is not null",
        },
    ),
    "appartenances": (
        ("contenu", "contenant"),
        {"poids hors de ]0, 1]": "poids > 0 and poids <= 1", "couvre absent": "couvre is not null"},
    ),
    "projection": (
        ("territoire", "horizon", "groupe"),
        {
            "effectif négatif": "least(population, borne_basse, borne_haute, 0) >= 0",
            "bornes inversées": "borne_basse is null or borne_haute is null or borne_basse <= borne_haute",
            "ni population ni motif": "population is not null or motif <> ''",
        },
    ),
    "contre_epreuve": (
        ("classe", "groupe", "methode"),
        {"aucun lieu": "lieux > 0", "erreur négative": "mape >= 0"},
    ),
    "defavorisation": (
        ("territoire",),
        {
            "score absent": "score is not null",
            "quintile inconnu": "quintile is null or quintile in (1, 2, 3, 4, 5)",
        },
    ),
    "defavorisation_axe": (
        ("echelle", "variable"),
        {"lieux négatifs": "lieux >= 0", "ni axe ni motif": "coefficient is not null or motif <> ''"},
    ),
}


@cache
def sql(table: str) -> str:
    """The SELECT that builds `socle.<table>`."""
    return (DOSSIER_SQL / f"{table}.sql").read_text(encoding="utf-8")


def description(table: str) -> str:
    """What one row of the table is."""
    return _entete(table)["ligne"]


def cle(table: str) -> tuple[str, ...]:
    """Columns that identify a row of the table."""
    if table in _FAITES:
        return _FAITES[table][0]
    return tuple(nom.strip() for nom in _entete(table)["cle"].split(","))


def _entete(table: str) -> re.Match[str]:
    trouve = _ENTETE.match(sql(table))
    if not trouve:
        raise ValueError(f"sql/{table}.sql : la première ligne doit dire « une ligne : … ; clé : … »")
    return trouve


@cache
def sources_de(table: str) -> tuple[str, ...]:
    """Ids of the sources a table is made of, directly or through other tables, in reading order."""
    if table in SANS_SOURCE:
        return ()
    if table in CALCULEES:
        return tuple(dict.fromkeys(s for autre in CALCULEES[table] for s in sources_de(autre)))
    texte = sql(table)
    directes = re.findall(r"\bbrut\.([a-z0-9_]+)", texte)
    indirectes = [s for autre in re.findall(r"\bsocle\.([a-z0-9_]+)", texte) for s in sources_de(autre)]
    return tuple(dict.fromkeys(directes + indirectes))


@cache
def tables_de(table: str) -> tuple[str, ...]:
    """The `socle` tables that a table is made of, itself first, directly or through others."""
    if table in SANS_SOURCE:
        return ()
    directes = CALCULEES.get(table) or re.findall(r"\bsocle\.([a-z0-9_]+)", sql(table))
    return tuple(dict.fromkeys([table, *(nom for autre in directes for nom in tables_de(autre))]))


@cache
def est_activite(table: str) -> bool:
    """Whether a table tells, in part at least, what the CCAS does, and not only the population: secrecy applies."""
    from pipeline.sources.registre import ACTIVITE

    return not {source.id for source in ACTIVITE}.isdisjoint(sources_de(table))


def series() -> dict[str, str]:
    """Table → its series: which vintages compare, which size is small. Of several, the most demanding."""
    return {
        table: min((source.serie for source in _declarees(table)), key=get_args(Serie).index)
        for table in ORDRE
        if "millesime" in cle(table)
    }


def taille(table: str, serie: str) -> str:
    """The series whose size of small counts holds for a table: a yearly count over a census is a yearly count."""
    annuelle = any(source.serie == "annuelle" for source in _declarees(table))
    return "annuelle" if annuelle and serie == "recensement" else serie


@cache
def _datee_du_jour(table: str) -> bool:
    """Whether the years of a table are those of the days of an activity; a budget says its own, maybe to come."""
    from pipeline.sources.registre import ACTIVITE

    datees = {source.id for source in ACTIVITE if "exercice" not in source.schema.columns}
    return not datees.isdisjoint(sources_de(table))


@cache
def est_recensement(table: str) -> bool:
    """Whether a vintage of a table is a census: nothing of it is counted year by year."""
    return all(source.serie == "recensement" for source in _declarees(table))


def jour(table: str, millesime: int, recensements: Sequence[DateRecensement]) -> datetime.date:
    """The day that a vintage of a table is of: its census's, or that of the count it divides by a census.

    A year of activity or of a yearly statistic is known when it ends, unless its producer counts on 1 January;
    so is a census whose day `recensements` does not give (INSEE's rolling census).
    """
    annuelles = [source for source in _declarees(table) if source.serie != "recensement"]
    if annuelles and not all(source.debut_d_annee for source in annuelles):
        return datetime.date(millesime, 12, 31)
    jours = {} if annuelles else {recense.millesime: recense.date for recense in recensements}
    return jours.get(millesime, datetime.date(millesime, 1, 1))


def _declarees(table: str) -> list[Source]:
    from pipeline.sources.registre import SOURCES

    noms = sources_de(table)
    return [source for source in SOURCES if source.id in noms]


def construire(con: duckdb.DuckDBPyConnection, edition: Edition) -> dict[str, int]:
    """Build every `socle` table in order; returns table → number of rows."""
    # one transaction: each that is committed costs as much as a small table
    con.begin()
    # the one setting that a SELECT asks for: `aides_demandes`
    con.execute(f"set variable exercice = '{edition.edition.exercice}'")
    con.execute("create schema socle")
    _ecrire(con, "territoires", territoires(edition))
    _ecrire(con, "appartenances", appartenances(edition))
    sans_ligne, dernier = _sans_ligne(con), edition.dernier_exercice
    lignes = {table: _construire_table(con, table, sans_ligne, dernier) for table in ORDRE}
    marquer(con)
    calculees = avenir.tables(con, edition) | defavorisation.tables(con)
    for nom, cadre in calculees.items():
        _ecrire(con, nom, cadre)
    con.commit()
    return lignes | {nom: len(cadre) for nom, cadre in calculees.items()}


def marquer(con: duckdb.DuckDBPyConnection) -> None:
    """Mark the figures that cannot be judged yet as a producer marks his own: they are missing, and say why."""
    con.execute("insert into brut.marques by name select *, '' as marque from socle.sans_recul")


def _sans_ligne(con: duckdb.DuckDBPyConnection) -> set[str]:
    """The sources of which the edition has no row."""
    lues = con.execute(
        "select table_name from duckdb_tables() "
        "where database_name = current_database() and schema_name = 'brut' and estimated_size = 0"
    ).fetchall()
    return {source for (source,) in lues}


def _ecrire(con: duckdb.DuckDBPyConnection, nom: str, table: pd.DataFrame) -> None:
    con.register("lot", table)
    con.execute(f"create table socle.{nom} as select * from lot")
    con.unregister("lot")
    if len(table):
        _verifier(con, nom)


def _construire_table(con: duckdb.DuckDBPyConnection, table: str, sans_ligne: set[str], dernier: int) -> int:
    # a table of sources without rows has none: it has its columns without being planned
    fin = "limit 0" if sans_ligne.issuperset(sources_de(table)) else ""
    [(lignes,)] = con.execute(f"create table socle.{table} as from ({sql(table)}) {fin}").fetchall()
    if lignes and _datee_du_jour(table) and "millesime" in _types(con, table):
        [(apres,)] = con.execute(f"delete from socle.{table} where millesime > ?", [dernier]).fetchall()
        lignes -= apres
    if lignes:
        _verifier(con, table)
    return lignes


def _verifier(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """The door between building and computing; a breach is a bug of the SQL, not of the user."""
    noms, regles = ", ".join(cle(table)), _regles(con, table)
    # every rule at once: most tables are small, and a statement costs more than its rows
    enfreintes = con.execute(
        " union all ".join(
            f"(select '{regle}' from socle.{table} {condition} limit 1)"
            for regle, condition in regles.items()
        )
    ).fetchall()
    if enfreintes:
        [regle] = enfreintes[0]
        fautive = con.execute(f"select {noms} from socle.{table} {regles[regle]} limit 1").fetchone()
        raise ValueError(f"socle.{table} : {regle}, {fautive}")


def _types(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    return {nom: genre for nom, genre, *_ in con.execute(f"describe socle.{table}").fetchall()}


def _regles(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Rule → the end of a SELECT that finds what breaks it."""
    types = _types(con, table)
    cles = ", ".join(cle(table))
    regles = {
        f"clé {cles} en double": f"group by {cles} having count(*) > 1",
        f"clé {cles} incomplète": "where " + " or ".join(f"{nom} is null" for nom in cle(table)),
    }
    if "territoire" in types:
        regles["territoire inconnu"] = "anti join socle.territoires using (territoire)"
    if table in _FAITES:
        return regles | {nom: f"where ({tenue}) is not true" for nom, tenue in _FAITES[table][1].items()}
    nombres = [nom for nom, genre in types.items() if genre.startswith(_NOMBRES) and nom not in cle(table)]
    if nombres:
        regles["effectif négatif"] = "where " + " or ".join(f"{nom} < 0" for nom in nombres)
    return regles
