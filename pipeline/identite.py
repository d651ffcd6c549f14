"""Who a row is about → a keyed pseudonym, and refusal of what the base must never hold.

In: a frame of text as a reader gave it, and a secret key kept outside the repository. Out: the same rows
with pseudonyms and ages, without names, numbers or birth dates. The same person under two spellings is
one pseudonym; without the key, nobody can tell whose it is, nor try names one after the other.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.conversions import en_date
from pipeline.model import AgeA, Pseudonyme
from pipeline.readers import en_textes

CHIFFRES_DE_NIR = 13  # without its key
CHIFFRES_DE_PSEUDONYME = 32  # hexadecimal: 128 bits, no collision to fear among millions of persons

PERSONNE = ("nom", "prenom", "naissance")
"""The columns that identify a person; any other tuple of columns is an identifier, taken as it is."""

_BLOC_DE_SHA256 = 64
SEPARATION = "\x1f"
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "’": "'"})
_HORS_MOTS = re.compile(r"[^a-z0-9']+")
_ELISION = re.compile(r"\b([dlo])[' ]+(?=[a-z])")
_MOTS_ECARTES = {"mme", "mlle", "mr", "madame", "mademoiselle", "monsieur", "nee", "epouse", "veuve"}


# --- Pseudonyms ------------------------------------------------------------------------------------


def normaliser(nom: str, prenom: str, naissance: str) -> str:
    """What two spellings of one person have in common; empty when a part is missing or unreadable.

    Names: case, accents, ligatures, hyphens, apostrophes, spaces and the order of all the words are left
    out, and so are civilities, « née », « épouse », « veuve ». Birth date: ISO. What is *not* brought
    together: a second first name given once and not the other time, a name of use alone against a birth
    name alone, a typing error. These are for a person to judge: `rapprochements` lists them, and
    `reponses` holds what she answered.
    """
    jour = _jours(pd.Series([naissance], dtype="string")).iloc[0]
    return "" if pd.isna(jour) else _identite(mots(nom), mots(prenom), jour)


def mots(nom: str) -> str:
    """A name as plain words: « D’Orphée-Éloïse », « D ORPHEE ELOISE » → « dorphee eloise »."""
    decompose = unicodedata.normalize("NFKD", nom.casefold().translate(_LIGATURES))
    lettres = "".join(lettre for lettre in decompose if not unicodedata.combining(lettre))
    lies = _ELISION.sub(r"\1", _HORS_MOTS.sub(" ", lettres)).replace("'", "")
    return " ".join(mot for mot in lies.split() if mot not in _MOTS_ECARTES)


def _identite(nom: str, prenom: str, jour: str) -> str:
    """Words in alphabetical order, then the day: family and given names may have been swapped."""
    return " ".join([*sorted(f"{nom} {prenom}".split()), jour]) if nom and prenom else ""


def _jours(naissances: pd.Series) -> pd.Series:
    """Birth dates in ISO, once a distinct text."""
    codes, distinctes = pd.factorize(naissances)
    jours = en_date(pd.Series(distinctes, dtype="string"))[0].dt.strftime("%Y-%m-%d").astype("string")
    return pd.Series(jours.array.take(codes, allow_fill=True), index=naissances.index)


def pseudonymes(
    frame: pd.DataFrame, pseudonyme: Pseudonyme, cle: bytes, nommees: pd.Series | None = None
) -> pd.Series:
    """HMAC-SHA256 of each row's identity, 128 bits in hexadecimal; nothing where it is incomplete.

    The name of the pseudonym's column is part of what is hashed: the household « 12 » and the request
    « 12 » have nothing in common, while `personne` is the same in every table read with the same key.
    `nommees`: what `personnes` says of these rows, where it is known already.
    """
    if pseudonyme.de != PERSONNE:
        return _numeros(_identifiants([frame[colonne] for colonne in pseudonyme.de]), cle, pseudonyme.colonne)
    chiffrer = _hmac(cle, pseudonyme.colonne)

    def chiffrer_personne(parties: str) -> str | None:
        identite = _identite(*parties.split(SEPARATION))
        return chiffrer(identite) if identite else None

    return _une_fois(personnes(frame) if nommees is None else nommees, chiffrer_personne)


@lru_cache(maxsize=2)  # a deposit says again and again the numbers of its requests, and of its households
def _connus(cle: bytes, colonne: str) -> list[pa.Table]:
    """Numbers met so far, and their pseudonyms."""
    texte = pa.field("numero", pa.string()), pa.field("pseudonyme", pa.string())
    return [pa.schema(texte).empty_table()]


def oublier_les_numeros() -> None:
    """Forget the numbers that were read."""
    _connus.cache_clear()


def _numeros(identifiants: pd.Series, cle: bytes, colonne: str) -> pd.Series:
    """Pseudonyms of numbers, each made once, whatever the number of tables that give it."""
    textes, connus = pa.array(identifiants, pa.string(), from_pandas=True), _connus(cle, colonne)
    deja = pc.is_in(textes, pa.concat_tables(connus)["numero"])
    if len(nouveaux := textes.filter(pc.invert(deja)).unique().drop_null()):
        faits = pa.array(map(_hmac(cle, colonne), nouveaux.to_pylist()), pa.string())
        connus.append(pa.table([nouveaux, faits], connus[0].schema))
    tous = pa.concat_tables(connus)
    rangs = pc.index_in(textes, tous["numero"], skip_nulls=True)
    return pd.Series(en_textes(tous["pseudonyme"].take(rangs)), index=identifiants.index)


def _hmac(cle: bytes, colonne: str) -> Callable[[str], str]:
    """HMAC-SHA256 (RFC 2104, § 2) of texts after a column's name, for a key of one block of 64 bytes at most.

    What is made of the key and of the name is made once, and not for each of a million persons, as
    `hmac.digest` would: two fifths of its time, the same digits.
    """
    bloc = cle.ljust(_BLOC_DE_SHA256, b"\0")
    debut = f"{colonne}{SEPARATION}".encode()
    dedans = hashlib.sha256(bytes(octet ^ 0x36 for octet in bloc) + debut)
    dehors = hashlib.sha256(bytes(octet ^ 0x5C for octet in bloc))

    def chiffrer(texte: str) -> str:
        interne, externe = dedans.copy(), dehors.copy()
        interne.update(texte.encode())
        externe.update(interne.digest())
        return externe.hexdigest()[:CHIFFRES_DE_PSEUDONYME]

    return chiffrer


def personnes(frame: pd.DataFrame) -> pd.Series:
    """Who each row is about, a category a person: words of her names, of her first names, day in ISO, separated.

    `frame`: text columns under our names. Missing where one of the three is; of no length where the file names nobody.
    """
    if not set(PERSONNE) <= set(frame):
        return pd.Series(dtype="category")
    ecrites = frame[list(PERSONNE)]
    rangs = ecrites.groupby(list(PERSONNE), sort=False, dropna=False).ngroup()
    # each way of writing a person is read once
    nom, prenom, naissance = (colonne for _, colonne in ecrites[~rangs.duplicated()].items())
    lues = _une_fois(nom, mots) + SEPARATION + _une_fois(prenom, mots) + SEPARATION + _jours(naissance)
    return pd.Series(lues.astype("category").array.take(rangs), index=frame.index)


def est_nommee(qui: str) -> bool:
    """Whether one of `personnes` has all that a pseudonym is made of."""
    return bool(qui and _identite(*qui.split(SEPARATION)))


def _identifiants(colonnes: list[pd.Series]) -> pd.Series:
    """Numbers and codes as they are, but for case and spaces; missing if one of them is."""
    propres = [_identifiant(colonne) for colonne in colonnes]
    ensemble = propres[0]
    for colonne in propres[1:]:
        ensemble = ensemble + SEPARATION + colonne
    return ensemble


def _identifiant(colonne: pd.Series) -> pd.Series:
    """No case, no space; all at once where every text is plain letters, digits and signs."""
    if colonne.dropna().str.fullmatch(r"[!-~]*").all():
        return colonne.astype("string").str.lower()
    return _une_fois(colonne, lambda texte: "".join(texte.casefold().split()))


def _une_fois(serie: pd.Series, lire: Callable[[str], str | None]) -> pd.Series:
    """Apply a function to each distinct text only, or category; what is missing stays so."""
    codes, distinctes = pd.factorize(serie)
    lues = pd.array([lire(texte) for texte in distinctes.tolist()], dtype="string")
    return pd.Series(lues.take(codes, allow_fill=True), index=serie.index)


def age_a(naissance: pd.Series, evenement: pd.Series) -> pd.Series:
    """Age in whole years on the day of the event (`Int64`), from two series of days.

    Negative when the event comes first, for the schema to refuse with its sentence. A person born on 29
    February is a year older on 1 March of a common year.
    """
    ecoulees = evenement.dt.year - naissance.dt.year
    jour_atteint = evenement.dt.month * 100 + evenement.dt.day >= naissance.dt.month * 100 + naissance.dt.day
    return (ecoulees - (~jour_atteint).astype("int64")).astype("Int64")


def appliquer(
    frame: pd.DataFrame,
    identites: tuple[Pseudonyme | AgeA, ...],
    cle: bytes,
    nommees: pd.Series | None = None,
) -> pd.DataFrame:
    """Replace what identifies by pseudonyms and ages, and drop every column consumed.

    `frame`: text columns under our names; `nommees`: its `personnes`, where they are known already. Several
    `Pseudonyme` for one column are tried in order, row by row (household number, else the person). An identity whose
    columns are not there gives no column.
    """
    qui = personnes(frame) if nommees is None else nommees
    nouvelles: dict[str, pd.Series] = {}
    for identite in identites:
        if isinstance(identite, AgeA):
            if {identite.naissance, identite.evenement} <= set(frame):
                jours = [en_date(frame[nom])[0] for nom in (identite.naissance, identite.evenement)]
                nouvelles[identite.colonne] = age_a(*jours)
        elif set(identite.de) <= set(frame):
            deja, siennes = nouvelles.get(identite.colonne), frame[list(identite.de)]
            if deja is None:
                nouvelles[identite.colonne] = pseudonymes(siennes, identite, cle, qui)
            elif (manquent := deja.isna()).any():
                autres = pseudonymes(siennes[manquent], identite, cle, qui[manquent])
                nouvelles[identite.colonne] = deja.fillna(autres)
    return frame.drop(columns=consommees(identites), errors="ignore").assign(**nouvelles)


def consommees(identites: tuple[Pseudonyme | AgeA, ...]) -> list[str]:
    """The columns that identify and are never stored, each once, in the order they are declared."""
    return list(dict.fromkeys(nom for identite in identites for nom in _prises(identite)))


def indispensables(identites: tuple[Pseudonyme | AgeA, ...]) -> list[str]:
    """Those a file must have: what the last way of making each column takes; earlier ways may be absent."""
    dernieres = {identite.colonne: identite for identite in identites}
    return consommees(tuple(dernieres.values()))


def _prises(identite: Pseudonyme | AgeA) -> tuple[str, ...]:
    return (identite.naissance,) if isinstance(identite, AgeA) else identite.de


# --- What is refused at the door -------------------------------------------------------------------

_BLANC = "[ .\u00a0\u202f-]?"
_DEPARTEMENT = rf"(?:\d{_BLANC}\d|2{_BLANC}[ABab])"
_NIR = rf"[1-478](?:{_BLANC}\d){{4}}{_BLANC}{_DEPARTEMENT}(?:{_BLANC}\d){{6}}(?:{_BLANC}\d{_BLANC}\d)?"
_NIR_ISOLE = re.compile(rf"(?<![0-9A-Za-z])({_NIR})(?![0-9A-Za-z])")

# What the words of a column's name announce (accents and case removed, elisions joined).
_INTERDITES = {
    r"\bnir\b|\b(?:secu|securite sociale)$|^n(?:o|um|umero)? ss$": "un numéro de sécurité sociale",
    r"^origines?$|\bdorigine$|^origine (?:ethnique|culturelle|raciale|geographique)$": "une origine",
    r"^appartenance$|\bdappartenance\b|^communautes?$": "une communauté d'appartenance",
    r"\bethni|\btribus?\b|\bcoutum|^clan$|^race$": "une appartenance ethnique ou coutumière",
    r"\breligi|^culte$|^confession$": "une religion",
    r"\bdiagnosti|\bpatholog|\bmaladie|\bmedic|^sante$|^(?:etat|probleme)s? de sante|\baddiction|^ald$": (
        "une donnée de santé"
    ),
    r"\bcommentaire|\bobservation|\bremarque|\bannotation|^notes?$|\btexte libre$": "un texte libre",
}


def ressemble_a_un_nir(serie: pd.Series) -> pd.Series:
    """Where a text holds a French social security number, alone or among words, spaced or not.

    15 digits: a possible month and a right key (97 − number modulo 97; Corsica 2A counts as 19, 2B as 18).
    13 digits, which have no key: a calendar month, a département, a commune and a rank that exist.
    """
    textes = pa.array(serie, pa.large_string(), from_pandas=True)
    longues = textes.filter(pc.greater_equal(pc.utf8_length(textes), CHIFFRES_DE_NIR)).unique()
    possibles = longues.filter(pc.match_substring_regex(longues, _NIR)).to_pylist() if len(longues) else []
    nirs = [texte for texte in possibles if _contient_un_nir(texte)]
    return serie.isin(nirs) if nirs else pd.Series(False, index=serie.index)


def _contient_un_nir(texte: str) -> bool:
    return any(_est_un_nir(re.sub(_BLANC, "", trouve).upper()) for trouve in _NIR_ISOLE.findall(texte))


def _est_un_nir(nir: str) -> bool:
    """Check 13 or 15 characters, without spaces."""
    mois = int(nir[3:5])
    numero = int(nir[:13].replace("2A", "19").replace("2B", "18"))
    if len(nir) == 15:
        possible = 1 <= mois <= 12 or 20 <= mois <= 42 or mois >= 50
        return possible and int(nir[13:]) == 97 - numero % 97
    return 1 <= mois <= 12 and nir[5:7] != "00" and "000" not in (nir[7:10], nir[10:13])


def colonnes_interdites(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """Columns that may not enter, with what they hold, from their raw name or from their values.

    `frame`: a reader's table, so declared columns only: what is not declared never left the file.
    """
    trouvees = []
    for colonne in frame:
        nom, nirs = mots(colonne), ressemble_a_un_nir(frame[colonne])
        if annonces := [quoi for motif, quoi in _INTERDITES.items() if re.search(motif, nom)]:
            trouvees.append((colonne, annonces[0]))
        elif nirs.any():
            trouvees.append((colonne, f"un numéro de sécurité sociale (ligne {nirs.idxmax()})"))
    return trouvees
