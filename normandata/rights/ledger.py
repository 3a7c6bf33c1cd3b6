"""The register of erasures and eliminations, kept apart from the database: one line each, without a name.

A restore brings back people who had been erased, and dossiers that had been eliminated: `manage.py erasures replay`
reads this file and does it again, people under the same code. A line is written, and on the disk, before what it says
is committed: a line too many only asks to do again what was asked.
"""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

SALT = "rights.erasure"


class Line(NamedTuple):
    """An erasure: the account's number, the print of its address, the code that stands for it, and when."""

    person: int
    print: str
    code: str
    at: str


class Eliminated(NamedTuple):
    """A dossier that was eliminated: its identifier, the lot, and when."""

    dossier: UUID
    lot: str
    at: str


def path() -> Path:
    return Path(settings.ERASURES_FILE)


def print_of(email: str, secret: str | None = None) -> str:
    """Return a print of an address that nobody can undo without the portal's key."""
    return salted_hmac(SALT, email.strip().lower(), secret=secret, algorithm="sha256").hexdigest()


def is_print_of(kept: str, email: str) -> bool:
    """Tell whether a print is that of an address, under the key of the day or an older one."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(kept, print_of(email, key)) for key in keys)


def write(person: int, print_: str, code: str, at: datetime) -> None:
    """Add a line, once for each account; raises OSError, and the erasure is then undone."""
    if any(line.person == person and line.print == print_ for line in lines()):
        return
    _add({"person": person, "print": print_, "code": code, "at": at.isoformat()})


def write_elimination(dossier: UUID, lot: str, at: datetime) -> None:
    """Add a line for a dossier, once; raises OSError, and the elimination is then undone."""
    if all(line.dossier != dossier for line in eliminations()):
        _add({"dossier": str(dossier), "lot": lot, "at": at.isoformat()})


def _add(line: Mapping[str, object]) -> None:
    path().parent.mkdir(parents=True, exist_ok=True)
    with path().open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())


def lines(source: Path | None = None) -> Iterator[Line]:
    """Read the erasures, the oldest first; raises ValueError naming a line that is not one."""
    return (one for one in _read(source) if isinstance(one, Line))


def eliminations(source: Path | None = None) -> Iterator[Eliminated]:
    """Read the eliminations, the oldest first; raises ValueError naming a line that is not one."""
    return (one for one in _read(source) if isinstance(one, Eliminated))


def _read(source: Path | None) -> Iterator[Line | Eliminated]:
    source = source or path()
    if not source.exists():
        return
    for number, text in enumerate(source.read_text(encoding="utf-8").splitlines(), 1):
        if not text.strip():
            continue
        try:
            found = json.loads(text)
            if "dossier" in found:
                yield Eliminated(UUID(found["dossier"]), str(found["lot"]), str(found["at"]))
            else:
                yield Line(int(found["person"]), str(found["print"]), str(found["code"]), str(found["at"]))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{source.name}, ligne {number}\u00a0: illisible") from error
