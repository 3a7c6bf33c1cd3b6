"""Booster IA's scoring grid on /100 and the mean that decides (annexe 4, criteria). Pure."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from normandata.regulation.money import exact
from normandata.regulation.reglement import Figures

CRITERIA = ("quality", "feasibility", "regional_interest", "responsible_digital", "security", "reproducibility")
Sheet = Mapping[str, Decimal]


def maximum(criterion: str, figures: Figures) -> Decimal:
    """Return the points a criterion is worth."""
    return figures.number(f"grid_{criterion}")


def total(figures: Figures) -> Decimal:
    """Return the points of the whole grid."""
    return sum((maximum(criterion, figures) for criterion in CRITERIA), Decimal(0))


def is_complete(sheet: Sheet) -> bool:
    """Tell whether every criterion has its mark; an unfinished sheet does not count, and is not zero."""
    return all(criterion in sheet for criterion in CRITERIA)


def mean(sheets: Iterable[Sheet]) -> Fraction | None:
    """Return the exact mean of the complete sheets' totals, or None when none is complete."""
    totals = [sum((exact(sheet[name]) for name in CRITERIA), Fraction(0)) for sheet in sheets if is_complete(sheet)]
    return sum(totals, Fraction(0)) / len(totals) if totals else None
