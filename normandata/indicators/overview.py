"""The aids by department: what the indicators that count an aid add up to, drawn as a map and written as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from normandata.regulation.formats import listing, spaced
from normandata.regulation.territory import NORMAN_NAMES, WITH_ARTICLES
from normandata.ui import maps
from normandata.ui.tables import Cell, Column, Unit

from . import dimensions, registry
from .definitions import Split
from .figures import Told

SLUG = "aides-par-departement"
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Aids:
    """How many aids each department received, by scheme: `counts` by name of department, in the schemes' order."""

    labels: tuple[str, ...]
    counts: Mapping[str, tuple[int, ...]]

    @property
    def totals(self) -> dict[str, int]:
        return {name: sum(row) for name, row in self.counts.items()}

    @property
    def total(self) -> int:
        return sum(self.totals.values())

    @property
    def finding(self) -> str:
        """Say which departments come first, one or two, three where the last two are level, and what they gather."""
        if not self.total:
            return "Aucune aide n’est encore accordée sur cette période"
        ranked = sorted(NORMAN_NAMES, key=lambda code: (-self._of(code), NORMAN_NAMES[code]))
        if not self._of(ranked[0]):
            return spaced(f"{self.total} aides accordées, aucune dans un département normand connu")
        leading = self._leading(ranked)
        if not leading:
            return spaced(f"{self.total} aides accordées, sans département en tête")
        held = sum(self._of(code) for code in leading)
        names = listing([WITH_ARTICLES[code] for code in leading])
        have = "réunissent" if len(leading) > 1 else "réunit"
        return spaced(f"{names[0].upper()}{names[1:]} {have} {held} des {self.total} aides accordées")

    def _leading(self, ranked: Sequence[str]) -> list[str]:
        """Keep the first, or the first two; whoever has as many as the last of them is named too, or they are left."""
        least = self._of(ranked[0 if 2 * self._of(ranked[0]) >= self.total else 1])
        level = [code for code in ranked if self._of(code) >= max(least, 1)]
        return level if len(level) <= MOST_NAMED else [code for code in level if self._of(code) > least]

    def _of(self, code: str) -> int:
        return self.totals.get(NORMAN_NAMES[code], 0)

    @property
    def map(self) -> maps.Map:
        elsewhere = [name for name in self.totals if name not in NORMAN_NAMES.values()]
        return maps.normandie(
            {code: self._of(code) for code in NORMAN_NAMES},
            key=SLUG,
            title=self.finding,
            unit="Diagnostics réalisés et projets subventionnés, par département de l’établissement",
            outside=sum(self.totals[name] for name in elsewhere) if elsewhere else None,
            outside_name=dimensions.elsewhere(elsewhere),
        )

    @property
    def columns(self) -> tuple[Column, ...]:
        counted = (Column(label, Unit.COUNT) for label in (*self.labels, "Ensemble"))
        return (Column(dimensions.HEADINGS[Split.DEPARTMENT]), *counted)

    @property
    def rows(self) -> list[tuple[Cell, ...]]:
        """The departments, the most aided first, what is elsewhere or not known after them, then the whole."""
        names = sorted(NORMAN_NAMES.values(), key=lambda name: (-self.totals.get(name, 0), name))
        names += [name for name in self.counts if name not in NORMAN_NAMES.values()]
        lines: list[tuple[Cell, ...]] = [(name, *self.counts[name], self.totals[name]) for name in names]
        sums = [sum(row[at] for row in self.counts.values()) for at in range(len(self.labels))]
        return [*lines, ("Ensemble", *sums, self.total)]

    @property
    def lines(self) -> list[list[tuple[Column, Cell]]]:
        """Its rows, each cell with its column."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


def slugs() -> list[str]:
    """Name the indicators that count an aid."""
    return [one.slug for owner in registry.owners() for one in registry.of(owner.slug) if one.is_aid]


def aids(listed: Sequence[Told]) -> Aids:
    """Add up the departments of the indicators that count an aid."""
    found = [one for one in listed if one.indicator.is_aid and Split.DEPARTMENT in one.splits]
    parts = [{str(row[0]): _count(row[1]) for row in one.splits[Split.DEPARTMENT].rows} for one in found]
    known = {name for part in parts for name in part}
    names = [name for name in dimensions.LABELS[Split.DEPARTMENT].values() if name in known]
    counts = {name: tuple(part.get(name, 0) for part in parts) for name in names or NORMAN_NAMES.values()}
    return Aids(tuple(one.owner.label for one in found), counts)


def _count(cell: Cell) -> int:
    return int(cell) if isinstance(cell, int | Decimal) else 0
