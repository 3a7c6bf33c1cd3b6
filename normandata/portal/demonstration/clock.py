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
"""Between two gestures of the same day."""


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


def ago(days: int, rank: int = 0) -> datetime:
    """Return an instant of a working day, `days` days ago or the Friday before; `rank` orders the day's gestures.

    It is never to come: an instant of today that has not struck yet is a moment ago.
    """
    now = datetime.now(UTC)
    day = today() - timedelta(days=days)
    day -= timedelta(days=max(0, day.weekday() - 4))
    asked = datetime.combine(day, OPENS, tzinfo=PARIS) + EVERY * rank
    return min(asked.astimezone(UTC), now - timedelta(minutes=30 - rank))
