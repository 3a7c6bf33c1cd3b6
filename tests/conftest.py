"""What several tests need."""

import gc
import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from tests.listener import listening

if TYPE_CHECKING:
    from tests.world import World

# Files given out first, the longest leading, so that no process is left alone with one of them at the end.
LONGEST = (
    "tests/test_access.py",
    "tests/normandata/outbox/test_storm.py",
    "tests/test_mass_assignment.py",
    "tests/test_headers.py",
    "tests/normandata/portal/test_serve.py",
    "tests/normandata/budgets/test_machine.py",
    "tests/journeys/",
    "tests/test_consistency.py",
)
# Playwright runs an event loop in the thread that also uses the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the Makefile tells xdist to keep that order."""
    root = Path(__file__).parent.parent

    def rank(item: pytest.Item) -> int:
        path = item.path.relative_to(root).as_posix()
        return next((number for number, start in enumerate(LONGEST) if path.startswith(start)), len(LONGEST))

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """Leave the suite itself to no collection of garbage: each would walk through millions of objects that stay."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.fixture(scope="session", autouse=True)
def _own_folder() -> None:
    """Start each run from an empty folder, so that no file of an earlier one is read."""
    for name in ("media", "broker", "cache"):
        shutil.rmtree(settings.VAR_DIR / name, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest) -> bool:
    """Take the file that is there for the database: a copy of the one that the migrations make."""
    return connection.vendor == "sqlite" or bool(request.config.getvalue("reuse_db"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Copy the migrated database rather than migrating an empty one in each process."""
    from tests import migrated

    if connection.vendor == "sqlite":
        migrated.sqlite(Path(connection.creation._get_test_db_name()))
    else:
        with django_db_blocker.unblock():
            connection.settings_dict["TEST"]["TEMPLATE"] = migrated.postgresql()


@pytest.fixture(scope="session", autouse=True)
def _last_session(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Close the sessions that killed workers and live servers leave on PostgreSQL: they would keep the database."""
    yield
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        connection.close()


@pytest.fixture
def media(settings, tmp_path: Path) -> Path:
    """Store files in a folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def server() -> Iterator[str]:
    """Listen on an address that nothing must call."""
    with listening() as address:
        yield address


@pytest.fixture
def territories(db: None) -> None:
    """Load the reference tables."""
    from normandata.organisations import territories as tables

    tables.load()


@pytest.fixture
def quiet(settings) -> None:
    """Forget counted requests from one test to the next."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


@pytest.fixture
def simulations(db: None, media: Path) -> None:
    """Keep one simulation's document that is ready and one that is not."""
    from tests import world as everyone

    everyone.simulations()


@pytest.fixture(scope="session")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that keeps the files of the houses that were built."""
    return tmp_path_factory.mktemp("houses")


@pytest.fixture
def world(db: None, media: Path, quiet: None, houses: Path, monkeypatch: pytest.MonkeyPatch) -> "World":
    """Give everyone whom the access table names, and their things: built once, laid down again for each test."""
    from tests import world_kept

    # Thousands of requests may outlast, on a busy machine, the five minutes of a proof.
    monkeypatch.setattr("normandata.accounts.conf.RECENT", timedelta(hours=2))
    return world_kept.settle(houses)
