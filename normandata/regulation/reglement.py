"""Reads `reglement.toml`: every figure of a règlement, dated and cited, or the file is refused.

A parameter is a list of dated values; amending a règlement is adding one. `Reglement.on(day)` gives the figures of
that day. Before the first dated value the first one serves: a rule about the opening day, not a missing figure, is
what tells an early applicant that the scheme is not open yet.
"""

import itertools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from .citation import Citation

Value = Decimal | date | str | bool | tuple[str, ...]
UNITS = frozenset(
    {
        "€ TTC", "€ HT", "€", "%", "habitants", "ETP", "ans", "mois", "jours", "minutes", "points", "nombre",
        "date", "texte", "oui/non", "départements", "codes", "exercices", "note",
    }
)  # fmt: skip


class InvalidReglement(ValueError):
    """The file cannot found a decision: a figure without date, citation or unit, or an unreadable value."""


@dataclass(frozen=True, slots=True)
class Dated:
    """One value of a parameter, from a day on."""

    since: date
    value: Value
    citation: Citation
    is_choice: bool
    note: str


DatedT = TypeVar("DatedT", Dated, Citation)
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A figure of the règlement and its successive values, oldest first."""

    code: str
    label: str
    unit: str
    values: tuple[Dated, ...]

    def on(self, day: date) -> Dated:
        """Return the value in force on that day (the first value before any is in force)."""
        return _in_force(self.values, day)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the scheme: its label and the successive texts that found it, oldest first."""

    code: str
    label: str
    citations: tuple[Citation, ...]

    def on(self, day: date) -> Citation:
        """Return the citation in force on that day."""
        return _in_force(self.citations, day)


@dataclass(frozen=True, slots=True)
class Figures:
    """The règlement as it stands on a day."""

    reglement: "Reglement"
    day: date

    def number(self, code: str) -> Decimal:
        """Return a numeric figure; raises TypeError when the parameter is not a number."""
        return self._typed(code, Decimal)

    def date(self, code: str) -> date:
        return self._typed(code, date)

    def flag(self, code: str) -> bool:
        return self._typed(code, bool)

    def word(self, code: str) -> str:
        return self._typed(code, str)

    def codes(self, code: str) -> tuple[str, ...]:
        return self._typed(code, tuple)

    def label(self, rule: str) -> str:
        return self.reglement.rules[rule].label

    def citation(self, rule: str) -> Citation:
        return self.reglement.rules[rule].on(self.day)

    def _typed(self, code: str, kind: type[Kind]) -> Kind:
        value = self.reglement.parameters[code].on(self.day).value
        if not isinstance(value, kind):
            raise TypeError(f"{self.reglement.slug}.{code} is not a {kind.__name__}")
        return value


@dataclass(frozen=True, slots=True)
class Reglement:
    """All the figures and rules of one scheme."""

    slug: str
    title: str
    parameters: Mapping[str, Parameter]
    rules: Mapping[str, Rule]

    def on(self, day: date) -> Figures:
        return Figures(self, day)


def load(path: Path) -> Reglement:
    """Read a règlement file; raises InvalidReglement naming the file and the faulty entry."""
    return parse(path.read_text(encoding="utf-8"), source=path.name)


def parse(content: str, *, source: str = "reglement.toml") -> Reglement:
    """Read a règlement given as text; raises InvalidReglement."""
    try:
        data = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise InvalidReglement(f"{source}: {error}") from error
    try:
        _expect(data, "file", required={"slug", "title", "texts", "rules", "parameters"})
        texts = {code: _text(code, entry) for code, entry in data["texts"].items()}
        return Reglement(
            slug=_string(data["slug"], "slug"),
            title=_string(data["title"], "title"),
            parameters={code: _parameter(code, entry, texts) for code, entry in data["parameters"].items()},
            rules={code: _rule(code, entry, texts) for code, entry in data["rules"].items()},
        )
    except InvalidReglement as error:
        raise InvalidReglement(f"{source}: {error}") from None


