"""Periodic work of the portal."""

from celery import shared_task

from . import announcing


@shared_task(name="portal.tell")  # type: ignore[untyped-decorator]
def tell() -> None:
    """Give every page the announcements ahead; doing it twice changes nothing."""
    announcing.refresh()
