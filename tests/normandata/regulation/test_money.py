from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normandata.regulation.money import cents, truncated

AMOUNTS = st.fractions(min_value=-(10**9), max_value=10**9)


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        (Fraction(24_999_97, 200), "12499.99"),  # half of 24 999.97 is 12 499.985
        (Fraction(1333333, 200), "6666.67"),  # half of 13 333.33 is 6 666.665
        (Fraction(1, 3), "0.33"),
        (Fraction(2, 3), "0.67"),
        (Fraction(5, 1000), "0.01"),
        (Fraction(4999, 1000000), "0.00"),
        (Fraction(-5, 1000), "-0.01"),
    ],
)
def test_a_cent_is_rounded_half_up(exact: Fraction, rounded: str) -> None:
    assert str(cents(exact)) == rounded


def test_a_score_is_cut_not_rounded() -> None:
    assert truncated(Fraction(49995, 1000)) == Decimal("49.99")
    assert truncated(Fraction(50)) == Decimal("50.00")
    assert truncated(Fraction(200, 3)) == Decimal("66.66")


@given(AMOUNTS)
def test_rounding_moves_by_half_a_cent_at_most(exact: Fraction) -> None:
    assert abs(Fraction(cents(exact)) - exact) <= Fraction(1, 200)
    assert cents(cents(exact)) == cents(exact)


@given(st.fractions(min_value=0, max_value=100))
def test_cutting_never_rises_and_loses_less_than_a_hundredth(exact: Fraction) -> None:
    assert 0 <= exact - Fraction(truncated(exact)) < Fraction(1, 100)
