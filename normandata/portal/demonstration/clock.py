"""Another day, for the length of a block: what the portal writes in it bears that day's date.

Only `django.utils.timezone` is told: everything the portal dates asks it. For a command of one thread, never for a
process that serves pages.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from django.utils import timezone

from normandata.dossiers.delays import PARIS

OPENS = time(9, 10)
EVERY = timedelta(minutes=35)
"""Between two gestures of the same day; less when they would go beyond `OPEN_FOR`."""
OPEN_FOR = timedelta(hours=9)


class _Kind(type):
    def __instancecheck__(cls, one: object) -> bool:
        return isinstance(one, datetime)


@contextmanager
def travel(instant: datetime) -> Iterator[None]:
    """Make `timezone.now()` and `timezone.localdate()` answer this instant."""

    class Stopped(metaclass=_Kind):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return instant.astimezone(tz)

    module: Any = timezone
    before = module.datetime
    module.datetime = Stopped
    try:
        yield
    finally:
        module.datetime = before


def today() -> date:
    """Return the real civil day (Europe/Paris), whatever the block."""
    return datetime.now(UTC).astimezone(PARIS).date()


def working_day(days: int, since: date | None = None) -> date:
    """Return the day `days` days ago, or before another day; the Friday before when it is of a weekend."""
    day = (since or today()) - timedelta(days=days)
    return day - timedelta(days=max(0, day.weekday() - 4))


def ago(days: int, rank: int = 0, among: int = 1) -> datetime:
    """Return an instant of a working day; `rank` orders the gestures of that day, `among` counts them.

    It is never to come: an instant of today that has not struck yet is a moment ago.
    """
    asked = datetime.combine(working_day(days), OPENS, tzinfo=PARIS) + min(EVERY, OPEN_FOR / among) * rank
    return min(asked.astimezone(UTC), datetime.now(UTC) - timedelta(minutes=max(30, among) - rank))
