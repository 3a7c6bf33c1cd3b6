"""Periodic work of the Diagnostic: what its days set off."""

import logging

from celery import shared_task
from django.utils import timezone

from . import schedule

logger = logging.getLogger(__name__)


@shared_task(name="diagnostic.keep_time")  # type: ignore[untyped-decorator]
def keep_time() -> None:
    """Do what the hour calls for; doing it twice changes nothing."""
    now = timezone.now()
    for work in (schedule.call_head, schedule.alert_starts, schedule.remind_evaluations, schedule.ask_follow_ups):
        try:
            work(now)
        except Exception:  # one that fails must not stop the others; it is tried again in ten minutes
            logger.exception("The periodic work %s failed.", work.__name__)
