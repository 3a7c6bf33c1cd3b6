"""What each parameter admits, and the French sentence of what it does not."""

from datetime import date
from typing import Any

import pytest

from normandata.portal.api import indicators
from normandata.portal.api.parameters import Choice, Day, Key, Parameter, Whole, read
from normandata.portal.api.problems import PARAMETER, Problem

DAY, WHOLE, CHOICE = Day("on", ""), Whole("limit", "", 1, 500, 100), Choice("axis", "", ("1", "2"))
CENTURY = Day("as_of", "", "^20[0-9]{2}")
KEY = Key("after", "", "[0-9a-f]{4}")


@pytest.mark.parametrize(
    ("one", "raw", "value"),
    [
        (DAY, "2026-04-01", date(2026, 4, 1)),
        (DAY, "2028-02-29", date(2028, 2, 29)),
        (CENTURY, "2026-04-01", date(2026, 4, 1)),
        (WHOLE, "1", 1),
        (WHOLE, "500", 500),
        (CHOICE, "2", "2"),
        (KEY, "00af", "00af"),
    ],
)
def test_what_is_admitted_is_read(one: Parameter, raw: str, value: Any) -> None:
    assert read([one], {one.name: [raw]}) == {one.name: value}


@pytest.mark.parametrize(
    ("one", "raw"),
    [
        (DAY, ""),
        (DAY, "2027-02-29"),
        (DAY, "20260401"),
        (DAY, "2026-4-1"),
        (DAY, "2026-04-01T00:00"),
        (DAY, "２０２６-04-01"),
        (CENTURY, "1999-12-31"),
        (WHOLE, "0"),
        (WHOLE, "501"),
        (WHOLE, "1.0"),
        (WHOLE, "+1"),
        (WHOLE, "9" * 400),
        (CHOICE, "3"),
        (CHOICE, ""),
        (KEY, "00AF"),
        (KEY, "00af\n"),
    ],
)
def test_what_is_not_is_refused_by_its_name(one: Parameter, raw: str) -> None:
    with pytest.raises(Problem) as caught:
        read([one], {one.name: [raw]})
    assert (caught.value.kind, caught.value.pointer) == (PARAMETER, one.name)
    assert caught.value.detail.startswith(one.name)


def test_a_day_out_of_bounds_is_told_them() -> None:
    with pytest.raises(Problem) as caught:
        read([indicators.AS_OF], {"as_of": ["0001-01-01"]})
    said = "as_of : « 0001-01-01 » ne se lit pas, une date AAAA-MM-JJ de 2000 à 2099 est attendue."
    assert caught.value.detail.replace("\u00a0", " ") == said


@pytest.mark.parametrize(
    ("given", "detail"),
    [
        ({"onn": ["2026-04-01"]}, "Paramètre inconnu : onn ; admis ici : on, limit."),
        ({"on": ["2026-04-01", "2026-04-01"]}, "Le paramètre on est donné 2 fois."),
    ],
)
def test_a_slip_is_never_ignored(given: dict[str, list[str]], detail: str) -> None:
    with pytest.raises(Problem) as caught:
        read([DAY, WHOLE], given)
    assert caught.value.detail == detail


def test_without_parameters_none_is_admitted() -> None:
    with pytest.raises(Problem, match="aucun n’est admis ici"):
        read([], {"on": ["2026-04-01"]})
