"""The public calendar: each room above hands up its dates from its `ready()`, the kernel knows none of them.

A date is a civil day of Paris or an instant. Its key never changes: whoever subscribed keeps one event, and `sequence`,
which grows with each change, takes the place of the earlier one (RFC 5545, 3.8.7.4).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from normandata.regulation.formats import MONTHS, NBSP, spaced
from normandata.regulation.formats import day as written_day
from normandata.ui import agenda

KEPT = timedelta(days=366)
"""How long a date stays in the calendar once it is past."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicDate:
    """A date that everybody may know. `ends` is the last day, included, or an instant; `url` a path of the portal."""

    key: str
    begins: datetime | date
    title: str
    url: str
    sequence: int
    changed_at: datetime
    ends: datetime | date | None = None
    note: str = ""
    place: str = ""
    is_cancelled: bool = False

    @property
    def first_day(self) -> date:
        return _day(self.begins)

    @property
    def last_day(self) -> date:
        return _day(self.ends or self.begins)

    @property
    def written(self) -> str:
        """Write the day, the hour in Paris, or the first and the last day."""
        if self.ends is not None and self.last_day > self.first_day:
            return f"du {written_day(self.first_day)} au {written_day(self.last_day)}"
        if not isinstance(self.begins, datetime):
            return written_day(self.begins)
        at = timezone.localtime(self.begins)
        return f"{written_day(at.date())} à {at:%-H}{NBSP}h{NBSP}{at:%M}"


Read = Callable[[date], Iterable[PublicDate]]


@dataclass(frozen=True, slots=True)
class Source:
    """Where dates come from: `slug` is its filter in the address, `read` gives those that end on a day or after it."""

    slug: str
    label: str
    rank: int
    read: Read
    is_aid: bool = True
    """Whether people wait for these dates to act: the home page shows those alone."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A date with the source that gave it."""

    source: Source
    date: PublicDate


@dataclass(frozen=True, slots=True)
class Month:
    """The dates of a month, in order."""

    label: str
    anchor: str
    entries: Sequence[Entry]


_registry: dict[str, Source] = {}


def register(source: Source) -> None:
    """Make the dates of a room known; raises ValueError for a slug already taken."""
    if _registry.setdefault(source.slug, source) != source:
        raise ValueError(f"the dates of {source.slug!r} are already registered")


def sources() -> tuple[Source, ...]:
    """Return the registered sources in the order they are shown."""
    return tuple(sorted(_registry.values(), key=lambda one: one.rank))


def find(slug: str) -> Source | None:
    return _registry.get(slug)


def entries(today: date, source: Source | None = None) -> list[Entry]:
    """Read the dates of one source or of all, the earliest first; those past for over a year are left out."""
    since = today - KEPT
    found = [
        Entry(one, dated)
        for one in ((source,) if source else sources())
        for dated in one.read(since)
        if dated.last_day >= since
    ]
    return sorted(found, key=_order)


def coming(today: date, most: int) -> list[Entry]:
    """List the next dates that people wait for, those cancelled left out."""
    read = (one for source in sources() if source.is_aid for one in entries(today, source))
    near = sorted((one for one in read if one.date.last_day >= today and not one.date.is_cancelled), key=_order)
    return near[:most]


def months(listed: Iterable[Entry]) -> list[Month]:
    """Put dates in the month in which they begin."""
    return [
        Month(f"{MONTHS[month - 1].capitalize()}{NBSP}{year}", f"mois-{year}-{month:02}", tuple(group))
        for (year, month), group in groupby(listed, key=lambda one: (one.date.first_day.year, one.date.first_day.month))
    ]


def feed(today: date, source: Source | None, *, page: str) -> str:
    """Write the calendar to subscribe to; `page` is the address of the file itself."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    written = (_event(one, host) for one in entries(today, source))
    name = f"NormanDATA : {source.label}" if source else "NormanDATA"
    return agenda.feed(written, name=spaced(name), source=page)


def _event(entry: Entry, host: str) -> agenda.Entry:
    dated = entry.date
    return agenda.Entry(
        uid=f"{dated.key}@{host}",
        sequence=dated.sequence,
        made_at=dated.changed_at,
        modified_at=dated.changed_at,
        begins=dated.begins,
        ends=dated.ends,
        summary=f"{entry.source.label}{NBSP}: {dated.title}",
        description=dated.note,
        category=entry.source.label,
        place=dated.place,
        link=f"{settings.SITE_URL}{dated.url}",
        is_cancelled=dated.is_cancelled,
    )


def _order(entry: Entry) -> tuple[date, str, int, str]:
    return (entry.date.first_day, _hour(entry.date), entry.source.rank, entry.date.key)


def _day(moment: datetime | date) -> date:
    return timezone.localtime(moment).date() if isinstance(moment, datetime) else moment


def _hour(dated: PublicDate) -> str:
    return f"{timezone.localtime(dated.begins):%H:%M}" if isinstance(dated.begins, datetime) else ""
