"""All that was written about the dossiers of an organisation: their threads and their mails in one, and their letters.

Mails to experts are left out: who was asked, and what was answered, is read on the dossier alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import CharField, Count, F, Func, Q, QuerySet, Value
from django.db.models.functions import Cast, LPad
from django.urls import reverse

from normandata.dossiers.models import Dossier, Letter, ThreadMessage
from normandata.dossiers.rows import person_label
from normandata.notifications.models import Mail
from normandata.regulation.formats import listing, plural

from .sheet import Held

A_PAGE = 20
AT_ONCE = 2000
LONGEST = 600
"""Characters of a message shown before its dossier is opened."""
TOGETHER = timedelta(seconds=5)
"""How far apart the mails of one gesture, and the message that tells it, are written."""
MESSAGES, MAILS = "messages", "courriels"
KINDS = {"": "Tout", MESSAGES: "Messages", MAILS: "Courriels"}
ABOUT = Dossier._meta.label_lower
BLIND = ("experts.",)
"""Kinds of mails that are not shown, by how they begin."""
TOLD = "message:"
"""How the key of a mail that tells a person's message begins; that of the message follows."""
_MESSAGE, _MAIL = "message", "mail"
DIGITS = 20
"""Of the key of a message written as a text, so that keys sort as numbers do."""
_SIDES = dict(ThreadMessage.Side.choices)
_KINDS = {
    ThreadMessage.Kind.MESSAGE: "",
    ThreadMessage.Kind.STATE: "Étape",
    ThreadMessage.Kind.REQUEST: "Demande de pièces",
    ThreadMessage.Kind.ANSWER: "Réponse à la demande",
}
_LETTER = (
    "dossier", "pk", "title", "sent_at", "read_at", "read_by__name", "read_by__email", "posted_on", "is_internal",
)  # fmt: skip
Ref = tuple[datetime, str, str]


@dataclass(slots=True)
class Exchange:
    """A message of a thread and the mails that told it, or mails alone that left together."""

    dossier: Held
    at: datetime
    who: str = ""
    what: str = ""
    subject: str = ""
    text: str = ""
    is_internal: bool = False
    is_folded: bool = False
    files: int = 0
    addresses: list[str] = field(default_factory=list)
    waiting: int = 0
    """How many of the mails have not left."""
    message: str = ""
    """The key of the message, empty for mails alone."""
    tells: str = ""
    """The key of the message that a mail was sent for, where a person wrote it."""

    @property
    def url(self) -> str:
        """Where the dossier shows it."""
        return reverse("dossiers:exchanges" if self.message else "dossiers:deliveries", args=[self.dossier.key])

    @property
    def excerpt(self) -> str:
        return self.text if len(self.text) <= LONGEST else f"{self.text[:LONGEST].rstrip()}…"

    @property
    def files_label(self) -> str:
        return plural(self.files, "fichier joint", "fichiers joints") if self.files else ""

    @property
    def mails_label(self) -> str:
        """Say to whom the mails went, the first three by address."""
        if not self.addresses:
            return ""
        shown, others = self.addresses[:3], len(self.addresses) - 3
        named = listing([*shown, plural(others, "autre")] if others > 0 else shown)
        left = f", {plural(self.waiting, 'pas encore parti', 'pas encore partis')}" if self.waiting else ""
        return f"{'Courriel' if len(self.addresses) == 1 else 'Courriels'} à {named}{left}"


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter of a dossier and when it was read; one between the Region and a provider is nobody else's to read."""

    dossier: Held
    pk: int
    title: str
    sent_at: datetime
    read_at: datetime | None
    reader: str
    posted_on: date | None
    is_internal: bool


def tabs(kind: str) -> list[tuple[str, str, bool]]:
    """List what the exchanges may be narrowed to: the word of its address, its label, and whether it is shown."""
    shown = kind if kind in KINDS else ""
    return [(slug, label, slug == shown) for slug, label in KINDS.items()]


def page(found: Sequence[Held], kind: str, number: str) -> tuple[Page[Ref], list[Exchange]]:
    """Return one page of what was written, the newest first, in four queries; no model instance.

    A page that does not exist is the nearest one.
    """
    cut = Paginator(_refs(found, kind), A_PAGE).get_page(number)
    return cut, _folded(_read(list(cut), found))


def every(found: Sequence[Held], at_once: int = AT_ONCE) -> Iterator[Exchange]:
    """Read all that was written, the newest first, a message or a mail at a time."""
    some: list[Ref] = []
    for ref in _refs(found, "").iterator(chunk_size=at_once):
        some.append(ref)
        if len(some) == at_once:
            yield from _read(some, found)
            some = []
    yield from _read(some, found)


