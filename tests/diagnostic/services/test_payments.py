"""From the order to the paid invoice: the euros, by hand."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from diagnostic.market import Market
from diagnostic.orders import Order
from diagnostic.services import orders, payments, reports
from normandata.notifications.models import Mail
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotDone, NotNow, Unmet
from tests.factories.accounts import make_agent
from tests.factories.budgets import make_envelope
from tests.factories.diagnostic import fresh, make_accepted, make_delivered, make_market, make_provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return


def balances(market: Market) -> list[str]:
    envelope = Market.objects.select_related("envelope").get(pk=market.pk).envelope
    return [str(one) for one in (envelope.free, envelope.reserved, envelope.committed, envelope.paid)]


def test_an_invoice_below_its_order_gives_the_rest_back() -> None:
    market = make_market(envelope=make_envelope("50000.00"))
    order = make_delivered(market)
    # 5 days × 900 HT × 1.20 = 5 400 TTC, committed by the purchase order
    assert (order.amount, balances(market)) == (Decimal("5400.00"), ["44600.00", "0.00", "5400.00", "0.00"])
    agent, today = make_agent(), timezone.localdate()
    with pytest.raises(Unmet, match="Constatez d’abord le service fait"):
        payments.settle(order.dossier, invoice="F-12", amount=Decimal("540.00"), on=today, by=agent)
    payments.certify(order.dossier, by=agent)
    # half a day was noted: 540 TTC
    with pytest.raises(Unmet, match=r"dépasse 0,5 jour d’intervention \(540,00"):
        payments.settle(order.dossier, invoice="F-12", amount=Decimal("540.01"), on=today, by=agent)
    payments.settle(order.dossier, invoice="F-12", amount=Decimal("540.00"), on=today, mandate="M-7", by=agent)
    paid = fresh(order)
    assert (paid.dossier.state, paid.invoice, paid.invoiced, paid.mandate) == (
        "closed",
        "F-12",
        Decimal("540.00"),
        "M-7",
    )
    assert balances(market) == ["49460.00", "0.00", "0.00", "540.00"]


@pytest.mark.parametrize("amount", ["0", "-1", "12.345"])
def test_an_invoice_has_an_amount(amount: str) -> None:
    order = make_delivered(make_market())
    payments.certify(order.dossier, by=make_agent())
    with pytest.raises(NotDone, match="supérieur à zéro"):
        payments.settle(order.dossier, invoice="F-1", amount=Decimal(amount), on=timezone.localdate(), by=make_agent())


def test_a_provider_never_pays_itself() -> None:
    market = make_market()
    order = make_delivered(market)
    provider = make_provider(order.company)
    with pytest.raises(NotDone):
        payments.certify(order.dossier, by=provider)
    assert orders.order_of(order.dossier) == order


def test_an_invoice_comes_after_its_order() -> None:
    order = make_delivered(make_market())
    payments.certify(order.dossier, by=make_agent())
    with pytest.raises(Unmet, match="la facture vient après"):
        payments.settle(order.dossier, invoice="F-1", amount=Decimal("540.00"), on=date(2020, 1, 1), by=make_agent())


def test_half_days_noted_too_few_are_put_right_and_the_report_handed_over_again() -> None:
    order, agent = make_delivered(make_market()), make_agent()
    payments.certify(order.dossier, by=agent)
    first_day = fresh(order).delivered_on
    procedure.fire(order.dossier, "reopen_days", by=agent, reason="Deux journées manquent")
    kept = fresh(order)
    assert (kept.dossier.state, kept.dossier.turn, kept.service_done_on) == ("in_progress", "provider", None)
    provider = make_provider(order.company)
    orders.erase_session(order.sessions.get(), by=provider)
    orders.note_session(kept, on=timezone.localdate(), half_days=2, what="Ateliers", by=provider)
    reports.deliver(kept.dossier, presented_on=timezone.localdate(), by=provider)
    again = fresh(order)
    assert (again.dossier.state, again.half_days_done, again.delivered_on) == ("delivered", 2, first_day)
    assert Mail.objects.filter(kind="diagnostic.delivered").count() == 1
    payments.certify(again.dossier, by=agent)
    payments.settle(again.dossier, invoice="F-2", amount=Decimal("1080.00"), on=timezone.localdate(), by=agent)
    assert fresh(order).invoiced == Decimal("1080.00")


def test_days_are_not_erased_once_the_report_is_sent_and_none_is_delivered_without_days() -> None:
    order = make_accepted(make_market())
    provider = make_provider(order.company)
    with pytest.raises(NotNow, match="le rapport est parti"):
        orders.erase_session(order.sessions.get(), by=provider)
    Order.objects.update(half_days_done=0)
    with pytest.raises(Unmet, match="au moins une demi-journée"):
        reports.deliver(order.dossier, presented_on=timezone.localdate(), by=provider)


def test_a_diagnostic_without_invoice_closes_and_gives_its_money_back() -> None:
    market = make_market()
    order, agent = make_delivered(market), make_agent()
    procedure.fire(order.dossier, "close_unpaid", by=agent, reason="Le prestataire renonce à facturer")
    assert (fresh(order).dossier.state, balances(market)) == ("closed", ["50000.00", "0.00", "0.00", "0.00"])


def test_an_accepted_report_is_sent_back_until_it_is_handed_over() -> None:
    market, agent = make_market(), make_agent()
    order = make_accepted(market)
    reports.ask_changes(order.dossier, reason="La structure demande une précision", by=agent)
    assert reports.report_of(order).state == "writing"
    delivered = make_delivered(market)
    with pytest.raises(NotNow):
        reports.ask_changes(delivered.dossier, reason="Trop tard", by=agent)
