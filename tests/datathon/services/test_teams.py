"""Teams: made with their referent's seat, joined, left, handed over, dissolved; requests and invitations."""

from datetime import datetime

import pytest
import time_machine
from django.db import IntegrityError

from datathon import phases, workflow
from datathon.models import Edition, Registration, Seat, Team
from datathon.services import refusals, registrations, requests, seating, teams
from datathon.services.registrations import Said
from datathon.services.teams import NameTaken, Stale
from normandata.notifications.models import Mail
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory
from tests.factories.datathon import PARIS, make_edition, make_organiser, make_registration, make_team
from tests.factories.people import create_team, join, person_of, register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("september")]
LOCKED = datetime(2027, 10, 9, 0, 5, 1, tzinfo=PARIS)


def acts(team: Team) -> list[str]:
    return list(Event.objects.about(team).order_by("pk").values_list("name", flat=True))


def seats(team: Team) -> list[int]:
    return list(team.seats.order_by("number").values_list("number", flat=True))


def mails(kind: str) -> set[str]:
    return set(Mail.objects.filter(kind=f"datathon.{kind}").values_list("address", flat=True))


def test_a_team_and_its_referent_are_written_together() -> None:
    edition = make_edition()
    made = register(edition)
    theme = edition.themes.get()
    team = create_team(made, "Les Bocages", theme=theme, project="Prévoir les crues", looks_for="Un cartographe")
    team.refresh_from_db()
    seat = team.seats.get()
    assert (seat.pk, seat.number, seat.registration) == (team.referent_id, 1, made)
    assert (team.theme, team.project, team.looks_for, len(team.code)) == (
        theme,
        "Prévoir les crues",
        "Un cartographe",
        8,
    )
    assert acts(team) == ["create_team"]
    with pytest.raises(NotNow, match="déjà dans une équipe"):
        create_team(made, "Autre")
    with pytest.raises(NameTaken):
        create_team(register(edition), "LES BOCAGES")
    assert Team.objects.count() == 1


def test_five_enter_by_code_and_the_sixth_is_told() -> None:
    team = create_team(register(make_edition()))
    for number in range(2, 6):
        join(team)
        assert seats(team) == list(range(1, number + 1))
    with pytest.raises(NotNow, match="complète depuis un instant"):
        join(team)
    assert seats(team) == [1, 2, 3, 4, 5]
    made = register(team.edition)
    with pytest.raises(NotDone, match="n’a ce code"):
        teams.join_by_code(made, "XXXX XXXX", by=person_of(made))


def test_a_code_is_read_however_it_is_typed() -> None:
    team = create_team(register(make_edition()))
    made = register(team.edition)
    code = f" {team.code[:4].lower()}-{team.code[4:]} "
    assert teams.join_by_code(made, code, by=person_of(made)) == team
    assert mails("member_joined") == {person_of(team.seats.get(number=1).registration).email}


def test_the_seat_that_is_left_is_taken_again() -> None:
    team = create_team(register(make_edition()))
    second, _ = join(team), join(team)
    teams.leave(team, by=person_of(second))
    assert seats(team) == [1, 3]
    join(team)
    assert seats(team) == [1, 2, 3]


def test_a_referent_who_leaves_names_a_successor() -> None:
    first = register(make_edition())
    team = create_team(first)
    second = join(team)
    with pytest.raises(NotDone, match="désignez qui"):
        teams.leave(team, by=person_of(first))
    elsewhere = create_team(register(team.edition), "Autre").seats.get()
    with pytest.raises(NotDone, match="n’est plus dans l’équipe"):
        teams.leave(team, by=person_of(first), successor=elsewhere.pk)
    teams.leave(team, by=person_of(first), successor=team.seats.get(number=2).pk)
    team.refresh_from_db()
    assert (seats(team), team.referent is not None and team.referent.registration) == ([2], second)
    assert acts(team) == ["create_team", "join", "hand_over", "leave"]
    assert mails("referent_changed") == {person_of(first).email, person_of(second).email}


def test_the_last_one_who_leaves_ends_the_team() -> None:
    edition = make_edition()
    made = register(edition)
    team = create_team(made)
    asker = register(edition)
    requests.ask(asker, team, by=person_of(asker))
    teams.leave(team, by=person_of(made))
    team.refresh_from_db()
    assert (team.state, team.referent_id, seats(team)) == (workflow.DISSOLVED, None, [])
    assert team.requests.get().is_accepted is False
    assert create_team(made, "Les Bocages").pk, "the name is free again"
    with pytest.raises(NotDone):
        teams.join_by_code(asker, team.code, by=person_of(asker))


def test_the_role_is_handed_over_by_the_referent_or_an_organiser() -> None:
    edition = make_edition()
    first = register(edition)
    team = create_team(first)
    second = join(team)
    key = team.seats.get(number=2).pk
    with pytest.raises(NotAllowed):
        teams.hand_over(team, key, by=person_of(second))
    teams.hand_over(team, key, by=person_of(first))
    assert team.referent_id == key
    with pytest.raises(NotAllowed):
        teams.hand_over(team, key, by=person_of(first))
    teams.hand_over(team, team.seats.get(number=1).pk, by=make_organiser(edition))
    assert team.referent_id == team.seats.get(number=1).pk


