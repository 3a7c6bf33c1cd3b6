"""Mentors who offer, are accepted, declined, invited, stop; organisers invited in the scope of an edition."""

import re

import pytest

from datathon import permissions, phases
from datathon.models import Mentor
from datathon.services import mentors, staff
from normandata.accounts import services as accounts
from normandata.accounts.models import Role, RoleAssignment, StaffInvitation, User
from normandata.notifications.models import Mail
from normandata.outbox.models import Message
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory, make_user_with
from tests.factories.datathon import SCHEME, make_edition, make_organiser, make_registration, make_team
from tests.factories.datathon_mentors import make_mentor, make_offer, make_request

pytestmark = pytest.mark.django_db
SAID = {"skills": ["data", "maps"], "about": "Géomaticienne", "availability": "Le mardi soir"}


@pytest.fixture
def lead() -> User:
    return make_user_with(Role.LEAD_AGENT, SCHEME)


def test_a_volunteer_offers_and_the_organisers_are_told(lead: User) -> None:
    edition, person = make_edition(), UserFactory()
    organiser = make_organiser(edition)
    make_organiser(make_edition())
    mentor = mentors.offer(edition, **SAID, by=person)
    assert (mentor.skills, mentor.accepted_at, list(Mentor.objects.active())) == (["data", "maps"], None, [])
    assert mentor.skill_labels == "Analyse de données, Cartographie"
    assert {mail.address for mail in Mail.objects.all()} == {lead.email, organiser.email}
    assert not permissions.mentors(person, edition)
    with pytest.raises(NotDone, match="déjà mentor"):
        mentors.offer(edition, **SAID, by=person)


@pytest.mark.parametrize("state", [phases.PREPARING, phases.REHEARSAL, phases.PUBLISHED, phases.CANCELLED])
def test_nobody_offers_to_an_edition_that_is_not_public_or_is_over(state: str) -> None:
    with pytest.raises(NotNow):
        mentors.offer(make_edition(state), **SAID, by=UserFactory())


def test_a_participant_is_no_mentor(lead: User) -> None:
    edition = make_edition()
    one = make_registration(edition)
    with pytest.raises(NotDone, match="un participant n’en est pas mentor"):
        mentors.offer(edition, **SAID, by=one.person)
    offered = make_offer(edition)
    make_registration(edition, offered.person)
    with pytest.raises(NotDone, match="un participant n’en est pas mentor"):
        mentors.accept(offered, by=lead)
    assert Mentor.objects.active().count() == 0


def test_accepting_gives_the_role_in_the_scope_of_the_edition(lead: User) -> None:
    edition = make_edition()
    offered = make_offer(edition)
    mentors.accept(offered, by=lead)
    person = User.objects.get(pk=offered.person_id)
    assert (permissions.mentors(person, edition), permissions.mentors(person, make_edition())) == (True, False)
    held = RoleAssignment.objects.get(user=person)
    assert (held.scope, held.granted_by) == (edition.slug, lead)
    assert Mail.objects.get().kind == "datathon.mentor_accepted"
    for act in (mentors.accept, lambda one, *, by: mentors.decline(one, message="Non.", by=by)):
        with pytest.raises(NotNow, match="déjà reçu une réponse"):
            act(offered, by=lead)


def test_whoever_is_declined_reads_why_and_may_offer_again(lead: User) -> None:
    offered = make_offer(make_edition())
    mentors.decline(offered, message="Nous avons assez de mentors.", by=lead)
    assert "Nous avons assez de mentors." in Mail.objects.get().text
    again = mentors.offer(offered.edition, **SAID, by=offered.person)
    assert (again.pk, again.ended_at, Mentor.objects.proposed().count()) == (offered.pk, None, 1)


def test_only_organisers_answer(lead: User) -> None:
    offered = make_offer(make_edition())
    for by in (make_mentor(offered.edition).person, make_organiser(make_edition()), make_user_with(Role.AGENT, SCHEME)):
        with pytest.raises(NotAllowed):
            mentors.accept(offered, by=by)
        with pytest.raises(NotAllowed):
            mentors.decline(offered, message="Non.", by=by)


