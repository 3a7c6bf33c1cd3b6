"""One's own sheet as a page shows it: what stands in its controls, what is wrong, what another tab has kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from normandata.regulation.formats import number

from .models import Criterion
from .papers import Paper
from .services.sheets import Typed


@dataclass(frozen=True, slots=True)
class Level:
    value: str
    label: str
    is_checked: bool


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One criterion on the page: what stands in its controls, what is wrong with it, what another tab has kept."""

    criterion: Criterion
    value: str
    justification: str
    levels: list[Level]
    error: str = ""
    said_error: str = ""
    kept: str = ""

    @property
    def slug(self) -> str:
        return self.criterion.slug


@dataclass(frozen=True, slots=True)
class Problems:
    """What could not be kept or is missing, by criterion."""

    marks: Mapping[str, str] = field(default_factory=dict)
    justifications: Mapping[str, str] = field(default_factory=dict)


def written(value: Decimal | None) -> str:
    """Write a mark as it stands in its field, as in « 12,5 »."""
    return "" if value is None else number(value)


def lines(
    paper: Paper, typed: Mapping[str, Typed] | None = None, problems: Problems | None = None, *, compare: bool = False
) -> list[ShownLine]:
    """Prepare the criteria of a sheet: what was typed, where a page comes back, else what is kept.

    `compare` adds what is kept beside what was typed, where they differ.
    """
    said, found = typed or {}, problems or Problems()
    shown = []
    for criterion, mark in paper.lines:
        kept = Typed(written(mark.value if mark else None), mark.justification if mark else "")
        now = said.get(criterion.slug, kept)
        value, words = _text(now.value, kept.value), _text(now.justification, kept.justification)
        shown.append(
            ShownLine(
                criterion,
                value,
                words,
                [_level(level, value) for level in criterion.levels],
                found.marks.get(criterion.slug, ""),
                found.justifications.get(criterion.slug, ""),
                _other(kept, paper) if compare and (value, words) != (kept.value, kept.justification) else "",
            )
        )
    return shown


def _text(typed: str | None, kept: str | None) -> str:
    return (kept if typed is None else typed) or ""


def _level(level: Mapping[str, str], value: str) -> Level:
    mark = number(Decimal(level["value"]))
    return Level(mark, level["label"], is_checked=mark == value.strip().replace(".", ","))


def _other(kept: Typed, paper: Paper) -> str:
    mark = kept.value or "sans note"
    is_alone = not paper.filled.grid.needs_justification
    return mark if is_alone else f"{mark}, {kept.justification or 'sans justification'}"


def missing(paper: Paper) -> Problems:
    """Say beside each field what a sheet lacks to be submitted."""
    filled = paper.filled
    marks, words = set(filled.without_mark), set(filled.without_justification)
    return Problems(
        {one.slug: "Donnez une note, même nulle." for one, _ in paper.lines if one.label in marks},
        {one.slug: "Justifiez la note, même en une phrase." for one, _ in paper.lines if one.label in words},
    )
