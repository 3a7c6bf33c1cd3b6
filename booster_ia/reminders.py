"""What time alone sets off at the end of a project: its account asked for and recalled, the exchange recalled.

Each mail is keyed: it leaves once, however often the hour is looked at. A row that breaks stops no other one.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from django.db import transaction

from normandata.dossiers.delays import PARIS
from normandata.dossiers.exchange import ThreadMessage
from normandata.dossiers.services import thread
from normandata.notifications import services as notifications
from normandata.regulation.formats import day as written_day

from . import follow
from .awards import Award, AwardQuerySet
from .services.after import TOLD_IN

logger = logging.getLogger(__name__)


def ask_outcomes(at: datetime) -> int:
    """Ask for the account of each project the day after it ended, then 15 and 30 days later where none was sent."""
    today = _today(at)

    def ask(award: Award) -> None:
        rung = follow.outcome_rung(award.ends_on, today)
        if rung is not None:
            _tell(award, "booster_ia.outcome_reminder" if rung else "booster_ia.outcome_asked", f"outcome:{rung}")

    waiting = Award.objects.active().filter(
        dossier__state__in=TOLD_IN,
        notified_on__isnull=False,
        ends_on__lt=today,
        ends_on__gte=today - follow.UNTIL,
    )
    return _each(_whole(waiting.exclude(outcome__sent_at__isnull=False)), ask, "account reminder")


def remind_exchanges(at: datetime) -> int:
    """Remind whoever answers for a dossier that the exchange is to be held, 15 then 30 days after the account came."""
    today = _today(at)

    def remind(award: Award) -> None:
        if award.outcome.sent_at is None:
            return
        sent_on = _today(award.outcome.sent_at)
        rung = follow.exchange_rung(sent_on, today)
        if rung is not None:
            key = f"award:{award.pk}:exchange:{rung}"
            thread.alert(award.dossier, "booster_ia.exchange_reminder", key=key, date=written_day(sent_on))

    waiting = Award.objects.active().filter(
        dossier__state__in=TOLD_IN,
        outcome__exchange_on=None,
        outcome__sent_at__lte=at - follow.EXCHANGE_AFTER[0] + timedelta(days=1),
        outcome__sent_at__gte=at - follow.UNTIL,
    )
    return _each(_whole(waiting).select_related("outcome"), remind, "exchange reminder")


def _tell(award: Award, kind: str, key: str) -> None:
    """Send the organisation a mail once, and write the same text in the thread."""
    dossier, once = award.dossier, f"award:{award.pk}:{key}"
    filled = thread.values(dossier, fin=written_day(award.ends_on))
    content = notifications.rendered(kind, filled)
    notifications.notify(kind, to=thread.applicants(dossier), values=filled, about=dossier, key=once)
    told = {"dossier": dossier, "kind": ThreadMessage.Kind.STATE, "subject": content.subject[:200]}
    if not ThreadMessage.objects.filter(**told).exists():
        ThreadMessage.objects.create(**told, side=ThreadMessage.Side.PORTAL, text=content.text)


def _whole(awards: AwardQuerySet) -> AwardQuerySet:
    """Read with the grants all that their mails need."""
    return awards.select_related("dossier__organisation", "dossier__owner", "dossier__backup")


def _today(at: datetime) -> date:
    return at.astimezone(PARIS).date()


def _each(rows: Iterable[Award], gesture: Callable[[Award], None], what: str) -> int:
    """Do a gesture on each row, in a transaction of its own; returns on how many it was done."""
    done = 0
    for row in rows:
        try:
            with transaction.atomic():
                gesture(row)
        except Exception as error:  # whatever breaks one row, the others are done
            logger.exception("The %s of award %s failed (%s).", what, row.pk, type(error).__name__)
            continue
        done += 1
    return done
