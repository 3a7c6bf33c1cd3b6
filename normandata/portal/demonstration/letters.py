"""The mails that the demonstration sent, read as their addressees would: rows first, then the mail folder.

A mail that holds a code or a link leaves no text in the database once it is sent. It is read again in the folder of
Django's file backend, found by the Message-ID of its row: a file that no row knows is never shown.
"""

import email
import email.policy
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

from normandata.notifications.models import Mail
from normandata.outbox import mail
from normandata.outbox.models import Message, State

A_PAGE = 20
MOST_PAGES = 50
MOST_FILES = 1000
"""Files of the folder looked at, the newest first."""
LARGEST = 256 * 1024
"""Bytes of a file that is read."""
BETWEEN = b"\n" + b"-" * 79 + b"\n"
"""What Django's file backend writes between two mails."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail; `text` is empty when it is not to be found any more."""

    written_at: datetime
    is_sent: bool
    address: str = ""
    subject: str = ""
    text: str = ""
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of mails, the newest first."""

    letters: list[Letter]
    number: int
    has_next: bool

    @property
    def previous(self) -> int:
        return self.number - 1

    @property
    def next(self) -> int:
        return self.number + 1


def read(number: int) -> Page:
    """Return a page of mails; a number out of bounds is brought back."""
    number = min(max(number, 1), MOST_PAGES)
    end = number * A_PAGE
    rows = sorted([*_mails(end + 1), *_messages(end + 1)], key=lambda one: one.written_at, reverse=True)
    shown = rows[end - A_PAGE : end]
    return Page(_with_files(shown), number, has_next=len(rows) > end and number < MOST_PAGES)


def _mails(most: int) -> Iterator[Letter]:
    for row in Mail.objects.order_by("-created_at", "pk")[:most]:
        yield Letter(row.created_at, row.sent_at is not None, row.address, row.subject, row.text)


def _messages(most: int) -> Iterator[Letter]:
    """Mails that have no row of their own: their text is in the outbox, or nowhere once a secret one has left."""
    rows = Message.objects.filter(handler__in=(mail.SEND, mail.SEND_SECRET)).order_by("-created_at", "pk")
    for row in rows[:most]:
        kept = row.payload
        letter = Letter(row.created_at, row.state == State.DONE, message_id=row.message_id)
        yield replace(letter, address=kept["to"], subject=kept["subject"], text=kept["text"]) if kept else letter


def _with_files(letters: list[Letter]) -> list[Letter]:
    """Fill in what only the mail folder holds."""
    wanted = {one.message_id for one in letters if one.message_id and not one.text}
    found = _find(wanted) if wanted else {}
    return [_filled(one, found[one.message_id]) if one.message_id in found else one for one in letters]


def _filled(letter: Letter, found: EmailMessage) -> Letter:
    body = found.get_body(("plain",))
    text = body.get_content() if body else ""
    return replace(letter, address=str(found["To"] or ""), subject=str(found["Subject"] or ""), text=text.strip())


def _find(wanted: set[str]) -> dict[str, EmailMessage]:
    found: dict[str, EmailMessage] = {}
    for path in _files():
        if len(found) == len(wanted):
            break
        for one in _parsed(path):
            if (message_id := str(one["Message-ID"] or "").strip()) in wanted:
                found[message_id] = one
    return found


def _files() -> list[Path]:
    """List the regular files of the mail folder, the newest first; none with another mail backend."""
    if not settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        return []
    try:
        with os.scandir(settings.EMAIL_FILE_PATH) as entries:
            files = [
                (entry.stat(follow_symlinks=False).st_mtime_ns, entry.path)
                for entry in entries
                if entry.name.endswith(".log") and entry.is_file(follow_symlinks=False)
            ]
    except OSError:
        return []
    return [Path(path) for _, path in sorted(files, reverse=True)[:MOST_FILES]]


def _parsed(path: Path) -> Iterable[EmailMessage]:
    """Read the mails of a file; one that cannot be read is passed over."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
                return
            content = file.read(LARGEST)
    except OSError:
        return
    for part in content.split(BETWEEN):
        try:
            one = email.message_from_bytes(part, policy=email.policy.default)
            body = one.get_body(("plain",))
            if one["Message-ID"] and body is not None and isinstance(body.get_content(), str):
                yield one
        except Exception:  # noqa: S112 – whatever is in the folder, the page is shown
            continue
