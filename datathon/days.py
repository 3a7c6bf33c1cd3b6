"""The dates of an edition: what they open and close, and how a clone moves them. Pure.

Days are civil days in Paris, each included to its last instant; annexe 5 leaves them to each edition.
"""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from normandata.regulation.calendar import PARIS, NoSuchHour, SameHourTwice, paris

A_YEAR = timedelta(weeks=52)
"""What a year moves a date by, so that it stays on its day of the week."""


@dataclass(frozen=True, slots=True)
class Days:
    """The dates of an edition; None for one that is not known yet."""

    opens_on: date | None = None
    registration_closes_on: date | None = None
    starts_on: date | None = None
    teams_lock_on: date | None = None
    deliverables_due_at: datetime | None = None
    closing_at: datetime | None = None

    def later(self, years: int) -> "Days":
        """Move each date by whole weeks; an hour that the clock of that night has not, or has twice, is left out."""
        moved: dict[str, Any] = {one.name: _moved(getattr(self, one.name), years) for one in fields(self)}
        return replace(self, **moved)


def _moved(moment: date | datetime | None, years: int) -> date | datetime | None:
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        return moment + years * A_YEAR
    local = moment.astimezone(PARIS)
    try:
        return paris(local.date() + years * A_YEAR, local.time())
    except (NoSuchHour, SameHourTwice):
        return None
