"""« Au fil de l’eau »: nobody overtakes, and nobody waits without need."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from diagnostic import places
from diagnostic.market import Market
from diagnostic.services import selection
from normandata.dossiers.models import Dossier
from tests.factories.accounts import make_agent
from tests.factories.budgets import make_envelope
from tests.factories.diagnostic import make_market, make_proposed, make_reviewed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return


def on(day: int) -> datetime:
    return datetime(2026, 9, day, 8, tzinfo=UTC)


def room(dossier: Dossier, market: Market) -> tuple[Decimal, Decimal, int]:
    found = places.room(Dossier.objects.get(pk=dossier.pk), market, timezone.localdate())
    return found.free, found.kept, found.before


def test_those_complete_before_keep_what_they_may_cost() -> None:
    market = make_market(envelope=make_envelope("16000.00"))
    first, second, third = (make_reviewed(at=on(day)) for day in (3, 4, 5))
    assert room(first, market) == (Decimal("16000.00"), Decimal(0), 0)
    assert room(third, market) == (Decimal("16000.00"), Decimal("10800.00"), 2)
    # the first is proposed for two days only: 2 × 900 × 1.20 = 2 160
    make_proposed(market, dossier=first, half_days=4)
    assert room(third, market) == (Decimal("16000.00"), Decimal("7560.00"), 2)
    # the second is proposed to be refused: nothing is kept for it
    selection.propose_refusal(second, reason="Hors sujet", by=make_agent())
    assert room(third, market) == (Decimal("16000.00"), Decimal("2160.00"), 1)


def test_the_same_day_the_number_decides_and_an_incomplete_request_has_no_place() -> None:
    market = make_market()
    first, second, third = (make_reviewed(at=on(3)) for _ in range(3))
    assert [room(one, market)[2] for one in (first, second, third)] == [0, 1, 2]
    Dossier.objects.filter(pk=first.pk).update(complete_on=None)
    assert [room(one, market)[2] for one in (first, second, third)] == [0, 0, 1]


def test_an_ineligible_request_keeps_nothing() -> None:
    market = make_market()
    first, second = (make_reviewed(at=on(day)) for day in (3, 4))
    Dossier.objects.filter(pk=first.pk).update(verdict={**first.verdict, "conclusion": "ineligible"})
    assert room(second, market) == (Decimal("50000.00"), Decimal(0), 0)


def test_the_head_of_the_waiting_list_is_the_first_complete() -> None:
    late, early = make_reviewed(at=on(9)), make_reviewed(at=on(2))
    assert places.head() is None
    Dossier.objects.update(state="waiting_list")
    assert places.head() == early
    assert late.complete_on > early.complete_on


@pytest.mark.parametrize("count", [1, 30])
def test_room_costs_the_same_queries_however_many_wait(count: int) -> None:
    market = make_market()
    for _ in range(count):
        make_reviewed(at=on(3))
    last = Dossier.objects.get(pk=make_reviewed(at=on(5)).pk)
    with CaptureQueriesContext(connection) as queries:
        found = places.room(last, market, timezone.localdate())
    assert (len(queries), found.before) == (1, count)
