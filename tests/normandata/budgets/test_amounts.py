"""What an amount is, and what is none."""

from decimal import Decimal
from typing import Any

import pytest

from normandata.budgets.amounts import Balances, Position, checked, written

D = Decimal


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (D("0.01"), "0.01"),
        (D("5400"), "5400.00"),
        (D("1E+2"), "100.00"),
        (D("12.500"), "12.50"),
        (D("9999999999.99"), "9999999999.99"),
    ],
)
def test_an_amount_is_kept_in_cents(given: Decimal, kept: str) -> None:
    assert str(checked(given)) == kept
    assert str(written(-given)) == f"-{kept}"


@pytest.mark.parametrize(
    "given",
    [D(0), D("-0.00"), D("0.001"), D("5.005"), D("10000000000"), D("NaN"), D("sNaN"), D("Infinity"), 5, 5.0, "5", True],
)
def test_what_is_no_amount_is_refused(given: Any) -> None:
    with pytest.raises(ValueError, match="an amount"):
        checked(given)
    with pytest.raises(ValueError, match="an amount"):
        written(given)


def test_a_negative_amount_is_for_votes_only() -> None:
    with pytest.raises(ValueError, match=r"above zero, not -0\.01"):
        checked(D("-0.01"))


def test_balances_and_positions_add_up() -> None:
    held = Balances(D(100), D(10), D(20), D(30))
    assert held.free == D(40)
    assert held + Balances(reserved=D(-10), committed=D(8)) == Balances(D(100), D(0), D(28), D(30))
    assert Position(D(10), D(20), D(30)).held == D(30)
    assert Balances().free == Position().held == 0
