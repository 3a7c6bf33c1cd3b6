"""What organisers note after an edition: by whom, when, and what the journal keeps."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from datathon import phases
from datathon.models import Audience, Edition, FollowUp, Team
from datathon.services import after
from normandata.accounts.models import User
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory
from tests.factories.datathon import make_edition, make_organiser, make_team

pytestmark = pytest.mark.django_db
TODAY = date(2027, 12, 1)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel("2027-12-01T09:00:00+01:00", tick=False):
        yield


def note(team: Team, by: User, **fields: Any) -> FollowUp:
    given = {"kind": "reuse", "actor": " Métropole d’essai ", "on": TODAY, "text": "Une carte reprise."} | fields
    return after.note_follow_up(team, by=by, **given)


def read(edition: Edition, by: User, **fields: Any) -> Audience:
    given = {"source": "Page de l’édition", "measure": "visites", "count": 1200, "measured_on": TODAY} | fields
    return after.read_audience(edition, by=by, **given)


def events(name: str) -> list[dict[str, Any]]:
    return list(Event.objects.filter(name=name).values_list("data", flat=True))


def test_a_follow_up_says_by_whom_and_when() -> None:
    edition = make_edition(phases.PUBLISHED)
    organiser = make_organiser(edition)
    row = note(make_team(edition), organiser)
    assert (row.actor, row.noted_by, row.is_regional) == ("Métropole d’essai", organiser, True)
    assert events("note_follow_up") == [{"kind": "reuse", "actor": "Métropole d’essai", "on": "2027-12-01"}]


@pytest.mark.parametrize("state", [state for state in phases.STATES if state != phases.PUBLISHED])
def test_nothing_follows_before_the_results_are_published(state: str) -> None:
    edition = make_edition(state)
    with pytest.raises(NotNow) as refusal:
        note(make_team(edition), make_organiser(edition))
    assert refusal.value.messages == ("Les suites se notent une fois les résultats publiés.",)


def test_a_team_that_presented_nothing_has_no_follow_up() -> None:
    edition = make_edition(phases.PUBLISHED)
    for team in (make_team(edition, presents=False), make_team(edition, rehearsal=True)):
        with pytest.raises(NotNow):
            note(team, make_organiser(edition))


def test_only_the_organisers_of_this_edition_write() -> None:
    edition, other = make_edition(phases.PUBLISHED), make_edition()
    team = make_team(edition)
    row, figure = note(team, make_organiser(edition)), read(edition, make_organiser(edition))
    for by in (make_organiser(other), UserFactory()):
        for act in (
            lambda by=by: note(team, by),
            lambda by=by: read(edition, by, source="Autre"),
            lambda by=by: after.remove_follow_up(row, by=by, reason="Erreur"),
            lambda by=by: after.remove_audience(figure, by=by, reason="Erreur"),
        ):
            with pytest.raises(NotAllowed):
                act()
    assert (FollowUp.objects.count(), Audience.objects.count()) == (1, 1)


def test_a_day_to_come_and_an_empty_word_are_refused() -> None:
    edition = make_edition(phases.PUBLISHED)
    organiser, team = make_organiser(edition), make_team(edition)
    for act in (
        lambda: note(team, organiser, on=date(2027, 12, 2)),
        lambda: read(edition, organiser, measured_on=date(2027, 12, 2)),
    ):
        with pytest.raises(NotDone) as refusal:
            act()
        assert refusal.value.messages == (after.TO_COME,)
    for act in (lambda: note(team, organiser, actor=" "), lambda: read(edition, organiser, measure="")):
        with pytest.raises(ValidationError):
            act()


def test_what_is_taken_off_stays_in_the_journal_with_its_reason() -> None:
    edition = make_edition(phases.PUBLISHED)
    organiser = make_organiser(edition)
    row = note(make_team(edition), organiser)
    with pytest.raises(ReasonMissing):
        after.remove_follow_up(row, by=organiser, reason=" ")
    after.remove_follow_up(row, by=organiser, reason="Autre projet")
    assert FollowUp.objects.count() == 0
    assert events("remove_follow_up") == [
        {"kind": "reuse", "actor": "Métropole d’essai", "on": "2027-12-01", "text": "Une carte reprise."}
    ]
    figure = read(edition, organiser)
    after.remove_audience(figure, by=organiser, reason="Faute de frappe")
    assert Audience.objects.count() == 0
    assert events("remove_audience") == events("read_audience")


def test_a_figure_of_audience_is_typed_once_a_day() -> None:
    edition = make_edition(phases.REGISTRATION)
    organiser = make_organiser(edition)
    read(edition, organiser)
    with pytest.raises(NotDone) as refusal:
        read(edition, organiser, source="page de l’édition", count=5)
    assert refusal.value.messages == (after.ALREADY,)
    assert read(edition, organiser, measured_on=date(2027, 11, 30)).count == 1200


def test_an_edition_that_is_not_public_has_no_audience() -> None:
    edition = make_edition(phases.REHEARSAL)
    with pytest.raises(NotNow):
        read(edition, make_organiser(edition))
