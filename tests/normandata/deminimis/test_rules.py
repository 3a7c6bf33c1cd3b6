"""Ceilings worked out by hand, both readings."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import normandata.deminimis
from normandata.deminimis.rules import CITED, IN_FORCE, Aid, Facts, assess
from normandata.regulation.calendar import add_years
from normandata.regulation.findings import Conclusion
from normandata.regulation.reglement import parse

ON = date(2026, 6, 15)
NEW = Facts(on=ON, amount=Decimal(12_500), aids=())


def with_aids(*aids: tuple[str, int | str], **changes: object) -> Facts:
    held = tuple(Aid(date.fromisoformat(day), Decimal(amount)) for day, amount in aids)
    return replace(NEW, aids=held, **changes)


def reading(facts: Facts, regime: str = IN_FORCE) -> tuple[str, str, str, str, str]:
    found = assess(facts).readings[regime]
    return str(found.start), str(found.end), str(found.used), str(found.remaining), found.outcome.value


def test_three_rolling_years_count_both_bounds() -> None:
    assert reading(with_aids(("2023-06-15", 295_000)))[2:] == ("295000", "5000", "unmet")
    assert reading(with_aids(("2023-06-14", 295_000)))[2:] == ("0", "300000", "met")
    assert reading(with_aids(("2026-06-15", 290_000)))[2:] == ("290000", "10000", "unmet")


def test_the_lower_bound_is_a_dated_parameter() -> None:
    path = Path(normandata.deminimis.__file__).with_name("reglement.toml")
    excluded = parse(
        path.read_text(encoding="utf-8").replace("value = true, default = true", "value = false, default = true")
    )
    found = assess(with_aids(("2023-06-15", 295_000)), reglement=excluded).readings[IN_FORCE]
    assert (str(found.start), found.used) == ("2023-06-16", 0)


def test_equality_is_allowed_and_one_cent_more_refuses_the_whole_aid() -> None:
    assert reading(with_aids(("2025-01-10", "287500")))[4] == "met"
    refused = assess(with_aids(("2025-01-10", "287500.01")))
    assert refused.verdict.conclusion is Conclusion.INELIGIBLE
    assert refused.room == Decimal("12499.99")


def test_the_expired_reading_counts_fiscal_years_and_only_alerts() -> None:
    facts = with_aids(("2024-01-01", 190_000))
    assert reading(facts, CITED) == ("2024-01-01", "2026-12-31", "190000", "10000", "unmet")
    assert assess(facts).alert is True
    assert assess(facts).verdict.conclusion is Conclusion.ELIGIBLE
    assert reading(with_aids(("2023-12-31", 190_000)), CITED)[2:] == ("0", "200000", "met")


def test_road_freight_has_its_own_expired_ceiling() -> None:
    facts = with_aids(("2025-03-01", 95_000), is_road_freight=True)
    assert reading(facts, CITED)[3:] == ("5000", "unmet")
    assert reading(facts)[3:] == ("205000", "met")


def test_a_retroactive_entry_tests_every_window_that_holds_it() -> None:
    # Granted on 1 March 2024; the undertaking then received 200 000 in 2025 and 95 000 in 2026.
    facts = with_aids(("2025-05-01", 200_000), ("2026-02-01", 95_000), on=date(2024, 3, 1))
    found = assess(facts).readings[IN_FORCE]
    assert (found.used, found.remaining, found.outcome) == (0, 5_000, "unmet")
    # The window that ends on 2 March 2027 no longer holds 1 March 2024.
    late = with_aids(("2027-03-02", 299_000), on=date(2024, 3, 1))
    assert assess(late).room == 300_000
    on_bound = with_aids(("2027-03-01", 299_000), on=date(2024, 3, 1))
    assert assess(on_bound).room == 1_000


def test_above_the_ceiling_already_even_nothing_more_can_be_granted() -> None:
    assert reading(with_aids(("2025-05-01", "300000.01"), amount=Decimal(0)))[3:] == ("0", "unmet")
    assert reading(with_aids(("2025-05-01", 300_000), amount=Decimal(0)))[3:] == ("0", "met")


def test_after_its_last_day_the_regime_is_said_to_need_a_check() -> None:
    for day, said in ((date(2030, 12, 31), False), (date(2031, 1, 1), True)):
        message = assess(replace(NEW, on=day)).verdict.findings[0].message
        assert ("le texte en vigueur est à vérifier" in message) is said


def test_remaining_is_never_negative() -> None:
    assert reading(with_aids(("2025-05-01", 400_000)))[2:4] == ("400000", "0")


def test_what_is_not_economic_not_declared_or_not_priced() -> None:
    assert assess(replace(NEW, is_economic=False)).verdict.conclusion is Conclusion.NOT_APPLICABLE
    assert assess(replace(NEW, is_economic=False)).alert is False
    undeclared = assess(replace(NEW, aids=None))
    assert (undeclared.verdict.conclusion, undeclared.room) == (Conclusion.TO_REVIEW, None)
    unpriced = assess(replace(NEW, amount=None))
    assert (unpriced.verdict.conclusion, unpriced.room) == (Conclusion.TO_REVIEW, Decimal(300_000))


DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
AIDS = st.lists(st.tuples(DAYS, st.integers(0, 200_000)), max_size=8)


@given(DAYS, st.integers(0, 300_000), AIDS)
def test_no_period_of_three_years_ever_holds_more_than_the_ceiling(
    on: date, amount: int, held: list[tuple[date, int]]
) -> None:
    aids = tuple(Aid(day, Decimal(value)) for day, value in held)
    found = assess(Facts(on=on, amount=Decimal(amount), aids=aids)).readings[IN_FORCE]
    after = [*aids, Aid(on, Decimal(amount))]
    ends = {aid.on for aid in after if aid.on >= on}
    touched = [end for end in ends if add_years(end, -3) <= on]
    worst = max(sum(aid.amount for aid in after if add_years(end, -3) <= aid.on <= end) for end in touched)
    assert (found.outcome == "met") is (worst <= 300_000)


@given(st.integers(0, 300_000), AIDS)
def test_room_shrinks_when_an_aid_is_added(amount: int, held: list[tuple[date, int]]) -> None:
    aids = tuple(Aid(day, Decimal(value)) for day, value in held)
    before = assess(replace(NEW, aids=aids)).room
    after = assess(replace(NEW, aids=(*aids, Aid(ON - timedelta(days=1), Decimal(amount))))).room
    assert before is not None
    assert after == max(Decimal(0), before - amount) or (after is not None and after <= before)


@pytest.mark.parametrize("regime", [IN_FORCE, CITED])
def test_both_readings_are_always_computed(regime: str) -> None:
    assert reading(NEW, regime)[2] == "0"
