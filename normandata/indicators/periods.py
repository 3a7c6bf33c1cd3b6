"""The period that an address asks for: a year, or two days, and the day the facts are looked at.

What cannot be read is the default, the current year as of today; of the day of the facts, which people type, it is
said why it was not taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.core.exceptions import ValidationError

from normandata.regulation.formats import day as written_day
from normandata.ui.fields import LONGEST, DayField

from .definitions import Period

DAY = DayField(required=False)
ONE_DAY = "Indiquez les deux jours de la période, ou aucun des deux."
BACKWARDS = "La période finit avant de commencer."
TO_COME = "Cette date est à venir : les faits sont connus jusqu’à aujourd’hui."


@dataclass(frozen=True, slots=True)
class Asked:
    """A period as it was asked for, its name, and how to ask for it again."""

    period: Period
    year: int | None
    label: str
    query: str
    typed: str = ""
    """The day of the facts as it was typed, where it was not taken."""
    problem: str = ""
    """Why it was not taken."""
    span: tuple[str, str] = ("", "")
    """The two days of the period as they were typed, where they were not taken."""
    span_problem: str = ""
    """Why they were not."""

    @property
    def has_problem(self) -> bool:
        return bool(self.problem or self.span_problem)

    @property
    def is_past(self) -> bool:
        """Whether the facts are looked at on a day that was chosen."""
        return "arrete=" in self.query


def read(query: Mapping[str, str], *, today: date, first_year: int) -> Asked:
    """Read `annee`, or `du` and `au`, and `arrete` (the day of the facts, today at the latest)."""
    typed = query.get("arrete", "")
    problem = _problem(typed, today)
    found = _read(query, None if problem else _day(typed), today=today, first_year=first_year)
    if problem:
        found = replace(found, typed=typed[:LONGEST], problem=problem)
    if said := _span_problem(query):
        found = replace(found, span=(query.get("du", "")[:LONGEST], query.get("au", "")[:LONGEST]), span_problem=said)
    return found


def _read(query: Mapping[str, str], arrete: date | None, *, today: date, first_year: int) -> Asked:
    as_of = arrete or today
    kept = {"arrete": as_of.isoformat()} if arrete and arrete < today else {}
    since, until = _day(query.get("du", "")), _day(query.get("au", ""))
    if since and until and since <= until:
        label = f"du {written_day(since)} au {written_day(until)}"
        said = {"du": since.isoformat(), "au": until.isoformat(), **kept}
        return Asked(Period(since, until, as_of), None, label, urlencode(said))
    typed = query.get("annee", "")
    asked = int(typed) if typed.isascii() and typed.isdigit() and len(typed) == 4 else as_of.year
    year = asked if first_year <= asked <= today.year else as_of.year
    said = {"annee": str(year), **kept}
    return Asked(Period(date(year, 1, 1), date(year, 12, 31), as_of), year, str(year), urlencode(said))


def _span_problem(query: Mapping[str, str]) -> str:
    """Say why two days make no period; an empty text where they do, or where none is typed."""
    typed = [query.get("du", ""), query.get("au", "")]
    if not any(typed):
        return ""
    try:
        since, until = (DAY.clean(one) for one in typed)
    except ValidationError as error:
        return str(error.messages[0])
    if since is None or until is None:
        return ONE_DAY
    return BACKWARDS if since > until else ""


def _problem(text: str, today: date) -> str:
    """Say why a day cannot be that of the facts; an empty text where it can, or where none is typed."""
    try:
        found = DAY.clean(text)
    except ValidationError as error:
        return str(error.messages[0])
    return TO_COME if found and found > today else ""


def _day(text: str) -> date | None:
    try:
        found: date | None = DAY.clean(text)
    except ValidationError:
        return None
    return found
