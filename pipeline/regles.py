"""Rules between two tables of a deposit: what one file alone cannot tell.

In: a base whose `brut` tables are loaded. Out: the rows that each rule finds. An error leaves its table
and joins the rows sent back to the depositor (`qualite.rejets`), so that read = loaded + rejected still
holds of each file; a plausible oddity stays, to be verified (`qualite.a_verifier`); where a rule says how
something is counted, `qualite.comptages` says of how many rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from pipeline.model import ErreurUtilisateur

if TYPE_CHECKING:
    import duckdb

Sort = Literal["rejet", "signalement", "comptage"]


@dataclass(frozen=True)
class RegleCroisee:
    """One rule: its French sentence, what becomes of the rows it finds, and how to find them.

    `sql` selects `fichier`, `ligne` and `valeur` (text, empty for a pseudonym) of rows of `brut.<source>`, or of
    the `source` that it selects; `colonne` is the one that a person should look at.
    """

    phrase: str
    sort: Sort
    source: str
    colonne: str
    sql: str


SEANCE_AVANT = RegleCroisee(
    "séance avant la demande",
    "rejet",
    "ccas_decisions",
    "date_seance",
    """
    select d.fichier, d.ligne, strftime(d.date_seance, '%d/%m/%Y') as valeur
    from brut.ccas_decisions d
    join brut.ccas_demandes using (demande)
    where d.date_seance < date_demande""",
)

PAIEMENT_AVANT = RegleCroisee(
    "paiement avant la demande",
    "rejet",
    "ccas_paiements",
    "date_paiement",
    """
    select p.fichier, p.ligne, strftime(p.date_paiement, '%d/%m/%Y') as valeur
    from brut.ccas_paiements p
    join brut.ccas_demandes using (demande)
    where p.date_paiement < date_demande""",
)

# A payment is at fault when it takes the sum paid beyond the sum granted; an amount granted that is not
# known proves nothing, nor does a request on which nothing was decided yet (an urgent aid).
PAIEMENT_SUPERIEUR = RegleCroisee(
    "paiement supérieur au montant accordé",
    "rejet",
    "ccas_paiements",
    "montant",
    """
    with accords as (
      select
        demande,
        coalesce(sum(montant_accorde) filter (where decision in ('accord', 'accord_partiel')), 0) as accorde
      from brut.ccas_decisions
      group by demande
      having not coalesce(bool_or(decision in ('accord', 'accord_partiel') and montant_accorde is null), false)
    ),
    cumuls as (
      select
        fichier,
        ligne,
        demande,
        montant,
        sum(montant) over (partition by demande order by date_paiement, montant) as paye
      from brut.ccas_paiements
      where annule is distinct from 'oui'
    )
    select fichier, ligne, printf('%.2f', montant) as valeur
    from cumuls
    join accords using (demande)
    where paye > accorde + 0.005""",
)

ACCORDE_PLUS = RegleCroisee(
    "montant accordé supérieur au montant demandé",
    "signalement",
    "ccas_decisions",
    "montant_accorde",
    """
    select d.fichier, d.ligne, printf('%.2f', d.montant_accorde) as valeur
    from brut.ccas_decisions d
    join brut.ccas_demandes using (demande)
    where d.decision in ('accord', 'accord_partiel') and d.montant_accorde > montant_demande + 0.005""",
)

DECISION_ORPHELINE = RegleCroisee(
    "décision sur une demande absente du dépôt",
    "signalement",
    "ccas_decisions",
    "demande",
    """
    select fichier, ligne, '' as valeur
    from brut.ccas_decisions
    anti join brut.ccas_demandes using (demande)
    where exists (from brut.ccas_demandes)""",
)

PAIEMENT_ORPHELIN = RegleCroisee(
    "paiement d'une demande absente du dépôt",
    "signalement",
    "ccas_paiements",
    "demande",
    """
    select fichier, ligne, '' as valeur
    from brut.ccas_paiements
    anti join brut.ccas_demandes using (demande)
    where exists (from brut.ccas_demandes)""",
)

URGENCE_REGULARISEE = RegleCroisee(
    "paiement avant la séance (urgence régularisée ensuite)",
    "signalement",
    "ccas_paiements",
    "date_paiement",
    """
    with seances as (
      select demande, min(date_seance) as date_seance
      from brut.ccas_decisions
      where decision in ('accord', 'accord_partiel')
      group by demande
    )
    select p.fichier, p.ligne, strftime(p.date_paiement, '%d/%m/%Y') as valeur
    from brut.ccas_paiements p
    join seances using (demande)
    where p.date_paiement < seances.date_seance and p.annule is distinct from 'oui'""",
)

# One row a household, year and quartier beyond the first: where it was seen there for the first time.
DEUX_QUARTIERS = RegleCroisee(
    "ménage dans deux quartiers la même année (déménagement, ou adresse à corriger)",
    "signalement",
    "ccas_demandes",
    "quartier",
    """
    with vus as (
      select 'ccas_demandes' as source, fichier, ligne, menage, quartier, date_demande as jour
      from brut.ccas_demandes
      union all
      select 'ccas_menages', fichier, ligne, menage, quartier, date_maj from brut.ccas_menages
      union all
      select 'ccas_accompagnements', fichier, ligne, menage, quartier, date_debut from brut.ccas_accompagnements
      union all
      select 'ccas_aide_alimentaire', fichier, ligne, menage, quartier, date_remise from brut.ccas_aide_alimentaire
    ),
    plusieurs as (
      select menage, year(jour) as annee
      from vus
      group by
        menage,
        annee
      having min(quartier) < max(quartier)
    ),
    premiers as (
      select
        menage,
        year(jour) as annee,
        quartier,
        min(jour) as jour,
        min_by(source, (jour, fichier, ligne)) as source,
        min_by(fichier, (jour, fichier, ligne)) as fichier,
        min_by(ligne, (jour, fichier, ligne)) as ligne
      from vus
      semi join plusieurs on plusieurs.menage = vus.menage and plusieurs.annee = year(vus.jour)
      where quartier is not null
      group by
        menage,
        annee,
        quartier
    )
    select source, fichier, ligne, quartier as valeur
    from premiers
    qualify row_number() over (partition by menage, annee order by jour, quartier) > 1""",
)

DEUX_MENAGES = RegleCroisee(
    "personne dans deux ménages (déménagement, séparation, ou ménage en double)",
    "signalement",
    "ccas_demandes",
    "menage",
    """
    with vues as (
      select 'ccas_demandes' as source, fichier, ligne, personne, menage, date_demande as jour
      from brut.ccas_demandes
      union all
      select 'ccas_personnes', fichier, ligne, personne, menage, date_maj from brut.ccas_personnes
    ),
    plusieurs as (
      select personne
      from vues
      group by personne
      having min(menage) < max(menage)
    ),
    premieres as (
      select
        personne,
        menage,
        min(jour) as jour,
        min_by(source, (jour, fichier, ligne)) as source,
        min_by(fichier, (jour, fichier, ligne)) as fichier,
        min_by(ligne, (jour, fichier, ligne)) as ligne
      from vues
      semi join plusieurs using (personne)
      group by
        personne,
        menage
    )
    select source, fichier, ligne, '' as valeur
    from premieres
    qualify row_number() over (partition by personne order by jour, menage) > 1""",
)

PRESENCE_ORPHELINE = RegleCroisee(
    "présence à une séance, ou d'un adhérent, absents du dépôt",
    "signalement",
    "centre_social_presences",
    "seance",
    """
    select fichier, ligne, '' as valeur
    from brut.centre_social_presences
    where (seance not in (select seance from brut.centre_social_seances)
        and exists (from brut.centre_social_seances))
      or (adherent not in (select adherent from brut.centre_social_adherents)
        and exists (from brut.centre_social_adherents))""",
)

AJOURNEE_PUIS_ACCORDEE = RegleCroisee(
    "demande ajournée puis accordée : comptée une fois, avec sa décision finale",
    "comptage",
    "ccas_decisions",
    "decision",
    """
    with precedentes as (
      select
        *,
        row_number() over (partition by demande order by date_seance desc) = 1 as finale,
        bool_or(decision = 'ajournement') over (
          partition by demande order by date_seance rows between unbounded preceding and 1 preceding
        ) as ajournee
      from brut.ccas_decisions
      where demande in (select demande from brut.ccas_decisions where decision = 'ajournement')
    )
    select fichier, ligne, decision as valeur
    from precedentes
    where finale and ajournee and decision in ('accord', 'accord_partiel')""",
)

PRET = RegleCroisee(
    "prêt accordé : compté à part des aides",
    "comptage",
    "ccas_decisions",
    "forme",
    """
    select fichier, ligne, forme as valeur
    from brut.ccas_decisions
    where forme = 'pret' and decision in ('accord', 'accord_partiel')""",
)

AUTRE_ANNEE = RegleCroisee(
    "décision rendue une autre année que la demande",
    "comptage",
    "ccas_decisions",
    "date_seance",
    """
    select d.fichier, d.ligne, strftime(d.date_seance, '%d/%m/%Y') as valeur
    from brut.ccas_decisions d
    join brut.ccas_demandes using (demande)
    where year(d.date_seance) > year(date_demande)""",
)

RENOUVELLEMENT = RegleCroisee(
    "domiciliation renouvelée : comptée à part des premières domiciliations",
    "comptage",
    "ccas_domiciliations",
    "nature",
    """
    select fichier, ligne, nature as valeur
    from brut.ccas_domiciliations
    where nature = 'renouvellement' and decision = 'accord'""",
)

AYANTS_DROIT = RegleCroisee(
    "domiciliation avec ayants droit : tous sont comptés parmi les personnes domiciliées",
    "comptage",
    "ccas_domiciliations",
    "ayants_droit",
    """
    select fichier, ligne, ayants_droit::text as valeur
    from brut.ccas_domiciliations
    where ayants_droit > 0 and decision = 'accord'""",
)

RADIEE_EN_COURS = RegleCroisee(
    "domiciliation radiée avant le 31 décembre, mais valide à cette date : non comptée ce jour-là",
    "comptage",
    "ccas_domiciliations",
    "date_radiation",
    """
    select fichier, ligne, strftime(date_radiation, '%d/%m/%Y') as valeur
    from brut.ccas_domiciliations
    where date_fin >= make_date(year(date_radiation), 12, 31)""",
)

AUTRE_PERIMETRE = RegleCroisee(
    "comptage d'un autre périmètre que l'habituel : ses personnes ne sont pas dans les chiffres",
    "comptage",
    "ccas_comptages",
    "perimetre",
    """
    select fichier, ligne, perimetre as valeur
    from brut.ccas_comptages
    where perimetre = 'autre'""",
)

REGLES = (
    SEANCE_AVANT,
    PAIEMENT_AVANT,
    PAIEMENT_SUPERIEUR,
    ACCORDE_PLUS,
    DECISION_ORPHELINE,
    PAIEMENT_ORPHELIN,
    URGENCE_REGULARISEE,
    DEUX_QUARTIERS,
    DEUX_MENAGES,
    PRESENCE_ORPHELINE,
    AJOURNEE_PUIS_ACCORDEE,
    PRET,
    AUTRE_ANNEE,
    RENOUVELLEMENT,
    AYANTS_DROIT,
    RADIEE_EN_COURS,
    AUTRE_PERIMETRE,
)
"""Every rule between tables: first what is sent back, then what is flagged, then what is told."""

_COLONNES = ["regle", "sort", "source", "fichier", "ligne", "colonne", "valeur"]


def regles_croisees(con: duckdb.DuckDBPyConnection, regles: Iterable[RegleCroisee] = REGLES) -> pd.DataFrame:
    """One row a row found: regle, sort, source, fichier, ligne, colonne, valeur; nothing is changed."""
    trouvees = [
        con.execute(f"select * from ({regle.sql}) order by fichier, length(ligne), ligne")
        .df()
        .assign(
            regle=regle.phrase,
            sort=regle.sort,
            source=lambda lignes, sienne=regle.source: lignes.get("source", sienne),
            colonne=regle.colonne,
        )
        for regle in regles
    ]
    return pd.concat(trouvees, ignore_index=True)[_COLONNES].astype("string")


def appliquer(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Send errors back, keep oddities, count what is told; returns one row a rule and file: lignes.

    In: `brut.*` and `qualite.*` as ingestion leaves them. `ErreurUtilisateur` when more rows of a file are
    at fault than its source tolerates: the file, and not its rows, is to be put right.
    """
    rejets = regles_croisees(con, [regle for regle in REGLES if regle.sort == "rejet"])
    _renvoyer(con, rejets)
    autres = regles_croisees(con, [regle for regle in REGLES if regle.sort != "rejet"])
    toutes = pd.concat([rejets, autres], ignore_index=True)
    comptes = toutes.groupby(["sort", "regle", "fichier"], sort=False).size().reset_index(name="lignes")
    con.register("trouvees", autres)
    con.execute(
        "insert into qualite.a_verifier by name select * exclude (sort) from trouvees where sort = 'signalement'"
    )
    con.unregister("trouvees")
    con.register("comptes", comptes)
    con.execute(
        "insert into qualite.comptages select fichier, regle, lignes from comptes where sort = 'comptage'"
    )
    con.unregister("comptes")
    return comptes


