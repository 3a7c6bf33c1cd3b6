"""The orientation: every support judged, by the schemes' own figures, the best first, each reason cited."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from booster_ia.rules import REGLEMENT as BOOSTER
from diagnostic.rules import REGLEMENT as DIAGNOSTIC
from normandata.portal import orientation
from normandata.portal.orientation import STAGES, STRUCTURES, SUPPORTS, Facts, orient
from normandata.regulation.findings import Conclusion, Outcome

DAY = date(2026, 10, 1)
FITS, CHECK, NOT = Conclusion.ELIGIBLE, Conclusion.TO_REVIEW, Conclusion.INELIGIBLE
WORKSHOP = Facts(
    on=DAY,
    structure="enterprise",
    stage="savoir",
    department="14",
    fte=Decimal(45),
    created_on=date(2009, 5, 12),
    activity="production",
)


def said(facts: Facts) -> dict[str, Conclusion]:
    return {one.slug: one.conclusion for one in orient(facts)}


def finding(facts: Facts, slug: str, rule: str) -> tuple[Outcome, str]:
    """Return the outcome and the words of one rule about one support."""
    answered = next(one for one in orient(facts) if one.slug == slug)
    found = next(one for one in answered.verdict.findings if one.rule == rule)
    return found.outcome, found.message


def test_an_enterprise_that_begins_is_led_to_the_diagnostic() -> None:
    assert said(WORKSHOP) == {
        "diagnostic": FITS,
        "core": CHECK,
        "impulsion": CHECK,
        "bpi": CHECK,
        "booster_ia": NOT,
        "feder": NOT,
        "datathon": NOT,
        "banque": NOT,
    }
    assert [one.slug for one in orient(WORKSHOP)][:4] == ["diagnostic", "core", "impulsion", "bpi"]


@pytest.mark.parametrize(
    ("stage", "best"),
    [("savoir", "diagnostic"), ("idee", "core"), ("tester", "booster_ia"), ("deployer", "feder"), ("defi", "datathon")],
)
def test_each_stage_has_its_support_in_the_order_of_the_continuum(stage: str, best: str) -> None:
    facts = replace(WORKSHOP, stage=stage, uses_ai=True, partner_departments=("76",))
    first = orient(facts)[0]
    assert (first.slug, first.stage) == (best, Outcome.MET)
    assert first.conclusion is (CHECK if best == "feder" else FITS)


@pytest.mark.parametrize(
    ("people", "expected"), [("9999", NOT), ("10000", FITS), ("100000", FITS), ("100001", NOT), (None, CHECK)]
)
def test_a_town_is_judged_by_the_bounds_of_the_diagnostic(people: str | None, expected: Conclusion) -> None:
    town = Facts(on=DAY, structure="local_authority", stage="savoir", department="50")
    facts = replace(town, population=None if people is None else Decimal(people))
    assert said(facts)["diagnostic"] is expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"fte": Decimal("9.9")}, NOT),
        ({"fte": Decimal(10)}, FITS),
        ({"fte": Decimal(251)}, NOT),
        ({"created_on": date(2021, 10, 1)}, FITS),
        ({"created_on": date(2021, 10, 2)}, NOT),
        ({"department": "75"}, NOT),
        ({"activity": "trade"}, CHECK),
    ],
)
def test_an_enterprise_is_judged_by_the_rules_of_the_diagnostic(
    change: dict[str, object], expected: Conclusion
) -> None:
    assert said(replace(WORKSHOP, **change))["diagnostic"] is expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("partners", "uses_ai", "expected"),
    [(("76",), True, FITS), ((), True, NOT), (("75",), True, NOT), (("76",), False, NOT), (("76",), None, CHECK)],
)
def test_booster_wants_two_norman_structures_and_ai(
    partners: tuple[str, ...], uses_ai: bool | None, expected: Conclusion
) -> None:
    facts = replace(WORKSHOP, stage="tester", partner_departments=partners, uses_ai=uses_ai)
    assert said(facts)["booster_ia"] is expected


def test_figures_are_those_of_the_schemes_and_follow_them(monkeypatch: pytest.MonkeyPatch) -> None:
    least = DIAGNOSTIC.parameters["fte_min"]
    raised = replace(least, values=tuple(replace(one, value=Decimal(50)) for one in least.values))
    monkeypatch.setitem(DIAGNOSTIC.parameters, "fte_min", raised)  # type: ignore[arg-type]
    assert said(WORKSHOP)["diagnostic"] is NOT
    assert "entre 50 et 250," in finding(WORKSHOP, "diagnostic", "diagnostic.fte")[1]


def test_an_association_goes_to_the_others_and_a_person_to_the_expert_or_the_challenge() -> None:
    association = Facts(on=DAY, structure="association", stage="savoir", department="14")
    assert said(association)["diagnostic"] is NOT
    assert orient(association)[0].slug == "core"
    person = replace(association, structure="person", stage="idee")
    assert said(person)["core"] is FITS
    assert said(person)["diagnostic"] is said(person)["booster_ia"] is NOT
    assert finding(person, "diagnostic", "diagnostic.beneficiary")[0] is Outcome.UNMET
    assert said(replace(person, stage="defi"))["datathon"] is FITS


@pytest.mark.parametrize("kind", ["public_health", "private_health"])
def test_a_health_facility_may_have_both(kind: str) -> None:
    facts = Facts(on=DAY, structure=kind, stage="savoir", department="76")
    assert said(facts)["diagnostic"] is FITS
    tests = replace(facts, stage="tester", uses_ai=True, partner_departments=("14",))
    assert said(tests)["booster_ia"] is FITS


def test_outside_normandie_nothing_fits_but_the_challenge() -> None:
    facts = replace(WORKSHOP, department="75")
    assert FITS not in said(facts).values()
    assert finding(facts, "core", "orientation.norman")[0] is Outcome.UNMET
    group = Facts(on=DAY, structure="local_authority", stage="idee", department="72", has_norman_communes=True)
    assert finding(group, "core", "orientation.norman")[0] is Outcome.TO_REVIEW
    assert said(replace(facts, stage="defi"))["datathon"] is FITS


def test_a_door_outside_is_never_promised() -> None:
    for structure, stage in product(STRUCTURES, STAGES):
        facts = Facts(on=DAY, structure=structure, stage=stage, department="14")
        doors = {slug: said(facts)[slug] for slug in ("impulsion", "banque", "bpi", "feder")}
        assert FITS not in doors.values()
        assert (doors["impulsion"] is CHECK) == (structure == "enterprise" and stage != "defi")
        assert (doors["banque"] is CHECK) == (structure == "local_authority" and stage != "defi")


def test_every_answer_of_every_visitor_is_explained_and_cited() -> None:
    for structure, stage in product(STRUCTURES, STAGES):
        found = orient(Facts(on=DAY, structure=structure, stage=stage))
        assert {one.slug for one in found} == set(SUPPORTS)
        for answered in found:
            assert answered.verdict.findings
            for one in answered.verdict.findings:
                assert one.message.endswith(".")
                assert one.citation.text
                assert one.citation.article
        ranks = [orientation.ORDER.index(one.conclusion) for one in found]
        assert ranks == sorted(ranks)


def test_before_it_opens_the_diagnostic_does_not_fit() -> None:
    early = replace(WORKSHOP, on=date(2026, 2, 28))
    assert said(early)["diagnostic"] is NOT
    assert said(replace(early, on=date(2026, 3, 1)))["diagnostic"] is FITS
    assert set(orientation.OF_BOOSTER) <= set(BOOSTER.rules)
