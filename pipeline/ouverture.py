"""Opening an edition: for a commune that has none, or for the year after one that is done.

In: a commune (code or name) and a year, or an edition. Out: `edition.toml` of the new one (and, when it follows
another, its `orientations.toml`), and the three next things to do. What a new edition declares is written in
`profiles/editions/<profil>.toml`.
"""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

from pipeline import cog, geographie
from pipeline.edition import PROFILS, RACINE, Edition, Profil, lire_edition, lire_profil
from pipeline.model import ErreurUtilisateur
from pipeline.orientations import chemin_de

MODELES = PROFILS / "editions"
COMPARABLES = "comparables"


def ouvrir_commune(commune: str, annee: str, racine: Path = RACINE) -> list[str]:
    """A first edition for a commune of France, by code or by name; returns what to say and to do next."""
    if not re.fullmatch(r"20\d{2}", annee):
        raise ErreurUtilisateur(
            f"« {annee} » n'est pas une année : écrire par exemple edition {commune} 2026."
        )
    trouvee = cog.trouver_commune(commune)
    nom_profil, profil = _profil(trouvee.departement)
    nom = f"{_dossier(trouvee, racine)}/{annee}"
    champs = {
        "annee": annee,
        "code": trouvee.code,
        "nom": trouvee.nom if not trouvee.article else f"{_article(trouvee.article)}{trouvee.nom}",
        "comparateurs": _comparateurs(profil, trouvee.code),
        "detail": _detail(profil, trouvee.code),
    }
    modele = Template((MODELES / f"{nom_profil}.toml").read_text(encoding="utf-8"))
    _ecrire(racine, nom, modele.substitute(champs))
    edition = lire_edition(nom, racine)
    if quartiers := _quartiers(edition):
        _ecrire(racine, nom, modele.substitute(champs) + quartiers, neuve=False)
    dit = [trouvee.remarque] if trouvee.remarque else []
    return [*dit, *_suite(racine, nom)]


def ouvrir_annee(nom: str, depuis: str, racine: Path = RACINE) -> list[str]:
    """The next edition of a territory, from one that is done; checksums and deposit dates are emptied.

    `nom` empty: the year after. A later edition of the same territory names the one it comes from, and takes its
    orientations over. Returns what to say and to do next.
    """
    source = lire_edition(depuis, racine)
    nom = nom or f"{source.nom.rpartition('/')[0]}/{source.annee + 1}"
    territoire, _, annee = nom.partition("/")
    if not re.fullmatch(r"[a-z0-9-]+", territoire) or not re.fullmatch(r"\d{4}", annee):
        raise ErreurUtilisateur(
            f"« {nom} » n'est pas une édition : écrire <territoire>/<année>, en minuscules."
        )
    texte = (source.dossier / "edition.toml").read_text(encoding="utf-8")
    texte = texte.replace(f"Édition {source.annee}", f"Édition {annee}")
    texte = re.sub(r'(?m)^(sha256 = ").*?"', r'\1"', texte)
    texte = re.sub(r"(?m)^depose_le = .*\n", "", texte)
    texte = re.sub(r"(?m)^precedente = .*\n", "", texte)
    suit = territoire == source.nom.partition("/")[0] and int(annee) > source.annee
    if suit:
        texte = texte.replace("[edition]\n", f'[edition]\nprecedente = "{source.nom}"\n', 1)
    _ecrire(racine, nom, texte)
    if suit:
        _reprendre_orientations(source, lire_edition(nom, racine))
    return _suite(racine, nom)


def _reprendre_orientations(source: Edition, neuve: Edition) -> None:
    """Copy the orientations, each action with the year that decided it: its baseline is counted from there."""
    depart, arrivee = chemin_de(source), chemin_de(neuve)
    if not depart.exists() or arrivee.exists():
        return
    debut, *actions = depart.read_text(encoding="utf-8").split("[[actions]]\n")
    datees = (
        action if re.search(r"(?m)^decidee *=", action) else f"decidee = {source.annee}\n{action}"
        for action in actions
    )
    arrivee.parent.mkdir(parents=True, exist_ok=True)
    arrivee.write_text("[[actions]]\n".join((debut, *datees)), encoding="utf-8")


def _ecrire(racine: Path, nom: str, texte: str, *, neuve: bool = True) -> None:
    dossier = racine / "data" / "raw" / nom
    chemin = dossier / "edition.toml"
    if neuve and chemin.exists():
        raise ErreurUtilisateur(f"{chemin} existe déjà : le modifier, ou choisir une autre année.")
    (dossier / "depots").mkdir(parents=True, exist_ok=True)
    chemin.write_text(texte, encoding="utf-8")


