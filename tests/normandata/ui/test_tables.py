"""Files that open in a spreadsheet and compute nothing; numbers stay numbers (check 14)."""

import csv
import io
import re
import zipfile
from datetime import date
from decimal import Decimal
from itertools import product
from xml.etree import ElementTree

import pytest

from normandata.indicators.definitions import Cell, Column, Unit
from normandata.ui.tables import csv_lines, csv_response, write_xlsx, xlsx_response

NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
LEADS = ("=", "+", "-", "@", "\t", "\r", "\n", " =", "\t=", "  @")
BODIES = (
    "1+1",
    "cmd|' /C calc'!A0",
    "SUM(A1:A9)",
    'HYPERLINK("http://exemple.invalid")',
    "2",
    "",
    "é",
    "A1",
    "-1",
    "0",
)
HOSTILE = [f"{lead}{body}" for lead, body in product(LEADS, BODIES)]
FORMULA = re.compile(r"\s*[=+\-@]|[\t\r\n]")


def read_csv(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=";"))


def workbook(columns: list[Column], rows: list[tuple[Cell, ...]]) -> zipfile.ZipFile:
    file = io.BytesIO()
    write_xlsx(file, columns, rows, title="Essai")
    return zipfile.ZipFile(file)


def sheet(book: zipfile.ZipFile) -> ElementTree.Element:
    return ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))


def cells(book: zipfile.ZipFile) -> list[list[tuple[str, str]]]:
    """Read each cell as (type, content); a number has the type `n`."""
    found = []
    for row in sheet(book).iterfind(".//x:row", NS):
        line = []
        for cell in row.iterfind("x:c", NS):
            text = "".join(one.text or "" for one in cell.iterfind(".//x:t", NS))
            value = cell.find("x:v", NS)
            line.append((cell.get("t", "n"), text or (value.text or "" if value is not None else "")))
        found.append(line)
    return found


def test_no_cell_and_no_header_of_a_csv_is_a_formula() -> None:
    columns = [Column(text) for text in HOSTILE]
    rows = [tuple(HOSTILE) for _ in range(10)]  # a thousand cells
    read = read_csv("".join(csv_lines(columns, rows)))
    assert len(read) == 11
    assert [cell for line in read for cell in line if FORMULA.match(cell)] == []
    # nothing is lost: an apostrophe is all that is added
    assert [cell.removeprefix("'") for cell in read[1]] == HOSTILE


def test_no_cell_and_no_header_of_a_workbook_is_a_formula() -> None:
    book = workbook([Column(text) for text in HOSTILE], [tuple(HOSTILE) for _ in range(10)])
    assert sheet(book).findall(".//x:f", NS) == []
    kinds = {kind for line in cells(book) for kind, _ in line}
    assert kinds == {"inlineStr"}
    assert [name for name in book.namelist() if "rels" in name and b"exemple.invalid" in book.read(name)] == []
    # they stay texts when somebody edits the cell
    styles = book.read("xl/styles.xml").decode()
    assert 'quotePrefix="1"' in styles


def test_a_formula_would_be_seen() -> None:
    """The witness: the same reading finds the formula of a workbook that holds one."""
    import xlsxwriter

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    book.add_worksheet().write(0, 0, "=1+1")
    book.close()
    assert len(sheet(zipfile.ZipFile(file)).findall(".//x:f", NS)) == 1
    assert FORMULA.match("=1+1")


def test_numbers_stay_numbers_even_negative() -> None:
    columns = [Column("Texte"), Column("Compte", Unit.COUNT), Column("Euros", Unit.EUROS), Column("Jour")]
    rows: list[tuple[Cell, ...]] = [
        ("Solde", -3, Decimal("-1234.50"), date(2026, 3, 1)),
        ("Vide", None, Decimal("0.10"), None),
    ]
    assert read_csv("".join(csv_lines(columns, rows)))[1:] == [
        ["Solde", "-3", "-1234,50", "01/03/2026"],
        ["Vide", "", "0,10", ""],
    ]
    book = workbook(columns, rows)
    # 46082 is 1 March 2026, counted from 30 December 1899
    assert cells(book)[1] == [("inlineStr", "Solde"), ("n", "-3"), ("n", "-1234.50"), ("n", "46082")]
    assert cells(book)[2] == [("inlineStr", "Vide"), ("n", "0.10")]
    assert (date(2026, 3, 1) - date(1899, 12, 30)).days == 46082


def test_a_text_that_looks_like_a_number_or_an_address_stays_a_text() -> None:
    texts = ("0612", "1e5", "https://exemple.invalid", "12345678901234567890", "TRUE")
    book = workbook([Column("A")] * len(texts), [texts])
    assert cells(book)[1] == [("inlineStr", text) for text in texts]
    assert not any("rels/sheet" in name for name in book.namelist())


@pytest.mark.parametrize("title", ["a/b[c]:d*e?f\\g'h", "x" * 60])
def test_any_title_makes_a_sheet(title: str) -> None:
    file = io.BytesIO()
    write_xlsx(file, [Column("A")], [("x" * 40_000,)], title=title)
    book = zipfile.ZipFile(file)
    assert book.testzip() is None
    assert len(cells(book)[1][0][1]) == 32_767


@pytest.mark.django_db  # the end of an answer looks at the connections
def test_answers_are_downloads() -> None:
    columns, rows = [Column("A")], [("é",)]
    text = csv_response(columns, rows, "essai")
    assert text["Content-Disposition"] == 'attachment; filename="essai.csv"'
    assert b"".join(text).decode() == "\ufeffA\r\né\r\n"
    book = xlsx_response(columns, rows, "essai", title="Essai")
    assert book["Content-Disposition"] == 'attachment; filename="essai.xlsx"'
    content = b"".join(book)
    book.close()
    assert cells(zipfile.ZipFile(io.BytesIO(content)))[1] == [("inlineStr", "é")]
    assert (text["Cache-Control"], book["Cache-Control"]) == ("no-store", "no-store")


def test_a_row_that_fails_leaves_no_file_open(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[io.BytesIO] = []

    def temporary() -> io.BytesIO:
        opened.append(io.BytesIO())
        return opened[-1]

    monkeypatch.setattr("normandata.ui.tables.tempfile.TemporaryFile", temporary)

    def failing() -> object:
        yield ("a",)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        xlsx_response([Column("A")], failing(), "essai", title="Essai")  # type: ignore[arg-type]
    assert [file.closed for file in opened] == [True]
