"""Erasing a participant: canaries in every field, then every table is read; teams, deliverables and outcomes stay."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.files.storage import default_storage
from django.db import IntegrityError, models, transaction

from datathon import edition_mails, phases, receipts, workflow
from datathon.models import Deliverable, Edition, HelpRequest, Meeting, Mentor, MentorNote, Registration
from datathon.services import deliverables, erasure, guardians, help_requests, refusals, registrations, requests, teams
from datathon.services.registrations import Said
from normandata.accounts.models import User
from normandata.documents import services as documents
from normandata.documents.models import Document
from normandata.notifications.models import Mail
from normandata.outbox.models import Message
from normandata.procedure.errors import NotAllowed, NotNow
from normandata.procedure.models import Event
from tests.datathon.services.test_registrations import link
from tests.factories.accounts import UserFactory
from tests.factories.datathon import make_edition, make_organiser
from tests.factories.documents import UploadFactory
from tests.factories.people import create_team, person_of, register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "signatory")]
CANARY = "canari"
ACCOUNT = {"accounts_user", "account_emailaddress"}
"""Tables of the account itself, which is the person's and serves elsewhere."""


def cells() -> Iterator[tuple[str, str, Any]]:
    """Read every column of every row of every table."""
    for model in apps.get_models():
        if model._meta.managed and model._meta.db_table not in ACCOUNT:
            for row in model._default_manager.values():
                for column, value in row.items():
                    yield model._meta.label, column, value


def singing() -> set[tuple[str, str]]:
    return {(label, column) for label, column, value in cells() if CANARY in str(value).lower()}


def pointing(person: User) -> set[str]:
    """Name the columns of any table that still point at a person."""
    found = set()
    for model in apps.get_models():
        fields = [] if model._meta.db_table in ACCOUNT else model._meta.local_fields
        for field in fields:
            is_person = isinstance(field, models.ForeignKey) and field.related_model is User
            if is_person and model._default_manager.filter(**{field.name: person}).exists():
                found.add(f"{model._meta.label}.{field.name}")
    return found


@pytest.fixture
def lived(september: time_machine.Traveller) -> tuple[Registration, Registration]:
    """Have a minor live a whole edition, with a canary in every field that takes words; a teammate beside."""
    edition = make_edition()
    organiser = make_organiser(edition)
    person = UserFactory(name="Camille Canari", email="canari@exemple.invalid")
    said = Said("student", True, "Parent Canari", "parent-canari@exemple.invalid", True, ["data"], "Canari en phrase")
    one = register(edition, person, said, consents=["newsletter"])
    token = link(one)
    guardians.agree(guardians.opened(token), token=token, image=True)
    mate = register(edition, said=Said("other", wants_team=True))
    team = create_team(mate, "Les Bocages")
    requests.ask(one, team, message="Canari veut entrer", by=person)
    requests.accept(team.requests.get(), by=person_of(mate))
    third = register(edition, said=Said("other", wants_team=True))
    requests.invite(team, third, message="Canari vous invite", by=person)
    requests.accept(team.requests.get(answered_at=None), by=person_of(third))
    teams.remove(team, team.seats.get(registration=third).pk, reason="Remplacé", by=person_of(mate))
    Edition.objects.update(state=phases.CHALLENGE)
    september.move_to("2027-10-20 10:00 +0200")
    team.refresh_from_db()
    upload = UploadFactory(uploaded_by=person, name="canari.pdf")
    deliverables.hand_in_file(team, "presentation", upload, by=person)
    mentor = Mentor.objects.create(edition=edition, person=UserFactory())
    MentorNote.objects.create(team=team, mentor=mentor, text="Canari progresse")
    HelpRequest.objects.create(team=team, question="Canari demande")
    edition_mails.tell_started(team.edition)
    mentor.accepted_at = mentor.since
    mentor.save()
    help_requests.ask(team, question="Canari ne comprend pas", by=person)
    documents.make(deliverables.request_receipt(team, by=person).pk)
    now = datetime(2027, 10, 20, tzinfo=UTC)
    Meeting.objects.create(
        edition=edition, team=team, title="Point", starts_at=now, ends_at=datetime(2027, 10, 21, tzinfo=UTC),
        notes="Canari présent", created_by=organiser,
    )  # fmt: skip
    registrations.consent(one, "newsletter", given=False, by=person)
    Edition.objects.update(state=phases.PUBLISHED, published_at="2027-10-25T10:00Z")
    one.refresh_from_db()
    mate.refresh_from_db()
    return one, mate


