"""One edition as its organisers see it: where it stands, what is wanting, what comes next, what may be done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.models import Event
from normandata.regulation.citation import Citation
from normandata.regulation.formats import spaced
from normandata.workflow.table import Reason

from . import acts, permissions, phases, readiness, workflow
from .deliverables import REQUIRED, Deliverable
from .editions import Edition
from .rules import REGLEMENT
from .services.holding import contents_of

GESTURE = "datathon:gesture"
ROUTES = dict.fromkeys(
    ("rehearse", "end_rehearsal", "open_registration", "start_challenge", "reopen_registration", "cancel"), GESTURE
)
ROUTES |= {
    "open_scoring": "datathon:jury_open",
    "open_deliberation": "datathon:jury_deliberate",
    "reopen_scoring": "datathon:deliberation_scoring",
    "close_deliberation": "datathon:deliberation_close",
    "reopen_deliberation": "datathon:deliberation_reopen",
    "publish": "datathon:deliberation_publish",
}
"""Where each transition of an edition is made; one that is not named here has no button on the board."""
MOST_ACTS = 12


@dataclass(frozen=True, slots=True)
class Button:
    """A gesture that this person may make now; one that asks for a reason has a page, others are made at once."""

    label: str
    url: str
    has_page: bool
    is_danger: bool
    is_main: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How many take part, wait, or look for a team; how many teams there are, and have handed everything in."""

    registered: int
    awaiting: int
    searching: int
    teams: int
    complete: int
    present: int


@dataclass(frozen=True)
class Board:
    edition: Edition
    following: str
    wanting: list[str]
    advice: list[str]
    counts: Counts
    buttons: list[Button]
    acts: list[tuple[str, Event]]


def board(edition: Edition, user: User) -> Board:
    """Gather the board of an edition."""
    contents = contents_of(edition)
    is_early = edition.state in (phases.PREPARING, phases.REHEARSAL)
    return Board(
        edition,
        spaced(readiness.following(edition.state, edition.days, timezone.localdate())),
        readiness.wanting(contents) if is_early else [],
        readiness.advice(contents) if is_early else [],
        counts_of(edition),
        buttons(edition, user),
        told(journal(edition)[:MOST_ACTS]),
    )


def journal(edition: Edition) -> QuerySet[Event]:
    """Return the acts on an edition, the last first."""
    return Event.objects.about(edition).select_related("by").order_by("-at", "-pk")


def told(events: Iterable[Event]) -> list[tuple[str, Event]]:
    """Give each act its sentence."""
    return [(acts.sentence(event), event) for event in events]


def buttons(edition: Edition, user: User) -> list[Button]:
    """List the gestures of the phase that a person may make; the first that is no danger leads."""
    rows = [row for row in procedure.available(edition, user) if row.name in ROUTES]
    ways = {row.name: row for row in rows}
    forward = {"open_registration", "start_challenge"} | ({"rehearse"} if "end_rehearsal" not in ways else set())
    return [
        Button(
            row.label,
            reverse(ROUTES[row.name], args=[edition.slug, row.name] if ROUTES[row.name] == GESTURE else [edition.slug]),
            has_page=row.reason is Reason.REQUIRED or ROUTES[row.name] != GESTURE,
            is_danger=row.is_danger,
            is_main=row.name in forward - {"rehearse"},
        )
        for row in rows
    ]


def counts_of(edition: Edition) -> Counts:
    """Count people and teams of an edition, those of a trial while it is tried: three queries."""
    is_trial = edition.is_rehearsing
    people = edition.registrations.filter(rehearsal=is_trial).aggregate(
        registered=Count("pk", filter=Q(state=workflow.REGISTERED)),
        awaiting=Count("pk", filter=Q(state=workflow.AWAITING)),
        searching=Count("pk", filter=Q(state=workflow.REGISTERED, wants_team=True, seats=None)),
        present=Count("pk", filter=Q(state=workflow.REGISTERED, present_at__isnull=False)),
    )
    teams = edition.teams.active().filter(rehearsal=is_trial)
    handed = Deliverable.objects.filter(team__in=teams, kind__in=REQUIRED).values("team").order_by()
    complete = handed.annotate(n=Count("kind", distinct=True)).filter(n=len(REQUIRED)).count()
    return Counts(**people, teams=teams.count(), complete=complete)


@dataclass(frozen=True, slots=True)
class YearAlert:
    """A year without its edition, and the article that asks for one."""

    sentence: str
    citation: Citation


def year_alert(today: date) -> YearAlert | None:
    """Alert when a year has fewer editions than the règlement says, never blocking anything (T-05)."""
    figures = REGLEMENT.on(today)
    least = int(figures.number("editions_min"))
    count = Edition.objects.filter(year=today.year).exclude(state=phases.CANCELLED).count()
    if count >= least:
        return None
    sentence = f"Aucune édition en {today.year} : le règlement en prévoit au moins {least} par an."
    return YearAlert(spaced(sentence), REGLEMENT.parameters["editions_min"].on(today).citation)


def may(user: User, edition: Edition) -> dict[str, Any]:
    """Say what the pages of an edition offer to a person."""
    return {"organises": permissions.organises(user, edition), "creates": permissions.may_create(user)}
