"""What several tests need."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

if TYPE_CHECKING:
    from tests.world import World

# Playwright runs an event loop in the thread that also uses the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session", autouse=True)
def _own_folder() -> None:
    """Start each run from an empty folder, so that no file of an earlier one is read."""
    for name in ("media", "broker", "cache"):
        shutil.rmtree(settings.VAR_DIR / name, ignore_errors=True)


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


@pytest.fixture
def world(db: None, media: Path, quiet: None) -> "World":
    """Make everyone whom the access table names, and their things."""
    from tests import world as everyone

    made = everyone.build()
    everyone.simulations()
    return made
