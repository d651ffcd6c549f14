"""The files that an edition asks for: found, downloaded, recorded, compared; said when they are missing.

In: an edition and the declared sources. Out: the files in their places, the provenance of each in the TOML
beside it, one French line a file and one for all. What a person deposits is never downloaded; a file that
is not the one recorded is never taken without being accepted by its name.
"""

from __future__ import annotations

import datetime
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from filelock import FileLock, Timeout

from pipeline import provenance, telechargement
from pipeline.model import ErreurUtilisateur, Source
from pipeline.report.nombres import avec_unite, nombre
from pipeline.telechargement import Enregistrement, FichierChange, Telechargement, a_cote, taille

if TYPE_CHECKING:
    from pipeline.edition import Edition, Fichier

Dire = Callable[[str], None]
# The name of a file → what is told of its progress, in bytes received and expected.
Suivre = Callable[[str], telechargement.Suivi]
Etat = Literal["present", "telecharge", "manque", "change", "echec"]


@dataclass(frozen=True)
class Piece:
    """One file of the edition, however many tables it holds."""

    nom: str
    chemin: Path
    source: Source
    adresse: str
    modele: str
    membre: str
    epinglee: str

    @property
    def nouveau(self) -> Path:
        """Where a file that is not the one recorded waits."""
        return a_cote(self.chemin, telechargement.NOUVEAU)

    @property
    def fiche_nouvelle(self) -> Path:
        """What is known of the file that waits."""
        return a_cote(self.nouveau, ".toml")

    @property
    def archive(self) -> Path:
        """Where the archive that holds the member may have been put by hand."""
        return a_cote(self.chemin, telechargement.ARCHIVE)


@dataclass(frozen=True)
class Constat:
    """What is known of one file after the run: its state, and a French line."""

    piece: Piece
    etat: Etat
    phrase: str
    octets: int = 0


# --- What the edition asks for ---------------------------------------------------------------------


def pieces(edition: Edition, sources: Sequence[Source]) -> list[Piece]:
    """The files declared, each once, in the edition's order; one sentence on a contradiction."""
    connues = {source.id: source for source in sources}
    trouvees: dict[Path, Piece] = {}
    for fichier in edition.fichiers:
        if fichier.source not in connues:
            raise ErreurUtilisateur(
                f"edition.toml : la source « {fichier.source} » n'existe pas ; sources connues : "
                f"{', '.join(sorted(connues))}."
            )
        piece = _piece(edition, fichier, connues[fichier.source])
        deja = trouvees.setdefault(piece.chemin, piece)
        if (deja.adresse, deja.membre, deja.epinglee) != (piece.adresse, piece.membre, piece.epinglee):
            raise ErreurUtilisateur(
                f"edition.toml : le fichier « {piece.nom} » est déclaré plusieurs fois, avec des « adresse », "
                "« membre » ou « sha256 » différents : donner partout les mêmes."
            )
    _verifier_compagnons(edition, list(trouvees.values()))
    return list(trouvees.values())


def _piece(edition: Edition, fichier: Fichier, source: Source) -> Piece:
    chemin = edition.chemin(fichier)
    dedans = _dans_les_donnees(edition, fichier)
    if fichier.adresse and not dedans:
        raise ErreurUtilisateur(
            f"edition.toml : le fichier « {fichier.chemin} » serait téléchargé hors de data/raw : corriger « chemin », "
            "ou retirer « adresse » et le déposer à la main."
        )
    if fichier.membre and chemin.suffix.lower() == ".zip":
        raise ErreurUtilisateur(
            f"edition.toml : le fichier « {fichier.chemin} » est une archive et déclare un « membre » : donner à "
            "« chemin » le nom du fichier extrait, ou retirer « membre »."
        )
    adresse, modele = (_adresse(fichier, source), _modele(fichier, source)) if dedans else ("", "")
    return Piece(fichier.chemin, chemin, source, adresse, modele, fichier.membre, fichier.sha256)


def _modele(fichier: Fichier, source: Source) -> str:
    """The source's address, if it serves the form in which the edition wants the file."""
    forme = ".zip" if fichier.membre else Path(fichier.chemin).suffix.lower()
    return source.address if source.address_suffix in ("", forme) else ""


def _dans_les_donnees(edition: Edition, fichier: Fichier) -> bool:
    """Whether a path stays among the data, by what it says: a link that people made leads where they want."""
    ecrit = os.path.normpath((edition.dossier / fichier.chemin).absolute())
    return Path(ecrit).is_relative_to(os.path.normpath((edition.racine / "data" / "raw").absolute()))


