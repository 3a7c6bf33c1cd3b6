"""What the tests of scoring share."""

from collections.abc import Iterator

import pytest

from normandata.accounts.models import User
from normandata.scoring import about_dossiers, kinds
from normandata.scoring.models import Panel, Subject
from tests.factories.scoring import first, make_lead, make_panel, make_scorer


@pytest.fixture
def lead(db: None) -> User:
    return make_lead(name="Lou Responsable")


@pytest.fixture
def ana(db: None) -> User:
    return make_scorer(name="Ana Agente")


@pytest.fixture
def bob(db: None) -> User:
    return make_scorer(name="Bob Agent")


@pytest.fixture
def cleo(db: None) -> User:
    return make_scorer(name="Cléo Agente")


@pytest.fixture
def panel(ana: User, bob: User, lead: User) -> Panel:
    """An open panel of two scorers and one subject; the lead has no seat."""
    return make_panel([ana, bob], lead=lead)


@pytest.fixture
def subject(panel: Panel) -> Subject:
    return first(panel)


@pytest.fixture
def registry() -> Iterator[None]:
    """Put what kinds know back as it was."""
    concerns = {kind: list(known) for kind, known in kinds._concerns.items()}
    versions, deadlines, ties = dict(kinds._versions), dict(kinds._deadlines), dict(about_dossiers._ties)
    yield
    kinds._concerns.clear()
    kinds._concerns.update(concerns)
    kinds._versions.clear()
    kinds._versions.update(versions)
    kinds._deadlines.clear()
    kinds._deadlines.update(deadlines)
    about_dossiers._ties.clear()
    about_dossiers._ties.update(ties)
