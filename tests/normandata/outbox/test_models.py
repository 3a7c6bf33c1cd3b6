import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from normandata.outbox.models import Message, MessageQuerySet, State

pytestmark = pytest.mark.django_db

NOW = timezone.now()
PAST = NOW - timedelta(hours=1)
FUTURE = NOW + timedelta(hours=1)
CLAIM = {"state": State.CLAIMED, "claimed_by": uuid.UUID(int=7)}


def store(**values: Any) -> Message:
    return Message.objects.create(handler="test.note", **{"due_at": PAST, "created_at": PAST, **values})


def found(rows: MessageQuerySet) -> set[uuid.UUID]:
    return set(rows.values_list("pk", flat=True))


def test_each_adjective_finds_its_rows_and_no_other() -> None:
    due = store()
    offered = store(offered_at=NOW)
    stale = store(offered_at=PAST)
    store(due_at=FUTURE)
    running = store(**CLAIM, lease_until=FUTURE, attempts=1)
    stuck = store(**CLAIM, lease_until=PAST, attempts=2)
    dead = store(**CLAIM, lease_until=PAST, attempts=3)
    store(state=State.DONE, done_at=NOW)
    old = store(state=State.DONE, done_at=NOW - timedelta(days=31))
    failed = store(state=State.FAILED, error="trop")
    assert found(Message.objects.due(NOW)) == {due.pk, offered.pk, stale.pk}
    assert found(Message.objects.stuck(NOW)) == {stuck.pk, dead.pk}
    assert found(Message.objects.claimable(NOW)) == {due.pk, offered.pk, stale.pk, stuck.pk}
    assert found(Message.objects.exhausted(NOW)) == {dead.pk}
    assert found(Message.objects.forgotten(NOW)) == {due.pk, stale.pk, stuck.pk}
    assert found(running.claim) == {running.pk}
    running.claimed_by = uuid.UUID(int=8)
    assert found(running.claim) == set()
    assert found(Message.objects.failed()) == {failed.pk}
    assert found(Message.objects.outdated(NOW)) == {old.pk}


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("outbox_state_known", {"state": "lost"}),
        ("outbox_lease_iff_claimed", {"state": State.CLAIMED}),
        ("outbox_lease_iff_claimed", {"lease_until": NOW}),
        ("outbox_lease_iff_claimed", {"claimed_by": uuid.UUID(int=7)}),
        ("outbox_dated_iff_done", {"state": State.DONE}),
        ("outbox_dated_iff_done", {"done_at": NOW}),
        ("outbox_failed_says_why", {"state": State.FAILED}),
    ],
)
def test_the_database_refuses_what_cannot_be(constraint: str, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        store(**values)


def test_a_key_serves_once_per_handler_and_no_key_serves_always() -> None:
    store(key="dossier-1")
    store(key=None)
    store(key=None)
    Message.objects.create(handler="test.other", key="dossier-1")
    with pytest.raises(ValidationError, match="Ce traitement a déjà été demandé avec cette clé"):
        Message(handler="test.note", key="dossier-1").validate_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        store(key="dossier-1")


def test_every_constraint_speaks_french() -> None:
    messages = [str(constraint.violation_error_message) for constraint in Message._meta.constraints]
    assert [message for message in messages if "viol" in message or not message.endswith(".")] == []


def test_the_sweep_is_served_by_the_partial_index() -> None:
    Message.objects.bulk_create(
        Message(handler="test.note", state=State.DONE, done_at=NOW, created_at=PAST, due_at=PAST) for _ in range(3000)
    )
    store()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    assert "outbox_unfinished" in Message.objects.forgotten(NOW)[:500].explain()


def test_the_message_id_is_the_same_on_every_retry(settings: LazySettings) -> None:
    settings.SITE_URL = "https://aides.normandie.example"
    message = store()
    assert message.message_id == f"<{message.pk}@aides.normandie.example>"
    assert Message.objects.get().message_id == message.message_id
