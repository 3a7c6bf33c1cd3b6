"""A letter that nobody opens is to be posted after fifteen days; a convention unsigned after thirty is recalled."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine

from booster_ia import tasks
from booster_ia.services import notification
from normandata.dossiers.letters import Letter
from normandata.dossiers.models import Dossier
from normandata.notifications.models import Mail
from normandata.organisations.models import Membership
from tests.factories.booster_scoring import make_scorer
from tests.factories.letters import agreement_of, make_light, make_signatory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    with time_machine.travel("2026-12-16T09:00:00+01:00", tick=True):
        yield


def make_told(outcome: str) -> Dossier:
    make_signatory()
    [dossier] = make_light(1, outcome=outcome)
    Dossier.objects.filter(pk=dossier.pk).update(owner=make_scorer())
    dossier.refresh_from_db()
    notification.tell(dossier, by=make_scorer())
    return dossier


def count(kind: str, at: datetime) -> int:
    with time_machine.travel(at, tick=False):
        for _ in range(2):
            tasks.keep_time()
    return Mail.objects.filter(kind=f"booster_ia.{kind}").count()


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 12, 30, 22, 59, 59, tzinfo=UTC), 0),
        (datetime(2026, 12, 30, 23, 0, tzinfo=UTC), 1),
        (datetime(2027, 2, 28, 12, 0, tzinfo=UTC), 1),
        (datetime(2027, 3, 1, 23, 0, tzinfo=UTC), 0),
    ],
)
def test_a_letter_unread_after_fifteen_days_is_to_be_posted(at: datetime, expected: int) -> None:
    make_told("refused")
    assert count("letter_unread", at) == expected


def test_a_letter_read_or_posted_alerts_nobody() -> None:
    dossier = make_told("refused")
    Letter.objects.filter(dossier=dossier).update(posted_on=date(2026, 12, 18))
    assert count("letter_unread", datetime(2027, 1, 5, tzinfo=UTC)) == 0


def test_an_adjournment_unread_alerts_nobody() -> None:
    make_told("adjourned")
    assert count("letter_unread", datetime(2027, 1, 5, tzinfo=UTC)) == 0


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2027, 1, 14, 22, 59, 59, tzinfo=UTC), 0),
        (datetime(2027, 1, 14, 23, 0, tzinfo=UTC), 1),
    ],
)
def test_a_convention_unsigned_after_thirty_days_is_recalled_once(at: datetime, expected: int) -> None:
    make_told("granted")
    assert count("agreement_reminder", at) == expected


def test_a_convention_signed_is_not_recalled() -> None:
    dossier = make_told("granted")
    member = Membership.objects.active().get(organisation=dossier.organisation).user
    document = agreement_of(dossier).letter.document
    type(document).objects.filter(pk=document.pk).update(
        state="ready", sha256="0" * 64, size=1, ready_at=document.requested_at
    )
    notification.sign(dossier, name="Dominique Exemple", function="Gérante", by=member)
    assert count("agreement_reminder", datetime(2027, 1, 20, tzinfo=UTC)) == 0
