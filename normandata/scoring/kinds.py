"""What schemes say, by kind, of the things they have judged (who is concerned, which version) and of their panels.

A panel belongs to a thing too: a wave, an edition, which says until when sheets are submitted.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from normandata.accounts.models import User
from normandata.dossiers import delays

Concern = Callable[[User, Collection[str]], Mapping[str, str]]
"""Given a person and the keys of things: those that concern the person, each with why, in a French sentence."""
Versions = Callable[[Collection[str]], Mapping[str, str]]
"""Given the keys of things: the versions that are judged now, as a sheet keeps them; in one query."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day on which a sheet may be submitted (Europe/Paris, included), and the grace after it, in minutes."""

    on: date
    grace: int = 0

    def is_over(self, at: datetime) -> bool:
        return not delays.is_in_time(self.on, at, self.grace)


DeadlineOf = Callable[[str], Deadline | None]
"""Given the key of what a panel belongs to: until when its sheets may be submitted, None for ever."""

_concerns: dict[str, list[Concern]] = {}
_versions: dict[str, Versions] = {}
_deadlines: dict[str, DeadlineOf] = {}


def register(
    kind: str,
    *,
    concerned: Concern | None = None,
    versions: Versions | None = None,
    deadline_of: DeadlineOf | None = None,
) -> None:
    """Join code to a kind of thing (`app.model`, as in the journal), from an application's `ready()`.

    Several rooms may say who is concerned; one says the version, one the deadline. Registered once however often it is
    asked; raises ValueError for another source of versions or of deadlines.
    """
    known = _concerns.setdefault(kind, [])
    if concerned is not None and concerned not in known:
        known.append(concerned)
    if versions is not None and _versions.setdefault(kind, versions) is not versions:
        raise ValueError(f"the versions of {kind!r} are already given")
    if deadline_of is not None and _deadlines.setdefault(kind, deadline_of) is not deadline_of:
        raise ValueError(f"the deadlines of {kind!r} are already given")


def concerned(user: User, kind: str, keys: Collection[str]) -> dict[str, str]:
    """Say which things concern a person who must then not judge them, and why: the first reason found."""
    found: dict[str, str] = {}
    for concern in _concerns.get(kind, ()):
        found = {**concern(user, keys), **found}
    return found


def versions(kind: str, keys: Collection[str]) -> Mapping[str, str]:
    """Return the versions of things as they stand, by key; nothing for a kind that has none."""
    return _versions[kind](keys) if kind in _versions and keys else {}


def version_of(kind: str, key: str) -> str:
    """Return the version of a thing as it stands; an empty text for a kind that has none."""
    return versions(kind, [key]).get(key, "")


def deadline_of(kind: str, key: str) -> Deadline | None:
    """Return until when the sheets of the panel of a thing may be submitted; None where nothing says so."""
    return _deadlines[kind](key) if kind in _deadlines else None
