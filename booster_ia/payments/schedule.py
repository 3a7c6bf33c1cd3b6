"""What the days of a grant set off: reminders to justify, to answer, to present observations; mandates that are late.

Each mail is keyed: it leaves once, however often the hour is looked at. A row that breaks stops no other one.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db import models, transaction

from normandata.dossiers.delays import PARIS
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import thread
from normandata.notifications import services as notifications
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros

from ..awards import Award
from . import conduct, recovery_procedure, states
from .recoveries import Recovery
from .requests import PaymentRequest

Row = TypeVar("Row", bound=models.Model)
logger = logging.getLogger(__name__)
JUSTIFY_RUNGS = (7, 30, 60)
"""Days before the last day to justify on which the organisation is reminded, the nearest first."""
ANSWER_AHEAD = timedelta(days=7)
OBSERVE_AHEAD = timedelta(days=7)
MANDATE_WITHIN = timedelta(days=30)


def remind_to_justify(at: datetime) -> int:
    """Remind the organisations that have not asked their balance, 60, 30 and 7 days before the last day."""
    today = _today(at)

    def remind(award: Award) -> None:
        rung = next(days for days in JUSTIFY_RUNGS if award.justify_by <= today + timedelta(days=days))
        _tell(award.dossier, "justify_reminder", f"award:{award.pk}:justify:{rung}", **_due(award))

    coming = _unjustified().filter(justify_by__gte=today, justify_by__lte=today + timedelta(days=max(JUSTIFY_RUNGS)))
    return _each(coming, remind)


def alert_unjustified(at: datetime) -> int:
    """Tell the agents, once, of a grant whose last day to justify is past without a balance."""

    def alert(award: Award) -> None:
        thread.alert(award.dossier, "booster_ia.justify_late", key=f"award:{award.pk}:late", **_due(award))

    return _each(_unjustified().filter(justify_by__lt=_today(at)), alert)


def remind_to_answer(at: datetime) -> int:
    """Remind an organisation of a request sent back, in the week before its day; tell the agents once it is past."""
    today = _today(at)

    def remind(request: PaymentRequest) -> None:
        due = request.answer_by or today
        also = conduct.said(request) | {"date_limite": written_day(due)}
        key = f"payment:{request.pk}:answer:{due.isoformat()}"
        if due < today:
            thread.alert(request.award.dossier, "booster_ia.payment_unanswered", key=f"{key}:over", **also)
        else:
            _tell(request.award.dossier, "payment_answer_reminder", key, **also)

    waiting = PaymentRequest.objects.filter(state=states.RETURNED, answer_by__lte=today + ANSWER_AHEAD)
    return _each(waiting.select_related(*_whole("award__")), remind)


def remind_to_observe(at: datetime) -> int:
    """Remind an organisation of its observations in the week before their last day; tell the agents once it is past."""
    today = _today(at)

    def remind(recovery: Recovery) -> None:
        due = recovery.observations_by or today
        also = recovery_procedure.said(recovery) | {"date_limite": written_day(due)}
        key = f"recovery:{recovery.pk}:observe"
        if due < today:
            thread.alert(recovery.award.dossier, "booster_ia.recovery_over", key=f"{key}:over", **also)
        else:
            _tell(recovery.award.dossier, "recovery_reminder", key, **also)

    waiting = Recovery.objects.filter(
        state=states.NOTIFIED, observed_at=None, observations_by__lte=today + OBSERVE_AHEAD
    )
    return _each(waiting.select_related(*_whole("award__")), remind)


def alert_mandates(at: datetime) -> int:
    """Tell the payments officers of a payment certified thirty days ago that has no mandate, once."""

    def alert(request: PaymentRequest) -> None:
        conduct.alert_officers(request, "mandate_missing", key=f"payment:{request.pk}:mandate")

    late = PaymentRequest.objects.filter(state=states.CERTIFIED, certified_at__lte=at - MANDATE_WITHIN)
    return _each(late.select_related(*_whole("award__")), alert)


WORKS: tuple[Callable[[datetime], int], ...] = (
    remind_to_justify,
    alert_unjustified,
    remind_to_answer,
    remind_to_observe,
    alert_mandates,
)


def _unjustified() -> "models.QuerySet[Award]":
    """Keep the grants under way whose balance was not sent."""
    sent = PaymentRequest.objects.filter(
        award=models.OuterRef("pk"), kind=PaymentRequest.Kind.BALANCE, submitted_at__isnull=False
    ).exclude(state__in=states.OVER)
    running = Award.objects.active().filter(dossier__state=conduct.IN_COURSE)
    return running.exclude(models.Exists(sent)).select_related(*_whole())


def _due(award: Award) -> dict[str, str]:
    return {"date_limite": written_day(award.justify_by), "reste": euros(award.left)}


def _tell(dossier: Dossier, kind: str, key: str, **also: str) -> None:
    """Send the organisation a reminder once; what is only a reminder is not written in the thread."""
    filled = thread.values(dossier) | also
    notifications.notify(f"booster_ia.{kind}", to=thread.applicants(dossier), values=filled, about=dossier, key=key)


def _whole(path: str = "") -> tuple[str, ...]:
    return tuple(f"{path}dossier__{name}" for name in ("organisation", "owner", "backup"))


def _today(at: datetime) -> date:
    return at.astimezone(PARIS).date()


def _each(rows: Iterable[Row], gesture: Callable[[Row], object]) -> int:
    """Do a gesture on each row, in a transaction of its own; returns on how many it was done."""
    done = 0
    for row in rows:
        try:
            with transaction.atomic():
                gesture(row)
        except Exception as error:  # whatever breaks one row, the others are done
            logger.exception("The reminder of %s %s failed (%s).", type(row).__name__, row.pk, type(error).__name__)
            continue
        done += 1
    return done
