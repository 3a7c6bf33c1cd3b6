"""`manage.py simulate`: the contract that anyone can replay."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from normandata.organisations import territories
from normandata.portal.simulation import RULESETS, answer_line, written

VECTORS = sorted((Path(__file__).parents[2] / "vectors").glob("*.jsonl"))
CASES = [json.loads(line) for path in VECTORS for line in path.read_text(encoding="utf-8").splitlines()]


def holds(expected: Any, found: Any) -> bool:
    """Tell whether `expected` is a subset of the answer."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(holds(value, found.get(key)) for key, value in expected.items())
    return bool(expected == found)


def ask(monkeypatch: pytest.MonkeyPatch, ruleset: str, *lines: str | bytes) -> tuple[list[dict[str, Any]], bool]:
    """Run the command on these lines; return its answers, and whether it ended well."""
    content = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    out = io.StringIO()
    try:
        call_command("simulate", ruleset, stdout=out)
        ended_well = True
    except CommandError as error:
        ended_well = error.returncode != 1
    return [json.loads(line) for line in out.getvalue().splitlines()], ended_well


def test_the_worked_cases_cover_the_four_rulesets() -> None:
    assert {case["ruleset"] for case in CASES} == set(RULESETS)
    assert len(CASES) == 30


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_worked_case_is_answered_as_expected(case: dict[str, Any]) -> None:
    found = answer_line(case["ruleset"], json.dumps(case["input"]).encode(), 1)
    assert holds(case["expected"], found), found


def test_answers_come_in_order_and_blank_lines_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, ended_well = ask(
        monkeypatch, "diagnostic", '{"on": "2026-02-28"}', "", "   ", '{"on": "2026-04-01", "department": "14"}'
    )
    assert [answer["findings"][0]["outcome"] for answer in answers] == ["unmet", "met"]
    assert ended_well


def test_a_malformed_line_is_named_and_the_others_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, ended_well = ask(
        monkeypatch,
        "diagnostic",
        "",
        "{",
        '{"on": "2026-04-01"}',
        '{"department": "14"}',
        b'{"on": "\xff"}',
        '[{"on": "2026-04-01"}]',
        '{"on": "2026-04-01", "on": "2026-04-02"}',
    )
    assert not ended_well
    assert [(answer.get("line"), answer.get("error")) for answer in answers] == [
        (2, "JSON illisible"),
        (None, None),
        (4, "on : champ obligatoire"),
        (5, "JSON illisible"),
        (6, "la ligne : un objet JSON est attendu"),
        (7, "un champ est écrit deux fois"),
    ]


@pytest.mark.parametrize(
    ("ruleset", "line"),
    [
        ("diagnostic", '{"on": "2026-04-01", "population": NaN}'),
        ("diagnostic", '{"on": "2026-04-01", "population": 1e999999}'),
        ("diagnostic", '{"on": "2026-04-01", "fte": 1e1000000}'),
        ("diagnostic", '{"on": "2026-04-01", "fte": 1e99999999999}'),
        ("diagnostic", '{"on": "2026-04-01", "fte": 1e-99999999999}'),
        ("diagnostic", '{"on": "2026-04-01", "population": "douze mille"}'),
        ("diagnostic", '{"on": "2026-04-01", "population": 10000.5}'),
        ("diagnostic", '{"on": "2026-04-01", "structure_type": "club"}'),
        ("diagnostic", '{"on": "2026-04-01", "unknown": 1}'),
        ("diagnostic", '{"on": null}'),
        ("diagnostic", "[" * 100_000),
        ("diagnostic", "9" * 5_000),
        ("booster_ia", '{"on": "2026-05-04", "applicant": []}'),
        ("booster_ia", '{"on": "2026-05-04", "applicant": {"type": "club"}}'),
        ("booster_ia", '{"on": "2026-05-04", "applicant": {"name": "x"}}'),
        ("booster_ia", '{"on": "2026-05-04", "partners": [{"department": "14", "siren": "1"}]}'),
        ("booster_ia", '{"on": "2026-05-04", "expenses": [{"category": "services", "amount": "-1"}]}'),
        ("booster_ia", '{"on": "2026-05-04", "expenses": [{"category": "gifts", "amount": "1"}]}'),
        ("booster_ia", '{"on": "2026-05-04", "expenses": [{"category": "services", "amount": "1", "basis": "TTC"}]}'),
        ("booster_ia", '{"on": "2026-05-04", "other_public_aid": "-0.01"}'),
        ("booster_ia", '{"on": "2026-05-04", "sheets": [{"quality": "20.01"}]}'),
        ("booster_ia", '{"on": "2026-05-04", "sheets": [{"quality": "-1"}]}'),
        ("booster_ia", '{"on": "2026-05-04", "sheets": [{"charm": "1"}]}'),
        ("booster_ia", '{"on": "2026-05-04", "de_minimis": {"amount": "1", "aids": []}}'),
        ("booster_ia", '{"on": "2026-05-04", "de_minimis": {"on": "2026-01-01", "aids": []}}'),
        ("booster_ia", '{"on": "2026-05-04", "justified_expenses": "-1"}'),
        ("de_minimis", '{"on": "2026-06-15", "amount": "-1", "aids": []}'),
        ("de_minimis", '{"on": "2026-06-15", "amount": "1", "aids": [{"on": "2026-01-01", "amount": "-1"}]}'),
        ("de_minimis", '{"on": "2026-06-15", "amount": "1", "aids": [{"amount": "1"}]}'),
        ("de_minimis", '{"on": "2026-06-15", "amount": "1", "aids": [{"on": "2026-01-01"}]}'),
        ("de_minimis", '{"on": "2026-06-15", "amount": "1", "aids": [], "fiscal_year_end": "02-30"}'),
        ("de_minimis", '{"on": "2026-06-15", "amount": "1", "aids": [], "fiscal_year_end": "31-12"}'),
        ("datathon_prizes", '{"prizes": "5000"}'),
        ("datathon_prizes", '{"prizes": [true]}'),
        ("datathon_prizes", '{"prizes": [], "on": "2026-01-01"}'),
    ],
)
def test_what_cannot_be_judged_is_malformed(ruleset: str, line: str) -> None:
    answer = answer_line(ruleset, line.encode(), 7)
    assert (set(answer), answer["line"]) == ({"error", "line"}, 7), answer