def _suite(racine: Path, nom: str) -> list[str]:
    dossier = racine / "data" / "raw" / nom
    return [
        f"Édition ouverte : {dossier / 'edition.toml'}",
        f"1. Récupérer les données publiques : make donnees EDITION={nom}",
        f"2. Déposer les exports du CCAS dans {dossier / 'depots'}, et les déclarer (make depot FICHIER=… "
        f"EDITION={nom} propose la déclaration) ; sans eux, le rapport n'a que les chiffres publics.",
        f"3. Construire : make abs EDITION={nom}",
    ]


# --- What a commune's edition declares -----------------------------------------------------------


def _profil(departement: str) -> tuple[str, Profil]:
    """The profile that names the département, else the one that names none."""
    profils = {chemin.stem: lire_profil(chemin.stem) for chemin in sorted(PROFILS.glob("*.toml"))}
    propres = [nom for nom, profil in profils.items() if departement in profil.departements]
    [nom] = propres or [nom for nom, profil in profils.items() if not profil.departements]
    return nom, profils[nom]


def _dossier(commune: cog.Commune, racine: Path) -> str:
    """« bourg-en-bresse »; with the département when another commune of that name has taken it."""
    nom = re.sub(r"[^a-z0-9]+", "-", cog.normaliser(f"{commune.nom}")).strip("-")
    for edition in sorted((racine / "data" / "raw" / nom).glob("*/edition.toml")):
        if f'"{commune.code}"' not in edition.read_text(encoding="utf-8"):
            return f"{nom}-{commune.departement.lower()}"
    return nom


def _article(article: str) -> str:
    return article if article.endswith("’") or article.endswith("'") else f"{article} "


def _contenants(profil: Profil, code: str) -> list[tuple[str, str]]:
    """Levels above a commune in the profile's order: (niveau, code), the largest of each level."""
    reference = geographie.lire_reference(profil).set_index("code")
    niveaux = {
        reference.loc[dans.partition(":")[0], "niveau"]: dans.partition(":")[0]
        for dans in str(reference.loc[code, "dans"]).split()
    }
    return [(niveau.id, niveaux[niveau.id]) for niveau in profil.niveaux if niveau.id in niveaux]


def _comparateurs(profil: Profil, code: str) -> str:
    """What the commune is compared with, as a TOML list: the levels above it, and communes like it.

    A level that holds the same communes as one before it is left out: Paris is a département, La Réunion is a
    département and a region.
    """
    reference = geographie.lire_reference(profil).query("niveau == 'commune'")
    codes, vues = [], [{code}]
    for _, contenant in _contenants(profil, code):
        tient = reference["dans"].str.contains(rf"(?:^| ){contenant}(?:[: ]|$)")
        communes = set(reference.loc[tient, "code"])
        if communes not in vues:
            codes.append(contenant)
            vues.append(communes)
    if COMPARABLES in {niveau.id for niveau in profil.niveaux}:
        codes.insert(1 if codes else 0, geographie.COMPARABLES)
    return "[" + ", ".join(f'"{c}"' for c in codes) + "]"


def _detail(profil: Profil, code: str) -> str:
    """The first level above the commune when it is the profile's smallest of several communes, else none."""
    contenants = _contenants(profil, code)
    return contenants[0][1] if contenants and contenants[0][0] == profil.detail else ""


def _quartiers(edition: Edition) -> str:
    """The quartiers that the latest public files know of the commune, as TOML; none where there are none.

    One that was cut in several since the census before is no quartier of today's.
    """
    from pipeline import ingest
    from pipeline.sources.registre import SOURCES

    noms: dict[str, str] = {}
    for source in SOURCES:
        if not {"territoire", "nom", "niveau"} <= set(source.schema.columns):
            continue
        for fichier in edition.fichiers_de(source.id):
            if not edition.chemin(fichier).is_file():
                continue
            lues = ingest.lire(source, edition.chemin(fichier), ingest.noms_bruts(source, fichier)).table
            quartiers = lues[lues["niveau"].eq(geographie.QUARTIER)]
            siens = quartiers[quartiers["territoire"].str.startswith(f"{edition.territoire.code}-")]
            if "millesime" in siens:
                siens = siens[siens["millesime"].eq(siens["millesime"].max())]
            noms |= dict(zip(siens["territoire"], siens["nom"], strict=True))
    return "".join(f'\n[[quartiers]]\ncode = "{code}"\nnom = "{nom}"\n' for code, nom in noms.items())
