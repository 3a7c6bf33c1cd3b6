"""The house as it was built, laid down again for each test: reading back its rows costs a twentieth of building it.

Each test has its own rows and files, undone with it: nothing passes from one to the next. The house is built anew on
another day, and wherever a test already holds rows.
"""

import shutil
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from normandata.accounts.middleware import PROLONGED
from normandata.accounts.models import User
from tests import world as w
from tests.world import World

# Written by Django of the code itself, or loaded from files: they are there before the house.
OF_THE_CODE = {"django_migrations", "django_content_type", "auth_permission", "organisations_territory"}
Rows = dict[str, tuple[list[str], list[tuple[Any, ...]]]]
"""By table: its columns, whose order a test may change that takes a constraint away, and its rows."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A house: its rows by table, its files, and who and what has which key."""

    day: date
    rows: Rows
    folder: Path
    people: dict[str, int]
    cookies: dict[str, dict[str, str]]
    mine: dict[str, Any]
    theirs: dict[str, Any]


_KEPT: list[Kept] = []


def settle(folder: Path) -> World:
    """Build the house, or lay down the one that was built on the same day; `folder` keeps its files."""
    if any(found for _, found in rows().values()):
        return build()
    if not _KEPT or _KEPT[-1].day != timezone.localdate():
        return keep(build(), folder / f"{len(_KEPT)}")
    return lay_down(_KEPT[-1])


def build() -> World:
    made = w.build()
    w.simulations()
    return made


def rows() -> Rows:
    """Read every row of the tables that the house fills, as the database gives them."""
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    found: Rows = {}
    with connection.cursor() as cursor:
        for name in sorted({*names} - OF_THE_CODE):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)} ORDER BY 1")
            columns = [column[0] for column in cursor.description]
            found[name] = columns, [tuple(map(_writable, row)) for row in cursor.fetchall()]
    return found


def _writable(value: Any) -> Any:
    """Turn what SQLite reads and does not write into what both databases write."""
    return value.isoformat() if isinstance(value, time) else value


def keep(made: World, folder: Path) -> World:
    """Keep a house that was just built."""
    shutil.copytree(settings.MEDIA_ROOT, folder)
    people = {persona: user.pk for persona, user in made.people.items()}
    cookies = {persona: dict(given) for persona, given in made.cookies.items()}
    _KEPT.append(Kept(timezone.localdate(), rows(), folder, people, cookies, dict(made.mine), dict(made.theirs)))
    return made


def lay_down(kept: Kept) -> World:
    """Write the rows and the files of a house again, and open its sessions as of now."""
    with connection.cursor() as cursor:
        for name, (columns, found) in kept.rows.items():
            if found:
                quoted = ", ".join(map(connection.ops.quote_name, columns))
                places = ", ".join(["%s"] * len(columns))
                into = f"INSERT INTO {connection.ops.quote_name(name)} ({quoted})"
                cursor.executemany(f"{into} VALUES ({places})", found)
    shutil.copytree(kept.folder, settings.MEDIA_ROOT, dirs_exist_ok=True)
    for row in Session.objects.all():
        _open_again(row.session_key)
    users = User.objects.in_bulk(kept.people.values())
    return World(
        {persona: users[pk] for persona, pk in kept.people.items()},
        {persona: dict(given) for persona, given in kept.cookies.items()},
        dict(kept.mine),
        dict(kept.theirs),
    )


def _open_again(key: str) -> None:
    """Make a session one of somebody who signed in now: what was proven an hour ago is asked again."""
    session, now = SessionStore(key), timezone.now().timestamp()
    if PROLONGED in session:
        session[PROLONGED] = now
    for proof in session.get("account_authentication_methods", []):
        proof["at"] = now
    session.save()
