"""What several tests need."""

import os
import shutil
from pathlib import Path

import pytest
from django.conf import settings

# Playwright runs an event loop in the thread that also uses the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session", autouse=True)
def _own_folder() -> None:
    """Start each run from an empty folder, so that no file of an earlier one is read."""
    for name in ("media", "broker", "cache"):
        shutil.rmtree(settings.VAR_DIR / name, ignore_errors=True)


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
