from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import diagnostic
from diagnostic.rules import REGLEMENT, Declaration, Facts, evaluate
from normandata.deminimis.rules import Aid
from normandata.regulation.findings import Conclusion, Verdict
from normandata.regulation.reglement import parse
from normandata.regulation.territory import OUTSIDE

ON = date(2026, 4, 1)
TOWN = Facts(on=ON, structure_type="local_authority", department="14", population=Decimal(20_000))
FIRM = Facts(
    on=ON,
    structure_type="enterprise",
    department="61",
    fte=Decimal(45),
    created_on=date(2015, 1, 1),
    activity="services",
)


def outcomes(verdict: Verdict) -> dict[str, str]:
    return {finding.rule.removeprefix("diagnostic."): finding.outcome.value for finding in verdict.findings}


def outcome(facts: Facts, rule: str) -> str:
    return outcomes(evaluate(facts))[rule]


def test_a_town_is_judged_on_every_rule_in_the_order_of_the_text() -> None:
    verdict = evaluate(TOWN)
    assert verdict.conclusion is Conclusion.ELIGIBLE
    assert list(outcomes(verdict).items()) == [
        ("opening", "met"),
        ("beneficiary", "met"),
        ("normandy", "met"),
        ("population", "met"),
        ("fte", "not_applicable"),
        ("age", "not_applicable"),
        ("activity", "not_applicable"),
        ("de_minimis", "not_applicable"),
    ]


def test_an_enterprise_is_judged_on_size_age_and_activity() -> None:
    assert outcomes(evaluate(FIRM)) == {
        "opening": "met",
        "beneficiary": "met",
        "normandy": "met",
        "population": "not_applicable",
        "fte": "met",
        "age": "met",
        "activity": "met",
        "de_minimis": "not_applicable",
    }


@pytest.mark.parametrize(
    ("population", "expected"),
    [(9_999, "unmet"), (10_000, "met"), (100_000, "met"), (100_001, "unmet"), (0, "unmet"), (-5, "unmet")],
)
def test_population_bounds_are_included(population: int, expected: str) -> None:
    assert outcome(replace(TOWN, population=Decimal(population)), "population") == expected


@pytest.mark.parametrize(
    ("fte", "expected"),
    [("9.99", "unmet"), ("10", "met"), ("10.5", "met"), ("250", "met"), ("250.01", "unmet")],
)
def test_staff_bounds_are_included_and_decimals_count(fte: str, expected: str) -> None:
    assert outcome(replace(FIRM, fte=Decimal(fte)), "fte") == expected


@pytest.mark.parametrize(
    ("created_on", "on", "expected"),
    [
        (date(2021, 4, 1), date(2026, 4, 1), "met"),
        (date(2021, 4, 2), date(2026, 4, 1), "unmet"),
        (date(2024, 2, 29), date(2029, 2, 27), "unmet"),
        (date(2024, 2, 29), date(2029, 2, 28), "met"),
    ],
)
def test_five_years_are_counted_to_the_anniversary(created_on: date, on: date, expected: str) -> None:
    assert outcome(replace(FIRM, created_on=created_on, on=on), "age") == expected


@pytest.mark.parametrize(
    ("activity", "expected"),
    [("production", "met"), ("services", "met"), ("trade", "to_review"), ("other", "to_review"), (None, "to_review")],
)
def test_an_activity_the_text_does_not_cite_is_looked_at(activity: str | None, expected: str) -> None:
    assert outcome(replace(FIRM, activity=activity), "activity") == expected


@pytest.mark.parametrize(
    ("department", "expected"),
    [
        *((code, "met") for code in ("14", "27", "50", "61", "76")),
        ("75", "unmet"),
        (OUTSIDE, "unmet"),
        (None, "to_review"),
    ],
)
def test_the_establishment_is_in_normandie(department: str | None, expected: str) -> None:
    assert outcome(replace(FIRM, department=department), "normandy") == expected


def test_a_group_seated_elsewhere_with_norman_communes_is_looked_at() -> None:
    group = replace(TOWN, department="28", has_norman_communes=True)
    assert outcome(group, "normandy") == "to_review"
    assert outcome(replace(group, structure_type="enterprise"), "normandy") == "unmet"


def test_an_association_is_pointed_to_booster_ia() -> None:
    verdict = evaluate(replace(FIRM, structure_type="association"))
    finding = verdict.findings[1]
    assert verdict.conclusion is Conclusion.INELIGIBLE
    assert finding.outcome == "unmet"
    assert finding.message.endswith("Booster IA lui est ouvert.")
    assert str(finding.citation) == "Délibération AP D 25-12-5, annexe 3, « Bénéficiaires de l’aide »"


def test_nothing_known_but_the_day_leaves_everything_to_review() -> None:
    assert outcomes(evaluate(Facts(on=ON))) == {
        "opening": "met",
        "beneficiary": "to_review",
        "normandy": "to_review",
        "population": "to_review",
        "fte": "to_review",
        "age": "to_review",
        "activity": "to_review",
        "de_minimis": "not_applicable",
    }


