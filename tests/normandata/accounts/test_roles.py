import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from normandata.accounts.models import OUTSIDE_ROLES, REGION_ROLES, Role, RoleAssignment, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return User.objects.create_user("camille@exemple.invalid")


def give(person: User, role: Role, scheme: str = "", scope: str = "") -> RoleAssignment:
    person.__dict__.pop("assignments", None)
    return RoleAssignment.objects.create(user=person, role=role, scheme=scheme, scope=scope)


def test_a_role_is_held_for_its_scheme_or_for_all(person: User) -> None:
    give(person, Role.AGENT, "diagnostic")
    assert person.holds(Role.AGENT, scheme="diagnostic")
    assert not person.holds(Role.AGENT, scheme="booster_ia")
    assert not person.holds(Role.LEAD_AGENT, scheme="diagnostic")
    assert person.schemes_as(Role.AGENT) == {"diagnostic"}
    give(person, Role.AGENT)
    assert person.holds(Role.LEAD_AGENT, Role.AGENT, scheme="booster_ia")
    assert person.schemes_as(Role.AGENT) is None


def test_a_scope_bounds_a_role(person: User) -> None:
    give(person, Role.JUROR, "datathon", "edition:1")
    assert person.holds(Role.JUROR, scheme="datathon", scope="edition:1")
    assert not person.holds(Role.JUROR, scheme="datathon", scope="edition:2")


def test_a_role_withdrawn_or_an_account_closed_holds_nothing(person: User) -> None:
    held = give(person, Role.AGENT)
    assert person.is_region
    person.is_active = False
    assert (person.holds(Role.AGENT), person.is_region) == (False, False)
    assert person.schemes_as(Role.AGENT) == frozenset()
    person.is_active = True
    held.ended_at = timezone.now()
    held.save()
    again = User.objects.get(pk=person.pk)
    assert (again.holds(Role.AGENT), again.is_region, again.assignments) == (False, False, ())


def test_a_role_is_held_once_at_a_time(person: User) -> None:
    first = give(person, Role.AGENT)
    with pytest.raises(IntegrityError), transaction.atomic():
        give(person, Role.AGENT)
    first.ended_at = timezone.now()
    first.save()
    give(person, Role.AGENT)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleAssignment.objects.create(user=person, role="king")


def test_who_works_for_the_region_and_who_does_not() -> None:
    assert {role.value for role in OUTSIDE_ROLES} == {"provider", "expert", "juror", "mentor"}
    assert len(REGION_ROLES) == 9
    assert User().assignments == ()
