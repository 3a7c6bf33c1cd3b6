"""Registering: the window, the rules accepted, the consents, a minor's parent, leaving and coming back."""

import re
from datetime import datetime
from typing import Any

import pytest
import time_machine

from datathon import phases, workflow
from datathon.models import Consent, Registration
from datathon.services import guardians, registrations, teams
from datathon.services.registrations import NewerRules, Said
from normandata.accounts.services import digest
from normandata.notifications.models import Mail
from normandata.outbox.models import Message
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, Unmet
from normandata.procedure.models import Event
from tests.factories.accounts import UserFactory
from tests.factories.datathon import (
    PARIS,
    make_edition,
    make_juror,
    make_organiser,
    make_registration,
    make_rules,
    make_team,
)
from tests.factories.datathon_mentors import make_mentor, make_offer
from tests.factories.people import ADULT, create_team, person_of, register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("september")]
MINOR = Said("student", is_minor=True, guardian_name="Dominique Exemple", guardian_email="parent@exemple.invalid")


def acts(registration: Registration) -> list[str]:
    return list(Event.objects.about(registration).order_by("pk").values_list("name", flat=True))


def link(registration: Registration) -> str:
    """Return the token that opens the page of a parent now, from the mails written."""
    registration.refresh_from_db()
    texts = [
        row["text"] for row in Message.objects.filter(handler="outbox.secret_mail").values_list("payload", flat=True)
    ]
    tokens = [found[1] for text in texts if (found := re.search(r"/datathon/parent/([\w-]+)/", text))]
    return next(token for token in tokens if digest(token) == registration.guardian_token)


def test_a_registration_keeps_what_was_said_and_the_version_accepted() -> None:
    edition, person = make_edition(), UserFactory()
    said = Said("researcher", wants_team=True, skills=["data", "ai"], pitch=" J’aime les cartes. ")
    made = register(edition, person, said, consents=["newsletter"])
    made.refresh_from_db()
    assert (made.state, made.profile, made.wants_team, made.skills, made.pitch) == (
        "registered", "researcher", True, ["data", "ai"], "J’aime les cartes.",
    )  # fmt: skip
    assert (made.rules.version, made.rehearsal, made.guardian_email) == (1, False, "")
    assert list(made.consents.values_list("kind", flat=True)) == ["newsletter"]
    assert acts(made) == ["register", "give_consent"]
    assert list(Mail.objects.values_list("kind", "address")) == [("datathon.registered", person.email)]


def test_a_version_that_is_not_the_last_is_not_accepted() -> None:
    edition = make_edition()
    newer = make_rules(edition, 2, text="Autre règlement.")
    with pytest.raises(NewerRules) as caught:
        register(edition)
    assert caught.value.rules == newer
    assert "version 2" in caught.value.messages[0]
    assert not Registration.objects.exists()
    made = registrations.register(edition, ADULT, rules=2, by=UserFactory())
    third = make_rules(edition, 3, text="Encore un autre.")
    registrations.accept_rules(made, 3, by=person_of(made))
    made.refresh_from_db()
    assert made.rules == third
    assert acts(made) == ["register", "accept_rules"]
    with pytest.raises(NewerRules):
        registrations.accept_rules(made, 2, by=person_of(made))


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (datetime(2027, 8, 31, 23, 59, 59, 999_999, tzinfo=PARIS), False),
        (datetime(2027, 9, 1, 0, 0, tzinfo=PARIS), True),
        (datetime(2027, 9, 30, 23, 59, 59, 900_000, tzinfo=PARIS), True),
        (datetime(2027, 10, 1, 0, 5, 0, tzinfo=PARIS), True),
        (datetime(2027, 10, 1, 0, 5, 0, 1, tzinfo=PARIS), False),
    ],
)
def test_the_window_counts_the_arrival(at: datetime, is_open: bool) -> None:
    edition = make_edition()
    if is_open:
        assert register(edition, at=at).pk
    else:
        with pytest.raises(NotNow):
            register(edition, at=at)


def test_a_trial_is_for_whoever_organises() -> None:
    edition = make_edition(phases.REHEARSAL)
    with pytest.raises(NotNow):
        register(edition)
    made = register(edition, make_organiser(edition))
    assert made.rehearsal
    assert create_team(made).rehearsal


def test_one_registers_once() -> None:
    edition, person = make_edition(), UserFactory()
    register(edition, person)
    with pytest.raises(NotNow, match="déjà inscrit"):
        register(edition, person)
    assert Registration.objects.count() == 1


def test_consents_are_dated_and_given_again_as_other_rows() -> None:
    made = register(make_edition())
    by = person_of(made)
    for given in (True, True, False, False, True):
        registrations.consent(made, "image", given=given, by=by)
    rows = Consent.objects.filter(registration=made)
    assert [one.withdrawn_at is None for one in rows.order_by("pk")] == [False, True]
    assert acts(made)[1:] == ["give_consent", "withdraw_consent", "give_consent"]
    with pytest.raises(NotAllowed):
        registrations.consent(made, "image", given=False, by=UserFactory())