def _adresse(fichier: Fichier, source: Source) -> str:
    """Where the file is downloaded from: the edition's address, else the source's; empty while a part is missing."""
    adresse = fichier.adresse or _modele(fichier, source)
    if fichier.millesime is not None:
        adresse = adresse.replace("{millesime}", str(fichier.millesime))
        adresse = adresse.replace("{yy}", f"{fichier.millesime % 100:02d}")
    return "" if re.search(r"\{\w+\}", adresse) else adresse


def _verifier_compagnons(edition: Edition, trouvees: Sequence[Piece]) -> None:
    """Two files must not share one provenance file, nor take the edition's own."""
    noms = Counter(provenance.compagnon(piece.chemin) for piece in trouvees)
    declaration = (edition.dossier / "edition.toml").resolve()
    for piece in trouvees:
        fiche = provenance.compagnon(piece.chemin)
        if piece.adresse and (noms[fiche] > 1 or fiche == declaration):
            raise ErreurUtilisateur(
                f"edition.toml : la provenance de « {piece.nom} » s'écrirait dans {fiche.name}, qui est à un autre "
                "fichier : lui donner un autre nom dans « chemin »."
            )


# --- One run ---------------------------------------------------------------------------------------


def rassembler(
    edition: Edition,
    sources: Sequence[Source],
    dire: Dire,
    suivre: Suivre,
    *,
    accepter: Sequence[str] = (),
    hors_ligne: bool = False,
) -> None:
    """Bring together what the edition asks for; says each file, then all of them.

    Files named in `accepter` are taken as they now are. `hors_ligne`: nothing is asked of the network, and
    what to fetch by hand is listed. Raises `ErreurUtilisateur` when a file is missing or is not as recorded.
    """
    demandees = pieces(edition, sources)
    with _verrou(edition):
        for nom in accepter:
            dire(_accepter(_nommee(demandees, nom)))
        constats = []
        for piece in demandees:
            constats.append(_constater(piece, dire, suivre, hors_ligne))
            dire(constats[-1].phrase)
    if hors_ligne:
        for ligne in _a_la_main([constat.piece for constat in constats if constat.etat == "manque"]):
            dire(ligne)
    dire(_resume(constats))
    _conclure(constats)


@contextmanager
def _verrou(edition: Edition) -> Iterator[None]:
    """Files are shared by the editions: one run at a time for all of them."""
    dossier = edition.racine / "data" / "processed"
    dossier.mkdir(parents=True, exist_ok=True)
    fichier = FileLock(dossier / ".donnees.verrou")
    try:
        fichier.acquire(timeout=0)
    except Timeout:
        raise ErreurUtilisateur(
            "Des données sont déjà en cours de récupération dans une autre fenêtre : attendre sa fin."
        ) from None
    try:
        yield
    finally:
        fichier.release()


def _constater(piece: Piece, dire: Dire, suivre: Suivre, hors_ligne: bool) -> Constat:
    """What is known of one file, downloaded if it has to be; nothing that happens to it stops the others."""
    try:
        if piece.chemin.is_file():
            return _presente(piece)
        if piece.nouveau.is_file():
            recu = replace(_en_attente(piece), chemin=piece.chemin)
            phrase = telechargement.phrase_de_changement(piece.adresse, recu, _enregistrement(piece))
            return Constat(piece, "change", f"{piece.nom} : {phrase}")
        if not piece.adresse or (hors_ligne and not (piece.membre and piece.archive.is_file())):
            return _manquante(piece)
        return _telechargee(piece, suivre(piece.nom), _acces(piece, dire))
    except FichierChange as change:
        return Constat(piece, "change", f"{piece.nom} : {change}")
    except ErreurUtilisateur as erreur:
        return Constat(piece, "echec", f"{piece.nom} : {erreur}")
    except OSError as erreur:
        return Constat(
            piece,
            "echec",
            f"{piece.nom} : lecture ou écriture impossible dans {piece.chemin.parent} "
            f"({erreur.strerror or erreur}) ; vérifier la place et les droits sur ce dossier.",
        )