def test_the_scheme_opens_on_the_first_of_march_2026() -> None:
    assert outcome(replace(TOWN, on=date(2026, 2, 28)), "opening") == "unmet"
    assert outcome(replace(TOWN, on=date(2026, 3, 1)), "opening") == "met"


def test_a_figure_changed_from_a_date_changes_later_verdicts_only() -> None:
    path = Path(diagnostic.__file__).with_name("reglement.toml")
    before = "values = [{ from = 2026-03-01, value = 10_000,"
    content = path.read_text(encoding="utf-8")
    assert content.count(before) == 1
    amended = parse(
        content.replace(
            before,
            'values = [{ from = 2026-03-01, value = 10_000, text = "annexe3", article = "texte voté" }, '
            "{ from = 2027-01-01, value = 5_000,",
        )
    )
    small = replace(TOWN, population=Decimal(7_000))
    eve, day = date(2026, 12, 31), date(2027, 1, 1)
    assert evaluate(replace(small, on=eve), reglement=amended) == evaluate(replace(small, on=eve))
    assert evaluate(replace(small, on=eve), reglement=amended).conclusion is Conclusion.INELIGIBLE
    assert evaluate(replace(small, on=day), reglement=amended).conclusion is Conclusion.ELIGIBLE


@given(st.decimals(0, 10**6, places=2), st.dates(date(1900, 1, 1), date(2026, 4, 1)))
def test_every_verdict_cites_a_text_and_keeps_its_facts(fte: Decimal, created_on: date) -> None:
    verdict = evaluate(replace(FIRM, fte=fte, created_on=created_on))
    assert all(finding.message and finding.citation.text and finding.citation.article for finding in verdict.findings)
    assert Verdict.from_record(verdict.as_record()) == verdict
    assert (outcomes(verdict)["fte"] == "met") is (10 <= fte <= 250)


def test_each_rule_has_its_citation_and_nothing_more() -> None:
    assert list(REGLEMENT.rules) == [finding.rule.removeprefix("diagnostic.") for finding in evaluate(TOWN).findings]


# ------------------------------------------------------------- the de minimis declaration of the form (D-34, D-65)
ENVELOPE = REGLEMENT.on(ON).number("envelope")
CEILING = Decimal(300_000)
RECENT = date(2025, 3, 1)


def declared(*aids: tuple[date, Decimal], **more: Any) -> Facts:
    given_aids = tuple(Aid(on, amount) for on, amount in aids)
    return replace(FIRM, declaration=Declaration(aids=given_aids, **more))


def message(facts: Facts) -> str:
    return next(one.message for one in evaluate(facts).findings if one.rule == "diagnostic.de_minimis")


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (Decimal(0), "met"),
        (CEILING - ENVELOPE, "met"),  # what is left is the price of the dearest diagnostic, to the cent
        (CEILING - ENVELOPE + Decimal("0.01"), "to_review"),
        (CEILING - Decimal("0.01"), "to_review"),
        (CEILING, "unmet"),
        (CEILING + Decimal(1), "unmet"),
    ],
)
def test_the_room_left_is_weighed_before_the_price_is_known(received: Decimal, expected: str) -> None:
    assert outcome(declared((RECENT, received)), "de_minimis") == expected


def test_aids_add_up_and_those_out_of_the_window_do_not_count() -> None:
    old, first_day = date(2023, 3, 31), date(2023, 4, 1)  # three years back from 1 April 2026, both bounds included
    assert outcome(declared((old, CEILING)), "de_minimis") == "met"
    assert outcome(declared((first_day, CEILING)), "de_minimis") == "unmet"
    half = CEILING / 2
    assert outcome(declared((first_day, half), (RECENT, half)), "de_minimis") == "unmet"


def test_an_enterprise_that_declares_nothing_is_looked_at() -> None:
    facts = replace(FIRM, declaration=Declaration())
    assert outcome(facts, "de_minimis") == "to_review"


@pytest.mark.parametrize(
    ("is_economic", "expected"), [(True, "to_review"), (False, "not_applicable"), (None, "to_review")]
)
def test_a_health_facility_is_asked_for_its_activity_only(is_economic: bool | None, expected: str) -> None:
    facts = replace(FIRM, structure_type="health_facility", declaration=Declaration(is_economic=is_economic))
    assert outcome(facts, "de_minimis") == expected


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"is_agricultural": True}, "Activité agricole (NAF, section A) : un autre règlement peut s’appliquer."),
        ({"has_other_regime": True}, "Une autre aide est déclarée sur les mêmes coûts : le cumul est à vérifier."),
    ],
)
def test_an_alert_is_added_and_changes_no_outcome(more: dict[str, bool], said: str) -> None:
    plain_facts, alerted = declared(), declared(**more)
    assert outcome(alerted, "de_minimis") == outcome(plain_facts, "de_minimis") == "met"
    assert said in message(alerted).replace("\u00a0", " ")
    assert said not in message(plain_facts).replace("\u00a0", " ")


def test_a_town_declares_no_aid() -> None:
    assert outcome(replace(TOWN, declaration=Declaration()), "de_minimis") == "not_applicable"
