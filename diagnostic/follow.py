"""When a structure is asked about its diagnostic: questionnaire at once, follow-up six months after the report.

The days are civil days of Paris, counted from date to date from the day the report was handed over.
"""

from datetime import date, timedelta

from normandata.regulation.calendar import add_months

from .orders import Order
from .rules import REGLEMENT

EVALUATION_DAYS = 14
"""Days after the report when a questionnaire not sent is recalled; then one month after it."""
FOLLOW_UP_AGAIN = timedelta(days=15)
START_AHEAD = timedelta(days=15)
"""Before the last day to start, when those concerned are alerted; then on the day."""


def evaluation_day(delivered_on: date) -> date:
    """Return the day the questionnaire is awaited for: one not sent by then is recalled."""
    return delivered_on + timedelta(days=EVALUATION_DAYS)


def follow_up_day(delivered_on: date) -> date:
    """Return the day the structure is asked what it did (annexe 3: « au bout de 6 mois »)."""
    return add_months(delivered_on, int(REGLEMENT.on(delivered_on).number("follow_up_months")))


def delivered_by(day: date) -> date:
    """Return the latest delivery day that may be of six months on a day: a bound for queries, a few days wide."""
    return add_months(day, -int(REGLEMENT.on(day).number("follow_up_months"))) + timedelta(days=3)


def may_follow_up(order: Order, day: date) -> bool:
    """Tell whether the follow-up is open on a day; it never closes, a late answer is better than none."""
    return order.delivered_on is not None and follow_up_day(order.delivered_on) <= day


def evaluation_rung(delivered_on: date, day: date) -> str:
    """Return which reminder of the questionnaire is due on a day, by name, or an empty text."""
    if day >= add_months(delivered_on, 1):
        return "month"
    return "fortnight" if day >= evaluation_day(delivered_on) else ""


def follow_up_rung(delivered_on: date, day: date) -> str:
    """Return which mail of the follow-up is due on a day, by name, or an empty text."""
    asked_on = follow_up_day(delivered_on)
    if day >= asked_on + FOLLOW_UP_AGAIN:
        return "again"
    return "first" if day >= asked_on else ""


def start_rung(start_by: date, day: date) -> str:
    """Return which alert of a diagnostic not started is due on a day, by name, or an empty text."""
    if day >= start_by:
        return "day"
    return "ahead" if day >= start_by - START_AHEAD else ""
