"""Periodic work of the dossiers room: reminders, requests that run out, implicit refusals that come near."""

import logging

from celery import shared_task
from django.utils import timezone

from . import schedule

logger = logging.getLogger(__name__)


@shared_task(name="dossiers.keep_time")  # type: ignore[untyped-decorator]
def keep_time() -> None:
    """Do what the hour calls for; doing it twice changes nothing."""
    now = timezone.now()
    for work in (
        schedule.expire_corrections,
        schedule.remind_corrections,
        schedule.alert_silences,
        schedule.remind_drafts,
    ):
        try:
            work(now)
        except Exception:  # one that fails must not stop the others; it is tried again in ten minutes
            logger.exception("The periodic work %s failed.", work.__name__)
