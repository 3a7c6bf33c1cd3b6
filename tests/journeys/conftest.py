"""What the journeys share: one browser for the run, a day on the calendar, and windows that watch themselves."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
import time_machine
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from .browser import Window, chromium

Visit = Callable[..., Window]
TODAY = "2026-11-23T09:00:00+01:00"
PATIENCE = 10
"""Seconds."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(autouse=True)
def _today(quiet: None) -> Iterator[None]:
    """Judge every journey by the règlement of one day, whose first minute would count the requests of them all."""
    with time_machine.travel(TODAY, tick=True):
        yield


def _answered() -> None:
    """Wait until the server has answered what closed pages had asked: one may have been saving as it left.

    Each connection has a thread there, which ends with it.
    """
    end = time.monotonic() + PATIENCE
    while any("process_request_thread" in thread.name for thread in threading.enumerate()):
        assert time.monotonic() < end, "a connection of a closed page stays open"
        time.sleep(0.01)


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer, _today: None) -> Iterator[Visit]:
    """Open windows on the portal; whatever they complained of by the end fails the test."""
    opened: list[Window] = []

    def window(path: str = "/", *, width: int = 1280, javascript: bool = True, status: int = 200) -> Window:
        new = Window(browser, live_server.url, width=width, javascript=javascript)
        opened.append(new)
        new.go(path, status=status)
        return new

    yield window
    try:
        for one in opened:
            one.check_quiet()
    finally:
        for one in opened:
            one.close()
        # The database is emptied next.
        _answered()
