"""The demonstration's cœur expert: a request in each place, experts who are named, told once."""

from collections import Counter

import pytest
import time_machine

from normandata.accounts.models import User
from normandata.experts.models import Listing, Need
from normandata.portal.demonstration import core, people, script
from normandata.procedure.models import Event

pytestmark = pytest.mark.django_db
WHO = ("agent-ia", "expert", "debutant", "mairie", "ulysse", "valentine", "william")


@pytest.fixture
def persons(monkeypatch: pytest.MonkeyPatch) -> dict[str, User]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return people.settle([script.read().account(slug) for slug in WHO])


@time_machine.travel("2026-11-25T16:00:00+00:00", tick=False)
def test_a_request_stands_in_each_place_and_four_experts_are_named_once(persons: dict[str, User]) -> None:
    experts = script.read().booster["expert"]
    assert core.settle(experts, persons) == 5
    assert Counter(Need.objects.values_list("state", "turn")) == {
        ("asked", "agent"): 1,
        ("scheduled", "agent"): 1,
        ("exchanged", "agent"): 1,
        ("introduced", "applicant"): 1,
        ("closed", "nobody"): 1,
    }
    assert [one.title for one in Listing.objects.public().with_domains().in_order()] == [
        "Barnabé Factice",
        "Centre imaginaire de calcul",
        "Clotilde Exemple",
        "Delphine d’Essai",
    ]
    assert [need.title for need in Need.objects.all() if "fictif" not in need.title] == []
    assert Need.objects.get(state="introduced").wished is not None
    before = Event.objects.count()
    assert core.settle(experts, persons) == 0
    assert Event.objects.count() == before
