"""Communes through time and space: projection from one geography to another, search, levels above.

In: tables by commune with the vintage of their geography (COG at 1 January), or what a person types.
Out: the same tables in another vintage; one commune; the territories that hold a commune. The facts are
in `pipeline/reference`.

Projection follows INSEE's events in date order. Merges sum; a split commune is shared by the population
of its pieces at the first census known after the split (COGugaison, issue 9); a commune re-established
after a merge that took place in the interval gets its own count back, not a share. Backwards, a merged
commune is shared by the populations of the communes it joined (never by their number: COGugaison,
issue 24). Published figures (medians, rates) are never summed: blank where the territory changed.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import reference
from pipeline.model import ErreurUtilisateur
from pipeline.report.francais import nom_complet

MILLESIMES = range(2000, 2027)

# A count brought to another geography may drift from the sum it had by the error of floating point.
TOLERANCE = 1e-9

Etape = Mapping[str, Mapping[str, float]]

MOTIF_FUSION = "territoires réunis entre les deux géographies : effectifs additionnés, rien d'autre"
MOTIF_SCISSION = "territoire partagé entre les deux géographies : effectifs estimés selon la population"
MOTIF_INCOMPLET = "une des communes réunies manque dans le fichier : total inconnu"


# --- Movements -----------------------------------------------------------------------------------


def _journees(mouvements: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Movements that take place together, in date order.

    On one day, a commune changes département (41) before it merges: Freigné, Pont-Farcy, 1 January 2018.
    """
    rangs = mouvements["type"].ne("41")
    return [(date, lignes) for (date, _), lignes in mouvements.groupby(["date", rangs], sort=True)]


def remonter(communes: Iterable[str], mouvements: pd.DataFrame, millesime: int) -> set[str]:
    """Communes at 1 January of a year, from those of a later date and the movements up to it."""
    vivantes = set(communes)
    for _, lignes in reversed(_journees(mouvements[mouvements["date"] > f"{millesime}-01-01"])):
        vivantes -= set(lignes["apres"])
        vivantes |= set(lignes["avant"])
    return vivantes


@cache
def communes_du(millesime: int) -> frozenset[str]:
    """Codes of the communes at 1 January of a year; `ErreurUtilisateur` outside 2000-2026."""
    if millesime not in MILLESIMES:
        raise ErreurUtilisateur(
            f"Géographie {millesime} inconnue : donner une année de {MILLESIMES[0]} à {MILLESIMES[-1]} "
            "(celle du code officiel géographique du fichier)."
        )
    return frozenset(remonter(reference.communes()["code"], reference.mouvements(), millesime))


@cache
def _etapes() -> tuple[tuple[str, Etape], ...]:
    """Date and moves of each step: commune before → communes after, with the population of each."""
    scissions = reference.populations_mouvements().query("moment == 'apres'")
    populations = scissions.set_index(["date", "commune"])["population"].to_dict()
    etapes = []
    for date, lignes in _journees(reference.mouvements()):
        etape: dict[str, dict[str, float]] = {}
        for avant, apres in zip(lignes["avant"], lignes["apres"], strict=True):
            etape.setdefault(avant, {})[apres] = populations.get((date, apres), 0)
        etapes.append((date, etape))
    return tuple(etapes)


@cache
def _anciennes() -> dict[str, str]:
    """Commune of 2026 where each code of the past is."""
    table = reference.anciennes()
    return dict(zip(table["code"], table["commune"], strict=True))


def _destinations(
    origine: str, commune: str, pieces: Mapping[str, float], tenues: Collection[str]
) -> dict[str, float]:
    """Where what `origine` brought to `commune` goes when `commune` becomes `pieces`, with the share of each.

    What merged in the interval (`tenues`) goes back where it came from; the rest is shared, by
    population, among the pieces that had not merged in the interval.
    """
    if len(pieces) == 1:
        return dict.fromkeys(pieces, 1.0)
    if origine != commune:
        retour = origine if origine in pieces else _anciennes().get(origine)
        return {retour if retour in pieces else commune: 1.0}
    libres = [piece for piece in pieces if piece == commune or piece not in tenues]
    total = sum(pieces[piece] for piece in libres)
    return {piece: pieces[piece] / total if total else 1 / len(libres) for piece in libres}


