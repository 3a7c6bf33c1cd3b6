"""Mentors, requests for help and meetings of the tests, as rows."""

from datetime import datetime
from typing import Any

from datathon.models import Edition, HelpRequest, Meeting, Mentor, Team
from normandata.accounts.models import Role, User
from tests.factories.accounts import UserFactory, make_user_with
from tests.factories.datathon import PARIS, SCHEME

SINCE = datetime(2027, 9, 1, 9, tzinfo=PARIS)


def make_mentor(edition: Edition, person: User | None = None, **fields: Any) -> Mentor:
    """Make a mentor who was accepted and holds the role in the scope of the edition."""
    found = person or make_user_with(Role.MENTOR, SCHEME, edition.slug)
    given = {"skills": ["data"], "accepted_at": SINCE, "since": SINCE} | fields
    return Mentor.objects.create(edition=edition, person=found, **given)


def make_offer(edition: Edition, **fields: Any) -> Mentor:
    """Make an offer that waits."""
    return Mentor.objects.create(edition=edition, person=UserFactory(), **({"skills": ["dev"]} | fields))


def make_request(team: Team, **fields: Any) -> HelpRequest:
    return HelpRequest.objects.create(team=team, **({"question": "Comment croiser deux fichiers ?"} | fields))


def make_meeting(edition: Edition, **fields: Any) -> Meeting:
    """Make a meeting of an hour on 12 October 2027."""
    given = {
        "title": "Point d’étape",
        "starts_at": datetime(2027, 10, 12, 14, tzinfo=PARIS),
        "ends_at": datetime(2027, 10, 12, 15, tzinfo=PARIS),
        "created_by": edition.created_by,
    } | fields
    return Meeting.objects.create(edition=edition, **given)
