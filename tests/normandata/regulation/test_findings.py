import json
from datetime import date

import pytest

from normandata.regulation.citation import Citation
from normandata.regulation.findings import Conclusion, Finding, Outcome, Verdict, compared

CITATION = Citation("Texte", "article 1", date(2026, 1, 1))
MET, UNMET, REVIEW, NA = Outcome.MET, Outcome.UNMET, Outcome.TO_REVIEW, Outcome.NOT_APPLICABLE


def verdict(*outcomes: Outcome) -> Verdict:
    findings = tuple(
        Finding(
            f"essai.{i}", f"Règle {i}", outcome, f"Phrase {i}", CITATION, {"fait": str(i), "oui": True, "nul": None}
        )
        for i, outcome in enumerate(outcomes)
    )
    return Verdict(findings, date(2026, 5, 4))


@pytest.mark.parametrize(
    ("outcomes", "conclusion"),
    [
        ((MET, NA), Conclusion.ELIGIBLE),
        ((MET, REVIEW, NA), Conclusion.TO_REVIEW),
        ((REVIEW, UNMET, MET), Conclusion.INELIGIBLE),
        ((NA, NA), Conclusion.NOT_APPLICABLE),
        ((), Conclusion.NOT_APPLICABLE),
        ((UNMET, NA), Conclusion.INELIGIBLE),
    ],
)
def test_a_verdict_adds_its_findings_up(outcomes: tuple[Outcome, ...], conclusion: Conclusion) -> None:
    assert verdict(*outcomes).conclusion is conclusion


def test_a_stored_verdict_comes_back_word_for_word() -> None:
    stored = json.loads(json.dumps(verdict(MET, REVIEW, NA).as_record()))
    assert Verdict.from_record(stored) == verdict(MET, REVIEW, NA)
    assert stored["conclusion"] == "to_review"


def test_the_facts_of_a_finding_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        verdict(MET).findings[0].facts["fait"] = "autre"  # type: ignore[index]


def test_a_comparison_keeps_what_it_compared() -> None:
    assert compared(True, "oui", "non", a="1") == (Outcome.MET, "oui", {"a": "1"})
    assert compared(False, "oui", "non", a="1") == (Outcome.UNMET, "non", {"a": "1"})
