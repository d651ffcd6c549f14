"""What is published for other tools: figures, dictionary and quality, as CSV and Parquet.

In: the base. Out: `indicateurs.csv` and `.parquet`, `dictionnaire.csv`, `qualite.csv` in the publication, with
`comparaisons.csv`, `projection.csv` where there is a projection, `changements.csv` where the edition before is at
hand, and `colonnes.csv`, what each of their columns says; outside of it, the sheets to send back to depositors, in
`rejets/`: `<fichier>.csv` and `<fichier>_a_verifier.csv`. CSV files open in a French spreadsheet as they are: UTF-8
with its mark, semicolons, decimal commas.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from pipeline import compute, constats, ingest, rapprochements, transform
from pipeline.changements import lire_changements
from pipeline.model import (
    STATUTS,
    Chapter,
    Concentration,
    Growth,
    Indicator,
    Mean,
    Published,
    Quantile,
    Rate,
    Ratio,
    Share,
    Source,
    Total,
)
from pipeline.report.faits import libelle_groupe, mots_des_groupes
from pipeline.report.francais import nom_complet
from pipeline.report.nombres import nombre
from pipeline.sources.ccas import A_TRADUIRE, LIBELLES

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Edition, Fichier

_DECIMALES = 6
_FEUILLES = {"rejets": "", "a_verifier": "_a_verifier"}

_STATUTS = " ".join(f"{statut} : {sens}" for statut, sens in STATUTS.items())
_COLONNES = {
    "indicateurs.csv": {
        "indicateur": "Identifiant de l'indicateur ; sa définition est dans dictionnaire.csv.",
        "niveau": "Niveau du territoire.",
        "territoire": "Code du territoire.",
        "millesime": "Année du chiffre.",
        "depuis": "Pour une évolution, l'année d'où elle part ; vide sinon.",
        "groupe": "Code de la catégorie, pour un indicateur détaillé par catégorie ; vide sinon.",
        "numerateur": "Ce qui est compté.",
        "denominateur": "Ce à quoi on le rapporte ; vide pour un total ou un chiffre publié.",
        "statut": f"Ce que le chiffre peut porter. {_STATUTS}",
        "motif": "Pourquoi le chiffre manque, ou demande de la prudence.",
        "efficace": "Nombre d'observations indépendantes que vaut une unité comptée : 1 pour un comptage complet, "
        "moins pour un sondage ou quand un foyer compte plusieurs fois. Les intervalles et les comparaisons en "
        "tiennent compte ; la valeur, jamais.",
        "valeur": "Le chiffre, dans l'unité de la colonne unite ; vide quand il manque.",
        "borne_basse": "Bas de l'intervalle à 95 %, quand il se calcule.",
        "borne_haute": "Haut de l'intervalle à 95 %, quand il se calcule.",
        "nom_territoire": "Nom du territoire.",
        "libelle": "Nom de l'indicateur.",
        "unite": "Unité de la valeur ; vide pour un rapport sans unité.",
        "libelle_groupe": "Nom de la catégorie.",
        "chapitre": "Chapitre du rapport.",
    },
    "dictionnaire.csv": {
        "indicateur": "Identifiant.",
        "chapitre": "Chapitre du rapport.",
        "libelle": "Nom.",
        "definition": "Ce que l'indicateur mesure.",
        "pourquoi": "À quoi il sert à qui décide.",
        "unite": "Unité.",
        "mesure": "Share : part ; Rate : taux ; Ratio : rapport de deux populations ; Mean : moyenne ; "
        "Total : nombre ; Growth : évolution annuelle ; Published : chiffre tel que publié, ou tel que "
        "calculé sur les lignes déposées.",
        "formule": "Le calcul, avec les colonnes de la requête.",
        "sens_d_une_valeur_elevee": "Favorable, défavorable ou neutre.",
        "publics": "Publics concernés.",
        "precautions": "Ce qu'il faut savoir avant de s'en servir.",
        "sources": "Fichiers dont il vient.",
        "sql": "La requête exécutée.",
    },
    "comparaisons.csv": {
        "indicateur": "Identifiant de l'indicateur.",
        "groupe": "Code de la catégorie ; vide sinon.",
        "territoire": "Code du territoire comparé.",
        "millesime": "Année de son chiffre.",
        "contre": "Code du territoire auquel il est comparé : le même, pour une évolution.",
        "contre_millesime": "Année du chiffre auquel il est comparé.",
        "nature": "comparateur : un autre territoire à la même date ; commune : la commune d'un quartier ; precedent : "
        "le même territoire auparavant.",
        "position": "au_dessus, au_dessous, non_different (aucun écart établi) ou ne_se_compare_pas.",
        "motif": "Pourquoi les deux chiffres ne se comparent pas ; vide sinon.",
        "effet": "Pour une part, la différence, entre -1 et 1 ; pour un taux, le rapport des deux. Un territoire "
        "compris dans l'autre est comparé au reste de cet autre.",
        "borne_basse": "Bas de l'intervalle à 95 % de l'effet.",
        "borne_haute": "Haut de cet intervalle.",
        "p": "Probabilité d'un écart au moins aussi grand par le seul hasard.",
        "q": "La même, corrigée du nombre de comparaisons du rapport (Benjamini-Hochberg) : la position en dépend.",
        "libelle": "Nom de l'indicateur.",
        "nom_territoire": "Nom du territoire comparé.",
        "nom_contre": "Nom de celui auquel il est comparé.",
    },
    "qualite.csv": {
        "source": "Identifiant de la source.",
        "fichier": "Fichier lu.",
        "sha256": "Empreinte du fichier : la preuve de ce qui a été lu.",
        "lignes_lues": "Lignes de données : chargées et rejetées.",
        "lignes_chargees": "Lignes entrées dans la base.",
        "lignes_rejetees": "Lignes à corriger, rendues à qui les a déposées.",
        "lignes_ecartees": "Lignes mises de côté : titres, totaux, copies, années passées.",
        "detecte": "Comment le fichier a été lu.",
        "depose_par": "Qui l'a déposé.",
        "depose_le": "Quand.",
        "titre": "Titre de la publication, pour un fichier public.",
        "date": "Date de la publication.",
        "adresse": "Adresse d'où le fichier vient.",
    },
    "changements.csv": {
        "indicateur": "Identifiant de l'indicateur.",
        "territoire": "Code du territoire.",
        "groupe": "Code de la catégorie ; vide sinon.",
        "cause": "Millésime plus récent, révision, définition ou périmètre : une seule par ligne.",
        "millesime_avant": "Année du chiffre de l'édition précédente.",
        "millesime_apres": "Année du chiffre de celle-ci.",
        "avant": "Valeur avant ce changement.",
        "apres": "Valeur après lui.",
        "ecart": "Différence ; vide quand deux causes jouent à la fois.",
        "note": "Ce qui a joué aussi.",
        "nom": "Nom du territoire.",
    },
    "projection.csv": {
        "territoire": "Code du territoire.",
        "groupe": "Tranche d'âge projetée ; tous : toute la population ; 80_plus_seuls : 80 ans et plus vivant seuls ; "
        "75_plus_apa : bénéficiaires de l'APA, au rapport aux 75 ans et plus d'un territoire qui les compte.",
        "classe": "Classe de taille dont les erreurs d'épreuve donnent la fourchette.",
        "methode": "Méthode retenue : celle qui s'est le moins trompée à l'épreuve.",
        "motif": "Pourquoi aucun chiffre n'est donné.",
        "depuis": "Recensement d'où part la projection.",
        "horizon": "Année projetée.",
        "retenus": "Nombre de lieux sur lesquels la méthode a été éprouvée.",
        "depart": "Population au départ.",
        "population": "Population projetée ; vide quand rien ne peut être dit.",
        "borne_basse": "Bas de la fourchette à 80 %.",
        "borne_haute": "Haut de la fourchette à 80 %.",
        "recul": "Années entre le recensement d'où part l'épreuve et celui qu'elle projette.",
        "erreur_moyenne": "À l'épreuve, erreur moyenne en %, sans son signe (MAPE).",
        "biais": "À l'épreuve, erreur moyenne en %, avec son signe : positive quand la méthode surestime (MALPE).",
    },
}


def ecrire(
    con: duckdb.DuckDBPyConnection, edition: Edition, chapitres: Sequence[Chapter], dossier: Path
) -> None:
    """Write the exports of the publication into `dossier`."""
    chiffres = f"""
      select i.* exclude (efficace, valeur, borne_basse, borne_haute),
        round(efficace, {_DECIMALES}) as efficace,
        round(valeur, {_DECIMALES}) as valeur,
        round(borne_basse, {_DECIMALES}) as borne_basse,
        round(borne_haute, {_DECIMALES}) as borne_haute,
        n.nom as nom_territoire,
        d.libelle,
        d.unite,
        coalesce(g.libelle_groupe, '') as libelle_groupe,
        d.chapitre
      from publication.indicateurs i join socle.territoires t using (territoire) join noms n using (territoire)
        join dits d using (indicateur) left join groupes g using (indicateur, groupe)
      order by indicateur, ordre, millesime, groupe"""
    con.register("noms", _noms(con))
    con.register("dits", _dits(chapitres))
    con.register("groupes", _groupes(con, edition, chapitres))
    con.execute(f"copy ({chiffres}) to ? (format parquet)", [str(dossier / "indicateurs.parquet")])
    ecrire_csv(con.execute(chiffres).df(), dossier / "indicateurs.csv")
    ecrire_csv(dictionnaire(chapitres, sources_lisibles(con)), dossier / "dictionnaire.csv")
    qualite = con.execute("select * exclude (fictif) from qualite.fichiers order by source, fichier").df()
    ecrire_csv(qualite, dossier / "qualite.csv")
    if (changements := lire_changements(con)) is not None:
        noms = _noms(con)[["territoire", "nom"]]
        ecrire_csv(changements.round(_DECIMALES).merge(noms, how="left"), dossier / "changements.csv")
    ecrire_csv(colonnes(), dossier / "colonnes.csv")


def _dits(chapitres: Sequence[Chapter]) -> pd.DataFrame:
    """One row an indicator: what a reader of its figures wants beside its identifier."""
    declares = [(chapitre, indicateur) for chapitre in chapitres for indicateur in chapitre.indicators]
    return pd.DataFrame(
        [(i.id, i.label, i.measure.unit, chapitre.title) for chapitre, i in declares],
        columns=["indicateur", "libelle", "unite", "chapitre"],
    )


def _groupes(con: duckdb.DuckDBPyConnection, edition: Edition, chapitres: Sequence[Chapter]) -> pd.DataFrame:
    """One row a group of an indicator: its code, and its label as the report writes it."""
    declares = {indicateur.id: indicateur for chapitre in chapitres for indicateur in chapitre.indicators}
    mots = mots_des_groupes(edition)
    couples = con.execute(
        "select distinct indicateur, groupe from publication.indicateurs where groupe <> ''"
    ).fetchall()
    return pd.DataFrame(
        [(nom, groupe, libelle_groupe(mots, declares[nom], groupe)) for nom, groupe in sorted(couples)],
        columns=["indicateur", "groupe", "libelle_groupe"],
        dtype="string",
    )


def ecrire_comparaisons(con: duckdb.DuckDBPyConnection, chapitres: Sequence[Chapter], dossier: Path) -> None:
    """Write `comparaisons.csv`: what each figure was set against, where it stands, or why it does not compare."""
    lues = con.execute(
        "from publication.comparaisons order by indicateur, groupe, territoire, millesime, nature, contre"
    ).df()
    noms, libelles = _noms(con).set_index("territoire")["nom"], _dits(chapitres).set_index("indicateur")
    table = lues.round(_DECIMALES).assign(
        libelle=lues["indicateur"].map(libelles["libelle"]),
        nom_territoire=lues["territoire"].map(noms),
        nom_contre=lues["contre"].map(noms),
    )
    ecrire_csv(table[list(_COLONNES["comparaisons.csv"])], dossier / "comparaisons.csv")


def ecrire_projection(con: duckdb.DuckDBPyConnection, dossier: Path) -> None:
    """Write `projection.csv`, every figure ahead with its range, method, error and reason, if there is one."""
    projection = con.execute(
        "select * exclude (mape, malpe) replace (round(depart, 1) as depart, round(population, 1) as population, "
        "round(borne_basse, 1) as borne_basse, round(borne_haute, 1) as borne_haute), "
        "round(mape, 2) as erreur_moyenne, round(malpe, 2) as biais "
        "from socle.projection order by territoire, groupe, horizon"
    ).df()
    if len(projection):
        ecrire_csv(projection, dossier / "projection.csv")


def _noms(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Territory → its name as titles write it."""
    table = con.execute("select territoire, article, nom from socle.territoires").df()
    return table.assign(
        nom=[nom_complet(*couple) for couple in zip(table["article"], table["nom"], strict=True)]
    )


