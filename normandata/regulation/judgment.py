"""Applies a scheme's rules, in order, to the facts of a case."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from .findings import Answer, Finding, Verdict
from .formats import spaced
from .reglement import Figures

Facts = TypeVar("Facts")


def judge(rules: Mapping[str, Callable[[Facts, Figures], Answer]], facts: Facts, figures: Figures) -> Verdict:
    """Run every rule, even after an unmet one, and cite each with the text in force on the day of the figures."""
    findings = []
    for code, rule in rules.items():
        outcome, message, used = rule(facts, figures)
        findings.append(
            Finding(
                rule=f"{figures.reglement.slug}.{code}",
                label=figures.label(code),
                outcome=outcome,
                message=spaced(message),
                citation=figures.citation(code),
                facts=used,
            )
        )
    return Verdict(tuple(findings), figures.day)
