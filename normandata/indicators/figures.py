"""The figures of the indicators: the one place where a page, a file, a PDF, a command, the open data and the API ask.

    told(owner, indicator, period, scope)        what somebody of the Region reads
    published(owner, indicator, period, scope)   what everybody reads: small groups of people, names and what is not
                                                 public yet are left out
    every(period, scope, public=True)            every indicator of every owner
    record(told)                                 a figure as JSON: page, file and API say it with the same words
    numbers(told)                                a figure in long form: one line per number

`owner` and `indicator` come from `registry` (`registry.owners()`, `registry.of(owner.slug)`, `registry.find`). A
`Scope` restricts a figure to a department (`14`, `27`, `50`, `61`, `76`, `hors`, `inconnu`) and to a kind of structure
(`dimensions.STRUCTURES`); an indicator that cannot be restricted so is `withheld`, with its reason. `period` is made by
`Period(first, last, as_of)`. The parts of `splits` add up to the figure: they are drawn of the same facts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from normandata.regulation.formats import spaced

from . import conf, dimensions, registry, secrecy
from .definitions import Cell, Column, Fact, Figure, Indicator, Period, Reading, Split, Unit, written
from .registry import Owner

NOT_SPLIT = {
    Split.DEPARTMENT: "Cet indicateur n’a pas de département : il est donné pour toute la Normandie.",
    Split.STRUCTURE: "Cet indicateur n’a pas de type de structure : il est donné pour toutes.",
}
BY_YEAR = "Publié pour l’année civile entière, à la date du jour : une période plus courte désignerait des personnes."
AS_A_WHOLE = "Publié pour toute la Normandie et tous les types : un groupe plus petit désignerait des personnes."
UNITS = {
    Unit.COUNT: "nombre",
    Unit.NUMBER: "nombre",
    Unit.PERCENT: "%",
    Unit.EUROS: "euros",
    Unit.DAYS: "jours",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a figure is restricted to: a department, a kind of structure; an empty code is everything."""

    department: str = ""
    structure: str = ""

    @property
    def wanted(self) -> Mapping[Split, str]:
        return {Split.DEPARTMENT: self.department, Split.STRUCTURE: self.structure}

    @property
    def is_whole(self) -> bool:
        return not (self.department or self.structure)

    @property
    def words(self) -> str:
        """What is kept, in words; nothing where all is."""
        return ", ".join(dimensions.LABELS[split][asked] for split, asked in self.wanted.items() if asked)


EVERYWHERE = Scope()


