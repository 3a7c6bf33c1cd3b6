"""Gestures at the same instant: ballots against the opening of the deliberation, two closings, the end of an embargo.

DATATHON_ROUNDS=200 for the long proof. On SQLite, whose every transaction is alone, a few rounds say all.
"""

import os
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from datathon.models import Deliberation, Edition, Outcome
from datathon.services import deliberations, publication
from normandata.documents import services as documents
from normandata.documents.models import Document
from normandata.notifications.models import Mail
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
