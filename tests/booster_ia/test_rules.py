from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from booster_ia.money import Expense
from booster_ia.rules import REGLEMENT, Facts, evaluate
from normandata.deminimis import rules as deminimis
from normandata.regulation.findings import Conclusion
from tests.booster_ia.test_grid import SHEET

ON = date(2026, 5, 4)
PROJECT = Facts(
    on=ON,
    applicant_type="enterprise",
    department="76",
    partner_departments=("14",),
    uses_ai=True,
    start=date(2026, 9, 1),
    end=date(2027, 2, 28),
    expenses=(Expense(category="services", amount=Decimal(20_000)),),
)


def outcomes(facts: Facts) -> dict[str, str]:
    findings = evaluate(facts).verdict.findings
    return {finding.rule.removeprefix("booster_ia."): finding.outcome.value for finding in findings}


def outcome(rule: str, **changes: Any) -> str:
    return outcomes(replace(PROJECT, **changes))[rule]


def message(rule: str, **changes: Any) -> str:
    findings = evaluate(replace(PROJECT, **changes)).verdict.findings
    return next(finding.message for finding in findings if finding.rule == f"booster_ia.{rule}")


def test_a_project_is_judged_on_every_rule() -> None:
    evaluation = evaluate(PROJECT)
    assert evaluation.verdict.conclusion is Conclusion.ELIGIBLE
    assert evaluation.sums.grant == Decimal("10000.00")
    assert list(outcomes(PROJECT).items()) == [
        ("opening", "met"),
        ("beneficiary", "met"),
        ("normandy", "met"),
        ("partnership", "met"),
        ("ai", "met"),
        ("duration", "met"),
        ("expenses", "met"),
        ("commons", "not_applicable"),
        ("indicators", "not_applicable"),
        ("documents", "not_applicable"),
        ("floor", "not_applicable"),
        ("public_aid", "met"),
        ("de_minimis", "not_applicable"),
    ]
    assert list(REGLEMENT.rules) == list(outcomes(PROJECT))


def test_nothing_known_but_the_day() -> None:
    evaluation = evaluate(Facts(on=ON))
    assert (evaluation.sums.expenses, evaluation.sums.grant, evaluation.sums.grantable_max) == (None, None, None)
    reviewed = {"beneficiary", "normandy", "partnership", "ai", "duration", "expenses", "public_aid"}
    assert {rule for rule, found in outcomes(Facts(on=ON)).items() if found == "to_review"} == reviewed


def test_a_day_before_2026_is_looked_at() -> None:
    assert outcome("opening", on=date(2025, 12, 31)) == "to_review"
    assert outcome("opening", on=date(2026, 1, 1)) == "met"


@pytest.mark.parametrize(
    ("department", "partners", "expected"),
    [
        ("76", ("14",), "met"),
        ("76", ("75",), "unmet"),
        ("76", (), "unmet"),
        ("76", None, "to_review"),
        ("76", (None,), "to_review"),
        (None, ("14",), "to_review"),
        (None, ("14", "27"), "met"),
        ("75", ("14", "27"), "met"),
        ("75", ("14", None), "to_review"),
        ("75", (None, "92"), "unmet"),
    ],
)
def test_two_norman_structures_the_applicant_included(
    department: str | None, partners: tuple[str | None, ...] | None, expected: str
) -> None:
    assert outcome("partnership", department=department, partner_departments=partners) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2026, 9, 1), date(2027, 2, 28), "met"),
        (date(2026, 9, 1), date(2027, 3, 1), "unmet"),
        (date(2026, 8, 31), date(2027, 2, 27), "met"),
        (date(2026, 8, 31), date(2027, 2, 28), "unmet"),
        (date(2026, 9, 1), date(2026, 9, 1), "met"),
        (date(2026, 9, 1), date(2026, 8, 31), "unmet"),
        (None, date(2027, 2, 28), "to_review"),
        (date(2026, 9, 1), None, "to_review"),
    ],
)
def test_six_months_are_counted_from_date_to_date(start: date | None, end: date | None, expected: str) -> None:
    assert outcome("duration", start=start, end=end) == expected


def test_a_project_too_long_says_when_it_may_end() -> None:
    text = message("duration", start=date(2026, 12, 1), end=date(2027, 6, 1)).replace("\u00a0", " ")
    assert text == (
        "Avec un début le 1er décembre 2026, la fin est possible jusqu’au 31 mai 2027 ; elle est prévue "
        "le 1er juin 2027."
    )


