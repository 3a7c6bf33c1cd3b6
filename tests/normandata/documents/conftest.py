"""What the tests of files share."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from normandata.accounts.models import User
from tests.factories.accounts import UserFactory
from tests.normandata.documents.clamd import Clamd


@pytest.fixture
def person(db: None) -> User:
    return UserFactory()


@pytest.fixture(scope="module")
def clamd() -> Iterator[Clamd]:
    # A short path: the name of a socket is bounded.
    with tempfile.TemporaryDirectory() as folder:
        daemon = Clamd(Path(folder) / "clamd")
        daemon.start()
        try:
            yield daemon
        finally:
            daemon.stop()


def files_under(folder: Path) -> list[str]:
    """List every file left under a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
