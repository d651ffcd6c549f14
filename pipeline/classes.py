"""The classes of the maps: those of the edition before where it has the same map, so that two years compare.

In: the published figures, and the base or the archive of the edition before. Out: `publication.classes_de_carte`,
one row an indicator and an inner bound of its classes. A map that was printed is not drawn again: it is the new
one that takes its bounds, and next year's will take them in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import duckdb
import pandas as pd

from pipeline.archive import base_de
from pipeline.changements import precedente
from pipeline.report import faits as faits_
from pipeline.report import figures

if TYPE_CHECKING:
    from pipeline.edition import Edition
    from pipeline.model import Chapter

_COLONNES = {"indicateur": "str", "borne": "float64", "reprise": "bool"}


def etablir(con: duckdb.DuckDBPyConnection, edition: Edition, chapitres: Sequence[Chapter]) -> None:
    """Write `publication.classes_de_carte` from published figures; to be called after `changements.consigner`."""
    faits = faits_.lire(con, edition, chapitres)
    anciennes = _de_la_precedente(con, edition)
    lignes = []
    for figure in (figure for chapitre in chapitres for figure in chapitre.figures if figure.kind == "carte"):
        [nom] = figure.indicators
        siennes = anciennes.get(nom, ())
        bornes = siennes or figures.bornes_de_carte(faits, figure)
        lignes += [(nom, borne, bool(siennes)) for borne in bornes]
    con.register("lot", pd.DataFrame(lignes, columns=list(_COLONNES)).astype(_COLONNES))
    con.execute("create table publication.classes_de_carte as select * from lot")
    con.unregister("lot")


def _de_la_precedente(con: duckdb.DuckDBPyConnection, edition: Edition) -> dict[str, tuple[float, ...]]:
    """Indicator → the bounds of its map in the edition before, but for what is defined otherwise since."""
    avant = precedente(edition)
    if avant is None:
        return {}
    with base_de(avant) as base:
        if base is None:
            return {}
        with duckdb.connect(str(base), read_only=True) as ancienne:
            classes, definitions = faits_.lire_classes(ancienne), _definitions(ancienne)
    memes = _definitions(con).items() & definitions.items()
    return {nom: classes[nom].bornes for nom, _ in memes if nom in classes}


def _definitions(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Indicator → the checksum of what it says."""
    return dict(con.execute("select indicateur, declaration from publication.definitions").fetchall())
