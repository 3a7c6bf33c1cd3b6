"""What a wave that is over needs once, and when it is told; the whole is read in test_services."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.utils import timezone

from booster_ia.waves import Wave
from normandata.accounts.models import User
from normandata.budgets.models import Entry, Envelope
from normandata.dossiers.models import Signatory
from normandata.portal.demonstration import booster, clock, people, script, session
from normandata.procedure.models import Event
from normandata.scoring.models import Panel
from tests.factories.committee import SessionFactory, make_envelope

pytestmark = pytest.mark.django_db
STORIES = [one for one in script.read().stories if session.is_of_session(one)]


@pytest.fixture
def persons() -> dict[str, User]:
    told = people.settle(script.read().accounts)
    booster.settle(script.read().booster, told)
    return told


def counts() -> list[int]:
    return [model._default_manager.count() for model in (Signatory, Envelope, Entry, Event)]


def test_each_year_of_a_committee_day_has_its_envelope_once(persons: dict[str, User]) -> None:
    session.settle(script.read().session, persons)
    years = sorted({one.committee_on.year for one in Wave.objects.all()})
    voted = [(one.year, one.basis, one.voted) for one in Envelope.objects.order_by("year")]
    assert voted == [(year, "HT", Decimal(150_000)) for year in years]
    assert {one.day for one in Entry.objects.all()} == {clock.working_day(256)}
    assert Signatory.objects.on("booster_ia", timezone.localdate()).get().name == "Solange Exemple"
    before = counts()
    session.settle(script.read().session, persons)
    assert counts() == before


def test_a_signatory_and_an_envelope_that_somebody_wrote_are_left_alone(persons: dict[str, User]) -> None:
    Signatory.objects.create(name="Autre Exemple", quality="Le directeur d’essai", since=date(2026, 1, 1))
    year = Wave.objects.earliest("closing_on").committee_on.year
    mine = make_envelope("9000", year=year)
    session.settle(script.read().session, persons)
    assert Signatory.objects.get().name == "Autre Exemple"
    assert Envelope.objects.get(year=year) == mine
    assert Envelope.objects.get(year=year).voted == Decimal(9_000)


def test_a_wave_is_told_whole_where_nobody_touched_it(persons: dict[str, User]) -> None:
    told = script.read()
    assert session.may_be_told(STORIES, told)
    assert not session.may_be_told(STORIES[1:], told)


def test_a_session_that_somebody_created_keeps_the_wave_untold(persons: dict[str, User]) -> None:
    SessionFactory()
    assert not session.may_be_told(STORIES, script.read())


def test_a_scoring_that_somebody_prepared_keeps_the_wave_untold(
    persons: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    scored = session.past_wave(script.read())
    monkeypatch.setattr(session.scoring, "panel_of", lambda wave: Panel() if wave == scored else None)
    assert not session.may_be_told(STORIES, script.read())


def test_a_wave_of_other_days_is_not_the_one_that_is_told(persons: dict[str, User]) -> None:
    Wave.objects.earliest("closing_on").delete()
    assert session.past_wave(script.read()) is None
    assert not session.may_be_told(STORIES, script.read())


def test_no_project_no_session() -> None:
    assert session.sittings(script.read(), {}, []) == []
    project = cast("Any", SimpleNamespace())
    [sitting] = session.sittings(script.read(), {}, [project])
    days = [step["days"] for step in sitting.story.steps]
    # three days apart, no weekend brings two of them on one Friday
    assert all(before - after >= 3 for before, after in pairwise(days))
