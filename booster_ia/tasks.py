"""Periodic work of the Booster IA: what its days set off."""

import logging

from celery import shared_task
from django.utils import timezone

from . import letter_schedule, reminders, schedule
from .payments import schedule as payments

logger = logging.getLogger(__name__)


@shared_task(name="booster_ia.keep_time")  # type: ignore[untyped-decorator]
def keep_time() -> None:
    """Do what the hour calls for; doing it twice changes nothing."""
    now = timezone.now()
    ends = (reminders.ask_outcomes, reminders.remind_exchanges)
    for work in (schedule.invite_waiting, schedule.remind_partners, *letter_schedule.WORKS, *ends, *payments.WORKS):
        try:
            work(now)
        except Exception:  # one that fails must not stop the others; it is tried again in ten minutes
            logger.exception("The periodic work %s failed.", work.__name__)
