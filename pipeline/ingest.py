"""Files in, raw tables out: checksum, declared columns only, types, schema, rejects kept, quality told.

In: an edition and the declared sources. Out: one table `brut.<source>` a source (empty where the edition
has no such file; a view of the rows that all the editions share, for files of the whole country),
`brut.marques` (one row a figure that is marked: secret, not available, a floor, fragile), `qualite.fichiers`
(one row a file: read = loaded + rejected, set aside, what was detected), `qualite.rejets` (one row a rejected
value), `qualite.a_verifier` (one row a plausible oddity), `qualite.rapprochements` (one row a pair of persons who may
be one), `qualite.reponses` (how many such pairs the analyst answered, by her answer), `qualite.memes` (one row a
pseudonym that is written as another), `qualite.non_mappees` (values without a code, counted) and `qualite.comptages`
(what is counted in a way of its own, which `regles` fills).
"""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pandera.pandas as pa
import pyarrow

from pipeline import (
    cellules_en_erreur,
    communs,
    constats,
    conversions,
    identite,
    oubli,
    rapprochements,
    readers,
    reponses,
    trousseau,
)
from pipeline.chargement import Chargement, en_arrow
from pipeline.empreinte import somme
from pipeline.model import ErreurUtilisateur, Lecture, Pseudonyme, Source, Statut
from pipeline.provenance import empreinte_attendue, provenance
from pipeline.report.nombres import nombre
from pipeline.sources import TYPES, TYPES_SQL

if TYPE_CHECKING:
    import duckdb

    from pipeline.edition import Edition, Fichier

MILLESIME = "millesime"
VIDE = "(vide)"
# How many files of the country are read side by side: each holds its rows in memory.
_LECTEURS = 2
# How many times larger a table of codes and numbers is once out of its zip.
_DETENTE = 10
Lu = Future[Chargement]
COLONNES_REJETS = ["source", "fichier", "ligne", "colonne", "regle", "valeur"]
COLONNES_MARQUES = ["source", "fichier", "territoire", "millesime", "colonne", "marque", "statut", "motif"]

_MOTIFS = {
    Statut.SECRET: "secret statistique du producteur",
    Statut.ABSENT: "non disponible chez le producteur",
}

_A_VENIR = ("date_debut", "date_fin", "date_radiation")
_AUCUN_REJET = pd.DataFrame(columns=["ligne", "colonne", "regle", "valeur"])

_CONVERSIONS = {
    "entier": (conversions.en_entier, "nombre entier attendu"),
    "nombre": (conversions.en_nombre, "nombre attendu"),
    "date": (conversions.en_date, "date attendue (jj/mm/aaaa ou aaaa-mm-jj)"),
}


def verifier_fichier(source: Source, fichier: Fichier, chemin: Path) -> str:
    """The SHA-256 of a file; refuse one that is missing, or that differs from the checksum recorded for it."""
    if not chemin.is_file():
        venue = (
            f"l'exporter du logiciel et le déposer dans {chemin.parent}"
            if source.serie == "activite"
            else f"le déposer dans {chemin.parent} (« make donnees » le télécharge, ou dit où le prendre)"
        )
        raise ErreurUtilisateur(
            f"Le fichier « {fichier.chemin} » (source {fichier.source}) est introuvable : "
            f"{venue}, ou corriger « chemin » dans edition.toml."
        )
    attendue, trouvee = empreinte_attendue(chemin, fichier), somme(chemin)
    if attendue and attendue != trouvee:
        raise ErreurUtilisateur(
            f"Le fichier « {chemin.name} » a changé depuis son enregistrement (sha256 {trouvee[:12]}… "
            f"au lieu de {attendue[:12]}…) : remettre le fichier d'origine ou, si le changement est voulu, "
            f"lancer « make donnees » avec ACCEPTER={chemin.name}."
        )
    return trouvee


def noms_bruts(source: Source, fichier: Fichier) -> dict[str, str]:
    """Our column → its name in the file: the edition's `[colonnes]` first, else the declared name.

    Columns made by an identity (pseudonym, age) are replaced by those it consumes; an optional column
    that the edition does not map is left out. `{yy}` becomes the vintage that the edition gives, and
    nothing for a file that holds several: it then has a column for it.
    """
    produites = {identite_.colonne for identite_ in source.identites}
    if fichier.millesime:
        _refuser_millesime_double(source, fichier)
        produites |= {MILLESIME}
    yy = f"{fichier.millesime % 100:02d}" if fichier.millesime else ""
    noms = {}
    for nom, colonne in source.schema.columns.items():
        if nom in produites:
            continue
        facultative = (colonne.metadata or {}).get("facultative", False)
        if nom in fichier.colonnes or not facultative:
            noms[nom] = fichier.colonnes.get(nom, colonne.metadata["brut"].replace("{yy}", yy))
    indispensables = identite.indispensables(source.identites)
    for nom in identite.consommees(source.identites):
        if nom in fichier.colonnes or nom in indispensables:
            noms[nom] = fichier.colonnes.get(nom, nom)
    connues = {*source.schema.columns, *identite.consommees(source.identites)} - produites
    if inconnues := sorted(set(fichier.colonnes) - connues):
        raise ErreurUtilisateur(
            f"edition.toml, fichier « {fichier.chemin} », [colonnes] : « {inconnues[0]} » n'est pas une "
            f"colonne de la source {source.id} ; colonnes connues : {', '.join(sorted(connues))}."
        )
    return noms


