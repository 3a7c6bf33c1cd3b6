"""Deliverables of the tests, as rows: the gestures have their own tests."""

from typing import Any

from datathon.models import Deliverable, Team
from tests.factories.documents import UploadFactory


def make_handed_in(team: Team, kind: str = "presentation", **fields: Any) -> Deliverable:
    """Make a piece that a team handed in, with its file."""
    given = {"upload": UploadFactory(), "version": 1, "sha256": "0" * 64} | fields
    return Deliverable.objects.create(team=team, kind=kind, **given)
