"""The gestures on meetings with the carrier: arrange, move, cancel, write the notes. Each is journalled."""

from datetime import date, time
from typing import Any

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.dossiers import permissions
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import thread
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow, ReasonMissing
from normandata.procedure.models import Event

from ..meetings import Meeting

MOVED = ("day", "hour", "place", "link")
"""What the organisation is told of when it changes."""
ACTS = {
    "meeting": "Rencontre avec le porteur fixée",
    "meeting_changed": "Rencontre avec le porteur modifiée",
    "meeting_cancelled": "Rencontre avec le porteur annulée",
    "meeting_notes": "Compte rendu de la rencontre écrit",
}


class Stale(NotNow):
    """The meeting was changed since the page was opened: another tab, another person. `kept` is what stands."""

    def __init__(self, kept: Meeting) -> None:
        super().__init__("Cette rencontre a été modifiée ailleurs : choisissez la version à garder.")
        self.kept = kept


def meetings_of(dossier: Dossier) -> list[Meeting]:
    """List the meetings that stand, the first to come first; one query."""
    return list(Meeting.objects.standing().filter(dossier=dossier))


@transaction.atomic
def arrange(dossier: Dossier, *, by: User, day: date, hour: time, **fields: Any) -> Meeting:
    """Fix a meeting, and tell the organisation. Raises NotAllowed, NotNow, ValidationError."""
    procedure.lock(dossier)
    _check(dossier, by)
    meeting = Meeting(dossier=dossier, by=by, day=day, hour=hour, **fields)
    _check_time(meeting)
    meeting.full_clean()
    meeting.save(force_insert=True)
    procedure.record(dossier, "meeting", by=by, reason=meeting.written, data={"meeting": meeting.pk})
    thread.tell(dossier, "booster_ia.meeting", also=values(meeting))
    return meeting


@transaction.atomic
def change(meeting: Meeting, *, by: User, revision: int, **fields: Any) -> Event | None:
    """Change a meeting; the organisation is told when it is not where or when it was.

    `revision` is that of the page. Raises as `arrange` does, and Stale when another page saved something else.
    """
    held = _held(meeting)
    _check(held.dossier, by)
    changed = sorted(name for name, value in fields.items() if getattr(held, name) != value)
    if not changed:
        return None
    if held.revision != revision:
        raise Stale(held)
    is_moved = any(name in MOVED for name in changed)
    for name in changed:
        setattr(held, name, fields[name])
    if is_moved:
        _check_time(held)
        held.changes += 1
    held.revision += 1
    held.full_clean()
    held.save()
    name = "meeting_notes" if changed == ["notes"] else "meeting_changed"
    data = {"meeting": held.pk, "changed": changed}
    event = procedure.record(held.dossier, name, by=by, reason=held.written, data=data)
    if is_moved:
        thread.tell(held.dossier, "booster_ia.meeting_changed", also=values(held))
    return event


@transaction.atomic
def cancel(meeting: Meeting, *, by: User, reason: str) -> Event:
    """Cancel a meeting, and tell the organisation why. Raises NotAllowed, NotNow, ReasonMissing."""
    held = _held(meeting)
    _check(held.dossier, by)
    if not reason.strip():
        raise ReasonMissing("Indiquez le motif : il est envoyé à la structure.")
    held.cancelled_at, held.changes = timezone.now(), held.changes + 1
    held.save(update_fields=["cancelled_at", "changes"])
    event = procedure.record(held.dossier, "meeting_cancelled", by=by, reason=reason, data={"meeting": held.pk})
    thread.tell(held.dossier, "booster_ia.meeting_cancelled", also=values(held) | {"motif": reason.strip()})
    return event


def values(meeting: Meeting) -> dict[str, str]:
    """Return the tags of a mail about a meeting."""
    where = meeting.place or meeting.link
    return {"date": meeting.written, "lieu": where, "participants": meeting.who}


def _held(meeting: Meeting) -> Meeting:
    found = Meeting.objects.select_for_update(of=("self",)).select_related("dossier__organisation").get(pk=meeting.pk)
    if found.cancelled_at is not None:
        raise NotNow("Cette rencontre est annulée : fixez-en une autre.")
    return found


def _check(dossier: Dossier, by: User) -> None:
    if not permissions.can_examine(by, dossier):
        raise NotAllowed(procedure.FORBIDDEN)
    if not dossier.is_open:
        raise NotNow("Ce dossier est terminé : une rencontre ne se fixe plus.")


def _check_time(meeting: Meeting) -> None:
    if meeting.begins_at <= timezone.now():
        raise NotNow("Cette heure est passée : une rencontre se fixe à l’avance.")