def test_an_invited_person_joins_by_saying_what_they_can_do(lead: User) -> None:
    edition, person = make_edition(phases.PREPARING), UserFactory()
    with pytest.raises(NotAllowed):
        mentors.describe(edition, **SAID, by=person)
    organiser = make_organiser(edition)
    staff.invite(edition, person.email, Role.MENTOR, by=organiser)
    letter = Message.objects.order_by("-pk").first()
    assert letter is not None
    token = re.search(r"/invitation/([\w-]+)/", str(letter.payload))
    assert token is not None
    accounts.accept(token[1], by=person)
    joined = mentors.describe(edition, **SAID, by=person)
    assert list(Mentor.objects.active()) == [joined]
    mentors.describe(edition, **(SAID | {"about": "Autrement"}), by=person)
    assert [event.name for event in Event.objects.about(edition)] == ["mentor_described", "mentor_joined", "invite"]


def test_a_mentor_stops_and_what_was_taken_waits_again(lead: User) -> None:
    edition = make_edition()
    mentor, team = make_mentor(edition), make_team(edition)
    taken = make_request(team, asked=mentor, taken_by=mentor, taken_at=edition.created_at)
    done = make_request(team, taken_by=mentor, taken_at=edition.created_at, done_at=edition.created_at)
    with pytest.raises(NotAllowed):
        mentors.end(mentor, reason="Non.", by=make_mentor(edition).person)
    mentors.end(mentor, reason="Plus le temps.", by=mentor.person)
    taken.refresh_from_db()
    done.refresh_from_db()
    assert (taken.taken_by, taken.asked, done.taken_by) == (None, None, mentor)
    assert not permissions.mentors(User.objects.get(pk=mentor.person_id), edition)
    with pytest.raises(NotNow):
        mentors.end(mentor, reason="Encore.", by=lead)


# ---------------------------------------------------------------------------------------------------------- organisers
def test_an_organiser_invites_another_for_this_edition_only(lead: User) -> None:
    edition = make_edition()
    organiser = make_organiser(edition)
    staff.invite(edition, "Autre@Exemple.invalid", by=organiser)
    invitation = StaffInvitation.objects.get()
    assert (invitation.email, invitation.role, invitation.scope) == ("autre@exemple.invalid", "organiser", edition.slug)
    assert "exemple" not in str(Event.objects.about(edition).get().data), "the journal keeps no address"
    for role in (Role.JUROR, Role.ADMINISTRATOR):
        with pytest.raises(NotAllowed):
            staff.invite(edition, "autre@exemple.invalid", role, by=organiser)
    with pytest.raises(NotAllowed):
        staff.invite(make_edition(), "autre@exemple.invalid", by=organiser)


@pytest.mark.parametrize(
    ("role", "scope", "expected"),
    [
        (Role.ORGANISER, "une", True),
        (Role.JUROR, "une", True),
        (Role.MENTOR, "une", True),
        (Role.ORGANISER, "autre", False),
        (Role.ORGANISER, "", False),
        (Role.AGENT, "une", False),
        (Role.ADMINISTRATOR, "une", False),
    ],
)
def test_who_organises_an_edition_gives_its_roles_and_no_other(role: Role, scope: str, expected: bool) -> None:
    assert accounts.may_assign(make_user_with(Role.ORGANISER, SCHEME, "une"), role, SCHEME, scope) is expected


def test_a_role_is_withdrawn_by_another_person(lead: User) -> None:
    edition = make_edition()
    one, other = make_organiser(edition), make_organiser(edition)
    assignment = RoleAssignment.objects.get(user=one)
    with pytest.raises(NotDone, match="Une autre personne"):
        staff.end_role(edition, assignment, reason="Je pars.", by=one)
    staff.end_role(edition, assignment, reason="Il part.", by=other)
    assert not permissions.organises(User.objects.get(pk=one.pk), edition)
