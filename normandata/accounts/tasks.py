"""Periodic work of the accounts room."""

from datetime import timedelta

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from .models import MailSlot

KEPT = timedelta(days=2)
"""A slot counts for an hour; nothing is learnt from an older one."""


@shared_task(name="accounts.clear")  # type: ignore[untyped-decorator]
def clear() -> None:
    """Erase the sessions that are over and the counts of mails that bound nobody any more."""
    call_command("clearsessions")
    MailSlot.objects.filter(used_at__lt=timezone.now() - KEPT).delete()
