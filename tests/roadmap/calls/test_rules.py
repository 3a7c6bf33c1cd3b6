"""What the portal checks of a proposal, against answers worked out by hand: the days of its call, its carrier."""

from dataclasses import replace
from datetime import date

import pytest

from normandata.regulation.findings import Conclusion, Verdict
from roadmap.calls.rules import REGLEMENT, Facts, evaluate

IN_TIME = Facts(on=date(2026, 11, 20), opens_on=date(2026, 11, 1), closes_on=date(2026, 11, 30), is_confirmed=True)


def said(verdict: Verdict) -> list[tuple[str, str, str]]:
    return [(one.rule, one.outcome.value, one.message.replace("\u00a0", " ")) for one in verdict.findings]


def test_a_proposal_that_comes_during_the_call_from_a_known_carrier_is_met_twice() -> None:
    verdict = evaluate(IN_TIME)
    assert said(verdict) == [
        ("roadmap.period", "met", "La proposition arrive pendant l’appel, du 1er novembre 2026 au 30 novembre 2026."),
        ("roadmap.carrier", "met", "L’annuaire confirme l’établissement porteur."),
    ]
    assert verdict.conclusion is Conclusion.ELIGIBLE


@pytest.mark.parametrize(
    ("on", "outcome"),
    [
        (date(2026, 10, 31), "unmet"),
        (date(2026, 11, 1), "met"),
        (date(2026, 11, 30), "met"),
        (date(2026, 12, 1), "met"),  # the grace of the last evening
        (date(2026, 12, 2), "unmet"),
    ],
)
def test_the_period_is_that_of_the_call_and_the_grace_of_its_last_evening(on: date, outcome: str) -> None:
    (period, _) = evaluate(replace(IN_TIME, on=on)).findings
    assert (period.rule, period.outcome.value) == ("roadmap.period", outcome)
    assert dict(period.facts) == {"on": str(on), "opens_on": "2026-11-01", "closes_on": "2026-11-30"}


def test_what_arrived_outside_the_call_says_between_which_days() -> None:
    verdict = evaluate(replace(IN_TIME, on=date(2026, 10, 31)))
    message = "La proposition n’arrive pas pendant l’appel, du 1er novembre 2026 au 30 novembre 2026."
    assert said(verdict)[0] == ("roadmap.period", "unmet", message)
    assert verdict.conclusion is Conclusion.INELIGIBLE


@pytest.mark.parametrize(
    ("known", "outcome", "message"),
    [
        ({"is_confirmed": False}, "to_review", "L’annuaire ne confirme pas cet établissement."),
        ({"is_closed": True}, "to_review", "L’annuaire donne cet établissement fermé."),
        (
            {"is_confirmed": False, "is_closed": True},
            "to_review",
            "L’annuaire donne cet établissement fermé.",
        ),
    ],
)
def test_a_carrier_that_the_directory_does_not_confirm_is_looked_at(
    known: dict[str, bool], outcome: str, message: str
) -> None:
    verdict = evaluate(replace(IN_TIME, **known))  # type: ignore[arg-type]
    assert said(verdict)[1] == ("roadmap.carrier", outcome, message)
    assert verdict.conclusion is Conclusion.TO_REVIEW


def test_the_reglement_gives_five_minutes_and_cites_the_deliberation() -> None:
    assert int(REGLEMENT.on(date(2026, 11, 20)).number("closing_grace")) == 5
    assert {one.citation.text for one in evaluate(IN_TIME).findings} == {"Délibération AP D 25-12-5"}
