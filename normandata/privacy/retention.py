"""How long each treatment keeps what it holds, read from `retention.toml`: dated, cited, or refused. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from normandata.regulation.calendar import add_months

FILE = Path(__file__).with_name("retention.toml")


class InvalidRetention(ValueError):
    """The file cannot found an elimination: a duration without date or citation, a rule nobody explains."""


@dataclass(frozen=True, slots=True)
class Duration:
    """So many months from a day on, and where it is written."""

    since: date
    months: int
    citation: str
    note: str
    to_confirm: bool

    @property
    def words(self) -> str:
        """Write it in years where it is whole years."""
        years, rest = divmod(self.months, 12)
        if rest or not years:
            return f"{self.months}\u00a0mois"
        return "1\u00a0an" if years == 1 else f"{years}\u00a0ans"

    def end(self, start: date) -> date:
        """Return the first day on which what began on `start` is no longer kept."""
        return add_months(start, self.months)


@dataclass(frozen=True, slots=True)
class Rule:
    """How long the dossiers of a scheme in some states are kept; no scheme stands for all of them."""

    slug: str
    scheme: str
    states: tuple[str, ...]
    label: str
    visa: bool
    warn_days: int
    values: tuple[Duration, ...]

    def on(self, day: date) -> Duration:
        """Return the duration in force on that day (the first before any is in force)."""
        return _in_force(self.values, day)


@dataclass(frozen=True, slots=True)
class Treatment:
    """Why some data are held, on what basis, who reads them, until when, and what stays after an erasure."""

    slug: str
    title: str
    data: str
    basis: str
    recipients: str
    duration: str
    stays: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Retention:
    """The whole file."""

    title: str
    figures: Mapping[str, tuple[Duration, ...]]
    labels: Mapping[str, str]
    rules: tuple[Rule, ...]
    treatments: tuple[Treatment, ...]

    def figure(self, code: str, day: date) -> Duration:
        """Return a duration fixed by a text, as of a day; raises KeyError for another code."""
        return _in_force(self.figures[code], day)

    def rule_of(self, scheme: str, state: str) -> Rule | None:
        """Return the rule of a state of a scheme: its own, or that of all schemes."""
        fitting = [one for one in self.rules if state in one.states and one.scheme in (scheme, "")]
        return max(fitting, key=lambda one: bool(one.scheme), default=None)

    def rule(self, slug: str) -> Rule:
        return next(one for one in self.rules if one.slug == slug)

    def treatment(self, slug: str) -> Treatment:
        """Return a treatment; raises LookupError for an unknown one."""
        found = next((one for one in self.treatments if one.slug == slug), None)
        if found is None:
            raise LookupError(f"no treatment is called {slug!r}")
        return found


@cache
def retention() -> Retention:
    """Return the file of the portal, read once."""
    return parse(FILE.read_text(encoding="utf-8"))


def parse(content: str) -> Retention:
    """Read the durations given as text; raises InvalidRetention naming the faulty entry."""
    data = tomllib.loads(content)
    texts = {code: entry["title"] for code, entry in data["texts"].items()}
    figures = {code: _durations(code, entry["values"], texts) for code, entry in data["figures"].items()}
    rules = tuple(_rule(entry, texts) for entry in data["rules"])
    treatments = tuple(_treatment(entry) for entry in data["treatments"])
    known = {one.slug for one in rules}
    for treatment in treatments:
        if not known.issuperset(treatment.rules):
            raise InvalidRetention(f"{treatment.slug}: a rule that does not exist")
    for slugs in ([one.slug for one in rules], [one.slug for one in treatments]):
        if len(slugs) != len(set(slugs)):
            raise InvalidRetention("a slug is given twice")
    labels = {code: entry["label"] for code, entry in data["figures"].items()}
    return Retention(data["title"], figures, labels, rules, treatments)


def _rule(entry: dict[str, Any], texts: Mapping[str, str]) -> Rule:
    values = _durations(entry["slug"], entry["values"], texts)
    states = tuple(entry["states"])
    return Rule(
        entry["slug"], entry["scheme"], states, entry["label"], entry["visa"], entry.get("warn_days", 0), values
    )


def _treatment(entry: dict[str, Any]) -> Treatment:
    wanting = [key for key in ("title", "data", "basis", "recipients", "duration") if not entry.get(key)]
    if wanting:
        raise InvalidRetention(f"{entry['slug']}: {', '.join(wanting)} missing")
    return Treatment(**{**entry, "rules": tuple(entry.get("rules", ()))})


def _durations(code: str, values: list[dict[str, Any]], texts: Mapping[str, str]) -> tuple[Duration, ...]:
    found = []
    for value in values:
        months, since = value.get("months"), value.get("from")
        if not isinstance(since, date) or not isinstance(months, int) or months < 1:
            raise InvalidRetention(f"{code}: a duration is a whole number of months from a day on")
        if value.get("text") not in texts or not value.get("article"):
            raise InvalidRetention(f"{code}: a duration cites its text and its article")
        citation = f"{texts[value['text']]}, {value['article']}"
        found.append(Duration(since, months, citation, value.get("note", ""), value.get("to_confirm", False)))
    if not found or [one.since for one in found] != sorted({one.since for one in found}):
        raise InvalidRetention(f"{code}: durations go from the oldest to the newest")
    return tuple(found)


def _in_force(values: tuple[Duration, ...], day: date) -> Duration:
    return next((one for one in reversed(values) if one.since <= day), values[0])
