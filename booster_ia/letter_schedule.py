"""What time alone sets off after a notification: a letter that nobody opens, a convention that nobody signs.

Each mail is keyed: it leaves once, however often the hour is looked at. A row that breaks stops no other one.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from normandata.dossiers.delays import PARIS, end_of
from normandata.dossiers.letters import Letter
from normandata.dossiers.services import thread
from normandata.notifications import services as notifications
from normandata.regulation.formats import day as written_day

from .agreements import Agreement
from .rules import REGLEMENT

Row = TypeVar("Row")
logger = logging.getLogger(__name__)
STILL = timedelta(days=60)
"""How long a mail that could not leave on its day is still worth sending."""


def alert_unread(at: datetime) -> int:
    """Alert the agents of a decision that nobody has opened nor received by post: it is to be posted."""
    today = at.astimezone(PARIS).date()
    last = today - _days(today, "letter_unread_days")
    waiting = Letter.objects.filter(
        decision_letter__isnull=False,
        is_contestable=True,
        read_at=None,
        posted_on=None,
        sent_at__lt=end_of(last),
        sent_at__gte=end_of(last - STILL),
    )

    def alert(letter: Letter) -> None:
        sent_on = written_day(timezone.localdate(letter.sent_at))
        key = f"letter:{letter.pk}:unread"
        thread.alert(letter.dossier, "booster_ia.letter_unread", key=key, lettre=letter.title, jour=sent_on)

    rows = waiting.select_related("dossier__organisation", "dossier__owner", "dossier__backup")
    return _each(rows, alert, "unread letter")


def remind_agreements(at: datetime) -> int:
    """Recall the convention to a structure that has not signed it."""
    today = at.astimezone(PARIS).date()
    last = today - _days(today, "agreement_reminder_days")
    waiting = Agreement.objects.unsigned().filter(
        award__undone_at=None,
        award__dossier__state="notified",
        made_at__lt=end_of(last),
        made_at__gte=end_of(last - STILL),
    )

    def remind(agreement: Agreement) -> None:
        dossier = agreement.award.dossier
        filled = thread.values(dossier) | {"jour": written_day(timezone.localdate(agreement.made_at))}
        key = f"agreement:{agreement.pk}:reminder"
        to = thread.applicants(dossier)
        notifications.notify("booster_ia.agreement_reminder", to=to, values=filled, about=dossier, key=key)

    return _each(waiting.select_related("award__dossier__organisation"), remind, "agreement reminder")


def _days(day: date, name: str) -> timedelta:
    return timedelta(days=int(REGLEMENT.on(day).number(name)))


def _each(rows: Iterable[Row], gesture: Callable[[Row], None], what: str) -> int:
    """Do a gesture on each row, in a transaction of its own; returns on how many it was done."""
    done = 0
    for row in rows:
        try:
            with transaction.atomic():
                gesture(row)
        except Exception as error:  # whatever breaks one row, the others are done
            logger.exception("The %s %s failed (%s).", what, row, type(error).__name__)
            continue
        done += 1
    return done


WORKS = (alert_unread, remind_agreements)
