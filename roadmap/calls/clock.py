"""What time alone sets off: calls open and close on their days, and drafts are reminded of the last one."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from normandata.dossiers import delays, states
from normandata.dossiers.delays import PARIS
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import thread
from normandata.notifications import services as notifications
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotDone
from normandata.regulation.formats import day as written_day

from ..permissions import SCHEME
from . import workflow
from .models import Call
from .sections import CALL

logger = logging.getLogger(__name__)


def open_due(at: datetime) -> int:
    """Open the announced calls whose day has come; returns how many."""
    today = at.astimezone(PARIS).date()
    waiting = Call.objects.filter(state=workflow.ANNOUNCED, opens_on__lte=today, closes_on__gte=today)
    return _each(list(waiting), lambda call: procedure.fire(call, "open_in_time", by=None, at=at))


def close_due(at: datetime) -> int:
    """Close the calls whose last day and grace are over; returns how many."""
    today = at.astimezone(PARIS).date()
    waiting = Call.objects.filter(state=workflow.OPEN, closes_on__lt=today)
    return _each(list(waiting), lambda call: procedure.fire(call, "close_in_time", by=None, at=at))


def remind_drafts(at: datetime) -> int:
    """Remind those who began a proposal of the last day to deposit it, a few days before; returns for how many."""
    today = at.astimezone(PARIS).date()
    closing = Call.objects.answerable(today)
    return sum(_remind(one, at) for one in closing if one.closes_on and delays.reminder_day(one.closes_on) <= today)


def _remind(call: Call, at: datetime) -> int:
    waiting = Dossier.objects.filter(
        scheme=SCHEME,
        state=states.DRAFT,
        created_by__is_active=True,
        sections__slug=CALL,
        sections__answers__appel=call.slug,
    ).select_related("organisation", "created_by")
    for draft in waiting:
        if call.closes_on is None:
            continue
        filled = thread.values(draft) | {"date_limite": written_day(call.closes_on)}
        key = f"draft:{draft.pk}:{call.closes_on}"
        notifications.notify("dossiers.draft_reminder", to=[draft.created_by], values=filled, about=draft, key=key)
    return len(waiting)


def _each(calls: list[Call], gesture: Callable[[Call], object]) -> int:
    """Do a gesture on each call, in a transaction of its own; one that fails stops no other."""
    done = 0
    for call in calls:
        try:
            with transaction.atomic():
                gesture(call)
        except NotDone:  # extended, cancelled or moved meanwhile, or its grace still runs
            continue
        except Exception as error:  # whatever breaks one call, the others are done
            logger.exception("The clock of call %s failed (%s).", call.pk, type(error).__name__)
            continue
        done += 1
    return done
