"""Charts of the report. In: small frames and a `Sujet`. Out: `Graphique` (drawing, alt text, data table).

Frames carry the columns of `resultat.indicateurs`: `territoire`, `valeur` and, where they apply,
`borne_basse`, `borne_haute` (95 % interval), `statut` (default `valide`). `date` is a year or a decimal
year (a day of mid-September 2019 is 2019.7). A value under secrecy is blanked before anything else:
it can then be neither drawn, nor written, nor compared.

Everything is placed in points (1/72 inch) from the bottom left corner of a drawing as wide as the text
of the report, so that each label is measured once and nothing is laid out twice. Title and source are
printed by the document, not drawn. Text is drawn as outlines: the same picture in a browser, in the PDF
and in a word processor, where a missing font would move the labels; the words themselves are in the
alt text and in the table.

`subject`: what is shown and said; `drawing`: marks and keys; then one module a kind of chart.
"""

from pipeline.report.charts.funnel import entonnoir
from pipeline.report.charts.lines import evolution, evolution_indice
from pipeline.report.charts.lorenz import lorenz
from pipeline.report.charts.parts import repartition
from pipeline.report.charts.pyramid import pyramide
from pipeline.report.charts.rows import barres, classement, comparaison
from pipeline.report.charts.slope import pente
from pipeline.report.charts.subject import Graphique, Sujet, ecrire

__all__ = [
    "Graphique",
    "Sujet",
    "barres",
    "classement",
    "comparaison",
    "ecrire",
    "entonnoir",
    "evolution",
    "evolution_indice",
    "lorenz",
    "pente",
    "pyramide",
    "repartition",
]