def _contenus(de: int, vers: int) -> dict[str, dict[str, float]]:
    """What each commune of `vers` that moved since `de` holds: commune of `de` → share of it."""
    contenus: dict[str, dict[str, float]] = {}
    for etape in (etape for date, etape in _etapes() if f"{de}-01-01" < date <= f"{vers}-01-01"):
        sortis = {avant: contenus.pop(avant, {avant: 1.0}) for avant in etape}
        for avant, pieces in etape.items():
            for origine, part in sortis[avant].items():
                for apres, quote in _destinations(origine, avant, pieces, sortis[avant]).items():
                    contenu = contenus.setdefault(apres, {})
                    contenu[origine] = contenu.get(origine, 0.0) + part * quote
    return contenus


def _liens(lignes: Iterable[tuple[str, str, float]]) -> pd.DataFrame:
    return pd.DataFrame(sorted(lignes), columns=["avant", "apres", "part"])


@cache
def _aller(de: int, vers: int) -> pd.DataFrame:
    """Passage to a later geography of the communes that move."""
    contenus = _contenus(de, vers).items()
    return _liens((avant, apres, part) for apres, contenu in contenus for avant, part in contenu.items())


def _populations_connues(millesime: int) -> pd.Series:
    """Populations of the communes of a year just before their next merge, where the reference has them."""
    fusions = reference.populations_mouvements().query("moment == 'avant'")
    suivantes = fusions[fusions["date"] > f"{millesime}-01-01"].drop_duplicates("commune")
    return suivantes.set_index("commune")["population"].astype("float64")


def _retour(de: int, vers: int, populations: pd.Series) -> pd.DataFrame:
    """Passage to an earlier geography of the communes that move: the later one turned round.

    What a commune of `de` holds is shared by the population, at `vers`, of the communes it comes from.
    """
    liens = _aller(vers, de).rename(columns={"avant": "apres", "apres": "avant"})
    partage = liens.duplicated("avant", keep=False)
    poids = (liens["part"] * liens["apres"].map(populations)).where(partage, 1.0)
    if poids.isna().any():
        perdu = liens[poids.isna()].iloc[0]
        raise ErreurUtilisateur(
            f"De la géographie {de} à celle de {vers} : la commune {perdu['avant']} est à partager, et la "
            f"population de {perdu['apres']} en {vers} manque (elles sont connues à partir de 2019) : donner "
            "les populations de cette année, ou amener plutôt les fichiers à la géographie la plus récente."
        )
    groupes = poids.groupby(liens["avant"])
    totaux, effectifs = groupes.transform("sum"), groupes.transform("size")
    liens["part"] = (poids / totaux).where(totaux > 0, 1 / effectifs)
    return _liens(liens[["avant", "apres", "part"]].itertuples(index=False, name=None))


@cache
def _retour_connu(de: int, vers: int) -> pd.DataFrame:
    return _retour(de, vers, _populations_connues(vers))


def _deplacements(de: int, vers: int, populations: pd.Series | None) -> pd.DataFrame:
    """Passage of the communes that move: avant, apres, part."""
    if de <= vers:
        return _aller(de, vers)
    if populations is None:
        return _retour_connu(de, vers)
    return _retour(de, vers, populations.combine_first(_populations_connues(vers)))


def passage(de: int, vers: int, populations: pd.Series | None = None) -> pd.DataFrame:
    """One row a commune of `de` and a commune of `vers`: avant, apres, part of `avant` that goes there.

    Parts of one `avant` add up to 1; municipal arrondissements stay what they are. `populations` (by
    code, at `vers`) serves only to go back before 2019: the reference does not have those of the
    communes merged until then, and `ErreurUtilisateur` names the first that lacks.
    """
    communes_du(vers)
    deplaces = _deplacements(de, vers, populations)
    communes = communes_du(de) | set(reference.arrondissements()["code"])
    fixes = sorted(communes - set(deplaces["avant"]))
    return pd.concat([deplaces, _liens((code, code, 1.0) for code in fixes)], ignore_index=True)


