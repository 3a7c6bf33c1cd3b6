import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django.utils import timezone

from normandata.outbox import heartbeat, services
from normandata.outbox.models import Message, State
from normandata.outbox.registry import UnknownHandler
from tests.normandata.outbox.conftest import Carrier
from tests.threads import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("carrier", "handled")]

Install = Callable[[str, Callable[[Message], None]], None]


def ripen() -> None:
    """Let the time of every pending message come."""
    Message.objects.filter(state=State.PENDING).update(due_at=timezone.now())


def expire() -> None:
    """Let every lease run out, as after the death of its worker."""
    Message.objects.filter(state=State.CLAIMED).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_message_is_handed_over_after_the_commit_and_not_before(carrier: Carrier) -> None:
    with transaction.atomic():
        message = services.post("test.note", {"dossier": 1})
        assert carrier.taken == []
    assert carrier.taken == [str(message.pk)]
    assert list(Message.objects.values_list("handler", "payload", "state", "attempts")) == [
        ("test.note", {"dossier": 1}, State.PENDING, 0)
    ]


def test_a_rollback_posts_nothing(carrier: Carrier) -> None:
    with transaction.atomic():
        services.post("test.note", {})
        services.post("test.note", {}, key="dossier-1")
        transaction.set_rollback(True)
    assert Message.objects.count() == 0
    assert carrier.taken == []


@pytest.mark.parametrize(
    ("handler", "payload", "error"), [("test.nobody", {}, UnknownHandler), ("test.note", {1j}, TypeError)]
)
def test_what_could_never_be_done_is_refused_at_once(handler: str, payload: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        services.post(handler, payload)
    assert Message.objects.count() == 0


def test_a_broker_that_is_down_breaks_nothing_and_the_sweep_offers_later(
    carrier: Carrier, settings: LazySettings
) -> None:
    settings.OUTBOX_BROKER_PAUSE = 0.2
    settings.OUTBOX_REOFFER_AFTER = 0.1
    carrier.refusal = ConnectionError("down")
    messages = [services.post("test.note", {}) for _ in range(3)]
    assert carrier.calls == 1
    carrier.refusal = None
    time.sleep(0.3)
    assert services.sweep() == (3, 0)
    assert sorted(carrier.taken) == sorted(str(message.pk) for message in messages)


def test_a_broker_that_falls_during_the_sweep_leaves_the_rows_to_the_next(
    carrier: Carrier, settings: LazySettings
) -> None:
    settings.OUTBOX_BROKER_PAUSE = 0
    Message.objects.bulk_create(Message(handler="test.note") for _ in range(3))
    carrier.refusal = ConnectionError("down")
    assert services.sweep() == (0, 0)
    carrier.refusal = None
    assert services.sweep() == (3, 0)


def test_the_same_key_makes_one_row(carrier: Carrier) -> None:
    first = services.post("test.note", {"n": 1}, key="dossier-1")
    second = services.post("test.note", {"n": 2}, key="dossier-1")
    assert second == first
    assert list(Message.objects.values_list("payload", flat=True)) == [{"n": 1}]
    assert carrier.taken == [str(first.pk)]


def test_the_same_key_makes_one_row_under_a_race() -> None:
    def post() -> uuid.UUID:
        with transaction.atomic():
            message = services.post("test.note", {}, key="dossier-1")
            time.sleep(0.05)
            return message.pk

    for _ in range(5):
        Message.objects.all().delete()
        assert together(*[post] * 6) == [Message.objects.get().pk] * 6


def test_a_later_message_waits_for_its_time(carrier: Carrier, handled: list[str]) -> None:
    message = services.post("test.note", {}, due_at=timezone.now() + timedelta(hours=1))
    assert (carrier.taken, services.sweep(), services.work(message.pk), handled) == ([], (0, 0), False, [])
    ripen()
    assert services.sweep() == (1, 0)
    assert services.work(carrier.taken[0]) is True
    assert handled == [str(message.pk)]


def test_of_concurrent_claims_exactly_one_wins() -> None:
    for _ in range(20):
        message = services.post("test.note", {})
        results = together(*[lambda pk=message.pk: services.claim(pk)] * 4)
        assert [type(result) for result in results if result] == [Message]
        assert Message.objects.get(pk=message.pk).attempts == 1


def test_witness_a_claim_that_reads_before_it_writes_has_several_winners() -> None:
    def naive(pk: uuid.UUID) -> Message | None:
        free = Message.objects.claimable(timezone.now()).filter(pk=pk).exists()
        time.sleep(0.05)
        if free:
            Message.objects.filter(pk=pk).update(
                state=State.CLAIMED, claimed_by=uuid.uuid4(), lease_until=timezone.now() + timedelta(minutes=1)
            )
        return Message.objects.get(pk=pk) if free else None

    message = services.post("test.note", {})
    results = together(*[lambda: naive(message.pk)] * 4)
    assert len([result for result in results if result]) > 1


def test_work_marks_the_row_and_does_it_once(handled: list[str]) -> None:
    message = services.post("test.note", {})
    assert [services.work(message.pk), services.work(message.pk)] == [True, False]
    assert handled == [str(message.pk)]
    message.refresh_from_db()
    assert (message.state, message.attempts, message.error, message.claimed_by) == (State.DONE, 1, "", None)


def test_a_handler_runs_outside_any_transaction(install: Install) -> None:
    seen: list[bool] = []
    install("test.look", lambda message: seen.append(connection.in_atomic_block))
    services.work(services.post("test.look", {}).pk)
    assert seen == [False]


def test_an_exception_comes_back_later_three_times_then_fails_and_shows(
    install: Install, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.OUTBOX_BACKOFF = (60, 900)
    calls: list[str] = []

    def poison(message: Message) -> None:
        calls.append(message.message_id)
        raise ValueError("adresse@exemple.fr refusée")

    install("test.poison", poison)
    message = services.post("test.poison", {})
    delays = []
    for _ in range(5):
        services.work(message.pk)
        message.refresh_from_db()
        delays.append(round((message.due_at - timezone.now()).total_seconds(), -1))
        ripen()
    assert calls == [message.message_id] * 3
    assert delays[:2] == [60, 900]
    assert (message.state, message.attempts) == (State.FAILED, 3)
    assert message.error.splitlines()[-1] == "ValueError: adresse@exemple.fr refusée"
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING", "ERROR"]
    assert "adresse" not in caplog.text


def test_a_handler_that_no_room_registers_any_more_fails_visibly() -> None:
    message = Message.objects.create(handler="test.gone")
    for _ in range(3):
        services.work(message.pk)
        ripen()
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.FAILED, 3)


def test_an_expired_lease_lets_another_worker_take_it(handled: list[str]) -> None:
    message = services.post("test.note", {})
    assert services.claim(message.pk) is not None
    assert services.work(message.pk) is False
    expire()
    assert services.work(message.pk) is True
    assert handled == [str(message.pk)]
    assert Message.objects.get().attempts == 2


def test_a_worker_that_lost_its_claim_does_not_finish_it(install: Install) -> None:
    def overtaken(message: Message) -> None:
        expire()
        assert services.claim(message.pk) is not None

    install("test.overtaken", overtaken)
    assert services.work(services.post("test.overtaken", {}).pk) is False
    message = Message.objects.get()
    assert (message.state, message.attempts) == (State.CLAIMED, 2)


def long_job_and_thief(install: Install, settings: LazySettings) -> bool:
    """Run a job of three leases while a second worker insists; say whether that one got it."""
    settings.OUTBOX_LEASE = 0.6
    over = threading.Event()

    def thief(pk: uuid.UUID) -> bool:
        while not over.wait(0.05):
            if services.claim(pk):
                return True
        return False

    def worker(pk: uuid.UUID) -> None:
        services.work(pk)
        over.set()

    install("test.long", lambda message: time.sleep(1.8))
    pk = services.post("test.long", {}).pk
    return together(lambda: worker(pk), lambda: time.sleep(0.2) or thief(pk))[1]


def test_the_heartbeat_keeps_a_long_job_from_being_stolen(install: Install, settings: LazySettings) -> None:
    assert long_job_and_thief(install, settings) is False
    assert Message.objects.get().state == State.DONE


def test_witness_without_a_heartbeat_a_long_job_is_stolen(
    install: Install, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat.Heartbeat, "_beat", lambda self: None)
    assert long_job_and_thief(install, settings) is True


def test_the_sweep_fails_what_died_three_times_and_says_so(carrier: Carrier, caplog: pytest.LogCaptureFixture) -> None:
    message = services.post("test.note", {})
    for _ in range(3):
        assert services.claim(message.pk) is not None
        expire()
    assert services.claim(message.pk) is None
    assert services.sweep() == (0, 1)
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.FAILED, 3)
    assert message.error == "Le traitement s’est interrompu sans rendre de réponse, 3 fois de suite."
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert carrier.taken == [str(message.pk)]


