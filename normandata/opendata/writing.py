"""A set as text, line by line: CSV (comma, decimal point, ISO dates, UTF-8 without mark) and JSON (a list of objects).

A text that a spreadsheet would take for a formula is kept as a text in CSV; a number stays one, even negative.
"""

import csv
import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from normandata.ui.tables import inert

from .definitions import Cell, Field

FORMATS = ("csv", "json")


class _Line:
    """A file of one line: what the csv module writes is handed on at once."""

    def write(self, text: str) -> str:
        return text


_writer = csv.writer(_Line(), lineterminator="\r\n")


def csv_head(fields: Sequence[Field]) -> str:
    return str(_writer.writerow([inert(one.name) for one in fields]))


def csv_line(fields: Sequence[Field], cells: Sequence[Cell]) -> str:
    """Write a row of CSV with its end of line."""
    return str(_writer.writerow([_plain(one, cell) for one, cell in zip(fields, cells, strict=True)]))


def json_line(fields: Sequence[Field], cells: Sequence[Cell]) -> str:
    """Write a row as a JSON object whose keys are the columns; amounts are numbers, to the cent."""
    pairs = (f"{json.dumps(one.name)}: {_literal(one, cell)}" for one, cell in zip(fields, cells, strict=True))
    return "{" + ", ".join(pairs) + "}"


JSON_HEAD, JSON_BETWEEN, JSON_END = "[\n", ",\n", "\n]\n"


def _plain(one: Field, cell: Cell) -> str:
    if isinstance(cell, str):
        return inert(cell)
    return _text(one, cell)


def _literal(one: Field, cell: Cell) -> str:
    if cell is None or cell == "":
        return "null"
    if isinstance(cell, bool):
        return json.dumps(cell)
    if isinstance(cell, int | Decimal):
        return _text(one, cell)
    return json.dumps(cell if isinstance(cell, str) else _text(one, cell), ensure_ascii=False)


def _text(one: Field, cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return one.words[0] if cell else one.words[1]
    if isinstance(cell, Decimal):
        return f"{cell:.{max(one.places, -int(cell.as_tuple().exponent))}f}"
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return str(cell)
