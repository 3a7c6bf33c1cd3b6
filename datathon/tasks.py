"""Periodic work of the Datathon."""

from celery import shared_task
from django.utils import timezone

from .services import erasure


@shared_task(name="datathon.erase_participants")  # type: ignore[untyped-decorator]
def erase_participants() -> None:
    """Erase the participants of editions over since long enough; doing it twice changes nothing."""
    erasure.erase_due(timezone.now())