def ecrire_csv(table: pd.DataFrame, chemin: Path) -> None:
    """A table for a French spreadsheet: UTF-8 with its mark, semicolons, decimal commas."""
    table.to_csv(chemin, sep=";", decimal=",", index=False, encoding="utf-8-sig", lineterminator="\r\n")


def ecrire_rejets(con: duckdb.DuckDBPyConnection, edition: Edition, dossier: Path) -> None:
    """Two sheets a deposited file, of what is rejected and of what is to be verified, where there are such rows.

    In each: table, line, column, rule, value; its owner's alone. And one sheet of the persons who may be one.
    """
    for table, suite in _FEUILLES.items():
        lignes = constats.lire(con, table)
        for fichier, siennes in lignes.groupby("fichier", sort=True) if len(lignes) else ():
            dossier.mkdir(mode=0o700, parents=True, exist_ok=True)
            nom = str(fichier).replace("../", "").replace("/", "-")
            declares = [declare for declare in edition.fichiers if declare.chemin == fichier]
            ecrire_feuille(siennes, declares, dossier / f"{nom}{suite}.csv")
    if len(paires := constats.lire(con, "rapprochements")):
        dossier.mkdir(mode=0o700, parents=True, exist_ok=True)
        sommes = dict(con.execute("select fichier, sha256 from qualite.fichiers").fetchall())
        ecrire_pour_soi(rapprochements.feuille(paires, sommes), dossier / "rapprochements.csv")


