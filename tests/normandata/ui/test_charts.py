from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normandata.ui.charts import Part, bars, gauge

D = Decimal
EUROS = st.decimals(0, 20_000, places=2)


def test_bars_are_in_percent_of_the_longest() -> None:
    drawn = bars([("A", D(30), "30"), ("B", D(20), "20"), ("C", D(0), "0")])
    assert [(bar.label, bar.length) for bar in drawn] == [("A", "100%"), ("B", "66.67%"), ("C", "0%")]
    assert [bar.length for bar in bars([("A", D(30), "30")], most=D(120))] == ["25%"]
    assert bars([]) == []


@pytest.mark.parametrize(("value", "most"), [(D(-1), None), (D(5), D(4))])
def test_a_value_that_does_not_fit_is_refused(value: Decimal, most: Decimal | None) -> None:
    with pytest.raises(ValueError, match="« A » does not fit"):
        bars([("A", value, "")], most=most)


def test_a_gauge_draws_its_parts_in_a_fixed_order() -> None:
    drawn = gauge(total=D(50_000), paid=D(10_000), committed=D(5_400), reserved=D(0), current=D("5400.00"))
    assert drawn.parts == (
        Part("paid", "Payé", D(10_000), "0%", "20%"),
        Part("committed", "Engagé", D(5_400), "20%", "10.8%"),
        Part("current", "Cette décision", D("5400.00"), "30.8%", "10.8%"),
        Part("free", "Libre", D("29200.00"), "41.6%", "58.4%"),
    )


def test_a_gauge_never_exceeds_its_total() -> None:
    with pytest.raises(ValueError, match="never exceed"):
        gauge(total=D(100), paid=D(60), committed=D(40), reserved=D("0.01"), current=D(0))
    with pytest.raises(ValueError, match="positive"):
        gauge(total=D(100), paid=D(-1), committed=D(0), reserved=D(0), current=D(0))


@given(EUROS, EUROS, EUROS, EUROS, EUROS)
def test_the_parts_of_a_gauge_add_up_to_its_total(
    paid: Decimal, committed: Decimal, reserved: Decimal, current: Decimal, free: Decimal
) -> None:
    total = paid + committed + reserved + current + free
    drawn = gauge(total=total, paid=paid, committed=committed, reserved=reserved, current=current)
    assert sum(part.amount for part in drawn.parts) == total
