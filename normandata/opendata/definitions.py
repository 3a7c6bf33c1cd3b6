"""What a set of open data is: its description, its columns, and the lines that a scheme writes in it. Pure.

A line is one of three: a `Line` to publish, a `Line` with its faults, which an operator reads, or a `Withheld` one,
which the law keeps out of the file and which is only counted.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

Cell = str | int | Decimal | bool | date | datetime | None


class Type(StrEnum):
    """The types of Table Schema that the sets use."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column. `words` are what a boolean is written with; a number is written with its `places` decimals."""

    name: str
    title: str
    type: Type = Type.STRING
    description: str = ""
    required: bool = False
    unique: bool = False
    pattern: str = ""
    one_of: tuple[str, ...] = ()
    longest: int | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    words: tuple[str, str] = ("oui", "non")
    format: str = ""
    places: int = 2


@dataclass(frozen=True, slots=True)
class Schema:
    """A public schema that a set follows: its code, its name as people say it, its version and address."""

    code: str
    name: str
    version: str
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row in the order of the columns. `place` is what people call it by; with `faults` it is not published."""

    cells: tuple[Cell, ...]
    place: str = ""
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Withheld:
    """A row that the law keeps out of the file, and why."""

    place: str
    reason: str


Written = Line | Withheld


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """A set of open data that a scheme hands up. `rows` writes it as of the end of a day, line by line."""

    slug: str
    title: str
    description: str
    source: str
    fields: tuple[Field, ...]
    rows: Callable[[date], Iterable[Written]]
    schema: Schema | None = None
    keywords: tuple[str, ...] = ()
    left_out: str = ""
    """What it does not hold, and by which text, in a sentence."""
    frequency: str = "DAILY"
    """How often it changes, a code of the European authority table `frequency`."""
    theme: str = "GOVE"
    """A code of the European authority table `data-theme`."""
