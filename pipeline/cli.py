"""The commands, in French. A mistake of the user's is one sentence and exit code 2, never a traceback.

In: the command line. Out: what the modules write, and a line a step on the terminal (nothing but errors
with `--silencieux`). Heavy modules are imported inside each command.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from pipeline.model import ErreurUtilisateur

if TYPE_CHECKING:
    from pipeline.donnees import Suivre

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Analyse des besoins sociaux : des chiffres publics et des extraits du CCAS au rapport.",
)

EDITION = "mont-dore/2026"

Edition = Annotated[str, typer.Argument(help="Édition : <territoire>/<année>.")]
Silencieux = Annotated[bool, typer.Option("--silencieux", help="N'affiche que les erreurs.")]

_sortie = Console(highlight=False)
_erreurs = Console(stderr=True, highlight=False)


# What the user can put right of a file that the system refuses; anything else is a failure of the software.
_REFUS = {
    errno.EACCES: "accès refusé : le fermer s'il est ouvert dans un autre logiciel, sinon vérifier les droits",
    errno.EPERM: "accès refusé : le fermer s'il est ouvert dans un autre logiciel, sinon vérifier les droits",
    errno.EISDIR: "c'est un dossier : mettre un fichier à sa place",
    errno.ENOTDIR: "un fichier tient la place d'un dossier : le déplacer",
    errno.EROFS: "le disque est en lecture seule : travailler sur un autre",
    errno.ENOSPC: "le disque est plein : faire de la place",
}


@contextmanager
def _une_phrase() -> Iterator[None]:
    """Turn what the user can put right into one sentence on stderr and exit code 2."""
    try:
        yield
    except ErreurUtilisateur as erreur:
        phrase = str(erreur)
    except OSError as erreur:
        if erreur.errno not in _REFUS:
            raise
        phrase = f"« {erreur.filename or 'un fichier'} », {_REFUS[erreur.errno]}."
    else:
        return
    _erreurs.print(f"Erreur : {phrase}", style="bold red", markup=False, soft_wrap=True)
    raise typer.Exit(2)


def _dire(silencieux: bool) -> Callable[[str], None]:
    def dire(ligne: str) -> None:
        if not silencieux:
            _sortie.print(f"  {ligne}", markup=False, soft_wrap=True)

    return dire


@app.command("abs")
def construire(
    edition: Edition = EDITION,
    silencieux: Silencieux = False,
    theme: Annotated[
        str, typer.Option(help="Public dont on veut aussi le dossier, par exemple vieillissement.")
    ] = "",
    fiches: Annotated[
        bool, typer.Option("--fiches", help="Écrit aussi la fiche de chaque commune montrée en détail.")
    ] = False,
) -> None:
    """Construit l'édition : lecture, calcul, secret statistique, rapport, papiers du conseil."""
    with _une_phrase():
        if silencieux:
            _batir(edition, theme, fiches, _dire(silencieux))
            return
        _sortie.print(f"Édition {edition}", style="bold")
        with _sortie.status("Construction en cours…"):
            publication = _batir(edition, theme, fiches, _dire(silencieux))
        _sortie.print(f"Publication : {publication}", markup=False, soft_wrap=True)


def _batir(edition: str, theme: str, fiches: bool, dire: Callable[[str], None]) -> Path:
    """Build the edition, and what is asked beside it; what cannot be made is told before anything is built."""
    from pipeline.build import construire, ecrire_dossier, ecrire_fiches
    from pipeline.edition import lire_edition

    lue = lire_edition(edition)
    if theme:
        from pipeline.report.themes import lire_theme

        lire_theme(theme)
    if fiches:
        from pipeline.report.fiches import verifier_detail

        verifier_detail(lue)
    publication = construire(lue, dire)
    if theme:
        ecrire_dossier(lue, theme, dire)
    if fiches:
        ecrire_fiches(lue, dire)
    return publication


