"""What the pages of the jury show before the deliberation: one's own ballots, and progress without any score."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from normandata.accounts.models import User
from normandata.regulation.formats import number, plural
from normandata.scoring import arithmetic, glances, reading
from normandata.scoring.glances import Own, Sitting
from normandata.scoring.models import Panel, Subject
from normandata.scoring.papers import Paper

from . import judging
from .deliverables import KINDS, Deliverable
from .editions import Edition, PhaseSetting
from .juries import Juror
from .phases import RIGHTS
from .services.scoring import EDITION
from .teams import Team


def sitting_of(user: User, slug: str) -> Juror | None:
    """Return the place of a person in the jury of an edition, with the edition; one query."""
    rows = Juror.objects.sitting().filter(person=user, edition__slug=slug).select_related("edition")
    return rows.annotate(shut=_shut("edition", "edition__state")).first()


def team_here(user: User, slug: str, pk: int) -> Team | None:
    """Return a team that presents to a sitting juror, with its edition, its theme and their tie; one query."""
    sits = Juror.objects.sitting().filter(person=user, edition=OuterRef("edition"))
    rows = Team.objects.active().real().filter(Exists(sits), edition__slug=slug, pk=pk)
    told = rows.annotate(shut=_shut("edition", "edition__state"), tie=judging.tie(user))
    return told.select_related("edition", "theme").first()


def paper(team: Team, user: User) -> tuple[Subject, Paper] | None:
    """Return what a team is before the jury with one's own ballot; `team` comes from above. None: it does not present.

    Raises NotAllowed, InConflict.
    """
    subjects = Subject.objects.judged().about(team).filter(panel__kind=EDITION)
    return reading.paper_among(subjects, user, tie=vars(team)["tie"])


def _shut(edition: str, phase: str) -> Exists:
    return Exists(PhaseSetting.objects.filter(edition=OuterRef(edition), phase=OuterRef(phase), right="jury_reads"))


def reads(row: Juror | Team) -> bool:
    """Tell whether the phase lets the jury read projects and deliverables; `row` comes from above."""
    given = RIGHTS.get(row.edition.state)
    return given is not None and given.jury_reads and not vars(row)["shut"]


def marks(edition: Edition) -> bool:
    return RIGHTS[edition.state].jury_marks


# ------------------------------------------------------------------------------------------------------ one's projects
@dataclass(frozen=True, slots=True)
class Project:
    """A team as a list names it."""

    pk: int
    name: str
    title: str
    theme: str


@dataclass(frozen=True, slots=True)
class Projects:
    """The projects of a juror in order, each with the own ballot's state; those shut to the juror are only named."""

    sitting: Sitting
    rows: list[tuple[Project, Own]]

    @property
    def mine(self) -> str:
        done = plural(self.sitting.done, "bulletin validé", "bulletins validés")
        return f"{done} par vous sur {number(len(self.rows))}."

    @property
    def waits(self) -> bool:
        return any(own.waits for _, own in self.rows)


def projects(edition: Edition, user: User) -> Projects:
    """List what a juror judges; three queries. Raises NotAllowed."""
    sitting = glances.own(EDITION, str(edition.pk), user)
    named = names([one.spot.key for one in sitting.rows])
    return Projects(sitting, [(named[one.spot.key], one) for one in sitting.rows if one.spot.key in named])


def names(keys: Iterable[str]) -> dict[str, Project]:
    """Name teams in one query, by key."""
    wanted = [int(key) for key in keys]
    rows = Team.objects.filter(pk__in=wanted).values_list("pk", "name", "project", "theme__title") if wanted else ()
    return {str(pk): Project(pk, name, title, theme or "") for pk, name, title, theme in rows}


# ------------------------------------------------------------------------------------------------------------ evidence
def pieces(team: Team) -> list[tuple[str, Sequence[Deliverable]]]:
    """Return the last version of what a team handed in, by kind; one query."""
    rows = Deliverable.objects.real().current().filter(team=team).select_related("upload")
    found = {one.kind: one for one in rows}
    return [(label, [found[kind]] if kind in found else []) for kind, label in KINDS]


# --------------------------------------------------------------------------------------------------------------- total
@dataclass(frozen=True, slots=True)
class Mean:
    """The live weighted mean of a ballot, and how many criteria have their mark."""

    shown: str
    best: str
    counted: str
    is_whole: bool


def mean(paper: Paper) -> Mean:
    """Prepare the mean of a ballot as it is kept: what is not marked yet is left out."""
    done, every = len(paper.filled.marked), len(paper.lines)
    best = arithmetic.shown(paper.filled.grid.best).removesuffix(",00")
    shown = arithmetic.shown(paper.total) if done else "–"
    return Mean(shown, best, f"{plural(done, 'critère noté', 'critères notés')} sur {number(every)}", done == every)


# ------------------------------------------------------------------------------------------------- what organisers see
def progress(panel: Panel, user: User) -> dict[str, Any]:
    """Say how far the panel is to who leads it: ballots by team and by juror, without any score. Raises NotAllowed."""
    found = reading.progress(panel, user)
    named = names([line.spot.key for line in found.lines])
    lines = [(named[line.spot.key], line) for line in found.lines if line.spot.key in named]
    return {"lines": lines, "scorers": found.scorers, "withheld": found.withheld}
