"""What a chapter says beyond its indicators: the shape that population ahead, deprivation and the like share."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.report.charts import Graphique


@dataclass(frozen=True)
class Section:
    """Sentences, tables (none where they are refused) and a figure, under a title, in the chapter of that name.

    `chapeau`: the paragraph that says how to read them, where one is needed.
    """

    id: str
    chapitre: str
    titre: str
    phrases: tuple[str, ...]
    tables: tuple[str, ...] = ()
    figure: Graphique | None = None
    chapeau: str = ""
