"""What time sets off after a selection: once each, on its day, and never once it was done."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db import transaction

from diagnostic import schedule, tasks
from diagnostic.evaluation import Evaluation, FollowUp
from diagnostic.orders import Order
from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.dossiers.services import thread
from normandata.notifications.models import Mail
from tests.factories.accounts import UserFactory, make_agent
from tests.factories.after import at, make_life
from tests.factories.diagnostic import make_market, make_provider

pytestmark = pytest.mark.django_db
DELIVERED = date(2026, 5, 31)
START_BY = date(2027, 1, 11)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return


@pytest.fixture
def by() -> User:
    return UserFactory()


def delivered() -> Order:
    return make_life(delivered_on=DELIVERED)


def mails(*kinds: str) -> list[int]:
    return [Mail.objects.filter(kind=f"diagnostic.{kind}").count() for kind in kinds]


def midnight(day: date, *, before: bool = False) -> datetime:
    """Return the first instant of a winter day in Paris, or the last second before it."""
    return datetime(day.year, day.month, day.day - 1, 22 if before else 23, 59 if before else 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (midnight(date(2026, 12, 27), before=True), 0),
        (midnight(date(2026, 12, 27)), 1),
        (at(date(2027, 1, 10)), 1),
        (at(date(2027, 1, 20)), 1),
    ],
)
def test_a_start_that_comes_near_alerts_agent_and_provider_once(moment: datetime, expected: int) -> None:
    make_agent()
    order = make_life(start_by=START_BY)
    provider = make_provider(order.company)
    for _ in range(3):
        schedule.alert_starts(moment)
    assert mails("start_alert", "start_reminder") == [expected, expected]
    if expected:
        assert Mail.objects.get(kind="diagnostic.start_reminder").address == provider.email
        assert "11\u00a0janvier\u00a02027" in Mail.objects.get(kind="diagnostic.start_alert").text


def test_the_day_itself_alerts_again() -> None:
    make_agent()
    make_provider(make_life(start_by=START_BY).company)
    for day in (date(2026, 12, 27), date(2027, 1, 10), START_BY, date(2027, 1, 12)):
        schedule.alert_starts(at(day))
    assert mails("start_alert", "start_reminder") == [2, 2]


@pytest.mark.parametrize("fields", [{"started_on": date(2026, 12, 1)}, {"cancelled_at": at(START_BY)}])
def test_a_diagnostic_begun_or_cancelled_is_left_alone(fields: dict[str, Any]) -> None:
    make_agent()
    reason = {"cancelled_reason": "x"} if "cancelled_at" in fields else {}
    make_life(start_by=START_BY, **fields, **reason)
    assert schedule.alert_starts(at(START_BY)) == 0
    assert mails("start_alert") == [0]


def test_the_questionnaire_is_recalled_twice() -> None:
    delivered()
    seen = []
    for day in (date(2026, 6, 13), date(2026, 6, 14), date(2026, 6, 29), date(2026, 6, 30), date(2026, 7, 20)):
        schedule.remind_evaluations(at(day))
        schedule.remind_evaluations(at(day))
        seen += mails("evaluation_reminder")
    assert seen == [0, 1, 1, 2, 2]


def test_a_first_look_after_a_month_recalls_once() -> None:
    delivered()
    schedule.remind_evaluations(at(date(2026, 7, 10)))
    assert mails("evaluation_reminder") == [1]


def test_a_questionnaire_begun_is_recalled_and_one_sent_is_not(by: User) -> None:
    begun, sent = delivered(), delivered()
    Evaluation.objects.create(order=begun, saved_by=by)
    Evaluation.objects.create(order=sent, saved_by=by, sent_by=by, sent_at=at(date(2026, 6, 2)))
    assert schedule.remind_evaluations(at(date(2026, 6, 20))) == 1
    assert Mail.objects.get(kind="diagnostic.evaluation_reminder").about_key == str(begun.dossier.pk)


def test_the_follow_up_is_asked_on_its_day_and_fifteen_days_later() -> None:
    delivered()
    seen = []
    for day in (date(2026, 11, 29), date(2026, 11, 30), date(2026, 12, 14), date(2026, 12, 15), date(2027, 1, 5)):
        schedule.ask_follow_ups(at(day))
        schedule.ask_follow_ups(at(day))
        seen.append(mails("follow_up", "follow_up_again"))
    assert seen == [[0, 0], [1, 0], [1, 0], [1, 1], [1, 1]]


def test_whoever_answered_is_not_asked_again(by: User) -> None:
    order = delivered()
    schedule.ask_follow_ups(at(date(2026, 11, 30)))
    FollowUp.objects.create(order=order, number=1, has_acted=False, by=by)
    assert schedule.ask_follow_ups(at(date(2026, 12, 15))) == 0
    assert mails("follow_up", "follow_up_again") == [1, 0]


WORKS = {
    "start_alert": (schedule.alert_starts, START_BY),
    "evaluation_reminder": (schedule.remind_evaluations, date(2026, 6, 20)),
    "follow_up": (schedule.ask_follow_ups, date(2026, 12, 1)),
}


@pytest.mark.parametrize("kind", WORKS)
def test_one_row_that_breaks_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    make_agent()
    market = make_market()
    when = {"start_by": START_BY} if kind == "start_alert" else {"delivered_on": DELIVERED}
    orders = [make_life(market=market, **when) for _ in range(3)]  # type: ignore[arg-type]
    work, day = WORKS[kind]
    said = thread.values

    def values(dossier: Dossier, **options: Any) -> dict[str, str]:
        if dossier.pk == orders[1].dossier_id:
            raise ZeroDivisionError
        return said(dossier, **options)

    with monkeypatch.context() as patched:
        patched.setattr(thread, "values", values)
        assert work(at(day)) == 2
    told = Mail.objects.filter(kind=f"diagnostic.{kind}")
    assert told.count() == 2
    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert line.endswith(f"of order {orders[1].pk} failed (ZeroDivisionError).")
    work(at(day))  # mended: done at the next passage, the others not twice
    assert sorted(told.values_list("about_key", flat=True)) == sorted(str(one.dossier_id) for one in orders)


def test_the_task_does_all_of_it(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    make_agent()
    delivered()
    make_life(start_by=date(2026, 6, 20))

    def failing(at: datetime) -> int:
        raise ZeroDivisionError

    failing.__name__ = "alert_starts"
    with time_machine.travel(at(date(2026, 6, 20)), tick=False):
        with monkeypatch.context() as patched, transaction.atomic():
            patched.setattr(schedule, "alert_starts", failing)
            tasks.keep_time()
        assert mails("start_alert", "evaluation_reminder") == [0, 1]
        tasks.keep_time()
    assert mails("start_alert", "evaluation_reminder") == [1, 1]
    assert [one.getMessage() for one in caplog.records if one.levelname == "ERROR"] == [
        "The periodic work alert_starts failed."
    ]
