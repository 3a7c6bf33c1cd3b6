"""Amounts worked out by hand, to the cent."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booster_ia import money
from booster_ia.money import HT, TTC, Expense, Settlement
from booster_ia.rules import REGLEMENT

FIGURES = REGLEMENT.on(date(2026, 5, 4))
D = Decimal
EUROS = st.decimals(0, 200_000, places=2)


def kept(expense: Expense, applicant_type: str = "enterprise", *, recovers_vat: bool = True) -> Fraction:
    return money.judge_line(expense, applicant_type=applicant_type, recovers_vat=recovers_vat, figures=FIGURES).kept


@pytest.mark.parametrize("category", ["personnel", "intellectual_services", "licences", "services", "consumables"])
def test_the_categories_of_the_text_are_kept(category: str) -> None:
    assert kept(Expense(category=category, amount=D("100.10"))) == Fraction("100.10")


@pytest.mark.parametrize("category", ["equipment", "overheads", "other"])
def test_everything_else_is_refused_with_its_reason(category: str) -> None:
    line = money.judge_line(
        Expense(category=category, amount=D(100)), applicant_type="enterprise", recovers_vat=True, figures=FIGURES
    )
    assert (line.kept, line.refusal) == (0, "hors des catégories de dépenses éligibles")


def test_permanent_staff_depends_on_who_employs_it() -> None:
    staff = Expense(category="personnel", amount=D(18_000), is_permanent_public_staff=True)
    assert kept(staff, "public_establishment") == 0
    assert kept(staff, "enterprise") == 18_000
    town = money.judge_line(staff, applicant_type="local_authority", recovers_vat=True, figures=FIGURES)
    assert (town.kept, bool(town.alert)) == (18_000, True)


@pytest.mark.parametrize(
    ("expense", "recovers_vat", "expected"),
    [
        (Expense(category="services", amount=D(24_000), basis=TTC, vat_rate=D(20)), True, Fraction(20_000)),
        (Expense(category="services", amount=D(100), basis=TTC, vat_rate=D("5.5")), True, Fraction(100_000, 1055)),
        (Expense(category="services", amount=D(24_000), basis=TTC), False, Fraction(24_000)),
        (Expense(category="services", amount=D(20_000), basis=HT, vat_rate=D(20)), False, Fraction(20_000)),
        (Expense(category="services", amount=D(20_000), basis=HT, vat_rate=D(20)), True, Fraction(20_000)),
    ],
)
def test_vat_is_taken_out_only_for_one_who_recovers_it(
    expense: Expense, recovers_vat: bool, expected: Fraction
) -> None:
    assert kept(expense, recovers_vat=recovers_vat) == expected


@pytest.mark.parametrize(
    ("expenses", "other_aid", "expected"),
    [
        ("20000", "0", "10000.00"),
        ("25000", "0", "12500.00"),
        ("24999.97", "0", "12499.99"),  # half is 12 499.985
        ("40000", "0", "12500.00"),
        ("20000", "14000", "6000.00"),
        ("20000", "10000", "10000.00"),
        ("20000", "10000.01", "9999.99"),
        ("20000", "20000", "0.00"),
        ("20000", "25000", "0.00"),
        ("0", "0", "0.00"),
        ("0.01", "0", "0.01"),
    ],
)
def test_the_grant_is_half_capped_and_fits_under_total_public_aid(expenses: str, other_aid: str, expected: str) -> None:
    assert str(money.grant(Fraction(expenses), D(other_aid), FIGURES)) == expected


@pytest.mark.parametrize(
    ("expenses", "granted", "is_justified", "expected"),
    [
        ("20000", "10000", True, "10000.00"),
        ("40000", "12500", True, "12500.00"),
        ("20000", "6000", True, "6000.00"),
        ("20000", "10000", False, "0.00"),
    ],
)
def test_an_advance_needs_a_reason_and_never_exceeds_the_grant(
    expenses: str, granted: str, is_justified: bool, expected: str
) -> None:
    advance = money.advance_max(Fraction(expenses), D(granted), is_justified=is_justified, figures=FIGURES)
    assert str(advance) == expected


@pytest.mark.parametrize(
    ("granted", "justified", "other_aid", "paid", "expected"),
    [
        ("10000", "20000", "0", "5000", ("10000.00", "5000.00", "0.00")),
        ("10000", "13333.33", "0", "5000", ("6666.67", "1666.67", "0.00")),  # half is 6 666.665
        ("12500", "30000", "0", "0", ("12500.00", "12500.00", "0.00")),  # 40 000 voted, 30 000 justified
        ("10000", "25000", "0", "10000", ("10000.00", "0.00", "0.00")),
        ("10000", "8000", "0", "5000", ("4000.00", "0.00", "1000.00")),
        ("10000", "12000", "9000", "0", ("3000.00", "3000.00", "0.00")),
        ("10000", "5000", "9000", "1000", ("0.00", "0.00", "1000.00")),
        ("10000", "0", "0", "0", ("0.00", "0.00", "0.00")),
    ],
)
def test_the_balance_follows_what_is_justified(
    granted: str, justified: str, other_aid: str, paid: str, expected: tuple[str, str, str]
) -> None:
    settled = money.settle(D(granted), D(justified), D(other_aid), D(paid), FIGURES)
    assert settled == Settlement(*(D(amount) for amount in expected))


def test_the_effective_rate_is_shown_beside() -> None:
    # 12 500 voted on 40 000, 30 000 justified: 9 375; the nominal rate gives 3 125 more.
    assert money.effective_rate_grant(D(12_500), D(30_000), Fraction(40_000)) == D("9375.00")
    assert money.effective_rate_grant(D(12_500), D(50_000), Fraction(40_000)) == D("12500.00")
    assert money.effective_rate_grant(D(0), D(0), Fraction(0)) == D("0.00")


@given(EUROS, EUROS)
def test_no_grant_passes_its_rate_its_cap_or_total_public_aid(expenses: Decimal, other_aid: Decimal) -> None:
    grant = money.grant(Fraction(expenses), other_aid, FIGURES)
    assert 0 <= grant <= 12_500
    assert grant <= expenses / 2 + D("0.005")
    assert grant + other_aid <= max(expenses, other_aid)


@given(EUROS, EUROS, EUROS, EUROS, EUROS)
def test_a_settlement_never_exceeds_the_grant_and_adds_up(
    expenses: Decimal, other_aid: Decimal, justified: Decimal, paid: Decimal, more: Decimal
) -> None:
    granted = money.grant(Fraction(expenses), other_aid, FIGURES)
    settled = money.settle(granted, justified, other_aid, paid, FIGURES)
    assert settled.final_grant <= granted
    assert settled.final_grant == paid + settled.balance - settled.overpayment
    assert settled.balance == 0 or settled.overpayment == 0
    assert money.settle(granted, justified + more, other_aid, paid, FIGURES).final_grant >= settled.final_grant
