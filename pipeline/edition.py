"""The edition and the profile of its territory, read from TOML and checked at once.

In: `<territoire>/<annee>` and the folders of the project. Out: an `Edition`: what changes every year
(territory, quartiers, comparators, files, who deposited them) with the `Profil` that does not change.
All the mistakes of the file come back in one French sentence.
"""

from __future__ import annotations

import datetime
import os
import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from pipeline.model import ErreurUtilisateur, Serie

# Where `data/` and `reports/` are: the project itself, unless `ABS_RACINE` says otherwise.
RACINE = Path(os.environ.get("ABS_RACINE") or Path(__file__).parents[1])
PROFILS = Path(__file__).parent / "profiles"

# Beyond these, the mistakes of a file are counted and not told.
_MONTRES = 10

STRICT = ConfigDict(extra="forbid", frozen=True)

_MESSAGES = {
    "missing": "est obligatoire",
    "extra_forbidden": "n'est pas un champ connu (faute de frappe ?)",
    "string_type": "doit être un texte entre guillemets",
    "int_type": "doit être un nombre entier",
    "int_parsing": "doit être un nombre entier",
    "date_from_datetime_parsing": "doit être une date AAAA-MM-JJ",
    "string_pattern_mismatch": "n'a pas la forme attendue",
    "tuple_type": "doit être une liste entre crochets",
    "too_long": "a trop d'éléments",
    "too_short": "n'a pas assez d'éléments",
    "bool_type": "doit être true ou false",
    "bool_parsing": "doit être true ou false",
    "dict_type": "doit être une table de la forme nom = valeur",
    "model_type": "doit être une table, entre crochets",
    "date_type": "doit être une date AAAA-MM-JJ",
    "date_parsing": "doit être une date AAAA-MM-JJ",
    "date_from_datetime_inexact": "doit être une date AAAA-MM-JJ, sans heure",
    "int_from_float": "doit être un nombre entier",
    "float_type": "doit être un nombre",
    "float_parsing": "doit être un nombre",
    "finite_number": "doit être un nombre",
    "greater_than_equal": "est trop petit",
    "less_than_equal": "est trop grand",
    "literal_error": "doit être {permises}",
    "value_error": "{error}",
}

_COMMUNE = re.compile(r"(?:\d\d|2[AB])\d{3}")

# What means something else than itself in the report's Markdown; a dash, a star or a dollar are written as they are.
_SIGNES = re.compile(r"[\[\]{}<>|`\\^]|:::|^\s*#", re.MULTILINE)


def _sans_signe(texte: str) -> str:
    if trouve := _SIGNES.search(texte):
        signe = trouve[0].strip()
        raise ValueError(
            f"contient « {signe} », signe réservé à la mise en page du rapport, à écrire autrement"
        )
    return texte


def _d_une_ligne(texte: str) -> str:
    if "\n" in texte.strip():
        raise ValueError("doit tenir sur une ligne")
    return texte.strip()


Paragraphes = Annotated[str, AfterValidator(_sans_signe)]
"""What a person writes, printed as it is."""
Phrase = Annotated[Paragraphes, AfterValidator(_d_une_ligne)]
"""The same, on one line: a title, a cell."""


class Monnaie(BaseModel):
    """Currency of amounts; `decimales`: how many an amount may bear, none where nobody counts in cents."""

    model_config = STRICT
    code: str
    symbole: str
    decimales: int


class Cadre(BaseModel):
    """Legal basis of the analysis, and before whom it is presented."""

    model_config = STRICT
    titre: str
    texte: str
    reference: str
    instance: str


class CadreDomiciliation(BaseModel):
    """What the law asks of domiciliation: in whose name, to whom, and what it says of accreditation."""

    model_config = STRICT
    titre: str
    texte: str
    reference: str
    destinataire: str
    agrement: str