@app.command()
def donnees(
    edition: Edition = EDITION,
    accepter: Annotated[
        list[str] | None,
        typer.Option(metavar="fichier", help="Fichier changé, à prendre tel quel (plusieurs fois possible)."),
    ] = None,
    hors_ligne: Annotated[
        bool, typer.Option("--hors-ligne", help="N'appelle aucun serveur : liste ce qui est à récupérer.")
    ] = False,
    silencieux: Silencieux = False,
) -> None:
    """Récupère les fichiers publics que l'édition déclare, et dit lesquels manquent ou ont changé."""
    from pipeline.donnees import rassembler
    from pipeline.edition import lire_edition
    from pipeline.sources.registre import SOURCES

    with _une_phrase(), _barres(silencieux) as suivre:
        rassembler(
            lire_edition(edition),
            SOURCES,
            _dire(silencieux),
            suivre,
            accepter=accepter or (),
            hors_ligne=hors_ligne,
        )


@contextmanager
def _barres(silencieux: bool) -> Iterator[Suivre]:
    """A bar a file on a terminal, gone at the end; nothing elsewhere."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from pipeline.telechargement import taille

    recu = TextColumn("{task.fields[recu]}", markup=False)
    colonnes = (TextColumn("  {task.description}", markup=False), BarColumn(), recu, TimeRemainingColumn())
    cachees = silencieux or not _sortie.is_terminal
    with Progress(*colonnes, console=_sortie, transient=True, disable=cachees) as barres:

        def suivre(nom: str) -> Callable[[int, int | None], None]:
            tache = barres.add_task(nom, total=None, recu="")

            def suivi(recus: int, total: int | None) -> None:
                dit = taille(recus) + (f" sur {taille(total)}" if total else "")
                barres.update(tache, completed=recus, total=total, recu=dit)

            return suivi

        yield suivre


@app.command()
def edition(
    cible: Annotated[
        str, typer.Argument(help="Commune (code ou nom) ; avec --depuis, édition à ouvrir (facultative).")
    ] = "",
    annee: Annotated[str, typer.Argument(help="Année de l'édition d'une commune.")] = "",
    depuis: Annotated[str, typer.Option(help="Édition dont on part pour ouvrir l'année suivante.")] = "",
) -> None:
    """Ouvre l'édition d'une commune (edition 01053 2026), ou l'année suivante d'une édition (--depuis)."""
    from pipeline.ouverture import ouvrir_annee, ouvrir_commune

    with _une_phrase():
        if not (cible or depuis):
            raise ErreurUtilisateur("Donner une commune et une année : edition 01053 2026.")
        for ligne in ouvrir_annee(cible, depuis) if depuis else ouvrir_commune(cible, annee):
            _sortie.print(ligne, markup=False, soft_wrap=True)


@app.command()
def controle(
    fichier: Annotated[Path, typer.Argument(help="Fichier déposé, à contrôler.", readable=False)],
    edition: Annotated[str, typer.Option(help="Édition dont on prend la déclaration.")] = EDITION,
) -> None:
    """Contrôle un dépôt sans rien construire, et écrit la feuille de ses erreurs."""
    from pipeline.controle import controler
    from pipeline.edition import lire_edition

    with _une_phrase():
        for ligne in controler(lire_edition(edition), fichier):
            _sortie.print(f"  {ligne}", markup=False, soft_wrap=True)


@app.command()
def explique(
    indicateur: Annotated[str, typer.Argument(help="Identifiant de l'indicateur.")],
    territoire: Annotated[str, typer.Argument(help="Code du territoire.")] = "",
    edition: Annotated[str, typer.Option(help="Édition construite à interroger.")] = EDITION,
) -> None:
    """Explique un chiffre : définition, formule, requête, lignes d'entrée, fichiers et empreintes."""
    from pipeline.edition import lire_edition
    from pipeline.explique import expliquer

    with _une_phrase():
        for ligne in expliquer(lire_edition(edition), indicateur, territoire):
            _sortie.print(ligne, markup=False, soft_wrap=True)


