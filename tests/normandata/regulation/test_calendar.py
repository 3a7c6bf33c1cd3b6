from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normandata.regulation.calendar import add_months, add_years, fiscal_year

DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2026, 9, 1), 6, date(2027, 3, 1)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 1), -1, date(2025, 12, 1)),
        (date(2026, 5, 20), 0, date(2026, 5, 20)),
    ],
)
def test_months_are_counted_from_date_to_date(start: date, months: int, expected: date) -> None:
    assert add_months(start, months) == expected


def test_a_29_february_falls_back_to_the_28() -> None:
    assert add_years(date(2020, 2, 29), 5) == date(2025, 2, 28)
    assert add_years(date(2020, 2, 29), 4) == date(2024, 2, 29)
    assert add_years(date(2024, 2, 29), -3) == date(2021, 2, 28)


@given(DAYS, st.integers(-600, 600))
def test_months_keep_the_day_number_or_the_last_day(start: date, months: int) -> None:
    end = add_months(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


@given(DAYS, DAYS, st.integers(1, 120))
def test_months_keep_the_order_of_days(first: date, second: date, months: int) -> None:
    earlier, later = sorted((first, second))
    assert add_months(earlier, months) <= add_months(later, months)


@pytest.mark.parametrize(
    ("day", "end", "expected"),
    [
        (date(2026, 6, 15), (12, 31), (date(2026, 1, 1), date(2026, 12, 31))),
        (date(2026, 6, 15), (6, 30), (date(2025, 7, 1), date(2026, 6, 30))),
        (date(2026, 6, 30), (6, 30), (date(2025, 7, 1), date(2026, 6, 30))),
        (date(2026, 7, 1), (6, 30), (date(2026, 7, 1), date(2027, 6, 30))),
        (date(2028, 2, 29), (2, 29), (date(2027, 3, 1), date(2028, 2, 29))),
        (date(2027, 2, 28), (2, 29), (date(2026, 3, 1), date(2027, 2, 28))),
    ],
)
def test_a_fiscal_year_closes_on_its_own_day(day: date, end: tuple[int, int], expected: tuple[date, date]) -> None:
    assert fiscal_year(day, *end) == expected


@given(DAYS, st.integers(1, 12), st.integers(1, 31))
def test_a_fiscal_year_holds_its_day_and_lasts_a_year(day: date, month: int, last: int) -> None:
    start, end = fiscal_year(day, month, last)
    assert start <= day <= end
    assert 365 <= (end - start).days + 1 <= 366
