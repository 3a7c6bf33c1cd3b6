"""What the tests of envelopes share."""

import pytest

from normandata.accounts.models import User
from normandata.budgets.models import Envelope
from tests.factories.accounts import make_agent
from tests.factories.budgets import make_envelope


@pytest.fixture
def envelope(db: None) -> Envelope:
    """Fifty thousand euros voted, nothing else."""
    return make_envelope(label="Diagnostics")


@pytest.fixture
def agent(db: None) -> User:
    return make_agent()
