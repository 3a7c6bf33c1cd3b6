"""The deliberation as its page and its files show it: ballots by juror, spread, proposed and decided ranks, prizes.

All comes from what was snapshotted when the deliberation opened. What a conflict of interest closes to the reader is
named, and nothing more is said of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast

from normandata.accounts.models import User
from normandata.regulation.formats import euros, listing, number, plural, spaced
from normandata.regulation.money import truncated
from normandata.scoring import arithmetic, glances
from normandata.scoring.models import Panel
from normandata.ui import charts
from normandata.ui.tables import Cell as FileCell
from normandata.ui.tables import Column, Unit

from . import jury_rules, permissions
from .editions import FIGURES
from .juries import Deliberation, Juror, JuryVote, Outcome
from .jury_papers import lines_of, ordinal, votes_of, written
from .jury_rules import Line
from .services.scoring import EDITION, TEAM

SAID = {"recused": "déport", "abstained": "abst.", "": "non remis"}
NOT_RANKED = "Non classable, sous le quorum"


# ------------------------------------------------------------------------------------------------------------- finding
def find(user: User, slug: str) -> Deliberation | None:
    """Return an open or closed deliberation to who may read it: organisers, the jury, auditors; one query.

    It is annotated with what the page asks of the reader, so that nothing else is asked.
    """
    mine = Juror.objects.sitting().filter(person=user, edition=OuterRef("edition"))
    sitting = Q(edition__jurors__ended_at=None, edition__jurors__declined_at=None)
    accepted = sitting & Q(edition__jurors__accepted_at__isnull=False)
    found = (
        Deliberation.objects.filter(edition__slug=slug)
        .select_related("edition", "record", "closed_by")
        .annotate(
            sits=Exists(mine),
            chairs=Exists(mine.filter(is_chair=True)),
            voted=Exists(JuryVote.objects.filter(deliberation=OuterRef("pk"))),
            seats=Count("edition__jurors", filter=accepted),
            there=Count("edition__jurors", filter=accepted & Q(edition__jurors__present_at__isnull=False)),
        )
        .first()
    )
    return found if found is not None and may_read(user, found) else None


def may_read(user: User, found: Deliberation) -> bool:
    """Tell whether somebody reads the deliberation; `found` comes from `find`."""
    judges = vars(found)["sits"] and permissions.judges(user, found.edition)
    return bool(judges or holds(user, found) or permissions.may_audit(user))


def holds(user: User, found: Deliberation) -> bool:
    """Tell whether somebody types in the deliberation: an organiser, or who presides."""
    chairs = vars(found)["chairs"] and permissions.judges(user, found.edition)
    return bool(permissions.organises(user, found.edition) or chairs)


def outcomes(found: Deliberation, user: User) -> tuple[list[Outcome], frozenset[int]]:
    """Return the outcomes with the teams closed to the reader; one query, and the first time what is read is kept."""
    key = Cast(OuterRef("team"), CharField())
    kind = Value(TEAM)
    rows: list[Any] = list(
        found.outcomes.select_related("team")
        .annotate(shut=glances.shut_to(user, kind, key), read=glances.read_by(user, kind, key))
        .order_by(F("proposed_rank").asc(nulls_last=True), "team__order", "team")
    )
    shut = frozenset(one.team_id for one in rows if vars(one)["shut"])
    if new := [str(one.team_id) for one in rows if not vars(one)["read"] and one.team_id not in shut]:
        panels = Panel.objects.filter(kind=EDITION, key=str(found.pk))
        glances.remember(user, panels, TEAM, new)
    return rows, shut


# ------------------------------------------------------------------------------------------------------------- showing
@dataclass(frozen=True, slots=True)
class Cell:
    """One ballot, or why there is none; `kind` is highest, lowest, none, or nothing."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One team in the matrix; shut, nothing is said of it but its name."""

    team: int
    name: str
    project: str
    is_shut: bool
    cells: Sequence[Cell] = ()
    mean: str = ""
    spread: str = ""
    is_wide: bool = False
    ballots: str = ""
    dots: Sequence[str] = ()
    span: str = ""
    proposed: int | None = None
    reason: str = ""
    decided: str = ""
    departs: bool = False
    error: str = ""


