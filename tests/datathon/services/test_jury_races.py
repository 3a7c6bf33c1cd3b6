"""Gestures at the same instant: ballots and the opening of the deliberation, what comes as it closes, publications.

DATATHON_ROUNDS=200 for the long proof. On SQLite, whose every transaction is alone, a few rounds say all.
"""

import os
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from datathon.models import Deliberation, Edition, JuryVote, Outcome
from datathon.services import deliberations, juries, publication
from normandata.accounts.models import User
from normandata.documents import services as documents
from normandata.documents.models import Document
from normandata.notifications.models import Mail
from normandata.procedure import services as procedure
from normandata.procedure.models import Event
from normandata.scoring.models import Sheet
from normandata.scoring.services import sheets
from tests.factories.datathon import make_organiser
from tests.factories.datathon_jury import (
    cast,
    close,
    decide_as_proposed,
    deliberate,
    make_scoring,
    people,
    subject_of,
    teams_of,
    typed,
)
from tests.threads import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _mails_stay_in_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    monkeypatch.setattr("normandata.outbox.carrier.waiting", lambda: 0)


def rounds() -> int:
    return int(os.environ.get("DATATHON_ROUNDS", "5" if connection.vendor == "postgresql" else "1"))


def outcomes(given: list[Any]) -> Counter[str]:
    return Counter(type(one).__name__ for one in given)


def again(edition: Edition) -> Edition:
    """Read an edition as another process would."""
    return Edition.objects.get(pk=edition.pk)


def test_a_ballot_is_in_the_snapshot_or_refused() -> None:
    for _ in range(rounds()):
        edition = make_scoring(["A"], 4, quorum=1)
        drafts = []
        for by in people(edition):
            sheet = sheets.start(subject_of(teams_of(edition)[0]), by=by)
            drafts.append(sheets.save(sheet, typed(4), by=by, revision=1).sheet)
        organiser = make_organiser(edition)
        given = together(
            *[partial(sheets.submit, Sheet.objects.get(pk=one.pk), by=one.author, revision=2) for one in drafts],
            partial(deliberations.open_deliberation, again(edition), by=organiser),
        )
        found = outcomes(given)
        assert found["Deliberation"] == 1
        assert found["Sheet"] + found["Unmet"] == 4
        assert Outcome.objects.get(deliberation=edition.pk).ballots == found["Sheet"]


def test_two_closings_make_one_record() -> None:
    for _ in range(rounds()):
        edition = make_scoring(["A"], 3)
        cast(edition, {"A": (4, 4, 4)})
        one, other = make_organiser(edition), make_organiser(edition)
        deliberate(edition, one)
        decide_as_proposed(edition, one)
        given = together(
            *[partial(deliberations.close_deliberation, again(edition), by=by) for by in (one, other)],
        )
        assert outcomes(given) == {"Deliberation": 1, "NotNow": 1}
        assert Deliberation.objects.get(edition=edition).closings == 1
    assert Document.objects.filter(kind="datathon.record").count() == rounds()


def test_the_end_of_an_embargo_writes_once() -> None:
    edition = make_scoring(["A"], 3)
    cast(edition, {"A": (4, 4, 4)})
    organiser = make_organiser(edition)
    deliberate(edition, organiser)
    documents.make(close(edition, organiser).record_id or "")
    now = timezone.now()
    publication.publish(again(edition), by=organiser, embargo_until=now + timedelta(hours=1), at=now)
    given = together(*[partial(publication.announce_due, now + timedelta(hours=1)) for _ in range(4)])
    assert sorted(given) == [0, 0, 0, 1]
    assert Mail.objects.filter(kind="datathon.results").count() == 1


# ------------------------------------------------------------------------------------------ at the instant of a closing
def decided(teams: Sequence[str] = ("A", "B")) -> tuple[Edition, User, User]:
    """Make a deliberation ready to close on the proposed ranks, with two organisers."""
    edition = make_scoring(list(teams), 3)
    cast(edition, {name: (5 - place, 5 - place, 5 - place) for place, name in enumerate(teams)})
    one, other = make_organiser(edition), make_organiser(edition)
    deliberate(edition, one)
    decide_as_proposed(edition, one)
    return edition, one, other


def minutes_of(edition: Edition) -> dict[str, Any]:
    found = Deliberation.objects.select_related("record").get(edition=edition)
    assert found.record is not None
    return found.record.record


def test_a_departure_typed_at_the_closing_is_in_the_minutes_or_refused() -> None:
    """Whatever comes first, the minutes say the ranks that the database keeps."""
    for _ in range(rounds()):
        edition, one, other = decided()
        a, b = teams_of(edition)
        ranks, revision = {a.pk: "2", b.pk: "1"}, Deliberation.objects.get(edition=edition).revision
        closed, moved = together(
            partial(deliberations.close_deliberation, again(edition), by=one),
            partial(deliberations.decide, again(edition), ranks, by=other, revision=revision, reason="À l’oral."),
        )
        assert isinstance(closed, Deliberation), closed
        assert type(moved).__name__ in ("Kept", "NotNow"), moved
        has_moved = type(moved).__name__ == "Kept"
        kept = dict(Outcome.objects.filter(deliberation=edition.pk).values_list("team__name", "decided_rank"))
        minutes = minutes_of(edition)
        assert {row["name"]: row["decided"] for row in minutes["teams"]} == kept
        assert (kept["A"], minutes["reason"]) == ((2, "À l’oral.") if has_moved else (1, ""))
        assert sorted(minutes["departures"]) == (["A", "B"] if has_moved else [])


def test_a_vote_and_a_presence_at_the_closing_are_in_the_minutes_or_refused() -> None:
    for _ in range(rounds()):
        edition, one, other = decided()
        there = list(edition.jurors.order_by("pk").values_list("pk", flat=True))
        closed, voted, ticked = together(
            partial(deliberations.close_deliberation, again(edition), by=one),
            partial(deliberations.record_vote, again(edition), "Mention", in_favour=2, against=0, by=other),
            partial(juries.tick_presence, again(edition), there[:2], by=other),
        )
        assert isinstance(closed, Deliberation), closed
        assert type(voted).__name__ in ("JuryVote", "NotNow"), voted
        assert type(ticked).__name__ in ("NoneType", "NotNow"), ticked
        minutes = minutes_of(edition)
        assert len(minutes["votes"]) == JuryVote.objects.filter(deliberation=edition.pk).count()
        assert len(minutes["votes"]) == (type(voted).__name__ == "JuryVote")
        assert sum(row["present"] for row in minutes["jurors"]) == (2 if ticked is None else 3)


def published_at_once() -> tuple[Edition, list[Any]]:
    """Have two organisers publish four times."""
    edition, one, other = decided()
    documents.make(deliberations.close_deliberation(edition, by=one).record_id or "")
    given = together(*[partial(publication.publish, again(edition), by=by) for by in (one, other, one, other)])
    return edition, given


def test_four_publications_are_one() -> None:
    for _ in range(rounds()):
        edition, given = published_at_once()
        assert outcomes(given) == {"NoneType": 1, "NotNow": 3}, given
        assert Event.objects.about(edition).named("publish").count() == 1
        told = Mail.objects.filter(kind="datathon.results", about_key=str(edition.pk))
        assert told.count() == edition.registrations.filter(seats__isnull=False).count() == 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite runs one writing transaction at a time")
def test_witness_without_the_lock_an_edition_is_published_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(procedure, "lock", lambda thing: thing.refresh_from_db())
    most = max(outcomes(published_at_once()[1])["NoneType"] for _ in range(5))
    assert most > 1, "the race is not one"