class Deliberation(BaseModel):
    """What the board's deliberation says: its visas, its reasons, its articles, and why budgets are debated.

    Each text may name `{de}` (« du Mont-Dore ») and `{annee}`, the year of the edition.
    """

    model_config = STRICT
    visas: Annotated[tuple[str, ...], Field(min_length=1)]
    considerants: Annotated[tuple[str, ...], Field(min_length=1)]
    articles: Annotated[tuple[str, ...], Field(min_length=1)]
    debat: str


class DateRecensement(BaseModel):
    """Reference date of one census."""

    model_config = STRICT
    millesime: int
    date: datetime.date
    prudence: str = ""


class Recensement(BaseModel):
    """How the census is taken: `ecart_minimal` years between two vintages that may be compared."""

    model_config = STRICT
    mode: Literal["exhaustif", "glissant"]
    ecart_minimal: int
    note: str
    diffusion: str
    dates: tuple[DateRecensement, ...]


class Secret(BaseModel):
    """What the CCAS's own figures must keep to be published: see `disclosure.rules.Regle`, which checks the parts."""

    model_config = STRICT
    seuil: Annotated[int, Field(ge=3)]
    part_dominante: float
    part_deux_premiers: float
    marge_montant: float


class Precision(BaseModel):
    """Counts under which a figure is « fragile », by series."""

    model_config = STRICT
    recensement: int
    activite: int
    annuelle: int


class Conservation(BaseModel):
    """How long what is about persons is kept, and by which text.

    `annees`: a deposited file, which names people, after the day it was deposited. `annees_statistique`:
    pseudonymised rows, in exercises before the edition's.
    """

    model_config = STRICT
    annees: Annotated[int, Field(ge=1)]
    annees_statistique: Annotated[int, Field(ge=1)]
    source: str


class Rupture(BaseModel):
    """A declared break: no trend is drawn through it."""

    model_config = STRICT
    annee: float
    libelle: str
    series: tuple[Serie, ...]
    explication: str


class NonRecours(BaseModel):
    """The part of those entitled to a right who do not take it up, as national studies bound it, and which studies.

    `champ`: of whom, where it is not of all those entitled. `beneficiaires`: the indicator that counts those who have
    the right; none where no source gives them by commune.
    """

    model_config = STRICT
    taux_bas: Annotated[float, Field(ge=0, le=1)]
    taux_haut: Annotated[float, Field(ge=0, le=1)]
    source: Annotated[Phrase, Field(min_length=1)]
    champ: Phrase = ""
    beneficiaires: str = ""


class Droit(BaseModel):
    """A right that people open at the CCAS: its code in a deposit, its name, its non-take-up where it is known."""

    model_config = STRICT
    id: str
    nom: str
    non_recours: NonRecours | None = None


class Niveau(BaseModel):
    """One territorial level, from the smallest to the largest in the profile's order.

    `en`: one says « en Bretagne », and not « dans la Bretagne ».
    """

    model_config = STRICT
    id: str
    nom: str
    en: bool = False


class Profil(BaseModel):
    """What a territory's law, currency, institutions, census and secrecy rules are.

    `territoires`: the file of its communes in `reference/`, or `cog`. `departements`: those whose communes
    have this profile, none for all the others. `detail`: the level whose communes an edition shows.
    `prudences`: indicator, or table (`socle.…`) that it is made of → what to beware of, after its own caveat.
    """

    model_config = STRICT
    nom: str
    territoires: str
    departements: tuple[str, ...] = ()
    detail: str = ""
    monnaie: Monnaie
    cadre: Cadre
    domiciliation: CadreDomiciliation
    deliberation: Deliberation
    recensement: Recensement
    secret: Secret
    conservation: Conservation
    precision: Precision
    ruptures: tuple[Rupture, ...] = ()
    niveaux: tuple[Niveau, ...]
    droits: tuple[Droit, ...] = ()
    glossaire: dict[str, str]
    prudences: dict[str, str] = {}


