"""What a higher floor closes is closed in lists and for one dossier, and asked once for a request."""

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from normandata.accounts.models import Role, User
from normandata.dossiers import closures, permissions
from normandata.dossiers.models import Dossier
from tests.factories.accounts import make_agent
from tests.factories.dossiers import make_dossier

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "_alone")]


@pytest.fixture
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin without any filter."""
    monkeypatch.setattr(closures, "_filters", [])


def test_what_a_filter_describes_is_closed_and_what_another_does_too() -> None:
    one, two, three = (make_dossier() for _ in range(3))
    agent, other = make_agent(), make_agent()
    for closed in (one, two):
        closures.register(lambda user, key=closed.pk: Q(pk=key) if user == agent else Q(pk__in=()))
    assert list(Dossier.objects.for_region(agent)) == list(Dossier.objects.visible_to(agent)) == [three]
    assert [permissions.can_examine(agent, each) for each in (one, two, three)] == [False, False, True]
    assert Dossier.objects.for_region(other).count() == 3
    assert permissions.can_examine(other, one)


def test_a_filter_is_registered_once_and_nothing_closes_without_any() -> None:
    dossier, agent = make_dossier(), make_agent()
    assert closures.described(agent) is None
    assert permissions.can_examine(agent, dossier)

    def everything(user: User) -> Q:
        return Q(pk__gte=0)

    for _ in range(2):
        closures.register(everything)
    assert closures._filters == [everything]
    closures.forget(agent)
    assert not permissions.can_examine(agent, dossier)


def test_the_answer_is_read_once_for_a_request_and_lists_ask_nothing_more() -> None:
    dossier, agent = make_dossier(), make_agent()
    closures.register(lambda user: Q(pk__in=()) | Q(number="x"))
    assert agent.holds(Role.AGENT, scheme="diagnostic")
    with CaptureQueriesContext(connection) as queries:
        for _ in range(5):
            assert permissions.can_examine(agent, dossier)
    assert len(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        assert list(Dossier.objects.for_region(agent)) == [dossier]
    assert len(queries) == 1


def test_the_applicant_is_never_closed_off() -> None:
    dossier = make_dossier()
    closures.register(lambda user: Q(pk__gte=0))
    assert permissions.can_read(dossier.created_by, dossier)
    assert list(Dossier.objects.visible_to(dossier.created_by)) == [dossier]


def test_a_dossier_read_through_its_list_is_not_asked_again() -> None:
    dossier, agent = make_dossier(), make_agent()
    closures.register(lambda user: Q(pk__gte=0))
    closures.pass_through(agent, dossier.pk)
    with CaptureQueriesContext(connection) as queries:
        assert not permissions.is_closed(agent, dossier)
    assert len(queries) == 0
    closures.forget(agent)
    assert permissions.is_closed(agent, dossier)
