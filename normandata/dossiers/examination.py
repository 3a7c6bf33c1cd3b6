"""What the agents' pages of a dossier show: its head, its findings, its pieces, its buttons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents.rows import Row
from normandata.regulation.formats import plural
from normandata.workflow.table import Transition

from . import delays, facts, permissions, queue, schemes, states, whole_organisation
from .applications import Panel
from .models import Attachment, Correction, Deposit, Dossier
from .services import corrections as requests
from .services import thread
from .states import Turn

LATEST = 3
"""Messages shown beside the request."""
A_PAGE = 20
LONGEST_QUERY = 1000
UNSENT = (Correction.State.EXPIRED, Correction.State.CANCELLED)
"""Requests closed before what came for them was sent."""
JUDGED = {Attachment.Status.ACCEPTED: "accepted", Attachment.Status.TO_REPLACE: "replace"}
OWN_PAGES = {"ask_correction": "dossiers:ask", "cancel_correction": "dossiers:cancel_correction"}
"""Transitions that need more than a word: their own page."""
APPLICANTS = frozenset({"edit", "apply", "provide"})
"""Permissions of gestures that are the organisation's or the provider's, made from their own pages."""
TABS = (
    ("dossiers:examine", "Demande et décision"),
    ("dossiers:exchanges", "Échanges"),
    ("dossiers:organisation", "Toute la structure"),
    ("dossiers:letters", "Lettres"),
    ("dossiers:deliveries", "Courriels et documents"),
    ("dossiers:journal", "Journal"),
)


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    is_current: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A gesture offered now: where it is made, and how it looks."""

    label: str
    url: str
    style: str


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file of the deposit, its row, and how it was judged."""

    attachment: Attachment
    row: Row


@dataclass(frozen=True, slots=True)
class ShownPiece:
    label: str
    files: list[ShownFile]


@dataclass(frozen=True, slots=True)
class Received:
    """What came at a request that closed before it was sent: files by piece, and sections taken up again."""

    pieces: list[ShownPiece]
    sections: list[tuple[str, datetime]]


@dataclass(frozen=True, slots=True)
class ShownItem:
    """One thing asked for, and when it arrived."""

    label: str
    reason: str
    arrived_at: datetime | None


def head(request: HttpRequest, dossier: Dossier, user: User, current: str) -> dict[str, Any]:
    """Return what every page of a dossier shows above its content."""
    messages, elsewhere, is_held = _standing(dossier, user)
    counts = {"dossiers:exchanges": messages, "dossiers:organisation": elsewhere}
    query, kept = request.GET.get("file", "")[:LONGEST_QUERY], suffix(request)
    return {
        "dossier": dossier,
        "scheme": schemes.by_slug()[dossier.scheme],
        "waiting": waiting(dossier, user, timezone.now()),
        "can_examine": permissions.can_examine(user, dossier),
        "can_judge": dossier.state in states.UNDECIDED and permissions.can_examine(user, dossier),
        "can_take_over": can_take_over(user, dossier, is_held=is_held),
        "tabs": [
            Tab(label, reverse(name, args=[dossier.key]) + kept, name == current, counts.get(name))
            for name, label in TABS
        ],
        "kept": kept,
        "whole_organisation": whole_organisation.address(dossier.organisation.siren),
        "queue": f"{reverse('dossiers:queue')}?{query}" if query else reverse("dossiers:queue"),
        "neighbours": queue.neighbours(user, query, dossier) if current == "dossiers:examine" else None,
    }


def _standing(dossier: Dossier, user: User) -> tuple[int, int, bool]:
    """Count the messages of a dossier and the others of its organisation, and tell whether its owner is here.

    One query.
    """
    messages, elsewhere, is_held = Dossier.objects.filter(pk=dossier.pk).values_list(
        _within(dossier.messages.all(), "dossier"),
        _within(others(dossier, user), "organisation"),
        ExpressionWrapper(thread.owner_is_here(dossier), BooleanField()),
    )[0]
    return messages, elsewhere, is_held


def _within(rows: QuerySet[Any], same: str) -> Coalesce:
    """Count rows within another query; `same` names a column on which they are all alike."""
    return Coalesce(Subquery(rows.order_by().values(same).annotate(count=Count("pk")).values("count")), 0)


def suffix(request: HttpRequest) -> str:
    """Return the queue that a dossier was opened from, to be kept in the addresses of its pages."""
    query = request.GET.get("file", "")[:LONGEST_QUERY]
    return f"?{urlencode({'file': query})}" if query else ""


def waiting(dossier: Dossier, user: User, at: datetime) -> str:
    """Say whose turn it is, and for how long."""
    if dossier.turn == Turn.NOBODY:
        return ""
    if dossier.turn == Turn.AGENT:
        whom = "À vous" if dossier.owner_id == user.pk else "Au tour de l’agent"
    else:
        whom = {Turn.APPLICANT: "Au tour de la structure", Turn.COMMITTEE: "Au tour de la Commission"}.get(
            Turn(dossier.turn), f"Au tour du {Turn(dossier.turn).label.lower()}"
        )
    days = dossier.waiting_days(at)
    return f"{whom} depuis {plural(days, 'jour')}" if days else f"{whom} depuis aujourd’hui"


def can_take_over(user: User, dossier: Dossier, *, is_held: bool | None = None) -> bool:
    """Tell whether the page offers to take a dossier over: nobody holds it, its owner is away, or a lead asks.

    `is_held` tells that its owner is here, where it is known already.
    """
    if dossier.owner_id == user.pk or not dossier.is_open or not permissions.can_examine(user, dossier):
        return False
    if permissions.is_lead_agent(user, dossier):
        return True
    if is_held is None:
        is_held = Dossier.objects.filter(thread.owner_is_here(dossier), pk=dossier.pk).exists()
    return not is_held


def others(dossier: Dossier, user: User) -> QuerySet[Dossier]:
    """List the other dossiers of the organisation that this agent may read, the newest first."""
    mine = Dossier.objects.for_region(user).filter(organisation=dossier.organisation_id)
    return mine.exclude(pk=dossier.pk).order_by("-submitted_at", "-pk")


def buttons(dossier: Dossier, user: User, kept: str = "", panel: Panel | None = None) -> list[Button]:
    """List what this agent may do now; the first that moves the dossier on is the primary one."""
    said = panel.labels if panel else {}
    rows = [row for row in _offered(dossier, user) if said.get(row.name, row.label)]
    aside = {*OWN_PAGES, *(panel.secondary if panel else ())}
    first = next((row for row in rows if not row.is_danger and row.name not in aside), None)
    return [Button(said.get(row.name, row.label), address(dossier, row) + kept, _style(row, first)) for row in rows]


def _offered(dossier: Dossier, user: User) -> list[Transition]:
    """List what this agent may fire now; whether this person is an applicant too is not looked for."""
    procedure = dossier.procedure
    ours = [row for row in procedure.workflow.out_of(dossier.state) if row.permission not in APPLICANTS]
    return [row for row in ours if procedure.allows(row, dossier, user)]


def panel_of(dossier: Dossier, user: User) -> Panel | None:
    """Return what the scheme shows beside the findings, if it shows something."""
    draw = schemes.application_of(dossier.scheme).desk_panel
    return draw(dossier, user) if draw else None


def pages_of(dossier: Dossier) -> Mapping[str, str]:
    """Return the transitions that have a page of their own, in the kernel or in the scheme, by name."""
    return {**OWN_PAGES, **schemes.application_of(dossier.scheme).pages}


def address(dossier: Dossier, row: Transition) -> str:
    if page := pages_of(dossier).get(row.name):
        return reverse(page, args=[dossier.key])
    return reverse("dossiers:fire", args=[dossier.key, row.name])


def _style(row: Transition, first: Transition | None) -> str:
    if row.is_danger:
        return "danger"
    return "primary" if row is first else "secondary"


# ------------------------------------------------------------------------------------------------ answers and pieces
def recap(dossier: Dossier, deposit: Deposit) -> list[dict[str, Any]]:
    """Return the frozen answers as (label, value, source): the directory is named where it says the same."""
    said = facts.directory_values(dossier.organisation)
    source = facts.directory_answer(dossier.organisation)
    return [
        {
            "title": part["title"],
            "lines": [(label, value, source if value in said else "") for _, label, value in part["lines"]],
        }
        for part in deposit.recap
    ]


def pieces(dossier: Dossier, deposit: Deposit) -> list[ShownPiece]:
    """List what a deposit joined, piece by piece, each file as it is judged today; one query."""
    named = [line["attachment"] for line in deposit.pieces]
    found = {one.pk: one for one in dossier.attachments.filter(pk__in=named).select_related("upload")}
    listed: dict[str, ShownPiece] = {}
    for line in deposit.pieces:
        attachment = found.get(line["attachment"])
        if attachment is None:
            continue
        piece = listed.setdefault(line["piece"], ShownPiece(line["label"], []))
        piece.files.append(ShownFile(attachment, _row(dossier, attachment)))
    return list(listed.values())


def asked(dossier: Dossier, deposit: Deposit | None = None) -> list[Correction]:
    """Read with their items the request that is awaited and, given the last deposit, those closed since unsent."""
    kept = Q(state=Correction.State.OPEN)
    if deposit is not None:
        kept |= Q(state__in=UNSENT, asked_at__gte=deposit.at)
    return list(dossier.corrections.filter(kept).select_related("asked_by").prefetch_related("items"))


def received(dossier: Dossier, made: Iterable[Correction]) -> Received | None:
    """Return what came since the last deposit without being sent, once its request is closed, if anything did.

    `made` is what `asked` read.
    """
    closed = [one for one in made if one.state in UNSENT]
    items = [item for one in closed for item in one.items.all() if item.satisfied_at]
    if not items:
        return None
    slugs = {item.slug for item in items if item.is_piece}
    application = schemes.application_of(dossier.scheme)
    listed: dict[str, ShownPiece] = {}
    for file in requests.unsent(dossier):
        known = application.piece(file.piece)
        if file.piece in slugs and known:
            piece = listed.setdefault(file.piece, ShownPiece(known.label, []))
            piece.files.append(ShownFile(file, _row(dossier, file)))
    sections = {item.label: item.satisfied_at for item in items if not item.is_piece and item.satisfied_at}
    return Received(list(listed.values()), list(sections.items()))


def _row(dossier: Dossier, attachment: Attachment) -> Row:
    return Row(
        attachment.upload,
        preview=reverse("dossiers:preview", args=[dossier.key, attachment.pk]),
        judged=JUDGED.get(Attachment.Status(attachment.status), ""),
        reason=attachment.reason,
    )


def request_of(
    dossier: Dossier, made: Iterable[Correction] | None = None, deposit: Deposit | None = None
) -> dict[str, Any] | None:
    """Return the request that is awaited, with each item's arrival; nothing when there is none.

    `made` is what `asked` read since the last deposit, where it did already.
    """
    known = asked(dossier) if made is None else made
    correction = next((one for one in known if one.state == Correction.State.OPEN), None)
    if correction is None:
        return None
    when = requests.arrivals(dossier, sent=deposit, made=made)
    return {
        "correction": correction,
        "items": [ShownItem(item.label, item.reason, when.get(item.target)) for item in correction.items.all()],
        "reminder_on": _reminder(correction),
        "is_late": correction.due_on < timezone.localdate(),
    }


def _reminder(correction: Correction) -> Any:
    day = delays.reminder_day(correction.due_on)
    return day if day > timezone.localdate(correction.asked_at) else None


def completeness(dossier: Dossier) -> tuple[str, str, str]:
    """Return the tag of completeness: tone, icon, words."""
    if dossier.complete_on:
        return "done", "met", "Complet le"
    return (
        ("todo", "hourglass", "Pièces attendues")
        if dossier.state == states.INCOMPLETE
        else (
            "todo",
            "alert",
            "Pièces non arrivées",
        )
    )


def silence(dossier: Dossier) -> dict[str, Any] | None:
    """Return the day of implicit refusal while it may come, and whether it is near or past."""
    on = dossier.refused_by_silence_on
    if on is None or dossier.state not in states.SILENCE_COUNTS:
        return None
    today = timezone.localdate()
    days = (on - today).days
    is_suspended = dossier.state == states.INCOMPLETE
    return {
        "on": on,
        "days": plural(abs(days), "jour"),
        "is_past": days < 0,
        "is_near": delays.silence_alert_day(on) <= today,
        "is_suspended": is_suspended,
    }


def paged(rows: Any, request: HttpRequest, size: int = A_PAGE) -> Page[Any]:
    """Cut a list in pages; a page that does not exist is the nearest one."""
    return Paginator(rows, size).get_page(request.GET.get("page", "1"))
