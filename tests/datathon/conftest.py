"""What the Datathon's tests need: no courier at work, and a clock within the calendar of the factories' edition."""

from collections.abc import Iterator

import pytest
import time_machine

from normandata.dossiers.letters import Signatory
from tests.factories.diagnostic import make_signatory

REGISTERING = "2027-09-15 10:00 +0200"


@pytest.fixture
def september() -> Iterator[time_machine.Traveller]:
    """Stop the clock while registrations are open."""
    with time_machine.travel(REGISTERING, tick=False) as clock:
        yield clock


@pytest.fixture
def signatory() -> Signatory:
    """Somebody who signs the letters of the Datathon."""
    return make_signatory()
