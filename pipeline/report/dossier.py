"""A thematic file: one public in depth, or the social project of a centre social, in its own sections.

In: an `Atelier`, and a theme: a public of `model.PUBLICS`, or the inhabitants whom a centre social serves. Out: what
fills `dossier-<theme>`: who they are, where, how they live, what they receive, what they say, what is not known. An
indicator belongs to the publics that its declaration names; a chapter to the section of the source that feeds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.model import Chapter, Indicator, Statut
from pipeline.report import document, essentiel, francais, phrases, tables
from pipeline.report.charts import Graphique
from pipeline.report.papiers import Atelier, Papier
from pipeline.report.themes import QUESTIONNAIRE, QUI, Theme

_PAR_QUARTIER = ("classement", "carte", "pente")
_CLES = 8
_PHRASES = 6
_QUARTIERS = 4
_COLONNES = 5


@dataclass(frozen=True)
class Partie:
    """One section: its sentences, its tables and its figures; empty, it says so."""

    id: str
    titre: str
    phrases: tuple[str, ...]
    tables: tuple[str, ...]
    figures: tuple[Graphique, ...]

    @property
    def vide(self) -> bool:
        """Whether nothing is known."""
        return not (self.phrases or self.tables or self.figures)


def papier(theme: Theme) -> Papier:
    """The file of a theme."""

    def composer(atelier: Atelier, places: int) -> dict[str, Any]:
        return _composer(atelier, theme)

    return Papier(
        f"dossier-{theme.id}",
        theme.titre,
        "dossier.md.j2",
        composer,
        forme={"forme": "rapport"},
        renvois=True,
    )


def _composer(atelier: Atelier, theme: Theme) -> dict[str, Any]:
    faits = atelier.faits
    chapitres = [(c, [i for i in c.indicators if theme.garde(c, i)]) for c in faits.chapitres]
    tous = [indicateur for _, siens in chapitres for indicateur in siens]
    return {
        "theme": theme,
        "cles": [document.carte(faits, i) for i in _cles(atelier, tous)],
        "essentiel": _ressort(atelier, tous),
        "parties": list(_parties(atelier, theme, chapitres)),
        "inconnus": list(_inconnus(atelier, theme, tous)),
        "notes": [document.fiche(faits, i, faits.source(i)) for i in tous],
    }


def _cles(atelier: Atelier, indicateurs: Sequence[Indicator]) -> list[Indicator]:
    """The first that are known of who they are, then of what is done for them: as many of each where there are."""
    etude, faits = atelier.faits.etude.code, atelier.faits
    connus = [i for i in indicateurs if not i.by and faits.dernier(i.id, etude) is not None]
    publics = [i for i in connus if not faits.est_activite(i)]
    recus = [i for i in connus if faits.est_activite(i)]
    retenus = recus[: max(_CLES // 2, _CLES - len(publics))]
    return [*publics[: _CLES - len(retenus)], *retenus]


def _ressort(atelier: Atelier, indicateurs: Sequence[Indicator]) -> list[str]:
    """What stands out most on this public, most pressing first, of the commune before the territories around it."""
    faits = atelier.faits
    simples = [i for i in indicateurs if not i.by]
    ranges = essentiel.remarques(faits, simples)
    commentes = [i for r in ranges if phrases.se_commente(faits, i := atelier.declares[r.indicateur])]
    dits = sorted(commentes[:_PHRASES], key=lambda indicateur: faits.plus_proche(indicateur) != faits.etude)
    return [phrases.situer(faits, indicateur) for indicateur in dits]


def _parties(
    atelier: Atelier, theme: Theme, chapitres: Sequence[tuple[Chapter, list[Indicator]]]
) -> Iterator[Partie]:
    """Who they are, where, how they live, what they receive; what they say, where they were asked."""
    dit = [i for _, siens in chapitres for i in siens if i.table.startswith(QUESTIONNAIRE)]
    recu = [i for _, siens in chapitres for i in siens if atelier.faits.est_activite(i) and i not in dit]
    publics = [(c, [i for i in siens if not atelier.faits.est_activite(i)]) for c, siens in chapitres]
    qui = [i for c, siens in publics for i in siens if c.id in QUI]
    vivre = [i for c, siens in publics for i in siens if c.id not in QUI]
    yield _partie(atelier, "qui", "Qui sont-ils ?", qui)
    yield _ou(atelier, [*qui, *vivre, *recu])
    yield _partie(atelier, "vivre", "Comment vivent-ils ?", vivre)
    yield _partie(atelier, "recoivent", theme.recu, recu)
    if dit:
        yield _partie(atelier, "disent", "Que disent-ils ?", dit)


def _partie(atelier: Atelier, identifiant: str, titre: str, indicateurs: Sequence[Indicator]) -> Partie:
    faits = atelier.faits
    simples = [indicateur for indicateur in indicateurs if not indicateur.by]
    situation, ailleurs = tables.situation(faits, simples), tables.ailleurs(faits, simples)
    ecrites = [
        tables.markdown(table, f"{titre.removesuffix(' ?')} : {suite}", f"{identifiant}-{rang}")
        for rang, (table, suite) in enumerate(
            ((situation, tables.qui(faits, situation)), (ailleurs, "territoires plus vastes"))
        )
        if len(table)
    ]
    dites = _ressort(atelier, simples)
    dessins = _dessins(atelier, indicateurs, par_quartier=False)
    return Partie(identifiant, titre, tuple(dites), tuple(ecrites), dessins)


def _ou(atelier: Atelier, indicateurs: Sequence[Indicator]) -> Partie:
    """The quartiers: sentences on the indicators that differ, one table, maps and rankings."""
    simples = [i for i in indicateurs if not i.by]
    dites = [phrase for i in simples if (phrase := phrases.quartiers(atelier.faits, i))]
    table = tables.par_quartier(atelier.faits, simples)
    retenue = table.iloc[:, : _COLONNES + 1]
    ecrites = (tables.markdown(retenue, "Où vivent-ils : les quartiers", "ou"),) if len(table) else ()
    dessins = _dessins(atelier, indicateurs, par_quartier=True)
    return Partie("ou", "Où vivent-ils ?", tuple(dites[:_QUARTIERS]), ecrites, dessins)


def _dessins(
    atelier: Atelier, indicateurs: Sequence[Indicator], *, par_quartier: bool
) -> tuple[Graphique, ...]:
    """The report's figures whose first indicator is one of these."""
    noms = {indicateur.id for indicateur in indicateurs}
    coupes = ((nom.partition("-"), figure) for nom, figure in atelier.figures.items())
    return tuple(
        figure
        for (genre, _, indicateur), figure in coupes
        if indicateur in noms and (genre in _PAR_QUARTIER) == par_quartier
    )


