"""The gestures on follow-up meetings: arrange, move, cancel; those invited are told each time (annexe 5, T-03)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow, ReasonMissing

from .. import mentor_mails, permissions, phases
from ..editions import Edition
from ..mentoring import Meeting
from ..teams import Team
from .holding import Stale

MOVED = ("title", "starts_at", "ends_at", "place")
"""What those invited are told of when it changes."""
CHANGED = "Cette réunion a été modifiée depuis que vous avez ouvert la page."


@transaction.atomic
def arrange(
    edition: Edition,
    *,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    place: str = "",
    team: Team | None = None,
    by: User,
) -> Meeting:
    """Fix a meeting of the whole edition, or of one team; raises NotAllowed, NotNow, ValidationError."""
    procedure.lock(edition)
    _check(edition, by, starts_at)
    meeting = Meeting(
        edition=edition, team=team, title=title.strip(), starts_at=starts_at, ends_at=ends_at, place=place.strip(),
        created_by=by,
    )  # fmt: skip
    meeting.full_clean(exclude=["edition", "team", "created_by"])
    meeting.save()
    procedure.record(edition, "meeting", by=by, data={"meeting": meeting.pk})
    mentor_mails.tell_meeting(meeting, "meeting")
    return meeting


@transaction.atomic
def change(meeting: Meeting, *, by: User, seen: int, **values: Any) -> list[str]:
    """Move a meeting, or write its notes; returns the names of what changed.

    Raises NotAllowed, NotNow, Stale when another page saved something, ValidationError.
    """
    held = _held(meeting)
    if held.revision != seen:
        raise Stale(CHANGED)
    changed = sorted(name for name, value in values.items() if getattr(held, name) != value)
    is_moved = any(name in MOVED for name in changed)
    _check(held.edition, by, values["starts_at"] if "starts_at" in changed else None)
    if not changed:
        return []
    for name in changed:
        setattr(held, name, values[name])
    held.revision += 1
    held.full_clean(exclude=["edition", "team", "created_by"])
    held.save()
    procedure.record(held.edition, "meeting_changed", by=by, data={"meeting": held.pk, "changed": changed})
    if is_moved:
        mentor_mails.tell_meeting(held, "meeting_changed")
    return changed


@transaction.atomic
def cancel(meeting: Meeting, *, reason: str, by: User) -> None:
    """Cancel a meeting, with a reason that those invited read; raises NotAllowed, NotNow, ReasonMissing."""
    held = _held(meeting)
    _check(held.edition, by, None)
    if not reason.strip():
        raise ReasonMissing("Indiquez le motif : il est envoyé aux personnes invitées.")
    held.cancelled_at = timezone.now()
    held.revision += 1
    held.save(update_fields=["cancelled_at", "revision"])
    procedure.record(held.edition, "meeting_cancelled", by=by, reason=reason, data={"meeting": held.pk})
    mentor_mails.tell_meeting(held, "meeting_cancelled", motif=reason.strip())


def _held(meeting: Meeting) -> Meeting:
    rows = Meeting.objects.select_for_update(of=("self",)).select_related("edition", "team")
    found = rows.get(pk=meeting.pk)
    if found.cancelled_at is not None:
        raise NotNow("Cette réunion est annulée : fixez-en une autre.")
    return found


def _check(edition: Edition, by: User, starts_at: datetime | None) -> None:
    if not permissions.organises(by, edition):
        raise NotAllowed(procedure.FORBIDDEN)
    if edition.state in phases.OVER:
        raise NotNow("Cette édition est finie : une réunion ne s’y fixe plus.")
    if starts_at is not None and starts_at <= timezone.now():
        raise NotNow("Cette heure est passée : une réunion se fixe à l’avance.")
