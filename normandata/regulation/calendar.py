"""Periods counted from date to date, as French administrations count them."""

import calendar
from datetime import date


def add_months(start: date, months: int) -> date:
    """Return the same day number `months` later, or the last day of that month where it does not exist.

    Rule: rules of computation, section 1 (2020-02-29 + 5 years = 2025-02-28).
    """
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def add_years(start: date, years: int) -> date:
    """Return the anniversary `years` later (28 February for a 29 that does not exist)."""
    return add_months(start, 12 * years)


def fiscal_year(day: date, month: int, last_day: int) -> tuple[date, date]:
    """Return the first and last day of the fiscal year holding `day`, for a year closed on `month`-`last_day`."""

    def closing(year: int) -> date:
        return date(year, month, min(last_day, calendar.monthrange(year, month)[1]))

    year = day.year if day <= closing(day.year) else day.year + 1
    return date.fromordinal(closing(year - 1).toordinal() + 1), closing(year)
