"""Who pilots what: the predicate and the queryset say the same for every persona."""

import pytest

from normandata.accounts.models import Role, User
from roadmap import permissions
from roadmap.models import Action
from tests.factories.accounts import UserFactory, make_user_with
from tests.factories.roadmap import ActionFactory, make_pilot

pytestmark = pytest.mark.django_db


def test_the_predicate_and_the_queryset_agree() -> None:
    first, second, third = ActionFactory.create_batch(3)
    both = make_pilot(first)
    both.role_assignments.create(role=Role.ACTION_PILOT, scheme="roadmap", scope=second.slug)
    closed = make_pilot(first, is_active=False)
    personas: list[tuple[User, set[Action]]] = [
        (make_pilot(first), {first}),
        (User.objects.get(pk=both.pk), {first, second}),
        (make_pilot(), {first, second, third}),
        (make_user_with(Role.ACTION_PILOT), {first, second, third}),
        (make_user_with(Role.ACTION_PILOT, "diagnostic"), set()),
        (make_user_with(Role.ADMINISTRATOR), set()),
        (UserFactory.create(), set()),
        (closed, set()),
    ]
    for user, expected in personas:
        assert {one for one in Action.objects.all() if permissions.pilots(user, one)} == expected
        assert set(Action.objects.piloted_by(user)) == expected
        assert permissions.is_pilot(user) == bool(expected)


def test_a_role_withdrawn_bites_at_once() -> None:
    action = ActionFactory.create()
    pilot = make_pilot(action)
    assert permissions.pilots(pilot, action)
    assignment = pilot.role_assignments.get()
    assignment.ended_at = assignment.granted_at
    assignment.save()
    assert not permissions.pilots(User.objects.get(pk=pilot.pk), action)