def _presente(piece: Piece) -> Constat:
    """A file in place: as recorded, recorded now, or changed."""
    ici, attendu = telechargement.en_place(piece.chemin), _enregistrement(piece)
    if attendu.sha256 == ici.sha256:
        return Constat(piece, "present", f"{piece.nom} : présent, inchangé")
    if attendu.sha256:
        return Constat(
            piece,
            "change",
            f"{piece.nom} : a changé ({telechargement.ecart(ici, 'modifié', attendu)}) ; remettre le fichier d'origine "
            f"ou, si le changement est voulu, {telechargement.ACCEPTER.format(piece.chemin.name)}.",
        )
    if not piece.adresse:
        return Constat(piece, "present", f"{piece.nom} : présent (sha256 {ici.sha256})")
    _consigner(piece, provenance.compagnon(piece.chemin), _mis_a_la_main(piece.chemin))
    return Constat(piece, "present", f"{piece.nom} : présent, sha256 {ici.sha256} enregistré")


def _manquante(piece: Piece) -> Constat:
    """A file that nobody but a person can bring, or that the edition has not said enough of."""
    ou = f"le déposer dans {piece.chemin.parent}"
    if not piece.adresse and piece.modele:
        ou += f", ou donner son « adresse » dans edition.toml (modèle : {piece.modele})"
    return Constat(piece, "manque", f"{piece.nom} : manque ; {ou}")


def _acces(piece: Piece, dire: Dire) -> telechargement.Acces:
    """The polite access, which says that it waits."""
    poli = telechargement.POLI

    def attendre(duree: float) -> None:
        dire(f"{piece.nom} : le serveur fait attendre, nouvel essai dans {avec_unite(duree, 'secondes')}")
        poli.attendre(duree)

    return replace(poli, attendre=attendre)


def _telechargee(piece: Piece, suivi: telechargement.Suivi, acces: telechargement.Acces) -> Constat:
    """A file fetched, and recorded if it never was; one that has changed is described beside itself."""
    attendu = _enregistrement(piece)
    try:
        recu = _recevoir(piece, attendu, suivi, acces)
    except FichierChange as change:
        _consigner(piece, piece.fiche_nouvelle, change.recu)
        raise
    if "sha256" not in provenance.provenance(piece.chemin):
        _consigner(piece, provenance.compagnon(piece.chemin), recu)
    dit = "comme enregistré" if attendu.sha256 else f"sha256 {recu.sha256} enregistré"
    return Constat(
        piece, "telecharge", f"{piece.nom} : téléchargé, {taille(recu.octets)}, {dit}", recu.octets
    )


def _recevoir(
    piece: Piece, attendu: Enregistrement, suivi: telechargement.Suivi, acces: telechargement.Acces
) -> Telechargement:
    """A file fetched as what it is: a file, the member of an archive, the pages of an API."""
    options = {"attendu": attendu, "suivi": suivi, "acces": acces}
    if piece.membre:
        return telechargement.telecharger_membre(piece.adresse, piece.membre, piece.chemin, **options)
    if piece.chemin.suffix.lower() == ".json":
        return telechargement.telecharger_pages(piece.adresse, piece.chemin, **options)
    return telechargement.telecharger(piece.adresse, piece.chemin, **options)


def _resume(constats: Sequence[Constat]) -> str:
    """« Données : 9 fichiers, 6 présents, 2 téléchargés (13,4 Mo), 1 manquant. »."""
    comptes = Counter(constat.etat for constat in constats)
    recus = sum(constat.octets for constat in constats)
    morceaux = [
        _compte(comptes["present"], "présent"),
        _compte(comptes["telecharge"], "téléchargé") + (f" ({taille(recus)})" if recus else ""),
        _compte(comptes["manque"] + comptes["echec"], "manquant"),
        _compte(comptes["change"], "à accepter ou à remettre", ""),
    ]
    dits = [morceau for morceau in morceaux if not morceau.startswith("0 ")]
    return f"Données : {_compte(len(constats), 'fichier')}, {', '.join(dits)}."


def _compte(combien: int, mot: str, pluriel: str = "s") -> str:
    return f"{nombre(combien)} {mot}{pluriel if combien > 1 else ''}"


def _conclure(constats: Sequence[Constat]) -> None:
    """One sentence when the edition cannot be built."""
    fautifs = [constat for constat in constats if constat.etat in ("manque", "change", "echec")]
    if not fautifs:
        return
    premier = fautifs[0].phrase.rstrip(".")
    if len(fautifs) == 1:
        raise ErreurUtilisateur(f"{premier}.")
    raise ErreurUtilisateur(
        f"{len(fautifs)} fichiers manquent ou ne sont pas ceux qui ont été enregistrés ; le premier : {premier}."
    )


# --- What is recorded ------------------------------------------------------------------------------


