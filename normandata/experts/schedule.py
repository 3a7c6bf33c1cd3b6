"""What time alone sets off: a reminder before the last day of an opinion, the delay noted the day after; a reminder of
a meeting that nobody answers; requests emptied long after they ended.

Each mail is keyed: it leaves once, however often the hour is looked at. A row that breaks stops no other one.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from normandata.dossiers import states
from normandata.dossiers.delays import PARIS, end_of
from normandata.privacy import due
from normandata.procedure.errors import NotDone

from .models import Introduction, Need, Opinion
from .need_workflow import ENDED, OPEN
from .services import needs, opinions
from .workflow import ASKED

logger = logging.getLogger(__name__)
SILENCE = timedelta(days=7)
"""How long an expert may keep silent before being reminded."""
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


def remind_offers(at: datetime) -> int:
    """Remind experts of the meetings they have not answered for a week; returns how many were looked at."""
    day = at.astimezone(PARIS).date() - SILENCE
    silent = Introduction.objects.pending().filter(need__state__in=OPEN, asked_at__lt=end_of(day))
    return _each(silent, needs.remind, at, "reminder")


def empty_needs(at: datetime) -> int:
    """Empty the requests whose time is over (`retention.toml`, « coeur-expert »); returns how many."""
    day = at.astimezone(PARIS).date()
    (rule,) = due.rules_of("need_ended")
    ended = Need.objects.filter(state__in=ENDED, emptied_at=None, closed_at__date__lte=due.started_by(rule, day))
    over = [one.pk for one in ended if rule.on(day).end(timezone.localdate(one.closed_at)) <= day]
    return _each(Need.objects.filter(pk__in=over), needs.empty, at, "emptying")


def _each(rows: "QuerySet[Any]", gesture: Callable[[Any, datetime], object], at: datetime, what: str) -> int:
    """Do a gesture on each row, in a transaction of its own; returns on how many it was done."""
    done = 0
    for row in rows.order_by("pk"):
        try:
            with transaction.atomic():
                gesture(row, at)
        except NotDone:  # answered, cancelled or put off meanwhile
            continue
        except Exception as error:  # whatever breaks one row, the others are done
            said = (what, type(row).__name__.lower(), row.pk, type(error).__name__)
            logger.exception("The %s of %s %s failed (%s).", *said)
            continue
        done += 1
    return done
