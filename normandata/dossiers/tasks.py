"""Periodic work of the dossiers room: reminders, requests that run out, implicit refusals that come near."""

from celery import shared_task
from django.utils import timezone

from . import schedule


@shared_task(name="dossiers.keep_time")  # type: ignore[untyped-decorator]
def keep_time() -> None:
    """Do what the hour calls for; doing it twice changes nothing."""
    now = timezone.now()
    schedule.expire_corrections(now)
    schedule.remind_corrections(now)
    schedule.alert_silences(now)
    schedule.remind_drafts(now)
