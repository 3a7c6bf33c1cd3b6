"""When an organisation is asked about its project, and an agent about the exchange. Civil days of Paris, date to date.

Annexe 4, « Évaluation et suivi » : indicators come up at the end of the project, with an exchange.
"""

from datetime import date, timedelta

ASKED_AFTER = (timedelta(0), timedelta(days=15), timedelta(days=30))
"""After the last day of the project, when its account is asked for, then recalled twice."""
EXCHANGE_AFTER = (timedelta(days=15), timedelta(days=30))
"""After the account was sent, when an agent is reminded of the exchange that was not noted."""
UNTIL = timedelta(days=90)
"""How long a reminder that could not leave on its day is still worth sending."""


def outcome_rung(ends_on: date, day: date) -> int | None:
    """Return which mail of the account is due on a day, counted from 0; None before the end of the project.

    The last day of a project is still a day of work: its account is asked for from the day after.
    """
    return _rung(ends_on + timedelta(days=1), ASKED_AFTER, day)


def exchange_rung(sent_on: date, day: date) -> int | None:
    """Return which reminder of the exchange is due on a day, counted from 0; None before the first one."""
    return _rung(sent_on, EXCHANGE_AFTER, day)


def _rung(first: date, delays: tuple[timedelta, ...], day: date) -> int | None:
    reached = [rank for rank, delay in enumerate(delays) if first + delay <= day]
    return reached[-1] if reached else None
