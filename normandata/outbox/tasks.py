"""What Celery carries: an identifier, never a content."""

from celery import shared_task

from normandata.outbox import services


@shared_task(name="outbox.deliver", acks_late=True, reject_on_worker_lost=True, ignore_result=True)  # type: ignore[untyped-decorator]
def deliver(pk: str) -> None:
    """Do one message, unless somebody has it or it is finished."""
    services.work(pk)


@shared_task(name="outbox.sweep", acks_late=True, reject_on_worker_lost=True, ignore_result=True)  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Offer again what waits and nobody carries."""
    services.sweep()


@shared_task(name="outbox.purge", acks_late=True, reject_on_worker_lost=True, ignore_result=True)  # type: ignore[untyped-decorator]
def purge() -> None:
    """Delete the done rows that are older than the time they are kept."""
    services.purge()
