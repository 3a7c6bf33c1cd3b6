"""Money that comes back calls the first of the waiting list, once, and reserves nothing."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from diagnostic import schedule
from diagnostic.market import Market
from diagnostic.services import orders
from normandata.accounts.models import User
from normandata.dossiers.models import Dossier
from normandata.notifications.models import Mail
from normandata.procedure import services as procedure
from tests.factories.accounts import make_agent
from tests.factories.budgets import make_envelope
from tests.factories.diagnostic import make_market, make_order, make_proposed, make_reviewed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return


def listed(market: Market, agent: User) -> Dossier:
    """Put a request of this agent's on the waiting list."""
    waiting = make_reviewed()
    Dossier.objects.filter(pk=waiting.pk).update(owner=agent)
    procedure.fire(waiting, "wait", by=agent)
    return waiting


def test_money_that_comes_back_calls_the_head_once_and_reserves_nothing() -> None:
    market, agent = make_market(envelope=make_envelope("6000.00")), make_agent()
    order = make_order(market)
    waiting = listed(market, agent)
    assert schedule.call_head(timezone.now()) == 0
    orders.lapse(order.dossier, reason="La structure renonce", by=agent)
    for _ in range(2):
        schedule.call_head(timezone.now())
    mail = Mail.objects.get(kind="diagnostic.money_back")
    assert (mail.address, "6\u00a0000,00\u00a0€ TTC" in mail.text) == (agent.email, True)
    market.envelope.refresh_from_db()
    assert (str(market.envelope.free), Dossier.objects.get(pk=waiting.pk).state) == ("6000.00", "waiting_list")
    make_proposed(market, dossier=waiting)


def test_a_cancelled_order_keeps_its_place_before_the_list() -> None:
    """Its request is examined again and was complete before: the money is kept for it."""
    market, agent = make_market(envelope=make_envelope("6000.00")), make_agent()
    order = make_order(market)
    listed(market, agent)
    orders.cancel(order.dossier, reason="Prestataire défaillant", by=agent)
    assert schedule.call_head(timezone.now()) == 0
    assert not Mail.objects.filter(kind="diagnostic.money_back").exists()


def test_without_a_market_nobody_is_called() -> None:
    market, agent = make_market(envelope=make_envelope("5400.00")), make_agent()
    order = make_order(market)
    listed(market, agent)
    orders.lapse(order.dossier, reason="La structure renonce", by=agent)
    Market.objects.update(ends_on=market.starts_on)
    assert schedule.call_head(timezone.now()) == 0
