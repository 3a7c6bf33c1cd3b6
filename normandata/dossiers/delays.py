"""Delays of a request, counted as the law counts them. Pure: days and instants in, days and instants out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from normandata.regulation.calendar import add_months
from normandata.regulation.reglement import load

REGLEMENT = load(Path(__file__).with_name("reglement.toml"))
PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Suspension:
    """Pieces were asked on a day, due by another, and arrived on `arrived_on` (None while they are awaited)."""

    asked_on: date
    due_on: date
    arrived_on: date | None = None

    @property
    def days(self) -> int:
        """Days during which the delay did not run: up to the arrival or to the last day, whichever came first."""
        end = min(self.due_on, self.arrived_on) if self.arrived_on else self.due_on
        return max(0, (end - self.asked_on).days)


def silence_day(received_on: date, suspensions: Iterable[Suspension] = ()) -> date:
    """Return the day on which silence becomes a refusal: receipt + 2 months, put off by the suspensions.

    CRPA, art. L231-4 3° and L114-5.
    """
    months = int(REGLEMENT.on(received_on).number("silence_months"))
    return add_months(received_on, months) + timedelta(days=sum(one.days for one in suspensions))


def silence_alert_day(silence_on: date) -> date:
    """Return the day from which agents are alerted of a coming implicit refusal."""
    return silence_on - timedelta(days=int(REGLEMENT.on(silence_on).number("silence_alert")))


def appeal_day(born_on: date) -> date:
    """Return the last day to contest what was notified, or born, on a day: neither end counts (délai franc)."""
    return add_months(born_on, int(REGLEMENT.on(born_on).number("appeal_months"))) + timedelta(days=1)


def end_of(day: date) -> datetime:
    """Return the instant when a day ends in Paris: 24:00, whatever the zone of the server and its changes of hour."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=PARIS)


def grace_end(last_day: date, grace: int) -> datetime:
    """Return the last instant admitted: the end of the last day and the grace, in minutes, that covers slow uploads."""
    # Minutes elapse alike through a change of hour when they are counted in UTC.
    return (end_of(last_day).astimezone(UTC) + timedelta(minutes=grace)).astimezone(PARIS)


def is_in_time(last_day: date, at: datetime, grace: int) -> bool:
    """Tell whether what arrived at this instant arrived in time; the last second of the grace is included."""
    return at <= grace_end(last_day, grace)


def correction_deadline(asked_on: date) -> date:
    """Return the last day proposed for answering a request for pieces."""
    return asked_on + timedelta(days=int(REGLEMENT.on(asked_on).number("correction_days")))


def reminder_day(due_on: date) -> date:
    """Return the day of the reminder before a deadline."""
    return due_on - timedelta(days=int(REGLEMENT.on(due_on).number("reminder_days")))
