"""What a rule answers, and the verdict that its answers add up to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from .citation import Citation
from .money import cents

Fact = str | bool | None


class Outcome(StrEnum):
    """The four answers of a rule."""

    MET = "met"
    UNMET = "unmet"
    TO_REVIEW = "to_review"
    NOT_APPLICABLE = "not_applicable"


class Conclusion(StrEnum):
    """The four conclusions of a verdict."""

    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    TO_REVIEW = "to_review"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's answer: outcome, a sentence a citizen understands, its article, the facts and figures used."""

    rule: str
    label: str
    outcome: Outcome
    message: str
    citation: Citation
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "facts", MappingProxyType(dict(self.facts)))

    def as_record(self) -> dict[str, Any]:
        """Return the finding as its verdict's record holds it."""
        return {
            "rule": self.rule,
            "label": self.label,
            "outcome": self.outcome.value,
            "message": self.message,
            "citation": {
                "text": self.citation.text,
                "article": self.citation.article,
                "since": self.citation.since.isoformat(),
            },
            "facts": dict(self.facts),
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """The ordered list of all findings on a day."""

    findings: tuple[Finding, ...]
    on: date

    @property
    def conclusion(self) -> Conclusion:
        """`ineligible` if one finding is unmet, else `to_review` if one is, else `not_applicable` if all are."""
        outcomes = {finding.outcome for finding in self.findings}
        if Outcome.UNMET in outcomes:
            return Conclusion.INELIGIBLE
        if Outcome.TO_REVIEW in outcomes:
            return Conclusion.TO_REVIEW
        if outcomes <= {Outcome.NOT_APPLICABLE}:
            return Conclusion.NOT_APPLICABLE
        return Conclusion.ELIGIBLE

    def with_outcome(self, outcome: Outcome) -> tuple[Finding, ...]:
        """Return the findings that have this outcome, in order."""
        return tuple(finding for finding in self.findings if finding.outcome is outcome)

    def as_record(self) -> dict[str, Any]:
        """Return the JSON record kept with the event it founds; `from_record` gives the same verdict back."""
        return {
            "on": self.on.isoformat(),
            "conclusion": self.conclusion.value,
            "findings": [finding.as_record() for finding in self.findings],
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Verdict":
        """Rebuild a stored verdict, word for word, without consulting any règlement."""
        findings = tuple(
            Finding(
                rule=item["rule"],
                label=item["label"],
                outcome=Outcome(item["outcome"]),
                message=item["message"],
                citation=Citation(
                    item["citation"]["text"],
                    item["citation"]["article"],
                    date.fromisoformat(item["citation"]["since"]),
                ),
                facts=item["facts"],
            )
            for item in record["findings"]
        )
        return cls(findings, date.fromisoformat(record["on"]))


Answer = tuple[Outcome, str, Mapping[str, Fact]]


def met(message: str, **facts: Fact) -> Answer:
    return Outcome.MET, message, facts


def unmet(message: str, **facts: Fact) -> Answer:
    return Outcome.UNMET, message, facts


def to_review(message: str, **facts: Fact) -> Answer:
    return Outcome.TO_REVIEW, message, facts


def not_applicable(message: str, **facts: Fact) -> Answer:
    return Outcome.NOT_APPLICABLE, message, facts


def compared(holds: bool, if_met: str, if_unmet: str, **facts: Fact) -> Answer:
    """Answer `met` or `unmet` according to a comparison, with the facts and figures it used."""
    return (Outcome.MET, if_met, facts) if holds else (Outcome.UNMET, if_unmet, facts)


def plain(value: Decimal | int | date) -> str:
    """Write a fact for the record: ISO day, or a number without exponent."""
    return value.isoformat() if isinstance(value, date) else f"{Decimal(value):f}"


def amount(value: Decimal | Fraction) -> str:
    """Write an amount for the record: to the cent, without unit."""
    return f"{cents(value):.2f}"
