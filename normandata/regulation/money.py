"""Amounts in euros: exact while computing, rounded once at the end."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction

CENT = Decimal("0.01")
ZERO = Decimal(0)


def exact(value: Decimal | int) -> Fraction:
    """Read an amount as an exact fraction, so that divisions lose nothing before the final rounding."""
    return Fraction(value)


def cents(value: Fraction | Decimal) -> Decimal:
    """Round to the cent, half up; the only rounding an amount ever gets."""
    return _quantized(value, ROUND_HALF_UP)


def truncated(value: Fraction | Decimal) -> Decimal:
    """Cut after two decimals: how a score is shown, so that 49.995 never reads 50."""
    return _quantized(value, ROUND_DOWN)


def _quantized(value: Fraction | Decimal, rounding: str) -> Decimal:
    scaled = Fraction(value) * 100
    whole, rest = divmod(abs(scaled.numerator), scaled.denominator)
    if rounding == ROUND_HALF_UP and 2 * rest >= scaled.denominator:
        whole += 1
    return Decimal(whole if scaled >= 0 else -whole) * CENT
