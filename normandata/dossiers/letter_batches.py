"""Letters to send: what each scheme would write today, read before it leaves and sent by batches.

A scheme hands up one frozen `Mailroom`. The letter that is read, the one whose mark travels with the confirmation and
the one that leaves are made by the same call, from the same record.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from normandata.documents import kinds
from normandata.documents.models import Document

from .models import Dossier


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter as it would leave now: the transition that sends it, its kind of document, all that it is made from.

    `label` says in a few words what it decides; `body` is the template of its text, which its PDF includes too.
    """

    dossier: Dossier
    transition: str
    kind: str
    label: str
    title: str
    filename: str
    body: str
    record: Mapping[str, Any]
    is_contestable: bool = True

    @property
    def nature(self) -> str:
        """What sort of letter it is: its title without its dossier."""
        return self.title.partition(",")[0]

    @property
    def mark(self) -> str:
        """The mark of what the letter says, its day apart: another text has another mark."""
        said = {name: value for name, value in self.record.items() if name != "day"}
        content = json.dumps([self.kind, self.title, said], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()

    @property
    def document(self) -> Document:
        """The document as it would be asked for, unsaved."""
        return Document(
            kind=self.kind,
            title=self.title,
            filename=self.filename,
            record=dict(self.record),
            requested_at=timezone.now(),
        )

    @property
    def shown(self) -> dict[str, Any]:
        """What its templates are given."""
        return kinds.get(self.kind).context(self.document)


Drafts = Callable[[Sequence[Dossier], datetime], Mapping[int, Draft]]


@dataclass(frozen=True, slots=True)
class Mailroom:
    """What a scheme tells of its letters.

    `drafts` are by key of dossier, in a number of queries that does not grow; a dossier whose letter has left, or that
    has none to send, is not in it. It raises NotNow without a signatory. `home` is the route of its list.
    """

    scheme: str
    home: str
    drafts: Drafts


_registry: dict[str, Mailroom] = {}


def register(mailroom: Mailroom) -> None:
    """Make a scheme's letters known; raises ValueError when the scheme has another mailroom."""
    if _registry.setdefault(mailroom.scheme, mailroom) is not mailroom:
        raise ValueError(f"the scheme {mailroom.scheme!r} has a mailroom already")


def mailroom_of(scheme: str) -> Mailroom:
    """Return the mailroom of a scheme; raises LookupError when its letters do not leave by batches."""
    if scheme not in _registry:
        raise LookupError(f"no letter of {scheme!r} leaves by batches")
    return _registry[scheme]


def schemes() -> tuple[str, ...]:
    """Return the slugs of the schemes whose letters leave by batches."""
    return tuple(sorted(_registry))


def drafts(dossiers: Sequence[Dossier], at: datetime) -> dict[int, Draft]:
    """Return the letters that would leave now, by key of dossier; raises NotNow without a signatory."""
    found: dict[int, Draft] = {}
    for scheme in sorted({one.scheme for one in dossiers} & set(_registry)):
        found |= _registry[scheme].drafts([one for one in dossiers if one.scheme == scheme], at)
    return found
