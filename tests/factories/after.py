"""Orders at a given point of their life, written as rows: what follows a diagnostic looks at dates only."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from diagnostic.market import Company, Market
from diagnostic.orders import Order
from diagnostic.services.orders import order_of
from normandata.dossiers.models import Deposit, Dossier
from tests.factories.diagnostic import make_market
from tests.factories.dossiers import make_dossier


def at(day: date, hour: int = 10) -> datetime:
    """Return an instant of a day, in the morning."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def make_request(kind: str = "enterprise", *, on: date | datetime = date(2026, 10, 1), **fields: Any) -> Dossier:
    """Make a request deposited on a day by a structure of a type."""
    instant = on if isinstance(on, datetime) else at(on)
    dossier = make_dossier(at=instant, **fields)
    for sent in dossier.deposits.all():
        answers = sent.answers | {"structure": sent.answers["structure"] | {"type": kind}}
        Deposit.objects.filter(pk=sent.pk).update(answers=answers)
    dossier.diagnostic.structure_type = kind
    dossier.diagnostic.save()
    return dossier


def make_life(
    *,
    market: Market | None = None,
    company: Company | None = None,
    dossier: Dossier | None = None,
    delivered_on: date | None = None,
    notified_on: date | None = date(2026, 10, 10),
    half_days: int = 10,
    **fields: Any,
) -> Order:
    """Write an order with its dates, and bring its dossier to the state that goes with them."""
    market = market or make_market()
    dossier = dossier or make_request()
    holder = market.holders.select_related("company").first()
    if holder is None:
        raise LookupError("a market has a company")
    if delivered_on:
        notified_on = min(notified_on or delivered_on, delivered_on - timedelta(days=20))
        fields = {"started_on": notified_on, "presented_on": delivered_on} | fields
    number = f"BC-T-{dossier.pk}-{Order.objects.count()}"
    order = Order.objects.create(
        dossier=dossier,
        organisation=dossier.organisation,
        market=market,
        company=company or holder.company,
        half_days=half_days,
        day_rate=market.day_rate,
        vat_rate=market.vat_rate,
        amount=market.price(half_days).ttc,
        notified_on=notified_on,
        delivered_on=delivered_on,
        **{"number": number, "ordered_on": notified_on, **fields},
    )
    if order.is_active:
        state = "delivered" if delivered_on else "in_progress" if order.started_on else "notified"
        Dossier.objects.filter(pk=dossier.pk).update(state=state)
        dossier.refresh_from_db()
    found = order_of(dossier)
    return found if found is not None and found.pk == order.pk else order


__all__ = ["at", "make_life", "make_request"]
