"""Real workers, beat and publisher in subprocesses, each its own process group, that can be killed with -9."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db import connection

APP = "tests.normandata.outbox.storm_app"
PROCESSES = 4
REDIS_DATABASE = 9
QUICK = {
    "OUTBOX_LEASE": 5,
    "OUTBOX_SWEEP_EVERY": 0.5,
    "OUTBOX_REOFFER_AFTER": 2,
    "OUTBOX_BACKOFF": [0.2, 0.2],
    "OUTBOX_TIME_LIMIT": 60,
}


def on_redis() -> bool:
    return settings.CELERY_BROKER_URL.startswith(("redis://", "rediss://"))


def broker_url() -> str:
    """The configured broker; on Redis, a database of its own that may be flushed."""
    if not on_redis():
        return "filesystem://"
    return urlsplit(settings.CELERY_BROKER_URL)._replace(path=f"/{REDIS_DATABASE}").geturl()


def flush_redis() -> None:
    with redis.Redis.from_url(broker_url()) as client:
        client.flushdb()


@contextmanager
def alone() -> Iterator[None]:
    """Keep every other test process of this machine off the broker, and leave it empty."""
    with (settings.VAR_DIR.parent / "storm.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if on_redis():
            flush_redis()
        yield
        if on_redis():
            flush_redis()


class Storm:
    """The processes of one storm; leaving the block kills them all, whatever happened."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        self.folder = folder
        self.effects_file = folder / "effects"
        plan = {
            "database": str(connection.settings_dict["NAME"]),
            "broker_url": broker_url(),
            "folder": str(folder),
            "settings": {**QUICK, **changes},
        }
        self._env = {**os.environ, "OUTBOX_STORM": json.dumps(plan)}
        self._env.pop("PYTHONWARNINGS", None)
        self._running: list[subprocess.Popen[bytes]] = []
        self._alone = ExitStack()

    def __enter__(self) -> Self:
        self._alone.enter_context(alone())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._alone.close()

    def start(self) -> None:
        """Start one worker of PROCESSES processes, and beat."""
        worker = ["worker", "--concurrency", str(PROCESSES), "--without-gossip", "--without-mingle"]
        self._launch("celery", "-A", APP, *worker)
        self._launch("celery", "-A", APP, "beat", "--pidfile", "")

    def post(self, *orders: str) -> subprocess.Popen[bytes]:
        """Start a publisher: `storm.effect=1000` posts a thousand messages for that handler."""
        return self._launch("tests.normandata.outbox.storm_post", *orders)

    def kill(self, *, but: subprocess.Popen[bytes] | None = None) -> None:
        """Kill every process with -9, as a power cut would; `but` one, the publisher, which goes on."""
        for process in [process for process in self._running if process is not but]:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self._running.remove(process)

    def effects(self) -> list[str]:
        """What the handlers did, one line each."""
        return self.effects_file.read_text().splitlines() if self.effects_file.exists() else []

    def wait(self, reached: Callable[[], bool], *, seconds: float, what: str) -> None:
        """Wait until `reached()`, and fail with the end of the processes' log after so many seconds."""
        limit = time.monotonic() + seconds
        while not reached():
            if time.monotonic() > limit:
                log = (self.folder / "log").read_text()[-3000:]
                raise AssertionError(f"After {seconds} s, still not: {what} ({len(self.effects())} effects).\n{log}")
            time.sleep(0.05)

    def wait_effects(self, count: float) -> None:
        """Wait until so many effects were seen."""
        self.wait(lambda: len(self.effects()) >= count, seconds=40, what=f"{count:.0f} effects")

    def settle(self, *, seconds: float) -> None:
        """Wait until nothing has happened for so many seconds."""
        seen, since = -1, time.monotonic()
        while time.monotonic() - since < seconds:
            count = len(self.effects())
            if count != seen:
                seen, since = count, time.monotonic()
            time.sleep(0.05)

    def _launch(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=settings.BASE_DIR,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._running.append(process)
        return process
