"""What the agents' pages of a dossier show: its head, its findings, its pieces, its buttons."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents.rows import Row
from normandata.procedure.services import available
from normandata.regulation.citation import Citation
from normandata.regulation.findings import Finding, Outcome, Verdict
from normandata.regulation.formats import NBSP, plural
from normandata.workflow.table import Transition

from . import delays, facts, permissions, queue, schemes, states
from .models import Attachment, Correction, Deposit, Dossier, Reading, ThreadFile, ThreadMessage
from .services import corrections as requests
from .services import desk, thread
from .states import Turn

LATEST = 3
"""Messages shown beside the request."""
A_PAGE = 20
LONGEST_QUERY = 1000
JUDGED = {Attachment.Status.ACCEPTED: "accepted", Attachment.Status.TO_REPLACE: "replace"}
OWN_PAGES = {"ask_correction": "dossiers:ask", "cancel_correction": "dossiers:cancel_correction"}
"""Transitions that need more than a word: their own page."""
APPLICANTS = frozenset({"edit", "apply"})
"""Permissions of gestures that are the organisation's, made from its own pages."""
TABS = (
    ("dossiers:examine", "Demande et décision"),
    ("dossiers:exchanges", "Échanges"),
    ("dossiers:organisation", "Toute la structure"),
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
class ShownFinding:
    """A finding with its rule's address, what it rests on, and the reading that an agent made of it."""

    rule: str
    label: str
    message: str
    outcome: str
    citation: Citation
    href: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    source: str = ""
    reading: Reading | None = None
    is_to_read: bool = False

    @property
    def needs_a_look(self) -> bool:
        return self.outcome == Outcome.UNMET or self.is_to_read


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
class ShownItem:
    """One thing asked for, and when it arrived."""

    label: str
    reason: str
    arrived_at: datetime | None


def head(request: HttpRequest, dossier: Dossier, user: User, current: str) -> dict[str, Any]:
    """Return what every page of a dossier shows above its content."""
    counts = {
        "dossiers:exchanges": dossier.messages.count(),
        "dossiers:organisation": others(dossier, user).count(),
    }
    query, kept = request.GET.get("file", "")[:LONGEST_QUERY], suffix(request)
    return {
        "dossier": dossier,
        "scheme": schemes.by_slug()[dossier.scheme],
        "waiting": waiting(dossier, user, timezone.now()),
        "can_examine": permissions.can_examine(user, dossier),
        "can_take_over": can_take_over(user, dossier),
        "tabs": [
            Tab(label, reverse(name, args=[dossier.key]) + kept, name == current, counts.get(name))
            for name, label in TABS
        ],
        "kept": kept,
        "queue": f"{reverse('dossiers:queue')}?{query}" if query else reverse("dossiers:queue"),
        "neighbours": queue.neighbours(user, query, dossier) if current == "dossiers:examine" else None,
    }


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


def can_take_over(user: User, dossier: Dossier) -> bool:
    """Tell whether the page offers to take a dossier over: nobody holds it, its owner is away, or a lead asks."""
    if dossier.owner_id == user.pk or not dossier.is_open or not permissions.can_examine(user, dossier):
        return False
    return (
        dossier.owner is None or permissions.is_lead_agent(user, dossier) or dossier.owner not in thread.agents(dossier)
    )


def others(dossier: Dossier, user: User) -> QuerySet[Dossier]:
    """List the other dossiers of the organisation that this agent may read, the newest first."""
    mine = Dossier.objects.for_region(user).filter(organisation=dossier.organisation_id)
    return mine.exclude(pk=dossier.pk).order_by("-submitted_at", "-pk")


def buttons(dossier: Dossier, user: User, kept: str = "") -> list[Button]:
    """List what this agent may do now; the first that moves the dossier on is the primary one."""
    rows = [row for row in available(dossier, user) if row.permission not in APPLICANTS]
    first = next((row for row in rows if not row.is_danger and row.name not in OWN_PAGES), None)
    return [Button(row.label, address(dossier, row) + kept, _style(row, first)) for row in rows]


def address(dossier: Dossier, row: Transition) -> str:
    if row.name in OWN_PAGES:
        return reverse(OWN_PAGES[row.name], args=[dossier.key])
    return reverse("dossiers:fire", args=[dossier.key, row.name])


def _style(row: Transition, first: Transition | None) -> str:
    if row.is_danger:
        return "danger"
    return "primary" if row is first else "secondary"


# ---------------------------------------------------------------------------------------------------------- findings
def shown(findings: Iterable[Finding]) -> list[ShownFinding]:
    """Prepare the findings of a stored verdict, word for word."""
    page = reverse("portal:regulation")
    return [
        ShownFinding(one.rule, one.label, one.message, one.outcome.value, one.citation, f"{page}#{anchor(one.rule)}")
        for one in findings
    ]


def anchor(rule: str) -> str:
    """Return the address of a rule on the page of the règlement: `diagnostic.fte` → `diagnostic-fte`."""
    return rule.replace(".", "-").replace("_", "-")


def findings(dossier: Dossier) -> dict[str, Any]:
    """Prepare the findings of the last verdict: first what needs a look or was read, then the others."""
    if not dossier.verdict:
        return {"looked": [], "settled": [], "summary": []}
    verdict = Verdict.from_record(dossier.verdict)
    readings = desk.readings(dossier)
    by_rule = {one.rule: one for one in verdict.findings}
    population = facts.population_of(dossier.organisation, by_rule)
    prepared = []
    for one, found in zip(shown(verdict.findings), verdict.findings, strict=True):
        reading = readings.get(one.rule)
        is_to_read = found.outcome is Outcome.TO_REVIEW
        prepared.append(
            ShownFinding(
                one.rule,
                one.label,
                one.message,
                one.outcome,
                one.citation,
                one.href,
                facts.used(found),
                facts.source(found, dossier.organisation, population),
                reading if is_to_read else None,
                is_to_read,
            )
        )
    return {
        "looked": [one for one in prepared if one.needs_a_look],
        "settled": [one for one in prepared if not one.needs_a_look],
        "summary": _summary(prepared),
    }


def _summary(prepared: list[ShownFinding]) -> list[tuple[str, bool]]:
    """Count the outcomes in words, as they stand once read; True marks what waits for a look."""
    outcomes = [one.reading.outcome if one.reading else one.outcome for one in prepared]
    words = {
        "unmet": ("non respecté", "non respectés"),
        "to_review": ("à examiner", "à examiner"),
        "met": ("respecté", "respectés"),
        "not_applicable": ("sans objet", "sans objet"),
    }
    counted = [(slug, outcomes.count(slug)) for slug in words]
    return [
        (f"{count}{NBSP}{words[slug][count > 1]}", slug in ("unmet", "to_review")) for slug, count in counted if count
    ]


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


def _row(dossier: Dossier, attachment: Attachment) -> Row:
    return Row(
        attachment.upload,
        preview=reverse("dossiers:preview", args=[dossier.key, attachment.pk]),
        judged=JUDGED.get(Attachment.Status(attachment.status), ""),
        reason=attachment.reason,
    )


def request_of(dossier: Dossier) -> dict[str, Any] | None:
    """Return the request that is awaited, with each item's arrival; nothing when there is none."""
    correction = dossier.corrections.open().select_related("asked_by").prefetch_related("items").first()
    if correction is None:
        return None
    when = requests.arrivals(correction, dossier)
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
    if on is None or dossier.state not in (states.SUBMITTED, states.INCOMPLETE, states.REVIEW):
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


# ------------------------------------------------------------------------------------------------------------ thread
@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message with its side, what it answers, and its files."""

    message: ThreadMessage
    who: str
    what: str
    files: list[tuple[ThreadFile, Row]]

    @property
    def is_ours(self) -> bool:
        return self.message.side != ThreadMessage.Side.APPLICANT

    @property
    def is_folded(self) -> bool:
        """The text of the portal's own mails opens on demand: their subject says enough."""
        return self.message.side == ThreadMessage.Side.PORTAL


def messages(dossier: Dossier) -> QuerySet[ThreadMessage]:
    """List the thread as agents read it, the newest first."""
    found = dossier.messages.select_related("author", "correction").prefetch_related("files__upload")
    return found.order_by("-at", "-pk")


def shown_messages(dossier: Dossier, found: Iterable[ThreadMessage]) -> list[ShownMessage]:
    return [_message(dossier, one) for one in found]


def _message(dossier: Dossier, message: ThreadMessage) -> ShownMessage:
    side = ThreadMessage.Side(message.side).label
    who = f"{message.author}, {side[0].lower()}{side[1:]}" if message.author else side
    what = {
        ThreadMessage.Kind.MESSAGE: "",
        ThreadMessage.Kind.STATE: "courriel envoyé à la structure",
        ThreadMessage.Kind.REQUEST: "demande de pièces",
        ThreadMessage.Kind.ANSWER: "réponse à la demande",
    }[ThreadMessage.Kind(message.kind)]
    if message.correction and message.kind == ThreadMessage.Kind.REQUEST:
        what = f"{what} {Correction.State(message.correction.state).label.lower()}"
    files = [
        (one, Row(one.upload, preview=reverse("dossiers:message_file", args=[dossier.key, one.pk])))
        for one in message.files.all()
    ]
    return ShownMessage(message, who, what, files)


def paged(rows: Any, request: HttpRequest, size: int = A_PAGE) -> Page[Any]:
    """Cut a list in pages; a page that does not exist is the nearest one."""
    return Paginator(rows, size).get_page(request.GET.get("page", "1"))
