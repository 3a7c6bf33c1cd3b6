"""The answer of the `simulate` contract, written from a verdict."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from . import findings
from .findings import Verdict


def answer(verdict: Verdict, **outputs: Any) -> dict[str, Any]:
    """Write the verdict, its findings and the further outputs of a ruleset as one JSON object."""
    return {
        "verdict": verdict.conclusion.value,
        "findings": [
            {
                "rule": finding.rule,
                "outcome": finding.outcome.value,
                "message": finding.message,
                "citation": {"text": finding.citation.text, "article": finding.citation.article},
                "facts": dict(finding.facts),
            }
            for finding in verdict.findings
        ],
        **outputs,
    }


def amount(value: Decimal | Fraction | None) -> str | None:
    """Write an amount to the cent, as a string."""
    return None if value is None else findings.amount(value)
