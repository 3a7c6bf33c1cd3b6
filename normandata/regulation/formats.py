"""French typography of figures and dates: one place for findings' messages, pages, PDFs and mails.

The portal's fonts lack U+202F, so thousands and units are set apart with U+00A0.
"""

import math
import re
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

NBSP = "\u00a0"
MEGA = 1024 * 1024
_HIGH_PUNCTUATION = re.compile(r" (?=[:;?!»%€])|(?<=«) ")
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


def number(value: Decimal | int, places: int | None = None) -> str:
    """Write a number in French: `1 234,5`; `places` fixes the decimals, otherwise trailing zeros go."""
    amount = Decimal(value)
    if places is not None:
        amount = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{amount:,f}"
    if places is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(",", NBSP).replace(".", ",")


def euros(value: Decimal | int, *, cents: bool = True) -> str:
    """Write an amount in euros: `12 500,00 €`, or `12 500 €` without cents when it has none."""
    amount = Decimal(value)
    whole = not cents and amount == amount.to_integral_value()
    return f"{number(amount, 0 if whole else 2)}{NBSP}€"


def percent(value: Decimal | int) -> str:
    """Write a percentage given in percent: `50 %`."""
    return f"{number(value)}{NBSP}%"


def weight(size: int) -> str:
    """Write a size in bytes as people's computers do: `31 Mo`, `20,1 Mo`, `182 ko`; never less than it is."""
    if size >= MEGA:
        return f"{number(_up(size, MEGA, 10))}{NBSP}Mo"
    if size >= 1024:
        return f"{number(_up(size, 1024, 1))}{NBSP}ko"
    return f"{size}{NBSP}octet{'s' if size > 1 else ''}"


def _up(size: int, unit: int, parts: int) -> Decimal:
    return Decimal(math.ceil(size * parts / unit)) / parts


def day(value: date) -> str:
    """Write a civil day in full: `1er mars 2026`."""
    first = "1er" if value.day == 1 else str(value.day)
    return f"{first}{NBSP}{MONTHS[value.month - 1]}{NBSP}{value.year}"


def plural(count: Decimal | int, one: str, many: str | None = None) -> str:
    """Write a count and its noun, plural from two on as French does: `1,5 jour`, `2 jours`."""
    noun = one if abs(Decimal(count)) < 2 else (many or one + "s")
    return f"{number(Decimal(count))}{NBSP}{noun}"


def listing(words: Sequence[str], last: str = "et") -> str:
    """Join words as a sentence does: `14, 27 et 50`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def spaced(text: str) -> str:
    """Set high punctuation, guillemets, % and € apart with U+00A0, so that no line starts with them."""
    return _HIGH_PUNCTUATION.sub(NBSP, text)
