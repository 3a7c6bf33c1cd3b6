"""What time alone sets off after a selection: alerts of a late start, reminders of the questionnaire and the follow-up.

Each mail is keyed: it leaves once, however often the hour is looked at. A row that breaks stops no other one.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from django.db import transaction

from normandata.dossiers.delays import PARIS
from normandata.dossiers.services import thread
from normandata.notifications import services as notifications
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros, spaced

from . import follow, letters, places
from .market import Market
from .orders import Order, OrderQuerySet
from .services.orders import providers

logger = logging.getLogger(__name__)
EVALUATION_UNTIL = timedelta(days=90)
FOLLOW_UP_UNTIL = timedelta(days=60)
"""How long a reminder that could not leave on its day is still worth sending."""


def alert_starts(at: datetime) -> int:
    """Alert agents and provider of a diagnostic not started, fifteen days before its last day and on it."""
    today = _today(at)

    def alert(order: Order) -> None:
        rung = follow.start_rung(order.start_by, today) if order.start_by else ""
        if not rung or order.start_by is None:
            return
        key = f"order:{order.pk}:start:{rung}"
        said = {"prestataire": order.company.name, "debut": written_day(order.start_by)}
        thread.alert(order.dossier, "diagnostic.start_alert", key=key, **said)
        filled = letters.provider_values(order)
        to = providers(order.company)
        notifications.notify("diagnostic.start_reminder", to=to, values=filled, about=order.dossier, key=key)

    waiting = Order.objects.active().filter(
        dossier__state="notified",
        started_on=None,
        start_by__gte=today - FOLLOW_UP_UNTIL,
        start_by__lte=today + follow.START_AHEAD,
    )
    return _each(_whole(waiting), alert, "start alert")


def call_head(at: datetime) -> int:
    """Alert the agents when the first of the waiting list can be paid, once for each amount left; reserves nothing."""
    today = _today(at)
    first = places.head()
    market = Market.objects.in_force(today).select_related("envelope").first()
    if first is None or market is None:
        return 0
    left = places.room(first, market, today).left
    most = places.most_half_days(today)
    if left < market.price(most).ttc or market.half_days_left < most:
        return 0
    thread.alert(first, "diagnostic.money_back", key=f"head:{first.pk}:{left}", libre=spaced(f"{euros(left)} TTC"))
    return 1


def remind_evaluations(at: datetime) -> int:
    """Recall the questionnaire to structures that did not send it, two weeks after the report, then one month."""
    today = _today(at)

    def remind(order: Order) -> None:
        rung = follow.evaluation_rung(order.delivered_on, today) if order.delivered_on else ""
        if rung:
            _tell(order, "diagnostic.evaluation_reminder", f"evaluation:{rung}")

    waiting = Order.objects.active().filter(
        delivered_on__gte=today - EVALUATION_UNTIL, delivered_on__lte=today - timedelta(days=follow.EVALUATION_DAYS)
    )
    return _each(_whole(waiting.exclude(evaluation__sent_at__isnull=False)), remind, "questionnaire reminder")


def ask_follow_ups(at: datetime) -> int:
    """Ask what was done six months after the report, then fifteen days later where nobody answered."""
    today = _today(at)

    def ask(order: Order) -> None:
        rung = follow.follow_up_rung(order.delivered_on, today) if order.delivered_on else ""
        if rung:
            _tell(order, "diagnostic.follow_up" if rung == "first" else "diagnostic.follow_up_again", f"follow:{rung}")

    first, latest = follow.delivered_by(today - FOLLOW_UP_UNTIL) - timedelta(days=7), follow.delivered_by(today)
    waiting = Order.objects.active().filter(delivered_on__gte=first, delivered_on__lte=latest, follow_ups=None)
    return _each(_whole(waiting), ask, "follow-up")


def _tell(order: Order, kind: str, key: str) -> None:
    """Send the structure a mail once."""
    dossier, once = order.dossier, f"order:{order.pk}:{key}"
    to, filled = thread.applicants(dossier), thread.values(dossier)
    notifications.notify(kind, to=to, values=filled, about=dossier, key=once)


def _whole(orders: OrderQuerySet) -> OrderQuerySet:
    """Read with the orders all that their mails need."""
    return orders.select_related(
        "company", "organisation", "dossier__organisation", "dossier__owner", "dossier__backup"
    )


def _today(at: datetime) -> date:
    return at.astimezone(PARIS).date()


def _each(rows: Iterable[Order], gesture: Callable[[Order], None], what: str) -> int:
    """Do a gesture on each row, in a transaction of its own; returns on how many it was done."""
    done = 0
    for row in rows:
        try:
            with transaction.atomic():
                gesture(row)
        except Exception as error:  # whatever breaks one row, the others are done
            logger.exception("The %s of order %s failed (%s).", what, row.pk, type(error).__name__)
            continue
        done += 1
    return done
