"""The day of these tests, and mails that stay in their rows."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Thursday 1 October 2026, noon in Paris."""
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(datetime(2026, 10, 1, 10, tzinfo=UTC), tick=False):
        yield