def test_nothing_sings_any_more_and_the_team_stays(lived: tuple[Registration, Registration]) -> None:
    one, mate = lived
    person = person_of(one)
    before = singing()
    assert {label for label, _ in before} >= {
        "datathon.Registration", "datathon.JoinRequest", "datathon.MentorNote", "datathon.HelpRequest",
        "datathon.Meeting", "documents.Document", "documents.Upload", "notifications.Mail", "outbox.Message",
    }, before  # fmt: skip
    assert "datathon.Deliverable.handed_by" in pointing(person)
    assert {"procedure.Event.by", "notifications.Mail.recipient"} <= pointing(person)
    told = Mail.objects.filter(kind="datathon.challenge_started")
    assert told.filter(recipient=person).exists(), "a mail of the edition tells that the person took part"
    erasure.erase(one, by=person)
    assert singing() == set()
    assert pointing(person) == set()
    one.refresh_from_db()
    seat = one.seats.get()
    assert (str(one), seat.team.name, seat.team.seats.count()) == ("Participant effacé", "Les Bocages", 2)
    kept = Deliverable.objects.get()
    assert kept.upload is not None
    assert (kept.upload.name, len(kept.sha256)) == ("livrable-presentation-1.pdf", 64)
    assert default_storage.exists(kept.upload.file.name)
    assert told.filter(recipient=person_of(mate)).exists(), "the others' mails stay"
    assert not Document.objects.filter(kind=receipts.KIND).exists()
    again = deliverables.request_receipt(seat.team, by=person_of(mate))
    assert [row["what"] for row in again.record["versions"]] == ["livrable-presentation-1.pdf"]
    assert Event.objects.about(seat.team).filter(by=person_of(mate)).exists()
    assert erasure.erase(one, by=None) is False


def test_a_refused_person_leaves_no_letter(september: time_machine.Traveller) -> None:
    edition = make_edition()
    made = register(edition, UserFactory(name="Canari", email="canari@exemple.invalid"))
    organiser = make_organiser(edition)
    refusals.refuse(made, "rules", message="Canari a triché", by=organiser)
    refusals.readmit(made, reason="Canari n’a pas triché", by=organiser)
    refusals.refuse(made, "security", message="Canari menace", by=organiser)
    Edition.objects.update(state=phases.CANCELLED)
    erasure.erase(made, by=organiser)
    made.refresh_from_db()
    assert singing() == set()
    assert not Document.objects.exists()
    assert (made.state, made.refusal) == (workflow.REFUSED, "security")
    refused = Event.objects.about(made).named("refuse").order_by("pk")
    assert [(one.reason, one.by) for one in refused] == [
        ("Non-respect du règlement", organiser), ("Raisons de sécurité", organiser),
    ]  # fmt: skip


def test_one_is_erased_once_the_edition_is_over_by_oneself_or_an_organiser(september: time_machine.Traveller) -> None:
    made = register(make_edition())
    with pytest.raises(NotNow, match="terminée"):
        erasure.erase(made, by=person_of(made))
    Edition.objects.update(state=phases.CANCELLED)
    with pytest.raises(NotAllowed):
        erasure.erase(made, by=UserFactory())
    assert erasure.erase(made, by=person_of(made))


def test_the_night_erases_what_is_twelve_months_old(lived: tuple[Registration, Registration]) -> None:
    one, _ = lived
    assert erasure.erase_due(datetime(2028, 10, 24, 12, tzinfo=UTC)) == 0
    open_edition = make_edition(phases.SCORING, closing_at=datetime(2027, 1, 1, tzinfo=UTC), deliverables_due_at=None)
    Registration.objects.create(edition=open_edition, person=UserFactory(), rules=open_edition.rules_texts.get())
    at = datetime(2028, 10, 25, 12, tzinfo=UTC)
    assert [row.edition for row in erasure.due(at)] == [one.edition] * 3
    assert erasure.erase_due(at) == 3
    assert erasure.erase_due(at) == 0
    assert singing() == set()
    assert Message.objects.filter(payload__icontains=CANARY).count() == 0
    assert Registration.objects.filter(person__isnull=False).count() == 1


def test_the_journal_forgets_by_whom_and_nothing_else(september: time_machine.Traveller) -> None:
    made = register(make_edition())
    row = Event.objects.about(made).get()
    for changed in ({"name": "other"}, {"by": UserFactory()}, {"by": None, "reason": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            models.QuerySet(Event).filter(pk=row.pk).update(**changed)
    assert Event.objects.filter(pk=row.pk).forget_author() == 1
    row.refresh_from_db()
    assert (row.by, row.name) == (None, "register")
    with pytest.raises(IntegrityError), transaction.atomic():
        models.QuerySet(Event).filter(pk=row.pk).delete()
