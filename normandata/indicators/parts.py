"""The columns of an export of dossiers: what each is called, where it is read from, how it is written.

Read as a stream, in one query: ten lines or a hundred thousand take the same memory.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from normandata.regulation.findings import Conclusion

from .definitions import Cell, Column, Unit

AT_ONCE = 2000
CONCLUSIONS = {
    Conclusion.ELIGIBLE: "Éligible",
    Conclusion.INELIGIBLE: "Non éligible",
    Conclusion.TO_REVIEW: "À examiner",
    Conclusion.NOT_APPLICABLE: "Sans objet",
}
Write = Callable[[Any], Cell]


def plain(value: Any) -> Cell:
    return value  # type: ignore[no-any-return]


def day(value: datetime | None) -> Cell:
    """Write the civil day of an instant."""
    return timezone.localdate(value) if value else None


def yes(value: bool | None) -> Cell:
    return None if value is None else "Oui" if value else "Non"


def label(known: Mapping[Any, str]) -> Write:
    """Write the label of a stored word; one that is not known stays as it is."""

    def named(value: Any) -> Cell:
        return known.get(value, value) if value is not None else None

    return named


@dataclass(frozen=True, slots=True)
class Part:
    """A column of an export: its heading, the path it is read from, and how it is written."""

    label: str
    path: str
    write: Write = plain
    unit: Unit = Unit.TEXT


def columns(parts: Sequence[Part]) -> tuple[Column, ...]:
    return tuple(Column(part.label, part.unit) for part in parts)


def rows(found: "QuerySet[Any]", parts: Sequence[Part]) -> Iterator[Sequence[Cell]]:
    """Write the cells of each row that a query finds, in its order."""
    writes = [part.write for part in parts]
    for line in found.values_list(*(part.path for part in parts)).iterator(chunk_size=AT_ONCE):
        yield [write(value) for write, value in zip(writes, line, strict=True)]
