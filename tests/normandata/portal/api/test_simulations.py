"""Simulating through the API is simulating: the worked cases, the whole answer of each, and nothing written."""

import json
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

from normandata.outbox.models import Message
from normandata.portal.api import cases, simulations
from normandata.portal.simulation import RULESETS, answer_line
from normandata.procedure.models import Event
from tests.normandata.portal.test_simulate import CASES, holds

pytestmark = pytest.mark.usefixtures("quiet")


def ask(client: Client, ruleset: str, body: Any) -> Any:
    response = client.post(f"/api/v1/simulate/{ruleset}", json.dumps(body), content_type="application/json")
    assert response.status_code == 200, response.content
    return response.json()


def test_each_worked_case_is_answered_as_the_command_does(client: Client) -> None:
    for case in CASES:
        found = ask(client, case["ruleset"], case["input"])
        assert holds(case["expected"], found), case["id"]
        assert found == answer_line(case["ruleset"], json.dumps(case["input"]).encode(), 1)


def test_several_cases_are_answered_in_their_order(client: Client) -> None:
    good = {"on": "2026-04-01", "department": "14"}
    found = ask(client, "diagnostic", [good, {"department": "14"}, 7, good])
    single = ask(client, "diagnostic", good)
    assert found == [
        single,
        {"error": "on : champ obligatoire", "line": 2},
        {"error": "la ligne : un objet JSON est attendu", "line": 3},
        single,
    ]


def test_amounts_are_read_exactly(client: Client) -> None:
    body = b'{"on": "2026-07-01", "amount": 0.1, "aids": [{"on": "2026-01-01", "amount": 0.20}]}'
    response = client.post("/api/v1/simulate/de_minimis", body, content_type="application/json")
    assert response.json()["regimes"]["2023/2831"]["used"] == "0.20"


@pytest.mark.django_db
def test_nothing_is_written(client: Client, django_assert_num_queries: Any) -> None:
    ask(client, "booster_ia", cases.SAMPLES["booster_ia"])  # addresses are read
    with django_assert_num_queries(0):
        ask(client, "booster_ia", cases.SAMPLES["booster_ia"])
    assert not Event.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize("ruleset", RULESETS)
def test_the_schema_admits_every_worked_case_and_names_every_field(ruleset: str, client: Client) -> None:
    schema, answers = cases.CASES[ruleset], Draft202012Validator(cases.verdict(ruleset))
    for case in CASES:
        if case["ruleset"] == ruleset:
            Draft202012Validator(schema).validate(case["input"])
            answers.validate(ask(client, ruleset, case["input"]))
    # A field that the schema names is read: null is a missing fact, never an unknown field.
    nothing = dict.fromkeys(schema["properties"]) | ({"on": "2026-04-01"} if "on" in schema["properties"] else {})
    assert "findings" in ask(client, ruleset, nothing)


def test_a_scheme_leads_to_its_own_rules() -> None:
    found = [simulations.route_of(one) for one in ("diagnostic", "booster_ia", "datathon", "roadmap")]
    assert found == ["simulate_diagnostic", "simulate_booster_ia", "simulate_datathon_prizes", None]
