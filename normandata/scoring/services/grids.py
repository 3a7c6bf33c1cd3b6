"""Publish a grid: the same content is the same version, another content is the next one."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from normandata.accounts.models import User
from normandata.procedure import services as procedure

from ..arithmetic import BadMark, Method, Scale, read_mark
from ..models import Criterion, Grid


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion to publish. `levels` gives words to some marks, as (mark, word)."""

    slug: str
    label: str
    maximum: Decimal
    step: Decimal = Decimal(1)
    weight: Decimal = Decimal(1)
    levels: tuple[tuple[Decimal, str], ...] = ()
    hint: str = ""

    @property
    def fields(self) -> dict[str, Any]:
        """The columns of the criterion; raises ValueError for a level that is no mark of its own scale."""
        scale = Scale(self.maximum, self.step, self.weight)
        try:
            for value, _ in self.levels:
                read_mark(str(value), scale)
        except BadMark as error:
            raise ValueError(f"a level of {self.slug!r} is no mark: {error}") from error
        return {
            "slug": self.slug,
            "label": self.label,
            "hint": self.hint,
            "maximum": self.maximum,
            "step": self.step,
            "weight": self.weight,
            "levels": [{"value": f"{value.normalize():f}", "label": word} for value, word in self.levels],
        }


def publish(
    slug: str,
    title: str,
    lines: Sequence[Line],
    *,
    method: Method,
    by: User | None,
    floor: Decimal | None = None,
    spread_alert: Decimal | None = None,
    least_sheets: int = 2,
    needs_justification: bool = True,
) -> Grid:
    """Return the last version of a grid when it says just this, else write the next one.

    Raises ValidationError for a grid that says too little, ValueError for a level outside its scale.
    """
    head = {
        "title": title,
        "method": method.value,
        "floor": floor,
        "spread_alert": spread_alert,
        "least_sheets": least_sheets,
        "needs_justification": needs_justification,
    }
    wanted = [line.fields for line in lines]
    with transaction.atomic():
        last = Grid.objects.select_for_update().filter(slug=slug).order_by("-version").first()
        if last is not None and _says(last, head, wanted):
            return last
        grid = Grid(slug=slug, version=last.version + 1 if last else 1, **head)
        grid.full_clean()
        grid.save()
        rows = [Criterion(grid=grid, rank=rank, **fields) for rank, fields in enumerate(wanted, start=1)]
        for row in rows:
            row.full_clean(exclude=["grid"])
        Criterion.objects.bulk_create(rows)
        procedure.record(grid, "publish_grid", by=by, data={"version": grid.version})
    return grid


def _says(grid: Grid, head: dict[str, Any], lines: list[dict[str, Any]]) -> bool:
    if len(grid.lines) != len(lines) or any(getattr(grid, name) != value for name, value in head.items()):
        return False
    rows = zip(grid.lines, lines, strict=True)
    return all(getattr(row, name) == value for row, fields in rows for name, value in fields.items())