@app.command()
def fictif(
    edition: Edition = EDITION,
    menages: Annotated[int, typer.Option(help="Nombre de ménages à inventer.")] = 900,
    graine: Annotated[int, typer.Option(help="Graine du tirage : même graine, mêmes fichiers.")] = 2026,
    dossier: Annotated[
        Path | None, typer.Option(help="Où écrire (par défaut, depots/ de l'édition).")
    ] = None,
    extrait_de: Annotated[
        str,
        typer.Option(help="N'écrit que les demandes d'une édition suivante, telles qu'on les connaissait."),
    ] = "",
) -> None:
    """Invente un dépôt de démonstration : aucune personne réelle, et le rapport le dit."""
    from pipeline.edition import lire_edition
    from pipeline.fictif import ecrire_depot, ecrire_extrait

    with _une_phrase():
        lue = lire_edition(edition)
        ou = dossier or lue.dossier / "depots"
        if extrait_de:
            ecrits = ecrire_extrait(lue, lire_edition(extrait_de), ou, menages, graine)
        else:
            ecrits = ecrire_depot(lue, ou, menages, graine)
        for chemin in ecrits:
            _sortie.print(f"  écrit : {chemin}", markup=False, soft_wrap=True)


@app.command()
def rapproche(
    edition: Edition,
    fichier: Annotated[Path, typer.Argument(help="Feuille rapprochements.csv, remplie.", readable=False)],
) -> None:
    """Retient ce qui est dit de chaque paire de personnes : une seule (oui), ou deux (non)."""
    from pipeline.edition import lire_edition
    from pipeline.rapproche import rapprocher

    with _une_phrase():
        for ligne in rapprocher(lire_edition(edition), fichier):
            _sortie.print(f"  {ligne}", markup=False, soft_wrap=True)


@app.command(context_settings={"allow_extra_args": True})
def oublie(
    contexte: typer.Context,
    edition: Edition,
    nom: Annotated[str, typer.Option(help="Nom ; demandé s'il manque : le terminal n'en garde rien.")] = "",
    prenom: Annotated[str, typer.Option(help="Prénom.")] = "",
    naissance: Annotated[str, typer.Option(help="Date de naissance (jj/mm/aaaa).")] = "",
    purge: Annotated[bool, typer.Option("--purge", help="Retire ce qui dépasse la durée du profil.")] = False,
) -> None:
    """Oublie une personne, ou purge ce qui a été gardé assez longtemps."""
    import datetime

    from pipeline.edition import lire_edition
    from pipeline.effacement import oublier, purger

    with _une_phrase():
        # said without the words that were typed: they may be a name
        if contexte.args or "/" not in edition:
            raise ErreurUtilisateur(
                "Donner l'édition, puis l'identité avec des guillemets autour de chaque partie : "
                'oublie mont-dore/2026 --nom "…" --prenom "…" --naissance "jj/mm/aaaa".'
            )
        if purge:
            lignes = purger(lire_edition(edition), datetime.date.today())
        else:
            lue = lire_edition(edition)
            questions = {"Nom": nom, "Prénom": prenom, "Date de naissance (jj/mm/aaaa)": naissance}
            lignes = oublier(lue, *(dit or typer.prompt(question) for question, dit in questions.items()))
        for ligne in lignes:
            _sortie.print(f"  {ligne}", markup=False, soft_wrap=True)


@app.command()
def cle(
    edition: Edition,
    renouveler: Annotated[
        bool, typer.Option("--renouveler", help="Remplace la clé et détruit l'ancienne.")
    ] = False,
) -> None:
    """Dit où est la clé des pseudonymes et combien de personnes sont oubliées, ou la remplace."""
    from pipeline import effacement
    from pipeline.edition import lire_edition

    faire = effacement.renouveler if renouveler else effacement.etat_de_la_cle
    with _une_phrase():
        for ligne in faire(lire_edition(edition)):
            _sortie.print(f"  {ligne}", markup=False, soft_wrap=True)


