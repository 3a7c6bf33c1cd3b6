"""What the public page of the state says, probe by probe, with the database down too."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from normandata.documents.services import MAKE
from normandata.notifications.services import SEND
from normandata.outbox import carrier
from normandata.outbox.models import Message
from normandata.portal import announcing, status
from normandata.portal.models import Announcement
from normandata.portal.status import Standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet")]
NOW = datetime.fromisoformat("2027-03-02T10:00:00+01:00")
OK, SLOW, DOWN, UNKNOWN = Standing.OK, Standing.SLOW, Standing.DOWN, Standing.UNKNOWN


@pytest.fixture(autouse=True)
def _broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier, "waiting", lambda: 0)


def standings() -> dict[str, Standing]:
    with time_machine.travel(NOW, tick=False):
        return {one.code: one.standing for one in status.report().services}


def wait(handler: str, minutes: int, *, attempts: int = 0, due: int | None = None) -> None:
    """Write a message due for some minutes; one that was tried is due again later."""
    since = NOW - timedelta(minutes=minutes)
    due_at = since if due is None else NOW + timedelta(minutes=due)
    Message.objects.create(handler=handler, created_at=since, due_at=due_at, attempts=attempts)


def test_when_nothing_waits_everything_works() -> None:
    expected = dict.fromkeys(("site", "database", "mails", "documents", "files", "jobs"), OK)
    assert standings() == expected | {"backup": UNKNOWN}
    assert status.report().headline == "Tout fonctionne."


@pytest.mark.parametrize(("minutes", "standing"), [(2, OK), (3, SLOW), (30, SLOW), (31, DOWN)])
def test_what_waits_too_long_slows_its_service_and_the_work_behind(minutes: int, standing: Standing) -> None:
    wait(SEND, minutes)
    found = standings()
    assert (found["mails"], found["documents"], found["jobs"]) == (standing, OK, standing)
    said = {OK: "Tout fonctionne.", SLOW: "2 services sont ralentis.", DOWN: "2 services sont interrompus."}
    with time_machine.travel(NOW, tick=False):
        assert status.report().headline.replace("\u00a0", " ") == said[standing]


def test_a_document_that_waits_is_told_apart_from_a_mail() -> None:
    wait(MAKE, 5)
    found = standings()
    assert (found["mails"], found["documents"]) == (OK, SLOW)


def test_several_messages_that_do_not_get_through_are_told_and_one_wrong_address_is_not() -> None:
    wait(SEND, 60, attempts=2, due=10)
    wait(SEND, 60, attempts=2, due=10)
    assert standings()["mails"] is OK
    wait(SEND, 5, attempts=2, due=10)
    assert standings()["mails"] is DOWN


def test_what_is_planned_for_later_waits_for_nobody() -> None:
    wait(SEND, 600, due=60)
    assert standings()["mails"] is OK


def test_a_broker_that_is_down_slows_the_work_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def down() -> int:
        raise ConnectionError

    monkeypatch.setattr(carrier, "waiting", down)
    assert standings()["jobs"] is SLOW
    wait(SEND, 31)
    assert standings()["jobs"] is DOWN


@pytest.mark.parametrize(("hours", "standing"), [(1, OK), (36, OK), (37, SLOW)])
def test_the_backup_is_dated_by_the_file_it_touches(
    settings: Any, tmp_path: Path, hours: int, standing: Standing
) -> None:
    stamp = tmp_path / "sauvegarde"
    stamp.touch()
    at = (NOW - timedelta(hours=hours)).timestamp()
    os.utime(stamp, (at, at))
    settings.BACKUP_STAMP = str(stamp)
    assert standings()["backup"] is standing
    stamp.unlink()
    assert standings()["backup"] is UNKNOWN


def test_the_page_is_shown_when_the_database_is_down(client: Client) -> None:
    def down(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("secret")

    with connection.execute_wrapper(down):
        page, said = client.get("/etat/"), client.get("/etat.json").json()
    content = page.content.decode()
    assert (page.status_code, said["status"], said["headline"]) == (200, "down", "Un service est interrompu.")
    assert "Les dossiers ne s’ouvrent pas pour le moment." in content
    assert "secret" not in content


def test_page_and_json_say_the_same_briefly_cached_without_a_cookie(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    wait(SEND, 0)
    for address in ("/etat/", "/etat.json"):
        with django_assert_max_num_queries(3):
            response = client.get(address)
        assert response.headers["Cache-Control"] == "public, max-age=30"
        assert not response.cookies
    said = client.get("/etat.json").json()
    page = client.get("/etat/").content.decode()
    assert [one["label"] for one in said["services"] if one["label"] not in page] == []
    assert [one["message"] for one in said["services"] if one["message"] not in page] == []


def announced(**values: Any) -> Announcement:
    given = {"kind": "incident", "title": "Courriels en retard", "text": "Ils partiront.", "ends_at": None} | values
    given.setdefault("shown_from", given["starts_at"])
    return Announcement.objects.create(**given)


def test_announcements_are_now_ahead_or_over() -> None:
    announced(starts_at=NOW - timedelta(hours=1))
    announced(title="Mardi", starts_at=NOW + timedelta(days=1), shown_from=NOW, ends_at=NOW + timedelta(days=2))
    announced(
        title="Pas encore dite",
        starts_at=NOW + timedelta(days=9),
        shown_from=NOW + timedelta(days=1),
        ends_at=NOW + timedelta(days=10),
    )
    announced(title="Finie", starts_at=NOW - timedelta(days=2), ends_at=NOW - timedelta(days=1))
    announced(title="Ancienne", starts_at=NOW - timedelta(days=99), ends_at=NOW - timedelta(days=98))
    announced(title="Retirée", starts_at=NOW, withdrawn_at=NOW)
    with time_machine.travel(NOW, tick=False):
        found = status.report()
    assert [[one.title for one in part] for part in (found.now, found.ahead, found.over)] == [
        ["Courriels en retard"],
        ["Mardi"],
        ["Finie"],
    ]
    assert found.headline == "Incident en cours."
    assert [one["is_current"] for one in found.as_record()["announcements"]] == [True, False]


def test_nobody_of_the_house_is_named(client: Client) -> None:
    announced(starts_at=timezone.now() - timedelta(hours=1))
    announcing.refresh()
    said = client.get("/etat.json").json()
    assert set(said) == {"status", "headline", "checked_at", "services", "announcements"}
    assert set(said["announcements"][0]) == {"kind", "title", "text", "starts_at", "ends_at", "is_current"}
