"""A late milestone alerts its pilot, once a rung, and nothing else does."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.urls import reverse

from normandata.celery import app
from normandata.notifications.models import Mail
from roadmap import reminders, tasks
from roadmap.models import Milestone
from tests.factories.accounts import make_user_with
from tests.factories.roadmap import MilestoneFactory, make_action, make_pilot

pytestmark = pytest.mark.django_db
DUE = date(2026, 9, 30)
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


def run(day: date) -> None:
    with time_machine.travel(datetime(day.year, day.month, day.day, 8, tzinfo=PARIS), tick=False):
        for _ in range(2):
            tasks.keep_time()


def test_the_pilot_is_alerted_the_next_day_then_15_and_30_days_after() -> None:
    action = make_action([(1, DUE, None)])
    pilot = make_pilot(action)
    make_pilot()  # who pilots them all is not written to where somebody pilots this one
    for days in range(-3, 60):
        run(DUE + timedelta(days=days))
    mails = list(Mail.objects.order_by("created_at"))
    assert [one.created_at.astimezone(PARIS).date() for one in mails] == [
        date(2026, 10, 1),
        date(2026, 10, 15),
        date(2026, 10, 30),
    ]
    assert {one.recipient_id for one in mails} == {pilot.pk}
    title = action.milestones.get().title
    assert mails[0].subject == f"Jalon en retard\u00a0: {title}"
    said = mails[1].text.replace("\u00a0", " ")
    assert f"« {title} » de l’action « {action.title} » était attendu le 30 septembre 2026" in said
    assert "le retard est de 15 jours." in said
    assert f"/pilotage/{action.slug}/" in said


def test_without_a_pilot_of_its_own_whoever_pilots_them_all_is_alerted() -> None:
    everything, anything = make_pilot(), make_user_with("action_pilot")
    make_pilot(make_action())
    make_action([(1, DUE, None)])
    run(DUE + timedelta(days=1))
    assert set(Mail.objects.values_list("recipient", flat=True)) == {everything.pk, anything.pk}


def test_without_any_pilot_the_administrators_are_told_once_a_rung() -> None:
    administrator, closed = make_user_with("administrator"), make_user_with("administrator", is_active=False)
    make_pilot(make_action())
    make_pilot(is_active=False)
    action = make_action([(1, DUE, None)])
    for days in range(60):
        run(DUE + timedelta(days=days))
    mails = list(Mail.objects.order_by("created_at"))
    assert closed.pk not in {one.recipient_id for one in mails}
    assert [(one.kind, one.recipient_id) for one in mails] == [("roadmap.milestone_unpiloted", administrator.pk)] * 3
    title = action.milestones.get().title
    assert mails[0].subject == f"Jalon en retard, action sans pilote\u00a0: {title}"
    said = mails[0].text.replace("\u00a0", " ")
    assert f"« {title} » de l’action « {action.title} » était attendu le 30 septembre 2026." in said
    assert f"{settings.SITE_URL}{reverse('accounts:people')}" in said


def test_what_nobody_can_be_told_of_is_not_done(caplog: pytest.LogCaptureFixture) -> None:
    action = make_action([(1, DUE, None)])
    assert reminders.alert_late(datetime(2026, 10, 1, 8, tzinfo=PARIS)) == 0
    assert f"Nobody can be told that milestone {action.milestones.get().pk} is late." in caplog.text
    administrator = make_user_with("administrator")
    assert reminders.alert_late(datetime(2026, 10, 1, 9, tzinfo=PARIS)) == 1
    assert [one.recipient_id for one in Mail.objects.all()] == [administrator.pk]


def test_nobody_is_alerted_of_what_is_held_to_come_or_stopped() -> None:
    make_pilot()
    make_action([(1, DUE, DUE), (1, DUE + timedelta(days=1), None)])
    for state in ("done", "suspended", "abandoned"):
        make_action([(1, DUE, None)], state=state, state_reason="Motif")
    run(DUE + timedelta(days=1))
    assert Mail.objects.count() == 0


def test_a_milestone_put_off_is_alerted_of_its_new_day() -> None:
    action = make_action([(1, DUE, None)])
    make_pilot(action)
    run(DUE + timedelta(days=1))
    Milestone.objects.update(due_on=DUE + timedelta(days=30))
    run(DUE + timedelta(days=20))
    assert Mail.objects.count() == 1
    run(DUE + timedelta(days=31))
    assert Mail.objects.count() == 2


def test_one_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    broken, whole = make_action([(1, DUE, None)]), make_action([(1, DUE, None)])
    pilots = {one.pk: make_pilot(one) for one in (broken, whole)}
    known = reminders.pilots_of

    def failing(action: object) -> object:
        if action == broken:
            raise RuntimeError("on purpose")
        return known(whole)

    monkeypatch.setattr(reminders, "pilots_of", failing)
    done = reminders.alert_late(datetime(2026, 10, 1, 8, tzinfo=PARIS))
    assert done == 1
    assert [one.recipient_id for one in Mail.objects.all()] == [pilots[whole.pk].pk]
    assert f"The alert of milestone {broken.milestones.get().pk} failed (RuntimeError)." in caplog.text


def test_midnight_is_that_of_paris() -> None:
    """On 30 September at 22:30 UTC, it is 1 October in Paris."""
    make_pilot()
    milestone = MilestoneFactory.create(due_on=DUE)
    assert reminders.alert_late(datetime(2026, 9, 30, 21, 30, tzinfo=ZoneInfo("UTC"))) == 0
    assert reminders.alert_late(datetime(2026, 9, 30, 22, 30, tzinfo=ZoneInfo("UTC"))) == 1
    assert Mail.objects.get().about_key == str(milestone.action_id)


def test_the_beat_calls_the_task() -> None:
    assert app.conf.beat_schedule["roadmap"]["task"] == tasks.keep_time.name == "roadmap.keep_time"
