"""The organisers' gestures on a registration: refuse for one of the two reasons, with a letter, and readmit."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents import services as documents
from normandata.dossiers.delays import PARIS
from normandata.dossiers.receipts import COURT
from normandata.dossiers.services.letters import signatory
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing

from .. import workflow
from ..refusal_letter import KIND, SERVICE, TEXT
from ..registrations import REFUSALS, Registration, Remark
from ..teams import Seat, Team
from . import guardians, registrations, seating, telling

NOTED = "Motif gardé avec l’inscription."
"""What the journal, which stays, says of a text that goes with the person."""


@transaction.atomic
def refuse(
    registration: Registration, refusal: str, *, message: str, by: User, successor: uuid.UUID | None = None
) -> Remark:
    """Refuse somebody's part, for one of the two reasons of the règlement, with a letter and its mail.

    The seat is taken away by the same gesture; `successor` becomes referent where it was the referent's. Raises what
    `fire` raises, NotNow without a signatory, NotDone for a reason that is not one of the two.
    """
    if refusal not in dict(REFUSALS):
        raise NotDone("Choisissez l’un des deux motifs du règlement.")
    if not message.strip():
        raise ReasonMissing("Écrivez ce qui fonde le refus : la lettre le dit.")
    team = _hold(registration)
    if not workflow.moderates(by, registration):
        raise NotAllowed(procedure.FORBIDDEN)
    if team is not None:
        seat = team.seats.get(registration=registration)
        seating.vacate(team, seat, successor=successor, by=by, name="remove_member")
    now = timezone.now()
    procedure.fire_held(
        registration, "refuse", by=by, at=now, reason=dict(REFUSALS)[refusal], team="", refusal=refusal,
        message=message.strip(),
    )  # fmt: skip
    registrations.close_requests(registration)
    document = documents.request_document(
        KIND,
        title="Refus de participation",
        filename=f"refus-datathon-{registration.edition.slug}.pdf",
        record=letter(registration, now),
    )
    remark = registration.remarks.create(act=Remark.REFUSED, text=message.strip(), document=document, by=by, at=now)
    telling.tell("refused", [registration], motif=registration.get_refusal_display(), message=message.strip())
    return remark


def _hold(registration: Registration) -> Team | None:
    """Lock a registration after the team where it has a seat, which is returned; NotNow if it moved meanwhile."""
    team = Team.objects.filter(seats__registration=registration).first()
    if team is not None:
        procedure.lock(team)
    procedure.lock(registration)
    held = Seat.objects.filter(registration=registration).values_list("team", flat=True).first()
    if held != (team.pk if team else None):
        raise NotNow(procedure.TOO_LATE)
    return team


def letter(registration: Registration, at: datetime) -> dict[str, Any]:
    """Gather all that a letter of refusal says; it is made from nothing else. Raises NotNow without a signatory."""
    day = at.astimezone(PARIS).date()
    signed_by = signatory("datathon", day)
    return {
        "day": day.isoformat(),
        "edition": registration.edition.title,
        "participant": telling.name_of(registration),
        "refusal": registration.get_refusal_display(),
        "message": registration.refusal_message,
        "text": TEXT,
        "service": SERVICE,
        "signatory": {"name": signed_by.name, "quality": signed_by.quality, "delegation": signed_by.delegation},
        "court": COURT,
    }


@transaction.atomic
def readmit(registration: Registration, *, reason: str, by: User) -> None:
    """Go back on a refusal, with a reason that the person reads; raises what `fire` raises."""
    if not reason.strip():
        raise ReasonMissing("Indiquez le motif : la personne le lit.")
    procedure.lock(registration)
    waits = registration.is_minor and registration.guardian_agreed_at is None
    procedure.fire_held(registration, "readmit_waiting" if waits else "readmit", by=by, reason=NOTED)
    if waits:
        guardians.ask(registration, registration.guardian_name, registration.guardian_email, by=by)
    registration.remarks.create(act=Remark.READMITTED, text=reason.strip(), by=by)
    telling.tell("readmitted", [registration], motif=reason.strip())


@transaction.atomic
def opened(remark: Remark, *, by: User) -> None:
    """Date the first opening of a letter by whom it is for: the appeal period starts there."""
    if remark.registration.person_id == by.pk and remark.read_at is None:
        now = timezone.now()
        if Remark.objects.filter(pk=remark.pk, read_at=None).update(read_at=now):
            remark.read_at = now
            procedure.record(remark.registration, "read_letter", by=by)
