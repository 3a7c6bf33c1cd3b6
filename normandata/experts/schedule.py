"""What time alone sets off for the opinions: a reminder before the last day, the delay noted the day after.

Each mail is keyed: it leaves once, however often the hour is looked at. A row that breaks stops no other one.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from normandata.dossiers import states
from normandata.dossiers.delays import PARIS
from normandata.procedure.errors import NotDone

from .models import Opinion
from .opinions import OpinionQuerySet
from .services import opinions
from .workflow import ASKED

logger = logging.getLogger(__name__)
AHEAD = timedelta(days=60)
"""How far days are looked at: further than any reminder."""


def drop_questions(at: datetime) -> int:
    """Close the questions whose dossier is no longer examined; returns how many."""
    return _each(Opinion.objects.open().exclude(dossier__state__in=states.OPEN), opinions.drop, at, "closing")


def expire_questions(at: datetime) -> int:
    """Note the delay of what was not answered on its last day, and remind of it; returns how many."""
    today = at.astimezone(PARIS).date()
    return _each(Opinion.objects.filter(state=ASKED, due_on__lt=today), opinions.expire, at, "delay")


def remind_questions(at: datetime) -> int:
    """Remind experts of what is awaited of them, a few days before; returns how many were looked at."""
    today = at.astimezone(PARIS).date()
    coming = Opinion.objects.filter(state=ASKED, due_on__gte=today, due_on__lte=today + AHEAD)
    return _each(coming, opinions.remind, at, "reminder")


def _each(rows: OpinionQuerySet, gesture: Callable[[Opinion, datetime], object], at: datetime, what: str) -> int:
    """Do a gesture on each row, in a transaction of its own; returns on how many it was done."""
    done = 0
    for row in rows.order_by("pk"):
        try:
            with transaction.atomic():
                gesture(row, at)
        except NotDone:  # answered, cancelled or put off meanwhile
            continue
        except Exception as error:  # whatever breaks one row, the others are done
            logger.exception("The %s of opinion %s failed (%s).", what, row.pk, type(error).__name__)
            continue
        done += 1
    return done
