"""The windows of an edition as its rows stand: read once, at the instant when a request arrived."""

from datetime import datetime

from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers.delays import PARIS
from normandata.procedure.models import Event

from . import permissions, windows
from .editions import Edition
from .rules import REGLEMENT
from .teams import Team
from .windows import Phase, Window


def grace(at: datetime) -> int:
    """Return the grace after a limit, in minutes, of the règlement of that day."""
    return int(REGLEMENT.on(at.astimezone(PARIS).date()).number("closing_grace"))


def phase_of(edition: Edition) -> Phase:
    """Return the phase with the instant when it began; one query."""
    began = Event.objects.about(edition).filter(target=edition.state).values_list("at", flat=True).first()
    return Phase(edition.state, began)


def registration(edition: Edition, user: User, at: datetime | None = None) -> Window:
    """Say whether a person may register to an edition."""
    at = at or timezone.now()
    return windows.registration(
        phase_of(edition),
        at,
        opens_on=edition.opens_on,
        closes_on=edition.registration_closes_on,
        grace=grace(at),
        may_try=edition.is_rehearsing and permissions.organises(user, edition),
    )


def changes(edition: Edition, at: datetime | None = None) -> Window:
    """Say whether the teams of an edition may still change."""
    at = at or timezone.now()
    return windows.changes(phase_of(edition), at, lock_on=edition.teams_lock_on, grace=grace(at))


def due_at(team: Team) -> datetime | None:
    """Return until when a team hands in: its last extension, or the edition's own limit."""
    last = team.extensions.order_by("-given_at", "-pk").values_list("until", flat=True).first()
    return last or team.edition.deliverables_due_at


def delivery(team: Team, at: datetime | None = None) -> Window:
    """Say whether a team may hand in."""
    at = at or timezone.now()
    due = due_at(team)
    is_extended = due != team.edition.deliverables_due_at
    return windows.delivery(phase_of(team.edition), at, due_at=due, grace=grace(at), is_extended=is_extended)
