"""Before the deposit: begin a draft, save a section as it is typed, join and take away files."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from normandata.accounts.models import User
from normandata.documents import uploads
from normandata.documents.models import Upload
from normandata.organisations.models import Organisation
from normandata.procedure import services as procedure
from normandata.procedure.errors import NotAllowed, NotNow
from normandata.workflow.table import Editable

from .. import permissions, schemes, states
from ..drafts import made_necessary
from ..forms import Typed
from ..models import Attachment, Correction, CorrectionItem, Dossier, Section

NOT_EDITABLE = "Ce dossier n’est plus modifiable : rechargez la page pour voir où il en est."


class Conflict(Exception):
    """The section was saved elsewhere since the version this text started from; nothing was written."""

    def __init__(self, kept: Section) -> None:
        super().__init__(kept)
        self.kept = kept


@transaction.atomic
def begin(scheme: str, organisation: Organisation, known: QueryDict, *, by: User) -> Dossier:
    """Begin a draft holding what the directory and the simulator already know.

    A draft of the same person, for the same organisation and scheme, that nobody touched since it was begun is taken
    up again: a double click makes one draft.
    """
    application = schemes.application_of(scheme)
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    mine = Dossier.objects.filter(scheme=scheme, organisation=organisation, created_by=by, state=states.DRAFT)
    answers = application.prefill(organisation, known)
    for draft in mine.prefetch_related("sections"):
        if {section.slug: section.answers for section in draft.sections.all()} == answers:
            return draft
    dossier = Dossier.objects.create(scheme=scheme, organisation=organisation, created_by=by)
    if not permissions.can_edit(by, dossier):
        raise NotAllowed("Votre compte n’est pas rattaché à cette structure.")
    Section.objects.bulk_create(
        Section(dossier=dossier, slug=slug, answers=dict(typed), saved_by=by) for slug, typed in answers.items()
    )
    procedure.record(dossier, "begin", by=by)
    return dossier


@transaction.atomic
def save_section(dossier: Dossier, slug: str, typed: Typed, *, version: int, by: User) -> Section:
    """Save a section as it was typed, valid or not; the same text sent again changes nothing.

    `version` is the one this text started from, 0 for a section never saved. Raises Conflict when the section was
    saved elsewhere since, NotNow when the dossier takes no more changes.
    """
    procedure.lock(dossier)
    _check_editable(dossier, f"section:{slug}", by)
    now = timezone.now()
    row = Section.objects.select_for_update().filter(dossier=dossier, slug=slug).first()
    if row is None:
        return Section.objects.create(dossier=dossier, slug=slug, answers=dict(typed), saved_at=now, saved_by=by)
    if row.answers == typed:
        return row
    if row.version != version:
        raise Conflict(row)
    row.answers, row.version, row.saved_at, row.saved_by = dict(typed), row.version + 1, now, by
    row.save(update_fields=["answers", "version", "saved_at", "saved_by"])
    return row


@transaction.atomic
def attach(dossier: Dossier, piece: str, upload: Upload, *, by: User, at: datetime | None = None) -> Attachment:
    """Join a received file to a piece. Raises NotNow when the dossier does not take this piece, or not any more."""
    procedure.lock(dossier)
    _check_editable(dossier, f"piece:{piece}", by)
    return Attachment.objects.create(
        dossier=dossier, piece=piece, upload=upload, added_by=by, added_at=at or timezone.now()
    )


@transaction.atomic
def detach(attachment: Attachment, *, by: User) -> None:
    """Take a file away; what a deposit named stays stored and readable with that deposit.

    Before the first deposit nobody else ever saw the file: it is erased.
    """
    dossier = attachment.dossier
    procedure.lock(dossier)
    _check_editable(dossier, f"piece:{attachment.piece}", by)
    if not dossier.is_draft:
        Attachment.objects.current().filter(pk=attachment.pk).update(removed_at=timezone.now())
        return
    kept = Attachment.objects.filter(pk=attachment.pk).select_related("upload").first()
    if kept is not None:
        kept.delete()
        uploads.forget(kept.upload)


@transaction.atomic
def discard(dossier: Dossier, *, by: User) -> None:
    """Erase a draft for good, on the applicant's word. Raises NotNow once it was deposited."""
    procedure.lock(dossier)
    if not permissions.is_applicant(by, dossier):
        raise NotAllowed(procedure.FORBIDDEN)
    if not dossier.is_draft:
        raise NotNow("Ce dossier a été déposé : il se retire, il ne s’efface pas.")
    _erase(dossier, "discard", by=by)


@transaction.atomic
def expire(dossier: Dossier, *, by: User | None) -> None:
    """Erase a draft whose time is over, on the word of whoever conducts eliminations. Raises NotNow once deposited."""
    procedure.lock(dossier)
    if not dossier.is_draft:
        raise NotNow("Ce dossier a été déposé depuis\u00a0: il n’est plus un brouillon.")
    _erase(dossier, "expire_draft", by=by)


def _erase(dossier: Dossier, act: str, *, by: User | None) -> None:
    procedure.record(dossier, act, by=by, data={"scheme": dossier.scheme})
    joined = [attachment.upload for attachment in dossier.attachments.select_related("upload")]
    dossier.attachments.all().delete()
    dossier.delete()
    for upload in joined:
        uploads.forget(upload)


def open_items(dossier: Dossier) -> Mapping[str, CorrectionItem]:
    """Return what an open request asks for, by target."""
    items = CorrectionItem.objects.filter(correction__dossier=dossier, correction__state=Correction.State.OPEN)
    return {item.target: item for item in items}


def may_change(dossier: Dossier, target: str) -> bool:
    """Tell whether the state of the dossier leaves this section or piece open to its applicant."""
    if dossier.editable == Editable.ALL.value:
        return True
    if dossier.editable != Editable.PIECES.value:
        return False
    items = open_items(dossier)
    return target in items or target in [f"section:{slug}" for slug in made_necessary(dossier, items)]


def _check_editable(dossier: Dossier, target: str, by: User) -> None:
    if not permissions.is_applicant(by, dossier):
        raise NotAllowed(procedure.FORBIDDEN)
    if not may_change(dossier, target):
        raise NotNow(NOT_EDITABLE)
