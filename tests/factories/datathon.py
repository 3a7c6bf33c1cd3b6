"""Editions, participants and teams of the tests, as rows: the gestures have their own tests."""

from datetime import date, datetime
from itertools import count
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import transaction

from datathon import phases
from datathon.models import Criterion, Edition, Juror, Registration, RulesText, Seat, Team, Theme
from normandata.accounts.models import Role, User
from tests.factories.accounts import UserFactory, make_user_with

PARIS = ZoneInfo("Europe/Paris")
SCHEME = "datathon"
CRITERIA = (
    ("relevance", "Pertinence avec la thématique", 3),
    ("originality", "Originalité", 2),
    ("innovation", "Caractère innovant", 2),
    ("sobriety", "Sobriété numérique", 1),
    ("feasibility", "Faisabilité", 1),
    ("talk", "Qualité de la présentation orale", 1),
)
_numbers = count(1)


def make_edition(state: str = phases.REGISTRATION, **fields: Any) -> Edition:
    """Make an edition of 2027: registration in September, challenge in October, closing on the 23rd."""
    number = next(_numbers)
    given = {
        "slug": f"datathon-{number}",
        "year": 2027,
        "title": f"Datathon d’essai {number}",
        "state": state,
        "created_by": fields.pop("created_by", None) or UserFactory(),
        "opens_on": date(2027, 9, 1),
        "registration_closes_on": date(2027, 9, 30),
        "starts_on": date(2027, 10, 4),
        "teams_lock_on": date(2027, 10, 8),
        "deliverables_due_at": datetime(2027, 10, 22, 12, tzinfo=PARIS),
        "closing_at": datetime(2027, 10, 23, 14, tzinfo=PARIS),
    } | fields
    if state == phases.PUBLISHED:
        given.setdefault("published_at", datetime(2027, 10, 25, 10, tzinfo=PARIS))
    edition = Edition.objects.create(**given)
    make_rules(edition)
    Theme.objects.create(edition=edition, title="Mobilité")
    Criterion.objects.bulk_create(
        Criterion(edition=edition, rank=rank, slug=slug, label=label, weight=weight)
        for rank, (slug, label, weight) in enumerate(CRITERIA, start=1)
    )
    return edition


def make_rules(edition: Edition, version: int = 1, **fields: Any) -> RulesText:
    given = {"text": "Chaque participant accepte ce règlement.", "published_by": edition.created_by} | fields
    if version > 1:
        given.setdefault("change", "Une phrase de plus.")
    return RulesText.objects.create(edition=edition, version=version, **given)


def make_organiser(edition: Edition, **fields: Any) -> User:
    return make_user_with(Role.ORGANISER, SCHEME, edition.slug, **fields)


def make_registration(edition: Edition, person: User | None = None, **fields: Any) -> Registration:
    rules = edition.rules_texts.first()
    return Registration.objects.create(edition=edition, person=person or UserFactory(), rules=rules, **fields)


def make_team(edition: Edition, members: int = 1, **fields: Any) -> Team:
    """Make a team whose first member is the referent, on seat 1."""
    number, referent = next(_numbers), uuid4()
    people = [make_registration(edition) for _ in range(members)]
    given = {"name": f"Équipe {number}", "code": f"CODE{number:05d}", "referent_id": referent} | fields
    with transaction.atomic():
        team = Team.objects.create(edition=edition, **given)
        for place, person in enumerate(people, start=1):
            make_seat(team, person, place, **({"pk": referent} if place == 1 else {}))
    return team


def make_seat(team: Team, registration: Registration, number: int, **fields: Any) -> Seat:
    return Seat.objects.create(edition=team.edition, team=team, registration=registration, number=number, **fields)


def make_juror(edition: Edition, quality: str = "expert", **fields: Any) -> Juror:
    """Make a juror who accepted and holds the role in the scope of the edition."""
    person = fields.pop("person", None) or make_user_with(Role.JUROR, SCHEME, edition.slug)
    given = {"name": str(person), "email": person.email, "accepted_at": datetime(2027, 10, 1, tzinfo=PARIS)} | fields
    return Juror.objects.create(edition=edition, person=person, quality=quality, **given)