# --- Projection ----------------------------------------------------------------------------------


@cache
def _codes_du(millesime: int) -> pa.Array:
    """Codes of the communes at 1 January of a year, and of the arrondissements."""
    return pa.array([*communes_du(millesime), *reference.arrondissements()["code"]], pa.large_string())


def inconnues(codes: pd.Series, millesime: int) -> pd.Series:
    """The codes that are neither a commune at 1 January of a year nor an arrondissement, where they are."""
    textes = pa.array(codes, pa.large_string(), from_pandas=True)
    return codes[pc.invert(pc.is_in(textes, _codes_du(millesime))).to_numpy(zero_copy_only=False)]


def _existence(code: str) -> str:
    """When a code was one of a commune, for an error message."""
    annees = [annee for annee in MILLESIMES if code in communes_du(annee)]
    if not annees:
        return "ce n'est le code d'aucune commune depuis 2000 (zéro initial perdu ? code postal ?)"
    return f"c'est une commune de {annees[0]} à {annees[-1]} : vérifier l'année du fichier"


def _verifier_codes(codes: pd.Series, de: int) -> None:
    """Refuse rows without a commune, and codes that the geography does not have."""
    fautifs = inconnues(codes, de)
    if (vides := fautifs.isna() | fautifs.eq("")).any():
        raise ErreurUtilisateur(
            f"Colonne « {codes.name} » : {int(vides.sum())} ligne(s) sans commune ; les mettre à part, "
            "elles ne comptent que dans le total."
        )
    if len(fautifs):
        raise ErreurUtilisateur(
            f"Colonne « {codes.name} » : « {fautifs.iloc[0]} » n'est pas une commune de la géographie {de} "
            f"({len(fautifs)} ligne(s) en tout dans ce cas) ; {_existence(fautifs.iloc[0])}."
        )


def _verifier_lignes(table: pd.DataFrame, cle: str, dimensions: list[str]) -> None:
    """Refuse a commune given twice, and a city given with its arrondissements."""
    # most often, one row a commune
    if not table[cle].is_unique and (doubles := table.duplicated([cle, *dimensions])).any():
        raise ErreurUtilisateur(
            f"Colonne « {cle} » : la commune « {table.loc[doubles, cle].iloc[0]} » a deux lignes : "
            "n'en garder qu'une."
        )
    if len(sans_double_compte(table, cle, dimensions)) < len(table):
        raise ErreurUtilisateur(
            f"Colonne « {cle} » : Paris, Lyon ou Marseille est donnée à la fois entière et par "
            "arrondissement : n'en garder qu'une forme."
        )


def verifier_conservation(avant: pd.DataFrame, apres: pd.DataFrame) -> None:
    """Named check: no count gained or lost; `ArithmeticError` names the column and both sums."""
    departs, arrivees = avant.to_numpy("float64"), apres[avant.columns].to_numpy("float64")
    attendus, obtenus = np.nansum(departs, axis=0), np.nansum(arrivees, axis=0)
    permis = TOLERANCE * np.maximum(np.nansum(np.abs(departs), axis=0), 1.0)
    for rang in np.flatnonzero(np.abs(attendus - obtenus) > permis):
        raise ArithmeticError(
            f"conservation : {avant.columns[rang]} valait {attendus[rang]}, vaut {obtenus[rang]} après projection"
        )


def _motifs(deplaces: pd.DataFrame) -> dict[str, str]:
    """Why a commune of arrival is not the commune it was, by code; only those that changed."""
    departs, arrivees = Counter(deplaces["avant"]), Counter(deplaces["apres"])
    partages = {
        apres for avant, apres in zip(deplaces["avant"], deplaces["apres"], strict=True) if departs[avant] > 1
    }
    reunis = [apres for apres, combien in arrivees.items() if combien > 1]
    return dict.fromkeys(reunis, MOTIF_FUSION) | dict.fromkeys(partages, MOTIF_SCISSION)


