"""The whole structure presses the button at the same instant: one questionnaire, one answer."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import connection

from diagnostic.evaluation import Evaluation, FollowUp
from diagnostic.orders import Order
from diagnostic.services import evaluation
from normandata.procedure import services as procedure
from normandata.procedure.models import Event
from tests.diagnostic.services.test_evaluation import ANSWERS
from tests.factories.after import at, make_life
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 12
NO: dict[str, Any] = {"has_acted": False, "actions": [], "what": ""}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel(at(date(2026, 12, 1)), tick=False):
        yield


def race() -> tuple[int, int, int]:
    """Send a questionnaire and answer the follow-up twelve times at once; count what was written."""
    order = make_life(delivered_on=date(2026, 5, 31))
    by = order.dossier.created_by
    evaluation.save(order, ANSWERS, version=0, by=by)
    seen = [Order.objects.select_related("dossier").get(pk=order.pk) for _ in range(PEOPLE)]
    sent = together(*[partial(evaluation.send, one, may_be_named=False, by=by) for one in seen])
    seen = [Order.objects.select_related("dossier").get(pk=order.pk) for _ in range(PEOPLE)]
    said = together(*[partial(evaluation.answer_follow_up, one, by=by, **NO) for one in seen])
    passed = sum(isinstance(one, Evaluation) for one in sent)
    refused = sum(isinstance(one, Exception) for one in said)
    journal = Event.objects.about(order.dossier).named("evaluation", "follow_up").count()
    assert FollowUp.objects.filter(order=order).count() == 1
    return passed, refused, journal


def test_one_questionnaire_and_one_answer_whoever_presses() -> None:
    assert race() == (1, 0, 2)


def test_without_the_lock_the_race_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The witness; SQLite's transactions are alone by themselves, so that only PostgreSQL can lose it."""
    monkeypatch.setattr(procedure, "lock", lambda thing: None)
    lost = [race() != (1, 0, 2) for _ in range(5)]
    assert any(lost) is (connection.vendor == "postgresql")