def ecrire_feuille(rejets: pd.DataFrame, declares: Sequence[Fichier], chemin: Path) -> None:
    """An error sheet, or one of oddities, for its owner alone: a row is one person's.

    A spreadsheet may open it: a text that looks like a formula stays a text.
    """
    feuille = _feuille(rejets, declares)
    valeurs = feuille["valeur"].astype("string")
    formules = valeurs.str.match(r"[=+@\-](?![\d\s.,]*$)").fillna(False)
    ecrire_pour_soi(feuille.assign(valeur=valeurs.mask(formules, "'" + valeurs)), chemin)


def ecrire_pour_soi(table: pd.DataFrame, chemin: Path) -> None:
    """A table for a French spreadsheet, which its owner alone may read from its first byte."""
    chemin.touch(mode=0o600)
    chemin.chmod(0o600)  # one that was there already
    ecrire_csv(table, chemin)


def _feuille(rejets: pd.DataFrame, declares: Sequence[Fichier]) -> pd.DataFrame:
    """Rejects or oddities (source, ligne, colonne, regle, valeur) as whoever deposited the file reads them.

    Out: table, ligne, colonne (its title in the file), regle, valeur. `declares`: the declarations of the file;
    where one has gone since, our names stay.
    """
    from pipeline.sources.registre import SOURCES

    sources = {source.id: source for source in SOURCES}
    fichiers = {declare.source: declare for declare in declares}
    tables = [
        _en_clair(lignes, sources[nom], fichiers[nom]) if nom in fichiers else lignes.assign(table=nom)
        for nom, lignes in rejets.groupby("source", sort=False)
    ]
    return pd.concat(tables)[["table", "ligne", "colonne", "regle", "valeur"]]


