"""Meetings with the carrier: fixed, moved, cancelled; the organisation is told, the notes stay with the agents."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from booster_ia.meetings import Meeting
from booster_ia.services import meetings
from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.notifications.models import Mail
from normandata.procedure.errors import NotAllowed, NotNow, ReasonMissing
from normandata.procedure.models import Event
from tests.factories.accounts import make_agent
from tests.factories.waves import make_application

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 5, 10, tzinfo=UTC)
WHEN: dict[str, Any] = {"day": date(2026, 10, 12), "hour": time(14, 30)}


@pytest.fixture(autouse=True)
def _in_october(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agent() -> User:
    return make_agent("booster_ia")


def arrange(agent: User, **fields: Any) -> Meeting:
    values = {**WHEN, "place": "Hôtel de Région, Caen", "who": "Camille Exemple", **fields}
    return meetings.arrange(make_application(), by=agent, **values)


def change(meeting: Meeting, agent: User, **fields: Any) -> Event | None:
    """Change a meeting from a page that has just been opened."""
    return meetings.change(meeting, by=agent, revision=Meeting.objects.get(pk=meeting.pk).revision, **fields)


def names(dossier: Dossier) -> list[str]:
    return list(Event.objects.about(dossier).order_by("pk").values_list("name", flat=True))


def test_a_meeting_is_journalled_and_the_organisation_is_told(agent: User) -> None:
    meeting = arrange(agent)
    mail = Mail.objects.get()
    assert (mail.kind, mail.address) == ("booster_ia.meeting", meeting.dossier.created_by.email)
    assert "Quand : 12 octobre 2026 à 14 h 30" in mail.text.replace("\u00a0", " ")
    assert names(meeting.dossier) == ["meeting"]
    assert meetings.meetings_of(meeting.dossier) == [meeting]


def test_only_the_agents_of_the_scheme_fix_one() -> None:
    dossier = make_application()
    for other in (make_agent("diagnostic"), dossier.created_by):
        with pytest.raises(NotAllowed):
            meetings.arrange(dossier, by=other, **WHEN, place="Caen", who="x")
    assert Meeting.objects.count() == 0


@pytest.mark.parametrize(
    "fields", [{"place": ""}, {"place": "", "link": "http://visio.exemple.invalid"}, {"link": "javascript:alert(1)"}]
)
def test_a_meeting_is_somewhere_and_its_link_is_safe(agent: User, fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        arrange(agent, **fields)
    assert (Meeting.objects.count(), Mail.objects.count()) == (0, 0)


@pytest.mark.parametrize(("hour", "is_past"), [(time(12, 0), True), (time(12, 1), False)])
def test_a_meeting_is_fixed_ahead_by_the_clock_of_paris(agent: User, hour: time, is_past: bool) -> None:
    if is_past:
        with pytest.raises(NotNow):
            arrange(agent, day=date(2026, 10, 5), hour=hour)
    else:
        arrange(agent, day=date(2026, 10, 5), hour=hour)


def test_a_move_is_told_and_notes_are_not(agent: User) -> None:
    meeting = arrange(agent)
    change(meeting, agent, notes="Bon dossier, à revoir sur la sécurité.")
    assert Mail.objects.filter(kind="booster_ia.meeting_changed").count() == 0
    change(meeting, agent, hour=time(15, 0), who=meeting.who)
    found = Meeting.objects.get()
    assert (found.changes, found.notes) == (1, "Bon dossier, à revoir sur la sécurité.")
    mail = Mail.objects.get(kind="booster_ia.meeting_changed")
    assert "sécurité" not in mail.text
    assert change(meeting, agent, hour=time(15, 0)) is None
    assert names(meeting.dossier) == ["meeting", "meeting_notes", "meeting_changed"]


def test_notes_are_written_after_the_meeting(agent: User) -> None:
    meeting = arrange(agent)
    with time_machine.travel(datetime(2026, 10, 20, 10, tzinfo=UTC), tick=False):
        change(meeting, agent, notes="Vu.")
        with pytest.raises(NotNow):
            change(meeting, agent, place="Rouen")
    assert (Meeting.objects.get().notes, Meeting.objects.get().place) == ("Vu.", "Hôtel de Région, Caen")


def test_a_cancellation_has_a_reason_and_ends_it(agent: User) -> None:
    meeting = arrange(agent)
    with pytest.raises(ReasonMissing):
        meetings.cancel(meeting, by=agent, reason=" ")
    meetings.cancel(meeting, by=agent, reason="Salle prise.")
    assert "Motif : Salle prise." in Mail.objects.get(kind="booster_ia.meeting_cancelled").text.replace("\u00a0", " ")
    assert meetings.meetings_of(meeting.dossier) == []
    with pytest.raises(NotNow):
        change(meeting, agent, place="Rouen")


def test_a_dossier_that_is_over_has_no_more_meeting(agent: User) -> None:
    dossier = make_application(state="refused")
    with pytest.raises(NotNow):
        meetings.arrange(dossier, by=agent, **WHEN, place="Caen", who="x")


def test_two_pages_never_overwrite_in_silence(agent: User) -> None:
    meeting, other = arrange(agent), make_agent("booster_ia")
    meetings.change(meeting, by=other, revision=1, notes="Lu par l’autre.")
    with pytest.raises(meetings.Stale) as refused:
        meetings.change(meeting, by=agent, revision=1, notes="Lu par moi.")
    assert refused.value.kept.notes == Meeting.objects.get().notes == "Lu par l’autre."
    assert meetings.change(meeting, by=agent, revision=1, notes="Lu par l’autre.") is None, "the same page sent twice"
    meetings.change(meeting, by=agent, revision=2, notes="Lu par nous.")
    assert (Meeting.objects.get().notes, Meeting.objects.get().revision) == ("Lu par nous.", 3)