def _partager(
    table: pd.DataFrame, deplaces: pd.DataFrame, cle: str, additives: list[str]
) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows of the communes that move, one a commune of arrival, and its share of each count: all at once."""
    liens = table[[cle]].assign(_rang=range(len(table))).merge(deplaces, left_on=cle, right_on="avant")
    rangs, comptes = liens["_rang"].to_numpy(), table[additives].to_numpy("float64")
    parts = comptes[rangs] * liens[["part"]].to_numpy()
    verifier_conservation(pd.DataFrame(comptes, columns=additives), pd.DataFrame(parts, columns=additives))
    return table.drop(columns=additives).iloc[rangs].assign(**{cle: liens["apres"].array}), parts


def _reunir(
    lignes: pd.DataFrame, parts: np.ndarray, cles: list[str]
) -> tuple[pd.DataFrame, np.ndarray, pd.Series]:
    """One row a commune of arrival and its dimensions, its counts, and how many rows made it.

    A missing count makes its total missing.
    """
    rangs = lignes.groupby(cles, dropna=False, sort=True).ngroup().to_numpy()
    _, premieres, tailles = np.unique(rangs, return_index=True, return_counts=True)
    sommes = np.zeros((len(tailles), parts.shape[1]))
    np.add.at(sommes, rangs, parts)
    reunies = lignes.iloc[premieres].reset_index(drop=True)
    return reunies, sommes, pd.Series(tailles)


def projeter(
    table: pd.DataFrame,
    de: int,
    vers: int,
    additives: Sequence[str],
    publiees: Sequence[str] = (),
    cle: str = "territoire",
    populations: pd.Series | None = None,
) -> pd.DataFrame:
    """Table by commune of geography `de` brought to geography `vers`, with a column `motif`.

    `additives` are counts, summed and shared; `publiees` (medians, rates, indices) are kept where the
    territory is the same and blank elsewhere; any other column is a dimension (sexe, âge, millésime) of
    the rows of a commune. A total that a missing count or a missing row enters is missing. `motif` says
    why a row is blank or estimated, and is empty where the commune has not changed. The communes that do
    not move come first, in their order. `populations`: see `passage`. Raises `ErreurUtilisateur` on an
    unknown code, a commune given twice, a city given with its arrondissements.
    """
    additives, publiees = list(additives), list(publiees)
    dimensions = [nom for nom in table.columns if nom not in {cle, *additives, *publiees}]
    communes_du(vers)
    _verifier_codes(table[cle], de)
    _verifier_lignes(table, cle, dimensions)
    deplaces = _deplacements(de, vers, populations)
    types = table.dtypes
    if entieres := [nom for nom in additives if types[nom] != "float64"]:
        table = table.astype(dict.fromkeys(entieres, "float64"))
    bougent = table[cle].isin(deplaces["avant"].tolist())
    fixes = table[~bougent].assign(motif="")
    if not bougent.any():
        return fixes.reset_index(drop=True)
    lignes, parts = _partager(table[bougent], deplaces, cle, additives)
    reunies, sommes, combien = _reunir(lignes, parts, [cle, *dimensions])
    incompletes = combien < reunies[cle].map(Counter(deplaces["apres"]))
    sommes[incompletes] = np.nan
    motifs = _motifs(deplaces)
    motif = reunies[cle].map(lambda code: motifs.get(code, "")).mask(incompletes, MOTIF_INCOMPLET)
    reunies[publiees] = reunies[publiees].mask(motif.ne(""))
    changees = pd.concat([reunies, pd.DataFrame(sommes, columns=additives)], axis="columns").assign(
        motif=motif
    )
    return pd.concat([fixes, changees[fixes.columns]], ignore_index=True)


# --- Paris, Lyon, Marseille ----------------------------------------------------------------------


@cache
def _communes_des_arrondissements() -> dict[str, str]:
    """Commune of each arrondissement, of the « not located » one included (`751XX` in Melodi files)."""
    table = reference.arrondissements()
    non_localises = {"751XX": "75056", "132XX": "13055", "693XX": "69123"}
    return dict(zip(table["code"], table["commune"], strict=True)) | non_localises


def arrondissements(codes: pd.Series) -> pd.Series:
    """Which codes are arrondissements of Paris, Lyon or Marseille."""
    return codes.isin(list(_communes_des_arrondissements()))


def villes(codes: pd.Series) -> pd.Series:
    """Commune of each code that is an arrondissement of Paris, Lyon or Marseille; missing elsewhere."""
    return codes.where(arrondissements(codes)).map(_communes_des_arrondissements())


def actuelle(code: str) -> str:
    """Commune of 2026 where an arrondissement or a commune of the past is; any other code is its own."""
    return _communes_des_arrondissements().get(code) or _anciennes().get(code, code)


def sans_double_compte(
    table: pd.DataFrame, cle: str = "territoire", dimensions: Sequence[str] = ()
) -> pd.DataFrame:
    """Rows left once Paris, Lyon and Marseille are counted once: arrondissements go where the city is.

    For each value of `dimensions`, arrondissements are dropped where the whole commune has a row, and
    kept where it has none (CNAF gives arrondissements only).
    """
    if not arrondissements(table[cle]).any():
        return table
    dimensions, siennes = list(dimensions), villes(table[cle])
    villes_ = table[[cle, *dimensions]].assign(**{cle: siennes})
    presentes = pd.MultiIndex.from_frame(table[[cle, *dimensions]])
    en_double = siennes.notna() & pd.MultiIndex.from_frame(villes_).isin(presentes)
    return table[~en_double] if en_double.any() else table


# --- Search --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Commune:
    """One commune of 2026; `remarque` says in French what had to be read otherwise than typed."""

    code: str
    article: str
    nom: str
    departement: str
    region: str
    epci: str
    population: int | None
    remarque: str = ""


_ABREVIATIONS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
_ARTICLES = ("le", "la", "les", "l")


def normaliser(texte: str) -> str:
    """« St-Étienne s/ Chalaronne » → « saint etienne sur chalaronne »."""
    texte = texte.lower().replace("œ", "oe").replace("æ", "ae")
    texte = re.sub(r"\bs/s\b", "sous", re.sub(r"\bs/(?!s\b)", "sur ", texte))
    sans_accent = "".join(c for c in unicodedata.normalize("NFKD", texte) if not unicodedata.combining(c))
    mots = re.sub(r"[^a-z0-9]+", " ", sans_accent).split()
    return " ".join(_ABREVIATIONS.get(mot, mot) for mot in mots)


def _separer(texte: str) -> tuple[str, str]:
    """Article and rest of a normalised name; no article when nothing would be left."""
    premier, _, reste = texte.partition(" ")
    return (premier, reste) if premier in _ARTICLES and reste else ("", texte)


@cache
def _annuaire() -> pd.DataFrame:
    """Communes with the names they are looked for by: `cle` (no article), `cle_article`."""
    table = reference.communes()
    return table.assign(cle=table["nom"].map(normaliser), cle_article=table["article"].map(normaliser))


def _commune(ligne: pd.Series, remarque: str = "") -> Commune:
    champs = ["code", "article", "nom", "departement", "region", "epci"]
    population = None if pd.isna(ligne["population"]) else int(ligne["population"])
    textes = {champ: "" if pd.isna(ligne[champ]) else ligne[champ] for champ in champs}
    return Commune(**textes, population=population, remarque=remarque)


def _decrire(codes: Iterable[str], combien: int = 10) -> str:
    """« Saint-Denis (97411, La Réunion), … »: the most populated first."""
    lignes = reference.communes().set_index("code").loc[list(codes)]
    lignes = lignes.sort_values("population", ascending=False, kind="stable")
    departements = reference.departements().set_index("code")[["article", "nom"]]
    textes = [
        f"{nom_complet(ligne['article'], ligne['nom'])} ({code}, "
        f"{nom_complet(*departements.loc[ligne['departement']])})"
        for code, ligne in lignes.head(combien).iterrows()
    ]
    reste = len(lignes) - len(textes)
    return ", ".join(textes) + (f" et {reste} autre(s)" if reste else "")


def _par_code(code: str) -> Commune | None:
    """Commune of that code, `None` when the text is no code at all; refuses a code of the past."""
    annuaire = _annuaire().set_index("code", drop=False)
    if code in annuaire.index:
        return _commune(annuaire.loc[code])
    if re.fullmatch(r"\d{4}", code) and f"0{code}" in annuaire.index:
        remarque = f"« {code} » a perdu son zéro initial : lu « 0{code} »."
        return _commune(annuaire.loc[f"0{code}"], remarque)
    if ville := _communes_des_arrondissements().get(code):
        raise ErreurUtilisateur(
            f"« {code} » est un arrondissement, pas une commune : demander {_decrire([ville])}."
        )
    _refuser_ancienne(code, reference.anciennes()["code"].eq(code))
    if re.fullmatch(r"\d[\dAB]\d{3}|\d{4}", code):
        raise ErreurUtilisateur(
            f"« {code} » n'est le code d'aucune commune au 1er janvier {MILLESIMES[-1]} (un code postal "
            "n'est pas un code commune) : donner le nom de la commune."
        )
    return None


def _refuser_ancienne(texte: str, concernees: pd.Series) -> None:
    """Say what a commune of the past has become."""
    anciennes = reference.anciennes()[concernees]
    if len(anciennes):
        raise ErreurUtilisateur(
            f"« {texte} » n'est pas, ou n'est plus, une commune au 1er janvier {MILLESIMES[-1]} : "
            f"voir {_decrire(anciennes['commune'].unique())}."
        )


def _par_nom(nom: str, departement: str) -> pd.DataFrame:
    """Communes of that name, with the article typed where some have it, in the département if given."""
    annuaire = _annuaire()
    article, cle = _separer(nom)
    trouvees = annuaire[annuaire["cle"].isin([cle, nom])]
    if article and trouvees["cle_article"].eq(article).any():
        trouvees = trouvees[trouvees["cle_article"].eq(article)]
    return trouvees[trouvees["departement"].eq(departement)] if departement else trouvees


_NOM_ET_CODE = re.compile(r"(.*?)[\s,(]+(\d[\dAB]|97\d|98\d)\)?")
_NOM_ET_NOM = re.compile(r"(.*?)\s*\((.+)\)")


def _separer_departement(texte: str) -> tuple[str, str]:
    """« Lent (Ain) », « Lent (01) », « Lent 01 » → the name, and the code of the département; none if not given."""
    if code := _NOM_ET_CODE.fullmatch(texte.upper()):
        return code[1], code[2]
    if nomme := _NOM_ET_NOM.fullmatch(texte):
        departements = reference.departements()
        voulu = _separer(normaliser(nomme[2]))[1]
        codes = departements.loc[departements["nom"].map(normaliser).eq(voulu), "code"]
        if len(codes):
            return nomme[1], codes.iloc[0]
    return texte, ""


def trouver_commune(texte: str) -> Commune:
    """The commune of 2026 that a person means, by code or by name.

    Case, accents, hyphens, articles and « St » do not matter: « bourg en bresse » is 01053; « Saint-Denis
    (93) » and « Lent (Ain) » name the département. `ErreurUtilisateur` lists the candidates of an ambiguous name, tells
    what a commune of the past has become, and gives the nearest names of an unknown one.
    """
    texte = texte.strip()
    if commune := _par_code(texte.upper()):
        return commune
    saisi, departement = _separer_departement(texte)
    nom = normaliser(saisi)
    trouvees = _par_nom(nom, departement)
    if len(trouvees) == 1:
        return _commune(trouvees.iloc[0])
    if len(trouvees):
        raise ErreurUtilisateur(
            f"« {texte} » désigne {len(trouvees)} communes : {_decrire(trouvees['code'])} ; donner le code, ou "
            "ajouter le département entre parenthèses."
        )
    _refuser_ancienne(texte, reference.anciennes()["nom"].map(normaliser).eq(nom))
    raise ErreurUtilisateur(f"« {texte} » n'est le nom d'aucune commune ; {_suggestion(_separer(nom)[1])}")


def _suggestion(cle: str) -> str:
    """Nearest names, for an error message: those that begin the same, or a letter or two away."""
    annuaire = _annuaire()
    proches = difflib.get_close_matches(cle, annuaire["cle"].unique(), n=3, cutoff=0.75)
    suites = annuaire["cle"].str.startswith(f"{cle} ") if cle else False
    if not (codes := annuaire.loc[annuaire["cle"].isin(proches) | suites, "code"]).empty:
        return f"noms proches : {_decrire(codes, 5)}."
    return "vérifier l'orthographe, ou donner le code de la commune."


# --- Levels --------------------------------------------------------------------------------------

# As Melodi keys them, (GEO_OBJECT, GEO) joined by a hyphen: « REG-75 » is not « DEP-75 ».
FRANCES = (
    ("FRANCE-FM", "la", "France métropolitaine", "pays", "FRANCE-F_X_D976 FRANCE-F"),
    ("FRANCE-F_X_D976", "la", "France hors Mayotte", "pays", "FRANCE-F"),
    ("FRANCE-F", "la", "France", "pays", ""),
)


def _frances(departements: pd.DataFrame) -> pd.Series:
    """Aggregates of France that hold a département; none holds a collectivité d'outre-mer."""
    cas = {"metro": "FRANCE-FM FRANCE-F_X_D976 FRANCE-F", "drom": "FRANCE-F_X_D976 FRANCE-F", "com": ""}
    return departements["zone"].map(cas).mask(departements["code"].eq("976"), "FRANCE-F")


