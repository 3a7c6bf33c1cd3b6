"""Periodic work of the documents room."""

from celery import shared_task
from django.utils import timezone

from . import services


@shared_task(name="documents.erase_expired")  # type: ignore[untyped-decorator]
def erase_expired() -> None:
    """Erase the documents whose time is over."""
    services.erase_expired(timezone.now())
