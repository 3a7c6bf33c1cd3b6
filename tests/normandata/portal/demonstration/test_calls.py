"""The demonstration's calls: one open with proposals at several states, one assessed; told once, all fictitious."""

from collections import Counter

import pytest
import time_machine

from normandata.accounts.models import User
from normandata.organisations.models import Organisation
from normandata.portal.demonstration import calls, people, script
from roadmap import catalogue
from roadmap.calls import assessment
from roadmap.calls.models import Call, CallProposal

pytestmark = pytest.mark.django_db


@pytest.fixture
def persons(monkeypatch: pytest.MonkeyPatch) -> dict[str, User]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    catalogue.load()
    return people.settle([script.read().account(slug) for slug in (calls.PILOT, calls.AGENT, calls.CARRIER)])


@time_machine.travel("2026-11-25T16:00:00+00:00", tick=False)
def test_two_calls_are_told_once(persons: dict[str, User]) -> None:
    assert calls.settle(persons) == 2
    current, over = (Call.objects.whole().get(title=one["title"]) for one in calls.read())
    assert (current.state, over.state) == ("open", "published")
    states = Counter(current.proposals.values_list("dossier__state", flat=True))
    assert states == {"submitted": 1, "incomplete": 1, "closed": 1, "review": 1, "withdrawn": 1}
    counts = assessment.of_call(over)
    assert (counts.total, counts.from_public, counts.outside) == (12, 3, 1)
    assert {line.label: line.count for line in counts.themes} == {
        "Énergie": 4,
        "Eau": 3,
        "Matières et déchets": 3,
        "Foncier et friches": 2,
    }
    assert dict(counts.departments) == {"14": 3, "27": 2, "50": 2, "61": 3, "76": 4}
    assert not CallProposal.objects.filter(call=over, outcome="").exists()
    assert all(siret.startswith("999") for siret in Organisation.objects.values_list("siret", flat=True))
    assert calls.settle(persons) == 0
    assert Call.objects.count() == 2


@time_machine.travel("2029-11-26T16:00:00+00:00", tick=False)
def test_nothing_is_told_outside_the_years_of_the_roadmap(persons: dict[str, User]) -> None:
    assert calls.settle(persons) == 0
