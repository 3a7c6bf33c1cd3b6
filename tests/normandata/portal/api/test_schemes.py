"""Schemes and règlements through the API are those of the files, on the day that is asked for."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from normandata.dossiers import schemes
from normandata.portal import presentation

pytestmark = pytest.mark.django_db


def test_the_schemes_are_those_that_are_registered(get: Any) -> None:
    said = get("schemes", on="2026-04-01")
    assert said["on"] == "2026-04-01"
    assert [one["code"] for one in said["data"]] == [one.slug for one in schemes.aids()]
    booster = said["data"][1]
    assert booster["url"] == "http://localhost:8000/aides/booster-ia/"
    assert booster["rules_url"] == "http://localhost:8000/api/v1/rules/booster_ia?on=2026-04-01"
    assert booster["simulate_url"] == "http://localhost:8000/api/v1/simulate/booster_ia"


def test_a_scheme_says_where_it_stands_on_the_day_asked_for(get: Any) -> None:
    opens_on = schemes.by_slug()["diagnostic"].reglement.on(date(2026, 4, 1)).date("opening")
    before = get("schemes/diagnostic", on=(opens_on.replace(day=1).replace(year=opens_on.year - 1)).isoformat())
    after = get("schemes/diagnostic", on=opens_on.isoformat())
    assert before["status"].startswith("Ouvre le")
    assert after["status"].startswith("Ouvert depuis le")
    assert after["opens_on"] == opens_on.isoformat()


def test_the_sheet_is_that_of_the_page_word_for_word(get: Any) -> None:
    said, sheet = get("schemes/datathon"), schemes.by_slug()["datathon"].sheet
    assert said["voted_title"] == sheet.title
    assert [part["title"] for part in said["sections"]] == [part.title for part in sheet.sections]
    assert said["sections"][0]["blocks"][0]["text"] == sheet.sections[0].blocks[0].text
    assert said["indicators"]["output"] == list(sheet.indicators.output)


def test_every_figure_and_every_rule_is_that_of_its_file(get: Any) -> None:
    said = {one["code"]: one for one in get("rules", on="2026-04-01")["data"]}
    assert list(said) == [one.slug for one in presentation.reglements()]
    for reglement in presentation.reglements():
        told = said[reglement.slug]
        assert [one["code"] for one in told["figures"]] == list(reglement.parameters)
        assert [one["code"] for one in told["rules"]] == [f"{reglement.slug}.{code}" for code in reglement.rules]
        for figure in told["figures"]:
            value = reglement.parameters[figure["code"]].on(date(2026, 4, 1))
            assert figure["in_force"]["since"] == value.since.isoformat()
            assert figure["in_force"]["citation"] == {"text": value.citation.text, "article": value.citation.article}
            if isinstance(value.value, Decimal):
                assert (figure["type"], Decimal(figure["in_force"]["value"])) == ("number", value.value)
        assert get(f"rules/{reglement.slug}", on="2026-04-01") == told


def test_an_amended_figure_changes_on_its_day(get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    known = schemes.by_slug()["diagnostic"].reglement
    code, parameter = next((c, p) for c, p in known.parameters.items() if isinstance(p.values[0].value, Decimal))
    first = parameter.values[0]
    amended = replace(first, since=date(2027, 1, 1), value=first.value + 1)  # type: ignore[operator]
    changed = replace(known, parameters={code: replace(parameter, values=(first, amended))})
    monkeypatch.setattr(presentation, "reglements", lambda: [changed])
    for on, value in (("2026-12-31", first.value), ("2027-01-01", amended.value)):
        (figure,) = get("rules/diagnostic", on=on)["figures"]
        assert Decimal(figure["in_force"]["value"]) == value
        assert [Decimal(one["value"]) for one in figure["values"]] == [first.value, amended.value]


@pytest.mark.parametrize("path", ["schemes", "schemes/booster_ia", "rules", "rules/diagnostic"])
def test_files_are_read_not_the_database(get: Any, path: str) -> None:
    get(path)
    with CaptureQueriesContext(connection) as captured:
        get(path)
    assert len(captured) == 0
