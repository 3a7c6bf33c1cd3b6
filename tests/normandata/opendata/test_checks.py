"""Each fault of a cell, and what just passes."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from normandata.opendata.checks import faults
from normandata.opendata.definitions import Cell, Field, Type

D = Decimal


@pytest.mark.parametrize(
    ("one", "right", "wrong", "said"),
    [
        (Field(name="a", title="", required=True), "x", "", "la valeur manque"),
        (Field(name="a", title="", required=True), "x", None, "la valeur manque"),
        (Field(name="a", title=""), "x", 1, "un texte est attendu"),
        (Field(name="a", title="", type=Type.INTEGER), 1, D(1), "un nombre entier est attendu"),
        (Field(name="a", title="", type=Type.INTEGER), 1, True, "un nombre entier est attendu"),
        (Field(name="a", title="", type=Type.NUMBER), D("-1.5"), "1,5", "un nombre est attendu"),
        (Field(name="a", title="", type=Type.NUMBER), D(1), D("NaN"), "un nombre est attendu"),
        (Field(name="a", title="", type=Type.BOOLEAN), False, 0, "oui ou non est attendu"),
        (Field(name="a", title="", type=Type.DATE), date(2026, 1, 1), "2026-01-01", "une date est attendu"),
        (
            Field(name="a", title="", type=Type.DATE),
            date(2026, 1, 1),
            datetime(2026, 1, 1, tzinfo=UTC),
            "une date est attendu",
        ),
        (
            Field(name="a", title="", type=Type.DATETIME),
            datetime(2026, 1, 1, tzinfo=UTC),
            date(2026, 1, 1),
            "une date et une heure est attendu",
        ),
        (Field(name="a", title="", pattern=r"\d{3}"), "123", "1234", "« 1234 » n’a pas la forme attendue"),
        (Field(name="a", title="", pattern=r"\d{3}"), "123", "١٢٣", "« ١٢٣ » n’a pas la forme attendue"),
        (Field(name="a", title="", one_of=("x", "y")), "y", "z", "« z » n’est pas dans la liste"),
        (Field(name="a", title="", longest=3), "abc", "abcd", "4 caractères, 3 au plus"),
        (
            Field(name="a", title="", type=Type.NUMBER, minimum=D("0.01")),
            D("0.01"),
            D(0),
            "0 est sous le minimum, 0,01",
        ),
        (Field(name="a", title="", type=Type.NUMBER, maximum=D(1)), D(1), D("1.01"), "1,01 dépasse le maximum, 1"),
    ],
)
def test_a_cell_passes_or_is_refused_with_its_reason(one: Field, right: Cell, wrong: Cell, said: str) -> None:
    assert faults((one,), (right,)) == ()
    assert [fault.replace("\u00a0", " ") for fault in faults((one,), (wrong,))] == [f"a : {said}."]


def test_an_empty_cell_passes_where_nothing_is_required() -> None:
    fields = tuple(Field(name=kind, title="", type=kind) for kind in Type)
    assert faults(fields, (None,) * len(fields)) == ()


def test_a_line_has_a_cell_for_each_column() -> None:
    assert faults((Field(name="a", title=""),), ("x", "y")) == ("La ligne a 2 cases pour 1 colonnes.",)
