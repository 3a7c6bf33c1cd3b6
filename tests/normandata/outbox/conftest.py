from collections.abc import Callable
from typing import Any

import pytest

from normandata.outbox import carrier as real_carrier
from normandata.outbox import registry
from normandata.outbox.models import Message


class Carrier:
    """Stands for the Celery application: keeps what it is given, or refuses it."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.refusal: Exception | None = None
        self.calls = 0
        self.waiting = 0

    def send_task(self, name: str, args: list[str], **options: Any) -> None:
        self.calls += 1
        if self.refusal:
            raise self.refusal
        assert name == "outbox.deliver"
        self.taken.append(args[0])


@pytest.fixture
def carrier(monkeypatch: pytest.MonkeyPatch) -> Carrier:
    carrier = Carrier()
    monkeypatch.setattr(real_carrier, "current_app", carrier)
    monkeypatch.setattr(real_carrier, "_silent_until", 0.0)
    monkeypatch.setattr(real_carrier, "waiting", lambda: carrier.waiting)
    return carrier


@pytest.fixture
def handled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Register the handler `test.note`, and give the list of the keys of the messages it handled."""
    notes: list[str] = []
    monkeypatch.setitem(registry._handlers, "test.note", lambda message: notes.append(str(message.pk)))
    return notes


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[Message], None]], None]:
    """Register a handler for the length of the test."""
    return lambda name, function: monkeypatch.setitem(registry._handlers, name, function)
