"""What the database refuses about editions, registrations, teams and juries."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from datathon import phases, workflow
from datathon.models import Edition, Registration, Seat, Team
from tests.factories.accounts import UserFactory
from tests.factories.datathon import make_edition, make_juror, make_registration, make_seat, make_team

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 9, 15, tzinfo=UTC)


def refused(act: Any, name: str) -> bool:
    """Tell whether the database refuses an act, by the constraint of this name; any other refusal is raised."""
    try:
        with transaction.atomic():
            act()
    except IntegrityError as error:
        # SQLite names the columns of a unique index, not the index.
        if name not in str(error) and not str(error).startswith("UNIQUE constraint failed"):
            raise
        return True
    return False


def priced(edition: Edition, *prizes: str | None) -> Any:
    values = {f"prize_{rank}": None if one is None else Decimal(one) for rank, one in enumerate(prizes, start=1)}
    return lambda: Edition.objects.filter(pk=edition.pk).update(**values)


@pytest.mark.parametrize(
    ("prizes", "name"),
    [
        (("2500", "1500", "1000"), ""),
        (("5000", None, None), ""),
        (("2500.10", "1499.90", "1000"), ""),
        (("1666.68", "1666.67", "1666.65"), ""),
        ((None, None, None), ""),
        (("2500", "1500", "1000.01"), "total"),
        (("5000.01", None, None), "total"),
        (("3000", "2000.01", None), "total"),
        (("1500", "1500", None), "decrease"),
        (("1000", "1500", None), "decrease"),
        (("2000", None, "500"), "decrease"),
        ((None, "500", None), "decrease"),
        (("2500", "0", None), "positive"),
        (("0", None, None), "positive"),
        (("-1", None, None), "positive"),
    ],
)
def test_prizes_are_held_by_the_database(prizes: tuple[str | None, ...], name: str) -> None:
    act = priced(make_edition(), *prizes)
    assert refused(act, f"datathon_edition_prizes_{name}") is bool(name)


def test_a_fourth_prize_has_no_column() -> None:
    assert [one.name for one in Edition._meta.get_fields() if one.name.startswith("prize")] == [
        "prize_1",
        "prize_2",
        "prize_3",
    ]


def test_two_people_never_hold_one_seat_and_a_sixth_has_none() -> None:
    edition = make_edition()
    team = make_team(edition, 5)
    newcomer = make_registration(edition)
    assert refused(lambda: make_seat(team, newcomer, 5), "datathon_seat_number_once")
    assert refused(lambda: make_seat(team, newcomer, 6), "datathon_seat_number")
    assert refused(lambda: make_seat(team, newcomer, 0), "datathon_seat_number")
    assert team.seats.count() == 5


def test_a_person_is_in_one_team_of_an_edition() -> None:
    edition = make_edition()
    one, other = make_team(edition), make_team(edition)
    member = one.seats.get().registration
    assert refused(lambda: make_seat(other, member, 2), "datathon_seat_one_team")


def test_an_active_team_has_one_referent_whose_seat_stays() -> None:
    team = make_team(make_edition(), 2)
    teams = Team.objects.filter(pk=team.pk)
    assert refused(lambda: teams.update(referent=None), "datathon_team_one_referent")
    with pytest.raises(ProtectedError):
        Seat.objects.filter(pk=team.referent_id).delete()
    teams.update(referent=team.seats.get(number=2))
    assert Seat.objects.filter(team=team, number=1).delete()[0] == 1


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_keeps_the_seat_of_a_referent() -> None:
    team = make_team(make_edition())
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM datathon_seat WHERE team_id = %s", [team.pk])
    assert team.seats.count() == 1


def test_a_dissolved_team_has_no_referent_and_lets_its_seats_go() -> None:
    team = make_team(make_edition())
    teams = Team.objects.filter(pk=team.pk)
    assert refused(lambda: teams.update(state=workflow.DISSOLVED, dissolved_at=NOW), "datathon_team_one_referent")
    teams.update(state=workflow.DISSOLVED, dissolved_at=NOW, referent=None)
    assert Seat.objects.filter(team=team).delete()[0] == 1


def test_a_minor_is_registered_with_the_agreement_of_a_parent() -> None:
    edition = make_edition()
    name = "datathon_registration_minor_authorised"
    assert refused(lambda: make_registration(edition, is_minor=True), name)
    waiting = make_registration(edition, is_minor=True, state=workflow.AWAITING)
    rows = Registration.objects.filter(pk=waiting.pk)
    assert refused(lambda: rows.update(state=workflow.REGISTERED), name)
    assert rows.update(state=workflow.REGISTERED, guardian_agreed_at=NOW) == 1


def test_a_refusal_has_one_of_two_reasons() -> None:
    edition = make_edition()
    name = "datathon_registration_refused_why"
    assert refused(lambda: make_registration(edition, state=workflow.REFUSED), name)
    assert refused(lambda: make_registration(edition, refusal="security"), name)
    for reason in ("security", "rules"):
        assert make_registration(edition, state=workflow.REFUSED, refusal=reason).refusal == reason


def test_an_erased_registration_keeps_nothing_personal() -> None:
    row = make_registration(make_edition(), pitch="Je sais coder", profile="student")
    rows = Registration.objects.filter(pk=row.pk)
    name = "datathon_registration_erased_wholly"
    assert refused(lambda: rows.update(person=None), name)
    assert refused(lambda: rows.update(person=None, erased_at=NOW), name)
    assert rows.update(person=None, erased_at=NOW, pitch="", profile="") == 1


def test_one_registration_by_person_and_edition() -> None:
    edition, person = make_edition(), UserFactory()
    make_registration(edition, person)
    assert refused(lambda: make_registration(edition, person), "datathon_registration_once")
    assert make_registration(make_edition(), person).pk


def test_a_jury_has_one_chair() -> None:
    edition = make_edition()
    make_juror(edition, "elected", is_chair=True)
    assert refused(lambda: make_juror(edition, is_chair=True), "datathon_juror_one_chair")


def test_days_keep_their_order() -> None:
    rows = Edition.objects.filter(pk=make_edition().pk)
    early = datetime(2027, 8, 1, tzinfo=UTC)
    assert refused(lambda: rows.update(registration_closes_on=early.date()), "registration_in_order")
    assert refused(lambda: rows.update(teams_lock_on=early.date()), "teams_lock_after")
    assert refused(lambda: rows.update(closing_at=early), "delivered_before_closing")


def test_only_a_published_edition_says_when() -> None:
    rows = Edition.objects.filter(pk=make_edition().pk)
    assert refused(lambda: rows.update(state=phases.PUBLISHED), "datathon_edition_published_dated")
    assert refused(lambda: rows.update(published_at=NOW), "datathon_edition_published_dated")


def test_an_edition_shuts_what_its_phase_opens_and_opens_nothing_else() -> None:
    edition = make_edition(phases.CHALLENGE)
    edition.shut.create(phase=phases.CHALLENGE, right="board")
    edition.shut.create(phase=phases.SCORING, right="jury_reads")
    rights = edition.rights
    assert (rights.board, rights.deliver, rights.mentors_read, rights.jury_reads) == (False, True, True, False)
    edition.state = phases.SCORING
    assert (edition.rights.jury_reads, edition.rights.jury_marks) == (False, True)
