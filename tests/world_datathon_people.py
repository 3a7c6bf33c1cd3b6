"""The Datathon's participants in the house: a referent and a member of a team, and editions at each stage."""

import uuid
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from datathon import phases, receipts, refusal_letter, workflow
from datathon.editions import Edition
from datathon.models import Deliverable
from datathon.teams import Team
from normandata.accounts.models import User
from normandata.accounts.services import digest
from normandata.documents import services as documents
from normandata.documents.models import Document
from tests.factories.accounts import UserFactory
from tests.factories.datathon import make_edition, make_registration, make_rules, make_seat
from tests.factories.documents import UploadFactory


def taking_part(referent: User, member: User | None) -> dict[str, Any]:
    """Make a team of an edition in its challenge, and the same referent's part in editions of other stages."""
    edition = _edition(phases.CHALLENGE)
    team = _team(edition, [referent, member or UserFactory(), UserFactory()])
    looking = make_registration(edition, wants_team=True)
    upload = UploadFactory(uploaded_by=referent)
    handed = Deliverable.objects.create(
        team=team, kind="presentation", version=1, upload=upload, sha256=upload.sha256, handed_by=referent
    )
    receipt = documents.request_document(
        receipts.KIND,
        title="Récépissé",
        filename="recepisse.pdf",
        record=receipts.record(team, receipts.all_versions(team)),
    )
    _print(receipt)
    other = _team(edition, [UserFactory()], looks_for="Quelqu’un")
    return {
        "dt_edition": edition.slug,
        "dt_team": team.pk,
        "dt_seat": team.seats.get(number=3).pk,
        "dt_first_seat": team.seats.get(number=1).pk,
        "dt_registration": team.seats.get(number=3).registration_id,
        "dt_looking": looking.pk,
        "dt_request": team.requests.create(registration=make_registration(edition)).pk,
        "dt_other_team": other.pk,
        "dt_handed": handed.pk,
        "dt_receipt": receipt.pk,
    } | _stages(referent)


def _stages(referent: User) -> dict[str, Any]:
    """Make the referent's part in an edition that is open, one that refused, one that is over, and one to come into."""
    fresh, opened = _edition(phases.REGISTRATION), _edition(phases.REGISTRATION)
    looking = _team(opened, [UserFactory()], looks_for="Une cartographe")
    make_registration(opened, referent)
    make_rules(opened, 2, text="Une version plus récente.")
    token = f"jeton-parent-{opened.pk}"
    make_registration(
        opened, is_minor=True, state=workflow.AWAITING, guardian_name="Dominique", guardian_token=digest(token),
        guardian_email="parent@exemple.invalid", guardian_asked_at=timezone.now(),
    )  # fmt: skip
    refused, over = _edition(phases.REGISTRATION), _edition(phases.CANCELLED)
    made = make_registration(refused, referent, state=workflow.REFUSED, refusal="rules", refusal_message="Fraude")
    letter = documents.request_document(refusal_letter.KIND, title="Refus", filename="refus.pdf", record={})
    _print(letter)
    made.remarks.create(act="refused", text="Fraude", document=letter)
    make_registration(over, referent)
    return {
        "dt_fresh": fresh.slug,
        "dt_open": opened.slug,
        "dt_looking_team": looking.pk,
        "dt_code": looking.code,
        "dt_token": token,
        "dt_refused": refused.slug,
        "dt_refused_registration": made.pk,
        "dt_over": over.slug,
    }


def _edition(state: str) -> Edition:
    today, now = timezone.localdate(), timezone.now()
    return make_edition(
        state,
        opens_on=today - timedelta(days=5),
        registration_closes_on=today + timedelta(days=20),
        starts_on=today + timedelta(days=1),
        teams_lock_on=today + timedelta(days=30),
        deliverables_due_at=now + timedelta(days=40),
        closing_at=now + timedelta(days=50),
    )


def _team(edition: Edition, people: list[User], **fields: Any) -> Team:
    key = uuid.uuid4()
    with transaction.atomic():
        team = Team.objects.create(
            edition=edition, name=f"Équipe {key.hex[:8]}", code=key.hex[:8].upper(), referent_id=key, **fields
        )
        for number, person in enumerate(people, start=1):
            registration = make_registration(edition, person)
            make_seat(team, registration, number, **({"pk": key} if number == 1 else {}))
    return team


def _print(document: Document) -> None:
    """Make a document ready, without the time that drawing it takes."""
    document.file.save("", ContentFile(b"%PDF-1.7\n"), save=False)
    document.state, document.sha256, document.size = Document.State.READY, "0" * 64, 9
    document.ready_at = timezone.now()
    document.save()
