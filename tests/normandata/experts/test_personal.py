"""What the room lets go of: a requester's contact, an expert's public entry; what keeps a person here."""

from datetime import timedelta

import pytest
from django.utils import timezone

from normandata.experts import personal, schedule
from normandata.experts.models import Agreement, Expert, Listing, Need
from normandata.experts.services import needs
from normandata.privacy.identity import Identity
from tests.factories.accounts import UserFactory
from tests.factories.experts import make_expert, person_of
from tests.factories.needs import make_listing, make_meeting, make_need
from tests.factories.organisations import MembershipFactory

pytestmark = pytest.mark.django_db


def identity(email: str) -> Identity:
    return Identity(code="ABCD", emails=frozenset({email}))


def test_an_open_request_in_ones_own_name_prevents_an_erasure_until_it_is_withdrawn() -> None:
    person = UserFactory()
    member = MembershipFactory(user=person)
    make_need(by=person, organisation=member.organisation)  # its other members go on with it
    need = make_need(by=person)
    assert [one.what for one in personal.open_needs(person)] == [
        f"La demande au cœur expert {need.reference} est en cours."
    ]
    needs.withdraw(need, reason="", by=person)
    assert personal.open_needs(person) == []


def test_whoever_is_forgotten_is_reached_no_more_and_leaves_the_public_directory() -> None:
    person, expert = UserFactory(), make_expert(agrees=("asked", "introduced"))
    make_listing(expert)
    need = make_need(by=person, contact_name="Zoé Exemple", contact_phone="02 00 00 00 00")
    personal.forget(person, identity(person.email))
    need = Need.objects.get(pk=need.pk)
    assert need.contact_phone == ""
    assert "Zoé" not in need.contact_name
    assert need.need == "Ouvrir les bons bassins."
    personal.forget(person_of(expert), identity(expert.email))
    assert not Listing.objects.exists()
    assert not Agreement.objects.standing().exists()
    assert Expert.objects.get(pk=expert.pk).skills == "—"


def test_an_expert_who_is_forgotten_is_awaited_no_more_and_the_request_goes_back_to_the_region() -> None:
    offer = make_meeting()
    expert = offer.expert
    personal.forget(person_of(expert), identity(expert.email))
    offer.refresh_from_db()
    assert (offer.state, Need.objects.get(pk=offer.need_id).state) == ("dropped", "exchanged")
    assert schedule.remind_offers(timezone.now() + timedelta(days=30)) == 0
