"""Sections that hold tables: one thing a row, and an empty row more once the last one is filled and saved."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from normandata.regulation.formats import spaced
from normandata.ui.forms import dress

from .forms import SectionForm


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a section: how its fields begin and what a row is called, the fields of a row, how many rows.

    `quiet` names the parts that have a default: alone, they do not make a row.
    """

    prefix: str
    noun: str
    fields: Callable[[], Mapping[str, forms.Field]]
    shortest: int = 3
    longest: int = 40
    quiet: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number, what it is called, and its fields by part."""

    number: int
    name: str
    cells: Mapping[str, forms.BoundField]
    is_filled: bool

    def __getitem__(self, part: str) -> forms.BoundField:
        return self.cells[part]


class TableForm(SectionForm):
    """A section with tables; the field of a cell is called prefix, number, underscore, part: `aide1_montant`."""

    tables: tuple[Table, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rows: dict[str, range] = {}
        for table in self.tables:
            self._rows[table.prefix] = self._numbers(table)
            for number in self._rows[table.prefix]:
                for part, field in table.fields().items():
                    self._add(table, number, part, field)

    @property
    def anchors(self) -> Collection[str]:  # type: ignore[override]
        return ("lignes", *(table.prefix for table in self.tables))

    @property
    def single_fields(self) -> list[forms.BoundField]:
        """The fields that are not of a table."""
        prefixes = tuple(f"{table.prefix}{number}_" for table in self.tables for number in self._rows[table.prefix])
        return [self[name] for name in self.fields if not name.startswith(prefixes)]

    def rows(self, prefix: str) -> list[Row]:
        """List the rows shown of a table, the last one empty."""
        table = self._table(prefix)
        return [self._row(table, number) for number in self._rows[prefix]]

    def filled(self, prefix: str) -> list[Row]:
        """List the rows of a table where something was typed."""
        return [row for row in self.rows(prefix) if row.is_filled]

    def of(self, row: Row, part: str) -> Any:
        """Return the cleaned value of a cell, None when it is empty or wrong."""
        return self.cleaned_data.get(row[part].name)

    def typed(self, row: Row, part: str) -> str:
        """Return what was typed in a cell."""
        return self._said(row[part].name)

    def _table(self, prefix: str) -> Table:
        return next(table for table in self.tables if table.prefix == prefix)

    def _row(self, table: Table, number: int) -> Row:
        cells = {part: self[f"{table.prefix}{number}_{part}"] for part in table.fields()}
        is_filled = any(self._said(cell.name) for part, cell in cells.items() if part not in table.quiet)
        return Row(number, f"{table.noun} {number}", cells, is_filled)

    def _add(self, table: Table, number: int, part: str, field: forms.Field) -> None:
        short = spaced(str(field.label or part))
        field.label = spaced(f"{table.noun} {number} : {short[0].lower()}{short[1:]}")
        dress(field)
        field.short_label = short  # type: ignore[attr-defined]
        field.required = False
        self.fields[f"{table.prefix}{number}_{part}"] = field

    def _said(self, name: str) -> str:
        value = (self.data if self.is_bound else self.initial).get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def _numbers(self, table: Table) -> range:
        typed = self.data if self.is_bound else self.initial
        filled = [0]
        for name in typed:
            head, _, part = name.partition("_")
            number = head.removeprefix(table.prefix)
            if head.startswith(table.prefix) and number.isdecimal() and part not in table.quiet and self._said(name):
                filled.append(int(number))
        return range(1, min(table.longest, max(table.shortest, max(filled) + 1)) + 1)
