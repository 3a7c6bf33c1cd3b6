"""What time sets off: once each, on its day, and never what somebody settled meanwhile."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from normandata.accounts.models import User
from normandata.dossiers import examination, schedule, tasks
from normandata.dossiers.models import Correction, Dossier, FilingPeriod
from normandata.dossiers.services import corrections, thread
from normandata.dossiers.services.corrections import Asked
from normandata.dossiers.states import SILENCE_COUNTS, SILENCE_RUNS, STATES
from normandata.notifications.models import Mail
from normandata.procedure.errors import NotNow
from normandata.procedure.models import Event
from tests.factories.accounts import make_agent
from tests.factories.dossiers import make_dossier, make_draft

pytestmark = pytest.mark.django_db
ASKED = datetime(2026, 10, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(ASKED, tick=False):
        yield


@pytest.fixture
def agent() -> User:
    return make_agent()


@pytest.fixture
def asked(agent: User) -> Correction:
    """Asked on 2 October, due on the 16th, recalled on the 13th."""
    dossier = make_dossier(at=datetime(2026, 10, 1, 7, 14, tzinfo=UTC))
    return corrections.ask(dossier, [Asked("piece:complement", "x")], due_on=date(2026, 10, 16), by=agent)


def mails(kind: str) -> int:
    return Mail.objects.filter(kind=f"dossiers.{kind}").count()


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 10, 12, 21, 59, tzinfo=UTC), 0),
        (datetime(2026, 10, 12, 22, 0, tzinfo=UTC), 1),  # 13 October, 0:00 in Paris
        (datetime(2026, 10, 16, 21, 59, tzinfo=UTC), 1),
        (datetime(2026, 10, 16, 22, 0, tzinfo=UTC), 0),  # 17 October: too late to recall
    ],
)
def test_a_reminder_leaves_once_from_its_day_to_the_last(asked: Correction, at: datetime, expected: int) -> None:
    for _ in range(3):
        schedule.remind_corrections(at)
    assert mails("correction_reminder") == expected


@pytest.mark.parametrize(("seconds", "expected"), [(-1, 0), (0, 0), (300, 0), (301, 1)])
def test_a_request_expires_once_its_day_and_grace_are_over(asked: Correction, seconds: int, expected: int) -> None:
    at = datetime(2026, 10, 16, 22, 0, tzinfo=UTC) + timedelta(seconds=seconds)
    assert [schedule.expire_corrections(at), schedule.expire_corrections(at)] == [expected, 0]
    assert Event.objects.named("expire_correction").count() == expected
    assert (mails("correction_expired"), mails("correction_overdue")) == (expected, expected)


def test_what_was_settled_meanwhile_is_left_alone(
    asked: Correction, agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list was read, then an agent cancelled: the schedule goes on without a word."""
    late = datetime(2026, 10, 20, tzinfo=UTC)
    listed = corrections.overdue(late)
    corrections.cancel(asked, by=agent, reason="Retrouvée")
    monkeypatch.setattr(corrections, "overdue", lambda at: listed)
    assert schedule.expire_corrections(late) == 0
    with pytest.raises(NotNow):
        corrections.remind(listed[0])
    assert mails("correction_expired") == 0


@pytest.mark.parametrize(
    ("at", "state", "expected"),
    [
        (datetime(2026, 11, 15, 22, 59, tzinfo=UTC), "review", 0),
        (datetime(2026, 11, 15, 23, 0, tzinfo=UTC), "review", 1),  # 16 November in Paris: 15 days before
        (datetime(2026, 12, 1, 12, tzinfo=UTC), "submitted", 1),
        (datetime(2026, 12, 2, 12, tzinfo=UTC), "review", 0),
        (datetime(2026, 11, 20, 12, tzinfo=UTC), "incomplete", 0),
        (datetime(2026, 11, 20, 12, tzinfo=UTC), "withdrawn", 0),
    ],
)
def test_agents_are_alerted_once_of_a_silence_that_comes_near(
    agent: User, at: datetime, state: str, expected: int
) -> None:
    make_dossier(at=datetime(2026, 10, 1, 7, 14, tzinfo=UTC))
    Dossier.objects.update(state=state)
    for _ in range(2):
        schedule.alert_silences(at)
    assert mails("silence_alert") == expected


