from datetime import date
from decimal import Decimal
from fractions import Fraction

from booster_ia import grid
from booster_ia.rules import REGLEMENT

SHEET = {
    "quality": Decimal(10),
    "feasibility": Decimal(15),
    "regional_interest": Decimal(10),
    "responsible_digital": Decimal(5),
    "security": Decimal(5),
    "reproducibility": Decimal(5),
}


def test_the_grid_is_worth_one_hundred_points() -> None:
    figures = REGLEMENT.on(date(2026, 5, 4))
    points = {criterion: int(grid.maximum(criterion, figures)) for criterion in grid.CRITERIA}
    assert points == {
        "quality": 20,
        "feasibility": 30,
        "regional_interest": 20,
        "responsible_digital": 10,
        "security": 10,
        "reproducibility": 10,
    }
    assert sum(points.values()) == 100


def test_the_mean_is_exact() -> None:
    below = SHEET | {"reproducibility": Decimal("4.99")}
    assert grid.mean([SHEET, below]) == Fraction(49_995, 1000)
    assert grid.mean([SHEET, SHEET, below]) == Fraction(149_99, 300)


def test_an_unfinished_sheet_is_left_out_not_counted_as_zero() -> None:
    unfinished = {name: mark for name, mark in SHEET.items() if name != "security"}
    assert grid.mean([SHEET, unfinished]) == 50
    assert grid.mean([unfinished]) is None
    assert grid.mean([]) is None
