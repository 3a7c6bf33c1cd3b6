"""What the tests of the demonstration share."""

import pytest

from normandata.portal.demonstration import calls, core, datathon, figures, news, privacy, roadmap


@pytest.fixture
def dossiers_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell the stories of dossiers only: the other chapters take most of the time, and have their own tests."""
    for chapter in (calls, core, datathon, figures, news, privacy, roadmap):
        monkeypatch.setattr(chapter, "settle", lambda *given: 0)
