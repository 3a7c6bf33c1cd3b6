"""Working days and public holidays, against calendars of paper."""

from datetime import date, timedelta

import pytest

from normandata.deminimis.working_days import (
    add_working_days,
    easter,
    holidays,
    is_working,
    working_days_between,
)


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [
        (1961, 4, 2), (2000, 4, 23), (2008, 3, 23), (2011, 4, 24), (2024, 3, 31), (2025, 4, 20), (2026, 4, 5),
        (2027, 3, 28), (2028, 4, 16), (2029, 4, 1), (2030, 4, 21), (2035, 3, 25), (2038, 4, 25),
    ],
)  # fmt: skip
def test_easter(year: int, month: int, day: int) -> None:
    assert easter(year) == date(year, month, day)


def test_the_eleven_holidays_of_2026() -> None:
    assert sorted(f"{day:%d/%m}" for day in holidays(2026)) == sorted(
        ["01/01", "06/04", "01/05", "08/05", "14/05", "25/05", "14/07", "15/08", "01/11", "11/11", "25/12"]
    )


def test_when_two_holidays_meet_there_are_ten() -> None:
    # In 2008 Ascension fell on 1 May.
    assert len(holidays(2008)) == 10


def test_2026_has_252_working_days() -> None:
    # 365 days, 52 Saturdays and 52 Sundays, nine holidays from Monday to Friday: 15 August and 1 November are not.
    days = [date(2026, 1, 1) + timedelta(days=step) for step in range(365)]
    assert sum(is_working(day) for day in days) == 365 - 104 - 9 == 252


@pytest.mark.parametrize(
    ("granted", "due"),
    [
        ("2026-03-02", "2026-03-30"),  # a Monday, four whole weeks
        ("2026-03-06", "2026-04-03"),  # a Friday, to the Friday before Easter
        ("2026-03-09", "2026-04-07"),  # Easter Monday is not counted
        ("2026-03-07", "2026-04-03"),  # a Saturday: counted from the Monday
        ("2026-04-30", "2026-06-03"),  # 4 days, 4, 5, 4 and 3: 1, 8, 14 and 25 May are holidays
        ("2026-12-18", "2027-01-19"),  # Christmas, and the first of the next year
        ("2026-07-13", "2026-08-11"),  # 14 July; 15 August is a Saturday
    ],
)
def test_twenty_working_days(granted: str, due: str) -> None:
    assert add_working_days(date.fromisoformat(granted), 20) == date.fromisoformat(due)


def test_days_left_and_late() -> None:
    friday, monday = date(2026, 4, 3), date(2026, 4, 6)
    assert working_days_between(friday, monday) == 0
    assert working_days_between(friday, date(2026, 4, 8)) == 2
    assert working_days_between(date(2026, 4, 8), friday) == -2
    assert working_days_between(friday, friday) == 0


@pytest.mark.parametrize("start", [date(2026, 1, 1) + timedelta(days=step) for step in range(0, 365, 13)])
def test_adding_and_counting_agree_over_a_year(start: date) -> None:
    for count in (1, 5, 20):
        end = add_working_days(start, count)
        assert is_working(end)
        assert working_days_between(start, end) == count
