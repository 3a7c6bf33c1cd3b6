"""What a mentor reads: the requests that wait, the teams helped, what the phase lets see of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from normandata.accounts.models import User

from . import permissions, phases
from .deliverables import Deliverable
from .editions import Edition
from .mentoring import HelpRequest, Meeting, Mentor
from .teams import Team


@dataclass(frozen=True, slots=True)
class Desk:
    """One edition for one of its mentors; no mentor yet for an invited person who has not said what they can do."""

    edition: Edition
    mentor: Mentor | None
    waiting: list[HelpRequest]
    taken: list[HelpRequest]
    meetings: list[Meeting]


def desks(user: User, at: datetime) -> list[Desk]:
    """Gather the editions that a person mentors and that are not over, the last first."""
    scopes = permissions.scopes_mentored_by(user)
    rows = Edition.objects.exclude(state__in=phases.OVER)
    rows = (
        rows.filter(mentors__in=Mentor.objects.active().filter(person=user))
        if scopes is None
        else rows.filter(slug__in=scopes)
    )
    return [_desk(edition, user, at) for edition in rows]


def _desk(edition: Edition, user: User, at: datetime) -> Desk:
    mentor = edition.mentors.active().filter(person=user).first()
    if mentor is None:
        return Desk(edition, None, [], [], [])
    known = HelpRequest.objects.select_related("team", "asked__person")
    taken = known.filter(taken_by=mentor, cancelled_at=None).order_by("done_at", "-asked_at")
    helped = [one.team_id for one in taken]
    meetings = edition.meetings.standing().filter(Q(team=None) | Q(team__in=helped), ends_at__gte=at)
    return Desk(
        edition,
        mentor,
        list(known.open_to(mentor).order_by("asked_at", "pk")),
        list(taken),
        list(meetings.select_related("team")),
    )


def helps(found: Team, user: User) -> bool:
    """Tell whether a mentor has taken a request of a team."""
    return found.help_requests.filter(taken_by__person=user, taken_by__ended_at=None).exists()


def deliverables(found: Team, user: User) -> QuerySet[Deliverable]:
    """Return the last versions that a mentor reads of a team: one helps it, and the phase lets mentors read."""
    may = helps(found, user) and found.edition.rights.mentors_read
    return _last(found) if may else Deliverable.objects.none()


def _last(found: Team) -> QuerySet[Deliverable]:
    return Deliverable.objects.current().filter(team=found).select_related("upload")


def team(found: Team, user: User) -> dict[str, Any]:
    """Gather what a mentor reads of a team."""
    is_helped = helps(found, user)
    reads = is_helped and found.edition.rights.mentors_read
    return {
        "members": found.seats.select_related("registration__person"),
        "requests": found.help_requests.select_related("taken_by__person", "asked__person"),
        "notes": found.mentor_notes.select_related("mentor__person"),
        "helps": is_helped,
        "reads": reads,
        "deliverables": _last(found) if reads else [],
    }
