"""Periodic work of the Datathon: what its days set off."""

import logging

from celery import shared_task
from django.utils import timezone

from .services import erasure, publication, reminders

logger = logging.getLogger(__name__)
WORKS = (publication.announce_due, reminders.remind_due)


@shared_task(name="datathon.keep_time")  # type: ignore[untyped-decorator]
def keep_time() -> None:
    """Do what the hour calls for; doing it twice changes nothing."""
    now = timezone.now()
    for work in WORKS:
        try:
            work(now)
        except Exception:  # one that fails must not stop the others; it is tried again in ten minutes
            logger.exception("The periodic work %s failed.", work.__name__)


@shared_task(name="datathon.erase_participants")  # type: ignore[untyped-decorator]
def erase_participants() -> None:
    """Erase the participants of editions over since long enough; doing it twice changes nothing."""
    erasure.erase_due(timezone.now())
