"""Every figure of the registered indicators, by year, in long form: one row per number of a table.

The row of the whole has an empty `ventilation`. A table whose rows name somebody gives its whole alone.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from normandata.dossiers import schemes
from normandata.indicators import registry
from normandata.indicators.definitions import Figure, Indicator, Period, Unit

from .definitions import DataSet, Field, Line, Type

NAMING = ("Prestataire",)
"""Headings of columns that name somebody."""
UNITS = {
    Unit.COUNT: "nombre",
    Unit.NUMBER: "nombre",
    Unit.PERCENT: "%",
    Unit.EUROS: "euros",
    Unit.DAYS: "jours",
}
FIELDS = (
    Field(name="dispositif", title="Dispositif", required=True),
    Field(name="indicateur", title="Code de l’indicateur", required=True),
    Field(name="titre", title="Titre de l’indicateur, mot pour mot", required=True),
    Field(name="type", title="Type : réalisation, résultat, contexte ou autre suivi", required=True),
    Field(name="annee", title="Année civile", type=Type.INTEGER, required=True),
    Field(name="mesure", title="Ce qui est compté", required=True),
    Field(name="ventilation", title="Part de l’ensemble", description="Vide pour l’ensemble."),
    Field(
        name="valeur",
        title="Valeur",
        type=Type.NUMBER,
        places=0,
        description="Vide quand il n’y a rien dont prendre une part.",
    ),
    Field(name="unite", title="Unité", required=True, one_of=tuple(dict.fromkeys(UNITS.values()))),
    Field(name="source", title="Texte qui fixe l’indicateur", required=True),
)


def rows(as_of: date) -> Iterator[Line]:
    """Write the figures of every indicator, from the year its scheme took effect, as known at the end of a day."""
    for scheme in schemes.every():
        first = min(scheme.sheet.effective_on.year, as_of.year)
        for indicator in registry.of(scheme.slug):
            for year in range(first, as_of.year + 1):
                figure = indicator.count(Period(date(year, 1, 1), date(year, 12, 31), as_of))
                yield from of_figure(scheme.label, indicator, year, figure)


def of_figure(scheme: str, indicator: Indicator, year: int, figure: Figure) -> Iterator[Line]:
    """Write a figure: its whole, then each number of its table."""
    place = f"{scheme}, {indicator.slug}, {year}"
    head = (scheme, indicator.slug, indicator.title, indicator.kind.value, year)

    def line(measure: str, part: str, value: Decimal | int | None, unit: Unit) -> Line:
        return Line((*head, measure, part, value, UNITS[unit], indicator.source), place)

    yield line(figure.counted or indicator.title, "", figure.value, figure.unit)
    if figure.columns[0].label in NAMING:
        return
    for row in figure.rows:
        for column, cell in zip(figure.columns[1:], row[1:], strict=True):
            if column.unit in UNITS and (cell is None or isinstance(cell, int | Decimal)):
                yield line(column.label, str(row[0]), cell, column.unit)


SETS = (
    DataSet(
        slug="indicateurs",
        title="Indicateurs des dispositifs",
        description="Les indicateurs de suivi-évaluation votés avec chaque dispositif, et ceux qui les complètent, "
        "année par année, en format long : une ligne par nombre. Les chiffres sont ceux des tableaux de bord et des "
        "rapports à l’assemblée. L’année en cours n’est pas finie : ses chiffres changent encore.",
        source="Délibération AP D 25-12-5, annexes 3, 4 et 5, « Indicateurs de suivi-évaluation »",
        fields=FIELDS,
        rows=rows,
        keywords=("indicateurs", "évaluation", "politique publique", "intelligence artificielle"),
        left_out="Les chiffres par prestataire ne sont pas publiés : seul leur total l’est.",
    ),
)
