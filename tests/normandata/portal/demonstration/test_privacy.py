"""The demonstration's requests on data: one answered within its month, one that waits, told once."""

import pytest
import time_machine

from normandata.accounts.models import User
from normandata.portal.demonstration import people, privacy, script
from normandata.rights.models import Request

pytestmark = pytest.mark.django_db


@pytest.fixture
def persons(monkeypatch: pytest.MonkeyPatch) -> dict[str, User]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    told = script.read()
    return people.settle([told.account(privacy.PERSON), told.account(privacy.OFFICER)])


@time_machine.travel("2026-11-25T16:00:00+00:00", tick=False)
def test_one_is_answered_one_waits_and_both_are_told_once(persons: dict[str, User]) -> None:
    assert privacy.settle(persons) == 2
    answered, waiting = Request.objects.order_by("asked_at")
    assert (answered.kind, answered.answered_by) == ("rectification", persons["dpo"])
    assert answered.answered_at is not None
    assert answered.answered_at.date() < answered.due_on
    assert (waiting.kind, waiting.answered_at) == ("limitation", None)
    assert privacy.settle(persons) == 0
    assert Request.objects.count() == 2
