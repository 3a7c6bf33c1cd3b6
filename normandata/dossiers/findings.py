"""What the agents' pages show of a verdict: each finding, what it rests on, how somebody read it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from normandata.regulation.citation import Citation
from normandata.regulation.findings import Finding, Outcome, Verdict
from normandata.regulation.formats import NBSP

from . import facts
from .models import Dossier, Reading
from .services import desk


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding with its rule's address, what it rests on, and the reading that an agent made of it."""

    rule: str
    label: str
    message: str
    outcome: str
    citation: Citation
    href: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    source: str = ""
    reading: Reading | None = None
    is_to_read: bool = False

    @property
    def needs_a_look(self) -> bool:
        return self.outcome == Outcome.UNMET or self.is_to_read


def shown(findings: Iterable[Finding]) -> list[ShownFinding]:
    """Prepare the findings of a stored verdict, word for word."""
    page = reverse("portal:regulation")
    return [
        ShownFinding(one.rule, one.label, one.message, one.outcome.value, one.citation, f"{page}#{anchor(one.rule)}")
        for one in findings
    ]


def anchor(rule: str) -> str:
    """Return the address of a rule on the page of the règlement: `diagnostic.fte` → `diagnostic-fte`."""
    return rule.replace(".", "-").replace("_", "-")


def of(dossier: Dossier) -> dict[str, Any]:
    """Prepare the findings of the last verdict: first what needs a look or was read, then the others."""
    if not dossier.verdict:
        return {"looked": [], "settled": [], "summary": []}
    verdict = Verdict.from_record(dossier.verdict)
    readings = desk.readings(dossier)
    by_rule = {one.rule: one for one in verdict.findings}
    population = facts.population_of(dossier.organisation, by_rule)
    prepared = []
    for one, found in zip(shown(verdict.findings), verdict.findings, strict=True):
        reading = readings.get(one.rule)
        is_to_read = found.outcome is Outcome.TO_REVIEW
        prepared.append(
            ShownFinding(
                one.rule,
                one.label,
                one.message,
                one.outcome,
                one.citation,
                one.href,
                facts.used(found),
                facts.source(found, dossier.organisation, population),
                reading if is_to_read else None,
                is_to_read,
            )
        )
    return {
        "looked": [one for one in prepared if one.needs_a_look],
        "settled": [one for one in prepared if not one.needs_a_look],
        "summary": _summary(prepared),
    }


def _summary(prepared: list[ShownFinding]) -> list[tuple[str, bool]]:
    """Count the outcomes in words, as they stand once read; True marks what waits for a look."""
    outcomes = [one.reading.outcome if one.reading else one.outcome for one in prepared]
    words = {
        "unmet": ("non respecté", "non respectés"),
        "to_review": ("à examiner", "à examiner"),
        "met": ("respecté", "respectés"),
        "not_applicable": ("sans objet", "sans objet"),
    }
    counted = [(slug, outcomes.count(slug)) for slug in words]
    return [
        (f"{count}{NBSP}{words[slug][count > 1]}", slug in ("unmet", "to_review")) for slug, count in counted if count
    ]
