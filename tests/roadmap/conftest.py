"""One day for the tests of the roadmap: the alerts, the sentences and the drawings depend on it."""

from collections.abc import Iterator

import pytest
import time_machine

TODAY = "2026-11-23T09:00:00+01:00"


@pytest.fixture
def today() -> Iterator[None]:
    with time_machine.travel(TODAY, tick=False):
        yield
