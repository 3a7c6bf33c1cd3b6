"""The demonstration's editions: one published, one whose jury deliberates, one open; told once."""

from collections import Counter

import pytest
import time_machine
from django.utils import timezone

from datathon import phases
from datathon.models import Deliberation, Edition, HelpRequest, Outcome, Registration, Team
from normandata.accounts.models import User
from normandata.documents.models import Document
from normandata.dossiers.services.letters import signatory
from normandata.portal.demonstration import datathon, people, script
from normandata.procedure.models import Event

pytestmark = pytest.mark.django_db
WANTED = ("organisateur", "mentor", *(f"jure{end}" for end in ("", "-2", "-3", "-4", "-5", "-6", "-7")))


@pytest.fixture
def persons(monkeypatch: pytest.MonkeyPatch, media: object) -> dict[str, User]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return people.settle([script.read().account(slug) for slug in WANTED])


@time_machine.travel("2026-11-29T16:00:00+00:00", tick=False)
def test_three_editions_are_told_once_even_on_a_sunday(persons: dict[str, User]) -> None:
    assert datathon.settle(persons) == 3
    before = Event.objects.count()
    assert (datathon.settle(persons), Event.objects.count()) == (0, before)
    past, jury, opened = Edition.objects.order_by("created_at")
    assert [one.state for one in (past, jury, opened)] == [phases.PUBLISHED, phases.DELIBERATION, phases.REGISTRATION]
    assert [one.teams.count() for one in (past, jury, opened)] == [6, 20, 4]
    assert Registration.objects.values("person").distinct().count() == 76
    _decided(past)
    _deliberating(jury)
    _accompanied(opened)


def _accompanied(edition: Edition) -> None:
    """A mentor helps one team and another waits; a meeting is to come; letters of refusal have who signs them."""
    assert [str(one.person) for one in edition.mentors.active()] == ["Gaspard Fictif"]
    assert HelpRequest.objects.filter(team__edition=edition, taken_by__isnull=False).count() == 1
    assert HelpRequest.objects.waiting().filter(team__edition=edition).count() == 1
    assert edition.meetings.standing().filter(starts_at__gt=timezone.now()).count() == 1
    assert signatory("datathon", timezone.localdate()).name == "Solange Exemple"


def _decided(edition: Edition) -> None:
    """The second and the third were exchanged, with a reason; the minutes are a file."""
    rows = Outcome.objects.filter(deliberation=edition.pk).order_by("decided_rank")
    assert [one.decided_rank for one in rows] == [1, 2, 3, 4, 5, 6]
    assert [one.proposed_rank for one in rows][:3] == [1, 3, 2]
    found = Deliberation.objects.get(edition=edition)
    assert found.reason
    assert Document.objects.get(pk=found.record_id).is_ready
    assert Team.objects.filter(edition=edition, shown_in_gallery=True).count() == 6


def _deliberating(edition: Edition) -> None:
    """Seven jurors and twenty teams; one team under the quorum, recusals, abstentions, ballots that were not sent."""
    rows = Outcome.objects.filter(deliberation=edition.pk)
    assert Counter(one.ballots for one in rows) == {7: 17, 6: 2, 2: 1}
    assert [one.team.name for one in rows.filter(proposed_rank=None)] == ["Vélo Caux"]
    assert max(one.highest - one.lowest for one in rows if one.highest and one.lowest) >= 1
    assert edition.jurors.sitting().count() == 7


@time_machine.travel("2026-03-02T16:00:00+00:00", tick=False)
def test_an_edition_that_would_begin_before_the_scheme_opened_is_left_out(persons: dict[str, User]) -> None:
    datathon.settle(persons)
    assert list(Edition.objects.values_list("slug", flat=True)) == ["datathon-prochain"]
