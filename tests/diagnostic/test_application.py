"""The request for a diagnostic: prefilled by kind of organisation, judged, and kept for the figures."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from stdnum import luhn

from diagnostic import application
from diagnostic.application import facts_of, judge, keep, prefill
from diagnostic.models import Diagnostic
from normandata.dossiers import drafts
from normandata.dossiers.applications import Case
from normandata.organisations.models import Organisation, Territory
from tests.factories.dossiers import FIRM, NO_AID, make_deposit, make_draft
from tests.factories.organisations import OrganisationFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 10, 1, 7, 14, tzinfo=UTC)


def known(**answers: str) -> QueryDict:
    return QueryDict(urlencode(answers))


def firm(**fields: Any) -> Organisation:
    given = {"name": "Fonderie", "created_on": date(2009, 5, 12), "activity_code": "25.62B"}
    found: Organisation = OrganisationFactory(**given | fields)
    return found


def case(*, organisation: Organisation | None = None, **answers: Any) -> Case:
    draft = make_draft(organisation=organisation or firm(), answers={**FIRM, **answers})
    return drafts.read(draft).case(AT)


# ----------------------------------------------------------------------------------------------------------- prefilled
def test_an_enterprise_gets_its_identity_and_the_simulators_answers() -> None:
    asked = known(structure="enterprise", departement="14", etp="45,5", creation="01/01/2001", activite="trade")
    assert prefill(firm(), asked) == {
        "structure": {
            "nom": "Fonderie", "adresse": "1 rue de l’Exemple, 14000 Caen", "etp": "45,5", "type": "enterprise",
        },
        "situation": {"creation": "12/05/2009", "activite": "trade"},
    }  # fmt: skip


def test_an_enterprise_without_simulation_gets_what_the_directory_is_sure_of() -> None:
    found = prefill(firm(), known())
    assert found["structure"]["type"] == "enterprise"
    assert found["situation"] == {"creation": "12/05/2009", "activite": "production"}


@pytest.mark.usefixtures("territories")
def test_a_commune_gets_its_population_from_the_census() -> None:
    territory = Territory.objects.filter(kind=Territory.Kind.COMMUNE, siren__gt="").first()
    assert territory is not None
    number = f"{territory.siren}0001"
    siret = f"{number}{luhn.calc_check_digit(number)}"
    organisation = firm(siret=siret, legal_category="7210", activity_code="84.11Z")
    found = prefill(organisation, known(population="12"))
    assert found["structure"]["type"] == "local_authority"
    assert found["situation"] == {"population": str(territory.population)}


def test_a_health_facility_gets_its_finess_number() -> None:
    organisation = firm(finess_numbers=["140000001"])
    found = prefill(organisation, known(structure="health_facility"))
    assert found["situation"] == {"finess": "140000001"}


def test_the_directory_down_leaves_what_was_answered() -> None:
    asked = known(structure="enterprise", departement="61", etp="45,5", creation="12/05/2009", activite="services")
    assert prefill(OrganisationFactory(pending=True), asked) == {
        "structure": {"etp": "45,5", "type": "enterprise", "departement": "61"},
        "situation": {"creation": "12/05/2009", "activite": "services"},
    }


# --------------------------------------------------------------------------------------------------------------- judged
def test_a_whole_request_is_eligible_on_its_day() -> None:
    verdict = judge(case())
    assert (verdict.conclusion.value, verdict.on) == ("eligible", date(2026, 10, 1))


def outcomes(of: Case) -> dict[str, str]:
    return {one.rule.removeprefix("diagnostic."): one.outcome.value for one in judge(of).findings}


def test_with_the_directory_down_the_department_is_looked_at() -> None:
    structure = FIRM["structure"] | {"departement": "61"}
    pending = case(organisation=OrganisationFactory(pending=True), structure=structure)
    assert facts_of(pending).department is None
    found = outcomes(pending)
    assert found["normandy"] == "to_review"
    assert {rule for rule, outcome in found.items() if outcome == "to_review"} == {"normandy"}


def test_the_directorys_facts_are_taken_before_what_was_typed() -> None:
    typed = case(situation={"creation": "01/01/2025", "activite": "production"})
    assert facts_of(typed).created_on == date(2009, 5, 12)
    assert outcomes(typed)["age"] == "met"


def test_the_declaration_is_read_from_the_table() -> None:
    aids = NO_AID | {"recues": "oui", "aide1_jour": "12/03/2025", "aide1_montant": "300 000", "cloture": "30/06"}
    declared = case(aides=aids)
    said = facts_of(declared).declaration
    assert said is not None
    assert said.aids is not None
    assert [(aid.on, aid.amount) for aid in said.aids] == [(date(2025, 3, 12), Decimal(300_000))]
    assert (said.fiscal_year_end, said.is_road_freight, said.is_agricultural) == ((6, 30), False, False)
    assert outcomes(declared)["de_minimis"] == "unmet"


@pytest.mark.parametrize(("code", "expected"), [("01.11Z", True), ("03.11Z", True), ("10.11Z", False)])
def test_an_agricultural_activity_is_alerted(code: str, expected: bool) -> None:
    said = facts_of(case(organisation=firm(activity_code=code))).declaration
    assert said is not None
    assert said.is_agricultural is expected


# ----------------------------------------------------------------------------------------------------------------- kept
def test_the_facts_of_a_deposit_are_kept_as_last_deposited() -> None:
    sent = make_deposit(make_draft(organisation=firm()))
    kept = Diagnostic.objects.get()
    assert (kept.structure_type, kept.fte, kept.population, kept.created_on, kept.activity) == (
        "enterprise", Decimal("45.50"), None, date(2009, 5, 12), "production",
    )  # fmt: skip
    assert kept.de_minimis_declared == 0
    section = sent.dossier.sections.get(slug="structure")
    section.answers |= {"etp": "50"}
    section.save()
    make_deposit(sent.dossier)
    assert Diagnostic.objects.get().fte == 50


def test_a_town_keeps_its_population_and_no_declaration() -> None:
    town = case(structure=FIRM["structure"] | {"type": "local_authority"}, situation={"population": "12 000"})
    keep(town)
    kept = Diagnostic.objects.get()
    assert (kept.population, kept.de_minimis_declared, kept.activity) == (12_000, None, "")


@pytest.mark.parametrize("largest", [{"etp": "1 000 000"}])
def test_the_largest_figures_that_the_form_takes_are_kept(largest: dict[str, str]) -> None:
    rows = {
        f"aide{n}_{part}": said
        for n in range(1, 41)
        for part, said in (("jour", "01/02/2025"), ("montant", "10000000"))
    }
    big = case(structure=FIRM["structure"] | largest, aides=NO_AID | {"recues": "oui"} | rows)
    keep(big)
    kept = Diagnostic.objects.get()
    assert (kept.fte, kept.de_minimis_declared) == (1_000_000, 400_000_000)


def test_every_act_written_in_a_dossiers_journal_has_words() -> None:
    call = re.compile(r"procedure\.record\(\s*(?:\w+\.)*dossier,\s*\"(\w+)\"")
    sources = [path.read_text(encoding="utf-8") for path in Path(application.__file__).parent.rglob("*.py")]
    written = {name for source in sources for name in call.findall(source)}
    assert written == set(application.APPLICATION.acts)
