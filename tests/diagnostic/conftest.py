"""What the tests of the agents' pages share: a day, nobody written to outside, an agent signed in."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from normandata.accounts.models import User
from tests.factories.accounts import make_agent, sign_in

NOW = datetime(2026, 10, 13, 8, 0, tzinfo=UTC)


@pytest.fixture
def quiet_day(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stand on a day, with a broker that takes every message and carries none."""
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agent(client: Client) -> User:
    return sign_in(client, make_agent(name="Sacha Petit"))
