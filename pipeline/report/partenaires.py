"""The partners' annex: who was consulted, what was answered by theme, beside the figures of the theme.

In: an `Atelier`; the partners are those that the edition names, the questionnaire's indicators are known by their
source, those by theme by their cut. Out: what fills `annexe-partenaires`; where partners are named and nobody has
answered, it says so; where there is neither, there is no annex.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from pipeline import transform
from pipeline.edition import Edition, Partenaire
from pipeline.model import Indicator, Statut
from pipeline.report import document, phrases, tables
from pipeline.report.charts import Graphique
from pipeline.report.papiers import FICTIF, Atelier, Papier
from pipeline.sources.ccas import QUESTIONNAIRE, THEMES

_THEME = "theme"
# The chapter that tells a theme, where it does not bear the theme's name.
_CHAPITRES = {"isolement": "lien_social", "enfance": "familles"}


def composer(atelier: Atelier, places: int) -> dict[str, Any]:
    """Who answered, what was answered by theme, and the figures of the theme."""
    faits = atelier.faits
    poses = [i for i in faits.indicateurs() if QUESTIONNAIRE.id in transform.sources_de(i.table)]
    consultes = [phrase for i in poses if not i.by and (phrase := phrases.situer(faits, i))]
    reponses = _reponses(atelier, [i for i in poses if i.by == _THEME])
    return {
        "partenaires": [_partenaire(partenaire) for partenaire in faits.edition.partenaires],
        "consultes": consultes,
        "reponses": tables.markdown(reponses, "Réponses par thème", "reponses") if len(reponses) else "",
        "themes": _themes(atelier, list(reponses["Thème"])) if len(reponses) else [],
        "figures": _figures(atelier, poses),
        "precautions": list(dict.fromkeys(i.caveat for i in poses if i.caveat)),
        "mention": FICTIF if any(faits.est_fictif(indicateur) for indicateur in poses) else "",
    }


def _partenaire(partenaire: Partenaire) -> str:
    """« Association des aînés : isolement », or the name alone."""
    return f"{partenaire.nom} : {partenaire.domaine}" if partenaire.domaine else partenaire.nom


def _reponses(atelier: Atelier, indicateurs: Sequence[Indicator]) -> pd.DataFrame:
    """One row a theme, one column a question and who answers it, of the last year; a hidden value is a word."""
    faits, lignes = atelier.faits, []
    annees = {i.id: _derniere(atelier, i) for i in indicateurs}
    for code, theme in THEMES.items():
        chiffres = {
            f"{i.label} ({annees[i.id]})": faits.a(i.id, faits.etude.code, annees[i.id], code)
            for i in indicateurs
        }
        if any(fait is not None and fait.statut is not Statut.ABSENT for fait in chiffres.values()):
            cellules = zip(indicateurs, chiffres.items(), strict=True)
            lignes.append({"Thème": theme} | {nom: tables.cellule(i, fait) for i, (nom, fait) in cellules})
    return pd.DataFrame(lignes)


def _derniere(atelier: Atelier, indicateur: Indicator) -> int:
    """Last year of which a theme says something, hidden or not."""
    tous = atelier.faits.faits.get((indicateur.id, atelier.faits.etude.code), ())
    return max((fait.millesime for fait in tous if fait.statut is not Statut.ABSENT), default=0)


def _themes(atelier: Atelier, noms: Sequence[str]) -> list[tuple[str, str]]:
    """Theme → a sentence of the chapter that tells it: a share or a rate before a count, here before around."""
    chapitres = {chapitre.id: chapitre for chapitre in atelier.contexte["chapitres"]}
    couples = []
    for code, theme in THEMES.items():
        chapitre = chapitres.get(_CHAPITRES.get(code, code))
        if theme in noms and chapitre is not None and chapitre.retenir:
            parlantes = (
                p for p in (*chapitre.ici, *chapitre.retenir) if all(map(document.relatif, atelier.cites(p)))
            )
            couples.append((theme, next(parlantes, chapitre.retenir[0])))
    return couples


def _figures(atelier: Atelier, poses: Sequence[Indicator]) -> list[Graphique]:
    noms = {indicateur.id for indicateur in poses}
    return [figure for nom, figure in atelier.figures.items() if nom.partition("-")[2] in noms]


def papier(edition: Edition) -> Papier:
    """The annex, which promises partners where the edition names some, and answers elsewhere."""
    titre = "les partenaires consultés" if edition.partenaires else "les réponses au questionnaire"
    return Papier("annexe-partenaires", f"Annexe : {titre}", "annexe-partenaires.md.j2", composer)


def a_dire(edition: Edition) -> bool:
    """Whether there is an annex to write: partners are named, or a questionnaire is declared."""
    return bool(edition.partenaires) or any(f.source == QUESTIONNAIRE.id for f in edition.fichiers)
