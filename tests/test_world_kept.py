"""A house laid down again is the one that was built; what a test does to its own, no other test sees."""

import time
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from normandata.accounts.models import User
from tests import world as w
from tests import world_kept
from tests.factories.accounts import UserFactory
from tests.world import World
from tests.world_kept import Kept, Rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "quiet")]
SESSIONS = "django_session"


@pytest.fixture(scope="module")
def houses() -> list[Kept]:
    return []


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, houses: list[Kept], tmp_path_factory: pytest.TempPathFactory) -> list[Kept]:
    """Keep the house of these tests apart; the first of them builds it."""
    monkeypatch.setattr(world_kept, "_KEPT", houses)
    if not houses:
        undo(tmp_path_factory.mktemp("houses"))
    return houses


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def undo(folder: Path) -> tuple[Rows, dict[str, bytes]]:
    """Settle, and read every row and file before all of it is undone, as at the end of a test."""
    with transaction.atomic():
        world_kept.settle(folder)
        found, written = world_kept.rows(), files(settings.MEDIA_ROOT)
        transaction.set_rollback(True)
    for path in written:
        (settings.MEDIA_ROOT / path).unlink()
    return found, written


def without_sessions(rows: Rows) -> Rows:
    return {name: found for name, found in rows.items() if name != SESSIONS}


def test_it_is_row_for_row_and_byte_for_byte_what_was_built(kept: list[Kept], tmp_path: Path) -> None:
    (built,), (again, copied) = kept, undo(tmp_path)
    assert sum(len(found) for _, found in built.rows.values()) >= 500
    assert without_sessions(again) == without_sessions(built.rows)
    assert [row[0] for row in again[SESSIONS][1]] == [row[0] for row in built.rows[SESSIONS][1]]
    assert len(copied) >= 20
    assert copied == files(built.folder)


def test_everyone_and_everything_has_the_same_key(kept: list[Kept], tmp_path: Path) -> None:
    again, (built,) = world_kept.settle(tmp_path), kept
    assert {persona: user.pk for persona, user in again.people.items()} == built.people
    assert (again.cookies, again.mine, again.theirs) == (built.cookies, built.mine, built.theirs)
    for persona in (w.MEMBER, w.AGENT, w.EXPERT):
        assert again.client(persona).get(reverse("accounts:account")).context["user"] == again.people[persona]


def test_what_a_test_changes_is_not_kept(kept: list[Kept], tmp_path: Path) -> None:
    with transaction.atomic():
        first = world_kept.settle(tmp_path)
        User.objects.update(name="autre")
        first.people[w.MEMBER].name = "autre"
        first.mine["dossier"] = first.theirs["dossier"] = first.cookies[w.MEMBER]["sessionid"] = "autre"
        transaction.set_rollback(True)
    second = world_kept.settle(tmp_path)
    assert "autre" not in {second.mine["dossier"], second.theirs["dossier"], second.cookies[w.MEMBER]["sessionid"]}
    assert second.people[w.MEMBER].name != "autre"
    assert not User.objects.filter(name="autre").exists()


def test_new_rows_come_after_those_laid_down(kept: list[Kept], tmp_path: Path) -> None:
    world_kept.settle(tmp_path)
    highest = User.objects.order_by("-pk").values_list("pk", flat=True)[0]
    assert UserFactory().pk > highest
    connection.check_constraints()


def test_its_sessions_are_of_the_moment(kept: list[Kept], tmp_path: Path) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=20)):
        again = world_kept.settle(tmp_path)
        session = SessionStore(again.cookies[w.AGENT]["sessionid"])
        assert [time.time() - proof["at"] < 60 for proof in session["account_authentication_methods"]] == [True, True]


@pytest.mark.parametrize(("days", "people", "built"), [(0, 0, 0), (1, 0, 1), (0, 1, 1)])
def test_it_is_built_anew_another_day_and_where_rows_are(
    kept: list[Kept], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, people: int, built: int
) -> None:
    anew = World()
    monkeypatch.setattr(world_kept, "build", lambda: anew)
    monkeypatch.setattr(world_kept, "keep", lambda made, folder: made)
    UserFactory.create_batch(people)
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        assert (world_kept.settle(tmp_path) is anew) == bool(built)
