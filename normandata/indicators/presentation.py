"""An indicator as a page shows it: its finding, its bars, its cells in French."""

from dataclasses import dataclass
from decimal import Decimal

from normandata.regulation.formats import spaced
from normandata.ui import charts

from .definitions import Cell, Column, Figure, Indicator, Period, written


@dataclass(frozen=True, slots=True)
class Shown:
    """An indicator with its figure, drawn and written."""

    indicator: Indicator
    figure: Figure
    bars: list[charts.Bar]
    rows: list[list[tuple[Column, str]]]

    @property
    def spoken(self) -> str:
        """What the drawing says to whoever does not see it."""
        return spaced(" ; ".join(f"{bar.label}, {bar.written}" for bar in self.bars))


def shown(indicator: Indicator, period: Period) -> Shown:
    """Count an indicator and write it."""
    figure = indicator.count(period)
    cells = [[(column, written(cell, column.unit)) for column, cell in _pairs(figure, row)] for row in figure.rows]
    return Shown(indicator, figure, _bars(figure), cells)


def _bars(figure: Figure) -> list[charts.Bar]:
    """Draw one column that counts, against its label; of a share, the bar is full at the whole."""
    at, unit = figure.drawn, figure.columns[figure.drawn].unit
    rows = [(str(row[0]), _amount(row[at]), written(row[at], unit)) for row in figure.rows]
    most = Decimal(100) if figure.is_share else Decimal(whole) if (whole := figure.base or figure.denominator) else None
    return charts.bars(rows, most=most)


def _amount(cell: Cell) -> Decimal:
    return Decimal(cell) if isinstance(cell, int | Decimal) else Decimal(0)


def _pairs(figure: Figure, row: tuple[Cell, ...]) -> list[tuple[Column, Cell]]:
    return list(zip(figure.columns, row, strict=True))
