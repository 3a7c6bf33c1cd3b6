"""What was granted, awarded or carried out, as everybody reads it: each scheme hands its part up from its `ready()`.

A part is a table that may go on over several pages: `after` is the key of its last line, whatever the number of lines
before it. What is natural persons' or confidential never comes up here: each scheme keeps it out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from normandata.indicators.definitions import written
from normandata.ui.tables import Cell, Column

PAGE = 25
"""Lines of a page."""
FIRST_YEAR = 2025
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a part: a year or all of them, words to find, the line to go on after."""

    today: date
    year: int | None = None
    words: tuple[str, ...] = ()
    after: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: its cells, and the address of what its first and its last cell name."""

    cells: tuple[Cell, ...]
    url: str = ""
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the first column names the line."""

    caption: str
    columns: tuple[Column, ...]
    lines: Sequence[Line]

    @property
    def rows(self) -> list[tuple[Line, list[tuple[Column, str]]]]:
        """Pair each cell, written in French, with its column."""
        return [
            (one, [(head, written(cell, head.unit)) for head, cell in zip(self.columns, one.cells, strict=True)])
            for one in self.lines
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a scheme shows of its results: the finding, the accounts behind it, the lines, where the data are.

    `next` is the key to go on after, empty on the last page; `data_set` names a set of open data with the same lines.
    """

    finding: str
    table: Table
    accounts: Table | None = None
    notes: tuple[str, ...] = ()
    next: str = ""
    data_set: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """The results of a scheme: `slug` is its filter in the address."""

    slug: str
    label: str
    rank: int
    read: Callable[[Asked], Part]


_registry: dict[str, Source] = {}


def register(source: Source) -> None:
    """Make the results of a scheme known; raises ValueError for a slug already taken."""
    if _registry.setdefault(source.slug, source) != source:
        raise ValueError(f"the results of {source.slug!r} are already registered")


def sources() -> tuple[Source, ...]:
    """Return the registered sources in the order they are shown."""
    return tuple(sorted(_registry.values(), key=lambda one: one.rank))


def find(slug: str) -> Source | None:
    return _registry.get(slug)


def years(today: date) -> list[int]:
    """List the years that may be asked for, the latest first."""
    return list(range(today.year, FIRST_YEAR - 1, -1))
