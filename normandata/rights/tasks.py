"""Periodic work of the rights of people: warnings, proposals, copies whose link ended. Nothing else is erased here."""

import logging

from celery import shared_task
from django.utils import timezone

from .services import eliminations, exports

logger = logging.getLogger(__name__)
WORKS = (exports.erase_expired, eliminations.warn, eliminations.propose)


@shared_task(name="rights.keep_time")  # type: ignore[untyped-decorator]
def keep_time() -> None:
    """Do what the night calls for; doing it twice changes nothing."""
    now = timezone.now()
    for work in WORKS:
        try:
            work(now)
        except Exception:  # one that fails must not stop the others; it is tried again the next night
            logger.exception("The periodic work %s failed.", work.__name__)
