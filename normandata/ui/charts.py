"""Charts drawn on the server as SVG: the same shapes for a page and a PDF, no script.

A chart holds no text: its title is the finding, its labels are HTML beside the drawing, its table says everything.
Lengths are percentages written as SVG attributes, since the pages forbid inline style.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

FILLS = ("solid", "strata", "ochre", "hatched", "green")
"""Five series at most, each told apart by its pattern as much as by its colour."""
GAUGE_PARTS = {
    "paid": "Payé",
    "committed": "Engagé",
    "reserved": "Réservé",
    "current": "Cette décision",
    "free": "Libre",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, its value as written, and its length in percent of the longest possible."""

    label: str
    written: str
    length: str
    fill: str = "solid"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a gauge: where it starts and how long it is, in percent of the total."""

    code: str
    label: str
    amount: Decimal
    start: str
    length: str


@dataclass(frozen=True, slots=True)
class Gauge:
    """An envelope's parts in their fixed order; they add up to the total."""

    parts: tuple[Part, ...]
    total: Decimal


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of a lane: where it stands, and what it is (`held`, `coming`, `late`)."""

    at: str
    kind: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of a timeline, in percent of its period: the bar, what of it is done, its marks, today.

    The bar is empty without its dates, and `today` outside the period.
    """

    ticks: tuple[str, ...]
    start: str
    length: str
    done: str
    today: str
    marks: tuple[Mark, ...]


def bars(rows: Sequence[tuple[str, Decimal, str]], *, most: Decimal | None = None) -> list[Bar]:
    """Draw (label, value, written value) rows; `most` is the value of a full bar, the largest one by default.

    Raises ValueError on a negative value or one above `most`.
    """
    longest = most if most is not None else max((value for _, value, _ in rows), default=Decimal(0))
    for label, value, _ in rows:
        if not 0 <= value <= longest:
            raise ValueError(f"« {label} » does not fit between 0 and {longest}")
    return [Bar(label, text, _percent(value, longest)) for label, value, text in rows]


def gauge(*, total: Decimal, paid: Decimal, committed: Decimal, reserved: Decimal, current: Decimal) -> Gauge:
    """Draw an envelope in euros; what is left is free. Raises ValueError when the parts exceed the total."""
    amounts = {"paid": paid, "committed": committed, "reserved": reserved, "current": current}
    amounts["free"] = total - sum(amounts.values())
    if min(amounts.values()) < 0:
        raise ValueError("the parts of an envelope are positive and never exceed its total")
    parts, before = [], Decimal(0)
    for code, amount in amounts.items():
        if amount:
            parts.append(Part(code, GAUGE_PARTS[code], amount, _percent(before, total), _percent(amount, total)))
        before += amount
    return Gauge(tuple(parts), total)


def lane(
    period: tuple[date, date],
    *,
    span: tuple[date, date] | None,
    progress: int,
    marks: Sequence[tuple[date, str]],
    today: date,
) -> Lane:
    """Draw one row of a timeline whose first and last days are given; a year begins at each tick.

    A bar ends with the evening of its last day. Raises ValueError on a span or a mark outside the period.
    """
    first, last = period
    whole = Decimal((last - first).days + 1)
    for day in [*(span or ()), *(day for day, _ in marks)]:
        if not first <= day <= last:
            raise ValueError(f"{day} is not between {first} and {last}")
    lasting = Decimal((span[1] - span[0]).days + 1) if span else Decimal(0)
    years = [date(year, 1, 1) for year in range(first.year + 1, last.year + 1)]
    return Lane(
        ticks=("0%", *(_percent(Decimal((day - first).days), whole) for day in years), "100%"),
        start=_percent(Decimal((span[0] - first).days), whole) if span else "",
        length=_percent(lasting, whole) if span else "",
        done=_percent(lasting * progress / 100, whole) if span else "",
        today=_percent(Decimal((today - first).days), whole) if first <= today <= last else "",
        marks=tuple(Mark(_percent(Decimal((day - first).days), whole), kind) for day, kind in marks),
    )


def _percent(value: Decimal, whole: Decimal) -> str:
    share = value * 100 / whole if whole else Decimal(0)
    return f"{share.quantize(Decimal('0.01')).normalize():f}%"


def dots(values: Sequence[Decimal], *, low: Decimal, high: Decimal) -> list[str]:
    """Place values on a line from `low` to `high`, in percent of its length, with room for a dot at each end.

    Raises ValueError on a value outside.
    """
    if values and not (low <= min(values) and max(values) <= high):
        raise ValueError(f"a value is not between {low} and {high}")
    width = high - low or Decimal(1)
    return [f"{5 + (value - low) * 90 / width:.1f}%" for value in values]