def _renvoyer(con: duckdb.DuckDBPyConnection, rejets: pd.DataFrame) -> None:
    """Faulty rows leave their table, and their file's counts follow."""
    con.register("fautives", rejets)
    for source in sorted(rejets["source"].unique()):
        con.execute(
            f"delete from brut.{source} as lue using fautives "
            f"where fautives.source = '{source}' and lue.fichier = fautives.fichier and lue.ligne = fautives.ligne"
        )
    con.execute(
        "insert into qualite.rejets by name "
        "select source, fichier, ligne, colonne, regle, valeur from fautives"
    )
    con.execute(
        "update qualite.fichiers as lu set "
        "lignes_chargees = lignes_chargees - renvoyees, lignes_rejetees = lignes_rejetees + renvoyees "
        "from (select source, fichier, count(distinct ligne) as renvoyees from fautives group by all) as f "
        "where lu.source = f.source and lu.fichier = f.fichier"
    )
    con.unregister("fautives")
    for source, fichier in rejets[["source", "fichier"]].drop_duplicates().itertuples(index=False):
        _refuser_si_trop(con, source, fichier, rejets)


def _refuser_si_trop(con: duckdb.DuckDBPyConnection, source: str, fichier: str, rejets: pd.DataFrame) -> None:
    """Refuse a file most of whose rows contradict another one."""
    from pipeline.sources.registre import SOURCES

    [toleres] = [declaree.rejets_toleres for declaree in SOURCES if declaree.id == source]
    lues, rejetees = con.execute(
        "select lignes_lues, lignes_rejetees from qualite.fichiers where source = ? and fichier = ?",
        [source, fichier],
    ).fetchone()
    if rejetees > toleres * lues:
        premier = rejets[(rejets["source"] == source) & (rejets["fichier"] == fichier)].iloc[0]
        raise ErreurUtilisateur(
            f"{fichier}, ligne {premier['ligne']}, colonne « {premier['colonne']} » : {premier['regle']}, "
            f"trouvé « {premier['valeur']} » ({rejetees} lignes rejetées sur {lues}) : corriger le fichier ou "
            "sa déclaration dans edition.toml."
        )
