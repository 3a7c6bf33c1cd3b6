"""What time alone sets off: openings, closings and reminders, each once."""

from datetime import UTC, date, datetime

import pytest

from normandata.notifications.models import Mail
from normandata.outbox.models import Message
from normandata.procedure.models import Event
from roadmap.calls import clock
from roadmap.calls.models import Call
from tests.factories.calls import make_call, make_proposal, make_proposal_draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def states() -> list[str]:
    return list(Call.objects.order_by("pk").values_list("state", flat=True))


def test_announced_calls_open_at_midnight_in_paris_on_their_day_alone() -> None:
    make_call("announced", opens_on=date(2026, 12, 1), closes_on=date(2026, 12, 31))
    make_call("draft", opens_on=date(2026, 12, 1), closes_on=date(2026, 12, 31))
    assert clock.open_due(datetime(2026, 11, 30, 22, 59, tzinfo=UTC)) == 0
    assert clock.open_due(datetime(2026, 11, 30, 23, 0, tzinfo=UTC)) == 1
    assert clock.open_due(datetime(2026, 12, 1, 9, tzinfo=UTC)) == 0
    assert states() == ["open", "draft"]
    event = Event.objects.get(name="open_in_time")
    assert event.by is None


def test_calls_close_when_their_grace_is_over() -> None:
    make_call(closes_on=date(2026, 11, 30))
    make_call(closes_on=date(2026, 12, 1))
    assert clock.close_due(datetime(2026, 11, 30, 23, 5, tzinfo=UTC)) == 0
    assert clock.close_due(datetime(2026, 11, 30, 23, 6, tzinfo=UTC)) == 1
    assert states() == ["closed", "open"]


def test_one_that_breaks_stops_no_other(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    first, _ = make_call(closes_on=date(2026, 11, 30)), make_call(closes_on=date(2026, 11, 30))
    fire = clock.procedure.fire

    def breaking(call: Call, *args: object, **kwargs: object) -> object:
        if call.pk == first.pk:
            raise RuntimeError("broken")
        return fire(call, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(clock.procedure, "fire", breaking)
    assert clock.close_due(datetime(2026, 12, 2, tzinfo=UTC)) == 1
    assert states() == ["open", "closed"]
    assert f"call {first.pk} failed (RuntimeError)" in caplog.text


def test_drafts_are_reminded_once_three_days_before() -> None:
    call, other = make_call(closes_on=date(2026, 11, 30)), make_call()
    draft = make_proposal_draft(call)
    make_proposal_draft(other)
    make_proposal(call)
    before = set(Message.objects.values_list("pk", flat=True))
    assert clock.remind_drafts(datetime(2026, 11, 26, 22, 59, tzinfo=UTC)) == 0
    for _ in range(2):
        assert clock.remind_drafts(datetime(2026, 11, 26, 23, 0, tzinfo=UTC)) == 1
    reminder = Message.objects.exclude(pk__in=before).get()
    assert Mail.objects.get(pk=reminder.payload["mail"]).address == draft.created_by.email