@dataclass(frozen=True, slots=True)
class Told:
    """An indicator's figure over a period. `splits` hold its parts; `withheld` says why there is no figure."""

    owner: Owner
    indicator: Indicator
    period: Period
    scope: Scope
    figure: Figure | None
    splits: Mapping[Split, Figure]
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a figure: what is counted, and the part it is counted for; the whole has no dimension."""

    measure: str
    dimension: str
    part: str
    value: Decimal | int | None
    unit: Unit


# ------------------------------------------------------------------------------------------------------------ counting
def told(
    owner: Owner, indicator: Indicator, period: Period, scope: Scope = EVERYWHERE, *, reading: Reading | None = None
) -> Told:
    """Count an indicator and its parts. A `reading` of the same period is shared by the indicators of an owner."""
    return _counted(owner, indicator, scope, reading or Reading(period), public=False)


def _counted(owner: Owner, indicator: Indicator, scope: Scope, reading: Reading, *, public: bool) -> Told:
    period = reading.period
    for split, asked in scope.wanted.items():
        if asked and split not in indicator.splits:
            return Told(owner, indicator, period, scope, None, {}, spaced(NOT_SPLIT[split]))
    known = [one for one in indicator.count.gather(reading) if one.is_public or not public]
    facts = dimensions.kept(known, scope.wanted)
    figure = indicator.count.draw(reading, facts)
    splits = {one: _parts(indicator, reading, facts, figure, one) for one in indicator.splits if not scope.wanted[one]}
    return Told(owner, indicator, period, scope, figure, splits)


def published(
    owner: Owner, indicator: Indicator, period: Period, scope: Scope = EVERYWHERE, *, reading: Reading | None = None
) -> Told:
    """Count an indicator as everybody reads it."""
    if indicator.is_personal:
        reason = _withheld(period, scope)
        if reason:
            return Told(owner, indicator, period, scope, None, {}, spaced(reason))
    found = _counted(owner, indicator, scope, reading or Reading(period), public=True)
    if found.figure is None:
        return found
    figure, splits = found.figure, found.splits
    if indicator.is_named:
        figure = secrecy.named(figure)
    if indicator.is_personal:
        figure = secrecy.hidden(figure, conf.threshold())
        shared = {one: secrecy.hidden_parts(parts, conf.threshold()) for one, parts in splits.items()}
        splits = {one: parts for one, parts in shared.items() if secrecy.says_something(parts)}
    return replace(found, figure=figure, splits={} if figure.is_secret else splits)


def every(
    period: Period,
    scope: Scope = EVERYWHERE,
    *,
    public: bool,
    owners: Iterable[Owner] | None = None,
    only: Sequence[str] = (),
) -> list[Told]:
    """Count the indicators of some owners, of all by default; `only` keeps those of these slugs."""
    count = published if public else told
    found = []
    for owner in registry.owners() if owners is None else owners:
        reading = Reading(period)
        listed = [one for one in registry.of(owner.slug) if not only or one.slug in only]
        found += [count(owner, one, period, scope, reading=reading) for one in listed]
    return found


def _withheld(period: Period, scope: Scope) -> str:
    year = period.first.year
    is_year = (period.first, period.last) == (date(year, 1, 1), date(year, 12, 31))
    if not is_year or period.as_of < timezone.localdate():
        return BY_YEAR
    return "" if scope.is_whole else AS_A_WHOLE


def _parts(indicator: Indicator, reading: Reading, facts: Sequence[Fact], whole: Figure, split: Split) -> Figure:
    """Draw each part of a split; a rate says its two terms, so that parts can be added up."""
    named = dimensions.LABELS[split]
    drawn = {code: indicator.count.draw(reading, held) for code, held in dimensions.parted(facts, split).items()}
    columns: tuple[Column, ...] = (Column(dimensions.HEADINGS[split]), Column(whole.counted, whole.unit))
    rows: tuple[tuple[Cell, ...], ...] = tuple((named[code], one.value) for code, one in drawn.items())
    if whole.unit is Unit.PERCENT:
        columns = (
            columns[0],
            Column(whole.counted, Unit.COUNT),
            Column(whole.among, Unit.COUNT),
            Column("Part", Unit.PERCENT),
        )
        rows = tuple((named[code], one.numerator, one.denominator, one.value) for code, one in drawn.items())
    return replace(whole, columns=columns, rows=rows, drawn=1, note="", base=None)


# ----------------------------------------------------------------------------------------------------------- writing
def numbers(one: Told) -> Iterator[Number]:
    """Write a figure in long form: its whole, each number of its table, then those of its splits."""
    figure = one.figure
    if figure is None:
        return
    measure = figure.counted or one.indicator.title
    yield Number(measure, "", "", figure.value, figure.unit)
    yield from _cells(figure)
    for split in one.splits.values():
        yield from _cells(split)


def _cells(figure: Figure) -> Iterator[Number]:
    """Write each number of a table; the texts that lead its row say whose it is."""
    leading = next((at for at, one in enumerate(figure.columns) if one.unit in UNITS), len(figure.columns))
    dimension = ", ".join(one.label for one in figure.columns[:leading])
    for row in figure.rows:
        part = ", ".join(written(cell, Unit.TEXT) for cell in row[:leading])
        for column, cell in zip(figure.columns[leading:], row[leading:], strict=True):
            if column.unit in UNITS and (cell is None or isinstance(cell, int | Decimal)):
                yield Number(column.label, dimension, part, cell, column.unit)


def record(one: Told) -> dict[str, Any]:
    """Write a figure as JSON: days as ISO dates, amounts as numbers, what is kept secret as null and said."""
    indicator, figure, period = one.indicator, one.figure, one.period
    said: dict[str, Any] = {
        "owner": one.owner.slug,
        "owner_title": one.owner.label,
        "slug": indicator.slug,
        "title": spaced(indicator.title),
        "kind": indicator.kind.value,
        "formula": spaced(indicator.formula),
        "source": spaced(indicator.source),
        "unit": indicator.unit,
        "period": {
            "first": period.first.isoformat(),
            "last": period.last.isoformat(),
            "as_of": period.as_of.isoformat(),
        },
        "department": one.scope.department or None,
        "structure": one.scope.structure or None,
        "withheld": one.withheld or None,
    }
    if figure is None:
        return {**said, "finding": None, "value": None, "numerator": None, "denominator": None}
    said |= {
        "finding": spaced(figure.finding),
        "measure": spaced(figure.counted),
        "value": plain(figure.value),
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "note": spaced(figure.note) or None,
        "secret": figure.is_secret,
        "table": table(figure),
        "by_department": None,
        "by_structure": None,
    }
    for split, key in ((Split.DEPARTMENT, "by_department"), (Split.STRUCTURE, "by_structure")):
        if split in one.splits:
            said[key] = table(one.splits[split])
    return said


def table(figure: Figure) -> dict[str, Any]:
    """Write a table as JSON: its columns with their units, its rows."""
    return {
        "columns": [{"label": spaced(one.label), "unit": UNITS.get(one.unit, "texte")} for one in figure.columns],
        "rows": [[plain(cell) for cell in row] for row in figure.rows],
    }


def plain(cell: Cell) -> str | int | float | None:
    """Write a cell as JSON holds it."""
    if isinstance(cell, Decimal):
        return int(cell) if cell == cell.to_integral_value() else float(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return None if cell == secrecy.UNPUBLISHED else cell