@pytest.mark.parametrize("state", [state for state in STATES if state != "draft"])
def test_silence_refuses_only_where_the_page_says_it_may(agent: User, state: str) -> None:
    """The alert and the page of a dossier know the same states; pieces awaited suspend the delay."""
    dossier = make_dossier(at=datetime(2026, 10, 1, 7, 14, tzinfo=UTC))
    Dossier.objects.update(state=state)
    dossier.refresh_from_db()
    schedule.alert_silences(datetime(2026, 11, 20, 12, tzinfo=UTC))
    shown = examination.silence(dossier)
    assert (mails("silence_alert") == 1) is bool(shown and not shown["is_suspended"]) is (state in SILENCE_RUNS)
    assert (shown is not None) is (state in SILENCE_COUNTS)


def poison(monkeypatch: pytest.MonkeyPatch, row: Dossier) -> None:
    """Make whatever is said of one dossier fail."""
    said = thread.values

    def values(dossier: Dossier, **options: Any) -> dict[str, str]:
        if dossier.pk == row.pk:
            raise ZeroDivisionError
        return said(dossier, **options)

    monkeypatch.setattr(thread, "values", values)


def settle(rows: list[Dossier], by: User) -> None:
    """Make three dossiers that every kind of reminder or alert is about."""
    for row in rows:
        corrections.ask(row, [Asked("piece:complement", "x")], due_on=date(2026, 10, 16), by=by)


@pytest.mark.parametrize("kind", ["correction_reminder", "correction_expired", "silence_alert", "draft_reminder"])
def test_one_row_that_breaks_stops_no_other(
    agent: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    deposited = datetime(2026, 10, 1, 7, 14, tzinfo=UTC)
    rows = [make_draft() if kind == "draft_reminder" else make_dossier(at=deposited) for _ in range(3)]
    if kind.startswith("correction"):
        settle(rows, agent)
    FilingPeriod.objects.create(scheme="diagnostic", opens_on=date(2026, 1, 1), closes_on=date(2026, 10, 14))
    work, at = {
        "correction_reminder": (schedule.remind_corrections, datetime(2026, 10, 13, 10, tzinfo=UTC)),
        "correction_expired": (schedule.expire_corrections, datetime(2026, 10, 17, 10, tzinfo=UTC)),
        "silence_alert": (schedule.alert_silences, datetime(2026, 11, 20, 10, tzinfo=UTC)),
        "draft_reminder": (schedule.remind_drafts, datetime(2026, 10, 13, 10, tzinfo=UTC)),
    }[kind]
    with monkeypatch.context() as patched:
        poison(patched, rows[1])
        assert work(at) == 2
    told = Mail.objects.filter(kind=f"dossiers.{kind}")
    assert set(told.values_list("about_key", flat=True)) == {str(rows[0].pk), str(rows[2].pk)}
    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    key = rows[1].corrections.get().pk if kind.startswith("correction") else rows[1].pk
    assert line.endswith(f" {key} failed (ZeroDivisionError).")
    assert "@" not in line
    work(at)  # mended, it is done at the next passage; the others are not done twice
    assert sorted(told.values_list("about_key", flat=True)) == sorted(str(row.pk) for row in rows)


def test_the_task_does_all_of_it(asked: Correction) -> None:
    with time_machine.travel(datetime(2026, 10, 13, 10, tzinfo=UTC), tick=False):
        tasks.keep_time()
    assert mails("correction_reminder") == 1
    with time_machine.travel(datetime(2026, 10, 17, 10, tzinfo=UTC), tick=False):
        tasks.keep_time()
    assert Correction.objects.get().state == "expired"
