"""Ceilings on de minimis aid, for one single undertaking. Pure.

Both readings are always computed: règlement (UE) 2023/2831 decides, 1407/2013 (cited by the deliberation, expired)
only raises an alert when its outcome differs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from normandata.regulation.calendar import add_years, fiscal_year
from normandata.regulation.findings import (
    Answer,
    Outcome,
    Verdict,
    amount,
    met,
    not_applicable,
    plain,
    to_review,
    unmet,
)
from normandata.regulation.formats import day as written_day
from normandata.regulation.formats import euros, plural
from normandata.regulation.judgment import judge
from normandata.regulation.money import ZERO
from normandata.regulation.reglement import Figures, Reglement, load

REGLEMENT = load(Path(__file__).with_name("reglement.toml"))

IN_FORCE = "2023/2831"
CITED = "1407/2013"
Period = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Aid:
    """A de minimis aid already granted: day of the grant, gross amount in euros."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A new aid of `amount` euros to an undertaking on a day, and the aids it already holds (None: not declared).

    `fiscal_year_end` is the month and last day of the undertaking's fiscal year.
    """

    on: date
    amount: Decimal | None = None
    is_economic: bool = True
    fiscal_year_end: tuple[int, int] = (12, 31)
    is_road_freight: bool = False
    aids: tuple[Aid, ...] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One regime's reading: its window, what it already holds, what room is left (None while aids are unknown)."""

    start: date
    end: date
    ceiling: Decimal
    used: Decimal | None
    remaining: Decimal | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Assessment:
    """The verdict on the ceiling and both readings."""

    verdict: Verdict
    readings: dict[str, Reading]

    @property
    def alert(self) -> bool:
        """True when the expired reading, cited by the deliberation, would have concluded otherwise."""
        return self.readings[IN_FORCE].outcome is not self.readings[CITED].outcome

    @property
    def room(self) -> Decimal | None:
        """The most that could be granted on that day, in euros; None when unknown."""
        return self.readings[IN_FORCE].remaining


def assess(facts: Facts, *, reglement: Reglement = REGLEMENT) -> Assessment:
    """Compute both readings and judge the new aid by the regime in force."""
    figures = reglement.on(facts.on)
    readings = {IN_FORCE: rolling(facts, figures), CITED: by_fiscal_years(facts, figures)}

    def ceiling(facts: Facts, figures: Figures) -> Answer:
        return _ceiling(facts, figures, readings[IN_FORCE], readings[CITED])

    return Assessment(judge({"ceiling": ceiling}, facts, figures), readings)


def rolling(facts: Facts, figures: Figures) -> Reading:
    """Read règlement 2023/2831: any period of three years, rolling back from each grant."""
    years = int(figures.number("years_2831"))
    first = 0 if figures.flag("lower_bound_included") else 1

    def window(day: date) -> Period:
        start = add_years(day, -years)
        return date.fromordinal(start.toordinal() + first), day

    return _read(facts, figures.number("ceiling_2831"), window)


def by_fiscal_years(facts: Facts, figures: Figures) -> Reading:
    """Read règlement 1407/2013: the undertaking's fiscal year of the grant and the two before."""
    count = int(figures.number("fiscal_years_1407"))
    ceiling = figures.number("ceiling_1407_road" if facts.is_road_freight else "ceiling_1407")

    def window(day: date) -> Period:
        start, end = fiscal_year(day, *facts.fiscal_year_end)
        for _ in range(count - 1):
            start, _previous_end = fiscal_year(date.fromordinal(start.toordinal() - 1), *facts.fiscal_year_end)
        return start, end

    return _read(facts, ceiling, window)


def _read(facts: Facts, ceiling: Decimal, window: Callable[[date], Period]) -> Reading:
    """Sum the window of the grant, and re-test every later grant's window that contains it (retroactive entry)."""
    start, end = window(facts.on)
    if facts.aids is None:
        outcome = Outcome.TO_REVIEW if facts.is_economic else Outcome.NOT_APPLICABLE
        return Reading(start, end, ceiling, None, None, outcome)
    later = {window(aid.on) for aid in facts.aids if aid.on > facts.on}
    windows = [(start, end), *(period for period in later if period[0] <= facts.on)]
    room = ceiling - max(_sum(facts.aids, period) for period in windows)
    return Reading(start, end, ceiling, _sum(facts.aids, (start, end)), max(ZERO, room), _outcome(facts, room))


def _sum(aids: Sequence[Aid], period: Period) -> Decimal:
    return sum((aid.amount for aid in aids if period[0] <= aid.on <= period[1]), ZERO)


def _outcome(facts: Facts, room: Decimal) -> Outcome:
    if not facts.is_economic:
        return Outcome.NOT_APPLICABLE
    if facts.amount is None:
        return Outcome.TO_REVIEW
    return Outcome.MET if facts.amount <= room else Outcome.UNMET


def _ceiling(facts: Facts, figures: Figures, decides: Reading, cited: Reading) -> Answer:
    if not facts.is_economic:
        return not_applicable("L’activité n’est pas économique : les aides de minimis ne la concernent pas.")
    period = f"entre le {written_day(decides.start)} et le {written_day(decides.end)}"
    if decides.used is None or decides.remaining is None:
        return to_review(f"Les aides de minimis reçues {period} ne sont pas déclarées.", aids=None)
    used = {
        "used": amount(decides.used),
        "remaining": amount(decides.remaining),
        "ceiling": amount(decides.ceiling),
        "from": plain(decides.start),
        "to": plain(decides.end),
        "cited_outcome": cited.outcome.value,
    }
    received = f"Déjà reçu {period} : {euros(decides.used)}"
    if facts.amount is None:
        return to_review(
            f"{received}. Il reste {euros(decides.remaining)} ; le montant de la nouvelle aide n’est pas indiqué.",
            amount=None,
            **used,
        )
    used["amount"] = amount(facts.amount)
    note = _note(decides, cited, figures.number("fiscal_years_1407")) + _expiry(facts.on, figures)
    if decides.outcome is Outcome.MET:
        left = decides.remaining - facts.amount
        return met(
            f"{received}. Avec cette aide de {euros(facts.amount)}, il resterait {euros(left)} sous le plafond de "
            f"{euros(decides.ceiling, cents=False)}.{note}",
            **used,
        )
    return unmet(
        f"{received}. Cette aide de {euros(facts.amount)} dépasserait le plafond de "
        f"{euros(decides.ceiling, cents=False)} : il reste {euros(decides.remaining)}, qui pourraient être accordés "
        f"par une autre décision.{note}",
        **used,
    )


def _note(decides: Reading, cited: Reading, years: Decimal) -> str:
    if decides.outcome is cited.outcome:
        return ""
    period = plural(years, "exercice fiscal", "exercices fiscaux")
    return (
        f" Le règlement {CITED}, cité par la délibération et expiré, conclurait autrement "
        f"(plafond de {euros(cited.ceiling, cents=False)} sur {period}) : "
        "une validation juridique est demandée."
    )


def _expiry(on: date, figures: Figures) -> str:
    last = figures.date("valid_until_2831")
    if on <= last:
        return ""
    return f" Le règlement {IN_FORCE} s’applique jusqu’au {written_day(last)} : le texte en vigueur est à vérifier."
