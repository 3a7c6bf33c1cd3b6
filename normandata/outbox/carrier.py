"""The one place that speaks to Celery: hands it identifiers, and asks how many wait."""

import logging
import time
import uuid
from collections.abc import Iterable

from celery import current_app
from kombu.exceptions import ChannelError

from normandata.outbox import conf

logger = logging.getLogger(__name__)
_silent_until = 0.0


def offer(pks: Iterable[uuid.UUID]) -> int:
    """Hand identifiers to Celery and return how many it took; a broker that is down is logged, never raised.

    After a refusal this process leaves the broker alone for a while, so that a silent one costs a request its
    timeout once and not once per message.
    """
    global _silent_until
    taken = 0
    for pk in pks:
        if time.monotonic() < _silent_until:
            break
        try:
            current_app.send_task("outbox.deliver", args=[str(pk)], ignore_result=True, retry=False)
        except Exception as error:  # whatever the broker does, the row is committed, and swept later
            _silent_until = time.monotonic() + conf.broker_pause()
            logger.warning("The broker refused the message %s (%s); the sweep will offer it.", pk, type(error).__name__)
            break
        taken += 1
    return taken


def waiting() -> int:
    """Return how many offers the broker still holds; 0 when the queue does not exist yet, or was flushed."""
    with current_app.pool.acquire(block=True, timeout=1) as connection:
        try:
            queue = connection.default_channel.queue_declare(current_app.conf.task_default_queue, passive=True)
        except ChannelError:
            return 0
        return int(queue.message_count)
