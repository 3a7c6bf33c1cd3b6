"""The table of the teams: what is counted, and ranks that nobody reads before they are published."""

from datetime import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from datathon import exports, phases
from datathon.models import Deliberation, Deliverable, Edition, FollowUp, Outcome, Team
from normandata.accounts.models import Role
from tests.factories.accounts import make_user_with
from tests.factories.datathon import PARIS, make_edition, make_team

pytestmark = pytest.mark.django_db
PRIZES = {"prize_1": Decimal(2500), "prize_2": Decimal(1500)}


def judged(edition: Edition, *teams: Team) -> None:
    opened = Deliberation.objects.create(edition=edition, opened_at=timezone.now(), opened_by=edition.created_by)
    for rank, team in enumerate(teams, start=1):
        Outcome.objects.create(deliberation=opened, team=team, proposed_rank=rank, decided_rank=rank)


def cells(edition: Edition) -> list[tuple[object, ...]]:
    agent = make_user_with(Role.AGENT, "datathon")
    return [tuple(row)[3:] for row in exports.rows(agent) if row[0] == edition.title]


def test_teams_are_told_with_their_ranks_prizes_and_suites() -> None:
    edition = make_edition(phases.PUBLISHED, **PRIZES)
    first, second, third = make_team(edition, 3, name="A"), make_team(edition, name="B"), make_team(edition, name="C")
    make_team(edition, rehearsal=True)
    judged(edition, second, first, third)
    for kind in ("code", "code", "data"):
        Deliverable.objects.create(
            team=first, kind=kind, version=first.deliverables.filter(kind=kind).count() + 1, text="x", sha256="0"
        )
    for kind in ("reuse", "integration", "accompaniment"):
        FollowUp.objects.create(
            team=first, kind=kind, actor="M", on=timezone.localdate(), text="x", noted_by=edition.created_by
        )
    assert cells(edition) == [
        ("A", "", "", 3, 2, 2, Decimal(1500), 2),
        ("B", "", "", 1, 0, 1, Decimal(2500), 0),
        ("C", "", "", 1, 0, 3, None, 0),
    ]


@pytest.mark.parametrize("state", [phases.DELIBERATION, phases.DECIDED])
def test_no_rank_before_the_publication(state: str) -> None:
    edition = make_edition(state, **PRIZES)
    judged(edition, make_team(edition, name="A"))
    assert cells(edition) == [("A", "", "", 1, 0, None, None, 0)]


def test_no_rank_under_embargo() -> None:
    edition = make_edition(phases.PUBLISHED, embargo_until=datetime(2999, 1, 1, tzinfo=PARIS), **PRIZES)
    judged(edition, make_team(edition, name="A"))
    assert cells(edition) == [("A", "", "", 1, 0, None, None, 0)]


@pytest.mark.parametrize("teams", [1, 30])
def test_the_queries_do_not_grow(teams: int) -> None:
    edition = make_edition(phases.PUBLISHED)
    for _ in range(teams):
        make_team(edition)
    agent = make_user_with(Role.AGENT, "datathon")
    agent.assignments  # noqa: B018  # read once for the request
    with CaptureQueriesContext(connection) as queries:
        assert len(list(exports.rows(agent))) == teams
    assert len(queries) == 4
