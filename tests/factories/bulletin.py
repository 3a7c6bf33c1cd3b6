"""News of the tests, written by the gestures that people make."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from normandata.accounts.models import Role, User
from normandata.bulletin import services
from normandata.bulletin.models import News
from tests.factories.accounts import make_user_with

VALUES: dict[str, Any] = {
    "title": "Ouverture des dépôts",
    "summary": "Les dépôts de la vague sont ouverts.",
    "text": "Depuis [les aides](/aides/).",
    "subject": "",
    "publish_at": None,
    "expires_at": None,
}


def make_writer() -> User:
    return make_user_with(Role.ADMINISTRATOR)


def make_news(*, by: User | None = None, at: datetime | None = None, **fields: Any) -> News:
    """Make a draft; published where `at` is given, as of that instant."""
    by = by or make_writer()
    news = services.write(VALUES | fields, by=by)
    if at is not None:
        services.fire(news, "publish", by=by)
        News.objects.filter(pk=news.pk).update(publish_at=at)
        news.refresh_from_db()
    return news


class Unreadable(ValueError):
    """A line that RFC 5545 does not allow."""


def unfolded(text: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """Read the content lines of an iCalendar file: name, parameters, value; raises Unreadable."""
    raw = text.split("\r\n")
    if raw.pop() != "" or "\n" in "".join(raw):
        raise Unreadable("every line ends in CRLF")
    lines: list[str] = []
    for line in raw:
        if len(line.encode()) > 75:
            raise Unreadable(f"over 75 octets: {line}")
        if line.startswith(" "):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    for line in lines:
        head, sep, value = line.partition(":")
        name, *parameters = head.split(";")
        if not sep or not name.replace("-", "").isalnum() or name != name.upper():
            raise Unreadable(line)
        yield name, dict(one.split("=", 1) for one in parameters), value


def events(text: str) -> list[dict[str, str]]:
    """Read the events of a calendar; raises Unreadable for one that is not whole, or named twice."""
    found: list[dict[str, str]] = []
    depth: list[str] = []
    for name, parameters, value in unfolded(text):
        if name == "BEGIN":
            depth.append(value)
            if value == "VEVENT":
                found.append({})
        elif name == "END":
            if depth.pop() != value:
                raise Unreadable(f"END:{value}")
        elif depth == ["VCALENDAR", "VEVENT"]:
            if name in found[-1]:
                raise Unreadable(f"{name} twice")
            found[-1][name] = f"{parameters['VALUE']}:{value}" if "VALUE" in parameters else value
    if depth or any({"UID", "DTSTAMP", "DTSTART"} - set(one) for one in found):
        raise Unreadable("an event is not whole")
    if len({one["UID"] for one in found}) < len(found):
        raise Unreadable("two events have the same UID")
    return found
