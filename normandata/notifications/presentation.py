"""What the pages of the mail texts show: the kinds room by room, the versions and what changed in each."""

import difflib
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from normandata.regulation.formats import NBSP

from . import conf, kinds, services
from .models import MailText
from .services import Rendered, Words


@dataclass(frozen=True, slots=True)
class Entry:
    """A kind in the list, with the words in force."""

    kind: kinds.Kind
    last: MailText | None
    words: Words

    @property
    def is_original(self) -> bool:
        """Whether the words in force say what the original says."""
        return (self.words.subject, self.words.text) == (self.kind.default_subject, self.kind.default_text)

    @property
    def is_set_aside(self) -> bool:
        """Whether the last version has tags the kind has lost, so that the original applies."""
        return self.last is not None and self.words.version == 0


@dataclass(frozen=True, slots=True)
class Room:
    label: str
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a comparison: `sign` is `+`, `−` or nothing."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class Version:
    """A version in the history, and what it changed in the one before."""

    row: MailText
    changes: list[Change]
    is_last: bool


def catalogue() -> list[Room]:
    """List the kinds by room, with the words in force; one query."""
    last = {row.kind: row for row in MailText.objects.in_force().select_related("edited_by")}
    every = kinds.every()
    entries = [
        Entry(kind, row, services.words(kind, row) if row else _original(kind))
        for kind in every
        for row in [last.get(kind.slug)]
    ]
    return [
        Room(group[0].kind.room_label, group)
        for group in (list(found) for _, found in groupby(entries, key=attrgetter("kind.room")))
    ]


def entry(kind: kinds.Kind, versions: list[MailText]) -> Entry:
    """Return a kind with its words in force; `versions` are its last ones, the newest first."""
    last = versions[0] if versions else None
    return Entry(kind, last, services.words(kind, last) if last else _original(kind))


def versions(kind: kinds.Kind) -> list[MailText]:
    """Return the last versions of a kind, and one more to compare the oldest with; one query."""
    return list(MailText.objects.of(kind.slug).select_related("edited_by")[: conf.VERSIONS_SHOWN + 1])


def history(kind: kinds.Kind, rows: list[MailText]) -> list[Version]:
    """Say what each version changed in the one before; the first one is compared with the original."""
    befores = [(row.subject, row.text) for row in rows[1:]]
    if rows and rows[-1].number == 1:
        befores.append((kind.default_subject, kind.default_text))
    return [
        Version(row, changes(before, (row.subject, row.text)), row is rows[0])
        for row, before in zip(rows[: conf.VERSIONS_SHOWN], befores, strict=False)
    ]


def changes(before: tuple[str, str], after: tuple[str, str]) -> list[Change]:
    """Compare two texts line by line, with one line around what changed; their subject comes first."""
    old, new = ([f"Objet{NBSP}: {subject}", "", *text.split("\n")] for subject, text in (before, after))
    signs = {"+": "+", "-": "−", " ": ""}
    return [
        Change(signs[line[0]], line[1:])
        for line in list(difflib.unified_diff(old, new, lineterm="", n=1))[2:]
        if line[0] in signs and line != " "
    ]


def chosen(kind: kinds.Kind, shown: Entry, rows: list[MailText], asked: str) -> Words:
    """Return the words the form starts from: those in force, the original (« 0 »), or a version of the history."""
    if asked == "0":
        return _original(kind)
    picked = next((row for row in rows if str(row.number) == asked), None)
    return Words(picked.subject, picked.text, picked.number) if picked else shown.words


def preview(kind: kinds.Kind, subject: str, text: str) -> Rendered:
    """Write a mail with the examples of its tags."""
    return services.fill(Words(subject, text, 0), kind.examples)


def _original(kind: kinds.Kind) -> Words:
    return Words(kind.default_subject, kind.default_text, 0)
