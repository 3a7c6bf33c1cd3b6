"""What the pages of a cœur expert request show: to its requester, to the Region, to the experts asked."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.models import Event
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import plural, spaced
from normandata.ui.templatetags.nd import hour
from normandata.workflow.table import State

from .models import Introduction, Need
from .need_conduct import ACTS
from .need_workflow import ACCEPTED, ASKED, EXCHANGED, INTRODUCED, PENDING, SCHEDULED, SOUGHT, TURNS, WITHDRAWN

MOST_ACTS = 60
STEPS = ("Besoin", "Premier échange", "Experts", "Suite")
REACHED = {ASKED: 1, SCHEDULED: 1, EXCHANGED: 2, SOUGHT: 2, INTRODUCED: 3}
"""How many steps are done in each open state."""


@dataclass(frozen=True, slots=True)
class Row:
    """A request in a list."""

    need: Need
    state: State
    link: str
    turn: str
    waiting: str
    experts: str


@dataclass(frozen=True, slots=True)
class Act:
    """A line of the journal."""

    title: str
    event: Event


def rows(needs: Iterable[Need], *, is_desk: bool) -> list[Row]:
    """Write the rows of a list read with its people; no query."""
    page, today = ("experts:desk_need" if is_desk else "experts:need"), timezone.localdate()
    return [
        Row(
            need,
            need.standing,
            reverse(page, args=[need.key]),
            TURNS[need.turn],
            waiting(need, need.days_waiting(today)),
            experts_of(getattr(need, "met", ())),
        )
        for need in needs
    ]


def waiting(need: Need, days: int) -> str:
    """Write since when somebody is awaited: « depuis 3 jours », nothing once the request is closed."""
    if not need.is_open:
        return ""
    return f"depuis {plural(days, 'jour')}" if days else "depuis aujourd’hui"


def experts_of(introductions: Iterable[Introduction]) -> str:
    """Write who accepted, and how many are awaited."""
    named = [one.expert.name for one in introductions if one.state == ACCEPTED]
    awaited = sum(one.state == PENDING for one in introductions)
    if awaited:
        named.append(plural(awaited, "réponse attendue", "réponses attendues"))
    return ", ".join(named)


def sentence(need: Need) -> str:
    """Say to its requester where a request stands, and what comes next."""
    return spaced(_sentences(need)[need.state])


def _sentences(need: Need) -> dict[str, str]:
    at = timezone.localtime(need.exchange_at) if need.exchange_at else None
    appointment = f"le {written_day(at.date())} à {hour(at)}. {need.exchange_place}" if at else "bientôt."
    closed = written_day(timezone.localdate(need.closed_at)) if need.closed_at else ""
    return {
        ASKED: "La Région a votre demande. Elle vous écrit pour fixer un premier échange.",
        SCHEDULED: f"Le premier échange est prévu {appointment}",
        EXCHANGED: "Le premier échange a eu lieu. La Région cherche des experts qui puissent vous aider.",
        SOUGHT: "Des experts sont sollicités. Vous recevez les coordonnées de chacun de ceux qui acceptent.",
        INTRODUCED: "Un expert au moins a accepté : c’est à vous de le joindre, puis de dire ici la suite donnée.",
        "closed": f"Close le {closed}. Suite donnée : {need.get_outcome_display().lower()}.",
        WITHDRAWN: f"Retirée le {closed}. Plus personne ne l’examine.",
    }


def steps(need: Need) -> list[tuple[str, str]]:
    """List the four steps of a request, each « done », « current » or « to come »."""
    reached = REACHED.get(need.state, len(STEPS))
    if need.state == WITHDRAWN:
        reached = 3 if need.introductions.accepted().exists() else 2 if need.held_on else 1
    words = {True: "done", False: "to come"}
    current = reached if need.is_open else -1
    return [(label, "current" if rank == current else words[rank < reached]) for rank, label in enumerate(STEPS)]


def acts(need: Need) -> list[Act]:
    """Read the journal of a request, the newest first; one query."""
    events = Event.objects.about(need).select_related("by")[:MOST_ACTS]
    return [Act(spaced(ACTS.get(event.name, event.name)), event) for event in events]


def gestures(need: Need, user: User) -> set[str]:
    """Name what this person may do now with a request."""
    return {row.name for row in procedure.available(need, user)}


def entitled(need: Need, user: User) -> set[str]:
    """Name what this person may do with a request at one time or another, whatever its state now."""
    return {row.name for row in need.procedure.workflow.transitions if need.procedure.allows(row, need, user)}
