"""An indicator as a page and a PDF show it: its finding, its bars, its cells in French, its parts, its map.

What is shown is plain: a PDF is made later of what `sheet` wrote, with the words and numbers of the page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from normandata.regulation.formats import listing, spaced
from normandata.regulation.territory import NORMAN_NAMES, WITH_ARTICLES
from normandata.ui import charts, maps

from . import dimensions, secrecy
from .definitions import Cell, Column, Figure, Indicator, Split, Unit, written
from .figures import Told

MOST_FIRST = 2
WIDE, LONG, LABEL = 4, 6, 40
"""Columns, rows and characters of a label past which a table, a drawing, is laid out otherwise."""


@dataclass(frozen=True, slots=True)
class Table:
    """A drawing and the table that says the same: its bars, its headings, its cells as they are read."""

    heading: str
    columns: list[Column]
    rows: list[list[tuple[Column, str]]]
    bars: list[charts.Bar]

    @property
    def spoken(self) -> str:
        """What the drawing says to whoever does not see it."""
        return spaced(" ; ".join(f"{bar.label}, {bar.written}" for bar in self.bars))

    @property
    def is_wide(self) -> bool:
        """Whether it asks for the whole width of a page."""
        return len(self.columns) > WIDE and bool(self.rows)

    @property
    def is_long(self) -> bool:
        """Whether it is closed at first: its drawing says the same in less room."""
        return len(self.rows) > LONG and bool(self.bars)

    @property
    def has_long_labels(self) -> bool:
        return max((len(bar.label) for bar in self.bars), default=0) > LABEL


@dataclass(frozen=True, slots=True)
class Shown:
    """An indicator with its figure, drawn and written. `parts` are its splits, `map` its departments drawn."""

    told: Told
    table: Table | None
    parts: list[Table]
    map: maps.Map | None

    @property
    def others(self) -> list[Table]:
        """The parts that the map does not draw."""
        return self.parts[1:] if self.map else self.parts

    @property
    def indicator(self) -> Indicator:
        return self.told.indicator

    @property
    def figure(self) -> Figure | None:
        return self.told.figure

    @property
    def withheld(self) -> str:
        return self.told.withheld

    @property
    def bars(self) -> list[charts.Bar]:
        return self.table.bars if self.table else []

    @property
    def rows(self) -> list[list[tuple[Column, str]]]:
        return self.table.rows if self.table else []

    @property
    def spoken(self) -> str:
        return self.table.spoken if self.table else ""

    @property
    def value(self) -> str:
        """The whole, in a few words."""
        if self.told.figure is None:
            return secrecy.UNPUBLISHED
        return secrecy.UNPUBLISHED if self.told.figure.is_secret else self.told.figure.written


def shown(one: Told) -> Shown:
    """Write a figure for a page."""
    if one.figure is None:
        return Shown(one, None, [], None)
    parts = [_table(figure) for figure in one.splits.values()]
    return Shown(one, _table(one.figure) if one.figure.has_table else None, parts, _map(one))


def _table(figure: Figure) -> Table:
    cells = [
        [(column, written(cell, column.unit)) for column, cell in zip(figure.columns, row, strict=True)]
        for row in figure.rows
    ]
    return Table(figure.columns[0].label, list(figure.columns), cells, _bars(figure))


def _bars(figure: Figure) -> list[charts.Bar]:
    """Draw one column that counts, against its label; of a share, the bar is full at the whole."""
    if figure.drawn is None or any(row[figure.drawn] == secrecy.UNPUBLISHED for row in figure.rows):
        return []
    at, unit = figure.drawn, figure.columns[figure.drawn].unit
    rows = [(str(row[0]), _amount(row[at]), written(row[at], unit)) for row in figure.rows]
    whole = 100 if figure.is_share else figure.base or figure.denominator
    return charts.bars(rows, most=Decimal(whole) if whole else None)


def _amount(cell: Cell) -> Decimal:
    return Decimal(cell) if isinstance(cell, int | Decimal) else Decimal(0)


def _map(one: Told) -> maps.Map | None:
    """Draw the departments of a figure that counts; a share, or one with a hidden part, has its table alone."""
    split = one.splits.get(Split.DEPARTMENT)
    if split is None or split.unit is Unit.PERCENT:
        return None
    values = {str(row[0]): row[1] for row in split.rows}
    if any(not isinstance(value, int | Decimal) for value in values.values()) or not any(values.values()):
        return None
    numbers = {name: value for name, value in values.items() if isinstance(value, int | Decimal)}
    elsewhere = [name for name in (dimensions.OUTSIDE_NAME, dimensions.UNKNOWN_NAME) if name in numbers]
    return maps.normandie(
        {code: numbers[name] for code, name in NORMAN_NAMES.items()},
        key=f"{one.owner.url}-{one.indicator.slug}",
        title=spaced(_leading(numbers, split)),
        unit=spaced(f"{split.counted}, par département de l’établissement"),
        outside=sum(numbers[name] for name in elsewhere) if elsewhere else None,
        outside_name=dimensions.elsewhere(elsewhere),
        written=lambda value: written(value, split.unit),
    )


def _leading(numbers: Mapping[str, int | Decimal], split: Figure) -> str:
    """Say which departments come first, and with how much."""
    known = {code: numbers[name] for code, name in NORMAN_NAMES.items()}
    most = max(known.values())
    first = [WITH_ARTICLES[code] for code in known if known[code] == most]
    if not most or len(first) > MOST_FIRST:
        return f"{split.counted}, par département"
    names = listing(first)
    come = "vient" if len(first) == 1 else "viennent"
    return f"{names[0].upper()}{names[1:]} {come} en tête, à {written(most, split.unit)}"


def sheet(one: Told) -> dict[str, Any]:
    """Write a figure as its PDF keeps it, in JSON: sentences, cells as they are read, lengths of bars."""
    found, indicator = shown(one), one.indicator
    return {
        "slug": f"{one.owner.url}-{indicator.slug}",
        "owner": one.owner.label,
        "title": spaced(indicator.title),
        "kind": indicator.kind.value,
        "source": spaced(indicator.source),
        "formula": spaced(indicator.formula),
        "withheld": one.withheld,
        "finding": spaced(one.figure.finding) if one.figure else "",
        "counted": spaced(one.figure.counted) if one.figure else "",
        "value": found.value,
        "note": spaced(one.figure.note) if one.figure else "",
        "table": _plain(found.table) if found.table else None,
        "parts": [_plain(part) for part in found.parts]
        if one.figure and (one.figure.value or one.figure.denominator)
        else [],
    }


def _plain(table: Table) -> Mapping[str, Any]:
    """Write a table in JSON; the bar of a row is its length in a hundred."""
    lengths = [bar.length.removesuffix("%") for bar in table.bars]
    rows = [
        {
            "length": lengths[at] if lengths else "",
            "cells": [{"text": text, "is_text": column.unit is Unit.TEXT} for column, text in row],
        }
        for at, row in enumerate(table.rows)
    ]
    columns = [{"label": one.label, "is_text": one.unit is Unit.TEXT} for one in table.columns]
    return {"columns": columns, "rows": rows, "has_bars": bool(lengths)}
