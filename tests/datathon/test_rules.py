from datetime import date
from decimal import Decimal

import pytest

from datathon.rules import Facts, evaluate

ON = date(2026, 5, 4)


def judged(*prizes: str) -> dict[str, str]:
    verdict = evaluate(Facts(ON, tuple(Decimal(prize) for prize in prizes)))
    return {finding.rule.removeprefix("datathon.prizes."): finding.outcome.value for finding in verdict.findings}


@pytest.mark.parametrize(
    ("prizes", "expected"),
    [
        (("2500", "1500", "1000"), ("met", "met", "met", "met")),
        (("2500", "1500", "1000.01"), ("met", "met", "met", "unmet")),
        (("2000", "1500", "1000", "500"), ("unmet", "met", "met", "met")),
        (("1500", "1500", "1000"), ("met", "met", "unmet", "met")),
        (("1000", "1500"), ("met", "met", "unmet", "met")),
        (("2500", "0"), ("met", "unmet", "met", "met")),
        (("2500", "-1"), ("met", "unmet", "met", "met")),
        (("5000",), ("met", "met", "not_applicable", "met")),
        ((), ("met", "not_applicable", "not_applicable", "met")),
    ],
)
def test_prizes_are_judged_on_count_values_order_and_total(prizes: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert judged(*prizes) == dict(zip(("count", "values", "order", "total"), expected, strict=True))


def test_prizes_not_given_are_looked_at() -> None:
    verdict = evaluate(Facts(ON, None))
    assert (verdict.conclusion, len(verdict.findings)) == ("to_review", 4)
    assert Facts(ON, None).total is None