# Of what year a request for aid is: that of the day it was made, or that of the sitting that decided it.
Exercice = Literal["demande", "seance"]

_PRUDENCE_SEANCE = (
    "Les demandes comptent à l'année de la séance qui les a décidées, et non de leur dépôt ; une demande qui attend sa "
    "décision ne compte dans aucune année."
)


class Entete(BaseModel):
    """What the edition is called, who writes it, and with what the commune is compared.

    `detail`: the comparator (an EPCI, an agglomeration) whose communes are shown one by one. `precedente`: the
    edition that this one is compared with. `exercice`: the year of a request, that it was made or that it was decided.
    """

    model_config = STRICT
    titre: Phrase
    redaction: Phrase
    profil: str
    comparateurs: tuple[str, ...]
    detail: str = ""
    precedente: Annotated[str, Field(pattern=r"^([a-z0-9-]+/\d{4})?$")] = ""
    exercice: Exercice = "demande"


class Territoire(BaseModel):
    """The commune under study: its code, and its name as its inhabitants write it."""

    model_config = STRICT
    code: str
    nom: Annotated[Phrase, Field(min_length=1)]


# A column or a row of the tile map: beyond, its tiles would hold no name.
Place = Annotated[int, Field(ge=1, le=30)]


class Quartier(BaseModel):
    """One quartier: code, name, the IRIS it is made of, its column and row on the tile map (from 1, north up).

    A quartier that is one IRIS has its code, and no list.
    """

    model_config = STRICT
    code: str
    nom: Annotated[Phrase, Field(min_length=1)]
    iris: tuple[str, ...] = ()
    tuile: tuple[Place, Place] | None = None


class Comparables(BaseModel):
    """The communes that resemble the one under study: named by people, or the nearest on some indicators."""

    model_config = STRICT
    nombre: Annotated[int, Field(ge=3, le=50)] = 10
    communes: tuple[str, ...] = ()
    indicateurs: tuple[str, ...] = ()
    hors_detail: bool = False


class Fichier(BaseModel):
    """One file of the edition: which source it is, where it is, who deposited it.

    `colonnes` gives, for our column, the name it has in the file; `valeurs`, for our column, the
    code of ours that each of their values means. `exercices` are the years the deposit covers.
    `millesime`: the vintage that column names (`P{yy}_POP`) carry, when the file has no column for it.
    `geographie`: the year of the communes in a national file, when it is not the vintage's own.
    `adresse`: where it is downloaded from, when it is not the source's own address. `membre`: the one file
    to take out of the archive at that address (a name, or a pattern with `*`), kept under `chemin`.
    """

    model_config = STRICT
    source: str
    chemin: str
    adresse: str = ""
    membre: str = ""
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    depose_par: Phrase = ""
    depose_le: datetime.date | None = None
    fictif: bool = False
    exercices: tuple[Annotated[int, Field(ge=1950, le=2100)], ...] = ()
    millesime: Annotated[int, Field(ge=1950, le=2100)] | None = None
    geographie: Annotated[int, Field(ge=2000, le=2100)] | None = None
    colonnes: dict[str, str] = {}
    valeurs: dict[str, dict[str, str]] = {}


class Domiciliation(BaseModel):
    """What people write in the yearly account of domiciliation; empty, it says what is to be filled in."""

    model_config = STRICT
    destinataire: Phrase = ""
    signataire: Phrase = ""
    date: datetime.date | None = None
    moyens: Paragraphes = ""
    horaires: Paragraphes = ""
    agrement: Paragraphes = ""


class Partenaire(BaseModel):
    """An organisation consulted for the analysis, as the annex names it, and what it is consulted on."""

    model_config = STRICT
    nom: Annotated[Phrase, Field(min_length=1)]
    domaine: Phrase = ""


class Perimetre(BaseModel):
    """A territory whose limits changed and whose code did not: since which edition, and how."""

    model_config = STRICT
    territoire: str
    depuis: int
    explication: Phrase


