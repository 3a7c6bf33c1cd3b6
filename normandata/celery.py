"""The Celery application, the carrier of the outbox: `celery -A normandata.celery worker`, `… beat`.

It imports nothing of ours, so that the outbox may load it in every process. Two brokers, one configuration: Redis,
and kombu's filesystem transport for the embedded mode.
"""

import logging
import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging
from kombu.entity import Queue
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "normandata.settings")

from django.conf import settings

TRANSPORT_ALIASES["filesystem"] = "normandata.outbox.broker:Transport"


def redis_options(time_limit: float) -> dict[str, Any]:
    """Options of the Redis transport; `time_limit` is the longest task, in seconds."""
    return {
        # A reserved task waits for the one before it, then runs: twice the limit, and a margin.
        "visibility_timeout": 2 * time_limit + 300,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 0.5,
        # Longer than the worker's blocking read (1 s), short enough for a person who waits.
        "socket_timeout": 2,
        "health_check_interval": 10,
        "queue_order_strategy": "round_robin",
    }


def folder_options(folder: Path) -> dict[str, Any]:
    """Options of the filesystem transport; its folders are created, readable by their owner only."""
    names = {"data_folder_in": "queue", "data_folder_out": "queue", "processed_folder": "taken"}
    names["control_folder"] = "control"
    for name in set(names.values()):
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    # Seconds between two looks at an empty folder.
    return {"polling_interval": 0.1, **{option: str(folder / name) for option, name in names.items()}}


def configuration(*, broker_url: str, broker_dir: Path, var_dir: Path) -> dict[str, Any]:
    """The whole configuration of the application, for either broker."""
    sweep_every: float = getattr(settings, "OUTBOX_SWEEP_EVERY", 5)
    time_limit: float = getattr(settings, "OUTBOX_TIME_LIMIT", 600)
    on_redis = broker_url.startswith(("redis://", "rediss://"))
    options = redis_options(time_limit + 30) if on_redis else folder_options(broker_dir)
    return {
        "broker_url": broker_url,
        # A publisher never insists: the row is written, the next sweep offers it again.
        "broker_transport_options": {"max_retries": 0, "interval_start": 0, "interval_max": 0, **options},
        "broker_connection_timeout": 1,
        "task_publish_retry": False,
        # A worker always does.
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_soft_time_limit": time_limit,
        "task_time_limit": time_limit + 30,
        "worker_prefetch_multiplier": 1,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        # The sweep has its own queue: behind a long backlog it would never run.
        "task_default_queue": "outbox",
        "task_queues": [Queue("outbox", routing_key="outbox"), Queue("sweep", routing_key="sweep")],  # type: ignore[no-untyped-call]
        "task_routes": {"outbox.sweep": {"queue": "sweep"}, "outbox.purge": {"queue": "sweep"}},
        "timezone": "Europe/Paris",
        "enable_utc": True,
        "beat_schedule": {
            "sweep": {
                "task": "outbox.sweep",
                "schedule": sweep_every,
                "options": {"expires": max(10, 2 * sweep_every)},
            },
            "purge": {"task": "outbox.purge", "schedule": crontab(hour=3, minute=17)},
            "erase": {"task": "documents.erase_expired", "schedule": crontab(minute=41)},
            "sessions": {"task": "accounts.clear", "schedule": crontab(hour=3, minute=27)},
            "allowances": {"task": "organisations.clear", "schedule": crontab(hour=3, minute=37)},
            "ownerless": {"task": "documents.forget_ownerless", "schedule": crontab(hour=3, minute=47)},
            "participants": {"task": "datathon.erase_participants", "schedule": crontab(hour=3, minute=57)},
            "dossiers": {"task": "dossiers.keep_time", "schedule": crontab(minute="*/10")},
            "diagnostic": {"task": "diagnostic.keep_time", "schedule": crontab(minute="3-59/10")},
            "experts": {"task": "experts.keep_time", "schedule": crontab(minute="6-59/10")},
            "booster_ia": {"task": "booster_ia.keep_time", "schedule": crontab(minute="5-59/10")},
            "rights": {"task": "rights.keep_time", "schedule": crontab(hour=4, minute=7)},
            "roadmap": {"task": "roadmap.keep_time", "schedule": crontab(minute=8)},
            "opendata": {"task": "opendata.publish", "schedule": crontab(minute=23)},
            "datathon": {"task": "datathon.keep_time", "schedule": crontab(minute="8-59/10")},
            "announcements": {"task": "portal.tell", "schedule": 60, "options": {"expires": 55}},
            "uploads": {"task": "documents.sweep_uploads", "schedule": crontab(minute="*/20")},
        },
        "beat_schedule_filename": str(var_dir / "beat-schedule"),
        "beat_max_loop_interval": min(5, sweep_every),
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
    }


@setup_logging.connect  # type: ignore[untyped-decorator]
def keep_django_logging(**kwargs: Any) -> None:
    """Leave logging to Django's settings; one line per task every five seconds would hide the rest."""
    for name in ("celery.beat", "celery.worker.strategy", "celery.worker.request", "celery.app.trace"):
        logging.getLogger(name).setLevel(logging.WARNING)


app = Celery("normandata")
# The current application is per thread; a web server's other threads fall back on the default one.
app.set_default()
app.conf.update(
    configuration(
        broker_url=settings.CELERY_BROKER_URL, broker_dir=settings.CELERY_BROKER_DIR, var_dir=settings.VAR_DIR
    )
)
app.autodiscover_tasks()
