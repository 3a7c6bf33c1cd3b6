"""What `reading` gives out: one's own sheet, progress, the result of a subject, the rows of an export."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from normandata.workflow.table import State

from . import arithmetic
from .filling import Filled
from .models import Criterion, Grid, Mark, Sheet
from .results import Standing, judged_on, shown_out_of
from .ties import Spot
from .workflow import DRAFT, SUBMITTED


@dataclass(frozen=True)
class Paper:
    """One's own sheet as it stands; no sheet is one that is not begun."""

    sheet: Sheet | None
    filled: Filled
    is_spoiled: bool = False
    """Its author has read the results, and nobody gave this sheet back: it is not written any more."""

    @property
    def lines(self) -> "list[tuple[Criterion, Mark | None]]":
        """The criteria in order, each with its mark or None."""
        return list(self.filled.lines)

    @property
    def revision(self) -> int:
        return self.sheet.revision if self.sheet else 0

    @property
    def standing(self) -> State | None:
        return self.sheet.standing if self.sheet else None

    @property
    def is_editable(self) -> bool:
        """Whether marks may be typed: not begun, or a draft, by somebody who has not read the results."""
        return not self.is_spoiled and (self.sheet is None or self.sheet.state == DRAFT)

    @property
    def total(self) -> Fraction:
        """The live total, exact."""
        return self.filled.total

    @property
    def shown(self) -> str:
        """The live total in French, out of the best score: « 47,00 sur 100 »."""
        return shown_out_of(self.total, self.filled.grid)

    @property
    def gap(self) -> str:
        """« Il manque 3 points pour atteindre 50 », « Le plancher de 50 est atteint », or nothing without a floor."""
        return arithmetic.missing_points(self.total, self.filled.grid.floor)

    @property
    def is_under_floor(self) -> bool:
        return arithmetic.is_under(self.total, self.filled.grid.floor)


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One criterion of a submitted sheet."""

    slug: str
    label: str
    maximum: Decimal
    value: Decimal | None
    justification: str


@dataclass(frozen=True, slots=True)
class Read:
    """One submitted sheet; `sheet` is its key, which moderation names."""

    author: str
    is_mine: bool
    score: Fraction
    lines: tuple[ReadLine, ...]
    comment: str
    submitted_at: datetime | None
    subject_version: str
    sheet: int

    @property
    def shown(self) -> str:
        return arithmetic.shown(self.score)


@dataclass(frozen=True, slots=True)
class Result:
    """What the submitted sheets say of one subject."""

    grid: Grid
    standing: Standing
    version: str
    sheets: tuple[Read, ...]

    @property
    def has_outdated(self) -> bool:
        """Whether a sheet judged an earlier version than the one that stands."""
        return any(one.subject_version != self.version for one in self.sheets)

    @property
    def score(self) -> Fraction | None:
        """The exact mean, None without a sheet."""
        return self.standing.score

    @property
    def shown(self) -> str:
        """The mean cut after two decimals, with its maximum; nothing without a sheet."""
        return shown_out_of(self.score, self.grid)

    @property
    def is_under_floor(self) -> bool:
        return arithmetic.is_under(self.score, self.grid.floor)

    @property
    def shown_spread(self) -> str:
        return arithmetic.shown(self.standing.spread)

    @property
    def is_wide(self) -> bool:
        """Whether the spread asks for another sheet."""
        return arithmetic.is_wide(self.standing.spread, self.grid.spread_alert)


@dataclass(frozen=True, slots=True)
class Row:
    """One sheet to export: its subject, who (or its number), its score, and marks with justifications by criterion.

    `outdated` is the version that it judged, where another one stands.
    """

    spot: Spot
    who: str
    score: Fraction
    marks: Mapping[str, tuple[Fraction, str]]
    is_named: bool
    outdated: str = ""

    def mark(self, slug: str) -> Decimal:
        """Return a mark; raises KeyError for another grid's criterion."""
        value = self.marks[slug][0]
        return Decimal(value.numerator) / Decimal(value.denominator)

    def justification(self, slug: str) -> str:
        """Return a justification; nothing in an anonymous export, where words give their author away."""
        return self.marks[slug][1] if self.is_named else ""


@dataclass(frozen=True, slots=True)
class Line:
    """How far one subject is, without any score; `mine` is the state of one's own sheet, empty when not begun.

    `states` says by person how far each sheet is, to who leads; it is empty for anybody else. `outdated` are the
    earlier versions that submitted sheets judged, one for each: all to who leads or reads this subject's sheets, else
    one's own (`mine_outdated`). `is_spoiled`: this person has read the results and writes no sheet.
    """

    spot: Spot
    submitted: int
    needed: int
    mine: str
    states: Mapping[int, str]
    outdated: tuple[str, ...] = ()
    mine_outdated: str = ""
    is_spoiled: bool = False

    @property
    def is_ready(self) -> bool:
        return self.submitted >= self.needed

    @property
    def judged_on(self) -> str:
        """« 1 fiche jugée sur la version 1 », or nothing when all sheets judged the version that stands."""
        return judged_on(self.outdated)


@dataclass(frozen=True, slots=True)
class Scorer:
    """How far one person is: sheets submitted, under way, abstentions."""

    person: int
    name: str
    quality: str
    submitted: int
    drafts: int
    abstained: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a panel is. `scorers` is empty for who does not lead it; subjects closed to the reader are left out."""

    lines: tuple[Line, ...]
    scorers: tuple[Scorer, ...]
    withheld: int

    @property
    def done(self) -> int:
        """How many of these subjects have one's own sheet submitted."""
        return sum(line.mine == SUBMITTED for line in self.lines)

    @property
    def ready(self) -> int:
        return sum(line.is_ready for line in self.lines)
