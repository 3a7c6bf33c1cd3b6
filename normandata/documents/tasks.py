"""Periodic work of the documents room."""

from celery import shared_task
from django.utils import timezone

from . import services, storage, uploads


@shared_task(name="documents.erase_expired")  # type: ignore[untyped-decorator]
def erase_expired() -> None:
    """Erase the documents whose time is over."""
    services.erase_expired(timezone.now())


@shared_task(name="documents.forget_ownerless")  # type: ignore[untyped-decorator]
def forget_ownerless() -> None:
    """Erase the files received that were joined to nothing."""
    uploads.forget_ownerless(timezone.now())


@shared_task(name="documents.sweep_uploads")  # type: ignore[untyped-decorator]
def sweep_uploads() -> None:
    """Erase files without a row, and ask for the scans that are missing."""
    storage.sweep(timezone.now())
    uploads.catch_up()
