"""Periodic work of the organisations room."""

from celery import shared_task
from django.utils import timezone

from . import mails


@shared_task(name="organisations.clear")  # type: ignore[untyped-decorator]
def clear() -> None:
    """Erase the counts of mails that bind nobody any more."""
    mails.forget_allowances(timezone.now())