def _en_clair(rejets: pd.DataFrame, source: Source, fichier: Fichier) -> pd.DataFrame:
    """Findings of one table in the words of its file: its titles, its values, and no word of `edition.toml`."""
    titres = ingest.titres(source, fichier)
    cle = source.schema.unique or []
    doublons = {ingest.doublon_de(cle): ingest.doublon_de(titres.get(nom, nom) for nom in cle)}

    def dire(nom: str, regle: str) -> str:
        if A_TRADUIRE in regle:
            connues = ", ".join(_valeurs_connues(source, fichier, nom))
            return f"valeur inconnue{f' (connues : {connues})' if connues else ''} : la corriger, ou demander son ajout"
        return doublons.get(regle, regle)

    memes = rejets.groupby(["colonne", "regle"], sort=False)
    morceaux = [
        lignes.assign(
            table=source.title,
            colonne=titres.get(nom, nom),
            regle=dire(nom, regle),
            valeur=lignes["valeur"].replace(_leurs_mots(fichier, nom)),
        )
        for (nom, regle), lignes in memes
    ]
    return pd.concat(morceaux).loc[rejets.index]


def _leurs_mots(fichier: Fichier, nom: str) -> dict[str, str]:
    """Our code → the first of their words that is translated by it."""
    return {notre: leur for leur, notre in reversed(fichier.valeurs.get(nom, {}).items())}


