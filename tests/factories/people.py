"""Participants of the tests, made by their gestures."""

from typing import Any

from datathon.editions import Edition
from datathon.registrations import Registration
from datathon.services import registrations, teams
from datathon.services.registrations import Said
from datathon.teams import Team
from normandata.accounts.models import User
from tests.factories.accounts import UserFactory

ADULT = Said("student")


def register(edition: Edition, person: User | None = None, said: Said = ADULT, **options: Any) -> Registration:
    """Register somebody to an edition, by the gesture."""
    return registrations.register(edition, said, rules=1, by=person or UserFactory(), **options)


def person_of(registration: Registration) -> User:
    assert registration.person is not None
    return registration.person


def create_team(registration: Registration, name: str = "Les Bocages", **values: Any) -> Team:
    return teams.create(registration, {"name": name} | values, by=person_of(registration))


def join(team: Team, person: User | None = None) -> Registration:
    """Register somebody and have them join a team by its code."""
    registration = register(team.edition, person)
    teams.join_by_code(registration, team.code, by=person_of(registration))
    return registration