def _au_dessus() -> pd.Series:
    """Codes that hold each département, itself included, by département: « DEP-01 REG-84 FRANCE-FM … »."""
    table = reference.departements()
    regions = ("REG-" + table["region"]).where(table["region"].ne(""), "")
    chaines = "DEP-" + table["code"] + " " + regions + " " + _frances(table)
    return chaines.str.split().str.join(" ").set_axis(table["code"])


def _parts_epci() -> pd.Series:
    """What holds each EPCI, by SIREN: « code:poids », by population, where it is held in part."""
    communes = reference.communes().query("epci != ''")
    parties = communes.groupby(["epci", "departement"], sort=False)["population"].sum()
    totaux, dessus = parties.groupby(level="epci").sum().to_dict(), _au_dessus().str.split().to_dict()
    dedans: dict[str, Counter[str]] = defaultdict(Counter)
    for (siren, departement), population in parties.items():
        dedans[siren].update(dict.fromkeys(dessus[departement], population))
    return pd.Series({siren: " ".join(_parts(siennes, totaux[siren])) for siren, siennes in dedans.items()})


def _parts(populations: Mapping[str, int], total: int) -> Iterator[str]:
    """« code » where all the population is, « code:poids » where some of it is."""
    for code, population in populations.items():
        part = population / total
        yield code if part > 1 - TOLERANCE else f"{code}:{part:.6f}"


