"""Announcements: who writes them, what is kept, the banner of every page, and the cache that carries it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from normandata.accounts.models import Role, User
from normandata.portal import announcing, tasks
from normandata.portal.models import Announcement
from normandata.procedure.errors import NotAllowed, NotNow
from normandata.procedure.models import Event
from tests.factories.accounts import make_user_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet")]


@pytest.fixture
def administrator() -> User:
    return make_user_with(Role.ADMINISTRATOR)


def values(**given: Any) -> dict[str, Any]:
    now = timezone.now()
    return {
        "kind": "maintenance",
        "title": "Fermé mardi soir",
        "text": "Enregistrez avant.",
        "shown_from": now - timedelta(minutes=1),
        "starts_at": now + timedelta(days=1),
        "ends_at": now + timedelta(days=1, hours=1),
    } | given


def banner(client: Client, address: str = "/aide/") -> bool:
    return "Fermé mardi soir" in client.get(address).content.decode()


def test_every_page_tells_what_is_announced_and_no_page_asks_the_database(
    client: Client, administrator: User, django_capture_on_commit_callbacks: Any
) -> None:
    assert not banner(client)
    with django_capture_on_commit_callbacks(execute=True):
        announcing.announce(values(), by=administrator)
    for address in ("/", "/aide/", "/nulle-part/", "/connexion/"):
        assert banner(client, address), address
    with CaptureQueriesContext(connection) as captured:
        assert banner(client)
    assert len(captured) == 0


def test_the_banner_begins_and_ends_on_its_own(
    client: Client, administrator: User, django_capture_on_commit_callbacks: Any
) -> None:
    now = timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        announcing.announce(values(shown_from=now + timedelta(hours=1)), by=administrator)
    assert not banner(client)
    Announcement.objects.update(shown_from=now - timedelta(hours=1))
    tasks.tell()
    assert banner(client)
    Announcement.objects.update(shown_from=now - timedelta(days=3), starts_at=now - timedelta(days=2), ends_at=now)
    tasks.tell()
    assert not banner(client)


def test_a_cache_that_is_down_hides_the_banner_and_nothing_else(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Down:
        def get(self, key: str) -> None:
            raise ConnectionError

    monkeypatch.setattr(announcing, "cache", Down())
    assert client.get("/aide/").status_code == 200


@pytest.mark.parametrize(
    ("starts", "ends", "when"),
    [
        ("2026-12-07T17:00Z", "2026-12-07T19:30Z", "le 7 décembre 2026, de 18 h 00 à 20 h 30"),
        ("2026-12-07T22:30Z", "2026-12-07T23:30Z", "du 7 décembre 2026 à 23 h 30 au 8 décembre 2026 à 0 h 30"),
        ("2026-12-07T17:00Z", None, "depuis le 7 décembre 2026 à 18 h 00"),
    ],
)
def test_a_banner_says_when_in_paris(starts: str, ends: str | None, when: str) -> None:
    first = datetime.fromisoformat(starts)
    one = announcing.Notice("incident", "T", "T", first, first, datetime.fromisoformat(ends) if ends else None)
    assert one.when.replace("\u00a0", " ") == when


def test_only_an_administrator_announces() -> None:
    with pytest.raises(NotAllowed):
        announcing.announce(values(), by=make_user_with(Role.AGENT, "diagnostic"))
    assert not Announcement.objects.exists()


def test_a_change_keeps_what_it_replaced_and_two_pages_do_not_overwrite_each_other(administrator: User) -> None:
    one = announcing.announce(values(), by=administrator)
    announcing.change(one, values(title="Fermé mercredi soir"), by=administrator, seen=1)
    with pytest.raises(announcing.Changed):
        announcing.change(one, values(title="Fermé jeudi soir"), by=administrator, seen=1)
    one.refresh_from_db()
    assert (one.title, one.revision) == ("Fermé mercredi soir", 2)
    event = Event.objects.filter(name="change_announcement").get()
    assert event.data["before"]["title"] == "Fermé mardi soir"
    assert event.by == administrator


def test_what_began_is_ended_and_what_did_not_is_taken_back(administrator: User) -> None:
    begun = announcing.announce(
        values(kind="incident", starts_at=timezone.now() - timedelta(hours=1), ends_at=None), by=administrator
    )
    coming = announcing.announce(values(), by=administrator)
    announcing.end(begun, by=administrator, seen=1)
    announcing.end(coming, by=administrator, seen=1)
    assert (begun.ends_at is not None, begun.withdrawn_at) == (True, None)
    assert coming.withdrawn_at is not None
    for one in (begun, coming):
        with pytest.raises(NotNow):
            announcing.change(one, values(), by=administrator, seen=2)
    assert not Announcement.objects.ahead(timezone.now()).exists()


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"kind": "fête"}, "portal_announcement_kind_known"),
        ({"title": ""}, "portal_announcement_written"),
        ({"ends_at": None}, "portal_announcement_maintenance_ends"),
    ],
)
def test_the_database_refuses_what_is_never_true(given: dict[str, Any], name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Announcement.objects.create(**values(**given))


def test_the_end_follows_the_beginning_and_the_banner(administrator: User) -> None:
    now = timezone.now()
    for given in ({"ends_at": now}, {"shown_from": now + timedelta(days=3)}):
        with pytest.raises(ValidationError):
            announcing.announce(values(**given), by=administrator)
