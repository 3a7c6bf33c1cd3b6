"""Sending a letter, and dating its receipt."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents import services as documents
from normandata.organisations.models import Membership
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotDone, NotNow
from normandata.regulation.formats import day as written_day

from .. import permissions, schemes
from ..delays import PARIS
from ..letter_batches import Draft
from ..letters import Letter, Signatory
from ..models import Dossier
from ..receipts import COURT

NO_SIGNATORY = "Aucun signataire n’est désigné aujourd’hui : un administrateur en désigne un avant tout envoi."


def signatory(scheme: str, day: date) -> Signatory:
    """Return who signs for a scheme on a day; raises NotNow when nobody was designated."""
    found = Signatory.objects.on(scheme, day).first()
    if found is None:
        raise NotNow(NO_SIGNATORY)
    return found


@transaction.atomic
def send(
    dossier: Dossier,
    kind: str,
    *,
    title: str,
    filename: str,
    record: dict[str, Any],
    at: datetime,
    is_contestable: bool = True,
    is_internal: bool = False,
) -> Letter:
    """Make a letter from its record, signed by whoever may sign that day; the worker makes its PDF.

    The record gains the letterhead: number, organisation, service, signatory, court. Raises NotNow (no signatory).
    """
    day = at.astimezone(PARIS).date()
    whole = letterhead(dossier, signatory(dossier.scheme, day), day) | record
    return _write(dossier, kind, title, filename, whole, at=at, is_contestable=is_contestable, is_internal=is_internal)


@transaction.atomic
def send_draft(draft: Draft, *, at: datetime) -> Letter:
    """Send a letter word for word as it was drafted."""
    return _write(
        draft.dossier,
        draft.kind,
        draft.title,
        draft.filename,
        dict(draft.record),
        at=at,
        is_contestable=draft.is_contestable,
    )


def _write(
    dossier: Dossier,
    kind: str,
    title: str,
    filename: str,
    record: dict[str, Any],
    *,
    at: datetime,
    is_contestable: bool,
    is_internal: bool = False,
) -> Letter:
    document = documents.request_document(kind, title=title, filename=filename, record=record)
    return Letter.objects.create(
        dossier=dossier,
        kind=kind,
        title=title,
        document=document,
        is_contestable=is_contestable,
        is_internal=is_internal,
        sent_at=at,
    )


def letterhead(dossier: Dossier, signed_by: Signatory, day: date) -> dict[str, Any]:
    """Return what every letter says: to whom, from whom, signed by whom, contested where."""
    scheme, organisation = schemes.by_slug()[dossier.scheme], dossier.organisation
    service = schemes.application_of(dossier.scheme).service
    return {
        "number": dossier.number,
        "scheme": scheme.sheet.short_title,
        "day": day.isoformat(),
        "organisation": organisation.label,
        "siret": organisation.written_siret,
        "street": organisation.street,
        "city": f"{organisation.postal_code} {organisation.city}".strip(),
        "service": {
            "name": service.name,
            "address": service.address,
            "email": service.email,
            "phone": service.phone,
        },
        "signatory": {
            "name": signed_by.name,
            "quality": signed_by.quality,
            "delegation": signed_by.delegation,
        },
        "court": COURT,
    }


@transaction.atomic
def opened(letter: Letter, *, by: User) -> None:
    """Date the first opening of a letter by the organisation: the appeal period starts there."""
    member = Membership.objects.active().filter(user=by, organisation=letter.dossier.organisation_id)
    if letter.read_at is not None or not member.exists():
        return
    now = timezone.now()
    if Letter.objects.filter(pk=letter.pk, read_at=None).update(read_at=now, read_by=by):
        letter.read_at, letter.read_by = now, by
        procedure.record(letter.dossier, "letter_read", by=by, data={"letter": letter.title})


@transaction.atomic
def type_postal_day(letter: Letter, day: date, *, by: User) -> None:
    """Write the day a letter was delivered by post; raises NotAllowed, NotDone for a day that cannot be."""
    procedure.lock(letter.dossier)
    if not permissions.can_examine(by, letter.dossier):
        raise NotAllowed(procedure.FORBIDDEN)
    sent_on = timezone.localdate(letter.sent_at)
    if not sent_on <= day <= timezone.localdate():
        raise NotDone(f"La lettre est partie le {written_day(sent_on)} : donnez une date entre ce jour et aujourd’hui.")
    letter.posted_on = day
    letter.save(update_fields=["posted_on"])
    procedure.record(letter.dossier, "letter_posted", by=by, data={"letter": letter.title, "on": day.isoformat()})
