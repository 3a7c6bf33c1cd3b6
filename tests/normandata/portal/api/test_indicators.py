"""Indicators through the API are those that everybody reads elsewhere: same sentences, numbers and secrets."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from normandata.indicators import figures, registry
from normandata.indicators.definitions import Period
from normandata.indicators.figures import Scope
from tests.factories.booster_after import make_award

pytestmark = pytest.mark.django_db


def test_every_registered_indicator_is_listed_with_its_voted_title(get: Any) -> None:
    listed = [(owner, one) for owner in registry.owners() for one in registry.of(owner.slug)]
    said = get("indicators")["data"]
    assert [(one["owner"], one["slug"]) for one in said] == [(owner.slug, one.slug) for owner, one in listed]
    assert [one["title"].replace("\u00a0", " ") for one in said] == [
        one.title.replace("\u00a0", " ") for _, one in listed
    ]


def test_each_figure_is_the_published_one(get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    make_award()
    today = timezone.localdate()
    period = Period(date(today.year, 1, 1), date(today.year, 12, 31), today)
    for owner in registry.owners():
        said = get(f"indicators/{owner.slug}")["data"]
        for indicator, one in zip(registry.of(owner.slug), said, strict=True):
            expected = figures.record(figures.published(owner, indicator, period)) | {"owner": owner.slug}
            assert one == expected
            assert get(f"indicators/{owner.slug}/{indicator.slug}") == one


def test_a_period_an_arrest_and_a_department_are_read(get: Any) -> None:
    owner, indicator = registry.owner("booster_ia"), registry.of("booster_ia")[0]
    assert owner is not None
    asked = {"from": "2026-03-01", "to": "2026-09-30", "as_of": "2026-06-30"}
    said = get(f"indicators/booster_ia/{indicator.slug}", **asked)
    assert said["period"] == {"first": "2026-03-01", "last": "2026-09-30", "as_of": "2026-06-30"}
    period = Period(date(2026, 3, 1), date(2026, 9, 30), date(2026, 6, 30))
    for scope in ({"department": "14"}, {"structure": "enterprise"}):
        found = figures.published(owner, indicator, period, Scope(**scope))
        answer = get(f"indicators/booster_ia/{indicator.slug}", **asked, **scope)
        assert answer == figures.record(found) | {"owner": "booster_ia"}


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"as_of": "2099-01-01"}, "as_of"),
        ({"from": "2026-03-01", "to": "2026-02-28"}, "to"),
        ({"from": "0001-01-01"}, "from"),
        ({"department": "75"}, "department"),
        ({"structure": "particulier"}, "structure"),
    ],
)
def test_a_period_that_cannot_be_counted_is_told(get: Any, query: dict[str, str], parameter: str) -> None:
    assert get("indicators/diagnostic", 400, **query)["parameter"] == parameter


def test_an_unknown_indicator_is_not_found(get: Any) -> None:
    assert "aucun" in get("indicators/diagnostic/aucun", 404)["detail"]


def test_few_queries_count_an_indicator(get: Any) -> None:
    costs = {}
    for owner in registry.owners():
        for indicator in registry.of(owner.slug):
            with CaptureQueriesContext(connection) as captured:
                get(f"indicators/{owner.slug}/{indicator.slug}")
            costs[indicator.slug] = len(captured)
        with CaptureQueriesContext(connection) as captured:
            get(f"indicators/{owner.slug}")
        costs[owner.slug] = len(captured)
    assert {name: count for name, count in costs.items() if count > 12} == {}
