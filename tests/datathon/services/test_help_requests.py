"""Help asked, taken once, done, given back, cancelled; notes; two mentors at once; meetings; who is at the closing."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pytest
import time_machine
from django.db import connection

from datathon import phases
from datathon.models import HelpRequest, MentorNote
from datathon.services import attendance, help_requests, meetings
from datathon.services.holding import Stale
from normandata.accounts.models import Role, User
from normandata.notifications.models import Mail
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.procedure.models import Event
from tests.factories.accounts import make_user_with
from tests.factories.datathon import PARIS, SCHEME, make_edition, make_organiser, make_registration, make_team
from tests.factories.datathon_mentors import make_meeting, make_mentor, make_request
from tests.threads import together

ROUNDS = int(os.environ.get("DATATHON_ROUNDS", "3"))
MENTORS = 8 if connection.vendor == "postgresql" else 4


def member_of(team) -> User:
    return team.seats.order_by("number").first().registration.person


@pytest.mark.django_db
class TestHelp:
    def test_a_member_asks_all_mentors_or_one(self) -> None:
        edition = make_edition()
        team, one, other = make_team(edition, 2), make_mentor(edition), make_mentor(edition)
        make_mentor(edition, ended_at=edition.created_at)
        make_mentor(make_edition())
        help_requests.ask(team, question=" Une question ? ", by=member_of(team))
        assert {mail.address for mail in Mail.objects.all()} == {one.person.email, other.person.email}
        Mail.objects.all().delete()
        request = help_requests.ask(team, question="À vous.", asked=one, by=member_of(team))
        assert [mail.address for mail in Mail.objects.all()] == [one.person.email]
        assert "Une question" not in str([event.data for event in Event.objects.about(team)])
        with pytest.raises(NotAllowed):
            help_requests.take(request, by=other.person)

    def test_only_a_member_asks_in_a_phase_that_opens_it(self) -> None:
        edition = make_edition()
        team, mentor = make_team(edition), make_mentor(edition)
        for by in (member_of(make_team(edition)), mentor.person, make_organiser(edition)):
            with pytest.raises(NotAllowed):
                help_requests.ask(team, question="Une ?", by=by)
        with pytest.raises(NotDone, match="Écrivez la question"):
            help_requests.ask(team, question=" ", by=member_of(team))
        gone = make_mentor(edition, ended_at=edition.created_at)
        with pytest.raises(NotDone, match="n’aide plus"):
            help_requests.ask(team, question="Une ?", asked=gone, by=member_of(team))
        judged = make_team(make_edition(phases.SCORING))
        with pytest.raises(NotNow):
            help_requests.ask(judged, question="Une ?", by=member_of(judged))

    def test_a_trial_writes_to_no_mentor(self) -> None:
        edition = make_edition(phases.REHEARSAL)
        make_mentor(edition)
        team = make_team(edition, rehearsal=True)
        help_requests.ask(team, question="Pour voir ?", by=member_of(team))
        assert Mail.objects.count() == 0

    def test_a_request_is_taken_finished_or_given_back_by_whoever_has_it(self) -> None:
        edition = make_edition()
        team, one, other = make_team(edition), make_mentor(edition), make_mentor(edition)
        request = make_request(team, asked=None)
        help_requests.take(request, by=one.person)
        assert [(mail.kind, mail.recipient) for mail in Mail.objects.all()] == [
            ("datathon.help_taken", member_of(team))
        ]
        with pytest.raises(NotNow, match=f"{one.person.name} vient de prendre cette demande"):
            help_requests.take(request, by=other.person)
        with pytest.raises(NotNow, match="Vous avez déjà pris"):
            help_requests.take(request, by=one.person)
        with pytest.raises(NotNow, match="plus entre vos mains"):
            help_requests.finish(request, by=other.person)
        help_requests.give_back(request, by=one.person)
        assert list(HelpRequest.objects.open_to(other)) == [request]
        help_requests.take(request, by=other.person)
        help_requests.finish(request, by=other.person)
        with pytest.raises(NotNow, match="déjà terminée"):
            help_requests.cancel(request, by=member_of(team))
        acts = ["help_done", "help_taken", "help_given_back", "help_taken"]
        assert [event.name for event in Event.objects.about(team)] == acts

    def test_a_cancelled_request_is_taken_by_nobody(self) -> None:
        edition = make_edition()
        team, mentor = make_team(edition), make_mentor(edition)
        request = make_request(team)
        with pytest.raises(NotAllowed):
            help_requests.cancel(request, by=mentor.person)
        help_requests.cancel(request, by=member_of(team))
        with pytest.raises(NotNow, match="L’équipe a annulé"):
            help_requests.take(request, by=mentor.person)
        assert list(HelpRequest.objects.open_to(mentor)) == []

    def test_notes_reach_the_team_when_they_are_shared(self) -> None:
        edition = make_edition()
        team, mentor = make_team(edition), make_mentor(edition)
        help_requests.write_note(team, text="Entre nous.", is_shared=False, by=mentor.person)
        assert Mail.objects.count() == 0
        help_requests.write_note(team, text="Pour vous.", is_shared=True, by=mentor.person)
        assert [mail.recipient for mail in Mail.objects.all()] == [member_of(team)]
        assert "Pour vous." not in Mail.objects.get().text, "a note is read in the portal"
        for by in (member_of(team), make_mentor(make_edition()).person, make_organiser(edition)):
            with pytest.raises(NotAllowed):
                help_requests.write_note(team, text="Non.", is_shared=True, by=by)
        assert MentorNote.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_mentors_who_take_a_request_at_once_one_wins_and_the_others_are_told(monkeypatch) -> None:
    """Three rounds, or DATATHON_ROUNDS."""
    monkeypatch.setattr("normandata.outbox.carrier.offer", lambda pks: len(pks))
    edition = make_edition()
    team, people = make_team(edition), [make_mentor(edition).person for _ in range(MENTORS)]
    for _ in range(ROUNDS):
        request = make_request(team)
        results = together(*(partial(help_requests.take, request, by=person) for person in people))
        won = Counter(type(result).__name__ for result in results)
        assert won == {"HelpRequest": 1, "NotNow": MENTORS - 1}
        request.refresh_from_db()
        told = {error.messages[0] for error in results if isinstance(error, NotNow)}
        assert told == {f"{request.taken_by} vient de prendre cette demande."}
    taken = Event.objects.about(team).named("help_taken").count()
    assert (taken, Mail.objects.filter(kind="datathon.help_taken").count()) == (ROUNDS, ROUNDS)


@pytest.fixture
def _in_october() -> Iterator[None]:
    with time_machine.travel("2027-10-01T09:00:00+02:00", tick=True):
        yield


@pytest.mark.django_db
@pytest.mark.usefixtures("_in_october")
class TestMeetings:
    def test_those_invited_are_told_of_each_change_and_of_the_end(self) -> None:
        edition = make_edition(phases.CHALLENGE)
        organiser, mentor = make_organiser(edition), make_mentor(edition)
        team, alone = make_team(edition, 2), make_registration(edition)
        starts, ends = (datetime(2027, 10, 12, hour, tzinfo=PARIS) for hour in (14, 15))
        meetings.arrange(edition, title="Pour tous", starts_at=starts, ends_at=ends, by=organiser)
        people = {mail.address for mail in Mail.objects.filter(kind="datathon.meeting")}
        assert people == {
            alone.person.email,
            mentor.person.email,
            *(s.registration.person.email for s in team.seats.all()),
        }
        Mail.objects.all().delete()
        make_request(team, taken_by=mentor, taken_at=starts)
        meeting = meetings.arrange(edition, title="Équipe", starts_at=starts, ends_at=ends, team=team, by=organiser)
        assert Mail.objects.count() == 3, "its two members and the mentor who helps it"
        Mail.objects.all().delete()
        assert meetings.change(meeting, notes="Dit.", by=organiser, seen=1) == ["notes"]
        assert Mail.objects.count() == 0
        with pytest.raises(Stale):
            meetings.change(meeting, place="Rouen", by=organiser, seen=1)
        meetings.change(meeting, place="Rouen", by=organiser, seen=2)
        meeting.refresh_from_db()
        assert (meeting.revision, meeting.notes, meeting.place, Mail.objects.count()) == (3, "Dit.", "Rouen", 3)
        with pytest.raises(ReasonMissing):
            meetings.cancel(meeting, reason=" ", by=organiser)
        meetings.cancel(meeting, reason="Grève.", by=organiser)
        assert Mail.objects.filter(kind="datathon.meeting_cancelled", text__contains="Grève.").count() == 3
        with pytest.raises(NotNow, match="est annulée"):
            meetings.change(meeting, place="Caen", by=organiser, seen=4)
        names = [event.name for event in Event.objects.about(edition)]
        assert names == ["meeting_cancelled", "meeting_changed", "meeting_changed", "meeting", "meeting"]

    def test_a_meeting_is_fixed_ahead_by_organisers_in_an_edition_that_lives(self) -> None:
        edition = make_edition(phases.CHALLENGE)
        organiser = make_organiser(edition)
        past = {
            "starts_at": datetime(2027, 9, 30, 14, tzinfo=PARIS),
            "ends_at": datetime(2027, 9, 30, 15, tzinfo=PARIS),
        }
        with pytest.raises(NotNow, match="Cette heure est passée"):
            meetings.arrange(edition, title="Hier", **past, by=organiser)
        meeting = make_meeting(edition)
        for by in (make_mentor(edition).person, make_organiser(make_edition())):
            with pytest.raises(NotAllowed):
                meetings.cancel(meeting, reason="Non.", by=by)
        over = make_edition(phases.CANCELLED)
        with pytest.raises(NotNow, match="finie"):
            meetings.cancel(make_meeting(over), reason="Non.", by=make_organiser(over))


@pytest.mark.django_db
class TestAttendance:
    def test_only_the_boxes_given_change_and_the_journal_holds_no_name(self) -> None:
        edition = make_edition(phases.CHALLENGE)
        organiser = make_organiser(edition)
        here = make_registration(edition, present_at=datetime(2027, 10, 23, 12, tzinfo=UTC))
        late, other = make_registration(edition), make_registration(make_edition())
        trial = make_registration(edition, rehearsal=True)
        ticks = {here.pk: True, late.pk: True, other.pk: True, trial.pk: True}
        assert attendance.tick(edition, attendance.PRESENT, ticks, by=organiser) == 1
        for one in (here, late, other, trial):
            one.refresh_from_db()
        present = [one.present_at is not None for one in (here, late, other, trial)]
        assert (present, here.present_at) == ([True, True, False, False], datetime(2027, 10, 23, 12, tzinfo=UTC))
        assert Event.objects.about(edition).get().data == {
            "column": "present_at",
            "registrations": {str(late.pk): True},
        }
        assert attendance.tick(edition, attendance.LOT, {here.pk: True}, by=organiser) == 1
        assert attendance.tick(edition, attendance.PRESENT, {here.pk: False}, by=organiser) == 1
        here.refresh_from_db()
        assert (here.present_at, here.lot_given_at is not None) == (None, True)
        with pytest.raises(ValueError, match="not ticked"):
            attendance.tick(edition, "state", {here.pk: True}, by=organiser)

    @pytest.mark.parametrize("state", [phases.PREPARING, phases.REHEARSAL, phases.REGISTRATION, phases.CANCELLED])
    def test_nothing_is_ticked_before_the_challenge(self, state: str) -> None:
        edition = make_edition(state)
        with pytest.raises(NotNow):
            attendance.tick(edition, attendance.PRESENT, {}, by=make_organiser(edition))

    def test_only_organisers_tick(self) -> None:
        edition = make_edition(phases.CHALLENGE)
        with pytest.raises(NotAllowed):
            attendance.tick(edition, attendance.PRESENT, {}, by=make_user_with(Role.AUDITOR, SCHEME))
