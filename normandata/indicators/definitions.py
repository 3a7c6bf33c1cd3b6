"""What an indicator is: its voted name, its formula in words, and the code that counts it.

A figure is counted over a period from dated facts. `as_of` is the day the facts are looked at: a figure asked for a
past day says what it would have said then, whatever happened since.

Counting is done in two steps. `gather` reads the facts, each with the department and the kind of structure it belongs
to; `draw` makes a figure of facts, whichever are kept. A part is the same drawing of fewer facts: parts add up.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from normandata.regulation.formats import NBSP, euros, number
from normandata.regulation.formats import day as written_day
from normandata.ui.tables import Cell, Column, Unit

__all__ = [
    "Cell",
    "Column",
    "Count",
    "Fact",
    "Figure",
    "Indicator",
    "Kind",
    "Period",
    "Reading",
    "Split",
    "Typed",
    "Unit",
    "counting",
    "rate",
    "written",
]
T = TypeVar("T")


class Kind(StrEnum):
    """The three kinds that a sheet tells apart, and the others it leaves open."""

    OUTPUT = "Réalisation"
    RESULT = "Résultat"
    CONTEXT = "Contexte"
    OTHER = "Autre suivi"


class Split(StrEnum):
    """What a figure can be split by."""

    DEPARTMENT = "departement"
    STRUCTURE = "structure"


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
    drawn: int | None = 1
    """The column whose numbers are drawn; None where they are of different things."""
    counted: str = ""
    """What `value` is the number of, as a heading: `Questionnaires reçus`; of a rate, what its numerator counts."""
    among: str = ""
    """What the denominator of a rate counts, as a heading."""
    base: int | None = None
    """How many answers the rows describe, where these are not the denominator."""
    is_share: bool = False
    """Whether each row is a share of its own whole: a bar is full at a hundred."""
    has_table: bool = True
    """Whether its rows may be shown: those that name somebody are not, to the public."""
    is_secret: bool = False
    """Whether the value is kept from the public."""

    @property
    def written(self) -> str:
        return written(self.value, self.unit)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that counts: what its indicator says of it, its department (a code) and its kind of structure.

    An empty code is one that is not known. What is not public yet counts in the figures of the Region alone.
    """

    what: Any
    department: str = ""
    structure: str = ""
    is_public: bool = True


class Reading:
    """The facts of one answer: what several indicators of a scheme are counted from is read once."""

    def __init__(self, period: Period) -> None:
        self.period = period
        self._kept: dict[tuple[Any, ...], Any] = {}

    def once(self, read: Callable[..., T], *args: Any) -> T:
        """Return what `read` gives for these arguments; it is called once."""
        key = (read, *args)
        if key not in self._kept:
            self._kept[key] = read(*args)
        found: T = self._kept[key]
        return found


Gather = Callable[[Reading], Iterable[Fact]]
Draw = Callable[[Reading, Sequence[Fact]], Figure]


@dataclass(frozen=True, slots=True)
class Count:
    """How an indicator is counted: called with a period, it gives the whole figure."""

    gather: Gather
    draw: Draw

    def __call__(self, period: Period) -> Figure:
        reading = Reading(period)
        return self.draw(reading, list(self.gather(reading)))


def counting(gather: Gather) -> Callable[[Draw], Count]:
    """Make a drawing the count of the facts that `gather` reads."""

    def of(draw: Draw) -> Count:
        return Count(gather, draw)

    return of


@dataclass(frozen=True, slots=True)
class Typed:
    """What is asked of whoever types a value in: a fixed unit or an empty one, and whether it is of a part."""

    unit: str = ""
    has_parts: bool = False


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator: `title` is the voted text word for word, `source` its place, `formula` how it is counted."""

    slug: str
    title: str
    kind: Kind
    unit: str
    source: str
    formula: str
    count: Count
    splits: tuple[Split, ...] = ()
    """What it can be split by and restricted to."""
    typed: Typed | None = None
    """How its values are typed in, where the portal cannot count them."""
    is_personal: bool = False
    """Whether its facts are about people, or answers given in confidence: the public reads no small count of them."""
    is_named: bool = False
    """Whether its table names somebody: the public reads its whole alone."""
    is_aid: bool = False
    """Whether the map of aids adds it up with the others of its sort."""
    is_headline: bool = False
    """Whether the first page of indicators draws it."""


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