@pytest.mark.parametrize(("uses_ai", "expected"), [(True, "met"), (False, "unmet"), (None, "to_review")])
def test_one_main_use_relies_on_ai(uses_ai: bool | None, expected: str) -> None:
    assert outcome("ai", uses_ai=uses_ai) == expected


def test_a_budget_is_judged_whole_or_looked_at() -> None:
    missing = Expense(category="services", amount=None)
    assert outcome("expenses", expenses=()) == "unmet"
    assert outcome("expenses", expenses=None) == "to_review"
    assert outcome("expenses", expenses=(*PROJECT.expenses, missing)) == "to_review"  # type: ignore[misc]
    assert outcome("expenses", expenses=(Expense(category="equipment", amount=Decimal(9)),)) == "unmet"
    staff = Expense(category="personnel", amount=Decimal(9), is_permanent_public_staff=True)
    assert outcome("expenses", expenses=(staff,), applicant_type=None) == "to_review"
    assert outcome("expenses", expenses=(staff,), applicant_type="local_authority") == "met"
    assert "à confirmer par un agent" in message("expenses", expenses=(staff,), applicant_type="local_authority")


@pytest.mark.parametrize(
    ("other_aid", "expected", "grant"),
    [("0", "met", "10000.00"), ("14000", "met", "6000.00"), ("19999.99", "met", "0.01"), ("20000", "unmet", "0.00")],
)
def test_other_public_aid_reduces_the_grant_before_it_forbids_it(other_aid: str, expected: str, grant: str) -> None:
    facts = replace(PROJECT, other_public_aid=Decimal(other_aid))
    assert (outcomes(facts)["public_aid"], str(evaluate(facts).sums.grant)) == (expected, grant)


@pytest.mark.parametrize(
    ("sheets", "expected"),
    [
        ((SHEET,), "met"),
        ((SHEET, SHEET | {"security": Decimal("4.99")}), "unmet"),  # 49.995
        ((SHEET | {"security": Decimal("5.01")}, SHEET | {"security": Decimal("4.99")}), "met"),
        (({"quality": Decimal(20)},), "not_applicable"),
        ((), "not_applicable"),
        (None, "not_applicable"),
    ],
)
def test_the_floor_is_compared_before_rounding(sheets: Any, expected: str) -> None:
    assert outcome("floor", sheets=sheets) == expected


def test_blocks_given_are_evaluated() -> None:
    assert outcome("commons", commons=()) == "unmet"
    assert outcome("commons", commons=("retours d’expérience",)) == "met"
    assert outcome("indicators", indicators=()) == "unmet"
    assert outcome("documents", documents=("budget",)) == "unmet"
    assert outcome("documents", documents=("presentation",)) == "met"


def de_minimis(amount: str, **changes: Any) -> deminimis.Facts:
    return deminimis.Facts(on=ON, aids=(deminimis.Aid(date(2025, 1, 10), Decimal(amount)),), **changes)


def test_a_grant_beyond_the_ceiling_is_refused_whole_and_says_what_could_be_granted() -> None:
    evaluation = evaluate(replace(PROJECT, de_minimis=de_minimis("295000")))
    assert evaluation.verdict.conclusion is Conclusion.INELIGIBLE
    assert (evaluation.sums.grant, evaluation.sums.grantable_max) == (Decimal("10000.00"), Decimal("5000.00"))


def test_equality_with_the_ceiling_is_allowed_and_one_cent_more_is_not() -> None:
    assert outcome("de_minimis", de_minimis=de_minimis("290000")) == "met"
    assert outcome("de_minimis", de_minimis=de_minimis("290000.01")) == "unmet"


def test_what_is_not_economic_or_not_declared() -> None:
    not_economic = replace(PROJECT, de_minimis=de_minimis("299000", is_economic=False))
    assert outcomes(not_economic)["de_minimis"] == "not_applicable"
    assert evaluate(not_economic).sums.grantable_max == Decimal("10000.00")
    undeclared = replace(PROJECT, de_minimis=deminimis.Facts(on=ON))
    assert outcomes(undeclared)["de_minimis"] == "to_review"
    assert evaluate(undeclared).sums.grantable_max is None