@dataclass(frozen=True)
class Table:
    """The whole deliberation, for a page, a file or a test."""

    found: Deliberation
    rows: Sequence[Row]
    lines: Sequence[Line]
    votes: Sequence[JuryVote]
    shut: frozenset[int]
    low: str

    @property
    def jurors(self) -> list[dict[str, Any]]:
        return list(self.found.matrix["jurors"])

    @property
    def maximum(self) -> str:
        return str(self.found.matrix["maximum"])

    @property
    def attendance(self) -> str:
        """« 6 jurés présents sur 7 »."""
        there, seats = vars(self.found)["there"], vars(self.found)["seats"]
        return f"{plural(there, 'juré présent', 'jurés présents')} sur {seats}"

    @property
    def spread_alert(self) -> str:
        return number(Decimal(self.found.matrix["spread_alert"]))

    @property
    def close(self) -> list[str]:
        """One sentence for each pair of neighbours of the podium that are very close."""
        alert = FIGURES.number("podium_gap")
        pairs = jury_rules.neighbours(self.open_lines, podium=int(FIGURES.number("laureates_max")), alert=alert)
        return [
            spaced(
                f"{one.above.name} ({arithmetic.shown(one.above.score)}) et {one.below.name} "
                f"({arithmetic.shown(one.below.score)}) : {apart(one.gap)}."
            )
            for one in pairs
        ]

    @property
    def open_lines(self) -> list[Line]:
        """The teams that the reader is not closed off from."""
        return [one for one in self.lines if int(one.key) not in self.shut]

    @property
    def moved(self) -> str:
        """Name the departures with both ranks."""
        left = jury_rules.departures(self.lines)
        return spaced(listing([_moved(one) for one in left if one in self.open_lines]))

    @property
    def prizes(self) -> list[tuple[str, str, str]]:
        """The prizes as (rank, team, amount)."""
        given = jury_rules.awarded(self.open_lines, self.found.edition.prizes)
        return [(ordinal(rank), one.name if one else "à décider", euros(prize)) for rank, one, prize in given]

    @property
    def total(self) -> tuple[str, str]:
        """What the prizes add up to, and the most that they may."""
        return euros(sum(self.found.edition.prizes, Decimal(0))), euros(FIGURES.number("prizes_total"))

    @property
    def written_votes(self) -> list[tuple[JuryVote, str]]:
        return [(one, _written(one)) for one in self.votes]

    @property
    def unsettled(self) -> list[str]:
        return jury_rules.open_points(self.open_lines, votes_of(self.found, self.votes), reason=self.found.reason)


def _moved(one: Line) -> str:
    return f"{one.name}, proposée {ordinal(one.proposed or 0, '1re')}, décidée {ordinal(one.decided or 0, '1re')}"


def _written(one: JuryVote) -> str:
    return written(
        {"in_favour": one.in_favour, "against": one.against, "abstained": one.abstained, "chair": one.chair_in_favour}
    )


def table(
    found: Deliberation, user: User, *, typed: dict[int, str] | None = None, errors: dict[int, str] | None = None
) -> Table:
    """Prepare the deliberation for a reader; `typed` and `errors` are what a page that comes back holds, by team."""
    rows, shut = outcomes(found, user)
    lines, votes = lines_of(found, rows), list(found.votes.all()) if vars(found)["voted"] else []
    left = {one.key for one in jury_rules.departures(lines)}
    open_cells = [cells for team, cells in found.matrix["cells"].items() if int(team) not in shut]
    scores = [Fraction(text) for cells in open_cells for text in cells.values() if text not in SAID]
    low = Decimal(int(min(scores, default=Fraction(0))))
    shown = []
    for one in rows:
        if one.team_id in shut:
            shown.append(Row(one.team_id, one.team.name, one.team.project, is_shut=True))
            continue
        decided = (typed or {}).get(one.team_id, str(one.decided_rank or ""))
        departs = str(one.team_id) in left
        shown.append(_row(found, one, low, decided, (errors or {}).get(one.team_id, ""), departs=departs))
    return Table(found, shown, lines, votes, shut, number(low))


