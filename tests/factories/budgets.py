"""Envelopes of the tests, opened and voted by the gestures that people would make."""

from datetime import date, datetime
from decimal import Decimal
from itertools import count

from normandata.accounts.models import User
from normandata.budgets import services
from normandata.budgets.models import Basis, Envelope

ACT = "Délibération CP D 25-07-67"
DAY = date(2025, 7, 15)
_numbers = count(1)


def make_envelope(
    voted: str = "50000.00",
    *,
    scheme: str = "diagnostic",
    label: str = "",
    year: int | None = 2026,
    basis: str = Basis.TTC,
    by: User | None = None,
    at: datetime | None = None,
) -> Envelope:
    """Open an envelope and vote its credits; « 0 » votes none."""
    label = label or f"Enveloppe d’essai {next(_numbers)}"
    envelope = services.open_envelope(scheme, label, year=year, basis=basis, by=by)
    if Decimal(voted):
        services.vote(envelope, Decimal(voted), act=ACT, day=DAY, key="vote", by=by, at=at)
    return envelope


def make_thing(number: int = 1) -> User:
    """Return a thing that money may be held for; the ledger knows its kind and its key, and reads no more of it."""
    return User(pk=number)


__all__ = ["ACT", "DAY", "make_envelope", "make_thing"]
