"""What the jury's pages cost on 20 teams, 7 jurors and 6 criteria, requests included."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from datathon.models import Edition
from normandata.scoring.models import Mark, Sheet
from normandata.scoring.services import sheets
from tests.factories.accounts import sign_in
from tests.factories.datathon import make_organiser
from tests.factories.datathon_jury import deliberate, make_scoring, panel_of, people, subject_of, teams_of, vote

pytestmark = pytest.mark.django_db
AUTOSAVE = {"headers": {"x-requested-with": "autosave"}}


def cost(gesture: Callable[[], Any]) -> tuple[int, int, Any]:
    """Count the queries and the model instances of a gesture, and give its answer."""
    made: list[type] = []

    def count(sender: type, **_: Any) -> None:
        made.append(sender)

    post_init.connect(count, weak=False)
    try:
        with CaptureQueriesContext(connection) as queries:
            answer = gesture()
    finally:
        post_init.disconnect(count)
    return len([one for one in queries if "SAVEPOINT" not in one["sql"]]), len(made), answer


def filled(teams: int, jurors: int = 7) -> Edition:
    """Make a scoring whose ballots are all validated but those of the first juror on the last half, in bulk."""
    edition = make_scoring(teams, jurors)
    grid = panel_of(edition).grid
    jury, (first, *_) = people(edition), teams_of(edition)
    model = vote(first, jury[0], 4)
    rows = [
        Sheet(
            subject=subject_of(team),
            author=by,
            state="submitted",
            points=model.points,
            grid=grid,
            submitted_at=model.submitted_at,
        )
        for team in teams_of(edition)
        for by in jury[1:]
    ]
    made = Sheet.objects.bulk_create(rows)
    Mark.objects.bulk_create(
        Mark(sheet=sheet, criterion=line, value=4, maximum=5) for sheet in made for line in grid.lines
    )
    return edition


def test_the_grid_of_a_juror_is_within_its_figures(client: Client) -> None:
    edition = filled(20)
    sign_in(client, people(edition)[0])
    address = reverse("datathon:jury_projects", args=[edition.slug])
    client.get(address)
    queries, objects, answer = cost(lambda: client.get(address))
    assert answer.status_code == 200
    assert (queries, objects) == (8, 6)
    assert len(answer.content) <= 40 * 1024


def test_a_ballot_is_within_its_figures(client: Client) -> None:
    edition = filled(20)
    juror = people(edition)[0]
    sign_in(client, juror)
    team = teams_of(edition)[1]
    sheet = sheets.start(subject_of(team), by=juror)
    address = reverse("datathon:ballot", args=[edition.slug, team.pk])
    client.get(address)
    queries, objects, answer = cost(lambda: client.get(address))
    assert (queries, objects) == (8, 15)
    assert len(answer.content) <= 40 * 1024
    save = reverse("datathon:ballot_save", args=[sheet.pk])
    typed = {f"palier-{line.slug}": "4" for line in panel_of(edition).grid.lines}
    queries, _, answer = cost(lambda: client.post(save, {"version": "1", **typed}, **AUTOSAVE))
    assert answer.status_code == 200
    assert queries == 8


@pytest.mark.parametrize("reader", ["organiser", "juror"])
def test_the_deliberation_is_within_its_figures_whatever_the_teams(client: Client, reader: str) -> None:
    found = []
    for teams in (1, 20):
        edition = filled(teams)
        organiser = make_organiser(edition)
        deliberate(edition, organiser)
        sign_in(client, organiser if reader == "organiser" else people(edition)[0])
        address = reverse("datathon:deliberation", args=[edition.slug])
        client.get(address)
        queries, _, answer = cost(partial(client.get, address))
        assert answer.status_code == 200
        found.append(queries)
    assert found == [{"organiser": 5, "juror": 6}[reader]] * 2
