"""The demonstration's roadmap: the voted actions, alive, all of it marked as fictitious, told once."""

from collections import Counter
from datetime import date, timedelta

import pytest
import time_machine

from normandata.accounts.models import User
from normandata.notifications.models import Mail
from normandata.portal.demonstration import clock, people, roadmap, script
from normandata.procedure.models import Event
from roadmap.models import Action, Deliberation, Milestone, News

pytestmark = pytest.mark.django_db


@pytest.fixture
def persons(monkeypatch: pytest.MonkeyPatch) -> dict[str, User]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return people.settle([script.read().account(roadmap.PILOT)])


@time_machine.travel("2026-11-25T16:00:00+00:00", tick=False)
def test_twenty_one_actions_live_and_are_told_once(persons: dict[str, User]) -> None:
    assert roadmap.settle(persons) == 21
    actions = list(Action.objects.whole())
    assert Counter(one.state for one in actions) == {
        "in_progress": 15,
        "planned": 2,
        "done": 2,
        "suspended": 1,
        "abandoned": 1,
    }
    progress = {one.slug: one.progress for one in actions}
    # as on the mock-up: 2 of 5, 3 of 10, 9 of 20
    assert [progress[slug] for slug in ("plateaux-techniques", "preuves-de-concept", "reutilisations-innovantes")] == [
        40,
        30,
        45,
    ]
    late = [one.title for action in actions for one in action.late(date(2026, 11, 25))]
    assert late == ["Référentiel commun du foncier", "Carte des points d’avitaillement"]
    assert Mail.objects.filter(kind="roadmap.milestone_late").count() == 2
    before = Event.objects.count()
    assert roadmap.settle(persons) == 0
    assert Event.objects.count() == before


@time_machine.travel("2026-11-25T16:00:00+00:00", tick=False)
def test_everything_told_is_marked_as_fictitious(persons: dict[str, User]) -> None:
    roadmap.settle(persons)
    marks = ("fictif", "fictive", "fictifs")
    said = [one.text for one in News.objects.all()] + [str(one) for one in Deliberation.objects.all()]
    for action in Action.objects.all():
        said += [action.pilot_direction, action.risks, action.climate, action.state_reason, action.objectives]
        said += action.partners.splitlines()
    assert [text for text in said if text and not any(mark in text.lower() for mark in marks)] == []


@pytest.mark.parametrize("day", ["2026-01-02", "2026-03-02", "2027-06-15", "2028-12-30"])
def test_it_can_be_told_on_any_day_of_the_roadmap(persons: dict[str, User], day: str) -> None:
    with time_machine.travel(f"{day}T16:00:00+00:00", tick=False):
        assert roadmap.settle(persons) == 21
        today = clock.today()
        for one in Milestone.objects.filter(done_on__isnull=False):
            assert one.done_on is not None
            assert one.done_on <= today
        for action in Action.objects.all():
            events = list(Event.objects.about(action).order_by("pk").values_list("at", flat=True))
            assert events == sorted(events), action.slug
            assert max(events).date() <= today + timedelta(days=1)


@pytest.mark.parametrize("day", ["2025-12-20", "2029-02-01"])
def test_outside_its_years_the_actions_stay_as_voted(persons: dict[str, User], day: str) -> None:
    with time_machine.travel(f"{day}T16:00:00+00:00", tick=False):
        assert roadmap.settle(persons) == 0
        assert (Action.objects.filter(state="planned").count(), Milestone.objects.count()) == (21, 0)
