"""The calendar file (iCalendar, RFC 5545): events at an instant in UTC or on a civil day, that a move updates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.http import HttpResponse

LINE = 75
"""Octets of a line; what is longer goes on after a line break and a space."""
TYPE = "text/calendar; charset=utf-8"
PRODUCT = "PRODID:-//Region Normandie//NormanDATA//FR"
REFRESH = "PT6H"
"""How often whoever subscribed asks again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event; the same `uid` with a higher `sequence` takes the place of the earlier one.

    It begins at an instant, or takes a whole civil day; without an end, it lasts no time, or that day. `ends` is an
    instant, or the last civil day, included. `modified_at` is when what it says last changed.
    """

    uid: str
    sequence: int
    made_at: datetime
    begins: datetime | date
    summary: str
    ends: datetime | date | None = None
    place: str = ""
    link: str = ""
    description: str = ""
    category: str = ""
    modified_at: datetime | None = None
    is_cancelled: bool = False

    def lines(self) -> list[str]:
        where = self.place or self.link
        return [
            "BEGIN:VEVENT",
            f"UID:{self.uid}",
            f"SEQUENCE:{self.sequence}",
            f"DTSTAMP:{_instant(self.made_at)}",
            f"DTSTART{_when(self.begins)}",
            *([f"DTEND{_end(self.ends)}"] if self.ends else []),
            *([f"LAST-MODIFIED:{_instant(self.modified_at)}"] if self.modified_at else []),
            f"SUMMARY:{_text(self.summary)}",
            *([f"DESCRIPTION:{_text(self.description)}"] if self.description else []),
            *([f"CATEGORIES:{_text(self.category)}"] if self.category else []),
            *([f"LOCATION:{_text(where)}"] if where else []),
            *([f"URL:{self.link}"] if self.link else []),
            f"STATUS:{'CANCELLED' if self.is_cancelled else 'CONFIRMED'}",
            "END:VEVENT",
        ]


def event(
    *,
    uid: str,
    sequence: int,
    made_at: datetime,
    begins_at: datetime,
    ends_at: datetime,
    summary: str,
    place: str = "",
    link: str = "",
    is_cancelled: bool = False,
) -> str:
    """Write a calendar of one event between two instants."""
    only = Entry(
        uid=uid,
        sequence=sequence,
        made_at=made_at,
        begins=begins_at,
        ends=ends_at,
        summary=summary,
        place=place,
        link=link,
        is_cancelled=is_cancelled,
    )
    return calendar([only], is_cancelled=is_cancelled)


def calendar(entries: Iterable[Entry], *, is_cancelled: bool = False) -> str:
    """Write a calendar of several events; one that is cancelled takes them out of whoever kept them."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        PRODUCT,
        f"METHOD:{'CANCEL' if is_cancelled else 'PUBLISH'}",
        *(line for entry in entries for line in entry.lines()),
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def feed(entries: Iterable[Entry], *, name: str, source: str) -> str:
    """Write a calendar to subscribe to: its name, its address, and how often to ask for it again.

    It has no METHOD, so that DTSTAMP is when an event last changed (RFC 5545, 3.8.7.2) and the file stays the same
    until one does. Instants are in UTC; `X-WR-TIMEZONE` tells in which zone to show them.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        PRODUCT,
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        "X-WR-TIMEZONE:Europe/Paris",
        f"SOURCE;VALUE=URI:{source}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
        *(line for entry in entries for line in entry.lines()),
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def answer(text: str, name: str) -> HttpResponse:
    """Send a calendar as a file of this name, without its ending."""
    return HttpResponse(text, content_type=TYPE, headers={"Content-Disposition": f'attachment; filename="{name}.ics"'})


def _when(moment: datetime | date) -> str:
    if isinstance(moment, datetime):
        return f":{_instant(moment)}"
    return f";VALUE=DATE:{moment:%Y%m%d}"


def _end(last: datetime | date) -> str:
    """Write an end; the last civil day is included, and the format wants the one after."""
    return _when(last) if isinstance(last, datetime) else _when(last + timedelta(days=1))


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    """Escape a text (RFC 5545, 3.3.11); a line break of any kind becomes `\\n`, so that no line is added."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(escaped.splitlines())


def _folded(line: str) -> str:
    """Cut a line at 75 octets, never inside a character."""
    parts: list[str] = []
    current = ""
    for character in line:
        if len((current + character).encode()) > (LINE if not parts else LINE - 1):
            parts.append(current)
            current = ""
        current += character
    return "\r\n ".join([*parts, current])
