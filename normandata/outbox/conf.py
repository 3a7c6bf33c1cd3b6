"""The outbox's settings and their defaults. Durations are in seconds.

Two more, OUTBOX_SWEEP_EVERY and OUTBOX_TIME_LIMIT, belong to Celery and are read in `normandata.celery`.
"""

from datetime import timedelta

from django.conf import settings

MAX_ATTEMPTS = 3
ERROR_LENGTH = 4000


def lease() -> timedelta:
    """How long a claim holds without a heartbeat; three heartbeats fit in it."""
    return timedelta(seconds=getattr(settings, "OUTBOX_LEASE", 60))


def reoffer_after() -> timedelta:
    """How long an offer made to Celery is trusted."""
    return timedelta(seconds=getattr(settings, "OUTBOX_REOFFER_AFTER", 30))


def backoff(attempt: int) -> timedelta:
    """How long to wait after the failed attempt number `attempt` (from 1); the last delay repeats."""
    delays: tuple[float, ...] = getattr(settings, "OUTBOX_BACKOFF", (60, 900))
    return timedelta(seconds=delays[min(attempt, len(delays)) - 1])


def broker_pause() -> float:
    """How long a process leaves a broker alone that refused a message."""
    return getattr(settings, "OUTBOX_BROKER_PAUSE", 5)


def batch() -> int:
    """How many rows one sweep may offer (with those the broker still holds), fail or purge."""
    return getattr(settings, "OUTBOX_BATCH", 500)


def keep() -> timedelta:
    """How long a done row is kept."""
    return timedelta(days=getattr(settings, "OUTBOX_KEEP_DAYS", 30))