def titres(source: Source, fichier: Fichier) -> dict[str, str]:
    """Our column → its title in the file; a column made while reading has the titles that it is made of."""
    noms = noms_bruts(source, fichier)
    faits = {}
    for faite in source.identites:
        prises = identite.consommees((faite,))
        if faite.colonne not in faits and set(prises) <= set(noms):
            faits[faite.colonne] = ", ".join(noms[nom] for nom in prises)
    return noms | faits


def _refuser_millesime_double(source: Source, fichier: Fichier) -> None:
    """Refuse a vintage given by the edition to a file that says its own: the two could disagree unseen."""
    if not any("{yy}" in colonne.metadata["brut"] for colonne in source.schema.columns.values()):
        raise ErreurUtilisateur(
            f"edition.toml, fichier « {fichier.chemin} » : la source {source.id} porte elle-même son "
            f"millésime ; retirer « millesime = {fichier.millesime} »."
        )


def lire(source: Source, chemin: Path, noms: dict[str, str]) -> Lecture:
    """The file's declared columns as text, under our names; refuses a suffix that no reader takes."""
    lecteur = source.readers.get(chemin.suffix.lower())
    if lecteur is None:
        formats = ", ".join(sorted(source.readers))
        raise ErreurUtilisateur(
            f"« {chemin.name} » : la source {source.id} se lit en {formats}, pas en « {chemin.suffix} »."
        )
    # two of our columns may be one of theirs: the month of a table of totals numbers a row, and dates it
    lecture = lecteur(chemin, tuple(dict.fromkeys(noms.values())))
    table = lecture.table[list(noms.values())].set_axis(list(noms), axis="columns")
    return Lecture(table, lecture.ecartees, lecture.detecte)


def _pliee(texte: str) -> str:
    """Text without accents, case or outer spaces, to compare code lists."""
    sans_accents = unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()
    return " ".join(sans_accents.casefold().split())