@cache
def territoires() -> pd.DataFrame:
    """Every territory, in the columns of a profile's reference: code, article, nom, niveau, dans.

    Codes: a commune by its own (`01053`), `EPCI-200071751`, `DEP-01`, `REG-84`, and as INSEE's Melodi
    `FRANCE-FM` (métropole), `FRANCE-F_X_D976` (without Mayotte), `FRANCE-F`. `dans` holds the codes
    that contain it, « code:poids » when only in part (EPCI astride two départements).
    """
    communes, epci = reference.communes(), reference.epci()
    dessus, colonnes = _au_dessus(), ["code", "article", "nom", "niveau", "dans"]
    siren = ("EPCI-" + communes["epci"]).where(communes["epci"].ne(""), "")
    departements, regions = reference.departements(), reference.regions()
    france = departements.assign(dans=_frances(departements)).drop_duplicates("region").set_index("region")
    niveaux = [
        communes.assign(
            niveau="commune", dans=(siren + " " + communes["departement"].map(dessus)).str.strip()
        ),
        epci.assign(niveau="epci", dans=epci["code"].map(_parts_epci()), code="EPCI-" + epci["code"]),
        departements.assign(
            niveau="departement",
            dans=dessus.str.partition(" ")[2].to_numpy(),
            code="DEP-" + departements["code"],
        ),
        regions.assign(
            niveau="region", dans=regions["code"].map(france["dans"]), code="REG-" + regions["code"]
        ),
        pd.DataFrame(FRANCES, columns=colonnes),
    ]
    return pd.concat([niveau[colonnes] for niveau in niveaux], ignore_index=True)
