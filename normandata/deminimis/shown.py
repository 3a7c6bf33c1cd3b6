"""The account of an undertaking as an agent reads it before a decision: both readings, every aid, the alerts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from normandata.regulation.formats import plural

from .account import Assessed
from .models import Source
from .reckoning import Line
from .rules import CITED, IN_FORCE

READINGS = {
    IN_FORCE: "Règlement (UE) 2023/2831, en vigueur",
    CITED: "Règlement (UE) 1407/2013, cité par la délibération et expiré",
}


@dataclass(frozen=True, slots=True)
class ShownReading:
    """One reading of the account, in euros; `after` is what is left once the aid to decide is counted."""

    title: str
    start: date
    end: date
    ceiling: Decimal
    used: Decimal | None
    after: Decimal | None
    outcome: str


@dataclass(frozen=True, slots=True)
class ShownLine:
    """An aid of the account: whether it counts, and why not."""

    on: date
    amount: Decimal
    who: str
    counts: bool
    why: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An account and what an aid of `amount` euros would make of it; `what` names that aid: « ce diagnostic »."""

    amount: Decimal
    what: str
    readings: list[ShownReading]
    lines: list[ShownLine]
    alerts: tuple[str, ...]

    @property
    def counted(self) -> str:
        return _counted(self.lines)


@dataclass(frozen=True, slots=True)
class StandingReading:
    """One reading of the account as it stands, in euros; None while the aids received are not declared."""

    title: str
    start: date
    end: date
    ceiling: Decimal
    used: Decimal | None
    room: Decimal | None


@dataclass(frozen=True, slots=True)
class Standing:
    """An account on a day, without an aid to decide: what it holds, and the room that is left."""

    on: date
    readings: list[StandingReading]
    lines: list[ShownLine]
    alerts: tuple[str, ...]
    is_blank: bool
    """Whether nothing is entered nor declared."""

    @property
    def counted(self) -> str:
        return _counted(self.lines)


def stand(found: Assessed) -> Standing:
    """Prepare an account that was read without an aid to decide for a page."""
    read = found.assessment.readings
    readings = [
        StandingReading(title, one.start, one.end, one.ceiling, one.used, one.remaining)
        for title, one in ((title, read[number]) for number, title in READINGS.items())
    ]
    lines = list(_lines(found.account.lines))
    return Standing(found.facts.on, readings, lines, found.alerts, not lines and not found.account.declared)


def show(found: Assessed, amount: Decimal, what: str) -> Shown:
    """Prepare a judgment of the account for a page."""
    read = found.assessment.readings
    readings = [
        ShownReading(
            title,
            read[number].start,
            read[number].end,
            read[number].ceiling,
            read[number].used,
            _left(read[number].remaining, amount),
            read[number].outcome.value,
        )
        for number, title in READINGS.items()
    ]
    return Shown(amount, what, readings, list(_lines(found.account.lines)), found.alerts)


def _counted(lines: Iterable[ShownLine]) -> str:
    count = sum(line.counts for line in lines)
    return plural(count, "aide comptée", "aides comptées") if count else "Aucune aide n’est comptée"


def _left(remaining: Decimal | None, amount: Decimal) -> Decimal | None:
    return None if remaining is None else remaining - amount


def _lines(lines: Iterable[Line]) -> Iterable[ShownLine]:
    sources = dict(Source.choices)
    for line in lines:
        one = line.entry
        who = one.authority or str(sources.get(one.source, one.source))
        yield ShownLine(one.on, one.amount, who, line.counts, line.why)