def test_a_member_is_removed_with_a_reason_and_the_code_changes() -> None:
    first = register(make_edition())
    team = create_team(first)
    second = join(team)
    key, code = team.seats.get(number=2).pk, team.code
    with pytest.raises(ReasonMissing):
        teams.remove(team, key, reason=" ", by=person_of(first))
    with pytest.raises(NotAllowed):
        teams.remove(team, key, reason="Absent", by=person_of(second))
    teams.remove(team, key, reason="Ne répond plus", by=person_of(first))
    team.refresh_from_db()
    assert (seats(team), team.code == code) == ([1], False)
    assert second.remarks.get().text == "Ne répond plus"
    assert "Ne répond plus" not in str(list(Event.objects.values()))
    assert mails("removed") == {person_of(second).email}
    with pytest.raises(NotDone, match="Quitter"):
        teams.remove(team, team.seats.get().pk, reason="Moi", by=person_of(first))


def test_an_organiser_removes_a_referent_once_teams_are_locked() -> None:
    edition = make_edition(phases.CHALLENGE)
    team = make_team(edition, 2)
    organiser = make_organiser(edition)
    first, second = team.seats.order_by("number")
    with pytest.raises(NotDone, match="désignez"):
        teams.remove(team, first.pk, reason="Fraude", by=organiser, at=LOCKED)
    teams.remove(team, first.pk, reason="Fraude", by=organiser, successor=second.pk, at=LOCKED)
    team.refresh_from_db()
    assert (team.referent_id, seats(team)) == (second.pk, [2])


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (datetime(2027, 10, 8, 23, 59, 59, 900_000, tzinfo=PARIS), True),
        (datetime(2027, 10, 9, 0, 5, tzinfo=PARIS), True),
        (datetime(2027, 10, 9, 0, 5, 0, 1, tzinfo=PARIS), False),
    ],
)
def test_the_lock_is_the_end_of_its_day_and_the_grace(at: datetime, is_open: bool) -> None:
    team = create_team(register(make_edition()))
    Edition.objects.update(state=phases.CHALLENGE)
    made = make_registration(team.edition)
    if is_open:
        teams.join_by_code(made, team.code, by=person_of(made), at=at)
        return
    for gesture in (
        lambda: teams.join_by_code(made, team.code, by=person_of(made), at=at),
        lambda: teams.create(made, {"name": "Autre"}, by=person_of(made), at=at),
        lambda: teams.leave(team, by=person_of(team.seats.get().registration), at=at),
        lambda: requests.ask(made, team, by=person_of(made), at=at),
    ):
        with pytest.raises(NotNow, match="depuis le 8\xa0octobre\xa02027 à minuit"):
            gesture()


def test_two_pages_never_overwrite_a_team() -> None:
    made = register(make_edition())
    team = create_team(made)
    by = person_of(made)
    teams.change(team, {"name": "Les Haies", "project": "Un"}, revision=1, by=by)
    with pytest.raises(Stale):
        teams.change(team, {"name": "Perdu"}, revision=1, by=by)
    with pytest.raises(NotAllowed):
        teams.change(team, {"name": "Perdu"}, revision=2, by=UserFactory())
    assert Team.objects.get().name == "Les Haies"


def test_a_request_is_answered_by_the_referent() -> None:
    first = register(make_edition())
    team = create_team(first)
    asker = register(team.edition)
    requests.ask(asker, team, message="Je sais coder", by=person_of(asker))
    with pytest.raises(NotNow, match="attend déjà"):
        requests.ask(asker, team, by=person_of(asker))
    asked = team.requests.get()
    with pytest.raises(NotAllowed):
        requests.accept(asked, by=person_of(asker))
    requests.accept(asked, by=person_of(first))
    assert seats(team) == [1, 2]
    with pytest.raises(NotNow):
        requests.decline(asked, by=person_of(first))
    assert (mails("join_requested"), mails("join_accepted")) == ({person_of(first).email}, {person_of(asker).email})


def test_an_invitation_is_for_who_looks_for_a_team() -> None:
    first = register(make_edition())
    team, other = create_team(first), register(first.edition)
    with pytest.raises(NotNow, match="ne cherche plus"):
        requests.invite(team, other, by=person_of(first))
    registrations.change(other, Said("student", wants_team=True), revision=other.revision, by=person_of(other))
    requests.invite(team, other, message="Venez", by=person_of(first))
    asked = team.requests.get()
    with pytest.raises(NotAllowed):
        requests.accept(asked, by=person_of(first))
    requests.accept(asked, by=person_of(other))
    other.refresh_from_db()
    assert (seats(team), other.wants_team) == ([1, 2], False)


