"""What is published for other tools: figures, dictionary and quality, as CSV and Parquet.

In: the base. Out: `indicateurs.csv` and `.parquet`, `dictionnaire.csv`, `qualite.csv` in the publication, with
`projection.csv` where there is a projection, `changements.csv` where the edition before is at hand; and
`rejets/<source>.csv`, the sheets to send back to depositors, outside of it. CSV files open in a French
spreadsheet as they are: UTF-8 with its mark, semicolons, decimal commas.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from pipeline import compute, ingest, transform
from pipeline.changements import lire_changements
from pipeline.model import Chapter, Growth, Indicator, Mean, Published, Rate, Ratio, Share, Source, Total
from pipeline.report.francais import nom_complet
from pipeline.report.nombres import nombre
from pipeline.sources.ccas import A_TRADUIRE, LIBELLES

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Edition, Fichier

_DECIMALES = 6


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
        n.nom as nom_territoire
      from publication.indicateurs i join socle.territoires t using (territoire) join noms n using (territoire)
      order by indicateur, ordre, millesime, groupe"""
    con.register("noms", _noms(con))
    con.execute(f"copy ({chiffres}) to '{(dossier / 'indicateurs.parquet').as_posix()}' (format parquet)")
    ecrire_csv(con.execute(chiffres).df(), dossier / "indicateurs.csv")
    ecrire_csv(dictionnaire(chapitres, sources_lisibles(con)), dossier / "dictionnaire.csv")
    qualite = con.execute("select * exclude (fictif) from qualite.fichiers order by source, fichier").df()
    ecrire_csv(qualite, dossier / "qualite.csv")
    if (changements := lire_changements(con)) is not None:
        noms = _noms(con)[["territoire", "nom"]]
        ecrire_csv(changements.round(_DECIMALES).merge(noms, how="left"), dossier / "changements.csv")


def ecrire_projection(con: duckdb.DuckDBPyConnection, dossier: Path) -> None:
    """Write `projection.csv`, every figure ahead with its range, method, error and reason, if there is one."""
    projection = con.execute(
        "select * replace (round(depart, 1) as depart, round(population, 1) as population, "
        "round(borne_basse, 1) as borne_basse, round(borne_haute, 1) as borne_haute, round(mape, 2) as mape, "
        "round(malpe, 2) as malpe) from socle.projection order by territoire, groupe, horizon"
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
    """One sheet a deposited file with rejected rows: table, line, column, rule, value; its owner's alone."""
    rejets = con.execute("select * from qualite.rejets").df()
    for fichier, lignes in rejets.groupby("fichier", sort=True):
        dossier.mkdir(mode=0o700, parents=True, exist_ok=True)
        nom = str(fichier).replace("../", "").replace("/", "-")
        declares = [declare for declare in edition.fichiers if declare.chemin == fichier]
        ecrire_feuille(lignes, declares, dossier / f"{nom}.csv")


def ecrire_feuille(rejets: pd.DataFrame, declares: Sequence[Fichier], chemin: Path) -> None:
    """An error sheet, which its owner alone may read from its first byte: a rejected row is one person's.

    A spreadsheet may open it: a text that looks like a formula stays a text.
    """
    feuille = _feuille(rejets, declares)
    valeurs = feuille["valeur"].astype("string")
    formules = valeurs.str.match(r"[=+@\-](?![\d\s.,]*$)").fillna(False)
    chemin.touch(mode=0o600)
    chemin.chmod(0o600)  # one that was there already
    ecrire_csv(feuille.assign(valeur=valeurs.mask(formules, "'" + valeurs)), chemin)


def _feuille(rejets: pd.DataFrame, declares: Sequence[Fichier]) -> pd.DataFrame:
    """Rejected values (source, ligne, colonne, regle, valeur) as whoever deposited the file reads them.

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
    """Rejects of one table in the words of its file: its titles, its values, and no word of `edition.toml`."""
    titres = ingest.titres(source, fichier)
    cle = source.schema.unique or []
    doublons = {ingest.doublon_de(cle): ingest.doublon_de(titres.get(nom, nom) for nom in cle)}

    def regle(rejet: pd.Series) -> str:
        if A_TRADUIRE in rejet["regle"]:
            connues = ", ".join(_valeurs_connues(source, fichier, rejet["colonne"]))
            return f"valeur inconnue{f' (connues : {connues})' if connues else ''} : la corriger, ou demander son ajout"
        return doublons.get(rejet["regle"], rejet["regle"])

    return rejets.assign(
        table=source.title,
        colonne=rejets["colonne"].map(lambda nom: titres.get(nom, nom)),
        regle=rejets.apply(regle, axis=1),
    )


def _valeurs_connues(source: Source, fichier: Fichier, nom: str) -> Iterator[str]:
    """What a deposit may write in a column of codes: the words that its declaration translates, else our labels."""
    if nom in fichier.valeurs:
        yield from fichier.valeurs[nom]
        return
    for controle in source.schema.columns[nom].checks:
        if controle.name == "isin":
            yield from (LIBELLES[nom][code] for code in controle.statistics["allowed_values"])


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
