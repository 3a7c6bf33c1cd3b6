"""What an envelope looks like, and would look like after a decision: figures, shares for drawing, words. Pure."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from normandata.regulation.formats import euros, percent, spaced
from normandata.regulation.money import ZERO

DECISION = "cette décision"
"""What takes the money, unless the page names something else."""
LABELS = {
    "paid": "Payé",
    "committed": "Engagé",
    "reserved": "Réservé",
    "free": "Libre",
}
"""The parts of a gauge whose name never changes."""
TENTHS = 1000
"""A whole in tenths of a percent."""


class Account(Protocol):
    """What a gauge reads: balances in euros, and the words after an amount (HT, TTC)."""

    @property
    def voted(self) -> Decimal: ...
    @property
    def paid(self) -> Decimal: ...
    @property
    def committed(self) -> Decimal: ...
    @property
    def reserved(self) -> Decimal: ...
    @property
    def unit(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the drawing: where it starts and how long it is, in percent of the whole to one decimal.

    `written` is its share as a table says it.
    """

    code: str
    label: str
    amount: Decimal
    start: Decimal
    share: Decimal
    written: str

    @property
    def x(self) -> str:
        """Where it starts, as SVG writes it."""
        return f"{self.start}%"

    @property
    def width(self) -> str:
        return f"{self.share}%"


@dataclass(frozen=True, slots=True)
class After:
    """What a decision would leave: `free` is below zero by what is missing when it does not pass."""

    proposed: Decimal
    free: Decimal

    @property
    def passes(self) -> bool:
        return self.free >= 0


@dataclass(frozen=True, slots=True)
class Gauge:
    """The figures of an envelope in euros, what a decision would leave, and how both are drawn and said."""

    voted: Decimal
    paid: Decimal
    committed: Decimal
    reserved: Decimal
    free: Decimal
    after: After | None = None
    unit: str = ""
    about: str = DECISION
    """What takes the money, as a sentence names it."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts in their fixed order, their shares adding up to 100.0.

        They add up to what is voted, to the cent; a decision that does not pass is drawn up to the end, with its whole
        amount beside it.
        """
        amounts = {"paid": self.paid, "committed": self.committed, "reserved": self.reserved}
        drawn = dict(amounts)
        if self.after:
            amounts["current"] = self.after.proposed
            drawn["current"] = min(self.after.proposed, self.free)
        amounts["free"] = drawn["free"] = max(self.after.free, ZERO) if self.after else self.free
        if not self.voted:
            drawn["free"] = Decimal(1)
        parts, start = [], ZERO
        for code, share in zip(drawn, shares(list(drawn.values())), strict=True):
            label = self._label(code)
            real = share if amounts[code] == drawn[code] else self._share(amounts[code])
            parts.append(Part(code, label, amounts[code], start, share, _written(amounts[code], real)))
            start += share
        return tuple(parts)

    def _label(self, code: str) -> str:
        if code == "current":
            return self.about[0].upper() + self.about[1:]
        return f"Libre après {self.about}" if code == "free" and self.after else LABELS[code]

    def _share(self, amount: Decimal) -> Decimal | None:
        """The share in percent of an amount that the drawing cuts; nothing has no share."""
        return (amount * 100 / self.voted).quantize(Decimal("0.1"), ROUND_HALF_UP) if self.voted else None

    @property
    def finding(self) -> str:
        """The whole drawing in one sentence."""
        said = [
            _agreed(amount, word)
            for amount, word in ((self.paid, "payé"), (self.committed, "engagé"), (self.reserved, "réservé"))
            if amount
        ]
        left, then = self.free, ""
        if self.after:
            said.append(f"{_short(self.after.proposed)} pour {self.about}")
            left, then = self.after.free, " ensuite"
        if left < 0:
            said.append(f"il manque {_short(-left)}")
        else:
            said.append((_agreed(left, "libre") if left else "rien de libre") + then)
        return spaced(f"Enveloppe de {_short(self.voted, self.unit)} : {', '.join(said)}")

    @property
    def sentence(self) -> str:
        """What is left, after the decision where one is proposed."""
        if self.after is None:
            left = f"Il reste {euros(self.free)}" if self.free else "Il ne reste rien"
            return spaced(f"{left} sur {_full(self.voted, self.unit)}.")
        if not self.after.passes:
            return spaced(f"L’enveloppe ne suffit pas : il manque {_full(-self.after.free, self.unit)}.")
        if not self.after.free:
            return f"Après {self.about}, il ne reste rien."
        return spaced(f"Après {self.about}, il reste {_full(self.after.free, self.unit)}.")


def gauge_of(envelope: Account, proposed: Decimal | None = None, *, about: str = DECISION) -> Gauge:
    """Read an envelope, and what would be left if `about` took `proposed` euros more of its free money.

    Raises ValueError when `proposed` is below zero.
    """
    free = envelope.voted - envelope.paid - envelope.committed - envelope.reserved
    if proposed is not None and proposed < 0:
        raise ValueError(f"a decision takes money, not {proposed}")
    after = None if proposed is None else After(proposed, free - proposed)
    return Gauge(
        envelope.voted, envelope.paid, envelope.committed, envelope.reserved, free, after, envelope.unit, about
    )


def shares(amounts: list[Decimal]) -> list[Decimal]:
    """Return each amount's share in percent to one decimal; they add up to 100.0 exactly (largest remainders).

    Raises ValueError on an amount below zero or when all are zero.
    """
    whole = sum(amounts, ZERO)
    if min(amounts) < 0 or not whole:
        raise ValueError("shares are those of positive amounts")
    tenths = [divmod(amount * TENTHS, whole) for amount in amounts]
    missing = TENTHS - sum(int(quotient) for quotient, _ in tenths)
    up = sorted(range(len(amounts)), key=lambda rank: -tenths[rank][1])[:missing]
    return [(tenths[rank][0] + (rank in up)) / 10 for rank in range(len(amounts))]


def _full(amount: Decimal, unit: str) -> str:
    return f"{euros(amount)} {unit}".rstrip()


def _short(amount: Decimal, unit: str = "") -> str:
    return f"{euros(amount, cents=False)} {unit}".rstrip()


def _agreed(amount: Decimal, word: str) -> str:
    return f"{_short(amount)} {word}{'s' if amount >= 2 else ''}"


def _written(amount: Decimal, share: Decimal | None) -> str:
    """Write a share: what is too small to draw is not nothing."""
    if not amount:
        return percent(ZERO)
    if share is None:
        return "sans objet"
    return percent(share) if share else spaced("moins de 0,1 %")
