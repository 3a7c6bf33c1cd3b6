"""Whom an expert writes to."""

import pytest
from django.utils import timezone

from normandata.experts import need_conduct
from normandata.organisations.models import Membership
from tests.factories.accounts import UserFactory
from tests.factories.needs import make_need
from tests.factories.organisations import MembershipFactory, OrganisationFactory

pytestmark = pytest.mark.django_db


def test_whoever_left_the_organisation_is_not_written_to() -> None:
    organisation = OrganisationFactory()
    asked, stays = (MembershipFactory(organisation=organisation).user for _ in range(2))
    need = make_need(by=asked, organisation=organisation)
    assert need_conduct.address(need) == asked.email
    Membership.objects.filter(user=asked).update(state="left", left_at=timezone.now())
    assert need_conduct.address(need) == stays.email


def test_a_request_in_ones_own_name_is_answered_to_oneself() -> None:
    person = UserFactory()
    assert need_conduct.address(make_need(by=person)) == person.email
