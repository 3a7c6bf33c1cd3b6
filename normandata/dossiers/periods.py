"""Whether a scheme takes deposits at an instant, and until when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from normandata.regulation.formats import day as written_day

from . import delays, schemes
from .delays import PARIS
from .models import Dossier, FilingPeriod


@dataclass(frozen=True, slots=True)
class Window:
    """The filing of a scheme at an instant: open or not, its last day if it has one, and when it opens next.

    `grace` is in minutes, after the last day; 0 where there is none.
    """

    is_open: bool
    closes_on: date | None = None
    grace: int = 0
    opens_on: date | None = None
    closed_on: date | None = None
    why: str = ""
    """Why it is closed, where no date says it."""

    @property
    def refusal(self) -> str:
        """Say why nothing can be deposited now, and what happens next."""
        if self.is_open:
            return ""
        if self.why:
            return f"{self.why} Votre brouillon est gardé."
        opening = f" Le prochain dépôt ouvre le {written_day(self.opens_on)}." if self.opens_on else ""
        if self.closed_on:
            return (
                f"Le dépôt s’est arrêté le {written_day(self.closed_on)} à 23 h 59. Votre brouillon est gardé.{opening}"
            )
        return f"Le dépôt n’est pas encore ouvert. Votre brouillon est gardé.{opening}"


def window(scheme: str, at: datetime) -> Window:
    """Return the filing window of a scheme; a scheme without any period takes deposits all along.

    The last day is included up to 24:00 in Paris, and the grace of the règlement beyond.
    """
    today = at.astimezone(PARIS).date()
    periods = list(FilingPeriod.objects.filter(scheme=scheme).order_by("opens_on", "pk"))
    if not periods:
        return Window(is_open=True)
    grace = grace_minutes(scheme, today)
    for period in periods:
        if period.opens_on <= today and (period.closes_on is None or delays.is_in_time(period.closes_on, at, grace)):
            return Window(is_open=True, closes_on=period.closes_on, grace=grace if period.closes_on else 0)
    coming = [period.opens_on for period in periods if period.opens_on > today]
    over = [period.closes_on for period in periods if period.closes_on and period.closes_on < today]
    return Window(is_open=False, opens_on=min(coming, default=None), closed_on=max(over, default=None))


def windows(dossiers: Sequence[Dossier], at: datetime) -> Mapping[int, Window]:
    """Return the filing window of each dossier, by key: that of its scheme, or its own where the scheme says so."""
    found: dict[int, Window] = {}
    for scheme in dict.fromkeys(dossier.scheme for dossier in dossiers):
        theirs = [dossier for dossier in dossiers if dossier.scheme == scheme]
        own = schemes.application_of(scheme).windows
        found |= own(theirs, at) if own else dict.fromkeys([one.pk for one in theirs], window(scheme, at))
    return found


def window_of(dossier: Dossier, at: datetime) -> Window:
    """Return the filing window of a dossier."""
    return windows([dossier], at)[dossier.pk]


def grace_minutes(scheme: str, day: date) -> int:
    """Return the grace after a closing hour, in minutes, as the scheme's règlement fixes it on a day."""
    return int(schemes.by_slug()[scheme].reglement.on(day).number("closing_grace"))
