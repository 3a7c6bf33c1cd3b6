"""Periodic work of the experts room: reminders, delays, what has lost its object or its time."""

import logging

from celery import shared_task
from django.utils import timezone

from . import schedule

logger = logging.getLogger(__name__)


@shared_task(name="experts.keep_time")  # type: ignore[untyped-decorator]
def keep_time() -> None:
    """Do what the hour calls for; doing it twice changes nothing."""
    now = timezone.now()
    for work in (
        *(schedule.drop_questions, schedule.expire_questions, schedule.remind_questions),
        *(schedule.remind_offers, schedule.empty_needs),
    ):
        try:
            work(now)
        except Exception:  # one that fails must not stop the others; it is tried again in ten minutes
            logger.exception("The periodic work %s failed.", work.__name__)
