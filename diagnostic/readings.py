"""The dated facts that the indicators are counted from: requests as they were deposited, orders as they stood."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from normandata.dossiers.delays import PARIS, end_of
from normandata.dossiers.models import Deposit
from normandata.indicators.definitions import Fact, Reading

from .orders import Order

SCHEME = "diagnostic"
TYPES = {
    "local_authority": "Collectivités et regroupements",
    "enterprise": "Entreprises",
    "health_facility": "Établissements de santé",
    "association": "Associations",
    "other": "Autres structures",
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it was last deposited at the end of a day, and the day it first was."""

    dossier: int
    organisation: int
    type: str
    department: str
    first_on: date


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order as it is counted: whose, where, of which company, how many half days, at what price TTC, and when."""

    pk: int
    dossier: int
    organisation: int
    department: str
    company: str
    half_days: int
    amount: Decimal
    ordered_on: date | None
    delivered_on: date | None


ORDERED = (
    "pk",
    "dossier",
    "organisation",
    "organisation__department",
    "company__name",
    "half_days",
    "amount",
    "ordered_on",
    "delivered_on",
)


def requests(as_of: date) -> dict[int, Request]:
    """Read the requests deposited at the end of a day, by dossier, in the order they first came."""
    sent = Deposit.objects.filter(dossier__scheme=SCHEME, at__lt=end_of(as_of)).order_by("at", "pk")
    where = ("dossier__organisation", "dossier__organisation__department", "answers__structure__type")
    found: dict[int, Request] = {}
    for dossier, at, organisation, department, type in sent.values_list("dossier", "at", *where):
        first = found.get(dossier)
        first_on = first.first_on if first else timezone.localdate(at, PARIS)
        kind = type if type in TYPES else "other"
        found[dossier] = Request(dossier, organisation, kind, department, first_on)
    return found


def standing(as_of: date) -> list[Ordered]:
    """List the orders that nobody had cancelled at the end of a day, the first handed over leading."""
    found = Order.objects.filter(Q(cancelled_at=None) | Q(cancelled_at__gte=end_of(as_of)))
    return [Ordered(*row) for row in found.order_by("delivered_on", "pk").values_list(*ORDERED)]


def fact(reading: Reading, dossier: int, department: str, what: object) -> Fact:
    """Return a fact about a dossier, where its structure is and of what kind it is."""
    known = reading.once(requests, reading.period.as_of).get(dossier)
    return Fact(what, department, known.type if known else "other")


def of_order(reading: Reading, order: Ordered, what: object) -> Fact:
    return fact(reading, order.dossier, order.department, what)


def orders(reading: Reading) -> list[Ordered]:
    return reading.once(standing, reading.period.as_of)


def delivered(reading: Reading) -> list[Ordered]:
    """List the diagnostics carried out: their report was handed over in the period."""
    return [one for one in orders(reading) if reading.period.holds(one.delivered_on)]
