"""What an amount of a ledger is, and the figures that entries add up to. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from normandata.regulation.money import ZERO, cents

BALANCES = ("voted", "reserved", "committed", "paid")
"""The balances of an envelope, and the columns of an entry that move them."""
MOST = Decimal("9999999999.99")
"""The largest amount and the largest balance a row holds, in euros."""


@dataclass(frozen=True, slots=True)
class Position:
    """What one thing holds on an envelope, in euros: reserved, committed, paid."""

    reserved: Decimal = ZERO
    committed: Decimal = ZERO
    paid: Decimal = ZERO

    @property
    def held(self) -> Decimal:
        """What a release would free; never what is paid."""
        return self.reserved + self.committed


@dataclass(frozen=True, slots=True)
class Balances:
    """The four balances of an envelope, in euros; what is left is free."""

    voted: Decimal = ZERO
    reserved: Decimal = ZERO
    committed: Decimal = ZERO
    paid: Decimal = ZERO

    @property
    def free(self) -> Decimal:
        return self.voted - self.reserved - self.committed - self.paid

    def __add__(self, other: "Balances") -> "Balances":
        return Balances(
            self.voted + other.voted,
            self.reserved + other.reserved,
            self.committed + other.committed,
            self.paid + other.paid,
        )


def checked(amount: Decimal) -> Decimal:
    """Return a positive amount in cents; raises ValueError for any other, and for what is no Decimal."""
    if written(amount) <= 0:
        raise ValueError(f"an amount is above zero, not {amount}")
    return cents(amount)


def written(amount: Decimal) -> Decimal:
    """Return an amount of either sign in cents.

    Raises ValueError for zero, a fraction of a cent, more than a row holds, and what is no Decimal.
    """
    if not isinstance(amount, Decimal) or not amount.is_finite():
        raise ValueError(f"an amount is a finite Decimal, not {amount!r}")
    if amount == 0 or abs(amount) > MOST:
        raise ValueError(f"an amount is not zero and at most {MOST}, not {amount}")
    if cents(amount) != amount:
        raise ValueError(f"an amount has two decimals at most, not {amount}")
    return cents(amount)
