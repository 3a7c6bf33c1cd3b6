"""Reminders before the limit of the deliverables: once for each team and limit, to whoever has something left to do."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from datathon import phases
from datathon.models import Deliverable, Team
from datathon.services import deliverables, reminders
from datathon.tasks import WORKS
from normandata.notifications.models import Mail
from normandata.procedure.models import Event
from tests.factories.datathon import PARIS, make_edition, make_organiser, make_team

pytestmark = pytest.mark.django_db
DUE = datetime(2027, 10, 22, 12, tzinfo=PARIS)
NEAR = DUE - timedelta(days=2)


def challenged(members: int = 1, **fields: object) -> Team:
    return make_team(make_edition(phases.CHALLENGE, **fields), members)


def hand_all_in(team: Team, *kinds: str) -> None:
    for kind in kinds or ("code", "data", "presentation"):
        Deliverable.objects.create(team=team, kind=kind, version=1, text="x", sha256="a" * 64)


def test_each_member_is_told_once_from_two_days_before_what_is_wanting_and_where() -> None:
    team = challenged(3)
    hand_all_in(team, "code")
    assert [reminders.remind_due(at) for at in (NEAR - timedelta(milliseconds=100), NEAR, NEAR, DUE)] == [0, 1, 0, 0]
    mails = Mail.objects.filter(kind="datathon.deliverables_due")
    assert {mail.address for mail in mails} == {seat.registration.person.email for seat in team.seats.all()}
    assert mails.count() == 3
    text = mails[0].text.replace("\xa0", " ")
    assert "Il manque encore la liste des données utilisées et le support de présentation." in text
    assert "avant le 22 octobre 2027 à 12 h 00" in text
    assert f"/espace/datathon/{team.edition.slug}/" in text
    noted = Event.objects.about(team).named(reminders.REMIND).get()
    assert (noted.by, noted.data) == (None, {"until": DUE.astimezone(UTC).isoformat()})


def test_nobody_is_told_of_what_is_handed_in_over_or_tried() -> None:
    hand_all_in(challenged())
    challenged(deliverables_due_at=None)
    make_team(make_edition(phases.REGISTRATION))
    make_team(make_edition(phases.SCORING))
    make_team(make_edition(phases.CHALLENGE), rehearsal=True)
    gone = challenged()
    Team.objects.filter(pk=gone.pk).update(state="dissolved", dissolved_at=NEAR, referent=None)
    assert reminders.remind_due(NEAR) == 0
    assert not Mail.objects.exists()


def test_more_time_moves_the_reminder_and_has_its_own() -> None:
    team = challenged()
    other = make_team(team.edition)
    until = DUE + timedelta(hours=20)
    with time_machine.travel(NEAR - timedelta(days=1), tick=False):
        deliverables.extend(team, until, reason="Panne", by=make_organiser(team.edition))
    assert reminders.remind_due(NEAR) == 1
    assert Event.objects.named(reminders.REMIND).get().thing_key == str(other.pk), "the team's own limit counts"
    assert [reminders.remind_due(until - timedelta(days=2)), reminders.remind_due(until)] == [1, 0]
    with time_machine.travel(until - timedelta(hours=1), tick=False):
        deliverables.extend(team, until + timedelta(hours=2), reason="Encore", by=make_organiser(team.edition))
    assert [reminders.remind_due(until), reminders.remind_due(until)] == [1, 0]


def test_two_elapsed_days_go_through_the_change_of_the_clock() -> None:
    due = datetime(2027, 10, 31, 12, tzinfo=PARIS)
    challenged(deliverables_due_at=due, closing_at=due + timedelta(days=1))
    # 12 h in winter is 11 h UTC, and two days before is 11 h UTC, 13 h in summer.
    assert reminders.remind_due(datetime(2027, 10, 29, 12, 59, 59, 900_000, tzinfo=PARIS)) == 0
    assert reminders.remind_due(datetime(2027, 10, 29, 13, 0, tzinfo=PARIS)) == 1


def test_the_clock_does_it() -> None:
    assert reminders.remind_due in WORKS