def test_any_text_of_a_case_can_be_written_back(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, ended_well = ask(monkeypatch, "diagnostic", r'{"on": "2026-04-01", "\ud800 é": 1}', '{"on": "2026-04-01"}')
    assert not ended_well
    assert [answer.get("error") for answer in answers] == ["champ inconnu : \ud800 é", None]
    assert written({"error": "\ud800 é’"}).isascii()


def test_amounts_of_an_answer_have_two_decimals() -> None:
    answer = answer_line(
        "de_minimis", b'{"on": "2026-06-15", "amount": 12500, "aids": [{"on": "2025-05-05", "amount": 190000.5}]}', 1
    )
    assert {name: answer["findings"][0]["facts"][name] for name in ("used", "remaining", "ceiling", "amount")} == {
        "used": "190000.50",
        "remaining": "109999.50",
        "ceiling": "300000.00",
        "amount": "12500.00",
    }


def test_a_missing_fact_is_reviewed_and_an_empty_list_is_a_fact() -> None:
    assert answer_line("booster_ia", b'{"on": "2026-05-04"}', 1)["verdict"] == "to_review"
    assert answer_line("booster_ia", b'{"on": "2026-05-04", "partners": []}', 1)["verdict"] == "ineligible"
    assert answer_line("datathon_prizes", b"{}", 1)["verdict"] == "to_review"
    assert answer_line("datathon_prizes", b'{"prizes": []}', 1) | {"findings": 0} == {
        "verdict": "eligible",
        "findings": 0,
        "total": "0.00",
    }


def test_the_shape_of_an_answer() -> None:
    answer = answer_line("booster_ia", b'{"on": "2026-05-04", "justified_expenses": 10}', 1)
    assert list(answer) == [
        "verdict", "findings", "eligible_expenses", "grant", "grantable_max", "advance_max", "score",
        "final_grant", "balance", "overpayment",
    ]  # fmt: skip
    assert list(answer["findings"][0]) == ["rule", "outcome", "message", "citation", "facts"]
    assert list(answer["findings"][0]["citation"]) == ["text", "article"]
    assert "\n" not in written(answer)


def test_every_commune_and_epci_in_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        json.dumps(
            {
                "on": "2026-04-01",
                "structure_type": "local_authority",
                "department": row.department,
                "population": row.population,
            }
        )
        for row in territories.reference_rows()
    ]
    assert len(rows) == 2_644 + 71
    answers, ended_well = ask(monkeypatch, "diagnostic", *rows)
    assert ended_well
    eligible = [answer["verdict"] == "eligible" for answer in answers]
    # 59 groups count 10 000 to 100 000 inhabitants; one of them is seated in Sarthe.
    assert (sum(eligible[:71]), sum(eligible[71:])) == (58, 40)
