"""The calendar file of a meeting (iCalendar, RFC 5545): one event, at an instant in UTC, that a move updates. Pure."""

from datetime import UTC, datetime

LINE = 75
"""Octets of a line; what is longer goes on after a line break and a space."""


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
    """Write a calendar of one event; the same `uid` with a higher `sequence` takes the place of the earlier one."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Region Normandie//NormanDATA//FR",
        f"METHOD:{'CANCEL' if is_cancelled else 'PUBLISH'}",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"SEQUENCE:{sequence}",
        f"DTSTAMP:{_instant(made_at)}",
        f"DTSTART:{_instant(begins_at)}",
        f"DTEND:{_instant(ends_at)}",
        f"SUMMARY:{_text(summary)}",
        *([f"LOCATION:{_text(place or link)}"] if place or link else []),
        *([f"URL:{link}"] if link else []),
        f"STATUS:{'CANCELLED' if is_cancelled else 'CONFIRMED'}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


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
