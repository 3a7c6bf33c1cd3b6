"""Asking for a document, making it, and erasing it when its time is over."""

import hashlib
import json
import uuid
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.http import FileResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from normandata.outbox import services as outbox
from normandata.outbox.models import Message, State

from . import kinds, pdf
from .models import Document, stored_under

MAKE = "documents.make"
ERASED_TITLE, ERASED_FILENAME = "Document éliminé", "document-elimine.pdf"
MOST_PENDING = 200
MOST_KEPT = 5_000
"""What anybody may ask for without an account, by kind: some 150 MB."""


@transaction.atomic(savepoint=False)
def request_document(
    kind: str,
    *,
    title: str,
    filename: str,
    record: dict[str, Any],
    expires_at: datetime | None = None,
    once: bool = False,
) -> Document:
    """Write down that a document is wanted; the worker makes it. Raises LookupError for an unknown kind.

    With `once`, a document of the same kind made from the same record is returned instead of a second one; asking
    again for one that could not be made tries again.
    """
    kinds.get(kind)
    asked = {
        "kind": kind,
        "title": title,
        "filename": filename,
        "record": record,
        "requested_at": timezone.now(),
        "expires_at": expires_at,
    }
    if not once:
        document = Document.objects.create(**asked)
        outbox.post(MAKE, {"document": str(document.pk)}, key=_key(document), is_new=True)
        return document
    document, is_new = Document.objects.get_or_create(pk=_identifier(kind, title, record), defaults=asked)
    message = outbox.post(MAKE, {"document": str(document.pk)}, key=_key(document))
    if not is_new and message.state == State.FAILED:
        outbox.retry(message)
    return document


def make(pk: uuid.UUID | str) -> None:
    """Make a document and store it with its hash; making it again, or after its erasure, changes nothing."""
    document = Document.objects.filter(pk=pk, state=Document.State.PENDING).first()
    if document is None:
        return
    kind = kinds.get(document.kind)
    content = pdf.render(kind.template, kind.context(document))
    with transaction.atomic():
        locked = Document.objects.select_for_update().filter(pk=pk, state=Document.State.PENDING).first()
        if locked is None or locked.record != document.record:
            return  # a name was taken out of it meanwhile: the later message makes it
        # A file without its row is left by a worker killed between the two: it is written again, not beside.
        locked.file.storage.delete(stored_under(locked, ""))
        locked.file.save(document.filename, ContentFile(content), save=False)
        locked.sha256 = hashlib.sha256(content).hexdigest()
        locked.size = len(content)
        locked.state = Document.State.READY
        locked.ready_at = timezone.now()
        locked.save()


def download(document: Document) -> FileResponse:
    """Send a document that is ready, always as a download, out of shared caches and search engines."""
    response = FileResponse(
        document.file.open("rb"), as_attachment=True, filename=document.filename, content_type="application/pdf"
    )
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def being_made() -> int:
    """Count the documents that are waited for; those that could not be made are not."""
    return Message.objects.filter(handler=MAKE, state__in=(State.PENDING, State.CLAIMED)).count()


def is_full(kind: str) -> bool:
    """Tell whether a kind that anybody asks for without an account must wait: too many are stored, or in the making."""
    return being_made() >= MOST_PENDING or Document.objects.filter(kind=kind).count() >= MOST_KEPT


def has_failed(document: Document) -> bool:
    """Tell whether the outbox gave up making this document."""
    return Message.objects.failed().filter(handler=MAKE, key=_key(document)).exists()


def erase_expired(at: datetime) -> int:
    """Erase the documents whose time is over, file and record; returns how many."""
    erased = 0
    for document in Document.objects.expired(at).iterator(chunk_size=200):
        if document.file:
            document.file.delete(save=False)
        document.delete()
        erased += 1
    return erased


def erase(document: Document) -> None:
    """Erase a document within the caller's transaction: its row and record now, its file once that is committed."""
    storage, name = document.file.storage, document.file.name
    with transaction.atomic():
        document.delete()
        if name:
            transaction.on_commit(lambda: storage.delete(name), robust=True)


def make_again(document: Document) -> None:
    """Make a document anew from a record that was just changed, within the caller's transaction.

    Its file goes once that is committed; the hash of the first one stays in the record.
    """
    storage, name = document.file.storage, document.file.name
    if document.state == Document.State.READY:
        document.record = document.record | {"first_sha256": document.record.get("first_sha256", document.sha256)}
    document.state, document.file, document.sha256 = Document.State.PENDING, "", ""
    document.size, document.ready_at = 0, None
    with transaction.atomic():
        document.save()
        if name:
            transaction.on_commit(lambda: storage.delete(name), robust=True)
        outbox.post(MAKE, {"document": str(document.pk)}, key=f"{document.pk}:{uuid.uuid4()}", is_new=True)


def empty(document: Document) -> None:
    """Erase what a document says and its file, within the caller's transaction; that it was made stays."""
    storage, name = document.file.storage, document.file.name
    document.title, document.filename = ERASED_TITLE, ERASED_FILENAME
    document.record, document.state, document.file = {}, Document.State.ERASED, ""
    document.sha256, document.size, document.ready_at = "", 0, None
    with transaction.atomic():
        document.save()
        if name:
            transaction.on_commit(lambda: storage.delete(name), robust=True)


def _key(document: Document) -> str:
    return str(document.pk)


def _identifier(kind: str, title: str, record: dict[str, Any]) -> uuid.UUID:
    """Name a document after what it says, keyed so that nobody can work out its address from the answers."""
    content = json.dumps([kind, title, record], sort_keys=True, ensure_ascii=False)
    return uuid.UUID(bytes=salted_hmac("documents.identifier", content, algorithm="sha256").digest()[:16])