def test_the_sweep_offers_a_bounded_batch_once(carrier: Carrier, settings: LazySettings) -> None:
    settings.OUTBOX_BATCH = 4
    Message.objects.bulk_create(Message(handler="test.note") for _ in range(10))
    assert [services.sweep().offered for _ in range(4)] == [4, 4, 2, 0]
    assert sorted(carrier.taken) == sorted(str(pk) for pk in Message.objects.values_list("pk", flat=True))


def test_the_sweep_leaves_a_busy_broker_alone(carrier: Carrier, settings: LazySettings) -> None:
    settings.OUTBOX_BATCH = 4
    Message.objects.bulk_create(Message(handler="test.note") for _ in range(10))
    carrier.waiting = 3
    assert services.sweep().offered == 1
    carrier.waiting = 5
    assert services.sweep().offered == 0


def test_two_sweeps_at_once_offer_each_row_once(carrier: Carrier) -> None:
    Message.objects.bulk_create(Message(handler="test.note") for _ in range(50))
    results = together(*[services.sweep] * 4)
    assert sum(result.offered for result in results) == 50
    assert len(set(carrier.taken)) == len(carrier.taken) == 50


def test_retry_puts_back_a_failed_message_only(carrier: Carrier, handled: list[str]) -> None:
    message = Message.objects.create(handler="test.note", state=State.FAILED, attempts=3, error="trop")
    assert [services.retry(message), services.retry(message)] == [True, False]
    assert carrier.taken == [str(message.pk)]
    assert services.work(message.pk) is True
    assert handled == [str(message.pk)]


def test_purge_deletes_what_was_done_long_ago(settings: LazySettings) -> None:
    settings.OUTBOX_BATCH = 2
    now = timezone.now()
    days = (29, 31, 40, 50, 60, 70)
    for day in days:
        at = now - timedelta(days=day)
        Message.objects.create(handler="test.note", payload=day, state=State.DONE, created_at=at, done_at=at)
    Message.objects.create(handler="test.note", payload="failed", state=State.FAILED, error="x", created_at=at)
    assert services.purge() == 5
    assert set(Message.objects.values_list("payload", flat=True)) == {29, "failed"}
