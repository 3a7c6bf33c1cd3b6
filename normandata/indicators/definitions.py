"""What an indicator is: its voted name, its formula in words, and the code that counts it.

A figure is counted over a period from dated facts. `as_of` is the day the facts are looked at: a figure asked for a
past day says what it would have said then, whatever happened since.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from normandata.regulation.formats import NBSP, euros, number
from normandata.regulation.formats import day as written_day
from normandata.ui.tables import Cell, Column, Unit

__all__ = ["Cell", "Column", "Figure", "Indicator", "Kind", "Period", "Unit", "rate", "written"]


class Kind(StrEnum):
    """The three kinds that a sheet tells apart, and the others it leaves open."""

    OUTPUT = "Réalisation"
    RESULT = "Résultat"
    CONTEXT = "Contexte"
    OTHER = "Autre suivi"


@dataclass(frozen=True, slots=True)
class Period:
    """What is counted: facts from `first` to `last`, both counted, as they were known at the end of `as_of`."""

    first: date
    last: date
    as_of: date

    @property
    def end(self) -> date:
        """The last day whose facts count."""
        return min(self.last, self.as_of)

    @property
    def words(self) -> str:
        """The period in a sentence: `en 2027`, `du 1er mars 2026 au 28 février 2027`."""
        if (self.first.month, self.first.day, self.last.month, self.last.day) == (1, 1, 12, 31):
            years = {self.first.year, self.last.year}
            return f"en{NBSP}{self.first.year}" if len(years) == 1 else f"de {self.first.year} à {self.last.year}"
        return f"du {written_day(self.first)} au {written_day(self.last)}"

    def holds(self, day: date | None) -> bool:
        """Tell whether a fact of this day counts."""
        return day is not None and self.first <= day <= self.end


@dataclass(frozen=True, slots=True)
class Figure:
    """What was counted: the finding in a sentence, the value, what it is a share of, and the rows that add up to it.

    `value` is None where there is nothing to take a share of. `numerator` and `denominator` are those of a rate.
    """

    finding: str
    value: Decimal | int | None
    unit: Unit
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numerator: int | None = None
    denominator: int | None = None
    note: str = ""
    drawn: int = 1
    """The column whose numbers are drawn."""
    counted: str = ""
    """What `value` is the number of, as a heading: `Questionnaires reçus`."""

    @property
    def written(self) -> str:
        return written(self.value, self.unit)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator: `title` is the voted text word for word, `source` its place, `formula` how it is counted."""

    slug: str
    title: str
    kind: Kind
    unit: str
    source: str
    formula: str
    count: Callable[[Period], Figure]


def rate(part: int, whole: int) -> Decimal | None:
    """Return a share in percent, rounded once to one decimal, half up; None of nothing."""
    if not whole:
        return None
    return Decimal((2000 * part + whole) // (2 * whole)).scaleb(-1)


def written(value: Cell, unit: Unit) -> str:
    """Write a cell in French."""
    if value is None:
        return "–"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, str):
        return value
    match unit:
        case Unit.EUROS:
            return euros(value)
        case Unit.PERCENT:
            return f"{number(value, 1)}{NBSP}%"
        case _:
            return number(value)
