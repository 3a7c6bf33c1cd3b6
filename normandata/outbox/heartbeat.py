"""The sign of life of a running handler."""

import logging
import threading
from types import TracebackType

from django.db import DatabaseError, connection
from django.utils import timezone

from normandata.outbox import conf
from normandata.outbox.models import Message

logger = logging.getLogger(__name__)


class Heartbeat:
    """Renew the lease of a claimed message, three times per lease, for as long as the block lasts.

    It dies with its process, which is the point. The length of the block is bounded by Celery's time limits.
    """

    def __init__(self, message: Message) -> None:
        self._claim = message.claim
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat {message.pk}", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        lease = conf.lease()
        try:
            while not self._over.wait(lease.total_seconds() / 3):
                try:
                    if not self._claim.update(lease_until=timezone.now() + lease):
                        return
                except DatabaseError:
                    logger.warning("A heartbeat was missed.", exc_info=True)
                    connection.close_if_unusable_or_obsolete()
        finally:
            connection.close()