def _inconnus(atelier: Atelier, theme: Theme, indicateurs: Sequence[Indicator]) -> Iterator[str]:
    """What is not known of this public, and why."""
    faits = atelier.faits
    publics = [indicateur for indicateur in indicateurs if not faits.est_activite(indicateur)]
    if not any(faits.plus_proche(indicateur) for indicateur in publics):
        yield (
            f"Aucune statistique publique de cette édition ne porte sur les {theme.public} : leur nombre, leurs "
            "ressources et leurs conditions de vie n’y sont pas connus."
        )
    ailleurs, nulle_part, secrets = [], [], []
    for indicateur in indicateurs:
        siens = faits.faits.get((indicateur.id, faits.etude.code), ())
        if any(fait.lisible for fait in siens):
            continue
        if any(fait.statut is Statut.SECRET for fait in siens):
            secrets.append(phrases.sujet(indicateur))
        elif faits.plus_proche(indicateur) is not None:
            ailleurs.append(phrases.sujet(indicateur))
        else:
            nulle_part.append(phrases.sujet(indicateur))
    for debut, noms in (
        ("Connus seulement pour des territoires plus vastes que la commune", ailleurs),
        ("Sous secret statistique", secrets),
        ("Sans aucune valeur dans cette édition", nulle_part),
    ):
        if noms:
            yield f"{debut} : {francais.enumerer(noms)}."
