"""What time sets off: a reminder before, the delay the day after, at both changes of hour; once each."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from normandata.dossiers.models import Dossier
from normandata.experts import schedule, tasks
from normandata.experts.models import Introduction, Need, Opinion
from normandata.experts.services import needs, opinions
from normandata.notifications.models import Mail
from normandata.privacy import due
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotNow
from normandata.procedure.models import Event
from tests.factories.accounts import make_agent
from tests.factories.dossiers import make_dossier
from tests.factories.experts import make_expert, make_opinion, person_of, write_draft
from tests.factories.needs import make_exchanged, make_meeting, make_need

pytestmark = pytest.mark.django_db
WEEKS = timedelta(days=21)


def at(written: str) -> datetime:
    """Read an instant of UTC."""
    return datetime.fromisoformat(f"{written}+00:00")


def mails(kind: str) -> int:
    """Count the mails of a kind, one for all the agents it goes to."""
    sent = Mail.objects.filter(kind=f"experts.{kind}")
    return sent.values("key").distinct().count() if sent.exclude(key=None).exists() else sent.count()


def make_due(due_on: date) -> Opinion:
    """Ask three weeks before the last day."""
    with time_machine.travel(datetime(due_on.year, due_on.month, due_on.day, 10, tzinfo=UTC) - WEEKS, tick=False):
        return make_opinion(due_on=due_on)


def acts(dossier: Dossier, name: str) -> int:
    return Event.objects.about(dossier).filter(name=name).count()


@pytest.mark.parametrize(
    ("due_on", "last", "over"),
    [
        # Winter begins on Sunday 25 October 2026: that day has 25 hours and ends at 23:00 UTC.
        (
            date(2026, 10, 25),
            at("2026-10-25T22:59:59"),
            at("2026-10-25T23:00:01"),
        ),
        (
            date(2026, 10, 24),
            at("2026-10-24T21:59:59"),
            at("2026-10-24T22:00:01"),
        ),
        # Summer begins on Sunday 28 March 2027: that day has 23 hours and ends at 22:00 UTC.
        (date(2027, 3, 28), at("2027-03-28T21:59:59"), at("2027-03-28T22:00:01")),
        (date(2027, 3, 27), at("2027-03-27T22:59:59"), at("2027-03-27T23:00:01")),
    ],
)
def test_the_last_day_ends_at_midnight_in_paris(due_on: date, last: datetime, over: datetime) -> None:
    opinion = make_due(due_on)
    assert not opinion.is_overdue(last)
    assert schedule.expire_questions(last) == 0
    assert opinion.is_overdue(over)
    assert [schedule.expire_questions(over) for _ in range(3)] == [1, 0, 0]
    opinion.refresh_from_db()
    assert (opinion.state, opinion.closed_at) == ("late", None)
    assert (mails("overdue"), mails("late"), acts(opinion.dossier, "opinion_late")) == (1, 1, 1)


@pytest.mark.parametrize(
    ("due_on", "before", "day"),
    [
        # Three days before, from midnight in Paris.
        (date(2026, 10, 16), datetime(2026, 10, 12, 21, 59, tzinfo=UTC), datetime(2026, 10, 12, 22, 0, tzinfo=UTC)),
        (date(2026, 10, 28), datetime(2026, 10, 24, 21, 59, tzinfo=UTC), datetime(2026, 10, 24, 22, 0, tzinfo=UTC)),
        (date(2026, 10, 29), datetime(2026, 10, 25, 22, 59, tzinfo=UTC), datetime(2026, 10, 25, 23, 0, tzinfo=UTC)),
        (date(2027, 3, 31), datetime(2027, 3, 27, 22, 59, tzinfo=UTC), datetime(2027, 3, 27, 23, 0, tzinfo=UTC)),
        (date(2027, 4, 1), datetime(2027, 3, 28, 21, 59, tzinfo=UTC), datetime(2027, 3, 28, 22, 0, tzinfo=UTC)),
    ],
)
def test_a_reminder_leaves_once_from_its_day(due_on: date, before: datetime, day: datetime) -> None:
    make_due(due_on)
    schedule.remind_questions(before)
    assert mails("reminder") == 0
    for _ in range(3):
        schedule.remind_questions(day)
    assert mails("reminder") == 1


def test_no_reminder_follows_the_question_at_once() -> None:
    make_opinion(due_on=date(2026, 10, 4))
    schedule.remind_questions(datetime(2026, 10, 3, 10, tzinfo=UTC))
    assert mails("reminder") == 0


def test_more_time_has_a_reminder_and_a_delay_of_its_own() -> None:
    agent = make_agent()
    opinion = make_opinion(due_on=date(2026, 10, 10), agent=agent)
    with time_machine.travel(datetime(2026, 10, 12, 10, tzinfo=UTC), tick=False):
        tasks.keep_time()
        opinion.refresh_from_db()
        assert opinion.state == "late"
        opinions.extend(opinion, due_on=date(2026, 10, 20), by=agent)
        assert (opinion.state, opinion.due_on, mails("extended")) == ("asked", date(2026, 10, 20), 1)
    with time_machine.travel(datetime(2026, 10, 17, 10, tzinfo=UTC), tick=False):
        tasks.keep_time()
    with time_machine.travel(datetime(2026, 10, 21, 10, tzinfo=UTC), tick=False):
        tasks.keep_time()
        tasks.keep_time()
    assert (mails("reminder"), mails("overdue"), mails("late")) == (1, 2, 2)


def test_nothing_is_recalled_of_what_is_closed() -> None:
    opinion = make_opinion(due_on=date(2026, 10, 10))
    opinions.cancel(opinion, by=make_agent(), reason="Sans objet")
    for day in (8, 12):
        noon = datetime(2026, 10, day, 10, tzinfo=UTC)
        assert (schedule.remind_questions(noon), schedule.expire_questions(noon)) == (0, 0)


def test_a_question_on_a_dossier_no_longer_examined_is_closed() -> None:
    dossier = make_dossier()
    opinion = write_draft(make_opinion(dossier))
    kept = make_opinion()
    procedure.fire(dossier, "withdraw", by=dossier.created_by)
    tasks.keep_time()
    opinion.refresh_from_db()
    kept.refresh_from_db()
    assert (opinion.state, kept.state, mails("cancelled")) == ("cancelled", "asked", 1)
    assert opinion.draft


def test_a_row_that_breaks_stops_no_other(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    broken, whole = make_opinion(due_on=date(2026, 10, 10)), make_opinion(due_on=date(2026, 10, 10))
    expire = opinions.expire

    def breaks(opinion: Opinion, at: datetime) -> Event:
        if opinion.pk == broken.pk:
            raise RuntimeError("planted")
        return expire(opinion, at)

    monkeypatch.setattr(opinions, "expire", breaks)
    assert schedule.expire_questions(datetime(2026, 10, 12, 10, tzinfo=UTC)) == 1
    assert [Opinion.objects.get(pk=one.pk).state for one in (broken, whole)] == ["asked", "late"]
    assert "RuntimeError" in caplog.text


def test_work_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def drop_questions(at: datetime) -> int:
        raise RuntimeError("planted")

    monkeypatch.setattr(schedule, "drop_questions", drop_questions)
    opinion = make_opinion(due_on=date(2026, 10, 10))
    with time_machine.travel(datetime(2026, 10, 12, 10, tzinfo=UTC), tick=False):
        tasks.keep_time()
    opinion.refresh_from_db()
    assert opinion.state == "late"
    assert "drop_questions" in caplog.text


def test_a_late_answer_is_still_taken() -> None:
    opinion = make_opinion(due_on=date(2026, 10, 10), expert=make_expert())
    schedule.expire_questions(datetime(2026, 10, 12, 10, tzinfo=UTC))
    opinion.refresh_from_db()
    written = write_draft(opinion)
    opinions.give(written, version=written.draft_version, by=person_of(opinion.expert))
    assert written.state == "given"


# --------------------------------------------------------------------------------------------- cœur expert requests
def test_a_meeting_that_nobody_answers_is_reminded_once_after_a_week() -> None:
    with time_machine.travel(datetime(2026, 10, 20, 10, tzinfo=UTC), tick=False):
        waiting, answered, closed = make_meeting(), make_meeting(), make_meeting()
        needs.decline(answered, reason="Trop loin.", by=person_of(answered.expert))
        needs.withdraw(closed.need, reason="", by=closed.need.asked_by)
    # Seven days later, from midnight in Paris; winter began in between.
    assert schedule.remind_offers(at("2026-10-26T22:59:59")) == 0
    assert [schedule.remind_offers(at("2026-10-26T23:00:00")) for _ in range(2)] == [1, 1]
    (mail,) = Mail.objects.filter(kind="experts.need_waiting")
    assert mail.address == waiting.expert.email
    assert "Le 20 octobre 2026, une mise en relation" in mail.text.replace("\u00a0", " ")
    assert str(waiting.key) in mail.text


def test_a_request_is_emptied_two_years_after_it_ended_and_its_figures_stay() -> None:
    with time_machine.travel(datetime(2026, 10, 1, 10, tzinfo=UTC), tick=False):
        agent = make_agent()
        need, running = make_exchanged(agent, title="Prévoir", contact_phone="02 31 00 00 00"), make_need()
        Introduction.objects.create(need=need, expert=make_expert(), message="Un mot.", asked_by=agent)
        need.introductions.update(state="dropped", answered_at=timezone.now())
        said = {"outcome": "feder", "outcome_on": date(2026, 10, 1), "words": "Projet présenté."}
        needs.conclude(need, by=agent, **said)
    assert schedule.empty_needs(at("2028-09-30T21:59:59")) == 0
    assert [one.label for one in due.every(date(2028, 10, 1)) if one.rule.slug == "coeur-expert"] == [
        f"Demande {need.reference}"
    ]
    assert [schedule.empty_needs(at("2028-09-30T22:00:00")) for _ in range(2)] == [1, 0]
    need.refresh_from_db()
    assert {getattr(need, name) for name in needs.WORDS} == {needs.GONE, ""}
    assert (need.contact_phone, need.outcome, need.outcome_on) == ("", "feder", date(2026, 10, 1))
    assert need.introductions.get().message == needs.GONE
    assert {one.text for one in Mail.objects.about(need)} == {needs.GONE}
    assert next(event.name for event in Event.objects.about(need)) == "need_emptied"
    running.refresh_from_db()
    assert (running.emptied_at, needs.GONE in running.title) == (None, False)


def test_a_request_under_way_is_not_emptied_even_by_the_database() -> None:
    need = make_need()
    with pytest.raises(NotNow):
        needs.empty(need, timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Need.objects.filter(pk=need.pk).update(emptied_at=timezone.now())
