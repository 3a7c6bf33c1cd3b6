"""Periodic work of the roadmap: what its days set off."""

from celery import shared_task
from django.utils import timezone

from . import reminders
from .calls import clock


@shared_task(name="roadmap.keep_time")  # type: ignore[untyped-decorator]
def keep_time() -> None:
    """Do what the hour calls for; doing it twice changes nothing."""
    now = timezone.now()
    reminders.alert_late(now)
    clock.open_due(now)
    clock.close_due(now)
    clock.remind_drafts(now)
