"""The roadmap's open data say what its tables say: the 21 actions, their milestones, nobody's name; flat in queries."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from normandata.opendata import checks, writing
from roadmap import catalogue, exports, opendata, services
from roadmap.models import Action
from tests.factories.calls import make_call
from tests.factories.roadmap import make_pilot

pytestmark = pytest.mark.django_db
TODAY = date(2026, 12, 1)


@pytest.fixture(autouse=True)
def _written() -> None:
    catalogue.load()
    pilot, action = make_pilot(), Action.objects.get(slug="foncier")
    services.add_milestone(action, title="Référentiel", due_on=date(2026, 2, 2), weight=2, by=pilot)
    services.add_milestone(
        action, title="Ouverture", due_on=date(2028, 12, 1), weight=1, done_on=date(2026, 3, 1), by=pilot
    )


def test_the_actions_are_those_of_the_table_without_a_fault() -> None:
    rows = list(opendata.actions(TODAY))
    assert [one.cells for one in rows] == [tuple(one) for one in exports.actions(Action.objects.whole(), TODAY)]
    assert [checks.faults(opendata.ACTIONS, one.cells) for one in rows] == [()] * 21
    assert len(opendata.ACTIONS) == len(exports.ACTIONS)


def test_the_calls_of_a_chantier_are_told_and_hold_in_their_field() -> None:
    action = Action.objects.get(slug="foncier")
    make_call("open", chantier=action.chantier, title="Vélos", slug="velos")
    make_call("draft", chantier=action.chantier, title="Caché")
    rows = {str(one.cells[-1]): one.cells for one in opendata.actions(TODAY)}
    said = dict(zip((one.name for one in opendata.ACTIONS), rows["foncier"], strict=True))
    assert str(said["appels_du_chantier"]).startswith("Vélos, ouvert, du ")
    assert str(said["appels_du_chantier"]).endswith(", http://localhost:8000/appels/velos/")
    assert "Caché" not in str(said)
    assert checks.faults(opendata.ACTIONS, rows["foncier"]) == ()


def test_a_milestone_is_a_row() -> None:
    rows = [writing.csv_line(opendata.MILESTONES, one.cells) for one in opendata.milestones(TODAY)]
    title = Action.objects.get(slug="foncier").title
    quoted = f'"{title}"' if "," in title else title
    assert rows == [
        f"foncier,{quoted},Référentiel,2026-02-02,2,,oui\r\n",
        f"foncier,{quoted},Ouverture,2028-12-01,1,2026-03-01,non\r\n",
    ]


@pytest.mark.parametrize("rows", [opendata.actions, opendata.milestones], ids=["actions", "milestones"])
def test_queries_do_not_grow_with_the_milestones(rows: object) -> None:
    pilot, counts = make_pilot(), []
    for count in (0, 28):
        for number in range(count):
            for action in Action.objects.all()[:3]:
                services.add_milestone(action, title=f"J{number}", due_on=date(2027, 1, 1), weight=1, by=pilot)
        with CaptureQueriesContext(connection) as captured:
            list(rows(TODAY))  # type: ignore[operator]
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 7