class Contours(BaseModel):
    """A boundary file: the level it draws, its column of codes, and what the map says of where it comes from."""

    model_config = STRICT
    niveau: str
    chemin: str
    cle: str
    source: Phrase = ""


class Papiers(BaseModel):
    """The templates of the CCAS's own, relative to the edition, that its papers take their styles from."""

    model_config = STRICT
    modele_diaporama: Annotated[str, Field(pattern=r"^$|\.pptx$")] = ""
    modele_document: Annotated[str, Field(pattern=r"^$|\.docx$")] = ""


class Edition(BaseModel):
    """One edition: a territory, a year, its files, and the folder they are relative to."""

    model_config = STRICT
    edition: Entete
    territoire: Territoire
    quartiers: tuple[Quartier, ...] = ()
    comparables: Comparables | None = None
    contours: tuple[Contours, ...] = ()
    perimetres: tuple[Perimetre, ...] = ()
    fichiers: Annotated[tuple[Fichier, ...], Field(min_length=1)]
    domiciliation: Domiciliation = Domiciliation()
    partenaires: tuple[Partenaire, ...] = ()
    ruptures: tuple[Rupture, ...] = ()
    papiers: Papiers = Papiers()
    nom: str
    racine: Path
    profil: Profil

    @property
    def annee(self) -> int:
        """Year of the edition, from its folder's name."""
        return int(self.nom.rpartition("/")[2])

    @property
    def dernier_exercice(self) -> int:
        """The last year of the activity that is told: the year before the edition, or a later one that a file declares.

        A deposit holds what was done until the day it is made: the year that has begun would be the report's latest.
        """
        declares = [annee for fichier in self.fichiers for annee in fichier.exercices]
        return max([self.annee - 1, *declares])

    @property
    def ruptures_declarees(self) -> tuple[Rupture, ...]:
        """Those of the profile, which every territory lived through, and those of this edition."""
        return self.profil.ruptures + self.ruptures

    @property
    def dossier(self) -> Path:
        """Folder of `edition.toml`."""
        return self.racine / "data" / "raw" / self.nom

    @property
    def traitement(self) -> Path:
        """Folder of the base and its exports."""
        return self.racine / "data" / "processed" / self.nom

    @property
    def communs(self) -> Path:
        """Folder of the national files as read, which all editions share."""
        return self.racine / "data" / "processed" / "communs"

    @property
    def rapports(self) -> Path:
        """Folder of the texts written by people and of the publication."""
        return self.racine / "reports" / self.nom

    @property
    def archive(self) -> Path:
        """Where its archive is kept."""
        return self.rapports / "archive" / f"abs-{self.nom.replace('/', '-')}.zip"

    def chemin(self, fichier: Fichier | Contours) -> Path:
        """Where a declared file is."""
        return (self.dossier / fichier.chemin).resolve()

    def modele(self, nom: str) -> Path | None:
        """Where a template of the CCAS's own is, if the edition names one; it is there, or one sentence."""
        if not nom:
            return None
        chemin = (self.dossier / nom).resolve()
        if not chemin.is_file():
            raise ErreurUtilisateur(
                f"{self.dossier / 'edition.toml'} : [papiers] nomme le modèle « {nom} », introuvable : "
                f"déposer {chemin}, ou retirer la ligne."
            )
        return chemin

    def fichiers_de(self, source: str) -> tuple[Fichier, ...]:
        """The files declared for one source, in the edition's order."""
        return tuple(fichier for fichier in self.fichiers if fichier.source == source)