def _row(found: Deliberation, one: Outcome, low: Decimal, decided: str, error: str, *, departs: bool) -> Row:
    matrix = found.matrix
    given = matrix["cells"].get(str(one.team_id), {})
    texts = [given.get(str(juror["juror"]), "") for juror in matrix["jurors"]]
    scores = {text: Fraction(text) for text in texts if text not in SAID}
    top, bottom = max(scores.values(), default=None), min(scores.values(), default=None)
    spread = None if top is None or bottom is None else top - bottom
    values = [_decimal(scores[text]) for text in texts if text in scores]
    return Row(
        team=one.team_id,
        name=one.team.name,
        project=one.team.project,
        is_shut=False,
        cells=[_cell(text, scores, top, bottom) for text in texts],
        mean=arithmetic.shown(Fraction(one.score)) if one.score else "–",
        spread=arithmetic.shown(spread) if len(values) > 1 else "",
        is_wide=len(values) > 1 and arithmetic.is_wide(spread, Decimal(matrix["spread_alert"])),
        ballots=f"{one.ballots}/{len(texts)}",
        dots=charts.dots(values, low=low, high=Decimal(matrix["maximum"])),
        span=f"Notes de {arithmetic.shown(bottom)} à {arithmetic.shown(top)}" if values else "",
        proposed=one.proposed_rank,
        reason=one.proposed_reason,
        decided=decided,
        departs=departs,
        error=spaced(error),
    )


def _cell(text: str, scores: dict[str, Fraction], top: Fraction | None, bottom: Fraction | None) -> Cell:
    if text not in scores:
        return Cell(SAID[text], "none")
    score = scores[text]
    kind = "" if top == bottom else "highest" if score == top else "lowest" if score == bottom else ""
    return Cell(arithmetic.shown(score), kind)


def apart(gap: Fraction) -> str:
    """Say how far two means are, before either is cut to two decimals."""
    if not gap:
        return "à égalité"
    told = arithmetic.shown(gap) if gap >= Fraction(1, 100) else "moins de 0,01"
    return f"{told} point d’écart sur les moyennes exactes"


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


# --------------------------------------------------------------------------------------------------------------- files
def columns(shown: Table) -> list[Column]:
    """Return the columns of the table as a file."""
    people = [Column(f"{one['name']}, {one['quality']}") for one in shown.jurors]
    return [
        Column("Équipe"), Column("Projet"), *people, Column("Moyenne", Unit.NUMBER), Column("Écart", Unit.NUMBER),
        Column("Bulletins", Unit.COUNT), Column("Rang proposé", Unit.COUNT), Column("Ce qui a fait le rang"),
        Column("Rang décidé", Unit.COUNT),
    ]  # fmt: skip


def file_rows(shown: Table) -> Iterator[Sequence[FileCell]]:
    """Write one team a row, those that are closed to the reader left out."""
    by_team = {int(one.key): one for one in shown.lines}
    for row in shown.rows:
        one = by_team[row.team]
        if row.is_shut:
            continue
        given = shown.found.matrix["cells"].get(str(row.team), {})
        texts = [given.get(str(juror["juror"]), "") for juror in shown.jurors]
        yield (
            row.name,
            row.project,
            *(SAID[text] if text in SAID else truncated(Fraction(text)) for text in texts),
            None if one.score is None else truncated(one.score),
            _spread(texts),
            sum(text not in SAID for text in texts),
            NOT_RANKED if one.proposed is None else one.proposed,
            row.reason,
            one.decided,
        )


def _spread(texts: Sequence[str]) -> Decimal | None:
    scores = [Fraction(text) for text in texts if text not in SAID]
    return truncated(max(scores) - min(scores)) if len(scores) > 1 else None
