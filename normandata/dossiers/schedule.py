"""What time alone sets off. Each gesture is keyed, so that it is done once however often it is looked at.

A row that breaks stops no other one: it is logged, and tried again at the next passage.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db import models, transaction

from normandata.notifications import services as notifications
from normandata.procedure.errors import NotDone
from normandata.regulation.formats import day as written_day

from . import delays, states
from .delays import PARIS
from .exchange import Correction
from .models import Dossier, FilingPeriod
from .services import corrections, thread

Row = TypeVar("Row", bound=models.Model)
logger = logging.getLogger(__name__)
AHEAD = timedelta(days=60)
"""How far days are looked at: further than any reminder or alert."""


def expire_corrections(at: datetime) -> int:
    """Close the requests whose last day and grace are over; returns how many."""
    return _each(corrections.overdue(at), corrections.expire, "expiry")


def remind_corrections(at: datetime) -> int:
    """Remind organisations of what they are asked for, a few days before; returns how many were looked at."""
    today = at.astimezone(PARIS).date()

    def remind(correction: Correction) -> None:
        if delays.reminder_day(correction.due_on) <= today:
            corrections.remind(correction)

    coming = Correction.objects.open().filter(due_on__gte=today, due_on__lte=today + AHEAD)
    return _each(coming.select_related("dossier__organisation"), remind, "reminder")


def alert_silences(at: datetime) -> int:
    """Alert agents of the implicit refusals that come near; returns how many dossiers were looked at."""
    today = at.astimezone(PARIS).date()

    def alert(dossier: Dossier) -> None:
        silence_on = dossier.refused_by_silence_on
        if silence_on and delays.silence_alert_day(silence_on) <= today:
            key = f"silence:{dossier.pk}:{silence_on}"
            thread.alert(dossier, "dossiers.silence_alert", key=key, date=written_day(silence_on))

    waiting = Dossier.objects.filter(
        state__in=states.SILENCE_RUNS, refused_by_silence_on__gte=today, refused_by_silence_on__lte=today + AHEAD
    )
    return _each(waiting.select_related("organisation", "owner", "backup"), alert, "alert")


def remind_drafts(at: datetime) -> int:
    """Remind those who began a draft of the last day to deposit it, a few days before; returns how many."""
    today = at.astimezone(PARIS).date()
    closing = FilingPeriod.objects.filter(opens_on__lte=today, closes_on__gte=today, closes_on__lte=today + AHEAD)
    return sum(_remind_drafts_of(period, period.closes_on, today) for period in closing if period.closes_on)


def _remind_drafts_of(period: FilingPeriod, closes_on: date, today: date) -> int:
    if delays.reminder_day(closes_on) > today:
        return 0

    def remind(draft: Dossier) -> None:
        filled = thread.values(draft) | {"date_limite": written_day(closes_on)}
        key = f"draft:{draft.pk}:{closes_on}"
        notifications.notify("dossiers.draft_reminder", to=[draft.created_by], values=filled, about=draft, key=key)

    waiting = Dossier.objects.filter(scheme=period.scheme, state=states.DRAFT, created_by__is_active=True)
    return _each(waiting.select_related("organisation", "created_by"), remind, "draft reminder")


def _each(rows: Iterable[Row], gesture: Callable[[Row], object], what: str) -> int:
    """Do a gesture on each row, in a transaction of its own; returns on how many it was done."""
    done = 0
    for row in rows:
        try:
            with transaction.atomic():
                gesture(row)
        except NotDone:  # answered, cancelled or withdrawn meanwhile
            continue
        except Exception as error:  # whatever breaks one row, the others are done
            logger.exception("The %s of %s %s failed (%s).", what, row._meta.label, row.pk, type(error).__name__)
            continue
        done += 1
    return done