def _enregistrement(piece: Piece) -> Enregistrement:
    """What was recorded of a file: the edition's checksum first, else its provenance."""
    fiche = provenance.provenance(piece.chemin)
    sha256, octets, jour = (fiche.get(champ) for champ in ("sha256", "octets", "enregistre_le"))
    if piece.epinglee and piece.epinglee != sha256:
        return Enregistrement(piece.epinglee)
    return Enregistrement(
        str(sha256 or ""),
        octets if isinstance(octets, int) else None,
        jour if isinstance(jour, datetime.date) else None,
    )


def _consigner(piece: Piece, fiche: Path, recu: Telechargement) -> None:
    """Record a file received or accepted today; what people said of it is kept."""
    mesures = {"enregistre_le": datetime.date.today(), "octets": recu.octets, "sha256": recu.sha256}
    if not piece.adresse:
        return provenance.consigner(fiche, mesures)
    source = piece.source
    dits = {"titre": source.title, "producteur": source.producer, "licence": source.licence}
    deja = provenance.lire(fiche)
    origine = {"adresse": piece.adresse, "membre": piece.membre or None, "date": recu.publie_le}
    origine |= {"sha256_origine": recu.origine or None}
    nouveaux = {nom: dit for nom, dit in dits.items() if nom not in deja}
    return provenance.consigner(fiche, nouveaux | origine | mesures)


def _mis_a_la_main(chemin: Path) -> Telechargement:
    """A file put there by hand, as if it had been received."""
    ici = telechargement.en_place(chemin)
    return Telechargement(chemin, ici.sha256, ici.octets or 0, repris=False)


def _en_attente(piece: Piece) -> Telechargement:
    """The file that waits to be accepted, with what its download told of it."""
    fiche, recu = provenance.lire(piece.fiche_nouvelle), _mis_a_la_main(piece.nouveau)
    if fiche.get("sha256") != recu.sha256:
        return recu
    return replace(recu, publie_le=fiche.get("date"), origine=fiche.get("sha256_origine", ""))


def _accepter(piece: Piece) -> str:
    """Take a file as it now is: the one that waits if there is one, else the one in place."""
    if not (piece.nouveau.is_file() or piece.chemin.is_file()):
        raise ErreurUtilisateur(
            f"{piece.nom} manque : il n'y a rien à accepter, lancer « make donnees » d'abord."
        )
    recu = _en_attente(piece) if piece.nouveau.is_file() else _mis_a_la_main(piece.chemin)
    if piece.epinglee not in ("", recu.sha256):
        raise ErreurUtilisateur(
            f"Le sha256 de « {piece.nom} » est écrit dans edition.toml : pour accepter ce fichier, y mettre "
            f'sha256 = "{recu.sha256}".'
        )
    _consigner(piece, provenance.compagnon(piece.chemin), recu)
    if piece.nouveau.is_file():
        piece.nouveau.replace(piece.chemin)
        piece.fiche_nouvelle.unlink(missing_ok=True)
    return f"{piece.nom} : accepté, sha256 {recu.sha256} enregistré"


def _nommee(demandees: Sequence[Piece], nom: str) -> Piece:
    """The file that people name: as the edition does, or by its last part."""
    trouvees = [p for p in demandees if nom in (p.nom, p.chemin.name)]
    if len(trouvees) != 1:
        combien = "aucun fichier" if not trouvees else "plusieurs fichiers"
        noms = ", ".join(piece.nom for piece in (trouvees or demandees))
        raise ErreurUtilisateur(
            f"« {nom} » : {combien} de ce nom dans l'édition ; donner l'un de ces noms : {noms}."
        )
    return trouvees[0]


# --- By hand ---------------------------------------------------------------------------------------


def _a_la_main(manquantes: Sequence[Piece]) -> Iterator[str]:
    """What to fetch by hand: its title, its page, its exact address, its name and its folder."""
    if manquantes:
        yield "À récupérer depuis un poste qui a accès à Internet :"
    for rang, piece in enumerate(manquantes, 1):
        yield f"{rang}. {piece.source.title} ({piece.source.producer})"
        yield f"   page : {piece.source.page}"
        if piece.adresse:
            yield f"   adresse exacte : {piece.adresse}"
        elif piece.modele:
            yield f"   modèle d'adresse : {piece.modele}"
        if piece.membre:
            yield f"   archive : en extraire « {piece.membre} », ou la déposer entière sous le nom {piece.archive.name}"
        yield f"   nom du fichier : {piece.chemin.name}"
        yield f"   dossier : {piece.chemin.parent}"
        if attendu := _enregistrement(piece).sha256:
            yield f"   sha256 attendu : {attendu}"
