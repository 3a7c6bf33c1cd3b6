"""What time alone sets off: reminders to partners before a wave closes, invitations that an address was too full for.

A row that breaks stops no other one; doing it twice changes nothing.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Case, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncDate

from normandata.dossiers import states
from normandata.dossiers.delays import PARIS

from .partners import INVITED, Partner
from .services import partners
from .waves import Wave

Row = TypeVar("Row")
logger = logging.getLogger(__name__)
AHEAD = timedelta(days=7)
"""How long before the closing day of a wave its partners are reminded, once."""


def invite_waiting(at: datetime) -> int:
    """Write the mails that an address full for the hour could not take; returns for how many dossiers."""
    waiting = Partner.objects.filter(state=INVITED, mailed_at=None, dossier__state__in=states.OPEN)
    found = waiting.order_by("dossier").values_list("dossier", flat=True).distinct()
    return _each(list(found), partners.send_invitations, "invitation")


def remind_partners(at: datetime) -> int:
    """Remind the partners that have not answered, in the week before their dossier's wave closes, that day included.

    A dossier that is in no wave yet has for its own the first that closes after its deposit, or from today when it was
    left out of one.
    """
    today = at.astimezone(PARIS).date()
    waiting = _with_closing(today).filter(
        state=INVITED,
        dossier__state__in=states.OPEN,
        mailed_at__isnull=False,
        closing_on__range=(today, today + AHEAD),
    )

    def remind(partner: Partner) -> None:
        partners.remind(partner, since=vars(partner)["closing_on"] - AHEAD, today=today)

    return _each(waiting.order_by("pk"), remind, "reminder")


def _with_closing(today: date) -> QuerySet[Any]:
    """Return the partners, each with the closing day of the wave of its dossier."""
    deposited = TruncDate("dossier__submitted_at", tzinfo=PARIS)
    since = Case(When(dossier__booster__wave_reason="", then=deposited), default=Value(today))
    coming = Wave.objects.filter(closing_on__gte=OuterRef("since")).order_by("closing_on").values("closing_on")
    closing_on = Coalesce("dossier__booster__wave__closing_on", Subquery(coming[:1]))
    return Partner.objects.annotate(since=since).annotate(closing_on=closing_on)


def _each(rows: Iterable[Row], gesture: Callable[[Row], object], what: str) -> int:
    """Do a gesture on each row; returns on how many it was done."""
    done = 0
    for row in rows:
        try:
            gesture(row)
        except Exception as error:  # whatever breaks one row, the others are done
            logger.exception("The %s of %s failed (%s).", what, row, type(error).__name__)
            continue
        done += 1
    return done
