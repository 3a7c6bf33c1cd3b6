"""What the tests of the pages of scoring share."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from normandata.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.booster_scoring import make_scorer


@pytest.fixture
def october(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Score before the last day of the wave, the 6th of November."""
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(datetime(2026, 10, 20, 10, tzinfo=UTC), tick=True):
        yield


@pytest.fixture
def scorer(client: Client, october: None) -> User:
    return sign_in(client, make_scorer(name="Ange Petit"))
