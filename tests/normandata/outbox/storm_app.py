"""The Celery application of the storms: the portal's own, with handlers that leave a trace or kill their process.

The plan (database, broker, settings) comes from the environment variable OUTBOX_STORM, in JSON.
"""

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from django.conf import settings

plan = json.loads(os.environ["OUTBOX_STORM"])
settings.DATABASES["default"]["NAME"] = plan["database"]
settings.CELERY_BROKER_URL = plan["broker_url"]
settings.CELERY_BROKER_DIR = Path(plan["folder"], "broker")
settings.VAR_DIR = Path(plan["folder"])
for name, value in plan["settings"].items():
    setattr(settings, name, value)

from normandata.celery import app  # noqa: E402
from normandata.outbox.registry import handler  # noqa: E402

if TYPE_CHECKING:
    from normandata.outbox.models import Message


def trace(line: str) -> None:
    descriptor = os.open(Path(plan["folder"], "effects"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)


@handler("storm.effect")
def effect(message: "Message") -> None:
    time.sleep(0.04)
    trace(message.payload)


@handler("storm.slow")
def slow(message: "Message") -> None:
    trace(f"{message.payload} starts")
    time.sleep(4)
    trace(f"{message.payload} ends")


@handler("storm.raise")
def raising(message: "Message") -> None:
    trace(message.payload)
    raise RuntimeError("poison")


@handler("storm.exit")
def exiting(message: "Message") -> None:
    trace(message.payload)
    os._exit(1)


@handler("storm.loop")
def looping(message: "Message") -> None:
    trace(message.payload)
    while True:
        pass


@app.task(name="storm.bare")
def bare(line: str) -> None:
    """The witness: the same effect, carried by Celery alone."""
    time.sleep(0.04)
    trace(line)
