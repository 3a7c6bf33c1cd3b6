"""Races with real threads, each with a connection of its own."""

import fcntl
import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.db import connection

PATIENCE = 60


def together(*gestures: Callable[[], Any]) -> list[Any]:
    """Run the gestures at the same instant, each in its thread with its own connection.

    Give their results in order; what a gesture raised stands in its place. One race at a time, whatever the number of
    processes: the server has a hundred connections for them all.
    """
    with (settings.VAR_DIR.parent / "race.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _run(gestures)


def _run(gestures: Sequence[Callable[[], Any]]) -> list[Any]:
    barrier = threading.Barrier(len(gestures))
    results: list[Any] = [None] * len(gestures)

    def run(number: int, gesture: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(PATIENCE)
            results[number] = gesture()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(gestures)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return results
