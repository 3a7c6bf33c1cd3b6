"""Queries and objects do not grow with the subjects; a save stays small."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from normandata.accounts.models import User
from normandata.scoring import ranking, reading
from normandata.scoring.models import Mark, Panel, Sheet
from normandata.scoring.services import panels, sheets
from normandata.scoring.services.sheets import Typed
from tests.factories.scoring import fill, first, judge, make_lead, make_panel, make_thing, marks_for

pytestmark = pytest.mark.django_db
TIES = ("feasibility", "quality")


def cost(gesture: Callable[[], Any]) -> tuple[int, int]:
    """Count the queries and the model instances of a gesture."""
    made: list[type] = []

    def count(sender: type, **_: Any) -> None:
        made.append(sender)

    post_init.connect(count, weak=False)
    try:
        with CaptureQueriesContext(connection) as queries:
            gesture()
    finally:
        post_init.disconnect(count)
    return len([one for one in queries if "SAVEPOINT" not in one["sql"]]), len(made)


def grow(panel: Panel, more: int, people: list[User]) -> None:
    """Add subjects with a submitted sheet of each person, in bulk."""
    subjects = panels.add_subjects(panel, [make_thing() for _ in range(more)], by=None)
    now = timezone.now()
    made = Sheet.objects.bulk_create(
        Sheet(subject=one, author=by, state="submitted", points=Decimal(60), grid=panel.grid, submitted_at=now)
        for one in subjects
        for by in people
    )
    Mark.objects.bulk_create(
        Mark(sheet=sheet, criterion=line, value=Decimal(10), maximum=line.maximum, justification="x")
        for sheet in made
        for line in panel.grid.lines
    )


def test_readings_are_flat_at_1_and_30_subjects(ana: User, bob: User, lead: User) -> None:
    panel = make_panel([ana, bob], lead=lead)
    for by in (ana, bob):
        judge(first(panel), by, "60")
    panels.close_panel(panel, by=lead)
    seen: list[dict[str, tuple[int, int]]] = []

    def fresh() -> Panel:
        return Panel.objects.select_related("grid").get(pk=panel.pk)

    for more in (0, 29):
        Panel.objects.filter(pk=panel.pk).update(state="open", closed_at=None, closed_by=None)
        grow(Panel.objects.get(pk=panel.pk), more, [ana, bob])
        Panel.objects.filter(pk=panel.pk).update(state="closed", closed_at=timezone.now(), closed_by=lead)
        reading.ranking(fresh(), lead)  # what is read for the first time is written down
        seen.append(
            {
                "rank": cost(lambda: ranking.rank(fresh(), ties=TIES)),
                "ranking": cost(lambda: reading.ranking(fresh(), User.objects.get(pk=lead.pk), ties=TIES)),
                "progress": cost(lambda: reading.progress(fresh(), User.objects.get(pk=lead.pk))),
                "scores": cost(lambda: reading.scores(fresh(), User.objects.get(pk=lead.pk), named=True)),
            }
        )
    assert seen[0] == seen[1]
    assert seen[0]["rank"] == (5, 8)
    assert {name: queries for name, (queries, _) in seen[0].items()} == {
        "rank": 5, "ranking": 12, "progress": 10, "scores": 11,
    }  # fmt: skip


def test_a_scoring_page_reads_little(ana: User, bob: User) -> None:
    panel = make_panel([ana, bob], subjects=30)
    fill(sheets.start(first(panel), by=ana), marks_for("60", panel.grid), by=ana)
    subject = first(panel)
    assert cost(lambda: reading.paper(subject, ana))[0] <= 5
    assert cost(lambda: reading.next_subject(Panel.objects.get(pk=panel.pk), ana, after=subject))[0] <= 8


def test_saving_is_few_queries_whatever_is_typed(ana: User) -> None:
    panel = make_panel([ana])
    sheet = sheets.start(first(panel), by=ana)
    one = cost(lambda: sheets.mark(sheet, "quality", "12", by=ana, revision=1))
    typed = {slug: Typed(value, "x") for slug, value in marks_for("60", panel.grid).items()}
    six = cost(lambda: sheets.save(sheet, typed, by=ana, revision=2))
    assert one[0] == six[0] == 5
    sheet.refresh_from_db()
    assert cost(lambda: sheets.submit(sheet, by=ana, revision=sheet.revision))[0] <= 8


def test_subjects_are_added_in_bulk(lead: User) -> None:
    panel = make_panel(lead=make_lead())
    panels.add_subjects(panel, [make_thing()], by=lead)
    few = cost(lambda: panels.add_subjects(panel, [make_thing()], by=lead))
    many = cost(lambda: panels.add_subjects(panel, [make_thing() for _ in range(30)], by=lead))
    assert few[0] == many[0]
