from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normandata.ui.charts import Lane, Mark, Part, bars, gauge, lane

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


PERIOD = (date(2026, 1, 1), date(2028, 12, 31))
"""1 096 days: 2028 is a leap year."""


def test_a_lane_is_in_percent_of_its_period() -> None:
    drawn = lane(
        PERIOD,
        span=(date(2026, 1, 1), date(2027, 12, 31)),
        progress=50,
        marks=[(date(2026, 7, 1), "held"), (date(2028, 12, 31), "coming")],
        today=date(2026, 10, 2),
    )
    # 365 and 730 days of 1 096 begin 2027 and 2028; the bar lasts 730 days, half of it done; 1 July is 181 days in.
    assert drawn == Lane(
        ticks=("0%", "33.3%", "66.61%", "100%"),
        start="0%",
        length="66.61%",
        done="33.3%",
        today="25%",
        marks=(Mark("16.51%", "held"), Mark("99.91%", "coming")),
    )


def test_a_lane_without_dates_and_out_of_its_years_is_bare() -> None:
    drawn = lane(PERIOD, span=None, progress=0, marks=[], today=date(2029, 1, 1))
    assert (drawn.start, drawn.length, drawn.done, drawn.today, drawn.marks) == ("", "", "", "", ())


def test_what_lies_outside_the_period_is_refused() -> None:
    with pytest.raises(ValueError, match="2025-12-31 is not between"):
        lane(PERIOD, span=(date(2025, 12, 31), date(2026, 2, 1)), progress=0, marks=[], today=PERIOD[0])
    with pytest.raises(ValueError, match="2029-01-01 is not between"):
        lane(PERIOD, span=None, progress=0, marks=[(date(2029, 1, 1), "late")], today=PERIOD[0])
