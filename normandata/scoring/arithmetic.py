"""Marks, totals and means: exact fractions, cut after two decimals when shown. Imports neither Django nor the database.

Source: annexe 4 (criteria out of 100, floor of 50) and annexe 5 (criteria weighted by edition).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from normandata.regulation.formats import number, plural, spaced
from normandata.regulation.money import truncated

_MARK = re.compile(r"(\d{1,6})(?:[.,](\d{1,10}))?", re.ASCII)
_NEGATIVE = re.compile(r"[-−–]\s*\d", re.ASCII)
POINT_DECIMALS = 4
"""Decimals of a mark (two) times those of a weight (two)."""


class Method(StrEnum):
    """How the marks of a sheet make its score."""

    SUM = "sum"
    MEAN = "mean"


@dataclass(frozen=True, slots=True)
class Scale:
    """What a mark may be on a criterion, and what it weighs in a weighted mean."""

    maximum: Decimal
    step: Decimal = Decimal(1)
    weight: Decimal = Decimal(1)


class BadMark(ValueError):
    """What was typed is no mark; the French message says why."""


def read_mark(typed: str, scale: Scale) -> Decimal | None:
    """Read a mark as people type it, with a comma or a point; nothing typed is no mark, which is not zero.

    Raises BadMark for words, a negative mark, one above the maximum or between two steps.
    """
    text = typed.strip()
    if not text:
        return None
    bounds = f"de 0 à {number(scale.maximum)}"
    if _NEGATIVE.match(text):
        raise BadMark(spaced(f"Une note n’est jamais négative : écrivez une note {bounds}."))
    found = _MARK.fullmatch(text)
    if found is None:
        raise BadMark(f"Écrivez la note en chiffres, {bounds}, par exemple {number(scale.maximum / 2)}.")
    value = Decimal(text.replace(",", "."))
    if value > scale.maximum:
        raise BadMark(spaced(f"{number(value)} dépasse le maximum : écrivez une note {bounds}."))
    if not is_on_step(value, scale):
        raise BadMark(
            spaced(f"Les notes avancent de {number(scale.step)} en {number(scale.step)} : {number(value)} tombe entre.")
        )
    return value


def is_on_step(value: Decimal, scale: Scale) -> bool:
    """Tell whether a mark is a whole number of steps, or the maximum itself."""
    return value % scale.step == 0 or value == scale.maximum


def points(method: str, marks: Iterable[tuple[Decimal, Scale]]) -> Decimal:
    """Add marks up, each times its weight when the score is a weighted mean; exact, at most four decimals."""
    is_mean = method == Method.MEAN
    return sum((value * (scale.weight if is_mean else 1) for value, scale in marks), Decimal(0))


def denominator(method: str, scales: Iterable[Scale]) -> Fraction:
    """Return what the points of one sheet are divided by: one for a sum, the weights for a weighted mean."""
    if method == Method.SUM:
        return Fraction(1)
    return sum((Fraction(scale.weight) for scale in scales), Fraction(0))


def best(method: str, scales: Sequence[Scale]) -> Fraction:
    """Return the highest score of a grid: 100 for the Booster IA, 5 for a Datathon."""
    if not scales:
        return Fraction(0)
    whole = points(method, ((scale.maximum, scale) for scale in scales))
    return Fraction(whole) / denominator(method, scales)


def mean(total: Decimal, count: int, divisor: Fraction) -> Fraction | None:
    """Return the exact mean of `count` sheets whose points add up to `total`; None without a sheet, never zero."""
    return Fraction(total) / (count * divisor) if count else None


def shown(score: Fraction | Decimal | None) -> str:
    """Write a score cut after two decimals, as in « 49,99 » for 49.995; an empty string for none."""
    return "" if score is None else number(truncated(score), 2)


def is_under(score: Fraction | None, floor: Decimal | None) -> bool:
    """Tell whether an exact score is below the floor, before any rounding; no score and no floor are not below."""
    return score is not None and floor is not None and score < Fraction(floor)


def is_wide(spread: Fraction | None, alert: Decimal | None) -> bool:
    """Tell whether the spread of the sheets reaches the alert, which is counted in."""
    return spread is not None and alert is not None and spread >= Fraction(alert)


def missing_points(total: Fraction | Decimal, floor: Decimal | None) -> str:
    """Say how far a total is from the floor: « Il manque 3 points pour atteindre 50 »; nothing without a floor.

    What is missing is rounded up to the hundredth: a total just below never reads as reached.
    """
    if floor is None:
        return ""
    missing = Fraction(floor) - Fraction(total)
    if missing <= 0:
        return f"Le plancher de {number(floor)} est atteint"
    return f"Il manque {plural(-truncated_down(-missing), 'point')} pour atteindre {number(floor)}"


def truncated_down(value: Fraction) -> Decimal:
    """Cut after two decimals towards the lower number, negative ones too."""
    return Decimal((value * 100).__floor__()) / 100
