import pytest

from normandata.accounts.models import Role, RoleAssignment, User
from normandata.notifications import kinds
from normandata.notifications.kinds import Kind
from normandata.outbox import carrier
from tests.factories import notifications as factories


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, Kind]:
    """Know no kind but those of the test."""
    known: dict[str, Kind] = {}
    monkeypatch.setattr(kinds, "_registry", known)
    return known


@pytest.fixture
def kind(registry: dict[str, Kind]) -> Kind:
    return kinds.register(factories.kind())


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no message leave for a broker: tests carry them by hand."""
    monkeypatch.setattr(carrier, "offer", lambda pks: len(list(pks)))


@pytest.fixture
def administrator(db: None) -> User:
    person = User.objects.create_user("camille@exemple.invalid", name="Camille Fictive")
    RoleAssignment.objects.create(user=person, role=Role.ADMINISTRATOR)
    return person