# ------------------------------------------------------------------------------------------------------------- minors
def test_a_minor_waits_for_a_parent_whose_link_is_kept_as_a_digest() -> None:
    made = register(make_edition(), said=MINOR, consents=["image", "newsletter"])
    assert made.state == workflow.AWAITING
    assert list(made.consents.values_list("kind", flat=True)) == ["newsletter"]
    token = link(made)
    assert made.guardian_token
    assert token not in str(list(Registration.objects.values()))
    assert guardians.opened(token) == made
    with pytest.raises(NotNow, match="parent"):
        create_team(made)
    guardians.agree(guardians.opened(token), token=token, image=True)
    made.refresh_from_db()
    assert (made.state, made.guardian_token) == (workflow.REGISTERED, "")
    assert set(made.consents.values_list("kind", flat=True)) == {"image", "newsletter"}
    assert create_team(made).pk
    with pytest.raises(LookupError):
        guardians.opened(token)


def test_a_parent_refuses_and_may_be_asked_again() -> None:
    edition, person = make_edition(), UserFactory()
    made = register(edition, person, MINOR)
    token = link(made)
    guardians.refuse(guardians.opened(token), token=token)
    made.refresh_from_db()
    assert (made.state, made.guardian_refused_at is None) == (workflow.WITHDRAWN, False)
    again = register(edition, person, Said("student", guardian_name="D", guardian_email="p@exemple.invalid"))
    assert (again.pk, again.state, again.is_minor) == (made.pk, workflow.AWAITING, True), (
        "saying otherwise changes nothing"
    )
    assert guardians.opened(link(again)) == again
    assert "datathon.guardian_declined" in Mail.objects.values_list("kind", flat=True)


def test_a_link_grows_old_and_a_newer_one_replaces_it(september: time_machine.Traveller) -> None:
    made = register(make_edition(), said=MINOR)
    first = link(made)
    september.shift(60)
    guardians.ask_again(made, by=person_of(made))
    second = link(made)
    with pytest.raises(LookupError):
        guardians.opened(first)
    assert guardians.opened(second) == made
    september.shift(30 * 86_400 - 1)
    assert guardians.opened(second) == made
    september.shift(2)
    with pytest.raises(LookupError):
        guardians.opened(second)


def test_a_parent_is_somebody_else_and_gets_three_mails_an_hour() -> None:
    person = UserFactory()
    with pytest.raises(NotDone, match="pas la vôtre"):
        register(make_edition(), person, Said("student", True, "Moi", person.email))
    assert not Registration.objects.exists()
    made = register(make_edition(), person, MINOR)
    for _ in range(2):
        guardians.ask_again(made, by=person)
    with pytest.raises(NotDone, match="trois courriels"):
        guardians.ask_again(made, by=person)


# ------------------------------------------------------------------------------------------------------------- changes
def test_what_is_said_may_change_and_two_pages_never_overwrite() -> None:
    made = register(make_edition())
    by = person_of(made)
    registrations.change(made, Said("other", pitch="Bonjour"), revision=1, by=by)
    assert (made.profile, made.pitch, made.revision) == ("other", "Bonjour", 2)
    with pytest.raises(NotNow, match="changé"):
        registrations.change(made, Said("student"), revision=1, by=by)
    with pytest.raises(NotAllowed):
        registrations.change(made, Said("student"), revision=2, by=UserFactory())


def test_another_parent_gets_another_link() -> None:
    made = register(make_edition(), said=MINOR)
    first = link(made)
    other = Said("student", guardian_name="Autre", guardian_email="autre@exemple.invalid")
    registrations.change(made, other, revision=made.revision, by=person_of(made))
    assert made.guardian_email == "autre@exemple.invalid"
    assert link(made) != first


def test_one_leaves_the_team_before_the_edition_and_comes_back() -> None:
    edition, person = make_edition(), UserFactory()
    made = register(edition, person)
    team = create_team(made)
    with pytest.raises(Unmet, match="Les Bocages"):
        registrations.withdraw(made, by=person)
    teams.leave(team, by=person)
    registrations.withdraw(made, by=person)
    assert made.state == workflow.WITHDRAWN
    again = register(edition, person)
    assert (again.pk, again.state) == (made.pk, workflow.REGISTERED)


def test_requests_without_object_are_closed_by_a_withdrawal() -> None:
    edition = make_edition()
    team, made = make_team(edition), make_registration(edition, wants_team=True)
    asked = team.requests.create(registration=made)
    registrations.withdraw(made, by=person_of(made))
    asked.refresh_from_db()
    assert (asked.is_accepted, asked.answered_at is None) == (False, False)


def test_nothing_personal_is_in_the_journal() -> None:
    canary = "Canari"
    person: Any = UserFactory(name=canary, email="canari@exemple.invalid")
    said = Said("student", True, canary, "parent-canari@exemple.invalid", pitch=canary)
    made = register(make_edition(), person, said)
    registrations.change(made, said, revision=made.revision, by=person)
    token = link(made)
    guardians.agree(guardians.opened(token), token=token)
    rows = list(Event.objects.values("reason", "data", "name"))
    assert len(rows) == 4
    assert "canari" not in str(rows).lower()


def test_who_organises_judges_or_mentors_an_edition_takes_no_part_in_it() -> None:
    edition = make_edition()
    juror, mentor = make_juror(edition).person, make_mentor(edition).person
    for person, words in (
        (make_organiser(edition), "Vous organisez"), (juror, "Vous siégez au jury"), (mentor, "Vous êtes mentor"),
        (make_offer(edition).person, "Vous êtes mentor"),
    ):  # fmt: skip
        with pytest.raises(NotDone, match=words):
            register(edition, person)
    assert not Registration.objects.exists()
    for person in (juror, mentor):
        assert register(make_edition(), person).takes_part, "another edition is open to them"
    trial = make_edition(phases.REHEARSAL)
    assert register(trial, make_organiser(trial)).rehearsal
