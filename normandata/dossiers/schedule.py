"""What time alone sets off. Each gesture is keyed, so that it is done once however often it is looked at."""

import contextlib
from datetime import datetime, timedelta

from normandata.notifications import services as notifications
from normandata.procedure.errors import NotDone
from normandata.regulation.formats import day as written_day

from . import delays, states
from .delays import PARIS
from .exchange import Correction
from .models import Dossier, FilingPeriod
from .services import corrections, thread


def expire_corrections(at: datetime) -> int:
    """Close the requests whose last day and grace are over; returns how many."""
    closed = 0
    for correction in corrections.overdue(at):
        try:
            corrections.expire(correction)
        except NotDone:  # answered or cancelled meanwhile
            continue
        closed += 1
    return closed


def remind_corrections(at: datetime) -> int:
    """Remind organisations of what they are asked for, a few days before; returns how many were looked at."""
    today = at.astimezone(PARIS).date()
    coming = Correction.objects.open().filter(due_on__gte=today, due_on__lte=today + timedelta(days=60))
    due = [one for one in coming.select_related("dossier__organisation") if delays.reminder_day(one.due_on) <= today]
    for correction in due:
        with contextlib.suppress(NotDone):  # answered or cancelled meanwhile
            corrections.remind(correction)
    return len(due)


def alert_silences(at: datetime) -> int:
    """Alert agents of the implicit refusals that come near; returns how many dossiers are concerned."""
    today = at.astimezone(PARIS).date()
    waiting = Dossier.objects.open().filter(
        refused_by_silence_on__gte=today, refused_by_silence_on__lte=today + timedelta(days=60)
    )
    near = [
        one
        for one in waiting.exclude(state=states.INCOMPLETE).select_related("organisation", "owner")
        if one.refused_by_silence_on and delays.silence_alert_day(one.refused_by_silence_on) <= today
    ]
    for dossier in near:
        silence_on = dossier.refused_by_silence_on or today
        key = f"silence:{dossier.pk}:{silence_on}"
        thread.alert(dossier, "dossiers.silence_alert", key=key, date=written_day(silence_on))
    return len(near)


def remind_drafts(at: datetime) -> int:
    """Remind those who began a draft of the last day to deposit it, a few days before; returns how many."""
    today = at.astimezone(PARIS).date()
    closing = FilingPeriod.objects.filter(closes_on__gte=today, closes_on__lte=today + timedelta(days=60))
    reminded = 0
    for period in closing:
        if period.closes_on is None or delays.reminder_day(period.closes_on) > today or period.opens_on > today:
            continue
        waiting = Dossier.objects.filter(scheme=period.scheme, state=states.DRAFT, created_by__is_active=True)
        for draft in waiting.select_related("organisation", "created_by"):
            filled = thread.values(draft) | {"date_limite": written_day(period.closes_on)}
            key = f"draft:{draft.pk}:{period.closes_on}"
            notifications.notify("dossiers.draft_reminder", to=[draft.created_by], values=filled, about=draft, key=key)
            reminded += 1
    return reminded