def test_a_request_or_an_invitation_is_declined_or_taken_back() -> None:
    first = register(make_edition())
    team, one = create_team(first), register(first.edition, said=Said("student", wants_team=True))
    requests.ask(one, team, by=person_of(one))
    requests.decline(team.requests.get(), by=person_of(first))
    assert mails("join_declined") == {person_of(one).email}
    requests.ask(one, team, by=person_of(one))
    requests.take_back(team.requests.get(answered_at=None), by=person_of(one))
    requests.invite(team, one, by=person_of(first))
    requests.decline(team.requests.get(answered_at=None), by=person_of(one))
    assert mails("invitation_declined") == {person_of(first).email}
    requests.invite(team, one, by=person_of(first))
    requests.take_back(team.requests.get(answered_at=None), by=person_of(first))
    assert seats(team) == [1]


def test_entering_one_team_closes_what_waits_elsewhere() -> None:
    edition = make_edition()
    one, other = create_team(register(edition)), create_team(register(edition), "Autre")
    made = register(edition)
    requests.ask(made, other, by=person_of(made))
    teams.join_by_code(made, one.code, by=person_of(made))
    asked = other.requests.get()
    assert asked.is_accepted is False
    with pytest.raises(NotNow):
        requests.accept(asked, by=person_of(other.seats.get().registration))


def test_a_dissolved_team_lets_everybody_go() -> None:
    first = register(make_edition())
    team = create_team(first)
    second = join(team)
    with pytest.raises(NotAllowed):
        teams.dissolve(team, by=person_of(second))
    teams.dissolve(team, by=person_of(first), reason="Plus assez de temps")
    assert not Seat.objects.exists()
    assert mails("team_dissolved") == {person_of(first).email, person_of(second).email}
    assert create_team(second, "Les Bocages").pk


def test_the_database_holds_what_the_services_say(september: time_machine.Traveller) -> None:
    edition = make_edition()
    team = create_team(register(edition))
    made = join(team)
    other = create_team(register(edition), "Autre")
    with pytest.raises(IntegrityError):
        Seat.objects.create(edition=edition, team=other, registration=made, number=2)


# ------------------------------------------------------------------------------------------------------------ refusals
def test_a_refusal_takes_the_seat_writes_a_letter_and_is_undone(signatory: object) -> None:
    edition = make_edition()
    organiser = make_organiser(edition)
    first = register(edition)
    team = create_team(first)
    second = join(team)
    key = team.seats.get(number=2).pk
    with pytest.raises(NotAllowed):
        refusals.refuse(first, "rules", message="Fraude", by=person_of(second))
    with pytest.raises(ReasonMissing):
        refusals.refuse(first, "rules", message="", by=organiser)
    with pytest.raises(NotDone, match="deux motifs"):
        refusals.refuse(first, "other", message="Fraude", by=organiser)
    with pytest.raises(NotDone, match="désignez"):
        refusals.refuse(first, "rules", message="Fraude", by=organiser)
    first.refresh_from_db()
    assert first.state == workflow.REGISTERED, "nothing is half-written"
    remark = refusals.refuse(first, "rules", message="Fraude avérée", by=organiser, successor=key)
    assert (first.state, first.refusal, first.refusal_message) == (workflow.REFUSED, "rules", "Fraude avérée")
    assert (seats(team), Team.objects.get().referent_id) == ([2], key)
    assert remark.document is not None
    assert remark.document.record["message"] == "Fraude avérée"
    event = Event.objects.about(first).named("refuse").get()
    assert (event.reason, event.data) == ("Non-respect du règlement", {})
    assert mails("refused") == {person_of(first).email}
    with pytest.raises(NotNow, match="refusé"):
        register(edition, person_of(first))
    refusals.readmit(first, reason="Erreur sur la personne", by=organiser)
    first.refresh_from_db()
    assert (first.state, first.refusal, first.refusal_message) == (workflow.REGISTERED, "", "")
    assert [one.act for one in first.remarks.all()] == ["readmitted", "refused"]


def test_a_refusal_needs_a_signatory() -> None:
    edition = make_edition()
    made = register(edition)
    with pytest.raises(NotNow, match="signataire"):
        refusals.refuse(made, "security", message="Menaces", by=make_organiser(edition))
    made.refresh_from_db()
    assert made.state == workflow.REGISTERED


def test_the_first_opening_of_a_letter_is_dated(signatory: object) -> None:
    edition = make_edition()
    made = register(edition)
    organiser = make_organiser(edition)
    remark = refusals.refuse(made, "security", message="Menaces", by=organiser)
    refusals.opened(remark, by=organiser)
    assert remark.read_at is None
    refusals.opened(remark, by=person_of(made))
    assert remark.read_at is not None
    assert Registration.objects.get().remarks.get().read_at == remark.read_at


def test_a_name_is_drawn_without_letters_that_look_alike() -> None:
    drawn = {seating.draw_code() for _ in range(200)}
    assert len(drawn) == 200
    assert not set("".join(drawn)) & set("IO01")