def _text(code: str, entry: Any) -> str:
    _expect(entry, f"texts.{code}", required={"title"})
    return _string(entry["title"], f"texts.{code}.title")


def _parameter(code: str, entry: Any, texts: Mapping[str, str]) -> Parameter:
    where = f"parameters.{code}"
    _expect(entry, where, required={"label", "unit", "values"})
    unit = _string(entry["unit"], f"{where}.unit")
    if unit not in UNITS:
        raise InvalidReglement(f"{where}: unknown unit « {unit} »")
    values = tuple(_dated(item, f"{where}.values[{i}]", texts) for i, item in _entries(entry["values"], where))
    _in_order([value.since for value in values], where)
    if len({type(value.value) for value in values}) > 1:
        raise InvalidReglement(f"{where}: values of different types")
    return Parameter(code, _string(entry["label"], f"{where}.label"), unit, values)


def _dated(item: Any, where: str, texts: Mapping[str, str]) -> Dated:
    _expect(item, where, required={"from", "value", "text", "article"}, optional={"default", "note"})
    citation = _citation(item, where, texts)
    is_choice = item.get("default", False)
    if not isinstance(is_choice, bool):
        raise InvalidReglement(f"{where}.default: true or false expected")
    return Dated(citation.since, _value(item["value"], where), citation, is_choice, item.get("note", ""))


def _rule(code: str, entry: Any, texts: Mapping[str, str]) -> Rule:
    where = f"rules.{code}"
    _expect(entry, where, required={"label", "values"})
    citations = []
    for i, item in _entries(entry["values"], where):
        _expect(item, f"{where}.values[{i}]", required={"from", "text", "article"})
        citations.append(_citation(item, f"{where}.values[{i}]", texts))
    _in_order([citation.since for citation in citations], where)
    return Rule(code, _string(entry["label"], f"{where}.label"), tuple(citations))


def _citation(item: Mapping[str, Any], where: str, texts: Mapping[str, str]) -> Citation:
    since = item["from"]
    if not isinstance(since, date) or isinstance(since, datetime):
        raise InvalidReglement(f"{where}.from: a day is expected")
    if item["text"] not in texts:
        raise InvalidReglement(f"{where}.text: unknown text « {item['text']} »")
    return Citation(texts[item["text"]], _string(item["article"], f"{where}.article"), since)


def _value(raw: Any, where: str) -> Value:
    match raw:
        case bool() | date() if not isinstance(raw, datetime):
            return raw
        case int():
            return Decimal(raw)
        case float():
            raise InvalidReglement(f"{where}.value: write {raw} as a string, a float is not exact")
        case str() if raw.strip():
            try:
                number = Decimal(raw)
            except ArithmeticError:
                return raw
            return number if number.is_finite() else raw
        case list() if raw and all(isinstance(word, str) for word in raw):
            return tuple(raw)
    raise InvalidReglement(f"{where}.value: unreadable value {raw!r}")


def _entries(values: Any, where: str) -> Iterator[tuple[int, Any]]:
    if not isinstance(values, list) or not values:
        raise InvalidReglement(f"{where}: at least one dated value is expected")
    return enumerate(values)


def _in_order(days: list[date], where: str) -> None:
    if any(later <= earlier for earlier, later in itertools.pairwise(days)):
        raise InvalidReglement(f"{where}: dates must follow one another")


def _expect(entry: Any, where: str, *, required: set[str], optional: frozenset[str] | set[str] = frozenset()) -> None:
    if not isinstance(entry, dict):
        raise InvalidReglement(f"{where}: a table is expected")
    if missing := sorted(required - entry.keys()):
        raise InvalidReglement(f"{where}: missing {', '.join(missing)}")
    if unknown := sorted(entry.keys() - required - optional):
        raise InvalidReglement(f"{where}: unknown {', '.join(unknown)}")


def _string(raw: Any, where: str) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise InvalidReglement(f"{where}: a text is expected")
    return raw


def _in_force(values: tuple[DatedT, ...], day: date) -> DatedT:
    current = values[0]
    for value in values[1:]:
        if value.since > day:
            break
        current = value
    return current
