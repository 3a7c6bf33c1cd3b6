"""Who keeps, validates and reads the sessions of a scheme."""

import pytest

from normandata.accounts.models import Role
from normandata.committee import permissions
from normandata.committee.models import Session
from tests.factories.accounts import make_user_with
from tests.factories.committee import SCHEME, SessionFactory, make_clerk

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "scheme", "answers"),
    [
        (Role.COMMITTEE_CLERK, SCHEME, (True, True, True, True)),
        (Role.COMMITTEE_CLERK, "diagnostic", (False, False, False, True)),
        (Role.COMMITTEE_CLERK, "", (True, True, True, True)),
        (Role.LEAD_AGENT, SCHEME, (False, True, True, True)),
        (Role.AGENT, SCHEME, (False, False, True, True)),
        (Role.AGENT, "diagnostic", (False, False, False, False)),
        (Role.AUDITOR, "", (False, False, True, True)),
        (Role.ADMINISTRATOR, "", (False, False, True, True)),
        (Role.DATA_PROTECTION_OFFICER, "", (False, False, False, False)),
        (Role.PAYMENTS_OFFICER, SCHEME, (False, False, False, False)),
        (Role.JUROR, SCHEME, (False, False, False, False)),
    ],
)
def test_who_may(role: Role, scheme: str, answers: tuple[bool, ...]) -> None:
    session, person = SessionFactory(), make_user_with(role, scheme)
    found = (
        permissions.keeps(person, session),
        permissions.validates(person, session),
        permissions.reads(person, session),
        permissions.has_access(person),
    )
    assert found == answers
    assert Session.objects.visible_to(person).exists() == permissions.reads(person, session)


def test_an_account_closed_reads_nothing() -> None:
    session, person = SessionFactory(), make_clerk(is_active=False)
    assert not permissions.reads(person, session)
    assert not permissions.has_access(person)
    assert list(Session.objects.visible_to(person)) == []


def test_the_schemes_of_a_clerk_are_those_that_go_before_the_committee() -> None:
    assert permissions.kept_by(make_clerk()) == [SCHEME]
    assert permissions.kept_by(make_user_with(Role.COMMITTEE_CLERK)) == [SCHEME]
    assert permissions.kept_by(make_user_with(Role.COMMITTEE_CLERK, "diagnostic")) == []
