"""Annexes on the communes around: those that resemble the one studied, and those of its intercommunalité.

In: the base and `Faits`. Out: Markdown, empty where the edition has no such communes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipeline.model import Growth, Total
from pipeline.report import francais, phrases, tables
from pipeline.report.faits import Faits
from pipeline.report.nombres import nombre

if TYPE_CHECKING:
    import duckdb

    from pipeline.model import Indicator

_COLONNES_DETAIL = 6


def comparables(con: duckdb.DuckDBPyConnection, faits: Faits) -> str:
    """The communes that resemble the one studied: their distances, and what the list owes to each indicator."""
    if faits.edition.comparables is None:
        return ""
    communes = con.execute(
        "select c.*, article, nom from socle.comparables c join socle.territoires using (territoire) order by rang"
    ).df()
    sensibilites = con.execute("select * from socle.comparables_variables").df()
    noms = {i.id: phrases.lien(i, i.label) for i in faits.indicateurs()}
    liste = pd.DataFrame(
        {
            "Commune": [
                f"{francais.nom_complet(commune.article, commune.nom)} ({commune.territoire})"
                for commune in communes.itertuples()
            ],
            "Distance": [nombre(distance, 2) for distance in communes["distance"]],
            "Rapportée à la plus lointaine": [nombre(relative, 2) for relative in communes["relative"]],
        }
    )
    poids = pd.DataFrame(
        {
            "Indicateur": [noms.get(nom, nom) for nom in sensibilites["indicateur"]],
            "Communes gardées sans lui": [
                f"{nombre(100 * part)} %" for part in sensibilites["part_conservee"]
            ],
        }
    )
    return "\n\n".join(
        (
            tables.markdown(
                liste, "Communes comparables, de la plus proche à la plus lointaine", "comparables"
            ),
            tables.markdown(poids, "Ce que la liste doit à chaque indicateur", "comparables-poids"),
        )
    )


def detail(faits: Faits) -> str:
    """One row a commune shown in detail, the one studied first: the first indicator of each chapter it has."""
    if not faits.membres:
        return ""
    lieux = (faits.etude, *faits.membres)
    retenus = [i for chapitre in faits.chapitres if (i := _premier(faits, chapitre.indicators))]
    lignes = []
    for lieu in lieux:
        valeurs = {"Commune": f"**{lieu.nom}**" if lieu == faits.etude else lieu.nom}
        for indicateur in retenus[:_COLONNES_DETAIL]:
            fait = faits.dernier(indicateur.id, faits.etude.code)
            texte = tables.cellule(indicateur, faits.a(indicateur.id, lieu.code, fait.millesime))
            valeurs[f"{phrases.nom(indicateur)} ({tables.periode(fait)})"] = texte
        lignes.append(valeurs)
    titre = f"Les communes {faits.lieux[faits.edition.edition.detail].de}"
    table = tables.markdown(pd.DataFrame(lignes), titre, "detail")
    return f"{table}\n\n::: {{.source}}\n{tables.NOTE_FRAGILE}\n:::\n" if "\\*" in table else table


def _premier(faits: Faits, indicateurs: tuple[Indicator, ...]) -> Indicator | None:
    """The chapter's first ratio known of the communes; a count when it has none."""
    connus = [
        i
        for i in indicateurs
        if not i.by
        and not isinstance(i.measure, Growth)
        and faits.dernier(i.id, faits.etude.code)
        and any(faits.dernier(i.id, lieu.code) for lieu in faits.membres)
    ]
    return next((i for i in connus if not isinstance(i.measure, Total)), connus[0] if connus else None)
