"""The gestures of the outbox: post, claim, work, sweep, purge, retry.

The row is the truth, Celery only carries its identifier. Every change of state is one conditional UPDATE, whose
WHERE clause holds the state and the claim: the same code decides a race on SQLite and on PostgreSQL.
"""

import logging
import traceback
import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from normandata.outbox import carrier, conf, registry
from normandata.outbox.heartbeat import Heartbeat
from normandata.outbox.models import Message, State

logger = logging.getLogger(__name__)


class Swept(NamedTuple):
    offered: int
    failed: int


def post(
    handler: str,
    payload: Any,
    *,
    key: str | None = None,
    due_at: datetime | None = None,
    is_new: bool = False,
) -> Message:
    """Write one message in the caller's transaction and hand it to Celery once that is committed.

    `payload` is JSON; `key` makes the gesture idempotent for this handler: the existing row is returned, whatever
    its payload. `is_new` says that the caller has just drawn the key, which spares the search for an existing row.
    A message due later waits for the sweep. UnknownHandler, TypeError (not JSON) are raised here.
    """
    registry.find(handler)
    now = timezone.now()
    ripe = due_at is None or due_at <= now
    message = Message(handler=handler, payload=payload, key=key, created_at=now, due_at=due_at or now)
    message.offered_at = now if ripe else None
    if key is None or is_new:
        message.save(force_insert=True)
    else:
        Message.objects.bulk_create([message], ignore_conflicts=True)
        kept = Message.objects.get(handler=handler, key=key)
        if kept.pk != message.pk:
            return kept
    if ripe:
        transaction.on_commit(partial(carrier.offer, [message.pk]), robust=True)
    return message


def post_all(handler: str, payloads: Mapping[str, Any], *, due_at: datetime | None = None) -> None:
    """Write one message for each key that the caller has just drawn, in one statement; otherwise as `post`."""
    registry.find(handler)
    now = timezone.now()
    ripe = due_at is None or due_at <= now
    messages = [
        Message(
            handler=handler,
            payload=payload,
            key=key,
            created_at=now,
            due_at=due_at or now,
            offered_at=now if ripe else None,
        )
        for key, payload in payloads.items()
    ]
    Message.objects.bulk_create(messages)
    if ripe and messages:
        transaction.on_commit(partial(carrier.offer, [message.pk for message in messages]), robust=True)


def claim(pk: uuid.UUID | str) -> Message | None:
    """Take a message for this process, or None when it is not to be done now or somebody has it.

    The attempt is counted here, so that a job that kills its process is counted too.
    """
    now = timezone.now()
    token = uuid.uuid4()
    won = (
        Message.objects.claimable(now)
        .filter(pk=pk)
        .update(state=State.CLAIMED, attempts=F("attempts") + 1, lease_until=now + conf.lease(), claimed_by=token)
    )
    return Message.objects.filter(pk=pk, claimed_by=token).first() if won else None


def work(pk: uuid.UUID | str) -> bool:
    """Claim a message, run its handler outside any transaction, and say whether it was done here."""
    message = claim(pk)
    if message is None:
        return False
    try:
        with Heartbeat(message):
            registry.find(message.handler)(message)
    except Exception as error:  # a handler may raise anything; the row keeps it
        connection.close_if_unusable_or_obsolete()
        _give_back(message, error)
        return False
    forgotten: dict[str, Any] = {"payload": {}} if registry.is_secret(message.handler) else {}
    return _finish(message, state=State.DONE, done_at=timezone.now(), error="", **forgotten)


def sweep() -> Swept:
    """Offer again what is due or stuck and not carried, and fail what used all its tries; one bounded batch.

    What the broker still holds counts in the batch: during a long backlog nothing is offered twice, and a message
    that was lost is offered once the queue is short, where it would be done anyway.
    """
    now = timezone.now()
    failed = _fail_exhausted(now)
    room = max(0, conf.batch() - carrier.waiting())
    with transaction.atomic():
        pks = list(_locked(Message.objects.forgotten(now)).values_list("pk", flat=True)[:room])
        Message.objects.filter(pk__in=pks).update(offered_at=now)
    taken = carrier.offer(pks)
    if taken < len(pks):
        Message.objects.filter(pk__in=pks[taken:], offered_at=now).update(offered_at=None)
    return Swept(offered=taken, failed=failed)


def purge() -> int:
    """Delete one batch after the other of outdated done rows and return how many went."""
    now = timezone.now()
    gone = 0
    while pks := list(Message.objects.outdated(now).values_list("pk", flat=True)[: conf.batch()]):
        gone += Message.objects.filter(pk__in=pks).delete()[0]
    return gone


def retry(message: Message) -> bool:
    """Put a failed message back with all its tries, at once; False when it was not failed any more."""
    now = timezone.now()
    with transaction.atomic():
        back = Message.objects.failed().filter(pk=message.pk)
        if not back.update(state=State.PENDING, attempts=0, due_at=now, offered_at=now):
            return False
        transaction.on_commit(partial(carrier.offer, [message.pk]), robust=True)
    message.refresh_from_db()
    return True


def _give_back(message: Message, error: Exception) -> None:
    """After an exception: back in the queue a little later, or failed when that was the last try."""
    # The text of the exception may hold an address: it goes to the row, which only the operator reads.
    text = "".join(traceback.format_exception(error))[-conf.ERROR_LENGTH :]
    if message.attempts >= conf.MAX_ATTEMPTS:
        logger.error("The message %s failed for good (%s).", message, type(error).__name__)
        _finish(message, state=State.FAILED, error=text)
    else:
        logger.warning("The message %s failed, try %s (%s).", message, message.attempts, type(error).__name__)
        due_at = timezone.now() + conf.backoff(message.attempts)
        _finish(message, state=State.PENDING, error=text, due_at=due_at, offered_at=None)


def _finish(message: Message, **changes: Any) -> bool:
    """Let go of a claim, provided it is still held."""
    if message.claim.update(lease_until=None, claimed_by=None, **changes):
        return True
    logger.warning("The message %s was taken over before its worker had finished.", message)
    return False


def _fail_exhausted(now: datetime) -> int:
    with transaction.atomic():
        rows = list(_locked(Message.objects.exhausted(now).order_by("due_at"))[: conf.batch()])
        for message in rows:
            logger.error("The message %s failed for good: its worker died %s times.", message, message.attempts)
        error = f"Le traitement s’est interrompu sans rendre de réponse, {conf.MAX_ATTEMPTS} fois de suite."
        changes = {"state": State.FAILED, "lease_until": None, "claimed_by": None, "error": error}
        return Message.objects.filter(pk__in=[row.pk for row in rows]).update(**changes)


def _locked(rows: Any) -> Any:
    # SQLite has no row locks and ignores this; its transactions are immediate.
    return rows.select_for_update(skip_locked=True)