def letters(found: Sequence[Held]) -> list[SentLetter]:
    """List the letters of the dossiers, the newest first, in one query."""
    known = {one.pk: one for one in found}
    rows = Letter.objects.filter(dossier__in=known).order_by("-sent_at", "-pk")
    return [
        SentLetter(
            dossier=known[row["dossier"]],
            pk=row["pk"],
            title=row["title"],
            sent_at=row["sent_at"],
            read_at=row["read_at"],
            reader=person_label(row["read_by__name"], row["read_by__email"]),
            posted_on=row["posted_on"],
            is_internal=row["is_internal"],
        )
        for row in rows.values(*_LETTER)
    ]


def _refs(found: Iterable[Held], kind: str) -> QuerySet[Any, Any]:
    """Point at messages and mails by instant, source and key, the newest first."""
    keys = [one.pk for one in found]
    blind = Q()
    for start in BLIND:
        blind |= Q(kind__startswith=start)
    messages = ThreadMessage.objects.filter(dossier__in=keys)
    mails = Mail.objects.filter(about_kind=ABOUT, about_key__in=[str(key) for key in keys]).exclude(blind)
    parts = {
        MESSAGES: _pointed(messages, _MESSAGE, F("at"), LPad(Cast("pk", CharField()), DIGITS, Value("0"))),
        MAILS: _pointed(mails, _MAIL, F("created_at"), Cast("pk", CharField())),
    }
    rows = parts[kind] if kind in parts else parts[MESSAGES].union(parts[MAILS], all=True)
    return rows.order_by("-when", "source", "-ref")


def _pointed(rows: QuerySet[Any], source: str, when: F, ref: Func) -> QuerySet[Any, Any]:
    named: QuerySet[Any, Any] = rows.annotate(when=when, source=Value(source, CharField()), ref=ref)
    return named.order_by().values_list("when", "source", "ref")


def _read(refs: Sequence[Ref], found: Iterable[Held]) -> list[Exchange]:
    """Read what references point at, in their order, in two queries."""
    known = {one.pk: one for one in found}
    keys = {source: [ref for _, own, ref in refs if own == source] for source in (_MESSAGE, _MAIL)}
    read = {(_MESSAGE, f"{row['pk']:0{DIGITS}d}"): _message(row, known) for row in _messages(keys[_MESSAGE])}
    read |= {(_MAIL, _plain(row["pk"])): _mail(row, known) for row in _mails(keys[_MAIL])}
    return [read[source, _plain(ref)] for _, source, ref in refs if (source, _plain(ref)) in read]


def _plain(ref: object) -> str:
    """Write a key as both databases do: one of them keeps the dashes of an identifier."""
    return str(ref).replace("-", "")


def _messages(keys: Sequence[str]) -> Iterable[Mapping[str, Any]]:
    rows = ThreadMessage.objects.filter(pk__in=keys).order_by().annotate(joined=Count("files"))
    return rows.values(
        "pk", "dossier", "side", "kind", "author__name", "author__email", "subject", "text", "is_internal", "at",
        "joined",
    )  # fmt: skip


def _mails(keys: Sequence[str]) -> Iterable[Mapping[str, Any]]:
    rows = Mail.objects.filter(pk__in=keys).order_by()
    return rows.values("pk", "about_key", "address", "subject", "created_at", "sent_at", "key")


def _message(row: Mapping[str, Any], known: Mapping[int, Held]) -> Exchange:
    side, author = _SIDES[row["side"]], person_label(row["author__name"], row["author__email"])
    return Exchange(
        known[row["dossier"]],
        row["at"],
        who=f"{author}, {side[0].lower()}{side[1:]}" if author else side,
        what=_KINDS[row["kind"]],
        subject=row["subject"],
        text=row["text"],
        is_internal=row["is_internal"],
        is_folded=row["side"] == ThreadMessage.Side.PORTAL,
        files=row["joined"],
        message=str(row["pk"]),
    )


def _mail(row: Mapping[str, Any], known: Mapping[int, Held]) -> Exchange:
    return Exchange(
        known[int(row["about_key"])],
        row["created_at"],
        who=_SIDES[ThreadMessage.Side.PORTAL],
        subject=row["subject"],
        addresses=[row["address"]],
        waiting=0 if row["sent_at"] else 1,
        tells=key.removeprefix(TOLD) if (key := row["key"] or "").startswith(TOLD) else "",
    )


def _folded(read: Sequence[Exchange]) -> list[Exchange]:
    """Bring together the mails of one gesture, and the message of the thread that they tell."""
    shown: list[Exchange] = []
    last: dict[tuple[int, str], Exchange] = {}
    told = {one.message: one for one in read if one.message}
    for one in read:
        if one.tells in told:
            told[one.tells].addresses += one.addresses
            told[one.tells].waiting += one.waiting
            continue
        same = (one.dossier.pk, one.subject[:200])
        other = last.get(same) if one.subject else None
        if other is None or other.at - one.at > TOGETHER or (other.message and one.message):
            shown.append(one)
            last[same] = one
            continue
        other.addresses += one.addresses
        other.waiting += one.waiting
        if one.message:
            other.what, other.text, other.is_folded, other.message = one.what, one.text, True, one.message
    return shown
