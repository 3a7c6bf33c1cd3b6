"""Letters: signed by whoever may sign that day, dated by the first reading or by the post, contestable from there."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine

from normandata.accounts.models import User
from normandata.documents import kinds
from normandata.documents.models import Document
from normandata.dossiers.models import Dossier, Letter, Signatory
from normandata.dossiers.services import letters
from normandata.organisations.models import Membership
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory, make_agent
from tests.factories.dossiers import make_dossier
from tests.factories.organisations import MembershipFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
SENT = datetime(2026, 10, 5, 8, tzinfo=UTC)
KIND = "diagnostic.selection"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    return


def sign(name: str, since: date, until: date | None = None, scheme: str = "") -> Signatory:
    return Signatory.objects.create(name=name, quality="Directrice d’essai", since=since, until=until, scheme=scheme)


@pytest.fixture
def letter() -> Letter:
    sign("Alix Exemple", date(2026, 1, 1))
    return letters.send(make_dossier(), KIND, title="Notification", filename="notification.pdf", record={}, at=SENT)


def test_whoever_may_sign_that_day_for_that_scheme_signs() -> None:
    with pytest.raises(NotNow, match="Aucun signataire"):
        letters.signatory("diagnostic", date(2026, 10, 5))
    sign("Pour tous", date(2026, 1, 1))
    sign("Du dispositif", date(2026, 6, 1), date(2026, 10, 5), scheme="diagnostic")
    sign("D’un autre", date(2026, 1, 1), scheme="booster_ia")
    days = [date(2026, 5, 31), date(2026, 6, 1), date(2026, 10, 5), date(2026, 10, 6)]
    assert [letters.signatory("diagnostic", day).name for day in days] == [
        "Pour tous",
        "Du dispositif",
        "Du dispositif",
        "Pour tous",
    ]


def test_a_letter_says_from_whom_to_whom_and_where_it_is_contested(letter: Letter) -> None:
    record = letter.document.record
    assert kinds.get(KIND).template == "pdf/diagnostic/selection.html"
    assert (record["number"], record["day"]) == (letter.dossier.number, "2026-10-05")
    assert record["signatory"] == {"name": "Alix Exemple", "quality": "Directrice d’essai", "delegation": ""}
    assert record["organisation"] == letter.dossier.organisation.label
    assert record["court"].startswith("tribunal administratif de Caen")


def test_without_a_signatory_nothing_is_made() -> None:
    dossier = make_dossier()
    before = Document.objects.count()
    with pytest.raises(NotNow):
        letters.send(dossier, KIND, title="x", filename="x.pdf", record={}, at=SENT)
    assert (Letter.objects.count(), Document.objects.count()) == (0, before)


def test_the_first_reading_by_the_organisation_is_dated_once(letter: Letter) -> None:
    reader = letter.dossier.created_by
    asking = MembershipFactory(
        organisation=letter.dossier.organisation, state=Membership.State.REQUESTED, joined_at=None
    ).user
    for person in (make_agent(), UserFactory(), asking):
        letters.opened(letter, by=person)
    assert letter.read_at is None
    for day in (6, 9):
        with time_machine.travel(datetime(2026, 10, day, 20, tzinfo=UTC), tick=False):
            letters.opened(Letter.objects.get(), by=reader)
    kept = Letter.objects.get()
    assert (kept.read_by, kept.received_on) == (reader, date(2026, 10, 6))
    # two months, neither end counted: from 6 October to 7 December at midnight
    assert kept.contestable_until == date(2026, 12, 7)
    assert Event.objects.filter(name="letter_read").count() == 1


def test_a_postal_day_counts_when_it_comes_first(letter: Letter) -> None:
    agent = make_agent()
    with time_machine.travel(datetime(2026, 10, 20, 8, tzinfo=UTC), tick=False):
        letters.opened(letter, by=letter.dossier.created_by)
        letters.type_postal_day(letter, date(2026, 10, 8), by=agent)
    kept = Letter.objects.get()
    assert (kept.received_on, kept.contestable_until) == (date(2026, 10, 8), date(2026, 12, 9))


@pytest.mark.parametrize("day", [date(2026, 10, 4), date(2026, 10, 21)])
def test_a_postal_day_is_between_the_sending_and_today(letter: Letter, day: date) -> None:
    with time_machine.travel(datetime(2026, 10, 20, 8, tzinfo=UTC), tick=False), pytest.raises(NotDone):
        letters.type_postal_day(letter, day, by=make_agent())
    assert Letter.objects.get().posted_on is None


def test_only_agents_of_the_scheme_type_a_postal_day(letter: Letter) -> None:
    people: list[User] = [letter.dossier.created_by, make_agent("booster_ia"), UserFactory()]
    for person in people:
        with pytest.raises(NotAllowed):
            letters.type_postal_day(letter, date(2026, 10, 6), by=person)


def test_what_decides_nothing_is_not_contested(letter: Letter) -> None:
    letter.is_contestable = False
    letter.posted_on = date(2026, 10, 8)
    assert letter.contestable_until is None
    assert Dossier.objects.count() == 1
