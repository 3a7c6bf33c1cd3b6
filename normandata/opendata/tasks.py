"""Periodic work of the open data: writing every set anew."""

from celery import shared_task
from django.utils import timezone

from . import publications


@shared_task(name="opendata.publish")  # type: ignore[untyped-decorator]
def publish() -> None:
    """Publish what changed; doing it twice changes nothing."""
    publications.publish_all(timezone.now())
