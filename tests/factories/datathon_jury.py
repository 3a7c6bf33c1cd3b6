"""Juries of the tests, made by the gestures that people would make."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from datathon import phases
from datathon.models import Deliberation, Edition, Juror, Team
from datathon.services import deliberations, juries, scoring
from normandata.accounts.models import User
from normandata.scoring.models import Panel, Sheet, Subject
from normandata.scoring.services import conflicts, panels, sheets
from normandata.scoring.services.sheets import Typed
from tests.factories.accounts import make_user_with
from tests.factories.datathon import CRITERIA, PARIS, SCHEME, make_edition, make_juror, make_organiser, make_team

SLUGS = tuple(slug for slug, *_ in CRITERIA)
QUALITIES = ("elected", "expert", "expert", "representative", "expert", "expert", "elected")
NAMES = ("A. Vauclin", "C. Tesson", "D. Lemarois", "G. Brix", "E. Quibel", "F. Hauville", "B. Orsel")
DUE = datetime(2026, 10, 22, 12, tzinfo=PARIS)
"""Deliverables of the tests are all in."""


def make_ready(teams: int | Sequence[str] = 3, jurors: int = 3, **fields: Any) -> Edition:
    """Make an edition whose challenge is over: teams in order, and a mixed jury whose first member presides."""
    given = {"deliverables_due_at": DUE, "prize_1": 2500, "prize_2": 1500, "prize_3": 1000} | fields
    edition = make_edition(phases.CHALLENGE, **given)
    names = [f"Équipe {number:02d}" for number in range(1, teams + 1)] if isinstance(teams, int) else teams
    for order, name in enumerate(names, start=1):
        make_team(edition, name=name, order=order, project=f"Projet {name}")
    for place in range(jurors):
        make_juror(edition, QUALITIES[place % 7], name=NAMES[place % 7], is_chair=place == 0)
    return edition


def make_scoring(teams: int | Sequence[str] = 3, jurors: int = 3, **fields: Any) -> Edition:
    """Open the scoring of such an edition."""
    edition = make_ready(teams, jurors, **fields)
    scoring.open_scoring(edition, by=make_organiser(edition))
    return edition


def people(edition: Edition) -> list[User]:
    """Return the people of the jury, in the order of its members."""
    return [
        one.person
        for one in Juror.objects.filter(edition=edition).select_related("person").order_by("pk")
        if one.person
    ]


def panel_of(edition: Edition) -> Panel:
    panel = panels.panel_about(edition)
    assert panel is not None
    return panel


def teams_of(edition: Edition) -> list[Team]:
    return list(Team.objects.filter(edition=edition).order_by("order"))


def subject_of(team: Team) -> Subject:
    return Subject.objects.select_related("panel__grid").get(kind="datathon.team", key=str(team.pk))


def typed(*marks: int) -> dict[str, Typed]:
    """One mark for all criteria, or one for each of the first ones, the last for those that are left."""
    given = [*marks, *[marks[-1]] * (len(SLUGS) - len(marks))]
    return {slug: Typed(str(mark)) for slug, mark in zip(SLUGS, given, strict=True)}


def vote(team: Team, by: User, *marks: int) -> Sheet:
    """Fill and validate a ballot."""
    sheet = sheets.start(subject_of(team), by=by)
    saved = sheets.save(sheet, typed(*marks), by=by, revision=sheet.revision)
    assert saved.errors == {}
    return sheets.submit(saved.sheet, by=by, revision=saved.sheet.revision)


def abstain(team: Team, by: User) -> None:
    sheet = sheets.start(subject_of(team), by=by)
    sheets.abstain(sheet, by=by, revision=sheet.revision)


def recuse(team: Team, by: User) -> None:
    conflicts.declare(by, subject_of(team), by=by, reason="Un proche y participe.")


def cast(edition: Edition, marks: Mapping[str, Sequence[int | None]]) -> None:
    """Validate ballots: by team, one mark by juror for all criteria, None for a juror who gives none."""
    jury = people(edition)
    for team in teams_of(edition):
        for by, mark in zip(jury, marks[team.name], strict=True):
            if mark is not None:
                vote(team, by, mark)


def deliberate(edition: Edition, by: User | None = None) -> Deliberation:
    """Open the deliberation, all jurors there."""
    organiser = by or make_organiser(edition)
    found = deliberations.open_deliberation(edition, by=organiser)
    juries.tick_presence(edition, list(edition.jurors.values_list("pk", flat=True)), by=organiser)
    return found


def decide_as_proposed(edition: Edition, by: User) -> Deliberation:
    """Type the proposed ranks as decided."""
    found = Deliberation.objects.get(edition=edition)
    ranked = found.outcomes.filter(proposed_rank__isnull=False)
    ranks = {one.team_id: str(one.proposed_rank) for one in ranked}
    return deliberations.decide(edition, ranks, by=by, revision=found.revision).deliberation


def close(edition: Edition, by: User | None = None) -> Deliberation:
    """Decide as proposed, and close."""
    organiser = by or make_organiser(edition)
    decide_as_proposed(edition, organiser)
    return deliberations.close_deliberation(edition, by=organiser)


__all__ = [
    "DUE", "NAMES", "SCHEME", "SLUGS", "abstain", "cast", "close", "decide_as_proposed", "deliberate", "make_ready",
    "make_scoring", "make_user_with", "panel_of", "people", "recuse", "subject_of", "teams_of", "typed", "vote",
]  # fmt: skip
