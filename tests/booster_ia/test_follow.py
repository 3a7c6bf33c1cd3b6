"""The days when an account is asked for and an exchange recalled, to the day."""

from datetime import date

import pytest

from booster_ia import follow

END = date(2027, 5, 31)
SENT = date(2027, 6, 10)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2027, 5, 31), None),
        (date(2027, 6, 1), 0),
        (date(2027, 6, 15), 0),
        (date(2027, 6, 16), 1),
        (date(2027, 6, 30), 1),
        (date(2027, 7, 1), 2),
        (date(2029, 1, 1), 2),
    ],
)
def test_the_account_is_asked_for_from_the_day_after_the_end(day: date, expected: int | None) -> None:
    assert follow.outcome_rung(END, day) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2027, 6, 10), None),
        (date(2027, 6, 24), None),
        (date(2027, 6, 25), 0),
        (date(2027, 7, 9), 0),
        (date(2027, 7, 10), 1),
    ],
)
def test_the_exchange_is_recalled_from_the_account(day: date, expected: int | None) -> None:
    assert follow.exchange_rung(SENT, day) == expected