def _valeurs_connues(source: Source, fichier: Fichier, nom: str) -> Iterator[str]:
    """What a deposit may write in a column of codes: the words that its declaration translates, else our labels."""
    if nom in fichier.valeurs:
        yield from fichier.valeurs[nom]
        return
    for controle in source.schema.columns[nom].checks:
        if controle.name == "isin":
            yield from (LIBELLES[nom][code] for code in controle.statistics["allowed_values"])


def colonnes() -> pd.DataFrame:
    """One row a column of the files that are published: fichier, colonne, contenu."""
    lignes = [(fichier, *colonne) for fichier, dites in _COLONNES.items() for colonne in dites.items()]
    return pd.DataFrame(lignes, columns=["fichier", "colonne", "contenu"])


def sources_lisibles(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Source id → « ISEE, Population par quartier (15/10/2021) », for each source that was loaded."""
    from pipeline.sources.registre import SOURCES

    dates = dict(con.execute("select source, max(date) from qualite.fichiers group by source").fetchall())
    return {
        source.id: f"{source.producer}, {source.title}"
        + (f" ({dates[source.id]})" if dates[source.id] else "")
        for source in SOURCES
        if source.id in dates
    }


def formule(indicateur: Indicator) -> str:
    """How the value is made, in plain arithmetic: « 100 × Σ pop_60_plus ÷ Σ pop »."""
    match indicateur.measure:
        case Share(a, of) | Rate(a, of) | Ratio(a, of) | Mean(a, of):
            facteur = "" if indicateur.measure.per == 1 else f"{nombre(indicateur.measure.per)} × "
            return f"{facteur}Σ({a}) ÷ Σ({of})"
        case Total(a):
            return f"Σ({a})"
        case Growth(a):
            return f"(Σ({a}) à la fin ÷ Σ({a}) au début)^(1 ÷ nombre d'années) − 1"
        case Published(a, sur=Quantile(table, valeur, par)):
            return (
                f"{a}, calculé sur les lignes déposées (table {indicateur.table}) ; intervalle par statistiques "
                f"d'ordre sur {valeur} (table {table}, par {par})"
            )
        case Published(a, sur=Concentration(table, valeur, par)):
            return (
                f"{a}, calculé sur les lignes déposées (table {indicateur.table}) ; intervalle par jackknife sur "
                f"{valeur} (table {table}, par {par})"
            )
        case Published(a) if transform.est_activite(indicateur.table):
            return f"{a}, calculé sur les lignes déposées (table {indicateur.table})"
        case Published(a):
            return f"{a}, tel que publié"


def dictionnaire(chapitres: Sequence[Chapter], sources: dict[str, str]) -> pd.DataFrame:
    """One row an indicator: everything its declaration says, its sources and the SQL that ran."""
    return pd.DataFrame(
        [
            {
                "indicateur": indicateur.id,
                "chapitre": chapitre.title,
                "libelle": indicateur.label,
                "definition": indicateur.definition,
                "pourquoi": indicateur.why,
                "unite": indicateur.measure.unit,
                "mesure": type(indicateur.measure).__name__,
                "formule": formule(indicateur),
                "sens_d_une_valeur_elevee": indicateur.higher_is,
                "publics": ", ".join(indicateur.publics),
                "precautions": indicateur.caveat,
                "sources": " ; ".join(
                    sources[nom] for nom in transform.sources_de(indicateur.table) if nom in sources
                ),
                "sql": " ".join(compute.requete(indicateur).split()),
            }
            for chapitre in chapitres
            for indicateur in chapitre.indicators
        ]
    )
