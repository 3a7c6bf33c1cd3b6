"""Gestures at the same instant on teams: twenty for five seats, one person in two teams, a referent who leaves.

DATATHON_ROUNDS=200 for the long proof. Each promise is held twice, by the lock of the team's row and by the database;
the witnesses take one away, then both. On SQLite, whose every transaction is alone, a few rounds say all.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import connection

from datathon import workflow
from datathon.models import Registration, Seat, Team
from datathon.services import seating, teams
from normandata.procedure import services as procedure
from tests.factories.datathon import make_edition, make_registration, make_team
from tests.factories.people import person_of
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
JOINERS = 20
ON_POSTGRESQL = connection.vendor == "postgresql"


@pytest.fixture(autouse=True)
def _open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the window open: the edition of the factories is in 2027, and threads share no stopped clock."""
    monkeypatch.setattr("datathon.services.seating.check_open", lambda edition, at: None)
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))


def rounds() -> int:
    return int(os.environ.get("DATATHON_ROUNDS", "5" if ON_POSTGRESQL else "1"))


def outcomes(given: list[Any]) -> Counter[str]:
    return Counter(type(one).__name__ for one in given)


def joining(registration: Registration, team: Team) -> Callable[[], Team]:
    """Join, on what another process read."""
    again = Registration.objects.select_related("edition", "person").get(pk=registration.pk)
    return partial(teams.join_by_code, again, team.code, by=person_of(again))


def leaving(team: Team, registration: Registration, successor: Any = None) -> Callable[[], None]:
    again = Team.objects.select_related("edition", "referent__registration").get(pk=team.pk)
    return partial(teams.leave, again, by=person_of(registration), successor=successor)


def race_for_seats() -> tuple[Team, list[Any]]:
    """Have twenty join an empty team but for its referent, whose place is the only one taken."""
    edition = make_edition()
    team = make_team(edition)
    given = together(*[joining(make_registration(edition), team) for _ in range(JOINERS)])
    return team, given


def test_twenty_join_and_five_sit() -> None:
    for _ in range(rounds()):
        team, given = race_for_seats()
        assert outcomes(given) == {"Team": 4, "NotNow": JOINERS - 4}, given
        assert {str(one) for one in given if isinstance(one, Exception)} == {seating.FULL.replace(" :", "\u00a0:")}
        assert sorted(team.seats.values_list("number", flat=True)) == [1, 2, 3, 4, 5]


def test_one_person_enters_one_of_two_teams() -> None:
    for _ in range(rounds()):
        edition = make_edition()
        one, other, person = make_team(edition), make_team(edition), make_registration(edition)
        given = together(*[joining(person, team) for team in (one, other) * 4])
        assert outcomes(given) == {"Team": 1, "NotNow": 7}, given
        assert {str(each) for each in given if isinstance(each, Exception)} == {seating.SEATED}
        assert Seat.objects.filter(registration=person).count() == 1


def test_a_person_creates_one_team_or_joins_one() -> None:
    for _ in range(rounds()):
        edition = make_edition()
        team, person = make_team(edition), make_registration(edition)
        again = Registration.objects.select_related("edition", "person").get(pk=person.pk)
        creations = [partial(teams.create, again, {"name": f"Équipe {n}"}, by=person_of(person)) for n in range(3)]
        given = together(joining(person, team), *creations, joining(person, team))
        assert outcomes(given) == {"Team": 1, "NotNow": 4}, given
        assert Seat.objects.filter(registration=person).count() == 1
        assert not Team.objects.active().filter(edition=edition, seats=None).exists()


def test_a_referent_alone_leaves_while_another_joins() -> None:
    """Either the newcomer is in, and the referent must name a successor; or the team is over, and nobody enters."""
    for _ in range(rounds()):
        edition = make_edition()
        team, newcomer = make_team(edition), make_registration(edition)
        referent = team.seats.get().registration
        left, joined = together(leaving(team, referent), joining(newcomer, team))
        team.refresh_from_db()
        seats = set(team.seats.values_list("registration", flat=True))
        if left is None:
            assert (team.state, seats, team.referent_id) == (workflow.DISSOLVED, set(), None), (left, joined)
            assert outcomes([joined]) in ({"NotNow": 1}, {"NotDone": 1}), joined
        else:
            assert outcomes([left]) == {"NotDone": 1}, left
            assert (team.state, seats) == (workflow.ACTIVE, {referent.pk, newcomer.pk}), (left, joined)
            assert team.referent_id == team.seats.get(registration=referent).pk


def test_a_referent_and_the_successor_leave_together() -> None:
    for _ in range(rounds()):
        team = make_team(make_edition(), 3)
        first, second, third = team.seats.order_by("number")
        given = together(leaving(team, first.registration, second.pk), leaving(team, second.registration, third.pk))
        team.refresh_from_db()
        assert team.referent is not None
        assert team.referent.team_id == team.pk
        assert team.seats.filter(pk=team.referent_id).exists()
        assert set(outcomes(given)) <= {"NoneType", "NotDone"}, given
        assert third.pk in set(team.seats.values_list("pk", flat=True))


# ----------------------------------------------------------------------------------------------------------- witnesses
@contextmanager
def without(name: str) -> Iterator[None]:
    """Take a constraint of the seats away, and put it back once they are gone."""
    constraint = next(one for one in Seat._meta.constraints if one.name == name)
    with connection.schema_editor() as editor:
        editor.remove_constraint(Seat, constraint)
    try:
        yield
    finally:
        Team.objects.update(state=workflow.DISSOLVED, dissolved_at="2027-01-01T00:00Z", referent=None)
        Seat.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Seat, constraint)


def unlocked(thing: Any) -> None:
    thing.refresh_from_db()


@pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite runs one writing transaction at a time: nothing races")
def test_witness_without_the_lock_the_database_still_holds_five(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(procedure, "lock", unlocked)
    for _ in range(rounds()):
        team, given = race_for_seats()
        assert set(outcomes(given)) == {"Team", "NotNow"}, given
        assert len(team.seats.all()) == outcomes(given)["Team"] + 1 <= 5


@pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite runs one writing transaction at a time: nothing races")
def test_witness_without_the_constraint_the_lock_still_holds_five() -> None:
    with without("datathon_seat_number_once"):
        team, given = race_for_seats()
        assert outcomes(given) == {"Team": 4, "NotNow": JOINERS - 4}, given
        assert team.seats.count() == 5


@pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite runs one writing transaction at a time: nothing races")
def test_witness_without_both_more_than_five_sit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(procedure, "lock", unlocked)
    with without("datathon_seat_number_once"):
        seated = [race_for_seats()[0].seats.count() for _ in range(3)]
        assert max(seated) > 5, "the race is not one"


@pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite runs one writing transaction at a time: nothing races")
def test_witness_without_both_one_person_is_in_two_teams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(procedure, "lock", unlocked)
    with without("datathon_seat_one_team"):
        most = 0
        for _ in range(5):
            edition = make_edition()
            one, other, person = make_team(edition), make_team(edition), make_registration(edition)
            together(*[joining(person, team) for team in (one, other) * 4])
            most = max(most, Seat.objects.filter(registration=person).count())
        assert most > 1, "the race is not one"
