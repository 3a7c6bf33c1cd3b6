"""Both formats against texts written by hand; no cell computes in a spreadsheet, and numbers stay numbers."""

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from normandata.opendata import writing
from normandata.opendata.definitions import Field, Type

D = Decimal
FIELDS = (
    Field(name="texte", title=""),
    Field(name="montant", title="", type=Type.NUMBER),
    Field(name="compte", title="", type=Type.INTEGER),
    Field(name="oui_non", title="", type=Type.BOOLEAN),
    Field(name="jour", title="", type=Type.DATE),
    Field(name="instant", title="", type=Type.DATETIME),
)
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_row_is_written_in_both_formats() -> None:
    cells = ('Dit « "oui" », et plus', D("-12500.5"), -3, True, date(2026, 1, 2), AT)
    assert writing.csv_head(FIELDS) == "texte,montant,compte,oui_non,jour,instant\r\n"
    assert writing.csv_line(FIELDS, cells) == (
        '"Dit « ""oui"" », et plus",-12500.50,-3,oui,2026-01-02,2026-01-02T03:04:05+00:00\r\n'
    )
    assert writing.json_line(FIELDS, cells) == (
        '{"texte": "Dit « \\"oui\\" », et plus", "montant": -12500.50, "compte": -3, "oui_non": true, '
        '"jour": "2026-01-02", "instant": "2026-01-02T03:04:05+00:00"}'
    )


def test_nothing_is_an_empty_cell_and_a_null() -> None:
    empty = ("", None, None, None, None, None)
    assert writing.csv_line(FIELDS, empty) == ",,,,,\r\n"
    assert set(json.loads(writing.json_line(FIELDS, empty)).values()) == {None}


def test_an_amount_keeps_every_decimal_it_has() -> None:
    one = (Field(name="a", title="", type=Type.NUMBER),)
    assert [writing.csv_line(one, (D(text),)).strip() for text in ("1", "0.1", "33.333", "1E+2")] == [
        "1.00",
        "0.10",
        "33.333",
        "100.00",
    ]


@pytest.mark.parametrize("lead", ["=", "+", "-", "@", "\t", "\r", "\n", "  =", "\u00a0="])
def test_no_text_is_a_formula(lead: str) -> None:
    (cell, *_), *_ = csv.reader(io.StringIO(writing.csv_line(FIELDS[:1], (f"{lead}1+1",)), newline=""))
    assert cell == f"'{lead}1+1"
    assert json.loads(writing.json_line(FIELDS[:1], (f"{lead}1+1",))) == {"texte": f"{lead}1+1"}


def test_a_negative_number_stays_a_number() -> None:
    assert writing.csv_line(FIELDS[1:3], (D("-1"), -2)) == "-1.00,-2\r\n"
