from datetime import date

from normandata.regulation.findings import Conclusion, Outcome, met, unmet
from normandata.regulation.judgment import judge
from tests.normandata.regulation.test_reglement import VALID, parse


def test_every_rule_is_run_cited_and_spaced_even_after_an_unmet_one() -> None:
    figures = parse(VALID).on(date(2026, 5, 1))
    rules = {"size": lambda facts, figures: unmet(f"Taille : {facts}", taille=facts)}
    verdict = judge(rules, "grande", figures)
    finding = verdict.findings[0]
    assert (finding.rule, finding.label, finding.outcome) == ("essai.size", "Taille", Outcome.UNMET)
    assert finding.message == "Taille\u00a0: grande"
    assert str(finding.citation) == "Délibération d’essai, article 1"
    assert dict(finding.facts) == {"taille": "grande"}
    assert (verdict.conclusion, verdict.on) == (Conclusion.INELIGIBLE, date(2026, 5, 1))


def test_findings_keep_the_order_of_the_rules() -> None:
    content = VALID.replace(
        "[parameters",
        '[rules.age]\nlabel = "Âge"\nvalues = [{ from = 2026-01-01, text = "t", article = "2" }]\n[parameters',
        1,
    )
    rules = {"age": lambda *_: unmet("non"), "size": lambda *_: met("oui")}
    verdict = judge(rules, None, parse(content).on(date(2026, 5, 1)))
    assert [finding.rule for finding in verdict.findings] == ["essai.age", "essai.size"]
