"""The figures of an envelope read again from its entries: at any instant, and thing by thing."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db import models
from django.db.models import Min, Sum

from normandata.procedure.models import kind_of
from normandata.regulation.money import ZERO, cents

from .amounts import BALANCES, Balances, Position
from .models import Entry, Envelope, Kind

Thing = tuple[str, str]
"""A thing as the ledger points at it: its kind and its key."""


def thing_of(about: models.Model) -> Thing:
    """Name a thing as the ledger does; raises ValueError for one that is not saved."""
    if about.pk is None:
        raise ValueError("money is held for a thing that is saved")
    return kind_of(about), str(about.pk)


def balances(envelope: Envelope, at: datetime | None = None) -> Balances:
    """Add the entries up, those written at `at` or before, in one query; all of them must give the row's balances."""
    entries = Entry.objects.filter(envelope=envelope)
    if at is not None:
        entries = entries.until(at)
    sums = entries.aggregate(*map(Sum, BALANCES))
    return Balances(*_amounts(sums.values()))


def position(envelope: Envelope, about: models.Model | Thing) -> Position:
    """Say what one thing holds on an envelope, in one query; nothing is a position of zeros."""
    kind, key = about if isinstance(about, tuple) else thing_of(about)
    entries = Entry.objects.filter(envelope=envelope, about_kind=kind, about_key=key)
    sums = entries.aggregate(*map(Sum, ("reserved", "committed", "paid")))
    return Position(*_amounts(sums.values()))


def positions(envelope: Envelope) -> dict[Thing, Position]:
    """Say what each thing holds on an envelope, in one query, in the order of their first entries.

    A thing whose money is all freed stays, with zeros.
    """
    rows = (
        Entry.objects.filter(envelope=envelope)
        .exclude(kind=Kind.VOTE)
        .values_list("about_kind", "about_key")
        .annotate(Sum("reserved"), Sum("committed"), Sum("paid"), first=Min("pk"))
        .order_by("first")
    )
    return {(kind, key): Position(*_amounts(sums)) for kind, key, *sums, _ in rows}


def _amounts(sums: Iterable[Decimal | None]) -> list[Decimal]:
    """Read sums to the cent: SQLite adds in binary, and says 5.55E-17 for nothing."""
    return [ZERO if one is None else cents(one) for one in sums]
