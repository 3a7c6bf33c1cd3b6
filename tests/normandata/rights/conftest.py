"""What the tests of the rights of people need."""

from pathlib import Path

import pytest


@pytest.fixture
def kept_apart(settings, tmp_path: Path) -> Path:
    """Keep the register of erasures in a folder of the test's own."""
    settings.ERASURES_FILE = str(tmp_path / "registre" / "erasures.jsonl")
    return Path(settings.ERASURES_FILE)
