"""Markets, companies and diagnostics of the tests, brought to a state by the gestures that people would make."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone

from diagnostic.market import Company, Holder, Market
from diagnostic.orders import Order
from diagnostic.reports import PARTS, Report
from diagnostic.services import orders, reports, selection
from normandata.accounts.models import Role, User
from normandata.budgets import services as budgets
from normandata.budgets.models import Envelope
from normandata.documents import services as documents
from normandata.dossiers.models import Dossier, Signatory
from normandata.procedure import services as procedure
from tests.factories.accounts import make_agent, make_user_with
from tests.factories.budgets import make_envelope
from tests.factories.dossiers import make_dossier

_numbers = count(1)


def make_signatory() -> Signatory:
    """Designate who signs the letters."""
    found = Signatory.objects.first()
    return found or Signatory.objects.create(
        name="Alix Exemple", quality="La directrice d’essai", since=date(2026, 1, 1)
    )


def make_company(name: str = "") -> Company:
    number = next(_numbers)
    return Company.objects.create(
        siret=f"999{number:011d}", name=name or f"Atelier d’essai {number}", email=f"atelier{number}@exemple.invalid"
    )


def make_market(
    *companies: Company,
    envelope: Envelope | None = None,
    sharing: str = "rotation",
    day_rate: str = "900.00",
    max_half_days: int = 400,
    **fields: Any,
) -> Market:
    """Make a market in force from 2026 to 2028, with one company unless some are given."""
    market = Market.objects.create(
        reference=f"M-{next(_numbers)}",
        label="Diagnostics data et IA",
        envelope=envelope or make_envelope(),
        sharing=sharing,
        day_rate=Decimal(day_rate),
        max_half_days=max_half_days,
        **{"starts_on": date(2026, 1, 1), "ends_on": date(2028, 12, 31), **fields},
    )
    for rank, company in enumerate(companies or [make_company()], start=1):
        Holder.objects.create(market=market, company=company, rank=rank)
    return market


def make_provider(company: Company) -> User:
    """Make a person who works for a company."""
    return make_user_with(Role.PROVIDER, "diagnostic", company.siret)


def make_reviewed(*, agent: User | None = None, at: datetime | None = None, **fields: Any) -> Dossier:
    """Make an eligible request under review."""
    dossier = make_dossier(at=at, **fields)
    procedure.fire(dossier, "start_review", by=agent or make_agent())
    return dossier


def make_proposed(
    market: Market, *, dossier: Dossier | None = None, agent: User | None = None, half_days: int = 10
) -> Dossier:
    """Make a request whose selection is proposed."""
    agent = agent or make_agent()
    dossier = dossier or make_reviewed(agent=agent)
    holder = market.holders.select_related("company").first()
    if holder is None:
        raise LookupError("a market has a company")
    selection.propose(dossier, half_days=half_days, company=holder.company, by=agent, reason="Choix d’essai")
    return dossier


def make_disputed(voted: str, count: int) -> tuple[Market, list[Dossier]]:
    """Make `count` proposals of one day each on an envelope that has `voted` euros left when they are decided."""
    Market.objects.update(ends_on=date(2026, 1, 2))
    market = make_market(envelope=make_envelope("999999.00"), max_half_days=2000)
    dossiers = [make_proposed(market, half_days=2) for _ in range(count)]
    less = Decimal(voted) - Decimal("999999.00")
    budgets.vote(market.envelope, less, act="Retrait d’essai", day=market.starts_on, key="less", by=None)
    return market, dossiers


def make_order(market: Market, **fields: Any) -> Order:
    """Make a selected request and return its order."""
    return selection.select(make_proposed(market, **fields), by=make_agent())


def make_notified(market: Market, **fields: Any) -> Order:
    """Make a request notified with its provider's name."""
    make_signatory()
    order, agent = make_order(market, **fields), make_agent()
    orders.place_order(order.dossier, by=agent)
    orders.notify(order.dossier, by=agent)
    return fresh(order)


def make_started(market: Market, *, provider: User | None = None, **fields: Any) -> Order:
    """Make a diagnostic in progress."""
    order = make_notified(market, **fields)
    provider = provider or make_provider(order.company)
    orders.promise_confidentiality(order, by=provider)
    orders.start(order.dossier, on=order.notified_on or timezone.localdate(), by=provider)
    return fresh(order)


def write_report(order: Order, *, by: User) -> Report:
    """Write the five parts, tick the box, note a half-day."""
    for slug in PARTS:
        reports.save_part(order, slug, f"Texte de la partie {slug}.", version=0, by=by)
    reports.tick_compliance(order, True, by=by)
    orders.note_session(order, on=order.started_on or timezone.localdate(), half_days=1, what="Entretiens", by=by)
    return reports.report_of(order)


def make_accepted(market: Market, **fields: Any) -> Order:
    """Make a diagnostic whose report is accepted and made."""
    order = make_started(market, **fields)
    provider = make_provider(order.company)
    write_report(order, by=provider)
    reports.submit(order.dossier, by=provider)
    procedure.fire(order.dossier, "accept_report", by=make_agent())
    version = reports.latest(order)
    if version and version.document:
        documents.make(version.document.pk)
    return fresh(order)


def make_delivered(market: Market, **fields: Any) -> Order:
    """Make a diagnostic whose report is in the hands of its structure."""
    order = make_accepted(market, **fields)
    reports.deliver(
        order.dossier, presented_on=order.started_on or timezone.localdate(), by=make_provider(order.company)
    )
    return fresh(order)


def fresh(order: Order) -> Order:
    """Read an order again, with all that it points at."""
    return Order.objects.select_related("dossier__organisation", "market__envelope", "company").get(pk=order.pk)


NOON = datetime(2026, 10, 1, 10, tzinfo=UTC)

__all__ = [
    "NOON",
    "fresh",
    "make_accepted",
    "make_company",
    "make_delivered",
    "make_disputed",
    "make_market",
    "make_notified",
    "make_order",
    "make_proposed",
    "make_provider",
    "make_reviewed",
    "make_signatory",
    "make_started",
    "write_report",
]
