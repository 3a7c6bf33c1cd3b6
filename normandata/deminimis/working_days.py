"""Working days of France: every day but Saturdays, Sundays and public holidays. Pure.

Règlement (CEE, Euratom) n° 1182/71, article 2(2), is what « jours ouvrables » means in a regulation of the Union;
the holidays are those of the Code du travail, article L3133-1 (Alsace-Moselle's two more are not counted).
"""

from datetime import date, timedelta
from functools import cache

FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
EASTER_MONDAY, ASCENSION, WHIT_MONDAY = 1, 39, 50
"""Days after Easter Sunday."""
ONE_DAY = timedelta(days=1)
SATURDAY = 5


def easter(year: int) -> date:
    """Return Easter Sunday of a Gregorian year (the algorithm of Meeus, Jones and Butcher)."""
    golden, (century, rest) = year % 19, divmod(year, 100)
    leaps, short = divmod(century, 4)
    moon = (19 * golden + century - leaps - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * short + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return date(year, month, day + 1)


@cache
def holidays(year: int) -> frozenset[date]:
    """Return the eleven public holidays of a year."""
    sunday = easter(year)
    movable = {sunday + timedelta(days=days) for days in (EASTER_MONDAY, ASCENSION, WHIT_MONDAY)}
    return frozenset(movable | {date(year, month, day) for month, day in FIXED})


def is_working(day: date) -> bool:
    return day.weekday() < SATURDAY and day not in holidays(day.year)


def add_working_days(start: date, count: int) -> date:
    """Return the last day of a period of `count` working days; the first day is not counted (article 3(1))."""
    day = start
    for _ in range(count):
        day += ONE_DAY
        while not is_working(day):
            day += ONE_DAY
    return day


def working_days_between(start: date, end: date) -> int:
    """Count the working days after `start`, up to and with `end`; negative when `end` is past."""
    if end < start:
        return -working_days_between(end, start)
    return sum(is_working(start + ONE_DAY * step) for step in range(1, (end - start).days + 1))
