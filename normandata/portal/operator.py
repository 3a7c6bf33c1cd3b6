"""What the operator's page shows: where each mail and document of a search stands, and how the outbox is doing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents.services import MAKE
from normandata.dossiers.models import Deposit, Dossier
from normandata.notifications import tracking
from normandata.notifications.models import Mail
from normandata.notifications.services import SEND
from normandata.outbox import carrier
from normandata.outbox.models import Message, State
from normandata.regulation.formats import number, plural

MOST_LINES = 100
MOST_FAILED = 50
LATE = timedelta(minutes=2)
"""How long a message may be due before the worker is said to be late."""
DOSSIER = Dossier._meta.label_lower
HANDLERS = {SEND: "Courriel", MAKE: "Document", "documents.scan": "Analyse antivirus"}


@dataclass(frozen=True, slots=True)
class Failed:
    """A message that the outbox gave up, and why in one line."""

    message: Message
    label: str
    cause: str


@dataclass(frozen=True, slots=True)
class Health:
    """How the outbox is doing, in figures and in words."""

    totals: list[tuple[str, str]]
    is_late: bool
    worker: str
    is_broker_up: bool
    broker: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found: the dossiers it named, and their lines."""

    dossiers: list[Dossier]
    lines: list[tracking.Line]
    is_cut: bool


def search(text: str, user: User) -> Answer:
    """Find mails and documents by number of dossier, SIRET, name or address. Six queries at most."""
    typed = " ".join(text.split())[:100]
    if not typed:
        return Answer([], [], is_cut=False)
    if "@" in typed:
        mails = list(Mail.objects.to(typed).order_by("-created_at", "pk")[: MOST_LINES + 1])
        return _answer([], mails, [])
    named = Dossier.objects.for_region(user).matching(typed).select_related("organisation").order_by("-submitted_at")
    dossiers = list(named[:MOST_LINES])
    keys = [str(dossier.pk) for dossier in dossiers]
    mails = list(
        Mail.objects.filter(about_kind=DOSSIER, about_key__in=keys).order_by("-created_at", "pk")[: MOST_LINES + 1]
    )
    made = Deposit.objects.filter(dossier__in=dossiers, receipt__isnull=False).order_by("-at", "pk")
    return _answer(dossiers, mails, [pk for pk in made.values_list("receipt", flat=True)[:MOST_LINES] if pk])


def _answer(dossiers: list[Dossier], mails: list[Mail], documents: list[object]) -> Answer:
    lines = tracking.tracked(mails=mails, documents=documents)  # type: ignore[arg-type]
    return Answer(dossiers, lines[:MOST_LINES], is_cut=len(lines) > MOST_LINES)


def failed() -> list[Failed]:
    """List what the outbox gave up, the newest first."""
    rows = Message.objects.failed().order_by("-created_at", "pk").defer("payload")[:MOST_FAILED]
    return [Failed(row, HANDLERS.get(row.handler, "Autre envoi"), _last_line(row.error)) for row in rows]


def health() -> Health:
    """Say how the outbox is doing: what waits, what failed, whether anybody works, whether the broker answers."""
    now = timezone.now()
    counts = dict(Message.objects.order_by().values_list("state").annotate(Count("pk")))
    oldest = Message.objects.due(now).aggregate(oldest=Min("due_at"))["oldest"]
    totals = [(state.label, number(counts.get(state.value, 0))) for state in State if state is not State.DONE]
    is_late = oldest is not None and now - oldest > LATE
    is_up, broker = _broker()
    return Health(totals, is_late, _worker(oldest, now, is_late=is_late), is_up, broker)


def _worker(oldest: datetime | None, now: datetime, *, is_late: bool) -> str:
    if oldest is None:
        return "Rien n’attend : le facteur est à jour."
    minutes = int((now - oldest).total_seconds() // 60)
    if is_late:
        return f"Un envoi attend depuis {plural(minutes, 'minute')} : vérifiez que le facteur (worker) tourne."
    return "Les envois partent au fil de l’eau."


def _broker() -> tuple[bool, str]:
    try:
        count = carrier.waiting()
    except Exception as error:  # whatever the broker does, the page is shown
        return False, f"La file de messages ne répond pas ({type(error).__name__}). Rien n’est perdu : tout repartira."
    return True, f"La file de messages répond : {plural(count, 'message')} dans la file."


def _last_line(error: str) -> str:
    lines = [line for line in error.splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""