@app.command()
def domiciliation(
    edition: Edition = EDITION,
    exercice: Annotated[int, typer.Option(help="Année civile du bilan.")] = 0,
) -> None:
    """Écrit le bilan annuel de domiciliation (CASF, art. D.264-8) d'une édition construite."""
    from pipeline.build import ecrire_bilan
    from pipeline.edition import lire_edition

    with _une_phrase():
        for chemin in ecrire_bilan(lire_edition(edition), exercice):
            _sortie.print(f"  écrit : {chemin}", markup=False, soft_wrap=True)


@app.command()
def depot(
    fichier: Annotated[Path, typer.Argument(help="Export à déclarer.", readable=False)],
    edition: Annotated[str, typer.Option(help="Édition où il sera déposé.")] = EDITION,
) -> None:
    """Propose la déclaration d'un export : colonnes reconnues, codes à traduire, ce qui est refusé."""
    from pipeline.depot import proposer
    from pipeline.edition import lire_edition

    with _une_phrase():
        quartiers = {quartier.nom: quartier.code for quartier in lire_edition(edition).quartiers}
        _sortie.print(proposer(fichier, quartiers), markup=False, soft_wrap=True)


@app.command()
def methode() -> None:
    """Récrit les tables de docs/methode.md que le code et les chiffres publics font."""
    from pipeline.methode import PAGE, ecrire

    with _une_phrase():
        change = ecrire()
        _sortie.print(f"  {PAGE} : {'récrit' if change else 'à jour'}", markup=False, soft_wrap=True)


@app.command()
def compare(
    avant: Annotated[str, typer.Argument(help="Édition la plus ancienne : <territoire>/<année>.")],
    apres: Annotated[str, typer.Argument(help="Édition la plus récente : <territoire>/<année>.")],
) -> None:
    """Dit ce qui a changé d'une édition à l'autre, chaque écart avec sa seule cause, et l'écrit en CSV."""
    from pipeline.changements import nommee
    from pipeline.edition import lire_edition
    from pipeline.exports import ecrire_csv
    from pipeline.report.changements import entre_editions

    with _une_phrase():
        recente = lire_edition(apres)
        ancienne = nommee(recente, avant)
        lignes, table = entre_editions(ancienne, recente)
        for ligne in lignes:
            _sortie.print(f"  {ligne}", markup=False, soft_wrap=True)
        recente.traitement.mkdir(parents=True, exist_ok=True)
        chemin = recente.traitement / f"changements-depuis-{ancienne.nom.replace('/', '-')}.csv"
        ecrire_csv(table, chemin)
        _sortie.print(f"  écrit : {chemin}", markup=False, soft_wrap=True)


@app.command()
def archive(edition: Edition = EDITION) -> None:
    """Garde une édition construite : un zip daté, vérifiable, d'où elle se refait."""
    from pipeline.archive import archiver
    from pipeline.edition import lire_edition

    with _une_phrase():
        _sortie.print(f"  écrit : {archiver(lire_edition(edition))}", markup=False, soft_wrap=True)


@app.command()
def verifie(
    fichier: Annotated[Path, typer.Argument(help="Archive à comparer au projet.", readable=False)],
) -> None:
    """Dit ce qui diffère entre une archive et le projet : une ligne par fichier."""
    from pipeline.archive import verifier

    with _une_phrase():
        lignes = verifier(fichier)
        for ligne in lignes:
            _sortie.print(f"  {ligne}", markup=False, soft_wrap=True)
        if lignes:
            accord = "fichiers diffèrent" if len(lignes) > 1 else "fichier diffère"
            raise ErreurUtilisateur(f"{len(lignes)} {accord} de l'archive : voir la liste ci-dessus.")
        _sortie.print("  Rien ne diffère de l'archive.")
