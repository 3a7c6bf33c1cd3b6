"""How far a sheet is: its criteria with the marks and the justifications given so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.db.models import FilteredRelation, Q, QuerySet

from . import arithmetic
from .models import Criterion, Grid, Mark, Sheet


@dataclass(frozen=True)
class Filled:
    """The lines of a grid, each with its mark or None."""

    grid: Grid
    lines: Sequence[tuple[Criterion, Mark | None]]

    @cached_property
    def marked(self) -> "list[tuple[Criterion, Decimal]]":
        return [(line, mark.value) for line, mark in self.lines if mark is not None and mark.value is not None]

    @property
    def without_mark(self) -> list[str]:
        """The labels of the criteria that have no mark."""
        done = {line.pk for line, _ in self.marked}
        return [line.label for line, _ in self.lines if line.pk not in done]

    @property
    def without_justification(self) -> list[str]:
        """The labels of the criteria that have no justification, where the grid asks for one."""
        if not self.grid.needs_justification:
            return []
        return [line.label for line, mark in self.lines if mark is None or not mark.justification.strip()]

    @property
    def is_complete(self) -> bool:
        return bool(self.lines) and not self.without_mark and not self.without_justification

    @property
    def points(self) -> Decimal:
        """The points so far, weighted where the grid says so."""
        return arithmetic.points(self.grid.method, [(value, line.scale) for line, value in self.marked])

    @property
    def total(self) -> Fraction:
        """The score so far: a sum counts what is missing as nothing yet, a mean leaves it out."""
        if not self.marked:
            return Fraction(0)
        scales = [line.scale for line, _ in self.marked]
        return Fraction(self.points) / arithmetic.denominator(self.grid.method, scales)


def blank(grid: Grid) -> Filled:
    """Return a sheet that is not begun."""
    return Filled(grid, [(line, None) for line in grid.lines])


def filled(grid: Grid, sheet: Sheet) -> Filled:
    """Read a sheet along its grid, in two queries at most: its marks may have been read with it."""
    marks = {mark.criterion_id: mark for mark in sheet.marks.all()}
    return Filled(grid, [(line, marks.get(line.pk)) for line in grid.lines])


def read(grid: Grid, sheet: Sheet) -> Filled:
    """Read one sheet along its grid, in one query: each criterion comes with its mark, if it has one."""
    own = FilteredRelation("marks", condition=Q(marks__sheet=sheet))
    rows: QuerySet[Any] = grid.criteria.annotate(own=own).order_by("rank", "pk")
    lines = tuple(rows.select_related("own"))
    vars(grid)["lines"] = lines  # the grid would read them again
    return Filled(grid, [(line, getattr(line, "own", None)) for line in lines])
