"""A table as a file that opens in a spreadsheet, in CSV or XLSX: French, streamed, and without a cell that computes.

Numbers stay numbers, even negative; a text that a spreadsheet would take for a formula is kept as a text.
"""

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import IO, Any

import xlsxwriter
from django.http import FileResponse, StreamingHttpResponse

BOM = "\ufeff"
Cell = str | int | Decimal | date | None


class Unit(StrEnum):
    """What a column counts, which says how it is written."""

    TEXT = "text"
    COUNT = "count"
    NUMBER = "number"
    PERCENT = "percent"
    EUROS = "euros"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading and what it holds."""

    label: str
    unit: Unit = Unit.TEXT


Rows = Iterable[Sequence[Cell]]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {
    Unit.COUNT: "#,##0",
    Unit.NUMBER: "#,##0.00",
    Unit.DAYS: "#,##0.0",
    Unit.EUROS: "#,##0.00",
    Unit.PERCENT: '0.0" %"',
}
LONGEST = 32_767
"""Characters that a cell of XLSX may hold."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Line:
    """A file of one line: what the csv module writes is handed on at once."""

    def write(self, text: str) -> str:
        return text


def inert(value: object) -> str:
    """Write a cell that no spreadsheet takes for a formula, whatever blanks lead it."""
    text = str(value)
    is_formula = text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA[:4])
    return f"'{text}" if is_formula else text


def csv_lines(columns: Sequence[Column], rows: Rows) -> Iterator[str]:
    """Write rows one by one, the mark and the headers first."""
    writer = csv.writer(_Line(), delimiter=";", lineterminator="\r\n")
    yield BOM + str(writer.writerow([inert(column.label) for column in columns]))
    for row in rows:
        yield str(writer.writerow([_csv(cell) for cell in row]))


def _csv(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{cell:f}".replace(".", ",")
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    return str(cell) if isinstance(cell, int) else inert(cell)


def write_xlsx(file: IO[bytes], columns: Sequence[Column], rows: Rows, *, title: str) -> None:
    """Write a workbook of one sheet; rows go to the disk as they come, so that any number takes the same memory."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(file, options)
    try:
        _fill(book, columns, rows, title)
    finally:
        book.close()  # which also erases its own files when a row failed


def _fill(book: Any, columns: Sequence[Column], rows: Rows, title: str) -> None:
    book.set_properties({"title": title, "author": "NormanDATA"})
    sheet = book.add_worksheet("".join(" " if letter in "[]:*?/\\'" else letter for letter in title)[:31])
    head = book.add_format({"bold": True, "bottom": 1, "quote_prefix": True})
    quoted = book.add_format({"quote_prefix": True})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    by_unit = {unit: book.add_format({"num_format": shape}) for unit, shape in FORMATS.items()}
    shapes = [by_unit.get(column.unit) for column in columns]
    sheet.freeze_panes(1, 1)
    for at, column in enumerate(columns):
        sheet.set_column(at, at, 32 if at == 0 else 16)
        sheet.write_string(0, at, column.label, head)
    for line, row in enumerate(rows, start=1):
        for at, cell in enumerate(row):
            if cell is None or cell == "":
                continue
            if isinstance(cell, str):
                text = cell[:LONGEST]
                sheet.write_string(line, at, text, quoted if text.lstrip(" ").startswith(_FORMULA) else None)
            elif isinstance(cell, date):
                sheet.write_datetime(line, at, cell, day)
            else:
                sheet.write_number(line, at, cell, shapes[at])


def csv_response(columns: Sequence[Column], rows: Rows, name: str) -> StreamingHttpResponse:
    """Answer a CSV file of this name, sent as it is written."""
    answer: Any = StreamingHttpResponse(csv_lines(columns, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer  # type: ignore[no-any-return]


def xlsx_response(columns: Sequence[Column], rows: Rows, name: str, *, title: str) -> FileResponse:
    """Answer a workbook of this name, made on the disk, sent, then erased with its last byte."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  the answer closes it
    try:
        write_xlsx(file, columns, rows, title=title)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    answer = FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)
    answer.headers["Cache-Control"] = "no-store"
    return answer