def traduire(table: pd.DataFrame, valeurs: dict[str, dict[str, str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Their codes to ours, column by column; values without a code are kept and counted.

    Out: the table, and one row a value without a code: colonne, valeur, lignes.
    """
    restes, traduites = [], {}
    for nom, codes in valeurs.items():
        if nom not in table:
            continue
        plies = {_pliee(leur): notre for leur, notre in codes.items()}
        # a number that the reader knew for one is told as people write it
        textes = readers.en_textes(pyarrow.array(table[nom], from_pandas=True))
        rangs, brutes = pd.factorize(textes)
        traduction = {brute: plies.get(_pliee(brute)) for brute in brutes.tolist()}
        if inconnues := sorted(brute for brute, notre in traduction.items() if notre is None):
            comptes = textes.value_counts()
            restes += [(nom, brute, int(comptes[brute])) for brute in inconnues]
        notres = pd.array([notre or brute for brute, notre in traduction.items()], dtype="string")
        traduites[nom] = notres.take(rangs, allow_fill=True)
    return table.assign(**traduites), pd.DataFrame(restes, columns=["colonne", "valeur", "lignes"])


def demarquer(table: pd.DataFrame, source: Source) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Producer's marks taken out of the columns of numbers, and one row a mark: ligne, colonne, marque."""
    if not source.marks:
        return table, _marques([])
    morceaux, demarquees = [], {}
    for nom, colonne in source.schema.columns.items():
        if nom in table and nom not in source.schema.unique and colonne.metadata["genre"] != "texte":
            textes = table[nom].astype("string").fillna("").str.strip()
            # a column that is empty throughout is not in the file: nothing is hidden in it
            marquees = textes.isin(source.marks) & textes.ne("").any()
            morceaux.append(pd.DataFrame({"colonne": nom, "marque": textes[marquees]}))
            demarquees[nom] = table[nom].mask(marquees)
    return table.assign(**demarquees), _marques(morceaux)


def compter_marques(marques: pd.DataFrame) -> str:
    """« , marques : « nd » 324, « s » 751 348 »; nothing where there is none."""
    if not len(marques):
        return ""
    comptes = marques["marque"].value_counts().sort_index()
    dits = [f"{f'« {marque} »' if marque else 'cases vides'} {nombre(n)}" for marque, n in comptes.items()]
    return f", marques : {', '.join(dits)}" if dits else ""


def _marques(morceaux: Iterable[pd.DataFrame]) -> pd.DataFrame:
    pleins = [morceau for morceau in morceaux if len(morceau)]
    vide = pd.DataFrame({"ligne": [], "colonne": [], "marque": []}, dtype="object")
    return pd.concat([morceau.rename_axis("ligne").reset_index() for morceau in pleins]) if pleins else vide


def _motif(statut: Statut, marque: str) -> str:
    """« secret statistique du producteur (« s ») »."""
    return _MOTIFS[statut] + (f" (« {marque} »)" if marque else " (case laissée vide)")


def statuer(table: pd.DataFrame, marques: pd.DataFrame, source: Source) -> pd.DataFrame:
    """One row a figure of `table` that is marked or under a reserve: what it can bear, and why."""
    if not (source.marks or source.reserves):
        return pd.DataFrame(columns=COLONNES_MARQUES[2:])
    motifs = {marque: _motif(statut, marque) for marque, statut in source.marks.items()}
    lots = [
        marques.assign(
            statut=marques["marque"].map({m: s.value for m, s in source.marks.items()}),
            motif=marques["marque"].map(motifs),
        )
    ]
    for reserve in source.reserves:
        for nom in reserve.colonnes:
            lignes = table.index[table[nom].notna() & reserve.ou(table, nom).fillna(False)]
            lots.append(
                pd.DataFrame({"ligne": lignes, "colonne": nom, "marque": "", "statut": reserve.statut.value,
                              "motif": reserve.motif})
            )  # fmt: skip
    lot = pd.concat([lot for lot in lots if len(lot)] or lots[:1], ignore_index=True)
    cles = table[["territoire", "millesime"]].rename_axis("ligne").reset_index()
    return cles.merge(lot, on="ligne")[COLONNES_MARQUES[2:]]


def _rejet(table: pd.DataFrame, masque: pd.Series, colonne: str, regle: str) -> pd.DataFrame:
    """One row a faulty value: ligne, colonne, regle, valeur."""
    if not masque.any():
        return _AUCUN_REJET
    lignes = table.index[masque]
    valeurs = table.loc[masque, colonne].astype("string").fillna(VIDE) if colonne in table else ""
    return pd.DataFrame({"ligne": lignes, "colonne": colonne, "regle": regle, "valeur": valeurs})


def typer(table: pd.DataFrame, schema: pa.DataFrameSchema) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Text to the declared types; unreadable values become rejects (ligne, colonne, regle, valeur)."""
    rejets, colonnes = [], {}
    for nom, colonne in schema.columns.items():
        genre, dtype = colonne.metadata["genre"], TYPES[colonne.metadata["genre"]]
        if nom not in table:
            colonnes[nom] = pd.Series(None, index=table.index, dtype=dtype)
            continue
        valeurs = table[nom]
        deja = valeurs.dtype == dtype or isinstance(valeurs.dtype, pd.Int64Dtype)
        if genre in _CONVERSIONS and not deja:
            convertir, regle = _CONVERSIONS[genre]
            valeurs, illisibles = convertir(valeurs)
            rejets.append(_rejet(table, illisibles, nom, regle))
        colonnes[nom] = valeurs if valeurs.dtype == dtype else valeurs.astype(dtype)
    return pd.DataFrame(colonnes, index=table.index), _empiler(rejets)


def _empiler(morceaux: Iterable[pd.DataFrame]) -> pd.DataFrame:
    pleins = [morceau for morceau in morceaux if len(morceau)]
    return pd.concat(pleins, ignore_index=True) if pleins else _AUCUN_REJET


def signaler(table: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Plausible oddities among the rows loaded, in their order: ligne, colonne, regle, valeur, as rejects have."""
    trouvees = [
        _rejet(table, table.index.isin(controle(table).index), table.columns[0], regle)
        for regle, controle in source.signalements.items()
    ]
    return _dans_l_ordre(_tus(_empiler(trouvees), source), table.index)


def doublon_de(cle: Iterable[str]) -> str:
    """« doublon de la clé (demande, date_seance) »."""
    return f"doublon de la clé ({', '.join(cle)})"


def _fautes(table: pd.DataFrame, schema: pa.DataFrameSchema) -> Iterator[pd.DataFrame]:
    """Every value that the rules of its column refuse; its type is not asked for again: `typer` has just given it."""
    tenues = _regles_tenues(table, schema)
    for nom, colonne in schema.columns.items():
        valeurs = table[nom]
        if not colonne.nullable:
            yield _rejet(table, valeurs.isna(), nom, "valeur obligatoire")
        for regle in colonne.checks:
            if (nom, _dite(regle)) not in tenues and not (verdict := regle(valeurs)).check_passed:
                dites = verdict.failure_cases.map(str).rename_axis("ligne").reset_index(name="valeur")
                yield dites.assign(colonne=nom, regle=regle.error)[list(_AUCUN_REJET)]


def _regles_tenues(table: pd.DataFrame, schema: pa.DataFrameSchema) -> set[tuple[str, str]]:
    """Columns of numbers and the bounds that they keep: those that share a rule are looked at all at once.

    A rule that one of them breaks is not here: each is then looked at by itself.
    """
    partagees: dict[str, tuple[pa.Check, list[str]]] = {}
    for nom, colonne in schema.columns.items():
        for regle in colonne.checks if colonne.metadata["genre"] == "nombre" else ():
            if regle.statistics:
                partagees.setdefault(_dite(regle), (regle, []))[1].append(nom)
    return {
        (nom, dite)
        for dite, (regle, noms) in partagees.items()
        if regle(pd.Series(table[noms].to_numpy().ravel("K"))).check_passed
        for nom in noms
    }


def _dite(regle: pa.Check) -> str:
    """A rule with bounds, all that it asks."""
    return f"{regle.name} {regle.statistics} {regle.error}"


def valider(table: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Every breach of the schema, of the key and of the source's own checks, as rejects, all at once.

    A pseudonym is never quoted: the line and the rule say what to look at.
    """
    rejets = list(_fautes(table, source.schema))
    cle = list(source.schema.unique or [])
    if cle:
        rejets.append(_rejet(table, table.duplicated(subset=cle), cle[0], doublon_de(cle)))
    for regle, controle in source.checks.items():
        if len(fautives := controle(table)):
            rejets.append(_rejet(table, table.index.isin(fautives.index), table.columns[0], regle))
    return _tus(_empiler(rejets), source)


def _tus(lignes: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Rejects or oddities, without the pseudonyms that they quote."""
    if not len(lignes):
        return lignes
    pseudonymes = [i.colonne for i in source.identites if isinstance(i, Pseudonyme)]
    tus = lignes["colonne"].isin(pseudonymes) & lignes["valeur"].ne(VIDE)
    return lignes.assign(valeur=lignes["valeur"].mask(tus, ""))


def _apres_le_depot(
    table: pd.DataFrame, source: Source, fichier: Fichier, dernier_exercice: int
) -> pd.DataFrame:
    """Days after that of the deposit: a mistyped year would be the latest of the report.

    Of a file that does not say its day, those after the year that has begun when the last one told is over. What
    begins or ends on a day may do so later than it is told.
    """
    if not (source.personnelle or source.constatee):
        return _AUCUN_REJET
    if fichier.depose_le:
        limite, regle = fichier.depose_le, f"date postérieure au dépôt du {fichier.depose_le:%d/%m/%Y}"
    else:
        annee = min(dernier_exercice + 1, datetime.MAXYEAR)
        limite, regle = (
            datetime.date(annee, 12, 31),
            f"date postérieure à {annee} (« depose_le » n'est pas dit)",
        )
    passes = [nom for nom in table.select_dtypes("datetime") if nom not in _A_VENIR]
    return _empiler(_rejet(table, table[nom] > pd.Timestamp(limite), nom, regle) for nom in passes)


def _dans_l_ordre(rejets: pd.DataFrame, lignes: pd.Index) -> pd.DataFrame:
    """Rejects in the order of the file, as whoever corrects it reads it."""
    if not len(rejets):
        return rejets
    ordre = rejets.assign(rang=lignes.get_indexer(rejets["ligne"]))
    ordre = ordre.sort_values(["rang", "colonne", "regle"], kind="stable")
    return ordre.drop(columns="rang").reset_index(drop=True)


def refuser_si_trop(source: Source, fichier: Fichier, lot: Chargement) -> None:
    """Stop when the rejects exceed what the source tolerates: the file is not what it says it is."""
    lues, rejetees = lot.qualite["lignes_lues"], lot.qualite["lignes_rejetees"]
    if rejetees > source.rejets_toleres * lues:
        premier = lot.rejets.iloc[0]
        colonne = titres(source, fichier).get(premier["colonne"], premier["colonne"])
        trouve = f", trouvé « {premier['valeur']} »" if premier["valeur"] else ""
        suite = f" ({rejetees} lignes rejetées sur {lues})" if rejetees > 1 else ""
        raise ErreurUtilisateur(
            f"{fichier.chemin}, ligne {premier['ligne']}, colonne « {colonne} » : "
            f"{premier['regle']}{trouve}{suite} : corriger le fichier ou sa "
            "déclaration dans edition.toml."
        )


def examiner(
    source: Source, fichier: Fichier, chemin: Path, cle: bytes | None, ecarts: oubli.Ecarts = oubli.AUCUN
) -> Chargement:
    """One file through the door: `read = loaded + rejected`; personal columns are gone on the way.

    Rows of forgotten persons, and those past the retention period, are set aside and counted. A table is
    let go of as soon as the next one is made of it: a deposit of a million rows is held once.
    """
    lecture, non_mappees, marques, erreurs, personnes = _sans_identites(source, fichier, chemin, cle, ecarts)
    detecte, table = lecture.detecte, lecture.table
    ecartees, oubliees = _ecartees(lecture), int(lecture.ecartees["motif"].eq(oubli.OUBLIEE).sum())
    del lecture
    copies = _copies(table, source) if source.repetable else []
    table, illisibles = typer(_sans(table, copies), source.schema)
    illisibles = _empiler([erreurs[erreurs["ligne"].isin(table.index)], illisibles])
    perimees = _perimees(table, source, ecarts)
    table, illisibles = _sans(table, perimees), illisibles[~illisibles["ligne"].isin(perimees)]
    lues = table.index
    table = _sans(table, illisibles["ligne"])
    fautes = [
        illisibles,
        valider(table, source),
        _apres_le_depot(table, source, fichier, ecarts.dernier_exercice),
    ]
    rejets = _dans_l_ordre(_empiler(fautes), lues)
    table = _sans(table, rejets["ligne"])
    origine = provenance(chemin)
    qualite = {
        "source": source.id,
        "fichier": fichier.chemin,
        "lignes_lues": len(lues),
        "lignes_chargees": len(table),
        "lignes_rejetees": rejets["ligne"].nunique(),
        "lignes_ecartees": ecartees - oubliees + len(copies) + len(perimees),
        "lignes_oubliees": oubliees,
        "detecte": detecte
        + compter_marques(marques)
        + oubli.compte(oubli.TROP_VIEILLE, len(perimees))
        + oubli.compte(oubli.TROP_RECENTE, _sans_exercice(table, source, ecarts)),
        "depose_par": fichier.depose_par,
        "depose_le": str(fichier.depose_le or ""),
        "fictif": fichier.fictif,
        **{champ: str(origine.get(champ, "")) for champ in ("titre", "date", "adresse")},
    }
    statuts = statuer(table, marques, source)
    personnes = personnes[personnes.index.isin(table.index)].drop_duplicates()
    return Chargement(table, statuts, rejets, non_mappees, signaler(table, source), qualite, personnes)


def _sans_identites(
    source: Source, fichier: Fichier, chemin: Path, cle: bytes | None, ecarts: oubli.Ecarts
) -> tuple[Lecture, pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.Series]:
    """The file as text in our codes, nobody named in it; values without a code; producer's marks; cells in error.

    And, apart, who was named on each line, for `rapprochements` alone.
    """
    noms = noms_bruts(source, fichier)
    lecture = lire(source, chemin, noms)
    if not len(lecture.table):
        raise ErreurUtilisateur(f"{fichier.chemin} : aucune ligne de données ; déposer le fichier complet.")
    lecture = oubli.sans_oublies(lecture, oubli.declaration(source, fichier), ecarts)
    if source.identites:
        _refuser_interdites(lecture.table, noms, fichier)
    table, erreurs = _sans_erreurs(lecture.table)
    table, non_mappees = traduire(table, fichier.valeurs)
    table, marques = demarquer(table, source)
    if fichier.millesime:
        table = table.assign(**{MILLESIME: str(fichier.millesime)})
    personnes = identite.personnes(table)
    if source.identites:
        table = reponses.reunir(identite.appliquer(table, source.identites, cle, personnes), ecarts.memes)
    return replace(lecture, table=table), non_mappees, marques, erreurs, personnes


def _sans_erreurs(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table without what a spreadsheet could not compute: no name is made of « #N/A »; and these as rejects."""
    textes = table.select_dtypes("string")
    ou = {nom: masque for nom in textes if (masque := cellules_en_erreur.en_erreur(table[nom])).any()}
    rejets = _empiler(
        _rejet(table, masque, nom, "erreur de formule du tableur") for nom, masque in ou.items()
    )
    return table.assign(**{nom: table[nom].mask(masque) for nom, masque in ou.items()}), rejets


def _sans(table: pd.DataFrame, lignes: Iterable[Any]) -> pd.DataFrame:
    """The table without some of its lines; the same one where there is none to take out."""
    ecartees = list(lignes)
    return table[~table.index.isin(ecartees)] if ecartees else table


def _copies(table: pd.DataFrame, source: Source) -> pd.Index:
    """Lines that say again what an earlier line says: among those that share a key, the ones alike throughout."""
    memes = table[table.duplicated([nom for nom in source.schema.unique if nom in table], keep=False)]
    return memes.index[memes.duplicated()]


def _ecartees(lecture: Lecture) -> int:
    """How many lines were set aside: one a row, or as many as the row says."""
    ecartees = lecture.ecartees
    return int(ecartees["lignes"].sum()) if "lignes" in ecartees else len(ecartees)


def _perimees(table: pd.DataFrame, source: Source, ecarts: oubli.Ecarts) -> pd.Index:
    if not source.personnelle:
        return table.index[:0]
    return oubli.trop_vieilles(table, source.id, ecarts.premier_exercice)


def _sans_exercice(table: pd.DataFrame, source: Source, ecarts: oubli.Ecarts) -> int:
    return oubli.trop_recentes(table, ecarts.dernier_exercice) if source.personnelle else 0


def _refuser_interdites(table: pd.DataFrame, noms: dict[str, str], fichier: Fichier) -> None:
    """Refuse a declared column that the law keeps out of a statistical base, or that hides a NIR."""
    leurs = table.rename(columns=noms)
    interdites = identite.colonnes_interdites(leurs.loc[:, ~leurs.columns.duplicated()])
    if interdites:
        colonne, contenu = interdites[0]
        raise ErreurUtilisateur(
            f"{fichier.chemin}, colonne « {colonne} » : elle contient {contenu}, qui n'entre pas dans "
            "l'analyse ; la retirer de [colonnes] ou du fichier."
        )


def charger_fichier(
    source: Source, fichier: Fichier, chemin: Path, cle: bytes | None, ecarts: oubli.Ecarts = oubli.AUCUN
) -> Chargement:
    """A declared file: present, unchanged since it was recorded, and not mostly rejected."""
    return _admettre(source, fichier, chemin, verifier_fichier(source, fichier, chemin), cle, ecarts)


def _admettre(
    source: Source,
    fichier: Fichier,
    chemin: Path,
    sha256: str,
    cle: bytes | None = None,
    ecarts: oubli.Ecarts = oubli.AUCUN,
) -> Chargement:
    """A verified file through the door, not mostly rejected; its checksum is among what is said of it."""
    lot = examiner(source, fichier, chemin, cle, ecarts)
    refuser_si_trop(source, fichier, lot)
    # the first columns of the table of quality that is published
    dit = {"source": source.id, "fichier": fichier.chemin, "sha256": sha256}
    return replace(lot, qualite=dit | lot.qualite)


def charger(
    con: duckdb.DuckDBPyConnection, edition: Edition, sources: Sequence[Source]
) -> list[dict[str, Any]]:
    """Load every declared file into `brut.<source>`; returns the quality rows, one a file."""
    con.execute("create schema brut; create schema qualite")
    cle = cle_de(edition) if _a_des_personnes(edition, sources) else None
    _verifier_sources(edition, sources)
    dites = reponses_de(edition, cle)
    ecarts = _ecarts(edition, sources, cle, dites)
    con.execute("create table qualite.cle as select ? as marque", [trousseau.marque(cle) if cle else ""])
    con.register("lot", reponses.en_table(ecarts.memes))
    con.execute("create table qualite.memes as select * from lot")
    tous = []
    try:
        with _cote_a_cote(edition, sources) as lectures:
            for source in sources:
                tous += _charger_source(con, edition, source, lectures.get(source.id, ()), cle, ecarts)
    finally:
        readers.oublier_les_fichiers()
        identite.oublier_les_numeros()
    _ecrire_marques(con, tous)
    ecrire_qualite(con, tous, repondre(dites, cle))
    return [lot.qualite for lot in tous]


@contextmanager
def _cote_a_cote(edition: Edition, sources: Sequence[Source]) -> Iterator[dict[str, list[Lu]]]:
    """The files of the country of each source, which two threads read; asked for in their order, as one would.

    The largest are read first: none is left alone at the end. Once one is refused, those that wait are not read.
    """
    fichiers = [
        (source, fichier)
        for source in sources
        if source.nationale
        for fichier in edition.fichiers_de(source.id)
    ]
    par_taille = sorted(range(len(fichiers)), key=lambda rang: -_taille(edition.chemin(fichiers[rang][1])))
    with ThreadPoolExecutor(_LECTEURS) as lecteurs:
        try:
            lus = {rang: lecteurs.submit(_charger_commun, edition, *fichiers[rang]) for rang in par_taille}
            lectures: dict[str, list[Lu]] = {}
            for rang, (source, _) in enumerate(fichiers):
                lectures.setdefault(source.id, []).append(lus[rang])
            yield lectures
        finally:
            lecteurs.shutdown(cancel_futures=True)


def _taille(chemin: Path) -> int:
    """About how many bytes there are to read."""
    octets = chemin.stat().st_size if chemin.is_file() else 0
    return _DETENTE * octets if chemin.suffix == ".zip" else octets


def _charger_source(
    con: duckdb.DuckDBPyConnection,
    edition: Edition,
    source: Source,
    lectures: Sequence[Lu],
    cle: bytes | None,
    ecarts: oubli.Ecarts,
) -> list[Chargement]:
    """Write `brut.<source>`; what is said of its files, without their rows: the memory is for the next ones."""
    fichiers = edition.fichiers_de(source.id)
    if source.nationale:
        lots = [lecture.result() for lecture in lectures]
    else:
        lots = [charger_fichier(source, f, edition.chemin(f), cle, ecarts) for f in fichiers]
    # what reading them took is given back before the base takes its own
    pyarrow.default_memory_pool().release_unused()
    ecrire_brut(con, source, lots)
    if not (source.personnelle or source.completee or _d_annees_distinctes(source, fichiers)):
        _refuser_recouvrement(con, source)
    return [replace(lot, table=pd.DataFrame()) for lot in lots]


def _d_annees_distinctes(source: Source, fichiers: Sequence[Fichier]) -> bool:
    """Whether the edition gives each file a vintage of its own: no row can then be in two of them."""
    annees = {fichier.millesime for fichier in fichiers}
    distinctes = None not in annees and len(annees) == len(fichiers)
    return len(fichiers) < 2 or (distinctes and MILLESIME in (source.schema.unique or []))


def _refuser_recouvrement(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Refuse two files of a source that give the same row: which one is right is for people to say."""
    cle = list(source.schema.unique or [])
    if not cle:
        return
    double = con.execute(
        f"select {', '.join(cle)} from brut.{source.id} group by all having count(*) > 1 order by all limit 1"
    ).fetchone()
    if double is None:
        return
    lignes = " and ".join(f"{nom} is not distinct from ?" for nom in cle)
    [fichiers] = con.execute(
        f"select list(distinct fichier order by fichier) from brut.{source.id} where {lignes}", double
    ).fetchone()
    ou = ", ".join(f"{nom} {v}" for nom, v in zip(cle, double, strict=True) if v is not None)
    if len(fichiers) == 1:
        raise ErreurUtilisateur(
            f"edition.toml : le fichier « {fichiers[0]} » est déclaré deux fois pour la source {source.id} ({ou}) : "
            "retirer l'une des deux déclarations."
        )
    raise ErreurUtilisateur(
        f"Les fichiers « {fichiers[0]} » et « {fichiers[1]} » (source {source.id}) donnent tous deux {ou} : n'en "
        "garder qu'un dans edition.toml, ou corriger leur « millesime »."
    )


def _charger_commun(edition: Edition, source: Source, fichier: Fichier) -> Chargement:
    """A file of the whole country: read by the first edition that needs it, and by no other."""
    chemin = edition.chemin(fichier)
    sha256 = verifier_fichier(source, fichier, chemin)
    return communs.charger(
        edition, source, fichier, sha256, lambda: _admettre(source, fichier, chemin, sha256)
    )


def cle_de(edition: Edition) -> bytes:
    """The territory's key, made at the first run, outside the repository."""
    return trousseau.cle(chemin_de_cle(edition))


def chemin_de_cle(edition: Edition) -> Path:
    """Where the territory's key is."""
    return trousseau.chemin_de_l_edition(edition.nom)


def reponses_de(edition: Edition, cle: bytes | None) -> reponses.Reponses:
    """What the analyst answered of pairs of the territory's persons; nothing where no deposit names anybody."""
    return reponses.lire(chemin_de_cle(edition), cle) if cle else {}


def repondre(dites: reponses.Reponses, cle: bytes | None) -> rapprochements.Repondre:
    """What is known of each pair that is found."""
    return partial(reponses.de_paires, dites, cle) if dites else rapprochements.sans_reponse


def rangees(edition: Edition, sources: Sequence[Source], cle: bytes) -> oubli.Rangees:
    """Who each row of the deposits present is about: nothing but pseudonyms, by file and line."""
    return {
        oubli.declaration(source, fichier): rangees_de(source, fichier, edition.chemin(fichier), cle)
        for source, fichier in deposes(edition, sources)
    }


def deposes(edition: Edition, sources: Sequence[Source]) -> Iterator[tuple[Source, Fichier]]:
    """Each declaration of a deposit about persons that is present: a flat export has one a table, one for spouses."""
    for source in sources:
        if source.personnelle:
            yield from ((source, f) for f in edition.fichiers_de(source.id) if edition.chemin(f).is_file())


def nommees(source: Source, fichier: Fichier, chemin: Path) -> pd.Series:
    """Whom each row of one file names (`identite.personnes`), by line: for who turns her at once into a pseudonym."""
    table, _ = _sans_erreurs(lire(source, chemin, noms_bruts(source, fichier)).table)
    return identite.personnes(table)


def rangees_de(source: Source, fichier: Fichier, chemin: Path, cle: bytes) -> pd.DataFrame:
    """Who each row of one file is about, by line."""
    table = lire(source, chemin, noms_bruts(source, fichier)).table
    pseudonymes = tuple(i for i in source.identites if isinstance(i, Pseudonyme))
    qui = (Pseudonyme("personne", identite.PERSONNE), *pseudonymes)
    faits = identite.appliquer(table, qui, cle)
    return faits[[nom for nom in dict.fromkeys(i.colonne for i in qui) if nom in faits]]


def _ecarts(
    edition: Edition, sources: Sequence[Source], cle: bytes | None, dites: reponses.Reponses
) -> oubli.Ecarts:
    """What is set aside at the door, and who is one with whom.

    The deposits are read once more only when somebody was forgotten, or brought together.
    """
    premier = oubli.premier_exercice(edition.profil.conservation, edition.annee)
    oublies = oubli.lire(chemin_de_cle(edition), cle) if cle else {}
    if not (oublies or reponses.en_reunissent(dites)):
        return oubli.Ecarts({}, premier, edition.dernier_exercice)
    liens, deposees = oubli.liens(sources), rangees(edition, sources, cle)
    lignes = {}
    if oublies:
        etendus = oubli.etendre(reponses.toutes_les_ecritures(oublies, dites), deposees.values(), liens)
        lignes = oubli.lignes(deposees, etendus, liens)
    restent = (_sans(cadre, lignes.get(ou, ())) for ou, cadre in deposees.items())
    memes = reponses.memes(dites, restent, liens.identites)
    return oubli.Ecarts(lignes, premier, edition.dernier_exercice, memes)


def _a_des_personnes(edition: Edition, sources: Sequence[Source]) -> bool:
    return any(source.personnelle and edition.fichiers_de(source.id) for source in sources)


def _verifier_sources(edition: Edition, sources: Sequence[Source]) -> None:
    connues = {source.id for source in sources}
    for fichier in edition.fichiers:
        if fichier.source not in connues:
            raise ErreurUtilisateur(
                f"edition.toml : la source « {fichier.source} » n'existe pas ; sources connues : "
                f"{', '.join(sorted(connues))}."
            )


def ecrire_brut(con: duckdb.DuckDBPyConnection, source: Source, chargements: Sequence[Chargement]) -> None:
    """`brut.<source>`: the schema's columns, with the file and line each row comes from.

    The rows of a file of the whole country stay where every edition reads them: a view shows them.
    """
    if not chargements:
        colonnes = [f"{nom} {TYPES_SQL[c.metadata['genre']]}" for nom, c in source.schema.columns.items()]
        con.execute(f"create table brut.{source.id} ({', '.join(colonnes)}, fichier varchar, ligne varchar)")
        return
    requetes = []
    for rang, lot in enumerate(chargements):
        if source.nationale:
            lignes = f"read_parquet('{_litteral(lot.table.as_posix())}')"
        else:
            lignes = f"lot_{rang}"
            con.register(lignes, en_arrow(lot.table))
        fichier = _litteral(lot.qualite["fichier"])
        requetes.append(f"select * exclude (ligne), '{fichier}' as fichier, ligne from {lignes}")
    genre = "view" if source.nationale else "table"
    con.execute(f"create {genre} brut.{source.id} as {' union all by name '.join(requetes)}")
    for rang in range(len(chargements)):
        con.unregister(f"lot_{rang}")


def _litteral(texte: str) -> str:
    return texte.replace("'", "''")


def _ecrire_marques(con: duckdb.DuckDBPyConnection, chargements: Sequence[Chargement]) -> None:
    """`brut.marques`: what marked figures can bear, found again by source, column, territory and vintage."""
    types = dict.fromkeys(COLONNES_MARQUES, "varchar") | {MILLESIME: "bigint"}
    con.execute(f"create table brut.marques ({', '.join(f'{nom} {genre}' for nom, genre in types.items())})")
    for lot in chargements:
        if isinstance(lot.marques, Path):
            marques = f"read_parquet('{_litteral(lot.marques.as_posix())}')"
        elif len(lot.marques):
            con.register("lot", lot.marques)
            marques = "lot"
        else:
            continue
        con.execute(
            f"insert into brut.marques by name select ? as source, ? as fichier, * from {marques}",
            [lot.qualite["source"], lot.qualite["fichier"]],
        )


_QUALITE = {
    "rejets": dict.fromkeys(COLONNES_REJETS, "varchar"),
    "a_verifier": dict.fromkeys(COLONNES_REJETS, "varchar"),
    "non_mappees": dict.fromkeys(["source", "fichier", "colonne", "valeur"], "varchar")
    | {"lignes": "bigint"},
}
_COMPTAGES = "fichier varchar, regle varchar, lignes bigint"


def ecrire_qualite(
    con: duckdb.DuckDBPyConnection,
    chargements: Sequence[Chargement],
    repondre: rapprochements.Repondre = rapprochements.sans_reponse,
) -> None:
    """`qualite.*`: one row a file, a rejected value, a value without a code, an oddity, a pair of persons.

    How many rows of forgotten persons a file holds is a table apart, which is for the CCAS alone. `repondre`: what
    the analyst answered of pairs, which are then counted and no longer listed.
    """
    con.register("lot", pd.DataFrame([lot.qualite for lot in chargements]))
    con.execute("create table qualite.fichiers as select * exclude (lignes_oubliees) from lot")
    con.execute(
        "create table qualite.oubliees as select source, fichier, lignes_oubliees as lignes from lot "
        "where lignes_oubliees > 0"
    )
    for nom, types in _QUALITE.items():
        colonnes = ", ".join(f"{colonne} {genre}" for colonne, genre in types.items())
        con.execute(f"create table qualite.{nom} ({colonnes})")
        textes = {colonne: "string" for colonne, genre in types.items() if genre == "varchar"}
        for chargement in chargements:
            if len(lignes := getattr(chargement, nom)):
                d_ou = {nom: chargement.qualite[nom] for nom in ("source", "fichier")}
                lignes = lignes.assign(**d_ou)[list(types)]
                con.register("lot", lignes.astype(textes))
                con.execute(f"insert into qualite.{nom} select * from lot")
    lues = ((lot.qualite["fichier"], lot.personnes) for lot in chargements)
    con.register("lot", rapprochements.trouver(lues, repondre))
    con.execute(
        "create table qualite.rapprochements as select * exclude (reponse) from lot where reponse = ''"
    )
    con.execute(
        "create table qualite.reponses as "
        "select reponse, count(*) as paires from lot where reponse <> '' group by reponse"
    )
    con.unregister("lot")
    con.execute(f"create table qualite.comptages ({_COMPTAGES})")


def resume(con: duckdb.DuckDBPyConnection) -> str:
    """« Lecture : 9 fichiers, 12 345 lignes lues, 12 340 chargées, 5 rejetées ; 42 à vérifier. »."""
    fichiers, lues, chargees, rejetees = con.execute(
        "select count(distinct fichier), sum(lignes_lues), sum(lignes_chargees), sum(lignes_rejetees) "
        "from qualite.fichiers"
    ).fetchone()
    return (
        f"Lecture : {fichiers} fichiers, {nombre(lues)} lignes lues, {nombre(chargees)} chargées, "
        f"{nombre(rejetees)} rejetées{constats.resume(con)}."
    )
