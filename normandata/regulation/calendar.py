"""Periods counted from date to date, as French administrations count them, and hours of the clock in Paris."""

import calendar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


class NoSuchHour(ValueError):
    """The clock goes from 2 to 3 that night: this hour does not exist."""


class SameHourTwice(ValueError):
    """The clock goes back from 3 to 2 that night: this hour comes twice."""


def paris(day: date, hour: time) -> datetime:
    """Return the instant when the clock of Paris shows this hour; raises NoSuchHour, SameHourTwice."""
    at = datetime.combine(day, hour, tzinfo=PARIS)
    if at.utcoffset() == at.replace(fold=1).utcoffset():
        return at
    shown = at.astimezone(UTC).astimezone(PARIS)
    if shown.replace(tzinfo=None) != at.replace(tzinfo=None):
        raise NoSuchHour(f"{day} {hour}")
    raise SameHourTwice(f"{day} {hour}")


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