def lire_toml(chemin: Path) -> dict[str, Any]:
    """What a TOML file says; one French sentence when it cannot be read."""
    try:
        return tomllib.loads(chemin.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ErreurUtilisateur(
            f"{chemin} est introuvable : créer l'édition avec « make edition », "
            "ou corriger EDITION=<territoire>/<annee>."
        ) from None
    except UnicodeDecodeError:
        raise ErreurUtilisateur(f"{chemin} n'est pas en UTF-8 : l'enregistrer en UTF-8.") from None
    except tomllib.TOMLDecodeError as erreur:
        place = re.search(r"line (\d+), column (\d+)", str(erreur))
        ou = f"ligne {place[1]}, colonne {place[2]}" if place else "à la fin du fichier"
        raise ErreurUtilisateur(
            f"{chemin} n'est pas un fichier TOML valide, {ou} : y chercher un guillemet ou un crochet oublié."
        ) from None


def en_une_phrase(chemin: Path, problemes: Sequence[str]) -> str:
    """All that is wrong in a file; each problem is said without its end."""
    if len(problemes) == 1:
        return f"{chemin} : {problemes[0]}."
    montres = " ; ".join(f"{rang}) {dit}" for rang, dit in enumerate(problemes[:_MONTRES], 1))
    suite = f" ; et {len(problemes) - _MONTRES} de plus" if len(problemes) > _MONTRES else ""
    return f"{chemin}, {len(problemes)} erreurs : {montres}{suite}."


def fautes(erreur: ValidationError) -> list[str]:
    """Each mistake in the fields of a file: field, rule, value.

    pydantic counts only the elements without a mistake: a list of enough elements is not said to be too short.
    """
    return [
        _faute(detail)
        for detail in erreur.errors()
        if detail["type"] != "too_short" or len(detail["input"]) < detail["ctx"]["min_length"]
    ]


def _faute(detail: Mapping[str, Any]) -> str:
    champ = " › ".join(str(morceau + 1 if isinstance(morceau, int) else morceau) for morceau in detail["loc"])
    contexte = detail.get("ctx", {})
    permises = re.sub(r"'(.*?)'", r"« \1 »", str(contexte.get("expected", "")).replace(" or ", " ou "))
    regle = _MESSAGES.get(detail["type"], "n'est pas valable").format_map({**contexte, "permises": permises})
    if detail["input"] == "":
        return f"le champ « {champ} » est vide"
    if detail["type"] == "missing":
        return f"le champ « {champ} » {regle}"
    return (
        f"le champ « {champ} » {regle} : « {textwrap.shorten(str(detail['input']), 100, placeholder='…')} »"
    )


def lire_profil(nom: str) -> Profil:
    """The profile of that name; `ErreurUtilisateur` when there is none."""
    chemin = PROFILS / f"{nom}.toml"
    if not chemin.exists():
        connus = ", ".join(sorted(fichier.stem for fichier in PROFILS.glob("*.toml")))
        raise ErreurUtilisateur(f"Le profil « {nom} » n'existe pas ; profils connus : {connus}.")
    try:
        return Profil(**lire_toml(chemin))
    except ValidationError as erreur:
        raise ErreurUtilisateur(en_une_phrase(chemin, fautes(erreur))) from None


def lire_edition(nom: str, racine: Path = RACINE) -> Edition:
    """The edition `<territoire>/<annee>` with its profile; one French sentence on any mistake."""
    territoire, _, annee = nom.strip("/").partition("/")
    if not territoire or not annee.isdecimal():
        raise ErreurUtilisateur(f"« {nom} » n'est pas une édition : écrire <territoire>/<annee>.")
    chemin = racine / "data" / "raw" / territoire / annee / "edition.toml"
    brut = lire_toml(chemin)
    entete = brut.get("edition")
    if not isinstance(entete, dict) or not isinstance(entete.get("profil"), str):
        raise ErreurUtilisateur(
            f'{chemin} : [edition] doit donner « profil », par exemple profil = "france".'
        )
    profil = lire_profil(entete["profil"])
    # what the edition is given beside its file
    calcules = {"nom": f"{territoire}/{annee}", "racine": racine, "profil": profil}
    problemes = [
        f"le champ « {nom} » n'est pas dans sa table : l'écrire sous [edition] ou [territoire]"
        for nom in calcules
        if nom in brut
    ]
    try:
        edition = Edition(**(brut | calcules))
        problemes += _problemes(edition)
    except ValidationError as erreur:
        problemes += fautes(erreur)
    if problemes:
        raise ErreurUtilisateur(en_une_phrase(chemin, problemes))
    return _prevenir_de_l_exercice(_nommer_quartiers(edition))


def _prevenir_de_l_exercice(edition: Edition) -> Edition:
    """Whose requests are of the year of their decision says it with every figure that is made of them."""
    if edition.edition.exercice == "demande":
        return edition
    prudences = edition.profil.prudences | {"socle.aides_demandes": _PRUDENCE_SEANCE}
    profil = edition.profil.model_copy(update={"prudences": prudences})
    return edition.model_copy(update={"profil": profil})


def _nommer_quartiers(edition: Edition) -> Edition:
    """A file that tells quartiers by their name needs no list of its own: the edition's is taken."""
    noms = {quartier.nom: quartier.code for quartier in edition.quartiers}
    fichiers = (
        fichier.model_copy(update={"valeurs": {**fichier.valeurs, "quartier": noms}})
        if "quartier" in fichier.colonnes and "quartier" not in fichier.valeurs
        else fichier
        for fichier in edition.fichiers
    )
    return edition.model_copy(update={"fichiers": tuple(fichiers)})


def _problemes(edition: Edition) -> Iterator[str]:
    """What is wrong between the fields of an edition, as sentences without their end."""
    codes = [quartier.code for quartier in edition.quartiers]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield f"le quartier « {code} » est déclaré deux fois"
    yield from _quartiers_d_ailleurs(edition)
    noms = [quartier.nom for quartier in edition.quartiers]
    for nom in sorted({nom for nom in noms if noms.count(nom) > 1}):
        yield f"deux quartiers se nomment « {nom} » : les fichiers qui les disent par leur nom n'en feraient qu'un"
    comparateurs = edition.edition.comparateurs
    for code in sorted({code for code in comparateurs if comparateurs.count(code) > 1}):
        yield f"le comparateur « {code} » est déclaré deux fois"
    for code in sorted({edition.territoire.code, *codes}.intersection(comparateurs)):
        yield f"« {code} », la commune ou l'un de ses quartiers, est parmi les comparateurs : l'en retirer"
    niveaux = {niveau.id for niveau in edition.profil.niveaux}
    for contours in edition.contours:
        if contours.niveau not in niveaux:
            connus = ", ".join(sorted(niveaux))
            yield f"[[contours]] nomme le niveau « {contours.niveau} », qui est inconnu : en choisir un parmi {connus}"
    detail = edition.edition.detail
    if detail and detail not in edition.edition.comparateurs:
        yield f"« detail » montre les communes de « {detail} », qui n'est pas parmi les comparateurs : l'y ajouter"
    if edition.comparables and "comparables" not in niveaux:
        yield f"le profil « {edition.edition.profil} » n'a pas de communes comparables : retirer [comparables]"
    tuiles = [quartier.tuile for quartier in edition.quartiers if quartier.tuile]
    if len(set(tuiles)) < len(tuiles):
        yield "deux quartiers ont la même place sur la carte (« tuile »)"


def _quartiers_d_ailleurs(edition: Edition) -> Iterator[str]:
    """Quartiers and IRIS whose code begins with that of a commune that is not, nor has become, the one under study."""
    from pipeline import cog

    commune = edition.territoire.code
    for quartier in edition.quartiers:
        for code in (quartier.code, *quartier.iris):
            debut = _COMMUNE.match(code)
            if debut and commune not in (debut[0], cog.actuelle(debut[0])):
                yield (
                    f"« {code} » (quartier « {quartier.nom} ») est un code de la commune {debut[0]}, et non de "
                    f"{commune} : corriger le code, ou retirer ce quartier"
                )
