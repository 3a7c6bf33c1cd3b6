"""The demonstration's typed-in values: one at least for each indicator that is typed, signed, told once."""

from decimal import Decimal

import pytest
import time_machine

from normandata.accounts.models import User
from normandata.indicators import registry, services
from normandata.indicators.definitions import Period
from normandata.indicators.models import Statement
from normandata.portal.demonstration import clock, figures, people, script

pytestmark = pytest.mark.django_db
NOW = "2026-11-25T16:00:00+00:00"


@pytest.fixture
def persons(monkeypatch: pytest.MonkeyPatch) -> dict[str, User]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    told = script.read()
    signing = {one["by"] for one in figures.read()} | {"agent"}
    return people.settle([told.account(slug) for slug in sorted(signing)])


@time_machine.travel(NOW, tick=False)
def test_each_typed_indicator_has_its_figure_and_is_told_once(persons: dict[str, User]) -> None:
    assert figures.settle(persons) == 18
    today = clock.today()
    year = Period(today.replace(month=1, day=1), today.replace(month=12, day=31), today)
    counted = {
        (owner.slug, one.slug): one.count(year).value
        for owner in registry.owners()
        for one in registry.of(owner.slug)
        if one.typed
    }
    # 21 + 12 + 15 + 8 + 24 + 9 + 2 in the first network; 25, corrected, + 17 + 11 + 6 + 52 + 3 in the second
    assert counted == {
        ("diagnostic", "structures-des-reseaux"): 91 + 114,
        ("diagnostic", "autres-suivis"): 1,
        ("booster_ia", "autres-suivis"): 1,
        ("datathon", "autres-suivis"): 1,
        ("roadmap", "autres-suivis"): 1,
    }
    assert figures.settle(persons) == 0
    assert Statement.objects.count() == 18


@time_machine.travel(NOW, tick=False)
def test_they_are_dated_signed_and_one_is_corrected(persons: dict[str, User]) -> None:
    figures.settle(persons)
    rows = list(Statement.objects.select_related("by", "corrects"))
    assert [one for one in rows if one.by is None or one.measured_on > one.at.date()] == []
    assert {one.at.date() for one in rows if one.owner == "roadmap"} == {clock.working_day(62)}
    (correction,) = [one for one in rows if one.corrects]
    assert (correction.corrects.value, correction.value) == (Decimal(38), Decimal(25))
    assert correction.by == persons["agent"]


@time_machine.travel(NOW, tick=False)
def test_what_somebody_typed_is_left_alone(persons: dict[str, User]) -> None:
    own = registry.find("roadmap", "autres-suivis")
    assert own is not None
    said = {"label": "Abonnés", "unit": "abonnés", "source": "Relevé d’essai", "measured_on": clock.working_day(3)}
    mine = services.state("roadmap", own, by=persons["administrateur"], value=Decimal(3), **said)
    assert figures.settle(persons) == 17
    assert Statement.objects.filter(owner="roadmap").get() == mine


def test_each_is_marked_as_fictitious() -> None:
    assert [one["label"] for one in figures.read() if not one["source"].startswith("Exemple fictif.")] == []
