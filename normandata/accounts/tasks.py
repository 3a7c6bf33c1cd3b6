"""Periodic work of the accounts room."""

from datetime import timedelta

from axes.models import AccessAttempt
from celery import shared_task
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from .models import MailSlot

KEPT = timedelta(days=2)
"""A slot counts for an hour; nothing is learnt from an older one."""


@shared_task(name="accounts.clear")  # type: ignore[untyped-decorator]
def clear() -> None:
    """Erase the sessions that are over, the failed sign-ins and the counts of mails that bind nobody any more."""
    now = timezone.now()
    call_command("clearsessions")
    MailSlot.objects.filter(used_at__lt=now - KEPT).delete()
    AccessAttempt.objects.filter(attempt_time__lt=now - settings.AXES_COOLOFF_TIME).delete()
